//! Pages that need no account: help, accessibility, what is done with data.

mod accessibilite;
mod aide;
mod mentions;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use maud::Markup;

use crate::serve::html::{Page, page};
use crate::serve::web::{Connecte, Erreur, Partage};

pub(super) fn routes() -> Router<Partage> {
    Router::new()
        .route("/aide", get(aide))
        .route("/accessibilite", get(accessibilite))
        .route("/mentions", get(mentions))
}

/// Who is signed in, if anybody.
type Quelquun = Result<Connecte, Erreur>;

async fn aide(qui: Quelquun) -> Result<Markup, Erreur> {
    publique(qui, "Aide", "/aide", aide::corps())
}

async fn accessibilite(qui: Quelquun) -> Result<Markup, Erreur> {
    publique(qui, "Déclaration d’accessibilité", "/accessibilite", accessibilite::corps())
}

async fn mentions(State(appli): State<Partage>, qui: Quelquun) -> Result<Markup, Erreur> {
    let corps = mentions::corps(appli.conservation.mois());
    publique(qui, "Mentions légales et données personnelles", "/mentions", corps)
}

/// The same words for everybody; the header of the account for who has one.
fn publique(qui: Quelquun, titre: &str, courant: &str, corps: Markup) -> Result<Markup, Erreur> {
    let compte = qui.ok().map(|qui| qui.entete()).transpose()?;
    Ok(page(Page { titre, compte: compte.as_ref(), courant, corps, ..Page::default() }))
}

#[cfg(test)]
mod tests;
