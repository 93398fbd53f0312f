//! The gallery of findings: one folder a case, the code it gives, and what people read.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on stops")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use paie::diag::{self, Code, Diagnostic, Format};
use paie::source::SourceMap;
use paie::{check, load, program, rules};

/// Codes that no folder can show. F805, a fault that comes from another fault: only the first is
/// listed, since mending it mends both. W923 to W925 need an archive, which a pool folder does not
/// have: the tests of the controls of the batch show them.
const WITHOUT_FIXTURE: &[&str] = &["F805", "W923", "W924", "W925"];

/// What the tree of rules of a folder gives, each stage going as far as it can.
fn findings(folder: &Path) -> (SourceMap, Vec<Diagnostic>) {
    let mut sources = SourceMap::default();
    let (mut files, mut found) = (Vec::new(), Vec::new());
    for layer in ["rules", "local"] {
        let tree = folder.join(layer);
        if tree.is_dir() {
            let disk = load::DiskFiles::new(tree);
            let (layer_files, refused) = load::load(&disk, &format!("{layer}/"), &mut sources);
            files.extend(layer_files);
            found.extend(refused);
        }
    }
    let book = rules::resolve(&sources, &files, &mut found);
    let checked = book.and_then(|book| check::check(book, &mut found));
    if let Some(checked) = &checked {
        found.extend(program::prove(checked));
    }
    diag::sort(&mut found);
    (sources, found)
}

/// The folders of `fixtures/diagnostics`, or of its `pool`, sorted by name.
fn folders(below: &str) -> Vec<PathBuf> {
    let root = Path::new("fixtures/diagnostics").join(below);
    let Ok(entries) = std::fs::read_dir(root) else { return Vec::new() };
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.is_dir() && !folder.ends_with("pool"));
    folders.sort();
    folders
}

/// The name of a folder and the code that it starts with.
fn code_of(folder: &Path) -> (String, Code) {
    let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
    let code = name.split('_').next().and_then(Code::from_name);
    let code = code.unwrap_or_else(|| panic!("`{name}` does not start with a code"));
    (name, code)
}

/// Findings about rules, which a tree of rules alone gives.
fn is_about_rules(code: Code) -> bool {
    let name = code.name();
    name.starts_with(['L', 'N', 'D', 'U', 'S', 'C', 'T'])
        || ["W901", "W902", "W903"].contains(&name)
}

#[test]
fn every_folder_gives_its_code_and_only_its_code() {
    for folder in folders("") {
        let (name, code) = code_of(&folder);
        let (sources, found) = findings(&folder);
        let text = diag::render(&found, &sources, Format::Full, false);
        let codes: BTreeSet<Code> = found.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, BTreeSet::from([code]), "{name}\n{text}");
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, text);
        });
    }
}

#[test]
fn every_finding_points_somewhere_and_says_what_to_do() {
    for folder in folders("") {
        let (name, _) = code_of(&folder);
        for finding in findings(&folder).1 {
            let whole_tree = finding.message == "no file declares the covered months";
            assert!(finding.primary.is_some() || whole_tree, "{name}: {finding:?}");
            assert!(!finding.helps.is_empty(), "{name}: {finding:?}");
            let message = &finding.message;
            assert!(!message.ends_with('.') && !message.contains('\n'), "{name}: {message}");
            assert!(!message.starts_with(char::is_uppercase), "{name}: {message}");
        }
    }
}

#[test]
fn every_code_has_a_folder() {
    let rules = folders("").iter().map(|folder| code_of(folder).1).collect::<BTreeSet<_>>();
    let pools = folders("pool").iter().map(|folder| code_of(folder).1).collect::<BTreeSet<_>>();
    let misplaced: Vec<_> = rules.iter().filter(|code| !is_about_rules(**code)).collect();
    assert!(misplaced.is_empty(), "belong under pool/: {misplaced:?}");
    let missing: Vec<&str> = (Code::ALL.iter())
        .filter(|code| !rules.contains(code) && !pools.contains(code))
        .map(|code| code.name())
        .collect();
    assert_eq!(missing, WITHOUT_FIXTURE, "left: codes without a folder");
}
