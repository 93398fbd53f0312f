//! The outside: pool folders and reference payslips in, results out.
//!
//! May import: every lower floor. Must not know: arguments, terminals, the order of commands.

mod bulletin_file;
mod columns;
mod dictionary;
mod finding;
mod image;
mod keys;
mod layout;
mod parse;
mod partage;
mod pool;
mod row;
mod split;
mod stream;
mod tables;

pub use bulletin_file::{Attendu, Reference, parse_reference, read_reference};
pub use columns::{Column, columns};
pub use dictionary::{described, dictionary, schema};
pub use finding::PoolFinding;
pub use image::{PoolImage, PoolStamp};
pub use parse::ParsedAgent;
pub use pool::{EachTable, Headers, PoolContext, PoolOptions, PoolReader, StoredPool};
pub use split::{Record, records, spans};
pub use stream::{BlockError, Blocks, RawBlock};
pub use tables::{Piece, TABLE_NAMES, Tables, header_of_table};
