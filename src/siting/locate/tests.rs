//! All ten models together: their answers and refusals against the checker and against enumeration by it.

use proptest::prelude::*;

use super::check::{check, objective};
use super::refusal::infeasible;
use super::{Answer, Infeasibility, LocateError, Model, Request, Status, oracle, solve};
use crate::domain::location::{LocationDemand, LocationProblem, LocationSites, Role, Separation};
use crate::progress::Silent;
use crate::siting::effort::Effort;
use crate::siting::set_cover::testing::{problems, sets};

/// Problems of few sites whose weights and capacities are small, large, or decimals.
fn any_size() -> impl Strategy<Value = LocationProblem> {
    (problems(), 0usize..4).prop_map(|(mut problem, size)| {
        let (times, scale) = [(1, 1), (123_456_789_013, 1), (1_000_003, 1_000_000), (7, 10)][size];
        problem.demand.weights.iter_mut().zip(0u64..).for_each(|(weight, row)| *weight *= times + row % 2 * (times / 3));
        problem.sites.capacities.iter_mut().flatten().for_each(|capacity| *capacity *= times);
        problem.weight_scale = scale;
        problem
    })
}

/// A request with everything that the model needs.
fn asked(model: Model, (limit, beyond): (u32, u32), p: usize, budget: Option<u64>, tenths: u32) -> Request {
    let within = matches!(model, Model::Mclp | Model::CapacitatedMclp | Model::Backup | Model::Gradual);
    let counts = within || matches!(model, Model::PMedian | Model::PCenter | Model::CapacitatedPMedian);
    Request {
        model,
        limit: Some(f64::from(limit)),
        outer: (model == Model::Gradual).then(|| f64::from(limit + beyond)),
        p: counts.then_some(p),
        budget: budget.filter(|_| within),
        share: (model == Model::Psclp).then(|| f64::from(tenths) / 10.0),
        effort: Effort { work: 50, ..Effort::default() },
    }
}

fn model() -> impl Strategy<Value = Model> {
    prop::sample::select(Model::ALL.to_vec())
}

/// Codes of the claims that fail.
fn failed(problem: &LocationProblem, request: &Request, answer: &Answer) -> Vec<&'static str> {
    check(problem, request, answer).iter().filter(|claim| claim.fails()).map(|claim| claim.message.code()).collect()
}

/// What a choice is worth, when it keeps the rules.
fn worth(problem: &LocationProblem, request: &Request, opened: Vec<u32>) -> Option<f64> {
    let plain = Answer {
        status: Status::Feasible,
        objective: 0.0,
        bound: 0.0,
        opened,
        assigned: Vec::new(),
        second: None,
        reductions: Vec::new(),
        stopped_by_time: false,
    };
    let rules = ["P402", "P403", "P404", "P407", "P408"];
    let keeps = !failed(problem, request, &plain).iter().any(|code| rules.contains(code));
    objective(problem, request, &plain).filter(|_| keeps)
}

/// The best of all choices that keep the rules.
fn truth(problem: &LocationProblem, request: &Request) -> Option<f64> {
    if request.model == Model::CapacitatedPMedian {
        return oracle::capacitated_median(problem, request.p?);
    }
    let all = sets(problem).into_iter().map(|(chosen, ..)| chosen.into_iter().map(|site| site as u32).collect());
    let all = all.filter_map(|opened| worth(problem, request, opened));
    if super::check::maximises(request.model) { all.reduce(f64::max) } else { all.reduce(f64::min) }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn answers_are_the_enumeration_and_pass_the_checker(
        problem in any_size(), model in model(), limits in (1u32..9, 1u32..6), p in 0usize..5,
        budget in proptest::option::weighted(0.3, 0u64..20), tenths in 0u32..=10,
    ) {
        let request = asked(model, limits, p, budget, tenths);
        match solve(&problem, &request, &Silent) {
            Ok(answer) => {
                let truth = truth(&problem, &request).expect("an answer exists");
                prop_assert_eq!(answer.status, Status::Optimal);
                let rounding = if model == Model::Gradual { 1e-4 * truth.abs() + 1e-4 } else { 0.0 };
                prop_assert!(close(answer.objective, truth) || (answer.objective - truth).abs() <= rounding, "{answer:?}, {truth}");
                let none: [&str; 0] = [];
                prop_assert_eq!(failed(&problem, &request, &answer), none, "{:?}", answer);
            }
            Err(LocateError::Infeasible { reason, culprits }) => {
                prop_assert_eq!(truth(&problem, &request), None);
                prop_assert!(infeasible(&problem, &request, reason, &culprits).holds(), "{:?} {:?}", reason, culprits);
            }
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn damaged_answers_are_seen(
        problem in any_size(), model in model(), limits in (1u32..9, 1u32..6), p in 0usize..5, damage in 0usize..5,
    ) {
        let request = asked(model, limits, p, None, 7);
        let Ok(answer) = solve(&problem, &request, &Silent) else { return Ok(()) };
        let better = if super::check::maximises(model) { 1.0 } else { -1.0 };
        let total = problem.total_weight() as f64 / problem.weight_scale as f64;
        let step = better * (1.0 + 0.01 * answer.objective.abs().max(total));
        let mut bad = answer.clone();
        match damage {
            0 => bad.objective += step,
            1 => (bad.status, bad.bound) = (Status::Feasible, answer.objective - step),
            2 => bad.bound += step,
            3 => bad.opened.push(problem.sites.ids.len() as u32),
            _ if bad.assigned.is_empty() => return Ok(()),
            _ => bad.assigned[0] = None,
        }
        prop_assert!(!failed(&problem, &request, &bad).is_empty(), "{bad:?}");
    }

    #[test]
    fn without_work_bounds_still_hold(
        problem in any_size(), model in model(), limits in (1u32..9, 1u32..6), p in 0usize..5, gap in 0u8..4, late in any::<bool>(),
    ) {
        let mut request = asked(model, limits, p, None, 7);
        let deadline = late.then(std::time::Instant::now);
        request.effort = Effort { work: 0, gap: f64::from(gap) / 4.0, deadline, ..Effort::default() };
        let Ok(answer) = solve(&problem, &request, &Silent) else { return Ok(()) };
        let truth = truth(&problem, &request).expect("an answer exists");
        let less = |a: f64, b: f64| a <= b || close(a, b);
        let (low, high) = if super::check::maximises(model) { (answer.objective, answer.bound) } else { (answer.bound, answer.objective) };
        prop_assert!(less(low, truth) && less(truth, high), "{answer:?}, truth {truth}");
        let none: [&str; 0] = [];
        prop_assert_eq!(failed(&problem, &request, &answer), none, "{:?}", answer);
    }
}

/// A matrix of ones between sites and demand, all of which reach each other.
fn together(capacities: &[u64], weights: &[u64]) -> LocationProblem {
    let ids = |count: usize| (0..count).map(|row| row.to_string()).collect::<Vec<_>>();
    let (n, m) = (capacities.len(), weights.len());
    let pairs = (0..n as u32).flat_map(|site| (0..m as u32).map(move |point| (site, point, 1.0)));
    LocationProblem {
        separation: Separation::Matrix(pairs.collect()),
        sites: LocationSites {
            ids: ids(n),
            points: Vec::new(),
            roles: vec![Role::Candidate; n],
            costs: vec![1; n],
            capacities: capacities.iter().map(|&capacity| Some(capacity)).collect(),
        },
        demand: LocationDemand { ids: ids(m), points: Vec::new(), weights: weights.to_vec() },
        weight_scale: 1,
    }
}

/// The refusal of a problem, which the checker agrees with.
fn refused(problem: &LocationProblem, request: &Request) -> (Infeasibility, Vec<u32>) {
    let Err(LocateError::Infeasible { reason, culprits }) = solve(problem, request, &Silent) else { panic!("refused") };
    assert!(infeasible(problem, request, reason, &culprits).holds(), "{reason:?} {culprits:?}");
    (reason, culprits)
}

#[test]
fn demand_that_no_packing_serves_is_refused_for_that() {
    let request = asked(Model::CapacitatedPMedian, (1, 1), 2, None, 0);
    assert_eq!(refused(&together(&[3, 3], &[2, 2, 2]), &request), (Infeasibility::Unpackable, vec![0, 1, 2]));
    let fits = together(&[4, 2], &[2, 2, 2]);
    assert!(infeasible(&fits, &request, Infeasibility::Unpackable, &[0, 1, 2]).fails());
    assert!(infeasible(&fits, &request, Infeasibility::Unpackable, &[]).fails());
}

#[test]
fn a_refusal_that_is_too_hard_to_check_says_so() {
    // Room for 120 and weight 120, but a site of 5 holds only two points of 2.
    let problem = together(&[5; 24], &[2; 60]);
    let request = asked(Model::CapacitatedPMedian, (1, 1), 24, None, 0);
    let points: Vec<u32> = (0..60).collect();
    let claim = infeasible(&problem, &request, Infeasibility::Unpackable, &points);
    assert!(!claim.holds() && !claim.fails(), "{claim:?}");
}

#[test]
fn reasons_are_recomputed() {
    let mut problem = together(&[2, 2, 2], &[5, 3]);
    let (sites, demand) = ([0.0, 10.0, 20.0], [0.0, 26.0]);
    problem.sites.points = sites.map(|x| [x, 0.0]).to_vec();
    problem.demand.points = demand.map(|x| [x, 0.0]).to_vec();
    problem.separation = Separation::Metric(crate::crs::Metric::Planar);
    let request = Request { limit: Some(4.0), ..asked(Model::Lscp, (4, 1), 2, None, 0) };
    let request = Request { p: Some(2), ..request };
    let holds = |reason, culprits: &[u32]| infeasible(&problem, &request, reason, culprits).holds();
    assert!(holds(Infeasibility::Uncoverable, &[1]));
    assert!(!holds(Infeasibility::Uncoverable, &[0, 1]));
    assert!(!holds(Infeasibility::Uncoverable, &[]));
    assert!(!holds(Infeasibility::Uncoverable, &[9]));
    assert!(!holds(Infeasibility::Unreachable, &[1]));
    assert!(holds(Infeasibility::TooLittleCapacity, &[]));
    assert!(holds(Infeasibility::TooHeavy, &[0, 1]));
    assert!(!holds(Infeasibility::TooFewCandidates, &[]));
    assert!(!holds(Infeasibility::TooFewSites, &[0, 1]));
}

#[test]
fn what_is_too_heavy_for_the_sites_that_reach_it_is_refused_for_that() {
    let mut problem = together(&[2, 100], &[3, 1]);
    problem.separation = Separation::Matrix(vec![(0, 0, 1.0), (1, 1, 1.0)]);
    let request = asked(Model::CapacitatedPMedian, (1, 1), 2, None, 0);
    assert_eq!(refused(&problem, &request), (Infeasibility::TooHeavy, vec![0]));
}

#[test]
fn a_gradual_answer_that_is_proved_passes() {
    let mut problem = together(&[1], &[1]);
    problem.separation = Separation::Matrix(vec![(0, 0, 2.0)]);
    let request = Request { outer: Some(4.0), ..asked(Model::Gradual, (1, 1), 1, None, 0) };
    let answer = solve(&problem, &request, &Silent).expect("an answer");
    assert_eq!((answer.status, answer.objective), (Status::Optimal, 2.0 / 3.0));
    let none: [&str; 0] = [];
    assert_eq!(failed(&problem, &request, &answer), none, "{answer:?}");
}

#[test]
fn a_bound_that_is_a_whole_part_above_the_objective_passes() {
    // The share (6 − 5) ÷ (6 − 1) of 7 is 1.4000000000000001 in binary, which is rounded up to a whole millionth more.
    let mut problem = together(&[1], &[7]);
    problem.sites.roles = vec![Role::Existing];
    problem.separation = Separation::Matrix(vec![(0, 0, 5.0)]);
    problem.weight_scale = 10;
    let request = Request { outer: Some(6.0), ..asked(Model::Gradual, (1, 1), 0, None, 0) };
    let answer = solve(&problem, &request, &Silent).expect("an answer");
    assert_eq!((answer.status, answer.objective), (Status::Optimal, 0.14));
    assert!(answer.bound > answer.objective);
    let none: [&str; 0] = [];
    assert_eq!(failed(&problem, &request, &answer), none, "{answer:?}");
}
