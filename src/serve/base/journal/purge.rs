//! How long the log is kept, and how old entries leave without breaking the chain.

use chrono::{DateTime, Months};
use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::super::{Base, BaseError, Instant};
use super::chaine::{ajouter, ancre, detail_purge};
use super::{Action, Auteur, Entree};

/// How long entries are kept, in months. The CNIL recommends 6 to 12 months for an access log, and
/// up to 3 years where a risk justifies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conservation(u32);

impl Default for Conservation {
    fn default() -> Self {
        Self(12)
    }
}

impl Conservation {
    /// From 6 to 36 months.
    ///
    /// # Errors
    ///
    /// [`BaseError::Conservation`] outside of these.
    pub fn new(mois: u32) -> Result<Self, BaseError> {
        if (6..=36).contains(&mois) { Ok(Self(mois)) } else { Err(BaseError::Conservation) }
    }

    /// In months.
    pub fn mois(self) -> u32 {
        self.0
    }

    /// The instant before which entries have been kept long enough.
    fn limite(self, quand: Instant) -> Instant {
        let avant = DateTime::from_timestamp(quand, 0)
            .and_then(|quand| quand.checked_sub_months(Months::new(self.0)));
        avant.map_or(Instant::MIN, |avant| avant.timestamp())
    }
}

impl Base {
    /// Removes the entries that were kept long enough, from the first on, and logs it; how many.
    /// The number and digest of the last one stay: the rest is verified from there.
    ///
    /// # Errors
    ///
    /// When the file cannot be written; nothing is removed then.
    pub fn purger(
        &self,
        conservation: Conservation,
        auteur: Auteur,
        quand: Instant,
    ) -> Result<u64, BaseError> {
        let mut connexion = self.a_part()?;
        let base = connexion.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let limite = conservation.limite(quand);
        let (debut, _) = ancre(&base)?;
        // Up to the first entry that stays: a clock that was wrong once must not leave a hole.
        let derniere = base
            .query_row(
                "SELECT numero, empreinte FROM journal WHERE numero < \
                 coalesce((SELECT min(numero) FROM journal WHERE quand >= ?1), ?2) \
                 ORDER BY numero DESC LIMIT 1",
                [limite, i64::MAX],
                |row| Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 32]>(1)?)),
            )
            .optional()?;
        let Some((numero, empreinte)) = derniere else { return Ok(0) };
        base.execute("INSERT INTO ancres VALUES (?1, ?2, ?3)", params![numero, empreinte, quand])?;
        base.execute("DELETE FROM journal WHERE numero <= ?1", [numero])?;
        let entree = Entree::new(quand, auteur, Action::PurgeJournal);
        ajouter(&base, &entree.detail(detail_purge(numero, &empreinte)))?;
        base.commit()?;
        Ok(u64::try_from(numero.saturating_sub(debut)).unwrap_or(0))
    }
}
