//! The rows of agents as tables that a person can read, and back into blocks, byte by byte.
//!
//! A table is a CSV file with the delimiter of the file handed in. Its first column, `ligne`, is
//! the line of the row there; the rest of the row is what was handed in:
//!
//! ```text
//! ligne;agent;depuis;enfants
//! 12;A-001;2020-01-01;2
//! 13!;"A-002;""2020-01-01;1"
//! ```
//!
//! A mark after the line says that the row cannot stand in a table as it is (a quote that is never
//! closed, a carriage return at its end): the whole row is then one quoted cell. Rows follow the
//! agents of the first table. The eighth table lists the further lines of agents listed twice.
//!
//! May import: every lower floor. Must not know: where tables are kept.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::ops::Range;

use super::columns::agents;
use super::layout::Layout;
use super::parse::{ParsedAgent, Reading};
use super::partage::EachRow;
use super::pool::PoolContext;
use super::split::{cell_range, next_row_within};
use super::stream::{AGENT_FILES, FILES, PART_AGENTS, RawBlock};

/// How many tables hold the rows of agents.
const TABLES: usize = FILES + 1;

/// The name of each table, in the order of [`Tables`].
pub const TABLE_NAMES: [&str; TABLES] = [
    AGENT_FILES[0].name(),
    AGENT_FILES[1].name(),
    AGENT_FILES[2].name(),
    AGENT_FILES[3].name(),
    AGENT_FILES[4].name(),
    AGENT_FILES[5].name(),
    AGENT_FILES[6].name(),
    "doubles.csv",
];

/// Bytes of each table: the seven files of agents, then `doubles.csv`. Empty: nothing to say.
pub type Tables = [Vec<u8>; TABLES];

/// The files of [`RawBlock::agent_digest`]: those whose rows say what is due for a month.
pub(super) const DIGEST_PARTS: [usize; 5] = [PART_AGENTS, 1, 2, 4, 5];

const LINE_COLUMN: &[u8] = b"ligne";
const DOUBLES_HEADER: &[u8] = b"agent,ligne\n";
/// Follows the line of a row that is written as one cell.
const WHOLE: u8 = b'!';

/// Consecutive agents of a block.
#[derive(Clone, Debug)]
pub struct Piece<'b> {
    block: &'b RawBlock,
    agents: Range<usize>,
}

impl PoolContext {
    /// The header row of each table, its line end included; empty for a file that is missing.
    pub fn table_headers(&self) -> Tables {
        let mut tables = Tables::default();
        for (part, table) in tables.iter_mut().enumerate() {
            if let Some(layout) = self.layout(part) {
                table.extend_from_slice(LINE_COLUMN);
                table.push(layout.delimiter);
                table.extend_from_slice(&layout.header);
                table.push(b'\n');
            } else if part == FILES {
                table.extend_from_slice(DOUBLES_HEADER);
            }
        }
        tables
    }
}

/// The header row that was handed in, from the header row of its table; none for anything else.
pub fn header_of_table(header: &[u8]) -> Option<&[u8]> {
    let rest = header.strip_prefix(LINE_COLUMN)?.strip_suffix(b"\n")?;
    match rest.split_first()? {
        (b',' | b';', header) => Some(header),
        _ => None,
    }
}

impl RawBlock {
    /// The agents of the block, up to `size` in a piece.
    pub fn pieces(&self, size: usize) -> impl Iterator<Item = Piece<'_>> {
        let size = size.max(1);
        (0..self.len()).step_by(size).map(move |first| {
            let agents = first..first.saturating_add(size).min(self.len());
            Piece { block: self, agents }
        })
    }

    /// The id of an agent, as [`ParsedAgent`] gives it; empty past the last agent.
    pub fn id(&self, context: &PoolContext, agent: usize) -> Cow<'_, str> {
        String::from_utf8_lossy(self.key(context, agent))
    }

    /// The place of an agent in the block.
    pub fn find(&self, context: &PoolContext, id: &str) -> Option<usize> {
        (0..self.len()).find(|agent| self.id(context, *agent) == id)
    }

    /// Reads one agent, as [`RawBlock::parse`] does; `agent` is its place in the block. Past the
    /// last agent: an agent without id and without rows.
    pub fn parse_one(&self, context: &PoolContext, agent: usize) -> ParsedAgent {
        Reading::new(context).agent(self, agent)
    }

    /// BLAKE3 digest, cut to 16 bytes, of the rows that say what is due to an agent: `agents.csv`,
    /// `carrieres.csv`, `familles.csv`, `elements.csv` and `absences.csv`, with their headers, in
    /// the order of the rows, line numbers left out.
    ///
    /// With the same digest in two runs, the agent has the same facts there, except tax rates and
    /// opening figures, provided that its employers are accepted in both. What is **known** of
    /// them may still differ: a row with a `connu_le` counts from that day of knowledge on, so the
    /// caller compares the days of knowledge as well.
    pub fn agent_digest(&self, context: &PoolContext, agent: usize) -> [u8; 16] {
        let mut digest = blake3::Hasher::new();
        digest.update(context.shape());
        for part in DIGEST_PARTS {
            let rows = self.rows(agent, part);
            digest.update(&u64::try_from(rows.len()).unwrap_or(u64::MAX).to_le_bytes());
            for (row, _) in rows {
                digest.update(&u64::try_from(row.len()).unwrap_or(u64::MAX).to_le_bytes());
                digest.update(row);
            }
        }
        let mut short = [0; 16];
        digest.finalize_xof().fill(&mut short);
        short
    }

    /// The block of which [`Piece::tables`] gave these tables; several pieces one after the other
    /// make one block. `context` is that of [`super::StoredPool::open`] for the same headers.
    ///
    /// Errors: what is not a table of these headers, with its name.
    pub fn from_tables(
        number: u64,
        tables: &[&[u8]; TABLES],
        context: &PoolContext,
    ) -> Result<Self, String> {
        let [files @ .., doubles] = tables;
        let mut readers = Vec::with_capacity(FILES);
        for (part, bytes) in files.iter().enumerate() {
            readers.push(TableReader::open(part, bytes, context)?);
        }
        let mut doubles = Doubles::read(doubles)?;
        let mut block = Self::new(number);
        let Some((agents, others)) = readers.split_first_mut() else { return Ok(block) };
        while let Some(row) = agents.next()? {
            block.push(PART_AGENTS, &row.bytes, row.line);
            let key = agents.key(&row.bytes);
            for (part, other) in (PART_AGENTS + 1..).zip(others.iter_mut()) {
                while let Some(row) = other.next_of(key)? {
                    block.push(part, &row.bytes, row.line);
                }
            }
            block.end_agent(doubles.take(key).as_deref());
        }
        others.iter_mut().try_for_each(TableReader::nothing_left)?;
        doubles.nothing_left()?;
        Ok(block)
    }

    /// The bytes that name an agent.
    fn key(&self, context: &PoolContext, agent: usize) -> &[u8] {
        let (row, _) = self.rows(agent, PART_AGENTS).next().unwrap_or_default();
        context.layout(PART_AGENTS).map_or(&[], |layout| key_of(row, layout))
    }
}

/// The bytes that name the agent of a row. The agent is the first known column of every file.
fn key_of<'r>(row: &'r [u8], layout: &Layout) -> &'r [u8] {
    row.get(cell_range(row, layout.delimiter, layout.position(agents::AGENT))).unwrap_or_default()
}

impl Piece<'_> {
    /// How many agents; at least one.
    #[expect(clippy::len_without_is_empty, reason = "a piece is never empty")]
    pub fn len(&self) -> usize {
        self.agents.len()
    }

    /// The ids of the agents, in order.
    pub fn ids(&self, context: &PoolContext) -> Vec<String> {
        self.agents.clone().map(|agent| self.block.id(context, agent).into_owned()).collect()
    }

    /// The rows of the agents as tables, without their headers ([`PoolContext::table_headers`]).
    pub fn tables(&self, context: &PoolContext) -> Tables {
        let mut tables = Tables::default();
        for (part, table) in tables.iter_mut().enumerate().take(FILES) {
            let Some(layout) = context.layout(part) else { continue };
            for agent in self.agents.clone() {
                for (row, line) in self.block.rows(agent, part) {
                    put_row(table, row, line, layout.delimiter);
                }
            }
        }
        let [.., doubles] = &mut tables;
        for agent in self.agents.clone() {
            for line in self.block.repeats(agent) {
                put_cell(doubles, self.block.key(context, agent));
                // Writing to memory does not fail.
                let _ = writeln!(doubles, ",{line}");
            }
        }
        tables
    }
}

/// Goes through the rows of a table, with the bytes that name each agent and its line.
pub(super) fn each_row(
    context: &PoolContext,
    part: usize,
    table: &[u8],
    each: &mut EachRow<'_>,
) -> Result<(), String> {
    let mut reader = TableReader::open(part, table, context)?;
    while let Some(row) = reader.next()? {
        each(&row.bytes, reader.key(&row.bytes), row.line);
    }
    Ok(())
}

/// Adds a row to its table.
fn put_row(table: &mut Vec<u8>, row: &[u8], line: u32, delimiter: u8) {
    let start = table.len();
    // Writing to memory does not fail.
    let _ = write!(table, "{line}");
    let mark = table.len();
    table.push(delimiter);
    table.extend_from_slice(row);
    let end = table.len() - start;
    table.push(b'\n');
    // A row without a quote has no line end inside; its end is only hidden by a carriage return.
    let plain = memchr::memchr(b'"', row).is_none() && row.last() != Some(&b'\r');
    let written = || table.get(start..).unwrap_or_default();
    let reads_back =
        || next_row_within(written(), delimiter, false, usize::MAX).is_some_and(|r| r.end == end);
    if !plain && !reads_back() {
        table.truncate(mark);
        table.extend_from_slice(&[WHOLE, delimiter]);
        put_quoted(table, row);
        table.push(b'\n');
    }
}

/// A cell of `doubles.csv`.
fn put_cell(table: &mut Vec<u8>, cell: &[u8]) {
    match cell.iter().any(|byte| matches!(byte, b'"' | b',' | b'\n' | b'\r')) {
        true => put_quoted(table, cell),
        false => table.extend_from_slice(cell),
    }
}

fn put_quoted(table: &mut Vec<u8>, cell: &[u8]) {
    table.push(b'"');
    for part in cell.split_inclusive(|byte| *byte == b'"') {
        table.extend_from_slice(part);
        if part.last() == Some(&b'"') {
            table.push(b'"');
        }
    }
    table.push(b'"');
}

/// The text of a cell that may be quoted; none: its quotes are wrong.
fn unquoted(cell: &[u8]) -> Option<Cow<'_, [u8]>> {
    let Some(inside) = cell.strip_prefix(b"\"") else { return Some(Cow::Borrowed(cell)) };
    let inside = inside.strip_suffix(b"\"")?;
    let mut text = Vec::with_capacity(inside.len());
    let mut bytes = inside.iter();
    while let Some(&byte) = bytes.next() {
        if byte == b'"' && bytes.next() != Some(&b'"') {
            return None;
        }
        text.push(byte);
    }
    Some(Cow::Owned(text))
}

/// A row of a table.
struct TableRow<'t> {
    bytes: Cow<'t, [u8]>,
    line: u32,
}

/// The rows of one table, one after the other.
struct TableReader<'t, 'c> {
    name: &'static str,
    rest: &'t [u8],
    layout: Option<&'c Layout>,
    /// The row that was read ahead.
    ahead: Option<TableRow<'t>>,
}

impl<'t, 'c> TableReader<'t, 'c> {
    fn open(part: usize, bytes: &'t [u8], context: &'c PoolContext) -> Result<Self, String> {
        let name = TABLE_NAMES.get(part).copied().unwrap_or_default();
        let layout = context.layout(part);
        if layout.is_none() && !bytes.is_empty() {
            return Err(format!("the table `{name}` has rows, and no header"));
        }
        Ok(Self { name, rest: bytes, layout, ahead: None })
    }

    fn next(&mut self) -> Result<Option<TableRow<'t>>, String> {
        if let Some(row) = self.ahead.take() {
            return Ok(Some(row));
        }
        let Some(layout) = self.layout.filter(|_| !self.rest.is_empty()) else { return Ok(None) };
        let wrong = |what: &str| format!("the table `{}` {what}", self.name);
        let end = next_row_within(self.rest, layout.delimiter, false, usize::MAX)
            .ok_or_else(|| wrong("stops inside a row"))?;
        let (row, rest) = self.rest.split_at_checked(end.next).unwrap_or((self.rest, &[]));
        let row = row.get(..end.end).unwrap_or_default();
        let row = numbered(row, layout.delimiter).ok_or_else(|| wrong("has a row without line"))?;
        self.rest = rest;
        Ok(Some(row))
    }

    /// The next row, if it is of this agent.
    fn next_of(&mut self, key: &[u8]) -> Result<Option<TableRow<'t>>, String> {
        let row = self.next()?;
        let (same, other) = match row {
            Some(row) if self.key(&row.bytes) == key => (Some(row), None),
            other => (None, other),
        };
        self.ahead = other;
        Ok(same)
    }

    fn key<'r>(&self, row: &'r [u8]) -> &'r [u8] {
        self.layout.map_or(&[], |layout| key_of(row, layout))
    }

    fn nothing_left(&mut self) -> Result<(), String> {
        match self.next()? {
            Some(row) => Err(format!(
                "the table `{}` has a row of nobody, of line {} of the pool",
                self.name, row.line
            )),
            None => Ok(()),
        }
    }
}

/// The line and the bytes of a row of a table.
fn numbered(row: &[u8], delimiter: u8) -> Option<TableRow<'_>> {
    let end = memchr::memchr(delimiter, row)?;
    let (line, bytes) = (row.get(..end)?, row.get(end + 1..)?);
    let (line, whole) = match line.strip_suffix(&[WHOLE]) {
        Some(line) => (line, true),
        None => (line, false),
    };
    let line = std::str::from_utf8(line).ok()?.parse().ok()?;
    let bytes = if whole { unquoted(bytes)? } else { Cow::Borrowed(bytes) };
    Some(TableRow { bytes, line })
}

/// The further lines of agents listed twice.
struct Doubles(HashMap<Vec<u8>, Vec<u32>>);

impl Doubles {
    fn read(mut rest: &[u8]) -> Result<Self, String> {
        let wrong = || "the table `doubles.csv` has a row that cannot be read".to_owned();
        let mut lines: HashMap<Vec<u8>, Vec<u32>> = HashMap::new();
        while !rest.is_empty() {
            let end = next_row_within(rest, b',', false, usize::MAX).ok_or_else(wrong)?;
            let row = rest.get(..end.end).unwrap_or_default();
            let comma = memchr::memrchr(b',', row).ok_or_else(wrong)?;
            let agent = row.get(..comma).and_then(unquoted).ok_or_else(wrong)?;
            let line = row.get(comma + 1..).and_then(|line| std::str::from_utf8(line).ok());
            let line = line.and_then(|line| line.parse().ok()).ok_or_else(wrong)?;
            lines.entry(agent.into_owned()).or_default().push(line);
            rest = rest.get(end.next..).unwrap_or_default();
        }
        Ok(Self(lines))
    }

    fn take(&mut self, key: &[u8]) -> Option<Vec<u32>> {
        self.0.remove(key)
    }

    fn nothing_left(&self) -> Result<(), String> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err("the table `doubles.csv` names an agent who is not in `agents.csv`".to_owned())
    }
}

#[cfg(test)]
mod tests;
