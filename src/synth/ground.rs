//! The city's ground: river, railway, their crossings, and which side of them a place lies on.
//!
//! Demand never spreads over the river, nor over the railway south of it.

use serde::Deserialize;

use crate::crs::LonLat;
use crate::synth::SynthError;

type Position = [f64; 2];

/// The schematic geometry, in degrees.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ground {
    #[serde(rename = "note")]
    _note: String,
    /// West, south, east, north.
    pub bbox: [f64; 4],
    pub south_bank: Vec<Position>,
    pub river_width_deg: f64,
    pub railway: Vec<Position>,
    pub level_crossings: Vec<Position>,
    /// South end, north end.
    pub bridges: Vec<[Position; 2]>,
}

/// Where a place lies with respect to the river.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bank {
    South,
    Water,
    North,
}

/// A side of the river and, on the south bank, of the railway: demand stays on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Side {
    pub bank: Bank,
    pub east_of_railway: bool,
}

impl Ground {
    pub fn new() -> Result<Self, SynthError> {
        let fault = |e: serde_json::Error| SynthError::Table { table: "geometry.json", line: e.line(), cause: e.to_string() };
        serde_json::from_str(include_str!("daoli/geometry.json")).map_err(fault)
    }

    /// Latitude of the south bank; level beyond the ends of the line.
    pub fn bank_latitude(&self, lon: f64) -> f64 {
        let along = self.south_bank.windows(2).find(|pair| pair[0][0] <= lon && lon <= pair[1][0]);
        match along {
            Some(pair) => interpolate(lon, pair[0], pair[1]),
            None if lon < self.south_bank[0][0] => self.south_bank[0][1],
            None => self.south_bank[self.south_bank.len() - 1][1],
        }
    }

    /// Longitude of the railway; beyond its ends that of its north end.
    fn railway_longitude(&self, lat: f64) -> f64 {
        let flip = |[x, y]: Position| [y, x];
        let along = self.railway.windows(2).find(|pair| pair[0][1] <= lat && lat <= pair[1][1]);
        match along {
            Some(pair) => interpolate(lat, flip(pair[0]), flip(pair[1])),
            None => self.railway[self.railway.len() - 1][0],
        }
    }

    /// Side of a place.
    pub fn side(&self, place: LonLat) -> Side {
        let bank = self.bank_latitude(place.lon());
        let bank = match place.lat() {
            lat if lat <= bank => Bank::South,
            lat if lat >= bank + self.river_width_deg => Bank::North,
            _ => Bank::Water,
        };
        Side { bank, east_of_railway: place.lon() > self.railway_longitude(place.lat()) }
    }

    /// Whether demand at `from` may spread to `to`.
    pub fn same_side(&self, from: LonLat, to: LonLat) -> bool {
        let (a, b) = (self.side(from), self.side(to));
        a.bank == b.bank && (a.bank != Bank::South || a.east_of_railway == b.east_of_railway)
    }

    /// Whether a place lies in the box under study.
    pub fn in_box(&self, place: LonLat) -> bool {
        let [west, south, east, north] = self.bbox;
        (west..=east).contains(&place.lon()) && (south..=north).contains(&place.lat())
    }
}

/// The value at `x` on the line from one (x, y) to another.
fn interpolate(x: f64, [x1, y1]: Position, [x2, y2]: Position) -> f64 {
    y1 + (y2 - y1) * (x - x1) / (x2 - x1)
}
