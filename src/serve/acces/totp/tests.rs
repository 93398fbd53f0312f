use super::*;

/// The secret of RFC 6238, appendix B; its codes have eight digits, the last six are ours.
const RFC: &[u8] = b"12345678901234567890";

#[test]
fn codes_of_the_rfc_are_right() {
    for (quand, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
        assert_eq!(verifier(RFC, code, quand, 0), Some(quand.div_euclid(30)));
    }
}

#[test]
fn one_step_around_and_no_more() {
    let (code, pas) = ("081804", 1_111_111_109_i64.div_euclid(30));
    let debut = pas * 30;
    for quand in [debut - 30, debut, debut + 29, debut + 59] {
        assert_eq!(verifier(RFC, code, quand, 0), Some(pas), "{quand}");
    }
    for quand in [debut - 31, debut + 60, -1] {
        assert_eq!(verifier(RFC, code, quand, 0), None, "{quand}");
    }
}

#[test]
fn a_step_that_was_accepted_is_refused() {
    let pas = 1_111_111_109_i64.div_euclid(30);
    assert_eq!(verifier(RFC, "081 804", 1_111_111_109, pas - 1), Some(pas));
    assert_eq!(verifier(RFC, "081804", 1_111_111_109, pas), None, "the same step");
    assert_eq!(verifier(RFC, "081804", 1_111_111_109, pas + 1), None, "a later one");
}

#[test]
fn what_is_no_code_is_refused() {
    for faux in ["", "08180", "0818040", "+81804", "08180a", "０８１８０４"] {
        assert_eq!(verifier(RFC, faux, 1_111_111_109, 0), None, "{faux}");
    }
}

#[test]
fn a_telephone_is_enrolled_by_picture_or_by_hand() {
    let enrolement = enrolement(RFC, "rh@exemple.fr").unwrap();
    assert_eq!(enrolement.cle, "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    assert!(enrolement.adresse.starts_with("otpauth://totp/Paie:rh"), "{}", enrolement.adresse);
    assert!(enrolement.adresse.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"));
    let image = enrolement.image;
    assert!(image.starts_with("<svg") && image.ends_with("</svg>"), "{image}");
    assert!(!image.contains("style") && !image.contains("<script"));
}
