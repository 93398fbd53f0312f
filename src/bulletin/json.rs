//! Numbers of the JSON form: decimal texts, so that no reader turns them into floats.

use serde::{Serialize, Serializer};

use super::Bulletin;
use crate::num::Fixed;

/// An amount in cents; written `1801.74`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cents(pub i64);

impl Serialize for Cents {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&Fixed::new(self.0, 2))
    }
}

/// A rate in millionths; written as a decimal fraction, `0.3465`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taux(pub i64);

impl Serialize for Taux {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&Fixed::new(self.0, 6).trimmed())
    }
}

/// The payslip as JSON.
pub fn json(bulletin: &Bulletin) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(bulletin)
}
