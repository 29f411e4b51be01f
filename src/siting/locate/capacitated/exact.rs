//! Closes the capacitated model as a mixed integer program, when a solver is compiled in.
//!
//! Formulation: x binary a candidate, z a pair; `Σ z ≤ w` a demand point, `Σ z ≤ capacity · x` a site, `z ≤ min(w, capacity) ·
//! x` a pair, the limits on x; most `Σ z`. Answers are evaluated in integers as flows; the solver's bound is rounded outward.

use super::Case;
use super::flow::Flow;
use crate::mip;
use crate::siting::set_cover::branch::Best;
use crate::siting::set_cover::exact::{ROOT, outward};
use crate::siting::set_cover::meter::Meter;

/// Problems with more pairs than this are not handed over.
const PAIRS: usize = 200_000;

/// Solves; a better answer goes to `best`. Gives a lower bound on the loss, none without a solver.
pub fn close(case: &Case, best: &mut Best, bound: i64, meter: &mut Meter) -> Option<i64> {
    let pairs = case.network.reaches.pairs();
    if !mip::AVAILABLE || pairs > PAIRS || meter.is_over() {
        return None;
    }
    let a_node = 5000 * (pairs as u64 + 1000);
    if meter.left() < ROOT * a_node {
        return None;
    }
    let stop = mip::Stop {
        nodes: Some((meter.left() / 2 / a_node).clamp(1, 1_000_000)),
        seconds: meter.seconds_left(),
        absolute_gap: 0.999,
        cutoff: Some(-best.loss as f64),
        ..mip::Stop::default()
    };
    let solved = formulate(case).solve(&stop, None)?;
    meter.spend(((solved.nodes + ROOT) * a_node) as usize);
    if !solved.values.is_empty() {
        let mut flow = Flow::new(&case.network);
        for site in 0..case.network.sites() {
            if case.is_existing[site] || solved.values[site] > 0.5 {
                flow.open(site);
            }
        }
        best.offer(-(flow.total() as i64), case.opened(&flow));
    }
    if solved.status == mip::Status::Infeasible {
        return Some(best.loss);
    }
    Some(outward(-solved.bound).max(bound).min(best.loss))
}

/// The program; the first columns are the sites.
fn formulate(case: &Case) -> mip::Program {
    let network = &case.network;
    let mut model = mip::Program::maximise();
    for &there in &case.is_existing {
        model.integer(0.0, f64::from(u8::from(there)), 1.0);
    }
    let new = || (0..network.sites()).filter(|&site| !case.is_existing[site]);
    if case.at_most < network.sites() {
        model.at_most(case.at_most as f64, new().map(|site| (site, 1.0)));
    }
    if case.budget != u64::MAX {
        let paid = new().map(|site| (site, case.costs[site] as f64)).filter(|(_, cost)| *cost > 0.0);
        model.at_most(case.budget as f64, paid);
    }
    let mut at_demand = vec![Vec::new(); network.weights.len()];
    for site in 0..network.sites() {
        let mut at_site = vec![(site, -(network.capacities[site] as f64))];
        for &demand in network.reaches.row(site) {
            let most = network.capacities[site].min(network.weights[demand as usize]) as f64;
            let z = model.column(1.0, 0.0, most);
            model.at_most(0.0, [(z, 1.0), (site, -most)].into_iter().filter(|(_, factor)| *factor != 0.0));
            at_site.push((z, 1.0));
            at_demand[demand as usize].push((z, 1.0));
        }
        model.at_most(0.0, at_site.into_iter().filter(|(_, factor)| *factor != 0.0));
    }
    for (demand, terms) in at_demand.into_iter().enumerate() {
        model.at_most(network.weights[demand] as f64, terms);
    }
    model
}
