//! One file a screen: what is asked, what is shown.

mod accueil;
mod agent;
mod commun;
mod connexion;
mod employeur;
mod employeurs;

use axum::Router;

use super::web::Partage;

/// Every page, with its address.
pub fn routes() -> Router<Partage> {
    Router::new()
        .merge(connexion::routes())
        .merge(accueil::routes())
        .merge(employeurs::routes())
        .merge(employeur::routes())
        .merge(agent::routes())
}
