//! Nothing is lost when the program is killed: a result is absent or whole, an earlier one stays;
//! an archive is as before or as after, and what was begun can be done again.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at a surprise")]
#![allow(clippy::panic, reason = "a test stops at a surprise")]
#![allow(clippy::float_arithmetic, clippy::integer_division, reason = "delays of kills")]

mod crash;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use crash::{Kills, Tally, contents, flip_each_byte};
use paie::archive::{Archive, Entry, Event};
use paie::batch::HEADERS;

const MONTH: &str = "2026-10";

/// The files of a folder by name. The duration is left out of the manifest: no two are the same.
type Files = Vec<(PathBuf, Vec<u8>)>;

fn paie(args: &[&str]) -> i32 {
    Command::cargo_bin("paie").unwrap().args(args).output().unwrap().status.code().unwrap()
}

fn result(folder: &Path) -> Option<Files> {
    let relative = |(path, bytes): (PathBuf, Vec<u8>)| {
        let name = path.strip_prefix(folder).unwrap().to_owned();
        let manifest = name.ends_with("manifest.json");
        let bytes = if manifest { without_duration(&bytes) } else { bytes };
        (name, bytes)
    };
    folder.exists().then(|| contents(folder).into_iter().map(relative).collect())
}

fn without_duration(manifest: &[u8]) -> Vec<u8> {
    let mut manifest: serde_json::Value = serde_json::from_slice(manifest).unwrap();
    assert!(manifest.as_object_mut().unwrap().remove("duree_ms").is_some());
    manifest.to_string().into_bytes()
}

/// A pool and a place for results, with the result of an earlier month.
struct Place {
    _folder: tempfile::TempDir,
    pool: PathBuf,
    results: PathBuf,
    earlier: Option<Files>,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (pool, results) = (folder.path().join("pool"), folder.path().join("sortie"));
        let size = ["--employeurs", "20", "--agents", "300", "--historique", "6"];
        assert_eq!(paie(&[&["demo", pool.to_str().unwrap()], &size[..]].concat()), 0);
        let mut place = Self { _folder: folder, pool, results, earlier: None };
        assert!(paie(&place.run("2026-09", &[])) < 2);
        place.earlier = result(&place.results.join("2026-09"));
        let files = HEADERS.len() + 1;
        assert_eq!(place.earlier.as_ref().map(Vec::len), Some(files));
        place
    }

    fn run<'a>(&'a self, mois: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let (pool, results) = (self.pool.to_str().unwrap(), self.results.to_str().unwrap());
        let run = ["run", "--pool", pool, "--mois", mois, "--sortie", results];
        [&run[..], more].concat()
    }

    fn target(&self) -> PathBuf {
        self.results.join(MONTH)
    }
}

#[test]
fn a_result_is_absent_or_whole() {
    let place = Place::new();
    let args = place.run(MONTH, &[]);
    assert!(paie(&args) < 2);
    let whole = result(&place.target());
    let clear = |_: &Path| {
        let _ = fs::remove_dir_all(place.target());
    };
    let tally = Kills::new(20).run(&args, &place.results, clear, |results| {
        let found = result(&results.join(MONTH));
        assert!(found.is_none() || found == whole, "a partial result");
        assert!(result(&results.join("2026-09")) == place.earlier, "an earlier month changed");
    });
    println!("{tally:?}");
    assert!(tally.killed > 0, "no run was killed in time: {tally:?}");
    // What the killed ones left is in nobody's way.
    clear(&place.results);
    assert!(paie(&args) < 2);
    assert!(result(&place.target()) == whole);
}

#[test]
fn a_result_that_is_replaced_is_the_former_or_the_latter() {
    let place = Place::new();
    let before = place.run(MONTH, &["--remplacer", "--connu-le", "2026-06-30"]);
    let after = place.run(MONTH, &["--remplacer"]);
    assert!(paie(&after) < 2);
    let latter = result(&place.target());
    assert!(paie(&before) < 2);
    let former = result(&place.target());
    assert!(former != latter, "nothing was learned since June");
    let kept = tempfile::tempdir().unwrap();
    copy(&place.target(), kept.path());
    let put_back = |_: &Path| {
        if result(&place.target()) != former {
            let _ = fs::remove_dir_all(place.target());
            copy(kept.path(), &place.target());
        }
    };
    let tally = Kills::new(20).run(&after, &place.results, put_back, |results| {
        let mut found = result(&results.join(MONTH));
        if found.is_none() {
            // Killed between the two renames: the next run finds the former one, and refuses.
            assert_eq!(paie(&place.run(MONTH, &[])), 2);
            found = result(&results.join(MONTH));
        }
        assert!(found == former || found == latter, "neither the former nor the latter");
        assert!(result(&results.join("2026-09")) == place.earlier, "an earlier month changed");
    });
    println!("{tally:?}");
    assert!(tally.killed > 0, "no run was killed in time: {tally:?}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (from, to) = {
            let entry = entry.unwrap();
            (entry.path(), to.join(entry.file_name()))
        };
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

/// An archive of a closed month, and of one that was computed after it.
struct Kept {
    folder: tempfile::TempDir,
}

impl Kept {
    fn new() -> Self {
        let kept = Self { folder: tempfile::tempdir().unwrap() };
        let size = ["--employeurs", "3", "--agents", "30", "--historique", "3"];
        let pool = kept.path("pool");
        let demo = [&["demo", &*pool], &size[..], &["--mois", "2024-03"]].concat();
        assert_eq!(paie(&demo), 0);
        assert!(kept.paie(&kept.run("2024-01")) < 2);
        for verb in ["valider", "clore"] {
            assert_eq!(kept.paie(&kept.state(verb, "2024-01")), 0);
        }
        assert!(kept.paie(&kept.run("2024-02")) < 2);
        kept
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn run(&self, mois: &str) -> Vec<String> {
        let (pool, archive) = (self.path("pool"), self.path("archive"));
        let learned = format!("{mois}-25");
        let run = ["run", "--pool", &pool, "--mois", mois, "--archive", &archive];
        owned(&[&run[..], &["--connu-le", &learned, "--par", "essai"]].concat())
    }

    fn state(&self, verb: &str, mois: &str) -> Vec<String> {
        let archive = self.path("archive");
        owned(&["archive", verb, "--archive", &archive, "--mois", mois, "--par", "essai"])
    }

    fn save(&self) -> Vec<String> {
        let (archive, copy) = (self.path("archive"), self.path("copie"));
        owned(&["archive", "sauvegarde", "--archive", &archive, "--vers", &copy])
    }

    fn paie(&self, args: &[String]) -> i32 {
        paie(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn sound(&self, name: &str) -> bool {
        paie(&["verify", "--archive", &self.path(name)]) == 0
    }

    fn journal(&self) -> Vec<Entry> {
        Archive::open(self.path("archive")).unwrap().journal().to_vec()
    }

    /// Kills `args` on the archive as it is now. Each time it verifies, has the entries it had, or
    /// one more, that is `after`, and can be gone on with by `next`.
    fn killed(&self, kills: u32, args: &[String], after: fn(&Event) -> bool, next: &[String]) {
        let (root, kept) = (self.path("archive"), self.path("modele"));
        copy(Path::new(&root), Path::new(&kept));
        let before = self.journal();
        let mut more = 0;
        let put_back = |root: &Path| {
            fs::remove_dir_all(root).unwrap();
            copy(Path::new(&kept), root);
        };
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let tally = Kills::new(kills).run(&args, Path::new(&root), put_back, |_| {
            assert!(self.sound("archive"), "a kill damaged the archive");
            let found = self.journal();
            assert_eq!(found[..before.len()], before, "what was written changed");
            match &found[before.len()..] {
                [] => {}
                [one] => {
                    assert!(after(&one.evenement), "{one:?}");
                    more += 1;
                }
                several => panic!("{} entries", several.len()),
            }
            if found.len() == before.len() {
                assert!(paie(&args) < 2, "{args:?} cannot be done again");
            }
            assert!(self.paie(next) < 2, "{next:?} cannot follow");
            assert!(self.sound("archive"));
        });
        tell(&tally);
        assert!(more > 0);
    }
}

fn tell(tally: &Tally) {
    println!("{tally:?}");
    assert!(tally.killed > 0, "no run was killed in time: {tally:?}");
}

/// Arguments that are kept.
fn owned(args: &[&str]) -> Vec<String> {
    args.iter().map(|&text| text.to_owned()).collect()
}

#[test]
fn a_run_is_in_the_archive_whole_or_not_at_all() {
    let kept = Kept::new();
    let is_run = |event: &Event| matches!(event, Event::Calcul(_));
    kept.killed(50, &kept.run("2024-02"), is_run, &kept.state("valider", "2024-02"));
}

#[test]
fn a_month_is_validated_or_not() {
    let kept = Kept::new();
    let valide = |event: &Event| matches!(event, Event::Valide { .. });
    let valider = kept.state("valider", "2024-02");
    kept.killed(40, &valider, valide, &kept.state("clore", "2024-02"));
}

#[test]
fn a_month_is_closed_or_not() {
    let kept = Kept::new();
    assert!(kept.paie(&kept.state("valider", "2024-02")) < 2);
    let clos = |event: &Event| matches!(event, Event::Clos { .. });
    kept.killed(40, &kept.state("clore", "2024-02"), clos, &kept.run("2024-03"));
}

#[test]
fn a_backup_that_was_killed_goes_on() {
    let kept = Kept::new();
    let (copie, before) = (kept.path("copie"), kept.journal());
    let args = kept.save();
    let arguments: Vec<&str> = args.iter().map(String::as_str).collect();
    let clear = |copie: &Path| {
        let _ = fs::remove_dir_all(copie);
    };
    let tally = Kills::new(30).run(&arguments, Path::new(&copie), clear, |copie| {
        assert!(kept.sound("archive"), "a kill damaged the archive");
        // A copy without `FORMAT` is none yet; from there on, it is one at any moment.
        if copie.join("FORMAT").exists() {
            assert!(kept.sound("copie"), "a kill damaged the copy");
        }
        assert_eq!(kept.paie(&args), 0, "the backup does not go on");
        assert!(kept.sound("copie"));
        let found = Archive::open(copie).unwrap();
        assert_eq!(found.journal(), kept.journal());
        assert_eq!(found.journal()[..before.len()], before);
        assert!(matches!(found.journal().last().unwrap().evenement, Event::Preuve { .. }));
        let names = fs::read_dir(kept.folder.path()).unwrap();
        assert_eq!(names.count(), 3, "the scratch folder of a proof stays");
    });
    tell(&tally);
}

#[test]
fn every_byte_is_flipped_once_and_put_back() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("objets")).unwrap();
    fs::write(folder.path().join("FORMAT"), "format 1\n").unwrap();
    fs::write(folder.path().join("objets/ab"), [0, 255, 10, 128]).unwrap();
    let before = contents(folder.path());
    let mut places = Vec::new();
    let flips = flip_each_byte(folder.path(), |path, place| {
        let now = contents(folder.path());
        let changed: Vec<_> = before.iter().zip(&now).filter(|(a, b)| a != b).collect();
        let [(was, is)] = changed[..] else { unreachable!("one file changes: {changed:?}") };
        assert_eq!(was.0, path);
        let wrong: Vec<usize> = (0..was.1.len()).filter(|&at| was.1[at] != is.1[at]).collect();
        assert_eq!(wrong, [usize::try_from(place).unwrap()]);
        places.push((path.to_owned(), place));
    });
    places.dedup();
    assert_eq!((flips, places.len()), (13, 13));
    assert_eq!(contents(folder.path()), before);
}
