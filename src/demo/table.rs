//! One CSV file under way: rows built field by field in a reused buffer, few large writes.

use std::io::{self, Write};

use crate::calendar::Day;

/// The buffer is handed to the writer beyond this size.
const FLUSH_AT: usize = 1 << 16;

/// A CSV file. Fields never need quotes here: no invented text holds a comma or a quote.
pub(super) struct Table<W: Write> {
    out: W,
    buffer: Vec<u8>,
    rows: u64,
    bytes: u64,
}

impl<W: Write> Table<W> {
    /// Starts a file with its header.
    pub(super) fn new(out: W, header: &str) -> Self {
        let mut buffer = Vec::with_capacity(FLUSH_AT + 1024);
        buffer.extend_from_slice(header.as_bytes());
        buffer.push(b'\n');
        Self { out, buffer, rows: 0, bytes: 0 }
    }

    /// A field of text.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        debug_assert!(!text.contains([',', '"', '\n', ';']), "this text needs quotes: {text}");
        self.piece(text).close()
    }

    /// A piece of a field; [`Table::close`] ends the field.
    pub(super) fn piece(&mut self, text: &str) -> &mut Self {
        self.buffer.extend_from_slice(text.as_bytes());
        self
    }

    /// Ends a field made of pieces.
    pub(super) fn close(&mut self) -> &mut Self {
        self.buffer.push(b',');
        self
    }

    /// An empty field.
    pub(super) fn empty(&mut self) -> &mut Self {
        self.close()
    }

    /// A whole number.
    pub(super) fn number(&mut self, value: impl Into<u64>) -> &mut Self {
        self.digits(value.into(), 1).close()
    }

    /// A whole number, nothing when it is zero.
    pub(super) fn number_or_empty(&mut self, value: u32) -> &mut Self {
        if value == 0 { self.empty() } else { self.number(value) }
    }

    /// A number in steps of a power of ten: `fixed(31, 3)` is `0.031`.
    pub(super) fn fixed(&mut self, value: u64, decimals: u32) -> &mut Self {
        let unit = 10_u64.pow(decimals);
        let width = usize::try_from(decimals).unwrap_or(0);
        self.digits(value.div_euclid(unit), 1).piece(".");
        self.digits(value.rem_euclid(unit), width).close()
    }

    /// An amount in cents, nothing when it is zero.
    pub(super) fn cents(&mut self, cents: u64) -> &mut Self {
        if cents == 0 { self.empty() } else { self.fixed(cents, 2) }
    }

    /// A day.
    pub(super) fn day(&mut self, day: Day) -> &mut Self {
        self.digits(u64::from(day.year().unsigned_abs()), 4).piece("-");
        self.digits(u64::from(day.month()), 2).piece("-");
        self.digits(u64::from(day.day()), 2).close()
    }

    /// A day, or nothing.
    pub(super) fn day_or_empty(&mut self, day: Option<Day>) -> &mut Self {
        match day {
            Some(day) => self.day(day),
            None => self.empty(),
        }
    }

    /// A piece of at least `width` digits.
    pub(super) fn digits(&mut self, value: u64, width: usize) -> &mut Self {
        let mut digits = [b'0'; 20];
        let mut left = value;
        let mut used = 0;
        for slot in digits.iter_mut().rev() {
            if left == 0 && used >= width {
                break;
            }
            *slot = b'0' + u8::try_from(left.rem_euclid(10)).unwrap_or(0);
            left = left.div_euclid(10);
            used += 1;
        }
        self.buffer.extend_from_slice(digits.get(20 - used..).unwrap_or_default());
        self
    }

    /// Ends the row.
    pub(super) fn end(&mut self) -> io::Result<()> {
        if let Some(last) = self.buffer.last_mut() {
            // INVARIANT: every field closes with its comma, so the last byte is one.
            *last = b'\n';
        }
        self.rows += 1;
        if self.buffer.len() >= FLUSH_AT { self.flush() } else { Ok(()) }
    }

    /// Hands everything to the writer.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.flush()?;
        self.out.flush()
    }

    /// Data rows so far.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes handed to the writer so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.bytes += u64::try_from(self.buffer.len()).unwrap_or(0);
        self.buffer.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_each_kind_of_field() {
        let mut out = Vec::new();
        let mut table = Table::new(&mut out, "a,b,c,d,e,f,g");
        let day = Day::new(2026, 3, 9).unwrap();
        table.text("é").number(0_u32).fixed(31, 3).cents(123_405).cents(0).day(day);
        table.day_or_empty(None).end().unwrap();
        table.finish().unwrap();
        assert_eq!((table.rows(), table.bytes()), (1, 46));
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "a,b,c,d,e,f,g\né,0,0.031,1234.05,,2026-03-09,\n");
    }
}
