//! p-median: least Σ weight · impedance to the nearest open site, opening exactly p candidates besides the existing sites (Hakimi 1964).
//!
//! Minimise Σ_j Σ_i w_j d_ij x_ij with Σ_i x_ij = 1, x_ij ≤ y_i, Σ_i y_i = p (ReVelle & Swain 1970). Steps: [`instance`] drops what
//! existing sites serve better; [`search`] swaps; [`tree`] bounds by Lagrangian relaxation and closes by branch and bound. The two run
//! side by side in rounds of doubling work and exchange their best between rounds, so the answer depends on the work, not on the
//! threads. With whole-number costs the bound is rounded up and "optimal" is exact; with real costs it means within a relative 1e-10.
//! When not to use it: far beyond 10⁷ pairs within the limit, where a sparser limit should come first.

pub mod instance;
pub mod search;
pub mod tree;

use std::sync::atomic::{AtomicBool, Ordering};

use self::instance::{Instance, rows_of};
use self::search::Search;
use self::tree::Tree;
use crate::domain::location::{LocationProblem, Role};
use crate::progress::Progress;
use crate::siting::locate::cover::{self, Verdict};
use crate::siting::locate::model::{Answer, Infeasibility, LocateError, Model, Request, Status};
use crate::siting::locate::separations::Separations;

/// Pairs looked at in the first round.
const FIRST_ROUND: u64 = 500_000;
/// Pairs of work in a unit of [`crate::siting::effort::Effort::work`].
const UNIT: u64 = 1_000_000;

/// Solves a p-median problem; impedances missing in `separations` can't serve.
///
/// # Errors
/// When p is missing or larger than the number of candidates, or when no p candidates reach all demand.
pub fn solve(
    problem: &LocationProblem,
    separations: &Separations,
    request: &Request,
    progress: &dyn Progress,
) -> Result<Answer, LocateError> {
    let p = request.p.ok_or(LocateError::Missing { model: Model::PMedian.id(), what: "p" })?;
    let candidates = rows_of(&problem.sites.roles, Role::Candidate);
    if p > candidates.len() {
        return Err(LocateError::Infeasible { reason: Infeasibility::TooFewCandidates, culprits: candidates });
    }
    unreachable(separations)?;
    let instance = Instance::new(problem, separations, p);
    let effort = &request.effort;
    progress.begin("p-median", effort.work);
    let mut search = Search::new(&instance, effort.seed);
    if search.best().0 >= instance.penalty {
        let start = reach_all(&instance, effort.work.saturating_mul(UNIT))?;
        search.offer(instance.cost(&opened(&instance, &start)), &start);
    }
    let mut tree = Tree::new(&instance, search.best().0, search.best().1);
    let limit = effort.work.saturating_mul(UNIT);
    let mut round = FIRST_ROUND;
    while !tree.is_closed() && search.work() + tree.work() < limit && !effort.is_over() {
        let before = (search.work() + tree.work()) / UNIT;
        let pairs = round.min((limit - search.work() - tree.work()).div_ceil(2));
        let closed = AtomicBool::new(false);
        let in_search = || search.run(pairs, &|| closed.load(Ordering::Relaxed) || effort.is_over());
        let in_tree = || {
            tree.run(pairs, &|| effort.is_over());
            closed.store(tree.is_closed(), Ordering::Relaxed);
        };
        rayon::join(in_tree, in_search);
        progress.advance((search.work() + tree.work()) / UNIT - before);
        if !tree.is_closed() {
            tree.offer(search.best().0, search.best().1);
            search.offer(tree.best().0, tree.best().1);
        }
        let (cost, bound) = (tree.best().0, tree.bound());
        if cost - bound <= effort.gap * cost {
            break;
        }
        round = round.saturating_mul(2);
    }
    progress.end();
    let stopped_by_time = !tree.is_closed() && effort.is_over();
    Ok(answer(problem, separations, &instance, &tree, stopped_by_time))
}

/// Demand that no site reaches is to blame.
pub(crate) fn unreachable(separations: &Separations) -> Result<(), LocateError> {
    let rows = 0..separations.by_demand.rows();
    let culprits: Vec<u32> = rows.filter(|&row| separations.by_demand.row(row).0.is_empty()).map(|row| row as u32).collect();
    if culprits.is_empty() { Ok(()) } else { Err(LocateError::Infeasible { reason: Infeasibility::Unreachable, culprits }) }
}

fn opened(instance: &Instance, chosen: &[u32]) -> Vec<bool> {
    let mut open = vec![false; instance.candidates.len()];
    for &candidate in chosen {
        open[candidate as usize] = true;
    }
    open
}

/// p candidates that reach all demand, or the demand that p candidates can't reach together.
fn reach_all(instance: &Instance, pairs: u64) -> Result<Vec<u32>, LocateError> {
    let stranded = (0..instance.other.len()).filter(|&j| instance.other[j] == instance.penalty);
    let (demand, rows): (Vec<u32>, Vec<Vec<u32>>) = stranded.map(|j| (j as u32, instance.near.row(j).0.to_vec())).unzip();
    let n = instance.candidates.len();
    match cover::decide(&rows, n, instance.p, pairs, &|| false) {
        Verdict::Covered(mut chosen) => {
            let mut open = opened(instance, &chosen);
            let spare = (0..n as u32).filter(|&candidate| !std::mem::replace(&mut open[candidate as usize], true));
            chosen.extend(spare.take(instance.p - chosen.len()).collect::<Vec<_>>());
            chosen.sort_unstable();
            Ok(chosen)
        }
        Verdict::Impossible => {
            let culprits = cover::culprits(&rows, n, instance.p, pairs).into_iter().map(|row| demand[row]).collect();
            Err(LocateError::Infeasible { reason: Infeasibility::TooFewSites, culprits })
        }
        Verdict::Undecided => Err(LocateError::Undecided),
    }
}

fn answer(
    problem: &LocationProblem,
    separations: &Separations,
    instance: &Instance,
    tree: &Tree,
    stopped_by_time: bool,
) -> Answer {
    let (_, chosen) = tree.best();
    let opened: Vec<u32> = chosen.iter().map(|&candidate| instance.candidates[candidate as usize]).collect();
    let nearest = nearest(problem, separations, &opened);
    let cost = |(weight, nearest): (&u64, &Option<(u32, f64)>)| *weight as f64 * nearest.map_or(0.0, |(_, impedance)| impedance);
    let total: f64 = problem.demand.weights.iter().zip(&nearest).map(cost).sum();
    let scale = problem.weight_scale as f64;
    let closed = tree.is_closed();
    Answer {
        status: if closed || tree.bound() >= total { Status::Optimal } else { Status::Feasible },
        objective: total / scale,
        bound: if closed { total / scale } else { tree.bound().min(total) / scale },
        opened,
        assigned: nearest.iter().map(|nearest| nearest.map(|(site, _)| site)).collect(),
        second: None,
        reductions: Vec::new(),
        stopped_by_time,
    }
}

/// For each demand point the nearest open site (ties to the lower row) and its impedance.
pub(crate) fn nearest(problem: &LocationProblem, separations: &Separations, opened: &[u32]) -> Vec<Option<(u32, f64)>> {
    let mut open: Vec<bool> = problem.sites.roles.iter().map(|&role| role == Role::Existing).collect();
    for &site in opened {
        open[site as usize] = true;
    }
    let of = |row: usize| {
        let (sites, impedances) = separations.by_demand.row(row);
        let served = sites.iter().zip(impedances).filter(|&(&site, _)| open[site as usize]).map(|(&site, &d)| (site, d));
        served.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
    };
    (0..separations.by_demand.rows()).map(of).collect()
}
