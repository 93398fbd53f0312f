//! `paie archive`: the states of months, waivers, copies; and what the commands that use an archive
//! share: opening it, who signs.

mod copies;
mod deroger;
mod etat;
mod months;

use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::archive::{Archive, ArchiveError, Etat, Signature, Writer};
use crate::batch::{Archiving, HistoryError};
use crate::rulebook::Rules;

use super::args::{ArchiveCommand, ArchiveOptions, Common};
use super::output::{Outcome, Output};

/// Runs a command on an archive.
pub fn run(common: &Common, options: &ArchiveOptions, output: &Output) -> Outcome {
    let done = match &options.quoi {
        ArchiveCommand::Etat { archive, mois } => etat::run(archive, *mois, output),
        ArchiveCommand::Valider(state) => months::advance(state, Etat::Prepare, output),
        ArchiveCommand::Clore(state) => months::advance(state, Etat::Valide, output),
        ArchiveCommand::Deroger(waiver) => deroger::run(waiver, output),
        ArchiveCommand::Sauvegarde(options) => copies::save(common, options, output),
        ArchiveCommand::Restaure { depuis, vers } => copies::restore(common, depuis, vers, output),
    };
    done.unwrap_or_else(|outcome| outcome)
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

/// An archive that exists, to write.
fn locked(path: &Path, output: &Output) -> Result<Writer, Outcome> {
    open(path, output)?.lock().map_err(|error| failed(&error, output))
}

/// What stopped the archive, and what to do.
pub fn failed(error: &ArchiveError, output: &Output) -> Outcome {
    output.failed(&error.to_string(), error.help())
}

/// What stopped the reading of a month of the archive, and what to do.
pub fn unreadable(error: &HistoryError, output: &Output) -> Outcome {
    match error {
        HistoryError::Archive(error) => failed(error, output),
        other => output.failed(&other.to_string(), "run `paie verify`"),
    }
}

/// The present moment.
fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

/// Who does it, now. Without a name, the user of the system.
pub fn signature(par: Option<&str>) -> Signature {
    let user = || ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let named = par.map(str::to_owned).or_else(user).filter(|name| !name.trim().is_empty());
    Signature {
        quand: now().to_rfc3339_opts(SecondsFormat::Secs, true),
        qui: named.unwrap_or_else(|| "inconnu".to_owned()),
    }
}

/// Rows as CSV, with their header.
pub fn csv_text<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Memory takes any row, and every row has as many cells as the header.
    let _ = writer.write_record(header);
    for row in rows {
        let _ = writer.write_record(row);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
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
