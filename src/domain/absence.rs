//! Absences.

use super::employeur::Siret;
use super::fact::RowRef;
use super::word::Word;
use crate::calendar::Day;
use crate::num::Fixed;

/// An absence of one contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    /// The employer.
    pub siret: Siret,
    /// The contract with that employer.
    pub contrat: Word,
    /// What it is, canonical (`maladie_ordinaire`); the list belongs to the rules.
    pub nature: Word,
    /// First day.
    pub debut: Day,
    /// Last day, that day included.
    pub fin: Day,
    /// Day on which the pool learned it; none: always known.
    pub connu_le: Option<Day>,
    /// Day on which it was granted.
    pub accorde_le: Option<Day>,
    /// Whether it prolongs the one before.
    pub prolongation: bool,
    /// Hours not worked, when it is counted in hours; at most 2 decimals.
    pub heures: Option<Fixed>,
    /// Half days not worked, when it is counted in half days.
    pub demi_journees: Option<i64>,
    /// Whether a text exempts it from the waiting day.
    pub sans_carence: bool,
    /// The part of the pay that a decision takes away, a decimal fraction (suspension).
    pub taux: Option<Fixed>,
    /// The row that states it.
    pub reference: RowRef,
}
