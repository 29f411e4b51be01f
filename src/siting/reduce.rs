//! Exact reductions: a smaller problem with the same optimum.
//!
//! In this order (after Chen et al. 2023, EJOR 311(1):73-87), repeated while options fall:
//! 1. options that alone use more than a limit has can't open; options that cover nothing and that no minimum counts needn't;
//! 2. elements that nothing can cover, or that weigh nothing, go;
//! 3. elements with the same covering set become one (so an option has at most one element of its own): a 128-bit sum of random keys
//!    of the options finds the classes in one pass, a count of class members in each option proves them in a second, nothing is sorted;
//! 4. an option goes when another covers all that it covers, uses no more of any limit, excludes nothing that it doesn't exclude,
//!    and no minimum counts it: then the other can stand in for it in every choice. Only options that share its rarest element are
//!    tested, up to a cap of work; what is not tested stays. An option that covers nothing any more goes too.
//!
//! `O(pairs)` but for 4. Keys come from the ids of options, so the result is the same everywhere.

use std::collections::HashMap;

use super::effort::Reduction;
use super::kernel::Kernel;
use super::problem::{Limit, Minimum, Rows, SitingProblem};
use crate::quantity::Weight;

/// Work of the test for dominated options, in pairs looked at for each pair of the problem.
const DOMINANCE_WORK: u64 = 4;

/// Which reductions are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switches {
    /// Options that can't open or needn't.
    pub useless_options: bool,
    /// Elements that can't be covered or weigh nothing.
    pub idle_elements: bool,
    /// One element for all with the same covering set.
    pub identical_coverage: bool,
    /// Options that another can stand in for.
    pub dominated_options: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self { useless_options: true, idle_elements: true, identical_coverage: true, dominated_options: true }
    }
}

impl Switches {
    /// All off.
    pub const NONE: Self =
        Self { useless_options: false, idle_elements: false, identical_coverage: false, dominated_options: false };
}

/// A reduced problem and the way back.
#[derive(Debug, Clone)]
pub struct Reduced {
    /// What is left; what a choice covers in it, it covers in the first problem.
    pub problem: SitingProblem,
    /// First id of each option that is left, ascending.
    pub options: Vec<u32>,
    /// What each reduction did, in order.
    pub log: Vec<Reduction>,
}

impl Reduced {
    /// A choice in ids of the first problem.
    pub fn restore(&self, chosen: &[usize]) -> Vec<usize> {
        chosen.iter().map(|&option| self.options[option] as usize).collect()
    }

    /// A choice of the first problem in ids of this one; options that are gone are left out.
    pub fn translate(&self, chosen: &[usize]) -> Vec<usize> {
        chosen.iter().filter_map(|&option| self.options.binary_search(&(option as u32)).ok()).collect()
    }

    /// Groups of options that share elements, places, conflicts or minima: apart from limits they are problems of their own.
    pub fn components(&self) -> Rows {
        components(&self.problem)
    }
}

/// Reduces a problem.
pub fn reduce(problem: &SitingProblem, switches: &Switches) -> Reduced {
    let mut reduced = Reduced { problem: problem.clone(), options: (0..problem.options() as u32).collect(), log: Vec::new() };
    if switches.useless_options {
        let keep = useful(&reduced.problem);
        reduced.keep_options("useless_options", &keep);
    }
    reduced.fold_elements(switches);
    for _ in 0..4 {
        if !switches.dominated_options {
            break;
        }
        let (keep, is_whole) = undominated(&reduced.problem);
        let before = reduced.options.len();
        reduced.keep_options(if is_whole { "dominated_options" } else { "dominated_options_in_part" }, &keep);
        if reduced.options.len() == before {
            break;
        }
        reduced.fold_elements(switches);
    }
    reduced
}

impl Reduced {
    /// Drops and merges elements.
    fn fold_elements(&mut self, switches: &Switches) {
        if switches.idle_elements {
            self.drop_idle();
        }
        if switches.identical_coverage {
            self.merge_identical();
        }
    }

    /// Drops elements that can't be covered or weigh nothing.
    fn drop_idle(&mut self) {
        let mut is_covered = vec![false; self.problem.weights.len()];
        self.problem.covers.iter().flatten().for_each(|&element| is_covered[element as usize] = true);
        let mut next = 0;
        let row = |(covered, weight): (bool, &Weight)| {
            let keep = covered && *weight > Weight::ZERO;
            next += u32::from(keep);
            if keep { next - 1 } else { u32::MAX }
        };
        let to: Vec<u32> = is_covered.into_iter().zip(&self.problem.weights).map(row).collect();
        self.renumber_elements("idle_elements", &to, next as usize);
    }

    /// Merges elements with the same covering set.
    fn merge_identical(&mut self) {
        let to = classes(&self.problem);
        let count = to.iter().max().map_or(0, |&last| last as usize + 1);
        self.renumber_elements("identical_coverage", &to, count);
    }

    /// Gives elements new ids, the same for several to merge them, the largest id to drop them. New ids ascend with the first element.
    fn renumber_elements(&mut self, name: &'static str, to: &[u32], count: usize) {
        let before = to.len();
        self.log.push(Reduction { name, counts: "elements", before: before as u64, after: count as u64 });
        if count == before {
            return;
        }
        let mut weights = vec![Weight::ZERO; count];
        let mut leads = vec![false; before];
        let mut seen = 0;
        for (element, &class) in to.iter().enumerate().filter(|(_, class)| **class != u32::MAX) {
            weights[class as usize] += self.problem.weights[element];
            leads[element] = class == seen;
            seen = seen.max(class + 1);
        }
        let pairs = self.problem.covers.pairs();
        let covers: Rows = {
            let mut rows = Rows::with_capacity(self.problem.covers.len(), pairs.min(pairs * count / before + before));
            for row in self.problem.covers.iter() {
                rows.push(row.iter().filter(|e| leads[**e as usize]).map(|&e| to[e as usize]));
            }
            rows
        };
        self.log.push(Reduction { name, counts: "pairs", before: pairs as u64, after: covers.pairs() as u64 });
        self.problem.weights = weights;
        self.problem.covers = covers;
    }

    /// Keeps some options.
    fn keep_options(&mut self, name: &'static str, keep: &[bool]) {
        let count = keep.iter().filter(|keep| **keep).count();
        self.log.push(Reduction { name, counts: "options", before: keep.len() as u64, after: count as u64 });
        if count == keep.len() {
            return;
        }
        let mut to = vec![u32::MAX; keep.len()];
        let mut next = 0;
        for option in (0..keep.len()).filter(|&option| keep[option]) {
            to[option] = next;
            next += 1;
        }
        let is_kept = |option: u32| keep[option as usize];
        let old = &self.problem;
        let limit = |limit: &Limit| Limit {
            amounts: limit.amounts.iter().filter(|(o, _)| is_kept(*o)).map(|&(o, amount)| (to[o as usize], amount)).collect(),
            at_most: limit.at_most,
        };
        let minimum = |minimum: &Minimum| Minimum {
            options: minimum.options.iter().filter(|o| is_kept(**o)).map(|&o| to[o as usize]).collect(),
            at_least: minimum.at_least,
        };
        let kept = || (0..keep.len()).filter(|&option| keep[option]);
        self.problem = SitingProblem {
            places: kept().map(|option| old.places[option]).collect(),
            covers: kept().map(|option| old.covers.row(option).iter().copied()).collect(),
            limits: old.limits.iter().map(limit).collect(),
            minima: old.minima.iter().map(minimum).collect(),
            conflicts: old.conflicts.clone(),
            weights: old.weights.clone(),
        };
        self.options = kept().map(|option| self.options[option]).collect();
    }
}

/// Options that may open and would be of use.
fn useful(problem: &SitingProblem) -> Vec<bool> {
    let mut keep: Vec<bool> = problem.covers.iter().map(|row| !row.is_empty()).collect();
    for &option in problem.minima.iter().flat_map(|minimum| &minimum.options) {
        keep[option as usize] = true;
    }
    for limit in &problem.limits {
        for &(option, _) in limit.amounts.iter().filter(|(_, amount)| *amount > limit.at_most) {
            keep[option as usize] = false;
        }
    }
    keep
}

/// The class of each element, numbered by first members; elements of a class have the same covering set.
fn classes(problem: &SitingProblem) -> Vec<u32> {
    let elements = problem.weights.len();
    let mut sums = vec![0u128; elements];
    for (option, row) in problem.covers.iter().enumerate() {
        let key = key(option as u64);
        for &element in row {
            let sum = &mut sums[element as usize];
            *sum = sum.wrapping_add(key);
        }
    }
    let mut first = HashMap::with_capacity(elements);
    let mut sizes: Vec<u32> = Vec::new();
    let mut class = Vec::with_capacity(elements);
    for &sum in &sums {
        let row = *first.entry(sum).or_insert(sizes.len() as u32);
        if row as usize == sizes.len() {
            sizes.push(0);
        }
        sizes[row as usize] += 1;
        class.push(row);
    }
    if sizes.len() == elements || are_proved(problem, &class, &sizes) { class } else { (0..elements as u32).collect() }
}

/// Whether each option covers all of a class or nothing of it.
fn are_proved(problem: &SitingProblem, class: &[u32], sizes: &[u32]) -> bool {
    let mut counts = vec![0u32; sizes.len()];
    problem.covers.iter().all(|row| {
        row.iter().for_each(|&element| counts[class[element as usize] as usize] += 1);
        let is_whole = |&element: &u32| {
            let row = class[element as usize] as usize;
            counts[row] == sizes[row]
        };
        let proved = row.iter().all(is_whole);
        row.iter().for_each(|&element| counts[class[element as usize] as usize] = 0);
        proved
    })
}

/// A random number that belongs to an id (two rounds of SplitMix64, Steele, Lea & Flood 2014).
fn key(id: u64) -> u128 {
    let mix = |seed: u64| {
        let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    };
    u128::from(mix(2 * id)) << 64 | u128::from(mix(2 * id + 1))
}

/// Options that no other can stand in for, and whether all were tested.
fn undominated(problem: &SitingProblem) -> (Vec<bool>, bool) {
    let kernel = Kernel::new(problem);
    let mut keep = vec![true; kernel.options()];
    let cap = DOMINANCE_WORK * problem.covers.pairs() as u64;
    let mut work = 0;
    for option in (0..kernel.options()).rev().filter(|&option| kernel.serves.row(option).is_empty()) {
        let row = kernel.covers(option);
        let Some(&rarest) = row.iter().min_by_key(|e| kernel.coverers.row(**e as usize).len()) else {
            keep[option] = false;
            continue;
        };
        work += row.len() as u64;
        for &other in kernel.coverers.row(rarest as usize) {
            let other = other as usize;
            if other == option || !keep[other] || kernel.covers(other).len() < row.len() {
                continue;
            }
            if work > cap {
                return (keep, false);
            }
            if is_within(row, kernel.covers(other), &mut work) && may_stand_in(&kernel, other, option) {
                keep[option] = false;
                break;
            }
        }
    }
    (keep, true)
}

/// Whether ascending ids are among other ascending ids.
fn is_within(ids: &[u32], others: &[u32], work: &mut u64) -> bool {
    let mut rest = others;
    for &id in ids {
        *work += 1;
        let mut reach = 1;
        while reach < rest.len() && rest[reach] < id {
            reach *= 2;
        }
        let at = reach / 2 + rest[reach / 2..rest.len().min(reach + 1)].partition_point(|&other| other < id);
        if rest.get(at) != Some(&id) {
            return false;
        }
        rest = &rest[at + 1..];
    }
    true
}

/// Whether in every allowed choice that opens `option` without `other`, `other` may open in its place.
fn may_stand_in(kernel: &Kernel<'_>, other: usize, option: usize) -> bool {
    let amount = |limit: u32| kernel.uses[option].iter().find(|(row, _)| *row == limit).map_or(0, |&(_, amount)| amount);
    let rivals = kernel.rivals.row(option);
    kernel.uses[other].iter().all(|&(limit, used)| used <= amount(limit))
        && kernel.rivals.row(other).iter().all(|rival| *rival as usize == option || rivals.binary_search(rival).is_ok())
}

/// Groups of options tied by elements, places, conflicts or minima.
fn components(problem: &SitingProblem) -> Rows {
    let mut parents: Vec<u32> = (0..problem.options() as u32).collect();
    let places = problem.places.iter().map(|&place| place as usize + 1).max().unwrap_or(0);
    let mut by_element = vec![u32::MAX; problem.weights.len()];
    let mut by_place = vec![u32::MAX; places];
    for (option, row) in problem.covers.iter().enumerate() {
        for &element in row {
            tie(&mut parents, &mut by_element[element as usize], option as u32);
        }
        tie(&mut parents, &mut by_place[problem.places[option] as usize], option as u32);
    }
    for &(a, b) in problem.conflicts.iter().filter(|(a, b)| (*a.max(b) as usize) < places) {
        let mut first = by_place[a as usize];
        if first != u32::MAX && by_place[b as usize] != u32::MAX {
            tie(&mut parents, &mut first, by_place[b as usize]);
        }
    }
    for minimum in &problem.minima {
        let mut first = u32::MAX;
        minimum.options.iter().for_each(|&option| tie(&mut parents, &mut first, option));
    }
    let mut group = vec![u32::MAX; parents.len()];
    let mut groups: Vec<Vec<u32>> = Vec::new();
    for option in 0..parents.len() as u32 {
        let root = root(&mut parents, option) as usize;
        if group[root] == u32::MAX {
            group[root] = groups.len() as u32;
            groups.push(Vec::new());
        }
        groups[group[root] as usize].push(option);
    }
    groups.into_iter().collect()
}

/// Puts an option into the group of the first one, or makes it the first.
fn tie(parents: &mut [u32], first: &mut u32, option: u32) {
    if *first == u32::MAX {
        *first = option;
        return;
    }
    let (a, b) = (root(parents, *first), root(parents, option));
    parents[a.max(b) as usize] = a.min(b);
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
    use crate::siting::samples::{any_problem, enumerate};
    use proptest::prelude::*;

    #[test]
    fn an_example_by_hand() {
        // Elements 0 and 2 have the same coverers; 3 weighs nothing; 4 can't be covered; option 1 is within option 0.
        let covers: Rows = [vec![0, 1, 2], vec![0, 2], vec![1, 3], vec![3]].into_iter().collect();
        let weights = [5, 7, 11, 0, 13].map(Weight::from_milli).to_vec();
        let reduced = reduce(&SitingProblem::mclp(weights, covers, 2), &Switches::default());
        assert_eq!(reduced.options, [0]);
        assert_eq!(reduced.problem.weights, [Weight::from_milli(23)]);
        assert_eq!(reduced.restore(&[0]), [0]);
        assert_eq!(reduced.translate(&[0, 1]), [0]);
        assert!(reduced.log.contains(&Reduction { name: "idle_elements", counts: "elements", before: 5, after: 3 }));
    }

    #[test]
    fn groups_are_tied_by_elements_places_and_minima() {
        let covers: Rows = [vec![0], vec![0, 1], vec![2], vec![3], vec![4]].into_iter().collect();
        let mut problem = SitingProblem::mclp(vec![Weight::from_milli(1); 5], covers, 2);
        let groups = |problem: &SitingProblem| {
            reduce(problem, &Switches::NONE).components().iter().map(<[u32]>::to_vec).collect::<Vec<_>>()
        };
        assert_eq!(groups(&problem), [vec![0, 1], vec![2], vec![3], vec![4]]);
        problem.conflicts = vec![(1, 4)];
        problem.minima = vec![Minimum { options: vec![2, 3], at_least: 1 }];
        assert_eq!(groups(&problem), [vec![0, 1, 4], vec![2, 3]]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn the_optimum_stays(problem in any_problem(), on in prop::array::uniform4(any::<bool>())) {
            let [useless_options, idle_elements, identical_coverage, dominated_options] = on;
            let switches = Switches { useless_options, idle_elements, identical_coverage, dominated_options };
            for switches in [switches, Switches::default()] {
                let reduced = reduce(&problem, &switches);
                let optimum = enumerate(&problem);
                let left = enumerate(&reduced.problem);
                prop_assert_eq!(optimum.as_ref().map(|o| o.0), left.as_ref().map(|o| o.0));
                if let Some((value, chosen)) = left {
                    let chosen = reduced.restore(&chosen);
                    prop_assert!(crate::siting::check::feasible(&problem, &chosen).is_ok());
                    prop_assert_eq!(crate::siting::check::covered(&problem, &chosen), value);
                }
            }
        }
    }
}
