//! Keys and values of a reference payslip, with the lines they are on.

use super::{cell_text, value_of};
use crate::diag::{Code, nearest};
use crate::domain::{PoolFile, RowRef};
use crate::io::finding::{PoolFinding, listed, quoted};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::{Block, Entry, Value, parse_rule_file};

/// The text being read, and what is wrong with it.
pub(super) struct Reader<'t> {
    text: &'t str,
    sources: SourceMap,
    file: FileId,
    pub(super) findings: Vec<PoolFinding>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut sources = SourceMap::default();
        let file = sources.add(PoolFile::Bulletin.name(), text);
        Self { text, sources, file, findings: Vec::new() }
    }

    /// The entries of the file; what is not TOML is a finding.
    pub(super) fn entries(&mut self) -> Vec<Entry> {
        let mut diagnostics = Vec::new();
        let tree = parse_rule_file(self.file, self.text, &mut diagnostics);
        for diagnostic in diagnostics {
            let line = diagnostic.primary.as_ref().map_or(0, |label| self.line(label.span));
            let remede = diagnostic.helps.first().cloned();
            let remede = remede.unwrap_or_else(|| "correct the TOML of this line".to_owned());
            self.find(line, diagnostic.message, remede);
        }
        tree.entries
    }

    /// The line of a place.
    pub(super) fn line(&self, span: Span) -> u32 {
        u32::try_from(self.sources.position(span).0).unwrap_or(u32::MAX)
    }

    pub(super) fn find(&mut self, line: u32, message: String, remede: impl Into<String>) {
        let at = RowRef { file: PoolFile::Bulletin, line };
        self.findings.push(PoolFinding::new(Code::E724, at, message, remede));
    }

    /// Whether the file is refused.
    pub(super) fn failed(&self) -> bool {
        self.findings.iter().any(PoolFinding::is_error)
    }

    pub(super) fn sorted_findings(mut self) -> Vec<PoolFinding> {
        self.findings.sort_by_key(|finding| (finding.ligne, finding.code));
        self.findings
    }

    /// Refuses the keys that are not in the list.
    pub(super) fn known_keys(&mut self, entries: &[Entry], known: &[&str]) {
        for entry in entries {
            if known.contains(&entry.key.as_str()) {
                continue;
            }
            let message = format!("the key {} is not known here", quoted(&entry.key));
            let all = listed(known.iter().copied());
            let remede = match nearest(&entry.key, known.iter().copied(), 1).first() {
                Some(key) => format!("did you mean `{key}`? one of {all}"),
                None => format!("write one of {all}"),
            };
            self.find(self.line(entry.key_span), message, remede);
        }
    }

    /// The text of a key.
    pub(super) fn text_of(&mut self, entries: &[Entry], key: &str) -> Option<String> {
        let value = value_of(entries, key)?;
        let text = cell_text(&value.block);
        if text.is_none() {
            self.not(value, key, "a text");
        }
        text
    }

    /// The text of a key that must be there.
    pub(super) fn needed_text(&mut self, entries: &[Entry], key: &str) -> Option<String> {
        if value_of(entries, key).is_none() {
            self.missing(key);
        }
        let text = self.text_of(entries, key)?;
        if text.trim().is_empty() {
            self.wrong(entries, key, "empty", "fill it");
            return None;
        }
        Some(text)
    }

    /// The table of a key, with its line.
    pub(super) fn table<'e>(
        &mut self,
        entries: &'e [Entry],
        key: &str,
    ) -> Option<(&'e [Entry], u32)> {
        let value = value_of(entries, key)?;
        if let Block::Table(table) = &value.block {
            return Some((table, self.line(value.span)));
        }
        self.not(value, key, "a table");
        None
    }

    /// The tables of a key written `[[key]]`, with their lines.
    pub(super) fn tables<'e>(
        &mut self,
        entries: &'e [Entry],
        key: &str,
    ) -> Vec<(&'e [Entry], u32)> {
        let Some(value) = value_of(entries, key) else { return Vec::new() };
        let items = match &value.block {
            Block::List(items) => items.as_slice(),
            _ => std::slice::from_ref(value),
        };
        let mut tables = Vec::with_capacity(items.len());
        for item in items {
            match &item.block {
                Block::Table(table) => tables.push((table.as_slice(), self.line(item.span))),
                _ => self.not(item, key, "a table"),
            }
        }
        tables
    }

    /// A value that must be `true` or `false`.
    pub(super) fn boolean(&mut self, key: &str, value: &Value) -> Option<bool> {
        if let Block::Boolean(answer) = value.block {
            return Some(answer);
        }
        self.not(value, key, "`true` or `false`");
        None
    }

    /// Refuses a key that is not there.
    pub(super) fn missing(&mut self, key: &str) {
        self.find(1, format!("the key `{key}` is missing"), format!("add `{key}`"));
    }

    /// Refuses a value of the wrong type.
    pub(super) fn not(&mut self, value: &Value, key: &str, expected: &str) {
        let message = format!("`{key}` is {}, {expected} is expected", value.block.type_name());
        self.find(self.line(value.span), message, format!("write {expected}"));
    }

    /// Refuses the value of a key.
    pub(super) fn wrong(&mut self, entries: &[Entry], key: &str, fact: &str, remede: &str) {
        let value = value_of(entries, key);
        let line = value.map_or(0, |value| self.line(value.span));
        let text = value.and_then(|value| cell_text(&value.block)).unwrap_or_default();
        self.find(line, format!("`{key}` is {}: {fact}", quoted(&text)), remede);
    }
}
