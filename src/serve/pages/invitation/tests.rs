//! Invitations: one use, good passwords only, the same page for every link that does not hold.

use axum::body::Body;
use axum::http::Request;

use super::*;
use crate::serve::base::Filtre;
use crate::serve::droits::Role;
use crate::serve::essais::{Banc, COMMUNE, Seance, note};

const MOT: &str = "corail tunnel brouette lundi";

fn invite(banc: &Banc, quand: i64) -> (Seance, String) {
    let qui = banc.entrer(Role::Gestionnaire, &[COMMUNE]);
    let jeton = banc.appli.base.inviter(qui.compte.id, quand, note()).unwrap();
    (qui, format!("/invitation/{jeton}"))
}

fn deux(mot: &str) -> [(&str, &str); 2] {
    [("mot_de_passe", mot), ("confirmation", mot)]
}

#[test]
fn a_link_gives_a_password_once() {
    let banc = &Banc::nouveau();
    let (qui, url) = invite(banc, maintenant());
    let page = banc.get_anonyme(&url).attendu(200);
    assert!(page.dit(&qui.compte.nom) && page.dit(&qui.compte.identifiant));
    banc.post_anonyme(&url, &deux(MOT)).attendu(303);
    let suite = banc.get_anonyme("/connexion?fin=mot-de-passe").attendu(200);
    assert!(suite.dit("Votre mot de passe est enregistré"));
    let entre = banc.connecter(&qui.compte.identifiant, MOT).attendu(303);
    assert_eq!(banc.seance(&entre).compte.id, qui.compte.id);
    // Its sessions of before are gone, and the link no longer holds.
    banc.get(&qui, "/mon-compte").attendu(303);
    banc.get_anonyme(&url).attendu(404);
    banc.post_anonyme(&url, &deux("un autre mot de passe bien long")).attendu(404);
    banc.connecter(&qui.compte.identifiant, MOT).attendu(303);
    assert_eq!(banc.journal(&qui, Action::InvitationAcceptee).len(), 1);
}

#[test]
fn a_bad_password_is_refused_in_french_and_the_link_still_holds() {
    let banc = Banc::commun();
    let (qui, url) = invite(banc, maintenant());
    let nom = format!("{} {}", qui.compte.identifiant, MOT);
    for (champs, mots) in [
        (deux("court"), "au moins 12 caractères"),
        (deux(&nom), "ne contient pas votre identifiant"),
        ([("mot_de_passe", MOT), ("confirmation", "autre")], "ne sont pas les mêmes"),
        ([("autre", ""), ("champ", "")], "au moins 12 caractères"),
    ] {
        let page = banc.post_anonyme(&url, &champs).attendu(422);
        assert!(page.dit(mots), "{mots}");
        assert!(!page.dit(MOT), "a password is never sent back");
    }
    assert!(banc.journal(&qui, Action::InvitationAcceptee).is_empty());
    banc.get_anonyme(&url).attendu(200);
}

#[test]
fn every_link_that_does_not_hold_has_the_same_page() {
    let banc = Banc::commun();
    let (_, vieux) = invite(banc, maintenant() - 72 * 3600 - 1);
    let (qui, remplace) = invite(banc, maintenant());
    banc.appli.base.inviter(qui.compte.id, maintenant(), note()).unwrap();
    let inconnu = banc.get_anonyme(&format!("/invitation/{}", "0".repeat(64))).attendu(404);
    assert!(inconnu.dit("n’est plus valable"));
    for url in [vieux.as_str(), remplace.as_str(), "/invitation/x", "/invitation/%FF"] {
        assert_eq!(banc.get_anonyme(url).attendu(404).texte(), inconnu.texte(), "{url}");
        assert_eq!(banc.post_anonyme(url, &deux(MOT)).attendu(404).texte(), inconnu.texte());
    }
}

#[test]
fn another_site_cannot_take_a_link_up_and_the_log_never_holds_it() {
    let banc = Banc::nouveau();
    let (_, url) = invite(&banc, maintenant());
    let corps = format!("mot_de_passe={0}&confirmation={0}", MOT.replace(' ', "+"));
    for (nom, valeur) in [("sec-fetch-site", "cross-site"), ("origin", "https://ailleurs.example")]
    {
        let request = Request::builder().method("POST").uri(&url).header("host", "paie.example");
        let request = request.header(nom, valeur).body(Body::from(corps.clone())).unwrap();
        banc.envoyer(request).attendu(403);
    }
    banc.post_anonyme(&url, &deux(MOT)).attendu(303);
    let jeton = url.rsplit('/').next().unwrap();
    let lignes = banc.appli.base.journal(&Filtre::default(), None, 100).unwrap();
    assert!(!lignes.is_empty());
    assert!(!format!("{lignes:?}").contains(jeton));
}
