//! Closed months computed again; nothing is written.
//!
//! As they were paid ([`as_paid`]): facts, rules, day of knowledge, waivers and closed months are
//! those of the run, from the archive alone; only the program is the one at hand. As they are due
//! now ([`as_due`]): with the facts of a pool and the rules of today, against the ledger.

mod differences;
mod due;

use std::sync::{Mutex, PoisonError};

use crate::archive::{Archive, ArchiveError, Calcul, Entry, Etat, Stored};
use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::check::CheckedRuleBook;
use crate::io::PoolContext;
use crate::program::{Program, Target, compile};

use super::close::{Closing, Computed, PoolRows};
use super::history::{HistoryError, pool_context, raw_block};
use super::keep::{POOL_FINDINGS, header_of};
use super::piece::PieceOut;
use super::plan::{Before, Keep, Plan, Work, thread_pool};
use super::run::RunError;
use super::stages::{Stop, Written};
use super::write::Staging;

pub use differences::{Differences, RubriqueGap, TableGap};
pub use due::{DueOptions, DueRow, DueSums, DueTotals, as_due};

/// A run computed again.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The month.
    pub mois: PayPeriod,
    /// The entry of the run in the journal.
    pub entry: u64,
    /// The edition of the program that made the run.
    pub programme: String,
    /// Agents.
    pub agents: u64,
    /// Digest of the results of the run.
    pub expected: String,
    /// Digest of the results computed again.
    pub found: String,
    /// What differs, table by table.
    pub differences: Differences,
}

impl Replayed {
    /// Whether every byte of the results, and every sum of the ledger, was found again.
    pub fn same(&self) -> bool {
        self.expected == self.found && self.differences.is_empty()
    }
}

/// The runs of the months that `wanted` accepts, in order: the last one of each employer.
/// `closed`: only those of closed months.
pub fn entries(archive: &Archive, wanted: impl Fn(PayPeriod) -> bool, closed: bool) -> Vec<&Entry> {
    let mut found = Vec::new();
    for mois in archive.months().filter(|mois| wanted(*mois)) {
        let employers = archive.employers(mois);
        let employers = employers.filter(|(_, state)| !closed || state.etat == Etat::Clos);
        let mut runs: Vec<&Entry> =
            employers.filter_map(|(siret, _)| archive.calcul(mois, siret)).collect();
        runs.sort_by_key(|entry| entry.numero);
        runs.dedup_by_key(|entry| entry.numero);
        found.extend(runs);
    }
    found
}

/// Computes a run of an archive again. `book` holds the rules of the run ([`Stored::regles`]);
/// the bytes do not depend on `threads` (none: as many as there are cores). `progress` is called
/// with the agents done and all of them.
///
/// Errors: the entry is not a run; the archive cannot be read; its rules do not compile.
pub fn as_paid(
    archive: &Archive,
    entry: &Entry,
    book: &CheckedRuleBook,
    threads: Option<usize>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Replayed, RunError> {
    let stored = Stored::open(archive, entry)?;
    let program = program(stored.calcul(), book)?;
    let archive = archive.before(entry.numero);
    let context = pool_context(&stored, program.period, true)?;
    let replay = Replay { stored: &stored, program: &program, context: &context };
    let before = Before::open(&archive, &program, &context)?.with_effectifs()?;
    let differences = Mutex::new(Differences::default());
    let computed = replay.computed(book, &before, threads, &differences, progress)?;
    let calcul = stored.calcul();
    let closing = Closing {
        program: &program,
        context: &context,
        rules_digest: &calcul.empreinte_regles,
        au_dela: calcul.au_dela,
    };
    let rows = rows_of(&stored, POOL_FINDINGS, "anomalies.csv")?;
    let results = closing.results(computed, &PoolRows { rows, ..PoolRows::default() })?;
    let mut differences = differences.into_inner().unwrap_or_else(PoisonError::into_inner);
    let charges = rows_of(&stored, "charges.csv", "charges.csv")?;
    differences.add(u64::MAX, "charges.csv", &charges, &results.charges);
    Ok(Replayed {
        mois: program.period,
        entry: entry.numero,
        programme: calcul.programme.clone(),
        agents: results.counts.agents,
        expected: calcul.empreinte_resultats.clone(),
        found: results.staging.digest(),
        differences,
    })
}

/// The month of a run under its rules.
fn program(calcul: &Calcul, book: &CheckedRuleBook) -> Result<Program, RunError> {
    let mois = PayPeriod::parse(&calcul.mois).unwrap_or_else(|_| PayPeriod::of(Day::EARLIEST));
    let known_on = Day::parse(&calcul.connu_le).map_or(KnownOn::Everything, KnownOn::Day);
    let target = Target { period: mois, known_on, au_dela: calcul.au_dela };
    compile(book, target).map_err(|error| RunError::Compile(Box::new(error)))
}

/// The rows of a table that is kept whole, without its header.
fn rows_of(stored: &Stored, nom: &str, like: &str) -> Result<Vec<u8>, ArchiveError> {
    let mut bytes = stored.whole(nom)?;
    let header = header_of(like).len().min(bytes.len());
    Ok(bytes.split_off(header))
}

/// A run being computed again.
struct Replay<'a> {
    stored: &'a Stored,
    program: &'a Program,
    context: &'a PoolContext,
}

impl Replay<'_> {
    fn computed(
        &self,
        book: &CheckedRuleBook,
        before: &Before,
        threads: Option<usize>,
        differences: &Mutex<Differences>,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Computed, RunError> {
        let (stored, context) = (self.stored, self.context);
        let threads = &thread_pool(threads)?;
        let agents = (0..stored.blocks()).map(|block| stored.agents(block).len()).sum::<usize>();
        let agents = u64::try_from(agents).unwrap_or(0);
        let look = |block: u64, piece: &PieceOut| self.look(block, piece, differences);
        let au_dela = stored.calcul().au_dela;
        let plan = Plan {
            book,
            texts: &stored.calcul().empreinte_regles,
            program: self.program,
            au_dela,
            context,
            employeurs: context.employeurs(),
            entire: true,
        };
        plan.with(Some(before), |month, chained| {
            let work = Work { month, chained, context, keep: Keep::Look(&look), threads, agents };
            loop {
                let blocks = (0..stored.blocks()).map(|block| {
                    let read = |table| stored.read(table, block);
                    raw_block(stored, context, block, read).map_err(Stop::from)
                });
                let written = Written::new(Staging::nowhere()?, None);
                if let Some(done) = work.run(blocks, written, progress)? {
                    return Computed::new(month, chained, done);
                }
            }
        })
    }

    /// Compares a block with that of the archive.
    fn look(
        &self,
        block: u64,
        piece: &PieceOut,
        differences: &Mutex<Differences>,
    ) -> Result<(), HistoryError> {
        let place = usize::try_from(block).unwrap_or(usize::MAX);
        for (nom, rows) in piece.results() {
            let archived = match self.stored.table(nom) {
                Some(table) => self.stored.read(table, place)?,
                None => Vec::new(),
            };
            if archived != rows {
                let mut differences = differences.lock().unwrap_or_else(PoisonError::into_inner);
                differences.add(block, nom, &archived, rows);
            }
        }
        Ok(())
    }
}
