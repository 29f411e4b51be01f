//! All routes, who makes which visit, and what that is worth; changes are kept or taken back.

use super::check::FAIR;
use super::kernel::Kernel;
use super::route::{Band, Insertion, Route};
use crate::random::Random;

/// The vehicle of a visit that nobody makes.
pub(super) const NOBODY: u32 = u32::MAX;

/// Routes that can be changed and taken back.
#[derive(Debug, Clone)]
pub(super) struct State<'k> {
    pub(super) kernel: &'k Kernel<'k>,
    pub(super) routes: Vec<Route>,
    /// Visit → vehicle.
    on: Vec<u32>,
    /// The routes as last kept, the vehicles whose routes have changed since, and the visits removed since.
    kept: Vec<Route>,
    changed: Vec<usize>,
    removed: Vec<u32>,
    bands: Vec<Band>,
    /// Gaps looked at so far.
    pub(super) work: u64,
}

impl<'k> State<'k> {
    /// No visits at all.
    pub(super) fn new(kernel: &'k Kernel<'k>) -> Self {
        let routes: Vec<Route> = (0..kernel.vehicles()).map(|vehicle| Route::new(kernel, vehicle)).collect();
        let free = Band { least: 0, most: i64::MAX, rate: 0 };
        Self {
            kernel,
            kept: routes.clone(),
            bands: vec![free; routes.len()],
            routes,
            on: vec![NOBODY; kernel.jobs.len()],
            changed: Vec::new(),
            removed: Vec::new(),
            work: 0,
        }
    }

    /// The vehicle of a visit, or [`NOBODY`].
    pub(super) fn vehicle(&self, visit: u32) -> u32 {
        self.on[visit as usize]
    }

    /// Visits that nobody makes.
    pub(super) fn bank(&self) -> impl Iterator<Item = u32> {
        (0..).zip(&self.on).filter(|(_, vehicle)| **vehicle == NOBODY).map(|(visit, _)| visit)
    }

    /// The visits by vehicle.
    pub(super) fn visits(&self) -> Vec<Vec<u32>> {
        self.routes.iter().map(|route| route.visits.clone()).collect()
    }

    /// What the routes are worth, in time linear in their number.
    pub(super) fn value(&self) -> (u64, i64) {
        let prize = self.routes.iter().map(|route| route.prize).sum();
        let own: i64 = self.routes.iter().map(|route| route.travel + route.charges).sum();
        (prize, own + self.imbalance())
    }

    /// The charge for imbalance.
    fn imbalance(&self) -> i64 {
        let rate = self.kernel.problem.charges().imbalance;
        if rate == 0 {
            return 0;
        }
        self.bands_now().zip(&self.routes).map(|(band, route)| band.charge(route.duration())).sum()
    }

    /// The bands that today's durations ask for.
    fn bands_now(&self) -> impl Iterator<Item = Band> {
        let vehicles = self.kernel.problem.vehicles();
        let rate = self.kernel.problem.charges().imbalance as i64;
        let all: i128 = self.routes.iter().map(|route| i128::from(route.duration())).sum();
        let shares: i128 = vehicles.iter().map(|vehicle| i128::from(vehicle.longest)).sum();
        vehicles.iter().map(move |vehicle| {
            let fair = (all * i128::from(vehicle.longest) / shares.max(1)) as i64;
            let slack = (i128::from(fair) * i128::from(FAIR) / 1000) as i64;
            Band { least: fair - slack, most: fair + slack, rate }
        })
    }

    /// From here on insertions are weighed by the bands that today's durations ask for.
    pub(super) fn aim(&mut self) {
        if self.kernel.problem.charges().imbalance > 0 {
            self.bands = self.bands_now().collect();
        }
    }

    /// All vehicles.
    pub(super) fn everyone(&self) -> Vec<usize> {
        (0..self.routes.len()).collect()
    }

    /// Vehicles whose routes have changed since they were last kept.
    pub(super) fn changed(&self) -> &[usize] {
        &self.changed
    }

    /// Visits removed since then, back or not.
    pub(super) fn removed(&self) -> &[u32] {
        &self.removed
    }

    /// The same by visit.
    pub(super) fn removed_flags(&self) -> Vec<bool> {
        let mut flags = vec![false; self.on.len()];
        self.removed.iter().for_each(|&visit| flags[visit as usize] = true);
        flags
    }

    /// The cheapest insertion of a visit with some vehicles; each gap is overlooked with a chance.
    pub(super) fn cheapest(
        &mut self,
        vehicles: &[usize],
        visit: u32,
        blink: f64,
        random: &mut Random,
    ) -> Option<(usize, Insertion)> {
        let mut blinks = || blink > 0.0 && random.unit() < blink;
        let mut best: Option<(usize, Insertion)> = None;
        for &vehicle in vehicles {
            let route = &self.routes[vehicle];
            self.work += 1 + route.visits.len() as u64;
            let below = best.map_or(i64::MAX, |(_, insertion)| insertion.cost);
            if let Some(insertion) = route.cheapest(self.kernel, visit, self.bands[vehicle], below, &mut blinks) {
                best = Some((vehicle, insertion));
            }
        }
        best
    }

    /// Makes an insertion.
    pub(super) fn insert(&mut self, visit: u32, vehicle: usize, gap: usize) {
        self.touch(vehicle);
        self.routes[vehicle].insert(self.kernel, visit, gap);
        self.on[visit as usize] = vehicle as u32;
    }

    /// Removes some positions of a route, and whatever that makes late.
    pub(super) fn remove(&mut self, vehicle: usize, positions: std::ops::Range<usize>) {
        self.touch(vehicle);
        let route = &mut self.routes[vehicle];
        for &visit in &route.visits[positions.clone()] {
            self.on[visit as usize] = NOBODY;
            self.removed.push(visit);
        }
        for late in route.remove(self.kernel, positions) {
            self.on[late as usize] = NOBODY;
            self.removed.push(late);
        }
    }

    /// Replaces all routes by others that keep every rule.
    pub(super) fn turn_into(&mut self, routes: &[Vec<u32>]) {
        self.on.fill(NOBODY);
        for (vehicle, visits) in routes.iter().enumerate() {
            self.touch(vehicle);
            self.routes[vehicle].visits.clone_from(visits);
            let is_feasible = self.routes[vehicle].refresh(self.kernel);
            debug_assert!(is_feasible, "invariant: only routes that keep every rule are taken over");
            visits.iter().for_each(|&visit| self.on[visit as usize] = vehicle as u32);
        }
        self.keep();
    }

    fn touch(&mut self, vehicle: usize) {
        if !self.changed.contains(&vehicle) {
            self.changed.push(vehicle);
        }
    }

    /// Keeps the changes.
    pub(super) fn keep(&mut self) {
        self.removed.clear();
        for vehicle in self.changed.drain(..) {
            self.kept[vehicle].clone_from(&self.routes[vehicle]);
        }
    }

    /// Takes the changes back.
    pub(super) fn take_back(&mut self) {
        self.removed.clear();
        for &vehicle in &self.changed {
            for &visit in &self.routes[vehicle].visits {
                self.on[visit as usize] = NOBODY;
            }
        }
        for vehicle in self.changed.drain(..) {
            self.routes[vehicle].clone_from(&self.kept[vehicle]);
            for &visit in &self.routes[vehicle].visits {
                self.on[visit as usize] = vehicle as u32;
            }
        }
    }
}
