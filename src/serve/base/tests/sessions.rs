//! Sessions: how they end.

use super::*;

impl Essaie {
    fn ouvrir(&self, compte: &Compte) -> Ouverte {
        let venue = Venue { adresse: "192.0.2.1", navigateur: "Firefox", id_token: None };
        self.base.ouvrir_session(compte.id, Etat::Complete, venue, MIDI, None).unwrap()
    }

    fn vivante(&self, ouverte: &Ouverte, quand: Instant) -> bool {
        self.base.session(&ouverte.jeton, quand).unwrap().is_some()
    }
}

#[test]
fn a_session_ends_when_nobody_uses_it() {
    let essaie = Essaie::new();
    let compte = essaie.gestionnaire("marie");
    let ouverte = essaie.ouvrir(&compte);
    assert_eq!(ouverte.jeton.len(), 64);
    let (session, sien) = essaie.base.session(&ouverte.jeton, MIDI).unwrap().unwrap();
    assert_eq!((session, sien), (ouverte.session.clone(), compte));
    assert!(essaie.vivante(&ouverte, MIDI + INACTIVE - 1));
    assert!(essaie.vivante(&ouverte, MIDI + 2 * INACTIVE - 2), "used since");
    assert!(!essaie.vivante(&ouverte, MIDI + 3 * INACTIVE - 2));
    assert!(!essaie.vivante(&ouverte, MIDI), "what ended does not come back");
    assert_eq!(essaie.base.session("autre", MIDI).unwrap(), None);
}

#[test]
fn a_session_ends_after_ten_hours_even_when_used() {
    let essaie = Essaie::new();
    let ouverte = essaie.ouvrir(&essaie.gestionnaire("marie"));
    for minute in (0..600).step_by(20) {
        assert!(essaie.vivante(&ouverte, MIDI + minute * 60), "{minute}");
    }
    assert!(essaie.vivante(&ouverte, MIDI + ABSOLUE - 1));
    assert!(!essaie.vivante(&ouverte, MIDI + ABSOLUE));
}

#[test]
fn its_use_is_written_once_a_minute() {
    let essaie = Essaie::new();
    let ouverte = essaie.ouvrir(&essaie.gestionnaire("marie"));
    let vue = || {
        let sql = "SELECT vue FROM sessions";
        essaie.brut().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert!(essaie.vivante(&ouverte, MIDI + 59));
    assert_eq!(vue(), MIDI);
    assert!(essaie.vivante(&ouverte, MIDI + 60));
    assert_eq!(vue(), MIDI + 60);
}

#[test]
fn a_change_of_privilege_renews_everything_but_the_end() {
    let essaie = Essaie::new();
    let compte = essaie.gestionnaire("marie");
    let etat = Etat::AttendSecondFacteur;
    let avant = essaie.base.ouvrir_session(compte.id, etat, Venue::default(), MIDI, None).unwrap();
    assert_eq!(avant.session.etat, Etat::AttendSecondFacteur);
    let apres =
        essaie.base.renouveler(&avant.jeton, Etat::Complete, MIDI + 5, None).unwrap().unwrap();
    assert_ne!(apres.jeton, avant.jeton);
    assert_ne!(apres.session.secret, avant.session.secret);
    assert_eq!(apres.session.etat, Etat::Complete);
    assert_eq!(apres.session.cree, MIDI);
    assert!(!essaie.vivante(&avant, MIDI + 5), "the token of before opens nothing");
    assert!(essaie.vivante(&apres, MIDI + 5));
    assert!(essaie.base.renouveler(&avant.jeton, Etat::Complete, MIDI, None).unwrap().is_none());
    let trop_tard = MIDI + 5 + INACTIVE;
    assert!(
        essaie.base.renouveler(&apres.jeton, Etat::Complete, trop_tard, None).unwrap().is_none()
    );
}

#[test]
fn the_token_of_a_provider_stays_with_its_session_and_is_told_to_nobody() {
    let essaie = Essaie::new();
    let compte = essaie.gestionnaire("marie");
    let venue = Venue { id_token: Some("entete.charge.signature"), ..Venue::default() };
    let attend = Etat::AttendSecondFacteur;
    let ouverte = essaie.base.ouvrir_session(compte.id, attend, venue, MIDI, None).unwrap();
    let apres =
        essaie.base.renouveler(&ouverte.jeton, Etat::Complete, MIDI, None).unwrap().unwrap();
    let (lue, _) = essaie.base.session(&apres.jeton, MIDI).unwrap().unwrap();
    for session in [&ouverte.session, &apres.session, &lue] {
        assert_eq!(session.id_token.as_deref(), Some("entete.charge.signature"));
    }
    let debug = format!("{ouverte:?} {lue:?}");
    assert!(debug.contains("AttendSecondFacteur") && !debug.contains("charge"), "{debug}");
    assert_eq!(essaie.ouvrir(&compte).session.id_token, None, "a password has none");
    essaie.base.fermer_session(&apres.jeton, note()).unwrap();
    let reste = "SELECT count(*) FROM sessions WHERE id_token IS NOT NULL";
    assert_eq!(essaie.brut().query_row(reste, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

#[test]
fn sessions_end_one_by_one_or_all_together() {
    let essaie = Essaie::new();
    let (marie, paul) = (essaie.gestionnaire("marie"), essaie.gestionnaire("paul"));
    let siennes: Vec<Ouverte> = (0..4).map(|_| essaie.ouvrir(&marie)).collect();
    let de_paul = essaie.ouvrir(&paul);
    let base = &essaie.base;
    assert_eq!(base.sessions(marie.id, MIDI).unwrap().len(), 4);
    assert!(
        !base.fermer_numero(paul.id, siennes[0].session.id, note()).unwrap(),
        "not one of Paul's"
    );
    assert!(base.fermer_numero(marie.id, siennes[0].session.id, note()).unwrap());
    base.fermer_session(&siennes[1].jeton, note()).unwrap();
    let reste: Vec<bool> = siennes.iter().map(|ouverte| essaie.vivante(ouverte, MIDI)).collect();
    assert_eq!(reste, [false, false, true, true]);
    assert_eq!(base.fermer_toutes(marie.id, Some(siennes[3].session.id), note()).unwrap(), 1);
    assert_eq!(base.sessions(marie.id, MIDI).unwrap(), [siennes[3].session.clone()]);
    assert_eq!(base.fermer_toutes(marie.id, None, note()).unwrap(), 1);
    assert!(essaie.vivante(&de_paul, MIDI));
    base.nettoyer(MIDI + INACTIVE).unwrap();
    let reste: i64 =
        (essaie.brut()).query_row("SELECT count(*) FROM sessions", [], |row| row.get(0)).unwrap();
    assert_eq!(reste, 0);
}

#[test]
fn what_an_account_may_do_changed_so_its_sessions_end() {
    let essaie = Essaie::new();
    let autre = Perimetre::des([siret("21690002600010")]);
    let changements = [
        Changement { perimetre: autre, ..gestionnaire() },
        voulu(Role::Operateur, Perimetre::tous()),
        Changement { actif: false, ..gestionnaire() },
    ];
    for (rang, changement) in changements.iter().enumerate() {
        let compte = essaie.gestionnaire(&format!("compte{rang}"));
        let ouverte = essaie.ouvrir(&compte);
        essaie.base.modifier(compte.id, 1, changement, |_, _| note()).unwrap();
        assert!(!essaie.vivante(&ouverte, MIDI), "{changement:?}");
    }
    let compte = essaie.gestionnaire("marie");
    let ouverte = essaie.ouvrir(&compte);
    let nom = Changement { nom: "Marie Martin".to_owned(), ..gestionnaire() };
    essaie.base.modifier(compte.id, 1, &nom, |_, _| note()).unwrap();
    assert!(essaie.vivante(&ouverte, MIDI), "a name gives no right");
    essaie.base.changer_mot_de_passe(compte.id, "hache", note()).unwrap();
    assert!(!essaie.vivante(&ouverte, MIDI));
}

#[test]
fn an_account_past_its_last_day_is_out() {
    let essaie = Essaie::new();
    let jour = Day::new(2026, 11, 28).unwrap();
    let auditeur = Changement { fin: Some(jour), ..voulu(Role::Auditeur, Perimetre::tous()) };
    let compte = essaie.compte("paul", &auditeur);
    let avant = MIDI + JOUR;
    let ouvrir = |quand| {
        essaie.base.ouvrir_session(compte.id, Etat::Complete, Venue::default(), quand, None)
    };
    let ouverte = ouvrir(avant).unwrap();
    assert!(essaie.vivante(&ouverte, avant));
    // Three days later it is past, in whatever zone the server stands.
    let apres = MIDI + 4 * JOUR;
    assert!(matches!(ouvrir(apres), Err(BaseError::CompteFerme)));
    essaie.brut().execute("UPDATE sessions SET vue = ?1, cree = ?1", [apres]).unwrap();
    assert!(!essaie.vivante(&ouverte, apres));
}
