//! The slow recount: every site against every cell, no index, no matrix, no shared totals. Only the definition of distance is
//! common with the run.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::{DayKind, HOURS, Period};
use crate::domain::demand::DemandCube;
use crate::domain::site::Site;
use crate::domain::standard::ServiceStandard;
use crate::id::DemandIdx;
use crate::impedance::{Place, Travel};
use crate::ingest::dataset::Dataset;
use crate::quantity::{Impedance, Weight};
use crate::scenario::Scenario;

/// Inputs loaded anew, with the distance of every site from every cell.
pub(super) struct Recount<'a> {
    pub scenario: &'a Scenario,
    pub dataset: &'a Dataset,
    pub cube: &'a DemandCube,
    pub travel: Travel,
    cells: Vec<Place>,
    /// `near[cell]`: straight and reach distance of every site.
    near: Vec<Vec<(Impedance, Impedance)>>,
}

impl<'a> Recount<'a> {
    pub fn new(scenario: &'a Scenario, dataset: &'a Dataset, cube: &'a DemandCube) -> Self {
        let travel = Travel::new(scenario.metric, scenario.file.travel.circuity, &dataset.barriers);
        let cells: Vec<Place> = cube.cells().rows().iter().map(Place::from).collect();
        let widest = std::iter::once(&scenario.standard).chain(&scenario.compare).map(|s| s.radius_m).fold(0.0, f64::max);
        let distances = |cell: &Place| -> Vec<(Impedance, Impedance)> {
            let to = |site: &Site| {
                let there = Place::from(site);
                let straight = Impedance::from_metres(travel.straight(there, *cell));
                let close = straight.within(Impedance::from_metres(widest));
                (straight, if close { travel.reach(there, *cell) } else { Impedance::UNREACHABLE })
            };
            dataset.sites.rows().iter().map(to).collect()
        };
        let near = cells.iter().map(distances).collect();
        Self { scenario, dataset, cube, travel, cells, near }
    }

    /// Whether some site reaches a cell.
    pub fn reached(&self, cell: DemandIdx, limit: Impedance) -> bool {
        self.near[cell.get()].iter().any(|(straight, reach)| straight.within(limit) && reach.within(limit))
    }

    /// Demand, and demand in the radius, by path, and with a station open, on a day.
    pub fn rungs(&self, standard: &ServiceStandard, day: DayKind) -> [Weight; 4] {
        let limit = standard.limit(day.season);
        let mut sums = [Weight::ZERO; 4];
        for cell in self.cube.cells().indexes() {
            let near = || self.near[cell.get()].iter().zip(self.dataset.sites.rows());
            let in_radius = near().any(|((straight, _), _)| straight.within(limit));
            let by_path = self.reached(cell, limit);
            for period in Period::of_day(day) {
                let demand = self.cube.at(cell, period);
                let open = near().any(|((_, reach), site)| reach.within(limit) && site.hours.open_at(period));
                for (sum, counts) in sums.iter_mut().zip([true, in_radius, by_path, open]) {
                    *sum += if counts { demand } else { Weight::ZERO };
                }
            }
        }
        sums
    }

    /// Uncovered demand of grid cells above the gap threshold, on a day.
    pub fn gap_demand(&self, day: DayKind) -> Weight {
        let limit = self.scenario.standard.limit(day.season);
        let mut by_grid_cell: BTreeMap<(u32, u32), Weight> = BTreeMap::new();
        for (cell, place) in self.cube.cells().iter().filter(|(cell, _)| !self.reached(*cell, limit)) {
            *by_grid_cell.entry(place.grid_cell).or_default() += self.cube.day(cell, day);
        }
        let threshold = Weight::from_visits(self.scenario.file.gaps.cell_visits);
        by_grid_cell.into_values().filter(|visits| *visits > threshold).sum()
    }

    /// Number of pairs of sites within the review distance.
    pub fn close_pairs(&self) -> usize {
        let sites = self.dataset.sites.rows();
        let place = |site: &Site| Place::from(site);
        let near = |a: &Site, b: &Site| self.travel.straight(place(a), place(b)) <= self.scenario.file.overlap.review_m;
        sites.iter().enumerate().map(|(row, a)| sites[row + 1..].iter().filter(|b| near(a, b)).count()).sum()
    }

    /// Demand that some additions bring: places that open for the attended hours or for all, in the hours that nothing serves yet.
    pub fn added(&self, additions: &[(Place, bool)]) -> Weight {
        let (day, limit) = (self.scenario.planning_day, self.scenario.standard.limit(self.scenario.planning_day.season));
        let [from, to] = self.scenario.file.siting.fixed_serves;
        let attended = |hour: u8| (from..to).contains(&hour);
        let mut added = Weight::ZERO;
        for (cell, place) in self.cube.cells().indexes().zip(&self.cells) {
            let sites =
                || self.near[cell.get()].iter().zip(self.dataset.sites.rows()).filter(|((_, reach), _)| reach.within(limit));
            let night = |site: &Site| Period::of_day(day).filter(|p| !attended(p.hour)).all(|period| site.hours.open_at(period));
            let (by_day, by_night) = (sites().next().is_some(), sites().any(|(_, site)| night(site)));
            let reaching: BTreeSet<bool> = additions
                .iter()
                .filter(|(at, _)| {
                    self.travel.straight(*at, *place) <= limit.metres() + 1.0 && self.travel.reach(*at, *place).within(limit)
                })
                .map(|(_, always)| *always)
                .collect();
            for hour in 0..HOURS as u8 {
                let before = if attended(hour) { by_day } else { by_night };
                let after = if attended(hour) { !reaching.is_empty() } else { reaching.contains(&true) };
                if after && !before {
                    added += self.cube.at(cell, Period { day, hour });
                }
            }
        }
        added
    }
}
