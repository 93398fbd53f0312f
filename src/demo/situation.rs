//! What happens to an invented agent: one contract or two, what changes inside the month.

use std::io::{self, Write};

use super::DemoFiles;
use super::absence::{self, Away};
use super::agent::Agent;
use super::career;
use super::elements;
use super::elus::{self, Fonction};
use super::employer::Employer;
use super::family;
use super::plan::Nature;
use super::post::{FULL_WEEK, Hours, Pay, Post, Statut};
use super::prng::Prng;
use crate::calendar::{Day, PayPeriod};

/// An agent in its surroundings.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    /// The agent.
    pub(super) agent: &'a Agent<'a>,
    /// Its employer.
    pub(super) employer: &'a Employer,
    /// A tiny commune next door that may share the agent.
    pub(super) neighbour: Option<&'a Employer>,
    /// The communauté where the mayor may have a second mandate.
    pub(super) epci: Option<&'a Employer>,
    /// The month of the pool.
    pub(super) mois: PayPeriod,
}

/// One contract of an agent.
#[derive(Clone, Copy)]
pub(super) struct Contract<'a> {
    /// Its name, unique for the agent.
    pub(super) name: &'static str,
    /// With whom.
    pub(super) employer: &'a Employer,
    /// The post, with the hours of this contract.
    pub(super) post: Post,
    /// First day.
    pub(super) start: Day,
    /// Last day, when it is known.
    pub(super) end: Option<Day>,
    /// Day on which it was concluded, when that is not its first day.
    pub(super) conclu: Option<Day>,
    /// Pension scheme, when the reader must not deduce it.
    pub(super) regime: &'static str,
}

/// What happens to a career around the month.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Nothing,
    Arrival,
    Departure,
    StepInMonth,
    LatePromotion,
    Therapeutic,
}

/// Writes everything about one agent but its identity; returns the number of contracts.
pub(super) fn write<W: Write>(
    rng: &mut Prng,
    case: &Case,
    files: &mut DemoFiles<W>,
) -> io::Result<u64> {
    let event = event(rng, case.agent.post);
    let (start, end, conclu) = dates(rng, case, event);
    let mut first = Contract {
        name: "C1",
        employer: case.employer,
        post: *case.agent.post,
        start,
        end,
        conclu,
        regime: regime(case.agent.post),
    };
    let second = match first.post.statut {
        Statut::Elu => second_mandate(rng, case, &first),
        _ => second(rng, case, &mut first, event),
    };
    career::write(rng, case, &first, event, &mut files.carrieres)?;
    if let Some(second) = &second {
        career::write(rng, case, second, Event::Nothing, &mut files.carrieres)?;
    }
    family::write(rng, case, &mut files.familles)?;
    family::write_tax_rate(rng, case, &mut files.taux_pas)?;
    let quiet = event == Event::Nothing && second.is_none();
    let away = match quiet {
        true => absence::write(rng, case, &first, &mut files.absences)?,
        false => Away::No,
    };
    elements::write(rng, case, &first, away, &mut files.elements)?;
    if let Some(second) = &second {
        elements::write(rng, case, second, away, &mut files.elements)?;
    }
    Ok(1 + u64::from(second.is_some()))
}

/// The month `count` months before.
pub(super) fn months_before(mois: PayPeriod, count: u32) -> PayPeriod {
    let months = mois.year() * 12 + i32::try_from(mois.month()).unwrap_or(1) - 1;
    let earlier = months - i32::try_from(count).unwrap_or(0);
    let month = earlier.rem_euclid(12).unsigned_abs() + 1;
    PayPeriod::new(earlier.div_euclid(12), month).unwrap_or(mois)
}

/// The month `count` months after.
pub(super) fn months_after(mois: PayPeriod, count: u32) -> PayPeriod {
    (0..count).fold(mois, |mois, _| mois.next())
}

/// A day of a month, from 1 to 28.
pub(super) fn day_of(mois: PayPeriod, day: u32) -> Day {
    Day::new(mois.year(), mois.month(), day).unwrap_or_else(|_| mois.first_day())
}

fn event(rng: &mut Prng, post: &Post) -> Event {
    let steps = post.statut == Statut::Titulaire && post.echelon < post.grade.echelons;
    let moves = !matches!(post.statut, Statut::Apprenti | Statut::ContratAide);
    match rng.below(1000) {
        _ if post.therapeutique > 0 => Event::Therapeutic,
        0..8 if moves => Event::Arrival,
        8..16 if moves && post.statut != Statut::Elu => Event::Departure,
        16..34 if steps => Event::StepInMonth,
        34..70 if steps => Event::LatePromotion,
        _ => Event::Nothing,
    }
}

/// First day, last day, day of conclusion.
fn dates(rng: &mut Prng, case: &Case, event: Event) -> (Day, Option<Day>, Option<Day>) {
    let post = case.agent.post;
    match post.statut {
        _ if event == Event::Arrival => (start(rng, case, event), end(rng, case, event), None),
        Statut::Apprenti => apprenticeship(rng, case),
        Statut::ContratAide => {
            let start = months_before(case.mois, rng.between(0, 10));
            let end = months_after(start, 11).last_day();
            let conclu = day_of(start.previous(), rng.between(5, 28));
            (start.first_day(), Some(end), Some(conclu))
        }
        Statut::Elu => {
            let depuis = post.mandat.and_then(|mandat| mandat.depuis);
            (depuis.unwrap_or_else(|| case.mois.first_day()), None, None)
        }
        _ => (start(rng, case, event), end(rng, case, event), None),
    }
}

/// A contract of one to three years that starts with the school year, concluded in the summer.
pub(super) fn apprenticeship(rng: &mut Prng, case: &Case) -> (Day, Option<Day>, Option<Day>) {
    let mois = case.mois;
    let oldest = case.agent.post.age.saturating_sub(16).min(2);
    let ago = rng.weighted(&[(50, 0), (38, 1), (12, 2)]).min(oldest);
    let month = if rng.chance(700) || mois.month() == 9 { 9 } else { 10 };
    let back = i32::from(mois.month() < month) + i32::try_from(ago).unwrap_or(0);
    let school = |year: i32, month| PayPeriod::new(year, month).unwrap_or(mois);
    let year = mois.year() - back;
    let start = day_of(school(year, month), rng.pick(&[1, 1, 1, 2, 5, 8, 12, 15]));
    let years = i32::try_from(rng.between(ago + 1, 3)).unwrap_or(1);
    let end = school(year + years, 8).last_day();
    // The first contracts fall in the months between the summer and the school year.
    (start, Some(end), Some(day_of(school(year, rng.between(5, 8)), rng.between(2, 28))))
}

pub(super) fn start(rng: &mut Prng, case: &Case, event: Event) -> Day {
    let usual = if rng.chance(600) { 1 } else { rng.between(2, 28) };
    let start = match event {
        Event::Arrival => day_of(case.mois, rng.between(2, 28)),
        Event::StepInMonth | Event::LatePromotion | Event::Therapeutic => {
            day_of(months_before(case.mois, rng.between(14, 40)), usual)
        }
        _ if case.agent.post.statut == Statut::Stagiaire => {
            day_of(months_before(case.mois, rng.between(1, 11)), usual)
        }
        _ => day_of(months_before(case.mois, rng.between(1, 36)), usual),
    };
    after_the_last_grids(start)
}

/// The échelons of most grades took another index in 2022: an earlier row would have two readings.
fn after_the_last_grids(start: Day) -> Day {
    Day::new(2022, 10, 1).map_or(start, |first| start.max(first))
}

fn end(rng: &mut Prng, case: &Case, event: Event) -> Option<Day> {
    let temporary = match case.agent.post.statut {
        Statut::Contractuel => rng.chance(550),
        Statut::Vacataire => true,
        _ => false,
    };
    if event == Event::Departure {
        return Some(day_of(case.mois, rng.between(2, 27)));
    }
    // Few end in the month itself.
    let left = if rng.chance(50) { 0 } else { rng.between(1, 20) };
    temporary.then(|| months_after(case.mois, left).last_day())
}

/// Deduced by the reader, except for those who teach: their threshold is not in weekly minutes.
pub(super) fn regime(post: &Post) -> &'static str {
    match post.hours {
        _ if post.statut == Statut::DetacheEtat => "pension_civile",
        Hours::Twentieths(16..) if post.is_fonctionnaire() => "cnracl",
        Hours::Twentieths(_) if post.is_fonctionnaire() => "ircantec",
        _ => "",
    }
}

/// A second contract with the commune next door, for some who have hours left.
pub(super) fn second<'a>(
    rng: &mut Prng,
    case: &Case<'a>,
    first: &mut Contract<'a>,
    event: Event,
) -> Option<Contract<'a>> {
    let neighbour = case.neighbour.filter(|_| event == Event::Nothing)?;
    let Hours::Week(minutes) = first.post.hours else { return None };
    let other = rng.pick(&[420, 480, 630, 840, 1050]);
    let indexed = first.post.pay == Pay::Grade && first.end.is_none();
    if !indexed || minutes >= FULL_WEEK || minutes + other > FULL_WEEK || !rng.chance(250) {
        return None;
    }
    if first.post.is_fonctionnaire() {
        // 28 hours over all posts open the retirement scheme of full-time civil servants.
        first.regime = if minutes + other >= 28 * 60 { "cnracl" } else { "ircantec" };
    }
    let post = Post { hours: Hours::Week(other), nbi: 0, ..first.post };
    let start = after_the_last_grids(day_of(months_before(case.mois, rng.between(1, 36)), 1));
    // The scheme of an official rests on both posts: neither stands without the other.
    let start = if first.post.is_fonctionnaire() { first.start } else { start };
    Some(Contract { name: "C2", employer: neighbour, post, start, ..*first })
}

/// A mayor who is also vice-president of the communauté.
fn second_mandate<'a>(
    rng: &mut Prng,
    case: &Case<'a>,
    first: &Contract<'a>,
) -> Option<Contract<'a>> {
    let mayor = first.post.mandat.is_some_and(|mandat| mandat.fonction == Fonction::Maire);
    let epci = case.epci.filter(|epci| mayor && epci.nature == Nature::Epci)?;
    if !rng.chance(60) {
        return None;
    }
    let mandat = elus::draw(rng, epci, Fonction::VicePresident, case.mois);
    let start = mandat.depuis.unwrap_or(first.start).max(first.start);
    let post = Post { mandat: Some(mandat), ..first.post };
    Some(Contract { name: "C2", employer: epci, post, start, ..*first })
}
