//! The slow recount: every site against every cell, no index, no matrix, no shared totals. Only the definition of distance is
//! common with the run.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::{DayKind, Period};
use crate::domain::demand::DemandCube;
use crate::domain::site::Site;
use crate::domain::standard::ServiceStandard;
use crate::id::DemandIdx;
use crate::impedance::{Place, Travel};
use crate::ingest::dataset::Dataset;
use crate::quantity::{Impedance, Weight};
use crate::scenario::Scenario;

/// When an addition serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Serves {
    /// In attended hours.
    Attended,
    /// Always.
    Always,
    /// In a window: a mobile station.
    Window(u8, u8),
}

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
        let travel = Travel::of(scenario, &dataset.barriers, dataset.streets.as_ref());
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

    /// What some additions and closures do: demand covered then less demand covered today, in thousandths of a visit, and of each
    /// addition the demand that nothing else covers then.
    pub fn change(&self, additions: &[(Place, Serves)], closed: &BTreeSet<String>) -> (i64, Vec<Weight>) {
        let (mut change, mut unique) = (0, vec![Weight::ZERO; additions.len()]);
        for &(day, share) in &self.scenario.siting_days {
            let limit = self.scenario.standard.limit(day.season);
            for (cell, place) in self.cube.cells().indexes().zip(&self.cells) {
                let near = |at: &Place| {
                    self.travel.straight(*at, *place) <= limit.metres() + 1.0 && self.travel.reach(*at, *place).within(limit)
                };
                let reaching: Vec<usize> = (0..additions.len()).filter(|&row| near(&additions[row].0)).collect();
                let in_area = self.cube.cells()[cell].in_area || self.scenario.file.mobile.outside_area;
                for hours in self.alike() {
                    let attended = self.attended(hours[0]);
                    let whole: Weight = hours.iter().map(|&hour| self.cube.at(cell, Period { day, hour })).sum();
                    let weight = Weight::from_milli((whole.milli() * share + 500_000) / 1_000_000);
                    let serves = |row: usize| match additions[row].1 {
                        Serves::Attended => attended,
                        Serves::Always => true,
                        Serves::Window(from, to) => in_area && (from..to).contains(&hours[0]),
                    };
                    let standing = |sites: &dyn Fn(&Site) -> bool| {
                        let reached = self.near[cell.get()].iter().zip(self.dataset.sites.rows());
                        reached
                            .filter(|((_, reach), site)| reach.within(limit) && sites(site))
                            .any(|(_, site)| attended || self.open_all_night(site, day))
                    };
                    let (today, stays) = (standing(&|_| true), standing(&|site| !closed.contains(&site.id)));
                    let serving: Vec<usize> = reaching.iter().copied().filter(|&row| serves(row)).collect();
                    match (today, stays || !serving.is_empty()) {
                        (false, true) => change += weight.milli() as i64,
                        (true, false) => change -= weight.milli() as i64,
                        _ => {}
                    }
                    if let ([only], false) = (serving.as_slice(), stays) {
                        unique[*only] += weight;
                    }
                }
            }
        }
        (change, unique)
    }

    /// The hours of the day in groups that every station serves alike: attended or not, and inside the same windows.
    fn alike(&self) -> Vec<Vec<u8>> {
        let file = &self.scenario.file;
        let windows: &[[u8; 2]] = if file.siting.mobile_windows > 0 { &file.mobile.windows } else { &[] };
        let mut groups: BTreeMap<(bool, Vec<bool>), Vec<u8>> = BTreeMap::new();
        for hour in 0..24 {
            let inside = windows.iter().map(|&[from, to]| (from..to).contains(&hour)).collect();
            groups.entry((self.attended(hour), inside)).or_default().push(hour);
        }
        groups.into_values().collect()
    }

    fn attended(&self, hour: u8) -> bool {
        let [from, to] = self.scenario.file.siting.fixed_serves;
        (from..to).contains(&hour)
    }

    fn open_all_night(&self, site: &Site, day: DayKind) -> bool {
        Period::of_day(day).filter(|p| !self.attended(p.hour)).all(|period| site.hours.open_at(period))
    }
}
