//! Rows that a run computed again does not give as they were archived.

use std::collections::{BTreeMap, HashMap};

use crate::num::Amount;

/// Differing rows that are kept whole, for each table.
const SHOWN: usize = 5;

/// Columns of `lignes.csv`.
const RUBRIQUE: usize = 6;
const MONTANT_AGENT: usize = 13;
const MONTANT_EMPLOYEUR: usize = 15;

/// What differs between an archived run and the same computed again.
#[derive(Clone, Debug, Default)]
pub struct Differences {
    tables: BTreeMap<&'static str, TableGap>,
    rubriques: BTreeMap<String, RubriqueGap>,
}

/// What differs in a table.
#[derive(Clone, Debug, Default)]
pub struct TableGap {
    /// Archived rows that were not found again.
    pub archived: u64,
    /// Rows that are not in the archive.
    pub computed: u64,
    /// The first rows, archived and computed, with the block of each.
    first: BTreeMap<u64, Vec<[Option<String>; 2]>>,
}

impl TableGap {
    /// The first rows that differ: the archived one, then the computed one.
    pub fn first(&self) -> impl Iterator<Item = &[Option<String>; 2]> {
        self.first.values().flatten().take(SHOWN)
    }
}

/// What differs in the lines of a rubrique.
#[derive(Clone, Copy, Debug, Default)]
pub struct RubriqueGap {
    /// Lines: archived ones that were not found again, or new ones, whichever are more.
    pub lignes: u64,
    archived: u64,
    computed: u64,
    /// Agent side, computed less archived, in cents.
    pub agent: i64,
    /// Employer side, computed less archived, in cents.
    pub employeur: i64,
}

impl Differences {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// The tables that differ, by name.
    pub fn tables(&self) -> impl Iterator<Item = (&'static str, &TableGap)> {
        self.tables.iter().map(|(nom, gap)| (*nom, gap))
    }

    /// The rubriques whose lines differ, by code.
    pub fn rubriques(&self) -> impl Iterator<Item = (&str, RubriqueGap)> {
        self.rubriques.iter().map(|(code, gap)| (code.as_str(), *gap))
    }

    /// Compares the rows of a table in a block. What comes out does not depend on the order in
    /// which blocks are compared.
    pub(super) fn add(
        &mut self,
        block: u64,
        table: &'static str,
        archived: &[u8],
        computed: &[u8],
    ) {
        let (lost, new) = (rows(table, archived), rows(table, computed));
        let [lost, new] = [without(&lost, &new), without(&new, &lost)];
        if lost.is_empty() && new.is_empty() {
            return;
        }
        if table == "lignes.csv" {
            lost.iter().for_each(|row| self.line(row, -1));
            new.iter().for_each(|row| self.line(row, 1));
        }
        let gap = self.tables.entry(table).or_default();
        gap.archived += count(&lost);
        gap.computed += count(&new);
        let text = |row: &&[u8]| String::from_utf8_lossy(row).into_owned();
        let shown = (0..lost.len().max(new.len()).min(SHOWN))
            .map(|at| [lost.get(at).map(text), new.get(at).map(text)]);
        gap.first.insert(block, shown.collect());
        while gap.first.len() > SHOWN {
            gap.first.pop_last();
        }
    }

    fn line(&mut self, row: &[u8], sign: i64) {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(row);
        let mut record = csv::StringRecord::new();
        if !reader.read_record(&mut record).unwrap_or(false) {
            return;
        }
        let cents = |at: usize| {
            let amount = Amount::parse(record.get(at).unwrap_or_default());
            amount.map_or(0, Amount::cents)
        };
        let code = record.get(RUBRIQUE).unwrap_or_default().to_owned();
        let gap = self.rubriques.entry(code).or_default();
        let side = if sign < 0 { &mut gap.archived } else { &mut gap.computed };
        *side += 1;
        gap.lignes = gap.archived.max(gap.computed);
        gap.agent += sign * cents(MONTANT_AGENT);
        gap.employeur += sign * cents(MONTANT_EMPLOYEUR);
    }
}

fn count(rows: &[&[u8]]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}

/// The rows of a table, without those that only hold a digest: an edition has its own.
fn rows<'r>(table: &str, bytes: &'r [u8]) -> Vec<&'r [u8]> {
    let digests: &[&[u8]] = match table {
        "registre.csv" => &[b",entrees,"],
        "suites.csv" => &[b",faits,"],
        _ => &[],
    };
    let money = |row: &&[u8]| !digests.iter().any(|mark| memchr::memmem::find(row, mark).is_some());
    let rows = bytes.split(|byte| *byte == b'\n').filter(|row| !row.is_empty());
    rows.filter(money).collect()
}

/// The rows that are not among others, each counted as often as it comes, in their order.
fn without<'r>(rows: &[&'r [u8]], others: &[&[u8]]) -> Vec<&'r [u8]> {
    let mut counts: HashMap<&[u8], u64> = HashMap::new();
    for other in others {
        *counts.entry(other).or_default() += 1;
    }
    let mut left = Vec::new();
    for row in rows {
        match counts.get_mut(row) {
            Some(count) if *count > 0 => *count -= 1,
            _ => left.push(*row),
        }
    }
    left
}
