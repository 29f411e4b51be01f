//! Mobile stations, and the places where they may stand.

use chrono::NaiveDate;
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

/// A bus that serves as a mobile station.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Vehicle {
    /// 车辆编号.
    pub id: String,
    /// 车长 in metres, when known.
    pub length_m: Option<f64>,
    /// 座位.
    pub seats: Option<u32>,
    /// 采暖方式 as written; empty when not known.
    pub heating: String,
    /// 每小时服务能力: visits it takes in an hour, when it has a figure of its own.
    pub visits_per_hour: Option<f64>,
    /// Where its day starts and ends; anywhere when not known.
    pub depot: Option<LonLat>,
    /// First and last minute of the day at which it may be away from its depot.
    pub shift: (u16, u16),
    /// Row in its file.
    pub row: usize,
}

/// An order to stand, or not to stand, at a stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusOrder {
    /// The date; every day when none is given.
    pub date: Option<NaiveDate>,
    /// Row of the bus; all buses when none is given.
    pub vehicle: Option<usize>,
    /// Row of the stop.
    pub stop: usize,
    /// First minute of the day.
    pub from: u16,
    /// Last minute of the day, exclusive.
    pub to: u16,
    /// Whether the bus must stand there; otherwise it must not.
    pub must: bool,
    /// 依据 as written.
    pub reason: String,
    /// Row in its file.
    pub row: usize,
}

/// A bus at a stop on a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stand {
    /// The date.
    pub date: NaiveDate,
    /// Row of the bus.
    pub vehicle: usize,
    /// Minute of the day at which it is open.
    pub arrive: u16,
    /// Minute of the day at which it closes.
    pub leave: u16,
    /// Row of the stop.
    pub stop: usize,
}
