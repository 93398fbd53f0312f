//! What a month needs before its first block: closed months, their programs, waivers.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use crate::archive::{Archive, Etat, Event};
use crate::calendar::PayPeriod;
use crate::check::CheckedRuleBook;
use crate::domain::{Derogation, Employeur, Siret};
use crate::dossier::{EmployeurMonth, Preparer};
use crate::io::{PoolContext, RawBlock};
use crate::limits::{ARCHIVE_BLOCK_AGENTS, BLOCK_AGENTS};
use crate::program::Program;
use crate::rappel::{Closed, Payment};

use super::block::Month;
use super::chain::Chain;
use super::history::{History, HistoryError};
use super::keep::Shelf;
use super::piece::{Chained, PieceOut};
use super::ready::Programs;
use super::run::RunError;
use super::stages::{Done, Size, Stop, Worker, Written, stages};

/// What an archive says before a month is computed.
pub struct Before {
    /// The closed months.
    pub history: History,
    /// Employers whose month is closed: they are not paid again.
    pub closed: HashSet<Siret>,
    derogations: Vec<Derogation>,
    effectifs: BTreeMap<Siret, u64>,
}

impl Before {
    /// Reads what stands before the month of `program` for the employers of a pool. Head counts
    /// are left out.
    ///
    /// Errors: the archive cannot be read; a month before is not closed.
    pub fn open(
        archive: &Archive,
        program: &Program,
        context: &PoolContext,
    ) -> Result<Self, HistoryError> {
        Self::of(archive, program.period, |siret| context.employeur(siret).is_some())
    }

    /// The same for the employers that `known` says, in a month.
    ///
    /// Errors: as [`Self::open`].
    pub fn of(
        archive: &Archive,
        period: PayPeriod,
        known: impl Fn(Siret) -> bool,
    ) -> Result<Self, HistoryError> {
        let before = Self::unchecked(archive, period);
        before.history.check(known)?;
        Ok(before)
    }

    /// The same for every employer: those whose month before is not closed are refused when one of
    /// their agents is asked for ([`Self::check`]).
    pub fn unchecked(archive: &Archive, period: PayPeriod) -> Self {
        let closed = archive.employers(period).filter(|(_, state)| state.etat == Etat::Clos);
        let closed = closed.filter_map(|(siret, _)| Siret::parse(siret)).collect();
        let history = History::open(archive.clone(), period);
        let waivers = archive.derogations(period);
        let derogations = waivers.filter_map(|entry| match &entry.evenement {
            Event::Derogation { siret, agent, contrat, controle, motif, .. } => Some(Derogation {
                siret: Siret::parse(siret)?,
                agent: agent.as_str().into(),
                contrat: contrat.as_str().into(),
                controle: controle.as_str().into(),
                par: entry.qui.clone(),
                motif: motif.clone(),
            }),
            _ => None,
        });
        let derogations = derogations.collect();
        Self { history, closed, derogations, effectifs: BTreeMap::new() }
    }

    /// Whether employers may be paid: see [`Self::unchecked`].
    ///
    /// Errors: a month before is computed and not closed, for one of the employers of `known`.
    pub fn check(&self, known: impl Fn(Siret) -> bool) -> Result<(), HistoryError> {
        self.history.check(known)
    }

    /// The same, with what the controls of employers compare: the payslips of the month before.
    pub fn with_effectifs(mut self) -> Result<Self, HistoryError> {
        self.effectifs = self.history.effectifs()?;
        Ok(self)
    }

    /// Closed months alone, for who only asks what they are due.
    pub fn closed_months(history: History) -> Self {
        let (closed, effectifs) = (HashSet::new(), BTreeMap::new());
        Self { history, closed, derogations: Vec::new(), effectifs }
    }
}

/// A month to compute.
pub struct Plan<'a> {
    /// The rules.
    pub book: &'a CheckedRuleBook,
    /// Digest of their texts.
    pub texts: &'a str,
    /// The compiled month.
    pub program: &'a Program,
    /// Whether the month is beyond the verified horizon.
    pub au_dela: bool,
    /// The pool.
    pub context: &'a PoolContext,
    /// Its employers that count.
    pub employeurs: &'a BTreeMap<Siret, Employeur>,
    /// Whether all agents are computed: closed months are then compiled at once, in parallel.
    pub entire: bool,
}

impl Plan<'_> {
    /// Prepares the month and the closed months, and hands them over.
    pub fn with<T>(
        &self,
        before: Option<&Before>,
        each: impl FnOnce(&Month<'_>, Option<&Chained<'_>>) -> Result<T, RunError>,
    ) -> Result<T, RunError> {
        let (book, program) = (self.book, self.program);
        let preparer = Preparer::new(book, program).map_err(RunError::Rules)?;
        let employeurs: HashMap<Siret, EmployeurMonth<'_>> = (self.employeurs.par_iter())
            .map(|(siret, employeur)| (*siret, preparer.employeur(employeur)))
            .collect();
        let month = Month::new(program, &preparer, &employeurs, self.au_dela);
        let Some(before) = before else { return each(&month, None) };
        let month =
            month.with_derogations(&before.derogations).with_effectifs(before.effectifs.clone());
        let programs = Programs::new(&before.history);
        let ready = programs.ready(book, program.known_on, self.employeurs);
        if self.entire {
            ready.par_iter().try_for_each(|month| month.rules().map(|_| ()))?;
        }
        let (rules, code) = ((book, self.texts), program.digest());
        let now = (program, code.as_str());
        let chain = Chain::new(&before.history, ready, now, rules, self.employeurs)?;
        let now = Closed { program, code: &code, preparer: &preparer, employeurs: &employeurs };
        let (closed, pool) = (&before.closed, self.context);
        let payment = Payment::new(now);
        each(&month, Some(&Chained { chain: &chain, payment, closed, pool }))
    }
}

/// The agents of a block.
pub fn block_size(archived: bool) -> usize {
    if archived { ARCHIVE_BLOCK_AGENTS } else { BLOCK_AGENTS }
}

/// What becomes of a computed block, beside its rows in the result files.
#[derive(Clone, Copy)]
pub enum Keep<'a> {
    /// Nothing.
    Nothing,
    /// The archive keeps its tables.
    Tables(&'a Shelf),
    /// It is looked at, with its place among the blocks.
    Look(&'a (dyn Fn(u64, &PieceOut) -> Result<(), HistoryError> + Sync)),
}

/// A month being computed, block by block.
pub struct Work<'a, 'c> {
    /// The month.
    pub month: &'a Month<'a>,
    /// The closed months.
    pub chained: Option<&'a Chained<'c>>,
    /// The pool.
    pub context: &'a PoolContext,
    /// What becomes of a block, beside its rows in the result files.
    pub keep: Keep<'a>,
    /// The threads.
    pub threads: &'a rayon::ThreadPool,
    /// How many agents, for the progress.
    pub agents: u64,
}

impl Work<'_, '_> {
    /// Computes every block; `None` when the reading must start again.
    pub fn run(
        &self,
        blocks: impl Iterator<Item = Result<RawBlock, Stop>> + Send,
        written: Written,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Option<Written>, RunError> {
        // As many agents at once, whatever the size of the blocks.
        let more = if self.chained.is_some() { 8 } else { 1 };
        let wave = self.threads.current_num_threads() * 2 * more;
        let size = Size { wave, agents: self.agents };
        let worker = || self.worker();
        stages(blocks, &worker, self.threads, written, size, progress)
    }

    fn worker(&self) -> Worker<'_> {
        let Some(chained) = self.chained else {
            return Box::new(|raw| {
                Ok(Done { out: self.month.block(raw.parse(self.context)), stored: None })
            });
        };
        let mut work = super::chain::Work::new(chained);
        Box::new(move |raw| {
            let piece = self.month.piece(chained, raw, &mut work)?;
            self.done(raw, piece)
        })
    }

    fn done(&self, raw: &RawBlock, piece: PieceOut) -> Result<Done, HistoryError> {
        let stored = match self.keep {
            Keep::Nothing => None,
            Keep::Tables(shelf) => Some(shelf.stored(&piece)?),
            Keep::Look(look) => {
                look(raw.number(), &piece)?;
                None
            }
        };
        Ok(Done { out: piece.out, stored })
    }
}

/// Threads that compute; none asked for: as many as there are cores.
pub fn thread_pool(threads: Option<usize>) -> Result<rayon::ThreadPool, RunError> {
    let mut builder = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = threads {
        builder = builder.num_threads(threads);
    }
    builder.build().map_err(|error| RunError::Threads(error.to_string()))
}
