//! Explanations of small books and of the national rules.

use super::*;
use std::collections::BTreeSet;

use crate::calendar::{Day, KnownOn};
use crate::dossier::sample::{Month, agent, agents, carriere, element, employeur, month};
use crate::load::MemoryFiles;
use crate::num::Fixed;

mod rappels;

fn ask(month: &Month, prepared: &Prepared, demande: &str) -> Explanation {
    let target = ExplainTarget::parse(demande).unwrap();
    explain(&month.book, &month.sources, &month.program, prepared, &target)
}

/// The amounts of a payslip under a code, as an explanation gives them.
fn paid(month: &Month, payslip: &Payslip, code: &str) -> Vec<i64> {
    let info = |item: usize| month.program.items.get(item).unwrap();
    let mut lines: Vec<_> =
        payslip.lines.iter().filter(|line| info(line.item).code == code).collect();
    // Explanations follow the order of the book between items that share a code.
    lines.sort_by_key(|line| line.item);
    let parts = lines.iter().flat_map(|line| [line.montant_agent, line.montant_employeur]);
    parts.flatten().collect()
}

/// Every line of a payslip is explained, and the explanation gives what is paid.
fn explained_is_paid(month: &Month, prepared: &Prepared) -> usize {
    let mut payslip = Payslip::default();
    crate::engine::Engine::new(&month.program).run(&prepared.dossier, &mut payslip);
    let observed = Observed::new(&month.book, &month.sources, &month.program, prepared);
    assert_eq!(*observed.payslip(), payslip);
    let mut codes: Vec<&str> = month.program.items.iter().map(|i| i.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    for code in &codes {
        let printed = month.program.items.iter().any(|info| info.code == *code && info.printed);
        if !printed {
            continue;
        }
        let explanation = observed.explain(&ExplainTarget::parse(code).unwrap());
        let shown = text(&explanation);
        assert_eq!(explanation.montants(), paid(month, &payslip, code), "{code}\n{shown}");
        let absent = explanation.lignes.iter().filter(|step| step.etat != Some(Etat::Payee));
        for step in absent {
            let told = !step.notes.is_empty() || !step.etapes.is_empty();
            assert!(told, "{code} does not say why\n{shown}");
        }
        for line in shown.lines() {
            assert!(line.chars().count() <= 100, "{code}: {line}");
            assert!(!line.contains('?'), "{code}: {line}");
        }
        assert!(serde_json::to_string(&explanation).is_ok());
    }
    payslip.lines.len()
}

#[test]
fn explained_is_paid_for_many_agents() {
    let parametres = [
        ("taux_atmp", "0.0164"),
        ("zone_ir", "zone_1"),
        ("taux_versement_mobilite", "0.02"),
        ("taux_cdg", "0.008"),
        ("arrondi_traitement", "troncature"),
    ];
    let mut lines = 0;
    let cases = [("2024-01", employeur(&[])), ("2026-10", employeur(&parametres))];
    for (mois, employeur) in &cases {
        let month = Month::national(mois);
        for facts in &agents(mois) {
            lines += explained_is_paid(&month, &month.prepared(employeur, facts));
        }
    }
    assert!(lines > 2_000, "{lines}");
}

const MINI: &str = r#"
[regles]
edition = 1
premier_mois = "2024-01"
dernier_mois = "2025-12"
verifie = 2025-12-31

[[entree]]
nom = "agent.indice_majore"
libelle = "Indice majoré"
portee = "segment"
type = "nombre"
unite = "pt"
decimales = 0
min = "1"
max = "2000"
obligatoire = true

[[entree]]
nom = "agent.quotite"
libelle = "Fraction rémunérée"
portee = "segment"
type = "ratio"
max = "1"
obligatoire = true

[[entree]]
nom = "agent.regime"
libelle = "Régime de retraite"
portee = "segment"
type = "enumeration"
valeurs = ["cnracl", "ircantec", "pension_civile"]
obligatoire = true

[[entree]]
nom = "agent.statut"
libelle = "Statut"
portee = "segment"
type = "enumeration"
valeurs = ["titulaire", "contractuel"]
obligatoire = true

[[entree]]
nom = "element.montant"
libelle = "Montant"
portee = "element"
type = "nombre"
unite = "€"
decimales = 2
min = "-100000"
max = "100000"
obligatoire = false

[[entree]]
nom = "employeur.arrondi_cotisations"
libelle = "Arrondi des cotisations"
portee = "employeur"
type = "enumeration"
valeurs = ["plus_proche", "troncature"]
parametre = true
defaut = "plus_proche"

[[entree]]
nom = "employeur.taux_cdg"
libelle = "Taux du centre de gestion"
portee = "employeur"
type = "nombre"
unite = ""
decimales = 6
min = "0"
max = "1"
parametre = true
obligatoire = false

[[famille]]
nom = "brut"
libelle = "Rémunération brute"

[[famille]]
nom = "cotisations"
libelle = "Cotisations"

[[parametre]]
nom = "point_indice"
libelle = "Valeur annuelle du point d'indice"
unite = "€/pt/an"
verifie = 2025-12-31
[[parametre.version]]
depuis = 2023-07-01
publie = 2023-06-29
textes = ["decret-2023-519/1"]
valeur = "59.0734"

[[parametre]]
nom = "im_minimum"
libelle = "Indice minimum"
unite = "pt"
verifie = 2025-12-31
[[parametre.version]]
depuis = 2024-01-01
publie = "inconnue"
textes = ["decret-2023-519/2"]
confiance = "moyenne"
note = "À relire dans le texte."
valeur = "366"

[[rubrique]]
code = "TIB"
libelle = "Traitement indiciaire brut"
nature = "gain"
ordre = 100
familles = ["brut"]
calcul = "segment"
segments = "prorata"
[[rubrique.version]]
depuis = 2017-01-01
publie = 2023-06-29
textes = ["decret-2023-519"]
etapes = [{ nom = "indice", formule = "max(agent.indice_majore, im_minimum)" }]
formule = "mensuel(indice * point_indice) * agent.quotite"
arrondi = { au = "0.01", mode = "demi_superieur" }

[[rubrique]]
code = "PRIME"
libelle = "Prime"
nature = "gain"
ordre = 200
familles = ["brut"]
calcul = "element"
segments = "dernier"
[[rubrique.version]]
depuis = 2017-01-01
publie = 2023-06-29
textes = ["decret-2023-519"]
formule = "si agent.statut = contractuel alors 0 sinon element.montant"

[[cotisation]]
code = "CNRACL"
rappel = "origine"
libelle = "Retraite CNRACL"
organisme = "CNRACL"
ordre = 1000
familles = ["cotisations"]
[[cotisation.version]]
depuis = 2017-01-01
publie = 2023-06-29
textes = ["decret-2023-519"]
applicable = "agent.regime = cnracl"
assiette = "TIB"
arrondi = { au = "0.01", mode = "employeur.arrondi_cotisations" }
[[cotisation.agent]]
depuis = 2020-01-01
publie = 2023-06-29
textes = ["decret-2023-519"]
taux = "0.1110"
[[cotisation.employeur]]
depuis = 2024-01-01
publie = 2023-06-29
textes = ["decret-2023-519"]
taux = "0.3165"
[[cotisation.employeur]]
depuis = 2025-01-01
publie = 2025-01-31
textes = ["decret-2025-86/1"]
taux = "0.3465"

[[cotisation]]
code = "CDG"
rappel = "annee"
libelle = "Centre de gestion"
organisme = "CDG"
ordre = 1010
familles = ["cotisations"]
[[cotisation.version]]
depuis = 2017-01-01
publie = 2023-06-29
textes = ["decret-2023-519"]
assiette = "TIB"
arrondi = { au = "0.01", mode = "demi_superieur" }
[[cotisation.employeur]]
depuis = 2017-01-01
publie = 2023-06-29
textes = ["decret-2023-519"]
taux = "employeur.taux_cdg"

[[rubrique]]
code = "BRUT"
libelle = "Total brut"
nature = "total"
ordre = 900
calcul = "mois"
[[rubrique.version]]
depuis = 2017-01-01
publie = 2023-06-29
textes = ["decret-2023-519"]
formule = "somme(brut)"

[[rubrique]]
code = "COUT_EMPLOYEUR"
libelle = "Coût employeur"
nature = "total"
ordre = 2500
calcul = "mois"
[[rubrique.version]]
depuis = 2025-06-01
publie = 2023-06-29
textes = ["decret-2023-519"]
formule = "BRUT + somme_employeur(cotisations)"
"#;

const TEXTES: &str = r#"
[decret-2023-519]
titre = "Décret n° 2023-519 du 28 juin 2023 portant majoration de la rémunération"
publie = 2023-06-29

[decret-2025-86]
titre = "Décret n° 2025-86 du 30 janvier 2025 relatif au taux de cotisations"
publie = 2025-01-31
"#;

fn mini(mois: &str, known_on: KnownOn) -> Month {
    let files = MemoryFiles::from([("mini.toml", MINI), ("textes/textes.toml", TEXTES)]);
    month(&files, mois, known_on)
}

fn attache() -> crate::domain::AgentFacts {
    agent(vec![carriere("2020-01-01", 518, "100")], 0)
}

#[test]
fn explains_a_late_published_rate() {
    let month = mini("2025-01", KnownOn::Everything);
    let prepared = month.prepared(&employeur(&[]), &attache());
    insta::assert_snapshot!(text(&ask(&month, &prepared, "CNRACL.employeur")), @r"
    CNRACL.employeur  Retraite CNRACL, part employeur                                           883,58 €
    │ arrondi(assiette × taux)                                                             mini.toml:149
    │ = 2 550,00 € × 34,65 %
    ├─ s'applique si : agent.regime (cnracl) = cnracl                                                oui
    ├─ assiette                                                                               2 550,00 €
    │  │ TIB                                                                               mini.toml:149
    │  │ depuis 2017-01-01, publié 2023-06-29, Décret n° 2023-519 du 28 juin 2023
    │  └─ TIB  Traitement indiciaire brut                                                     2 550,00 €
    │     │ mensuel(indice * point_indice) * agent.quotite                                 mini.toml:120
    │     │ = 518 pt × 59,0734 €/pt/an ÷ 12 × 1
    │     │ depuis 2017-01-01, publié 2023-06-29, Décret n° 2023-519 du 28 juin 2023
    │     ├─ indice                                                                               518 pt
    │     │  │ max(agent.indice_majore, im_minimum)                                        mini.toml:119
    │     │  │ = max(518 pt ; 366 pt)
    │     │  ├─ agent.indice_majore  Indice majoré                                                518 pt
    │     │  │    écrit dans la carrière
    │     │  └─ im_minimum  Indice minimum                                                        366 pt
    │     │       depuis 2024-01-01, publication inconnue, Décret n° 2023-519 du 28 juin 2023, art. 2
    │     │       confiance moyenne : À relire dans le texte.
    │     ├─ point_indice  Valeur annuelle du point d'indice                             59,0734 €/pt/an
    │     │    depuis 2023-07-01, publié 2023-06-29, Décret n° 2023-519 du 28 juin 2023, art. 1
    │     ├─ agent.quotite  Fraction rémunérée                                                         1
    │     └─ exact 2 550,001766… € → 2 550,00 € (au centime, demi supérieur)
    ├─ taux                                                                                      34,65 %
    │    depuis 2025-01-01, publié 2025-01-31, Décret n° 2025-86 du 30 janvier 2025, art. 1
    └─ exact 883,575 € → 883,58 € (au centime, demi supérieur)
         politique de l'employeur : employeur.arrondi_cotisations = plus_proche, valeur par défaut
    ");
    let early = mini("2025-01", KnownOn::Day(Day::parse("2025-01-25").unwrap()));
    let prepared = early.prepared(&employeur(&[]), &attache());
    let before = ask(&early, &prepared, "CNRACL.employeur");
    assert_eq!(before.montants(), [80_708]);
    assert_eq!(before.connu_le, "2025-01-25");
}

#[test]
fn the_policy_of_the_employer_is_told() {
    let month = mini("2025-01", KnownOn::Everything);
    let employeur = employeur(&[("arrondi_cotisations", "troncature")]);
    let prepared = month.prepared(&employeur, &attache());
    let found = ask(&month, &prepared, "CNRACL.employeur");
    assert_eq!(found.montants(), [88_357]);
    let shown = text(&found);
    let end: Vec<&str> = shown.lines().rev().take(2).collect();
    insta::assert_snapshot!(end.join("\n"), @r"
         politique de l'employeur : employeur.arrondi_cotisations = troncature, depuis le 2020-01-01
    └─ exact 883,575 € → 883,57 € (au centime, troncature)
    ");
}

#[test]
fn the_counting_of_an_incomplete_month_is_told() {
    let month = month(&crate::load::EmbeddedFiles, "2026-10", KnownOn::Everything);
    let facts = agent(vec![carriere("2026-10-12", 400, "100")], 0);
    let told = |parametres: &[(&str, &str)]| {
        let shown = text(&ask(&month, &month.prepared(&employeur(parametres), &facts), "TIB"));
        let line = shown.lines().find(|line| line.contains("décompte des jours"));
        line.unwrap_or(&shown).trim_start_matches(['│', ' ']).to_owned()
    };
    assert_eq!(
        told(&[]),
        "décompte des jours : employeur.mois_incomplet = jours_reels, valeur par défaut"
    );
    assert_eq!(
        told(&[("mois_incomplet", "complement")]),
        "décompte des jours : employeur.mois_incomplet = complement, depuis le 2020-01-01"
    );
}

#[test]
fn segments_are_told_apart() {
    let month = mini("2025-03", KnownOn::Everything);
    let rows = vec![carriere("2020-01-01", 360, "100"), carriere("2025-03-11", 400, "80")];
    let prepared = month.prepared(&employeur(&[]), &agent(rows, 0));
    insta::assert_snapshot!(text(&ask(&month, &prepared, "TIB")), @r"
    TIB  Traitement indiciaire brut                                                             600,58 €
    │ mensuel(indice * point_indice) * agent.quotite                                       mini.toml:120
    │ = 366 pt × 59,0734 €/pt/an ÷ 12 × 1
    │ du 2025-03-01 au 2025-03-10 : 10/30
    │ 1 801,7387 €/mois × 10/30
    │ depuis 2017-01-01, publié 2023-06-29, Décret n° 2023-519 du 28 juin 2023
    ├─ indice                                                                                     366 pt
    │  │ max(agent.indice_majore, im_minimum)                                              mini.toml:119
    │  │ = max(360 pt ; 366 pt)
    │  ├─ agent.indice_majore  Indice majoré                                                      360 pt
    │  │    écrit dans la carrière
    │  └─ im_minimum  Indice minimum                                                              366 pt
    │       depuis 2024-01-01, publication inconnue, Décret n° 2023-519 du 28 juin 2023, art. 2
    │       confiance moyenne : À relire dans le texte.
    ├─ point_indice  Valeur annuelle du point d'indice                                   59,0734 €/pt/an
    │    depuis 2023-07-01, publié 2023-06-29, Décret n° 2023-519 du 28 juin 2023, art. 1
    ├─ agent.quotite  Fraction rémunérée                                                               1
    └─ exact 600,579566… € → 600,58 € (au centime, demi supérieur)

    TIB  Traitement indiciaire brut                                                           1 050,19 €
    │ mensuel(indice * point_indice) * agent.quotite                                       mini.toml:120
    │ = 400 pt × 59,0734 €/pt/an ÷ 12 × 4/5
    │ du 2025-03-11 au 2025-03-31 : 20/30
    │ 1 575,290666… €/mois × 20/30
    │ depuis 2017-01-01, publié 2023-06-29, Décret n° 2023-519 du 28 juin 2023
    ├─ indice                                                                                     400 pt
    │  │ max(agent.indice_majore, im_minimum)                                              mini.toml:119
    │  │ = max(400 pt ; 366 pt)
    │  ├─ agent.indice_majore  Indice majoré                                                      400 pt
    │  │    écrit dans la carrière
    │  └─ im_minimum  Indice minimum                                                              366 pt
    ├─ point_indice  Valeur annuelle du point d'indice                                   59,0734 €/pt/an
    ├─ agent.quotite  Fraction rémunérée                                                             4/5
    └─ exact 1 050,193777… € → 1 050,19 € (au centime, demi supérieur)
    ");
}

#[test]
fn absent_lines_say_why() {
    let month = mini("2025-03", KnownOn::Everything);
    let mut row = carriere("2020-01-01", 518, "100");
    row.statut = crate::domain::Statut::Contractuel;
    let mut facts = agent(vec![row], 0);
    let prepared = month.prepared(&employeur(&[]), &facts);
    let mut shown = String::new();
    for code in ["CNRACL", "PRIME", "CDG", "COUT_EMPLOYEUR", "INCONNUE"] {
        shown.push_str(&text(&ask(&month, &prepared, code)));
        shown.push('\n');
    }
    let mut prime = element("PRIME");
    prime.montant = Fixed::parse("100").ok();
    facts.elements.push(prime);
    let prepared = month.prepared(&employeur(&[]), &facts);
    shown.push_str(&text(&ask(&month, &prepared, "PRIME")));
    insta::assert_snapshot!(shown, @r"
    CNRACL  Retraite CNRACL                                                                      absente
    │ la condition de la règle est fausse
    │ depuis 2017-01-01, publié 2023-06-29, Décret n° 2023-519 du 28 juin 2023
    └─ s'applique si : agent.regime (ircantec) = cnracl                                              non
       │ agent.regime = cnracl                                                             mini.toml:148
       └─ agent.regime  Régime de retraite                                                      ircantec

    PRIME  Prime                                                                                 absente
      aucun élément `PRIME` pour ce contrat ce mois-ci

    CDG  Centre de gestion                                                                       BLOQUÉE
      il manque `employeur.taux_cdg` (Taux du centre de gestion)

    COUT_EMPLOYEUR  Coût employeur                                                               absente
      aucune règle en vigueur en mars 2025 : la première commence le 2025-06-01

    `INCONNUE` n'est pas une rubrique de ces règles

    PRIME  Prime                                                                                  0,00 €
    │ si agent.statut = contractuel alors 0 sinon element.montant                          mini.toml:135
    │ = 0
    │ élément n° 1 de l'agent
    │ depuis 2017-01-01, publié 2023-06-29, Décret n° 2023-519 du 28 juin 2023
    └─ si agent.statut (contractuel) = contractuel                                                   oui
         condition vraie, branche écartée : `sinon element.montant`
    ");
}

#[test]
fn a_line_that_reads_a_blocked_one_names_the_cause() {
    let month = mini("2025-06", KnownOn::Everything);
    let prepared = month.prepared(&employeur(&[]), &attache());
    insta::assert_snapshot!(text(&ask(&month, &prepared, "COUT_EMPLOYEUR")), @r"
    COUT_EMPLOYEUR  Coût employeur                                                               BLOQUÉE
    │ elle lit `CDG`, qui est bloquée
    └─ CDG  Centre de gestion                                                                    BLOQUÉE
         il manque `employeur.taux_cdg` (Taux du centre de gestion)
    ");
}

#[test]
fn an_imposed_amount_is_told() {
    let month = mini("2025-03", KnownOn::Everything);
    let mut facts = attache();
    let mut forced = element("TIB");
    forced.montant_paye = Fixed::parse("1999.99").ok();
    facts.elements.push(forced);
    let prepared = month.prepared(&employeur(&[]), &facts);
    insta::assert_snapshot!(text(&ask(&month, &prepared, "TIB")), @r"
    TIB  Traitement indiciaire brut                                                           1 999,99 €
      montant imposé par `montant_paye` : la règle n'est pas appliquée
    ");
    insta::assert_snapshot!(text(&ask(&month, &prepared, "BRUT")), @r"
    BRUT  Total brut                                                                          1 999,99 €
    │ somme(brut)                                                                          mini.toml:196
    │ depuis 2017-01-01, publié 2023-06-29, Décret n° 2023-519 du 28 juin 2023
    └─ somme(brut)  Rémunération brute                                                        1 999,99 €
       │ = 1 999,99 €
       └─ TIB  Traitement indiciaire brut                                                     1 999,99 €
    ");
}

#[test]
fn the_form_for_systems_keeps_exact_numbers() {
    let month = mini("2025-03", KnownOn::Everything);
    let prepared = month.prepared(&employeur(&[]), &attache());
    let found = serde_json::to_value(ask(&month, &prepared, "CNRACL.agent")).unwrap();
    assert_eq!(found["version"], 1);
    let line = &found["lignes"][0];
    assert_eq!((&line["etat"], &line["valeur"]["nombre"]), (&"payee".into(), &"283.05".into()));
    let tib = &line["etapes"][1]["etapes"][0];
    assert_eq!(tib["formule"]["ligne"], 120);
    insta::assert_json_snapshot!(tib["arrondi"], @r#"
    {
      "apres": {
        "nombre": "2550",
        "texte": "2 550,00 €",
        "unite": "€"
      },
      "avant": {
        "nombre": "76500053/30000",
        "texte": "2 550,001766… €",
        "unite": "€"
      },
      "mode": "demi_superieur",
      "pas": "0.01"
    }
    "#);
    insta::assert_json_snapshot!(line["etapes"][2], @r#"
    {
      "genre": "taux",
      "nom": "taux",
      "valeur": {
        "nombre": "0.111",
        "texte": "11,10 %"
      },
      "version": {
        "confiance": "haute",
        "depuis": "2020-01-01",
        "fichier": "mini.toml",
        "ligne": 151,
        "publie": "2023-06-29",
        "textes": [
          {
            "cle": "decret-2023-519",
            "titre": "Décret n° 2023-519 du 28 juin 2023 portant majoration de la rémunération"
          }
        ]
      }
    }
    "#);
}

#[test]
fn explains_the_family_supplement_of_the_national_rules() {
    let month = Month::national("2026-10");
    let facts = agent(vec![carriere("2020-01-01", 400, "80")], 2);
    let prepared = month.prepared(&employeur(&[("zone_ir", "zone_1")]), &facts);
    let shown = text(&ask(&month, &prepared, "SFT"));
    assert!(shown.contains("rubriques/traitement/supplement_familial.toml:"));
    // Line numbers move with every edit of the rules; the amounts and the words do not.
    let still = shown.lines().map(|line| line.split("  rubriques/").next().unwrap().trim_end());
    insta::assert_snapshot!("sft", still.collect::<Vec<_>>().join("\n"));
}

#[test]
fn names_of_lines() {
    let target = |text: &str| ExplainTarget::parse(text).map(|target| (target.nom, target.part));
    assert_eq!(target("TIB"), Some(("TIB".to_owned(), None)));
    assert_eq!(target("CNRACL.base"), Some(("CNRACL".to_owned(), Some(Part::Base))));
    assert_eq!(target("CNRACL.net"), None);
}
