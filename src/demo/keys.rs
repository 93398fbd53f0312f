//! The control keys of the numbers that a reader checks: SIREN and SIRET, NIR, IBAN.

/// The digit that completes `digits` so that the whole passes the Luhn test (SIREN, SIRET).
pub(super) fn luhn(digits: &str) -> u32 {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(rank, byte)| {
            let digit = u32::from(byte.saturating_sub(b'0'));
            // Counted from the key, which is still missing: the first digit met is doubled.
            match (rank % 2, digit) {
                (0, 5..) => digit * 2 - 9,
                (0, _) => digit * 2,
                _ => digit,
            }
        })
        .sum();
    (10 - sum % 10) % 10
}

/// The key of the thirteen digits of a NIR.
pub(super) fn nir(number: u64) -> u64 {
    97 - number % 97
}

/// An account of the invented bank.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    /// Branch, five digits.
    pub(super) branch: u64,
    /// Account, eleven digits.
    pub(super) number: u64,
}

/// The invented bank: no French bank has this code.
pub(super) const BANK: u64 = 99_999;

impl Account {
    /// The key of the French account number.
    pub(super) fn rib(self) -> u64 {
        97 - (89 * BANK + 15 * self.branch + 3 * self.number) % 97
    }

    /// The two digits that follow `FR`.
    pub(super) fn iban(self) -> u64 {
        let mut rest = 0;
        // The account, then `FR00` with F = 15 and R = 27, taken piece by piece modulo 97.
        let pieces = [
            (100_000, BANK),
            (100_000, self.branch),
            (100_000_000_000, self.number),
            (100, self.rib()),
            (1_000_000, 152_700),
        ];
        for (width, piece) in pieces {
            rest = (rest * width + piece) % 97;
        }
        98 - rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_published_examples() {
        // SIREN given by INSEE as its own: 120 027 016; SIRET of its seat: 120 027 016 00563.
        assert_eq!(luhn("12002701"), 6);
        assert_eq!(luhn("1200270160056"), 3);
        // NIR of the example usually printed by the health insurance: 2 55 08 14 168 025, key 38.
        assert_eq!(nir(2_550_814_168_025), 38);
    }

    #[test]
    fn an_account_passes_both_tests() {
        let account = Account { branch: 12_345, number: 678_901 };
        let digits = format!("{BANK:05}{:05}{:011}{:02}", 12_345, 678_901, account.rib());
        let whole =
            |text: &str| text.bytes().fold(0_u64, |r, b| (r * 10 + u64::from(b - b'0')) % 97);
        assert_eq!(whole(&format!("{digits}1527{:02}", account.iban())), 1);
        let weighted = 89 * BANK + 15 * 12_345 + 3 * 678_901 + account.rib();
        assert_eq!(weighted % 97, 0);
    }
}
