//! Chance, reproducible for ever: splitmix64 (Steele, Lea and Flood, 2014), written here so that
//! no update of a library can change a pool.

/// Streams of the sizes of employers.
pub(super) const PLAN: u64 = 0;
/// Streams of employers.
pub(super) const EMPLOYER: u64 = 1;
/// Streams of agents.
pub(super) const AGENT: u64 = 2;
/// Streams of what employers decide over the months.
pub(super) const SETTINGS: u64 = 3;

/// The step of splitmix64: 2^64 divided by the golden ratio, made odd.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream of pseudo-random numbers.
#[derive(Clone, Debug)]
pub(super) struct Prng {
    state: u64,
}

impl Prng {
    /// The stream of one item. Each item has its own, so that inventing more of one thing for an
    /// agent never changes the next agent.
    pub(super) fn of_item(seed: u64, kind: u64, item: u32) -> Self {
        let start = mix(seed ^ mix(kind.wrapping_mul(STEP)));
        Self { state: mix(start ^ u64::from(item).wrapping_mul(STEP)) }
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// A number from 0 to `bound` − 1 (0 when `bound` is 0). The bias is below 2^-32 × `bound`.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        let high = self.next() >> 32;
        u32::try_from((high * u64::from(bound)) >> 32).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included; `low` when the bounds are crossed.
    pub(super) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below((high + 1).saturating_sub(low))
    }

    /// True `part` times out of a thousand.
    pub(super) fn chance(&mut self, per_thousand: u32) -> bool {
        self.below(1000) < per_thousand
    }

    /// One of the items, each as likely; the default when there is none.
    pub(super) fn pick<T: Copy + Default>(&mut self, items: &[T]) -> T {
        let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
        let index = usize::try_from(self.below(count)).unwrap_or(0);
        items.get(index).copied().unwrap_or_default()
    }

    /// One of the items, as likely as its weight; the default when there is none.
    pub(super) fn weighted<T: Copy + Default>(&mut self, items: &[(u32, T)]) -> T {
        let total = items.iter().map(|(weight, _)| weight).sum();
        let mut left = self.below(total);
        for &(weight, item) in items {
            if left < weight {
                return item;
            }
            left -= weight;
        }
        T::default()
    }
}

fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_published_sequence() {
        // First outputs of splitmix64 from state 1234567, as in the reference implementation.
        let mut rng = Prng { state: 1_234_567 };
        assert_eq!(rng.next(), 6_457_827_717_110_365_317);
        assert_eq!(rng.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn stays_inside_its_bounds() {
        let mut rng = Prng::of_item(1, AGENT, 0);
        assert!((0..1000).all(|_| (3..=5).contains(&rng.between(3, 5))));
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.pick::<u32>(&[]), 0);
        let drawn = (0..10_000).filter(|_| rng.weighted(&[(9, 0_u32), (1, 1)]) == 1).count();
        assert!((850..1150).contains(&drawn), "{drawn}");
    }
}
