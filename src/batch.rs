//! The monthly batch: blocks of agents computed in parallel, results written in input order.
//!
//! May import: `io`, `compare`, `dossier`, `engine` and below. Must not know: arguments, terminals.
//! The only module with threads. Bytes do not depend on how many there are.

mod atelier;
mod block;
mod chain;
mod close;
mod compare;
mod controls;
mod history;
mod keep;
mod kept;
mod manifest;
mod memo;
mod piece;
mod plan;
mod proof;
mod ready;
mod registre;
pub mod replay;
mod run;
mod single;
mod stages;
mod stored;
mod text;
mod totals;
mod verify;
mod waves;
mod write;

pub use atelier::{Answer, Atelier, AtelierError, AtelierOptions, Job, RuleShelf, Source, Tried};
pub use block::Month;
pub use chain::Seen;
pub use compare::{
    CompareOptions, Compared, Folder, Held, ResultError, Rules, Varied, compare, compare_results,
    variation,
};
pub use controls::waivable;
pub use history::HistoryError;
pub use kept::{KeptMonth, KeptTable};
pub use manifest::{Counts, Manifest};
pub use plan::{Before, Plan};
pub use proof::{Saved, save, to_prove};
pub use run::{Archiving, RunError, RunOptions, RunOutcome, run};
pub use single::{Looked, Single, Slip, SlipEtat, Totaux, employers_of, single};
pub use stored::{StoredAgent, StoredRun, closed_run, last_run_of};
pub use text::{HEADERS, anomaly_row};
pub use totals::EmployeurTotals;
pub use verify::verify;
pub use write::{WriteError, results_digest};
