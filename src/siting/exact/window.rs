//! Windows: some options are decided anew, exactly, while the rest is held (large neighbourhood search by MIP).
//!
//! What: from a feasible choice to a better one, or none. Steps: hold the other options, merge what is not settled into classes by
//! free coverers, and solve that program (`residual`) from the current choice with few nodes. When not to use it: among options
//! that no good choice opens; what two or three good choices open ([`crate::siting::search`]) is where it gains.
//! Determinism: as that of the limits given; ties go to the lower index.

use super::compact::WITHIN_A_UNIT;
use super::residual::Residual;
use crate::mip::Stop;
use crate::siting::check;
use crate::siting::kernel::Kernel;

/// Programs with more terms than this are not solved: nodes don't limit the work at the root.
const MOST_TERMS: usize = 20_000;

/// The best choice that differs from `chosen`, a feasible one, only among the options of `free`, ascending, when one that
/// covers more is found before `stop`. `None` when not, when they are too many to solve, or without a solver.
pub fn improve(kernel: &Kernel, chosen: &[usize], free: &[u32], stop: &Stop) -> Option<Vec<usize>> {
    let held: Vec<usize> = chosen.iter().copied().filter(|&option| free.binary_search(&(option as u32)).is_err()).collect();
    let residual = Residual::new(kernel, free, &held);
    if residual.program.terms() > MOST_TERMS {
        return None;
    }
    let stop = Stop { absolute_gap: WITHIN_A_UNIT, ..*stop };
    let solved = residual.program.solve(&stop, Some(&residual.values(chosen)))?;
    let mut better = residual.opened(&solved.values);
    better.extend(&held);
    better.sort_unstable();
    let gains = check::covered(kernel.problem, &better) > check::covered(kernel.problem, chosen);
    (gains && check::feasible(kernel.problem, &better).is_ok()).then_some(better)
}
