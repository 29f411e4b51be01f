//! Backup coverage: most weight covered, once and again (BACOP2, Hogan & ReVelle 1986, with equal weights).
//!
//! Formulation: most `Σ ½ w · [n ≥ 1] + ½ w · [n ≥ 2]`, n the number of existing and newly opened sites within the limit, at
//! most p new ones, within the budget. The worth of a demand point is concave in n, so that both coverages take one multiplier.
//! Method, complexity and determinism: [`crate::siting::set_cover`], in half units of weight.

use super::model::{Answer, LocateError, Request};
use super::separations::Separations;
use crate::domain::location::LocationProblem;
use crate::progress::Progress;
use crate::siting::set_cover::layout::{Layout, limits, needed};
use crate::siting::set_cover::{self, Goal, Program};

/// Solves; the objective is `Σ ½ w · [n ≥ 1] + ½ w · [n ≥ 2]` in units of weight.
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
    let layout = Layout::new(problem, separations, limit);
    let weights = &problem.demand.weights;
    let already: u64 = weights.iter().zip(&layout.existing).map(|(weight, &count)| weight * u64::from(count.min(2))).sum();
    let (rows, covers) = layout.covers_of(|demand| layout.existing[demand] < 2 && weights[demand] > 0);
    let first: Vec<u64> = rows.iter().map(|&demand| weights[demand as usize]).collect();
    let again = |&demand: &u32| if layout.existing[demand as usize] == 0 { weights[demand as usize] } else { 0 };
    let second = rows.iter().map(again).collect();
    let mut program = Program::new(Goal::Most, layout.costs.clone(), covers, first);
    (program.second, program.at_most, program.budget) = (second, at_most, budget);
    let outcome =
        set_cover::solve(&program, None, &request.effort, progress).expect("invariant: the empty choice keeps the limits");
    Ok(layout.answer(outcome, already, 2.0 * problem.weight_scale as f64))
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
        fn covers_most_once_and_twice(
            problem in problems(),
            limit in 2u32..9,
            p in proptest::option::weighted(0.7, 0usize..5),
            budget in proptest::option::weighted(0.5, 0u64..20),
        ) {
            let limit = f64::from(limit);
            let separations = Separations::new(&problem, Some(limit));
            let asked = Request { p, budget, ..request(Model::Backup, limit) };
            let found = solve(&problem, &separations, &asked, &Silent);
            if p.is_none() && budget.is_none() {
                let missing = LocateError::Missing { model: "backup", what: "p or budget" };
                prop_assert_eq!(found, Err(missing));
                return Ok(());
            }
            let worth = |open: &[usize]| -> f64 {
                let halves = counts(&problem, open, limit).into_iter().map(|count| count.min(2) as f64 / 2.0);
                problem.demand.weights.iter().zip(halves).map(|(&weight, half)| weight as f64 * half).sum()
            };
            let allowed = |chosen: &[usize], cost: u64| p.is_none_or(|p| chosen.len() <= p) && budget.is_none_or(|money| cost <= money);
            let truth = sets(&problem).into_iter().filter(|(chosen, _, cost)| allowed(chosen, *cost));
            compare(&found, truth.map(|(_, open, _)| worth(&open)).reduce(f64::max), false)?;
            let answer = found.unwrap();
            let chosen: Vec<usize> = answer.opened.iter().map(|&site| site as usize).collect();
            prop_assert!(allowed(&chosen, chosen.iter().map(|&site| problem.sites.costs[site]).sum()));
            prop_assert_eq!(worth(&open(&problem, &answer)), answer.objective);
            prop_assert_eq!(answer.status, Status::Optimal);
        }
    }
}
