//! Explanations of small books and of the national rules.

use super::*;
use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::domain::{
    Agent, AgentFacts, Carriere, Cumul, Dated, Element, Employeur, EmployeurKind, Famille,
    Identity, ParametreEmployeur, PoolFile, Quotite, RowRef, Siret, Statut, TauxPas, Word,
};
use crate::dossier::{Memory, Preparer};
use crate::load::{EmbeddedFiles, Files, MemoryFiles, load};
use crate::num::{Amount, Fixed};
use crate::program::{Target, compile};
use crate::rules::Nature;

const ROW: RowRef = RowRef { file: PoolFile::Bulletin, line: 1 };

fn dated(depuis: &str, fin: Option<&str>) -> Dated {
    let day = |text: &str| Day::parse(text).unwrap();
    Dated { depuis: day(depuis), fin: fin.map(day), connu_le: None, reference: ROW }
}

fn word(text: &str) -> Word {
    Word::from(text)
}

fn employeur(parametres: &[(&str, &str)]) -> Employeur {
    let parametres = parametres.iter().map(|(nom, valeur)| ParametreEmployeur {
        nom: (*nom).to_owned(),
        valeur: (*valeur).to_owned(),
        dated: dated("2020-01-01", None),
        reference: None,
    });
    Employeur {
        siret: Siret::NONE,
        nom: "Commune de Saint-Exemple".to_owned(),
        nature: EmployeurKind::Commune,
        insee: "69123".to_owned(),
        population: Some(12_000),
        effectif: Some(120),
        adresse: "1 place de la Mairie".to_owned(),
        code_postal: "69000".to_owned(),
        ville: "Saint-Exemple".to_owned(),
        ape: "8411Z".to_owned(),
        urssaf: "Rhône-Alpes".to_owned(),
        parametres: parametres.collect(),
        reference: ROW,
    }
}

fn carriere(depuis: &str, im: i64, quotite: &str) -> Carriere {
    Carriere {
        siret: Siret::NONE,
        contrat: word("1"),
        dated: dated(depuis, None),
        statut: Statut::Titulaire,
        regime: None,
        grade: None,
        echelon: None,
        indice_brut: None,
        indice_majore: Some(im),
        categorie: crate::domain::Categorie::from_name("C"),
        montant_mensuel: None,
        taux_horaire: None,
        quotite: Quotite::parse(quotite).unwrap(),
        duree_hebdo: None,
        temps_partiel_therapeutique: None,
        nbi: 0,
        zone_ir: None,
        cti: 0,
        fonction: None,
        taux_indemnite: None,
        motif: None,
    }
}

fn element(rubrique: &str) -> Element {
    Element {
        siret: Siret::NONE,
        contrat: word("1"),
        rubrique: word(rubrique),
        dated: dated("2024-01-01", None),
        nombre: None,
        base: None,
        taux: None,
        montant: None,
        montant_paye: None,
        mois_origine: None,
        libelle: None,
    }
}

fn agent(carrieres: Vec<Carriere>, enfants: i64) -> AgentFacts {
    let identity = Identity::new(["", "EXEMPLE", "Camille", "", "", "", ""]);
    let agent = Agent {
        id: word("A-000142"),
        naissance: None,
        departement: None,
        identity,
        reference: ROW,
    };
    let mut facts = AgentFacts::new(agent);
    facts.carrieres = carrieres;
    facts.familles =
        vec![Famille { dated: dated("2020-01-01", None), enfants, enfants_alternes: 0 }];
    facts.taux_pas =
        vec![TauxPas { dated: dated("2020-01-01", None), taux: Fixed::parse("0.031").ok() }];
    facts
}

/// A month of a tree of rules.
struct Month {
    sources: SourceMap,
    book: CheckedRuleBook,
    program: Program,
}

fn month(files: &dyn Files, mois: &str, known_on: KnownOn) -> Month {
    let mut sources = SourceMap::default();
    let (ids, mut findings) = load(files, "", &mut sources);
    let book = crate::rules::resolve(&sources, &ids, &mut findings);
    let book = book.and_then(|book| crate::check::check(book, &mut findings));
    let shown = crate::diag::render(&findings, &sources, crate::diag::Format::Short, false);
    let book = book.unwrap_or_else(|| panic!("{shown}"));
    let period = PayPeriod::parse(mois).unwrap();
    let program = compile(&book, Target { period, known_on, au_dela: false }).unwrap();
    Month { sources, book, program }
}

impl Month {
    fn national(mois: &str) -> Self {
        month(&EmbeddedFiles, mois, KnownOn::Everything)
    }

    fn prepared(&self, employeur: &Employeur, facts: &AgentFacts) -> Prepared {
        let preparer = Preparer::new(&self.book, &self.program).unwrap();
        let here = preparer.employeur(employeur);
        preparer.agent(facts, |_| Some(&here), &mut Memory::default()).remove(0)
    }

    fn explain(&self, prepared: &Prepared, demande: &str) -> Explanation {
        let target = ExplainTarget::parse(demande).unwrap();
        explain(&self.book, &self.sources, &self.program, prepared, &target)
    }
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

/// Agents of every kind: two careers in the month, part time, elements, forced amounts, totals.
fn agents(mois: &str) -> Vec<AgentFacts> {
    let mut all = Vec::new();
    let first = PayPeriod::parse(mois).unwrap().first_day();
    for seed in 0_usize..60 {
        let pick = |list: &[i64], step: usize| list[(seed / step) % list.len()];
        let quotite = ["100", "80", "90", "50", "7/10"][seed % 5];
        let mut row = carriere("2020-01-01", 366 + pick(&[0, 4, 55, 200, 700], 1), quotite);
        row.nbi = pick(&[0, 10, 25], 2);
        row.cti = pick(&[0, 0, 49], 3);
        if seed % 7 == 3 {
            row.statut = Statut::Contractuel;
        }
        if seed % 7 == 5 {
            row.duree_hebdo = crate::domain::parse_duree_hebdo("17:30").ok();
        }
        if seed % 14 == 10 {
            (row.statut, row.indice_majore) = (Statut::Contractuel, None);
            row.montant_mensuel = Fixed::parse("2123.45").ok();
        }
        let mut rows = vec![row.clone()];
        if seed % 3 == 1 {
            let day = Day::new(first.year(), first.month(), 15).unwrap();
            row.dated.depuis = day;
            row.quotite = Quotite::parse("60").unwrap();
            rows.push(row);
        }
        if seed % 11 == 4 {
            rows[0].dated.depuis = Day::new(first.year(), first.month(), 9).unwrap();
            rows.truncate(1);
        }
        let mut facts = agent(rows, pick(&[0, 1, 2, 3, 5], 4));
        for (at, code) in ["IFSE", "PRIME", "IHTS_14", "IHTS_NUIT", "TRANSPORT", "MUTUELLE", "HC"]
            .into_iter()
            .enumerate()
        {
            if (seed + at) % 3 != 0 {
                continue;
            }
            let mut row = element(code);
            row.montant = Fixed::parse("123.45").ok();
            row.nombre = Fixed::parse("7.25").ok();
            row.base = Fixed::parse("88.10").ok();
            if seed % 8 == 2 && at % 2 == 0 {
                row.montant_paye = Fixed::parse("55.55").ok();
            }
            facts.elements.push(row);
        }
        if seed % 9 == 8 {
            let mut row = element("TIB");
            row.montant_paye = Fixed::parse("1999.99").ok();
            facts.elements.push(row);
        }
        if seed % 4 == 0 {
            facts.taux_pas.clear();
        }
        all.push(facts);
    }
    all
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
    for mois in ["2024-01", "2026-10"] {
        let month = Month::national(mois);
        for (employeur, facts) in
            [employeur(&parametres), employeur(&[])].iter().zip([agents(mois), agents(mois)])
        {
            for facts in &facts {
                lines += explained_is_paid(&month, &month.prepared(employeur, facts));
            }
        }
    }
    assert!(lines > 4_000, "{lines}");
}

#[test]
fn sample() {
    let month = Month::national("2026-10");
    let facts = agents("2026-10");
    for (seed, facts) in facts.iter().enumerate().filter(|(seed, _)| [1, 4, 8, 10].contains(seed)) {
        let employeur = employeur(&[("taux_atmp", "0.0164")]);
        let prepared = month.prepared(&employeur, facts);
        eprintln!("##### {seed} {:?}", prepared.findings);
        for code in ["TIB", "IR", "CNRACL.base", "IFSE", "IHTS_14", "TRANSPORT", "NET_SOCIAL", "FOO", "TPP", "VERSEMENT_MOBILITE", "indice_traitement", "PAS", "COUT_EMPLOYEUR"] {
            eprintln!("=== {code}\n{}", text(&month.explain(&prepared, code)));
        }
    }
    let _ = (MemoryFiles::default(), Nature::Gain, Amount::ZERO);
    let _: Option<Cumul> = None;
}
