//! The oracle: a slow, obvious evaluator of a checked rule book.
//!
//! Written from the text of the rule language (`rules/README.md`), not from the engine. It walks
//! typed trees, keeps every value as an exact fraction of unbounded integers, and shares with the
//! program only the trees, the dates of versions and the place of each input in a dossier.
//!
//! What the text leaves open is decided here, in these words:
//! - steps, printed columns and rates are all computed, in the order they are written;
//! - `et`, `ou` and `si` read only what they need; everything else reads all its operands;
//! - a line whose rules in force read a line without amount has none either, whatever the branch;
//! - a line that has no amount in one segment has none at all;
//! - blocks of the month follow the rules of its first day, blocks of segments those of the first
//!   day of the part of the month they are in;
//! - a rate that has no amount for one piece of an absence leaves without amount every line that
//!   names it and has a full amount in the segment of that piece;
//! - a quantity of segments that the month reads has at most `MONTH_BITS` bits, in lowest terms.

pub mod harness;
pub mod random;

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

use paie::calendar::{Day, KnownOn};
use paie::check::{CheckedRuleBook, Function, Node, NodeKind, Part};
use paie::engine::Dossier;
use paie::num::RoundingMode;
use paie::program::{AMOUNT_LIMIT, Layout, MISSING, MONTH_BITS, Program, Target};
use paie::rules::{
    Arrondi, ArrondiMode, Book, Definition, EntreeId, EntreeType, Item, ItemId, ItemKind, Nature,
    Portee, Segments, Timeline,
};
use paie::syntax::{BinaryOp, CompareOp};

/// An exact number.
pub type Exact = BigRational;

/// Why there is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// An input has no value.
    Missing(EntreeId),
    /// A division by zero.
    Zero,
    /// More than a line may hold.
    TooWide,
    /// It reads a line without amount.
    Depends,
}

/// A line, in cents. A rubrique has only `agent`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The element it comes from.
    pub element: Option<usize>,
    /// Assiette of a cotisation.
    pub base: i128,
    /// Amount, or agent side.
    pub agent: i128,
    /// Employer side.
    pub employeur: i128,
}

/// What a month gives.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Lines by place of the item, without those that are all zero.
    pub lines: BTreeMap<usize, Vec<Line>>,
    /// Lines without amount: item and element.
    pub faults: BTreeMap<(usize, Option<usize>), Why>,
    /// Yearly quantities to keep, in cents.
    pub kept: BTreeMap<usize, i128>,
    /// Controls whose condition holds.
    pub controles: BTreeSet<usize>,
    /// Exact values of quantities, as the month reads them.
    pub quantities: BTreeMap<usize, Exact>,
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Number(Exact),
    Bool(bool),
    Symbol(i128),
}

type Result<T> = std::result::Result<T, Why>;

/// The full amount of a segment, and its rounding.
#[derive(Clone)]
struct Full {
    value: Exact,
    arrondi: Option<Arrondi>,
    /// Its part of a full month; for what an absence takes away, that of the piece.
    part: Exact,
    /// For what an absence takes away: its motif and its rate.
    taken: Option<(usize, Exact)>,
}

/// Full amounts and what absences take away from them, by item and element.
type Fulls = BTreeMap<(ItemId, Option<usize>), Vec<Full>>;

/// Where a formula is evaluated.
#[derive(Clone)]
struct Context {
    day: Day,
    segment: Option<usize>,
    element: Option<usize>,
    absence: Option<usize>,
    month: bool,
    arrondi: Option<Arrondi>,
    etapes: Vec<Value>,
}

struct Oracle<'a> {
    book: &'a Book<Node>,
    order: &'a [ItemId],
    known_on: KnownOn,
    first: Day,
    /// First days of the parts of the month a segment may be in.
    cuts: Vec<Day>,
    layout: &'a Layout,
    dossier: &'a Dossier,
    /// Quantities of the segment being computed.
    here: BTreeMap<ItemId, Exact>,
    /// Rates of the piece of absence being computed.
    rates: BTreeMap<ItemId, Exact>,
    /// Quantities as the month reads them.
    quantities: BTreeMap<ItemId, Exact>,
    lines: BTreeMap<ItemId, Vec<Line>>,
    kept: BTreeMap<usize, i128>,
    controles: BTreeSet<usize>,
    faults: BTreeMap<(ItemId, Option<usize>), Why>,
}

/// Computes a month of a contract.
pub fn evaluate(
    book: &CheckedRuleBook,
    target: Target,
    program: &Program,
    dossier: &Dossier,
) -> Outcome {
    let mut oracle = Oracle {
        book: book.book(),
        order: book.order(),
        known_on: target.known_on,
        first: target.period.first_day(),
        cuts: program.variants.iter().map(|variant| variant.from).collect(),
        layout: &program.layout,
        dossier,
        here: BTreeMap::new(),
        rates: BTreeMap::new(),
        quantities: BTreeMap::new(),
        lines: BTreeMap::new(),
        kept: BTreeMap::new(),
        controles: BTreeSet::new(),
        faults: BTreeMap::new(),
    };
    oracle.segments();
    oracle.month();
    oracle.outcome()
}

/// First days of the parts of a month in which the same rules are in force for segments.
pub fn cuts(book: &Book<Node>, target: Target) -> Vec<Day> {
    let mut days = BTreeSet::from([target.period.first_day()]);
    let mut day = target.period.first_day();
    while day < target.period.last_day() {
        let (before, known_on) = (day, target.known_on);
        day = day.next();
        let items = book.items.iter().filter(|item| !item.portee.in_the_month());
        let changed = items.into_iter().any(|item| moved(&item.versions, before, day, known_on))
            || (book.parametres.iter()).any(|p| moved(&p.valeurs, before, day, known_on))
            || (book.baremes.iter()).any(|b| moved(&b.tranches, before, day, known_on));
        if changed {
            days.insert(day);
        }
    }
    days.into_iter().collect()
}

fn moved<T>(timeline: &Timeline<T>, before: Day, after: Day, known_on: KnownOn) -> bool {
    in_force(timeline, before, known_on) != in_force(timeline, after, known_on)
}

/// The place of the version in force: among those known, the greatest `depuis` not after the day,
/// then the greatest `publie`; none once its last day is past.
fn in_force<T>(timeline: &Timeline<T>, day: Day, known_on: KnownOn) -> Option<usize> {
    let mut best: Option<usize> = None;
    for (at, version) in timeline.versions().iter().enumerate() {
        let known = version.known(known_on);
        if !known || version.depuis > day {
            continue;
        }
        let better = best.is_none_or(|best| {
            let other = &timeline.versions()[best];
            (version.depuis, version.publie) > (other.depuis, other.publie)
        });
        if better {
            best = Some(at);
        }
    }
    best.filter(|&at| timeline.versions()[at].fin.is_none_or(|fin| day <= fin))
}

impl<'a> Oracle<'a> {
    fn definition(&self, item: &'a Item<Node>, day: Day) -> Option<&'a Definition<Node>> {
        let at = in_force(&item.versions, day, self.known_on)?;
        Some(&item.versions.versions()[at].value)
    }

    fn forced(&self, id: ItemId) -> bool {
        self.dossier.forced.iter().any(|(item, _)| *item == id.index())
    }

    // --- segments --------------------------------------------------------------------------------

    fn segments(&mut self) {
        let (book, dossier) = (self.book, self.dossier);
        let mut full: Fulls = BTreeMap::new();
        for (at, segment) in dossier.segments.iter().enumerate() {
            self.here.clear();
            let mut mine: Fulls = BTreeMap::new();
            let part = ratio(segment.thirtieths, 30);
            let context = Context {
                day: self.cuts[segment.variant],
                segment: Some(at),
                element: None,
                absence: None,
                month: false,
                arrondi: None,
                etapes: Vec::new(),
            };
            for &id in self.order {
                let item = &book.items[id.index()];
                if item.portee != Portee::Segment || self.forced(id) {
                    continue;
                }
                let last = at + 1 == dossier.segments.len();
                if item.printed() {
                    if item.segments == Segments::Dernier && !last {
                        continue;
                    }
                    if let Some((value, arrondi)) = self.block(id, &context) {
                        let part = part.clone();
                        let list = mine.entry((id, None)).or_default();
                        list.push(Full { value, arrondi, part, taken: None });
                    }
                } else {
                    let before = self.faults.contains_key(&(id, None));
                    let found = self.block(id, &context);
                    let failed = !before && self.faults.contains_key(&(id, None));
                    let value = found.map_or_else(Exact::zero, |found| found.0);
                    self.quantity(id, item.segments, segment.thirtieths, last, &value);
                    // A day without a rule leaves nothing that an absence could reduce.
                    let ruled = self.definition(item, context.day).is_some();
                    if item.absences.is_some() && ruled && !failed && self.read_by_month(id) {
                        let (value, part) = (value.clone(), part.clone());
                        let list = mine.entry((id, None)).or_default();
                        list.push(Full { value, arrondi: None, part, taken: None });
                    }
                    self.here.insert(id, value);
                }
            }
            for (place, element) in dossier.elements.iter().enumerate() {
                let later = (at + 1..dossier.segments.len()).any(|s| element.active >> s & 1 == 1);
                let id = ItemId::at(element.item);
                let item = &book.items[element.item];
                let waits = item.portee == Portee::ElementMois;
                let skipped = waits || item.segments == Segments::Dernier && later;
                if element.paid.is_some() || element.active >> at & 1 == 0 || skipped {
                    continue;
                }
                let context = Context { element: Some(place), ..context.clone() };
                if let Some((value, arrondi)) = self.block(id, &context) {
                    let part = part.clone();
                    let list = mine.entry((id, Some(place))).or_default();
                    list.push(Full { value, arrondi, part, taken: None });
                }
            }
            self.absences(at, &context, &mut mine);
            for (key, mut amounts) in mine {
                full.entry(key).or_default().append(&mut amounts);
            }
        }
        for ((id, element), amounts) in full {
            if book.items[id.index()].printed() {
                self.settle(id, element, &amounts);
            } else {
                for Full { value, part, taken, .. } in amounts {
                    if let Some((_, rate)) = taken {
                        *self.quantities.entry(id).or_insert_with(Exact::zero) -=
                            value * part * rate;
                    }
                }
            }
        }
        let wide = |value: &Exact| {
            let (num, den) = (value.numer().bits(), value.denom().bits());
            num > MONTH_BITS.0.into() || den > MONTH_BITS.1.into()
        };
        let quantities = self.quantities.iter().filter(|(_, value)| wide(value));
        let quantities: Vec<ItemId> = quantities.map(|(id, _)| *id).collect();
        for id in quantities {
            if self.read_by_month(id) {
                self.faults.entry((id, None)).or_insert(Why::TooWide);
            }
        }
        for &(item, amount) in &dossier.forced {
            self.line(ItemId::at(item), None, i128::from(amount.cents()));
        }
        for (place, element) in dossier.elements.iter().enumerate() {
            if let Some(paid) = element.paid {
                self.line(ItemId::at(element.item), Some(place), i128::from(paid.cents()));
            }
        }
    }

    /// Adds a segment to what the month reads of a quantity.
    fn quantity(&mut self, id: ItemId, how: Segments, thirtieths: i64, last: bool, value: &Exact) {
        let total = self.quantities.entry(id).or_insert_with(Exact::zero);
        match how {
            Segments::Prorata => *total += value * ratio(thirtieths, 30),
            Segments::Dernier if last => *total = value.clone(),
            Segments::Dernier => {}
        }
    }

    fn read_by_month(&self, wanted: ItemId) -> bool {
        let months = self.book.items.iter().filter(|item| item.portee.in_the_month());
        let mut found = false;
        for item in months {
            let definitions = item.versions.versions().iter().flat_map(|version| {
                let definition = &version.value;
                let etapes = definition.etapes.iter().map(|(_, etape)| etape);
                let optional = [&definition.applicable, &definition.nombre, &definition.base];
                let optional = optional.into_iter().chain([&definition.taux]).flatten();
                etapes.chain(optional).chain([&definition.formule])
            });
            let sides = item.agent.versions().iter().chain(item.employeur.versions());
            for formula in definitions.chain(sides.map(|version| &version.value.taux)) {
                formula.tree.walk(&mut |node| {
                    found |= matches!(node.kind, NodeKind::Item(id, _) if id == wanted);
                });
            }
        }
        found
    }

    /// What each piece of absence of a segment takes away from its full amounts.
    fn absences(&mut self, segment: usize, context: &Context, mine: &mut Fulls) {
        let (book, dossier) = (self.book, self.dossier);
        for (place, piece) in dossier.absences.iter().enumerate() {
            if piece.segment != segment {
                continue;
            }
            self.rates.clear();
            let context = Context { absence: Some(place), ..context.clone() };
            let mut failed = BTreeSet::new();
            for &id in self.order {
                let item = &book.items[id.index()];
                if item.portee != Portee::Absence || self.definition(item, context.day).is_none() {
                    continue;
                }
                let (found, broken) = self.rate(id, &context);
                if broken {
                    failed.insert(id);
                } else {
                    self.rates.insert(id, found);
                }
            }
            for ((id, element), amounts) in mine.iter_mut() {
                let Some(rate) = book.items[id.index()].absences else { continue };
                let known = self.rates.get(&rate);
                let broken = failed.contains(&rate) || self.faults.contains_key(&(rate, None));
                if known.is_none() && broken {
                    self.faults.entry((*id, *element)).or_insert(Why::Depends);
                }
                let Some(known) = known.filter(|rate| !rate.is_zero()) else { continue };
                let whole = amounts[0].clone();
                if whole.value.is_zero() {
                    continue;
                }
                let taken = Some((piece.motif, known.clone()));
                amounts.push(Full { part: ratio(piece.part.0, piece.part.1), taken, ..whole });
            }
        }
    }

    /// A rate for one piece of an absence, and whether it has no amount.
    fn rate(&mut self, id: ItemId, context: &Context) -> (Exact, bool) {
        let before = self.faults.remove(&(id, None));
        let found = self.block(id, context);
        let broken = self.faults.contains_key(&(id, None));
        if let Some(before) = before {
            self.faults.insert((id, None), before);
        }
        (found.map_or_else(Exact::zero, |found| found.0), broken)
    }

    /// Shares out, rounds and adds up the full amounts of a line.
    fn settle(&mut self, id: ItemId, element: Option<usize>, amounts: &[Full]) {
        if self.faults.contains_key(&(id, element)) {
            return;
        }
        let prorata = self.book.items[id.index()].segments == Segments::Prorata;
        let mut parts: Vec<Full> = Vec::new();
        for full in amounts {
            let same = |known: &&mut Full| known.value == full.value && known.taken == full.taken;
            match parts.iter_mut().find(same) {
                Some(known) => known.part += &full.part,
                None => parts.push(full.clone()),
            }
        }
        let mut cents = Vec::new();
        for at in 0..parts.len() {
            match self.line_of(&parts, at, prorata) {
                Ok(amount) => cents.push(amount),
                Err(why) => {
                    self.faults.insert((id, element), why);
                    return;
                }
            }
        }
        for amount in cents {
            self.line(id, element, amount);
        }
    }

    /// One line of a full amount: what is due, a whole withholding, or a partial one.
    fn line_of(&self, parts: &[Full], at: usize, prorata: bool) -> Result<i128> {
        let one = ratio(1, 1);
        let exact = |full: &Full| -> Exact {
            let part = if prorata { full.part.clone() } else { one.clone() };
            let rate = full.taken.as_ref().map_or(one.clone(), |(_, rate)| -rate);
            &full.value * part * rate
        };
        let partial = |full: &Full| full.taken.as_ref().is_some_and(|(_, rate)| *rate != one);
        let full = &parts[at];
        let mine: Vec<usize> =
            (0..parts.len()).filter(|&other| parts[other].value == full.value).collect();
        let last = mine.iter().rev().find(|&&other| partial(&parts[other]));
        if last != Some(&at) {
            return self.cents(&exact(full), full.arrondi);
        }
        let due: Exact = mine.iter().map(|&other| exact(&parts[other])).sum();
        let mut rest = self.cents(&due, full.arrondi)?;
        for other in mine.into_iter().filter(|&other| other != at) {
            rest -= self.cents(&exact(&parts[other]), parts[other].arrondi)?;
        }
        Ok(rest)
    }

    fn line(&mut self, id: ItemId, element: Option<usize>, agent: i128) {
        let line = Line { element, base: 0, agent, employeur: 0 };
        self.lines.entry(id).or_default().push(line);
    }

    // --- the month -------------------------------------------------------------------------------

    fn month(&mut self) {
        let book = self.book;
        let context = Context {
            day: self.first,
            segment: self.dossier.segments.len().checked_sub(1),
            element: None,
            absence: None,
            month: true,
            arrondi: None,
            etapes: Vec::new(),
        };
        for &id in self.order {
            let item = &book.items[id.index()];
            if item.portee == Portee::ElementMois {
                self.month_elements(id, &context);
            }
            if item.portee != Portee::Mois || self.forced(id) {
                continue;
            }
            let found = self.block(id, &context);
            match &item.kind {
                ItemKind::Grandeur { cumulee, .. } => {
                    if let (Some((value, _)), true) = (&found, *cumulee) {
                        let cents = nearest(&(value * ratio(100, 1)));
                        self.kept.insert(id.index(), cents);
                    }
                    let value = found.map_or_else(Exact::zero, |found| found.0);
                    self.quantities.insert(id, value);
                }
                ItemKind::Rubrique { .. } => {
                    let Some((value, arrondi)) = found else { continue };
                    match self.cents(&value, arrondi) {
                        Ok(cents) => self.line(id, None, cents),
                        Err(why) => {
                            self.faults.insert((id, None), why);
                        }
                    }
                }
                ItemKind::Controle(_) => {
                    if found.is_some_and(|(value, _)| value.is_positive()) {
                        self.controles.insert(id.index());
                    }
                }
                ItemKind::Cotisation { .. } => {
                    let Some((base, arrondi)) = found else { continue };
                    match self.cotisation(item, &base, arrondi, &context) {
                        Ok(line) => self.lines.entry(id).or_default().push(line),
                        Err(why) => {
                            self.faults.insert((id, None), why);
                        }
                    }
                }
            }
        }
    }

    /// Rows that wait for the month, one after the other: each sees what the earlier ones gave.
    fn month_elements(&mut self, id: ItemId, context: &Context) {
        for (place, element) in self.dossier.elements.iter().enumerate() {
            if element.item != id.index() || element.paid.is_some() {
                continue;
            }
            let context = Context { element: Some(place), ..context.clone() };
            let Some((value, arrondi)) = self.block(id, &context) else { continue };
            match self.cents(&value, arrondi) {
                Ok(cents) => self.line(id, Some(place), cents),
                Err(why) => {
                    self.faults.insert((id, Some(place)), why);
                }
            }
        }
    }

    fn cotisation(
        &self,
        item: &'a Item<Node>,
        base: &Exact,
        arrondi: Option<Arrondi>,
        context: &Context,
    ) -> Result<Line> {
        let side = |timeline: &'a Timeline<paie::rules::SideRate<Node>>| -> Result<i128> {
            let Some(at) = in_force(timeline, context.day, self.known_on) else { return Ok(0) };
            let context = Context { arrondi, etapes: Vec::new(), ..context.clone() };
            let rate = self.number(&timeline.versions()[at].value.taux.tree, &context)?;
            self.cents(&(base * rate), arrondi)
        };
        let (agent, employeur) = (side(&item.agent)?, side(&item.employeur)?);
        Ok(Line { element: None, base: self.cents(base, None)?, agent, employeur })
    }

    // --- one block -------------------------------------------------------------------------------

    /// The exact value of a block and its rounding; none when no rule is in force, when the block
    /// does not apply, or after a fault.
    fn block(&mut self, id: ItemId, context: &Context) -> Option<(Exact, Option<Arrondi>)> {
        let item = &self.book.items[id.index()];
        let definition = self.definition(item, context.day)?;
        if self.reads_a_fault(item, definition, context.day) {
            self.faults.entry((id, context.element)).or_insert(Why::Depends);
            return None;
        }
        let context =
            Context { arrondi: definition.arrondi, etapes: Vec::new(), ..context.clone() };
        let place = (id, context.element);
        match self.compute(definition, context) {
            Ok(value) => value.map(|value| (value, definition.arrondi)),
            Err(why) => {
                self.faults.entry(place).or_insert(why);
                None
            }
        }
    }

    fn compute(
        &self,
        definition: &Definition<Node>,
        mut context: Context,
    ) -> Result<Option<Exact>> {
        if let Some(condition) = &definition.applicable
            && !self.condition(&condition.tree, &context)?
        {
            return Ok(None);
        }
        for (_, etape) in &definition.etapes {
            let value = self.value(&etape.tree, &context)?;
            context.etapes.push(value);
        }
        let value = match self.value(&definition.formule.tree, &context)? {
            // A control: 1 when it holds.
            Value::Bool(holds) => ratio(i64::from(holds), 1),
            Value::Number(value) => value,
            Value::Symbol(_) => panic!("no block gives a word"),
        };
        for column in [&definition.nombre, &definition.base, &definition.taux].into_iter().flatten()
        {
            self.value(&column.tree, &context)?;
        }
        Ok(Some(value))
    }

    fn reads_a_fault(&self, item: &Item<Node>, definition: &Definition<Node>, day: Day) -> bool {
        let mut formulas: Vec<&Node> = definition.etapes.iter().map(|(_, f)| &f.tree).collect();
        formulas.push(&definition.formule.tree);
        let optional =
            [&definition.applicable, &definition.nombre, &definition.base, &definition.taux];
        formulas.extend(optional.into_iter().flatten().map(|formula| &formula.tree));
        for side in [&item.agent, &item.employeur] {
            let at = in_force(side, day, self.known_on);
            formulas.extend(at.map(|at| &side.versions()[at].value.taux.tree));
        }
        let mut read: BTreeSet<ItemId> = BTreeSet::new();
        for formula in formulas {
            formula.walk(&mut |node| match &node.kind {
                NodeKind::Item(id, _) => {
                    read.insert(*id);
                }
                NodeKind::Somme(famille, part) => {
                    read.extend(self.members(famille.index(), *part));
                }
                _ => {}
            });
        }
        self.faults.keys().any(|(id, _)| read.contains(id))
    }

    fn members(&self, famille: usize, part: Part) -> Vec<ItemId> {
        let wanted = |item: &Item<Node>| {
            let cotisation = matches!(item.kind, ItemKind::Cotisation { .. });
            let counts = if part == Part::Montant { !cotisation } else { cotisation };
            counts && item.printed() && item.familles.iter().any(|f| f.index() == famille)
        };
        let all = self.book.items.iter().enumerate();
        all.filter(|(_, item)| wanted(item)).map(|(at, _)| ItemId::at(at)).collect()
    }

    // --- formulas --------------------------------------------------------------------------------

    fn number(&self, node: &Node, context: &Context) -> Result<Exact> {
        match self.value(node, context)? {
            Value::Number(number) => Ok(number),
            other => panic!("the check let {other:?} pass for a number"),
        }
    }

    fn condition(&self, node: &Node, context: &Context) -> Result<bool> {
        match self.value(node, context)? {
            Value::Bool(value) => Ok(value),
            other => panic!("the check let {other:?} pass for a condition"),
        }
    }

    fn value(&self, node: &Node, context: &Context) -> Result<Value> {
        let number = |node: &Node| self.number(node, context);
        let condition = |node: &Node| self.condition(node, context);
        Ok(match &node.kind {
            NodeKind::Number(value) => Value::Number(decimal(value.mantissa(), value.scale())),
            NodeKind::Bool(value) => Value::Bool(*value),
            NodeKind::Symbol(place) => Value::Symbol(i128::from(*place)),
            NodeKind::Parametre(id) => {
                let parametre = &self.book.parametres[id.index()];
                let at = in_force(&parametre.valeurs, context.day, self.known_on);
                let (num, den) = parametre.valeurs.versions()[at.expect("proved")].value;
                Value::Number(ratio(num, den))
            }
            NodeKind::Entree(id) => self.entree(*id, context)?,
            NodeKind::Etape(at) => context.etapes[*at].clone(),
            NodeKind::Item(id, part) => Value::Number(self.item(*id, *part, context)),
            NodeKind::Cumul(id, part) => Value::Number(self.cumul(*id, *part)),
            NodeKind::Somme(famille, part) => {
                let mut total = Exact::zero();
                for id in self.members(famille.index(), *part) {
                    let amount = self.item(id, *part, context);
                    let retenue = self.book.items[id.index()].nature() == Nature::Retenue;
                    if retenue && *part == Part::Montant {
                        total -= amount;
                    } else {
                        total += amount;
                    }
                }
                Value::Number(total)
            }
            NodeKind::CumulSomme(famille) => {
                let mut total = Exact::zero();
                for id in self.members(famille.index(), Part::Montant) {
                    let amount = self.cumul(id, Part::Montant);
                    if self.book.items[id.index()].nature() == Nature::Retenue {
                        total -= amount;
                    } else {
                        total += amount;
                    }
                }
                Value::Number(total)
            }
            NodeKind::Present(id) => Value::Bool(self.place(*id, context)[0] != MISSING),
            NodeKind::Negate(x) => Value::Number(-number(x)?),
            NodeKind::Not(x) => Value::Bool(!condition(x)?),
            NodeKind::Binary(BinaryOp::And, a, b) => Value::Bool(condition(a)? && condition(b)?),
            NodeKind::Binary(BinaryOp::Or, a, b) => Value::Bool(condition(a)? || condition(b)?),
            NodeKind::Binary(op, a, b) => {
                let (a, b) = (number(a)?, number(b)?);
                Value::Number(match op {
                    BinaryOp::Add => a + b,
                    BinaryOp::Sub => a - b,
                    BinaryOp::Mul => a * b,
                    _ if b.is_zero() => return Err(Why::Zero),
                    _ => a / b,
                })
            }
            NodeKind::Compare(op, a, b) => {
                let (a, b) = (self.value(a, context)?, self.value(b, context)?);
                Value::Bool(compare(*op, &a, &b))
            }
            NodeKind::In(x, list) => {
                let Value::Symbol(found) = self.value(x, context)? else {
                    panic!("the check let a number pass for a word")
                };
                Value::Bool(list.iter().any(|&symbol| i128::from(symbol) == found))
            }
            NodeKind::If(c, a, b) => self.value(if condition(c)? { a } else { b }, context)?,
            NodeKind::Extreme(greatest, list) => {
                let values: Vec<Exact> = list.iter().map(number).collect::<Result<_>>()?;
                let found = if *greatest { values.iter().max() } else { values.iter().min() };
                Value::Number(found.expect("at least two").clone())
            }
            NodeKind::Call(Function::Mensuel, x) => Value::Number(number(x)? / ratio(12, 1)),
            NodeKind::Call(Function::Arrondi, x) => {
                let cents = self.cents(&number(x)?, context.arrondi)?;
                Value::Number(Exact::new(cents.into(), 100.into()))
            }
            NodeKind::Bareme(whole, id, x) => {
                Value::Number(self.bareme(*whole, id.index(), &number(x)?, context.day))
            }
            NodeKind::Hole => panic!("the check let a hole pass"),
        })
    }

    /// The numbers of an input in the dossier: one, or two for a ratio.
    fn place(&self, id: EntreeId, context: &Context) -> &'a [i128] {
        let portee = self.book.entrees[id.index()].portee;
        let dossier = self.dossier;
        let values: &'a [i128] = match portee {
            Portee::Employeur => &dossier.employeur,
            Portee::Mois => &dossier.mois,
            Portee::Segment => &dossier.segments[context.segment.expect("a segment")].values,
            Portee::Element | Portee::ElementMois => {
                &dossier.elements[context.element.expect("an element")].values
            }
            Portee::Absence => &dossier.absences[context.absence.expect("an absence")].values,
        };
        let mut at = 0;
        for input in self.layout.scope(portee) {
            let width = if input.ratio { 2 } else { 1 };
            if input.entree == id {
                return &values[at..at + width];
            }
            at += width;
        }
        panic!("the layout has no place for {}", self.book.entrees[id.index()].nom)
    }

    fn entree(&self, id: EntreeId, context: &Context) -> Result<Value> {
        let place = self.place(id, context);
        if place[0] == MISSING {
            return Err(Why::Missing(id));
        }
        Ok(match &self.book.entrees[id.index()].kind {
            EntreeType::Nombre { decimales } => {
                let den = BigInt::from(10).pow(u32::from(*decimales));
                Value::Number(Exact::new(place[0].into(), den))
            }
            EntreeType::Ratio => Value::Number(Exact::new(place[0].into(), place[1].into())),
            EntreeType::Booleen => Value::Bool(place[0] == 1),
            EntreeType::Enumeration(_) => Value::Symbol(place[0]),
        })
    }

    fn item(&self, id: ItemId, part: Part, context: &Context) -> Exact {
        let item = &self.book.items[id.index()];
        if !item.printed() {
            let found = if item.portee == Portee::Absence {
                self.rates.get(&id)
            } else if item.portee == Portee::Segment && !context.month {
                self.here.get(&id)
            } else {
                self.quantities.get(&id)
            };
            return found.cloned().unwrap_or_else(Exact::zero);
        }
        let lines = self.lines.get(&id).map_or(&[][..], Vec::as_slice);
        let cents: i128 = lines
            .iter()
            .map(|line| match part {
                Part::Montant | Part::Agent => line.agent,
                Part::Base => line.base,
                Part::Employeur => line.employeur,
            })
            .sum();
        Exact::new(cents.into(), 100.into())
    }

    fn cumul(&self, id: ItemId, part: Part) -> Exact {
        let slot = self.layout.cumuls.iter().find(|(i, p, _)| (*i, *p) == (id, part));
        let known = slot.and_then(|(_, _, slot)| {
            self.dossier.cumuls.iter().rev().find(|(place, _)| place == slot)
        });
        known.map_or_else(Exact::zero, |&(_, cents)| Exact::new(cents.into(), 100.into()))
    }

    fn bareme(&self, whole: bool, at: usize, x: &Exact, day: Day) -> Exact {
        let bareme = &self.book.baremes[at];
        let version = in_force(&bareme.tranches, day, self.known_on).expect("proved");
        let brackets = &bareme.tranches.versions()[version].value;
        let rate = |at: usize| ratio(brackets[at].taux, 3_000_000);
        let bound = |at: usize| decimal(brackets[at].borne, 2);
        if !whole {
            let holding = (0..brackets.len()).rev().find(|&at| bound(at) <= *x);
            return rate(holding.unwrap_or(0));
        }
        let mut total = Exact::zero();
        for at in 0..brackets.len() {
            let top =
                if at + 1 < brackets.len() { x.min(&bound(at + 1)).clone() } else { x.clone() };
            let part = top - bound(at);
            if part.is_positive() {
                total += part * rate(at);
            }
        }
        total
    }

    // --- rounding --------------------------------------------------------------------------------

    /// An amount as whole cents. Without a rounding it must already be whole.
    fn cents(&self, amount: &Exact, arrondi: Option<Arrondi>) -> Result<i128> {
        let cents = amount * ratio(100, 1);
        let Some(arrondi) = arrondi else {
            assert!(cents.is_integer(), "nothing rounds by itself: {amount}");
            return bounded(&cents);
        };
        let mode = match arrondi.mode {
            ArrondiMode::Fixe(mode) => mode,
            ArrondiMode::Politique(id) => self.policy(id),
        };
        let steps = cents / ratio(arrondi.pas, 1);
        let whole = steps.trunc();
        let left = (&steps - &whole).abs();
        let away = match mode {
            RoundingMode::Troncature => false,
            RoundingMode::DemiSuperieur => left >= ratio(1, 2),
            RoundingMode::Exces => !left.is_zero(),
        };
        let rounded = if away { whole + steps.signum() } else { whole };
        bounded(&(rounded * ratio(arrondi.pas, 1)))
    }

    fn policy(&self, id: EntreeId) -> RoundingMode {
        let entree = &self.book.entrees[id.index()];
        let EntreeType::Enumeration(words) = &entree.kind else { panic!("a policy is a word") };
        let context = Context {
            day: self.first,
            segment: None,
            element: None,
            absence: None,
            month: true,
            arrondi: None,
            etapes: Vec::new(),
        };
        let choice = usize::try_from(self.place(id, &context)[0]).expect("a policy has a value");
        match words[choice].as_str() {
            "plus_proche" => RoundingMode::DemiSuperieur,
            "troncature" => RoundingMode::Troncature,
            other => panic!("`{other}` is not a policy of rounding"),
        }
    }

    // --- result ----------------------------------------------------------------------------------

    fn outcome(self) -> Outcome {
        let (kept, controles) = (self.kept, self.controles);
        let mut outcome = Outcome { kept, controles, ..Outcome::default() };
        for (id, lines) in self.lines {
            let some = |line: &Line| line.agent != 0 || line.employeur != 0;
            let mut lines: Vec<Line> = lines.into_iter().filter(some).collect();
            lines.sort();
            if !lines.is_empty() {
                outcome.lines.insert(id.index(), lines);
            }
        }
        let quantities = self.quantities.into_iter();
        outcome.quantities = quantities.map(|(id, value)| (id.index(), value)).collect();
        for ((id, element), why) in self.faults {
            outcome.faults.insert((id.index(), element), why);
        }
        outcome
    }
}

fn compare(op: CompareOp, a: &Value, b: &Value) -> bool {
    let order = match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Symbol(a), Value::Symbol(b)) => a.cmp(b),
        _ => panic!("the check let {a:?} meet {b:?}"),
    };
    match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
    }
}

fn bounded(cents: &Exact) -> Result<i128> {
    let cents = i128::try_from(cents.to_integer()).map_err(|_| Why::TooWide)?;
    if cents.abs() < AMOUNT_LIMIT { Ok(cents) } else { Err(Why::TooWide) }
}

/// The nearest integer, a half going away from zero.
pub fn nearest(value: &Exact) -> i128 {
    let half = if value.is_negative() { -ratio(1, 2) } else { ratio(1, 2) };
    i128::try_from((value + half).trunc().to_integer()).expect("a printable number")
}

/// `num ÷ den`.
pub fn ratio(num: i64, den: i64) -> Exact {
    Exact::new(num.into(), den.into())
}

/// `mantissa × 10^-scale`.
pub fn decimal(mantissa: i64, scale: u8) -> Exact {
    Exact::new(mantissa.into(), BigInt::from(10).pow(u32::from(scale)))
}
