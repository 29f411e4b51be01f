//! Greedy construction: the option with the largest gain, again and again.
//!
//! Guarantee: 1 − 1/e of the optimum with one budget (Nemhauser, Wolsey, Fisher 1978); several kinds, one kind a place and spacing
//! void it, the bound says what is left. Gains are kept exact by subtracting the weight of
//! each element once, when it is first covered: `O(pairs + options · chosen)`. Ties go to the lower option.

use super::problem::{Rows, SitingProblem};
use crate::quantity::Weight;

/// Gains of all options, kept exact while elements become covered.
#[derive(Debug, Clone)]
pub struct Gains {
    gain: Vec<Weight>,
    covered: Vec<bool>,
    coverers: Rows,
}

impl Gains {
    /// Gains when nothing is chosen.
    pub fn new(problem: &SitingProblem) -> Self {
        let coverers = problem.covers.transposed(problem.weights.len());
        let gain = problem.covers.iter().map(|row| row.iter().map(|&e| problem.weight(e)).sum()).collect();
        Self { gain, covered: vec![false; problem.weights.len()], coverers }
    }

    /// What an option would add now.
    pub fn of(&self, option: usize) -> Weight {
        self.gain[option]
    }

    /// Chooses an option.
    pub fn take(&mut self, problem: &SitingProblem, option: usize) {
        for &element in problem.covers.row(option) {
            if !std::mem::replace(&mut self.covered[element as usize], true) {
                for &other in self.coverers.row(element as usize) {
                    self.gain[other as usize] = self.gain[other as usize] - problem.weight(element);
                }
            }
        }
    }
}

/// Chooses greedily until no option fits or gains.
pub fn construct(problem: &SitingProblem) -> Vec<usize> {
    extend(problem, Vec::new())
}

/// Adds to a choice greedily until no option fits or gains.
pub fn extend(problem: &SitingProblem, mut chosen: Vec<usize>) -> Vec<usize> {
    let mut gains = Gains::new(problem);
    for &option in &chosen {
        gains.take(problem, option);
    }
    loop {
        let fitting = (0..problem.options()).filter(|&o| gains.of(o) > Weight::ZERO && problem.fits(&chosen, o));
        let Some(best) = fitting.max_by_key(|&o| (gains.of(o), std::cmp::Reverse(o))) else { return chosen };
        gains.take(problem, best);
        chosen.push(best);
    }
}

/// Puts chosen options into building order, the largest remaining gain first, with what each adds.
pub fn order(problem: &SitingProblem, chosen: &[usize]) -> Vec<(usize, Weight)> {
    let mut gains = Gains::new(problem);
    let mut left = chosen.to_vec();
    let mut ordered = Vec::with_capacity(left.len());
    while let Some(best) = (0..left.len()).max_by_key(|&i| (gains.of(left[i]), std::cmp::Reverse(left[i]))) {
        let option = left.swap_remove(best);
        ordered.push((option, gains.of(option)));
        gains.take(problem, option);
    }
    ordered
}
