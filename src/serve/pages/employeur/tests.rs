//! My commune: the month, what needs attention, searches, exports, and whom it is not shown to.

use axum::body::Body;
use axum::http::Request;

use crate::serve::base::Action;
use crate::serve::droits::Role;
use crate::serve::essais::{AUTRE, Banc, COMMUNE, remplacer};

/// The part of a page that lists agents.
fn agents(page: &str) -> &str {
    page.split("id=\"agents\"").nth(1).unwrap()
}

#[test]
fn the_month_is_shown_with_what_needs_attention_before_agents() {
    let banc = Banc::abime();
    let qui = banc.gestionnaire(&[AUTRE]);
    let page = banc.get(&qui, &format!("/e/{AUTRE}")).attendu(200).texte();
    let place = |mots: &str| page.find(mots).unwrap_or_else(|| panic!("{mots}: {page}"));
    assert!(place("Coût employeur") < place("À régler et à regarder"));
    assert!(place("À régler et à regarder") < place("id=\"agents\""));
    assert!(place("Bloquant") < place("À voir</span>"));
    assert!(page.contains(&format!("/e/{AUTRE}/elements/2026-10")));
    let log = banc.journal(&qui, Action::ConsultationEmployeur);
    assert_eq!((log.len(), log[0].mois.as_deref()), (1, Some("2026-10")));
}

#[test]
fn findings_that_say_the_same_are_told_once() {
    let banc = Banc::abime();
    let qui = banc.gestionnaire(&[AUTRE]);
    let page = banc.get(&qui, &format!("/e/{AUTRE}")).attendu(200).texte();
    let groupes = page.split("class=\"groupes\"").nth(1).unwrap();
    let groupes = groupes.split("id=\"q\"").next().unwrap();
    assert_eq!(groupes.matches("grade inventé").count(), 1, "{groupes}");
    for agent in ["S076", "S077", "S082", "S083"] {
        let lien = format!("href=\"/e/{AUTRE}/agents/{agent}/C1/2026-10\"");
        assert!(groupes.contains(&lien), "{lien}: {groupes}");
    }
    assert_eq!(groupes.matches("Bloquant").count(), 2);
    assert_eq!(groupes.matches("À voir</span>").count(), 1);
}

#[test]
fn findings_that_differ_by_their_values_are_one_group_and_each_keeps_its_words() {
    let banc = Banc::avec(|pool| {
        let elements = pool.join("elements.csv");
        let sans_nombre = |debut: &str| remplacer(&elements, debut, ("31,,1,", "31,,,"));
        sans_nombre("S076,21718995000017,C1,ASTREINTE_DECISION_SEMAINE,");
        let debut = "S076,21718995000017,C1,INTERVENTION_TECHNIQUE_JOUR,";
        remplacer(&elements, debut, ("31,,2,", "31,,,"));
    });
    let qui = banc.gestionnaire(&[AUTRE]);
    let page = banc.get(&qui, &format!("/e/{AUTRE}")).attendu(200).texte();
    let groupes = page.split("class=\"groupes\"").nth(1).unwrap();
    let groupes = groupes.split("id=\"q\"").next().unwrap().replace(['\u{a0}', '\u{202f}'], " ");
    assert_eq!(groupes.matches("Bloquant").count(), 1, "{groupes}");
    assert!(groupes.contains("<strong>Valeur nécessaire au calcul manquante</strong>"));
    assert!(groupes.contains("<details open"), "what blocks is folded: {groupes}");
    assert!(groupes.contains("2 constats"), "{groupes}");
    for line in ["Astreinte", "Intervention"] {
        let said = format!("« {line} » ne se calcule pas ; il manque : nombre de l'élément");
        assert!(groupes.contains(&said), "{said}: {groupes}");
    }
}

#[test]
fn a_search_after_the_end_of_the_session_asks_for_the_whole_page() {
    let url = format!("/e/{COMMUNE}?q=menard");
    let request = Request::builder().uri(&url).header("hx-request", "true");
    let part = Banc::commun().envoyer(request.body(Body::empty()).unwrap()).attendu(200);
    assert_eq!((part.entetes["hx-refresh"].to_str().unwrap(), part.octets.len()), ("true", 0));
    Banc::commun().get_anonyme(&url).attendu(303);
}

#[test]
fn blocked_contracts_are_those_of_the_table_of_the_month() {
    let banc = Banc::abime();
    let qui = banc.gestionnaire(&[AUTRE]);
    let vue = banc.appli.registre.vue(&qui.compte.perimetre);
    let chez = vue.chez(AUTRE).unwrap();
    let tableau = banc.attendre(chez.tableau(chez.ouvert())).unwrap();
    let bloques = tableau.totaux.bloques;
    assert_eq!(bloques, 3);
    let page = banc.get(&qui, &format!("/e/{AUTRE}?voir=bloques")).attendu(200).texte();
    assert!(page.contains(&format!("Bloqués ({bloques})")), "{page}");
    assert_eq!(agents(&page).matches("scope=\"row\"").count(), bloques);
    for contrat in &tableau.contrats {
        let name = format!("<span class=\"precision\">{}</span>", contrat.agent);
        assert_eq!(agents(&page).contains(&name), !contrat.payable, "{name}");
    }
}

#[test]
fn an_agent_is_found_by_name_number_or_grade() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let trouves = |q: &str| {
        let page = banc.get(&qui, &format!("/e/{COMMUNE}?q={q}")).attendu(200).texte();
        agents(&page).matches("scope=\"row\"").count()
    };
    assert_eq!(trouves("helene+MENARD"), 1);
    assert_eq!(trouves("a0000010"), 1);
    assert!(trouves("redacteur") > 0);
    assert_eq!(trouves("personne+ici"), 0);
}

#[test]
fn what_is_typed_is_shown_and_never_run() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let page = banc.get(&qui, &format!("/e/{COMMUNE}?q=%22%3E%3Cscript%3E")).attendu(200);
    assert!(!page.dit("<script>\"") && !page.dit("\"><script>"));
    assert!(page.dit("&quot;&gt;&lt;script&gt;"));
}

#[test]
fn a_long_list_is_cut_in_pages() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[AUTRE]);
    let lignes = |page: u32| {
        let page = banc.get(&qui, &format!("/e/{AUTRE}?page={page}")).attendu(200).texte();
        agents(&page).matches("scope=\"row\"").count()
    };
    let (une, deux) = (lignes(1), lignes(2));
    assert_eq!(une, super::PAR_PAGE);
    assert!(deux > 0 && deux < une);
}

#[test]
fn months_that_are_not_there_are_not_found() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    for mois in ["2031-01", "octobre", "2026-13", "2026-10%27"] {
        banc.get(&qui, &format!("/e/{COMMUNE}?mois={mois}")).attendu(404);
        banc.get(&qui, &format!("/e/{COMMUNE}/bulletins.csv?mois={mois}")).attendu(404);
    }
}

#[test]
fn exports_hold_the_month_and_are_logged() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let fichier = banc.get(&qui, &format!("/e/{COMMUNE}/bulletins.csv")).attendu(200);
    let texte = fichier.texte();
    assert!(texte.starts_with("\u{feff}siret;mois;agent;contrat;"));
    assert!(texte.contains(&format!("{COMMUNE};2026-10;A0000010;C1;Ménard;Hélène;")), "{texte}");
    let nom = fichier.entetes["content-disposition"].to_str().unwrap();
    assert_eq!(nom, format!("attachment; filename=\"bulletins-{COMMUNE}-2026-10.csv\""));
    let fichier = banc.get(&qui, &format!("/e/{AUTRE}/anomalies.csv"));
    fichier.attendu(404);
    let abime = Banc::abime();
    let autre = abime.gestionnaire(&[AUTRE]);
    let fichier = abime.get(&autre, &format!("/e/{AUTRE}/anomalies.csv")).attendu(200);
    assert_eq!(fichier.texte().matches(";bloquant;").count(), 3, "{}", fichier.texte());
    assert_eq!(fichier.texte().matches(";à voir;").count(), 2, "{}", fichier.texte());
    let log = banc.journal(&qui, Action::Export);
    assert_eq!(log.len(), 1);
    assert!(log[0].detail.contains("bulletins"));
}

#[test]
fn other_employers_do_not_exist() {
    let banc = Banc::commun();
    let qui = banc.gestionnaire(&[COMMUNE]);
    let ailleurs = banc.get(&qui, &format!("/e/{AUTRE}")).attendu(404);
    let inconnu = banc.get(&qui, "/e/00000000000000").attendu(404);
    assert_eq!(ailleurs.octets, inconnu.octets);
    banc.get(&banc.entrer(Role::Administrateur, &[]), &format!("/e/{COMMUNE}")).attendu(403);
    let auditeur = banc.entrer(Role::Auditeur, &[COMMUNE]);
    let page = banc.get(&auditeur, &format!("/e/{COMMUNE}")).attendu(200);
    assert!(!page.dit("/elements/"), "an auditor is offered to enter elements");
}

#[test]
fn no_link_leads_to_an_agent_that_has_no_page() {
    let banc = Banc::abime();
    let qui = banc.gestionnaire(&[AUTRE]);
    // S078: its only row of career cannot be read.
    for url in [format!("/e/{AUTRE}?voir=bloques"), format!("/e/{AUTRE}/agents/S078/C1/2026-10")] {
        let page = banc.get(&qui, &url).attendu(200).texte();
        let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split(['"', '#']).next());
        for link in links.filter(|link| link.starts_with("/e/")) {
            banc.get(&qui, &link.replace("&amp;", "&")).attendu(200);
        }
    }
}
