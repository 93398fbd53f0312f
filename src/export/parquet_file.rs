//! One Parquet file: columns filled row by row, written a row group at a time.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type as Node;

use super::rows::Cell;
use super::schema::{Column, Type};
use crate::limits::{EXPORT_GROUP_BYTES, EXPORT_GROUP_ROWS};

/// Strength of the compression: higher costs time and gains little on columns of a payroll.
const ZSTD: i32 = 3;

/// A file being written.
pub(super) struct ParquetFile<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    /// One for each column of the source; `None` for the month.
    held: Vec<Option<Held>>,
    rows: usize,
    bytes: usize,
}

/// The cells of a column that wait for their row group.
struct Held {
    /// 1 for a value, 0 for NULL: one for each row.
    levels: Vec<i16>,
    values: Values,
}

enum Values {
    Numbers(Vec<i64>),
    /// Texts end to end, and where each one ends.
    Texts(Vec<u8>, Vec<usize>),
}

impl<W: Write + Send> ParquetFile<W> {
    /// Starts a file. `footer` is what its last bytes say of its origin.
    pub(super) fn start(
        out: W,
        table: &str,
        columns: &[Column],
        footer: &[(String, String)],
    ) -> io::Result<Self> {
        let of = |column: &Column| {
            (column.kind != Type::Month).then(|| Held {
                levels: Vec::new(),
                values: match column.kind {
                    Type::Text | Type::Month => Values::Texts(Vec::new(), Vec::new()),
                    Type::Decimal(..) | Type::Integer => Values::Numbers(Vec::new()),
                },
            })
        };
        let writer = schema(table, columns)
            .and_then(|schema| {
                let properties = properties(footer)?;
                SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))
            })
            .map_err(system)?;
        Ok(Self { writer, held: columns.iter().map(of).collect(), rows: 0, bytes: 0 })
    }

    /// Adds a cell to the row being filled.
    pub(super) fn put(&mut self, at: usize, cell: Cell<'_>) {
        let Some(Some(held)) = self.held.get_mut(at) else { return };
        held.levels.push(i16::from(cell != Cell::Null));
        match (&mut held.values, cell) {
            (Values::Numbers(numbers), Cell::Number(number)) => numbers.push(number),
            (Values::Texts(bytes, ends), Cell::Text(text)) => {
                bytes.extend_from_slice(text.as_bytes());
                ends.push(bytes.len());
                self.bytes += text.len();
            }
            // A cell has the kind of its column.
            _ => {}
        }
    }

    /// Ends the row: every column has its cell.
    pub(super) fn end_row(&mut self) -> io::Result<()> {
        self.rows += 1;
        if self.rows >= EXPORT_GROUP_ROWS || self.bytes >= EXPORT_GROUP_BYTES {
            self.write_group().map_err(system)?;
        }
        Ok(())
    }

    /// Writes what is held and the footer.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.write_group().and_then(|()| self.writer.close().map(drop)).map_err(system)
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for held in self.held.iter_mut().flatten() {
            let Some(mut column) = group.next_column()? else { break };
            held.write(&mut column)?;
            column.close()?;
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

impl Held {
    fn write(&mut self, column: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = Some(self.levels.as_slice());
        match &mut self.values {
            Values::Numbers(numbers) => {
                column.typed::<Int64Type>().write_batch(numbers, levels, None)?;
                numbers.clear();
            }
            Values::Texts(bytes, ends) => {
                let size = bytes.len();
                let all = ByteArray::from(std::mem::replace(bytes, Vec::with_capacity(size)));
                let mut start = 0;
                let slice = |end: &usize| {
                    let text = all.slice(start, end - start);
                    start = *end;
                    text
                };
                let texts: Vec<ByteArray> = ends.iter().map(slice).collect();
                column.typed::<ByteArrayType>().write_batch(&texts, levels, None)?;
                ends.clear();
            }
        }
        self.levels.clear();
        Ok(())
    }
}

/// The columns, all of which may hold NULL.
fn schema(table: &str, columns: &[Column]) -> Result<Node, ParquetError> {
    let mut fields = Vec::with_capacity(columns.len());
    for column in columns {
        let (physical, logical) = match column.kind {
            Type::Month => continue,
            Type::Text => (Physical::BYTE_ARRAY, LogicalType::String),
            Type::Integer => (Physical::INT64, LogicalType::integer(64, true)),
            Type::Decimal(precision, scale) => {
                (Physical::INT64, LogicalType::decimal(i32::from(scale), i32::from(precision)))
            }
        };
        let mut field = Node::primitive_type_builder(&column.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(Some(logical));
        if let Type::Decimal(precision, scale) = column.kind {
            field = field.with_precision(i32::from(precision)).with_scale(i32::from(scale));
        }
        fields.push(Arc::new(field.build()?));
    }
    Node::group_type_builder(table).with_fields(fields).build()
}

fn properties(footer: &[(String, String)]) -> Result<WriterProperties, ParquetError> {
    let pairs = footer.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD)?))
        .set_created_by(concat!("paie version ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(pairs.collect()))
        .build())
}

/// What the system said, when the failure is its own.
fn system(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => {
            cause.downcast::<io::Error>().map_or_else(io::Error::other, |cause| *cause)
        }
        other => io::Error::other(other),
    }
}
