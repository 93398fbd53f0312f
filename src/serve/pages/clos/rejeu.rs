//! The replay of a closed month: asked for by a button, followed while it runs, then its verdict.
//!
//! Without JavaScript the page is opened again by a link. With htmx the progress alone is replaced,
//! outside of what screen readers announce; the verdict then takes the place of the announcement.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::{entier, numero};
use crate::bulletin::Cents;
use crate::serve::base::{Action, Detail};
use crate::serve::droits::Droit;
use crate::serve::html::{
    Alerte, Colonne, Formulaire, alerte, boutons, ecart, formulaire, tableau,
};
use crate::serve::registre::{self, Cours, Refus, Rejeu, RunClos, Verdict};
use crate::serve::web::horloge::{lisible, maintenant};
use crate::serve::web::{Connecte, Erreur, Soumis};

/// Rubriques that a verdict lists.
const RUBRIQUES: usize = 150;

/// « Rejouer ce mois ».
pub async fn demander(Path(texte): Path<String>, soumis: Soumis) -> Result<Redirect, Erreur> {
    let qui = &soumis.qui;
    qui.exige(Droit::Controler)?;
    let run = qui.vue()?.run_clos(numero(&texte)?)?;
    let detail = Detail::default().nombre("calcul", entier(run.numero));
    qui.noter(qui.entree(Action::Rejeu).mois(run.mois).detail(detail)).await?;
    qui.vue()?.rejouer(run.numero, maintenant())?;
    Ok(Redirect::to(&format!("/clos/{}#rejeu", run.numero)))
}

/// What htmx asks for every two seconds; a browser that comes here by itself gets the whole page.
pub async fn suivre(
    qui: Connecte,
    headers: HeaderMap,
    Path(texte): Path<String>,
) -> Result<Response, Erreur> {
    qui.exige(Droit::Controler)?;
    let run = qui.vue()?.run_clos(numero(&texte)?)?;
    if !headers.contains_key("hx-request") {
        return Ok(Redirect::to(&format!("/clos/{}#rejeu", run.numero)).into_response());
    }
    let rejeu = qui.vue()?.rejeu(run.numero)?;
    if let Cours::Ici(pourcents) = rejeu.cours {
        return Ok(avance(run.numero, pourcents).into_response());
    }
    let corps = html! {
        (conclusion(&rejeu, &run))
        div #avance hx-swap-oob="true" { (bouton(&qui, &run, &rejeu)?) }
    };
    let mut response = corps.into_response();
    let name = HeaderName::from_static;
    let value = HeaderValue::from_static;
    response.headers_mut().insert(name("hx-retarget"), value("#verdict"));
    response.headers_mut().insert(name("hx-reswap"), value("innerHTML"));
    Ok(response)
}

/// The part of the page of a run that is about its replay.
pub fn section(qui: &Connecte, run: &RunClos) -> Result<Markup, Erreur> {
    let rejeu = qui.vue()?.rejeu(run.numero)?;
    let ici = matches!(rejeu.cours, Cours::Ici(_));
    Ok(html! {
        section aria-labelledby="rejeu" {
            h2 #rejeu { "Rejeu" }
            p {
                "Rejouer, c’est calculer de nouveau tout le mois à partir de la seule archive, \
                 puis comparer chaque octet du résultat. Rien n’est modifié."
            }
            div #verdict role="status" {
                @if ici { p { "Le mois est en cours de calcul." } }
                @else { (conclusion(&rejeu, run)) }
            }
            @if let Cours::Ici(pourcents) = rejeu.cours { (avance(run.numero, pourcents)) }
            @else { div #avance { (bouton(qui, run, &rejeu)?) } }
        }
    })
}

/// How far it is; asks for itself again after two seconds.
fn avance(numero: u64, pourcents: u64) -> Markup {
    html! {
        div #avance hx-get=(format!("/clos/{numero}/rejeu")) hx-trigger="load delay:2s"
            hx-swap="outerHTML" {
            p {
                label for="part" { "Part déjà calculée\u{a0}: " }
                progress #part max="100" value=(pourcents) { (pourcents) "\u{a0}%" }
                " " (pourcents) "\u{a0}%"
            }
            p { a href=(format!("/clos/{numero}")) { "Actualiser l’avancement" } }
        }
    }
}

/// The button, or why it is not there.
fn bouton(qui: &Connecte, run: &RunClos, rejeu: &Rejeu) -> Result<Markup, Erreur> {
    if rejeu.cours == Cours::Ailleurs {
        return Ok(html! {
            p {
                "Le serveur rejoue un autre calcul. Un seul est rejoué à la fois\u{a0}: revenez \
                 dans quelques instants. "
                a href=(format!("/clos/{}", run.numero)) { "Actualiser" }
            }
        });
    }
    let action = format!("/clos/{}/rejouer", run.numero);
    let jeton = qui.jeton(&action)?;
    let mots = match rejeu.dernier {
        None => "Rejouer ce mois",
        Some(_) => "Rejouer encore",
    };
    let form = Formulaire { action: &action, jeton: &jeton, multipart: false };
    Ok(formulaire(&form, &boutons(mots, None)))
}

/// What the last replay found; nothing before the first one.
fn conclusion(rejeu: &Rejeu, run: &RunClos) -> Markup {
    match &rejeu.dernier {
        None => html! {},
        Some(Err(refus)) => alerte(
            Alerte::Erreur,
            "Le rejeu n’a pas pu être fait",
            &html! { p { (pourquoi(refus, run)) } },
        ),
        Some(Ok(verdict)) if verdict.identique => alerte(
            Alerte::Succes,
            "Identique, octet pour octet",
            &html! { (circonstances(verdict)) (empreintes(verdict)) },
        ),
        Some(Ok(verdict)) => html! {
            (alerte(
                Alerte::Erreur,
                "Le mois recalculé diffère de l’archive",
                &html! { (circonstances(verdict)) (empreintes(verdict)) },
            ))
            (detail(verdict))
        },
    }
}

fn pourquoi(refus: &Refus, run: &RunClos) -> Markup {
    html! {
        @match refus {
            Refus::Impossible(pourquoi) => {
                (pourquoi) " Le calcul a été fait par l’édition " (run.programme) "."
            }
            _ => {
                "L’archive n’a pas pu être lue en entier. Le service de paie doit la vérifier \
                 (paie verify), et la restaurer au besoin\u{a0}; la cause est dans les messages \
                 du serveur."
            }
        }
    }
}

fn circonstances(verdict: &Verdict) -> Markup {
    let secondes = verdict.duree.as_secs();
    html! {
        p {
            "Demandé le " (lisible(verdict.demande)) ", calculé en "
            @if secondes == 0 { "moins d’une seconde" }
            @else if secondes == 1 { "1\u{a0}seconde" }
            @else { (secondes) "\u{a0}secondes" }
            @if let Some(detail) = &verdict.detail {
                ", " (detail.agents) @if detail.agents < 2 { " agent" } @else { " agents" }
            }
            "."
        }
    }
}

fn empreintes(verdict: &Verdict) -> Markup {
    html! {
        p { "Résultats archivés\u{a0}: " code { (verdict.archivee) } }
        p { "Résultats recalculés\u{a0}: " code { (verdict.trouvee) } }
    }
}

/// What differs, for who sees every employer.
fn detail(verdict: &Verdict) -> Markup {
    let Some(detail) = &verdict.detail else {
        return html! {
            p {
                "Le détail porte sur tous les employeurs de ce calcul. Demandez-le au service de \
                 paie, qui peut le voir."
            }
        };
    };
    html! {
        (tables(detail))
        (rubriques(detail))
    }
}

fn tables(detail: &registre::Detail) -> Markup {
    let colonnes = [
        Colonne::texte("Table"),
        Colonne::nombre("Archivées, non retrouvées"),
        Colonne::nombre("Nouvelles"),
    ];
    let each = |(nom, archivees, calculees): &(String, u64, u64)| {
        vec![html! { code { (nom) } }, html! { (archivees) }, html! { (calculees) }]
    };
    let lignes: Vec<Vec<Markup>> = detail.tables.iter().map(each).collect();
    html! {
        @if lignes.is_empty() {
            p { "Aucune ligne ne diffère\u{a0}: seules les empreintes internes changent." }
        } @else {
            (tableau("Lignes qui diffèrent, table par table", &colonnes, &lignes))
        }
    }
}

fn rubriques(detail: &registre::Detail) -> Markup {
    let colonnes = [
        Colonne::texte("Rubrique"),
        Colonne::nombre("Lignes"),
        Colonne::nombre("Écart, part agent"),
        Colonne::nombre("Écart, part employeur"),
    ];
    let montrees = detail.rubriques.iter().take(RUBRIQUES);
    let each = montrees.map(|(code, gap)| {
        let (agent, employeur) = (ecart(Cents(gap.agent)), ecart(Cents(gap.employeur)));
        vec![html! { (code) }, html! { (gap.lignes) }, agent, employeur]
    });
    let lignes: Vec<Vec<Markup>> = each.collect();
    let autres = detail.rubriques.len().saturating_sub(RUBRIQUES);
    html! {
        @if !lignes.is_empty() {
            (tableau("Écarts par rubrique (recalculé moins archivé)", &colonnes, &lignes))
        }
        @if autres > 0 {
            p { "Les autres rubriques (" (autres) ") sont données par la commande paie replay." }
        }
    }
}
