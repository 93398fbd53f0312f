//! What rappels do with each cotisation is said, and a frozen line reads frozen lines only.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::Day;
use crate::diag::{Code, Diagnostic};
use crate::rules::{Book, Item, ItemId, ItemKind, RappelMode, Timeline};
use crate::source::Span;

use super::node::{Node, NodeKind};
use super::order::{members, parts};

/// Reports each cotisation that does not say what a rappel does with it.
pub fn said(book: &Book<Node>, out: &mut Vec<Diagnostic>) {
    for item in &book.items {
        let cotisation = matches!(item.kind, ItemKind::Cotisation { .. });
        if cotisation && item.versions.versions().iter().any(|v| v.value.rappel.is_none()) {
            out.push(unsaid(item));
        }
    }
}

/// Reports each line computed in its own month that reads one computed in the month of payment, in
/// a book without circles.
pub fn frozen(book: &Book<Node>, out: &mut Vec<Diagnostic>) {
    for (at, item) in book.items.iter().enumerate() {
        let lines = Chains { book, start: ItemId::at(at) };
        if let Some(chain) = item.printed().then(|| lines.wrong(item)).flatten() {
            out.push(wrong_chain(book, item, &chain));
        }
    }
}

/// A cotisation without a mode.
fn unsaid(item: &Item<Node>) -> Diagnostic {
    Diagnostic::new(Code::C504, format!("`{}` does not say what a rappel does with it", item.nom))
        .at(item.span, "no `rappel`")
        .note("`origine`: at the rates of the month it was due, in a line of that month")
        .note("`paiement`: at the rates of the month of payment, with the rappels in its base")
        .note("`annee`: as `paiement` for rappels of the same year, as `origine` for former years")
        .help("write `rappel = \"origine\"`, `\"paiement\"` or `\"annee\"`, as its fund asks")
}

/// One reading on the way from a line to another.
#[derive(Clone, Copy)]
struct Step {
    read: ItemId,
    span: Span,
}

/// A reading that would freeze an amount which moves afterwards.
struct Wrong {
    reader: RappelMode,
    read: RappelMode,
    statut: Option<String>,
    steps: Vec<Step>,
}

fn wrong_chain(book: &Book<Node>, item: &Item<Node>, wrong: &Wrong) -> Diagnostic {
    let nom = |id: ItemId| book.get(id).map_or("", |item| item.nom.as_str());
    let names: Vec<&str> = wrong.steps.iter().map(|step| nom(step.read)).collect();
    let last = names.last().copied().unwrap_or("");
    let (reader, read) = (wrong.reader.name(), wrong.read.name());
    let message = format!("`{}` (rappel {reader}) reads `{last}` (rappel {read})", item.nom);
    let mut finding = Diagnostic::new(Code::C505, message);
    for (step, name) in wrong.steps.iter().zip(&names) {
        let label = format!("reads `{name}`");
        finding = if finding.primary.is_none() {
            finding.at(step.span, label)
        } else {
            finding.and(step.span, label)
        };
    }
    finding = finding.note(format!("the chain: {} → {}", item.nom, names.join(" → ")));
    if let Some(statut) = &wrong.statut {
        return finding.note(format!("for the statut `{statut}`")).help(format!(
            "add `{statut}` to the `rappel_statuts_paiement` of `{}`, or read a base",
            item.nom
        ));
    }
    finding.help(format!(
        "give `{}` a mode as late as that of `{last}` (origine, annee, paiement), or read a base",
        item.nom
    ))
}

/// Days on which a version applies, when everything is known.
#[derive(Clone, Copy)]
struct Stretch {
    first: Day,
    /// The day after the last; none: it has not ended.
    end: Option<Day>,
}

impl Stretch {
    fn meets(self, other: Self) -> bool {
        let starts_before = |a: Self, b: Self| b.end.is_none_or(|end| a.first < end);
        starts_before(self, other) && starts_before(other, self)
    }
}

/// Each version with the days on which it applies. Corrections of one day share its stretch.
fn stretches<T>(timeline: &Timeline<T>) -> Vec<(Stretch, &T)> {
    let versions = timeline.versions();
    let stretch = |at: usize, first: Day, fin: Option<Day>| {
        let next = versions.iter().skip(at).map(|v| v.depuis).find(|&day| first < day);
        let fin = fin.map(Day::next);
        Stretch { first, end: next.into_iter().chain(fin).min() }
    };
    let each = versions.iter().enumerate();
    each.map(|(at, v)| (stretch(at, v.depuis, v.fin), &v.value)).collect()
}

/// Later modes may read earlier ones.
fn rank(mode: RappelMode) -> u8 {
    match mode {
        RappelMode::Origine => 0,
        RappelMode::Annee => 1,
        RappelMode::Paiement => 2,
    }
}

/// The lines that one line reads, directly or through quantities.
struct Chains<'a> {
    book: &'a Book<Node>,
    start: ItemId,
}

impl Chains<'_> {
    /// The first chain that freezes what moves.
    fn wrong(&self, item: &Item<Node>) -> Option<Wrong> {
        stretches(&item.versions).into_iter().find_map(|(stretch, definition)| {
            let mode = definition.rappel?;
            let mut seen = BTreeSet::new();
            let mut open: Vec<(ItemId, Vec<Step>)> = vec![(self.start, Vec::new())];
            while let Some((id, steps)) = open.pop() {
                for (read, span) in self.reads(id, stretch) {
                    let mut steps = steps.clone();
                    steps.push(Step { read, span });
                    let Some(found) = self.book.get(read) else { continue };
                    if let Some(wrong) = clash(item, mode, found, stretch) {
                        return Some(Wrong { steps, ..wrong });
                    }
                    if !found.printed() && seen.insert(read) {
                        open.push((read, steps));
                    }
                }
            }
            None
        })
    }

    /// What the formulas of an item read on some day of a stretch.
    fn reads(&self, id: ItemId, stretch: Stretch) -> BTreeMap<ItemId, Span> {
        let mut reads = BTreeMap::new();
        let Some(item) = self.book.get(id) else { return reads };
        let definitions = stretches(&item.versions).into_iter().filter(|(s, _)| s.meets(stretch));
        let mut trees: Vec<&Node> =
            definitions.flat_map(|(_, definition)| parts(definition)).collect();
        let sides = stretches(&item.agent).into_iter().chain(stretches(&item.employeur));
        trees.extend(sides.filter(|(s, _)| s.meets(stretch)).map(|(_, side)| &side.taux.tree));
        for tree in trees {
            tree.walk(&mut |node| match &node.kind {
                NodeKind::Item(read, _) => {
                    reads.entry(*read).or_insert(node.span);
                }
                NodeKind::Somme(famille, part) => {
                    for read in members(self.book, *famille, *part) {
                        reads.entry(read).or_insert(node.span);
                    }
                }
                _ => {}
            });
        }
        reads.remove(&self.start);
        reads
    }
}

/// Whether a line of some mode freezes what another moves, for some statut.
fn clash(
    reader: &Item<Node>,
    mode: RappelMode,
    read: &Item<Node>,
    stretch: Stretch,
) -> Option<Wrong> {
    let met = stretches(&read.versions).into_iter().filter(|(s, _)| s.meets(stretch));
    let latest = met.filter_map(|(_, d)| d.rappel).max_by_key(|mode| rank(*mode))?;
    let of = |item: &Item<Node>, mode, statut: Option<&String>| {
        let paid = statut.is_some_and(|statut| item.rappel_paiement.contains(statut));
        if paid { RappelMode::Paiement } else { mode }
    };
    let mut statuts = vec![None];
    statuts.extend(read.rappel_paiement.iter().map(Some));
    statuts.into_iter().find_map(|statut| {
        let (mine, its) = (of(reader, mode, statut), of(read, latest, statut));
        let wrong = rank(mine) < rank(its);
        let statut = statut.cloned();
        wrong.then(|| Wrong { reader: mine, read: its, statut, steps: Vec::new() })
    })
}
