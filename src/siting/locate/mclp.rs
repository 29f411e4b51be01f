//! Maximal covering (Church & ReVelle 1974): open at most p sites, or spend at most a budget, so that most weight is within the limit.
//!
//! Input: sites, weighted demand, a limit, p or a budget or both; output: the sites to open with a certificate. What existing sites
//! cover counts in the objective and in the bound. Steps: merge demand by covering set ([`classes`]), then the [`engine`].

use super::classes::classes;
use super::model::{Answer, LocateError, Request, Status};
use crate::domain::location::LocationProblem;
use crate::progress::Progress;
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
    let merged = classes.reductions();
    let siting = SitingProblem { limits: limits(problem, &candidates, request), ..classes.into_problem() };
    let solution =
        engine::solve(&siting, &request.effort, progress).expect("invariant: without minima, to open nothing is allowed");
    let reductions = merged.into_iter().chain(solution.reductions).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;
    use crate::siting::locate::model::Model;
    use crate::siting::set_cover::testing::{CASES, compare, counts, open, problems, request, sets};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(CASES))]
        #[test]
        fn covers_most(
            problem in problems(),
            limit in 0u32..9,
            p in proptest::option::weighted(0.7, 0usize..5),
            budget in proptest::option::weighted(0.5, 0u64..20),
        ) {
            let limit = f64::from(limit);
            let asked = Request { p, budget, ..request(Model::Mclp, limit) };
            let found = solve(&problem, &asked, &Silent);
            if p.is_none() && budget.is_none() {
                prop_assert_eq!(found, Err(LocateError::Missing { model: "mclp", what: "p or budget" }));
                return Ok(());
            }
            let weight = |open: &[usize]| -> u64 {
                let counts = counts(&problem, open, limit);
                problem.demand.weights.iter().zip(counts).filter(|(_, count)| *count > 0).map(|(weight, _)| weight).sum()
            };
            let allowed = |chosen: &[usize], cost: u64| p.is_none_or(|p| chosen.len() <= p) && budget.is_none_or(|money| cost <= money);
            let truth = sets(&problem).into_iter().filter(|(chosen, _, cost)| allowed(chosen, *cost));
            let truth = truth.map(|(_, open, _)| weight(&open)).max();
            compare(&found, truth.map(|truth| truth as f64), false)?;
            let answer = found.unwrap();
            prop_assert_eq!(answer.status, Status::Optimal);
            prop_assert_eq!(weight(&open(&problem, &answer)) as f64, answer.objective);
            let chosen: Vec<usize> = answer.opened.iter().map(|&site| site as usize).collect();
            prop_assert!(allowed(&chosen, chosen.iter().map(|&site| problem.sites.costs[site]).sum()));
        }
    }
}
