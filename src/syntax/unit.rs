//! Units of quantities: index points never meet euros by accident.

use std::fmt;

/// Base units, in the order of the powers. `date` is a civil day as the number AAAAMMJJ: days
/// compare, and adding two of them means nothing to anybody.
const BASES: [&str; COUNT] =
    ["€", "pt", "an", "mois", "j", "h", "agent", "enfant", "habitant", "date"];
const COUNT: usize = 10;

/// A product of powers of base units; the empty product is a pure number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Unit {
    powers: [i8; COUNT],
}

impl Unit {
    /// A pure number.
    pub const NONE: Self = Self { powers: [0; COUNT] };
    /// Money of the month of pay.
    pub const EURO: Self = Self { powers: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0] };
    /// Money due for a full month.
    pub const EURO_PER_MONTH: Self = Self { powers: [1, 0, 0, -1, 0, 0, 0, 0, 0, 0] };
    /// Money due for a year.
    pub const EURO_PER_YEAR: Self = Self { powers: [1, 0, -1, 0, 0, 0, 0, 0, 0, 0] };

    /// Reads `€/pt/an`; the empty text is a pure number. `None`: a base unit is not known.
    pub fn parse(text: &str) -> Option<Self> {
        let mut unit = Self::NONE;
        let text = text.trim();
        if text.is_empty() {
            return Some(unit);
        }
        for (index, part) in text.split('/').enumerate() {
            let part = part.trim();
            if part.is_empty() || part == "1" {
                if index == 0 {
                    continue;
                }
                return None;
            }
            let at = BASES.into_iter().position(|name| name == part)?;
            let power = unit.powers.get_mut(at)?;
            *power += if index == 0 { 1 } else { -1 };
        }
        Some(unit)
    }

    /// Whether a base unit takes part in it, above or below the bar.
    pub fn has(self, base: &str) -> bool {
        BASES.into_iter().zip(self.powers).any(|(name, power)| name == base && power != 0)
    }

    /// The unit of a product.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        self.zip(other, |a, b| a.saturating_add(b))
    }

    /// The unit of a quotient.
    #[must_use]
    pub fn per(self, other: Self) -> Self {
        self.zip(other, |a, b| a.saturating_sub(b))
    }

    fn zip(self, other: Self, combine: impl Fn(i8, i8) -> i8) -> Self {
        let mut unit = self;
        for (power, with) in unit.powers.iter_mut().zip(other.powers) {
            *power = combine(*power, with);
        }
        unit
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for (name, power) in BASES.into_iter().zip(self.powers) {
            for _ in 0..power {
                if !text.is_empty() {
                    text.push('·');
                }
                text.push_str(name);
            }
        }
        for (name, power) in BASES.into_iter().zip(self.powers) {
            for _ in power..0 {
                text.push('/');
                text.push_str(name);
            }
        }
        out.write_str(if text.is_empty() { "sans unité" } else { &text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_combine() {
        let point = Unit::parse("€/pt/an").unwrap();
        let index = Unit::parse("pt").unwrap();
        assert_eq!(point.times(index), Unit::EURO_PER_YEAR);
        assert_eq!(Unit::EURO.per(Unit::parse("mois").unwrap()), Unit::EURO_PER_MONTH);
        assert_eq!(point.to_string(), "€/pt/an");
        assert_eq!(Unit::parse("/enfant").unwrap().to_string(), "/enfant");
        assert_eq!(Unit::parse("kg"), None);
    }
}
