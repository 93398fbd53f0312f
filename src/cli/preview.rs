//! `paie preview`: one payslip, nothing stored; `--avec` tries a change.

use crate::batch::Slip;
use crate::bulletin::{self, Bulletin};
use crate::preview::{Change, Contrat, apply, bulletin_of};

use super::args::{Common, Format, PreviewOptions};
use super::facts::{Computed, Loaded, load};
use super::output::{Outcome, Output};

/// Shows the payslip, beside the simulated one when a change is tried.
pub fn run(common: &Common, options: &PreviewOptions, output: &Output) -> Outcome {
    match preview(common, options, output) {
        Ok(outcome) | Err(outcome) => outcome,
    }
}

fn preview(common: &Common, options: &PreviewOptions, output: &Output) -> Result<Outcome, Outcome> {
    let who = &options.who;
    let loaded = load(common, who, output)?;
    let today = loaded.compute(None, who, output)?;
    let before = bulletins(&loaded, &today);
    if let Some(clos) = loaded.clos.as_ref().filter(|_| output.format != Format::Json) {
        output
            .say(&format!("{} est clos : bulletin archivé, calculé le {clos}", who.mois.french()));
    }
    if options.avec.is_empty() {
        for bulletin in &before {
            show(output, bulletin)?;
        }
        let blocked = before.iter().any(|bulletin| !bulletin.payable());
        return Ok(if blocked { Outcome::Look } else { Outcome::Good });
    }
    let mut facts = loaded.facts.clone();
    let (siret, contrat) = (who.siret.as_deref(), who.contrat.as_deref());
    let target = Contrat { rules: &loaded.rules, program: &loaded.program, siret, contrat };
    for change in &options.avec {
        Change::parse(change)
            .and_then(|change| apply(&mut facts, &change, &target))
            .map_err(|error| output.failed(&error.to_string(), &error.remede()))?;
    }
    let tried = loaded.compute(Some(&facts), who, output)?;
    let after = bulletins(&loaded, &tried);
    for (old, new) in before.iter().zip(&after) {
        if output.format == Format::Json {
            let both = serde_json::json!({
                "aujourd_hui": old,
                "simule": new,
                "ecarts": bulletin::diff(old, new),
            });
            output.text(&format!("{both:#}\n"));
        } else {
            output.text(&bulletin::text(new));
            output.text(&bulletin::compare(old, new));
        }
    }
    let blocked = after.iter().any(|bulletin| !bulletin.payable());
    Ok(if blocked { Outcome::Look } else { Outcome::Good })
}

fn bulletins(loaded: &Loaded, computed: &Computed) -> Vec<Bulletin> {
    let each = |one: &Slip| {
        let employeur = loaded.employeur(one.prepared.siret)?;
        Some(bulletin_of(one, &computed.facts, &loaded.program, employeur))
    };
    computed.slips.iter().filter_map(each).collect()
}

fn show(output: &Output, bulletin: &Bulletin) -> Result<(), Outcome> {
    if output.format == Format::Json {
        match bulletin::json(bulletin) {
            Ok(text) => output.text(&format!("{text}\n")),
            Err(cause) => return Err(output.failed(&cause.to_string(), "report this")),
        }
    } else {
        output.text(&bulletin::text(bulletin));
    }
    Ok(())
}
