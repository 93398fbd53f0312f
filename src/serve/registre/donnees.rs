//! What the registre answers, as data that pages show.

use std::sync::Arc;

use crate::bulletin::{Bulletin, Cents, Difference, Remarque};
use crate::calendar::{Day, PayPeriod};
use crate::domain::{Absence, Carriere, Element, Employeur, Famille, Siret, TauxPas};
use crate::preview::{Explained, Rappel};

/// How a month stands for an employer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EtatMois {
    /// Computed from the facts of the pool each time it is asked.
    Ouvert,
    /// A run of it is in the archive; it is still computed from the facts of the pool.
    Prepare,
    /// Someone answers for that run.
    Valide,
    /// It is closed: read from the archive, as it was paid.
    Clos,
}

/// A month of an employer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoisVu {
    /// The month.
    pub mois: PayPeriod,
    /// How it stands.
    pub etat: EtatMois,
    /// Who brought it there and when (RFC 3339), when the archive says so.
    pub par: Option<(String, String)>,
}

/// One contract in the table of a month.
#[derive(Clone, Debug)]
pub struct ContratDuMois {
    /// The agent.
    pub agent: String,
    /// The contract.
    pub contrat: String,
    /// Family name.
    pub nom: String,
    /// First name.
    pub prenom: String,
    /// Tie with the employer, grade and step, in words.
    pub situation: String,
    /// Whether it can be paid.
    pub payable: bool,
    /// Gross.
    pub brut: Option<Cents>,
    /// Net to pay.
    pub net_a_payer: Option<Cents>,
    /// Cost for the employer.
    pub cout_employeur: Option<Cents>,
    /// What is found about it.
    pub remarques: Vec<Remarque>,
}

/// Sums of a month; blocked contracts are counted, their amounts are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totaux {
    /// Contracts.
    pub contrats: usize,
    /// Contracts that cannot be paid.
    pub bloques: usize,
    /// Contracts with something to look at.
    pub a_voir: usize,
    /// Gross.
    pub brut: Cents,
    /// Net to pay.
    pub net_a_payer: Cents,
    /// Cost for the employer.
    pub cout_employeur: Cents,
}

/// A month of an employer: every contract, and their sums.
#[derive(Clone, Debug)]
pub struct Tableau {
    /// The month.
    pub mois: MoisVu,
    /// Its contracts, in the order of `agents.csv`.
    pub contrats: Vec<ContratDuMois>,
    /// Their sums.
    pub totaux: Totaux,
    /// What is found about the employer itself.
    pub remarques: Vec<Remarque>,
}

/// An employer on the board of the operator.
#[derive(Clone, Debug)]
pub struct EtatEmployeur {
    /// The employer.
    pub employeur: Arc<Employeur>,
    /// How the month stands.
    pub mois: MoisVu,
    /// Its sums; none while they are being computed.
    pub totaux: Option<Totaux>,
}

/// What an employer knows of an agent. Rows of other employers are not there.
#[derive(Clone, Debug)]
pub struct Parcours {
    /// The agent.
    pub agent: String,
    /// Family name.
    pub nom: String,
    /// First name.
    pub prenom: String,
    /// Date of birth.
    pub naissance: Option<Day>,
    /// NIR and IBAN with their middle hidden; empty when unknown.
    pub nir_masque: String,
    /// See above.
    pub iban_masque: String,
    /// Its career here, the latest row first.
    pub carrieres: Vec<Carriere>,
    /// Children, the latest row first.
    pub familles: Vec<Famille>,
    /// Tax rates, the latest row first.
    pub taux_pas: Vec<TauxPas>,
    /// Variable elements here, the latest first.
    pub elements: Vec<Element>,
    /// Absences here, the latest first.
    pub absences: Vec<Absence>,
    /// Months it can be seen in, the latest first.
    pub mois: Vec<MoisDeContrat>,
}

/// A payslip that can be opened.
#[derive(Clone, Debug)]
pub struct MoisDeContrat {
    /// The month.
    pub mois: MoisVu,
    /// The contract.
    pub contrat: String,
    /// Amounts, when they are at hand without computing.
    pub brut: Option<Cents>,
    /// See above.
    pub net_a_payer: Option<Cents>,
}

/// What is hidden unless asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secrets {
    /// National identification number.
    pub nir: String,
    /// Bank account.
    pub iban: String,
}

/// A payslip of a contract, with what stands around it.
#[derive(Clone, Debug)]
pub struct Feuille {
    /// The month.
    pub mois: MoisVu,
    /// Family name.
    pub nom: String,
    /// First name.
    pub prenom: String,
    /// The payslip; none: there is none, or it cannot be computed.
    pub bulletin: Option<Bulletin>,
    /// Why it cannot be computed; empty: nothing is due to this contract in this month.
    pub empechements: Vec<Remarque>,
    /// The contracts of the agent with this employer that have a payslip in this month.
    pub contrats: Vec<String>,
    /// The month before, among those in which this contract can be seen.
    pub avant: Option<PayPeriod>,
    /// The month after, same.
    pub apres: Option<PayPeriod>,
}

/// Why a line has its amount.
#[derive(Clone, Debug)]
pub struct LigneExpliquee {
    /// The agent, first name then family name.
    pub agent: String,
    /// What the line is called.
    pub libelle: String,
    /// Whether it has two sides, which can be explained one by one.
    pub cotisation: bool,
    /// Its reasons, and what the payslip carries for closed months.
    pub raisons: Explained,
}

/// A line of a closed month that a payslip corrects.
#[derive(Clone, Debug)]
pub struct RappelExplique {
    /// The agent, first name then family name.
    pub agent: String,
    /// What the line is called.
    pub libelle: String,
    /// Both computations, and what becomes of the difference.
    pub rappel: Rappel,
}

/// A payslip beside what a change would make of it.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// As it stands.
    pub avant: Bulletin,
    /// As it would be.
    pub apres: Bulletin,
    /// What differs.
    pub ecarts: Difference,
}

/// A stored row of variable elements that is to be withdrawn.
#[derive(Clone, Debug)]
pub struct Retrait {
    /// The row.
    pub row: Element,
    /// The row of today that says that it is paid no more: it is stored, unless the row is itself
    /// of today and alone, which then simply goes.
    pub zero: Element,
}

/// The net of a contract in the open month, before and after variable elements are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApercuElements {
    /// The contract.
    pub contrat: String,
    /// Net to pay as it stands; none: blocked, or no payslip.
    pub avant: Option<Cents>,
    /// Whether there is a payslip as it stands.
    pub connu: bool,
    /// Net to pay as it would be; none: blocked.
    pub apres: Option<Cents>,
    /// What would forbid to pay it.
    pub bloquants: Vec<Remarque>,
}

/// A closed run, as an auditor sees it.
#[derive(Clone, Debug)]
pub struct RunClos {
    /// Its entry in the journal of the archive.
    pub numero: u64,
    /// The month.
    pub mois: PayPeriod,
    /// When it was computed (RFC 3339), and by whom.
    pub quand: String,
    /// See above.
    pub qui: String,
    /// What was known: a day, or `tout`.
    pub connu_le: String,
    /// Edition of the program.
    pub programme: String,
    /// Digest of the results.
    pub empreinte_resultats: String,
    /// Digest of the rule texts.
    pub empreinte_regles: String,
    /// Digest of the entry itself in the journal.
    pub empreinte_entree: String,
    /// Its employers within the scope, and how the month stands for each.
    pub employeurs: Vec<(Siret, String, EtatMois)>,
}

/// A waiver of a blocking control, for an employer of the scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DerogationVue {
    /// When it was given (RFC 3339), and by whom.
    pub quand: String,
    /// See above.
    pub qui: String,
    /// The employer, and its name.
    pub siret: Siret,
    /// See above.
    pub employeur: String,
    /// The agent; empty: the waiver is for the employer.
    pub agent: String,
    /// The contract; empty: all those of the agent.
    pub contrat: String,
    /// The control, by its code.
    pub controle: String,
    /// Why.
    pub motif: String,
}
