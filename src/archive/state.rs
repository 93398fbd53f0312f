//! The life of a month, employer by employer: `prepare`, `valide`, `clos`.
//!
//! May import: `calendar`. Must not know: files. What is refused here is refused whoever asks,
//! and a journal that holds it anyway is damaged.

use std::collections::BTreeMap;
use std::fmt;

use chrono::DateTime;

use super::error::ArchiveError;
use super::event::Event;
use crate::calendar::PayPeriod;

/// The state of a month for one employer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Etat {
    /// Never computed.
    #[default]
    Absent,
    /// Computed; can be computed again.
    Prepare,
    /// Someone answers for it; computing again takes that back.
    Valide,
    /// Final.
    Clos,
}

impl fmt::Display for Etat {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Absent => "absent",
            Self::Prepare => "prepare",
            Self::Valide => "valide",
            Self::Clos => "clos",
        })
    }
}

/// An employer of a month: its state, and the entries that made it so.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Followed {
    pub(super) etat: Etat,
    /// The entry that gave the state.
    pub(super) since: u64,
    /// The last run that covers it.
    pub(super) calcul: u64,
}

/// Fourteen digits.
type Key = [u8; 14];

/// What is known of every month after some entries.
#[derive(Clone, Debug, Default)]
pub(super) struct States {
    months: BTreeMap<PayPeriod, BTreeMap<Key, Followed>>,
    /// Digests of results of each month, for proofs.
    results: BTreeMap<PayPeriod, Vec<String>>,
}

impl States {
    /// The months that have a run.
    pub(super) fn months(&self) -> impl DoubleEndedIterator<Item = PayPeriod> {
        self.months.keys().copied()
    }

    /// The employers of a month.
    pub(super) fn employers(
        &self,
        mois: PayPeriod,
    ) -> impl Iterator<Item = (&str, Followed)> + use<'_> {
        let month = self.months.get(&mois).into_iter().flatten();
        month.map(|(key, state)| (std::str::from_utf8(key).unwrap_or_default(), *state))
    }

    /// One employer; the default is `absent`.
    pub(super) fn of(&self, mois: PayPeriod, siret: &str) -> Followed {
        let key = Key::try_from(siret.as_bytes()).ok();
        let found = key.and_then(|key| self.months.get(&mois)?.get(&key));
        found.copied().unwrap_or_default()
    }

    /// Whether the event can come now; nothing changes.
    pub(super) fn check(&self, event: &Event) -> Result<(), ArchiveError> {
        let mois = month(event.mois())?;
        match event {
            Event::Calcul(calcul) => self.open_for(mois, &calcul.employeurs),
            Event::Valide { employeurs, .. } => self.all_at(mois, employeurs, Etat::Prepare),
            Event::Clos { employeurs, .. } => self.all_at(mois, employeurs, Etat::Valide),
            Event::Derogation { siret, controle, motif, .. } => {
                filled("controle", controle)?;
                filled("motif", motif)?;
                self.open_for(mois, std::slice::from_ref(siret))
            }
            Event::Preuve { empreinte_resultats, vers, .. } => {
                filled("vers", vers)?;
                let known =
                    self.results.get(&mois).is_some_and(|r| r.contains(empreinte_resultats));
                let value = empreinte_resultats;
                let why = "a proof is of the results of a run of that month";
                known.then_some(()).ok_or_else(|| field("empreinte_resultats", value, why))
            }
        }
    }

    /// Takes in an event that was checked.
    pub(super) fn apply(&mut self, numero: u64, event: &Event) {
        let Ok(mois) = month(event.mois()) else { return };
        let (employeurs, etat) = match event {
            Event::Calcul(calcul) => {
                self.results.entry(mois).or_default().push(calcul.empreinte_resultats.clone());
                (&calcul.employeurs, Etat::Prepare)
            }
            Event::Valide { employeurs, .. } => (employeurs, Etat::Valide),
            Event::Clos { employeurs, .. } => (employeurs, Etat::Clos),
            Event::Derogation { .. } | Event::Preuve { .. } => return,
        };
        let month = self.months.entry(mois).or_default();
        for siret in employeurs {
            let Ok(key) = Key::try_from(siret.as_bytes()) else { continue };
            let followed = month.entry(key).or_default();
            followed.etat = etat;
            followed.since = numero;
            if etat == Etat::Prepare {
                followed.calcul = numero;
            }
        }
    }

    /// No employer of the list has closed the month.
    pub(super) fn open_for(
        &self,
        mois: PayPeriod,
        employeurs: &[String],
    ) -> Result<(), ArchiveError> {
        sirets(employeurs)?;
        self.none_other(mois, employeurs, |etat| etat != Etat::Clos, None)
    }

    /// All employers of the list are at `needed`.
    fn all_at(
        &self,
        mois: PayPeriod,
        employeurs: &[String],
        needed: Etat,
    ) -> Result<(), ArchiveError> {
        sirets(employeurs)?;
        self.none_other(mois, employeurs, |etat| etat == needed, Some(needed))
    }

    /// The first state that is not right, with all the employers that are in it.
    fn none_other(
        &self,
        mois: PayPeriod,
        employeurs: &[String],
        right: impl Fn(Etat) -> bool,
        needed: Option<Etat>,
    ) -> Result<(), ArchiveError> {
        let states = || employeurs.iter().map(|siret| (siret, self.of(mois, siret).etat));
        let Some((_, found)) = states().find(|(_, etat)| !right(*etat)) else { return Ok(()) };
        let employeurs = states().filter(|(_, etat)| *etat == found);
        let employeurs = employeurs.map(|(siret, _)| siret.clone()).collect();
        Err(ArchiveError::State { mois: mois.to_string(), employeurs, found, needed })
    }
}

fn field(field: &'static str, value: &str, why: &'static str) -> ArchiveError {
    ArchiveError::Field { field, value: value.to_owned(), why }
}

fn filled(name: &'static str, value: &str) -> Result<(), ArchiveError> {
    let empty = value.trim().is_empty();
    if empty { Err(field(name, value, "must not be empty")) } else { Ok(()) }
}

/// The month, in its one spelling.
fn month(text: &str) -> Result<PayPeriod, ArchiveError> {
    let parsed = PayPeriod::parse(text).ok().filter(|mois| mois.to_string() == text);
    parsed.ok_or_else(|| field("mois", text, "write AAAA-MM"))
}

/// A list of employers, not empty.
fn sirets(list: &[String]) -> Result<(), ArchiveError> {
    if list.is_empty() {
        return Err(field("employeurs", "", "at least one employer"));
    }
    let digits = |siret: &&String| siret.len() == 14 && siret.bytes().all(|b| b.is_ascii_digit());
    match list.iter().find(|siret| !digits(siret)) {
        Some(siret) => Err(field("siret", siret, "fourteen digits")),
        None => Ok(()),
    }
}

/// Who and when are well formed.
pub(super) fn check_signature(quand: &str, qui: &str) -> Result<(), ArchiveError> {
    filled("qui", qui)?;
    match DateTime::parse_from_rfc3339(quand) {
        Ok(_) => Ok(()),
        Err(_) => Err(field("quand", quand, "RFC 3339, as 2026-11-26T09:30:00+01:00")),
    }
}
