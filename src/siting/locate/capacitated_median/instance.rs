//! A capacitated p-median problem as a dense table of costs.

use crate::domain::location::{LocationProblem, Role};
use crate::siting::locate::separations::Separations;

/// Sums of integers up to this are exact in f64.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Each demand point whole to one open site within its capacity; p sites open besides those that stand.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Number of sites.
    pub sites: usize,
    /// Whether a site is open already.
    pub standing: Vec<bool>,
    /// What each site can serve, at most the whole demand.
    pub capacity: Vec<u64>,
    /// What each demand point takes.
    pub demand: Vec<u64>,
    /// How many candidates open.
    pub p: usize,
    /// More than any whole answer costs.
    pub penalty: f64,
    /// Whether all costs are whole numbers, so that bounds may be rounded up.
    pub integral: bool,
    /// Cost by demand point, then site; infinite where a site can't serve.
    costs: Vec<f64>,
}

impl Instance {
    /// The instance of a problem; cost = impedance, demand = weight.
    pub fn new(problem: &LocationProblem, separations: &Separations, p: usize) -> Self {
        let (sites, demand) = (problem.sites.roles.len(), problem.demand.weights.clone());
        let total: u64 = demand.iter().sum();
        let capacity: Vec<u64> = problem.sites.capacities.iter().map(|capacity| capacity.unwrap_or(total).min(total)).collect();
        let mut costs = vec![f64::INFINITY; sites * demand.len()];
        let (mut largest, mut integral) = (0.0, true);
        for (j, &takes) in demand.iter().enumerate() {
            let mut worst = 0.0f64;
            let (rows, impedances) = separations.by_demand.row(j);
            for (&site, &impedance) in rows.iter().zip(impedances).filter(|&(&site, _)| takes <= capacity[site as usize]) {
                costs[j * sites + site as usize] = impedance;
                worst = worst.max(impedance);
                integral &= impedance.fract() == 0.0;
            }
            largest += worst;
        }
        let standing = problem.sites.roles.iter().map(|&role| role == Role::Existing).collect();
        Self { sites, standing, capacity, demand, p, penalty: 2.0 * largest + 1.0, integral: integral && largest < EXACT, costs }
    }

    /// Cost of serving a demand point from a site.
    #[inline]
    pub fn cost(&self, demand: usize, site: usize) -> f64 {
        self.costs[demand * self.sites + site]
    }

    /// Costs of a demand point by site.
    #[inline]
    pub fn costs(&self, demand: usize) -> &[f64] {
        &self.costs[demand * self.sites..(demand + 1) * self.sites]
    }

    /// Cost of an assignment, summed by demand point in order.
    pub fn total(&self, assigned: &[u32]) -> f64 {
        assigned.iter().enumerate().map(|(demand, &site)| self.cost(demand, site as usize)).sum()
    }

    /// Whether an assignment keeps all rules.
    pub fn allows(&self, assigned: &[u32]) -> bool {
        let mut load = vec![0u64; self.sites];
        for (&site, &takes) in assigned.iter().zip(&self.demand) {
            load[site as usize] += takes;
        }
        let mut used = vec![false; self.sites];
        assigned.iter().for_each(|&site| used[site as usize] = true);
        let opened = (0..self.sites).filter(|&site| used[site] && !self.standing[site]).count();
        opened <= self.p
            && load.iter().zip(&self.capacity).all(|(load, capacity)| load <= capacity)
            && self.total(assigned).is_finite()
    }

    /// From this bound on nothing cheaper than `cost` is left: a whole number less, or a relative 1e-10 for real costs.
    pub fn cutoff(&self, cost: f64) -> f64 {
        if self.integral { cost - 1.0 + 1e-6 } else { cost - 1e-10 * cost.abs() }
    }
}
