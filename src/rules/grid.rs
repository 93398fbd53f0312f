//! Index grids: from a grade and an échelon to its indices.

use std::collections::BTreeMap;

use crate::calendar::{Day, KnownOn};
use crate::diag::fold;
use crate::source::Span;

use super::timeline::{Timeline, Version};

/// One step of a grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Echelon {
    /// Its name: a number, or a word for a special one.
    pub echelon: String,
    /// Indice brut, or a letter group (`HEA`).
    pub ib: String,
    /// Indice majoré of the barème on that date; none for a letter group.
    pub im: Option<i64>,
    /// Months before the next step; empty for the last, `NC` when not found.
    pub duree_mois: String,
}

/// A grade and where it belongs.
#[derive(Clone, Debug)]
pub struct Grade {
    /// Name as in the texts.
    pub nom: String,
    /// A, B or C.
    pub categorie: String,
    /// Filière.
    pub filiere: String,
    /// Cadre d'emplois.
    pub cadre: String,
    /// Grid it follows, by place.
    pub grid: usize,
}

/// A declared gap.
#[derive(Clone, Debug)]
pub struct Trou {
    /// First day, none: always.
    pub depuis: Option<Day>,
    /// Last day, none: until the next version.
    pub fin: Option<Day>,
    /// Why.
    pub motif: String,
}

/// A dated grid.
#[derive(Clone, Debug)]
pub struct Grid {
    /// Name.
    pub nom: String,
    /// French label.
    pub libelle: String,
    /// Where it is defined.
    pub span: Span,
    /// Steps by version.
    pub versions: Timeline<Vec<Echelon>>,
    /// Declared gaps.
    pub trous: Vec<Trou>,
}

/// Every grid and grade.
#[derive(Clone, Debug, Default)]
pub struct Grids {
    /// Grids, in the order of the tree.
    pub grids: Vec<Grid>,
    /// Grades by folded name.
    pub grades: BTreeMap<String, Grade>,
}

/// Why a grade and an échelon give no index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GridError {
    /// The grade is not known.
    Grade,
    /// A declared gap covers the day; the reason.
    Trou(String),
    /// No version on that day; the first day covered, when there is one.
    Date(Option<Day>),
    /// The échelon is not in the grid; the ones that are.
    Echelon(Vec<String>),
}

impl Grids {
    /// The grade of that name, accents, case, hyphens and apostrophes ignored.
    pub fn grade(&self, name: &str) -> Option<&Grade> {
        self.grades.get(&fold(name))
    }

    /// The step of a grade on a day, with the version that gives it.
    pub fn echelon(
        &self,
        grade: &str,
        echelon: &str,
        day: Day,
        known_on: KnownOn,
    ) -> Result<(&Echelon, &Version<Vec<Echelon>>), GridError> {
        let grade = self.grade(grade).ok_or(GridError::Grade)?;
        let grid = self.grids.get(grade.grid).ok_or(GridError::Grade)?;
        let version = grid.versions.in_force(day, known_on);
        if let Some(trou) = grid.trou(day, version.map(|version| version.depuis)) {
            return Err(GridError::Trou(trou.motif.clone()));
        }
        let version = version
            .ok_or_else(|| GridError::Date(grid.versions.versions().first().map(|v| v.depuis)))?;
        let wanted = echelon.trim().trim_start_matches('0');
        let step =
            version.value.iter().find(|step| step.echelon == wanted || step.echelon == echelon);
        let names = || version.value.iter().map(|step| step.echelon.clone()).collect();
        step.map(|step| (step, version)).ok_or_else(|| GridError::Echelon(names()))
    }
}

impl Grid {
    /// The declared gap that covers a day, given the start of the version found for it.
    fn trou(&self, day: Day, version: Option<Day>) -> Option<&Trou> {
        self.trous.iter().find(|trou| {
            let started = trou.depuis.is_none_or(|depuis| depuis <= day);
            let ended = trou.fin.is_some_and(|fin| fin < day);
            // A version that starts after the gap closes it.
            let closed = match (trou.depuis, version) {
                (Some(depuis), Some(version)) => version >= depuis,
                (None, Some(_)) => true,
                (_, None) => false,
            };
            started && !ended && !closed
        })
    }
}
