use super::*;

#[test]
fn a_long_password_needs_no_digit_and_no_mark() {
    for bon in ["cheval agrafe pile correct", "été à la montagne", "kdjfheuzbqlw"] {
        assert_eq!(juger(bon, "marie.durand@exemple.fr"), Ok(()), "{bon}");
    }
}

#[test]
fn what_is_tried_first_is_refused() {
    for (faux, refus) in [
        ("Court1!é", Refus::Court),
        ("onze carac.", Refus::Court),
        ("Marie.Durand2026!", Refus::Identifiant),
        ("MotDePasse2026!", Refus::Commun),
        ("!!azertyuiop!!", Refus::Commun),
        ("123456789012", Refus::Commun),
        ("zzzzzzzzzzzzzz", Refus::Commun),
    ] {
        assert_eq!(juger(faux, "marie.durand@exemple.fr"), Err(refus), "{faux}");
    }
    assert_eq!(juger(&"mot ".repeat(65), "marie"), Err(Refus::Long));
    assert_eq!(juger("douze signes", "marie"), Ok(()));
}

#[test]
fn the_list_is_in_lower_case_and_every_word_of_it_counts() {
    for mot in COMMUNS.lines() {
        let essai = format!("{mot}{}", "!".repeat(12));
        let refuse =
            juger(&essai, "") == Err(Refus::Commun) || juger(mot, "") == Err(Refus::Commun);
        assert!(refuse, "{mot}");
    }
}

#[test]
fn a_password_is_verified_and_its_hash_names_argon2id() {
    let hache = hacher("cheval agrafe pile").unwrap();
    assert!(hache.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hache}");
    assert_ne!(hache, hacher("cheval agrafe pile").unwrap(), "a salt of its own");
    assert!(verifier(Some(&hache), "cheval agrafe pile"));
    assert!(!verifier(Some(&hache), "cheval agrafe pilE"));
    assert!(!verifier(Some("garbage"), "cheval agrafe pile"));
    assert!(!verifier(None, "cheval agrafe pile"));
    assert!(!verifier(Some(&hacher("").unwrap()), &"x".repeat(MAXIMUM + 1)), "too long");
}

#[test]
fn an_unknown_account_costs_as_much_as_a_known_one() {
    let leurre = PasswordHash::new(&LEURRE).unwrap();
    let vrai = hacher("cheval agrafe pile").unwrap();
    let vrai = PasswordHash::new(&vrai).unwrap();
    assert_eq!(leurre.algorithm, vrai.algorithm);
    assert_eq!(leurre.params, vrai.params);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_than_so_many_at_a_time() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let hacheur = Hacheur::new(2);
    let en_cours = Arc::new(AtomicUsize::new(0));
    let taches: Vec<_> = (0..12)
        .map(|_| {
            let (hacheur, en_cours) = (hacheur.clone(), Arc::clone(&en_cours));
            tokio::spawn(async move {
                let travail = move || {
                    let ensemble = en_cours.fetch_add(1, Ordering::SeqCst) + 1;
                    std::thread::sleep(std::time::Duration::from_millis(10));
                    en_cours.fetch_sub(1, Ordering::SeqCst);
                    ensemble
                };
                hacheur.un(travail).await.unwrap()
            })
        })
        .collect();
    let mut plus = 0;
    for tache in taches {
        plus = plus.max(tache.await.unwrap());
    }
    assert!(plus <= 2, "{plus}");
    let hache = hacheur.hacher("cheval agrafe pile".to_owned()).await.unwrap();
    assert!(hacheur.verifier(Some(hache), "cheval agrafe pile".to_owned()).await.unwrap());
}
