//! Who is listed in `agents.csv`, in which order, and who is listed twice.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Cursor;
use crate::diag::Code;
use crate::domain::{PoolFile, RowRef};
use crate::io::finding::PoolFinding;

/// The agents of the pool. An agent is known by its ordinal: the place of its row.
///
/// When ids only ever increase, byte by byte, no table is kept: comparing ids is comparing
/// places, and nobody is listed twice.
#[derive(Debug, Default)]
pub(in crate::io) struct Roster {
    count: u32,
    table: Option<HashMap<Box<[u8]>, u32>>,
    skipped: BTreeSet<u32>,
    repeats: BTreeMap<u32, Vec<u32>>,
}

impl Roster {
    /// Reads the ids in one pass, without a table. `None`: they do not always increase.
    pub(in crate::io) fn sorted(mut agents: Cursor) -> Result<Option<Self>, Box<PoolFinding>> {
        let (mut count, mut previous) = (0, Vec::new());
        while agents.peek()? {
            if agents.key() <= previous.as_slice() {
                return Ok(None);
            }
            previous.clear();
            previous.extend_from_slice(agents.key());
            count += 1;
            agents.advance();
        }
        Ok(Some(Self { count, ..Self::default() }))
    }

    /// Reads the ids in one pass, with a table.
    pub(in crate::io) fn tabled(
        mut agents: Cursor,
    ) -> Result<(Self, Vec<PoolFinding>), Box<PoolFinding>> {
        let (mut roster, mut findings, mut ordinal) = (Self::default(), Vec::new(), 0);
        let mut table: HashMap<Box<[u8]>, u32> = HashMap::new();
        while agents.peek()? {
            if agents.key().is_empty() {
                let at = RowRef { file: PoolFile::Agents, line: agents.line() };
                let message = "the value of `agent` is missing: nobody can be paid on this row";
                findings.push(PoolFinding::new(Code::E707, at, message, "fill `agent`"));
                roster.skipped.insert(ordinal);
            } else if let Some(&first) = table.get(agents.key()) {
                roster.repeats.entry(first).or_default().push(agents.line());
                roster.skipped.insert(ordinal);
            } else {
                table.insert(agents.key().into(), ordinal);
                roster.count += 1;
            }
            ordinal += 1;
            agents.advance();
        }
        roster.table = Some(table);
        Ok((roster, findings))
    }

    /// How many agents are listed, each counted once.
    pub(in crate::io) fn count(&self) -> u32 {
        self.count
    }

    /// Whether agents can be found by id.
    pub(in crate::io) fn has_table(&self) -> bool {
        self.table.is_some()
    }

    /// The place of an agent; always `None` without a table.
    pub(super) fn ordinal(&self, key: &[u8]) -> Option<u32> {
        self.table.as_ref()?.get(key).copied()
    }

    /// Whether the row names nobody, or somebody already named.
    pub(super) fn is_skipped(&self, ordinal: u32) -> bool {
        self.skipped.contains(&ordinal)
    }

    /// The further lines that name the same agent.
    pub(super) fn repeats(&self, ordinal: u32) -> Option<&[u32]> {
        self.repeats.get(&ordinal).map(Vec::as_slice)
    }

    /// The place of the agent of the current row of `cursor`, against the agent in hand.
    ///
    /// `Less` also stands for an agent who is not listed: the caller then holds the file.
    #[inline]
    pub(super) fn compare(&self, cursor: &mut Cursor, key: &[u8], ordinal: u32) -> Ordering {
        let Some(table) = &self.table else { return cursor.key().cmp(key) };
        if cursor.key() == key {
            return Ordering::Equal;
        }
        if !cursor.placed {
            match table.get(cursor.key()) {
                Some(&place) if place > ordinal => cursor.placed = true,
                _ => return Ordering::Less,
            }
        }
        Ordering::Greater
    }
}
