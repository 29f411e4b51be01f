//! What the synthetic city draws, beyond the generator itself ([`crate::random`]).

use crate::random::{Random, mix, unit};

/// A stream of its own for each purpose.
pub(super) fn stream(seed: u64, purpose: u64) -> Random {
    Random::new(mix(seed ^ mix(purpose)))
}

/// Nearly standard normal: the sum of twelve uniform numbers less six.
pub(super) fn normal(random: &mut Random) -> f64 {
    (0..12).map(|_| random.unit()).sum::<f64>() - 6.0
}

/// A number in [0, 1) that depends on nothing but its three arguments.
pub(super) fn noise(seed: u64, a: u64, b: u64) -> f64 {
    unit(mix(mix(mix(seed).wrapping_add(a)).wrapping_add(b)))
}
