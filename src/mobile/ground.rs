//! What the buses stand on: stops and what they reach, buses, driving times, and the day as the solver reads it.
//!
//! Demand comes by the hour: a slot has its even share of it, thousandths that are left over go to the earlier slots. Driving takes
//! the time over the scenario's streets, or else the path around barriers ([`Travel::path`]) at the scenario's speed; minutes are
//! rounded up. A bus whose length isn't known fits anywhere.

use chrono::NaiveDate;

use super::day::{Ban, BusDay, BusProblem, DayStop, Floor, Pin, Plan, Rules, Slots, Vehicle as DayVehicle, Window, check};
use super::demand::{Stops, Unserved};
use super::square;
use crate::calendar::{DayKind, HOURS};
use crate::coverage::Network;
use crate::crs::{CrsError, LonLat};
use crate::domain::demand::DemandCube;
use crate::domain::vehicle::{BusOrder, BusStop, Stand, Vehicle};
use crate::id::DemandIdx;
use crate::impedance::{Place, Travel};
use crate::ingest::Fleet;
use crate::ingest::dataset::Dataset;
use crate::progress::Silent;
use crate::quantity::Weight;
use crate::scenario::Scenario;
use crate::scenario::file;

/// What a timetable is made from.
#[derive(Debug)]
pub struct Ground<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Stations, stops and the area.
    pub dataset: &'a Dataset,
    /// Buses and what binds them.
    pub fleet: &'a Fleet,
    /// The standing network.
    pub network: &'a Network<'a>,
    /// Demand.
    pub cube: &'a DemandCube,
    /// How people walk.
    pub travel: &'a Travel,
    places: Vec<Place>,
    /// The planning unit of each stop; the number of units where it lies in none.
    units: Vec<usize>,
    /// The depot of each bus, by its number among the depots.
    depots: Vec<Option<usize>>,
    /// Minutes of driving between stops, then depots, row by row.
    minutes: Vec<u32>,
}

/// A kind of day on this ground.
#[derive(Debug)]
pub struct OfDay<'a> {
    /// The kind.
    pub kind: DayKind,
    /// Stops and the cells in reach.
    pub stops: Stops<'a>,
    /// What the standing network leaves.
    pub unserved: Unserved,
    /// The cells that some stop reaches, ascending: the rows of the solver's demand.
    reached: Vec<DemandIdx>,
}

impl<'a> Ground<'a> {
    /// Lays the ground.
    ///
    /// # Errors
    /// When a stop or a depot can't be projected.
    pub fn new(
        scenario: &'a Scenario,
        dataset: &'a Dataset,
        fleet: &'a Fleet,
        network: &'a Network<'a>,
        cube: &'a DemandCube,
        travel: &'a Travel,
    ) -> Result<Self, CrsError> {
        let place = |position: LonLat| Place::new(position, &dataset.projector);
        let places: Vec<Place> = dataset.stops.iter().map(|stop| place(stop.position)).collect::<Result<_, _>>()?;
        let unit =
            |place: &Place| dataset.area.unit_of(place.position, place.planar).map_or(dataset.area.units.len(), |u| u.get());
        let units = places.iter().map(unit).collect();
        let mut at: Vec<LonLat> = Vec::new();
        let mut depots = Vec::with_capacity(fleet.vehicles.len());
        for depot in fleet.vehicles.iter().map(|vehicle| vehicle.depot) {
            depots.push(depot.map(|depot| {
                at.iter().position(|known| *known == depot).unwrap_or_else(|| {
                    at.push(depot);
                    at.len() - 1
                })
            }));
        }
        let mut all = places.clone();
        for depot in at {
            all.push(place(depot)?);
        }
        let minutes = driving(&all, fleet, travel, scenario.file.mobile.speed_kmh);
        Ok(Self { scenario, dataset, fleet, network, cube, travel, places, units, depots, minutes })
    }

    /// Numbers of the scenario.
    pub fn rules(&self) -> &'a file::Mobile {
        &self.scenario.file.mobile
    }

    /// What stops reach on a kind of day, and what is left to serve.
    pub fn of_day(&self, kind: DayKind) -> OfDay<'a> {
        let (standard, outside) = (&self.scenario.standard, self.rules().outside_area);
        let stops = Stops::new(&self.dataset.stops, &self.places, self.cube, standard, kind, self.travel, outside);
        let mut reached: Vec<DemandIdx> = stops.cells.iter().flatten().copied().collect();
        reached.sort_unstable();
        reached.dedup();
        OfDay { kind, stops, unserved: Unserved::after(self.network, self.cube, standard, kind), reached }
    }

    /// Visits within the planner's own area that a plan serves when these come first.
    pub fn inside(&self, day: &BusDay, of_day: &OfDay<'_>, plan: &Plan) -> Weight {
        let mut inside = day.clone();
        for (row, &cell) in of_day.reached.iter().enumerate() {
            if !self.cube.cells()[cell].in_area {
                inside.demand[row * day.slots..(row + 1) * day.slots].fill(0);
            }
        }
        let problem = BusProblem::new(inside).expect("invariant: less demand is sound");
        Weight::from_milli(check(&problem, plan).expect("invariant: the rules are the same").served)
    }

    /// The day as the solver reads it: orders of every day and of the date `only`, `before` as the timetable so far.
    pub fn day_problem(&self, of_day: &OfDay<'_>, only: Option<NaiveDate>, before: &[Stand]) -> BusDay {
        let rules = self.rules();
        let per_hour = 60 / rules.slot_minutes as usize;
        let slots = HOURS * per_hour;
        let slot = |minute: u16| usize::from(minute) / rules.slot_minutes as usize;
        let slot_after = |minute: u16| usize::from(minute).div_ceil(rules.slot_minutes as usize);
        let mut demand = Vec::with_capacity(of_day.reached.len() * slots);
        for &cell in &of_day.reached {
            for hour in 0..HOURS {
                let visits = of_day.unserved.cell(cell, hour).milli();
                let (even, left) = (visits / per_hour as u64, visits % per_hour as u64);
                demand.extend((0..per_hour as u64).map(|part| even + u64::from(part < left)));
            }
        }
        let row = |cell: &DemandIdx| of_day.reached.binary_search(cell).expect("invariant: a cell in reach is a row") as u32;
        let day_stop = |(at, stop): (usize, &BusStop)| DayStop {
            permitted: Slots::range(usize::from(stop.permitted_from) * per_hour..usize::from(stop.permitted_to) * per_hour),
            longest_cm: stop.max_length_m.map(centimetres),
            unit: self.units[at],
            cells: of_day.stops.cells[at].iter().map(row).collect(),
        };
        let shift = (rules.shift_hours * 60.0 / f64::from(rules.slot_minutes)) as usize;
        let vehicle = |(at, vehicle): (usize, &Vehicle)| DayVehicle {
            depot: self.depots[at],
            length_cm: vehicle.length_m.map_or(0, centimetres),
            capacity: milli(vehicle.visits_per_hour.unwrap_or(rules.visits_per_hour) / per_hour as f64),
            shift,
            // A shift shorter than a slot has none.
            on_duty: slot_after(vehicle.shift.0).min(slot(vehicle.shift.1))..slot(vehicle.shift.1),
        };
        let in_force = |must: bool| {
            let holds = move |order: &&BusOrder| order.must == must && (order.date.is_none() || order.date == only);
            self.fleet.orders.iter().filter(holds)
        };
        let pins =
            in_force(true).filter_map(|o| Some(Pin { vehicle: o.vehicle?, stop: o.stop, slots: slot(o.from)..slot_after(o.to) }));
        let bans = in_force(false).map(|o| Ban { vehicle: o.vehicle, stop: o.stop, slots: slot(o.from)..slot_after(o.to) });
        let floors = rules.floors.iter().filter_map(|(name, hours)| {
            let unit = self.dataset.area.units.iter().position(|unit| unit.name == *name)?;
            Some(Floor { unit, slots: (hours * per_hour as f64).ceil() as u32 })
        });
        let mut routes = vec![Vec::new(); self.fleet.vehicles.len()];
        for stand in before {
            routes[stand.vehicle].push(Window { stop: stand.stop, arrive: slot(stand.arrive), leave: slot_after(stand.leave) });
        }
        BusDay {
            slots,
            slot_minutes: rules.slot_minutes,
            stops: self.dataset.stops.iter().enumerate().map(day_stop).collect(),
            demand,
            vehicles: self.fleet.vehicles.iter().enumerate().map(vehicle).collect(),
            depots: self.depots.iter().flatten().max().map_or(0, |last| last + 1),
            minutes: self.minutes.clone(),
            rules: Rules {
                gap_minutes: rules.pause_minutes,
                dwell: rules.dwell_minutes.div_ceil(rules.slot_minutes) as usize,
                move_cost: milli(rules.move_cost),
                change_cost: milli(rules.change_cost),
            },
            pins: pins.collect(),
            bans: bans.collect(),
            floors: floors.collect(),
            previous: (!before.is_empty()).then_some(Plan { routes }),
        }
    }
}

fn milli(visits: f64) -> u64 {
    Weight::from_visits(visits).milli()
}

fn centimetres(metres: f64) -> u32 {
    (metres * 100.0).round() as u32
}

/// Minutes of driving between places, row by row; [`BusDay::NO_WAY`] where there is no way.
fn driving(places: &[Place], fleet: &Fleet, travel: &Travel, speed_kmh: f64) -> Vec<u32> {
    if let Some(streets) = &fleet.streets {
        let at: Vec<LonLat> = places.iter().map(|place| place.position).collect();
        let costs = streets.costs(&at, &at, u32::MAX, &Silent);
        let minutes = |from: usize, to: usize| costs.cost(from, to as u32).map_or(BusDay::NO_WAY, |ms| ms.div_ceil(60_000));
        return square(places.len(), minutes);
    }
    let minutes = |metres: f64| (metres * 60.0 / (speed_kmh * 1000.0)).ceil() as u32;
    let path = |from: usize, to: usize| travel.path(places[from], places[to]);
    square(places.len(), |from, to| if from == to { 0 } else { path(from, to).map_or(BusDay::NO_WAY, minutes) })
}
