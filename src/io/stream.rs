//! The rows of the pool, agent by agent, in one sequential pass over every file.
//!
//! A file in the order of `agents.csv` is merged as it is read. A file that is not is held in
//! memory, its rows sorted by agent. Both give the same blocks.

mod block;
mod cursor;
mod held;
mod roster;

pub use block::RawBlock;
use block::Room;
pub(super) use block::{AGENT_FILES, FILES, PART_AGENTS};
pub(super) use cursor::{Cursor, unreadable};
pub(super) use held::{Held, hold};
pub(super) use roster::Roster;

use std::cmp::Ordering;
use std::sync::Arc;

use super::finding::PoolFinding;

/// Why the blocks stop before the last agent.
#[derive(Debug)]
pub enum BlockError {
    /// A file turned out not to be in the order of `agents.csv`. What was made of the blocks so
    /// far is void: ask for the blocks again, this file will then be held in memory.
    OutOfOrder {
        /// The name of the file.
        fichier: &'static str,
    },
    /// A file cannot be read any further.
    Unreadable(Box<PoolFinding>),
}

/// Where the rows of one file come from.
pub(super) enum Source {
    /// The pool does not have the file.
    Absent,
    /// Read as the agents go by.
    Stream(Cursor),
    /// In memory, with the number of rows already given.
    Held(Arc<Held>, usize),
}

/// The blocks of a pool, in the order of `agents.csv`.
pub struct Blocks<'r> {
    agents: Cursor,
    /// The other files, in the order of [`AGENT_FILES`] from the second.
    sources: Vec<Source>,
    roster: &'r Roster,
    /// Filled when a file must be held: its part number.
    out_of_order: &'r mut Option<usize>,
    size: usize,
    number: u64,
    /// Rows of `agents.csv` already read.
    ordinal: u32,
    over: bool,
    room: Room,
}

impl<'r> Blocks<'r> {
    pub(super) fn new(
        agents: Cursor,
        sources: Vec<Source>,
        roster: &'r Roster,
        out_of_order: &'r mut Option<usize>,
        size: usize,
    ) -> Self {
        let size = size.max(1);
        Self {
            agents,
            sources,
            roster,
            out_of_order,
            size,
            number: 0,
            ordinal: 0,
            over: false,
            room: Room::default(),
        }
    }

    fn block(&mut self) -> Result<Option<RawBlock>, BlockError> {
        let mut block = RawBlock::with_room(self.number, &self.room);
        while block.len() < self.size {
            if !self.agents.peek().map_err(BlockError::Unreadable)? {
                break;
            }
            let ordinal = self.ordinal;
            self.ordinal += 1;
            if !self.roster.is_skipped(ordinal) {
                block.push(PART_AGENTS, self.agents.row(), self.agents.line());
                self.gather(ordinal, &mut block)?;
                block.end_agent(self.roster.repeats(ordinal));
            }
            self.agents.advance();
        }
        if block.is_empty() {
            self.check_nothing_is_left()?;
            return Ok(None);
        }
        self.number += 1;
        self.room = block.room();
        Ok(Some(block))
    }

    /// Moves the rows of the current agent from every file to the block.
    fn gather(&mut self, ordinal: u32, block: &mut RawBlock) -> Result<(), BlockError> {
        let key = self.agents.key();
        for (part, source) in (PART_AGENTS + 1..).zip(&mut self.sources) {
            match source {
                Source::Absent => {}
                Source::Held(held, next) => held.give(ordinal, next, |row, line| {
                    block.push(part, row, line);
                }),
                Source::Stream(cursor) => loop {
                    if !cursor.peek().map_err(BlockError::Unreadable)? {
                        break;
                    }
                    match self.roster.compare(cursor, key, ordinal) {
                        Ordering::Equal => {
                            block.push(part, cursor.row(), cursor.line());
                            cursor.advance();
                        }
                        Ordering::Greater => break,
                        Ordering::Less => return Err(disorder(self.out_of_order, part)),
                    }
                },
            }
        }
        Ok(())
    }

    /// A row that no agent took belongs to an agent who is not listed.
    fn check_nothing_is_left(&mut self) -> Result<(), BlockError> {
        for (part, source) in (PART_AGENTS + 1..).zip(&mut self.sources) {
            if let Source::Stream(cursor) = source
                && cursor.peek().map_err(BlockError::Unreadable)?
            {
                return Err(disorder(self.out_of_order, part));
            }
        }
        Ok(())
    }
}

fn disorder(out_of_order: &mut Option<usize>, part: usize) -> BlockError {
    *out_of_order = Some(part);
    let file = AGENT_FILES.get(part);
    BlockError::OutOfOrder { fichier: file.map_or("", |file| file.name()) }
}

impl Iterator for Blocks<'_> {
    type Item = Result<RawBlock, BlockError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let block = self.block();
        self.over = !matches!(block, Ok(Some(_)));
        block.transpose()
    }
}
