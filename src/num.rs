//! Exact numbers: amounts in cents, fixed decimals, ratios, and the only roundings of the program.
//!
//! May import: nothing of this crate. Must not know: what a number is the number of.
//! No binary float, and nothing rounds by itself: [`round_div`] is the only division.

mod amount;
mod decimal;
mod ratio;
mod rounding;

pub use amount::Amount;
pub use decimal::{Fixed, FixedError};
pub use ratio::{Ratio, RatioError, gcd};
pub use rounding::{RoundingMode, round_div};
