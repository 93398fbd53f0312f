//! `paie archive deroger`: somebody decides that a payslip is paid although a control blocks it.

use std::collections::BTreeSet;

use crate::archive::Event;
use crate::batch::KeptMonth;

use super::super::args::{Format, WaiverOptions};
use super::super::output::{Outcome, Output};
use super::{failed, locked, signature, unreadable};

/// Keeps a waiver of a finding that the run of the month has.
pub fn run(waiver: &WaiverOptions, output: &Output) -> Result<Outcome, Outcome> {
    let mut writer = locked(&waiver.archive, output)?;
    let employer = std::slice::from_ref(&waiver.siret);
    // A closed month is said before what its run found.
    writer.archive().allows(waiver.mois, employer).map_err(|error| failed(&error, output))?;
    if writer.archive().calcul(waiver.mois, &waiver.siret).is_none() {
        let message = format!("the archive has no run of {} for {}", waiver.mois, waiver.siret);
        let help = "compute the month first (`paie run --archive`): a waiver answers a finding";
        return Err(output.failed(&message, help));
    }
    let month = KeptMonth::open(writer.archive(), waiver.mois);
    finding(waiver, &month.map_err(|error| failed(&error, output))?, output)?;
    let event = Event::Derogation {
        mois: waiver.mois.to_string(),
        siret: waiver.siret.clone(),
        agent: waiver.agent.clone(),
        contrat: waiver.contrat.clone(),
        controle: waiver.controle.clone(),
        motif: waiver.motif.clone(),
    };
    let entry = writer.append(event, &signature(Some(&waiver.par)));
    let entry = entry.map_err(|error| failed(&error, output))?;
    if output.format == Format::Json {
        let told = serde_json::to_string_pretty(&entry).unwrap_or_default();
        output.text(&format!("{told}\n"));
    } else {
        output.say(&format!(
            "waiver kept (entry {}): run {} again (`paie run --archive`); the payslip is then paid \
             and the finding listed as W923",
            entry.numero, waiver.mois
        ));
    }
    Ok(Outcome::Good)
}

/// The run has the finding, and nobody waived it yet.
fn finding(waiver: &WaiverOptions, month: &KeptMonth, output: &Output) -> Result<(), Outcome> {
    let (mut blocks, mut waived) = (false, false);
    let mut others: BTreeSet<String> = BTreeSet::new();
    let mut unnamed = false;
    let columns = ["gravite", "code", "siret", "agent", "contrat", "controle"];
    let read = month.rows("anomalies.csv", columns, |row| {
        let [gravite, code, siret, agent, contrat, controle] = row;
        // What stops the whole agent names no contract.
        let who = siret == waiver.siret && contrat == waiver.contrat || contrat.is_empty();
        if agent != waiver.agent || !who {
            return;
        }
        let named = controle == waiver.controle || code == waiver.controle && code != "W921";
        match gravite {
            "bloquant" if controle.is_empty() => unnamed = true,
            "bloquant" if named => blocks = true,
            "bloquant" => {
                others.insert(controle.to_owned());
            }
            _ => waived |= code == "W923" && named,
        }
    });
    read.map_err(|error| unreadable(&error, output))?;
    if blocks {
        return Ok(());
    }
    let WaiverOptions { mois, agent, contrat, controle, .. } = waiver;
    if waived {
        let message = format!("`{controle}` is waived already for {agent} {contrat} in {mois}");
        return Err(output.failed(&message, "nothing to do: the last run pays the contract"));
    }
    let message =
        format!("the run of {mois} has no blocking control `{controle}` for {agent} {contrat}");
    let help = match (others.is_empty(), unnamed) {
        (false, _) => {
            let names: Vec<&str> = others.iter().map(String::as_str).collect();
            format!("those that block it: `{}`", names.join("`, `"))
        }
        (true, true) => {
            "what blocks it is an error, not a judgment: correct the row that anomalies.csv names"
                .to_owned()
        }
        (true, false) => {
            "nothing blocks it: check the agent, the contract and the month".to_owned()
        }
    };
    Err(output.failed(&message, &help))
}
