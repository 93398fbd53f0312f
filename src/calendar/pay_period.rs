//! A month of pay.

use std::fmt;

use super::day::{Day, DayError};

/// A month of pay, written `2026-10`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PayPeriod {
    year: i32,
    month: u32,
}

/// Why a text is not a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a month: write AAAA-MM")]
pub struct PayPeriodError;

impl PayPeriod {
    /// A month from its parts; `month` from 1 to 12, `year` from 1900 to 2200.
    pub fn new(year: i32, month: u32) -> Result<Self, PayPeriodError> {
        if (1..=12).contains(&month) && (1900..=2200).contains(&year) {
            Ok(Self { year, month })
        } else {
            Err(PayPeriodError)
        }
    }

    /// Reads `2026-10`.
    pub fn parse(text: &str) -> Result<Self, PayPeriodError> {
        let first =
            Day::parse(&format!("{}-01", text.trim())).map_err(|_: DayError| PayPeriodError)?;
        Self::new(first.year(), first.month())
    }

    /// The month that holds `day`.
    pub fn of(day: Day) -> Self {
        Self { year: day.year(), month: day.month() }
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.year
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u32 {
        self.month
    }

    /// The first day.
    pub fn first_day(self) -> Day {
        // INVARIANT: the constructor only lets through months whose first day exists.
        Day::new(self.year, self.month, 1).unwrap_or_else(|_| unreachable_day())
    }

    /// The last day.
    pub fn last_day(self) -> Day {
        self.next().first_day().previous()
    }

    /// The number of days, 28 to 31.
    pub fn days(self) -> i64 {
        self.first_day().days_until(self.last_day()) + 1
    }

    /// The month after.
    pub fn next(self) -> Self {
        match self.month {
            12 => Self { year: self.year + 1, month: 1 },
            month => Self { year: self.year, month: month + 1 },
        }
    }

    /// The month before.
    pub fn previous(self) -> Self {
        match self.month {
            1 => Self { year: self.year - 1, month: 12 },
            month => Self { year: self.year, month: month - 1 },
        }
    }

    /// Whether `day` falls in the month.
    pub fn contains(self, day: Day) -> bool {
        Self::of(day) == self
    }

    /// The French form: `octobre 2026`.
    pub fn french(self) -> String {
        const NAMES: [&str; 12] = [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ];
        let index = usize::try_from(self.month).unwrap_or(1).saturating_sub(1);
        format!("{} {}", NAMES.get(index).unwrap_or(&""), self.year)
    }

    /// The French form after « de »: `d’octobre 2026`, `de mai 2026`.
    pub fn french_of(self) -> String {
        let french = self.french();
        match french.starts_with(['a', 'o']) {
            true => format!("d’{french}"),
            false => format!("de {french}"),
        }
    }
}

#[expect(clippy::panic, reason = "a month without a first day is a bug of this module")]
fn unreachable_day() -> Day {
    panic!("a month of pay has no first day: please report this")
}

impl fmt::Display for PayPeriod {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_know_their_bounds() {
        let february = PayPeriod::parse("2024-02").unwrap();
        assert_eq!(february.days(), 29);
        assert_eq!(february.last_day().to_string(), "2024-02-29");
        assert_eq!(PayPeriod::parse("2026-12").unwrap().next().to_string(), "2027-01");
        assert!(PayPeriod::parse("2026-13").is_err());
        let of = |text: &str| PayPeriod::parse(text).unwrap().french_of();
        assert_eq!([of("2026-10"), of("2026-08")], ["d’octobre 2026", "d’août 2026"]);
        assert_eq!(of("2026-05"), "de mai 2026");
        assert!(PayPeriod::parse("2026").is_err());
        assert_eq!(PayPeriod::parse("2026-08").unwrap().french(), "août 2026");
    }
}
