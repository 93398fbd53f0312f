//! Who employs how many: the sizes of all employers, before any is invented.
//!
//! Employers come in blocks of one département: its centre de gestion first, then a town, a
//! communauté, the CCAS of the town, the département itself and its fire service when the pool is
//! large enough, then communes and their establishments at random, most of them tiny.
//!
//! The size of an employer counts everybody it pays, the elected included.

use super::DemoSpec;
use super::prng::{self, Prng};
use super::words::DEPARTEMENTS;

/// Employers of one block.
pub(super) const BLOCK: u32 = 400;

/// Below this natural size, an employer keeps it whatever the size of the pool.
const SMALL: u32 = 14;

/// Kind of employer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Nature {
    #[default]
    Commune,
    Epci,
    Ccas,
    Cias,
    Syndicat,
    Cdg,
    Departement,
    Sdis,
}

impl Nature {
    /// The name written in files.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Commune => "commune",
            Self::Epci => "epci",
            Self::Ccas => "ccas",
            Self::Cias => "cias",
            Self::Syndicat => "syndicat",
            Self::Cdg => "cdg",
            Self::Departement => "departement",
            Self::Sdis => "sdis",
        }
    }
}

/// The sizes of all employers, and how to find a département.
pub(super) struct Plan {
    /// The seed of the pool.
    pub(super) graine: u64,
    first_departement: u32,
    kinds: Vec<(Nature, u32)>,
    /// Agents of the same block before each employer.
    before: Vec<u32>,
}

impl Plan {
    /// Shares the agents out among the employers; the sizes add up to the agents asked for.
    pub(super) fn new(spec: &DemoSpec) -> Self {
        let mut kinds: Vec<_> = (0..spec.employeurs).map(|index| kind(spec, index)).collect();
        fit(&mut kinds, spec.agents);
        let mut before = Vec::with_capacity(kinds.len());
        let mut seen = 0;
        for (index, (_, size)) in (0_u32..).zip(&kinds) {
            seen = if index % BLOCK == 0 { 0 } else { seen };
            before.push(seen);
            seen += size;
        }
        let mut rng = Prng::of_item(spec.graine, prng::PLAN, u32::MAX);
        let first_departement = rng.below(8);
        Self { graine: spec.graine, first_departement, kinds, before }
    }

    /// The kind and the number of agents of an employer, if it is in the pool.
    pub(super) fn kind(&self, index: u32) -> Option<(Nature, u32)> {
        self.kinds.get(usize::try_from(index).ok()?).copied()
    }

    /// The number of an agent inside its block.
    pub(super) fn rank(&self, index: u32, position: u32) -> u32 {
        let before = usize::try_from(index).ok().and_then(|index| self.before.get(index));
        before.copied().unwrap_or(0) + position
    }

    /// The département of a block, and how many times the list was already gone through.
    pub(super) fn departement(&self, index: u32) -> (u32, u32) {
        let count = u32::try_from(DEPARTEMENTS.len()).unwrap_or(1);
        let block = index.div_euclid(BLOCK) + self.first_departement;
        let place = usize::try_from(block % count).unwrap_or(0);
        (DEPARTEMENTS.get(place).copied().unwrap_or(71), block.div_euclid(count))
    }
}

/// The kind of an employer and the size it would have in a pool of a natural composition.
fn kind(spec: &DemoSpec, index: u32) -> (Nature, u32) {
    let mut rng = Prng::of_item(spec.graine, prng::PLAN, index);
    let with_departement = spec.employeurs >= BLOCK.div_euclid(2);
    match index % BLOCK {
        0 => return (Nature::Cdg, rng.between(60, 140)),
        1 => return (Nature::Commune, rng.between(700, 900)),
        2 => return (Nature::Epci, rng.between(180, 400)),
        3 => return (Nature::Ccas, rng.between(60, 180)),
        4 if with_departement => return (Nature::Departement, rng.between(900, 2200)),
        5 if with_departement => return (Nature::Sdis, rng.between(250, 500)),
        _ => {}
    }
    match rng.below(1000) {
        0..690 => (Nature::Commune, rng.weighted(TINY)),
        690..785 => (Nature::Commune, rng.between(10, 40)),
        785..825 => (Nature::Commune, rng.between(40, 120)),
        825..840 => (Nature::Commune, rng.between(100, 300)),
        840..844 => (Nature::Commune, rng.between(300, 1500)),
        844..880 => (Nature::Epci, rng.between(20, 250)),
        880..925 => (Nature::Ccas, rng.between(2, 60)),
        925..935 => (Nature::Cias, rng.between(30, 150)),
        _ => (Nature::Syndicat, rng.weighted(SYNDICATS)),
    }
}

/// Agents and elected representatives of a tiny commune.
const TINY: &[(u32, u32)] =
    &[(6, 3), (22, 5), (34, 6), (14, 8), (9, 9), (6, 10), (4, 11), (3, 12), (2, 13)];

/// Agents of a syndicat.
const SYNDICATS: &[(u32, u32)] = &[(30, 1), (20, 2), (15, 4), (15, 8), (12, 20), (8, 45)];

/// Makes the sizes add up to `agents`: the small keep theirs when the others can keep a dozen,
/// and the others share what is left in proportion.
fn fit(kinds: &mut [(Nature, u32)], agents: u32) {
    let is_small = |size: u32| size <= SMALL;
    let small: u32 = kinds.iter().map(|(_, size)| size).filter(|size| is_small(**size)).sum();
    let large = kinds.iter().filter(|(_, size)| !is_small(*size)).count();
    let floor = u32::try_from(large).unwrap_or(u32::MAX).saturating_mul(12);
    if large > 0 && small.saturating_add(floor) <= agents {
        share(kinds.iter_mut().map(|(_, size)| size).filter(|size| !is_small(**size)), {
            agents - small
        });
    } else {
        share(kinds.iter_mut().map(|(_, size)| size), agents);
    }
}

/// Replaces the weights by whole shares of `total`, at least one each while there is enough.
fn share<'a>(weights: impl Iterator<Item = &'a mut u32>, total: u32) {
    let weights: Vec<&mut u32> = weights.collect();
    let count = u32::try_from(weights.len()).unwrap_or(u32::MAX);
    let least = u32::from(total >= count);
    let rest = u64::from(total - least * count);
    let sum: u64 = weights.iter().map(|weight| u64::from(**weight)).sum();
    let (mut seen, mut given) = (0_u64, 0_u64);
    for weight in weights {
        seen += u64::from(*weight);
        // Cumulative shares, so that what is cut from one goes to the next and none is lost.
        let reached = (rest * seen).checked_div(sum).unwrap_or(0);
        *weight = least + u32::try_from(reached - given).unwrap_or(0);
        given = reached;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::PayPeriod;

    fn plan(employeurs: u32, agents: u32) -> Plan {
        let mois = PayPeriod::new(2026, 10).unwrap();
        Plan::new(&DemoSpec { employeurs, agents, graine: 7, mois, historique: 1 })
    }

    #[test]
    fn sizes_add_up() {
        for (employeurs, agents) in [(1, 1), (10, 3), (12, 150), (400, 20_000), (35_000, 1_940_000)]
        {
            let plan = plan(employeurs, agents);
            let total: u32 = plan.kinds.iter().map(|(_, size)| size).sum();
            assert_eq!(total, agents, "{employeurs} employers");
        }
    }

    #[test]
    fn most_communes_are_tiny() {
        let plan = plan(400, 20_000);
        let tiny = plan.kinds.iter().filter(|(n, s)| *n == Nature::Commune && *s < 14).count();
        assert!((220..330).contains(&tiny), "{tiny}");
        assert!(plan.kinds.iter().all(|(_, size)| *size > 0));
    }
}
