//! An agent as a run of the archive computed it: its facts, its rules, what stood before.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::archive::{Archive, ArchiveError, Calcul, Entry, Etat, Stored, unpack};
use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::domain::{Siret, Word};
use crate::io::{ParsedAgent, PoolContext, RawBlock};

use super::chain::contracts;
use super::history::{HistoryError, pool_context, raw_block};
use super::plan::Before;
use super::registre::{self, Genre};

/// An agent of a run.
pub struct StoredAgent {
    /// The month.
    pub mois: PayPeriod,
    /// What was known.
    pub known_on: KnownOn,
    /// Whether the month was beyond the verified horizon.
    pub au_dela: bool,
    /// The pool of the run: its headers and employers.
    pub context: Arc<PoolContext>,
    /// A block that holds the agent, and its place there.
    pub raw: (RawBlock, usize),
    /// What its rows say.
    pub parsed: ParsedAgent,
    /// The texts of the rules, by path.
    pub regles: BTreeMap<String, Vec<u8>>,
    numero: u64,
}

impl StoredAgent {
    /// The agent in the run of an entry; none when the run does not have it.
    ///
    /// Errors: the archive cannot be read.
    pub fn open(
        archive: &Archive,
        entry: &Entry,
        agent: &str,
    ) -> Result<Option<Self>, HistoryError> {
        let stored = Stored::open(archive, entry)?;
        let calcul = stored.calcul();
        let mois = month(calcul);
        let Some(found) = rows(&stored, mois, agent, true)? else { return Ok(None) };
        let (context, raw, parsed) = found;
        let Some(regles) = unpack(&stored.regles()?) else {
            let (table, what) = ("regles".to_owned(), "not a package of texts".to_owned());
            return Err(HistoryError::Table { mois, table, what });
        };
        let known_on = Day::parse(&calcul.connu_le).map_or(KnownOn::Everything, KnownOn::Day);
        Ok(Some(Self {
            mois,
            known_on,
            au_dela: calcul.au_dela,
            context,
            raw,
            parsed,
            regles,
            numero: entry.numero,
        }))
    }

    /// What stood before the run.
    ///
    /// Errors: the archive cannot be read.
    pub fn before(&self, archive: &Archive) -> Result<Before, HistoryError> {
        let mine: HashSet<Siret> =
            contracts(&self.parsed.facts).into_iter().map(|(siret, _)| siret).collect();
        let known = |siret: Siret| mine.contains(&siret);
        Before::of(&archive.before(self.numero), self.mois, known)
    }
}

fn month(calcul: &Calcul) -> PayPeriod {
    PayPeriod::parse(&calcul.mois).unwrap_or_else(|_| PayPeriod::of(Day::EARLIEST))
}

type Rows = (Arc<PoolContext>, (RawBlock, usize), ParsedAgent);

/// The rows of an agent in a run; `whole`: with what it shares with other agents.
fn rows(
    stored: &Stored,
    mois: PayPeriod,
    agent: &str,
    whole: bool,
) -> Result<Option<Rows>, HistoryError> {
    let Some(block) = stored.block_of(agent) else { return Ok(None) };
    let context = pool_context(stored, mois, whole)?;
    let raw = raw_block(stored, &context, block, |table| stored.read(table, block))?;
    let Some(at) = raw.find(&context, agent) else { return Ok(None) };
    let parsed = raw.parse_one(&context, at);
    Ok(Some((context, (raw, at), parsed)))
}

/// The run of a month to read in the place of a pool: when every employer of the agent that the
/// archive has in that month has closed it. `siret`: one employer only.
///
/// Errors: the archive cannot be read.
pub fn closed_run<'a>(
    archive: &'a Archive,
    mois: PayPeriod,
    agent: &str,
    siret: Option<&str>,
) -> Result<Option<&'a Entry>, HistoryError> {
    let mut runs: BTreeMap<u64, Vec<(Siret, Etat)>> = BTreeMap::new();
    for (found, state) in archive.employers(mois) {
        let (Some(entry), Some(key)) = (archive.calcul(mois, found), Siret::parse(found)) else {
            continue;
        };
        if siret.is_none_or(|siret| siret == found) {
            runs.entry(entry.numero).or_default().push((key, state.etat));
        }
    }
    let mut last = None;
    for (numero, employeurs) in runs {
        let Some(entry) = archive.entry(numero) else { continue };
        let stored = Stored::open(archive, entry)?;
        let Some((_, _, parsed)) = rows(&stored, mois, agent, false)? else { continue };
        let mine = contracts(&parsed.facts);
        let here = |siret: Siret| mine.iter().any(|(other, _)| *other == siret);
        let mut states = employeurs.iter().filter(|(siret, _)| here(*siret)).peekable();
        if states.peek().is_none() {
            continue;
        }
        if states.any(|(_, etat)| *etat != Etat::Clos) {
            return Ok(None);
        }
        last = Some(entry);
    }
    Ok(last)
}

/// The closed run of a month before `until` that last computed a month of a contract; none when
/// none did, and when it found that the month is due nothing.
///
/// Errors: the archive cannot be read.
pub fn last_run_of<'a>(
    archive: &'a Archive,
    (agent, siret, contrat): (&str, Siret, &Word),
    origine: PayPeriod,
    until: PayPeriod,
) -> Result<Option<&'a Entry>, HistoryError> {
    let months: Vec<PayPeriod> =
        archive.months().filter(|mois| origine <= *mois && *mois < until).collect();
    for mois in months.into_iter().rev() {
        let closed = archive.state(mois, siret.as_str()).etat == Etat::Clos;
        let Some(entry) = archive.calcul(mois, siret.as_str()).filter(|_| closed) else {
            continue;
        };
        let stored = Stored::open(archive, entry)?;
        let rows = registre_of(&stored, agent)?;
        let (mut found, mut due) = (false, false);
        let right = registre::read(&rows, agent, true, |row| {
            let mine = row.siret == Some(siret) && *row.contrat == **contrat;
            if mine && row.mois == Some(origine) {
                found |= matches!(row.genre, Genre::Entrees | Genre::Du);
                due |= row.genre == Genre::Entrees;
            }
        });
        if !right {
            let (table, what) = ("registre.csv".to_owned(), "a row is not one".to_owned());
            return Err(HistoryError::Table { mois, table, what });
        }
        if found {
            return Ok(due.then_some(entry));
        }
    }
    Ok(None)
}

/// The ledger rows of the block of an agent in a run.
fn registre_of(stored: &Stored, agent: &str) -> Result<Vec<u8>, ArchiveError> {
    let place = stored.block_of(agent).zip(stored.table("registre.csv"));
    let Some((block, table)) = place else { return Ok(Vec::new()) };
    stored.read(table, block)
}
