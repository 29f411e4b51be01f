//! Below the linear relaxation: best-first branch and bound with the dual at the nodes (Land & Doig 1960).
//!
//! A node fixes some options open and some closed. Its two children fix the option whose opening is nearest to one half; each
//! starts from the prices of its parent, improves them for [`NODE_ROUNDS`] passes over what is live, and fixes by reduced costs.
//! The bound of the tree is the largest among open nodes. Worth it where the relaxation is close to the optimum; the gap of a dense
//! city is spread over all of it, and no single option moves it. Nodes keep prices only (4 bytes an element and 5 an option). One
//! thread, work counted in pairs: the same calls, the same tree.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::{Dual, saddle};
use crate::siting::check;
use crate::siting::kernel::{Kernel, unit_of};

/// Passes over the live pairs in a node.
const NODE_ROUNDS: u64 = 400;

/// An open node.
#[derive(Debug)]
struct Node {
    bound: u64,
    depth: usize,
    /// In order of birth.
    id: Reverse<u64>,
    state: Vec<Option<bool>>,
    /// Prices by element and openings by option, of the kernel.
    u: Vec<f32>,
    x: Vec<f32>,
    balance: f64,
}

impl Node {
    fn rank(&self) -> (u64, usize, Reverse<u64>) {
        (self.bound, self.depth, self.id)
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Node {}

impl PartialOrd for Node {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Node {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

/// A search tree over a dual.
#[derive(Debug)]
pub struct Tree<'k> {
    kernel: &'k Kernel<'k>,
    open: BinaryHeap<Node>,
    /// Bound of the root: nothing is above it.
    root: u64,
    /// Largest `lower` that nodes were dropped against.
    floor: u64,
    best: Option<(u64, Vec<usize>)>,
    born: u64,
}

impl<'k> Tree<'k> {
    /// A tree whose root is a dual that has been run.
    pub fn new(root: &Dual<'k>) -> Self {
        let mut tree =
            Self { kernel: root.kernel, open: BinaryHeap::new(), root: root.bound(), floor: root.floor, best: None, born: 0 };
        tree.keep(root, root.bound(), 0);
        tree
    }

    /// Opens nodes until about `work_pairs` pairs are looked at, nothing better than `lower` (what a known choice covers) or the
    /// best choice found here can exist, or `stop` says so. Gives the pairs looked at.
    pub fn run(&mut self, work_pairs: u64, lower: u64, stop: &dyn Fn() -> bool) -> u64 {
        let mut used = 0;
        while used < work_pairs && !stop() {
            let lower = self.best.as_ref().map_or(lower, |best| best.0.max(lower));
            self.floor = self.floor.max(lower);
            let Some(node) = self.open.pop() else { break };
            if node.bound <= self.floor {
                self.open.clear();
                break;
            }
            let Some(option) = split(&node) else { continue };
            for is_open in [true, false] {
                let mut child = Dual::resume(self.kernel, &node, option, is_open, self.floor);
                let live = child.active.covers.pairs() as u64;
                used += child.run(NODE_ROUNDS * live.max(1), self.floor, stop) + live * 4;
                self.offer(child.choice());
                self.keep(&child, node.bound, node.depth + 1);
            }
        }
        used
    }

    /// Largest weight that any choice can cover, in thousandths.
    pub fn bound(&self) -> u64 {
        self.open.peek().map_or(0, |node| node.bound).max(self.floor).max(self.best.as_ref().map_or(0, |b| b.0)).min(self.root)
    }

    /// The best allowed choice met on the way and what it covers, in thousandths.
    pub fn best(&self) -> Option<(&[usize], u64)> {
        self.best.as_ref().map(|(value, chosen)| (chosen.as_slice(), *value))
    }

    /// Number of open nodes: none when the search is complete.
    pub fn open_nodes(&self) -> usize {
        self.open.len()
    }

    /// Keeps a node that may hold something better; one without free options is a single choice, which has been offered.
    fn keep(&mut self, dual: &Dual<'k>, above: u64, depth: usize) {
        self.born += 1;
        let bound = dual.bound().min(above);
        if bound <= self.floor || dual.active.options.is_empty() {
            self.offer(&dual.open());
            return;
        }
        let (prices, mean) = (dual.saddle.best(), dual.saddle.mean());
        let prices: &[f32] = if prices.bound.is_finite() { &prices.u } else { &mean.u };
        let (mut u, mut x) = (vec![0.0; self.kernel.weights.len()], vec![0.0; dual.state.len()]);
        dual.active.elements.iter().zip(prices).for_each(|(&element, &price)| u[element as usize] = price);
        dual.active.options.iter().zip(&mean.x).for_each(|(&option, &opening)| x[option as usize] = opening);
        let id = Reverse(self.born);
        self.open.push(Node { bound, depth, id, state: dual.state.clone(), u, x, balance: dual.saddle.balance() });
    }

    /// Keeps a choice when it is allowed and the best so far.
    fn offer(&mut self, chosen: &[usize]) {
        if check::feasible(self.kernel.problem, chosen).is_err() {
            return;
        }
        let mut is_covered = vec![false; self.kernel.weights.len()];
        for &element in chosen.iter().flat_map(|&option| self.kernel.covers(option)) {
            is_covered[element as usize] = true;
        }
        let value = is_covered.iter().zip(&self.kernel.weights).filter(|(covered, _)| **covered).map(|(_, weight)| weight).sum();
        if self.best.as_ref().is_none_or(|best| value > best.0) {
            self.best = Some((value, chosen.to_vec()));
        }
    }
}

/// The free option whose opening is nearest to one half, the lower of equals.
fn split(node: &Node) -> Option<usize> {
    let free = (0..node.state.len()).filter(|&option| node.state[option].is_none());
    let off = |option: usize| (node.x[option] - 0.5).abs();
    free.min_by(|&a, &b| off(a).total_cmp(&off(b)))
}

impl<'k> Dual<'k> {
    /// The child of a node with one more option fixed.
    fn resume(kernel: &'k Kernel<'k>, node: &Node, option: usize, is_open: bool, floor: u64) -> Self {
        let mut state = node.state.clone();
        state[option] = Some(is_open);
        if is_open {
            kernel.rivals.row(option).iter().for_each(|&rival| state[rival as usize] = Some(false));
        }
        let active = super::Active::new(kernel, &state);
        let u = active.elements.iter().map(|&element| node.u[element as usize]).collect();
        let x = active.options.iter().map(|&option| node.x[option as usize]).collect();
        let saddle = saddle::Saddle::new(&active, Some((u, x, node.balance)));
        let unit = unit_of(kernel.weights.iter().copied());
        Self { kernel, state, active, saddle, proof: None, bound: node.bound, floor, infeasible: false, unit, choice: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::siting::samples::{any_problem, enumerate};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn a_tree_finds_the_optimum(problem in any_problem(), share in 0u64..4, root_work in 0u64..2000) {
            let kernel = Kernel::new(&problem);
            let optimum = enumerate(&problem);
            let lower = optimum.as_ref().map_or(0, |best| best.0.milli()) * share / 4;
            let mut dual = Dual::new(&kernel);
            dual.run(root_work, lower, &|| false);
            let mut tree = Tree::new(&dual);
            tree.run(300, lower, &|| false);
            if let Some((value, _)) = &optimum {
                prop_assert!(tree.bound() >= value.milli());
            }
            tree.run(u64::MAX, lower, &|| false);
            prop_assert_eq!(tree.open_nodes(), 0);
            if let Some((value, _)) = optimum {
                prop_assert_eq!(tree.bound(), value.milli());
                if value.milli() > lower {
                    prop_assert_eq!(tree.best().map(|best| best.1), Some(value.milli()));
                }
            }
        }
    }
}
