//! What a p-median problem comes down to once the existing sites stand: candidates that are nearer than they are.
//!
//! For each demand point only the candidates nearer than the nearest existing site can matter; the rest of the pairs is dropped.
//! Demand that no existing site reaches costs a penalty larger than any whole answer when no open candidate reaches it, so the
//! least cost reaches all demand if any choice does, and a bound on it is a bound on the true problem.

use crate::domain::location::{LocationProblem, Role};
use crate::siting::effort::Reduction;
use crate::siting::locate::separations::{Separations, Sparse};

/// Sums of integers up to this are exact in f64.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Least Σ cost of the nearest of `p` chosen candidates, or of what stands already where that is cheaper.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Site row of each candidate, ascending.
    pub candidates: Vec<u32>,
    /// How many candidates open.
    pub p: usize,
    /// For each demand point the candidates cheaper than its `other`, by cost, then candidate.
    pub near: Sparse,
    /// The same by candidate.
    pub reach: Sparse,
    /// Cost of each demand point when no near candidate opens: of the nearest existing site, or the penalty.
    pub other: Vec<f64>,
    /// More than any choice that reaches all demand costs.
    pub penalty: f64,
    /// Whether all costs are whole numbers, so that bounds may be rounded up.
    pub integral: bool,
}

impl Instance {
    /// The instance of a p-median problem: cost = weight · impedance.
    pub fn new(problem: &LocationProblem, separations: &Separations, p: usize) -> Self {
        let weights: Vec<f64> = problem.demand.weights.iter().map(|&weight| weight as f64).collect();
        Self::weighted(&problem.sites.roles, &weights, separations, p)
    }

    /// The instance with these weights.
    pub fn weighted(roles: &[Role], weights: &[f64], separations: &Separations, p: usize) -> Self {
        let candidates: Vec<u32> = rows_of(roles, Role::Candidate);
        let mut number = vec![u32::MAX; roles.len()];
        for (candidate, &site) in candidates.iter().enumerate() {
            number[site as usize] = candidate as u32;
        }
        let mut other = Vec::with_capacity(weights.len());
        let mut rows = Vec::with_capacity(weights.len());
        let (mut integral, mut largest) = (true, 0.0f64);
        for (demand, &weight) in weights.iter().enumerate() {
            let (sites, impedances) = separations.by_demand.row(demand);
            let costs = || sites.iter().zip(impedances).map(|(&site, &impedance)| (site, weight * impedance));
            let existing = costs().filter(|&(site, _)| number[site as usize] == u32::MAX);
            let standing = existing.map(|(_, cost)| cost).fold(f64::INFINITY, f64::min);
            let of = |(site, cost): (u32, f64)| (number[site as usize], cost);
            let mut row: Vec<_> = costs().map(of).filter(|&(c, cost)| c != u32::MAX && cost < standing).collect();
            row.sort_unstable_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            let worst = if standing.is_finite() { standing } else { row.last().map_or(0.0, |&(_, cost)| cost) };
            largest += worst;
            integral &= worst.fract() == 0.0 && row.iter().all(|(_, cost)| cost.fract() == 0.0);
            other.push(standing);
            rows.push(row);
        }
        let penalty = 2.0 * largest + 1.0;
        for cost in other.iter_mut().filter(|cost| cost.is_infinite()) {
            *cost = penalty;
        }
        let near = Sparse::from_rows(rows);
        let reach = near.transposed(candidates.len());
        Self { p: p.min(candidates.len()), candidates, near, reach, other, penalty, integral: integral && largest < EXACT }
    }

    /// Pairs before and after those that an existing site makes useless are dropped.
    pub fn reduction(&self, separations: &Separations) -> Reduction {
        let (before, after) = (separations.by_demand.pairs() as u64, self.near.pairs() as u64);
        Reduction { name: "nearer_existing", counts: "pairs", before, after }
    }

    /// Cost of a choice, summed by demand point in order.
    pub fn cost(&self, open: &[bool]) -> f64 {
        let nearest = |demand: usize| {
            let (candidates, costs) = self.near.row(demand);
            let at = candidates.iter().position(|&candidate| open[candidate as usize]);
            at.map_or(self.other[demand], |at| costs[at])
        };
        (0..self.other.len()).map(nearest).sum()
    }

    /// From this bound on nothing cheaper than `cost` is left: a whole number less, or a relative 1e-10 for real costs.
    pub fn cutoff(&self, cost: f64) -> f64 {
        if self.integral { cost - 1.0 + 1e-6 } else { cost - 1e-10 * cost.abs() }
    }

    /// A bound rounded up when costs are whole.
    pub fn rounded(&self, bound: f64) -> f64 {
        if self.integral { (bound - 1e-6).ceil() } else { bound }
    }
}

/// Rows of a role, ascending.
pub fn rows_of(roles: &[Role], role: Role) -> Vec<u32> {
    (0u32..).zip(roles).filter(|&(_, &r)| r == role).map(|(row, _)| row).collect()
}
