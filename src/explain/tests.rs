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

#[test]
fn sample() {
    let month = Month::national("2026-10");
    let mut second = carriere("2026-10-15", 410, "80");
    second.nbi = 10;
    let facts = agent(vec![carriere("2020-01-01", 400, "80")], 2);
    let employeur = employeur(&[("taux_atmp", "0.0164"), ("zone_ir", "zone_1")]);
    let prepared = month.prepared(&employeur, &facts);
    eprintln!("{:?}", prepared.findings);
    for code in ["CNRACL.employeur", "SFT", "CNRACL", "IR", "PAS", "NBI", "BRUT", "IRCANTEC_A", "CSG_NON_DEDUCTIBLE"] {
        eprintln!("=== {code}\n{}", text(&month.explain(&prepared, code)));
    }
    let _ = (second, element("IFSE"), Amount::ZERO, MemoryFiles::default(), Nature::Gain);
    let _: Option<Cumul> = None;
}
