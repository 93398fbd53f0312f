//! Where rows and cells start and end. The rules of RFC 4180, as the `csv` crate reads them:
//! a quote opens a cell only at its very start, and is doubled inside.

use std::ops::Range;

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
    next_row_within(bytes, delimiter, last, POOL_ROW_BYTES)
}

/// The same, with the length within which a quote must be closed.
#[inline]
pub(super) fn next_row_within(
    bytes: &[u8],
    delimiter: u8,
    last: bool,
    longest: usize,
) -> Option<RowEnd> {
    match memchr::memchr2(b'\n', b'"', bytes) {
        Some(at) if bytes.get(at) == Some(&b'\n') => Some(ending_at(bytes, at, 1)),
        Some(at) => row_with_quotes(bytes, at, delimiter, last, longest),
        None if last => Some(RowEnd { end: bytes.len(), next: bytes.len(), lines: 1 }),
        None => None,
    }
}

/// The row that stops at the line end `at`, whose carriage return is not a cell.
fn ending_at(bytes: &[u8], at: usize, lines: u32) -> RowEnd {
    let carriage = at > 0 && bytes.get(at - 1) == Some(&b'\r');
    RowEnd { end: at - usize::from(carriage), next: at + 1, lines }
}

/// The careful path: line ends between quotes belong to a cell. `quote` is the first quote.
fn row_with_quotes(
    bytes: &[u8],
    quote: usize,
    delimiter: u8,
    last: bool,
    longest: usize,
) -> Option<RowEnd> {
    let window = bytes.get(..longest).unwrap_or(bytes);
    let (mut at, mut lines) = (quote, 1_u32);
    loop {
        if opens_cell(window, at, delimiter) {
            let Some(close) = closing_quote(window, at) else { break };
            let inside = window.get(at..close).unwrap_or_default();
            let held = memchr::memchr_iter(b'\n', inside).count();
            lines = lines.saturating_add(u32::try_from(held).unwrap_or(u32::MAX));
            at = close;
        }
        let rest = window.get(at + 1..).unwrap_or_default();
        let Some(found) = memchr::memchr2(b'\n', b'"', rest) else {
            if last && window.len() == bytes.len() {
                return Some(RowEnd { end: bytes.len(), next: bytes.len(), lines });
            }
            break;
        };
        at += 1 + found;
        if window.get(at) == Some(&b'\n') {
            return Some(ending_at(bytes, at, lines));
        }
    }
    // A quote is open at the end of the window, or the row is longer than the window.
    if !last && window.len() == bytes.len() {
        return None;
    }
    match memchr::memchr(b'\n', bytes) {
        Some(at) => Some(ending_at(bytes, at, 1)),
        None if last => Some(RowEnd { end: bytes.len(), next: bytes.len(), lines: 1 }),
        None => None,
    }
}

/// Whether the quote at `at`, outside every other pair, starts a cell.
fn opens_cell(bytes: &[u8], at: usize, delimiter: u8) -> bool {
    at.checked_sub(1).is_none_or(|before| bytes.get(before) == Some(&delimiter))
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

/// The place of one cell in a row without its line end: quotes and outer spaces left out, doubled
/// quotes left as they are. Empty when the row is too short.
#[inline]
pub(super) fn cell_range(row: &[u8], delimiter: u8, index: usize) -> Range<usize> {
    let mut start = 0;
    for _ in 0..index {
        match memchr::memchr(delimiter, row.get(quoted_end(row, start)..).unwrap_or_default()) {
            Some(at) => start = quoted_end(row, start) + at + 1,
            None => return 0..0,
        }
    }
    let (first, end) = if row.get(start) == Some(&b'"') {
        (start + 1, closing_quote(row, start).unwrap_or(row.len()))
    } else {
        let rest = row.get(start..).unwrap_or_default();
        (start, memchr::memchr(delimiter, rest).map_or(row.len(), |at| start + at))
    };
    let cell = row.get(first..end).unwrap_or_default();
    let first = first + (cell.len() - cell.trim_ascii_start().len());
    first..first + cell.trim_ascii().len()
}

/// The end of the quoted part of the cell that starts at `start`; `start` when it has none.
fn quoted_end(row: &[u8], start: usize) -> usize {
    match row.get(start) {
        Some(b'"') => closing_quote(row, start).unwrap_or(row.len()),
        _ => start,
    }
}

/// The cells of one row, as ranges; kept from row to row so that nothing is allocated.
#[derive(Debug, Default)]
pub(super) struct Cells {
    /// Ranges of the row, or, past its end, of `unquoted`.
    ranges: Vec<(usize, usize)>,
    /// The cells that are not a part of the row as it stands: those with doubled quotes.
    unquoted: String,
}

impl Cells {
    /// Splits a row without its line end. Answers whether every quote is closed.
    #[inline]
    pub(super) fn split(&mut self, row: &str, delimiter: u8) -> bool {
        self.ranges.clear();
        self.unquoted.clear();
        let bytes = row.as_bytes();
        let (mut start, mut closed) = (0, true);
        loop {
            let mut at = start;
            if bytes.get(start) == Some(&b'"') {
                (at, closed) = self.quoted_cell(row, start, delimiter, closed);
            } else {
                let rest = bytes.get(start..).unwrap_or_default();
                at += rest.iter().position(|&byte| byte == delimiter).unwrap_or(rest.len());
                self.ranges.push((start, at));
            }
            if at >= bytes.len() {
                return closed;
            }
            start = at + 1;
        }
    }

    /// Adds the cell whose quote is at `open`. Answers where it ends, and `closed` unless its
    /// quote is not.
    fn quoted_cell(
        &mut self,
        row: &str,
        open: usize,
        delimiter: u8,
        closed: bool,
    ) -> (usize, bool) {
        let bytes = row.as_bytes();
        let close = closing_quote(bytes, open);
        let closed = closed && close.is_some();
        let close = close.unwrap_or(bytes.len());
        let after = (close + 1).min(bytes.len());
        let rest = bytes.get(after..).unwrap_or_default();
        let end = memchr::memchr(delimiter, rest).map_or(bytes.len(), |at| after + at);
        let inside = row.get(open + 1..close).unwrap_or("");
        if end == after && memchr::memchr(b'"', inside.as_bytes()).is_none() {
            self.ranges.push((open + 1, open + 1 + inside.len()));
        } else {
            let start = bytes.len() + 1 + self.unquoted.len();
            self.unquoted.push_str(&inside.replace("\"\"", "\""));
            self.unquoted.push_str(row.get(after..end).unwrap_or(""));
            self.ranges.push((start, bytes.len() + 1 + self.unquoted.len()));
        }
        (end, closed)
    }

    /// Cells that are already apart, and the text that they are ranges of.
    pub(super) fn joined(values: &[String]) -> (String, Self) {
        let (mut text, mut cells) = (String::new(), Self::default());
        for value in values {
            let start = text.len();
            text.push_str(value);
            cells.ranges.push((start, text.len()));
        }
        (text, cells)
    }

    /// How many cells the row has.
    pub(super) fn len(&self) -> usize {
        self.ranges.len()
    }

    /// A cell of the row that was split, outer spaces kept; empty when there is none.
    #[inline]
    pub(super) fn get<'a>(&'a self, row: &'a str, index: usize) -> &'a str {
        let Some(&(start, end)) = self.ranges.get(index) else { return "" };
        match start.checked_sub(row.len() + 1) {
            None => row.get(start..end).unwrap_or(""),
            Some(from) => self.unquoted.get(from..end - row.len() - 1).unwrap_or(""),
        }
    }
}

/// A row of a table that this program wrote: commas, a quote only where it is needed.
pub struct Record<'a> {
    text: &'a str,
    cells: &'a Cells,
}

impl<'a> Record<'a> {
    /// A cell; empty past the last.
    pub fn get(&self, at: usize) -> &'a str {
        self.cells.get(self.text, at)
    }
}

/// Where the rows are that say the same in a column, in a table that this program wrote without
/// its header: they stand together. None: a row is not one.
pub fn spans(table: &[u8], column: usize) -> Option<Vec<(String, Range<usize>)>> {
    let mut found: Vec<(String, Range<usize>)> = Vec::new();
    let (mut cells, mut start) = (Cells::default(), 0);
    while start < table.len() {
        let rest = table.get(start..)?;
        let row = next_row_within(rest, b',', true, usize::MAX)?;
        let text = rest.get(..row.end).and_then(|row| std::str::from_utf8(row).ok())?;
        if !cells.split(text, b',') {
            return None;
        }
        let (cell, end) = (cells.get(text, column), start + row.next);
        match found.last_mut() {
            Some((same, span)) if same == cell => span.end = end,
            _ => found.push((cell.to_owned(), start..end)),
        }
        start = end;
    }
    Some(found)
}

/// Reads the rows of a table that this program wrote, without its header, until `each` says
/// false. The answer is false then, or when a row is not one.
pub fn records(table: &[u8], mut each: impl FnMut(&Record<'_>) -> bool) -> bool {
    let mut cells = Cells::default();
    let mut rest = table;
    while let Some(row) = next_row_within(rest, b',', true, usize::MAX).filter(|_| !rest.is_empty())
    {
        let text = rest.get(..row.end).and_then(|row| std::str::from_utf8(row).ok());
        let Some(text) = text else { return false };
        if !cells.split(text, b',') || !each(&Record { text, cells: &cells }) {
            return false;
        }
        rest = rest.get(row.next..).unwrap_or_default();
    }
    true
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
            let row = next_row(&text.as_bytes()[from..], b',', true).unwrap();
            let rest = &text[from..from + row.end];
            if !is_blank(rest.as_bytes(), b',') {
                cells.split(rest, b',');
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
        let cell = |row: &'static str, index| &row[cell_range(row.as_bytes(), b',', index)];
        assert_eq!(cell(" a ,b,c", 0), "a");
        assert_eq!(cell("a,b,c", 2), "c");
        assert_eq!(cell("a,b", 5), "");
        assert_eq!(cell("a,b", 1), "b");
        assert_eq!(cell("\"a,b\",\" c\"", 1), "c");
        assert_eq!(cell("\"a,b\",\" c\"", 0), "a,b");
        assert_eq!(cell("a,\"b", 1), "b");
        assert_eq!(cell("", 0), "");
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
