//! Where rows and cells start and end. The rules of RFC 4180, as the `csv` crate reads them:
//! a quote opens a cell only at its very start, and is doubled inside.

use std::borrow::Cow;

use crate::limits::POOL_ROW_BYTES;

/// One row at the start of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowEnd {
    /// First byte after the cells.
    pub(super) end: usize,
    /// First byte of the next row.
    pub(super) next: usize,
    /// Line ends that the row holds, its own included.
    pub(super) lines: u32,
}

/// The row at the start of `bytes`; `None` when more bytes are needed to tell (never if `last`).
///
/// A quote that is not closed within [`POOL_ROW_BYTES`] does not swallow the file: the row then
/// stops at its first line end, and its cells say that the quote is open.
#[inline]
pub(super) fn next_row(bytes: &[u8], delimiter: u8, last: bool) -> Option<RowEnd> {
    match memchr::memchr2(b'\n', b'"', bytes) {
        Some(at) if bytes.get(at) == Some(&b'\n') => Some(ending_at(bytes, at, 1)),
        Some(_) => row_with_quotes(bytes, delimiter, last),
        None if last => Some(RowEnd { end: bytes.len(), next: bytes.len(), lines: 1 }),
        None => None,
    }
}

/// The row that stops at the line end `at`, whose carriage return is not a cell.
fn ending_at(bytes: &[u8], at: usize, lines: u32) -> RowEnd {
    let carriage = at > 0 && bytes.get(at - 1) == Some(&b'\r');
    RowEnd { end: at - usize::from(carriage), next: at + 1, lines }
}

/// The careful path: line ends between quotes belong to a cell.
#[cold]
fn row_with_quotes(bytes: &[u8], delimiter: u8, last: bool) -> Option<RowEnd> {
    let window = bytes.get(..POOL_ROW_BYTES).unwrap_or(bytes);
    let whole = last || window.len() < bytes.len();
    let mut from = 0;
    loop {
        let Some(after) = cell_end(window, from, delimiter) else {
            // The quote is still open, or the window stops inside a cell.
            if !whole {
                return None;
            }
            let stop = memchr::memchr(b'\n', bytes);
            return match stop {
                Some(at) => Some(ending_at(bytes, at, 1)),
                None if last => Some(RowEnd { end: bytes.len(), next: bytes.len(), lines: 1 }),
                None => None,
            };
        };
        match window.get(after) {
            Some(b'\n') => {
                let inside = window.get(..after).unwrap_or(window);
                let lines = memchr::memchr_iter(b'\n', inside).count() + 1;
                return Some(ending_at(bytes, after, u32::try_from(lines).unwrap_or(u32::MAX)));
            }
            Some(_) => from = after + 1,
            None if last && window.len() == bytes.len() => {
                let lines = memchr::memchr_iter(b'\n', window).count() + 1;
                let lines = u32::try_from(lines).unwrap_or(u32::MAX);
                return Some(RowEnd { end: bytes.len(), next: bytes.len(), lines });
            }
            None if whole => return memchr::memchr(b'\n', bytes).map(|at| ending_at(bytes, at, 1)),
            None => return None,
        }
    }
}

/// The end of the cell that starts at `from`: the place of its delimiter, of its line end, or the
/// end of the text. `None`: its quote is not closed.
fn cell_end(bytes: &[u8], from: usize, delimiter: u8) -> Option<usize> {
    let mut at = from;
    if bytes.get(from) == Some(&b'"') {
        at = closing_quote(bytes, from)? + 1;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    Some(memchr::memchr2(delimiter, b'\n', rest).map_or(bytes.len(), |found| at + found))
}

/// The place of the quote that closes the one at `open`.
fn closing_quote(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    loop {
        let quote = at + memchr::memchr(b'"', bytes.get(at..)?)?;
        if bytes.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        at = quote + 2;
    }
}

/// The bytes of one cell of a row without its line end, quotes and outer spaces removed; empty
/// when the row is too short.
#[inline]
pub(super) fn cell_at(row: &[u8], delimiter: u8, index: usize) -> Cow<'_, [u8]> {
    if memchr::memchr(b'"', row).is_some() {
        return quoted_cell_at(row, delimiter, index);
    }
    let mut rest = row;
    for _ in 0..index {
        match memchr::memchr(delimiter, rest) {
            Some(at) => rest = rest.get(at + 1..).unwrap_or_default(),
            None => return Cow::Borrowed(&[]),
        }
    }
    let end = memchr::memchr(delimiter, rest).unwrap_or(rest.len());
    Cow::Borrowed(rest.get(..end).unwrap_or_default().trim_ascii())
}

#[cold]
fn quoted_cell_at(row: &[u8], delimiter: u8, index: usize) -> Cow<'_, [u8]> {
    let mut cells = Cells::default();
    let text = String::from_utf8_lossy(row);
    cells.split(&text, delimiter);
    Cow::Owned(cells.get(&text, index).trim().as_bytes().to_vec())
}

/// The cells of one row, as ranges; kept from row to row so that nothing is allocated.
#[derive(Debug, Default)]
pub(super) struct Cells {
    ranges: Vec<(usize, usize)>,
    /// Cells without their quotes, when the row has quotes: the ranges then point here.
    unquoted: String,
    quotes: bool,
}

impl Cells {
    /// Splits a row without its line end. Answers whether every quote is closed.
    #[inline]
    pub(super) fn split(&mut self, row: &str, delimiter: u8) -> bool {
        self.ranges.clear();
        self.quotes = memchr::memchr(b'"', row.as_bytes()).is_some();
        if self.quotes {
            return self.split_quoted(row, delimiter);
        }
        let mut start = 0;
        for (at, &byte) in row.as_bytes().iter().enumerate() {
            if byte == delimiter {
                self.ranges.push((start, at));
                start = at + 1;
            }
        }
        self.ranges.push((start, row.len()));
        true
    }

    #[cold]
    fn split_quoted(&mut self, row: &str, delimiter: u8) -> bool {
        self.unquoted.clear();
        let bytes = row.as_bytes();
        let (mut from, mut closed) = (0, true);
        loop {
            let start = self.unquoted.len();
            let mut at = from;
            if bytes.get(from) == Some(&b'"') {
                let close = closing_quote(bytes, from);
                closed &= close.is_some();
                let close = close.unwrap_or(bytes.len());
                let inside = row.get(from + 1..close).unwrap_or("");
                self.unquoted.push_str(&inside.replace("\"\"", "\""));
                at = (close + 1).min(bytes.len());
            }
            let rest = bytes.get(at..).unwrap_or_default();
            let end = memchr::memchr(delimiter, rest).map(|found| at + found);
            self.unquoted.push_str(row.get(at..end.unwrap_or(bytes.len())).unwrap_or(""));
            self.ranges.push((start, self.unquoted.len()));
            match end {
                Some(end) => from = end + 1,
                None => return closed,
            }
        }
    }

    /// How many cells the row has.
    pub(super) fn len(&self) -> usize {
        self.ranges.len()
    }

    /// A cell of the row that was split, outer spaces kept; empty when there is none.
    #[inline]
    pub(super) fn get<'a>(&'a self, row: &'a str, index: usize) -> &'a str {
        let source = if self.quotes { &self.unquoted } else { row };
        let range = self.ranges.get(index).copied();
        range.and_then(|(start, end)| source.get(start..end)).unwrap_or("")
    }
}

/// Whether a row says nothing: only delimiters, quotes and spaces (what spreadsheets leave).
#[inline]
pub(super) fn is_blank(row: &[u8], delimiter: u8) -> bool {
    row.iter().all(|&byte| byte == delimiter || matches!(byte, b' ' | b'\t' | b'\r' | b'"'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every row of a text, as cells.
    fn rows(text: &str) -> Vec<Vec<String>> {
        let (mut from, mut rows) = (0, Vec::new());
        let mut cells = Cells::default();
        while from < text.len() {
            let rest = &text[from..];
            let row = next_row(rest.as_bytes(), b',', true).unwrap();
            if !is_blank(&rest.as_bytes()[..row.end], b',') {
                cells.split(&rest[..row.end], b',');
                rows.push((0..cells.len()).map(|i| cells.get(rest, i).to_owned()).collect());
            }
            from += row.next;
        }
        rows
    }

    #[test]
    fn quotes_hold_line_ends_delimiters_and_quotes() {
        assert_eq!(
            rows("a,\"b\nc\",\"d,\"\"e\"\"\"\r\nf,g,h\n"),
            [vec!["a", "b\nc", "d,\"e\""], vec!["f", "g", "h"]]
        );
        assert_eq!(rows("a,5\" x\nb,c"), [["a", "5\" x"], ["b", "c"]]);
    }

    #[test]
    fn an_open_quote_costs_one_row() {
        let text = "a,\"b\nc,d\n";
        let row = next_row(text.as_bytes(), b',', true).unwrap();
        assert_eq!((row.end, row.next), (4, 5));
        assert!(!Cells::default().split("a,\"b", b','));
        assert_eq!(next_row(text.as_bytes(), b',', false), None);
        let long = format!("a,\"b\n{}", "c,d\n".repeat(POOL_ROW_BYTES));
        assert_eq!(next_row(long.as_bytes(), b',', false).map(|row| row.next), Some(5));
    }

    #[test]
    fn one_cell_without_splitting_the_row() {
        assert_eq!(&*cell_at(b" a ,b,c", b',', 0), b"a");
        assert_eq!(&*cell_at(b"a,b,c", b',', 2), b"c");
        assert_eq!(&*cell_at(b"a,b", b',', 5), b"");
        assert_eq!(&*cell_at(b"\"a,b\",\"c\"", b',', 1), b"c");
    }

    proptest! {
        #[test]
        fn reads_what_the_csv_crate_writes(
            table in prop::collection::vec(prop::collection::vec("[a\",\né ]{0,6}", 3), 1..6),
        ) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            let table: Vec<_> = table.into_iter()
                .filter(|row| row.iter().any(|cell| cell.contains(['a', 'é'])))
                .collect();
            for row in &table {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            prop_assert_eq!(rows(&text), table);
        }

        #[test]
        fn cutting_the_text_anywhere_changes_no_row(text in "[a\",\n]{0,40}", cut in 0_usize..40) {
            let bytes = text.as_bytes();
            let start = &bytes[..cut.min(bytes.len())];
            if let Some(row) = next_row(start, b',', false) {
                prop_assert_eq!(Some(row), next_row(bytes, b',', true));
            }
        }
    }
}
