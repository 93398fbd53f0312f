//! `paie verify`: every byte of an archive is what was written, or what is wrong and where.

use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{DecimalBytes, ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::archive::{Archive, Damage, Report};
use crate::batch::{self, RunError};

use super::archive::{csv_text, failed};
use super::args::{Common, Format, VerifyOptions};
use super::output::{Outcome, Output};

/// What is known of the entry that somebody noted.
struct Noted {
    numero: u64,
    since: u64,
}

/// Verifies an archive; damage, or an entry that is not there, is exit code 2.
pub fn run(common: &Common, options: &VerifyOptions, output: &Output) -> Outcome {
    let start = Instant::now();
    let report = match verified(&options.archive, common, output) {
        Ok(report) => report,
        Err(outcome) => return outcome,
    };
    let sound = report.damages.is_empty();
    let archive = if sound { Archive::open(&options.archive).ok() } else { None };
    let noted = archive.as_ref().zip(options.tete.as_deref());
    let noted = noted.map(|(archive, tete)| entry_of(archive, tete));
    let head = archive.as_ref().and_then(|archive| archive.journal().last());
    let tete = head.map_or_else(String::new, |last| last.empreinte.clone());
    match output.format {
        Format::Json => {
            let noted = noted.as_ref().map(|noted| noted.as_ref().map(|noted| noted.numero));
            output.text(&format!("{:#}\n", told(&report, &tete, noted)));
        }
        Format::Csv => output.text(&damages_csv(&report.damages)),
        Format::Texte => words(&report, &tete, start.elapsed(), output),
    }
    if !sound {
        let (count, path) = (report.damages.len(), options.archive.display());
        let message = format!("`{path}` is damaged in {count} places");
        let help = "keep this folder as it is, and restore a proven backup elsewhere: \
                    `paie archive restaure`";
        return output.failed(&message, help);
    }
    match noted {
        None => Outcome::Good,
        Some(Some(Noted { numero, since })) => {
            if output.format == Format::Texte {
                output.say(&format!("the entry that was noted is {numero}, {since} entries since"));
            }
            Outcome::Good
        }
        Some(None) => output.failed(
            "the journal has no entry of that digest: it was rewritten, or is of another archive",
            "check the digest that was noted; if it is right, restore a copy that holds it",
        ),
    }
}

/// Verifies a folder behind a progress bar.
pub fn verified(path: &Path, common: &Common, output: &Output) -> Result<Report, Outcome> {
    let bar = bytes_bar(output);
    let progress = |done: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let report = batch::verify(path, common.threads, &progress);
    bar.finish_and_clear();
    report.map_err(|error| stopped(error, output))
}

/// What stopped the reading of a whole archive, and what to do.
pub fn stopped(error: RunError, output: &Output) -> Outcome {
    match error {
        RunError::History(batch::HistoryError::Archive(error)) => failed(&error, output),
        RunError::Threads(error) => output.failed(&error, "try `--threads 1`"),
        _ => output.failed("the archive cannot be verified", "try again"),
    }
}

/// The bar of what reads an archive; hidden when nobody looks.
pub fn bytes_bar(output: &Output) -> ProgressBar {
    if output.quiet || !output.terminal {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    let template = "{bar:40} {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}  {eta}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// The entry that a digest, or its first digits, names.
fn entry_of(archive: &Archive, digest: &str) -> Option<Noted> {
    let found = archive.journal().iter().find(|entry| entry.empreinte.starts_with(digest))?;
    let last = archive.journal().last().map_or(0, |last| last.numero);
    Some(Noted { numero: found.numero, since: last.saturating_sub(found.numero) })
}

fn words(report: &Report, tete: &str, elapsed: Duration, output: &Output) {
    for damage in &report.damages {
        output.warn(&format!("damage: {damage}\n"));
    }
    if !report.leftovers.is_empty() {
        let octets = DecimalBytes(report.leftovers.iter().map(|left| left.octets).sum());
        output.say(&format!(
            "{} files ({octets}) that nothing uses, intact: a run was killed, or goes on",
            report.leftovers.len()
        ));
    }
    let Report { files, octets, entries, objects, .. } = report;
    let octets = DecimalBytes(*octets);
    output.say(&format!(
        "{files} files, {octets} read in {elapsed:.2?}: {entries} entries, {objects} objects"
    ));
    if report.damages.is_empty() {
        output.say(&format!("every byte is what was written; head {tete}"));
    }
}

fn told(report: &Report, tete: &str, noted: Option<Option<u64>>) -> Value {
    let damages = report.damages.iter().map(|damage| {
        json!({
            "fichier": damage.file,
            "nature": damage.kind.to_string(),
            "octets": [damage.bytes.start, damage.bytes.end],
            "mois": damage.months,
            "table": damage.table,
            "blocs": damage.blocks.map(|(first, last)| [first, last]),
            "agents": damage.agents.as_ref().map(|(first, last)| [first, last]),
            "message": damage.to_string(),
        })
    });
    let leftovers = report.leftovers.iter();
    let leftovers = leftovers.map(|left| json!({ "fichier": left.file, "octets": left.octets }));
    let mut told = json!({
        "fichiers": report.files,
        "octets": report.octets,
        "entrees": report.entries,
        "objets": report.objects,
        "tete": tete,
        "degats": damages.collect::<Vec<_>>(),
        "restes": leftovers.collect::<Vec<_>>(),
    });
    if let (Some(noted), Some(fields)) = (noted, told.as_object_mut()) {
        fields.insert("entree_notee".to_owned(), json!(noted));
    }
    told
}

fn damages_csv(damages: &[Damage]) -> String {
    let ends = |ends: Option<(String, String)>| ends.unwrap_or_default();
    let row = |damage: &Damage| {
        let blocks = damage.blocks.map(|(first, last)| (first.to_string(), last.to_string()));
        let ((bloc, dernier), (agent, fin)) = (ends(blocks), ends(damage.agents.clone()));
        let table = damage.table.clone().unwrap_or_default();
        let [start, end] = [damage.bytes.start, damage.bytes.end].map(|at| at.to_string());
        let (nature, mois) = (damage.kind.to_string(), damage.months.join(" "));
        [damage.file.clone(), nature, start, end, mois, table, bloc, dernier, agent, fin]
    };
    let header = [
        "fichier",
        "nature",
        "debut",
        "fin",
        "mois",
        "table",
        "premier_bloc",
        "dernier_bloc",
        "premier_agent",
        "dernier_agent",
    ];
    csv_text(header, &damages.iter().map(row).collect::<Vec<_>>())
}
