//! A reference payslip: the facts of one agent and the lines the law gives, in one TOML file.
//!
//! Its tables are read as rows of the pool, by the same code and with the same checks.

use std::path::Path;

use super::finding::PoolFinding;
use super::parse::check_rows;
use super::pool::PoolContext;
use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::diag::Code;
use crate::domain::{AgentFacts, Employeur, PoolFile, RowRef};
use crate::num::Amount;
use crate::syntax::{Block, Entry, Value};

mod tables;
mod values;

use tables::{BulletinTables, read_attendu};
use values::Reader;

/// What a published or hand-computed payslip says.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The address or the text of the example.
    pub source: String,
    /// Who checked the figures.
    pub verifie_par: Option<String>,
    /// The month of pay.
    pub mois: PayPeriod,
    /// What was known when it was paid.
    pub connu_le: KnownOn,
    /// The employer.
    pub employeur: Employeur,
    /// The agent.
    pub facts: AgentFacts,
    /// The lines to compare, in the order of the file.
    pub attendu: Vec<Attendu>,
    /// Whether a line that is not listed is a failure.
    pub exhaustif: bool,
    /// Warnings; a file with an error is refused.
    pub findings: Vec<PoolFinding>,
}

/// What one rubrique must give, summed over its lines; nothing is compared with what is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attendu {
    /// The rubrique.
    pub rubrique: String,
    /// The amount of a gain, a deduction or a total.
    pub montant: Option<Amount>,
    /// The base of a contribution.
    pub base: Option<Amount>,
    /// Its employee side.
    pub agent: Option<Amount>,
    /// Its employer side.
    pub employeur: Option<Amount>,
    /// The line of the file.
    pub ligne: u32,
}

/// Reads a reference payslip. Errors: every finding, with its line.
pub fn read_reference(path: &Path) -> Result<Reference, Vec<PoolFinding>> {
    let at = |line| RowRef { file: PoolFile::Bulletin, line };
    let bytes = std::fs::read(path).map_err(|error| {
        let message = format!("the file cannot be read: {error}");
        let remede = "check that the file exists and may be read";
        vec![PoolFinding::new(Code::E724, at(0), message, remede)]
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', valid).count() + 1;
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        vec![PoolFinding::new(Code::E724, at(line), "not UTF-8", "save the file as UTF-8")]
    })?;
    parse_reference(&text)
}

/// The same, from the text of the file.
pub fn parse_reference(text: &str) -> Result<Reference, Vec<PoolFinding>> {
    let mut reader = Reader::new(text);
    let entries = reader.entries();
    let reference = if reader.failed() { None } else { build(&mut reader, &entries) };
    match reference {
        Some(mut reference) if !reader.failed() => {
            reference.findings = reader.findings;
            Ok(reference)
        }
        _ => Err(reader.sorted_findings()),
    }
}

const KEYS: &[&str] = &[
    "source",
    "verifie_par",
    "mois",
    "connu_le",
    "employeur",
    "agent",
    "carriere",
    "element",
    "absence",
    "cumul",
    "attendu",
    "exhaustif",
];

fn build(reader: &mut Reader<'_>, entries: &[Entry]) -> Option<Reference> {
    reader.known_keys(entries, KEYS);
    let source = reader.needed_text(entries, "source");
    let verifie_par = reader.text_of(entries, "verifie_par");
    let mois = reader.needed_text(entries, "mois").and_then(|text| {
        let month = PayPeriod::parse(&text).ok();
        if month.is_none() {
            reader.wrong(entries, "mois", "not a month", "write the month as \"2026-10\"");
        }
        month
    });
    let connu_le = reader.text_of(entries, "connu_le").map(|text| {
        let day = Day::parse(&text).ok();
        if day.is_none() {
            reader.wrong(entries, "connu_le", "not a date", "write the date as 2026-10-31");
        }
        day.map_or(KnownOn::Everything, KnownOn::Day)
    });
    let employeur = match reader.table(entries, "employeur") {
        Some((table, line)) => tables::read_employeur(reader, table, line),
        None => {
            reader.missing("employeur");
            None
        }
    };
    let (attendu, listed) = match reader.table(entries, "attendu") {
        Some((table, _)) => read_attendu(reader, table),
        None => {
            reader.missing("attendu");
            (Vec::new(), None)
        }
    };
    let whole = value_of(entries, "exhaustif").and_then(|value| reader.boolean("exhaustif", value));
    let (mois, employeur) = (mois?, employeur?);
    let context = PoolContext::alone(employeur.clone());
    let facts = BulletinTables::new(&context, mois, employeur.siret).read(reader, entries);
    check_rows(&facts, &mut reader.findings);
    Some(Reference {
        source: source?,
        verifie_par,
        mois,
        connu_le: connu_le.unwrap_or_default(),
        employeur,
        facts,
        attendu,
        exhaustif: whole.or(listed).unwrap_or(false),
        findings: Vec::new(),
    })
}

/// The value of a key.
fn value_of<'e>(entries: &'e [Entry], key: &str) -> Option<&'e Value> {
    entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
}

/// A scalar as the text that a cell would hold; `None` for a list or a table.
fn cell_text(block: &Block) -> Option<String> {
    Some(match block {
        Block::Text(text) => text.clone(),
        Block::Integer(number) => number.to_string(),
        Block::Boolean(true) => "oui".to_owned(),
        Block::Boolean(false) => "non".to_owned(),
        Block::Date(day) => day.to_string(),
        Block::List(_) | Block::Table(_) | Block::Hole => return None,
    })
}

#[cfg(test)]
mod tests;
