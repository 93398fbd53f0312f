//! A pool that was stored: its headers and the bytes of its employers give its context back.

use std::sync::Arc;

use super::super::layout::Layout;
use super::super::partage::{EachRow, Partages};
use super::super::stream::{AGENT_FILES, FILES};
use super::super::tables::each_row;
use super::{Cursor, Opened, PoolContext, PoolFinding};
use crate::diag::Code;
use crate::domain::PoolFile;

/// The header row of each file of agents, in the order of reading, as it was handed in: without
/// its line end nor its byte order mark. None: the pool does not have the file.
pub type Headers = [(PoolFile, Option<Vec<u8>>); FILES];

/// Gives the table of a file of agents ([`super::super::Tables`]), block after block, to who
/// reads it. Errors: in words, what cannot be read.
pub type EachTable<'t> =
    &'t dyn Fn(PoolFile, &mut dyn FnMut(&[u8]) -> Result<(), String>) -> Result<(), String>;

/// A pool folder of which only the headers and the files of employers are left.
#[derive(Clone, Copy, Debug)]
pub struct StoredPool;

impl StoredPool {
    /// The context in which the rows of [`super::RawBlock::from_tables`] are parsed, and the
    /// findings about headers and employers, as [`super::PoolReader`] gave them.
    ///
    /// Who shares a number with whom is not known: [`StoredPool::open_whole`].
    ///
    /// Errors: every finding that stops the reading, as when the pool was opened.
    pub fn open(
        headers: &Headers,
        employeurs: &[u8],
        parametres: Option<&[u8]>,
    ) -> Result<(Arc<PoolContext>, Vec<PoolFinding>), Vec<PoolFinding>> {
        Self::open_with(headers, (employeurs, parametres), None)
    }

    /// The same, with who shares a number with whom, as when the pool was opened: `tables` is gone
    /// through for `agents.csv` and, when something is shared, for `carrieres.csv`.
    pub fn open_whole(
        headers: &Headers,
        employeurs: &[u8],
        parametres: Option<&[u8]>,
        tables: EachTable<'_>,
    ) -> Result<(Arc<PoolContext>, Vec<PoolFinding>), Vec<PoolFinding>> {
        Self::open_with(headers, (employeurs, parametres), Some(tables))
    }

    fn open_with(
        headers: &Headers,
        (employeurs, parametres): (&[u8], Option<&[u8]>),
        tables: Option<EachTable<'_>>,
    ) -> Result<(Arc<PoolContext>, Vec<PoolFinding>), Vec<PoolFinding>> {
        let mut findings = Vec::new();
        let mut memory = |file, bytes: &[u8]| -> Result<Opened, Vec<PoolFinding>> {
            let opened = Cursor::memory(file, bytes.into()).map_err(|finding| vec![*finding])?;
            let (cursor, layout, found) = opened;
            findings.extend(found);
            Ok((cursor, layout))
        };
        let employeurs = memory(PoolFile::Employeurs, employeurs)?;
        let parametres = parametres.map(|bytes| memory(PoolFile::Parametres, bytes)).transpose()?;
        let mut context = PoolContext::default();
        let slots = context.layouts.iter_mut().zip(AGENT_FILES);
        for ((slot, file), (named, header)) in slots.zip(headers) {
            if *named != file {
                return Err(vec![misplaced(*named, file)]);
            }
            if let Some(header) = header {
                let (layout, found) = Layout::read(file, header);
                findings.extend(found);
                *slot = Some(layout);
            }
        }
        if findings.iter().any(PoolFinding::is_error) {
            return Err(findings);
        }
        let shared = |context: &mut PoolContext| match tables {
            Some(tables) => context.find_stored_partages(tables),
            None => Ok(()),
        };
        let context = context.complete(Some(employeurs), parametres, shared, &mut findings)?;
        Ok((context, findings))
    }
}

impl PoolContext {
    /// Reads who shares a NIR or a bank account, in tables.
    fn find_stored_partages(&mut self, tables: EachTable<'_>) -> Result<(), Box<PoolFinding>> {
        let [Some(agents), Some(carrieres), ..] = &self.layouts else { return Ok(()) };
        let rows = |part: usize, file: PoolFile, each: &mut EachRow<'_>| {
            let read = tables(file, &mut |table| each_row(self, part, table, each));
            read.map_err(|what| {
                let remede = "restore the archive from a proven backup";
                Box::new(PoolFinding::on_file(Code::E701, file, what, remede))
            })
        };
        self.partages = Partages::find(
            &|each| rows(0, PoolFile::Agents, each),
            &|each| rows(1, PoolFile::Carrieres, each),
            (agents, carrieres),
        )?;
        Ok(())
    }

    /// The header row of each file of agents.
    pub(in crate::io) fn headers(&self) -> Headers {
        let mut headers = AGENT_FILES.map(|file| (file, None));
        for ((_, header), layout) in headers.iter_mut().zip(&self.layouts) {
            *header = layout.as_ref().map(|layout| layout.header.clone());
        }
        headers
    }
}

fn misplaced(found: PoolFile, expected: PoolFile) -> PoolFinding {
    let message = format!("the header of `{}` is in the place of another", found.name());
    let remede = "give the headers in the order in which they were taken";
    PoolFinding::on_file(Code::E701, expected, message, remede)
}

/// Digest of the headers of the files whose rows say what is due.
pub(super) fn shape(layouts: &[Option<Layout>; FILES]) -> [u8; 32] {
    let mut digest = blake3::Hasher::new();
    for part in super::super::tables::DIGEST_PARTS {
        let layout = layouts.get(part).and_then(Option::as_ref);
        let header = layout.map_or(&[][..], |layout| &layout.header);
        digest.update(&u64::try_from(header.len()).unwrap_or(u64::MAX).to_le_bytes());
        digest.update(header);
    }
    *digest.finalize().as_bytes()
}
