//! Lagrangian bound of the capacitated model, for the root and for nodes of a tree.
//!
//! Serving a demand point more than once is allowed, at a price u in [0, 1] a unit: what is served is bounded by
//! `Σ u · w + Σ v` over existing and the best allowed candidates, where `v = most Σ (1 − u) · z, z ≤ w, Σ z ≤ capacity`, a
//! fractional knapsack a site. Steps: subgradient with Polyak's step. Complexity: `O(pairs log pairs)` an iteration. Valid for
//! any u; raised by more than the rounding of the sums, then rounded down, as what is served is a whole number. Deterministic.

use super::Case;
use super::flow::Flow;
use crate::siting::set_cover::branch::{Best, Relaxation, Visit};
use crate::siting::set_cover::lagrange::Fixed;
use crate::siting::set_cover::meter::Meter;

/// Iterations at each node.
const ITERATIONS: usize = 60;

/// Prices and the best known use of them.
#[derive(Debug)]
pub struct Relaxed<'a> {
    case: &'a Case,
    prices: Vec<f64>,
    values: Vec<f64>,
    average: Vec<f64>,
}

impl<'a> Relaxed<'a> {
    /// Begins with the price ½ for everything.
    pub fn new(case: &'a Case) -> Self {
        let (sites, demand) = (case.network.sites(), case.network.weights.len());
        Self { case, prices: vec![0.5; demand], values: vec![0.0; sites], average: vec![0.5; sites] }
    }

    /// The least upper bound found in some iterations; stops when nothing above `lower` is left.
    pub fn descend(&mut self, fixed: &[Fixed], lower: f64, iterations: usize, meter: &mut Meter) -> f64 {
        let network = &self.case.network;
        let (mut best, mut pace, mut still) = (f64::INFINITY, 1.0, 0);
        let (mut prices, mut use_of) = (self.prices.clone(), vec![0.0; network.weights.len()]);
        for _ in 0..iterations {
            meter.spend(4 * network.reaches.pairs());
            let bound = self.bound_at(&prices, fixed, &mut use_of);
            still = if bound < best - 1e-7 * best.min(1e300) { 0 } else { still + 1 };
            if bound < best {
                best = bound;
                self.prices.clone_from(&prices);
            }
            if still >= 15 {
                (pace, still) = (pace * 0.5, 0);
            }
            let norm: f64 = use_of.iter().zip(&network.weights).map(|(used, &weight)| (weight as f64 - used).powi(2)).sum();
            if best.floor() <= lower || norm == 0.0 || pace < 0.002 || meter.is_over() {
                break;
            }
            let step = pace * (bound - lower).max(1e-3) / norm;
            for ((price, used), &weight) in prices.iter_mut().zip(&use_of).zip(&network.weights) {
                *price = (*price - step * (weight as f64 - used)).clamp(0.0, 1.0);
            }
        }
        best
    }

    /// The bound at some prices; `use_of` becomes how much of each demand point is served, more than once perhaps.
    fn bound_at(&mut self, prices: &[f64], fixed: &[Fixed], use_of: &mut [f64]) -> f64 {
        let network = &self.case.network;
        let mut plans: Vec<Vec<(u32, f64)>> = Vec::with_capacity(network.sites());
        for site in 0..network.sites() {
            let mut order: Vec<u32> =
                network.reaches.row(site).iter().copied().filter(|&demand| prices[demand as usize] < 1.0).collect();
            order.sort_unstable_by(|&a, &b| prices[a as usize].total_cmp(&prices[b as usize]).then(a.cmp(&b)));
            let (mut left, mut value, mut plan) = (network.capacities[site], 0.0, Vec::new());
            for demand in order {
                if left == 0 {
                    break;
                }
                let amount = left.min(network.weights[demand as usize]);
                left -= amount;
                value += amount as f64 * (1.0 - prices[demand as usize]);
                plan.push((demand, amount as f64));
            }
            self.values[site] = value;
            plans.push(plan);
        }
        let chosen = self.choose(fixed);
        use_of.fill(0.0);
        let mut sum = 0.0;
        self.average.iter_mut().for_each(|average| *average *= 0.9);
        for &(site, amount) in &chosen {
            sum += amount * self.values[site];
            self.average[site] += 0.1 * amount;
            plans[site].iter().for_each(|&(demand, served)| use_of[demand as usize] += amount * served);
        }
        sum += prices.iter().zip(&network.weights).map(|(price, &weight)| price * weight as f64).sum::<f64>();
        let size = network.weights.iter().sum::<u64>() as f64 + self.values.iter().sum::<f64>();
        sum + size * 2.3e-16 * (network.reaches.pairs() + network.sites() + 16) as f64
    }

    /// The best sites within the limits, in part where money ends.
    fn choose(&self, fixed: &[Fixed]) -> Vec<(usize, f64)> {
        let case = self.case;
        let inside = (0..fixed.len()).filter(|&site| fixed[site] == Fixed::In);
        let mut chosen: Vec<(usize, f64)> = inside.map(|site| (site, 1.0)).collect();
        let (room, money) = case.room(fixed);
        let mut free: Vec<usize> =
            (0..fixed.len()).filter(|&site| fixed[site] == Fixed::Free && self.values[site] > 0.0).collect();
        let value = |site: &usize| self.values[*site];
        free.sort_unstable_by(|a, b| value(b).total_cmp(&value(a)).then(a.cmp(b)));
        let by_number: Vec<(usize, f64)> = free.iter().take(room).map(|&site| (site, 1.0)).collect();
        let mut best = by_number;
        if free.iter().map(|&site| case.costs[site]).sum::<u64>() > money {
            let rate = |site: usize| self.values[site] / case.costs[site] as f64;
            free.sort_unstable_by(|&a, &b| rate(b).total_cmp(&rate(a)).then(a.cmp(&b)));
            let (mut left, mut by_money) = (money as f64, Vec::new());
            for site in free {
                let cost = case.costs[site] as f64;
                let amount = if cost <= left { 1.0 } else { left / cost };
                left -= cost * amount;
                by_money.push((site, amount));
                if amount < 1.0 {
                    break;
                }
            }
            let sum = |plan: &[(usize, f64)]| plan.iter().map(|&(site, amount)| amount * self.values[site]).sum::<f64>();
            if sum(&by_money) < sum(&best) {
                best = by_money;
            }
        }
        chosen.extend(best);
        chosen
    }
}

impl Relaxation for Relaxed<'_> {
    fn visit(&mut self, fixed: &mut [Fixed], best: &mut Best, meter: &mut Meter) -> Visit {
        let case = self.case;
        if !case.keeps_limits(fixed) {
            return Visit::Closed;
        }
        let (room, money) = case.room(fixed);
        for (site, state) in fixed.iter_mut().enumerate().filter(|(_, state)| **state == Fixed::Free) {
            if room == 0 || case.costs[site] > money {
                *state = Fixed::Out;
            }
        }
        let bound = self.descend(fixed, -(best.loss as f64), ITERATIONS, meter).floor() as i64;
        if -bound >= best.loss {
            return Visit::Closed;
        }
        let mut flow = Flow::new(&case.network);
        (0..fixed.len()).filter(|&site| fixed[site] == Fixed::In).for_each(|site| {
            flow.open(site);
        });
        case.fill(&mut flow, |site| fixed[site] == Fixed::Free);
        meter.spend(flow.work);
        best.offer(-(flow.total() as i64), case.opened(&flow));
        let doubt = |site: usize| (self.average[site] - 0.5).abs();
        let free = (0..fixed.len()).filter(|&site| fixed[site] == Fixed::Free);
        match free.min_by(|&a, &b| doubt(a).total_cmp(&doubt(b)).then(a.cmp(&b))) {
            Some(site) => Visit::Open(-bound, site),
            None => Visit::Closed,
        }
    }
}
