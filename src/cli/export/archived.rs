//! `paie export --archive`: the months of an archive, each employer from its last run.

use std::path::Path;

use crate::archive::{Archive, ArchiveError};
use crate::batch::{KeptMonth, Manifest};
use crate::calendar::PayPeriod;
use crate::export::{ExportError, MonthExport, Table, Written};

use super::super::args::ExportOptions;
use super::{Done, Refusal, refusal, table_of, target};

/// Tables that say nothing to who reads payslips.
const INNER: [&str; 2] = ["programmes.csv", "faits/doubles.csv"];

/// Folder of the tables of facts, in an archive.
const FACTS: &str = "faits/";

/// Exports months of an archive. What can be refused is refused before the first byte is written.
pub fn export(path: &Path, options: &ExportOptions, done: &mut Done) -> Result<(), Refusal> {
    let archive = Archive::open(path).map_err(broken)?;
    let mut months = options.mois.clone();
    if months.is_empty() {
        months.extend(archive.months());
    }
    months.sort();
    months.dedup();
    let mut sources = Vec::with_capacity(months.len());
    for mois in months {
        let month = KeptMonth::open(&archive, mois).map_err(broken)?;
        let export = target(mois, &manifest(&month)?, options);
        for nom in tables(&month, options) {
            export.may_write(&name(nom)).map_err(refusal)?;
        }
        sources.push((month, export));
    }
    if sources.is_empty() {
        let message = format!("the archive `{}` has no run", path.display());
        return Err((message, "compute a month first: `paie run --archive`".to_owned()));
    }
    for (month, export) in sources {
        let written = write(&month, export, options)?;
        done.extend(written.into_iter().map(|written| (month.mois(), written)));
    }
    Ok(())
}

/// What the last run of the month says of itself.
fn manifest(month: &KeptMonth) -> Result<Manifest, Refusal> {
    let Some(stored) = month.runs().last() else {
        let message = format!("the archive has no run of {}", month.mois());
        return Err((message, "`paie archive etat` lists the months".to_owned()));
    };
    serde_json::from_slice(&stored.manifeste().map_err(broken)?).map_err(|cause| {
        let message = format!("the manifest of {} cannot be read: {cause}", month.mois());
        (message, "export it with the edition of the program that ran the month".to_owned())
    })
}

/// The tables to export: without facts unless they are asked for.
fn tables<'a>(month: &'a KeptMonth, options: &ExportOptions) -> Vec<&'a str> {
    let asked = |nom: &&str| options.faits || !nom.starts_with(FACTS);
    month.tables().into_iter().filter(asked).filter(|nom| !INNER.contains(nom)).collect()
}

/// `faits_agents` for `faits/agents.csv`.
fn name(nom: &str) -> String {
    table_of(nom).replace('/', "_")
}

fn write(
    month: &KeptMonth,
    mut export: MonthExport,
    options: &ExportOptions,
) -> Result<Vec<Written>, Refusal> {
    let mois: PayPeriod = month.mois();
    for nom in tables(month, options) {
        let mut reader = month.table(nom).map_err(broken)?;
        let fichier = format!("{nom} of {mois}");
        let table = Table { nom: &name(nom), fichier, reader: &mut reader };
        export.write(table).map_err(|error| match error {
            // Every block is proven as it is read: what cannot be read was altered.
            error @ ExportError::Read { .. } => {
                (error.to_string(), "run `paie verify`, then export from a proven copy".to_owned())
            }
            other => refusal(other),
        })?;
    }
    export.finish().map_err(refusal)
}

fn broken(error: ArchiveError) -> Refusal {
    (error.to_string(), error.help().to_owned())
}
