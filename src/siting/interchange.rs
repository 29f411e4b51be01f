//! Interchange (Teitz & Bart 1968): swap a chosen option for another while that gains.
//!
//! Each round takes the best swap of all (out, in) pairs that keep the rules. What `out` would take away is the weight only it
//! covers; what `in` would add then is its gain plus that part of the loss it covers itself. `O(chosen · pairs)` a round.
//! Stops at a choice that no single swap improves; ties go to the lower options.

use super::problem::SitingProblem;
use crate::quantity::Weight;

/// Rounds after which the search stops in any case; each round gains at least a thousandth of a visit, far fewer are needed.
const MOST_ROUNDS: usize = 10_000;

/// Improves a choice by single swaps.
pub fn improve(problem: &SitingProblem, mut chosen: Vec<usize>) -> Vec<usize> {
    let mut times = vec![0u32; problem.weights.len()];
    for &option in &chosen {
        count(problem, option, &mut times, 1);
    }
    for _ in 0..MOST_ROUNDS {
        let Some((position, incoming)) = best_swap(problem, &chosen, &mut times) else { break };
        count(problem, chosen[position], &mut times, -1);
        count(problem, incoming, &mut times, 1);
        chosen[position] = incoming;
    }
    chosen
}

fn count(problem: &SitingProblem, option: usize, times: &mut [u32], by: i32) {
    for &element in &problem.options[option].covers {
        times[element as usize] = times[element as usize].wrapping_add_signed(by);
    }
}

/// The swap that gains most, if any gains.
fn best_swap(problem: &SitingProblem, chosen: &[usize], times: &mut [u32]) -> Option<(usize, usize)> {
    let mut best: Option<(Weight, usize, usize)> = None;
    for (position, &out) in chosen.iter().enumerate() {
        let rest: Vec<usize> = chosen.iter().copied().filter(|&o| o != out).collect();
        count(problem, out, times, -1);
        let uncovered = |option: usize| -> Weight {
            let open = problem.options[option].covers.iter().filter(|&&e| times[e as usize] == 0);
            open.map(|&e| problem.weight(e)).sum()
        };
        let loss = uncovered(out);
        for incoming in (0..problem.options.len()).filter(|&o| o != out && problem.fits(&rest, o)) {
            let gain = uncovered(incoming);
            if gain > loss && best.is_none_or(|(most, _, _)| gain - loss > most) {
                best = Some((gain - loss, position, incoming));
            }
        }
        count(problem, out, times, 1);
    }
    best.map(|(_, position, incoming)| (position, incoming))
}
