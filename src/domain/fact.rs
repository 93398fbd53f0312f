//! When a fact holds, when it became known, and which row says so.

use crate::calendar::{Day, KnownOn};

/// A file of the pool folder, or the reference payslip that stands for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PoolFile {
    /// `employeurs.csv`
    Employeurs,
    /// `parametres_employeurs.csv`
    Parametres,
    /// `agents.csv`
    Agents,
    /// `carrieres.csv`
    Carrieres,
    /// `familles.csv`
    Familles,
    /// `taux_pas.csv`
    TauxPas,
    /// `elements.csv`
    Elements,
    /// `absences.csv`
    Absences,
    /// `cumuls.csv`
    Cumuls,
    /// A reference payslip (contract, section 4).
    Bulletin,
}

impl PoolFile {
    /// The files of a pool folder, in the order of reading.
    pub const ALL: [Self; 9] = [
        Self::Employeurs,
        Self::Parametres,
        Self::Agents,
        Self::Carrieres,
        Self::Familles,
        Self::TauxPas,
        Self::Elements,
        Self::Absences,
        Self::Cumuls,
    ];

    /// The name of the file in its folder.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Employeurs => "employeurs.csv",
            Self::Parametres => "parametres_employeurs.csv",
            Self::Agents => "agents.csv",
            Self::Carrieres => "carrieres.csv",
            Self::Familles => "familles.csv",
            Self::TauxPas => "taux_pas.csv",
            Self::Elements => "elements.csv",
            Self::Absences => "absences.csv",
            Self::Cumuls => "cumuls.csv",
            Self::Bulletin => "bulletin.toml",
        }
    }
}

/// The row that states a fact, for later findings. Lines count from 1, the header included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowRef {
    /// The file.
    pub file: PoolFile,
    /// The first line of the row.
    pub line: u32,
}

/// The dates of a fact: when it takes effect, ends, and became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dated {
    /// First day of effect.
    pub depuis: Day,
    /// Last day of effect, that day included; none: until a later row.
    pub fin: Option<Day>,
    /// Day on which the pool learned it; none: always known.
    pub connu_le: Option<Day>,
    /// The row that says so.
    pub reference: RowRef,
}

impl Dated {
    /// Whether the row has started by `day` and is known.
    pub fn started(&self, day: Day, known: KnownOn) -> bool {
        self.depuis <= day && known.knows(self.connu_le)
    }

    /// Whether the row has not ended before `day`.
    pub fn lasts(&self, day: Day) -> bool {
        self.fin.is_none_or(|fin| day <= fin)
    }
}

/// A fact with dates.
pub trait HasDates {
    /// The dates.
    fn dates(&self) -> &Dated;
}

/// The row in force on `day`, knowing what `known` allows.
///
/// Among the known rows that have started, the one with the greatest `depuis`, then the greatest
/// `connu_le` (none is the smallest), then the last; nothing when that one has ended.
pub fn in_force<'a, T: HasDates + 'a>(
    rows: impl IntoIterator<Item = &'a T>,
    day: Day,
    known: KnownOn,
) -> Option<&'a T> {
    rows.into_iter()
        .filter(|row| row.dates().started(day, known))
        .max_by_key(|row| (row.dates().depuis, row.dates().connu_le))
        .filter(|row| row.dates().lasts(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    impl HasDates for Dated {
        fn dates(&self) -> &Dated {
            self
        }
    }

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn row(line: u32, depuis: &str, fin: &str, connu_le: &str) -> Dated {
        let optional = |text: &str| (!text.is_empty()).then(|| day(text));
        Dated {
            depuis: day(depuis),
            fin: optional(fin),
            connu_le: optional(connu_le),
            reference: RowRef { file: PoolFile::Carrieres, line },
        }
    }

    #[test]
    fn the_latest_known_row_counts_and_its_end_is_final() {
        let rows = [
            row(2, "2020-01-01", "", ""),
            row(3, "2024-03-01", "2024-12-31", "2024-06-15"),
            row(4, "2024-03-01", "2024-10-31", "2024-07-01"),
        ];
        let line =
            |on: &str, known| in_force(&rows, day(on), known).map(|found| found.reference.line);
        assert_eq!(line("2019-12-31", KnownOn::Everything), None);
        assert_eq!(line("2024-02-29", KnownOn::Everything), Some(2));
        assert_eq!(line("2024-04-01", KnownOn::Day(day("2024-06-14"))), Some(2));
        assert_eq!(line("2024-04-01", KnownOn::Day(day("2024-06-15"))), Some(3));
        assert_eq!(line("2024-10-31", KnownOn::Everything), Some(4));
        assert_eq!(line("2024-11-01", KnownOn::Everything), None);
        assert_eq!(line("2024-11-01", KnownOn::Day(day("2024-06-30"))), Some(3));
    }
}
