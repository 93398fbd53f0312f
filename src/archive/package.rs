//! Texts in one file: a `tar` whose bytes depend on names and contents only.
//!
//! May import: nothing. Must not know: what the texts are.

use std::collections::BTreeMap;

use super::error::ArchiveError;
use super::frame::length;

/// Bytes of a header, and what contents are padded to.
const RECORD: usize = 512;

/// Packs texts by name, in the order of names, as POSIX `ustar` without date, owner or machine.
/// Names are relative, at most 255 bytes, with a folder of at most 155 and a file of at most 100.
pub fn pack(texts: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, ArchiveError> {
    let mut out = Vec::new();
    for (name, content) in texts {
        out.extend_from_slice(&header(name, content)?);
        out.extend_from_slice(content);
        let padded = out.len().next_multiple_of(RECORD);
        out.resize(padded, 0);
    }
    out.resize(out.len() + 2 * RECORD, 0);
    Ok(out)
}

/// The texts of what [`pack`] made; none when the bytes are something else.
pub fn unpack(bytes: &[u8]) -> Option<BTreeMap<String, Vec<u8>>> {
    let mut texts = BTreeMap::new();
    let mut rest = bytes;
    loop {
        let (head, after) = rest.split_at_checked(RECORD)?;
        if head.iter().all(|byte| *byte == 0) {
            // Headers, order and padding too are what `pack` writes.
            return pack(&texts).is_ok_and(|again| again == bytes).then_some(texts);
        }
        let octets = usize::from_str_radix(text(head, 124, 11)?, 8).ok()?;
        let (content, _) = after.split_at_checked(octets)?;
        let name = match text(head, 345, 155)? {
            "" => text(head, 0, 100)?.to_owned(),
            folder => format!("{folder}/{}", text(head, 0, 100)?),
        };
        texts.insert(name, content.to_vec());
        rest = after.get(octets.next_multiple_of(RECORD)..)?;
    }
}

/// A field of a header, to its first zero.
fn text(head: &[u8], start: usize, length: usize) -> Option<&str> {
    let field = head.get(start..start + length)?;
    std::str::from_utf8(field.split(|byte| *byte == 0).next()?).ok()
}

fn header(name: &str, content: &[u8]) -> Result<[u8; RECORD], ArchiveError> {
    let wrong = |why| ArchiveError::Field { field: "text", value: name.to_owned(), why };
    let parts = name.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    if !parts || name.contains('\0') {
        return Err(wrong("a relative name, without `.` nor `..`"));
    }
    let (folder, file) = split(name).ok_or_else(|| wrong("a shorter name"))?;
    let octets = format!("{:011o}", length(content));
    if octets.len() != 11 {
        return Err(wrong("at most 8 GiB"));
    }
    let mut head = [0; RECORD];
    let mut put = |start: usize, field: &str| {
        for (to, from) in head.iter_mut().skip(start).zip(field.bytes()) {
            *to = from;
        }
    };
    put(0, file);
    put(100, "0000644\x000000000\x000000000\0");
    put(124, &octets);
    put(136, "00000000000\0        0");
    put(257, "ustar\x0000");
    put(345, folder);
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    for (to, from) in head.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").bytes()) {
        *to = from;
    }
    Ok(head)
}

/// Folder and file, each in its field.
fn split(name: &str) -> Option<(&str, &str)> {
    if name.len() <= 100 {
        return Some(("", name));
    }
    let fits = |(at, _): &(usize, &str)| *at <= 155 && name.len() - at - 1 <= 100;
    let (at, _) = name.match_indices('/').find(fits)?;
    Some((name.get(..at)?, name.get(at + 1..)?))
}
