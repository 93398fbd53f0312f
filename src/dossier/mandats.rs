//! All the mandates of an elected representative, whichever employer of the pool pays them.

use super::carriere::SegmentFacts;
use super::inputs::{Input, Source};
use super::month::{Contract, push};
use super::{Finding, Preparer};
use crate::num::Ratio;
use crate::program::MISSING;

impl Preparer<'_> {
    /// One input about the mandates held on the first day of a segment.
    pub(super) fn mandats(
        &self,
        _contract: &Contract<'_>,
        input: &Input,
        _facts: &SegmentFacts,
        values: &mut Vec<i128>,
    ) -> Result<i128, Finding> {
        Ok(match input.source {
            Source::PartMandats => push(values, Ratio::ONE),
            _ => MISSING,
        })
    }
}
