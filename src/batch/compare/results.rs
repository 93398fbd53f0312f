//! Two result folders compared: both read side by side, agent by agent. Agents that only one side
//! has reached wait in memory; when both folders follow the same order, that is hardly any.

use std::collections::BTreeMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, Position};

use crate::batch::manifest::Manifest;
use crate::compare::{AgentSlips, Differences, Rubrique, Rubriques, Slip, SlipDifference, State};
use crate::domain::{Siret, Word};
use crate::num::Amount;

use super::Compared;

/// Why a result folder cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ResultError {
    /// The system refused, or the file is not CSV.
    #[error("cannot read `{path}`: {cause}")]
    Refused {
        /// The file.
        path: PathBuf,
        /// What was said.
        cause: String,
    },
    /// A column that every result has is missing.
    #[error("`{path}` has no column `{column}`: it is not a result of `paie run`")]
    Column {
        /// The file.
        path: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// A cell that is not what its column holds.
    #[error("`{path}`, line {line}: `{value}` is not {expected}")]
    Cell {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What was read.
        value: String,
        /// What its column holds.
        expected: &'static str,
    },
}

/// One result folder.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// Its manifest, when it can be read.
    pub manifest: Option<Manifest>,
}

impl Folder {
    /// A folder and its manifest.
    pub fn open(path: &Path) -> Self {
        let text = std::fs::read_to_string(path.join("manifest.json")).ok();
        let manifest = text.and_then(|text| serde_json::from_str(&text).ok());
        Self { path: path.to_owned(), manifest }
    }
}

/// Compares two result folders; `rows` receives the payslips that differ when `detail` asks for
/// them, `top` bounds the short lists.
///
/// Errors: a file is missing, or is not what a run writes.
pub fn compare_results(
    folders: [&Folder; 2],
    (top, detail): (usize, bool),
    rows: &mut dyn FnMut(&Rubriques, Vec<SlipDifference>),
) -> Result<Compared, ResultError> {
    let [before, after] = folders;
    let mut sides = [Reading::open(&before.path)?, Reading::open(&after.path)?];
    let mut rubriques = Rubriques::default();
    let mut differences = Differences::new(top);
    let mut waiting: [BTreeMap<Word, AgentSlips>; 2] = Default::default();
    let mut compare = |old: &AgentSlips, new: &AgentSlips, rubriques: &Rubriques| {
        let found = differences.agent(old, new);
        if detail && !found.is_empty() {
            rows(rubriques, found);
        }
    };
    loop {
        let [first, second] = &mut sides;
        let next = [first.agent(&mut rubriques)?, second.agent(&mut rubriques)?];
        let over = next.iter().all(Option::is_none);
        for (side, slips) in next.into_iter().enumerate() {
            let Some(slips) = slips else { continue };
            let [old, new] = &mut waiting;
            let (own, other) = if side == 0 { (old, new) } else { (new, old) };
            match other.remove(&slips.agent) {
                Some(found) if side == 0 => compare(&slips, &found, &rubriques),
                Some(found) => compare(&found, &slips, &rubriques),
                None => match own.get_mut(&slips.agent) {
                    Some(known) => known.slips.extend(slips.slips),
                    None => {
                        own.insert(Word::clone(&slips.agent), slips);
                    }
                },
            }
        }
        if over {
            break;
        }
    }
    let [old, new] = waiting;
    let none = |agent: &Word| AgentSlips { agent: Word::clone(agent), slips: Vec::new() };
    old.values().for_each(|slips| compare(slips, &none(&slips.agent), &rubriques));
    new.values().for_each(|slips| compare(&none(&slips.agent), slips, &rubriques));
    Ok(Compared { differences, rubriques, noms: BTreeMap::new(), findings: Vec::new() })
}

/// Columns of `bulletins.csv` that are read.
const SLIP: [&str; 7] =
    ["siret", "agent", "contrat", "etat", "brut", "net_a_payer", "cout_employeur"];
/// Columns of `lignes.csv` that are read; those after the eleventh only make the print.
const LINE: [&str; 16] = [
    "siret",
    "agent",
    "contrat",
    "mois",
    "mois_origine",
    "ordre",
    "rubrique",
    "libelle",
    "nature",
    "montant_agent",
    "montant_employeur",
    "motif",
    "nombre",
    "base",
    "taux_agent",
    "taux_employeur",
];

/// A file being read, one row ahead.
struct Rows<const N: usize> {
    path: PathBuf,
    reader: csv::Reader<File>,
    columns: [usize; N],
    row: ByteRecord,
    over: bool,
}

impl<const N: usize> Rows<N> {
    fn open(path: PathBuf, names: [&'static str; N]) -> Result<Self, ResultError> {
        let refused = |cause: String| ResultError::Refused { path: path.clone(), cause };
        let file = File::open(&path).map_err(|cause| refused(cause.to_string()))?;
        let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 18).from_reader(file);
        let headers = reader.byte_headers().map_err(|cause| refused(cause.to_string()))?.clone();
        let mut columns = [0; N];
        for (column, name) in columns.iter_mut().zip(names) {
            let found = headers.iter().position(|header| header == name.as_bytes());
            let missing = || ResultError::Column { path: path.clone(), column: name };
            *column = found.ok_or_else(missing)?;
        }
        let mut rows = Self { path, reader, columns, row: ByteRecord::new(), over: false };
        rows.advance()?;
        Ok(rows)
    }

    fn advance(&mut self) -> Result<(), ResultError> {
        let read = self.reader.read_byte_record(&mut self.row);
        let refused = |cause: csv::Error| ResultError::Refused {
            path: self.path.clone(),
            cause: cause.to_string(),
        };
        self.over = !read.map_err(refused)?;
        Ok(())
    }

    fn cell(&self, column: usize) -> &[u8] {
        let at = self.columns.get(column).copied();
        at.and_then(|at| self.row.get(at)).unwrap_or_default()
    }

    fn text(&self, column: usize) -> String {
        String::from_utf8_lossy(self.cell(column)).into_owned()
    }

    fn wrong(&self, column: usize, expected: &'static str) -> ResultError {
        let line = self.row.position().map_or(0, Position::line);
        ResultError::Cell { path: self.path.clone(), line, value: self.text(column), expected }
    }

    /// An amount in cents; an empty cell is zero.
    fn cents(&self, column: usize) -> Result<i64, ResultError> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return Ok(0);
        }
        let amount = std::str::from_utf8(cell).ok().and_then(|text| Amount::parse(text).ok());
        amount.map(Amount::cents).ok_or_else(|| self.wrong(column, "an amount"))
    }

    /// Whether the row is of this contract.
    fn of(&self, key: [&[u8]; 3]) -> bool {
        !self.over && [0, 1, 2].map(|column| self.cell(column)) == key
    }
}

/// The payslips and the lines of a folder, agent by agent.
struct Reading {
    slips: Rows<7>,
    lines: Rows<16>,
}

impl Reading {
    fn open(folder: &Path) -> Result<Self, ResultError> {
        Ok(Self {
            slips: Rows::open(folder.join("bulletins.csv"), SLIP)?,
            lines: Rows::open(folder.join("lignes.csv"), LINE)?,
        })
    }

    /// The next agent; none at the end.
    fn agent(&mut self, rubriques: &mut Rubriques) -> Result<Option<AgentSlips>, ResultError> {
        if self.slips.over {
            // Lines are read beside the payslips: one left over was not where it belongs.
            let lines = &self.lines;
            return if lines.over {
                Ok(None)
            } else {
                Err(lines.wrong(1, "the agent of a payslip, in the order of bulletins.csv"))
            };
        }
        let agent = self.slips.text(1);
        let mut slips = Vec::new();
        while !self.slips.over && self.slips.cell(1) == agent.as_bytes() {
            slips.push(self.slip(rubriques)?);
            self.slips.advance()?;
        }
        Ok(Some(AgentSlips { agent: agent.as_str().into(), slips }))
    }

    fn slip(&mut self, rubriques: &mut Rubriques) -> Result<Slip, ResultError> {
        let slips = &self.slips;
        let siret = std::str::from_utf8(slips.cell(0)).ok().and_then(Siret::parse);
        let siret = siret.unwrap_or(Siret::NONE);
        let contrat: Word = slips.text(2).as_str().into();
        match slips.cell(3) {
            b"payable" => {}
            b"bloque" => return Ok(Slip::blocked(siret, contrat)),
            _ => return Err(slips.wrong(3, "`payable` or `bloque`")),
        }
        let totals = [slips.cents(4)?, slips.cents(5)?, slips.cents(6)?];
        let (state, amounts) = (State::Payable, Vec::new());
        let mut slip = Slip { siret, contrat, state, totals, amounts, printed: 0 };
        let mut print = DefaultHasher::new();
        while self.lines.of([0, 1, 2].map(|column| self.slips.cell(column))) {
            let lines = &self.lines;
            let code = lines.text(6);
            let place = rubriques.place(&code, || Rubrique {
                code: code.clone(),
                libelle: lines.text(7),
                nature: lines.text(8),
                ordre: lines.text(5).parse().unwrap_or(0),
            });
            slip.add(place, lines.cents(9)?, lines.cents(10)?);
            // A line of the month itself reads the same whatever the month.
            let origin = lines.cell(4);
            (origin == lines.cell(3) || origin.is_empty()).hash(&mut print);
            if origin != lines.cell(3) {
                origin.hash(&mut print);
            }
            (6..LINE.len()).for_each(|column| lines.cell(column).hash(&mut print));
            self.lines.advance()?;
        }
        slip.printed = print.finish();
        Ok(slip)
    }
}
