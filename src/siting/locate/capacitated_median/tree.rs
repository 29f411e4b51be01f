//! Bounds on a capacitated p-median, and proof: branch and bound on the Lagrangian with knapsacks.
//!
//! Relaxing "each customer is served once" with multipliers u leaves L(u) = Σ u_j − Σ_standing k_i − Σ of the p largest k_i,
//! where k_i is the most Σ (u_j − c_ij) that site i can earn within its capacity ([`super::knapsack`]; Pirkul 1987). L(u) is no
//! more than any answer costs. Multipliers climb by subgradient steps. A site is fixed when k_i shows that changing it reaches
//! the cutoff, and a pair (i, j) is forbidden when serving j from i does. What stays open is split: first by a site open or
//! closed, then by a customer served by a site or not, the node of least bound first; few assignments that are left are gone
//! through (`leaves`). L(u) is lowered by more than its
//! floating-point error: (terms · 2ε) times the magnitudes.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::instance::Instance;
use super::knapsack::{Item, Knapsack};
use super::leaves;

/// Subgradient steps at the root and at other nodes.
const STEPS: [usize; 2] = [1000, 80];
/// Steps without progress before the step length shrinks.
const PATIENCE: [usize; 2] = [20, 10];
/// Words kept in all nodes together.
const LARGEST: usize = 1 << 26;

/// What a node says about a site.
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
    /// Pairs that may still serve, by customer then site.
    allowed: Vec<u64>,
}

impl Node {
    fn allows(&self, pair: usize) -> bool {
        self.allowed[pair / 64] >> (pair % 64) & 1 == 1
    }

    fn forbid(&mut self, pair: usize) {
        self.allowed[pair / 64] &= !(1 << (pair % 64));
    }
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
    value - 1e-9 * value.abs() - 1e-12 * multipliers.iter().map(|u| u.abs()).sum::<f64>()
}

/// How a node is split.
enum Split {
    Site(usize),
    Pair(usize, usize),
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
    /// What each site earns, which sites are selected, how often each customer is served, and the last direction.
    earns: Vec<Knapsack>,
    selected: Vec<bool>,
    served: Vec<i32>,
    direction: Vec<f64>,
    /// How often a site was selected, and a pair served, lately.
    often: Vec<f64>,
    pairs: Vec<f32>,
    suggestion: Vec<u32>,
    work: u64,
}

impl<'a> Tree<'a> {
    /// A tree of one node. `cost` is the penalty while no answer is known.
    pub fn new(instance: &'a Instance, cost: f64, assigned: &[u32]) -> Self {
        let (sites, customers) = (instance.sites, instance.demand.len());
        let mut allowed = vec![0u64; (sites * customers).div_ceil(64)];
        let mut multipliers = Vec::with_capacity(customers);
        for customer in 0..customers {
            let costs = instance.costs(customer);
            let finite = costs.iter().enumerate().filter(|(_, cost)| cost.is_finite());
            for pair in finite.map(|(site, _)| customer * sites + site) {
                allowed[pair / 64] |= 1 << (pair % 64);
            }
            let mut sorted: Vec<f64> = costs.iter().copied().filter(|cost| cost.is_finite()).collect();
            let at = (2 * sites / (instance.p.max(1) * 3)).min(sorted.len().saturating_sub(1));
            let guess = if sorted.is_empty() { 0.0 } else { *sorted.select_nth_unstable_by(at, f64::total_cmp).1 };
            multipliers.push(assigned.get(customer).map_or(guess, |&site| 1.2 * costs[site as usize]));
        }
        let fixed = instance.standing.iter().map(|&standing| if standing { Fixed::Open } else { Fixed::Free }).collect();
        let root = Node { bound: 0.0, serial: 0, multipliers, fixed, allowed };
        Self {
            instance,
            nodes: BinaryHeap::from([root]),
            serial: 0,
            best: (cost, assigned.to_vec()),
            dropped: f64::INFINITY,
            earns: vec![Knapsack::default(); sites],
            selected: vec![false; sites],
            served: vec![0; customers],
            direction: vec![0.0; customers],
            often: vec![0.0; sites],
            pairs: vec![0.0; sites * customers],
            suggestion: Vec::new(),
            work: 0,
        }
    }

    /// Least cost known, and the site of each customer.
    pub fn best(&self) -> (f64, &[u32]) {
        (self.best.0, &self.best.1)
    }

    /// No answer costs less than this.
    pub fn bound(&self) -> f64 {
        let open = self.nodes.peek().map_or(f64::INFINITY, |node| node.bound).min(self.dropped);
        let open = if self.instance.integral { (open - 1e-6).ceil() } else { open };
        open.min(self.best.0)
    }

    /// Whether the best known is proved, or that there is no answer when none is known.
    pub fn is_closed(&self) -> bool {
        self.nodes.is_empty() && self.dropped >= self.instance.cutoff(self.best.0)
    }

    /// Candidates that the multipliers select.
    pub fn suggestion(&self) -> &[u32] {
        &self.suggestion
    }

    /// Steps of work so far.
    pub fn work(&self) -> u64 {
        self.work
    }

    /// Takes over someone else's better answer.
    pub fn offer(&mut self, cost: f64, assigned: &[u32]) {
        if cost < self.best.0 {
            self.best = (cost, assigned.to_vec());
        }
    }

    /// Explores until closed, so much more work is done, or `stop` says so.
    pub fn run(&mut self, work: u64, stop: &dyn Fn() -> bool) {
        let until = self.work + work;
        while self.work < until && !stop() {
            let Some(mut node) = self.nodes.pop() else { return };
            if node.bound >= self.instance.cutoff(self.best.0) {
                continue;
            }
            let Some(split) = self.explore(&mut node, stop) else { continue };
            if (self.nodes.len() + 2) * (node.multipliers.len() + node.allowed.len() + node.fixed.len() / 8) > LARGEST {
                self.dropped = self.dropped.min(node.bound);
                continue;
            }
            let mut other = node.clone();
            match split {
                Split::Site(site) => (node.fixed[site], other.fixed[site]) = (Fixed::Closed, Fixed::Open),
                Split::Pair(customer, site) => {
                    let row = customer * self.instance.sites;
                    node.forbid(row + site);
                    (0..self.instance.sites).filter(|&s| s != site).for_each(|s| other.forbid(row + s));
                    other.fixed[site] = Fixed::Open;
                }
            }
            for mut child in [node, other] {
                self.serial += 1;
                child.serial = self.serial;
                self.nodes.push(child);
            }
        }
    }

    /// Climbs at a node; how to split it, or nothing when it is settled.
    fn explore(&mut self, node: &mut Node, stop: &dyn Fn() -> bool) -> Option<Split> {
        let level = usize::from(self.serial > 0);
        let mut multipliers = node.multipliers.clone();
        let (mut scale, mut vain, mut highest) = (1.0, 0, f64::NEG_INFINITY);
        self.direction.fill(0.0);
        self.often.fill(0.0);
        self.pairs.fill(0.0);
        for step in 0..STEPS[level] {
            if self.is_settled(node) {
                return None;
            }
            let value = self.evaluate(node, &multipliers);
            let cutoff = self.instance.cutoff(self.best.0);
            vain += 1;
            if value > highest {
                if value > highest + 1e-4 * (self.best.0 - highest).abs() {
                    vain = 0;
                }
                highest = value;
                node.multipliers.clone_from(&multipliers);
                let chosen = (0..self.instance.sites).filter(|&site| self.selected[site] && !self.instance.standing[site]);
                self.suggestion = chosen.map(|site| site as u32).collect();
            }
            node.bound = node.bound.max(value);
            if node.bound >= cutoff {
                return None;
            }
            if step % 5 == 4 || level == 1 {
                self.fix(node, &multipliers, lowered(value, &multipliers), cutoff);
            }
            if vain >= PATIENCE[level] {
                (scale, vain) = (scale * 0.7, 0);
            }
            if scale < 2e-3 || !self.step(&mut multipliers, scale, value) || stop() {
                break;
            }
        }
        if self.is_settled(node) {
            return None;
        }
        Some(self.split(node))
    }

    /// Whether nothing, or so few assignments are left that the cheapest of them is found.
    fn is_settled(&mut self, node: &mut Node) -> bool {
        let (sites, customers) = (self.instance.sites, self.instance.demand.len());
        let candidates = |way: Fixed| (0..sites).filter(|&site| node.fixed[site] == way && !self.instance.standing[site]).count();
        let left = candidates(Fixed::Open);
        if left > self.instance.p {
            return true;
        }
        if left == self.instance.p {
            node.fixed.iter_mut().filter(|fixed| **fixed == Fixed::Free).for_each(|fixed| *fixed = Fixed::Closed);
        }
        let mut room: Vec<u64> =
            (0..sites).filter(|&s| node.fixed[s] == Fixed::Free).map(|s| self.instance.capacity[s]).collect();
        room.sort_unstable_by(|a, b| b.cmp(a));
        let open = (0..sites).filter(|&s| node.fixed[s] == Fixed::Open).map(|s| self.instance.capacity[s]);
        if open.chain(room.into_iter().take(self.instance.p - left)).sum::<u64>() < self.instance.demand.iter().sum() {
            return true;
        }
        let may = |customer: usize, site: u32| {
            node.fixed[site as usize] != Fixed::Closed && node.allows(customer * sites + site as usize)
        };
        let choices = |customer: usize| (0..sites as u32).filter(move |&site| may(customer, site));
        self.work += (sites * customers / 8) as u64;
        let mut assignments = 1u64;
        for customer in 0..customers {
            let most = if assignments > leaves::FEW { 1 } else { sites };
            assignments = assignments.saturating_mul(choices(customer).take(most).count() as u64);
        }
        if assignments == 0 || assignments > leaves::FEW {
            return assignments == 0;
        }
        let choices: Vec<Vec<u32>> = (0..customers).map(|customer| choices(customer).collect()).collect();
        let is_free: Vec<bool> = node.fixed.iter().map(|&fixed| fixed == Fixed::Free).collect();
        let below = self.instance.cutoff(self.best.0);
        let (found, steps) = leaves::cheapest(self.instance, &choices, &is_free, self.instance.p - left, below);
        self.work += steps;
        if let Some((cost, assigned)) = found {
            self.offer(cost, &assigned);
        }
        true
    }

    /// L(u), lowered by its error; leaves what sites earn and the selection.
    fn evaluate(&mut self, node: &Node, multipliers: &[f64]) -> f64 {
        let (instance, sites) = (self.instance, self.instance.sites);
        let mut items: Vec<Vec<Item>> = vec![Vec::new(); sites];
        for (customer, &multiplier) in multipliers.iter().enumerate() {
            for (site, &cost) in instance.costs(customer).iter().enumerate() {
                let may = cost < multiplier && node.fixed[site] != Fixed::Closed && node.allows(customer * sites + site);
                if may {
                    items[site].push(Item { id: customer as u32, takes: instance.demand[customer], profit: multiplier - cost });
                }
            }
        }
        self.work += (sites * multipliers.len()) as u64;
        let (mut earned, mut left) = (0.0, instance.p);
        let mut free = Vec::with_capacity(sites);
        self.selected.fill(false);
        for (site, items) in items.iter_mut().enumerate() {
            if node.fixed[site] == Fixed::Closed {
                continue;
            }
            self.earns[site].solve(items, instance.capacity[site]);
            self.work += (items.len() * (self.earns[site].by_capacity.len() + 1)) as u64 / 4;
            if node.fixed[site] == Fixed::Free {
                free.push(site);
            } else {
                earned += self.earns[site].profit;
                self.selected[site] = true;
                left -= usize::from(!instance.standing[site]);
            }
        }
        free.sort_by(|&a, &b| self.earns[b].profit.total_cmp(&self.earns[a].profit).then(a.cmp(&b)));
        for &site in free.iter().take(left) {
            self.selected[site] = true;
            earned += self.earns[site].profit;
        }
        self.count();
        let total: f64 = multipliers.iter().sum();
        let magnitude: f64 = multipliers.iter().map(|u| u.abs()).sum::<f64>() + earned;
        total - earned - (multipliers.len() + sites + 4) as f64 * 2.0 * f64::EPSILON * magnitude
    }

    /// How often each customer is served by the selection, now and lately.
    fn count(&mut self) {
        let sites = self.instance.sites;
        self.served.fill(0);
        self.pairs.iter_mut().for_each(|often| *often *= 0.95);
        for site in 0..sites {
            self.often[site] *= 0.95;
            if self.selected[site] {
                self.often[site] += 0.05;
                for &customer in &self.earns[site].served {
                    self.served[customer as usize] += 1;
                    self.pairs[customer as usize * sites + site] += 0.05;
                }
            }
        }
    }

    /// Fixes sites and forbids pairs whose change alone would reach the cutoff.
    fn fix(&self, node: &mut Node, multipliers: &[f64], value: f64, cutoff: f64) {
        let (instance, sites) = (self.instance, self.instance.sites);
        let free = |selected: bool| {
            let of = move |&site: &usize| self.selected[site] == selected;
            (0..sites).filter(|&site| node.fixed[site] == Fixed::Free).filter(of).map(|site| self.earns[site].profit)
        };
        let (least_in, most_out) = (free(true).fold(f64::INFINITY, f64::min), free(false).fold(0.0, f64::max));
        let mut changes = vec![0.0; sites];
        for (site, change) in changes.iter_mut().enumerate() {
            let earns = self.earns[site].profit;
            if node.fixed[site] == Fixed::Free && self.selected[site] && value + earns - most_out >= cutoff {
                node.fixed[site] = Fixed::Open;
            } else if node.fixed[site] == Fixed::Free && !self.selected[site] {
                *change = if least_in.is_finite() { least_in - earns } else { 0.0 };
                if value + *change >= cutoff {
                    node.fixed[site] = Fixed::Closed;
                }
            }
        }
        for (customer, (&takes, &multiplier)) in instance.demand.iter().zip(multipliers).enumerate() {
            for (site, &cost) in instance.costs(customer).iter().enumerate() {
                let pair = customer * sites + site;
                if node.fixed[site] == Fixed::Closed || !node.allows(pair) || takes > instance.capacity[site] {
                    continue;
                }
                let earns = &self.earns[site];
                let forced = multiplier - cost + earns.within(instance.capacity[site] - takes);
                if value + changes[site] + earns.profit - forced >= cutoff {
                    node.forbid(pair);
                }
            }
        }
    }

    /// One step along the deflected subgradient (Camerini, Fratta & Maffioli 1975). False when there is nowhere to go.
    fn step(&mut self, multipliers: &mut [f64], scale: f64, value: f64) -> bool {
        let mut norm = 0.0;
        for (direction, &served) in self.direction.iter_mut().zip(&self.served) {
            *direction = f64::from(1 - served) + 0.3 * *direction;
            norm += *direction * *direction;
        }
        if norm == 0.0 {
            return false;
        }
        let target = if self.best.1.is_empty() { value + 0.1 * value.abs() + 1.0 } else { self.best.0 * 1.002 };
        let length = scale * (target - value).max(1e-9 * value.abs()) / norm;
        for (multiplier, direction) in multipliers.iter_mut().zip(&self.direction) {
            *multiplier = (*multiplier + length * direction).clamp(-self.instance.penalty, self.instance.penalty);
        }
        true
    }

    /// The site most in doubt, or the pair when sites are not.
    fn split(&self, node: &Node) -> Split {
        let sites = self.instance.sites;
        let doubt = |often: f64| (often - 0.5).abs();
        let free = (0..sites).filter(|&site| node.fixed[site] == Fixed::Free).map(|site| (doubt(self.often[site]), site));
        let site = free.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut pair: Option<(f64, usize, usize)> = None;
        for customer in 0..self.instance.demand.len() {
            let open = |&site: &usize| node.fixed[site] != Fixed::Closed && node.allows(customer * sites + site);
            if (0..sites).filter(open).nth(1).is_none() {
                continue;
            }
            for site in (0..sites).filter(open) {
                let doubt = doubt(f64::from(self.pairs[customer * sites + site]));
                if pair.is_none_or(|best| doubt < best.0) {
                    pair = Some((doubt, customer, site));
                }
            }
        }
        match (site, pair) {
            (Some((doubt, site)), Some(pair)) if doubt < 0.4 || doubt <= pair.0 => Split::Site(site),
            (_, Some((_, customer, site))) => Split::Pair(customer, site),
            (Some((_, site)), None) => Split::Site(site),
            (None, None) => unreachable!("invariant: a node that isn't settled has choices"),
        }
    }
}
