//! What a change of a month may name: grades, natures of absence, rubriques that elements feed.

use std::collections::BTreeSet;

use crate::calendar::{KnownOn, PayPeriod};
use crate::check::Node;
use crate::rulebook::Rules;
use crate::rules::Book;
use crate::serve::saisie::{Colonne, Referentiel, RubriqueConnue, Usage};

/// The names of a month, each list in its order of reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listes {
    /// Grades whose grid is known, with their category.
    pub grades: Vec<(String, String)>,
    /// Natures of absence.
    pub natures: Vec<String>,
    /// Rubriques that an amount, a number or both are enough for.
    pub primes: Vec<PrimeConnue>,
}

/// A rubrique that elements feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrimeConnue {
    /// Its code.
    pub code: String,
    /// Its label.
    pub libelle: String,
    /// Whether it reads an amount.
    pub montant: bool,
    /// Whether it reads a number of hours, days or units.
    pub nombre: bool,
}

impl Listes {
    /// What the rules know of a month; empty when they do not check.
    pub fn du_mois(rules: &Rules, mois: PayPeriod, known: KnownOn) -> Self {
        let Some(checked) = &rules.book else { return Self::default() };
        let referentiel = Referentiel::du_mois(checked, mois, known);
        let mut primes: Vec<PrimeConnue> = referentiel.saisissables().filter_map(prime).collect();
        primes.sort_by(|a, b| (&a.libelle, &a.code).cmp(&(&b.libelle, &b.code)));
        let book = checked.book();
        Self { grades: grades(book, mois, known), natures: natures(book, mois, known), primes }
    }

    /// The rubrique of a code.
    pub fn prime(&self, code: &str) -> Option<&PrimeConnue> {
        self.primes.iter().find(|prime| prime.code == code)
    }
}

fn grades(book: &Book<Node>, mois: PayPeriod, known: KnownOn) -> Vec<(String, String)> {
    let (grids, day) = (&book.grids, mois.first_day());
    let living = grids.grades.values().filter(|grade| {
        grids.of(grade).is_some_and(|grid| {
            grid.replaced(grade, day, known).is_none() && grid.in_force(day, known).is_ok()
        })
    });
    let mut all: Vec<(String, String)> =
        living.map(|grade| (grade.nom.clone(), grade.categorie.clone())).collect();
    all.sort();
    all.dedup();
    all
}

fn natures(book: &Book<Node>, mois: PayPeriod, known: KnownOn) -> Vec<String> {
    let table = book.tables.get("natures_absence").into_iter();
    let rows = table.flat_map(|table| table.rows("", mois.first_day(), known));
    rows.map(|(nature, _)| nature.to_owned()).collect()
}

fn prime(rubrique: &RubriqueConnue) -> Option<PrimeConnue> {
    let Usage::Element { lues, requises } = &rubrique.usage else { return None };
    let offered = BTreeSet::from([Colonne::Montant, Colonne::Nombre]);
    let (montant, nombre) = (lues.contains(&Colonne::Montant), lues.contains(&Colonne::Nombre));
    let enough = requises.is_subset(&offered) && (montant || nombre);
    let (code, libelle) = (rubrique.code.clone(), rubrique.libelle.clone());
    enough.then_some(PrimeConnue { code, libelle, montant, nombre })
}
