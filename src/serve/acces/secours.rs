//! Recovery codes: ten words to write down, each of which replaces the second factor once.

use super::hasard::{SansHasard, octets};

/// How many are given.
pub const NOMBRE: usize = 10;

/// Letters and digits that are not taken for one another.
const LETTRES: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// New codes, of 80 bits: `abcd-efgh-jkmn-pqrs`.
///
/// # Errors
///
/// When the system gives no random bytes.
pub fn codes() -> Result<Vec<String>, SansHasard> {
    (0..NOMBRE).map(|_| code()).collect()
}

fn code() -> Result<String, SansHasard> {
    let mut code = String::with_capacity(19);
    for (rang, octet) in octets::<16>()?.into_iter().enumerate() {
        if rang > 0 && rang % 4 == 0 {
            code.push('-');
        }
        code.extend(LETTRES.get(usize::from(octet & 31)).copied().map(char::from));
    }
    Ok(code)
}

/// The digest under which a code is stored. Case, spaces and dashes of what is typed do not count.
pub fn empreinte(saisi: &str) -> [u8; 32] {
    let net = saisi.chars().filter(char::is_ascii_alphanumeric);
    let net: String = net.map(|c| c.to_ascii_lowercase()).collect();
    blake3::derive_key("paie serve 2026-11-26 recovery code", net.as_bytes())
}

#[cfg(test)]
mod tests;
