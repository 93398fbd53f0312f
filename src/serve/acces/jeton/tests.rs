use super::*;

const MIEN: [u8; 32] = [1; 32];
const AUTRE: [u8; 32] = [2; 32];

#[test]
fn a_token_holds_for_its_session_and_its_form() {
    let jeton = emettre(&MIEN, "simuler").unwrap();
    assert!(verifier(&MIEN, "simuler", &jeton));
    assert!(!verifier(&AUTRE, "simuler", &jeton), "another session");
    assert!(!verifier(&MIEN, "elements", &jeton), "another form");
}

#[test]
fn a_token_that_was_touched_does_not_hold() {
    let jeton = emettre(&MIEN, "simuler").unwrap();
    for place in [0, 63, 64, 127] {
        let mut octets = jeton.clone().into_bytes();
        octets[place] = if octets[place] == b'0' { b'1' } else { b'0' };
        assert!(!verifier(&MIEN, "simuler", std::str::from_utf8(&octets).unwrap()));
    }
    for faux in ["", "é", &jeton[1..], &jeton[..127], &format!("{jeton}0"), &"é".repeat(64)] {
        assert!(!verifier(&MIEN, "simuler", faux), "{faux}");
    }
}

#[test]
fn two_pages_have_two_tokens() {
    let (une, deux) = (emettre(&MIEN, "f").unwrap(), emettre(&MIEN, "f").unwrap());
    assert_ne!(une[..64], deux[..64]);
    assert_ne!(une[64..], deux[64..]);
}
