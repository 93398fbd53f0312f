//! An archive verified by several threads, one object at a time.
//!
//! May import: `archive`. Must not know: how damage is shown.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use crate::archive::{Plan, Report};

use super::plan::thread_pool;
use super::run::RunError;

/// Reads every byte of the archive at `root` and says what is wrong, and where.
///
/// `progress` is called with the bytes read and those to read. Errors: there is no archive to look
/// at, or the threads cannot be started; damage is no error, it is in the report.
pub fn verify(
    root: &Path,
    threads: Option<usize>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, RunError> {
    let plan = Plan::of(root)?;
    let (total, done) = (plan.octets(), AtomicU64::new(0));
    let outcomes: Vec<_> = thread_pool(threads)?.install(|| {
        let checks = plan.checks().par_iter().with_max_len(1);
        let outcomes = checks.map(|check| {
            let outcome = check.run();
            let before = done.fetch_add(check.octets(), Ordering::Relaxed);
            progress(before + check.octets(), total);
            outcome
        });
        outcomes.collect()
    });
    Ok(plan.finish(outcomes))
}
