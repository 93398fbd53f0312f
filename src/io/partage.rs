//! Who shares a NIR or a bank account with another agent of the pool.
//!
//! May import: `domain`, `calendar`, and the readers of rows beside it. Must not know: months,
//! rules, what sharing means for pay. Only hashes of the numbers are kept, and only while looking.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use super::columns::{agents, carrieres};
use super::finding::PoolFinding;
use super::layout::Layout;
use super::split::cell_range;
use crate::calendar::Day;
use crate::domain::{Ailleurs, Dated, Partage, PoolFile, RowRef, Siret, Word};

/// The agents who share something; nearly nobody.
#[derive(Debug, Default)]
pub(super) struct Partages(HashMap<Word, Partage>);

/// Digest of a number, and the agents who have it, each once.
type Holders = BTreeMap<[u8; 32], BTreeSet<Word>>;

/// What is done with a row: its bytes, those that name its agent, its line.
pub(super) type EachRow<'e> = dyn FnMut(&[u8], &[u8], u32) + 'e;

/// A way through the rows of a file, from the first to the last.
pub(super) type Rows<'r> = &'r dyn Fn(&mut EachRow<'_>) -> Result<(), Box<PoolFinding>>;

/// The columns looked at, and how a number is read: a NIR without its key, an IBAN whole.
const NUMBERS: [(usize, Option<usize>); 2] = [(agents::NIR, Some(13)), (agents::IBAN, None)];

impl Partages {
    /// Looks for the numbers that two agents have, then for the careers of those who share a NIR.
    ///
    /// Memory while looking: 16 bytes an agent. The rows are gone through once for the first look,
    /// and again only when something is shared.
    pub(super) fn find(
        agents: Rows<'_>,
        carrieres: Rows<'_>,
        layouts: (&Layout, &Layout),
    ) -> Result<Self, Box<PoolFinding>> {
        // A key of its own for each reading: a hash says nothing outside of it.
        let state = RandomState::new();
        let twice = seen_twice(agents, layouts.0, &state)?;
        if twice.iter().all(HashSet::is_empty) {
            return Ok(Self::default());
        }
        let [nir, iban] = holders(agents, layouts.0, &state, &twice)?;
        let mut found = Self::default();
        for agent in iban.into_values().flatten() {
            found.0.entry(agent).or_default().iban = true;
        }
        if !nir.is_empty() {
            let wanted: HashSet<Word> = nir.values().flatten().cloned().collect();
            let careers = careers(carrieres, layouts.1, &wanted)?;
            for group in nir.into_values() {
                found.same_person(&group, &careers);
            }
        }
        Ok(found)
    }

    /// What an agent shares; `None` for nearly everybody.
    pub(super) fn of(&self, agent: &str) -> Option<&Partage> {
        self.0.get(agent)
    }

    fn same_person(&mut self, group: &BTreeSet<Word>, careers: &BTreeMap<Word, Vec<Ailleurs>>) {
        for agent in group {
            let others = group.iter().filter(|other| *other != agent);
            let rows = others.filter_map(|other| careers.get(other)).flatten().cloned();
            self.0.entry(agent.clone()).or_default().nir.extend(rows);
        }
    }
}

/// The letters and digits of a cell, in capitals, cut to `length`; empty when it is too short.
fn number(row: &[u8], layout: &Layout, which: (usize, Option<usize>), out: &mut Vec<u8>) {
    out.clear();
    let position = layout.position(which.0);
    if position == usize::MAX {
        return;
    }
    let cell = row.get(cell_range(row, layout.delimiter, position)).unwrap_or_default();
    let known = cell.iter().filter(|byte| byte.is_ascii_alphanumeric());
    out.extend(known.map(u8::to_ascii_uppercase));
    if let Some(length) = which.1 {
        let whole = out.len() >= length;
        out.truncate(if whole { length } else { 0 });
    }
}

/// The hashes met on two rows, for each number. Two numbers may have one hash: this only chooses
/// what is worth a second look.
fn seen_twice(
    rows: Rows<'_>,
    layout: &Layout,
    state: &RandomState,
) -> Result<[HashSet<u64>; 2], Box<PoolFinding>> {
    let mut hashes: [Vec<u64>; 2] = Default::default();
    let mut text = Vec::with_capacity(40);
    rows(&mut |row, _, _| {
        for (which, hashes) in NUMBERS.into_iter().zip(&mut hashes) {
            number(row, layout, which, &mut text);
            if !text.is_empty() {
                hashes.push(state.hash_one(text.as_slice()));
            }
        }
    })?;
    Ok(hashes.map(|mut hashes| {
        hashes.sort_unstable();
        let pairs = hashes.iter().zip(hashes.iter().skip(1));
        pairs.filter(|(one, next)| one == next).map(|(one, _)| *one).collect()
    }))
}

/// The agents who have each number that two of them have.
fn holders(
    rows: Rows<'_>,
    layout: &Layout,
    state: &RandomState,
    twice: &[HashSet<u64>; 2],
) -> Result<[Holders; 2], Box<PoolFinding>> {
    let mut lines: [BTreeMap<[u8; 32], BTreeMap<Word, u32>>; 2] = Default::default();
    let mut text = Vec::with_capacity(40);
    rows(&mut |row, key, line| {
        for ((which, twice), lines) in NUMBERS.into_iter().zip(twice).zip(&mut lines) {
            number(row, layout, which, &mut text);
            if text.is_empty() || !twice.contains(&state.hash_one(text.as_slice())) {
                continue;
            }
            let digest = *blake3::hash(&text).as_bytes();
            let agent = Word::from(String::from_utf8_lossy(key));
            lines.entry(digest).or_default().entry(agent).or_insert(line);
        }
    })?;
    // An agent listed twice has its own finding: its first row counts, the others are not read.
    let mut first: BTreeMap<Word, Option<u32>> = BTreeMap::new();
    for agent in lines.iter().flat_map(BTreeMap::values).flat_map(BTreeMap::keys) {
        first.insert(agent.clone(), None);
    }
    rows(&mut |_, key, line| {
        let known = std::str::from_utf8(key).ok().and_then(|key| first.get_mut(key));
        if let Some(known @ None) = known {
            *known = Some(line);
        }
    })?;
    let counts = |agent: &Word, line: u32| {
        first.get(agent).copied().flatten().is_none_or(|first| first == line)
    };
    Ok(lines.map(|lines| {
        let each = lines.into_iter().map(|(digest, agents)| {
            let agents = agents.into_iter().filter(|(agent, line)| counts(agent, *line));
            (digest, agents.map(|(agent, _)| agent).collect::<BTreeSet<Word>>())
        });
        each.filter(|(_, agents)| agents.len() > 1).collect()
    }))
}

/// The careers of some agents. A row that cannot be read has its own finding when it is paid.
fn careers(
    rows: Rows<'_>,
    layout: &Layout,
    wanted: &HashSet<Word>,
) -> Result<BTreeMap<Word, Vec<Ailleurs>>, Box<PoolFinding>> {
    let mut found: BTreeMap<Word, Vec<Ailleurs>> = BTreeMap::new();
    rows(&mut |row, key, line| {
        let key = std::str::from_utf8(key).unwrap_or("");
        if let Some(agent) = wanted.get(key)
            && let Some(row) = career(agent, row, line, layout)
        {
            found.entry(agent.clone()).or_default().push(row);
        }
    })?;
    Ok(found)
}

fn career(agent: &Word, row: &[u8], line: u32, layout: &Layout) -> Option<Ailleurs> {
    let text = |column: usize| {
        let position = layout.position(column);
        let range =
            if position == usize::MAX { 0..0 } else { cell_range(row, layout.delimiter, position) };
        std::str::from_utf8(row.get(range).unwrap_or_default()).unwrap_or("")
    };
    let optional = |column| Some(text(column)).filter(|text| !text.is_empty());
    let day = |column| optional(column).and_then(|text| Day::parse(text).ok());
    Some(Ailleurs {
        agent: agent.clone(),
        siret: Siret::parse(text(carrieres::SIRET))?,
        contrat: text(carrieres::CONTRAT).into(),
        dated: Dated {
            depuis: day(carrieres::DEPUIS)?,
            fin: day(carrieres::FIN),
            connu_le: day(carrieres::CONNU_LE),
            reference: RowRef { file: PoolFile::Carrieres, line },
        },
    })
}
