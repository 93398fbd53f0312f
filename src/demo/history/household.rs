//! The rows of `familles.csv` and `taux_pas.csv`: children born, grown up, declared late; the rate
//! of each autumn.

use std::io::{self, Write};

use super::life::Life;
use super::{Span, minus};
use crate::calendar::{Day, PayPeriod};
use crate::demo::absence::plus;
use crate::demo::family;
use crate::demo::prng::Prng;
use crate::demo::situation::{Case, day_of, months_after};
use crate::demo::table::Table;

/// Writes the children; gives the days of birth in the months.
pub(super) fn write<W: Write>(
    rng: &mut Prng,
    case: &Case,
    span: Span,
    life: &Life,
    table: &mut Table<W>,
) -> io::Result<Vec<Day>> {
    let opening = Case { mois: span.first, ..*case };
    let (mut children, shared) = family::write(rng, &opening, table)?;
    let mut births = Vec::new();
    // What is said of one child is settled before the next is spoken of.
    let mut settled = minus(span.first.first_day(), 1);
    let start = life.contracts.first().map_or(settled, |contract| contract.start);
    for mois in span.months() {
        let since = span.first.first_day().months_until(mois.first_day());
        let age = case.agent.post.age + since.div_euclid(12);
        let fertile = if case.agent.post.femme { 22..41 } else { 23..47 };
        let born = fertile.contains(&age) && children < 5 && rng.chance(4);
        let grown = !born && age >= 43 && children > shared && children > 0 && rng.chance(6);
        let day = if born { day_of(mois, rng.between(1, 28)) } else { mois.first_day() };
        if !(born || grown) || day <= settled || day < start {
            continue;
        }
        children = if born { children + 1 } else { children - 1 };
        let connu_le = match (born, rng.chance(if born { 380 } else { 420 })) {
            (true, true) => plus(day, rng.between(35, 200)),
            (true, false) => plus(day, rng.between(3, 20)),
            (false, true) => span.late(rng, day),
            (false, false) => minus(day, rng.between(5, 40)),
        };
        let connu_le = span.cap(connu_le);
        case.agent.id(table).day(day).day(connu_le).number(children).number(shared).end()?;
        if born {
            births.push(day);
        }
        settled = connu_le.max(day);
    }
    Ok(births)
}

/// Writes the rates of the tax office: a new one each September, sent the month before.
pub(super) fn write_tax_rates<W: Write>(
    rng: &mut Prng,
    case: &Case,
    span: Span,
    table: &mut Table<W>,
) -> io::Result<()> {
    let opening = Case { mois: span.first, ..*case };
    let mut rate = family::write_tax_rate(rng, &opening, table)?;
    let autumns = |mois: &PayPeriod| mois.month() == 9 && *mois > span.first;
    for mois in span.months().filter(autumns) {
        // Someone without a rate may have one from then on.
        let Some(known) = rate.or_else(|| rng.chance(300).then(|| rng.between(5, 60))) else {
            continue;
        };
        let revised = match known {
            0 if !rng.chance(60) => 0,
            known => (known + rng.below(14)).saturating_sub(6),
        };
        rate = Some(revised);
        case.agent.id(table).day(mois.first_day());
        table.day(day_of(mois.previous(), rng.between(12, 24)));
        table.fixed(u64::from(revised), 3).end()?;
        if rng.chance(60) {
            // A change of situation, applied from a later month.
            let from = months_after(mois, rng.between(2, 8));
            let revised = (revised + rng.below(20)).saturating_sub(10);
            case.agent.id(table).day(from.first_day());
            table.day(day_of(from.previous(), rng.between(12, 24)));
            table.fixed(u64::from(revised), 3).end()?;
        }
    }
    Ok(())
}
