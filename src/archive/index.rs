//! Where each block of each table is: a CSV of its own, written as the run goes.
//!
//! Columns `genre,bloc,nom,debut,octets,contenu,empreinte`. A row `agent` gives a block and an
//! agent; a row `trame` a block, a table, where its frame starts, its bytes stored and
//! decompressed, and half its BLAKE3; a row `entete` the same of the header of a table.
//!
//! May import: nothing. Must not know: where the index is kept.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;

use super::event::Calcul;
use super::frame::{DIGEST, Frame};

const HEADER: &str = "genre,bloc,nom,debut,octets,contenu,empreinte\n";

/// A frame of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) debut: u64,
    pub(super) octets: u64,
    pub(super) contenu: u64,
    pub(super) digest: [u8; DIGEST],
}

/// The index being written.
pub(super) struct IndexText {
    /// Rows that were not taken yet.
    pub(super) rows: String,
    /// The hash of every agent, to see one that comes twice.
    seen: Vec<u128>,
    blocks: usize,
}

impl IndexText {
    pub(super) fn new() -> Self {
        Self { rows: HEADER.to_owned(), seen: Vec::new(), blocks: 0 }
    }

    pub(super) fn header(&mut self, table: &str, frame: &Frame) {
        self.span("entete,", table, 0, frame);
    }

    /// A block starts; gives its number.
    pub(super) fn block(&mut self, agents: &[Box<str>]) -> usize {
        let block = self.blocks;
        self.blocks += 1;
        for agent in agents {
            self.seen.push(hash(agent));
            // Writing to a text cannot fail.
            let _ = writeln!(self.rows, "agent,{block},{},,,,", Cell(agent));
        }
        block
    }

    pub(super) fn frame(&mut self, block: usize, table: &str, debut: u64, frame: &Frame) {
        self.span(&format!("trame,{block}"), table, debut, frame);
    }

    fn span(&mut self, start: &str, table: &str, debut: u64, frame: &Frame) {
        let (octets, contenu, digest) = (frame.octets(), frame.contenu, hex(&frame.digest));
        let _ = writeln!(self.rows, "{start},{table},{debut},{octets},{contenu},{digest}");
    }

    /// Whether an agent came twice.
    pub(super) fn has_twice(&mut self) -> bool {
        self.seen.sort_unstable();
        self.seen.windows(2).any(|pair| pair.first() == pair.last())
    }
}

/// Two hashes of 64 bits: agents of a pool never share both.
fn hash(agent: &str) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, agent).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

/// A cell of a CSV, in quotes when it has to be.
struct Cell<'a>(&'a str);

impl std::fmt::Display for Cell<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.contains(['"', ',', ';', '\n', '\r']) || self.0.is_empty() {
            write!(out, "\"{}\"", self.0.replace('"', "\"\""))
        } else {
            out.write_str(self.0)
        }
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// An index that was read.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) tables: Vec<IndexedTable>,
    /// Agents of every block, in order, and where each block starts.
    pub(super) agents: Vec<Box<str>>,
    pub(super) starts: Vec<usize>,
    by_agent: HashMap<Box<str>, usize>,
}

/// A table that is cut in blocks.
#[derive(Debug)]
pub(super) struct IndexedTable {
    pub(super) nom: String,
    pub(super) header: Span,
    /// Block and frame, in order; a block without rows has none.
    pub(super) frames: Vec<(usize, Span)>,
}

impl IndexedTable {
    /// The frame of a block.
    pub(super) fn of(&self, block: usize) -> Option<&Span> {
        let at = self.frames.binary_search_by_key(&block, |(block, _)| *block).ok()?;
        self.frames.get(at).map(|(_, span)| span)
    }

    fn end(&self) -> u64 {
        let last = self.frames.last().map_or(&self.header, |(_, span)| span);
        last.debut + last.octets
    }

    fn contenu(&self) -> u64 {
        self.header.contenu + self.frames.iter().map(|(_, span)| span.contenu).sum::<u64>()
    }
}

impl Index {
    /// Reads the rows; none when they are not those of an index of this run.
    pub(super) fn read(text: impl Read, calcul: &Calcul) -> Option<Self> {
        let mut index = Self::default();
        let mut reader = csv::ReaderBuilder::new().from_reader(text);
        let header = reader.headers().ok()?.iter().collect::<Vec<_>>().join(",");
        (header == HEADER.trim_end()).then_some(())?;
        let mut row = csv::StringRecord::new();
        while reader.read_record(&mut row).ok()? {
            index.row(&row)?;
        }
        for table in &index.tables {
            // Frames follow one another to the very end: no byte is left out.
            let object = calcul.tables.get(&table.nom)?;
            let whole = table.end() == object.octets && table.contenu() == object.contenu;
            whole.then_some(())?;
        }
        Some(index)
    }

    fn row(&mut self, row: &csv::StringRecord) -> Option<()> {
        let nom = row.get(2)?;
        match row.get(0)? {
            "agent" => {
                let block: usize = row.get(1)?.parse().ok()?;
                if block == self.starts.len() {
                    self.starts.push(self.agents.len());
                }
                (block + 1 == self.starts.len()).then_some(())?;
                self.agents.push(nom.into());
                self.by_agent.insert(nom.into(), block).is_none().then_some(())
            }
            "entete" => {
                let header = span(row)?;
                (header.debut == 0 && self.tables.iter().all(|t| t.nom != nom)).then_some(())?;
                let table = IndexedTable { nom: nom.to_owned(), header, frames: Vec::new() };
                self.tables.push(table);
                Some(())
            }
            "trame" => {
                let block: usize = row.get(1)?.parse().ok()?;
                let span = span(row)?;
                let table = self.tables.iter_mut().find(|table| table.nom == nom)?;
                let follows = table.frames.last().is_none_or(|(last, _)| *last < block);
                let right = follows && block < self.starts.len() && table.end() == span.debut;
                right.then(|| table.frames.push((block, span)))
            }
            _ => None,
        }
    }

    /// The agents of a block.
    pub(super) fn agents(&self, block: usize) -> &[Box<str>] {
        let Some(&start) = self.starts.get(block) else { return &[] };
        let end = self.starts.get(block + 1).copied().unwrap_or(self.agents.len());
        self.agents.get(start..end).unwrap_or_default()
    }

    /// The block of an agent.
    pub(super) fn block_of(&self, agent: &str) -> Option<usize> {
        self.by_agent.get(agent).copied()
    }
}

fn span(row: &csv::StringRecord) -> Option<Span> {
    let number = |column: usize| row.get(column)?.parse::<u64>().ok();
    let text = row.get(6)?;
    let mut digest = [0; DIGEST];
    (text.len() == 2 * DIGEST).then_some(())?;
    for (at, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(Span { debut: number(3)?, octets: number(4)?, contenu: number(5)?, digest })
}
