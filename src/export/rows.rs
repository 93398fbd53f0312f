//! Rows of a table: read one by one, each cell as its column announces it.

use std::io::{self, Read};

use csv::ByteRecord;

use super::schema::{Column, Type, column, columns};
use super::{ExportError, Table};
use crate::limits::{EXPORT_READ_BYTES, EXPORT_ROW_BYTES};
use crate::num::Fixed;

/// The most characters of a value that a message shows.
const SHOWN: usize = 40;

/// A cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    /// Nothing.
    Null,
    /// Text that is not empty.
    Text(&'a str),
    /// A number without its point: cents of an amount.
    Number(i64),
}

/// A table being read.
pub(super) struct Rows<'a> {
    reader: csv::Reader<Bounded<'a>>,
    fichier: String,
    mois: String,
    columns: Vec<Column>,
    record: ByteRecord,
}

impl<'a> Rows<'a> {
    /// Reads the header. Errors: it cannot be read, or misses a column of the table.
    pub(super) fn open(table: Table<'a>, mois: String) -> Result<Self, ExportError> {
        let Table { nom, fichier, reader } = table;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(EXPORT_READ_BYTES)
            .from_reader(Bounded { reader, left: EXPORT_ROW_BYTES });
        let mut record = ByteRecord::new();
        match reader.read_byte_record(&mut record) {
            Ok(_) => {}
            Err(cause) => return Err(unreadable(&fichier, cause)),
        }
        let columns = match header(nom, &record) {
            Ok(columns) => columns,
            Err(message) => return Err(ExportError::Header { fichier, message }),
        };
        Ok(Self { reader, fichier, mois, columns, record })
    }

    /// The columns, in the order of the header.
    pub(super) fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Reads a row and gives its cells to `put`, with the place of their column. `false` at the
    /// end. Errors: a row that is not one of this table, what the source says.
    pub(super) fn next(
        &mut self,
        mut put: impl FnMut(usize, Cell<'_>),
    ) -> Result<bool, ExportError> {
        self.reader.get_mut().left = EXPORT_ROW_BYTES;
        let ligne = self.reader.position().line();
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(_) if self.reader.get_ref().left == 0 => {
                let message = "a quote is opened and not closed".to_owned();
                return Err(ExportError::Row { fichier: self.fichier.clone(), ligne, message });
            }
            Err(cause) => return Err(unreadable(&self.fichier, cause)),
        }
        if self.record.len() != self.columns.len() {
            let (found, expected) = (self.record.len(), self.columns.len());
            return Err(self.wrong(format!("{found} cells, where the header has {expected}")));
        }
        for (at, (bytes, column)) in self.record.iter().zip(&self.columns).enumerate() {
            match cell(bytes, column.kind, &self.mois) {
                Ok(cell) => put(at, cell),
                Err(why) => {
                    let name = &column.name;
                    return Err(self.wrong(format!("`{name}` is {}: {why}", shown(bytes))));
                }
            }
        }
        Ok(true)
    }

    fn wrong(&self, message: String) -> ExportError {
        let ligne = self.record.position().map_or(0, csv::Position::line);
        ExportError::Row { fichier: self.fichier.clone(), ligne, message }
    }
}

/// A source that stops inside a row that never ends, so that memory stays bounded.
struct Bounded<'a> {
    reader: &'a mut dyn Read,
    /// Bytes that the row being read may still take.
    left: usize,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let wanted = buffer.len().min(self.left);
        let size = self.reader.read(buffer.get_mut(..wanted).unwrap_or_default())?;
        self.left = self.left.saturating_sub(size);
        Ok(size)
    }
}

/// The columns that a header row names.
fn header(table: &str, record: &ByteRecord) -> Result<Vec<Column>, String> {
    let mut found: Vec<Column> = Vec::with_capacity(record.len());
    for name in record {
        let name = std::str::from_utf8(name).map_err(|_| "the header is not UTF-8".to_owned())?;
        if name.is_empty() {
            return Err("the header has a column without a name".to_owned());
        }
        if found.iter().any(|column| column.name == name) {
            return Err(format!("the column `{name}` appears twice"));
        }
        found.push(column(table, name));
    }
    let missing = columns(table).find(|known| !found.contains(known));
    match missing {
        Some(missing) => Err(format!("the column `{}` of `{table}` is missing", missing.name)),
        None if found.is_empty() => Err("the header is missing".to_owned()),
        None => Ok(found),
    }
}

/// A cell read as its column announces it. Errors: why it is not such a cell.
fn cell<'b>(bytes: &'b [u8], kind: Type, mois: &str) -> Result<Cell<'b>, String> {
    if bytes.is_empty() && kind != Type::Month {
        return Ok(Cell::Null);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    match kind {
        Type::Text => Ok(Cell::Text(text)),
        Type::Decimal(precision, scale) => {
            let scaled = Fixed::parse(text).and_then(|value| value.at_scale(scale));
            let scaled = scaled.map_err(|why| why.to_string())?;
            if scaled.unsigned_abs() >= 10_u64.pow(u32::from(precision)) {
                return Err(format!("more than {precision} digits"));
            }
            Ok(Cell::Number(scaled))
        }
        Type::Integer => text.parse().map(Cell::Number).map_err(|_| "not a whole number".into()),
        Type::Month if text == mois => Ok(Cell::Null),
        Type::Month => Err(format!("the month of the folder is {mois}")),
    }
}

/// A value in a message, cut when it is long; the bytes that are no text are marked.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut short: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        short.push('…');
    }
    format!("`{}`", short.escape_debug())
}

fn unreadable(fichier: &str, cause: csv::Error) -> ExportError {
    let cause = match cause.into_kind() {
        csv::ErrorKind::Io(cause) => cause,
        other => std::io::Error::other(format!("{other:?}")),
    };
    ExportError::Read { fichier: fichier.to_owned(), cause }
}
