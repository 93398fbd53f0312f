//! The archive: every run whole and unchangeable, in a folder that ordinary tools can read.
//!
//! A folder, no server. `objets/` holds compressed files under the digest of their own bytes;
//! `journal/` holds one file per event, each with the digest of the one before: a chain. What is
//! written is written once. Objects come first, the journal entry last: a process that is killed
//! leaves the archive as before, or as after. [`FORMAT`] says it all for who reads it in ten years.
//!
//! May import: `calendar`, `limits`. Must not know: rules, facts, what a payslip is. Tables are
//! bytes here, agents are texts; of payroll, only months, employers and states are understood.
//! No clock: who and when are given. No thread: [`frame`] and [`Check::run`] are for callers that
//! have some.

mod backup;
mod deposit;
mod disk;
mod error;
mod event;
mod folder;
mod frame;
mod index;
mod journal;
mod layout;
mod package;
mod state;
mod stored;
mod verify;
mod writer;

pub use backup::{Copied, restaure, sauvegarde};
pub use deposit::{Deposit, StoredBlock};
pub use error::{ArchiveError, Damage, Kind};
pub use event::{Calcul, Entry, Event, ObjectRef};
pub use folder::{Archive, State};
pub use frame::{Frame, frame};
pub use layout::FORMAT;
pub use package::{pack, unpack};
pub use state::Etat;
pub use stored::Stored;
pub use verify::{Check, Leftover, Outcome, Plan, Progress, Report, verify};
pub use writer::{Signature, Writer};

#[cfg(test)]
mod tests;
