//! Check keys of the numbers of people: NIR and IBAN. Answers never repeat the number.

/// What is wrong with a number, without the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyError {
    /// The number of characters is wrong.
    Length,
    /// A character has no business there.
    Character,
    /// The key does not match the rest.
    Key,
}

impl KeyError {
    /// The fact, for a message that starts with the name of the number.
    pub(super) fn fact(self) -> &'static str {
        match self {
            Self::Length => "does not have the right number of characters",
            Self::Character => "holds a character that is not allowed there",
            Self::Key => "has a key that does not match",
        }
    }
}

/// Checks a NIR of 13 characters, or of 15 with its key; spaces are ignored.
pub(super) fn check_nir(text: &str) -> Result<(), KeyError> {
    let mut number: u64 = 0;
    let mut corsica: u64 = 0;
    let (mut length, mut key) = (0_usize, 0_u64);
    for byte in text.bytes().filter(|byte| *byte != b' ') {
        let digit = match byte {
            b'0'..=b'9' => u64::from(byte - b'0'),
            // Corsica: 2A counts as 19, 2B as 18; written as a 0 here and subtracted below.
            b'A' | b'a' if length == 6 => {
                corsica = 1_000_000;
                0
            }
            b'B' | b'b' if length == 6 => {
                corsica = 2_000_000;
                0
            }
            _ => return Err(KeyError::Character),
        };
        match length {
            0..13 => number = number * 10 + digit,
            13..15 => key = key * 10 + digit,
            _ => return Err(KeyError::Length),
        }
        length += 1;
    }
    match length {
        13 => Ok(()),
        15 if 97 - number.saturating_sub(corsica) % 97 == key => Ok(()),
        15 => Err(KeyError::Key),
        _ => Err(KeyError::Length),
    }
}

/// Checks an IBAN: length of its country, then the remainder by 97; spaces are ignored.
pub(super) fn check_iban(text: &str) -> Result<(), KeyError> {
    let mut characters = [0_u8; 34];
    let mut length = 0_usize;
    for byte in text.bytes().filter(|byte| *byte != b' ') {
        if !byte.is_ascii_alphanumeric() {
            return Err(KeyError::Character);
        }
        *characters.get_mut(length).ok_or(KeyError::Length)? = byte.to_ascii_uppercase();
        length += 1;
    }
    let (Some(characters), Some(country)) = (characters.get(..length), characters.get(..2)) else {
        return Err(KeyError::Length);
    };
    let expected = IBAN_LENGTHS.iter().find(|(code, _)| code.as_bytes() == country);
    if expected.map_or(!(15..=34).contains(&length), |&(_, expected)| expected != length) {
        return Err(KeyError::Length);
    }
    let (head, tail) = characters.split_at(4);
    let remainder = tail.iter().chain(head).fold(0_u32, |rest, &byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    if remainder == 1 { Ok(()) } else { Err(KeyError::Key) }
}

/// Length of an IBAN by country: the SEPA area and the neighbours that salaries are paid to.
const IBAN_LENGTHS: &[(&str, usize)] = &[
    ("FR", 27),
    ("AD", 24),
    ("AT", 20),
    ("BE", 16),
    ("BG", 22),
    ("CH", 21),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("EE", 20),
    ("ES", 24),
    ("FI", 18),
    ("GB", 22),
    ("GI", 23),
    ("GR", 27),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IS", 26),
    ("IT", 27),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("MC", 27),
    ("MT", 31),
    ("NL", 18),
    ("NO", 15),
    ("PL", 28),
    ("PT", 25),
    ("RO", 24),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("VA", 22),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nir_with_and_without_key_and_from_corsica() {
        assert_eq!(check_nir("2 55 08 14 168 025 38"), Ok(()));
        assert_eq!(check_nir("2550814168025"), Ok(()));
        assert_eq!(check_nir("255081416802539"), Err(KeyError::Key));
        assert_eq!(check_nir("25508141680"), Err(KeyError::Length));
        assert_eq!(check_nir("2550814168025380"), Err(KeyError::Length));
        assert_eq!(check_nir("25508X4168025"), Err(KeyError::Character));
        let key = |number: u64| format!("{:02}", 97 - number % 97);
        assert_eq!(check_nir(&format!("155082A168025{}", key(1_550_819_168_025))), Ok(()));
        assert_eq!(check_nir(&format!("155082B168025{}", key(1_550_818_168_025))), Ok(()));
        assert_eq!(
            check_nir(&format!("155082A168025{}", key(1_550_818_168_025))),
            Err(KeyError::Key)
        );
    }

    #[test]
    fn iban_length_and_remainder() {
        assert_eq!(check_iban("FR14 2004 1010 0505 0001 3M02 606"), Ok(()));
        assert_eq!(check_iban("fr1420041010050500013m02606"), Ok(()));
        assert_eq!(check_iban("DE89370400440532013000"), Ok(()));
        assert_eq!(check_iban("FR1420041010050500013M02607"), Err(KeyError::Key));
        assert_eq!(check_iban("FR1420041010050500013M0260"), Err(KeyError::Length));
        assert_eq!(check_iban("FR14-2004"), Err(KeyError::Character));
        assert_eq!(check_iban("F"), Err(KeyError::Length));
        assert_eq!(check_iban(""), Err(KeyError::Length));
    }
}
