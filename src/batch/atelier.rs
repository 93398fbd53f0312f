//! A month that stays compiled for as long as it is wanted: agents are asked for one by one, from
//! any thread, and each costs what a run pays for it.
//!
//! Threads live inside [`Plan::with`], which lends everything that a month needs. They take agents
//! from one queue: those that somebody waits for first, those of a survey when nobody does.
//!
//! May import: `plan`, `single`, `stored`. Must not know: who asks, and by which machinery it waits
//! for the answer.

mod queue;
mod shelf;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use crate::archive::{Archive, Entry};
use crate::calendar::PayPeriod;
use crate::domain::{AgentFacts, Word};
use crate::io::{ParsedAgent, PoolContext, PoolImage, RawBlock};
use crate::limits::{ATELIER_FORGETS_AFTER, ATELIER_MEMO_BYTES};
use crate::program::{Program, Target};
use crate::rulebook::Rules;

use super::block::Month;
use super::history::HistoryError;
use super::memo::Memo;
use super::piece::Chained;
use super::plan::{Before, Plan};
use super::run::RunError;
use super::single::{Looked, Looker, Single};
use super::stored::StoredRun;

use queue::{Queue, Reply, Survey, Task};

pub use shelf::RuleShelf;

/// Where the agents of a month are.
#[derive(Clone)]
pub enum Source {
    /// In a pool, held in memory.
    Pool(Arc<PoolImage>),
    /// In a closed run.
    Run(Arc<StoredRun>),
}

impl Source {
    /// What parsing needs, and the employers.
    pub fn context(&self) -> &Arc<PoolContext> {
        match self {
            Self::Pool(image) => image.context(),
            Self::Run(run) => &run.context,
        }
    }

    /// The block that holds an agent, and its place there; none: nobody has this name.
    ///
    /// Errors: the archive cannot be read.
    pub fn block_of(&self, agent: &str) -> Result<Option<(Arc<RawBlock>, usize)>, HistoryError> {
        match self {
            Self::Pool(image) => Ok(image.block_of(agent)),
            Self::Run(run) => run.block_of(agent),
        }
    }

    /// What the rows of an agent say; none: nobody has this name.
    ///
    /// Errors: the archive cannot be read.
    pub fn facts(&self, agent: &str) -> Result<Option<ParsedAgent>, HistoryError> {
        let found = self.block_of(agent)?;
        Ok(found.map(|(block, at)| block.parse_one(self.context(), at)))
    }

    fn blocks(&self) -> usize {
        match self {
            Self::Pool(image) => image.blocks().len(),
            Self::Run(run) => run.blocks(),
        }
    }

    /// A block; none past the last one.
    fn block(&self, number: usize) -> Result<Option<Arc<RawBlock>>, HistoryError> {
        match self {
            Self::Pool(image) => Ok(image.blocks().get(number).cloned()),
            Self::Run(run) => run.block(number).map(Some),
        }
    }
}

/// A month to keep at hand.
pub struct AtelierOptions {
    /// The rules; those of a closed run are the ones it had.
    pub rules: Arc<Rules>,
    /// The compiled month.
    pub program: Arc<Program>,
    /// Whether the month is beyond the verified horizon.
    pub au_dela: bool,
    /// The agents.
    pub source: Source,
    /// The closed months before.
    pub before: Option<Before>,
    /// Whether every closed month is compiled at once, rather than by the first agent that needs
    /// it: for the month that everybody looks at.
    pub entire: bool,
    /// Threads; at least one.
    pub threads: usize,
}

impl AtelierOptions {
    /// The month of a pool, after the closed months of an archive.
    ///
    /// Errors: the month cannot be compiled.
    pub fn of_pool(
        shelf: &RuleShelf,
        (rules, target): (Arc<Rules>, Target),
        pool: Arc<PoolImage>,
        archive: Option<&Archive>,
    ) -> Result<Self, RunError> {
        let program = shelf.month(&rules, target)?;
        let before = archive.map(|archive| Before::unchecked(archive, target.period));
        let au_dela = rules.beyond(target.period);
        let source = Source::Pool(pool);
        Ok(Self { rules, program, au_dela, source, before, entire: true, threads: cores() })
    }

    /// A month that a run of the archive computed: its rules, its facts, what stood before it.
    ///
    /// Errors: the archive cannot be read; this program cannot compile the rules of then.
    pub fn of_run(shelf: &RuleShelf, archive: &Archive, entry: &Entry) -> Result<Self, RunError> {
        let run = StoredRun::open(archive, entry)?;
        let rules = shelf.of_run(&run)?;
        let target = Target { period: run.mois, known_on: run.known_on, au_dela: true };
        let program = shelf.month(&rules, target)?;
        let (before, au_dela) = (Some(run.before(archive)), run.au_dela);
        let source = Source::Run(Arc::new(run));
        Ok(Self { rules, program, au_dela, source, before, entire: false, threads: cores() })
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// An agent to look at.
#[derive(Clone, Debug)]
pub struct Job {
    /// The agent.
    pub agent: Word,
    /// Other facts than those of its rows, to be tried.
    pub tried: Option<Tried>,
    /// A closed month to look into.
    pub origine: Option<PayPeriod>,
}

impl Job {
    /// An agent as it is.
    pub fn new(agent: &str) -> Self {
        Self { agent: agent.into(), tried: None, origine: None }
    }
}

/// Other facts than those of the rows of an agent.
#[derive(Clone, Debug)]
pub enum Tried {
    /// They hold for the month; closed months keep what the rows say.
    Mois(Box<AgentFacts>),
    /// The rows themselves would say so: closed months owe what that changes.
    Lignes(Box<AgentFacts>),
}

/// Why an agent could not be looked at.
#[derive(Debug)]
pub enum AtelierError {
    /// It cannot be computed: the archive cannot be read, one of its employers has not closed a
    /// month before.
    Run(RunError),
    /// The program failed on this agent; the others are not concerned.
    Panicked,
    /// Too many agents wait already.
    Full,
    /// The month is not at hand any more.
    Ended,
}

/// The month of an agent, with the findings of its rows ([`Looked::with_rows`]); none: nobody has
/// this name.
pub type Answer = Result<Option<Looked>, AtelierError>;

/// A month at hand. Dropped, it answers [`AtelierError::Ended`] to who still waits, and its
/// threads end with the agents they hold.
pub struct Atelier {
    queue: Arc<Queue>,
    rules: Arc<Rules>,
    program: Arc<Program>,
    source: Source,
    au_dela: bool,
}

impl Atelier {
    /// Prepares the month and starts its threads.
    ///
    /// Errors: the rules ask for what the program does not provide, the archive cannot be read,
    /// threads cannot be started.
    pub fn start(options: AtelierOptions) -> Result<Self, RunError> {
        let atelier = Self {
            queue: Arc::new(Queue::default()),
            rules: Arc::clone(&options.rules),
            program: Arc::clone(&options.program),
            source: options.source.clone(),
            au_dela: options.au_dela,
        };
        let (ready, started) = channel();
        let shared = Arc::clone(&atelier.queue);
        let host = move || {
            let _ending = shared.ending();
            if let Err(error) = host(&options, &shared, &ready) {
                // Nobody listens when the month ended before it had started.
                let _ = ready.send(Err(error));
            }
        };
        let lost = |error: std::io::Error| RunError::Threads(error.to_string());
        thread::Builder::new().name("atelier".to_owned()).spawn(host).map_err(lost)?;
        let lost = |_| RunError::Threads("the month could not be prepared".to_owned());
        started.recv().map_err(lost)??;
        Ok(atelier)
    }

    /// The rules.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// The compiled month.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Whether the month is beyond the verified horizon.
    pub fn au_dela(&self) -> bool {
        self.au_dela
    }

    /// The agents.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Looks at an agent; `reply` is called once, by a thread of the month or by this one. It must
    /// not take long: other agents wait for the thread.
    pub fn ask(&self, job: Job, reply: impl FnOnce(Answer) + Send + 'static) {
        self.queue.ask(job, Box::new(reply));
    }

    /// The same, waiting for the answer.
    pub fn look(&self, job: Job) -> Answer {
        let (reply, answer) = channel();
        // The receiver is below.
        self.ask(job, move |found| drop(reply.send(found)));
        answer.recv().unwrap_or(Err(AtelierError::Ended))
    }

    /// Looks at every agent when nobody waits for another one; `each` is called by several threads
    /// and in no order. `done` is called once, with whether `each` saw every agent: a month that
    /// ends before stops the survey.
    pub fn survey(
        &self,
        each: impl Fn(&str, Result<&Looked, &AtelierError>) + Send + Sync + 'static,
        done: impl FnOnce(bool) + Send + 'static,
    ) {
        let blocks = self.source.blocks();
        self.queue.survey(Survey::new(blocks, Box::new(each), Box::new(done)));
    }
}

impl Drop for Atelier {
    fn drop(&mut self) {
        self.queue.end();
    }
}

/// Lends the month to its threads until it is not wanted any more.
fn host(
    options: &AtelierOptions,
    queue: &Queue,
    ready: &Sender<Result<(), RunError>>,
) -> Result<(), RunError> {
    let context = options.source.context();
    let Some(book) = &options.rules.book else {
        return Err(RunError::Rules(options.rules.errors()));
    };
    let plan = Plan {
        book,
        texts: &options.rules.digest,
        program: &options.program,
        au_dela: options.au_dela,
        context,
        employeurs: context.employeurs(),
        entire: options.entire,
    };
    plan.with(options.before.as_ref(), |month, chained| {
        let memo = Memo::new(ATELIER_MEMO_BYTES);
        let before = options.before.as_ref();
        let room = Room { month, chained, source: &options.source, before, memo: &memo };
        thread::scope(|scope| {
            for _ in 0..options.threads.max(1) {
                let named = thread::Builder::new().name("atelier".to_owned());
                let started = named.spawn_scoped(scope, || Hands::new(&room).work(queue));
                if let Err(error) = started {
                    queue.end();
                    return Err(RunError::Threads(error.to_string()));
                }
            }
            // Nobody listens when the month ended before it had started.
            let _ = ready.send(Ok(()));
            Ok(())
        })
    })
}

/// What the threads of a month share.
struct Room<'r, 'c> {
    month: &'r Month<'r>,
    chained: Option<&'r Chained<'c>>,
    source: &'r Source,
    before: Option<&'r Before>,
    memo: &'r Memo,
}

/// One thread.
struct Hands<'r, 'c> {
    room: &'r Room<'r, 'c>,
    /// For agents that somebody waits for.
    asked: Looker<'r, 'c>,
    /// For surveys: what they read of the archive, block by block, is not lost to the others.
    surveyed: Looker<'r, 'c>,
    looked: u32,
}

impl<'r, 'c> Hands<'r, 'c> {
    fn new(room: &'r Room<'r, 'c>) -> Self {
        let looker = || Looker::new(room.month, room.chained, Some(room.memo));
        Self { room, asked: looker(), surveyed: looker(), looked: 0 }
    }

    fn work(&mut self, queue: &Queue) {
        while let Some(task) = queue.take() {
            match task {
                Task::Asked(job, reply) => self.answer(&job, reply),
                Task::Block(survey, number) => self.survey(queue, &survey, number),
            }
        }
    }

    fn answer(&mut self, job: &Job, reply: Reply) {
        let answer = self.caught(|hands| hands.asked(job));
        // What the caller does with its answer must not end the thread.
        let _ = catch_unwind(AssertUnwindSafe(|| reply(answer)));
    }

    /// Does something that may fail in a way that nobody foresaw; the thread then starts afresh.
    fn caught<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, AtelierError>,
    ) -> Result<T, AtelierError> {
        self.looked += 1;
        if self.looked > ATELIER_FORGETS_AFTER {
            *self = Self::new(self.room);
        }
        catch_unwind(AssertUnwindSafe(|| work(self))).unwrap_or_else(|_| {
            *self = Self::new(self.room);
            Err(AtelierError::Panicked)
        })
    }

    fn asked(&mut self, job: &Job) -> Answer {
        let found = self.room.source.block_of(&job.agent).map_err(RunError::from)?;
        let Some((raw, at)) = found else { return Ok(None) };
        let looked = self.room.look(&mut self.asked, (&raw, at), job);
        Ok(Some(looked?))
    }

    /// The agents of a block, one by one: those that somebody waits for pass in between.
    fn survey(&mut self, queue: &Queue, survey: &Survey, number: usize) {
        let raw = self.room.source.block(number);
        let Ok(Some(raw)) = raw else {
            // INVARIANT: a survey counts the blocks of its source; one that the archive does not
            // give leaves the survey unfinished, which its `done` tells.
            return;
        };
        for at in 0..raw.len() {
            while let Some((job, reply)) = queue.urgent() {
                self.answer(&job, reply);
            }
            if queue.is_over() {
                return;
            }
            let agent = raw.id(self.room.source.context(), at);
            let job = Job::new(&agent);
            let looked =
                self.caught(|hands| hands.room.look(&mut hands.surveyed, (&raw, at), &job));
            let each = || survey.each(&agent, looked.as_ref());
            let _ = catch_unwind(AssertUnwindSafe(each));
        }
        survey.finish_block();
    }
}

impl Room<'_, '_> {
    fn look(
        &self,
        looker: &mut Looker<'_, '_>,
        (raw, at): (&RawBlock, usize),
        job: &Job,
    ) -> Result<Looked, AtelierError> {
        let context = self.source.context();
        let ParsedAgent { facts, findings } = raw.parse_one(context, at);
        if let Some(before) = self.before {
            let employs = |siret| facts.carrieres.iter().any(|row| row.siret == siret);
            before.check(|siret| employs(siret) && context.employeur(siret).is_some())?;
        }
        let usual = Single {
            facts: &facts,
            digest: Some(raw.agent_digest(context, at)),
            tried: None,
            origine: job.origine,
        };
        let single = match &job.tried {
            None => usual,
            Some(Tried::Mois(tried)) => Single { tried: Some(tried), ..usual },
            Some(Tried::Lignes(rows)) => Single { facts: rows, digest: None, ..usual },
        };
        Ok(looker.look(&single)?.with_rows(&findings))
    }
}

impl From<RunError> for AtelierError {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

impl From<HistoryError> for AtelierError {
    fn from(error: HistoryError) -> Self {
        Self::Run(error.into())
    }
}
