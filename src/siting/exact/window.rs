//! Windows: the options around a centre are decided anew, exactly, while the rest is held (large neighbourhood search by MIP).
//!
//! What: from a feasible choice to a better one, or none. Steps: free the options nearest to the centre (steps of overlapping
//! coverage; within a step those that share the most weight with the options before), hold the others, merge what is not settled
//! into classes by free coverers, and solve that program (`residual`) from the current choice with few nodes.
//! Complexity: the neighbourhood costs `O(size · cover · coverers)`, the program 10 to 100 ms for 80 to 250 options (Manhattan's
//! census blocks). When not to use it: on a poor choice, where a window can take seconds; search first, then polish with windows.
//! Determinism: no clock; limits are counted in nodes, ties go to the lower index.

use std::collections::{BTreeMap, BTreeSet};

use super::compact::WITHIN_A_UNIT;
use super::residual::Residual;
use crate::siting::check;
use crate::siting::kernel::Kernel;
use crate::siting::mip::Stop;

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

/// The best choice that differs from `chosen`, a feasible one, only among the `size` options around `centre`, when `nodes` nodes
/// find one that covers more. `None` when not, or without a solver.
pub fn improve(kernel: &Kernel, chosen: &[usize], centre: usize, size: usize, nodes: u64) -> Option<Vec<usize>> {
    improve_among(kernel, chosen, &around(kernel, centre, size), nodes)
}

/// The same among any options, ascending, such as those that a bound can't rule out. `None` too when they are too many to solve.
pub fn improve_among(kernel: &Kernel, chosen: &[usize], free: &[u32], nodes: u64) -> Option<Vec<usize>> {
    let held: Vec<usize> = chosen.iter().copied().filter(|&option| free.binary_search(&(option as u32)).is_err()).collect();
    let residual = Residual::new(kernel, free, &held);
    if residual.program.terms() > MOST_TERMS {
        return None;
    }
    let stop = Stop { nodes: Some(nodes), absolute_gap: WITHIN_A_UNIT, ..Stop::default() };
    let solved = residual.program.solve(&stop, Some(&residual.values(chosen)))?;
    let mut better = residual.opened(&solved.values);
    better.extend(&held);
    better.sort_unstable();
    let gains = check::covered(kernel.problem, &better) > check::covered(kernel.problem, chosen);
    (gains && check::feasible(kernel.problem, &better).is_ok()).then_some(better)
}

/// Windows in rotation: each chosen option is a centre until nothing around it gains, then windows grow by a half.
#[derive(Debug, Clone)]
pub struct Windows {
    size: usize,
    most: usize,
    nodes: u64,
    turn: usize,
    settled: BTreeMap<usize, Vec<u32>>,
}

impl Windows {
    /// Windows of `least` options, growing to `most`, with so many nodes each.
    pub fn new(least: usize, most: usize, nodes: u64) -> Self {
        Self { size: least.min(most), most, nodes, turn: 0, settled: BTreeMap::new() }
    }

    /// Options in a window now.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether no window of the largest size gains: `chosen` is a local optimum of [`Windows::step`].
    pub fn is_exhausted(&self, chosen: &[usize]) -> bool {
        self.size >= self.most && chosen.iter().all(|centre| self.settled.contains_key(centre))
    }

    /// Solves the next window of `chosen`, a feasible choice. `None` when it gains nothing.
    pub fn step(&mut self, kernel: &Kernel, chosen: &[usize]) -> Option<Vec<usize>> {
        let open: Vec<usize> = chosen.iter().copied().filter(|centre| !self.settled.contains_key(centre)).collect();
        if open.is_empty() {
            if self.size < self.most {
                self.size = (self.size + self.size.div_ceil(2)).min(self.most);
                self.settled.clear();
            }
            return None;
        }
        self.turn += STRIDE;
        let centre = open[self.turn % open.len()];
        let free = around(kernel, centre, self.size);
        let better = improve_among(kernel, chosen, &free, self.nodes);
        match &better {
            Some(better) => self.unsettle(kernel, chosen, better),
            None => drop(self.settled.insert(centre, free)),
        }
        better
    }

    /// Windows that hold an option whose surroundings changed may gain again.
    fn unsettle(&mut self, kernel: &Kernel, before: &[usize], after: &[usize]) {
        let changed = before.iter().filter(|o| !after.contains(o)).chain(after.iter().filter(|o| !before.contains(o)));
        let elements = changed.flat_map(|&option| kernel.covers(option));
        let touched: BTreeSet<u32> = elements.flat_map(|&element| kernel.coverers.row(element as usize)).copied().collect();
        self.settled.retain(|_, free| !free.iter().any(|option| touched.contains(option)));
    }
}

/// Programs with more terms than this are not solved. Nodes don't limit the root, and it can take seconds from here on.
const MOST_TERMS: usize = 20_000;

/// Centres follow each other this far apart, so that windows that follow each other seldom overlap.
const STRIDE: usize = 7;
