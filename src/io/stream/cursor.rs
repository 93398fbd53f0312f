//! One file read from its start to its end, one row ahead.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::diag::Code;
use crate::domain::{PoolFile, RowRef};
use crate::io::finding::PoolFinding;
use crate::io::layout::Layout;
use crate::io::split::{RowEnd, cell_range, is_blank, next_row};

/// Bytes asked of the file at once.
const CHUNK: usize = 256 << 10;

/// Where the bytes of a file come from.
#[derive(Debug)]
enum Input {
    File(File),
    Memory(std::io::Cursor<Arc<[u8]>>),
}

impl Read for Input {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::File(file) => file.read(room),
            Self::Memory(bytes) => bytes.read(room),
        }
    }
}

/// A place in a pool file: the current row, its key, its line.
#[derive(Debug)]
pub(in crate::io) struct Cursor {
    file: PoolFile,
    input: Input,
    buffer: Vec<u8>,
    /// The bytes of `buffer` that were read and not passed yet.
    start: usize,
    filled: usize,
    ended: bool,
    delimiter: u8,
    /// The column of the agent; none: the key is not wanted.
    key_column: Option<usize>,
    row: Option<RowEnd>,
    /// Where the agent is in the current row.
    key: Range<usize>,
    line: u32,
    /// Whether the current row was already compared with the agents.
    pub(super) placed: bool,
}

impl Cursor {
    /// Opens a file and passes its header, which is given with its layout and findings.
    pub(in crate::io) fn open(
        file: PoolFile,
        path: &Path,
    ) -> Result<(Self, Layout, Vec<PoolFinding>), Box<PoolFinding>> {
        let input = File::open(path).map_err(|error| unreadable(file, 0, &error))?;
        Self::start(file, Input::File(input))
    }

    /// The same over bytes that were read before.
    pub(in crate::io) fn memory(
        file: PoolFile,
        bytes: Arc<[u8]>,
    ) -> Result<(Self, Layout, Vec<PoolFinding>), Box<PoolFinding>> {
        Self::start(file, Input::Memory(std::io::Cursor::new(bytes)))
    }

    fn start(
        file: PoolFile,
        input: Input,
    ) -> Result<(Self, Layout, Vec<PoolFinding>), Box<PoolFinding>> {
        let mut cursor = Self {
            file,
            input,
            buffer: vec![0; CHUNK],
            start: 0,
            filled: 0,
            ended: false,
            delimiter: b',',
            key_column: None,
            row: None,
            key: 0..0,
            line: 1,
            placed: false,
        };
        cursor.fill()?;
        if cursor.rest().starts_with(b"\xef\xbb\xbf") {
            cursor.start += 3;
        }
        cursor.find_row()?;
        let (layout, findings) = Layout::read(file, cursor.row());
        cursor.advance();
        cursor.delimiter = layout.delimiter;
        let key = super::AGENT_FILES.contains(&file).then(|| layout.position(0));
        cursor.key_column = key;
        Ok((cursor, layout, findings))
    }

    /// Moves to the next row that says something, unless there is a current one. False: no more.
    #[inline]
    pub(in crate::io) fn peek(&mut self) -> Result<bool, Box<PoolFinding>> {
        if self.row.is_some() {
            return Ok(true);
        }
        loop {
            if !self.find_row()? {
                return Ok(false);
            }
            if let Some(column) = self.key_column {
                self.key = cell_range(self.row(), self.delimiter, column);
            }
            if self.key.is_empty() && is_blank(self.row(), self.delimiter) {
                self.advance();
                continue;
            }
            self.placed = false;
            return Ok(true);
        }
    }

    /// The bytes of the current row, without its line end.
    #[inline]
    pub(in crate::io) fn row(&self) -> &[u8] {
        let end = self.row.map_or(0, |row| row.end);
        self.rest().get(..end).unwrap_or_default()
    }

    /// The agent of the current row.
    #[inline]
    pub(in crate::io) fn key(&self) -> &[u8] {
        self.row().get(self.key.clone()).unwrap_or_default()
    }

    /// The first line of the current row.
    pub(in crate::io) fn line(&self) -> u32 {
        self.line
    }

    /// Leaves the current row.
    #[inline]
    pub(in crate::io) fn advance(&mut self) {
        if let Some(row) = self.row.take() {
            self.start += row.next;
            self.line = self.line.saturating_add(row.lines);
        }
    }

    #[inline]
    fn rest(&self) -> &[u8] {
        self.buffer.get(self.start..self.filled).unwrap_or_default()
    }

    fn find_row(&mut self) -> Result<bool, Box<PoolFinding>> {
        loop {
            let rest = self.rest();
            if rest.is_empty() && self.ended {
                return Ok(false);
            }
            if let Some(row) = next_row(rest, self.delimiter, self.ended) {
                self.row = Some(row);
                return Ok(true);
            }
            self.fill()?;
        }
    }

    /// Reads more bytes after those not passed yet.
    #[cold]
    fn fill(&mut self) -> Result<(), Box<PoolFinding>> {
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
        let read = loop {
            match self.input.read(room) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let read = read.map_err(|error| unreadable(self.file, self.line, &error))?;
        self.filled += read;
        self.ended = read == 0;
        Ok(())
    }
}

/// The finding for a file that the system does not give.
pub(in crate::io) fn unreadable(
    file: PoolFile,
    line: u32,
    error: &std::io::Error,
) -> Box<PoolFinding> {
    let message = format!("the file cannot be read: {error}");
    let remede = "check that the file exists and may be read";
    Box::new(PoolFinding::new(Code::E701, RowRef { file, line }, message, remede))
}
