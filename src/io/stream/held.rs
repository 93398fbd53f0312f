//! A file held in memory, its rows sorted by the order of `agents.csv`.

use super::{Cursor, Roster};
use crate::diag::Code;
use crate::domain::{PoolFile, RowRef};
use crate::io::finding::{PoolFinding, quoted};

/// The rows of one file, by agent.
#[derive(Debug, Default)]
pub(in crate::io) struct Held {
    bytes: Vec<u8>,
    rows: Vec<HeldRow>,
}

#[derive(Debug)]
struct HeldRow {
    /// The row of `agents.csv` that names the agent.
    ordinal: u32,
    line: u32,
    start: usize,
    end: usize,
}

/// Reads the rest of a file; a row of an agent who is not listed is a finding.
pub(in crate::io) fn hold(
    file: PoolFile,
    mut cursor: Cursor,
    roster: &Roster,
) -> Result<(Held, Vec<PoolFinding>), Box<PoolFinding>> {
    let (mut held, mut findings) = (Held::default(), Vec::new());
    while cursor.peek()? {
        let line = cursor.line();
        match roster.ordinal(cursor.key()) {
            Some(ordinal) => {
                let start = held.bytes.len();
                held.bytes.extend_from_slice(cursor.row());
                held.rows.push(HeldRow { ordinal, line, start, end: held.bytes.len() });
            }
            None => findings.push(stranger(RowRef { file, line }, cursor.key())),
        }
        cursor.advance();
    }
    held.rows.sort_by_key(|row| row.ordinal);
    Ok((held, findings))
}

/// The finding for a row of nobody.
fn stranger(at: RowRef, key: &[u8]) -> PoolFinding {
    if key.is_empty() {
        let message = "the value of `agent` is missing";
        return PoolFinding::new(Code::E707, at, message, "fill `agent`");
    }
    let key = String::from_utf8_lossy(key).into_owned();
    let message = format!("the agent {} is not in `agents.csv`", quoted(&key));
    let remede = "add the agent to `agents.csv`, or remove the row";
    let mut finding = PoolFinding::new(Code::E712, at, message, remede);
    finding.agent = Some(key);
    finding
}

impl Held {
    /// Gives the rows of one agent; agents come in order, `next` is the first row not given.
    pub(super) fn give(&self, ordinal: u32, next: &mut usize, mut to: impl FnMut(&[u8], u32)) {
        while let Some(row) = self.rows.get(*next).filter(|row| row.ordinal == ordinal) {
            to(self.bytes.get(row.start..row.end).unwrap_or_default(), row.line);
            *next += 1;
        }
    }
}
