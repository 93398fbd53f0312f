//! Storing: accepted rows appended to `elements.csv`, all of them or none.

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::fichier::{Place, Verrou};
use super::jugement::LigneJugee;
use super::referentiel::Referentiel;
use super::stock::{LigneStockee, Version, lignes};
use crate::calendar::{Day, PayPeriod};
use crate::domain::Siret;
use crate::io::ElementsFile;

mod table;

use table::Table;

/// How often a file that another program writes at the same time is tried again.
const ESSAIS: usize = 3;

/// The rows of an employer, and what a deposit will be checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actuelles {
    /// Of the rows of the month.
    pub version: Version,
    /// Every row of the employer, in the order of the file.
    pub lignes: Vec<LigneStockee>,
}

/// What is asked to be stored.
#[derive(Clone, Copy, Debug)]
pub struct Demande<'d> {
    /// The employer.
    pub siret: Siret,
    /// The month of the page.
    pub mois: PayPeriod,
    /// The day, written as `connu_le`.
    pub aujourdhui: Day,
    /// The rubriques of the month.
    pub referentiel: &'d Referentiel,
    /// What the person saw.
    pub version: &'d Version,
    /// Rows to store, none of them blocked.
    pub poser: &'d [LigneJugee],
    /// Keys of rows to withdraw ([`LigneStockee::cle`]).
    pub retirer: &'d [String],
}

/// What was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Depot {
    /// BLAKE3 of the file before, in hexadecimal; of nothing when there was none.
    pub empreinte_avant: String,
    /// BLAKE3 of the file after.
    pub empreinte_apres: String,
    /// Rows that did not exist.
    pub nouvelles: usize,
    /// Rows that correct another.
    pub corrigees: usize,
    /// Rows withdrawn.
    pub retirees: usize,
    /// Rows that were there already.
    pub inchangees: usize,
    /// The version to go on with.
    pub version: Version,
}

/// How a deposit ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Issue {
    /// Stored, and on the disk.
    Depose(Box<Depot>),
    /// Somebody stored rows of this month meanwhile: nothing was stored.
    Perimee {
        /// What is stored now.
        actuelles: Actuelles,
    },
}

/// Why nothing was stored. The text is for the log; [`ErreurDepot::francais`] for people.
#[derive(Debug, thiserror::Error)]
pub enum ErreurDepot {
    /// The system refused.
    #[error("elements.csv: {0}")]
    Systeme(#[from] io::Error),
    /// The file of the pool is not in order.
    #[error("elements.csv, line {ligne}: the row or the header cannot be read")]
    Illisible {
        /// The line.
        ligne: u32,
    },
    /// A row of the request is blocked.
    #[error("row {numero} is blocked")]
    Bloquee {
        /// Its number.
        numero: u32,
    },
    /// A row of another day that no zero can undo: a forced amount, an unknown rubrique.
    #[error("the row of line {ligne} cannot be withdrawn")]
    Irretirable {
        /// Its line in `elements.csv`.
        ligne: u32,
    },
    /// Another program writes the file without end.
    #[error("elements.csv is being written by another program")]
    Occupe,
}

impl ErreurDepot {
    /// What happened and what to do. Nothing was stored in any of these cases.
    pub fn francais(&self) -> String {
        match self {
            Self::Systeme(_) => "Rien n’a été enregistré\u{202f}: le serveur n’a pas pu écrire le \
                 fichier. Prévenez l’opérateur, puis recommencez."
                .to_owned(),
            Self::Illisible { ligne } => format!(
                "Rien n’a été enregistré\u{202f}: la ligne {ligne} de elements.csv est illisible. \
                 L’opérateur doit la corriger d’abord."
            ),
            Self::Bloquee { numero } => {
                format!("Rien n’a été enregistré\u{202f}: la ligne {numero} est à corriger.")
            }
            Self::Irretirable { .. } => {
                "Rien n’a été enregistré\u{202f}: la rubrique de cette ligne \
                 ne se saisit pas, et la mettre à zéro ne l’annulerait pas. Corrigez son montant, \
                 ou demandez à l’opérateur de supprimer la ligne."
                    .to_owned()
            }
            Self::Occupe => "Rien n’a été enregistré\u{202f}: un autre programme écrit dans \
                 elements.csv. Recommencez dans une minute."
                .to_owned(),
        }
    }
}

/// The one that writes `elements.csv`; shared by every request.
#[derive(Debug)]
pub struct Deposeur {
    place: Place,
    verrou: Mutex<()>,
}

impl Deposeur {
    /// Opens a pool folder, and removes what a killed process left there. Error: the folder.
    pub fn new(dossier: &Path) -> io::Result<Self> {
        let place = Place::new(dossier);
        let verrou = place.verrouiller()?;
        place.nettoyer(&verrou)?;
        Ok(Self { place, verrou: Mutex::new(()) })
    }

    /// The rows of an employer as they are now.
    ///
    /// Errors: the file cannot be read.
    pub fn actuelles(&self, siret: Siret, mois: PayPeriod) -> Result<Actuelles, ErreurDepot> {
        actuelles(&base(self.place.lire()?.unwrap_or_default()), siret, mois)
    }

    /// Stores everything that is asked, or nothing.
    ///
    /// It waits for the disk, and for who writes at the same time: call it where that is allowed.
    ///
    /// Errors: why nothing was stored.
    pub fn deposer(&self, demande: &Demande<'_>) -> Result<Issue, ErreurDepot> {
        if let Some(row) = demande.poser.iter().find(|row| row.est_bloquee()) {
            return Err(ErreurDepot::Bloquee { numero: row.numero });
        }
        // What the mutex guards is on the disk: a thread that panicked left it whole.
        let _seul = self.verrou.lock().unwrap_or_else(PoisonError::into_inner);
        let verrou = self.place.verrouiller()?;
        for _ in 0..ESSAIS {
            if let Some(issue) = self.essayer(&verrou, demande)? {
                return Ok(issue);
            }
        }
        Err(ErreurDepot::Occupe)
    }

    /// One try; none: another program wrote the file meanwhile.
    fn essayer(
        &self,
        verrou: &Verrou,
        demande: &Demande<'_>,
    ) -> Result<Option<Issue>, ErreurDepot> {
        let Demande { siret, mois, .. } = *demande;
        let read = self.place.lire()?;
        let bytes = base(read.clone().unwrap_or_default());
        let before = actuelles(&bytes, siret, mois)?;
        if before.version != *demande.version {
            return Ok(Some(Issue::Perimee { actuelles: before }));
        }
        let mut table = Table::open(&bytes, &before.lignes)?;
        for key in demande.retirer {
            if !table.retirer(key, demande.aujourdhui, demande.referentiel)? {
                return Ok(Some(Issue::Perimee { actuelles: before }));
            }
        }
        for row in demande.poser {
            if !table.poser(row, demande)? {
                return Ok(Some(Issue::Perimee { actuelles: before }));
            }
        }
        let counts = table.counts;
        let after = table.write();
        let nothing = after == bytes;
        if !nothing && !self.place.remplacer(verrou, read.as_deref(), &after)? {
            return Ok(None);
        }
        let former = read.as_deref().unwrap_or_default();
        let written = if nothing { former } else { &after };
        Ok(Some(Issue::Depose(Box::new(Depot {
            empreinte_avant: blake3::hash(former).to_hex().to_string(),
            empreinte_apres: blake3::hash(written).to_hex().to_string(),
            nouvelles: counts.nouvelles,
            corrigees: counts.corrigees,
            retirees: counts.retirees,
            inchangees: counts.inchangees,
            version: actuelles(&after, siret, mois)?.version,
        }))))
    }
}

/// The bytes of a file that says something: without any, its header alone.
fn base(bytes: Vec<u8>) -> Vec<u8> {
    if bytes.iter().all(u8::is_ascii_whitespace) { super::fichier::titres() } else { bytes }
}

fn actuelles(bytes: &[u8], siret: Siret, mois: PayPeriod) -> Result<Actuelles, ErreurDepot> {
    let file = ElementsFile::read(bytes).map_err(|_| ErreurDepot::Illisible { ligne: 1 })?;
    let (version, lignes) = lignes(&file, siret, mois);
    Ok(Actuelles { version, lignes })
}
