//! Archived months computed again: as they were paid, from the archive alone; as they are due now.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use assert_cmd::Command;
use paie::archive::{Archive, Signature, sauvegarde};
use paie::batch::{Archiving, RunOptions};
use paie::calendar::{Day, KnownOn, PayPeriod};
use paie::check::{self, CheckedRuleBook};
use paie::load::{EmbeddedFiles, Files};
use paie::program::{Target, compile};
use paie::rules;
use paie::source::SourceMap;
use serde_json::Value;
use tempfile::TempDir;

const MONTHS: [&str; 6] = ["2024-01", "2024-02", "2024-03", "2024-04", "2024-05", "2024-06"];

/// Exit code, standard output, standard error.
struct Ran(i32, String, String);

fn paie(arguments: &[&str]) -> Ran {
    let output = Command::cargo_bin("paie").unwrap().args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran(output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn good(arguments: &[&str]) -> String {
    let ran = paie(arguments);
    assert_eq!(ran.0, 0, "{arguments:?}: {}{}", ran.1, ran.2);
    ran.1
}

/// A pool and the archive of its months.
struct Bench {
    folder: TempDir,
}

impl Bench {
    /// A pool of six months of facts, two agents of which share a NIR and a bank account.
    fn new(graine: &str) -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        let pool = bench.path("pool");
        let size = ["--employeurs", "2", "--agents", "70", "--graine", graine];
        let months = ["--historique", "6", "--mois", "2024-06", "--quiet"];
        good(&[&["demo", &pool], &size[..], &months[..]].concat());
        bench
    }

    fn path(&self, below: &str) -> String {
        self.folder.path().join(below).to_str().unwrap().to_owned()
    }

    fn run(&self, month: &str, more: &[&str]) -> Ran {
        let (pool, archive, known) =
            (self.path("pool"), self.path("archive"), format!("{month}-25"));
        let base = ["run", "--pool", &pool, "--archive", &archive, "--mois", month];
        let rest = ["--connu-le", &known, "--par", "essai", "--quiet"];
        paie(&[&base[..], &rest[..], more].concat())
    }

    fn close(&self, month: &str) {
        let archive = self.path("archive");
        for step in ["valider", "clore"] {
            let who = ["--archive", &archive, "--mois", month, "--par", "essai", "--quiet"];
            // A payslip that is blocked is told, and waits for the next month.
            let ran = paie(&[&["archive", step], &who[..]].concat());
            assert!(ran.0 < 2, "{}", ran.2);
        }
    }

    fn replay(&self, archive: &str, more: &[&str]) -> Ran {
        let archive = self.path(archive);
        paie(&[&["replay", "--archive", &archive], more].concat())
    }

    /// Gives the second agent of an employer the NIR and the bank account of the first.
    fn share_numbers(&self) -> [String; 2] {
        let careers = fs::read_to_string(self.path("pool/carrieres.csv")).unwrap();
        let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let mut by_employer: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in careers.lines().skip(1).map(cells).filter(|row| row[3].starts_with("20")) {
            let agents = by_employer.entry(row[1].clone()).or_default();
            if !agents.contains(&row[0]) {
                agents.push(row[0].clone());
            }
        }
        let pair = by_employer.into_values().find(|agents| agents.len() > 1).unwrap();
        let (one, two) = (pair[0].clone(), pair[1].clone());
        let path = self.path("pool/agents.csv");
        let text = fs::read_to_string(&path).unwrap();
        let mut rows: Vec<Vec<String>> = text.lines().map(cells).collect();
        let first = rows.iter().find(|row| row[0] == one).unwrap().clone();
        let second = rows.iter_mut().find(|row| row[0] == two).unwrap();
        second[1] = first[1].clone();
        second[7] = first[7].clone();
        let text: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
        fs::write(path, text.join("\n") + "\n").unwrap();
        [one, two]
    }
}

/// Six closed months, one of them run again after a waiver.
static SIX: LazyLock<Bench> = LazyLock::new(|| {
    let bench = Bench::new("1");
    bench.share_numbers();
    for month in MONTHS {
        assert!(bench.run(month, &[]).0 < 2);
        if month == "2024-04" {
            waive(&bench, month);
            assert!(bench.run(month, &[]).0 < 2);
        }
        bench.close(month);
    }
    bench
});

/// Waives the first control that blocks in the last run of a month.
fn waive(bench: &Bench, month: &str) {
    let archive = Archive::open(bench.path("archive")).unwrap();
    let last = archive.journal().iter().rev().find(|entry| entry.calcul().is_some()).unwrap();
    let stored = paie::archive::Stored::open(&archive, last).unwrap();
    let findings = String::from_utf8(stored.whole("anomalies.csv").unwrap()).unwrap();
    let mut reader = csv::Reader::from_reader(findings.as_bytes());
    let row = reader.records().map(Result::unwrap).find(|row| &row[9] == "nir_double").unwrap();
    let who = ["--siret", &row[2], "--agent", &row[3], "--contrat", &row[4]];
    let archive = bench.path("archive");
    let base = ["archive", "deroger", "--archive", &archive, "--mois", month];
    let why = ["--controle", "nir_double", "--par", "chef", "--motif", "jumeaux"];
    good(&[&base[..], &who[..], &why[..]].concat());
}

/// What `--format json` says.
fn json(ran: &Ran) -> Vec<Value> {
    serde_json::from_str(&ran.1).unwrap()
}

#[test]
fn every_closed_month_is_found_again() {
    let ran = SIX.replay("archive", &["--format", "json"]);
    assert_eq!(ran.0, 0, "{}{}", ran.1, ran.2);
    let rows = json(&ran);
    let months: Vec<&str> = rows.iter().map(|row| row["mois"].as_str().unwrap()).collect();
    assert_eq!(months, MONTHS);
    for row in &rows {
        assert_eq!(row["identique"], true);
        assert_eq!(row["empreinte_archivee"], row["empreinte_calculee"]);
        assert_eq!(row["agents"], 70);
    }
    // One line of progress for each month, on standard error.
    assert_eq!(ran.2.lines().filter(|line| line.contains("same")).count(), MONTHS.len());
    // The months had rappels to find again, and a waiver.
    let archive = Archive::open(SIX.path("archive")).unwrap();
    let last = paie::batch::replay::entries(&archive, |_| true, true);
    let rows = last.iter().map(|entry| {
        let stored = paie::archive::Stored::open(&archive, entry).unwrap();
        String::from_utf8(stored.whole("rappels.csv").unwrap()).unwrap().lines().count() - 1
    });
    assert!(rows.sum::<usize>() > 10);
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let of = |threads| {
        let more = ["--mois", "2024-05", "--format", "csv", "--threads", threads];
        let ran = SIX.replay("archive", &more);
        assert_eq!(ran.0, 0, "{}{}", ran.1, ran.2);
        ran.1
    };
    let one = of("1");
    assert_eq!(one, of("2"));
    assert_eq!(one, of("8"));
    assert_eq!(one.lines().count(), 2);
}

#[test]
fn a_copy_elsewhere_is_enough() {
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("copie");
    sauvegarde(&Archive::open(SIX.path("archive")).unwrap(), &copy).unwrap();
    let copy = copy.to_str().unwrap();
    let more = ["--depuis", "2024-02", "--jusqu", "2024-03", "--format", "csv", "--quiet"];
    let ran = paie(&[&["rejouer", "--archive", copy], &more[..]].concat());
    assert_eq!((ran.0, ran.2.as_str()), (0, ""), "{}", ran.1);
    let rows: Vec<&str> = ran.1.lines().skip(1).collect();
    assert_eq!(rows.len(), 2);
    assert!(rows[0].starts_with("2024-02,") && rows[1].starts_with("2024-03,"));
    assert!(rows.iter().all(|row| row.contains(",oui,")));
}

/// The national rules, changed.
fn rules_with(change: impl Fn(&str, String) -> String) -> BTreeMap<String, String> {
    let read = |path: &String| String::from_utf8(EmbeddedFiles.read(path).unwrap()).unwrap();
    let paths = EmbeddedFiles.list().unwrap();
    paths.into_iter().map(|path| (path.clone(), change(&path, read(&path)))).collect()
}

fn write_rules(folder: &Path, rules: BTreeMap<String, String>) {
    for (path, text) in rules {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// Under these rules, who shares a NIR is paid all the same.
fn other_rules() -> BTreeMap<String, String> {
    let file = "controles/identite.toml";
    rules_with(|path, text| match path == file {
        true => text.replace("gravite = \"bloquant\"", "gravite = \"alerte\""),
        false => text,
    })
}

#[test]
fn rules_come_from_the_archive() {
    let bench = Bench::new("3");
    bench.share_numbers();
    let layer = bench.path("couche");
    write_rules(Path::new(&layer), other_rules());
    for month in ["2024-01", "2024-02"] {
        let ran = bench.run(month, &["--regles", &layer]);
        assert!(ran.0 < 2, "{}", ran.2);
        bench.close(month);
    }
    fs::remove_dir_all(&layer).unwrap();
    let ran = bench.replay("archive", &["--format", "json"]);
    assert_eq!(ran.0, 0, "{}{}", ran.1, ran.2);
    assert_eq!(json(&ran).len(), 2);
}

fn book(texts: &BTreeMap<String, String>) -> CheckedRuleBook {
    let (mut sources, mut files) = (SourceMap::default(), Vec::new());
    let rule = |path: &str| path.ends_with(".toml") || path.ends_with(".csv");
    for (path, text) in texts.iter().filter(|(path, _)| rule(path)) {
        files.push(sources.add(format!("rules/{path}"), text.clone()));
    }
    let mut findings = Vec::new();
    let resolved = rules::resolve(&sources, &files, &mut findings).unwrap();
    check::check(resolved, &mut findings).unwrap()
}

/// A run whose archived rules are not those that computed it.
fn forged(bench: &Bench) {
    let said = rules_with(|_, text| text);
    let texts: BTreeMap<String, Vec<u8>> =
        said.iter().map(|(path, text)| (format!("rules/{path}"), text.clone().into())).collect();
    let texts: BTreeMap<String, Vec<u8>> = texts
        .into_iter()
        .filter(|(path, _)| path.ends_with(".toml") || path.ends_with(".csv"))
        .collect();
    let mut digest = blake3::Hasher::new();
    for (path, text) in &texts {
        digest.update(path.as_bytes());
        digest.update(&[0]);
        digest.update(text);
        digest.update(&[0]);
    }
    let book = book(&other_rules());
    let period = PayPeriod::parse("2024-01").unwrap();
    let known_on = KnownOn::Day(Day::parse("2024-01-25").unwrap());
    let program = compile(&book, Target { period, known_on, au_dela: false }).unwrap();
    let options = RunOptions {
        pool: PathBuf::from(bench.path("pool")),
        target: None,
        replace: false,
        threads: Some(1),
        au_dela: false,
        rules_digest: digest.finalize().to_hex().to_string(),
    };
    let writer = Archive::create(bench.path("archive")).unwrap().lock().unwrap();
    let signature = Signature { quand: "2024-01-25T10:00:00Z".to_owned(), qui: "essai".to_owned() };
    let archiving = Archiving { writer, signature, rules: texts };
    paie::batch::run(&book, &program, &options, Some(archiving), &|_, _| {}, &|| 0).unwrap();
}

#[test]
fn what_differs_is_told() {
    let bench = Bench::new("5");
    let pair = bench.share_numbers();
    forged(&bench);
    // The month is not closed: it is computed again only when it is named.
    let ran = bench.replay("archive", &[]);
    assert_eq!(ran.0, 2);
    assert!(ran.2.contains("no such month"), "{}", ran.2);
    let ran = bench.replay("archive", &["--mois", "2024-01", "--format", "json"]);
    assert_eq!(ran.0, 1, "{}{}", ran.1, ran.2);
    let [row] = &json(&ran)[..] else { unreachable!("one month") };
    assert_eq!(row["identique"], false);
    assert_ne!(row["empreinte_archivee"], row["empreinte_calculee"]);
    let tables = row["tables"].as_array().unwrap();
    let table = |nom: &str| tables.iter().find(|table| table["table"] == nom).unwrap();
    // Two payslips are blocked by the rules that the archive holds, and were paid.
    let slips = table("bulletins.csv");
    assert_eq!((slips["archivees"].as_u64(), slips["calculees"].as_u64()), (Some(2), Some(2)));
    let first = &slips["premieres"][0];
    let (paid, blocked) = (first["archive"].as_str().unwrap(), first["calcul"].as_str().unwrap());
    assert!(paid.contains(",payable,") && paid.contains(&pair[0]), "{paid}");
    assert!(blocked.contains(",bloque,") && blocked.contains(&pair[0]), "{blocked}");
    let lines = table("lignes.csv");
    assert_eq!(lines["calculees"], 0);
    let rubriques = row["rubriques"].as_array().unwrap();
    let count: u64 = rubriques.iter().map(|one| one["lignes"].as_u64().unwrap()).sum();
    assert_eq!(lines["archivees"], count);
    assert!(count > 10);
    let text = bench.replay("archive", &["--mois", "2024-01"]).1;
    assert!(text.contains("2024-01 (entry 1) differs") && text.contains("bulletins.csv: 2"));
}

#[test]
fn a_month_has_its_own_rules_and_its_own_day() {
    for more in [["--connu-le", "2024-03-01"], ["--regles", "rules"]] {
        let ran = SIX.replay("archive", &more);
        assert_eq!((ran.0, ran.1.as_str()), (2, ""));
        assert!(ran.2.contains("its own day of knowledge"), "{}", ran.2);
    }
    let ran = SIX.replay("archive", &["--mois", "2023-01"]);
    assert_eq!(ran.0, 2);
}

/// Sums of both sides, in cents, by contract, month of origin and rubrique.
type Sums = BTreeMap<[String; 5], (i64, i64)>;

fn cents(text: &str) -> i64 {
    if text.is_empty() {
        return 0;
    }
    paie::num::Amount::parse(text).unwrap().cents()
}

fn rows(text: &str) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(text.as_bytes()).records().map(Result::unwrap).collect()
}

/// A pool whose four first months are closed.
struct Due {
    bench: Bench,
    rules: Vec<String>,
}

impl Due {
    fn new(graine: &str, layer: Option<&str>) -> Self {
        let bench = Bench::new(graine);
        for month in &MONTHS[..4] {
            assert!(bench.run(month, &[]).0 < 2);
            bench.close(month);
        }
        let rules = layer.map(|layer| ["--regles", layer].map(str::to_owned).to_vec());
        Self { bench, rules: rules.unwrap_or_default() }
    }

    /// What the closed months are due on 25 May. Nothing is stored.
    fn due(&self) -> Vec<csv::StringRecord> {
        let entries = || Archive::open(self.bench.path("archive")).unwrap().journal().len();
        let before = entries();
        let pool = self.bench.path("pool");
        let base = ["--du", "--pool", &pool, "--connu-le", "2024-05-25", "--format", "csv"];
        let rules: Vec<&str> = self.rules.iter().map(String::as_str).collect();
        let ran = self.bench.replay("archive", &[&base[..], &rules].concat());
        assert!(ran.0 < 2, "{}", ran.2);
        assert_eq!(before, entries());
        let found = rows(&ran.1);
        assert_eq!(ran.0 == 0, found.is_empty());
        found
    }

    /// Runs May, and gives its table `nom`.
    fn run(&self) -> impl Fn(&str) -> Vec<csv::StringRecord> {
        let sortie = self.bench.path("sortie");
        let rules: Vec<&str> = self.rules.iter().map(String::as_str).collect();
        let ran = self.bench.run("2024-05", &[&["--sortie", &sortie], &rules[..]].concat());
        assert!(ran.0 < 2, "{}", ran.2);
        move |nom| {
            let path = Path::new(&sortie).join("2024-05").join(nom);
            rows(&fs::read_to_string(path).unwrap())
        }
    }
}

/// What is due is what the next run pays; once it is closed, nothing more is due. Gives how many
/// sums were compared.
fn due_is_paid(graine: &str, layer: Option<&str>) -> usize {
    let case = Due::new(graine, layer);
    let found = case.due();
    let table = case.run();
    let slips = table("bulletins.csv");
    let payable = |row: &csv::StringRecord| {
        slips.iter().any(|slip| &slip[4] == "payable" && (0..3).all(|at| slip[at] == row[at]))
    };
    let sum = |rows: &[csv::StringRecord], keys: [usize; 5], sides: [usize; 2]| {
        let mut sums = Sums::new();
        for row in rows {
            let sum = sums.entry(keys.map(|at| row[at].to_owned())).or_default();
            sum.0 += cents(&row[sides[0]]);
            sum.1 += cents(&row[sides[1]]);
        }
        sums
    };
    let found: Vec<_> = found.into_iter().filter(|row| &row[10] == "oui" && payable(row)).collect();
    let mut lines = table("lignes.csv");
    lines.retain(|row| row[3] != row[4]);
    let due = sum(&found, [0, 1, 2, 3, 4], [7, 8]);
    assert_eq!(due, sum(&lines, [0, 1, 2, 4, 6], [13, 15]), "graine {graine}");
    case.bench.close("2024-05");
    let left: Vec<_> = case.due().into_iter().filter(payable).collect();
    assert!(left.is_empty(), "graine {graine}: {left:?}");
    due.len()
}

#[test]
fn what_is_due_is_what_the_next_run_pays() {
    let compared = due_is_paid("11", None) + due_is_paid("12", None);
    assert!(compared > 20, "{compared}");
}

#[test]
fn a_rule_that_changes_is_due_to_all() {
    let folder = tempfile::tempdir().unwrap();
    let file = "parametres/indices.toml";
    let rules = rules_with(|path, text| match path == file {
        true => text.replace("\"59.0734\"", "\"60.0734\""),
        false => text,
    });
    assert!(rules[file].contains("60.0734"));
    write_rules(folder.path(), rules);
    let compared = due_is_paid("13", Some(folder.path().to_str().unwrap()));
    assert!(compared > 100, "{compared}");
}

#[test]
fn a_second_row_of_an_agent_shares_nothing() {
    let bench = Bench::new("7");
    let path = bench.path("pool/agents.csv");
    let text = fs::read_to_string(&path).unwrap();
    let careers = fs::read_to_string(bench.path("pool/carrieres.csv")).unwrap();
    let one = careers.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    let row = text.lines().find(|row| row.starts_with(&one)).unwrap();
    let other = text.lines().skip(1).find(|row| !row.starts_with(&one)).unwrap();
    let other = other.split(',').next().unwrap();
    // Another agent, listed a second time with the numbers of the first one.
    fs::write(&path, format!("{text}{}\n", row.replace(&one, other))).unwrap();
    let ran = bench.run("2024-01", &["--sortie", &bench.path("sortie")]);
    assert_eq!(ran.0, 1, "{}", ran.2);
    let findings = fs::read_to_string(bench.path("sortie/2024-01/anomalies.csv")).unwrap();
    assert!(findings.contains(other) && !findings.contains("_partage"), "{findings}");
    let ran = bench.replay("archive", &["--mois", "2024-01"]);
    assert_eq!(ran.0, 0, "{}{}", ran.1, ran.2);
}
