//! Golden payslips: what the law says, to the cent, by the program and by the oracle.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test stops at the first surprise"
)]
#![allow(missing_docs, dead_code, reason = "a test; each test file uses a part of the oracle")]

mod oracle;

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use paie::dossier::{Memory, Preparer};
use paie::engine::Engine;
use paie::io::{Attendu, Reference, read_reference};
use paie::program::{Program, Target};
use paie::rules::Nature;

use oracle::Outcome;
use oracle::harness::{both, compiled, differences, national};

fn files() -> Vec<PathBuf> {
    let entries = fs::read_dir("fixtures/bulletins").unwrap();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    files.sort();
    files
}

/// What the oracle gives for a printed code: amount, base, agent side, employer side, in cents.
fn sums(program: &Program, outcome: &Outcome, code: &str) -> [i128; 4] {
    let mut sums = [0; 4];
    for (&at, lines) in &outcome.lines {
        let info = &program.items[at];
        if info.code != code {
            continue;
        }
        for line in lines {
            let montant = if info.nature == Nature::Cotisation { 0 } else { line.agent };
            for (sum, part) in sums.iter_mut().zip([montant, line.base, line.agent, line.employeur])
            {
                *sum += part;
            }
        }
    }
    sums
}

fn wrong(program: &Program, outcome: &Outcome, attendu: &Attendu) -> Vec<String> {
    let found = sums(program, outcome, &attendu.rubrique);
    // The oracle keeps the base of contributions only; PAS is a retenue with a printed base.
    let retenue = program
        .items
        .iter()
        .any(|info| info.code == attendu.rubrique && info.nature == Nature::Retenue);
    let base = if retenue { None } else { attendu.base };
    let wanted = [attendu.montant, base, attendu.agent, attendu.employeur];
    let parts = ["montant", "base", "agent", "employeur"];
    (parts.iter().zip(wanted).zip(found))
        .filter_map(|((part, wanted), found)| {
            let wanted = i128::from(wanted?.cents());
            (wanted != found)
                .then(|| format!("{} {part}: law {wanted}, oracle {found}", attendu.rubrique))
        })
        .collect()
}

fn case(book: &paie::check::CheckedRuleBook, reference: &Reference) -> Vec<String> {
    let (period, known_on) = (reference.mois, reference.connu_le);
    let target = Target { period, known_on, au_dela: false };
    let program = compiled(book, target).unwrap();
    let preparer = Preparer::new(book, &program).unwrap();
    let employeur = preparer.employeur(&reference.employeur);
    let employeurs = HashMap::from([(reference.employeur.siret, employeur)]);
    let mut memory = Memory::default();
    let prepared = preparer.agent(&reference.facts, |siret| employeurs.get(&siret), &mut memory);
    let [prepared] = prepared.as_slice() else { return vec!["not one contract".to_owned()] };
    let mut engine = Engine::new(&program);
    let both = both(book, target, &program, &mut engine, &prepared.dossier);
    let mut problems: Vec<String> =
        reference.attendu.iter().flat_map(|line| wrong(&program, &both.oracle, line)).collect();
    let differ = differences(book, &both);
    if !differ.is_empty() {
        problems.push(differ);
    }
    problems
}

#[test]
fn the_oracle_agrees_with_the_law_and_with_the_engine() {
    let book = national();
    let mut problems = Vec::new();
    for path in files() {
        let reference = read_reference(&path).expect("a readable reference payslip");
        for problem in case(&book, &reference) {
            problems.push(format!("{}: {problem}", path.display()));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_program_agrees_with_the_law() {
    let run = assert_cmd::Command::cargo_bin("paie")
        .unwrap()
        .args(["test", "fixtures/bulletins", "--quiet"])
        .assert()
        .success();
    let text = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert_eq!(text, format!("{} passed, 0 failed\n", files().len()));
}

#[test]
fn every_golden_payslip_cites_its_source_and_expects_something() {
    let paths = files();
    assert!(paths.len() >= 285, "golden payslips never disappear");
    for path in paths {
        let reference = read_reference(&path).expect("a readable reference payslip");
        assert!(reference.source.len() > 20, "{} has no source", path.display());
        assert!(!reference.attendu.is_empty(), "{} expects nothing", path.display());
    }
}
