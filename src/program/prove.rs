//! Compiling every covered month, so that no run ever meets a surprise.

use crate::calendar::KnownOn;
use crate::check::CheckedRuleBook;
use crate::diag::{Code, Diagnostic};

use super::compile::{CompileError, Target, compile};

/// Compiles every covered month and gives the findings, each once: results that are not cents,
/// values too wide.
pub fn prove(book: &CheckedRuleBook) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = Vec::new();
    let mut last_change = None;
    for period in book.months() {
        // A month in which no version starts compiles to the same code as the one before.
        let changes = book.changes_in(period);
        if last_change.is_some() && !changes {
            continue;
        }
        last_change = Some(period);
        let target = Target { period, known_on: KnownOn::Everything, au_dela: false };
        match compile(book, target) {
            Ok(_) => {}
            Err(CompileError::Findings(found)) => {
                for finding in found {
                    if !findings.contains(&finding) {
                        findings.push(finding);
                    }
                }
            }
            Err(CompileError::NotCovered { .. }) => {
                findings.push(Diagnostic::new(Code::D205, format!("{period} is not covered")));
            }
        }
    }
    findings
}
