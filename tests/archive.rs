//! The archive as an operator lives it: months in a row, states, waivers, damage, copies, exports.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at a surprise")]
#![allow(clippy::panic, reason = "a test stops at a surprise")]
#![allow(clippy::float_arithmetic, clippy::integer_division, reason = "delays of kills")]

#[allow(dead_code, reason = "only the flips are used here")]
mod crash;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use crash::{contents, flip_each_byte};
use paie::archive::{Archive, Etat, Kind, Plan, Stored};
use paie::calendar::PayPeriod;
use serde_json::Value;

/// Exit code, standard output, standard error.
struct Ran(i32, String, String);

fn paie(args: &[&str]) -> Ran {
    let output = Command::cargo_bin("paie").unwrap().args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran(output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A pool of a few agents with a history, and a place for its archive.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(agents: &str) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        let size = ["--employeurs", "2", "--agents", agents, "--historique", "3"];
        let pool = place.path("pool");
        let demo = [&["demo", &*pool], &size[..], &["--mois", "2024-03"]].concat();
        assert_eq!(paie(&demo).0, 0);
        place
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    fn open(&self) -> Archive {
        Archive::open(self.root()).unwrap()
    }

    fn run_pool(&self, pool: &str, mois: &str) -> Ran {
        let (pool, archive) = (self.path(pool), self.path("archive"));
        let learned = format!("{mois}-25");
        let what = ["run", "--pool", &pool, "--mois", mois, "--archive", &archive];
        paie(&[&what[..], &["--connu-le", &learned, "--par", "Opératrice"]].concat())
    }

    fn run(&self, mois: &str) -> Ran {
        self.run_pool("pool", mois)
    }

    /// `paie archive VERB` with what is given.
    fn archive(&self, verb: &str, more: &[&str]) -> Ran {
        paie(&[&["archive", verb, "--archive", &self.path("archive")], more].concat())
    }

    fn advance(&self, verb: &str, mois: &str) -> Ran {
        self.archive(verb, &["--mois", mois, "--par", "Mme Chef"])
    }

    fn close(&self, mois: &str) {
        for verb in ["valider", "clore"] {
            let Ran(exit, _, stderr) = self.advance(verb, mois);
            assert_eq!(exit, 0, "{verb} {mois}: {stderr}");
        }
    }

    fn verify(&self, name: &str, more: &[&str]) -> Ran {
        paie(&[&["verify", "--archive", &self.path(name)], more].concat())
    }

    fn sirets(&self, mois: &str) -> Vec<String> {
        let mois = PayPeriod::parse(mois).unwrap();
        self.open().employers(mois).map(|(siret, _)| siret.to_owned()).collect()
    }

    fn table(&self, mois: &str, table: &str) -> String {
        let archive = self.open();
        let mois = PayPeriod::parse(mois).unwrap();
        let siret = archive.employers(mois).next().unwrap().0;
        let stored = Stored::open(&archive, archive.calcul(mois, siret).unwrap()).unwrap();
        String::from_utf8(stored.whole(table).unwrap()).unwrap()
    }
}

/// Adds a row to a file of a pool.
fn add(pool: &str, file: &str, cells: &[(&str, &str)]) {
    let path = Path::new(pool).join(file);
    let text = fs::read_to_string(&path).unwrap();
    let header = text.lines().next().unwrap();
    let cell = |name| cells.iter().find(|(known, _)| *known == name).map_or("", |(_, cell)| *cell);
    let row: Vec<&str> = header.split(',').map(cell).collect();
    fs::write(&path, format!("{text}{}\n", row.join(","))).unwrap();
}

/// The first row of a table that has `etat = payable`: employer, agent, contract.
fn somebody(bulletins: &str) -> [String; 3] {
    let row = bulletins.lines().find(|row| row.contains(",payable,")).unwrap();
    let cells: Vec<&str> = row.split(',').collect();
    [cells[0], cells[1], cells[2]].map(str::to_owned)
}

#[test]
fn every_byte_flipped_in_a_real_archive_is_found_and_located() {
    let place = Place::new("4");
    assert!(place.run("2024-01").0 < 2);
    place.close("2024-01");
    let root = place.root();
    let plan = Plan::of(&root).unwrap();
    let (mut cut, mut whole) = (0, 0);
    let flips = flip_each_byte(&root, |path, at| {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
        // An object is hashed alone; names and the journal do not depend on what it holds.
        let found = match plan.checks().iter().find(|check| check.file() == name) {
            Some(check) => plan.clone().finish([check.run()]),
            None => Plan::of(&root).unwrap().finish([]),
        };
        let [damage] = &found.damages[..] else { panic!("byte {at} of {name}: {found:?}") };
        assert_eq!((damage.file.as_str(), &damage.kind), (name, &Kind::Altered), "byte {at}");
        assert!(damage.bytes.contains(&at), "byte {at} of {name}: {damage}");
        if name.starts_with("objets/") {
            assert_eq!(damage.months, ["2024-01"], "{damage}");
            assert!(damage.table.is_some(), "{damage}");
            match &damage.blocks {
                Some(_) => cut += u32::from(damage.agents.is_some()),
                None => whole += 1,
            }
        }
    });
    assert!(flips > 100_000 && cut > 1_000 && whole > 1_000, "{flips} {cut} {whole}");
    let Ran(exit, stdout, _) = place.verify("archive", &[]);
    assert_eq!(exit, 0, "{stdout}");
}

#[test]
fn damage_is_told_in_words() {
    let place = Place::new("4");
    assert!(place.run("2024-01").0 < 2);
    let archive = place.open();
    let lines = archive.journal()[0].calcul().unwrap().tables["lignes.csv"].clone();
    let file = format!("objets/{}/{}", &lines.empreinte[..2], lines.empreinte);
    let path = place.root().join(&file);
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    let Ran(exit, stdout, stderr) = place.verify("archive", &[]);
    assert_eq!(exit, 2, "{stdout}");
    let words = [&*file, "was altered, bytes ", "lignes.csv of 2024-01, block 0, agents A", "help"];
    assert!(words.iter().all(|word| stderr.contains(word)), "{stderr}");
    let Ran(exit, stdout, _) = place.verify("archive", &["--format", "json"]);
    let told: Value = serde_json::from_str(&stdout).unwrap();
    let damage = &told["degats"][0];
    assert_eq!((exit, damage["fichier"].as_str()), (2, Some(&*file)));
    assert_eq!((&damage["table"], &damage["mois"][0]), (&"lignes.csv".into(), &"2024-01".into()));
    assert_eq!(damage["octets"][1], lines.octets);
    assert!(damage["agents"][0].as_str().unwrap().starts_with('A'), "{damage}");
    let Ran(_, stdout, _) = place.verify("archive", &["--format", "csv"]);
    assert!(stdout.lines().nth(1).unwrap().starts_with(&format!("{file},was altered,")));
    // The next month does not rest on it.
    let Ran(exit, _, stderr) = place.advance("valider", "2024-01");
    assert_eq!(exit, 0, "{stderr}");
    assert_eq!(place.advance("clore", "2024-01").0, 0);
    let Ran(exit, _, stderr) = paie(&["verify", "--archive", &place.path("pool")]);
    assert_eq!(exit, 2);
    assert!(stderr.contains("is not an archive"), "{stderr}");
}

#[test]
fn a_digest_that_was_noted_is_still_in_the_journal() {
    let place = Place::new("4");
    assert!(place.run("2024-01").0 < 2);
    let tete = fs::read_to_string(place.root().join("TETE")).unwrap();
    place.close("2024-01");
    let Ran(exit, stdout, stderr) = place.verify("archive", &["--tete", tete.trim()]);
    assert_eq!(exit, 0, "{stderr}");
    assert!(stdout.contains("the entry that was noted is 1, 2 entries since"), "{stdout}");
    let digest = &tete.trim()[7..];
    assert_eq!(place.verify("archive", &["--tete", &digest[..16]]).0, 0);
    let other = digest.replace(['a', 'b', 'c'], "d").replace('0', "1");
    let Ran(exit, _, stderr) = place.verify("archive", &["--tete", &other]);
    assert_eq!(exit, 2);
    assert!(stderr.contains("the journal has no entry of that digest"), "{stderr}");
    let Ran(exit, _, stderr) = place.verify("archive", &["--tete", "abc"]);
    assert_eq!(exit, 2);
    assert!(stderr.contains("at least the first 16"), "{stderr}");
}

#[test]
fn months_go_from_a_state_to_the_next_in_order() {
    let place = Place::new("6");
    let refused = |ran: Ran, words: &[&str]| {
        let Ran(exit, stdout, stderr) = ran;
        assert_eq!((exit, stdout.as_str()), (2, ""), "{stderr}");
        assert!(words.iter().all(|word| stderr.contains(word)), "{words:?}\n{stderr}");
    };
    refused(place.advance("valider", "2024-01"), &["is not an archive"]);
    assert!(place.run("2024-01").0 < 2);
    let words = ["no employer of 2024-01 is `valide`: 2 `prepare`", "paie archive valider"];
    refused(place.advance("clore", "2024-01"), &words);
    refused(place.advance("valider", "2024-02"), &["none was computed", "paie run --archive"]);
    // A month is not computed after one that may still change.
    refused(place.run("2024-02"), &["2024-01 is not closed for", "paie archive clore"]);
    let sirets = place.sirets("2024-01");
    let one = |verb| {
        let more = ["--mois", "2024-01", "--par", "Mme Chef", "--siret", &sirets[0]];
        place.archive(verb, &more)
    };
    assert_eq!(one("valider").0, 0);
    let Ran(exit, stdout, stderr) = one("clore");
    assert!(stdout.contains("2024-01: 1 employers closed by Mme Chef"), "{stdout}");
    // Done, and there is more to do.
    assert_eq!(exit, 1);
    assert!(stderr.contains(&format!("1 employers are still `prepare`: {}", sirets[1])));
    refused(one("clore"), &[&format!("{}: the month 2024-01 is `clos`", sirets[0]), "rappel"]);
    refused(one("valider"), &["is `clos`, not `prepare`"]);
    // What is closed is not computed again; the other one is.
    assert!(place.run("2024-01").0 < 2);
    let mois = PayPeriod::parse("2024-01").unwrap();
    let states: Vec<Etat> = place.open().employers(mois).map(|(_, state)| state.etat).collect();
    assert_eq!(states, [Etat::Clos, Etat::Prepare]);
    place.close("2024-01");
    refused(place.run("2024-01"), &["every employer of the pool has closed this month"]);
    refused(place.advance("valider", "2024-01"), &["2 `clos`", "a closed month never changes"]);
    assert!(place.run("2024-02").0 < 2);
}

#[test]
fn states_are_told_to_people_and_programs() {
    let place = Place::new("6");
    assert!(place.run("2024-01").0 < 2);
    place.close("2024-01");
    assert!(place.run("2024-02").0 < 2);
    let Ran(exit, stdout, _) = place.archive("etat", &["--format", "csv"]);
    let expected = "mois,employeurs,prepare,valide,clos\n2024-01,2,0,0,2\n2024-02,2,2,0,0\n";
    assert_eq!((exit, stdout.as_str()), (0, expected));
    let Ran(_, stdout, _) = place.archive("etat", &[]);
    let archive = place.open();
    let head = &archive.journal().last().unwrap().empreinte;
    assert!(stdout.contains(&format!("4 entries, head {head}")), "{stdout}");
    assert!(stdout.contains("no backup was proven: `paie archive sauvegarde`"), "{stdout}");
    let Ran(_, stdout, _) = place.archive("etat", &["--mois", "2024-01", "--format", "json"]);
    let told: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(told["employeurs"].as_array().unwrap().len(), 2);
    let first = &told["employeurs"][0];
    assert_eq!((&first["etat"], &first["qui"]), (&"clos".into(), &"Mme Chef".into()));
    assert_eq!(first["calcul"], 1);
    let paid = place.table("2024-01", "bulletins.csv").matches(",payable,").count();
    let counted: u64 = (told["employeurs"].as_array().unwrap().iter())
        .map(|one| one["payables"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, u64::try_from(paid).unwrap());
    let Ran(exit, _, stderr) = place.archive("etat", &["--mois", "2023-05"]);
    assert_eq!(exit, 2);
    assert!(stderr.contains("no run of 2023-05"), "{stderr}");
}

#[test]
fn a_waiver_pays_what_a_control_blocks() {
    let place = Place::new("6");
    assert!(place.run("2024-01").0 < 2);
    let [siret, agent, contrat] = somebody(&place.table("2024-01", "bulletins.csv"));
    let blocked = format!("{siret},{agent},{contrat},2024-01,bloque,");
    let advance = [
        ("agent", &*agent),
        ("siret", &*siret),
        ("contrat", &*contrat),
        ("rubrique", "ACOMPTE"),
        ("depuis", "2024-01-01"),
        ("fin", "2024-01-31"),
        ("montant", "99999.00"),
    ];
    add(&place.path("pool"), "elements.csv", &advance);
    assert_eq!(place.run("2024-01").0, 1);
    assert!(place.table("2024-01", "bulletins.csv").contains(&blocked));
    let deroger = |agent: &str, controle: &str| {
        let who = ["--mois", "2024-01", "--siret", &siret, "--agent", agent];
        let why = ["--contrat", &contrat, "--controle", controle, "--par", "M. Maire"];
        place.archive("deroger", &[&who[..], &why[..], &["--motif", "acompte convenu"]].concat())
    };
    let before = place.open().journal().len();
    let Ran(exit, _, stderr) = deroger(&agent, "prime_au_dessus");
    assert_eq!(exit, 2);
    assert!(stderr.contains("has no blocking control `prime_au_dessus`"), "{stderr}");
    assert!(stderr.contains("those that block it: `net_negatif`"), "{stderr}");
    let Ran(exit, _, stderr) = deroger("A9999999", "net_negatif");
    assert_eq!(exit, 2);
    assert!(stderr.contains("nothing blocks it: check the agent"), "{stderr}");
    assert_eq!(place.open().journal().len(), before, "a refused waiver is kept");
    let Ran(exit, stdout, stderr) = deroger(&agent, "net_negatif");
    assert_eq!(exit, 0, "{stderr}");
    assert!(stdout.contains("run 2024-01 again"), "{stdout}");
    assert_eq!(place.run("2024-01").0, 1);
    let bulletins = place.table("2024-01", "bulletins.csv");
    assert!(bulletins.contains(&blocked.replace("bloque", "payable")), "{bulletins}");
    let findings = place.table("2024-01", "anomalies.csv");
    let waived = format!("alerte,W923,{siret},{agent},{contrat},");
    let row = findings.lines().find(|row| row.starts_with(&waived)).unwrap();
    assert!(row.contains("M. Maire") && row.contains("acompte convenu"), "{row}");
    let Ran(exit, _, stderr) = deroger(&agent, "net_negatif");
    assert_eq!(exit, 2);
    assert!(stderr.contains("is waived already"), "{stderr}");
    place.close("2024-01");
    let Ran(exit, _, stderr) = deroger(&agent, "net_negatif");
    assert_eq!(exit, 2);
    assert!(stderr.contains("the month 2024-01 is `clos`"), "{stderr}");
}

#[test]
fn payslips_that_wait_are_named_when_a_month_is_closed() {
    let place = Place::new("6");
    assert!(place.run("2024-01").0 < 2);
    let [siret, agent, contrat] = somebody(&place.table("2024-01", "bulletins.csv"));
    let wrong = [
        ("agent", &*agent),
        ("siret", &*siret),
        ("contrat", &*contrat),
        ("rubrique", "NEXISTEPAS"),
        ("depuis", "2024-01-01"),
        ("montant", "1.00"),
    ];
    add(&place.path("pool"), "elements.csv", &wrong);
    assert_eq!(place.run("2024-01").0, 1);
    let who = format!("{siret} {agent} {contrat}");
    for (verb, word) in [("valider", "the next month pays them"), ("clore", "as a rappel")] {
        let Ran(exit, stdout, stderr) = place.advance(verb, "2024-01");
        assert_eq!(exit, 1, "{verb}: {stdout}{stderr}");
        assert!(stderr.contains("payslips are blocked") && stderr.contains(word), "{stderr}");
        assert!(stderr.contains(&who), "{who}\n{stderr}");
    }
    let Ran(_, stdout, _) = place.archive("etat", &["--format", "csv"]);
    assert!(stdout.contains("2024-01,2,0,0,2"), "{stdout}");
}

#[test]
fn a_copy_proves_itself_and_makes_an_archive_again() {
    let place = Place::new("6");
    for mois in ["2024-01", "2024-02"] {
        assert!(place.run(mois).0 < 2);
        place.close(mois);
    }
    let copy = place.path("copie");
    let save = || place.archive("sauvegarde", &["--vers", &copy, "--par", "Mme Garde"]);
    let Ran(exit, stdout, stderr) = save();
    assert_eq!(exit, 0, "{stderr}");
    assert!(stdout.contains("2024-02 computed again"), "{stdout}");
    let archive = place.open();
    let proof = archive.preuve().unwrap();
    assert_eq!((proof.numero, proof.qui.as_str()), (7, "Mme Garde"));
    // The copy holds the proof too, and nothing else is left beside it.
    assert_eq!(Archive::open(&copy).unwrap().journal(), archive.journal());
    let beside: Vec<_> = fs::read_dir(place.folder.path()).unwrap().collect();
    assert_eq!(beside.len(), 3, "{beside:?}");
    let Ran(_, stdout, _) = place.archive("etat", &[]);
    assert!(stdout.contains("last proof: 0 days ago, 0 entries since: 2024-02"), "{stdout}");
    // NIR and IBAN are inside: other accounts see neither.
    #[cfg(unix)]
    for root in [place.root(), PathBuf::from(&copy)] {
        let mode = std::os::unix::fs::PermissionsExt::mode(&root.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o700, "{}", root.display());
    }
    // A month later, only what is new is copied.
    assert!(place.run("2024-03").0 < 2);
    let Ran(exit, stdout, stderr) = save();
    assert_eq!(exit, 0, "{stderr}");
    assert!(stdout.contains("there already; 1 entries"), "{stdout}");
    // The archive is lost.
    fs::remove_dir_all(place.root()).unwrap();
    let restored = place.path("archive");
    let restore = ["archive", "restaure", "--depuis", &copy, "--vers", &restored];
    let Ran(exit, stdout, stderr) = paie(&restore);
    assert_eq!(exit, 0, "{stderr}");
    assert!(stdout.contains("is what was written"), "{stdout}");
    assert_eq!(contents(&place.root()).len(), contents(Path::new(&copy)).len());
    place.close("2024-03");
    let Ran(exit, _, stderr) = paie(&restore);
    assert_eq!(exit, 2);
    assert!(stderr.contains("is not empty"), "{stderr}");
}

#[test]
fn a_damaged_copy_is_no_proof() {
    let place = Place::new("4");
    assert!(place.run("2024-01").0 < 2);
    place.close("2024-01");
    let copy = place.path("copie");
    assert_eq!(place.archive("sauvegarde", &["--vers", &copy]).0, 0);
    let before = place.open().journal().len();
    let files = contents(&Path::new(&copy).join("objets"));
    let (path, bytes) = files.iter().max_by_key(|(_, bytes)| bytes.len()).unwrap();
    let mut wrong = bytes.clone();
    wrong[100] ^= 4;
    fs::write(path, wrong).unwrap();
    let Ran(exit, _, stderr) = place.archive("sauvegarde", &["--vers", &copy]);
    assert_eq!(exit, 2, "{stderr}");
    assert!(stderr.contains("damaged"), "{stderr}");
    assert_eq!(place.open().journal().len(), before, "a proof of a damaged copy is kept");
    let Ran(exit, _, stderr) = place.archive("sauvegarde", &["--vers", &place.path("archive/x")]);
    assert_eq!(exit, 2);
    assert!(stderr.contains("a copy must be elsewhere"), "{stderr}");
}

#[test]
fn an_export_takes_each_employer_from_its_last_run() {
    let place = Place::new("8");
    assert!(place.run("2024-01").0 < 2);
    let [siret, agent, contrat] = somebody(&place.table("2024-01", "bulletins.csv"));
    // The one employer is computed again, alone, with a premium more.
    let (all, one) = (place.path("pool"), place.path("seul"));
    fs::create_dir(&one).unwrap();
    for (path, _) in contents(Path::new(&all)) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let mut lines = text.lines();
        let header = lines.next().unwrap();
        let mine = lines.filter(|row| match name {
            "employeurs.csv" | "parametres_employeurs.csv" => row.starts_with(&siret),
            _ => row.starts_with(&format!("{agent},")),
        });
        let rows: Vec<&str> = std::iter::once(header).chain(mine).collect();
        fs::write(Path::new(&one).join(name), format!("{}\n", rows.join("\n"))).unwrap();
    }
    let premium = [
        ("agent", &*agent),
        ("siret", &*siret),
        ("contrat", &*contrat),
        ("rubrique", "ACOMPTE"),
        ("depuis", "2024-01-01"),
        ("fin", "2024-01-31"),
        ("montant", "12.34"),
    ];
    add(&one, "elements.csv", &premium);
    assert!(place.run_pool("seul", "2024-01").0 < 2);
    let (archive, vers) = (place.path("archive"), place.path("entrepot"));
    let export = |more: &[&str]| {
        let what = ["export", "--archive", &archive, "--vers", &vers];
        paie(&[&what[..], &["--forme", "csv", "--remplacer"], more].concat())
    };
    let Ran(exit, _, stderr) = export(&[]);
    assert_eq!(exit, 0, "{stderr}");
    let read = |table: &str| {
        let file = format!("{vers}/{table}/mois=2024-01/{table}.csv");
        fs::read_to_string(file).unwrap_or_default()
    };
    let (first, second) = (Stored::open(&place.open(), &place.open().journal()[0]).unwrap(), {
        Stored::open(&place.open(), &place.open().journal()[1]).unwrap()
    });
    let rows = |stored: &Stored, table: &str, ours: bool| -> Vec<String> {
        let text = String::from_utf8(stored.whole(table).unwrap()).unwrap();
        let rows = text.lines().skip(1).filter(|row| row.starts_with(&siret) == ours);
        rows.map(str::to_owned).collect()
    };
    for table in ["bulletins", "lignes", "cumuls", "charges"] {
        let file = format!("{table}.csv");
        let mut expected = rows(&first, &file, false);
        expected.extend(rows(&second, &file, true));
        let text = read(table);
        assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), expected, "{table}");
        assert!(expected.iter().any(|row| row.starts_with(&siret)), "{table}");
    }
    assert!(read("lignes").contains(",ACOMPTE,"));
    assert!(read("registre").starts_with("siret,agent,contrat,mois_origine,genre,"));
    // NIR and IBAN leave only when they are asked for; an agent is there once.
    assert_eq!(read("faits_agents"), "");
    assert_eq!(export(&["--faits", "--mois", "2024-01"]).0, 0);
    let agents = read("faits_agents");
    let known = fs::read_to_string(Path::new(&all).join("agents.csv")).unwrap();
    assert_eq!(agents.lines().count(), known.lines().count());
    assert_eq!(agents.matches(&format!(",{agent},")).count(), 1);
    let Ran(exit, _, stderr) = export(&["--mois", "2023-01"]);
    assert_eq!(exit, 2);
    assert!(stderr.contains("no run of 2023-01"), "{stderr}");
}

#[test]
fn rappels_are_exported_with_their_types() {
    let place = Place::new("12");
    for mois in ["2024-01", "2024-02"] {
        assert!(place.run(mois).0 < 2);
        place.close(mois);
    }
    let (archive, vers) = (place.path("archive"), place.path("entrepot"));
    let what = ["export", "--archive", &archive, "--vers", &vers, "--format", "json"];
    let Ran(exit, stdout, stderr) = paie(&what);
    assert_eq!(exit, 0, "{stderr}");
    let told: Value = serde_json::from_str(&stdout).unwrap();
    let of = |mois: &str, table: &str| {
        let rows = told.as_array().unwrap().iter();
        let found = rows.filter(|row| row["mois"] == mois && row["table"] == table);
        found.map(|row| row["lignes"].as_u64().unwrap()).next()
    };
    let rows = |mois, table| {
        let count = place.table(mois, &format!("{table}.csv")).lines().count() - 1;
        Some(u64::try_from(count).unwrap())
    };
    for mois in ["2024-01", "2024-02"] {
        for table in ["bulletins", "lignes", "rappels", "registre", "suites", "anomalies"] {
            assert_eq!(of(mois, table), rows(mois, table), "{table} of {mois}");
        }
    }
    assert!(of("2024-02", "rappels") > Some(0), "{stdout}");
    assert_eq!(of("2024-02", "programmes"), None);
}
