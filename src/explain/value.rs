//! Exact values in words: a decimal as far as it goes, a fraction where the law writes one.

use super::Valeur;
use crate::num::{RoundingMode, gcd, round_div};
use crate::program::{MISSING, Val};
use crate::rules::{Entree, EntreeType};
use crate::syntax::Unit;

/// Decimals shown of a number that does not end.
const DECIMALS: u32 = 6;

/// A fraction; the denominator is positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact {
    /// Numerator.
    pub num: i128,
    /// Denominator.
    pub den: i128,
}

impl Exact {
    /// A number of cents.
    pub fn cents(cents: i128) -> Self {
        Self { num: cents, den: 100 }
    }

    /// The value that code left in the slots; none when a slot is missing or has no value.
    pub fn read(val: &Val, slots: &[i128]) -> Option<Self> {
        let at = |slot: u16| slots.get(usize::from(slot)).copied();
        let num = at(val.slot).filter(|&num| num != MISSING)?;
        let variable = val.den_slot.map_or(Some(1), at)?;
        let den = val.den.checked_mul(variable).filter(|&den| den > 0)?;
        Some(Self { num, den })
    }

    /// In lowest terms.
    #[expect(clippy::integer_division, reason = "exact: both are multiples of their gcd")]
    pub fn reduced(self) -> Self {
        let common = gcd(self.num.checked_abs().unwrap_or(1), self.den).max(1);
        Self { num: self.num / common, den: self.den / common }
    }

    /// The product with a fraction; the value itself when it would not fit.
    pub fn times(self, num: i128, den: i128) -> Self {
        let product = (self.num.checked_mul(num), self.den.checked_mul(den));
        match product {
            (Some(num), Some(den)) => Self { num, den }.reduced(),
            _ => self,
        }
    }

    /// Whether two fractions are the same number.
    pub fn same(self, other: Self) -> bool {
        self.reduced() == other.reduced()
    }

    /// Whole part and decimals, as far as `most`; the flag says that something is left.
    fn digits(self, most: u32) -> (bool, i128, String, bool) {
        let short = self.reduced();
        let positive = short.num.checked_abs().unwrap_or(i128::MAX);
        let cut = |num, den| round_div(num, den, RoundingMode::Troncature).unwrap_or(0);
        let whole = cut(positive, short.den);
        let mut rest = positive - whole * short.den;
        let mut decimals = String::new();
        for _ in 0..most {
            let Some(ten) = rest.checked_mul(10).filter(|_| rest != 0) else { break };
            let digit = cut(ten, short.den);
            decimals.push_str(&digit.to_string());
            rest = ten - digit * short.den;
        }
        (short.num < 0, whole, decimals, rest != 0)
    }

    /// `1 801,74`, at least `least` decimals; `…` when the decimals go on.
    pub fn french(self, least: usize) -> String {
        let (negative, whole, mut decimals, endless) = self.digits(DECIMALS);
        while decimals.len() < least {
            decimals.push('0');
        }
        let digits = whole.to_string();
        let mut text = String::from(if negative { "-" } else { "" });
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push('\u{202f}');
            }
            text.push(digit);
        }
        if !decimals.is_empty() {
            text.push(',');
            text.push_str(&decimals);
        }
        if endless {
            text.push('…');
        }
        text
    }

    /// A plain decimal, or `n/d` when it does not end.
    pub fn plain(self) -> String {
        let (negative, whole, decimals, endless) = self.digits(18);
        let short = self.reduced();
        if endless {
            return format!("{}/{}", short.num, short.den);
        }
        let sign = if negative { "-" } else { "" };
        let point = if decimals.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{decimals}")
    }

    /// With its unit.
    pub fn valeur(self, unite: Unit) -> Valeur {
        let unit = unit_text(unite);
        let least = if unit.starts_with('€') { 2 } else { 0 };
        let number = self.french(least);
        let space = if unit.is_empty() { "" } else { "\u{a0}" };
        // A bare noun takes its plural: `2 enfants`, never `2 pts`.
        let two = self.num.checked_abs().is_some_and(|num| num >= self.den.saturating_mul(2));
        let plural =
            if two && matches!(unit.as_str(), "enfant" | "agent" | "an") { "s" } else { "" };
        let texte = format!("{number}{space}{unit}{plural}");
        Valeur { texte, nombre: Some(self.plain()), unite: unit }
    }

    /// As a rate: `34,65 %`.
    pub fn taux(self) -> Valeur {
        let percent = self.times(100, 1).french(2);
        let texte = format!("{percent}\u{a0}%");
        Valeur { texte, nombre: Some(self.plain()), unite: String::new() }
    }

    /// As a fraction: `6/7`.
    pub fn fraction(self) -> Valeur {
        let short = self.reduced();
        let plain = self.plain();
        let texte = if short.den == 1 {
            short.num.to_string()
        } else {
            format!("{}/{}", short.num, short.den)
        };
        Valeur { texte, nombre: Some(plain), unite: String::new() }
    }
}

/// A unit as people write it; empty for a pure number.
pub fn unit_text(unite: Unit) -> String {
    if unite == Unit::NONE { String::new() } else { unite.to_string() }
}

/// A word.
pub fn word(texte: impl Into<String>) -> Valeur {
    Valeur { texte: texte.into(), nombre: None, unite: String::new() }
}

/// Oui or non.
pub fn yes(value: bool) -> Valeur {
    word(if value { "oui" } else { "non" })
}

/// A number without unit: a rate where its name says so.
pub fn named(nom: &str, unite: Unit, exact: Exact) -> Valeur {
    let short = nom.rsplit('.').next().unwrap_or(nom);
    let rate = unite == Unit::NONE && short.split('_').any(|part| part == "taux");
    if rate { exact.taux() } else { exact.valeur(unite) }
}

/// The value of an input.
pub fn input(entree: &Entree, val: &Val, slots: &[i128]) -> Valeur {
    let Some(exact) = Exact::read(val, slots) else { return word("non renseigné") };
    match &entree.kind {
        EntreeType::Nombre { .. } => named(&entree.nom, entree.unite, exact),
        EntreeType::Ratio => exact.fraction(),
        EntreeType::Booleen => yes(exact.num != 0),
        EntreeType::Enumeration(words) => symbol(words, exact.num),
    }
}

/// The word of an enumeration at a place.
pub fn symbol(words: &[String], place: i128) -> Valeur {
    let found = usize::try_from(place).ok().and_then(|at| words.get(at));
    word(found.map_or("?", String::as_str))
}

/// Whether a value is the one declared for when nothing is said.
pub fn is_default(entree: &Entree, valeur: &Valeur) -> bool {
    let Some(defaut) = &entree.defaut else { return false };
    match (&valeur.nombre, crate::num::Fixed::parse(defaut)) {
        (Some(nombre), Ok(number)) => *nombre == number.trimmed().to_string(),
        _ => valeur.texte == *defaut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_end_or_say_that_they_do_not() {
        let third = Exact { num: 2_550_001_766_667, den: 1_000_000_000 };
        assert_eq!(third.french(2), "2\u{202f}550,001766…");
        assert_eq!(Exact { num: -7, den: 2 }.french(2), "-3,50");
        assert_eq!(Exact { num: 10, den: 3 }.plain(), "10/3");
        assert_eq!(Exact { num: 3465, den: 10_000 }.taux().texte, "34,65\u{a0}%");
        assert_eq!(Exact { num: 12, den: 14 }.fraction().texte, "6/7");
        assert_eq!(Exact { num: 1_234_567, den: 1 }.french(0), "1\u{202f}234\u{202f}567");
    }
}
