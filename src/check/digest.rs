//! The digest of what a month reads outside its program: tables, grids, dated scalars, inputs.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::rules::{ArrondiMode, Book, Entree, EntreeId, Grid, Item, Timeline};

use super::node::{Node, NodeKind};
use super::order;

/// What is in force in a month, for somebody who knows what was public on a day.
struct Month<'a> {
    book: &'a Book<Node>,
    first: Day,
    last: Day,
    /// First day of the year: ceilings of the earlier months are read too.
    january: Day,
    known_on: KnownOn,
}

/// The digest, in hexadecimal.
pub fn digest(book: &Book<Node>, period: PayPeriod, known_on: KnownOn) -> String {
    let (first, last) = (period.first_day(), period.last_day());
    let january = PayPeriod::new(period.year(), 1).unwrap_or(period).first_day();
    let month = Month { book, first, last, january, known_on };
    let mut text = String::new();
    month.scalars(&mut text);
    month.tables(&mut text);
    month.grids(&mut text);
    month.inputs(&mut text);
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// The first day of effect of what is known on one day and not on the other.
pub fn learned(book: &Book<Node>, before: KnownOn, now: KnownOn) -> Option<Day> {
    fn of<T>(timeline: &Timeline<T>, days: (KnownOn, KnownOn), first: &mut Option<Day>) {
        let versions = timeline.versions().iter();
        let found = versions.filter(|v| v.known(days.0) != v.known(days.1)).map(|v| v.depuis);
        *first = found.chain(*first).min();
    }
    let (days, mut first) = ((before, now), None);
    book.parametres.iter().for_each(|one| of(&one.valeurs, days, &mut first));
    book.baremes.iter().for_each(|one| of(&one.tranches, days, &mut first));
    book.tables.values().for_each(|one| of(&one.versions, days, &mut first));
    for grid in &book.grids.grids {
        of(&grid.versions, days, &mut first);
        of(&grid.reclassements, days, &mut first);
    }
    for item in &book.items {
        of(&item.versions, days, &mut first);
        of(&item.agent, days, &mut first);
        of(&item.employeur, days, &mut first);
    }
    first
}

impl Month<'_> {
    /// What a timeline gives from `first` to the end of the month: each day on which it changes.
    fn course<'t, T>(&self, timeline: &'t Timeline<T>, first: Day) -> Vec<(Day, Option<&'t T>)> {
        let starts = timeline.changes(first, self.last, self.known_on);
        let days = [first].into_iter().chain(starts);
        let at = |day| timeline.in_force(day, self.known_on).map(|version| &version.value);
        days.map(|day| (day, at(day))).collect()
    }

    /// Parametres of the year so far, brackets of the month.
    fn scalars(&self, text: &mut String) {
        for parametre in &self.book.parametres {
            let course = self.course(&parametre.valeurs, self.january);
            if course.iter().any(|(_, value)| value.is_some()) {
                let _ = writeln!(text, "{} {course:?}", parametre.nom);
            }
        }
        for bareme in &self.book.baremes {
            let course = self.course(&bareme.tranches, self.first);
            if course.iter().any(|(_, value)| value.is_some()) {
                let _ = writeln!(text, "{} {course:?}", bareme.nom);
            }
        }
    }

    /// Tables up to the month: an absence is read on the day it was granted, years before.
    fn tables(&self, text: &mut String) {
        for table in self.book.tables.values() {
            let start = table.versions.versions().first().map(|version| version.depuis);
            let Some(start) = start.filter(|start| *start <= self.last) else { continue };
            let _ = writeln!(text, "{} {:?} {:?}", table.nom, table.cles, table.valeurs);
            for (day, version) in self.course(&table.versions, start) {
                let _ = writeln!(text, "{day}");
                for row in version.iter().flat_map(|version| version.entries()) {
                    let _ = writeln!(text, "{row:?}");
                }
            }
        }
    }

    /// Grids of the month, and what their grades are.
    fn grids(&self, text: &mut String) {
        let grids = &self.book.grids;
        for grid in &grids.grids {
            // A grid without anything in force gives no index, whether it is known or not.
            let mut own = String::new();
            self.grid(grid, &mut own);
            if !own.is_empty() {
                let _ = writeln!(text, "{}\n{own}", grid.nom);
            }
        }
        for (key, grade) in &grids.grades {
            let grid = grids.of(grade).map_or("", |grid| grid.nom.as_str());
            let (nom, cadre) = (&grade.nom, &grade.cadre);
            let _ =
                writeln!(text, "{key} {nom} {} {} {cadre} {grid}", grade.categorie, grade.filiere);
        }
    }

    fn grid(&self, grid: &Grid, text: &mut String) {
        for (day, steps) in self.course(&grid.versions, self.first) {
            let Some(steps) = steps else { continue };
            let steps = steps.iter();
            let steps: Vec<_> = steps.map(|step| (&step.echelon, &step.ib, step.im)).collect();
            let _ = writeln!(text, "{day} {steps:?}");
        }
        for trou in &grid.trous {
            if trou.depuis.is_none_or(|depuis| depuis <= self.last) {
                let _ = writeln!(text, "trou {:?} {:?} {:?}", trou.depuis, trou.fin, trou.echelons);
            }
        }
        for found in grid.reclassements.versions() {
            if found.depuis <= self.last && found.known(self.known_on) {
                let _ = writeln!(text, "{} {:?}", found.depuis, found.value);
            }
        }
    }

    /// How the inputs are declared that a rule of the month reads, or that code alone reads.
    fn inputs(&self, text: &mut String) {
        let (mut now, mut ever) = (BTreeSet::new(), BTreeSet::new());
        for item in &self.book.items {
            for formula in order::formulas(item) {
                entrees(formula, &mut ever);
            }
            self.item(item, &mut now);
        }
        for (at, entree) in self.book.entrees.iter().enumerate() {
            let id = EntreeId::at(at);
            if now.contains(&id) || !ever.contains(&id) {
                let Entree { nom, portee, kind, unite, min, max, .. } = entree;
                let Entree { obligatoire, parametre, defaut, .. } = entree;
                let _ = writeln!(
                    text,
                    "{nom} {portee:?} {kind:?} {unite} {min} {max} {obligatoire} {parametre} \
                     {defaut:?}"
                );
            }
        }
    }

    /// What the rules of an item in force in the month read.
    fn item(&self, item: &Item<Node>, out: &mut BTreeSet<EntreeId>) {
        for (_, definition) in self.course(&item.versions, self.first) {
            let Some(definition) = definition else { continue };
            for tree in order::parts(definition) {
                entrees(tree, out);
            }
            if let Some(ArrondiMode::Politique(id)) = definition.arrondi.map(|a| a.mode) {
                out.insert(id);
            }
        }
        for side in [&item.agent, &item.employeur] {
            for (_, rate) in self.course(side, self.first) {
                if let Some(rate) = rate {
                    entrees(&rate.taux.tree, out);
                }
            }
        }
    }
}

fn entrees(tree: &Node, out: &mut BTreeSet<EntreeId>) {
    tree.walk(&mut |node| {
        if let NodeKind::Entree(id) | NodeKind::Present(id) = node.kind {
            out.insert(id);
        }
    });
}
