//! What the threads of a month have to do: agents that somebody waits for, then surveys.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::limits::ATELIER_WAITING;

use super::{Answer, AtelierError, Job};
use crate::batch::single::Looked;

/// Called with the answer.
pub type Reply = Box<dyn FnOnce(Answer) + Send>;
/// Called with each agent of a survey.
type Each = Box<dyn Fn(&str, Result<&Looked, &AtelierError>) + Send + Sync>;
/// Called at the end of a survey, with whether every agent was seen.
type Done = Box<dyn FnOnce(bool) + Send>;

/// Something to do.
pub enum Task {
    /// An agent that somebody waits for.
    Asked(Job, Reply),
    /// A block of a survey.
    Block(Arc<Survey>, usize),
}

/// Every agent of the month, looked at.
pub struct Survey {
    blocks: usize,
    each: Each,
    /// Blocks that are not done.
    left: AtomicUsize,
    done: Mutex<Option<Done>>,
}

impl Survey {
    /// A survey of so many blocks.
    pub fn new(blocks: usize, each: Each, done: Done) -> Self {
        Self { blocks, each, left: AtomicUsize::new(blocks), done: Mutex::new(Some(done)) }
    }

    /// Gives an agent.
    pub fn each(&self, agent: &str, looked: Result<&Looked, &AtelierError>) {
        (self.each)(agent, looked);
    }

    /// Says that every agent of a block was given.
    pub fn finish_block(&self) {
        self.left.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The last thread that lets go of a survey ends it, whether it was finished or not.
impl Drop for Survey {
    fn drop(&mut self) {
        let done = self.done.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let seen = self.left.load(Ordering::Acquire) == 0;
        if let Some(done) = done {
            // What the caller does at the end must not end the thread.
            let _ = catch_unwind(AssertUnwindSafe(|| done(seen)));
        }
    }
}

/// What waits.
#[derive(Default)]
pub struct Queue {
    waiting: Mutex<Waiting>,
    wake: Condvar,
}

#[derive(Default)]
struct Waiting {
    asked: VecDeque<(Job, Reply)>,
    /// Each with its first block that nobody took.
    surveys: VecDeque<(Arc<Survey>, usize)>,
    over: bool,
}

impl Queue {
    /// Adds an agent; refused when too many wait, or when the month has ended.
    pub fn ask(&self, job: Job, reply: Reply) {
        let mut waiting = self.waiting();
        let refused = if waiting.over {
            AtelierError::Ended
        } else if waiting.asked.len() >= ATELIER_WAITING {
            AtelierError::Full
        } else {
            waiting.asked.push_back((job, reply));
            drop(waiting);
            self.wake.notify_one();
            return;
        };
        drop(waiting);
        reply(Err(refused));
    }

    /// Adds a survey, after those that are not finished.
    pub fn survey(&self, survey: Survey) {
        let mut waiting = self.waiting();
        if !waiting.over && survey.blocks > 0 {
            waiting.surveys.push_back((Arc::new(survey), 0));
            drop(waiting);
            self.wake.notify_all();
        }
    }

    /// The next thing to do, waited for; none when the month has ended.
    pub fn take(&self) -> Option<Task> {
        let mut waiting = self.waiting();
        loop {
            if waiting.over {
                return None;
            }
            if let Some((job, reply)) = waiting.asked.pop_front() {
                return Some(Task::Asked(job, reply));
            }
            if let Some((survey, next)) = waiting.surveys.front_mut() {
                let task = Task::Block(Arc::clone(survey), *next);
                *next += 1;
                if *next >= survey.blocks {
                    waiting.surveys.pop_front();
                }
                return Some(task);
            }
            waiting = self.wake.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// An agent that somebody waits for, if there is one.
    pub fn urgent(&self) -> Option<(Job, Reply)> {
        self.waiting().asked.pop_front()
    }

    /// Whether the month has ended.
    pub fn is_over(&self) -> bool {
        self.waiting().over
    }

    /// Ends the month: who waits is told.
    pub fn end(&self) {
        let mut waiting = self.waiting();
        waiting.over = true;
        let asked = std::mem::take(&mut waiting.asked);
        let surveys = std::mem::take(&mut waiting.surveys);
        drop(waiting);
        self.wake.notify_all();
        // Surveys call their ends when they are dropped: never under the lock.
        drop(surveys);
        for (_, reply) in asked {
            reply(Err(AtelierError::Ended));
        }
    }

    /// What ends the month when it goes out of scope, however that happens.
    pub fn ending(&self) -> Ending<'_> {
        Ending(self)
    }

    /// No code of others runs under this lock: a poisoned one is whole.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the month when it is dropped: nobody waits for threads that a panic took away.
pub struct Ending<'q>(&'q Queue);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}
