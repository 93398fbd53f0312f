//! A pool computed twice, block by block: under two programs, or for two months. Nothing is
//! written; what is kept is totals and the few payslips that move most.

mod archived;
mod results;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use crate::archive::Archive;
use crate::check::CheckedRuleBook;
use crate::compare::{
    AgentSlips, Chain, Differences, Rubriques, Side, Sides, Slip, SlipDifference, Slips, Variation,
    Variations,
};
use crate::domain::{AgentFacts, Siret, Word};
use crate::dossier::{EmployeurMonth, Memory, Prepared, Preparer};
use crate::engine::{Engine, Payslip};
use crate::io::{PoolContext, PoolFinding, PoolReader, RawBlock};
use crate::limits::BLOCK_AGENTS;
use crate::program::Program;

use super::block::Month;
use super::chain::Work;
use super::history::HistoryError;
use super::piece::Chained;
use super::plan::{Before, Plan, block_size};
use super::run::RunError;
use super::waves;

pub use results::{Folder, ResultError, compare_results};

/// Rules of one side, compiled.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// The rules.
    pub book: &'a CheckedRuleBook,
    /// The month compiled from them.
    pub program: &'a Program,
    /// Whether the month is beyond their verified horizon.
    pub au_dela: bool,
}

/// How to compare.
#[derive(Clone, Copy, Debug)]
pub struct CompareOptions<'a> {
    /// The pool folder.
    pub pool: &'a Path,
    /// Threads; none: as many as there are cores.
    pub threads: Option<usize>,
    /// Payslips kept in each short list.
    pub top: usize,
    /// Whether every payslip that differs is given, or totals only.
    pub detail: bool,
}

/// Two sides compared.
#[derive(Debug)]
pub struct Compared {
    /// What differs.
    pub differences: Differences,
    /// What the places of rubriques are.
    pub rubriques: Rubriques,
    /// Names of the employers, where the pool gives them.
    pub noms: BTreeMap<Siret, String>,
    /// What is wrong with the pool itself, and blocks both sides.
    pub findings: Vec<PoolFinding>,
}

/// The variation of a pool from one month to the next.
#[derive(Debug)]
pub struct Varied {
    /// Totals and the greatest.
    pub variations: Variations,
    /// Names of the employers.
    pub noms: BTreeMap<Siret, String>,
    /// What is wrong with the pool itself, and blocks both months.
    pub findings: Vec<PoolFinding>,
}

/// The months of the employers of a pool.
type Employeurs<'a> = HashMap<Siret, EmployeurMonth<'a>>;

fn employeurs<'a>(context: &'a PoolContext, preparer: &Preparer<'a>) -> Employeurs<'a> {
    let all = context.employeurs().iter();
    all.map(|(siret, employeur)| (*siret, preparer.employeur(employeur))).collect()
}

fn noms(context: &PoolContext) -> BTreeMap<Siret, String> {
    let all = context.employeurs().iter();
    all.map(|(siret, employeur)| (*siret, employeur.nom.clone())).collect()
}

/// One contract of a month: its inputs, what they give, whether it waits.
struct Computed {
    prepared: Prepared,
    payslip: Payslip,
    blocked: bool,
}

/// Every contract of an agent for a month.
fn contracts(
    month: &Month<'_>,
    facts: &AgentFacts,
    engine: &mut Engine<'_>,
    memory: &mut Memory,
) -> Vec<Computed> {
    let mut all = Vec::new();
    month.agent(facts, engine, memory, |prepared, payslip, findings| {
        let (prepared, payslip) = (prepared.clone(), payslip.clone());
        let blocked = findings.iter().any(PoolFinding::is_error);
        all.push(Computed { prepared, payslip, blocked });
    });
    all
}

/// A side of a comparison, shared by every worker.
struct Computing<'a> {
    month: Month<'a>,
    slips: Slips<'a>,
}

impl Computing<'_> {
    fn agent(
        &self,
        facts: &AgentFacts,
        engine: &mut Engine<'_>,
        memory: &mut Memory,
    ) -> AgentSlips {
        let mut slips = Vec::new();
        for one in contracts(&self.month, facts, engine, memory) {
            if one.blocked {
                let contrat = Word::clone(&one.prepared.contrat);
                slips.push(Slip::blocked(one.prepared.siret, contrat));
            } else if !one.prepared.segments.is_empty() {
                slips.push(self.slips.slip(facts, &one.prepared, &one.payslip));
            }
        }
        AgentSlips { agent: Word::clone(&facts.agent.id), slips }
    }
}

/// Computes a pool under the rules of two sides and compares, payslip by payslip.
///
/// `rows` receives the payslips that differ, in the order of the pool, when the options ask for
/// them; `progress` the number of agents done and of all agents. Memory holds a few blocks.
///
/// Errors: the pool cannot be read, or rules ask for what this program does not provide.
pub fn compare(
    sides: [Rules<'_>; 2],
    options: &CompareOptions<'_>,
    progress: &(dyn Fn(u64, u64) + Sync),
    rows: &mut dyn FnMut(&Rubriques, Vec<SlipDifference>),
) -> Result<Compared, RunError> {
    let mut reader = PoolReader::open(options.pool).map_err(RunError::Pool)?;
    let context = reader.context();
    let [old, new] = sides;
    let mut rubriques = Rubriques::default();
    let preparers = [
        Preparer::new(old.book, old.program).map_err(RunError::Rules)?,
        Preparer::new(new.book, new.program).map_err(RunError::Rules)?,
    ];
    let [first, second] = &preparers;
    let all = [employeurs(&context, first), employeurs(&context, second)];
    let [old_all, new_all] = &all;
    let before = Computing {
        month: Month::new(old.program, first, old_all, old.au_dela),
        slips: Slips::new(old.program, &mut rubriques),
    };
    let after = Computing {
        month: Month::new(new.program, second, new_all, new.au_dela),
        slips: Slips::new(new.program, &mut rubriques),
    };
    let block = |raw: &RawBlock| {
        let mut part = (Differences::new(options.top), Vec::new());
        let mut engines = (Engine::new(old.program), Engine::new(new.program));
        let mut memories = (Memory::default(), Memory::default());
        for parsed in raw.parse(&context) {
            if parsed.is_blocked() {
                part.0.unread += 1;
                continue;
            }
            let old = before.agent(&parsed.facts, &mut engines.0, &mut memories.0);
            let new = after.agent(&parsed.facts, &mut engines.1, &mut memories.1);
            let found = part.0.agent(&old, &new);
            if options.detail {
                part.1.extend(found);
            }
        }
        Ok(part)
    };
    let mut differences = Differences::new(options.top);
    let mut take = |(part, found): (Differences, Vec<SlipDifference>)| {
        differences.merge(part);
        if !found.is_empty() {
            rows(&rubriques, found);
        }
        differences.agents + differences.unread
    };
    let size = (options.threads, BLOCK_AGENTS);
    waves::run(&mut reader, size, &block, &mut take, progress)?;
    let findings = reader.findings().iter().filter(|finding| finding.is_error()).cloned().collect();
    Ok(Compared { differences, rubriques, noms: noms(&context), findings })
}

/// Two months of a pool, shared by every worker.
struct Months<'a, 'c> {
    before: Month<'a>,
    after: &'a Month<'a>,
    /// The facts of the month before for the rules of the month, and their employers.
    lent: &'a Preparer<'a>,
    lent_employeurs: &'a Employeurs<'a>,
    /// The closed months, when an archive has them.
    chained: Option<&'a Chained<'c>>,
}

/// What a worker keeps from agent to agent.
struct Worker<'a> {
    engines: [Engine<'a>; 2],
    memories: [Memory; 3],
    chain: Chain<'a>,
}

impl<'a> Months<'a, '_> {
    fn worker(&self) -> Worker<'a> {
        let [before, after] = [self.before.program, self.after.program];
        Worker {
            engines: [Engine::new(before), Engine::new(after)],
            memories: Default::default(),
            chain: Chain::new(before, after),
        }
    }

    /// The variations of the contracts of an agent, those of the month first: what the facts of
    /// each month give, without rappels.
    fn agent(&self, facts: [&AgentFacts; 2], worker: &mut Worker<'_>) -> Vec<Variation> {
        let [old_engine, new_engine] = &mut worker.engines;
        let [old_memory, new_memory, lent_memory] = &mut worker.memories;
        let [old_facts, facts] = facts;
        let before = contracts(&self.before, old_facts, old_engine, old_memory);
        let after = contracts(self.after, facts, new_engine, new_memory);
        let employeur = |siret| self.lent_employeurs.get(&siret);
        let lent = self.lent.agent(old_facts, employeur, lent_memory);
        let same = |a: &Prepared, b: &Prepared| a.siret == b.siret && a.contrat == b.contrat;
        let mut found = Vec::new();
        let mut pair = |old: Option<&Computed>, new: Option<&Computed>| {
            let any = old.or(new).map(|one| &one.prepared);
            let lent = any.and_then(|any| lent.iter().find(|one| same(one, any)));
            let sides = Sides { facts, before: old.map(as_side), lent, after: new.map(as_side) };
            found.extend(worker.chain.variation(&sides));
        };
        for new in &after {
            let old = before.iter().find(|old| same(&old.prepared, &new.prepared));
            pair(old, Some(new));
        }
        for old in &before {
            if !after.iter().any(|new| same(&old.prepared, &new.prepared)) {
                pair(Some(old), None);
            }
        }
        found
    }

    /// The variations of a block.
    fn block(
        &self,
        (raw, context): (&RawBlock, &PoolContext),
        options: &CompareOptions<'_>,
    ) -> Result<(Variations, Vec<Variation>), HistoryError> {
        let mut part = (Variations::new(options.top), Vec::new());
        let mut worker = self.worker();
        let mut work = self.chained.map(Work::new);
        for (at, parsed) in raw.parse(context).iter().enumerate() {
            if parsed.is_blocked() {
                part.0.unread += 1;
                continue;
            }
            part.0.agents += 1;
            let facts = &parsed.facts;
            let found = match self.chained.zip(work.as_mut()) {
                None => self.agent([facts; 2], &mut worker),
                Some((chained, work)) => {
                    let raw = (raw, at, context);
                    self.after_closed(chained, raw, facts, (&mut worker, work))?
                }
            };
            for one in found {
                part.0.add(&one);
                if options.detail && (one.gap().is_none() || !one.parts.is_empty()) {
                    part.1.push(one);
                }
            }
        }
        Ok(part)
    }
}

fn as_side(one: &Computed) -> Side<'_> {
    Side { prepared: &one.prepared, payslip: &one.payslip, blocked: one.blocked }
}

/// The closed months that a variation counts.
#[derive(Clone, Copy)]
pub struct Held<'a> {
    /// The archive.
    pub archive: &'a Archive,
    /// Digest of the rule texts.
    pub texts: &'a str,
}

/// Computes a pool for two months of the same rules, `before` then `after`, and splits what each
/// net gains by cause. With an archive, the net of the month before is what was paid, and the month
/// is paid with its rappels.
///
/// `rows` receives the contracts whose net has a cause to move, and those that are blocked, in the
/// order of the pool, when the options ask for them. Memory holds a few blocks.
///
/// Errors: the pool or the archive cannot be read, a month before is not closed, or the rules ask
/// for what this program does not provide.
pub fn variation(
    (before, after): (Rules<'_>, Rules<'_>),
    held: Option<Held<'_>>,
    options: &CompareOptions<'_>,
    progress: &(dyn Fn(u64, u64) + Sync),
    rows: &mut dyn FnMut(Vec<Variation>),
) -> Result<Varied, RunError> {
    let mut reader = PoolReader::open(options.pool).map_err(RunError::Pool)?;
    let context: Arc<PoolContext> = reader.context();
    let period = before.program.period;
    let old = Preparer::new(before.book, before.program).map_err(RunError::Rules)?;
    let lent = Preparer::of_month(after.book, after.program, period).map_err(RunError::Rules)?;
    let all = [&old, &lent].map(|preparer| employeurs(&context, preparer));
    let [old_all, lent_all] = &all;
    let closed = held.map(|held| Before::open(held.archive, after.program, &context));
    let mut closed = closed.transpose()?;
    // A month that is closed too is computed all the same.
    closed.iter_mut().for_each(|before| before.closed.clear());
    let plan = Plan {
        book: after.book,
        texts: held.map_or("", |held| held.texts),
        program: after.program,
        au_dela: after.au_dela,
        context: &context,
        employeurs: context.employeurs(),
        entire: true,
    };
    let mut variations = Variations::new(options.top);
    plan.with(closed.as_ref(), |month, chained| {
        let months = Months {
            before: Month::new(before.program, &old, old_all, before.au_dela),
            after: month,
            lent: &lent,
            lent_employeurs: lent_all,
            chained,
        };
        let block = |raw: &RawBlock| months.block((raw, &context), options);
        let mut take = |(part, found): (Variations, Vec<Variation>)| {
            variations.merge(part);
            if !found.is_empty() {
                rows(found);
            }
            variations.agents + variations.unread
        };
        let size = (options.threads, block_size(chained.is_some()));
        waves::run(&mut reader, size, &block, &mut take, progress)
    })?;
    let findings = reader.findings().iter().filter(|finding| finding.is_error()).cloned().collect();
    Ok(Varied { variations, noms: noms(&context), findings })
}

#[cfg(test)]
mod tests;
