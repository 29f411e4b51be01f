//! An upper bound on what any choice can cover: Lagrangian relaxation of `yₑ ≤ Σ xₒ`.
//!
//! For any multipliers `0 ≤ uₑ ≤ wₑ`: `L(u) = Σ (wₑ − uₑ) + Σ_k (sum of the b_k largest Σ_{e ∈ o} uₑ among options of kind k)` is
//! never below the optimum (one kind a place and spacing are relaxed too, which only raises it). Multipliers are integers, so the
//! bound is exact arithmetic, not rounding. Subgradient steps after Polyak with the known objective as target (Held, Wolfe,
//! Crowder 1974); the smallest value seen counts. `O(pairs)` a round. The total weight is the first bound.

use super::problem::SitingProblem;
use crate::progress::Progress;
use crate::quantity::Weight;

/// The least bound found in `rounds` rounds; stops early when it meets `objective`.
pub fn lagrangian(problem: &SitingProblem, objective: Weight, rounds: u32, progress: &dyn Progress) -> Weight {
    let elements = coverable(problem);
    let mut multipliers: Vec<u64> = start(problem, &elements);
    let mut best = elements.iter().map(|&e| problem.weight(e).milli()).sum::<u64>();
    let (mut pace, mut since_better) = (1.0f64, 0);
    for _ in 0..rounds {
        let (value, surplus) = evaluate(problem, &elements, &multipliers);
        progress.advance(1);
        if value < best {
            (best, since_better) = (value, 0);
        } else {
            since_better += 1;
            if since_better >= 20 {
                (pace, since_better) = (pace / 2.0, 0);
            }
        }
        if best <= objective.milli() {
            break;
        }
        step(problem, &elements, &mut multipliers, &surplus, pace, value.saturating_sub(objective.milli()));
    }
    let unit = elements.iter().map(|&e| problem.weight(e).milli()).fold(0, gcd).max(1);
    Weight::from_milli((best / unit * unit).max(objective.milli()))
}

/// Greatest common divisor: every coverage is a multiple of that of the weights, so the bound may be rounded down to one.
fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Elements with weight that some option covers.
fn coverable(problem: &SitingProblem) -> Vec<u32> {
    let mut covered = vec![false; problem.weights.len()];
    for option in problem.covers.iter() {
        for &element in option {
            covered[element as usize] = true;
        }
    }
    (0..problem.weights.len() as u32).filter(|&e| covered[e as usize] && problem.weight(e) > Weight::ZERO).collect()
}

/// First multipliers: half of each weight.
fn start(problem: &SitingProblem, elements: &[u32]) -> Vec<u64> {
    let mut multipliers = vec![0; problem.weights.len()];
    for &element in elements {
        multipliers[element as usize] = problem.weight(element).milli() / 2;
    }
    multipliers
}

/// `L(u)`, and for each element how often the relaxed choice covers it minus whether `y` counts it.
fn evaluate(problem: &SitingProblem, elements: &[u32], multipliers: &[u64]) -> (u64, Vec<i32>) {
    let mut surplus = vec![0i32; problem.weights.len()];
    let mut value = 0;
    for &element in elements {
        let (weight, multiplier) = (problem.weight(element).milli(), multipliers[element as usize]);
        value += weight - multiplier;
        surplus[element as usize] = if multiplier < weight { -1 } else { 0 };
    }
    for limit in &problem.limits {
        let options = limit.amounts.iter().map(|&(option, _)| option as usize);
        let mut worth: Vec<(u64, usize)> =
            options.map(|o| (problem.covers.row(o).iter().map(|&e| multipliers[e as usize]).sum(), o)).collect();
        worth.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        for &(sum, row) in worth.iter().take(limit.at_most as usize) {
            value += sum;
            for &element in problem.covers.row(row) {
                surplus[element as usize] += 1;
            }
        }
    }
    (value, surplus)
}

/// Moves against the subgradient by a Polyak step and stays within `0 ≤ u ≤ w`.
fn step(problem: &SitingProblem, elements: &[u32], multipliers: &mut [u64], surplus: &[i32], pace: f64, above: u64) {
    let norm: f64 = elements.iter().map(|&e| f64::from(surplus[e as usize]).powi(2)).sum();
    if norm == 0.0 {
        return;
    }
    let length = pace * above as f64 / norm;
    for &element in elements {
        let moved = multipliers[element as usize] as f64 - length * f64::from(surplus[element as usize]);
        let most = problem.weight(element).milli();
        multipliers[element as usize] = (moved.max(0.0).round() as u64).min(most);
    }
}
