//! Two computations of the same contracts side by side: what differs, by employer and by rubrique;
//! and the variation of a net from one month to the next, split by cause.
//!
//! May import: `dossier`, `engine`, `program` and below. Must not know: pool files, result files,
//! threads, terminals.

mod cause;
mod chain;
mod differences;
mod frame;
mod slip;
mod top;
mod variation;
mod words;

pub use cause::Cause;
pub use chain::{Chain, STEPS, Side, Sides, Step};
pub use differences::{
    Change, Counts, Differences, EmployeurDifference, RubriqueDifference, SlipDifference, TOTALS,
};
pub use slip::{AgentSlips, Rubrique, Rubriques, Slip, Slips, State};
pub use top::Top;
pub use variation::{CauseTotal, EmployeurVariation, Part, Pay, Variation, Variations};
