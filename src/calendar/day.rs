//! One civil day.

use std::fmt;

use chrono::{Datelike, Months, NaiveDate};

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
    /// 1 January 1900, the first day that a month of pay can hold.
    pub const EARLIEST: Self = Self(match NaiveDate::from_ymd_opt(1900, 1, 1) {
        Some(day) => day,
        None => NaiveDate::MIN,
    });

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

    /// The same day some months later; the last of the month when that day does not exist.
    pub fn plus_months(self, months: u32) -> Self {
        Self(self.0.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX))
    }

    /// The same day some months earlier; the last of the month when that day does not exist.
    pub fn minus_months(self, months: u32) -> Self {
        Self(self.0.checked_sub_months(Months::new(months)).unwrap_or(NaiveDate::MIN))
    }

    /// Whole months from `self` to `other`; zero when `other` is earlier.
    pub fn months_until(self, other: Self) -> u32 {
        let index = |day: Self| day.year().saturating_mul(12).saturating_add_unsigned(day.month());
        let months = index(other) - index(self) - i32::from(other.day() < self.day());
        u32::try_from(months).unwrap_or(0)
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

    #[test]
    fn counts_months() {
        let day = |text| Day::parse(text).unwrap();
        assert_eq!(day("2024-02-29").minus_months(12), day("2023-02-28"));
        assert_eq!(day("2024-01-31").plus_months(1), day("2024-02-29"));
        assert_eq!(day("2024-01-15").months_until(day("2024-05-14")), 3);
        assert_eq!(day("2024-01-15").months_until(day("2025-05-15")), 16);
        assert_eq!(day("2024-01-15").months_until(day("2023-05-15")), 0);
    }
}
