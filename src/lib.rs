//! stub
pub mod calendar;
pub mod diag;
pub mod engine;
pub mod limits;
pub mod num;
pub mod program;
pub mod check;
pub mod rules;
pub mod source;
pub mod syntax;
