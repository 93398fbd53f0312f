//! Blocks of a pool computed in parallel, taken in their order; nothing else is kept.

use std::sync::mpsc::sync_channel;
use std::thread;

use rayon::prelude::*;

use crate::io::{BlockError, PoolReader, RawBlock};
use crate::limits::BLOCK_AGENTS;

use super::history::HistoryError;
use super::plan::thread_pool;
use super::run::RunError;

/// Computes every block and hands the results over in the order of the pool. `take` gives the
/// number of agents done.
///
/// The pool is first read once to the end: a file out of order is then in memory, and what was
/// handed over never has to be taken back.
pub fn run<T: Send>(
    reader: &mut PoolReader,
    (threads, size): (Option<usize>, usize),
    compute: &(dyn Fn(&RawBlock) -> Result<T, HistoryError> + Sync),
    take: &mut dyn FnMut(T) -> u64,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<(), RunError> {
    let pool = thread_pool(threads)?;
    settle(reader)?;
    let agents = u64::from(reader.agents());
    // As many agents at once, whatever the size of the blocks.
    let wave = pool.current_num_threads() * 2 * BLOCK_AGENTS.div_ceil(size.max(1));
    let blocks = reader.blocks(size).map_err(|finding| RunError::Pool(vec![*finding]))?;
    let (raw_in, raw_out) = sync_channel::<RawBlock>(wave);
    let mut failed = None;
    let read = thread::scope(|scope| {
        let reading = scope.spawn(move || -> Result<(), BlockError> {
            for block in blocks {
                if raw_in.send(block?).is_err() {
                    break;
                }
            }
            Ok(())
        });
        loop {
            let raw: Vec<RawBlock> = raw_out.iter().take(wave).collect();
            if raw.is_empty() {
                break;
            }
            let done: Result<Vec<T>, HistoryError> =
                pool.install(|| raw.par_iter().map(compute).collect());
            match done {
                Ok(done) => done.into_iter().for_each(|part| progress(take(part), agents)),
                Err(error) => {
                    failed = Some(error);
                    // What is still read is thrown away, so that the reading ends.
                    raw_out.iter().for_each(drop);
                }
            }
        }
        reading.join()
    });
    if let Some(error) = failed {
        return Err(error.into());
    }
    match read {
        Ok(Ok(())) => Ok(()),
        Ok(Err(BlockError::Unreadable(finding))) => Err(RunError::Pool(vec![*finding])),
        Ok(Err(BlockError::OutOfOrder { fichier })) => {
            Err(RunError::Threads(format!("`{fichier}` changed while it was read")))
        }
        Err(_) => Err(RunError::Threads("the reading thread stopped".to_owned())),
    }
}

/// Reads every block once, until no file is found out of order.
fn settle(reader: &mut PoolReader) -> Result<(), RunError> {
    let unreadable = |finding: Box<crate::io::PoolFinding>| RunError::Pool(vec![*finding]);
    loop {
        let mut again = false;
        for block in reader.blocks(BLOCK_AGENTS).map_err(unreadable)? {
            match block {
                Ok(_) => {}
                Err(BlockError::OutOfOrder { .. }) => again = true,
                Err(BlockError::Unreadable(finding)) => return Err(unreadable(finding)),
            }
        }
        if !again {
            return Ok(());
        }
    }
}
