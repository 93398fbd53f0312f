//! Invented employers, agents and months, for the tests of this floor and above.

use super::{Memory, Prepared, Preparer};
use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::check::CheckedRuleBook;
use crate::domain::{
    Absence, Agent, AgentFacts, Carriere, Dated, Element, Employeur, EmployeurKind, Famille,
    Identity, ParametreEmployeur, PoolFile, Quotite, RowRef, Siret, Statut, TauxPas, Word,
};
use crate::load::{EmbeddedFiles, Files, load};
use crate::num::Fixed;
use crate::program::{Program, Target, compile};
use crate::source::SourceMap;

/// Where every invented fact is written.
pub const ROW: RowRef = RowRef { file: PoolFile::Bulletin, line: 1 };

/// Dates of a fact that was always known.
pub fn dated(depuis: &str, fin: Option<&str>) -> Dated {
    let day = |text: &str| Day::parse(text).unwrap();
    Dated { depuis: day(depuis), fin: fin.map(day), connu_le: None, reference: ROW }
}

/// A word.
pub fn word(text: &str) -> Word {
    Word::from(text)
}

/// A commune of the Rhône with parameters since 2020.
pub fn employeur(parametres: &[(&str, &str)]) -> Employeur {
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

/// A career row of a tenured official, by indice majoré and quotité.
pub fn carriere(depuis: &str, im: i64, quotite: &str) -> Carriere {
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
        conclu_le: None,
        groupe_rifseep: None,
        loge: false,
        surcotisation: false,
    }
}

/// A row of `elements.csv` since 2024, to be filled.
pub fn element(rubrique: &str) -> Element {
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

/// A row of `absences.csv`.
pub fn absence(nature: &str, debut: &str, fin: &str) -> Absence {
    let day = |text: &str| Day::parse(text).unwrap();
    Absence {
        siret: Siret::NONE,
        contrat: word("1"),
        nature: word(nature),
        debut: day(debut),
        fin: day(fin),
        connu_le: None,
        accorde_le: None,
        prolongation: false,
        heures: None,
        demi_journees: None,
        sans_carence: false,
        taux: None,
        reference: ROW,
    }
}

/// An agent with children and a tax rate of 3.1 %.
pub fn agent(carrieres: Vec<Carriere>, enfants: i64) -> AgentFacts {
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
pub struct Month {
    /// Texts.
    pub sources: SourceMap,
    /// Rules.
    pub book: CheckedRuleBook,
    /// Code.
    pub program: Program,
}

/// A month of a tree of rules; panics with the findings when it does not check.
pub fn month(files: &dyn Files, mois: &str, known_on: KnownOn) -> Month {
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
    /// The national rules of a month.
    pub fn national(mois: &str) -> Self {
        month(&EmbeddedFiles, mois, KnownOn::Everything)
    }

    /// The first contract of an agent.
    pub fn prepared(&self, employeur: &Employeur, facts: &AgentFacts) -> Prepared {
        let preparer = Preparer::new(&self.book, &self.program).unwrap();
        let here = preparer.employeur(employeur);
        preparer.agent(facts, |_| Some(&here), &mut Memory::default()).remove(0)
    }
}

/// Agents of every kind: two careers in the month, part time, elements, forced amounts, totals.
pub fn agents(mois: &str) -> Vec<AgentFacts> {
    let mut all = Vec::new();
    let first = PayPeriod::parse(mois).unwrap().first_day();
    for seed in 0_usize..60 {
        let pick = |list: &[i64], step: usize| list[(seed * (2 * step + 1) + step) % list.len()];
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
        facts.elements.extend(elements(seed));
        facts.absences.extend(absences(mois, seed));
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

/// Elements of many kinds, some of them paid as they stand.
fn elements(seed: usize) -> Vec<Element> {
    let codes = ["IFSE", "PRIME", "IHTS_14", "IHTS_NUIT", "TRANSPORT", "MUTUELLE", "HC"];
    let chosen = codes.into_iter().enumerate().filter(|(at, _)| (seed + at).is_multiple_of(3));
    chosen
        .map(|(at, code)| {
            let mut row = element(code);
            row.montant = Fixed::parse("123.45").ok();
            row.nombre = Fixed::parse("7.25").ok();
            row.base = Fixed::parse("88.10").ok();
            if seed % 8 == 2 && at % 2 == 0 {
                row.montant_paye = Fixed::parse("55.55").ok();
            }
            row
        })
        .collect()
}

/// Absences of many kinds, two of them in some months.
fn absences(mois: &str, seed: usize) -> Vec<Absence> {
    let day = |number: usize| format!("{mois}-{number:02}");
    let row = |nature, first, last| absence(nature, &day(first), &day(last));
    let mut rows = match seed % 10 {
        0 => vec![row("maladie_ordinaire", 3 + seed % 9, 18)],
        1 => vec![row("maladie_ordinaire", 4, 12), row("greve", 20, 20)],
        2 => vec![row("service_non_fait", 13, 16), row("maladie_ordinaire", 22, 28)],
        3 => vec![
            absence("maladie_ordinaire", "2023-09-20", "2023-11-30"),
            row("maladie_ordinaire", 2, 24),
        ],
        4 => vec![row("greve", 14, 14), row("greve", 17, 17), row("suspension", 18, 28)],
        5 => vec![absence("citis", "2023-06-15", &day(15)), row("maternite", 20, 28)],
        _ => Vec::new(),
    };
    if let Some(row) = rows.iter_mut().find(|row| &*row.nature == "greve") {
        row.heures = Fixed::parse(["3", "1.5", "0.25"][seed % 3]).ok();
    }
    if let Some(row) = rows.iter_mut().find(|row| &*row.nature == "suspension") {
        row.taux = Fixed::parse("0.333333").ok();
    }
    rows
}
