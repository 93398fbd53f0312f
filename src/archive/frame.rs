//! A piece of a table, compressed: a zstd frame, that stands alone.
//!
//! May import: `limits`. Must not know: files.

use std::cell::RefCell;

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::CParameter;

use super::error::ArchiveError;
use crate::limits::ARCHIVE_LEVEL;

/// Bytes of the digest of a frame in an index: half a BLAKE3, since it only says where.
pub(super) const DIGEST: usize = 16;

/// A compressed piece, ready to be appended.
#[derive(Clone, Debug)]
pub struct Frame {
    pub(super) stored: Vec<u8>,
    pub(super) contenu: u64,
    pub(super) digest: [u8; DIGEST],
}

impl Frame {
    /// Bytes once stored.
    pub fn octets(&self) -> u64 {
        length(&self.stored)
    }

    /// Bytes before compression.
    pub fn contenu(&self) -> u64 {
        self.contenu
    }
}

thread_local! {
    /// Its tables are large: made once by each thread.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

/// Compresses bytes and digests the result; the same bytes give the same frame.
pub fn frame(content: &[u8]) -> Result<Frame, ArchiveError> {
    let failed = |cause| ArchiveError::Compression { octets: content.len(), cause };
    let stored = COMPRESSOR.with_borrow_mut(|kept| {
        let mut compressor = match kept.take() {
            Some(compressor) => compressor,
            None => {
                let mut new = Compressor::new(ARCHIVE_LEVEL)?;
                // `zstd -t` can then prove the content without this program.
                new.set_parameter(CParameter::ChecksumFlag(true))?;
                new
            }
        };
        let stored = compressor.compress(content)?;
        *kept = Some(compressor);
        Ok(stored)
    });
    let stored = stored.map_err(failed)?;
    let digest = digest(&stored);
    Ok(Frame { stored, contenu: length(content), digest })
}

/// The bytes of one frame, `contenu` of them; none when it holds anything else.
pub(super) fn open(stored: &[u8], contenu: u64) -> Option<Vec<u8>> {
    let capacity = usize::try_from(contenu).ok()?;
    let content = Decompressor::new().ok()?.decompress(stored, capacity).ok()?;
    (content.len() == capacity).then_some(content)
}

/// The bytes of a whole object, of one frame or several; none when it holds anything else.
pub(super) fn open_all(stored: &[u8], contenu: u64) -> Option<Vec<u8>> {
    let content = zstd::stream::decode_all(stored).ok()?;
    (length(&content) == contenu).then_some(content)
}

/// The digest of a frame.
pub(super) fn digest(stored: &[u8]) -> [u8; DIGEST] {
    let mut digest = [0; DIGEST];
    blake3::Hasher::new().update(stored).finalize_xof().fill(&mut digest);
    digest
}

/// A length as files count them.
pub(super) fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
