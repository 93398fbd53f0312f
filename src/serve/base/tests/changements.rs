//! Each change of an account and its entry in the log: both, or neither.

use std::collections::BTreeSet;

use rusqlite::types::Value;

use super::*;

/// What every change needs: an account that has something of all.
struct Decor {
    essaie: Essaie,
    marie: Compte,
    session: Ouverte,
    autre: Ouverte,
    invitation: String,
    codes: Vec<String>,
}

/// A change, by the name of its method; `false`: it found nothing to do.
type Geste = (&'static str, fn(&Decor) -> Result<bool, BaseError>);

/// Every change that is logged with itself.
const GESTES: [Geste; 16] = [
    ("creer", |d| d.base().creer("paul", &gestionnaire(), MIDI, |_| note()).map(|_| true)),
    ("modifier", |d| {
        let voulu = Changement { actif: false, ..gestionnaire() };
        d.base().modifier(d.marie.id, d.version(), &voulu, |_, _| note()).map(|_| true)
    }),
    ("inviter", |d| d.base().inviter(d.marie.id, MIDI, note()).map(|_| true)),
    ("accepter", |d| d.base().accepter(&d.invitation, "hache", MIDI, |_| note()).map(|_| true)),
    ("changer_mot_de_passe", |d| {
        d.base().changer_mot_de_passe(d.marie.id, "hache", note()).map(|()| true)
    }),
    ("confirmer_enrolement", |d| {
        let ici = Some(d.session.session.id);
        d.base().confirmer_enrolement(d.marie.id, 9, ici, note()).map(|_| true)
    }),
    ("oublier_second_facteur", |d| {
        d.base().oublier_second_facteur(d.marie.id, note()).map(|()| true)
    }),
    ("renouveler_codes", |d| d.base().renouveler_codes(d.marie.id, note()).map(|_| true)),
    ("utiliser_code", |d| d.base().utiliser_code(d.marie.id, &d.codes[0], note())),
    ("lier", |d| d.base().lier(d.marie.id, "https://idp", "sub-2", note()).map(|()| true)),
    ("delier", |d| d.base().delier(d.marie.id, note()).map(|()| true)),
    ("ouvrir_session", |d| {
        let (etat, venue) = (Etat::Complete, Venue::default());
        d.base().ouvrir_session(d.marie.id, etat, venue, MIDI, Some(note())).map(|_| true)
    }),
    ("renouveler", |d| {
        let etat = Etat::Complete;
        let apres = d.base().renouveler(&d.session.jeton, etat, MIDI, Some(note()));
        apres.map(|ouverte| ouverte.is_some())
    }),
    ("fermer_session", |d| d.base().fermer_session(&d.autre.jeton, note()).map(|()| true)),
    ("fermer_numero", |d| d.base().fermer_numero(d.marie.id, d.session.session.id, note())),
    ("fermer_toutes", |d| {
        let sauf = Some(d.session.session.id);
        d.base().fermer_toutes(d.marie.id, sauf, note()).map(|fermees| fermees > 0)
    }),
];

impl Decor {
    fn nouveau() -> Self {
        let essaie = Essaie::new();
        let marie = essaie.gestionnaire("marie");
        let base = &essaie.base;
        base.changer_mot_de_passe(marie.id, "ancien", note()).unwrap();
        base.enroler(marie.id, b"secret").unwrap();
        let codes = base.confirmer_enrolement(marie.id, 1, None, note()).unwrap();
        base.enroler(marie.id, b"autre secret").unwrap();
        base.lier(marie.id, "https://idp", "sub-1", note()).unwrap();
        let invitation = base.inviter(marie.id, MIDI, note()).unwrap();
        let ouvrir = |etat| base.ouvrir_session(marie.id, etat, Venue::default(), MIDI, None);
        let session = ouvrir(Etat::AttendSecondFacteur).unwrap();
        let autre = ouvrir(Etat::Complete).unwrap();
        Self { marie, session, autre, invitation, codes, essaie }
    }

    fn base(&self) -> &Base {
        &self.essaie.base
    }

    fn version(&self) -> i64 {
        self.base().fiche(self.marie.id).unwrap().unwrap().version
    }

    /// All that the file holds of accounts.
    fn tables(&self) -> Vec<Vec<Vec<Value>>> {
        let brut = self.essaie.brut();
        let lire = |table: &str| {
            let mut statement = brut.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let colonnes = statement.column_count();
            let ligne = |row: &rusqlite::Row<'_>| (0..colonnes).map(|rang| row.get(rang)).collect();
            statement.query_map([], ligne).unwrap().map(Result::unwrap).collect()
        };
        let tables = "comptes perimetres codes_secours identites invitations sessions";
        tables.split(' ').map(lire).collect()
    }

    /// How many entries the log has; it must hold.
    fn entrees(&self) -> i64 {
        match self.base().verifier(None).unwrap() {
            Chaine::Entiere { derniere, .. } => derniere,
            rompue @ Chaine::Rompue { .. } => panic!("{rompue:?}"),
        }
    }
}

#[test]
fn a_change_adds_one_entry() {
    for (nom, geste) in GESTES {
        let decor = Decor::nouveau();
        let (avant, entrees) = (decor.tables(), decor.entrees());
        assert!(geste(&decor).unwrap(), "{nom}");
        assert_ne!(decor.tables(), avant, "{nom}");
        assert_eq!(decor.entrees(), entrees + 1, "{nom}");
    }
}

#[test]
fn what_cannot_be_logged_is_not_done() {
    for (nom, geste) in GESTES {
        let decor = Decor::nouveau();
        let refus = "CREATE TRIGGER refus BEFORE INSERT ON journal \
                     BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
        decor.essaie.brut().execute_batch(refus).unwrap();
        let (avant, entrees) = (decor.tables(), decor.entrees());
        let erreur = geste(&decor).unwrap_err();
        assert!(matches!(&erreur, BaseError::Journal(dit) if dit.contains("disk")), "{nom}");
        assert_eq!(decor.tables(), avant, "{nom}");
        decor.essaie.brut().execute_batch("DROP TRIGGER refus").unwrap();
        assert_eq!(decor.entrees(), entrees, "{nom}");
        assert!(geste(&decor).unwrap(), "{nom}: once the log can be written again");
    }
}

#[test]
fn what_is_not_done_is_not_logged() {
    let refuses: [Geste; 12] = [
        ("creer", |d| d.base().creer("marie", &gestionnaire(), MIDI, |_| note()).map(|_| true)),
        ("modifier", |d| {
            d.base().modifier(d.marie.id, 99, &gestionnaire(), |_, _| note()).map(|_| true)
        }),
        ("inviter", |d| d.base().inviter(99, MIDI, note()).map(|_| true)),
        ("accepter", |d| d.base().accepter("faux", "hache", MIDI, |_| note()).map(|_| true)),
        ("changer_mot_de_passe", |d| {
            d.base().changer_mot_de_passe(99, "hache", note()).map(|()| true)
        }),
        ("confirmer_enrolement", |d| {
            d.base().confirmer_enrolement(99, 9, None, note()).map(|_| true)
        }),
        ("oublier_second_facteur", |d| d.base().oublier_second_facteur(99, note()).map(|()| true)),
        ("utiliser_code", |d| d.base().utiliser_code(d.marie.id, "faux", note())),
        ("lier", |d| d.base().lier(99, "https://idp", "sub-3", note()).map(|()| true)),
        ("lier encore", |d| {
            d.base().lier(d.marie.id, "https://idp", "sub-1", note()).map(|()| false)
        }),
        ("renouveler", |d| {
            let apres = d.base().renouveler("faux", Etat::Complete, MIDI, Some(note()));
            apres.map(|ouverte| ouverte.is_some())
        }),
        ("fermer_numero", |d| d.base().fermer_numero(99, d.session.session.id, note())),
    ];
    let decor = Decor::nouveau();
    let (avant, entrees) = (decor.tables(), decor.entrees());
    for (nom, geste) in refuses {
        assert!(!geste(&decor).unwrap_or(false), "{nom}");
    }
    decor.base().fermer_session("faux", note()).unwrap();
    assert_eq!(decor.tables(), avant);
    assert_eq!(decor.entrees(), entrees);
}

#[test]
fn an_entry_says_what_changed_from_the_account_as_it_was() {
    let decor = Decor::nouveau();
    let voulu = Changement { nom: "Marie Martin".to_owned(), ..gestionnaire() };
    let entree = |avant: &Compte, apres: &Compte| {
        let detail = Detail::default().mot("avant", &avant.nom).mot("apres", &apres.nom);
        Entree::new(MIDI, Auteur::de(apres, "::1"), Action::CompteModifie).detail(detail)
    };
    decor.base().modifier(decor.marie.id, decor.version(), &voulu, entree).unwrap();
    let lignes = decor.base().journal(&Filtre::default(), None, 1).unwrap();
    assert!(lignes[0].detail.contains("Marie Durand") && lignes[0].detail.contains("Marie Martin"));
}

/// A method that takes an entry is one of those above.
#[test]
fn every_change_that_takes_an_entry_is_tried_here() {
    let sources = [
        include_str!("../comptes.rs"),
        include_str!("../invitations.rs"),
        include_str!("../secrets.rs"),
        include_str!("../sessions.rs"),
    ];
    let mut trouves = BTreeSet::new();
    for suite in sources.iter().flat_map(|source| source.split("    pub fn ").skip(1)) {
        let (signature, _) = suite.split_once('{').unwrap();
        if signature.contains("entree: ") {
            trouves.insert(signature.split('(').next().unwrap());
        }
    }
    let essayes = GESTES.into_iter().map(|(nom, _)| nom);
    assert_eq!(essayes.collect::<BTreeSet<_>>(), trouves);
}
