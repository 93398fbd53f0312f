//! Civil dates of payroll: days, months of pay, and the day of knowledge. No clock, no time zone.
//!
//! May import: `num`. Must not know: what happens on a date.

mod absent;
mod day;
mod known_on;
mod pay_period;
mod thirtieths;

pub use absent::absent_thirtieths;
pub use day::{Day, DayError};
pub use known_on::KnownOn;
pub use pay_period::{PayPeriod, PayPeriodError};
pub use thirtieths::{Span30, ThirtiethMethod, thirtieths};
