//! Fairness of coverage over planning units: demand-weighted Gini coefficient and coefficient of variation.
//!
//! Gini: `Σᵢⱼ dᵢ dⱼ |cᵢ − cⱼ| / (2 D² c̄)` with coverage c and demand d of each unit, D their sum, c̄ the mean weighted by demand.
//! Complexity: `O(n²)` for n units; determinism: units in index order.

use std::collections::BTreeMap;

use crate::calendar::DayKind;
use crate::coverage::{Ladder, Steps};
use crate::id::UnitIdx;
use crate::quantity::Weight;

/// Units with less demand than this (visits a day) don't count: their share of coverage means nothing.
const LEAST_DEMAND: f64 = 1.0;

/// Fairness of coverage over units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Equity {
    /// Number of units.
    pub units: usize,
    /// Demand-weighted mean coverage.
    pub mean: f64,
    /// Demand-weighted Gini coefficient; 0 is equal.
    pub gini: f64,
    /// Coefficient of variation.
    pub cv: f64,
    /// Coverage of the worst-served unit.
    pub lowest: f64,
}

/// Account of each unit of the planner's own area on a day.
pub fn by_unit(ladder: &Ladder, day: DayKind) -> BTreeMap<UnitIdx, Steps> {
    let mut units: BTreeMap<UnitIdx, Steps> = BTreeMap::new();
    for row in ladder.rows.iter().filter(|row| row.day == day && row.in_area) {
        if let Some(unit) = row.unit {
            units.entry(unit).or_default().add(&row.steps);
        }
    }
    units
}

/// Fairness of one rung over the units; `None` without two units that have demand.
pub fn equity(units: &BTreeMap<UnitIdx, Steps>, rung: usize) -> Option<Equity> {
    let rows: Vec<(f64, f64)> = units
        .values()
        .filter(|steps| steps.demand > Weight::from_visits(LEAST_DEMAND))
        .map(|steps| (steps.covered[rung].share_of(steps.demand).get(), steps.demand.visits()))
        .collect();
    let total: f64 = rows.iter().map(|(_, demand)| demand).sum();
    let mean = rows.iter().map(|(share, demand)| share * demand).sum::<f64>() / total;
    if rows.len() < 2 || mean <= 0.0 {
        return None;
    }
    let spread: f64 = rows.iter().flat_map(|a| rows.iter().map(move |b| (a.0 - b.0).abs() * a.1 * b.1)).sum();
    let variance = rows.iter().map(|(share, demand)| demand * (share - mean).powi(2)).sum::<f64>() / total;
    Some(Equity {
        units: rows.len(),
        mean,
        gini: spread / (2.0 * total * total * mean),
        cv: variance.sqrt() / mean,
        lowest: rows.iter().map(|(share, _)| *share).fold(1.0, f64::min),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(rows: &[(f64, f64)]) -> BTreeMap<UnitIdx, Steps> {
        let steps = |&(share, demand): &(f64, f64)| Steps {
            demand: Weight::from_visits(demand),
            covered: [Weight::from_visits(share * demand); crate::coverage::RUNGS],
        };
        rows.iter().enumerate().map(|(row, r)| (UnitIdx::from_usize(row), steps(r))).collect()
    }

    #[test]
    fn equal_units_are_fair_and_one_served_unit_of_two_is_half() {
        assert!(equity(&units(&[(0.7, 10.0), (0.7, 90.0)]), 1).expect("two units").gini.abs() < 1e-9);
        let split = equity(&units(&[(1.0, 50.0), (0.0, 50.0)]), 1).expect("two units");
        assert!((split.gini - 0.5).abs() < 1e-9 && split.lowest == 0.0, "{split:?}");
    }
}
