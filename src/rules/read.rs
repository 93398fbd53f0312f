//! Reading the blocks of a rule file: typed keys, every surprise a finding.

use crate::calendar::Day;
use crate::diag::{Code, Diagnostic, nearest};
use crate::num::Fixed;
use crate::source::{FileId, Span};
use crate::syntax::{Block, Entry, Unit, Value};

use super::book::Confiance;
use super::timeline::{Publication, TexteRef, Version};

/// A table being read: remembers which keys were asked for.
pub struct Keys<'a> {
    /// The file that holds the table.
    pub file: FileId,
    /// The table as a whole.
    pub span: Span,
    entries: &'a [Entry],
    asked: Vec<&'static str>,
}

impl<'a> Keys<'a> {
    /// Starts reading a table.
    pub fn new(file: FileId, span: Span, entries: &'a [Entry]) -> Self {
        Self { file, span, entries, asked: Vec::new() }
    }

    /// The value of a key, if written.
    pub fn value(&mut self, key: &'static str) -> Option<&'a Value> {
        self.asked.push(key);
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// Reports a needed key that is not written.
    pub fn missing(&self, key: &str, out: &mut Vec<Diagnostic>) {
        out.push(
            Diagnostic::new(Code::L003, format!("the key `{key}` is missing"))
                .at(self.span, "in this block")
                .help(format!("add `{key} = …`; see rules/README.md")),
        );
    }

    /// A text, if written.
    pub fn text(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Option<(String, Span)> {
        let value = self.value(key)?;
        match &value.block {
            Block::Text(text) => Some((text.clone(), value.span)),
            Block::Hole => None,
            other => {
                wrong(key, "a quoted text", other, value.span, out);
                None
            }
        }
    }

    /// A needed text.
    pub fn needed(
        &mut self,
        key: &'static str,
        out: &mut Vec<Diagnostic>,
    ) -> Option<(String, Span)> {
        if self.value(key).is_none() {
            self.missing(key, out);
            return None;
        }
        self.text(key, out)
    }

    /// A date, if written.
    pub fn day(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Option<(Day, Span)> {
        let value = self.value(key)?;
        match &value.block {
            Block::Date(day) => Some((*day, value.span)),
            Block::Hole => None,
            other => {
                wrong(key, "a date", other, value.span, out);
                None
            }
        }
    }

    /// An integer, if written.
    pub fn integer(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Option<i64> {
        let value = self.value(key)?;
        match &value.block {
            Block::Integer(number) => Some(*number),
            Block::Hole => None,
            other => {
                wrong(key, "an integer", other, value.span, out);
                None
            }
        }
    }

    /// A boolean, false when not written.
    pub fn flag(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> bool {
        match self.value(key).map(|value| (&value.block, value.span)) {
            Some((Block::Boolean(flag), _)) => *flag,
            Some((Block::Hole, _)) | None => false,
            Some((other, span)) => {
                wrong(key, "`true` or `false`", other, span, out);
                false
            }
        }
    }

    /// A list, empty when not written.
    pub fn list(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> &'a [Value] {
        match self.value(key).map(|value| (&value.block, value.span)) {
            Some((Block::List(items), _)) => items,
            Some((Block::Hole, _)) | None => &[],
            Some((other, span)) => {
                wrong(key, "a list", other, span, out);
                &[]
            }
        }
    }

    /// A list of texts, empty when not written.
    pub fn texts(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Vec<(String, Span)> {
        let mut texts = Vec::new();
        for item in self.list(key, out) {
            match &item.block {
                Block::Text(text) => texts.push((text.clone(), item.span)),
                Block::Hole => {}
                other => wrong(key, "a list of texts", other, item.span, out),
            }
        }
        texts
    }

    /// The tables of a list of tables, empty when not written.
    pub fn tables(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Vec<Keys<'a>> {
        let mut tables = Vec::new();
        for item in self.list(key, out) {
            match &item.block {
                Block::Table(entries) => tables.push(Keys::new(self.file, item.span, entries)),
                Block::Hole => {}
                other => wrong(key, "a list of tables", other, item.span, out),
            }
        }
        tables
    }

    /// A table, if written.
    pub fn table(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Option<Keys<'a>> {
        let value = self.value(key)?;
        match &value.block {
            Block::Table(entries) => Some(Keys::new(self.file, value.span, entries)),
            Block::Hole => None,
            other => {
                wrong(key, "a table", other, value.span, out);
                None
            }
        }
    }

    /// A word of a closed list.
    pub fn word<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&str, T)],
        out: &mut Vec<Diagnostic>,
    ) -> Option<T> {
        let (text, span) = self.text(key, out)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|&(_, value)| value);
        if found.is_none() {
            let names: Vec<&str> = words.iter().map(|&(word, _)| word).collect();
            let finding =
                Diagnostic::new(Code::L005, format!("`{text}` is not a value of `{key}`"));
            out.push(finding.at(span, "not in the list").help(one_of(&text, &names)));
        }
        found
    }

    /// A decimal in quotes, if written.
    pub fn decimal(
        &mut self,
        key: &'static str,
        out: &mut Vec<Diagnostic>,
    ) -> Option<(Fixed, Span)> {
        let (text, span) = self.text(key, out)?;
        match Fixed::parse(&text) {
            Ok(value) => Some((value, span)),
            Err(error) => {
                out.push(
                    Diagnostic::new(Code::L004, format!("`{text}` is not a decimal: {error}"))
                        .at(span, "not a decimal")
                        .help("write digits and a point, for example \"0.3465\""),
                );
                None
            }
        }
    }

    /// A unit, pure number when not written.
    pub fn unit(&mut self, key: &'static str, out: &mut Vec<Diagnostic>) -> Unit {
        let Some((text, span)) = self.text(key, out) else { return Unit::NONE };
        Unit::parse(&text).unwrap_or_else(|| {
            out.push(
                Diagnostic::new(Code::U305, format!("the unit `{text}` is not known"))
                    .at(span, "not a unit")
                    .help("combine `€`, `pt`, `an`, `mois`, `j`, `h`, `agent`, `enfant` with `/`"),
            );
            Unit::NONE
        })
    }

    /// Reports the keys that nobody asked for.
    pub fn finish(self, out: &mut Vec<Diagnostic>) {
        for entry in self.entries {
            if !self.asked.iter().any(|key| *key == entry.key) {
                let mut finding =
                    Diagnostic::new(Code::L002, format!("`{}` is not known here", entry.key))
                        .at(entry.key_span, "unknown key");
                let close = nearest(&entry.key, self.asked.iter().copied(), 1);
                finding = match close.first() {
                    Some(key) => finding.help(format!("write `{key}`")),
                    None => finding.help("remove it, or see rules/README.md"),
                };
                out.push(finding);
            }
        }
    }
}

/// Proposes the nearest word, or lists them all.
pub fn one_of(found: &str, words: &[&str]) -> String {
    match nearest(found, words.iter().copied(), 1).first() {
        Some(word) => format!("write `{word}`"),
        None => format!("write one of `{}`", words.join("`, `")),
    }
}

fn wrong(key: &str, expected: &str, found: &Block, span: Span, out: &mut Vec<Diagnostic>) {
    let found = found.type_name();
    let help = match expected {
        "a date" => format!("write it without quotes: `{key} = 2024-01-01`"),
        "a quoted text" => format!("write it between quotes: `{key} = \"…\"`"),
        _ => format!("write {expected}"),
    };
    out.push(
        Diagnostic::new(Code::L004, format!("`{key}` is {found} where {expected} is expected"))
            .at(span, found)
            .help(help),
    );
}

/// Reads the dates and sources of a version; `None` when `depuis` cannot be read.
pub fn version(keys: &mut Keys<'_>, nom: &str, out: &mut Vec<Diagnostic>) -> Option<Version<()>> {
    let span = keys.span;
    let depuis = keys.day("depuis", out);
    if depuis.is_none() && keys.value("depuis").is_none() {
        keys.missing("depuis", out);
    }
    let fin = keys.day("fin", out);
    let publie = publication(keys, out);
    let publie_span = keys.value("publie").map_or(span, |value| value.span);
    let textes = citations(keys, nom, depuis.map(|(day, _)| day), out);
    let confiance = keys.word(
        "confiance",
        &[
            ("haute", Confiance::Haute),
            ("moyenne", Confiance::Moyenne),
            ("basse", Confiance::Basse),
        ],
        out,
    );
    let source = keys.text("source", out).map_or_else(String::new, |(text, _)| text);
    let note = keys.text("note", out).map_or_else(String::new, |(text, _)| text);
    let (depuis, depuis_span) = depuis?;
    if let Some((fin, fin_span)) = fin
        && fin < depuis
    {
        out.push(
            Diagnostic::new(Code::D202, format!("a version of `{nom}` ends before it starts"))
                .at(fin_span, format!("ends on {fin}"))
                .and(depuis_span, format!("starts on {depuis}"))
                .help("`fin` is the last day on which the version applies"),
        );
    }
    Some(Version {
        depuis,
        fin: fin.map(|(day, _)| day),
        publie: publie?,
        publie_span,
        textes,
        confiance: confiance.unwrap_or_default(),
        source,
        note,
        span,
        value: (),
    })
}

/// Reads `publie`: a date or `"inconnue"`.
pub fn publication(keys: &mut Keys<'_>, out: &mut Vec<Diagnostic>) -> Option<Publication> {
    let Some(value) = keys.value("publie") else {
        keys.missing("publie", out);
        return None;
    };
    match &value.block {
        Block::Date(day) => Some(Publication::Le(*day)),
        Block::Text(text) if text == "inconnue" => Some(Publication::Inconnue),
        Block::Hole => None,
        other => {
            wrong("publie", "a date or \"inconnue\"", other, value.span, out);
            None
        }
    }
}

fn citations(
    keys: &mut Keys<'_>,
    nom: &str,
    depuis: Option<Day>,
    out: &mut Vec<Diagnostic>,
) -> Vec<TexteRef> {
    let texts = keys.texts("textes", out);
    if texts.is_empty() {
        keys.missing("textes", out);
        return Vec::new();
    }
    if let Some((_, place)) = texts.iter().find(|(text, _)| text == "manquant") {
        let since = depuis.map_or_else(String::new, |day| format!(" depuis {day}"));
        out.push(
            Diagnostic::new(Code::T602, format!("`{nom}`{since} has no source"))
                .at(*place, "declared missing")
                .help("find the text, register it in rules/textes, and cite it"),
        );
        return Vec::new();
    }
    texts
        .into_iter()
        .map(|(text, span)| {
            let (key, article) = text.split_once('/').unwrap_or((text.as_str(), ""));
            TexteRef { key: key.to_owned(), article: article.to_owned(), span }
        })
        .collect()
}
