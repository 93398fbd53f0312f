//! A block: the bytes of every row of consecutive agents.

use crate::domain::PoolFile;

/// The files that hold rows of agents; the first lists them.
pub(in crate::io) const AGENT_FILES: [PoolFile; FILES] = [
    PoolFile::Agents,
    PoolFile::Carrieres,
    PoolFile::Familles,
    PoolFile::TauxPas,
    PoolFile::Elements,
    PoolFile::Absences,
    PoolFile::Cumuls,
];

/// How many files hold rows of agents.
pub(in crate::io) const FILES: usize = 7;
/// The place of `agents.csv` in [`AGENT_FILES`].
pub(in crate::io) const PART_AGENTS: usize = 0;

/// The rows of consecutive agents, as bytes; owned, so that any thread may read them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawBlock {
    number: u64,
    parts: [Part; FILES],
    /// For each agent, the number of rows of each part up to and including that agent.
    ends: Vec<[usize; FILES]>,
    /// Agents of the block whose id appears again in `agents.csv`, with the further lines.
    repeats: Vec<(usize, Vec<u32>)>,
}

/// Bytes and rows of each file in a block.
#[derive(Debug, Default)]
pub(in crate::io) struct Room([(usize, usize); FILES]);

/// The rows of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Part {
    bytes: Vec<u8>,
    /// For each row, where it ends in `bytes`, and its line in the file.
    rows: Vec<(usize, u32)>,
}

impl RawBlock {
    pub(in crate::io) fn new(number: u64) -> Self {
        Self { number, parts: Default::default(), ends: Vec::new(), repeats: Vec::new() }
    }

    /// An empty block with room for what the one before held.
    pub(in crate::io) fn with_room(number: u64, room: &Room) -> Self {
        let mut block = Self::new(number);
        let more = |used: usize| used + (used >> 3);
        for (part, &(bytes, rows)) in block.parts.iter_mut().zip(&room.0) {
            part.bytes.reserve(more(bytes));
            part.rows.reserve(more(rows));
        }
        block
    }

    /// How much the block holds.
    pub(in crate::io) fn room(&self) -> Room {
        Room(self.parts.each_ref().map(|part| (part.bytes.len(), part.rows.len())))
    }

    /// Gives back the room that was not used, for a block that is kept.
    pub(in crate::io) fn fit(&mut self) {
        for part in &mut self.parts {
            part.bytes.shrink_to_fit();
            part.rows.shrink_to_fit();
        }
        self.ends.shrink_to_fit();
    }

    /// The place of the block among the blocks of the pool, from 0.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// How many agents the block holds.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether the block holds no agent.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of the rows, all files together.
    pub fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.bytes.len()).sum()
    }

    #[inline]
    pub(in crate::io) fn push(&mut self, part: usize, row: &[u8], line: u32) {
        if let Some(part) = self.parts.get_mut(part) {
            part.bytes.extend_from_slice(row);
            part.rows.push((part.bytes.len(), line));
        }
    }

    /// Ends the rows of the current agent.
    pub(in crate::io) fn end_agent(&mut self, repeats: Option<&[u32]>) {
        if let Some(lines) = repeats {
            self.repeats.push((self.ends.len(), lines.to_vec()));
        }
        let mut ends = [0; FILES];
        for (end, part) in ends.iter_mut().zip(&self.parts) {
            *end = part.rows.len();
        }
        self.ends.push(ends);
    }

    /// The rows of one agent in one file, with their lines.
    pub(in crate::io) fn rows(
        &self,
        agent: usize,
        part: usize,
    ) -> impl ExactSizeIterator<Item = (&[u8], u32)> {
        let end_of = |agent: usize| {
            self.ends.get(agent).and_then(|ends| ends.get(part)).copied().unwrap_or(0)
        };
        let first = agent.checked_sub(1).map_or(0, end_of);
        let (bytes, rows): (&[u8], &[_]) =
            self.parts.get(part).map_or((&[], &[]), |part| (&part.bytes, &part.rows));
        let start = first.checked_sub(1).and_then(|row| rows.get(row)).map_or(0, |row| row.0);
        let rows = rows.get(first..end_of(agent)).unwrap_or(&[]);
        Rows { ends: rows.iter(), start, bytes }
    }

    /// The further lines of `agents.csv` that name the same agent.
    pub(in crate::io) fn repeats(&self, agent: usize) -> &[u32] {
        self.repeats.iter().find(|(index, _)| *index == agent).map_or(&[], |(_, lines)| lines)
    }
}

/// Row ends turned into rows; the number of rows is known.
struct Rows<'a> {
    ends: std::slice::Iter<'a, (usize, u32)>,
    start: usize,
    bytes: &'a [u8],
}

impl<'a> Iterator for Rows<'a> {
    type Item = (&'a [u8], u32);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let &(end, line) = self.ends.next()?;
        let row = self.bytes.get(self.start..end).unwrap_or_default();
        self.start = end;
        Some((row, line))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ends.size_hint()
    }
}

impl ExactSizeIterator for Rows<'_> {}
