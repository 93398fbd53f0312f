//! Every file of the folder hashed and accounted for; what is wrong is located.
//!
//! May import: nothing. Must not know: how damage is shown. The work is a list of independent
//! checks, one for each object, for callers that have threads.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk;
use super::error::{ArchiveError, Damage, Kind};
use super::event::{Calcul, Entry, ObjectRef};
use super::folder::Archive;
use super::frame::{self, length};
use super::index::{Index, IndexedTable};
use super::journal;
use super::layout::{
    FORMAT, FORMAT_FILE, HEAD_FILE, JOURNAL, LOCK_FILE, NO_DIGEST, OBJECTS, PENDING, is_hex,
    object_name, object_path,
};

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files read.
    pub files: u64,
    /// Bytes read.
    pub octets: u64,
    /// Entries of the journal that are right.
    pub entries: u64,
    /// Objects that the entries use.
    pub objects: u64,
    /// What is wrong; empty: every byte is what was written.
    pub damages: Vec<Damage>,
    /// Intact files that no entry uses: a run that was killed, or goes on.
    pub leftovers: Vec<Leftover>,
}

/// A file that nothing uses, and that harms nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// The file, below the root.
    pub file: String,
    /// Its bytes.
    pub octets: u64,
}

/// How far a verification is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read.
    pub octets: u64,
    /// Bytes to read.
    pub total: u64,
}

/// What is left to check once the journal and the names are: the objects.
#[derive(Clone, Debug)]
pub struct Plan {
    report: Report,
    checks: Vec<Check>,
}

/// One object to read.
#[derive(Clone, Debug)]
pub struct Check {
    root: PathBuf,
    empreinte: String,
    /// Bytes that the file has.
    found: u64,
    /// Bytes that it should have; none when no entry uses it.
    octets: Option<u64>,
    uses: Vec<Use>,
}

/// A run that uses an object.
#[derive(Clone, Debug)]
struct Use {
    mois: String,
    nom: String,
    calcul: Arc<Calcul>,
}

/// What a check gives.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    damages: Vec<Damage>,
    pub(super) leftover: Option<Leftover>,
    octets: u64,
}

impl Outcome {
    /// What is wrong with the object, alone.
    pub(super) fn into_damages(self) -> Vec<Damage> {
        self.damages
    }
}

/// Verifies a whole archive on this thread; `progress` is told after each object.
pub fn verify(root: &Path, mut progress: impl FnMut(Progress)) -> Result<Report, ArchiveError> {
    let plan = Plan::of(root)?;
    let total = plan.octets();
    let mut octets = 0;
    let mut outcomes = Vec::new();
    for check in plan.checks() {
        outcomes.push(check.run());
        octets += check.octets();
        progress(Progress { octets, total });
    }
    Ok(plan.finish(outcomes))
}

impl Plan {
    /// Reads the journal and lists the objects. Fails only when there is no archive to look at;
    /// whatever is wrong inside is in the report.
    pub fn of(root: &Path) -> Result<Self, ArchiveError> {
        let mut report = Report::default();
        report.damages.extend(journal::check_format(root)?);
        let scan = journal::scan(root)?;
        report.files = scan.files + 1;
        report.octets = scan.octets + length(FORMAT.as_bytes());
        report.entries = u64::try_from(scan.entries.len()).unwrap_or(u64::MAX);
        report.damages.extend(scan.damages);
        let mut known = known_objects(root, &scan.entries);
        report.objects = u64::try_from(known.len()).unwrap_or(u64::MAX);
        let mut plan = Self { report, checks: Vec::new() };
        plan.top(root)?;
        plan.objects(root, &mut known)?;
        for check in known.into_values() {
            plan.report.damages.push(check.damage(Kind::Missing, 0..0));
        }
        Ok(plan)
    }

    /// The objects to read, in no order that matters.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The checks of objects that no entry uses.
    pub(super) fn unused(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.uses.is_empty())
    }

    /// Bytes to read.
    pub fn octets(&self) -> u64 {
        self.checks.iter().map(Check::octets).sum()
    }

    /// The report, once every check was run.
    pub fn finish(self, outcomes: impl IntoIterator<Item = Outcome>) -> Report {
        let mut report = self.report;
        for outcome in outcomes {
            report.files += 1;
            report.octets += outcome.octets;
            report.damages.extend(outcome.damages);
            report.leftovers.extend(outcome.leftover);
        }
        let place = |damage: &Damage| (damage.file.clone(), damage.bytes.start);
        report.damages.sort_by_key(place);
        report.leftovers.sort_by(|one, other| one.file.cmp(&other.file));
        report
    }

    /// The names at the root, and what is still being written.
    fn top(&mut self, root: &Path) -> Result<(), ArchiveError> {
        for name in disk::names(root)? {
            let path = root.join(&name);
            match name.as_str() {
                FORMAT_FILE | HEAD_FILE => {}
                JOURNAL | OBJECTS | PENDING if disk::is_folder(&path) => {}
                LOCK_FILE => match disk::file_len(&path) {
                    Some(0) => {}
                    found => self.lengthened(&name, found.unwrap_or(0)),
                },
                _ => self.unknown(&path, &name),
            }
        }
        for name in disk::names(&root.join(PENDING))? {
            let file = format!("{PENDING}/{name}");
            if let Some(octets) = disk::file_len(&root.join(&file)) {
                self.report.leftovers.push(Leftover { file, octets });
            }
        }
        Ok(())
    }

    fn lengthened(&mut self, name: &str, octets: u64) {
        self.report.damages.push(Damage::of(name, Kind::Lengthened, octets));
    }

    fn unknown(&mut self, path: &Path, name: &str) {
        let octets = disk::file_len(path).unwrap_or(0);
        self.report.damages.push(Damage::of(name, Kind::Unknown, octets));
    }

    /// The objects that are there, taken out of those that should be.
    fn objects(
        &mut self,
        root: &Path,
        known: &mut BTreeMap<String, Check>,
    ) -> Result<(), ArchiveError> {
        for folder in disk::names(&root.join(OBJECTS))? {
            let below = format!("{OBJECTS}/{folder}");
            if !is_hex(&folder, 2) || !disk::is_folder(&root.join(&below)) {
                self.unknown(&root.join(&below), &below);
                continue;
            }
            for file in disk::names(&root.join(&below))? {
                let name = format!("{below}/{file}");
                let path = root.join(&name);
                let digest = is_hex(&file, NO_DIGEST.len()) && file.starts_with(&folder);
                match disk::file_len(&path).filter(|_| digest) {
                    Some(found) => {
                        let check = known.remove(&file).unwrap_or_else(|| Check::of(root, &file));
                        self.checks.push(Check { found, ..check });
                    }
                    None => self.unknown(&path, &name),
                }
            }
        }
        Ok(())
    }
}

/// Every object that the entries use.
fn known_objects(root: &Path, entries: &[Entry]) -> BTreeMap<String, Check> {
    let mut known: BTreeMap<String, Check> = BTreeMap::new();
    for calcul in entries.iter().filter_map(Entry::calcul) {
        let shared = Arc::new(calcul.clone());
        for (nom, object) in calcul.objects() {
            let digest = &object.empreinte;
            let check = known.entry(digest.clone()).or_insert_with(|| Check::of(root, digest));
            check.octets = Some(object.octets);
            let (mois, nom) = (calcul.mois.clone(), nom.to_owned());
            check.uses.push(Use { mois, nom, calcul: Arc::clone(&shared) });
        }
    }
    known
}

impl Check {
    fn of(root: &Path, digest: &str) -> Self {
        let (root, empreinte) = (root.to_owned(), digest.to_owned());
        Self { root, empreinte, found: 0, octets: None, uses: Vec::new() }
    }

    /// The check of an object that a run uses, wherever it is.
    pub(super) fn object(archive: &Archive, object: &ObjectRef) -> Self {
        let mut known = known_objects(archive.root(), archive.journal());
        let found = known.remove(&object.empreinte);
        found.unwrap_or_else(|| Self::of(archive.root(), &object.empreinte))
    }

    /// Bytes to read.
    pub fn octets(&self) -> u64 {
        self.found
    }

    /// The file, below the root.
    pub fn file(&self) -> String {
        object_name(&self.empreinte)
    }

    /// Reads the object; when it is not what was written, finds where.
    pub fn run(&self) -> Outcome {
        let path = object_path(&self.root, &self.empreinte);
        let mut hasher = blake3::Hasher::new();
        let mut octets = 0;
        let read = disk::stream(&path, |piece| {
            hasher.update(piece);
            octets += length(piece);
            Ok(())
        });
        let damages = match read {
            Err(cause) => {
                vec![self.damage(Kind::Unreadable(cause.to_string()), 0..self.found)]
            }
            Ok(()) if hasher.finalize().to_hex().as_str() != self.empreinte => self.locate(octets),
            Ok(()) => Vec::new(),
        };
        let intact = damages.is_empty() && self.uses.is_empty();
        let leftover = intact.then(|| Leftover { file: object_name(&self.empreinte), octets });
        Outcome { damages, leftover, octets }
    }

    /// What is wrong with a file of `found` bytes: the blocks of the table, if it is cut.
    fn locate(&self, found: u64) -> Vec<Damage> {
        let Some(expected) = self.octets else {
            return vec![self.damage(Kind::Unknown, 0..found)];
        };
        let mut damages = Vec::new();
        // The manifest, the rules and the index are no tables.
        for used in self.uses.iter().filter(|used| used.calcul.tables.contains_key(&used.nom)) {
            let Some(index) = read_index(&self.root, &used.calcul) else { continue };
            if let Some(table) = index.tables.iter().find(|table| table.nom == used.nom) {
                damages = self.in_table(found, table, &index);
                break;
            }
        }
        if found > expected {
            damages.push(self.damage(Kind::Lengthened, expected..found));
        }
        if damages.is_empty() {
            let kind = if found < expected { Kind::Truncated } else { Kind::Altered };
            damages.push(self.damage(kind, 0..expected));
        }
        damages
    }

    /// The frames that are wrong, neighbours together.
    fn in_table(&self, found: u64, table: &IndexedTable, index: &Index) -> Vec<Damage> {
        let path = object_path(&self.root, &self.empreinte);
        let mut damages: Vec<Damage> = Vec::new();
        let header = std::iter::once((None, &table.header));
        let blocks = table.frames.iter().map(|(block, span)| (Some(*block), span));
        for (block, span) in header.chain(blocks) {
            let end = span.debut + span.octets;
            let stored = if end <= found {
                disk::read_at(&path, span.debut, span.octets).ok()
            } else {
                None
            };
            if stored.is_some_and(|stored| frame::digest(&stored) == span.digest) {
                continue;
            }
            let kind = if end <= found { Kind::Altered } else { Kind::Truncated };
            let agents = block.map_or(&[][..], |block| index.agents(block));
            let ends = agents.first().zip(agents.last());
            let ends = ends.map(|(first, last)| (first.to_string(), last.to_string()));
            let damage = Damage {
                blocks: block.map(|block| (block, block)),
                agents: ends,
                ..self.damage(kind, span.debut..end)
            };
            match damages.last_mut() {
                Some(last) if follows(last, &damage) => extend(last, damage),
                _ => damages.push(damage),
            }
        }
        damages
    }

    fn damage(&self, kind: Kind, bytes: std::ops::Range<u64>) -> Damage {
        let months: BTreeSet<String> = self.uses.iter().map(|used| used.mois.clone()).collect();
        Damage {
            bytes,
            months: months.into_iter().collect(),
            table: self.uses.first().map(|used| used.nom.clone()),
            ..Damage::of(object_name(&self.empreinte), kind, 0)
        }
    }
}

/// Whether a damage goes on where another one of the same kind ends.
fn follows(last: &Damage, next: &Damage) -> bool {
    last.kind == next.kind && last.bytes.end == next.bytes.start && last.blocks.is_some()
}

fn extend(last: &mut Damage, next: Damage) {
    last.bytes.end = next.bytes.end;
    if let (Some(blocks), Some((_, end))) = (&mut last.blocks, next.blocks) {
        blocks.1 = end;
    }
    if let (Some(agents), Some((_, end))) = (&mut last.agents, next.agents) {
        agents.1 = end;
    }
}

/// The index of a run, if it is what was written.
fn read_index(root: &Path, calcul: &Calcul) -> Option<Index> {
    let stored = disk::read_file(&object_path(root, &calcul.index.empreinte)).ok()??;
    let right = blake3::hash(&stored).to_hex().as_str() == calcul.index.empreinte;
    let text = right.then(|| frame::open_all(&stored, calcul.index.contenu)).flatten()?;
    Index::read(text.as_slice(), calcul)
}
