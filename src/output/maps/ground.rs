//! What the maps compute from the findings: demand on the analysis grid, all of it and what stations leave.

use std::collections::BTreeMap;

use crate::calendar::{DayKind, HOURS, Period};
use crate::coverage::Network;
use crate::findings::Findings;
use crate::id::DemandIdx;
use crate::mobile::Unserved;
use crate::quantity::Weight;
use crate::scenario::Scenario;

/// Demand by cell of the analysis grid.
pub(super) type GridDemand = BTreeMap<(u32, u32), Weight>;

/// Demand and what reaches it.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    findings: &'a Findings,
    scenario: &'a Scenario,
}

impl<'a> Ground<'a> {
    pub fn new(findings: &'a Findings, scenario: &'a Scenario) -> Self {
        Self { findings, scenario }
    }

    /// All demand of a day.
    pub fn demand(&self, day: DayKind) -> GridDemand {
        self.sum(|cell| self.findings.cube.day(cell, day))
    }

    /// Demand of a day that no station reaches on foot.
    pub fn uncovered(&self, day: DayKind) -> GridDemand {
        let limit = self.scenario.standard.limit(day.season);
        let reached = |cell| self.findings.matrix.access(cell).iter().any(|a| a.straight.within(limit) && a.reach.within(limit));
        self.sum(|cell| if reached(cell) { Weight::ZERO } else { self.findings.cube.day(cell, day) })
    }

    /// Demand of a day that no station reaches on foot in an hour in which it is open.
    pub fn closed(&self, day: DayKind) -> GridDemand {
        let limit = self.scenario.standard.limit(day.season);
        let sites = &self.findings.dataset.sites;
        self.sum(|cell| {
            let near: Vec<_> =
                self.findings.matrix.access(cell).iter().filter(|a| a.straight.within(limit) && a.reach.within(limit)).collect();
            let is_open = |period| near.iter().any(|a| sites[a.site].hours.open_at(period));
            Period::of_day(day).filter(|&period| !is_open(period)).map(|period| self.findings.cube.at(cell, period)).sum()
        })
    }

    /// Demand of a day that lies in no station's circle.
    pub fn outside(&self, day: DayKind) -> GridDemand {
        let limit = self.scenario.standard.limit(day.season);
        let is_near = |cell| self.findings.matrix.access(cell).iter().any(|a| a.straight.within(limit));
        self.sum(|cell| if is_near(cell) { Weight::ZERO } else { self.findings.cube.day(cell, day) })
    }

    /// Demand of a day that no open station with room serves.
    pub fn unserved(&self, day: DayKind) -> GridDemand {
        let findings = self.findings;
        let services = &self.scenario.file.services;
        let network = Network::new(&findings.dataset.sites, &findings.matrix, findings.cube.groups(), services);
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
