//! The three renderings, as people and programs see them.

use std::slice;

use super::super::code::Code;
use super::*;

const RUBRIQUE: &str =
    "[[rubrique]]\ncode = \"IR\"\nformule = \"max(plancher * taux, TIB * taux)\"\n";

/// A file, and the span of the first place where `wanted` stands.
fn find(sources: &SourceMap, file: FileId, wanted: &str) -> Span {
    let text = &sources.get(file).unwrap().text;
    let start = text.find(wanted).unwrap();
    Span::new(file, start..start + wanted.len())
}

fn sample() -> (Vec<Diagnostic>, SourceMap) {
    let mut sources = SourceMap::default();
    let rubrique = sources.add("r/ir.toml", RUBRIQUE);
    let version = sources.add("r/smic.toml", "é = 1\n\tpublie = 2012-07-07\r\n");
    let register = sources.add("r/2012.toml", "\n\n[decret-2012-853]\n");
    let units = Diagnostic::new(Code::U302, "`max` compares `pt` with `€/mois`")
        .at(find(&sources, rubrique, "plancher * taux"), "`pt`: `plancher` is 343 pt")
        .and(find(&sources, rubrique, "TIB * taux"), "`€/mois`")
        .help("`mensuel(x)`");
    let published = Diagnostic::new(Code::T603, "`publie` fits no text")
        .at(find(&sources, version, "2012-07-07"), "")
        .and(find(&sources, register, "decret-2012-853"), "published 2012-07-06")
        .note("the register knows one text")
        .help("write 2012-07-06")
        .help("or cite it");
    let placeless = Diagnostic::new(Code::W902, "nothing was verified\nsince 2024").help("verify");
    (vec![units, published, placeless], sources)
}

#[test]
fn full_shows_excerpts_notes_and_helps() {
    let (findings, sources) = sample();
    insta::assert_snapshot!(render(&findings, &sources, Format::Full, false), @r#"
    error[U302]: `max` compares `pt` with `€/mois`
     --> r/ir.toml:3:16
      |
    3 | formule = "max(plancher * taux, TIB * taux)"
      |                ^^^^^^^^^^^^^^^  ---------- `€/mois`
      |                |
      |                `pt`: `plancher` is 343 pt
      |
      = help: `mensuel(x)`

    error[T603]: `publie` fits no text
     --> r/smic.toml:2:11
      |
    2 |     publie = 2012-07-07
      |              ^^^^^^^^^^
      |
     ::: r/2012.toml:3:2
      |
    3 | [decret-2012-853]
      |  --------------- published 2012-07-06
      |
      = note: the register knows one text
      = help: write 2012-07-06
      = help: or cite it

    warning[W902]: nothing was verified since 2024
     |
     = help: verify
    "#);
}

#[test]
fn short_is_one_line_per_finding() {
    let (findings, sources) = sample();
    insta::assert_snapshot!(render(&findings, &sources, Format::Short, false), @r#"
    r/ir.toml:3:16: error[U302]: `max` compares `pt` with `€/mois` (help: `mensuel(x)`)
    r/smic.toml:2:11: error[T603]: `publie` fits no text (help: write 2012-07-06; or cite it)
    warning[W902]: nothing was verified since 2024 (help: verify)
    "#);
}

#[test]
fn json_is_one_array() {
    let (findings, sources) = sample();
    let text = render(&findings[1..], &sources, Format::Json, true);
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap().as_array().unwrap().len(), 2);
    insta::assert_snapshot!(text, @r#"
    [
      {
        "code": "T603",
        "column": 11,
        "file": "r/smic.toml",
        "helps": [
          "write 2012-07-06",
          "or cite it"
        ],
        "labels": [
          {
            "column": 11,
            "end_column": 21,
            "end_line": 2,
            "file": "r/smic.toml",
            "line": 2,
            "primary": true,
            "text": ""
          },
          {
            "column": 2,
            "end_column": 17,
            "end_line": 3,
            "file": "r/2012.toml",
            "line": 3,
            "primary": false,
            "text": "published 2012-07-06"
          }
        ],
        "line": 2,
        "message": "`publie` fits no text",
        "notes": [
          "the register knows one text"
        ],
        "severity": "error"
      },
      {
        "code": "W902",
        "column": null,
        "file": null,
        "helps": [
          "verify"
        ],
        "labels": [],
        "line": null,
        "message": "nothing was verified\nsince 2024",
        "notes": [],
        "severity": "warning"
      }
    ]
    "#);
    assert_eq!(render(&[], &sources, Format::Json, false), "[]\n");
}

#[test]
fn colours_only_when_asked() {
    let (findings, sources) = sample();
    for format in [Format::Full, Format::Short] {
        assert!(render(&findings, &sources, format, true).contains('\u{1b}'));
        assert!(!render(&findings, &sources, format, false).contains('\u{1b}'));
    }
    assert!(!render(&findings, &sources, Format::Json, true).contains('\u{1b}'));
}

#[test]
fn never_lets_a_text_write_on_the_terminal() {
    let mut sources = SourceMap::default();
    let file = sources.add("a\u{1b}[31m.toml", "x = \u{1b}[2J1\n");
    let finding = Diagnostic::new(Code::L004, "found \u{1b}[2J\n\nhere")
        .at(Span::new(file, 4..9), "\u{1b}[2J")
        .note("\u{1b}[2J")
        .help("\u{1b}[2J");
    for format in [Format::Full, Format::Short, Format::Json] {
        assert!(!render(slice::from_ref(&finding), &sources, format, false).contains('\u{1b}'));
    }
}

#[test]
fn survives_every_span() {
    let mut sources = SourceMap::default();
    let texts =
        ["", "\n", "\r\n", "\n\n\n", "a", "é€\n", "a\r\nbé\r\n", "\u{feff}x\n", "\ta\tb\u{301}"];
    let mut stranger = SourceMap::default();
    for _ in 0..20 {
        stranger.add("", "");
    }
    let unknown = stranger.add("stranger.toml", "");
    for text in texts {
        let file = sources.add("f.csv", text);
        for start in 0..text.len() + 3 {
            for end in (0..text.len() + 3).chain([usize::MAX]) {
                let span = Span { start: start.try_into().unwrap(), ..Span::new(file, 0..end) };
                let finding = Diagnostic::new(Code::L008, "m")
                    .at(span, "first\nlabel")
                    .and(Span::new(file, 0..0), "second")
                    .and(Span::new(unknown, 0..9), "third");
                for format in [Format::Full, Format::Short, Format::Json] {
                    let out = render(slice::from_ref(&finding), &sources, format, false);
                    assert!(out.contains("f.csv"), "{text:?} {start} {end}: {out}");
                }
            }
        }
    }
}

#[test]
fn full_and_short_agree_on_the_place() {
    let mut sources = SourceMap::default();
    let text = "é\t€x\r\nab\u{301}cd\n\nlast";
    let file = sources.add("f", text);
    for (start, _) in text.char_indices().filter(|(_, letter)| !letter.is_whitespace()) {
        let finding = Diagnostic::new(Code::L008, "m").at(Span::new(file, start..start), "");
        let short = render(slice::from_ref(&finding), &sources, Format::Short, false);
        let place = short.split(": ").next().unwrap();
        let full = render(&[finding], &sources, Format::Full, false);
        assert!(full.contains(&format!("--> {place}\n")), "{place}\n{full}");
    }
}

#[test]
fn full_is_cut_and_says_so_errors_first() {
    let sources = SourceMap::default();
    let warning = Diagnostic::new(Code::T602, "w");
    let error = Diagnostic::new(Code::T601, "e");
    let findings = [warning.clone(), warning.clone(), error.clone(), warning, error];
    insta::assert_snapshot!(full(&findings, &sources, false, 3), @r#"
    warning[T602]: w

    error[T601]: e

    error[T601]: e

    … 2 more findings not shown: 0 errors, 2 warnings
    "#);
    let only_errors = full(&findings, &sources, false, 1);
    assert!(only_errors.ends_with("… 4 more findings not shown: 1 error, 3 warnings\n"));
    assert!(!full(&findings, &sources, false, 5).contains('…'));
    assert_eq!(full(&[], &sources, false, 5), "");
}

#[test]
fn sums_up() {
    let (findings, _) = sample();
    assert_eq!(summary(&findings, 214), "2 errors, 1 warning in 214 files");
    assert_eq!(summary(&[], 1), "0 errors, 0 warnings in 1 file");
}
