//! Reading the chain of entries, and saying what is wrong with it.
//!
//! May import: nothing. Must not know: objects. Entries are read from the last one: each says what
//! the one before must be, so that an altered, lost or foreign file is told from the others.

use std::collections::BTreeMap;
use std::path::Path;

use super::disk;
use super::error::{ArchiveError, Damage, Kind};
use super::event::Entry;
use super::frame::length;
use super::layout::{
    FORMAT, FORMAT_FILE, HEAD_FILE, JOURNAL, MAGIC, NO_DIGEST, entry_name, head_text,
    parse_entry_name, parse_head, short,
};
use super::state::{self, States};

/// The most entries that `TETE` can be ahead before it is `TETE` that is wrong.
const MOST_LOST: u64 = 1_000;

/// The journal as it was found.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// The entries that are what was written, in order.
    pub(super) entries: Vec<Entry>,
    /// What the entries make of the months; only right when nothing is wrong.
    pub(super) states: States,
    pub(super) damages: Vec<Damage>,
    /// Whether `TETE` names the last entry; a killed writer may leave it behind.
    pub(super) head_is_last: bool,
    /// Files and bytes read.
    pub(super) files: u64,
    pub(super) octets: u64,
}

/// Reads the first line of `FORMAT`: an archive, of this version.
pub(super) fn check_format(root: &Path) -> Result<Option<Damage>, ArchiveError> {
    let Some(found) = disk::read_file(&root.join(FORMAT_FILE))? else {
        return Err(ArchiveError::NotAnArchive(root.to_owned()));
    };
    if found == FORMAT.as_bytes() {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&found);
    let (line, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let ours = FORMAT.split_once('\n').map_or("", |(_, rest)| rest);
    if let Some(version) = line.strip_prefix(MAGIC).filter(|_| rest != ours) {
        let known = FORMAT.lines().next().is_some_and(|first| first == line);
        if !known && version.bytes().all(|byte| byte.is_ascii_digit()) {
            let (path, version) = (root.to_owned(), version.to_owned());
            return Err(ArchiveError::UnknownFormat { path, version });
        }
    }
    Ok(Some(first_difference(FORMAT_FILE, &found, FORMAT.as_bytes())))
}

/// The first byte that differs from what a file must be.
fn first_difference(file: &str, found: &[u8], right: &[u8]) -> Damage {
    let same = found.iter().zip(right).take_while(|(one, other)| one == other).count();
    let at = u64::try_from(same).unwrap_or(u64::MAX);
    let (kind, end) = if same < found.len().min(right.len()) {
        (Kind::Altered, at + 1)
    } else if found.len() < right.len() {
        (Kind::Truncated, length(right))
    } else {
        (Kind::Lengthened, length(found))
    };
    Damage { bytes: at..end, ..Damage::of(file, kind, 0) }
}

/// Reads the whole journal. Fails only when the folder itself cannot be read.
pub(super) fn scan(root: &Path) -> Result<Scan, ArchiveError> {
    let mut scan = Scan::default();
    // Before the entries: a writer that goes on meanwhile only makes them more.
    let head = read_head(root, &mut scan)?;
    let mut found: BTreeMap<u64, Vec<(String, String)>> = BTreeMap::new();
    for file in disk::names(&root.join(JOURNAL))? {
        let name = format!("{JOURNAL}/{file}");
        match parse_entry_name(&file) {
            Some((number, digest)) => {
                found.entry(number).or_default().push((name, digest.to_owned()));
            }
            None => scan.unknown(root, &name),
        }
    }
    let last = found.keys().next_back().copied().unwrap_or(0);
    let mut digests = BTreeMap::new();
    // What the entry after says of the one before it; nothing when that entry cannot be read.
    let mut expected = None;
    for number in (1..=last).rev() {
        let candidates = found.remove(&number).unwrap_or_default();
        expected = scan.entry(root, number, candidates, expected.as_deref(), &mut digests)?;
    }
    scan.entries.reverse();
    if let Some((number, digest)) = head {
        scan.head_is_last = number == last;
        scan.check_head(number, &digest, last, &digests);
    }
    scan.replay();
    Ok(scan)
}

fn read_head(root: &Path, scan: &mut Scan) -> Result<Option<(u64, String)>, ArchiveError> {
    let Some(bytes) = disk::read_file(&root.join(HEAD_FILE))? else {
        scan.damages.push(Damage::of(HEAD_FILE, Kind::Missing, 0));
        return Ok(None);
    };
    scan.count(&bytes);
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    let head = parse_head(text).map(|(number, digest)| (number, digest.to_owned()));
    if head.is_none() {
        scan.damages.push(Damage::of(HEAD_FILE, Kind::Altered, length(&bytes)));
    }
    Ok(head)
}

impl Scan {
    fn count(&mut self, bytes: &[u8]) {
        self.files += 1;
        self.octets += length(bytes);
    }

    fn unknown(&mut self, root: &Path, name: &str) {
        let octets = disk::file_len(&root.join(name)).unwrap_or(0);
        self.damages.push(Damage::of(name, Kind::Unknown, octets));
    }

    /// Reads the files that claim a number; gives what the entry before must be.
    fn entry(
        &mut self,
        root: &Path,
        number: u64,
        candidates: Vec<(String, String)>,
        expected: Option<&str>,
        digests: &mut BTreeMap<u64, String>,
    ) -> Result<Option<String>, ArchiveError> {
        let mut right = None;
        let mut wrong = Vec::new();
        for (name, claimed) in candidates {
            let Some(bytes) = disk::read_file(&root.join(&name))? else { continue };
            self.count(&bytes);
            let digest = blake3::hash(&bytes).to_hex().to_string();
            let fits = expected.is_none_or(|expected| expected == digest);
            if right.is_none() && fits && short(&digest) == claimed {
                right = Some((name, digest, bytes));
            } else {
                wrong.push((name, claimed, digest, length(&bytes)));
            }
        }
        self.wrong(number, right.is_some(), wrong, expected);
        let Some((name, digest, bytes)) = right else { return Ok(None) };
        digests.insert(number, digest.clone());
        match serde_json::from_slice::<Entry>(&bytes) {
            Ok(entry) if entry.numero == number => {
                let before = entry.precedent.clone();
                self.entries.push(Entry { empreinte: digest, ..entry });
                Ok(Some(before))
            }
            _ => {
                let why = Kind::Impossible("not an entry of that number".to_owned());
                self.damages.push(Damage::of(name, why, length(&bytes)));
                Ok(None)
            }
        }
    }

    /// What to say of the files of a number that are not its entry, and of an entry without file.
    fn wrong(
        &mut self,
        number: u64,
        found: bool,
        wrong: Vec<(String, String, String, u64)>,
        expected: Option<&str>,
    ) {
        if !found && wrong.is_empty() {
            let unnamed = || format!("{JOURNAL}/{number:06}-*.json");
            let name = expected.map_or_else(unnamed, |digest| entry_name(number, digest));
            self.damages.push(Damage::of(name, Kind::Missing, 0));
        }
        for (name, claimed, digest, octets) in wrong {
            let kind = match short(&digest) == claimed {
                false => Kind::Altered,
                true if found => Kind::Unknown,
                true => Kind::OutOfChain,
            };
            self.damages.push(Damage::of(name, kind, octets));
        }
    }

    /// `TETE` names an entry that is there; if it names a later one, entries were lost.
    fn check_head(
        &mut self,
        number: u64,
        digest: &str,
        last: u64,
        digests: &BTreeMap<u64, String>,
    ) {
        let elsewhere = digests.iter().any(|(at, found)| *at != number && found == digest);
        let right = match digests.get(&number) {
            Some(found) => found == digest,
            None if number == 0 => digest == NO_DIGEST,
            // Its entry was altered, or is lost: that is said of the entry.
            None => !elsewhere && number.saturating_sub(last) <= MOST_LOST,
        };
        if !right {
            let octets = length(head_text(number, digest).as_bytes());
            self.damages.push(Damage::of(HEAD_FILE, Kind::Altered, octets));
        } else if number > last {
            for lost in last + 1..number {
                self.wrong(lost, false, Vec::new(), None);
            }
            self.wrong(number, false, Vec::new(), Some(digest));
        }
    }

    /// The first entry follows nothing, and each one can follow those before it.
    fn replay(&mut self) {
        if !self.damages.is_empty() {
            return;
        }
        let mut states = States::default();
        for entry in &self.entries {
            let first = entry.numero != 1 || entry.precedent == NO_DIGEST;
            let chained = if first { Ok(()) } else { Err("the first follows nothing".to_owned()) };
            let possible = chained.and_then(|()| {
                state::check_signature(&entry.quand, &entry.qui)
                    .and_then(|()| states.check(&entry.evenement))
                    .map_err(|cause| cause.to_string())
            });
            if let Err(why) = possible {
                let name = entry_name(entry.numero, &entry.empreinte);
                self.damages.push(Damage::of(name, Kind::Impossible(why), 0));
                return;
            }
            states.apply(entry.numero, &entry.evenement);
        }
        self.states = states;
    }
}
