//! The month of payment of an agent whose earlier months moved: passes, and what is taken back.
//!
//! Each pass computes the month with more in sight, and gives the next one what it must not
//! compute again: nothing in sight for items of mode `origine`; the rappels of the year for those
//! of mode `annee`; all of them for the rest.

use crate::domain::{AgentFacts, Dated, Element, Siret, Statut, Word};
use crate::dossier::{Memory, Prepared};
use crate::engine::{Engine, Given, PayLine, Payslip};
use crate::num::Fixed;
use crate::program::Program;
use crate::rules::{Nature, RappelMode};

use super::digest::{Inputs, inputs};
use super::due::{Closed, Recomputed, mode};
use super::ledger::{Past, Totals, Views, totals};

/// The retenue that takes back what was paid too much, within the seizable part.
const TROP_PERCU: &str = "TROP_PERCU";
/// The line that puts off what cannot be taken back this month.
const REPORT: &str = "REPORT_TROP_PERCU";

/// One contract, paid with its rappels.
#[derive(Clone, Debug)]
pub struct Paid {
    /// Its inputs.
    pub prepared: Prepared,
    /// The payslip, rappels included.
    pub payslip: Payslip,
    /// The inputs of the passes before the last, whose lines are given to it: nothing in sight,
    /// then the rappels of the year. Empty when the month is computed at once.
    pub passes: Vec<Prepared>,
    /// What the month itself is due.
    pub due: Totals,
    /// What that was computed from; none when nothing was.
    pub inputs: Option<Inputs>,
    /// Totals of the year after the month; none when rappels changed nothing.
    pub views: Option<Views>,
    /// Trop-perçu still to be taken back, in cents.
    pub solde: i64,
}

/// The month of payment.
pub struct Payment<'a> {
    /// Its program and its employers.
    pub month: Closed<'a>,
    /// By place of the item: whether a control looks at what rappels move.
    late: Vec<bool>,
}

/// What one contract brings to the month of payment.
struct Account<'a> {
    siret: Siret,
    contrat: &'a Word,
    past: Option<&'a Past>,
    rappels: Vec<&'a Recomputed>,
}

/// The same contract under the three totals of its year; without a day, the last one alone.
struct Prepares<'p> {
    du: Option<&'p Prepared>,
    annee: &'p Prepared,
    paye: &'p Prepared,
}

impl<'a> Payment<'a> {
    /// A month of payment.
    pub fn new(month: Closed<'a>) -> Self {
        let late = late_controls(month.program);
        Self { month, late }
    }

    /// Whether a contract needs passes: otherwise its month is computed at once.
    pub fn needed(past: &[Past], rappels: &[Recomputed]) -> bool {
        let apart = |past: &Past| {
            past.solde != 0
                || past.views.as_ref().is_some_and(|v| v.paye != v.annee || v.paye != v.du)
        };
        rappels.iter().any(|one| !one.ecarts.is_empty()) || past.iter().any(apart)
    }

    /// Pays every contract of an agent. The yearly totals of `facts` are those handed in: they
    /// count for contracts whose books are not open.
    pub fn pay(
        &self,
        facts: &AgentFacts,
        past: &[Past],
        rappels: &[Recomputed],
        engine: &mut Engine<'_>,
        memory: &mut Memory,
    ) -> Vec<Paid> {
        let [du, annee, paye] = [view_du, view_annee, view_paye].map(|view| {
            let viewed = self.facts(facts, past, rappels, view);
            let prepared = self.prepare(&viewed, memory);
            (viewed, prepared)
        });
        let mut paid = Vec::new();
        for ((du, annee), last) in du.1.iter().zip(&annee.1).zip(&paye.1) {
            let account = account(last.siret, &last.contrat, past, rappels);
            let prepares = Prepares { du: Some(du), annee, paye: last };
            paid.push(self.contract(&account, &prepares, &paye.0, engine, memory));
        }
        for one in past {
            let gone = !paye.1.iter().any(|prepared| one.is(prepared.siret, &prepared.contrat));
            let account = account(one.siret, &one.contrat, past, rappels);
            if gone && account.rappels.iter().any(|rappel| !rappel.lignes.is_empty()) {
                paid.extend(self.departed(&account, &annee.0, &paye.0, engine, memory));
            }
        }
        paid
    }

    /// The facts with the yearly totals that a view gives.
    fn facts(
        &self,
        facts: &AgentFacts,
        past: &[Past],
        rappels: &[Recomputed],
        view: fn(&Views, &Totals) -> Totals,
    ) -> AgentFacts {
        let mut viewed = facts.clone();
        let year = self.month.program.period.year();
        for one in past {
            let now = of_year(&account(one.siret, &one.contrat, past, rappels), year);
            if one.views.is_none() && now.is_empty() {
                continue;
            }
            let totals = view(&views_of(facts, one, year), &now);
            viewed.cumuls.retain(|row| !one.is(row.siret, &row.contrat) || row.annee != year);
            viewed.cumuls.extend(totals.cumuls(one, year, facts.agent.reference));
        }
        viewed
    }

    fn prepare(&self, facts: &AgentFacts, memory: &mut Memory) -> Vec<Prepared> {
        let employeur = |siret| self.month.employeurs.get(&siret);
        self.month.preparer.agent(facts, employeur, memory)
    }

    /// What is due to a contract that has no day left.
    fn departed(
        &self,
        account: &Account<'_>,
        annee: &AgentFacts,
        paye: &AgentFacts,
        engine: &mut Engine<'_>,
        memory: &mut Memory,
    ) -> Option<Paid> {
        let mut bare = [annee.clone(), paye.clone()];
        for facts in &mut bare {
            facts.elements.clear();
            facts.absences.clear();
        }
        let [first, last] = &bare;
        let mut prepare = |facts: &AgentFacts| {
            let employeur = self.month.employeurs.get(&account.siret)?;
            let contract = (account.siret, account.contrat);
            self.month.preparer.departed(facts, employeur, contract, memory)
        };
        let (annee, paye) = (prepare(first)?, prepare(last)?);
        let prepares = Prepares { du: None, annee: &annee, paye: &paye };
        Some(self.contract(account, &prepares, last, engine, memory))
    }

    fn contract(
        &self,
        account: &Account<'_>,
        prepares: &Prepares<'_>,
        facts: &AgentFacts,
        engine: &mut Engine<'_>,
        memory: &mut Memory,
    ) -> Paid {
        let program = self.month.program;
        let mut first = Payslip::default();
        if let Some(du) = prepares.du {
            engine.run(&du.dossier, &mut first);
        }
        let from = prepares.du.map(|du| inputs(self.month.code, program, du));
        let solde = account.past.map_or(0, |past| past.solde);
        let mut paid = Paid {
            prepared: prepares.paye.clone(),
            due: totals(program, &first, |_| true),
            payslip: first,
            passes: prepares.du.iter().copied().cloned().collect(),
            inputs: from,
            views: None,
            solde,
        };
        let printed = |item: usize| program.items.get(item).is_some_and(|info| info.printed);
        if !paid.payslip.blocking(printed).is_empty() || prepares.paye.segments.is_empty() {
            return paid;
        }
        let statut = prepares.du.map_or("", |_| self.statut(facts, prepares.paye));
        let early = std::mem::take(&mut paid.payslip.controles);
        let mut annee = prepares.annee.clone();
        let given = self.second(account, &mut annee, &paid.payslip, statut, engine);
        paid.passes.push(annee);
        paid.prepared.dossier.given = given;
        engine.run(&paid.prepared.dossier, &mut paid.payslip);
        let without = self.without(prepares, engine);
        let short = without - net(program, &paid.payslip);
        self.take_back(&mut paid, facts, short.max(0), prepares.du.is_none(), engine, memory);
        // What looks at the lines of the month itself does not see other months.
        let late = |item: &usize| self.late.get(*item) == Some(&true);
        paid.payslip.controles.retain(late);
        paid.payslip.controles.extend(early.into_iter().filter(|item| !late(item)));
        paid.payslip.controles.sort_unstable();
        paid.views = Some(self.after(account, facts, &paid));
        paid
    }

    fn statut<'f>(&self, facts: &'f AgentFacts, prepared: &Prepared) -> &'f str {
        let row = prepared.segments.first().and_then(|segment| facts.carrieres.get(segment.row));
        row.map_or("", |row| Statut::name(row.statut))
    }

    /// The second pass, and what it gives the last one.
    fn second(
        &self,
        account: &Account<'_>,
        annee: &mut Prepared,
        first: &Payslip,
        statut: &str,
        engine: &mut Engine<'_>,
    ) -> Given {
        let program = self.month.program;
        let year = program.period.year();
        let stage = |item: usize| program.items.get(item).map(|info| mode(info, statut));
        let rappels = || account.rappels.iter().flat_map(|one| &one.lignes).copied();
        let own = |line: &&PayLine| stage(line.item) == Some(RappelMode::Origine);
        let this_year = |line: &PayLine| line.origine.is_some_and(|month| month.year() == year);
        let frozen = |until: RappelMode| -> Vec<bool> {
            let before = |info: &crate::program::ItemInfo| {
                info.printed && info.nature != Nature::Total && mode(info, statut) <= until
            };
            program.items.iter().map(before).collect()
        };
        let mut lines: Vec<PayLine> = first.lines.iter().filter(own).copied().collect();
        let mut seen = lines.clone();
        seen.extend(rappels().filter(this_year).filter(|line| own(&line)));
        annee.dossier.given = Given { items: frozen(RappelMode::Origine), lines: seen };
        let mut second = Payslip::default();
        engine.run(&annee.dossier, &mut second);
        let yearly = |line: &&PayLine| stage(line.item) == Some(RappelMode::Annee);
        lines.extend(second.lines.iter().filter(yearly));
        lines.extend(rappels());
        Given { items: frozen(RappelMode::Annee), lines }
    }

    /// The net of the month if no earlier one had moved, in cents.
    fn without(&self, prepares: &Prepares<'_>, engine: &mut Engine<'_>) -> i64 {
        if prepares.du.is_none() {
            return 0;
        }
        let mut payslip = Payslip::default();
        engine.run(&prepares.paye.dossier, &mut payslip);
        net(self.month.program, &payslip)
    }

    /// Puts off what an agent was paid too much, and takes back what may be taken this month.
    fn take_back(
        &self,
        paid: &mut Paid,
        facts: &AgentFacts,
        short: i64,
        departed: bool,
        engine: &mut Engine<'_>,
        memory: &mut Memory,
    ) {
        let program = self.month.program;
        let due = paid.solde + short;
        let items = program.item(REPORT).zip(program.item(TROP_PERCU));
        let Some((_, taken_by)) = items.filter(|_| due > 0) else { return };
        let mut facts = facts.clone();
        let mut add = |rubrique: &str, cents: i64| {
            if cents > 0 {
                facts.elements.push(self.element(paid, &facts.agent.reference, rubrique, cents));
            }
        };
        add(REPORT, short);
        if !departed {
            add(TROP_PERCU, due);
        }
        let contract = (paid.prepared.siret, &paid.prepared.contrat);
        let again = if departed {
            let employeur = self.month.employeurs.get(&contract.0);
            employeur.and_then(|e| self.month.preparer.departed(&facts, e, contract, memory))
        } else {
            let mut all = self.prepare(&facts, memory).into_iter();
            all.find(|one| one.siret == contract.0 && one.contrat == *contract.1)
        };
        let Some(mut again) = again else { return };
        again.dossier.given = std::mem::take(&mut paid.prepared.dossier.given);
        engine.run(&again.dossier, &mut paid.payslip);
        let mine = again.dossier.elements.len().checked_sub(1);
        let lines = paid.payslip.lines.iter();
        let taken = lines.filter(|line| line.item == taken_by && line.element == mine);
        let taken: i64 = taken.filter_map(|line| line.montant_agent).sum();
        paid.solde = due - taken;
        paid.prepared = again;
    }

    fn element(
        &self,
        paid: &Paid,
        reference: &crate::domain::RowRef,
        rubrique: &str,
        cents: i64,
    ) -> Element {
        let period = self.month.program.period;
        let amount = Some(Fixed::new(cents, 2));
        let stands = rubrique == REPORT;
        Element {
            siret: paid.prepared.siret,
            contrat: Word::clone(&paid.prepared.contrat),
            rubrique: rubrique.into(),
            dated: Dated {
                depuis: period.first_day(),
                fin: Some(period.last_day()),
                connu_le: None,
                reference: *reference,
            },
            nombre: None,
            base: None,
            taux: None,
            montant: amount.filter(|_| !stands),
            montant_paye: amount.filter(|_| stands),
            mois_origine: None,
            libelle: None,
        }
    }

    /// The totals of the year with the month added.
    fn after(&self, account: &Account<'_>, facts: &AgentFacts, paid: &Paid) -> Views {
        let program = self.month.program;
        let year = program.period.year();
        let unknown = Past::new(account.siret, Word::clone(account.contrat));
        let mut views = views_of(facts, account.past.unwrap_or(&unknown), year);
        views.paye.extend(&totals(program, &paid.payslip, |_| true));
        let of_year = |line: &PayLine| line.origine.is_none_or(|month| month.year() == year);
        views.annee.extend(&totals(program, &paid.payslip, of_year));
        views.du.extend(&self::of_year(account, year));
        views.du.extend(&paid.due);
        views
    }
}

/// The controls that read, directly or through quantities, a line of the month of payment.
fn late_controls(program: &Program) -> Vec<bool> {
    let mut late: Vec<bool> = program
        .items
        .iter()
        .map(|info| info.printed && info.rappel == RappelMode::Paiement)
        .collect();
    // Blocks come after what they read: one walk is enough.
    for block in &program.month {
        let reads = block.reads.iter().any(|&item| late.get(item) == Some(&true));
        if let Some(own) = late.get_mut(block.item) {
            *own |= reads && program.items.get(block.item).is_some_and(|info| !info.printed);
        }
    }
    late
}

/// The totals of a year before the month: what closed months give, else what was handed in.
fn views_of(facts: &AgentFacts, past: &Past, year: i32) -> Views {
    let handed_in = || Views::alike(Totals::handed_in(facts, past.siret, &past.contrat, year));
    past.views.clone().unwrap_or_else(handed_in)
}

/// What the rappels of the year add to what the year is due.
fn of_year(account: &Account<'_>, year: i32) -> Totals {
    let mut totals = Totals::default();
    for one in account.rappels.iter().filter(|one| one.mois.year() == year) {
        totals.extend(&one.ecarts);
    }
    totals
}

fn view_du(views: &Views, now: &Totals) -> Totals {
    let mut totals = views.du.clone();
    totals.extend(now);
    totals
}

fn view_annee(views: &Views, _: &Totals) -> Totals {
    views.annee.clone()
}

fn view_paye(views: &Views, _: &Totals) -> Totals {
    views.paye.clone()
}

fn account<'a>(
    siret: Siret,
    contrat: &'a Word,
    past: &'a [Past],
    rappels: &'a [Recomputed],
) -> Account<'a> {
    let mine = rappels.iter().filter(|one| one.siret == siret && one.contrat == *contrat);
    Account {
        siret,
        contrat,
        past: past.iter().find(|past| past.is(siret, contrat)),
        rappels: mine.collect(),
    }
}

/// The net to pay of a payslip, in cents.
fn net(program: &Program, payslip: &Payslip) -> i64 {
    program.item("NET_A_PAYER").map_or(0, |item| payslip.amount(item))
}
