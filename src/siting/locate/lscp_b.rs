//! LSCP-B: of the covers with the fewest sites, the one that covers most demand points a second time (Daskin & Stern 1981).
//!
//! Formulation: first LSCP with all costs 1, whose optimum is k. Then at most k sites, every demand point not covered by an
//! existing site covered at least once, most demand points covered at least twice by existing and opened sites together, each
//! counting 1 whatever it weighs. In the second program being covered once is worth more than all second coverages together, so
//! that the best choice covers everything; k sites are known to do it. Method: [`crate::siting::set_cover`] for both.
//! The objective and its bound are those of the first program; the answer is optimal when both are proved.

use super::lscp::cover_all;
use super::model::{Answer, LocateError, Request, Status};
use super::separations::Separations;
use crate::domain::location::LocationProblem;
use crate::progress::Progress;
use crate::siting::set_cover::layout::{Layout, needed, share_of};
use crate::siting::set_cover::{self, Goal, Outcome, Program};

/// Solves; the objective is the number of newly opened sites, the second one the number of demand points covered at least twice.
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
    let effort = share_of(&request.effort, 5);
    let fewest = cover_all(&layout, vec![1; layout.candidates.len()], &effort, progress)?;
    let second = most_twice(&layout, &fewest, &effort, progress);
    let mut answer = layout.answer(fewest, 0, 1.0);
    answer.opened = layout.opened(&second.chosen);
    answer.second = Some(covered_twice(&layout, &second.chosen) as f64);
    if !second.is_proved() {
        answer.status = Status::Feasible;
    }
    answer.stopped_by_time |= second.stopped_by_time;
    Ok(answer)
}

/// The second program, from an answer to the first.
fn most_twice(layout: &Layout, fewest: &Outcome, effort: &crate::siting::effort::Effort, progress: &dyn Progress) -> Outcome {
    let (rows, covers) = layout.covers_of(|demand| layout.existing[demand] < 2);
    let once = rows.len() as u64 + 1;
    let is_open = |&demand: &u32| layout.existing[demand as usize] == 0;
    let first = rows.iter().map(|demand| if is_open(demand) { once } else { 1 }).collect();
    let prices = vec![1; layout.candidates.len()];
    let mut program = Program::new(Goal::Most, prices, covers, first);
    program.second = rows.iter().map(|demand| u64::from(is_open(demand))).collect();
    program.at_most = fewest.chosen.len();
    program.must = once;
    let start = Some(fewest.chosen.as_slice());
    set_cover::solve(&program, start, effort, progress).expect("invariant: the empty choice keeps the limits")
}

/// Demand points covered at least twice by existing and chosen sites.
fn covered_twice(layout: &Layout, chosen: &[u32]) -> usize {
    let mut counts = layout.existing.clone();
    chosen.iter().flat_map(|&option| layout.covers.row(option as usize)).for_each(|&demand| counts[demand as usize] += 1);
    counts.into_iter().filter(|&count| count > 1).count()
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
        fn covers_most_twice_among_the_smallest_covers(problem in problems(), limit in 2u32..9) {
            let limit = f64::from(limit);
            let separations = Separations::new(&problem, Some(limit));
            let found = solve(&problem, &separations, &request(Model::LscpB, limit), &Silent);
            let covers = |open: &[usize]| counts(&problem, open, limit).iter().all(|&count| count > 0);
            let twice = |open: &[usize]| counts(&problem, open, limit).iter().filter(|&&count| count > 1).count();
            let all: Vec<(usize, usize)> = sets(&problem)
                .into_iter()
                .filter(|(_, open, _)| covers(open))
                .map(|(chosen, open, _)| (chosen.len(), twice(&open)))
                .collect();
            let fewest = all.iter().map(|set| set.0).min();
            compare(&found, fewest.map(|fewest| fewest as f64), true)?;
            if let Ok(answer) = found {
                let most = all.iter().filter(|set| Some(set.0) == fewest).map(|set| set.1).max().unwrap();
                let open = open(&problem, &answer);
                prop_assert!(covers(&open));
                prop_assert_eq!(answer.status, Status::Optimal);
                prop_assert_eq!(answer.opened.len(), fewest.unwrap());
                prop_assert_eq!((answer.second, twice(&open)), (Some(most as f64), most));
            }
        }
    }
}
