//! What differs between two sides: payslip by payslip, then by employer and by rubrique.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::slip::{AgentSlips, Slip, State};
use super::top::{Rank, Top};
use crate::domain::{Siret, Word};

/// Names of the totals of a payslip that are compared, in the order of [`Slip::totals`].
pub const TOTALS: [&str; 3] = ["brut", "net_a_payer", "cout_employeur"];

/// What happened to a payslip from one side to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// The same lines.
    Identique,
    /// The same amounts, said otherwise: a label, a base, a rate.
    Presentation,
    /// Other amounts.
    Montants,
    /// Only the second side has it.
    Apparait,
    /// Only the first side has it.
    Disparait,
    /// It could be paid, it waits now.
    SeBloque,
    /// It waited, it can be paid now.
    SeDebloque,
    /// It waits on both sides: nothing to compare.
    ResteBloque,
}

impl Change {
    /// Every one, in the order of the counts.
    pub const ALL: [Self; 8] = [
        Self::Identique,
        Self::Presentation,
        Self::Montants,
        Self::Apparait,
        Self::Disparait,
        Self::SeBloque,
        Self::SeDebloque,
        Self::ResteBloque,
    ];

    /// The word of files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identique => "identique",
            Self::Presentation => "presentation",
            Self::Montants => "montants",
            Self::Apparait => "apparait",
            Self::Disparait => "disparait",
            Self::SeBloque => "se_bloque",
            Self::SeDebloque => "se_debloque",
            Self::ResteBloque => "reste_bloque",
        }
    }

    /// Whether the two sides differ.
    pub fn differs(self) -> bool {
        !matches!(self, Self::Identique | Self::ResteBloque)
    }
}

/// How many payslips had each [`Change`], in the order of [`Change::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts(pub [u64; 8]);

impl Counts {
    /// Payslips with a change.
    pub fn of(&self, change: Change) -> u64 {
        let at = Change::ALL.iter().position(|other| *other == change);
        at.and_then(|at| self.0.get(at)).copied().unwrap_or(0)
    }

    /// Payslips compared.
    pub fn all(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Payslips that differ.
    pub fn differing(&self) -> u64 {
        Change::ALL.iter().filter(|change| change.differs()).map(|&change| self.of(change)).sum()
    }

    fn add(&mut self, change: Change) {
        let at = Change::ALL.iter().position(|other| *other == change);
        if let Some(count) = at.and_then(|at| self.0.get_mut(at)) {
            *count += 1;
        }
    }

    fn merge(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine += theirs);
    }
}

/// One payslip that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlipDifference {
    /// The employer.
    pub siret: Siret,
    /// The agent.
    pub agent: Word,
    /// The contract.
    pub contrat: Word,
    /// What happened.
    pub change: Change,
    /// Totals before, in cents, in the order of [`TOTALS`]; none when it was not paid.
    pub before: Option<[i64; 3]>,
    /// Totals after.
    pub after: Option<[i64; 3]>,
    /// By place of the rubrique: what the agent side and the employer side gain, in cents.
    pub rubriques: Vec<(usize, [i64; 2])>,
}

impl SlipDifference {
    /// After minus before; a payslip that is not paid counts for nothing.
    pub fn gaps(&self) -> [i64; 3] {
        let (before, after) = (self.before.unwrap_or_default(), self.after.unwrap_or_default());
        [after[0] - before[0], after[1] - before[1], after[2] - before[2]]
    }

    /// The greatest changes of net first, then of cost, of gross pay, of one rubrique.
    fn rank(&self) -> Rank {
        let [brut, net, cout] = self.gaps().map(i64::unsigned_abs);
        let sides = self.rubriques.iter().flat_map(|(_, gaps)| gaps);
        let most = sides.map(|gap| gap.unsigned_abs()).max().unwrap_or(0);
        let name = [self.siret.to_string(), self.agent.to_string(), self.contrat.to_string()];
        (vec![net, cout, brut, most], Reverse(name))
    }
}

/// What changes under one rubrique.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RubriqueDifference {
    /// Payslips whose amount changes.
    pub bulletins: u64,
    /// What the agent side gains, in cents.
    pub agent: i64,
    /// What the employer side gains, in cents.
    pub employeur: i64,
}

impl RubriqueDifference {
    fn merge(&mut self, other: Self) {
        self.bulletins += other.bulletins;
        self.agent += other.agent;
        self.employeur += other.employeur;
    }
}

/// What changes for one employer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmployeurDifference {
    /// Its payslips.
    pub counts: Counts,
    /// Sums of the payslips that can be paid, in cents, in the order of [`TOTALS`].
    pub before: [i64; 3],
    /// The same, after.
    pub after: [i64; 3],
    /// By place of the rubrique; only those that change.
    pub rubriques: BTreeMap<usize, RubriqueDifference>,
}

impl EmployeurDifference {
    /// Adds another part of the same employer.
    pub fn merge(&mut self, other: &Self) {
        self.counts.merge(other.counts);
        add(&mut self.before, other.before);
        add(&mut self.after, other.after);
        for (&place, &rubrique) in &other.rubriques {
            self.rubriques.entry(place).or_default().merge(rubrique);
        }
    }
}

fn add(sums: &mut [i64; 3], more: [i64; 3]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}

/// The whole comparison: totals, and the few payslips worth a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differences {
    /// Agents compared.
    pub agents: u64,
    /// Agents with a payslip that differs.
    pub touched: u64,
    /// Agents whose own rows are wrong: nothing is computed on either side.
    pub unread: u64,
    /// By employer.
    pub employeurs: BTreeMap<Siret, EmployeurDifference>,
    /// The payslips whose amounts move most.
    pub top: Top<Rank, SlipDifference>,
    /// The first payslips that appear, disappear, wait or wait no more.
    pub states: Vec<SlipDifference>,
    room: usize,
}

impl Differences {
    /// Nothing yet; `room` payslips are kept in each list.
    pub fn new(room: usize) -> Self {
        let (employeurs, top, states) = (BTreeMap::new(), Top::new(room), Vec::new());
        Self { agents: 0, touched: 0, unread: 0, employeurs, top, states, room }
    }

    /// Compares the payslips of an agent; gives those that differ.
    pub fn agent(&mut self, before: &AgentSlips, after: &AgentSlips) -> Vec<SlipDifference> {
        self.agents += 1;
        let same = |a: &Slip, b: &Slip| a.siret == b.siret && a.contrat == b.contrat;
        let mut found = Vec::new();
        for old in &before.slips {
            let new = after.slips.iter().find(|new| same(old, new));
            found.extend(self.slip(&before.agent, Some(old), new));
        }
        for new in &after.slips {
            if !before.slips.iter().any(|old| same(old, new)) {
                found.extend(self.slip(&after.agent, None, Some(new)));
            }
        }
        self.touched += u64::from(!found.is_empty());
        found
    }

    fn slip(
        &mut self,
        agent: &Word,
        old: Option<&Slip>,
        new: Option<&Slip>,
    ) -> Option<SlipDifference> {
        let any = new.or(old)?;
        let payable = |slip: Option<&Slip>| {
            slip.filter(|slip| slip.state == State::Payable).map(|slip| slip.totals)
        };
        let mut difference = SlipDifference {
            siret: any.siret,
            agent: Word::clone(agent),
            contrat: Word::clone(&any.contrat),
            change: Change::Identique,
            before: payable(old),
            after: payable(new),
            rubriques: gaps(old, new),
        };
        difference.change = change(old, new, !difference.rubriques.is_empty());
        let employeur = self.employeurs.entry(any.siret).or_default();
        employeur.counts.add(difference.change);
        add(&mut employeur.before, difference.before.unwrap_or_default());
        add(&mut employeur.after, difference.after.unwrap_or_default());
        for &(place, [agent, employer]) in &difference.rubriques {
            let one = RubriqueDifference { bulletins: 1, agent, employeur: employer };
            employeur.rubriques.entry(place).or_default().merge(one);
        }
        if !difference.change.differs() {
            return None;
        }
        if !matches!(difference.change, Change::Montants | Change::Presentation) {
            if self.states.len() < self.room {
                self.states.push(difference.clone());
            }
        } else if difference.change == Change::Montants {
            self.top.push(difference.rank(), || difference.clone());
        }
        Some(difference)
    }

    /// Adds the next part, in the order of the agents.
    pub fn merge(&mut self, other: Self) {
        self.agents += other.agents;
        self.touched += other.touched;
        self.unread += other.unread;
        for (siret, employeur) in &other.employeurs {
            self.employeurs.entry(*siret).or_default().merge(employeur);
        }
        self.top.merge(other.top);
        let left = self.room.saturating_sub(self.states.len());
        self.states.extend(other.states.into_iter().take(left));
    }

    /// Every employer together.
    pub fn total(&self) -> EmployeurDifference {
        let mut total = EmployeurDifference::default();
        self.employeurs.values().for_each(|employeur| total.merge(employeur));
        total
    }
}

fn change(old: Option<&Slip>, new: Option<&Slip>, amounts: bool) -> Change {
    let (Some(old), Some(new)) = (old, new) else {
        return if old.is_some() { Change::Disparait } else { Change::Apparait };
    };
    match (old.state, new.state) {
        (State::Bloque, State::Bloque) => Change::ResteBloque,
        (State::Payable, State::Bloque) => Change::SeBloque,
        (State::Bloque, State::Payable) => Change::SeDebloque,
        _ if amounts || old.totals != new.totals => Change::Montants,
        _ if old.printed != new.printed => Change::Presentation,
        _ => Change::Identique,
    }
}

/// What each rubrique gains, by place; only those that change.
fn gaps(old: Option<&Slip>, new: Option<&Slip>) -> Vec<(usize, [i64; 2])> {
    let amounts = |slip: Option<&Slip>| -> Vec<(usize, [i64; 2])> {
        slip.map_or_else(Vec::new, |slip| slip.amounts.clone())
    };
    let mut gaps: BTreeMap<usize, [i64; 2]> = amounts(new).into_iter().collect();
    for (place, [agent, employeur]) in amounts(old) {
        let gap = gaps.entry(place).or_default();
        *gap = [gap[0] - agent, gap[1] - employeur];
    }
    gaps.into_iter().filter(|(_, gap)| *gap != [0, 0]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slip(contrat: &str, net: i64, amounts: &[(usize, [i64; 2])]) -> Slip {
        Slip {
            siret: Siret::NONE,
            contrat: contrat.into(),
            state: State::Payable,
            totals: [net + 50, net, net + 100],
            amounts: amounts.to_vec(),
            printed: 1,
        }
    }

    fn agent(name: &str, slips: Vec<Slip>) -> AgentSlips {
        AgentSlips { agent: name.into(), slips }
    }

    #[test]
    fn what_moves_is_counted_once_and_adds_up() {
        let mut all = Differences::new(2);
        let same = agent("A", vec![slip("1", 1000, &[(0, [1000, 0])])]);
        assert_eq!(all.agent(&same, &same), []);
        let mut said = same.clone();
        said.slips[0].printed = 2;
        assert_eq!(all.agent(&same, &said)[0].change, Change::Presentation);
        let two = vec![slip("1", 1000, &[(0, [900, 0]), (2, [0, 40])]), slip("2", 10, &[])];
        let found = all.agent(&same, &agent("A", two));
        assert_eq!(found[0].rubriques, [(0, [-100, 0]), (2, [0, 40])]);
        assert_eq!((found[0].change, found[1].change), (Change::Montants, Change::Apparait));
        let blocked = agent("A", vec![Slip::blocked(Siret::NONE, "1".into())]);
        assert_eq!(all.agent(&same, &blocked)[0].change, Change::SeBloque);
        assert_eq!(all.agent(&blocked, &blocked), []);
        let total = all.total();
        assert_eq!((all.agents, all.touched), (5, 3));
        assert_eq!((total.counts.all(), total.counts.differing()), (6, 4));
        assert_eq!(total.before, [4 * 1050, 4000, 4 * 1100]);
        assert_eq!(total.after, [3 * 1050 + 60, 3010, 3 * 1100 + 110]);
        let gained = total.rubriques.get(&0).map(|r| (r.bulletins, r.agent, r.employeur));
        assert_eq!(gained, Some((2, -1100, 0)));
    }

    #[test]
    fn parts_give_the_same_as_the_whole() {
        let pairs: Vec<_> = (0..9_i64)
            .map(|n| {
                let name = format!("A{n}");
                let gain = [n * 7 % 5, 0];
                let old = agent(&name, vec![slip("1", 1000, &[(0, [0, 0])])]);
                (old, agent(&name, vec![slip("1", 1000 + n * 7 % 5, &[(0, gain)])]))
            })
            .collect();
        let of = |pairs: &[(AgentSlips, AgentSlips)]| {
            let mut all = Differences::new(3);
            pairs.iter().for_each(|(old, new)| {
                all.agent(old, new);
            });
            all
        };
        let mut parts = of(&pairs[..4]);
        parts.merge(of(&pairs[4..]));
        assert_eq!(parts, of(&pairs));
        let first = parts.top.iter().next().map(|top| (&*top.agent, top.gaps()[1]));
        assert_eq!(first, Some(("A2", 4)));
    }
}
