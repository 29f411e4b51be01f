//! Good answers to a p-median instance: greedy on a sample, swaps to a local optimum, kicks.
//!
//! A swap opens candidate i and closes candidate r. Its value is gain(i) − loss(r) + extra(i, r) (Resende & Werneck 2007) where
//! loss(r) is kept for all r, and gain and extra come from one pass over the demand that i reaches (Whitaker 1983; Hansen &
//! Mladenović 1997): `O(reach of i + p)` for the best r. The first improving swap is made. After a local optimum a few random
//! swaps kick the search away from the best choice of its start; when kicks stop helping, a new start is drawn. Work is counted
//! in pairs looked at; the same seed and work give the same answer.

use super::instance::Instance;
use crate::random::Random;

/// No open candidate is nearer than what stands.
const NONE: u32 = u32::MAX;
/// Kicks in vain before a new start.
const PATIENCE: usize = 60;

/// A search that can go on.
#[derive(Debug)]
pub struct Search<'a> {
    instance: &'a Instance,
    random: Random,
    open: Vec<bool>,
    chosen: Vec<u32>,
    /// Nearest and second nearest open candidate of each demand point, and their costs.
    first: Vec<(u32, f64)>,
    second: Vec<(u32, f64)>,
    /// What closing a chosen candidate costs, by candidate.
    loss: Vec<f64>,
    cost: f64,
    /// The best choice of this start.
    local: (f64, Vec<u32>),
    vain: usize,
    best: (f64, Vec<u32>),
    work: u64,
}

impl<'a> Search<'a> {
    /// A search from a first start.
    pub fn new(instance: &'a Instance, seed: u64) -> Self {
        let (candidates, demand) = (instance.candidates.len(), instance.other.len());
        let mut search = Self {
            instance,
            random: Random::new(seed),
            open: vec![false; candidates],
            chosen: Vec::new(),
            first: vec![(NONE, 0.0); demand],
            second: vec![(NONE, 0.0); demand],
            loss: vec![0.0; candidates],
            cost: f64::INFINITY,
            local: (f64::INFINITY, Vec::new()),
            vain: 0,
            best: (f64::INFINITY, Vec::new()),
            work: 0,
        };
        search.start();
        search.record();
        search
    }

    /// Least cost found, and its candidates, ascending.
    pub fn best(&self) -> (f64, &[u32]) {
        (self.best.0, &self.best.1)
    }

    /// Pairs looked at so far.
    pub fn work(&self) -> u64 {
        self.work
    }

    /// Continues from a choice of someone else's when it is better.
    pub fn offer(&mut self, cost: f64, chosen: &[u32]) {
        if cost < self.best.0 {
            self.choose(chosen.to_vec());
            self.descend();
            self.local = (f64::INFINITY, Vec::new());
            self.record();
        }
    }

    /// Searches until so many more pairs are looked at, or `stop` says so. Nothing to search ends it at once.
    pub fn run(&mut self, pairs: u64, stop: &dyn Fn() -> bool) {
        let until = self.work + pairs;
        let p = self.instance.p;
        if p == 0 || p == self.open.len() {
            return;
        }
        while self.work < until && !stop() {
            if self.vain > PATIENCE {
                self.local = (f64::INFINITY, Vec::new());
                self.vain = 0;
                self.start();
            } else {
                self.choose(self.local.1.clone());
                self.kick();
                self.descend();
            }
            self.record();
        }
    }

    fn record(&mut self) {
        self.vain += 1;
        if self.cost <= self.local.0 {
            if self.cost < self.local.0 {
                self.vain = 0;
            }
            self.local = (self.cost, self.chosen.clone());
        }
        if self.cost < self.best.0 {
            let mut chosen = self.chosen.clone();
            chosen.sort_unstable();
            self.best = (self.cost, chosen);
        }
    }

    /// Opens p candidates, each the best of a small random sample, then descends.
    fn start(&mut self) {
        let instance = self.instance;
        let (n, p) = (self.open.len(), instance.p);
        let sample = n.checked_div(p).map_or(1, |share| share.max(2).ilog2() as usize + 1);
        let mut cheapest = instance.other.clone();
        let mut closed: Vec<u32> = (0..n as u32).collect();
        let mut chosen = Vec::with_capacity(p);
        while chosen.len() < p {
            let mut best = (f64::NEG_INFINITY, 0);
            for _ in 0..sample.min(closed.len()) {
                let at = self.random.below(closed.len());
                let (demand, costs) = instance.reach.row(closed[at] as usize);
                self.work += demand.len() as u64;
                let gains = demand.iter().zip(costs).map(|(&j, &cost)| (cheapest[j as usize] - cost).max(0.0));
                let gain: f64 = gains.sum();
                if gain > best.0 {
                    best = (gain, at);
                }
            }
            let candidate = closed.swap_remove(best.1);
            let (demand, costs) = instance.reach.row(candidate as usize);
            for (&j, &cost) in demand.iter().zip(costs) {
                cheapest[j as usize] = cheapest[j as usize].min(cost);
            }
            chosen.push(candidate);
        }
        self.choose(chosen);
        self.descend();
    }

    /// Takes a choice as it is.
    fn choose(&mut self, chosen: Vec<u32>) {
        self.open.fill(false);
        for &candidate in &chosen {
            self.open[candidate as usize] = true;
        }
        self.chosen = chosen;
        for demand in 0..self.first.len() {
            self.settle(demand);
        }
        self.total();
    }

    /// The two nearest of a demand point.
    fn settle(&mut self, demand: usize) {
        let other = (NONE, self.instance.other[demand]);
        let (candidates, costs) = self.instance.near.row(demand);
        let mut nearest = [other; 2];
        let mut found = 0;
        for (&candidate, &cost) in candidates.iter().zip(costs) {
            self.work += 1;
            if self.open[candidate as usize] {
                nearest[found] = (candidate, cost);
                found += 1;
                if found == 2 {
                    break;
                }
            }
        }
        (self.first[demand], self.second[demand]) = (nearest[0], nearest[1]);
    }

    /// Cost and losses from the two nearest.
    fn total(&mut self) {
        self.cost = 0.0;
        for &candidate in &self.chosen {
            self.loss[candidate as usize] = 0.0;
        }
        for (first, second) in self.first.iter().zip(&self.second) {
            self.cost += first.1;
            if first.0 != NONE {
                self.loss[first.0 as usize] += second.1 - first.1;
            }
        }
    }

    /// Opens `enters`, closes the chosen candidate at `at`.
    fn swap(&mut self, enters: u32, at: usize) {
        let leaves = std::mem::replace(&mut self.chosen[at], enters);
        self.open[enters as usize] = true;
        self.open[leaves as usize] = false;
        let (demand, costs) = self.instance.reach.row(enters as usize);
        self.work += demand.len() as u64;
        for (&j, &cost) in demand.iter().zip(costs) {
            let j = j as usize;
            if cost < self.first[j].1 {
                self.second[j] = self.first[j];
                self.first[j] = (enters, cost);
            } else if cost < self.second[j].1 {
                self.second[j] = (enters, cost);
            }
        }
        for j in 0..self.first.len() {
            if self.first[j].0 == leaves || self.second[j].0 == leaves {
                self.settle(j);
            }
        }
        self.total();
    }

    /// Swaps until none improves.
    fn descend(&mut self) {
        let n = self.open.len();
        if self.instance.p == 0 || self.instance.p == n {
            return;
        }
        let mut adjusted = vec![0.0; n];
        let (mut in_vain, mut candidate) = (0, self.random.below(n));
        while in_vain < n {
            candidate = (candidate + 1) % n;
            in_vain += 1;
            if self.open[candidate] {
                continue;
            }
            let (value, at) = self.best_leaver(candidate, &mut adjusted);
            if value > 1e-12 * self.cost {
                let (before, leaves) = (self.cost, self.chosen[at]);
                self.swap(candidate as u32, at);
                if self.cost < before {
                    in_vain = 0;
                } else {
                    self.swap(leaves, at); // rounding promised what isn't there
                }
            }
        }
    }

    /// The chosen candidate (by position) whose place `enters` takes best, and what that saves.
    fn best_leaver(&mut self, enters: usize, adjusted: &mut [f64]) -> (f64, usize) {
        for &candidate in &self.chosen {
            adjusted[candidate as usize] = self.loss[candidate as usize];
        }
        let (demand, costs) = self.instance.reach.row(enters);
        self.work += (demand.len() + self.chosen.len()) as u64;
        let mut gain = 0.0;
        for (&j, &cost) in demand.iter().zip(costs) {
            let (first, second) = (self.first[j as usize], self.second[j as usize].1);
            if cost < second {
                if cost < first.1 {
                    gain += first.1 - cost;
                }
                if first.0 != NONE {
                    adjusted[first.0 as usize] -= second - cost.max(first.1);
                }
            }
        }
        let losses = self.chosen.iter().enumerate().map(|(at, &candidate)| (adjusted[candidate as usize], at));
        let (loss, at) = losses.min_by(|a, b| a.0.total_cmp(&b.0)).expect("invariant: p is not 0");
        (gain - loss, at)
    }

    /// A few random swaps.
    fn kick(&mut self) {
        let (n, p) = (self.open.len(), self.chosen.len());
        let most = (1 + p / 8).min(n - p);
        for _ in 0..=self.random.below(most) {
            let at = self.random.below(p);
            let mut enters = self.random.below(n);
            while self.open[enters] {
                enters = (enters + 1) % n;
            }
            self.swap(enters as u32, at);
        }
    }
}
