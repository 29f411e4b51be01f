//! The independent checker: feasibility and coverage of an answer, recomputed from the problem in the plainest way.

use std::collections::BTreeSet;

use super::problem::SitingProblem;
use crate::quantity::Weight;

/// Why a choice is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Infeasible {
    /// More is used of a limit than it has.
    #[error("limit {limit} allows {at_most}, {used} is used")]
    OverLimit {
        /// Which limit, from 0.
        limit: usize,
        /// What it allows.
        at_most: u64,
        /// What is used.
        used: u64,
    },
    /// Fewer open than a minimum asks for.
    #[error("minimum {minimum} asks for {at_least}, {found} open")]
    UnderMinimum {
        /// Which minimum, from 0.
        minimum: usize,
        /// What it asks for.
        at_least: usize,
        /// How many open.
        found: usize,
    },
    /// Two options at one place, or too close.
    #[error("options {a} and {b} exclude each other")]
    Excluded {
        /// One option.
        a: usize,
        /// The other.
        b: usize,
    },
}

/// Whether a choice keeps limits, minima, places and spacing.
///
/// # Errors
/// The first rule that it breaks.
pub fn feasible(problem: &SitingProblem, chosen: &[usize]) -> Result<(), Infeasible> {
    let is_chosen = |option: u32| chosen.contains(&(option as usize));
    for (row, limit) in problem.limits.iter().enumerate() {
        let used = limit.amounts.iter().filter(|(option, _)| is_chosen(*option)).map(|(_, amount)| amount).sum();
        if used > limit.at_most {
            return Err(Infeasible::OverLimit { limit: row, at_most: limit.at_most, used });
        }
    }
    for (row, minimum) in problem.minima.iter().enumerate() {
        let found = minimum.options.iter().filter(|option| is_chosen(**option)).count();
        if found < minimum.at_least {
            return Err(Infeasible::UnderMinimum { minimum: row, at_least: minimum.at_least, found });
        }
    }
    for (row, &a) in chosen.iter().enumerate() {
        for &b in &chosen[row + 1..] {
            if problem.exclude(problem.places[a], problem.places[b]) {
                return Err(Infeasible::Excluded { a, b });
            }
        }
    }
    Ok(())
}

/// Weight of all elements that at least one chosen option covers.
pub fn covered(problem: &SitingProblem, chosen: &[usize]) -> Weight {
    let elements: BTreeSet<u32> = chosen.iter().flat_map(|&option| problem.covers.row(option).iter().copied()).collect();
    elements.into_iter().map(|element| problem.weight(element)).sum()
}
