//! `paie`: payroll of the French local public service, exact to the cent, every line explained.
pub mod batch;
pub mod calendar;
pub mod check;
pub mod cli;
pub mod demo;
pub mod diag;
pub mod domain;
pub mod dossier;
pub mod engine;
pub mod io;
pub mod limits;
pub mod load;
pub mod num;
pub mod program;
pub mod rules;
pub mod source;
pub mod syntax;
