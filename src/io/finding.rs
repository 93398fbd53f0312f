//! What is wrong in the pool folder, as a row of `anomalies.csv`.

use crate::diag::{Code, Severity};
use crate::domain::{PoolFile, RowRef};

/// A finding about a file, a row or a value of the pool.
///
/// It never shows a name, a NIR or an IBAN: the agent id and the line are enough to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolFinding {
    /// Stable code.
    pub code: Code,
    /// The employer, when the row names one.
    pub siret: Option<String>,
    /// The agent, when the row names one.
    pub agent: Option<String>,
    /// The contract, when the row names one.
    pub contrat: Option<String>,
    /// The file.
    pub fichier: &'static str,
    /// The line, from 1; 0 for a finding about a whole file.
    pub ligne: u32,
    /// What was found and what was expected.
    pub message: String,
    /// The action that mends it.
    pub remede: String,
    /// The name of the control that found it: what a waiver names.
    pub controle: Option<String>,
}

impl PoolFinding {
    /// A finding about one line of a file.
    pub fn new(
        code: Code,
        at: RowRef,
        message: impl Into<String>,
        remede: impl Into<String>,
    ) -> Self {
        Self {
            code,
            siret: None,
            agent: None,
            contrat: None,
            fichier: at.file.name(),
            ligne: at.line,
            message: message.into(),
            remede: remede.into(),
            controle: None,
        }
    }

    /// The same finding, about another line.
    pub fn at(mut self, at: RowRef) -> Self {
        (self.fichier, self.ligne) = (at.file.name(), at.line);
        self
    }

    /// A finding about a whole file.
    pub(super) fn on_file(
        code: Code,
        file: PoolFile,
        message: impl Into<String>,
        remede: impl Into<String>,
    ) -> Self {
        Self::new(code, RowRef { file, line: 0 }, message, remede)
    }

    /// How much it matters.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// Whether it blocks the payment of the agent, or the reading of the pool.
    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }
}

/// A value between backticks, cut to what a message can hold; what cannot be seen is written out.
pub(super) fn quoted(value: &str) -> String {
    const LONGEST: usize = 40;
    let mut shown = String::from("`");
    for letter in value.chars().take(LONGEST) {
        if is_invisible(letter) {
            shown.extend(letter.escape_unicode());
        } else {
            shown.push(letter);
        }
    }
    if value.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown.push('`');
    shown
}

/// A character that a reader cannot tell from a space, or from nothing.
fn is_invisible(letter: char) -> bool {
    let odd_space = letter.is_whitespace() && letter != ' ';
    let no_width = matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{feff}');
    odd_space || no_width || letter.is_control()
}

/// Names between backticks, separated by commas.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The remedy for a word outside its closed list.
pub(super) fn did_you_mean(value: &str, names: &[&'static str]) -> String {
    match crate::diag::nearest(value, names.iter().copied(), 1).first() {
        Some(name) => format!("did you mean `{name}`? one of {}", listed(names.iter().copied())),
        None => format!("write one of {}", listed(names.iter().copied())),
    }
}
