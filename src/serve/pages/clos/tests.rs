//! Closed months over HTTP: what each scope sees, the replay and its verdict, the dated end.

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;

use super::*;
use crate::archive::{Archive, Event, Signature};
use crate::batch::{Archiving, RunOptions, run};
use crate::calendar::{Day, KnownOn};
use crate::program::Target;
use crate::rulebook::{self, Rules, from_texts};
use crate::serve::acces::mot_de_passe::hacher;
use crate::serve::base::{Changement, Etat as EtatSession, Venue};
use crate::serve::droits::{Compte, Perimetre, Role};
use crate::serve::essais::{
    AUTRE, Banc, COMMUNE, MOIS, POOL, Reponse, Seance, copier, note, requete,
};
use crate::serve::registre::{Refus, Registre, Reglages};
use crate::serve::web::horloge::{aujourd_hui, maintenant};

/// The entry of the run that the commune closed; the archive holds the rules that made it.
const JUSTE: &str = "/clos/3";

/// That of all others; the archive holds other rules than those that made it.
const FAUX: &str = "/clos/6";

static CLOS: LazyLock<Banc> = LazyLock::new(|| {
    let dossier = tempfile::tempdir().unwrap();
    copier(Path::new(POOL), &dossier.path().join("pool"));
    archiver(dossier.path());
    Banc::dans(dossier)
});

fn signature() -> Signature {
    Signature { quand: "2026-10-25T10:00:00Z".to_owned(), qui: "Paie, essai".to_owned() }
}

fn derogation(siret: &str, motif: &str) -> Event {
    Event::Derogation {
        mois: MOIS.to_owned(),
        siret: siret.to_owned(),
        agent: String::new(),
        contrat: String::new(),
        controle: "nir_partage".to_owned(),
        motif: motif.to_owned(),
    }
}

/// Two waivers (entries 1 and 2), a run that the commune closes (3 to 5), then a run of all others
/// whose archived rules are not those that made it (6 to 8).
fn archiver(dossier: &Path) {
    let archive = dossier.join("archive");
    let rules = rulebook::read(&[], false);
    let mut writer = Archive::create(&archive).unwrap().lock().unwrap();
    writer.append(derogation(COMMUNE, "vu à la commune"), &signature()).unwrap();
    writer.append(derogation(AUTRE, "vu ailleurs"), &signature()).unwrap();
    drop(writer);
    calculer(dossier, &rules, &rules);
    clore(&archive, |siret| siret == COMMUNE);
    let mut textes = rules.texts();
    let indices = textes.get_mut("rules/parametres/indices.toml").unwrap();
    let altered = String::from_utf8(indices.clone()).unwrap().replace("59.0734", "59.1734");
    assert_ne!(altered.as_bytes(), indices.as_slice(), "the value to alter has moved");
    *indices = altered.into_bytes();
    calculer(dossier, &rules, &from_texts(textes));
    clore(&archive, |siret| siret != COMMUNE);
}

/// Runs the month with some rules, and archives others.
fn calculer(dossier: &Path, rules: &Rules, archived: &Rules) {
    let period = PayPeriod::parse(MOIS).unwrap();
    let target = Target { period, known_on: KnownOn::Everything, au_dela: false };
    let program = rules.month(target).unwrap();
    let options = RunOptions {
        pool: dossier.join("pool"),
        target: None,
        replace: false,
        threads: Some(2),
        au_dela: false,
        rules_digest: archived.digest.clone(),
    };
    let writer = Archive::open(dossier.join("archive")).unwrap().lock().unwrap();
    let archiving = Archiving { writer, signature: signature(), rules: archived.texts() };
    let book = rules.book.as_ref().unwrap();
    run(book, &program, &options, Some(archiving), &|_, _| {}, &|| 0).unwrap();
}

fn clore(archive: &Path, wanted: impl Fn(&str) -> bool) {
    let mut writer = Archive::open(archive).unwrap().lock().unwrap();
    let all = writer.archive().employers(PayPeriod::parse(MOIS).unwrap());
    let mine = all.map(|(siret, _)| siret.to_owned()).filter(|siret| wanted(siret));
    let (employeurs, mois): (Vec<String>, String) = (mine.collect(), MOIS.to_owned());
    let valide = Event::Valide { mois: mois.clone(), employeurs: employeurs.clone() };
    writer.append(valide, &signature()).unwrap();
    writer.append(Event::Clos { mois, employeurs }, &signature()).unwrap();
}

/// What htmx is answered.
fn sonder(qui: &Seance, run: &str) -> Reponse {
    let request = requete(qui, "GET", &format!("{run}/rejeu")).header("hx-request", "true");
    CLOS.envoyer(request.body(Body::empty()).unwrap()).attendu(200)
}

/// Presses the button until the run is the one that is replayed, then waits for its verdict.
fn rejouer(qui: &Seance, run: &str) -> Reponse {
    let fin = Instant::now() + Duration::from_secs(300);
    let patience = || {
        assert!(Instant::now() < fin, "the replay does not end");
        thread::sleep(Duration::from_millis(50));
    };
    // Another test may be replaying another run.
    while sonder(qui, run).dit("rejoue un autre calcul") {
        patience();
    }
    let parti = CLOS.post(qui, &format!("{run}/rejouer"), &[]).attendu(303);
    assert_eq!(parti.vers(), format!("{run}#rejeu"));
    loop {
        let vu = sonder(qui, run);
        if !vu.dit("Part déjà calculée") && !vu.dit("rejoue un autre calcul") {
            return vu;
        }
        patience();
    }
}

#[test]
fn a_closed_month_shows_its_digests_and_who_computed_it() {
    let qui = CLOS.entrer(Role::Auditeur, &[]);
    let liste = CLOS.get(&qui, "/clos").attendu(200);
    for mots in ["Octobre 2026", JUSTE, FAUX, "Paie, essai", "avec tous les faits connus"] {
        assert!(liste.dit(mots), "{mots}: {}", liste.texte());
    }
    let page = CLOS.get(&qui, JUSTE).attendu(200);
    let archive = Archive::open(CLOS.dossier().join("archive")).unwrap();
    let entry = archive.entry(3).unwrap();
    let calcul = entry.calcul().unwrap();
    for valeur in [&entry.empreinte, &calcul.empreinte_resultats, &calcul.empreinte_regles] {
        assert!(page.dit(valeur), "{valeur}: {}", page.texte());
    }
    assert!(page.dit(&format!("/e/{COMMUNE}?mois={MOIS}")) && page.dit("vu à la commune"));
    // The waiver of an employer of the other run of the month is with that run.
    assert!(!page.dit("vu ailleurs") && CLOS.get(&qui, FAUX).dit("vu ailleurs"));
    let vus = CLOS.journal(&qui, Action::ConsultationClos);
    assert_eq!(vus.len(), 3);
}

#[test]
fn an_auditor_of_some_employers_sees_no_run_name_or_count_of_others() {
    let qui = CLOS.entrer(Role::Auditeur, &[COMMUNE]);
    let autre = CLOS.entrer(Role::Auditeur, &[AUTRE]);
    let archive = Archive::open(CLOS.dossier().join("archive")).unwrap();
    let liste = CLOS.get(&qui, "/clos").attendu(200);
    assert!(liste.dit(JUSTE) && !liste.dit(FAUX));
    let page = CLOS.get(&qui, JUSTE).attendu(200);
    let employeurs = CLOS.appli.registre.noms_des_employeurs();
    for (siret, nom) in employeurs.iter().filter(|(siret, _)| siret.as_str() != COMMUNE) {
        let nom = html! { (nom) }.into_string();
        for vue in [&liste, &page] {
            assert!(!vue.dit(siret.as_str()) && !vue.dit(&nom), "{siret} {nom}");
        }
    }
    let etranger = &archive.entry(6).unwrap().calcul().unwrap().empreinte_resultats;
    assert!(!liste.dit(etranger) && !page.dit("vu ailleurs"));
    // One of fifteen employers of its run: the others are not even counted.
    let sienne = CLOS.get(&autre, "/clos").attendu(200);
    assert!(sienne.dit(FAUX) && !sienne.dit("autres"), "{}", sienne.texte());
    let inconnue = CLOS.get(&qui, "/clos/999").attendu(404).texte();
    for url in [FAUX.to_owned(), format!("{FAUX}/rejeu"), "/clos/1".into(), "/clos/x".into()] {
        assert_eq!(CLOS.get(&qui, &url).attendu(404).texte(), inconnue, "{url}");
    }
    let refuse = CLOS.post(&qui, &format!("{FAUX}/rejouer"), &[]).attendu(404);
    assert_eq!(refuse.texte(), inconnue);
    assert!(CLOS.journal(&qui, Action::Rejeu).is_empty());
}

#[test]
fn a_month_replayed_from_its_archive_is_the_same_to_the_byte() {
    let qui = CLOS.entrer(Role::Auditeur, &[COMMUNE]);
    let verdict = rejouer(&qui, JUSTE);
    assert!(verdict.dit("Identique, octet pour octet"), "{}", verdict.texte());
    let archive = Archive::open(CLOS.dossier().join("archive")).unwrap();
    let digest = &archive.entry(3).unwrap().calcul().unwrap().empreinte_resultats;
    assert_eq!(verdict.texte().matches(digest.as_str()).count(), 2);
    // How many agents all employers have is not for a scope.
    assert!(!verdict.dit(" agents"), "{}", verdict.texte());
    assert_eq!(verdict.entetes.get("hx-retarget").unwrap(), "#verdict");
    let tous = CLOS.get(&CLOS.operateur(), JUSTE).attendu(200);
    assert!(tous.dit("156 agents") && tous.dit("Rejouer encore"), "{}", tous.texte());
    assert!(CLOS.get(&qui, JUSTE).dit("Identique, octet pour octet"));
    assert_eq!(CLOS.journal(&qui, Action::Rejeu).len(), 1);
    let seul = CLOS.get(&qui, &format!("{JUSTE}/rejeu")).attendu(303);
    assert_eq!(seul.vers(), format!("{JUSTE}#rejeu"));
}

#[test]
fn what_differs_is_told_and_its_detail_only_to_who_sees_all() {
    let tous = CLOS.entrer(Role::Auditeur, &[]);
    let verdict = rejouer(&tous, FAUX);
    assert!(verdict.dit("diffère de l’archive"), "{}", verdict.texte());
    for mots in [
        "lignes.csv",
        "bulletins.csv",
        "<th scope=\"row\" role=\"rowheader\">TIB</th>",
        "Écarts par rubrique",
    ] {
        assert!(verdict.dit(mots), "{mots}: {}", verdict.texte());
    }
    let borne = CLOS.get(&CLOS.entrer(Role::Auditeur, &[AUTRE]), FAUX).attendu(200);
    assert!(borne.dit("diffère de l’archive") && borne.dit("Demandez-le au service de paie"));
    assert!(!borne.dit("lignes.csv") && !borne.dit("TIB"), "{}", borne.texte());
}

#[test]
fn closed_months_are_for_who_controls() {
    for qui in [CLOS.gestionnaire(&[COMMUNE]), CLOS.entrer(Role::Administrateur, &[])] {
        for url in ["/clos", JUSTE, "/clos/999"] {
            CLOS.get(&qui, url).attendu(403);
        }
        CLOS.post(&qui, &format!("{JUSTE}/rejouer"), &[]).attendu(403);
    }
    let qui = CLOS.entrer(Role::Auditeur, &[COMMUNE]);
    let vieux = CLOS.post_brut(&qui, &format!("{JUSTE}/rejouer"), "jeton=x".to_owned());
    assert!(vieux.attendu(403).dit("Formulaire périmé"));
    let vide = Banc::commun();
    let page = vide.get(&vide.entrer(Role::Auditeur, &[]), "/clos").attendu(200);
    assert!(page.dit("Aucun mois n’est clos"));
}

/// Signs in with a password, as the form does.
fn se_connecter(banc: &Banc, identifiant: &str, mot_de_passe: &str) -> Reponse {
    let mut corps = form_urlencoded::Serializer::new(String::new());
    corps.append_pair("identifiant", identifiant).append_pair("mot_de_passe", mot_de_passe);
    let request = Request::builder().method("POST").uri("/connexion");
    banc.envoyer(request.body(Body::from(corps.finish())).unwrap())
}

/// An auditor of all employers until a day, with a password.
fn auditeur(banc: &Banc, identifiant: &str, fin: Day, mot_de_passe: &str) -> Compte {
    let voulu = Changement {
        nom: "Auditeur à terme".to_owned(),
        role: Role::Auditeur,
        perimetre: Perimetre::tous(),
        fin: Some(fin),
        actif: true,
    };
    let compte = banc.appli.base.creer(identifiant, &voulu, maintenant(), |_| note()).unwrap();
    let hache = hacher(mot_de_passe).unwrap();
    banc.appli.base.changer_mot_de_passe(compte.id, &hache, note()).unwrap();
    compte
}

#[test]
fn an_auditor_past_its_last_day_is_out() {
    let banc = Banc::nouveau();
    let jour = aujourd_hui();
    let secret = "quatre mots sans rapport";
    let parti = auditeur(&banc, "auditeur-parti", jour.previous(), secret);
    auditeur(&banc, "auditeur-present", jour, secret);
    let refus = se_connecter(&banc, "auditeur-parti", secret).attendu(200);
    assert!(refus.dit("n’est pas le bon") && !refus.entetes.contains_key("set-cookie"));
    // The last day is included, and the words were the right ones.
    let entre = se_connecter(&banc, "auditeur-present", secret).attendu(303);
    assert!(entre.entetes.contains_key("set-cookie"));
    // A session that was opened before the last day ends with it.
    let avant = maintenant() - 4 * 86_400;
    let etat = EtatSession::Complete;
    let ouverte =
        banc.appli.base.ouvrir_session(parti.id, etat, Venue::default(), avant, None).unwrap();
    let qui = Seance { compte: parti, session: ouverte.session, jeton: ouverte.jeton };
    assert_eq!(banc.get(&qui, "/clos").attendu(303).vers(), "/connexion?retour=%2Fclos");
}

#[test]
fn a_month_that_waits_for_the_one_before_is_refused_and_never_shown_empty() {
    let dossier = tempfile::tempdir().unwrap();
    let pool = dossier.path().join("pool");
    copier(Path::new(POOL), &pool);
    let rules = rulebook::read(&[], false);
    Archive::create(dossier.path().join("archive")).unwrap();
    calculer(dossier.path(), &rules, &rules);
    clore(&dossier.path().join("archive"), |siret| siret != COMMUNE);
    let mois = PayPeriod::parse(MOIS).unwrap();
    let registre = Registre::open(Reglages {
        pool,
        archive: Some(dossier.path().join("archive")),
        rules: Arc::new(rules),
        known_on: KnownOn::Everything,
        au_dela: false,
        mois: Some(mois.next()),
        aujourd_hui: mois,
        threads: Some(2),
    })
    .unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(registre.prepare());
    let vue = registre.vue(&Perimetre::tous());
    let pourquoi = "Le mois d’octobre 2026 n’est pas clos\u{a0}: le suivant ne peut pas encore \
                    être calculé. Le service de paie doit clore ce mois d’abord.";
    let refus = Refus::Impossible(pourquoi.to_owned());
    assert_eq!(vue.calcul_refuse(), Some(refus.clone()));
    let chez = vue.chez(COMMUNE).unwrap();
    assert_eq!(runtime.block_on(chez.tableau(mois.next())).unwrap_err(), refus);
    let etats = vue.etats();
    let of = |siret: &str| etats.iter().find(|un| un.employeur.siret.as_str() == siret).unwrap();
    assert!(of(COMMUNE).totaux.is_none(), "sums without the agents that are missing");
    assert!(of(AUTRE).totaux.is_some_and(|totaux| totaux.contrats > 0));
}

#[test]
fn the_payslip_of_a_closed_month_is_the_one_to_keep() {
    let qui = CLOS.gestionnaire(&[COMMUNE]);
    let paper = CLOS.get(&qui, &format!("/e/{COMMUNE}/agents/A0000005/C1/{MOIS}/imprimer"));
    let paper = paper.attendu(200);
    assert!(paper.dit("Ce document est à conserver") && !paper.dit("Aperçu"), "{}", paper.texte());
}
