//! Rules, from folders or from the program itself, to a checked book and its months.
//!
//! May import: `load`, `rules`, `check`, `program`. Must not know: facts, arguments, how a finding
//! is printed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::calendar::PayPeriod;
use crate::check::{self, CheckedRuleBook};
use crate::diag::{self, Diagnostic, Severity};
use crate::load::{DiskFiles, EmbeddedFiles, Except, Files, load};
use crate::program::{self, CompileError, Program, Target};
use crate::rules;
use crate::source::{FileId, SourceMap};

/// What was read: the texts, the findings, and the book when there is no error.
pub struct Rules {
    /// The texts.
    pub sources: SourceMap,
    /// Every finding, sorted.
    pub findings: Vec<Diagnostic>,
    /// The checked book.
    pub book: Option<CheckedRuleBook>,
    /// BLAKE3 digest of the texts.
    pub digest: String,
    /// The name of each text, wherever its layer is: `rules/…` for the national ones, `rules01/…`
    /// for those of the first layer. In the order of names, texts are in the order of reading.
    names: Vec<String>,
}

impl Rules {
    /// The texts by name, as an archive keeps them for [`from_texts`].
    pub fn texts(&self) -> BTreeMap<String, Vec<u8>> {
        let texts = self.sources.iter().map(|(_, file)| file.text.as_bytes().to_vec());
        self.names.iter().cloned().zip(texts).collect()
    }

    /// The findings that leave the rules without a book.
    pub fn errors(&self) -> Vec<Diagnostic> {
        let errors = self.findings.iter().filter(|one| one.severity() == Severity::Error);
        errors.cloned().collect()
    }

    /// Compiles one month.
    ///
    /// Errors: those of [`program::compile`]; the findings of the rules when they have no book.
    pub fn month(&self, target: Target) -> Result<Program, CompileError> {
        match &self.book {
            Some(book) => program::compile(book, target),
            None => Err(CompileError::Findings(self.errors())),
        }
    }

    /// Whether a month is after the last verified one.
    pub fn beyond(&self, mois: PayPeriod) -> bool {
        self.book.as_ref().is_some_and(|book| mois > book.coverage().dernier)
    }
}

/// Reads, resolves and checks every layer, national rules first.
pub fn read(layers: &[PathBuf], prove: bool) -> Rules {
    read_over(layers, None, prove)
}

/// Same, with a draft on top: a file of it takes the place of the national one of the same path,
/// the others are added.
pub fn read_over(layers: &[PathBuf], draft: Option<&Path>, prove: bool) -> Rules {
    let mut sources = SourceMap::default();
    let mut findings = Vec::new();
    let mut files = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut add = |tree: &dyn Files, prefix: &str, name: &str| {
        let (ids, found) = load(tree, prefix, &mut sources);
        files.extend(ids);
        findings.extend(found);
        let new = sources.iter().skip(names.len());
        let new = new.map(|(_, file)| file.path.strip_prefix(prefix).unwrap_or(&file.path));
        let new: Vec<String> = new.map(|path| format!("{name}{path}")).collect();
        names.extend(new);
    };
    // A layer that declares its own covered months is a whole tree; others are added to the
    // national rules.
    let whole = |layer: &Path| layer.join("regles.toml").exists();
    let first = layers.first().map(PathBuf::as_path).or(draft);
    if first.is_none_or(|layer| !whole(layer)) {
        let own = draft.map(|draft| DiskFiles::new(draft).list().unwrap_or_default());
        let hidden = own.into_iter().flatten().collect();
        add(&Except { files: &EmbeddedFiles, hidden }, "rules/", "rules/");
    }
    for (at, layer) in (1..).zip(layers.iter().map(PathBuf::as_path).chain(draft)) {
        let prefix = format!("{}/", layer.display());
        add(&DiskFiles::new(layer), &prefix, &format!("rules{at:02}/"));
    }
    checked_texts(sources, &files, names, findings, prove)
}

/// The rules of an archive: the texts of [`Rules::texts`].
pub fn from_texts(texts: BTreeMap<String, Vec<u8>>) -> Rules {
    let (mut sources, mut files, mut names) = (SourceMap::default(), Vec::new(), Vec::new());
    for (name, text) in texts {
        files.push(sources.add(name.clone(), String::from_utf8_lossy(&text)));
        names.push(name);
    }
    checked_texts(sources, &files, names, Vec::new(), false)
}

/// Resolves and checks the texts that could be read.
fn checked_texts(
    sources: SourceMap,
    files: &[FileId],
    names: Vec<String>,
    mut findings: Vec<Diagnostic>,
    prove: bool,
) -> Rules {
    let digest = digest(&sources, &names);
    let resolved = rules::resolve(&sources, files, &mut findings);
    let mut book = resolved.and_then(|resolved| check::check(resolved, &mut findings));
    if let Some(checked) = &book
        && prove
    {
        let proved = program::prove(checked);
        if proved.iter().any(|finding| finding.severity() == Severity::Error) {
            book = None;
        }
        findings.extend(proved);
    }
    diag::sort(&mut findings);
    Rules { sources, findings, book, digest, names }
}

/// Where a layer is says nothing of its rules: names count, not paths.
fn digest(sources: &SourceMap, names: &[String]) -> String {
    let mut whole = blake3::Hasher::new();
    for (name, (_, file)) in names.iter().zip(sources.iter()) {
        whole.update(name.as_bytes());
        whole.update(&[0]);
        whole.update(file.text.as_bytes());
        whole.update(&[0]);
    }
    whole.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests;
