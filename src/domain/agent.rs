//! The person paid, and everything the pool knows about them.

use std::fmt;

use super::absence::Absence;
use super::carriere::Carriere;
use super::controle::{Partage, Precedent};
use super::element::{Cumul, Element};
use super::fact::{Dated, HasDates, RowRef};
use super::word::Word;
use crate::calendar::Day;
use crate::num::Fixed;

/// The person paid.
#[derive(Clone, Debug, PartialEq)]
pub struct Agent {
    /// Opaque identifier, never a NIR; the only name that findings and logs may show.
    pub id: Word,
    /// Date of birth.
    pub naissance: Option<Day>,
    /// Department of residence (`69`, `2A`, `974`), when the address gives it.
    pub departement: Option<Word>,
    /// What must never reach a finding or a log.
    pub identity: Identity,
    /// The row that states it.
    pub reference: RowRef,
}

/// Names and numbers of a person, in one allocation; its debug form shows nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Identity {
    text: Box<str>,
    ends: [u32; 7],
}

impl Identity {
    /// From the values of: nir, nom, prenom, sexe, adresse, iban, bic. Empty when unknown.
    pub fn new(values: [&str; 7]) -> Self {
        let mut text = String::with_capacity(values.iter().map(|value| value.len()).sum());
        let ends = values.map(|value| {
            text.push_str(value);
            u32::try_from(text.len()).unwrap_or(u32::MAX)
        });
        Self { text: text.into_boxed_str(), ends }
    }

    fn value(&self, index: usize) -> &str {
        let at = |index: usize| {
            self.ends.get(index).map_or(0, |&end| usize::try_from(end).unwrap_or(usize::MAX))
        };
        let start = index.checked_sub(1).map_or(0, at);
        self.text.get(start..at(index)).unwrap_or("")
    }

    /// National identification number, 13 or 15 characters.
    pub fn nir(&self) -> &str {
        self.value(0)
    }

    /// Family name.
    pub fn nom(&self) -> &str {
        self.value(1)
    }

    /// First name.
    pub fn prenom(&self) -> &str {
        self.value(2)
    }

    /// Sex as written.
    pub fn sexe(&self) -> &str {
        self.value(3)
    }

    /// Postal address.
    pub fn adresse(&self) -> &str {
        self.value(4)
    }

    /// Bank account.
    pub fn iban(&self) -> &str {
        self.value(5)
    }

    /// Bank.
    pub fn bic(&self) -> &str {
        self.value(6)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Identity(…)")
    }
}

/// Family composition from a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Famille {
    /// When it holds.
    pub dated: Dated,
    /// Children who give right to the supplement.
    pub enfants: i64,
    /// Of whom in alternating residence.
    pub enfants_alternes: i64,
}

impl HasDates for Famille {
    fn dates(&self) -> &Dated {
        &self.dated
    }
}

/// Personal rate of income tax from a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TauxPas {
    /// When it holds.
    pub dated: Dated,
    /// The rate, a decimal fraction; none: the default grid.
    pub taux: Option<Fixed>,
}

impl HasDates for TauxPas {
    fn dates(&self) -> &Dated {
        &self.dated
    }
}

/// Every row of one agent, in file order.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentFacts {
    /// The person.
    pub agent: Agent,
    /// Careers, all contracts together.
    pub carrieres: Vec<Carriere>,
    /// Family compositions.
    pub familles: Vec<Famille>,
    /// Personal tax rates.
    pub taux_pas: Vec<TauxPas>,
    /// What varies.
    pub elements: Vec<Element>,
    /// Absences.
    pub absences: Vec<Absence>,
    /// Opening figures.
    pub cumuls: Vec<Cumul>,
    /// What the last closed month of each contract paid; empty without an archive.
    pub precedents: Vec<Precedent>,
    /// What the agent has in common with others; none for nearly everybody.
    pub partage: Option<Box<Partage>>,
}

impl AgentFacts {
    /// An agent about whom nothing else is known.
    pub fn new(agent: Agent) -> Self {
        Self {
            agent,
            carrieres: Vec::new(),
            familles: Vec::new(),
            taux_pas: Vec::new(),
            elements: Vec::new(),
            absences: Vec::new(),
            cumuls: Vec::new(),
            precedents: Vec::new(),
            partage: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_gives_back_what_it_was_given_and_hides_it() {
        let identity = Identity::new(["1", "Dupré", "", "F", "1 rue", "FR76", "BIC"]);
        assert_eq!(identity.nir(), "1");
        assert_eq!((identity.nom(), identity.prenom(), identity.sexe()), ("Dupré", "", "F"));
        assert_eq!((identity.adresse(), identity.iban(), identity.bic()), ("1 rue", "FR76", "BIC"));
        assert_eq!(format!("{identity:?}"), "Identity(…)");
    }
}
