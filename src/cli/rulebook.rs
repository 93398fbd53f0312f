//! Rules for a command: what cannot be checked or compiled is printed.

use std::path::Path;

use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::program::{CompileError, Program, Target};
use crate::rulebook::{Rules, read_over};

use super::args::Common;
use super::output::{Outcome, Output};

/// The book and the compiled month, or the findings printed and the outcome.
pub fn compiled(
    common: &Common,
    period: PayPeriod,
    output: &Output,
) -> Result<(Rules, Program), Outcome> {
    let rules = checked(common, output)?;
    let program = month(&rules, common, period, common.connu_le, output)?;
    Ok((rules, program))
}

/// The checked rules, or the findings printed and the outcome.
pub fn checked(common: &Common, output: &Output) -> Result<Rules, Outcome> {
    checked_over(common, None, output)
}

/// Same, with a draft on top.
pub fn checked_over(
    common: &Common,
    draft: Option<&Path>,
    output: &Output,
) -> Result<Rules, Outcome> {
    let rules = read_over(&common.regles, draft, false);
    if rules.book.is_some() {
        return Ok(rules);
    }
    let errors = rules.errors();
    output.findings(&errors, &rules.sources);
    Err(output.failed("the rules do not check: nothing is computed", "run `paie check`"))
}

/// Compiles one month of checked rules.
pub fn month(
    rules: &Rules,
    common: &Common,
    period: PayPeriod,
    connu_le: Option<Day>,
    output: &Output,
) -> Result<Program, Outcome> {
    let known_on = connu_le.map_or(KnownOn::Everything, KnownOn::Day);
    let target = Target { period, known_on, au_dela: common.au_dela };
    rules.month(target).map_err(|error| not_compiled(error, rules, output))
}

/// Why a month of checked rules cannot be compiled.
pub fn not_compiled(error: CompileError, rules: &Rules, output: &Output) -> Outcome {
    match error {
        CompileError::NotCovered { period, premier, dernier } => {
            let message =
                format!("{period} is not covered: the rules go from {premier} to {dernier}");
            let help = if period > dernier {
                "add the rules of that month; `--au-dela` computes it with the last ones"
            } else {
                "add the rules of that month"
            };
            output.failed(&message, help)
        }
        CompileError::Findings(findings) => {
            output.findings(&findings, &rules.sources);
            output.failed("the month cannot be computed with what was known", "see above")
        }
    }
}

/// Compiles a month that a run of the archive computed, with the rules of that run.
pub fn closed_month(
    rules: &Rules,
    period: PayPeriod,
    known_on: KnownOn,
    output: &Output,
) -> Result<Program, Outcome> {
    let target = Target { period, known_on, au_dela: true };
    rules.month(target).map_err(|_| {
        let help =
            "this program does not read its rules any more: use the edition that computed it";
        output.failed(&format!("{period} cannot be compiled with the rules in force then"), help)
    })
}
