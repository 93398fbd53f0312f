//! Three stages side by side: read blocks, compute them, write them in order.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rayon::prelude::*;

use crate::archive::{Deposit, StoredBlock};
use crate::domain::Siret;
use crate::io::{BlockError, PoolFinding, RawBlock};

use super::block::BlockOut;
use super::history::HistoryError;
use super::manifest::Counts;
use super::run::RunError;
use super::totals::EmployeurTotals;
use super::write::Staging;

/// Findings kept for the closing summary.
const SAMPLES: usize = 20;

/// A computed block: its rows, and what the archive keeps of it.
pub struct Done {
    /// The rows of the result files.
    pub out: BlockOut,
    /// What the archive keeps.
    pub stored: Option<StoredBlock>,
}

/// Why blocks stop.
pub enum Stop {
    /// The reading must start again.
    Again,
    /// The run cannot go on.
    Failed(RunError),
}

impl From<BlockError> for Stop {
    fn from(error: BlockError) -> Self {
        match error {
            BlockError::OutOfOrder { .. } => Self::Again,
            BlockError::Unreadable(finding) => Self::Failed(RunError::Pool(vec![*finding])),
        }
    }
}

impl From<HistoryError> for Stop {
    fn from(error: HistoryError) -> Self {
        Self::Failed(RunError::History(error))
    }
}

/// Where results go, and what is counted on the way.
pub struct Written {
    /// The result files.
    pub staging: Staging,
    /// The tables of the archive.
    pub deposit: Option<Deposit>,
    /// Totals by employer.
    pub totals: BTreeMap<Siret, EmployeurTotals>,
    /// Counts.
    pub counts: Counts,
    /// The first findings that block.
    pub samples: Vec<PoolFinding>,
}

/// Computes blocks one after the other, and keeps what it needs between them.
pub type Worker<'w> = Box<dyn FnMut(&RawBlock) -> Result<Done, HistoryError> + 'w>;

/// How many blocks and agents there are.
#[derive(Clone, Copy)]
pub struct Size {
    /// Blocks that are computed together.
    pub wave: usize,
    /// Agents, for the progress.
    pub agents: u64,
}

/// The three stages; `None` when the reading must start again.
pub fn stages<'w>(
    blocks: impl Iterator<Item = Result<RawBlock, Stop>> + Send,
    worker: &(dyn Fn() -> Worker<'w> + Sync),
    pool: &rayon::ThreadPool,
    written: Written,
    size: Size,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Option<Written>, RunError> {
    let wave = size.wave;
    let (raw_in, raw_out): (SyncSender<RawBlock>, Receiver<RawBlock>) = sync_channel(wave);
    let (done_in, done_out) = sync_channel::<Vec<Done>>(2);
    thread::scope(|scope| {
        let reading = scope.spawn(move || -> Result<(), Stop> {
            for block in blocks {
                // The other side hangs up when writing failed: its error is the one to report.
                if raw_in.send(block?).is_err() {
                    return Ok(());
                }
            }
            Ok(())
        });
        let writing = scope.spawn(move || written.all(&done_out, size.agents, progress));
        let mut failed = None;
        loop {
            let raw: Vec<RawBlock> = raw_out.iter().take(wave).collect();
            if raw.is_empty() {
                break;
            }
            let done: Result<Vec<Done>, HistoryError> =
                pool.install(|| raw.par_iter().map_init(worker, |work, raw| work(raw)).collect());
            match done {
                Ok(done) => {
                    if done_in.send(done).is_err() {
                        break;
                    }
                }
                Err(error) => {
                    failed = Some(RunError::History(error));
                    break;
                }
            }
        }
        drop(raw_out);
        drop(done_in);
        let read = reading.join().unwrap_or(Ok(()));
        let written = writing.join();
        match (failed, read) {
            (Some(error), _) | (None, Err(Stop::Failed(error))) => return Err(error),
            (None, Err(Stop::Again)) => return Ok(None),
            (None, Ok(())) => {}
        }
        match written {
            Ok(result) => Ok(Some(result?)),
            Err(_) => Err(RunError::Threads("the writing thread stopped".to_owned())),
        }
    })
}

impl Written {
    /// Nothing written yet.
    pub fn new(staging: Staging, deposit: Option<Deposit>) -> Self {
        Self {
            staging,
            deposit,
            totals: BTreeMap::new(),
            counts: Counts::default(),
            samples: Vec::new(),
        }
    }

    fn all(
        mut self,
        done: &Receiver<Vec<Done>>,
        agents: u64,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Self, RunError> {
        for wave in done {
            for block in wave {
                self.take(block)?;
            }
            progress(self.counts.agents, agents);
        }
        Ok(self)
    }

    fn take(&mut self, done: Done) -> Result<(), RunError> {
        let block = done.out;
        self.staging.append("bulletins.csv", &block.bulletins)?;
        self.staging.append("lignes.csv", &block.lignes)?;
        self.staging.append("anomalies.csv", &block.anomalies)?;
        self.staging.append("cumuls.csv", &block.cumuls)?;
        self.staging.append("rappels.csv", &block.rappels)?;
        if let (Some(deposit), Some(stored)) = (&mut self.deposit, done.stored) {
            deposit.block(stored).map_err(HistoryError::Archive)?;
        }
        self.counts.agents += block.agents;
        self.counts.lignes += block.lines;
        self.counts.bloquants += block.findings.0;
        self.counts.alertes += block.findings.1;
        self.counts.recalcules += block.again.0;
        self.counts.rappels += block.again.1;
        for (siret, totals) in block.totals {
            self.totals.entry(siret).or_default().merge(totals);
        }
        let room = SAMPLES.saturating_sub(self.samples.len());
        self.samples.extend(block.samples.into_iter().take(room));
        Ok(())
    }
}
