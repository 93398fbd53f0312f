//! Findings about texts: one type, stable codes, three renderings.
//!
//! May import: `source`, `limits`. Must not know: which stage found what.

mod code;
mod diagnostic;
mod render;
mod suggest;

pub use code::{Code, Severity};
pub use diagnostic::{Diagnostic, Label, sort};
pub use render::{Format, render, summary};
pub use suggest::{fold, nearest, similar};
