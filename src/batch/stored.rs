//! An agent as a run of the archive computed it: its facts, its rules, what stood before.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use crate::archive::{Archive, ArchiveError, Calcul, Entry, Etat, Stored, unpack};
use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::domain::{Siret, Word};
use crate::io::{ParsedAgent, PoolContext, RawBlock};
use crate::limits::STORED_BLOCKS_AT_HAND;

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
        let run = StoredRun::open(archive, entry)?;
        let Some((raw, at)) = run.block_of(agent)? else { return Ok(None) };
        let parsed = raw.parse_one(&run.context, at);
        let (raw, regles) = ((RawBlock::clone(&raw), at), run.regles()?);
        let StoredRun { mois, known_on, au_dela, context, numero, .. } = run;
        Ok(Some(Self { mois, known_on, au_dela, context, raw, parsed, regles, numero }))
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

/// A run of the archive, whose agents are looked at again: what was handed in, block by block.
pub struct StoredRun {
    /// The month.
    pub mois: PayPeriod,
    /// What was known.
    pub known_on: KnownOn,
    /// Whether the month was beyond the verified horizon.
    pub au_dela: bool,
    /// The pool of the run: its headers and employers.
    pub context: Arc<PoolContext>,
    numero: u64,
    stored: Stored,
    /// The blocks read last.
    blocks: Mutex<VecDeque<(usize, Arc<RawBlock>)>>,
}

impl StoredRun {
    /// The run of an entry.
    ///
    /// Errors: the archive cannot be read.
    pub fn open(archive: &Archive, entry: &Entry) -> Result<Self, HistoryError> {
        let stored = Stored::open(archive, entry)?;
        let calcul = stored.calcul();
        let (mois, au_dela) = (month(calcul), calcul.au_dela);
        let known_on = Day::parse(&calcul.connu_le).map_or(KnownOn::Everything, KnownOn::Day);
        let context = pool_context(&stored, mois, true)?;
        let (numero, blocks) = (entry.numero, Mutex::default());
        Ok(Self { mois, known_on, au_dela, context, numero, stored, blocks })
    }

    /// The texts of its rules, by path.
    ///
    /// Errors: the archive cannot be read.
    pub fn regles(&self) -> Result<BTreeMap<String, Vec<u8>>, HistoryError> {
        unpack(&self.stored.regles()?).ok_or_else(|| {
            let (table, what) = ("regles".to_owned(), "not a package of texts".to_owned());
            HistoryError::Table { mois: self.mois, table, what }
        })
    }

    /// The digest of the texts of its rules.
    pub fn empreinte_regles(&self) -> &str {
        &self.stored.calcul().empreinte_regles
    }

    /// What stood before the run, for every employer.
    pub fn before(&self, archive: &Archive) -> Before {
        Before::unchecked(&archive.before(self.numero), self.mois)
    }

    /// How many blocks of agents.
    pub fn blocks(&self) -> usize {
        self.stored.blocks()
    }

    /// A block, as it was handed in.
    ///
    /// Errors: the archive cannot be read.
    pub fn block(&self, number: usize) -> Result<Arc<RawBlock>, HistoryError> {
        let known = |blocks: &VecDeque<(usize, Arc<RawBlock>)>| {
            let found = blocks.iter().find(|(known, _)| *known == number);
            found.map(|(_, block)| Arc::clone(block))
        };
        let at_hand = || self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(block) = known(&at_hand()) {
            return Ok(block);
        }
        let read = |table| self.stored.read(table, number);
        let block = Arc::new(raw_block(&self.stored, &self.context, number, read)?);
        let mut blocks = at_hand();
        if blocks.len() >= STORED_BLOCKS_AT_HAND {
            blocks.pop_front();
        }
        blocks.push_back((number, Arc::clone(&block)));
        Ok(block)
    }

    /// The block that holds an agent, and its place there; none when the run does not have it.
    ///
    /// Errors: the archive cannot be read.
    pub fn block_of(&self, agent: &str) -> Result<Option<(Arc<RawBlock>, usize)>, HistoryError> {
        let Some(number) = self.stored.block_of(agent) else { return Ok(None) };
        let block = self.block(number)?;
        let at = block.find(&self.context, agent);
        Ok(at.map(|at| (block, at)))
    }
}

fn month(calcul: &Calcul) -> PayPeriod {
    PayPeriod::parse(&calcul.mois).unwrap_or_else(|_| PayPeriod::of(Day::EARLIEST))
}

/// What the rows of an agent in a run say, without what it shares with other agents.
fn rows(
    stored: &Stored,
    mois: PayPeriod,
    agent: &str,
) -> Result<Option<ParsedAgent>, HistoryError> {
    let Some(block) = stored.block_of(agent) else { return Ok(None) };
    let context = pool_context(stored, mois, false)?;
    let raw = raw_block(stored, &context, block, |table| stored.read(table, block))?;
    Ok(raw.find(&context, agent).map(|at| raw.parse_one(&context, at)))
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
        let Some(parsed) = rows(&stored, mois, agent)? else { continue };
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
