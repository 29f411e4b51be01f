//! Stations as the ledger lists them, and the sites that the analysis works on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::calendar::Hours;
use crate::crs::{LonLat, Planar};
use crate::quantity::Weight;

/// What kind of place a station is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StationKind {
    /// 固定驿站.
    Fixed,
    /// 24小时智能驿站.
    SmartRoom,
    /// 智能柜点.
    SmartLocker,
    /// 流动大巴驿站.
    Bus,
    /// 可移动式(集装箱)驿站.
    Container,
    /// 一平米/微型驿站.
    Micro,
    /// 职工服务中心.
    Centre,
}

impl StationKind {
    /// Identifier in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::SmartRoom => "smart_room",
            Self::SmartLocker => "smart_locker",
            Self::Bus => "bus",
            Self::Container => "container",
            Self::Micro => "micro",
            Self::Centre => "centre",
        }
    }

    /// Whether it can be moved from day to day; such stations are not part of the standing network.
    pub fn is_mobile(self) -> bool {
        matches!(self, Self::Bus | Self::Container)
    }

    /// Whether it works unattended round the clock.
    pub fn is_smart(self) -> bool {
        matches!(self, Self::SmartRoom | Self::SmartLocker)
    }
}

/// Whether a station is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 在用.
    Active,
    /// 拟建.
    Planned,
    /// 停用.
    Suspended,
    /// 撤销.
    Retired,
    /// 迁址.
    Relocating,
}

impl Status {
    /// Identifier in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Planned => "planned",
            Self::Suspended => "suspended",
            Self::Retired => "retired",
            Self::Relocating => "relocating",
        }
    }
}

/// How far a position can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoordQuality {
    /// As the ledger gives it, datum labelled.
    AsGiven,
    /// Corrected here, on evidence listed in the issue table.
    Corrected,
    /// Unusable; a person must supply it.
    Missing,
}

impl CoordQuality {
    /// Identifier in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::AsGiven => "as_given",
            Self::Corrected => "corrected",
            Self::Missing => "missing",
        }
    }
}

/// One station, after entity resolution: one record a real place.
#[derive(Debug, Clone, PartialEq)]
pub struct Station {
    /// 站点编号; generated as `R` and the ledger row (`R007`) when the ledger has none.
    pub id: String,
    /// 名称 as in the ledger, trimmed.
    pub name: String,
    /// Kind.
    pub kind: StationKind,
    /// Service types of the province's guideline, such as `truck_driver`; empty means generic.
    pub service_types: Vec<String>,
    /// 依托单位类型, as in the ledger.
    pub host: Option<String>,
    /// Planning unit that the ledger names (所属街道).
    pub unit: Option<String>,
    /// Identifier of the parent station, when this is a branch.
    pub parent_id: Option<String>,
    /// Where it is; `None` when the ledger's position can't be used.
    pub position: Option<LonLat>,
    /// Name of the reference system the ledger row was in, such as `GCJ-02`.
    pub crs_source: String,
    /// How far the position can be trusted.
    pub coord_quality: CoordQuality,
    /// Opening hours by typical day.
    pub hours: Hours,
    /// Opening hours as the ledger writes them.
    pub hours_text: String,
    /// Floor area in square metres, when known.
    pub area_m2: Option<f64>,
    /// Equipment codes or words; empty when the ledger doesn't say.
    pub equipment: Vec<String>,
    /// Whether it is in use.
    pub status: Status,
    /// Ledger row (the header is row 1).
    pub row: usize,
}

/// An open station, or an option that could open: what a catchment is drawn around.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Identifier of the station or candidate.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Kind.
    pub kind: StationKind,
    /// WGS-84 position.
    pub position: LonLat,
    /// The same position in metres.
    pub planar: Planar,
    /// Opening hours.
    pub hours: Hours,
    /// Visits it can take in an hour; `None` is unlimited.
    pub capacity_per_hour: Option<Weight>,
    /// Service types; empty means generic.
    pub service_types: Vec<String>,
    /// Equipment; empty means not recorded.
    pub equipment: Vec<String>,
}
