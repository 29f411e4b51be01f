//! Capacitated maximal covering: most weight served within the limit, no site more than its capacity (Current & Storbeck 1988).
//!
//! Formulation: most `Σ z`, `Σ z ≤ w` a demand point, `Σ z ≤ capacity · x` a site, z only within the limit, at most p new sites,
//! within the budget. Demand may be split between sites, existing ones included. A choice of sites is worth a maximum flow
//! ([`flow`]). Steps: demand points that the same sites reach merge (they may be split anyway); lazy greedy, as flows have
//! diminishing returns (Minoux 1978), and swaps; the Lagrangian bound and a tree on it ([`relax`]); a mixed integer program
//! when a solver is compiled in ([`exact`]). Work is counted in pairs. Deterministic; ties go to the lower site.

pub mod exact;
pub mod flow;
pub mod relax;

use std::collections::{BTreeMap, BinaryHeap};

use super::model::{Answer, LocateError, Request, Status};
use super::separations::Separations;
use crate::domain::location::{LocationProblem, Role};
use crate::progress::Progress;
use crate::siting::effort::Reduction;
use crate::siting::problem::Rows;
use crate::siting::set_cover::branch::{self, Best};
use crate::siting::set_cover::lagrange::Fixed;
use crate::siting::set_cover::layout::{limits, needed};
use crate::siting::set_cover::meter::Meter;
use flow::{Flow, Network};
use relax::Relaxed;

/// Nodes searched before a solver is asked.
const NODES: usize = 200;

/// A problem to choose sites in.
#[derive(Debug)]
pub struct Case {
    /// Sites, in the problem's order, and demand.
    pub network: Network,
    /// Which sites are there already.
    pub is_existing: Vec<bool>,
    /// What each site costs; nothing when it is there already.
    pub costs: Vec<u64>,
    /// How many may open.
    pub at_most: usize,
    /// How much they may cost.
    pub budget: u64,
}

/// Solves; the objective is the weight served.
///
/// # Errors
/// When there is no limit, or neither p nor a budget.
pub fn solve(
    problem: &LocationProblem,
    separations: &Separations,
    request: &Request,
    progress: &dyn Progress,
) -> Result<Answer, LocateError> {
    let limit = needed(request, "limit", request.limit)?;
    let (at_most, budget) = limits(request)?;
    let (case, reductions) = Case::new(problem, separations, limit, (at_most, budget));
    progress.begin("capacitated covering", 0);
    let mut meter = Meter::new(&request.effort);
    let mut best = Best { loss: i64::MAX, chosen: None };
    let bound = close(&case, &mut best, request.effort.gap, &mut meter);
    progress.end();
    let unit = problem.weight_scale as f64;
    Ok(Answer {
        status: if bound == best.loss { Status::Optimal } else { Status::Feasible },
        objective: best.loss.unsigned_abs() as f64 / unit,
        bound: bound.unsigned_abs() as f64 / unit,
        opened: best.chosen.unwrap_or_default(),
        assigned: Vec::new(),
        second: None,
        reductions,
        stopped_by_time: meter.is_late() && bound != best.loss,
    })
}

/// Searches, bounds and proves: greedy, root, swaps, small tree, solver, tree. Gives the lower bound on the loss.
fn close(case: &Case, best: &mut Best, gap: f64, meter: &mut Meter) -> i64 {
    let is_done = |bound: i64, best: &Best| bound >= best.loss || ((best.loss - bound) as f64) <= gap * (bound as f64).abs();
    let fixed: Vec<Fixed> = case.is_existing.iter().map(|&there| if there { Fixed::In } else { Fixed::Free }).collect();
    let mut relaxed = Relaxed::new(case);
    let total: u64 = case.network.weights.iter().sum();
    let mut flow = case.greedy(meter);
    best.offer(-(flow.total() as i64), case.opened(&flow));
    let upper = relaxed.descend(&fixed, -(best.loss as f64), 500, meter);
    let mut bound = (-(upper.min(total as f64).floor() as i64)).min(best.loss);
    if !is_done(bound, best) {
        case.swap(&mut flow, meter);
        best.offer(-(flow.total() as i64), case.opened(&flow));
    }
    if !is_done(bound, best) {
        bound = branch::close(&mut relaxed, fixed.clone(), best, bound, NODES, meter);
    }
    if !is_done(bound, best) {
        bound = exact::close(case, best, bound, meter).unwrap_or(bound);
    }
    if !is_done(bound, best) {
        bound = bound.max(branch::close(&mut relaxed, fixed, best, bound, usize::MAX, meter));
    }
    bound.min(best.loss)
}

impl Case {
    /// Of a problem; demand that nobody reaches is left out, demand that the same sites reach is one.
    fn new(
        problem: &LocationProblem,
        separations: &Separations,
        limit: f64,
        (at_most, budget): (usize, u64),
    ) -> (Self, Vec<Reduction>) {
        let mut classes: BTreeMap<Vec<u32>, u64> = BTreeMap::new();
        for (demand, &weight) in problem.demand.weights.iter().enumerate().filter(|(_, weight)| **weight > 0) {
            let (sites, impedances) = separations.by_demand.row(demand);
            let near = sites.iter().zip(impedances).filter(|(_, impedance)| **impedance <= limit).map(|(&site, _)| site);
            *classes.entry(near.collect()).or_default() += weight;
        }
        classes.remove(&Vec::new());
        let (before, after) = (problem.demand.weights.len() as u64, classes.len() as u64);
        let weights: Vec<u64> = classes.values().copied().collect();
        let reaches = classes.into_keys().collect::<Rows>().transposed(problem.sites.ids.len());
        let reached = reaches.iter().map(|row| row.iter().map(|&demand| weights[demand as usize]).sum::<u64>());
        let capacities =
            problem.sites.capacities.iter().zip(reached).map(|(capacity, all)| capacity.unwrap_or(all).min(all)).collect();
        let is_existing: Vec<bool> = problem.sites.roles.iter().map(|&role| role == Role::Existing).collect();
        let costs = problem.sites.costs.iter().zip(&is_existing).map(|(&cost, &there)| if there { 0 } else { cost }).collect();
        let network = Network::new(reaches, capacities, weights);
        let reduction = Reduction { name: "identical_coverage", counts: "elements", before, after };
        (Self { network, is_existing, costs, at_most, budget }, vec![reduction])
    }

    /// Newly opened sites, ascending.
    fn opened(&self, flow: &Flow<'_>) -> Vec<u32> {
        (0..self.network.sites()).filter(|&site| flow.is_open[site] && !self.is_existing[site]).map(|site| site as u32).collect()
    }

    /// How many may still open beside those fixed in, and how much money is left.
    fn room(&self, fixed: &[Fixed]) -> (usize, u64) {
        self.room_beside((0..fixed.len()).filter(|&site| fixed[site] == Fixed::In))
    }

    fn room_beside(&self, open: impl Iterator<Item = usize>) -> (usize, u64) {
        let (mut many, mut cost) = (0, 0);
        for site in open.filter(|&site| !self.is_existing[site]) {
            (many, cost) = (many + 1, cost + self.costs[site]);
        }
        (self.at_most.saturating_sub(many), self.budget.saturating_sub(cost))
    }

    /// Whether those fixed in may all open.
    fn keeps_limits(&self, fixed: &[Fixed]) -> bool {
        let new = || (0..fixed.len()).filter(|&site| fixed[site] == Fixed::In && !self.is_existing[site]);
        new().count() <= self.at_most && new().map(|site| self.costs[site]).sum::<u64>() <= self.budget
    }

    /// Opens the site that gains most as long as one gains and is allowed. Gains only shrink, so old ones are upper bounds.
    fn fill(&self, flow: &mut Flow<'_>, may_open: impl Fn(usize) -> bool) {
        let candidates = (0..self.network.sites()).filter(|&site| !flow.is_open[site] && may_open(site));
        let mut heap: BinaryHeap<(u64, std::cmp::Reverse<usize>, u64)> =
            candidates.map(|site| (flow.most(site), std::cmp::Reverse(site), u64::MAX)).collect();
        while let Some((gain, std::cmp::Reverse(site), known_at)) = heap.pop() {
            let (room, money) = self.room_beside((0..self.network.sites()).filter(|&other| flow.is_open[other]));
            if gain == 0 || room == 0 {
                return;
            }
            if self.costs[site] > money {
                continue;
            }
            let mut trial = flow.clone();
            let exact = trial.open(site);
            flow.work = trial.work + self.network.reaches.pairs() / 8;
            if known_at == flow.total() || heap.peek().is_none_or(|next| (exact, std::cmp::Reverse(site)) >= (next.0, next.1)) {
                if exact == 0 {
                    return;
                }
                *flow = trial;
            } else {
                heap.push((exact, std::cmp::Reverse(site), flow.total()));
            }
        }
    }

    /// Existing sites, then those that gain most.
    fn greedy(&self, meter: &mut Meter) -> Flow<'_> {
        let mut flow = Flow::new(&self.network);
        for site in (0..self.network.sites()).filter(|&site| self.is_existing[site]) {
            flow.open(site);
        }
        self.fill(&mut flow, |site| !self.is_existing[site]);
        meter.spend(std::mem::take(&mut flow.work));
        flow
    }

    /// Swaps one for one while that gains.
    fn swap<'a>(&'a self, flow: &mut Flow<'a>, meter: &mut Meter) {
        let mut improved = true;
        while improved && !meter.is_over() {
            improved = false;
            for site in self.opened(flow) {
                let mut trial = flow.clone();
                trial.close(site as usize);
                self.fill(&mut trial, |other| !self.is_existing[other]);
                meter.spend(std::mem::take(&mut trial.work) + self.network.reaches.pairs());
                if trial.total() > flow.total() {
                    (*flow, improved) = (trial, true);
                }
                if meter.is_over() {
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;
    use crate::siting::locate::model::Model;
    use crate::siting::set_cover::testing::{CASES, compare, problems, request, sets, table};
    use proptest::prelude::*;

    /// What open sites serve: the least cut, by enumeration of the sites whose capacity isn't cut.
    fn served(problem: &LocationProblem, open: &[usize], limit: f64) -> u64 {
        let table = table(problem);
        let cut = |mask: u32| -> u64 {
            let uncut = |at: usize| mask >> at & 1 == 1 || problem.sites.capacities[open[at]].is_none();
            let capacity =
                (0..open.len()).filter(|&at| !uncut(at)).filter_map(|at| problem.sites.capacities[open[at]]).sum::<u64>();
            let reached = |demand: usize| (0..open.len()).any(|at| uncut(at) && table[open[at]][demand] <= limit);
            let weights = problem.demand.weights.iter().enumerate();
            capacity + weights.filter(|(demand, _)| reached(*demand)).map(|(_, weight)| weight).sum::<u64>()
        };
        (0..1u32 << open.len()).map(cut).min().unwrap_or(0)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(CASES))]
        #[test]
        fn serves_most(
            problem in problems(),
            limit in 2u32..9,
            p in 0usize..5,
            budget in proptest::option::weighted(0.5, 0u64..20),
        ) {
            let limit = f64::from(limit);
            let separations = Separations::new(&problem, Some(limit));
            let asked = Request { p: Some(p), budget, ..request(Model::CapacitatedMclp, limit) };
            let found = solve(&problem, &separations, &asked, &Silent);
            let allowed = |chosen: &[usize], cost: u64| chosen.len() <= p && budget.is_none_or(|money| cost <= money);
            let truth = sets(&problem).into_iter().filter(|(chosen, _, cost)| allowed(chosen, *cost));
            let truth = truth.map(|(_, open, _)| served(&problem, &open, limit)).max();
            compare(&found, truth.map(|truth| truth as f64), false)?;
            let answer = found.unwrap();
            prop_assert_eq!(answer.status, Status::Optimal);
            let chosen: Vec<usize> = answer.opened.iter().map(|&site| site as usize).collect();
            prop_assert!(allowed(&chosen, chosen.iter().map(|&site| problem.sites.costs[site]).sum()));
            let open = crate::siting::set_cover::testing::open(&problem, &answer);
            prop_assert_eq!(served(&problem, &open, limit) as f64, answer.objective);
        }
    }
}
