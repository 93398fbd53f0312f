//! Tables of a month for other tools: Parquet with typed columns, or the CSV as it stands.
//!
//! May import: `io` (the words of the data dictionary) and below. Must not know: which program
//! wrote a table, where it was kept, arguments. A table is a name and a stream of CSV: rows go
//! through once and only a row group is held, whatever the size of the month.
//!
//! Amounts go from decimal text to an integer of cents; no binary float is on the way. The layout
//! is the one that query engines know as Hive: `DIR/lignes/mois=2026-10/lignes.parquet`. The month
//! is the name of the folder and no column of the Parquet file: a column of both places is refused
//! by some readers.

mod parquet_file;
mod place;
mod rows;
mod schema;

use std::io::{self, Read};
use std::path::PathBuf;

pub use place::{MonthExport, Written};
pub use schema::{Column, Type, column, columns, dictionary, kept_tables, tables};

/// The form of the files written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forme {
    /// Typed columns, zstd.
    Parquet,
    /// The CSV as it was read, byte for byte; its rows are checked all the same.
    Csv,
}

impl Forme {
    /// The extension of files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
        }
    }
}

/// A table to export: CSV with its header row, from whatever keeps it.
pub struct Table<'a> {
    /// Its name, without folder nor extension: `lignes`.
    pub nom: &'a str,
    /// What findings call it: a path, or a place in an archive.
    pub fichier: String,
    /// The CSV, header first, comma separated. Read once, to its end.
    pub reader: &'a mut dyn Read,
}

/// Why a table could not be exported. Nothing that was there before has changed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file of the export is already there.
    #[error("`{0}` already exists; it stays untouched")]
    Exists(PathBuf),
    /// The source cannot be read.
    #[error("cannot read `{fichier}`: {cause}")]
    Read {
        /// The source.
        fichier: String,
        /// What the system said.
        cause: io::Error,
    },
    /// The header is not that of the table.
    #[error("{fichier}:1: {message}")]
    Header {
        /// The source.
        fichier: String,
        /// What is wrong.
        message: String,
    },
    /// A row does not hold what its columns announce.
    #[error("{fichier}:{ligne}: {message}")]
    Row {
        /// The source.
        fichier: String,
        /// The line of the row, the header being line 1.
        ligne: u64,
        /// The column, the value and what was expected.
        message: String,
    },
    /// The system refused.
    #[error("cannot write `{path}`: {cause}")]
    Write {
        /// The path.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}
