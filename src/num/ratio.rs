//! Fractions of law stay fractions: 80 % is paid 6/7, a post of 17 h 30 is 1/2.

use std::fmt;

use super::decimal::Fixed;

/// A non-negative fraction in lowest terms; the denominator is positive and below [`Ratio::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ratio {
    num: i64,
    den: i64,
}

/// Why two numbers do not make an accepted fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RatioError {
    /// The denominator is zero or negative, or the numerator negative.
    #[error("not a positive fraction")]
    NotPositive,
    /// In lowest terms, a part exceeds [`Ratio::MAX`].
    #[error("the fraction has too many digits")]
    TooFine,
    /// Not a fraction or a decimal.
    #[error("not a fraction")]
    Syntax,
}

/// Greatest common divisor of two non-negative numbers; `gcd(0, n) = n`.
pub fn gcd(a: i128, b: i128) -> i128 {
    // A 64-bit road when both fit: it is several times faster, and nearly everything fits.
    if let (Ok(mut x), Ok(mut y)) = (u64::try_from(a), u64::try_from(b)) {
        while y != 0 {
            (x, y) = (y, x % y);
        }
        return i128::from(x);
    }
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Ratio {
    /// The whole.
    pub const ONE: Self = Self { num: 1, den: 1 };
    /// Nothing.
    pub const ZERO: Self = Self { num: 0, den: 1 };
    /// The largest numerator or denominator, so that a product of three stays far from overflow.
    pub const MAX: i64 = 1_000_000;

    /// A fraction in lowest terms.
    #[expect(clippy::integer_division, reason = "exact: both are multiples of their gcd")]
    pub fn new(num: i64, den: i64) -> Result<Self, RatioError> {
        if num < 0 || den <= 0 {
            return Err(RatioError::NotPositive);
        }
        let divisor = gcd(i128::from(num), i128::from(den));
        let (num, den) = (i128::from(num) / divisor, i128::from(den) / divisor);
        match (i64::try_from(num), i64::try_from(den)) {
            (Ok(num), Ok(den)) if num <= Self::MAX && den <= Self::MAX => Ok(Self { num, den }),
            _ => Err(RatioError::TooFine),
        }
    }

    /// Reads `6/7`, `0.5` or `1`.
    pub fn parse(text: &str) -> Result<Self, RatioError> {
        let fixed = |part: &str| Fixed::parse(part).map_err(|_| RatioError::Syntax);
        match text.split_once('/') {
            Some((num, den)) => Self::quotient(fixed(num)?, fixed(den)?),
            None => Self::quotient(fixed(text)?, Fixed::new(1, 0)),
        }
    }

    /// The fraction `num / den` of two decimals.
    pub fn quotient(num: Fixed, den: Fixed) -> Result<Self, RatioError> {
        let scale = num.scale().max(den.scale());
        let whole = |f: Fixed| f.at_scale(scale).map_err(|_| RatioError::TooFine);
        Self::new(whole(num)?, whole(den)?)
    }

    /// The product of two fractions.
    pub fn times(self, other: Self) -> Result<Self, RatioError> {
        Self::new(self.num * other.num, self.den * other.den)
    }

    /// The numerator, in lowest terms.
    pub const fn num(self) -> i64 {
        self.num
    }

    /// The denominator, in lowest terms, at least 1.
    pub const fn den(self) -> i64 {
        self.den
    }
}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.num * other.den).cmp(&(other.num * self.den))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.den == 1 {
            write!(out, "{}", self.num)
        } else {
            write!(out, "{}/{}", self.num, self.den)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_of_law() {
        let sixths = Ratio::new(6, 7).unwrap();
        assert_eq!(Ratio::parse("6/7"), Ok(sixths));
        assert_eq!(Ratio::parse("17.5/35"), Ratio::new(1, 2));
        assert_eq!(sixths.times(Ratio::new(7, 12).unwrap()), Ratio::new(1, 2));
        assert!(sixths < Ratio::ONE);
        assert_eq!(Ratio::new(1, 0), Err(RatioError::NotPositive));
        assert_eq!(sixths.to_string(), "6/7");
    }
}
