//! Exact answers by mixed integer programming: closing a problem that is small enough, and solving windows of one that is not.
//!
//! [`compact`] states what is open of the problem as one program and proves an optimum; [`window`] frees some options, holds the
//! rest, and solves what is left. Both need a solver ([`crate::mip`]); without one they answer `None`.

pub mod compact;
mod residual;
pub mod window;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mip;
    use crate::quantity::Weight;
    use crate::siting::check;
    use crate::siting::effort::Effort;
    use crate::siting::kernel::Kernel;
    use crate::siting::problem::{Rows, SitingProblem};

    /// Ten elements in a row, options that cover three each: greedy takes the middle, two others are better.
    fn row_of_ten(p: usize) -> SitingProblem {
        let covers: Rows = (0u32..8).map(|first| first..first + 3).collect();
        SitingProblem::mclp((1..=10).map(|visits| Weight::from_milli(1000 * visits)).collect(), covers, p)
    }

    fn nodes(nodes: u64) -> mip::Stop {
        mip::Stop { nodes: Some(nodes), ..mip::Stop::default() }
    }

    /// Closes with everything open.
    fn close(kernel: &Kernel, incumbent: &[usize], nodes: u64, effort: &Effort) -> Option<compact::Closed> {
        let free: Vec<u32> = (0..kernel.options() as u32).collect();
        compact::close(kernel, incumbent, &compact::Open { free: &free, fixed: &[] }, u64::MAX, nodes, effort)
    }

    #[test]
    fn closes_an_example() {
        let problem = row_of_ten(2);
        let kernel = Kernel::new(&problem);
        let closed = close(&kernel, &[0, 3], 1_000, &Effort::default());
        assert_eq!(closed.is_some(), mip::AVAILABLE);
        if let Some(closed) = closed {
            assert_eq!((closed.chosen, closed.objective, closed.bound, closed.proved), (vec![4, 7], 45_000, 45_000, true));
        }
    }

    #[test]
    fn small_or_nearly_proved_is_worth_closing() {
        let elements = 20_000u32;
        let covers: Rows = [0..compact::FEW_PAIRS as u32, 0..elements].into_iter().collect();
        let problem = SitingProblem::mclp(vec![Weight::from_milli(1); elements as usize], covers, 1);
        let kernel = Kernel::new(&problem);
        let is_small = |free: &[u32], bound| compact::is_small_enough(&kernel, &compact::Open { free, fixed: &[] }, 1_000, bound);
        assert_eq!(is_small(&[0], 2_000), mip::AVAILABLE);
        assert!(!is_small(&[0, 1], 2_000));
        assert_eq!(is_small(&[0, 1], 1_003), mip::AVAILABLE);
    }

    #[test]
    fn a_passed_deadline_closes_nothing() {
        let problem = row_of_ten(2);
        let effort = Effort { deadline: Some(std::time::Instant::now()), ..Effort::default() };
        assert_eq!(close(&Kernel::new(&problem), &[0, 3], 1_000, &effort), None);
    }

    #[test]
    fn what_is_held_may_be_better_than_the_incumbent_alone() {
        let problem = row_of_ten(2);
        let kernel = Kernel::new(&problem);
        let open = compact::Open { free: &[0], fixed: &[4, 7] };
        let closed = compact::close(&kernel, &[0], &open, u64::MAX, 1_000, &Effort::default());
        if let Some(closed) = closed {
            assert_eq!((closed.chosen, closed.objective, closed.bound), (vec![4, 7], 45_000, 45_000));
        }
    }

    #[test]
    fn a_window_of_everything_is_the_optimum() {
        let problem = row_of_ten(2);
        let kernel = Kernel::new(&problem);
        let all: Vec<u32> = (0..8).collect();
        assert_eq!(window::improve(&kernel, &[0, 3], &all, &nodes(10)), mip::AVAILABLE.then(|| vec![4, 7]));
        assert_eq!(window::improve(&kernel, &[4, 7], &all, &nodes(10)), None);
    }

    /// Everything against enumeration of small problems; without a solver there is nothing to compare.
    #[cfg(feature = "highs")]
    mod against_enumeration {
        use proptest::prelude::*;

        use super::*;
        use crate::siting::samples::{any_problem, choices};

        /// The slow truth: every choice that is allowed.
        fn allowed(problem: &SitingProblem) -> Vec<Vec<usize>> {
            choices(problem).into_iter().map(|(_, chosen)| chosen).collect()
        }

        /// Weight of the best of some choices, in thousandths.
        fn best(problem: &SitingProblem, choices: &[Vec<usize>]) -> u64 {
            choices.iter().map(|chosen| check::covered(problem, chosen).milli()).max().unwrap_or(0)
        }

        proptest! {
            #[test]
            fn closing_equals_enumeration(problem in any_problem(), pick in any::<prop::sample::Index>()) {
                let kernel = Kernel::new(&problem);
                let allowed = allowed(&problem);
                prop_assume!(!allowed.is_empty());
                let start = pick.get(&allowed);
                let closed = close(&kernel, start, 100_000, &Effort::default());
                let closed = closed.expect("a solver is compiled in");
                prop_assert!(check::feasible(&problem, &closed.chosen).is_ok());
                prop_assert_eq!(check::covered(&problem, &closed.chosen).milli(), closed.objective);
                prop_assert_eq!((closed.objective, closed.bound), (best(&problem, &allowed), closed.objective));
                prop_assert!(closed.proved);
                let again = close(&kernel, start, 100_000, &Effort::default());
                prop_assert_eq!(Some(closed), again);
            }

            #[test]
            fn a_bound_of_few_nodes_is_a_bound(problem in any_problem(), pick in any::<prop::sample::Index>()) {
                let kernel = Kernel::new(&problem);
                let allowed = allowed(&problem);
                prop_assume!(!allowed.is_empty());
                let closed = close(&kernel, &pick.get(&allowed)[..], 0, &Effort::default());
                let closed = closed.expect("a solver is compiled in");
                prop_assert!(closed.objective <= best(&problem, &allowed) && best(&problem, &allowed) <= closed.bound);
            }

            #[test]
            fn closing_what_is_open_equals_enumeration(
                problem in any_problem(), pick in any::<prop::sample::Index>(), fixed in any::<u8>(), free in any::<u8>(),
            ) {
                let kernel = Kernel::new(&problem);
                let allowed = allowed(&problem);
                prop_assume!(!allowed.is_empty());
                let chosen = pick.get(&allowed);
                let fixed: Vec<usize> = chosen.iter().copied().filter(|option| fixed >> option & 1 == 1).collect();
                let is_free = |option: &u32| free >> option & 1 == 1 && !fixed.contains(&(*option as usize));
                let free: Vec<u32> = (0..problem.options() as u32).filter(is_free).collect();
                let is_open = |c: &[usize]| c.iter().all(|&o| fixed.contains(&o) || free.contains(&(o as u32)));
                let open: Vec<Vec<usize>> =
                    allowed.iter().filter(|c| fixed.iter().all(|o| c.contains(o)) && is_open(c)).cloned().collect();
                let known = check::covered(&problem, chosen).milli();
                let left = compact::Open { free: &free, fixed: &fixed };
                let closed = compact::close(&kernel, chosen, &left, u64::MAX, 100_000, &Effort::default());
                let closed = closed.expect("a solver is compiled in");
                prop_assert!(check::feasible(&problem, &closed.chosen).is_ok());
                prop_assert_eq!(check::covered(&problem, &closed.chosen).milli(), closed.objective);
                prop_assert_eq!((closed.objective, closed.bound), (known.max(best(&problem, &open)), closed.objective));
            }

            #[test]
            fn windows_keep_the_rules_and_find_the_best_inside(
                problem in any_problem(),
                pick in any::<prop::sample::Index>(),
                free in any::<u8>(),
            ) {
                let kernel = Kernel::new(&problem);
                let allowed = allowed(&problem);
                prop_assume!(!allowed.is_empty());
                let chosen = pick.get(&allowed);
                let free: Vec<u32> = (0..problem.options() as u32).filter(|option| free >> option & 1 == 1).collect();
                let is_inside = |option: &usize| free.contains(&(*option as u32));
                let outside = |choice: &[usize]| choice.iter().copied().filter(|o| !is_inside(o)).collect::<Vec<_>>();
                let inside: Vec<Vec<usize>> = allowed.iter().filter(|c| outside(c) == outside(chosen)).cloned().collect();
                let found = window::improve(&kernel, chosen, &free, &nodes(1_000));
                let now = check::covered(&problem, chosen).milli();
                match &found {
                    Some(better) => {
                        prop_assert!(inside.contains(better));
                        prop_assert!(check::covered(&problem, better).milli() > now);
                        prop_assert_eq!(check::covered(&problem, better).milli(), best(&problem, &inside));
                    }
                    None => prop_assert_eq!(now, best(&problem, &inside)),
                }
                prop_assert_eq!(found, window::improve(&kernel, chosen, &free, &nodes(1_000)));
            }
        }
    }
}
