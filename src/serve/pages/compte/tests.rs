//! One account: changed, disabled, invited again; never the last administrator, never unseen.

use super::*;
use crate::serve::essais::{AUTRE, Banc, COMMUNE, Seance, note};

const MOT: &str = "corail tunnel brouette lundi";

fn admin(banc: &Banc) -> Seance {
    banc.entrer(Role::Administrateur, &[])
}

fn url(qui: &Seance) -> String {
    format!("/comptes/{}", qui.compte.id)
}

fn version(banc: &Banc, qui: &Seance) -> String {
    banc.appli.base.fiche(qui.compte.id).unwrap().unwrap().version.to_string()
}

#[test]
fn a_change_is_stored_logged_and_ends_sessions() {
    let banc = Banc::commun();
    let (admin, marie) = (admin(banc), banc.gestionnaire(&[COMMUNE]));
    assert!(banc.get(&admin, &url(&marie)).attendu(200).dit(COMMUNE));
    let version = version(banc, &marie);
    let champs = [
        ("version", version.as_str()),
        ("nom", "Marie Change"),
        ("role", "gestionnaire"),
        ("siret", AUTRE),
        ("fin", "31/12/2099"),
    ];
    let fait = banc.post(&admin, &url(&marie), &champs).attendu(303);
    assert!(banc.get(&admin, fait.vers()).attendu(200).dit("Le compte est modifié"));
    let apres = banc.appli.base.compte(marie.compte.id).unwrap().unwrap();
    assert_eq!(apres.nom, "Marie Change");
    assert_eq!(apres.fin.unwrap().to_string(), "2099-12-31");
    assert!(apres.perimetre.contient(Siret::parse(AUTRE).unwrap()));
    assert!(!apres.perimetre.contient(Siret::parse(COMMUNE).unwrap()));
    banc.get(&marie, "/mon-compte").attendu(303);
    let ligne = &banc.journal(&admin, Action::CompteModifie)[0].detail;
    assert!(ligne.contains(AUTRE) && ligne.contains(COMMUNE) && ligne.contains("2099-12-31"));
    assert!(!ligne.contains("Marie"), "no name in the log: {ligne}");
}

#[test]
fn a_stale_page_is_a_conflict_that_shows_both_and_loses_nothing() {
    let banc = Banc::commun();
    let (un, deux, marie) = (admin(banc), admin(banc), banc.gestionnaire(&[COMMUNE]));
    let lue = version(banc, &marie);
    let champs = |version: &'static str, nom: &'static str| {
        [("version", version), ("nom", nom), ("role", "gestionnaire"), ("siret", COMMUNE)]
    };
    let lue: &'static str = lue.leak();
    banc.post(&un, &url(&marie), &champs(lue, "Version du premier")).attendu(303);
    let page = banc.post(&deux, &url(&marie), &champs(lue, "Version du second")).attendu(409);
    assert!(page.dit("Version du premier") && page.dit("value=\"Version du second\""));
    let apres = banc.appli.base.compte(marie.compte.id).unwrap().unwrap();
    assert_eq!(apres.nom, "Version du premier");
    assert!(banc.journal(&deux, Action::CompteModifie).is_empty());
    // The page that says so can be sent again.
    let neuve: &'static str = version(banc, &marie).leak();
    assert!(page.dit(&format!("name=\"version\" value=\"{neuve}\"")));
    banc.post(&deux, &url(&marie), &champs(neuve, "Version du second")).attendu(303);
    // A filtered list does not make a stale page a fresh one.
    let mut filtre = champs(lue, "X").to_vec();
    filtre.push(("filtrer", "oui"));
    let page = banc.post(&un, &url(&marie), &filtre).attendu(200);
    assert!(page.dit(&format!("name=\"version\" value=\"{lue}\"")));
}

#[test]
fn a_disabled_account_is_out_until_it_is_enabled() {
    let banc = Banc::commun();
    let admin = admin(banc);
    let marie = banc.avec_mot_de_passe(&banc.gestionnaire(&[COMMUNE]), MOT);
    let geste = |mot: &str| {
        let version = version(banc, &marie);
        banc.post(&admin, &format!("{}/{mot}", url(&marie)), &[("version", &version)])
    };
    assert!(banc.get(&admin, geste("desactiver").attendu(303).vers()).dit("Désactivé"));
    banc.get(&marie, "/mon-compte").attendu(303);
    banc.connecter(&marie.compte.identifiant, MOT).attendu(200);
    geste("inviter").attendu(409);
    geste("activer").attendu(303);
    banc.connecter(&marie.compte.identifiant, MOT).attendu(303);
    let perime = [("version", "1")];
    banc.post(&admin, &format!("{}/desactiver", url(&marie)), &perime).attendu(409);
    assert_eq!(banc.journal(&admin, Action::CompteDesactive).len(), 1);
}

#[test]
fn links_sessions_second_factor_and_identities_are_renewed_or_ended() {
    let banc = Banc::commun();
    let (admin, marie) = (admin(banc), banc.gestionnaire(&[COMMUNE]));
    let base = &banc.appli.base;
    let geste = |mot: &str| banc.post(&admin, &format!("{}/{mot}", url(&marie)), &[]);
    assert!(geste("inviter").attendu(200).dit("/invitation/"));
    assert!(banc.get(&admin, geste("sessions").attendu(303).vers()).dit("sessions sont fermées"));
    banc.get(&marie, "/mon-compte").attendu(303);
    base.enroler(marie.compte.id, &[7; 20]).unwrap();
    base.confirmer_enrolement(marie.compte.id, 1, None, note()).unwrap();
    geste("second-facteur").attendu(303);
    assert!(!base.compte(marie.compte.id).unwrap().unwrap().second_facteur);
    base.lier(marie.compte.id, "https://idp.example", &marie.compte.identifiant, note()).unwrap();
    assert!(banc.get(&admin, &url(&marie)).attendu(200).dit("https://idp.example"));
    geste("identites").attendu(303);
    assert_eq!(base.emetteurs(marie.compte.id).unwrap(), Vec::<String>::new());
    geste("supprimer").attendu(404);
    for action in [
        Action::InvitationEmise,
        Action::SessionFermee,
        Action::SecondFacteurRetire,
        Action::IdentiteDeliee,
    ] {
        let lignes = banc.journal(&admin, action);
        assert_eq!(lignes.len(), 1, "{action:?}");
        assert!(lignes[0].detail.contains(&marie.compte.identifiant), "{action:?}");
    }
}

#[test]
fn nothing_changes_that_the_log_cannot_hold() {
    let banc = Banc::nouveau();
    let (admin, marie) = (admin(&banc), banc.gestionnaire(&[COMMUNE]));
    let version = version(&banc, &marie);
    let changement = [
        ("version", version.as_str()),
        ("nom", "Marie Change"),
        ("role", "gestionnaire"),
        ("siret", AUTRE),
        ("identifiant", "zoe.neuve"),
    ];
    let etat = || {
        let base = &banc.appli.base;
        (base.fiches().unwrap(), base.sessions(marie.compte.id, maintenant()).unwrap())
    };
    let avant = etat();
    let remettre = banc.sans_journal();
    let gestes = ["/inviter", "/sessions", "/second-facteur", "/identites", "/desactiver", ""];
    for url in gestes.map(|suite| format!("{}{suite}", url(&marie))) {
        banc.post(&admin, &url, &changement).attendu(500);
    }
    banc.post(&admin, "/comptes/nouveau", &changement).attendu(500);
    banc.post(&marie, "/deconnexion", &[]).attendu(500);
    assert_eq!(etat(), avant);
    remettre();
    assert!(banc.journal(&admin, Action::CompteModifie).is_empty());
    banc.post(&admin, &url(&marie), &changement).attendu(303);
    assert_eq!(banc.journal(&admin, Action::CompteModifie).len(), 1);
}

#[test]
fn the_last_administrator_stays() {
    let banc = &Banc::nouveau();
    let seul = admin(banc);
    let version = version(banc, &seul);
    for (champ, valeur) in [("role", "operateur"), ("fin", "2099-12-31")] {
        let mut champs = vec![("version", version.as_str()), ("nom", "Seul")];
        champs.push((champ, valeur));
        if champ != "role" {
            champs.push(("role", "administrateur"));
        }
        let page = banc.post(&seul, &url(&seul), &champs).attendu(422);
        assert!(page.dit("dernier administrateur"), "{champ}");
    }
    for geste in Geste::ALL {
        let [mot, ..] = geste.mots();
        let page = banc.post(&seul, &format!("{}/{mot}", url(&seul)), &[("version", &version)]);
        assert!(page.attendu(409).dit("C’est votre compte"), "{mot}");
    }
    banc.get(&seul, "/comptes").attendu(200);
    assert!(banc.journal(&seul, Action::CompteModifie).is_empty());
}

#[test]
fn others_are_refused_and_unknown_accounts_are_not_there() {
    let banc = Banc::commun();
    let (admin, marie) = (admin(banc), banc.gestionnaire(&[COMMUNE]));
    for qui in [&banc.operateur(), &marie, &banc.entrer(Role::Auditeur, &[])] {
        banc.get(qui, &url(&marie)).attendu(403);
        banc.post(qui, &url(&marie), &[("nom", "Pris")]).attendu(403);
        // An account that does not exist is refused the same: nothing is learnt.
        banc.get(qui, "/comptes/999999").attendu(403);
        for geste in Geste::ALL {
            let [mot, ..] = geste.mots();
            banc.post(qui, &format!("{}/{mot}", url(&admin)), &[]).attendu(403);
        }
    }
    for inconnu in ["/comptes/999999", "/comptes/x", "/comptes/-1", "/comptes/%FF"] {
        banc.get(&admin, inconnu).attendu(404);
    }
    for suite in ["", "/desactiver", "/inviter", "/sessions"] {
        let url = format!("{}{suite}", url(&marie));
        banc.post_brut(&admin, &url, "version=1".to_owned()).attendu(403);
    }
    banc.get(&marie, "/mon-compte").attendu(200);
}
