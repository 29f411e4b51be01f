//! The built-in source tables of the city (`daoli/`): anchors of demand, hourly rhythms, festivals.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::NaiveDate;

use crate::calendar::{DayKind, HOURS};
use crate::crs::LonLat;
use crate::synth::SynthError;

/// Planning units, as written.
pub(super) const UNITS: &str = include_str!("daoli/units.csv");
/// Bus stops, as written.
pub(super) const BUS_STOPS: &str = include_str!("daoli/bus_stops.csv");
/// Buses, as written.
pub(super) const VEHICLES: &str = include_str!("daoli/vehicles.csv");
/// Stewards who inspect.
pub(super) const STEWARDS: &str = include_str!("daoli/stewards.csv");
/// Core stations, inspected every day.
pub(super) const CORE_STATIONS: &str = include_str!("daoli/core_stations.csv");
/// The ledger with its planted faults, in UTF-8.
pub(super) const LEDGER: &str = include_str!("daoli/ledger.csv");

const ANCHORS: &str = include_str!("daoli/anchors.csv");
const PROFILES: &str = include_str!("daoli/profiles.csv");
const FESTIVALS: &str = include_str!("daoli/festivals.csv");

/// Which flow column an anchor's passers belong to; each has its own share of workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FlowClass {
    General,
    Market,
    Logistics,
}

/// A place that draws passers and orders around it.
#[derive(Debug, Clone)]
pub(super) struct Anchor {
    pub name: String,
    pub position: LonLat,
    /// Standard deviation of its spread in metres.
    pub sigma_m: f64,
    pub class: FlowClass,
    flow: [f64; 4],
    flow_factor: [f64; 3],
    flow_rhythm: Rhythm,
    pub orders: f64,
    order_season: [f64; 4],
    order_factor: [f64; 3],
    order_rhythm: Rhythm,
}

/// Share of a day's total in each hour.
pub(super) type Rhythm = [f64; HOURS];

impl Anchor {
    /// Passers in an hour of a typical day.
    pub fn flow_at(&self, day: DayKind, hour: usize) -> f64 {
        self.flow[day.season as usize] * self.flow_factor[day.day_type as usize] * self.flow_rhythm[hour]
    }

    /// Orders in an hour of a typical day.
    pub fn orders_at(&self, day: DayKind, hour: usize) -> f64 {
        let season = self.order_season[day.season as usize];
        self.orders * season * self.order_factor[day.day_type as usize] * self.order_rhythm[hour]
    }
}

/// A run of festival days.
#[derive(Debug, Clone)]
pub(super) struct Festival {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub name: String,
}

/// One line of a table, split at commas.
pub(super) struct Row<'a> {
    table: &'static str,
    line: usize,
    cells: Vec<&'a str>,
}

impl<'a> Row<'a> {
    /// A cell as text.
    pub fn text(&self, column: usize) -> Result<&'a str, SynthError> {
        self.cells.get(column).copied().ok_or_else(|| self.fault(format!("column {} is missing", column + 1)))
    }

    /// A cell as a number or date.
    pub fn value<T: FromStr>(&self, column: usize) -> Result<T, SynthError> {
        let text = self.text(column)?;
        text.parse().map_err(|_| self.fault(format!("`{text}` in column {} can't be read", column + 1)))
    }

    /// Consecutive cells as numbers.
    pub fn values<const N: usize>(&self, from: usize) -> Result<[f64; N], SynthError> {
        let mut values = [0.0; N];
        for (offset, value) in values.iter_mut().enumerate() {
            *value = self.value(from + offset)?;
        }
        Ok(values)
    }

    /// Longitude and latitude in two consecutive cells.
    pub fn position(&self, column: usize) -> Result<LonLat, SynthError> {
        Ok(LonLat::new(self.value(column)?, self.value(column + 1)?)?)
    }

    fn fault(&self, cause: String) -> SynthError {
        SynthError::Table { table: self.table, line: self.line, cause }
    }
}

/// The lines below the header. No cell of these tables holds a comma.
pub(super) fn rows<'a>(table: &'static str, text: &'a str) -> impl Iterator<Item = Row<'a>> {
    text.lines().enumerate().skip(1).map(move |(at, line)| Row { table, line: at + 1, cells: line.split(',').collect() })
}

/// Hourly weights by name, as in the file (not normalised).
pub(super) fn profiles() -> Result<BTreeMap<&'static str, Rhythm>, SynthError> {
    rows("profiles.csv", PROFILES).map(|row| Ok((row.text(0)?, row.values(1)?))).collect()
}

/// The anchors, in the order of the file.
pub(super) fn anchors(profiles: &BTreeMap<&'static str, Rhythm>) -> Result<Vec<Anchor>, SynthError> {
    rows("anchors.csv", ANCHORS).map(|row| anchor(&row, profiles)).collect()
}

fn anchor(row: &Row<'_>, profiles: &BTreeMap<&'static str, Rhythm>) -> Result<Anchor, SynthError> {
    let factors = |column| Ok::<_, SynthError>([1.0, row.value(column)?, row.value(column + 1)?]);
    Ok(Anchor {
        name: row.text(0)?.to_owned(),
        position: row.position(1)?,
        sigma_m: row.value(3)?,
        class: flow_class(row, 4)?,
        flow: row.values(5)?,
        flow_factor: factors(9)?,
        flow_rhythm: rhythm(row, 11, profiles)?,
        orders: row.value(12)?,
        order_season: row.values(13)?,
        order_factor: factors(17)?,
        order_rhythm: rhythm(row, 19, profiles)?,
    })
}

fn flow_class(row: &Row<'_>, column: usize) -> Result<FlowClass, SynthError> {
    match row.text(column)? {
        "flow" => Ok(FlowClass::General),
        "flow_market" => Ok(FlowClass::Market),
        "flow_logistics" => Ok(FlowClass::Logistics),
        other => Err(row.fault(format!("no flow class `{other}`"))),
    }
}

fn rhythm(row: &Row<'_>, column: usize, profiles: &BTreeMap<&'static str, Rhythm>) -> Result<Rhythm, SynthError> {
    let name = row.text(column)?;
    let weights = profiles.get(name).ok_or_else(|| row.fault(format!("no rhythm `{name}`")))?;
    let total: f64 = weights.iter().sum();
    Ok(weights.map(|weight| weight / total))
}

/// How much of the riders' waiting turns into rest, by hour: 1 is average.
pub(super) fn rest(profiles: &BTreeMap<&'static str, Rhythm>) -> Result<Rhythm, SynthError> {
    let missing = || SynthError::Table { table: "profiles.csv", line: 1, cause: "no row `rest`".to_owned() };
    profiles.get("rest").copied().ok_or_else(missing)
}

/// Festivals of the city's year.
pub(super) fn festivals() -> Result<Vec<Festival>, SynthError> {
    let festival = |row: Row<'_>| Ok(Festival { from: row.value(0)?, to: row.value(1)?, name: row.text(2)?.to_owned() });
    rows("festivals.csv", FESTIVALS).map(festival).collect()
}
