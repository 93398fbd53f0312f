//! The payslip an agent recognises: its content as data, as text, and beside another one.
//!
//! May import: `engine`, `dossier`, `program`, `domain` and below. Must not know: files, how rules
//! are written, the explanation of a line.

mod build;
mod compare;
mod json;
mod text;

use serde::Serialize;

use crate::domain::{AgentFacts, Employeur};
use crate::dossier::Prepared;
use crate::engine::Payslip;
use crate::program::Program;

pub use compare::{Changement, Difference, Ecart, LigneChangee, compare, diff};
pub use json::{Cents, Taux, json};
pub use text::text;

/// The version of the JSON form.
pub const FORMAT: u32 = 1;

/// Everything a payslip is made from.
pub struct Faits<'a> {
    /// Who pays.
    pub employeur: &'a Employeur,
    /// Who is paid.
    pub agent: &'a AgentFacts,
    /// The contract.
    pub prepared: &'a Prepared,
    /// The month.
    pub program: &'a Program,
    /// What it gave.
    pub payslip: &'a Payslip,
    /// What the run found; none: what the contract and the payslip say by themselves.
    pub remarques: Option<Vec<Remarque>>,
}

/// A finding shown on the payslip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remarque {
    /// Stable code.
    pub code: String,
    /// Whether it blocks the payment.
    pub bloquant: bool,
    /// What was found.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub remede: String,
    /// The row that says so: file and line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ligne: Option<(String, u32)>,
}

/// Whether a payslip can be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Etat {
    /// It can.
    Payable,
    /// A finding or a fault stands in the way.
    Bloque,
}

/// A payslip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bulletin {
    /// Version of this form.
    pub version: u32,
    /// The month, `2026-10`.
    pub mois: String,
    /// The month in words.
    pub periode: String,
    /// What was known: a day, or `tout`.
    pub connu_le: String,
    /// Whether it can be paid.
    pub etat: Etat,
    /// Findings, those that block first.
    pub remarques: Vec<Remarque>,
    /// Who pays.
    pub employeur: EnteteEmployeur,
    /// Who is paid.
    pub agent: EnteteAgent,
    /// What the agent is, one entry per segment of the month.
    pub situations: Vec<Situation>,
    /// Thirtieths of the month.
    pub trentiemes: i64,
    /// Lines in the order of the payslip, totals left out.
    pub lignes: Vec<Ligne>,
    /// Totals.
    pub totaux: Totaux,
    /// Since January, this month included.
    pub cumuls: Cumuls,
}

/// Who pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnteteEmployeur {
    /// Name.
    pub nom: String,
    /// Fourteen digits.
    pub siret: String,
    /// Street, postal code and town.
    pub adresse: String,
    /// Activity code.
    pub ape: String,
    /// Collecting agency.
    pub urssaf: String,
}

/// Who is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnteteAgent {
    /// Opaque identifier.
    pub id: String,
    /// Family name.
    pub nom: String,
    /// First name.
    pub prenom: String,
    /// Contract.
    pub contrat: String,
}

/// What the agent is in a segment; texts are empty when they do not apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Situation {
    /// First day.
    pub depuis: String,
    /// Last day.
    pub fin: String,
    /// Its thirtieths.
    pub trentiemes: i64,
    /// Tie with the employer.
    pub statut: String,
    /// Pension scheme.
    pub regime: String,
    /// Category.
    pub categorie: String,
    /// Grade.
    pub grade: String,
    /// Step.
    pub echelon: String,
    /// Gross index.
    pub indice_brut: String,
    /// Index of the pay.
    pub indice_majore: Option<i64>,
    /// Points of the index bonus.
    pub nbi: i64,
    /// Working time: `80 %`.
    pub quotite: String,
    /// Paid fraction, when it is not the quotité: `6/7`.
    pub quotite_payee: String,
    /// Weekly hours of a post that is not full time: `17:30`.
    pub duree_hebdo: String,
    /// Zone of the residence allowance.
    pub zone_ir: String,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ligne {
    /// Code.
    pub rubrique: String,
    /// Label.
    pub libelle: String,
    /// `gain`, `retenue`, `cotisation`, `non_soumis`, `information`.
    pub nature: String,
    /// Why it is beside the usual one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub motif: String,
    /// Whether it is what an absence takes away; its label says it all, its motif is not printed.
    #[serde(skip)]
    pub absence: bool,
    /// Month it belongs to, when it is not this one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mois_origine: String,
    /// Who receives it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub organisme: String,
    /// Hours, days or units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nombre: Option<String>,
    /// Base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<Cents>,
    /// Rate of the agent side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taux_agent: Option<Taux>,
    /// Amount, or agent side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub montant_agent: Option<Cents>,
    /// Rate of the employer side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taux_employeur: Option<Taux>,
    /// Employer side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub montant_employeur: Option<Cents>,
}

/// Totals; one that the rules do not give is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the totals of the contract, section 6, and the two sums of sides")]
pub struct Totaux {
    pub brut: Option<Cents>,
    pub cotisations_agent: Cents,
    pub cotisations_employeur: Cents,
    pub net_social: Option<Cents>,
    pub net_avant_impot: Option<Cents>,
    pub net_imposable: Option<Cents>,
    pub pas: Option<Cents>,
    pub taux_pas: Option<Taux>,
    pub net_a_payer: Option<Cents>,
    pub cout_employeur: Option<Cents>,
}

/// Since January, same employer and contract.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cumuls {
    /// The year.
    pub annee: i32,
    /// Gross.
    pub brut: Cents,
    /// Taxable.
    pub net_imposable: Cents,
    /// Tax withheld.
    pub pas: Cents,
    /// Amount of hours exempt from tax, when the rules keep it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heures_exonerees: Option<Cents>,
    /// Whether figures of earlier months were known.
    pub anterieurs_connus: bool,
}

impl Bulletin {
    /// The payslip of a contract and a month.
    pub fn new(faits: &Faits<'_>) -> Self {
        build::bulletin(faits)
    }

    /// Whether it can be paid.
    pub fn payable(&self) -> bool {
        self.etat == Etat::Payable
    }
}

#[cfg(test)]
mod tests;
