//! What a checked book covers: each line and each grade, period by period, and how surely.
//!
//! May import: `check`, `rules` and below. Must not know: how a month is computed, how the report
//! is written.

mod facts;
mod grades;
mod lines;

use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::check::CheckedRuleBook;
use crate::rules::Coverage;

pub use facts::{Fact, UndatedText};
pub use grades::{GridCoverage, GridPeriod, GridState, Restaging};
pub use lines::{LineCoverage, LinePeriod};

/// What to report.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope {
    /// Only what is in force in this month.
    pub mois: Option<PayPeriod>,
    /// Only what was public on that day.
    pub known_on: KnownOn,
}

/// The days of a period; without a last day, it still runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Days {
    /// First day; none: always.
    pub first: Option<Day>,
    /// Last day.
    pub last: Option<Day>,
}

impl Days {
    /// Whether some day is in a month; every period is when no month is asked.
    fn meets(self, mois: Option<PayPeriod>) -> bool {
        mois.is_none_or(|mois| {
            self.first.is_none_or(|first| first <= mois.last_day())
                && self.last.is_none_or(|last| mois.first_day() <= last)
        })
    }
}

/// The report.
#[derive(Clone, Debug)]
pub struct Report {
    /// First and last covered month, day of the last verification.
    pub coverage: Coverage,
    /// Pay lines, in the order of the payslip.
    pub lines: Vec<LineCoverage>,
    /// Grids and their grades.
    pub grids: Vec<GridCoverage>,
    /// Every dated value.
    pub facts: Vec<Fact>,
    /// Texts that some value cites and whose day of publication is not known.
    pub undated: Vec<UndatedText>,
    /// The parametre whose verification is the oldest, with its day.
    pub oldest: Option<(Day, String)>,
}

/// Reads a checked book.
pub fn report(book: &CheckedRuleBook, scope: Scope) -> Report {
    let facts = facts::facts(book.book(), scope);
    Report {
        coverage: book.coverage(),
        lines: lines::lines(book.book(), scope),
        grids: grades::grids(book.book(), scope),
        undated: facts::undated(book.book(), &facts),
        facts,
        oldest: oldest(book),
    }
}

/// Every dated value of a book that applies in the scope.
pub fn values(book: &CheckedRuleBook, scope: Scope) -> Vec<Fact> {
    facts::facts(book.book(), scope)
}

fn oldest(book: &CheckedRuleBook) -> Option<(Day, String)> {
    let parametres = book.book().parametres.iter();
    parametres.filter_map(|parametre| Some((parametre.verifie?, parametre.nom.clone()))).min()
}

/// How many of some dated values are of each confidence: haute, moyenne, basse.
pub fn counts(facts: &[Fact]) -> [usize; 3] {
    use crate::rules::Confiance::{Basse, Haute, Moyenne};
    [Haute, Moyenne, Basse].map(|sure| facts.iter().filter(|f| f.confiance == sure).count())
}

impl Report {
    /// Dated values without a confirmed source.
    pub fn unsourced(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(|fact| fact.textes.is_empty())
    }

    /// Keeps one line, or the grid of one grade, by name; false when there is none.
    pub fn keep(&mut self, name: &str) -> bool {
        let folded = crate::diag::fold(name);
        self.lines.retain(|line| line.nom == name || line.code == name);
        self.grids.retain(|grid| {
            grid.nom == name || grid.grades.iter().any(|g| crate::diag::fold(g) == folded)
        });
        self.facts.clear();
        self.undated.clear();
        !(self.lines.is_empty() && self.grids.is_empty())
    }
}
