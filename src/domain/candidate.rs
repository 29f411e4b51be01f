//! Places where a station could open.

use serde::Serialize;

use crate::crs::LonLat;
use crate::domain::site::StationKind;

/// A place that could host a station.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// 候选点编号.
    pub id: String,
    /// 名称.
    pub name: String,
    /// WGS-84 position.
    pub position: LonLat,
    /// 依托单位类型, as in the file.
    pub host: String,
    /// 场地支持: whether the host has agreed to give room.
    pub venue_available: bool,
    /// Kinds that fit; empty means any.
    pub kinds: Vec<StationKind>,
    /// Floor area in square metres, when known.
    pub area_m2: Option<f64>,
    /// Row in its file.
    pub row: usize,
}
