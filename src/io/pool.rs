//! The pool folder: what is there, who the employers are, and the way to every agent.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::columns::{employeurs, parametres};
use super::finding::{PoolFinding, quoted};
use super::layout::{Layout, not_utf8};
use super::partage::{EachRow, Partages};
use super::row::{Notes, Row, rate_above};
use super::split::Cells;
use super::stream::{
    AGENT_FILES, Blocks, Cursor, FILES, Held, PART_AGENTS, RawBlock, Roster, Source, hold,
    unreadable,
};
use crate::diag::Code;
use crate::domain::{
    Dated, Employeur, EmployeurKind, ParametreEmployeur, Partage, PoolFile, RowRef, Siret,
    canonical,
};
use crate::limits::POOL_IN_MEMORY_BYTES;
use crate::num::Fixed;

mod stored;

pub use stored::{EachTable, Headers, StoredPool};

/// What parsing needs to know about the pool; shared by every thread.
#[derive(Debug, Default)]
pub struct PoolContext {
    /// The layout of each file of [`AGENT_FILES`].
    pub(super) layouts: [Option<Layout>; FILES],
    employeurs: BTreeMap<Siret, Employeur>,
    /// Employers whose own rows are wrong: their agents are blocked. With the first wrong row.
    refused: BTreeMap<Siret, RowRef>,
    /// Digest of the headers that give rows their meaning; zero for a case that stands alone.
    shape: [u8; 32],
    partages: Partages,
}

impl PoolContext {
    /// The employers whose rows are right, by SIRET.
    pub fn employeurs(&self) -> &BTreeMap<Siret, Employeur> {
        &self.employeurs
    }

    /// One employer.
    pub fn employeur(&self, siret: Siret) -> Option<&Employeur> {
        self.employeurs.get(&siret)
    }

    /// What an agent shares with other agents of the pool.
    pub(super) fn partage(&self, agent: &str) -> Option<&Partage> {
        self.partages.of(agent)
    }

    /// A pool of one employer, for a case that stands alone.
    pub(super) fn alone(employeur: Employeur) -> Self {
        let employeurs = BTreeMap::from([(employeur.siret, employeur)]);
        Self { employeurs, ..Self::default() }
    }

    /// The wrong row of an employer that cannot be used.
    pub(super) fn refusal(&self, siret: Siret) -> Option<RowRef> {
        self.refused.get(&siret).copied()
    }

    /// Reads who shares a NIR or a bank account.
    fn find_partages(&mut self, folder: &Path) -> Result<(), Box<PoolFinding>> {
        let [Some(agents), Some(carrieres), ..] = &self.layouts else { return Ok(()) };
        let rows = |file: PoolFile, each: &mut EachRow<'_>| {
            let (mut cursor, ..) = Cursor::open(file, &folder.join(file.name()))?;
            while cursor.peek()? {
                each(cursor.row(), cursor.key(), cursor.line());
                cursor.advance();
            }
            Ok(())
        };
        self.partages = Partages::find(
            &|each| rows(PoolFile::Agents, each),
            &|each| rows(PoolFile::Carrieres, each),
            (agents, carrieres),
        )?;
        Ok(())
    }

    /// Cells that every row of a file has.
    pub(super) fn layout(&self, part: usize) -> Option<&Layout> {
        self.layouts.get(part)?.as_ref()
    }

    /// Digest of the headers of the files that [`RawBlock::agent_digest`] reads.
    pub(super) fn shape(&self) -> &[u8; 32] {
        &self.shape
    }

    /// Adds what the files of employers say, then closes the context. Errors: as reading them.
    fn complete(
        mut self,
        employeurs: Option<Opened>,
        parametres: Option<Opened>,
        partages: impl FnOnce(&mut Self) -> Result<(), Box<PoolFinding>>,
        findings: &mut Vec<PoolFinding>,
    ) -> Result<Arc<Self>, Vec<PoolFinding>> {
        let fatal = |finding: Box<PoolFinding>| vec![*finding];
        if let Some(opened) = employeurs {
            findings.extend(read_employeurs(&mut self, opened).map_err(fatal)?);
        }
        if let Some(opened) = parametres {
            findings.extend(read_parametres(&mut self, opened).map_err(fatal)?);
        }
        partages(&mut self).map_err(fatal)?;
        self.shape = stored::shape(&self.layouts);
        Ok(Arc::new(self))
    }
}

/// A file whose header was read, and its layout.
type Opened = (Cursor, Layout);

/// How to read a pool.
#[derive(Clone, Copy, Debug)]
pub struct PoolOptions {
    /// Below this number of bytes, all files together, every file is held in memory.
    pub in_memory_below: u64,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self { in_memory_below: POOL_IN_MEMORY_BYTES }
    }
}

/// A pool folder whose headers and employers were read.
#[derive(Debug)]
pub struct PoolReader {
    folder: PathBuf,
    context: Arc<PoolContext>,
    findings: Vec<PoolFinding>,
    /// `employeurs.csv` and `parametres_employeurs.csv` as handed in.
    employer_files: [Option<Arc<[u8]>>; 2],
    roster: Roster,
    present: [bool; FILES],
    held: [Option<Arc<Held>>; FILES],
    bytes: u64,
    hold_all: bool,
    /// Set by the blocks when they meet a file that must be held.
    out_of_order: Option<usize>,
}

impl PoolReader {
    /// Reads the headers, the employers and the list of agents.
    ///
    /// Errors: every finding that stops the reading (a needed file or column is missing).
    pub fn open(folder: &Path) -> Result<Self, Vec<PoolFinding>> {
        Self::open_with(folder, PoolOptions::default())
    }

    /// The same, with options.
    pub fn open_with(folder: &Path, options: PoolOptions) -> Result<Self, Vec<PoolFinding>> {
        let mut opening = Opening::new(folder);
        let (employer_bytes, employeurs) = opening.whole(PoolFile::Employeurs, true).unzip();
        let (setting_bytes, parametres) = opening.whole(PoolFile::Parametres, false).unzip();
        let mut context = PoolContext::default();
        let mut present = [false; FILES];
        let slots = context.layouts.iter_mut().zip(&mut present);
        for (file, (layout, present)) in AGENT_FILES.into_iter().zip(slots) {
            let needed = matches!(file, PoolFile::Agents | PoolFile::Carrieres);
            if let Some((_, found)) = opening.open(file, needed) {
                *layout = Some(found);
                *present = true;
            }
        }
        if opening.fatal {
            return Err(opening.findings);
        }
        let mut findings = opening.findings;
        let fatal = |finding: Box<PoolFinding>| vec![*finding];
        let shared = |context: &mut PoolContext| context.find_partages(folder);
        let context = context.complete(employeurs, parametres, shared, &mut findings)?;
        let mut reader = Self {
            folder: folder.to_owned(),
            context,
            findings,
            employer_files: [employer_bytes, setting_bytes],
            roster: Roster::default(),
            present,
            held: Default::default(),
            bytes: opening.bytes,
            hold_all: opening.bytes < options.in_memory_below,
            out_of_order: None,
        };
        match Roster::sorted(reader.cursor(PART_AGENTS).map_err(fatal)?).map_err(fatal)? {
            Some(roster) => reader.roster = roster,
            None => reader.list_agents().map_err(fatal)?,
        }
        Ok(reader)
    }

    /// What parsing needs; share it with the threads that parse.
    pub fn context(&self) -> Arc<PoolContext> {
        Arc::clone(&self.context)
    }

    /// Findings about headers, employers, and rows of nobody. Complete once [`Self::blocks`] was
    /// called (and called again, when it asked for it).
    pub fn findings(&self) -> &[PoolFinding] {
        &self.findings
    }

    /// The header row of each file of agents, without its line end; none: the file is missing.
    pub fn headers(&self) -> Headers {
        self.context.headers()
    }

    /// `employeurs.csv` and `parametres_employeurs.csv` as they were read, byte by byte.
    pub fn employer_files(&self) -> (Vec<u8>, Option<Vec<u8>>) {
        let [employeurs, parametres] =
            self.employer_files.each_ref().map(|file| file.as_deref().map(<[u8]>::to_vec));
        (employeurs.unwrap_or_default(), parametres)
    }

    /// How many agents are listed.
    pub fn agents(&self) -> u32 {
        self.roster.count()
    }

    /// Size of the files, for a progress bar.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The agents in the order of `agents.csv`, up to `size` in a block.
    ///
    /// The iterator may stop with [`super::BlockError::OutOfOrder`]: throw away what was made of
    /// its blocks and call this again. That happens at most once per file, and only above
    /// [`PoolOptions::in_memory_below`].
    ///
    /// Errors: a file cannot be read.
    pub fn blocks(&mut self, size: usize) -> Result<Blocks<'_>, Box<PoolFinding>> {
        let out_of_order = self.out_of_order.take();
        let mut sources = Vec::with_capacity(FILES - 1);
        for part in PART_AGENTS + 1..FILES {
            if !self.present.get(part).is_some_and(|present| *present) {
                sources.push(Source::Absent);
                continue;
            }
            if self.hold_all || out_of_order == Some(part) {
                self.hold(part)?;
            }
            sources.push(match self.held.get(part) {
                Some(Some(held)) => Source::Held(Arc::clone(held), 0),
                _ => Source::Stream(self.cursor(part)?),
            });
        }
        let agents = self.cursor(PART_AGENTS)?;
        Ok(Blocks::new(agents, sources, &self.roster, &mut self.out_of_order, size))
    }

    /// The rows of one agent, each file read once without holding it. `None`: not listed.
    pub fn only(&self, id: &str) -> Result<Option<RawBlock>, Box<PoolFinding>> {
        let mut block = RawBlock::new(0);
        let mut repeats = Vec::new();
        for part in 0..FILES {
            if !self.present.get(part).is_some_and(|present| *present) {
                continue;
            }
            let (mut cursor, mut found) = (self.cursor(part)?, false);
            while cursor.peek()? {
                if cursor.key() == id.as_bytes() {
                    match part == PART_AGENTS && found {
                        true => repeats.push(cursor.line()),
                        false => block.push(part, cursor.row(), cursor.line()),
                    }
                    found = true;
                }
                cursor.advance();
            }
            if part == PART_AGENTS && (!found || id.is_empty()) {
                return Ok(None);
            }
        }
        block.end_agent((!repeats.is_empty()).then_some(repeats.as_slice()));
        Ok(Some(block))
    }

    fn cursor(&self, part: usize) -> Result<Cursor, Box<PoolFinding>> {
        let file = AGENT_FILES.get(part).copied().unwrap_or(PoolFile::Agents);
        let (cursor, ..) = Cursor::open(file, &self.folder.join(file.name()))?;
        Ok(cursor)
    }

    fn list_agents(&mut self) -> Result<(), Box<PoolFinding>> {
        let (roster, findings) = Roster::tabled(self.cursor(PART_AGENTS)?)?;
        self.roster = roster;
        self.findings.extend(findings);
        Ok(())
    }

    /// Holds a file in memory, unless it is.
    fn hold(&mut self, part: usize) -> Result<(), Box<PoolFinding>> {
        if !self.roster.has_table() {
            self.list_agents()?;
        }
        let file = AGENT_FILES.get(part).copied().unwrap_or(PoolFile::Agents);
        let cursor = self.cursor(part)?;
        if let Some(slot @ None) = self.held.get_mut(part) {
            let (held, findings) = hold(file, cursor, &self.roster)?;
            *slot = Some(Arc::new(held));
            self.findings.extend(findings);
        }
        Ok(())
    }
}

/// The opening of every file: what was found, and whether it stops everything.
struct Opening<'a> {
    folder: &'a Path,
    findings: Vec<PoolFinding>,
    fatal: bool,
    bytes: u64,
}

impl<'a> Opening<'a> {
    fn new(folder: &'a Path) -> Self {
        Self { folder, findings: Vec::new(), fatal: false, bytes: 0 }
    }

    /// Opens a file of agents, to be read as the agents go by.
    fn open(&mut self, file: PoolFile, needed: bool) -> Option<Opened> {
        let path = self.find(file, needed)?;
        self.opened(Cursor::open(file, &path))
    }

    /// Reads a file of employers whole: what is archived is what was read.
    fn whole(&mut self, file: PoolFile, needed: bool) -> Option<(Arc<[u8]>, Opened)> {
        let path = self.find(file, needed)?;
        let bytes: Arc<[u8]> = match std::fs::read(path) {
            Ok(bytes) => bytes.into(),
            Err(error) => {
                self.refuse(vec![*unreadable(file, 0, &error)]);
                return None;
            }
        };
        let opened = self.opened(Cursor::memory(file, Arc::clone(&bytes)))?;
        Some((bytes, opened))
    }

    fn find(&mut self, file: PoolFile, needed: bool) -> Option<PathBuf> {
        let path = self.folder.join(file.name());
        if !path.exists() {
            if needed {
                let message = format!("the needed file {} is missing", quoted(file.name()));
                let remede = format!("put it in the folder `{}`", self.folder.display());
                self.refuse(vec![PoolFinding::on_file(Code::E701, file, message, remede)]);
            }
            return None;
        }
        self.bytes += std::fs::metadata(&path).map_or(0, |data| data.len());
        Some(path)
    }

    fn opened(
        &mut self,
        found: Result<(Cursor, Layout, Vec<PoolFinding>), Box<PoolFinding>>,
    ) -> Option<Opened> {
        match found {
            Ok((cursor, layout, findings)) => {
                self.refuse(findings);
                Some((cursor, layout))
            }
            Err(finding) => {
                self.refuse(vec![*finding]);
                None
            }
        }
    }

    fn refuse(&mut self, findings: Vec<PoolFinding>) {
        self.fatal |= findings.iter().any(PoolFinding::is_error);
        self.findings.extend(findings);
    }
}

/// Reads every row of a file of employers; a row refused by `read` refuses its employer.
fn each_row(
    (mut cursor, layout): Opened,
    mut read: impl FnMut(&mut Row<'_, '_>),
) -> Result<Vec<PoolFinding>, Box<PoolFinding>> {
    let mut cells = Cells::default();
    let mut notes = Notes { agent: None, findings: Vec::new() };
    while cursor.peek()? {
        let at = RowRef { file: layout.file, line: cursor.line() };
        let text = String::from_utf8_lossy(cursor.row());
        let closed = cells.split(&text, layout.delimiter);
        let mut row = Row::new(&text, &cells, &layout, at.line, &mut notes);
        row = row.with_contract(0, super::row::NO_COLUMN);
        if matches!(text, Cow::Owned(_)) {
            row.refuse(not_utf8(at, cursor.row()));
        }
        row.check_width(cells.len(), closed);
        read(&mut row);
        cursor.advance();
    }
    Ok(notes.findings)
}

fn read_employeurs(
    context: &mut PoolContext,
    opened: Opened,
) -> Result<Vec<PoolFinding>, Box<PoolFinding>> {
    each_row(opened, |row| {
        use employeurs as col;
        let Some(siret) = row.siret(col::SIRET, Code::E705) else { return };
        if row.failed() {
            context.refused.entry(siret).or_insert(row.reference());
            return;
        }
        if !siret.key_holds() {
            row.find(
                Code::E721,
                format!("the key of the SIRET {} does not match", quoted(siret.as_str())),
                "compare with the avis de situation of the INSEE",
            );
        }
        if let Some(first) = context.employeurs.get(&siret) {
            let message = format!("the employer is already on line {}", first.reference.line);
            row.find(Code::E713, message, "keep one of the two rows");
        }
        match employeur_of(row, siret) {
            Some(employeur) => {
                context.employeurs.insert(siret, employeur);
            }
            None => {
                context.refused.entry(siret).or_insert(row.reference());
            }
        }
    })
}

/// The employer of a row, without its settings; `None` when the row is refused.
pub(super) fn employeur_of(row: &mut Row<'_, '_>, siret: Siret) -> Option<Employeur> {
    use employeurs as col;
    let nom = row.needed(col::NOM);
    let nature = row.needed_choice(col::NATURE, EmployeurKind::from_name, EmployeurKind::NAMES);
    let insee = row.needed(col::INSEE);
    let (population, effectif) = (row.count(col::POPULATION), row.count(col::EFFECTIF));
    if row.failed() {
        return None;
    }
    let text = |column| row.text(column).to_owned();
    Some(Employeur {
        siret,
        nom: nom?.to_owned(),
        nature: nature?,
        insee: insee?.to_owned(),
        population,
        effectif,
        adresse: text(col::ADRESSE),
        code_postal: text(col::CODE_POSTAL),
        ville: text(col::VILLE),
        ape: text(col::APE),
        urssaf: text(col::URSSAF),
        parametres: Vec::new(),
        reference: row.reference(),
    })
}

fn read_parametres(
    context: &mut PoolContext,
    opened: Opened,
) -> Result<Vec<PoolFinding>, Box<PoolFinding>> {
    each_row(opened, |row| {
        use parametres as col;
        let Some(siret) = row.siret(col::SIRET, Code::E711) else { return };
        if row.failed() {
            context.refused.entry(siret).or_insert(row.reference());
            return;
        }
        let known = context.employeurs.get(&siret);
        if known.is_none() && !context.refused.contains_key(&siret) {
            let message = format!("the employer {} is not in `employeurs.csv`", siret);
            row.find(Code::E711, message, "add the employer to `employeurs.csv`");
            return;
        }
        let nom = row.needed(col::PARAMETRE).map(canonical);
        let dated = row.dated(col::DEPUIS, col::FIN, col::CONNU_LE);
        let valeur = row.needed(col::VALEUR).map(str::to_owned);
        if let (Some(nom), Some(valeur)) = (&nom, &valeur)
            && let Some((code, message, remede)) = wrong_rate(nom, valeur)
        {
            row.find(code, message, remede);
        }
        if let (Some(nom), Some(dated), Some(employeur)) = (&nom, &dated, known)
            && let Some(first) = same_setting(employeur, nom, dated)
        {
            let message = format!("`{nom}` is already set for these dates on line {first}");
            row.find(Code::E713, message, "keep one of the two rows");
        }
        let reference = Some(row.text(col::REFERENCE)).filter(|text| !text.is_empty());
        let reference = reference.map(str::to_owned);
        match (nom, dated, valeur, context.employeurs.get_mut(&siret)) {
            (Some(nom), Some(dated), Some(valeur), Some(employeur)) if !row.failed() => {
                employeur.parametres.push(ParametreEmployeur { nom, valeur, dated, reference });
            }
            _ => {
                context.refused.entry(siret).or_insert(row.reference());
            }
        }
    })
}

/// The line of a setting with the same name and the same dates.
fn same_setting(employeur: &Employeur, nom: &str, dated: &Dated) -> Option<u32> {
    let same = |row: &&ParametreEmployeur| {
        row.nom == nom && (row.dated.depuis, row.dated.connu_le) == (dated.depuis, dated.connu_le)
    };
    employeur.parametres.iter().find(same).map(|row| row.dated.reference.line)
}

/// What is wrong with the value of a setting whose name says that it is a rate.
pub(super) fn wrong_rate(nom: &str, valeur: &str) -> Option<(Code, String, String)> {
    if !nom.starts_with("taux_") {
        return None;
    }
    match Fixed::parse(valeur) {
        Ok(value) => {
            rate_above(nom, value, 1).map(|(message, remede)| (Code::E719, message, remede))
        }
        Err(error) => {
            let message = format!("`{nom}` is {}: {error}", quoted(valeur));
            Some((Code::E705, message, "write a decimal fraction such as 0.0164".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests;
