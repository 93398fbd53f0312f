//! Why a net moves from one month to the next.

/// A cause of variation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// The rules of the month are not those of the month before.
    Regle,
    /// A line of a former month, paid now or the month before.
    Rappel,
    /// An element of the month before is no more.
    FinElement,
    /// An absence of the month before is over.
    FinAbsence,
    /// A parameter of the employer.
    Employeur,
    /// An element that is new, or is not what it was.
    Element,
    /// An absence that is new, or does not take what it took.
    Absence,
    /// The career: grade, échelon, quotité, age, seniority.
    Carriere,
    /// The days worked, when a contract starts in one of the two months, or a new contract.
    Arrivee,
    /// The days worked, when a contract ends in one of the two months, or a contract that is over.
    Depart,
    /// Children.
    Famille,
    /// The rate of the tax withheld.
    Impot,
    /// What the earlier months of the year add up to, and the ceilings that follow them.
    Cumul,
}

impl Cause {
    /// Every one, in the order of reports.
    pub const ALL: [Self; 13] = [
        Self::Regle,
        Self::Employeur,
        Self::Carriere,
        Self::Famille,
        Self::Absence,
        Self::Element,
        Self::Impot,
        Self::Cumul,
        Self::Rappel,
        Self::FinElement,
        Self::FinAbsence,
        Self::Arrivee,
        Self::Depart,
    ];

    /// The words of files: the cause, and what of it.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Regle => ("regle", ""),
            Self::Rappel => ("rappel", ""),
            Self::FinElement => ("fin", "element"),
            Self::FinAbsence => ("fin", "absence"),
            Self::Employeur => ("fait", "employeur"),
            Self::Element => ("fait", "element"),
            Self::Absence => ("fait", "absence"),
            Self::Carriere => ("fait", "carriere"),
            Self::Famille => ("fait", "famille"),
            Self::Impot => ("fait", "impot"),
            Self::Cumul => ("fait", "cumul"),
            Self::Arrivee => ("arrivee", ""),
            Self::Depart => ("depart", ""),
        }
    }

    /// For people.
    pub fn french(self) -> &'static str {
        match self {
            Self::Regle => "règles",
            Self::Rappel => "rappels",
            Self::FinElement => "fin d'un élément",
            Self::FinAbsence => "fin d'une absence",
            Self::Employeur => "paramètres de l'employeur",
            Self::Element => "éléments variables",
            Self::Absence => "absences",
            Self::Carriere => "carrière",
            Self::Famille => "famille",
            Self::Impot => "taux de l'impôt",
            Self::Cumul => "cumuls et plafonds",
            Self::Arrivee => "arrivée",
            Self::Depart => "départ",
        }
    }
}
