//! One month compiled: the rules in force, laid out as straight-line code over integers.
//!
//! May import: `check` and below. Must not know: agents, files, how results are written.

mod compile;
mod digest;
mod emit;
mod op;
mod prove;

use crate::calendar::{Day, KnownOn, PayPeriod};
use crate::check::Part;
use crate::num::RoundingMode;
use crate::rules::{Controle, EntreeId, ItemId, Nature, Portee, RappelMode, Segments};

pub use compile::{CompileError, Target, compile};
pub use emit::{AMOUNT_BITS, PRINTED, Val};
pub use op::{MISSING, NO_SLOT, Op, Slot};
pub use prove::prove;

/// No line may reach this amount, in cents.
pub const AMOUNT_LIMIT: i128 = 1 << AMOUNT_BITS;

/// The most bits of the numerator and of the denominator of a quantity of segments that the month
/// reads.
pub const MONTH_BITS: (u32, u32) = (88, 56);

/// A compiled month. Slots are numbered; [`Layout`] says where inputs and results live.
#[derive(Clone, Debug)]
pub struct Program {
    /// The month.
    pub period: PayPeriod,
    /// What was known.
    pub known_on: KnownOn,
    /// Where inputs and results live.
    pub layout: Layout,
    /// Slots at the start: constants at their place, zero elsewhere.
    pub initial: Vec<i128>,
    /// Code of segments and elements, by first day; the first starts with the month.
    pub variants: Vec<Variant>,
    /// Code of the month, each block after what it reads.
    pub month: Vec<Block>,
    /// What each item is, in the order of the book.
    pub items: Vec<ItemInfo>,
    /// Places in `items` in the order of the payslip.
    pub print_order: Vec<usize>,
    /// What instructions point at.
    pub tables: Tables,
}

/// What instructions point at.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// Brackets that the code reads.
    pub baremes: Vec<Vec<crate::rules::Tranche>>,
    /// Sums of families: slots, and whether each is taken away.
    pub sums: Vec<Vec<(Slot, bool)>>,
}

/// Code that holds from a day of the month on.
#[derive(Clone, Debug)]
pub struct Variant {
    /// First day.
    pub from: Day,
    /// Blocks of segments, each after what it reads.
    pub segment: Vec<Block>,
    /// Block of each item that takes elements, by place of the item.
    pub element: Vec<Option<Block>>,
    /// Blocks run for each piece of an absence, each after what it reads.
    pub absence: Vec<Block>,
}

/// An input and its slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputSlot {
    /// The input.
    pub entree: EntreeId,
    /// Its name, for whoever provides it.
    pub nom: String,
    /// Its first slot; a ratio has its denominator in the next one.
    pub slot: Slot,
    /// Whether it is a ratio.
    pub ratio: bool,
}

/// Where inputs and results live.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Inputs of each scope, in slot order: employeur, mois, segment, element, absence.
    pub employeur: Vec<InputSlot>,
    /// Inputs of the month.
    pub mois: Vec<InputSlot>,
    /// Inputs of a segment.
    pub segment: Vec<InputSlot>,
    /// Inputs of an element.
    pub element: Vec<InputSlot>,
    /// Inputs of a piece of an absence.
    pub absence: Vec<InputSlot>,
    /// Yearly totals: the item, the part, the slot.
    pub cumuls: Vec<(ItemId, Part, Slot)>,
    /// Slots of results, one run: first and one after the last.
    pub results: (Slot, Slot),
}

impl Layout {
    /// The inputs of a scope.
    pub fn scope(&self, portee: Portee) -> &[InputSlot] {
        match portee {
            Portee::Employeur => &self.employeur,
            Portee::Mois => &self.mois,
            Portee::Segment => &self.segment,
            Portee::Element | Portee::ElementMois => &self.element,
            Portee::Absence => &self.absence,
        }
    }
}

/// What the engine and the writers need to know of an item.
#[derive(Clone, Debug)]
pub struct ItemInfo {
    /// Name in formulas.
    pub nom: String,
    /// Code printed.
    pub code: String,
    /// Label printed.
    pub libelle: String,
    /// Who receives it; empty for what is not a cotisation.
    pub organisme: String,
    /// What it is for the net.
    pub nature: Nature,
    /// Motif printed.
    pub motif: String,
    /// Place on the payslip.
    pub ordre: i64,
    /// Rank among all items in that order.
    pub rank: usize,
    /// Where it is computed.
    pub portee: Portee,
    /// How it crosses segments.
    pub segments: Segments,
    /// Place of the quantity that says which part an absence takes away.
    pub absences: Option<usize>,
    /// What a rappel paid in this month does with the line. A quantity or a control is computed
    /// again whenever a line needs it: its mode says nothing.
    pub rappel: RappelMode,
    /// Statuts, by their words, for which it is always [`RappelMode::Paiement`].
    pub rappel_paiement: Vec<String>,
    /// What it says when its condition holds, for a control.
    pub controle: Option<Controle>,
    /// Whether it is a line.
    pub printed: bool,
    /// Whether its yearly total is kept.
    pub cumulee: bool,
    /// Whether it had a rule on some day from the first of January to the end of the month.
    pub cette_annee: bool,
    /// Slot of the month's amount (rubrique), or of the assiette (cotisation).
    pub amount: Slot,
    /// Slots of the two sides of a cotisation.
    pub sides: Option<(Slot, Slot)>,
    /// For a quantity of segments that the month reads: numerator and denominator.
    pub month_value: Option<(Slot, Slot)>,
}

/// How an exact value becomes cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounding {
    /// Step in cents.
    pub pas: i64,
    /// Mode, or the slot of the policy (0: nearest, 1: truncated).
    pub mode: Mode,
}

/// The mode that a policy of the employer chose.
#[inline]
pub fn policy_mode(choice: i128) -> RoundingMode {
    if choice == 1 { RoundingMode::Troncature } else { RoundingMode::DemiSuperieur }
}

/// A rounding mode, fixed or read from a policy of the employer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Fixed by the rule.
    Fixe(RoundingMode),
    /// Slot of an enumeration whose first value is `plus_proche`, second `troncature`.
    Politique(Slot),
}

/// The code of one item.
#[derive(Clone, Debug)]
pub struct Block {
    /// The item, by place.
    pub item: usize,
    /// Instructions.
    pub ops: Vec<Op>,
    /// What the code leaves.
    pub result: BlockResult,
    /// Items it reads, by place.
    pub reads: Vec<usize>,
    /// Printed columns: nombre, base, taux.
    pub columns: [Option<Val>; 3],
    /// Places of every node's value, in the order of a walk through the formulas: applicable,
    /// etapes, formule, nombre, base, taux, then the rates of the two sides.
    pub trace: Vec<Vec<Option<Val>>>,
    /// The version of the definition, and of each side, by place in its timeline.
    pub versions: (usize, Option<usize>, Option<usize>),
}

/// What the code of a block leaves.
#[derive(Clone, Copy, Debug)]
pub enum BlockResult {
    /// An exact value, to be shared out between segments and rounded.
    Exact {
        /// The value for a full month, or as it is.
        value: Val,
        /// Rounding; none for a quantity.
        rounding: Option<Rounding>,
    },
    /// The amount is in the item's slot.
    Amount,
    /// The parts are in the item's slots; the rates are kept for printing.
    Cotisation {
        /// Rate of the agent side.
        agent: Option<Rate>,
        /// Rate of the employer side.
        employeur: Option<Rate>,
    },
    /// A control: whether its condition holds.
    Condition(Slot),
}

/// A rate and, when it is the same for everybody, how it is printed (millionths).
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// The value.
    pub value: Val,
    /// Millionths, when constant.
    pub printed: Option<i64>,
}

impl Program {
    /// The place of an item by its name in formulas.
    pub fn item(&self, nom: &str) -> Option<usize> {
        self.items.iter().position(|item| item.nom == nom)
    }

    /// Digest of what is computed, in hexadecimal: the same for two programs that give the same
    /// amounts from the same inputs, in this month or another, with this book or a longer one. It
    /// does not move with labels, with the order of lines, nor with what has no rule in the month.
    /// What is read outside the program has its own: [`CheckedRuleBook::tables_digest`].
    ///
    /// [`CheckedRuleBook::tables_digest`]: crate::check::CheckedRuleBook::tables_digest
    pub fn digest(&self) -> String {
        digest::digest(self)
    }
}
