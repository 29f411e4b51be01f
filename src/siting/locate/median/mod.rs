//! p-median: least Σ weight · impedance to the nearest open site, opening exactly p candidates besides the existing sites
//! (Hakimi 1964).
//!
//! Minimise Σ_j Σ_i w_j d_ij x_ij with Σ_i x_ij = 1, x_ij ≤ y_i, Σ_i y_i = p (ReVelle & Swain 1970). Steps: [`instance`] drops
//! what existing sites serve better; [`search`] swaps; [`tree`] bounds by Lagrangian relaxation and closes by branch and bound.
//! The two run side by side in rounds of doubling work and exchange their best between rounds, so the answer depends on the
//! work, not on the threads. With whole-number costs the bound is rounded up and "optimal" is exact; with real costs it means
//! within a relative 1e-10. When not to use it: far beyond 10⁷ pairs within the limit, where a sparser limit should come first.

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
        let start = reach_all(&instance, effort.work.saturating_mul(UNIT), &|| effort.is_over())?;
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
fn reach_all(instance: &Instance, pairs: u64, stop: &dyn Fn() -> bool) -> Result<Vec<u32>, LocateError> {
    let stranded = (0..instance.other.len()).filter(|&j| instance.other[j] == instance.penalty);
    let (demand, rows): (Vec<u32>, Vec<Vec<u32>>) = stranded.map(|j| (j as u32, instance.near.row(j).0.to_vec())).unzip();
    let n = instance.candidates.len();
    match cover::decide(&rows, n, instance.p, pairs, stop) {
        Verdict::Covered(mut chosen) => {
            let mut open = opened(instance, &chosen);
            let spare = (0..n as u32).filter(|&candidate| !std::mem::replace(&mut open[candidate as usize], true));
            chosen.extend(spare.take(instance.p - chosen.len()).collect::<Vec<_>>());
            chosen.sort_unstable();
            Ok(chosen)
        }
        Verdict::Impossible => {
            let culprits = cover::culprits(&rows, n, instance.p, pairs, stop).into_iter().map(|row| demand[row]).collect();
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
        reductions: vec![instance.reduction(separations)],
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::location::{LocationDemand, LocationSites, Separation};
    use crate::progress::Silent;
    use crate::siting::locate::oracle;
    use proptest::prelude::*;

    fn run(problem: &LocationProblem, p: usize) -> Result<Answer, LocateError> {
        solve(problem, &Separations::new(problem, None), &oracle::ask(Model::PMedian, p), &Silent)
    }

    /// Points 0, 1, …, on a line, each a site and a demand point, with these weights.
    pub(crate) fn line(weights: &[u64], roles: Vec<Role>) -> LocationProblem {
        let n = weights.len();
        let pair = |i: usize, j: usize| (i as u32, j as u32, i.abs_diff(j) as f64);
        let entries = (0..n).flat_map(|i| (0..n).map(move |j| pair(i, j))).collect();
        let ids: Vec<String> = (0..n).map(|row| row.to_string()).collect();
        LocationProblem {
            sites: LocationSites { ids: ids.clone(), points: Vec::new(), roles, costs: vec![1; n], capacities: vec![None; n] },
            demand: LocationDemand { ids, points: Vec::new(), weights: weights.to_vec() },
            separation: Separation::Matrix(entries),
            weight_scale: 1,
        }
    }

    #[test]
    fn two_medians_of_a_line_and_the_lower_site_serves_a_tie() {
        let answer = run(&line(&[1, 5, 1, 5, 1], vec![Role::Candidate; 5]), 2).unwrap();
        assert_eq!((answer.status, answer.objective, answer.bound), (Status::Optimal, 3.0, 3.0));
        assert_eq!(answer.opened, [1, 3]);
        assert_eq!(answer.assigned, [Some(1), Some(1), Some(1), Some(3), Some(3)]);
    }

    #[test]
    fn an_existing_site_serves_without_counting() {
        let roles = vec![Role::Candidate, Role::Existing, Role::Candidate, Role::Candidate, Role::Candidate];
        let answer = run(&line(&[1, 5, 1, 5, 1], roles), 1).unwrap();
        assert_eq!((answer.objective, answer.opened), (3.0, vec![3]));
    }

    #[test]
    fn what_is_missing_is_named() {
        let problem = line(&[1, 1, 1], vec![Role::Candidate, Role::Existing, Role::Candidate]);
        let too_few = LocateError::Infeasible { reason: Infeasibility::TooFewCandidates, culprits: vec![0, 2] };
        assert_eq!(run(&problem, 3), Err(too_few));
        let none = Request { p: None, ..oracle::ask(Model::PMedian, 0) };
        let missing = LocateError::Missing { model: "p-median", what: "p" };
        assert_eq!(solve(&problem, &Separations::new(&problem, None), &none, &Silent), Err(missing));
        let alone = line(&[1; 4], vec![Role::Candidate; 4]);
        let near = Separations::new(&alone, Some(0.0));
        let apart = LocateError::Infeasible { reason: Infeasibility::TooFewSites, culprits: vec![1, 2, 3] };
        assert_eq!(solve(&alone, &near, &oracle::ask(Model::PMedian, 2), &Silent), Err(apart));
    }

    #[test]
    fn threads_do_not_change_the_answer() {
        let weights: Vec<u64> = (0..80).map(|i| 1 + i * i % 17).collect();
        let problem = line(&weights, vec![Role::Candidate; 80]);
        let request =
            Request { effort: crate::siting::effort::Effort { work: 2, ..Default::default() }, ..oracle::ask(Model::PMedian, 9) };
        let separations = Separations::new(&problem, None);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| solve(&problem, &separations, &request, &Silent))
        };
        assert_eq!(on(1), on(3));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn the_answer_is_the_enumeration((problem, p) in oracle::problems(9, 12)) {
            match (run(&problem, p), oracle::median(&problem, p)) {
                (Ok(answer), Some(truth)) => {
                    prop_assert_eq!(answer.status, Status::Optimal);
                    prop_assert!(oracle::close(answer.objective, truth), "{} is not {}", answer.objective, truth);
                    prop_assert!(oracle::close(answer.bound, truth));
                    prop_assert_eq!(answer.opened.len(), p);
                    let impedances = oracle::served(&problem, &answer);
                    let cost: f64 = impedances.iter().zip(&problem.demand.weights).map(|(d, &w)| d * w as f64).sum();
                    prop_assert!(oracle::close(cost / problem.weight_scale as f64, truth));
                }
                (Err(LocateError::Infeasible { reason, culprits }), None) => {
                    prop_assert!(matches!(reason, Infeasibility::Unreachable | Infeasibility::TooFewSites));
                    prop_assert!(!culprits.is_empty());
                }
                (found, truth) => prop_assert!(false, "{found:?} but the truth is {truth:?}"),
            }
        }

        #[test]
        fn the_bound_of_an_unfinished_tree_holds((problem, p) in oracle::problems(9, 12)) {
            let instance = Instance::new(&problem, &Separations::new(&problem, None), p);
            let truth = oracle::median(&problem, p).map_or(f64::INFINITY, |truth| truth * problem.weight_scale as f64);
            let chosen: Vec<u32> = (0..p as u32).collect();
            let mut tree = Tree::new(&instance, instance.cost(&opened(&instance, &chosen)), &chosen);
            while !tree.is_closed() {
                tree.run(1, &|| false);
                prop_assert!(tree.bound() <= truth * (1.0 + 1e-9) + 1e-9, "{} is above {}", tree.bound(), truth);
            }
            prop_assert!(oracle::close(tree.best().0, truth) || (truth.is_infinite() && tree.best().0 >= instance.penalty));
        }

        #[test]
        fn a_search_alone_never_beats_the_truth((problem, p) in oracle::problems(9, 12)) {
            let instance = Instance::new(&problem, &Separations::new(&problem, None), p);
            let mut search = Search::new(&instance, 7);
            search.run(3000, &|| false);
            let (cost, chosen) = search.best();
            prop_assert_eq!(chosen.len(), p);
            prop_assert!(oracle::close(cost, instance.cost(&opened(&instance, chosen))));
            if let Some(truth) = oracle::median(&problem, p) {
                prop_assert!(cost >= truth * problem.weight_scale as f64 * (1.0 - 1e-9));
            }
        }
    }
}
