//! The SQLite file: accounts, sessions, and the log that only grows.
//!
//! One file, mode 0600. Reads and short writes share a connection; the log has its own thread, so
//! that many entries share one write to the disk ([`journal`]). What changes an account takes its
//! entry along, and writes both or neither. Instants are given by callers, in seconds since 1970.
//! Knows nothing of HTTP, nor of pay.

pub mod comptes;
pub mod error;
pub mod invitations;
pub mod journal;
mod ouverture;
pub mod secrets;
pub mod sessions;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use comptes::{Changement, Fiche};
pub use error::{BaseError, PerimetreRefuse};
pub use journal::{Action, Auteur, Chaine, Conservation, Detail, Entree, Filtre, Ligne, Rupture};
pub use secrets::Essai;
pub use sessions::{Etat, Ouverte, Session, Venue};

use journal::ecrivain::Ecrivain;

/// An instant: seconds since 1970, UTC.
pub type Instant = i64;

/// The open file. To be shared (`Arc`); closing it waits for the log.
pub struct Base {
    chemin: PathBuf,
    connexion: Mutex<Connection>,
    ecrivain: Ecrivain,
}

impl Base {
    /// Opens the file, makes it when there is none, and brings it to the format of today.
    ///
    /// # Errors
    ///
    /// [`BaseError::Etrangere`] for a file of another program, [`BaseError::PlusRecente`] for one
    /// of a later version; [`BaseError::Fichier`] and [`BaseError::Sql`] when it cannot be opened.
    pub fn open(chemin: &Path) -> Result<Self, BaseError> {
        let mut connexion = ouverture::ouvrir(chemin)?;
        ouverture::migrer(&mut connexion, ouverture::MIGRATIONS)?;
        let ecrivain = Ecrivain::lancer(ouverture::ouvrir(chemin)?)?;
        Ok(Self { chemin: chemin.to_owned(), connexion: Mutex::new(connexion), ecrivain })
    }

    /// The shared connection. What a panic left half done was rolled back when it unwound.
    fn connexion(&self) -> MutexGuard<'_, Connection> {
        self.connexion.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection of its own, for what takes long.
    fn a_part(&self) -> Result<Connection, BaseError> {
        ouverture::ouvrir(&self.chemin)
    }

    /// Does a change whole or not at all. The write lock is taken first: what is read stays true.
    fn ecrire<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, BaseError>,
    ) -> Result<T, BaseError> {
        let mut connexion = self.connexion();
        let transaction = connexion.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let fait = change(&transaction)?;
        transaction.commit()?;
        Ok(fait)
    }
}

/// Logs a change in the transaction that does it: what cannot be logged is not done, what is not
/// done is not logged.
fn consigner(base: &Transaction<'_>, entree: &Entree) -> Result<(), BaseError> {
    let numero = journal::chaine::ajouter(base, entree);
    numero.map(|_| ()).map_err(|cause| BaseError::Journal(cause.to_string()))
}

/// The same for what may have had nothing to do: whether anything was done.
fn consigner_si(base: &Transaction<'_>, faites: usize, entree: &Entree) -> Result<bool, BaseError> {
    if faites == 0 {
        return Ok(false);
    }
    consigner(base, entree)?;
    Ok(true)
}

#[cfg(test)]
mod tests;
