//! Roles, and the employers that an account may see.
//!
//! Data only: who has which right is decided here, once, and asked everywhere.

use std::collections::BTreeSet;

use crate::calendar::Day;
use crate::domain::Siret;

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Keeps accounts and reads the log; sees no pay.
    Administrateur,
    /// Runs the month of every employer.
    Operateur,
    /// Staff of one or several employers.
    Gestionnaire,
    /// Reads closed months and open ones, changes nothing, until a day.
    Auditeur,
}

/// Something that not everyone may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Droit {
    /// See agents and payslips, try a change.
    VoirPaie,
    /// Hand in variable elements.
    Saisir,
    /// See a NIR or an IBAN in full.
    Demasquer,
    /// See the state of all employers.
    VoirPool,
    /// See closed months as an auditor: digests, replay.
    Controler,
    /// Create accounts, change their scope.
    GererComptes,
    /// Read the log.
    LireJournal,
}

impl Role {
    /// Every role, in the order of the accounts page.
    pub const ALL: [Self; 4] =
        [Self::Administrateur, Self::Operateur, Self::Gestionnaire, Self::Auditeur];

    /// The word of files and of the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Administrateur => "administrateur",
            Self::Operateur => "operateur",
            Self::Gestionnaire => "gestionnaire",
            Self::Auditeur => "auditeur",
        }
    }

    /// The word that people read.
    pub fn french(self) -> &'static str {
        match self {
            Self::Administrateur => "Administrateur",
            Self::Operateur => "Opérateur de paie",
            Self::Gestionnaire => "Gestionnaire RH",
            Self::Auditeur => "Auditeur",
        }
    }

    /// The role of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether the role has a right.
    pub fn peut(self, droit: Droit) -> bool {
        let droits: &[Droit] = match self {
            Self::Administrateur => &[Droit::GererComptes, Droit::LireJournal],
            Self::Operateur => &[
                Droit::VoirPaie,
                Droit::Saisir,
                Droit::Demasquer,
                Droit::VoirPool,
                Droit::Controler,
            ],
            Self::Gestionnaire => &[Droit::VoirPaie, Droit::Saisir, Droit::Demasquer],
            Self::Auditeur => &[Droit::VoirPaie, Droit::Controler],
        };
        droits.contains(&droit)
    }
}

/// The employers that an account may see. What is outside does not exist for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Perimetre(Etendue);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Etendue {
    Tous,
    Employeurs(BTreeSet<Siret>),
}

impl Perimetre {
    /// Every employer of the pool.
    pub fn tous() -> Self {
        Self(Etendue::Tous)
    }

    /// These employers alone; none: nothing is seen.
    pub fn des(sirets: impl IntoIterator<Item = Siret>) -> Self {
        Self(Etendue::Employeurs(sirets.into_iter().collect()))
    }

    /// Whether an employer may be seen.
    pub fn contient(&self, siret: Siret) -> bool {
        match &self.0 {
            Etendue::Tous => true,
            Etendue::Employeurs(sirets) => sirets.contains(&siret),
        }
    }

    /// The employers by name; none: all of them.
    pub fn liste(&self) -> Option<&BTreeSet<Siret>> {
        match &self.0 {
            Etendue::Tous => None,
            Etendue::Employeurs(sirets) => Some(sirets),
        }
    }
}

/// An account, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compte {
    /// Its number.
    pub id: i64,
    /// What is typed to sign in: an address or a short name, in lower case.
    pub identifiant: String,
    /// The name that pages and the log show.
    pub nom: String,
    /// What it is for.
    pub role: Role,
    /// What it sees.
    pub perimetre: Perimetre,
    /// The last day it can sign in, included; none: no end.
    pub fin: Option<Day>,
    /// Whether it can sign in at all.
    pub actif: bool,
    /// Whether a second factor is enrolled.
    pub second_facteur: bool,
}
