//! Windows: the options around a centre are decided anew, exactly, while the rest is held (a large neighbourhood searched by MIP).
//!
//! What: from a feasible choice to a better one, or none. Steps: free the options nearest to the centre (steps of overlapping
//! coverage; within a step those that share the most weight with the options before), hold the others, merge what is not settled
//! into classes by free coverers, and solve that program (`residual`) from the current choice with few nodes.
//! Complexity: the neighbourhood costs `O(size · cover · coverers)`, the program a few ms to a second.
//! Determinism: no clock; limits are counted in nodes, ties go to the lower index.

use std::collections::{BTreeMap, BTreeSet};

use super::compact::WITHIN_A_UNIT;
use super::residual::Residual;
use crate::siting::check;
use crate::siting::kernel::Kernel;
use crate::siting::mip::{Program, Stop};

/// The `size` options nearest to `centre`, itself among them, ascending: fewer when no more overlap.
pub fn around(kernel: &Kernel, centre: usize, size: usize) -> Vec<u32> {
    let mut is_seen = vec![false; kernel.weights.len()];
    let mut inside = BTreeSet::from([centre as u32]);
    let mut step = vec![centre as u32];
    while !step.is_empty() && inside.len() < size {
        let mut shared: BTreeMap<u32, u64> = BTreeMap::new();
        for &option in &step {
            for &element in kernel.covers(option as usize) {
                if !std::mem::replace(&mut is_seen[element as usize], true) {
                    for &other in kernel.coverers.row(element as usize) {
                        *shared.entry(other).or_insert(0) += kernel.weights[element as usize];
                    }
                }
            }
        }
        let mut next: Vec<(u32, u64)> = shared.into_iter().filter(|(option, _)| !inside.contains(option)).collect();
        next.sort_by_key(|&(option, weight)| (std::cmp::Reverse(weight), option));
        next.truncate(size - inside.len());
        step = next.into_iter().map(|(option, _)| option).collect();
        inside.extend(&step);
    }
    inside.into_iter().collect()
}

/// The best choice that differs from `chosen`, a feasible one, only among the `size` options around `centre`, when `nodes` nodes find
/// one that covers more. `None` when not, or without a solver.
pub fn improve(kernel: &Kernel, chosen: &[usize], centre: usize, size: usize, nodes: u64) -> Option<Vec<usize>> {
    let free = around(kernel, centre, size);
    let held: Vec<usize> = chosen.iter().copied().filter(|&option| free.binary_search(&(option as u32)).is_err()).collect();
    let residual = Residual::new(kernel, &free, &held);
    let stop = Stop { nodes: Some(nodes), absolute_gap: WITHIN_A_UNIT, ..Stop::default() };
    let solved = residual.program.solve(&stop, Some(&residual.values(chosen)))?;
    let mut better = residual.opened(&solved.values);
    better.extend(&held);
    better.sort_unstable();
    let gains = check::covered(kernel.problem, &better) > check::covered(kernel.problem, chosen);
    (gains && check::feasible(kernel.problem, &better).is_ok()).then_some(better)
}
