//! What absences take away from a line or a quantity, told piece by piece.

use crate::engine::Place;
use crate::program::BlockResult;
use crate::rules::ItemId;
use crate::syntax::Unit;

use super::build::{Context, Explainer, Group, paid, sum_of};
use super::record::Shot;
use super::value::Exact;
use super::{Genre, Step};

/// A further line: what some pieces of absence take away from one full amount.
pub struct Taken<'a> {
    /// Place of the group of the full amount.
    pub group: usize,
    /// The run of the rate, for the first piece.
    shot: &'a Shot,
    motif: usize,
    rate: Exact,
    share: Exact,
    pieces: Vec<usize>,
}

impl Taken<'_> {
    fn whole(&self) -> bool {
        self.rate.same(Exact { num: 1, den: 1 })
    }
}

/// A line: a full amount shared out, or what an absence takes away from one.
pub enum Entry {
    /// Place of the group.
    Full(usize),
    /// Place of what is taken away.
    Taken(usize),
}

impl<'a> Context<'a> {
    /// What absences take away from full amounts, and the order of all the lines, as the engine
    /// makes them: segment by segment, then piece by piece.
    pub fn taken(&self, id: ItemId, groups: &[Group<'a>]) -> (Vec<Taken<'a>>, Vec<Entry>) {
        let (mut taken, mut entries) = (Vec::new(), Vec::new());
        // An element of the month belongs to no segment, and no absence takes it away.
        let month = |group: &Group<'_>| group.shots.iter().all(|shot| shot.place.segment.is_none());
        let groups_of_month = groups.iter().enumerate().filter(|(_, group)| month(group));
        entries.extend(groups_of_month.map(|(at, _)| Entry::Full(at)));
        for segment in 0..self.prepared.dossier.segments.len() {
            let inside = |shot: &&&Shot| shot.place.segment == Some(segment);
            let mut here: Vec<(&Shot, usize)> = Vec::new();
            for (at, group) in groups.iter().enumerate() {
                here.extend(group.shots.iter().filter(inside).map(|shot| (*shot, at)));
            }
            here.sort_by_key(|(shot, _)| shot.place.element);
            for &(_, at) in &here {
                if !entries.iter().any(|entry| matches!(entry, Entry::Full(known) if *known == at))
                {
                    entries.push(Entry::Full(at));
                }
            }
            let groups_here: Vec<usize> = here.iter().map(|(_, at)| *at).collect();
            self.taken_in(id, (segment, &groups_here), groups, &mut taken, &mut entries);
        }
        (taken, entries)
    }

    fn taken_in(
        &self,
        id: ItemId,
        (segment, here): (usize, &[usize]),
        groups: &[Group<'a>],
        taken: &mut Vec<Taken<'a>>,
        entries: &mut Vec<Entry>,
    ) {
        let Some(rate_of) = self.program.items.get(id.index()).and_then(|info| info.absences)
        else {
            return;
        };
        let pieces = self.prepared.dossier.absences.iter().enumerate();
        for (piece, input) in pieces.filter(|(_, input)| input.segment == segment) {
            let shot = self.record.of(rate_of).find(|shot| shot.place.absence == Some(piece));
            let Some(rate) = shot.and_then(|shot| self.rate_of(shot)) else { continue };
            let Some(shot) = shot.filter(|_| rate.num != 0) else { continue };
            let share = Exact { num: input.part.0.into(), den: input.part.1.into() };
            for &group in here {
                if groups.get(group).is_none_or(|group| group.value.num == 0) {
                    continue;
                }
                let same = |t: &&mut Taken<'_>| {
                    t.group == group && t.motif == input.motif && t.rate.same(rate)
                };
                if let Some(known) = taken.iter_mut().find(same) {
                    known.share = sum_of(known.share, share);
                    known.pieces.push(piece);
                    continue;
                }
                entries.push(Entry::Taken(taken.len()));
                let (motif, pieces) = (input.motif, vec![piece]);
                taken.push(Taken { group, shot, motif, rate, share, pieces });
            }
        }
    }

    fn rate_of(&self, shot: &Shot) -> Option<Exact> {
        if shot.applied != Some(true) {
            return shot.applied.map(|_| Exact { num: 0, den: 1 });
        }
        let BlockResult::Exact { value, .. } = self.block(shot.place)?.result else { return None };
        Exact::read(&value, &shot.slots).map(Exact::reduced)
    }

    /// `10/30 du 2025-04-01 au 2025-04-10`, or the hours of a day.
    pub fn piece_text(&self, piece: usize) -> String {
        let input = self.prepared.dossier.absences.get(piece);
        let part = input.map_or((0, 1), |input| input.part);
        let days = self.prepared.absences.get(piece).map(|piece| (piece.first, piece.last));
        let when = match days {
            Some((first, last)) if first == last => format!("le {first}"),
            Some((first, last)) => format!("du {first} au {last}"),
            None => format!("absence {}", piece + 1),
        };
        format!("{when} : {}/{} du mois", part.0, part.1)
    }
}

impl<'a> Explainer<'a> {
    /// A line that an absence takes away.
    pub fn reduction(
        &mut self,
        id: ItemId,
        (groups, all): (&[Group<'a>], &[Taken<'a>]),
        at: usize,
        depth: usize,
    ) -> Option<Step> {
        let context = self.context;
        let item = context.book.get(id)?;
        let taken = all.get(at)?;
        let group = groups.get(taken.group)?;
        let first = taken.pieces.first().and_then(|at| context.prepared.absences.get(*at));
        let libelle = first.map_or_else(|| item.libelle.clone(), |p| p.label(&item.libelle));
        let mut step = Step::new(Genre::Ligne, &item.nom, libelle);
        step.notes.extend(taken.pieces.iter().map(|at| context.piece_text(*at)));
        let full = group.value.valeur(Unit::EURO_PER_MONTH).texte;
        let part = taken.share.reduced();
        let rate = taken.rate.taux().texte;
        step.calcul = format!("-({full} × {}/{} × {rate})", part.num, part.den);
        step.etapes.push(self.rate_step(taken, depth));
        let shot = group.shots.last()?;
        let frame = context.frame(shot)?;
        let exact = |taken: &Taken<'_>| {
            let share = group.value.times(taken.share.num, taken.share.den);
            share.times(-taken.rate.num, taken.rate.den)
        };
        let mine = |other: &&Taken<'_>| other.group == taken.group;
        let later = all.iter().skip(at + 1).filter(mine).any(|other| !other.whole());
        let avant = exact(taken);
        let cents = if taken.whole() || later {
            let cents = self.cents(&frame, avant, group.rounding)?;
            step.arrondi = self.rounding(&frame, avant, Exact::cents(cents), Unit::EURO);
            cents
        } else {
            // The last partial reduction leaves what is still due.
            let whole = group.value.times(group.share, 30);
            let mut given = self.cents(&frame, whole, group.rounding)?;
            let mut due = whole;
            for (place, other) in all.iter().enumerate().filter(|(_, other)| mine(other)) {
                due = sum_of(due, exact(other));
                if place != at {
                    given += self.cents(&frame, exact(other), group.rounding)?;
                }
            }
            let left = self.cents(&frame, due, group.rounding)?;
            step.arrondi = self.rounding(&frame, due, Exact::cents(left), Unit::EURO);
            let text = |cents| Exact::cents(cents).valeur(Unit::EURO).texte;
            step.notes.push(format!(
                "reste dû, arrondi : {} - {} déjà comptés",
                text(left),
                text(given)
            ));
            left - given
        };
        let element = shot.place.element;
        paid(&mut step, i64::try_from(cents).ok()?, cents != 0 || element.is_some());
        Some(step)
    }

    /// The rate of the first piece, opened.
    fn rate_step(&mut self, taken: &Taken<'a>, depth: usize) -> Step {
        let context = self.context;
        let Place { item, .. } = taken.shot.place;
        let Some(rate) = context.book.items.get(item) else {
            return Step::new(Genre::Grandeur, "", "");
        };
        let mut step = Step::new(Genre::Grandeur, &rate.nom, &rate.libelle);
        if depth > 0 {
            self.run_or_condition(&mut step, taken.shot, depth);
        }
        step.valeur = Some(taken.rate.taux());
        step
    }

    /// What absences take away from a quantity that the month reads, after its segments.
    pub fn reduced_quantity(&mut self, id: ItemId, step: &mut Step, total: Exact) -> Exact {
        let context = self.context;
        let groups = context.groups(id);
        let (taken, _) = context.taken(id, &groups);
        let mut left = total;
        for taken in &taken {
            let Some(group) = groups.get(taken.group) else { continue };
            let share = group.value.times(taken.share.num, taken.share.den);
            left = sum_of(left, share.times(-taken.rate.num, taken.rate.den));
            for piece in &taken.pieces {
                let rate = taken.rate.taux().texte;
                step.notes.push(format!("retenu {rate} {}", context.piece_text(*piece)));
            }
        }
        left
    }
}
