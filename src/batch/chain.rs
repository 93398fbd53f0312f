//! The month after closed ones: which earlier months each agent needs computed again, and what
//! that changes in its payslip.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::check::CheckedRuleBook;
use crate::domain::{
    AgentFacts, ChangeKind, Changed, Employeur, HasDates, Precedent, Siret, Word, changes,
    employer_changes, keep_former,
};
use crate::dossier::Prepared;
use crate::engine::{Engine, Payslip};
use crate::program::Program;
use crate::rappel::{
    Bench, Closed, Inputs, Limits, Paid, Past, Payment, Question, Recomputed, due_seen, inputs,
    totals,
};

use super::history::{AgentState, Desk, History, HistoryError};
use super::memo::{Former, Memo};
use super::ready::{Ready, rules_digest};

/// Closed months, and from which one each employer needs them computed again.
pub struct Chain<'a> {
    /// The closed months.
    pub history: &'a History,
    /// The same under the rules known now, in order.
    months: Vec<Ready<'a>>,
    limits: Limits,
    known_on: KnownOn,
    /// For each employer, the first closed month whose rules or settings have changed, and why.
    moved: BTreeMap<Siret, (PayPeriod, &'static str)>,
    /// Digest of all that the rules say of the month being paid.
    rules: String,
}

impl<'a> Chain<'a> {
    /// Compares the rules and the settings of employers with those of the last closed run of each.
    /// `texts` is the digest of the rule texts, `code` that of the month being paid.
    pub fn new(
        history: &'a History,
        months: Vec<Ready<'a>>,
        (now, code): (&Program, &str),
        (book, texts): (&CheckedRuleBook, &str),
        pool: &BTreeMap<Siret, Employeur>,
    ) -> Result<Self, HistoryError> {
        let known_on = now.known_on;
        let limits = Limits::new(book.book(), now.period, known_on);
        let rules = rules_digest(book, now, code);
        let mut chain = Self { history, months, limits, known_on, moved: BTreeMap::new(), rules };
        let mut by_run = BTreeMap::new();
        for (siret, employer) in pool {
            let Some(place) = history.last(*siret) else { continue };
            let rules = match by_run.entry(place) {
                Entry::Occupied(known) => *known.get(),
                Entry::Vacant(new) => *new.insert(chain.first_moved(place, book, texts)?),
            };
            let rules = rules.map(|month| (month, "règles"));
            let before = history.context(place)?;
            let known = history.run(place).map_or(KnownOn::Everything, |run| run.known_on);
            let day = before
                .employeur(*siret)
                .and_then(|before| employer_changes(before, employer, known, known_on));
            let settings = day.map(|day| (PayPeriod::of(day), "paramètres de l'employeur"));
            if let Some(first) = rules.into_iter().chain(settings).min() {
                chain.moved.insert(*siret, first);
            }
        }
        Ok(chain)
    }

    /// The first closed month of which the rules do not say what a run was told.
    fn first_moved(
        &self,
        place: usize,
        book: &CheckedRuleBook,
        texts: &str,
    ) -> Result<Option<PayPeriod>, HistoryError> {
        let before = self.history.programmes(place)?;
        // The same texts say the same of months before anything that became public since.
        let known = self.history.run(place).map_or(KnownOn::Everything, |run| run.known_on);
        let since = match self.history.same_rules(place, texts)? {
            true => match book.learned(known, self.known_on) {
                Some(day) => PayPeriod::of(day),
                None => return Ok(None),
            },
            false => PayPeriod::of(Day::EARLIEST),
        };
        for ready in self.months.iter().filter(|ready| ready.period >= since) {
            let Some(code) = before.get(&ready.period) else { continue };
            if ready.rules()?.is_some_and(|now| now != code) {
                return Ok(Some(ready.period));
            }
        }
        Ok(None)
    }

    /// The digests of the closed months and of `now`, for the next run.
    ///
    /// Errors: the rules ask for what the program does not provide.
    pub fn programmes(&self, now: &Program) -> Result<String, HistoryError> {
        let mut text = String::from("mois,empreinte\n");
        for ready in &self.months {
            if let Some(rules) = ready.rules()? {
                text.push_str(&format!("{},{rules}\n", ready.period));
            }
        }
        text.push_str(&format!("{},{}\n", now.period, self.rules));
        Ok(text)
    }
}

/// An agent to compute.
pub struct Asked<'a> {
    /// What its rows say.
    pub facts: &'a AgentFacts,
    /// Digest of the rows; none: no pool has them, and nothing is remembered of them.
    pub digest: Option<Inputs>,
    /// What holds for the month itself, when a change is tried; closed months keep `facts`.
    pub tried: Option<&'a AgentFacts>,
    /// A closed month to look into, whether anything changed or not.
    pub origine: Option<PayPeriod>,
}

/// A closed month as it is computed again.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The facts that count for it, with the totals of the months before.
    pub facts: AgentFacts,
    /// The contracts.
    pub prepared: Vec<Prepared>,
}

/// What one thread keeps between agents.
pub struct Work<'a> {
    /// The archive, block by block.
    pub desk: Desk<'a>,
    /// The engine of the month.
    pub engine: Engine<'a>,
    /// What the preparation remembers, and the engines of closed months.
    pub bench: Bench<'a>,
    /// What was read of agents before; none: each is asked for once.
    pub memo: Option<&'a Memo>,
}

/// One agent with its closed months.
pub struct Account {
    /// The facts of the month, with the totals of the year that closed months give.
    pub facts: AgentFacts,
    /// Its contracts, paid.
    pub paid: Vec<Paid>,
    /// What closed months say of the agent.
    pub former: Arc<Former>,
    /// The closed month that was asked for.
    pub seen: Option<Seen>,
}

/// Why and from when closed months are computed again.
#[derive(Default)]
struct Trigger {
    from: Option<PayPeriod>,
    causes: BTreeSet<String>,
    rows: Vec<Changed>,
}

impl Trigger {
    fn add(&mut self, from: PayPeriod, cause: &str) {
        self.from = Some(self.from.map_or(from, |before| before.min(from)));
        self.causes.insert(cause.to_owned());
    }
}

impl Chain<'_> {
    /// Computes an agent: its closed months where something has changed, then its payslips.
    pub fn account<'w>(
        &'w self,
        payment: &Payment<'_>,
        asked: &Asked<'_>,
        work: &mut Work<'w>,
    ) -> Result<Account, HistoryError> {
        let mut seen = None;
        let usual = asked.origine.is_none() && asked.digest.is_some();
        let former = match work.memo.filter(|_| usual) {
            None => Arc::new(self.former(payment, asked, work, &mut seen)?),
            Some(memo) => match memo.get(&asked.facts.agent.id) {
                Some(former) => former,
                None => {
                    let former = self.former(payment, asked, work, &mut seen)?;
                    memo.put(&asked.facts.agent.id, former)
                }
            },
        };
        let mut facts = asked.tried.unwrap_or(asked.facts).clone();
        facts.precedents = match asked.tried {
            Some(tried) if !former.holds_for(asked.facts, tried) => {
                self.precedents(tried, former.same, work)?
            }
            _ => former.precedents.clone(),
        };
        let paid = pay(payment, &mut facts, &former.state.past, &former.recomputed, work);
        Ok(Account { facts, paid, former, seen })
    }

    /// What closed months say of an agent; `seen` is the one that was asked for.
    fn former<'w>(
        &'w self,
        payment: &Payment<'_>,
        asked: &Asked<'_>,
        work: &mut Work<'w>,
        seen: &mut Option<Seen>,
    ) -> Result<Former, HistoryError> {
        let Asked { facts, digest, .. } = *asked;
        let now = payment.month.program;
        let contracts = contracts(facts);
        let mut state = work.desk.state(&facts.agent.id, now.period.year(), &contracts)?;
        let trigger = self.trigger(facts, digest, &state, now.period, work)?;
        let mut recomputed = Vec::new();
        if let Some(from) = trigger.from.into_iter().chain(asked.origine).min() {
            let mut see = |month, facts: &AgentFacts, prepared: &[Prepared]| {
                if asked.origine == Some(month) {
                    *seen = Some(Seen { facts: facts.clone(), prepared: prepared.to_vec() });
                }
            };
            recomputed = self.again((now, from), facts, &mut state.past, work, &mut see)?;
        }
        let same = state.faits.is_some_and(|(before, _)| Some(before) == digest);
        let precedents = self.precedents(facts, same, work)?;
        let first = self.history.months().next();
        let early = |row: &&Changed| first.is_some_and(|first| row.depuis < first.first_day());
        let before_archive = trigger.rows.iter().find(early).copied();
        let cause = trigger.causes.into_iter().collect::<Vec<_>>().join(" ; ");
        Ok(Former { recomputed, state, cause, before_archive, same, precedents })
    }

    /// What every closed month of an agent is due with the facts and the rules known now, whether
    /// anything has changed or not. Months computed from the same as before are not given.
    pub fn all_due<'w>(
        &'w self,
        payment: &Payment<'_>,
        facts: &AgentFacts,
        work: &mut Work<'w>,
    ) -> Result<Vec<Recomputed>, HistoryError> {
        let now = payment.month.program;
        let contracts = contracts(facts);
        let mut state = work.desk.state(&facts.agent.id, now.period.year(), &contracts)?;
        match self.history.months().next() {
            Some(first) => {
                self.again((now, first), facts, &mut state.past, work, &mut |_, _, _| {})
            }
            None => Ok(Vec::new()),
        }
    }

    /// From which closed month on an agent is computed again, and why.
    fn trigger(
        &self,
        facts: &AgentFacts,
        digest: Option<Inputs>,
        state: &AgentState,
        period: PayPeriod,
        work: &mut Work<'_>,
    ) -> Result<Trigger, HistoryError> {
        let mut trigger = Trigger::default();
        for (siret, _) in contracts(facts) {
            if let Some((month, why)) = self.moved.get(&siret) {
                trigger.add(*month, why);
            }
        }
        for month in state.past.iter().filter_map(|past| past.attente) {
            trigger.add(month, "bulletin en attente");
        }
        let known = |place: usize| self.history.run(place).map(|run| (place, run.known_on));
        let last = contracts(facts).iter().filter_map(|(siret, _)| self.history.last(*siret)).max();
        let same = state.faits.and_then(|(before, place)| Some((before, known(place)?)));
        let unmoved = |(before, (_, known))| Some(before) == digest && !self.learned(facts, known);
        if same.is_some_and(unmoved) {
            return Ok(trigger);
        }
        let before = match last.and_then(known) {
            Some((place, known)) => work.desk.facts(place, &facts.agent.id)?.map(|f| (f, known)),
            None => return Ok(trigger),
        };
        let nobody = (AgentFacts::new(facts.agent.clone()), KnownOn::Everything);
        let (before, known) = before.unwrap_or(nobody);
        let first = period.first_day();
        for row in changes(&before, known, facts, self.known_on).rows {
            if row.depuis < first {
                trigger.add(PayPeriod::of(row.depuis), &words(&row));
                trigger.rows.push(row);
            }
        }
        Ok(trigger)
    }

    /// Whether rows that were handed in before are known only now.
    fn learned(&self, facts: &AgentFacts, before: KnownOn) -> bool {
        let carrieres = facts.carrieres.iter().map(|row| row.dates().connu_le);
        let familles = facts.familles.iter().map(|row| row.dates().connu_le);
        let elements = facts.elements.iter().map(|row| row.dates().connu_le);
        let absences = facts.absences.iter().map(|row| row.connu_le);
        let mut days = carrieres.chain(familles).chain(elements).chain(absences);
        before != self.known_on && days.any(|day| before.knows(day) != self.known_on.knows(day))
    }

    /// Computes the closed months from `from` on again.
    fn again<'w>(
        &'w self,
        (now, from): (&Program, PayPeriod),
        facts: &AgentFacts,
        past: &mut Vec<Past>,
        work: &mut Work<'w>,
        see: &mut dyn FnMut(PayPeriod, &AgentFacts, &[Prepared]),
    ) -> Result<Vec<Recomputed>, HistoryError> {
        let agent = &facts.agent.id;
        work.desk.ledger(agent, from, past)?;
        for (siret, contrat) in contracts(facts) {
            let one = Past::of(past, siret, &contrat);
            one.ancien = !one.known_by(from) && work.desk.knows(agent, (siret, &contrat), from)?;
        }
        // What a month was computed with, and what later months learned of it, from the last one.
        let mut former: BTreeMap<PayPeriod, AgentFacts> = BTreeMap::new();
        let mut kept = facts.clone();
        for place in work.desk.runs_from(from) {
            let Some(run) = self.history.run(place) else { continue };
            if let Some(before) = work.desk.facts(place, agent)? {
                keep_former(&before, &mut kept, self.known_on);
            }
            former.insert(run.mois, kept.clone());
        }
        let ready = self.months.iter().filter(|ready| ready.period >= from);
        let closed: Result<Vec<Option<Closed<'_>>>, _> = ready.map(Ready::closed).collect();
        let closed: Vec<Closed<'_>> = closed?.into_iter().flatten().collect();
        let question = Question {
            months: &closed,
            payment: now,
            limits: self.limits,
            closed: &|siret, month| self.history.closed(siret, month),
            first: &|siret| self.history.first(siret),
            facts: &|month| former.get(&month).unwrap_or(facts).clone(),
            waived: &|(siret, contrat), month, controle| {
                let months = [month, now.period];
                self.history.waived(months, (siret, agent, contrat), controle)
            },
        };
        Ok(due_seen(&question, past, &mut work.bench, see))
    }

    /// What the last closed month of each contract paid.
    fn precedents(
        &self,
        facts: &AgentFacts,
        same: bool,
        work: &mut Work<'_>,
    ) -> Result<Vec<Precedent>, HistoryError> {
        let mut precedents = Vec::new();
        for (siret, contrat) in contracts(facts) {
            let Some(place) = self.history.last(siret) else { continue };
            precedents.extend(work.desk.precedent(place, facts, (siret, &contrat), same)?);
        }
        Ok(precedents)
    }
}

/// The contracts of an agent, in the order of its careers.
pub fn contracts(facts: &AgentFacts) -> Vec<(Siret, Word)> {
    let mut found: Vec<(Siret, Word)> = Vec::new();
    for row in &facts.carrieres {
        if !found.iter().any(|(siret, contrat)| *siret == row.siret && *contrat == row.contrat) {
            found.push((row.siret, Word::clone(&row.contrat)));
        }
    }
    found
}

/// A changed row, in words.
fn words(row: &Changed) -> String {
    let kind = match row.kind {
        ChangeKind::Nouveau => "ligne nouvelle",
        ChangeKind::Modifie => "ligne modifiée",
        ChangeKind::Retire => "ligne retirée",
        ChangeKind::Connu => "ligne connue depuis",
    };
    let pool = if row.former { " (mois précédent)" } else { "" };
    format!("{} ligne {}{pool} : {kind}, effet {}", row.at.file.name(), row.at.line, row.depuis)
}

/// Pays the month: at once, or in passes when an earlier month has moved.
fn pay(
    payment: &Payment<'_>,
    facts: &mut AgentFacts,
    past: &[Past],
    recomputed: &[Recomputed],
    work: &mut Work<'_>,
) -> Vec<Paid> {
    let now = &payment.month;
    let year = now.program.period.year();
    let passes = Payment::needed(past, recomputed)
        .then(|| payment.pay(facts, past, recomputed, &mut work.engine, &mut work.bench.memory));
    for one in past {
        let Some(views) = &one.views else { continue };
        facts.cumuls.retain(|row| !one.is(row.siret, &row.contrat) || row.annee != year);
        facts.cumuls.extend(views.paye.cumuls(one, year, facts.agent.reference));
    }
    if let Some(paid) = passes {
        return paid;
    }
    let employeur = |siret| now.employeurs.get(&siret);
    let prepared = now.preparer.agent(facts, employeur, &mut work.bench.memory);
    let each = prepared.into_iter().map(|prepared| {
        let mut payslip = Payslip::default();
        if !prepared.segments.is_empty() {
            work.engine.run(&prepared.dossier, &mut payslip);
        }
        let from = inputs(now.code, now.program, &prepared);
        let due = totals(now.program, &payslip, |_| true);
        let (inputs, passes) = (Some(from), Vec::new());
        Paid { due, inputs, views: None, solde: 0, prepared, payslip, passes }
    });
    each.collect()
}
