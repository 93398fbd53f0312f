//! What components say, and what they must never let through.

use maud::{Markup, html};

use super::*;
use crate::bulletin::{Bulletin, Cents, Faits, Ligne, Remarque, Taux, diff};
use crate::domain::AgentFacts;
use crate::dossier::sample::{Month, agent, carriere, element, employeur};
use crate::engine::{Engine, Payslip};
use crate::explain::{ExplainTarget, Explanation, Observed};
use crate::num::Fixed;
use crate::serve::droits::Role;

/// What an attacker types in every field.
const HOSTILE: &str = r#""><script>alert('x')</script><img src=x onerror="x">"#;

fn shown(markup: Markup) -> String {
    markup.into_string()
}

fn adjoint(enfants: i64) -> AgentFacts {
    let mut row = carriere("2020-01-01", 378, "80");
    row.nbi = 10;
    let mut facts = agent(vec![row], enfants);
    let mut ifse = element("IFSE");
    ifse.montant = Fixed::parse("250.00").ok();
    ifse.libelle = Some("IFSE, régisseur".into());
    facts.elements.push(ifse);
    facts
}

fn un_bulletin(month: &Month, facts: &AgentFacts) -> Bulletin {
    let parametres = [
        ("taux_atmp", "0.0164"),
        ("zone_ir", "zone_1"),
        ("taux_versement_mobilite", "0.02"),
        ("taux_cdg", "0.008"),
    ];
    let employeur = employeur(&parametres);
    let prepared = month.prepared(&employeur, facts);
    let mut payslip = Payslip::default();
    Engine::new(&month.program).run(&prepared.dossier, &mut payslip);
    Bulletin::new(&Faits {
        employeur: &employeur,
        agent: facts,
        prepared: &prepared,
        program: &month.program,
        payslip: &payslip,
        remarques: None,
    })
}

fn une_explication(month: &Month, demande: &str) -> Explanation {
    let prepared = month.prepared(&employeur(&[("zone_ir", "zone_1")]), &adjoint(2));
    let observed = Observed::new(&month.book, &month.sources, &month.program, &prepared);
    observed.explain(&ExplainTarget::parse(demande).unwrap())
}

fn compte(nom: &str, role: Role) -> EnteteCompte {
    EnteteCompte { nom: nom.to_owned(), role, jeton: "jeton-1".to_owned() }
}

/// The policy of the pages refuses these; a browser would only drop them in silence.
fn obeys_the_policy(texte: &str) {
    for interdit in [" style=", "<style", "javascript:", " onclick", "hx-on", "hx-vars", "hx-vals"]
    {
        assert!(!texte.contains(interdit), "{interdit} in {texte}");
    }
    assert_eq!(texte.matches("<script").count(), texte.matches("<script src=\"/statique/").count());
}

/// What was typed is there, as text only.
fn is_escaped(texte: &str) {
    assert!(!texte.contains("<script>alert"), "{texte}");
    assert!(!texte.contains("<img src=x"), "{texte}");
    assert!(texte.contains("&lt;script&gt;"), "{texte}");
}

/// No identifier twice: labels, errors and targets would point at the wrong place.
fn ids_are_unique(texte: &str) {
    let mut ids: Vec<&str> =
        texte.split(" id=\"").skip(1).filter_map(|reste| reste.split('"').next()).collect();
    let nombre = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), nombre);
}

#[test]
fn amounts_as_french_people_read_them() {
    assert_eq!(
        shown(montant(Cents(180_174))),
        "<span class=\"montant\">1\u{202f}801,74\u{a0}€</span>"
    );
    assert!(shown(montant(Cents(-1_193))).contains("−11,93\u{a0}€"));
    assert!(shown(montant_ou_bloque(None)).contains("bloqué"));
    assert_eq!(taux(Taux(346_500)), "34,65\u{a0}%");
    assert_eq!(taux(Taux(31_000)), "3,10\u{a0}%");
    assert_eq!(taux(Taux(2_425)), "0,2425\u{a0}%");
    assert_eq!(mois_fr("2026-10"), "octobre 2026");
    assert_eq!(shown(jour("2026-10-31")), "<time datetime=\"2026-10-31\">31/10/2026</time>");
    is_escaped(&shown(jour(HOSTILE)));
}

#[test]
fn a_difference_is_said_without_its_sign_and_colour() {
    let plus = shown(ecart(Cents(1_200)));
    assert!(plus.contains("en plus : ") && plus.contains("12,00"), "{plus}");
    let moins = shown(ecart(Cents(-1_200)));
    assert!(moins.contains("en moins : ") && moins.contains("−</span>12,00"), "{moins}");
    assert!(shown(ecart(Cents(0))).contains("sans changement"));
}

#[test]
fn a_page_is_a_whole_document() {
    let compte = compte(HOSTILE, Role::Operateur);
    let fil = [Lien::new(HOSTILE, "/employeurs")];
    let texte = shown(page(Page {
        titre: HOSTILE,
        compte: Some(&compte),
        fil: &fil,
        courant: "/employeurs",
        corps: html! { p { "corps" } },
        ..Page::default()
    }));
    is_escaped(&texte);
    obeys_the_policy(&texte);
    ids_are_unique(&texte);
    assert!(texte.starts_with("<!DOCTYPE html><html lang=\"fr\">"));
    assert_eq!(texte.matches("<h1").count(), 1);
    assert_eq!(texte.matches("<main").count(), 1);
    assert!(texte.contains("href=\"#contenu\"") && texte.contains("id=\"contenu\""));
    assert!(texte.contains("<a href=\"/employeurs\" aria-current=\"page\">Employeurs</a>"));
    assert!(texte.contains("<form method=\"post\" action=\"/deconnexion\">"));
    assert!(texte.contains("name=\"jeton\" value=\"jeton-1\""));
    assert!(texte.contains("&quot;allowEval&quot;:false,&quot;includeIndicatorStyles&quot;:false"));
    assert!(!texte.contains("//cdn") && !texte.contains("https://"), "a request to elsewhere");
}

#[test]
fn the_navigation_offers_what_a_role_can_do() {
    let vue = |role| {
        let compte = compte("Camille", role);
        shown(page(Page { titre: "Accueil", compte: Some(&compte), ..Page::default() }))
    };
    let administrateur = vue(Role::Administrateur);
    assert!(administrateur.contains("href=\"/comptes\""));
    assert!(!administrateur.contains("href=\"/employeurs\""));
    assert!(!administrateur.contains("href=\"/clos\""));
    let gestionnaire = vue(Role::Gestionnaire);
    assert!(gestionnaire.contains(">Mes agents</a>") && !gestionnaire.contains("/comptes"));
    assert!(!gestionnaire.contains("href=\"/clos\""));
    assert!(vue(Role::Auditeur).contains("href=\"/clos\""));
    let personne = shown(page(Page { titre: "Connexion", ..Page::default() }));
    assert!(!personne.contains("/deconnexion") && !personne.contains("<nav"));
}

#[test]
fn a_page_with_errors_says_it_in_its_title() {
    let texte = shown(page(Page { titre: "Connexion", en_erreur: true, ..Page::default() }));
    assert!(texte.contains("<title>Erreur\u{a0}: Connexion — paie</title>"));
}

#[test]
fn the_first_page_is_light() {
    let poids = |nom: &str| {
        let chemin = chemin(nom);
        statique(chemin.strip_prefix("/statique/").unwrap()).unwrap().0.len()
    };
    let month = Month::national("2026-10");
    let compte = compte("Camille Exemple", Role::Gestionnaire);
    let lien = |ligne: &Ligne| Some(format!("/ligne/{}", ligne.rubrique));
    let corps = bulletin(&un_bulletin(&month, &adjoint(2)), Tirage::Definitif, lien);
    let document =
        shown(page(Page { titre: "Bulletin", compte: Some(&compte), corps, ..Page::default() }));
    assert!(poids("paie.css") < 30_000, "{}", poids("paie.css"));
    let total = document.len() + poids("paie.css") + poids("htmx.js") + poids("icone.svg");
    assert!(total < 150_000, "{total} bytes");
}

#[test]
fn static_files_are_named_by_their_content() {
    let css = chemin("paie.css");
    assert!(css.starts_with("/statique/paie-") && css.ends_with(".css"), "{css}");
    let (octets, genre) = statique(css.strip_prefix("/statique/").unwrap()).unwrap();
    assert_eq!(genre, "text/css; charset=utf-8");
    let empreinte = blake3::hash(octets).to_hex();
    assert!(css.contains(&empreinte[..16]));
    assert!(statique("paie.css").is_none(), "a name without its digest would never change");
    assert!(statique("../Cargo.toml").is_none());
    let texte = std::str::from_utf8(octets).unwrap();
    assert!(!texte.contains("url(") && !texte.contains("@import"), "a request to elsewhere");
}

#[test]
fn the_vendored_script_is_the_one_that_was_read() {
    let notice = include_str!("static/htmx.LICENSE.txt");
    assert!(notice.contains("Zero-Clause BSD") && notice.contains("htmx.org 2.0.11"));
    let (script, _) = statique(chemin("htmx.js").strip_prefix("/statique/").unwrap()).unwrap();
    assert!(std::str::from_utf8(script).unwrap().contains("version:\"2.0.11\""));
}

#[test]
fn fields_are_tied_to_their_label_help_and_error() {
    let champ = Champ {
        nom: "prime",
        libelle: HOSTILE,
        aide: "En euros.",
        valeur: HOSTILE,
        erreur: Some("Ce n’est pas un nombre."),
        requis: true,
        ..Champ::default()
    };
    let entrees = [Choix::new(HOSTILE, HOSTILE), Choix::new("b", "B")];
    let champs = [
        champ_texte(&champ),
        champ_nombre(&champ, "€"),
        choix(&champ, &entrees),
        case(&champ, true),
        fichier(&champ, ".csv"),
    ];
    for texte in champs.map(shown) {
        is_escaped(&texte);
        ids_are_unique(&texte);
        assert!(texte.contains("<label for=\"prime\">") && texte.contains(" id=\"prime\""));
        assert!(texte.contains("aria-invalid=\"true\""));
        assert!(texte.contains("aria-describedby=\"prime-erreur prime-aide\""), "{texte}");
        assert!(texte.contains("id=\"prime-erreur\"") && texte.contains("id=\"prime-aide\""));
        assert!(texte.contains(" required") && !texte.contains("facultatif"));
    }
    let libre = shown(champ_texte(&Champ { nom: "a", libelle: "A", ..Champ::default() }));
    assert!(libre.contains("(facultatif)") && !libre.contains("aria-describedby"));
    assert!(
        shown(choix(&champ, &entrees)).contains("&lt;img src=x onerror=&quot;x&quot;&gt;\" sel")
    );
}

#[test]
fn errors_are_summed_up_and_lead_to_their_field() {
    assert_eq!(shown(resume_erreurs(&[])), "");
    let texte = shown(resume_erreurs(&[("prime", HOSTILE), ("", "Mois clos.")]));
    is_escaped(&texte);
    assert!(texte.contains("role=\"alert\"") && texte.contains("tabindex=\"-1\""));
    assert!(texte.contains("2 erreurs à corriger") && texte.contains("<a href=\"#prime\">"));
    assert!(texte.contains("<li>Mois clos.</li>"));
    assert!(shown(resume_erreurs(&[("a", "b")])).contains("Une erreur à corriger"));
}

#[test]
fn a_form_carries_its_token() {
    let formulaire = Formulaire { action: "/e/1/elements", jeton: "abc", multipart: true };
    let texte = shown(super::formulaire(&formulaire, &boutons("Envoyer", Some("/"))));
    assert!(texte.contains("enctype=\"multipart/form-data\"") && texte.contains("method=\"post\""));
    assert!(texte.contains("name=\"jeton\" value=\"abc\""));
    let simple = Formulaire { multipart: false, ..formulaire };
    assert!(!shown(super::formulaire(&simple, &html! {})).contains("enctype"));
}

#[test]
fn a_table_says_what_it_is_and_can_become_cards() {
    let colonnes = [Colonne::texte("Agent"), Colonne::nombre("Net")];
    let lignes = vec![vec![html! { (HOSTILE) }, montant(Cents(100))]];
    let texte = shown(tableau(HOSTILE, &colonnes, &lignes));
    is_escaped(&texte);
    assert!(texte.contains("<caption>") && texte.contains("scope=\"col\""));
    assert!(texte.contains("<th scope=\"row\" role=\"rowheader\">"));
    assert!(texte.contains("data-l=\"Net\""));
}

#[test]
fn pages_of_a_list_are_few_and_the_current_one_is_said() {
    let adresse = |page: usize| format!("?page={page}");
    assert_eq!(shown(pagination(1, 1, adresse)), "");
    let texte = shown(pagination(5, 40, adresse));
    let numeros: Vec<&str> = texte.split("Page </span>").skip(1).collect();
    let numeros: Vec<&str> = numeros.iter().filter_map(|n| n.split('<').next()).collect();
    assert_eq!(numeros, ["1", "4", "5", "6", "40"]);
    assert_eq!(texte.matches('…').count(), 2);
    assert!(texte.contains("href=\"?page=5\" aria-current=\"page\""));
    assert!(texte.contains("rel=\"prev\" href=\"?page=4\"") && texte.contains("?page=6"));
    assert!(!shown(pagination(1, 2, adresse)).contains("Précédente"));
}

#[test]
fn a_search_works_without_script() {
    let demande = Recherche { action: "/e", libelle: "Nom", nom: "q", valeur: HOSTILE, cible: "" };
    let texte = shown(recherche(&demande));
    is_escaped(&texte);
    assert!(texte.contains("method=\"get\"") && !texte.contains("hx-get"));
    let vivante = shown(recherche(&Recherche { cible: "#agents", ..demande }));
    assert!(vivante.contains("hx-get=\"/e\"") && vivante.contains("hx-select=\"#agents\""));
}

#[test]
fn states_and_messages_have_words() {
    let etats = [
        (Etat::Payable, "Payable"),
        (Etat::Bloque, "Bloqué"),
        (Etat::Ouvert, "Ouvert"),
        (Etat::Prepare, "Préparé"),
        (Etat::Valide, "Validé"),
        (Etat::Clos, "Clos"),
    ];
    for (etat, mot) in etats {
        let texte = shown(etiquette(etat));
        assert!(texte.contains(mot) && texte.contains("aria-hidden=\"true\""), "{texte}");
        obeys_the_policy(&texte);
    }
    let erreur = shown(alerte(Alerte::Erreur, HOSTILE, &html! {}));
    is_escaped(&erreur);
    assert!(erreur.contains("role=\"alert\"") && erreur.contains("Erreur\u{a0}: "));
    assert!(shown(alerte(Alerte::Succes, "Fait", &html! {})).contains("role=\"status\""));
    is_escaped(&shown(vide(HOSTILE, Some(&Lien::new(HOSTILE, "/")))));
    is_escaped(&shown(onglets("Vues", &[Lien::new(HOSTILE, "/a")], "/a")));
    let fiche = shown(fiche(&[("Grade", html! { (HOSTILE) }), ("Rien", html! {})]));
    is_escaped(&fiche);
    assert!(!fiche.contains("Rien"));
}

#[test]
fn a_payslip_shows_every_line_once_and_opens_it() {
    let month = Month::national("2026-10");
    let source = un_bulletin(&month, &adjoint(2));
    let lien = |ligne: &Ligne| Some(format!("/x/ligne/{}", ligne.rubrique));
    let texte = shown(bulletin(&source, Tirage::Definitif, lien));
    obeys_the_policy(&texte);
    ids_are_unique(&texte);
    let lignes = source.lignes.iter().filter(|ligne| ligne.rubrique != "PAS").count();
    assert!(lignes > 20);
    assert_eq!(texte.matches("<tr class=\"ligne\"").count(), lignes);
    assert_eq!(texte.matches("hx-get=\"/x/ligne/").count(), lignes);
    for (titre, montant) in [
        ("Net à payer", source.totaux.net_a_payer),
        ("Coût total pour l’employeur", source.totaux.cout_employeur),
        ("Montant net social", source.totaux.net_social),
        ("Net imposable", source.totaux.net_imposable),
    ] {
        assert!(texte.contains(titre), "{titre}");
        let montant = crate::num::Amount::from_cents(montant.unwrap().0).french();
        assert!(texte.contains(&montant), "{titre} {montant}");
    }
    assert!(texte.contains("Ce document est à conserver sans limitation de durée."));
    assert!(texte.contains(">URSSAF</th>") && texte.contains("Camille EXEMPLE"));
    let sans = shown(bulletin(&source, Tirage::Apercu, |_| None));
    assert!(sans.contains("ce document n’est pas un bulletin définitif"), "{sans}");
    assert!(!sans.contains("à conserver") && sans.contains("Aperçu du bulletin de paie"));
    assert!(!sans.contains("<a ") && !sans.contains("class=\"suite\""));
}

#[test]
fn a_payslip_lets_no_name_be_markup_and_says_that_it_is_blocked() {
    let month = Month::national("2026-10");
    let mut source = un_bulletin(&month, &adjoint(2));
    source.agent.nom = HOSTILE.to_owned();
    source.employeur.nom = HOSTILE.to_owned();
    source.lignes[0].libelle = HOSTILE.to_owned();
    source.etat = crate::bulletin::Etat::Bloque;
    source.totaux.net_a_payer = None;
    source.remarques.push(Remarque {
        code: "F801".to_owned(),
        bloquant: true,
        message: HOSTILE.to_owned(),
        remede: HOSTILE.to_owned(),
        ligne: Some(("elements.csv".to_owned(), 12)),
    });
    let texte = shown(bulletin(&source, Tirage::Definitif, |_| Some(HOSTILE.to_owned())));
    is_escaped(&texte);
    obeys_the_policy(&texte);
    assert!(texte.contains("il n’est pas payable en l’état") && texte.contains("bloqué"));
    assert!(texte.contains("elements.csv, ligne 12"));
}

#[test]
fn an_explanation_says_what_its_text_says() {
    let month = Month::national("2026-10");
    let mut source = une_explication(&month, "CNRACL");
    let version = first_version(&mut source.lignes[0]).expect("a version");
    version.textes[0].url = "https://www.legifrance.gouv.fr/loda/id/X".to_owned();
    let texte = shown(explication(&source));
    obeys_the_policy(&texte);
    ids_are_unique(&texte);
    let mut valeurs = Vec::new();
    values(&source.lignes[0], &mut valeurs);
    assert!(valeurs.len() > 5, "{valeurs:?}");
    for valeur in valeurs {
        assert!(texte.contains(&shown(html! { (valeur) })), "{valeur}");
    }
    assert!(texte.contains("En vigueur depuis le <time"));
    let liens = texte.matches("<a href=\"https://www.legifrance.gouv.fr/").count();
    assert!(liens > 0);
    assert_eq!(texte.matches("rel=\"noopener noreferrer\"").count(), liens);
    assert!(texte.contains(", articles\u{a0}3, 5"), "articles of one text are told together");
    assert!(texte.contains("octobre 2026"));
    let pliee = shown(explication_pliee(&source));
    assert!(pliee.starts_with("<details class=\"pliee\" open><summary autofocus>"));
}

#[test]
fn an_explanation_lets_no_text_be_markup_and_no_address_be_a_script() {
    let month = Month::national("2026-10");
    let mut source = une_explication(&month, "CNRACL");
    let ligne = &mut source.lignes[0];
    ligne.libelle = HOSTILE.to_owned();
    ligne.notes.push(HOSTILE.to_owned());
    let version = first_version(ligne).expect("a version");
    version.textes[0].url = "javascript:alert(1)".to_owned();
    version.textes[0].titre = HOSTILE.to_owned();
    let texte = shown(explication(&source));
    is_escaped(&texte);
    obeys_the_policy(&texte);
    let inconnue = une_explication(&month, "RIEN_DE_TEL");
    assert!(shown(explication(&inconnue)).contains("RIEN_DE_TEL"));
}

/// Values and notes of a tree; a plain input of a condition is in its title.
fn values<'s>(step: &'s crate::explain::Step, out: &mut Vec<&'s str>) {
    out.extend(step.valeur.as_ref().map(|valeur| valeur.texte.as_str()));
    out.extend(Some(step.calcul.as_str()).filter(|calcul| !calcul.is_empty()));
    for etape in &step.etapes {
        values(etape, out);
    }
}

fn first_version(step: &mut crate::explain::Step) -> Option<&mut crate::explain::VersionCitee> {
    let own = step.version.is_some();
    if own {
        return step.version.as_mut().filter(|version| !version.textes.is_empty());
    }
    step.etapes.iter_mut().find_map(first_version)
}

#[test]
fn a_comparison_gives_the_net_and_the_cost_before_the_lines() {
    let month = Month::national("2026-10");
    let (avant, mut apres) = (un_bulletin(&month, &adjoint(0)), un_bulletin(&month, &adjoint(3)));
    apres.agent.nom = HOSTILE.to_owned();
    let ecarts = diff(&avant, &apres);
    let texte = shown(comparaison(&avant, &apres, &ecarts));
    is_escaped(&texte);
    obeys_the_policy(&texte);
    let place = |mot: &str| texte.find(mot).unwrap_or_else(|| panic!("{mot}: {texte}"));
    assert!(place("Net à payer") < place("Totaux qui changent"));
    assert!(place("Coût pour l’employeur") < place("Lignes qui changent"));
    assert!(place("Lignes qui changent") < place("Bulletin simulé complet"));
    assert!(texte.contains("en plus : ") && texte.contains("Supplément familial"));
    let rien = diff(&avant, &avant);
    assert!(shown(comparaison(&avant, &avant, &rien)).contains("Aucune ligne ne change."));
}
