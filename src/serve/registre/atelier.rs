//! Months at hand: one atelier for each month that is looked at, started when it is first asked
//! for, and a few at most.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OnceCell, oneshot};

use super::{Refus, Reglages, a_part, mots, remarques};
use crate::archive::Archive;
use crate::batch::{
    Answer, Atelier, AtelierError, AtelierOptions, HistoryError, Job, Looked, RuleShelf, RunError,
    Slip, SlipEtat,
};
use crate::bulletin::Bulletin;
use crate::calendar::PayPeriod;
use crate::domain::{Employeur, Siret};
use crate::io::PoolImage;
use crate::preview;
use crate::program::{CompileError, Program, Target};
use crate::rulebook::Rules;

/// Months kept at hand; the one that was asked for longest ago leaves first.
const AT_HAND: usize = 16;

/// Where a month is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// From the facts of the pool.
    Pool(PayPeriod),
    /// From a run of the archive, by its entry in the journal.
    Run(u64),
}

type Place = Arc<OnceCell<Arc<Atelier>>>;

/// The turn, and the months with the turn in which each was last asked for.
type Places = (u64, HashMap<Source, (u64, Place)>);

/// The months at hand of one generation.
pub struct Ateliers {
    reglages: Arc<Reglages>,
    shelf: Arc<RuleShelf>,
    image: Arc<PoolImage>,
    archive: Option<Archive>,
    places: Mutex<Places>,
}

/// The month of an agent, with what it was computed by.
pub struct Calcule {
    /// The month.
    pub looked: Looked,
    atelier: Arc<Atelier>,
}

impl Ateliers {
    /// No month yet.
    pub fn new(
        (reglages, shelf): (&Arc<Reglages>, &Arc<RuleShelf>),
        image: &Arc<PoolImage>,
        archive: Option<Archive>,
    ) -> Self {
        Self {
            reglages: Arc::clone(reglages),
            shelf: Arc::clone(shelf),
            image: Arc::clone(image),
            archive,
            places: Mutex::default(),
        }
    }

    /// The atelier of a month.
    ///
    /// Errors: the month cannot be computed.
    pub async fn get(&self, source: Source) -> Result<Arc<Atelier>, Refus> {
        let place = self.place(source);
        let started = place.get_or_try_init(|| async {
            let (reglages, shelf) = (Arc::clone(&self.reglages), Arc::clone(&self.shelf));
            let (image, archive) = (Arc::clone(&self.image), self.archive.clone());
            let start = move || start(source, &reglages, &shelf, image, archive.as_ref());
            a_part(start).await.map(Arc::new)
        });
        started.await.cloned()
    }

    fn place(&self, source: Source) -> Place {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let (turn, all) = &mut *places;
        *turn += 1;
        let found = all.entry(source).or_default();
        found.0 = *turn;
        let place = Arc::clone(&found.1);
        if all.len() > AT_HAND
            && let Some(oldest) = all.iter().min_by_key(|(_, (turn, _))| *turn)
        {
            let oldest = *oldest.0;
            all.remove(&oldest);
        }
        place
    }
}

fn start(
    source: Source,
    reglages: &Reglages,
    shelf: &RuleShelf,
    image: Arc<PoolImage>,
    archive: Option<&Archive>,
) -> Result<Atelier, Refus> {
    let options = match (source, archive) {
        (Source::Pool(period), archive) => {
            let target = Target { period, known_on: reglages.known_on, au_dela: reglages.au_dela };
            let rules = Arc::clone(&reglages.rules);
            AtelierOptions::of_pool(shelf, (rules, target), image, archive)
        }
        (Source::Run(numero), Some(archive)) => {
            let entry = archive.entry(numero).ok_or(Refus::Introuvable)?;
            AtelierOptions::of_run(shelf, archive, entry)
        }
        (Source::Run(_), None) => return Err(Refus::Introuvable),
    };
    let options = options.map_err(refus_of)?;
    let threads = reglages.threads.unwrap_or(options.threads);
    let options = AtelierOptions { threads, ..options };
    Atelier::start(options).map_err(refus_of)
}

/// Looks at an agent; `Introuvable`: nobody has this name.
pub async fn calcule(atelier: &Arc<Atelier>, job: Job) -> Result<Calcule, Refus> {
    let (reply, answer) = oneshot::channel::<Answer>();
    // Nobody listens any more when the browser left meanwhile.
    atelier.ask(job, move |found| drop(reply.send(found)));
    let answer = answer.await.unwrap_or(Err(AtelierError::Ended));
    let looked = answer.map_err(refus)?.ok_or(Refus::Introuvable)?;
    Ok(Calcule { looked, atelier: Arc::clone(atelier) })
}

impl Calcule {
    /// The rules of the month.
    pub fn rules(&self) -> &Rules {
        self.atelier.rules()
    }

    /// The compiled month.
    pub fn program(&self) -> &Program {
        self.atelier.program()
    }

    /// An earlier month, by the same rules and with what was known then.
    ///
    /// Errors: the rules do not compile it.
    pub async fn programme(&self, period: PayPeriod) -> Result<Program, Refus> {
        let atelier = Arc::clone(&self.atelier);
        let compile = move || {
            let known_on = atelier.program().known_on;
            let month = atelier.rules().month(Target { period, known_on, au_dela: true });
            month.map_err(|error| refus_of(RunError::Compile(Box::new(error))))
        };
        a_part(compile).await
    }

    /// A contract with an employer.
    pub fn slip(&self, siret: Siret, contrat: &str) -> Option<&Slip> {
        let mut slips = self.looked.slips.iter();
        slips.find(|slip| slip.prepared.is(siret, contrat))
    }

    /// The payslips of an employer.
    pub fn bulletins(&self, employeur: &Employeur) -> Vec<Bulletin> {
        bulletins(&self.looked, self.program(), employeur)
    }
}

/// The payslips of an employer, findings in French; a contract without a day in the month, and
/// nothing due for an earlier one, has none.
pub fn bulletins(looked: &Looked, program: &Program, employeur: &Employeur) -> Vec<Bulletin> {
    let siret = employeur.siret;
    let mine = looked.slips.iter().filter(|slip| slip.prepared.siret == siret);
    let mine = mine.filter(|slip| slip.etat() != SlipEtat::Absent);
    let libelle = |code: &str| {
        let items = program.items.iter().filter(|item| item.code == code);
        remarques::libelle_commun(items.map(|item| item.libelle.as_str()))
    };
    let each = mine.map(|slip| {
        let mut bulletin = preview::bulletin_of(slip, &looked.facts, program, employeur);
        let findings = (&*slip.findings, &*bulletin.remarques);
        bulletin.remarques = remarques::of_slip(findings, siret, &libelle);
        bulletin
    });
    each.collect()
}

fn refus(error: AtelierError) -> Refus {
    match error {
        AtelierError::Run(error) => refus_of(error),
        AtelierError::Panicked => Refus::Panne("the computation of an agent panicked".to_owned()),
        AtelierError::Full | AtelierError::Ended => Refus::Impossible(mots::OCCUPE.to_owned()),
    }
}

/// Why a month cannot be computed, in French.
pub fn refus_of(error: RunError) -> Refus {
    match error {
        RunError::History(HistoryError::Open { mois, .. }) => {
            Refus::Impossible(mots::non_clos(mois))
        }
        RunError::History(error) => Refus::Panne(error.to_string()),
        RunError::Compile(error) => match *error {
            CompileError::NotCovered { period, premier, dernier } => {
                Refus::Impossible(mots::non_couvert(period, premier, dernier))
            }
            CompileError::Findings(_) => Refus::Impossible(mots::REGLES.to_owned()),
        },
        RunError::Rules(_) => Refus::Impossible(mots::REGLES.to_owned()),
        RunError::Pool(_) => Refus::Impossible(mots::POOL_ILLISIBLE.to_owned()),
        RunError::AllClosed => Refus::Introuvable,
        RunError::Threads(what) => Refus::Panne(what),
        RunError::Write(error) => Refus::Panne(error.to_string()),
    }
}
