//! A siting problem laid out for search: coverage both ways, and the rules by option.

use std::collections::BTreeSet;

use super::problem::{Limit, Rows, SitingProblem};

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
        let rivals = rivals(problem);
        let plain = match problem.limits.as_slice() {
            [limit] if problem.minima.is_empty() && rivals.pairs() == 0 && counts_all(limit, options) => {
                Some(limit.at_most as usize)
            }
            _ => None,
        };
        Self {
            problem,
            weights: problem.weights.iter().map(|weight| weight.milli()).collect(),
            coverers: problem.covers.transposed(problem.weights.len()),
            rivals,
            uses,
            serves: serves.transposed(options),
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

/// Whether a limit counts every option once.
fn counts_all(limit: &Limit, options: usize) -> bool {
    limit.amounts.len() == options && limit.amounts.iter().all(|&(_, amount)| amount == 1)
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
