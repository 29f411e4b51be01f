//! LSCP-B: of the covers with the fewest sites, the one that covers most demand points a second time (Daskin & Stern 1981).
//!
//! Formulation: first LSCP with all costs 1, whose optimum is k. Then at most k sites, every demand point not covered by an
//! existing site covered at least once, most demand points covered at least twice by existing and opened sites together, each
//! counting 1 whatever it weighs. In the second program being covered once is worth more than all second coverages together, so
//! that the best choice covers everything; k sites are known to do it. Method: [`crate::siting::set_cover`] for both.
//! The objective is the number of sites that the second program opens, which may be less than k when the first one isn't proved; the
//! bound is that of the first program; the answer is optimal when they meet and the second program is proved.

use super::lscp::cover_all;
use super::model::{Answer, LocateError, Request, Status};
use super::separations::Separations;
use crate::domain::location::LocationProblem;
use crate::progress::Progress;
use crate::siting::effort::Effort;
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
    Ok(together(&layout, fewest, &second))
}

/// The answer of both programs.
fn together(layout: &Layout, fewest: Outcome, second: &Outcome) -> Answer {
    let opened = second.chosen.len() as u64;
    let is_proved = opened == fewest.bound && second.is_proved();
    let mut answer = layout.answer(fewest, 0, 1.0);
    answer.status = if is_proved { Status::Optimal } else { Status::Feasible };
    answer.objective = opened as f64;
    answer.opened = layout.opened(&second.chosen);
    answer.second = Some(covered_twice(layout, &second.chosen) as f64);
    answer.stopped_by_time |= second.stopped_by_time;
    answer
}

/// The second program, from an answer to the first.
fn most_twice(layout: &Layout, fewest: &Outcome, effort: &Effort, progress: &dyn Progress) -> Outcome {
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

    #[test]
    fn the_objective_is_what_opens_though_the_first_program_is_not_proved() {
        use crate::siting::problem::Rows;
        // Two of the three cover everything twice.
        let covers: Rows = [vec![0], vec![0], vec![0]].into_iter().collect();
        let layout = Layout { candidates: vec![4, 5, 6], costs: vec![1; 3], covers, existing: vec![0] };
        let fewest = Outcome { chosen: vec![0, 1, 2], objective: 3, bound: 1, reductions: Vec::new(), stopped_by_time: false };
        let second = most_twice(&layout, &fewest, &Effort { work: 200, ..Effort::default() }, &Silent);
        let answer = together(&layout, fewest, &second);
        assert_eq!(answer.objective, answer.opened.len() as f64);
        assert_eq!((answer.bound, answer.second, answer.status), (1.0, Some(1.0), Status::Feasible));
        assert!(answer.opened.len() >= 2, "{answer:?}");
        let one = Outcome { chosen: vec![0], objective: 1, bound: 1, ..second };
        let fewest = Outcome { chosen: vec![0, 1, 2], objective: 3, ..one.clone() };
        assert_eq!(
            (together(&layout, fewest, &one).objective, together(&layout, one.clone(), &one).status),
            (1.0, Status::Optimal)
        );
    }

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
