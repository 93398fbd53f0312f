//! What earlier months are worth now, and how the difference is paid.
//!
//! A closed month is never reopened. Its due is computed again with the facts and the rules known
//! now ([`due`]); what differs from the ledger ([`Past`]) is paid with the current month
//! ([`pay`]), in passes, so that each line meets the rappels where the law wants it to.
//!
//! May import: `dossier`, `engine`, `program` and below. Must not know: files, the archive, how
//! results are written.

mod digest;
mod due;
mod ledger;
mod limits;
mod pay;

pub use digest::{Inputs, inputs};
pub use due::{Bench, Closed, Etat, Question, Recomputed, due, due_seen, mode, present};
pub use ledger::{Due, Past, Sums, Totals, Views, sums, totals};
pub use limits::{Limite, Limits};
pub use pay::{Paid, Payment};
#[cfg(test)]
mod tests;
