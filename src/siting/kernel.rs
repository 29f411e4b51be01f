//! A siting problem laid out for search: coverage both ways, and the rules by option.

use std::collections::{BTreeMap, BTreeSet};

use super::problem::{Rows, SitingProblem};

/// A problem with everything that searches look up again and again. Built in `O(pairs + options + rivals)`.
#[derive(Debug)]
pub struct Kernel<'a> {
    /// The problem.
    pub problem: &'a SitingProblem,
    /// Weight of each element, in thousandths.
    pub weights: Vec<u64>,
    /// The options that cover each element, ascending.
    pub coverers: Rows,
    /// The options that may not open beside each option (its own place, places too close), ascending, itself not among them.
    pub rivals: Rows,
    /// For each option its (limit, amount), ascending by limit.
    pub uses: Vec<Vec<(u32, u64)>>,
    /// For each option the minima it counts for, ascending.
    pub serves: Rows,
    /// The class of each option: options of one class use the same of every limit and count for the same minima.
    pub classes: Vec<u32>,
    /// An option of each class.
    pub samples: Vec<u32>,
    /// p, when the only rule is "at most p of all options": the plain maximal covering problem.
    pub plain: Option<usize>,
}

impl<'a> Kernel<'a> {
    /// Lays out a problem.
    pub fn new(problem: &'a SitingProblem) -> Self {
        let options = problem.options();
        let mut uses = vec![Vec::new(); options];
        for (row, limit) in problem.limits.iter().enumerate() {
            for &(option, amount) in limit.amounts.iter().filter(|(_, amount)| *amount > 0) {
                uses[option as usize].push((row as u32, amount));
            }
        }
        let serves: Rows = problem.minima.iter().map(|minimum| minimum.options.iter().copied()).collect();
        let serves = serves.transposed(options);
        let mut known = BTreeMap::new();
        let mut class = |option: usize| {
            let next = known.len() as u32;
            *known.entry((uses[option].as_slice(), serves.row(option))).or_insert(next)
        };
        let classes: Vec<u32> = (0..options).map(&mut class).collect();
        let mut samples = vec![0; classes.iter().max().map_or(0, |&last| last as usize + 1)];
        (0..options).for_each(|option| samples[classes[option] as usize] = option as u32);
        let rivals = rivals(problem);
        let plain = is_plain(problem).then(|| problem.limits[0].at_most as usize);
        Self {
            problem,
            weights: problem.weights.iter().map(|weight| weight.milli()).collect(),
            coverers: problem.covers.transposed(problem.weights.len()),
            rivals,
            uses,
            serves,
            classes,
            samples,
            plain,
        }
    }

    /// The elements that an option covers.
    #[inline]
    pub fn covers(&self, option: usize) -> &[u32] {
        self.problem.covers.row(option)
    }

    /// Number of options.
    pub fn options(&self) -> usize {
        self.problem.options()
    }
}

/// Whether the only rule is the number of options to open.
pub(super) fn is_plain(problem: &SitingProblem) -> bool {
    let [limit] = problem.limits.as_slice() else { return false };
    let counts_all = limit.amounts.len() == problem.options() && limit.amounts.iter().all(|&(_, amount)| amount == 1);
    let mut places = problem.places.clone();
    places.sort_unstable();
    counts_all && problem.minima.is_empty() && problem.conflicts.iter().all(|(a, b)| a == b) && places.is_sorted_by(|a, b| a < b)
}

/// For each option the others of its place and of the places too close to it.
fn rivals(problem: &SitingProblem) -> Rows {
    let places = problem.places.iter().map(|&place| place as usize + 1).max().unwrap_or(0);
    let mut at = vec![Vec::new(); places];
    for (option, &place) in problem.places.iter().enumerate() {
        at[place as usize].push(option as u32);
    }
    let near = near(&problem.conflicts, places);
    let of = |(option, &place): (usize, &u32)| -> Vec<u32> {
        let around = near.row(place as usize).iter().chain(std::iter::once(&place));
        let mut all: Vec<u32> = around.flat_map(|&p| at[p as usize].iter().copied()).filter(|&o| o as usize != option).collect();
        all.sort_unstable();
        all
    };
    problem.places.iter().enumerate().map(of).collect()
}

/// For each place those too close to it, ascending; pairs with a place that isn't there don't count.
pub(super) fn near(conflicts: &[(u32, u32)], places: usize) -> Rows {
    let mut near = vec![Vec::new(); places];
    for &(a, b) in conflicts.iter().filter(|&&(a, b)| a != b && (a.max(b) as usize) < places) {
        near[a as usize].push(b);
        near[b as usize].push(a);
    }
    near.iter_mut().for_each(|row| row.sort_unstable());
    near.into_iter().collect()
}

/// Cliques of a graph that together hold every edge, from the ascending neighbours of each node: edges in order, each grown
/// greedily as far as it goes, so they are the same everywhere.
pub(super) fn cliques(near: &Rows) -> Vec<Vec<u32>> {
    let are_near = |a: u32, b: u32| near.row(a as usize).binary_search(&b).is_ok();
    let mut is_held = BTreeSet::new();
    let mut cliques = Vec::new();
    for (first, neighbours) in (0u32..).zip(near.iter()) {
        for &second in neighbours.iter().filter(|&&other| other > first) {
            if is_held.contains(&(first, second)) {
                continue;
            }
            let mut clique = vec![first, second];
            for &other in neighbours {
                if other != second && clique.iter().all(|&member| are_near(member, other)) {
                    clique.push(other);
                }
            }
            clique.sort_unstable();
            for (at, &a) in clique.iter().enumerate() {
                is_held.extend(clique[at + 1..].iter().map(|&b| (a, b)));
            }
            cliques.push(clique);
        }
    }
    cliques
}

/// Greatest common divisor of some weights, at least 1: every sum of them is a multiple of it.
pub(super) fn unit_of(weights: impl IntoIterator<Item = u64>) -> u64 {
    fn gcd(a: u64, b: u64) -> u64 {
        if b == 0 { a } else { gcd(b, a % b) }
    }
    weights.into_iter().fold(0, gcd).max(1)
}
