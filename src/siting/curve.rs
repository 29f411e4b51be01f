//! Coverage against the number of measures, with a bound at each number, and its knee.
//!
//! Points p = 1 … P: the best plan of at most p measures. Up to the budget B the budgets of actions and money stay as they are;
//! beyond, each grows in proportion (`⌈b · p ÷ B⌉`). Minima of planning units are left out. Every point is solved by itself;
//! coverage is then made monotone upwards and the bounds downwards, both of which keep them valid (a plan of p − 1 measures is one
//! of p; nothing of p exceeds the bound of p + 1).
//! Knee (Satopää, Albrecht, Irwin & Raghavan 2011, "Kneedle", without smoothing: the curve is exact or nearly so): with
//! `x = p ÷ P`, `y = f(p) ÷ f(P)`, the p ≥ 1 of the largest `y − x`, the distance above the chord from (0, 0) to (1, 1).
//! Points are solved in parallel and collected in order.

use rayon::prelude::*;

use super::placements::{Budgets, Formulation};
use super::{SitingProblem, SitingSolution, check};
use crate::quantity::Weight;

/// The best plan of a number of measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurvePoint {
    /// At most so many measures.
    pub measures: u32,
    /// Demand that they add.
    pub added: Weight,
    /// No plan of so many measures adds more.
    pub bound: Weight,
}

/// Coverage against the number of measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Curve {
    /// From one measure on.
    pub points: Vec<CurvePoint>,
    /// Number of measures at the knee.
    pub knee: Option<u32>,
}

/// The budgets at a point of the curve.
pub fn at(budgets: Budgets, measures: u32) -> Budgets {
    let most = budgets.most().max(1);
    if measures <= most {
        return Budgets { measures: Some(measures), ..budgets };
    }
    let grow = |n: u64| (n * u64::from(measures)).div_ceil(u64::from(most));
    Budgets {
        actions: budgets.actions.map(|n| grow(u64::from(n)) as u32),
        relocate: budgets.relocate,
        mobile: grow(u64::from(budgets.mobile)) as u32,
        yuan: budgets.yuan.map(grow),
        measures: Some(measures),
    }
}

/// The best plan of some budgets without the minima of planning units.
pub fn point(formulation: &Formulation, budgets: Budgets, solve: &dyn Fn(&SitingProblem) -> SitingSolution) -> CurvePoint {
    let mut problem = formulation.problem.clone();
    problem.limits = formulation.limits(budgets);
    problem.minima.drain(..formulation.unit_minima.len());
    let solution = solve(&problem);
    let chosen = formulation.with_kept(&problem, solution.chosen.iter().map(|(option, _)| *option));
    let added = check::covered(&problem, &chosen).saturating_sub(formulation.at_stake);
    let bound = solution.bound.saturating_sub(formulation.at_stake).max(added);
    CurvePoint { measures: budgets.measures.unwrap_or_else(|| budgets.most()), added, bound }
}

/// Traces the curve up to `to` measures, at most twice the budget. `plan` is the point of the budget itself.
pub fn trace(
    formulation: &Formulation,
    budgets: Budgets,
    to: u32,
    plan: CurvePoint,
    solve: &(dyn Fn(&SitingProblem) -> SitingSolution + Sync),
) -> Curve {
    let last = to.min(2 * budgets.most());
    let solved = |p: u32| if p == plan.measures { plan } else { point(formulation, at(budgets, p), solve) };
    let mut points: Vec<CurvePoint> = (1..=last).into_par_iter().map(solved).collect();
    for p in 1..points.len() {
        points[p].added = points[p].added.max(points[p - 1].added);
        points[p].bound = points[p].bound.max(points[p].added);
    }
    for p in (1..points.len()).rev() {
        points[p - 1].bound = points[p - 1].bound.min(points[p].bound);
    }
    let values: Vec<Weight> = points.iter().map(|point| point.added).collect();
    Curve { knee: knee(&values), points }
}

/// The number of measures at the knee of f(1), f(2), …; `None` when the curve never rises above its chord.
pub fn knee(values: &[Weight]) -> Option<u32> {
    let last = values.last()?.milli();
    // y − x = f(p) ÷ f(P) − p ÷ P, times P · f(P): whole numbers.
    let above = |p: usize| i128::from(values[p].milli()) * values.len() as i128 - i128::from(last) * (p + 1) as i128;
    let best = (0..values.len()).max_by_key(|&p| (above(p), std::cmp::Reverse(p)))?;
    (above(best) > 0).then_some(best as u32 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(values: &[u64]) -> Vec<Weight> {
        values.iter().map(|&v| Weight::from_milli(v)).collect()
    }

    #[test]
    fn the_knee_is_where_the_curve_is_furthest_above_its_chord() {
        // Chord 10 a step: the heights above it are 30, 45, 48, 42, … .
        assert_eq!(knee(&weights(&[40, 65, 78, 82, 86, 90, 93, 96, 98, 100])), Some(3));
        assert_eq!(knee(&weights(&[10, 20, 30])), None, "a straight line has none");
        assert_eq!(knee(&weights(&[50, 100, 100, 100])), Some(2));
        assert_eq!(knee(&weights(&[0, 0])), None);
        assert_eq!(knee(&[]), None);
    }

    #[test]
    fn budgets_grow_in_proportion_beyond_themselves_only() {
        let budgets = Budgets { actions: [3, 2, 4], relocate: 0, mobile: 0, yuan: Some(90_000), measures: None };
        assert_eq!(at(budgets, 5), Budgets { measures: Some(5), ..budgets });
        assert_eq!(at(budgets, 9).actions, [3, 2, 4]);
        assert_eq!(
            at(budgets, 10),
            Budgets { actions: [4, 3, 5], relocate: 0, mobile: 0, yuan: Some(100_000), measures: Some(10) }
        );
        assert_eq!(at(budgets, 18).actions, [6, 4, 8]);
    }
}
