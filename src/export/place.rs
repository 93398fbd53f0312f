//! The files of a month: written beside their places, and put there together.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::parquet_file::ParquetFile;
use super::rows::Rows;
use super::schema::Column;
use super::{ExportError, Forme, Table};
use crate::calendar::PayPeriod;

/// The export of one month. Dropped before [`MonthExport::finish`], it leaves nothing.
pub struct MonthExport {
    vers: PathBuf,
    mois: PayPeriod,
    forme: Forme,
    replace: bool,
    footer: Vec<(String, String)>,
    beside: Vec<Beside>,
}

/// A file that waits beside its place.
struct Beside {
    waiting: PathBuf,
    written: Written,
    placed: bool,
}

/// What was written of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The table.
    pub table: String,
    /// The file.
    pub path: PathBuf,
    /// Rows, without the header.
    pub lignes: u64,
    /// Size of the file, in bytes.
    pub octets: u64,
}

fn refused(path: &Path) -> impl FnOnce(io::Error) -> ExportError {
    let path = path.to_owned();
    |cause| ExportError::Write { path, cause }
}

impl MonthExport {
    /// Prepares the files of `mois` under the folder `vers`. `footer` is what each Parquet file
    /// says of its origin; its keys begin with `paie.`. `replace` allows files to be replaced.
    pub fn new(
        vers: &Path,
        mois: PayPeriod,
        forme: Forme,
        replace: bool,
        footer: Vec<(String, String)>,
    ) -> Self {
        Self { vers: vers.to_owned(), mois, forme, replace, footer, beside: Vec::new() }
    }

    /// Where the file of a table goes: `DIR/lignes/mois=2026-10/lignes.parquet`.
    pub fn path(&self, table: &str) -> PathBuf {
        let file = format!("{table}.{}", self.forme.extension());
        self.vers.join(table).join(format!("mois={}", self.mois)).join(file)
    }

    /// Says now what [`MonthExport::write`] would say later. Error: the file is already there.
    pub fn may_write(&self, table: &str) -> Result<(), ExportError> {
        let path = self.path(table);
        if !self.replace && path.exists() { Err(ExportError::Exists(path)) } else { Ok(()) }
    }

    /// Writes a table beside its place. Errors: the source, a row, or the system.
    pub fn write(&mut self, table: Table<'_>) -> Result<(), ExportError> {
        self.may_write(table.nom)?;
        let path = self.path(table.nom);
        let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
        fs::create_dir_all(&folder).map_err(refused(&folder))?;
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let prefix = format!(".{name}.en-cours-");
        sweep(&folder, &prefix);
        let waiting = folder.join(format!("{prefix}{}", std::process::id()));
        let written = Written { table: table.nom.to_owned(), path, lignes: 0, octets: 0 };
        let mut beside = Beside { waiting, written, placed: false };
        let mut file = File::create(&beside.waiting).map_err(refused(&beside.waiting))?;
        let path = &beside.written.path;
        beside.written.lignes = match self.forme {
            Forme::Parquet => self.parquet(table, &mut file, path)?,
            Forme::Csv => self.csv(table, &mut file, path)?,
        };
        // On disk before it has its name: a machine that stops leaves no empty file.
        file.sync_all().map_err(refused(path))?;
        beside.written.octets = file.metadata().map_err(refused(path))?.len();
        self.beside.push(beside);
        Ok(())
    }

    /// Puts every file in its place. Errors: one is already there, or the system refused; files
    /// that have their place already are whole.
    pub fn finish(mut self) -> Result<Vec<Written>, ExportError> {
        for beside in &self.beside {
            self.may_write(&beside.written.table)?;
        }
        let mut all = Vec::with_capacity(self.beside.len());
        for beside in &mut self.beside {
            let path = &beside.written.path;
            fs::rename(&beside.waiting, path).map_err(refused(path))?;
            beside.placed = true;
            all.push(beside.written.clone());
        }
        Ok(all)
    }

    fn parquet(&self, table: Table<'_>, file: &mut File, path: &Path) -> Result<u64, ExportError> {
        let nom = table.nom.to_owned();
        let mut rows = Rows::open(table, self.mois.to_string())?;
        let mut footer = self.footer.clone();
        footer.push(("paie.table".to_owned(), nom.clone()));
        footer.push(("paie.mois".to_owned(), self.mois.to_string()));
        footer.push(("paie.colonnes".to_owned(), senses(rows.columns())));
        let mut out =
            ParquetFile::start(file, &nom, rows.columns(), &footer).map_err(refused(path))?;
        let mut lignes = 0;
        while rows.next(|at, cell| out.put(at, cell))? {
            out.end_row().map_err(refused(path))?;
            lignes += 1;
        }
        out.finish().map_err(refused(path))?;
        Ok(lignes)
    }

    fn csv(&self, table: Table<'_>, file: &mut File, path: &Path) -> Result<u64, ExportError> {
        let Table { nom, fichier, reader } = table;
        let mut copy = Copy { reader, file, refused: None };
        let table = Table { nom, fichier, reader: &mut copy };
        let mut lignes = 0;
        let counted = Rows::open(table, self.mois.to_string()).and_then(|mut rows| {
            while rows.next(|_, _| {})? {
                lignes += 1;
            }
            Ok(lignes)
        });
        match copy.refused {
            Some(cause) => Err(refused(path)(cause)),
            None => counted,
        }
    }
}

/// What is read is written too, as it stands.
struct Copy<'a> {
    reader: &'a mut dyn Read,
    file: &'a mut File,
    refused: Option<io::Error>,
}

impl Read for Copy<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.reader.read(buffer)?;
        if let Err(cause) = self.file.write_all(buffer.get(..size).unwrap_or_default()) {
            let kind = cause.kind();
            self.refused = Some(cause);
            return Err(kind.into());
        }
        Ok(size)
    }
}

/// What each column means, as JSON: the names are those of the file.
fn senses(columns: &[Column]) -> String {
    let pairs = columns.iter().map(|column| (column.name.clone(), column.sense.into()));
    serde_json::Value::Object(pairs.collect()).to_string()
}

impl Drop for Beside {
    fn drop(&mut self) {
        if self.placed {
            return;
        }
        // Nothing partial stays; a failure here leaves a hidden file that no reader opens. A
        // folder goes only when it is empty.
        let _ = fs::remove_file(&self.waiting);
        for folder in self.waiting.ancestors().skip(1).take(2) {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Removes what killed exports left beside the file. A file whose process may still run stays;
/// where the system does not list processes, nothing is touched.
fn sweep(folder: &Path, prefix: &str) {
    let processes = Path::new("/proc");
    let Ok(entries) = fs::read_dir(folder) else { return };
    if !processes.join("self").exists() {
        return;
    }
    for entry in entries.flatten() {
        let name = entry.file_name();
        let process = name.to_str().and_then(|name| name.strip_prefix(prefix));
        let process = process.filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
        if process.is_some_and(|number| !processes.join(number).exists()) {
            // What cannot be removed is only room lost.
            let _ = fs::remove_file(entry.path());
        }
    }
}
