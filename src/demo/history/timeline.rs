//! A career as it is believed: changes learned one after the other, each of which rewrites the
//! days from its effect on.

use std::collections::BTreeMap;

use crate::calendar::Day;
use crate::demo::grades::Grade;
use crate::demo::post::{Hours, Pay, Post, Statut};

/// What a change does to a career.
#[derive(Clone, Copy)]
pub(super) enum Op {
    /// An échelon more.
    Step,
    /// An échelon less: what was said before was wrong.
    Unstep,
    /// A grade, and the one above it.
    Promote(Grade, Option<Grade>),
    Quotite(u32),
    Therapeutic(u32),
    Nbi(u32),
    Hours(Hours),
    /// From probation to a full post.
    Confirm,
    Pay(Pay),
    Taux(u32),
    /// A grid that is known from that day on: the row says no index any more.
    Grid,
    /// A further term, up to its last day.
    Term(Day),
    /// The last day of the contract, against what was said before.
    End(Day),
}

/// A change of a career.
#[derive(Clone, Copy)]
pub(super) struct Change {
    /// First day of effect; for [`Op::End`], the last day.
    pub(super) depuis: Day,
    /// Day on which the pool learns it.
    pub(super) connu_le: Day,
    pub(super) op: Op,
    pub(super) motif: &'static str,
}

/// A career from one day on.
#[derive(Clone, Copy)]
pub(super) struct State {
    pub(super) post: Post,
    /// Rate of a mandate, in steps of 0.0001.
    pub(super) taux: u32,
    pub(super) fin: Option<Day>,
    pub(super) motif: &'static str,
}

/// A career as known now.
pub(super) struct Line {
    states: BTreeMap<Day, State>,
}

impl Line {
    /// A career of one row.
    pub(super) fn new(depuis: Day, state: State) -> Self {
        Self { states: BTreeMap::from([(depuis, state)]) }
    }

    /// What is known now of a day.
    pub(super) fn on(&self, day: Day) -> Option<&State> {
        self.states.range(..=day).next_back().map(|(_, state)| state)
    }

    /// Learns a change; gives the rows that say it, each with its first day.
    pub(super) fn learn(&mut self, change: &Change) -> Vec<(Day, State)> {
        let found = self.states.range(..=change.depuis).next_back();
        let Some((&key, &state)) = found.or_else(|| self.states.iter().next()) else {
            return Vec::new();
        };
        let from = match change.op {
            Op::End(_) => key,
            _ => change.depuis.max(key),
        };
        self.states.insert(from, state);
        let mut rows: Vec<(Day, State)> = Vec::new();
        for (&depuis, state) in self.states.range_mut(from..) {
            apply(change.op, state);
            if depuis == from {
                state.motif = change.motif;
            }
            // Of two rows learned on one day, the former ends before the latter.
            if let Some((_, before)) = rows.last_mut()
                && before.fin.is_some()
            {
                before.fin = Some(depuis.previous());
            }
            // A contract that is not renewed as far as anyone knows has no row after its end.
            if state.fin.is_none_or(|fin| depuis <= fin) {
                rows.push((depuis, *state));
            }
        }
        rows
    }
}

fn apply(op: Op, state: &mut State) {
    let post = &mut state.post;
    match op {
        Op::Step => post.echelon = (post.echelon + 1).min(post.grade.echelons),
        Op::Unstep => post.echelon = post.echelon.saturating_sub(1).max(1),
        Op::Promote(grade, above) => {
            post.echelon = post.echelon.min(grade.echelons);
            (post.grade, post.above) = (grade, above);
        }
        Op::Quotite(quotite) => {
            post.quotite = quotite;
            post.surcotisation &= quotite < 100;
        }
        Op::Therapeutic(part) => post.therapeutique = part,
        Op::Nbi(points) => post.nbi = points,
        Op::Hours(hours) => post.hours = hours,
        Op::Confirm => post.statut = Statut::Titulaire,
        Op::Pay(pay) => post.pay = pay,
        Op::Taux(taux) => state.taux = taux,
        Op::Grid => {}
        Op::Term(fin) | Op::End(fin) => state.fin = Some(fin),
    }
}
