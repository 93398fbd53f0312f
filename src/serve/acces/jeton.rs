//! Tokens of forms: what is sent was asked for by a page of this very session.
//!
//! A token is a nonce and a digest under the secret of the session, of the nonce and of the name of
//! the form. It differs on each page, so that a compressed answer tells nothing about it.

use super::hasard::{SansHasard, octets};

/// The token of a form, for a hidden field.
///
/// # Errors
///
/// When the system gives no random bytes.
pub fn emettre(secret: &[u8; 32], formulaire: &str) -> Result<String, SansHasard> {
    let nonce = blake3::Hash::from(octets::<32>()?);
    Ok(format!("{}{}", nonce.to_hex(), sceau(secret, &nonce, formulaire).to_hex()))
}

/// Whether a token is one of this session and of this form. Takes the same time for any wrong one.
pub fn verifier(secret: &[u8; 32], formulaire: &str, jeton: &str) -> bool {
    let Some((nonce, recu)) = jeton.split_at_checked(64) else { return false };
    let (Ok(nonce), Ok(recu)) = (blake3::Hash::from_hex(nonce), blake3::Hash::from_hex(recu))
    else {
        return false;
    };
    // The equality of `blake3::Hash` is in constant time.
    sceau(secret, &nonce, formulaire) == recu
}

fn sceau(secret: &[u8; 32], nonce: &blake3::Hash, formulaire: &str) -> blake3::Hash {
    let mut hacheur = blake3::Hasher::new_keyed(secret);
    hacheur.update(nonce.as_bytes());
    hacheur.update(formulaire.as_bytes());
    hacheur.finalize()
}

#[cfg(test)]
mod tests;
