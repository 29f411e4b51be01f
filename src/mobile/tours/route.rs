//! One route with the times at its gaps, so that an insertion is weighed in constant time.

use super::kernel::{BARRED, Kernel, Span};

/// The durations a vehicle is meant to keep to, and what leaving them charges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Band {
    pub(super) least: i64,
    pub(super) most: i64,
    pub(super) rate: i64,
}

impl Band {
    /// The charge of a duration.
    pub(super) fn charge(self, duration: i64) -> i64 {
        self.rate * ((self.least - duration).max(0) + (duration - self.most).max(0))
    }
}

/// Where a visit would come in, and what that would cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Insertion {
    pub(super) cost: i64,
    pub(super) gap: usize,
}

/// The route of one vehicle. Stop 0 is its start, the last stop its end; gap `g` lies behind stop `g`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) vehicle: usize,
    pub(super) visits: Vec<u32>,
    /// Places of the stops.
    places: Vec<u32>,
    /// Travel behind each stop.
    legs: Vec<i64>,
    /// The piece from the start to each stop.
    before: Vec<Span>,
    /// The piece from each stop to the end.
    after: Vec<Span>,
    pub(super) prize: u64,
    /// Travel time.
    pub(super) travel: i64,
    /// Charges of its visits.
    pub(super) charges: i64,
}

impl Route {
    /// An empty route.
    pub(super) fn new(kernel: &Kernel<'_>, vehicle: usize) -> Self {
        let (visits, places, legs, before, after) = (vec![], vec![], vec![], vec![], vec![]);
        let mut route = Self { vehicle, visits, places, legs, before, after, prize: 0, travel: 0, charges: 0 };
        route.refresh(kernel);
        route
    }

    /// How long the vehicle is away.
    pub(super) fn duration(&self) -> i64 {
        if self.visits.is_empty() { 0 } else { self.after[0].duration }
    }

    /// The cheapest feasible insertion below `below`. Each gap is overlooked with a chance that `blink` decides.
    pub(super) fn cheapest(
        &self,
        kernel: &Kernel<'_>,
        visit: u32,
        band: Band,
        below: i64,
        blink: &mut impl FnMut() -> bool,
    ) -> Option<Insertion> {
        let charge = kernel.charge(visit, self.vehicle);
        if charge == BARRED {
            return None;
        }
        let job = &kernel.jobs[visit as usize];
        let Span { duration: service, earliest: open, latest: close } = job.span;
        let (into, from) = (kernel.into(job.place), kernel.from(job.place));
        let timed = kernel.timed[self.vehicle];
        let mut best = Insertion { cost: below, gap: usize::MAX };
        // Latest begins only rise along a route: gaps before this one are too early to go on from.
        let first = self.after[1..].partition_point(|after| after.latest < open + service);
        for gap in first..=self.visits.len() {
            let end = self.before[gap].end();
            if end > close {
                break;
            }
            let (there, on) = (into[self.places[gap] as usize], from[self.places[gap + 1] as usize]);
            let begin = (end + there).max(open);
            if begin > close || begin + service + on > self.after[gap + 1].latest {
                continue;
            }
            let mut cost = there + on - self.legs[gap] + charge;
            if timed {
                let Some(duration) = self.duration_with(gap, there, job.span, on) else { continue };
                if duration > kernel.problem.vehicles()[self.vehicle].longest as i64 {
                    continue;
                }
                cost += band.charge(duration) - band.charge(self.duration());
            }
            if cost < best.cost && !blink() {
                best = Insertion { cost, gap };
            }
        }
        (best.gap < usize::MAX).then_some(best)
    }

    /// Duration with a visit in a gap.
    fn duration_with(&self, gap: usize, there: i64, span: Span, on: i64) -> Option<i64> {
        let whole = self.before[gap].then(there, span)?.then(on, self.after[gap + 1])?;
        Some(whole.duration)
    }

    /// Puts a visit into a gap where it fits.
    pub(super) fn insert(&mut self, kernel: &Kernel<'_>, visit: u32, gap: usize) {
        self.visits.insert(gap, visit);
        let is_feasible = self.refresh(kernel);
        debug_assert!(is_feasible, "invariant: only insertions that fit are made");
    }

    /// Removes the visits at some positions. Where travel times break the triangle inequality that can make others late: they go too.
    /// Returns those.
    pub(super) fn remove(&mut self, kernel: &Kernel<'_>, positions: std::ops::Range<usize>) -> Vec<u32> {
        self.visits.drain(positions);
        let mut late = Vec::new();
        while !self.refresh(kernel) {
            late.extend(self.visits.pop());
        }
        late
    }

    /// Recomputes everything from the visits; false when the route breaks a rule.
    pub(super) fn refresh(&mut self, kernel: &Kernel<'_>) -> bool {
        let vehicle = &kernel.problem.vehicles()[self.vehicle];
        let jobs = |visit: &u32| &kernel.jobs[*visit as usize];
        self.places.clear();
        self.places.push(vehicle.start as u32);
        self.places.extend(self.visits.iter().map(|visit| jobs(visit).place));
        self.places.push(vehicle.end as u32);
        self.legs.clear();
        self.legs.extend(self.places.windows(2).map(|leg| kernel.from(leg[0])[leg[1] as usize]));
        self.prize = self.visits.iter().map(|visit| jobs(visit).prize).sum();
        self.charges = self.visits.iter().map(|&visit| kernel.charge(visit, self.vehicle)).sum();
        let out = Span { duration: 0, earliest: vehicle.earliest as i64, latest: vehicle.latest as i64 };
        let home = Span { earliest: 0, ..out };
        self.before.clear();
        self.before.push(out);
        self.after.clear();
        self.after.push(home);
        if self.visits.is_empty() {
            self.legs[0] = 0;
            self.travel = 0;
            self.after.insert(0, out);
            return true;
        }
        self.travel = self.legs.iter().sum();
        for (stop, visit) in self.visits.iter().enumerate() {
            let Some(span) = self.before[stop].then(self.legs[stop], jobs(visit).span) else { return false };
            self.before.push(span);
        }
        for (visit, leg) in self.visits.iter().zip(&self.legs[1..]).rev() {
            let next = self.after[self.after.len() - 1];
            let Some(span) = jobs(visit).span.then(*leg, next) else { return false };
            self.after.push(span);
        }
        let Some(whole) = out.then(self.legs[0], self.after[self.after.len() - 1]) else { return false };
        self.after.push(whole);
        self.after.reverse();
        whole.duration <= vehicle.longest as i64
    }
}
