//! The independent checker: timetable, feasibility and value of routes, recomputed from the problem by plain loops.
//!
//! Input: a problem and one list of visits a vehicle; output: the [`Value`], or the first rule that is broken. The duration of a
//! route is the least there is: drive it once as early as possible, which gives the earliest end; drive it backwards from that end as
//! late as possible, which gives the latest departure. Both passes are linear. This file shares no code with the search.

use super::problem::{Problem, Vehicle};

/// Lists of visits in their order, one list a vehicle.
pub type Routes = Vec<Vec<usize>>;

/// A duration may leave its fair share by so much of it (thousandths), so that longest − shortest is within 15 % of the mean.
pub const FAIR: u64 = 75;

/// What routes are worth. More prize is better; at equal prize, less cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Value {
    /// Prizes of all visits that are made.
    pub prize: u64,
    /// Travel time of all vehicles.
    pub travel: u64,
    /// Visits made by another vehicle than the usual one.
    pub changes: u64,
    /// Time by which durations leave the fair band, summed over vehicles. The fair share of a vehicle is the part of all durations that
    /// its `longest` is of all `longest`; the band is 7.5 % to both sides of it. Zero when nothing is charged for imbalance.
    pub imbalance: u64,
    /// Travel, changes and imbalance as charged.
    pub cost: u64,
}

impl Value {
    /// Whether this is the better one.
    pub fn beats(&self, other: &Self) -> bool {
        self.prize > other.prize || (self.prize == other.prize && self.cost < other.cost)
    }
}

/// One visit in a timetable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// Row of the visit.
    pub visit: usize,
    /// The vehicle is there.
    pub arrive: u64,
    /// The visit begins: later than `arrive` when it must wait.
    pub begin: u64,
    /// The vehicle goes on.
    pub leave: u64,
}

/// The hours of one vehicle.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timetable {
    /// It leaves its start.
    pub depart: u64,
    /// Its visits.
    pub calls: Vec<Call>,
    /// It is at its end.
    pub back: u64,
}

impl Timetable {
    /// How long it is away.
    pub fn duration(&self) -> u64 {
        self.back - self.depart
    }
}

/// Why routes are not allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not one list a vehicle.
    #[error("{routes} routes for {vehicles} vehicles")]
    Routes {
        /// Lists.
        routes: usize,
        /// Vehicles.
        vehicles: usize,
    },
    /// A visit that the problem doesn't have.
    #[error("vehicle {vehicle} makes visit {visit}, which is not there")]
    Unknown {
        /// Row of the vehicle.
        vehicle: usize,
        /// The visit.
        visit: usize,
    },
    /// A visit made twice.
    #[error("visit {visit} is made twice")]
    Twice {
        /// Row of the visit.
        visit: usize,
    },
    /// A visit by a vehicle that may not make it.
    #[error("vehicle {vehicle} may not make visit {visit}")]
    NotAllowed {
        /// Row of the vehicle.
        vehicle: usize,
        /// Row of the visit.
        visit: usize,
    },
    /// A visit that would begin after its close.
    #[error("vehicle {vehicle} begins visit {visit} at {begin}, after {close}")]
    Late {
        /// Row of the vehicle.
        vehicle: usize,
        /// Row of the visit.
        visit: usize,
        /// When it would begin.
        begin: u64,
        /// When it had to.
        close: u64,
    },
    /// A vehicle that comes back too late.
    #[error("vehicle {vehicle} is back at {back}, after {latest}")]
    Back {
        /// Row of the vehicle.
        vehicle: usize,
        /// When it is back.
        back: u64,
        /// When it had to.
        latest: u64,
    },
    /// A vehicle that is away for too long.
    #[error("vehicle {vehicle} is away for {duration}, longer than {longest}")]
    Long {
        /// Row of the vehicle.
        vehicle: usize,
        /// How long it is away at the least.
        duration: u64,
        /// How long it may be.
        longest: u64,
    },
}

/// The value of routes that keep every rule.
///
/// # Errors
/// The first rule that is broken.
pub fn check(problem: &Problem, routes: &[Vec<usize>]) -> Result<Value, Fault> {
    let (vehicles, visits, charges) = (problem.vehicles(), problem.visits(), problem.charges());
    if routes.len() != vehicles.len() {
        return Err(Fault::Routes { routes: routes.len(), vehicles: vehicles.len() });
    }
    let mut made = vec![false; visits.len()];
    let mut value = Value::default();
    let mut durations = Vec::with_capacity(vehicles.len());
    for (vehicle, route) in routes.iter().enumerate() {
        for &visit in route {
            let row = visits.get(visit).ok_or(Fault::Unknown { vehicle, visit })?;
            if std::mem::replace(&mut made[visit], true) {
                return Err(Fault::Twice { visit });
            }
            if !problem.allows(vehicle, visit) {
                return Err(Fault::NotAllowed { vehicle, visit });
            }
            value.prize += row.prize;
            value.changes += u64::from(row.usual.is_some_and(|usual| usual != vehicle));
        }
        durations.push(timetable(problem, vehicle, route)?.duration());
        value.travel += travel(problem, &vehicles[vehicle], route);
    }
    if charges.imbalance > 0 {
        value.imbalance = imbalance(vehicles, &durations);
    }
    value.cost = value.travel + charges.change * value.changes + charges.imbalance * value.imbalance;
    Ok(value)
}

/// The hours of a vehicle that makes these visits, leaving as late as an earliest end allows.
///
/// # Errors
/// [`Fault::Late`], [`Fault::Back`] or [`Fault::Long`].
pub fn timetable(problem: &Problem, vehicle: usize, route: &[usize]) -> Result<Timetable, Fault> {
    let (row, visits) = (&problem.vehicles()[vehicle], problem.visits());
    if route.is_empty() {
        return Ok(Timetable { depart: row.earliest, calls: Vec::new(), back: row.earliest });
    }
    let back = drive(problem, vehicle, route, row.earliest)?.back;
    let mut depart = back;
    let mut next = row.end;
    for &visit in route.iter().rev() {
        let call = &visits[visit];
        depart = (depart - problem.travel().time(call.place, next) - call.service).min(call.close);
        next = call.place;
    }
    depart -= problem.travel().time(row.start, next);
    let timetable = drive(problem, vehicle, route, depart)?;
    let duration = timetable.duration();
    if duration > row.longest {
        return Err(Fault::Long { vehicle, duration, longest: row.longest });
    }
    Ok(timetable)
}

/// The drive that departs at a time.
fn drive(problem: &Problem, vehicle: usize, route: &[usize], depart: u64) -> Result<Timetable, Fault> {
    let row = &problem.vehicles()[vehicle];
    let (mut place, mut leave) = (row.start, depart);
    let mut calls = Vec::with_capacity(route.len());
    for &visit in route {
        let call = &problem.visits()[visit];
        let arrive = leave + problem.travel().time(place, call.place);
        let begin = arrive.max(call.open);
        if begin > call.close {
            return Err(Fault::Late { vehicle, visit, begin, close: call.close });
        }
        (place, leave) = (call.place, begin + call.service);
        calls.push(Call { visit, arrive, begin, leave });
    }
    let back = leave + problem.travel().time(place, row.end);
    if back > row.latest {
        return Err(Fault::Back { vehicle, back, latest: row.latest });
    }
    Ok(Timetable { depart, calls, back })
}

/// Travel time of one vehicle.
fn travel(problem: &Problem, vehicle: &Vehicle, route: &[usize]) -> u64 {
    if route.is_empty() {
        return 0;
    }
    let mut places = vec![vehicle.start];
    places.extend(route.iter().map(|&visit| problem.visits()[visit].place));
    places.push(vehicle.end);
    places.windows(2).map(|leg| problem.travel().time(leg[0], leg[1])).sum()
}

/// Time by which durations leave the fair band.
fn imbalance(vehicles: &[Vehicle], durations: &[u64]) -> u64 {
    let all: u128 = durations.iter().map(|&duration| u128::from(duration)).sum();
    let shares: u128 = vehicles.iter().map(|vehicle| u128::from(vehicle.longest)).sum();
    let mut imbalance = 0;
    for (vehicle, &duration) in vehicles.iter().zip(durations) {
        let fair = (all * u128::from(vehicle.longest) / shares.max(1)) as u64;
        let slack = (u128::from(fair) * u128::from(FAIR) / 1000) as u64;
        imbalance += duration.abs_diff(fair).saturating_sub(slack);
    }
    imbalance
}
