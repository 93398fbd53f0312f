//! The day of knowledge: what was published and learned by then counts, the rest does not.

use std::fmt;

use super::day::Day;

/// What is known: everything, or only what was known on a day (that day included).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KnownOn {
    /// Everything that the files hold.
    #[default]
    Everything,
    /// Only what was public or learned by this day.
    Day(Day),
}

impl KnownOn {
    /// Whether something that became known on `day` counts. `None`: always known.
    pub fn knows(self, day: Option<Day>) -> bool {
        match (self, day) {
            (Self::Everything, _) | (_, None) => true,
            (Self::Day(limit), Some(day)) => day <= limit,
        }
    }
}

impl fmt::Display for KnownOn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => out.write_str("tout"),
            Self::Day(day) => write!(out, "{day}"),
        }
    }
}
