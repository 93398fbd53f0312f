//! The board of the operator: every employer, how its month stands, what blocks; and the list that
//! an account of several employers starts from.

use std::cmp::Reverse;

use axum::Router;
use axum::extract::RawQuery;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, html};

use super::commun::{
    Filtres, adresse, badge, compte, demande, filtres, tranche, trouve, vers_employeur,
};
use crate::bulletin::{Cents, Remarque};
use crate::serve::base::Action;
use crate::serve::droits::Droit;
use crate::serve::html::{
    Alerte, Chiffre, Choix, Colonne, Page, alerte, chiffres, montant, page, pagination, tableau,
    vide,
};
use crate::serve::registre::{EtatEmployeur, EtatMois, Refus, Totaux, Vue};
use crate::serve::web::{Champs, Connecte, Erreur, Partage};

/// Employers on a page.
const PAR_PAGE: usize = 100;

/// Findings of the pool that are shown; the others are counted.
const REMARQUES: usize = 20;

pub(super) fn routes() -> Router<Partage> {
    Router::new().route("/employeurs", get(tous)).route("/employeurs/calcul", get(calcul))
}

/// The list, as an address asks for it.
pub struct Liste<'a> {
    action: &'a str,
    etats: &'a [EtatEmployeur],
    champs: &'a Champs,
    /// Why amounts will not come.
    refus: Option<Refus>,
}

impl<'a> Liste<'a> {
    /// The employers of a view; `action` is the address of the list.
    pub fn new(action: &'a str, vue: &Vue, etats: &'a [EtatEmployeur], champs: &'a Champs) -> Self {
        Self { action, etats, champs, refus: vue.calcul_refuse() }
    }
}

async fn tous(qui: Connecte, query: RawQuery) -> Result<Markup, Erreur> {
    qui.exige(Droit::VoirPool)?;
    let vue = qui.vue()?;
    qui.noter(qui.entree(Action::ConsultationTableau).mois(vue.ouvert())).await?;
    let (etats, champs) = (vue.etats(), demande(query));
    let corps = html! {
        (du_pool(&vue.remarques_du_pool()))
        (liste(&Liste::new("/employeurs", vue, &etats, &champs)))
    };
    let entete = qui.entete()?;
    let alertes = match qui.appli().registre.illisible() {
        Some(pourquoi) => alerte(
            Alerte::Erreur,
            "Les fichiers de paie ne peuvent pas être relus",
            &html! { p { (pourquoi) } },
        ),
        None => Markup::default(),
    };
    Ok(page(Page {
        titre: "Employeurs",
        chapeau: html! { "Paie " (vue.ouvert().french_of()) },
        compte: Some(&entete),
        courant: "/employeurs",
        alertes,
        corps,
        ..Page::default()
    }))
}

/// What the page asks again while amounts are being computed: how far it is, and no amount; the
/// whole page is asked again, and logged, once they are there.
async fn calcul(qui: Connecte, headers: HeaderMap) -> Result<Response, Erreur> {
    let vue = qui.vue()?;
    if !headers.contains_key("hx-request") {
        return Ok(Redirect::to("/").into_response());
    }
    let attendus = attendus(&vue.etats());
    if attendus > 0 && vue.calcul_refuse().is_none() {
        return Ok(en_cours(attendus, "/").into_response());
    }
    let mut response = Markup::default().into_response();
    response.headers_mut().insert("hx-refresh", HeaderValue::from_static("true"));
    Ok(response)
}

/// Employers whose amounts are not there yet; those of closed months are not computed.
fn attendus(etats: &[EtatEmployeur]) -> usize {
    let attend = |un: &&EtatEmployeur| un.totaux.is_none() && un.mois.etat != EtatMois::Clos;
    etats.iter().filter(attend).count()
}

fn en_cours(attendus: usize, action: &str) -> Markup {
    html! {
        div #calcul hx-get="/employeurs/calcul" hx-trigger="every 2s" hx-swap="outerHTML" {
            (alerte(Alerte::Information, "Calcul en cours", &html! {
                p {
                    "Les montants de " (compte(attendus, "employeur", "employeurs"))
                    " arrivent. La page se met à jour d’elle-même."
                }
                p { a href=(action) { "Actualiser" } }
            }))
        }
    }
}

/// Findings about the pool itself.
fn du_pool(remarques: &[Remarque]) -> Markup {
    let genre = match remarques.iter().any(|une| une.bloquant) {
        true => Alerte::Erreur,
        false => Alerte::Attention,
    };
    let titre = compte(
        remarques.len(),
        "constat sur les fichiers eux-mêmes",
        "constats sur les fichiers eux-mêmes",
    );
    let corps = html! {
        ul.constats {
            @for une in remarques.iter().take(REMARQUES) {
                li {
                    (une.message)
                    @if let Some((fichier, ligne)) = &une.ligne {
                        " (" (fichier) ", ligne\u{a0}" (ligne) ")"
                    }
                    @if !une.remede.is_empty() { span.precision { (une.remede) } }
                }
            }
        }
        @if remarques.len() > REMARQUES {
            p { "Et " (remarques.len() - REMARQUES) " autres." }
        }
    };
    html! { @if !remarques.is_empty() { (alerte(genre, &titre, &corps)) } }
}

/// Totals, filters, and a page of employers.
pub fn liste(liste: &Liste<'_>) -> Markup {
    let Liste { action, etats, champs, refus } = liste;
    let (saisi, etat, tri) = (champs.un("q"), champs.un("etat"), champs.un("tri"));
    let mut gardes: Vec<&EtatEmployeur> =
        etats.iter().filter(|un| garde(un, etat) && trouve(saisi, &texte(un))).collect();
    if tri != "nom" {
        gardes.sort_by_key(|un| {
            Reverse(un.totaux.map_or((0, 0), |totaux| (totaux.bloques, totaux.a_voir)))
        });
    }
    let (part, numero, pages) = tranche(&gardes, champs, PAR_PAGE);
    let vers = |page: usize| {
        let page = page.to_string();
        adresse(action, &[("q", saisi), ("etat", etat), ("tri", tri), ("page", &page)])
    };
    let attendus = attendus(etats);
    html! {
        @match refus {
            Some(refus) => (calcul_refuse(refus)),
            None if attendus > 0 => (en_cours(attendus, action)),
            None => {}
        }
        (sommes(etats))
        (filtres(&Filtres {
            action,
            libelle: "Chercher un employeur",
            saisi,
            listes: &[("etat", "État", etat, etats_proposes()), ("tri", "Ordre", tri, tris())],
            garde: &[],
            cible: "#liste",
        }))
        section #liste aria-live="polite" {
            @if part.is_empty() {
                (vide("Aucun employeur ne correspond à ces critères.", None))
            } @else {
                @let refuse = refus.is_some();
                @let lignes = part.iter().map(|un| ligne(un, refuse)).collect::<Vec<_>>();
                (tableau(&compte(gardes.len(), "employeur", "employeurs"), &colonnes(), &lignes))
                (pagination(numero, pages, vers))
            }
        }
    }
}

fn calcul_refuse(refus: &Refus) -> Markup {
    let pourquoi = match refus {
        Refus::Impossible(pourquoi) => pourquoi.as_str(),
        _ => "Une erreur du serveur l’empêche. Prévenez le service de paie.",
    };
    let titre = "Des montants du mois ne peuvent pas être calculés";
    alerte(Alerte::Erreur, titre, &html! { p { (pourquoi) } })
}

/// What is searched in.
fn texte(un: &EtatEmployeur) -> String {
    format!("{} {} {}", un.employeur.nom, un.employeur.ville, un.employeur.siret)
}

fn etats_proposes() -> Vec<Choix> {
    let all = [
        ("", "Tous"),
        ("bloques", "Avec des bulletins bloqués"),
        ("a-voir", "Avec des bulletins à voir"),
        ("ouvert", "Ouverts"),
        ("prepare", "Préparés"),
        ("valide", "Validés"),
        ("clos", "Clos"),
    ];
    all.map(|(valeur, libelle)| Choix::new(valeur, libelle)).into()
}

fn tris() -> Vec<Choix> {
    vec![Choix::new("", "Bloqués d’abord"), Choix::new("nom", "Par nom")]
}

/// Whether an employer passes the filter; a word that is not one filters nothing.
fn garde(un: &EtatEmployeur, etat: &str) -> bool {
    let des = |nombre: fn(&Totaux) -> usize| un.totaux.as_ref().is_some_and(|t| nombre(t) > 0);
    match etat {
        "bloques" => des(|totaux| totaux.bloques),
        "a-voir" => des(|totaux| totaux.a_voir),
        "ouvert" => un.mois.etat == EtatMois::Ouvert,
        "prepare" => un.mois.etat == EtatMois::Prepare,
        "valide" => un.mois.etat == EtatMois::Valide,
        "clos" => un.mois.etat == EtatMois::Clos,
        _ => true,
    }
}

/// The sums of all employers, whatever the filter.
fn sommes(etats: &[EtatEmployeur]) -> Markup {
    let mut sommes = Totaux::default();
    let connus = etats.iter().filter_map(|un| un.totaux);
    let add = |sum: &mut Cents, amount: Cents| sum.0 = sum.0.saturating_add(amount.0);
    for totaux in connus.clone() {
        sommes.contrats += totaux.contrats;
        sommes.bloques += totaux.bloques;
        sommes.a_voir += totaux.a_voir;
        add(&mut sommes.brut, totaux.brut);
        add(&mut sommes.net_a_payer, totaux.net_a_payer);
        add(&mut sommes.cout_employeur, totaux.cout_employeur);
    }
    let connus = connus.count();
    let partiel = match connus < etats.len() {
        true => html! { (connus) " sur " (etats.len()) " calculés" },
        false => Markup::default(),
    };
    let chiffre = |libelle: &str, valeur: Markup, note: Markup| Chiffre {
        libelle: libelle.to_owned(),
        valeur,
        note,
    };
    let rien = Markup::default;
    chiffres(&[
        chiffre("Employeurs", html! { (etats.len()) }, partiel),
        chiffre("Contrats", html! { (sommes.contrats) }, rien()),
        chiffre("Bloqués", html! { (sommes.bloques) }, rien()),
        chiffre("À voir", html! { (sommes.a_voir) }, rien()),
        chiffre("Brut", montant(sommes.brut), rien()),
        chiffre("Net à payer", montant(sommes.net_a_payer), rien()),
        chiffre("Coût employeur", montant(sommes.cout_employeur), rien()),
    ])
}

fn colonnes() -> Vec<Colonne> {
    let nombres = ["Contrats", "Bloqués", "À voir", "Brut", "Net à payer", "Coût employeur"];
    let mots = ["Employeur", "État"].map(Colonne::texte);
    mots.into_iter().chain(nombres.map(Colonne::nombre)).collect()
}

fn ligne(un: &EtatEmployeur, refuse: bool) -> Vec<Markup> {
    let employeur = &un.employeur;
    let nom = html! {
        a href=(vers_employeur(employeur.siret)) { (employeur.nom) }
        span.precision { (employeur.siret) }
    };
    let mut ligne = vec![nom, badge(un.mois.etat)];
    let Some(totaux) = un.totaux else {
        let attente = match un.mois.etat {
            EtatMois::Clos => "",
            _ if refuse => "non calculé",
            _ => "en cours",
        };
        ligne.push(html! { (attente) });
        ligne.resize_with(colonnes().len(), Markup::default);
        return ligne;
    };
    let bloques = match totaux.bloques {
        0 => html! { "0" },
        nombre => html! { strong.bloque { (nombre) } },
    };
    ligne.extend([
        html! { (totaux.contrats) },
        bloques,
        html! { (totaux.a_voir) },
        montant(totaux.brut),
        montant(totaux.net_a_payer),
        montant(totaux.cout_employeur),
    ]);
    ligne
}

#[cfg(test)]
mod tests;
