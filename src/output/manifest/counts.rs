//! What was found, in numbers; for the public those that may be told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::output::disclosure::Cleared;
use crate::output::features::{share, visits};
use crate::quantity::Weight;
use crate::scenario::Scenario;

/// What was found, in numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingCounts {
    /// Gaps of all studied days.
    pub gaps: usize,
    /// Near pairs.
    pub pairs: usize,
    /// Stations that can go.
    pub redundant: usize,
    /// Stations for a person to look at.
    pub reviews: usize,
    /// Recommended standing places.
    pub recommendations: usize,
    /// Bus windows.
    pub bus_windows: usize,
    /// Demand of the planning day, visits.
    pub planning_day_demand: Option<f64>,
    /// Served visits per station on the planning day.
    pub served_per_station: Option<f64>,
    /// Demand-weighted mean distance to the nearest station, metres.
    pub mean_nearest_m: Option<f64>,
    /// Demand-weighted Gini coefficient of path coverage over units.
    pub gini: Option<f64>,
    /// Sum of each demand layer over all typical days, in its own unit.
    pub layers: BTreeMap<String, f64>,
    /// Whether the demand has no time.
    pub untimed: bool,
}

/// The counts of a run.
pub(super) fn counts(cleared: &Cleared<'_>, scenario: &Scenario) -> FindingCounts {
    let findings = cleared.findings();
    let demand = match cleared.published() {
        Some(published) => published.all(0, "today", scenario.planning_day)[0],
        None => Some(findings.cube.day_total(scenario.planning_day)),
    };
    FindingCounts {
        gaps: findings.gaps.len(),
        pairs: findings.overlaps.len(),
        redundant: findings.redundant.len(),
        reviews: findings.reviews.len(),
        recommendations: findings.siting.as_ref().map_or(0, |report| report.recommendations.len()),
        bus_windows: findings.timetable.days.iter().map(|day| day.stands.len()).sum(),
        planning_day_demand: demand.map(Weight::visits),
        served_per_station: cleared.figure(visits(findings.served_per_station)),
        mean_nearest_m: findings.mean_nearest_m.map(visits),
        gini: findings.equity.map(|equity| share(equity.gini)),
        layers: findings.demand_report.layers.iter().map(|(layer, sum)| (layer.clone(), visits(*sum))).collect(),
        untimed: findings.demand_report.untimed,
    }
}
