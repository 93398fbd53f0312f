//! From facts to the inputs of a month: what each declared input of the rules means for an agent.
//!
//! May import: `domain`, `rules`, `check`, `program`, `engine` and below. Must not know: files of
//! the pool, how results are written.

mod absences;
mod carriere;
mod controle;
mod elements;
mod employeur;
mod inputs;
mod mandats;
mod month;
#[cfg(test)]
pub mod sample;
mod situation;

use std::collections::HashMap;
use std::sync::Arc;

use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::check::CheckedRuleBook;
use crate::diag::{Code, Diagnostic};
use crate::domain::{AgentFacts, Categorie, Employeur, RowRef, Siret, Statut, Word};
use crate::engine::Dossier;
use crate::num::Fixed;
use crate::program::Program;

pub use absences::Piece;
pub use carriere::{Index, IndexSource, SegmentFacts};
pub use employeur::{Choix, EmployeurMonth};
pub use inputs::PROVIDED;

/// Something wrong or worth a look in the facts of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable code; an error blocks the payslip.
    pub code: Code,
    /// The row that says so, when there is one.
    pub reference: Option<RowRef>,
    /// What was found and what was expected; never a name, a NIR or an IBAN.
    pub message: String,
    /// What to do.
    pub remede: String,
}

impl Finding {
    fn new(code: Code, reference: Option<RowRef>, message: String, remede: &str) -> Self {
        Self { code, reference, message, remede: remede.to_owned() }
    }
}

/// One contract, ready to be computed.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The employer.
    pub siret: Siret,
    /// The contract.
    pub contrat: Word,
    /// Inputs for the engine.
    pub dossier: Dossier,
    /// What each segment is, for people.
    pub segments: Vec<SegmentFacts>,
    /// For each element of the dossier, its place in the facts of the agent.
    pub elements: Vec<usize>,
    /// Pieces of absences, in the order of the dossier.
    pub absences: Vec<Piece>,
    /// Parameters of the employer that a row gives.
    pub choix: std::sync::Arc<[Choix]>,
    /// Findings; one error blocks the payslip.
    pub findings: Vec<Finding>,
}

impl Prepared {
    /// Whether it is this contract with this employer.
    pub fn is(&self, siret: Siret, contrat: &str) -> bool {
        self.siret == siret && *self.contrat == *contrat
    }
}

/// Turns facts into inputs for one compiled month.
pub struct Preparer<'a> {
    book: &'a CheckedRuleBook,
    program: &'a Program,
    period: PayPeriod,
    /// The month whose rules hold: another one when facts are seen under later rules.
    regles: PayPeriod,
    /// First days of the variants of the program, as days of `period`.
    variants: Vec<Day>,
    known_on: KnownOn,
    layout: inputs::Sources,
    /// Places of items by the code an element names.
    rubriques: HashMap<&'a str, usize>,
    seuil_cnracl: i64,
    kept: inputs::KeptTotals,
    /// Statuts that the rules do not cover on the first day, with the first day they do.
    uncovered: Vec<(Statut, Day)>,
}

/// What a worker remembers between agents.
#[derive(Default)]
pub struct Memory {
    grades: HashMap<Word, Option<Arc<GradeFacts>>>,
    plafonds: HashMap<(Word, i64, bool, Day), [Option<Fixed>; 2]>,
    indices: HashMap<(Word, Word, Day), Result<carriere::Graded, Finding>>,
}

/// What a grade says by itself, names in the form in which they are compared.
struct GradeFacts {
    categorie: Option<Categorie>,
    filiere: String,
    cadre: String,
}

impl<'a> Preparer<'a> {
    /// Prepares for a program compiled from `book`.
    ///
    /// Errors: an input is declared that this program does not provide.
    pub fn new(book: &'a CheckedRuleBook, program: &'a Program) -> Result<Self, Vec<Diagnostic>> {
        Self::of_month(book, program, program.period)
    }

    /// Prepares the facts of `period` for the rules of the month of `program`, day for day: what
    /// `period` would give if these rules held then. Days that the other month lacks are its last.
    ///
    /// Errors: an input is declared that this program does not provide.
    pub fn of_month(
        book: &'a CheckedRuleBook,
        program: &'a Program,
        period: PayPeriod,
    ) -> Result<Self, Vec<Diagnostic>> {
        let layout = inputs::Sources::new(book.book(), &program.layout)?;
        let rubriques = (program.items.iter().enumerate())
            .filter(|(_, info)| info.printed)
            .map(|(at, info)| (info.nom.as_str(), at))
            .collect();
        let regles = program.period;
        let variants = program.variants.iter().map(|v| same_day(v.from, period)).collect();
        let seuil = book.book().parametre("seuil_heures_cnracl");
        let seuil = seuil.and_then(|p| p.valeurs.in_force(regles.first_day(), program.known_on));
        // Hours of a full-time week in the law of 28 hours: 35.
        let seuil_cnracl = seuil.map_or(28, |version| version.value.0);
        let kept = inputs::KeptTotals::new(program);
        let known_on = program.known_on;
        let mut preparer = Self {
            book,
            program,
            period,
            regles,
            variants,
            known_on,
            layout,
            rubriques,
            seuil_cnracl,
            kept,
            uncovered: Vec::new(),
        };
        preparer.uncovered = preparer.uncovered();
        Ok(preparer)
    }

    /// The day whose rules hold on a day of the month: itself, unless another month lends them.
    fn regle(&self, day: Day) -> Day {
        if self.regles == self.period { day } else { same_day(day, self.regles) }
    }

    /// Place of the variant of the program that holds on a day of the month.
    fn variant(&self, day: Day) -> usize {
        let started = self.variants.iter().take_while(|&&from| from <= day).count();
        started.saturating_sub(1)
    }

    /// Inputs that every agent of an employer shares.
    pub fn employeur(&self, employeur: &'a Employeur) -> EmployeurMonth<'a> {
        employeur::month(self, employeur)
    }

    /// Every contract of an agent that is paid this month, in the order of the careers.
    ///
    /// `employeur` gives the month of an employer of the pool. A contract without a day in the
    /// month is left out, with a finding when elements remain for it.
    pub fn agent<'e>(
        &self,
        facts: &AgentFacts,
        employeur: impl Fn(Siret) -> Option<&'e EmployeurMonth<'e>>,
        memory: &mut Memory,
    ) -> Vec<Prepared> {
        let mut contracts: Vec<(Siret, Word)> = Vec::new();
        for row in &facts.carrieres {
            if !contracts.iter().any(|(s, c)| *s == row.siret && *c == row.contrat) {
                contracts.push((row.siret, Arc::clone(&row.contrat)));
            }
        }
        let mut prepared = Vec::new();
        let mut first_indexed = true;
        // An unknown employer was reported by the reader of the pool.
        let known = |(siret, _): &(Siret, Word)| Some((*siret, employeur(*siret)?));
        let pool: Vec<_> = contracts.iter().filter_map(known).collect();
        for (siret, contrat) in &contracts {
            let found = pool.iter().find(|(known, _)| known == siret);
            let Some(&(_, employeur)) = found else { continue };
            let contract =
                month::Contract { facts, employeur, pool: &pool, siret: *siret, contrat };
            if let Some(result) = self.contract(&contract, &mut first_indexed, memory) {
                prepared.push(result);
            }
        }
        prepared
    }

    /// A contract without a day in the month, for what is still due to it: the last career known,
    /// for no day. The facts give only the elements that are to be paid. `None`: no career.
    pub fn departed<'e>(
        &self,
        facts: &AgentFacts,
        employeur: &'e EmployeurMonth<'e>,
        (siret, contrat): (Siret, &Word),
        memory: &mut Memory,
    ) -> Option<Prepared> {
        let pool = [(siret, employeur)];
        self.last_career(&month::Contract { facts, employeur, pool: &pool, siret, contrat }, memory)
    }
}

/// The day of a month with the number of `day`, at most its last.
fn same_day(day: Day, month: PayPeriod) -> Day {
    Day::new(month.year(), month.month(), day.day()).unwrap_or(month.last_day())
}
