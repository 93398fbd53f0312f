//! Months in a row: an invented pool whose facts cover the months that end with the last one, as
//! an operator lives them.
//!
//! Each row says when the pool learns it, mostly before the pay of its month (the 25th); a part is
//! learned one to five months late, corrected, sometimes corrected again. Rows are appended: what
//! was believed before stays in the files. A run of each month with `--connu-le` the 25th sees what
//! was known then.
//!
//! May import: the rest of the invention. Must not know: rules, the disk, the clock.

mod away;
mod careers;
mod household;
mod life;
mod pay;
mod settings;
mod timeline;

use std::io::{self, Write};

use super::DemoFiles;
use super::post::{Post, Statut};
use super::prng::Prng;
use super::situation::{Case, day_of, months_after, months_before};
use crate::calendar::{Day, PayPeriod};

pub(super) use settings::write_parameters;

/// The first month that a pool may start with: the échelons of most grades took another index
/// shortly before.
pub(super) const EARLIEST: (i32, u32) = (2023, 1);

/// The months of a pool.
#[derive(Clone, Copy)]
pub(super) struct Span {
    /// First month.
    pub(super) first: PayPeriod,
    /// Last month.
    pub(super) last: PayPeriod,
}

impl Span {
    /// The months that end with `last`.
    pub(super) fn ending(last: PayPeriod, count: u32) -> Self {
        Self { first: months_before(last, count.saturating_sub(1)), last }
    }

    fn months(self) -> impl Iterator<Item = PayPeriod> {
        std::iter::successors(Some(self.first), |mois| Some(mois.next()))
            .take_while(move |mois| *mois <= self.last)
    }

    fn count(self) -> u32 {
        self.first.first_day().months_until(self.last.first_day()) + 1
    }

    /// One of the months.
    fn any(self, rng: &mut Prng) -> PayPeriod {
        months_after(self.first, rng.below(self.count()))
    }

    /// A day by which the pay of the last month knows it.
    fn cap(self, day: Day) -> Day {
        day.min(day_of(self.last, 24))
    }

    /// A day on which a pay of the months could learn something that starts on `depuis`: that
    /// month or the first one, before the 25th.
    fn in_time(self, rng: &mut Prng, depuis: Day) -> Day {
        day_of(PayPeriod::of(depuis).max(self.first), rng.between(2, 24))
    }

    /// A day in one of the months after `day`, nearer ones more often.
    fn late(self, rng: &mut Prng, day: Day) -> Day {
        let months = rng.weighted(&[(36, 1), (26, 2), (18, 3), (12, 4), (8, 5)]);
        self.cap(day_of(months_after(PayPeriod::of(day), months), rng.between(2, 24)))
    }
}

/// Some days earlier.
fn minus(day: Day, days: u32) -> Day {
    (0..days).fold(day, |day, _| day.previous())
}

/// The month in which the age of a post is true: contracts for the young and the unemployed are
/// short, and lie anywhere in the months.
pub(super) fn reference(rng: &mut Prng, post: &Post, span: Span) -> PayPeriod {
    match post.statut {
        Statut::Apprenti | Statut::ContratAide => span.any(rng),
        _ => span.first,
    }
}

/// The mandate of an agent as each part of the months has it; the same one for who has none.
#[derive(Clone, Copy)]
pub(super) struct Mandates {
    /// With the rates voted before the councils are renewed.
    pub(super) before: Post,
    /// At the last month.
    pub(super) after: Post,
}

impl Mandates {
    /// The mandates of the months from `first` to `last`, of a post drawn for each.
    pub(super) fn of(last: PayPeriod, first: PayPeriod, draw: impl Fn(PayPeriod) -> Post) -> Self {
        let eve = PayPeriod::new(2026, 2).unwrap_or(last);
        Self { before: draw(eve.clamp(first.min(last), last)), after: draw(last) }
    }
}

/// Writes everything about one agent but its identity; returns the number of contracts.
pub(super) fn write<W: Write>(
    rng: &mut Prng,
    case: &Case,
    span: Span,
    mandates: &Mandates,
    files: &mut DemoFiles<W>,
) -> io::Result<u64> {
    let life = life::draw(rng, case, span, mandates);
    let mut lines = Vec::with_capacity(life.contracts.len());
    for contract in &life.contracts {
        let line = careers::write(case, contract, &life, &mut files.carrieres)?;
        lines.push(line);
    }
    let births = household::write(rng, case, span, &life, &mut files.familles)?;
    household::write_tax_rates(rng, case, span, &mut files.taux_pas)?;
    let alone = life.contracts.len() == 1;
    for (contract, line) in life.contracts.iter().zip(&lines) {
        let stays = match alone {
            true => away::write(rng, case, span, contract, &births, &mut files.absences)?,
            false => Vec::new(),
        };
        let paid = pay::Paid { case, span, contract, line, stays: &stays, life: &life };
        pay::write(rng, &paid, &mut files.elements)?;
    }
    Ok(u64::try_from(life.contracts.len()).unwrap_or(1))
}
