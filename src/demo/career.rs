//! The rows of `carrieres.csv` of one contract.

use std::io::{self, Write};

use super::grades::Grade;
use super::post::{Hours, Pay, Statut};
use super::prng::Prng;
use super::situation::{Case, Contract, Event, day_of, months_before};
use super::table::Table;
use crate::calendar::Day;

/// The facts that a row may change; the others are those of the post.
#[derive(Clone, Copy)]
pub(super) struct Row {
    /// First day.
    pub(super) depuis: Day,
    /// Last day, when it is known.
    pub(super) fin: Option<Day>,
    /// Day on which the pool learns it; none: always known.
    pub(super) connu_le: Option<Day>,
    /// Grade.
    pub(super) grade: Grade,
    /// From 1.
    pub(super) echelon: u32,
    /// Time worked under therapeutic part time, in percent; 0: none.
    pub(super) therapeutique: u32,
    /// Rate of a mandate, in steps of 0.0001.
    pub(super) taux: u32,
    /// The index of a grade without a known grid; 0: the grid says it.
    pub(super) indice: u32,
    /// Why the row was written.
    pub(super) motif: &'static str,
}

/// Writes the rows of one contract: how it started, then what changed.
pub(super) fn write<W: Write>(
    rng: &mut Prng,
    case: &Case,
    contract: &Contract,
    event: Event,
    table: &mut Table<W>,
) -> io::Result<()> {
    let post = &contract.post;
    let mandat = post.mandat.unwrap_or_default();
    let first = Row {
        depuis: contract.start,
        fin: contract.end,
        connu_le: None,
        grade: post.grade,
        echelon: post.echelon,
        therapeutique: 0,
        taux: mandat.taux,
        indice: 0,
        motif: match (event, post.statut) {
            (_, Statut::Elu) => mandat.fonction.motif(),
            (Event::Arrival, _) => "arrivée",
            (Event::Departure, _) => "départ",
            (_, Statut::Apprenti) => "contrat d'apprentissage",
            (_, Statut::ContratAide) => "parcours emploi compétences",
            _ => "",
        },
    };
    // Someone elected this month starts at the latest rate.
    let releve = mandat.releve.filter(|(day, _)| *day > contract.start);
    let late = mandat.releve.filter(|_| releve.is_none());
    let first = Row { taux: late.map_or(first.taux, |(_, taux)| taux), ..first };
    write_row(case, contract, &first, table)?;
    if let Some((depuis, taux)) = releve {
        let row = Row { depuis, taux, motif: "nouveau taux de l'indemnité", ..first };
        return write_row(case, contract, &row, table);
    }
    match change(rng, case, contract, event, first) {
        Some(row) => write_row(case, contract, &row, table),
        None => Ok(()),
    }
}

/// The row that an event adds.
fn change(
    rng: &mut Prng,
    case: &Case,
    contract: &Contract,
    event: Event,
    first: Row,
) -> Option<Row> {
    let post = &contract.post;
    match event {
        Event::StepInMonth => Some(Row {
            depuis: day_of(case.mois, rng.between(2, 28)),
            connu_le: Some(day_of(months_before(case.mois, 1), rng.between(1, 28))),
            echelon: post.echelon + 1,
            motif: "avancement d'échelon",
            ..first
        }),
        Event::LatePromotion => {
            let ago = rng.between(1, 6);
            let learned = months_before(case.mois, rng.below(ago));
            let above = post.above.filter(|_| rng.chance(400));
            Some(Row {
                depuis: day_of(months_before(case.mois, ago), 1),
                connu_le: Some(day_of(learned, rng.between(1, 20))),
                grade: above.unwrap_or(post.grade),
                echelon: match above {
                    Some(grade) => post.echelon.min(grade.echelons),
                    None => post.echelon + 1,
                },
                motif: match above {
                    Some(_) => "avancement de grade",
                    None => "avancement d'échelon",
                },
                ..first
            })
        }
        Event::Therapeutic => Some(Row {
            depuis: day_of(months_before(case.mois, rng.below(6)), rng.pick(&[1, 1, 8, 16])),
            therapeutique: post.therapeutique,
            motif: "temps partiel thérapeutique",
            ..first
        }),
        _ => None,
    }
}

/// Writes one row.
pub(super) fn write_row<W: Write>(
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
        Pay::Statut => table.empty().empty().empty().empty().empty().empty(),
        Pay::Grade => {
            let table = table.text(row.grade.nom).number(row.echelon);
            table.number_or_empty(row.indice).empty().empty().empty()
        }
        Pay::Indice(points) => {
            let categorie = post.ladder.categorie.letter();
            table.empty().empty().number(points).text(categorie).empty().empty()
        }
        Pay::Flat(cents) => {
            let categorie = post.ladder.categorie.letter();
            table.empty().empty().empty().text(categorie).cents(u64::from(cents)).empty()
        }
        Pay::Hourly(cents) => table.empty().empty().empty().empty().empty().cents(u64::from(cents)),
    };
    match post.hours {
        Hours::Free => table.empty(),
        _ => table.number(post.quotite),
    };
    write_hours(post.hours, table);
    table.number_or_empty(row.therapeutique).number_or_empty(post.nbi).number_or_empty(post.cti);
    match post.mandat {
        Some(mandat) => table.text(mandat.fonction.name()).fixed(u64::from(row.taux), 4),
        None => table.empty().empty(),
    };
    table.text(row.motif).day_or_empty(contract.conclu).number_or_empty(post.groupe);
    let yes = |fact: bool| if fact { "oui" } else { "" };
    table.text(yes(post.loge)).text(yes(post.surcotisation)).end()
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
        Hours::Free => {}
    }
    table.close();
}
