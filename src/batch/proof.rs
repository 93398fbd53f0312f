//! A copy of an archive proven by using it: restored in a scratch folder beside, read whole.
//!
//! May import: `archive` and below. Must not know: arguments, terminals, the clock.

use std::fs;
use std::path::{Path, PathBuf};

use crate::archive::{Archive, ArchiveError, Copied, Entry, Report, restaure, sauvegarde};

use super::replay::entries;
use super::run::RunError;
use super::verify::verify;

/// What a backup did.
pub struct Saved {
    /// What was copied.
    pub copied: Copied,
    /// The restored copy, read whole; damage means that the copy is worth nothing.
    pub report: Report,
}

/// A folder that goes away, with what a killed proof left in it.
struct Scratch(PathBuf);

impl Scratch {
    /// Beside the copy, on its disk: the archive is not read in its place.
    fn beside(vers: &Path) -> Result<Self, ArchiveError> {
        let name = vers.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let path = vers.with_file_name(format!(".{name}.preuve-en-cours"));
        let scratch = Self(path);
        scratch.clear().map_err(|cause| ArchiveError::Refused {
            action: "remove",
            path: scratch.0.clone(),
            cause,
        })?;
        Ok(scratch)
    }

    fn clear(&self) -> std::io::Result<()> {
        if self.0.exists() { fs::remove_dir_all(&self.0) } else { Ok(()) }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is only room lost: the next proof clears it.
        let _ = self.clear();
    }
}

/// Brings the copy at `vers` up to date, then proves it: it is restored beside, every byte of what
/// was restored is read, and `replay` computes the run of [`to_prove`] again from there.
///
/// `progress` is told the bytes read and to read; what `replay` gives is given back, unless the
/// copy is damaged or the archive has no run. Errors: of the archive, of the copy.
pub fn save<T>(
    archive: &Archive,
    vers: &Path,
    threads: Option<usize>,
    progress: &(dyn Fn(u64, u64) + Sync),
    replay: impl FnOnce(&Archive, &Entry) -> T,
) -> Result<(Saved, Option<T>), RunError> {
    let copied = sauvegarde(archive, vers)?;
    let scratch = Scratch::beside(vers)?;
    let restored = scratch.0.join("archive");
    fs::create_dir_all(&scratch.0).map_err(|cause| {
        let path = scratch.0.clone();
        ArchiveError::Refused { action: "create", path, cause }
    })?;
    restaure(vers, &restored)?;
    let report = verify(&restored, threads, progress)?;
    let replayed = if report.damages.is_empty() {
        let restored = Archive::open(&restored)?;
        to_prove(&restored).map(|entry| replay(&restored, entry))
    } else {
        None
    };
    Ok((Saved { copied, report }, replayed))
}

/// The run that a proof computes again: of the last closed month, else the last one.
pub fn to_prove(archive: &Archive) -> Option<&Entry> {
    let closed = entries(archive, |_| true, true).pop();
    closed.or_else(|| archive.journal().iter().rev().find(|entry| entry.calcul().is_some()))
}
