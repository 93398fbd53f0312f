//! A signed answer of `userinfo`, and the claims inside tokens.
//!
//! The library accepts RS256 alone there; providers that sign with ES256 exist.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey, JsonWebKeyId, JwsSigningAlgorithm};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::erreur::OidcError;

/// Claims by name.
pub(super) type Claims = Map<String, Value>;

/// The algorithms that a token may be signed with: public keys only, so that neither `none` nor
/// the client secret used as a key ever passes.
pub(super) const ALGORITHMES: [CoreJwsSigningAlgorithm; 2] =
    [CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, CoreJwsSigningAlgorithm::EcdsaP256Sha256];

/// What stands in front of a token.
#[derive(Deserialize)]
struct Entete {
    alg: CoreJwsSigningAlgorithm,
    kid: Option<JsonWebKeyId>,
    crit: Option<Value>,
    cty: Option<Value>,
}

/// The claims of a token whose signature is by one of the keys.
///
/// # Errors
/// `CleInconnue` when no key has its name, `Signature` when the signature does not hold.
pub(super) fn lire_signe(jeton: &str, cles: &CoreJsonWebKeySet) -> Result<Claims, OidcError> {
    let illisible = || OidcError::Signature("not a signed token".to_owned());
    let (signe, signature) = jeton.rsplit_once('.').ok_or_else(illisible)?;
    let (entete, _) = signe.split_once('.').ok_or_else(illisible)?;
    let entete = BASE64_URL_SAFE_NO_PAD.decode(entete).map_err(|_| illisible())?;
    let entete: Entete = serde_json::from_slice(&entete).map_err(|_| illisible())?;
    if !ALGORITHMES.contains(&entete.alg) {
        return Err(OidcError::Signature("an algorithm that is not accepted".to_owned()));
    }
    if entete.crit.is_some() || entete.cty.is_some() {
        return Err(OidcError::Signature("a header that is not understood".to_owned()));
    }
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| illisible())?;
    let sorte = entete.alg.key_type();
    let mut candidates = cles.keys().iter().filter(|key| {
        let nommee = entete.kid.is_none() || entete.kid.as_ref() == key.key_id();
        nommee && sorte.as_ref() == Some(key.key_type())
    });
    let key = candidates.next().ok_or(OidcError::CleInconnue)?;
    if candidates.next().is_some() {
        return Err(OidcError::Signature("several keys could have signed".to_owned()));
    }
    key.verify_signature(&entete.alg, signe.as_bytes(), &signature)
        .map_err(|error| OidcError::Signature(error.to_string()))?;
    charge(jeton).ok_or_else(illisible)
}

/// The claims of a token, whose signature was checked elsewhere.
pub(super) fn charge(jeton: &str) -> Option<Claims> {
    let charge = jeton.split('.').nth(1)?;
    let charge = BASE64_URL_SAFE_NO_PAD.decode(charge).ok()?;
    serde_json::from_slice(&charge).ok()
}
