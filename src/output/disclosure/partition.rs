//! Which figures may be published together: those that are sums of whole parts of one partition of the units that are counted.
//!
//! Input → output: weights of units (places, or entries of a table) by day; then figure by figure a set of units → whether it may be
//! published. Invariant: on each day a part weighs nothing or at least `least`. A figure is admitted if splitting each part that it
//! touches into what it counts and what it leaves keeps that so, and then the parts are split.
//! Why it is enough: all admitted figures are sums of parts, so any combination of them is one of the parts' totals; within a part the
//! total can lie on any unit. Complexity: the units of the figure. Determinism: integers.

use std::collections::BTreeMap;

use crate::quantity::Weight;

/// Units in parts.
#[derive(Debug, Clone)]
pub(super) struct Partition {
    days: usize,
    least: u64,
    /// `weights[unit * days + day]`, thousandths.
    weights: Vec<u64>,
    part: Vec<usize>,
    /// Units of each part.
    sizes: Vec<usize>,
    /// Total of each part by day.
    totals: Vec<Vec<u64>>,
    /// Whether what a figure leaves of a part has to be safe too. Only a test turns it off.
    pub(super) complementary: bool,
}

impl Partition {
    /// All units in one part.
    pub fn new(weights: Vec<u64>, days: usize, least: u64) -> Self {
        let units = weights.len() / days.max(1);
        let mut totals = vec![0; days];
        for (at, weight) in weights.iter().enumerate() {
            totals[at % days] += weight;
        }
        let (part, sizes, totals) = (vec![0; units], vec![units], vec![totals]);
        Self { days, least, weights, part, sizes, totals, complementary: true }
    }

    fn safe(&self, weight: u64) -> bool {
        weight == 0 || weight >= self.least
    }

    /// Whether everything together may be published.
    pub fn is_safe(&self) -> bool {
        self.totals.iter().flatten().all(|&total| self.safe(total))
    }

    /// Admits the figure that counts `set` (each unit once), or leaves the parts as they are.
    pub fn admit(&mut self, set: &[usize]) -> bool {
        let mut inside: BTreeMap<usize, (usize, Vec<u64>)> = BTreeMap::new();
        for &unit in set {
            let (size, sums) = inside.entry(self.part[unit]).or_insert_with(|| (0, vec![0; self.days]));
            *size += 1;
            for (sum, weight) in sums.iter_mut().zip(&self.weights[unit * self.days..]) {
                *sum += weight;
            }
        }
        let safe = |(part, (_, sums)): (&usize, &(usize, Vec<u64>))| {
            let left = |(sum, total): (&u64, &u64)| !self.complementary || self.safe(total - sum);
            sums.iter().all(|&sum| self.safe(sum)) && sums.iter().zip(&self.totals[*part]).all(left)
        };
        if !inside.iter().all(safe) {
            return false;
        }
        let mut moved = BTreeMap::new();
        for (part, (size, sums)) in inside {
            if size < self.sizes[part] {
                moved.insert(part, self.totals.len());
                self.sizes[part] -= size;
                for (total, sum) in self.totals[part].iter_mut().zip(&sums) {
                    *total -= sum;
                }
                self.sizes.push(size);
                self.totals.push(sums);
            }
        }
        for &unit in set {
            if let Some(&new) = moved.get(&self.part[unit]) {
                self.part[unit] = new;
            }
        }
        true
    }

    /// The part of a unit.
    pub fn part(&self, unit: usize) -> usize {
        self.part[unit]
    }

    /// Total of a part on a day.
    pub fn total(&self, part: usize, day: usize) -> u64 {
        self.totals[part][day]
    }

    /// What a set weighs on a day.
    pub fn sum(&self, set: &[usize], day: usize) -> Weight {
        Weight::from_milli(set.iter().map(|unit| self.weights[unit * self.days + day]).sum())
    }
}
