//! Random tokens, and the digests under which they are stored.

/// The system gives no random bytes: nothing can be signed, nobody can come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random bytes: {0}")]
pub struct SansHasard(#[from] getrandom::Error);

/// Random bytes.
///
/// # Errors
///
/// When the system gives none.
pub fn octets<const N: usize>() -> Result<[u8; N], SansHasard> {
    let mut octets = [0; N];
    getrandom::fill(&mut octets)?;
    Ok(octets)
}

/// A token of 256 bits, as 64 hexadecimal digits: for cookies and one-time links.
///
/// # Errors
///
/// When the system gives no random bytes.
pub fn jeton() -> Result<String, SansHasard> {
    Ok(blake3::Hash::from(octets::<32>()?).to_hex().to_string())
}

/// The digest under which a token is stored: the file opens no session.
pub fn empreinte(jeton: &str) -> [u8; 32] {
    blake3::derive_key("paie serve 2026-11-26 stored token", jeton.as_bytes())
}
