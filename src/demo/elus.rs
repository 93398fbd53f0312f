//! Elected representatives: how many are paid, what for, at which rate.
//!
//! A rate never exceeds the ceiling of the stratum; those of mayors and deputies rose on
//! 2025-12-24, at once for mayors, by a vote of the council for the others.

use super::employer::Employer;
use super::plan::Nature;
use super::prng::Prng;
use crate::calendar::{Day, PayPeriod};

/// What an elected representative is paid for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fonction {
    #[default]
    Maire,
    Adjoint,
    ConseillerDelegue,
    President,
    VicePresident,
}

impl Fonction {
    /// The name written in files.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Maire => "maire",
            Self::Adjoint => "adjoint",
            Self::ConseillerDelegue => "conseiller_delegue",
            Self::President => "president",
            Self::VicePresident => "vice_president",
        }
    }

    /// Why the row was written.
    pub(super) fn motif(self) -> &'static str {
        match self {
            Self::Maire | Self::President => "élection",
            _ => "délégation de fonctions",
        }
    }
}

/// A mandate: one rate, then another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mandat {
    /// What it is.
    pub(super) fonction: Fonction,
    /// Rate of the allowance from its first day, in steps of 0.0001.
    pub(super) taux: u32,
    /// A later rate and its first day.
    pub(super) releve: Option<(Day, u32)>,
    /// First day, when the councils were last renewed.
    pub(super) depuis: Option<Day>,
}

/// Ceilings of a stratum, in steps of 0.0001: communes before and after the law of 2025, then
/// the president and the vice-presidents of a communauté de communes and of a syndicat.
struct Strate {
    below: u32,
    maire: (u32, u32),
    adjoint: (u32, u32),
    epci: (u32, u32),
    syndicat: (u32, u32),
}

const fn strate(
    below: u32,
    maire: (u32, u32),
    adjoint: (u32, u32),
    epci: (u32, u32),
    syndicat: (u32, u32),
) -> Strate {
    Strate { below, maire, adjoint, epci, syndicat }
}

/// By population; the last one has no upper bound.
const STRATES: &[Strate] = &[
    strate(500, (2550, 2810), (990, 1089), (1275, 495), (473, 189)),
    strate(1000, (4030, 4430), (1070, 1177), (2325, 619), (669, 268)),
    strate(3500, (5160, 5570), (1980, 2138), (3225, 1237), (1220, 465)),
    strate(10_000, (5500, 5830), (2200, 2332), (4125, 1650), (1693, 677)),
    strate(20_000, (6500, 6760), (2750, 2860), (4875, 2063), (2166, 866)),
    strate(50_000, (9000, 9000), (3300, 3300), (6750, 2473), (2559, 1024)),
    strate(100_000, (11_000, 11_000), (4400, 4400), (8249, 3300), (2953, 1181)),
    strate(200_000, (14_500, 14_500), (6600, 6600), (10_875, 4950), (3544, 1772)),
    strate(u32::MAX, (14_500, 14_500), (7250, 7250), (10_875, 5437), (3741, 1870)),
];

/// How many of those an employer pays are elected.
pub(super) fn count(nature: Nature, size: u32) -> u32 {
    match (nature, size) {
        (Nature::Commune, 0..2) => 0,
        (Nature::Commune, 2) => 1,
        (Nature::Commune, 3..5) => 2,
        (Nature::Commune, 5..8) => 3,
        (Nature::Commune, 8..14) => 4,
        (Nature::Commune, 14..41) => 5,
        (Nature::Commune, 41..121) => 7,
        (Nature::Commune, 121..301) => 9,
        (Nature::Commune, 301..901) => 13,
        (Nature::Commune, _) => 17,
        (Nature::Epci, 0..4) => 0,
        (Nature::Epci, 4..30) => 3,
        (Nature::Epci, 30..120) => 7,
        (Nature::Epci, _) => 11,
        (Nature::Syndicat, 0..3) => 0,
        (Nature::Syndicat, 3..12) => 1,
        (Nature::Syndicat, _) => 3,
        _ => 0,
    }
}

/// The mandate held at a rank, from 0.
pub(super) fn mandat(rng: &mut Prng, employer: &Employer, rank: u32, mois: PayPeriod) -> Mandat {
    let others = count(employer.nature, employer.size).saturating_sub(1);
    let delegues = if employer.nature == Nature::Commune { others.div_euclid(4) } else { 0 };
    let fonction = match (employer.nature, rank) {
        (Nature::Commune, 0) => Fonction::Maire,
        (Nature::Commune, _) if rank + delegues > others && others > 3 => {
            Fonction::ConseillerDelegue
        }
        (Nature::Commune, _) => Fonction::Adjoint,
        (_, 0) => Fonction::President,
        _ => Fonction::VicePresident,
    };
    draw(rng, employer, fonction, mois)
}

/// A mandate of a function with an employer.
pub(super) fn draw(
    rng: &mut Prng,
    employer: &Employer,
    fonction: Fonction,
    mois: PayPeriod,
) -> Mandat {
    let Some(strate) = STRATES.iter().find(|strate| employer.population < strate.below) else {
        return Mandat::default();
    };
    let (epci, syndicat) = (strate.epci, strate.syndicat);
    let (before, after) = match (employer.nature, fonction) {
        (_, Fonction::Maire) => strate.maire,
        (_, Fonction::Adjoint) => strate.adjoint,
        // Taken from what the deputies leave of the whole they may share.
        (_, Fonction::ConseillerDelegue) => (500, 500),
        (Nature::Syndicat, Fonction::President) => (syndicat.0, syndicat.0),
        (Nature::Syndicat, Fonction::VicePresident) => (syndicat.1, syndicat.1),
        (_, Fonction::President) => (epci.0, epci.0),
        (_, Fonction::VicePresident) => (epci.1, epci.1),
    };
    let part = match fonction {
        Fonction::Maire | Fonction::President if rng.chance(850) => 100,
        Fonction::Maire | Fonction::President => rng.between(75, 95),
        _ => rng.between(65, 85),
    };
    let vote = rng.between(1, 3);
    let vote = Day::new(2026, vote, 1).ok().filter(|_| rng.chance(600));
    let day = |month, day| Day::new(if month == 7 { 2020 } else { 2026 }, month, day).ok();
    let rate = |ceiling: u32| (ceiling * part).div_euclid(100);
    let renewed = day(3, rng.between(20, 28));
    if mois.year() > 2026 || (mois.year() == 2026 && mois.month() > 3) {
        return Mandat { fonction, taux: rate(after), releve: None, depuis: renewed };
    }
    let law = match fonction {
        Fonction::Maire => Day::new(2025, 12, 24).ok(),
        _ => vote,
    };
    let releve = law.filter(|law| before != after && *law <= mois.last_day());
    let releve = releve.map(|law| (law, rate(after)));
    Mandat { fonction, taux: rate(before), releve, depuis: day(7, rng.between(3, 10)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deputies_leave_enough_for_those_who_have_a_delegation() {
        for size in 2..3000 {
            let others = count(Nature::Commune, size) - 1;
            let delegues = if others > 3 { others.div_euclid(4) } else { 0 };
            // 15 % of the ceiling of a deputy, against 5 % of the index for each delegation.
            assert!(delegues * 42_500 <= (others - delegues) * 990 * 15 + 100, "{size}");
        }
    }
}
