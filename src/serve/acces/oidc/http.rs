//! The HTTP client that talks to an identity provider: no redirect, no wait without end, no answer
//! larger than what such answers are.

use std::future::Future;
use std::pin::Pin;

use openidconnect::http::{Error as HttpError, Response, StatusCode};
use openidconnect::reqwest::{self, Client, redirect::Policy};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

use super::config::Config;
use super::erreur::OidcError;
use crate::limits::{OIDC_BODY_BYTES, OIDC_WAIT};

/// Why a request to the provider gave nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpErreur {
    /// Nobody answered, or not in time, or not with a certificate that is trusted.
    #[error("no answer: {0}")]
    Reseau(String),
    /// The provider says that it is not able to answer.
    #[error("the provider answers {0}")]
    Panne(StatusCode),
    /// An answer larger than any that the protocol knows.
    #[error("an answer above {OIDC_BODY_BYTES} bytes")]
    TropGros,
    /// Headers that cannot be read.
    #[error("an answer that is not HTTP: {0}")]
    Forme(#[from] HttpError),
}

impl From<reqwest::Error> for HttpErreur {
    /// The chain of causes, without the address: a query may carry what must not be logged.
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(next) = cause {
            text.push_str(": ");
            text.push_str(&next.to_string());
            cause = next.source();
        }
        Self::Reseau(text)
    }
}

impl From<HttpErreur> for OidcError {
    fn from(error: HttpErreur) -> Self {
        match error {
            HttpErreur::Reseau(_) | HttpErreur::Panne(_) => Self::Injoignable(error.to_string()),
            HttpErreur::TropGros | HttpErreur::Forme(_) => Self::Reponse(error.to_string()),
        }
    }
}

/// A client for one provider.
#[derive(Clone, Debug)]
pub(super) struct Http(Client);

impl Http {
    /// The client of a configuration: its certificates are trusted besides the usual roots.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub(super) fn nouveau(config: &Config) -> Result<Self, reqwest::Error> {
        let mut client = Client::builder()
            .redirect(Policy::none())
            .timeout(OIDC_WAIT)
            .https_only(!config.local)
            .user_agent(concat!("paie/", env!("CARGO_PKG_VERSION")));
        if config.local {
            client = client.no_proxy();
        }
        for racine in &config.certificat {
            client = client.add_root_certificate(racine.clone());
        }
        Ok(Self(client.build()?))
    }

    async fn envoyer(&self, request: HttpRequest) -> Result<HttpResponse, HttpErreur> {
        let mut answer = self.0.execute(request.try_into()?).await?;
        if answer.status().is_server_error() {
            return Err(HttpErreur::Panne(answer.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len().saturating_add(chunk.len()) > OIDC_BODY_BYTES {
                return Err(HttpErreur::TropGros);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpErreur;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpErreur>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.envoyer(request))
    }
}
