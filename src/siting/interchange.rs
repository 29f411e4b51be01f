//! Interchange (Teitz & Bart 1968): swap a chosen option for another while that gains; and let two places trade their kinds.
//!
//! Each round takes the best swap of all (out, in) pairs that keep the rules. What `out` would take away is the weight only it
//! covers; what `in` would add then is its gain plus that part of the loss it covers itself. `O(chosen · pairs)` a round.
//! With budgets for several kinds, single swaps can't move a kind from one chosen place to another; trades do: `O(chosen² · pairs)`.
//! Stops at a choice that no swap and no trade improves; ties go to the lower options.

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
        let swap = best_swap(problem, &chosen, &mut times);
        let changes = match swap {
            Some(change) => vec![change],
            None => match first_trade(problem, &chosen, &mut times) {
                Some(trade) => trade.to_vec(),
                None => break,
            },
        };
        for (position, incoming) in changes {
            count(problem, chosen[position], &mut times, -1);
            count(problem, incoming, &mut times, 1);
            chosen[position] = incoming;
        }
    }
    chosen
}

/// The first trade of kinds between two chosen places that gains.
fn first_trade(problem: &SitingProblem, chosen: &[usize], times: &mut [u32]) -> Option<[(usize, usize); 2]> {
    let kind_of = |option: usize| problem.limits.iter().position(|l| l.amounts.iter().any(|&(o, _)| o as usize == option));
    let twin = |option: usize, kind: Option<usize>| {
        let place = problem.places[option];
        (0..problem.options()).find(|&o| problem.places[o] == place && kind_of(o) == kind)
    };
    for a in 0..chosen.len() {
        for b in a + 1..chosen.len() {
            let (kind_a, kind_b) = (kind_of(chosen[a]), kind_of(chosen[b]));
            if kind_a == kind_b {
                continue;
            }
            let Some((new_a, new_b)) = twin(chosen[a], kind_b).zip(twin(chosen[b], kind_a)) else { continue };
            let now = take(problem, chosen[a], times) + take(problem, chosen[b], times);
            let then = put(problem, new_a, times) + put(problem, new_b, times);
            let gains = then > now;
            take(problem, new_a, times);
            take(problem, new_b, times);
            put(problem, chosen[a], times);
            put(problem, chosen[b], times);
            if gains {
                return Some([(a, new_a), (b, new_b)]);
            }
        }
    }
    None
}

/// Takes an option out of the counts; returns the weight that is uncovered by that.
fn take(problem: &SitingProblem, option: usize, times: &mut [u32]) -> Weight {
    count(problem, option, times, -1);
    uncovered(problem, option, times)
}

/// Puts an option into the counts; returns the weight that it adds.
fn put(problem: &SitingProblem, option: usize, times: &mut [u32]) -> Weight {
    let adds = uncovered(problem, option, times);
    count(problem, option, times, 1);
    adds
}

/// Weight that an option covers and no counted one does.
fn uncovered(problem: &SitingProblem, option: usize, times: &[u32]) -> Weight {
    let open = problem.covers.row(option).iter().filter(|&&e| times[e as usize] == 0);
    open.map(|&e| problem.weight(e)).sum()
}

fn count(problem: &SitingProblem, option: usize, times: &mut [u32], by: i32) {
    for &element in problem.covers.row(option) {
        times[element as usize] = times[element as usize].wrapping_add_signed(by);
    }
}

/// The swap that gains most, if any gains.
fn best_swap(problem: &SitingProblem, chosen: &[usize], times: &mut [u32]) -> Option<(usize, usize)> {
    let mut best: Option<(Weight, usize, usize)> = None;
    for (position, &out) in chosen.iter().enumerate() {
        let rest: Vec<usize> = chosen.iter().copied().filter(|&o| o != out).collect();
        count(problem, out, times, -1);
        let loss = uncovered(problem, out, times);
        for incoming in (0..problem.options()).filter(|&o| o != out && problem.fits(&rest, o)) {
            let gain = uncovered(problem, incoming, times);
            if gain > loss && best.is_none_or(|(most, _, _)| gain - loss > most) {
                best = Some((gain - loss, position, incoming));
            }
        }
        count(problem, out, times, 1);
    }
    best.map(|(_, position, incoming)| (position, incoming))
}
