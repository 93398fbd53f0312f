use super::*;
use crate::archive::{Check, Kind, Plan, Report, Stored, verify};

fn report(root: &Path) -> Report {
    verify(root, |_| {}).unwrap()
}

/// The files in which damage was found, each once.
fn files(report: &Report) -> Vec<String> {
    let mut files: Vec<String> = report.damages.iter().map(|d| d.file.clone()).collect();
    files.dedup();
    files
}

#[test]
fn an_intact_archive_is_accounted_for_to_the_byte() {
    let (_folder, root) = place();
    two_months(&root);
    let all = snapshot(&root);
    let found = report(&root);
    assert!(found.damages.is_empty() && found.leftovers.is_empty(), "{found:?}");
    assert_eq!(found.octets, all.values().map(|bytes| bytes.len() as u64).sum::<u64>());
    // The lock has no byte to read.
    assert_eq!(found.files, all.len() as u64 - 1);
    assert_eq!(found.entries, 5);
    let mut last = None;
    verify(&root, |progress| last = Some(progress)).unwrap();
    assert_eq!(last.map(|p| p.octets), last.map(|p| p.total));
}

#[test]
fn every_flipped_byte_is_found_and_located() {
    let (_folder, root) = place();
    one_month(&root);
    let mut flipped = 0;
    for (name, bytes) in snapshot(&root) {
        let path = root.join(&name);
        let mut changed = bytes.clone();
        for at in 0..bytes.len() {
            changed[at] ^= 1 << (at % 8);
            fs::write(&path, &changed).unwrap();
            changed[at] = bytes[at];
            // A change outside the objects shows before they are read.
            let plan = Plan::of(&root).unwrap();
            let read = if name.starts_with("objets") { plan.checks() } else { &[] };
            let outcomes: Vec<_> = read.iter().map(Check::run).collect();
            let found = plan.finish(outcomes);
            assert_eq!(files(&found), [name.as_str()], "byte {at} of {name}: {found:?}");
            assert_eq!(found.damages.len(), 1, "byte {at} of {name}: {found:?}");
            let range = &found.damages[0].bytes;
            assert!(range.contains(&(at as u64)), "byte {at} of {name}: {range:?}");
            flipped += 1;
        }
        fs::write(&path, &bytes).unwrap();
    }
    assert!(flipped > 7_000, "{flipped}");
    assert!(report(&root).damages.is_empty());
}

#[test]
fn a_damaged_block_is_told_by_its_agents() {
    let (_folder, root) = place();
    two_months(&root);
    let archive = Archive::open(&root).unwrap();
    let stored = Stored::open(&archive, archive.calcul(mois("2026-10"), ONE).unwrap()).unwrap();
    let name = snapshot(&root)
        .into_keys()
        .find(|name| name.ends_with(&stored.calcul().tables["lignes.csv"].empreinte))
        .unwrap();
    let bytes = fs::read(root.join(&name)).unwrap();
    let mut changed = bytes.clone();
    let last = changed.len() - 1;
    changed[last] ^= 0x40;
    fs::write(root.join(&name), &changed).unwrap();
    let found = report(&root);
    let [damage] = found.damages.as_slice() else { panic!("{found:?}") };
    assert_eq!((&damage.kind, damage.blocks), (&Kind::Altered, Some((2, 2))));
    assert_eq!(damage.agents, Some(("A4".to_owned(), "A4".to_owned())));
    assert_eq!(damage.months, ["2026-10"]);
    assert_eq!(damage.table.as_deref(), Some("lignes.csv"));
    let read = stored.read(0, 2).unwrap_err().to_string();
    assert!(read.contains(&damage.to_string()), "{read}\n{damage}");
    // The blocks that are intact can still be read, the whole table cannot.
    assert!(stored.read(0, 1).is_ok());
    assert!(matches!(stored.whole("lignes.csv"), Err(ArchiveError::Damaged { .. })));
    // Everything from the second block on.
    let cut = usize::try_from(report_start(&root, &stored, &bytes, &name)).unwrap();
    fs::write(root.join(&name), &bytes[..cut]).unwrap();
    let found = report(&root);
    let [damage] = found.damages.as_slice() else { panic!("{found:?}") };
    assert_eq!((&damage.kind, damage.blocks), (&Kind::Truncated, Some((1, 2))));
    assert_eq!(damage.agents, Some(("A2".to_owned(), "A4".to_owned())));
    assert_eq!(damage.bytes.end, bytes.len() as u64);
    assert!(matches!(stored.read(0, 1), Err(ArchiveError::Damaged { .. })));
}

/// Where the damage starts when every byte after the first block is changed, then all put back.
fn report_start(root: &Path, stored: &Stored, bytes: &[u8], name: &str) -> u64 {
    let first = frame(&stored.read(0, 0).unwrap()).unwrap();
    let header = frame(&stored.header(0).unwrap()).unwrap();
    fs::write(root.join(name), bytes).unwrap();
    first.octets() + header.octets()
}

#[test]
fn a_missing_file_is_named() {
    let (_folder, root) = place();
    two_months(&root);
    for (name, bytes) in snapshot(&root) {
        let path = root.join(&name);
        fs::remove_file(&path).unwrap();
        match name.as_str() {
            "FORMAT" => {
                assert!(matches!(verify(&root, |_| {}), Err(ArchiveError::NotAnArchive(_))));
            }
            // Only locks are taken on it: the next writer makes another.
            "verrou" => assert!(report(&root).damages.is_empty()),
            _ => {
                let found = report(&root);
                assert_eq!(files(&found), [name.as_str()], "{found:?}");
                assert_eq!(found.damages[0].kind, Kind::Missing);
                let entry = !name.starts_with("objets");
                assert_eq!(Archive::open(&root).is_err(), entry, "{name}");
            }
        }
        fs::write(&path, &bytes).unwrap();
    }
}

#[test]
fn a_truncated_or_longer_file_is_found() {
    let (_folder, root) = place();
    two_months(&root);
    for (name, bytes) in snapshot(&root) {
        let path = root.join(&name);
        let lengths = [0, bytes.len() >> 1, bytes.len().saturating_sub(1)];
        let shorter = lengths.into_iter().filter(|&length| length < bytes.len());
        let longer = [bytes.as_slice(), b"x"].concat();
        for changed in shorter.map(|length| bytes[..length].to_vec()).chain([longer]) {
            fs::write(&path, &changed).unwrap();
            let found = report(&root);
            assert_eq!(files(&found), [name.as_str()], "{} bytes: {found:?}", changed.len());
        }
        fs::write(&path, &bytes).unwrap();
    }
}

#[test]
fn a_foreign_file_is_found() {
    let (_folder, root) = place();
    two_months(&root);
    let digest = blake3::hash(b"foreign").to_hex();
    let wrong = format!("objets/{}/{}", &digest[..2], digest.replace('a', "b"));
    let wrong = if wrong.ends_with(digest.as_str()) { format!("{wrong}0") } else { wrong };
    fs::create_dir_all(root.join("objets").join(&digest[..2])).unwrap();
    fs::create_dir_all(root.join("objets/zz")).unwrap();
    fs::create_dir_all(root.join("autre")).unwrap();
    for name in ["notes.txt", "objets/notes.txt", "journal/notes.txt", "autre/x", &wrong] {
        fs::write(root.join(name), "foreign").unwrap();
        let found = report(&root);
        let place = if name == "autre/x" { "autre" } else { name };
        assert!(files(&found).contains(&place.to_owned()), "{name}: {found:?}");
        fs::remove_file(root.join(name)).unwrap();
    }
    assert_eq!(files(&report(&root)), ["autre", "objets/zz"]);
}

#[test]
fn an_entry_that_was_replaced_breaks_the_chain() {
    let (_folder, root) = place();
    two_months(&root);
    let archive = Archive::open(&root).unwrap();
    // A forger who knows the format: another author, another name for the file.
    for entry in archive.journal() {
        let old = snapshot(&root).into_keys().find(|n| n.contains(&entry.empreinte[..16])).unwrap();
        let bytes = fs::read(root.join(&old)).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap().replace("M. Paie", "M. Faux");
        let digest = blake3::hash(text.as_bytes()).to_hex();
        let new = format!("journal/{:06}-{}.json", entry.numero, &digest[..16]);
        fs::write(root.join(&new), text).unwrap();
        let found = files(&report(&root));
        let last = entry.numero == 5;
        assert!(found.contains(&new) || last, "{found:?}");
        fs::remove_file(root.join(&old)).unwrap();
        let found = files(&report(&root));
        assert_eq!(found, [if last { "TETE".to_owned() } else { new.clone() }]);
        assert!(Archive::open(&root).is_err());
        fs::remove_file(root.join(&new)).unwrap();
        fs::write(root.join(&old), bytes).unwrap();
    }
    assert!(report(&root).damages.is_empty());
}

#[test]
fn an_entry_that_contradicts_the_others_is_refused() {
    let (_folder, root) = place();
    two_months(&root);
    // Entry 6 would close October without validation; digests and chain are right.
    let last = Archive::open(&root).unwrap().journal()[4].clone();
    let event = clos("2026-10", &[ONE]);
    let forged = Entry { numero: 6, precedent: last.empreinte.clone(), evenement: event, ..last };
    let text = serde_json::to_string_pretty(&forged).unwrap();
    let digest = blake3::hash(text.as_bytes()).to_hex();
    let name = format!("journal/000006-{}.json", &digest[..16]);
    fs::write(root.join(&name), text).unwrap();
    let found = report(&root);
    assert_eq!(files(&found), [name.as_str()]);
    assert!(matches!(&found.damages[0].kind, Kind::Impossible(why) if why.contains("prepare")));
    let refused = Archive::open(&root).unwrap_err();
    assert!(matches!(refused, ArchiveError::Damaged { .. }));
}

#[test]
fn checks_can_be_run_in_any_order() {
    let (_folder, root) = place();
    two_months(&root);
    let plan = Plan::of(&root).unwrap();
    let outcomes: Vec<_> = plan.checks().iter().rev().map(|check| check.run()).collect();
    assert_eq!(plan.finish(outcomes), report(&root));
}

#[test]
fn another_format_is_not_read() {
    let (_folder, root) = place();
    two_months(&root);
    fs::write(root.join("FORMAT"), "paie-archive 2\n\nautrement\n").unwrap();
    let refused = Archive::open(&root).unwrap_err();
    assert!(matches!(refused, ArchiveError::UnknownFormat { version, .. } if version == "2"));
    let nothing = Archive::open(root.join("objets")).unwrap_err();
    assert!(matches!(nothing, ArchiveError::NotAnArchive(_)));
}
