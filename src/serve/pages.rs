//! One file a screen: what is asked, what is shown.

mod bulletin;
mod connexion;
mod lieu;
mod simulation;
mod elements;
mod clos;
mod connexion;
mod publiques;
mod communs;
mod compte;
mod comptes;
mod connexion;
mod invitation;
mod journal;
mod mon_compte;
mod second_facteur;

use axum::Router;

use super::web::Partage;

/// Every page, with its address.
pub fn routes() -> Router<Partage> {
    Router::new()
        .merge(connexion::routes())
        .merge(bulletin::routes())
        .merge(simulation::routes())
    Router::new().merge(connexion::routes()).merge(elements::routes())
    Router::new().merge(connexion::routes()).merge(clos::routes()).merge(publiques::routes())
        .merge(invitation::routes())
        .merge(mon_compte::routes())
        .merge(second_facteur::routes())
        .merge(comptes::routes())
        .merge(compte::routes())
        .merge(journal::routes())
}
