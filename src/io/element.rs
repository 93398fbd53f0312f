//! `elements.csv` for who adds to it: its rows as bytes, and cells typed in elsewhere read as the
//! pool would read them.

use std::ops::Range;

use super::columns::elements;
use super::finding::PoolFinding;
use super::layout::Layout;
use super::parse::{Reading, read_element};
use super::pool::PoolContext;
use super::row::{Notes, Row};
use super::split::{Cells, cell_range, is_blank, next_row};
use crate::domain::{Element, PoolFile, Siret};

/// One row of a CSV text that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvRow {
    /// Its bytes, the line end left out.
    pub bytes: Range<usize>,
    /// The first byte of the next row.
    pub next: usize,
    /// Its first line, from 1.
    pub line: u32,
}

/// The rows of a text, blank ones left out; they are cut as the rows of a pool file are.
pub fn csv_rows(text: &[u8], delimiter: u8) -> Vec<CsvRow> {
    let (mut rows, mut start, mut line) = (Vec::new(), 0_usize, 1_u32);
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let Some(row) = next_row(rest, delimiter, true) else { break };
        let (bytes, next) = (start..start + row.end, start + row.next);
        if !is_blank(rest.get(..row.end).unwrap_or_default(), delimiter) {
            rows.push(CsvRow { bytes, next, line });
        }
        line = line.saturating_add(row.lines);
        start = next;
    }
    rows
}

/// The cells of a row without its line end, outer spaces kept, and whether every quote is closed.
pub fn csv_cells(row: &str, delimiter: u8) -> (Vec<String>, bool) {
    let mut cells = Cells::default();
    let closed = cells.split(row, delimiter);
    ((0..cells.len()).map(|at| cells.get(row, at).to_owned()).collect(), closed)
}

/// Reads cells as a row of `elements.csv` of one employer, the only one that exists here.
pub struct ElementReader<'c> {
    reading: Reading<'c>,
    layout: Layout,
}

impl<'c> ElementReader<'c> {
    /// A reader for the rows of `siret`. `nowhere` is an empty context: no other employer.
    pub fn new(nowhere: &'c PoolContext, siret: Siret) -> Self {
        let layout = Layout::apart(PoolFile::Elements);
        Self { reading: Reading::of_employer(nowhere, siret), layout }
    }

    /// The element that cells say, given in the order of [`super::columns`]; none when a value is
    /// refused: the findings say which.
    pub fn read(&mut self, line: u32, values: &[String]) -> (Option<Element>, Vec<PoolFinding>) {
        let (text, cells) = Cells::joined(values);
        let mut notes = Notes { agent: None, findings: Vec::new() };
        let mut row = Row::new(&text, &cells, &self.layout, line, &mut notes);
        let element = read_element(&mut row, &mut self.reading).filter(|_| !row.failed());
        (element, notes.findings)
    }
}

/// `elements.csv` as its bytes stand.
pub struct ElementsFile<'b> {
    bytes: &'b [u8],
    layout: Layout,
    header: CsvRow,
    rows: Vec<CsvRow>,
}

impl<'b> ElementsFile<'b> {
    /// Finds the rows of a file. Errors: its header is refused, for these reasons.
    pub fn read(bytes: &'b [u8]) -> Result<Self, Vec<PoolFinding>> {
        let mark = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let text = bytes.get(mark..).unwrap_or_default();
        let first = next_row(text, b',', true);
        let (end, next) = first.map_or((0, 0), |row| (row.end, row.next));
        let (layout, findings) =
            Layout::read(PoolFile::Elements, text.get(..end).unwrap_or_default());
        if findings.iter().any(PoolFinding::is_error) {
            return Err(findings);
        }
        let lines = first.map_or(1, |row| row.lines);
        let start = mark + next;
        let header = CsvRow { bytes: mark..mark + end, next: start, line: 1 };
        let mut rows = csv_rows(bytes.get(start..).unwrap_or_default(), layout.delimiter);
        for row in &mut rows {
            row.bytes = row.bytes.start + start..row.bytes.end + start;
            row.next += start;
            row.line = row.line.saturating_add(lines);
        }
        Ok(Self { bytes, layout, header, rows })
    }

    /// The separator.
    pub fn delimiter(&self) -> u8 {
        self.layout.delimiter
    }

    /// Cells of every row.
    pub fn width(&self) -> usize {
        self.layout.width
    }

    /// The place of a column, by its number in [`super::columns`]; none: the file has it not.
    pub fn position(&self, column: usize) -> Option<usize> {
        Some(self.layout.position(column)).filter(|place| *place != usize::MAX)
    }

    /// The header row.
    pub fn header(&self) -> &CsvRow {
        &self.header
    }

    /// The rows that say something, in order.
    pub fn rows(&self) -> &[CsvRow] {
        &self.rows
    }

    /// The bytes of a row.
    pub fn raw(&self, row: &CsvRow) -> &'b [u8] {
        self.bytes.get(row.bytes.clone()).unwrap_or_default()
    }

    /// Whether a row names this employer.
    pub fn is_of(&self, row: &CsvRow, siret: Siret) -> bool {
        let raw = self.raw(row);
        let place = self.layout.position(elements::SIRET);
        let cell = raw.get(cell_range(raw, self.layout.delimiter, place)).unwrap_or_default();
        std::str::from_utf8(cell).ok().and_then(Siret::parse) == Some(siret)
    }

    /// Whether every quote of a row is closed.
    pub fn is_closed(&self, row: &CsvRow) -> bool {
        let raw = self.raw(row);
        let plain = memchr::memchr(b'"', raw).is_none();
        plain || csv_cells(&String::from_utf8_lossy(raw), self.layout.delimiter).1
    }

    /// Every cell of a row, as it stands; none when the row cannot be read.
    pub fn cells(&self, row: &CsvRow) -> Option<Vec<String>> {
        let text = std::str::from_utf8(self.raw(row)).ok()?;
        let (cells, closed) = csv_cells(text, self.layout.delimiter);
        (closed && cells.len() == self.layout.width).then_some(cells)
    }

    /// The known cells of a row, trimmed, in the order of [`super::columns`].
    pub fn values(&self, row: &CsvRow) -> Option<Vec<String>> {
        let cells = self.cells(row)?;
        let known = 0..elements::COLUMNS.len();
        let cell = |column| cells.get(self.layout.position(column)).map_or("", |cell| cell.trim());
        Some(known.map(|column| cell(column).to_owned()).collect())
    }
}
