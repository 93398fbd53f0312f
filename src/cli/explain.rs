//! `paie explain`: why an amount, and what changed since another day or since a month was paid.

mod origine;

use crate::batch::Slip;
use crate::bulletin::Cents;
use crate::calendar::KnownOn;
use crate::domain::AgentFacts;
use crate::explain::{self, ExplainTarget, Explanation};
use crate::io::PoolFinding;
use crate::num::Amount;
use crate::preview::Explained;

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
    if let Some(origine) = options.origine {
        return origine::told(options, origine, &loaded, &target, output);
    }
    let before = options.contre.map(|day| earlier(common, options, day, output)).transpose()?;
    // A contract that ended, as known now, may have been paid then.
    let paid_then = before.as_ref().is_some_and(|(_, _, then)| !then.slips.is_empty());
    let computed = if paid_then {
        loaded.contracts(None, None, &options.who, output)?
    } else {
        loaded.compute(None, &options.who, output)?
    };
    let mut outcome = Outcome::Good;
    if let Some((_, then, contracts)) = &before {
        let known_on = common.connu_le.map_or(KnownOn::Everything, KnownOn::Day);
        let gone = |old: &&Slip| !computed.slips.iter().any(|one| same(old, one));
        for old in contracts.slips.iter().filter(gone) {
            let told = explained(then, &contracts.facts, old, &target)?.explication;
            let gone = told.without_contract(known_on);
            show(output, &explain::rappel(told, gone, None, None), explain::rappel_text)?;
        }
    }
    for one in &computed.slips {
        let told = explained(&loaded, &computed.facts, one, &target)?;
        if !told.explication.connu {
            return Err(unknown(&loaded, options, &target, output));
        }
        if output.format != Format::Json && computed.slips.len() > 1 {
            let prepared = &one.prepared;
            output.say(&format!("contrat {} chez {}\n", prepared.contrat, prepared.siret));
        }
        match &before {
            None => show(output, &told, with_rappels)?,
            Some((known_on, loaded, contracts)) => {
                let told = told.explication;
                let old = former(*known_on, (loaded, contracts), one, (&target, &told))?;
                show(output, &explain::rappel(old, told, None, None), explain::rappel_text)?;
            }
        }
        if one.findings.iter().any(PoolFinding::is_error) {
            outcome = Outcome::Look;
        }
    }
    Ok(outcome)
}

fn with_rappels(told: &Explained) -> String {
    let mut text = explain::text(&told.explication);
    if told.rappels.is_empty() {
        return text;
    }
    text.push_str("\nRappels de mois clos, sur le même bulletin\n");
    for one in &told.rappels {
        let mut parts = Vec::new();
        let names = if one.sided { ["part agent ", "part employeur "] } else { ["", ""] };
        let amounts = [one.montant_agent, one.montant_employeur];
        for (name, amount) in names.into_iter().zip(amounts) {
            parts
                .extend(amount.map(|Cents(c)| format!("{name}{}", Amount::from_cents(c).french())));
        }
        let (code, month) = (&one.rubrique, &one.periode);
        text.push_str(&format!("  {code}, {month} : {}", parts.join(", ")));
        text.push_str(&format!("   (pourquoi : --origine {})\n", one.mois_origine));
    }
    text
}

/// What was known on another day, and the contracts as they were computed then.
type Earlier = (KnownOn, Loaded, Computed);

fn earlier(
    common: &Common,
    options: &ExplainOptions,
    day: crate::calendar::Day,
    output: &Output,
) -> Result<Earlier, Outcome> {
    let common = Common { connu_le: Some(day), ..common.clone() };
    let loaded = load(&common, &options.who, output)?;
    let contracts = loaded.contracts(None, None, &options.who, output)?;
    Ok((KnownOn::Day(day), loaded, contracts))
}

/// The explanation of the same contract as it was known then.
fn former(
    known_on: KnownOn,
    (loaded, contracts): (&Loaded, &Computed),
    one: &Slip,
    (target, told): (&ExplainTarget, &Explanation),
) -> Result<Explanation, Outcome> {
    match contracts.slips.iter().find(|other| same(other, one)) {
        Some(other) => Ok(explained(loaded, &contracts.facts, other, target)?.explication),
        None => Ok(told.without_contract(known_on)),
    }
}

/// Whether two computations are of the same contract.
fn same(other: &Slip, one: &Slip) -> bool {
    let (other, one) = (&other.prepared, &one.prepared);
    (other.siret, &other.contrat) == (one.siret, &one.contrat)
}

/// A line of a payslip, with what it carries for closed months.
fn explained(
    loaded: &Loaded,
    facts: &AgentFacts,
    one: &Slip,
    target: &ExplainTarget,
) -> Result<Explained, Outcome> {
    loaded.mois(facts, one.prepared.siret).explain(one, target).ok_or(Outcome::Failed)
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
