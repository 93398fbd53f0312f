//! The variation of a net split by cause: a chain of computations from the month before to the
//! month, each with one part of the inputs more from the month. What a computation adds to the one
//! before it is its cause; so the causes add up, whatever they are.

use crate::domain::AgentFacts;
use crate::dossier::Prepared;
use crate::engine::{Dossier, Engine, Payslip};
use crate::num::Amount;
use crate::program::{Layout, Program};
use crate::rules::{Nature, Portee};

use super::cause::Cause;
use super::frame::{Choices, Frame, Segments};
use super::variation::{Part, Pay, Variation};

/// A step of the chain: what it changes, and whose cause that is.
pub struct Step {
    /// The cause, which may depend on the two months.
    cause: fn(&Frame<'_>) -> Cause,
    /// What comes from the month from here on.
    change: fn(&mut Choices),
}

/// The steps, in order, after that of the rules. The last leaves the inputs of the month.
pub const STEPS: [Step; 12] = [
    Step { cause: |_| Cause::Employeur, change: |c| c.employeur = true },
    Step { cause: |_| Cause::Rappel, change: |c| c.rappels = true },
    Step { cause: |_| Cause::FinElement, change: |c| c.ended_elements = true },
    Step { cause: |_| Cause::Element, change: |c| c.elements = true },
    Step { cause: |_| Cause::FinAbsence, change: |c| c.ended_absences = true },
    Step { cause: |_| Cause::Absence, change: |c| c.absences = true },
    Step { cause: |_| Cause::Carriere, change: |c| c.segments = Segments::Level },
    Step { cause: presence, change: |c| c.segments = Segments::Days },
    Step { cause: |_| Cause::Carriere, change: |c| c.segments = Segments::After },
    Step { cause: |_| Cause::Famille, change: |c| c.famille = true },
    Step { cause: |_| Cause::Impot, change: |c| c.impot = true },
    Step { cause: |_| Cause::Cumul, change: |c| c.cumuls = true },
];

/// Days that a month has and the other has not: somebody came or left.
fn presence(frame: &Frame<'_>) -> Cause {
    let (before, after) = frame.thirtieths();
    match before.cmp(&after) {
        std::cmp::Ordering::Less => Cause::Arrivee,
        std::cmp::Ordering::Greater => Cause::Depart,
        std::cmp::Ordering::Equal => Cause::Carriere,
    }
}

/// One month of a contract.
pub struct Side<'a> {
    /// Its inputs.
    pub prepared: &'a Prepared,
    /// What they give.
    pub payslip: &'a Payslip,
    /// Whether the payslip waits for a human.
    pub blocked: bool,
}

/// Two months of one contract.
pub struct Sides<'a> {
    /// The facts of the agent.
    pub facts: &'a AgentFacts,
    /// The month before; none: no day in it.
    pub before: Option<Side<'a>>,
    /// The facts of the month before prepared for the rules of the month
    /// ([`crate::dossier::Preparer::of_month`]).
    pub lent: Option<&'a Prepared>,
    /// The month; none: no day in it.
    pub after: Option<Side<'a>>,
}

/// Two compiled months and an engine of the second.
pub struct Chain<'p> {
    before: &'p Program,
    after: &'p Program,
    engine: Engine<'p>,
    nets: [Option<usize>; 2],
    /// Whether the two months lay their inputs out alike.
    alike: bool,
}

/// The chain being followed.
struct Walk {
    parts: Vec<Part>,
    net: i64,
    waiting: Vec<Cause>,
}

impl Walk {
    /// Goes on to the next net; none when it cannot be computed.
    fn go(&mut self, cause: Cause, net: Option<i64>, detail: impl FnOnce() -> String) {
        let Some(net) = net else {
            self.waiting.push(cause);
            return;
        };
        let merged = std::mem::take(&mut self.waiting);
        let cents = net - self.net;
        self.net = net;
        if cents == 0 {
            return;
        }
        match self.parts.iter_mut().find(|part| part.cause == cause && part.merged == merged) {
            Some(part) => {
                part.cents += cents;
                let more = detail();
                if !part.detail.contains(&more) {
                    part.detail = format!("{} ; {more}", part.detail);
                }
            }
            None => self.parts.push(Part { cause, cents, merged, detail: detail() }),
        }
    }
}

impl<'p> Chain<'p> {
    /// From the month before to the month.
    pub fn new(before: &'p Program, after: &'p Program) -> Self {
        let nets = [before, after].map(|program| program.item("NET_A_PAYER"));
        Self { before, after, engine: Engine::new(after), nets, alike: alike(before, after) }
    }

    fn net(&self, payslip: &Payslip, program: usize) -> i64 {
        let item = self.nets.get(program).copied().flatten();
        item.map_or(0, |item| payslip.amount(item))
    }

    /// The variation of one contract, of one agent; none when it has a payslip in neither month.
    pub fn variation(&mut self, sides: &Sides<'_>) -> Option<Variation> {
        let present = |side: &Option<Side<'_>>, program: usize| match side {
            None => Pay::Absent,
            Some(side) if side.blocked => Pay::Bloque,
            Some(side) if side.prepared.segments.is_empty() => Pay::Absent,
            Some(side) => Pay::Net(self.net(side.payslip, program)),
        };
        let (before, after) = (present(&sides.before, 0), present(&sides.after, 1));
        let any = sides.after.as_ref().or(sides.before.as_ref())?.prepared;
        let whole = |cause, cents| {
            let detail = String::new();
            vec![Part { cause, cents, merged: Vec::new(), detail }]
        };
        let parts = match (before, after) {
            (Pay::Absent, Pay::Absent) => return None,
            (Pay::Bloque, _) | (_, Pay::Bloque) => Vec::new(),
            (Pay::Absent, Pay::Net(net)) => whole(Cause::Arrivee, net),
            (Pay::Net(net), Pay::Absent) => whole(Cause::Depart, -net),
            (Pay::Net(net), Pay::Net(_)) => self.walk(sides, net),
        };
        Some(Variation {
            siret: any.siret,
            agent: crate::domain::Word::clone(&sides.facts.agent.id),
            contrat: crate::domain::Word::clone(&any.contrat),
            before,
            after,
            parts,
        })
    }

    fn walk(&mut self, sides: &Sides<'_>, net: i64) -> Vec<Part> {
        let (Some(before), Some(after)) = (&sides.before, &sides.after) else { return Vec::new() };
        let mut walk = Walk { parts: Vec::new(), net, waiting: Vec::new() };
        let end = self.net(after.payslip, 1);
        let lent = sides.lent.filter(|lent| same_days(lent, before.prepared));
        let moved = (lent.is_none() && self.alike)
            .then(|| transposed(&before.prepared.dossier, self.before, self.after));
        let start = match (lent, &moved) {
            (Some(lent), _) => Some((lent, &lent.dossier)),
            (None, Some(dossier)) => Some((before.prepared, dossier)),
            (None, None) => None,
        };
        let Some((prepared, dossier)) = start else {
            // The two months do not lay their inputs out alike: nothing lies between them.
            walk.waiting.extend(Cause::ALL.iter().filter(|cause| **cause != Cause::Regle));
            walk.go(Cause::Regle, Some(end), || self.moved(before.payslip, after.payslip));
            return walk.parts;
        };
        let period = self.before.period;
        let frame =
            Frame::new(sides.facts, self.after, (prepared, dossier, period), after.prepared);
        self.follow(&frame, before.payslip, &mut walk);
        // Nothing is left but what no step could compute.
        let cause = walk.waiting.pop().unwrap_or(Cause::Cumul);
        walk.go(cause, Some(end), String::new);
        walk.parts.retain(|part| part.cents != 0);
        walk.parts
    }

    fn follow(&mut self, frame: &Frame<'_>, before: &Payslip, walk: &mut Walk) {
        let mut choices = Choices::default();
        let mut inputs = frame.dossier(&choices);
        let mut former = before.clone();
        let mut payslip = Payslip::default();
        let net = self.run(&inputs, &mut payslip);
        walk.go(Cause::Regle, net, || self.moved(&former, &payslip));
        for step in &STEPS {
            (step.change)(&mut choices);
            let next = frame.dossier(&choices);
            if next == inputs {
                continue;
            }
            inputs = next;
            if net_known(&payslip, self.after) {
                std::mem::swap(&mut former, &mut payslip);
            }
            let net = self.run(&inputs, &mut payslip);
            let cause = (step.cause)(frame);
            walk.go(cause, net, || {
                super::words::what(frame, cause, &self.moved(&former, &payslip))
            });
        }
    }

    fn run(&mut self, inputs: &Dossier, payslip: &mut Payslip) -> Option<i64> {
        self.engine.run(inputs, payslip);
        net_known(payslip, self.after).then(|| self.net(payslip, 1))
    }

    /// The line that moves the net most between two payslips, with what it adds to it, in French.
    fn moved(&self, former: &Payslip, payslip: &Payslip) -> String {
        let mut best: (u64, String) = (0, String::new());
        for (item, info) in self.after.items.iter().enumerate() {
            if !info.printed || matches!(info.nature, Nature::Total | Nature::Information) {
                continue;
            }
            let withheld = matches!(info.nature, Nature::Retenue | Nature::Cotisation);
            let gap = payslip.amount(item) - former.amount(item);
            let gap = if withheld { -gap } else { gap };
            if gap.unsigned_abs() > best.0 {
                let sign = if gap > 0 { "+" } else { "" };
                let amount = Amount::from_cents(gap).french();
                let label = info.libelle.trim();
                best = (gap.unsigned_abs(), format!("{label} {sign}{amount}"));
            }
        }
        best.1
    }
}

fn net_known(payslip: &Payslip, program: &Program) -> bool {
    let printed = |item: usize| program.items.get(item).is_some_and(|info| info.printed);
    payslip.blocking(printed).is_empty()
}

/// Whether what was prepared under other rules kept every day of the month.
fn same_days(lent: &Prepared, own: &Prepared) -> bool {
    let days = |prepared: &Prepared| -> i64 {
        prepared.dossier.segments.iter().map(|segment| segment.thirtieths).sum()
    };
    !lent.segments.is_empty() && days(lent) == days(own)
}

/// Whether two months lay their inputs out alike, the totals of the year apart.
fn alike(from: &Program, to: &Program) -> bool {
    let scopes =
        [Portee::Employeur, Portee::Mois, Portee::Segment, Portee::Element, Portee::Absence];
    let scopes = scopes.iter().all(|scope| from.layout.scope(*scope) == to.layout.scope(*scope));
    let items = from.items.iter().zip(&to.items).all(|(old, new)| old.nom == new.nom);
    scopes && items && from.items.len() == to.items.len()
}

/// The inputs of a month for the code of another that lays them out alike.
fn transposed(dossier: &Dossier, from: &Program, to: &Program) -> Dossier {
    let mut moved = dossier.clone();
    for segment in &mut moved.segments {
        segment.variant = segment.variant.min(to.variants.len().saturating_sub(1));
    }
    moved.cumuls.clear();
    for (slot, value) in &dossier.cumuls {
        let same = |layout: &Layout, slot| {
            layout
                .cumuls
                .iter()
                .find(|(_, _, other)| *other == slot)
                .map(|(id, part, _)| (*id, *part))
        };
        let total = same(&from.layout, *slot);
        let place = to.layout.cumuls.iter().find(|(id, part, _)| total == Some((*id, *part)));
        moved.cumuls.extend(place.map(|(_, _, slot)| (*slot, *value)));
    }
    moved
}

#[cfg(test)]
mod tests;
