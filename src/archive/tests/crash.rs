use std::collections::BTreeSet;

use super::*;
use crate::archive::disk::{Failure, Steps};
use crate::archive::{Copied, Leftover, restaure, sauvegarde, verify};

/// More steps than anything here takes.
const MOST: usize = 2_000;

fn sound(root: &Path) {
    let report = verify(root, |_| {}).unwrap();
    assert!(report.damages.is_empty(), "{report:?}");
}

fn swept(root: &Path) {
    let left = fs::read_dir(root.join("en-cours")).unwrap().count();
    assert_eq!(left, 0, "files of a killed process stay");
}

/// Kills `work` before each of its steps in turn, on an archive made by `setup`. Each time the
/// archive is as before or as after, and the work can be done again.
fn killed_everywhere(
    setup: impl Fn(&Path),
    work: impl Fn(&mut Writer) -> Result<Entry, ArchiveError>,
) -> usize {
    for at in 0..MOST {
        let (_folder, root) = place();
        setup(&root);
        let before = Archive::open(&root).unwrap();
        let lock = || before.clone().lock().and_then(|mut writer| work(&mut writer));
        let (_, done) = Steps::run(Failure::Killed, at, lock);
        let found = Archive::open(&root).unwrap();
        let count = found.journal().len() - before.journal().len();
        assert_eq!(found.journal()[..before.journal().len()], *before.journal());
        assert!(count <= 1, "killed before step {at}: {count} entries");
        sound(&root);
        if let Ok(entry) = done {
            assert_eq!(found.journal().last(), Some(&entry));
            swept(&root);
            return at;
        }
        let mut writer = found.lock().unwrap();
        swept(&root);
        if count == 0 {
            work(&mut writer).unwrap();
        }
        drop(writer);
        sound(&root);
        swept(&root);
        assert_eq!(Archive::open(&root).unwrap().journal().len(), before.journal().len() + 1);
    }
    panic!("more than {MOST} steps");
}

#[test]
fn a_run_killed_anywhere_is_not_there_or_is_there_whole() {
    let steps = killed_everywhere(two_months, |writer| run(writer, "2026-11", 5, &[ONE, TWO]));
    assert!(steps > 50, "{steps}");
}

#[test]
fn an_event_killed_anywhere_happened_or_did_not() {
    killed_everywhere(two_months, |writer| writer.append(valide("2026-10", &[ONE]), &signature()));
}

#[test]
fn a_creation_killed_anywhere_can_be_done_again() {
    for at in 0..MOST {
        let (_folder, root) = place();
        let (_, done) = Steps::run(Failure::Killed, at, || Archive::create(&root));
        if done.is_ok() {
            sound(&root);
            assert!(at > 5);
            return;
        }
        // It may have died after its last change.
        if Archive::open(&root).is_err() {
            Archive::create(&root).unwrap();
        }
        drop(Archive::open(&root).unwrap().lock().unwrap());
        sound(&root);
        swept(&root);
    }
    panic!("more than {MOST} steps");
}

#[test]
fn a_full_disk_at_any_step_stops_nothing_for_long() {
    for at in 0..MOST {
        let (_folder, root) = place();
        two_months(&root);
        let mut writer = Archive::open(&root).unwrap().lock().unwrap();
        let (asked, done) =
            Steps::run(Failure::Full, at, || run(&mut writer, "2026-11", 5, &[ONE, TWO]));
        if at >= asked.len() {
            done.unwrap();
            return;
        }
        if let Err(refused) = done {
            assert!(refused.help().contains("free some room"), "{refused}");
            let named = asked[at].1.to_str().unwrap();
            assert!(refused.to_string().contains(named), "{refused}");
        } else {
            assert_eq!(asked[at].0, "remove", "step {at} failed and nobody was told");
        }
        // The same writer goes on.
        let entry = run(&mut writer, "2026-11", 5, &[ONE, TWO]).unwrap();
        assert_eq!(writer.archive().journal().last(), Some(&entry));
        drop(writer);
        sound(&root);
    }
    panic!("more than {MOST} steps");
}

#[test]
fn an_entry_comes_after_everything_it_names_will_last() {
    let (_folder, root) = place();
    two_months(&root);
    let mut writer = Archive::open(&root).unwrap().lock().unwrap();
    let (asked, done) =
        Steps::run(Failure::Killed, MOST, || run(&mut writer, "2026-11", 5, &[ONE, TWO]));
    done.unwrap();
    let mut unsafe_paths = BTreeSet::new();
    let mut entries = 0;
    for (action, path) in asked {
        let parent = path.parent().unwrap().to_owned();
        match action {
            "write" => drop(unsafe_paths.insert(path)),
            "sync" => drop(unsafe_paths.remove(&path)),
            "mkdir" => drop(unsafe_paths.insert(parent)),
            "rename" => {
                if !path.starts_with(root.join("objets")) {
                    assert!(unsafe_paths.is_empty(), "{} before {unsafe_paths:?}", path.display());
                    entries += 1;
                }
                unsafe_paths.insert(parent);
            }
            _ => {}
        }
    }
    assert_eq!(entries, 2, "the entry, then TETE");
    assert!(unsafe_paths.is_empty(), "{unsafe_paths:?}");
}

#[test]
fn there_is_one_writer_at_a_time() {
    let (_folder, root) = place();
    two_months(&root);
    let waiting = Archive::open(&root).unwrap();
    let mut writer = Archive::open(&root).unwrap().lock().unwrap();
    let refused = waiting.clone().lock().unwrap_err();
    assert!(matches!(&refused, ArchiveError::Busy(path) if *path == root));
    writer.append(valide("2026-10", &[ONE]), &signature()).unwrap();
    // Readers do not wait.
    assert_eq!(Archive::open(&root).unwrap().journal().len(), 6);
    let seen = writer.unlock();
    assert_eq!(seen.journal().len(), 6);
    // The one that waited sees what was written meanwhile.
    let mut writer = waiting.lock().unwrap();
    let entry = writer.append(valide("2026-10", &[TWO]), &signature()).unwrap();
    assert_eq!((entry.numero, entry.precedent), (7, seen.journal()[5].empreinte.clone()));
}

#[test]
fn what_killed_runs_leave_is_told_and_can_be_removed() {
    let (_folder, root) = place();
    two_months(&root);
    let before = kept(&root);
    let mut writer = Archive::open(&root).unwrap().lock().unwrap();
    // All objects are in their place, the entry is not.
    let (_other, elsewhere) = place();
    two_months(&elsewhere);
    let mut other = Archive::open(&elsewhere).unwrap().lock().unwrap();
    let (asked, _) = Steps::run(Failure::Killed, MOST, || run(&mut other, "2026-11", 5, &[ONE]));
    let entry = asked.iter().position(|(action, path)| {
        *action == "rename" && path.parent().is_some_and(|folder| folder.ends_with("journal"))
    });
    let killed =
        Steps::run(Failure::Killed, entry.unwrap(), || run(&mut writer, "2026-11", 5, &[ONE]));
    assert!(killed.1.is_err());
    drop(writer);
    let report = verify(&root, |_| {}).unwrap();
    assert!(report.damages.is_empty());
    let objects = |files: &[Leftover]| -> Vec<Leftover> {
        files.iter().filter(|left| left.file.starts_with("objets/")).cloned().collect()
    };
    assert!(objects(&report.leftovers).len() > 3, "{report:?}");
    let mut writer = Archive::open(&root).unwrap().lock().unwrap();
    assert_eq!(writer.purge().unwrap(), objects(&report.leftovers));
    assert_eq!(writer.purge().unwrap(), []);
    assert_eq!(kept(&root), before);
}

#[test]
fn a_deposit_that_is_dropped_leaves_nothing() {
    let (_folder, root) = place();
    two_months(&root);
    let writer = Archive::open(&root).unwrap().lock().unwrap();
    let before = snapshot(&root);
    let mut deposit = writer.deposit().unwrap();
    deposit.table("lignes.csv", b"x\n").unwrap();
    deposit.object(b"y").unwrap();
    assert_ne!(snapshot(&root), before);
    drop(deposit);
    assert_eq!(snapshot(&root), before);
}

#[test]
fn creation_refuses_a_folder_that_holds_something() {
    let (_folder, root) = place();
    fs::create_dir(&root).unwrap();
    Archive::create(&root).unwrap();
    let again = Archive::create(&root).unwrap_err();
    assert!(matches!(again, ArchiveError::NotEmpty(_)));
    let other = root.parent().unwrap().join("autre");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("paie.csv"), "x").unwrap();
    assert!(matches!(Archive::create(&other), Err(ArchiveError::NotEmpty(_))));
    assert_eq!(fs::read(other.join("paie.csv")).unwrap(), b"x");
}

/// What an archive holds, without the lock and what was being written.
fn kept(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = snapshot(root);
    all.retain(|name, _| name != "verrou" && !name.starts_with("en-cours/"));
    all
}

#[test]
fn a_copy_is_an_archive_and_takes_only_what_it_lacks() {
    let (folder, root) = place();
    let copy = folder.path().join("disque/copie");
    one_month(&root);
    let first = sauvegarde(&Archive::open(&root).unwrap(), &copy).unwrap();
    assert_eq!((first.entries, first.present), (4, 0));
    assert_eq!(kept(&copy), kept(&root));
    let mut writer = Archive::open(&root).unwrap().lock().unwrap();
    run(&mut writer, "2026-10", 5, &[ONE, TWO]).unwrap();
    let second = sauvegarde(writer.archive(), &copy).unwrap();
    assert_eq!(second.entries, 1);
    assert_eq!(second.present, first.objects);
    assert!(second.objects > 0 && second.octets > 0);
    assert_eq!(kept(&copy), kept(&root));
    sound(&copy);
    let third = sauvegarde(writer.archive(), &copy).unwrap();
    assert_eq!(third, Copied { present: first.objects + second.objects, ..Copied::default() });
    // It is one: it can be written to, and then it is no copy any more.
    let mut other = Archive::open(&copy).unwrap().lock().unwrap();
    other.append(valide("2026-10", &[TWO]), &signature()).unwrap();
    drop(other);
    let refused = sauvegarde(writer.archive(), &copy).unwrap_err();
    assert!(matches!(refused, ArchiveError::Diverged { numero: 6, .. }), "{refused}");
}

#[test]
fn a_copy_killed_anywhere_goes_on() {
    for at in 0..MOST {
        let (folder, root) = place();
        let copy = folder.path().join("copie");
        one_month(&root);
        let archive = Archive::open(&root).unwrap();
        sauvegarde(&archive, &copy).unwrap();
        let mut writer = archive.lock().unwrap();
        run(&mut writer, "2026-10", 5, &[ONE, TWO]).unwrap();
        let archive = writer.unlock();
        let (_, done) = Steps::run(Failure::Killed, at, || sauvegarde(&archive, &copy));
        sound(&copy);
        let count = Archive::open(&copy).unwrap().journal().len();
        assert!((4..=5).contains(&count));
        if done.is_ok() {
            assert!(at > 20, "{at}");
            return;
        }
        sauvegarde(&archive, &copy).unwrap();
        assert_eq!(kept(&copy), kept(&root));
        swept(&copy);
    }
    panic!("more than {MOST} steps");
}

#[test]
fn a_restoration_killed_anywhere_shows_nothing_or_everything() {
    for at in 0..MOST {
        let (folder, root) = place();
        let back = folder.path().join("retour");
        one_month(&root);
        let (_, done) = Steps::run(Failure::Killed, at, || restaure(&root, &back));
        if let Ok(copied) = done {
            assert_eq!(copied.entries, 4);
            assert_eq!(kept(&back), kept(&root));
            let left = fs::read_dir(folder.path()).unwrap().count();
            assert_eq!(left, 2, "the archive and its copy");
            return;
        }
        if back.exists() {
            assert_eq!(kept(&back), kept(&root));
        } else {
            restaure(&root, &back).unwrap();
            assert_eq!(kept(&back), kept(&root));
        }
    }
    panic!("more than {MOST} steps");
}

#[test]
fn a_restoration_refuses_a_folder_that_holds_something() {
    let (folder, root) = place();
    one_month(&root);
    let back = folder.path().join("retour");
    fs::create_dir(&back).unwrap();
    restaure(&root, &back).unwrap();
    sound(&back);
    let refused = restaure(&root, &back).unwrap_err();
    assert!(matches!(refused, ArchiveError::NotEmpty(path) if path == back));
    let inside = root.join("copie");
    let refused = sauvegarde(&Archive::open(&root).unwrap(), &inside).unwrap_err();
    assert!(matches!(refused, ArchiveError::Inside(_)));
    assert!(!inside.exists());
}

#[test]
fn damage_is_never_copied() {
    let (folder, root) = place();
    one_month(&root);
    let archive = Archive::open(&root).unwrap();
    let lines = &archive.journal()[0].calcul().unwrap().tables["lignes.csv"].empreinte;
    let name = kept(&root).into_keys().find(|name| name.ends_with(lines.as_str())).unwrap();
    let mut bytes = fs::read(root.join(&name)).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(root.join(&name), &bytes).unwrap();
    let refused = restaure(&root, &folder.path().join("retour")).unwrap_err();
    let ArchiveError::Damaged { damage, .. } = &refused else { panic!("{refused}") };
    assert_eq!((damage.file.as_str(), damage.blocks), (name.as_str(), Some((2, 2))));
    assert!(!folder.path().join("retour").exists());
}
