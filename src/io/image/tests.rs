//! The pool in memory against the pool read file by file.

use std::fs::File;
use std::io::BufWriter;

use super::*;
use crate::calendar::PayPeriod;
use crate::demo::{DemoFiles, DemoSpec, generate};

fn pool() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mois = PayPeriod::parse("2024-05").unwrap();
    let spec = DemoSpec { employeurs: 3, agents: 150, graine: 9, mois, historique: 3 };
    let open = |name: &str| File::create(folder.path().join(name)).map(BufWriter::new);
    generate(&spec, DemoFiles::open(open).unwrap()).unwrap();
    folder
}

/// Replaces a file of a pool.
fn change(folder: &Path, name: &str, change: impl FnOnce(String) -> String) {
    let path = folder.join(name);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, change(text)).unwrap();
}

#[test]
fn every_agent_is_the_one_of_the_files_in_any_order() {
    let folder = pool();
    // Out of the order of `agents.csv`: the last rows first.
    change(folder.path(), "elements.csv", |text| {
        let (header, rows) = text.split_once('\n').unwrap();
        let rows: Vec<&str> = rows.lines().rev().collect();
        format!("{header}\n{}\n", rows.join("\n"))
    });
    let image = PoolImage::open(folder.path()).unwrap();
    let reader = PoolReader::open(folder.path()).unwrap();
    assert_eq!(image.agents().len(), 150);
    let mut employers: BTreeMap<Siret, Vec<Word>> = BTreeMap::new();
    for agent in image.agents() {
        let parsed = reader.only(agent).unwrap().unwrap().parse_one(&reader.context(), 0);
        assert_eq!(image.facts(agent).unwrap(), parsed, "{agent}");
        let mut sirets: Vec<Siret> = parsed.facts.carrieres.iter().map(|row| row.siret).collect();
        sirets.sort();
        sirets.dedup();
        for siret in sirets {
            employers.entry(siret).or_default().push(Word::clone(agent));
        }
    }
    assert!(employers.len() == 3 && employers.values().all(|agents| !agents.is_empty()));
    for (siret, agents) in &employers {
        assert_eq!(image.agents_of(*siret), agents);
    }
    assert!(image.facts("personne").is_none());
    assert!(image.agents_of(Siret::NONE).is_empty());
}

#[test]
fn rows_that_are_refused_still_name_their_employer() {
    let folder = pool();
    let image = PoolImage::open(folder.path()).unwrap();
    let agent = Word::clone(&image.agents()[7]);
    let siret = image.facts(&agent).unwrap().facts.carrieres[0].siret;
    change(folder.path(), "carrieres.csv", |text| {
        let mine = |line: &str| line.starts_with(&format!("{agent},"));
        let wrong = |line: &str| match mine(line) {
            true => format!("{agent},{siret},C1,hier\n"),
            false => format!("{line}\n"),
        };
        text.lines().map(wrong).collect()
    });
    let image = PoolImage::open(folder.path()).unwrap();
    assert!(image.facts(&agent).unwrap().is_blocked());
    assert!(image.agents_of(siret).contains(&agent));
}

#[test]
fn a_file_that_changes_is_seen() {
    let folder = pool();
    let image = PoolImage::open(folder.path()).unwrap();
    let digest = PoolStamp::digest(folder.path()).unwrap();
    assert_eq!(*image.stamp(), PoolStamp::of(folder.path()));
    assert_eq!(digest, PoolStamp::digest(folder.path()).unwrap());
    change(folder.path(), "elements.csv", |text| text + "\n");
    assert_ne!(*image.stamp(), PoolStamp::of(folder.path()));
    assert_ne!(digest, PoolStamp::digest(folder.path()).unwrap());
    fs::remove_file(folder.path().join("absences.csv")).unwrap();
    let stamp = PoolStamp::of(folder.path());
    assert_eq!(*PoolImage::open(folder.path()).unwrap().stamp(), stamp);
    fs::remove_file(folder.path().join("agents.csv")).unwrap();
    let findings = PoolImage::open(folder.path()).unwrap_err();
    assert!(findings.iter().any(|one| one.code == Code::E701), "{findings:?}");
}

/// A reading during which `elements.csv` gets a line, as long as there is one to write.
fn disturbed(
    mut lines: u32,
) -> impl FnMut(&Path, &PoolStamp) -> Result<PoolImage, Vec<PoolFinding>> {
    move |folder, stamp| {
        let image = PoolImage::read(folder, stamp);
        if lines > 0 {
            lines -= 1;
            change(folder, "elements.csv", |text| text + "\n");
        }
        image
    }
}

#[test]
fn a_pool_that_never_stays_the_same_is_refused() {
    let folder = pool();
    let refused = PoolImage::steady(folder.path(), disturbed(READINGS));
    let findings = refused.unwrap_err();
    assert!(findings[0].message.contains("change while they are read"), "{findings:?}");
    assert!(PoolImage::open(folder.path()).is_ok());
}

#[test]
fn a_pool_that_changes_while_it_is_read_is_read_again() {
    let folder = pool();
    let image = PoolImage::steady(folder.path(), disturbed(READINGS - 1)).unwrap();
    assert_eq!(*image.stamp(), PoolStamp::of(folder.path()));
}
