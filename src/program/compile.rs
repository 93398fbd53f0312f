//! Selecting the versions in force and laying them out.

use std::collections::BTreeMap;

use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::check::{CheckedRuleBook, Function, Node, NodeKind, Part};
use crate::diag::{Code, Diagnostic};
use crate::limits::EXACT_BITS;
use crate::num::Fixed;
use crate::rules::{
    Arrondi, ArrondiMode, Book, Definition, Entree, EntreeId, EntreeType, FamilleId, Formula, Item,
    ItemId, ItemKind, Nature, Portee, RappelMode, Segments, SideRate, Timeline, Tranche, Version,
};
use crate::source::Span;
use crate::syntax::{BinaryOp, CompareOp};

use super::emit::{AMOUNT_BITS, Emitter, TooWide, Val, bits_of};
use super::op::{NO_SLOT, Op, Slot};
use super::{
    Block, BlockResult, InputSlot, ItemInfo, Layout, Mode, Program, Rate, Rounding, Tables, Variant,
};

/// What to compile for: a month of pay, seen from a day of knowledge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The month.
    pub period: PayPeriod,
    /// What is known.
    pub known_on: KnownOn,
    /// Whether a month beyond the verified horizon is accepted.
    pub au_dela: bool,
}

/// Why a month cannot be compiled.
#[derive(Clone, Debug)]
pub enum CompileError {
    /// The month is outside the declared coverage.
    NotCovered {
        /// The month.
        period: PayPeriod,
        /// First covered month.
        premier: PayPeriod,
        /// Last verified month.
        dernier: PayPeriod,
    },
    /// Findings about rules: a value not yet known on that day, a width, a rounding.
    Findings(Vec<Diagnostic>),
}

/// Selects the rules in force and lays them out as straight-line code.
///
/// Errors: the month is not covered; or, for a past day of knowledge, a value was not published
/// yet. A book that [`super::prove`] accepts has nothing else left to refuse.
pub fn compile(book: &CheckedRuleBook, target: Target) -> Result<Program, CompileError> {
    let coverage = book.coverage();
    let late = target.period > coverage.dernier && !target.au_dela;
    if target.period < coverage.premier || late {
        let (premier, dernier) = (coverage.premier, coverage.dernier);
        return Err(CompileError::NotCovered { period: target.period, premier, dernier });
    }
    let mut compiler = Compiler::new(book, target);
    match compiler.program() {
        Ok(program) if compiler.findings.is_empty() => Ok(program),
        Ok(_) => Err(CompileError::Findings(compiler.findings)),
        Err(TooWide) => {
            if compiler.findings.is_empty() {
                compiler.findings.push(Diagnostic::new(Code::S402, "the program is too large"));
            }
            Err(CompileError::Findings(compiler.findings))
        }
    }
}

/// Scopes of inputs, in slot order.
const SCOPES: [Portee; 5] =
    [Portee::Employeur, Portee::Mois, Portee::Segment, Portee::Element, Portee::Absence];

/// The most bits of a yearly total: twelve months of the largest amount.
const CUMUL_BITS: u32 = AMOUNT_BITS + 4;

/// One compiled formula: its value and the place of every node.
struct Compiled {
    value: Val,
    trace: Vec<Option<Val>>,
}

struct Compiler<'a> {
    book: &'a Book<Node>,
    checked: &'a CheckedRuleBook,
    target: Target,
    day: Day,
    emitter: Emitter,
    layout: Layout,
    infos: Vec<ItemInfo>,
    inputs: BTreeMap<EntreeId, Val>,
    cumuls: BTreeMap<(ItemId, Part), Val>,
    /// Values of quantities in the code being laid out.
    quantities: BTreeMap<ItemId, Val>,
    etapes: Vec<Val>,
    rounding: Option<Rounding>,
    sums: Vec<Vec<(Slot, bool)>>,
    /// Brackets the code reads, one place a version.
    baremes: Vec<Vec<Tranche>>,
    trace: Vec<Option<Val>>,
    findings: Vec<Diagnostic>,
}

impl<'a> Compiler<'a> {
    fn new(checked: &'a CheckedRuleBook, target: Target) -> Self {
        Self {
            book: checked.book(),
            checked,
            target,
            day: target.period.first_day(),
            emitter: Emitter::default(),
            layout: Layout::default(),
            infos: Vec::new(),
            inputs: BTreeMap::new(),
            cumuls: BTreeMap::new(),
            quantities: BTreeMap::new(),
            etapes: Vec::new(),
            rounding: None,
            sums: Vec::new(),
            baremes: Vec::new(),
            trace: Vec::new(),
            findings: Vec::new(),
        }
    }

    fn program(&mut self) -> Result<Program, TooWide> {
        self.place_inputs()?;
        self.place_results()?;
        self.place_cumuls()?;
        let mut variants = Vec::new();
        for from in self.cuts() {
            self.day = from;
            variants.push(self.variant(from)?);
        }
        self.day = self.target.period.first_day();
        self.month_quantities();
        let mut month = Vec::new();
        for &id in self.checked.order() {
            let Some(item) = self.book.get(id) else { continue };
            if item.portee.in_the_month() {
                month.extend(self.block(id, item)?);
            }
        }
        let mut print_order: Vec<usize> = (0..self.infos.len()).collect();
        print_order.sort_by_key(|&at| (self.infos.get(at).map(|info| info.ordre), at));
        for (rank, &at) in print_order.iter().enumerate() {
            if let Some(info) = self.infos.get_mut(at) {
                info.rank = rank;
            }
        }
        Ok(Program {
            period: self.target.period,
            known_on: self.target.known_on,
            layout: std::mem::take(&mut self.layout),
            initial: std::mem::take(&mut self.emitter.initial),
            variants,
            month,
            items: std::mem::take(&mut self.infos),
            print_order,
            tables: Tables {
                baremes: std::mem::take(&mut self.baremes),
                sums: std::mem::take(&mut self.sums),
            },
        })
    }

    /// First days of the parts of the month in which the same versions are in force.
    fn cuts(&self) -> Vec<Day> {
        let (first, last) = (self.target.period.first_day(), self.target.period.last_day());
        let known_on = self.target.known_on;
        let mut days = vec![first];
        for item in &self.book.items {
            if !item.portee.in_the_month() {
                days.extend(item.versions.changes(first, last, known_on));
            }
        }
        for parametre in &self.book.parametres {
            days.extend(parametre.valeurs.changes(first, last, known_on));
        }
        for bareme in &self.book.baremes {
            days.extend(bareme.tranches.changes(first, last, known_on));
        }
        days.sort_unstable();
        days.dedup();
        days
    }

    fn place_inputs(&mut self) -> Result<(), TooWide> {
        // Scopes one after the other, so that each is loaded as one run of slots.
        for portee in SCOPES {
            for (at, entree) in self.book.entrees.iter().enumerate() {
                if entree.portee != portee {
                    continue;
                }
                let id = EntreeId::at(at);
                let slot = self.emitter.input()?;
                let ratio = entree.kind == EntreeType::Ratio;
                let den_slot = if ratio { Some(self.emitter.input()?) } else { None };
                self.inputs.insert(id, input_value(entree, slot, den_slot));
                let input = InputSlot { entree: id, nom: entree.nom.clone(), slot, ratio };
                match portee {
                    Portee::Employeur => self.layout.employeur.push(input),
                    Portee::Mois => self.layout.mois.push(input),
                    Portee::Segment => self.layout.segment.push(input),
                    Portee::Element | Portee::ElementMois => self.layout.element.push(input),
                    Portee::Absence => self.layout.absence.push(input),
                }
            }
        }
        Ok(())
    }

    fn place_results(&mut self) -> Result<(), TooWide> {
        let first = self.emitter.initial.len();
        for (at, item) in self.book.items.iter().enumerate() {
            let amount = self.emitter.slot(0)?;
            let cotisation = matches!(item.kind, ItemKind::Cotisation { .. });
            let sides = if cotisation {
                Some((self.emitter.slot(0)?, self.emitter.slot(0)?))
            } else {
                None
            };
            let quantity = item.portee == Portee::Segment
                && !item.printed()
                && self.checked.read_by_month().contains(&ItemId::at(at));
            let month_value =
                if quantity { Some((self.emitter.slot(0)?, self.emitter.slot(1)?)) } else { None };
            self.infos.push(ItemInfo {
                nom: item.nom.clone(),
                code: item.code.clone(),
                libelle: item.libelle.clone(),
                organisme: match &item.kind {
                    ItemKind::Cotisation { organisme } => organisme.clone(),
                    _ => String::new(),
                },
                nature: item.nature(),
                motif: item.motif.clone(),
                ordre: item.ordre,
                rank: 0,
                portee: item.portee,
                segments: item.segments,
                absences: item.absences.map(ItemId::index),
                rappel: item
                    .rappel(self.target.period.first_day(), self.target.known_on)
                    .unwrap_or(RappelMode::Paiement),
                rappel_paiement: item.rappel_paiement.clone(),
                controle: match &item.kind {
                    ItemKind::Controle(controle) => Some(controle.clone()),
                    _ => None,
                },
                printed: item.printed(),
                cumulee: matches!(item.kind, ItemKind::Grandeur { cumulee: true, .. }),
                cette_annee: self.ruled_this_year(item),
                amount,
                sides,
                month_value,
            });
        }
        let place = |at: usize| Slot::try_from(at).map_err(|_| TooWide);
        self.layout.results = (place(first)?, place(self.emitter.initial.len())?);
        Ok(())
    }

    /// Whether an item had a rule on some day of the year, up to the end of the month.
    fn ruled_this_year(&self, item: &Item<Node>) -> bool {
        let period = self.target.period;
        let first = PayPeriod::new(period.year(), 1).unwrap_or(period).first_day();
        let known_on = self.target.known_on;
        let starts = item.versions.changes(first, period.last_day(), known_on);
        let mut days = [first].into_iter().chain(starts);
        days.any(|day| item.versions.in_force(day, known_on).is_some())
    }

    fn variant(&mut self, from: Day) -> Result<Variant, TooWide> {
        self.quantities.clear();
        let (mut segment, mut absence) = (Vec::new(), Vec::new());
        let mut element: Vec<Option<Block>> = vec![None; self.book.items.len()];
        for portee in [Portee::Segment, Portee::Element, Portee::Absence] {
            for &id in self.checked.order() {
                let Some(item) = self.book.get(id) else { continue };
                if item.portee != portee {
                    continue;
                }
                let block = self.block(id, item)?;
                match portee {
                    Portee::Segment => segment.extend(block),
                    Portee::Absence => absence.extend(block),
                    _ => {
                        if let Some(place) = element.get_mut(id.index()) {
                            *place = block;
                        }
                    }
                }
            }
        }
        Ok(Variant { from, segment, element, absence })
    }

    /// Quantities of segments as the month reads them.
    fn month_quantities(&mut self) {
        self.quantities.clear();
        for (at, info) in self.infos.iter().enumerate() {
            if let Some((num, den)) = info.month_value {
                let value = Val {
                    slot: num,
                    den: 1,
                    den_slot: Some(den),
                    bits: super::MONTH_BITS.0,
                    den_bits: super::MONTH_BITS.1,
                    constant: None,
                };
                self.quantities.insert(ItemId::at(at), value);
            }
        }
    }

    fn block(&mut self, id: ItemId, item: &'a Item<Node>) -> Result<Option<Block>, TooWide> {
        let known_on = self.target.known_on;
        let Some(version) = item.versions.in_force(self.day, known_on) else {
            // No rule that day: a quantity still needs a value for whoever reads it.
            if !item.printed() {
                let zero = self.emitter.constant(0, 1)?;
                self.quantities.insert(id, zero);
            }
            return Ok(None);
        };
        let definition = &version.value;
        self.etapes.clear();
        self.rounding = definition.arrondi.map(|arrondi| self.mode(&arrondi));
        let mut traces = Vec::new();
        let reads = self.reads(item);
        if let Some(condition) = &definition.applicable {
            let compiled = self.formula(condition)?;
            self.emitter.ops.push(Op::ExitIfZero { a: compiled.value.slot });
            traces.push(compiled.trace);
        } else {
            traces.push(Vec::new());
        }
        for (_, etape) in &definition.etapes {
            let compiled = self.formula(etape)?;
            self.etapes.push(compiled.value);
            traces.push(compiled.trace);
        }
        let compiled = self.formula(&definition.formule)?;
        traces.push(compiled.trace);
        let columns = self.columns(definition, &mut traces)?;
        let (result, sides) = self.result(id, item, definition, compiled.value, &mut traces)?;
        let ops = std::mem::take(&mut self.emitter.ops);
        let place = |found: &Version<Definition<Node>>| {
            item.versions.versions().iter().position(|v| std::ptr::eq(v, found)).unwrap_or(0)
        };
        let versions = (place(version), sides.0, sides.1);
        let quantity = match result {
            BlockResult::Exact { value, .. } if !item.printed() => Some(value),
            _ => None,
        };
        self.emitter.release(quantity);
        let item = id.index();
        Ok(Some(Block { item, ops, result, reads, columns, trace: traces, versions }))
    }

    /// What the formulas in force read, by place: a line that only another version reads does not
    /// hold this one back.
    fn reads(&self, item: &'a Item<Node>) -> Vec<usize> {
        let mut reads = Vec::new();
        for formula in self.formulas(item, self.day) {
            formula.tree.walk(&mut |node| match &node.kind {
                NodeKind::Item(id, _) => reads.push(id.index()),
                NodeKind::Somme(famille, part) => {
                    let members = crate::check::members(self.book, *famille, *part);
                    reads.extend(members.iter().map(|id| id.index()));
                }
                _ => {}
            });
        }
        reads.sort_unstable();
        reads.dedup();
        reads
    }

    /// The formulas of an item that are in force on a day, sides included.
    fn formulas(&self, item: &'a Item<Node>, day: Day) -> Vec<&'a Formula<Node>> {
        let known_on = self.target.known_on;
        let Some(version) = item.versions.in_force(day, known_on) else { return Vec::new() };
        let definition = &version.value;
        let optional =
            [&definition.applicable, &definition.nombre, &definition.base, &definition.taux];
        let sides = [&item.agent, &item.employeur].into_iter();
        (definition.etapes.iter().map(|(_, etape)| etape))
            .chain([&definition.formule])
            .chain(optional.into_iter().flatten())
            .chain(
                sides.filter_map(|side| {
                    side.in_force(day, known_on).map(|version| &version.value.taux)
                }),
            )
            .collect()
    }

    fn columns(
        &mut self,
        definition: &Definition<Node>,
        traces: &mut Vec<Vec<Option<Val>>>,
    ) -> Result<[Option<Val>; 3], TooWide> {
        let mut columns = [None; 3];
        let sources = [&definition.nombre, &definition.base, &definition.taux];
        for (column, source) in columns.iter_mut().zip(sources) {
            let compiled = source.as_ref().map(|formula| self.formula(formula)).transpose()?;
            traces.push(compiled.as_ref().map_or_else(Vec::new, |c| c.trace.clone()));
            *column = compiled.map(|compiled| compiled.value);
        }
        Ok(columns)
    }

    fn mode(&self, arrondi: &Arrondi) -> Rounding {
        let mode = match arrondi.mode {
            ArrondiMode::Fixe(mode) => Mode::Fixe(mode),
            ArrondiMode::Politique(id) => {
                Mode::Politique(self.inputs.get(&id).map_or(NO_SLOT, |value| value.slot))
            }
        };
        Rounding { pas: arrondi.pas, mode }
    }

    /// Ends a block: rounds, or leaves an exact value to the engine.
    #[expect(clippy::type_complexity, reason = "the places of the two sides, local to this file")]
    fn result(
        &mut self,
        id: ItemId,
        item: &'a Item<Node>,
        definition: &'a Definition<Node>,
        value: Val,
        traces: &mut Vec<Vec<Option<Val>>>,
    ) -> Result<(BlockResult, (Option<usize>, Option<usize>)), TooWide> {
        let none = (None, None);
        let formule = &definition.formule;
        match &item.kind {
            ItemKind::Grandeur { .. } => {
                let value = if definition.applicable.is_some() { self.own(value)? } else { value };
                self.quantities.insert(id, value);
                Ok((BlockResult::Exact { value, rounding: None }, none))
            }
            ItemKind::Controle(_) => Ok((BlockResult::Condition(value.slot), none)),
            ItemKind::Rubrique { .. } if item.portee == Portee::Mois => {
                let cents = self.in_cents(value, formule, &item.nom)?;
                self.store(id, cents, |info| info.amount);
                Ok((BlockResult::Amount, none))
            }
            ItemKind::Rubrique { .. } => {
                let prorata = item.segments == Segments::Prorata;
                if self.rounding.is_none() && (prorata || !value.whole_cents()) {
                    self.not_cents(&item.nom, formule.span, value);
                }
                let rounding = self.rounding;
                Ok((BlockResult::Exact { value, rounding }, none))
            }
            ItemKind::Cotisation { .. } => self.cotisation(id, item, formule, value, traces),
        }
    }

    #[expect(clippy::type_complexity, reason = "the places of the two sides, local to this file")]
    fn cotisation(
        &mut self,
        id: ItemId,
        item: &'a Item<Node>,
        formule: &Formula<Node>,
        value: Val,
        traces: &mut Vec<Vec<Option<Val>>>,
    ) -> Result<(BlockResult, (Option<usize>, Option<usize>)), TooWide> {
        if !value.whole_cents() {
            self.not_cents(&item.nom, formule.span, value);
        }
        let base = self.emitter.cents(value)?;
        self.store(id, base, |info| info.amount);
        let (agent, agent_at) = self.side(item, &item.agent, base, traces)?;
        let (employeur, employeur_at) = self.side(item, &item.employeur, base, traces)?;
        if let Some((_, cents)) = agent {
            self.store(id, cents, |info| info.sides.map_or(NO_SLOT, |sides| sides.0));
        }
        if let Some((_, cents)) = employeur {
            self.store(id, cents, |info| info.sides.map_or(NO_SLOT, |sides| sides.1));
        }
        let rate = |(value, _): (Val, Val)| Rate { value, printed: printed(value) };
        let result =
            BlockResult::Cotisation { agent: agent.map(rate), employeur: employeur.map(rate) };
        Ok((result, (agent_at, employeur_at)))
    }

    /// The value in slots that nothing else uses: the engine sets it to zero when the quantity does
    /// not apply, and must not touch an input, a constant or a line that the formula only names.
    fn own(&mut self, value: Val) -> Result<Val, TooWide> {
        let slot = self.emitter.temporary()?;
        self.emitter.ops.push(Op::Move { d: slot, a: value.slot });
        let mut den_slot = None;
        if let Some(a) = value.den_slot {
            let d = self.emitter.temporary()?;
            self.emitter.ops.push(Op::Move { d, a });
            den_slot = Some(d);
        }
        Ok(Val { slot, den_slot, constant: None, ..value })
    }

    #[expect(clippy::type_complexity, reason = "rate, amount and place, local to this file")]
    fn side(
        &mut self,
        item: &'a Item<Node>,
        timeline: &'a Timeline<SideRate<Node>>,
        base: Val,
        traces: &mut Vec<Vec<Option<Val>>>,
    ) -> Result<(Option<(Val, Val)>, Option<usize>), TooWide> {
        let Some(version) = timeline.in_force(self.day, self.target.known_on) else {
            traces.push(Vec::new());
            return Ok((None, None));
        };
        let compiled = self.formula(&version.value.taux)?;
        traces.push(compiled.trace);
        let exact = self.wide(&version.value.taux, |emitter| emitter.mul(base, compiled.value))?;
        let cents = self.in_cents(exact, &version.value.taux, &item.nom)?;
        let place = timeline.versions().iter().position(|v| std::ptr::eq(v, version));
        Ok((Some((compiled.value, cents)), place))
    }

    fn in_cents(&mut self, value: Val, formule: &Formula<Node>, nom: &str) -> Result<Val, TooWide> {
        match self.rounding {
            Some(rounding) => self.wide(formule, |emitter| emitter.round(value, rounding)),
            None => {
                if !value.whole_cents() {
                    self.not_cents(nom, formule.span, value);
                }
                self.emitter.cents(value)
            }
        }
    }

    fn store(&mut self, id: ItemId, value: Val, place: impl Fn(&ItemInfo) -> Slot) {
        let slot = self.infos.get(id.index()).map_or(NO_SLOT, place);
        self.emitter.ops.push(Op::Move { d: slot, a: value.slot });
    }

    fn not_cents(&mut self, nom: &str, span: Span, value: Val) {
        let label = match (value.den_slot, decimals(value.den)) {
            _ if value.whole_cents() => "shared out by the days of each segment".to_owned(),
            (None, Some(count)) => format!("has up to {count} decimals"),
            _ => "divides: may have no last decimal".to_owned(),
        };
        self.findings.push(
            Diagnostic::new(Code::S401, format!("`{nom}` does not give a whole number of cents"))
                .at(span, label)
                .help("add `arrondi = { au = \"0.01\", mode = \"demi_superieur\" }`"),
        );
    }

    /// Runs an emission; a value too wide becomes a finding at the formula.
    fn wide<T>(
        &mut self,
        formule: &Formula<Node>,
        emit: impl FnOnce(&mut Emitter) -> Result<T, TooWide>,
    ) -> Result<T, TooWide> {
        let result = emit(&mut self.emitter);
        if result.is_err() {
            self.too_wide(formule.span);
        }
        result
    }

    fn too_wide(&mut self, span: Span) {
        if self.findings.iter().any(|finding| finding.code == Code::S402) {
            return;
        }
        self.findings.push(
            Diagnostic::new(Code::S402, "this value could exceed the width of exact arithmetic")
                .at(span, "too many digits for the declared ranges")
                .help("narrow the ranges of its inputs, or round an intermediate step"),
        );
    }

    fn formula(&mut self, formula: &Formula<Node>) -> Result<Compiled, TooWide> {
        self.trace.clear();
        let value = self.node(&formula.tree)?;
        Ok(Compiled { value, trace: std::mem::take(&mut self.trace) })
    }

    /// Lays out a node; its value is kept for explanations at its place in the walk.
    fn node(&mut self, node: &Node) -> Result<Val, TooWide> {
        let place = self.trace.len();
        self.trace.push(None);
        let value = self.node_value(node).inspect_err(|_| self.too_wide(node.span))?;
        if let Some(kept) = self.trace.get_mut(place) {
            *kept = Some(value);
        }
        Ok(value)
    }

    fn node_value(&mut self, node: &Node) -> Result<Val, TooWide> {
        match &node.kind {
            NodeKind::Number(value) => self.decimal(*value),
            NodeKind::Bool(value) => self.emitter.constant(i128::from(*value), 1),
            NodeKind::Symbol(place) => self.emitter.constant(i128::from(*place), 1),
            NodeKind::Parametre(id) => {
                let parametre = self.book.parametres.get(id.index());
                let version =
                    parametre.and_then(|p| p.valeurs.in_force(self.day, self.target.known_on));
                match (parametre, version) {
                    (_, Some(version)) => {
                        let (num, den) = version.value;
                        self.emitter.constant(i128::from(num), i128::from(den))
                    }
                    (parametre, None) => {
                        let nom = parametre.map_or("", |p| p.nom.as_str());
                        self.not_known(nom, node.span);
                        self.emitter.constant(1, 1)
                    }
                }
            }
            NodeKind::Entree(id) => self.entree(*id),
            NodeKind::Etape(at) => self.etapes.get(*at).copied().ok_or(TooWide),
            NodeKind::Item(id, part) => self.item_value(*id, *part),
            NodeKind::Cumul(id, part) => self.cumul(*id, *part),
            NodeKind::Somme(famille, part) => self.somme(*famille, *part),
            NodeKind::CumulSomme(famille) => self.cumul_somme(*famille),
            NodeKind::Present(id) => {
                let slot = self.inputs.get(id).map_or(NO_SLOT, |value| value.slot);
                self.emitter.condition(|d| Op::Present { d, a: slot })
            }
            NodeKind::Negate(x) => {
                let x = self.node(x)?;
                self.emitter.neg(x)
            }
            NodeKind::Not(x) => {
                let x = self.node(x)?;
                self.emitter.condition(|d| Op::Not { d, a: x.slot })
            }
            NodeKind::Binary(op, a, b) => self.binary(*op, a, b),
            NodeKind::Compare(op, a, b) => self.compare(*op, a, b),
            NodeKind::In(x, list) => self.membership(x, list),
            NodeKind::If(c, a, b) => self.branches(c, a, b),
            NodeKind::Extreme(greatest, list) => {
                let mut result: Option<Val> = None;
                for node in list {
                    let value = self.node(node)?;
                    result = Some(match result {
                        None => value,
                        Some(best) => self.emitter.extreme(best, value, *greatest)?,
                    });
                }
                result.ok_or(TooWide)
            }
            NodeKind::Call(Function::Mensuel, x) => {
                let x = self.node(x)?;
                let twelfth = self.emitter.constant(1, 12)?;
                self.emitter.mul(x, twelfth)
            }
            NodeKind::Call(Function::Arrondi, x) => {
                let x = self.node(x)?;
                let rounding = self.rounding.ok_or(TooWide)?;
                self.emitter.round(x, rounding)
            }
            NodeKind::Bareme(whole, id, x) => self.bareme(*whole, id.index(), x, node.span),
            NodeKind::Hole => Err(TooWide),
        }
    }

    fn not_known(&mut self, nom: &str, span: Span) {
        let day = self.day;
        let known = self.target.known_on;
        self.findings.push(
            Diagnostic::new(
                Code::D203,
                format!("no version of `{nom}` covers {day}, known on {known}"),
            )
            .at(span, "read here")
            .help("choose a later `--connu-le`, or add the version that was in force"),
        );
    }

    fn decimal(&mut self, value: Fixed) -> Result<Val, TooWide> {
        let den = 10_i128.pow(u32::from(value.scale()));
        self.emitter.constant(i128::from(value.mantissa()), den)
    }

    fn entree(&mut self, id: EntreeId) -> Result<Val, TooWide> {
        let fallback =
            Val { slot: NO_SLOT, den: 1, den_slot: None, bits: 1, den_bits: 0, constant: None };
        let value = self.inputs.get(&id).copied().unwrap_or(fallback);
        let sure = self
            .book
            .entrees
            .get(id.index())
            .is_some_and(|entree| entree.obligatoire || entree.defaut.is_some());
        if !sure {
            self.emitter.need(value.slot);
        }
        Ok(value)
    }

    fn item_value(&mut self, id: ItemId, part: Part) -> Result<Val, TooWide> {
        if let Some(&value) = self.quantities.get(&id) {
            return Ok(value);
        }
        let Some(info) = self.infos.get(id.index()) else { return Err(TooWide) };
        let slot = match (part, info.sides) {
            (Part::Montant | Part::Base, _) => info.amount,
            (Part::Agent, Some((agent, _))) => agent,
            (Part::Employeur, Some((_, employeur))) => employeur,
            _ => return Err(TooWide),
        };
        Ok(Emitter::whole(slot, 100, AMOUNT_BITS))
    }

    fn cumul(&self, id: ItemId, part: Part) -> Result<Val, TooWide> {
        self.cumuls.get(&(id, part)).copied().ok_or(TooWide)
    }

    /// Yearly totals that a formula in force reads, each in its slot before any code.
    fn place_cumuls(&mut self) -> Result<(), TooWide> {
        let mut read = std::collections::BTreeSet::new();
        for day in self.cuts() {
            for item in &self.book.items {
                for formula in self.formulas(item, day) {
                    formula.tree.walk(&mut |node| match &node.kind {
                        NodeKind::Cumul(id, part) => {
                            read.insert((*id, *part));
                        }
                        NodeKind::CumulSomme(famille) => {
                            let part = Part::Montant;
                            let members = crate::check::members(self.book, *famille, part);
                            read.extend(members.into_iter().map(|id| (id, part)));
                        }
                        _ => {}
                    });
                }
            }
        }
        for (id, part) in read {
            self.place_cumul(id, part)?;
        }
        Ok(())
    }

    fn place_cumul(&mut self, id: ItemId, part: Part) -> Result<Val, TooWide> {
        let slot = self.emitter.slot(0)?;
        let value = Emitter::whole(slot, 100, CUMUL_BITS);
        self.layout.cumuls.push((id, part, slot));
        self.cumuls.insert((id, part), value);
        Ok(value)
    }

    fn somme(&mut self, famille: FamilleId, part: Part) -> Result<Val, TooWide> {
        let mut list = Vec::new();
        for id in crate::check::members(self.book, famille, part) {
            let value = self.item_value(id, part)?;
            list.push((value.slot, part == Part::Montant && self.withheld(id)));
        }
        self.sum(list, AMOUNT_BITS)
    }

    fn cumul_somme(&mut self, famille: FamilleId) -> Result<Val, TooWide> {
        let mut list = Vec::new();
        for id in crate::check::members(self.book, famille, Part::Montant) {
            let value = self.cumul(id, Part::Montant)?;
            list.push((value.slot, self.withheld(id)));
        }
        self.sum(list, CUMUL_BITS)
    }

    fn withheld(&self, id: ItemId) -> bool {
        self.infos.get(id.index()).is_some_and(|info| info.nature == Nature::Retenue)
    }

    /// The sum of the slots of a list, each of at most `bits` bits, in cents.
    fn sum(&mut self, list: Vec<(Slot, bool)>, bits: u32) -> Result<Val, TooWide> {
        let place = u16::try_from(self.sums.len()).map_err(|_| TooWide)?;
        let bits = bits + bits_of(i128::try_from(list.len()).unwrap_or(i128::MAX));
        self.sums.push(list);
        let d = self.emitter.temporary()?;
        self.emitter.ops.push(Op::Sum { d, list: place });
        Ok(Emitter::whole(d, 100, bits))
    }

    fn binary(&mut self, op: BinaryOp, a: &Node, b: &Node) -> Result<Val, TooWide> {
        if matches!(op, BinaryOp::And | BinaryOp::Or) {
            return self.logic(op, a, b);
        }
        let (x, y) = (self.node(a)?, self.node(b)?);
        match op {
            BinaryOp::Add => self.emitter.add(x, y, false),
            BinaryOp::Sub => self.emitter.add(x, y, true),
            BinaryOp::Mul => self.emitter.mul(x, y),
            _ => match self.emitter.div(x, y)? {
                Some(value) => Ok(value),
                None => {
                    self.findings.push(
                        Diagnostic::new(Code::S402, "this divides by zero")
                            .at(b.span, "always zero")
                            .help("divide by something else"),
                    );
                    self.emitter.constant(0, 1)
                }
            },
        }
    }

    /// `et` and `ou` read their right side only when it matters.
    fn logic(&mut self, op: BinaryOp, a: &Node, b: &Node) -> Result<Val, TooWide> {
        let x = self.node(a)?;
        let d = self.emitter.temporary()?;
        self.emitter.ops.push(Op::Move { d, a: x.slot });
        let test = match op {
            BinaryOp::And => x.slot,
            _ => self.emitter.condition(|d| Op::Not { d, a: x.slot })?.slot,
        };
        let jump = self.jump(Op::JumpIfZero { a: test, to: 0 });
        let y = self.node(b)?;
        self.emitter.ops.push(Op::Move { d, a: y.slot });
        self.land(jump);
        Ok(Emitter::whole(d, 1, 1))
    }

    fn jump(&mut self, op: Op) -> usize {
        self.emitter.ops.push(op);
        self.emitter.ops.len() - 1
    }

    /// Makes the jump at `place` land on the next instruction.
    fn land(&mut self, place: usize) {
        let here = u32::try_from(self.emitter.ops.len()).unwrap_or(u32::MAX);
        let op = self.emitter.ops.get_mut(place);
        if let Some(Op::JumpIfZero { to, .. } | Op::Jump { to }) = op {
            *to = here;
        }
    }

    fn compare(&mut self, op: CompareOp, a: &Node, b: &Node) -> Result<Val, TooWide> {
        let (x, y) = (self.node(a)?, self.node(b)?);
        let (x, y) = self.emitter.align(x, y)?;
        let (a, b) = (x.slot, y.slot);
        let emitter = &mut self.emitter;
        match op {
            CompareOp::Eq => emitter.condition(|d| Op::Eq { d, a, b }),
            CompareOp::Lt => emitter.condition(|d| Op::Lt { d, a, b }),
            CompareOp::Le => emitter.condition(|d| Op::Le { d, a, b }),
            CompareOp::Gt => emitter.condition(|d| Op::Lt { d, a: b, b: a }),
            CompareOp::Ge => emitter.condition(|d| Op::Le { d, a: b, b: a }),
            CompareOp::Ne => {
                let equal = emitter.condition(|d| Op::Eq { d, a, b })?;
                emitter.condition(|d| Op::Not { d, a: equal.slot })
            }
        }
    }

    fn membership(&mut self, x: &Node, list: &[u16]) -> Result<Val, TooWide> {
        let x = self.node(x)?;
        let mut found: Option<Val> = None;
        for &symbol in list {
            let wanted = self.emitter.constant(i128::from(symbol), 1)?;
            let same = self.emitter.condition(|d| Op::Eq { d, a: x.slot, b: wanted.slot })?;
            found = Some(match found {
                None => same,
                Some(before) => {
                    self.emitter.condition(|d| Op::Max { d, a: before.slot, b: same.slot })?
                }
            });
        }
        match found {
            Some(found) => Ok(found),
            None => self.emitter.constant(0, 1),
        }
    }

    /// Only the branch taken runs; both leave their value over the same denominator.
    #[expect(clippy::integer_division, reason = "exact: the lcm is a multiple of both")]
    fn branches(&mut self, c: &Node, a: &Node, b: &Node) -> Result<Val, TooWide> {
        let condition = self.node(c)?;
        let before = std::mem::take(&mut self.emitter.ops);
        let x = self.node(a)?;
        let code_a = std::mem::take(&mut self.emitter.ops);
        let y = self.node(b)?;
        let code_b = std::mem::replace(&mut self.emitter.ops, before);
        let common = crate::num::gcd(x.den, y.den);
        let den = (x.den / common).checked_mul(y.den).ok_or(TooWide)?;
        let variable = x.den_slot.is_some() || y.den_slot.is_some();
        let d = self.emitter.temporary()?;
        let den_slot = if variable { Some(self.emitter.temporary()?) } else { None };
        let else_jump = self.jump(Op::JumpIfZero { a: condition.slot, to: 0 });
        self.splice(code_a);
        self.deliver(x, den / x.den, d, den_slot)?;
        let end_jump = self.jump(Op::Jump { to: 0 });
        self.land(else_jump);
        self.splice(code_b);
        self.deliver(y, den / y.den, d, den_slot)?;
        self.land(end_jump);
        let bits = (x.bits + bits_of(den / x.den)).max(y.bits + bits_of(den / y.den));
        let den_bits = x.den_bits.max(y.den_bits);
        if bits.max(bits_of(den) + den_bits) > EXACT_BITS {
            return Err(TooWide);
        }
        Ok(Val { slot: d, den, den_slot, bits, den_bits, constant: None })
    }

    fn splice(&mut self, code: Vec<Op>) {
        let shift = u32::try_from(self.emitter.ops.len()).unwrap_or(u32::MAX);
        self.emitter.ops.extend(code.into_iter().map(|op| match op {
            Op::JumpIfZero { a, to } => Op::JumpIfZero { a, to: to + shift },
            Op::Jump { to } => Op::Jump { to: to + shift },
            other => other,
        }));
    }

    fn deliver(&mut self, v: Val, factor: i128, d: Slot, den: Option<Slot>) -> Result<(), TooWide> {
        if factor == 1 {
            self.emitter.ops.push(Op::Move { d, a: v.slot });
        } else {
            let b = self.emitter.constant_slot(factor)?;
            self.emitter.ops.push(Op::Mul { d, a: v.slot, b });
        }
        if let Some(den) = den {
            let a = match v.den_slot {
                Some(slot) => slot,
                None => self.emitter.constant_slot(1)?,
            };
            self.emitter.ops.push(Op::Move { d: den, a });
        }
        Ok(())
    }

    fn bareme(&mut self, whole: bool, at: usize, x: &Node, span: Span) -> Result<Val, TooWide> {
        let x = self.node(x)?;
        let bareme = self.book.baremes.get(at);
        let version = bareme.and_then(|b| b.tranches.in_force(self.day, self.target.known_on));
        if version.is_none() {
            let nom = bareme.map_or("", |bareme| bareme.nom.as_str()).to_owned();
            self.not_known(&nom, span);
        }
        let brackets = version.map_or_else(Vec::new, |version| version.value.clone());
        // Bounds and value meet over one denominator; parts of the value are multiplied by rates.
        let most = |part: fn(&Tranche) -> i64| {
            let all = brackets.iter().map(|tranche| bits_of(i128::from(part(tranche))));
            all.max().unwrap_or(0)
        };
        let (bound_bits, rate_bits) = (most(|t| t.borne), most(|t| t.taux));
        let hundredths = x.bits + bits_of(100);
        let bounds = bound_bits + bits_of(x.den) + x.den_bits;
        let bits = hundredths + rate_bits + 1;
        if bounds.max(bits) > EXACT_BITS {
            return Err(TooWide);
        }
        let bareme = match self.baremes.iter().position(|known| *known == brackets) {
            Some(place) => place,
            None => {
                self.baremes.push(brackets);
                self.baremes.len() - 1
            }
        };
        let bareme = u16::try_from(bareme).map_err(|_| TooWide)?;
        let den = self.emitter.constant_slot(x.den)?;
        let d = self.emitter.temporary()?;
        let b = x.den_slot.unwrap_or(NO_SLOT);
        if whole {
            // Parts × rates: numerators in hundredths × units of rate over the same denominator.
            self.emitter.ops.push(Op::Slices { d, a: x.slot, b, den, bareme });
            let den = x.den.checked_mul(100 * i128::from(Tranche::UNITE)).ok_or(TooWide)?;
            return Ok(Val { slot: d, den, bits, constant: None, ..x });
        }
        self.emitter.ops.push(Op::Bracket { d, a: x.slot, b, den, bareme });
        Ok(Emitter::whole(d, i128::from(Tranche::UNITE), rate_bits))
    }
}

/// A constant rate as it is printed, in millionths.
fn printed(rate: Val) -> Option<i64> {
    let num = rate.constant.filter(|_| rate.den_slot.is_none())?.checked_mul(1_000_000)?;
    i64::try_from(crate::num::round_div(num, rate.den, super::PRINTED)?).ok()
}

/// How an input is read: a number at its decimals, a ratio as two slots.
fn input_value(entree: &Entree, slot: Slot, den_slot: Option<Slot>) -> Val {
    let largest = i128::from(entree.max.unsigned_abs().max(entree.min.unsigned_abs()));
    let (den, bits, den_bits) = match &entree.kind {
        EntreeType::Nombre { decimales } => {
            (10_i128.pow(u32::from(*decimales)), bits_of(largest), 0)
        }
        // A ratio in lowest terms: its denominator is at most `Ratio::MAX`.
        EntreeType::Ratio => (1, bits_of(largest.max(1) * i128::from(crate::num::Ratio::MAX)), 20),
        EntreeType::Booleen => (1, 1, 0),
        EntreeType::Enumeration(_) => (1, 16, 0),
    };
    Val { slot, den, den_slot, bits, den_bits, constant: None }
}

/// How many decimals a number over `den` may have, when it has a last one.
fn decimals(den: i128) -> Option<u32> {
    (0..=30).find(|&count| 10_i128.pow(count) % den == 0)
}
