//! What closed months are due with the facts and the rules known now, against the ledger.

use std::collections::{BTreeMap, HashMap};

use crate::calendar::{Day, PayPeriod};
use crate::diag::{Code, Severity};
use crate::domain::{AgentFacts, Cumul, Siret, Word, in_force};
use crate::dossier::{EmployeurMonth, Finding, Memory, Prepared, Preparer};
use crate::engine::{Engine, PayLine, Payslip};
use crate::program::{ItemInfo, Program};
use crate::rules::{Nature, RappelMode};

use super::digest::{Inputs, inputs};
use super::ledger::{Due, Past, Sums, Totals, totals};
use super::limits::{Limite, Limits};

/// A month under the rules known now.
pub struct Closed<'a> {
    /// The compiled month.
    pub program: &'a Program,
    /// Its digest.
    pub code: &'a str,
    /// Facts to inputs.
    pub preparer: &'a Preparer<'a>,
    /// Employers of the pool in that month.
    pub employeurs: &'a HashMap<Siret, EmployeurMonth<'a>>,
}

/// What became of a month that was computed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Etat {
    /// Nothing that a payslip shows differs.
    Inchange,
    /// The difference is to be paid, or taken back.
    Ecart,
    /// It differs and is left alone.
    HorsLimite(Limite),
    /// It cannot be computed any more.
    Impossible(Vec<Finding>),
}

/// One month of one contract, computed again.
#[derive(Clone, Debug)]
pub struct Recomputed {
    /// The employer.
    pub siret: Siret,
    /// The contract.
    pub contrat: Word,
    /// The month.
    pub mois: PayPeriod,
    /// What became of it.
    pub etat: Etat,
    /// What is due more, item by item; zero for a month that is left alone.
    pub ecarts: Totals,
    /// What would be due more for a month that is beyond the limits and left alone.
    pub laisses: Totals,
    /// What the new due was computed from.
    pub inputs: Option<Inputs>,
    /// What the payslip of the month of payment shows for it.
    pub lignes: Vec<PayLine>,
}

impl Recomputed {
    /// What the agent gains or loses by the lines, in cents.
    pub fn net(&self, program: &Program) -> i64 {
        net(program, &self.lignes)
    }
}

/// Whether a contract has a waiver, in a month, of a control of this name.
pub type Waived<'a> = dyn Fn((Siret, &str), PayPeriod, &str) -> bool + 'a;

/// What is asked about the closed months of an agent.
pub struct Question<'a, 'p> {
    /// The months, in order.
    pub months: &'a [Closed<'p>],
    /// The program of the month in which the difference will be paid: its modes count.
    pub payment: &'a Program,
    /// How far back a correction goes.
    pub limits: Limits,
    /// Whether the month of an employer is closed.
    pub closed: &'a dyn Fn(Siret, PayPeriod) -> bool,
    /// The first closed month of an employer.
    pub first: &'a dyn Fn(Siret) -> Option<PayPeriod>,
    /// Whether a blocking control, by its name, was waived for a contract in a month.
    pub waived: &'a Waived<'a>,
    /// The facts that count for a month.
    pub facts: &'a dyn Fn(PayPeriod) -> AgentFacts,
}

/// What is kept between agents: what the preparation remembers, and the engine of each month.
#[derive(Default)]
pub struct Bench<'p> {
    /// What the preparation remembers.
    pub memory: Memory,
    engines: BTreeMap<PayPeriod, Engine<'p>>,
}

/// Computes the months again, in order: what one month is due changes the totals that the later
/// months of its year read. `past` holds the ledger from the start of the year of the first month,
/// and is brought up to date.
pub fn due<'p>(
    question: &Question<'_, 'p>,
    past: &mut Vec<Past>,
    bench: &mut Bench<'p>,
) -> Vec<Recomputed> {
    due_seen(question, past, bench, &mut |_, _, _| {})
}

/// The same; `see` is shown the facts and the contracts of each month before it is computed.
pub fn due_seen<'p>(
    question: &Question<'_, 'p>,
    past: &mut Vec<Past>,
    bench: &mut Bench<'p>,
    see: &mut dyn FnMut(PayPeriod, &AgentFacts, &[Prepared]),
) -> Vec<Recomputed> {
    let mut found = Vec::new();
    for closed in question.months {
        let month = closed.program.period;
        let mut facts = (question.facts)(month);
        facts.cumuls = cumuls(past, month, &facts);
        let employeur = |siret| closed.employeurs.get(&siret);
        let prepared = closed.preparer.agent(&facts, employeur, &mut bench.memory);
        see(month, &facts, &prepared);
        let engine = bench.engines.entry(month).or_insert_with(|| Engine::new(closed.program));
        for contract in &prepared {
            let (siret, contrat) = (contract.siret, &contract.contrat);
            if !(question.closed)(siret, month) || !present(contract) {
                continue;
            }
            let past = Past::of(past, siret, contrat);
            found.extend(question.contract(closed, contract, &facts, past, engine));
        }
        // A contract that the facts no longer have in that month was paid for nothing.
        for past in past.iter_mut() {
            let here = |one: &&Prepared| past.is(one.siret, &one.contrat);
            let still = prepared.iter().find(here).is_some_and(present);
            let known = past.due.get(&month).is_some_and(|due| !due.totals.is_empty());
            if !still && known && (question.closed)(past.siret, month) {
                let statut = question.statut(&facts, past);
                found.push(question.settle(closed, past, Due::default(), statut));
            }
        }
    }
    found
}

/// Whether a contract has a day in the month: one whose rows cannot be used has no segment, and is
/// there all the same.
pub fn present(contract: &Prepared) -> bool {
    !contract.segments.is_empty() || errors(contract).next().is_some()
}

fn errors(contract: &Prepared) -> impl Iterator<Item = &Finding> {
    contract.findings.iter().filter(|finding| finding.code.severity() == Severity::Error)
}

/// The yearly totals of every contract before a month, on what is due.
fn cumuls(past: &[Past], month: PayPeriod, facts: &AgentFacts) -> Vec<Cumul> {
    let reference = facts.agent.reference;
    past.iter()
        .flat_map(|past| past.due_before(month).cumuls(past, month.year(), reference))
        .collect()
}

impl Question<'_, '_> {
    /// One contract in one month; `None` when it is computed from the same as before.
    fn contract(
        &self,
        closed: &Closed<'_>,
        contract: &Prepared,
        facts: &AgentFacts,
        past: &mut Past,
        engine: &mut Engine<'_>,
    ) -> Option<Recomputed> {
        let month = closed.program.period;
        let from = inputs(closed.code, closed.program, contract);
        let known = past.due.get(&month);
        if known.is_some_and(|due| due.inputs == Some(from)) {
            return None;
        }
        if !past.known_by(month) && self.taken_over(facts, past) {
            return Some(alone(past, month, Etat::HorsLimite(Limite::Reprise)));
        }
        let errors: Vec<Finding> = errors(contract).cloned().collect();
        if !errors.is_empty() {
            return Some(alone(past, month, Etat::Impossible(errors)));
        }
        let mut payslip = Payslip::default();
        engine.run(&contract.dossier, &mut payslip);
        let printed = |item: usize| closed.program.items.get(item).is_some_and(|i| i.printed);
        if !payslip.blocking(printed).is_empty() {
            return Some(alone(past, month, Etat::Impossible(Vec::new())));
        }
        let totals = totals(closed.program, &payslip, |_| true);
        let statut = self.statut(facts, past);
        // What would not have been paid in its month is not paid after it either.
        let refused = self.refused(closed.program, past, &payslip);
        if !refused.is_empty() && self.differs(past, month, &totals, statut) {
            return Some(alone(past, month, Etat::Impossible(refused)));
        }
        Some(self.settle(closed, past, Due { totals, inputs: Some(from) }, statut))
    }

    /// Whether a contract that no closed month has known so far started before its employer's first
    /// one: it was paid elsewhere, and only arrives.
    fn taken_over(&self, facts: &AgentFacts, past: &Past) -> bool {
        let rows = facts.carrieres.iter().filter(|row| past.is(row.siret, &row.contrat));
        let start = rows.map(|row| row.dated.depuis).min();
        let first = (self.first)(past.siret).map(PayPeriod::first_day);
        start.zip(first).is_some_and(|(start, first)| start < first)
    }

    /// The statut in the month of payment, which chooses the modes; empty for a contract that has
    /// ended by then: it has no payment to follow, and former years keep their own rates.
    fn statut(&self, facts: &AgentFacts, past: &Past) -> &'static str {
        let (period, known_on) = (self.payment.period, self.payment.known_on);
        let rows = facts.carrieres.iter().filter(|row| past.is(row.siret, &row.contrat));
        let begins = rows.clone().filter(|row| row.dated.started(period.last_day(), known_on));
        let begins = begins.map(|row| row.dated.depuis.max(period.first_day())).min();
        let days = begins.into_iter().chain(rows.clone().map(|row| row.dated.depuis));
        let mut days: Vec<Day> = days.filter(|day| period.contains(*day)).collect();
        days.sort_unstable();
        let found = days.into_iter().find_map(|day| in_force(rows.clone(), day, known_on));
        found.map_or("", |row| row.statut.name())
    }

    /// The blocking controls that hold and that nobody waived.
    fn refused(&self, program: &Program, past: &Past, payslip: &Payslip) -> Vec<Finding> {
        let held = payslip.controles.iter().filter_map(|item| program.items.get(*item));
        let held = held.filter_map(|info| Some((&info.nom, info.controle.as_ref()?)));
        let contract = (past.siret, &*past.contrat);
        let waived = |nom: &str| (self.waived)(contract, program.period, nom);
        held.filter(|(nom, controle)| controle.bloquant && !waived(nom))
            .map(|(_, controle)| Finding {
                code: Code::W921,
                reference: None,
                message: controle.message.clone(),
                remede: controle.remede.clone(),
            })
            .collect()
    }

    /// Whether a month would show a line.
    fn differs(&self, past: &Past, month: PayPeriod, now: &Totals, statut: &str) -> bool {
        let before = past.due.get(&month).map(|due| due.totals.clone()).unwrap_or_default();
        !lines(month, &now.minus(&before), self.payment, statut).is_empty()
    }

    /// Compares what is due now with the ledger, and brings the ledger up to date.
    fn settle(&self, closed: &Closed<'_>, past: &mut Past, now: Due, statut: &str) -> Recomputed {
        let mois = closed.program.period;
        let before = past.due.get(&mois).map(|due| due.totals.clone()).unwrap_or_default();
        let ecarts = now.totals.minus(&before);
        let lignes = lines(mois, &ecarts, self.payment, statut);
        if !lignes.is_empty() {
            let net = net(self.payment, &lignes);
            if let Some(limite) = self.limits.beyond(mois, self.payment.period, net) {
                let mut one = alone(past, mois, Etat::HorsLimite(limite));
                one.laisses = ecarts;
                return one;
            }
        }
        let etat = if lignes.is_empty() { Etat::Inchange } else { Etat::Ecart };
        let mut one = alone(past, mois, etat);
        (one.ecarts, one.inputs, one.lignes) = (ecarts, now.inputs, lignes);
        past.due.insert(mois, now);
        one
    }
}

fn alone(past: &Past, mois: PayPeriod, etat: Etat) -> Recomputed {
    Recomputed {
        siret: past.siret,
        contrat: Word::clone(&past.contrat),
        mois,
        etat,
        ecarts: Totals::default(),
        laisses: Totals::default(),
        inputs: past.due.get(&mois).and_then(|due| due.inputs),
        lignes: Vec::new(),
    }
}

/// The mode of an item for a contract of this statut.
pub fn mode(info: &ItemInfo, statut: &str) -> RappelMode {
    if info.rappel_paiement.iter().any(|other| other == statut) {
        RappelMode::Paiement
    } else {
        info.rappel
    }
}

/// The lines that a difference of `mois` puts on the payslip of the month of payment, in its
/// order. Items have the same places in both months: they come from one book.
fn lines(mois: PayPeriod, ecarts: &Totals, payment: &Program, statut: &str) -> Vec<PayLine> {
    let mut lines = Vec::new();
    for &item in &payment.print_order {
        let Some(info) = payment.items.get(item) else { continue };
        let ecart = ecarts.get(&info.nom);
        if !info.printed || info.nature == Nature::Total || ecart.is_zero() {
            continue;
        }
        let former = mois.year() < payment.period.year();
        let shown = match mode(info, statut) {
            RappelMode::Origine => true,
            RappelMode::Annee => info.sides.is_some() && (former || rate_only(ecart)),
            // Where the base did not move, the rate was wrong: no payment of the current month
            // would ever correct it.
            RappelMode::Paiement => info.sides.is_some() && rate_only(ecart),
        };
        if shown {
            lines.push(line(item, info, ecart, mois));
        }
    }
    lines
}

fn rate_only(ecart: Sums) -> bool {
    ecart.base == 0 && (ecart.agent != 0 || ecart.employeur != 0)
}

fn line(item: usize, info: &ItemInfo, ecart: Sums, origine: PayPeriod) -> PayLine {
    let some = |cents: i64| (cents != 0).then_some(cents);
    let sided = info.sides.is_some();
    PayLine {
        item,
        element: None,
        absence: None,
        origine: Some(origine),
        nombre: None,
        base: if sided { Some(ecart.base) } else { None },
        taux_agent: None,
        montant_agent: if sided { some(ecart.agent) } else { Some(ecart.montant) },
        taux_employeur: None,
        montant_employeur: some(ecart.employeur),
    }
}

/// What lines change for the agent, in cents.
fn net(program: &Program, lines: &[PayLine]) -> i64 {
    let sign = |line: &PayLine| match program.items.get(line.item).map(|info| info.nature) {
        Some(Nature::Gain | Nature::NonSoumis) => 1,
        Some(Nature::Cotisation | Nature::Retenue) => -1,
        _ => 0,
    };
    lines.iter().map(|line| sign(line) * line.montant_agent.unwrap_or(0)).sum()
}
