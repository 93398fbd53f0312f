use std::fs;

use super::*;
use crate::calendar::KnownOn;

fn target(mois: &str) -> Target {
    let period = PayPeriod::parse(mois).unwrap();
    Target { period, known_on: KnownOn::Everything, au_dela: false }
}

#[test]
fn a_month_is_compiled_or_says_why_not() {
    let rules = read(&[], false);
    assert_eq!(rules.month(target("2026-10")).unwrap().period.to_string(), "2026-10");
    assert!(!rules.beyond(target("2026-10").period));
    let refused = rules.month(target("1990-01")).unwrap_err();
    assert!(matches!(refused, CompileError::NotCovered { .. }), "{refused:?}");
    let dernier = rules.book.as_ref().unwrap().coverage().dernier;
    assert!(!rules.beyond(dernier));
    let late = Target { period: dernier.next(), ..target("2026-10") };
    assert!(rules.beyond(late.period));
    assert!(rules.month(late).is_err());
    assert!(rules.month(Target { au_dela: true, ..late }).is_ok());
}

/// Rules that do not check have no month; what is wrong with them is the reason.
#[test]
fn rules_without_a_book_give_their_findings() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("faux.toml"), "[[rubriqe]]\n").unwrap();
    let rules = read(&[folder.path().to_owned()], false);
    assert!(rules.book.is_none());
    assert!(!rules.errors().is_empty());
    assert!(rules.errors().iter().all(|one| one.severity() == Severity::Error));
    let Err(CompileError::Findings(found)) = rules.month(target("2026-10")) else {
        panic!("compiled without a book");
    };
    assert_eq!(found.len(), rules.errors().len());
}

/// What an archive keeps gives the same rules back.
#[test]
fn texts_make_the_same_rules() {
    let rules = read(&[], false);
    let again = from_texts(rules.texts());
    assert_eq!(again.digest, rules.digest);
    assert!(again.book.is_some());
}
