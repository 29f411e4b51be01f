//! Random small location problems and their answers by enumeration: the slow truth beside the medians and centres. For tests
//! only.

use proptest::prelude::*;

use super::model::{Answer, Model, Request};
use crate::domain::location::{LocationDemand, LocationProblem, LocationSites, Role, Separation};
use crate::siting::effort::Effort;

/// Problems of at most so many sites and demand points, with existing sites, missing pairs, capacities and ties, and a p.
pub fn problems(most_sites: usize, most_demand: usize) -> impl Strategy<Value = (LocationProblem, usize)> {
    (1..=most_sites, 0..=most_demand, any::<bool>(), prop_oneof![Just(1u64), Just(10)]).prop_flat_map(
        |(n, m, whole, weight_scale)| {
            let roles = proptest::collection::vec(prop_oneof![1 => Just(Role::Existing), 4 => Just(Role::Candidate)], n);
            let capacities = proptest::collection::vec(prop_oneof![1 => Just(None), 4 => (0u64..16).prop_map(Some)], n);
            let weights = proptest::collection::vec(0u64..6, m);
            let impedances = proptest::collection::vec(prop_oneof![1 => Just(None), 6 => (0u32..40).prop_map(Some)], n * m);
            (roles, capacities, weights, impedances, 0..=n).prop_map(move |(roles, capacities, weights, impedances, p)| {
                let at = |(pair, impedance): (usize, &Option<u32>)| {
                    let value = |v: u32| if whole { f64::from(v) } else { f64::from(v) / 7.0 };
                    impedance.map(|v| ((pair / m) as u32, (pair % m) as u32, value(v)))
                };
                let entries = impedances.iter().enumerate().filter_map(at).collect();
                let names = |count: usize| (0..count).map(|row| row.to_string()).collect();
                let p = p.min(roles.iter().filter(|&&role| role == Role::Candidate).count());
                let sites = LocationSites { ids: names(n), points: Vec::new(), roles, costs: vec![1; n], capacities };
                let demand = LocationDemand { ids: names(m), points: Vec::new(), weights };
                (LocationProblem { sites, demand, separation: Separation::Matrix(entries), weight_scale }, p)
            })
        },
    )
}

/// A request for `p` of a model.
pub fn ask(model: Model, p: usize) -> Request {
    let effort = Effort { work: 200, ..Effort::default() };
    Request { model, limit: None, outer: None, p: Some(p), budget: None, share: None, effort }
}

/// Impedances by demand point, then site; infinite where missing.
pub fn table(problem: &LocationProblem) -> Vec<Vec<f64>> {
    let mut table = vec![vec![f64::INFINITY; problem.sites.roles.len()]; problem.demand.weights.len()];
    if let Separation::Matrix(entries) = &problem.separation {
        for &(site, demand, impedance) in entries {
            table[demand as usize][site as usize] = impedance;
        }
    }
    table
}

/// Every choice of at most `p` candidates, with the existing sites, as flags by site; and how many candidates.
fn choices(problem: &LocationProblem, p: usize) -> impl Iterator<Item = (Vec<bool>, usize)> {
    let existing: Vec<bool> = problem.sites.roles.iter().map(|&role| role == Role::Existing).collect();
    (0u32..1 << existing.len()).filter_map(move |set| {
        let chosen = |site: usize| set >> site & 1 == 1;
        let count = set.count_ones() as usize;
        let of_candidates = (0..existing.len()).all(|site| !(chosen(site) && existing[site]));
        let open = (0..existing.len()).map(|site| chosen(site) || existing[site]).collect();
        (of_candidates && count <= p).then_some((open, count))
    })
}

fn nearest(row: &[f64], open: &[bool]) -> f64 {
    row.iter().zip(open).filter(|&(_, &open)| open).map(|(&impedance, _)| impedance).fold(f64::INFINITY, f64::min)
}

/// The p-median, or none when no p candidates reach all demand.
pub fn median(problem: &LocationProblem, p: usize) -> Option<f64> {
    let table = table(problem);
    let cost = |open: &[bool]| -> f64 {
        let weighted = |(row, &weight): (&Vec<f64>, &u64)| {
            let impedance = nearest(row, open);
            if impedance.is_finite() { weight as f64 * impedance } else { f64::INFINITY }
        };
        table.iter().zip(&problem.demand.weights).map(weighted).sum::<f64>() / problem.weight_scale as f64
    };
    let least = choices(problem, p).filter(|&(_, count)| count == p).map(|(open, _)| cost(&open)).fold(f64::INFINITY, f64::min);
    Some(least).filter(|cost| cost.is_finite())
}

/// The p-center, or none when no p candidates reach all demand.
pub fn center(problem: &LocationProblem, p: usize) -> Option<f64> {
    let table = table(problem);
    let radius = |open: &[bool]| table.iter().map(|row| nearest(row, open)).fold(0.0, f64::max);
    let least = choices(problem, p).map(|(open, _)| radius(&open)).fold(f64::INFINITY, f64::min);
    Some(least).filter(|radius| radius.is_finite())
}

/// The capacitated p-median, or none when the demand can't be served.
pub fn capacitated_median(problem: &LocationProblem, p: usize) -> Option<f64> {
    let mut best = f64::INFINITY;
    for (open, _) in choices(problem, p).filter(|&(_, count)| count == p) {
        let room: Vec<u64> = (0..open.len())
            .map(|site| if open[site] { problem.sites.capacities[site].unwrap_or(u64::MAX / 2) } else { 0 })
            .collect();
        serve(&table(problem), &problem.demand.weights, &open, room, 0.0, &mut best);
    }
    Some(best).filter(|cost| cost.is_finite())
}

fn serve(table: &[Vec<f64>], weights: &[u64], open: &[bool], room: Vec<u64>, cost: f64, best: &mut f64) {
    let (Some((row, table)), Some((&weight, weights))) = (table.split_first(), weights.split_first()) else {
        *best = best.min(cost);
        return;
    };
    for site in 0..open.len() {
        if open[site] && room[site] >= weight && cost + row[site] < *best {
            let mut room = room.clone();
            room[site] -= weight;
            serve(table, weights, open, room, cost + row[site], best);
        }
    }
}

/// What every answer must keep, recomputed from the table: sites open, who is served by whom. Returns the impedances of service.
pub fn served(problem: &LocationProblem, answer: &Answer) -> Vec<f64> {
    assert!(answer.opened.is_sorted_by(|a, b| a < b), "opened sites ascend");
    assert!(answer.opened.iter().all(|&site| problem.sites.roles[site as usize] == Role::Candidate), "candidates open");
    let table = table(problem);
    assert_eq!(answer.assigned.len(), table.len(), "everyone is assigned");
    let of = |(row, site): (&Vec<f64>, &Option<u32>)| {
        let site = site.expect("a site");
        let is_open = problem.sites.roles[site as usize] == Role::Existing || answer.opened.contains(&site);
        assert!(is_open && row[site as usize].is_finite(), "served by an open site that reaches");
        row[site as usize]
    };
    table.iter().zip(&answer.assigned).map(of).collect()
}

/// Equal within rounding.
pub fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}
