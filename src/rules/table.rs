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

    /// The first value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        let row = self.exact.get(key).or_else(|| {
            let mut starts = self.prefixes.iter();
            starts.find(|(prefix, _)| key.starts_with(prefix.as_str())).map(|(_, values)| values)
        })?;
        row.first().map(String::as_str)
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

    /// How many rows.
    pub fn len(&self) -> usize {
        self.exact.len() + self.prefixes.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
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
}
