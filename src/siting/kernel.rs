//! A siting problem laid out for search: coverage both ways, and the rules by option.

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
    let mut near = vec![Vec::new(); places];
    for &(a, b) in problem.conflicts.iter().filter(|&&(a, b)| (a.max(b) as usize) < places) {
        near[a as usize].push(b);
        near[b as usize].push(a);
    }
    let of = |(option, &place): (usize, &u32)| -> Vec<u32> {
        let around = near[place as usize].iter().chain(std::iter::once(&place));
        let mut all: Vec<u32> = around.flat_map(|&p| at[p as usize].iter().copied()).filter(|&o| o as usize != option).collect();
        all.sort_unstable();
        all
    };
    problem.places.iter().enumerate().map(of).collect()
}
