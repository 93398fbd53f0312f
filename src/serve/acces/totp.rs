//! The second factor: a code of six digits that changes every thirty seconds (RFC 6238).

use qrcode::QrCode;
use qrcode::render::svg;
use totp_rs::{Algorithm, Builder, Secret, Totp};

use super::hasard::{SansHasard, octets};

/// Seconds of a step.
const PAS: u64 = 30;

/// A secret for the telephone of someone: 160 bits.
///
/// # Errors
///
/// When the system gives no random bytes.
pub fn secret() -> Result<Vec<u8>, SansHasard> {
    Ok(octets::<20>()?.to_vec())
}

/// What is shown once to enrol a telephone.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolement {
    /// The secret, to type by hand, in groups of four.
    pub cle: String,
    /// The same for the telephone itself: `otpauth://…`
    pub adresse: String,
    /// The same as a picture, an `<svg>` without style.
    pub image: String,
}

/// How to enrol a telephone; none when the secret or the name cannot be used.
pub fn enrolement(secret: &[u8], identifiant: &str) -> Option<Enrolement> {
    let adresse = totp(secret, identifiant)?.to_url().ok()?;
    let image =
        QrCode::new(&adresse).ok()?.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
    let dense = Secret::new(secret.into()).to_base32();
    let groupes = dense.as_bytes().chunks(4).map(String::from_utf8_lossy);
    let cle = groupes.collect::<Vec<_>>().join(" ");
    // The declaration of an XML file has no place inside a page.
    let image = image.find("<svg").and_then(|debut| image.get(debut..))?.to_owned();
    Some(Enrolement { cle, adresse, image })
}

/// The step of a code, if it is the code of now, of the step before or of the one after, and later
/// than the last step that was accepted. The caller has the file accept the step, once.
pub fn verifier(secret: &[u8], saisi: &str, quand: i64, dernier: i64) -> Option<i64> {
    let code: String = saisi.chars().filter(|c| !c.is_whitespace()).collect();
    let quand = u64::try_from(quand).ok()?;
    let pas = totp(secret, "paie")?.check(&code, quand)?;
    i64::try_from(pas).ok().filter(|&pas| pas > dernier)
}

/// SHA-1 and six digits: what every application knows.
fn totp(secret: &[u8], identifiant: &str) -> Option<Totp> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(PAS)
        .with_secret(Secret::new(secret.into()))
        .with_account_name(identifiant)
        .with_issuer(Some("Paie"))
        .build()
        .ok()
}

#[cfg(test)]
mod tests;
