//! Months in a row, each figure by hand from the arithmetic of the law: what late facts and late
//! rules bring, and what they must not.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at a surprise")]

mod banc;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use banc::{AUTRE, Chaine, Mois, Pool, Regles, VILLE, cents, line};
use paie::calendar::{Day, KnownOn, PayPeriod};
use paie::demo::{DemoFiles, DemoSpec, generate};
use paie::rules::{Nature, RappelMode};

/// A fonctionnaire of indice 390 who is 400 from a day that is learned later.
fn promue(depuis: &str, connu_le: &str) -> Pool {
    let mut pool = Pool::ville();
    pool.titulaire("A1", 390).indice("A1", depuis, connu_le, 400);
    pool
}

/// Rule and fact, before and after their effect, as known then and as known now.
///
/// 59.0734 × 390 ÷ 12 = 1,919.89 and × 400 = 1,969.11. CNRACL of employers, on 1,919.89: 30.65 %
/// = 588.45 until December 2023, 31.65 % = 607.65 from January 2024 (decree of 31 January).
#[test]
fn effect_and_knowledge_are_two_things() {
    let run =
        |mois: &str, known: &str| Chaine::new(promue("2024-02-01", "2024-03-10")).run(mois, known);
    let tib = |mois: &str, known: &str| run(mois, known).sum("A1", "TIB").1;
    assert_eq!(tib("2024-01", "2024-01-25"), 191_989, "before the effect, before it is known");
    assert_eq!(tib("2024-01", "2024-03-25"), 191_989, "before the effect, once it is known");
    assert_eq!(tib("2024-02", "2024-02-25"), 191_989, "after the effect, before it is known");
    assert_eq!(tib("2024-02", "2024-03-25"), 196_911, "after the effect, once it is known");
    let cnracl = |mois: &str, known: &str| run(mois, known).sum("A1", "CNRACL").2;
    assert_eq!(cnracl("2023-12", "2023-12-25"), 58_845);
    assert_eq!(cnracl("2023-12", "2024-03-01"), 58_845);
    assert_eq!(cnracl("2024-01", "2024-01-30"), 58_845);
    assert_eq!(cnracl("2024-01", "2024-01-31"), 60_765);
}

/// The decree of 31 January 2024: one point more of CNRACL, one less of maladie, for employers of
/// fonctionnaires CNRACL alone. 59.0734 × 518 ÷ 12 = 2,550.00: 25.50 each way, and nothing
/// of the agent.
#[test]
fn a_rate_published_after_the_pay_touches_those_it_is_for() {
    let mut pool = Pool::ville();
    pool.titulaire("A1", 518).contractuel("A2", "2022-09-01", "", 400);
    let elu = format!("A3,{VILLE},E1,2020-06-01,,,elu,,,,maire,50,,,,");
    pool.agent("A3").add("carrieres", &elu);
    let chaine = Chaine::new(pool);
    let january = chaine.month("2024-01");
    assert_eq!(january.lines("A1", "CNRACL"), [line("", 255_000, 28_305, 78_158)]);
    assert_eq!(january.lines("A1", "MALADIE"), [line("", 255_000, 0, 25_194)]);
    let net = january.net("A1");
    let february = chaine.month("2024-02");
    assert_eq!(
        february.lines("A1", "CNRACL"),
        [line("", 255_000, 28_305, 80_708), line("2024-01", 0, 0, 2550)]
    );
    assert_eq!(
        february.lines("A1", "MALADIE"),
        [line("", 255_000, 0, 22_644), line("2024-01", 0, 0, -2550)]
    );
    assert_eq!(february.rappels_of("A1").len(), 2, "{:?}", february.rappels_of("A1"));
    assert_eq!(february.net("A1"), net);
    assert!(!february.has_rappel("A2") && !february.has_rappel("A3"));
    assert_eq!(february.counts.rappels, 1);
    let march = chaine.month("2024-03");
    assert!(["A1", "A2", "A3"].iter().all(|agent| !march.has_rappel(agent)));
    assert_eq!((march.counts.rappels, march.counts.recalcules), (0, 0));
}

/// The point of July 2022, 56.2323 then 58.2004 a year, published on the 8th: × 390 ÷ 12, 1,827.55
/// then 1,891.51 a month; × 400 ÷ 12, 1,874.41 then 1,940.01.
#[test]
fn the_point_of_july_2022_comes_in_august() {
    let mut pool = Pool::ville();
    pool.titulaire("A1", 390).contractuel("A2", "2021-09-01", "", 400);
    let forfait = format!("A3,{VILLE},C1,2021-09-01,,,contractuel,,,,,,2100.00,100,35,C");
    pool.agent("A3").add("carrieres", &forfait);
    let chaine = Chaine::new(pool);
    chaine.month("2022-06");
    let july = chaine.month_known("2022-07", "2022-07-05");
    assert_eq!(july.sum("A1", "TIB").1, 182_755);
    let august = chaine.month("2022-08");
    assert_eq!(august.lines("A1", "TIB"), [line("", 0, 189_151, 0), line("2022-07", 0, 6396, 0)]);
    assert_eq!(august.lines("A2", "TIB"), [line("", 0, 194_001, 0), line("2022-07", 0, 6560, 0)]);
    assert!(!august.has_rappel("A3"));
    assert!(!chaine.month("2022-09").has_rappel("A1"));
}

/// Five months late across a year end. 49.22 a month: 1,969.11 − 1,919.89. CNRACL of employers on
/// it: 603.53 − 588.45 = 15.08 in 2023, 623.22 − 607.65 = 15.57 in 2024. Allocations familiales
/// 5.25 %: 103.38 − 100.79 = 2.59 for each month of 2023, at its origin; those of 2024 are in the
/// line of March.
#[test]
fn a_promotion_across_a_year_end() {
    let mut pool = promue("2023-11-01", "2024-03-10");
    pool.element("A1", "IFSE", "2020-01-01,,,,450.00");
    let chaine = Chaine::new(pool);
    let before = chaine.months("2023-09", "2024-02");
    let march = chaine.month("2024-03");
    let late = ["2023-11", "2023-12", "2024-01", "2024-02"].map(|mois| line(mois, 0, 4922, 0));
    assert_eq!(march.lines("A1", "TIB"), [&[line("", 0, 196_911, 0)], &late[..]].concat());
    assert_eq!(
        march.lines("A1", "CNRACL")[1..],
        [
            line("2023-11", 4922, 546, 1508),
            line("2023-12", 4922, 546, 1508),
            line("2024-01", 4922, 546, 1557),
            line("2024-02", 4922, 546, 1557),
        ]
    );
    // On the traitement alone: 1,969.11 + 2 × 49.22 = 2,067.55 × 5.25 % = 108.55.
    assert_eq!(
        march.lines("A1", "AF"),
        [
            line("", 206_755, 0, 10_855),
            line("2023-11", 4922, 0, 259),
            line("2023-12", 4922, 0, 259)
        ]
    );
    for paid_in_march in ["RAFP", "CSG_DEDUCTIBLE", "CSG_NON_DEDUCTIBLE", "CRDS", "PAS"] {
        assert_eq!(march.lines("A1", paid_in_march).len(), 1, "{paid_in_march}");
    }
    // RAFP, primes within 20 % of the traitement of the year: 450.00 a month are above it. In
    // January and February 20 % of 1,919.89 = 383.98 (383.978); in March all that the year paid,
    // 2 × 1,919.89 + 1,969.11 + 4 × 49.22 = 6,005.77, × 20 % = 1,201.15 less what was counted.
    let counted: i64 = before[4..].iter().map(|mois| mois.sum("A1", "RAFP").0).sum();
    assert_eq!(counted, 2 * 38_398);
    assert_eq!(march.sum("A1", "RAFP").0, 120_115 - counted);
    assert!(!chaine.month("2024-04").has_rappel("A1"));
}

/// Corrected three times over, with a payslip blocked between: what the months paid in all is what
/// they were due. 59.0734 × 395 ÷ 12 = 1,944.50 each month.
#[test]
fn a_correction_of_a_correction_of_a_correction() {
    let mut pool = Pool::ville();
    pool.titulaire("A1", 390);
    for (depuis, indice, connu_le) in [
        ("2024-01-01", 400, "2024-03-10"),
        ("2024-02-01", 410, "2024-04-10"),
        ("2024-01-01", 395, "2024-05-10"),
        ("2024-02-01", 395, "2024-05-11"),
    ] {
        pool.indice("A1", depuis, connu_le, indice);
    }
    let chaine = Chaine::new(pool);
    let months = chaine.months("2024-01", "2024-07");
    let mut paid = BTreeMap::new();
    for done in &months {
        for (origin, _, amount, _) in done.lines("A1", "TIB") {
            let origin = if origin.is_empty() { done.mois.clone() } else { origin };
            *paid.entry(origin).or_insert(0) += amount;
        }
    }
    assert!(paid.values().all(|amount| *amount == 194_450), "{paid:?}");
    assert!(!months[5].has_rappel("A1") && !months[6].has_rappel("A1"));
}

/// A career cancelled, put back, cancelled again: each month pays the difference, once.
#[test]
fn a_row_that_goes_and_comes_back() {
    let mut pool = Pool::ville();
    pool.contractuel("A1", "2024-01-01", "", 400);
    let mut chaine = Chaine::new(pool);
    chaine.months("2024-01", "2024-02");
    // It started on the first of February, after all: January is to be taken back.
    chaine.pool.replace("carrieres", "2024-01-01", "2024-02-01");
    let march = chaine.month("2024-03");
    assert_eq!(
        march.lines("A1", "TIB"),
        [line("", 0, 196_911, 0), line("2024-01", 0, -196_911, 0)]
    );
    // No: January was right.
    chaine.pool.replace("carrieres", "2024-02-01", "2024-01-01");
    let april = chaine.month("2024-04");
    assert_eq!(april.lines("A1", "TIB"), [line("", 0, 196_911, 0), line("2024-01", 0, 196_911, 0)]);
    let may = chaine.month("2024-05");
    assert_eq!(may.lines("A1", "TIB"), [line("", 0, 196_911, 0)]);
    chaine.pool.replace("carrieres", "2024-01-01", "2024-02-01");
    assert_eq!(chaine.month("2024-06").sum("A1", "TIB").1, 0);
}

/// The same month run twice gives the same bytes, and pays its rappels once.
#[test]
fn a_month_run_twice_pays_once() {
    let chaine = Chaine::new(promue("2024-01-01", "2024-02-10"));
    chaine.month("2024-01");
    let first = chaine.run("2024-02", "2024-02-25");
    let second = chaine.run("2024-02", "2024-02-25");
    assert_eq!(first.digest, second.digest);
    assert_eq!(second.lines("A1", "TIB"), [line("", 0, 196_911, 0), line("2024-01", 0, 4922, 0)]);
    chaine.close_all("2024-02");
    let march = chaine.month("2024-03");
    assert!(march.rappels.is_empty(), "{:?}", march.rappels);
    assert!(matches!(
        chaine.try_run("2024-03", "2024-03-25"),
        Err(paie::batch::RunError::AllClosed)
    ));
    // A month that is not closed stops the next one.
    chaine.run("2024-04", "2024-04-25");
    assert!(matches!(
        chaine.try_run("2024-05", "2024-05-25"),
        Err(paie::batch::RunError::History(_))
    ));
}

/// A payslip blocked in a closed month is paid whole with the month after, once; blocked twice,
/// both months come when it is mended.
#[test]
fn a_blocked_payslip_is_paid_when_it_is_mended() {
    for late in [1, 2] {
        let mut pool = Pool::ville();
        pool.titulaire("A1", 0).titulaire("A2", 390);
        let mut chaine = Chaine::new(pool);
        let blocked = banc::suite("2024-02", if late == 1 { "2024-02" } else { "2024-03" });
        for mois in &blocked {
            let done = chaine.month(mois);
            assert_eq!((done.etat("A1"), done.etat("A2")), ("bloque", "payable"));
        }
        chaine.pool.replace("carrieres", "titulaire,,,0", "titulaire,,,390");
        let next = if late == 1 { "2024-03" } else { "2024-04" };
        let mended = chaine.month(next);
        let mut due = vec![line("", 0, 191_989, 0)];
        due.extend(blocked.iter().map(|mois| line(mois, 0, 191_989, 0)));
        assert_eq!(mended.lines("A1", "TIB"), due, "blocked {late} times");
        assert_eq!(mended.lines("A1", "CNRACL").len(), late + 1);
        let after = chaine.month("2024-05");
        assert_eq!(after.lines("A1", "TIB"), [line("", 0, 191_989, 0)]);
        assert!(after.rappels.is_empty());
    }
}

/// Prescription: four years after the year of the right, listed and left alone. 2020 may be paid
/// until 31 December 2024.
#[test]
fn what_is_prescribed_is_listed_and_not_paid() {
    let mut pool = Pool::ville();
    pool.titulaire("A1", 390);
    let mut chaine = Chaine::new(pool);
    chaine.month("2019-12");
    chaine.month("2020-01");
    chaine.month("2024-12");
    chaine.pool.indice("A1", "2019-12-01", "2025-01-10", 400);
    // 2021 begins the four years of 2020: on 1 January 2025 they are over.
    let january = chaine.month("2025-01");
    let origins: Vec<String> = january.lines("A1", "TIB").into_iter().map(|line| line.0).collect();
    assert_eq!(origins, ["", "2024-12"]);
    assert!(january.codes("A1").contains(&"W950".to_owned()), "{:?}", january.codes("A1"));
    let out: Vec<_> = january.etats("A1").into_iter().filter(|e| e.1 == "hors_limite").collect();
    assert_eq!(out.len(), 2);
}

/// Trop-perçu: 24 months from the month after the payment. Paid in January 2022, it may be taken
/// back until January 2024.
#[test]
fn a_trop_percu_is_taken_back_within_24_months() {
    let mut pool = Pool::ville();
    pool.titulaire("A1", 400);
    let mut chaine = Chaine::new(pool);
    chaine.months("2022-01", "2022-02");
    chaine.months("2024-01", "2024-01");
    chaine.pool.replace("carrieres", "titulaire,,,400", "titulaire,,,390");
    let february = chaine.month("2024-02");
    let etats = february.etats("A1");
    let etat = |mois: &str| etats.iter().find(|one| one.0 == mois).map(|one| one.1.clone());
    assert_eq!(etat("2022-01").as_deref(), Some("hors_limite"));
    assert_eq!(etat("2022-02").as_deref(), Some("paye"));
    assert_eq!(etat("2024-01").as_deref(), Some("paye"));
}

/// Facts that reach back before the archive are told; those within it are paid.
#[test]
fn an_archive_pays_for_its_own_months_only() {
    let mut pool = Pool::ville();
    pool.titulaire("A1", 390).titulaire("A2", 390);
    let mut chaine = Chaine::new(pool);
    chaine.months("2024-01", "2024-03");
    chaine.pool.indice("A1", "2023-06-01", "2024-04-02", 400);
    // A fonctionnaire since 2015 who comes by transfer, and a contractuel hired in February.
    let arrives = format!("A4,{VILLE},C1,2015-03-01,,,titulaire,,,390,,,,100,35,C");
    chaine.pool.agent("A4").add("carrieres", &arrives);
    chaine.pool.contractuel("A5", "2024-02-01", "", 390);
    let april = chaine.month("2024-04");
    assert_eq!(april.lines("A1", "TIB").len(), 4);
    let told = |done: &Mois, agent| done.codes(agent).contains(&"W951".to_owned());
    assert!(told(&april, "A1"));
    assert_eq!(april.lines("A4", "TIB").len(), 1);
    assert!(told(&april, "A4"));
    let late =
        [line("", 0, 191_989, 0), line("2024-02", 0, 191_989, 0), line("2024-03", 0, 191_989, 0)];
    assert_eq!(april.lines("A5", "TIB"), late);
    assert!(!told(&april, "A5"));
    let may = chaine.month("2024-05");
    assert!(may.rappels.is_empty(), "{:?}", may.rappels);
    assert!(!told(&may, "A1"));
    // A promotion of the agent who arrived, back to before it did: its own months only.
    chaine.pool.indice("A4", "2024-03-01", "2024-06-02", 400);
    let june = chaine.month("2024-06");
    let origins: Vec<String> = june.lines("A4", "TIB").into_iter().map(|line| line.0).collect();
    assert_eq!(origins, ["", "2024-04", "2024-05"]);
}

/// An échelon cancelled over six months: what each was paid too much goes back month after month,
/// within the seizable part, until nothing is left.
#[test]
fn an_echelon_cancelled_over_six_months() {
    let mut pool = Pool::ville();
    // 59.0734 × 450 ÷ 12 = 2,215.25; × 367 ÷ 12 = 1,806.66: 408.59 a month, six times.
    pool.titulaire("A1", 450);
    let mut chaine = Chaine::new(pool);
    chaine.months("2024-01", "2024-06");
    chaine.pool.replace("carrieres", "titulaire,,,450", "titulaire,,,367");
    let mut on_time = Chaine::new(chaine.pool.clone());
    on_time.threads = Some(2);
    let simple = on_time.month("2024-07");
    let july = chaine.month("2024-07");
    let late = banc::suite("2024-01", "2024-06");
    assert_eq!(july.lines("A1", "TIB").len(), 7);
    for (found, mois) in july.lines("A1", "TIB")[1..].iter().zip(&late) {
        assert_eq!(*found, line(mois, 0, -40_859, 0));
    }
    let put_off = july.sum("A1", "REPORT_TROP_PERCU").1;
    let taken = july.sum("A1", "TROP_PERCU").1;
    assert!(put_off > 0 && taken > 0, "{put_off} {taken}");
    // The agent gets the net of its month, less what may be seized of it.
    assert_eq!(july.net("A1"), simple.net("A1") - taken);
    assert!(july.codes("A1").contains(&"W953".to_owned()));
    let (mut left, mut months) = (put_off - taken, 0);
    let mut mois = banc::suite("2024-08", "2026-10").into_iter();
    while left > 0 {
        let done = chaine.month(&mois.next().unwrap());
        let taken = done.sum("A1", "TROP_PERCU").1;
        assert!(taken > 0 && taken <= left, "{}: {taken} of {left}", done.mois);
        assert_eq!(done.sum("A1", "REPORT_TROP_PERCU").1, 0);
        left -= taken;
        assert_eq!(done.codes("A1").contains(&"W953".to_owned()), left > 0);
        months += 1;
    }
    assert!(months > 2, "{months}");
    let after = chaine.month(&mois.next().unwrap());
    assert_eq!(after.sum("A1", "TROP_PERCU").1, 0);
    assert!(!after.codes("A1").contains(&"W953".to_owned()));
}

/// An agent who is left out of the pool for a month still owes what it owed, and is paid that month
/// when it comes back.
#[test]
fn an_agent_left_out_of_a_month_still_owes() {
    let mut pool = Pool::ville();
    pool.titulaire("A1", 450).titulaire("A2", 390);
    let mut chaine = Chaine::new(pool);
    chaine.months("2024-01", "2024-06");
    chaine.pool.replace("carrieres", "titulaire,,,450", "titulaire,,,367");
    let july = chaine.month("2024-07");
    let mut left = july.sum("A1", "REPORT_TROP_PERCU").1 - july.sum("A1", "TROP_PERCU").1;
    assert!(left > 0);
    let everybody = chaine.pool.clone();
    chaine.pool.remove("agents", "A1").remove("carrieres", "A1").remove("taux_pas", "A1");
    assert_eq!(chaine.month("2024-08").lines("A1", "TIB"), []);
    chaine.pool = everybody;
    let september = chaine.month("2024-09");
    // 59.0734 × 367 ÷ 12 = 1,806.66, for each of the two months.
    let tib = [line("", 0, 180_666, 0), line("2024-08", 0, 180_666, 0)];
    assert_eq!(september.lines("A1", "TIB"), tib);
    let taken = september.sum("A1", "TROP_PERCU").1;
    assert!(taken > 0 && taken <= left, "{taken} of {left}");
    left -= taken;
    let mut mois = banc::suite("2024-10", "2026-10").into_iter();
    while left > 0 {
        let taken = chaine.month(&mois.next().unwrap()).sum("A1", "TROP_PERCU").1;
        assert!(taken > 0 && taken <= left, "{taken} of {left}");
        left -= taken;
    }
}

/// The agent leaves while it still owes: told, month after month while it is in the pool, and
/// nothing is taken from nothing.
#[test]
fn an_agent_leaves_with_a_debt() {
    let mut pool = Pool::ville();
    pool.titulaire("A1", 800);
    let mut chaine = Chaine::new(pool);
    chaine.months("2024-01", "2024-03");
    let leaves = format!("A1,{VILLE},C1,2020-01-01,2024-04-30,,titulaire,,,367,,,,100,35,C");
    chaine.pool.clear("carrieres").add("carrieres", &leaves);
    let april = chaine.month("2024-04");
    assert!(april.sum("A1", "REPORT_TROP_PERCU").1 > april.sum("A1", "TROP_PERCU").1);
    assert!(april.codes("A1").contains(&"W953".to_owned()));
    for mois in ["2024-05", "2024-06"] {
        let done = chaine.month(mois);
        assert!(done.lignes.is_empty(), "{:?}", done.lignes);
        assert_eq!(done.codes("A1"), ["W953"], "{mois}");
    }
    // It comes back: what may be seized is taken again.
    let back = format!("A1,{VILLE},C1,2024-07-01,,,titulaire,,,367,,,,100,35,C");
    chaine.pool.add("carrieres", &back);
    assert!(chaine.month("2024-07").sum("A1", "TROP_PERCU").1 > 0);
}

/// A contract that has ended, and a promotion that changes its last months: a payslip of rappels
/// alone, and nothing the month after.
#[test]
fn a_contract_that_has_ended_is_paid_its_rappels() {
    let mut pool = Pool::ville();
    let row = |depuis: &str, fin: &str, connu: &str, indice: u32| {
        format!("A1,{VILLE},C1,{depuis},{fin},{connu},titulaire,,,{indice},,,,100,35,C")
    };
    pool.agent("A1").add("carrieres", &row("2020-01-01", "2024-03-31", "", 390));
    pool.add("carrieres", &row("2024-02-01", "2024-03-31", "2024-05-10", 400));
    let chaine = Chaine::new(pool);
    let before = chaine.months("2024-01", "2024-04");
    let may = chaine.month("2024-05");
    assert_eq!(may.lines("A1", "TIB"), [line("2024-02", 0, 4922, 0), line("2024-03", 0, 4922, 0)]);
    let cnracl = [line("2024-02", 4922, 546, 1557), line("2024-03", 4922, 546, 1557)];
    assert_eq!(may.lines("A1", "CNRACL"), cnracl);
    // 5.25 % of 98.44 = 5.17.
    assert_eq!(may.lines("A1", "AF"), [line("", 9844, 0, 517)]);
    assert_eq!(may.etat("A1"), "payable");
    // Whoever comes or goes is counted: a payslip more in May, one less in April and in June.
    for done in &before {
        assert!(done.anomalies.iter().all(|row| row["code"] != "W925"), "{}", done.mois);
    }
    assert!(may.anomalies.iter().all(|row| row["code"] != "W925"));
    assert_eq!(cents(&may.bulletin("A1")["brut"]), 9844);
    // CSG on 98.25 % of 98.44 = 96.72: 6.8 % = 6.58, 2.4 % = 2.32, CRDS 0.5 % = 0.48.
    assert_eq!(may.sum("A1", "CSG_DEDUCTIBLE"), (9672, 658, 0));
    assert_eq!(may.sum("A1", "CSG_NON_DEDUCTIBLE"), (9672, 232, 0));
    assert_eq!(may.sum("A1", "CRDS"), (9672, 48, 0));
    // 98.44 − 10.92 − 6.58 = 80.94 taxable at 3 % = 2.43.
    assert_eq!(may.sum("A1", "PAS").1, 243);
    assert_eq!(may.net("A1"), 9844 - 1092 - 658 - 232 - 48 - 243);
    let june = chaine.month("2024-06");
    assert!(june.lignes.is_empty() && june.rappels.is_empty(), "{:?}", june.lignes);
    assert!(june.anomalies.is_empty(), "{:?}", june.anomalies);
}

/// The same with a debt: nothing can be taken from a contract that has ended, the debt is told.
#[test]
fn a_contract_that_has_ended_owes() {
    let mut pool = Pool::ville();
    let row = format!("A1,{VILLE},C1,2020-01-01,2024-03-31,,titulaire,,,400,,,,100,35,C");
    pool.agent("A1").add("carrieres", &row);
    let mut chaine = Chaine::new(pool);
    chaine.months("2024-02", "2024-03");
    chaine.pool.replace("carrieres", "titulaire,,,400", "titulaire,,,390");
    let april = chaine.month("2024-04");
    assert_eq!(
        april.lines("A1", "TIB"),
        [line("2024-02", 0, -4922, 0), line("2024-03", 0, -4922, 0)]
    );
    assert_eq!(april.net("A1"), 0);
    assert!(april.codes("A1").contains(&"W953".to_owned()), "{:?}", april.codes("A1"));
    let may = chaine.month("2024-05");
    assert!(may.lignes.is_empty());
    assert_eq!(may.codes("A1"), ["W953"]);
}

/// A pool hands in the variables of its month only: nothing is taken back. Hours corrected later
/// count from their month.
#[test]
fn elements_of_the_month_alone() {
    let mut pool = Pool::ville();
    pool.titulaire("A1", 390).element("A1", "IFSE", "2020-01-01,,,,210.00");
    let mut chaine = Chaine::new(pool);
    let hours =
        |mois: &str, connu: &str, nombre: &str| format!("{mois}-01,{mois}-28,{connu},{nombre},");
    let permanent = chaine.pool.clone();
    // One hour of a fonctionnaire of indice 390 without residence: 1,919.89 × 12 ÷ 1,820 = 12.658…,
    // × 1.25 = 15.823…
    let mut paid = Vec::new();
    for (mois, nombre) in [("2024-04", "5"), ("2024-05", "3"), ("2024-06", "4")] {
        chaine.pool = permanent.clone();
        chaine.pool.element("A1", "IHTS_14", &hours(mois, "", nombre));
        let done = chaine.month(mois);
        assert!(!done.has_rappel("A1"), "{mois}: {:?}", done.rappels_of("A1"));
        paid.push(done.sum("A1", "IHTS_14").1);
    }
    // April was 8 hours and not 5; May none and not 3.
    chaine.pool = permanent.clone();
    chaine.pool.element("A1", "IHTS_14", &hours("2024-04", "2024-07-02", "8"));
    chaine.pool.element("A1", "IHTS_14", &hours("2024-05", "2024-07-02", "0"));
    let july = chaine.month("2024-07");
    let eight = 12_659; // 15.8232… × 8 = 126.585…
    let lines = july.lines("A1", "IHTS_14");
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!((lines[0].0.as_str(), lines[1].0.as_str()), ("2024-04", "2024-05"));
    assert!((paid[0] + lines[0].2 - eight).abs() <= 1, "{paid:?} {lines:?}");
    assert_eq!(lines[1].2, -paid[1]);
    // The pool of August has neither: nothing more.
    chaine.pool = permanent.clone();
    let august = chaine.month("2024-08");
    assert!(!august.has_rappel("A1"), "{:?}", august.rappels_of("A1"));
    // June: corrected to zero, then corrected again to the four hours that were right.
    chaine.pool.element("A1", "IHTS_14", &hours("2024-06", "2024-09-02", "0"));
    assert_eq!(chaine.month("2024-09").lines("A1", "IHTS_14"), [line("2024-06", 0, -paid[2], 0)]);
    chaine.pool = permanent;
    chaine.pool.element("A1", "IHTS_14", &hours("2024-06", "2024-10-02", "4"));
    assert_eq!(chaine.month("2024-10").lines("A1", "IHTS_14"), [line("2024-06", 0, paid[2], 0)]);
    assert!(!chaine.month("2024-11").has_rappel("A1"));
}

/// A permanent prime: handed in late, corrected from three months back, taken away.
#[test]
fn a_permanent_element_is_corrected() {
    let mut pool = Pool::ville();
    pool.titulaire("A1", 390);
    let mut chaine = Chaine::new(pool);
    chaine.months("2024-01", "2024-02");
    chaine.pool.element("A1", "IFSE", "2024-01-01,,,,200.00");
    let march = chaine.month("2024-03");
    let ifse = |origin: &str, amount: i64| line(origin, 0, amount, 0);
    assert_eq!(
        march.lines("A1", "IFSE"),
        [ifse("", 20_000), ifse("2024-01", 20_000), ifse("2024-02", 20_000)]
    );
    assert!(!chaine.month("2024-04").has_rappel("A1"));
    // 250.00 from February on: the row ends in January and another begins.
    chaine.pool.clear("elements");
    chaine.pool.element("A1", "IFSE", "2024-01-01,2024-01-31,,,200.00");
    chaine.pool.element("A1", "IFSE", "2024-02-01,,,,250.00");
    let may = chaine.month("2024-05");
    assert_eq!(
        may.lines("A1", "IFSE"),
        [ifse("", 25_000), ifse("2024-02", 5000), ifse("2024-03", 5000), ifse("2024-04", 5000)]
    );
    // The amount was 240.00 all along since February.
    chaine.pool.replace("elements", "250.00", "240.00");
    let june = chaine.month("2024-06");
    assert_eq!(june.lines("A1", "IFSE").len(), 5);
    assert_eq!(june.sum("A1", "IFSE").1, 24_000 - 4 * 1000);
    // Gone from the pool: not paid any more, and nothing is taken back.
    chaine.pool.clear("elements");
    let july = chaine.month("2024-07");
    assert!(july.lines("A1", "IFSE").is_empty() && !july.has_rappel("A1"));
    assert!(chaine.month("2024-08").rappels.is_empty());
}

/// A sick leave handed in late takes back a month paid whole; requalified as an accident at work
/// it gives it back; the pool of the month after has neither and changes nothing.
#[test]
fn an_absence_is_requalified() {
    let mut pool = Pool::ville();
    pool.titulaire("A1", 390);
    let mut chaine = Chaine::new(pool);
    chaine.month("2024-01");
    // Ten days from 8 to 17 January: one day without pay, 1,919.89 ÷ 30 = 64.00 (63.996).
    chaine.pool.absence("A1", "maladie_ordinaire", "2024-01-08,2024-01-17,2024-02-02");
    let february = chaine.month("2024-02");
    let origins = february.rappels_of("A1");
    assert!(!origins.is_empty() && origins.iter().all(|one| one.1 == "2024-01"), "{origins:?}");
    let gross = |mois: &Mois| cents(&mois.bulletin("A1")["brut"]);
    assert_eq!(gross(&february), 191_989 - 6400);
    chaine.pool.clear("absences");
    let march = chaine.month("2024-03");
    assert!(!march.has_rappel("A1"), "{:?}", march.rappels_of("A1"));
    chaine.pool.absence("A1", "citis", "2024-01-08,2024-01-17,2024-04-02");
    let april = chaine.month("2024-04");
    assert_eq!(gross(&april), 191_989 + 6400, "{:?}", april.rappels_of("A1"));
    chaine.pool.clear("absences");
    assert!(!chaine.month("2024-05").has_rappel("A1"));
}

/// The settings of an employer corrected late: a difference of rate is a line of its month.
#[test]
fn a_setting_corrected_late() {
    let mut pool = Pool::ville();
    pool.contractuel("A1", "2022-09-01", "", 390).titulaire("A2", 390);
    let mut chaine = Chaine::new(pool);
    chaine.months("2024-01", "2024-02");
    // 1,919.89 × 1.64 % = 31.49; × 1.94 % = 37.25: 5.76 for each month of the contractuel.
    let late = format!("{VILLE},taux_atmp,2024-01-01,2024-03-05,0.0194");
    chaine.pool.add("parametres_employeurs", &late);
    let march = chaine.month("2024-03");
    assert_eq!(
        march.lines("A1", "ATMP"),
        [line("", 191_989, 0, 3725), line("2024-01", 0, 0, 576), line("2024-02", 0, 0, 576)]
    );
    assert!(march.lines("A2", "ATMP").is_empty());
    assert!(!march.rappels_of("A2").iter().any(|one| one.0 == "ATMP"));
    // CDG 0.8 % = 15.36 then 0.9 % = 17.28: 1.92 each month, for both.
    let late = format!("{VILLE},taux_cdg,2024-02-01,2024-04-05,0.009");
    chaine.pool.add("parametres_employeurs", &late);
    let april = chaine.month("2024-04");
    for agent in ["A1", "A2"] {
        assert_eq!(
            april.lines(agent, "CDG"),
            [line("", 191_989, 0, 1728), line("2024-02", 0, 0, 192), line("2024-03", 0, 0, 192)]
        );
        assert_eq!(april.rappels_of(agent).len(), 2);
    }
    assert!(chaine.month("2024-05").rappels.is_empty());
}

/// Two employers: one closes before the other, whose month is run again and pays alone; a third
/// joins later.
#[test]
fn employers_close_each_at_its_own_time() {
    let mut pool = promue("2024-01-01", "2024-02-10");
    pool.employeur(AUTRE, 812);
    let other = |id: &str, indice: u32| {
        format!("{id},{AUTRE},C1,2020-01-01,,,titulaire,,,{indice},,,,100,35,C")
    };
    pool.agent("B1").add("carrieres", &other("B1", 390));
    let mut chaine = Chaine::new(pool);
    let january = chaine.run("2024-01", "2024-01-25");
    assert_eq!(january.bulletins.len(), 2);
    chaine.close("2024-01", &[VILLE]);
    // The other one mends its pool and runs again: only its agent is paid, at the new indice.
    chaine.pool.replace("carrieres", &other("B1", 390), &other("B1", 400));
    let again = chaine.run("2024-01", "2024-01-25");
    assert_eq!(again.bulletins.len(), 1);
    assert_eq!(again.sum("B1", "TIB").1, 196_911);
    chaine.close("2024-01", &[AUTRE]);
    let february = chaine.month("2024-02");
    assert_eq!(february.lines("A1", "TIB"), [line("", 0, 196_911, 0), line("2024-01", 0, 4922, 0)]);
    assert_eq!(february.lines("B1", "TIB"), [line("", 0, 196_911, 0)]);
    // An employer joins with agents of before: nothing of the closed months.
    let third = "21719602900017";
    chaine.pool.employeur(third, 1700);
    let row = format!("D1,{third},C1,2019-01-01,,,titulaire,,,390,,,,100,35,C");
    chaine.pool.agent("D1").add("carrieres", &row);
    let march = chaine.month("2024-03");
    assert_eq!(march.lines("D1", "TIB"), [line("", 0, 191_989, 0)]);
    assert!(march.rappels.is_empty(), "{:?}", march.rappels);
    // Its agent is promoted late: its own closed months alone.
    let row = format!("D1,{third},C1,2024-01-01,,2024-04-02,titulaire,,,400,,,,100,35,C");
    chaine.pool.add("carrieres", &row);
    let april = chaine.month("2024-04");
    assert_eq!(april.lines("D1", "TIB"), [line("", 0, 196_911, 0), line("2024-03", 0, 4922, 0)]);
}

/// Figures that open the books count once, be they still in the pool the month after or not.
#[test]
fn opening_figures_count_once() {
    let mut pool = Pool::ville();
    pool.titulaire("A1", 390).element("A1", "IFSE", "2020-01-01,,,,450.00");
    let opening = |rubrique: &str, cells: &str| format!("A1,{VILLE},C1,2024,{rubrique},{cells}");
    pool.add("cumuls", &opening("TIB", "3839.78,,,"));
    pool.add("cumuls", &opening("IFSE", "900.00,,,"));
    pool.add("cumuls", &opening("RAFP", ",767.96,38.40,38.40"));
    let mut chaine = Chaine::new(pool);
    let march = chaine.month("2024-03");
    let kept = |done: &Mois, nom: &str| {
        let row = done.cumuls.iter().find(|row| row["rubrique"] == nom).unwrap();
        cents(&row["montant"]) + cents(&row["base"])
    };
    assert_eq!(kept(&march, "TIB"), 3 * 191_989);
    // 20 % of 5,759.67 = 1,151.93.
    assert_eq!(kept(&march, "RAFP"), 115_193);
    let april = chaine.month("2024-04");
    assert_eq!(kept(&april, "TIB"), 4 * 191_989);
    // 20 % of 7,679.56 = 1,535.91.
    assert_eq!(kept(&april, "RAFP"), 153_591);
    chaine.pool.clear("cumuls");
    assert_eq!(kept(&chaine.month("2024-05"), "TIB"), 5 * 191_989);
    // A promotion from March: the rappels and the totals stand on the opening figures.
    chaine.pool.indice("A1", "2024-03-01", "2024-06-02", 400);
    let june = chaine.month("2024-06");
    assert_eq!(june.lines("A1", "TIB").len(), 4);
    assert_eq!(kept(&june, "TIB"), 6 * 191_989 + 4 * 4922);
    assert_eq!(kept(&june, "RAFP"), 234_324);
}

/// An agent whose rows did not change is not computed again.
#[test]
fn only_those_whose_rows_changed_are_computed_again() {
    let mut pool = promue("2024-01-01", "2024-04-02");
    for id in ["A2", "A3", "A4"] {
        pool.titulaire(id, 390);
    }
    let mut chaine = Chaine::new(pool);
    // The rates of January 2024 are known on the 31st.
    for mois in ["2024-01", "2024-02", "2024-03"] {
        let done = chaine.month_known(mois, &format!("{mois}-31").replace("02-31", "02-29"));
        assert_eq!((done.counts.recalcules, done.counts.rappels), (0, 0), "{mois}");
    }
    let april = chaine.month("2024-04");
    assert_eq!((april.counts.recalcules, april.counts.rappels), (3, 3));
    // An address, an account, a tax rate: nothing of a closed month.
    chaine.pool.replace("taux_pas", "A2,2015-01-01,0.030", "A2,2015-01-01,0.045");
    let may = chaine.month("2024-05");
    assert_eq!((may.counts.recalcules, may.counts.rappels), (0, 0));
}

/// The bytes do not depend on threads, rappels included.
#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let mut digests = BTreeSet::new();
    for threads in [1, 2, 8] {
        let mut pool = Pool::ville();
        for number in 0..150 {
            let id = format!("N{number:04}");
            pool.titulaire(&id, 390 + number);
            if number % 3 == 0 {
                pool.indice(&id, "2024-01-01", "2024-03-02", 410 + number);
            }
        }
        let mut chaine = Chaine::new(pool);
        chaine.threads = Some(threads);
        let months = chaine.months("2024-01", "2024-03");
        assert_eq!(months[2].counts.rappels, 100);
        digests.insert(months.into_iter().map(|done| done.digest).collect::<Vec<_>>());
    }
    assert_eq!(digests.len(), 1);
}

/// A late row that cannot be computed in a closed month is told, and takes nothing back; the month
/// waits until the row is mended.
#[test]
fn a_closed_month_that_cannot_be_computed_waits() {
    let mut pool = Pool::ville();
    pool.titulaire("A1", 390);
    let mut chaine = Chaine::new(pool);
    chaine.months("2024-02", "2024-03");
    let wrong = format!("A1,{VILLE},C1,2024-02-01,2024-02-29,,titulaire,,,0,,,,100,35,C");
    chaine.pool.add("carrieres", &wrong);
    let back = format!("A1,{VILLE},C1,2024-03-01,,,titulaire,,,390,,,,100,35,C");
    chaine.pool.add("carrieres", &back);
    for mois in ["2024-04", "2024-05"] {
        let done = chaine.month(mois);
        assert_eq!(done.lines("A1", "TIB"), [line("", 0, 191_989, 0)], "{mois}");
        assert_eq!(done.etats("A1"), [("2024-02".to_owned(), "impossible".to_owned())]);
        assert!(done.codes("A1").contains(&"W952".to_owned()), "{:?}", done.codes("A1"));
    }
    chaine.pool.replace("carrieres", "titulaire,,,0", "titulaire,,,400");
    let june = chaine.month("2024-06");
    assert_eq!(june.lines("A1", "TIB"), [line("", 0, 191_989, 0), line("2024-02", 0, 4922, 0)]);
    assert!(!chaine.month("2024-07").has_rappel("A1"));
}

/// The contract of an agent whose rows cannot even be read waits as well; so does one that is
/// extended late, after its year.
#[test]
fn what_the_archive_knew_before_is_no_arrival() {
    let mut pool = Pool::ville();
    pool.agent("A1").agent("A2");
    let row = |id: &str, fin: &str, statut: &str| {
        format!("{id},{VILLE},C1,2015-01-01,{fin},,{statut},,,390,,,,100,35,C")
    };
    pool.add("carrieres", &row("A1", "", "titulair"));
    pool.add("carrieres", &row("A2", "2023-12-31", "contractuel"));
    let mut chaine = Chaine::new(pool);
    let november = chaine.month("2023-11");
    assert_eq!(november.lines("A2", "TIB").len(), 1);
    chaine.months("2023-12", "2024-02");
    chaine.pool.replace("carrieres", "titulair,", "titulaire,");
    chaine.pool.replace("carrieres", "2023-12-31", "2024-05-31");
    let march = chaine.month("2024-03");
    let origins = |agent: &str| -> Vec<String> {
        march.lines(agent, "TIB").into_iter().map(|line| line.0).collect()
    };
    assert_eq!(origins("A1"), ["", "2023-11", "2023-12", "2024-01", "2024-02"]);
    assert_eq!(origins("A2"), ["", "2024-01", "2024-02"]);
    assert!(chaine.month("2024-04").rappels.is_empty());
}

/// A contractuel who left in another year: URSSAF at the month of origin, under its ceiling, since
/// nothing of the year of payment can hold it. 6.90 %: 135.87 − 132.47 = 3.40, 8.55 %: 168.36 −
/// 164.15 = 4.21, on 49.22.
#[test]
fn a_contractuel_who_left_another_year() {
    let mut pool = Pool::ville();
    pool.contractuel("A1", "2022-09-01", "2023-12-31", 390);
    let late =
        format!("A1,{VILLE},C1,2023-12-01,2023-12-31,2024-02-02,contractuel,,,400,,,,100,35,C");
    pool.add("carrieres", &late);
    let chaine = Chaine::new(pool);
    chaine.months("2023-11", "2024-01");
    let february = chaine.month("2024-02");
    assert_eq!(february.lines("A1", "TIB"), [line("2023-12", 0, 4922, 0)]);
    let ceiling = february.lines("A1", "VIEILLESSE_PLAFONNEE");
    assert_eq!(ceiling, [line("2023-12", 4922, 340, 421)]);
    assert_eq!(february.lines("A1", "AF"), [line("2023-12", 4922, 0, 259)]);
    // 98.25 % of 49.22 = 48.36 × 6.8 % = 3.29.
    assert_eq!(february.lines("A1", "CSG_DEDUCTIBLE"), [line("", 4836, 329, 0)]);
    assert!(february.sum("A1", "IRCANTEC_A").1 > 0);
    assert!(chaine.month("2024-03").lignes.is_empty());
}

/// A contractuel becomes a fonctionnaire on the same contract: what is due for its former year is
/// subject to the URSSAF once, whatever it has become.
#[test]
fn a_contractuel_becomes_a_fonctionnaire() {
    let mut pool = Pool::ville();
    pool.contractuel("A1", "2022-09-01", "", 390);
    let row = |depuis: &str, connu: &str, statut: &str, indice: u32| {
        format!("A1,{VILLE},C1,{depuis},,{connu},{statut},,,{indice},,,,100,35,C")
    };
    pool.add("carrieres", &row("2023-12-01", "2024-02-02", "contractuel", 400));
    pool.add("carrieres", &row("2024-01-01", "", "stagiaire", 400));
    let chaine = Chaine::new(pool);
    chaine.months("2023-11", "2024-01");
    let february = chaine.month("2024-02");
    assert_eq!(february.lines("A1", "TIB"), [line("", 0, 196_911, 0), line("2023-12", 0, 4922, 0)]);
    assert_eq!(february.lines("A1", "VIEILLESSE_PLAFONNEE"), [line("2023-12", 4922, 340, 421)]);
    assert_eq!(february.lines("A1", "AF")[1..], [line("2023-12", 4922, 0, 259)]);
}

/// An invented pool of months in a row.
fn invented(folder: &Path, graine: u64, last: &str, historique: u32) {
    let spec = DemoSpec {
        employeurs: 3,
        agents: 40,
        graine,
        mois: PayPeriod::parse(last).unwrap(),
        historique,
    };
    let files = DemoFiles::open(|nom| File::create(folder.join(nom))).unwrap();
    generate(&spec, files).unwrap();
}

/// What lines add up to: base, agent side, employer side.
type Sums = BTreeMap<Vec<String>, (i64, i64, i64)>;

/// The lines of months, added up by what `key` says of each; none: left out.
fn sums(months: &[Mois], key: impl Fn(&banc::Row) -> Option<Vec<String>>) -> Sums {
    let mut sums = Sums::new();
    for row in months.iter().flat_map(|done| &done.lignes) {
        let Some(key) = key(row) else { continue };
        let sum = sums.entry(key).or_default();
        let cell = |name: &str| cents(&row[name]);
        *sum = (
            sum.0 + cell("base"),
            sum.1 + cell("montant_agent"),
            sum.2 + cell("montant_employeur"),
        );
    }
    sums.retain(|_, sum| *sum != (0, 0, 0));
    sums
}

/// The truth of the year end: a year of late facts and late rules pays what a year that knew
/// everything from the start pays. To the cent, month of origin by month of origin, for lines of
/// mode `origine`; for the others, the bases of the year, a cent of rounding a month apart.
#[test]
fn a_year_with_delays_is_a_year_on_time() {
    let mut rappels = 0;
    for graine in [1, 2, 3, 6] {
        let pool = tempfile::tempdir().unwrap();
        invented(pool.path(), graine, "2024-12", 7);
        let months = banc::suite("2024-06", "2024-12");
        let run = |known: &dyn Fn(&str) -> String| -> Vec<Mois> {
            let mut chaine = Chaine::new(Pool::default());
            chaine.threads = Some(2);
            let each = months.iter().map(|mois| {
                let done = chaine.run_folder(pool.path(), mois, &known(mois)).unwrap();
                chaine.close_all(mois);
                done
            });
            each.collect()
        };
        let late = run(&|mois| format!("{mois}-25"));
        let on_time = run(&|_| "2024-12-25".to_owned());
        rappels += late.iter().map(|done| done.counts.rappels).sum::<u64>();
        for row in on_time.iter().flat_map(|done| &done.rappels) {
            assert_eq!(row["etat"], "impossible", "seed {graine}: {row:?}");
        }
        // What a control refuses is not comparable.
        let all = || late.iter().chain(&on_time).flat_map(|done| &done.bulletins);
        let blocked = all().filter(|row| row["etat"] != "payable").map(|row| &row["agent"]);
        let blocked: BTreeSet<&String> = blocked.collect();
        assert!(blocked.len() < 5, "seed {graine}: {blocked:?}");
        let known = KnownOn::Day(Day::parse("2024-12-25").unwrap());
        let program = Regles::nationales().program(PayPeriod::parse("2024-12").unwrap(), known);
        let mode = |row: &banc::Row| {
            let code = &row["rubrique"];
            let taken = ["REPORT_TROP_PERCU", "TROP_PERCU"].contains(&code.as_str());
            let found = program.items.iter().find(|info| info.printed && info.code == *code);
            let taken = taken || blocked.contains(&row["agent"]);
            let shown = found.filter(|info| !taken && info.nature != Nature::Total)?;
            Some(shown.rappel)
        };
        let cells = |row: &banc::Row, names: &[&str]| -> Vec<String> {
            names.iter().map(|&name| row[name].clone()).collect()
        };
        let at_origin = |row: &banc::Row| {
            let names = ["siret", "agent", "contrat", "rubrique", "mois_origine"];
            (mode(row)? == RappelMode::Origine).then(|| cells(row, &names))
        };
        let (found, truth) = (sums(&late, at_origin), sums(&on_time, at_origin));
        for key in found.keys().chain(truth.keys()) {
            assert_eq!(found.get(key), truth.get(key), "seed {graine}: {key:?}");
        }
        // Apprentices are exempt up to a threshold of each month: that of the payment counts.
        let careers = std::fs::read_to_string(pool.path().join("carrieres.csv")).unwrap();
        let apprentices: BTreeSet<&str> = (careers.lines())
            .filter(|row| row.contains(",apprenti,"))
            .filter_map(|row| row.split(',').next())
            .collect();
        let of_year = |row: &banc::Row| {
            // No tax is withheld from a payslip below zero.
            if row["rubrique"] == "PAS" || apprentices.contains(row["agent"].as_str()) {
                return None;
            }
            let names = ["siret", "agent", "contrat", "rubrique"];
            (mode(row)? != RappelMode::Origine).then(|| cells(row, &names))
        };
        let (found, truth) = (sums(&late, of_year), sums(&on_time, of_year));
        for key in found.keys().chain(truth.keys()) {
            let base = |sums: &Sums| sums.get(key).map_or(0, |sum| sum.0);
            let apart = base(&found) - base(&truth);
            assert!(apart.abs() <= 7, "seed {graine}: {key:?} {apart}");
        }
    }
    assert!(rappels > 10, "{rappels} rappels: choose other seeds");
}

/// A control that refuses a payslip refuses it after the month as well: closed and unpaid, it waits
/// until the rows are mended or the control is waived. 58 % of the traitement is above the maximum
/// of the TPP that a forced amount asks for.
#[test]
fn what_a_control_refuses_waits() {
    let mut pool = Pool::ville();
    pool.titulaire("A1", 390).titulaire("A2", 390);
    let mut chaine = Chaine::new(pool);
    let permanent = chaine.pool.clone();
    let forced = format!("A1,{VILLE},C1,TPP,2024-02-01,2024-02-29,,,,-500.00");
    chaine.pool.add("elements", &forced);
    assert_eq!(chaine.month("2024-02").etat("A1"), "bloque");
    chaine.pool = permanent.clone();
    let march = chaine.month("2024-03");
    assert_eq!(march.etat("A1"), "payable");
    assert!(!march.has_rappel("A1"), "{:?}", march.rappels_of("A1"));
    assert!(march.codes("A1").contains(&"W952".to_owned()), "{:?}", march.codes("A1"));
    assert!(!chaine.month("2024-04").has_rappel("A1"));
    // The amount was wrong: none.
    chaine
        .pool
        .add("elements", &forced.replace("-500.00", "0.00").replace(",,,,", ",2024-05-02,,,"));
    let may = chaine.month("2024-05");
    assert_eq!(may.lines("A1", "TIB"), [line("", 0, 191_989, 0), line("2024-02", 0, 191_989, 0)]);
    chaine.pool = permanent;
    assert!(!chaine.month("2024-06").has_rappel("A1"));
}

/// The same, and somebody answers for it in the month that pays: it is paid as it stands.
#[test]
fn what_a_control_refuses_is_paid_once_waived() {
    let mut pool = Pool::ville();
    pool.titulaire("A1", 390);
    let mut chaine = Chaine::new(pool);
    let permanent = chaine.pool.clone();
    let forced = format!("A1,{VILLE},C1,TPP,2024-02-01,2024-02-29,,,,-500.00");
    chaine.pool.add("elements", &forced);
    assert_eq!(chaine.month("2024-02").etat("A1"), "bloque");
    chaine.pool = permanent;
    chaine.deroger("2024-03", "A1", "transfert_primes_points_hors_limites");
    let march = chaine.month("2024-03");
    assert_eq!(march.lines("A1", "TIB")[1..], [line("2024-02", 0, 191_989, 0)]);
    assert_eq!(march.lines("A1", "TPP"), [line("2024-02", 0, -50_000, 0)]);
    assert!(chaine.month("2024-04").rappels.is_empty());
}

/// A contractuel hired on 16 March at 3,500.00 a month (16 ÷ 30: 1,866.67), 5,000.00 from
/// April, known in June.
/// Ceiling of the year in June: 3,864 × 16 ÷ 31 = 1,994.32, and 3 × 3,864.00: 13,586.32.
#[test]
fn the_ceilings_of_a_part_year() {
    let mut pool = Pool::ville();
    let row = |depuis: &str, connu: &str, montant: &str| {
        format!("A1,{VILLE},C1,{depuis},,{connu},contractuel,,,,,,{montant},100,35,C")
    };
    pool.agent("A1").add("carrieres", &row("2024-03-16", "", "3500.00"));
    pool.add("carrieres", &row("2024-04-01", "2024-06-03", "5000.00"));
    let chaine = Chaine::new(pool);
    let before = chaine.months("2024-03", "2024-05");
    let paid: Vec<i64> = before.iter().map(|done| done.sum("A1", "SALAIRE").1).collect();
    assert_eq!(paid, [186_667, 350_000, 350_000]);
    let june = chaine.month("2024-06");
    assert_eq!(june.sum("A1", "SALAIRE").1, 500_000 + 2 * 150_000);
    // Under the ceiling so far: 8,866.67; all that the year allows in June.
    let plafonnee = june.lines("A1", "VIEILLESSE_PLAFONNEE");
    assert_eq!((plafonnee.len(), plafonnee[0].1), (1, 1_358_632 - 886_667));
    assert_eq!(june.sum("A1", "VIEILLESSE_DEPLAFONNEE").0, 800_000);
    // IRCANTEC, month by month: April 6,866.67 against 5,858.32, May 3,864.00 of 5,000.00.
    let bases = |code: &str| -> Vec<(String, i64)> {
        june.lines("A1", code).into_iter().map(|line| (line.0, line.1)).collect()
    };
    let base = |origin: &str, cents: i64| (origin.to_owned(), cents);
    let tranche_a = [base("", 386_400), base("2024-04", 49_165), base("2024-05", 36_400)];
    assert_eq!(bases("IRCANTEC_A"), tranche_a);
    let tranche_b = [base("", 113_600), base("2024-04", 100_835), base("2024-05", 113_600)];
    assert_eq!(bases("IRCANTEC_B"), tranche_b);
    let july = chaine.month("2024-07");
    assert_eq!(july.sum("A1", "VIEILLESSE_PLAFONNEE").0, 386_400);
    assert_eq!(july.sum("A1", "IRCANTEC_A").0, 386_400);
}

/// Hours paid late are reduced and exempt in the month that pays them, as much as on time.
#[test]
fn overtime_paid_late_is_reduced_as_on_time() {
    let pool = |connu: &str| {
        let mut pool = Pool::ville();
        pool.titulaire("A1", 390).element("A1", "IFSE", "2020-01-01,,,,210.00");
        pool.element("A1", "IHTS_14", &format!("2024-04-01,2024-04-30,{connu},10,"));
        pool
    };
    let (late, on_time) = (Chaine::new(pool("2024-06-03")), Chaine::new(pool("")));
    let (late, on_time) = (late.months("2024-04", "2024-06"), on_time.months("2024-04", "2024-06"));
    assert!(late[0].lines("A1", "REDUCTION_HS").is_empty());
    let reduced = on_time[0].sum("A1", "REDUCTION_HS");
    assert!(reduced.0 > 0 && reduced.1 < 0, "{reduced:?}");
    assert_eq!(late[2].lines("A1", "REDUCTION_HS"), [line("", reduced.0, reduced.1, reduced.2)]);
    let exempt = |months: &[Mois]| -> i64 {
        months.iter().map(|done| cents(&done.bulletin("A1")["net_imposable"])).sum()
    };
    assert!((exempt(&late) - exempt(&on_time)).abs() <= 3);
}
