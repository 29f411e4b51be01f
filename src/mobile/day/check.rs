//! The independent checker: whether a plan keeps all rules and what it serves, derived again from the day and the plan alone.
//!
//! It shares no code with the search: plain loops over the cells as they were given, its own augmenting paths, in the order of the
//! stops and then of the vehicles. That order also says who serves what: a window's share is what it adds to the flow of those
//! before it in its slots, a number that no choice of paths can change; the shares add up to the value.
//! Complexity: O(standing² · reach) for each augmentation, a few for each vehicle and slot.

use std::collections::{BTreeMap, BTreeSet};

use super::problem::{BusDay, BusProblem, Plan, Window};

/// Why a plan is not allowed. Vehicles and windows are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The plan is for other vehicles.
    #[error("the plan has {found} routes, there are {expected} vehicles")]
    Vehicles {
        /// How many vehicles there are.
        expected: usize,
        /// How many routes the plan has.
        found: usize,
    },
    /// A stop that isn't there.
    #[error("vehicle {vehicle}, window {window}: there is no stop {stop}")]
    UnknownStop {
        /// The vehicle.
        vehicle: usize,
        /// The window.
        window: usize,
        /// The stop.
        stop: usize,
    },
    /// A window that is shorter than the dwell, or not on the vehicle's duty.
    #[error("vehicle {vehicle}, window {window}: slots {from}..{to} are too short, or out of duty")]
    Span {
        /// The vehicle.
        vehicle: usize,
        /// The window.
        window: usize,
        /// First slot.
        from: usize,
        /// Slot after the last.
        to: usize,
    },
    /// Standing is not permitted at this hour, or banned by an order.
    #[error("vehicle {vehicle}, window {window}: standing at stop {stop} is {} in slot {slot}", if *.banned { "banned" } else { "not permitted" })]
    NotPermitted {
        /// The vehicle.
        vehicle: usize,
        /// The window.
        window: usize,
        /// The stop.
        stop: usize,
        /// The slot.
        slot: usize,
        /// By an order.
        banned: bool,
    },
    /// The vehicle is longer than the stop.
    #[error("vehicle {vehicle} of {length_cm} cm is too long for stop {stop}: {longest_cm} cm")]
    TooLong {
        /// The vehicle.
        vehicle: usize,
        /// The stop.
        stop: usize,
        /// Its length.
        length_cm: u32,
        /// The longest that fits.
        longest_cm: u32,
    },
    /// A window begins before the vehicle can be there.
    #[error("vehicle {vehicle}, window {window} begins in slot {arrive}, the vehicle can't be there before {earliest}")]
    TooSoon {
        /// The vehicle.
        vehicle: usize,
        /// The window.
        window: usize,
        /// When it begins.
        arrive: usize,
        /// When it could.
        earliest: usize,
    },
    /// The way to or from the depot leads out of the time on duty.
    #[error("vehicle {vehicle} leaves its depot or returns out of duty")]
    OffDuty {
        /// The vehicle.
        vehicle: usize,
    },
    /// Too long on the road.
    #[error("vehicle {vehicle} is out for {out} slots, its shift is {shift}")]
    Shift {
        /// The vehicle.
        vehicle: usize,
        /// From leaving the depot to returning.
        out: usize,
        /// What is allowed.
        shift: usize,
    },
    /// An order that isn't followed.
    #[error("pin {pin}: vehicle {vehicle} is not at stop {stop} in slot {slot}")]
    Pin {
        /// Row of the pin.
        pin: usize,
        /// The vehicle.
        vehicle: usize,
        /// The stop.
        stop: usize,
        /// The slot.
        slot: usize,
    },
    /// A unit gets less than it must.
    #[error("unit {unit} has {found} bus slots, {needed} are asked for")]
    Floor {
        /// The unit.
        unit: usize,
        /// What it has.
        found: u32,
        /// What it must have.
        needed: u32,
    },
}

/// What a plan is worth, in thousandths of a visit unless it says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Value {
    /// Served demand of all slots.
    pub served: u64,
    /// Moves from one window to the next: how many.
    pub moves: u64,
    /// Windows that start where and when none of the previous plan did: how many.
    pub changes: u64,
    /// Served, less what moves and changes cost.
    pub net: i64,
    /// Served by each window of each vehicle, in the shape of the plan.
    pub windows: Vec<Vec<u64>>,
}

/// Whether a plan keeps all rules, and what it is worth.
///
/// # Errors
/// The first rule that is broken.
pub fn check(problem: &BusProblem, plan: &Plan) -> Result<Value, Fault> {
    let day = problem.day();
    if plan.routes.len() != day.vehicles.len() {
        return Err(Fault::Vehicles { expected: day.vehicles.len(), found: plan.routes.len() });
    }
    for (vehicle, route) in plan.routes.iter().enumerate() {
        for (row, window) in route.iter().enumerate() {
            stands(day, vehicle, row, window)?;
        }
        drives(day, vehicle, route)?;
    }
    orders(day, plan)?;
    Ok(value(day, plan))
}

/// One window by itself.
fn stands(day: &BusDay, vehicle: usize, row: usize, window: &Window) -> Result<(), Fault> {
    let &Window { stop, arrive, leave } = window;
    let bus = &day.vehicles[vehicle];
    let Some(place) = day.stops.get(stop) else {
        return Err(Fault::UnknownStop { vehicle, window: row, stop });
    };
    let is_on_duty = arrive >= bus.on_duty.start && leave <= bus.on_duty.end;
    if leave < arrive || leave - arrive < day.rules.dwell || !is_on_duty {
        return Err(Fault::Span { vehicle, window: row, from: arrive, to: leave });
    }
    if let Some(longest_cm) = place.longest_cm.filter(|longest| bus.length_cm > *longest) {
        return Err(Fault::TooLong { vehicle, stop, length_cm: bus.length_cm, longest_cm });
    }
    for slot in arrive..leave {
        let concerns = |of: Option<usize>| of.is_none() || of == Some(vehicle);
        let banned = day.bans.iter().any(|ban| ban.stop == stop && concerns(ban.vehicle) && ban.slots.contains(&slot));
        if banned || !place.permitted.contains(slot) {
            return Err(Fault::NotPermitted { vehicle, window: row, stop, slot, banned });
        }
    }
    Ok(())
}

/// A route from the depot to the depot.
fn drives(day: &BusDay, vehicle: usize, route: &[Window]) -> Result<(), Fault> {
    for (row, pair) in route.windows(2).enumerate() {
        let drive = u64::from(day.drive(pair[0].stop, pair[1].stop));
        // At least a slot: windows without anything between them are one.
        let minutes = drive.max(u64::from(day.rules.gap_minutes)).max(1);
        let earliest = pair[0].leave + minutes.div_ceil(u64::from(day.slot_minutes)) as usize;
        if pair[1].arrive < earliest {
            return Err(Fault::TooSoon { vehicle, window: row + 1, arrive: pair[1].arrive, earliest });
        }
    }
    let (Some(first), Some(last)) = (route.first(), route.last()) else { return Ok(()) };
    let bus = &day.vehicles[vehicle];
    let slots = |minutes: u64| minutes.div_ceil(u64::from(day.slot_minutes)) as usize;
    let (out, back) = match bus.depot {
        None => (0, 0),
        Some(depot) => {
            let depot = day.stops.len() + depot;
            let out = u64::from(day.drive(depot, first.stop));
            (slots(out), slots(u64::from(day.drive(last.stop, depot))))
        }
    };
    if first.arrive < bus.on_duty.start + out || last.leave + back > bus.on_duty.end {
        return Err(Fault::OffDuty { vehicle });
    }
    let away = last.leave + back - (first.arrive - out);
    if away > bus.shift {
        return Err(Fault::Shift { vehicle, out: away, shift: bus.shift });
    }
    Ok(())
}

/// Pins and floors.
fn orders(day: &BusDay, plan: &Plan) -> Result<(), Fault> {
    for (row, pin) in day.pins.iter().enumerate() {
        for slot in pin.slots.clone() {
            let is_there = |window: &Window| window.stop == pin.stop && window.arrive <= slot && slot < window.leave;
            if !plan.routes[pin.vehicle].iter().any(is_there) {
                return Err(Fault::Pin { pin: row, vehicle: pin.vehicle, stop: pin.stop, slot });
            }
        }
    }
    for floor in &day.floors {
        let windows = plan.routes.iter().flatten().filter(|window| day.stops[window.stop].unit == floor.unit);
        let found = windows.map(|window| (window.leave - window.arrive) as u32).sum();
        if found < floor.slots {
            return Err(Fault::Floor { unit: floor.unit, found, needed: floor.slots });
        }
    }
    Ok(())
}

fn value(day: &BusDay, plan: &Plan) -> Value {
    let mut windows: Vec<Vec<u64>> = plan.routes.iter().map(|route| vec![0; route.len()]).collect();
    for slot in 0..day.slots {
        // (stop, vehicle, window) of those that stand now, in order.
        let mut standing = BTreeSet::new();
        for (vehicle, route) in plan.routes.iter().enumerate() {
            for (row, window) in route.iter().enumerate() {
                if window.arrive <= slot && slot < window.leave {
                    standing.insert((window.stop, vehicle, row));
                }
            }
        }
        let mut market = Market::new(day, slot);
        for (stop, vehicle, row) in standing {
            windows[vehicle][row] += market.join(&day.stops[stop].cells, day.vehicles[vehicle].capacity);
        }
    }
    let served = windows.iter().flatten().sum();
    let starts = |plan: &Plan| -> BTreeSet<(usize, usize)> {
        plan.routes.iter().flatten().map(|window| (window.stop, window.arrive)).collect()
    };
    let changes = day.previous.as_ref().map_or(0, |previous| {
        let known = starts(previous);
        plan.routes.iter().flatten().filter(|window| !known.contains(&(window.stop, window.arrive))).count() as u64
    });
    let moves = plan.routes.iter().map(|route| route.len().saturating_sub(1) as u64).sum();
    let costs = moves * day.rules.move_cost + changes * day.rules.change_cost;
    Value { served, moves, changes, net: served as i64 - costs as i64, windows }
}

/// Who serves whom in one slot.
struct Market<'d> {
    left: BTreeMap<u32, u64>,
    day: &'d BusDay,
    slot: usize,
    /// Cells in reach of each that joined, and what it serves of them.
    buses: Vec<(&'d [u32], BTreeMap<u32, u64>)>,
}

impl<'d> Market<'d> {
    fn new(day: &'d BusDay, slot: usize) -> Self {
        Self { left: BTreeMap::new(), day, slot, buses: Vec::new() }
    }

    /// One more joins; returns by how much the maximum flow grows.
    fn join(&mut self, cells: &'d [u32], capacity: u64) -> u64 {
        for &cell in cells {
            self.left.entry(cell).or_insert(self.day.demand[cell as usize * self.day.slots + self.slot]);
        }
        self.buses.push((cells, BTreeMap::new()));
        let mut open = capacity;
        while open > 0 {
            let (mut seen_buses, mut seen_cells) = (BTreeSet::new(), BTreeSet::new());
            let sent = self.send(self.buses.len() - 1, open, &mut seen_buses, &mut seen_cells);
            if sent == 0 {
                break;
            }
            open -= sent;
        }
        capacity - open
    }

    /// Sends something from a bus to a cell, directly or by taking the place of another bus that finds something else.
    fn send(&mut self, bus: usize, most: u64, seen_buses: &mut BTreeSet<usize>, seen_cells: &mut BTreeSet<u32>) -> u64 {
        seen_buses.insert(bus);
        let cells = self.buses[bus].0;
        for cell in cells {
            let sent = self.left[cell].min(most);
            if sent > 0 {
                *self.left.entry(*cell).or_default() -= sent;
                *self.buses[bus].1.entry(*cell).or_default() += sent;
                return sent;
            }
        }
        for cell in cells {
            if !seen_cells.insert(*cell) {
                continue;
            }
            for other in 0..self.buses.len() {
                let given = self.buses[other].1.get(cell).copied().unwrap_or(0);
                if given == 0 || seen_buses.contains(&other) {
                    continue;
                }
                let sent = self.send(other, most.min(given), seen_buses, seen_cells);
                if sent > 0 {
                    *self.buses[other].1.entry(*cell).or_default() -= sent;
                    *self.buses[bus].1.entry(*cell).or_default() += sent;
                    return sent;
                }
            }
        }
        0
    }
}
