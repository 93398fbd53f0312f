//! Grades, period by period: versions of their grid, gaps, reclassements.

use crate::calendar::{Day, KnownOn};
use crate::check::Node;
use crate::rules::{Book, Confiance, Grade, Grid};

use super::{Days, Scope};

/// A grid and the grades that follow it.
#[derive(Clone, Debug)]
pub struct GridCoverage {
    /// Name.
    pub nom: String,
    /// French label.
    pub libelle: String,
    /// Its grades.
    pub grades: Vec<String>,
    /// What is known, in the order of days.
    pub periods: Vec<GridPeriod>,
    /// Days on which careers must be written anew.
    pub restagings: Vec<Restaging>,
}

/// What is known of a grid for some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridPeriod {
    /// When.
    pub days: Days,
    /// What.
    pub state: GridState,
}

/// A version, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GridState {
    /// A version.
    Known {
        /// How sure it is.
        confiance: Confiance,
        /// How many échelons it has.
        echelons: usize,
        /// Why some échelons are missing, when that is declared.
        partial: Option<String>,
    },
    /// A gap, with its reason when it is declared.
    Gap(Option<String>),
    /// The grades became another one.
    Ended(String),
}

/// A day on which the échelons changed their meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restaging {
    /// The day.
    pub depuis: Day,
    /// The grades concerned, when not all.
    pub grades: Vec<String>,
    /// How sure it is.
    pub confiance: Confiance,
    /// What is known of it.
    pub note: String,
}

/// Every grid, in the order of the book, with what the scope keeps of it.
pub fn grids(book: &Book<Node>, scope: Scope) -> Vec<GridCoverage> {
    let grids = book.grids.grids.iter().enumerate();
    let coverage = grids.map(|(at, grid)| {
        let grades: Vec<&Grade> = book.grids.grades.values().filter(|g| g.grid == at).collect();
        let mut periods = periods(grid, &grades, scope.known_on);
        periods.retain(|period| period.days.meets(scope.mois));
        let restagings = grid.reclassements.versions().iter().filter(|found| {
            let day = Days { first: Some(found.depuis), last: Some(found.depuis) };
            found.value.vers.is_none() && found.known(scope.known_on) && day.meets(scope.mois)
        });
        let restagings = restagings.map(|found| Restaging {
            depuis: found.depuis,
            grades: found.value.grades.clone(),
            confiance: found.confiance,
            note: found.note.clone(),
        });
        GridCoverage {
            nom: grid.nom.clone(),
            libelle: grid.libelle.clone(),
            restagings: restagings.collect(),
            grades: grades.into_iter().map(|grade| grade.nom.clone()).collect(),
            periods,
        }
    });
    coverage.collect()
}

/// What is known of a grid, from always to now, neighbours that say the same made one.
fn periods(grid: &Grid, grades: &[&Grade], known_on: KnownOn) -> Vec<GridPeriod> {
    let mut starts: Vec<Day> = Vec::new();
    for version in grid.versions.versions() {
        starts.push(version.depuis);
        starts.extend(version.fin.map(Day::next));
    }
    for trou in &grid.trous {
        starts.extend(trou.depuis);
        starts.extend(trou.fin.map(Day::next));
    }
    starts.extend(grid.reclassements.versions().iter().map(|found| found.depuis));
    starts.sort_unstable();
    starts.dedup();
    let firsts = std::iter::once(None).chain(starts.iter().copied().map(Some));
    let lasts = starts.iter().map(|day| Some(day.previous())).chain(std::iter::once(None));
    let mut found: Vec<GridPeriod> = Vec::new();
    for (first, last) in firsts.zip(lasts) {
        // Nothing is on record: any day before the first start is like its eve.
        let Some(day) = first.or(last) else {
            let days = Days { first, last };
            return vec![GridPeriod { days, state: state(grid, grades, None, known_on) }];
        };
        let state = state(grid, grades, Some(day), known_on);
        match found.last_mut() {
            Some(before) if before.state == state && !starts_version(grid, day) => {
                before.days.last = last;
            }
            _ => found.push(GridPeriod { days: Days { first, last }, state }),
        }
    }
    found
}

/// Whether a version starts on a day: it stays a period of its own, even like the one before.
fn starts_version(grid: &Grid, day: Day) -> bool {
    grid.versions.versions().iter().any(|version| version.depuis == day)
}

fn state(grid: &Grid, grades: &[&Grade], day: Option<Day>, known_on: KnownOn) -> GridState {
    let Some(day) = day else {
        return GridState::Gap(grid.trous.first().map(|trou| trou.motif.clone()));
    };
    let replaced: Vec<Option<&str>> = (grades.iter())
        .map(|grade| grid.replaced(grade, day, known_on).map(|(_, grade)| grade))
        .collect();
    if let Some(Some(grade)) = replaced.first()
        && replaced.iter().all(Option::is_some)
    {
        return GridState::Ended((*grade).to_owned());
    }
    match grid.in_force(day, known_on) {
        Ok(version) => {
            let partial = grid.trous.iter().find(|trou| {
                !trou.echelons.is_empty()
                    && trou.depuis.is_none_or(|depuis| depuis <= day)
                    && trou.fin.is_none_or(|fin| day <= fin)
            });
            GridState::Known {
                confiance: version.confiance,
                echelons: version.value.len(),
                partial: partial.map(|trou| trou.motif.clone()),
            }
        }
        Err(motif) => GridState::Gap(motif),
    }
}
