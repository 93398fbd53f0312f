//! The greatest of many, in the memory of a few.

use std::cmp::Reverse;

/// The `room` greatest of what was pushed, greatest first. Equal keys keep the order of pushing,
/// so that keys which hold an identity give one result whatever the order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Top<K, T> {
    room: usize,
    kept: Vec<(K, T)>,
}

impl<K: Ord, T> Top<K, T> {
    /// Room for so many.
    pub fn new(room: usize) -> Self {
        Self { room, kept: Vec::new() }
    }

    /// Keeps `make()` if it is among the greatest.
    pub fn push(&mut self, key: K, make: impl FnOnce() -> T) {
        let at = self.kept.partition_point(|(kept, _)| *kept >= key);
        if at < self.room {
            self.kept.insert(at, (key, make()));
            self.kept.truncate(self.room);
        }
    }

    /// Adds what another part kept.
    pub fn merge(&mut self, other: Self) {
        for (key, item) in other.kept {
            self.push(key, || item);
        }
    }

    /// The greatest first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.kept.iter().map(|(_, item)| item)
    }
}

/// A key that puts great amounts first, then names in their order.
pub type Rank = (Vec<u64>, Reverse<[String; 3]>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_stay_whatever_the_order() {
        let values = [3, 9, 1, 7, 9, 2];
        let mut whole = Top::new(3);
        values.iter().for_each(|&value| whole.push(value, || value));
        assert_eq!(whole.iter().copied().collect::<Vec<_>>(), [9, 9, 7]);
        let (mut left, mut right) = (Top::new(3), Top::new(3));
        values[..3].iter().for_each(|&value| left.push(value, || value));
        values[3..].iter().for_each(|&value| right.push(value, || value));
        left.merge(right);
        assert_eq!(left, whole);
        let mut none = Top::new(0);
        none.push(1, || 1);
        assert_eq!(none.iter().count(), 0);
    }
}
