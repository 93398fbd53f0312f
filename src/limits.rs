//! Every maximum of the program in one place.

use std::time::Duration;

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

/// The largest form of a page, in bytes.
pub const FORM_BYTES: usize = 256 << 10;
/// The largest upload of a page, in bytes, its form included.
pub const UPLOAD_BYTES: usize = 2 << 20;
/// An upload that is too large is still read up to here, so that its sender sees why.
pub const UPLOAD_DRAIN_BYTES: usize = 32 << 20;

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

/// Bytes of a file of variable elements that is handed in.
pub const SAISIE_BYTES: usize = 2 << 20;
/// Rows of variable elements handed in at once.
pub const SAISIE_ROWS: usize = 5_000;
/// Letters of a cell handed in; a printed label is far below.
pub const SAISIE_CELL_CHARS: usize = 120;
/// The largest answer of an identity provider: keys and claims are a few kilobytes.
pub const OIDC_BODY_BYTES: usize = 1 << 20;
/// How long an identity provider may take to answer.
pub const OIDC_WAIT: Duration = Duration::from_secs(10);
/// Sign-ins that may wait at once for their browser to come back.
pub const OIDC_FLOWS: usize = 4096;
/// How long a sign-in waits for its browser to come back, in seconds.
pub const OIDC_FLOW_SECONDS: i64 = 600;
/// Seconds by which the clocks of the provider and of the server may differ.
pub const OIDC_SKEW_SECONDS: i64 = 30;
/// How long what a provider publishes is believed before it is read again.
pub const OIDC_DISCOVERY: Duration = Duration::from_secs(3600);
/// The least time between two readings of the keys for a name that is unknown.
pub const OIDC_KEYS: Duration = Duration::from_secs(60);
/// Rows handed in for which near names are proposed; the others are only told that it is wrong.
pub const SAISIE_SUGGESTIONS: usize = 50;
/// Agents asked of a month being computed who may wait; beyond, who asks is told to come back.
pub const ATELIER_WAITING: usize = 1024;
/// Bytes, about, that a month being computed keeps of what closed months say of agents.
pub const ATELIER_MEMO_BYTES: usize = 192 << 20;
/// Agents a thread looks at before it forgets what preparing them taught it: what-ifs bring words
/// that no pool has, and would fill the memory in the long run.
pub const ATELIER_FORGETS_AFTER: u32 = 1 << 16;
/// Blocks of a closed run that are kept at hand.
pub const STORED_BLOCKS_AT_HAND: usize = 64;
