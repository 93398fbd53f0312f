//! The careers of an invented agent: one contract or two, what changes inside the month.

use std::io::{self, Write};

use super::DemoFiles;
use super::agent::Agent;
use super::employer::Employer;
use super::extra;
use super::grades::Grade;
use super::post::{FULL_WEEK, Hours, Pay, Post, Statut};
use super::prng::Prng;
use super::table::Table;
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
    regime: &'static str,
}

/// What happens to a career around the month.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Event {
    Nothing,
    Arrival,
    Departure,
    StepInMonth,
    LatePromotion,
}

/// Writes everything about one agent but its identity; returns the number of contracts.
pub(super) fn write<W: Write>(
    rng: &mut Prng,
    case: &Case,
    files: &mut DemoFiles<W>,
) -> io::Result<u64> {
    let event = event(rng, case.agent.post);
    let mut first = Contract {
        name: "C1",
        employer: case.employer,
        post: *case.agent.post,
        start: start(rng, case, event),
        end: end(rng, case, event),
        regime: regime(case.agent.post),
    };
    let second = second(rng, case, &mut first, event);
    write_contract(rng, case, &first, event, &mut files.carrieres)?;
    if let Some(second) = &second {
        write_contract(rng, case, second, Event::Nothing, &mut files.carrieres)?;
    }
    extra::write_family(rng, case, &mut files.familles)?;
    extra::write_tax_rate(rng, case, &mut files.taux_pas)?;
    extra::write_elements(rng, case, &first, &mut files.elements)?;
    if let Some(second) = &second {
        extra::write_elements(rng, case, second, &mut files.elements)?;
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

/// A day of a month, from 1 to 28.
pub(super) fn day_of(mois: PayPeriod, day: u32) -> Day {
    Day::new(mois.year(), mois.month(), day).unwrap_or_else(|_| mois.first_day())
}

fn event(rng: &mut Prng, post: &Post) -> Event {
    let steps = post.statut == Statut::Titulaire && post.echelon < post.grade.echelons;
    match rng.below(1000) {
        0..8 => Event::Arrival,
        8..16 => Event::Departure,
        16..34 if steps => Event::StepInMonth,
        34..70 if steps => Event::LatePromotion,
        _ => Event::Nothing,
    }
}

fn start(rng: &mut Prng, case: &Case, event: Event) -> Day {
    let usual = if rng.chance(600) { 1 } else { rng.between(2, 28) };
    match event {
        Event::Arrival => day_of(case.mois, rng.between(2, 28)),
        Event::StepInMonth | Event::LatePromotion => {
            day_of(months_before(case.mois, rng.between(14, 40)), usual)
        }
        _ if case.agent.post.statut == Statut::Stagiaire => {
            day_of(months_before(case.mois, rng.between(1, 11)), usual)
        }
        _ => day_of(months_before(case.mois, rng.between(1, 36)), usual),
    }
}

fn end(rng: &mut Prng, case: &Case, event: Event) -> Option<Day> {
    let temporary = case.agent.post.statut == Statut::Contractuel && rng.chance(550);
    if event == Event::Departure {
        return Some(day_of(case.mois, rng.between(2, 27)));
    }
    temporary.then(|| {
        let months = rng.between(2, 20);
        (0..months).fold(case.mois, |mois, _| mois.next()).last_day()
    })
}

/// Deduced by the reader, except for those who teach: their threshold is not in weekly minutes.
fn regime(post: &Post) -> &'static str {
    match post.hours {
        Hours::Twentieths(16..) if post.is_fonctionnaire() => "cnracl",
        Hours::Twentieths(_) if post.is_fonctionnaire() => "ircantec",
        _ => "",
    }
}

/// A second contract with the commune next door, for some who have hours left.
fn second<'a>(
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
    let start = day_of(months_before(case.mois, rng.between(1, 36)), 1);
    Some(Contract { name: "C2", employer: neighbour, post, start, ..*first })
}

/// The facts that a row of `carrieres.csv` may change.
struct Row {
    depuis: Day,
    fin: Option<Day>,
    connu_le: Option<Day>,
    grade: Grade,
    echelon: u32,
    motif: &'static str,
}

fn write_contract<W: Write>(
    rng: &mut Prng,
    case: &Case,
    contract: &Contract,
    event: Event,
    table: &mut Table<W>,
) -> io::Result<()> {
    let post = &contract.post;
    let first = Row {
        depuis: contract.start,
        fin: contract.end,
        connu_le: None,
        grade: post.grade,
        echelon: post.echelon,
        motif: match event {
            Event::Arrival => "arrivée",
            Event::Departure => "départ",
            _ => "",
        },
    };
    write_row(case, contract, &first, table)?;
    match event {
        Event::StepInMonth => {
            let row = Row {
                depuis: day_of(case.mois, rng.between(2, 28)),
                connu_le: Some(day_of(months_before(case.mois, 1), rng.between(1, 28))),
                echelon: post.echelon + 1,
                motif: "avancement d'échelon",
                ..first
            };
            write_row(case, contract, &row, table)
        }
        Event::LatePromotion => {
            let ago = rng.between(1, 6);
            let learned = months_before(case.mois, rng.below(ago));
            let above = post.above.filter(|_| rng.chance(400));
            let row = Row {
                depuis: day_of(months_before(case.mois, ago), 1),
                connu_le: Some(day_of(learned, rng.between(1, 20))),
                grade: above.unwrap_or(post.grade),
                echelon: match above {
                    Some(grade) => post.echelon.min(grade.echelons),
                    None => post.echelon + 1,
                },
                motif: if above.is_some() {
                    "avancement de grade"
                } else {
                    "avancement d'échelon"
                },
                ..first
            };
            write_row(case, contract, &row, table)
        }
        _ => Ok(()),
    }
}

fn write_row<W: Write>(
    case: &Case,
    contract: &Contract,
    row: &Row,
    table: &mut Table<W>,
) -> io::Result<()> {
    let post = &contract.post;
    case.agent.id(table).text(&contract.employer.siret).text(contract.name);
    table.day(row.depuis).day_or_empty(row.fin).day_or_empty(row.connu_le);
    table.text(post.statut.name()).text(contract.regime);
    match post.pay {
        Pay::Grade => table.text(row.grade.nom).number(row.echelon).empty().empty().empty(),
        Pay::Indice(points) => {
            table.empty().empty().number(points).text(post.ladder.categorie.letter()).empty()
        }
        Pay::Flat(cents) => {
            let categorie = post.ladder.categorie.letter();
            table.empty().empty().empty().text(categorie).cents(u64::from(cents))
        }
    };
    table.number(post.quotite);
    write_hours(post.hours, table);
    table.number_or_empty(post.nbi).number_or_empty(post.cti).text(row.motif).end()
}

fn write_hours<W: Write>(hours: Hours, table: &mut Table<W>) {
    match hours {
        Hours::Week(minutes) => {
            table.digits(u64::from(minutes.div_euclid(60)), 1);
            if minutes % 60 != 0 {
                table.piece(":").digits(u64::from(minutes % 60), 2);
            }
        }
        Hours::Twentieths(hours) => {
            table.digits(u64::from(hours), 1).piece("/20");
        }
    }
    table.close();
}
