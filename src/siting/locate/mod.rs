//! Anyone's location problem, by the models of the field: `yizhan locate`.

pub mod check;
pub mod model;
pub mod separations;

pub use model::{Answer, LocateError, Model, Request, Status};

use crate::domain::location::{LocationProblem, Role};
use crate::progress::Progress;
use crate::quantity::Weight;
use crate::siting::problem::{Limit, Rows, SitingProblem};
use separations::Separations;

/// Solves a location problem. Only MCLP so far.
///
/// # Errors
/// When the model can't be answered.
pub fn solve(problem: &LocationProblem, request: &Request, progress: &dyn Progress) -> Result<Answer, LocateError> {
    if request.model != Model::Mclp {
        return Err(LocateError::Missing { model: request.model.id(), what: "an engine of its own (not yet)" });
    }
    let near = Separations::new(problem, request.limit).by_site;
    let mut weights: Vec<Weight> = problem.demand.weights.iter().map(|&weight| Weight::from_milli(weight)).collect();
    let mut candidates = Vec::new();
    let mut before = Weight::ZERO;
    for (site, role) in (0u32..).zip(&problem.sites.roles) {
        if *role == Role::Candidate {
            candidates.push(site);
            continue;
        }
        for &point in near.row(site as usize).0 {
            before += std::mem::take(&mut weights[point as usize]);
        }
    }
    let covers: Rows = candidates.iter().map(|&site| near.row(site as usize).0.to_vec()).collect();
    let mut covering = SitingProblem::mclp(weights, covers, request.p.unwrap_or(candidates.len()));
    if let Some(budget) = request.budget {
        let amounts = (0u32..).zip(&candidates).map(|(option, &site)| (option, problem.sites.costs[site as usize])).collect();
        covering.limits.push(Limit { amounts, at_most: budget });
    }
    let solution = crate::siting::solve(&covering, 200, progress);
    let mut opened: Vec<u32> = solution.chosen.iter().map(|&(option, _)| candidates[option]).collect();
    opened.sort_unstable();
    let units = |weight: Weight| (before + weight).milli() as f64 / problem.weight_scale as f64;
    let status = if solution.bound == solution.objective { Status::Optimal } else { Status::Feasible };
    Ok(Answer {
        status,
        objective: units(solution.objective),
        bound: units(solution.bound),
        opened,
        assigned: Vec::new(),
        second: None,
        reductions: Vec::new(),
        stopped_by_time: false,
    })
}
