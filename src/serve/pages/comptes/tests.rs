//! The accounts: for administrators alone; created, found, invited.

use super::*;
use crate::serve::essais::{AUTRE, Banc, COMMUNE, Reponse, note};

const MOT: &str = "corail tunnel brouette lundi";

fn nouveau<'a>(identifiant: &'a str, role: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("identifiant", identifiant), ("nom", "Zoé Test"), ("role", role)]
}

/// The path of the link that a page shows.
fn lien(page: &Reponse) -> String {
    let texte = page.texte();
    let suite = texte.split("/invitation/").nth(1).expect("a link").to_owned();
    format!("/invitation/{}", suite.split('"').next().unwrap())
}

#[test]
fn only_an_administrator_sees_or_makes_accounts() {
    let banc = Banc::commun();
    for (role, sirets) in [
        (Role::Operateur, &[][..]),
        (Role::Gestionnaire, &[COMMUNE][..]),
        (Role::Auditeur, &[][..]),
    ] {
        let qui = banc.entrer(role, sirets);
        for url in ["/comptes", NOUVEAU, "/comptes/employeurs"] {
            banc.get(&qui, url).attendu(403);
        }
        let identifiant = format!("intrus.{}", role.name());
        let champs = nouveau(&identifiant, "administrateur");
        banc.post(&qui, NOUVEAU, &champs).attendu(403);
        assert_eq!(banc.appli.base.compte_de(&identifiant).unwrap(), None);
        assert!(banc.journal(&qui, Action::CompteCree).is_empty());
    }
    banc.get_anonyme("/comptes").attendu(303);
    let admin = banc.entrer(Role::Administrateur, &[]);
    let corps = "identifiant=sans.jeton&nom=X&role=administrateur".to_owned();
    banc.post_brut(&admin, NOUVEAU, corps).attendu(403);
    assert_eq!(banc.appli.base.compte_de("sans.jeton").unwrap(), None);
}

#[test]
fn an_account_is_created_and_its_link_leads_in() {
    let banc = Banc::commun();
    let admin = banc.entrer(Role::Administrateur, &[]);
    let mut champs = nouveau("Zoe.Neuve@exemple.fr", "gestionnaire");
    champs.extend([("siret", COMMUNE), ("siret", AUTRE)]);
    let page = banc.post(&admin, NOUVEAU, &champs).attendu(200);
    let url = lien(&page);
    let compte = banc.appli.base.compte_de("zoe.neuve@exemple.fr").unwrap().unwrap();
    assert_eq!(compte.perimetre.liste().unwrap().len(), 2);
    let choix = [("mot_de_passe", MOT), ("confirmation", MOT)];
    banc.post_anonyme(&url, &choix).attendu(303);
    let entre = banc.connecter("zoe.neuve@exemple.fr", MOT).attendu(303);
    assert_eq!(banc.seance(&entre).compte, compte);
    let cree = banc.journal(&admin, Action::CompteCree);
    assert!(cree[0].detail.contains("zoe.neuve@exemple.fr") && cree[0].detail.contains(COMMUNE));
    assert!(!cree[0].detail.contains("Zoé"), "no name in the log");
    assert_eq!(banc.journal(&admin, Action::InvitationEmise).len(), 1);
    // The link is on no other page.
    let jeton = url.rsplit('/').next().unwrap();
    assert!(!banc.get(&admin, &format!("/comptes/{}", compte.id)).attendu(200).dit(jeton));
}

#[test]
fn what_does_not_go_together_is_refused_and_kept_in_the_form() {
    let banc = Banc::commun();
    let admin = banc.entrer(Role::Administrateur, &[]);
    banc.appli.base.creer("deja.la", &auditeur(), maintenant(), |_| note()).unwrap();
    let inconnu = "00000000000000";
    for (identifiant, role, plus, mots) in [
        ("refus.un", "gestionnaire", vec![], "au moins un"),
        ("refus.un", "auditeur", vec![("tous", "oui")], "a une date de fin"),
        ("refus.un", "auditeur", vec![("tous", "oui"), ("fin", "31/31/2030")], "31/12/2027"),
        ("refus.un", "auditeur", vec![("tous", "oui"), ("fin", "2001-01-01")], "Ce jour est passé"),
        ("refus.un", "administrateur", vec![("siret", COMMUNE)], "ne voit aucun employeur"),
        ("refus.un", "operateur", vec![("siret", COMMUNE)], "voit tous les employeurs"),
        ("refus.un", "gestionnaire", vec![("siret", inconnu)], "pas dans le fichier"),
        ("refus.un", "gestionnaire", vec![("siret", "x")], "pas dans le fichier"),
        ("refus.un", "gestionnaire", vec![("siret", COMMUNE), ("tous", "oui")], "pas les deux"),
        ("refus.un", "chef", vec![], "Choisissez un rôle"),
        ("é", "operateur", vec![], "de 3 à 120 caractères"),
        ("deja.la", "operateur", vec![], "porte déjà cet identifiant"),
    ] {
        let mut champs = nouveau(identifiant, role);
        champs.extend(plus);
        let page = banc.post(&admin, NOUVEAU, &champs).attendu(422);
        assert!(page.dit(mots), "{role} {mots}: {}", page.texte());
        assert!(page.dit("Zoé Test"), "what was typed is kept");
    }
    assert_eq!(banc.appli.base.compte_de("refus.un").unwrap(), None);
    assert!(banc.journal(&admin, Action::CompteCree).is_empty());
    let page = banc.post(&admin, NOUVEAU, &[("identifiant", "<b>"), ("nom", "<i>")]).attendu(422);
    assert!(!page.dit("<i>") && page.dit("&lt;b&gt;"));
}

fn auditeur() -> Changement {
    let fin = Some(Day::parse("2099-12-31").unwrap());
    let perimetre = Perimetre::tous();
    Changement { nom: "Aude Là".to_owned(), role: Role::Auditeur, perimetre, fin, actif: true }
}

#[test]
fn a_list_of_employers_is_filtered_and_nothing_is_stored() {
    let banc = Banc::commun();
    let admin = banc.entrer(Role::Administrateur, &[]);
    let mut champs = nouveau("filtre.seul", "gestionnaire");
    champs.extend([("siret", COMMUNE), ("cherche", AUTRE), ("filtrer", "oui")]);
    let page = banc.post(&admin, NOUVEAU, &champs).attendu(200);
    let coche = format!("value=\"{COMMUNE}\" checked");
    assert!(page.dit(&coche) && page.dit("filtre.seul"));
    assert!(
        page.dit(&format!("value=\"{AUTRE}\"")) && !page.dit(&format!("value=\"{AUTRE}\" checked"))
    );
    assert_eq!(banc.appli.base.compte_de("filtre.seul").unwrap(), None);
    let url = format!("/comptes/employeurs?cherche=rien+de+tel&siret={COMMUNE}");
    let cases = banc.get(&admin, &url).attendu(200);
    assert!(cases.dit(&coche) && !cases.dit(AUTRE) && !cases.dit("<html"));
}

#[test]
fn accounts_are_found_whatever_the_accents_and_shown_as_they_stand() {
    let banc = Banc::nouveau();
    let admin = banc.entrer(Role::Administrateur, &[]);
    let base = &banc.appli.base;
    let quand = maintenant();
    let invitee = base.creer("aude.la", &auditeur(), quand, |_| note()).unwrap();
    base.inviter(invitee.id, quand, note()).unwrap();
    let page = banc.get(&admin, "/comptes?q=LA+aude").attendu(200);
    assert!(page.dit("Aucun compte ne correspond"));
    let page = banc.get(&admin, "/comptes?q=aude+la").attendu(200);
    assert!(page.dit("1 compte<") && page.dit("aude.la") && page.dit("Invité"));
    for _ in 0..6 {
        base.essayer("aude.la", quand).unwrap();
    }
    assert!(banc.get(&admin, "/comptes?q=aude+la").attendu(200).dit("Verrouillé"));
    let page = banc.get(&admin, "/comptes?page=99").attendu(200);
    assert!(page.dit("2 comptes"));
    assert_eq!(banc.journal(&admin, Action::ConsultationComptes).len(), 4);
}
