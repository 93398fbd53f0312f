//! The house rules that a compiler does not know: floors, absences, lengths, dead files.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A module imports from strictly lower floors and from itself; neighbours are strangers.
const FLOORS: &[&[&str]] = &[
    &["limits", "num", "calendar", "source"],
    &["diag", "domain"],
    &["syntax", "load"],
    &["rules"],
    &["check"],
    &["program", "coverage"],
    &["engine", "rulebook"],
    &["dossier"],
    &["explain", "bulletin", "compare", "io", "demo", "archive", "rappel"],
    &["batch", "export"],
    &["serve"],
    &["cli"],
];

/// Words that appear only in these modules (`main` and `lib` are modules of their own).
const ONLY_IN: &[(&str, &[&str])] = &[
    ("fs::", &["load", "io", "archive", "cli", "batch", "export", "serve"]),
    ("env::", &["load", "io", "cli", "batch", "serve"]),
    ("SystemTime", &["cli", "serve"]),
    ("Instant", &["cli", "serve"]),
    ("Local::", &["cli", "serve"]),
    ("Utc::", &["cli", "serve"]),
    ("f32", &[]),
    ("f64", &[]),
    ("rayon", &["batch"]),
    ("thread::", &["batch", "io", "serve"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("indicatif", &["cli"]),
    ("axum", &["serve"]),
    ("maud", &["serve"]),
    ("rusqlite", &["serve"]),
    ("tokio", &["serve"]),
    ("annotate_snippets", &["diag"]),
    ("todo!", &[]),
    ("unimplemented!", &[]),
];

/// Words that these modules do not know.
const UNKNOWN_TO: &[(&str, &[&str])] = &[
    ("engine", &["Span", "SourceMap", "FileId", "Texte", "TexteRef"]),
    ("rules", &["crate::domain"]),
];

/// The most lines of code of a function, and the most columns of a line.
const LINES: usize = 70;
const COLUMNS: usize = 100;

/// What is left to mend; every list ends empty. Functions too long, files with wide lines, files
/// that no `mod` declares, folders of fixtures that no test names.
const LONG_LEFT: &[&str] = &[];
const WIDE_LEFT: &[&str] = &[];
const DEAD_LEFT: &[&str] = &[];
const UNUSED_LEFT: &[&str] = &[];

/// A file of `src`, comments and texts blanked out, with and without its test modules.
struct Source {
    path: PathBuf,
    module: String,
    raw: String,
    code: String,
}

impl Source {
    fn is_test(&self) -> bool {
        let name = self.path.file_name().unwrap();
        name == "tests.rs" || self.path.components().any(|part| part.as_os_str() == "tests")
    }
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn rust(folder: &str) -> Vec<PathBuf> {
    files(folder).into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs")).collect()
}

fn sources() -> Vec<Source> {
    let read = |path: PathBuf| {
        let raw = fs::read_to_string(&path).unwrap();
        let code = without_tests(&blank(&raw));
        let below = path.strip_prefix("src").unwrap();
        let first = below.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = first.trim_end_matches(".rs").to_owned();
        Source { path, module, raw, code }
    };
    rust("src").into_iter().map(read).collect()
}

/// The text with comments, texts and characters replaced by spaces, line by line the same.
fn blank(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let at = |index: usize| letters.get(index).copied().unwrap_or('\0');
    let mut out = String::with_capacity(text.len());
    let mut here = 0;
    while here < letters.len() {
        let end = match (at(here), at(here + 1)) {
            ('/', '/') => (here..letters.len()).find(|&i| at(i) == '\n').unwrap_or(letters.len()),
            ('/', '*') => until(&letters, here + 2, "*/"),
            ('r', '"' | '#') if !is_word(at(here.wrapping_sub(1))) => {
                let hashes = (here + 1..).take_while(|&i| at(i) == '#').count();
                if at(here + 1 + hashes) == '"' {
                    let close = format!("\"{}", "#".repeat(hashes));
                    until(&letters, here + 2 + hashes, &close)
                } else {
                    here
                }
            }
            ('"', _) => after_text(&letters, here + 1, '"'),
            ('\'', '\\') => after_text(&letters, here + 1, '\''),
            ('\'', _) if at(here + 2) == '\'' => here + 3,
            _ => here,
        };
        if end == here {
            out.push(at(here));
            here += 1;
        }
        while here < end {
            out.push(if at(here) == '\n' { '\n' } else { ' ' });
            here += 1;
        }
    }
    out
}

/// The place after the first `close` from `start` on.
fn until(letters: &[char], start: usize, close: &str) -> usize {
    let close: Vec<char> = close.chars().collect();
    let found = (start..letters.len()).find(|&i| letters[i..].starts_with(&close));
    found.map_or(letters.len(), |i| i + close.len())
}

/// The place after the closing quote of a text with escapes.
fn after_text(letters: &[char], start: usize, quote: char) -> usize {
    let mut here = start;
    while here < letters.len() && letters[here] != quote {
        here += if letters[here] == '\\' { 2 } else { 1 };
    }
    (here + 1).min(letters.len())
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The place after the brace that closes the one at `open`.
fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in code[open..].char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 1 => return open + at + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

/// Code without what is compiled for tests only.
fn without_tests(code: &str) -> String {
    let mut kept = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        kept.push_str(&rest[..at]);
        let end = rest[at..].find(['{', ';']).map_or(rest.len(), |end| at + end);
        let end = if rest[end..].starts_with('{') { closing(rest, end) } else { end + 1 };
        rest = &rest[end.min(rest.len())..];
    }
    kept.push_str(rest);
    kept
}

/// Places of `word` in `code`, as a whole word.
fn places<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let before = code[..at].chars().next_back().is_some_and(is_word);
        let after = code[at + word.len()..].chars().next().is_some_and(is_word);
        !before && (!after || word.ends_with(':'))
    })
}

fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

#[test]
fn a_module_imports_from_lower_floors_only() {
    let floor = |module: &str| FLOORS.iter().position(|floor| floor.contains(&module));
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        if ["lib", "main"].contains(&source.module.as_str()) {
            continue;
        }
        let Some(own) = floor(&source.module) else {
            wrong.push(format!("{}: `{}` has no floor", source.path.display(), source.module));
            continue;
        };
        let code = &source.code;
        for at in places(code, "crate::") {
            let path = &code[at + "crate::".len()..];
            let imported: &str = path.split(|c: char| !is_word(c)).next().unwrap();
            let allowed = floor(imported).is_some_and(|floor| floor < own);
            if imported != source.module && !allowed {
                let line = line_of(code, at);
                let path = source.path.display();
                wrong.push(format!(
                    "{path}: `{}` imports `{imported}` (line ~{line})",
                    source.module
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "floors broken:\n{}", wrong.join("\n"));
}

#[test]
fn what_must_be_absent_is_absent() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        let mut refuse = |word: &str| {
            for at in places(&source.code, word) {
                let line = line_of(&source.code, at);
                wrong.push(format!("{}: `{word}` (line ~{line})", source.path.display()));
            }
        };
        for (word, modules) in ONLY_IN {
            if !modules.contains(&source.module.as_str()) {
                refuse(word);
            }
        }
        for (module, words) in UNKNOWN_TO {
            if *module == source.module {
                words.iter().for_each(|word| refuse(word));
            }
        }
    }
    assert!(wrong.is_empty(), "these words are not for these files:\n{}", wrong.join("\n"));
}

#[test]
fn no_test_is_left_aside() {
    for path in rust("src").into_iter().chain(rust("tests")) {
        let code = blank(&fs::read_to_string(&path).unwrap());
        let path = path.display();
        assert!(!code.contains("#[ignore"), "{path}: a test that never runs proves nothing");
        assert!(!code.contains("dbg!("), "{path}: a trace was left");
    }
}

#[test]
fn functions_fit_on_a_page() {
    let mut long = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        for at in places(&source.code, "fn") {
            let code = &source.code;
            let name: String =
                code[at + 2..].trim_start().chars().take_while(|&c| is_word(c)).collect();
            let Some(open) = body(code, at) else { continue };
            let inside = &code[open..closing(code, open)];
            let lines = inside.lines().filter(|line| !line.trim().is_empty()).count();
            // The line of the opening brace is the end of the signature.
            if lines > LINES + 2 {
                long.push((format!("{} {name}", source.path.display()), lines - 2));
            }
        }
    }
    let unexpected: Vec<_> =
        long.iter().filter(|(place, _)| !LONG_LEFT.contains(&place.as_str())).collect();
    assert!(unexpected.is_empty(), "more than {LINES} lines: {unexpected:#?}");
    let names: BTreeSet<&str> = long.iter().map(|(place, _)| place.as_str()).collect();
    let done: Vec<_> = LONG_LEFT.iter().filter(|place| !names.contains(*place)).collect();
    assert!(done.is_empty(), "short again, remove from LONG_LEFT: {done:?}");
}

/// The place of the brace that opens the body of the function at `at`; none for a declaration.
fn body(code: &str, at: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (offset, letter) in code[at..].char_indices() {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(at + offset),
            ';' if depth == 0 => return None,
            // `fn` as a type, inside the parentheses of something else.
            _ if depth < 0 => return None,
            _ => {}
        }
    }
    None
}

#[test]
fn lines_fit_in_a_hundred_columns() {
    let mut wide = Vec::new();
    for path in ["src", "tests", "benches"].into_iter().flat_map(rust) {
        let text = fs::read_to_string(&path).unwrap();
        let code = blank(&text);
        for (index, (line, code)) in text.lines().zip(code.lines()).enumerate() {
            let columns = line.chars().count();
            // A row of a table inside a text is as wide as it is.
            let row = code.trim().is_empty() && !line.trim_start().starts_with("//");
            if columns > COLUMNS && !row {
                wide.push(format!("{}:{}: {columns} columns", path.display(), index + 1));
            }
            let ends = line.trim_end() == line && !line.contains('\t');
            assert!(ends, "{}:{}: a tab, or a space at the end", path.display(), index + 1);
        }
    }
    let left = |place: &String| WIDE_LEFT.iter().any(|file| place.starts_with(file));
    let unexpected: Vec<&String> = wide.iter().filter(|place| !left(place)).collect();
    assert!(unexpected.is_empty(), "too wide: {unexpected:#?}");
    let wide = |file: &&&str| wide.iter().any(|place| place.starts_with(**file));
    let done: Vec<_> = WIDE_LEFT.iter().filter(|file| !wide(file)).collect();
    assert!(done.is_empty(), "narrow again, remove from WIDE_LEFT: {done:?}");
}

#[test]
fn every_source_is_compiled() {
    let all: BTreeMap<PathBuf, String> =
        sources().into_iter().map(|source| (source.path, blank(&source.raw))).collect();
    let mut reached = BTreeSet::new();
    let mut open = vec![PathBuf::from("src/lib.rs"), PathBuf::from("src/main.rs")];
    while let Some(path) = open.pop() {
        let Some(code) = all.get(&path) else { panic!("{} does not exist", path.display()) };
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let root = stem == "lib" || stem == "main";
        let folder = if root { PathBuf::from("src") } else { path.with_extension("") };
        for at in places(code, "mod") {
            let rest = code[at + "mod".len()..].trim_start();
            let name: String = rest.chars().take_while(|&c| is_word(c)).collect();
            if rest[name.len()..].starts_with(';') {
                open.push(folder.join(format!("{name}.rs")));
            }
        }
        reached.insert(path);
    }
    let dead = all.keys().filter(|path| !reached.contains(*path));
    let dead: Vec<_> = dead.map(|path| path.to_str().unwrap()).collect();
    assert_eq!(dead, DEAD_LEFT, "no `mod` declares these files");
}

#[test]
fn every_module_says_what_it_is() {
    for source in sources().iter().filter(|source| !source.is_test()) {
        let first = source.raw.lines().next().unwrap_or("");
        assert!(first.starts_with("//! "), "{} opens without `//!`", source.path.display());
    }
}

#[test]
fn every_fixture_is_used() {
    let mut readers = String::new();
    for path in ["src", "tests", "benches"].into_iter().flat_map(rust) {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        if !path.ends_with("tidy.rs") {
            readers.extend(lines.map(|line| format!("{line}\n")));
        }
    }
    let mut unused = Vec::new();
    for entry in fs::read_dir("fixtures").unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name != "README.md" && !readers.contains(&format!("fixtures/{name}")) {
            unused.push(name);
        }
    }
    unused.sort();
    assert_eq!(unused, UNUSED_LEFT, "fixtures that no test names");
}

#[test]
fn every_snapshot_belongs_to_a_test() {
    let mut sources = String::new();
    for path in rust("tests") {
        sources.push_str(&fs::read_to_string(path).unwrap());
    }
    let fixtures: BTreeSet<String> = files("fixtures")
        .iter()
        .flat_map(|path| path.components().map(|part| part.as_os_str().to_owned()))
        .filter_map(|part| part.into_string().ok())
        .map(|part| part.trim_end_matches(".toml").to_owned())
        .collect();
    for path in files("tests/snapshots") {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(!name.ends_with(".snap.new"), "{name} waits for a decision");
        let name = name.trim_end_matches(".snap");
        let name = name.rsplit_once("__").map_or(name, |(_, name)| name);
        let known = fixtures.contains(name) || sources.contains(name);
        assert!(known, "no test and no fixture is called `{name}`");
    }
}

#[test]
fn no_path_of_a_machine_is_written() {
    let roots = ["home", "work", "tmp", "Users", "root", "mnt"].map(|root| format!("/{root}/"));
    let folders = ["src", "tests", "benches", "rules", "fixtures"];
    let mut all: Vec<PathBuf> = folders.into_iter().flat_map(files).collect();
    all.extend(["Cargo.toml", "README.md"].map(PathBuf::from));
    for path in all.iter().filter(|path| !path.starts_with("tests/tidy.rs")) {
        let bytes = fs::read(path).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        for root in &roots {
            for (at, _) in text.match_indices(root.as_str()) {
                let before = text[..at].chars().next_back();
                let inside = before.is_some_and(|c| is_word(c) || "./-}".contains(c));
                assert!(inside, "{}: an absolute path `{root}…`", path.display());
            }
        }
    }
}

#[test]
fn the_reader_of_this_file_reads() {
    assert_eq!(blank("a // b\n\"c{\" 'd' 'e r#\"f\"#"), "a     \n         'e       ");
    assert_eq!(without_tests("a #[cfg(test)] mod t { { } } b"), "a  b");
    assert_eq!(places("xfs:: fs::a", "fs::").collect::<Vec<_>>(), [6]);
    assert!(Path::new("Cargo.toml").exists());
}
