//! Small random problems with every kind of rule, and their optima by enumeration: for tests only.

use proptest::prelude::*;

use super::check;
use super::problem::{Limit, Minimum, SitingProblem};
use crate::quantity::Weight;

/// Problems with up to 8 options and 10 elements: plain, or with kinds, money, minima and conflicts.
pub fn any_problem() -> impl Strategy<Value = SitingProblem> {
    prop_oneof![plain_problem(), ruled_problem()]
}

/// Problems whose only rule is the number to open.
pub fn plain_problem() -> impl Strategy<Value = SitingProblem> {
    let covers = prop::collection::vec(prop::collection::btree_set(0u32..10, 0..6), 1..9);
    (prop::collection::vec(0u64..50, 10), covers, 0usize..4).prop_map(|(weights, covers, p)| {
        SitingProblem::mclp(weights.into_iter().map(Weight::from_milli).collect(), covers.into_iter().collect(), p)
    })
}

/// Problems with two kinds, money, minima and conflicts; some rules are slack, some allow nothing.
pub fn ruled_problem() -> impl Strategy<Value = SitingProblem> {
    let option = (0u32..6, 0usize..2, 0u64..9, prop::collection::btree_set(0u32..10, 0..6));
    let minimum = (prop::collection::btree_set(0u32..8, 1..4), 0usize..3);
    let rules = (
        prop::collection::vec(0usize..4, 2),
        prop::option::of(0u64..25),
        prop::collection::vec(minimum, 0..3),
        prop::collection::btree_set((0u32..6, 0u32..6), 0..5),
    );
    (prop::collection::vec(0u64..50, 10), prop::collection::vec(option, 1..9), rules).prop_map(
        |(weights, options, (kinds, money, minima, conflicts))| {
            let count = options.len() as u32;
            let of = |kind| (0..).zip(&options).filter(move |(_, o)| o.1 == kind).map(|(row, _)| row);
            let mut limits: Vec<Limit> = kinds.into_iter().enumerate().map(|(kind, n)| Limit::count(of(kind), n)).collect();
            let costs = (0..).zip(options.iter().map(|o| o.2)).collect();
            limits.extend(money.map(|at_most| Limit { amounts: costs, at_most }));
            let minimum = |(options, at_least): (std::collections::BTreeSet<u32>, usize)| Minimum {
                options: options.into_iter().filter(|o| *o < count).collect(),
                at_least,
            };
            SitingProblem {
                weights: weights.into_iter().map(Weight::from_milli).collect(),
                places: options.iter().map(|o| o.0).collect(),
                covers: options.iter().map(|o| o.3.iter().copied()).collect(),
                limits,
                minima: minima.into_iter().map(minimum).collect(),
                conflicts: conflicts.into_iter().filter(|(a, b)| a < b).collect(),
            }
        },
    )
}

/// The slow truth: the best of all allowed choices, the first of equals; none when nothing is allowed.
pub fn enumerate(problem: &SitingProblem) -> Option<(Weight, Vec<usize>)> {
    choices(problem).into_iter().reduce(|best, next| if next.0 > best.0 { next } else { best })
}

/// All allowed choices with what they cover.
pub fn choices(problem: &SitingProblem) -> Vec<(Weight, Vec<usize>)> {
    let chosen = |mask: u32| (0..problem.options()).filter(|o| mask >> o & 1 == 1).collect::<Vec<_>>();
    let all = (0u32..1 << problem.options()).map(chosen).filter(|c| check::feasible(problem, c).is_ok());
    all.map(|c| (check::covered(problem, &c), c)).collect()
}
