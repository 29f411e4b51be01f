//! Location set covering: fewest sites, or least cost, that cover all demand (Toregas, Swain, ReVelle & Bergman 1971).
//!
//! Formulation: least `Σ cost · x`, `Σ x ≥ 1` over the candidates within the limit of each demand point that no existing site
//! covers, whatever it weighs. Method, complexity and determinism: [`crate::siting::set_cover`].

use super::model::{Answer, Infeasibility, LocateError, Request};
use super::separations::Separations;
use crate::domain::location::LocationProblem;
use crate::progress::Progress;
use crate::siting::effort::Effort;
use crate::siting::set_cover::layout::{Layout, needed};
use crate::siting::set_cover::{self, Goal, Outcome, Program};

/// Solves; the objective is the cost of the newly opened sites (their number when costs are 1).
///
/// # Errors
/// When there is no limit, or demand points are within the limit of no site: those are the culprits.
pub fn solve(
    problem: &LocationProblem,
    separations: &Separations,
    request: &Request,
    progress: &dyn Progress,
) -> Result<Answer, LocateError> {
    let limit = needed(request, "limit", request.limit)?;
    let layout = Layout::new(problem, separations, limit);
    let outcome = cover_all(&layout, layout.costs.clone(), &request.effort, progress)?;
    Ok(layout.answer(outcome, 0, 1.0))
}

/// Covers all demand at least price.
///
/// # Errors
/// When demand points can't be covered.
pub fn cover_all(layout: &Layout, prices: Vec<u64>, effort: &Effort, progress: &dyn Progress) -> Result<Outcome, LocateError> {
    let culprits = layout.uncoverable();
    let refusal = |culprits| LocateError::Infeasible { reason: Infeasibility::Uncoverable, culprits };
    if !culprits.is_empty() {
        return Err(refusal(culprits));
    }
    let (rows, covers) = layout.covers_of(|demand| layout.existing[demand] == 0);
    let program = Program::new(Goal::CoverAll, prices, covers, vec![1; rows.len()]);
    set_cover::solve(&program, None, effort, progress).ok_or_else(|| refusal(Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;
    use crate::siting::locate::model::{Model, Status};
    use crate::siting::set_cover::testing::{CASES, compare, counts, open, problems, request, sets};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(CASES))]
        #[test]
        fn is_the_cheapest_cover(problem in problems(), limit in 2u32..9) {
            let limit = f64::from(limit);
            let separations = Separations::new(&problem, Some(limit));
            let found = solve(&problem, &separations, &request(Model::Lscp, limit), &Silent);
            let covers = |open: &[usize]| counts(&problem, open, limit).iter().all(|&count| count > 0);
            let truth = sets(&problem).into_iter().filter(|(_, open, _)| covers(open)).map(|set| set.2).min();
            compare(&found, truth.map(|truth| truth as f64), true)?;
            match &found {
                Ok(answer) => {
                    prop_assert_eq!(answer.status, Status::Optimal);
                    prop_assert!(covers(&open(&problem, answer)));
                    let cost: u64 = answer.opened.iter().map(|&site| problem.sites.costs[site as usize]).sum();
                    prop_assert_eq!(cost as f64, answer.objective);
                    prop_assert_eq!(&solve(&problem, &separations, &request(Model::Lscp, limit), &Silent), &found);
                }
                Err(error) => {
                    let all: Vec<usize> = (0..problem.sites.ids.len()).collect();
                    let counts = counts(&problem, &all, limit);
                    let culprits = (0u32..).zip(counts).filter(|(_, count)| *count == 0).map(|(demand, _)| demand).collect();
                    prop_assert_eq!(error, &LocateError::Infeasible { reason: Infeasibility::Uncoverable, culprits });
                }
            }
        }
    }
}
