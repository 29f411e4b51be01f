//! A [`BusDay`] as the solvers read it: cells merged, vehicles in kinds, minutes in slots.
//!
//! Cells that the same stops reach are one class, whose demand is their sum: any flow into the class splits into flows into its
//! cells, so the value of no plan changes. Vehicles that may do the same are one kind: they are exchangeable. A pin forbids its
//! vehicle all other stops in the pinned slots.
//! Complexity: O(total reach · log + stops²) time, O(classes · slots + stops²) memory.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::problem::{BusDay, BusProblem, Route, Slots, Vehicle, Window};

/// Rows of any length, one after another.
#[derive(Debug, Clone, Default)]
pub(super) struct Lists<T> {
    starts: Vec<usize>,
    items: Vec<T>,
}

impl<T> Lists<T> {
    fn from_rows(rows: impl IntoIterator<Item = Vec<T>>) -> Self {
        let mut lists = Self { starts: vec![0], items: Vec::new() };
        for row in rows {
            lists.items.extend(row);
            lists.starts.push(lists.items.len());
        }
        lists
    }

    pub(super) fn row(&self, row: usize) -> &[T] {
        &self.items[self.starts[row]..self.starts[row + 1]]
    }

    /// Where the items of a row stand among all.
    pub(super) fn span(&self, row: usize) -> std::ops::Range<usize> {
        self.starts[row]..self.starts[row + 1]
    }

    pub(super) fn items(&self) -> &[T] {
        &self.items
    }
}

/// Vehicles that may do the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kind {
    /// Thousandths of a visit in a slot.
    pub(super) capacity: u64,
    /// Longest time out, in slots; not longer than the time on duty.
    pub(super) shift: usize,
    /// First slot on duty, and the one after the last.
    pub(super) from: usize,
    pub(super) to: usize,
    /// By stop: slots in which it may stand there.
    pub(super) allowed: Vec<Slots>,
    /// By stop: slots from the depot, and back.
    pub(super) out: Vec<usize>,
    pub(super) back: Vec<usize>,
    /// By stop: fewest slots from leaving the depot to opening there, and from leaving there to the depot, by any route.
    pub(super) soonest: Vec<usize>,
    pub(super) homeward: Vec<usize>,
    /// Stops where it must stand, with the slots.
    pub(super) pins: Vec<(usize, Slots)>,
}

impl Kind {
    fn new(day: &BusDay, row: usize, vehicle: &Vehicle) -> Self {
        let on_duty = Slots::range(vehicle.on_duty.clone());
        let mut allowed: Vec<Slots> = day.stops.iter().map(|stop| stop.permitted.and(on_duty)).collect();
        for (stop, slots) in day.stops.iter().zip(&mut allowed) {
            if stop.longest_cm.is_some_and(|longest| vehicle.length_cm > longest) {
                *slots = Slots::default();
            }
        }
        for ban in day.bans.iter().filter(|ban| ban.vehicle.is_none_or(|banned| banned == row)) {
            allowed[ban.stop] = allowed[ban.stop].without(Slots::range(ban.slots.clone()));
        }
        let mut pins: BTreeMap<usize, Slots> = BTreeMap::new();
        for pin in day.pins.iter().filter(|pin| pin.vehicle == row && !pin.slots.is_empty()) {
            let slots = Slots::range(pin.slots.clone());
            let at_stop = pins.entry(pin.stop).or_default();
            *at_stop = at_stop.or(slots);
            for (_, elsewhere) in allowed.iter_mut().enumerate().filter(|(stop, _)| *stop != pin.stop) {
                *elsewhere = elsewhere.without(slots);
            }
        }
        let stops = 0..day.stops.len();
        let slots = |minutes: u32| day.to_slots(minutes).min(usize::from(u8::MAX));
        let way = |from_depot: bool, stop: usize| match vehicle.depot {
            None => 0,
            Some(depot) if from_depot => slots(day.drive(day.stops.len() + depot, stop)),
            Some(depot) => slots(day.drive(stop, day.stops.len() + depot)),
        };
        Self {
            capacity: vehicle.capacity,
            shift: vehicle.shift.min(vehicle.on_duty.len()),
            from: vehicle.on_duty.start,
            to: vehicle.on_duty.end,
            allowed,
            out: stops.clone().map(|stop| way(true, stop)).collect(),
            back: stops.map(|stop| way(false, stop)).collect(),
            soonest: Vec::new(),
            homeward: Vec::new(),
            pins: pins.into_iter().collect(),
        }
    }

    /// How many slots it is pinned in.
    pub(super) fn pinned(&self) -> usize {
        self.pins.iter().map(|(_, slots)| slots.count()).sum()
    }
}

/// The day as the solvers read it.
#[derive(Debug)]
pub(super) struct Model<'p> {
    pub(super) day: &'p BusDay,
    pub(super) stops: usize,
    pub(super) slots: usize,
    pub(super) classes: usize,
    /// Demand of class `k` in slot `t` at `t * classes + k`.
    pub(super) demand: Vec<u64>,
    /// Stop → classes it reaches; a place in it is an *arc*.
    pub(super) reach: Lists<u32>,
    /// Arc → its stop.
    pub(super) stop_of: Vec<u32>,
    /// Class → (stop, arc) of the stops that reach it, ascending.
    pub(super) reached_by: Lists<(u32, u32)>,
    /// Stop → stops that reach some class with it, itself included.
    pub(super) near: Lists<u32>,
    /// Slots from leaving `a` to opening at `b`, at `b * stops + a`, because routes ask for few `b` and all `a`; 255: never.
    gap: Vec<u8>,
    pub(super) least_gap: usize,
    pub(super) kinds: Vec<Kind>,
    /// Kind → its vehicles, ascending.
    pub(super) members: Vec<Vec<usize>>,
    pub(super) kind_of: Vec<usize>,
    /// By stop: first slots of windows that cost no change.
    free_starts: Vec<Slots>,
    /// By unit: bus slots that are asked for.
    pub(super) floors: Vec<u32>,
    pub(super) largest_capacity: u64,
}

impl<'p> Model<'p> {
    pub(super) fn new(problem: &'p BusProblem) -> Self {
        let day = problem.day();
        let (stops, slots) = (day.stops.len(), day.slots);
        let (demand, sets) = merge(day);
        let classes = sets.len();
        let mut reach = vec![Vec::new(); stops];
        for (class, set) in sets.iter().enumerate() {
            set.iter().for_each(|&stop| reach[stop as usize].push(class as u32));
        }
        let near = (0..stops).map(|stop| {
            let mut near: Vec<u32> = reach[stop].iter().flat_map(|&class| sets[class as usize].iter().copied()).collect();
            near.push(stop as u32);
            near.sort_unstable();
            near.dedup();
            near
        });
        let near = Lists::from_rows(near);
        let stop_of = reach.iter().enumerate().flat_map(|(stop, row)| row.iter().map(move |_| stop as u32)).collect();
        let reach = Lists::from_rows(reach);
        let mut reached_by = vec![Vec::new(); classes];
        for stop in 0..stops {
            for (arc, &class) in reach.span(stop).zip(reach.row(stop)) {
                reached_by[class as usize].push((stop as u32, arc as u32));
            }
        }
        let (mut kinds, members, kind_of) = kinds(day);
        let gap = gaps(day);
        kinds.par_iter_mut().for_each(|kind| {
            kind.soonest = shortest(&kind.out, |from, to| usize::from(gap[to * stops + from]) + day.rules.dwell);
            kind.homeward = shortest(&kind.back, |to, from| usize::from(gap[to * stops + from]) + day.rules.dwell);
        });
        let units = day.stops.iter().map(|stop| stop.unit + 1).max().unwrap_or(0);
        let mut floors = vec![0; units];
        day.floors.iter().for_each(|floor| floors[floor.unit] = floor.slots.max(floors[floor.unit]));
        Self {
            day,
            stops,
            slots,
            classes,
            demand,
            reach,
            stop_of,
            reached_by: Lists::from_rows(reached_by),
            near,
            least_gap: gap.iter().copied().min().map_or(1, usize::from),
            gap,
            kinds,
            members,
            kind_of,
            free_starts: free_starts(day),
            floors,
            largest_capacity: day.vehicles.iter().map(|vehicle| vehicle.capacity).max().unwrap_or(0),
        }
    }

    /// Slots from leaving a stop to opening at another.
    pub(super) fn gap(&self, from: usize, to: usize) -> usize {
        usize::from(self.gap[to * self.stops + from])
    }

    /// What the windows of a vehicle cost: moves and changes.
    pub(super) fn cost(&self, route: &Route) -> i64 {
        let moves = route.len().saturating_sub(1) as u64 * self.day.rules.move_cost;
        moves as i64 + route.iter().map(|window| self.start_cost(window.stop, window.arrive)).sum::<i64>()
    }

    /// Whether a kind may drive a route: places, times, shift, pins.
    pub(super) fn allows(&self, kind: usize, route: &Route) -> bool {
        let kind = &self.kinds[kind];
        let stands = |window: &Window| {
            window.leave >= window.arrive + self.day.rules.dwell && kind.allowed[window.stop].covers(window.arrive..window.leave)
        };
        let moves = route.windows(2).all(|pair| pair[0].leave + self.gap(pair[0].stop, pair[1].stop) <= pair[1].arrive);
        let in_time = match (route.first(), route.last()) {
            (Some(first), Some(last)) => {
                let returns = last.leave + kind.back[last.stop];
                let departs = first.arrive.checked_sub(kind.out[first.stop]);
                departs.is_some_and(|departs| departs >= kind.from && returns <= kind.to && returns - departs <= kind.shift)
            }
            _ => true,
        };
        let at = |stop: usize| {
            let windows = route.iter().filter(|window| window.stop == stop);
            windows.fold(Slots::default(), |slots, window| slots.or(Slots::range(window.arrive..window.leave)))
        };
        let is_pinned = kind.pins.iter().all(|&(stop, slots)| slots.without(at(stop)).is_empty());
        route.iter().all(stands) && moves && in_time && is_pinned
    }

    /// Whether the previous plan has a window that starts there and then; without a previous plan nothing is a change.
    pub(super) fn is_known(&self, stop: usize, slot: usize) -> bool {
        self.free_starts[stop].contains(slot)
    }

    /// What a window that starts there and then costs.
    pub(super) fn start_cost(&self, stop: usize, slot: usize) -> i64 {
        if self.is_known(stop, slot) { 0 } else { self.day.rules.change_cost as i64 }
    }
}

/// Demand by slot and class, and the stops of each class: cells that somebody reaches and that have demand.
fn merge(day: &BusDay) -> (Vec<u64>, Vec<Vec<u32>>) {
    let mut by_cell = vec![Vec::new(); day.cells()];
    for (stop, row) in day.stops.iter().enumerate() {
        row.cells.iter().for_each(|&cell| by_cell[cell as usize].push(stop as u32));
    }
    let mut merged: BTreeMap<Vec<u32>, Vec<u64>> = BTreeMap::new();
    for (set, demand) in by_cell.into_iter().zip(day.demand.chunks_exact(day.slots)) {
        if !set.is_empty() && demand.iter().any(|d| *d > 0) {
            let sum = merged.entry(set).or_insert_with(|| vec![0; day.slots]);
            sum.iter_mut().zip(demand).for_each(|(sum, d)| *sum += d);
        }
    }
    let by_slot = (0..day.slots).flat_map(|slot| merged.values().map(move |demand| demand[slot])).collect();
    (by_slot, merged.into_keys().collect())
}

/// Kinds in order of their first vehicle, their members, and the kind of each vehicle.
fn kinds(day: &BusDay) -> (Vec<Kind>, Vec<Vec<usize>>, Vec<usize>) {
    let (mut kinds, mut members, mut kind_of) = (Vec::<Kind>::new(), Vec::<Vec<usize>>::new(), Vec::new());
    for (row, vehicle) in day.vehicles.iter().enumerate() {
        let kind = Kind::new(day, row, vehicle);
        let at = kinds.iter().position(|known| *known == kind).unwrap_or_else(|| {
            kinds.push(kind);
            members.push(Vec::new());
            kinds.len() - 1
        });
        members[at].push(row);
        kind_of.push(at);
    }
    (kinds, members, kind_of)
}

/// Shortest ways that begin with one of `first` and go on by `step(from, to)` (Bellman 1958). Where the drive times keep the
/// triangle inequality, `first` itself.
fn shortest(first: &[usize], step: impl Fn(usize, usize) -> usize) -> Vec<usize> {
    let mut ways = first.to_vec();
    loop {
        let better = |to: usize| (0..ways.len()).map(|from| ways[from] + step(from, to)).min().unwrap_or(ways[to]).min(ways[to]);
        let next: Vec<usize> = (0..ways.len()).map(better).collect();
        if next == ways {
            return ways;
        }
        ways = next;
    }
}

fn gaps(day: &BusDay) -> Vec<u8> {
    let rules = &day.rules;
    let gap = |from: usize, to: usize| {
        let minutes = day.drive(from, to).max(rules.gap_minutes);
        // Two windows without anything between them are one.
        day.to_slots(minutes).clamp(1, usize::from(u8::MAX)) as u8
    };
    let stops = 0..day.stops.len();
    stops.clone().flat_map(|to| stops.clone().map(move |from| gap(from, to))).collect()
}

fn free_starts(day: &BusDay) -> Vec<Slots> {
    let mut starts = vec![Slots::default(); day.stops.len()];
    let Some(previous) = &day.previous else {
        return vec![Slots::range(0..Slots::MOST); day.stops.len()];
    };
    for window in previous.routes.iter().flatten().filter(|window| window.stop < day.stops.len()) {
        starts[window.stop] = starts[window.stop].or(Slots::range(window.arrive..window.arrive + 1));
    }
    starts
}
