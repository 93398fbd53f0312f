//! One-time links: who an account is for chooses its password; who creates it never knows it.

use rusqlite::{Connection, OptionalExtension, params};

use super::comptes::{lire, ouvert};
use super::{Base, BaseError, Entree, Instant, consigner};
use crate::serve::acces::hasard;
use crate::serve::droits::Compte;

/// How long a link holds: 72 hours.
const DUREE: i64 = 72 * 3600;

impl Base {
    /// Makes the link of an account; an earlier one no longer holds. The password stays until the
    /// link is used. `entree` logs it. Returns the token, which is stored nowhere.
    ///
    /// # Errors
    ///
    /// When the account does not exist or is closed.
    pub fn inviter(
        &self,
        compte: i64,
        quand: Instant,
        entree: Entree,
    ) -> Result<String, BaseError> {
        let jeton = hasard::jeton()?;
        self.ecrire(|base| {
            let invite = lire(base, compte)?.ok_or(BaseError::CompteInconnu)?;
            if !ouvert(&invite, quand) {
                return Err(BaseError::CompteFerme);
            }
            base.execute(
                "INSERT OR REPLACE INTO invitations (compte, empreinte, expire) \
                 VALUES (?1, ?2, ?3)",
                params![compte, hasard::empreinte(&jeton), quand.saturating_add(DUREE)],
            )?;
            consigner(base, &entree)
        })?;
        Ok(jeton)
    }

    /// The account that a link is for; none when it does not hold.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn invite(&self, jeton: &str, quand: Instant) -> Result<Option<Compte>, BaseError> {
        invite(&self.connexion(), jeton, quand)
    }

    /// Uses a link: the account has this password (as hashed), its sessions and failures end.
    /// `entree` logs it.
    ///
    /// # Errors
    ///
    /// [`BaseError::Invitation`] when the link does not hold.
    pub fn accepter(
        &self,
        jeton: &str,
        hache: &str,
        quand: Instant,
        entree: impl FnOnce(&Compte) -> Entree,
    ) -> Result<Compte, BaseError> {
        self.ecrire(|base| {
            let compte = invite(base, jeton, quand)?.ok_or(BaseError::Invitation)?;
            super::secrets::poser_mot_de_passe(base, &compte, hache)?;
            consigner(base, &entree(&compte))?;
            Ok(compte)
        })
    }
}

fn invite(base: &Connection, jeton: &str, quand: Instant) -> Result<Option<Compte>, BaseError> {
    let mut statement =
        base.prepare_cached("SELECT compte FROM invitations WHERE empreinte = ?1 AND expire > ?2")?;
    let id = statement.query_row(params![hasard::empreinte(jeton), quand], |row| row.get(0));
    let Some(id) = id.optional()? else { return Ok(None) };
    Ok(lire(base, id)?.filter(|compte| ouvert(compte, quand)))
}
