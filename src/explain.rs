//! Why an amount: the tree of one line, from the same program as the run, observed; and what
//! changed between two of them.
//!
//! May import: `engine`, `dossier`, `program`, `check`, `rules` and below. Must not know: files on
//! disk, how the pool is read, what a payslip looks like.

mod absence;
mod build;
mod cite;
mod compare;
mod formula;
mod lectures;
mod origine;
mod rappel;
mod record;
mod text;
mod value;

use std::cell::OnceCell;
use std::sync::Arc;

use serde::Serialize;

use crate::calendar::KnownOn;
use crate::check::{CheckedRuleBook, Part};
use crate::dossier::Prepared;
use crate::engine::Payslip;
use crate::program::Program;
use crate::source::SourceMap;

pub use compare::{Cause, Comparison, Cote, Ecart, LigneChangee, Nature, compare, comparison_text};
pub use origine::{Faits, LigneCitee};
pub use rappel::{ModeRappel, Rappel, rappel, rappel_text};
pub use text::text;
pub use value::Exact;

/// The version of the JSON form.
pub const FORMAT: u32 = 1;

/// What to explain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainTarget {
    /// A rubrique code, or the name of an item in formulas.
    pub nom: String,
    /// The part of a cotisation; none: all of it.
    pub part: Option<Part>,
    /// How many items read one from another are opened.
    pub profondeur: usize,
}

impl ExplainTarget {
    /// How many levels are opened when nothing is said.
    pub const PROFONDEUR: usize = 3;

    /// Reads `CNRACL`, `CNRACL.employeur`, `traitement_annuel`; `None` when the part is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let (nom, part) = match text.split_once('.') {
            None => (text, None),
            Some((nom, "base")) => (nom, Some(Part::Base)),
            Some((nom, "agent")) => (nom, Some(Part::Agent)),
            Some((nom, "employeur")) => (nom, Some(Part::Employeur)),
            Some(_) => return None,
        };
        Some(Self { nom: nom.to_owned(), part, profondeur: Self::PROFONDEUR })
    }
}

/// Why a line is what it is, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Version of this form.
    pub version: u32,
    /// The month.
    pub mois: String,
    /// What was known: a day, or `tout`.
    pub connu_le: String,
    /// What was asked, as written.
    pub demande: String,
    /// Whether the name asked for is an item of the rules.
    pub connu: bool,
    /// One tree per item that prints that code; a single one most of the time.
    pub lignes: Vec<Step>,
    /// What the whole month read, for [`compare`].
    #[serde(skip)]
    lectures: Memoire,
}

/// What an explanation keeps of its month, to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Memoire {
    /// Nothing was asked.
    Rien,
    /// Nobody knew of the contract.
    SansContrat,
    /// Everything that was read.
    Mois(Arc<lectures::Lectures>),
}

impl Explanation {
    /// The amounts explained, in cents: one per printed line and part, in the order of the payslip.
    pub fn montants(&self) -> Vec<i64> {
        let mut cents = Vec::new();
        for ligne in &self.lignes {
            ligne.montants(&mut |_, amount| cents.push(amount));
        }
        cents
    }

    /// The same line when nobody knows of the contract: absent, and due nothing.
    pub fn without_contract(&self, known_on: KnownOn) -> Self {
        let mut step = Step::new(Genre::Ligne, &self.demande, "");
        step.etat = Some(Etat::Absente);
        step.notes
            .push("aucun jour de ce contrat dans le mois, d'après ce qui est connu".to_owned());
        Self {
            connu_le: known_on.to_string(),
            lignes: vec![step],
            lectures: Memoire::SansContrat,
            ..self.clone()
        }
    }

    /// The same amounts with the name and the label of what prints them.
    fn parts(&self) -> Vec<(String, String, i64)> {
        let mut parts = Vec::new();
        for ligne in &self.lignes {
            let mut add = |step: &Step, cents| {
                parts.push((step.nom.clone(), step.libelle.clone(), cents));
            };
            ligne.montants(&mut add);
        }
        parts
    }
}

/// What a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Genre {
    /// A rubrique, a cotisation or a part of it.
    Ligne,
    /// The share of a line that comes from some segments or from one element.
    Part,
    /// A named quantity.
    Grandeur,
    /// The base of a cotisation.
    Assiette,
    /// The rate of a side.
    Taux,
    /// A named step of a definition.
    Etape,
    /// A condition, and what followed.
    Condition,
    /// A dated scalar.
    Parametre,
    /// Dated brackets.
    Bareme,
    /// An input.
    Entree,
    /// What earlier months gave.
    Cumul,
    /// A sum over a family.
    Somme,
    /// A rounding inside a formula.
    Arrondi,
}

/// Whether a line is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Etat {
    /// Printed with an amount.
    Payee,
    /// Printed nowhere; the notes say why.
    Absente,
    /// It could not be computed.
    Bloquee,
}

/// One step of an explanation. Empty texts and lists are left out of the JSON form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What it is.
    pub genre: Genre,
    /// Its name in formulas.
    pub nom: String,
    /// Its French label.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub libelle: String,
    /// For a line: whether it is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etat: Option<Etat>,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valeur: Option<Valeur>,
    /// Its formula as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formule: Option<Formule>,
    /// The formula with values in the place of names, only the branches that were taken.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub calcul: String,
    /// The version in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<VersionCitee>,
    /// What a reader should know, in French.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Its operands and what they come from, in the order of reading.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub etapes: Vec<Step>,
    /// The rounding that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrondi: Option<ArrondiApplique>,
    /// The amount paid, in cents, for a step that is a printed amount.
    #[serde(skip)]
    cents: Option<i64>,
}

impl Step {
    fn new(genre: Genre, nom: impl Into<String>, libelle: impl Into<String>) -> Self {
        Self {
            genre,
            nom: nom.into(),
            libelle: libelle.into(),
            etat: None,
            valeur: None,
            formule: None,
            calcul: String::new(),
            version: None,
            notes: Vec::new(),
            etapes: Vec::new(),
            arrondi: None,
            cents: None,
        }
    }

    /// Printed amounts of this tree; operands, which were printed elsewhere, do not count.
    fn montants(&self, out: &mut impl FnMut(&Self, i64)) {
        if self.etat != Some(Etat::Payee) {
            return;
        }
        if let Some(cents) = self.cents {
            out(self, cents);
            return;
        }
        for etape in &self.etapes {
            etape.montants(out);
        }
    }
}

/// A value for people and for systems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Valeur {
    /// French form, with its unit.
    pub texte: String,
    /// The exact number: a decimal, or `n/d` when it does not end; absent for a word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nombre: Option<String>,
    /// Unit, empty for a pure number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unite: String,
}

/// A formula and where it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Formule {
    /// The text, on one line.
    pub texte: String,
    /// File of the rule tree.
    pub fichier: String,
    /// Line, from 1.
    pub ligne: usize,
}

/// The version of a rule and the texts that set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VersionCitee {
    /// First day.
    pub depuis: String,
    /// Publication, or `inconnue`.
    pub publie: String,
    /// Texts, most direct first; empty when the source is declared missing.
    pub textes: Vec<TexteCite>,
    /// How sure the transcription is.
    pub confiance: String,
    /// Reservation of the rule, when it is not wholly sure.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// File of the rule tree.
    pub fichier: String,
    /// Line, from 1.
    pub ligne: usize,
}

/// A text that is cited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TexteCite {
    /// Key of the register.
    pub cle: String,
    /// Title.
    pub titre: String,
    /// Article, empty for the whole text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub article: String,
    /// Address, empty when unknown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
}

/// A rounding, with what came before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ArrondiApplique {
    /// Exact value before.
    pub avant: Valeur,
    /// Value after.
    pub apres: Valeur,
    /// Step, in euros.
    pub pas: String,
    /// `demi_superieur`, `troncature` or `exces`; `aucun` when nothing was left to round.
    pub mode: String,
    /// The policy of the employer that chose the mode.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub politique: String,
}

/// A contract whose month ran once under observation: any number of its lines can be explained.
pub struct Observed<'a> {
    book: &'a CheckedRuleBook,
    sources: &'a SourceMap,
    program: &'a Program,
    prepared: &'a Prepared,
    record: record::Record,
    faits: Option<Faits<'a>>,
    lectures: OnceCell<Arc<lectures::Lectures>>,
}

impl<'a> Observed<'a> {
    /// Runs the month and keeps every step.
    pub fn new(
        book: &'a CheckedRuleBook,
        sources: &'a SourceMap,
        program: &'a Program,
        prepared: &'a Prepared,
    ) -> Self {
        let record = record::record(program, &prepared.dossier);
        let lectures = OnceCell::new();
        Self { book, sources, program, prepared, record, faits: None, lectures }
    }

    /// Makes explanations that [`compare`] can open; the rows of these facts are named.
    pub fn comparable(mut self, faits: Faits<'a>) -> Self {
        self.faits = Some(faits);
        self
    }

    /// What the month gave.
    pub fn payslip(&self) -> &Payslip {
        &self.record.payslip
    }

    /// Explains a line, present or absent.
    pub fn explain(&self, target: &ExplainTarget) -> Explanation {
        let Self { sources, program, prepared, record, faits, .. } = self;
        let (book, faits) = (self.book.book(), *faits);
        let context = build::Context { book, sources, program, prepared, record, faits };
        let lignes = build::lines(&context, target);
        let read = || Arc::new(lectures::Lectures::new(&context));
        // Reading a whole month costs more than one tree: only for who compares.
        let lectures = match faits {
            Some(_) => Memoire::Mois(Arc::clone(self.lectures.get_or_init(read))),
            None => Memoire::Rien,
        };
        let part = target.part.map_or("", Part::name);
        let dot = if part.is_empty() { "" } else { "." };
        Explanation {
            version: FORMAT,
            mois: program.period.to_string(),
            connu_le: program.known_on.to_string(),
            demande: format!("{}{dot}{part}", target.nom),
            connu: !lignes.is_empty(),
            lignes,
            lectures,
        }
    }
}

/// Explains a line, present or absent, of a contract and a month.
pub fn explain(
    book: &CheckedRuleBook,
    sources: &SourceMap,
    program: &Program,
    prepared: &Prepared,
    target: &ExplainTarget,
) -> Explanation {
    Observed::new(book, sources, program, prepared).explain(target)
}

#[cfg(test)]
mod tests;
