//! Every maximum of the program in one place.

/// The largest rule file, in bytes.
pub const RULE_FILE_BYTES: usize = 4 << 20;
/// The deepest nesting of a formula.
pub const FORMULA_DEPTH: usize = 64;
/// The widest exact value, in bits: what an `i128` holds with room for one addition.
pub const EXACT_BITS: u32 = 120;
/// The most slots of a compiled month.
pub const PROGRAM_SLOTS: usize = 1 << 16;
/// Agents of one block of the batch.
pub const BLOCK_AGENTS: usize = 512;
/// Findings printed before the rest is only counted.
pub const FINDINGS_PRINTED: usize = 200;
/// The deepest nesting of folders of rules.
pub const RULE_TREE_DEPTH: usize = 16;
/// The longest row of a pool file whose quotes hold line ends; a longer one has an open quote.
pub const POOL_ROW_BYTES: usize = 64 << 10;
/// A pool below this size is read in memory whole, whatever its order.
pub const POOL_IN_MEMORY_BYTES: u64 = 64 << 20;

/// Rows of a row group of an export: what a reader takes at once, and all that is held.
pub const EXPORT_GROUP_ROWS: usize = 1 << 17;
/// Bytes of text held for a row group, whatever its rows.
pub const EXPORT_GROUP_BYTES: usize = 64 << 20;
/// The longest row of a table to export; a longer one has an open quote.
pub const EXPORT_ROW_BYTES: usize = 1 << 20;
/// Bytes read at once from a table to export.
pub const EXPORT_READ_BYTES: usize = 256 << 10;

/// Cents of the yearly total that a row of `cumuls.csv` may state.
pub const YEARLY_CENTS: u64 = 100_000_000_000;
/// Agents of one block of an archived table: what is read to show one payslip.
pub const ARCHIVE_BLOCK_AGENTS: usize = 64;
/// Effort of the compression of the archive, as `zstd` counts it. On blocks of payslip lines the
/// least is the fastest and as small as the next ones (5.4 MB for 20,000 payslips; 5.7 at 3).
pub const ARCHIVE_LEVEL: i32 = 1;

/// Agents asked of a month being computed who may wait; beyond, who asks is told to come back.
pub const ATELIER_WAITING: usize = 1024;
/// Bytes, about, that a month being computed keeps of what closed months say of agents.
pub const ATELIER_MEMO_BYTES: usize = 192 << 20;
/// Agents a thread looks at before it forgets what preparing them taught it: what-ifs bring words
/// that no pool has, and would fill the memory in the long run.
pub const ATELIER_FORGETS_AFTER: u32 = 1 << 16;
/// Blocks of a closed run that are kept at hand.
pub const STORED_BLOCKS_AT_HAND: usize = 64;
