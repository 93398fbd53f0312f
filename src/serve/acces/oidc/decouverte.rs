//! What a provider publishes of itself: addresses and keys, read when first needed, kept an hour.
//!
//! A provider that is down at start stops nothing: each sign-in asks again until it answers.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use openidconnect::core::CoreClientAuthMethod;
use openidconnect::core::CoreJsonWebKeySet;
use openidconnect::url::Url;
use openidconnect::{AuthType, DiscoveryError, ProviderMetadataWithLogout};
use tokio::sync::Mutex;

use super::config::Config;
use super::erreur::OidcError;
use super::http::{Http, HttpErreur};
use crate::limits::{OIDC_DISCOVERY, OIDC_KEYS};

/// What is known of a provider.
#[derive(Debug)]
pub(super) struct Connu {
    /// What it publishes, keys included.
    pub(super) publie: ProviderMetadataWithLogout,
    /// How it wants the client secret.
    pub(super) auth: AuthType,
    lu: Instant,
}

/// What is known of a provider, and when it was asked.
#[derive(Debug, Default)]
pub(super) struct Decouverte {
    connu: RwLock<Option<Arc<Connu>>>,
    /// When keys were last read because of a name that was unknown.
    cles_relues: Mutex<Option<Instant>>,
}

impl Decouverte {
    /// What the provider publishes: as kept, or asked now.
    ///
    /// # Errors
    /// A provider that does not answer, or that publishes something else than it should.
    pub(super) async fn connu(
        &self,
        config: &Config,
        http: &Http,
    ) -> Result<Arc<Connu>, OidcError> {
        if let Some(connu) = self.en_memoire()
            && connu.lu.elapsed() < OIDC_DISCOVERY
        {
            return Ok(connu);
        }
        let emetteur = config.emetteur.clone();
        let publie =
            ProviderMetadataWithLogout::discover_async(emetteur, http).await.map_err(refus)?;
        controler(&publie, config.local)?;
        let auth = methode(&publie)?;
        Ok(self.retenir(Connu { publie, auth, lu: Instant::now() }))
    }

    /// What is known with the keys read again after `vu` lacked one; none: they were read less
    /// than a minute ago, and whoever invents names of keys makes no traffic.
    ///
    /// # Errors
    /// A provider that does not answer.
    pub(super) async fn relire_cles(
        &self,
        vu: &Arc<Connu>,
        http: &Http,
    ) -> Result<Option<Arc<Connu>>, OidcError> {
        let mut relues = self.cles_relues.lock().await;
        // Another sign-in may have read them while this one waited.
        if let Some(connu) = self.en_memoire()
            && !Arc::ptr_eq(&connu, vu)
        {
            return Ok(Some(connu));
        }
        if relues.is_some_and(|relues| relues.elapsed() < OIDC_KEYS) {
            return Ok(None);
        }
        *relues = Some(Instant::now());
        let cles =
            CoreJsonWebKeySet::fetch_async(vu.publie.jwks_uri(), http).await.map_err(refus)?;
        let publie = vu.publie.clone().set_jwks(cles);
        Ok(Some(self.retenir(Connu { publie, auth: vu.auth.clone(), lu: vu.lu })))
    }

    fn en_memoire(&self) -> Option<Arc<Connu>> {
        self.connu.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn retenir(&self, connu: Connu) -> Arc<Connu> {
        let connu = Arc::new(connu);
        *self.connu.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&connu));
        connu
    }
}

/// How the provider wants the client secret: in the header unless it says otherwise, as the
/// protocol has it.
fn methode(publie: &ProviderMetadataWithLogout) -> Result<AuthType, OidcError> {
    let Some(methodes) = publie.token_endpoint_auth_methods_supported() else {
        return Ok(AuthType::BasicAuth);
    };
    if methodes.contains(&CoreClientAuthMethod::ClientSecretBasic) {
        return Ok(AuthType::BasicAuth);
    }
    if methodes.contains(&CoreClientAuthMethod::ClientSecretPost) {
        return Ok(AuthType::RequestBody);
    }
    let message = "it takes the client secret neither by `client_secret_basic` nor by \
                   `client_secret_post`";
    Err(OidcError::Fournisseur(message.to_owned()))
}

/// Refuses addresses that secrets must not travel to.
fn controler(publie: &ProviderMetadataWithLogout, local: bool) -> Result<(), OidcError> {
    let jetons = publie
        .token_endpoint()
        .ok_or_else(|| OidcError::Fournisseur("it has no `token_endpoint`".to_owned()))?;
    let fin = publie.additional_metadata().end_session_endpoint.as_ref();
    let adresses: [Option<&Url>; 5] = [
        Some(publie.authorization_endpoint().url()),
        Some(jetons.url()),
        Some(publie.jwks_uri().url()),
        publie.userinfo_endpoint().map(|url| url.url()),
        fin.map(|url| url.url()),
    ];
    match adresses.into_iter().flatten().find(|url| url.scheme() != "https" && !local) {
        Some(url) => Err(OidcError::Fournisseur(format!("`{url}` is without TLS"))),
        None => Ok(()),
    }
}

/// Why what is published could not be had, without what was received.
fn refus(error: DiscoveryError<HttpErreur>) -> OidcError {
    match error {
        DiscoveryError::Request(error) => error.into(),
        DiscoveryError::Response(status, _, _) if !status.is_success() => {
            OidcError::Fournisseur(format!("it answers {status}; is `emetteur` right?"))
        }
        DiscoveryError::Parse(error) => OidcError::Fournisseur(format!("{error}")),
        DiscoveryError::Validation(message) => {
            OidcError::Fournisseur(format!("{message}: write `emetteur` letter by letter"))
        }
        autre => OidcError::Fournisseur(autre.to_string()),
    }
}
