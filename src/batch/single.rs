//! One agent of a month, nothing stored: what a run would give it.

use std::collections::{BTreeMap, HashSet};

use crate::calendar::PayPeriod;
use crate::domain::{AgentFacts, Employeur, Siret};
use crate::dossier::{Memory, Prepared};
use crate::engine::{Engine, Payslip};
use crate::io::{PoolContext, PoolFinding};
use crate::rappel::{Inputs, Paid, Recomputed};

use super::block::Month;
use super::chain::{Asked, Seen, Work, contracts};
use super::memo::Memo;
use super::piece::Chained;
use super::plan::{Before, Plan};
use super::run::RunError;

/// The agent.
pub struct Single<'a> {
    /// What its rows say.
    pub facts: &'a AgentFacts,
    /// Digest of the rows; none: no pool has them, and nothing is remembered of them.
    pub digest: Option<Inputs>,
    /// What holds for the month, when a change is tried.
    pub tried: Option<&'a AgentFacts>,
    /// A closed month to look into.
    pub origine: Option<PayPeriod>,
}

/// One contract of the month.
#[derive(Clone, Debug)]
pub struct Slip {
    /// Its inputs, those of the last pass when there are several.
    pub prepared: Prepared,
    /// The inputs of the passes before the last: see [`Paid::passes`].
    pub passes: Vec<Prepared>,
    /// Its lines.
    pub payslip: Payslip,
    /// What the run writes in `bulletins.csv` when it is payable.
    pub totaux: Totaux,
    /// What is found about it: see [`Looked::with_rows`].
    pub findings: Vec<PoolFinding>,
}

/// The totals of a payslip, in cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totaux {
    /// Gross.
    pub brut: i64,
    /// Net social.
    pub net_social: i64,
    /// Taxable net.
    pub net_imposable: i64,
    /// Net before tax.
    pub net_avant_impot: i64,
    /// Tax withheld.
    pub pas: i64,
    /// What the agent receives.
    pub net_a_payer: i64,
    /// What the employer spends.
    pub cout_employeur: i64,
}

/// What a run does with a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlipEtat {
    /// It is paid.
    Payable,
    /// Something forbids to pay it.
    Bloque,
    /// Nothing to pay: no day in the month, nothing due for an earlier one.
    Absent,
}

/// The month of an agent.
pub struct Looked {
    /// The facts of the month, with the totals of the year that closed months give.
    pub facts: AgentFacts,
    /// Its contracts; those of employers whose month is closed are left out.
    pub slips: Vec<Slip>,
    /// What is found about the agent itself.
    pub findings: Vec<PoolFinding>,
    /// Closed months that were computed again.
    pub recomputed: Vec<Recomputed>,
    /// The closed month that was asked for.
    pub seen: Option<Seen>,
}

/// The employers of an agent, among those of its pool.
pub fn employers_of(facts: &AgentFacts, pool: &PoolContext) -> BTreeMap<Siret, Employeur> {
    let sirets: HashSet<Siret> = contracts(facts).into_iter().map(|(siret, _)| siret).collect();
    let known = sirets.into_iter().filter_map(|siret| Some((siret, pool.employeur(siret)?)));
    known.map(|(siret, employeur)| (siret, employeur.clone())).collect()
}

/// Computes an agent as a run of its pool would, after the same closed months. Only the months
/// that it needs are compiled.
///
/// Errors: the archive cannot be read, or rules ask for what the program does not provide.
pub fn single(
    plan: &Plan<'_>,
    before: Option<&Before>,
    agent: &Single<'_>,
) -> Result<Looked, RunError> {
    plan.with(before, |month, chained| Looker::new(month, chained, None).look(agent))
}

/// One thread that looks at agents of a month.
pub struct Looker<'w, 'c> {
    month: &'w Month<'w>,
    hand: Hand<'w, 'c>,
}

/// What the thread keeps between agents.
enum Hand<'w, 'c> {
    /// Nothing stands before the month.
    Alone(Engine<'w>, Memory),
    /// Closed months do.
    Chained(&'w Chained<'c>, Work<'w>),
}

impl<'w, 'c> Looker<'w, 'c> {
    /// Nobody looked at yet; `memo` keeps what closed months say of agents who are asked for again.
    pub fn new(
        month: &'w Month<'w>,
        chained: Option<&'w Chained<'c>>,
        memo: Option<&'w Memo>,
    ) -> Self {
        let hand = match chained {
            None => Hand::Alone(Engine::new(month.program), Memory::default()),
            Some(chained) => Hand::Chained(chained, Work { memo, ..Work::new(chained) }),
        };
        Self { month, hand }
    }

    /// The month of an agent.
    ///
    /// Errors: the archive cannot be read, or rules ask for what the program does not provide.
    pub fn look(&mut self, agent: &Single<'_>) -> Result<Looked, RunError> {
        let month = self.month;
        let Single { facts, digest, tried, origine } = *agent;
        let (chained, work) = match &mut self.hand {
            Hand::Chained(chained, work) => (*chained, work),
            Hand::Alone(engine, memory) => {
                let (facts, mut slips) = (tried.unwrap_or(facts), Vec::new());
                month.agent(facts, engine, memory, |prepared, payslip, findings| {
                    let prepared = (prepared.clone(), Vec::new());
                    slips.push(Slip::new(month, prepared, payslip.clone(), findings.into()));
                });
                let (findings, recomputed) = (Vec::new(), Vec::new());
                return Ok(Looked {
                    facts: facts.clone(),
                    slips,
                    findings,
                    recomputed,
                    seen: None,
                });
            }
        };
        let asked = Asked { facts, digest, tried, origine };
        let found = month.slips(chained, &asked, work)?;
        let account = found.account;
        let each = account.paid.into_iter().zip(found.contracts);
        let slips = each.map(|(paid, findings)| {
            let Paid { prepared, passes, payslip, .. } = paid;
            Slip::new(month, (prepared, passes), payslip, findings)
        });
        Ok(Looked {
            facts: account.facts,
            slips: slips.collect(),
            findings: found.arrival.into_iter().chain(found.unpaid).collect(),
            recomputed: account.former.recomputed.clone(),
            seen: account.seen,
        })
    }
}

impl Looked {
    /// The same, with what is wrong in the rows of the agent. The findings of each contract are
    /// then all that a person must read beside it: of the rows, of the agent, of the contract.
    #[must_use]
    pub fn with_rows(mut self, rows: &[PoolFinding]) -> Self {
        self.findings.splice(..0, rows.iter().cloned());
        for slip in &mut self.slips {
            slip.findings.splice(..0, self.findings.iter().cloned());
        }
        self
    }
}

impl Slip {
    fn new(
        month: &Month<'_>,
        (prepared, passes): (Prepared, Vec<Prepared>),
        payslip: Payslip,
        findings: Vec<PoolFinding>,
    ) -> Self {
        let [brut, net_social, net_imposable, net_avant_impot, pas, net_a_payer, cout_employeur] =
            month.totals.amounts(&payslip);
        let totaux = Totaux {
            brut,
            net_social,
            net_imposable,
            net_avant_impot,
            pas,
            net_a_payer,
            cout_employeur,
        };
        Self { prepared, passes, payslip, totaux, findings }
    }

    /// What a run does with it, once the findings of the rows are among its own.
    pub fn etat(&self) -> SlipEtat {
        if self.findings.iter().any(PoolFinding::is_error) {
            SlipEtat::Bloque
        } else if self.prepared.segments.is_empty() {
            SlipEtat::Absent
        } else {
            SlipEtat::Payable
        }
    }

    /// The inputs of the pass that computed an item: what the next pass does not compute comes
    /// from the pass before.
    pub fn pass(&self, item: usize) -> &Prepared {
        let mut passes = self.passes.iter().chain([&self.prepared]).peekable();
        while let Some(pass) = passes.next() {
            if passes.peek().is_none_or(|next| next.dossier.given.holds(item)) {
                return pass;
            }
        }
        &self.prepared
    }
}
