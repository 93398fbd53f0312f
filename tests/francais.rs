//! Every finding that the program composes has its French.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use paie::diag::Code;
use paie::francais;

/// Where the findings of a pool and of a payslip are composed. Reference payslips are not there:
/// only `paie test` reads them.
const COMPOSED: &[&str] = &[
    "src/io/finding.rs",
    "src/io/keys.rs",
    "src/io/layout.rs",
    "src/io/parse",
    "src/io/parse.rs",
    "src/io/pool.rs",
    "src/io/pool/stored.rs",
    "src/io/row.rs",
    "src/io/stream",
    "src/dossier",
    "src/rappel/due.rs",
    "src/batch/block.rs",
    "src/batch/controls.rs",
    "src/batch/piece.rs",
];

/// Reasons that findings quote: only what `#[error("…")]` says.
const REASONS: &[&str] = &["src/num", "src/calendar", "src/domain"];

/// Texts of those files that are not findings.
const NOT_FINDINGS: &[&str] = &[
    // A declared input that the program lacks stops the rules, not an agent.
    "the program does not provide ",
    "declared here",
    "it provides, among others, ",
    // Written alike in French.
    "{ib} → IM {im}",
];

fn rust(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.flat_map(|path| rust(&path)).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.retain(|path| !path.ends_with("tests.rs") && !path.ends_with("sample.rs"));
    files.sort();
    files
}

/// The texts of a source, as the compiler reads them, each with what stands before it on its line.
/// Tests and comments are left out.
fn texts(source: &str) -> Vec<(String, String)> {
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let kept = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let source: String = kept.map(|line| format!("{line}\n")).collect();
    let mut found = Vec::new();
    let mut rest = source.as_str();
    let mut line = String::new();
    while let Some(at) = rest.find(['"', '\'', '\n']) {
        line.push_str(&rest[..at]);
        let mark = rest[at..].chars().next().unwrap();
        rest = &rest[at + 1..];
        match mark {
            '\n' => line.clear(),
            '\'' if rest.starts_with("\"'") || rest.starts_with("\\'") => rest = &rest[2..],
            '\'' => {}
            _ => {
                let (text, after) = text(rest);
                found.push((line.clone(), text));
                rest = after;
            }
        }
    }
    found
}

/// The text after an opening quote, and what follows its closing quote.
fn text(source: &str) -> (String, &str) {
    let mut text = String::new();
    let mut letters = source.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (text, &source[at + 1..]),
            '\\' => match letters.next().map(|(_, letter)| letter) {
                // A line that goes on: its indentation is not of the text.
                Some('\n') => {
                    let rest = letters.as_str().trim_start();
                    let skipped = letters.as_str().len() - rest.len();
                    letters.by_ref().take(skipped).for_each(drop);
                }
                Some(letter) => text.push(letter),
                None => {}
            },
            letter => text.push(letter),
        }
    }
    (text, "")
}

/// What is fixed in a text, hole after hole; backticks stand on either side of a hole or in it.
fn fixed(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((piece, after)) = rest.split_once('{') {
        pieces.push(piece);
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    pieces.push(rest);
    let bare = pieces.into_iter().map(|piece| piece.replace('`', "").trim().to_owned());
    bare.filter(|piece| !piece.is_empty()).collect()
}

/// Whether the pieces stand in a line, in their order.
fn stands(line: &str, pieces: &[String]) -> bool {
    let line = line.replace('`', "");
    let mut rest = line.as_str();
    pieces.iter().all(|piece| {
        let found = rest.find(piece.as_str());
        rest = found.map_or("", |at| &rest[at + piece.len()..]);
        found.is_some()
    })
}

/// Whether a text is words for people: a space between two words.
fn is_prose(text: &str) -> bool {
    let word = |word: &&str| word.len() > 1 && word.chars().all(|letter| letter.is_alphabetic());
    text.contains(' ') && text.split([' ', ',', ';', ':', '`']).filter(word).count() > 0
}

fn catalogue() -> String {
    fs::read_to_string("src/francais/constats.txt").unwrap()
}

#[test]
fn every_text_of_the_sources_has_its_french() {
    let catalogue = catalogue();
    let alone = |text: &str| catalogue.lines().any(|line| stands(line, &fixed(text)));
    // What follows a colon may be a reason, which has an entry of its own.
    let known = |text: &str| {
        alone(text) || text.rsplit_once(": ").is_some_and(|(fact, why)| alone(fact) && alone(why))
    };
    let mut unknown = Vec::new();
    let mut seen = 0;
    let quoted = REASONS.iter().map(|path| (path, true));
    for (path, reasons) in COMPOSED.iter().map(|path| (path, false)).chain(quoted) {
        for path in rust(Path::new(path)) {
            for (before, text) in texts(&fs::read_to_string(&path).unwrap()) {
                let wanted = if reasons {
                    before.ends_with("#[error(")
                } else {
                    is_prose(&text) && !before.contains("reason = ")
                };
                if wanted && !NOT_FINDINGS.iter().any(|other| text.starts_with(other)) {
                    seen += 1;
                    if !known(&text) {
                        unknown.push(format!("{}: {text}", path.display()));
                    }
                }
            }
        }
    }
    assert!(seen > 150, "{seen} texts: the reader of sources reads no more");
    assert!(unknown.is_empty(), "without French:\n{}", unknown.join("\n"));
}

#[test]
fn every_code_that_the_sources_use_has_entries() {
    let catalogue = catalogue();
    let mut without = BTreeSet::new();
    for path in COMPOSED.iter().flat_map(|path| rust(Path::new(path))) {
        let source = fs::read_to_string(&path).unwrap();
        for at in source.match_indices("Code::").map(|(at, _)| at + "Code::".len()) {
            let Some(code) = source.get(at..at + 4).and_then(Code::from_name) else { continue };
            let heading = format!("== {code} ");
            let section = catalogue.split(&heading).nth(1).unwrap_or("");
            let entries = section.split("\n== ").next().unwrap().lines().skip(2).count();
            // Faults of rules stop the run; the texts of controls are those of the rules.
            let shown = code.name().starts_with(['E', 'F', 'W']);
            if shown && entries < 2 && !matches!(code, Code::W913 | Code::W921) {
                without.insert(code.name());
            }
        }
    }
    assert_eq!(without, BTreeSet::new());
}

/// The message and the remedy of each control of the national rules.
#[test]
fn the_controls_of_the_rules_are_french() {
    let mut seen = 0;
    for entry in fs::read_dir("rules/controles").unwrap() {
        let rules: toml::Table =
            fs::read_to_string(entry.unwrap().path()).unwrap().parse().unwrap();
        for controle in rules["controle"].as_array().unwrap() {
            for key in ["message", "remede"] {
                let text = controle[key].as_str().unwrap();
                let french = francais::traduit(Code::W921, text);
                assert!(french.is_some_and(|french| !french.contains('`')), "{text}");
                seen += 1;
            }
        }
    }
    assert!(seen > 60, "{seen}");
}

/// What rules read is named in words, whichever of them a finding is about; no name is left over.
#[test]
fn every_input_of_the_rules_has_its_words() {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir("rules").unwrap() {
        let path = entry.unwrap().path();
        let text = if path.is_file() { fs::read_to_string(&path).unwrap() } else { continue };
        let Ok(rules) = text.parse::<toml::Table>() else { continue };
        let inputs = rules.get("entree").and_then(toml::Value::as_array);
        names.extend(
            inputs.into_iter().flatten().map(|one| one["nom"].as_str().unwrap().to_owned()),
        );
    }
    assert!(names.len() > 100, "{}", names.len());
    for name in &names {
        for (code, message) in [
            (Code::F801, format!("`PRIME` needs `{name}`, which has no value")),
            (Code::F802, format!("`{name}` is `3`: outside 0 to 2")),
        ] {
            let said = francais::traduit(code, &message).unwrap();
            assert!(!said.contains(['_', '`']) && !said.contains(name.as_str()), "{said}");
        }
    }
    let catalogue = catalogue();
    let section = catalogue.split("\n== entree ").nth(1).unwrap().split("\n== ").next().unwrap();
    let lines = section.lines().skip(1).filter(|line| !line.is_empty());
    let said: BTreeSet<String> = lines.step_by(2).map(str::to_owned).collect();
    assert_eq!(said, names);
}

#[test]
fn the_reader_of_this_file_reads() {
    let source = "a('\"', 'x, \"one {} two\"); // \"three\"\nb(\"four \\\n     \\\"five\\\"\")\n";
    let read: Vec<String> = texts(source).into_iter().map(|(_, text)| text).collect();
    assert_eq!(read, ["one {} two", "three", "four \"five\""]);
    assert_eq!(fixed("`{a}` is {}: {b:jour} on"), ["is", ":", "on"]);
    let line = "the agent `{agent}` is not in `agents.csv`";
    assert!(stands(line, &fixed("the agent {} is not in `agents.csv`")));
    assert!(!stands(line, &fixed("the agent {} is not known")));
    assert!(is_prose("fill it") && !is_prose("UTF-16") && !is_prose(", "));
}
