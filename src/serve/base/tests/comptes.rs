//! Accounts, invitations, secrets, failures.

use super::*;

#[test]
fn an_account_comes_back_as_it_was_wanted() {
    let essaie = Essaie::new();
    let sirets = [siret("21690001800017"), siret("21690002600010")];
    let auditeur = Changement {
        fin: Some(Day::new(2026, 12, 31).unwrap()),
        ..voulu(Role::Auditeur, Perimetre::des(sirets))
    };
    let cree = essaie.compte("  Paul.AUDIT@exemple.fr ", &auditeur);
    assert_eq!(cree.identifiant, "paul.audit@exemple.fr");
    assert_eq!(cree.fin, auditeur.fin);
    assert_eq!(cree.perimetre, auditeur.perimetre);
    let base = &essaie.base;
    assert_eq!(base.compte(cree.id).unwrap().as_ref(), Some(&cree));
    assert_eq!(base.compte_de("PAUL.audit@exemple.fr").unwrap(), Some(cree));
    assert_eq!(base.compte_de("autre").unwrap(), None);
    let operateur = essaie.compte("aline", &voulu(Role::Operateur, Perimetre::tous()));
    assert_eq!(operateur.perimetre.liste(), None);
    let fiches = base.fiches().unwrap();
    let noms: Vec<_> = fiches.iter().map(|fiche| fiche.compte.identifiant.as_str()).collect();
    assert_eq!(noms, ["aline", "paul.audit@exemple.fr"]);
    assert!(!fiches[0].mot_de_passe && fiches[0].connexion.is_none());
}

#[test]
fn what_cannot_be_an_account_is_refused_with_its_reason() {
    let essaie = Essaie::new();
    let refus = |saisi: &str, voulu: &Changement| {
        essaie.base.creer(saisi, voulu, MIDI, |_| note()).unwrap_err()
    };
    essaie.gestionnaire("marie");
    assert!(matches!(refus("MARIE", &gestionnaire()), BaseError::IdentifiantPris));
    for faux in ["", "ab", "deux mots", "élodie", "a'; --", &"a".repeat(121)] {
        assert!(matches!(refus(faux, &gestionnaire()), BaseError::Identifiant), "{faux}");
    }
    let sans_nom = Changement { nom: "  ".to_owned(), ..gestionnaire() };
    assert!(matches!(refus("paul", &sans_nom), BaseError::Nom));
    let un = || Perimetre::des([siret("21690001800017")]);
    for (role, perimetre, attendu) in [
        (Role::Administrateur, Perimetre::tous(), PerimetreRefuse::Administrateur),
        (Role::Administrateur, un(), PerimetreRefuse::Administrateur),
        (Role::Operateur, un(), PerimetreRefuse::Operateur),
        (Role::Gestionnaire, Perimetre::tous(), PerimetreRefuse::Gestionnaire),
        (Role::Gestionnaire, Perimetre::des([]), PerimetreRefuse::Gestionnaire),
        (Role::Auditeur, Perimetre::des([]), PerimetreRefuse::Auditeur),
        (Role::Auditeur, Perimetre::tous(), PerimetreRefuse::SansFin),
    ] {
        let erreur = refus("paul", &voulu(role, perimetre));
        assert!(matches!(erreur, BaseError::Perimetre(dit) if dit == attendu), "{erreur}");
    }
    assert_eq!(essaie.base.fiches().unwrap().len(), 1);
}

#[test]
fn two_people_on_the_same_form_do_not_overwrite_each_other() {
    let essaie = Essaie::new();
    let compte = essaie.gestionnaire("marie");
    let version = essaie.base.fiche(compte.id).unwrap().unwrap().version;
    let premier = Changement { nom: "Marie Martin".to_owned(), ..gestionnaire() };
    essaie.base.modifier(compte.id, version, &premier, |_, _| note()).unwrap();
    let second = Changement { nom: "Marie Petit".to_owned(), ..gestionnaire() };
    let refus = essaie.base.modifier(compte.id, version, &second, |_, _| note()).unwrap_err();
    assert!(matches!(refus, BaseError::Perime));
    assert_eq!(essaie.base.compte(compte.id).unwrap().unwrap().nom, "Marie Martin");
    let inconnu = essaie.base.modifier(999, 1, &second, |_, _| note()).unwrap_err();
    assert!(matches!(inconnu, BaseError::CompteInconnu));
}

#[test]
fn the_last_administrator_stays() {
    let essaie = Essaie::new();
    let chef = essaie.compte("chef", &administrateur());
    let ferme = Changement { actif: false, ..administrateur() };
    let date = Changement { fin: Some(Day::new(2027, 1, 1).unwrap()), ..administrateur() };
    for voulu in [&ferme, &date, &gestionnaire()] {
        let refus = essaie.base.modifier(chef.id, 1, voulu, |_, _| note()).unwrap_err();
        assert!(matches!(refus, BaseError::DernierAdministrateur));
    }
    assert_eq!(essaie.base.compte(chef.id).unwrap(), Some(chef.clone()));
    essaie.compte("autre", &administrateur());
    assert!(!essaie.base.modifier(chef.id, 1, &ferme, |_, _| note()).unwrap().actif);
}

#[test]
fn a_link_serves_once_and_for_three_days() {
    let essaie = Essaie::new();
    let base = &essaie.base;
    let compte = essaie.gestionnaire("marie");
    let trop_tard = base.inviter(compte.id, MIDI, note()).unwrap();
    let fin = MIDI + 72 * 3600;
    assert_eq!(base.invite(&trop_tard, fin - 1).unwrap(), Some(compte.clone()));
    assert_eq!(base.invite(&trop_tard, fin).unwrap(), None);
    assert!(matches!(
        base.accepter(&trop_tard, "hache", fin, |_| note()),
        Err(BaseError::Invitation)
    ));
    let jeton = base.inviter(compte.id, MIDI, note()).unwrap();
    assert_eq!(base.invite(&trop_tard, MIDI).unwrap(), None, "a later link replaces it");
    let ouverte =
        base.ouvrir_session(compte.id, Etat::Complete, Venue::default(), MIDI, None).unwrap();
    assert_eq!(base.accepter(&jeton, "hache", MIDI, |_| note()).unwrap(), compte);
    assert_eq!(base.mot_de_passe(compte.id).unwrap().as_deref(), Some("hache"));
    assert_eq!(base.session(&ouverte.jeton, MIDI).unwrap(), None, "sessions of before end");
    assert!(matches!(base.accepter(&jeton, "autre", MIDI, |_| note()), Err(BaseError::Invitation)));
    let ferme = Changement { actif: false, ..gestionnaire() };
    let encore = base.inviter(compte.id, MIDI, note()).unwrap();
    base.modifier(compte.id, 1, &ferme, |_, _| note()).unwrap();
    assert_eq!(base.invite(&encore, MIDI).unwrap(), None, "a closed account");
    assert!(matches!(base.inviter(compte.id, MIDI, note()), Err(BaseError::CompteFerme)));
}

#[test]
fn no_token_is_in_the_file() {
    let essaie = Essaie::new();
    let compte = essaie.gestionnaire("marie");
    let invitation = essaie.base.inviter(compte.id, MIDI, note()).unwrap();
    let venue = Venue { navigateur: "Firefox", ..Venue::default() };
    let session = essaie.base.ouvrir_session(compte.id, Etat::Complete, venue, MIDI, None).unwrap();
    let codes = essaie.base.renouveler_codes(compte.id, note()).unwrap();
    let mut octets = Vec::new();
    for fichier in std::fs::read_dir(essaie.dossier.path()).unwrap() {
        octets.extend(std::fs::read(fichier.unwrap().path()).unwrap());
    }
    let contient = |mot: &[u8]| octets.windows(mot.len()).any(|fenetre| fenetre == mot);
    assert!(contient(b"Firefox"), "this test reads the file");
    for jeton in [&invitation, &session.jeton, &codes[0]] {
        assert!(!contient(jeton.as_bytes()));
        let binaire = blake3::Hash::from_hex(jeton);
        assert!(binaire.is_err() || !contient(binaire.unwrap().as_bytes()));
    }
}

#[test]
fn a_lock_out_follows_the_given_clock_and_does_not_know_accounts() {
    let essaie = Essaie::new();
    let base = &essaie.base;
    let marie = essaie.gestionnaire("marie");
    for saisi in ["marie", "personne"] {
        for _ in 0..5 {
            assert_eq!(base.essayer(saisi, MIDI).unwrap(), Essai::Permis);
        }
        assert_eq!(base.essayer(saisi, MIDI).unwrap(), Essai::Verrouille(60));
        assert_eq!(base.essayer(saisi, MIDI + 59).unwrap(), Essai::Verrouille(1));
        assert_eq!(base.verrou(saisi, MIDI + 59).unwrap(), 1);
        assert_eq!(base.essayer(saisi, MIDI + 60).unwrap(), Essai::Permis);
        assert_eq!(base.essayer(saisi, MIDI + 61).unwrap(), Essai::Verrouille(119));
    }
    assert_eq!(base.essayer(" MARIE", MIDI + 61).unwrap(), Essai::Verrouille(119));
    base.reussite(&marie, MIDI + 62).unwrap();
    assert_eq!(base.verrou("marie", MIDI + 62).unwrap(), 0);
    assert_eq!(base.fiche(marie.id).unwrap().unwrap().connexion, Some(MIDI + 62));
    assert_eq!(base.verrou("personne", MIDI + 62).unwrap(), 118);
}

#[test]
fn fifty_tries_at_the_same_time_are_five() {
    let essaie = Essaie::new();
    let fils: Vec<_> = (0..50)
        .map(|_| {
            let base = Arc::clone(&essaie.base);
            std::thread::spawn(move || base.essayer("marie", MIDI).unwrap())
        })
        .collect();
    let permis = fils.into_iter().map(|fil| fil.join().unwrap());
    assert_eq!(permis.filter(|essai| *essai == Essai::Permis).count(), 5);
}

#[test]
fn a_step_of_the_second_factor_is_accepted_once() {
    let essaie = Essaie::new();
    let (base, id) = (&essaie.base, essaie.gestionnaire("marie").id);
    assert!(matches!(
        base.confirmer_enrolement(id, 100, None, note()),
        Err(BaseError::SansEnrolement)
    ));
    base.enroler(id, b"secret").unwrap();
    assert_eq!(base.totp(id).unwrap(), None, "not before its first code");
    assert_eq!(base.enrolement(id).unwrap().as_deref(), Some(&b"secret"[..]));
    assert!(!base.accepter_pas(id, 100).unwrap());
    base.confirmer_enrolement(id, 100, None, note()).unwrap();
    assert_eq!(base.totp(id).unwrap(), Some((b"secret".to_vec(), 100)));
    assert!(base.compte(id).unwrap().unwrap().second_facteur);
    assert!(!base.accepter_pas(id, 100).unwrap(), "the step of the first code");
    assert!(base.accepter_pas(id, 101).unwrap());
    assert!(!base.accepter_pas(id, 101).unwrap());
    assert!(!base.accepter_pas(id, 99).unwrap());
    base.oublier_second_facteur(id, note()).unwrap();
    assert!(!base.compte(id).unwrap().unwrap().second_facteur);
    assert_eq!(base.codes_restants(id).unwrap(), 0);
    assert!(!base.accepter_pas(id, 102).unwrap());
}

#[test]
fn a_recovery_code_serves_once_and_to_its_account() {
    let essaie = Essaie::new();
    let (base, id) = (&essaie.base, essaie.gestionnaire("marie").id);
    let autre = essaie.gestionnaire("paul").id;
    base.enroler(id, b"secret").unwrap();
    let codes = base.confirmer_enrolement(id, 1, None, note()).unwrap();
    assert_eq!(base.codes_restants(id).unwrap(), 10);
    assert!(!base.utiliser_code(autre, &codes[0], note()).unwrap());
    assert!(base.utiliser_code(id, &codes[0].to_uppercase(), note()).unwrap());
    assert!(!base.utiliser_code(id, &codes[0], note()).unwrap());
    assert_eq!(base.codes_restants(id).unwrap(), 9);
    base.renouveler_codes(id, note()).unwrap();
    assert!(!base.utiliser_code(id, &codes[1], note()).unwrap(), "codes of before");
    assert_eq!(base.codes_restants(id).unwrap(), 10);
}

#[test]
fn an_identity_belongs_to_one_account() {
    let essaie = Essaie::new();
    let (base, marie) = (&essaie.base, essaie.gestionnaire("marie"));
    let paul = essaie.gestionnaire("paul");
    base.lier(marie.id, "https://idp", "sub-1", note()).unwrap();
    base.lier(marie.id, "https://idp", "sub-1", note()).unwrap();
    let refus = base.lier(paul.id, "https://idp", "sub-1", note()).unwrap_err();
    assert!(matches!(refus, BaseError::IdentitePrise));
    base.lier(paul.id, "https://autre", "sub-1", note()).unwrap();
    assert_eq!(base.compte_lie("https://idp", "sub-1").unwrap(), Some(marie.clone()));
    assert_eq!(base.compte_lie("https://autre", "sub-1").unwrap(), Some(paul));
    assert_eq!(base.compte_lie("https://idp", "sub-2").unwrap(), None);
    base.delier(marie.id, note()).unwrap();
    assert_eq!(base.compte_lie("https://idp", "sub-1").unwrap(), None);
    assert!(matches!(base.lier(99, "https://idp", "x", note()), Err(BaseError::CompteInconnu)));
}
