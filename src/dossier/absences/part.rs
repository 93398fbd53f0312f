//! The part of the month that hours and half days of absence take.

use crate::diag::Code;
use crate::domain::Absence;
use crate::num::gcd;

use super::Piece;
use crate::dossier::carriere::SegmentFacts;
use crate::dossier::month::Contract;
use crate::dossier::{Finding, Preparer};

/// The part of a month and the number printed, in ten-thousandths; `None` when it is too fine, or
/// more than the month.
///
/// Hours are over those of a month at the working time of the agent; a half day is a sixtieth.
pub fn of_month(
    preparer: &Preparer<'_>,
    row: &Absence,
    segment: &SegmentFacts,
) -> Option<((i64, i64), i64)> {
    let (num, den, nombre) = if let Some(hours) = row.heures {
        let hours = hours.at_scale(2).ok()?;
        let monthly = preparer.book.book().parametre("heures_mensuelles")?;
        let monthly = monthly.valeurs.in_force(row.debut, preparer.known_on)?.value;
        let worked = segment.duree_travail;
        let num = i128::from(hours) * i128::from(monthly.1) * i128::from(worked.den());
        let den = 100 * i128::from(monthly.0) * i128::from(worked.num());
        (num, den, hours.checked_mul(100)?)
    } else {
        let halves = row.demi_journees?;
        (i128::from(halves), 60, halves.checked_mul(5_000)?)
    };
    let common = gcd(num, den).max(1);
    let lowest = |value: i128| i64::try_from(value.checked_div(common)?).ok();
    let part = (lowest(num)?, lowest(den)?);
    let whole = i128::from(segment.thirtieths) * i128::from(part.1);
    (part.0 >= 0 && part.1 > 0 && i128::from(part.0) * 30 <= whole).then_some((part, nombre))
}

/// A number of hours or half days that no month holds.
pub fn unusable(row: &Absence) -> Finding {
    Finding::new(
        Code::E735,
        Some(row.reference),
        format!("`{}` has more hours or half days than the month is paid for", row.nature),
        "correct the number, or write the absence as whole days",
    )
}

/// Absences that together take more than the pay of a segment.
pub fn control(
    contract: &Contract<'_>,
    segments: &[SegmentFacts],
    pieces: &[Piece],
    out: &mut Vec<Finding>,
) {
    for (at, segment) in segments.iter().enumerate() {
        // In millionths of thirtieths: a warning light, not an amount.
        let taken = |piece: &Piece| {
            let (num, den) = piece.input.part;
            (i128::from(num) * 30_000_000).checked_div(i128::from(den)).unwrap_or(0)
        };
        let mut mine = pieces.iter().filter(|piece| piece.input.segment == at);
        let total: i128 = mine.clone().map(taken).sum();
        if total > i128::from(segment.thirtieths) * 1_000_000 {
            let last = mine.next_back().and_then(|piece| contract.facts.absences.get(piece.row));
            out.extend(last.map(unusable));
        }
    }
}
