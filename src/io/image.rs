//! A pool held whole in memory: every agent at hand at once, as long as the files do not change.
//!
//! Rows are kept as bytes, as they were handed in, and parsed when an agent is asked for: that
//! costs tens of microseconds. An invented pool of 20,000 agents, 20 MB of files, is read in half
//! a second and takes 32 MB of memory (`benches/atelier.rs`); parsed facts would take many times
//! that.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use super::finding::PoolFinding;
use super::parse::{ParsedAgent, Reading};
use super::pool::{PoolContext, PoolReader};
use super::stream::{BlockError, RawBlock};
use crate::diag::Code;
use crate::domain::{PoolFile, Siret, Word};
use crate::limits::ARCHIVE_BLOCK_AGENTS;

/// How often a pool whose files change is read again before that is an error.
const READINGS: u32 = 4;
/// Left to who writes the files, longer after each reading.
const PAUSE: Duration = Duration::from_millis(100);

/// Size and date of the files of a pool: equal stamps, same files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolStamp(Vec<Option<(u64, Duration)>>);

impl PoolStamp {
    /// The files as they are now; none for a file that is missing.
    pub fn of(folder: &Path) -> Self {
        let stamp = |file: PoolFile| {
            let found = fs::metadata(folder.join(file.name())).ok()?;
            let since = found.modified().ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
            Some((found.len(), since))
        };
        Self(PoolFile::ALL.into_iter().map(stamp).collect())
    }

    /// BLAKE3 digest of the files, in hexadecimal: what the stamp only guesses, told surely.
    ///
    /// Errors: a file is there and cannot be read.
    pub fn digest(folder: &Path) -> io::Result<String> {
        let mut digest = blake3::Hasher::new();
        for file in PoolFile::ALL {
            let bytes = match fs::read(folder.join(file.name())) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            digest.update(file.name().as_bytes());
            digest.update(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
            digest.update(&bytes);
        }
        Ok(digest.finalize().to_hex().to_string())
    }
}

/// A pool in memory.
#[derive(Debug)]
pub struct PoolImage {
    context: Arc<PoolContext>,
    blocks: Vec<Arc<RawBlock>>,
    agents: Vec<Word>,
    /// The block of each agent, and its place there.
    places: HashMap<Word, (usize, usize)>,
    employers: BTreeMap<Siret, Vec<Word>>,
    findings: Vec<PoolFinding>,
    stamp: PoolStamp,
}

impl PoolImage {
    /// Reads a folder. Files that change meanwhile are read again.
    ///
    /// Errors: every finding that stops the reading; the files never stay the same for the time
    /// that reading takes.
    pub fn open(folder: &Path) -> Result<Self, Vec<PoolFinding>> {
        Self::steady(folder, Self::read)
    }

    /// What a reading gives that saw the same files from its beginning to its end.
    fn steady(
        folder: &Path,
        mut read: impl FnMut(&Path, &PoolStamp) -> Result<Self, Vec<PoolFinding>>,
    ) -> Result<Self, Vec<PoolFinding>> {
        for reading in 1..=READINGS {
            let stamp = PoolStamp::of(folder);
            let image = read(folder, &stamp);
            if stamp == PoolStamp::of(folder) {
                return image;
            }
            thread::sleep(PAUSE * reading);
        }
        let message = "the files of the pool change while they are read";
        let remede = "wait until they are written, then open the pool again";
        Err(vec![PoolFinding::on_file(Code::E701, PoolFile::Agents, message, remede)])
    }

    fn read(folder: &Path, stamp: &PoolStamp) -> Result<Self, Vec<PoolFinding>> {
        let mut reader = PoolReader::open(folder)?;
        let blocks = read_blocks(&mut reader)?;
        let context = reader.context();
        let mut image = Self {
            context: Arc::clone(&context),
            blocks: Vec::new(),
            agents: Vec::new(),
            places: HashMap::new(),
            employers: BTreeMap::new(),
            findings: reader.findings().to_vec(),
            stamp: stamp.clone(),
        };
        let mut reading = Reading::new(&context);
        for (number, block) in blocks.iter().enumerate() {
            for place in 0..block.len() {
                image.list(&reading.agent(block, place), (number, place));
            }
        }
        image.blocks = blocks;
        Ok(image)
    }

    /// Notes where an agent is, and who employs it: also employers of rows that are refused.
    fn list(&mut self, parsed: &ParsedAgent, place: (usize, usize)) {
        let agent = &parsed.facts.agent.id;
        let refused = parsed.findings.iter().filter(|one| one.is_error());
        let refused = refused.filter_map(|one| Siret::parse(one.siret.as_deref()?));
        let known = parsed.facts.carrieres.iter().map(|row| row.siret);
        for siret in known.chain(refused) {
            let agents = self.employers.entry(siret).or_default();
            if agents.last() != Some(agent) {
                agents.push(Word::clone(agent));
            }
        }
        self.agents.push(Word::clone(agent));
        self.places.entry(Word::clone(agent)).or_insert(place);
    }

    /// What parsing needs, and the employers.
    pub fn context(&self) -> &Arc<PoolContext> {
        &self.context
    }

    /// Findings about headers, employers, and rows of nobody.
    pub fn findings(&self) -> &[PoolFinding] {
        &self.findings
    }

    /// The agents, in the order of `agents.csv`.
    pub fn agents(&self) -> &[Word] {
        &self.agents
    }

    /// The agents who have a row of career with an employer, whatever its dates, in the order of
    /// `agents.csv`.
    pub fn agents_of(&self, siret: Siret) -> &[Word] {
        self.employers.get(&siret).map_or(&[], Vec::as_slice)
    }

    /// The block that holds an agent, and its place there; none: it is not listed.
    pub fn block_of(&self, agent: &str) -> Option<(Arc<RawBlock>, usize)> {
        let &(block, place) = self.places.get(agent)?;
        Some((Arc::clone(self.blocks.get(block)?), place))
    }

    /// The rows, in the order of `agents.csv`.
    pub fn blocks(&self) -> &[Arc<RawBlock>] {
        &self.blocks
    }

    /// What the rows of an agent say; none: it is not listed.
    pub fn facts(&self, agent: &str) -> Option<ParsedAgent> {
        let (block, place) = self.block_of(agent)?;
        Some(block.parse_one(&self.context, place))
    }

    /// The files as they were read: another stamp of the folder says that they have changed.
    pub fn stamp(&self) -> &PoolStamp {
        &self.stamp
    }

    /// Bytes of the rows in memory.
    pub fn bytes(&self) -> usize {
        self.blocks.iter().map(|block| block.bytes()).sum()
    }
}

/// The agents in blocks of the size of those of an archive: who goes through both opens each once.
fn read_blocks(reader: &mut PoolReader) -> Result<Vec<Arc<RawBlock>>, Vec<PoolFinding>> {
    loop {
        let blocks = reader.blocks(ARCHIVE_BLOCK_AGENTS).map_err(|finding| vec![*finding])?;
        let read = blocks.map(|block| {
            block.map(|mut block| {
                block.fit();
                Arc::new(block)
            })
        });
        match read.collect::<Result<Vec<_>, BlockError>>() {
            Ok(blocks) => return Ok(blocks),
            Err(BlockError::OutOfOrder { .. }) => {}
            Err(BlockError::Unreadable(finding)) => return Err(vec![*finding]),
        }
    }
}

#[cfg(test)]
mod tests;
