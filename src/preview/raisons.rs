//! The reasons of a line of a payslip, and what the same payslip carries for closed months.

use serde::Serialize;

use crate::batch::Slip;
use crate::bulletin::Cents;
use crate::domain::{AgentFacts, Employeur};
use crate::dossier::Prepared;
use crate::engine::PayLine;
use crate::explain::{ExplainTarget, Explanation, Faits, Observed};
use crate::program::Program;
use crate::rulebook::Rules;

/// The month of an agent at an employer, as it was computed.
#[derive(Clone, Copy)]
pub struct Mois<'a> {
    /// The rules.
    pub rules: &'a Rules,
    /// The compiled month.
    pub program: &'a Program,
    /// The facts it was computed from, changes that are tried included.
    pub facts: &'a AgentFacts,
    /// The employer of the contract.
    pub employeur: Option<&'a Employeur>,
}

/// An explanation, and what the payslip carries for closed months under the same code.
#[derive(Clone, Debug, Serialize)]
pub struct Explained {
    /// The line of the month.
    #[serde(flatten)]
    pub explication: Explanation,
    /// Lines of closed months.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rappels: Vec<Carried>,
}

/// A line of a closed month.
#[derive(Clone, Debug, Serialize)]
pub struct Carried {
    /// Its code.
    pub rubrique: String,
    /// The closed month, `2026-09`.
    pub mois_origine: String,
    /// The closed month, in words.
    #[serde(skip)]
    pub periode: String,
    /// Difference of base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<Cents>,
    /// Difference for the agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub montant_agent: Option<Cents>,
    /// Difference for the employer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub montant_employeur: Option<Cents>,
    /// Whether it is a contribution, which has two sides.
    #[serde(skip)]
    pub sided: bool,
}

/// The places of the items that a target names; empty when the rules have no such line.
pub fn items(program: &Program, target: &ExplainTarget) -> Vec<usize> {
    let all = program.items.iter().enumerate();
    all.filter(|(_, i)| i.code == target.nom || i.nom == target.nom).map(|(at, _)| at).collect()
}

impl Mois<'_> {
    /// Explains a line of a payslip by the pass that computed it; `None` when the rules have no
    /// book.
    pub fn explain(&self, slip: &Slip, target: &ExplainTarget) -> Option<Explained> {
        let places = items(self.program, target);
        let own = |item: &&usize| {
            let mut lines = slip.payslip.lines.iter();
            lines.any(|line| line.item == **item && line.origine.is_none())
        };
        let item = places.iter().find(own).or(places.first());
        let prepared = item.map_or(&slip.prepared, |item| slip.pass(*item));
        let explication = self.explain_pass(prepared, target)?;
        let lines = slip.payslip.lines.iter().filter(|line| places.contains(&line.item));
        let rappels = lines.filter_map(|line| self.carried(line)).collect();
        Some(Explained { explication, rappels })
    }

    /// Explains a line of one computation of a contract; `None` when the rules have no book.
    pub fn explain_pass(&self, prepared: &Prepared, target: &ExplainTarget) -> Option<Explanation> {
        let book = self.rules.book.as_ref()?;
        let observed = Observed::new(book, &self.rules.sources, self.program, prepared);
        let faits = Faits { agent: self.facts, employeur: self.employeur };
        Some(observed.comparable(faits).explain(target))
    }

    /// A line of a closed month; `None` for one of the month itself.
    fn carried(&self, line: &PayLine) -> Option<Carried> {
        let (info, month) = (self.program.items.get(line.item)?, line.origine?);
        let amount = |cents: Option<i64>| cents.map(Cents);
        Some(Carried {
            rubrique: info.code.clone(),
            mois_origine: month.to_string(),
            periode: month.french(),
            base: amount(line.base),
            montant_agent: amount(line.montant_agent),
            montant_employeur: amount(line.montant_employeur),
            sided: info.sides.is_some(),
        })
    }
}
