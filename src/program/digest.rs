//! The digest of a program: what it computes, whatever numbers its slots have.
//!
//! Two programs with the same digest give the same amounts from the same inputs. It does not move
//! with labels, with the order of the payslip or of the files, nor with what has no rule in the
//! month: each item is written with the names of what it reads, and only items with code count.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::op::{NO_SLOT, Op, Slot};
use super::{Block, BlockResult, ItemInfo, Layout, Mode, Program, Rate, Rounding, Val};

/// The digest of a program, in hexadecimal.
pub fn digest(program: &Program) -> String {
    let mut items: Vec<String> = Canon::new(program).items().into_values().collect();
    // An empty line between items: none of them holds one.
    items.push(String::new());
    blake3::hash(items.join("\n\n").as_bytes()).to_hex().to_string()
}

/// Whose value a slot holds.
#[derive(Clone, Copy)]
struct Owner {
    item: usize,
    /// Whether it is what earlier months of the year gave.
    cumul: bool,
}

struct Canon<'a> {
    program: &'a Program,
    /// Names of inputs, of results and of yearly totals.
    places: BTreeMap<Slot, String>,
    /// Names of quantities that later blocks read where their own block left them.
    quantities: BTreeMap<Slot, String>,
    owners: BTreeMap<Slot, Owner>,
    /// Blocks of each item, each with the day of the month it holds from; 0: the month itself.
    blocks: BTreeMap<usize, Vec<(u32, &'a Block)>>,
}

impl<'a> Canon<'a> {
    fn new(program: &'a Program) -> Self {
        let mut blocks: BTreeMap<usize, Vec<(u32, &Block)>> = BTreeMap::new();
        for variant in &program.variants {
            let element = variant.element.iter().flatten();
            for block in variant.segment.iter().chain(&variant.absence).chain(element) {
                blocks.entry(block.item).or_default().push((variant.from.day(), block));
            }
        }
        for block in &program.month {
            blocks.entry(block.item).or_default().push((0, block));
        }
        let (places, owners) = places(program);
        let quantities = BTreeMap::new();
        let mut canon = Self { program, places, quantities, owners, blocks };
        canon.name_quantities();
        canon
    }

    /// Quantities stay where their block wrote them, unless they only name something else.
    fn name_quantities(&mut self) {
        let mut names = BTreeMap::new();
        for (&item, blocks) in &self.blocks {
            let info = self.program.items.get(item).filter(|info| !info.printed);
            let Some(info) = info else { continue };
            for (_, block) in blocks {
                let BlockResult::Exact { value, .. } = block.result else { continue };
                let written = |slot: Slot| block.ops.iter().any(|op| writes(op).contains(&slot));
                if written(value.slot) {
                    names.insert(value.slot, info.nom.clone());
                }
                if let Some(den) = value.den_slot.filter(|&den| written(den)) {
                    names.insert(den, format!("{}/", info.nom));
                }
            }
        }
        names.retain(|slot, _| !self.places.contains_key(slot));
        self.quantities = names;
    }

    /// The text of each item that has code, by its name.
    fn items(&self) -> BTreeMap<&'a str, String> {
        let named = self.blocks.iter().filter_map(|(&item, blocks)| {
            let info = self.program.items.get(item)?;
            let mut text = self.header(info);
            for (day, block) in blocks {
                let _ = write!(text, "\njour {day}");
                self.block(block, &mut text);
            }
            Some((info.nom.as_str(), text))
        });
        named.collect()
    }

    fn header(&self, info: &ItemInfo) -> String {
        let absences = info.absences.and_then(|at| self.program.items.get(at));
        let absences = absences.map_or("", |quantity| &quantity.nom);
        let bloquant = info.controle.as_ref().map(|controle| controle.bloquant);
        format!(
            "{} {} {} {:?} {:?} rappel {} {:?} absences {absences:?} {} {} {bloquant:?}",
            info.nom,
            info.code,
            info.nature.name(),
            info.portee,
            info.segments,
            info.rappel.name(),
            info.rappel_paiement,
            info.printed,
            info.cumulee,
        )
    }

    fn block(&self, block: &Block, text: &mut String) {
        let mut local = Local { canon: self, numbers: BTreeMap::new() };
        for op in &block.ops {
            let _ = write!(text, "\n{}", local.op(*op));
        }
        let _ = match block.result {
            BlockResult::Exact { value, rounding } => {
                let rounding = rounding.map(|rounding| local.rounding(rounding));
                write!(text, "\n= {} {rounding:?}", local.value(value))
            }
            BlockResult::Amount => write!(text, "\n= montant"),
            BlockResult::Cotisation { agent, employeur } => {
                let sides = [agent, employeur].map(|side| side.map(|rate| local.rate(rate)));
                write!(text, "\n= {sides:?}")
            }
            BlockResult::Condition(slot) => write!(text, "\n= {}", local.read(slot)),
        };
        let columns = block.columns.map(|column| column.map(|value| local.value(value)));
        let mut reads: Vec<&str> = (block.reads.iter())
            .filter(|item| self.blocks.contains_key(item))
            .filter_map(|&item| Some(self.program.items.get(item)?.nom.as_str()))
            .collect();
        reads.sort_unstable();
        let _ = write!(text, "\n{columns:?}\nlit {reads:?}");
    }

    /// The slots of a sum by name, in the order of names; what is always nothing is left out.
    fn sum(&self, list: u16) -> String {
        let list = self.program.tables.sums.get(usize::from(list));
        let mut terms: Vec<String> = list
            .into_iter()
            .flatten()
            .filter(|(slot, _)| self.owners.get(slot).is_none_or(|owner| self.counts(*owner)))
            .map(|(slot, taken)| {
                let name = self.places.get(slot).map_or("?", String::as_str);
                format!("{}{name}", if *taken { "-" } else { "+" })
            })
            .collect();
        terms.sort_unstable();
        terms.join(" ")
    }

    fn counts(&self, owner: Owner) -> bool {
        if owner.cumul {
            return self.program.items.get(owner.item).is_none_or(|info| info.cette_annee);
        }
        self.blocks.contains_key(&owner.item)
    }

    fn bareme(&self, at: u16) -> String {
        let brackets = self.program.tables.baremes.get(usize::from(at));
        let brackets = brackets.into_iter().flatten();
        brackets.map(|tranche| format!("{}:{} ", tranche.borne, tranche.taux)).collect()
    }

    fn constant(&self, slot: Slot) -> String {
        let value = self.program.initial.get(usize::from(slot));
        value.map_or_else(|| "?".to_owned(), |value| format!("#{value}"))
    }
}

/// The names of inputs, results and yearly totals, and whose results and totals they are.
fn places(program: &Program) -> (BTreeMap<Slot, String>, BTreeMap<Slot, Owner>) {
    let (mut places, mut owners) = (BTreeMap::new(), BTreeMap::new());
    let Layout { employeur, mois, segment, element, absence, cumuls, .. } = &program.layout;
    for input in [employeur, mois, segment, element, absence].into_iter().flatten() {
        places.insert(input.slot, input.nom.clone());
        if input.ratio {
            places.insert(input.slot + 1, format!("{}/", input.nom));
        }
    }
    for (item, info) in program.items.iter().enumerate() {
        let mut own = |slot: Slot, part: &str| {
            places.insert(slot, format!("{}.{part}", info.nom));
            owners.insert(slot, Owner { item, cumul: false });
        };
        own(info.amount, if info.sides.is_some() { "base" } else { "montant" });
        if let Some((agent, employeur)) = info.sides {
            own(agent, "agent");
            own(employeur, "employeur");
        }
        if let Some((num, den)) = info.month_value {
            own(num, "mois");
            own(den, "mois/");
        }
    }
    for (id, part, slot) in cumuls {
        let item = id.index();
        let nom = program.items.get(item).map_or("", |info| &info.nom);
        places.insert(*slot, format!("cumul({nom}.{})", part.name()));
        owners.insert(*slot, Owner { item, cumul: true });
    }
    (places, owners)
}

/// The slots that an instruction writes.
fn writes(op: &Op) -> [Slot; 2] {
    match *op {
        Op::Add { d, .. }
        | Op::Sub { d, .. }
        | Op::Mul { d, .. }
        | Op::Neg { d, .. }
        | Op::Min { d, .. }
        | Op::Max { d, .. }
        | Op::Lt { d, .. }
        | Op::Le { d, .. }
        | Op::Eq { d, .. }
        | Op::Not { d, .. }
        | Op::Move { d, .. }
        | Op::Present { d, .. }
        | Op::Sum { d, .. }
        | Op::Round { d, .. }
        | Op::RoundBy { d, .. }
        | Op::Bracket { d, .. }
        | Op::Slices { d, .. } => [d, NO_SLOT],
        Op::Sign { num, den } => [num, den],
        Op::Need { .. } | Op::JumpIfZero { .. } | Op::Jump { .. } | Op::ExitIfZero { .. } => {
            [NO_SLOT, NO_SLOT]
        }
    }
}

/// One block being written: its own slots are numbered as it writes them.
struct Local<'a> {
    canon: &'a Canon<'a>,
    numbers: BTreeMap<Slot, usize>,
}

impl Local<'_> {
    fn read(&self, slot: Slot) -> String {
        if slot == NO_SLOT {
            return "-".to_owned();
        }
        if let Some(number) = self.numbers.get(&slot) {
            return format!("l{number}");
        }
        let canon = self.canon;
        let named = canon.places.get(&slot).or_else(|| canon.quantities.get(&slot));
        named.cloned().unwrap_or_else(|| canon.constant(slot))
    }

    fn write(&mut self, slot: Slot) -> String {
        if let Some(name) = self.canon.places.get(&slot) {
            return name.clone();
        }
        let next = self.numbers.len();
        format!("l{}", self.numbers.entry(slot).or_insert(next))
    }

    fn value(&self, value: Val) -> String {
        let den = value.den_slot.map_or_else(String::new, |slot| self.read(slot));
        format!("{} / {} {den}", self.read(value.slot), value.den)
    }

    fn rate(&self, rate: Rate) -> String {
        format!("{} {:?}", self.value(rate.value), rate.printed)
    }

    fn rounding(&self, rounding: Rounding) -> String {
        match rounding.mode {
            Mode::Fixe(mode) => format!("{} {mode:?}", rounding.pas),
            Mode::Politique(slot) => format!("{} {}", rounding.pas, self.read(slot)),
        }
    }

    /// The three constants of a rounding: factor, divisor, step.
    fn steps(&self, k: Slot) -> String {
        [k, k + 1, k + 2].map(|slot| self.canon.constant(slot)).join(" ")
    }

    fn three(&mut self, name: &str, (d, a, b): (Slot, Slot, Slot)) -> String {
        let (a, b) = (self.read(a), self.read(b));
        format!("{name} {} {a} {b}", self.write(d))
    }

    fn two(&mut self, name: &str, d: Slot, a: Slot) -> String {
        let a = self.read(a);
        format!("{name} {} {a}", self.write(d))
    }

    fn op(&mut self, op: Op) -> String {
        match op {
            Op::Add { d, a, b } => self.three("add", (d, a, b)),
            Op::Sub { d, a, b } => self.three("sub", (d, a, b)),
            Op::Mul { d, a, b } => self.three("mul", (d, a, b)),
            Op::Min { d, a, b } => self.three("min", (d, a, b)),
            Op::Max { d, a, b } => self.three("max", (d, a, b)),
            Op::Lt { d, a, b } => self.three("lt", (d, a, b)),
            Op::Le { d, a, b } => self.three("le", (d, a, b)),
            Op::Eq { d, a, b } => self.three("eq", (d, a, b)),
            Op::Neg { d, a } => self.two("neg", d, a),
            Op::Not { d, a } => self.two("not", d, a),
            Op::Move { d, a } => self.two("move", d, a),
            Op::Present { d, a } => self.two("present", d, a),
            Op::Need { a } => format!("need {}", self.read(a)),
            Op::JumpIfZero { a, to } => format!("jump {} {to}", self.read(a)),
            Op::Jump { to } => format!("jump {to}"),
            Op::ExitIfZero { a } => format!("exit {}", self.read(a)),
            Op::Sign { num, den } => format!("sign {} {}", self.read(num), self.read(den)),
            Op::Sum { d, list } => {
                let terms = self.canon.sum(list);
                format!("sum {} {terms}", self.write(d))
            }
            Op::Round { d, a, b, k, mode } => {
                let text = self.three("round", (d, a, b));
                format!("{text} {} {mode:?}", self.steps(k))
            }
            Op::RoundBy { d, a, b, k, policy } => {
                let policy = self.read(policy);
                let text = self.three("round", (d, a, b));
                format!("{text} {} {policy}", self.steps(k))
            }
            Op::Bracket { d, a, b, den, bareme } => {
                let text = self.bracket("taux_tranche", (d, a, b), den);
                format!("{text} {}", self.canon.bareme(bareme))
            }
            Op::Slices { d, a, b, den, bareme } => {
                let text = self.bracket("tranches", (d, a, b), den);
                format!("{text} {}", self.canon.bareme(bareme))
            }
        }
    }

    fn bracket(&mut self, name: &str, slots: (Slot, Slot, Slot), den: Slot) -> String {
        let den = self.read(den);
        format!("{} {den}", self.three(name, slots))
    }
}
