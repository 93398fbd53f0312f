//! One file a screen: what is asked, what is shown.

mod bulletin;
mod connexion;
mod lieu;
mod simulation;

use axum::Router;

use super::web::Partage;

/// Every page, with its address.
pub fn routes() -> Router<Partage> {
    Router::new().merge(connexion::routes()).merge(bulletin::routes()).merge(simulation::routes())
}
