//! One civil day.

use std::fmt;

use chrono::{Datelike, NaiveDate};

/// A civil day of the Gregorian calendar, ordered, cheap to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(NaiveDate);

/// Why a text is not a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DayError {
    /// Neither `AAAA-MM-JJ` nor `JJ/MM/AAAA`.
    #[error("not a date: write AAAA-MM-JJ or JJ/MM/AAAA")]
    Syntax,
    /// The day does not exist (30 February).
    #[error("this day does not exist")]
    NoSuchDay,
}

impl Day {
    /// A day from its parts.
    pub fn new(year: i32, month: u32, day: u32) -> Result<Self, DayError> {
        NaiveDate::from_ymd_opt(year, month, day).map(Self).ok_or(DayError::NoSuchDay)
    }

    /// Reads `2026-10-31` or `31/10/2026`.
    pub fn parse(text: &str) -> Result<Self, DayError> {
        let bytes = text.trim().as_bytes();
        let number = |range: std::ops::Range<usize>| -> Result<u32, DayError> {
            let digits = bytes.get(range).ok_or(DayError::Syntax)?;
            digits.iter().try_fold(0_u32, |value, byte| match byte {
                b'0'..=b'9' => Ok(value * 10 + u32::from(byte - b'0')),
                _ => Err(DayError::Syntax),
            })
        };
        let (year, month, day) = match bytes {
            [_, _, _, _, b'-', _, _, b'-', _, _] => (number(0..4)?, number(5..7)?, number(8..10)?),
            [_, _, b'/', _, _, b'/', _, _, _, _] => (number(6..10)?, number(3..5)?, number(0..2)?),
            _ => return Err(DayError::Syntax),
        };
        Self::new(i32::try_from(year).map_err(|_| DayError::Syntax)?, month, day)
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u32 {
        self.0.month()
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> u32 {
        self.0.day()
    }

    /// The day after.
    pub fn next(self) -> Self {
        Self(self.0.succ_opt().unwrap_or(NaiveDate::MAX))
    }

    /// The day before.
    pub fn previous(self) -> Self {
        Self(self.0.pred_opt().unwrap_or(NaiveDate::MIN))
    }

    /// Days from `self` to `other`, negative when `other` is earlier.
    pub fn days_until(self, other: Self) -> i64 {
        (other.0 - self.0).num_days()
    }

    /// The French form `31/10/2026`.
    pub fn french(self) -> String {
        format!("{:02}/{:02}/{:04}", self.day(), self.month(), self.year())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_two_forms() {
        assert_eq!(Day::parse("2026-10-31"), Day::parse("31/10/2026"));
        assert_eq!(Day::parse("2026-02-30"), Err(DayError::NoSuchDay));
        assert_eq!(Day::parse("2026-1-1"), Err(DayError::Syntax));
        assert_eq!(Day::parse("31-10-2026"), Err(DayError::Syntax));
        let day = Day::parse("2024-02-29").unwrap();
        assert_eq!((day.next().to_string(), day.previous().day()), ("2024-03-01".into(), 28));
        assert_eq!(day.days_until(day.next()), 1);
    }
}
