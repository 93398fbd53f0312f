use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::*;
use crate::calendar::PayPeriod;
use crate::serve::droits::{Perimetre, Role};
use crate::serve::essais::{AUTRE, Banc, COMMUNE, MOIS, Seance};
use crate::serve::pages::commun::vers_bulletin;
use crate::serve::registre::{ContratDuMois, Listes};

/// A civil servant of the commune, its page of simulation.
fn agent(banc: &Banc) -> (ContratDuMois, String) {
    let vue = banc.appli.registre.vue(&Perimetre::tous());
    let chez = vue.chez(COMMUNE).unwrap();
    let mois = PayPeriod::parse(MOIS).unwrap();
    let table = banc.attendre(chez.tableau(mois)).unwrap();
    let mut rows = table.contrats.iter();
    let tenured = |row: &&ContratDuMois| {
        row.payable
            && row.situation.contains("titulaire")
            && row.situation.contains("échelon\u{a0}5")
    };
    let row = rows.find(tenured).unwrap().clone();
    let url = vers_bulletin(COMMUNE, &row.agent, &row.contrat, mois);
    (row, format!("{url}/simuler"))
}

fn listes() -> Arc<Listes> {
    let vue = Banc::commun().appli.registre.vue(&Perimetre::tous());
    vue.chez(COMMUNE).unwrap().listes()
}

fn lus(champs: &[(&str, &str)]) -> Demande {
    let typed = champs.iter().map(|(nom, valeur)| ((*nom).to_owned(), (*valeur).to_owned()));
    lire(&Champs(typed.collect()), &listes())
}

#[test]
fn a_form_is_read_field_by_field() {
    let read = lus(&[
        ("taux_pas", "3,1"),
        ("grade", ""),
        ("echelon", " 6 "),
        ("enfants", "2"),
        ("enfants_alternes", "1"),
        ("prime_1", "IFSE"),
        ("prime_1_montant", "1 250,50"),
        ("absence_nature", "greve"),
        ("absence_du", "05/10/2026"),
    ]);
    assert_eq!(read.erreurs, []);
    let expected = [
        ("echelon", "echelon=6"),
        ("taux_pas", "taux_pas=3.1%"),
        ("enfants_alternes", "enfants_alternes=0"),
        ("enfants", "enfants=2"),
        ("enfants_alternes", "enfants_alternes=1"),
        ("prime_1_montant", "IFSE=1250.50"),
        ("absence_du", "absence=greve:2026-10-05"),
    ];
    let expected = expected.map(|(nom, text)| (nom.to_owned(), Change::parse(text).unwrap()));
    assert_eq!(read.essais, expected);
}

#[test]
fn what_is_wrong_is_said_at_its_field() {
    let wrong = [
        ("quotite", "beaucoup"),
        ("nbi", "-3"),
        ("prime_1_montant", "50"),
        ("prime_2", "IFSE"),
        ("prime_3", "IFSE"),
        ("prime_4", "IFSE"),
        ("absence_du", "hier"),
    ];
    let read = lus(&wrong);
    let champs: Vec<&str> = read.erreurs.iter().map(|(champ, _)| champ.as_str()).collect();
    let expected = [
        "quotite",
        "nbi",
        "prime_1",
        "prime_2_montant",
        "prime_3",
        "prime_4",
        "absence_nature",
        "absence_du",
    ];
    assert_eq!(champs, expected, "{:?}", read.erreurs);
    assert!(read.erreurs[0].1.contains("« Quotité »".replace(' ', "\u{a0}").as_str()));
    let empty = lus(&[("grade", " ")]);
    assert!(empty.erreurs.len() == 1 && empty.erreurs[0].0.is_empty());
    let listes = listes();
    let hours = listes.primes.iter().find(|prime| !prime.montant).unwrap();
    let read = lus(&[("prime_1", &hours.code), ("prime_1_montant", "50")]);
    assert_eq!(read.erreurs[0].0, "prime_1_montant");
}

#[test]
fn lists_are_those_of_the_rules() {
    let listes = listes();
    assert!(listes.grades.iter().any(|(nom, categorie)| nom == "rédacteur" && categorie == "B"));
    assert!(listes.grades.len() > 50 && listes.natures.len() > 15 && listes.primes.len() > 10);
    assert!(listes.prime("IFSE").is_some_and(|prime| prime.montant && !prime.nombre));
    for nature in &listes.natures {
        assert_ne!(mots::dit(nature), *nature, "no words for {nature}");
    }
}

#[test]
fn a_change_is_shown_beside_today_and_leaves_no_value_in_the_log() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let (row, url) = agent(banc);
    let form = banc.get(&qui, &url).attendu(200);
    assert!(form.dit("Aujourd’hui\u{a0}: 5.") && form.dit("name=\"jeton\""));
    let tried = [("echelon", "6"), ("prime_1", "IFSE"), ("prime_1_montant", "987,65")];
    let page = banc.post(&qui, &url, &tried).attendu(200);
    for words in
        ["Net à payer", "Coût pour l’employeur", "Ce qui change dans la situation", "987,65"]
    {
        assert!(page.dit(words), "{words}");
    }
    assert!(page.dit("value=\"987,65\"") && page.dit("selected"), "what was typed is kept");
    let told = banc.journal(&qui, Action::Simulation);
    assert_eq!(told.len(), 1);
    let told = format!("{told:?}");
    assert!(told.contains("echelon, prime_1_montant") && told.contains(&row.agent), "{told}");
    assert!(!told.contains("987"), "{told}");
    assert_eq!(banc.journal(&qui, Action::ConsultationBulletin).len(), 1);
}

#[test]
fn errors_keep_what_was_typed() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let (_, url) = agent(banc);
    let typed = [("quotite", "plein<b>"), ("echelon", "6")];
    let page = banc.post(&qui, &url, &typed).attendu(422);
    assert!(page.dit("href=\"#quotite\"") && page.dit("value=\"plein&lt;b&gt;\""));
    assert!(page.dit("value=\"6\"") && page.dit("<title>Erreur"));
    // What only the rules refuse comes back the same way, all of it at once.
    let typed = [
        ("enfants_alternes", "9"),
        ("absence_nature", "greve"),
        ("absence_du", "2026-03-02"),
        ("prime_1", "RIEN"),
        ("prime_1_montant", "12"),
    ];
    let page = banc.post(&qui, &url, &typed).attendu(422);
    for champ in ["enfants_alternes", "absence_du", "prime_1"] {
        assert!(page.dit(&format!("href=\"#{champ}\"")), "{champ}: {}", page.texte());
    }
    banc.post(&qui, &url, &[]).attendu(422);
    assert!(banc.journal(&qui, Action::Simulation).is_empty());
}

#[test]
fn every_field_and_every_list_can_be_tried() {
    let banc = Banc::commun();
    let qui = banc.operateur();
    let (_, url) = agent(banc);
    let listes = listes();
    let mut all: Vec<Vec<(&str, &str)>> = vec![
        vec![("grade", "rédacteur"), ("echelon", "3")],
        vec![("quotite", "80")],
        vec![("duree_hebdo", "17h30")],
        vec![("nbi", "25")],
        vec![("enfants", "3"), ("enfants_alternes", "2")],
        vec![("taux_pas", "12,5 %")],
        vec![("statut", "contractuel"), ("regime", "ircantec")],
    ];
    for nature in &listes.natures {
        all.push(vec![("absence_nature", nature), ("absence_du", "2026-10-05")]);
    }
    for typed in all {
        let page = banc.post(&qui, &url, &typed);
        let told = page.code == 200 && page.dit("class=\"ecarts\"")
            || page.code == 409 && page.dit("rien à payer");
        assert!(told, "{typed:?}: {}", page.texte());
    }
}

#[test]
fn only_the_open_month_and_who_may_see_pay() {
    let banc = Banc::commun();
    let (_, url) = agent(banc);
    let former = url.replace(MOIS, "2026-09");
    let qui = banc.gestionnaire(&[COMMUNE]);
    for page in [banc.get(&qui, &former), banc.post(&qui, &former, &[("nbi", "20")])] {
        assert!(page.attendu(409).dit("porte sur le mois ouvert, octobre 2026"));
    }
    let refuse = banc.post_brut(&qui, &url, "nbi=20".to_owned());
    assert!(refuse.attendu(403).dit("Formulaire périmé"));
    let essai = |qui: &Seance| banc.post(qui, &url, &[("nbi", "20")]).code.as_u16();
    assert_eq!(essai(&banc.entrer(Role::Auditeur, &[COMMUNE])), 200);
    assert_eq!(essai(&banc.entrer(Role::Administrateur, &[])), 403);
    assert_eq!(essai(&banc.gestionnaire(&[AUTRE])), 404);
}

#[test]
fn trying_stores_nothing() {
    let banc = Banc::nouveau();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let (_, url) = agent(&banc);
    let files = |folder: &Path| -> Vec<(PathBuf, Vec<u8>)> {
        let each = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut all: Vec<_> = each.map(|path| (path.clone(), fs::read(path).unwrap())).collect();
        all.sort();
        all
    };
    let pool = banc.dossier().join("pool");
    let before = files(&pool);
    for nbi in 1..20 {
        banc.post(&qui, &url, &[("nbi", &nbi.to_string())]).attendu(200);
    }
    assert!(files(&pool) == before);
}
