//! Choosing stops and windows: greedy, interchange, bound, and the windows that longer hours serve better.

use crate::calendar::{DayKind, Period};
use crate::coverage::Network;
use crate::domain::demand::DemandCube;
use crate::domain::standard::ServiceStandard;
use crate::id::SiteIdx;
use crate::quantity::Weight;
use crate::scenario::file;

use super::demand::{Stops, Unserved};

/// One bus at one stop in one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusWindow {
    /// Row of the stop.
    pub stop: usize,
    /// First hour.
    pub from: u8,
    /// Hour it leaves.
    pub to: u8,
    /// Visits it serves.
    pub served: Weight,
}

/// A window that a bus would only fill because a station is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LongerHours {
    /// Row of the stop.
    pub stop: usize,
    /// The station that should be open longer.
    pub station: SiteIdx,
    /// First hour.
    pub from: u8,
    /// Last hour, exclusive.
    pub to: u8,
    /// Visits that it would serve on this day.
    pub visits: Weight,
}

/// Plan of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusPlan {
    /// The typical day.
    pub day: DayKind,
    /// Windows, best first: window n is for bus n.
    pub windows: Vec<BusWindow>,
    /// Windows left to longer hours.
    pub longer_hours: Vec<LongerHours>,
    /// Visits that all windows serve.
    pub served: Weight,
    /// No plan of that many windows serves more.
    pub bound: Weight,
}

/// A possible window.
type Window = (usize, u8, u8);

/// What a day's plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct PlanInputs<'a> {
    /// Stops and what they reach.
    pub stops: &'a Stops<'a>,
    /// Demand that the standing network leaves on this day.
    pub unserved: &'a Unserved,
    /// Demand.
    pub cube: &'a DemandCube,
    /// The day that standing stations are planned for.
    pub planning_day: DayKind,
    /// The standing network.
    pub network: &'a Network<'a>,
    /// The standard whose reach counts.
    pub standard: &'a ServiceStandard,
    /// Buses, windows and rules.
    pub rules: &'a file::Mobile,
}

/// Plans the buses of one day.
pub fn plan(day: DayKind, inputs: PlanInputs<'_>) -> BusPlan {
    let PlanInputs { stops, unserved, rules, .. } = inputs;
    let capacity = Weight::from_visits(rules.visits_per_hour);
    let mut windows = possible(stops, rules);
    let mut longer_hours = Vec::new();
    let chosen = loop {
        let chosen = improve(greedy(&windows, stops, unserved, capacity, rules.buses), &windows, stops, unserved, capacity);
        let Some(lasting) = chosen.iter().find_map(|&w| lasting(w, inputs, day)) else {
            break chosen;
        };
        windows.retain(|w| (w.0, w.1, w.2) != (lasting.stop, lasting.from, lasting.to));
        // One line of advice a station: the first window is the one that serves most.
        if longer_hours.iter().all(|known: &LongerHours| known.station != lasting.station) {
            longer_hours.push(lasting);
        }
    };
    let windows_served = evaluate(&chosen, stops, unserved, capacity);
    let plan: Vec<BusWindow> =
        chosen.iter().zip(&windows_served).map(|(&(stop, from, to), &served)| BusWindow { stop, from, to, served }).collect();
    BusPlan {
        day,
        served: windows_served.into_iter().sum(),
        bound: bound(&windows, stops, unserved, capacity, rules.buses),
        windows: plan,
        longer_hours,
    }
}

/// Windows in which standing is permitted.
fn possible(stops: &Stops<'_>, rules: &file::Mobile) -> Vec<Window> {
    let mut windows = Vec::new();
    for (stop, place) in stops.stops.iter().enumerate() {
        for &[from, to] in &rules.windows {
            if place.permitted_from <= from && to <= place.permitted_to {
                windows.push((stop, from, to));
            }
        }
    }
    windows
}

/// Visits that each window serves, in order; earlier windows serve first.
pub(super) fn evaluate(chosen: &[Window], stops: &Stops<'_>, unserved: &Unserved, capacity: Weight) -> Vec<Weight> {
    let mut left = unserved.clone();
    let mut serve =
        |&(stop, from, to): &Window| (from..to).map(|hour| left.serve(&stops.cells[stop], usize::from(hour), capacity)).sum();
    chosen.iter().map(&mut serve).collect()
}

fn single((stop, from, to): Window, stops: &Stops<'_>, unserved: &Unserved, capacity: Weight) -> Weight {
    (from..to).map(|hour| unserved.at(&stops.cells[stop], usize::from(hour)).min(capacity)).sum()
}

fn greedy(windows: &[Window], stops: &Stops<'_>, unserved: &Unserved, capacity: Weight, buses: u32) -> Vec<Window> {
    let mut left = unserved.clone();
    let mut chosen = Vec::new();
    for _ in 0..buses {
        let values = windows.iter().enumerate().map(|(row, &w)| (single(w, stops, &left, capacity), std::cmp::Reverse(row)));
        let Some((value, std::cmp::Reverse(row))) = values.max() else { break };
        if value == Weight::ZERO {
            break;
        }
        let (stop, from, to) = windows[row];
        for hour in from..to {
            left.serve(&stops.cells[stop], usize::from(hour), capacity);
        }
        chosen.push(windows[row]);
    }
    chosen
}

/// Swaps windows while that serves more.
fn improve(mut chosen: Vec<Window>, windows: &[Window], stops: &Stops<'_>, unserved: &Unserved, capacity: Weight) -> Vec<Window> {
    let total = |chosen: &[Window]| -> Weight { evaluate(chosen, stops, unserved, capacity).into_iter().sum() };
    let mut best = total(&chosen);
    'search: loop {
        for position in 0..chosen.len() {
            for &window in windows {
                let mut swapped = chosen.clone();
                swapped[position] = window;
                let value = total(&swapped);
                if value > best {
                    (chosen, best) = (swapped, value);
                    continue 'search;
                }
            }
        }
        return chosen;
    }
}

fn bound(windows: &[Window], stops: &Stops<'_>, unserved: &Unserved, capacity: Weight, buses: u32) -> Weight {
    let mut values = Vec::new();
    for &(stop, from, to) in windows {
        let with = |buses: u32| -> Weight {
            let most = Weight::from_milli(capacity.milli() * u64::from(buses));
            (from..to).map(|hour| unserved.at(&stops.cells[stop], usize::from(hour)).min(most)).sum()
        };
        values.extend((1..=buses).map(|m| with(m) - with(m - 1)));
    }
    values.sort_unstable_by(|a, b| b.cmp(a));
    values.into_iter().take(buses as usize).sum()
}

/// Whether a window's demand lasts: at least the given share of it lies in reach of a station that is merely closed, and is there
/// in the same hours of the planning day too. The station nearest to most of it is named.
fn lasting((stop, from, to): Window, inputs: PlanInputs<'_>, day: DayKind) -> Option<LongerHours> {
    let PlanInputs { stops, unserved, cube, planning_day, network, standard, rules } = inputs;
    let limit = standard.limit(day.season);
    let mut by_station = std::collections::BTreeMap::new();
    let (mut all, mut lasting) = (Weight::ZERO, Weight::ZERO);
    for &cell in &stops.cells[stop] {
        let reached = network.matrix.access(cell).iter().filter(|a| a.reach.within(limit));
        let nearest = reached.clone().min_by_key(|a| (a.reach, a.site));
        for hour in from..to {
            let here = unserved.cell(cell, usize::from(hour));
            all += here;
            let open = reached.clone().any(|a| network.sites[a.site].hours.open_at(Period { day, hour }));
            if let Some(nearest) = nearest.filter(|_| !open) {
                lasting += here.min(cube.at(cell, Period { day: planning_day, hour }));
                *by_station.entry(nearest.site).or_insert(Weight::ZERO) += here;
            }
        }
    }
    let station = by_station.into_iter().max_by_key(|(site, visits)| (*visits, std::cmp::Reverse(*site)))?;
    let share = lasting.share_of(all).get();
    (share >= rules.permanent_share).then_some(LongerHours { stop, station: station.0, from, to, visits: station.1 })
}
