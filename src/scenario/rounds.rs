//! The section `[rounds]`: who inspects what, and how often.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::PointFile;
use crate::domain::inspection::Level;

/// Inspection rounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rounds {
    /// The stewards: number, hours, base.
    #[serde(default)]
    pub stewards: Option<PointFile>,
    /// Core stations, CSV or XLSX with their numbers or names.
    #[serde(default)]
    pub core: Option<String>,
    /// The record of inspections: date, station, level, deadline of what has to be put right.
    #[serde(default)]
    pub inspections: Option<String>,
    /// The rounds so far, `rounds.csv` of an earlier plan: a change of hands costs, so that they stay as they are.
    #[serde(default)]
    pub previous: Option<String>,
    /// Cadence and length of each level.
    pub levels: BTreeMap<Level, LevelRule>,
    /// What the hours of a steward are hours of.
    pub hours_per: HoursPer,
    /// Hours of a week that nobody works more than.
    pub week_hours_ceiling: f64,
    /// Hours of a day that nobody works more than.
    pub day_hours: f64,
    /// Days that a steward works in a week; days off rotate.
    pub days_per_week: u32,
    /// Speed between stations, along paths, in km/h.
    pub speed_kmh: f64,
    /// Seed of the search.
    pub seed: u64,
}

/// A level of inspections.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LevelRule {
    /// Days from one inspection to the next.
    pub every_days: u32,
    /// Minutes on the spot.
    pub minutes: f64,
}

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoursPer {
    /// A week.
    Week,
    /// A month of 30 days.
    Month,
}
