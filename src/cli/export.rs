//! `paie export`: results as files that query engines read.

mod archived;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::batch::{HEADERS, Manifest, results_digest};
use crate::calendar::PayPeriod;
use crate::export::{ExportError, Forme, MonthExport, Table, Written};

use super::args::{ExportOptions, Format, FormeOption};
use super::output::{Outcome, Output};

/// What is wrong, and what to do.
type Refusal = (String, String);

/// The result folder of a month.
struct Source {
    folder: PathBuf,
    manifest: Manifest,
    mois: PayPeriod,
}

/// Exports one or several months.
pub fn run(options: &ExportOptions, output: &Output) -> Outcome {
    let mut written = Vec::new();
    let outcome = export(options, &mut written);
    // Months that were written before one that failed stay: they are told.
    if outcome.is_ok() || !written.is_empty() {
        report(&written, options, output);
    }
    match outcome {
        Ok(()) => Outcome::Good,
        Err((message, help)) => output.failed(&message, &help),
    }
}

/// What was written, in order.
type Done = Vec<(PayPeriod, Written)>;

/// Everything that can be refused is refused before the first byte is written.
fn export(options: &ExportOptions, done: &mut Done) -> Result<(), Refusal> {
    if let Some(archive) = &options.archive {
        return archived::export(archive, options, done);
    }
    let sources: Vec<Source> =
        options.resultats.iter().map(|folder| source(folder)).collect::<Result<_, _>>()?;
    let mut months = BTreeSet::new();
    if let Some(twice) = sources.iter().find(|source| !months.insert(source.mois)) {
        let message = format!("two result folders are of the month {}", twice.mois);
        return Err((message, "export each one to its own `--vers`".to_owned()));
    }
    let exports: Vec<MonthExport> =
        sources.iter().map(|source| prepared(source, options)).collect::<Result<_, _>>()?;
    for (source, export) in sources.iter().zip(exports) {
        let written = month(source, export)?;
        done.extend(written.into_iter().map(|written| (source.mois, written)));
    }
    Ok(())
}

/// Reads what a folder says of itself.
fn source(folder: &Path) -> Result<Source, Refusal> {
    let shown = folder.display();
    let help = || "give the folder of a month that `paie run` wrote: `SORTIE/2026-10`".to_owned();
    if !folder.exists() {
        return Err((format!("`{shown}` does not exist"), help()));
    }
    let path = folder.join("manifest.json");
    let text = std::fs::read_to_string(&path).map_err(|cause| {
        (format!("`{shown}` is not a result folder: manifest.json: {cause}"), help())
    })?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|cause| {
        (format!("`{shown}` is not a result folder: manifest.json: {cause}"), help())
    })?;
    let mois = PayPeriod::parse(&manifest.mois).map_err(|cause| {
        (format!("`{shown}` is not a result folder: month `{}`: {cause}", manifest.mois), help())
    })?;
    match HEADERS.iter().find(|(name, _)| !folder.join(name).is_file()) {
        Some((name, _)) => {
            let help = "run the month again: `paie run … --remplacer`";
            Err((format!("`{shown}` is not whole: {name} is missing"), help.to_owned()))
        }
        None => Ok(Source { folder: folder.to_owned(), manifest, mois }),
    }
}

/// The files of a month, to be written.
fn target(mois: PayPeriod, manifest: &Manifest, options: &ExportOptions) -> MonthExport {
    let forme = match options.forme {
        FormeOption::Parquet => Forme::Parquet,
        FormeOption::Csv => Forme::Csv,
    };
    MonthExport::new(&options.vers, mois, forme, options.remplacer, origin(manifest))
}

fn prepared(source: &Source, options: &ExportOptions) -> Result<MonthExport, Refusal> {
    let export = target(source.mois, &source.manifest, options);
    for (name, _) in HEADERS {
        export.may_write(table_of(name)).map_err(refusal)?;
    }
    Ok(export)
}

/// What each Parquet file says of the run it comes from.
fn origin(manifest: &Manifest) -> Vec<(String, String)> {
    [
        ("paie.connu_le", &manifest.connu_le),
        ("paie.programme", &manifest.programme),
        ("paie.empreinte_regles", &manifest.empreinte_regles),
        ("paie.empreinte_programme", &manifest.empreinte_programme),
        ("paie.empreinte_pool", &manifest.empreinte_pool),
        ("paie.empreinte_resultats", &manifest.empreinte_resultats),
    ]
    .map(|(key, value)| (key.to_owned(), value.clone()))
    .into()
}

/// Exports a month. The bytes that were read have the digest of the manifest, or nothing stays.
fn month(source: &Source, mut export: MonthExport) -> Result<Vec<Written>, Refusal> {
    let mut hashes = Vec::with_capacity(HEADERS.len());
    for (name, _) in HEADERS {
        let path = source.folder.join(name);
        let fichier = path.display().to_string();
        let read = |cause| ExportError::Read { fichier: fichier.clone(), cause };
        let file = File::open(&path).map_err(read).map_err(refusal)?;
        let mut reader = Hashed { file, hasher: blake3::Hasher::new() };
        let table = Table { nom: table_of(name), fichier, reader: &mut reader };
        export.write(table).map_err(refusal)?;
        hashes.push((name, reader.hasher.finalize()));
    }
    if results_digest(hashes.into_iter()) != source.manifest.empreinte_resultats {
        let shown = source.folder.display();
        return Err((
            format!("the files of `{shown}` are not those that the run wrote: nothing is exported"),
            "run the month again (`paie run … --remplacer`), or restore the folder".to_owned(),
        ));
    }
    export.finish().map_err(refusal)
}

/// `lignes` for `lignes.csv`.
fn table_of(file: &str) -> &str {
    file.trim_end_matches(".csv")
}

/// A file whose bytes are hashed as they are read.
struct Hashed {
    file: File,
    hasher: blake3::Hasher,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.file.read(buffer)?;
        self.hasher.update(buffer.get(..size).unwrap_or_default());
        Ok(size)
    }
}

fn refusal(error: ExportError) -> Refusal {
    let help = match &error {
        ExportError::Exists(_) => "choose another `--vers`, or add `--remplacer`",
        ExportError::Read { .. } => "check that the file may be read",
        ExportError::Header { .. } | ExportError::Row { .. } => {
            "the file is not as `paie run` wrote it: run the month again with `--remplacer`"
        }
        ExportError::Write { .. } => {
            "free some room or choose another `--vers`; the files of that month are as before"
        }
    };
    (error.to_string(), help.to_owned())
}

fn report(written: &Done, options: &ExportOptions, output: &Output) {
    match output.format {
        Format::Json => {
            let rows = written.iter().map(|(mois, written)| {
                serde_json::json!({
                    "mois": mois.to_string(),
                    "table": written.table,
                    "fichier": written.path.display().to_string(),
                    "lignes": written.lignes,
                    "octets": written.octets,
                })
            });
            let text = serde_json::Value::Array(rows.collect());
            output.text(&format!("{text:#}\n"));
        }
        Format::Csv => {
            let mut text = String::from("mois,table,fichier,lignes,octets\n");
            for (mois, Written { table, path, lignes, octets }) in written {
                let path = path.display().to_string().replace('"', "\"\"");
                let _ = writeln!(text, "{mois},{table},\"{path}\",{lignes},{octets}");
            }
            output.text(&text);
        }
        Format::Texte => output.say(&table(written, options)),
    }
}

fn table(written: &Done, options: &ExportOptions) -> String {
    let mut text = String::new();
    for (mois, Written { table, lignes, octets, .. }) in written {
        let _ = writeln!(text, "{mois}  {table:<10} {lignes:>12} rows {octets:>14} bytes");
    }
    let _ = write!(text, "tables in {}", options.vers.display());
    text
}
