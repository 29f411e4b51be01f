//! Where to open: one decision for new fixed stations, new smart stations and smart upgrades together.
//!
//! What: maximal covering with a budget for each kind (Church & ReVelle 1974). An *element* is demand that must be reached as a
//! whole (a cell, in a class of hours); an *option* opens a kind at a place and covers the elements it reaches and is open for.
//! Formulation: maximise `Σ wₑ yₑ`, `yₑ ≤ Σ xₒ` over the options that cover e, at most `b_k` options of kind k, one kind a place,
//! options closer than the spacing exclude each other. Existing stations are locked in: what they cover has no weight.
//! Method: [`greedy`], then [`interchange`], with the Lagrangian [`bound`]; [`check`] recomputes every answer from the problem alone.

pub mod bound;
pub mod check;
pub mod curve;
pub mod effort;
pub mod greedy;
pub mod interchange;
pub mod kernel;
pub mod locate;
pub mod order;
pub mod placements;
pub mod problem;
pub mod stability;

pub use effort::{Effort, Reduction};
pub use placements::{Action, At, Recommendation, SitingReport};
pub use problem::{Limit, Minimum, Rows, SitingProblem};

use crate::progress::Progress;
use crate::quantity::Weight;

/// An answer and how good it is at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitingSolution {
    /// Chosen options with the weight each added when it was placed, in building order (largest gain first).
    pub chosen: Vec<(usize, Weight)>,
    /// Weight covered by all chosen options.
    pub objective: Weight,
    /// No choice can cover more than this.
    pub bound: Weight,
}

impl SitingSolution {
    /// (bound − objective) ÷ bound: how much better an answer could be at most.
    pub fn optimality_gap(&self) -> f64 {
        if self.bound == Weight::ZERO { 0.0 } else { self.bound.saturating_sub(self.objective).share_of(self.bound).get() }
    }
}

/// Solves a siting problem: greedy, interchange until no swap gains, and a bound from `bound_rounds` subgradient rounds.
pub fn solve(problem: &SitingProblem, bound_rounds: u32, progress: &dyn Progress) -> SitingSolution {
    progress.begin("siting", u64::from(bound_rounds));
    let start = greedy::construct(problem);
    let chosen = greedy::extend(problem, interchange::improve(problem, start));
    let ordered = greedy::order(problem, &chosen);
    let objective = ordered.iter().map(|(_, gain)| *gain).sum();
    let bound = bound::lagrangian(problem, objective, bound_rounds, progress);
    progress.end();
    SitingSolution { chosen: ordered, objective, bound }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;
    use proptest::prelude::*;

    /// Random small problems: 2 kinds, up to 8 options, up to 10 elements.
    fn problems() -> impl Strategy<Value = SitingProblem> {
        let option = (0u32..6, 0usize..2, prop::collection::btree_set(0u32..10, 0..6));
        (prop::collection::vec(0u64..50, 10), prop::collection::vec(option, 1..9), 0usize..3, 0usize..3).prop_map(
            |(weights, options, first, second)| {
                let of = |kind| (0..).zip(&options).filter(move |(_, o)| o.1 == kind).map(|(row, _)| row);
                SitingProblem {
                    weights: weights.into_iter().map(Weight::from_milli).collect(),
                    limits: vec![Limit::count(of(0), first), Limit::count(of(1), second)],
                    places: options.iter().map(|o| o.0).collect(),
                    covers: options.iter().map(|o| o.2.iter().copied()).collect(),
                    ..SitingProblem::default()
                }
            },
        )
    }

    /// The slow truth: every feasible subset.
    fn enumerate(problem: &SitingProblem) -> Weight {
        let subsets = 0u32..1 << problem.options();
        let chosen = |mask: u32| (0..problem.options()).filter(|o| mask >> o & 1 == 1).collect::<Vec<_>>();
        subsets
            .map(chosen)
            .filter(|c| check::feasible(problem, c).is_ok())
            .map(|c| check::covered(problem, &c))
            .max()
            .unwrap_or_default()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn answers_are_feasible_and_bounded(problem in problems()) {
            let solution = solve(&problem, 60, &Silent);
            let chosen: Vec<usize> = solution.chosen.iter().map(|(option, _)| *option).collect();
            prop_assert!(check::feasible(&problem, &chosen).is_ok());
            prop_assert_eq!(check::covered(&problem, &chosen), solution.objective);
            let optimum = enumerate(&problem);
            prop_assert!(solution.objective <= optimum && optimum <= solution.bound, "{:?} optimum {:?}", solution, optimum);
            prop_assert!(solution.objective.milli() * 2 >= optimum.milli(), "greedy over kinds keeps half of the optimum");
        }
    }
}
