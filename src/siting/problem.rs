//! A siting problem in integers: what could open, what it would cover, and how much may open.

use crate::quantity::Weight;

/// One way to open: a kind at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitingOption {
    /// The place; options of one place exclude each other.
    pub place: u32,
    /// The budget it counts against.
    pub kind: usize,
    /// Elements it covers, ascending.
    pub covers: Vec<u32>,
}

/// A maximal covering problem with a budget for each kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitingProblem {
    /// Weight of each element that no existing station covers; the others weigh nothing.
    pub weights: Vec<Weight>,
    /// The options.
    pub options: Vec<SitingOption>,
    /// How many options of each kind may open.
    pub budgets: Vec<usize>,
    /// Pairs of places too close to each other, lower first, sorted.
    pub conflicts: Vec<(u32, u32)>,
}

impl SitingProblem {
    /// Whether two places exclude each other: the same place, or too close.
    pub fn exclude(&self, a: u32, b: u32) -> bool {
        a == b || self.conflicts.binary_search(&(a.min(b), a.max(b))).is_ok()
    }

    /// Whether `option` may join `chosen` (budgets and places).
    pub fn fits(&self, chosen: &[usize], option: usize) -> bool {
        let SitingOption { place, kind, .. } = self.options[option];
        let used = chosen.iter().filter(|&&other| self.options[other].kind == kind).count();
        used < self.budgets[kind] && !chosen.iter().any(|&other| self.exclude(self.options[other].place, place))
    }

    /// Weight of an element.
    pub fn weight(&self, element: u32) -> Weight {
        self.weights[element as usize]
    }
}
