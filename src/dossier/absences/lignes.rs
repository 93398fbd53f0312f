//! The rows of `absences.csv`: which ones count, which ones cannot be used, which days they cover.

use crate::calendar::{Day, KnownOn, Span30};
use crate::diag::{Code, nearest};
use crate::domain::Absence;

use super::droits::Fenetre;
use crate::dossier::month::Contract;
use crate::dossier::{Finding, Preparer};

/// The rows of an employer that are known: a row of the same contract, nature and first day that
/// was learned later corrects the former.
pub fn known(contract: &Contract<'_>, known_on: KnownOn) -> Vec<usize> {
    let rows = || {
        let rows = contract.facts.absences.iter().enumerate();
        rows.filter(|(_, row)| row.siret == contract.siret && known_on.knows(row.connu_le))
    };
    let corrected = |row: &Absence| {
        rows().any(|(_, other)| {
            (&other.contrat, &other.nature, other.debut) == (&row.contrat, &row.nature, row.debut)
                && other.connu_le > row.connu_le
        })
    };
    rows().filter(|(_, row)| !corrected(row)).map(|(at, _)| at).collect()
}

/// Why a row cannot be used at all.
pub fn refused(
    preparer: &Preparer<'_>,
    contract: &Contract<'_>,
    rows: &[usize],
    at: usize,
) -> Option<Finding> {
    let row = contract.facts.absences.get(at)?;
    let Some(nature) = preparer.nature(&row.nature) else {
        return Some(unknown(preparer, row));
    };
    let counted = row.heures.is_some() || row.demi_journees.is_some();
    let both = row.heures.is_some() && row.demi_journees.is_some();
    let column = if both || (counted && nature.get("heures") != "oui") {
        Some(if row.heures.is_some() { "heures" } else { "demi_journees" })
    } else if row.taux.is_some() && nature.get("taux") != "oui" {
        Some("taux")
    } else {
        None
    };
    if let Some(column) = column {
        let what = if both { "`heures` and `demi_journees` together" } else { "this column" };
        return Some(Finding::new(
            Code::E734,
            Some(row.reference),
            format!("`{}` does not take {what}: `{column}` is filled", row.nature),
            "leave the column empty, or name the absence that is counted so",
        ));
    }
    let others = rows.iter().filter(|&&other| other < at);
    let mut others = others.filter_map(|&other| contract.facts.absences.get(other));
    others.find(|other| overlap(row, other)).map(|other| {
        Finding::new(
            Code::E731,
            Some(row.reference),
            format!(
                "`{}` overlaps `{}` of line {}, from {} to {}",
                row.nature, other.nature, other.reference.line, other.debut, other.fin
            ),
            "one day has one absence: correct the dates, or replace the other row by a later one",
        )
    })
}

/// Whether two rows of one contract claim the same day. Hours add up.
fn overlap(row: &Absence, other: &Absence) -> bool {
    let counted = |row: &Absence| row.heures.is_some() || row.demi_journees.is_some();
    row.contrat == other.contrat
        && row.debut <= other.fin
        && other.debut <= row.fin
        && !(counted(row) && counted(other))
}

fn unknown(preparer: &Preparer<'_>, row: &Absence) -> Finding {
    let table = preparer.table("natures_absence");
    let names = table.map(|table| {
        let rows = table.rows("", preparer.period.first_day(), preparer.known_on);
        rows.map(|(name, _)| name).collect::<Vec<_>>()
    });
    let names = names.unwrap_or_default();
    let close = nearest(&row.nature, names.iter().copied(), 3);
    let shown = if close.is_empty() { names } else { close };
    Finding::new(
        Code::E730,
        Some(row.reference),
        format!("`{}` is not a nature of absence of these rules", row.nature),
        &format!("write one of `{}`", shown.join("`, `")),
    )
}

/// Rows that start in the month, for a contract without a day in it.
pub fn orphans(preparer: &Preparer<'_>, contract: &Contract<'_>) -> Vec<Finding> {
    let rows = known(contract, preparer.known_on).into_iter();
    let rows = rows.filter_map(|at| contract.facts.absences.get(at));
    rows.filter(|row| contract.owns(row.siret, &row.contrat) && preparer.period.contains(row.debut))
        .map(without_career)
        .collect()
}

/// A row whose agent has no day of career then.
pub fn without_career(row: &Absence) -> Finding {
    Finding::new(
        Code::W920,
        Some(row.reference),
        format!("`{}` covers no day of this contract in the month", row.nature),
        "correct its dates, or the career",
    )
}

/// A waiting day two days at most after another leave of the same nature: the law has one waiting
/// day for a leave and its prolongations.
pub fn doubled(contract: &Contract<'_>, rows: &[usize], row: &Absence) -> Option<Finding> {
    let mut others = rows.iter().filter_map(|&at| contract.facts.absences.get(at));
    let former = others.find(|other| {
        let gap = other.fin.days_until(row.debut) - 1;
        (&other.contrat, &other.nature) == (&row.contrat, &row.nature) && (0..=2).contains(&gap)
    })?;
    Some(Finding::new(
        Code::W922,
        Some(row.reference),
        format!("a new waiting day on {}, for a leave that ended on {}", row.debut, former.fin),
        "write `prolongation` when the cause is the same, or leave it for another illness",
    ))
}

/// No right is known for the statut or the seniority of the agent.
pub fn without_right(row: &Absence, population: &str) -> Finding {
    let granted = row.accorde_le.unwrap_or(row.debut);
    Finding::new(
        Code::E733,
        Some(row.reference),
        format!("`{}` gives no known right to `{population}` on {granted}", row.nature),
        "correct the nature, the statut or the career; see `paie show table droits_absence`",
    )
}

/// The rights of a leave are used up.
pub fn exhausted(row: &Absence, day: Day) -> Finding {
    Finding::new(
        Code::E732,
        Some(row.reference),
        format!("the rights of `{}` are exhausted on {day}: no pay from that day on", row.nature),
        "record what was decided (other leave, disponibilité, return), from that day on",
    )
}

/// The days that count with those of a row, sorted, each once.
pub fn counted(
    contract: &Contract<'_>,
    rows: &[usize],
    at: usize,
    fenetre: Fenetre,
) -> Vec<Span30> {
    let all = &contract.facts.absences;
    let Some(row) = all.get(at) else { return Vec::new() };
    let same = rows.iter().filter_map(|&other| all.get(other));
    let same = same.filter(|other| other.nature == row.nature);
    let mut same: Vec<&Absence> = same.collect();
    same.sort_by_key(|other| (other.debut, other.fin));
    if fenetre == Fenetre::Conge {
        let from = start(&same, row);
        same.retain(|other| from <= other.debut && other.debut <= row.debut);
    }
    let mut spans: Vec<Span30> = Vec::with_capacity(same.len());
    for other in same {
        match spans.last_mut() {
            Some(last) if other.debut <= last.last.next() => last.last = last.last.max(other.fin),
            _ => spans.push(Span30 { first: other.debut, last: other.fin }),
        }
    }
    spans
}

/// The first day of a leave, through what it prolongs.
fn start(same: &[&Absence], row: &Absence) -> Day {
    let mut current = row;
    while current.prolongation {
        let before = same.iter().rev().find(|other| other.debut < current.debut);
        let Some(before) = before else { break };
        current = before;
    }
    current.debut
}
