//! Whether a refusal is true: that nothing keeps the rules, for the reason given. Recomputed from the problem alone by plain search;
//! no solver's code is used.
//!
//! What each culprit or a sum shows is looked at in full. Whether p candidates reach all culprits, or have room for them, is searched
//! depth first, at most `TRIES` steps: beyond, the claim says that it isn't checked.

use super::check::{Claim, impedance, is_share, is_within, times_covered};
use super::model::{Infeasibility, Request};
use crate::domain::location::{LocationProblem, Role};
use crate::message::Message;

/// Steps of a search before it is given up.
const TRIES: u64 = 1_000_000;
/// More demand points than this are not packed: the search is as deep as there are points.
const MOST_PACKED: usize = 5_000;

/// Whether nothing keeps the rules, for the reason given.
pub fn infeasible(problem: &LocationProblem, request: &Request, reason: Infeasibility, culprits: &[u32]) -> Claim {
    let named = |code| Message::new(code).with("count", culprits.len());
    match holds(problem, request, reason, culprits) {
        Some(holds) => Claim::new(holds, named("P412")),
        None => Claim::not_checked(named("P417")),
    }
}

/// Whether the reason holds; none when the search was given up.
fn holds(problem: &LocationProblem, request: &Request, reason: Infeasibility, culprits: &[u32]) -> Option<bool> {
    let all: Vec<u32> = (0..problem.sites.ids.len() as u32).collect();
    let limit = request.limit.unwrap_or(f64::INFINITY);
    let p = request.p.unwrap_or(usize::MAX);
    let is_in = |point: &u32| (*point as usize) < problem.demand.ids.len();
    let names_demand = !culprits.is_empty() && culprits.iter().all(is_in);
    // Of each culprit, whatever site is looked at.
    let of_all = |fails: &dyn Fn(u32, u32) -> bool| {
        names_demand && culprits.iter().all(|&point| all.iter().all(|&site| fails(site, point)))
    };
    match reason {
        Infeasibility::Uncoverable => Some(of_all(&|site, point| !is_within(problem, site, point, limit))),
        Infeasibility::Unreachable => Some(of_all(&|site, point| impedance(problem, site, point).is_none())),
        Infeasibility::TooHeavy => Some(of_all(&|site, point| {
            let is_full =
                problem.sites.capacities[site as usize].is_some_and(|most| problem.demand.weights[point as usize] > most);
            is_full || impedance(problem, site, point).is_none()
        })),
        Infeasibility::ShareTooHigh => {
            let covered = times_covered(problem, &all, limit, 1).into_iter().zip(&problem.demand.weights);
            let most: u64 = covered.filter(|(times, _)| *times > 0).map(|(_, weight)| weight).sum();
            Some(!is_share(most, request.share.unwrap_or(0.0), problem.total_weight()))
        }
        Infeasibility::TooFewCandidates => Some(p != usize::MAX && p > of(problem, Role::Candidate).count()),
        Infeasibility::TooLittleCapacity => Some(most_capacity(problem, p) < problem.total_weight()),
        _ if !names_demand => Some(false),
        Infeasibility::TooFewSites => can_reach(problem, culprits, p, &mut TRIES.clone()).map(|can| !can),
        Infeasibility::Unpackable if culprits.len() > MOST_PACKED => None,
        Infeasibility::Unpackable => Packing::new(problem, culprits, p).fits(0).map(|fits| !fits),
    }
}

/// Rows of the sites of a role.
fn of(problem: &LocationProblem, role: Role) -> impl Iterator<Item = u32> {
    (0u32..).zip(&problem.sites.roles).filter(move |(_, is)| **is == role).map(|(site, _)| site)
}

/// Capacity of the existing sites and of the p largest candidates.
fn most_capacity(problem: &LocationProblem, p: usize) -> u64 {
    let capacity = |site: u32| problem.sites.capacities[site as usize].unwrap_or(u64::MAX);
    let mut new: Vec<u64> = of(problem, Role::Candidate).map(capacity).collect();
    new.sort_unstable_by(|a, b| b.cmp(a));
    of(problem, Role::Existing).map(capacity).chain(new.into_iter().take(p)).fold(0, u64::saturating_add)
}

/// Whether existing sites and p candidates can reach all of these points: every site of the first point that nothing reaches yet is
/// tried. None when the tries are used up.
fn can_reach(problem: &LocationProblem, points: &[u32], p: usize, tries: &mut u64) -> Option<bool> {
    let reaches = |site: u32, point: u32| impedance(problem, site, point).is_some();
    let stands = |point: u32| of(problem, Role::Existing).any(|site| reaches(site, point));
    let left: Vec<u32> = points.iter().copied().filter(|&point| !stands(point)).collect();
    let Some(&first) = left.first() else { return Some(true) };
    if p == 0 {
        return Some(false);
    }
    for site in of(problem, Role::Candidate).filter(|&site| reaches(site, first)) {
        *tries = tries.checked_sub(1)?;
        let rest: Vec<u32> = left.iter().copied().filter(|&point| !reaches(site, point)).collect();
        if can_reach(problem, &rest, p - 1, tries)? {
            return Some(true);
        }
    }
    Some(false)
}

/// Demand points placed whole at sites, the heaviest first.
struct Packing {
    /// Weight and sites of each point.
    points: Vec<(u64, Vec<usize>)>,
    /// Weight of each point and those after it.
    after: Vec<u64>,
    room: Vec<u64>,
    is_open: Vec<bool>,
    /// Candidates that may still open.
    closed: usize,
    tries: u64,
}

impl Packing {
    /// Nothing placed yet; the existing sites are open.
    fn new(problem: &LocationProblem, points: &[u32], p: usize) -> Self {
        let sites = 0..problem.sites.ids.len();
        let reached = |point: u32| sites.clone().filter(|&site| impedance(problem, site as u32, point).is_some()).collect();
        let mut points: Vec<(u64, Vec<usize>)> =
            points.iter().map(|&point| (problem.demand.weights[point as usize], reached(point))).collect();
        points.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        let mut after: Vec<u64> = points.iter().map(|(weight, _)| *weight).collect();
        (0..after.len().saturating_sub(1)).rev().for_each(|at| after[at] += after[at + 1]);
        Self {
            points,
            after,
            room: problem.sites.capacities.iter().map(|most| most.unwrap_or(u64::MAX)).collect(),
            is_open: problem.sites.roles.iter().map(|&role| role == Role::Existing).collect(),
            closed: p,
            tries: TRIES,
        }
    }

    /// Room in open sites and in the largest that may still open.
    fn all_room(&self) -> u64 {
        let of = |open: bool| (0..self.room.len()).filter(move |&site| self.is_open[site] == open).map(|site| self.room[site]);
        let mut new: Vec<u64> = of(false).collect();
        new.sort_unstable_by(|a, b| b.cmp(a));
        of(true).chain(new.into_iter().take(self.closed)).fold(0, u64::saturating_add)
    }

    /// Whether the points from one on find room; none when the tries are used up.
    fn fits(&mut self, at: usize) -> Option<bool> {
        if at == self.points.len() {
            return Some(true);
        }
        if self.all_room() < self.after[at] {
            return Some(false);
        }
        let (weight, sites) = self.points[at].clone();
        for site in sites {
            let was_open = self.is_open[site];
            if self.room[site] < weight || (!was_open && self.closed == 0) {
                continue;
            }
            self.tries = self.tries.checked_sub(1)?;
            self.room[site] -= weight;
            self.is_open[site] = true;
            self.closed -= usize::from(!was_open);
            if self.fits(at + 1)? {
                return Some(true);
            }
            self.room[site] += weight;
            self.is_open[site] = was_open;
            self.closed += usize::from(!was_open);
        }
        Some(false)
    }
}
