//! Words for people and programs.

use std::io::{IsTerminal, Write};

use crate::diag::{Diagnostic, Severity};
use crate::source::SourceMap;

use super::args::{Common, Format};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All good.
    Good,
    /// Done, something to look at.
    Look,
    /// Could not be done.
    Failed,
}

/// Where words go.
pub struct Output {
    /// Form asked for.
    pub format: Format,
    /// Only what is wrong.
    pub quiet: bool,
    /// Whether standard error is a terminal.
    pub terminal: bool,
}

impl Output {
    /// The output that the arguments ask for.
    pub fn new(common: &Common) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self { format: common.format, quiet: common.quiet, terminal }
    }

    /// Prints a result on standard output. A closed pipe is not an error.
    pub fn text(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// Prints a word for people, unless quiet.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            self.text(&format!("{text}\n"));
        }
    }

    /// Prints what is wrong, on standard error.
    pub fn warn(&self, text: &str) {
        let mut out = std::io::stderr().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// A command that could not be done: what, and what to do.
    pub fn failed(&self, message: &str, help: &str) -> Outcome {
        self.warn(&format!("error: {message}\n  = help: {help}\n"));
        Outcome::Failed
    }

    /// Prints findings about rules on standard error, or as JSON on standard output.
    pub fn findings(&self, findings: &[Diagnostic], sources: &SourceMap) {
        use crate::diag::{Format as Form, render};
        if self.format == Format::Json {
            self.text(&render(findings, sources, Form::Json, false));
        } else {
            // Warnings are many and alike: a line each. Errors come last, with their excerpts.
            let colour = std::io::stderr().is_terminal();
            let of = |severity| {
                let wanted = |finding: &&Diagnostic| finding.severity() == severity;
                findings.iter().filter(wanted).cloned().collect::<Vec<_>>()
            };
            let (warnings, errors) = (of(Severity::Warning), of(Severity::Error));
            self.warn(&render(&warnings, sources, Form::Short, colour));
            self.warn(&render(&errors, sources, Form::Full, colour));
        }
    }
}
