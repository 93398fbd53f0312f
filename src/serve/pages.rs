//! One file a screen: what is asked, what is shown.

mod accueil;
mod agent;
mod bulletin;
mod clos;
mod commun;
mod compte;
mod comptes;
mod connexion;
mod elements;
mod employeur;
mod employeurs;
mod invitation;
mod journal;
mod lieu;
mod mon_compte;
mod publiques;
mod second_facteur;
mod secrets;
mod simulation;

use axum::Router;

use super::web::Partage;

/// Every page, with its address.
pub fn routes() -> Router<Partage> {
    Router::new()
        .merge(connexion::routes())
        .merge(bulletin::routes())
        .merge(simulation::routes())
        .merge(elements::routes())
        .merge(clos::routes())
        .merge(invitation::routes())
        .merge(mon_compte::routes())
        .merge(second_facteur::routes())
        .merge(comptes::routes())
        .merge(compte::routes())
        .merge(journal::routes())
        .merge(publiques::routes())
        .merge(accueil::routes())
        .merge(employeurs::routes())
        .merge(employeur::routes())
        .merge(agent::routes())
}
