//! Passwords: what they must be, and how they are kept (Argon2id).
//!
//! Length counts, composition does not (CNIL, délibération 2022-100; ANSSI, authentification
//! multifacteur et mots de passe). A sign-in costs the same whether the account exists or not.

use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use super::hasard::{SansHasard, octets};

/// The fewest characters.
pub const MINIMUM: usize = 12;

/// The most characters: hashing must not be made to read a book.
pub const MAXIMUM: usize = 256;

/// Memory in KiB, passes, lanes: OWASP, Password Storage Cheat Sheet, Argon2id.
const MEMOIRE: u32 = 19_456;
const PASSES: u32 = 2;
const VOIES: u32 = 1;

/// Words that passwords are often made of, one a line.
const COMMUNS: &str = include_str!("communs.txt");

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refus {
    /// Too short.
    #[error("a password has at least 12 characters")]
    Court,
    /// Too long.
    #[error("a password has at most 256 characters")]
    Long,
    /// Holds what is typed beside it.
    #[error("the password holds the identifiant")]
    Identifiant,
    /// One of those that are tried first.
    #[error("the password is among those that are tried first")]
    Commun,
}

impl Refus {
    /// The sentence of pages.
    pub fn french(self) -> &'static str {
        match self {
            Self::Court => {
                "Choisissez au moins 12 caractères, par exemple quatre mots sans rapport entre eux."
            }
            Self::Long => "Choisissez au plus 256 caractères.",
            Self::Identifiant => {
                "Choisissez un mot de passe qui ne contient pas votre identifiant."
            }
            Self::Commun => {
                "Ce mot de passe est trop courant\u{a0}: choisissez par exemple quatre mots sans \
                 rapport entre eux."
            }
        }
    }
}

/// Whether a password is good enough for an account.
///
/// # Errors
///
/// The first reason to refuse it.
pub fn juger(mot_de_passe: &str, identifiant: &str) -> Result<(), Refus> {
    let longueur = mot_de_passe.chars().count();
    let bas = mot_de_passe.to_lowercase();
    let identifiant = identifiant.trim().to_lowercase();
    let nom = identifiant.split('@').next().unwrap_or_default();
    // « azerty » with a year and a mark behind it is still « azerty ».
    let racine = bas.trim_matches(|c: char| !c.is_alphabetic());
    let commun = |mot: &str| !mot.is_empty() && (mot == bas || mot == racine);
    let premier = bas.chars().next();
    if longueur < MINIMUM {
        Err(Refus::Court)
    } else if longueur > MAXIMUM {
        Err(Refus::Long)
    } else if nom.chars().count() >= 3 && bas.contains(nom) {
        Err(Refus::Identifiant)
    } else if COMMUNS.lines().any(commun) || bas.chars().all(|c| Some(c) == premier) {
        Err(Refus::Commun)
    } else {
        Ok(())
    }
}

/// A password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub enum Echec {
    /// The system gives no random bytes.
    #[error(transparent)]
    Hasard(#[from] SansHasard),
    /// There was no memory, or no thread.
    #[error("the password could not be hashed: {0}")]
    Calcul(String),
}

/// Hashes a password, in about 20 ms and 19 MiB; the result names its parameters.
///
/// # Errors
///
/// When the system gives no random bytes or no memory.
pub fn hacher(mot_de_passe: &str) -> Result<String, Echec> {
    let sel = octets::<16>()?;
    let argon = argon().map_err(|cause| Echec::Calcul(cause.to_string()))?;
    let hache: PasswordHash = argon
        .hash_password_with_salt(mot_de_passe.as_bytes(), &sel)
        .map_err(|cause| Echec::Calcul(cause.to_string()))?;
    Ok(hache.to_string())
}

/// Whether a password is that of a hash. Without a hash, the same work is done for nothing, so that
/// the time of an answer does not say whether an account exists.
pub fn verifier(hache: Option<&str>, mot_de_passe: &str) -> bool {
    let connu = hache.and_then(|hache| PasswordHash::new(hache).ok());
    let existe = connu.is_some();
    let trop_long = mot_de_passe.chars().count() > MAXIMUM;
    let mot_de_passe = if trop_long { "" } else { mot_de_passe };
    let Some(attendu) = connu.or_else(|| PasswordHash::new(&LEURRE).ok()) else { return false };
    let Ok(argon) = argon() else { return false };
    let juste = argon.verify_password(mot_de_passe.as_bytes(), &attendu).is_ok();
    juste && existe && !trop_long
}

/// The hash of a password that nobody knows.
static LEURRE: LazyLock<String> = LazyLock::new(|| {
    let inconnu = super::hasard::jeton().unwrap_or_default();
    hacher(&inconnu).unwrap_or_default()
});

fn argon() -> Result<Argon2<'static>, argon2::Error> {
    let params = Params::new(MEMOIRE, PASSES, VOIES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes away from the threads of pages, so many at a time: memory stays bounded.
#[derive(Clone)]
pub struct Hacheur(Arc<Semaphore>);

impl Hacheur {
    /// At most `nombre` at a time, at least one; each takes 19 MiB.
    pub fn new(nombre: usize) -> Self {
        LazyLock::force(&LEURRE);
        Self(Arc::new(Semaphore::new(nombre.max(1))))
    }

    /// [`hacher`], waiting for its turn.
    ///
    /// # Errors
    ///
    /// When the system gives no random bytes or no memory.
    pub async fn hacher(&self, mot_de_passe: String) -> Result<String, Echec> {
        self.un(move || hacher(&mot_de_passe)).await?
    }

    /// [`verifier`], waiting for its turn.
    ///
    /// # Errors
    ///
    /// When there is no thread for it.
    pub async fn verifier(
        &self,
        hache: Option<String>,
        mot_de_passe: String,
    ) -> Result<bool, Echec> {
        self.un(move || verifier(hache.as_deref(), &mot_de_passe)).await
    }

    async fn un<T: Send + 'static>(
        &self,
        travail: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Echec> {
        let permis = Arc::clone(&self.0).acquire_owned().await;
        let permis = permis.map_err(|cause| Echec::Calcul(cause.to_string()))?;
        // The turn ends with the work, even when nobody waits for its result any more.
        let fait = tokio::task::spawn_blocking(move || {
            let fait = travail();
            drop(permis);
            fait
        });
        fait.await.map_err(|cause| Echec::Calcul(cause.to_string()))
    }
}

#[cfg(test)]
mod tests;
