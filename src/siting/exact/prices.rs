//! Prices of elements: the best Lagrangian multipliers, from the linear relaxation by an interior point method.
//!
//! What: for each element a price between 0 and its weight, the dual of `y_e ≤ Σ x_o` (Church & ReVelle 1974). With them the
//! Lagrangian `Σ (w_e − u_e) + max Σ_o x_o Σ_{e ∈ o} u_e` over the allowed x equals the optimum of the relaxation, which no
//! multipliers can beat, and so fixes the most options. Prices are integers: a bound computed from them in integers holds,
//! however inexact the solver was. Elements of one class share its price by weight; an element of one option costs its weight.
//! Complexity: some thirty factorisations of the normal equations. When not to use it: beyond a million pairs.

use super::residual::Residual;
use crate::siting::kernel::Kernel;
use crate::siting::mip::Relaxation;

/// The price of each element in thousandths of weight. `None` without a solver, or when no choice is allowed.
pub fn prices(kernel: &Kernel) -> Option<Vec<u64>> {
    let free: Vec<u32> = (0..kernel.options() as u32).collect();
    let residual = Residual::new(kernel, &free, &[]);
    let relaxed = Relaxation::interior(&residual.program)?.solve()?;
    let rows = residual.rows();
    let price = |(element, &weight): (usize, &u64)| match rows.get(kernel.coverers.row(element)) {
        Some(&row) => {
            let class = residual.free.len() + row;
            let share = -relaxed.duals[row] / residual.program.objective(class);
            (share.clamp(0.0, 1.0) * weight as f64).round() as u64
        }
        None => weight,
    };
    Some(kernel.weights.iter().enumerate().map(price).collect())
}
