//! Lookups by text: zones, barème IB→IM, fractions of part time.

use std::collections::BTreeMap;

use crate::calendar::{Day, KnownOn};
use crate::source::Span;

use super::timeline::{Timeline, Version};

/// A dated lookup table. Several key columns are joined with `|`.
#[derive(Clone, Debug)]
pub struct Table {
    /// Name.
    pub nom: String,
    /// French label.
    pub libelle: String,
    /// Key columns.
    pub cles: Vec<String>,
    /// Value columns.
    pub valeurs: Vec<String>,
    /// Where it is defined.
    pub span: Span,
    /// Contents.
    pub versions: Timeline<TableVersion>,
}

/// The rows of one version.
#[derive(Clone, Debug, Default)]
pub struct TableVersion {
    exact: BTreeMap<String, Vec<String>>,
    prefixes: Vec<(String, Vec<String>)>,
}

impl TableVersion {
    /// Adds a row; false when the key is already there. A key ending in `*` matches every key
    /// with that start; the longest start wins, and an exact key wins over all.
    pub fn insert(&mut self, key: &str, values: Vec<String>) -> bool {
        if let Some(start) = key.strip_suffix('*') {
            let start = start.trim_end_matches('*').to_owned();
            let known = self.prefixes.iter().any(|(prefix, _)| *prefix == start);
            self.prefixes.push((start, values));
            self.prefixes.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
            return !known;
        }
        self.exact.insert(key.to_owned(), values).is_none()
    }

    /// The values of a key.
    fn row(&self, key: &str) -> Option<&[String]> {
        let row = self.exact.get(key).or_else(|| {
            let mut starts = self.prefixes.iter();
            starts.find(|(prefix, _)| key.starts_with(prefix.as_str())).map(|(_, values)| values)
        });
        row.map(Vec::as_slice)
    }

    /// The first value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.row(key)?.first().map(String::as_str)
    }

    /// Rows whose key starts with `start` followed by more, in the order of their keys.
    fn starting<'a>(&'a self, start: &str) -> impl Iterator<Item = (&'a str, &'a [String])> {
        let rows = self.exact.range(start.to_owned()..);
        let rows = rows.map_while(move |(key, cells)| Some((key.strip_prefix(start)?, cells)));
        rows.map(|(rest, cells)| (rest, cells.as_slice()))
    }

    /// The numbers nearest to a key, below then above, each with its first value.
    pub fn nearest_numbers(&self, key: i64) -> [Option<(i64, &str)>; 2] {
        let rows = || {
            self.exact.iter().filter_map(|(key, values)| {
                Some((key.parse::<i64>().ok()?, values.first()?.as_str()))
            })
        };
        let below = rows().filter(|(number, _)| *number < key).max();
        let above = rows().filter(|(number, _)| key < *number).min();
        [below, above]
    }

    /// The keys that start with a text, sorted.
    pub fn keys_from<'a>(&'a self, start: &'a str) -> impl Iterator<Item = &'a str> {
        self.exact.keys().map(String::as_str).filter(move |key| key.starts_with(start))
    }

    /// Every row: its key, then its values; keys that match a start end in `*`.
    pub fn entries(&self) -> impl Iterator<Item = (String, &[String])> {
        let exact = self.exact.iter().map(|(key, cells)| (key.clone(), cells.as_slice()));
        let starts = self.prefixes.iter();
        exact.chain(starts.map(|(start, cells)| (format!("{start}*"), cells.as_slice())))
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.exact.len() + self.prefixes.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The values of one row.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    columns: &'a [String],
    cells: &'a [String],
}

impl<'a> Row<'a> {
    /// The value of a column, empty when the table has no such column.
    pub fn get(&self, column: &str) -> &'a str {
        let at = self.columns.iter().position(|name| name == column);
        at.and_then(|at| self.cells.get(at)).map_or("", String::as_str)
    }
}

impl Table {
    /// The value of a key on a day, with the version that gives it.
    pub fn lookup(
        &self,
        key: &str,
        day: Day,
        known_on: KnownOn,
    ) -> Option<(&str, &Version<TableVersion>)> {
        let version = self.versions.in_force(day, known_on)?;
        Some((version.value.get(key)?, version))
    }

    /// The row of a key on a day, its values by the names of their columns.
    pub fn row(&self, key: &str, day: Day, known_on: KnownOn) -> Option<Row<'_>> {
        let version = self.versions.in_force(day, known_on)?;
        Some(Row { columns: &self.valeurs, cells: version.value.row(key)? })
    }

    /// The rows in force on a day whose key starts with `start`, each with the rest of its key.
    pub fn rows<'a>(
        &'a self,
        start: &str,
        day: Day,
        known_on: KnownOn,
    ) -> impl Iterator<Item = (&'a str, Row<'a>)> {
        let version = self.versions.in_force(day, known_on).into_iter();
        let rows = version.flat_map(move |version| version.value.starting(start));
        rows.map(|(rest, cells)| (rest, Row { columns: &self.valeurs, cells }))
    }
}
