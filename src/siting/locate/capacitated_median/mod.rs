//! Capacitated p-median: each demand point served whole by one open site within its capacity, p candidates open besides the
//! existing sites, least Σ impedance (Osman & Christofides 1994).
//!
//! As in the publication a demand point's weight is what it takes of a capacity; its impedance counts once, whatever its weight.
//! Minimise Σ_j Σ_i d_ij x_ij with Σ_i x_ij = 1, Σ_j w_j x_ij ≤ Q_i y_i, Σ_i y_i = p, x and y 0 or 1. Steps: [`search`]
//! constructs and moves; [`tree`] bounds by Lagrangian relaxation with a [`knapsack`] a site and closes by branch and bound. The
//! two run side by side in rounds of doubling work and exchange their best between rounds, so the answer depends on the work,
//! not on the threads. With whole-number impedances the bound is rounded up and "optimal" is exact; with real ones it means
//! within a relative 1e-10. Memory: 8 bytes a pair, all pairs of sites and demand; meant for some 10⁷ pairs at most.

pub mod instance;
pub mod knapsack;
mod leaves;
pub mod search;
pub mod tree;

use std::sync::atomic::{AtomicBool, Ordering};

use self::instance::Instance;
use self::search::Search;
use self::tree::Tree;
use super::median::{instance::rows_of, unreachable};
use super::model::{Answer, Infeasibility, LocateError, Model, Request, Status};
use super::separations::Separations;
use crate::domain::location::{LocationProblem, Role};
use crate::progress::Progress;

/// Work of the first round.
const FIRST_ROUND: u64 = 50_000;
/// Work in a unit of [`crate::siting::effort::Effort::work`].
const UNIT: u64 = 1_000_000;

/// Solves a capacitated p-median problem; impedances missing in `separations` can't serve.
///
/// # Errors
/// When p is missing or larger than the number of candidates, when demand can't be served, or when no answer is found.
pub fn solve(
    problem: &LocationProblem,
    separations: &Separations,
    request: &Request,
    progress: &dyn Progress,
) -> Result<Answer, LocateError> {
    let p = request.p.ok_or(LocateError::Missing { model: Model::CapacitatedPMedian.id(), what: "p" })?;
    check(problem, separations, p)?;
    let instance = Instance::new(problem, separations, p);
    let effort = &request.effort;
    let limit = effort.work.saturating_mul(UNIT);
    progress.begin("capacitated p-median", effort.work);
    let mut search = Search::new(&instance, effort.seed);
    search.run(FIRST_ROUND.min(limit / 2), &|| effort.is_over());
    let mut tree = Tree::new(&instance, search.best().0, search.best().1);
    let mut round = FIRST_ROUND;
    while !tree.is_closed() && search.work() + tree.work() < limit && !effort.is_over() {
        let before = (search.work() + tree.work()) / UNIT;
        let work = round.min((limit - search.work() - tree.work()).div_ceil(2));
        let closed = AtomicBool::new(false);
        let in_search = || search.run(work, &|| closed.load(Ordering::Relaxed) || effort.is_over());
        let in_tree = || {
            tree.run(work, &|| effort.is_over());
            closed.store(tree.is_closed(), Ordering::Relaxed);
        };
        rayon::join(in_tree, in_search);
        progress.advance((search.work() + tree.work()) / UNIT - before);
        if !tree.is_closed() {
            if tree.suggestion().len() == p {
                search.try_sites(tree.suggestion());
            }
            tree.offer(search.best().0, search.best().1);
        }
        let (cost, bound) = (tree.best().0, tree.bound());
        if !tree.best().1.is_empty() && cost - bound <= effort.gap * cost {
            break;
        }
        round = round.saturating_mul(2);
    }
    progress.end();
    if tree.best().1.is_empty() && !problem.demand.weights.is_empty() {
        let culprits = (0..problem.demand.weights.len() as u32).collect();
        let proved = LocateError::Infeasible { reason: Infeasibility::Unpackable, culprits };
        return Err(if tree.is_closed() { proved } else { LocateError::Undecided });
    }
    Ok(answer(&instance, &tree, problem, effort.is_over()))
}

/// What can be seen to be infeasible at once.
fn check(problem: &LocationProblem, separations: &Separations, p: usize) -> Result<(), LocateError> {
    let candidates = rows_of(&problem.sites.roles, Role::Candidate);
    let existing = rows_of(&problem.sites.roles, Role::Existing);
    if p > candidates.len() {
        return Err(LocateError::Infeasible { reason: Infeasibility::TooFewCandidates, culprits: candidates });
    }
    unreachable(separations)?;
    let total = problem.total_weight();
    let capacity = |&site: &u32| problem.sites.capacities[site as usize].unwrap_or(total).min(total);
    let weights = &problem.demand.weights;
    let fits = |demand: usize| separations.by_demand.row(demand).0.iter().any(|site| weights[demand] <= capacity(site));
    let culprits: Vec<u32> = (0..weights.len()).filter(|&demand| !fits(demand)).map(|demand| demand as u32).collect();
    if !culprits.is_empty() {
        return Err(LocateError::Infeasible { reason: Infeasibility::TooHeavy, culprits });
    }
    let mut largest: Vec<u64> = candidates.iter().map(capacity).collect();
    largest.sort_unstable_by(|a, b| b.cmp(a));
    let all = existing.iter().map(capacity).chain(largest.into_iter().take(p)).fold(0u64, u64::saturating_add);
    if all < total {
        let culprits = (0..problem.sites.roles.len() as u32).collect();
        return Err(LocateError::Infeasible { reason: Infeasibility::TooLittleCapacity, culprits });
    }
    Ok(())
}

fn answer(instance: &Instance, tree: &Tree, problem: &LocationProblem, over: bool) -> Answer {
    let (cost, assigned) = tree.best();
    let mut used = vec![false; instance.sites];
    assigned.iter().for_each(|&site| used[site as usize] = true);
    let candidates = || rows_of(&problem.sites.roles, Role::Candidate).into_iter();
    let mut opened: Vec<u32> = candidates().filter(|&site| used[site as usize]).collect();
    let spare = instance.p - opened.len();
    opened.extend(candidates().filter(|&site| !used[site as usize]).take(spare));
    opened.sort_unstable();
    let proved = tree.is_closed() || tree.bound() >= cost;
    Answer {
        status: if proved { Status::Optimal } else { Status::Feasible },
        objective: cost,
        bound: if proved { cost } else { tree.bound() },
        opened,
        assigned: assigned.iter().map(|&site| Some(site)).collect(),
        second: None,
        reductions: Vec::new(),
        stopped_by_time: !proved && over,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;
    use crate::siting::locate::oracle;
    use proptest::prelude::*;

    fn run(problem: &LocationProblem, p: usize) -> Result<Answer, LocateError> {
        solve(problem, &Separations::new(problem, None), &oracle::ask(Model::CapacitatedPMedian, p), &Silent)
    }

    #[test]
    fn capacity_turns_a_customer_away() {
        use crate::domain::location::{LocationDemand, LocationSites, Separation};
        let ids = |n: usize| -> Vec<String> { (0..n).map(|row| row.to_string()).collect() };
        let roles = vec![Role::Existing, Role::Candidate];
        let capacities = vec![Some(3), Some(5)];
        let sites = LocationSites { ids: ids(2), points: Vec::new(), roles, costs: vec![1; 2], capacities };
        let demand = LocationDemand { ids: ids(3), points: Vec::new(), weights: vec![2, 2, 1] };
        let entries = vec![(0, 0, 1.0), (0, 1, 1.0), (0, 2, 1.0), (1, 0, 9.0), (1, 1, 5.0), (1, 2, 2.0)];
        let mut problem = LocationProblem { sites, demand, separation: Separation::Matrix(entries), weight_scale: 1 };
        let answer = run(&problem, 1).unwrap();
        assert_eq!((answer.status, answer.objective, answer.bound), (Status::Optimal, 7.0, 7.0));
        assert_eq!((answer.opened, answer.assigned), (vec![1], vec![Some(0), Some(1), Some(0)]));
        let little = LocateError::Infeasible { reason: Infeasibility::TooLittleCapacity, culprits: vec![0, 1] };
        assert_eq!(run(&problem, 0), Err(little));
        problem.demand.weights[1] = 6;
        assert_eq!(run(&problem, 1), Err(LocateError::Infeasible { reason: Infeasibility::TooHeavy, culprits: vec![1] }));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn the_answer_is_the_enumeration((problem, p) in oracle::problems(5, 7)) {
            match (run(&problem, p), oracle::capacitated_median(&problem, p)) {
                (Ok(answer), Some(truth)) => {
                    prop_assert_eq!(answer.status, Status::Optimal);
                    prop_assert!(oracle::close(answer.objective, truth), "{} is not {}", answer.objective, truth);
                    prop_assert!(oracle::close(answer.bound, truth));
                    prop_assert_eq!(answer.opened.len(), p);
                    prop_assert!(oracle::close(oracle::served(&problem, &answer).iter().sum(), truth));
                    for (site, capacity) in problem.sites.capacities.iter().enumerate() {
                        let load: u64 = problem.demand.weights.iter().zip(&answer.assigned)
                            .filter(|(_, at)| **at == Some(site as u32)).map(|(&weight, _)| weight).sum();
                        prop_assert!(capacity.is_none_or(|capacity| load <= capacity));
                    }
                }
                (Err(LocateError::Infeasible { culprits, .. }), None) => prop_assert!(!culprits.is_empty()),
                (found, truth) => prop_assert!(false, "{found:?} but the truth is {truth:?}"),
            }
        }

        #[test]
        fn the_bound_of_an_unfinished_tree_holds((problem, p) in oracle::problems(5, 7)) {
            let separations = Separations::new(&problem, None);
            prop_assume!(check(&problem, &separations, p).is_ok());
            let instance = Instance::new(&problem, &separations, p);
            let truth = oracle::capacitated_median(&problem, p).unwrap_or(f64::INFINITY);
            let mut tree = Tree::new(&instance, instance.penalty, &[]);
            while !tree.is_closed() {
                tree.run(1, &|| false);
                prop_assert!(tree.bound() <= truth * (1.0 + 1e-9) + 1e-9, "{} is above {}", tree.bound(), truth);
            }
            prop_assert!(tree.best().0.min(truth) == truth.min(instance.penalty) || oracle::close(tree.best().0, truth));
        }
    }
}
