//! What can go wrong with an archive: what, where, and what to do about it.
//!
//! May import: nothing. Must not know: terminals, exit codes.

use std::fmt;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::state::Etat;

/// Why the archive could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// No file `FORMAT`.
    #[error("`{0}` is not an archive: it has no file `FORMAT`")]
    NotAnArchive(PathBuf),
    /// Another version of the format.
    #[error("the archive `{path}` has format {version}; this program reads format 1")]
    UnknownFormat {
        /// The root.
        path: PathBuf,
        /// What the first line of `FORMAT` says.
        version: String,
    },
    /// A folder that should be empty.
    #[error("`{0}` is not empty: nothing was written there")]
    NotEmpty(PathBuf),
    /// Another process writes.
    #[error("another process is writing to the archive `{0}`")]
    Busy(PathBuf),
    /// A file is not what was written.
    #[error("the archive `{root}` is damaged: {damage}")]
    Damaged {
        /// The root.
        root: PathBuf,
        /// What is wrong.
        damage: Box<Damage>,
    },
    /// The system refused.
    #[error("cannot {action} `{path}`: {cause}")]
    Refused {
        /// What was tried: `write`, `read`, `create`…
        action: &'static str,
        /// The path.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A state forbids the event.
    #[error("{}: the month {mois} is `{found}`{}", shown(.employeurs), instead_of(*.needed))]
    State {
        /// The month.
        mois: String,
        /// The employers in that state, at least one.
        employeurs: Vec<String>,
        /// Their state.
        found: Etat,
        /// The state that the event starts from, when there is only one.
        needed: Option<Etat>,
    },
    /// A field of an event or of a table is not acceptable.
    #[error("{field} `{value}`: {why}")]
    Field {
        /// The field.
        field: &'static str,
        /// What it holds.
        value: String,
        /// What it should be.
        why: &'static str,
    },
    /// An agent in two blocks.
    #[error("an agent is in two blocks of the run")]
    AgentTwice,
    /// Something that the run does not hold.
    #[error("the run of {mois} has no {what} `{name}`")]
    NoSuch {
        /// The month.
        mois: String,
        /// `table`, `block`…
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// The target of a backup holds something else.
    #[error("`{path}` is a copy of another archive, or is ahead of this one (entry {numero})")]
    Diverged {
        /// The root of the target.
        path: PathBuf,
        /// The first entry that differs.
        numero: u64,
    },
    /// The target of a copy lies inside its source, or the reverse.
    #[error("`{0}` and the archive hold one another: a copy must be elsewhere")]
    Inside(PathBuf),
    /// The compressor failed.
    #[error("cannot compress {octets} bytes: {cause}")]
    Compression {
        /// How many.
        octets: usize,
        /// What it said.
        cause: io::Error,
    },
}

impl ArchiveError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotAnArchive(_) => "check the path; an archive is created by its first run",
            Self::UnknownFormat { .. } => {
                "use the edition of the program that wrote it, or a later"
            }
            Self::NotEmpty(_) => "give a folder that does not exist yet, or an empty one",
            Self::Busy(_) => {
                "wait until it ends; if none runs, the lock is already free: try again"
            }
            Self::Damaged { .. } => "run `paie verify`, then restore from a proven backup",
            Self::Refused { cause, .. } => system(cause.kind()),
            Self::State { found: Etat::Clos, .. } => {
                "a closed month never changes: correct it by a rappel in an open month"
            }
            Self::State { needed: Some(Etat::Prepare), .. } => "compute the month first",
            Self::State { needed: Some(Etat::Valide), .. } => "validate the month first",
            Self::State { .. } => "look at the state of the month, employer by employer",
            Self::Field { .. } => "correct it and start again; nothing was written",
            Self::AgentTwice => "group the rows of each agent; nothing was written",
            Self::NoSuch { .. } => "check the name; `FORMAT` says what a run holds",
            Self::Diverged { .. } => "give another folder for this backup",
            Self::Inside(_) => "give a folder on another disk",
            Self::Compression { .. } => "free some memory and start again; nothing was written",
        }
    }
}

/// What to do when the system refuses.
fn system(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "free some room on that disk and start again; the archive is as before"
        }
        ErrorKind::PermissionDenied => {
            "give this account the right to it; the archive is as before"
        }
        ErrorKind::ReadOnlyFilesystem => "the disk is read-only: mount it for writing",
        ErrorKind::NotFound => "the file is gone: run `paie verify`",
        _ => "check the disk, then start again; the archive is as before",
    }
}

/// The first employers of a list, and how many more.
fn shown(list: &[String]) -> String {
    const SHOWN: usize = 3;
    let first: Vec<&str> = list.iter().take(SHOWN).map(String::as_str).collect();
    match list.len().saturating_sub(SHOWN) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

fn instead_of(state: Option<Etat>) -> String {
    state.map_or_else(String::new, |state| format!(", not `{state}`"))
}

/// Something in the folder that is not what was written, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file, below the root, with `/`.
    pub file: String,
    /// What is wrong.
    pub kind: Kind,
    /// The bytes of the file in question.
    pub bytes: Range<u64>,
    /// The months whose runs use it.
    pub months: Vec<String>,
    /// What it is for them: the name of a table, `index`, `manifeste`, `regles`.
    pub table: Option<String>,
    /// The first and the last block, in a table cut in blocks.
    pub blocks: Option<(usize, usize)>,
    /// The first agent of the first block and the last agent of the last.
    pub agents: Option<(String, String)>,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its bytes changed.
    Altered,
    /// Its end is missing.
    Truncated,
    /// Bytes were added at its end.
    Lengthened,
    /// It is not there.
    Missing,
    /// It does not belong to the archive.
    Unknown,
    /// The system cannot read it.
    Unreadable(String),
    /// It is intact, but not what the entry after it, or `TETE`, expects.
    OutOfChain,
    /// It is intact, but cannot follow the entries before it.
    Impossible(String),
}

impl Damage {
    /// A damage of a whole file of `octets` bytes.
    pub(super) fn of(file: impl Into<String>, kind: Kind, octets: u64) -> Self {
        Self {
            file: file.into(),
            kind,
            bytes: 0..octets,
            months: Vec::new(),
            table: None,
            blocks: None,
            agents: None,
        }
    }

    /// As the error of an archive.
    pub(super) fn at(self, root: &Path) -> ArchiveError {
        ArchiveError::Damaged { root: root.to_owned(), damage: Box::new(self) }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}` {}", self.file, self.kind)?;
        if !self.bytes.is_empty() {
            write!(out, ", bytes {} to {}", self.bytes.start, self.bytes.end.saturating_sub(1))?;
        }
        if let Some(table) = &self.table {
            write!(out, ", {table} of {}", self.months.join(", "))?;
        }
        match self.blocks {
            Some((first, last)) if first == last => write!(out, ", block {first}")?,
            Some((first, last)) => write!(out, ", blocks {first} to {last}")?,
            None => {}
        }
        if let Some((first, last)) = &self.agents {
            write!(out, ", agents {first} to {last}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered => out.write_str("was altered"),
            Self::Truncated => out.write_str("lost its end"),
            Self::Lengthened => out.write_str("was lengthened"),
            Self::Missing => out.write_str("is missing"),
            Self::Unknown => out.write_str("does not belong to the archive"),
            Self::Unreadable(cause) => write!(out, "cannot be read ({cause})"),
            Self::OutOfChain => out.write_str("is not the one that the journal expects"),
            Self::Impossible(why) => write!(out, "cannot follow the entries before it ({why})"),
        }
    }
}

/// The error of the system on `path`, while trying to `action`.
pub(super) fn refused(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> ArchiveError + use<> {
    let path = path.to_owned();
    move |cause| ArchiveError::Refused { action, path, cause }
}
