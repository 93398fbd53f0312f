//! The variable elements of a month: read, judged row by row, stored whole or not at all.
//!
//! 1. [`lire`] takes a file, [`lire_formulaire`] the rows of a form; both give judged rows.
//! 2. [`Deposeur`] appends accepted rows to `elements.csv` of the pool, the only truth.
//! 3. [`modele()`] and [`export`] give the file to fill in, and what is stored already.
//!
//! Knows nothing of HTTP, accounts or pages. Values are kept as texts until a row is judged: what
//! the pool would refuse is refused here by the same parser, and said in French.

mod depot;
mod fichier;
mod jugement;
mod lecture;
mod messages;
mod modele;
mod referentiel;
mod stock;
mod valeurs;

pub use depot::{Actuelles, Demande, Deposeur, Depot, ErreurDepot, Issue};
pub use jugement::{Constat, Effet, LigneJugee};
pub use lecture::{Lecture, lire, lire_formulaire};
pub use modele::{export, modele, refusees};
pub use referentiel::{Borne, ContratConnu, Referentiel, RubriqueConnue, Usage};
pub use stock::{LigneStockee, Version};
pub use valeurs::{Colonne, Valeurs};

use crate::calendar::{Day, PayPeriod};
use crate::domain::Siret;

/// What rows are judged with: one employer, one month. Nothing of another employer is in it.
#[derive(Clone, Copy, Debug)]
pub struct Contexte<'c> {
    /// The employer of the page.
    pub siret: Siret,
    /// The month that is being prepared.
    pub mois: PayPeriod,
    /// The day on which rows are handed in.
    pub aujourdhui: Day,
    /// The contracts of the employer, those of former agents included.
    pub contrats: &'c [ContratConnu],
    /// The rubriques of the month, and what their columns may hold.
    pub referentiel: &'c Referentiel,
    /// Every stored row of the employer, whatever its month ([`Actuelles::lignes`]).
    pub stockees: &'c [LigneStockee],
}

#[cfg(test)]
mod tests;
