//! The first screen: each role is sent to its own, who has several employers chooses one.

use axum::Router;
use axum::extract::RawQuery;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::html;

use super::commun::{demande, vers_employeur};
use super::employeurs::{self, Liste};
use crate::serve::base::Action;
use crate::serve::droits::Role;
use crate::serve::html::{Page, page, vide};
use crate::serve::web::{Connecte, Erreur, Partage};

pub(super) fn routes() -> Router<Partage> {
    Router::new().route("/", get(accueil))
}

async fn accueil(qui: Connecte, query: RawQuery) -> Result<Response, Erreur> {
    match qui.compte().role {
        Role::Administrateur => return Ok(Redirect::to("/comptes").into_response()),
        Role::Operateur => return Ok(Redirect::to("/employeurs").into_response()),
        Role::Gestionnaire | Role::Auditeur => {}
    }
    let vue = qui.vue()?;
    if let [seul] = vue.employeurs().as_slice() {
        return Ok(Redirect::to(&vers_employeur(seul.siret)).into_response());
    }
    qui.noter(qui.entree(Action::ConsultationTableau).mois(vue.ouvert())).await?;
    let etats = vue.etats();
    let corps = match etats.is_empty() {
        true => vide(
            "Aucun employeur de votre compte n’est dans les fichiers de paie. Demandez à \
             l’administrateur des comptes de vérifier votre périmètre.",
            None,
        ),
        false => employeurs::liste(&Liste::new("/", vue, &etats, &demande(query))),
    };
    let entete = qui.entete()?;
    let chapeau = html! { "Paie " (vue.ouvert().french_of()) };
    let compte = Some(&entete);
    let titre = "Mes employeurs";
    Ok(page(Page { titre, chapeau, compte, courant: "/", corps, ..Page::default() })
        .into_response())
}
