//! A TOML file as a tree of spanned values. What a key means is decided by `rules`.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::calendar::Day;
use crate::diag::{Code, Diagnostic};
use crate::source::{FileId, Span};

/// A TOML file.
#[derive(Clone, Debug)]
pub struct RuleFile {
    /// Where it was read.
    pub file: FileId,
    /// Its top-level entries, in the order of the text.
    pub entries: Vec<Entry>,
}

/// `key = value`, or a table, or one table of an array of tables.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key is.
    pub key_span: Span,
    /// The value.
    pub value: Value,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Value {
    /// The value.
    pub block: Block,
    /// Its place; for a text, quotes included.
    pub span: Span,
}

/// What a value can be. Binary floats are refused: decimals are quoted.
#[derive(Clone, Debug)]
pub enum Block {
    /// A text.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A boolean.
    Boolean(bool),
    /// A date.
    Date(Day),
    /// A list.
    List(Vec<Value>),
    /// A table.
    Table(Vec<Entry>),
    /// A value of a type that rules never use; a finding was reported.
    Hole,
}

impl Block {
    /// How messages call this type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Integer(_) => "an integer",
            Self::Boolean(_) => "a boolean",
            Self::Date(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Hole => "an unusable value",
        }
    }
}

/// Reads a TOML file. Gives what could be read, with every finding.
pub fn parse_rule_file(file: FileId, text: &str, diagnostics: &mut Vec<Diagnostic>) -> RuleFile {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        diagnostics.push(
            Diagnostic::new(Code::L001, first_line(error.message()))
                .at(Span::new(file, span), "not valid TOML here")
                .help("texts are quoted, dates are bare, a table starts with its name in brackets"),
        );
    }
    let mut reader = Reader { file, diagnostics };
    let entries = reader.entries(table.get_ref());
    RuleFile { file, entries }
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or("not valid TOML").to_owned()
}

struct Reader<'a> {
    file: FileId,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn entries(&mut self, table: &DeTable<'_>) -> Vec<Entry> {
        let mut entries: Vec<Entry> = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref().to_string(),
                key_span: Span::new(self.file, key.span()),
                value: self.value(value.get_ref(), value.span()),
            })
            .collect();
        entries.sort_by_key(|entry| entry.key_span.start);
        entries
    }

    fn value(&mut self, value: &DeValue<'_>, range: Range<usize>) -> Value {
        let span = Span::new(self.file, range);
        let block = match value {
            DeValue::String(text) => Block::Text(text.to_string()),
            DeValue::Boolean(value) => Block::Boolean(*value),
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(value) => Block::Integer(value),
                    Err(_) => self.refuse(span, "this integer is too large", "write fewer digits"),
                }
            }
            DeValue::Datetime(date) => match Day::parse(&date.to_string()) {
                Ok(day) => Block::Date(day),
                Err(_) => self.refuse(span, "a date has no time here", "write `2026-01-01`"),
            },
            DeValue::Float(number) => {
                let help = format!("quote it: \"{}\"", number.as_str());
                self.refuse(span, "a number with decimals is not quoted", &help)
            }
            DeValue::Array(items) => Block::List(
                items.iter().map(|item| self.value(item.get_ref(), item.span())).collect(),
            ),
            DeValue::Table(table) => Block::Table(self.entries(table)),
        };
        Value { block, span }
    }

    fn refuse(&mut self, span: Span, message: &str, help: &str) -> Block {
        self.diagnostics.push(Diagnostic::new(Code::L004, message).at(span, "not read").help(help));
        Block::Hole
    }
}
