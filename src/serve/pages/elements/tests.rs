//! The screens of variable elements, through HTTP: what bad files and bad rows are told, what two
//! steps store, who is told what when something comes in between.

use std::fs;

use axum::body::Body;
use axum::http::header;

use crate::calendar::PayPeriod;
use crate::limits::{SAISIE_ROWS, UPLOAD_BYTES};
use crate::serve::acces::jeton;
use crate::serve::base::Action;
use crate::serve::droits::Role;
use crate::serve::essais::{Banc, COMMUNE, MOIS, Reponse, Seance, note, requete};
use crate::serve::html::CHAMP_JETON;

mod deux;
mod envois;

/// An agent of the commune, with an IFSE since January.
const AGENT: &str = "A0000005";
/// An agent of another employer of the pool.
const AILLEURS: &str = "A0000001";
const TITRES: &str = "agent;contrat;rubrique;nombre;montant;libelle\n";

/// The page of the month, or one below it.
fn url(suite: &str) -> String {
    format!("/e/{COMMUNE}/elements/{MOIS}{suite}")
}

fn octets(banc: &Banc) -> Vec<u8> {
    fs::read(banc.dossier().join("pool/elements.csv")).unwrap()
}

/// The rows of the pool that hold some words.
fn rangees(banc: &Banc, mots: &str) -> Vec<String> {
    let text = String::from_utf8(octets(banc)).unwrap();
    text.lines().filter(|row| row.contains(mots)).map(str::to_owned).collect()
}

/// Sends a file to the first step.
fn fichier(banc: &Banc, qui: &Seance, contenu: &[u8]) -> Reponse {
    let action = url("/verifier");
    let preuve = jeton::emettre(&qui.session.secret, &action).unwrap();
    let field = "--LIMITE\r\nContent-Disposition: form-data; name=";
    let mut corps = format!(
        "{field}\"{CHAMP_JETON}\"\r\n\r\n{preuve}\r\n\
         {field}\"fichier\"; filename=\"mois.csv\"\r\nContent-Type: text/csv\r\n\r\n"
    )
    .into_bytes();
    corps.extend_from_slice(contenu);
    corps.extend_from_slice(b"\r\n--LIMITE--\r\n");
    let request = requete(qui, "POST", &action);
    let request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=LIMITE");
    banc.envoyer(request.body(Body::from(corps)).unwrap())
}

/// A row of a form.
fn rangee(numero: u32, agent: &str, rubrique: &str, montant: &str) -> Vec<(String, String)> {
    let cell = |nom: &str, valeur: &str| (format!("{nom}-{numero}"), valeur.to_owned());
    vec![cell("agent", agent), cell("rubrique", rubrique), cell("montant", montant)]
}

/// Sends rows of a form to the first step.
fn formulaire(banc: &Banc, qui: &Seance, rangees: &[Vec<(String, String)>]) -> Reponse {
    let mut champs = vec![("rangees".to_owned(), rangees.len().to_string())];
    champs.extend(rangees.iter().flatten().cloned());
    poster(banc, qui, "/verifier", &champs)
}

fn poster(banc: &Banc, qui: &Seance, suite: &str, champs: &[(String, String)]) -> Reponse {
    let champs: Vec<(&str, &str)> = champs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    banc.post(qui, &url(suite), &champs)
}

/// What the form of the second step carries.
fn portes(page: &Reponse) -> Vec<(String, String)> {
    let texte = page.texte();
    let suite = texte.split("/enregistrer\"").nth(1).expect("no second step");
    caches(suite.split("</form>").next().unwrap())
}

/// The hidden fields of a piece of page, without the proof.
fn caches(html: &str) -> Vec<(String, String)> {
    let each = html.split("<input type=\"hidden\" name=\"").skip(1).map(|input| {
        let (nom, suite) = input.split_once("\" value=\"").unwrap();
        let valeur = suite.split('"').next().unwrap();
        let valeur = valeur.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
        (nom.to_owned(), valeur.replace("&amp;", "&"))
    });
    each.filter(|(nom, _)| nom != CHAMP_JETON).collect()
}

/// The second step.
fn enregistrer(banc: &Banc, qui: &Seance, page: &Reponse) -> Reponse {
    poster(banc, qui, "/enregistrer", &portes(page))
}

/// The net of an agent, as its payslip now says.
fn net(banc: &Banc, agent: &str) -> i64 {
    let qui = banc.operateur();
    let chez = banc.appli.registre.vue(&qui.compte.perimetre).chez(COMMUNE).unwrap();
    let mois = PayPeriod::parse(MOIS).unwrap();
    let slips = banc.attendre(chez.bulletins(agent, mois)).unwrap();
    slips[0].totaux.net_a_payer.unwrap().0
}

fn euros(cents: i64) -> String {
    crate::num::Amount::from_cents(cents).french()
}

#[test]
fn the_page_shows_what_the_month_counts_to_who_may_change_it() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let page = banc.get(&qui, &url("")).attendu(200);
    for mots in ["A0000005 / C1", "310,00", "IFSE", "depuis le", "Corriger", "Retirer", "Exporter"]
    {
        assert!(page.dit(mots), "{mots}");
    }
    assert!(page.octets.len() < 150_000, "{} bytes", page.octets.len());
    assert!(!page.dit(AILLEURS), "an agent of another employer");
    assert_eq!(banc.journal(&qui, Action::ConsultationEmployeur).len(), 1);
    let found = banc.get(&qui, &url("?q=isfe")).attendu(200);
    assert!(found.dit("Éléments trouvés") && !found.dit("310,00"));

    let voisin = banc.gestionnaire(&["28719600000015"]);
    for suite in ["", "/modele.csv", "/export.csv", "/enregistre", "/colonnes?rubrique-1=IFSE"] {
        banc.get(&voisin, &url(suite)).attendu(404);
        let auditeur = banc.entrer(Role::Auditeur, &[COMMUNE]);
        banc.get(&auditeur, &url(suite)).attendu(403);
        banc.get(&banc.entrer(Role::Administrateur, &[]), &url(suite)).attendu(403);
    }
    banc.get(&qui, &format!("/e/{COMMUNE}/elements/2031-01")).attendu(404);
    banc.get(&qui, &format!("/e/{COMMUNE}/elements/octobre")).attendu(404);
}

#[test]
fn a_month_that_is_over_says_where_a_late_element_goes() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let passe = format!("/e/{COMMUNE}/elements/2026-09");
    let page = banc.get(&qui, &passe).attendu(200);
    assert!(page.dit("septembre 2026") && page.dit("Mois d’origine") && page.dit("2026-09"));
    let sent = banc.post(&qui, &format!("{passe}/verifier"), &[("rangees", "1")]).attendu(409);
    assert!(sent.dit("Rien n’a été enregistré"));
    banc.post(&qui, &format!("{passe}/enregistrer"), &[("lignes", "[]")]).attendu(409);
}

#[test]
fn tables_to_download_come_back_as_they_left() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let modele = banc.get(&qui, &url("/modele.csv")).attendu(200);
    assert!(modele.texte().starts_with("\u{feff}agent;contrat;rubrique;"));
    assert!(modele.dit(AGENT) && !modele.dit(AILLEURS));
    let vide = fichier(banc, &qui, &modele.octets).attendu(422);
    assert!(vide.dit("aucune ligne n’est remplie"));
    let export = banc.get(&qui, &url("/export.csv")).attendu(200);
    assert!(export.dit("A0000005;C1;IFSE"));
    assert_eq!(banc.journal(&qui, Action::Export).len(), 2);
    // Nothing of it is new: there is nothing to store.
    let same = fichier(banc, &qui, &export.octets);
    assert!(same.dit("Déjà enregistré"), "{}", same.texte());
    assert!(!same.dit("Nouvel élément"));
}

#[test]
fn a_rubrique_says_what_it_needs() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let dit = |texte: &str| banc.get(&qui, &url(&format!("/colonnes?rubrique-2={texte}"))).texte();
    assert!(dit("IFSE").contains("remplissez montant"));
    assert!(dit("IFSE%20%E2%80%94%20n%27importe").contains("remplissez montant"));
    assert_eq!(dit("RIEN"), "");
}

#[test]
fn rows_are_judged_then_stored_and_payslips_show_them_at_once() {
    let banc = Banc::nouveau();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let before = octets(&banc);
    let avant = net(&banc, AGENT);
    let rows =
        [rangee(1, "A0000006", "IFSE — Indemnité", ""), rangee(2, AGENT, "IFSE", "1 234,50")];
    let page = formulaire(&banc, &qui, &rows).attendu(422);
    assert!(page.dit("a besoin de") && page.dit("Lignes à corriger\u{a0}: 1"));
    assert!(page.dit("montant-1-erreur"), "the field of the fault");
    assert_eq!(octets(&banc), before);

    // Without the box, nothing is stored; with it, the row that is right.
    let refuse = enregistrer(&banc, &qui, &page).attendu(422);
    assert!(refuse.dit("cochez la case"));
    assert_eq!(octets(&banc), before);
    let mut champs = portes(&page);
    champs.push(("geste".to_owned(), "refusees".to_owned()));
    let csv = poster(&banc, &qui, "/enregistrer", &champs).attendu(200);
    assert!(csv.dit("a_corriger;que_faire") && csv.dit("a besoin de") && !csv.dit("1234.50"));
    champs.pop();
    champs.push(("partiel".to_owned(), "oui".to_owned()));
    let fait = poster(&banc, &qui, "/enregistrer", &champs).attendu(303);

    let rows = rangees(&banc, "1234.50");
    assert_eq!(rows.len(), 1);
    assert!(rows[0].starts_with("A0000005,21719601300015,C1,IFSE,2026-10-01,2026-10-31,20"));
    assert!(octets(&banc).starts_with(&before));
    let apres = net(&banc, AGENT);
    assert!(apres > avant);
    for montant in [avant, apres] {
        assert!(page.dit(&euros(montant)), "the effect was told: {}", euros(montant));
    }
    let dit = banc.get(&qui, fait.vers()).attendu(200);
    assert!(dit.dit("Nouvelles\u{a0}: 1") && dit.dit("Laissées de côté, à corriger\u{a0}: 1"));
    assert!(dit.dit(&format!("/e/{COMMUNE}/agents/{AGENT}/C1/{MOIS}")));
    // Another session cannot be shown that page by a link.
    assert_eq!(banc.get(&banc.operateur(), fait.vers()).attendu(303).vers(), url(""));

    let log = banc.journal(&qui, Action::DepotElements);
    assert_eq!(log.len(), 2, "asked, then done");
    let empreinte = |bytes: &[u8]| blake3::hash(bytes).to_hex().to_string();
    assert!(log[0].detail.contains(&empreinte(&before)), "{}", log[0].detail);
    assert!(log[0].detail.contains(&empreinte(&octets(&banc))));
    assert!(banc.journal(&qui, Action::DepotRefuse).len() == 1);
    assert!(banc.get(&qui, &url("")).dit("nouvelles\u{a0}: 1"), "who stored what");
}

#[test]
fn a_row_is_corrected_then_withdrawn() {
    let banc = Banc::nouveau();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let ajout = formulaire(&banc, &qui, &[rangee(1, AGENT, "IFSE", "51,37")]).attendu(200);
    let sans = net(&banc, AGENT);
    enregistrer(&banc, &qui, &ajout).attendu(303);
    let avec = net(&banc, AGENT);
    assert!(avec > sans);

    let liste = banc.get(&qui, &url("")).texte();
    let cle = liste.split("51,37").nth(1).unwrap().split("?corriger=").nth(1).unwrap();
    let cle = cle.split('#').next().unwrap().to_owned();
    let form = banc.get(&qui, &url(&format!("?corriger={cle}"))).attendu(200);
    assert!(form.dit("Corriger un élément") && form.dit("value=\"51,37\""), "{}", form.texte());
    let mut row = rangee(1, AGENT, "IFSE", "61,37");
    row.push(("depuis-1".to_owned(), "2026-10-01".to_owned()));
    row.push(("fin-1".to_owned(), "2026-10-31".to_owned()));
    let page = formulaire(&banc, &qui, &[row]).attendu(200);
    assert!(page.dit("Corrige un élément enregistré"));
    enregistrer(&banc, &qui, &page).attendu(303);
    assert!(net(&banc, AGENT) > avec);
    assert!(banc.get(&qui, &url(&format!("?corriger={cle}"))).dit("n’est plus là"));

    let liste = banc.get(&qui, &url("")).texte();
    let cle = liste.split("61,37").nth(1).unwrap().split("name=\"retirer\" value=\"").nth(1);
    let cle = cle.unwrap().split('"').next().unwrap().to_owned();
    let retirer = [("retirer".to_owned(), cle)];
    let page = poster(&banc, &qui, "/verifier", &retirer).attendu(200);
    assert!(page.dit("Éléments à retirer") && page.dit(&euros(sans)));
    enregistrer(&banc, &qui, &page).attendu(303);
    assert_eq!(net(&banc, AGENT), sans);
    // What is no longer there cannot be withdrawn again.
    assert!(poster(&banc, &qui, "/verifier", &retirer).attendu(422).dit("n’est plus là"));
}

#[test]
fn more_rows_are_added_to_what_was_typed() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let mut champs = vec![("rangees".to_owned(), "3".to_owned())];
    champs.extend(rangee(2, "<Zoé>", "IFSE", "12"));
    champs.push(("geste".to_owned(), "plus".to_owned()));
    let page = poster(banc, &qui, "/verifier", &champs).attendu(200);
    assert!(page.dit("value=\"6\"") && page.dit("value=\"&lt;Zoé&gt;\"") && page.dit("montant-6"));
}

#[test]
fn words_are_searched_in_any_order() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let trouves = |q: &str| banc.get(&qui, &url(&format!("?q={q}"))).attendu(200);
    for q in ["dupuis+damien", "damien+dupuis", "ifse+damien"] {
        assert!(!trouves(q).dit("Aucun élément."), "{q}");
    }
    assert!(trouves("damien+personne").dit("Aucun élément."));
}
