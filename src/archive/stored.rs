//! Reading a run back: one block of one table at a time, each proven by its digest.
//!
//! May import: nothing. Must not know: what the rows mean. Nothing is kept open: any number of
//! months can be read at once, from any thread.

use std::path::PathBuf;

use super::disk;
use super::error::{ArchiveError, Damage, Kind};
use super::event::{Calcul, Entry, ObjectRef};
use super::folder::Archive;
use super::frame::{self, length};
use super::index::{Index, IndexedTable, Span};
use super::layout::{object_name, object_path};

/// A run of the archive, its index read.
#[derive(Debug)]
pub struct Stored {
    root: PathBuf,
    calcul: Calcul,
    index: Index,
}

impl Stored {
    /// Opens the run of an entry.
    pub fn open(archive: &Archive, entry: &Entry) -> Result<Self, ArchiveError> {
        let Some(calcul) = entry.calcul() else {
            return Err(ArchiveError::NoSuch {
                mois: entry.evenement.mois().to_owned(),
                what: "run at entry",
                name: entry.numero.to_string(),
            });
        };
        let (root, calcul) = (archive.root().to_owned(), calcul.clone());
        let mut stored = Self { root, calcul, index: Index::default() };
        let text = stored.whole_object("index", &stored.calcul.index)?;
        stored.index = Index::read(text.as_slice(), &stored.calcul)
            .ok_or_else(|| stored.damage("index", &stored.calcul.index, None))?;
        Ok(stored)
    }

    /// The run.
    pub fn calcul(&self) -> &Calcul {
        &self.calcul
    }

    /// Blocks of agents.
    pub fn blocks(&self) -> usize {
        self.index.starts.len()
    }

    /// The agents of a block, in the order of the run; none past the last block.
    pub fn agents(&self, block: usize) -> &[Box<str>] {
        self.index.agents(block)
    }

    /// The block of an agent; none when the run does not have it.
    pub fn block_of(&self, agent: &str) -> Option<usize> {
        self.index.block_of(agent)
    }

    /// The number of a table that is cut in blocks, for [`Stored::read`].
    pub fn table(&self, nom: &str) -> Option<usize> {
        self.index.tables.iter().position(|table| table.nom == nom)
    }

    /// The tables that are cut in blocks, in their order.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.index.tables.iter().map(|table| table.nom.as_str())
    }

    /// The rows that a block has in a table, without header; empty when it has none.
    pub fn read(&self, table: usize, block: usize) -> Result<Vec<u8>, ArchiveError> {
        let table = self.indexed(table)?;
        match table.of(block) {
            Some(span) => self.span(table, *span, Some(block)),
            None if block < self.blocks() => Ok(Vec::new()),
            None => Err(self.no_such("block", &block.to_string())),
        }
    }

    /// The header of a table.
    pub fn header(&self, table: usize) -> Result<Vec<u8>, ArchiveError> {
        let table = self.indexed(table)?;
        self.span(table, table.header, None)
    }

    /// A whole table, cut or not, header included.
    pub fn whole(&self, nom: &str) -> Result<Vec<u8>, ArchiveError> {
        let object = self.calcul.tables.get(nom).ok_or_else(|| self.no_such("table", nom))?;
        self.whole_object(nom, object)
    }

    /// The manifest of the run.
    pub fn manifeste(&self) -> Result<Vec<u8>, ArchiveError> {
        self.whole_object("manifeste", &self.calcul.manifeste)
    }

    /// The rule texts, a `tar`: see [`super::unpack`].
    pub fn regles(&self) -> Result<Vec<u8>, ArchiveError> {
        self.whole_object("regles", &self.calcul.regles)
    }

    fn indexed(&self, table: usize) -> Result<&IndexedTable, ArchiveError> {
        self.index.tables.get(table).ok_or_else(|| self.no_such("table", &table.to_string()))
    }

    fn span(
        &self,
        table: &IndexedTable,
        span: Span,
        block: Option<usize>,
    ) -> Result<Vec<u8>, ArchiveError> {
        // INVARIANT: an index only holds tables of its run, as its reading proved.
        let Some(object) = self.calcul.tables.get(&table.nom) else {
            return Err(self.no_such("table", &table.nom));
        };
        let path = object_path(&self.root, &object.empreinte);
        let wrong = || self.damage(&table.nom, object, Some((span, block)));
        if disk::file_len(&path).is_none_or(|found| found < span.debut + span.octets) {
            return Err(wrong());
        }
        let stored = disk::read_at(&path, span.debut, span.octets)?;
        let right = frame::digest(&stored) == span.digest;
        right.then(|| frame::open(&stored, span.contenu)).flatten().ok_or_else(wrong)
    }

    fn whole_object(&self, nom: &str, object: &ObjectRef) -> Result<Vec<u8>, ArchiveError> {
        let path = object_path(&self.root, &object.empreinte);
        let found = disk::read_file(&path)?;
        let right = found.as_ref().filter(|bytes| {
            length(bytes) == object.octets
                && blake3::hash(bytes).to_hex().as_str() == object.empreinte
        });
        let content = right.and_then(|bytes| frame::open_all(bytes, object.contenu));
        content.ok_or_else(|| self.damage(nom, object, None))
    }

    fn damage(
        &self,
        nom: &str,
        object: &ObjectRef,
        part: Option<(Span, Option<usize>)>,
    ) -> ArchiveError {
        let there = disk::file_len(&object_path(&self.root, &object.empreinte)).is_some();
        let kind = if there { Kind::Altered } else { Kind::Missing };
        let whole = Damage::of(object_name(&object.empreinte), kind, object.octets);
        let block = part.and_then(|(_, block)| block);
        let agents = block.map_or(&[][..], |block| self.agents(block));
        let ends = agents.first().zip(agents.last());
        Damage {
            bytes: part.map_or(whole.bytes.clone(), |(s, _)| s.debut..s.debut + s.octets),
            months: vec![self.calcul.mois.clone()],
            table: Some(nom.to_owned()),
            blocks: block.map(|block| (block, block)),
            agents: ends.map(|(first, last)| (first.to_string(), last.to_string())),
            ..whole
        }
        .at(&self.root)
    }

    fn no_such(&self, what: &'static str, name: &str) -> ArchiveError {
        ArchiveError::NoSuch { mois: self.calcul.mois.clone(), what, name: name.to_owned() }
    }
}
