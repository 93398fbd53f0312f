//! Accounts and sessions, written in the base beside the server: signing in by password costs what
//! it must, and is tested elsewhere.

use std::time::{SystemTime, UNIX_EPOCH};

use paie::calendar::Day;
use paie::domain::Siret;
use paie::serve::acces::jeton;
use paie::serve::base::comptes::Changement;
use paie::serve::base::{Action, Auteur, Base, Entree, Etat, Venue};
use paie::serve::droits::{Compte, Perimetre, Role};

use crate::serveur::Lieu;

/// The cookie of sessions.
pub const COOKIE: &str = "__Host-paie";

/// A day after every test.
pub const LOIN: &str = "2099-12-31";

/// Seconds since 1970.
pub fn maintenant() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// What a change of an account is logged as, where that is not what is tested.
pub fn note() -> Entree {
    Entree::new(maintenant(), Auteur::console("essai"), Action::CompteModifie)
}

/// Those who have an account.
pub struct Gens {
    /// The base of the server.
    pub base: Base,
}

/// A session, as its browser and the server know it.
#[derive(Clone)]
pub struct Seance {
    /// The header that the browser sends.
    pub cookie: String,
    secret: [u8; 32],
}

impl Seance {
    /// What a page of this session writes in a form for `action`.
    pub fn jeton(&self, action: &str) -> String {
        jeton::emettre(&self.secret, action).unwrap()
    }
}

impl Gens {
    /// Those of a place.
    pub fn de(lieu: &Lieu) -> Self {
        Self { base: Base::open(&lieu.chemin("base.sqlite")).unwrap() }
    }

    /// An account; `chez`: its employers, none for all (or nobody, for an administrator).
    pub fn compte(&self, identifiant: &str, role: Role, chez: Option<&[&str]>) -> Compte {
        let sirets =
            |liste: &[&str]| Perimetre::des(liste.iter().map(|siret| Siret::parse(siret).unwrap()));
        let perimetre = match (role, chez) {
            (Role::Administrateur, _) => Perimetre::des([]),
            (_, Some(liste)) => sirets(liste),
            (_, None) => Perimetre::tous(),
        };
        let fin = (role == Role::Auditeur).then(|| Day::parse(LOIN).unwrap());
        let nom = format!("Personne {identifiant}");
        let voulu = Changement { nom, role, perimetre, fin, actif: true };
        self.base.creer(identifiant, &voulu, maintenant(), |_| note()).unwrap()
    }

    /// A session of an account that has shown all it must.
    pub fn seance(&self, compte: &Compte) -> Seance {
        self.seance_qui(compte, Etat::Complete)
    }

    /// A session in any state.
    pub fn seance_qui(&self, compte: &Compte, etat: Etat) -> Seance {
        let venue = Venue { adresse: "127.0.0.1", navigateur: "essai", id_token: None };
        let ouverte = self.base.ouvrir_session(compte.id, etat, venue, maintenant(), None).unwrap();
        Seance { cookie: format!("{COOKIE}={}", ouverte.jeton), secret: ouverte.session.secret }
    }
}
