//! What varies from month to month, and the figures of the earlier months of the year.

use super::employeur::Siret;
use super::fact::{Dated, HasDates, RowRef};
use super::word::Word;
use crate::calendar::PayPeriod;
use crate::num::{Amount, Fixed};

/// A variable element: hours, a premium, a reimbursement, for a time or permanent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// The employer.
    pub siret: Siret,
    /// The contract with that employer.
    pub contrat: Word,
    /// The rubrique it feeds, as written.
    pub rubrique: Word,
    /// When it holds.
    pub dated: Dated,
    /// Hours, days or units; at most 4 decimals.
    pub nombre: Option<Fixed>,
    /// What the rubrique starts from; at most 2 decimals.
    pub base: Option<Fixed>,
    /// A decimal fraction; at most 6 decimals.
    pub taux: Option<Fixed>,
    /// The amount of a full month at full time; at most 2 decimals.
    pub montant: Option<Fixed>,
    /// The amount to pay as it stands; at most 2 decimals.
    pub montant_paye: Option<Fixed>,
    /// The month it belongs to, when it is not the month it is paid in.
    pub mois_origine: Option<PayPeriod>,
    /// What the payslip prints instead of the usual label.
    pub libelle: Option<Word>,
}

impl Element {
    /// Rows with the same identity replace each other over time; others add up.
    pub fn identity(&self) -> (Siret, &str, &str, Option<&str>, Option<PayPeriod>) {
        (self.siret, &self.contrat, &self.rubrique, self.libelle.as_deref(), self.mois_origine)
    }
}

impl HasDates for Element {
    fn dates(&self) -> &Dated {
        &self.dated
    }
}

/// What the earlier months of a year paid under one rubrique, before the pool took over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cumul {
    /// The employer.
    pub siret: Siret,
    /// The contract with that employer.
    pub contrat: Word,
    /// The year.
    pub annee: i32,
    /// The rubrique.
    pub rubrique: Word,
    /// Sum of a gain or deduction.
    pub montant: Option<Amount>,
    /// Sum of the bases of a contribution.
    pub base: Option<Amount>,
    /// Sum of its employee side.
    pub montant_agent: Option<Amount>,
    /// Sum of its employer side.
    pub montant_employeur: Option<Amount>,
    /// The row that states it.
    pub reference: RowRef,
}
