//! From the text of rules to the two results, and their comparison.

use std::collections::BTreeMap;

use paie::calendar::{KnownOn, PayPeriod};
use paie::check::{self, CheckedRuleBook};
use paie::diag::{self, Code, Diagnostic, Severity};
use paie::engine::{Dossier, Engine, FaultKind, Payslip};
use paie::load::{EmbeddedFiles, Files, MemoryFiles, load};
use paie::program::{self, CompileError, Program, Target};
use paie::rules::{self, EntreeId, ItemKind, Portee};
use paie::source::SourceMap;

use super::random::BAREMES;
use super::{Line, Outcome, Why, evaluate};

/// A book that every stage accepts, with every finding as text; or the codes of its errors.
pub fn checked(files: &dyn Files) -> Result<CheckedRuleBook, (Vec<Code>, String)> {
    let mut sources = SourceMap::default();
    let (ids, mut out) = load(files, "", &mut sources);
    let book = rules::resolve(&sources, &ids, &mut out);
    let book = book.and_then(|book| check::check(book, &mut out));
    if let Some(book) = &book {
        out.extend(program::prove(book));
    }
    let errors = |out: &[Diagnostic]| -> Vec<Code> {
        out.iter().filter(|d| d.severity() == Severity::Error).map(|d| d.code).collect()
    };
    let codes = errors(&out);
    match book {
        Some(book) if codes.is_empty() => Ok(book),
        _ => {
            diag::sort(&mut out);
            let shown: Vec<Diagnostic> =
                out.into_iter().filter(|d| d.severity() == Severity::Error).collect();
            Err((codes, diag::render(&shown, &sources, diag::Format::Short, false)))
        }
    }
}

/// The files of a generated book: its text, and the tables it names.
pub fn generated(text: &str) -> MemoryFiles {
    let mut files = MemoryFiles::from([("r/regles.toml", text)]);
    for (name, table) in BAREMES {
        if text.contains(name) {
            files.0.insert(format!("r/{name}"), table.to_owned());
        }
    }
    files
}

/// A book of one file.
pub fn one_file(text: &str) -> Result<CheckedRuleBook, (Vec<Code>, String)> {
    checked(&MemoryFiles::from([("regles.toml", text)]))
}

/// The national rules.
pub fn national() -> CheckedRuleBook {
    checked(&EmbeddedFiles).unwrap_or_else(|(_, text)| panic!("the national rules fail:\n{text}"))
}

/// A month seen from a day.
pub fn target(month: &str, known_on: KnownOn) -> Target {
    let period = PayPeriod::parse(month).expect("a month");
    Target { period, known_on, au_dela: false }
}

/// Compiles a month; the message names what the compiler refused.
pub fn compiled(book: &CheckedRuleBook, target: Target) -> Result<Program, String> {
    program::compile(book, target).map_err(|error| match error {
        CompileError::NotCovered { .. } => "not covered".to_owned(),
        CompileError::Findings(found) => {
            found.iter().map(|d| format!("{:?}: {}\n", d.code, d.message)).collect()
        }
    })
}

/// Both computations of one dossier.
pub struct Both {
    /// What the engine gives, as it is.
    pub payslip: Payslip,
    /// What the engine gives, in the form of the oracle.
    pub engine: Outcome,
    /// What the oracle gives.
    pub oracle: Outcome,
}

impl Both {
    /// Whether the engine stopped at the width of a line that absences reduce. The oracle has no
    /// width: there is nothing to compare then.
    pub fn beyond(&self, book: &CheckedRuleBook) -> bool {
        let faults = self.engine.faults.iter().filter(|(_, why)| **why == Why::TooWide);
        let mut new = faults.filter(|(key, why)| self.oracle.faults.get(key) != Some(why));
        new.any(|(&(item, _), _)| book.book().items[item].absences.is_some())
    }
}

/// Computes twice.
pub fn both(
    book: &CheckedRuleBook,
    target: Target,
    program: &Program,
    engine: &mut Engine<'_>,
    dossier: &Dossier,
) -> Both {
    let mut payslip = Payslip::default();
    engine.run(dossier, &mut payslip);
    let oracle = evaluate(book, target, program, dossier);
    Both { engine: simplified(book, program, &payslip), oracle, payslip }
}

/// A payslip in the form of the oracle.
pub fn simplified(book: &CheckedRuleBook, program: &Program, payslip: &Payslip) -> Outcome {
    let mut outcome = Outcome::default();
    for line in &payslip.lines {
        let kind = &book.book().items[line.item].kind;
        let cotisation = matches!(kind, ItemKind::Cotisation { .. });
        let side = |cents: Option<i64>| i128::from(cents.unwrap_or(0));
        let simple = Line {
            element: line.element,
            base: if cotisation { side(line.base) } else { 0 },
            agent: side(line.montant_agent),
            employeur: side(line.montant_employeur),
        };
        if simple.agent != 0 || simple.employeur != 0 {
            outcome.lines.entry(line.item).or_default().push(simple);
        }
    }
    for lines in outcome.lines.values_mut() {
        lines.sort();
    }
    for fault in &payslip.faults {
        let why = match fault.kind {
            FaultKind::Missing(slot) => Why::Missing(input_at(program, slot)),
            FaultKind::DivisionByZero => Why::Zero,
            FaultKind::TooWide => Why::TooWide,
            FaultKind::Depends(_) => Why::Depends,
        };
        outcome.faults.entry((fault.item, fault.element)).or_insert(why);
    }
    outcome.controles = payslip.controles.iter().copied().collect();
    outcome.kept = payslip.kept.iter().map(|&(at, cents)| (at, i128::from(cents))).collect();
    outcome
}

fn input_at(program: &Program, slot: u16) -> EntreeId {
    let scopes =
        [Portee::Employeur, Portee::Mois, Portee::Segment, Portee::Element, Portee::Absence];
    let mut inputs = scopes.into_iter().flat_map(|portee| program.layout.scope(portee));
    inputs.find(|input| input.slot == slot).expect("a fault names an input").entree
}

/// The differences between the two results, in words; empty when they agree.
pub fn differences(book: &CheckedRuleBook, both: &Both) -> String {
    let mut text = String::new();
    let name = |at: usize| book.book().items[at].nom.clone();
    let mut compare = |what: &str,
                       engine: BTreeMap<String, String>,
                       oracle: BTreeMap<_, String>| {
        let keys: std::collections::BTreeSet<&String> =
            engine.keys().chain(oracle.keys()).collect();
        for key in keys {
            let (a, b) = (engine.get(key), oracle.get(key));
            if a != b {
                let shown = |side: Option<&String>| side.map_or("nothing".to_owned(), Clone::clone);
                let (a, b) = (shown(a), shown(b));
                text.push_str(&format!("  {what} {key}\n    engine {a}\n    oracle {b}\n"));
            }
        }
    };
    let lines = |outcome: &Outcome| -> BTreeMap<String, String> {
        outcome.lines.iter().map(|(&at, lines)| (name(at), format!("{lines:?}"))).collect()
    };
    let faults = |outcome: &Outcome| -> BTreeMap<String, String> {
        let all = outcome.faults.iter();
        all.map(|(&(at, element), why)| (format!("{} {element:?}", name(at)), format!("{why:?}")))
            .collect()
    };
    let kept = |outcome: &Outcome| -> BTreeMap<String, String> {
        outcome.kept.iter().map(|(&at, cents)| (name(at), cents.to_string())).collect()
    };
    compare("lines of", lines(&both.engine), lines(&both.oracle));
    compare("fault of", faults(&both.engine), faults(&both.oracle));
    let controls = |outcome: &Outcome| -> BTreeMap<String, String> {
        outcome.controles.iter().map(|&at| (name(at), "holds".to_owned())).collect()
    };
    compare("control", controls(&both.engine), controls(&both.oracle));
    compare("kept", kept(&both.engine), kept(&both.oracle));
    text
}

/// How many cases: `PAIE_CASES` when it is set.
pub fn cases(default: u64) -> u64 {
    std::env::var("PAIE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The first seed: `PAIE_SEED` when it is set, to see a failure again.
pub fn first_seed() -> u64 {
    std::env::var("PAIE_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}
