//! What the maps compute from the findings: demand on the analysis grid, all of it and what stations leave.

use std::collections::BTreeMap;

use crate::calendar::{DayKind, HOURS, Period, Slot};
use crate::catchment::CatchmentMatrix;
use crate::coverage::Network;
use crate::domain::site::Site;
use crate::findings::Findings;
use crate::id::{DemandIdx, IdVec, SiteIdx};
use crate::mobile::Unserved;
use crate::quantity::Weight;
use crate::scenario::Scenario;

/// Demand by cell of the analysis grid.
pub(in crate::output) type GridDemand = BTreeMap<(u32, u32), Weight>;

/// Demand and what reaches it.
#[derive(Debug)]
pub(in crate::output) struct Ground<'a> {
    findings: &'a Findings,
    scenario: &'a Scenario,
    sites: &'a IdVec<SiteIdx, Site>,
    matrix: &'a CatchmentMatrix,
}

impl<'a> Ground<'a> {
    /// With the network as it stands.
    pub fn new(findings: &'a Findings, scenario: &'a Scenario) -> Self {
        Self::of(findings, scenario, &findings.dataset.sites, &findings.matrix)
    }

    /// With another network.
    pub fn of(
        findings: &'a Findings,
        scenario: &'a Scenario,
        sites: &'a IdVec<SiteIdx, Site>,
        matrix: &'a CatchmentMatrix,
    ) -> Self {
        Self { findings, scenario, sites, matrix }
    }

    /// All demand of a day.
    pub fn demand(&self, day: DayKind) -> GridDemand {
        self.sum(|cell| self.findings.cube.day(cell, day))
    }

    /// Demand of a day that no station reaches on foot.
    pub fn uncovered(&self, day: DayKind) -> GridDemand {
        let limit = self.scenario.standard.limit(day.season);
        let reached = |cell| self.matrix.access(cell).iter().any(|a| a.straight.within(limit) && a.reach.within(limit));
        self.sum(|cell| if reached(cell) { Weight::ZERO } else { self.findings.cube.day(cell, day) })
    }

    /// All demand of a part of a day.
    pub fn demand_in(&self, day: DayKind, slot: Slot) -> GridDemand {
        self.sum(|cell| periods(day, Some(slot)).map(|period| self.findings.cube.at(cell, period)).sum())
    }

    /// Demand of a day, or of a part of it, that no station reaches on foot in an hour in which it is open.
    pub fn closed(&self, day: DayKind, slot: Option<Slot>) -> GridDemand {
        let limit = self.scenario.standard.limit(day.season);
        self.sum(|cell| {
            let near: Vec<_> =
                self.matrix.access(cell).iter().filter(|a| a.straight.within(limit) && a.reach.within(limit)).collect();
            let is_open = |period| near.iter().any(|a| self.sites[a.site].hours.open_at(period));
            periods(day, slot).filter(|&period| !is_open(period)).map(|period| self.findings.cube.at(cell, period)).sum()
        })
    }

    /// Metres on foot to the nearest station from each square that has demand on a day, from the nearest of its demand points;
    /// none beyond the radius.
    pub fn nearest(&self, day: DayKind) -> BTreeMap<(u32, u32), Option<f64>> {
        let limit = self.scenario.standard.limit(day.season);
        let mut nearest: BTreeMap<(u32, u32), Option<f64>> = BTreeMap::new();
        for (index, cell) in self.findings.cube.cells().iter() {
            if self.findings.cube.day(index, day) == Weight::ZERO {
                continue;
            }
            let within = self.matrix.access(index).iter().filter(|a| a.straight.within(limit) && a.reach.within(limit));
            let metres = within.map(|a| a.reach.metres()).min_by(f64::total_cmp);
            let known = nearest.entry(cell.grid_cell).or_default();
            *known = [*known, metres].into_iter().flatten().min_by(f64::total_cmp);
        }
        nearest
    }

    /// Demand of a day that lies in no station's circle.
    pub fn outside(&self, day: DayKind) -> GridDemand {
        let limit = self.scenario.standard.limit(day.season);
        let is_near = |cell| self.matrix.access(cell).iter().any(|a| a.straight.within(limit));
        self.sum(|cell| if is_near(cell) { Weight::ZERO } else { self.findings.cube.day(cell, day) })
    }

    /// Demand of a day that no open station with room serves.
    pub fn unserved(&self, day: DayKind) -> GridDemand {
        let findings = self.findings;
        let services = &self.scenario.file.services;
        let network = Network::new(self.sites, self.matrix, findings.cube.groups(), services);
        let left = Unserved::after(&network, &findings.cube, &self.scenario.standard, day);
        self.sum(|cell| (0..HOURS).map(|hour| left.cell(cell, hour)).sum())
    }

    fn sum(&self, value: impl Fn(DemandIdx) -> Weight) -> GridDemand {
        let mut sums = GridDemand::new();
        for (index, cell) in self.findings.cube.cells().iter() {
            let weight = value(index);
            if weight > Weight::ZERO {
                *sums.entry(cell.grid_cell).or_default() += weight;
            }
        }
        sums
    }
}

/// The hours of a day, or of a part of it.
fn periods(day: DayKind, slot: Option<Slot>) -> impl Iterator<Item = Period> {
    Period::of_day(day).filter(move |period| slot.is_none_or(|slot| Slot::of_hour(period.hour) == slot))
}
