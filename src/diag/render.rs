//! Findings as text: with excerpts for people, one per line for editors, JSON for programs.
//!
//! May import: `source`, `limits`. Must not know: what the findings are about, or where they go.
//! The only place that writes terminal colours.

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::renderer::{DEFAULT_ERROR_STYLE, DEFAULT_WARNING_STYLE};
use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};
use serde_json::{Map, Value};

use super::code::Severity;
use super::diagnostic::{Diagnostic, Label};
use crate::limits::FINDINGS_PRINTED;
use crate::source::{FileId, SourceFile, SourceMap, Span};

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Format {
    /// With excerpts of the texts, notes and helps; at most [`FINDINGS_PRINTED`] findings.
    #[default]
    Full,
    /// One line per finding, `path:line:column: error[U302]: message (help: …)`.
    Short,
    /// One array of objects; positions from 1, columns in characters.
    Json,
}

/// Writes findings in the given order; the text ends with a line feed unless it is empty.
///
/// `colour` is ignored by [`Format::Json`]. A span that lies outside its text is shown at the
/// nearest place of the text; a span of an unknown file is left out.
pub fn render(
    diagnostics: &[Diagnostic],
    sources: &SourceMap,
    format: Format,
    colour: bool,
) -> String {
    match format {
        Format::Full => full(diagnostics, sources, colour, FINDINGS_PRINTED),
        Format::Short => short(diagnostics, sources, colour),
        Format::Json => json(diagnostics, sources),
    }
}

/// The last line of a report: `2 errors, 0 warnings in 214 files`.
pub fn summary(diagnostics: &[Diagnostic], files: usize) -> String {
    let (errors, warnings) = tally(diagnostics);
    let [errors, warnings] = [count(errors, "error"), count(warnings, "warning")];
    format!("{errors}, {warnings} in {}", count(files, "file"))
}

fn tally(diagnostics: &[Diagnostic]) -> (usize, usize) {
    let errors = diagnostics.iter().filter(|d| d.severity() == Severity::Error).count();
    (errors, diagnostics.len() - errors)
}

fn count(how_many: usize, what: &str) -> String {
    format!("{how_many} {what}{}", if how_many == 1 { "" } else { "s" })
}

// --- places --------------------------------------------------------------------------------------

/// A span brought back inside its text and onto whole characters.
///
/// The place after the last line feed is shown at the end of the last line: an excerpt of nothing
/// helps nobody.
fn settle(span: Span, sources: &SourceMap) -> Option<(&SourceFile, Span)> {
    let file = sources.get(span.file)?;
    let text = file.text.as_str();
    let Range { start, end } = span.range();
    let body = text.trim_end_matches(['\n', '\r']).len();
    let start = if start >= text.len() { body } else { start };
    let start = (0..=start).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let end = end.clamp(start, text.len());
    let end = (end..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
    Some((file, Span::new(span.file, start..end)))
}

/// Path, line and column of the start of a span.
fn position(span: Span, sources: &SourceMap) -> Option<(&str, usize, usize)> {
    let (file, span) = settle(span, sources)?;
    let (line, column) = sources.position(span);
    Some((file.path.as_str(), line, column))
}

// --- full ----------------------------------------------------------------------------------------

/// Findings with excerpts, at most `limit` of them, errors before warnings when some must go.
fn full(diagnostics: &[Diagnostic], sources: &SourceMap, colour: bool, limit: usize) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let (errors, warnings) = tally(diagnostics);
    let mut errors_left = errors.min(limit);
    let mut warnings_left = warnings.min(limit - errors_left);
    let (errors_cut, warnings_cut) = (errors - errors_left, warnings - warnings_left);
    let mut out = String::new();
    for diagnostic in diagnostics {
        let left = match diagnostic.severity() {
            Severity::Error => &mut errors_left,
            Severity::Warning => &mut warnings_left,
        };
        if *left > 0 {
            *left -= 1;
            out.push_str(&renderer.render(&[group(diagnostic, sources)]));
            out.push_str("\n\n");
        }
    }
    if errors_cut + warnings_cut > 0 {
        let cut = count(errors_cut + warnings_cut, "more finding");
        let [errors, warnings] = [count(errors_cut, "error"), count(warnings_cut, "warning")];
        _ = write!(out, "… {cut} not shown: {errors}, {warnings}\n\n");
    }
    out.truncate(out.trim_end_matches('\n').len());
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// One finding: title, one excerpt per file, notes, helps.
fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Group<'a> {
    let level = match diagnostic.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(one_line(&diagnostic.message)).id(diagnostic.code.name());
    let mut group = Group::with_title(title);
    let labels: Vec<&Label> = diagnostic.primary.iter().chain(&diagnostic.secondary).collect();
    for file in files(&labels) {
        group = excerpt(group, diagnostic, file, sources);
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(normalize_untrusted_str(note)));
    }
    for help in &diagnostic.helps {
        group = group.element(Level::HELP.message(normalize_untrusted_str(help)));
    }
    group
}

/// The files of some labels, each once, in order of appearance.
fn files(labels: &[&Label]) -> Vec<FileId> {
    let mut files = Vec::new();
    for label in labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    files
}

/// Adds the lines of `file` that the labels point at, or only its name when it is empty.
fn excerpt<'a>(
    group: Group<'a>,
    diagnostic: &'a Diagnostic,
    file: FileId,
    sources: &'a SourceMap,
) -> Group<'a> {
    let marks = marks(diagnostic, file, sources);
    let first = marks.iter().map(|mark| mark.span.start).min().unwrap_or(0);
    let last = marks.iter().map(|mark| mark.span.end).max().unwrap_or(0);
    let Some(source) = sources.get(file) else { return group };
    let (window, line_start) = window(&source.text, first..last);
    let lines = source.text.get(window.clone()).unwrap_or("");
    if lines.trim_end_matches(['\n', '\r']).is_empty() {
        let origin = Origin::path(one_line(&source.path)).line(line_start).char_column(1);
        return group.element(origin);
    }
    let annotations = marks.into_iter().map(|mark| mark.annotation(window.start));
    group.element(
        Snippet::source(lines)
            .line_start(line_start)
            .path(one_line(&source.path))
            .annotations(annotations),
    )
}

/// A label on its way to the excerpt.
struct Mark<'a> {
    kind: AnnotationKind,
    span: Range<usize>,
    text: &'a str,
}

impl<'a> Mark<'a> {
    /// The same mark in an excerpt that starts at byte `base`.
    fn annotation(self, base: usize) -> Annotation<'a> {
        let annotation = self.kind.span(self.span.start - base..self.span.end - base);
        if self.text.is_empty() { annotation } else { annotation.label(one_line(self.text)) }
    }
}

/// The labels of one file.
fn marks<'a>(diagnostic: &'a Diagnostic, file: FileId, sources: &SourceMap) -> Vec<Mark<'a>> {
    let primary = diagnostic.primary.iter().map(|label| (AnnotationKind::Primary, label));
    let secondary = diagnostic.secondary.iter().map(|label| (AnnotationKind::Context, label));
    primary
        .chain(secondary)
        .filter(|(_, label)| label.span.file == file)
        .filter_map(|(kind, label)| {
            let (_, span) = settle(label.span, sources)?;
            Some(Mark { kind, span: span.range(), text: &label.text })
        })
        .collect()
}

/// The whole lines that hold `marked`, and the number of the first: cutting them out here keeps the
/// cost of an excerpt independent of the size of its file.
fn window(text: &str, marked: Range<usize>) -> (Range<usize>, usize) {
    let before = text.get(..marked.start).unwrap_or("");
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let after = text.get(marked.end..).unwrap_or("");
    let end = after.find('\n').map_or(text.len(), |at| marked.end + at + 1);
    let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
    (start..end, line)
}

/// A text on one line, without control characters.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

// --- short ---------------------------------------------------------------------------------------

fn short(diagnostics: &[Diagnostic], sources: &SourceMap, colour: bool) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let span = diagnostic.primary.as_ref().map(|label| label.span);
        if let Some((path, line, column)) = span.and_then(|span| position(span, sources)) {
            _ = write!(out, "{}:{line}:{column}: ", one_line(path));
        }
        let (name, style) = match diagnostic.severity() {
            Severity::Error => ("error", DEFAULT_ERROR_STYLE),
            Severity::Warning => ("warning", DEFAULT_WARNING_STYLE),
        };
        let code = diagnostic.code;
        _ = match colour {
            true => write!(out, "{style}{name}[{code}]{style:#}: "),
            false => write!(out, "{name}[{code}]: "),
        };
        out.push_str(&one_line(&diagnostic.message));
        if !diagnostic.helps.is_empty() {
            _ = write!(out, " (help: {})", one_line(&diagnostic.helps.join("; ")));
        }
        out.push('\n');
    }
    out
}

// --- JSON ----------------------------------------------------------------------------------------

fn json(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let findings = diagnostics.iter().map(|diagnostic| json_finding(diagnostic, sources));
    format!("{:#}\n", Value::Array(findings.collect()))
}

fn json_finding(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    let severity = match diagnostic.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let span = diagnostic.primary.as_ref().map(|label| label.span);
    let [file, line, column] = json_place(span, sources);
    let primary = diagnostic.primary.iter().map(|label| json_label(label, true, sources));
    let secondary = diagnostic.secondary.iter().map(|label| json_label(label, false, sources));
    object([
        ("code", diagnostic.code.name().into()),
        ("severity", severity.into()),
        ("message", diagnostic.message.as_str().into()),
        ("file", file),
        ("line", line),
        ("column", column),
        ("labels", Value::Array(primary.chain(secondary).collect())),
        ("notes", diagnostic.notes.clone().into()),
        ("helps", diagnostic.helps.clone().into()),
    ])
}

/// A label with its start and its end; the end is the first place after it.
fn json_label(label: &Label, primary: bool, sources: &SourceMap) -> Value {
    let [file, line, column] = json_place(Some(label.span), sources);
    let end = settle(label.span, sources).map(|(_, span)| Span { start: span.end, ..span });
    let [end_line, end_column] = end.map_or([Value::Null, Value::Null], |end| {
        let (line, column) = sources.position(end);
        [line.into(), column.into()]
    });
    object([
        ("primary", primary.into()),
        ("file", file),
        ("line", line),
        ("column", column),
        ("end_line", end_line),
        ("end_column", end_column),
        ("text", label.text.as_str().into()),
    ])
}

/// File, line and column, all null when there is no place.
fn json_place(span: Option<Span>, sources: &SourceMap) -> [Value; 3] {
    span.and_then(|span| position(span, sources))
        .map_or([const { Value::Null }; 3], |(path, line, column)| {
            [path.into(), line.into(), column.into()]
        })
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(
        fields.map(|(key, value)| (key.to_owned(), value)).into_iter().collect::<Map<_, _>>(),
    )
}

#[cfg(test)]
mod tests;
