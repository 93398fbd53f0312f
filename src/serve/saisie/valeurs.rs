//! The cells of a row of `elements.csv`, as texts.

use crate::domain::{Element, PoolFile, Siret};
use crate::io::{ElementReader, PoolContext, columns};

/// A column of `elements.csv`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Colonne {
    /// Opaque id of the agent.
    Agent,
    /// The employer.
    Siret,
    /// The contract.
    Contrat,
    /// The code of the rubrique.
    Rubrique,
    /// First day.
    Depuis,
    /// Last day, included.
    Fin,
    /// Day on which the pool learned the row.
    ConnuLe,
    /// Hours, days or units.
    Nombre,
    /// What the rubrique starts from.
    Base,
    /// A decimal fraction.
    Taux,
    /// Amount of a full month at full time.
    Montant,
    /// Amount paid as it stands.
    MontantPaye,
    /// The month a late line belongs to.
    MoisOrigine,
    /// Printed label.
    Libelle,
}

/// How many columns `elements.csv` has.
pub(super) const COLONNES: usize = 14;

impl Colonne {
    /// Every column, in the order of the contract.
    pub const ALL: [Self; COLONNES] = [
        Self::Agent,
        Self::Siret,
        Self::Contrat,
        Self::Rubrique,
        Self::Depuis,
        Self::Fin,
        Self::ConnuLe,
        Self::Nombre,
        Self::Base,
        Self::Taux,
        Self::Montant,
        Self::MontantPaye,
        Self::MoisOrigine,
        Self::Libelle,
    ];

    /// The columns that hold a number.
    pub const NOMBRES: [Self; 5] =
        [Self::Nombre, Self::Base, Self::Taux, Self::Montant, Self::MontantPaye];

    /// Its place in [`Colonne::ALL`].
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|column| *column == self).unwrap_or(COLONNES)
    }

    /// Its name in the header.
    pub fn name(self) -> &'static str {
        columns(PoolFile::Elements).get(self.index()).map_or("", |column| column.name)
    }

    /// The column of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    /// The words that people read.
    pub fn french(self) -> &'static str {
        match self {
            Self::Agent => "Agent",
            Self::Siret => "SIRET",
            Self::Contrat => "Contrat",
            Self::Rubrique => "Rubrique",
            Self::Depuis => "Depuis",
            Self::Fin => "Fin",
            Self::ConnuLe => "Connu le",
            Self::Nombre => "Nombre",
            Self::Base => "Base",
            Self::Taux => "Taux",
            Self::Montant => "Montant",
            Self::MontantPaye => "Montant payé",
            Self::MoisOrigine => "Mois d’origine",
            Self::Libelle => "Libellé",
        }
    }

    /// Whether the column holds a number.
    pub fn is_number(self) -> bool {
        Self::NOMBRES.contains(&self)
    }
}

/// The cells of one row; an empty cell says nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Valeurs(Vec<String>);

impl Default for Valeurs {
    fn default() -> Self {
        Self(vec![String::new(); COLONNES])
    }
}

impl Valeurs {
    /// Cells in the order of [`Colonne::ALL`]; what is missing is empty.
    pub(super) fn of(mut cells: Vec<String>) -> Self {
        cells.resize(COLONNES, String::new());
        Self(cells)
    }

    /// A cell.
    pub fn get(&self, column: Colonne) -> &str {
        self.0.get(column.index()).map_or("", String::as_str)
    }

    /// Writes a cell.
    pub fn set(&mut self, column: Colonne, text: impl Into<String>) {
        if let Some(cell) = self.0.get_mut(column.index()) {
            *cell = text.into();
        }
    }

    /// The same with a cell.
    #[must_use]
    pub fn with(mut self, column: Colonne, text: impl Into<String>) -> Self {
        self.set(column, text);
        self
    }

    /// Whether every cell is empty.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|cell| cell.trim().is_empty())
    }

    /// What the pool reads there, for an employer; none: it refuses the row.
    pub fn element(&self, ligne: u32, siret: Siret) -> Option<Element> {
        ElementReader::new(&PoolContext::default(), siret).read(ligne, &self.0).0
    }

    /// The cells in the order of [`Colonne::ALL`].
    pub fn cells(&self) -> &[String] {
        &self.0
    }
}
