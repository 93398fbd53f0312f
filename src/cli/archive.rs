//! `paie archive`, and what the commands that use an archive share: opening it, who signs.

use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::archive::{Archive, ArchiveError, Etat, Event, Signature, Writer};
use crate::batch::Archiving;
use crate::calendar::PayPeriod;

use super::args::{ArchiveCommand, ArchiveOptions, Common, Format, MonthState};
use super::output::{Outcome, Output};
use super::rulebook::Rules;

/// Runs a command on an archive.
pub fn run(_: &Common, options: &ArchiveOptions, output: &Output) -> Outcome {
    let done = match &options.quoi {
        ArchiveCommand::Etat { archive, mois } => states(archive, *mois, output),
        ArchiveCommand::Valider(state) => advance(state, Etat::Prepare, output),
        ArchiveCommand::Clore(state) => advance(state, Etat::Valide, output),
        ArchiveCommand::Deroger { archive, mois, siret, agent, contrat, controle, par, motif } => {
            let event = Event::Derogation {
                mois: mois.to_string(),
                siret: siret.clone(),
                agent: agent.clone(),
                contrat: contrat.clone(),
                controle: controle.clone(),
                motif: motif.clone(),
            };
            append(archive, event, par, output).map(|()| {
                output.say("waiver kept: run the month again");
                Outcome::Good
            })
        }
    };
    done.unwrap_or_else(|outcome| outcome)
}

fn append(path: &Path, event: Event, par: &str, output: &Output) -> Result<(), Outcome> {
    let mut writer = open(path, output)?.lock().map_err(|error| failed(&error, output))?;
    writer.append(event, &signature(Some(par))).map_err(|error| failed(&error, output))?;
    Ok(())
}

/// Takes employers of a month from a state to the next.
fn advance(state: &MonthState, from: Etat, output: &Output) -> Result<Outcome, Outcome> {
    let archive = open(&state.archive, output)?;
    let mois = state.mois.to_string();
    let ready = archive.employers(state.mois).filter(|(_, found)| found.etat == from);
    let employeurs: Vec<String> = match state.siret.is_empty() {
        true => ready.map(|(siret, _)| siret.to_owned()).collect(),
        false => state.siret.clone(),
    };
    if employeurs.is_empty() {
        let message = format!("no employer of {} is `{from}`", state.mois);
        return Err(output.failed(&message, "look at the states with `paie archive etat`"));
    }
    let count = employeurs.len();
    let (event, word) = match from {
        Etat::Valide => {
            earlier_months(&archive, state, &employeurs, output)?;
            (Event::Clos { mois, employeurs }, "closed")
        }
        _ => (Event::Valide { mois, employeurs }, "validated"),
    };
    append(&state.archive, event, &state.par, output)?;
    output.say(&format!("{}: {count} employers {word} by {}", state.mois, state.par));
    Ok(Outcome::Good)
}

/// Months are closed in their order: what a month is due counts the ones before.
fn earlier_months(
    archive: &Archive,
    state: &MonthState,
    employeurs: &[String],
    output: &Output,
) -> Result<(), Outcome> {
    for mois in archive.months().filter(|mois| *mois < state.mois) {
        let open = |siret: &&String| {
            matches!(archive.state(mois, siret).etat, Etat::Prepare | Etat::Valide)
        };
        if let Some(siret) = employeurs.iter().find(open) {
            let message = format!("{mois} is not closed for {siret}");
            return Err(output.failed(&message, "close the months in their order"));
        }
    }
    Ok(())
}

/// The states of months.
fn states(path: &Path, only: Option<PayPeriod>, output: &Output) -> Result<Outcome, Outcome> {
    let archive = open(path, output)?;
    let mut rows = Vec::new();
    for mois in archive.months().filter(|mois| only.is_none_or(|only| only == *mois)) {
        for (siret, state) in archive.employers(mois) {
            let (quand, qui) = state.entry.map_or(("", ""), |e| (&*e.quand, &*e.qui));
            rows.push([mois.to_string(), siret.to_owned(), state.etat.to_string()].map(|t| t));
            if let Some(row) = rows.last_mut() {
                row[2].push_str(&format!(",{quand},{qui}"));
            }
        }
    }
    let mut text = String::from("mois,siret,etat,quand,qui\n");
    for row in &rows {
        text.push_str(&format!("{}\n", row.join(",")));
    }
    if output.format == Format::Json {
        text = serde_json::to_string_pretty(&rows).unwrap_or_default();
    }
    output.text(&text);
    Ok(Outcome::Good)
}

/// An archive to read.
pub fn open(path: &Path, output: &Output) -> Result<Archive, Outcome> {
    Archive::open(path).map_err(|error| failed(&error, output))
}

/// An archive to write, created when there is none.
pub fn writer(path: &Path, output: &Output) -> Result<Writer, Outcome> {
    let archive =
        if path.join("FORMAT").exists() { Archive::open(path) } else { Archive::create(path) };
    archive.and_then(Archive::lock).map_err(|error| failed(&error, output))
}

/// What stopped the archive, and what to do.
pub fn failed(error: &ArchiveError, output: &Output) -> Outcome {
    output.failed(&error.to_string(), error.help())
}

/// Who does it, now. Without a name, the user of the system.
pub fn signature(par: Option<&str>) -> Signature {
    let user = || ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let named = par.map(str::to_owned).or_else(user).filter(|name| !name.trim().is_empty());
    let now: DateTime<Utc> = SystemTime::now().into();
    Signature {
        quand: now.to_rfc3339_opts(SecondsFormat::Secs, true),
        qui: named.unwrap_or_else(|| "inconnu".to_owned()),
    }
}

/// An archive for a run, with the rules that compute it.
pub fn archiving(
    path: &Path,
    par: Option<&str>,
    rules: &Rules,
    output: &Output,
) -> Result<Archiving, Outcome> {
    let writer = writer(path, output)?;
    Ok(Archiving { writer, signature: signature(par), rules: rules.texts() })
}
