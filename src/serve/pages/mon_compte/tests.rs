//! My account: sessions that end, a password that changes, forms of elsewhere.

use super::*;
use crate::serve::base::sessions::INACTIVE;
use crate::serve::base::{Etat, Venue};
use crate::serve::droits::Role;
use crate::serve::essais::{Banc, COMMUNE, Seance};

const MOT: &str = "corail tunnel brouette lundi";
const NEUF: &str = "parapluie cigale moteur gris";

fn changement<'a>(actuel: &'a str, neuf: &'a str) -> [(&'a str, &'a str); 3] {
    [("actuel", actuel), ("mot_de_passe", neuf), ("confirmation", neuf)]
}

#[test]
fn the_page_says_who_one_is_and_what_one_sees() {
    let banc = &Banc::nouveau();
    for role in Role::ALL {
        let sirets: &[&str] = if role == Role::Gestionnaire { &[COMMUNE] } else { &[] };
        let page = banc.get(&banc.entrer(role, sirets), "/mon-compte").attendu(200);
        assert!(page.dit(role.french()), "{role:?}");
        let vu = match role {
            Role::Administrateur => "Aucun employeur",
            Role::Operateur | Role::Auditeur => "Tous les employeurs",
            Role::Gestionnaire => "Commune",
        };
        assert!(page.dit(vu), "{role:?}");
    }
    banc.get_anonyme("/mon-compte").attendu(303);
}

#[test]
fn a_new_password_ends_the_other_sessions_and_keeps_this_browser() {
    let banc = &Banc::nouveau();
    let qui = banc.avec_mot_de_passe(&banc.gestionnaire(&[COMMUNE]), MOT);
    let ailleurs = banc.autre_session(&qui);
    let page = banc.post(&qui, MOT_DE_PASSE, &changement("faux", NEUF)).attendu(422);
    assert!(page.dit("Ce n’est pas votre mot de passe actuel"));
    banc.post(&qui, MOT_DE_PASSE, &changement(MOT, "court")).attendu(422);
    banc.get(&ailleurs, "/mon-compte").attendu(200);
    let fait = banc.post(&qui, MOT_DE_PASSE, &changement(MOT, NEUF)).attendu(303);
    assert!(banc.get(&ailleurs, "/mon-compte").attendu(303).vers().starts_with("/connexion"));
    banc.get(&qui, "/mon-compte").attendu(303);
    let neuve = banc.seance(&fait);
    let page = banc.get(&neuve, fait.vers()).attendu(200);
    assert!(page.dit("Votre mot de passe est changé"));
    banc.connecter(&qui.compte.identifiant, MOT).attendu(200);
    banc.connecter(&qui.compte.identifiant, NEUF).attendu(303);
    assert_eq!(banc.journal(&qui, Action::MotDePasseChange).len(), 1);
}

#[test]
fn wrong_passwords_lock_out_even_the_right_one() {
    let banc = &Banc::nouveau();
    let qui = banc.avec_mot_de_passe(&banc.gestionnaire(&[COMMUNE]), MOT);
    for _ in 0..5 {
        let page = banc.post(&qui, MOT_DE_PASSE, &changement("faux", NEUF)).attendu(422);
        assert!(page.dit("Ce n’est pas votre mot de passe actuel"));
    }
    let page = banc.post(&qui, MOT_DE_PASSE, &changement(MOT, NEUF)).attendu(422);
    assert!(page.dit("Trop d’essais"));
    assert!(banc.connecter(&qui.compte.identifiant, MOT).attendu(200).dit("Trop d’essais"));
    assert!(banc.journal(&qui, Action::MotDePasseChange).is_empty());
    assert_eq!(banc.journal(&qui, Action::Verrouillage).len(), 1);
}

#[test]
fn one_ends_ones_own_sessions_and_no_other() {
    let banc = &Banc::nouveau();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let (deux, trois) = (banc.autre_session(&qui), banc.autre_session(&qui));
    let etranger = banc.gestionnaire(&[COMMUNE]);
    let numero = |seance: &Seance| seance.session.id.to_string();
    for refuse in [numero(&etranger), numero(&qui), "x".to_owned(), String::new()] {
        banc.post(&qui, SESSIONS, &[("session", &refuse)]).attendu(404);
    }
    assert!(banc.journal(&qui, Action::SessionFermee).is_empty());
    banc.post(&qui, SESSIONS, &[("session", &numero(&deux))]).attendu(303);
    banc.get(&deux, "/mon-compte").attendu(303);
    banc.get(&trois, "/mon-compte").attendu(200);
    banc.post(&qui, SESSIONS, &[("session", "autres")]).attendu(303);
    banc.get(&trois, "/mon-compte").attendu(303);
    banc.get(&qui, "/mon-compte").attendu(200);
    banc.get(&etranger, "/mon-compte").attendu(200);
    assert_eq!(banc.journal(&qui, Action::SessionFermee).len(), 2);
}

#[test]
fn a_session_left_alone_ends() {
    let banc = &Banc::nouveau();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let ouvrir = |quand| {
        let (base, etat) = (&banc.appli.base, Etat::Complete);
        let ouverte =
            base.ouvrir_session(qui.compte.id, etat, Venue::default(), quand, None).unwrap();
        Seance { compte: qui.compte.clone(), session: ouverte.session, jeton: ouverte.jeton }
    };
    let tiede = ouvrir(maintenant() - INACTIVE + 60);
    banc.get(&tiede, "/mon-compte").attendu(200);
    let froide = ouvrir(maintenant() - INACTIVE);
    let page = banc.get(&froide, "/mon-compte").attendu(303);
    assert_eq!(page.vers(), "/connexion?retour=%2Fmon-compte");
}

#[test]
fn forms_of_elsewhere_are_refused() {
    let banc = &Banc::nouveau();
    let qui = banc.avec_mot_de_passe(&banc.gestionnaire(&[COMMUNE]), MOT);
    let autre = banc.autre_session(&qui);
    let vole = crate::serve::acces::jeton::emettre(&autre.session.secret, SESSIONS).unwrap();
    let ailleurs = crate::serve::acces::jeton::emettre(&qui.session.secret, "/x").unwrap();
    for jeton in ["", "faux", &vole, &ailleurs] {
        for url in [SESSIONS, MOT_DE_PASSE] {
            let corps = format!("jeton={jeton}&session=autres");
            assert!(banc.post_brut(&qui, url, corps).attendu(403).dit("Formulaire périmé"));
        }
    }
    banc.get(&autre, "/mon-compte").attendu(200);
}
