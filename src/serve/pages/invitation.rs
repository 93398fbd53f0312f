//! Taking up an invitation: who an account is for chooses its password.
//!
//! The link is the proof, so there is no session. It is in the path, and is never logged.

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::html;

use super::secrets::{Erreurs, compte_a_retenir, juger_nouveau, nouveau_mot_de_passe};
use crate::serve::base::{Action, Auteur, BaseError, Entree};
use crate::serve::droits::Compte;
use crate::serve::html::{Formulaire, Page, boutons, fiche, formulaire, page};
use crate::serve::web::horloge::maintenant;
use crate::serve::web::{Champs, Erreur, Partage, adresse};

pub(super) fn routes() -> Router<Partage> {
    Router::new().route("/invitation/{jeton}", get(demande).post(choisir))
}

async fn demande(
    State(appli): State<Partage>,
    jeton: Result<Path<String>, PathRejection>,
) -> Result<Response, Erreur> {
    let Ok(Path(jeton)) = jeton else { return Ok(perdue()) };
    match appli.base.invite(&jeton, maintenant())? {
        Some(compte) => Ok(ecran(&jeton, &compte, &Erreurs::default())),
        None => Ok(perdue()),
    }
}

async fn choisir(
    State(appli): State<Partage>,
    jeton: Result<Path<String>, PathRejection>,
    parts: Parts,
    champs: Champs,
) -> Result<Response, Erreur> {
    let quand = maintenant();
    let Ok(Path(jeton)) = jeton else { return Ok(perdue()) };
    let Some(compte) = appli.base.invite(&jeton, quand)? else { return Ok(perdue()) };
    let choisi = match juger_nouveau(&champs, &compte.identifiant) {
        Ok(choisi) => choisi,
        Err(erreurs) => return Ok(ecran(&jeton, &compte, &erreurs)),
    };
    let hache = appli.hacheur.hacher(choisi).await;
    let hache = hache.map_err(|error| Erreur::Interne(error.to_string()))?;
    let adresse = adresse(&parts, appli.derriere_proxy);
    let entree = |compte: &Compte| {
        Entree::new(maintenant(), Auteur::de(compte, &adresse), Action::InvitationAcceptee)
    };
    match appli.base.accepter(&jeton, &hache, quand, entree) {
        Ok(_) => Ok(Redirect::to("/connexion?fin=mot-de-passe").into_response()),
        Err(BaseError::Invitation) => Ok(perdue()),
        Err(error) => Err(error.into()),
    }
}

fn ecran(jeton: &str, compte: &Compte, erreurs: &Erreurs) -> Response {
    let saisie = html! {
        (compte_a_retenir(compte))
        (nouveau_mot_de_passe(erreurs))
        (boutons("Enregistrer mon mot de passe", None))
    };
    let action = format!("/invitation/{jeton}");
    let corps = html! {
        (erreurs.resume())
        p {
            "Un compte vous est ouvert. Choisissez son mot de passe\u{a0}: vous seul le connaîtrez."
        }
        (fiche(&[
            ("Nom", html! { (compte.nom) }),
            ("Identifiant, à taper pour vous connecter", html! { (compte.identifiant) }),
            ("Rôle", html! { (compte.role.french()) }),
        ]))
        (formulaire(&Formulaire { action: &action, ..Formulaire::default() }, &saisie))
    };
    let en_erreur = !erreurs.aucune();
    let code = if en_erreur { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let titre = "Choisir votre mot de passe";
    (code, page(Page { titre, en_erreur, corps, ..Page::default() })).into_response()
}

/// The same words for a link that never was, was used, was replaced, or is too old.
fn perdue() -> Response {
    let corps = html! {
        p { (BaseError::Invitation.french()) }
        p { a.bouton href="/connexion" { "Se connecter" } }
    };
    let titre = "Lien d’invitation non valable";
    (StatusCode::NOT_FOUND, page(Page { titre, corps, ..Page::default() })).into_response()
}

#[cfg(test)]
mod tests;
