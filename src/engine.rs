//! Running a compiled month on one agent: slots in, lines out. Slots only: no spans, no texts,
//! no file names.
//!
//! May import: `program`, `num`. Must not know: where inputs come from, why a rule exists.

mod dossier;
mod eval;
mod payslip;
mod state;

pub use dossier::{AbsenceInput, Dossier, ElementInput, Given, SegmentInput};
pub use eval::{Engine, NoObserver, Observer, Place};
pub use payslip::{Fault, FaultKind, PayLine, Payslip};
