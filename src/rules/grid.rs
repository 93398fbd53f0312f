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
    /// The échelons that a version lacks; empty when there is no version at all.
    pub echelons: Vec<String>,
    /// Why.
    pub motif: String,
}

/// A day on which the échelons of a grid changed their meaning, or its grades became another.
#[derive(Clone, Debug)]
pub struct Reclassement {
    /// The grades it is about, as written; empty: every grade of the grid.
    pub grades: Vec<String>,
    /// The grade that replaces them; none when they remain.
    pub vers: Option<String>,
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
    /// Days on which a career must be written anew.
    pub reclassements: Timeline<Reclassement>,
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
    /// No version on that day.
    Absent {
        /// The reason, when the gap is declared.
        motif: Option<String>,
        /// First and last day known before, when there are.
        before: Option<(Day, Day)>,
        /// First day known after.
        after: Option<Day>,
        /// Grades of the same cadre d'emplois that have a grid on that day.
        voisins: Vec<String>,
    },
    /// The grade became another: the day and the grade, then what that one became.
    Remplace(Vec<(Day, String)>),
    /// The échelon is not in the grid.
    Echelon {
        /// The ones that are.
        connus: Vec<String>,
        /// The reason, when its absence is declared.
        motif: Option<String>,
    },
}

impl Grids {
    /// The grade of that name, accents, case, hyphens and apostrophes ignored.
    pub fn grade(&self, name: &str) -> Option<&Grade> {
        self.grades.get(&fold(name))
    }

    /// The grid that a grade follows.
    pub fn of(&self, grade: &Grade) -> Option<&Grid> {
        self.grids.get(grade.grid)
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
        let grid = self.of(grade).ok_or(GridError::Grade)?;
        if let Some(replaced) = grid.replaced(grade, day, known_on) {
            return Err(GridError::Remplace(self.successors(replaced, day, known_on)));
        }
        let version = grid.in_force(day, known_on).map_err(|motif| GridError::Absent {
            motif,
            before: grid.known_before(day, known_on),
            after: grid.known_after(day, known_on),
            voisins: self.neighbours(grade, day, known_on),
        })?;
        let wanted = echelon.trim().trim_start_matches('0');
        let step =
            version.value.iter().find(|step| step.echelon == wanted || step.echelon == echelon);
        step.map(|step| (step, version)).ok_or_else(|| GridError::Echelon {
            connus: version.value.iter().map(|step| step.echelon.clone()).collect(),
            motif: grid.missing(wanted, day).map(|trou| trou.motif.clone()),
        })
    }

    /// The last reclassement of a grade up to a day that leaves the grade its name.
    pub fn reclassement(
        &self,
        grade: &Grade,
        day: Day,
        known_on: KnownOn,
    ) -> Option<&Version<Reclassement>> {
        let grid = self.of(grade)?;
        grid.reclasse(grade, day, known_on).filter(|found| found.value.vers.is_none())
    }

    /// What a replaced grade became, then what that one became by `day`, in the order of days.
    fn successors(&self, first: (Day, &str), day: Day, known_on: KnownOn) -> Vec<(Day, String)> {
        let mut chain = vec![(first.0, first.1.to_owned())];
        // Each step is on a later day: it ends.
        while let Some((since, name)) = chain.last() {
            let Some(grade) = self.grade(name) else { break };
            let next = self.of(grade).and_then(|grid| {
                let later = grid.reclassements.versions().iter().find(|later| {
                    *since < later.depuis
                        && later.depuis <= day
                        && later.known(known_on)
                        && later.value.concerns(grade)
                        && later.value.vers.is_some()
                })?;
                Some((later.depuis, later.value.vers.clone()?))
            });
            match next {
                Some(next) => chain.push(next),
                None => break,
            }
        }
        chain
    }

    /// Grades of the same cadre d'emplois whose grid is known on a day.
    fn neighbours(&self, grade: &Grade, day: Day, known_on: KnownOn) -> Vec<String> {
        let near = self.grades.values().filter(|other| {
            other.cadre == grade.cadre
                && other.nom != grade.nom
                && self.of(other).is_some_and(|grid| {
                    grid.replaced(other, day, known_on).is_none()
                        && grid.in_force(day, known_on).is_ok()
                })
        });
        near.map(|other| other.nom.clone()).collect()
    }
}

impl Reclassement {
    /// Whether it is about a grade.
    pub fn concerns(&self, grade: &Grade) -> bool {
        self.grades.is_empty() || self.grades.contains(&grade.nom)
    }
}

impl Grid {
    /// The version of a day; the reason of the gap when there is none.
    pub fn in_force(
        &self,
        day: Day,
        known_on: KnownOn,
    ) -> Result<&Version<Vec<Echelon>>, Option<String>> {
        let version = self.versions.in_force(day, known_on);
        if let Some(trou) = self.trou(day, version.map(|version| version.depuis)) {
            return Err(Some(trou.motif.clone()));
        }
        version.ok_or(None)
    }

    /// The version that holds before a day, and its last day.
    pub fn known_before(&self, day: Day, known_on: KnownOn) -> Option<(Day, Day)> {
        let (before, _) = self.versions.around(day, known_on);
        let before = before?;
        let last = self.last_day(before, known_on).unwrap_or(day).min(day.previous());
        Some((before.depuis, last))
    }

    /// The first day after `day` on which a version starts.
    pub fn known_after(&self, day: Day, known_on: KnownOn) -> Option<Day> {
        self.versions.around(day, known_on).1.map(|version| version.depuis)
    }

    /// The last day of a version: its repeal, the eve of the next one, of a gap, or of the day on
    /// which every grade became another. None: it still holds.
    pub fn last_day(&self, version: &Version<Vec<Echelon>>, known_on: KnownOn) -> Option<Day> {
        let next = self.versions.around(version.depuis, known_on).1.map(|next| next.depuis);
        let gaps = self.trous.iter().filter(|trou| trou.echelons.is_empty());
        let gap = gaps.filter_map(|trou| trou.depuis).filter(|day| version.depuis < *day).min();
        let replaced = self.reclassements.versions().iter().filter(|found| {
            found.value.vers.is_some()
                && found.value.grades.is_empty()
                && version.depuis < found.depuis
                && found.known(known_on)
        });
        let replaced = replaced.map(|found| found.depuis).min();
        let starts = [next, gap, replaced].into_iter().flatten().map(Day::previous);
        starts.chain(version.fin).min()
    }

    /// The last reclassement of a grade up to a day.
    fn reclasse(
        &self,
        grade: &Grade,
        day: Day,
        known_on: KnownOn,
    ) -> Option<&Version<Reclassement>> {
        self.reclassements.versions().iter().rev().find(|found| {
            found.depuis <= day && found.known(known_on) && found.value.concerns(grade)
        })
    }

    /// The day on which a grade became another, and which.
    pub fn replaced(&self, grade: &Grade, day: Day, known_on: KnownOn) -> Option<(Day, &str)> {
        let found = self.reclasse(grade, day, known_on)?;
        Some((found.depuis, found.value.vers.as_deref()?))
    }

    /// The declared absence of an échelon on a day.
    pub fn missing(&self, echelon: &str, day: Day) -> Option<&Trou> {
        self.trous.iter().find(|trou| {
            trou.echelons.iter().any(|missing| missing == echelon)
                && trou.depuis.is_none_or(|depuis| depuis <= day)
                && trou.fin.is_none_or(|fin| day <= fin)
        })
    }

    /// The declared gap that covers a day, given the start of the version found for it.
    fn trou(&self, day: Day, version: Option<Day>) -> Option<&Trou> {
        let mut whole = self.trous.iter().filter(|trou| trou.echelons.is_empty());
        whole.find(|trou| {
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
