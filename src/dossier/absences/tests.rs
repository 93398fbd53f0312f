//! Absences of invented agents under the national rules.

use std::sync::OnceLock;

use super::super::sample::{Month, absence, agent, carriere, employeur};
use super::super::{Memory, Prepared};
use super::*;
use crate::calendar::{KnownOn, PayPeriod};
use crate::domain::{AgentFacts, Quotite};
use crate::engine::{Engine, Payslip};
use crate::num::Ratio;
use crate::program::{Program, Target, compile};

fn facts(quotite: &str, absences: Vec<Absence>) -> AgentFacts {
    let mut facts = agent(vec![carriere("2020-01-01", 400, quotite)], 0);
    facts.absences = absences;
    facts
}

/// The national rules, read once; each month is compiled from them.
fn program(mois: &str) -> (&'static Month, Program) {
    static NATIONAL: OnceLock<Month> = OnceLock::new();
    let national = NATIONAL.get_or_init(|| Month::national("2026-04"));
    let period = PayPeriod::parse(mois).unwrap();
    let target = Target { period, known_on: KnownOn::Everything, au_dela: false };
    (national, compile(&national.book, target).unwrap())
}

fn prepared_for(national: &Month, program: &Program, facts: &AgentFacts) -> Prepared {
    let zone = [("zone_ir", "zone_1"), ("taux_atmp", "0.0164"), ("taux_cdg", "0.008")];
    let employeur = employeur(&zone);
    let preparer = Preparer::new(&national.book, program).unwrap();
    let here = preparer.employeur(&employeur);
    preparer.agent(facts, |_| Some(&here), &mut Memory::default()).remove(0)
}

fn prepared(mois: &str, facts: &AgentFacts) -> Prepared {
    let (national, program) = program(mois);
    prepared_for(national, &program, facts)
}

/// Motif, first and last day of the month, and part.
fn pieces(prepared: &Prepared) -> Vec<(String, u32, u32, (i64, i64))> {
    assert_eq!(prepared.findings, []);
    let pieces = prepared.absences.iter();
    pieces.map(|p| (p.motif.to_string(), p.first.day(), p.last.day(), p.input.part)).collect()
}

fn piece(motif: &str, first: u32, last: u32, days: i64) -> (String, u32, u32, (i64, i64)) {
    (motif.to_owned(), first, last, (days, 30))
}

fn codes(prepared: &Prepared) -> Vec<&'static str> {
    prepared.findings.iter().map(|finding| finding.code.name()).collect()
}

/// What is paid under a rubrique, in cents.
fn paid(mois: &str, facts: &AgentFacts, code: &str) -> i64 {
    let (national, program) = program(mois);
    let prepared = prepared_for(national, &program, facts);
    let mut payslip = Payslip::default();
    Engine::new(&program).run(&prepared.dossier, &mut payslip);
    let mine = |item: usize| program.items.get(item).is_some_and(|info| info.code == code);
    payslip.lines.iter().filter(|l| mine(l.item)).filter_map(|l| l.montant_agent).sum()
}

#[test]
fn days_of_right_and_days_of_pay() {
    let whole = facts("100", vec![absence("maladie_ordinaire", "2026-01-01", "2026-01-31")]);
    let january = pieces(&prepared("2026-01", &whole));
    assert_eq!(january, [piece("carence", 1, 1, 1), piece("maladie_90", 2, 31, 29)]);
    // Thirty-one days of right: fifty-nine are left from February on.
    let long = facts("100", vec![absence("maladie_ordinaire", "2026-01-01", "2026-04-30")]);
    let april = pieces(&prepared("2026-04", &long));
    assert_eq!(april, [piece("demi_traitement", 1, 30, 30)]);
    let march = pieces(&prepared("2026-03", &long));
    assert_eq!(march, [piece("maladie_90", 1, 31, 30)]);
}

#[test]
fn the_published_amounts() {
    let ten = |granted: Option<&str>, exempt: bool| {
        let mut row = absence("maladie_ordinaire", "2025-04-01", "2025-04-10");
        row.accorde_le = granted.map(|day| Day::parse(day).unwrap());
        row.sans_carence = exempt;
        facts("100", vec![row])
    };
    assert_eq!(paid("2025-04", &ten(None, false), "TIB"), 184_440);
    assert_eq!(paid("2025-04", &ten(None, true), "TIB"), 190_348);
    assert_eq!(paid("2025-04", &ten(Some("2025-02-28"), true), "TIB"), 196_911);
    let long = facts("100", vec![absence("clm", "2024-03-01", "2026-12-31")]);
    assert_eq!(paid("2025-04", &long, "TIB"), 98_456);
    // Half pay of a half-timer: a quarter.
    let half = facts("50", vec![absence("maladie_ordinaire", "2026-01-01", "2026-05-31")]);
    assert_eq!(paid("2026-05", &half, "TIB"), 49_228);
}

#[test]
fn a_renewal_has_its_own_rate_and_no_waiting_day() {
    let mut renewal = absence("maladie_ordinaire", "2025-03-10", "2025-03-20");
    renewal.prolongation = true;
    let first = absence("maladie_ordinaire", "2025-02-24", "2025-03-09");
    let found = pieces(&prepared("2025-03", &facts("100", vec![first, renewal])));
    assert_eq!(found, [piece("plein_traitement", 1, 9, 9), piece("maladie_90", 10, 20, 11)]);
}

#[test]
fn no_waiting_day_when_the_law_had_none() {
    let spring = facts("100", vec![absence("maladie_ordinaire", "2020-05-04", "2020-05-05")]);
    let (national, _) = program("2024-06");
    let table = national.book.book().tables.get("carence_absence").unwrap();
    let days = |day: &str| {
        let day = Day::parse(day).unwrap();
        table.lookup("maladie_ordinaire", day, KnownOn::Everything).unwrap().0
    };
    assert_eq!(days(&spring.absences[0].debut.to_string()), "0");
    assert_eq!([days("2011-12-31"), days("2012-01-01"), days("2013-12-31")], ["0", "1", "1"]);
    assert_eq!([days("2017-12-31"), days("2018-01-01"), days("2026-01-01")], ["0", "1", "1"]);
}

#[test]
fn a_row_learned_later_corrects_the_former() {
    let mut later = absence("maladie_ordinaire", "2026-04-07", "2026-04-08");
    later.connu_le = Day::parse("2026-04-20").ok();
    let former = absence("maladie_ordinaire", "2026-04-07", "2026-04-30");
    let found = pieces(&prepared("2026-04", &facts("100", vec![former, later])));
    assert_eq!(found, [piece("carence", 7, 7, 1), piece("maladie_90", 8, 8, 1)]);
}

#[test]
fn maternity_gives_back_full_time() {
    let facts = facts("80", vec![absence("maternite", "2026-04-16", "2026-07-31")]);
    let found = prepared("2026-04", &facts);
    let quotites: Vec<Ratio> = found.segments.iter().map(|segment| segment.quotite).collect();
    assert_eq!(quotites, [Ratio::new(6, 7).unwrap(), Ratio::ONE]);
    assert_eq!(pieces(&found), [piece("plein_traitement", 16, 30, 15)]);
    let whole = prepared("2026-05", &facts);
    assert_eq!((whole.segments.len(), whole.segments[0].quotite), (1, Ratio::ONE));
}

#[test]
fn seniority_sets_the_rights_of_a_contractuel() {
    let of = |since: &str| {
        let mut row = carriere(since, 400, "100");
        row.statut = Statut::Contractuel;
        let mut facts = agent(vec![row], 0);
        facts.absences = vec![absence("maladie_ordinaire", "2026-03-02", "2026-04-30")];
        pieces(&prepared("2026-04", &facts))
    };
    assert_eq!(of("2026-01-01"), [piece("sans_traitement", 1, 30, 30)]);
    assert_eq!(of("2025-06-01"), [piece("demi_traitement", 1, 30, 30)]);
    assert_eq!(of("2024-02-01"), [piece("maladie_90", 1, 30, 30)]);
}

#[test]
fn hours_are_those_of_the_working_time() {
    let strike = |quotite: &str, hours: &str| {
        let mut row = absence("greve", "2026-04-02", "2026-04-02");
        row.heures = Fixed::parse(hours).ok();
        prepared("2026-04", &facts(quotite, vec![row])).absences[0].input.clone()
    };
    // 3 ÷ 151.67, and 2 ÷ (151.67 ÷ 2).
    assert_eq!(strike("100", "3").part, (300, 15_167));
    assert_eq!(strike("50", "2").part, (400, 15_167));
    assert_eq!(strike("100", "3").nombre, 30_000);
    let mut half = absence("greve", "2026-04-02", "2026-04-02");
    half.demi_journees = Some(1);
    let found = prepared("2026-04", &facts("100", vec![half]));
    assert_eq!(found.absences[0].input.part, (1, 60));
    assert_eq!(found.absences[0].label("IFSE"), "IFSE : absence");
}

#[test]
fn days_without_pay_reduce_the_ceiling() {
    let part = |nature: &str| {
        let facts = facts("100", vec![absence(nature, "2026-04-11", "2026-04-20")]);
        let found = prepared("2026-04", &facts);
        let layout = program("2026-04").1.layout;
        let before = layout.mois.iter().take_while(|input| input.nom != "periode.part_plafond");
        let at: usize = before.map(|input| if input.ratio { 2 } else { 1 }).sum();
        (found.dossier.mois[at], found.dossier.mois[at + 1])
    };
    assert_eq!(part("service_non_fait"), (2, 3));
    assert_eq!(part("maternite"), (1, 1));
}

#[test]
fn what_cannot_be_paid_is_named() {
    let of = |rows: Vec<Absence>| codes(&prepared("2026-04", &facts("100", rows)));
    let row = |nature: &str| absence(nature, "2026-04-07", "2026-04-10");
    assert_eq!(of(vec![row("maladie")]), ["E730"]);
    assert_eq!(of(vec![row("clm"), row("maladie_ordinaire")]), ["E731"]);
    assert_eq!(of(vec![absence("maladie_ordinaire", "2025-04-01", "2026-04-10")]), ["E732"]);
    assert_eq!(of(vec![row("cgm")]), ["E733"]);
    let with = |mut row: Absence, hours: &str| {
        row.heures = Fixed::parse(hours).ok();
        of(vec![row])
    };
    assert_eq!(with(row("clm"), "3"), ["E734"]);
    assert_eq!(with(row("greve"), "300"), ["E735"]);
    // Private-law contracts have their own law, which these rules do not hold.
    let mut private = carriere("2020-01-01", 400, "100");
    private.statut = Statut::ContratAide;
    let mut facts = agent(vec![private], 0);
    facts.absences = vec![row("maternite")];
    assert_eq!(codes(&prepared("2026-04", &facts)), ["E733"]);
    let mut late = carriere("2026-04-15", 400, "100");
    late.quotite = Quotite::parse("100").unwrap();
    let mut facts = agent(vec![late], 0);
    facts.absences = vec![row("greve")];
    assert_eq!(codes(&prepared("2026-04", &facts)), ["W920"]);
}
