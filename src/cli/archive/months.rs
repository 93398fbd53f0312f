//! `paie archive valider` and `clore`: employers of a month, from a state to the next.

use std::collections::BTreeMap;

use crate::archive::{Archive, Etat, Event};
use crate::batch::KeptMonth;
use crate::calendar::PayPeriod;

use super::super::args::{Format, MonthState};
use super::super::output::{Outcome, Output};
use super::{failed, locked, signature, unreadable};

/// Payslips and employers named one by one.
const LISTED: usize = 20;

/// A payslip that waits: employer, agent, contract.
type Blocked = [String; 3];

/// Takes employers of a month from a state to the next.
pub fn advance(state: &MonthState, from: Etat, output: &Output) -> Result<Outcome, Outcome> {
    // Locked first: what is looked at is what is signed.
    let mut writer = locked(&state.archive, output)?;
    let archive = writer.archive();
    let employeurs = ready(archive, state, from, output)?;
    if from == Etat::Valide {
        in_order(archive, state, &employeurs, output)?;
    }
    let mois = state.mois.to_string();
    let event = match from {
        Etat::Valide => Event::Clos { mois, employeurs: employeurs.clone() },
        _ => Event::Valide { mois, employeurs: employeurs.clone() },
    };
    let blocked = blocked(archive, state.mois, &employeurs, output)?;
    writer.append(event, &signature(Some(&state.par))).map_err(|error| failed(&error, output))?;
    let waiting = match from {
        Etat::Valide => at(writer.archive(), state.mois, Etat::Prepare),
        _ => Vec::new(),
    };
    report(state, from, &employeurs, &blocked, &waiting, output);
    Ok(if blocked.is_empty() && waiting.is_empty() { Outcome::Good } else { Outcome::Look })
}

/// The employers that are at a state.
fn at(archive: &Archive, mois: PayPeriod, etat: Etat) -> Vec<String> {
    let ready = archive.employers(mois).filter(|(_, found)| found.etat == etat);
    ready.map(|(siret, _)| siret.to_owned()).collect()
}

/// The employers asked for, else all those that can.
fn ready(
    archive: &Archive,
    state: &MonthState,
    from: Etat,
    output: &Output,
) -> Result<Vec<String>, Outcome> {
    let employeurs = match state.siret.is_empty() {
        true => at(archive, state.mois, from),
        false => state.siret.clone(),
    };
    if !employeurs.is_empty() {
        return Ok(employeurs);
    }
    let mut found: BTreeMap<Etat, usize> = BTreeMap::new();
    for (_, state) in archive.employers(state.mois) {
        *found.entry(state.etat).or_default() += 1;
    }
    let help = match (found.contains_key(&Etat::Prepare), found.contains_key(&Etat::Valide)) {
        (true, _) => "validate it first: `paie archive valider`",
        (_, true) => "it is validated already: `paie archive clore` closes it",
        _ if found.is_empty() => "compute it first: `paie run --archive`",
        _ => "a closed month never changes: what is due comes as a rappel in an open month",
    };
    let list: Vec<String> = found.iter().map(|(etat, count)| format!("{count} `{etat}`")).collect();
    let list = if list.is_empty() { "none was computed".to_owned() } else { list.join(", ") };
    Err(output.failed(&format!("no employer of {} is `{from}`: {list}", state.mois), help))
}

/// Months are closed in their order: what a month is due counts the ones before.
fn in_order(
    archive: &Archive,
    state: &MonthState,
    employeurs: &[String],
    output: &Output,
) -> Result<(), Outcome> {
    for mois in archive.months().filter(|mois| *mois < state.mois) {
        let open = |siret: &&String| {
            matches!(archive.state(mois, siret).etat, Etat::Prepare | Etat::Valide)
        };
        let open: Vec<&String> = employeurs.iter().filter(open).collect();
        if let Some(siret) = open.first() {
            let more = match open.len() - 1 {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let message = format!(
                "{siret}{more}: {mois} is not closed, so {} cannot be: a month counts the ones \
                 before",
                state.mois
            );
            let help = format!("`paie archive clore --mois {mois}` first");
            return Err(output.failed(&message, &help));
        }
    }
    Ok(())
}

/// The payslips of these employers that cannot be paid.
fn blocked(
    archive: &Archive,
    mois: PayPeriod,
    employeurs: &[String],
    output: &Output,
) -> Result<Vec<Blocked>, Outcome> {
    let mut found = Vec::new();
    let month = KeptMonth::open(archive, mois).map_err(|error| failed(&error, output))?;
    if month.runs().len() == 0 {
        return Ok(found);
    }
    let columns = ["siret", "agent", "contrat", "etat"];
    let read = month.rows("bulletins.csv", columns, |[siret, agent, contrat, etat]| {
        if etat == "bloque" && employeurs.iter().any(|one| one == siret) {
            found.push([siret, agent, contrat].map(str::to_owned));
        }
    });
    read.map_err(|error| unreadable(&error, output))?;
    Ok(found)
}

fn report(
    state: &MonthState,
    from: Etat,
    employeurs: &[String],
    blocked: &[Blocked],
    waiting: &[String],
    output: &Output,
) {
    let (etat, word) = match from {
        Etat::Valide => (Etat::Clos, "closed"),
        _ => (Etat::Valide, "validated"),
    };
    if output.format == Format::Json {
        let blocked = blocked.iter().map(|[siret, agent, contrat]| {
            serde_json::json!({ "siret": siret, "agent": agent, "contrat": contrat })
        });
        let told = serde_json::json!({
            "mois": state.mois.to_string(),
            "etat": etat.to_string(),
            "par": state.par,
            "employeurs": employeurs,
            "bloques": blocked.collect::<Vec<_>>(),
            "encore_prepare": waiting,
        });
        output.text(&format!("{told:#}\n"));
        return;
    }
    let count = employeurs.len();
    output.say(&format!("{}: {count} employers {word} by {}", state.mois, state.par));
    if !blocked.is_empty() {
        let mut text = format!("{} payslips are blocked", blocked.len());
        text.push_str(match etat {
            Etat::Clos => ", not paid: the first month that can pays them, as a rappel\n",
            _ => ": mend them and run the month again, or the next month pays them as a rappel\n",
        });
        for row in blocked.iter().take(LISTED) {
            text.push_str(&format!("  {}\n", row.join(" ")));
        }
        if blocked.len() > LISTED {
            text.push_str(&format!("  … {} more\n", blocked.len() - LISTED));
        }
        output.warn(&text);
    }
    if !waiting.is_empty() {
        let first: Vec<&str> = waiting.iter().take(LISTED).map(String::as_str).collect();
        let count = waiting.len();
        output.warn(&format!("{count} employers are still `prepare`: {}\n", first.join(", ")));
    }
}
