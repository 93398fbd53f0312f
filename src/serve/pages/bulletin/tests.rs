use std::fs;
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;

use crate::calendar::PayPeriod;
use crate::num::Amount;
use crate::serve::base::Action;
use crate::serve::droits::{Perimetre, Role};
use crate::serve::essais::{AUTRE, Banc, COMMUNE, MOIS, POOL, Seance, copier, requete};
use crate::serve::pages::commun::vers_bulletin;
use crate::serve::registre::Tableau;

/// The largest page of a payslip, in bytes before compression.
const TAILLE: usize = 80_000;

fn mois() -> PayPeriod {
    PayPeriod::parse(MOIS).unwrap()
}

fn chemin(agent: &str, contrat: &str) -> String {
    vers_bulletin(COMMUNE, agent, contrat, mois())
}

/// The table of the commune.
fn table(banc: &Banc) -> Arc<Tableau> {
    let chez = banc.appli.registre.vue(&Perimetre::tous()).chez(COMMUNE).unwrap();
    banc.attendre(chez.tableau(mois())).unwrap()
}

/// An agent of the commune that can be paid, its contract.
fn payable(banc: &Banc) -> (String, String) {
    let table = table(banc);
    let row = table.contrats.iter().find(|row| row.payable).unwrap();
    (row.agent.clone(), row.contrat.clone())
}

#[test]
fn every_payslip_has_a_light_page_that_the_log_tells() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let table = table(banc);
    assert!(table.contrats.len() > 20);
    for row in &table.contrats {
        let url = chemin(&row.agent, &row.contrat);
        let page = banc.get(&qui, &url).attendu(200);
        assert!(page.octets.len() < TAILLE, "{url}: {} bytes", page.octets.len());
        let nom = format!("Bulletin de {} {}, octobre 2026", row.prenom, row.nom);
        assert!(page.dit(&maud::html! { (nom) }.0), "{url}");
        assert!(page.dit(&format!("hx-get=\"{url}/ligne/")) || !row.payable, "{url}");
    }
    let seen = banc.journal(&qui, Action::ConsultationBulletin);
    assert_eq!(seen.len(), table.contrats.len().min(100));
    assert!(seen.iter().all(|one| one.siret.as_deref() == Some(COMMUNE)), "{seen:?}");
}

#[test]
fn each_line_opens_its_reasons_with_and_without_htmx() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let table = table(banc);
    let row = table.contrats.iter().find(|row| row.payable).unwrap();
    let url = chemin(&row.agent, &row.contrat);
    let page = banc.get(&qui, &url).texte();
    let liens: Vec<&str> = page.split("hx-get=\"").skip(1).collect();
    let liens: Vec<&str> = liens.iter().map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(liens.len() > 10);
    for lien in liens {
        let whole = banc.get(&qui, lien).attendu(200);
        assert!(whole.dit("<h1>Pourquoi ce montant") && whole.dit("En vigueur depuis"), "{lien}");
        let request = requete(&qui, "GET", lien).header("hx-request", "true");
        let part = banc.envoyer(request.body(Body::empty()).unwrap()).attendu(200);
        assert!(part.dit("class=\"pliee\"") && !part.dit("<html"), "{lien}");
    }
    for part in ["BRUT", "NET_A_PAYER", "CSG_DEDUCTIBLE.agent", "CSG_DEDUCTIBLE.base"] {
        banc.get(&qui, &format!("{url}/ligne/{part}")).attendu(200);
    }
    for none in ["RIEN", "BRUT.autre", "%FF", "traitement%2Fannuel"] {
        banc.get(&qui, &format!("{url}/ligne/{none}")).attendu(404);
    }
    assert!(!banc.journal(&qui, Action::Explication).is_empty());
}

/// Below a line there is no room for an error or a sign-in: the browser is sent to the page.
#[test]
fn what_cannot_open_below_a_line_opens_as_a_page() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let (agent, contrat) = payable(banc);
    let url = format!("{}/ligne/BRUT", chemin(&agent, &contrat));
    let ask = |qui: &Seance, url: &str| {
        let request = requete(qui, "GET", url).header("hx-request", "true");
        banc.envoyer(request.body(Body::empty()).unwrap()).attendu(200)
    };
    let nobody = Seance { jeton: "rien".to_owned(), ..qui.clone() };
    let unknown = url.replace("BRUT", "RIEN");
    for (qui, url) in [(&nobody, &url), (&qui, &unknown)] {
        let answer = ask(qui, url);
        assert_eq!(answer.entetes["hx-redirect"], url.as_str());
        assert!(answer.octets.is_empty());
    }
    assert!(!ask(&qui, &url).entetes.contains_key("hx-redirect"));
}

#[test]
fn what_is_outside_is_not_there() {
    let banc = Banc::commun();
    let (agent, contrat) = payable(banc);
    let url = chemin(&agent, &contrat);
    let other = banc.gestionnaire(&[AUTRE]);
    let ailleurs = url.replace(COMMUNE, AUTRE);
    let absent = banc.get(&other, "/rien").attendu(404).texte();
    for suite in ["", "/imprimer", "/bulletin.json", "/ligne/BRUT", "/simuler"] {
        for start in [&url, &ailleurs] {
            let page = banc.get(&other, &format!("{start}{suite}")).attendu(404);
            assert_eq!(page.texte(), absent, "{start}{suite}");
        }
    }
    let own = banc.gestionnaire(&[COMMUNE]);
    let wrong = [
        chemin("personne", "C1"),
        chemin(&agent, "autre"),
        url.replace(MOIS, "2026-13"),
        url.replace(MOIS, "2031-01"),
        url.replace(MOIS, "%FF"),
    ];
    for url in wrong {
        assert_eq!(banc.get(&own, &url).attendu(404).texte(), absent, "{url}");
    }
    banc.get(&banc.entrer(Role::Administrateur, &[]), &url).attendu(403);
    banc.get(&banc.entrer(Role::Auditeur, &[COMMUNE]), &url).attendu(200);
    for qui in [&other, &own] {
        assert!(banc.journal(qui, Action::ConsultationBulletin).is_empty());
    }
}

#[test]
fn paper_and_data_are_the_same_payslip() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let (agent, contrat) = payable(banc);
    let url = chemin(&agent, &contrat);
    let paper = banc.get(&qui, &format!("{url}/imprimer")).attendu(200);
    assert!(paper.dit("class=\"bulletin\"") && paper.dit("Net à payer"));
    assert!(!paper.dit("hx-get") && !paper.dit("<nav"), "nothing to click on paper");
    // The month is open: the sheet may be kept, and must not pass for what was paid.
    assert!(paper.dit("ce document n’est pas un bulletin définitif") && !paper.dit("à conserver"));
    let json = banc.get(&qui, &format!("{url}/bulletin.json")).attendu(200);
    let data: serde_json::Value = serde_json::from_slice(&json.octets).unwrap();
    assert_eq!((&data["mois"], &data["agent"]["id"]), (&MOIS.into(), &agent.as_str().into()));
    let cents = data["totaux"]["net_a_payer"].as_str().unwrap();
    let net = Amount::parse(cents).unwrap().french();
    assert!(paper.dit(&net), "{net}");
    let name = json.entetes["content-disposition"].to_str().unwrap();
    assert_eq!(name, format!("attachment; filename=\"bulletin-{MOIS}-{agent}-{contrat}.json\""));
    assert_eq!(banc.journal(&qui, Action::Export).len(), 1);
    assert_eq!(banc.journal(&qui, Action::ConsultationBulletin).len(), 1);
}

/// A pool of its own, whose rows of careers are changed.
fn autrement(change: impl Fn(&str, &str) -> String) -> Banc {
    let dossier = tempfile::tempdir().unwrap();
    let pool = dossier.path().join("pool");
    copier(Path::new(POOL), &pool);
    for entry in fs::read_dir(&pool).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        fs::write(&path, change(&name, &text)).unwrap();
    }
    Banc::dans(dossier)
}

#[test]
fn a_contract_can_have_any_name() {
    let (agent, contrat) = payable(Banc::commun());
    let strange = "C/1 é+%2F?&";
    let (former, new) =
        (format!("{agent},{COMMUNE},{contrat},"), format!("{agent},{COMMUNE},{strange},"));
    let banc = autrement(|_, text| text.replace(&former, &new));
    let qui = banc.gestionnaire(&[COMMUNE]);
    let url = chemin(&agent, strange);
    assert!(url.contains("/C%2F1%20%C3%A9%2B%252F%3F%26/"), "{url}");
    let page = banc.get(&qui, &url).attendu(200);
    assert!(page.dit("C/1 é+%2F?&amp;") && page.dit(&format!("href=\"{url}/simuler\"")));
    let ligne = page.texte();
    let ligne = ligne.split("hx-get=\"").nth(1).unwrap().split('"').next().unwrap();
    banc.get(&qui, ligne).attendu(200);
    banc.get(&qui, &format!("{url}/bulletin.json")).attendu(200);
    let form = banc.get(&qui, &format!("{url}/simuler")).attendu(200);
    assert!(form.dit(&format!("action=\"{url}/simuler\"")));
    banc.post(&qui, &format!("{url}/simuler"), &[("nbi", "20")]).attendu(200);
}

#[test]
fn a_payslip_that_cannot_be_computed_says_why() {
    let (agent, contrat) = payable(Banc::commun());
    let banc = autrement(|name, text| match name {
        "carrieres.csv" => {
            let mine = |line: &str| line.starts_with(&format!("{agent},{COMMUNE},"));
            let wrong = |line: &str| match mine(line) {
                true => line.replacen(",100,", ",beaucoup,", 1),
                false => line.to_owned(),
            };
            text.lines().map(|line| wrong(line) + "\n").collect()
        }
        _ => text.to_owned(),
    });
    let qui = banc.gestionnaire(&[COMMUNE]);
    let url = chemin(&agent, &contrat);
    let page = banc.get(&qui, &url).attendu(200);
    let told = page.dit("ne peut pas être calculé") || page.dit("Bulletin bloqué");
    assert!(told && page.dit("À faire"), "{}", page.texte());
    assert_eq!(banc.journal(&qui, Action::ConsultationBulletin).len(), 1);
    let form = banc.get(&qui, &format!("{url}/simuler"));
    assert!(matches!(form.code.as_u16(), 200 | 409), "{}", form.texte());
}

#[test]
fn who_has_several_employers_goes_back_to_them_from_any_page_of_one() {
    let banc = Banc::commun();
    let (agent, contrat) = payable(banc);
    let url = chemin(&agent, &contrat);
    let elements = format!("/e/{COMMUNE}/elements/{MOIS}");
    let above = |sirets: &[&str], url: &str| {
        let page = banc.get(&banc.gestionnaire(sirets), url).attendu(200).texte();
        page.contains("<a href=\"/\">Employeurs</a>")
    };
    for url in [&url, &format!("{url}/simuler"), &format!("{url}/ligne/BRUT"), &elements] {
        assert!(above(&[COMMUNE, AUTRE], url), "{url}");
        assert!(!above(&[COMMUNE], url), "{url}");
    }
}
