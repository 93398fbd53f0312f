//! The tables of a run while it goes: frames appended in order, then an index.
//!
//! May import: nothing. Must not know: months, entries.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::disk::Temp;
use super::error::ArchiveError;
use super::event::ObjectRef;
use super::frame::{Frame, frame};
use super::index::IndexText;

/// Tables of a run, by name.
pub(super) type Tables = BTreeMap<String, ObjectRef>;

/// Rows of the index that are compressed together.
const INDEX_BYTES: usize = 1 << 20;

/// Rows of consecutive agents, compressed.
#[derive(Clone, Debug, Default)]
pub struct StoredBlock {
    /// The agents, in order; each one in a single block of the run.
    pub agents: Vec<Box<str>>,
    /// A frame for each table that has rows, by the number that [`Deposit::table`] gave.
    pub frames: Vec<(usize, Frame)>,
}

/// The tables of a run being written, under temporary names.
pub struct Deposit {
    root: PathBuf,
    tables: Vec<Table>,
    index: IndexText,
    index_file: Growing,
    wholes: Vec<(Option<String>, Growing)>,
}

struct Table {
    nom: String,
    file: Growing,
}

/// An object that grows frame by frame.
struct Growing {
    temp: Temp,
    contenu: u64,
}

impl Growing {
    fn push(&mut self, frame: &Frame) -> Result<(), ArchiveError> {
        self.contenu += frame.contenu;
        self.temp.write(&frame.stored)
    }

    fn finish(mut self) -> Result<(ObjectRef, Temp), ArchiveError> {
        let empreinte = self.temp.finish()?;
        let object = ObjectRef { empreinte, octets: self.temp.len(), contenu: self.contenu };
        Ok((object, self.temp))
    }
}

impl Deposit {
    pub(super) fn start(root: PathBuf) -> Result<Self, ArchiveError> {
        let index_file = Growing { temp: Temp::create(&root)?, contenu: 0 };
        let (tables, wholes) = (Vec::new(), Vec::new());
        Ok(Self { root, tables, index: IndexText::new(), index_file, wholes })
    }

    /// Starts a table cut in blocks, with the bytes of its header; gives its number.
    pub fn table(&mut self, nom: &str, entete: &[u8]) -> Result<usize, ArchiveError> {
        self.check_name(nom)?;
        let mut file = Growing { temp: Temp::create(&self.root)?, contenu: 0 };
        let header = frame(entete)?;
        file.push(&header)?;
        self.index.header(nom, &header);
        self.tables.push(Table { nom: nom.to_owned(), file });
        Ok(self.tables.len() - 1)
    }

    /// Appends the rows of the agents that follow.
    pub fn block(&mut self, block: StoredBlock) -> Result<(), ArchiveError> {
        let StoredBlock { agents, frames } = block;
        if agents.is_empty() {
            let why = "a block holds at least one agent";
            return Err(ArchiveError::Field { field: "block", value: String::new(), why });
        }
        let number = self.index.block(&agents);
        for (table, frame) in &frames {
            let Some(table) = self.tables.get_mut(*table) else {
                let why = "no table has that number";
                return Err(ArchiveError::Field { field: "table", value: table.to_string(), why });
            };
            self.index.frame(number, &table.nom, table.file.temp.len(), frame);
            table.file.push(frame)?;
        }
        if self.index.rows.len() >= INDEX_BYTES { self.flush_index() } else { Ok(()) }
    }

    /// Adds a table that is not cut.
    pub fn whole(&mut self, nom: &str, contenu: &[u8]) -> Result<(), ArchiveError> {
        self.check_name(nom)?;
        let file = self.single(contenu)?;
        self.wholes.push((Some(nom.to_owned()), file));
        Ok(())
    }

    /// Adds an object that is no table: the manifest, the rules.
    pub fn object(&mut self, contenu: &[u8]) -> Result<ObjectRef, ArchiveError> {
        let (object, temp) = self.single(contenu)?.finish()?;
        self.wholes.push((None, Growing { temp, contenu: object.contenu }));
        Ok(object)
    }

    fn single(&self, contenu: &[u8]) -> Result<Growing, ArchiveError> {
        let mut file = Growing { temp: Temp::create(&self.root)?, contenu: 0 };
        file.push(&frame(contenu)?)?;
        Ok(file)
    }

    fn flush_index(&mut self) -> Result<(), ArchiveError> {
        let frame = frame(self.index.rows.as_bytes())?;
        self.index.rows.clear();
        self.index_file.push(&frame)
    }

    /// The index, the tables, and every file with its digest, still under temporary names.
    #[expect(clippy::type_complexity, reason = "three lists, taken apart at once by the writer")]
    pub(super) fn finish(
        mut self,
    ) -> Result<(ObjectRef, Tables, Vec<(String, Temp)>), ArchiveError> {
        if self.index.has_twice() {
            return Err(ArchiveError::AgentTwice);
        }
        self.flush_index()?;
        let mut tables = Tables::new();
        let mut files = Vec::new();
        let cut = self.tables.into_iter().map(|table| (Some(table.nom), table.file));
        for (nom, file) in cut.chain(self.wholes) {
            let (object, temp) = file.finish()?;
            files.push((object.empreinte.clone(), temp));
            if let Some(nom) = nom {
                tables.insert(nom, object);
            }
        }
        let (index, temp) = self.index_file.finish()?;
        files.push((index.empreinte.clone(), temp));
        Ok((index, tables, files))
    }

    /// A new name, that every system accepts as a file.
    fn check_name(&self, nom: &str) -> Result<(), ArchiveError> {
        let cut = self.tables.iter().map(|table| table.nom.as_str());
        let whole = self.wholes.iter().filter_map(|(nom, _)| nom.as_deref());
        let letters = nom.bytes().all(|b| b.is_ascii_lowercase() || b"0123456789_-./".contains(&b));
        let parts = nom.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
        let why = match () {
            () if !letters || !parts => "small letters, digits, `_`, `-`, `.`, `/`",
            () if cut.chain(whole).any(|known| known == nom) => "the run has this table already",
            () => return Ok(()),
        };
        Err(ArchiveError::Field { field: "table", value: nom.to_owned(), why })
    }
}
