//! What controls know beyond the rows of an agent: earlier months, other agents, waivers.

use super::employeur::Siret;
use super::fact::{Dated, HasDates};
use super::word::Word;
use crate::calendar::PayPeriod;
use crate::num::Amount;

/// What the last closed month of a contract paid, from an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precedent {
    /// The employer.
    pub siret: Siret,
    /// The contract with that employer.
    pub contrat: Word,
    /// The closed month.
    pub mois: PayPeriod,
    /// Net paid.
    pub net: Amount,
    /// Gross.
    pub brut: Amount,
    /// Whether the bank account of the agent is another one since that month.
    pub iban_change: bool,
    /// Amount of each printed rubrique of nature gain, retenue (the income tax is one) or
    /// non soumis, its lines added up.
    pub rubriques: Vec<(Word, Amount)>,
}

/// What an agent has in common with other agents of the pool; never the value itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partage {
    /// Another agent is paid on the same bank account.
    pub iban: bool,
    /// The careers of the other agents who have the same NIR.
    pub nir: Vec<Ailleurs>,
}

/// A row of the career of another agent who has the same NIR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ailleurs {
    /// The other agent.
    pub agent: Word,
    /// The employer.
    pub siret: Siret,
    /// The contract.
    pub contrat: Word,
    /// When the row holds.
    pub dated: Dated,
}

impl HasDates for Ailleurs {
    fn dates(&self) -> &Dated {
        &self.dated
    }
}

/// A decision to pay although a control blocks: who took it, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derogation {
    /// The employer.
    pub siret: Siret,
    /// The agent.
    pub agent: Word,
    /// The contract.
    pub contrat: Word,
    /// Name of the control, or the code of a finding that no control of the rules gives (`W910`).
    pub controle: Word,
    /// Who decided.
    pub par: String,
    /// Why.
    pub motif: String,
}
