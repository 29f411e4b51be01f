//! Partial set covering: fewest sites, or least cost, that cover a share of the weight (Daskin & Owen 1999).
//!
//! Formulation: least `Σ cost · x` with `Σ w · y ≥ target`, `y ≤ Σ x` over the candidates within the limit; existing sites
//! cover for free. The target is the least whole weight that is at least share × total, where the share is the decimal number
//! that it is written as (0.8 is eight tenths, not the nearest binary fraction), so that no rounding decides. Method,
//! complexity and determinism: [`crate::siting::set_cover`]; the bound prices the cover rows and keeps the share row exactly.

use super::model::{Answer, Infeasibility, LocateError, Request};
use super::separations::Separations;
use crate::domain::location::LocationProblem;
use crate::progress::Progress;
use crate::siting::set_cover::layout::{Layout, needed};
use crate::siting::set_cover::{self, Goal, Program};

/// Solves; the objective is the cost of the newly opened sites (their number when costs are 1).
///
/// # Errors
/// When limit or share are missing, or the share is out of reach: the culprits are the demand points with weight that are within
/// the limit of no site.
pub fn solve(
    problem: &LocationProblem,
    separations: &Separations,
    request: &Request,
    progress: &dyn Progress,
) -> Result<Answer, LocateError> {
    let limit = needed(request, "limit", request.limit)?;
    let share = needed(request, "share", request.share)?;
    let layout = Layout::new(problem, separations, limit);
    let weights = &problem.demand.weights;
    let target = target(share, problem.total_weight());
    let already: u64 = weights.iter().zip(&layout.existing).filter(|(_, count)| **count > 0).map(|(weight, _)| weight).sum();
    let (rows, covers) = layout.covers_of(|demand| layout.existing[demand] == 0 && weights[demand] > 0);
    let first = rows.iter().map(|&demand| weights[demand as usize]).collect();
    let goal = Goal::Reach(target.saturating_sub(already));
    let program = Program::new(goal, layout.costs.clone(), covers, first);
    match set_cover::solve(&program, None, &request.effort, progress) {
        Some(outcome) => Ok(layout.answer(outcome, 0, 1.0)),
        None => {
            let weighs = |demand: &u32| weights[*demand as usize] > 0;
            let culprits = layout.uncoverable().into_iter().filter(weighs).collect();
            Err(LocateError::Infeasible { reason: Infeasibility::ShareTooHigh, culprits })
        }
    }
}

/// The least whole number that is at least share × total, with the share as the shortest decimal number that stands for it.
fn target(share: f64, total: u64) -> u64 {
    if share.is_nan() || share <= 0.0 {
        return 0;
    }
    let text = format!("{share}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits: String = fraction.chars().take(18).collect();
    let ten: u128 = 10u128.pow(digits.len() as u32);
    let part = digits.parse::<u128>().unwrap_or(0) + u128::from(fraction.len() > 18);
    let whole = whole.parse::<u128>().unwrap_or(u128::from(u64::MAX)).min(u128::from(u64::MAX));
    let total = u128::from(total);
    let product = (total * part).div_ceil(ten) + total.saturating_mul(whole);
    u64::try_from(product).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;
    use crate::siting::locate::model::{Model, Status};
    use crate::siting::set_cover::testing::{CASES, compare, counts, open, problems, request, sets};
    use proptest::prelude::*;

    #[test]
    fn a_share_is_what_is_written() {
        assert_eq!([target(0.8, 10), target(0.1, 30), target(0.3, 10), target(0.7, 10)], [8, 3, 3, 7]);
        assert_eq!([target(0.81, 10), target(1.0, 7), target(0.0, 7), target(1e-30, 7), target(1.5, 4)], [9, 7, 0, 1, 6]);
        assert_eq!(target(1.0 / 3.0, 3_000_000), 1_000_000);
        assert_eq!(target(0.5, u64::MAX), u64::MAX / 2 + 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(CASES))]
        #[test]
        fn is_the_cheapest_that_reaches_the_share(problem in problems(), limit in 2u32..9, tenths in 0u64..=10) {
            let limit = f64::from(limit);
            let separations = Separations::new(&problem, Some(limit));
            let asked = Request { share: Some(tenths as f64 / 10.0), ..request(Model::Psclp, limit) };
            let found = solve(&problem, &separations, &asked, &Silent);
            let weight = |open: &[usize]| -> u64 {
                let counts = counts(&problem, open, limit);
                problem.demand.weights.iter().zip(counts).filter(|(_, count)| *count > 0).map(|(weight, _)| weight).sum()
            };
            let reaches = |open: &[usize]| 10 * weight(open) >= tenths * problem.total_weight();
            let truth = sets(&problem).into_iter().filter(|(_, open, _)| reaches(open)).map(|set| set.2).min();
            compare(&found, truth.map(|truth| truth as f64), true)?;
            match &found {
                Ok(answer) => {
                    prop_assert_eq!(answer.status, Status::Optimal);
                    prop_assert!(reaches(&open(&problem, answer)));
                }
                Err(error) => {
                    let all: Vec<usize> = (0..problem.sites.ids.len()).collect();
                    let counts = counts(&problem, &all, limit);
                    let to_blame = |demand: &u32| counts[*demand as usize] == 0 && problem.demand.weights[*demand as usize] > 0;
                    let culprits = (0..counts.len() as u32).filter(to_blame).collect();
                    prop_assert_eq!(error, &LocateError::Infeasible { reason: Infeasibility::ShareTooHigh, culprits });
                }
            }
        }
    }
}
