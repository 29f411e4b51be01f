//! Small components of a maximal covering problem become tables of their best choices.
//!
//! Input → output: a problem whose only rule is the number to open → one of the same optimum, and the way back. A *component* is a
//! group of options tied by shared elements. For one of at most [`SMALL`] options the best choice of every size k is found by
//! enumeration, with weight f(k). When f is concave, m options that each cover an element of their own, of weight
//! f(k) − f(k − 1), stand for the component: any k of them cover at most f(k), the first k exactly that. A component whose f is not
//! concave, or that is larger, stays as it is. `O(pairs + Σ 2^options · covering sets)`. Ties go to the lower options; deterministic.

use std::collections::BTreeMap;

use super::problem::{Limit, Rows, SitingProblem};
use crate::quantity::Weight;

/// Options of a component that is enumerated, at most.
const SMALL: usize = 10;
/// No option.
const NONE: u32 = u32::MAX;

/// A component as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    /// The options that stand for it, ascending.
    pub options: Vec<u32>,
    /// For each number of them the options, in ids of the problem before, that they stand for.
    pub best: Vec<Vec<u32>>,
}

/// Tables instead of small components.
#[derive(Debug, Clone)]
pub(super) struct Collapsed {
    /// The problem with tables.
    pub problem: SitingProblem,
    /// The option of the problem before that each option is, but for those of tables.
    pub options: Vec<u32>,
    /// The tables.
    pub tables: Vec<Table>,
}

/// Replaces small components; none when there is nothing to replace. The problem's only rule must be the number to open.
pub(super) fn collapse(problem: &SitingProblem) -> Option<Collapsed> {
    let (groups, first) = components(problem);
    let curve = |options: Vec<u32>| Some((Curve::of(problem, &options)?, options));
    let found: Vec<(Curve, Vec<u32>)> =
        groups.into_iter().filter(|options| (2..=SMALL).contains(&options.len())).filter_map(curve).collect();
    if found.is_empty() {
        return None;
    }
    let mut is_gone = vec![false; problem.options()];
    found.iter().flat_map(|(_, options)| options).for_each(|&option| is_gone[option as usize] = true);
    let stays = |element: usize| first[element] == NONE || !is_gone[first[element] as usize];
    let mut renumbered = vec![0; problem.weights.len()];
    let mut weights = Vec::new();
    for element in (0..renumbered.len()).filter(|&element| stays(element)) {
        renumbered[element] = weights.len() as u32;
        weights.push(problem.weights[element]);
    }
    let options: Vec<u32> = (0..problem.options() as u32).filter(|&option| !is_gone[option as usize]).collect();
    let row = |&option: &u32| problem.covers.row(option as usize).iter().map(|&element| renumbered[element as usize]);
    let mut covers: Rows = options.iter().map(row).collect();
    let mut tables = Vec::with_capacity(found.len());
    for (curve, _) in found {
        let first = covers.len() as u32;
        for &gain in &curve.gains {
            covers.push([weights.len() as u32]);
            weights.push(gain);
        }
        tables.push(Table { options: (first..covers.len() as u32).collect(), best: curve.best });
    }
    let count = covers.len() as u32;
    let limits = problem.limits.iter().map(|limit| Limit::count(0..count, limit.at_most as usize)).collect();
    let problem = SitingProblem { weights, places: (0..count).collect(), covers, limits, ..SitingProblem::default() };
    Some(Collapsed { problem, options, tables })
}

/// Best choices of a component by size.
struct Curve {
    /// What one more option adds, as long as it adds.
    gains: Vec<Weight>,
    /// The options to open for each size, from none.
    best: Vec<Vec<u32>>,
}

impl Curve {
    /// Enumerates a component; none when its curve is not concave.
    fn of(problem: &SitingProblem, options: &[u32]) -> Option<Self> {
        let mut coverers: BTreeMap<u32, u32> = BTreeMap::new();
        for (at, &option) in options.iter().enumerate() {
            for &element in problem.covers.row(option as usize) {
                *coverers.entry(element).or_insert(0) |= 1 << at;
            }
        }
        let mut sets: BTreeMap<u32, u64> = BTreeMap::new();
        for (element, set) in coverers {
            *sets.entry(set).or_insert(0) += problem.weights[element as usize].milli();
        }
        let mut best = vec![(0u64, 0u32); options.len() + 1];
        for choice in 0u32..1 << options.len() {
            let covered = sets.iter().filter(|(set, _)| **set & choice != 0).map(|(_, weight)| weight).sum();
            let size = choice.count_ones() as usize;
            if covered > best[size].0 {
                best[size] = (covered, choice);
            }
        }
        let gains: Vec<u64> =
            best.windows(2).map(|pair| pair[1].0.saturating_sub(pair[0].0)).take_while(|&gain| gain > 0).collect();
        if !gains.is_sorted_by(|a, b| a >= b) {
            return None;
        }
        let opened =
            |choice: u32| (0..).zip(options).filter(|(at, _)| choice >> at & 1 == 1).map(|(_, &option)| option).collect();
        Some(Self {
            best: best[..=gains.len()].iter().map(|&(_, choice)| opened(choice)).collect(),
            gains: gains.into_iter().map(Weight::from_milli).collect(),
        })
    }
}

/// Groups of options that share elements, each ascending, by their lowest option; and the first option that covers each element.
fn components(problem: &SitingProblem) -> (Vec<Vec<u32>>, Vec<u32>) {
    let mut parents: Vec<u32> = (0..problem.options() as u32).collect();
    let mut first = vec![NONE; problem.weights.len()];
    for (option, row) in (0u32..).zip(problem.covers.iter()) {
        for &element in row {
            let known = &mut first[element as usize];
            if *known == NONE {
                *known = option;
            } else {
                let (a, b) = (root(&mut parents, *known), root(&mut parents, option));
                parents[a.max(b) as usize] = a.min(b);
            }
        }
    }
    let mut groups: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for option in 0..parents.len() as u32 {
        groups.entry(root(&mut parents, option)).or_default().push(option);
    }
    (groups.into_values().collect(), first)
}

/// The lowest option of a group, with the way there halved.
fn root(parents: &mut [u32], mut option: u32) -> u32 {
    while parents[option as usize] != option {
        parents[option as usize] = parents[parents[option as usize] as usize];
        option = parents[option as usize];
    }
    option
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::siting::check;
    use crate::siting::samples::{enumerate, plain_problem};
    use proptest::prelude::*;

    #[test]
    fn an_example_by_hand() {
        // Options 0 to 2 share elements: alone 1 is best (7 + 5), two cover 7 + 5 + 3 or 4. Options 3 and 4 share one.
        let covers: Rows = [vec![0, 2], vec![0, 1], vec![1, 3], vec![4], vec![4]].into_iter().collect();
        let problem = SitingProblem::mclp([7, 5, 3, 4, 2].map(Weight::from_milli).to_vec(), covers, 3);
        let collapsed = collapse(&problem).expect("two small components");
        assert_eq!(collapsed.options, Vec::<u32>::new());
        assert_eq!(collapsed.problem.weights, [12, 7, 2].map(Weight::from_milli));
        assert_eq!(collapsed.tables[0].best, [vec![], vec![1], vec![0, 2]]);
        assert_eq!(collapsed.tables[1], Table { options: vec![2], best: vec![vec![], vec![3]] });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn tables_keep_the_optimum_at_every_number(problem in plain_problem()) {
            let Some(collapsed) = collapse(&problem) else { return Ok(()) };
            let (optimum, _) = enumerate(&problem).expect("no minima");
            let (value, chosen) = enumerate(&collapsed.problem).expect("no minima");
            prop_assert_eq!(optimum, value);
            let mut opened: Vec<usize> = Vec::new();
            for &option in chosen.iter().filter(|&&option| option < collapsed.options.len()) {
                opened.push(collapsed.options[option] as usize);
            }
            for table in &collapsed.tables {
                let count = chosen.iter().filter(|&&option| table.options.contains(&(option as u32))).count();
                opened.extend(table.best[count].iter().map(|&option| option as usize));
            }
            prop_assert!(check::feasible(&problem, &opened).is_ok());
            prop_assert_eq!(check::covered(&problem, &opened), optimum);
        }
    }
}
