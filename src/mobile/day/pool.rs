//! Recombination: the best plan made of routes that the search and the bound have found, by a set-packing program.
//!
//! Formulation: a whole number of vehicles of its kind drives each route, at most as many as there are; [`super::serve`] says what
//! they serve; a row for each floor. A plan has value `L − Σ (L's best − route)` at most, so routes that fall short of the best of
//! their kind by more than the gap can't help, and those that fall short least are taken: column generation as a heuristic.
//! Complexity: one column a route, and the flow columns of the slots and stops they use. Determinism: limits in nodes.
//! Not for: proofs; routes that were never found are missing.

use std::collections::BTreeSet;

use super::dual::{Evaluation, ONE, Prices, profits};
use super::exact::Limits;
use super::model::Model;
use super::problem::{Plan, Route};
use super::serve::{self, Standing, UNIT};
use crate::mip::{Program, Stop};

/// Routes in a program, at most.
const ROUTES: usize = 500;

/// The best plan made of known routes that is worth at least `least` thousandths, if there is one and it is found.
pub(super) fn recombine(
    model: &Model<'_>,
    pool: &BTreeSet<(usize, Route)>,
    dual: (&Prices, &Evaluation),
    least: i64,
    limits: Limits,
) -> Option<Plan> {
    if model.kinds.iter().any(|kind| !kind.pins.is_empty()) {
        return None;
    }
    let chosen = promising(model, pool, dual, least);
    let mut program = Program::maximise();
    let mut standing = Standing::new();
    let mut by_kind = vec![Vec::new(); model.kinds.len()];
    let mut by_unit = vec![Vec::new(); model.floors.len()];
    for (kind, route) in &chosen {
        let vehicles = model.members[*kind].len() as f64;
        let column = program.integer(-(model.cost(route) as f64) / UNIT, 0.0, vehicles);
        by_kind[*kind].push((column, 1.0));
        let mut in_units = std::collections::BTreeMap::new();
        for window in *route {
            *in_units.entry(model.day.stops[window.stop].unit).or_insert(0.0) += (window.leave - window.arrive) as f64;
            for slot in window.arrive..window.leave {
                standing.entry((slot, window.stop)).or_default().push((column, model.kinds[*kind].capacity));
            }
        }
        in_units.into_iter().for_each(|(unit, slots)| by_unit[unit].push((column, slots)));
    }
    for (columns, of) in by_kind.into_iter().zip(&model.members) {
        program.at_most(of.len() as f64, columns);
    }
    for (floor, terms) in model.floors.iter().zip(by_unit).filter(|(floor, _)| **floor > 0) {
        program.at_least(f64::from(*floor), terms);
    }
    if chosen.is_empty() || serve::count(model, &standing) > limits.columns {
        return None;
    }
    serve::add(&mut program, model, &standing);
    let cutoff = Some((least as f64 - 0.5) / UNIT);
    let solved = program.solve(&Stop { cutoff, nodes: Some(limits.nodes), seconds: limits.seconds, ..Stop::default() }, None)?;
    let mut at_home = model.members.clone();
    let mut routes = vec![Route::new(); model.kind_of.len()];
    for ((kind, route), value) in chosen.iter().zip(&solved.values) {
        for vehicle in (0..value.round() as usize).map_while(|_| at_home[*kind].pop()) {
            routes[vehicle] = (*route).clone();
        }
    }
    (!solved.values.is_empty()).then_some(Plan { routes })
}

/// The routes that fall short of the best of their kind least.
fn promising<'r>(
    model: &Model<'_>,
    pool: &'r BTreeSet<(usize, Route)>,
    (prices, evaluation): (&Prices, &Evaluation),
    least: i64,
) -> Vec<(usize, &'r Route)> {
    let profit: Vec<Vec<i64>> = model.kinds.iter().map(|kind| profits(model, prices, kind.capacity)).collect();
    let slack = evaluation.slack(least);
    let mut ranked: Vec<(i64, usize, &Route)> = Vec::new();
    for (kind, route) in pool {
        let earned: i64 = route
            .iter()
            .flat_map(|window| (window.arrive..window.leave).map(move |slot| slot * model.stops + window.stop))
            .map(|at| profit[*kind][at])
            .sum();
        let short = evaluation.best[*kind].0 - (earned - model.cost(route) * ONE);
        if short <= slack {
            ranked.push((short, *kind, route));
        }
    }
    ranked.sort_unstable();
    ranked.truncate(ROUTES);
    ranked.into_iter().map(|(_, kind, route)| (kind, route)).collect()
}
