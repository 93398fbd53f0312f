//! The second factor: enrolled by a code, asked at sign-in, replaced by recovery codes, removed.

use totp_rs::{Algorithm, Builder, Secret};

use super::*;
use crate::serve::appli::Exigence;
use crate::serve::droits::Role;
use crate::serve::essais::{Banc, COMMUNE, Reponse, Seance};

const MOT: &str = "corail tunnel brouette lundi";
const CONNEXION: &str = "/connexion/second-facteur";

/// What the telephone shows, as another program computes it.
fn telephone(secret: &[u8], quand: i64) -> String {
    let totp = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(1);
    let totp = totp.with_step_duration(30).with_secret(Secret::new(secret.into()));
    let totp = totp.with_account_name("essai").with_issuer(Some("Paie")).build().unwrap();
    totp.generate(u64::try_from(quand).unwrap()).to_string()
}

fn codes(page: &Reponse) -> Vec<String> {
    let texte = page.texte();
    let items = texte.split("<li><code>").skip(1);
    items.map(|item| item.split('<').next().unwrap().to_owned()).collect()
}

/// Enrols the telephone of a session; the session after it, the secret, the recovery codes.
fn enroler(banc: &Banc, qui: &Seance) -> (Seance, Vec<u8>, Vec<String>) {
    let page = banc.get(qui, ICI).attendu(200);
    let secret = banc.appli.base.enrolement(qui.compte.id).unwrap().unwrap();
    let cle = totp::enrolement(&secret, &qui.compte.identifiant).unwrap().cle;
    assert!(page.dit(&cle) && page.dit("<svg"));
    let code = telephone(&secret, maintenant());
    let page = banc.post(qui, ICI, &[("code", &code)]).attendu(200);
    let codes = codes(&page);
    assert_eq!(codes.len(), 10);
    (banc.seance(&page), secret, codes)
}

fn avec_mot_de_passe(banc: &Banc) -> Seance {
    banc.avec_mot_de_passe(&banc.gestionnaire(&[COMMUNE]), MOT)
}

/// Signs in with the password; the session that awaits a code.
fn attendre(banc: &Banc, qui: &Seance) -> Seance {
    let page = banc.connecter(&qui.compte.identifiant, MOT).attendu(303);
    assert!(page.vers().starts_with(CONNEXION));
    banc.seance(&page)
}

#[test]
fn a_wrong_code_enrols_nothing() {
    let banc = &Banc::nouveau();
    let qui = avec_mot_de_passe(banc);
    banc.post(&qui, ICI, &[("code", "123456")]).attendu(303);
    banc.get(&qui, ICI).attendu(200);
    let secret = banc.appli.base.enrolement(qui.compte.id).unwrap().unwrap();
    let vieux = telephone(&secret, maintenant() - 3600);
    for code in ["", "abc", &vieux] {
        let page = banc.post(&qui, ICI, &[("code", code)]).attendu(422);
        assert!(page.dit("Ce code n’est pas le bon"));
    }
    assert_eq!(banc.appli.base.enrolement(qui.compte.id).unwrap().unwrap(), secret);
    banc.get(&qui, ICI).attendu(200);
    assert_ne!(banc.appli.base.enrolement(qui.compte.id).unwrap().unwrap(), secret);
    assert!(banc.journal(&qui, Action::SecondFacteurEnrole).is_empty());
}

#[test]
fn an_enrolled_telephone_is_asked_at_sign_in_and_a_code_serves_once() {
    let banc = &Banc::nouveau();
    let qui = avec_mot_de_passe(banc);
    let ailleurs = banc.autre_session(&qui);
    let (apres, secret, codes) = enroler(banc, &qui);
    // Another cookie, and other sessions ended: they were opened without it.
    banc.get(&qui, "/mon-compte").attendu(303);
    banc.get(&ailleurs, "/mon-compte").attendu(303);
    let page = banc.get(&apres, ICI).attendu(200);
    assert!(page.dit("Il en reste 10"));
    assert!(codes.iter().all(|code| !page.dit(code)), "recovery codes are shown once");

    let attend = attendre(banc, &qui);
    assert_eq!(banc.get(&attend, "/mon-compte").attendu(303).vers(), CONNEXION);
    banc.post(&attend, CONNEXION, &[("code", &telephone(&secret, maintenant() - 3600))])
        .attendu(200);
    let code = telephone(&secret, maintenant() + 30);
    let entre = banc.post(&attend, CONNEXION, &[("code", &code)]).attendu(303);
    banc.get(&banc.seance(&entre), "/mon-compte").attendu(200);
    let encore = attendre(banc, &qui);
    let page = banc.post(&encore, CONNEXION, &[("code", &code)]).attendu(200);
    assert!(page.dit("a déjà servi"));
    assert_eq!(banc.journal(&qui, Action::SecondFacteurRefuse).len(), 2);
}

#[test]
fn a_recovery_code_signs_in_once_and_new_ones_replace_it() {
    let banc = &Banc::nouveau();
    let qui = avec_mot_de_passe(banc);
    let (_, _, codes) = enroler(banc, &qui);
    let attend = attendre(banc, &qui);
    let entre = banc.post(&attend, CONNEXION, &[("code", &codes[0])]).attendu(303);
    let entre = banc.seance(&entre);
    assert_eq!(banc.journal(&qui, Action::CodeSecoursUtilise).len(), 1);
    let encore = attendre(banc, &qui);
    banc.post(&encore, CONNEXION, &[("code", &codes[0])]).attendu(200);

    banc.post(&entre, CODES, &[("preuve_codes", "faux")]).attendu(422);
    let page = banc.post(&entre, CODES, &[("preuve_codes", MOT)]).attendu(200);
    let neufs = self::codes(&page);
    assert_eq!(neufs.len(), 10);
    assert!(neufs.iter().all(|code| !codes.contains(code)));
    banc.post(&encore, CONNEXION, &[("code", &codes[1])]).attendu(200);
    banc.post(&encore, CONNEXION, &[("code", &neufs[1])]).attendu(303);
}

#[test]
fn it_is_removed_with_the_password() {
    let banc = &Banc::nouveau();
    let qui = avec_mot_de_passe(banc);
    let (qui, ..) = enroler(banc, &qui);
    let page = banc.post(&qui, RETIRER, &[("preuve_retrait", "faux")]).attendu(422);
    assert!(page.dit("Ce n’est pas votre mot de passe actuel"));
    let ailleurs = banc.autre_session(&qui);
    let fait = banc.post(&qui, RETIRER, &[("preuve_retrait", MOT)]).attendu(303);
    banc.get(&ailleurs, "/mon-compte").attendu(303);
    let page = banc.get(&banc.seance(&fait), fait.vers()).attendu(200);
    assert!(page.dit("Le second facteur est retiré") && page.dit("Pas encore enregistré"));
    assert_eq!(banc.connecter(&qui.compte.identifiant, MOT).attendu(303).vers(), "/");
    assert_eq!(banc.journal(&qui, Action::SecondFacteurRetire).len(), 1);
}

#[test]
fn who_must_have_one_sees_nothing_else_before() {
    let banc = Banc::exigeant(Exigence::Gestion);
    banc.get(&banc.gestionnaire(&[COMMUNE]), "/mon-compte").attendu(200);
    let sorti = banc.entrer(Role::Administrateur, &[]);
    banc.post(&sorti, "/deconnexion", &[]).attendu(303);
    banc.get(&sorti, ICI).attendu(303);
    let admin = banc.entrer(Role::Administrateur, &[]);
    for url in ["/mon-compte", "/comptes", "/journal", "/comptes/nouveau"] {
        assert_eq!(banc.get(&admin, url).attendu(303).vers(), ICI, "{url}");
    }
    banc.post(&admin, "/comptes/nouveau", &[]).attendu(303);
    assert!(banc.get(&admin, ICI).attendu(200).dit("Votre rôle demande un second facteur"));
    let (apres, ..) = enroler(&banc, &admin);
    banc.get(&apres, "/comptes").attendu(200);
    // And it stays.
    let refus = banc.post(&apres, RETIRER, &[("preuve_retrait", MOT)]).attendu(409);
    assert!(refus.dit("vous ne pouvez pas le retirer"));
    assert!(!banc.get(&apres, ICI).attendu(200).dit("preuve_retrait"));
}

#[test]
fn forms_of_elsewhere_are_refused_and_the_page_of_codes_signs_out() {
    let banc = &Banc::nouveau();
    let qui = avec_mot_de_passe(banc);
    banc.get(&qui, ICI).attendu(200);
    let secret = banc.appli.base.enrolement(qui.compte.id).unwrap().unwrap();
    let code = telephone(&secret, maintenant());
    for url in [ICI, CODES, RETIRER] {
        banc.post_brut(&qui, url, format!("code={code}")).attendu(403);
    }
    let page = banc.post(&qui, ICI, &[("code", &code)]).attendu(200);
    let texte = page.texte();
    let jeton = texte.split("name=\"jeton\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let neuve = banc.seance(&page);
    banc.post_brut(&neuve, "/deconnexion", format!("jeton={jeton}")).attendu(303);
}
