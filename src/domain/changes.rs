//! What differs between the facts of an agent in two runs, and the first day on which it counts.
//!
//! Rows are compared by what they say, never by their line. Two rows of two runs are the same row
//! when they say the same thing; an edited row is found by what identifies it in its file:
//!
//! | File | A row is | Gone from the new pool |
//! |---|---|---|
//! | `carrieres.csv` | contract, first day | counts from its first day |
//! | `familles.csv` | first day | counts from its first day |
//! | `elements.csv` | contract, rubrique, label, month of origin, first day | kept |
//! | `absences.csv` | contract, nature, first day | kept |
//!
//! A pool hands in the variables of its month only, so a row of elements or absences that is not
//! handed in any more still holds for the months it was handed in for: [`keep_former`] puts it
//! back. A new row takes its place when both cannot hold: an absence with days in common, an
//! open-ended element of the same identity that starts earlier than the former did.
//!
//! Tax rates and opening figures are facts of the payment, never of the month due: not compared.
//!
//! May import: `calendar`. Must not know: months of pay, files, what a change costs.

use super::absence::Absence;
use super::agent::{AgentFacts, Famille};
use super::carriere::Carriere;
use super::content::Content;
use super::element::Element;
use super::employeur::{Employeur, ParametreEmployeur};
use super::fact::{Dated, RowRef};
use super::word::closed_list;
use crate::calendar::{Day, KnownOn};

closed_list! {
    /// What happened to a row between two runs.
    ChangeKind {
        /// It was not handed in before.
        Nouveau = "nouveau",
        /// It says something else, or stands for a row that it replaces.
        Modifie = "modifie",
        /// It does not hold any more: not handed in, or not known on the new day of knowledge.
        Retire = "retire",
        /// It was handed in before, and was not known yet.
        Connu = "connu",
    }
}

/// A row that counts, or counted, otherwise than in the other run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Its file and line.
    pub at: RowRef,
    /// Whether the line is one of the former pool: the new one does not have the row.
    pub former: bool,
    /// The first day from which it may make a difference.
    pub depuis: Day,
    /// What happened to it.
    pub kind: ChangeKind,
}

/// What differs between two runs for one agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The first day from which something that counts may differ; none: nothing does.
    pub earliest: Option<Day>,
    /// The rows, file by file.
    pub rows: Vec<Changed>,
}

impl Changes {
    fn add(&mut self, row: Changed) {
        let day = row.depuis;
        self.earliest = Some(self.earliest.map_or(day, |earliest| earliest.min(day)));
        self.rows.push(row);
    }
}

/// Compares the facts of one agent in two runs, each with its day of knowledge.
///
/// A row not known yet on its side is not there. A row that is new, edited or gone counts from its
/// first day (the earlier of both, when edited), from the day after the earlier end when only the
/// end was edited. The date of birth counts from [`Day::EARLIEST`]. Elements and absences that are
/// gone are compared as [`keep_former`] puts them back, so they count for nothing, unless they
/// were not known yet.
///
/// A row that could not be read is in no facts: this holds for agents accepted in both runs.
pub fn changes(
    before: &AgentFacts,
    known_before: KnownOn,
    now: &AgentFacts,
    known_now: KnownOn,
) -> Changes {
    let mut changes = Changes::default();
    if before.agent.naissance != now.agent.naissance {
        let (at, kind) = (now.agent.reference, ChangeKind::Modifie);
        changes.add(Changed { at, former: false, depuis: Day::EARLIEST, kind });
    }
    let known = (known_before, known_now);
    compare(&before.carrieres, &now.carrieres, known, &mut changes);
    compare(&before.familles, &now.familles, known, &mut changes);
    compare(&before.elements, &now.elements, known, &mut changes);
    compare(&before.absences, &now.absences, known, &mut changes);
    changes
}

/// Adds to `now` the elements and absences of `before` that are not handed in any more, before
/// the current rows, which so win every tie. A row learned after `known_now` takes the place of
/// none.
///
/// `before` holds the facts of an earlier run: call this to compute **its** months again, run
/// after run from the latest to the earliest when several are needed. Do not compute the current
/// month from the result: an open-ended element that was taken out of the pool would go on.
/// Adding the same rows twice changes nothing.
pub fn keep_former(before: &AgentFacts, now: &mut AgentFacts, known_now: KnownOn) {
    keep(&before.elements, &mut now.elements, known_now);
    keep(&before.absences, &mut now.absences, known_now);
}

/// The first day from which the settings of an employer may make a difference; none: they do not.
///
/// Its nature, commune, population and headcount are not dated: a pool cannot say since when they
/// hold, so an edit of them counts from the current month on and opens no month again.
pub fn employer_changes(
    before: &Employeur,
    now: &Employeur,
    known_before: KnownOn,
    known_now: KnownOn,
) -> Option<Day> {
    let mut changes = Changes::default();
    let known = (known_before, known_now);
    compare(&before.parametres, &now.parametres, known, &mut changes);
    changes.earliest
}

/// A row of a file: when it holds, and what identifies it from run to run.
trait Row: Content + Clone {
    /// Whether a row that is not handed in any more still holds.
    const KEPT: bool = false;

    fn depuis(&self) -> Day;
    fn fin(&self) -> Option<Day>;
    fn connu_le(&self) -> Option<Day>;
    fn at(&self) -> RowRef;
    /// The same row with the end of another.
    fn ending_like(&self, other: &Self) -> Self;
    /// Whether both have what identifies a row, `connu_le` left out.
    fn same_key(&self, other: &Self) -> bool;

    /// Whether the row is `former` edited, and not a correction that was added to it.
    fn edits(&self, former: &Self) -> bool {
        self.same_key(former)
    }

    /// Whether the row takes the place of `former`, which is gone.
    ///
    /// The last argument says whether the row is a new one, and no former row edited.
    fn replaces(&self, _: &Self, _: bool) -> bool {
        false
    }

    /// Whether opening or closing the end of one changes how long the other lasts.
    fn shares_end(&self, _: &Self) -> bool {
        false
    }
}

/// The dates of a row that has a [`Dated`].
macro_rules! dated_row {
    () => {
        fn depuis(&self) -> Day {
            self.dated.depuis
        }

        fn fin(&self) -> Option<Day> {
            self.dated.fin
        }

        fn connu_le(&self) -> Option<Day> {
            self.dated.connu_le
        }

        fn at(&self) -> RowRef {
            self.dated.reference
        }

        fn ending_like(&self, other: &Self) -> Self {
            Self { dated: Dated { fin: other.dated.fin, ..self.dated }, ..self.clone() }
        }
    };
}

impl Row for Carriere {
    dated_row!();

    fn same_key(&self, other: &Self) -> bool {
        (self.siret, &self.contrat, self.depuis()) == (other.siret, &other.contrat, other.depuis())
    }
}

impl Row for Famille {
    dated_row!();

    fn same_key(&self, other: &Self) -> bool {
        self.depuis() == other.depuis()
    }
}

impl Row for ParametreEmployeur {
    dated_row!();

    fn same_key(&self, other: &Self) -> bool {
        (&self.nom, self.depuis()) == (&other.nom, other.depuis())
    }
}

impl Row for Element {
    const KEPT: bool = true;

    dated_row!();

    fn same_key(&self, other: &Self) -> bool {
        self.depuis() == other.depuis() && self.identity() == other.identity()
    }

    fn edits(&self, former: &Self) -> bool {
        // A row of the same form learned later corrects the former: both may stand.
        let correction =
            self.fin().is_some() == former.fin().is_some() && self.connu_le() > former.connu_le();
        self.same_key(former) && !correction
    }

    fn replaces(&self, former: &Self, fresh: bool) -> bool {
        // It is due all along: the former would end it on its own first day.
        fresh
            && (self.fin(), former.fin()) == (None, None)
            && self.depuis() < former.depuis()
            && self.identity() == former.identity()
    }

    fn shares_end(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Row for Absence {
    const KEPT: bool = true;

    fn depuis(&self) -> Day {
        self.debut
    }

    fn fin(&self) -> Option<Day> {
        Some(self.fin)
    }

    fn connu_le(&self) -> Option<Day> {
        self.connu_le
    }

    fn at(&self) -> RowRef {
        self.reference
    }

    fn ending_like(&self, other: &Self) -> Self {
        Self { fin: other.fin, ..self.clone() }
    }

    fn same_key(&self, other: &Self) -> bool {
        (self.siret, self.debut) == (other.siret, other.debut)
            && (&self.contrat, &self.nature) == (&other.contrat, &other.nature)
    }

    fn edits(&self, former: &Self) -> bool {
        self.same_key(former) && self.connu_le <= former.connu_le
    }

    fn replaces(&self, former: &Self, _: bool) -> bool {
        // One day has one absence, unless both are counted in hours, which add up.
        let counted = |row: &Self| row.heures.is_some() || row.demi_journees.is_some();
        let correction = self.same_key(former) && self.connu_le > former.connu_le;
        (self.siret, &self.contrat) == (former.siret, &former.contrat)
            && self.debut <= former.fin
            && former.debut <= self.fin
            && !(counted(self) && counted(former))
            && !correction
    }
}

/// What became of a row of the former run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Handed in again.
    Same,
    /// Edited: the place of the current row.
    Edited(usize),
    /// Replaced by the current row at this place, which is another one.
    Replaced(usize),
    /// Not handed in any more.
    Gone,
}

/// The fate of each former row, and whether each current row is one of them.
fn pair<T: Row>(before: &[&T], now: &[&T]) -> (Vec<Fate>, Vec<bool>) {
    let mut taken = vec![false; now.len()];
    let mut fates: Vec<Fate> = Vec::with_capacity(before.len());
    for (place, row) in before.iter().enumerate() {
        // Most rows stand where they stood.
        let here = now.get(place).filter(|other| row.same(other)).map(|_| place);
        let free = |at: &usize| taken.get(*at) == Some(&false);
        let alike = |(_, other): &(usize, &&T)| row.same(other);
        let found = here.filter(&free).or_else(|| {
            let mut others = now.iter().enumerate().filter(alike).map(|(at, _)| at);
            let first = others.clone().next();
            others.find(free).or(first)
        });
        if let Some(slot) = found.and_then(|at| taken.get_mut(at)) {
            *slot = true;
        }
        fates.push(if found.is_some() { Fate::Same } else { Fate::Gone });
    }
    let stood = taken.clone();
    let exact = |row: &T, former: &T| row.same_key(former) && row.connu_le() == former.connu_le();
    find_edited(before, now, &mut fates, &mut taken, exact);
    find_edited(before, now, &mut fates, &mut taken, T::edits);
    for (row, fate) in before.iter().zip(&mut fates).filter(|(_, fate)| **fate == Fate::Gone) {
        let mut others = now.iter().zip(&taken).zip(&stood);
        let changed = others.position(|((other, taken), stood)| {
            !stood && (exact(other, row) || other.replaces(row, !taken))
        });
        // The pool was refused with both, and mended by leaving this one out.
        let other = || {
            let mut others = now.iter();
            others.position(|other| exact(other, row) || other.replaces(row, false))
        };
        if let Some(at) = changed.or_else(other) {
            *fate = Fate::Replaced(at);
        }
    }
    (fates, taken)
}

/// Marks as edited each former row that has a current one which is nobody else's.
fn find_edited<T: Row>(
    before: &[&T],
    now: &[&T],
    fates: &mut [Fate],
    taken: &mut [bool],
    edits: impl Fn(&T, &T) -> bool,
) {
    for (row, fate) in before.iter().zip(fates).filter(|(_, fate)| **fate == Fate::Gone) {
        let mut others = now.iter().zip(taken.iter_mut());
        let found = others.position(|(other, taken)| {
            let found = !*taken && edits(other, row);
            *taken |= found;
            found
        });
        if let Some(at) = found {
            *fate = Fate::Edited(at);
        }
    }
}

/// The former rows that still hold though they are not handed in any more.
fn gone<'b, T: Row>(before: &'b [T], now: &[T], known_now: KnownOn) -> Vec<&'b T> {
    if !T::KEPT {
        return Vec::new();
    }
    let rows: Vec<&T> = before.iter().collect();
    let known: Vec<&T> = now.iter().filter(|row| known_now.knows(row.connu_le())).collect();
    let (fates, _) = pair(&rows, &known);
    let mut kept: Vec<&T> = Vec::new();
    for (row, _) in rows.into_iter().zip(fates).filter(|(_, fate)| *fate == Fate::Gone) {
        let there = now.iter().any(|other| other.same(row));
        if !there && !kept.iter().any(|other| other.same(row)) {
            kept.push(row);
        }
    }
    kept
}

/// Compares the rows of one file, those that are gone and still hold put back.
fn compare<T: Row>(
    all_before: &[T],
    all_now: &[T],
    (known_before, known_now): (KnownOn, KnownOn),
    changes: &mut Changes,
) {
    let kept = gone(all_before, all_now, known_now);
    let before = all_before.iter().filter(|row| known_before.knows(row.connu_le()));
    let before: Vec<&T> = before.collect();
    let now = kept.iter().copied().map(|row| (row, true));
    let now = now.chain(all_now.iter().map(|row| (row, false)));
    let (now, former): (Vec<&T>, Vec<bool>) =
        now.filter(|(row, _)| known_now.knows(row.connu_le())).unzip();
    let (fates, taken) = pair(&before, &now);
    let mut from: Vec<Option<Day>> = vec![None; now.len()];
    for (&row, fate) in before.iter().zip(&fates) {
        let (at, edited) = match *fate {
            Fate::Edited(at) => (at, true),
            Fate::Replaced(at) => (at, false),
            Fate::Same | Fate::Gone => continue,
        };
        let (Some(&other), Some(day)) = (now.get(at), from.get_mut(at)) else { continue };
        let start = row.depuis().min(other.depuis());
        let first = if edited { edited_from(row, other, &before, &now) } else { start };
        *day = Some(day.map_or(first, |day| day.min(first)));
    }
    for (((row, former), from), taken) in now.iter().zip(former).zip(from).zip(taken) {
        let waited = || all_before.iter().any(|former| former.same(row));
        let (depuis, kind) = match from {
            Some(day) => (day, ChangeKind::Modifie),
            None if taken => continue,
            None if waited() => (row.depuis(), ChangeKind::Connu),
            None => (row.depuis(), ChangeKind::Nouveau),
        };
        changes.add(Changed { at: row.at(), former, depuis, kind });
    }
    for (row, _) in before.iter().zip(&fates).filter(|(_, fate)| **fate == Fate::Gone) {
        let (at, depuis) = (row.at(), row.depuis());
        changes.add(Changed { at, former: true, depuis, kind: ChangeKind::Retire });
    }
}

/// The first day from which an edited row makes a difference.
fn edited_from<T: Row>(row: &T, other: &T, before: &[&T], now: &[&T]) -> Day {
    let start = row.depuis().min(other.depuis());
    if !row.ending_like(other).same(other) {
        return start;
    }
    let others = || {
        let mut rows = before.iter().chain(now);
        rows.any(|third| {
            let itself = std::ptr::eq(*third, row) || std::ptr::eq(*third, other);
            !itself && third.shares_end(row)
        })
    };
    if row.fin().is_some() != other.fin().is_some() && others() {
        return start;
    }
    let end = [row.fin(), other.fin()].into_iter().flatten().min();
    end.map_or(start, |end| end.next().max(start))
}

/// Puts back the former rows that are gone, before the current ones.
fn keep<T: Row>(before: &[T], now: &mut Vec<T>, known_now: KnownOn) {
    let kept: Vec<T> = gone(before, now, known_now).into_iter().cloned().collect();
    now.splice(0..0, kept);
}

#[cfg(test)]
mod tests;
