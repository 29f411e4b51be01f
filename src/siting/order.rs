//! In which order a chosen plan is built: the largest gain first, and phase by phase.
//!
//! Input → output: chosen options, what is covered today, phase sizes → the options in building order, each with what it adds.
//! Steps: greedy by gain. With phases, each phase takes the best n of what is left: the greedy prefix, or the maximal covering
//! problem of the chosen options alone where that covers more (a nested order can't be best at every size; the report holds each
//! phase against the best plan of its size). Complexity: `O(n² · pairs of an option)` at worst.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::SitingSolution;
use super::problem::{Limit, Rows, SitingProblem};
use crate::quantity::Weight;

/// Options by falling gain over what is covered so far; `covered` is kept up to date. Ties go to the lower option.
pub fn by_gain(problem: &SitingProblem, covered: &mut [bool], options: &[usize]) -> Vec<(usize, Weight)> {
    let entry = |option: usize, covered: &[bool]| {
        let fresh = problem.covers.row(option).iter().filter(|&&element| !covered[element as usize]);
        (fresh.map(|&element| problem.weight(element)).sum::<Weight>(), Reverse(option))
    };
    // Gains only fall: one that is still the largest after it was computed anew is the largest of all (Minoux 1978).
    let mut left: BinaryHeap<_> = options.iter().map(|&option| entry(option, covered)).collect();
    let mut ordered = Vec::with_capacity(options.len());
    while let Some((stale, Reverse(option))) = left.pop() {
        let fresh = entry(option, covered);
        if fresh.0 < stale && left.peek().is_some_and(|next| *next > fresh) {
            left.push(fresh);
            continue;
        }
        ordered.push((option, fresh.0));
        problem.covers.row(option).iter().for_each(|&element| covered[element as usize] = true);
    }
    ordered
}

/// The options of each phase in building order, with what each adds to `today`; the last phase takes what the sizes leave.
pub fn phases(
    problem: &SitingProblem,
    today: &[bool],
    options: &[usize],
    sizes: &[u32],
    solve: &dyn Fn(&SitingProblem) -> SitingSolution,
) -> Vec<Vec<(usize, Weight)>> {
    let (mut covered, mut left, mut phases) = (today.to_vec(), options.to_vec(), Vec::new());
    for &size in sizes {
        let size = size as usize;
        if size >= left.len() {
            break;
        }
        let greedy: Vec<usize> = by_gain(problem, &mut covered.clone(), &left).into_iter().take(size).map(|(o, _)| o).collect();
        let solved = solve(&of_options(problem, &covered, &left, size)).chosen.into_iter().map(|(row, _)| left[row]).collect();
        let best = [fill(greedy, &left, size), fill(solved, &left, size)]
            .into_iter()
            .max_by_key(|chosen| (added(problem, &covered, chosen), std::cmp::Reverse(chosen.clone())))
            .unwrap_or_default();
        left.retain(|option| !best.contains(option));
        phases.push(by_gain(problem, &mut covered, &best));
    }
    if !left.is_empty() {
        phases.push(by_gain(problem, &mut covered, &left));
    }
    phases
}

/// A choice made up to its size with the lowest of the other options: what adds nothing is built too.
fn fill(mut chosen: Vec<usize>, left: &[usize], size: usize) -> Vec<usize> {
    for &option in left {
        if chosen.len() < size && !chosen.contains(&option) {
            chosen.push(option);
        }
    }
    chosen.sort_unstable();
    chosen
}

fn added(problem: &SitingProblem, covered: &[bool], chosen: &[usize]) -> Weight {
    by_gain(problem, &mut covered.to_vec(), chosen).into_iter().map(|(_, gain)| gain).sum()
}

/// The best `size` of some options, over what is covered.
fn of_options(problem: &SitingProblem, covered: &[bool], options: &[usize], size: usize) -> SitingProblem {
    let open = |(weight, covered): (&Weight, &bool)| if *covered { Weight::ZERO } else { *weight };
    let rows: Rows = options.iter().map(|&option| problem.covers.row(option).iter().copied()).collect();
    let all = 0..options.len() as u32;
    SitingProblem {
        weights: problem.weights.iter().zip(covered).map(open).collect(),
        places: all.clone().collect(),
        covers: rows,
        limits: vec![Limit::count(all, size)],
        ..SitingProblem::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;
    use crate::siting::{Effort, check, solve};
    use proptest::prelude::*;

    fn problem(weights: &[u64], rows: &[Vec<u32>]) -> SitingProblem {
        let weights = weights.iter().map(|&w| Weight::from_milli(w)).collect();
        SitingProblem::mclp(weights, rows.iter().map(|row| row.iter().copied()).collect(), rows.len())
    }

    fn best(problem: &SitingProblem) -> SitingSolution {
        solve(problem, &Effort { work: 1, ..Effort::default() }, &Silent).unwrap()
    }

    #[test]
    fn a_phase_may_beat_the_greedy_prefix() {
        // Greedy starts with the wide option 0 (7); the best two are 1 and 2 (6 + 6).
        let problem = problem(&[3, 3, 3, 3, 1], &[vec![0, 2, 4], vec![0, 1], vec![2, 3]]);
        let phases = phases(&problem, &[false; 5], &[0, 1, 2], &[2], &best);
        let first: Weight = phases[0].iter().map(|(_, gain)| *gain).sum();
        assert_eq!((phases[0].len(), first.milli()), (2, 12));
        assert_eq!(phases[1], [(0, Weight::from_milli(1))]);
    }

    #[test]
    fn what_is_covered_today_adds_nothing() {
        let problem = problem(&[5, 2, 4], &[vec![0, 1], vec![1, 2]]);
        let ordered = by_gain(&problem, &mut [true, false, false], &[0, 1]);
        assert_eq!(ordered, [(1, Weight::from_milli(6)), (0, Weight::ZERO)]);
    }

    proptest! {
        #[test]
        fn phases_hold_every_option_once_and_their_gains_add_up(
            weights in prop::collection::vec(0u64..50, 8),
            rows in prop::collection::vec(prop::collection::btree_set(0u32..8, 0..5), 1..8),
            sizes in prop::collection::vec(1u32..4, 0..4),
        ) {
            let rows: Vec<Vec<u32>> = rows.into_iter().map(|row| row.into_iter().collect()).collect();
            let problem = problem(&weights, &rows);
            let all: Vec<usize> = (0..rows.len()).collect();
            let phases = phases(&problem, &[false; 8], &all, &sizes, &best);
            let mut built: Vec<usize> = phases.iter().flatten().map(|(option, _)| *option).collect();
            built.sort_unstable();
            prop_assert_eq!(&built, &all);
            let gains: Weight = phases.iter().flatten().map(|(_, gain)| *gain).sum();
            prop_assert_eq!(gains, check::covered(&problem, &all));
            for (phase, size) in phases.iter().zip(&sizes).take(phases.len() - 1) {
                prop_assert_eq!(phase.len(), *size as usize);
            }
            // The first phase is never below the greedy prefix.
            let greedy: Weight = by_gain(&problem, &mut [false; 8], &all).iter().take(phases[0].len()).map(|(_, g)| *g).sum();
            prop_assert!(phases[0].iter().map(|(_, g)| *g).sum::<Weight>() >= greedy);
        }
    }
}
