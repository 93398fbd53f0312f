//! Three stages side by side: read blocks, compute them, write them in order.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rayon::prelude::*;

use crate::check::CheckedRuleBook;
use crate::diag::Diagnostic;
use crate::domain::{Derogation, PoolFile, Siret};
use crate::dossier::{EmployeurMonth, Preparer};
use crate::io::{BlockError, PoolFinding, PoolReader, RawBlock};
use crate::limits::BLOCK_AGENTS;
use crate::program::Program;

use super::block::{BlockOut, Month};
use super::manifest::{Counts, FORMAT, Manifest};
use super::text::anomaly_row;
use super::totals::{EmployeurTotals, charges};
use super::write::{Staging, WriteError};

/// What to run and where.
pub struct RunOptions {
    /// The pool folder.
    pub pool: PathBuf,
    /// The result folder of the month.
    pub target: PathBuf,
    /// Whether an existing result may be replaced.
    pub replace: bool,
    /// Threads; none: as many as there are cores.
    pub threads: Option<usize>,
    /// Whether the month is beyond the verified horizon.
    pub au_dela: bool,
    /// Digest of the rules, for the manifest.
    pub rules_digest: String,
    /// Decisions to pay although a control blocks; none without an archive.
    pub derogations: Vec<Derogation>,
    /// Payslips of the month before, by employer; empty without an archive.
    pub effectifs: BTreeMap<Siret, u64>,
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
    /// The result cannot be written.
    Write(WriteError),
    /// The threads cannot be started.
    Threads(String),
}

impl From<WriteError> for RunError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
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
    progress: &(dyn Fn(u64, u64) + Sync),
    elapsed: &dyn Fn() -> u64,
) -> Result<RunOutcome, RunError> {
    let mut reader = PoolReader::open(&options.pool).map_err(RunError::Pool)?;
    let preparer = Preparer::new(book, program).map_err(RunError::Rules)?;
    let context = reader.context();
    let employeurs: HashMap<Siret, EmployeurMonth<'_>> = (context.employeurs().par_iter())
        .map(|(siret, employeur)| (*siret, preparer.employeur(employeur)))
        .collect();
    let month = Month::new(program, &preparer, &employeurs, options.au_dela)
        .with_derogations(&options.derogations)
        .with_effectifs(options.effectifs.clone());
    let mut builder = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = options.threads {
        builder = builder.num_threads(threads);
    }
    let pool = builder.build().map_err(|error| RunError::Threads(error.to_string()))?;
    let folder = options.pool.clone();
    // The digest reads the files once more, beside the computation: they are in memory by then.
    let digest = thread::spawn(move || pool_digest(&folder));
    let done = loop {
        let staging = Staging::start(&options.target, options.replace)?;
        // None: a file was not in the order of agents.csv, and is now held in memory.
        if let Some(done) = stages(&mut reader, &month, &pool, staging, progress)? {
            break done;
        }
    };
    let digest = digest.join().unwrap_or_default();
    finish(done, &reader, &month, options, digest, elapsed)
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

/// The three stages; `None` when the reading must start again.
fn stages(
    reader: &mut PoolReader,
    month: &Month<'_>,
    pool: &rayon::ThreadPool,
    staging: Staging,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Option<Written>, RunError> {
    let context = reader.context();
    let agents = u64::from(reader.agents());
    let wave = pool.current_num_threads() * 2;
    let blocks = reader.blocks(BLOCK_AGENTS).map_err(|finding| RunError::Pool(vec![*finding]))?;
    let (raw_in, raw_out): (SyncSender<RawBlock>, Receiver<RawBlock>) = sync_channel(wave);
    let (done_in, done_out) = sync_channel::<Vec<BlockOut>>(2);
    thread::scope(|scope| {
        let reading = scope.spawn(move || -> Result<(), BlockError> {
            for block in blocks {
                // The other side hangs up when writing failed: its error is the one to report.
                if raw_in.send(block?).is_err() {
                    return Ok(());
                }
            }
            Ok(())
        });
        let writing = scope.spawn(move || write_all(staging, &done_out, agents, progress));
        loop {
            let raw: Vec<RawBlock> = raw_out.iter().take(wave).collect();
            if raw.is_empty() {
                break;
            }
            let parse = |block: &RawBlock| month.block(block.parse(&context));
            let done: Vec<BlockOut> = pool.install(|| raw.par_iter().map(parse).collect());
            if done_in.send(done).is_err() {
                break;
            }
        }
        drop(raw_out);
        drop(done_in);
        let read = reading.join().unwrap_or(Ok(()));
        let written = writing.join();
        match read {
            Err(BlockError::OutOfOrder { .. }) => return Ok(None),
            Err(BlockError::Unreadable(finding)) => return Err(RunError::Pool(vec![*finding])),
            Ok(()) => {}
        }
        match written {
            Ok(result) => Ok(Some(result?)),
            Err(_) => Err(RunError::Threads("the writing thread stopped".to_owned())),
        }
    })
}

struct Written {
    staging: Staging,
    totals: BTreeMap<Siret, EmployeurTotals>,
    counts: Counts,
    samples: Vec<PoolFinding>,
}

fn write_all(
    staging: Staging,
    done: &Receiver<Vec<BlockOut>>,
    agents: u64,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Written, WriteError> {
    let mut written = Written {
        staging,
        totals: BTreeMap::new(),
        counts: Counts::default(),
        samples: Vec::new(),
    };
    for wave in done {
        for block in wave {
            written.take(block)?;
        }
        progress(written.counts.agents, agents);
    }
    Ok(written)
}

impl Written {
    fn take(&mut self, block: BlockOut) -> Result<(), WriteError> {
        const SAMPLES: usize = 20;
        self.staging.append("bulletins.csv", &block.bulletins)?;
        self.staging.append("lignes.csv", &block.lignes)?;
        self.staging.append("anomalies.csv", &block.anomalies)?;
        self.staging.append("cumuls.csv", &block.cumuls)?;
        self.counts.agents += block.agents;
        self.counts.lignes += block.lines;
        self.counts.bloquants += block.findings.0;
        self.counts.alertes += block.findings.1;
        for (siret, totals) in block.totals {
            self.totals.entry(siret).or_default().merge(totals);
        }
        let room = SAMPLES.saturating_sub(self.samples.len());
        self.samples.extend(block.samples.into_iter().take(room));
        Ok(())
    }
}

fn finish(
    mut written: Written,
    reader: &PoolReader,
    month: &Month<'_>,
    options: &RunOptions,
    pool_digest: String,
    elapsed: &dyn Fn() -> u64,
) -> Result<RunOutcome, RunError> {
    let mut rows = Vec::new();
    for finding in reader.findings() {
        anomaly_row(&mut rows, finding);
        if finding.is_error() {
            written.counts.bloquants += 1;
            written.samples.push(finding.clone());
        } else {
            written.counts.alertes += 1;
        }
    }
    // An employer that nobody is paid by any more has no totals, and is counted all the same.
    for siret in month.effectifs.keys().filter(|siret| month.employeurs.contains_key(siret)) {
        written.totals.entry(*siret).or_default();
    }
    for (siret, totals) in &written.totals {
        for finding in month.employer_controls(*siret, totals) {
            anomaly_row(&mut rows, &finding);
            written.counts.alertes += 1;
        }
    }
    written.staging.append("anomalies.csv", &rows)?;
    let context = reader.context();
    let mut employeurs = Vec::new();
    let mut bytes = Vec::new();
    for (siret, totals) in written.totals {
        charges(&mut bytes, siret.as_str(), month.program, &totals);
        written.counts.payables += totals.payables;
        written.counts.bloques += totals.bloques;
        let nom = context.employeur(siret).map_or_else(String::new, |e| e.nom.clone());
        employeurs.push((siret, nom, totals));
    }
    written.staging.append("charges.csv", &bytes)?;
    written.counts.employeurs = u64::try_from(context.employeurs().len()).unwrap_or(0);
    let manifest = Manifest {
        format: FORMAT,
        mois: month.program.period.to_string(),
        connu_le: month.program.known_on.to_string(),
        programme: env!("CARGO_PKG_VERSION").to_owned(),
        au_dela: options.au_dela,
        empreinte_regles: options.rules_digest.clone(),
        empreinte_programme: month.program.digest(),
        empreinte_pool: pool_digest,
        empreinte_resultats: written.staging.digest(),
        comptes: written.counts,
        duree_ms: elapsed(),
    };
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
    written.staging.finish(&format!("{text}\n"))?;
    Ok(RunOutcome { counts: written.counts, employeurs, samples: written.samples, manifest })
}
