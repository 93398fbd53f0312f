//! What closed months say of agents, kept between two questions about the same agent: reading it
//! costs many times what the month itself does, and the archive says the same again.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::{AgentFacts, Changed, Precedent, Word};
use crate::rappel::{Recomputed, Totals};

use super::chain::contracts;
use super::history::AgentState;

/// What closed months say of an agent, before its month is paid.
#[derive(Clone, Debug)]
pub struct Former {
    /// Closed months that were computed again and came from something else.
    pub recomputed: Vec<Recomputed>,
    /// What closed months said before.
    pub state: AgentState,
    /// Why months were computed again, in words.
    pub cause: String,
    /// First day of a changed fact that no closed month reaches.
    pub before_archive: Option<Changed>,
    /// Whether the last closed month had the same rows.
    pub same: bool,
    /// What the last closed month of each contract paid.
    pub precedents: Vec<Precedent>,
}

impl Former {
    /// Whether the month before is the same for other facts of the agent: same contracts, and
    /// same account where that is compared.
    pub fn holds_for(&self, facts: &AgentFacts, tried: &AgentFacts) -> bool {
        let iban = |facts: &AgentFacts| facts.agent.identity.iban() == tried.agent.identity.iban();
        contracts(facts) == contracts(tried) && (self.same || iban(facts))
    }

    /// About how many bytes of memory.
    fn bytes(&self) -> usize {
        const WORD: usize = 32;
        let totals = |totals: &Totals| totals.iter().count() * 96;
        let line = size_of::<crate::engine::PayLine>();
        let recomputed = self.recomputed.iter().map(|one| {
            size_of_val(one) + one.lignes.len() * line + totals(&one.ecarts) + totals(&one.laisses)
        });
        let past = self.state.past.iter().map(|past| {
            let views = past.views.iter();
            let views = views.map(|v| totals(&v.paye) + totals(&v.annee) + totals(&v.du));
            size_of_val(past) + views.sum::<usize>()
        });
        let precedents = self.precedents.iter();
        let precedents = precedents.map(|p| size_of_val(p) + p.rubriques.len() * WORD);
        size_of_val(self)
            + self.cause.len()
            + recomputed.sum::<usize>()
            + past.sum::<usize>()
            + precedents.sum::<usize>()
    }
}

/// Agents at hand, the oldest of which leave when there is no room.
pub struct Memo {
    room: usize,
    shelf: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    agents: HashMap<Word, (Arc<Former>, usize)>,
    /// From the first that came.
    order: VecDeque<Word>,
    bytes: usize,
}

impl Memo {
    /// Nobody yet; `room` in bytes, about.
    pub fn new(room: usize) -> Self {
        Self { room, shelf: Mutex::default() }
    }

    /// An agent who was asked for before.
    pub fn get(&self, agent: &str) -> Option<Arc<Former>> {
        self.shelf().agents.get(agent).map(|(former, _)| Arc::clone(former))
    }

    /// Keeps an agent.
    pub fn put(&self, agent: &Word, mut former: Former) -> Arc<Former> {
        // The ledger was for computing closed months again: that is done.
        for past in &mut former.state.past {
            past.due.clear();
            past.openings.clear();
        }
        let bytes = former.bytes();
        let former = Arc::new(former);
        let mut shelf = self.shelf();
        let kept = (Arc::clone(&former), bytes);
        match shelf.agents.insert(Word::clone(agent), kept) {
            Some((_, before)) => shelf.bytes = shelf.bytes.saturating_sub(before),
            None => shelf.order.push_back(Word::clone(agent)),
        }
        shelf.bytes += bytes;
        while shelf.bytes > self.room {
            let Some(oldest) = shelf.order.pop_front() else { break };
            if let Some((_, bytes)) = shelf.agents.remove(&oldest) {
                shelf.bytes = shelf.bytes.saturating_sub(bytes);
            }
        }
        former
    }

    /// A thread that stopped in the middle leaves the shelf right enough: at worst an agent is
    /// read again.
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
