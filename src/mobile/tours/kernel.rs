//! The problem as the search reads it: signed numbers side by side, both directions of travel, neighbours.

use super::problem::{Allowed, Problem};

/// The charge of a visit by a vehicle that may not make it.
pub(super) const BARRED: i64 = i64::MAX;

/// A visit as the search reads it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    pub(super) place: u32,
    pub(super) prize: u64,
    pub(super) span: Span,
}

/// A piece of a route, at its least duration (Vidal, Crainic, Gendreau & Prins 2013): it can begin at any time from `earliest` to
/// `latest` and takes `duration`; beginning before `earliest` only adds waiting, beginning after `latest` is too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) duration: i64,
    pub(super) earliest: i64,
    pub(super) latest: i64,
}

impl Span {
    /// The earliest end.
    pub(super) fn end(self) -> i64 {
        self.earliest + self.duration
    }

    /// This piece, then `travel`, then another; None when that is too late.
    pub(super) fn then(self, travel: i64, next: Self) -> Option<Self> {
        let shift = self.duration + travel;
        if self.earliest + shift > next.latest {
            return None;
        }
        let wait = (next.earliest - shift - self.latest).max(0);
        Some(Self {
            duration: shift + wait + next.duration,
            earliest: (next.earliest - shift).max(self.earliest) - wait,
            latest: (next.latest - shift).min(self.latest),
        })
    }
}

/// The problem, flattened.
#[derive(Debug)]
pub(super) struct Kernel<'p> {
    pub(super) problem: &'p Problem,
    pub(super) jobs: Vec<Job>,
    places: usize,
    from: Vec<i64>,
    into: Vec<i64>,
    /// Visit by vehicle: what it charges.
    charges: Vec<i64>,
    /// Visit by visit: the others, nearest first.
    near: Vec<u32>,
    /// Whether durations matter to a vehicle beyond its hours.
    pub(super) timed: Vec<bool>,
}

impl<'p> Kernel<'p> {
    pub(super) fn new(problem: &'p Problem) -> Self {
        let (travel, visits, vehicles) = (problem.travel(), problem.visits(), problem.vehicles());
        let places = travel.places();
        let table = |time: &dyn Fn(usize, usize) -> u64| -> Vec<i64> {
            (0..places * places).map(|cell| time(cell / places, cell % places) as i64).collect()
        };
        let jobs = visits.iter().map(|visit| {
            let span = Span { duration: visit.service as i64, earliest: visit.open as i64, latest: visit.close as i64 };
            Job { place: visit.place as u32, prize: visit.prize, span }
        });
        let mut near = Vec::with_capacity(visits.len() * visits.len().saturating_sub(1));
        for (own, a) in visits.iter().enumerate() {
            let mut others: Vec<usize> = (0..visits.len()).filter(|&other| other != own).collect();
            others.sort_by_cached_key(|&other| {
                (travel.time(a.place, visits[other].place) + travel.time(visits[other].place, a.place), other)
            });
            near.extend(others.into_iter().map(|other| other as u32));
        }
        let balance = problem.charges().imbalance > 0;
        Self {
            problem,
            jobs: jobs.collect(),
            places,
            from: table(&|a, b| travel.time(a, b)),
            into: table(&|a, b| travel.time(b, a)),
            charges: (0..visits.len())
                .flat_map(|visit| (0..vehicles.len()).map(move |vehicle| charge(problem, visit, vehicle)))
                .collect(),
            near,
            timed: vehicles
                .iter()
                .map(|vehicle| balance || vehicle.longest < vehicle.latest.saturating_sub(vehicle.earliest))
                .collect(),
        }
    }

    /// Travel times from a place, by place.
    pub(super) fn from(&self, place: u32) -> &[i64] {
        &self.from[place as usize * self.places..][..self.places]
    }

    /// Travel times into a place, by place.
    pub(super) fn into(&self, place: u32) -> &[i64] {
        &self.into[place as usize * self.places..][..self.places]
    }

    /// What a visit by a vehicle charges.
    pub(super) fn charge(&self, visit: u32, vehicle: usize) -> i64 {
        self.charges[visit as usize * self.vehicles() + vehicle]
    }

    /// The other visits, nearest first.
    pub(super) fn near(&self, visit: u32) -> &[u32] {
        let others = self.jobs.len().saturating_sub(1);
        &self.near[visit as usize * others..][..others]
    }

    pub(super) fn vehicles(&self) -> usize {
        self.timed.len()
    }
}

fn charge(problem: &Problem, visit: usize, vehicle: usize) -> i64 {
    let row = &problem.visits()[visit];
    match &row.allowed {
        Allowed::Only(only) if !only.contains(&vehicle) => BARRED,
        _ if row.open > row.close => BARRED,
        _ if row.usual.is_some_and(|usual| usual != vehicle) => problem.charges().change as i64,
        _ => 0,
    }
}
