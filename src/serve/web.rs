//! The router, and what every request goes through.

mod entetes;
mod erreur;
pub mod horloge;
mod requete;

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

pub use erreur::Erreur;
pub use requete::{COOKIE, Champs, Connecte, Envoi, Ouvert, Partage, Soumis, adresse, cookie};

use super::base::Auteur;
use super::html;
use super::pages;

/// How often what has expired is removed.
const ENTRETIEN: Duration = Duration::from_secs(3600);

/// Every page.
pub fn routeur(appli: Partage) -> Router {
    let (chiffre, derriere_proxy) = (appli.chiffre, appli.derriere_proxy);
    Router::new()
        .merge(pages::routes())
        .route("/statique/{nom}", get(statique))
        .fallback(|| async { Erreur::Introuvable })
        .method_not_allowed_fallback(|| async { Erreur::Introuvable })
        .with_state(appli)
        .layer(from_fn(unreadable))
        .layer(from_fn(whole))
        .layer(from_fn(move |request, next| same_origin(derriere_proxy, request, next)))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(move |request, next| entetes::entetes(chiffre, request, next)))
        .layer(CompressionLayer::new())
}

/// Styles, scripts, pictures: named by their content, kept for ever.
async fn statique(Path(nom): Path<String>) -> Response {
    let Some((bytes, genre)) = html::statique(&nom) else {
        return Erreur::Introuvable.into_response();
    };
    let kept = "public, max-age=31536000, immutable";
    let headers = [(header::CONTENT_TYPE, genre), (header::CACHE_CONTROL, kept)];
    (headers, bytes).into_response()
}

/// An address or a form that does not even reach its page is refused by a page like any other.
async fn unreadable(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE);
    let refused = matches!(
        response.status(),
        StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::URI_TOO_LONG
    );
    if !refused || kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
        return response;
    }
    let pourquoi = "L’adresse ou le formulaire ne peut pas être lu.".to_owned();
    Erreur::Illisible(pourquoi).into_response()
}

/// A part of a page that a script asks for is answered by that part, never by another page, which
/// the script would put in its place: the browser asks for the whole page again, and is led from
/// there. So it is when the session is over.
async fn whole(request: Request, next: Next) -> Response {
    let part = *request.method() == Method::GET && request.headers().contains_key("hx-request");
    let response = next.run(request).await;
    match part && response.status().is_redirection() {
        true => [("hx-refresh", "true")].into_response(),
        false => response,
    }
}

/// Refuses what another site makes a browser send. Forms carry a proof of their own; this also
/// covers sign-in, which has no session yet.
async fn same_origin(derriere_proxy: bool, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    if safe || is_own(derriere_proxy, request.headers()) {
        return next.run(request).await;
    }
    Erreur::Jeton.into_response()
}

fn is_own(derriere_proxy: bool, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else { return true };
    // Without a reverse proxy in front, anybody could have written it.
    let forwarded = text("x-forwarded-host").filter(|_| derriere_proxy);
    let host = forwarded.or(text("host"));
    origin.split_once("://").map(|(_, authority)| authority) == host
}

/// A page that broke. What broke is told by the panic itself on the error output.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    Erreur::Interne("a page panicked".to_owned()).into_response()
}

/// Removes sessions and invitations that have expired, and entries of the log that are too old.
pub async fn entretien(appli: Partage) {
    loop {
        let shared = Arc::clone(&appli);
        let cleaned = tokio::task::spawn_blocking(move || {
            let now = horloge::maintenant();
            shared.base.nettoyer(now)?;
            let auteur = Auteur::console("paie serve");
            shared.base.purger(shared.conservation, auteur, now)
        });
        match cleaned.await {
            Ok(Err(error)) => eprintln!("paie serve: {error}"),
            Err(error) => eprintln!("paie serve: {error}"),
            Ok(Ok(_)) => {}
        }
        tokio::time::sleep(ENTRETIEN).await;
    }
}

/// A file to keep: its name, its kind, its bytes.
pub fn telechargement(nom: &str, genre: &'static str, contenu: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{nom}\"");
    let disposition = HeaderValue::from_str(&disposition)
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(genre));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    (StatusCode::OK, headers, contenu).into_response()
}
