//! One file a screen: what is asked, what is shown.

mod connexion;
mod elements;

use axum::Router;

use super::web::Partage;

/// Every page, with its address.
pub fn routes() -> Router<Partage> {
    Router::new().merge(connexion::routes()).merge(elements::routes())
}
