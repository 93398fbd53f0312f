//! One agent, computed without storing anything: from a pool, or from a closed month.

use std::sync::Arc;

use crate::archive::{Archive, Entry};
use crate::batch::{self, Before, HistoryError, Looked, Plan, Seen, Single, Slip, StoredAgent};
use crate::calendar::PayPeriod;
use crate::domain::{AgentFacts, Employeur, Siret};
use crate::io::{ParsedAgent, PoolContext, PoolFinding, PoolReader};
use crate::preview::Mois;
use crate::program::Program;
use crate::rappel::{Inputs, Recomputed};
use crate::rulebook::{Rules, from_texts};

use super::archive::open;
use super::args::{AgentOptions, Common};
use super::output::{Outcome, Output};
use super::rulebook;
use super::run::{failed, finding_line, history_help};

/// An agent, the rules of the month, the employers of the pool, the closed months before.
pub struct Loaded {
    /// The rules.
    pub rules: Rules,
    /// The compiled month.
    pub program: Program,
    /// The facts of the agent.
    pub facts: AgentFacts,
    /// What is wrong in its rows.
    pub findings: Vec<PoolFinding>,
    /// Who closed the month and when, when it is read from the archive.
    pub clos: Option<String>,
    /// The archive.
    pub archive: Option<Archive>,
    before: Option<Before>,
    context: Arc<PoolContext>,
    digest: Inputs,
    au_dela: bool,
}

/// The month of an agent.
pub struct Computed {
    /// The facts, with the totals of the year that closed months give.
    pub facts: AgentFacts,
    /// The contracts asked for. Their findings are also those of the rows of the agent.
    pub slips: Vec<Slip>,
    /// The closed month that was asked for.
    pub seen: Option<Seen>,
    /// Closed months that were computed again.
    pub recomputed: Vec<Recomputed>,
}

/// Reads the rules, the month and the agent; with an archive, the closed months before. A month
/// that is closed is read from the archive.
pub fn load(common: &Common, who: &AgentOptions, output: &Output) -> Result<Loaded, Outcome> {
    let archive = who.archive.as_ref().map(|path| open(path, output)).transpose()?;
    if let Some(archive) = &archive {
        let siret = who.siret.as_deref();
        let closed = batch::closed_run(archive, who.mois, &who.agent, siret);
        if let Some(entry) = closed.map_err(|error| unread(&error, output))? {
            return stored(archive, entry, &who.agent, output);
        }
    }
    let (rules, program) = rulebook::compiled(common, who.mois, output)?;
    let unreadable = |findings: Vec<PoolFinding>| {
        output.warn(&findings.iter().map(finding_line).collect::<String>());
        let pool = who.pool.display();
        output.failed(&format!("the pool `{pool}` cannot be read"), "mend the files above")
    };
    let reader = PoolReader::open(&who.pool).map_err(unreadable)?;
    let context = reader.context();
    let block = reader.only(&who.agent).map_err(|finding| unreadable(vec![*finding]))?;
    let parsed = block.and_then(|raw| Some((raw.parse(&context).into_iter().next()?, raw)));
    let Some((ParsedAgent { facts, findings, .. }, raw)) = parsed else {
        return Err(output.failed(
            &format!("no agent is called `{}` in agents.csv", who.agent),
            "write the agent id exactly as in agents.csv",
        ));
    };
    let before = archive.as_ref().map(|archive| before(archive, who.mois, &facts, &context));
    let before = before.transpose().map_err(|error| unread(&error, output))?;
    let (au_dela, digest) = (rules.beyond(who.mois), raw.agent_digest(&context, 0));
    let clos = None;
    Ok(Loaded { rules, program, facts, findings, clos, archive, before, context, digest, au_dela })
}

/// The closed months before a month, for the employers of an agent.
fn before(
    archive: &Archive,
    mois: PayPeriod,
    facts: &AgentFacts,
    context: &PoolContext,
) -> Result<Before, HistoryError> {
    let employeurs = batch::employers_of(facts, context);
    Before::of(archive, mois, |siret| employeurs.contains_key(&siret))
}

/// An agent as a run of the archive computed it: its facts and its rules.
pub fn stored(
    archive: &Archive,
    entry: &Entry,
    agent: &str,
    output: &Output,
) -> Result<Loaded, Outcome> {
    let found = StoredAgent::open(archive, entry, agent).map_err(|e| unread(&e, output))?;
    let Some(found) = found else {
        let message = format!("the run of {} does not have `{agent}`", entry.evenement.mois());
        return Err(output.failed(&message, "write the agent id exactly as in agents.csv"));
    };
    let before = Some(found.before(archive).map_err(|error| unread(&error, output))?);
    let rules = from_texts(found.regles);
    let program = rulebook::closed_month(&rules, found.mois, found.known_on, output)?;
    let clos = Some(format!("{} par {}", entry.quand, entry.qui));
    let (context, (raw, at), au_dela) = (found.context, found.raw, found.au_dela);
    let digest = raw.agent_digest(&context, at);
    let ParsedAgent { facts, findings, .. } = found.parsed;
    let archive = Some(archive.clone());
    Ok(Loaded { rules, program, facts, findings, clos, archive, before, context, digest, au_dela })
}

/// Why closed months cannot be read, and what to do.
pub fn unread(error: &HistoryError, output: &Output) -> Outcome {
    output.failed(&error.to_string(), history_help(error))
}

impl Loaded {
    /// The employer of a contract.
    pub fn employeur(&self, siret: Siret) -> Option<&Employeur> {
        self.context.employeur(siret)
    }

    /// The month at an employer, for explanations; `facts` are those it was computed from.
    pub fn mois<'a>(&'a self, facts: &'a AgentFacts, siret: Siret) -> Mois<'a> {
        let (rules, program) = (&self.rules, &self.program);
        Mois { rules, program, facts, employeur: self.employeur(siret) }
    }

    /// Computes the contracts asked for, `tried` in the place of the facts of the month; nothing
    /// to pay is a failure.
    pub fn compute(
        &self,
        tried: Option<&AgentFacts>,
        who: &AgentOptions,
        output: &Output,
    ) -> Result<Computed, Outcome> {
        let computed = self.contracts(tried, None, who, output)?;
        if computed.slips.is_empty() {
            output.warn(&self.findings.iter().map(finding_line).collect::<String>());
            let contracts: Vec<String> = (self.facts.carrieres.iter())
                .map(|row| format!("{} at {} since {}", row.contrat, row.siret, row.dated.depuis))
                .collect();
            return Err(output.failed(
                &format!("nothing to pay to `{}` in {}", who.agent, who.mois),
                &format!("its careers: {}", contracts.join("; ")),
            ));
        }
        Ok(computed)
    }

    /// Computes the contracts asked for that have a day in the month, or something due; `origine`
    /// is a closed month to look into.
    pub fn contracts(
        &self,
        tried: Option<&AgentFacts>,
        origine: Option<PayPeriod>,
        who: &AgentOptions,
        output: &Output,
    ) -> Result<Computed, Outcome> {
        let Some(book) = &self.rules.book else { return Err(Outcome::Failed) };
        let employeurs = batch::employers_of(&self.facts, &self.context);
        let plan = Plan {
            book,
            texts: &self.rules.digest,
            program: &self.program,
            au_dela: self.au_dela,
            context: &self.context,
            employeurs: &employeurs,
            entire: false,
        };
        let (facts, digest) = (&self.facts, Some(self.digest));
        let agent = Single { facts, digest, tried, origine };
        let looked = batch::single(&plan, self.before.as_ref(), &agent);
        let looked = looked.map_err(|error| failed(error, &self.rules, &who.pool, output))?;
        let Looked { facts, mut slips, seen, recomputed, .. } = looked.with_rows(&self.findings);
        slips.retain(|slip| {
            let prepared = &slip.prepared;
            who.contrat.as_deref().is_none_or(|c| *prepared.contrat == *c)
                && who.siret.as_deref().is_none_or(|s| prepared.siret.as_str() == s)
        });
        Ok(Computed { facts, slips, seen, recomputed })
    }
}
