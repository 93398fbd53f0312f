//! The header of a pool file: delimiter, order of the columns, what is missing or not known.

use super::columns::columns;
use super::finding::{PoolFinding, did_you_mean, listed, quoted};
use super::split::Cells;
use crate::diag::Code;
use crate::domain::{PoolFile, RowRef, canonical};

/// Where the columns of one file are.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// The file.
    pub(super) file: PoolFile,
    /// The file that findings name.
    pub(super) shown: PoolFile,
    /// Comma or semicolon.
    pub(super) delimiter: u8,
    /// Cells of every row.
    pub(super) width: usize,
    /// The header row as it was read, without its line end.
    pub(super) header: Vec<u8>,
    /// For each known column, its place; `usize::MAX` when the file does not have it.
    positions: Vec<usize>,
}

impl Layout {
    /// Every column in its order: the rows of `file` that a reference payslip states.
    pub(super) fn of_bulletin(file: PoolFile) -> Self {
        Self { shown: PoolFile::Bulletin, ..Self::apart(file) }
    }

    /// Every column in its order: rows of `file` whose cells are already apart.
    pub(super) fn apart(file: PoolFile) -> Self {
        let width = columns(file).len();
        let positions = (0..width).collect();
        Self { file, shown: file, delimiter: b',', width, header: Vec::new(), positions }
    }

    /// The place of a known column, by its number in [`columns`]; past every row when absent.
    #[inline]
    pub(super) fn position(&self, column: usize) -> usize {
        self.positions.get(column).copied().unwrap_or(usize::MAX)
    }

    /// Reads a header row. An error among the findings means that the file cannot be read.
    pub(super) fn read(file: PoolFile, header: &[u8]) -> (Self, Vec<PoolFinding>) {
        let at = RowRef { file, line: 1 };
        let mut layout = Self {
            file,
            shown: file,
            delimiter: delimiter_of(header),
            width: 0,
            header: header.to_vec(),
            positions: vec![usize::MAX; columns(file).len()],
        };
        let Ok(header) = std::str::from_utf8(header) else {
            return (layout, vec![not_utf8(at, header)]);
        };
        let mut cells = Cells::default();
        cells.split(header, layout.delimiter);
        layout.width = cells.len();
        let names: Vec<String> =
            (0..cells.len()).map(|index| canonical(cells.get(header, index))).collect();
        if let Some(finding) = not_a_header(at, header, &names) {
            return (layout, vec![finding]);
        }
        let mut findings = Vec::new();
        for (index, name) in names.iter().enumerate() {
            layout.place(index, name, &mut findings);
        }
        findings.extend(layout.missing(&names));
        (layout, findings)
    }

    fn place(&mut self, index: usize, name: &str, findings: &mut Vec<PoolFinding>) {
        let at = RowRef { file: self.file, line: 1 };
        let known = columns(self.file);
        let Some(column) = known.iter().position(|column| column.name == name) else {
            if !name.is_empty() {
                let names: Vec<&'static str> = known.iter().map(|column| column.name).collect();
                let message = format!("the column {} is not known and is ignored", quoted(name));
                let remede = did_you_mean(name, &names);
                findings.push(PoolFinding::new(Code::E703, at, message, remede));
            }
            return;
        };
        let Some(place) = self.positions.get_mut(column) else { return };
        if *place != usize::MAX {
            let message = format!("the column {} appears twice", quoted(name));
            let remede = "keep one of the two columns";
            findings.push(PoolFinding::new(Code::E702, at, message, remede));
        }
        *place = index;
    }

    fn missing(&self, found: &[String]) -> Option<PoolFinding> {
        let known = columns(self.file);
        let missing: Vec<&str> = known
            .iter()
            .zip(&self.positions)
            .filter(|(column, place)| column.needed && **place == usize::MAX)
            .map(|(column, _)| column.name)
            .collect();
        if missing.is_empty() {
            return None;
        }
        let found = found.iter().map(String::as_str).filter(|name| !name.is_empty());
        let found = listed(found);
        let needed = known.iter().filter(|column| column.needed).map(|column| column.name);
        let message = format!(
            "needed columns are missing: {}; found {}, expected at least {}",
            listed(missing.iter().copied()),
            if found.is_empty() { "nothing".to_owned() } else { found },
            listed(needed),
        );
        let at = RowRef { file: self.file, line: 1 };
        let remede = format!("add to the header {}", listed(missing.iter().copied()));
        Some(PoolFinding::new(Code::E702, at, message, remede))
    }
}

/// A first row that is not a header. Its cells are not shown: they may be those of a person.
fn not_a_header(at: RowRef, header: &str, names: &[String]) -> Option<PoolFinding> {
    let known = columns(at.file);
    let (message, remede) = if header.contains('\r') {
        let message = "the lines end with a bare carriage return, so the file is one line";
        (message, "save the file as CSV UTF-8, with line ends of Windows or Unix")
    } else if names.iter().all(String::is_empty) {
        return None;
    } else if header.contains('\t') {
        ("the cells are separated by tabs", "separate the cells with commas or semicolons")
    } else if names.iter().any(|name| known.iter().any(|column| column.name == name)) {
        return None;
    } else {
        ("the first row names no column of this file", "make the header the first row")
    };
    let needed = known.iter().filter(|column| column.needed).map(|column| column.name);
    let remede = format!("{remede}; it holds at least {}", listed(needed));
    Some(PoolFinding::new(Code::E702, at, message, remede))
}

/// The separator that the header uses most; a comma when it uses none.
fn delimiter_of(header: &[u8]) -> u8 {
    let count = |wanted: u8| memchr::memchr_iter(wanted, header).count();
    if count(b';') > count(b',') { b';' } else { b',' }
}

/// A row that is not UTF-8, with the encoding it is likely in.
pub(super) fn not_utf8(at: RowRef, row: &[u8]) -> PoolFinding {
    let byte = std::str::from_utf8(row)
        .err()
        .and_then(|error| row.get(error.valid_up_to()).copied())
        .unwrap_or_default();
    let encoding = match byte {
        0xfe | 0xff if at.line == 1 => "UTF-16",
        0x80..=0x9f => "Windows-1252",
        _ => "Latin-1 or Windows-1252",
    };
    let message = format!("the byte 0x{byte:02X} is not UTF-8; the file is likely in {encoding}");
    PoolFinding::new(Code::E701, at, message, "save the file as CSV UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::columns::familles;

    fn codes(findings: &[PoolFinding]) -> Vec<Code> {
        findings.iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn columns_in_any_order_with_either_delimiter() {
        let (layout, findings) =
            Layout::read(PoolFile::Familles, "Enfants;\"Connu le\";AGENT;depuis;".as_bytes());
        assert_eq!(findings, []);
        assert_eq!((layout.delimiter, layout.width), (b';', 5));
        assert_eq!(layout.position(familles::AGENT), 2);
        assert_eq!(layout.position(familles::CONNU_LE), 1);
        assert_eq!(layout.position(familles::ENFANTS_ALTERNES), usize::MAX);
    }

    #[test]
    fn missing_unknown_and_repeated_columns() {
        let (_, findings) = Layout::read(PoolFile::Familles, b"agent,depuis,enfant,depuis");
        assert_eq!(codes(&findings), [Code::E703, Code::E702, Code::E702]);
        assert!(findings[0].message.contains("`enfant`"), "{}", findings[0].message);
        assert!(findings[0].remede.contains("did you mean"), "{}", findings[0].remede);
        assert!(findings[2].message.contains("missing: `enfants`; found `agent`, `depuis`"));
        let (_, findings) = Layout::read(PoolFile::Familles, b"");
        assert_eq!(codes(&findings), [Code::E702]);
    }

    #[test]
    fn the_likely_encoding_is_named() {
        let (_, findings) = Layout::read(PoolFile::Familles, b"agent,d\xe9but");
        assert_eq!(codes(&findings), [Code::E701]);
        assert!(findings[0].message.contains("0xE9") && findings[0].message.contains("Latin-1"));
        let (_, findings) = Layout::read(PoolFile::Familles, b"\xff\xfea\0g\0");
        assert!(findings[0].message.contains("UTF-16"));
    }
}
