//! Reading rule files: the only place that walks a tree of rules.
//!
//! May import: `diag`, `limits`, `source`. Must not know: what the texts mean.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use include_dir::{Dir, DirEntry, include_dir};

use crate::diag::{Code, Diagnostic};
use crate::limits::{RULE_FILE_BYTES, RULE_TREE_DEPTH};
use crate::source::{FileId, SourceMap, Span};

/// Why a tree of rules, or one of its files, could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is nothing at this path.
    #[error("`{path}` does not exist")]
    Missing {
        /// The path as it was asked for.
        path: String,
    },
    /// Rules are a folder; this is a file.
    #[error("`{path}` is not a folder")]
    NotAFolder {
        /// The path as it was asked for.
        path: String,
    },
    /// The system refused.
    #[error("`{path}` cannot be read")]
    Unreadable {
        /// The path of the file or folder.
        path: String,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// A name that is not UTF-8 cannot be printed, cited or compared.
    #[error("the name `{path}` is not UTF-8")]
    Name {
        /// The path, with the unreadable part replaced.
        path: String,
    },
    /// Deeper than any tree of rules, most likely a link to a folder that holds it.
    #[error("`{path}` is nested too deep")]
    TooDeep {
        /// The path where reading stopped.
        path: String,
    },
}

impl LoadError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "check the path and its spelling",
            Self::NotAFolder { .. } => "give the folder that holds the rules",
            Self::Unreadable { .. } => "check the rights on it, then start again",
            Self::Name { .. } => "rename it with plain letters, digits and hyphens",
            Self::TooDeep { .. } => "remove the link that points back to a parent folder",
        }
    }

    /// The same as a finding without a place.
    pub fn diagnostic(&self) -> Diagnostic {
        let found = Diagnostic::new(Code::L009, self.to_string()).help(self.help());
        match self {
            Self::Unreadable { cause, .. } => found.note(format!("the system says: {cause}")),
            _ => found,
        }
    }

    fn from_io(path: &str, cause: io::Error) -> Self {
        let path = path.to_owned();
        match cause.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            io::ErrorKind::NotADirectory => Self::NotAFolder { path },
            _ => Self::Unreadable { path, cause },
        }
    }
}

/// A tree of files, wherever it lives.
pub trait Files {
    /// The files of the tree: paths relative to its root with `/`, sorted, without dot files and
    /// without any `README.md`.
    fn list(&self) -> Result<Vec<String>, LoadError>;

    /// The content of a listed file. A file above [`RULE_FILE_BYTES`] may be cut, provided that
    /// what is given is still above.
    fn read(&self, path: &str) -> Result<Vec<u8>, LoadError>;
}

/// Reads every `.toml` and `.csv` file of a tree into `sources`, in the order of their paths.
///
/// A file is known as `prefix` followed by its path in the tree. The identifiers are those of the
/// files that can be used; a file that cannot is a finding, and its text in `sources` is then empty
/// or has U+FFFD for what is not UTF-8. A byte order mark is removed.
pub fn load(
    files: &dyn Files,
    prefix: &str,
    sources: &mut SourceMap,
) -> (Vec<FileId>, Vec<Diagnostic>) {
    let paths = match files.list() {
        Ok(paths) => paths,
        Err(error) => return (Vec::new(), vec![error.diagnostic()]),
    };
    let mut found = Vec::new();
    let mut diagnostics = Vec::new();
    for path in paths.iter().filter(|path| is_rule_file(path)) {
        let name = format!("{prefix}{path}");
        match files.read(path).map_err(|error| refused(&name, &error, sources)) {
            Err(diagnostic) => diagnostics.push(diagnostic),
            Ok(bytes) => match text_of(bytes, &name, sources) {
                Ok(text) => found.push(sources.add(name, text)),
                Err(diagnostic) => diagnostics.push(*diagnostic),
            },
        }
    }
    (found, diagnostics)
}

/// Whether the extension says rules, in any case: a file that a spreadsheet saved as `.CSV` counts.
fn is_rule_file(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["toml", "csv"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

fn refused(name: &str, error: &LoadError, sources: &mut SourceMap) -> Diagnostic {
    let file = sources.add(name, "");
    error.diagnostic().at(Span::new(file, 0..0), "")
}

/// The text of a file, without byte order mark.
fn text_of(bytes: Vec<u8>, name: &str, sources: &mut SourceMap) -> Result<String, Box<Diagnostic>> {
    if bytes.len() > RULE_FILE_BYTES {
        return Err(Box::new(too_large(name, sources)));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            Err(Box::new(not_utf8(name, error.as_bytes(), valid, sources)))
        }
    }
}

fn too_large(name: &str, sources: &mut SourceMap) -> Diagnostic {
    let file = sources.add(name, "");
    let limit = RULE_FILE_BYTES >> 20;
    Diagnostic::new(Code::L009, format!("`{name}` is larger than {limit} MiB"))
        .at(Span::new(file, 0..0), "")
        .help("split it: one file per date, or one per subject")
}

/// Points at the first bad byte: what comes before it is text and can be shown.
fn not_utf8(name: &str, bytes: &[u8], valid: usize, sources: &mut SourceMap) -> Diagnostic {
    let good = bytes.get(..valid).unwrap_or_default();
    let bad = bytes.get(valid).copied().unwrap_or_default();
    let file = sources.add(name, String::from_utf8_lossy(bytes));
    let bad_span = Span::new(file, valid..valid + char::REPLACEMENT_CHARACTER.len_utf8());
    let found = Diagnostic::new(Code::L009, format!("`{name}` is not UTF-8"))
        .at(bad_span, format!("the byte 0x{bad:02X} starts no UTF-8 character"))
        .help("save the file again as UTF-8 (in a spreadsheet: `CSV UTF-8`)");
    match (good.is_empty(), bad) {
        (true, 0xFE | 0xFF) => found.note("the file looks like UTF-16"),
        (_, 0xC0..) => found.note(format!("in Windows-1252 it is `{}`", char::from(bad))),
        _ => found,
    }
}

/// A tree without some of its files: another tree has its own in their place.
pub struct Except<'a> {
    /// The tree.
    pub files: &'a dyn Files,
    /// Paths of the files left out.
    pub hidden: std::collections::BTreeSet<String>,
}

impl Files for Except<'_> {
    fn list(&self) -> Result<Vec<String>, LoadError> {
        let paths = self.files.list()?;
        Ok(paths.into_iter().filter(|path| !self.hidden.contains(path)).collect())
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, LoadError> {
        self.files.read(path)
    }
}

// --- on disk -------------------------------------------------------------------------------------

/// A folder and all that it holds; links are followed.
#[derive(Clone, Debug)]
pub struct DiskFiles {
    root: PathBuf,
}

impl DiskFiles {
    /// The tree under `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }
}

impl Files for DiskFiles {
    fn list(&self) -> Result<Vec<String>, LoadError> {
        let mut paths = Vec::new();
        walk(&self.root, "", 0, &mut paths)?;
        paths.sort();
        Ok(paths)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, LoadError> {
        let full = self.root.join(path);
        let failed = |cause| LoadError::from_io(&full.to_string_lossy(), cause);
        let file = fs::File::open(&full).map_err(failed)?;
        let most = u64::try_from(RULE_FILE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes).map_err(failed)?;
        Ok(bytes)
    }
}

/// Adds the files of one folder to `paths`, then those of the folders it holds.
fn walk(
    folder: &Path,
    relative: &str,
    depth: usize,
    paths: &mut Vec<String>,
) -> Result<(), LoadError> {
    let shown = folder.to_string_lossy();
    if depth > RULE_TREE_DEPTH {
        return Err(LoadError::TooDeep { path: shown.into_owned() });
    }
    let failed = |cause| LoadError::from_io(&shown, cause);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let full = path.to_string_lossy();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return Err(LoadError::Name { path: full.into_owned() });
        };
        if is_hidden(name) {
            continue;
        }
        let below = format!("{relative}{name}");
        let kind = fs::metadata(&path).map_err(|cause| LoadError::from_io(&full, cause))?;
        if kind.is_dir() {
            walk(&path, &format!("{below}/"), depth + 1, paths)?;
        } else {
            paths.push(below);
        }
    }
    Ok(())
}

/// Whether a file or folder is for people or tools, not for rules.
fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || name == "README.md"
}

// --- in memory -----------------------------------------------------------------------------------

/// Texts by path, for tests and for callers that have no disk.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles(pub BTreeMap<String, String>);

impl<P: Into<String>, T: Into<String>, const N: usize> From<[(P, T); N]> for MemoryFiles {
    fn from(files: [(P, T); N]) -> Self {
        Self(files.into_iter().map(|(path, text)| (path.into(), text.into())).collect())
    }
}

impl Files for MemoryFiles {
    fn list(&self) -> Result<Vec<String>, LoadError> {
        let visible = self.0.keys().filter(|path| !path.split('/').any(is_hidden));
        Ok(visible.cloned().collect())
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, LoadError> {
        let text = self.0.get(path);
        text.map(|text| text.clone().into_bytes())
            .ok_or_else(|| LoadError::Missing { path: path.to_owned() })
    }
}

// --- in the binary -------------------------------------------------------------------------------

/// The national rules as they were when this program was built.
static NATIONAL: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// The national rules inside the program.
#[derive(Clone, Copy, Debug, Default)]
pub struct EmbeddedFiles;

/// The embedded files by path: looking one up in the tree compares every path before it.
static BY_PATH: LazyLock<BTreeMap<String, &'static [u8]>> = LazyLock::new(|| {
    let mut files = BTreeMap::new();
    collect(&NATIONAL, &mut files);
    files
});

impl Files for EmbeddedFiles {
    fn list(&self) -> Result<Vec<String>, LoadError> {
        Ok(BY_PATH.keys().cloned().collect())
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, LoadError> {
        let file = BY_PATH.get(path).map(|bytes| bytes.to_vec());
        file.ok_or_else(|| LoadError::Missing { path: path.to_owned() })
    }
}

fn collect(folder: &Dir<'static>, files: &mut BTreeMap<String, &'static [u8]>) {
    for entry in folder.entries() {
        let path = entry.path().to_string_lossy().replace('\\', "/");
        if path.rsplit('/').next().is_some_and(is_hidden) {
            continue;
        }
        match entry {
            DirEntry::Dir(below) => collect(below, files),
            DirEntry::File(file) => {
                files.insert(path, file.contents());
            }
        }
    }
}

#[cfg(test)]
mod tests;
