//! `paie explain --origine`: what a closed month was due as last computed, and what it is due now.

use crate::archive::Archive;
use crate::batch::{self, Slip};
use crate::calendar::{KnownOn, PayPeriod};
use crate::cli::args::ExplainOptions;
use crate::cli::facts::{Computed, Loaded, stored, unread};
use crate::cli::output::{Outcome, Output};
use crate::cli::rulebook;
use crate::domain::{AgentFacts, Siret, Word};
use crate::dossier::Prepared;
use crate::explain::{self, ExplainTarget, Explanation, ModeRappel};
use crate::preview::{Mois, items};
use crate::program::Program;
use crate::rappel::{Etat, Limite, mode};
use crate::rules::RappelMode;

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
        let now = after.explained(loaded, contract, target)?;
        let then = match &before {
            Some(side) => {
                side.explained(side.loaded.as_ref().unwrap_or(loaded), contract, target)?
            }
            None => None,
        };
        let known = |side: &Side| side.program.known_on;
        let (then, now) = match (then, now) {
            (None, None) => continue,
            (Some(then), None) => {
                let now = then.without_contract(known(&after));
                (then, now)
            }
            (None, Some(now)) => {
                let day = before.as_ref().map_or(KnownOn::Everything, known);
                (now.without_contract(day), now)
            }
            (Some(then), Some(now)) => (then, now),
        };
        found = true;
        let slip = computed.slips.iter().find(|slip| is(&slip.prepared, contract));
        let mode = slip.and_then(|slip| landing(loaded, &computed, slip, target, origine));
        let rappel = explain::rappel(then, now, mode, Some(mois));
        show(output, &rappel, |rappel| {
            let mut text = explain::rappel_text(rappel);
            text.push_str(&left_alone(&computed, contract, origine));
            text
        })?;
    }
    if !found {
        let message = format!("`{}` was due nothing in {origine}, then or now", who.agent);
        return Err(output.failed(&message, "look at its careers"));
    }
    Ok(Outcome::Good)
}

fn is(prepared: &Prepared, (siret, contrat): (Siret, &Word)) -> bool {
    prepared.siret == siret && prepared.contrat == *contrat
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
    /// The line of a contract; none when it has no day in the month.
    fn explained(
        &self,
        loaded: &Loaded,
        contract: (Siret, &Word),
        target: &ExplainTarget,
    ) -> Result<Option<Explanation>, Outcome> {
        let found = self.prepared.iter().find(|prepared| is(prepared, contract));
        let Some(prepared) = found.filter(|prepared| !prepared.segments.is_empty()) else {
            return Ok(None);
        };
        let mois = Mois { program: &self.program, ..loaded.mois(&self.facts, contract.0) };
        mois.explain_pass(prepared, target).map(Some).ok_or(Outcome::Failed)
    }
}

/// How the line takes the rappel: what the rules say, unless the payslip shows a line apart.
fn landing(
    loaded: &Loaded,
    computed: &Computed,
    slip: &Slip,
    target: &ExplainTarget,
    origine: PayPeriod,
) -> Option<ModeRappel> {
    let places = items(&loaded.program, target);
    let mut lines = slip.payslip.lines.iter();
    if lines.any(|line| places.contains(&line.item) && line.origine == Some(origine)) {
        return Some(ModeRappel::Origine);
    }
    let row = slip.prepared.segments.first().and_then(|s| computed.facts.carrieres.get(s.row));
    let statut = row.map_or("", |row| row.statut.name());
    let info = loaded.program.items.get(*places.first()?)?;
    Some(match mode(info, statut) {
        RappelMode::Origine => ModeRappel::Origine,
        RappelMode::Annee => ModeRappel::Annee,
        RappelMode::Paiement => ModeRappel::Paiement,
    })
}

/// Why the difference is not on the payslip, when it is not.
fn left_alone(computed: &Computed, contract: (Siret, &Word), origine: PayPeriod) -> String {
    let mine = computed.recomputed.iter();
    let mut mine = mine.filter(|one| one.siret == contract.0 && one.contrat == *contract.1);
    let why = match mine.find(|one| one.mois == origine).map(|one| &one.etat) {
        Some(Etat::HorsLimite(Limite::Rappel(years))) => {
            format!("rien n'est payé : prescription de {years} ans")
        }
        Some(Etat::HorsLimite(Limite::TropPercu(months))) => {
            format!("rien n'est repris : prescription de {months} mois")
        }
        Some(Etat::HorsLimite(Limite::Reprise)) => {
            "rien n'est payé : le contrat a été payé ailleurs jusque-là".to_owned()
        }
        Some(Etat::Impossible(_)) => {
            "rien n'est payé : le mois ne peut pas être calculé de nouveau".to_owned()
        }
        _ => return String::new(),
    };
    format!("\nSur le bulletin, {why}.\n")
}
