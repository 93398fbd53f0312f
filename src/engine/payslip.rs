//! The result for one contract and one month.

use crate::calendar::PayPeriod;

/// Why a line has no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// An input has no value; its slot.
    Missing(u16),
    /// A division by zero.
    DivisionByZero,
    /// A value exceeds what a line may hold.
    TooWide,
    /// It reads a line that could not be computed; its place.
    Depends(usize),
}

/// A line without amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Place of the item.
    pub item: usize,
    /// Place of the element, if the line comes from one.
    pub element: Option<usize>,
    /// Why.
    pub kind: FaultKind,
}

/// A printed line, in cents; printed columns that do not exist are `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayLine {
    /// Place of the item.
    pub item: usize,
    /// Place of the element it comes from.
    pub element: Option<usize>,
    /// Place of the first piece of absence that took this amount away.
    pub absence: Option<usize>,
    /// The month it belongs to, when an earlier one was computed again.
    pub origine: Option<PayPeriod>,
    /// Number, in ten-thousandths.
    pub nombre: Option<i64>,
    /// Base.
    pub base: Option<i64>,
    /// Rate of the agent side, or printed rate of a rubrique, in millionths.
    pub taux_agent: Option<i64>,
    /// Amount of a rubrique, or agent side of a contribution.
    pub montant_agent: Option<i64>,
    /// Rate of the employer side, in millionths.
    pub taux_employeur: Option<i64>,
    /// Employer side.
    pub montant_employeur: Option<i64>,
}

/// What a month gives: lines in the order of the payslip, and faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payslip {
    /// Lines.
    pub lines: Vec<PayLine>,
    /// Lines without amount; a payslip that has some is not payable.
    pub faults: Vec<Fault>,
    /// Controls whose condition holds, by place of the item.
    pub controles: Vec<usize>,
    /// Yearly quantities to keep: place of the item and value in cents.
    pub kept: Vec<(usize, i64)>,
}

impl Payslip {
    /// Empties it for another use, keeping its memory.
    pub fn clear(&mut self) {
        self.lines.clear();
        self.faults.clear();
        self.controles.clear();
        self.kept.clear();
    }

    /// The faults that block: none when every printed line has its amount. A quantity that could
    /// not be computed and that no line reads blocks nothing.
    pub fn blocking(&self, printed: impl Fn(usize) -> bool) -> &[Fault] {
        if self.faults.iter().any(|fault| printed(fault.item)) { &self.faults } else { &[] }
    }

    /// The sum of a rubrique's lines, by place of the item.
    pub fn amount(&self, item: usize) -> i64 {
        let lines = self.lines.iter().filter(|line| line.item == item);
        lines.filter_map(|line| line.montant_agent).sum()
    }
}
