//! Every value a covered month reads has a version in that month.

use std::collections::BTreeMap;

use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::diag::{Code, Diagnostic};
use crate::rules::{Book, Item, Timeline};
use crate::source::Span;

use super::node::{Node, NodeKind};

/// Reports each parametre or bareme that some covered month reads without a version in force.
pub fn check(book: &Book<Node>, out: &mut Vec<Diagnostic>) {
    let mut gaps: BTreeMap<String, Gap> = BTreeMap::new();
    let mut month = book.coverage.premier;
    while month <= book.coverage.dernier {
        for item in &book.items {
            uncovered(book, item, month, &mut gaps);
        }
        month = month.next();
    }
    for (nom, gap) in gaps {
        out.push(
            Diagnostic::new(Code::D203, format!("no version of `{nom}` covers {}", gap.first))
                .at(gap.read, "read here")
                .and(gap.defined, gap.starts)
                .note(if gap.first == gap.last {
                    format!("missing in {}", gap.first)
                } else {
                    format!("missing from {} to {}", gap.first, gap.last)
                })
                .help("add the version that was in force, or start the reading rule later"),
        );
    }
}

struct Gap {
    first: PayPeriod,
    last: PayPeriod,
    read: Span,
    defined: Span,
    starts: String,
}

fn uncovered(
    book: &Book<Node>,
    item: &Item<Node>,
    month: PayPeriod,
    gaps: &mut BTreeMap<String, Gap>,
) {
    let day = month.first_day();
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
    for formula in formulas {
        formula.walk(&mut |node| {
            let missing = match &node.kind {
                NodeKind::Parametre(id) => book
                    .parametres
                    .get(id.index())
                    .filter(|p| p.valeurs.in_force(day, known).is_none())
                    .map(|p| (&p.nom, p.span, around(&p.valeurs, day))),
                NodeKind::Bareme(_, id, _) => book
                    .baremes
                    .get(id.index())
                    .filter(|b| b.tranches.in_force(day, known).is_none())
                    .map(|b| (&b.nom, b.span, around(&b.tranches, day))),
                _ => None,
            };
            if let Some((nom, defined, starts)) = missing {
                let gap = gaps.entry(nom.clone()).or_insert(Gap {
                    first: month,
                    last: month,
                    read: node.span,
                    defined,
                    starts,
                });
                gap.last = month;
            }
        });
    }
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
