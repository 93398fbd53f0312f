//! Nothing is lost when the program is killed: a result is absent or whole, an earlier one stays.

#![allow(clippy::unwrap_used, reason = "a test stops at a surprise")]
#![allow(clippy::integer_division, reason = "a part of a run need not be exact")]

mod crash;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use crash::{Kills, contents, flip_each_byte};

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
        assert!(place.earlier.as_ref().is_some_and(|files| files.len() == 6));
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
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
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
