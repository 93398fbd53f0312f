//! The payslip in the browser: pages for the staff of communes, the operator and the auditor.
//!
//! One process: an HTTP server on loopback or behind TLS, an SQLite file for accounts, sessions and
//! the log, the pool in memory. A request carries the scope of its account, and nothing is asked
//! without it: [`registre`] answers through a view that holds it.
//!
//! May import: `preview`, `batch` and below. Must not know: arguments, terminals, exit codes.

pub mod acces;
mod appli;
pub mod base;
pub mod droits;
pub mod ecoute;
#[cfg(test)]
pub mod essais;
pub mod html;
mod pages;
pub mod registre;
pub mod saisie;
mod web;

pub use appli::{Exigence, Reglages, ServeError, servir};
pub use web::horloge;
