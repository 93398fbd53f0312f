//! `elements.csv` replaced whole: written beside, flushed, renamed. Killed at any point, the file
//! is as before or as after.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::domain::PoolFile;
use crate::io::columns;

/// Who holds this file, held as long as the value lives, writes; it stays in the folder.
const VERROU: &str = ".elements.csv.verrou";
/// How the names of files that are being written begin.
const EN_COURS: &str = ".elements.csv.en-cours-";

/// Where the elements of a pool are.
#[derive(Debug)]
pub(super) struct Place {
    dossier: PathBuf,
}

/// The right to write, given back when dropped.
pub(super) struct Verrou(#[expect(dead_code, reason = "held for its lock")] File);

impl Place {
    pub(super) fn new(dossier: &Path) -> Self {
        Self { dossier: dossier.to_owned() }
    }

    /// Waits for the right to write, which no other process has then.
    pub(super) fn verrouiller(&self) -> io::Result<Verrou> {
        let path = self.dossier.join(VERROU);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        file.lock()?;
        Ok(Verrou(file))
    }

    /// Removes what a killed process left beside the file.
    pub(super) fn nettoyer(&self, _: &Verrou) -> io::Result<()> {
        for entry in fs::read_dir(self.beside(&self.target()))? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(EN_COURS) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// The bytes of the file; none: the pool has none yet.
    pub(super) fn lire(&self) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.path()) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts `bytes` in the place of the file, if it still is `before`. False: another program
    /// wrote it meanwhile, and nothing was changed.
    pub(super) fn remplacer(
        &self,
        _: &Verrou,
        before: Option<&[u8]>,
        bytes: &[u8],
    ) -> io::Result<bool> {
        let path = self.target();
        let mut name = OsString::from(EN_COURS);
        name.push(std::process::id().to_string());
        let waiting = self.beside(&path).join(name);
        let written = ecrire(&waiting, &path, bytes);
        let placed = written.and_then(|()| {
            if self.lire()?.as_deref() != before {
                return Ok(false);
            }
            fs::rename(&waiting, &path)?;
            Ok(true)
        });
        if !matches!(placed, Ok(true)) {
            let _ = fs::remove_file(&waiting);
        }
        if matches!(placed, Ok(true)) {
            // The name is on the disk as well, or the rename may be lost with the power.
            File::open(self.beside(&path))?.sync_all()?;
        }
        placed
    }

    /// The file itself: through a link, it is replaced and the link stays.
    fn target(&self) -> PathBuf {
        fs::canonicalize(self.path()).unwrap_or_else(|_| self.path())
    }

    /// The folder where a file waits to be renamed.
    fn beside<'p>(&'p self, path: &'p Path) -> &'p Path {
        path.parent().unwrap_or(&self.dossier)
    }

    fn path(&self) -> PathBuf {
        self.dossier.join(PoolFile::Elements.name())
    }
}

/// Writes the waiting file with the rights of the one it replaces.
fn ecrire(waiting: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(waiting)?;
    file.write_all(bytes)?;
    match fs::metadata(path) {
        Ok(data) => file.set_permissions(data.permissions())?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    file.sync_all()
}

/// Adds a cell to a row, quoted when it must be.
pub(super) fn cellule(row: &mut String, cell: &str, delimiter: u8) {
    let quoted = cell.bytes().any(|byte| byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r'));
    if quoted {
        row.push('"');
        row.push_str(&cell.replace('"', "\"\""));
        row.push('"');
    } else {
        row.push_str(cell);
    }
}

/// The header of a file that does not exist yet.
pub(super) fn titres() -> Vec<u8> {
    let names: Vec<&str> = columns(PoolFile::Elements).iter().map(|column| column.name).collect();
    format!("{}\n", names.join(",")).into_bytes()
}
