//! Which rows of `elements.csv` count this month, and what they bring.

use crate::calendar::Day;
use crate::diag::{Code, nearest};
use crate::domain::Element;
use crate::engine::ElementInput;
use crate::num::{Amount, Fixed};
use crate::program::Variant;
use crate::rules::{Nature, Portee, Segments};

use super::carriere::SegmentFacts;
use super::inputs::Source;
use super::month::Contract;
use super::{Finding, Preparer};

/// Rows that count, and the days on which one that is shared out starts or ends.
pub struct Chosen {
    /// Rows, in file order.
    pub rows: Vec<ActiveRow>,
    /// Days strictly inside the month.
    pub cuts: Vec<Day>,
}

/// A row and the days of the month it covers.
pub struct ActiveRow {
    /// Place in the elements of the agent.
    pub row: usize,
    /// First day.
    pub first: Day,
    /// Last day.
    pub last: Day,
}

/// Chooses the rows of a contract. An open-ended row lasts until a later open-ended row of the
/// same rubrique and label; a row with `fin` stands by itself.
pub fn choose(preparer: &Preparer<'_>, contract: &Contract<'_>) -> Chosen {
    let (first, last) = (preparer.period.first_day(), preparer.period.last_day());
    let known = |row: &&Element| preparer.known_on.knows(row.dated.connu_le);
    let mine = |row: &&Element| contract.owns(row.siret, &row.contrat);
    let mut chosen = Chosen { rows: Vec::new(), cuts: Vec::new() };
    for (at, row) in contract.facts.elements.iter().enumerate() {
        if !mine(&row) || !known(&row) {
            continue;
        }
        let others = contract.facts.elements.iter().filter(mine).filter(known);
        let Some(end) = end_of(row, others) else { continue };
        let (from, to) = (row.dated.depuis.max(first), end.unwrap_or(last).min(last));
        if from > to {
            continue;
        }
        let info = preparer.rubriques.get(&*row.rubrique);
        let info = info.and_then(|&item| preparer.program.items.get(item));
        if info.is_some_and(|info| info.segments == Segments::Prorata) {
            let edges = [(from > first).then_some(from), (to < last).then(|| to.next())];
            chosen.cuts.extend(edges.into_iter().flatten());
        }
        chosen.rows.push(ActiveRow { row: at, first: from, last: to });
    }
    chosen
}

/// The last day of a row (`Some(None)`: still open); `None` when another row replaces it whole.
fn end_of<'a>(row: &Element, others: impl Iterator<Item = &'a Element>) -> Option<Option<Day>> {
    let mut end = row.dated.fin;
    for other in others {
        if std::ptr::eq(other, row) || other.identity() != row.identity() {
            continue;
        }
        let same_kind = other.dated.fin.is_some() == row.dated.fin.is_some();
        if !same_kind {
            continue;
        }
        if other.dated.depuis == row.dated.depuis {
            // A row of the same start learned later is a correction: it replaces this one.
            if other.dated.connu_le > row.dated.connu_le {
                return None;
            }
        } else if row.dated.fin.is_none() && other.dated.depuis > row.dated.depuis {
            let before = other.dated.depuis.previous();
            end = Some(end.map_or(before, |end| end.min(before)));
        }
    }
    Some(end)
}

impl Chosen {
    /// The inputs of the rows, the rubriques they force, and their places in the facts.
    pub fn inputs(
        &self,
        preparer: &Preparer<'_>,
        contract: &Contract<'_>,
        segments: &[SegmentFacts],
        findings: &mut Vec<Finding>,
    ) -> (Vec<ElementInput>, Vec<(usize, Amount)>, Vec<usize>) {
        let (mut inputs, mut forced, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for active in &self.rows {
            let Some(row) = contract.facts.elements.get(active.row) else { continue };
            let Some(&item) = preparer.rubriques.get(&*row.rubrique) else {
                findings.push(unknown(preparer, row));
                continue;
            };
            let Some(info) = preparer.program.items.get(item) else { continue };
            if let Some(origin) = row.mois_origine.filter(|origin| *origin > preparer.period) {
                findings.push(Finding::new(
                    Code::E704,
                    Some(row.dated.reference),
                    format!("`mois_origine` is `{origin}`, after the month {}", preparer.period),
                    "a rappel is for an earlier month: correct it, or leave it empty",
                ));
                continue;
            }
            let paid = match row.montant_paye.map(|value| value.at_scale(2)) {
                Some(Ok(cents)) => Some(Amount::from_cents(cents)),
                Some(Err(error)) => {
                    findings.push(number(row, "montant_paye", &error.to_string()));
                    continue;
                }
                None => None,
            };
            if !info.portee.by_element() {
                let single = !matches!(info.nature, Nature::Cotisation | Nature::Total);
                match paid {
                    Some(amount) if single => {
                        forced.push((item, amount));
                    }
                    _ => findings.push(computed(row)),
                }
                continue;
            }
            let bits = segments.iter().enumerate().filter(|(_, segment)| {
                segment.first <= active.last && segment.last >= active.first
            });
            if !ruled(preparer, item, bits.clone().map(|(_, segment)| segment.first)) {
                findings.push(no_rule(preparer, row));
                continue;
            }
            let mask = bits.fold(0_u64, |mask, (at, _)| mask | (1 << at.min(63)));
            let Some(values) = values(preparer, row, findings) else { continue };
            // Segments refused above explain a row without a day: one finding is enough.
            if mask == 0 && segments.is_empty() {
                continue;
            }
            if mask == 0 && paid.is_none() {
                findings.push(Finding::new(
                    Code::W914,
                    Some(row.dated.reference),
                    format!("`{}` covers no day of this contract in the month", row.rubrique),
                    "correct its dates, or the career",
                ));
                continue;
            }
            inputs.push(ElementInput { item, active: mask, values, paid });
            places.push(active.row);
        }
        (inputs, forced, places)
    }
}

/// Whether a rule covers a row whose segments start on the given days: what the last segment gives
/// needs one there, what is shared out needs one somewhere. Without a day, the month decides.
fn ruled(preparer: &Preparer<'_>, item: usize, days: impl Iterator<Item = Day>) -> bool {
    let program = preparer.program;
    let info = program.items.get(item);
    if info.is_some_and(|info| info.portee == Portee::ElementMois) {
        return program.month.iter().any(|block| block.item == item);
    }
    let has = |variant: &Variant| matches!(variant.element.get(item), Some(Some(_)));
    let on = |day| program.variants.get(preparer.variant(day));
    let known: Vec<bool> = days.map(|day| on(day).is_some_and(has)).collect();
    match known.last() {
        None => program.variants.iter().any(has),
        Some(&last) if info.is_some_and(|info| info.segments == Segments::Dernier) => last,
        Some(_) => known.contains(&true),
    }
}

fn values(
    preparer: &Preparer<'_>,
    row: &Element,
    findings: &mut Vec<Finding>,
) -> Option<Vec<i128>> {
    let mut values = Vec::with_capacity(preparer.layout.element.len());
    for input in &preparer.layout.element {
        let (nom, value): (&str, Option<Fixed>) = match input.source {
            Source::Nombre => ("nombre", row.nombre),
            Source::Base => ("base", row.base),
            Source::Taux => ("taux", row.taux),
            Source::Montant => ("montant", row.montant),
            _ => ("", None),
        };
        values.push(match value.map(|value| input.number(value)) {
            None => crate::program::MISSING,
            Some(Ok(value)) => value,
            Some(Err(reason)) => {
                findings.push(number(row, nom, &reason));
                return None;
            }
        });
    }
    Some(values)
}

fn number(row: &Element, column: &str, reason: &str) -> Finding {
    Finding::new(
        Code::E705,
        Some(row.dated.reference),
        format!("`{column}` of `{}` cannot be used: {reason}", row.rubrique),
        "correct the row of elements.csv",
    )
}

fn computed(row: &Element) -> Finding {
    Finding::new(
        Code::E717,
        Some(row.dated.reference),
        format!("`{}` is computed by the rules and takes no element", row.rubrique),
        "remove the row; to force an amount that is not a contribution, write `montant_paye`",
    )
}

/// A rubrique that exists, but that no rule covers this month.
fn no_rule(preparer: &Preparer<'_>, row: &Element) -> Finding {
    let book = preparer.book.book();
    let item = book.items.iter().find(|item| *item.nom == *row.rubrique);
    let first = item.and_then(|item| item.versions.versions().first());
    let first = first.map_or_else(String::new, |version| format!(", from {}", version.depuis));
    Finding::new(
        Code::E726,
        Some(row.dated.reference),
        format!("no rule covers `{}` in {}{first}", row.rubrique, preparer.period),
        "date the row in a covered month, or give its amount with `PRIME` and a label",
    )
}

fn unknown(preparer: &Preparer<'_>, row: &Element) -> Finding {
    let mut names: Vec<&str> = preparer.rubriques.keys().copied().collect();
    names.sort_unstable();
    let close = nearest(&row.rubrique, names, 3);
    let remede = if close.is_empty() {
        "see the codes with `paie show rubrique`".to_owned()
    } else {
        format!("the nearest codes are `{}`", close.join("`, `"))
    };
    let message = format!("`{}` is not a rubrique of these rules", row.rubrique);
    Finding { code: Code::E717, reference: Some(row.dated.reference), message, remede }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Month, agent, carriere, employeur};
    use super::*;
    use crate::domain::Statut;

    /// The rule of the tenth ends on 22 June 2025: a row that lasts beyond it is refused, one of a
    /// contract that ended before is paid.
    #[test]
    fn a_row_whose_last_day_has_no_rule_is_refused() {
        let month = Month::national("2025-06");
        let found = |fin: Option<&str>| {
            let mut career = carriere("2020-01-01", 400, "100");
            career.statut = Statut::Contractuel;
            career.dated.fin = fin.map(|day| Day::parse(day).unwrap());
            let mut facts = agent(vec![career], 0);
            let mut row = super::super::sample::element("ICCP");
            row.base = Some(Fixed::new(900_000, 2));
            facts.elements.push(row);
            let prepared = month.prepared(&employeur(&[]), &facts);
            prepared.findings.into_iter().map(|finding| finding.code).collect::<Vec<_>>()
        };
        assert_eq!(found(None), [Code::E726]);
        assert_eq!(found(Some("2025-06-20")), []);
    }
}
