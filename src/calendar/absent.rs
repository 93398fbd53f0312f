//! Shares of a month that absences take, in thirtieths.
//!
//! Source: décret n° 62-765 art. 1: days of right are calendar days, days of pay are thirtieths.

use super::pay_period::PayPeriod;
use super::thirtieths::Span30;

/// The thirtieths of each absence, in order, out of the `share` of the segment that holds them.
/// Absences lie in `segment`, sorted, without overlap.
///
/// Each absent day is one thirtieth, never more together than the segment has; absences that cover
/// the whole segment take all of it. Where a segment has fewer thirtieths than days, the day that
/// counts for nothing is the 31st, as long as the 30th is absent too.
pub fn absent_thirtieths(
    month: PayPeriod,
    segment: Span30,
    share: i64,
    absences: &[Span30],
) -> Vec<i64> {
    let days: i64 = absences.iter().map(|span| span.days()).sum();
    let absent = |number: u32| {
        absences.iter().any(|span| span.first.day() <= number && number <= span.last.day())
    };
    let total = if days == segment.days() {
        share
    } else {
        let short = share < segment.days() && month.days() == 31;
        let extra = i64::from(short && absent(30) && absent(31));
        (days - extra).min(share)
    };
    let mut left = total;
    let mut parts = Vec::with_capacity(absences.len());
    for (at, span) in absences.iter().enumerate() {
        let part = if at + 1 == absences.len() { left } else { span.days().min(left) };
        left -= part;
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Day, ThirtiethMethod, thirtieths};
    use super::*;

    fn span(month: PayPeriod, first: u32, last: u32) -> Span30 {
        let day = |number| Day::new(month.year(), month.month(), number).unwrap();
        Span30 { first: day(first), last: day(last) }
    }

    fn absent(month: &str, segment: (u32, u32, i64), absences: &[(u32, u32)]) -> Vec<i64> {
        let month = PayPeriod::parse(month).unwrap();
        let spans: Vec<_> = absences.iter().map(|&(a, b)| span(month, a, b)).collect();
        absent_thirtieths(month, span(month, segment.0, segment.1), segment.2, &spans)
    }

    #[test]
    fn days_of_pay_are_thirtieths() {
        // A whole month is 30/30 whatever its length.
        assert_eq!(absent("2026-01", (1, 31, 30), &[(1, 31)]), [30]);
        assert_eq!(absent("2026-02", (1, 28, 30), &[(1, 28)]), [30]);
        assert_eq!(absent("2026-01", (1, 31, 30), &[(1, 1), (2, 31)]), [1, 29]);
        assert_eq!(absent("2026-02", (1, 28, 30), &[(1, 1), (2, 28)]), [1, 29]);
        // The 31st counts for nothing when the 30th counts.
        assert_eq!(absent("2026-01", (1, 31, 30), &[(20, 31)]), [11]);
        assert_eq!(absent("2026-01", (1, 31, 30), &[(31, 31)]), [1]);
        assert_eq!(absent("2026-01", (1, 31, 30), &[(2, 31)]), [29]);
        assert_eq!(absent("2026-01", (1, 31, 30), &[(1, 30)]), [30]);
        assert_eq!(absent("2026-04", (1, 30, 30), &[(3, 12)]), [10]);
        assert_eq!(absent("2026-02", (1, 28, 30), &[(20, 28)]), [9]);
        // Hired on the 10th, paid 22 thirtieths: the 31st is paid, so it is withheld.
        assert_eq!(absent("2026-01", (10, 31, 22), &[(20, 31)]), [12]);
        // Two segments: 14 and 16 thirtieths.
        assert_eq!(absent("2026-02", (15, 28, 16), &[(15, 28)]), [16]);
        assert_eq!(absent("2026-01", (15, 31, 16), &[(20, 31)]), [11]);
    }

    proptest! {
        #[test]
        fn absences_never_take_more_than_the_segment_has(
            number in 1_u32..=12, first in 1_u32..=28, length in 0_u32..31, cut in 1_u32..31,
            complement: bool,
        ) {
            let month = PayPeriod::new(2026, number).unwrap();
            let last = month.last_day().day();
            let (first, end) = (first, (first + length).min(last));
            let segment = span(month, first, end);
            let method =
                if complement { ThirtiethMethod::Complement } else { ThirtiethMethod::JoursReels };
            let share = thirtieths(month, &[segment], method)[0];
            let whole = absent_thirtieths(month, segment, share, &[segment]);
            prop_assert_eq!(whole, [share]);
            let cut = cut.clamp(first, end);
            let head = span(month, first, cut);
            let part = absent_thirtieths(month, segment, share, &[head])[0];
            prop_assert!(0 <= part && part <= share);
            if cut < end {
                let both = [head, span(month, cut + 1, end)];
                let parts = absent_thirtieths(month, segment, share, &both);
                prop_assert_eq!(parts.iter().sum::<i64>(), share);
                prop_assert!(parts.iter().all(|&part| part >= 0));
            }
        }
    }
}
