//! `paie explain`: why an amount, and what changed since another day.

use crate::calendar::KnownOn;
use crate::explain::{self, ExplainTarget, Explanation, Faits, Observed};

use super::args::{Common, ExplainOptions, Format};
use super::facts::{Computed, Loaded, load};
use super::output::{Outcome, Output};

/// Explains one line of one agent.
pub fn run(common: &Common, options: &ExplainOptions, output: &Output) -> Outcome {
    match told(common, options, output) {
        Ok(outcome) | Err(outcome) => outcome,
    }
}

fn told(common: &Common, options: &ExplainOptions, output: &Output) -> Result<Outcome, Outcome> {
    let Some(mut target) = ExplainTarget::parse(&options.rubrique) else {
        return Err(output.failed(
            &format!("`{}` is not a line", options.rubrique),
            "write a code, with `.base`, `.agent` or `.employeur` for a contribution",
        ));
    };
    target.profondeur = options.profondeur;
    let loaded = load(common, &options.who, output)?;
    let before = options.contre.map(|day| earlier(common, options, day, output)).transpose()?;
    // A contract that ended, as known now, may have been paid then.
    let paid_then = before.as_ref().is_some_and(|(_, _, contracts)| !contracts.is_empty());
    let computed = if paid_then {
        loaded.contracts(&loaded.facts, &options.who, output)?
    } else {
        loaded.compute(&loaded.facts, &options.who, output)?
    };
    let mut outcome = Outcome::Good;
    if let Some((_, then, contracts)) = &before {
        let known_on = common.connu_le.map_or(KnownOn::Everything, KnownOn::Day);
        for old in contracts.iter().filter(|old| !computed.iter().any(|one| same(old, one))) {
            let told = explained(then, old, &target)?;
            let gone = told.without_contract(known_on);
            show(output, &explain::rappel(told, gone, None, None), explain::rappel_text)?;
        }
    }
    for one in &computed {
        let told = explained(&loaded, one, &target)?;
        if !told.connu {
            return Err(unknown(&loaded, options, &target, output));
        }
        if output.format != Format::Json && computed.len() > 1 {
            let prepared = &one.prepared;
            output.say(&format!("contrat {} chez {}\n", prepared.contrat, prepared.siret));
        }
        match &before {
            None => show(output, &told, explain::text)?,
            Some((known_on, loaded, contracts)) => {
                let old = former(*known_on, (loaded, contracts), one, (&target, &told))?;
                show(output, &explain::rappel(old, told, None, None), explain::rappel_text)?;
            }
        }
        if one.findings.iter().any(crate::io::PoolFinding::is_error) {
            outcome = Outcome::Look;
        }
    }
    Ok(outcome)
}

/// What was known on another day, and the contracts as they were computed then.
type Earlier = (KnownOn, Loaded, Vec<Computed>);

fn earlier(
    common: &Common,
    options: &ExplainOptions,
    day: crate::calendar::Day,
    output: &Output,
) -> Result<Earlier, Outcome> {
    let common = Common { connu_le: Some(day), ..common.clone() };
    let loaded = load(&common, &options.who, output)?;
    let contracts = loaded.contracts(&loaded.facts, &options.who, output)?;
    Ok((KnownOn::Day(day), loaded, contracts))
}

/// The explanation of the same contract as it was known then.
fn former(
    known_on: KnownOn,
    (loaded, contracts): (&Loaded, &[Computed]),
    one: &Computed,
    (target, told): (&ExplainTarget, &Explanation),
) -> Result<Explanation, Outcome> {
    match contracts.iter().find(|other| same(other, one)) {
        Some(other) => explained(loaded, other, target),
        None => Ok(told.without_contract(known_on)),
    }
}

/// Whether two computations are of the same contract.
fn same(other: &Computed, one: &Computed) -> bool {
    let (other, one) = (&other.prepared, &one.prepared);
    (other.siret, &other.contrat) == (one.siret, &one.contrat)
}

fn explained(
    loaded: &Loaded,
    one: &Computed,
    target: &ExplainTarget,
) -> Result<Explanation, Outcome> {
    let Some(book) = &loaded.rules.book else { return Err(Outcome::Failed) };
    let sources = &loaded.rules.sources;
    let employeur = loaded.employeur(one.prepared.siret);
    let faits = Faits { agent: &loaded.facts, employeur };
    let observed = Observed::new(book, sources, &loaded.program, &one.prepared);
    Ok(observed.comparable(faits).explain(target))
}

fn unknown(
    loaded: &Loaded,
    options: &ExplainOptions,
    target: &ExplainTarget,
    output: &Output,
) -> Outcome {
    let Some(book) = &loaded.rules.book else { return Outcome::Failed };
    let names: Vec<&str> = book.book().items.iter().map(|item| item.nom.as_str()).collect();
    let close = crate::diag::nearest(&target.nom, names, 3);
    let message = format!("`{}` is not a rubrique of these rules", options.rubrique);
    let help = if close.is_empty() {
        "list them with `paie show rubrique`".to_owned()
    } else {
        format!("the nearest are `{}`", close.join("`, `"))
    };
    output.failed(&message, &help)
}

fn show<T: serde::Serialize>(
    output: &Output,
    told: &T,
    text: impl Fn(&T) -> String,
) -> Result<(), Outcome> {
    if output.format != Format::Json {
        output.text(&text(told));
        return Ok(());
    }
    match serde_json::to_string_pretty(told) {
        Ok(text) => output.text(&format!("{text}\n")),
        Err(cause) => return Err(output.failed(&cause.to_string(), "report this")),
    }
    Ok(())
}
