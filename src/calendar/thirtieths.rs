//! Shares of a month in thirtieths: every month of pay counts thirty days.
//!
//! Source: décret n° 62-765 art. 1; CE 26/02/1996 n° 156217 for the count in real days.

use super::day::Day;
use super::pay_period::PayPeriod;

/// How an incomplete month is counted: a policy of the employer (`mois_incomplet`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ThirtiethMethod {
    /// The days of service, at most thirty.
    #[default]
    JoursReels,
    /// Thirty minus the missing days, when the month is worked to its end.
    Complement,
}

/// Consecutive days of service inside one month; both bounds included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span30 {
    /// First day of service.
    pub first: Day,
    /// Last day of service.
    pub last: Day,
}

impl Span30 {
    /// The number of calendar days.
    pub fn days(self) -> i64 {
        self.first.days_until(self.last) + 1
    }
}

/// The thirtieths of each span, in order. Spans lie in `month`, sorted, without overlap.
///
/// A month worked from its first to its last day is thirty thirtieths whatever its length; the
/// last span takes what the others leave, so that the parts always add up to the whole.
pub fn thirtieths(month: PayPeriod, spans: &[Span30], method: ThirtiethMethod) -> Vec<i64> {
    let worked: i64 = spans.iter().map(|span| span.days()).sum();
    let to_the_end = spans.last().is_some_and(|span| span.last == month.last_day());
    let total = if worked == month.days() {
        30
    } else if method == ThirtiethMethod::Complement && to_the_end {
        (30 - (month.days() - worked)).max(0)
    } else {
        worked.min(30)
    };
    let mut left = total;
    let mut shares = Vec::with_capacity(spans.len());
    for (index, span) in spans.iter().enumerate() {
        let share = if index + 1 == spans.len() { left } else { span.days().min(left) };
        left -= share;
        shares.push(share);
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(month: &str, spans: &[(u32, u32)], method: ThirtiethMethod) -> Vec<i64> {
        let month = PayPeriod::parse(month).unwrap();
        let day = |d| Day::new(month.year(), month.month(), d).unwrap();
        let spans: Vec<_> =
            spans.iter().map(|&(a, b)| Span30 { first: day(a), last: day(b) }).collect();
        thirtieths(month, &spans, method)
    }

    #[test]
    fn published_examples() {
        use ThirtiethMethod::{Complement, JoursReels};
        assert_eq!(share("2026-12", &[(26, 31)], JoursReels), [6]);
        assert_eq!(share("2026-02", &[(20, 28)], JoursReels), [9]);
        assert_eq!(share("2026-02", &[(20, 28)], Complement), [11]);
        assert_eq!(share("2026-08", &[(24, 31)], JoursReels), [8]);
        assert_eq!(share("2026-08", &[(24, 31)], Complement), [7]);
        assert_eq!(share("2026-04", &[(24, 30)], JoursReels), [7]);
        assert_eq!(share("2026-02", &[(1, 27)], Complement), [27]);
        assert_eq!(share("2026-10", &[(1, 30)], JoursReels), [30]);
    }

    #[test]
    fn parts_of_a_full_month_add_up_to_thirty() {
        use ThirtiethMethod::JoursReels;
        assert_eq!(share("2026-10", &[(1, 14), (15, 31)], JoursReels), [14, 16]);
        assert_eq!(share("2026-02", &[(1, 14), (15, 28)], JoursReels), [14, 16]);
        assert_eq!(share("2026-10", &[(1, 30), (31, 31)], JoursReels), [30, 0]);
        assert_eq!(share("2026-10", &[(1, 31)], JoursReels), [30]);
    }
}
