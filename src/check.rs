//! Proof that a rule book means something: names, units, order, dates. The only maker of
//! [`CheckedRuleBook`].
//!
//! May import: `rules` and below. Must not know: how a month is computed.

mod dates;
mod digest;
mod grids;
mod node;
mod order;
mod rappel;
mod typing;

use std::collections::BTreeSet;

use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::diag::{Code, Diagnostic, Severity};
use crate::rules::{Book, Coverage, Item, ItemId, ItemKind, RuleBook};

pub use node::{Function, Node, NodeKind, Part, Type};
pub use order::members;

/// A book in which every name, unit, date and dependency was proved.
#[derive(Clone, Debug)]
pub struct CheckedRuleBook {
    book: Book<Node>,
    order: Vec<ItemId>,
    read_by_month: BTreeSet<ItemId>,
}

impl CheckedRuleBook {
    /// The book, its formulas typed.
    pub fn book(&self) -> &Book<Node> {
        &self.book
    }

    /// Items in an order in which each comes after what it reads.
    pub fn order(&self) -> &[ItemId] {
        &self.order
    }

    /// Items that a formula of the month reads, in some version.
    pub fn read_by_month(&self) -> &BTreeSet<ItemId> {
        &self.read_by_month
    }

    /// The covered months.
    pub fn coverage(&self) -> Coverage {
        self.book.coverage
    }

    /// Whether a version of anything starts or ends in a month.
    pub fn changes_in(&self, month: PayPeriod) -> bool {
        let (first, last) = (month.first_day().previous(), month.last_day());
        let known = KnownOn::Everything;
        let book = &self.book;
        let moved = |days: Vec<crate::calendar::Day>| !days.is_empty();
        book.parametres.iter().any(|p| moved(p.valeurs.changes(first, last, known)))
            || book.baremes.iter().any(|b| moved(b.tranches.changes(first, last, known)))
            || book.items.iter().any(|item| {
                moved(item.versions.changes(first, last, known))
                    || moved(item.agent.changes(first, last, known))
                    || moved(item.employeur.changes(first, last, known))
            })
    }

    /// Digest, in hexadecimal, of what a month reads outside its program: tables and
    /// reclassements up to the month, grids and grades, parametres of the year so far, brackets,
    /// and how the inputs are declared. Two equal ones, with equal digests of the programs
    /// ([`Program::digest`](../program/struct.Program.html#method.digest)): the same facts give
    /// the same pay.
    pub fn tables_digest(&self, month: PayPeriod, known_on: KnownOn) -> String {
        digest::digest(&self.book, month, known_on)
    }

    /// The first day from which somebody who knew on one day what was public may have found other
    /// rules than on the other; none: nothing became public between both.
    pub fn learned(&self, before: KnownOn, now: KnownOn) -> Option<Day> {
        digest::learned(&self.book, before, now)
    }

    /// Every covered month.
    pub fn months(&self) -> Vec<PayPeriod> {
        let mut month = self.book.coverage.premier;
        let mut months = Vec::new();
        while month <= self.book.coverage.dernier {
            months.push(month);
            month = month.next();
        }
        months
    }
}

/// Checks a resolved book. Every finding is reported; the book comes back only without error.
pub fn check(book: RuleBook, out: &mut Vec<Diagnostic>) -> Option<CheckedRuleBook> {
    let already = out.iter().any(|finding| finding.severity() == Severity::Error);
    let typed = typing::type_book(book, out);
    let order = order::sort(&typed, out);
    dates::check(&typed, out);
    rappel::said(&typed, out);
    if order.is_some() {
        rappel::frozen(&typed, out);
    }
    let failed = out.iter().any(|finding| finding.severity() == Severity::Error);
    if already || failed {
        return None;
    }
    // Only in a sound book: what could not be read may be what reads the rest.
    unused(&typed, out);
    grids::check(&typed, out);
    let month = typed.items.iter().enumerate().filter(|(_, item)| item.portee.in_the_month());
    let read = month.flat_map(|(at, _)| order::dependencies(&typed, ItemId::at(at)));
    let read_by_month = read.collect();
    Some(CheckedRuleBook { book: typed, order: order?, read_by_month })
}

/// Warns of parametres, baremes and families that nothing reads.
fn unused(book: &Book<Node>, out: &mut Vec<Diagnostic>) {
    let mut seen = order::Reads::default();
    for item in &book.items {
        order::reads(item, book, &mut seen);
    }
    let mut warn = |what: &str, nom: &str, span| {
        out.push(
            Diagnostic::new(Code::W901, format!("no rule reads the {what} `{nom}`"))
                .at(span, "read by nothing")
                .help("use it in a formula, or remove it"),
        );
    };
    for (at, parametre) in book.parametres.iter().enumerate() {
        if !seen.parametres.contains(&at) && !read_by_code(&parametre.nom) {
            warn("parametre", &parametre.nom, parametre.span);
        }
    }
    for (at, bareme) in book.baremes.iter().enumerate() {
        if !seen.baremes.contains(&at) {
            warn("bareme", &bareme.nom, bareme.span);
        }
    }
    for (at, famille) in book.familles.iter().enumerate() {
        if !seen.familles.contains(&at) {
            warn("famille", &famille.nom, famille.span);
        }
    }
}

/// Parametres that code reads, not a formula: careers, rappels.
fn read_by_code(nom: &str) -> bool {
    matches!(
        nom,
        "seuil_heures_cnracl"
            | "taux_cdg_maximal"
            | "heures_mensuelles"
            | "ecart_ligne_minimum"
            | "ecart_ligne_facteur"
            | "prescription_rappel_annees"
            | "prescription_trop_percu_mois"
    )
}

/// The unit of the value of an item, when it has one.
fn item_unit(item: &Item<impl Sized>) -> Option<crate::syntax::Unit> {
    match &item.kind {
        ItemKind::Grandeur { unite, .. } => Some(*unite),
        ItemKind::Rubrique { .. } => Some(crate::syntax::Unit::EURO),
        ItemKind::Cotisation { .. } | ItemKind::Controle(_) => None,
    }
}
