//! Closed runs computed again from the archive alone, one at a time, beside the pages.
//!
//! A replay has one thread, so that pages stay fast, and outlives the generation of the pool in
//! which it was asked for. What it found is kept under the digest of the entry of the run: another
//! archive in the same place has other digests.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::atelier::refus_of;
use super::{Refus, a_part, mots};
use crate::archive::{Archive, Entry};
use crate::batch::replay::{Replayed, RubriqueGap, as_paid};
use crate::batch::{RuleShelf, RunError, StoredRun};

/// What is known of the replay of a run.
#[derive(Clone, Debug)]
pub struct Rejeu {
    /// What is being computed now.
    pub cours: Cours,
    /// How the last replay of this run ended; why, when it could not be done.
    pub dernier: Option<Result<Verdict, Refus>>,
}

/// What the only replay at a time is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cours {
    /// Nothing is being computed.
    Libre,
    /// This run; percents of its agents that are done.
    Ici(u64),
    /// Another run.
    Ailleurs,
}

/// What a replay found.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// When it was asked for, in seconds since 1970.
    pub demande: i64,
    /// How long it took.
    pub duree: Duration,
    /// Whether every byte of the results was found again.
    pub identique: bool,
    /// Digest of the results in the archive.
    pub archivee: String,
    /// Digest of the results computed again.
    pub trouvee: String,
    /// Counts over every employer of the run: only for who sees them all.
    pub detail: Option<Detail>,
}

/// What a replay counted, over every employer of the run.
#[derive(Clone, Debug)]
pub struct Detail {
    /// Agents computed again.
    pub agents: u64,
    /// Tables that differ: archived rows that were not found again, rows that are new.
    pub tables: Vec<(String, u64, u64)>,
    /// Rubriques whose lines differ, by code.
    pub rubriques: Vec<(String, RubriqueGap)>,
}

/// The replays of a server.
pub struct Rejeux {
    shelf: Arc<RuleShelf>,
    tenus: Mutex<Tenus>,
}

/// By digest of the entry of a run. A verdict is small, and a run has one: none leaves.
#[derive(Default)]
struct Tenus {
    en_cours: Option<(String, Arc<Avance>)>,
    finis: HashMap<String, Result<Verdict, Refus>>,
}

/// Agents done, and all of them.
#[derive(Default)]
struct Avance {
    faits: AtomicU64,
    tous: AtomicU64,
}

impl Avance {
    fn noter(&self, faits: u64, tous: u64) {
        self.faits.store(faits, Ordering::Relaxed);
        self.tous.store(tous, Ordering::Relaxed);
    }

    fn pourcents(&self) -> u64 {
        let (faits, tous) = (self.faits.load(Ordering::Relaxed), self.tous.load(Ordering::Relaxed));
        faits.saturating_mul(100).checked_div(tous).unwrap_or(0).min(100)
    }
}

impl Rejeux {
    /// None yet.
    pub fn new(shelf: &Arc<RuleShelf>) -> Self {
        Self { shelf: Arc::clone(shelf), tenus: Mutex::default() }
    }

    /// What is known of a run, counts over all its employers included.
    pub fn de(&self, entry: &Entry) -> Rejeu {
        let tenus = self.tenus.lock().unwrap_or_else(PoisonError::into_inner);
        let cours = match &tenus.en_cours {
            None => Cours::Libre,
            Some((digest, avance)) if *digest == entry.empreinte => Cours::Ici(avance.pourcents()),
            Some(_) => Cours::Ailleurs,
        };
        Rejeu { cours, dernier: tenus.finis.get(&entry.empreinte).cloned() }
    }

    /// Starts the replay of a run, unless one is under way. `demande`: seconds since 1970.
    pub fn lancer(self: &Arc<Self>, archive: &Archive, entry: &Entry, demande: i64) {
        let avance = Arc::new(Avance::default());
        {
            let mut tenus = self.tenus.lock().unwrap_or_else(PoisonError::into_inner);
            if tenus.en_cours.is_some() {
                return;
            }
            tenus.en_cours = Some((entry.empreinte.clone(), Arc::clone(&avance)));
        }
        let (rejeux, digest) = (Arc::clone(self), entry.empreinte.clone());
        let (archive, entry, shelf) = (archive.clone(), entry.clone(), Arc::clone(&self.shelf));
        let compute = move || {
            let start = Instant::now();
            let replayed = rejouer(&archive, &entry, &shelf, &avance)?;
            Ok(verdict(&replayed, demande, start.elapsed()))
        };
        tokio::spawn(async move {
            // A computation that panics must not keep the place of the next one.
            let found = a_part(compute).await;
            if let Err(Refus::Panne(quoi)) = &found {
                eprintln!("paie serve: a replay failed: {quoi}");
            }
            let mut tenus = rejeux.tenus.lock().unwrap_or_else(PoisonError::into_inner);
            tenus.finis.insert(digest, found);
            tenus.en_cours = None;
        });
    }
}

/// Computes a run again, with the rules that it names.
fn rejouer(
    archive: &Archive,
    entry: &Entry,
    shelf: &RuleShelf,
    avance: &Avance,
) -> Result<Replayed, Refus> {
    let refus = |error: RunError| match error {
        RunError::Pool(_) => Refus::Panne("the facts of the archive cannot be read".to_owned()),
        error => refus_of(error),
    };
    let run = StoredRun::open(archive, entry).map_err(|error| refus(error.into()))?;
    let rules = shelf.of_run(&run).map_err(refus)?;
    if rules.digest != run.empreinte_regles() {
        return Err(Refus::Impossible(mots::REGLES_ALTEREES.to_owned()));
    }
    let book = rules.book.as_ref().ok_or_else(|| Refus::Impossible(mots::REGLES.to_owned()))?;
    let progress = |faits: u64, tous: u64| avance.noter(faits, tous);
    as_paid(archive, entry, book, Some(1), &progress).map_err(refus)
}

fn verdict(replayed: &Replayed, demande: i64, duree: Duration) -> Verdict {
    let differences = &replayed.differences;
    let tables = differences.tables();
    let rubriques = differences.rubriques();
    Verdict {
        demande,
        duree,
        identique: replayed.same(),
        archivee: replayed.expected.clone(),
        trouvee: replayed.found.clone(),
        detail: Some(Detail {
            agents: replayed.agents,
            tables: tables.map(|(nom, gap)| (nom.to_owned(), gap.archived, gap.computed)).collect(),
            rubriques: rubriques.map(|(code, gap)| (code.to_owned(), gap)).collect(),
        }),
    }
}

#[cfg(test)]
mod tests;
