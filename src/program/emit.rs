//! Arithmetic at compile time: values are fractions whose constant part is known.

use super::op::{MISSING, NO_SLOT, Op, Slot};
use super::{Mode, Rounding};
use crate::limits::{EXACT_BITS, PROGRAM_SLOTS};
use crate::num::{RoundingMode, gcd, round_div};

/// Where a value is: `slot ÷ (den × den_slot)`. A condition has `den = 1`, value 0 or 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Val {
    /// Numerator.
    pub slot: Slot,
    /// Constant denominator, positive.
    pub den: i128,
    /// Variable denominator, if any; positive when the code has run.
    pub den_slot: Option<Slot>,
    /// The most bits the numerator can have.
    pub bits: u32,
    /// The most bits the variable denominator can have.
    pub den_bits: u32,
    /// The numerator, when it is the same for everybody.
    pub constant: Option<i128>,
}

impl Val {
    /// Whether it is always a whole number of cents.
    pub fn whole_cents(&self) -> bool {
        self.den_slot.is_none() && 100 % self.den == 0
    }
}

/// A value too wide for exact arithmetic.
#[derive(Clone, Copy, Debug)]
pub struct TooWide;

/// The widest amount a line may have, in bits of cents: about 170 billion euros.
pub const AMOUNT_BITS: u32 = 44;

type Emitted = Result<Val, TooWide>;

/// The number of bits of a magnitude.
pub fn bits_of(value: i128) -> u32 {
    i128::BITS - value.unsigned_abs().leading_zeros()
}

/// Slots and instructions being laid out.
#[derive(Default)]
pub struct Emitter {
    /// Values at the start.
    pub initial: Vec<i128>,
    /// Instructions of the block in progress.
    pub ops: Vec<Op>,
    constants: std::collections::BTreeMap<i128, Slot>,
    /// Slots that blocks before used for themselves, free for another.
    free: Vec<Slot>,
    /// Slots of the block in progress that nothing else knows.
    temporary: Vec<Slot>,
}

impl Emitter {
    /// A new slot that starts with `value`.
    pub fn slot(&mut self, value: i128) -> Result<Slot, TooWide> {
        if self.initial.len() >= PROGRAM_SLOTS - 1 {
            return Err(TooWide);
        }
        self.initial.push(value);
        Slot::try_from(self.initial.len() - 1).map_err(|_| TooWide)
    }

    /// A slot for a value that the block in progress writes before it reads it.
    pub fn temporary(&mut self) -> Result<Slot, TooWide> {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => self.slot(0)?,
        };
        self.temporary.push(slot);
        Ok(slot)
    }

    /// Ends a block: its slots are free for the next one, but for those of `kept`.
    pub fn release(&mut self, kept: Option<Val>) {
        let known = kept.map(|value| (value.slot, value.den_slot));
        let stays = |slot: Slot| known.is_some_and(|(n, d)| n == slot || d == Some(slot));
        self.free.extend(self.temporary.drain(..).filter(|slot| !stays(*slot)));
    }

    /// The slot of a constant.
    pub fn constant_slot(&mut self, value: i128) -> Result<Slot, TooWide> {
        if let Some(&slot) = self.constants.get(&value) {
            return Ok(slot);
        }
        let slot = self.slot(value)?;
        self.constants.insert(value, slot);
        Ok(slot)
    }

    /// The constant `num ÷ den`, in lowest terms.
    #[expect(clippy::integer_division, reason = "exact: both are multiples of their gcd")]
    pub fn constant(&mut self, num: i128, den: i128) -> Emitted {
        let divisor = gcd(num.abs(), den).max(1);
        let (num, den) = (num / divisor, den / divisor);
        if bits_of(num).max(bits_of(den)) > EXACT_BITS {
            return Err(TooWide);
        }
        let slot = self.constant_slot(num)?;
        Ok(Val { slot, den, den_slot: None, bits: bits_of(num), den_bits: 0, constant: Some(num) })
    }

    /// A whole value in a slot.
    pub fn whole(slot: Slot, den: i128, bits: u32) -> Val {
        Val { slot, den, den_slot: None, bits, den_bits: 0, constant: None }
    }

    fn new_value(&mut self, bits: u32, like: Val) -> Emitted {
        if bits > EXACT_BITS || bits_of(like.den) + like.den_bits > EXACT_BITS {
            return Err(TooWide);
        }
        Ok(Val { slot: self.temporary()?, bits, constant: None, ..like })
    }

    /// The same value with a numerator multiplied by a constant, as its own denominator grows.
    fn widen(&mut self, value: Val, factor: i128) -> Emitted {
        if factor == 1 {
            return Ok(value);
        }
        let den = value.den.checked_mul(factor).ok_or(TooWide)?;
        if let Some(num) = value.constant {
            let num = num.checked_mul(factor).ok_or(TooWide)?;
            let slot = self.constant_slot(num)?;
            return Ok(Val { slot, den, bits: bits_of(num), constant: Some(num), ..value });
        }
        let factor_slot = self.constant_slot(factor)?;
        let wide = self.new_value(value.bits + bits_of(factor), Val { den, ..value })?;
        self.ops.push(Op::Mul { d: wide.slot, a: value.slot, b: factor_slot });
        Ok(wide)
    }

    /// Multiplies numerator and variable denominator by a slot.
    fn cross(&mut self, value: Val, by: Slot, by_bits: u32) -> Emitted {
        let (den_slot, den_bits) = match value.den_slot {
            None => (by, by_bits),
            Some(own) => {
                let product = self.temporary()?;
                self.ops.push(Op::Mul { d: product, a: own, b: by });
                (product, value.den_bits + by_bits)
            }
        };
        let like = Val { den_slot: Some(den_slot), den_bits, ..value };
        let wide = self.new_value(value.bits + by_bits, like)?;
        self.ops.push(Op::Mul { d: wide.slot, a: value.slot, b: by });
        Ok(wide)
    }

    /// The two values over one denominator.
    #[expect(clippy::integer_division, reason = "exact: the lcm is a multiple of both")]
    pub fn align(&mut self, a: Val, b: Val) -> Result<(Val, Val), TooWide> {
        let common = gcd(a.den, b.den);
        let (mut x, mut y) = (self.widen(a, b.den / common)?, self.widen(b, a.den / common)?);
        if x.den_slot != y.den_slot {
            let (dx, dy) = (x.den_slot, y.den_slot);
            let (bx, by) = (x.den_bits, y.den_bits);
            if let Some(slot) = dy {
                x = self.cross(x, slot, by)?;
            }
            if let Some(slot) = dx {
                y = self.cross(y, slot, bx)?;
            }
            // Both denominators are the same product, whatever the order of its factors.
            y.den_slot = x.den_slot;
        }
        Ok((x, y))
    }

    /// a + b, or a − b.
    pub fn add(&mut self, a: Val, b: Val, minus: bool) -> Emitted {
        if b.constant == Some(0) {
            return Ok(a);
        }
        if a.constant == Some(0) && !minus {
            return Ok(b);
        }
        let (a, b) = self.align(a, b)?;
        if let (Some(x), Some(y)) = (a.constant, b.constant) {
            return self.constant(if minus { x - y } else { x + y }, a.den);
        }
        let sum = self.new_value(a.bits.max(b.bits) + 1, a)?;
        let (d, a, b) = (sum.slot, a.slot, b.slot);
        self.ops.push(if minus { Op::Sub { d, a, b } } else { Op::Add { d, a, b } });
        Ok(sum)
    }

    /// a × b.
    #[expect(clippy::integer_division, reason = "exact: divided by a gcd")]
    pub fn mul(&mut self, a: Val, b: Val) -> Emitted {
        if a.constant == Some(0) || b.constant == Some(0) {
            return self.constant(0, 1);
        }
        let mut den = a.den.checked_mul(b.den).ok_or(TooWide)?;
        if let (Some(x), Some(y)) = (a.constant, b.constant) {
            return self.constant(x.checked_mul(y).ok_or(TooWide)?, den);
        }
        let (constant, variable) = if a.constant.is_some() { (a, b) } else { (b, a) };
        if let Some(factor) = constant.constant {
            let common = gcd(factor.abs(), den);
            den /= common;
            let factor = factor / common;
            if factor == 1 {
                return Ok(Val { den, ..variable });
            }
            let slot = self.constant_slot(factor)?;
            let like = Val { den, ..variable };
            let product = self.new_value(variable.bits + bits_of(factor), like)?;
            self.ops.push(Op::Mul { d: product.slot, a: variable.slot, b: slot });
            return Ok(product);
        }
        let (den_slot, den_bits) = match (a.den_slot, b.den_slot) {
            (Some(x), Some(y)) => {
                let slot = self.temporary()?;
                self.ops.push(Op::Mul { d: slot, a: x, b: y });
                (Some(slot), a.den_bits + b.den_bits)
            }
            (Some(x), None) => (Some(x), a.den_bits),
            (None, other) => (other, b.den_bits),
        };
        let like = Val { den, den_slot, den_bits, ..a };
        let product = self.new_value(a.bits + b.bits, like)?;
        self.ops.push(Op::Mul { d: product.slot, a: a.slot, b: b.slot });
        Ok(product)
    }

    /// a ÷ b; a zero divisor is a fault when the code runs, or `None` when it is constant.
    pub fn div(&mut self, a: Val, b: Val) -> Result<Option<Val>, TooWide> {
        if let Some(num) = b.constant {
            if num == 0 {
                return Ok(None);
            }
            let inverse = self.constant(b.den * num.signum(), num.abs())?;
            return self.mul(a, inverse).map(Some);
        }
        // a ÷ (n ÷ (d × s)) = a × d × s ÷ n
        let scaled = self.constant(b.den, 1)?;
        let mut top = self.mul(a, scaled)?;
        if let Some(slot) = b.den_slot {
            let factor = Self::whole(slot, 1, b.den_bits);
            top = self.mul(top, factor)?;
        }
        // The sign of the divisor goes to copies: inputs must stay as they are.
        let (num, den) = (self.temporary()?, self.temporary()?);
        self.ops.push(Op::Move { d: num, a: top.slot });
        self.ops.push(Op::Move { d: den, a: b.slot });
        self.ops.push(Op::Sign { num, den });
        let (den_slot, den_bits) = match top.den_slot {
            None => (den, b.bits),
            Some(own) => {
                let product = self.temporary()?;
                self.ops.push(Op::Mul { d: product, a: own, b: den });
                (product, top.den_bits + b.bits)
            }
        };
        if bits_of(top.den) + den_bits > EXACT_BITS {
            return Err(TooWide);
        }
        let quotient = Val { slot: num, den_slot: Some(den_slot), den_bits, constant: None, ..top };
        Ok(Some(quotient))
    }

    /// −a.
    pub fn neg(&mut self, a: Val) -> Emitted {
        if let Some(num) = a.constant {
            return self.constant(-num, a.den);
        }
        let negative = self.new_value(a.bits, a)?;
        self.ops.push(Op::Neg { d: negative.slot, a: a.slot });
        Ok(negative)
    }

    /// The smaller or the greater of two values.
    pub fn extreme(&mut self, a: Val, b: Val, greatest: bool) -> Emitted {
        let (a, b) = self.align(a, b)?;
        if let (Some(x), Some(y)) = (a.constant, b.constant) {
            return self.constant(if greatest { x.max(y) } else { x.min(y) }, a.den);
        }
        let result = self.new_value(a.bits.max(b.bits), a)?;
        let (d, a, b) = (result.slot, a.slot, b.slot);
        self.ops.push(if greatest { Op::Max { d, a, b } } else { Op::Min { d, a, b } });
        Ok(result)
    }

    /// A condition.
    pub fn condition(&mut self, op: impl FnOnce(Slot) -> Op) -> Emitted {
        let d = self.temporary()?;
        self.ops.push(op(d));
        Ok(Self::whole(d, 1, 1))
    }

    /// The value rounded to whole steps of cents.
    #[expect(clippy::integer_division, reason = "exact: both are multiples of their gcd")]
    pub fn round(&mut self, a: Val, rounding: Rounding) -> Emitted {
        let step = i128::from(rounding.pas);
        let div = a.den.checked_mul(step).ok_or(TooWide)?;
        let common = gcd(100, div);
        let (mul, div) = (100 / common, div / common);
        if let (Some(num), Mode::Fixe(mode), None) = (a.constant, rounding.mode, a.den_slot) {
            let steps = round_div(num.checked_mul(mul).ok_or(TooWide)?, div, mode);
            let cents = steps.and_then(|steps| steps.checked_mul(step)).ok_or(TooWide)?;
            if bits_of(cents) > AMOUNT_BITS {
                return Err(TooWide);
            }
            return self.constant_cents(cents);
        }
        if a.bits + bits_of(mul) > EXACT_BITS || bits_of(div) + a.den_bits > EXACT_BITS {
            return Err(TooWide);
        }
        // Three constants side by side: mul, div, step.
        let k = self.slot(mul)?;
        self.slot(div)?;
        self.slot(step)?;
        let d = self.temporary()?;
        let b = a.den_slot.unwrap_or(NO_SLOT);
        self.ops.push(match rounding.mode {
            Mode::Fixe(mode) => Op::Round { d, a: a.slot, b, k, mode },
            Mode::Politique(policy) => Op::RoundBy { d, a: a.slot, b, k, policy },
        });
        Ok(Self::whole(d, 100, AMOUNT_BITS))
    }

    fn constant_cents(&mut self, cents: i128) -> Emitted {
        let slot = self.constant_slot(cents)?;
        let bits = bits_of(cents);
        Ok(Val { slot, den: 100, den_slot: None, bits, den_bits: 0, constant: Some(cents) })
    }

    /// The whole number of cents of a value that is one, over the denominator 100.
    pub fn cents(&mut self, a: Val) -> Emitted {
        let target = self.constant_cents(0)?;
        Ok(self.align(a, target)?.0)
    }

    /// Guards the reading of an input that may have no value.
    pub fn need(&mut self, slot: Slot) {
        self.ops.push(Op::Need { a: slot });
    }

    /// A slot for an input, without value at the start.
    pub fn input(&mut self) -> Result<Slot, TooWide> {
        self.slot(MISSING)
    }
}

/// The default rounding of printed rates: never used in a computation.
pub const PRINTED: RoundingMode = RoundingMode::DemiSuperieur;
