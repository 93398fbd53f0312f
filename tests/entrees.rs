//! Bad input, row by row: one small pool a case, run through the program as people run it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on stops")]
#![expect(clippy::indexing_slicing, reason = "the columns of the contract, by their place")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use paie::diag::{Code, Severity};
use paie::francais;

/// Findings that leave nobody to pay: the file itself cannot be used.
const NOTHING_COMPUTED: &[&str] = &[
    "E701_fichier_absent",
    "E702_colonne_absente",
    "E702_retours_chariot_seuls",
    "E702_sans_entete",
    "E702_tabulations",
];

/// Errors about a row of nobody: every agent of the pool is paid all the same.
const NOBODY_BLOCKED: &[&str] = &["E712_agent_inconnu", "E712_espace_invisible"];

/// What one run left.
struct Ran {
    exit: i32,
    stdout: String,
    stderr: String,
    /// Name and text of each result file.
    files: Vec<(String, String)>,
}

impl Ran {
    fn file(&self, name: &str) -> &str {
        let found = self.files.iter().find(|(file, _)| file == name);
        found.map_or("", |(_, text)| text)
    }

    /// The states of the payslips of an agent.
    fn states(&self, agent: &str) -> Vec<String> {
        let mut reader = csv::Reader::from_reader(self.file("bulletins.csv").as_bytes());
        let rows = reader.records().map(|row| row.unwrap());
        rows.filter(|row| &row[1] == agent).map(|row| row[4].to_owned()).collect()
    }

    fn codes(&self) -> BTreeSet<String> {
        let mut reader = csv::Reader::from_reader(self.file("anomalies.csv").as_bytes());
        reader.records().map(|row| row.unwrap()[1].to_owned()).collect()
    }

    /// Where, what and what to do, for a reader of the snapshot.
    fn anomalies(&self) -> String {
        let mut reader = csv::Reader::from_reader(self.file("anomalies.csv").as_bytes());
        let shown = |row: csv::StringRecord| {
            let who = [&row[2], &row[3], &row[4]].join(" ");
            let who = who.trim();
            let place = format!("{}:{}", &row[5], &row[6]);
            format!("{}[{}] {who}\n  {place}\n  {}\n  = {}\n", &row[0], &row[1], &row[7], &row[8])
        };
        reader.records().map(|row| shown(row.unwrap())).collect()
    }
}

fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir("fixtures/diagnostics/pool").unwrap();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn name_of(folder: &Path) -> &str {
    folder.file_name().unwrap().to_str().unwrap()
}

fn code_of(folder: &Path) -> Code {
    let code = name_of(folder).split('_').next().and_then(Code::from_name);
    code.unwrap_or_else(|| panic!("{} does not start with a code", folder.display()))
}

/// `mois.toml` of a folder: the month to run, and those that are paid and closed before it.
struct Avant {
    mois: String,
    /// Each month, with the folder whose files take the place of those of the pool.
    avant: Vec<(String, PathBuf)>,
}

impl Avant {
    fn read(pool: &Path) -> Option<Self> {
        let text = fs::read_to_string(pool.join("mois.toml")).ok()?;
        let table: toml::Table = text.parse().unwrap();
        let word = |table: &toml::Table, key: &str| {
            table.get(key).map_or_else(String::new, |value| value.as_str().unwrap().to_owned())
        };
        let months = table["avant"].as_array().unwrap().iter().map(|one| one.as_table().unwrap());
        let avant = months.map(|one| (word(one, "mois"), pool.join(word(one, "pool")))).collect();
        Some(Self { mois: word(&table, "mois"), avant })
    }

    /// Pays and closes the months before, in an archive of a new folder; the pool of the last month
    /// is beside it.
    fn archive(&self, pool: &Path) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let (archive, ready) = (folder.path().join("archive"), folder.path().join("pool"));
        fs::create_dir(&ready).unwrap();
        let copy = |from: &Path| {
            for entry in fs::read_dir(from).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|extension| extension == "csv") {
                    fs::copy(&path, ready.join(name_of(&path))).unwrap();
                }
            }
        };
        for (mois, own) in &self.avant {
            copy(pool);
            copy(own);
            let paie = |args: &[&str]| {
                let mut command = Command::cargo_bin("paie").unwrap();
                command.args(args).args(["--mois", mois]).arg("--archive").arg(&archive);
                if args[0] == "run" {
                    command.arg("--pool").arg(&ready);
                }
                let output = command.args(["--par", "essai"]).output().unwrap();
                let error = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.code() < Some(2), "{mois} {args:?}\n{error}");
            };
            paie(&["run"]);
            paie(&["archive", "valider"]);
            paie(&["archive", "clore"]);
        }
        copy(pool);
        (folder, ready)
    }
}

fn run(pool: &Path) -> Ran {
    let result = tempfile::tempdir().unwrap();
    let mut command = Command::cargo_bin("paie").unwrap();
    let avant = Avant::read(pool);
    let archive = avant.as_ref().map(|avant| avant.archive(pool));
    let archived = archive.as_ref().map_or(pool, |(_, ready)| ready.as_path());
    command.arg("run").arg("--pool").arg(archived).arg("--sortie").arg(result.path());
    if let Some((folder, _)) = &archive {
        command.arg("--archive").arg(folder.path().join("archive"));
    }
    let month = match name_of(pool) {
        _ if let Some(avant) = &avant => &avant.mois,
        _ if code_of(pool) == Code::W917 => "2027-01",
        // Every statut is covered today: apprentices have no rules before 2019.
        "E722_statut_non_couvert" => "2018-10",
        _ => "2026-10",
    };
    command.args(["--mois", month]);
    if code_of(pool) == Code::W917 {
        command.arg("--au-dela");
    }
    if pool.join("regles").is_dir() {
        command.arg("--regles").arg(pool.join("regles"));
    }
    let output = command.output().unwrap();
    let mut files = Vec::new();
    if let Ok(entries) = fs::read_dir(result.path().join(month)) {
        for entry in entries {
            let path = entry.unwrap().path();
            files.push((name_of(&path).to_owned(), fs::read_to_string(&path).unwrap()));
        }
    }
    Ran {
        exit: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        files,
    }
}

/// What the browser would say of each finding of a run: all of it French.
fn is_said_in_french(name: &str, ran: &Ran) {
    let mut reader = csv::Reader::from_reader(ran.file("anomalies.csv").as_bytes());
    let rows = reader.records().map(|row| row.unwrap());
    let mut found: Vec<[String; 3]> =
        rows.map(|row| [1, 7, 8].map(|column| row[column].to_owned())).collect();
    // A pool that cannot be opened leaves no table: its findings are on the screen.
    let lines: Vec<&str> = ran.stderr.lines().collect();
    for block in lines.windows(3).filter(|_| ran.files.is_empty()) {
        let heading = block[0].strip_prefix("error[").and_then(|rest| rest.split_once("]: "));
        if let (Some((code, message)), Some((_, help))) = (heading, block[2].split_once("help: ")) {
            found.push([code, message, help].map(str::to_owned));
        }
    }
    for [code, message, remede] in found {
        let code = Code::from_name(&code).unwrap();
        for text in [&message, &remede] {
            let french = francais::traduit(code, text);
            let whole = french.is_some_and(|french| !french.contains('`'));
            assert!(whole, "{name}: no French for [{code}] {text}");
        }
    }
}

/// Pools, without the reference payslips that `paie test` reads.
fn pools() -> impl Iterator<Item = PathBuf> {
    folders().into_iter().filter(|folder| folder.join("employeurs.csv").exists())
}

/// Names, NIR, IBAN, births and addresses of the agents of a pool.
fn secrets(pool: &Path) -> Vec<String> {
    let Ok(bytes) = fs::read(pool.join("agents.csv")) else { return Vec::new() };
    let text = String::from_utf8_lossy(&bytes).replace('\r', "\n");
    let rows = text.lines().filter(|row| !row.starts_with("agent,"));
    let cells = rows.flat_map(|row| row.split(',').skip(1).map(str::to_owned));
    cells.filter(|cell| cell.len() > 4).collect()
}

#[test]
fn every_pool_gives_its_code_and_only_its_code() {
    for pool in pools() {
        let (name, code, ran) = (name_of(&pool).to_owned(), code_of(&pool), run(&pool));
        is_said_in_french(&name, &ran);
        let shown = if NOTHING_COMPUTED.contains(&name.as_str()) {
            assert_eq!((ran.exit, ran.files.len()), (2, 0), "{name}\n{}", ran.stderr);
            assert!(ran.stderr.contains(&format!("error[{code}]")), "{name}\n{}", ran.stderr);
            ran.stderr
        } else {
            assert_eq!(ran.exit, 1, "{name}\n{}{}", ran.stdout, ran.stderr);
            let codes = BTreeSet::from([code.name().to_owned()]);
            assert_eq!(ran.codes(), codes, "{name}\n{}", ran.anomalies());
            ran.anomalies()
        };
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, shown);
        });
    }
}

#[test]
fn an_invented_pool_is_said_in_french() {
    let folder = tempfile::tempdir().unwrap();
    // An invented pool is right in its month: it is run later, when rates are old and rows ended.
    let to = folder.path().join("W917_pool_invente");
    let mut demo = Command::cargo_bin("paie").unwrap();
    demo.arg("demo").arg(&to).args(["--agents", "100"]).assert().success();
    let ran = run(&to);
    assert!(ran.codes().contains("W917"), "{:?} {}", ran.codes(), ran.stderr);
    is_said_in_french("demo", &ran);
}

#[test]
fn the_right_agent_is_paid_and_the_wrong_one_is_not() {
    for pool in pools() {
        let (name, ran) = (name_of(&pool).to_owned(), run(&pool));
        if NOTHING_COMPUTED.contains(&name.as_str()) {
            continue;
        }
        assert_eq!(ran.states("BON"), ["payable"], "{name}");
        let error = code_of(&pool).severity() == Severity::Error;
        let wrong = ran.states("FAUX");
        match (error, NOBODY_BLOCKED.contains(&name.as_str())) {
            (true, false) => assert_eq!(wrong, ["bloque"], "{name}"),
            _ => assert!(!wrong.contains(&"bloque".to_owned()), "{name}"),
        }
        let paid = ran.file("lignes.csv").lines().filter(|line| line.contains(",FAUX,")).count();
        assert_eq!(paid > 0, wrong == ["payable"], "{name}: lines of a payslip that is not paid");
    }
}

#[test]
fn no_name_no_nir_no_iban_leaves_the_files_of_agents() {
    for pool in pools() {
        let (name, ran) = (name_of(&pool).to_owned(), run(&pool));
        let outputs = ran.files.iter().map(|(file, text)| (file.as_str(), text.as_str()));
        let words = [("stdout", ran.stdout.as_str()), ("stderr", ran.stderr.as_str())];
        let secrets = secrets(&pool);
        assert!(!secrets.is_empty(), "{name}");
        for (place, text) in outputs.chain(words) {
            let text = text.to_lowercase();
            for secret in &secrets {
                // Headers are compared once folded, so a secret is looked for in that form too.
                let folded = secret.to_lowercase().replace([' ', '-'], "_");
                let found = text.contains(&secret.to_lowercase()) || text.contains(&folded);
                assert!(!found, "{name}: `{secret}` is in {place}");
            }
        }
    }
}

#[test]
fn a_reference_payslip_that_cannot_be_read_stops_nothing_else() {
    for folder in folders().iter().filter(|folder| code_of(folder) == Code::E724) {
        let mut command = Command::cargo_bin("paie").unwrap();
        let good = "fixtures/bulletins/adjoint-technique-im366-2026-01.toml";
        let output = command.args(["test", good]).arg(folder).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", folder.display());
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name_of(folder), String::from_utf8(output.stdout).unwrap());
        });
    }
}
