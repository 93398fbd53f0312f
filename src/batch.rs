//! The monthly batch: blocks of agents computed in parallel, results written in input order.
//!
//! May import: `io`, `dossier`, `engine` and below. Must not know: arguments, terminals.
//! The only module with threads. Bytes do not depend on how many there are.

mod block;
mod controls;
mod manifest;
mod run;
mod text;
mod totals;
mod write;

pub use block::Month;
pub use controls::waivable;
pub use manifest::{Counts, Manifest};
pub use run::{RunError, RunOptions, RunOutcome, run};
pub use text::{HEADERS, anomaly_row};
pub use totals::EmployeurTotals;
pub use write::WriteError;
