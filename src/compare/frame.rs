//! The inputs of a contract halfway between two months: each part of them from one or the other.
//!
//! Segments of two months rarely match. Both months are cut at the days of the month where either
//! is, which changes no amount; then a piece of one answers to the piece of the other that holds
//! the same day of the month.

use std::sync::Arc;

use crate::calendar::PayPeriod;
use crate::domain::{AgentFacts, Element};
use crate::dossier::Prepared;
use crate::engine::{AbsenceInput, Dossier, ElementInput, Given, SegmentInput};
use crate::program::{InputSlot, Program};

/// Which segments the inputs have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Segments {
    /// Those of the month before.
    #[default]
    Before,
    /// The days of the month before, with the career at its end throughout.
    Level,
    /// The days of the month, with the career at the end of the month before.
    Days,
    /// Those of the month.
    After,
}

/// Which month each part of the inputs comes from: `true`, or [`Segments::After`], for the month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Parameters of the employer.
    pub employeur: bool,
    /// Lines of former months.
    pub rappels: bool,
    /// Elements that are over are left out.
    pub ended_elements: bool,
    /// The other elements.
    pub elements: bool,
    /// Absences that are over are left out.
    pub ended_absences: bool,
    /// The other absences.
    pub absences: bool,
    /// Segments.
    pub segments: Segments,
    /// Children.
    pub famille: bool,
    /// Tax.
    pub impot: bool,
    /// Everything else of the month, and the totals of the year.
    pub cumuls: bool,
}

/// A piece of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cut {
    /// First day, as a number in the month.
    day: u32,
    /// Place of the segment.
    source: usize,
    /// Its thirtieths.
    thirtieths: i64,
}

/// One side: what was prepared, and its segments cut where either side's are.
struct Side<'a> {
    prepared: &'a Prepared,
    dossier: &'a Dossier,
    period: PayPeriod,
    cuts: Vec<Cut>,
}

/// Two months of one contract, for one program.
pub struct Frame<'a> {
    facts: &'a AgentFacts,
    before: Side<'a>,
    after: Side<'a>,
    /// The segments of the month, uncut.
    whole: Vec<Cut>,
    /// What each value of the month is: the place of its first value, and the cause it belongs to.
    mois: &'a [InputSlot],
}

impl<'a> Frame<'a> {
    /// `before` was prepared for another month, `dossier` are its inputs laid out for `program`,
    /// the one of `after`.
    pub fn new(
        facts: &'a AgentFacts,
        program: &'a Program,
        (before, dossier, period): (&'a Prepared, &'a Dossier, PayPeriod),
        after: &'a Prepared,
    ) -> Self {
        let days = |prepared: &Prepared| -> Vec<u32> {
            prepared.segments.iter().map(|segment| segment.first.day()).collect()
        };
        let mut all = days(before);
        all.extend(days(after));
        let whole = cuts(after, &after.dossier, &[]);
        let cut = |prepared, dossier| cuts(prepared, dossier, &all);
        Self {
            facts,
            before: Side { prepared: before, dossier, period, cuts: cut(before, dossier) },
            after: Side {
                prepared: after,
                dossier: &after.dossier,
                period: program.period,
                cuts: cut(after, &after.dossier),
            },
            whole,
            mois: &program.layout.mois,
        }
    }

    /// Thirtieths of the two months.
    pub fn thirtieths(&self) -> (i64, i64) {
        let of = |side: &Side<'_>| side.cuts.iter().map(|cut| cut.thirtieths).sum();
        (of(&self.before), of(&self.after))
    }

    /// What was prepared for the month before, and for the month.
    pub fn prepared(&self) -> (&Prepared, &Prepared) {
        (self.before.prepared, self.after.prepared)
    }

    /// The facts of the agent.
    pub fn facts(&self) -> &AgentFacts {
        self.facts
    }

    /// The inputs that the choices make.
    pub fn dossier(&self, choices: &Choices) -> Dossier {
        let employeur = if choices.employeur { &self.after } else { &self.before };
        let cumuls = if choices.cumuls { &self.after } else { &self.before };
        Dossier {
            employeur: Arc::clone(&employeur.dossier.employeur),
            mois: self.mois(choices),
            segments: self.segments(choices.segments),
            elements: self.elements(choices),
            absences: self.absences(choices),
            cumuls: cumuls.dossier.cumuls.clone(),
            forced: self.forced(choices),
            given: Given::default(),
        }
    }

    fn mois(&self, choices: &Choices) -> Vec<i128> {
        let (old, new) = (&self.before.dossier.mois, &self.after.dossier.mois);
        let first = self.mois.first().map_or(0, |input| input.slot);
        let mut values = old.clone();
        values.resize(new.len(), crate::program::MISSING);
        for input in self.mois {
            let taken = match input.nom.as_str() {
                "agent.taux_pas" | "agent.zone_pas" => choices.impot,
                nom if nom.starts_with("famille.") => choices.famille,
                _ => choices.cumuls,
            };
            let start = usize::from(input.slot.saturating_sub(first));
            let range = start..start + 1 + usize::from(input.ratio);
            if let (true, Some(to), Some(from)) =
                (taken, values.get_mut(range.clone()), new.get(range))
            {
                to.copy_from_slice(from);
            }
        }
        values
    }

    fn segments(&self, stage: Segments) -> Vec<SegmentInput> {
        let side = match stage {
            Segments::Before | Segments::Level => &self.before,
            Segments::Days => &self.after,
            Segments::After => return self.after.dossier.segments.clone(),
        };
        let level = self.before.dossier.segments.last().filter(|_| stage != Segments::Before);
        let piece = |cut: &Cut| {
            let own = side.dossier.segments.get(cut.source)?;
            let values = level.unwrap_or(own).values.clone();
            Some(SegmentInput { thirtieths: cut.thirtieths, variant: own.variant, values })
        };
        side.cuts.iter().filter_map(piece).collect()
    }

    /// The cuts that the inputs have.
    fn target(&self, stage: Segments) -> &[Cut] {
        match stage {
            Segments::Before | Segments::Level => &self.before.cuts,
            Segments::Days => &self.after.cuts,
            Segments::After => &self.whole,
        }
    }

    fn elements(&self, choices: &Choices) -> Vec<ElementInput> {
        let mut kept: Vec<(usize, ElementInput)> = Vec::new();
        let old = self.before.prepared.elements.iter().zip(&self.before.dossier.elements);
        for (&row, input) in old {
            let gone = if self.rappel(row, &self.before) {
                choices.rappels
            } else if self.continues(row) && !self.ends(row) {
                choices.elements
            } else {
                choices.ended_elements
            };
            if !gone {
                kept.push((row, self.moved(input, &self.before, choices.segments)));
            }
        }
        let new = self.after.prepared.elements.iter().zip(&self.after.dossier.elements);
        for (&row, input) in new {
            let taken = if self.rappel(row, &self.after) {
                choices.rappels
            } else if self.ends(row) {
                choices.ended_elements
            } else {
                choices.elements
            };
            if taken {
                kept.push((row, self.moved(input, &self.after, choices.segments)));
            }
        }
        kept.sort_by_key(|(row, _)| *row);
        kept.into_iter().map(|(_, input)| input).collect()
    }

    fn row(&self, row: usize) -> Option<&Element> {
        self.facts.elements.get(row)
    }

    /// Whether a row of a side belongs to a month before that side. A row of both months that is
    /// late only for the second is one that lasts, not a rappel.
    fn rappel(&self, row: usize, side: &Side<'_>) -> bool {
        let origin = self.row(row).and_then(|element| element.mois_origine);
        let both = self.before.prepared.elements.contains(&row);
        let limit = if both { self.before.period } else { side.period };
        origin.is_some_and(|origin| origin < limit)
    }

    /// Whether the month still has an element of the same identity.
    fn continues(&self, row: usize) -> bool {
        let Some(element) = self.row(row) else { return false };
        let mut rows = self.after.prepared.elements.iter().filter_map(|&row| self.row(row));
        rows.any(|other| other.identity() == element.identity())
    }

    /// Whether a row of both months ends before the last day of the month, and nothing follows it.
    fn ends(&self, row: usize) -> bool {
        let Some(element) = self.row(row) else { return false };
        let (old, new) = (&self.before.prepared.elements, &self.after.prepared.elements);
        let same = |other: &usize| {
            self.row(*other).is_some_and(|other| other.identity() == element.identity())
        };
        element.dated.fin.is_some_and(|fin| fin < self.after.period.last_day())
            && old.contains(&row)
            && new.iter().filter(|other| same(other)).eq([&row])
    }

    /// An element, active in the pieces that answer to those it was active in.
    fn moved(&self, input: &ElementInput, side: &Side<'_>, stage: Segments) -> ElementInput {
        let on = |source: usize| input.active & bit(source) != 0;
        let everywhere = side.cuts.iter().all(|cut| on(cut.source));
        let target = self.target(stage);
        let mut active = 0;
        for (at, cut) in target.iter().enumerate() {
            let answers = holding(&side.cuts, cut.day).and_then(|at| side.cuts.get(at));
            if everywhere || answers.is_some_and(|cut| on(cut.source)) {
                active |= bit(at);
            }
        }
        if active == 0 && input.active != 0 {
            active = bit(target.len().saturating_sub(1));
        }
        ElementInput { active, ..input.clone() }
    }

    fn absences(&self, choices: &Choices) -> Vec<AbsenceInput> {
        let target = self.target(choices.segments);
        let mut kept = Vec::new();
        for (side, old) in [(&self.before, true), (&self.after, false)] {
            let inputs = side.prepared.absences.iter().zip(&side.dossier.absences);
            for (piece, input) in inputs {
                let changed = if self.absence_ends(piece.row) {
                    choices.ended_absences
                } else {
                    choices.absences
                };
                if changed != old {
                    let segment = holding(target, piece.first.day()).unwrap_or(0);
                    kept.push(AbsenceInput { segment, ..input.clone() });
                }
            }
        }
        kept
    }

    /// Whether the month has no more absence of the nature of a row; or has less of it than the
    /// month before, and none on its last day.
    fn absence_ends(&self, row: usize) -> bool {
        let all = &self.facts.absences;
        let Some(nature) = all.get(row).map(|row| &row.nature) else { return false };
        let last = self.after.period.last_day();
        // In millionths of a month: more or less is all that is asked.
        let taken = |side: &Side<'_>| -> i128 {
            let pieces = side.prepared.absences.iter();
            let same = pieces.filter(|p| all.get(p.row).is_some_and(|row| row.nature == *nature));
            let parts = same.map(|piece| piece.input.part);
            let millionths = |(num, den): (i64, i64)| {
                (i128::from(num) * 1_000_000).checked_div(i128::from(den)).unwrap_or(0)
            };
            parts.map(millionths).sum()
        };
        let lasts = self.after.prepared.absences.iter().any(|piece| {
            all.get(piece.row).is_some_and(|row| row.nature == *nature && row.fin >= last)
        });
        !lasts && taken(&self.after) < taken(&self.before)
    }

    fn forced(&self, choices: &Choices) -> Vec<(usize, crate::num::Amount)> {
        let (old, new) = (&self.before.dossier.forced, &self.after.dossier.forced);
        if choices.elements {
            return new.clone();
        }
        let stays = |item: usize| new.iter().any(|(other, _)| *other == item);
        let kept = old.iter().filter(|(item, _)| !choices.ended_elements || stays(*item));
        kept.copied().collect()
    }
}

fn bit(at: usize) -> u64 {
    1 << at.min(63)
}

/// The place of the piece that holds a day of the month, or the nearest before, or the first.
fn holding(cuts: &[Cut], day: u32) -> Option<usize> {
    let found = cuts.iter().rposition(|cut| cut.day <= day);
    found.or((!cuts.is_empty()).then_some(0))
}

/// The segments of a side, cut at the days given. A piece takes its days, and the last of a
/// segment what the others leave, as [`crate::calendar::thirtieths`] shares a month.
fn cuts(prepared: &Prepared, dossier: &Dossier, days: &[u32]) -> Vec<Cut> {
    let mut cuts = Vec::new();
    let both = prepared.segments.iter().zip(&dossier.segments).enumerate();
    for (source, (facts, input)) in both {
        let (first, last) = (facts.first.day(), facts.last.day());
        let mut starts: Vec<u32> =
            days.iter().copied().filter(|day| first < *day && *day <= last).collect();
        starts.push(first);
        starts.sort_unstable();
        starts.dedup();
        let mut left = input.thirtieths;
        for (at, &day) in starts.iter().enumerate() {
            let share = match starts.get(at + 1) {
                Some(next) => i64::from(next - day).min(left),
                None => left,
            };
            left -= share;
            cuts.push(Cut { day, source, thirtieths: share });
        }
    }
    cuts
}
