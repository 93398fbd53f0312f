//! The only writer: holds the lock, adds entries.
//!
//! May import: nothing. Must not know: what objects hold.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use super::deposit::Deposit;
use super::disk;
use super::error::{ArchiveError, Damage, Kind, refused};
use super::event::{Calcul, Entry, Event};
use super::folder::Archive;
use super::layout::{
    HEAD_FILE, LOCK_FILE, NO_DIGEST, OBJECTS, PENDING, entry_name, head_text, object_name,
    object_path,
};
use super::state::check_signature;
use super::verify::{Leftover, Plan};

/// Who does it, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// When, RFC 3339.
    pub quand: String,
    /// Who.
    pub qui: String,
}

/// The archive, locked against other writers until this goes away, even killed.
#[derive(Debug)]
pub struct Writer {
    archive: Archive,
    /// An entry failed half way: what the disk says is what counts.
    stale: bool,
    _lock: File,
}

impl Writer {
    pub(super) fn lock(root: PathBuf) -> Result<Self, ArchiveError> {
        let path = root.join(LOCK_FILE);
        let opened = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let lock = opened.map_err(refused("lock", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ArchiveError::Busy(root)),
            Err(TryLockError::Error(cause)) => return Err(refused("lock", &path)(cause)),
        }
        for folder in [PENDING, OBJECTS] {
            // Copies made by other tools may lack empty folders.
            if !disk::is_folder(&root.join(folder)) {
                disk::make_folder(&root.join(folder))?;
            }
        }
        disk::sweep(&root)?;
        let writer = Self { archive: Archive::open(&root)?, stale: false, _lock: lock };
        if !writer.archive.head_is_last {
            writer.write_head()?;
        }
        Ok(writer)
    }

    /// The archive, with the entries added since.
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// Gives the lock back.
    pub fn unlock(self) -> Archive {
        self.archive
    }

    /// Starts the tables of a run. Dropped, it leaves nothing; several can be open.
    pub fn deposit(&self) -> Result<Deposit, ArchiveError> {
        Deposit::start(self.archive.root().to_owned())
    }

    /// Puts the tables of a run in their place, then its entry: from there on, it is archived.
    /// `calcul` is given the index and the tables.
    pub fn commit(
        &mut self,
        deposit: Deposit,
        signature: &Signature,
        calcul: impl FnOnce(super::ObjectRef, super::deposit::Tables) -> Calcul,
    ) -> Result<Entry, ArchiveError> {
        self.refresh()?;
        let (index, tables, files) = deposit.finish()?;
        let event = Event::Calcul(Box::new(calcul(index, tables)));
        // Before the objects: what is refused leaves no trace.
        self.check(&event, signature)?;
        for (digest, temp) in files {
            let target = object_path(self.archive.root(), &digest);
            if let Some(folder) = target.parent().filter(|folder| !disk::is_folder(folder)) {
                disk::make_folder(folder)?;
            }
            temp.place(&target)?;
        }
        self.append(event, signature)
    }

    /// Adds an entry. A run is refused unless its objects are there: use [`Writer::commit`].
    pub fn append(&mut self, event: Event, signature: &Signature) -> Result<Entry, ArchiveError> {
        self.refresh()?;
        self.check(&event, signature)?;
        if let Event::Calcul(calcul) = &event {
            self.all_there(calcul)?;
        }
        let last = self.archive.journal().last();
        let entry = Entry {
            numero: last.map_or(1, |last| last.numero + 1),
            precedent: last.map_or(NO_DIGEST, |last| &last.empreinte).to_owned(),
            empreinte: String::new(),
            quand: signature.quand.clone(),
            qui: signature.qui.clone(),
            evenement: event,
        };
        let mut text = serde_json::to_string_pretty(&entry).map_err(|_| ArchiveError::Field {
            field: "evenement",
            value: entry.evenement.mois().to_owned(),
            why: "cannot be written as JSON",
        })?;
        text.push('\n');
        let empreinte = blake3::hash(text.as_bytes()).to_hex().to_string();
        self.write_entry(Entry { empreinte, ..entry }, text.as_bytes())
    }

    /// Removes the intact objects that no entry uses, which runs that were killed left; gives them.
    pub fn purge(&mut self) -> Result<Vec<Leftover>, ArchiveError> {
        // The journal is proven first, to its end: an object whose entry is lost is never removed.
        self.archive = Archive::open(self.archive.root())?;
        let plan = Plan::of(self.archive.root())?;
        let unused: Vec<Leftover> =
            plan.unused().filter_map(|check| check.run().leftover).collect();
        for leftover in &unused {
            disk::remove(&self.archive.root().join(&leftover.file))?;
        }
        Ok(unused)
    }

    /// Writes the file of an entry that follows the last one, then `TETE`.
    pub(super) fn write_entry(
        &mut self,
        entry: Entry,
        bytes: &[u8],
    ) -> Result<Entry, ArchiveError> {
        let root = self.archive.root().to_owned();
        self.stale = true;
        let target = root.join(entry_name(entry.numero, &entry.empreinte));
        disk::write_file(&root, &target, bytes)?;
        self.archive.push(entry.clone());
        self.write_head()?;
        self.stale = false;
        Ok(entry)
    }

    fn write_head(&self) -> Result<(), ArchiveError> {
        let root = self.archive.root();
        let last = self.archive.journal().last();
        let head = last.map_or_else(
            || head_text(0, NO_DIGEST),
            |last| head_text(last.numero, &last.empreinte),
        );
        disk::write_file(root, &root.join(HEAD_FILE), head.as_bytes())
    }

    fn check(&self, event: &Event, signature: &Signature) -> Result<(), ArchiveError> {
        check_signature(&signature.quand, &signature.qui)?;
        self.archive.states().check(event)
    }

    /// Reads the journal again after a failure: the entry may be there.
    fn refresh(&mut self) -> Result<(), ArchiveError> {
        if self.stale {
            self.archive = Archive::open(self.archive.root())?;
            if !self.archive.head_is_last {
                self.write_head()?;
            }
            self.stale = false;
        }
        Ok(())
    }

    /// Every object of a run is in its place, with its size.
    fn all_there(&self, calcul: &Calcul) -> Result<(), ArchiveError> {
        for (nom, object) in calcul.objects() {
            let path: &Path = &object_path(self.archive.root(), &object.empreinte);
            if disk::file_len(path) != Some(object.octets) {
                let name = object_name(&object.empreinte);
                let damage = Damage {
                    months: vec![calcul.mois.clone()],
                    table: Some(nom.to_owned()),
                    ..Damage::of(name, Kind::Missing, 0)
                };
                return Err(self.archive.damaged(damage));
            }
        }
        Ok(())
    }
}
