//! Absences of a month: which days, under which motif, and the part of the month each takes.

use crate::calendar::Day;
use crate::diag::Code;
use crate::domain::Word;
use crate::engine::AbsenceInput;

use super::carriere::SegmentFacts;
use super::month::Contract;
use super::{Finding, Preparer};

/// A piece of an absence within one segment and under one motif, for people and for the engine.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Place of the row in the absences of the agent.
    pub row: usize,
    /// First day.
    pub first: Day,
    /// Last day.
    pub last: Day,
    /// Motif, as the file of lines writes it.
    pub motif: Word,
    /// What the payslip adds to the label of the line.
    pub libelle: String,
    /// For the engine.
    pub input: AbsenceInput,
}

impl Piece {
    /// The label of a line that this absence reduces.
    pub fn label(&self, line: &str) -> String {
        format!("{line} : {}", self.libelle)
    }
}

impl Preparer<'_> {
    /// The pieces of the absences of a contract, in order of time.
    pub(super) fn absences(
        &self,
        contract: &Contract<'_>,
        _segments: &[SegmentFacts],
        out: &mut Vec<Finding>,
    ) -> Vec<Piece> {
        let (first, last) = (self.period.first_day(), self.period.last_day());
        for absence in &contract.facts.absences {
            let here = contract.owns(absence.siret, &absence.contrat)
                && self.known_on.knows(absence.connu_le);
            if here && absence.debut <= last && absence.fin >= first {
                out.push(Finding::new(
                    Code::E722,
                    Some(absence.reference),
                    format!("these rules do not cover the absence `{}`", absence.nature),
                    "compute this payslip elsewhere for now, or remove the row",
                ));
            }
        }
        Vec::new()
    }
}
