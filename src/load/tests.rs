//! Trees on disk, in memory and in the program.

use super::*;
use crate::diag::{Format, render};

fn texts(sources: &SourceMap, files: &[FileId]) -> Vec<(String, String)> {
    let of = |&id| sources.get(id).map(|file| (file.path.clone(), file.text.clone())).unwrap();
    files.iter().map(of).collect()
}

fn tree(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let full = folder.path().join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, bytes).unwrap();
    }
    folder
}

#[test]
fn lists_a_folder_in_order_without_hidden_files() {
    let folder = tree(&[
        ("b.toml", b""),
        ("a/z.csv", b""),
        ("a/README.md", b""),
        ("a.toml", b""),
        ("README.md", b""),
        (".git/config.toml", b""),
        (".hidden.toml", b""),
        ("note.txt", b""),
    ]);
    let disk = DiskFiles::new(folder.path());
    assert_eq!(disk.list().unwrap(), ["a.toml", "a/z.csv", "b.toml", "note.txt"]);
    let (files, findings) = load(&disk, "rules/", &mut SourceMap::default());
    assert_eq!((files.len(), findings.len()), (3, 0));
}

#[test]
fn memory_and_disk_are_read_alike() {
    let folder = tree(&[("x/é.toml", "\u{feff}a = 'é'\r\n".as_bytes()), ("y.CSV", b"a,b\n")]);
    let memory = MemoryFiles::from([
        ("y.CSV", "a,b\n"),
        ("x/é.toml", "\u{feff}a = 'é'\r\n"),
        ("README.md", "for people"),
        ("x/.draft/z.toml", ""),
    ]);
    let [mut on_disk, mut in_memory] = [SourceMap::default(), SourceMap::default()];
    let (files, findings) = load(&DiskFiles::new(folder.path()), "rules/", &mut on_disk);
    let (others, other_findings) = load(&memory, "rules/", &mut in_memory);
    assert_eq!((findings, other_findings), (vec![], vec![]));
    assert_eq!(texts(&on_disk, &files), texts(&in_memory, &others));
    assert_eq!(
        texts(&on_disk, &files),
        [("rules/x/é.toml", "a = 'é'\r\n"), ("rules/y.CSV", "a,b\n")]
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
    );
}

#[test]
fn a_file_that_cannot_be_used_is_a_finding_and_the_others_are_read() {
    let large = vec![b'#'; RULE_FILE_BYTES + 5];
    let exact = vec![b'#'; RULE_FILE_BYTES];
    let folder = tree(&[
        ("a.toml", b"ok = 1\n"),
        ("exact.toml", &exact),
        ("large.toml", &large),
        ("utf16.csv", b"\xff\xfea\0"),
        ("windows.csv", b"insee,nom\n1,Orl\xe9ans\n"),
    ]);
    let mut sources = SourceMap::default();
    let (files, findings) = load(&DiskFiles::new(folder.path()), "r/", &mut sources);
    assert_eq!(
        files.iter().map(|&id| sources.path(id)).collect::<Vec<_>>(),
        ["r/a.toml", "r/exact.toml"]
    );
    insta::assert_snapshot!(render(&findings, &sources, Format::Full, false), @r#"
    error[L009]: `r/large.toml` is larger than 4 MiB
    --> r/large.toml:1:1
     = help: split it: one file per date, or one per subject

    error[L009]: `r/utf16.csv` is not UTF-8
     --> r/utf16.csv:1:1
      |
    1 | ��a␀
      | ^ the byte 0xFF starts no UTF-8 character
      |
      = note: the file looks like UTF-16
      = help: save the file again as UTF-8 (in a spreadsheet: `CSV UTF-8`)

    error[L009]: `r/windows.csv` is not UTF-8
     --> r/windows.csv:2:6
      |
    2 | 1,Orl�ans
      |      ^ the byte 0xE9 starts no UTF-8 character
      |
      = note: in Windows-1252 it is `é`
      = help: save the file again as UTF-8 (in a spreadsheet: `CSV UTF-8`)
    "#);
}

#[test]
fn a_file_that_vanished_is_a_finding() {
    struct Vanishing;
    impl Files for Vanishing {
        fn list(&self) -> Result<Vec<String>, LoadError> {
            Ok(vec!["a.toml".to_owned()])
        }
        fn read(&self, path: &str) -> Result<Vec<u8>, LoadError> {
            Err(LoadError::from_io(path, io::ErrorKind::PermissionDenied.into()))
        }
    }
    let mut sources = SourceMap::default();
    let (files, findings) = load(&Vanishing, "r/", &mut sources);
    assert!(files.is_empty());
    insta::assert_snapshot!(render(&findings, &sources, Format::Full, false), @r#"
    error[L009]: `a.toml` cannot be read
    --> r/a.toml:1:1
     = note: the system says: permission denied
     = help: check the rights on it, then start again
    "#);
}

#[test]
fn says_what_is_wrong_with_a_root() {
    let folder = tree(&[("a.toml", b"")]);
    let missing = DiskFiles::new(folder.path().join("none")).list().unwrap_err();
    assert!(matches!(missing, LoadError::Missing { .. }), "{missing}");
    let file = DiskFiles::new(folder.path().join("a.toml")).list().unwrap_err();
    assert!(matches!(file, LoadError::NotAFolder { .. }), "{file}");
    let mut sources = SourceMap::default();
    let (_, findings) = load(&DiskFiles::new(folder.path().join("none")), "", &mut sources);
    assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::L009]);
}

#[cfg(unix)]
#[test]
fn a_link_to_a_parent_folder_ends() {
    let folder = tree(&[("a/b.toml", b"")]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("a/loop")).unwrap();
    let error = DiskFiles::new(folder.path()).list().unwrap_err();
    assert!(matches!(error, LoadError::TooDeep { .. }), "{error}");
}

/// `include_dir!` does not see a file that is added after the last build of this module.
#[test]
fn the_embedded_rules_are_those_of_the_tree() {
    let disk = DiskFiles::new(concat!(env!("CARGO_MANIFEST_DIR"), "/rules"));
    let paths = disk.list().unwrap();
    assert_eq!(EmbeddedFiles.list().unwrap(), paths, "stale: `touch src/load.rs`, then build");
    for path in &paths {
        assert!(EmbeddedFiles.read(path).unwrap() == disk.read(path).unwrap(), "{path}");
    }
    assert!(matches!(EmbeddedFiles.read("none.toml"), Err(LoadError::Missing { .. })));
    let mut sources = SourceMap::default();
    let (files, findings) = load(&EmbeddedFiles, "rules/", &mut sources);
    assert!(!files.is_empty() && findings.is_empty());
}
