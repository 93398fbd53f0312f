//! All the inputs of one contract for one month, as numbers at their slots' scale.

use crate::num::Amount;
use crate::program::Slot;

use super::payslip::PayLine;

/// Inputs of one contract for one month. Values follow the order of the program's layout; a ratio
/// takes two places; [`crate::program::MISSING`] where nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dossier {
    /// Inputs of the employer.
    pub employeur: std::sync::Arc<[i128]>,
    /// Inputs of the month.
    pub mois: Vec<i128>,
    /// Segments in order; thirtieths add up to at most 30.
    pub segments: Vec<SegmentInput>,
    /// Elements in the order of the file.
    pub elements: Vec<ElementInput>,
    /// Pieces of absences, in order of time.
    pub absences: Vec<AbsenceInput>,
    /// Yearly totals: slot of the layout and value in cents.
    pub cumuls: Vec<(Slot, i128)>,
    /// Rubriques paid as they stand, by place of the item.
    pub forced: Vec<(usize, Amount)>,
    /// Lines that are given instead of computed.
    pub given: Given,
}

/// Lines computed before: by an earlier pass over the same month, or for an earlier month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// By place of the item: whether its lines are given, and none is computed. Empty: no item.
    pub items: Vec<bool>,
    /// The lines, in the order in which those of one item are printed.
    pub lines: Vec<PayLine>,
}

impl Given {
    /// Whether the lines of an item are given.
    #[inline]
    pub fn holds(&self, item: usize) -> bool {
        self.items.get(item) == Some(&true)
    }
}

/// One segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentInput {
    /// Its thirtieths.
    pub thirtieths: i64,
    /// Place of the code that holds on its first day.
    pub variant: usize,
    /// Inputs.
    pub values: Vec<i128>,
}

/// A piece of an absence, within one segment and under one motif.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbsenceInput {
    /// Place of the segment.
    pub segment: usize,
    /// Its part of a full month: numerator and denominator (three days: 3/30).
    pub part: (i64, i64),
    /// What makes two pieces one line when they take the same amount away: the place of the motif.
    pub motif: usize,
    /// What the line prints as its number, in ten-thousandths (days, hours).
    pub nombre: i64,
    /// Inputs.
    pub values: Vec<i128>,
}

/// One row of `elements.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementInput {
    /// Place of the item.
    pub item: usize,
    /// Segments in which it is active, one bit each.
    pub active: u64,
    /// Inputs.
    pub values: Vec<i128>,
    /// Paid as it stands.
    pub paid: Option<Amount>,
}
