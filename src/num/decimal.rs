//! Decimals as written in a file: a mantissa and a scale, nothing lost and nothing rounded.

use std::fmt;

/// A decimal number: `mantissa × 10^-scale`. Scale from 0 to [`Fixed::MAX_SCALE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fixed {
    mantissa: i64,
    scale: u8,
}

/// Why a text is not a decimal that this program accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FixedError {
    /// Not a number in decimal notation.
    #[error("not a decimal number")]
    Syntax,
    /// More digits than fit.
    #[error("too many digits")]
    TooLong,
    /// More decimals than the column accepts.
    #[error("more than {0} decimals")]
    TooPrecise(u8),
}

impl Fixed {
    /// The most decimals a number of a file may have.
    pub const MAX_SCALE: u8 = 9;

    /// A decimal from its parts.
    pub const fn new(mantissa: i64, scale: u8) -> Self {
        Self { mantissa, scale }
    }

    /// The digits, as an integer.
    pub const fn mantissa(self) -> i64 {
        self.mantissa
    }

    /// The number of decimals.
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// Reads `-12.50`, `12,5`, `1 250,00` (spaces between digits are ignored).
    pub fn parse(text: &str) -> Result<Self, FixedError> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut mantissa: i64 = 0;
        let (mut scale, mut after_point, mut seen) = (0_u8, false, false);
        for character in digits.chars() {
            match character {
                '0'..='9' => {
                    let digit = i64::from(u32::from(character) - u32::from('0'));
                    mantissa = mantissa
                        .checked_mul(10)
                        .and_then(|m| m.checked_add(digit))
                        .ok_or(FixedError::TooLong)?;
                    seen = true;
                    scale += u8::from(after_point);
                    if scale > Self::MAX_SCALE {
                        return Err(FixedError::TooPrecise(Self::MAX_SCALE));
                    }
                }
                '.' | ',' if !after_point => after_point = true,
                ' ' | '\u{a0}' | '\u{202f}' if seen && !after_point => {}
                _ => return Err(FixedError::Syntax),
            }
        }
        if !seen {
            return Err(FixedError::Syntax);
        }
        Ok(Self { mantissa: if negative { -mantissa } else { mantissa }, scale })
    }

    /// The mantissa of the same number at `scale` decimals; an error when decimals would be lost.
    pub fn at_scale(self, scale: u8) -> Result<i64, FixedError> {
        let short = self.trimmed();
        let Some(missing) = scale.checked_sub(short.scale) else {
            return Err(FixedError::TooPrecise(scale));
        };
        10_i64
            .checked_pow(u32::from(missing))
            .and_then(|power| short.mantissa.checked_mul(power))
            .ok_or(FixedError::TooLong)
    }

    /// The same number without trailing zeros.
    pub fn trimmed(self) -> Self {
        let mut short = self;
        while short.scale > 0 && short.mantissa % 10 == 0 {
            short.mantissa /= 10;
            short.scale -= 1;
        }
        short
    }

    /// The French form: `1 801,74`, thousands separated by a narrow no-break space.
    pub fn french(self) -> String {
        let plain = self.to_string();
        let (sign, unsigned) = plain.strip_prefix('-').map_or(("", plain.as_str()), |p| ("-", p));
        let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let mut grouped = String::from(sign);
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                grouped.push('\u{202f}');
            }
            grouped.push(digit);
        }
        if !decimals.is_empty() {
            grouped.push(',');
            grouped.push_str(decimals);
        }
        grouped
    }
}

impl fmt::Display for Fixed {
    #[expect(clippy::integer_division, reason = "digits before and after the point")]
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let power = 10_u64.pow(u32::from(self.scale));
        let unsigned = self.mantissa.unsigned_abs();
        let sign = if self.mantissa < 0 { "-" } else { "" };
        if self.scale == 0 {
            return write!(out, "{sign}{unsigned}");
        }
        let width = usize::from(self.scale);
        write!(out, "{sign}{}.{:0width$}", unsigned / power, unsigned % power)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_was_written() {
        assert_eq!(Fixed::parse("0.3465"), Ok(Fixed::new(3465, 4)));
        assert_eq!(Fixed::parse("1 250,00"), Ok(Fixed::new(125_000, 2)));
        assert_eq!(Fixed::parse("-7"), Ok(Fixed::new(-7, 0)));
        assert_eq!(Fixed::parse("1e3"), Err(FixedError::Syntax));
        assert_eq!(Fixed::parse("1.2.3"), Err(FixedError::Syntax));
        assert_eq!(Fixed::parse(""), Err(FixedError::Syntax));
        assert_eq!(Fixed::new(590_734, 4).to_string(), "59.0734");
        assert_eq!(Fixed::parse("0.050").map(|f| f.at_scale(2)), Ok(Ok(5)));
        assert_eq!(
            Fixed::parse("0.055").map(|f| f.at_scale(2)),
            Ok(Err(FixedError::TooPrecise(2)))
        );
    }
}
