//! The Lagrangian dual of a siting problem: a bound that holds at any moment, options that can be fixed, and openings to start
//! from.
//!
//! What: the rule `yₑ ≤ Σ xₒ` gets a price uₑ for each element, rules other than "at most p" or "one a place" get a price μ; any
//! prices give a bound (Geoffrion 1974; Galvão & ReVelle 1996 for maximal covering). Prices are improved by a primal-dual
//! gradient method (`saddle`), proved in integers (`oracle`), and used to fix options both ways; what is left goes on (`active`).
//! A round costs about one pass over the pairs that are left; 1,000 rounds are usually within 0.1 % of the linear relaxation,
//! which is as far as prices go; a [`Tree`] goes below it.
//! Everything runs in one thread in a fixed order; work is counted in pairs, so the same calls give the same bounds.

mod active;
mod groups;
mod oracle;
mod rounding;
mod saddle;
mod tree;

use crate::siting::kernel::{Kernel, unit_of};
use active::Active;
use oracle::Proof;
use saddle::Saddle;

pub use tree::Tree;

/// Rounds between two looks at the bound.
const LOOK: u32 = 8;
/// Looks between two proofs in integers at least.
const PROVE: u32 = 8;

/// Options that every better choice opens, and options that no better choice opens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fixing {
    /// Open in every better choice, ascending.
    pub open: Vec<usize>,
    /// Closed in every better choice, ascending.
    pub closed: Vec<usize>,
}

/// The dual of a problem.
#[derive(Debug, Clone)]
pub struct Dual<'k> {
    kernel: &'k Kernel<'k>,
    /// What is fixed: open, closed, or free.
    state: Vec<Option<bool>>,
    active: Active,
    saddle: Saddle,
    /// The best proof for what is live.
    proof: Option<Proof>,
    /// Smallest proved bound, in thousandths, before rounding to a multiple of `unit`.
    bound: u64,
    /// Options were fixed against a choice that covers this much: nothing is proved below it.
    floor: u64,
    /// No choice is allowed at all.
    infeasible: bool,
    /// Greatest common divisor of the weights.
    unit: u64,
    choice: Vec<usize>,
}

impl<'k> Dual<'k> {
    /// The dual of a kernel, before any work.
    pub fn new(kernel: &'k Kernel<'k>) -> Self {
        let state = vec![None; kernel.options()];
        let active = Active::new(kernel, &state);
        let saddle = Saddle::new(&active, None);
        let bound = active.total() + active.base;
        let unit = unit_of(kernel.weights.iter().copied());
        Self { kernel, state, active, saddle, proof: None, bound, floor: 0, infeasible: false, unit, choice: Vec::new() }
    }

    /// Improves the bound until about `work_pairs` pairs are looked at, nothing better than `lower` (what a known choice covers,
    /// in thousandths; 0 when none is known) can exist, or `stop` says so. Fixes options on the way. Gives the pairs looked at.
    pub fn run(&mut self, work_pairs: u64, lower: u64, stop: &dyn Fn() -> bool) -> u64 {
        let mut used = 0;
        let mut looks = 0;
        while used < work_pairs && !self.is_closed(lower) && !stop() {
            for _ in 0..LOOK {
                used += self.saddle.round(&self.active).max(1);
            }
            self.saddle.look(&self.active);
            looks += 1;
            if looks % PROVE == 0 && self.is_better() {
                used += self.prove();
                used += self.fix_when_worth_it(lower);
            }
        }
        used += self.prove();
        self.choice = rounding::round(self.kernel, &self.openings());
        used
    }

    /// Largest weight that any choice can cover, in thousandths.
    pub fn bound(&self) -> u64 {
        self.bound.max(self.floor) / self.unit * self.unit
    }

    /// Whether it is proved that no choice keeps all rules.
    pub fn is_infeasible(&self) -> bool {
        self.infeasible
    }

    /// An allowed choice (but for minima) from the openings of the relaxation, a start for a search; empty before [`Self::run`].
    pub fn choice(&self) -> &[usize] {
        &self.choice
    }

    /// How far each option opens in the relaxation, where it opens: what is fixed open opens fully.
    pub fn openings(&self) -> Vec<(usize, f32)> {
        let mut openings: Vec<(usize, f32)> = self.open().into_iter().map(|option| (option, 1.0)).collect();
        let live = self.active.options.iter().zip(&self.saddle.mean().x);
        openings.extend(live.filter(|(_, x)| **x > 1e-4).map(|(&option, &x)| (option as usize, x)));
        openings.sort_unstable_by_key(|&(option, _)| option);
        openings
    }

    /// Options that are open, or closed, in every choice that covers more than `lower`, by the reduced costs of the best prices
    /// (what was fixed before included). When no choice does, each option may be in either list.
    pub fn fixing(&self, lower: u64) -> Fixing {
        let mut state = self.state.clone();
        self.fix(lower, &mut state);
        let with = |open: bool| (0..state.len()).filter(|&option| state[option] == Some(open)).collect();
        Fixing { open: with(true), closed: with(false) }
    }

    /// Nothing better than `lower` exists.
    fn is_closed(&self, lower: u64) -> bool {
        self.infeasible || self.bound() <= lower || self.active.options.is_empty()
    }

    /// Whether the prices promise a bound that is better by enough to prove it.
    fn is_better(&self) -> bool {
        self.saddle.best().bound < self.bound as f64 * (1.0 - 2e-5)
    }

    /// Proves the best prices in integers.
    fn prove(&mut self) -> u64 {
        let best = self.saddle.best();
        let fresh = best.bound.is_finite();
        let zero = (vec![0.0; self.active.weights.len()], vec![0.0; self.active.sides.len()]);
        let (u, mu) = if fresh { (&best.u, &best.mu) } else { (&zero.0, &zero.1) };
        let proof = oracle::prove(&self.active, u, mu);
        if proof.bound < 0 {
            self.infeasible = self.state.iter().all(Option::is_none);
        }
        self.bound = self.bound.min((proof.bound.max(0) >> proof.digits) as u64);
        if self.proof.as_ref().is_none_or(|old| proof.bound < old.bound) {
            self.proof = Some(proof);
        }
        self.active.covers.pairs() as u64
    }

    /// Fixes what the best proof allows; continues on the rest when that is a twentieth smaller.
    fn fix_when_worth_it(&mut self, lower: u64) -> u64 {
        if lower == 0 {
            return 0;
        }
        let mut state = self.state.clone();
        let fixed = self.fix(lower, &mut state);
        if fixed * 20 < self.active.options.len() || self.is_closed(lower) {
            return 0;
        }
        self.floor = self.floor.max(lower);
        self.narrow(state);
        self.active.covers.pairs() as u64 * 4
    }

    /// Goes on with what is free in `state`.
    fn narrow(&mut self, state: Vec<Option<bool>>) {
        let shrunk = Active::new(self.kernel, &state);
        let (u, x) = self.carried(&shrunk);
        self.state = state;
        self.saddle = Saddle::new(&shrunk, Some((u, x, self.saddle.balance())));
        self.active = shrunk;
        self.proof = None;
    }

    /// Prices and openings of what stays live.
    fn carried(&self, shrunk: &Active) -> (Vec<f32>, Vec<f32>) {
        let best = self.saddle.best();
        let mean = self.saddle.mean();
        let u = if best.bound.is_finite() { &best.u } else { &mean.u };
        let carry = |new: &[u32], old: &[u32], values: &[f32]| {
            let at = |id: &u32| old.binary_search(id).map_or(0.0, |row| values[row]);
            new.iter().map(at).collect()
        };
        (carry(&shrunk.elements, &self.active.elements, u), carry(&shrunk.options, &self.active.options, &mean.x))
    }

    /// Marks what the best proof fixes against `lower`; gives how many.
    fn fix(&self, lower: u64, state: &mut [Option<bool>]) -> usize {
        let Some(proof) = &self.proof else { return 0 };
        let limit = i128::from(lower / self.unit * self.unit + self.unit) << proof.digits;
        let mut fixed = 0;
        for (row, verdict) in oracle::verdicts(&self.active, proof, limit).into_iter().enumerate() {
            if verdict.is_some() {
                state[self.active.options[row] as usize] = verdict;
                fixed += 1;
            }
        }
        fixed
    }

    /// Options fixed open.
    fn open(&self) -> Vec<usize> {
        (0..self.state.len()).filter(|&option| self.state[option] == Some(true)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Weight;
    use crate::siting::problem::{Rows, SitingProblem};
    use crate::siting::samples::{any_problem, choices, enumerate, plain_problem, ruled_problem};
    use proptest::prelude::*;

    /// Three elements of weight 10, each pair covered by one option, one to open: 20 is best, and the relaxation knows it.
    /// With the three options and two elements each, two open cover all: 30.
    #[test]
    fn an_example_by_hand() {
        let covers: Rows = [vec![0, 1], vec![1, 2], vec![0, 2]].into_iter().collect();
        let weights = vec![Weight::from_milli(10); 3];
        for (p, optimum) in [(0, 0), (1, 20), (2, 30), (3, 30)] {
            let problem = SitingProblem::mclp(weights.clone(), covers.clone(), p);
            let kernel = Kernel::new(&problem);
            let mut dual = Dual::new(&kernel);
            dual.run(20_000, 0, &|| false);
            assert_eq!(dual.bound(), optimum, "p = {p}");
        }
    }

    #[test]
    fn a_minimum_that_can_not_be_kept_is_infeasible() {
        let mut problem = SitingProblem::mclp(vec![Weight::from_milli(10)], [vec![0], vec![0]].into_iter().collect(), 1);
        problem.minima.push(crate::siting::problem::Minimum { options: vec![0, 1], at_least: 2 });
        let kernel = Kernel::new(&problem);
        let mut dual = Dual::new(&kernel);
        dual.run(200_000, 0, &|| false);
        assert!(dual.is_infeasible());
    }

    /// Runs in steps against `lower`; everything that is promised must hold.
    fn keeps_its_word(problem: &SitingProblem, share: u64) -> Result<(), TestCaseError> {
        let kernel = Kernel::new(problem);
        let optimum = enumerate(problem);
        let lower = optimum.as_ref().map_or(0, |best| best.0.milli()) * share / 4;
        let (mut dual, mut again) = (Dual::new(&kernel), Dual::new(&kernel));
        let mut bound = u64::MAX;
        for _ in 0..4 {
            let used = dual.run(3_000, lower, &|| false);
            prop_assert_eq!(used, again.run(3_000, lower, &|| false));
            prop_assert!(dual.bound() <= bound);
            bound = dual.bound();
            let Some((value, _)) = &optimum else { continue };
            prop_assert!(!dual.is_infeasible());
            prop_assert!(bound >= value.milli(), "bound {} optimum {:?}", bound, optimum);
            let fixing = dual.fixing(lower);
            for (value, chosen) in choices(problem).iter().filter(|(value, _)| value.milli() > lower) {
                prop_assert!(
                    fixing.open.iter().all(|option| chosen.contains(option)),
                    "{:?} {:?} {}",
                    fixing,
                    chosen,
                    value.milli()
                );
                prop_assert!(
                    !fixing.closed.iter().any(|option| chosen.contains(option)),
                    "{:?} {:?} {}",
                    fixing,
                    chosen,
                    value.milli()
                );
            }
            if problem.minima.is_empty() {
                prop_assert!(crate::siting::check::feasible(problem, dual.choice()).is_ok());
            }
        }
        prop_assert_eq!(dual.bound(), again.bound());
        prop_assert_eq!(dual.choice(), again.choice());
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn plain_bounds_hold(problem in plain_problem(), share in 0u64..5) {
            keeps_its_word(&problem, share)?;
        }

        #[test]
        fn bounds_hold_under_all_rules(problem in ruled_problem(), share in 0u64..5) {
            keeps_its_word(&problem, share)?;
        }

        #[test]
        fn infeasible_is_only_said_when_it_is(problem in any_problem()) {
            let kernel = Kernel::new(&problem);
            let mut dual = Dual::new(&kernel);
            dual.run(20_000, 0, &|| false);
            prop_assert!(!dual.is_infeasible() || enumerate(&problem).is_none());
        }
    }
}
