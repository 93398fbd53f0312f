//! A pool that was stored: its headers and the bytes of its employers give its context back.

use std::sync::Arc;

use super::super::layout::Layout;
use super::super::stream::{AGENT_FILES, FILES};
use super::{Cursor, Opened, PoolContext, PoolFinding};
use crate::diag::Code;
use crate::domain::PoolFile;

/// The header row of each file of agents, in the order of reading, as it was handed in: without
/// its line end nor its byte order mark. None: the pool does not have the file.
pub type Headers = [(PoolFile, Option<Vec<u8>>); FILES];

/// A pool folder of which only the headers and the files of employers are left.
#[derive(Clone, Copy, Debug)]
pub struct StoredPool;

impl StoredPool {
    /// The context in which the rows of [`super::RawBlock::from_tables`] are parsed, and the
    /// findings about headers and employers, as [`super::PoolReader`] gave them.
    ///
    /// Errors: every finding that stops the reading, as when the pool was opened.
    pub fn open(
        headers: &Headers,
        employeurs: &[u8],
        parametres: Option<&[u8]>,
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
        let context = context.complete(Some(employeurs), parametres, |_| Ok(()), &mut findings)?;
        Ok((context, findings))
    }
}

impl PoolContext {
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
