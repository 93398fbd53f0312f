//! `paie check`: every finding at once, and what the rules rest on.

use std::time::Instant;

use crate::check::CheckedRuleBook;
use crate::coverage::{self, Scope};
use crate::diag::{Code, Diagnostic, Severity, summary};
use crate::rulebook;

use super::args::{Common, Format};
use super::output::{Outcome, Output};

/// Checks the rules.
pub fn run(common: &Common, output: &Output) -> Outcome {
    let start = Instant::now();
    let rules = rulebook::read(&common.regles, true);
    let elapsed = start.elapsed();
    output.findings(&rules.findings, &rules.sources);
    let errors = rules.findings.iter().filter(|f| f.severity() == Severity::Error).count();
    if output.format != Format::Json {
        output.say(&summary(&rules.findings, rules.sources.len()));
        if let Some(book) = &rules.book {
            output.say(&sources(book));
        }
        output.say(&format!("checked in {} ms", elapsed.as_millis()));
    }
    // What a value rests on is counted and listed; it is not something to mend before paying.
    let about_sources = |finding: &&Diagnostic| matches!(finding.code, Code::T602 | Code::T604);
    let sourced = rules.findings.iter().filter(about_sources).count();
    match (errors, rules.findings.len() > sourced) {
        (0, false) => Outcome::Good,
        (0, true) => Outcome::Look,
        _ => Outcome::Failed,
    }
}

/// How many values rest on what.
fn sources(book: &CheckedRuleBook) -> String {
    let values = coverage::values(book, Scope::default());
    let [haute, moyenne, basse] = coverage::counts(&values);
    let missing = values.iter().filter(|value| value.textes.is_empty()).count();
    format!(
        "{} dated values: confiance haute {haute}, moyenne {moyenne}, basse {basse}; \
         without a confirmed source: {missing}",
        values.len()
    )
}
