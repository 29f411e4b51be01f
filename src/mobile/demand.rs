//! Demand that is left for the buses: what no open station serves, by hour and cell, and which cells each stop reaches.

use super::ground::Ground;
use crate::calendar::{DayKind, HOURS, Period};
use crate::catchment::delineate;
use crate::coverage::{Network, allocate};
use crate::domain::demand::DemandCube;
use crate::domain::standard::ServiceStandard;
use crate::domain::vehicle::BusStop;
use crate::id::{DemandIdx, IdVec, SiteIdx};
use crate::impedance::{Place, Travel};
use crate::quantity::Weight;

/// Stops and the cells each of them reaches on a day.
#[derive(Debug)]
pub struct Stops<'a> {
    /// The stops.
    pub stops: &'a [BusStop],
    /// Cells within reach of each stop, ascending.
    pub cells: Vec<Vec<DemandIdx>>,
}

impl<'a> Stops<'a> {
    /// Draws the catchments of the stops; cells outside the planner's area only when `outside_area`.
    pub fn new(
        stops: &'a [BusStop],
        places: &[Place],
        cube: &DemandCube,
        standard: &ServiceStandard,
        day: DayKind,
        travel: &Travel,
        outside_area: bool,
    ) -> Self {
        let cells: Vec<Place> = cube.cells().rows().iter().map(Place::from).collect();
        let limit = standard.limit(day.season);
        let matrix = delineate(places, &cells, limit, travel);
        let reached = |stop: usize| {
            let reaches = matrix.catchment(SiteIdx::from_usize(stop)).iter();
            reaches.filter(|r| r.reach.within(limit) && (outside_area || cube.cells()[r.cell].in_area)).map(|r| r.cell).collect()
        };
        Self { stops, cells: (0..places.len()).map(reached).collect() }
    }
}

/// Unserved demand of one day by hour and cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unserved {
    hours: Vec<IdVec<DemandIdx, Weight>>,
}

impl Unserved {
    /// What the standing network leaves unserved on a day.
    pub fn after(network: &Network<'_>, cube: &DemandCube, standard: &ServiceStandard, day: DayKind) -> Self {
        let left = |period| IdVec::from_rows(allocate(network, cube, standard.limit(day.season), period).residual);
        Self { hours: Period::of_day(day).map(left).collect() }
    }

    /// Unserved demand of the whole day.
    pub fn total(&self) -> Weight {
        self.hours.iter().flat_map(|hour| hour.rows()).copied().sum()
    }

    /// Unserved demand of some cells in an hour.
    pub fn at(&self, cells: &[DemandIdx], hour: usize) -> Weight {
        cells.iter().map(|&cell| self.hours[hour][cell]).sum()
    }

    /// Unserved demand of one cell in an hour.
    pub fn cell(&self, cell: DemandIdx, hour: usize) -> Weight {
        self.hours[hour][cell]
    }

    /// Leaves nothing of some cells in some hours.
    pub(super) fn leave_out(&mut self, cells: &[DemandIdx], [from, to]: [u8; 2]) {
        for hour in from..to {
            cells.iter().for_each(|&cell| self.hours[usize::from(hour)][cell] = Weight::ZERO);
        }
    }

    /// Serves up to `capacity` visits of some cells in an hour, from all of them in proportion; returns what was served.
    pub fn serve(&mut self, cells: &[DemandIdx], hour: usize, capacity: Weight) -> Weight {
        debug_assert!(hour < HOURS);
        let total = self.at(cells, hour);
        let served = total.min(capacity);
        if served == Weight::ZERO {
            return served;
        }
        let upto = |demand: u64| (u128::from(served.milli()) * u128::from(demand) / u128::from(total.milli())) as u64;
        let mut before = 0;
        for &cell in cells {
            let left = &mut self.hours[hour][cell];
            let after = before + left.milli();
            *left = *left - Weight::from_milli(upto(after) - upto(before));
            before = after;
        }
        served
    }
}

/// Visits that the mobile stations would serve of what is left if they stayed at their default stops.
pub(super) fn default_served(ground: &Ground<'_>, day: DayKind, mut left: Unserved) -> Weight {
    let (mobile, rules) = (&ground.dataset.mobile, ground.rules());
    let places: Vec<Place> = mobile.iter().map(Place::from).collect();
    let stops = Stops::new(&[], &places, ground.cube, &ground.scenario.standard, day, ground.travel, rules.outside_area);
    let mut served = Weight::ZERO;
    for (site, cells) in mobile.iter().zip(&stops.cells) {
        for period in Period::of_day(day).filter(|period| site.hours.open_at(*period)) {
            served += left.serve(cells, usize::from(period.hour), Weight::from_visits(rules.visits_per_hour));
        }
    }
    served
}
