//! What moved, in a few French words: what the facts say when they say it, else the line that
//! moves most.

use crate::domain::{AgentFacts, Carriere};
use crate::dossier::{Prepared, SegmentFacts};
use crate::num::Ratio;

use super::cause::Cause;
use super::frame::Frame;

/// Words for a step; `line` is the line that moves most.
pub fn what(frame: &Frame<'_>, cause: Cause, line: &str) -> String {
    let (before, after) = frame.prepared();
    let facts = frame.facts();
    let said = match cause {
        Cause::Carriere => career(facts, before, after),
        Cause::Absence => absences(after, before),
        Cause::FinAbsence => absences(before, after),
        _ => Vec::new(),
    };
    if said.is_empty() { line.to_owned() } else { said.join(", ") }
}

fn career(facts: &AgentFacts, before: &Prepared, after: &Prepared) -> Vec<String> {
    let (Some(old), Some(new)) = (before.segments.last(), after.segments.last()) else {
        return Vec::new();
    };
    let row = |segment: &SegmentFacts| -> Option<&Carriere> { facts.carrieres.get(segment.row) };
    let list = |segment: &SegmentFacts| {
        let row = row(segment);
        let text = |word: Option<&str>| word.unwrap_or("").to_owned();
        [
            ("statut", row.map_or_else(String::new, |row| row.statut.name().to_owned())),
            ("grade", text(row.and_then(|row| row.grade.as_deref()))),
            ("échelon", text(row.and_then(|row| row.echelon.as_deref()))),
            ("IM", segment.index.as_ref().map_or_else(String::new, |i| i.im.to_string())),
            ("NBI", row.map_or_else(String::new, |row| row.nbi.to_string())),
            ("quotité", percent(segment.quotite)),
            ("régime", segment.regime.name().to_owned()),
        ]
    };
    let changed = list(old).into_iter().zip(list(new)).filter(|(old, new)| old.1 != new.1);
    changed.map(|((nom, old), (_, new))| format!("{nom} {old} → {new}")).collect()
}

fn percent(ratio: Ratio) -> String {
    let hundredths = ratio.num().checked_mul(100);
    let whole = hundredths.filter(|value| value.checked_rem(ratio.den()) == Some(0));
    match whole.and_then(|value| value.checked_div(ratio.den())) {
        Some(percent) => format!("{percent}\u{a0}%"),
        None => ratio.to_string(),
    }
}

/// What the absences of one month are called that the other has not.
fn absences(of: &Prepared, other: &Prepared) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for piece in &of.absences {
        let known = other.absences.iter().any(|one| one.libelle == piece.libelle);
        if !known && !words.contains(&piece.libelle) {
            words.push(piece.libelle.clone());
        }
    }
    words
}
