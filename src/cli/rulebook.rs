//! Rules, from folders or from the program itself, to a checked book.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::calendar::{KnownOn, PayPeriod};
use crate::check::{self, CheckedRuleBook};
use crate::diag::{self, Diagnostic, Severity};
use crate::load::{DiskFiles, EmbeddedFiles, Except, Files, load};
use crate::program::{self, CompileError, Program, Target};
use crate::rules;
use crate::source::{FileId, SourceMap};

use super::args::Common;
use super::output::{Outcome, Output};

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

/// The book and the compiled month, or the findings printed and the outcome.
pub fn compiled(
    common: &Common,
    period: PayPeriod,
    output: &Output,
) -> Result<(Rules, Program), Outcome> {
    let rules = checked(common, output)?;
    let program = month(&rules, common, period, common.connu_le, output)?;
    Ok((rules, program))
}

/// The checked rules, or the findings printed and the outcome.
pub fn checked(common: &Common, output: &Output) -> Result<Rules, Outcome> {
    checked_over(common, None, output)
}

/// Same, with a draft on top.
pub fn checked_over(
    common: &Common,
    draft: Option<&Path>,
    output: &Output,
) -> Result<Rules, Outcome> {
    let rules = read_over(&common.regles, draft, false);
    if rules.book.is_some() {
        return Ok(rules);
    }
    let errors: Vec<Diagnostic> = (rules.findings.iter())
        .filter(|finding| finding.severity() == Severity::Error)
        .cloned()
        .collect();
    output.findings(&errors, &rules.sources);
    Err(output.failed("the rules do not check: nothing is computed", "run `paie check`"))
}

/// Compiles one month of checked rules.
pub fn month(
    rules: &Rules,
    common: &Common,
    period: PayPeriod,
    connu_le: Option<crate::calendar::Day>,
    output: &Output,
) -> Result<Program, Outcome> {
    let Some(book) = &rules.book else { return Err(Outcome::Failed) };
    let known_on = connu_le.map_or(KnownOn::Everything, KnownOn::Day);
    let target = Target { period, known_on, au_dela: common.au_dela };
    program::compile(book, target).map_err(|error| not_compiled(error, rules, output))
}

/// Why a month of checked rules cannot be compiled.
pub fn not_compiled(error: CompileError, rules: &Rules, output: &Output) -> Outcome {
    match error {
        CompileError::NotCovered { period, premier, dernier } => {
            let message =
                format!("{period} is not covered: the rules go from {premier} to {dernier}");
            let help = if period > dernier {
                "add the rules of that month; `--au-dela` computes it with the last ones"
            } else {
                "add the rules of that month"
            };
            output.failed(&message, help)
        }
        CompileError::Findings(findings) => {
            output.findings(&findings, &rules.sources);
            output.failed("the month cannot be computed with what was known", "see above")
        }
    }
}

/// Compiles a month that a run of the archive computed, with the rules of that run.
pub fn closed_month(
    rules: &Rules,
    period: PayPeriod,
    known_on: KnownOn,
    output: &Output,
) -> Result<Program, Outcome> {
    let target = Target { period, known_on, au_dela: true };
    let program = rules.book.as_ref().and_then(|book| program::compile(book, target).ok());
    program.ok_or_else(|| {
        let help =
            "this program does not read its rules any more: use the edition that computed it";
        output.failed(&format!("{period} cannot be compiled with the rules in force then"), help)
    })
}

/// Whether a month is after the last verified one.
pub fn beyond(rules: &Rules, period: PayPeriod) -> bool {
    rules.book.as_ref().is_some_and(|book| period > book.coverage().dernier)
}
