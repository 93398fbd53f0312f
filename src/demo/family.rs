//! What the tax office and the family say: children, tax rate.

use std::io::{self, Write};

use super::grades::Categorie;
use super::prng::Prng;
use super::situation::{Case, day_of, months_before};
use super::table::Table;

/// Writes the rows of `familles.csv`, none without children; returns how many children there are,
/// and how many of them in shared custody.
pub(super) fn write<W: Write>(
    rng: &mut Prng,
    case: &Case,
    table: &mut Table<W>,
) -> io::Result<(u32, u32)> {
    let children = match case.agent.post.age {
        0..26 => rng.weighted(&[(90, 0), (8, 1), (2, 2)]),
        26..34 => rng.weighted(&[(45, 0), (28, 1), (21, 2), (5, 3), (1, 4)]),
        34..52 => rng.weighted(&[(22, 0), (26, 1), (35, 2), (13, 3), (4, 4)]),
        52..58 => rng.weighted(&[(58, 0), (25, 1), (14, 2), (3, 3)]),
        _ => rng.weighted(&[(92, 0), (7, 1), (1, 2)]),
    };
    if children == 0 {
        return Ok((0, 0));
    }
    let shared = if rng.chance(110) { rng.between(1, children) } else { 0 };
    let last = rng.between(2, 90);
    if children > 1 && rng.chance(400) {
        let earlier = months_before(case.mois, last + rng.between(14, 60));
        case.agent.id(table).day(day_of(earlier, 1)).empty();
        table.number(children - 1).number(0_u32).end()?;
    }
    case.agent.id(table).day(day_of(months_before(case.mois, last), rng.between(1, 28))).empty();
    table.number(children).number(shared).end()?;
    Ok((children, shared))
}

/// Writes the rows of `taux_pas.csv`; some agents have none and fall to the default grid. Returns
/// the last rate, in thousandths.
pub(super) fn write_tax_rate<W: Write>(
    rng: &mut Prng,
    case: &Case,
    table: &mut Table<W>,
) -> io::Result<Option<u32>> {
    if !rng.chance(920) {
        return Ok(None);
    }
    // In thousandths, as the tax office sends them.
    let (exempt, low, high) = match case.agent.post.ladder.categorie {
        Categorie::C => (450, 5, 52),
        Categorie::B => (220, 10, 78),
        Categorie::A => (60, 28, 139),
    };
    let rate = if rng.chance(exempt) { 0 } else { rng.between(low, high) };
    let since = months_before(case.mois, rng.between(1, 11));
    case.agent.id(table).day(day_of(since, 1)).empty().fixed(u64::from(rate), 3).end()?;
    if rng.chance(250) {
        let revised = (rate + rng.below(12)).saturating_sub(5);
        case.agent.id(table).day(case.mois.first_day());
        table.day(day_of(months_before(case.mois, 1), rng.between(12, 28)));
        table.fixed(u64::from(revised), 3).end()?;
        return Ok(Some(revised));
    }
    Ok(Some(rate))
}
