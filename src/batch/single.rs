//! One agent of a month, nothing stored: what a run would give it.

use std::collections::{BTreeMap, HashSet};

use crate::calendar::PayPeriod;
use crate::domain::{AgentFacts, Employeur, Siret};
use crate::dossier::{Memory, Prepared};
use crate::engine::{Engine, Payslip};
use crate::io::{PoolContext, PoolFinding, RawBlock};
use crate::rappel::{Paid, Recomputed};

use super::chain::{Asked, Seen, Work, contracts};
use super::plan::{Before, Plan};
use super::run::RunError;

/// The agent.
pub struct Single<'a> {
    /// A block that holds its rows, and its place there.
    pub raw: (&'a RawBlock, usize),
    /// What they say.
    pub facts: &'a AgentFacts,
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
    /// What is found about it.
    pub findings: Vec<PoolFinding>,
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
    plan.with(before, |month, chained| {
        let Some(chained) = chained else {
            let facts = agent.tried.unwrap_or(agent.facts);
            let mut slips = Vec::new();
            let mut engine = Engine::new(month.program);
            month.agent(facts, &mut engine, &mut Memory::default(), |prepared, payslip, found| {
                let (prepared, payslip) = (prepared.clone(), payslip.clone());
                slips.push(Slip { prepared, passes: Vec::new(), payslip, findings: found.into() });
            });
            let (findings, recomputed) = (Vec::new(), Vec::new());
            return Ok(Looked { facts: facts.clone(), slips, findings, recomputed, seen: None });
        };
        let Single { raw, facts, tried, origine } = *agent;
        let asked = Asked { raw, pool: plan.context, facts, tried, origine };
        let found = month.slips(chained, &asked, &mut Work::new(chained))?;
        let account = found.account;
        let each = account.paid.into_iter().zip(found.contracts);
        let slips = each.map(|(paid, findings)| {
            let Paid { prepared, passes, payslip, .. } = paid;
            Slip { prepared, passes, payslip, findings }
        });
        Ok(Looked {
            facts: account.facts,
            slips: slips.collect(),
            findings: found.arrival.into_iter().chain(found.unpaid).collect(),
            recomputed: account.recomputed,
            seen: account.seen,
        })
    })
}

impl Slip {
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
