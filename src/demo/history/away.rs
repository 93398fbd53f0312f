//! The rows of `absences.csv` over the months: handed in on time or late, some corrected.

use std::io::{self, Write};

use super::{Span, minus};
use crate::calendar::{Day, PayPeriod};
use crate::demo::absence::{self, Row, plus};
use crate::demo::prng::Prng;
use crate::demo::situation::{Case, Contract};
use crate::demo::table::Table;

/// Writes the absences of one contract; gives them as they turned out to be.
pub(super) fn write<W: Write>(
    rng: &mut Prng,
    case: &Case,
    span: Span,
    contract: &Contract,
    births: &[Day],
    table: &mut Table<W>,
) -> io::Result<Vec<Row>> {
    let mut stays = draw(rng, case, span, contract, births);
    for row in &mut stays {
        row.connu_le = learned(rng, span, row);
        absence::write_row(case, contract, row, table)?;
        if row.nature != "maladie_ordinaire" || !rng.chance(60) {
            continue;
        }
        // Back at work earlier than the certificate said; or not, after all.
        let days = u32::try_from(row.debut.days_until(row.fin)).unwrap_or(0);
        let known = row.connu_le.unwrap_or(row.debut).max(row.debut);
        let second = plus(known, rng.between(8, 50));
        if days < 2 || second > span.cap(second) {
            continue;
        }
        let shorter = minus(row.fin, rng.between(1, days - 1));
        let mut corrected = *row;
        (corrected.fin, corrected.connu_le) = (shorter, Some(second));
        absence::write_row(case, contract, &corrected, table)?;
        let third = plus(second, rng.between(15, 50));
        if rng.chance(350) && third == span.cap(third) {
            let mut restored = *row;
            restored.connu_le = Some(third);
            absence::write_row(case, contract, &restored, table)?;
        } else {
            row.fin = shorter;
        }
    }
    Ok(stays)
}

/// Draws them, in order of time, none over another.
fn draw(rng: &mut Prng, case: &Case, span: Span, contract: &Contract, births: &[Day]) -> Vec<Row> {
    let mut stays: Vec<Row> = Vec::new();
    let mut long = false;
    for mois in span.months() {
        let at = Case { mois, ..*case };
        let born = births.iter().find(|day| mois.contains(**day));
        let (episode, lasting) = match born {
            Some(day) => (absence::around_birth(&at, contract, *day), false),
            None if rng.chance(46) => absence::episode(rng, &at, contract),
            None => continue,
        };
        let Some(first) = episode.first() else { continue };
        // Who pays more for a scheme than the pay of the days worked cannot leave it unpaid.
        let unpaid = matches!(first.nature, "disponibilite" | "conge_parental");
        if unpaid && contract.post.surcotisation {
            continue;
        }
        let free = stays.last().is_none_or(|last| plus(last.fin, 4) < first.debut);
        if free && !(long && lasting) {
            long |= lasting;
            stays.extend(episode);
        }
    }
    stays
}

/// When the pool learns of a row: a leave that is granted beforehand, the rest some days after it
/// began, or late.
fn learned(rng: &mut Prng, span: Span, row: &Row) -> Option<Day> {
    if row.debut < span.first.first_day() {
        return None;
    }
    let granted = matches!(
        row.nature,
        "clm"
            | "cld"
            | "cgm"
            | "maternite"
            | "adoption"
            | "disponibilite"
            | "conge_parental"
            | "naissance_supplementaire"
    );
    if granted {
        return Some(minus(row.debut, rng.between(3, 20)));
    }
    let late = match row.nature {
        "greve" => 450,
        "service_non_fait" => 300,
        _ => 150,
    };
    if rng.chance(late) {
        // After the pay of the month, one month or two.
        let mois = PayPeriod::of(row.debut);
        return Some(span.late(rng, mois.first_day()).min(plus(row.debut, 75)).max(row.debut));
    }
    Some(plus(row.debut, rng.between(0, 3)))
}
