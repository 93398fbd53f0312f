//! The tree of a formula, as written.

use crate::num::Fixed;
use crate::source::Span;

/// A node of a formula with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it is.
    pub span: Span,
}

/// The constructs of the formula language.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A decimal literal.
    Number(Fixed),
    /// `vrai`, `faux`.
    Bool(bool),
    /// A name, dots included: `agent.statut`, `TIB`, `CNRACL.base`.
    Name(String),
    /// `-x`.
    Negate(Box<Expr>),
    /// `non x`.
    Not(Box<Expr>),
    /// Arithmetic and logic.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// Comparison.
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// `x dans (a, b)`.
    In(Box<Expr>, Vec<Expr>),
    /// `si c alors a sinon b`.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `f(a, b)`.
    Call(String, Vec<Expr>),
    /// What could not be read; a finding was reported.
    Hole,
}

/// Arithmetic and logic between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `et`
    And,
    /// `ou`
    Or,
}

/// Comparison of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOp {
    /// `=`
    Eq,
    /// `<>`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl BinaryOp {
    /// The text of the operator.
    pub fn text(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::And => "et",
            Self::Or => "ou",
        }
    }

    fn level(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Add | Self::Sub => 5,
            Self::Mul | Self::Div => 6,
        }
    }
}

impl CompareOp {
    /// The text of the operator.
    pub fn text(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "<>",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }
}

/// The formula as text again; reading it back gives the same tree.
pub fn print(expr: &Expr) -> String {
    let mut text = String::new();
    write(expr, 0, &mut text);
    text
}

fn level(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::If(..) => 0,
        ExprKind::Binary(op, ..) => op.level(),
        ExprKind::Not(_) => 3,
        ExprKind::Compare(..) | ExprKind::In(..) => 4,
        ExprKind::Negate(_) => 7,
        ExprKind::Number(_)
        | ExprKind::Bool(_)
        | ExprKind::Name(_)
        | ExprKind::Call(..)
        | ExprKind::Hole => 9,
    }
}

fn write(expr: &Expr, least: u8, out: &mut String) {
    let inside = level(expr) < least;
    if inside {
        out.push('(');
    }
    match &expr.kind {
        ExprKind::Number(value) => out.push_str(&value.to_string()),
        ExprKind::Bool(value) => out.push_str(if *value { "vrai" } else { "faux" }),
        ExprKind::Name(name) => out.push_str(name),
        ExprKind::Hole => out.push('?'),
        ExprKind::Negate(x) => {
            out.push('-');
            write(x, 7, out);
        }
        ExprKind::Not(x) => {
            out.push_str("non ");
            write(x, 3, out);
        }
        ExprKind::Binary(op, a, b) => {
            write(a, op.level(), out);
            out.push_str(&format!(" {} ", op.text()));
            write(b, op.level() + 1, out);
        }
        ExprKind::Compare(op, a, b) => {
            write(a, 5, out);
            out.push_str(&format!(" {} ", op.text()));
            write(b, 5, out);
        }
        ExprKind::In(x, list) => {
            write(x, 5, out);
            out.push_str(" dans ");
            write_list(list, out);
        }
        ExprKind::If(c, a, b) => {
            out.push_str("si ");
            write(c, 1, out);
            out.push_str(" alors ");
            write(a, 1, out);
            out.push_str(" sinon ");
            write(b, 0, out);
        }
        ExprKind::Call(name, list) => {
            out.push_str(name);
            write_list(list, out);
        }
    }
    if inside {
        out.push(')');
    }
}

fn write_list(list: &[Expr], out: &mut String) {
    out.push('(');
    for (index, item) in list.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write(item, 0, out);
    }
    out.push(')');
}
