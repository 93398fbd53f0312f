//! What pages may ask of the pool and of the archive, within a scope.
//!
//! The pool is held in memory, in generations: when its files or the archive change, a new one is
//! read beside and takes the place of the former. A month stays compiled as long as it is asked
//! for. Pages get a [`Vue`], which carries the scope of an account; nothing here answers without.
//!
//! May import: `preview`, `batch` and below, the scopes, what elements may name. Must not know:
//! HTTP, pages, accounts.

mod atelier;
mod donnees;
mod etat;
mod listes;
mod masque;
mod mots;
mod rejeu;
mod remarques;
mod tableau;
mod vue;

pub use donnees::{
    ApercuElements, ContratDuMois, DerogationVue, EtatEmployeur, EtatMois, Feuille, LigneExpliquee,
    MoisDeContrat, MoisVu, Parcours, RappelExplique, Retrait, RunClos, Secrets, Simulation,
    Tableau, Totaux,
};
pub use etat::{Registre, RegistreError, Reglages};
pub use listes::{Listes, PrimeConnue};
pub use rejeu::{Cours, Detail, Rejeu, Verdict};
pub use vue::{Chez, RefusSimulation, Vue};

/// Does what takes long off the threads that serve pages.
///
/// Errors: those of the work; `Panne` when it panics.
async fn a_part<T: Send + 'static>(
    travail: impl FnOnce() -> Result<T, Refus> + Send + 'static,
) -> Result<T, Refus> {
    let done = tokio::task::spawn_blocking(travail).await;
    done.unwrap_or_else(|error| Err(Refus::Panne(error.to_string())))
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refus {
    /// It does not exist, or it is outside the scope: the two are never told apart.
    Introuvable,
    /// The role does not allow it.
    Interdit,
    /// It cannot be computed; why, in French.
    Impossible(String),
    /// The pool or the archive cannot be read; words for the log of the server.
    Panne(String),
}
