//! An agent: what is known, what is masked, what is logged, and whom it is not shown to.

use crate::serve::base::Action;
use crate::serve::droits::Role;
use crate::serve::essais::{AUTRE, Banc, COMMUNE};

/// An agent of the commune, with an absence and an element.
const AGENT: &str = "A0000010";

/// Its NIR and its IBAN.
const NIR: &str = "283067160090932";
const IBAN: &str = "FR7699999071010000000097315";

fn adresse(siret: &str, agent: &str) -> String {
    format!("/e/{siret}/agents/{agent}")
}

#[test]
fn an_agent_is_shown_with_its_numbers_masked_and_the_log_says_so() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let page = banc.get(&qui, &adresse(COMMUNE, AGENT)).attendu(200);
    for mots in [
        "<title>Ménard Hélène — paie</title>",
        "283•••••••••932",
        "23/04/2025",
        "ATSEM principal de 2e classe",
        "28\u{a0}h sur 35\u{a0}h",
        "/e/21719601300015/agents/A0000010/C1/2026-10",
    ] {
        assert!(page.dit(mots), "{mots}: {}", page.texte());
    }
    assert!(!page.dit(NIR) && !page.dit(IBAN));
    let log = banc.journal(&qui, Action::ConsultationAgent);
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].agent.as_deref(), Some(AGENT));
    assert_eq!(log[0].siret.as_deref(), Some(COMMUNE));
}

#[test]
fn numbers_are_shown_once_on_demand_and_the_log_says_so() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let page = banc.post(&qui, &format!("{}/demasquer", adresse(COMMUNE, AGENT)), &[]);
    let page = page.attendu(200);
    assert!(page.dit(NIR) && page.dit(IBAN), "{}", page.texte());
    assert_eq!(banc.journal(&qui, Action::Demasquage).len(), 1);
    assert!(!banc.get(&qui, &adresse(COMMUNE, AGENT)).dit(NIR));
}

#[test]
fn an_auditor_may_not_unmask() {
    let banc = Banc::commun();
    let qui = banc.entrer(Role::Auditeur, &[COMMUNE]);
    let page = banc.get(&qui, &adresse(COMMUNE, AGENT)).attendu(200);
    assert!(!page.dit("demasquer"));
    let refus = banc.post(&qui, &format!("{}/demasquer", adresse(COMMUNE, AGENT)), &[]);
    assert!(!refus.attendu(403).dit(NIR));
    assert!(banc.journal(&qui, Action::Demasquage).is_empty());
}

#[test]
fn agents_of_others_do_not_exist() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let ailleurs = banc.get(&qui, &adresse(AUTRE, "S050")).attendu(404);
    let chez_nous = banc.get(&qui, &adresse(COMMUNE, "S050")).attendu(404);
    let inconnu = banc.get(&qui, &adresse(COMMUNE, "INCONNU")).attendu(404);
    assert_eq!(ailleurs.octets, inconnu.octets);
    assert_eq!(chez_nous.octets, inconnu.octets);
    banc.post(&qui, &format!("{}/demasquer", adresse(AUTRE, "S050")), &[]).attendu(404);
    assert!(banc.journal(&qui, Action::ConsultationAgent).is_empty());
    assert!(banc.journal(&qui, Action::Demasquage).is_empty());
}

#[test]
fn what_changed_in_a_career_is_said() {
    let banc = Banc::commun();
    let page = banc.get(&banc.operateur(), &adresse("28719600000015", "A0000003")).attendu(200);
    let dit = "Temps partiel thérapeutique\u{a0}: 70\u{a0}% (rien avant)";
    assert!(page.dit(dit), "{}", page.texte());
    assert!(page.dit("3,50\u{a0}%"));
}
