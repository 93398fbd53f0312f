//! From text to trees, one file at a time: rule files, CSV tables, formulas, units.
//!
//! May import: `num`, `calendar`, `source`, `diag`, `limits`. Must not know: other files, what a
//! name stands for. Reading never stops at the first error: a broken block becomes a hole.

mod csv_table;
mod expr;
mod formula;
mod lexer;
mod rule_file;
mod unit;

pub use csv_table::{CsvRow, CsvTable};
pub use expr::{BinaryOp, CompareOp, Expr, ExprKind, print};
pub use formula::parse_formula;
pub use rule_file::{Block, Entry, RuleFile, Value, parse_rule_file};
pub use unit::Unit;
