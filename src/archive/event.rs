//! What the journal says: who did what, when, to which month. Written as JSON, one file each.
//!
//! May import: nothing. Must not know: files, where entries are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number, from 1, without a gap.
    pub numero: u64,
    /// BLAKE3 of the file of the entry before, in hexadecimal; zeros for the first.
    pub precedent: String,
    /// BLAKE3 of the file of this entry; not in the file, which cannot hold it.
    #[serde(skip)]
    pub empreinte: String,
    /// When, RFC 3339, as the caller said.
    pub quand: String,
    /// Who, as the caller said.
    pub qui: String,
    /// What happened.
    #[serde(flatten)]
    pub evenement: Event,
}

impl Entry {
    /// The run, when the entry is one.
    pub fn calcul(&self) -> Option<&Calcul> {
        match &self.evenement {
            Event::Calcul(calcul) => Some(calcul),
            _ => None,
        }
    }
}

/// What can happen to a month. Months are `AAAA-MM`, employers are SIRET of fourteen digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "evenement", rename_all = "snake_case")]
pub enum Event {
    /// A month was computed; the employers it covers are at `prepare` again.
    Calcul(Box<Calcul>),
    /// Someone answers for the result.
    Valide {
        /// The month.
        mois: String,
        /// The employers.
        employeurs: Vec<String>,
    },
    /// The month is closed: never computed again.
    Clos {
        /// The month.
        mois: String,
        /// The employers.
        employeurs: Vec<String>,
    },
    /// A blocking control is waived.
    Derogation {
        /// The month.
        mois: String,
        /// The employer.
        siret: String,
        /// The agent; empty: the waiver is for the employer.
        agent: String,
        /// The contract; empty: all those of the agent.
        contrat: String,
        /// The control.
        controle: String,
        /// Why.
        motif: String,
    },
    /// A backup was restored elsewhere, computed again and found the same.
    Preuve {
        /// The month computed again.
        mois: String,
        /// The digest of its results, found again.
        empreinte_resultats: String,
        /// Where the backup is.
        vers: String,
    },
}

impl Event {
    /// The month.
    pub fn mois(&self) -> &str {
        match self {
            Self::Calcul(calcul) => &calcul.mois,
            Self::Valide { mois, .. }
            | Self::Clos { mois, .. }
            | Self::Derogation { mois, .. }
            | Self::Preuve { mois, .. } => mois,
        }
    }
}

/// A run of a month, whole: facts, rules, results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calcul {
    /// The month, `AAAA-MM`.
    pub mois: String,
    /// Day of knowledge, or `tout`.
    pub connu_le: String,
    /// Edition of the program.
    pub programme: String,
    /// Whether the month was beyond what the rules were verified for.
    pub au_dela: bool,
    /// The employers it covers.
    pub employeurs: Vec<String>,
    /// Digest of the rule texts, as the manifest gives it.
    pub empreinte_regles: String,
    /// Digest of the results, as the manifest gives it.
    pub empreinte_resultats: String,
    /// The manifest of the run.
    pub manifeste: ObjectRef,
    /// The rule texts, a `tar`.
    pub regles: ObjectRef,
    /// Where each block of each table is, and the agents of each block.
    pub index: ObjectRef,
    /// The tables, by name (`lignes.csv`, `faits/agents.csv`).
    pub tables: BTreeMap<String, ObjectRef>,
}

impl Calcul {
    /// Every object of the run with its name; `manifeste`, `regles` and `index` first.
    pub fn objects(&self) -> impl Iterator<Item = (&str, &ObjectRef)> {
        let own =
            [("manifeste", &self.manifeste), ("regles", &self.regles), ("index", &self.index)];
        own.into_iter().chain(self.tables.iter().map(|(nom, object)| (nom.as_str(), object)))
    }
}

/// A file of `objets/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectRef {
    /// BLAKE3 of the bytes as they are stored, in hexadecimal: its name.
    pub empreinte: String,
    /// Bytes as stored.
    pub octets: u64,
    /// Bytes once decompressed.
    pub contenu: u64,
}
