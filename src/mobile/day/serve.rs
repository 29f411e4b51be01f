//! The part that all mixed integer programs here share: how much standing vehicles serve.
//!
//! Formulation, for each slot t: demand that the same *active* stops reach is one group g with demand d. Column `y(g, s)` ∈ [0, 1]
//! is the share of d that vehicles at s serve; it earns d. Rows:
//! `Σ_s y(g, s) ≤ 1`; `Σ_g d y(g, s) ≤ Σ capacity x` over the columns x that put a vehicle at s in t; and, because no vehicle serves
//! more of a group than there is, `y(g, s) ≤ Σ min(1, capacity ÷ d) x`, which makes the relaxation tight.
//! Only x need be whole: a maximum flow is never harder. Complexity: one column and up to two rows for each (group, active stop).

use std::collections::BTreeMap;

use super::model::Model;
use crate::mip::Program;

/// Visits in a unit of the objective.
pub(super) const UNIT: f64 = 1000.0;

/// Columns that put vehicles at a stop in a slot, with the capacity of one: by (slot, stop).
pub(super) type Standing = BTreeMap<(usize, usize), Vec<(usize, u64)>>;

/// Groups of a slot: the active stops that reach one, and its demand.
fn groups(model: &Model<'_>, standing: &Standing, slot: usize) -> Vec<(Vec<usize>, u64)> {
    let is_active = |stop: usize| standing.contains_key(&(slot, stop));
    let mut groups: BTreeMap<Vec<usize>, u64> = BTreeMap::new();
    for class in 0..model.classes {
        let demand = model.demand[slot * model.classes + class];
        if demand > 0 {
            let stops: Vec<usize> =
                model.reached_by.row(class).iter().map(|(stop, _)| *stop as usize).filter(|stop| is_active(*stop)).collect();
            if !stops.is_empty() {
                *groups.entry(stops).or_default() += demand;
            }
        }
    }
    groups.into_iter().collect()
}

/// Columns that [`add`] would add.
pub(super) fn count(model: &Model<'_>, standing: &Standing) -> usize {
    (0..model.slots).flat_map(|slot| groups(model, standing, slot)).map(|(stops, _)| stops.len()).sum()
}

/// Adds what standing vehicles serve.
pub(super) fn add(program: &mut Program, model: &Model<'_>, standing: &Standing) {
    for slot in 0..model.slots {
        // By stop: (column, demand) of what it may serve.
        let mut serves: BTreeMap<usize, Vec<(usize, u64)>> = BTreeMap::new();
        for (stops, demand) in groups(model, standing, slot) {
            let columns: Vec<usize> = stops.iter().map(|_| program.column(demand as f64 / UNIT, 0.0, 1.0)).collect();
            if stops.len() > 1 {
                program.at_most(1.0, columns.iter().map(|&column| (column, 1.0)));
            }
            for (&stop, &column) in stops.iter().zip(&columns) {
                serves.entry(stop).or_default().push((column, demand));
            }
        }
        for (stop, serves) in serves {
            let vehicles = &standing[&(slot, stop)];
            let least = vehicles.iter().map(|(_, capacity)| *capacity).min().unwrap_or(0);
            let most = vehicles.iter().map(|(_, capacity)| *capacity).max().unwrap_or(0).max(1) as f64;
            let all: u64 = serves.iter().map(|(_, demand)| *demand).sum();
            for &(column, demand) in serves.iter().filter(|(_, demand)| *demand <= most as u64) {
                let shares = vehicles.iter().map(|&(x, capacity)| (x, -(capacity.min(demand) as f64) / demand as f64));
                program.at_most(0.0, std::iter::once((column, 1.0)).chain(shares));
            }
            if all > least {
                let filled = serves.iter().map(|&(column, demand)| (column, demand as f64 / most));
                program.at_most(0.0, filled.chain(vehicles.iter().map(|&(x, capacity)| (x, -(capacity as f64) / most))));
            }
        }
    }
}
