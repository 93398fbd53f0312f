//! `paie diff` as people run it: exit codes, euros computed by hand, what is said.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

const POOL: &str = "fixtures/pool";

/// Exit code, standard output, standard error.
struct Ran(i32, String, String);

fn paie(arguments: &[&str]) -> Ran {
    let output = Command::cargo_bin("paie").unwrap().args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran(output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn json(arguments: &[&str]) -> (i32, Value) {
    let Ran(exit, stdout, stderr) = paie(&[arguments, &["--format", "json"]].concat());
    let value = serde_json::from_str(&stdout);
    assert!(value.is_ok(), "{stdout}{stderr}");
    (exit, value.unwrap())
}

fn rows(text: &str) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(text.as_bytes()).records().map(|row| row.unwrap()).collect()
}

/// `1801.74` as cents.
fn cents(text: &str) -> i64 {
    text.replace('.', "").parse().unwrap()
}

/// Runs a month; the folder of its results.
fn run(pool: &str, mois: &str, to: &Path, more: &[&str]) -> String {
    let sortie = to.to_str().unwrap();
    let month = ["run", "--pool", pool, "--mois", mois, "--sortie", sortie, "--remplacer"];
    let Ran(exit, _, stderr) = paie(&[&month[..], more].concat());
    assert!(exit < 2, "{stderr}");
    to.join(mois).to_str().unwrap().to_owned()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(path, to).unwrap();
        }
    }
}

const SIRET: &str = "21690123400017";

/// One commune, one official at index 400, full time, no child, no tax.
fn one_agent(careers: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
    write(
        "employeurs.csv",
        format!(
            "siret,nom,nature,insee,population,effectif\n\
             {SIRET},Commune de Saint-Exemple,commune,69123,9000,40\n"
        ),
    );
    let parametres = [
        ("taux_cdg", "0.008"),
        ("taux_atmp", "0.0164"),
        ("taux_versement_mobilite", "0"),
        ("zone_ir", "zone_3"),
    ];
    let parametres: String = (parametres.iter())
        .map(|(nom, valeur)| format!("{SIRET},{nom},2020-01-01,{valeur}\n"))
        .collect();
    write("parametres_employeurs.csv", format!("siret,parametre,depuis,valeur\n{parametres}"));
    write("agents.csv", "agent,nom,prenom\nA1,EXEMPLE,Camille\n".to_owned());
    write(
        "carrieres.csv",
        format!("agent,siret,contrat,depuis,connu_le,statut,indice_majore,categorie\n{careers}"),
    );
    write("taux_pas.csv", "agent,depuis,taux\nA1,2020-01-01,0\n".to_owned());
    folder
}

fn career(depuis: &str, connu_le: &str, indice: i64) -> String {
    format!("A1,{SIRET},C1,{depuis},{connu_le},titulaire,{indice},C\n")
}

/// The employer's rates of 2024 came out on 31 January. By hand: 400 points at 59.0734 € a year
/// are 1 969.11 € a month; CNRACL 30.65 % = 603.53, then 31.65 % = 623.22; sickness 9.88 % =
/// 194.55, then 8.88 % = 174.86.
#[test]
fn a_late_publication_shows_between_two_days_of_knowledge() {
    let pool = one_agent(&career("2020-01-01", "", 400));
    let pool = pool.path().to_str().unwrap();
    let month = ["diff", "connu", "--pool", pool, "--mois", "2024-01"];
    let days = ["--avant", "2024-01-25", "--apres", "2024-02-25"];
    let (exit, found) = json(&[&month[..], &days].concat());
    assert_eq!(exit, 1);
    assert_eq!(found["agents"]["touches"], 1);
    let slip = &found["bulletins"][0];
    assert_eq!((&slip["agent"], &slip["changement"]), (&"A1".into(), &"montants".into()));
    assert_eq!(slip["totaux"]["net_a_payer"]["ecart"], "0.00");
    assert_eq!(slip["totaux"]["cout_employeur"]["ecart"], "0.00");
    let gaps: BTreeMap<&str, (&str, &str)> = (found["rubriques"].as_array().unwrap().iter())
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap();
            (text("rubrique"), (text("ecart_agent"), text("ecart_employeur")))
        })
        .collect();
    let expected = [("CNRACL", ("0.00", "19.69")), ("MALADIE", ("0.00", "-19.69"))];
    assert_eq!(gaps, expected.into_iter().collect());
    // Known the day before, or on the day: nothing, then everything.
    for (avant, apres, exit) in [
        ("2024-01-25", "2024-01-30", 0),
        ("2024-01-30", "2024-01-31", 1),
        ("2024-01-31", "tout", 0),
    ] {
        let ran = paie(&[&month[..], &["--avant", avant, "--apres", apres]].concat());
        assert_eq!(ran.0, exit, "{avant} {apres}\n{}{}", ran.1, ran.2);
        assert_eq!(ran.1.contains("aucun écart"), exit == 0, "{}", ran.1);
    }
}

/// A promotion of October learned on 9 November: ten points are 59.0734 × 10 / 12 = 49.23 € of
/// gross pay.
#[test]
fn a_late_fact_shows_between_two_days_of_knowledge() {
    let careers = career("2020-01-01", "", 400) + &career("2026-10-01", "2026-11-09", 410);
    let pool = one_agent(&careers);
    let pool = pool.path().to_str().unwrap();
    let month = ["ecart", "connu", "--pool", pool, "--mois", "2026-10", "--format", "csv"];
    let days = ["--avant", "2026-11-08", "--apres", "tout"];
    let Ran(exit, stdout, _) = paie(&[&month[..], &days].concat());
    assert_eq!(exit, 1);
    let found = rows(&stdout);
    assert_eq!((found.len(), &found[0][3], &found[0][10]), (1, "montants", "49.23"));
    let Ran(_, stdout, _) = paie(&[&month[..], &days, &["--par", "employeur"]].concat());
    let employer = &rows(&stdout)[0];
    assert_eq!(
        (&employer[0], &employer[1], &employer[3]),
        (SIRET, "Commune de Saint-Exemple", "1")
    );
    let Ran(_, stdout, _) = paie(&[&month[..], &days, &["--par", "detail"]].concat());
    let pay = rows(&stdout).into_iter().find(|row| &row[1] == "TIB").unwrap();
    assert_eq!((&pay[0], &pay[2], &pay[3]), (SIRET, "1", "49.23"));
}

/// A draft that adds a point to the employer's CNRACL. By hand, from the lines of a run: each base
/// at 37.65 % and at 38.65 %, rounded to the cent; S004: 999.33 × 38.65 % = 386.24, 9.99 more.
#[test]
fn a_draft_decree_is_priced_to_the_cent() {
    let folder = tempfile::tempdir().unwrap();
    let draft = folder.path().join("projet");
    fs::create_dir_all(draft.join("cotisations")).unwrap();
    let text = fs::read_to_string("rules/cotisations/cnracl.toml").unwrap();
    assert_eq!(text.matches("taux = \"0.3765\"").count(), 2);
    let text = text.replace("taux = \"0.3765\"", "taux = \"0.3865\"");
    fs::write(draft.join("cotisations/cnracl.toml"), text).unwrap();
    let draft = draft.to_str().unwrap();
    let month = ["diff", "regles", "--pool", POOL, "--mois", "2026-10"];
    let (exit, found) = json(&[&month[..], &["--apres", draft]].concat());
    assert_eq!(exit, 1);

    let results = run(POOL, "2026-10", &folder.path().join("sortie"), &[]);
    let lines = fs::read_to_string(Path::new(&results).join("lignes.csv")).unwrap();
    let at = |base: i64, rate: i64| (base * rate + 5_000).div_euclid(10_000);
    let mut sums: BTreeMap<(String, String), (u64, i64)> = BTreeMap::new();
    let mut agents: Vec<String> = Vec::new();
    for line in rows(&lines) {
        if !["CNRACL", "CNRACL_NBI"].contains(&&line[6]) || &line[14] != "0.3765" {
            continue;
        }
        let base = cents(&line[11]);
        assert_eq!(at(base, 3_765), cents(&line[15]), "{line:?}");
        let sum = sums.entry((line[0].to_owned(), line[6].to_owned())).or_default();
        *sum = (sum.0 + 1, sum.1 + at(base, 3_865) - at(base, 3_765));
        agents.push(line[1].to_owned());
    }
    agents.sort();
    agents.dedup();
    assert!(agents.len() > 50 && sums.len() > 10);
    assert_eq!(found["agents"]["touches"], agents.len());
    let mut priced = BTreeMap::new();
    let mut cost = 0;
    for employer in found["employeurs"].as_array().unwrap() {
        for one in employer["rubriques"].as_array().unwrap() {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let code = text(&one["rubrique"]);
            let gap = cents(one["ecart_employeur"].as_str().unwrap());
            if code == "COUT_EMPLOYEUR" {
                cost += cents(one["ecart_agent"].as_str().unwrap());
            } else {
                let count = one["bulletins"].as_u64().unwrap();
                priced.insert((text(&employer["siret"]), code), (count, gap));
            }
        }
    }
    assert_eq!(priced, sums);
    assert_eq!(cost, sums.values().map(|sum| sum.1).sum::<i64>());
    let s004 = found["bulletins"].as_array().unwrap().iter().find(|one| one["agent"] == "S004");
    assert_eq!(s004.unwrap()["totaux"]["cout_employeur"]["ecart"], "9.99");

    let Ran(exit, stdout, _) = paie(&[&month[..], &["--apres", draft]].concat());
    let said = format!("{} agents touchés sur 156 agents comparés", agents.len());
    assert!(exit == 1 && stdout.contains(&said), "{stdout}");
    assert!(stdout.contains("CNRACL_NBI  Retraite CNRACL sur la NBI"), "{stdout}");
    let both = [&month[..], &["--avant", draft, "--apres", draft]].concat();
    assert_eq!(paie(&both).0, 0);
    // A tree that declares its own months stands for the national rules, whole.
    let whole = folder.path().join("entieres");
    copy(Path::new("rules"), &whole);
    assert_eq!(paie(&[&month[..], &["--apres", whole.to_str().unwrap()]].concat()).0, 0);
    let reversed = [&month[..], &["--avant", draft, "--apres", "national"]].concat();
    let (_, back) = json(&reversed);
    assert_eq!(
        back["totaux"]["cout_employeur"]["ecart"],
        format!("-{}.{:02}", cost.div_euclid(100), cost % 100)
    );
}

#[test]
fn two_results_are_compared_and_the_same_run_has_no_difference() {
    let folder = tempfile::tempdir().unwrap();
    let [once, twice] = ["un", "deux"]
        .map(|name| run(POOL, "2026-10", &folder.path().join(name), &["--threads", "2"]));
    let (exit, found) = json(&["diff", "resultats", &once, &twice]);
    assert_eq!((exit, found["bulletins"].as_array().map(Vec::len)), (0, Some(0)));
    assert_eq!(found["changements"]["identique"], 160);
    assert_eq!(found["agents"]["touches"], 0);
    let Ran(exit, stdout, _) = paie(&["diff", "resultats", &once, &twice]);
    assert!(exit == 0 && stdout.contains("aucun écart"), "{stdout}");

    // Two months: said, and each agent compared with itself.
    let september = run(POOL, "2026-09", &folder.path().join("un"), &[]);
    let Ran(exit, stdout, _) = paie(&["diff", "resultats", &september, &once]);
    assert!(exit == 1 && stdout.contains("mois : 2026-09 → 2026-10"), "{stdout}");
    assert!(stdout.contains("apparaissent") && stdout.contains("Plus gros écarts"), "{stdout}");
    assert!(stdout.lines().all(|line| line.chars().count() <= 110), "{stdout}");
    let Ran(_, stdout, _) = paie(&["diff", "resultats", &september, &once, "--format", "csv"]);
    let net = |folder: &str| -> i64 {
        let text = fs::read_to_string(Path::new(folder).join("bulletins.csv")).unwrap();
        rows(&text).iter().map(|row| cents(&row[10])).sum()
    };
    let gap: i64 = rows(&stdout).iter().map(|row| cents(&row[11])).sum();
    assert_eq!(gap, net(&once) - net(&september));
}

#[test]
fn the_causes_of_each_variation_add_up() {
    let month = ["diff", "mois", "--pool", POOL, "--mois", "2026-10"];
    let Ran(exit, stdout, _) = paie(&[&month[..], &["--format", "csv"]].concat());
    assert_eq!(exit, 1);
    let mut sums: BTreeMap<[String; 3], (i64, i64)> = BTreeMap::new();
    for row in rows(&stdout) {
        let key = [0, 1, 2].map(|at| row[at].to_owned());
        let sum = sums.entry(key).or_insert((cents(&row[7]), 0));
        sum.1 += cents(&row[10]);
    }
    assert!(sums.len() > 30 && sums.values().all(|(gap, causes)| gap == causes), "{sums:?}");
    let (_, found) = json(&month);
    assert_eq!(found["contrats"].as_array().unwrap().len(), sums.len());
    let total: i64 = sums.values().map(|sum| sum.0).sum();
    let total = |value: &Value| cents(value.as_str().unwrap()) == total;
    assert!(total(&found["total"]["ecart"]), "{}", found["total"]);
    let Ran(_, text, _) = paie(&month);
    for words in
        ["octobre 2026 après septembre 2026", "éléments variables", "Plus fortes variations"]
    {
        assert!(text.contains(words), "{text}");
    }
    // Nothing moves for somebody whose month is like the one before.
    let pool = one_agent(&career("2020-01-01", "", 400));
    let steady = ["diff", "mois", "--pool", pool.path().to_str().unwrap(), "--mois", "2026-10"];
    let Ran(exit, text, _) = paie(&steady);
    assert!(exit == 0 && text.contains("1 contrat : 0 net qui bouge"), "{text}");
    // A promotion: one cause, in words.
    let careers = career("2020-01-01", "", 400) + &career("2026-10-01", "", 410);
    fs::write(
        pool.path().join("carrieres.csv"),
        format!("agent,siret,contrat,depuis,connu_le,statut,indice_majore,categorie\n{careers}"),
    )
    .unwrap();
    let Ran(exit, text, _) = paie(&steady);
    assert!(exit == 1 && text.contains("(IM 400 → 410)"), "{text}");
}

#[test]
fn what_cannot_be_compared_is_said() {
    let nowhere = tempfile::tempdir().unwrap();
    let nowhere = nowhere.path().to_str().unwrap();
    let month = ["--pool", POOL, "--mois", "2026-10"];
    let days = ["--avant", "2026-10-01", "--apres", "tout"];
    for (arguments, expected) in [
        (vec!["diff", "resultats", nowhere, nowhere], "bulletins.csv"),
        ([&["diff", "connu", "--connu-le", "2026-01-01"], &month[..], &days].concat(), "--avant"),
        ([&["diff", "connu", "--avant", "hier", "--apres", "tout"], &month[..]].concat(), "`tout`"),
        ([&["diff", "regles", "--apres", "nulle/part"], &month[..]].concat(), "does not exist"),
        (vec!["diff", "mois", "--pool", POOL, "--mois", "2008-01"], "not covered"),
        (vec!["diff", "mois", "--pool", nowhere, "--mois", "2026-10"], "cannot be read"),
    ] {
        let Ran(exit, stdout, stderr) = paie(&arguments);
        assert_eq!((exit, stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(stderr.contains(expected), "{arguments:?}\n{stderr}");
    }
}
