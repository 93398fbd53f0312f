//! The only division of the program, with its rounding named.

/// How an exact value becomes a multiple of the step it is paid in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RoundingMode {
    /// To the nearest step, a half going away from zero (« demi supérieur »).
    DemiSuperieur,
    /// Cut towards zero (« troncature »).
    Troncature,
    /// Away from zero as soon as something is left (« par excès »).
    Exces,
}

impl RoundingMode {
    /// The name used in rule files.
    pub fn name(self) -> &'static str {
        match self {
            Self::DemiSuperieur => "demi_superieur",
            Self::Troncature => "troncature",
            Self::Exces => "exces",
        }
    }

    /// Reads the name used in rule files.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "demi_superieur" => Some(Self::DemiSuperieur),
            "troncature" => Some(Self::Troncature),
            "exces" => Some(Self::Exces),
            _ => None,
        }
    }
}

/// Divides `num` by `den` and rounds once. `den` must be positive.
///
/// Returns `None` when `den` is not positive. Takes a 64-bit road when both fit: it is several
/// times faster, and nearly every line of a payslip fits.
#[inline]
#[expect(
    clippy::integer_division,
    reason = "the one place where a quotient is taken, rounded below"
)]
pub fn round_div(num: i128, den: i128, mode: RoundingMode) -> Option<i128> {
    if den <= 0 {
        return None;
    }
    let (quotient, remainder, den_abs) = match (i64::try_from(num), i64::try_from(den)) {
        (Ok(n), Ok(d)) => (i128::from(n / d), i128::from(n % d), den),
        _ => (num / den, num % den, den),
    };
    let away = match mode {
        RoundingMode::Troncature => false,
        // |remainder| < den, so den - |remainder| cannot overflow where 2 × remainder could.
        RoundingMode::DemiSuperieur => remainder.abs() >= den_abs - remainder.abs(),
        RoundingMode::Exces => remainder != 0,
    };
    if away && remainder != 0 { Some(quotient + remainder.signum()) } else { Some(quotient) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_goes_away_from_zero() {
        let half = RoundingMode::DemiSuperieur;
        assert_eq!(round_div(5, 10, half), Some(1));
        assert_eq!(round_div(-5, 10, half), Some(-1));
        assert_eq!(round_div(4, 10, half), Some(0));
        assert_eq!(round_div(25, 10, half), Some(3));
        assert_eq!(round_div(7, 3, half), Some(2));
        assert_eq!(round_div(8, 3, half), Some(3));
    }

    #[test]
    fn truncation_and_excess() {
        assert_eq!(round_div(-19, 10, RoundingMode::Troncature), Some(-1));
        assert_eq!(round_div(11, 10, RoundingMode::Exces), Some(2));
        assert_eq!(round_div(10, 10, RoundingMode::Exces), Some(1));
    }

    #[test]
    fn wide_values_take_the_wide_road_to_the_same_result() {
        let big = 1_i128 << 100;
        assert_eq!(round_div(big, big, RoundingMode::DemiSuperieur), Some(1));
        assert_eq!(round_div(big + big, 4, RoundingMode::Troncature), Some(big >> 1));
        assert_eq!(round_div(1, 0, RoundingMode::Troncature), None);
    }
}
