//! An archive that was opened: its entries, and the state of every month.
//!
//! May import: `calendar`. Must not know: how entries are added.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::disk;
use super::error::{ArchiveError, Damage};
use super::event::{Entry, Event, ObjectRef};
use super::journal;
use super::layout::{
    FORMAT, FORMAT_FILE, HEAD_FILE, JOURNAL, LOCK_FILE, NO_DIGEST, OBJECTS, PENDING, head_text,
};
use super::state::{Etat, States};
use super::writer::Writer;
use crate::calendar::PayPeriod;

/// An archive as it was when it was opened. Reading it takes no lock and changes nothing.
#[derive(Clone, Debug)]
pub struct Archive {
    root: PathBuf,
    entries: Vec<Entry>,
    states: States,
    pub(super) head_is_last: bool,
}

/// The state of a month for an employer, with the entry that gave it.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    /// The state.
    pub etat: Etat,
    /// Who and when; none when the month was never computed.
    pub entry: Option<&'a Entry>,
}

impl Archive {
    /// Opens an archive and proves its journal: digests, numbers, chain, and that every entry could
    /// follow those before it.
    pub fn open(root: impl AsRef<Path>) -> Result<Self, ArchiveError> {
        let root = root.as_ref();
        if let Some(damage) = journal::check_format(root)? {
            return Err(damage.at(root));
        }
        let scan = journal::scan(root)?;
        if let Some(damage) = scan.damages.into_iter().next() {
            return Err(damage.at(root));
        }
        let (entries, states) = (scan.entries, scan.states);
        Ok(Self { root: root.to_owned(), entries, states, head_is_last: scan.head_is_last })
    }

    /// Creates an archive without entries in a folder that is empty or does not exist: then for
    /// this account alone. A creation that was killed is taken up again.
    pub fn create(root: impl AsRef<Path>) -> Result<Self, ArchiveError> {
        let root = root.as_ref();
        if !is_unfinished(root)? {
            return Err(ArchiveError::NotEmpty(root.to_owned()));
        }
        if !root.is_dir() {
            disk::make_private_folder(root)?;
        }
        for folder in [PENDING, JOURNAL, OBJECTS] {
            disk::make_folder(&root.join(folder))?;
        }
        disk::write_file(root, &root.join(HEAD_FILE), head_text(0, NO_DIGEST).as_bytes())?;
        // The last one: without it, there is no archive yet.
        disk::write_file(root, &root.join(FORMAT_FILE), FORMAT.as_bytes())?;
        Self::open(root)
    }

    /// Whether nothing was added since it was opened, as far as its head tells.
    pub fn is_current(&self) -> bool {
        let (numero, empreinte) = self
            .entries
            .last()
            .map_or((0, NO_DIGEST), |last| (last.numero, last.empreinte.as_str()));
        let head = disk::read_file(&self.root.join(HEAD_FILE)).ok().flatten();
        head.is_some_and(|bytes| bytes == head_text(numero, empreinte).as_bytes())
    }

    /// The lock of the only writer; the archive is read again, since another may have written.
    pub fn lock(self) -> Result<Writer, ArchiveError> {
        Writer::lock(self.root)
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Every entry, the first one first.
    pub fn journal(&self) -> &[Entry] {
        &self.entries
    }

    /// The objects that the entries use, by digest.
    pub fn objects(&self) -> BTreeMap<&str, &ObjectRef> {
        let runs = self.entries.iter().filter_map(Entry::calcul);
        let objects = runs.flat_map(|calcul| calcul.objects());
        objects.map(|(_, object)| (object.empreinte.as_str(), object)).collect()
    }

    /// The months that have a run, in order.
    pub fn months(&self) -> impl DoubleEndedIterator<Item = PayPeriod> {
        self.states.months()
    }

    /// The employers that a month has runs for, by SIRET.
    pub fn employers(&self, mois: PayPeriod) -> impl Iterator<Item = (&str, State<'_>)> {
        self.states.employers(mois).map(|(siret, followed)| {
            (siret, State { etat: followed.etat, entry: self.entry(followed.since) })
        })
    }

    /// The state of a month for an employer.
    pub fn state(&self, mois: PayPeriod, siret: &str) -> State<'_> {
        let followed = self.states.of(mois, siret);
        State { etat: followed.etat, entry: self.entry(followed.since) }
    }

    /// The last run of a month that covers an employer.
    pub fn calcul(&self, mois: PayPeriod, siret: &str) -> Option<&Entry> {
        self.entry(self.states.of(mois, siret).calcul)
    }

    /// The waivers of a month, in the order they were given.
    pub fn derogations(&self, mois: PayPeriod) -> impl Iterator<Item = &Entry> {
        let mois = mois.to_string();
        self.entries.iter().filter(move |entry| {
            matches!(&entry.evenement, Event::Derogation { mois: found, .. } if *found == mois)
        })
    }

    /// The last proof of a backup.
    pub fn preuve(&self) -> Option<&Entry> {
        let mut last = self.entries.iter().rev();
        last.find(|entry| matches!(entry.evenement, Event::Preuve { .. }))
    }

    /// Whether none of these employers has closed the month: a run may cover them.
    pub fn allows(&self, mois: PayPeriod, employeurs: &[String]) -> Result<(), ArchiveError> {
        self.states.open_for(mois, employeurs)
    }

    /// The entry of a number, from 1.
    pub fn entry(&self, numero: u64) -> Option<&Entry> {
        let at = usize::try_from(numero).ok()?.checked_sub(1)?;
        self.entries.get(at)
    }

    /// The archive as it was before an entry: what that entry, when it is a run, was made from.
    #[must_use]
    pub fn before(&self, numero: u64) -> Self {
        let mut before = Self {
            root: self.root.clone(),
            entries: Vec::new(),
            states: States::default(),
            head_is_last: self.head_is_last,
        };
        for entry in self.entries.iter().take_while(|entry| entry.numero < numero) {
            before.push(entry.clone());
        }
        before
    }

    pub(super) fn states(&self) -> &States {
        &self.states
    }

    /// Takes in an entry that was just written.
    pub(super) fn push(&mut self, entry: Entry) {
        self.states.apply(entry.numero, &entry.evenement);
        self.entries.push(entry);
    }

    /// The error of a damage found while reading.
    pub(super) fn damaged(&self, damage: Damage) -> ArchiveError {
        damage.at(&self.root)
    }
}

/// Whether a folder holds nothing, or only what a creation leaves when it is killed.
fn is_unfinished(root: &Path) -> Result<bool, ArchiveError> {
    for name in disk::names(root)? {
        let path = root.join(&name);
        let ours = match name.as_str() {
            JOURNAL | OBJECTS => disk::is_vacant(&path)?,
            PENDING => disk::is_folder(&path),
            HEAD_FILE => {
                disk::read_file(&path)?.is_some_and(|b| b == head_text(0, NO_DIGEST).as_bytes())
            }
            LOCK_FILE => disk::file_len(&path) == Some(0),
            _ => false,
        };
        if !ours {
            return Ok(false);
        }
    }
    Ok(true)
}
