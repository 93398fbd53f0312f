//! Pay lines, period by period: how sure their definition, their sides and what they read are.

use std::collections::BTreeSet;

use crate::calendar::{Day, KnownOn};
use crate::check::{Node, NodeKind};
use crate::rules::{Book, Confiance, Item, ItemId, Timeline};

use super::facts::periods as dated;
use super::{Days, Scope};

/// A line of the payslip.
#[derive(Clone, Debug)]
pub struct LineCoverage {
    /// Name in formulas.
    pub nom: String,
    /// Code printed.
    pub code: String,
    /// French label.
    pub libelle: String,
    /// `gain`, `cotisation`…
    pub nature: &'static str,
    /// When it is defined, in the order of days.
    pub periods: Vec<LinePeriod>,
}

/// How sure a line is for some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinePeriod {
    /// When.
    pub days: Days,
    /// The definition: who, on what, by which formula.
    pub definition: Confiance,
    /// The rate of the agent, when there is one.
    pub agent: Option<Confiance>,
    /// The rate of the employer, when there is one.
    pub employeur: Option<Confiance>,
    /// The least sure of the parametres and baremes it reads, named quantities included.
    pub valeurs: Option<Confiance>,
}

/// Every printed line, in the order of the payslip, with what the scope keeps of it.
pub fn lines(book: &Book<Node>, scope: Scope) -> Vec<LineCoverage> {
    let mut items: Vec<&Item<Node>> = book.items.iter().filter(|item| item.printed()).collect();
    items.sort_by_key(|item| item.ordre);
    let coverage = items.into_iter().map(|item| {
        let mut periods = periods(book, item, scope.known_on);
        periods.retain(|period| period.days.meets(scope.mois));
        LineCoverage {
            nom: item.nom.clone(),
            code: item.code.clone(),
            libelle: item.libelle.clone(),
            nature: item.nature().name(),
            periods,
        }
    });
    coverage.filter(|line| scope.mois.is_none() || !line.periods.is_empty()).collect()
}

/// What a line reads: parametres and baremes by place.
#[derive(Default)]
struct Values {
    parametres: BTreeSet<usize>,
    baremes: BTreeSet<usize>,
    quantities: BTreeSet<ItemId>,
}

fn periods(book: &Book<Node>, item: &Item<Node>, known_on: KnownOn) -> Vec<LinePeriod> {
    let mut all = Values::default();
    read(book, item, None, known_on, &mut all);
    let mut starts = BTreeSet::new();
    bounds(&item.versions, known_on, &mut starts);
    bounds(&item.agent, known_on, &mut starts);
    bounds(&item.employeur, known_on, &mut starts);
    for at in &all.parametres {
        if let Some(parametre) = book.parametres.get(*at) {
            bounds(&parametre.valeurs, known_on, &mut starts);
        }
    }
    for at in &all.baremes {
        if let Some(bareme) = book.baremes.get(*at) {
            bounds(&bareme.tranches, known_on, &mut starts);
        }
    }
    for id in &all.quantities {
        if let Some(quantity) = book.get(*id) {
            bounds(&quantity.versions, known_on, &mut starts);
        }
    }
    let starts: Vec<Day> = starts.into_iter().collect();
    let mut found: Vec<LinePeriod> = Vec::new();
    for (at, &first) in starts.iter().enumerate() {
        let last = starts.get(at + 1).map(|next| next.previous());
        let Some(definition) = item.versions.in_force(first, known_on) else { continue };
        let rate = |side: &Timeline<_>| side.in_force(first, known_on).map(|v| v.confiance);
        let period = LinePeriod {
            days: Days { first: Some(first), last },
            definition: definition.confiance,
            agent: rate(&item.agent),
            employeur: rate(&item.employeur),
            valeurs: values(book, item, first, known_on),
        };
        match found.last_mut() {
            Some(before) if continues(before, &period) => before.days.last = last,
            _ => found.push(period),
        }
    }
    found
}

/// Whether a period says the same as the one that ends on its eve.
fn continues(before: &LinePeriod, period: &LinePeriod) -> bool {
    let same = LinePeriod { days: before.days, ..*period } == *before;
    same && before.days.last.map(Day::next) == period.days.first
}

/// Days on which a version starts, or on whose eve one ends.
fn bounds<T>(timeline: &Timeline<T>, known_on: KnownOn, out: &mut BTreeSet<Day>) {
    for (days, _) in dated(timeline, known_on) {
        out.extend(days.first);
        out.extend(days.last.map(Day::next));
    }
}

/// The least sure of the values that a line reads on a day.
fn values(book: &Book<Node>, item: &Item<Node>, day: Day, known_on: KnownOn) -> Option<Confiance> {
    let mut read_now = Values::default();
    read(book, item, Some(day), known_on, &mut read_now);
    let parametres = read_now.parametres.iter().filter_map(|at| {
        Some(book.parametres.get(*at)?.valeurs.in_force(day, known_on)?.confiance)
    });
    let baremes = read_now
        .baremes
        .iter()
        .filter_map(|at| Some(book.baremes.get(*at)?.tranches.in_force(day, known_on)?.confiance));
    let quantities = read_now
        .quantities
        .iter()
        .filter_map(|id| Some(book.get(*id)?.versions.in_force(day, known_on)?.confiance));
    parametres.chain(baremes).chain(quantities).min()
}

/// Adds what the formulas of an item read on a day (none: on any day), through named quantities.
fn read(
    book: &Book<Node>,
    item: &Item<Node>,
    day: Option<Day>,
    known_on: KnownOn,
    out: &mut Values,
) {
    let mut open = Vec::new();
    for formula in formulas(item, day, known_on) {
        formula.walk(&mut |node| match &node.kind {
            NodeKind::Parametre(id) => {
                out.parametres.insert(id.index());
            }
            NodeKind::Bareme(_, id, _) => {
                out.baremes.insert(id.index());
            }
            NodeKind::Item(id, _) => {
                let quantity = book.get(*id).filter(|read| !read.printed());
                if let Some(quantity) = quantity
                    && out.quantities.insert(*id)
                {
                    open.push(quantity);
                }
            }
            _ => {}
        });
    }
    for quantity in open {
        read(book, quantity, day, known_on, out);
    }
}

/// The formulas of an item on a day, or all of them.
fn formulas(item: &Item<Node>, day: Option<Day>, known_on: KnownOn) -> Vec<&Node> {
    let mut list = Vec::new();
    for version in in_force(&item.versions, day, known_on) {
        let definition = version;
        list.extend(definition.etapes.iter().map(|(_, formula)| &formula.tree));
        let optional =
            [&definition.applicable, &definition.nombre, &definition.base, &definition.taux];
        list.extend(optional.into_iter().flatten().map(|formula| &formula.tree));
        list.push(&definition.formule.tree);
    }
    for side in [&item.agent, &item.employeur] {
        list.extend(in_force(side, day, known_on).into_iter().map(|rate| &rate.taux.tree));
    }
    list
}

fn in_force<T>(timeline: &Timeline<T>, day: Option<Day>, known_on: KnownOn) -> Vec<&T> {
    match day {
        Some(day) => timeline.in_force(day, known_on).map(|v| &v.value).into_iter().collect(),
        None => timeline.versions().iter().map(|version| &version.value).collect(),
    }
}
