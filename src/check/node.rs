//! The typed tree of a formula: every name is what it stands for.

use crate::num::Fixed;
use crate::rules::{BaremeId, EntreeId, FamilleId, ItemId, ParametreId};
use crate::source::Span;
use crate::syntax::{BinaryOp, CompareOp, Unit};

/// A node with its place and its type.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it is written.
    pub span: Span,
    /// Its type.
    pub ty: Type,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A number with its unit.
    Nombre(Unit),
    /// A bare zero: fits any unit.
    Zero,
    /// A condition.
    Booleen,
    /// A value of the enumeration of an input.
    Enumeration(EntreeId),
    /// Unknown after an error that was reported.
    Inconnu,
}

/// A part of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// The amount of a rubrique, or the value of a grandeur.
    Montant,
    /// The assiette of a cotisation.
    Base,
    /// Its agent side.
    Agent,
    /// Its employer side.
    Employeur,
}

impl Part {
    /// The suffix in formulas and files, empty for the amount.
    pub fn name(self) -> &'static str {
        match self {
            Self::Montant => "",
            Self::Base => "base",
            Self::Agent => "agent",
            Self::Employeur => "employeur",
        }
    }
}

/// Functions of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `mensuel(x)`: divided by twelve.
    Mensuel,
    /// `arrondi(x)`.
    Arrondi,
}

/// The constructs of a checked formula.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// A decimal literal.
    Number(Fixed),
    /// `vrai`, `faux`.
    Bool(bool),
    /// A value of an enumeration, by place.
    Symbol(u16),
    /// A dated scalar.
    Parametre(ParametreId),
    /// An input.
    Entree(EntreeId),
    /// A step of the same definition, by place.
    Etape(usize),
    /// Another item.
    Item(ItemId, Part),
    /// What earlier months of the year gave.
    Cumul(ItemId, Part),
    /// Sum over a family.
    Somme(FamilleId, Part),
    /// What earlier months of the year gave to the rubriques of a family.
    CumulSomme(FamilleId),
    /// Whether an input has a value.
    Present(EntreeId),
    /// `-x`.
    Negate(Box<Node>),
    /// `non x`.
    Not(Box<Node>),
    /// Arithmetic and logic.
    Binary(BinaryOp, Box<Node>, Box<Node>),
    /// Comparison of numbers or of enumerations.
    Compare(CompareOp, Box<Node>, Box<Node>),
    /// Membership in a list of symbols.
    In(Box<Node>, Vec<u16>),
    /// `si … alors … sinon …`.
    If(Box<Node>, Box<Node>, Box<Node>),
    /// `min` and `max` (`true`: `max`).
    Extreme(bool, Vec<Node>),
    /// A function of one number.
    Call(Function, Box<Node>),
    /// `tranches(bareme, x)` (`true`) or `taux_tranche(bareme, x)`.
    Bareme(bool, BaremeId, Box<Node>),
    /// What could not be typed; a finding was reported.
    Hole,
}

impl Node {
    /// The direct children, left to right.
    pub fn children(&self) -> Vec<&Self> {
        match &self.kind {
            NodeKind::Negate(x)
            | NodeKind::Not(x)
            | NodeKind::In(x, _)
            | NodeKind::Call(_, x)
            | NodeKind::Bareme(_, _, x) => vec![x],
            NodeKind::Binary(_, a, b) | NodeKind::Compare(_, a, b) => vec![a, b],
            NodeKind::If(c, a, b) => vec![c, a, b],
            NodeKind::Extreme(_, list) => list.iter().collect(),
            _ => Vec::new(),
        }
    }

    /// Calls `visit` on this node and all below.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }
}
