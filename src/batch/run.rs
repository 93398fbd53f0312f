//! The month of a pool, from its files to its results, after the closed months of an archive.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread;

use crate::archive::{ArchiveError, Signature, Writer};
use crate::check::CheckedRuleBook;
use crate::diag::Diagnostic;
use crate::domain::{PoolFile, Siret};
use crate::io::{PoolContext, PoolFinding, PoolReader};
use crate::program::{CompileError, Program};

use super::close::{Closing, Computed, PoolRows, Results};
use super::history::HistoryError;
use super::keep::{Sealed, Shelf};
use super::manifest::{Counts, Manifest};
use super::plan::{Before, Keep, Plan, Work, block_size, thread_pool};
use super::stages::{Stop, Written};
use super::totals::EmployeurTotals;
use super::write::{Staging, WriteError};

/// What to run and where.
pub struct RunOptions {
    /// The pool folder.
    pub pool: PathBuf,
    /// The result folder of the month; none: only the archive keeps the results.
    pub target: Option<PathBuf>,
    /// Whether an existing result may be replaced.
    pub replace: bool,
    /// Threads; none: as many as there are cores.
    pub threads: Option<usize>,
    /// Whether the month is beyond the verified horizon.
    pub au_dela: bool,
    /// Digest of the rules, for the manifest.
    pub rules_digest: String,
}

/// The archive that keeps a run, and whose closed months it follows.
pub struct Archiving {
    /// The archive, locked.
    pub writer: Writer,
    /// Who runs, and when.
    pub signature: Signature,
    /// The texts of the rules, by path.
    pub rules: BTreeMap<String, Vec<u8>>,
}

/// What a run gave.
pub struct RunOutcome {
    /// Counts.
    pub counts: Counts,
    /// Totals by employer, in the order of SIRET, with its name.
    pub employeurs: Vec<(Siret, String, EmployeurTotals)>,
    /// The first findings that block.
    pub samples: Vec<PoolFinding>,
    /// What was written.
    pub manifest: Manifest,
}

/// Why a run could not be done.
#[derive(Debug)]
pub enum RunError {
    /// The pool cannot be read.
    Pool(Vec<PoolFinding>),
    /// The rules declare an input that the program does not provide.
    Rules(Vec<Diagnostic>),
    /// The month cannot be compiled.
    Compile(Box<CompileError>),
    /// The result cannot be written.
    Write(WriteError),
    /// The archive cannot be read or written, or a month before is not closed.
    History(HistoryError),
    /// Every employer of the pool has closed the month.
    AllClosed,
    /// The threads cannot be started.
    Threads(String),
}

impl From<WriteError> for RunError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

impl From<ArchiveError> for RunError {
    fn from(error: ArchiveError) -> Self {
        Self::History(HistoryError::Archive(error))
    }
}

impl From<HistoryError> for RunError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Rules(findings) => Self::Rules(findings),
            error => Self::History(error),
        }
    }
}

/// Runs the month: every contract of every agent, results in `options.target`.
///
/// `progress` is called with the number of agents done; `elapsed` gives milliseconds since the
/// start, and is asked once at the end.
pub fn run(
    book: &CheckedRuleBook,
    program: &Program,
    options: &RunOptions,
    mut archiving: Option<Archiving>,
    progress: &(dyn Fn(u64, u64) + Sync),
    elapsed: &dyn Fn() -> u64,
) -> Result<RunOutcome, RunError> {
    let mut reader = PoolReader::open(&options.pool).map_err(RunError::Pool)?;
    let context = reader.context();
    let threads = thread_pool(options.threads)?;
    let folder = options.pool.clone();
    // The digest reads the files once more, beside the computation: they are in memory by then.
    let digest = thread::spawn(move || pool_digest(&folder));
    let before = match &archiving {
        Some(one) => Some(one.before(program, &context)?),
        None => None,
    };
    let plan = Plan {
        book,
        texts: &options.rules_digest,
        program,
        au_dela: options.au_dela,
        context: &context,
        employeurs: context.employeurs(),
        entire: true,
    };
    let computed = plan.with(before.as_ref(), |month, chained| {
        let shelf = archiving.as_ref().map(|_| Shelf::new(&context));
        let agents = u64::from(reader.agents());
        let (context, shelf, threads) = (&context, shelf.as_ref(), &threads);
        let keep = shelf.map_or(Keep::Nothing, Keep::Tables);
        let work = Work { month, chained, context, keep, threads, agents };
        loop {
            let staging = options.staging()?;
            let deposit = match (&archiving, shelf) {
                (Some(one), Some(shelf)) => Some(shelf.deposit(&one.writer)?),
                _ => None,
            };
            let blocks = reader.blocks(block_size(chained.is_some()));
            let blocks = blocks.map_err(|finding| RunError::Pool(vec![*finding]))?;
            let blocks = blocks.map(|block| block.map_err(Stop::from));
            // None: a file was not in the order of agents.csv, and is now held in memory.
            if let Some(done) = work.run(blocks, Written::new(staging, deposit), progress)? {
                return Computed::new(month, chained, done);
            }
        }
    })?;
    let pool = PoolRows::new(reader.findings());
    let (au_dela, rules_digest) = (options.au_dela, &*options.rules_digest);
    let closing = Closing { program, context: &context, rules_digest, au_dela };
    let mut results = closing.results(computed, &pool)?;
    let manifest = closing.manifest(&results, digest.join().unwrap_or_default(), elapsed());
    if let (Some(one), Some(before)) = (&mut archiving, &before) {
        one.seal(&mut results, before, &context, &manifest, (&pool, &reader))?;
    }
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    results.staging.finish(&format!("{text}\n"))?;
    let Results { counts, employeurs, samples, .. } = results;
    Ok(RunOutcome { counts, employeurs, samples, manifest })
}

impl RunOptions {
    fn staging(&self) -> Result<Staging, WriteError> {
        match &self.target {
            Some(target) => Staging::start(target, self.replace),
            None => Staging::nowhere(),
        }
    }
}

impl Archiving {
    /// What the archive says before the month.
    fn before(&self, program: &Program, context: &PoolContext) -> Result<Before, RunError> {
        let before = Before::open(self.writer.archive(), program, context)?.with_effectifs()?;
        let closed = &before.closed;
        if !closed.is_empty() && context.employeurs().keys().all(|siret| closed.contains(siret)) {
            return Err(RunError::AllClosed);
        }
        Ok(before)
    }

    /// Puts the run in the archive.
    fn seal(
        &mut self,
        results: &mut Results,
        before: &Before,
        context: &PoolContext,
        manifest: &Manifest,
        (pool, reader): (&PoolRows, &PoolReader),
    ) -> Result<(), RunError> {
        let Some(deposit) = results.deposit.take() else { return Ok(()) };
        let open = context.employeurs().keys().filter(|siret| !before.closed.contains(siret));
        let sealed = Sealed {
            manifest,
            employeurs: open.map(ToString::to_string).collect(),
            files: reader.employer_files(),
            charges: &results.charges,
            findings: &pool.rows,
            programmes: &results.programmes,
            rules: &self.rules,
        };
        sealed.commit(&mut self.writer, deposit, &self.signature).map_err(HistoryError::Archive)?;
        Ok(())
    }
}

/// BLAKE3 digest of the files of a pool, in the order of their names.
fn pool_digest(folder: &std::path::Path) -> String {
    let mut whole = blake3::Hasher::new();
    for file in PoolFile::ALL {
        let mut content = blake3::Hasher::new();
        // A file that is not there counts as empty; one that cannot be read was refused before.
        if let Ok(handle) = std::fs::File::open(folder.join(file.name())) {
            let _ = content.update_reader(handle);
        }
        whole.update(file.name().as_bytes());
        whole.update(content.finalize().as_bytes());
    }
    whole.finalize().to_hex().to_string()
}
