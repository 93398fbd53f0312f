//! What reads what, and an order in which everything is ready when it is read.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Code, Diagnostic};
use crate::rules::{Book, Definition, Item, ItemId};

use super::node::{Node, NodeKind, Part};

/// What an item reads, by place in the book.
#[derive(Default)]
pub struct Reads {
    /// Items, with the formula node that reads them first.
    pub items: BTreeMap<ItemId, crate::source::Span>,
    /// Parametres.
    pub parametres: BTreeSet<usize>,
    /// Baremes.
    pub baremes: BTreeSet<usize>,
    /// Families.
    pub familles: BTreeSet<usize>,
}

/// Every formula of an item, all versions and sides.
pub fn formulas(item: &Item<Node>) -> Vec<&Node> {
    let mut list = Vec::new();
    for version in item.versions.versions() {
        list.extend(parts(&version.value));
    }
    let sides = item.agent.versions().iter().chain(item.employeur.versions());
    list.extend(sides.map(|version| &version.value.taux.tree));
    list
}

/// The formulas of one version.
pub fn parts(definition: &Definition<Node>) -> impl Iterator<Item = &Node> {
    let etapes = definition.etapes.iter().map(|(_, formula)| formula);
    let optional = [&definition.applicable, &definition.nombre, &definition.base, &definition.taux];
    let all = etapes.chain(optional.into_iter().flatten()).chain([&definition.formule]);
    all.map(|formula| &formula.tree)
}

/// Adds what `item` reads.
pub fn reads(item: &Item<Node>, book: &Book<Node>, out: &mut Reads) {
    for formula in formulas(item) {
        formula.walk(&mut |node| match &node.kind {
            NodeKind::Item(id, _) => {
                out.items.entry(*id).or_insert(node.span);
            }
            NodeKind::Somme(famille, part) => {
                out.familles.insert(famille.index());
                for id in members(book, *famille, *part) {
                    out.items.entry(id).or_insert(node.span);
                }
            }
            // Earlier months are known from the start: no line of this one has to come first.
            NodeKind::CumulSomme(famille) => {
                out.familles.insert(famille.index());
            }
            NodeKind::Parametre(id) => {
                out.parametres.insert(id.index());
            }
            NodeKind::Bareme(_, id, _) => {
                out.baremes.insert(id.index());
            }
            _ => {}
        });
    }
}

/// The members of a family that a sum counts: rubriques for amounts, cotisations for sides.
pub fn members(book: &Book<Node>, famille: crate::rules::FamilleId, part: Part) -> Vec<ItemId> {
    let Some(famille) = book.familles.get(famille.index()) else { return Vec::new() };
    let wanted = |id: &&ItemId| {
        book.get(**id).is_some_and(|item| {
            let cotisation = matches!(item.kind, crate::rules::ItemKind::Cotisation { .. });
            item.printed() && cotisation == (part != Part::Montant)
        })
    };
    famille.membres.iter().filter(wanted).copied().collect()
}

/// The items an item reads. A line of elements of the month that reads itself reads what the
/// earlier rows gave: nothing has to come first.
pub fn dependencies(book: &Book<Node>, id: ItemId) -> BTreeSet<ItemId> {
    let mut out = Reads::default();
    if let Some(item) = book.get(id) {
        reads(item, book, &mut out);
        if item.portee == crate::rules::Portee::ElementMois {
            out.items.remove(&id);
        }
    }
    out.items.into_keys().collect()
}

/// Sorts items so that each comes after what it reads; a circle is a finding.
pub fn sort(book: &Book<Node>, out: &mut Vec<Diagnostic>) -> Option<Vec<ItemId>> {
    let mut search = Search { book, state: vec![State::New; book.items.len()], order: Vec::new() };
    let mut failed = false;
    for at in 0..book.items.len() {
        let mut path = Vec::new();
        if let Err(circle) = search.visit(ItemId::at(at), &mut path) {
            out.push(*circle);
            failed = true;
        }
    }
    (!failed).then_some(search.order)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

struct Search<'a> {
    book: &'a Book<Node>,
    state: Vec<State>,
    order: Vec<ItemId>,
}

impl Search<'_> {
    fn visit(&mut self, id: ItemId, path: &mut Vec<ItemId>) -> Result<(), Box<Diagnostic>> {
        match self.state.get(id.index()).copied() {
            Some(State::Open) => return Err(self.circle(id, path)),
            Some(State::New) => {}
            _ => return Ok(()),
        }
        self.mark(id, State::Open);
        path.push(id);
        let mut found = Ok(());
        for next in dependencies(self.book, id) {
            found = self.visit(next, path);
            if found.is_err() {
                break;
            }
        }
        path.pop();
        self.mark(id, State::Done);
        self.order.push(id);
        found
    }

    fn mark(&mut self, id: ItemId, state: State) {
        if let Some(place) = self.state.get_mut(id.index()) {
            *place = state;
        }
    }

    fn circle(&self, id: ItemId, path: &[ItemId]) -> Box<Diagnostic> {
        let start = path.iter().position(|step| *step == id).unwrap_or(0);
        let circle: Vec<ItemId> = path.iter().skip(start).copied().chain([id]).collect();
        let names: Vec<&str> =
            circle.iter().filter_map(|id| Some(self.book.get(*id)?.nom.as_str())).collect();
        let mut finding = Diagnostic::new(
            Code::C501,
            format!("rules depend on each other: {}", names.join(" → ")),
        );
        for (step, next) in circle.iter().zip(circle.iter().skip(1)) {
            let mut seen = Reads::default();
            if let Some(item) = self.book.get(*step) {
                reads(item, self.book, &mut seen);
            }
            let name = self.book.get(*next).map_or("", |item| item.nom.as_str());
            if let Some(&span) = seen.items.get(next) {
                finding = if finding.primary.is_none() {
                    finding.at(span, format!("reads `{name}`"))
                } else {
                    finding.and(span, format!("reads `{name}`"))
                };
            }
        }
        Box::new(finding.help("break the circle: compute one of them from its own inputs"))
    }
}
