//! Service standards: named, versioned sets of parameters, never constants in code.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calendar::Season;
use crate::quantity::Impedance;

/// A service standard: how far is near enough, and what follows from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceStandard {
    /// Name of the pack, such as `gb50180_10min`.
    pub id: String,
    /// Version of the pack.
    pub version: u32,
    /// Where the figure comes from, and how sure it is.
    pub source: String,
    /// Straight-line-equivalent reach in metres on bare ground; a place at this distance is covered.
    pub radius_m: f64,
    /// Share of the reach that remains in each season (1 = bare ground). Winter 0.926: +1 min/km on treated snow.
    pub surface_factor: BTreeMap<Season, f64>,
}

impl ServiceStandard {
    /// Name and version of the pack.
    pub fn versioned_id(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    /// The limit in a season.
    pub fn limit(&self, season: Season) -> Impedance {
        Impedance::from_metres(self.radius_m * self.surface_factor.get(&season).copied().unwrap_or(1.0))
    }
}
