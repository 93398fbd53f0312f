//! `paie explain --origine`: what a closed month was due as last computed, and what it is due now.

use crate::archive::Archive;
use crate::batch::{self, Slip};
use crate::calendar::PayPeriod;
use crate::cli::args::ExplainOptions;
use crate::cli::facts::{Computed, Loaded, stored, unread};
use crate::cli::output::{Outcome, Output};
use crate::cli::rulebook;
use crate::domain::{AgentFacts, Siret, Word};
use crate::dossier::Prepared;
use crate::explain::{self, ExplainTarget};
use crate::preview::{Du, Mois, Rappel, Reglement, items};
use crate::program::Program;

use super::{show, unknown};

/// A closed month as somebody computed it.
struct Side {
    loaded: Option<Loaded>,
    program: Program,
    facts: AgentFacts,
    prepared: Vec<Prepared>,
}

/// Explains the rappel of a closed month, contract by contract.
pub fn told(
    options: &ExplainOptions,
    origine: PayPeriod,
    loaded: &Loaded,
    target: &ExplainTarget,
    output: &Output,
) -> Result<Outcome, Outcome> {
    let (who, mois) = (&options.who, options.who.mois);
    if items(&loaded.program, target).is_empty() {
        return Err(unknown(loaded, options, target, output));
    }
    let computed = loaded.contracts(None, Some(origine), who, output)?;
    let (Some(archive), Some(seen)) = (&loaded.archive, &computed.seen) else {
        let message = format!("{origine} is not a closed month before {mois}");
        return Err(output.failed(&message, "look at the months with `paie archive etat`"));
    };
    let after = Side {
        loaded: None,
        program: rulebook::closed_month(&loaded.rules, origine, loaded.program.known_on, output)?,
        facts: seen.facts.clone(),
        prepared: seen.prepared.clone(),
    };
    let mut found = false;
    for (siret, contrat) in wanted(options, &after, &computed) {
        let contract = (siret, &contrat);
        let before = before(archive, options, (origine, contract), output)?;
        let before = before.as_ref().map(|side| side.due(loaded, siret));
        let slip = computed.slips.iter().find(|slip| slip.prepared.is(siret, &contrat));
        let settled = Reglement {
            mois: loaded.mois(&computed.facts, siret),
            slip,
            recomputed: &computed.recomputed,
            contrat: contract,
            origine,
        };
        let told = settled.rappel(before.as_ref(), &after.due(loaded, siret), target);
        let Some(Rappel { rappel, laisse }) = told else { continue };
        found = true;
        show(output, &rappel, |rappel| {
            let mut text = explain::rappel_text(rappel);
            if let Some(why) = &laisse {
                text.push_str(&format!("\nSur le bulletin, {why}.\n"));
            }
            text
        })?;
    }
    if !found {
        let message = format!("`{}` was due nothing in {origine}, then or now", who.agent);
        return Err(output.failed(&message, "look at its careers"));
    }
    Ok(Outcome::Good)
}

/// The contracts asked for: those of the month of origin, then those that the month pays.
fn wanted(options: &ExplainOptions, after: &Side, computed: &Computed) -> Vec<(Siret, Word)> {
    let who = &options.who;
    let paid = computed.slips.iter().map(|slip| &slip.prepared);
    let careers = computed.facts.carrieres.iter().map(|row| (row.siret, Word::clone(&row.contrat)));
    let all = after.prepared.iter().chain(paid).map(|p| (p.siret, Word::clone(&p.contrat)));
    let mut contracts: Vec<(Siret, Word)> = Vec::new();
    for (siret, contrat) in all.chain(careers) {
        let asked = who.contrat.as_deref().is_none_or(|c| *contrat == *c)
            && who.siret.as_deref().is_none_or(|s| siret.as_str() == s);
        if asked && !contracts.contains(&(siret, Word::clone(&contrat))) {
            contracts.push((siret, contrat));
        }
    }
    contracts
}

/// The month of origin as the last run that computed it did; none: no run paid the contract then.
fn before(
    archive: &Archive,
    options: &ExplainOptions,
    (origine, (siret, contrat)): (PayPeriod, (Siret, &Word)),
    output: &Output,
) -> Result<Option<Side>, Outcome> {
    let who = &options.who;
    let contract = (who.agent.as_str(), siret, contrat);
    let entry = batch::last_run_of(archive, contract, origine, who.mois);
    let Some(entry) = entry.map_err(|error| unread(&error, output))? else { return Ok(None) };
    let loaded = stored(archive, entry, &who.agent, output)?;
    if loaded.program.period == origine {
        let computed = loaded.contracts(None, None, who, output)?;
        // What a month is due is its first pass: no rappel in sight.
        let first = |slip: Slip| slip.passes.into_iter().next().unwrap_or(slip.prepared);
        let prepared = computed.slips.into_iter().map(first).collect();
        let (program, facts) = (loaded.program.clone(), computed.facts);
        return Ok(Some(Side { loaded: Some(loaded), program, facts, prepared }));
    }
    let computed = loaded.contracts(None, Some(origine), who, output)?;
    let Some(seen) = computed.seen else { return Ok(None) };
    let known_on = loaded.program.known_on;
    let program = rulebook::closed_month(&loaded.rules, origine, known_on, output)?;
    let (facts, prepared) = (seen.facts, seen.prepared);
    Ok(Some(Side { loaded: Some(loaded), program, facts, prepared }))
}

impl Side {
    /// The month of origin at an employer; `usual` reads the rules of a side that has none.
    fn due<'a>(&'a self, usual: &'a Loaded, siret: Siret) -> Du<'a> {
        let loaded = self.loaded.as_ref().unwrap_or(usual);
        let mois = Mois { program: &self.program, ..loaded.mois(&self.facts, siret) };
        Du { mois, prepared: &self.prepared }
    }
}
