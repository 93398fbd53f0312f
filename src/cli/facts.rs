//! One agent of a pool, computed without storing anything.

use std::collections::HashMap;
use std::sync::Arc;

use crate::batch::Month;
use crate::domain::{AgentFacts, Employeur, Siret};
use crate::dossier::{EmployeurMonth, Memory, Prepared, Preparer};
use crate::engine::{Engine, Payslip};
use crate::io::{PoolContext, PoolFinding, PoolReader};
use crate::program::Program;

use super::args::{AgentOptions, Common};
use super::output::{Outcome, Output};
use super::rulebook::{self, Rules};
use super::run::finding_line;

/// An agent, the rules of the month, and the employers of the pool.
pub struct Loaded {
    /// The rules.
    pub rules: Rules,
    /// The compiled month.
    pub program: Program,
    /// The facts of the agent.
    pub facts: AgentFacts,
    /// What is wrong in its rows.
    pub findings: Vec<PoolFinding>,
    context: Arc<PoolContext>,
}

/// One computed contract.
pub struct Computed {
    /// Inputs.
    pub prepared: Prepared,
    /// Lines.
    pub payslip: Payslip,
    /// Findings of the rows, of the preparation, of the computation and of the controls.
    pub findings: Vec<PoolFinding>,
}

/// Reads the rules, the month and the agent.
pub fn load(common: &Common, who: &AgentOptions, output: &Output) -> Result<Loaded, Outcome> {
    let (rules, program) = rulebook::compiled(common, who.mois, output)?;
    let unreadable = |findings: Vec<PoolFinding>| {
        output.warn(&findings.iter().map(finding_line).collect::<String>());
        let pool = who.pool.display();
        output.failed(&format!("the pool `{pool}` cannot be read"), "mend the files above")
    };
    let reader = PoolReader::open(&who.pool).map_err(unreadable)?;
    let context = reader.context();
    let block = reader.only(&who.agent).map_err(|finding| unreadable(vec![*finding]))?;
    let parsed = block.and_then(|block| block.parse(&context).into_iter().next());
    let Some(parsed) = parsed else {
        return Err(output.failed(
            &format!("no agent is called `{}` in agents.csv", who.agent),
            "write the agent id exactly as in agents.csv",
        ));
    };
    Ok(Loaded { rules, program, facts: parsed.facts, findings: parsed.findings, context })
}

impl Loaded {
    /// The employer of a contract.
    pub fn employeur(&self, siret: Siret) -> Option<&Employeur> {
        self.context.employeur(siret)
    }

    /// Computes the contracts asked for, with the facts given; nothing to pay is a failure.
    pub fn compute(
        &self,
        facts: &AgentFacts,
        who: &AgentOptions,
        output: &Output,
    ) -> Result<Vec<Computed>, Outcome> {
        let computed = self.contracts(facts, who, output)?;
        if computed.is_empty() {
            output.warn(&self.findings.iter().map(finding_line).collect::<String>());
            let contracts: Vec<String> = (facts.carrieres.iter())
                .map(|row| format!("{} at {} since {}", row.contrat, row.siret, row.dated.depuis))
                .collect();
            return Err(output.failed(
                &format!("nothing to pay to `{}` in {}", who.agent, who.mois),
                &format!("its careers: {}", contracts.join("; ")),
            ));
        }
        Ok(computed)
    }

    /// Computes the contracts asked for that have a day in the month, with the facts given.
    pub fn contracts(
        &self,
        facts: &AgentFacts,
        who: &AgentOptions,
        output: &Output,
    ) -> Result<Vec<Computed>, Outcome> {
        let Some(book) = &self.rules.book else { return Err(Outcome::Failed) };
        let preparer = Preparer::new(book, &self.program).map_err(|findings| {
            output.findings(&findings, &self.rules.sources);
            output.failed("the rules ask for what the program does not provide", "see above")
        })?;
        let mut employeurs: HashMap<Siret, EmployeurMonth<'_>> = HashMap::new();
        for row in &facts.carrieres {
            if let Some(employeur) = self.context.employeur(row.siret) {
                employeurs.entry(row.siret).or_insert_with(|| preparer.employeur(employeur));
            }
        }
        let beyond = rulebook::beyond(&self.rules, who.mois);
        let month = Month::new(&self.program, &preparer, &employeurs, beyond);
        let mut engine = Engine::new(&self.program);
        let mut computed = Vec::new();
        month.agent(facts, &mut engine, &mut Memory::default(), |prepared, payslip, findings| {
            let wanted = who.contrat.as_deref().is_none_or(|c| *prepared.contrat == *c)
                && who.siret.as_deref().is_none_or(|s| prepared.siret.as_str() == s);
            if wanted {
                let mut all = self.findings.clone();
                all.extend(findings.iter().cloned());
                let (prepared, payslip) = (prepared.clone(), payslip.clone());
                computed.push(Computed { prepared, payslip, findings: all });
            }
        });
        Ok(computed)
    }
}
