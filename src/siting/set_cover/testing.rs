//! Random small location problems, and the truth about them by enumeration.

use proptest::prelude::*;

use crate::domain::location::{LocationDemand, LocationProblem, LocationSites, Role, Separation};
use crate::siting::effort::Effort;
use crate::siting::locate::model::{Answer, LocateError, Model, Request, Status};

/// Cases of each property.
pub const CASES: u32 = 2_000;

/// Sites (existing, cost, capacity), weights and impedances; impedances above 9 mean that there is no way.
pub fn problems() -> impl Strategy<Value = LocationProblem> {
    (1usize..9, 1usize..13, 0u64..3).prop_flat_map(|(sites, demand, dear)| {
        let site = (0u8..6, 1..=(1 + dear * 4), proptest::option::weighted(0.8, 0u64..25));
        let weight = prop_oneof![1 => Just(0u64), 5 => 1u64..10];
        let pairs = proptest::collection::vec(0u32..16, sites * demand);
        (proptest::collection::vec(site, sites), proptest::collection::vec(weight, demand), pairs).prop_map(build)
    })
}

/// Sites as (role, cost, capacity).
type DrawnSites = Vec<(u8, u64, Option<u64>)>;

fn build((sites, weights, pairs): (DrawnSites, Vec<u64>, Vec<u32>)) -> LocationProblem {
    let n = weights.len() as u32;
    let entries = pairs.iter().zip(0u32..).filter(|(far, _)| **far <= 9);
    LocationProblem {
        separation: Separation::Matrix(entries.map(|(&far, at)| (at / n, at % n, f64::from(far))).collect()),
        sites: LocationSites {
            ids: (0..sites.len()).map(|site| site.to_string()).collect(),
            points: Vec::new(),
            roles: sites.iter().map(|site| if site.0 == 0 { Role::Existing } else { Role::Candidate }).collect(),
            costs: sites.iter().map(|site| site.1).collect(),
            capacities: sites.iter().map(|site| site.2).collect(),
        },
        demand: LocationDemand { ids: (0..n).map(|demand| demand.to_string()).collect(), points: Vec::new(), weights },
        weight_scale: 1,
    }
}

/// A request with a limit and little work.
pub fn request(model: Model, limit: f64) -> Request {
    let effort = Effort { work: 200, ..Effort::default() };
    Request { model, limit: Some(limit), outer: None, p: None, budget: None, share: None, effort }
}

/// The impedance of each pair, infinite where there is no way: by site, then by demand point.
pub fn table(problem: &LocationProblem) -> Vec<Vec<f64>> {
    let mut table = vec![vec![f64::INFINITY; problem.demand.ids.len()]; problem.sites.ids.len()];
    if let Separation::Matrix(entries) = &problem.separation {
        entries.iter().for_each(|&(site, demand, impedance)| table[site as usize][demand as usize] = impedance);
    }
    table
}

/// Whether a set of open sites (newly opened and existing) covers each demand point, and how often.
pub fn counts(problem: &LocationProblem, open: &[usize], limit: f64) -> Vec<usize> {
    let table = table(problem);
    (0..problem.demand.ids.len()).map(|demand| open.iter().filter(|&&site| table[site][demand] <= limit).count()).collect()
}

/// All sets of candidates; each comes with the existing sites added (all that is open), and with its cost.
pub fn sets(problem: &LocationProblem) -> Vec<(Vec<usize>, Vec<usize>, u64)> {
    let of = |role: Role| (0..problem.sites.ids.len()).filter(move |&site| problem.sites.roles[site] == role).collect::<Vec<_>>();
    let (existing, candidates) = (of(Role::Existing), of(Role::Candidate));
    let one = |mask: u32| {
        let chosen: Vec<usize> =
            candidates.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1).map(|(_, &site)| site).collect();
        let open = existing.iter().chain(&chosen).copied().collect();
        let cost = chosen.iter().map(|&site| problem.sites.costs[site]).sum();
        (chosen, open, cost)
    };
    (0..1u32 << candidates.len()).map(one).collect()
}

/// All that is open in an answer.
pub fn open(problem: &LocationProblem, answer: &Answer) -> Vec<usize> {
    let existing = (0..problem.sites.ids.len()).filter(|&site| problem.sites.roles[site] == Role::Existing);
    existing.chain(answer.opened.iter().map(|&site| site as usize)).collect()
}

/// Checks an answer's objective, bound and status against the truth.
pub fn compare(found: &Result<Answer, LocateError>, truth: Option<f64>, minimises: bool) -> Result<(), TestCaseError> {
    let Some(truth) = truth else {
        prop_assert!(matches!(found, Err(LocateError::Infeasible { .. })), "found {found:?}, nothing is allowed");
        return Ok(());
    };
    let answer = found.as_ref().expect("an answer exists");
    let sign = if minimises { 1.0 } else { -1.0 };
    prop_assert!(sign * (answer.objective - truth) >= -1e-9, "{answer:?} is better than the truth {truth}");
    prop_assert!(sign * (truth - answer.bound) >= -1e-9, "the bound of {answer:?} is beyond the truth {truth}");
    if answer.status == Status::Optimal {
        prop_assert!((answer.objective - truth).abs() < 1e-9 && answer.bound == answer.objective, "{answer:?} isn't {truth}");
    }
    prop_assert!(answer.opened.is_sorted());
    Ok(())
}
