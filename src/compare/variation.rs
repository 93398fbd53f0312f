//! The variation of a net between two months, and the totals of many.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::cause::Cause;
use super::top::{Rank, Top};
use crate::domain::{Siret, Word};

/// What a month gave to a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pay {
    /// No day in the month.
    Absent,
    /// A payslip that waits for a human.
    Bloque,
    /// A net, in cents.
    Net(i64),
}

impl Pay {
    /// The net, when there is one.
    pub fn net(self) -> Option<i64> {
        match self {
            Self::Net(cents) => Some(cents),
            Self::Absent | Self::Bloque => None,
        }
    }

    /// The word of files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Bloque => "bloque",
            Self::Net(_) => "payable",
        }
    }
}

/// What one cause moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The cause.
    pub cause: Cause,
    /// What it adds to the net, in cents.
    pub cents: i64,
    /// Causes that could not be told from it: their own step could not be computed.
    pub merged: Vec<Cause>,
    /// What moved, in French.
    pub detail: String,
}

/// The variation of one contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variation {
    /// The employer.
    pub siret: Siret,
    /// The agent.
    pub agent: Word,
    /// The contract.
    pub contrat: Word,
    /// The month before.
    pub before: Pay,
    /// The month.
    pub after: Pay,
    /// The causes that move something, in the order of the chain. They add up to the variation;
    /// none when a month is blocked.
    pub parts: Vec<Part>,
}

impl Variation {
    /// Net of the month minus net of the month before, in cents; none when one is blocked.
    pub fn gap(&self) -> Option<i64> {
        if Pay::Bloque == self.before || Pay::Bloque == self.after {
            return None;
        }
        Some(self.after.net().unwrap_or(0) - self.before.net().unwrap_or(0))
    }

    /// The part that moves most, the first of equals.
    pub fn main(&self) -> Option<&Part> {
        self.parts.iter().rev().max_by_key(|part| part.cents.unsigned_abs())
    }

    /// Starts from another net of the month before, what was really paid: the gap to what was
    /// computed becomes the first part, so that the parts still add up.
    pub fn starting_from(&mut self, paid: i64, cause: Cause, detail: &str) {
        let Pay::Net(computed) = self.before else { return };
        self.before = Pay::Net(paid);
        if computed != paid {
            let (cents, detail) = (computed - paid, detail.to_owned());
            self.parts.insert(0, Part { cause, cents, merged: Vec::new(), detail });
        }
    }

    /// Ends with another net of the month, with what was added to the computation.
    pub fn ending_at(&mut self, paid: i64, cause: Cause, detail: &str) {
        let Pay::Net(computed) = self.after else { return };
        self.after = Pay::Net(paid);
        if computed != paid {
            let (cents, detail) = (paid - computed, detail.to_owned());
            self.parts.push(Part { cause, cents, merged: Vec::new(), detail });
        }
    }

    fn rank(&self) -> Rank {
        let gap = self.gap().unwrap_or(0).unsigned_abs();
        let moved = self.main().map_or(0, |part| part.cents.unsigned_abs());
        let name = [self.siret.to_string(), self.agent.to_string(), self.contrat.to_string()];
        (vec![gap, moved], Reverse(name))
    }
}

/// What one cause moves in many payslips.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CauseTotal {
    /// Payslips that it moves.
    pub bulletins: u64,
    /// What it adds to the nets, in cents.
    pub cents: i64,
}

/// The totals of an employer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmployeurVariation {
    /// Contracts with a payslip in one of the two months.
    pub contrats: u64,
    /// Those with a cause of variation.
    pub moved: u64,
    /// Those with a payslip that waits: their variation is not known.
    pub blocked: u64,
    /// Sum of the nets of the month before, in cents, of the contracts whose variation is known.
    pub before: i64,
    /// The same for the month.
    pub after: i64,
    /// By cause.
    pub causes: BTreeMap<Cause, CauseTotal>,
    /// Contracts with a step that could not be computed alone.
    pub merged: u64,
}

impl EmployeurVariation {
    fn add(&mut self, variation: &Variation) {
        self.contrats += 1;
        if variation.gap().is_none() {
            self.blocked += 1;
            return;
        }
        self.before += variation.before.net().unwrap_or(0);
        self.after += variation.after.net().unwrap_or(0);
        self.moved += u64::from(!variation.parts.is_empty());
        self.merged += u64::from(variation.parts.iter().any(|part| !part.merged.is_empty()));
        let mut seen: Vec<Cause> = Vec::new();
        for part in &variation.parts {
            let total = self.causes.entry(part.cause).or_default();
            total.cents += part.cents;
            total.bulletins += u64::from(!seen.contains(&part.cause));
            seen.push(part.cause);
        }
    }

    /// Adds another part of the same employer.
    pub fn merge(&mut self, other: &Self) {
        self.contrats += other.contrats;
        self.moved += other.moved;
        self.blocked += other.blocked;
        self.before += other.before;
        self.after += other.after;
        self.merged += other.merged;
        for (&cause, total) in &other.causes {
            let mine = self.causes.entry(cause).or_default();
            mine.bulletins += total.bulletins;
            mine.cents += total.cents;
        }
    }
}

/// The variations of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variations {
    /// Agents computed.
    pub agents: u64,
    /// Agents whose own rows are wrong: nothing is computed.
    pub unread: u64,
    /// By employer.
    pub employeurs: BTreeMap<Siret, EmployeurVariation>,
    /// The contracts whose net moves most.
    pub top: Top<Rank, Variation>,
}

impl Variations {
    /// Nothing yet; the `room` greatest are kept.
    pub fn new(room: usize) -> Self {
        Self { agents: 0, unread: 0, employeurs: BTreeMap::new(), top: Top::new(room) }
    }

    /// Adds a contract.
    pub fn add(&mut self, variation: &Variation) {
        self.employeurs.entry(variation.siret).or_default().add(variation);
        if !variation.parts.is_empty() {
            self.top.push(variation.rank(), || variation.clone());
        }
    }

    /// Adds another part of the pool.
    pub fn merge(&mut self, other: Self) {
        self.agents += other.agents;
        self.unread += other.unread;
        for (siret, employeur) in &other.employeurs {
            self.employeurs.entry(*siret).or_default().merge(employeur);
        }
        self.top.merge(other.top);
    }

    /// Every employer together.
    pub fn total(&self) -> EmployeurVariation {
        let mut total = EmployeurVariation::default();
        self.employeurs.values().for_each(|employeur| total.merge(employeur));
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variation(before: Pay, after: Pay, parts: &[(Cause, i64)]) -> Variation {
        let part = |&(cause, cents): &(Cause, i64)| Part {
            cause,
            cents,
            merged: Vec::new(),
            detail: String::new(),
        };
        Variation {
            siret: Siret::NONE,
            agent: "A".into(),
            contrat: "1".into(),
            before,
            after,
            parts: parts.iter().map(part).collect(),
        }
    }

    #[test]
    fn causes_still_add_up_when_what_was_paid_is_not_what_was_computed() {
        let parts = [(Cause::Regle, -30), (Cause::Element, 100)];
        let mut one = variation(Pay::Net(1000), Pay::Net(1070), &parts);
        one.starting_from(980, Cause::Rappel, "régularisation");
        one.ending_at(1120, Cause::Rappel, "rappel d'août");
        assert_eq!((one.gap(), one.parts.len()), (Some(140), 4));
        assert_eq!(one.parts.iter().map(|part| part.cents).sum::<i64>(), 140);
        assert_eq!(one.main().map(|part| part.cause), Some(Cause::Element));
        let mut totals = Variations::new(5);
        totals.add(&one);
        totals.add(&variation(Pay::Bloque, Pay::Net(10), &[]));
        totals.add(&variation(Pay::Absent, Pay::Net(10), &[(Cause::Arrivee, 10)]));
        let total = totals.total();
        assert_eq!((total.contrats, total.moved, total.blocked), (3, 2, 1));
        assert_eq!((total.before, total.after), (980, 1130));
        let rappels = CauseTotal { bulletins: 1, cents: 70 };
        assert_eq!(total.causes.get(&Cause::Rappel), Some(&rappels));
    }

    #[test]
    fn every_cause_is_in_the_reports() {
        let mut names: Vec<_> = Cause::ALL.iter().map(|cause| cause.names()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 13);
    }
}
