//! Engine = oracle, to the cent: on generated rule books and on the national rules.
//!
//! `PAIE_CASES=100000 cargo test --release --test differential` looks further; a failure prints the
//! seed, `PAIE_SEED=… PAIE_CASES=1` shows it again.

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

use paie::calendar::{Day, KnownOn};
use paie::diag::Code;
use paie::engine::Engine;

use oracle::harness::{
    both, cases, checked, compiled, differences, first_seed, generated, national, target,
};
use oracle::random::{self, Random};

#[test]
fn generated_books() {
    let (first, count) = (first_seed(), cases(600));
    let (mut accepted, mut seen) = (0_u64, Seen::default());
    for seed in first..first + count {
        let size = 1 + (seed % 5) as usize;
        let text = random::book(seed, size);
        let book = match checked(&generated(&text)) {
            Ok(book) => book,
            // Some generated formulas are too wide for exact arithmetic: refused, as they must be.
            Err((codes, _)) if codes.iter().all(|code| *code == Code::S402) => continue,
            Err((_, findings)) => panic!("seed {seed}: the generator is wrong\n{findings}\n{text}"),
        };
        accepted += 1;
        months(seed, &text, &book, &mut seen);
    }
    assert!(accepted * 3 > count, "only {accepted} books of {count} were accepted");
    assert!(seen.reduced * 20 > seen.compared, "only {seen:?}: absences are not exercised");
    assert!(seen.beyond * 200 < seen.compared, "{seen:?}: too many widths are exceeded");
    eprintln!("{accepted} books of {count}, {seen:?}");
}

/// What a run of the generated books has met.
#[derive(Debug, Default)]
struct Seen {
    /// Payslips compared.
    compared: u64,
    /// Those with a line that an absence reduces.
    reduced: u64,
    /// Those left out: a width was exceeded.
    beyond: u64,
}

fn months(seed: u64, text: &str, book: &paie::check::CheckedRuleBook, seen: &mut Seen) {
    let mut random = Random(seed ^ 0xD0551E5);
    let days = [KnownOn::Everything, KnownOn::Day(Day::new(2025, 2, 25).unwrap())];
    for month in ["2025-01", "2025-02", "2025-03", "2025-04"] {
        let target = target(month, *random.pick(&days));
        // A value may not have been published on the day of knowledge: nothing to compare then.
        let Ok(program) = compiled(book, target) else { continue };
        let cuts = oracle::cuts(book.book(), target);
        let variants: Vec<Day> = program.variants.iter().map(|variant| variant.from).collect();
        assert!(cuts.iter().all(|day| variants.contains(day)), "{cuts:?} {variants:?}");
        let mut engine = Engine::new(&program);
        for _ in 0..6 {
            let dossier = random::dossier(&mut random, book, &program);
            let both = both(book, target, &program, &mut engine, &dossier);
            if both.beyond(book) {
                seen.beyond += 1;
                continue;
            }
            let reduced = both.payslip.lines.iter().any(|line| line.absence.is_some());
            seen.reduced += u64::from(reduced);
            let found = differences(book, &both);
            assert!(
                found.is_empty(),
                "seed {seed}, {month}, known on {}\n{found}\n{text}\n{dossier:#?}",
                target.known_on
            );
            seen.compared += 1;
        }
    }
}

#[test]
fn national_rules() {
    let book = national();
    let (first, count) = (first_seed(), cases(60));
    let mut compared = 0;
    for year in 2024..=2026 {
        for month in 1..=12 {
            let name = format!("{year}-{month:02}");
            let target = target(&name, KnownOn::Everything);
            let program = compiled(&book, target).unwrap();
            let mut engine = Engine::new(&program);
            for seed in first..first + count {
                let mut random = Random(seed ^ (year as u64 * 100 + month as u64) << 32);
                let dossier = random::national(&mut random, &book, &program);
                let both = both(&book, target, &program, &mut engine, &dossier);
                let found = differences(&book, &both);
                assert!(found.is_empty(), "seed {seed}, {name}\n{found}\n{dossier:#?}");
                compared += 1;
            }
        }
    }
    eprintln!("{compared} payslips compared");
}
