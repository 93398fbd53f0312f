//! The names of the folder: what is where, and the text that explains it.
//!
//! May import: nothing. Must not know: how files are read or written.

use std::path::{Path, PathBuf};

/// The text of the file `FORMAT`, the same bytes in every archive of this version.
pub const FORMAT: &str = include_str!("format-1.txt");

/// What the first line of `FORMAT` says before the version.
pub(super) const MAGIC: &str = "paie-archive ";

/// The file that explains the archive; the last one written at its creation.
pub(super) const FORMAT_FILE: &str = "FORMAT";
/// Number and digest of the last entry, so that its loss is seen.
pub(super) const HEAD_FILE: &str = "TETE";
/// The file that a writer locks; always empty.
pub(super) const LOCK_FILE: &str = "verrou";
/// The entries.
pub(super) const JOURNAL: &str = "journal";
/// The objects.
pub(super) const OBJECTS: &str = "objets";
/// Files being written.
pub(super) const PENDING: &str = "en-cours";

/// What the first entry has as the digest of the one before.
pub(super) const NO_DIGEST: &str =
    "0000000000000000000000000000000000000000000000000000000000000000";

/// Letters of a digest in the name of an entry.
pub(super) const SHORT: usize = 16;

/// Whether the text is `length` hexadecimal digits, in small letters.
pub(super) fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The first letters of a digest, as names of entries hold them.
pub(super) fn short(digest: &str) -> &str {
    digest.get(..SHORT).unwrap_or(digest)
}

/// The name of an object below the root, `objets/ab/ab…`.
pub(super) fn object_name(digest: &str) -> String {
    format!("{OBJECTS}/{}/{digest}", digest.get(..2).unwrap_or("00"))
}

/// The path of an object.
pub(super) fn object_path(root: &Path, digest: &str) -> PathBuf {
    root.join(object_name(digest))
}

/// The name of an entry below the root.
pub(super) fn entry_name(number: u64, digest: &str) -> String {
    format!("{JOURNAL}/{number:06}-{}.json", short(digest))
}

/// Number and short digest of the file name of an entry; none for any other name.
pub(super) fn parse_entry_name(name: &str) -> Option<(u64, &str)> {
    let (number, digest) = name.strip_suffix(".json")?.split_once('-')?;
    let parsed: u64 = number.parse().ok()?;
    (format!("{parsed:06}") == number && parsed > 0 && is_hex(digest, SHORT))
        .then_some((parsed, digest))
}

/// The text of `TETE`.
pub(super) fn head_text(number: u64, digest: &str) -> String {
    format!("{number:06}-{digest}\n")
}

/// Number and digest of `TETE`; none when it is not exactly what the program writes.
pub(super) fn parse_head(text: &str) -> Option<(u64, &str)> {
    let (number, digest) = text.strip_suffix('\n')?.split_once('-')?;
    let parsed: u64 = number.parse().ok()?;
    (head_text(parsed, digest) == text && is_hex(digest, NO_DIGEST.len()))
        .then_some((parsed, digest))
}
