//! What `paie export` writes, read back with another reader: every cell, every type, every refusal.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on stops"
)]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use paie::batch::HEADERS;
use paie::calendar::PayPeriod;
use paie::export::{self, ExportError, Forme, MonthExport, Table, Type};
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use tempfile::TempDir;

const POOL: &str = "fixtures/pool";

/// Exit code, standard output, standard error.
struct Ran(i32, String, String);

fn paie(arguments: &[&str]) -> Ran {
    let output = Command::cargo_bin("paie").unwrap().args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran(output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Results and exports of a test.
struct Bench {
    folder: TempDir,
}

impl Bench {
    /// The results of some months of a pool.
    fn of(pool: &Path, months: &[&str]) -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        let (from, to) = (pool.to_str().unwrap(), bench.path("sortie"));
        for month in months {
            let ran = paie(&["run", "--pool", from, "--mois", month, "--sortie", &to, "--quiet"]);
            assert!(ran.0 < 2, "{}", ran.2);
        }
        bench
    }

    fn path(&self, below: &str) -> String {
        self.folder.path().join(below).to_str().unwrap().to_owned()
    }

    fn export(&self, months: &[&str], more: &[&str]) -> Ran {
        let folders: Vec<String> =
            months.iter().map(|month| self.path(&format!("sortie/{month}"))).collect();
        let vers = self.path("vers");
        let mut arguments = vec!["export", "--vers", vers.as_str()];
        for folder in &folders {
            arguments.extend(["--resultats", folder]);
        }
        arguments.extend(more);
        paie(&arguments)
    }

    fn result(&self, month: &str, table: &str) -> PathBuf {
        self.folder.path().join("sortie").join(month).join(format!("{table}.csv"))
    }

    fn exported(&self, month: &str, table: &str) -> PathBuf {
        let folder = self.folder.path().join("vers").join(table).join(format!("mois={month}"));
        folder.join(format!("{table}.parquet"))
    }

    /// Changes a file of a result, once.
    fn change(&self, month: &str, table: &str, from: &str, to: &str) {
        let path = self.result(month, table);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{table} has no {from}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    /// Every file below `vers`, with its bytes.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.folder.path().join("vers")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.insert(path.clone(), fs::read(path).unwrap());
                }
            }
        }
        found
    }
}

fn parquet(path: &Path) -> SerializedFileReader<File> {
    SerializedFileReader::new(File::open(path).unwrap()).unwrap()
}

fn csv_rows(path: &Path) -> (csv::StringRecord, Vec<csv::StringRecord>) {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    (header, reader.records().map(Result::unwrap).collect())
}

/// `1801.7` as an integer with `scale` decimals, by moving the point in the text.
fn unscaled(text: &str, scale: usize) -> i64 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    assert!(decimals.len() <= scale, "{text}");
    format!("{whole}{decimals:0<scale$}").parse().unwrap()
}

/// The integer of a DECIMAL field.
fn integer(field: &Field) -> i64 {
    let Field::Decimal(decimal) = field else { panic!("{field:?} is no decimal") };
    decimal.data().iter().fold(if decimal.data()[0] > 127 { -1 } else { 0 }, |sum: i64, byte| {
        (sum << 8) | i64::from(*byte)
    })
}

/// What a CSV cell must have become.
fn assert_cell(field: &Field, text: &str, kind: Type, place: &str) {
    match (field, kind) {
        (Field::Null, _) => assert_eq!(text, "", "{place}"),
        (Field::Str(found), Type::Text) => {
            assert!(!text.is_empty(), "{place}: an empty cell is NULL");
            assert_eq!(found, text, "{place}");
        }
        (Field::Long(found), Type::Integer) => assert_eq!(found.to_string(), text, "{place}"),
        (found @ Field::Decimal(_), Type::Decimal(_, scale)) => {
            assert_eq!(integer(found), unscaled(text, usize::from(scale)), "{place}");
        }
        _ => panic!("{place}: {field:?} is not a {kind}"),
    }
}

/// Every cell of the export is the one of the CSV; gives the sums of the decimal columns of both.
fn assert_same_table(csv: &Path, parquet_path: &Path, table: &str, month: &str) -> usize {
    let (header, rows) = csv_rows(csv);
    let reader = parquet(parquet_path);
    assert_eq!(reader.metadata().file_metadata().num_rows(), i64::try_from(rows.len()).unwrap());
    let mut sums: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    let found: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(found.len(), rows.len(), "{table}");
    for (number, (row, expected)) in found.iter().zip(&rows).enumerate() {
        let mut fields = row.get_column_iter();
        for (name, text) in header.iter().zip(expected) {
            let kind = export::column(table, name).kind;
            if kind == Type::Month {
                assert_eq!(text, month);
                continue;
            }
            let (found_name, field) = fields.next().unwrap();
            assert_eq!(found_name, name);
            assert_cell(field, text, kind, &format!("{table}.{name}, row {number}"));
            if let (Type::Decimal(_, scale), false) = (kind, text.is_empty()) {
                let sum = sums.entry(name).or_default();
                sum.0 += integer(field);
                sum.1 += unscaled(text, usize::from(scale));
            }
        }
        assert!(fields.next().is_none());
    }
    for (name, (parquet, csv)) in sums {
        assert_eq!(parquet, csv, "sum of {table}.{name}");
    }
    rows.len()
}

#[test]
fn every_column_of_a_run_has_its_type() {
    let expected: Vec<String> = HEADERS
        .iter()
        .map(|(file, header)| format!("{} {}", file.trim_end_matches(".csv"), header.trim_end()))
        .collect();
    let known: Vec<String> = export::tables()
        .map(|table| {
            let names: Vec<String> = export::columns(table).map(|column| column.name).collect();
            format!("{table} {}", names.join(","))
        })
        .collect();
    assert_eq!(known, expected, "src/export/schema.rs follows the headers of results");
}

#[test]
fn two_months_are_read_back_cell_by_cell() {
    let months = ["2026-09", "2026-10"];
    let bench = Bench::of(Path::new(POOL), &months);
    let Ran(exit, stdout, stderr) = bench.export(&months, &[]);
    assert_eq!((exit, stderr.as_str()), (0, ""), "{stdout}");
    for month in months {
        for table in export::tables() {
            let (csv, parquet) = (bench.result(month, table), bench.exported(month, table));
            let rows = assert_same_table(&csv, &parquet, table, month);
            let line = format!("{month}  {table:<10} {rows:>12} rows");
            assert!(stdout.contains(&line), "{line}\n{stdout}");
            // Rappels follow closed months: those of an archive are read back below.
            let some = rows > 0 || ["anomalies", "rappels"].contains(&table);
            assert!(some, "{table} of {month} proves nothing");
        }
    }
    // Nothing else: no file that waits, no month that was not asked for.
    assert_eq!(bench.files().len(), 12);
    assert!(csv_rows(&bench.result("2026-09", "anomalies")).1.len() > 1);
}

#[test]
fn an_archive_is_read_back_cell_by_cell() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (pool, archive) = (at("pool"), at("archive"));
    let size = ["--employeurs", "3", "--agents", "30", "--historique", "3"];
    assert_eq!(paie(&[&["demo", &*pool], &size[..], &["--mois", "2024-03"]].concat()).0, 0);
    let months = ["2024-01", "2024-02"];
    for mois in months {
        let run = ["run", "--pool", &pool, "--mois", mois, "--archive", &archive];
        assert!(paie(&[&run[..], &["--connu-le", &format!("{mois}-25")]].concat()).0 < 2);
        for verb in ["valider", "clore"] {
            let state = ["archive", verb, "--archive", &archive, "--mois", mois, "--par", "x"];
            assert_eq!(paie(&state).0, 0);
        }
    }
    for forme in ["csv", "parquet"] {
        let what = ["export", "--archive", &archive, "--vers", &at(forme), "--forme", forme];
        let Ran(exit, _, stderr) = paie(&[&what[..], &["--faits"]].concat());
        assert_eq!((exit, stderr.as_str()), (0, ""));
    }
    let facts = ["faits_agents", "faits_carrieres", "employeurs"];
    for table in export::tables().chain(export::kept_tables()).chain(facts) {
        let mut rows = 0;
        for mois in months {
            let file = |forme: &str| {
                let name = format!("{forme}/{table}/mois={mois}/{table}.{forme}");
                folder.path().join(name)
            };
            rows += assert_same_table(&file("csv"), &file("parquet"), table, mois);
        }
        assert!(rows > 0, "{table} proves nothing");
    }
}

#[test]
fn types_and_origin_are_in_the_file() {
    let bench = Bench::of(Path::new(POOL), &["2026-10"]);
    assert_eq!(bench.export(&["2026-10"], &[]).0, 0);
    let reader = parquet(&bench.exported("2026-10", "lignes"));
    let file = reader.metadata().file_metadata();
    let columns = file.schema_descr().columns();
    let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
    let (_, header) = HEADERS.iter().find(|(name, _)| *name == "lignes.csv").unwrap();
    let expected: Vec<&str> = header.trim().split(',').filter(|name| *name != "mois").collect();
    assert_eq!(names, expected);
    let of = |name: &str| columns.iter().find(|column| column.name() == name).unwrap();
    let decimal = |precision, scale| Some(LogicalType::decimal(scale, precision));
    for (name, physical, logical) in [
        ("montant_agent", Physical::INT64, decimal(18, 2)),
        ("base", Physical::INT64, decimal(18, 2)),
        ("taux_employeur", Physical::INT64, decimal(10, 6)),
        ("nombre", Physical::INT64, decimal(18, 4)),
        ("ordre", Physical::INT64, Some(LogicalType::integer(64, true))),
        ("mois_origine", Physical::BYTE_ARRAY, Some(LogicalType::String)),
    ] {
        let column = of(name);
        assert_eq!(column.physical_type(), physical, "{name}");
        assert_eq!(column.logical_type_ref().cloned(), logical, "{name}");
        assert_eq!(column.self_type().get_basic_info().repetition(), Repetition::OPTIONAL);
    }
    let chunks = reader.metadata().row_group(0).columns();
    let zstd = |chunk: &parquet::file::metadata::ColumnChunkMetaData| {
        chunk.compression().to_string().contains("ZSTD")
    };
    assert!(chunks.iter().all(zstd));
    assert!(file.created_by().unwrap().starts_with("paie version "));
    let manifest = bench.folder.path().join("sortie/2026-10/manifest.json");
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(manifest).unwrap()).unwrap();
    let said: BTreeMap<&str, &str> = file
        .key_value_metadata()
        .unwrap()
        .iter()
        .map(|pair| (pair.key.as_str(), pair.value.as_deref().unwrap()))
        .collect();
    for key in ["mois", "connu_le", "programme", "empreinte_regles", "empreinte_programme"]
        .into_iter()
        .chain(["empreinte_pool", "empreinte_resultats"])
    {
        assert_eq!(said[format!("paie.{key}").as_str()], manifest[key], "{key}");
    }
    let senses: BTreeMap<String, String> = serde_json::from_str(said["paie.colonnes"]).unwrap();
    assert_eq!(senses["mois_origine"], "mois dû, pour un rappel");
    assert_eq!(said["paie.table"], "lignes");
}

#[test]
fn the_same_results_give_the_same_bytes() {
    let bench = Bench::of(Path::new(POOL), &["2026-10"]);
    assert_eq!(bench.export(&["2026-10"], &[]).0, 0);
    let first = bench.files();
    assert_eq!(bench.export(&["2026-10"], &["--remplacer"]).0, 0);
    assert!(first == bench.files());
}

#[test]
fn labels_with_quotes_and_line_ends_stay_what_they_are() {
    let pool = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(POOL).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), pool.path().join(entry.file_name())).unwrap();
    }
    let path = pool.path().join("elements.csv");
    let text = fs::read_to_string(&path).unwrap();
    let old = "Prime exceptionnelle\n";
    let label = "Prime « d'été », dite \"15 août\";\nrappel\u{a0}n°\u{202f}2 🏖";
    assert_eq!(text.matches(old).count(), 1);
    let quoted = format!("\"{}\"\n", label.replace('"', "\"\""));
    fs::write(&path, text.replace(old, &quoted)).unwrap();
    let bench = Bench::of(pool.path(), &["2026-10"]);
    assert_eq!(bench.export(&["2026-10"], &[]).0, 0);
    let (csv, parquet_path) =
        (bench.result("2026-10", "lignes"), bench.exported("2026-10", "lignes"));
    assert_same_table(&csv, &parquet_path, "lignes", "2026-10");
    let found = parquet(&parquet_path).get_row_iter(None).unwrap().map(Result::unwrap).any(|row| {
        row.get_column_iter()
            .any(|(name, field)| name == "libelle" && *field == Field::Str(label.to_owned()))
    });
    assert!(found, "the label is not among the lines");
}

#[test]
fn csv_is_exported_as_it_stands() {
    let bench = Bench::of(Path::new(POOL), &["2026-10"]);
    let Ran(exit, stdout, stderr) =
        bench.export(&["2026-10"], &["--forme", "csv", "--format", "json"]);
    assert_eq!((exit, stderr.as_str()), (0, ""));
    let said: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    for (at, table) in export::tables().enumerate() {
        let path = bench.exported("2026-10", table).with_extension("csv");
        let bytes = fs::read(&path).unwrap();
        assert_eq!(bytes, fs::read(bench.result("2026-10", table)).unwrap());
        assert_eq!(said[at]["table"], table);
        assert_eq!(said[at]["octets"], bytes.len());
        assert_eq!(said[at]["fichier"], path.to_str().unwrap());
    }
    assert_eq!(said[1]["lignes"], csv_rows(&bench.result("2026-10", "lignes")).1.len());
}

#[test]
fn what_is_no_result_is_refused() {
    let bench = Bench::of(Path::new(POOL), &["2026-10"]);
    let Ran(exit, _, stderr) = bench.export(&["2026-10", "2026-11"], &[]);
    assert!(exit == 2 && stderr.contains("2026-11` does not exist"), "{stderr}");
    fs::create_dir(bench.path("sortie/2026-11")).unwrap();
    let Ran(exit, _, stderr) = bench.export(&["2026-10", "2026-11"], &[]);
    assert!(exit == 2 && stderr.contains("2026-11` is not a result folder"), "{stderr}");
    assert!(stderr.contains("help: give the folder of a month"), "{stderr}");
    let Ran(exit, _, stderr) = bench.export(&["2026-10", "2026-10"], &[]);
    assert!(
        exit == 2 && stderr.contains("two result folders are of the month 2026-10"),
        "{stderr}"
    );
    fs::remove_file(bench.result("2026-10", "cumuls")).unwrap();
    let Ran(exit, _, stderr) = bench.export(&["2026-10"], &[]);
    assert!(exit == 2 && stderr.contains("is not whole: cumuls.csv is missing"), "{stderr}");
    assert!(bench.files().is_empty());
    assert!(!Path::new(&bench.path("vers")).exists(), "refused before anything is written");
}

#[test]
fn an_export_is_never_replaced_by_surprise() {
    let months = ["2026-09", "2026-10"];
    let bench = Bench::of(Path::new(POOL), &months);
    assert_eq!(bench.export(&["2026-10"], &[]).0, 0);
    let before = bench.files();
    // One month of two is there: neither is written.
    let Ran(exit, _, stderr) = bench.export(&months, &[]);
    assert!(exit == 2 && stderr.contains("bulletins.parquet` already exists"), "{stderr}");
    assert!(stderr.contains("help: choose another `--vers`, or add `--remplacer`"), "{stderr}");
    assert!(before == bench.files());
    assert_eq!(bench.export(&months, &["--remplacer"]).0, 0);
    assert_eq!(bench.files().len(), 12);
}

#[test]
fn a_row_that_does_not_parse_is_named() {
    let month = "2026-10";
    let bench = Bench::of(Path::new(POOL), &[month]);
    assert_eq!(bench.export(&[month], &[]).0, 0);
    let before = bench.files();
    for (table, line, from, to, said) in [
        ("bulletins", 2, ",payable,", ",payable,1x", "`brut` is `1x"),
        ("lignes", 2, "\n", "\n,", "17 cells, where the header has 16"),
        ("charges", 1, "organisme", "organism", "the column `organisme` of `charges` is missing"),
        ("charges", 1, "siret,", "siret,siret,", "the column `siret` appears twice"),
        ("cumuls", 2, ",2026,", ",2026.5,", "`annee` is `2026.5`: not a whole number"),
        ("bulletins", 2, ",2026-10,", ",2026-09,", "`mois` is `2026-09`: the month of the folder"),
    ] {
        let path = bench.result(month, table);
        let good = fs::read(&path).unwrap();
        bench.change(month, table, from, to);
        let Ran(exit, stdout, stderr) = bench.export(&[month], &["--remplacer"]);
        assert_eq!((exit, stdout.as_str()), (2, ""), "{said}");
        assert!(stderr.contains(&format!("{table}.csv:{line}: ")), "{said}\n{stderr}");
        assert!(stderr.contains(said), "{said}\n{stderr}");
        assert!(before == bench.files(), "{said}: the former export changed");
        let Ran(exit, _, _) = bench.export(&[month], &["--remplacer", "--forme", "csv"]);
        assert_eq!(exit, 2, "{said}: CSV is checked as well");
        assert!(before == bench.files(), "{said}: something was left");
        fs::write(&path, good).unwrap();
    }
}

#[test]
fn what_a_killed_export_left_is_swept_and_a_live_one_is_spared() {
    let bench = Bench::of(Path::new(POOL), &["2026-10"]);
    let path = bench.exported("2026-10", "lignes");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let left = |process: &str| path.with_file_name(format!(".lignes.parquet.en-cours-{process}"));
    let (dead, live) = (left("999999999"), left(&std::process::id().to_string()));
    for left in [&dead, &live] {
        fs::write(left, "partial").unwrap();
    }
    assert_eq!(bench.export(&["2026-10"], &[]).0, 0);
    assert!(path.exists() && live.exists());
    assert_eq!(dead.exists(), !Path::new("/proc/self").exists());
}

#[test]
fn results_that_someone_changed_are_not_exported() {
    let bench = Bench::of(Path::new(POOL), &["2026-10"]);
    let (_, rows) = csv_rows(&bench.result("2026-10", "bulletins"));
    let net = format!(",{},", &rows[0][10]);
    bench.change("2026-10", "bulletins", &net, ",9999.99,");
    let Ran(exit, _, stderr) = bench.export(&["2026-10"], &[]);
    assert!(exit == 2 && stderr.contains("are not those that the run wrote"), "{stderr}");
    assert!(bench.files().is_empty());
}

/// A disk that is full: the system refuses more than a few blocks in one file.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_what_was_there() {
    let bench = Bench::of(Path::new(POOL), &["2026-10"]);
    assert_eq!(bench.export(&["2026-10"], &[]).0, 0);
    let before = bench.files();
    for forme in ["parquet", "csv"] {
        let output = std::process::Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\""])
            .arg(assert_cmd::cargo::cargo_bin("paie"))
            .args(["export", "--remplacer", "--forme", forme, "--vers", &bench.path("vers")])
            .args(["--resultats", &bench.path("sortie/2026-10")])
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains("cannot write `"), "{stderr}");
        assert!(stderr.contains("free some room"), "{stderr}");
        assert!(before == bench.files(), "{forme}: something changed or was left");
    }
}

/// Rows made as they are read: a table of any size without a file.
struct Made<F: FnMut(u64) -> Option<String>> {
    row: F,
    next: u64,
    left: Vec<u8>,
}

impl<F: FnMut(u64) -> Option<String>> Read for Made<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left.len() < buffer.len() {
            let Some(row) = (self.row)(self.next) else { break };
            self.next += 1;
            self.left.extend_from_slice(row.as_bytes());
        }
        let size = self.left.len().min(buffer.len());
        buffer[..size].copy_from_slice(&self.left[..size]);
        self.left.drain(..size);
        Ok(size)
    }
}

fn charges(rows: impl FnMut(u64) -> Option<String>, vers: &Path) -> Result<PathBuf, ExportError> {
    let mois = PayPeriod::parse("2026-10").unwrap();
    let mut export = MonthExport::new(vers, mois, Forme::Parquet, false, Vec::new());
    let mut reader = Made { row: rows, next: 0, left: Vec::new() };
    let fichier = "archive charges".to_owned();
    export.write(Table { nom: "charges", fichier, reader: &mut reader })?;
    Ok(export.finish()?.remove(0).path)
}

const CHARGES: &str = "siret,organisme,rubrique,effectif,base,montant_agent,montant_employeur\n";

#[test]
fn a_large_table_goes_through_in_row_groups() {
    let folder = tempfile::tempdir().unwrap();
    let total: u64 = 300_000;
    let row = |at: u64| match at {
        0 => Some(CHARGES.to_owned()),
        at if at <= total => {
            Some(format!("S{},urssaf,R{},{at},{at}.07,,-0.05\n", at >> 6, at & 63))
        }
        _ => None,
    };
    let path = charges(row, folder.path()).unwrap();
    let reader = parquet(&path);
    let groups: Vec<i64> =
        reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(groups, [131_072, 131_072, 37_856]);
    let (mut base, mut employer) = (0, 0);
    for (at, row) in (1_u64..).zip(reader.get_row_iter(None).unwrap()) {
        let row = row.unwrap();
        let fields: Vec<&Field> = row.get_column_iter().map(|(_, field)| field).collect();
        assert_eq!(*fields[0], Field::Str(format!("S{}", at >> 6)));
        assert_eq!(*fields[3], Field::Long(i64::try_from(at).unwrap()));
        assert_eq!(*fields[5], Field::Null);
        base += integer(fields[4]);
        employer += integer(fields[6]);
    }
    let count = i64::try_from(total).unwrap();
    assert_eq!(base, (1..=count).map(|at| 100 * at + 7).sum::<i64>());
    assert_eq!(employer, -5 * count);
}

#[test]
fn an_open_quote_does_not_swallow_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let mut read = 0;
    let row = |at: u64| {
        read = at;
        Some(match at {
            0 => CHARGES.to_owned(),
            3 => "S3,\"urssaf,R,1,1.00,,\n".to_owned(),
            at => format!("S{at},urssaf,R,1,1.00,,\n"),
        })
    };
    let message = charges(row, folder.path()).unwrap_err().to_string();
    assert_eq!(message, "archive charges:4: a quote is opened and not closed");
    assert!(read < 200_000, "{read} rows were read of a table without end");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn amounts_are_exact_or_refused() {
    let one = |cells: &str| {
        let folder = tempfile::tempdir().unwrap();
        let text = [CHARGES.to_owned(), format!("1,urssaf,R,1,{cells}\n")];
        let written = charges(|at| text.get(usize::try_from(at).unwrap()).cloned(), folder.path());
        written.map(|path| {
            let row = parquet(&path).get_row_iter(None).unwrap().next().unwrap().unwrap();
            let fields: Vec<i64> =
                row.get_column_iter().skip(4).map(|(_, field)| integer(field)).collect();
            fields
        })
    };
    // More digits than a binary float holds.
    let exact = one("9999999999999999.99,-9999999999999999.99,-0.01").unwrap();
    assert_eq!(exact, [999_999_999_999_999_999, -999_999_999_999_999_999, -1]);
    assert_eq!(one("5,0.1,-12.5").unwrap(), [500, 10, -1250]);
    for (wrong, why) in [
        ("1.005,0,0", "`base` is `1.005`: more than 2 decimals"),
        ("10000000000000000.00,0,0", "more than 18 digits"),
        ("0,1e3,0", "`montant_agent` is `1e3`: not a decimal number"),
    ] {
        let message = one(wrong).unwrap_err().to_string();
        assert!(message.starts_with("archive charges:2: ") && message.contains(why), "{message}");
    }
}

#[test]
fn the_columns_of_results_are_explained() {
    let Ran(exit, stdout, _) = paie(&["show", "dictionnaire", "resultats"]);
    assert_eq!(exit, 0);
    assert!(stdout.contains("| montant_agent | DECIMAL(18,2) | montant pour l'agent"), "{stdout}");
    for table in export::tables().chain(export::kept_tables()) {
        assert!(stdout.contains(&format!("\n## {table}\n")), "{table}");
    }
}
