//! `paie`: payroll of the French local public service, exact to the cent, every line explained.
pub mod calendar;
pub mod demo;
pub mod diag;
pub mod limits;
pub mod num;
pub mod source;
