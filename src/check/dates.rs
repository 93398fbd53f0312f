//! Every value a covered month reads has a version in that month.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::diag::{Code, Diagnostic};
use crate::rules::{Book, Item, ItemId, ItemKind, Timeline};
use crate::source::Span;

use super::node::{Node, NodeKind};

/// Reports each parametre, bareme or quantity that some covered month reads without a version in
/// force; a quantity may say that it is zero then.
pub fn check(book: &Book<Node>, out: &mut Vec<Diagnostic>) {
    let mut gaps: BTreeMap<String, Gap> = BTreeMap::new();
    let starts: Vec<PayPeriod> = changes(book).into_iter().collect();
    for (at, &first) in starts.iter().enumerate() {
        // Nothing changes until the next start: what is missing is missing until then.
        let next = starts.get(at + 1).copied().unwrap_or(book.coverage.dernier.next());
        for item in &book.items {
            uncovered(book, item, Stretch { first, next }, &mut gaps);
        }
    }
    for (nom, gap) in gaps {
        let help = if gap.quantity {
            "add the version that was in force, or write `zero_sans_regle = true` if it was nothing"
        } else {
            "add the version that was in force, or start the reading rule later"
        };
        let last = gap.next.previous();
        out.push(
            Diagnostic::new(Code::D203, format!("no version of `{nom}` covers {}", gap.first))
                .at(gap.read, "read here")
                .and(gap.defined, gap.starts)
                .note(if gap.first == last {
                    format!("missing in {}", gap.first)
                } else {
                    format!("missing from {} to {last}", gap.first)
                })
                .help(help),
        );
    }
}

/// The covered months whose first day may see another version than the month before.
fn changes(book: &Book<Node>) -> BTreeSet<PayPeriod> {
    fn of<T>(timeline: &Timeline<T>, days: &mut Vec<Day>) {
        for version in timeline.versions() {
            days.push(version.depuis);
            days.extend(version.fin.map(Day::next));
        }
    }
    let mut days = Vec::new();
    book.parametres.iter().for_each(|parametre| of(&parametre.valeurs, &mut days));
    book.baremes.iter().for_each(|bareme| of(&bareme.tranches, &mut days));
    for item in &book.items {
        of(&item.versions, &mut days);
        of(&item.agent, &mut days);
        of(&item.employeur, &mut days);
    }
    let (premier, dernier) = (book.coverage.premier, book.coverage.dernier);
    let months = days.into_iter().map(|day| {
        let month = PayPeriod::of(day);
        if day == month.first_day() { month } else { month.next() }
    });
    months.filter(|month| premier < *month && *month <= dernier).chain([premier]).collect()
}

/// Months in which nothing changes: the first, and the one after the last.
#[derive(Clone, Copy)]
struct Stretch {
    first: PayPeriod,
    next: PayPeriod,
}

struct Gap {
    first: PayPeriod,
    next: PayPeriod,
    quantity: bool,
    read: Span,
    defined: Span,
    starts: String,
}

fn uncovered(
    book: &Book<Node>,
    item: &Item<Node>,
    months: Stretch,
    gaps: &mut BTreeMap<String, Gap>,
) {
    let day = months.first.first_day();
    let known = KnownOn::Everything;
    let Some(version) = item.versions.in_force(day, known) else { return };
    let definition = &version.value;
    let mut formulas: Vec<&Node> = definition.etapes.iter().map(|(_, f)| &f.tree).collect();
    let optional = [&definition.applicable, &definition.nombre, &definition.base, &definition.taux];
    formulas.extend(optional.into_iter().flatten().map(|formula| &formula.tree));
    formulas.push(&definition.formule.tree);
    for side in [&item.agent, &item.employeur] {
        formulas.extend(side.in_force(day, known).map(|version| &version.value.taux.tree));
    }
    let mut missing = |read: Span, (nom, defined, starts, quantity): Missing<'_>| {
        let (first, next) = (months.first, months.next);
        let gap = gaps.entry(nom.to_owned());
        gap.or_insert(Gap { first, next, quantity, read, defined, starts }).next = next;
    };
    let quantity = |id: ItemId| -> Option<Missing<'_>> {
        let item = book.get(id)?;
        let gone = silent(item) && item.versions.in_force(day, known).is_none();
        gone.then(|| (item.nom.as_str(), item.span, around(&item.versions, day), true))
    };
    // What an absence takes away is read by the engine, not by a formula.
    if let Some(found) = item.absences.and_then(quantity) {
        missing(item.span, found);
    }
    for formula in formulas {
        formula.walk(&mut |node| {
            let found: Option<Missing<'_>> = match &node.kind {
                NodeKind::Parametre(id) => book
                    .parametres
                    .get(id.index())
                    .filter(|p| p.valeurs.in_force(day, known).is_none())
                    .map(|p| (p.nom.as_str(), p.span, around(&p.valeurs, day), false)),
                NodeKind::Bareme(_, id, _) => book
                    .baremes
                    .get(id.index())
                    .filter(|b| b.tranches.in_force(day, known).is_none())
                    .map(|b| (b.nom.as_str(), b.span, around(&b.tranches, day), false)),
                NodeKind::Item(id, _) => quantity(*id),
                _ => None,
            };
            if let Some(found) = found {
                missing(node.span, found);
            }
        });
    }
}

/// Name, place, nearest dates, and whether it is a quantity.
type Missing<'a> = (&'a str, Span, String, bool);

/// Whether an item is a quantity that does not say what it is without a rule.
fn silent(item: &Item<Node>) -> bool {
    matches!(item.kind, ItemKind::Grandeur { zero_sans_regle: false, .. })
}

/// What a timeline has nearest to a day that it does not cover.
fn around<T>(timeline: &Timeline<T>, day: Day) -> String {
    let ended = timeline.versions().iter().rev().find(|version| version.depuis <= day);
    let next = timeline.versions().iter().find(|version| day < version.depuis);
    match (ended.and_then(|version| version.fin), next) {
        (Some(fin), _) => format!("ends on {fin}"),
        (None, Some(version)) => format!("starts on {}", version.depuis),
        (None, None) => "no version".to_owned(),
    }
}
