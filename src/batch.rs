//! The monthly batch: blocks of agents computed in parallel, results written in input order.
//!
//! May import: `io`, `compare`, `dossier`, `engine` and below. Must not know: arguments, terminals.
//! The only module with threads. Bytes do not depend on how many there are.

mod block;
mod chain;
mod close;
mod compare;
mod controls;
mod history;
mod keep;
mod manifest;
mod piece;
mod plan;
mod registre;
pub mod replay;
mod run;
mod stages;
mod text;
mod totals;
mod waves;
mod write;

pub use block::Month;
pub use compare::{
    CompareOptions, Compared, Folder, ResultError, Rules, Varied, compare, compare_results,
    variation,
};
pub use history::HistoryError;
pub use manifest::{Counts, Manifest};
pub use run::{Archiving, RunError, RunOptions, RunOutcome, run};
pub use text::{HEADERS, anomaly_row};
pub use totals::EmployeurTotals;
pub use write::{WriteError, results_digest};
