//! Inspection of stations: who inspects, at which level, and what was found.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::crs::LonLat;
use crate::id::SiteIdx;

/// Level of an inspection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 整改复查: a defect is looked at again by its deadline.
    Spot,
    /// 核心站点, as a rule every day.
    Core,
    /// All stations, as a rule every week.
    Weekly,
    /// 县级, as a rule every month.
    County,
}

impl Level {
    /// All levels, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Spot, Self::Core, Self::Weekly, Self::County];

    /// Identifier in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::Core => "core",
            Self::Weekly => "weekly",
            Self::County => "county",
        }
    }
}

/// 管家: a steward who inspects. Names and phones are never read.
#[derive(Debug, Clone, PartialEq)]
pub struct Steward {
    /// 管家编号.
    pub id: String,
    /// 可用小时 as given, in the scenario's span of time.
    pub hours: f64,
    /// 驻点: where the day starts and ends.
    pub base: LonLat,
    /// Row in its file.
    pub row: usize,
}

/// An inspection of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inspection {
    /// When.
    pub date: NaiveDate,
    /// Which station.
    pub site: SiteIdx,
    /// At which level.
    pub level: Level,
    /// 整改期限, when something has to be put right.
    pub deadline: Option<NaiveDate>,
}

/// A visit of an earlier plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlannedVisit {
    /// When.
    pub date: NaiveDate,
    /// Row of the steward.
    pub steward: usize,
    /// Its row in the table, in which the visits of a tour follow each other.
    pub order: usize,
    /// Which station.
    pub site: SiteIdx,
    /// At which level.
    pub level: Level,
}
