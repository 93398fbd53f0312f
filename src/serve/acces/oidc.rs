//! Sign-in by an identity provider (OpenID Connect): ProConnect, or any other that has a discovery
//! document. Authorization code, PKCE, state and nonce; nothing of a token is believed unchecked.
//!
//! Says who came, never what they may do: an account must exist already, and the caller looks for
//! it. May import: `limits`, `diag`. Must not know: pages, cookies, the database.

mod attente;
mod config;
mod decouverte;
mod erreur;
mod http;
mod jws;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier,
    CoreTokenResponse,
};
use openidconnect::http::{Method, Request, StatusCode, header};
use openidconnect::url::Url;
use openidconnect::{
    AccessToken, AccessTokenHash, AsyncHttpClient, AuthenticationContextClass, AuthorizationCode,
    ClaimsVerificationError, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    LogoutRequest, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    PostLogoutRedirectUrl, RequestTokenError, Scope, SignatureVerificationError, TokenResponse,
    UserInfoUrl,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use attente::Attentes;
pub use config::{Config, ConfigErreur, RETOUR};
use decouverte::{Connu, Decouverte};
pub use erreur::OidcError;
use erreur::code_sur;
use http::Http;
use jws::{ALGORITHMES, Claims, charge, lire_signe};

use crate::limits::{OIDC_FLOW_SECONDS, OIDC_SKEW_SECONDS};

/// The client of the library, with the addresses that discovery gives.
type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What must be kept on the server between the departure to the provider and the return. Used
/// once: it cannot be copied, and the caller takes it out of where it was kept.
#[derive(Debug, Serialize, Deserialize)]
pub struct Flux {
    etat: CsrfToken,
    nonce: Nonce,
    preuve: PkceCodeVerifier,
    vers: String,
    fin: i64,
}

impl Flux {
    /// Whether the browser has come back too late.
    pub fn expire(&self) -> bool {
        Utc::now().timestamp() >= self.fin
    }
}

/// What the browser brings back, in the query of the address of return.
#[derive(Clone, Default, Deserialize)]
pub struct Retour {
    /// What the tokens are asked for with.
    pub code: Option<String>,
    /// What ties the answer to the request.
    pub state: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// Who answers, when the provider says it.
    pub iss: Option<String>,
}

/// Who came, as the provider says.
#[derive(Clone, PartialEq, Eq)]
pub struct Identite {
    /// The person for this provider, for ever: what an account is tied to.
    pub sub: String,
    /// The provider.
    pub emetteur: String,
    /// What names the account, by the claim of the configuration: in lower case as accounts are,
    /// except `sub`, whose case tells persons apart.
    pub identifiant: String,
    /// The address, in lower case, unless the provider says that it is not verified.
    pub email: Option<String>,
    /// The token, to sign out with.
    pub id_token: String,
    /// The page of this server that was asked for before: a path.
    pub vers: String,
}

impl fmt::Debug for Identite {
    /// The provider alone: neither persons nor tokens in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identite").field("emetteur", &self.emetteur).finish_non_exhaustive()
    }
}

/// An identity provider.
#[derive(Debug)]
pub struct Fournisseur {
    config: Config,
    http: Http,
    decouverte: Decouverte,
}

impl Fournisseur {
    /// The provider of a configuration. Nothing is asked of it yet.
    ///
    /// # Errors
    /// When TLS cannot be set up, or a certificate is not one.
    pub fn nouveau(config: Config) -> Result<Self, OidcError> {
        let http = Http::nouveau(&config)
            .map_err(|error| OidcError::Fournisseur(format!("TLS or `certificat`: {error}")))?;
        Ok(Self { config, http, decouverte: Decouverte::default() })
    }

    /// The name of the provider, for the button and for messages.
    pub fn nom(&self) -> &str {
        self.config.nom()
    }

    /// Where to send the browser, and what to keep for when it comes back. `vers` is the path of
    /// this server to open then; anything else than a path of this server becomes `/`.
    ///
    /// # Errors
    /// A provider that does not answer or cannot be used.
    pub async fn depart(&self, vers: &str) -> Result<(Url, Flux), OidcError> {
        let connu = self.connu().await?;
        let (defi, preuve) = PkceCodeChallenge::new_random_sha256();
        let client = self.client(&connu);
        let scopes = self.config.portees.iter().cloned().map(Scope::new);
        let mut demande = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scopes(scopes)
            .set_pkce_challenge(defi);
        for acr in &self.config.acr {
            demande = demande.add_auth_context_value(AuthenticationContextClass::new(acr.clone()));
        }
        let (url, etat, nonce) = demande.url();
        let fin = Utc::now().timestamp().saturating_add(OIDC_FLOW_SECONDS);
        Ok((url, Flux { etat, nonce, preuve, vers: chemin(vers), fin }))
    }

    /// Who came back. Whether there is an account for them, and what it may do, is not said.
    ///
    /// # Errors
    /// Everything that does not hold: the state, the code, the token, its signature, its dates,
    /// the level of authentication, the claim that names the account.
    pub async fn retour(&self, flux: Flux, params: Retour) -> Result<Identite, OidcError> {
        let code = self.code(&flux, params)?;
        let mut connu = self.connu().await?;
        let reponse = self.echanger(&connu, code, flux.preuve).await?;
        let jeton = reponse.id_token().ok_or_else(|| {
            OidcError::Reponse("no ID token; is `openid` among the scopes?".to_owned())
        })?;
        let sub = self
            .avec_cles(&mut connu, |connu| {
                self.verifier(connu, jeton, &flux.nonce, reponse.access_token())
            })
            .await?;
        let id_token = jeton.to_string();
        let charge = charge(&id_token)
            .ok_or_else(|| OidcError::Reponse("the ID token has no claims".to_owned()))?;
        let infos = match connu.publie.userinfo_endpoint().cloned() {
            Some(url) => self.infos(&mut connu, &url, reponse.access_token(), &sub).await?,
            None => Claims::new(),
        };
        let sources = [infos, charge];
        Ok(Identite {
            identifiant: self.identifiant(&sources, &sub)?,
            email: email(&sources).ok().flatten(),
            emetteur: self.config.emetteur.to_string(),
            sub,
            id_token,
            vers: flux.vers,
        })
    }

    /// Where to send the browser to sign out of the provider too; it then comes back to the path
    /// `vers` of this server. None when the provider has no such page, or does not answer: the
    /// session of this server must be closed before.
    pub async fn deconnexion(&self, id_token: &str, vers: &str) -> Option<Url> {
        let connu = self.connu().await.ok()?;
        let page = connu.publie.additional_metadata().end_session_endpoint.clone()?;
        let retour = self.config.base.join(&chemin(vers)).ok()?;
        let mut demande = LogoutRequest::from(page)
            .set_client_id(self.config.client_id.clone())
            .set_post_logout_redirect_uri(PostLogoutRedirectUrl::from_url(retour))
            .set_state(CsrfToken::new_random());
        if let Ok(jeton) = id_token.parse::<CoreIdToken>() {
            demande = demande.set_id_token_hint(&jeton);
        }
        Some(demande.http_get_url())
    }

    async fn connu(&self) -> Result<Arc<Connu>, OidcError> {
        self.decouverte.connu(&self.config, &self.http).await
    }

    fn client(&self, connu: &Connu) -> Client {
        let config = &self.config;
        let (id, secret) = (config.client_id.clone(), Some(config.secret.clone()));
        CoreClient::from_provider_metadata(connu.publie.clone(), id, secret)
            .set_redirect_uri(config.retour.clone())
            .set_auth_type(connu.auth.clone())
    }

    /// The code of an answer to the request that `flux` keeps.
    fn code(&self, flux: &Flux, params: Retour) -> Result<AuthorizationCode, OidcError> {
        if flux.expire() {
            return Err(OidcError::FluxExpire);
        }
        let recu = params.state.unwrap_or_default();
        // Digests, so that the time of the comparison tells nothing.
        if blake3::hash(recu.as_bytes()) != blake3::hash(flux.etat.secret().as_bytes()) {
            return Err(OidcError::Etat);
        }
        if params.iss.is_some_and(|iss| iss != *self.config.emetteur) {
            return Err(OidcError::AutreFournisseur);
        }
        if let Some(error) = params.error {
            return Err(OidcError::Refus(code_sur(&error)));
        }
        let code = params.code.filter(|code| !code.is_empty());
        code.map(AuthorizationCode::new).ok_or(OidcError::CodeManquant)
    }

    /// The tokens that a code gives.
    async fn echanger(
        &self,
        connu: &Connu,
        code: AuthorizationCode,
        preuve: PkceCodeVerifier,
    ) -> Result<CoreTokenResponse, OidcError> {
        let client = self.client(connu);
        let demande = client
            .exchange_code(code)
            .map_err(|error| OidcError::Fournisseur(error.to_string()))?
            .set_pkce_verifier(preuve);
        demande.request_async(&self.http).await.map_err(|error| match error {
            RequestTokenError::Request(error) => error.into(),
            RequestTokenError::ServerResponse(reponse) => {
                OidcError::CodeRefuse(code_sur(reponse.error().as_ref()))
            }
            // The place alone: what stands there may be a token.
            RequestTokenError::Parse(error, _) => {
                OidcError::Reponse(format!("tokens, at `{}`", error.path()))
            }
            RequestTokenError::Other(_) => OidcError::Reponse("tokens".to_owned()),
        })
    }

    /// Reads something signed; keys are asked for again when one is unknown.
    async fn avec_cles<T>(
        &self,
        connu: &mut Arc<Connu>,
        lire: impl Fn(&Connu) -> Result<T, OidcError>,
    ) -> Result<T, OidcError> {
        match lire(connu) {
            Err(OidcError::CleInconnue) => {}
            lu => return lu,
        }
        let relu = self.decouverte.relire_cles(connu, &self.http).await?;
        *connu = relu.ok_or(OidcError::CleInconnue)?;
        lire(connu)
    }

    /// Checks all that the protocol says of an ID token; gives its subject.
    fn verifier(
        &self,
        connu: &Connu,
        jeton: &CoreIdToken,
        nonce: &Nonce,
        acces: &AccessToken,
    ) -> Result<String, OidcError> {
        let config = &self.config;
        let cles = connu.publie.jwks().clone();
        let (id, emetteur) = (config.client_id.clone(), config.emetteur.clone());
        // As a public client: the client secret is no key that a token may be signed with.
        let verifieur = CoreIdTokenVerifier::new_public_client(id, emetteur, cles)
            .set_allowed_algs(ALGORITHMES)
            .set_time_fn(|| Utc::now() - ecart())
            .set_issue_time_verifier_fn(|emis| {
                if emis > Utc::now() + ecart() { Err("issued later".to_owned()) } else { Ok(()) }
            })
            .set_auth_context_verifier_fn(|acr| {
                let obtenu = acr.is_some_and(|acr| config.acr.contains(acr));
                if config.acr.is_empty() || obtenu { Ok(()) } else { Err("level".to_owned()) }
            });
        let claims = jeton.claims(&verifieur, nonce).map_err(refus)?;
        if claims.authorized_party().is_some_and(|azp| *azp != config.client_id) {
            return Err(OidcError::Audience);
        }
        verifier_empreinte(jeton, claims, &verifieur, acces)?;
        Ok(claims.subject().to_string())
    }

    /// What the provider says of the person, in JSON or signed.
    async fn infos(
        &self,
        connu: &mut Arc<Connu>,
        url: &UserInfoUrl,
        acces: &AccessToken,
        sub: &str,
    ) -> Result<Claims, OidcError> {
        let illisible = || OidcError::Reponse("userinfo".to_owned());
        let demande = Request::builder()
            .uri(url.as_str())
            .method(Method::GET)
            .header(header::ACCEPT, "application/jwt, application/json")
            .header(header::AUTHORIZATION, format!("Bearer {}", acces.secret()))
            .body(Vec::new())
            .map_err(|_| illisible())?;
        let reponse = self.http.call(demande).await?;
        if reponse.status() != StatusCode::OK {
            return Err(OidcError::Reponse(format!("userinfo is {}", reponse.status())));
        }
        let sorte = reponse.headers().get(header::CONTENT_TYPE).and_then(|t| t.to_str().ok());
        let sorte = sorte.and_then(|sorte| sorte.split(';').next()).unwrap_or("").trim();
        let infos = if sorte.eq_ignore_ascii_case("application/jwt") {
            let jeton = std::str::from_utf8(reponse.body()).map_err(|_| illisible())?.trim();
            let lire = |connu: &Connu| lire_signe(jeton, connu.publie.jwks());
            let infos = self.avec_cles(connu, lire).await?;
            self.destinees(&infos)?;
            infos
        } else {
            serde_json::from_slice(reponse.body()).map_err(|_| illisible())?
        };
        if infos.get("sub").and_then(Value::as_str) != Some(sub) {
            return Err(OidcError::Sujet);
        }
        Ok(infos)
    }

    /// Whether signed claims are by the provider, for this client, and of now.
    fn destinees(&self, infos: &Claims) -> Result<(), OidcError> {
        if texte(infos, "iss") != Some(self.config.emetteur.as_str()) {
            return Err(OidcError::Emetteur);
        }
        let client = self.config.client_id.as_str();
        let pour_nous = match infos.get("aud") {
            Some(Value::Array(tous)) => tous.iter().any(|aud| aud.as_str() == Some(client)),
            aud => aud.and_then(Value::as_str) == Some(client),
        };
        if !pour_nous {
            return Err(OidcError::Audience);
        }
        let Some(exp) = infos.get("exp") else { return Ok(()) };
        let fin = exp.as_i64().and_then(|exp| DateTime::from_timestamp(exp, 0));
        if fin.is_some_and(|fin| Utc::now() - ecart() < fin) {
            return Ok(());
        }
        Err(OidcError::Expire)
    }

    /// What names the account.
    fn identifiant(&self, sources: &[Claims], sub: &str) -> Result<String, OidcError> {
        let claim = self.config.identifiant.as_str();
        let absent = || OidcError::SansIdentifiant(claim.to_owned());
        match claim {
            "sub" => Ok(sub.to_owned()),
            "email" => email(sources)?.ok_or_else(absent),
            autre => {
                let trouve = sources.iter().find_map(|source| texte(source, autre));
                trouve.map(str::to_lowercase).ok_or_else(absent)
            }
        }
    }
}

/// The address, in lower case.
///
/// # Errors
/// When the provider says that it is not verified.
fn email(sources: &[Claims]) -> Result<Option<String>, OidcError> {
    let Some(email) = sources.iter().find_map(|source| texte(source, "email")) else {
        return Ok(None);
    };
    let non = [Value::Bool(false), Value::String("false".to_owned())];
    let verifie = |source: &Claims| source.get("email_verified").is_none_or(|v| !non.contains(v));
    if sources.iter().all(verifie) {
        return Ok(Some(email.to_lowercase()));
    }
    Err(OidcError::EmailNonVerifie)
}

/// A claim that is a text with something in it.
fn texte<'a>(claims: &'a Claims, nom: &str) -> Option<&'a str> {
    claims.get(nom).and_then(Value::as_str).map(str::trim).filter(|texte| !texte.is_empty())
}

/// How far apart clocks may be.
fn ecart() -> TimeDelta {
    TimeDelta::seconds(OIDC_SKEW_SECONDS)
}

/// A path of this server: a browser takes `//host` and `/\host` for other servers.
fn chemin(vers: &str) -> String {
    let mut lettres = vers.chars();
    let racine = lettres.next() == Some('/');
    let ailleurs = matches!(lettres.next(), Some('/' | '\\'));
    let etrange = vers.chars().any(|c| c.is_control() || c == '\\');
    if racine && !ailleurs && !etrange { vers.to_owned() } else { "/".to_owned() }
}

/// Whether the access token is the one that came with the ID token, when this one says it.
fn verifier_empreinte(
    jeton: &CoreIdToken,
    claims: &CoreIdTokenClaims,
    verifieur: &CoreIdTokenVerifier<'_>,
    acces: &AccessToken,
) -> Result<(), OidcError> {
    let Some(attendue) = claims.access_token_hash() else { return Ok(()) };
    let alg = jeton.signing_alg().map_err(signature)?;
    let cle = jeton.signing_key(verifieur).map_err(signature)?;
    let obtenue = AccessTokenHash::from_token(acces, alg, cle)
        .map_err(|error| OidcError::Signature(error.to_string()))?;
    if obtenue == *attendue { Ok(()) } else { Err(OidcError::Empreinte) }
}

/// What is wrong with a token, without what stands in it.
fn refus(error: ClaimsVerificationError) -> OidcError {
    match error {
        ClaimsVerificationError::Expired(_) => OidcError::Expire,
        ClaimsVerificationError::InvalidAudience(_) => OidcError::Audience,
        ClaimsVerificationError::InvalidAuthContext(_) => OidcError::Niveau,
        ClaimsVerificationError::InvalidIssuer(_) => OidcError::Emetteur,
        ClaimsVerificationError::InvalidNonce(_) => OidcError::Nonce,
        ClaimsVerificationError::SignatureVerification(error) => signature(error),
        _ => OidcError::Reponse("an ID token of a kind that is not understood".to_owned()),
    }
}

fn signature(error: SignatureVerificationError) -> OidcError {
    match error {
        SignatureVerificationError::NoMatchingKey => OidcError::CleInconnue,
        autre => OidcError::Signature(autre.to_string()),
    }
}
