//! Bounds on a p-median instance, and proof: branch and bound on the Lagrangian.
//!
//! Relaxing "each demand point is served once" with multipliers u (Cornuéjols, Fisher & Nemhauser 1977; Beasley 1985) leaves
//! L(u) = Σ u_j + Σ of the p least ρ_i with ρ_i = Σ_j min(0, c_ij − u_j), which is no more than any answer costs, for any u not
//! above the cost of what stands. The multipliers climb by subgradient steps. Candidates whose reduced cost ρ_i shows that
//! changing them would reach the cutoff are fixed. What stays open is split by a candidate open or closed, the node of least
//! bound first. Each L(u) is lowered by more than its floating-point error: (terms · 2ε) times the sum of magnitudes. A step
//! costs `O(Σ_j |{i : c_ij < u_j}|)`.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::instance::Instance;

/// Subgradient steps at the root and at other nodes.
const STEPS: [usize; 2] = [4000, 150];
/// Steps without progress before the step length shrinks, at the root and at other nodes.
const PATIENCE: [usize; 2] = [30, 15];
/// Multipliers kept in all nodes together.
const LARGEST: usize = 1 << 26;

/// What a node says about a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fixed {
    Free,
    Open,
    Closed,
}

/// A part of the answers that isn't settled.
#[derive(Debug, Clone)]
struct Node {
    bound: f64,
    serial: usize,
    multipliers: Vec<f64>,
    fixed: Vec<Fixed>,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Node {}

impl PartialOrd for Node {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Node {
    /// The least bound is the greatest; then the younger.
    fn cmp(&self, other: &Self) -> Ordering {
        other.bound.total_cmp(&self.bound).then(self.serial.cmp(&other.serial))
    }
}

/// A value less what rounding may have added to sums and differences of multipliers.
fn lowered(value: f64, multipliers: &[f64]) -> f64 {
    value - 1e-9 * value.abs() - 1e-12 * multipliers.iter().sum::<f64>()
}

/// A proof in progress.
#[derive(Debug)]
pub struct Tree<'a> {
    instance: &'a Instance,
    nodes: BinaryHeap<Node>,
    serial: usize,
    best: (f64, Vec<u32>),
    /// Least bound of nodes given up for lack of memory.
    dropped: f64,
    /// Scratch: ρ, the candidates selected, the direction of the last step, how often each was selected lately.
    rho: Vec<f64>,
    selected: Vec<bool>,
    direction: Vec<f64>,
    often: Vec<f64>,
    work: u64,
}

/// What is known after steps at a node.
enum Outcome {
    Settled,
    Split(u32, Node),
}

impl<'a> Tree<'a> {
    /// A tree of one node, with the multipliers of a first answer.
    pub fn new(instance: &'a Instance, cost: f64, chosen: &[u32]) -> Self {
        let (candidates, demand) = (instance.candidates.len(), instance.other.len());
        let mut open = vec![false; candidates];
        for &candidate in chosen {
            open[candidate as usize] = true;
        }
        let start = |j: usize| -> f64 {
            let (near, costs) = instance.near.row(j);
            let mut served = near.iter().zip(costs).filter(|&(&i, _)| open[i as usize]).map(|(_, &cost)| cost);
            let other = instance.other[j];
            let first = served.next().unwrap_or(other);
            let second = served.next().unwrap_or(if other == instance.penalty { first } else { other });
            0.5 * (first + second)
        };
        let multipliers = (0..demand).map(start).collect();
        let root = Node { bound: 0.0, serial: 0, multipliers, fixed: vec![Fixed::Free; candidates] };
        Self {
            instance,
            nodes: BinaryHeap::from([root]),
            serial: 0,
            best: (cost, chosen.to_vec()),
            dropped: f64::INFINITY,
            rho: vec![0.0; candidates],
            selected: vec![false; candidates],
            direction: vec![0.0; demand],
            often: vec![0.0; candidates],
            work: 0,
        }
    }

    /// Least cost known, and its candidates, ascending.
    pub fn best(&self) -> (f64, &[u32]) {
        (self.best.0, &self.best.1)
    }

    /// No answer costs less than this.
    pub fn bound(&self) -> f64 {
        let open = self.nodes.peek().map_or(f64::INFINITY, |node| node.bound);
        self.instance.rounded(open.min(self.dropped)).min(self.best.0)
    }

    /// Whether the best known is proved.
    pub fn is_closed(&self) -> bool {
        self.nodes.is_empty() && self.dropped >= self.instance.cutoff(self.best.0)
    }

    /// Pairs looked at so far.
    pub fn work(&self) -> u64 {
        self.work
    }

    /// Takes over someone else's better answer.
    pub fn offer(&mut self, cost: f64, chosen: &[u32]) {
        if cost < self.best.0 {
            self.best = (cost, chosen.to_vec());
        }
    }

    /// Explores until closed, so many more pairs are looked at, or `stop` says so.
    pub fn run(&mut self, pairs: u64, stop: &dyn Fn() -> bool) {
        let until = self.work + pairs;
        while self.work < until && !stop() {
            let Some(node) = self.nodes.pop() else { return };
            if node.bound >= self.instance.cutoff(self.best.0) {
                continue;
            }
            let Outcome::Split(candidate, node) = self.explore(node, stop) else { continue };
            if (self.nodes.len() + 2) * (self.direction.len() + self.rho.len() / 8) > LARGEST {
                self.dropped = self.dropped.min(node.bound);
                continue;
            }
            for way in [Fixed::Closed, Fixed::Open] {
                self.serial += 1;
                let mut child = Node { serial: self.serial, ..node.clone() };
                child.fixed[candidate as usize] = way;
                self.nodes.push(child);
            }
        }
    }

    /// Climbs at a node.
    fn explore(&mut self, mut node: Node, stop: &dyn Fn() -> bool) -> Outcome {
        let level = usize::from(self.serial > 0);
        let mut multipliers = node.multipliers.clone();
        let mut at_best: Option<Vec<u32>> = None;
        let (mut scale, mut vain, mut highest) = (1.0, 0, f64::NEG_INFINITY);
        self.direction.fill(0.0);
        self.often.fill(0.0);
        for step in 0..STEPS[level] {
            if self.settled(&node) {
                return Outcome::Settled;
            }
            let value = self.evaluate(&node, &multipliers);
            let cutoff = self.instance.cutoff(self.best.0);
            vain += 1;
            if value > highest {
                if value > highest + 1e-5 * (self.best.0 - highest).abs() {
                    vain = 0;
                }
                highest = value;
                node.multipliers.clone_from(&multipliers);
                at_best = Some(self.selection());
            }
            node.bound = node.bound.max(value);
            if node.bound >= cutoff {
                return Outcome::Settled;
            }
            self.fix(&mut node, lowered(value, &multipliers), cutoff);
            if step % 10 == 0 {
                self.try_out(&self.selection());
            }
            if vain >= PATIENCE[level] {
                (scale, vain) = (scale * 0.7, 0);
                multipliers.clone_from(&node.multipliers);
                self.direction.fill(0.0);
                self.evaluate(&node, &multipliers);
            }
            if scale < 1e-4 || !self.step(&mut multipliers, scale, value) || stop() {
                break;
            }
        }
        if let Some(selection) = at_best {
            self.try_out(&selection);
        }
        if node.bound >= self.instance.cutoff(self.best.0) || self.settled(&node) {
            return Outcome::Settled;
        }
        let free = (0..self.rho.len()).filter(|&i| node.fixed[i] == Fixed::Free);
        let doubt = |i: usize| (self.often[i] - 0.5).abs();
        let split =
            free.min_by(|&a, &b| doubt(a).total_cmp(&doubt(b))).expect("invariant: a node that isn't settled has choices");
        Outcome::Split(split as u32, node)
    }

    /// Whether only one choice is left; it is tried.
    fn settled(&mut self, node: &Node) -> bool {
        let count = |way: Fixed| node.fixed.iter().filter(|&&fixed| fixed == way).count();
        let (open, free, p) = (count(Fixed::Open), count(Fixed::Free), self.instance.p);
        if open > p || open + free < p {
            return true;
        }
        let takes = |i: usize| node.fixed[i] == Fixed::Open || (open < p && node.fixed[i] == Fixed::Free);
        if open < p && open + free > p {
            return false;
        }
        let only: Vec<u32> = (0..node.fixed.len()).filter(|&i| takes(i)).map(|i| i as u32).collect();
        self.try_out(&only);
        true
    }

    /// Remembers a choice when it is the best.
    fn try_out(&mut self, chosen: &[u32]) {
        let mut open = vec![false; self.rho.len()];
        for &candidate in chosen {
            open[candidate as usize] = true;
        }
        self.work += self.direction.len() as u64 * 2;
        self.offer(self.instance.cost(&open), chosen);
    }

    fn selection(&self) -> Vec<u32> {
        (0..self.selected.len()).filter(|&i| self.selected[i]).map(|i| i as u32).collect()
    }

    /// L(u), lowered by its error; leaves ρ and the selection.
    fn evaluate(&mut self, node: &Node, multipliers: &[f64]) -> f64 {
        let instance = self.instance;
        self.rho.fill(0.0);
        let mut total = 0.0;
        for (demand, &multiplier) in multipliers.iter().enumerate() {
            total += multiplier;
            let (candidates, costs) = instance.near.row(demand);
            for (&candidate, &cost) in candidates.iter().zip(costs) {
                self.work += 1;
                if cost >= multiplier {
                    break;
                }
                self.rho[candidate as usize] += cost - multiplier;
            }
        }
        let mut free: Vec<u32> = Vec::with_capacity(self.rho.len());
        let (mut saved, mut left) = (0.0, instance.p);
        self.selected.fill(false);
        for (i, &fixed) in node.fixed.iter().enumerate() {
            match fixed {
                Fixed::Free => free.push(i as u32),
                Fixed::Open => {
                    self.selected[i] = true;
                    saved += self.rho[i];
                    left -= 1;
                }
                Fixed::Closed => {}
            }
        }
        if left > 0 && left < free.len() {
            let by_rho = |&a: &u32, &b: &u32| self.rho[a as usize].total_cmp(&self.rho[b as usize]).then(a.cmp(&b));
            free.select_nth_unstable_by(left - 1, by_rho);
            free[..left].sort_unstable();
        }
        for &i in &free[..left] {
            self.selected[i as usize] = true;
            saved += self.rho[i as usize];
        }
        for (often, &selected) in self.often.iter_mut().zip(&self.selected) {
            *often += 0.05 * (f64::from(u8::from(selected)) - *often);
        }
        let terms = (multipliers.len() + self.rho.len() + 4) as f64;
        total + saved - terms * 2.0 * f64::EPSILON * (total - saved)
    }

    /// Fixes candidates whose change alone would reach the cutoff.
    fn fix(&self, node: &mut Node, value: f64, cutoff: f64) {
        let free = |selected: bool| {
            let of = move |&i: &usize| self.selected[i] == selected;
            (0..self.rho.len()).filter(|&i| node.fixed[i] == Fixed::Free).filter(of).map(|i| self.rho[i])
        };
        let worst_in = free(true).fold(f64::NEG_INFINITY, f64::max);
        let best_out = free(false).fold(f64::INFINITY, f64::min);
        for i in 0..self.rho.len() {
            if node.fixed[i] != Fixed::Free {
                continue;
            }
            if self.selected[i] && value - self.rho[i] + best_out >= cutoff {
                node.fixed[i] = Fixed::Open;
            } else if !self.selected[i] && value + self.rho[i] - worst_in >= cutoff {
                node.fixed[i] = Fixed::Closed;
            }
        }
    }

    /// One step along the deflected subgradient (Camerini, Fratta & Maffioli 1975). False when there is nowhere to go.
    fn step(&mut self, multipliers: &mut [f64], scale: f64, value: f64) -> bool {
        let instance = self.instance;
        let mut norm = 0.0;
        for (demand, &multiplier) in multipliers.iter().enumerate() {
            let (candidates, costs) = instance.near.row(demand);
            let mut slope = 1.0;
            for (&candidate, &cost) in candidates.iter().zip(costs) {
                self.work += 1;
                if cost >= multiplier {
                    break;
                }
                slope -= f64::from(u8::from(self.selected[candidate as usize]));
            }
            if slope > 0.0 && multiplier >= instance.other[demand] {
                slope = 0.0; // it can't climb
            }
            self.direction[demand] = slope + 0.4 * self.direction[demand];
            norm += self.direction[demand] * self.direction[demand];
        }
        if norm == 0.0 {
            return false;
        }
        let length = scale * (self.best.0 * 1.002 - value).max(1e-9 * self.best.0.abs()) / norm;
        for (demand, multiplier) in multipliers.iter_mut().enumerate() {
            let least =
                instance.near.row(demand).1.first().map_or(instance.other[demand], |&cost| cost.min(instance.other[demand]));
            *multiplier = (*multiplier + length * self.direction[demand]).clamp(least, instance.other[demand]);
        }
        true
    }
}
