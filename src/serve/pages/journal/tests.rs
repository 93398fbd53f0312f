//! The log: for administrators alone, searched, proved, written out; reading it is in it.

use super::*;
use crate::serve::base::Auteur;
use crate::serve::droits::Role;
use crate::serve::essais::{AUTRE, Banc, COMMUNE, Reponse, Seance};
use crate::serve::web::horloge::maintenant;

fn admin(banc: &Banc) -> Seance {
    banc.entrer(Role::Administrateur, &[])
}

fn ecrire(banc: &Banc, qui: &Seance, action: Action, siret: &str, agent: &str) {
    let entree = Entree::new(maintenant(), Auteur::de(&qui.compte, "192.0.2.7"), action);
    let entree = entree.employeur(Siret::parse(siret).unwrap()).agent(agent);
    banc.attendre(banc.appli.base.noter(entree)).unwrap();
}

fn rangees(page: &Reponse) -> usize {
    page.texte().matches("<th scope=\"row\"").count()
}

#[test]
fn only_an_administrator_reads_it() {
    let banc = Banc::commun();
    for (role, sirets) in [
        (Role::Operateur, &[][..]),
        (Role::Gestionnaire, &[COMMUNE][..]),
        (Role::Auditeur, &[][..]),
    ] {
        let qui = banc.entrer(role, sirets);
        banc.get(&qui, "/journal").attendu(403);
        banc.get(&qui, EXPORT).attendu(403);
        banc.post(&qui, VERIFIER, &[]).attendu(403);
    }
    banc.get_anonyme("/journal").attendu(303);
    let admin = admin(banc);
    banc.post_brut(&admin, VERIFIER, String::new()).attendu(403);
    assert!(banc.journal(&admin, Action::VerificationJournal).is_empty());
}

#[test]
fn entries_are_found_by_what_they_are_about_and_reading_is_an_entry() {
    let banc = &Banc::nouveau();
    let (admin, marie) = (admin(banc), banc.gestionnaire(&[COMMUNE]));
    ecrire(banc, &marie, Action::ConsultationBulletin, COMMUNE, "A-1");
    ecrire(banc, &marie, Action::ConsultationBulletin, AUTRE, "A-2");
    ecrire(banc, &marie, Action::Explication, COMMUNE, "A-1");
    let compte = &marie.compte.identifiant;
    for (query, nombre) in [
        (format!("compte={compte}"), 3),
        (format!("compte={compte}&siret={COMMUNE}"), 2),
        (format!("compte={compte}&agent=A-2"), 1),
        (format!("compte={compte}&action=explication"), 1),
        (format!("compte={compte}&du=2001-01-01&au=2099-01-01"), 3),
        (format!("compte={compte}&au=2001-01-01"), 0),
        (format!("compte={compte}&du=2099-01-01"), 0),
    ] {
        let page = banc.get(&admin, &format!("/journal?{query}")).attendu(200);
        assert_eq!(rangees(&page), nombre, "{query}");
    }
    let aujourd_hui = crate::serve::web::horloge::aujourd_hui();
    let jour = format!("/journal?compte={compte}&du={aujourd_hui}&au={aujourd_hui}");
    assert_eq!(rangees(&banc.get(&admin, &jour).attendu(200)), 3, "the last day is included");
    let lues = banc.journal(&admin, Action::ConsultationJournal);
    assert_eq!(lues.len(), 8);
    assert!(lues.iter().any(|ligne| ligne.agent.as_deref() == Some("A-2")));
    for (query, mots) in [
        ("compte=personne", "Aucun compte n’a cet identifiant"),
        ("siret=12", "Un SIRET a 14 chiffres"),
        ("action=rien", "Choisissez une action"),
        ("du=hier", "Écrivez le jour ainsi"),
    ] {
        let page = banc.get(&admin, &format!("/journal?{query}")).attendu(422);
        assert!(page.dit(mots) && rangees(&page) == 0, "{query}");
        banc.get(&admin, &format!("{EXPORT}?{query}")).attendu(400);
    }
    assert_eq!(banc.journal(&admin, Action::ConsultationJournal).len(), 8);
}

#[test]
fn pages_follow_each_other_without_a_hole() {
    let banc = &Banc::nouveau();
    let (admin, marie) = (admin(banc), banc.gestionnaire(&[COMMUNE]));
    for rang in 0..130 {
        ecrire(banc, &marie, Action::ConsultationBulletin, COMMUNE, &format!("A-{rang}"));
    }
    let compte = &marie.compte.identifiant;
    let page = banc.get(&admin, &format!("/journal?compte={compte}")).attendu(200);
    assert_eq!(rangees(&page), 100);
    assert!(page.dit("A-129<") && page.dit("A-30<") && !page.dit("A-29<"));
    let texte = page.texte();
    let suite = texte.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let suite = banc.get(&admin, &suite.replace("&amp;", "&")).attendu(200);
    assert_eq!(rangees(&suite), 30);
    assert!(suite.dit("A-29<") && suite.dit("A-0<") && !suite.dit("rel=\"next\""));
}

#[test]
fn the_chain_is_proved_and_a_noted_digest_must_be_in_it() {
    let banc = &Banc::nouveau();
    let admin = admin(banc);
    let page = banc.post(&admin, VERIFIER, &[]).attendu(200);
    assert!(page.dit("Le journal est intact"));
    let Chaine::Entiere { derniere, empreinte, .. } = banc.appli.base.verifier(None).unwrap()
    else {
        panic!("a log that nobody touched holds")
    };
    let note = format!("{derniere}-{empreinte}");
    assert!(page.dit(&note), "the digest covers the check itself");
    let encore = banc.post(&admin, VERIFIER, &[("note", &note)]).attendu(200);
    assert!(encore.dit("Le journal est intact"));
    let faux = "f".repeat(64);
    let page = banc.post(&admin, VERIFIER, &[("note", &faux)]).attendu(200);
    assert!(page.dit("Le journal a été modifié") && page.dit("l’empreinte notée n’y figure pas"));
    for note in ["abc", "zzzzzzzzzzzzzzzzzzzz", "-"] {
        banc.post(&admin, VERIFIER, &[("note", note)]).attendu(422);
    }
    assert_eq!(banc.journal(&admin, Action::VerificationJournal).len(), 3);
}

#[test]
fn an_entry_that_was_edited_is_seen() {
    let banc = &Banc::nouveau();
    let admin = admin(banc);
    ecrire(banc, &admin, Action::ConsultationBulletin, COMMUNE, "A-1");
    let fichier = rusqlite::Connection::open(banc.dossier().join("acces.db")).unwrap();
    let edit = "DROP TRIGGER journal_ne_change_pas; UPDATE journal SET agent = 'A-2'";
    fichier.execute_batch(edit).unwrap();
    let page = banc.post(&admin, VERIFIER, &[]).attendu(200);
    assert!(page.dit("Le journal a été modifié") && page.dit("son contenu a été modifié"));
}

#[test]
fn the_export_is_a_table_without_formulas_and_is_an_entry() {
    let banc = &Banc::nouveau();
    let (admin, marie) = (admin(banc), banc.gestionnaire(&[COMMUNE]));
    ecrire(banc, &marie, Action::ConsultationBulletin, COMMUNE, "=1+1");
    ecrire(banc, &admin, Action::ConsultationAgent, COMMUNE, "A-2");
    let url = format!("{EXPORT}?compte={}", marie.compte.identifiant);
    let table = banc.get(&admin, &url).attendu(200);
    assert_eq!(table.entetes["content-type"], "text/csv; charset=utf-8");
    let texte = table.texte();
    assert!(texte.starts_with("\u{feff}numéro;"));
    assert_eq!(texte.lines().count(), 2);
    assert!(texte.contains(";'=1+1;") && !texte.contains("A-2"));
    let entrees = banc.journal(&admin, Action::ExportJournal);
    assert!(entrees.len() == 1 && entrees[0].detail.contains(&marie.compte.identifiant));
    let page = banc.get(&admin, "/journal").attendu(200);
    assert!(page.dit("gardées 12 mois"));
}
