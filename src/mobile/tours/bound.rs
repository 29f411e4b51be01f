//! What no routes can beat: an upper bound on the prize, from hours alone.
//!
//! Input: a problem; output: a prize that no routes exceed. A visit counts when some vehicle that may make it could do so alone, going
//! there and home by shortest paths. What then counts is limited by time: each visit takes its service and at least half of the two
//! shortest legs at its place, and all vehicles together have the sum of their hours; the fractional knapsack (Dantzig 1957) over
//! this is the bound. Loose where windows are narrow; tight when nearly all can be made. Shortest paths cost `O(places³)`, so
//! above `MANY_PLACES` they are taken as zero, which is valid and looser. Deterministic.

use super::problem::Problem;

/// Places up to which shortest paths are computed.
const MANY_PLACES: usize = 600;

/// No routes collect more prize.
pub fn most_prize(problem: &Problem) -> u64 {
    let (visits, vehicles) = (problem.visits(), problem.vehicles());
    let paths = shortest_paths(problem);
    let hours =
        |vehicle: usize| vehicles[vehicle].longest.min(vehicles[vehicle].latest.saturating_sub(vehicles[vehicle].earliest));
    let can_make = |vehicle: usize, visit: usize| {
        let (vehicle_row, row) = (&vehicles[vehicle], &visits[visit]);
        let (there, home) = (paths.time(vehicle_row.start, row.place), paths.time(row.place, vehicle_row.end));
        let begin = (vehicle_row.earliest + there).max(row.open);
        let is_long = there + row.service + home > vehicle_row.longest;
        problem.allows(vehicle, visit) && begin <= row.close && begin + row.service + home <= vehicle_row.latest && !is_long
    };
    let mut items: Vec<(u64, u64)> = Vec::new();
    for (visit, row) in visits.iter().enumerate() {
        if (0..vehicles.len()).any(|vehicle| can_make(vehicle, visit)) {
            items.push((row.prize, 2 * row.service + least_legs(problem, visit)));
        }
    }
    // Twice the hours, as items are measured in half units. A start and an end have a leg too, which is left out.
    let mut left: u128 = (0..vehicles.len()).map(|vehicle| 2 * u128::from(hours(vehicle))).sum();
    items.sort_by(|a, b| (u128::from(b.0) * u128::from(a.1)).cmp(&(u128::from(a.0) * u128::from(b.1))));
    let mut prize = 0;
    for (worth, time) in items {
        if u128::from(time) > left {
            return prize + (u128::from(worth) * left / u128::from(time)) as u64;
        }
        left -= u128::from(time);
        prize += worth;
    }
    prize
}

/// The least travel into a visit's place plus the least out of it, over all other visits and the ends of vehicles.
fn least_legs(problem: &Problem, visit: usize) -> u64 {
    let (travel, place) = (problem.travel(), problem.visits()[visit].place);
    let others = || (0..problem.visits().len()).filter(|&other| other != visit).map(|other| problem.visits()[other].place);
    let into = others().chain(problem.vehicles().iter().map(|vehicle| vehicle.start)).map(|from| travel.time(from, place)).min();
    let out = others().chain(problem.vehicles().iter().map(|vehicle| vehicle.end)).map(|to| travel.time(place, to)).min();
    into.unwrap_or(0) + out.unwrap_or(0)
}

/// Shortest paths by way of any places.
struct Paths {
    places: usize,
    times: Vec<u64>,
}

impl Paths {
    fn time(&self, from: usize, to: usize) -> u64 {
        if self.times.is_empty() { 0 } else { self.times[from * self.places + to] }
    }
}

/// All shortest paths (Floyd 1962).
fn shortest_paths(problem: &Problem) -> Paths {
    let places = problem.travel().places();
    if places > MANY_PLACES {
        return Paths { places, times: Vec::new() };
    }
    let mut times: Vec<u64> = (0..places * places).map(|cell| problem.travel().time(cell / places, cell % places)).collect();
    (0..places).for_each(|place| times[place * places + place] = 0);
    for by in 0..places {
        let on = times[by * places..][..places].to_vec();
        for row in times.chunks_mut(places) {
            let there = row[by];
            row.iter_mut().zip(&on).for_each(|(time, on)| *time = (*time).min(there + on));
        }
    }
    Paths { places, times }
}
