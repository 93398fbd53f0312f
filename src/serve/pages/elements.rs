//! The variable elements of the month being prepared: what it counts, and two steps to change it.
//!
//! 1. Rows are read and judged ([`examen`]): the page says what is wrong row by row, and what the
//!    others would do to payslips. Nothing is stored.
//! 2. The same rows come back and are judged again ([`depot`]): they are stored whole, or not.

mod depot;
mod examen;
mod formulaire;
mod liste;
mod rangees;
mod refus;
mod sujet;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query, RawQuery};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;

use crate::limits::UPLOAD_DRAIN_BYTES;
use crate::serve::base::Action;
use crate::serve::droits::Droit;
use crate::serve::html::{Lien, Page, page};
use crate::serve::registre::Chez;
use crate::serve::saisie;
use crate::serve::web::{Champs, Connecte, Erreur, Partage, telechargement};

use super::commun::{au_dessus, vers_employeur};
use sujet::{Acces, Sujet};

/// Every address of this screen.
pub(super) fn routes() -> Router<Partage> {
    Router::new()
        .route("/e/{siret}/elements/{mois}", get(mois))
        .route("/e/{siret}/elements/{mois}/colonnes", get(colonnes))
        .route("/e/{siret}/elements/{mois}/modele.csv", get(modele))
        .route("/e/{siret}/elements/{mois}/export.csv", get(export))
        .route("/e/{siret}/elements/{mois}/enregistre", get(depot::enregistre))
        .route("/e/{siret}/elements/{mois}/verifier", post(examen::verifier))
        .route("/e/{siret}/elements/{mois}/enregistrer", post(depot::enregistrer))
        .layer(DefaultBodyLimit::max(UPLOAD_DRAIN_BYTES))
}

/// What the main page is asked.
#[derive(Clone, Debug, Default, Deserialize)]
struct Demande {
    /// What is searched among the rows.
    #[serde(default)]
    q: String,
    /// Page of the list, from 1.
    #[serde(default)]
    page: String,
    /// The key of a row to correct.
    #[serde(default)]
    corriger: String,
}

async fn mois(
    Path((siret, mois)): Path<(String, String)>,
    Query(demande): Query<Demande>,
    qui: Connecte,
) -> Result<Response, Erreur> {
    let sujet = match Sujet::ouvrir(&qui, &siret, &mois).await? {
        Acces::Ouvert(sujet) => sujet,
        Acces::Ferme(ferme) => return Ok(ferme.page(&qui)?.into_response()),
    };
    let entree = qui.entree(Action::ConsultationEmployeur).employeur(sujet.siret());
    qui.noter(entree.mois(sujet.mois).detail(sujet::detail("elements"))).await?;
    Ok(liste::page(&qui, &sujet, &demande)?.into_response())
}

/// What a rubrique needs, told while a row is filled in; the field has the number of its row.
async fn colonnes(
    Path((siret, mois)): Path<(String, String)>,
    RawQuery(demande): RawQuery,
    qui: Connecte,
) -> Result<Markup, Erreur> {
    let champs = Champs::lire(demande.unwrap_or_default().as_bytes());
    let mut rubriques = champs.0.iter().filter(|(nom, _)| nom.starts_with("rubrique"));
    let rubrique = rubriques.next().map_or("", |(_, valeur)| valeur);
    match Sujet::ouvrir(&qui, &siret, &mois).await? {
        Acces::Ouvert(sujet) => Ok(formulaire::a_remplir(&sujet, rubrique)),
        Acces::Ferme(_) => Err(Erreur::Introuvable),
    }
}

async fn modele(
    Path((siret, mois)): Path<(String, String)>,
    qui: Connecte,
) -> Result<Response, Erreur> {
    fichier(&qui, (&siret, &mois), "modele", |sujet| saisie::modele(&sujet.contexte())).await
}

async fn export(
    Path((siret, mois)): Path<(String, String)>,
    qui: Connecte,
) -> Result<Response, Erreur> {
    let rows = |sujet: &Sujet| saisie::export(&sujet.actuelles.lignes);
    fichier(&qui, (&siret, &mois), "elements", rows).await
}

/// A table to keep, logged before it leaves.
async fn fichier(
    qui: &Connecte,
    (siret, mois): (&str, &str),
    quoi: &str,
    table: impl Fn(&Sujet) -> Vec<u8>,
) -> Result<Response, Erreur> {
    let sujet = match Sujet::ouvrir(qui, siret, mois).await? {
        Acces::Ouvert(sujet) => sujet,
        Acces::Ferme(ferme) => return Ok(ferme.page(qui)?.into_response()),
    };
    let entree = qui.entree(Action::Export).employeur(sujet.siret()).mois(sujet.mois);
    qui.noter(entree.detail(sujet::detail(quoi))).await?;
    let nom = format!("{quoi}-{}-{}.csv", sujet.siret(), sujet.mois);
    Ok(telechargement(&nom, "text/csv; charset=utf-8", table(&sujet)))
}

/// A page of this screen: the one of the month, or one under it.
fn ecran(
    qui: &Connecte,
    sujet: &Sujet,
    (titre, en_erreur): (&str, bool),
    corps: Markup,
) -> Result<Markup, Erreur> {
    let (courant, mut fil) = dessus(qui, &sujet.chez);
    let accueil = sujet.titre();
    let titre = match titre == accueil {
        true => accueil,
        false => {
            fil.push(Lien::new(accueil, sujet.adresse("")));
            format!("{titre}, {}", sujet.mois.french())
        }
    };
    let entete = qui.entete()?;
    let compte = Some(&entete);
    Ok(page(Page {
        titre: &titre,
        compte,
        fil: &fil,
        courant,
        en_erreur,
        corps,
        ..Page::default()
    }))
}

/// What is above the month: its entry of the navigation, the employers if there are several, the
/// employer.
fn dessus(qui: &Connecte, chez: &Chez) -> (&'static str, Vec<Lien>) {
    let (courant, tous) = au_dessus(qui);
    let celui = Lien::new(chez.employeur().nom.clone(), vers_employeur(chez.siret()));
    (courant, tous.into_iter().chain([celui]).collect())
}

/// An employer of the scope, for who may enter elements.
fn entrer(qui: &Connecte, siret: &str) -> Result<Chez, Erreur> {
    let chez = qui.chez(siret)?;
    qui.exige(Droit::Saisir)?;
    Ok(chez)
}

/// What is said of a file or of a row.
fn constats(constats: &[saisie::Constat]) -> Markup {
    html! {
        ul.remarques {
            @for constat in constats {
                li {
                    strong { (constat.message) } " " (constat.remede)
                    @if let Some(code) = constat.code {
                        " " span.reference { (code.name()) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
