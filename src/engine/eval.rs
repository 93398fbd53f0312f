//! One contract, one month: segments, elements, shares and rounding, then the month.

use crate::num::{gcd, round_div};
use crate::program::{
    AMOUNT_LIMIT, Block, BlockResult, ItemInfo, MONTH_BITS, Mode, PRINTED, Program, Rate, Rounding,
    Slot, Val, policy_mode,
};
use crate::rules::{Nature, Portee, Segments};

use super::dossier::{AbsenceInput, Dossier};
use super::payslip::{Fault, FaultKind, PayLine, Payslip};
use super::state::{Ended, Slots, bounded};

/// Where a block ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Place of the item.
    pub item: usize,
    /// Segment, for code of segments and elements.
    pub segment: Option<usize>,
    /// Element, for code of elements.
    pub element: Option<usize>,
    /// Piece of an absence, for code of absences.
    pub absence: Option<usize>,
}

impl Place {
    /// A block of the month.
    fn month(item: usize) -> Self {
        Self { item, segment: None, element: None, absence: None }
    }
}

/// Somebody who looks at an evaluation. The batch uses [`NoObserver`], which costs nothing.
pub trait Observer {
    /// A block has run: its slots, and whether it applied.
    fn block(&mut self, place: Place, block: &Block, slots: &[i128], applied: Option<bool>);
}

/// Nobody looks.
pub struct NoObserver;

impl Observer for NoObserver {
    #[inline]
    fn block(&mut self, _: Place, _: &Block, _: &[i128], _: Option<bool>) {}
}

/// An exact amount of a segment, waiting for its share.
#[derive(Clone, Copy)]
struct Exact {
    item: usize,
    element: Option<usize>,
    num: i128,
    den: i128,
    /// Its part of a full month, in lowest terms when two were added.
    share: (i128, i128),
    /// For what an absence takes away: the piece, its motif and minus the rate.
    absence: Option<Reduction>,
    /// Whether another one took it in.
    taken: bool,
    rounding: Option<Rounding>,
    columns: [Option<i64>; 3],
}

/// What makes an amount one that an absence takes away.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Reduction {
    piece: usize,
    motif: usize,
    /// Minus the rate, in lowest terms.
    rate: (i128, i128),
}

impl Reduction {
    /// Whether the day is withheld whole.
    fn whole(self) -> bool {
        self.rate == (-1, 1)
    }
}

/// The part of a full amount that a piece of absence takes away.
#[derive(Clone, Copy)]
struct Taken {
    item: usize,
    num: i128,
    den: i128,
}

/// A program ready to run again and again; keeps its memory between agents.
pub struct Engine<'p> {
    program: &'p Program,
    slots: Slots,
    exact: Vec<Exact>,
    taken: Vec<Taken>,
    early: Vec<PayLine>,
    faulted: Vec<bool>,
    any_fault: bool,
}

impl<'p> Engine<'p> {
    /// An engine for a program.
    pub fn new(program: &'p Program) -> Self {
        Self {
            program,
            slots: Slots::new(&program.initial),
            exact: Vec::new(),
            taken: Vec::new(),
            early: Vec::new(),
            faulted: vec![false; program.items.len()],
            any_fault: false,
        }
    }

    /// Computes a payslip into `out`, whose former content is dropped.
    pub fn run(&mut self, dossier: &Dossier, out: &mut Payslip) {
        self.observe(dossier, out, &mut NoObserver);
    }

    /// Same, with somebody looking.
    pub fn observe(&mut self, dossier: &Dossier, out: &mut Payslip, observer: &mut impl Observer) {
        out.clear();
        self.start(dossier);
        for (segment, input) in dossier.segments.iter().enumerate() {
            self.load(self.program.layout.segment.first().map(|s| s.slot), &input.values);
            let before = self.exact.len();
            self.segment(dossier, segment, out, observer);
            self.absences(dossier, segment, before, out, observer);
        }
        self.settle(dossier, out);
        self.month(dossier, out, observer);
        self.print(out);
    }

    fn load(&mut self, first: Option<Slot>, values: &[i128]) {
        if let Some(first) = first {
            self.slots.load(first, values);
        }
    }

    fn start(&mut self, dossier: &Dossier) {
        let program = self.program;
        self.exact.clear();
        self.early.clear();
        if self.any_fault {
            self.faulted.fill(false);
            self.any_fault = false;
        }
        let (first, end) = program.layout.results;
        if let Some(clean) = program.initial.get(usize::from(first)..usize::from(end)) {
            self.slots.load(first, clean);
        }
        for (_, _, slot) in &program.layout.cumuls {
            self.slots.set(*slot, 0);
        }
        for (slot, value) in &dossier.cumuls {
            self.slots.set(*slot, *value);
        }
        self.load(program.layout.employeur.first().map(|s| s.slot), &dossier.employeur);
        self.load(program.layout.mois.first().map(|s| s.slot), &dossier.mois);
    }

    /// Runs a block; `None` after a fault.
    fn block(
        &mut self,
        block: &Block,
        place: Place,
        out: &mut Payslip,
        observer: &mut impl Observer,
    ) -> Option<Ended> {
        if self.any_fault {
            let broken = block.reads.iter().find(|&&item| self.faulted.get(item) == Some(&true));
            if let Some(&broken) = broken {
                self.fault(place, FaultKind::Depends(broken), out);
                observer.block(place, block, self.slots.all(), None);
                return None;
            }
        }
        match self.slots.run(&block.ops, &self.program.tables) {
            Ok(Ended::Applied) => {
                observer.block(place, block, self.slots.all(), Some(true));
                Some(Ended::Applied)
            }
            Ok(Ended::NotApplicable) => {
                observer.block(place, block, self.slots.all(), Some(false));
                Some(Ended::NotApplicable)
            }
            Err(kind) => {
                self.fault(place, kind, out);
                observer.block(place, block, self.slots.all(), None);
                None
            }
        }
    }

    fn fault(&mut self, place: Place, kind: FaultKind, out: &mut Payslip) {
        self.any_fault = true;
        let first = self.faulted.get(place.item) != Some(&true);
        if let Some(flag) = self.faulted.get_mut(place.item) {
            *flag = true;
        }
        if first || place.element.is_some() {
            out.faults.push(Fault { item: place.item, element: place.element, kind });
        }
    }

    fn segment(
        &mut self,
        dossier: &Dossier,
        segment: usize,
        out: &mut Payslip,
        observer: &mut impl Observer,
    ) {
        let program = self.program;
        let Some(input) = dossier.segments.get(segment) else { return };
        let Some(variant) = program.variants.get(input.variant) else { return };
        let last = segment + 1 == dossier.segments.len();
        for block in &variant.segment {
            let forced = dossier.forced.iter().any(|(item, _)| *item == block.item);
            if forced || dossier.given.holds(block.item) {
                continue;
            }
            let Some(info) = program.items.get(block.item) else { continue };
            let segment = Some(segment);
            let place = Place { item: block.item, segment, element: None, absence: None };
            if info.printed && info.segments == Segments::Dernier && !last {
                continue;
            }
            match self.block(block, place, out, observer) {
                Some(Ended::Applied) => self.record(block, place, input.thirtieths),
                Some(Ended::NotApplicable) if info.printed => {}
                Some(Ended::NotApplicable) => {
                    self.zero(block);
                    self.record(block, place, input.thirtieths);
                }
                None => {}
            }
        }
        for (at, element) in dossier.elements.iter().enumerate() {
            let active = element.active & (1 << segment) != 0;
            if element.paid.is_some() || !active || dossier.given.holds(element.item) {
                continue;
            }
            let Some(Some(block)) = variant.element.get(element.item) else { continue };
            let last = element.active >> segment == 1;
            let segments = program.items.get(element.item).map(|info| info.segments);
            let once = segments == Some(Segments::Dernier);
            if once && !last {
                continue;
            }
            self.load(program.layout.element.first().map(|s| s.slot), &element.values);
            let (segment, element) = (Some(segment), Some(at));
            let place = Place { item: block.item, segment, element, absence: None };
            if self.block(block, place, out, observer) == Some(Ended::Applied) {
                self.record(block, place, input.thirtieths);
            }
        }
    }

    /// What the absences of a segment take away from its amounts, those from `before` on.
    fn absences(
        &mut self,
        dossier: &Dossier,
        segment: usize,
        before: usize,
        out: &mut Payslip,
        observer: &mut impl Observer,
    ) {
        let program = self.program;
        let variant = dossier.segments.get(segment);
        let variant = variant.and_then(|input| program.variants.get(input.variant));
        let Some(variant) = variant else { return };
        let after = self.exact.len();
        for (at, piece) in dossier.absences.iter().enumerate() {
            if piece.segment != segment {
                continue;
            }
            self.load(program.layout.absence.first().map(|s| s.slot), &piece.values);
            self.taken.clear();
            for block in &variant.absence {
                let (segment, absence) = (Some(segment), Some(at));
                let place = Place { item: block.item, segment, element: None, absence };
                match self.block(block, place, out, observer) {
                    Some(Ended::Applied) => {}
                    Some(Ended::NotApplicable) => self.zero(block),
                    None => continue,
                }
                let BlockResult::Exact { value, .. } = block.result else { continue };
                let variable = value.den_slot.map_or(1, |slot| self.slots.get(slot));
                let (num, den) = (self.slots.get(value.slot), value.den.wrapping_mul(variable));
                self.taken.push(Taken { item: block.item, num, den });
            }
            for reduced in before..after {
                self.take_away(reduced, at, piece, out);
            }
        }
    }

    /// Records what one piece of absence takes away from one amount.
    fn take_away(&mut self, reduced: usize, at: usize, piece: &AbsenceInput, out: &mut Payslip) {
        let Some(&whole) = self.exact.get(reduced) else { return };
        let rate = self.program.items.get(whole.item).and_then(|info| info.absences);
        let Some(rate) = rate else { return };
        let place =
            Place { item: whole.item, segment: None, element: whole.element, absence: None };
        let Some(&taken) = self.taken.iter().find(|taken| taken.item == rate) else {
            // Without a version in force, nothing is withheld.
            if self.faulted.get(rate) == Some(&true) {
                self.fault(place, FaultKind::Depends(rate), out);
            }
            return;
        };
        if taken.num == 0 || whole.num == 0 {
            return;
        }
        let (num, den) = (whole.num.checked_mul(-taken.num), whole.den.checked_mul(taken.den));
        if num.is_none() || den.is_none() {
            self.fault(place, FaultKind::TooWide, out);
            return;
        }
        let rate = reduced_terms(-taken.num, taken.den);
        self.exact.push(Exact {
            share: (i128::from(piece.part.0), i128::from(piece.part.1)),
            absence: Some(Reduction { piece: at, motif: piece.motif, rate }),
            columns: [Some(piece.nombre), None, None],
            ..whole
        });
    }

    /// A quantity that does not apply is zero for whoever reads it. Its slots are its own: the
    /// compiler gives them to every quantity that has a condition, and blocks before may have left
    /// anything there.
    fn zero(&mut self, block: &Block) {
        if let BlockResult::Exact { value, rounding: None } = block.result {
            self.slots.set(value.slot, 0);
            if let Some(den) = value.den_slot {
                self.slots.set(den, 1);
            }
        }
    }

    /// Keeps the exact value a block left, with its segment's share.
    fn record(&mut self, block: &Block, place: Place, thirtieths: i64) {
        let BlockResult::Exact { value, rounding } = block.result else { return };
        let info = self.program.items.get(block.item);
        let quantity = info.is_some_and(|info| !info.printed);
        if quantity && info.is_some_and(|info| info.month_value.is_none()) {
            return;
        }
        let share = (i128::from(thirtieths), 30);
        let exact = self.exact(block, place, value, rounding);
        self.exact.push(Exact { share, ..exact });
    }

    /// The exact value a block left, whole, with its printed columns.
    fn exact(&self, block: &Block, place: Place, value: Val, rounding: Option<Rounding>) -> Exact {
        let variable = value.den_slot.map_or(1, |slot| self.slots.get(slot));
        Exact {
            item: block.item,
            element: place.element,
            num: self.slots.get(value.slot),
            den: value.den.wrapping_mul(variable),
            share: (1, 1),
            absence: None,
            taken: false,
            rounding,
            columns: self.columns(block),
        }
    }

    fn columns(&self, block: &Block) -> [Option<i64>; 3] {
        let scales = [10_000, 100, 1_000_000];
        let mut printed = [None; 3];
        for ((printed, column), scale) in printed.iter_mut().zip(block.columns).zip(scales) {
            *printed = column.and_then(|column| self.printed(column, scale));
        }
        printed
    }

    /// A value as it is printed, `scale` units to one; never used in a computation.
    fn printed(&self, value: Val, scale: i128) -> Option<i64> {
        let den = value.den * value.den_slot.map_or(1, |slot| self.slots.get(slot));
        let num = self.slots.get(value.slot).checked_mul(scale)?;
        i64::try_from(round_div(num, den, PRINTED)?).ok()
    }

    fn rate(&self, rate: Rate) -> Option<i64> {
        rate.printed.or_else(|| self.printed(rate.value, 1_000_000))
    }

    /// Shares out exact amounts between segments, rounds each once, and adds up.
    fn settle(&mut self, dossier: &Dossier, out: &mut Payslip) {
        for &(item, amount) in &dossier.forced {
            if !dossier.given.holds(item) {
                let cents = i128::from(amount.cents());
                self.line(Place::month(item), cents, [None; 3]);
            }
        }
        for line in &dossier.given.lines {
            self.given(line);
        }
        let mut at = 0;
        while let Some(&exact) = self.exact.get(at) {
            at += 1;
            if !exact.taken {
                self.share_out(exact, at, out);
            }
        }
        for at in 0..self.exact.len() {
            if let Some(&exact) = self.exact.get(at) {
                self.settle_one(exact, at, out);
            }
        }
        self.bound_quantities(out);
        for (at, element) in dossier.elements.iter().enumerate() {
            if let Some(paid) = element.paid.filter(|_| !dossier.given.holds(element.item)) {
                let place = Place { element: Some(at), ..Place::month(element.item) };
                self.line(place, i128::from(paid.cents()), [None; 3]);
            }
        }
    }

    /// A sum over segments that the month cannot read is a fault; only the whole sum counts.
    fn bound_quantities(&mut self, out: &mut Payslip) {
        for at in 0..self.exact.len() {
            let Some(item) = self.exact.get(at).map(|exact| exact.item) else { continue };
            let info = self.program.items.get(item);
            let Some((num, den)) = info.and_then(|info| info.month_value) else { continue };
            let (num, den) = (self.slots.get(num).unsigned_abs(), self.slots.get(den));
            if num >> MONTH_BITS.0 != 0 || den >> MONTH_BITS.1 != 0 {
                self.fault(Place::month(item), FaultKind::TooWide, out);
            }
        }
    }

    /// Whether a line, or a quantity of segments, could not be computed in some segment: what the
    /// others gave is then no amount.
    fn broken(&self, exact: &Exact, out: &Payslip) -> bool {
        let same = |fault: &Fault| fault.item == exact.item && fault.element == exact.element;
        self.faulted.get(exact.item) == Some(&true) && out.faults.iter().any(same)
    }

    /// Adds to an exact amount the shares of every later one that has the same full amount; adds a
    /// quantity to what the month reads.
    fn share_out(&mut self, exact: Exact, next: usize, out: &mut Payslip) {
        let Some(info) = self.program.items.get(exact.item) else { return };
        if self.any_fault && self.broken(&exact, out) {
            return;
        }
        let place = Place { element: exact.element, ..Place::month(exact.item) };
        if !info.printed {
            if self.quantity(exact, info.segments).is_none() {
                self.fault(Place::month(exact.item), FaultKind::TooWide, out);
            }
        } else if info.segments == Segments::Prorata {
            let mut exact = exact;
            if self.gather(&mut exact, next).is_none() {
                self.fault(place, FaultKind::TooWide, out);
            } else if let Some(kept) = self.exact.get_mut(next - 1) {
                *kept = exact;
            }
        }
    }

    /// Makes a line of an exact amount.
    fn settle_one(&mut self, exact: Exact, at: usize, out: &mut Payslip) {
        let Some(info) = self.program.items.get(exact.item) else { return };
        if exact.taken || !info.printed || (self.any_fault && self.broken(&exact, out)) {
            return;
        }
        let mut exact = exact;
        if info.segments != Segments::Prorata {
            // Only the last segment counts.
            exact.share = (1, 1);
            let later = self.exact.iter().skip(at + 1);
            if exact.element.is_none() && later.clone().any(|other| other.item == exact.item) {
                return;
            }
        }
        let absence = exact.absence.map(|reduction| reduction.piece);
        let place = Place { element: exact.element, absence, ..Place::month(exact.item) };
        let cents = if self.last_reduction(&exact, at) { self.rest(at) } else { self.cents(exact) };
        match cents {
            Ok(cents) => self.line(place, cents, exact.columns),
            Err(kind) => {
                // What other segments already gave is no amount either.
                let same =
                    |line: &PayLine| (line.item, line.element) == (place.item, place.element);
                self.early.retain(|line| !same(line));
                self.fault(place, kind, out);
            }
        }
    }

    /// Adds to `exact` the shares of every later amount that is the same, for the same motif.
    fn gather(&mut self, exact: &mut Exact, next: usize) -> Option<()> {
        let motif = |exact: &Exact| exact.absence.map(|taken| (taken.motif, taken.rate));
        for other in self.exact.iter_mut().skip(next) {
            if other.taken || motif(other) != motif(exact) || !same_whole(other, exact) {
                continue;
            }
            other.taken = true;
            exact.share = added(exact.share, other.share)?;
            if let (true, [Some(days), ..], [Some(more), ..]) =
                (exact.absence.is_some(), &mut exact.columns, other.columns)
            {
                *days = days.saturating_add(more);
            }
        }
        Some(())
    }

    /// Whether an amount is the last that absences take away in part from its full amount.
    fn last_reduction(&self, exact: &Exact, at: usize) -> bool {
        let part = |exact: &Exact| exact.absence.is_some_and(|taken| !taken.whole());
        let mut later = self.exact.iter().skip(at + 1);
        part(exact) && !later.any(|other| !other.taken && part(other) && same_whole(other, exact))
    }

    /// The last partial reduction of a full amount: what leaves the rounded amount still due.
    fn rest(&self, at: usize) -> Result<i128, FaultKind> {
        let Some(&exact) = self.exact.get(at) else { return Err(FaultKind::TooWide) };
        let (mut due, mut given) = ((0, 1), 0_i128);
        for (place, other) in self.exact.iter().enumerate() {
            if other.taken || !same_whole(other, &exact) {
                continue;
            }
            let rate = other.absence.map_or((1, 1), |taken| taken.rate);
            let share = times(other.share, rate).and_then(|share| added(due, share));
            due = share.ok_or(FaultKind::TooWide)?;
            given += if place == at { 0 } else { self.cents(*other)? };
        }
        Ok(self.cents(Exact { share: due, absence: None, ..exact })? - given)
    }

    fn cents(&self, exact: Exact) -> Result<i128, FaultKind> {
        let (num, den) = full(exact).ok_or(FaultKind::TooWide)?;
        let num = num.checked_mul(exact.share.0 * 100).ok_or(FaultKind::TooWide)?;
        let den = den.checked_mul(exact.share.1).ok_or(FaultKind::TooWide)?;
        match exact.rounding {
            Some(Rounding { pas, mode }) => {
                let mode = match mode {
                    Mode::Fixe(mode) => mode,
                    Mode::Politique(slot) => policy_mode(self.slots.get(slot)),
                };
                let step = i128::from(pas);
                let den = den.checked_mul(step).ok_or(FaultKind::TooWide)?;
                let steps = round_div(num, den, mode).ok_or(FaultKind::DivisionByZero)?;
                bounded(steps, step)
            }
            // The compiler proved that the value is whole cents.
            None => bounded(round_div(num, den, PRINTED).ok_or(FaultKind::DivisionByZero)?, 1),
        }
    }

    /// Adds a segment's quantity to what the month reads; `None` when it is too wide for the month.
    fn quantity(&mut self, exact: Exact, segments: Segments) -> Option<()> {
        let (num_slot, den_slot) = self.program.items.get(exact.item)?.month_value?;
        let (mut num, mut den) = full(exact)?;
        (num, den) = reduced_terms(num, den);
        if segments == Segments::Prorata {
            let old = (self.slots.get(num_slot), self.slots.get(den_slot));
            if exact.share.0 != exact.share.1 {
                num = num.checked_mul(exact.share.0)?;
                den = den.checked_mul(exact.share.1)?;
                (num, den) = reduced_terms(num, den);
            }
            (num, den) = added((num, den), old)?;
        }
        self.slots.set(num_slot, num);
        self.slots.set(den_slot, den);
        Some(())
    }

    /// Whether the amounts of a block of the month are ones that a line may hold: a formula that
    /// gives whole cents is not rounded, so nothing bounded it yet.
    fn holds(&self, block: &Block) -> bool {
        let Some(info) = self.program.items.get(block.item) else { return true };
        let fits = |slot| self.slots.get(slot).abs() < AMOUNT_LIMIT;
        fits(info.amount)
            && info.sides.is_none_or(|(agent, employeur)| fits(agent) && fits(employeur))
    }

    fn line(&mut self, place: Place, cents: i128, columns: [Option<i64>; 3]) {
        let Place { item, element, absence, .. } = place;
        let Some(info) = self.program.items.get(item) else { return };
        let total = self.slots.get(info.amount) + cents;
        self.slots.set(info.amount, total);
        if cents == 0 && element.is_none() {
            return;
        }
        self.early.push(PayLine {
            item,
            element,
            absence,
            origine: None,
            nombre: columns[0],
            base: columns[1],
            taux_agent: columns[2],
            montant_agent: i64::try_from(cents).ok(),
            taux_employeur: None,
            montant_employeur: None,
        });
    }

    /// A line that is given: its amounts count like computed ones.
    fn given(&mut self, line: &PayLine) {
        let Some(info) = self.program.items.get(line.item) else { return };
        let mut add = |slot, cents: Option<i64>| {
            let sum = self.slots.get(slot) + i128::from(cents.unwrap_or(0));
            self.slots.set(slot, sum);
        };
        match info.sides {
            Some((agent, employeur)) => {
                add(info.amount, line.base);
                add(agent, line.montant_agent);
                add(employeur, line.montant_employeur);
            }
            None => add(info.amount, line.montant_agent),
        }
        self.early.push(*line);
    }

    fn month(&mut self, dossier: &Dossier, out: &mut Payslip, observer: &mut impl Observer) {
        let program = self.program;
        for block in &program.month {
            let place = Place::month(block.item);
            let forced = dossier.forced.iter().any(|(item, _)| *item == block.item);
            if forced || dossier.given.holds(block.item) {
                continue;
            }
            let portee = program.items.get(block.item).map(|info| info.portee);
            if portee == Some(Portee::ElementMois) {
                self.month_elements(block, dossier, out, observer);
                continue;
            }
            match self.block(block, place, out, observer) {
                Some(Ended::Applied) => {}
                Some(Ended::NotApplicable) => {
                    self.zero(block);
                    continue;
                }
                None => continue,
            }
            if let BlockResult::Condition(slot) = block.result {
                if self.slots.get(slot) != 0 {
                    out.controles.push(block.item);
                }
                continue;
            }
            if !self.holds(block) {
                self.fault(place, FaultKind::TooWide, out);
                continue;
            }
            let Some(info) = program.items.get(block.item) else { continue };
            if info.printed {
                let line = self.month_line(block, info);
                self.early.extend(line);
            }
            let kept = info.cumulee;
            if let BlockResult::Exact { value, .. } = block.result
                && kept
                && let Some(cents) = self.printed(value, 100)
            {
                out.kept.push((block.item, cents));
            }
        }
    }

    /// The rows of a rubrique whose elements wait for the month, in the order of the file: each is
    /// in the amount of the rubrique before the next one runs.
    fn month_elements(
        &mut self,
        block: &Block,
        dossier: &Dossier,
        out: &mut Payslip,
        observer: &mut impl Observer,
    ) {
        for (at, element) in dossier.elements.iter().enumerate() {
            if element.item != block.item || element.paid.is_some() {
                continue;
            }
            self.load(self.program.layout.element.first().map(|s| s.slot), &element.values);
            let place = Place { element: Some(at), ..Place::month(block.item) };
            if self.block(block, place, out, observer) != Some(Ended::Applied) {
                continue;
            }
            let BlockResult::Exact { value, rounding } = block.result else { continue };
            let exact = self.exact(block, place, value, rounding);
            match self.cents(exact) {
                Ok(cents) => self.line(place, cents, exact.columns),
                Err(kind) => self.fault(place, kind, out),
            }
        }
    }

    /// Lines in the order of the payslip.
    fn print(&mut self, out: &mut Payslip) {
        let items = &self.program.items;
        // A stable sort: the lines of an item stay in the order in which they came, those of
        // earlier months last.
        let rank = |line: &PayLine| items.get(line.item).map(|info| info.rank);
        self.early.sort_by_key(|line| (rank(line), line.origine));
        out.lines.extend_from_slice(&self.early);
    }

    /// The line of a block of the month that has run; none when nothing is to be printed.
    fn month_line(&self, block: &Block, info: &ItemInfo) -> Option<PayLine> {
        let cents = |slot| i64::try_from(self.slots.get(slot)).ok();
        let mut line = PayLine {
            item: block.item,
            element: None,
            absence: None,
            origine: None,
            nombre: None,
            base: None,
            taux_agent: None,
            montant_agent: None,
            taux_employeur: None,
            montant_employeur: None,
        };
        if let BlockResult::Cotisation { agent, employeur } = block.result {
            let (agent_slot, employeur_slot) = info.sides?;
            line.base = cents(info.amount);
            if let Some(rate) = agent {
                line.taux_agent = self.rate(rate);
                line.montant_agent = cents(agent_slot);
            }
            if let Some(rate) = employeur {
                line.taux_employeur = self.rate(rate);
                line.montant_employeur = cents(employeur_slot);
            }
            let nothing = [line.base, line.montant_agent, line.montant_employeur];
            let zero = |cell: Option<i64>| cell.unwrap_or(0) == 0;
            let empty = nothing.into_iter().all(zero)
                || (zero(line.montant_agent) && zero(line.montant_employeur));
            return (!empty).then_some(line);
        }
        line.montant_agent = cents(info.amount);
        [line.nombre, line.base, line.taux_agent] = self.columns(block);
        let empty = line.montant_agent == Some(0) && info.nature != Nature::Total;
        (!empty).then_some(line)
    }
}

/// The amount of a full month: with the rate, for what an absence takes away.
fn full(exact: Exact) -> Option<(i128, i128)> {
    let Some(Reduction { rate, .. }) = exact.absence else { return Some((exact.num, exact.den)) };
    let (num, den) = (exact.num.checked_mul(rate.0)?, exact.den.checked_mul(rate.1)?);
    Some(reduced_terms(num, den))
}

/// Whether two amounts come from the same full amount of the same line.
fn same_whole(a: &Exact, b: &Exact) -> bool {
    (a.item, a.element) == (b.item, b.element) && same_value(a.num, a.den, b.num, b.den)
}

/// The product of two fractions, in lowest terms; `None` when too wide.
fn times(a: (i128, i128), b: (i128, i128)) -> Option<(i128, i128)> {
    Some(reduced_terms(a.0.checked_mul(b.0)?, a.1.checked_mul(b.1)?))
}

/// A fraction in lowest terms.
#[expect(clippy::integer_division, reason = "exact: both are multiples of their gcd")]
fn reduced_terms(num: i128, den: i128) -> (i128, i128) {
    let common = if den == 1 { 1 } else { gcd(num.abs(), den).max(1) };
    // Most fractions are already in lowest terms, and this division is the slow kind.
    if common == 1 { (num, den) } else { (num / common, den / common) }
}

/// The sum of two fractions, in lowest terms; `None` when too wide.
#[expect(clippy::integer_division, reason = "exact: the common denominator is a multiple of both")]
fn added(a: (i128, i128), b: (i128, i128)) -> Option<(i128, i128)> {
    if b.0 == 0 {
        return Some(a);
    }
    if a.0 == 0 {
        return Some(b);
    }
    if a.1 == b.1 {
        return Some(reduced_terms(a.0.checked_add(b.0)?, a.1));
    }
    let common = (a.1 / gcd(a.1, b.1).max(1)).checked_mul(b.1)?;
    let left = a.0.checked_mul(common / a.1)?;
    Some(reduced_terms(left.checked_add(b.0.checked_mul(common / b.1)?)?, common))
}

fn same_value(num: i128, den: i128, other_num: i128, other_den: i128) -> bool {
    if den == other_den {
        return num == other_num;
    }
    match (num.checked_mul(other_den), other_num.checked_mul(den)) {
        (Some(a), Some(b)) => a == b,
        // Too wide to cross: equal fractions have the same lowest terms.
        _ => reduced_terms(num, den) == reduced_terms(other_num, other_den),
    }
}
