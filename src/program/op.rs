//! Instructions over numbered slots. Every jump goes forward.

use crate::num::RoundingMode;

/// A numbered place.
pub type Slot = u16;

/// No slot.
pub const NO_SLOT: Slot = Slot::MAX;

/// An input without value.
pub const MISSING: i128 = i128::MIN;

/// One instruction. `d` is written; the others are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "operands: d written, a b read, see each instruction")]
pub enum Op {
    /// d = a + b
    Add { d: Slot, a: Slot, b: Slot },
    /// d = a − b
    Sub { d: Slot, a: Slot, b: Slot },
    /// d = a × b
    Mul { d: Slot, a: Slot, b: Slot },
    /// d = −a
    Neg { d: Slot, a: Slot },
    /// d = smaller of a and b
    Min { d: Slot, a: Slot, b: Slot },
    /// d = greater of a and b
    Max { d: Slot, a: Slot, b: Slot },
    /// d = a < b
    Lt { d: Slot, a: Slot, b: Slot },
    /// d = a ≤ b
    Le { d: Slot, a: Slot, b: Slot },
    /// d = a = b
    Eq { d: Slot, a: Slot, b: Slot },
    /// d = 1 − a
    Not { d: Slot, a: Slot },
    /// d = a
    Move { d: Slot, a: Slot },
    /// d = whether a has a value
    Present { d: Slot, a: Slot },
    /// Fault when a has no value
    Need { a: Slot },
    /// To instruction `to` when a is 0
    JumpIfZero { a: Slot, to: u32 },
    /// To instruction `to`
    Jump { to: u32 },
    /// The block does not apply when a is 0
    ExitIfZero { a: Slot },
    /// Makes a denominator positive, turning the sign of the numerator; fault when it is 0
    Sign { num: Slot, den: Slot },
    /// d = sum of the slots of a list, each with its sign
    Sum { d: Slot, list: u16 },
    /// d = a × mul ÷ (div × b) rounded, × pas; mode fixed. `b` may be absent.
    Round { d: Slot, a: Slot, b: Slot, k: Slot, mode: RoundingMode },
    /// Same with the mode read from a policy slot.
    RoundBy { d: Slot, a: Slot, b: Slot, k: Slot, policy: Slot },
    /// d = rate of the bracket that holds num ÷ (den × b)
    Bracket { d: Slot, a: Slot, b: Slot, den: Slot, bareme: u16 },
    /// d = sum over brackets, in hundredths × units of rate ÷ (den × b)
    Slices { d: Slot, a: Slot, b: Slot, den: Slot, bareme: u16 },
}
