//! The tables of `fixtures/formulas/`: one construct a file, one formula a line, computed through
//! the whole pipeline and by the oracle.
//!
//! Columns: `formule`; `entrees` (`nom=valeur` separated by spaces: inputs, `cumul(X)`, `mois`,
//! `connu`, and `arrondi=pas/mode`, `arrondi=aucun`); `attendu`; `unite` (`condition` for a
//! condition); `exact`.
//!
//! `attendu` is the value to the cent (a half away from zero), `vrai`, `faux`, `faute F801` or
//! `refus U301`; `exact` is the value before rounding, a decimal or a fraction.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test stops at the first surprise"
)]
#![allow(missing_docs, dead_code, reason = "a test; each test file uses a part of the oracle")]

mod oracle;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use num_traits::Signed;

use paie::calendar::{Day, KnownOn};
use paie::check::{CheckedRuleBook, Part};
use paie::diag::Code;
use paie::engine::{Dossier, Engine, Observer, Payslip, Place, SegmentInput};
use paie::load::MemoryFiles;
use paie::num::{Fixed, Ratio};
use paie::program::{Block, BlockResult, MISSING, Program};
use paie::rules::{Entree, EntreeType, Portee};

use oracle::harness::{checked, compiled, simplified, target};
use oracle::{Exact, Outcome, Why, evaluate, nearest};

/// Brackets whose rates have no last decimal.
const TIERS: &str = "borne,taux\n0,1/20\n100,1/3\n200,2/3\n";

/// What every formula of the tables may read.
const BOOK: &str = include_str!("../fixtures/formulas/livre.toml");
const GRILLE: &str = "borne,taux\n0,0\n1000,0.1\n2500.50,0.3\n10000,0.05\n";

struct Row {
    place: String,
    formule: String,
    entrees: BTreeMap<String, String>,
    attendu: String,
    unite: String,
    exact: String,
}

#[test]
fn every_table() {
    let mut tables: Vec<std::path::PathBuf> = std::fs::read_dir("fixtures/formulas")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "csv"))
        .collect();
    tables.sort();
    let (mut wrong, mut count) = (String::new(), 0);
    for table in &tables {
        for row in rows(&table.to_string_lossy()) {
            count += 1;
            if let Err(why) = prove(&row) {
                let _ = writeln!(wrong, "{}: `{}`: {why}", row.place, row.formule);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count > 500, "only {count} formulas in {} tables", tables.len());
}

fn rows(path: &str) -> Vec<Row> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("formule;entrees;attendu;unite;exact"), "{path}");
    let row = |(at, line): (usize, &str)| {
        let cells: Vec<&str> = line.split(';').collect();
        assert_eq!(cells.len(), 5, "{path}:{}", at + 2);
        let pairs = cells[1].split_whitespace().map(|pair| {
            let (nom, value) = pair.split_once('=').expect("nom=valeur");
            (nom.to_owned(), value.to_owned())
        });
        Row {
            place: format!("{path}:{}", at + 2),
            formule: cells[0].to_owned(),
            entrees: pairs.collect(),
            attendu: cells[2].to_owned(),
            unite: cells[3].to_owned(),
            exact: cells[4].to_owned(),
        }
    };
    lines.enumerate().map(row).collect()
}

/// The book with the formula of a row as the quantity `valeur`, and its value paid in euros.
fn book(row: &Row) -> MemoryFiles {
    let condition = row.unite == "condition";
    let formule =
        if condition { format!("si {} alors 1 sinon 0", row.formule) } else { row.formule.clone() };
    let unite = if condition { "" } else { &row.unite };
    let arrondi = match row.entrees.get("arrondi").map(String::as_str) {
        Some("aucun") => String::new(),
        Some(given) => {
            let (au, mode) = given.split_once('/').expect("pas/mode");
            format!("arrondi = {{ au = \"{au}\", mode = \"{mode}\" }}")
        }
        None => "arrondi = { au = \"0.01\", mode = \"demi_superieur\" }".to_owned(),
    };
    let euros = match unite {
        "" => "€",
        "€" => "",
        "pt" => "€/pt",
        "h" => "€/h",
        "mois" => "€/mois",
        other => other.strip_prefix("€/").expect("a unit of the tables"),
    };
    let dates = "depuis = 2020-01-01\npublie = \"inconnue\"\ntextes = [\"manquant\"]\n";
    let text = format!(
        "{BOOK}\n[[parametre]]\nnom = \"en_euros\"\nlibelle = \"e\"\nunite = \"{euros}\"\n\
         [[parametre.version]]\n{dates}valeur = \"1\"\n\
         [[grandeur]]\nnom = \"valeur\"\nlibelle = \"v\"\nunite = \"{unite}\"\ncalcul = \"mois\"\n\
         [[grandeur.version]]\n{dates}formule = \"{formule}\"\n{arrondi}\n\
         [[rubrique]]\ncode = \"PAYE\"\nlibelle = \"p\"\nnature = \"total\"\ncalcul = \"mois\"\n\
         [[rubrique.version]]\n{dates}formule = \"valeur * en_euros\"\n\
         arrondi = {{ au = \"0.01\", mode = \"demi_superieur\" }}\n"
    );
    MemoryFiles::from([
        ("r/livre.toml", text.as_str()),
        ("r/2020-01-01.csv", GRILLE),
        ("r/tiers-2020-01-01.csv", TIERS),
    ])
}

fn prove(row: &Row) -> Result<(), String> {
    let refused = row.attendu.strip_prefix("refus ");
    let book = match (checked(&book(row)), refused) {
        (Err((codes, text)), Some(code)) => {
            let found = codes.iter().any(|found| format!("{found:?}") == code);
            return if found { Ok(()) } else { Err(format!("refused otherwise: {text}")) };
        }
        (Ok(_), Some(_)) => return Err("not refused".to_owned()),
        (Err((_, text)), None) => return Err(format!("refused: {text}")),
        (Ok(book), None) => book,
    };
    let month = row.entrees.get("mois").map_or("2025-03", String::as_str);
    let known_on = match row.entrees.get("connu") {
        Some(day) => KnownOn::Day(Day::parse(day).unwrap()),
        None => KnownOn::Everything,
    };
    let target = target(month, known_on);
    let program = compiled(&book, target)?;
    let dossier = dossier(row, &book, &program)?;
    let mut seen = Seen { item: program.item("valeur").unwrap(), value: None };
    let mut payslip = Payslip::default();
    Engine::new(&program).observe(&dossier, &mut payslip, &mut seen);
    let engine = simplified(&book, &program, &payslip);
    compare(row, &program, "engine", &engine, seen.value.as_ref())?;
    let oracle = evaluate(&book, target, &program, &dossier);
    let value = oracle.quantities.get(&seen.item);
    compare(row, &program, "oracle", &oracle, value)
}

/// Keeps the exact value of one quantity.
struct Seen {
    item: usize,
    value: Option<Exact>,
}

impl Observer for Seen {
    fn block(&mut self, place: Place, block: &Block, slots: &[i128], applied: Option<bool>) {
        if place.item != self.item || applied != Some(true) {
            return;
        }
        if let BlockResult::Exact { value, .. } = block.result {
            let variable = value.den_slot.map_or(1, |slot| slots[usize::from(slot)]);
            let den = num_bigint::BigInt::from(value.den) * variable;
            self.value = Some(Exact::new(slots[usize::from(value.slot)].into(), den));
        }
    }
}

fn compare(
    row: &Row,
    program: &Program,
    who: &str,
    outcome: &Outcome,
    exact: Option<&Exact>,
) -> Result<(), String> {
    let item = program.item("valeur").unwrap();
    let fault = outcome.faults.get(&(item, None)).map(|why| match why {
        Why::Missing(_) => Code::F801,
        Why::Zero => Code::F803,
        Why::TooWide => Code::F804,
        Why::Depends => Code::F805,
    });
    if let Some(code) = row.attendu.strip_prefix("faute ") {
        let found = fault.map_or("a value".to_owned(), |code| format!("{code:?}"));
        return if found == code { Ok(()) } else { Err(format!("{who}: {found}")) };
    }
    let exact = exact.filter(|_| fault.is_none()).ok_or(format!("{who}: fault {fault:?}"))?;
    if row.unite == "condition" {
        let found = if *exact == oracle::ratio(1, 1) { "vrai" } else { "faux" };
        return if found == row.attendu { Ok(()) } else { Err(format!("{who}: {found}")) };
    }
    if *exact != fraction(&row.exact) {
        return Err(format!("{who}: exactly {exact}, not {}", row.exact));
    }
    let paid = outcome.lines.get(&program.item("PAYE").unwrap());
    let paid = paid.map_or(0, |lines| lines[0].agent);
    let wanted = i128::from(Fixed::parse(&row.attendu).unwrap().at_scale(2).unwrap());
    let cents = nearest(&(exact * oracle::ratio(100, 1)));
    if (paid, cents) == (wanted, wanted) {
        Ok(())
    } else {
        Err(format!("{who}: pays {paid} cents, not {}", row.attendu))
    }
}

fn fraction(text: &str) -> Exact {
    let decimal = |text: &str| {
        let value = Fixed::parse(text).unwrap_or_else(|error| panic!("`{text}`: {error}"));
        oracle::decimal(value.mantissa(), value.scale())
    };
    let big = |text: &str| text.parse::<num_bigint::BigInt>().unwrap();
    match text.split_once('/') {
        Some((num, den)) => Exact::new(big(num), big(den)),
        None if text.len() < 12 => decimal(text),
        None => {
            let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
            let den = num_bigint::BigInt::from(10).pow(decimals.len() as u32);
            let sign = if text.starts_with('-') { -1 } else { 1 };
            let digits = big(&format!("{}{decimals}", whole.trim_start_matches('-')));
            Exact::new(digits.abs() * sign, den)
        }
    }
}

fn dossier(row: &Row, book: &CheckedRuleBook, program: &Program) -> Result<Dossier, String> {
    let mut known: Vec<&str> = vec!["arrondi", "mois", "connu"];
    let mut scope = |portee: Portee| -> Vec<i128> {
        let mut values = Vec::new();
        for input in program.layout.scope(portee) {
            let entree = &book.book().entrees[input.entree.index()];
            let given = row.entrees.get_key_value(&entree.nom);
            known.extend(given.map(|(nom, _)| nom.as_str()));
            values.extend(value(entree, given.map(|(_, text)| text.as_str())));
        }
        values
    };
    let employeur = scope(Portee::Employeur).into();
    let mois = scope(Portee::Mois);
    let segment = SegmentInput { thirtieths: 30, variant: 0, values: scope(Portee::Segment) };
    let mut cumuls = Vec::new();
    for (nom, text) in &row.entrees {
        let Some(name) = nom.strip_prefix("cumul(").and_then(|rest| rest.strip_suffix(')')) else {
            if known.contains(&nom.as_str()) {
                continue;
            }
            return Err(format!("`{nom}` is not an input"));
        };
        let (item, part) = match name.split_once('.') {
            Some((item, "base")) => (item, Part::Base),
            Some((item, "agent")) => (item, Part::Agent),
            Some((item, _)) => (item, Part::Employeur),
            None => (name, Part::Montant),
        };
        let (id, _) = book.book().item(item).ok_or(format!("`{item}` is not an item"))?;
        let cents = i128::from(Fixed::parse(text).unwrap().at_scale(2).unwrap());
        let slots = program.layout.cumuls.iter().filter(|(i, p, _)| (*i, *p) == (id, part));
        cumuls.extend(slots.map(|&(_, _, slot)| (slot, cents)));
    }
    let segments = vec![segment];
    Ok(Dossier { employeur, mois, segments, cumuls, ..Dossier::default() })
}

fn value(entree: &Entree, text: Option<&str>) -> Vec<i128> {
    let text = text.or(entree.defaut.as_deref());
    match (&entree.kind, text) {
        (EntreeType::Ratio, None) => vec![MISSING, MISSING],
        (_, None) => vec![MISSING],
        (EntreeType::Ratio, Some(text)) => {
            let ratio = Ratio::parse(text).unwrap();
            vec![ratio.num().into(), ratio.den().into()]
        }
        (EntreeType::Booleen, Some(text)) => vec![i128::from(text == "oui")],
        (EntreeType::Enumeration(words), Some(text)) => {
            vec![words.iter().position(|word| word == text).unwrap() as i128]
        }
        (EntreeType::Nombre { decimales }, Some(text)) => {
            vec![Fixed::parse(text).unwrap().at_scale(*decimales).unwrap().into()]
        }
    }
}
