//! Numbers of persons with their middle hidden.

/// How many characters stay readable at each end.
const SHOWN: usize = 3;

/// `2 85 05…` becomes `285••••••••••42`: enough to tell two numbers apart on the telephone, not
/// enough to use one. Too short to hide its middle: hidden whole.
pub fn masque(numero: &str) -> String {
    let letters: Vec<char> = numero.chars().filter(|letter| !letter.is_whitespace()).collect();
    let hidden = letters.len().saturating_sub(2 * SHOWN);
    let shown = if hidden < letters.len().div_ceil(2) { 0 } else { SHOWN };
    let last = letters.len().saturating_sub(shown);
    let each = letters.iter().enumerate();
    each.map(|(at, letter)| if at < shown || at >= last { *letter } else { '•' }).collect()
}

#[cfg(test)]
mod tests {
    use super::masque;

    #[test]
    fn the_middle_is_hidden() {
        assert_eq!(masque("285056912345642"), "285•••••••••642");
        assert_eq!(masque("FR76 3000 6000 0112 3456 7890 189"), "FR7•••••••••••••••••••••189");
        assert_eq!(masque("12345678"), "••••••••");
        assert_eq!(masque(""), "");
    }
}
