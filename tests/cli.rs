//! Commands as people run them: exit codes, what is printed, what is written.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

const POOL: &str = "fixtures/pool";
const MONTH: &str = "2026-10";
const GOOD_CASE: &str = "fixtures/bulletins/adjoint-technique-im366-2026-01.toml";

/// The headers of the contract, section 5.
const HEADERS: [(&str, &str); 6] = [
    (
        "bulletins.csv",
        "siret,agent,contrat,mois,etat,brut,net_social,net_imposable,net_avant_impot,pas,\
         net_a_payer,cout_employeur",
    ),
    (
        "lignes.csv",
        "siret,agent,contrat,mois,mois_origine,ordre,rubrique,libelle,nature,motif,nombre,base,\
         taux_agent,montant_agent,taux_employeur,montant_employeur",
    ),
    ("charges.csv", "siret,organisme,rubrique,effectif,base,montant_agent,montant_employeur"),
    ("anomalies.csv", "gravite,code,siret,agent,contrat,fichier,ligne,message,remede,controle"),
    (
        "cumuls.csv",
        "siret,agent,contrat,annee,rubrique,montant,base,montant_agent,montant_employeur",
    ),
    ("rappels.csv", "siret,agent,contrat,mois,mois_origine,etat,net,montant_employeur,cause"),
];

/// Exit code, standard output, standard error.
struct Ran(i32, String, String);

fn paie(arguments: &[&str]) -> Ran {
    let output = Command::cargo_bin("paie").unwrap().args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran(output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Runs the month of a pool in a fresh folder.
fn month(pool: &Path, more: &[&str]) -> (TempDir, Ran) {
    let result = tempfile::tempdir().unwrap();
    let (from, to) = (pool.to_str().unwrap(), result.path().to_str().unwrap());
    let mut arguments = vec!["run", "--pool", from, "--mois", MONTH, "--sortie", to];
    arguments.extend(more);
    let ran = paie(&arguments);
    (result, ran)
}

/// A file of the result.
fn read(result: &TempDir, name: &str) -> String {
    fs::read_to_string(result.path().join(MONTH).join(name)).unwrap()
}

fn rows(result: &TempDir, name: &str) -> Vec<csv::StringRecord> {
    let text = read(result, name);
    csv::Reader::from_reader(text.as_bytes()).records().map(|row| row.unwrap()).collect()
}

/// Everything but the manifest, which holds the duration.
fn results(result: &TempDir) -> Vec<String> {
    HEADERS.iter().map(|(name, _)| read(result, name)).collect()
}

/// `1801.74` as cents, exactly; an empty cell is nothing.
fn cents(text: &str) -> i64 {
    if text.is_empty() {
        return 0;
    }
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "00"));
    assert_eq!(decimals.len(), 2, "{text}");
    format!("{whole}{decimals}").parse().unwrap()
}

fn copy_pool(to: &Path) {
    for entry in fs::read_dir(POOL).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn check_tells_findings_and_counts() {
    let Ran(exit, stdout, _) = paie(&["check", "--format", "json"]);
    let findings: Vec<serde_json::Value> = serde_json::from_str(&stdout).unwrap();
    let codes: Vec<&str> = findings.iter().map(|found| found["code"].as_str().unwrap()).collect();
    assert!(codes.iter().all(|code| code.starts_with(['T', 'W'])), "{codes:?}");
    // What only tells where a value comes from is not something to mend.
    let to_mend = codes.iter().any(|code| !["T602", "T604"].contains(code));
    assert_eq!(exit, i32::from(to_mend));
    let Ran(text_exit, stdout, _) = paie(&["check"]);
    assert_eq!(text_exit, exit);
    let counts = format!("0 errors, {} warnings in ", codes.len());
    assert!(stdout.starts_with(&counts), "{stdout}");
    assert!(stdout.contains(" dated values: confiance haute "), "{stdout}");
    assert_eq!(paie(&["check", "--quiet"]).1, "");
}

#[test]
fn check_of_wrong_rules_shows_every_finding_and_fails() {
    let layer = "fixtures/diagnostics/S402_division_par_zero/rules";
    let Ran(exit, _, stderr) = paie(&["check", "--regles", layer]);
    assert_eq!(exit, 2);
    assert!(stderr.contains("error[S402]") && stderr.contains("help:"), "{stderr}");
    let layer = "fixtures/diagnostics/U304_condition_pour_nombre/rules";
    let (result, Ran(exit, stdout, stderr)) = month(Path::new(POOL), &["--regles", layer]);
    assert_eq!((exit, stdout.as_str()), (2, ""));
    assert!(stderr.contains("error[U304]") && stderr.contains("nothing is computed"), "{stderr}");
    assert!(!result.path().join(MONTH).exists());
    let Ran(exit, _, stderr) = paie(&["check", "--regles", "nulle/part"]);
    assert!(exit == 2 && stderr.contains("`nulle/part` does not exist"), "{stderr}");
}

#[test]
fn run_writes_the_files_of_the_contract() {
    let (result, Ran(exit, stdout, stderr)) = month(Path::new(POOL), &[]);
    assert_eq!((exit, stderr.as_str()), (0, ""), "{stdout}");
    let folder = result.path().join(MONTH);
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut expected: Vec<&str> = HEADERS.iter().map(|(name, _)| *name).collect();
    expected.push("manifest.json");
    expected.sort_unstable();
    assert_eq!(names, expected);
    for (name, header) in HEADERS {
        assert_eq!(read(&result, name).lines().next(), Some(header), "{name}");
    }
    let manifest = read(&result, "manifest.json");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!((&manifest["mois"], &manifest["format"]), (&MONTH.into(), &1.into()));
    let bulletins = rows(&result, "bulletins.csv").len();
    assert_eq!(manifest["comptes"]["payables"], bulletins);
    assert_eq!(manifest["comptes"]["lignes"], rows(&result, "lignes.csv").len());
    for name in ["regles", "programme", "pool", "resultats"] {
        let digest = manifest[format!("empreinte_{name}")].as_str().unwrap();
        assert_eq!(digest.len(), 64, "{name}");
    }
    let first = stdout.lines().next().unwrap();
    let columns = ["octobre 2026", "payables", "bloqués", "brut", "net à payer", "coût employeur"];
    assert!(columns.iter().all(|column| first.contains(column)), "{stdout}");
    assert!(stdout.contains("0 blocking findings, 0 warnings"), "{stdout}");
    let left: Vec<_> = fs::read_dir(result.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing else is left beside the result");
}

/// Sums by a key, one for each amount.
type Sums<K> = BTreeMap<K, [i64; 6]>;

#[test]
fn totals_are_the_sums_of_printed_lines() {
    let (result, Ran(exit, stdout, _)) = month(Path::new(POOL), &["--format", "csv"]);
    assert_eq!(exit, 0);
    let mut slips: Sums<[String; 3]> = BTreeMap::new();
    let mut codes: Sums<[String; 2]> = BTreeMap::new();
    let mut totals: BTreeMap<[String; 3], BTreeMap<String, i64>> = BTreeMap::new();
    for line in rows(&result, "lignes.csv") {
        let key = [0, 1, 2].map(|at| line[at].to_owned());
        let (agent, employer) = (cents(&line[13]), cents(&line[15]));
        let sums = slips.entry(key.clone()).or_default();
        match &line[8] {
            "gain" => {
                sums[0] += agent;
                // Given, not paid.
                sums[2] += if line[6].starts_with("AVANTAGE_") { agent } else { 0 };
            }
            "non_soumis" => sums[1] += agent,
            "retenue" => {
                sums[2] += agent;
                sums[5] += if &line[6] == "PAS" { agent } else { 0 };
            }
            "cotisation" => {
                sums[3] += agent;
                sums[4] += employer;
                let sums = codes.entry([line[0].to_owned(), line[6].to_owned()]).or_default();
                sums[0] += 1;
                sums[1] += cents(&line[11]);
                sums[2] += agent;
                sums[3] += employer;
            }
            "total" => {
                let total = totals.entry(key).or_default().insert(line[6].to_owned(), agent);
                assert_eq!(total, None, "{} twice", &line[6]);
            }
            "information" => {}
            other => panic!("nature `{other}`"),
        }
    }
    let bulletins = rows(&result, "bulletins.csv");
    assert_eq!(slips.len(), bulletins.len());
    let mut employers: Sums<String> = BTreeMap::new();
    for slip in &bulletins {
        let key = [0, 1, 2].map(|at| slip[at].to_owned());
        let [gains, non_soumis, retenues, agent, employer, pas] = slips[&key];
        let [brut, net, cout] = [5, 10, 11].map(|at| cents(&slip[at]));
        assert_eq!(brut, gains, "{key:?}");
        assert_eq!(net, gains + non_soumis - retenues - agent, "{key:?}");
        assert_eq!(cout, brut + employer, "{key:?}");
        assert_eq!(cents(&slip[9]), pas, "{key:?}");
        assert_eq!(cents(&slip[8]) - pas, net, "{key:?}");
        let columns =
            ["BRUT", "NET_SOCIAL", "NET_IMPOSABLE", "NET_AVANT_IMPOT"].into_iter().zip(5..);
        for (name, at) in columns.chain([("NET_A_PAYER", 10), ("COUT_EMPLOYEUR", 11)]) {
            let printed = totals[&key].get(name).copied();
            assert_eq!(cents(&slip[at]), printed.unwrap_or(0), "{key:?} {name}");
        }
        let sums = employers.entry(slip[0].to_owned()).or_default();
        for (sum, value) in sums.iter_mut().zip([brut, net, cout, 1]) {
            *sum += value;
        }
    }
    let mut charges: Sums<[String; 2]> = BTreeMap::new();
    for charge in rows(&result, "charges.csv") {
        let sums = charges.entry([charge[0].to_owned(), charge[2].to_owned()]).or_default();
        sums[0] += charge[3].parse::<i64>().unwrap();
        for (sum, at) in sums[1..].iter_mut().zip([4, 5, 6]) {
            *sum += cents(&charge[at]);
        }
    }
    assert_eq!(charges, codes, "charges.csv");
    let mut summary = csv::Reader::from_reader(stdout.as_bytes());
    let mut listed = 0;
    for row in summary.records().map(|row| row.unwrap()) {
        let [brut, net, cout, payslips, ..] = employers[&row[0]];
        assert_eq!([4, 5, 6].map(|at| cents(&row[at])), [brut, net, cout], "{}", &row[0]);
        assert_eq!(row[2].parse::<i64>().unwrap(), payslips);
        listed += 1;
    }
    assert_eq!(listed, employers.len());
}

#[test]
fn bytes_depend_neither_on_threads_nor_on_the_order_of_rows() {
    let (first, _) = month(Path::new(POOL), &["--threads", "1"]);
    let expected = results(&first);
    for threads in ["2", "8"] {
        let (other, _) = month(Path::new(POOL), &["--threads", threads]);
        assert_eq!(results(&other), expected, "{threads} threads");
    }
    let shuffled = tempfile::tempdir().unwrap();
    copy_pool(shuffled.path());
    for name in ["carrieres.csv", "elements.csv", "familles.csv", "taux_pas.csv"] {
        shuffle(&shuffled.path().join(name));
    }
    let (other, Ran(exit, ..)) = month(shuffled.path(), &[]);
    assert_eq!(exit, 0);
    assert_eq!(results(&other), expected, "rows of agents in another order");
    // The order of agents.csv is the order of the results, and changes nothing else.
    shuffle(&shuffled.path().join("agents.csv"));
    let (other, _) = month(shuffled.path(), &[]);
    let sorted = |text: &String| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let found = results(&other);
    assert!(found != expected);
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(sorted(found), sorted(expected));
    }
}

/// Agents in the opposite order; the rows of each keep theirs.
fn shuffle(file: &Path) {
    let text = fs::read_to_string(file).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.split(',').next().map(str::to_owned)));
    fs::write(file, format!("{header}\n{}\n", rows.join("\n"))).unwrap();
}

#[test]
fn an_earlier_result_is_replaced_only_when_asked() {
    let (result, _) = month(Path::new(POOL), &[]);
    let to = result.path().to_str().unwrap();
    let mark = result.path().join(MONTH).join("bulletins.csv");
    fs::write(&mark, "mine").unwrap();
    let again = ["run", "--pool", POOL, "--mois", MONTH, "--sortie", to];
    let Ran(exit, _, stderr) = paie(&again);
    assert!(exit == 2 && stderr.contains("already exists"), "{stderr}");
    assert!(stderr.contains("--remplacer"), "{stderr}");
    assert_eq!(fs::read_to_string(&mark).unwrap(), "mine");
    // A run that fails leaves the earlier result too.
    let broken = "fixtures/diagnostics/pool/E701_fichier_absent";
    let failing = ["run", "--pool", broken, "--mois", MONTH, "--sortie", to, "--remplacer"];
    assert_eq!(paie(&failing).0, 2);
    assert_eq!(fs::read_to_string(&mark).unwrap(), "mine");
    let Ran(exit, ..) = paie(&[&again[..], &["--remplacer"]].concat());
    assert_eq!(exit, 0);
    assert!(read(&result, "bulletins.csv").starts_with("siret,"));
    assert_eq!(fs::read_dir(result.path()).unwrap().count(), 1, "nothing is left aside");
}

#[test]
fn a_result_that_cannot_be_written_is_said_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fichier");
    fs::write(&file, "not a folder").unwrap();
    let to = file.to_str().unwrap();
    let Ran(exit, _, stderr) = paie(&["run", "--pool", POOL, "--mois", MONTH, "--sortie", to]);
    assert!(exit == 2 && stderr.contains("cannot write"), "{stderr}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_killed_run_shows_no_result() {
    let folder = tempfile::tempdir().unwrap();
    let (pool, to) = (folder.path().join("pool"), folder.path().join("sortie"));
    let [pool, to] = [pool.to_str().unwrap(), to.to_str().unwrap()];
    assert_eq!(paie(&["demo", pool, "--agents", "3000", "--employeurs", "60"]).0, 0);
    let mut killed = 0;
    for wait in [20, 60, 100, 140] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_paie"))
            .args(["run", "--pool", pool, "--mois", MONTH, "--sortie", to, "--remplacer"])
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        let _ = child.kill();
        killed += i32::from(!child.wait().unwrap().success());
        let result = Path::new(to).join(MONTH);
        assert!(!result.exists() || result.join("manifest.json").exists(), "a partial result");
    }
    assert!(killed > 0, "no run was killed in time");
}

/// A process number that no system gives stands for a killed run; our own for one that goes on.
#[test]
fn what_a_killed_run_left_is_swept_and_a_live_one_is_spared() {
    let result = tempfile::tempdir().unwrap();
    let folder = |process: &str| result.path().join(format!(".{MONTH}.en-cours-{process}"));
    let (dead, live) = (folder("999999999"), folder(&std::process::id().to_string()));
    for left in [&dead, &live] {
        fs::create_dir(left).unwrap();
        fs::write(left.join("lignes.csv"), "partial").unwrap();
    }
    let to = result.path().to_str().unwrap();
    let ran = paie(&["run", "--pool", POOL, "--mois", MONTH, "--sortie", to]);
    assert_eq!(ran.0, 0, "{}", ran.2);
    assert!(live.exists());
    assert_eq!(dead.exists(), !Path::new("/proc/self").exists());
}

/// Killed between the two renames of a replacement: the former result waits beside its place.
#[test]
fn what_a_killed_replacement_set_aside_comes_back() {
    if !Path::new("/proc/self").exists() {
        return;
    }
    let (result, ran) = month(Path::new(POOL), &[]);
    assert_eq!(ran.0, 0, "{}", ran.2);
    let (target, former) = (result.path().join(MONTH), read(&result, "bulletins.csv"));
    let aside = result.path().join(format!(".{MONTH}.ancien-999999999"));
    fs::rename(&target, &aside).unwrap();
    let to = result.path().to_str().unwrap();
    let run = ["run", "--pool", POOL, "--mois", MONTH, "--sortie", to];
    let Ran(exit, _, stderr) = paie(&run);
    assert!(exit == 2 && stderr.contains("already exists"), "{stderr}");
    assert_eq!(read(&result, "bulletins.csv"), former);
    assert!(!aside.exists());
    // Killed after them: what was set aside is only removed.
    fs::create_dir(&aside).unwrap();
    assert_eq!(paie(&[&run[..], &["--remplacer"]].concat()).0, 0);
    assert!(!aside.exists() && target.exists());
}

#[test]
fn a_month_out_of_the_rules_is_refused_with_the_covered_ones() {
    for (asked, help) in [("2007-12", "add the rules"), ("2027-01", "--au-dela")] {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().to_str().unwrap();
        let arguments = ["run", "--pool", POOL, "--mois", asked, "--sortie", to];
        let Ran(exit, stdout, stderr) = paie(&arguments);
        assert_eq!((exit, stdout.as_str()), (2, ""));
        assert!(stderr.contains(&format!("{asked} is not covered: the rules go from 2008-01 to")));
        assert!(stderr.contains(help), "{stderr}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let Ran(exit, ..) =
        paie(&["run", "--pool", POOL, "--mois", "2027-01", "--sortie", to, "--au-dela"]);
    assert_eq!(exit, 1);
    let result = folder.path().join("2027-01");
    let anomalies = fs::read_to_string(result.join("anomalies.csv")).unwrap();
    let bulletins = fs::read_to_string(result.join("bulletins.csv")).unwrap();
    let marked = anomalies.lines().filter(|line| line.starts_with("alerte,W917,")).count();
    assert_eq!(marked, bulletins.lines().skip(1).count(), "every payslip is marked");
    let manifest = fs::read_to_string(result.join("manifest.json")).unwrap();
    assert!(manifest.contains("\"au_dela\": true"), "{manifest}");
}

#[test]
fn a_layer_adds_a_rubrique_and_pays_it() {
    let pool = tempfile::tempdir().unwrap();
    let from = Path::new("fixtures/diagnostics/pool/F803_division_par_zero");
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        if entry.path().is_file() {
            let text = fs::read_to_string(entry.path()).unwrap();
            let four = text.replace("2026-10-31,0,,600.00", "2026-10-31,4,,600.00");
            fs::write(pool.path().join(entry.file_name()), four).unwrap();
        }
    }
    let layer = from.join("regles");
    let layer = layer.to_str().unwrap();
    let (result, Ran(exit, stdout, stderr)) = month(pool.path(), &["--regles", layer]);
    assert_eq!(exit, 0, "{stdout}{stderr}");
    let paid = rows(&result, "lignes.csv");
    let paid = paid.iter().find(|line| &line[6] == "PRIME_PARTAGEE").unwrap();
    assert_eq!(&paid[13], "150.00");
    let (_, Ran(exit, ..)) = month(pool.path(), &[]);
    assert_eq!(exit, 1, "without the layer, the rubrique is not known");
}

#[test]
fn run_prints_what_was_asked_for() {
    let (result, Ran(_, stdout, _)) = month(Path::new(POOL), &["--format", "json"]);
    let printed: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let written: serde_json::Value = serde_json::from_str(&read(&result, "manifest.json")).unwrap();
    assert_eq!(printed, written);
    assert_eq!(month(Path::new(POOL), &["--quiet"]).1.1, "");
    // In JSON, standard output stays a manifest when something is wrong.
    let wrong = Path::new("fixtures/diagnostics/pool/E710_quotite_130");
    let (_, Ran(exit, stdout, _)) = month(wrong, &["--format", "json"]);
    let printed: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((exit, &printed["comptes"]["bloques"]), (1, &1.into()));
}

#[test]
fn show_answers_and_suggests() {
    let shown = [
        (vec!["parametre", "point_indice", "--mois", MONTH], "59.0734 €/pt/an"),
        (vec!["rubrique", "TIB"], "Traitement indiciaire brut"),
        (vec!["rubrique", "CNRACL"], "part employeur"),
        (vec!["grille", "adjoint technique", "--mois", MONTH], "échelon"),
        (vec!["texte", "decret-2023-519"], "Décret n° 2023-519"),
        (vec!["code", "E7"], "E710  A quotité or a weekly duration is impossible."),
        (vec!["e710"], "# How to fix"),
        (vec!["table", "droits_absence", "--mois", MONTH], "90 jours, maladie_90"),
        (vec!["dictionnaire"], "carrieres.csv"),
        (vec!["schema"], "$schema"),
        (vec!["couverture"], "TEXTES SANS DATE DE PUBLICATION CONNUE"),
        (vec!["couverture", "TIB", "--mois", MONTH], "jusqu'au"),
        (vec!["couverture", "directeur territorial"], "lacune"),
        (vec!["grille", "assistant socio-éducatif"], "devient assistant socio-éducatif de seconde"),
    ];
    for (arguments, expected) in shown {
        let Ran(exit, stdout, stderr) = paie(&[&["show"], &arguments[..]].concat());
        assert_eq!(exit, 0, "{arguments:?} {stderr}");
        assert!(stdout.contains(expected), "{arguments:?}\n{stdout}");
    }
    let unknown = [
        (vec!["parametre", "point_indise"], "point_indice"),
        (vec!["rubrique", "CNRAC"], "CNRACL"),
        (vec!["grille", "adjoint tecnique"], "adjoint technique"),
        (vec!["texte", "decret-2023-591"], "decret-2023-519"),
        (vec!["table", "droits_absences"], "droits_absence"),
        (vec!["rubriqe"], "rubrique"),
        (vec!["couverture", "CNRAC"], "CNRACL"),
        (vec!["Z999"], "a code such as"),
    ];
    for (arguments, expected) in unknown {
        let Ran(exit, stdout, stderr) = paie(&[&["show"], &arguments[..]].concat());
        assert_eq!((exit, stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(stderr.contains(expected), "{arguments:?}\n{stderr}");
    }
}

#[test]
fn the_coverage_is_a_table_and_a_tree_for_programs() {
    let Ran(exit, stdout, _) = paie(&["show", "couverture", "--format", "json"]);
    let tree: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(exit, 0);
    for key in ["premier_mois", "dernier_mois", "verifie"] {
        assert!(tree[key].is_string(), "{key}");
    }
    let line = |nom: &str| {
        let lines = tree["lignes"].as_array().unwrap().iter();
        lines.filter(|line| line["nom"] == *nom).cloned().collect::<Vec<_>>()
    };
    assert_eq!(line("CNRACL").len(), 1);
    assert!(line("CNRACL")[0]["periodes"][0]["employeur"].is_string());
    assert!(!tree["grilles"].as_array().unwrap().is_empty());

    let Ran(exit, stdout, _) = paie(&["show", "couverture", "--mois", MONTH, "--format", "csv"]);
    assert_eq!(exit, 0);
    let mut reader = csv::Reader::from_reader(stdout.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
    let of = |kind: &str, nom: &str| rows.iter().filter(|r| &r[0] == kind && &r[1] == nom).count();
    assert_eq!(of("ligne", "TIB"), 1);
    // One state a month: a version, a gap, or another grade.
    assert_eq!(of("grade", "adjoint technique"), 1);
    assert_eq!(of("grade", "assistant socio-éducatif"), 1);
}

/// A reference payslip with another amount for its TIB.
fn wrong_case(folder: &Path) -> String {
    let text = fs::read_to_string(GOOD_CASE).unwrap();
    let line = text.lines().find(|line| line.starts_with("TIB = ")).unwrap();
    let path = folder.join("faux.toml");
    fs::write(&path, text.replace(line, "TIB = \"1000.00\"")).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn test_passes_fails_and_says_the_difference() {
    let Ran(exit, stdout, _) = paie(&["test", GOOD_CASE]);
    assert_eq!((exit, stdout), (0, format!("ok   {GOOD_CASE}\n1 passed, 0 failed\n")));
    let folder = tempfile::tempdir().unwrap();
    let case = wrong_case(folder.path());
    let Ran(exit, stdout, _) = paie(&["test", GOOD_CASE, &case]);
    assert_eq!(exit, 1);
    insta::assert_snapshot!("test_differences", stdout.replace(&case, "faux.toml"));
    let Ran(exit, stdout, _) = paie(&["test", &case, "--format", "csv"]);
    assert_eq!(exit, 1);
    assert!(stdout.starts_with("cas,rubrique,partie,attendu,obtenu\n"), "{stdout}");
    assert!(stdout.contains(",TIB,montant,1000.00,"), "{stdout}");
    let Ran(exit, stdout, _) = paie(&["test", &case, "--format", "json"]);
    assert_eq!(exit, 1);
    let cases: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(cases[0]["conforme"], false);
    assert_eq!(cases[0]["ecarts"][0]["attendu"], "1000.00");
    assert_eq!(paie(&["test", "nulle/part"]).0, 2);
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(paie(&["test", empty.path().to_str().unwrap()]).0, 2);
}

#[test]
fn preview_gives_the_amounts_of_the_run() {
    let (result, _) = month(Path::new(POOL), &[]);
    let bulletins = rows(&result, "bulletins.csv");
    let names = ["brut", "net_social", "net_imposable", "net_avant_impot", "pas", "net_a_payer"];
    for slip in bulletins.iter().step_by(40) {
        let who = ["--pool", POOL, "--mois", MONTH, "--agent", &slip[1], "--contrat", &slip[2]];
        let more = ["--siret", &slip[0], "--format", "json"];
        let Ran(exit, stdout, stderr) = paie(&[&["preview"], &who[..], &more[..]].concat());
        assert_eq!(exit, 0, "{stderr}");
        let shown: serde_json::Value = serde_json::from_str(&stdout).unwrap();
        for (at, name) in (5..).zip(names) {
            assert_eq!(shown["totaux"][name], slip[at], "{} {name}", &slip[1]);
        }
        let line = [&["explain"], &who[..], &["--rubrique", "NET_A_PAYER"], &more[..]].concat();
        let Ran(exit, stdout, stderr) = paie(&line);
        assert_eq!(exit, 0, "{stderr}");
        let told: serde_json::Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(told["lignes"][0]["valeur"]["nombre"], slip[10], "{}", &slip[1]);
    }
}

/// A policy that changes: each month is explained with the row of that month.
#[test]
fn explain_names_the_row_that_gives_a_policy() {
    let pool = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(POOL).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, pool.path().join(path.file_name().unwrap())).unwrap();
    }
    let policies = pool.path().join("parametres_employeurs.csv");
    let mut text = fs::read_to_string(&policies).unwrap();
    for row in ["2025-01-01,,plus_proche,usage", "2026-07-01,,troncature,délibération 12"] {
        text.push_str(&format!("21138998600012,arrondi_traitement,{row}\n"));
    }
    fs::write(&policies, text).unwrap();
    let pool = pool.path().to_str().unwrap();
    for (month, amount, row) in [
        ("2026-06", "999,33", "plus_proche, depuis le 2025-01-01, usage"),
        ("2026-10", "999,32", "troncature, depuis le 2026-07-01, délibération 12"),
    ] {
        let who = ["explain", "--pool", pool, "--mois", month, "--agent", "S004"];
        let Ran(_, stdout, stderr) = paie(&[&who[..], &["--rubrique", "TIB"]].concat());
        let told = stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(amount) && told.contains(row), "{stdout}{stderr}");
    }
}

#[test]
fn an_element_of_the_month_is_explained_with_its_amount() {
    for (agent, rubrique, amount) in [
        ("S078", "TELETRAVAIL", "51,84"),
        ("S082", "SAISIE", "220,43"),
        ("S083", "PENSION_ALIMENTAIRE", "250,00"),
        ("S084", "TROP_PERCU", "80,00"),
    ] {
        let who = ["explain", "--pool", POOL, "--mois", MONTH, "--agent", agent];
        let Ran(exit, stdout, stderr) = paie(&[&who[..], &["--rubrique", rubrique]].concat());
        assert!(exit == 0 && stdout.contains(amount), "{stdout}{stderr}");
    }
}

#[test]
fn preview_and_explain_say_what_is_not_known() {
    let who = ["--pool", POOL, "--mois", MONTH, "--agent"];
    let Ran(exit, _, stderr) = paie(&[&["preview"], &who[..], &["PERSONNE"]].concat());
    assert!(exit == 2 && stderr.contains("no agent is called `PERSONNE`"), "{stderr}");
    let agent = [&who[..], &["A0000001"]].concat();
    let Ran(exit, _, stderr) = paie(&[&["explain"], &agent[..], &["--rubrique", "CNRAC"]].concat());
    assert!(exit == 2 && stderr.contains("`CNRACL`"), "{stderr}");
    for (change, expected) in [
        ("echelom=8", "`echelon`"),
        ("echelon", "champ=valeur"),
        ("IFSEE=300", "`IFSE`"),
        ("absence=maladi_ordinaire:2026-10-05", "`maladie_ordinaire`"),
    ] {
        let Ran(exit, _, stderr) = paie(&[&["preview"], &agent[..], &["--avec", change]].concat());
        assert!(exit == 2 && stderr.contains(expected), "{change}\n{stderr}");
    }
    let Ran(exit, stdout, _) =
        paie(&[&["preview"], &agent[..], &["--avec", "echelon=99"]].concat());
    assert!(exit == 1 && stdout.contains("BLOQUÉ"), "{stdout}");
    let wrong = "fixtures/diagnostics/pool/E710_quotite_130";
    let Ran(exit, _, stderr) =
        paie(&["preview", "--pool", wrong, "--mois", MONTH, "--agent", "FAUX"]);
    assert!(exit == 2 && stderr.contains("error[E710]"), "{stderr}");
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str, seed: &str| -> BTreeMap<String, Vec<u8>> {
        let to = folder.path().join(name);
        let to = to.to_str().unwrap();
        let Ran(exit, _, stderr) = paie(&["demo", to, "--agents", "40", "--graine", seed]);
        assert_eq!(exit, 0, "{stderr}");
        let entries = fs::read_dir(to).unwrap().map(|entry| entry.unwrap());
        let named = |entry: fs::DirEntry| {
            (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
        };
        entries.map(named).collect()
    };
    let first = made("a", "7");
    assert_eq!(first, made("b", "7"));
    assert!(first != made("c", "8"));
    let (_, Ran(exit, stdout, stderr)) = month(&folder.path().join("a"), &[]);
    assert_eq!(exit, 0, "{stdout}{stderr}");
    let held = folder.path().join("a");
    let Ran(exit, _, stderr) = paie(&["demo", held.to_str().unwrap()]);
    assert!(exit == 2 && stderr.contains("already holds a pool"), "{stderr}");
}

/// Populations, absences and elements of every kind, before and after each change of the law.
#[test]
fn invented_pools_are_paid_without_a_finding() {
    for mois in ["2024-06", "2025-03", "2025-12", "2026-10"] {
        let folder = tempfile::tempdir().unwrap();
        let (pool, to) = (folder.path().join("pool"), folder.path().join("sortie"));
        let [pool, to] = [pool.to_str().unwrap(), to.to_str().unwrap()];
        let size = ["--employeurs", "210", "--agents", "1700", "--graine", "3"];
        let Ran(exit, _, stderr) = paie(&[&["demo", pool, "--mois", mois], &size[..]].concat());
        assert_eq!(exit, 0, "{stderr}");
        let Ran(exit, stdout, stderr) =
            paie(&["run", "--pool", pool, "--mois", mois, "--sortie", to]);
        assert_eq!(exit, 0, "{mois}\n{stdout}{stderr}");
    }
}

/// Months in a row over one pool, each with what was known on its 25th.
#[test]
fn an_invented_history_is_paid_month_after_month() {
    let folder = tempfile::tempdir().unwrap();
    let (pool, to) = (folder.path().join("pool"), folder.path().join("sortie"));
    let [pool, to] = [pool.to_str().unwrap(), to.to_str().unwrap()];
    let size = ["--employeurs", "40", "--agents", "700", "--graine", "3", "--historique", "36"];
    let Ran(exit, _, stderr) = paie(&[&["demo", pool, "--mois", MONTH], &size[..]].concat());
    assert_eq!(exit, 0, "{stderr}");
    let months = (2023..=2026).flat_map(|year| (1..=12).map(move |month| (year, month)));
    let months = months.filter(|month| ((2023, 11)..=(2026, 10)).contains(month));
    for mois in months.map(|(year, month)| format!("{year}-{month:02}")) {
        let known = format!("{mois}-25");
        let run = ["run", "--pool", pool, "--mois", &mois, "--sortie", to, "--connu-le", &known];
        let Ran(exit, stdout, stderr) = paie(&run);
        assert!(exit < 2, "{mois}\n{stdout}{stderr}");
        let findings = fs::read_to_string(Path::new(to).join(&mois).join("anomalies.csv")).unwrap();
        let blocking: Vec<_> = findings.lines().filter(|l| l.starts_with("bloquant")).collect();
        assert!(blocking.is_empty(), "{mois} {blocking:#?}");
    }
    let early = ["demo", to, "--mois", "2024-06", "--historique", "36"];
    let Ran(exit, _, stderr) = paie(&early);
    assert!(exit == 2 && stderr.contains("would start in 2021-07"), "{stderr}");
}

#[test]
fn verbs_have_their_french_names() {
    let aliases = [
        ("check", "verifier"),
        ("run", "calculer"),
        ("preview", "apercu"),
        ("explain", "expliquer"),
        ("test", "tester"),
        ("show", "montrer"),
        ("export", "exporter"),
        ("demo", "demonstration"),
        ("diff", "ecart"),
    ];
    let Ran(_, help, _) = paie(&["--help"]);
    for (verb, alias) in aliases {
        assert!(help.contains(&format!("[alias: {alias}]")), "{help}");
        assert_eq!(paie(&[verb, "--help"]).1, paie(&[alias, "--help"]).1);
    }
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    assert_eq!(paie(&["calculer", "--pool", POOL, "--mois", MONTH, "--sortie", to]).0, 0);
    assert_eq!(paie(&["tester", GOOD_CASE]).0, 0);
    assert_eq!(paie(&["montrer", "E710"]).0, 0);
}

#[test]
fn completions_and_man_pages_are_written() {
    let Ran(exit, stdout, _) = paie(&["completions", "bash"]);
    assert!(exit == 0 && stdout.contains("complete -F _paie"), "{stdout}");
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(paie(&["man", folder.path().to_str().unwrap()]).0, 0);
    for name in ["paie.1", "paie-run.1", "paie-explain.1"] {
        let page = fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(page.contains(".TH"), "{name}");
    }
}

#[test]
fn arguments_that_are_not_understood_are_said() {
    for (arguments, expected) in [
        (vec!["calculate"], "unrecognized subcommand"),
        (vec!["run", "--pool", POOL], "--mois"),
        (vec!["run", "--pool", POOL, "--mois", "10/2026", "--sortie", "x"], "AAAA-MM"),
        (vec!["check", "--connu-le", "hier"], "AAAA-MM-JJ"),
        (vec!["check", "--format", "xml"], "texte, json, csv"),
    ] {
        let Ran(exit, stdout, stderr) = paie(&arguments);
        assert_eq!((exit, stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(stderr.contains(expected), "{arguments:?}\n{stderr}");
    }
}

/// What was known on another day, beside what is known now: both computations, what changed.
#[test]
fn explain_sets_what_was_known_on_another_day_beside_it() {
    let who = ["explain", "--pool", POOL, "--mois", MONTH, "--agent", "A0000002"];
    let line = ["--rubrique", "TIB", "--contre", "2026-10-20"];
    let Ran(exit, stdout, stderr) = paie(&[&who[..], &line[..]].concat());
    assert_eq!(exit, 0, "{stderr}");
    for expected in [
        "Rappel de TIB sur octobre 2026 : -40,66",
        "Ce qui était dû d'après ce qu'on savait le 20 octobre 2026",
        "Ce qui est dû d'après tout ce qu'on sait",
        "- absence : maladie à 90 %",
        "absences.csv:3, depuis 2026-10-19, connu",
        "3 971,34 − 4 012,00 = -40,66",
    ] {
        let plain = stdout.replace(['\u{202f}', '\u{a0}'], " ");
        assert!(plain.contains(expected), "{expected}\n{stdout}");
    }
    let Ran(exit, stdout, _) = paie(&[&who[..], &line[..], &["--format", "json"]].concat());
    let told: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((exit, &told["version"]), (0, &1.into()));
    assert_eq!(told["avant"]["connu_le"], "2026-10-20");
    assert_eq!(told["changements"]["causes"][0]["nature"], "absence");
    assert_eq!(told["changements"]["causes"][0]["apres"]["ligne"]["ligne"], 3);
}

/// A departure learned late: there is a payslip on one side only.
#[test]
fn explain_sets_a_contract_that_ended_beside_what_was_paid() {
    let pool = tempfile::tempdir().unwrap();
    copy_pool(pool.path());
    let careers = pool.path().join("carrieres.csv");
    let text = fs::read_to_string(&careers).unwrap();
    let row = text.lines().find(|line| line.starts_with("S004,")).unwrap();
    let gone = row.replacen("2025-03-01,,,", "2025-03-01,2026-09-30,2026-11-05,", 1);
    fs::write(&careers, format!("{text}{gone}\n")).unwrap();
    let pool = pool.path().to_str().unwrap();
    let who = ["explain", "--pool", pool, "--mois", MONTH, "--agent", "S004"];
    let line = [&who[..], &["--rubrique", "TIB", "--contre", "2026-10-20"]].concat();
    let Ran(exit, stdout, stderr) = paie(&line);
    let plain = stdout.replace(['\u{202f}', '\u{a0}'], " ");
    assert_eq!(exit, 0, "{stderr}");
    assert!(plain.contains("Rappel de TIB sur octobre 2026 : -999,33 €"), "{stdout}");
    assert!(plain.contains("- présence : Jours du contrat dans le mois"), "{stdout}");
    assert!(plain.contains("0,00 − 999,33 = -999,33 €"), "{stdout}");
}
