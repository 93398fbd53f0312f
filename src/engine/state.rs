//! The slots of one evaluation and the loop that runs instructions.

use crate::num::{RoundingMode, round_div};
use crate::program::{AMOUNT_LIMIT, MISSING, NO_SLOT, Op, Slot, Tables, policy_mode};
use crate::rules::Tranche;

use super::payslip::FaultKind;

/// How a block ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It ran to its end.
    Applied,
    /// Its condition was false.
    NotApplicable,
}

/// How many slots a number can name: an index of that type never leaves the array, so reading a
/// slot needs no test.
const PLACES: usize = 1 << 16;

/// Numbered slots.
pub struct Slots {
    places: Box<[i128; PLACES]>,
    used: usize,
}

impl Slots {
    /// Slots that start with the values of a program.
    pub fn new(initial: &[i128]) -> Self {
        let mut places = vec![0; PLACES];
        if let Some(start) = places.get_mut(..initial.len()) {
            start.copy_from_slice(initial);
        }
        // INVARIANT: the vector has as many places as the array.
        let places = places.into_boxed_slice().try_into();
        let places = places.unwrap_or_else(|_| Box::new([0; PLACES]));
        Self { places, used: initial.len() }
    }

    /// The slots of the program: what lies beyond is never named.
    pub fn all(&self) -> &[i128] {
        self.places.get(..self.used).unwrap_or(&[])
    }

    /// The value of a slot.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "a slot number is always inside the array")]
    pub fn get(&self, slot: Slot) -> i128 {
        self.places[usize::from(slot)]
    }

    /// Writes a slot.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "a slot number is always inside the array")]
    pub fn set(&mut self, slot: Slot, value: i128) {
        self.places[usize::from(slot)] = value;
    }

    /// Writes consecutive slots.
    #[inline]
    pub fn load(&mut self, first: Slot, values: &[i128]) {
        let start = usize::from(first);
        if let Some(places) = self.places.get_mut(start..start + values.len()) {
            places.copy_from_slice(values);
        }
    }

    fn or_one(&self, slot: Slot) -> i128 {
        if slot == NO_SLOT { 1 } else { self.get(slot) }
    }

    /// Runs a block. Additions and products wrap: the compiler proved that none can overflow for
    /// inputs in their declared ranges, and the range of each input is tested when it is read.
    pub fn run(&mut self, ops: &[Op], tables: &Tables) -> Result<Ended, FaultKind> {
        let mut at = 0_usize;
        while let Some(op) = ops.get(at) {
            at += 1;
            match *op {
                Op::Add { d, a, b } => self.set(d, self.get(a).wrapping_add(self.get(b))),
                Op::Sub { d, a, b } => self.set(d, self.get(a).wrapping_sub(self.get(b))),
                Op::Mul { d, a, b } => self.set(d, self.get(a).wrapping_mul(self.get(b))),
                Op::Neg { d, a } => self.set(d, self.get(a).wrapping_neg()),
                Op::Min { d, a, b } => self.set(d, self.get(a).min(self.get(b))),
                Op::Max { d, a, b } => self.set(d, self.get(a).max(self.get(b))),
                Op::Lt { d, a, b } => self.set(d, i128::from(self.get(a) < self.get(b))),
                Op::Le { d, a, b } => self.set(d, i128::from(self.get(a) <= self.get(b))),
                Op::Eq { d, a, b } => self.set(d, i128::from(self.get(a) == self.get(b))),
                Op::Not { d, a } => self.set(d, i128::from(self.get(a) == 0)),
                Op::Move { d, a } => self.set(d, self.get(a)),
                Op::Present { d, a } => self.set(d, i128::from(self.get(a) != MISSING)),
                Op::Need { a } => {
                    if self.get(a) == MISSING {
                        return Err(FaultKind::Missing(a));
                    }
                }
                Op::JumpIfZero { a, to } => {
                    if self.get(a) == 0 {
                        at = usize::try_from(to).unwrap_or(usize::MAX);
                    }
                }
                Op::Jump { to } => at = usize::try_from(to).unwrap_or(usize::MAX),
                Op::ExitIfZero { a } => {
                    if self.get(a) == 0 {
                        return Ok(Ended::NotApplicable);
                    }
                }
                Op::Sum { d, list } => {
                    let list = tables.sums.get(usize::from(list)).map_or(&[][..], Vec::as_slice);
                    self.set(d, self.sum(list));
                }
                Op::Sign { num, den } => self.sign(num, den)?,
                Op::Round { d, a, b, k, mode } => self.round(d, a, b, k, mode)?,
                Op::RoundBy { d, a, b, k, policy } => {
                    let mode = policy_mode(self.get(policy));
                    self.round(d, a, b, k, mode)?;
                }
                Op::Bracket { d, a, b, den, bareme } => {
                    let scale = self.get(den).wrapping_mul(self.or_one(b));
                    let brackets =
                        tables.baremes.get(usize::from(bareme)).map_or(&[][..], Vec::as_slice);
                    self.set(d, rate_of(brackets, self.get(a), scale));
                }
                Op::Slices { d, a, b, den, bareme } => {
                    let scale = self.get(den).wrapping_mul(self.or_one(b));
                    let brackets =
                        tables.baremes.get(usize::from(bareme)).map_or(&[][..], Vec::as_slice);
                    self.set(d, slices(brackets, self.get(a), scale));
                }
            }
        }
        Ok(Ended::Applied)
    }

    #[inline]
    fn sum(&self, list: &[(Slot, bool)]) -> i128 {
        list.iter().fold(0, |total: i128, &(slot, minus)| {
            let value = self.get(slot);
            total.wrapping_add(if minus { -value } else { value })
        })
    }

    fn sign(&mut self, num: Slot, den: Slot) -> Result<(), FaultKind> {
        match self.get(den) {
            0 => return Err(FaultKind::DivisionByZero),
            negative if negative < 0 => {
                self.set(num, self.get(num).wrapping_neg());
                self.set(den, negative.wrapping_neg());
            }
            _ => {}
        }
        Ok(())
    }

    #[inline]
    fn round(
        &mut self,
        d: Slot,
        a: Slot,
        b: Slot,
        k: Slot,
        mode: RoundingMode,
    ) -> Result<(), FaultKind> {
        let (mul, div, step) = (self.get(k), self.get(k + 1), self.get(k + 2));
        let num = self.get(a).wrapping_mul(mul);
        let den = div.wrapping_mul(self.or_one(b));
        let steps = round_div(num, den, mode).ok_or(FaultKind::DivisionByZero)?;
        self.set(d, bounded(steps, step)?);
        Ok(())
    }
}

/// A number of steps as cents, or a fault when no line may hold it.
#[inline]
pub fn bounded(steps: i128, step: i128) -> Result<i128, FaultKind> {
    match steps.checked_mul(step) {
        Some(cents) if cents.abs() < AMOUNT_LIMIT => Ok(cents),
        _ => Err(FaultKind::TooWide),
    }
}

/// The rate, in units of brackets, of the bracket that holds `num ÷ den`; bounds are in hundredths.
fn rate_of(brackets: &[Tranche], num: i128, den: i128) -> i128 {
    let hundredths = num.wrapping_mul(100);
    let below = brackets.iter().take_while(|t| i128::from(t.borne).wrapping_mul(den) <= hundredths);
    below.last().or(brackets.first()).map_or(0, |tranche| i128::from(tranche.taux))
}

/// The sum over brackets of part × rate, in hundredths × units of rate ÷ den.
fn slices(brackets: &[Tranche], num: i128, den: i128) -> i128 {
    let hundredths = num.wrapping_mul(100);
    let mut total = 0_i128;
    for (at, tranche) in brackets.iter().enumerate() {
        let low = i128::from(tranche.borne).wrapping_mul(den);
        if hundredths <= low {
            break;
        }
        let high = brackets.get(at + 1).map(|next| i128::from(next.borne).wrapping_mul(den));
        let part = high.map_or(hundredths, |high| hundredths.min(high)) - low;
        total = total.wrapping_add(part.wrapping_mul(i128::from(tranche.taux)));
    }
    total
}
