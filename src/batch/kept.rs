//! The month of an archive as one result: for each employer, the rows of its last run.
//!
//! A month computed once is one run, given as it stands. When some employers were computed again,
//! rows come from several runs: those of an employer from its last one, those of an agent without
//! employer from the last run that holds the agent. Columns of facts may differ from a run to the
//! next: they are brought together by name.
//!
//! May import: `archive` and below. Must not know: who asks, what is made of the rows.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{self, Read};
use std::sync::Arc;

use crate::archive::{Archive, ArchiveError, Entry, Stored};
use crate::calendar::PayPeriod;

use super::history::HistoryError;

/// A month of an archive.
pub struct KeptMonth {
    mois: PayPeriod,
    /// In the order of the journal.
    runs: Vec<Arc<Run>>,
}

/// A run that is the last one of some employers.
struct Run {
    stored: Stored,
    sirets: HashSet<String>,
}

impl KeptMonth {
    /// The runs of a month that are the last of some employer; none when there is no run.
    pub fn open(archive: &Archive, mois: PayPeriod) -> Result<Self, ArchiveError> {
        let mut last: BTreeMap<u64, (&Entry, HashSet<String>)> = BTreeMap::new();
        for (siret, _) in archive.employers(mois) {
            if let Some(entry) = archive.calcul(mois, siret) {
                let of_run = last.entry(entry.numero).or_insert_with(|| (entry, HashSet::new()));
                of_run.1.insert(siret.to_owned());
            }
        }
        let open = |(entry, sirets)| {
            let stored = Stored::open(archive, entry)?;
            Ok::<_, ArchiveError>(Arc::new(Run { stored, sirets }))
        };
        let runs = last.into_values().map(open).collect::<Result<_, _>>()?;
        Ok(Self { mois, runs })
    }

    /// The month.
    pub fn mois(&self) -> PayPeriod {
        self.mois
    }

    /// The runs, in the order of the journal.
    pub fn runs(&self) -> impl ExactSizeIterator<Item = &Stored> {
        self.runs.iter().map(|run| &run.stored)
    }

    /// The names of the tables, in alphabetical order: `bulletins.csv`, `faits/agents.csv`…
    pub fn tables(&self) -> BTreeSet<&str> {
        self.runs().flat_map(|stored| stored.calcul().tables.keys()).map(String::as_str).collect()
    }

    /// A table as one CSV, header first, comma separated. Errors: no run has it, or the archive
    /// cannot be read.
    pub fn table(&self, nom: &str) -> Result<KeptTable, ArchiveError> {
        let mut parts = Vec::new();
        for (at, run) in self.runs.iter().enumerate() {
            if run.stored.calcul().tables.contains_key(nom) {
                let later = self.runs.get(at + 1..).unwrap_or_default().to_vec();
                parts.push(Part::open(Arc::clone(run), later, nom)?);
            }
        }
        if parts.is_empty() {
            let (mois, name) = (self.mois.to_string(), nom.to_owned());
            return Err(ArchiveError::NoSuch { mois, what: "table", name });
        }
        let mut columns: Vec<String> = Vec::new();
        for name in parts.iter().flat_map(|part| &part.columns) {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        let alone = self.runs.len() == 1;
        for part in &mut parts {
            part.plain = alone && part.separator == b',';
            let place = |name: &String| part.columns.iter().position(|own| own == name);
            part.places = columns.iter().map(place).collect();
        }
        let mut header = row_of(columns.iter().map(String::as_bytes));
        if let Some(first) = parts.first().filter(|part| part.plain) {
            header.clone_from(&first.header);
        }
        Ok(KeptTable { parts, part: 0, block: 0, buffer: header, at: 0 })
    }

    /// Reads some columns of a table, row after row. Errors: as [`KeptMonth::table`]; a column is
    /// missing, a row is not one.
    pub fn rows<const N: usize>(
        &self,
        nom: &str,
        columns: [&str; N],
        mut each: impl FnMut([&str; N]),
    ) -> Result<(), HistoryError> {
        let wrong =
            |what: String| HistoryError::Table { mois: self.mois, table: nom.to_owned(), what };
        let mut reader = csv::Reader::from_reader(self.table(nom)?);
        let header = reader.headers().map_err(|cause| wrong(cause.to_string()))?.clone();
        let mut places = [0; N];
        for (place, name) in places.iter_mut().zip(columns) {
            let found = header.iter().position(|column| column == name);
            *place = found.ok_or_else(|| wrong(format!("the column `{name}` is missing")))?;
        }
        for row in reader.into_records() {
            let row = row.map_err(|cause| wrong(cause.to_string()))?;
            each(places.map(|place| row.get(place).unwrap_or_default()));
        }
        Ok(())
    }
}

/// A table of a month, read block after block, each proven by its digest.
pub struct KeptTable {
    parts: Vec<Part>,
    /// The part and the block that are read next.
    part: usize,
    block: usize,
    buffer: Vec<u8>,
    at: usize,
}

/// What a run gives to a table.
struct Part {
    run: Arc<Run>,
    /// The runs after it: what is theirs is not taken here.
    later: Vec<Arc<Run>>,
    nom: String,
    /// Its number when it is cut in blocks.
    number: Option<usize>,
    header: Vec<u8>,
    columns: Vec<String>,
    separator: u8,
    /// Whether rows are given as they stand.
    plain: bool,
    /// Where each column of the whole table is in this part.
    places: Vec<Option<usize>>,
}

impl Part {
    fn open(run: Arc<Run>, later: Vec<Arc<Run>>, nom: &str) -> Result<Self, ArchiveError> {
        let number = run.stored.table(nom);
        let header = match number {
            Some(number) => run.stored.header(number)?,
            None => split(&run.stored.whole(nom)?).0.to_vec(),
        };
        let text = String::from_utf8_lossy(&header);
        let separator = if text.contains(';') && !text.contains(',') { b';' } else { b',' };
        let names = text.trim_end().split(char::from(separator));
        let columns = names.map(|name| name.trim_matches(['"', ' ']).to_owned()).collect();
        let (nom, places) = (nom.to_owned(), Vec::new());
        Ok(Self { run, later, nom, number, header, columns, separator, plain: false, places })
    }

    /// The rows of a block; none past the last one.
    fn block(&self, block: usize) -> Result<Option<Vec<u8>>, ArchiveError> {
        let stored = &self.run.stored;
        let rows = match self.number {
            Some(number) if block < stored.blocks() => stored.read(number, block)?,
            None if block == 0 => split(&stored.whole(&self.nom)?).1.to_vec(),
            _ => return Ok(None),
        };
        Ok(Some(if self.plain { rows } else { self.kept(&rows) }))
    }

    /// The rows that no later run replaces, with the columns of the whole table.
    fn kept(&self, rows: &[u8]) -> Vec<u8> {
        let place = |name: &str| self.columns.iter().position(|column| column == name);
        let (siret, agent) = (place("siret"), place("agent"));
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.separator)
            .from_reader(rows);
        let mut kept = Vec::with_capacity(rows.len());
        // A row that is no CSV stays out of the count of cells, and is refused by who reads it.
        for row in reader.byte_records().map_while(Result::ok) {
            let cell = |place: Option<usize>| {
                let cell = place.and_then(|place| row.get(place)).unwrap_or_default();
                std::str::from_utf8(cell).unwrap_or_default()
            };
            if self.ours(cell(siret), cell(agent)) {
                let cells = self
                    .places
                    .iter()
                    .map(|place| place.and_then(|place| row.get(place)).unwrap_or_default());
                kept.extend(row_of(cells));
            }
        }
        kept
    }

    fn ours(&self, siret: &str, agent: &str) -> bool {
        match (siret, agent) {
            ("", "") => self.later.is_empty(),
            ("", agent) => self.later.iter().all(|run| run.stored.block_of(agent).is_none()),
            (siret, _) => self.run.sirets.contains(siret),
        }
    }
}

/// A row of CSV.
fn row_of<'a>(cells: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Memory takes any row.
    let _ = writer.write_record(cells);
    writer.into_inner().unwrap_or_default()
}

/// The first line, and what follows it; a mark of order of bytes is left out.
fn split(table: &[u8]) -> (&[u8], &[u8]) {
    let table = table.strip_prefix(b"\xef\xbb\xbf").unwrap_or(table);
    let end = table.iter().position(|byte| *byte == b'\n').map_or(table.len(), |at| at + 1);
    table.split_at_checked(end).unwrap_or((table, b""))
}

impl Read for KeptTable {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.buffer.len() {
            let Some(part) = self.parts.get(self.part) else { return Ok(0) };
            match part.block(self.block).map_err(io::Error::other)? {
                Some(rows) => (self.buffer, self.at, self.block) = (rows, 0, self.block + 1),
                None => (self.part, self.block) = (self.part + 1, 0),
            }
        }
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let size = rest.len().min(out.len());
        for (to, from) in out.iter_mut().zip(rest) {
            *to = *from;
        }
        self.at += size;
        Ok(size)
    }
}
