//! What an auditor sees: the runs that closed months rest on, their digests, and their replay.

mod rejeu;

use axum::Router;
use axum::extract::{Path, Query};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use crate::calendar::PayPeriod;
use crate::domain::Siret;
use crate::serve::base::{Action, Detail};
use crate::serve::droits::Droit;
use crate::serve::html::{
    Colonne, Etat, Lien, Page, etiquette, fiche, jour, majuscule, page, pagination, tableau, vide,
};
use crate::serve::registre::{DerogationVue, EtatMois, RunClos};
use crate::serve::web::horloge::lisible_rfc;
use crate::serve::web::{Connecte, Erreur, Partage};

/// Runs on a page of the list.
const PAR_PAGE: usize = 50;

/// Letters of a digest that are shown before it is opened.
const COURT: usize = 12;

/// Employers of a run that the list names.
const NOMMES: usize = 2;

pub(super) fn routes() -> Router<Partage> {
    Router::new()
        .route("/clos", get(liste))
        .route("/clos/{numero}", get(un_run))
        .route("/clos/{numero}/rejouer", post(rejeu::demander))
        .route("/clos/{numero}/rejeu", get(rejeu::suivre))
}

/// Which page of the list.
#[derive(Default, Deserialize)]
struct Rang {
    #[serde(default)]
    page: String,
}

/// The number in an address; anything else is not there.
fn numero(texte: &str) -> Result<u64, Erreur> {
    texte.parse().map_err(|_| Erreur::Introuvable)
}

/// A month as titles and cells begin.
fn mois_titre(mois: PayPeriod) -> String {
    majuscule(&mois.french())
}

async fn liste(qui: Connecte, Query(rang): Query<Rang>) -> Result<Markup, Erreur> {
    qui.exige(Droit::Controler)?;
    let runs = qui.vue()?.runs_clos();
    qui.noter(qui.entree(Action::ConsultationClos)).await?;
    let pages = runs.len().div_ceil(PAR_PAGE).max(1);
    let ici = rang.page.parse().unwrap_or(1).clamp(1, pages);
    let avant = ici.saturating_sub(1).saturating_mul(PAR_PAGE);
    let montres: Vec<&RunClos> = runs.iter().skip(avant).take(PAR_PAGE).collect();
    let corps = html! {
        @if montres.is_empty() {
            (vide("Aucun mois n’est clos pour les employeurs que vous voyez.", None))
        } @else {
            p {
                "Un mois clos ne change plus. Chaque ligne est un calcul gardé entier dans \
                 l’archive\u{a0}: faits, règles et résultats, scellés par leurs empreintes. \
                 Ouvrez-en un pour le rejouer."
            }
            (table_des_runs(&montres))
            (pagination(ici, pages, |page| format!("/clos?page={page}")))
        }
    };
    let titre = match ici {
        1 => "Mois clos".to_owned(),
        page => format!("Mois clos, page {page}"),
    };
    let compte = qui.entete()?;
    Ok(page(Page {
        titre: &titre,
        compte: Some(&compte),
        courant: "/clos",
        corps,
        ..Page::default()
    }))
}

fn table_des_runs(runs: &[&RunClos]) -> Markup {
    let colonnes = ["Mois", "Employeurs", "Calculé", "Édition", "Résultats", "Règles"];
    let lignes: Vec<Vec<Markup>> = runs.iter().map(|run| ligne(run)).collect();
    tableau("Calculs des mois clos, le dernier d’abord", &colonnes.map(Colonne::texte), &lignes)
}

fn ligne(run: &RunClos) -> Vec<Markup> {
    let mois = mois_titre(run.mois);
    vec![
        html! {
            a href=(format!("/clos/{}", run.numero)) { (mois) span.lu { ", calcul " (run.numero) } }
        },
        employeurs_en_bref(run),
        html! { (lisible_rfc(&run.quand)) br; "par " (run.qui) br; (connu(&run.connu_le)) },
        html! { (run.programme) },
        empreinte(&run.empreinte_resultats),
        empreinte(&run.empreinte_regles),
    ]
}

/// A few names, and how many others: of the scope alone.
fn employeurs_en_bref(run: &RunClos) -> Markup {
    let autres = run.employeurs.len().saturating_sub(NOMMES);
    html! {
        @for (siret, nom, _) in run.employeurs.iter().take(NOMMES) {
            div { (nom_ou_siret(*siret, nom)) }
        }
        @if autres == 1 { div { "et 1 autre" } }
        @if autres > 1 { div { "et " (autres) " autres" } }
    }
}

fn nom_ou_siret(siret: Siret, nom: &str) -> String {
    match nom.is_empty() {
        true => siret.to_string(),
        false => nom.to_owned(),
    }
}

/// What was known when the run was made.
fn connu(connu_le: &str) -> Markup {
    html! {
        @if connu_le == "tout" { "avec tous les faits connus" }
        @else { "avec les faits connus le " (jour(connu_le)) }
    }
}

/// A digest, short; opened, it is whole and can be copied.
fn empreinte(valeur: &str) -> Markup {
    let court: String = valeur.chars().take(COURT).collect();
    html! {
        details {
            summary { code { (court) "…" } }
            code { (valeur) }
        }
    }
}

async fn un_run(qui: Connecte, Path(texte): Path<String>) -> Result<Markup, Erreur> {
    qui.exige(Droit::Controler)?;
    let run = qui.vue()?.run_clos(numero(&texte)?)?;
    let derogations = qui.vue()?.derogations(run.numero)?;
    let rejeu = rejeu::section(&qui, &run)?;
    let detail = Detail::default().nombre("calcul", entier(run.numero));
    qui.noter(qui.entree(Action::ConsultationClos).mois(run.mois).detail(detail)).await?;
    let corps = html! {
        section aria-labelledby="identite" {
            h2 #identite { "Le calcul" }
            (identite(&run))
        }
        (rejeu)
        section aria-labelledby="employeurs" {
            h2 #employeurs { "Employeurs" }
            (table_des_employeurs(&run, qui.vue()?.ouvert()))
        }
        section aria-labelledby="derogations" {
            h2 #derogations { "Dérogations" }
            (table_des_derogations(&derogations))
        }
    };
    let titre = format!("{}, calcul {}", mois_titre(run.mois), run.numero);
    let compte = qui.entete()?;
    Ok(page(Page {
        titre: &titre,
        compte: Some(&compte),
        fil: &[Lien::new("Mois clos", "/clos")],
        courant: "/clos",
        corps,
        ..Page::default()
    }))
}

/// A number as the log keeps it.
fn entier(numero: u64) -> i64 {
    i64::try_from(numero).unwrap_or(i64::MAX)
}

fn identite(run: &RunClos) -> Markup {
    let code = |valeur: &str| html! { code { (valeur) } };
    html! {
        (fiche(&[
            ("Mois", html! { (run.mois.french()) }),
            ("Calculé le", html! { (lisible_rfc(&run.quand)) }),
            ("Par", html! { (run.qui) }),
            ("Faits", connu(&run.connu_le)),
            ("Édition du programme", html! { (run.programme) }),
            ("Entrée au journal de l’archive", html! { (run.numero) }),
            ("Empreinte des résultats", code(&run.empreinte_resultats)),
            ("Empreinte des règles", code(&run.empreinte_regles)),
            ("Empreinte de l’entrée au journal", code(&run.empreinte_entree)),
        ]))
        details {
            summary { "À quoi servent ces empreintes\u{a0}?" }
            p {
                "Une empreinte (BLAKE3) change dès qu’un seul octet change. Notez celle de \
                 l’entrée au journal\u{a0}: plus tard, sur le serveur, la commande "
                code { "paie verify --archive DOSSIER --tete EMPREINTE" }
                " dit si cette entrée, et tout ce qui la précède, est encore telle que vous \
                 l’avez vue."
            }
        }
    }
}

fn table_des_employeurs(run: &RunClos, ouvert: PayPeriod) -> Markup {
    let colonnes = ["Employeur", "SIRET", "Mois"].map(Colonne::texte);
    let ligne = |(siret, nom, etat): &(Siret, String, EtatMois)| {
        // An employer that left the pool has no page; nor has a month that is neither closed nor
        // the open one.
        let ouvrable = !nom.is_empty() && (*etat == EtatMois::Clos || run.mois == ouvert);
        let nom = nom_ou_siret(*siret, nom);
        vec![
            html! {
                @if ouvrable { a href=(format!("/e/{siret}?mois={}", run.mois)) { (nom) } }
                @else { (nom) }
            },
            html! { (siret) },
            etiquette(badge(*etat)),
        ]
    };
    let lignes: Vec<Vec<Markup>> = run.employeurs.iter().map(ligne).collect();
    tableau("Employeurs de ce calcul que vous voyez", &colonnes, &lignes)
}

fn badge(etat: EtatMois) -> Etat {
    match etat {
        EtatMois::Ouvert => Etat::Ouvert,
        EtatMois::Prepare => Etat::Prepare,
        EtatMois::Valide => Etat::Valide,
        EtatMois::Clos => Etat::Clos,
    }
}

fn table_des_derogations(derogations: &[DerogationVue]) -> Markup {
    if derogations.is_empty() {
        return vide("Aucun contrôle n’a été levé ce mois-ci pour ces employeurs.", None);
    }
    let colonnes = ["Contrôle", "Employeur", "Agent", "Motif", "Accordée"].map(Colonne::texte);
    let ligne = |une: &DerogationVue| {
        let lien = format!("/e/{}/agents/{}", une.siret, une.agent);
        vec![
            html! { code { (une.controle) } },
            html! { (nom_ou_siret(une.siret, &une.employeur)) },
            html! {
                @if une.agent.is_empty() { "Tout l’employeur" }
                @else { a href=(lien) { (une.agent) } }
                @if !une.contrat.is_empty() { ", contrat " (une.contrat) }
            },
            html! { (une.motif) },
            html! { (lisible_rfc(&une.quand)) br; "par " (une.qui) },
        ]
    };
    let lignes: Vec<Vec<Markup>> = derogations.iter().map(ligne).collect();
    html! {
        p { "Un contrôle qui bloquait la paie a été levé, par quelqu’un qui en répond." }
        (tableau("Contrôles levés ce mois-ci", &colonnes, &lignes))
    }
}

#[cfg(test)]
mod tests;
