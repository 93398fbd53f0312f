//! Months in a row of one agent, without an archive: what is paid, and what comes back.

use std::collections::{BTreeMap, HashMap};

use super::*;
use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::check::CheckedRuleBook;
use crate::domain::{AgentFacts, Employeur, Siret};
use crate::dossier::sample::{agent, carriere, dated, element, employeur};
use crate::dossier::{Memory, Preparer};
use crate::engine::{Engine, Payslip};
use crate::load::{EmbeddedFiles, load};
use crate::num::Fixed;
use crate::program::{Program, Target, compile};
use crate::source::SourceMap;

/// An agent of one employer, month after month.
struct Life {
    book: CheckedRuleBook,
    employeur: Employeur,
    past: Vec<Past>,
    closed: Vec<PayPeriod>,
}

/// A month that was paid.
struct Lived {
    program: Program,
    paid: Vec<Paid>,
    recomputed: Vec<Recomputed>,
}

fn month(text: &str) -> PayPeriod {
    PayPeriod::parse(text).unwrap()
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

impl Life {
    fn new() -> Self {
        let mut sources = SourceMap::default();
        let (ids, mut findings) = load(&EmbeddedFiles, "", &mut sources);
        let book = crate::rules::resolve(&sources, &ids, &mut findings).unwrap();
        let book = crate::check::check(book, &mut findings).unwrap();
        let rates = [
            ("taux_atmp", "0.0164"),
            ("taux_versement_mobilite", "0.02"),
            ("taux_cdg", "0.008"),
            ("zone_ir", "zone_3"),
        ];
        Self { book, employeur: employeur(&rates), past: Vec::new(), closed: Vec::new() }
    }

    /// Pays a month with what is known on a day, and closes it.
    fn run(&mut self, mois: &str, known: &str, facts: &AgentFacts) -> Lived {
        let period = month(mois);
        let known_on = if known == "tout" { KnownOn::Everything } else { KnownOn::Day(day(known)) };
        if self.closed.last().is_none_or(|last| last.year() != period.year()) {
            self.past.iter_mut().for_each(|past| past.views = None);
        }
        let target = |period| Target { period, known_on, au_dela: false };
        let all: Vec<PayPeriod> = self.closed.iter().copied().chain([period]).collect();
        let programs: Vec<Program> =
            all.iter().map(|&period| compile(&self.book, target(period)).unwrap()).collect();
        let preparers: Vec<Preparer<'_>> =
            programs.iter().map(|program| Preparer::new(&self.book, program).unwrap()).collect();
        let employeurs: Vec<HashMap<Siret, _>> = preparers
            .iter()
            .map(|p| HashMap::from([(Siret::NONE, p.employeur(&self.employeur))]))
            .collect();
        let closed: Vec<Closed<'_>> = programs
            .iter()
            .zip(&preparers)
            .zip(&employeurs)
            .map(|((program, preparer), employeurs)| Closed {
                program,
                code: program.digest().leak(),
                preparer,
                employeurs,
            })
            .collect();
        let mut before = closed;
        let now = before.pop().unwrap();
        let question = Question {
            months: &before,
            payment: now.program,
            limits: Limits::new(self.book.book(), period, known_on),
            closed: &|_, month| self.closed.contains(&month),
            first: &|_| self.closed.first().copied(),
            waived: &|_, _, _| false,
            facts: &|_| facts.clone(),
        };
        let mut bench = Bench::default();
        let recomputed = due(&question, &mut self.past, &mut bench);
        let mut memory = Memory::default();
        let mut engine = Engine::new(now.program);
        let payment = Payment::new(now);
        let paid = payment.pay(facts, &self.past, &recomputed, &mut engine, &mut memory);
        self.check_simple(&payment, facts, &recomputed, &paid, &mut engine, &mut memory);
        for one in &paid {
            let past = Past::of(&mut self.past, one.prepared.siret, &one.prepared.contrat);
            past.due.insert(period, Due { totals: one.due.clone(), inputs: one.inputs });
            past.views.clone_from(&one.views);
            past.solde = one.solde;
        }
        self.closed.push(period);
        drop(payment);
        drop(bench);
        drop(before);
        drop(employeurs);
        drop(preparers);
        let program = programs.into_iter().next_back().unwrap();
        Lived { program, paid, recomputed }
    }

    /// Without a rappel, the passes give the payslip of a single one.
    fn check_simple(
        &self,
        payment: &Payment<'_>,
        facts: &AgentFacts,
        recomputed: &[Recomputed],
        paid: &[Paid],
        engine: &mut Engine<'_>,
        memory: &mut Memory,
    ) {
        if Payment::needed(&self.past, recomputed) {
            return;
        }
        let mut facts = facts.clone();
        for past in &self.past {
            if let Some(views) = &past.views {
                let year = payment.month.program.period.year();
                facts.cumuls.extend(views.paye.cumuls(past, year, facts.agent.reference));
            }
        }
        let employeur = |siret| payment.month.employeurs.get(&siret);
        let prepared = payment.month.preparer.agent(&facts, employeur, memory);
        for (one, paid) in prepared.iter().zip(paid) {
            let mut payslip = Payslip::default();
            engine.run(&one.dossier, &mut payslip);
            assert_eq!(payslip, paid.payslip, "{}", payment.month.program.period);
        }
    }
}

impl Lived {
    /// The lines of a rubrique as printed: month of origin, base, agent side, employer side.
    fn lines(&self, nom: &str) -> Vec<(String, i64, i64, i64)> {
        let item = self.program.item(nom).unwrap();
        let lines = self.paid[0].payslip.lines.iter().filter(|line| line.item == item);
        lines
            .map(|line| {
                let origin = line.origine.map_or_else(String::new, |month| month.to_string());
                let cents = |value: Option<i64>| value.unwrap_or(0);
                let sides = (cents(line.montant_agent), cents(line.montant_employeur));
                (origin, cents(line.base), sides.0, sides.1)
            })
            .collect()
    }

    fn sum(&self, nom: &str) -> (i64, i64, i64) {
        self.lines(nom)
            .iter()
            .fold((0, 0, 0), |sum, line| (sum.0 + line.1, sum.1 + line.2, sum.2 + line.3))
    }

    fn months(&self) -> Vec<String> {
        let moved = self.recomputed.iter().filter(|one| one.etat == Etat::Ecart);
        moved.map(|one| one.mois.to_string()).collect()
    }
}

/// An agent of indice 390, then 400 from a day that is learned later.
fn promoted(depuis: &str, connu_le: &str) -> AgentFacts {
    let mut late = carriere(depuis, 400, "100");
    late.dated.connu_le = Some(day(connu_le));
    agent(vec![carriere("2020-01-01", 390, "100"), late], 0)
}

/// The worked example of an advancement three months back: 1,969.11 - 1,919.89 = 49.22 a month,
/// 147.66 in three lines.
#[test]
fn a_promotion_learned_three_months_late() {
    let mut life = Life::new();
    let facts = promoted("2024-02-01", "2024-05-03");
    for mois in ["2024-01", "2024-02", "2024-03", "2024-04"] {
        let lived = life.run(mois, &format!("{mois}-25"), &facts);
        assert_eq!(lived.lines("TIB"), [(String::new(), 0, 191_989, 0)]);
    }
    let may = life.run("2024-05", "2024-05-25", &facts);
    assert_eq!(may.months(), ["2024-02", "2024-03", "2024-04"]);
    let line = |origin: &str, amount| (origin.to_owned(), 0, amount, 0);
    assert_eq!(
        may.lines("TIB"),
        [line("", 196_911), line("2024-02", 4922), line("2024-03", 4922), line("2024-04", 4922)]
    );
    // CNRACL: at the month of origin, 11.1 % and 31.65 % of the difference of bases, each rounded
    // as that month's: 218.57 - 213.11 = 5.46; 623.22 - 607.65 = 15.57.
    let cnracl = may.lines("CNRACL");
    assert_eq!(cnracl.len(), 4);
    assert_eq!(cnracl[1], ("2024-02".to_owned(), 4922, 546, 1557));
    // URSSAF of the same year: in the line of May, on what May pays.
    assert_eq!(may.lines("AF").len(), 1);
    assert_eq!(may.sum("AF").0, 196_911 + 14_766);
    // CSG, RAFP, PAS: in May as well.
    assert_eq!(may.lines("CSG_DEDUCTIBLE").len(), 1);
    let june = life.run("2024-06", "2024-06-25", &facts);
    assert_eq!(june.months(), [""; 0]);
    assert_eq!(june.lines("TIB"), [line("", 196_911)]);
    assert_eq!(june.lines("CNRACL").len(), 1);
    assert!(june.recomputed.is_empty(), "{:?}", june.recomputed);
}

/// Across a year end: URSSAF of the former year at the month of origin, of the year in the month.
#[test]
fn a_promotion_five_months_late_across_a_year_end() {
    let mut life = Life::new();
    let facts = promoted("2023-11-01", "2024-03-10");
    for mois in ["2023-09", "2023-10", "2023-11", "2023-12", "2024-01", "2024-02"] {
        life.run(mois, &format!("{mois}-25"), &facts);
    }
    let march = life.run("2024-03", "2024-03-25", &facts);
    assert_eq!(march.months(), ["2023-11", "2023-12", "2024-01", "2024-02"]);
    let origins: Vec<String> = march.lines("AF").into_iter().map(|line| line.0).collect();
    assert_eq!(origins, ["", "2023-11", "2023-12"]);
    // 2023: 49.23 a month at 59.0734; 390 then 400 points, as in 2024 less the 5 points of January.
    let tib = march.lines("TIB");
    assert_eq!(tib.len(), 5);
    assert_eq!(march.lines("AF")[0].1, tib[0].2 + tib[3].2 + tib[4].2);
    assert!(life.run("2024-04", "2024-04-25", &facts).recomputed.is_empty());
}

/// CNRACL 31.65 % of January 2024 was published on the 31st: paid on the 25th at 30.65 %, one
/// point of the traitement comes with February, on the employer side alone.
#[test]
fn a_rate_published_after_the_pay() {
    let mut life = Life::new();
    let facts = agent(vec![carriere("2020-01-01", 518, "100")], 0);
    let january = life.run("2024-01", "2024-01-25", &facts);
    // 59.0734 × 518 ÷ 12 = 2,550.00; × 30.65 % = 781.58, × 31.65 % = 807.08.
    assert_eq!(january.lines("CNRACL"), [(String::new(), 255_000, 28_305, 78_158)]);
    let february = life.run("2024-02", "2024-02-25", &facts);
    assert_eq!(
        february.lines("CNRACL"),
        [(String::new(), 255_000, 28_305, 80_708), ("2024-01".to_owned(), 0, 0, 2550),]
    );
    assert_eq!(february.lines("TIB").len(), 1);
    assert!(life.run("2024-03", "2024-03-25", &facts).recomputed.is_empty());
}

/// Corrected three times over: what is paid in all is what was due, month by month.
#[test]
fn a_correction_of_a_correction_of_a_correction() {
    let mut life = Life::new();
    let mut facts = agent(vec![carriere("2020-01-01", 390, "100")], 1);
    for (depuis, im, connu_le) in [
        ("2024-01-01", 400, "2024-03-10"),
        ("2024-02-01", 410, "2024-04-10"),
        ("2024-01-01", 395, "2024-05-10"),
        ("2024-02-01", 395, "2024-05-11"),
    ] {
        let mut row = carriere(depuis, im, "100");
        row.dated.connu_le = Some(day(connu_le));
        facts.carrieres.push(row);
    }
    let mut paid: BTreeMap<String, i64> = BTreeMap::new();
    let mut last = None;
    for mois in ["2024-01", "2024-02", "2024-03", "2024-04", "2024-05", "2024-06", "2024-07"] {
        let lived = life.run(mois, &format!("{mois}-25"), &facts);
        for (origin, _, amount, _) in lived.lines("TIB") {
            let origin = if origin.is_empty() { mois.to_owned() } else { origin };
            *paid.entry(origin).or_default() += amount;
        }
        last = Some(lived);
    }
    assert_eq!(last.unwrap().months(), [""; 0]);
    // 59.0734 × 395 ÷ 12 = 1,944.50 each month.
    for (origin, amount) in paid {
        assert_eq!(amount, 194_450, "{origin}");
    }
}

/// The year-end truth: what the year paid is what a year lived without a delay would have paid,
/// for every line at the month of origin.
#[test]
fn a_year_with_delays_pays_what_a_year_without_pays() {
    let mut late = Life::new();
    let mut facts = promoted("2024-03-01", "2024-07-02");
    let mut hours = element("IHTS_14");
    (hours.dated, hours.nombre) = (dated("2024-04-01", Some("2024-04-30")), Fixed::parse("6").ok());
    hours.dated.connu_le = Some(day("2024-06-10"));
    facts.elements.push(hours);
    let mut prime = element("IFSE");
    prime.montant = Fixed::parse("210.00").ok();
    facts.elements.push(prime);
    let mut on_time = Life::new();
    let mut totals: HashMap<&str, [(i64, i64, i64); 2]> = HashMap::new();
    const NAMES: [&str; 8] = ["TIB", "IR", "IFSE", "IHTS_14", "CNRACL", "ATIACL", "RAFP", "BRUT"];
    for number in 1..=12 {
        let mois = format!("2024-{number:02}");
        let lived =
            [late.run(&mois, &format!("{mois}-25"), &facts), on_time.run(&mois, "tout", &facts)];
        for nom in NAMES {
            let sums = totals.entry(nom).or_default();
            for (sum, lived) in sums.iter_mut().zip(&lived) {
                let more = lived.sum(nom);
                *sum = (sum.0 + more.0, sum.1 + more.1, sum.2 + more.2);
            }
        }
    }
    for nom in NAMES {
        let [late, on_time] = totals[nom];
        if nom == "CNRACL" {
            // The rate of January 2024 was published on the 31st, and came with February.
            assert_eq!((late.0, late.1), (on_time.0, on_time.1));
        }
        assert_eq!(late.0, on_time.0, "{nom}, base");
        if nom == "RAFP" {
            // Rounded once in the month of payment, not in each month of origin.
            continue;
        }
        assert_eq!(late.1, on_time.1, "{nom}, agent");
        assert_eq!(late.2, on_time.2, "{nom}, employeur");
    }
}
