//! Places where a mobile station may stand.

use serde::Serialize;

use crate::crs::LonLat;

/// A place where a bus may stand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BusStop {
    /// 停靠点编号.
    pub id: String,
    /// 名称.
    pub name: String,
    /// WGS-84 position.
    pub position: LonLat,
    /// First hour at which standing is permitted.
    pub permitted_from: u8,
    /// Hour at which it must be left, at most 24.
    pub permitted_to: u8,
    /// 最大车长 in metres, when known.
    pub max_length_m: Option<f64>,
    /// 审批单位: who must approve it.
    pub approving_unit: String,
    /// 联系单位: who must be told.
    pub contact_unit: String,
    /// Row in its file.
    pub row: usize,
}
