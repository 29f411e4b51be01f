//! The independent checker: feasibility and coverage of an answer, recomputed from the problem in the plainest way.

use std::collections::BTreeSet;

use super::problem::SitingProblem;
use crate::quantity::Weight;

/// Why a choice is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Infeasible {
    /// More options of a kind than its budget.
    #[error("{found} options of kind {kind}, budget {budget}")]
    OverBudget {
        /// The kind.
        kind: usize,
        /// Its budget.
        budget: usize,
        /// How many were chosen.
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

/// Whether a choice keeps budgets, places and spacing.
///
/// # Errors
/// The first rule that it breaks.
pub fn feasible(problem: &SitingProblem, chosen: &[usize]) -> Result<(), Infeasible> {
    for (kind, &budget) in problem.budgets.iter().enumerate() {
        let found = chosen.iter().filter(|&&option| problem.options[option].kind == kind).count();
        if found > budget {
            return Err(Infeasible::OverBudget { kind, budget, found });
        }
    }
    for (row, &a) in chosen.iter().enumerate() {
        for &b in &chosen[row + 1..] {
            if problem.exclude(problem.options[a].place, problem.options[b].place) {
                return Err(Infeasible::Excluded { a, b });
            }
        }
    }
    Ok(())
}

/// Weight of all elements that at least one chosen option covers.
pub fn covered(problem: &SitingProblem, chosen: &[usize]) -> Weight {
    let elements: BTreeSet<u32> = chosen.iter().flat_map(|&option| problem.options[option].covers.iter().copied()).collect();
    elements.into_iter().map(|element| problem.weight(element)).sum()
}
