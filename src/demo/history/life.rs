//! How a career begins, moves and ends in the months: contracts and changes, each with the day on
//! which the pool learns it.

use super::careers;
use super::timeline::{Change, Op};
use super::{Mandates, Span, minus};
use crate::calendar::{Day, PayPeriod};
use crate::demo::absence::plus;
use crate::demo::elus::{Fonction, Mandat};
use crate::demo::post::{Pay, Post, Statut};
use crate::demo::prng::Prng;
use crate::demo::situation::{self, Case, Contract, Event, day_of, months_after, months_before};
use crate::demo::special;

/// The contracts of an agent, and what happens to them.
pub(super) struct Life<'a> {
    pub(super) contracts: Vec<Contract<'a>>,
    /// Sorted by the day of learning; no two on one day.
    pub(super) changes: Vec<Change>,
    /// The last day that the first row says.
    pub(super) foreseen: Option<Day>,
    /// The day on which the first row is learned; none: before the months.
    pub(super) hired: Option<Day>,
    /// The day on which an end that no row foresaw is learned.
    pub(super) left: Option<Day>,
    /// The day before which rows say an index that no grid gives.
    pub(super) grid: Option<Day>,
}

/// The dates of a first contract.
#[derive(Clone, Copy)]
struct Dates {
    start: Day,
    foreseen: Option<Day>,
    end: Option<Day>,
    conclu: Option<Day>,
    left: Option<Day>,
}

/// Draws the life of an agent.
pub(super) fn draw<'a>(
    rng: &mut Prng,
    case: &Case<'a>,
    span: Span,
    mandates: &Mandates,
) -> Life<'a> {
    let mut changes = Vec::new();
    let mut post = *case.agent.post;
    let dates = match post.statut {
        Statut::Elu => mandate(rng, span, mandates, &mut changes),
        Statut::Apprenti => {
            let (start, end, conclu) = situation::apprenticeship(rng, case);
            Dates { start, foreseen: end, end, conclu, left: None }
        }
        Statut::ContratAide => subsidised(rng, case, span, &mut post, &mut changes),
        Statut::Contractuel if rng.chance(550) => temporary(rng, case, span, &mut changes),
        _ => lasting(rng, case, span),
    };
    if let (Some(end), Some(learned)) = (dates.end, dates.left) {
        let motif = "départ";
        changes.push(Change { depuis: end, connu_le: learned, op: Op::End(end), motif });
    }
    let mut first = Contract {
        name: "C1",
        employer: case.employer,
        post,
        start: dates.start,
        end: dates.end,
        conclu: dates.conclu,
        regime: situation::regime(&post),
    };
    let second = situation::second(rng, case, &mut first, Event::Nothing);
    let mut contracts = vec![first];
    // Nobody has the second post before the first.
    let start = |second: Contract<'a>| Contract { start: second.start.max(first.start), ..second };
    contracts.extend(second.map(start));
    changes.extend(careers::plan(rng, &contracts, span));
    // In the order of learning, one a day.
    changes.sort_by_key(|change| change.connu_le);
    let hired = (dates.start >= span.first.first_day())
        .then(|| minus(dates.conclu.unwrap_or(dates.start), rng.between(3, 30)));
    let mut last = hired;
    for change in &mut changes {
        if let Some(last) = last {
            change.connu_le = change.connu_le.max(last.next());
        }
        last = Some(change.connu_le);
    }
    let grid = careers::grid(&first, span);
    Life { contracts, changes, foreseen: dates.foreseen, hired, left: dates.left, grid }
}

/// A contract without a foreseen end: since long, or from a day of the months; some leave.
fn lasting(rng: &mut Prng, case: &Case, span: Span) -> Dates {
    let start = start(rng, case, span);
    let months = span.count();
    let retired = case.agent.post.age + months.div_euclid(12) >= 66;
    let leaves = match case.agent.post.statut {
        Statut::Contractuel => 220,
        Statut::Vacataire => 500,
        Statut::DetacheEtat => 60,
        _ => 110,
    };
    let earliest = months_after(PayPeriod::of(start).max(span.first), 3);
    let room = earliest.first_day().months_until(span.last.first_day());
    let leaves = (retired || rng.chance(leaves)) && earliest < span.last;
    let mois = months_after(earliest, rng.below(room.max(1)));
    let end = match rng.chance(500) {
        true => mois.last_day(),
        false => day_of(mois, rng.between(2, 27)),
    };
    let learned = match rng.chance(150) {
        true => plus(end, rng.between(2, 40)),
        false => minus(end, rng.between(10, 60)),
    };
    let end = leaves.then_some(end);
    Dates { start, foreseen: None, end, conclu: None, left: end.map(|_| span.cap(learned)) }
}

fn start(rng: &mut Prng, case: &Case, span: Span) -> Day {
    if !rng.chance(220) || span.count() < 2 {
        return situation::start(rng, case, Event::Nothing);
    }
    let mois = months_after(span.first, rng.between(1, span.count() - 1));
    if rng.chance(600) { mois.first_day() } else { day_of(mois, rng.between(2, 28)) }
}

/// Term after term; a further term may be signed after it began.
fn temporary(rng: &mut Prng, case: &Case, span: Span, changes: &mut Vec<Change>) -> Dates {
    let start = start(rng, case, span);
    let mut foreseen = months_after(PayPeriod::of(start), rng.between(4, 17)).last_day();
    while foreseen < span.first.last_day() {
        foreseen = months_after(PayPeriod::of(foreseen), rng.between(6, 14)).last_day();
    }
    let mut end = foreseen;
    while end < span.last.first_day() && rng.chance(700) {
        let depuis = end.next();
        end = months_after(PayPeriod::of(depuis), rng.between(5, 17)).last_day();
        let learned = match rng.chance(160) {
            true => plus(depuis, rng.between(3, 45)),
            false => minus(depuis, rng.between(3, 25)),
        };
        let (connu_le, op) = (span.cap(learned), Op::Term(end));
        changes.push(Change { depuis, connu_le, op, motif: "renouvellement du contrat" });
    }
    Dates { start, foreseen: Some(foreseen), end: Some(end), conclu: None, left: None }
}

/// A year at the minimum wage, which rises in between; one in two is renewed.
fn subsidised(
    rng: &mut Prng,
    case: &Case,
    span: Span,
    post: &mut Post,
    changes: &mut Vec<Change>,
) -> Dates {
    let begin = months_before(case.mois, rng.between(0, 10));
    let conclu = day_of(begin.previous(), rng.between(5, 28));
    let mut end = months_after(begin, 11).last_day();
    let foreseen = Some(end);
    if rng.chance(500) {
        let depuis = end.next();
        let connu_le = minus(depuis, rng.between(5, 25));
        end = months_after(PayPeriod::of(depuis), 11).last_day();
        changes.push(Change { depuis, connu_le, op: Op::Term(end), motif: "renouvellement" });
    }
    if let Pay::Flat(cents) = post.pay {
        let mut paid = cents.max(special::smic(begin));
        post.pay = Pay::Flat(paid);
        for mois in span.months().filter(|mois| begin < *mois && mois.last_day() <= end) {
            let minimum = special::smic(mois);
            if minimum > paid {
                paid = minimum;
                let (depuis, op) = (mois.first_day(), Op::Pay(Pay::Flat(paid)));
                let connu_le = day_of(mois, rng.between(2, 20));
                changes.push(Change { depuis, connu_le, op, motif: "relèvement du SMIC" });
            }
        }
    }
    let start = begin.first_day();
    Dates { start, foreseen, end: Some(end), conclu: Some(conclu), left: None }
}

/// A mandate: the rate of the law of 2025, then the councils of 2026, where some are not elected
/// again.
fn mandate(rng: &mut Prng, span: Span, mandates: &Mandates, changes: &mut Vec<Change>) -> Dates {
    let before = mandates.before.mandat.unwrap_or_default();
    let after = mandates.after.mandat.unwrap_or_default();
    let start = before.depuis.unwrap_or_else(|| span.first.first_day());
    let none = Dates { start, foreseen: None, end: None, conclu: None, left: None };
    if let Some((depuis, taux)) = before.releve {
        let connu_le = vote(rng, depuis, &before);
        let motif = "nouveau taux de l'indemnité";
        changes.push(Change { depuis, connu_le, op: Op::Taux(taux), motif });
    }
    let Some(depuis) = after.depuis.filter(|day| *day > start) else { return none };
    if matches!(before.fonction, Fonction::Maire | Fonction::President) || rng.chance(760) {
        let (op, motif) = (Op::Taux(after.taux), after.fonction.motif());
        let connu_le = plus(depuis, rng.between(0, 12));
        changes.push(Change { depuis, connu_le, op, motif });
        return none;
    }
    let end = depuis.previous();
    let left = Some(minus(end, rng.between(1, 8)));
    Dates { end: Some(end), left, ..none }
}

/// A mayor has the rate of the law at once; a council votes for the others, often afterwards.
fn vote(rng: &mut Prng, depuis: Day, mandat: &Mandat) -> Day {
    match mandat.fonction {
        Fonction::Maire => plus(depuis, rng.between(5, 40)),
        _ => minus(depuis, rng.between(1, 20)),
    }
}
