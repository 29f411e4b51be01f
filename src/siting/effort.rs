//! How much work a solver may do, and when it may stop.

use std::time::Instant;

/// The limits of a search. Without a deadline the answer depends on the problem and on these numbers only, not on the machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// Work in millions of (option, element) pairs looked at, over all searches together.
    pub work: u64,
    /// Stop at this moment, even when there is work left; the answer then depends on the machine.
    pub deadline: Option<Instant>,
    /// Stop as soon as (bound − objective) ÷ bound is at most this; 0 asks for proof.
    pub gap: f64,
    /// Seed of everything random.
    pub seed: u64,
}

impl Effort {
    /// One to three minutes on two busy cores of 2026 (Manhattan, San Francisco: 0.1 to 0.3 million pairs).
    pub const DEFAULT_WORK: u64 = 20_000;

    /// Pairs in a unit of work.
    pub const UNIT: u64 = 1_000_000;

    /// The work in pairs.
    pub fn pairs(&self) -> u64 {
        self.work.saturating_mul(Self::UNIT)
    }

    /// The deadline has passed.
    pub fn is_over(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

impl Default for Effort {
    fn default() -> Self {
        Self { work: Self::DEFAULT_WORK, deadline: None, gap: 0.0, seed: 1 }
    }
}

/// One exact reduction and what it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reduction {
    /// Identifier, such as `identical_coverage`.
    pub name: &'static str,
    /// What is counted: `elements`, `options` or `pairs`.
    pub counts: &'static str,
    /// How many there were before.
    pub before: u64,
    /// How many are left.
    pub after: u64,
}
