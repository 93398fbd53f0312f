use std::time::Duration;

use governor::clock::FakeRelativeClock;

use super::*;

#[test]
fn a_lock_out_doubles_up_to_an_hour() {
    let attentes: Vec<i64> = (0..14).map(attente).collect();
    let doublees = [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600];
    assert_eq!(attentes[..5], [0; 5]);
    assert_eq!(attentes[5..], doublees);
    assert_eq!(attente(u32::MAX), 3600);
}

#[test]
fn a_message_says_when_and_not_who() {
    assert_eq!(message(0), "Trop d’essais\u{a0}: réessayez dans 1\u{a0}seconde.");
    assert_eq!(message(59), "Trop d’essais\u{a0}: réessayez dans 59\u{a0}secondes.");
    assert_eq!(message(60), "Trop d’essais\u{a0}: réessayez dans 1\u{a0}minute.");
    assert_eq!(message(61), "Trop d’essais\u{a0}: réessayez dans 2\u{a0}minutes.");
    assert_eq!(message(3600), "Trop d’essais\u{a0}: réessayez dans 1\u{a0}heure.");
}

#[test]
fn an_account_is_braked_whatever_the_address() {
    let horloge = FakeRelativeClock::default();
    let frein = Frein::new(horloge.clone());
    for essai in 0..PAR_COMPTE {
        assert_eq!(frein.essayer(&format!("10.0.0.{essai}"), "Marie@exemple.fr"), Ok(()));
    }
    let attente = frein.essayer("10.0.1.1", " marie@exemple.fr").unwrap_err();
    assert!((1..=7).contains(&attente), "{attente}");
    assert_eq!(frein.essayer("10.0.1.1", "paul@exemple.fr"), Ok(()), "another account");
    horloge.advance(Duration::from_secs(7));
    assert_eq!(frein.essayer("10.0.1.1", "marie@exemple.fr"), Ok(()));
}

#[test]
fn an_address_is_braked_whatever_the_account() {
    let frein = Frein::new(FakeRelativeClock::default());
    for essai in 0..PAR_ADRESSE {
        assert_eq!(frein.essayer("10.0.0.1", &format!("compte{essai}")), Ok(()));
    }
    assert!(frein.essayer("10.0.0.1", "encore").is_err());
    assert_eq!(frein.essayer("10.0.0.2", "encore"), Ok(()), "another address");
}
