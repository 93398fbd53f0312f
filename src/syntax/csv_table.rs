//! A CSV table of rules: a header, rows, and the place of every cell.

use crate::diag::{Code, Diagnostic};
use crate::source::{FileId, Span};

/// A table with its header.
#[derive(Clone, Debug, Default)]
pub struct CsvTable {
    /// Names of the columns.
    pub header: Vec<String>,
    /// Rows in order, each with as many cells as the header.
    pub rows: Vec<CsvRow>,
}

/// A row and its place.
#[derive(Clone, Debug)]
pub struct CsvRow {
    /// The whole row.
    pub span: Span,
    /// The place of each cell; empty when the row holds quotes.
    spans: Vec<Span>,
    /// The cells.
    pub cells: Vec<String>,
}

impl CsvTable {
    /// Reads a comma-separated table whose header must start with the columns `needed`.
    pub fn parse(
        file: FileId,
        text: &str,
        needed: &[&str],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut table = Self::default();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        loop {
            let start = usize::try_from(reader.position().byte()).unwrap_or(text.len());
            match reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) => {}
                Err(error) => {
                    let span = Span::new(file, start..text.len());
                    diagnostics.push(
                        Diagnostic::new(Code::L008, "this row cannot be read")
                            .at(span, error.to_string())
                            .help("quote cells that hold a comma, and double inner quotes"),
                    );
                    break;
                }
            }
            let end = usize::try_from(reader.position().byte()).unwrap_or(text.len());
            let cells: Vec<String> = record.iter().map(str::to_owned).collect();
            let line = text.get(start..end).map_or(end, |row| start + row.trim_end().len());
            let span = Span::new(file, start..line.max(start));
            let spans = cell_spans(span, text.get(start..line).unwrap_or(""));
            table.add(CsvRow { span, spans, cells }, needed, diagnostics);
        }
        if table.header.is_empty() {
            diagnostics.push(
                Diagnostic::new(Code::L007, "this table is empty")
                    .at(Span::new(file, 0..0), "")
                    .help(format!("start with the header `{}`", needed.join(","))),
            );
        }
        table
    }

    fn add(&mut self, row: CsvRow, needed: &[&str], diagnostics: &mut Vec<Diagnostic>) {
        let CsvRow { span, cells, .. } = &row;
        if self.header.is_empty() {
            let missing: Vec<_> =
                needed.iter().filter(|name| !cells.iter().any(|cell| cell == *name)).collect();
            if let Some(first) = missing.first() {
                diagnostics.push(
                    Diagnostic::new(Code::L007, format!("this header has no column `{first}`"))
                        .at(*span, format!("needs `{}`", needed.join(",")))
                        .help(match cells.as_slice() {
                            [only] if only.contains(';') => "save it with commas, not semicolons",
                            _ => "name the columns so, separated by commas",
                        }),
                );
            }
            self.header = row.cells;
        } else if cells.len() == self.header.len() {
            self.rows.push(row);
        } else {
            diagnostics.push(
                Diagnostic::new(Code::L008, "this row does not have the cells of its header")
                    .at(*span, format!("{} cells, header has {}", cells.len(), self.header.len()))
                    .help("write one cell for each column, empty when nothing is known"),
            );
        }
    }

    /// The place of a column in every row.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }
}

impl CsvRow {
    /// The cell of a column, empty when the table has no such column.
    pub fn cell(&self, column: Option<usize>) -> &str {
        column.and_then(|at| self.cells.get(at)).map_or("", String::as_str)
    }

    /// The place of the cell of a column; the row when the cell is not to be found.
    pub fn cell_span(&self, column: Option<usize>) -> Span {
        column.and_then(|at| self.spans.get(at)).copied().unwrap_or(self.span)
    }
}

/// The place of every cell of a row without quotes, spaces around it left out.
fn cell_spans(row: Span, text: &str) -> Vec<Span> {
    if text.contains('"') {
        return Vec::new();
    }
    let mut start = row.range().start;
    let mut spans = Vec::new();
    for cell in text.split(',') {
        let before = cell.len() - cell.trim_start().len();
        let length = cell.trim().len();
        spans.push(Span::new(row.file, start + before..start + before + length));
        start += cell.len() + 1;
    }
    spans
}
