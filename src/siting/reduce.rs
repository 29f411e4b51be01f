//! Exact reductions: a smaller problem with the same optimum.
//!
//! In this order (after Chen et al. 2023, EJOR 311(1):73-87), repeated while many options fall:
//! 1. options that alone use more than a limit has can't open; options that cover nothing and that no minimum counts needn't;
//! 2. elements that nothing can cover, or that weigh nothing, go;
//! 3. elements with the same covering set become one, and with it the singletons, so that an option has at most one element of its
//!    own: a 128-bit sum of random keys of the options finds the classes in one pass, a second one proves and folds them, nothing
//!    is sorted;
//! 4. an option goes when another covers all that it covers, uses no more of any limit, excludes nothing that it doesn't exclude,
//!    and no minimum counts it: then the other can stand in for it in every choice. Only options that share its rarest element
//!    are tested, up to a cap of work; what is not tested stays. An option that covers nothing any more goes too;
//! 5. where the number to open is the only rule, small components become tables (`components`).
//!
//! What reduced costs fix comes later, in the engine, and is logged with the rest. `O(pairs)` but for 4. Keys come from the ids of
//! options, so the result is the same everywhere.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::components::{Table, collapse};
use super::effort::{Reduction, Switches};
use super::kernel::{Kernel, is_plain};
use super::problem::{Limit, Minimum, Rows, SitingProblem};
use crate::quantity::Weight;
use crate::random::mix;

/// Work of the test for dominated options, in pairs looked at for each pair of the problem.
const DOMINANCE_WORK: u64 = 4;
/// Elements are folded again, and options tested again, when at least one option in so many fell.
const WORTH_REPEATING: usize = 50;

/// A reduced problem and the way back.
#[derive(Debug, Clone)]
pub struct Reduced {
    /// What is left; what a choice covers in it, it covers in the first problem.
    pub problem: SitingProblem,
    /// First id of each option that is left, ascending, but for those of tables, which come last.
    pub options: Vec<u32>,
    /// Components that became tables, `best` in first ids.
    tables: Vec<Table>,
    /// What each reduction did, in order.
    pub log: Vec<Reduction>,
}

impl Reduced {
    /// A choice in ids of the first problem.
    pub fn restore(&self, chosen: &[usize]) -> Vec<usize> {
        let own = chosen.iter().filter_map(|&option| self.options.get(option));
        let of_table = |table: &Table| {
            let count = chosen.iter().filter(|&&option| table.options.binary_search(&(option as u32)).is_ok()).count();
            table.best[count].clone()
        };
        own.copied().chain(self.tables.iter().flat_map(of_table)).map(|option| option as usize).collect()
    }
}

/// Reduces a problem.
pub fn reduce(problem: &SitingProblem, switches: &Switches) -> Reduced {
    let options = (0..problem.options() as u32).collect();
    let mut work = Work { problem: Cow::Borrowed(problem), options, tables: Vec::new(), log: Vec::new() };
    if switches.useless_options {
        let keep = useful(problem);
        work.keep_options("useless_options", &keep);
    }
    work.fold_elements(switches);
    let mut is_on = switches.dominated_options;
    while is_on {
        let (keep, is_whole) = undominated(&work.problem);
        let fallen = work.keep_options(if is_whole { "dominated_options" } else { "dominated_options_in_part" }, &keep);
        is_on = fallen * WORTH_REPEATING > keep.len();
        if is_on {
            work.fold_elements(switches);
        }
    }
    if switches.components {
        work.collapse_components();
    }
    Reduced { problem: work.problem.into_owned(), options: work.options, tables: work.tables, log: work.log }
}

/// A problem on its way down; not copied before something falls.
struct Work<'a> {
    problem: Cow<'a, SitingProblem>,
    options: Vec<u32>,
    tables: Vec<Table>,
    log: Vec<Reduction>,
}

impl Work<'_> {
    /// Drops and merges elements.
    fn fold_elements(&mut self, switches: &Switches) {
        let before = self.problem.weights.len();
        let (sums, degrees) = sums(&self.problem);
        let is_idle = |element: usize| degrees[element] == 0 || self.problem.weights[element] == Weight::ZERO;
        let live: Vec<bool> = (0..before).map(|element| !switches.idle_elements || !is_idle(element)).collect();
        let left = live.iter().filter(|live| **live).count();
        let merges = |degree: u32| if degree == 1 { switches.singletons } else { switches.identical_coverage };
        let classes = Classes::identical(&sums, &degrees, &live, merges);
        let alone = |ids: &mut dyn Iterator<Item = usize>| ids.filter(|&element| degrees[element] == 1).count();
        let singletons = alone(&mut (0..before).filter(|&element| live[element]));
        let merged = singletons - alone(&mut classes.leads.iter().map(|&lead| lead as usize));
        let folded = fold(&self.problem, &classes, &degrees)
            .or_else(|| (left < before).then(|| fold(&self.problem, &Classes::own(&live), &degrees)).flatten());
        let (count, pairs) = folded.as_ref().map_or((before, self.problem.covers.pairs()), |f| (f.0.len(), f.1.pairs()));
        let merged = if count == classes.leads.len() { merged } else { 0 };
        let mut log = |name, counts, before: usize, after: usize| {
            self.log.push(Reduction { name, counts, before: before as u64, after: after as u64 });
        };
        if switches.idle_elements {
            log("idle_elements", "elements", before, left);
        }
        if switches.singletons {
            log("singletons", "elements", left, left - merged);
        }
        if switches.identical_coverage {
            log("identical_coverage", "elements", left - merged, count);
            log("identical_coverage", "pairs", self.problem.covers.pairs(), pairs);
        }
        if let Some((weights, covers)) = folded {
            let old = &self.problem;
            self.problem = Cow::Owned(SitingProblem {
                weights,
                covers,
                places: old.places.clone(),
                limits: old.limits.clone(),
                minima: old.minima.clone(),
                conflicts: old.conflicts.clone(),
            });
        }
    }

    /// Puts tables in the place of small components, where the number to open is the only rule.
    fn collapse_components(&mut self) {
        let Some(collapsed) = is_plain(&self.problem).then(|| collapse(&self.problem)).flatten() else { return };
        let (before, after) = (self.problem.covers.pairs() as u64, collapsed.problem.covers.pairs() as u64);
        self.log.push(Reduction { name: "components", counts: "pairs", before, after });
        let first = |option: u32| self.options[option as usize];
        let tables = collapsed.tables.into_iter().map(|table| Table {
            options: table.options,
            best: table.best.into_iter().map(|options| options.into_iter().map(first).collect()).collect(),
        });
        self.tables = tables.collect();
        self.options = collapsed.options.into_iter().map(first).collect();
        self.problem = Cow::Owned(collapsed.problem);
    }

    /// Keeps some options; gives how many fall.
    fn keep_options(&mut self, name: &'static str, keep: &[bool]) -> usize {
        let count = keep.iter().filter(|keep| **keep).count();
        self.log.push(Reduction { name, counts: "options", before: keep.len() as u64, after: count as u64 });
        if count == keep.len() {
            return 0;
        }
        let mut to = vec![u32::MAX; keep.len()];
        for (next, option) in (0..keep.len()).filter(|&option| keep[option]).enumerate() {
            to[option] = next as u32;
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
        self.problem = Cow::Owned(SitingProblem {
            places: kept().map(|option| old.places[option]).collect(),
            covers: kept().map(|option| old.covers.row(option).iter().copied()).collect(),
            limits: old.limits.iter().map(limit).collect(),
            minima: old.minima.iter().map(minimum).collect(),
            conflicts: old.conflicts.clone(),
            weights: old.weights.clone(),
        });
        self.options = kept().map(|option| self.options[option]).collect();
        keep.len() - count
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

/// For each element the sum of the keys of the options that cover it, and how many they are.
fn sums(problem: &SitingProblem) -> (Vec<u128>, Vec<u32>) {
    let mut sums = vec![0u128; problem.weights.len()];
    let mut degrees = vec![0u32; problem.weights.len()];
    for (option, row) in problem.covers.iter().enumerate() {
        let key = key(option as u64);
        for &element in row {
            let element = element as usize;
            sums[element] = sums[element].wrapping_add(key);
            degrees[element] += 1;
        }
    }
    (sums, degrees)
}

/// Classes of elements, numbered by their first members.
struct Classes {
    /// The class of each element; [`GONE`] for those that go.
    of: Vec<u32>,
    /// The first element of each class.
    leads: Vec<u32>,
}

/// The class of an element that goes.
const GONE: u32 = u32::MAX;

impl Classes {
    /// Each live element for itself.
    fn own(live: &[bool]) -> Self {
        let mut classes = Self { of: vec![GONE; live.len()], leads: Vec::new() };
        for element in (0..live.len()).filter(|&element| live[element]) {
            classes.of[element] = classes.leads.len() as u32;
            classes.leads.push(element as u32);
        }
        classes
    }

    /// Live elements with the same sums and degrees together, where elements of that degree merge.
    fn identical(sums: &[u128], degrees: &[u32], live: &[bool], merges: impl Fn(u32) -> bool) -> Self {
        let mut first = HashMap::with_capacity_and_hasher(sums.len(), BuildHasherDefault::<LowBits>::default());
        let mut classes = Self { of: vec![GONE; live.len()], leads: Vec::new() };
        for element in (0..live.len()).filter(|&element| live[element]) {
            let next = classes.leads.len() as u32;
            let class = if merges(degrees[element]) { *first.entry(sums[element]).or_insert(next) } else { next };
            if class == next {
                classes.leads.push(element as u32);
            } else if degrees[classes.leads[class as usize] as usize] != degrees[element] {
                return Self::own(live);
            }
            classes.of[element] = class;
        }
        classes
    }
}

/// Weights and coverage by class; none when nothing changes, or when members of a class differ in their coverers.
///
/// Proof of a class on the way: every option that covers a member covers its lead (which comes before it in the row), and as many
/// options cover the one as the other, so they are the same.
fn fold(problem: &SitingProblem, classes: &Classes, degrees: &[u32]) -> Option<(Vec<Weight>, Rows)> {
    let (before, count) = (problem.weights.len(), classes.leads.len());
    if count == before {
        return None;
    }
    let mut weights = vec![Weight::ZERO; count];
    for (element, &class) in classes.of.iter().enumerate().filter(|(_, class)| **class != GONE) {
        weights[class as usize] += problem.weights[element];
    }
    let pairs = classes.leads.iter().map(|&lead| degrees[lead as usize] as usize).sum();
    let mut covers = Rows::with_capacity(problem.covers.len(), pairs);
    let mut last = vec![u32::MAX; count];
    for (option, row) in (0u32..).zip(problem.covers.iter()) {
        let mut is_proved = true;
        covers.push(row.iter().filter_map(|&element| {
            let class = classes.of[element as usize];
            if class == GONE || last[class as usize] == option {
                return None;
            }
            is_proved &= classes.leads[class as usize] == element;
            last[class as usize] = option;
            Some(class)
        }));
        if !is_proved {
            return None;
        }
    }
    Some((weights, covers))
}

/// Hashes what is random already: a sum of keys by its low half.
#[derive(Default)]
struct LowBits(u64);

impl Hasher for LowBits {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.0 = self.0.rotate_left(8) ^ u64::from(byte));
    }

    fn write_u128(&mut self, sum: u128) {
        self.0 = sum as u64;
    }
}

/// A random number that belongs to an id (two rounds of SplitMix64, Steele, Lea & Flood 2014).
fn key(id: u64) -> u128 {
    let mix = |seed: u64| mix(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x9E37_79B9_7F4A_7C15));
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
        assert!(reduced.log.contains(&Reduction { name: "idle_elements", counts: "elements", before: 5, after: 3 }));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn the_optimum_stays(problem in any_problem(), on in prop::array::uniform6(any::<bool>())) {
            let [useless_options, idle_elements, singletons, identical_coverage, dominated_options, components] = on;
            let reduced_costs = true;
            let switches = Switches {
                useless_options, idle_elements, singletons, identical_coverage, dominated_options, components, reduced_costs,
            };
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
