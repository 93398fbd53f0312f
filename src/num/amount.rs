//! Money in cents.

use std::fmt;

use super::decimal::{Fixed, FixedError};

/// An amount of money in cents. Range: what an `i64` holds; sums are checked by the profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Amount(i64);

impl Amount {
    /// Nothing at all.
    pub const ZERO: Self = Self(0);

    /// An amount from its cents.
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents)
    }

    /// The number of cents.
    pub const fn cents(self) -> i64 {
        self.0
    }

    /// Reads `1801.74` or `1801,74`. Errors: not a decimal, or more than two decimals.
    pub fn parse(text: &str) -> Result<Self, FixedError> {
        Fixed::parse(text)?.at_scale(2).map(Self)
    }

    /// The French form read by people: `1 801,74 €` with no-break spaces.
    pub fn french(self) -> String {
        format!("{}\u{a0}€", Fixed::new(self.0, 2).french())
    }
}

impl std::ops::Add for Amount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::Sub for Amount {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::ops::Neg for Amount {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl std::ops::AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, |total, amount| total + amount)
    }
}

/// The plain form written in files: `1801.74`.
impl fmt::Display for Amount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Fixed::new(self.0, 2), out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_separators_and_writes_the_plain_form() {
        assert_eq!(Amount::parse("1801.74"), Ok(Amount::from_cents(180_174)));
        assert_eq!(Amount::parse("1801,7"), Ok(Amount::from_cents(180_170)));
        assert_eq!(Amount::from_cents(-5).to_string(), "-0.05");
        assert_eq!(Amount::from_cents(180_174).french(), "1\u{202f}801,74\u{a0}€");
        assert!(Amount::parse("1.005").is_err());
    }
}
