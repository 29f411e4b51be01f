//! The engine against enumeration, the tree and the solver against each other.

use proptest::prelude::*;

use super::branch::{self, Best};
use super::lagrange::{Fixed, Lagrange};
use super::meter::Meter;
use super::node::Node;
use super::{Goal, Program, exact, reduce, solve};
use crate::progress::Silent;
use crate::siting::effort::Effort;

fn programs(options: usize, rows: usize) -> impl Strategy<Value = Program> {
    let covers = proptest::collection::vec(proptest::collection::btree_set(0..rows as u32, 0..rows / 2), 1..options);
    let worths = proptest::collection::vec((0u64..20, 0u64..20), rows);
    (covers, worths, 0usize..4, 0usize..6, 0u64..100, 1u64..8).prop_flat_map(
        move |(covers, worths, goal, at_most, part, dear)| {
            proptest::collection::vec(0..=dear, covers.len()).prop_map(move |prices| {
                let first: Vec<u64> = worths.iter().map(|&(a, b)| a.max(b)).collect();
                let target = first.iter().sum::<u64>() * part / 100;
                let kind = [Goal::CoverAll, Goal::Reach(target), Goal::Most, Goal::Most][goal];
                let mut program = Program::new(kind, prices, covers.iter().cloned().collect(), first);
                if kind == Goal::Most {
                    program.at_most = at_most;
                    program.second = worths.iter().map(|&(a, b)| if goal == 2 { a.min(b) } else { 0 }).collect();
                    program.budget = if part < 50 { part / 4 } else { u64::MAX };
                }
                program
            })
        },
    )
}

/// The least loss of all choices.
fn truth(program: &Program) -> Option<i64> {
    let choice = |mask: u32| (0..program.options() as u32).filter(|option| mask >> option & 1 == 1).collect::<Vec<_>>();
    (0..1u32 << program.options()).filter_map(|mask| program.objective(&choice(mask))).map(|value| program.loss(value)).min()
}

/// The answer by the tree alone.
fn by_tree(program: &Program, upper: i64) -> (i64, i64) {
    let mut meter = Meter::new(&Effort { work: 20, ..Effort::default() });
    let mut best = Best { loss: upper, chosen: None };
    let mut node = Node { program, lagrange: Lagrange::new(program) };
    let fixed = vec![Fixed::Free; program.options()];
    let bound = branch::close(&mut node, fixed, &mut best, i64::MIN / 4, usize::MAX, &mut meter);
    (best.loss, bound)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn finds_the_truth(program in programs(10, 12)) {
        let effort = Effort { work: 200, ..Effort::default() };
        let found = solve(&program, None, &effort, &Silent).map(|outcome| {
            assert_eq!(program.objective(&outcome.chosen), Some(outcome.objective));
            (program.loss(outcome.objective), program.loss(outcome.bound))
        });
        prop_assert_eq!(found, truth(&program).map(|loss| (loss, loss)));
    }

    #[test]
    fn reductions_keep_the_optimum(program in programs(10, 12)) {
        let Some(loss) = truth(&program) else { return Ok(()) };
        let reduced = reduce::reduce(&program);
        prop_assert_eq!(truth(&reduced.program).map(|rest| rest + reduced.offset), Some(loss));
    }

    #[test]
    fn bound_is_never_beyond_the_truth(program in programs(10, 12), iterations in 1usize..40, slack in 0i64..9) {
        let Some(loss) = truth(&program) else { return Ok(()) };
        let mut meter = Meter::new(&Effort::default());
        let fixed = vec![Fixed::Free; program.options()];
        let mut lagrange = Lagrange::new(&program);
        let bound = lagrange.ascend(&fixed, (loss + slack) as f64, iterations, &mut meter);
        prop_assert!(bound <= loss as f64, "bound {bound}, truth {loss}");
        let mut decided = fixed.clone();
        super::lagrange::fix(&program, &lagrange, (loss + 1) as f64, &mut decided);
        let agrees = |mask: u32| (0..program.options()).all(|option| match decided[option] {
            Fixed::Free => true,
            Fixed::In => mask >> option & 1 == 1,
            Fixed::Out => mask >> option & 1 == 0,
        });
        let choice = |mask: u32| (0..program.options() as u32).filter(|option| mask >> option & 1 == 1).collect::<Vec<_>>();
        let best = (0..1u32 << program.options()).filter(|&mask| agrees(mask));
        let best = best.filter_map(|mask| program.objective(&choice(mask))).map(|value| program.loss(value)).min();
        prop_assert_eq!(best, Some(loss), "fixing lost every optimum");
    }

    #[test]
    fn tree_alone_finds_the_truth(program in programs(10, 12)) {
        let upper = if program.minimises() { 1 + program.prices.iter().sum::<u64>() as i64 } else { 1 };
        let loss = truth(&program).unwrap_or(upper);
        prop_assert_eq!(by_tree(&program, upper), (loss, loss));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn tree_and_solver_agree(program in programs(40, 40)) {
        let upper = if program.minimises() { 1 + program.prices.iter().sum::<u64>() as i64 } else { 1 };
        let mut best = Best { loss: upper, chosen: None };
        let mut meter = Meter::new(&Effort::default());
        if let Some(bound) = exact::close(&program, &mut best, i64::MIN / 4, None, &mut meter) {
            let (loss, lower) = by_tree(&program, upper);
            prop_assert_eq!(best.loss, bound);
            prop_assert!(lower <= bound && bound <= loss, "the tree says {} to {}, the solver {}", lower, loss, bound);
        }
    }
}
