//! How far back a month may still be corrected.

use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::rules::Book;

/// Why a month is listed and not touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limite {
    /// The claim of the agent is prescribed: years after the year of the right.
    Rappel(i64),
    /// The claim of the employer is prescribed: months after the month of the payment.
    TropPercu(i64),
    /// The contract started before the first closed month, and was not known to the month.
    Reprise,
}

/// Limits in force when a rappel is paid; none: no limit is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Full years, from the first day of the year after the right.
    pub rappel_annees: Option<i64>,
    /// Months, from the first day of the month after the wrong payment.
    pub trop_percu_mois: Option<i64>,
}

impl Limits {
    /// What the rules say on the first day of the month of payment.
    pub fn new<F>(book: &Book<F>, payment: PayPeriod, known_on: KnownOn) -> Self {
        let value = |nom: &str| {
            let found = book.parametre(nom)?.valeurs.in_force(payment.first_day(), known_on)?;
            (found.value.1 == 1).then_some(found.value.0)
        };
        Self {
            rappel_annees: value("prescription_rappel_annees"),
            trop_percu_mois: value("prescription_trop_percu_mois"),
        }
    }

    /// The limit that a correction of `month` paid in `payment` is beyond; `net` is what the
    /// agent gains, in cents.
    pub fn beyond(&self, month: PayPeriod, payment: PayPeriod, net: i64) -> Option<Limite> {
        let paid = payment.first_day();
        if net < 0 {
            let months = self.trop_percu_mois?;
            let last = month.next().first_day().plus_months(u32::try_from(months).ok()?);
            return (paid >= last).then_some(Limite::TropPercu(months));
        }
        let years = self.rappel_annees?;
        let year = month.year() + 1 + i32::try_from(years).ok()?;
        let last = Day::new(year, 1, 1).ok()?;
        (paid >= last).then_some(Limite::Rappel(years))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> PayPeriod {
        PayPeriod::parse(text).unwrap()
    }

    /// Loi 68-1250: a right of March 2022 is prescribed on 1 January 2027. CGFP L711-6: what was
    /// overpaid in March 2022 may be claimed until 31 March 2024.
    #[test]
    fn limits_of_the_two_laws() {
        let limits = Limits { rappel_annees: Some(4), trop_percu_mois: Some(24) };
        let (right, beyond) =
            (month("2022-03"), |paid, net| limits.beyond(month("2022-03"), month(paid), net));
        assert_eq!(beyond("2026-12", 100), None);
        assert_eq!(beyond("2027-01", 100), Some(Limite::Rappel(4)));
        assert_eq!(beyond("2024-03", -100), None);
        assert_eq!(beyond("2024-04", -100), Some(Limite::TropPercu(24)));
        assert_eq!(Limits::default().beyond(right, month("2040-01"), -100), None);
    }
}
