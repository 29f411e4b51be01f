//! How much work a solver may do, when it may stop, and which exact reductions it uses and reports.

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
    /// Exact reductions of maximal covering that are on; the optimum is the same without them.
    pub reductions: Switches,
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
        Self { work: Self::DEFAULT_WORK, deadline: None, gap: 0.0, seed: 1, reductions: Switches::default() }
    }
}

/// Which exact reductions are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    /// Options that can't open or needn't go.
    pub useless_options: bool,
    /// Elements that can't be covered or weigh nothing go.
    pub idle_elements: bool,
    /// One element for all that the same single option covers.
    pub singletons: bool,
    /// One element for all with the same covering set of two options or more.
    pub identical_coverage: bool,
    /// Options that another can stand in for go.
    pub dominated_options: bool,
    /// Small components become tables.
    pub components: bool,
    /// Options that the bound's reduced costs decide against the best choice known are decided.
    pub reduced_costs: bool,
}

impl Switches {
    /// The switch of each reduction by its name in the log.
    pub fn named(&mut self) -> [(&'static str, &mut bool); 7] {
        [
            ("useless_options", &mut self.useless_options),
            ("idle_elements", &mut self.idle_elements),
            ("singletons", &mut self.singletons),
            ("identical_coverage", &mut self.identical_coverage),
            ("dominated_options", &mut self.dominated_options),
            ("components", &mut self.components),
            ("reduced_costs", &mut self.reduced_costs),
        ]
    }
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            useless_options: true,
            idle_elements: true,
            singletons: true,
            identical_coverage: true,
            dominated_options: true,
            components: true,
            reduced_costs: true,
        }
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
