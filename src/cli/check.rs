//! `paie check`: every finding at once, and what the rules rest on.

use std::time::Instant;

use crate::diag::{Code, Diagnostic, Severity, summary};
use crate::rules::{Book, Confiance};

use super::args::{Common, Format};
use super::output::{Outcome, Output};
use super::rulebook;

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
            output.say(&sources(book.book()));
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
fn sources<F>(book: &Book<F>) -> String {
    let mut counts = [0_usize; 3];
    let mut missing = 0_usize;
    let mut count = |confiance: Confiance, textes: usize| {
        let place = match confiance {
            Confiance::Haute => 0,
            Confiance::Moyenne => 1,
            Confiance::Basse => 2,
        };
        if let Some(place) = counts.get_mut(place) {
            *place += 1;
        }
        missing += usize::from(textes == 0);
    };
    for parametre in &book.parametres {
        parametre.valeurs.versions().iter().for_each(|v| count(v.confiance, v.textes.len()));
    }
    for bareme in &book.baremes {
        bareme.tranches.versions().iter().for_each(|v| count(v.confiance, v.textes.len()));
    }
    for table in book.tables.values() {
        table.versions.versions().iter().for_each(|v| count(v.confiance, v.textes.len()));
    }
    for grid in &book.grids.grids {
        grid.versions.versions().iter().for_each(|v| count(v.confiance, v.textes.len()));
    }
    for item in &book.items {
        item.versions.versions().iter().for_each(|v| count(v.confiance, v.textes.len()));
        item.agent.versions().iter().for_each(|v| count(v.confiance, v.textes.len()));
        item.employeur.versions().iter().for_each(|v| count(v.confiance, v.textes.len()));
    }
    let [haute, moyenne, basse] = counts;
    format!(
        "{} dated values: confiance haute {haute}, moyenne {moyenne}, basse {basse}; \
         without a confirmed source: {missing}",
        haute + moyenne + basse
    )
}
