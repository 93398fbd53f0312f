//! Copies of an archive that are archives: what is missing is added, objects first.
//!
//! May import: nothing. Must not know: where copies are sent, or when.

use std::fs;
use std::path::{Path, PathBuf};

use super::disk::{self, Temp};
use super::error::{ArchiveError, Damage, Kind, refused};
use super::event::{Entry, ObjectRef};
use super::folder::Archive;
use super::layout::{entry_name, object_name, object_path};
use super::verify::Check;
use super::writer::Writer;

/// What a copy did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Objects copied.
    pub objects: u64,
    /// Bytes of those objects.
    pub octets: u64,
    /// Entries added to the journal.
    pub entries: u64,
    /// Objects that were there already.
    pub present: u64,
}

/// Brings the copy at `vers` up to date with an archive, or makes it. Every byte is proven on its
/// way. Interrupted at any point, the copy is an archive, and the next call goes on.
pub fn sauvegarde(archive: &Archive, vers: &Path) -> Result<Copied, ArchiveError> {
    apart(archive.root(), vers)?;
    let copy = match Archive::open(vers) {
        Ok(copy) => copy,
        Err(ArchiveError::NotAnArchive(_)) => {
            if let Some(parent) = vers.parent() {
                fs::create_dir_all(parent).map_err(refused("create", parent))?;
            }
            Archive::create(vers)?
        }
        Err(cause) => return Err(cause),
    };
    let mut writer = copy.lock()?;
    same_start(archive, writer.archive())?;
    let mut copied = Copied::default();
    for object in archive.objects().into_values() {
        copy_object(archive, vers, object, &mut copied)?;
    }
    let from = writer.archive().journal().len();
    for entry in archive.journal().iter().skip(from) {
        copy_entry(archive, &mut writer, entry)?;
        copied.entries += 1;
    }
    Ok(copied)
}

/// Makes an archive at `vers` from a copy of it. `vers` must not exist, or be empty; it appears
/// whole or not at all. Interrupted, the next call goes on.
pub fn restaure(depuis: &Path, vers: &Path) -> Result<Copied, ArchiveError> {
    if !disk::is_vacant(vers)? {
        return Err(ArchiveError::NotEmpty(vers.to_owned()));
    }
    let archive = Archive::open(depuis)?;
    apart(depuis, vers)?;
    let name = vers.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let beside = vers.with_file_name(format!(".{name}.restauration"));
    let copied = sauvegarde(&archive, &beside)?;
    disk::place_folder(&beside, vers)?;
    Ok(copied)
}

/// Neither folder holds the other.
fn apart(source: &Path, target: &Path) -> Result<(), ArchiveError> {
    let (one, other) = (real(source), real(target));
    if one.starts_with(&other) || other.starts_with(&one) {
        return Err(ArchiveError::Inside(target.to_owned()));
    }
    Ok(())
}

/// The path without links, as far as it exists.
fn real(path: &Path) -> PathBuf {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for parent in full.ancestors() {
        if let Ok(real) = parent.canonicalize() {
            return real.join(full.strip_prefix(parent).unwrap_or(Path::new("")));
        }
    }
    full
}

/// The entries of the copy are the first ones of the archive.
fn same_start(archive: &Archive, copy: &Archive) -> Result<(), ArchiveError> {
    let differs = copy.journal().iter().find(|entry| {
        archive.entry(entry.numero).is_none_or(|own| own.empreinte != entry.empreinte)
    });
    match differs {
        None => Ok(()),
        Some(entry) => {
            let (path, numero) = (copy.root().to_owned(), entry.numero);
            Err(ArchiveError::Diverged { path, numero })
        }
    }
}

fn copy_object(
    archive: &Archive,
    vers: &Path,
    object: &ObjectRef,
    copied: &mut Copied,
) -> Result<(), ArchiveError> {
    let target = object_path(vers, &object.empreinte);
    if disk::file_len(&target) == Some(object.octets) {
        copied.present += 1;
        return Ok(());
    }
    let source = object_path(archive.root(), &object.empreinte);
    if disk::file_len(&source).is_none() {
        let damage = Damage::of(object_name(&object.empreinte), Kind::Missing, 0);
        return Err(archive.damaged(damage));
    }
    let mut temp = Temp::create(vers)?;
    disk::stream(&source, |piece| temp.write(piece))?;
    if temp.finish()? != object.empreinte {
        let found = Check::object(archive, object).run().into_damages().into_iter().next();
        let whole = || Damage::of(object_name(&object.empreinte), Kind::Altered, object.octets);
        return Err(archive.damaged(found.unwrap_or_else(whole)));
    }
    if let Some(folder) = target.parent().filter(|folder| !disk::is_folder(folder)) {
        disk::make_folder(folder)?;
    }
    temp.place(&target)?;
    copied.objects += 1;
    copied.octets += object.octets;
    Ok(())
}

fn copy_entry(archive: &Archive, writer: &mut Writer, entry: &Entry) -> Result<(), ArchiveError> {
    let name = entry_name(entry.numero, &entry.empreinte);
    let bytes = disk::read_file(&archive.root().join(&name))?;
    let right = bytes.filter(|b| blake3::hash(b).to_hex().as_str() == entry.empreinte);
    let Some(bytes) = right else {
        return Err(archive.damaged(Damage::of(name, Kind::Altered, 0)));
    };
    writer.write_entry(entry.clone(), &bytes)?;
    Ok(())
}
