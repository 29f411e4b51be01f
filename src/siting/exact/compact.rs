//! Closing a siting problem: the whole of it as one mixed integer program, started from the best answer known.
//!
//! Formulation: see `residual` (Church & ReVelle 1974, identical elements merged), every option free. The program starts from the
//! incumbent, and branches that cannot gain a whole unit (greatest common divisor of the class weights) are cut off.
//! What is trusted: the answer is rounded, checked and weighed again in integers, so the objective is exact. The bound is
//! HiGHS's. When its tree is exhausted nothing gains a unit, so objective and bound meet: this trusts that its bounds are right
//! to a tenth of a unit. When it stops early, or claims a unit more than its choice weighs here, its bound is raised by its tolerances
//! and rounded down to a unit.
//! Determinism: stops after a number of nodes; a deadline of the effort may only stop it earlier.
//! No Benders decomposition (Cordeau, Furini & Ljubić 2019): it is meant for elements that outnumber options by thousands, and
//! merging identical elements ends that (`benches/kernel.rs` prints how far).
//! When not to use it: see [`is_small_enough`].

use std::time::Instant;

use super::residual::Residual;
use crate::mip::{self, Solved, Status, Stop};
use crate::siting::check;
use crate::siting::effort::Effort;
use crate::siting::kernel::Kernel;

/// The best answer and what is proved of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The options to open, ascending.
    pub chosen: Vec<usize>,
    /// Weight they cover, in thousandths.
    pub objective: u64,
    /// No choice covers more than this, in thousandths.
    pub bound: u64,
    /// Objective and bound meet.
    pub proved: bool,
    /// Nodes of the tree that were looked at.
    pub nodes: u64,
}

/// So many (option, element) pairs close within seconds whatever the gap.
pub const FEW_PAIRS: usize = 12_000;

/// So many close within a minute when the gap is at most [`NARROW_GAP`].
pub const MANY_PAIRS: usize = 100_000;

/// (bound − objective) ÷ bound from which the root alone proves most.
pub const NARROW_GAP: f64 = 0.003;

/// Whether it is worth trying to close what is open of a reduced problem, `objective` and `bound` in thousandths. Nodes don't
/// limit the work at the root, so this is what keeps [`close`] within a minute or so.
pub fn is_small_enough(kernel: &Kernel, open: &Open, objective: u64, bound: u64) -> bool {
    let pairs: usize = open.free.iter().map(|&option| kernel.covers(option as usize).len()).sum();
    let gap = bound.saturating_sub(objective) as f64 / bound.max(1) as f64;
    mip::AVAILABLE && (pairs <= FEW_PAIRS || (pairs <= MANY_PAIRS && gap <= NARROW_GAP))
}

/// What is still open: every choice better than the incumbent opens all of `fixed` and otherwise only some of `free`.
#[derive(Debug, Clone, Copy)]
pub struct Open<'a> {
    /// Options that may open or not, ascending.
    pub free: &'a [u32],
    /// Options that open.
    pub fixed: &'a [usize],
}

/// Improves `incumbent`, a feasible choice, and lowers `bound`, both as far as `nodes` nodes allow, when a bound has decided all but
/// what is `open` (reduced-cost fixing). `None` without a solver, past the deadline, or when the solver fails.
pub fn close(kernel: &Kernel, incumbent: &[usize], open: &Open, bound: u64, nodes: u64, effort: &Effort) -> Option<Closed> {
    if !mip::AVAILABLE || effort.is_over() {
        return None;
    }
    let residual = Residual::new(kernel, open.free, open.fixed);
    let known = check::covered(kernel.problem, incumbent).milli();
    let held = check::covered(kernel.problem, open.fixed).milli();
    let is_open = |option: &usize| open.fixed.contains(option) || open.free.binary_search(&(*option as u32)).is_ok();
    let starts = incumbent.iter().all(is_open) && open.fixed.iter().all(|option| incumbent.contains(option));
    let stop = Stop {
        nodes: Some(nodes),
        cutoff: known.checked_sub(held).filter(|_| !starts).map(|gain| (gain / residual.unit) as f64 + 0.5),
        absolute_gap: WITHIN_A_UNIT,
        relative_gap: effort.gap,
        seconds: effort.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()).as_secs_f64()),
        seed: effort.seed as u32,
        ..Stop::default()
    };
    let start = starts.then(|| residual.values(incumbent));
    let solved = match residual.free.as_slice() {
        [] => Solved { status: Status::Infeasible, values: Vec::new(), objective: 0.0, bound: 0.0, nodes: 0 },
        _ => residual.program.solve(&stop, start.as_deref())?,
    };
    let mut found = residual.opened(&solved.values);
    found.extend(open.fixed);
    let weight = check::covered(kernel.problem, &found).milli();
    let is_better = weight > known && check::feasible(kernel.problem, &found).is_ok();
    let (mut chosen, objective) = if is_better { (found, weight) } else { (incumbent.to_vec(), known) };
    chosen.sort_unstable();
    let proved = proved_bound(&solved, residual.unit, objective, held, effort.gap);
    let bound = bound.min(proved).max(objective);
    Some(Closed { chosen, objective, bound, proved: bound == objective, nodes: solved.nodes })
}

/// Branches that gain less than this, in units, are cut off.
pub(super) const WITHIN_A_UNIT: f64 = 0.9;

/// The solver's bound in thousandths, rounded to the safe side. An exhausted tree proves our own objective, unless what the solver
/// found or left possible is better by a unit: then its weights are not ours, or its choice broke a rule.
fn proved_bound(solved: &Solved, unit: u64, objective: u64, held: u64, gap: f64) -> u64 {
    let ours = (objective.saturating_sub(held) / unit) as f64;
    let agrees = solved.bound.max(solved.objective) < ours + 1.0;
    if solved.status == Status::Infeasible || (solved.status == Status::Optimal && gap == 0.0 && agrees) {
        return objective;
    }
    let raised = solved.bound + 0.01 + 1e-10 * solved.bound.abs();
    if raised.is_finite() { (raised.max(0.0).floor() as u64).saturating_mul(unit).saturating_add(held) } else { u64::MAX }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_that_does_not_fit_our_own_weights_is_not_taken() {
        let solved = |status, objective, bound| Solved { status, values: Vec::new(), objective, bound, nodes: 1 };
        let proved = |solved: &Solved| proved_bound(solved, 10, 1_050, 50, 0.0);
        assert_eq!(proved(&solved(Status::Optimal, 100.0, 100.5)), 1_050, "100 units and what is held");
        assert_eq!(proved(&solved(Status::Infeasible, 0.0, 0.0)), 1_050);
        assert_eq!(proved(&solved(Status::Optimal, 101.0, 101.0)), 1_060, "its choice is worth a unit more than it weighs here");
        assert_eq!(proved(&solved(Status::Optimal, 100.0, 102.4)), 1_070);
        assert_eq!(proved_bound(&solved(Status::Optimal, 100.0, 100.5), 10, 1_050, 50, 0.1), 1_050);
    }
}
