//! Maximal covering (Church & ReVelle 1974): open at most p sites, or spend at most a budget, so that most weight is within the limit.
//!
//! Input: sites, weighted demand, a limit, p or a budget or both; output: the sites to open with a certificate. What existing sites
//! cover counts in the objective and in the bound. Steps: merge demand by covering set ([`classes`]), then the [`engine`].

use super::classes::classes;
use super::model::{Answer, LocateError, Request, Status};
use crate::domain::location::LocationProblem;
use crate::progress::Progress;
use crate::siting::effort::Reduction;
use crate::siting::engine;
use crate::siting::problem::{Limit, SitingProblem};

/// Solves the maximal covering problem.
///
/// # Errors
/// When the limit is missing, or both p and the budget are.
pub fn solve(problem: &LocationProblem, request: &Request, progress: &dyn Progress) -> Result<Answer, LocateError> {
    let missing = |what| LocateError::Missing { model: request.model.id(), what };
    let limit = request.limit.ok_or_else(|| missing("limit"))?;
    if request.p.is_none() && request.budget.is_none() {
        return Err(missing("p or budget"));
    }
    let classes = classes(problem, limit);
    let (candidates, by_existing) = (classes.candidates.clone(), classes.covered_by_existing);
    let merged = Reduction {
        name: "covering_sets",
        counts: "elements",
        before: problem.demand.weights.len() as u64,
        after: classes.weights.len() as u64,
    };
    let siting = SitingProblem { limits: limits(problem, &candidates, request), ..classes.into_problem() };
    let solution =
        engine::solve(&siting, &request.effort, progress).expect("invariant: without minima, to open nothing is allowed");
    let reductions = std::iter::once(merged).chain(solution.reductions).collect();
    let scale = problem.weight_scale as f64;
    let units = |milli: u64| (milli + by_existing) as f64 / scale;
    let (objective, bound) = (solution.objective.milli(), solution.bound.milli());
    let mut opened: Vec<u32> = solution.chosen.iter().map(|&(option, _)| candidates[option]).collect();
    opened.sort_unstable();
    Ok(Answer {
        status: if objective == bound { Status::Optimal } else { Status::Feasible },
        objective: units(objective),
        bound: units(bound),
        opened,
        assigned: Vec::new(),
        second: None,
        reductions,
        stopped_by_time: solution.stopped_by_time,
    })
}

/// At most p of the options, at most the budget for them.
fn limits(problem: &LocationProblem, candidates: &[u32], request: &Request) -> Vec<Limit> {
    let count = request.p.map(|p| Limit::count(0..candidates.len() as u32, p));
    let costs = (0..).zip(candidates).map(|(option, &site)| (option, problem.sites.costs[site as usize]));
    let money = request.budget.map(|at_most| Limit { amounts: costs.collect(), at_most });
    count.into_iter().chain(money).collect()
}
