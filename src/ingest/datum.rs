//! Datums of ledger rows, and the way from each to WGS-84 and back.
//!
//! GCJ-02 (高德, 腾讯) shifts WGS-84 by a published series of sines, BD-09 (百度) shifts GCJ-02 once more. Neither has a closed
//! inverse: it is found by fixed-point iteration on the forward shift, which contracts by a factor of about 1e-3 a step.
//! CGCS2000 differs from WGS-84 by centimetres and is taken as the same. Outside China GCJ-02 is WGS-84.

use std::f64::consts::PI;
use std::fmt;

use serde::Deserialize;

use super::headers::{VOCABULARY, normalise};
use crate::crs::{Crs, CrsError, LonLat, Planar, Projector};

/// What a pair of coordinates refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Datum {
    /// WGS-84.
    Wgs84,
    /// 国家2000 in degrees.
    Cgcs2000,
    /// 高德, 腾讯, 火星坐标.
    Gcj02,
    /// 百度.
    Bd09,
    /// A projected reference system by EPSG code, east first.
    Epsg(u32),
}

impl fmt::Display for Datum {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wgs84 => out.write_str("WGS-84"),
            Self::Cgcs2000 => out.write_str("CGCS2000"),
            Self::Gcj02 => out.write_str("GCJ-02"),
            Self::Bd09 => out.write_str("BD-09"),
            Self::Epsg(code) => write!(out, "EPSG:{code}"),
        }
    }
}

impl Datum {
    /// Reads a label such as `GCJ02`, `高德坐标系`, `国家2000` or `EPSG:4551`.
    pub fn from_label(label: &str) -> Option<Self> {
        let word = normalise(label);
        let known = |words: &[String]| {
            words.iter().map(|w| normalise(w)).any(|w| word == w || word.strip_prefix(&w).is_some_and(is_tail))
        };
        let named = VOCABULARY.datums.iter().find(|entry| known(&entry.words)).map(|entry| entry.datum);
        named.or_else(|| word.strip_prefix("epsg:")?.parse().ok().map(Self::Epsg))
    }

    /// Coordinates in this datum as a WGS-84 position. For many rows of a projected system use a [`DatumConverter`].
    ///
    /// # Errors
    /// When the result isn't a position on Earth, or PROJ doesn't know the system.
    pub fn to_wgs84(self, x: f64, y: f64) -> Result<LonLat, CrsError> {
        DatumConverter::new(self)?.to_wgs84(x, y)
    }

    /// A WGS-84 position as coordinates in this datum.
    ///
    /// # Errors
    /// When the datum can't express the position.
    pub fn from_wgs84(self, position: LonLat) -> Result<(f64, f64), CrsError> {
        DatumConverter::new(self)?.from_wgs84(position)
    }
}

/// What may follow a datum's name: 坐标系, 经纬度 and the like; no other datum's name.
fn is_tail(rest: &str) -> bool {
    !rest.chars().any(|c| c.is_ascii_alphanumeric() || c == '/')
}

/// Converts the coordinates of one datum.
#[derive(Debug)]
pub struct DatumConverter {
    datum: Datum,
    projector: Option<Projector>,
}

impl DatumConverter {
    /// A converter for a datum.
    ///
    /// # Errors
    /// When PROJ doesn't know the projected system.
    pub fn new(datum: Datum) -> Result<Self, CrsError> {
        let projector = match datum {
            Datum::Epsg(code) => Some(Projector::new(Crs::epsg(code))?),
            _ => None,
        };
        Ok(Self { datum, projector })
    }

    /// The datum.
    pub fn datum(&self) -> Datum {
        self.datum
    }

    /// Coordinates in the datum as a WGS-84 position.
    ///
    /// # Errors
    /// When the result isn't a position on Earth.
    pub fn to_wgs84(&self, x: f64, y: f64) -> Result<LonLat, CrsError> {
        if let Some(projector) = &self.projector {
            return projector.unproject(Planar { x, y });
        }
        LonLat::new(x, y)?;
        let (lon, lat) = match self.datum {
            Datum::Gcj02 => invert(gcj02, (x, y)),
            Datum::Bd09 => invert(|p| bd09(gcj02(p)), (x, y)),
            _ => (x, y),
        };
        LonLat::new(lon, lat)
    }

    /// A WGS-84 position as coordinates in the datum.
    ///
    /// # Errors
    /// When the datum can't express the position.
    pub fn from_wgs84(&self, position: LonLat) -> Result<(f64, f64), CrsError> {
        if let Some(projector) = &self.projector {
            return projector.project(position).map(|planar| (planar.x, planar.y));
        }
        let degrees = (position.lon(), position.lat());
        Ok(match self.datum {
            Datum::Gcj02 => gcj02(degrees),
            Datum::Bd09 => bd09(gcj02(degrees)),
            _ => degrees,
        })
    }
}

/// Longitude and latitude in degrees.
type Degrees = (f64, f64);

/// Semi-major axis of the Krasovsky 1940 ellipsoid, as the GCJ-02 shift uses it.
const KRASOVSKY_AXIS: f64 = 6_378_245.0;
/// First eccentricity squared of the same ellipsoid.
const KRASOVSKY_ECCENTRICITY: f64 = 0.006_693_421_622_965_943;

/// WGS-84 to GCJ-02.
fn gcj02((lon, lat): Degrees) -> Degrees {
    let in_china = (72.004..=137.8347).contains(&lon) && (0.8293..=55.8271).contains(&lat);
    if !in_china {
        return (lon, lat);
    }
    let (x, y) = (lon - 105.0, lat - 35.0);
    let wave = |turns: f64, amplitude: f64| amplitude * (turns * PI).sin() * 2.0 / 3.0;
    let common = wave(6.0 * x, 20.0) + wave(2.0 * x, 20.0);
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + common
        + wave(y, 20.0)
        + wave(y / 3.0, 40.0)
        + wave(y / 12.0, 160.0)
        + wave(y / 30.0, 320.0);
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + common
        + wave(x, 20.0)
        + wave(x / 3.0, 40.0)
        + wave(x / 12.0, 150.0)
        + wave(x / 30.0, 300.0);
    let magic = 1.0 - KRASOVSKY_ECCENTRICITY * lat.to_radians().sin().powi(2);
    let meridian_radius = KRASOVSKY_AXIS * (1.0 - KRASOVSKY_ECCENTRICITY) / (magic * magic.sqrt());
    let parallel_radius = KRASOVSKY_AXIS / magic.sqrt() * lat.to_radians().cos();
    (lon + (east / parallel_radius).to_degrees(), lat + (north / meridian_radius).to_degrees())
}

/// GCJ-02 to BD-09.
fn bd09((lon, lat): Degrees) -> Degrees {
    let angle = PI * 3000.0 / 180.0;
    let radius = lon.hypot(lat) + 0.000_02 * (lat * angle).sin();
    let bearing = lat.atan2(lon) + 0.000_003 * (lon * angle).cos();
    (radius * bearing.cos() + 0.0065, radius * bearing.sin() + 0.006)
}

/// The point that `forward` takes to `target`, to 1e-10 degrees.
fn invert(forward: impl Fn(Degrees) -> Degrees, target: Degrees) -> Degrees {
    let mut guess = target;
    for _ in 0..30 {
        let there = forward(guess);
        let (east, north) = (target.0 - there.0, target.1 - there.1);
        guess = (guess.0 + east, guess.1 + north);
        if east.abs().max(north.abs()) < 1e-10 {
            break;
        }
    }
    guess
}

#[cfg(test)]
mod tests {
    use geo::{Distance, Haversine};
    use proptest::prelude::*;

    use super::*;

    #[derive(Deserialize)]
    struct City {
        coords: Coordinates,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "UPPERCASE")]
    struct Coordinates {
        wgs84: [f64; 2],
        gcj02: [f64; 2],
        bd09: [f64; 2],
    }

    #[test]
    fn labels() {
        let cases = [
            ("WGS84", Some(Datum::Wgs84)),
            ("wgs-84", Some(Datum::Wgs84)),
            ("国家2000", Some(Datum::Cgcs2000)),
            ("CGCS2000坐标系", Some(Datum::Cgcs2000)),
            ("GCJ-02", Some(Datum::Gcj02)),
            ("高德", Some(Datum::Gcj02)),
            ("腾讯地图", Some(Datum::Gcj02)),
            ("火星坐标系", Some(Datum::Gcj02)),
            ("ＢＤ０９", Some(Datum::Bd09)),
            ("百度", Some(Datum::Bd09)),
            ("EPSG:4551", Some(Datum::Epsg(4551))),
            ("epsg:4326", Some(Datum::Wgs84)),
            ("EPSG:4490", Some(Datum::Cgcs2000)),
            ("北京54", None),
            ("高德/百度", None),
            ("", None),
        ];
        for (label, expected) in cases {
            assert_eq!(Datum::from_label(label), expected, "{label}");
        }
    }

    #[test]
    fn all_cities_within_a_metre() {
        let cities: Vec<City> =
            serde_json::from_str(include_str!("../../tests/data/datum/china-cities.json")).expect("cities of gcoord");
        assert_eq!(cities.len(), 664);
        let metres = |a: LonLat, [lon, lat]: [f64; 2]| Haversine.distance(a.point(), geo::Point::new(lon, lat));
        for City { coords } in &cities {
            for (datum, [x, y]) in [(Datum::Gcj02, coords.gcj02), (Datum::Bd09, coords.bd09)] {
                let back = datum.to_wgs84(x, y).expect("on Earth");
                assert!(metres(back, coords.wgs84) < 1.0, "{datum} {x},{y}: {back:?}");
                let [lon, lat] = coords.wgs84;
                let (x2, y2) = datum.from_wgs84(LonLat::new(lon, lat).expect("valid")).expect("expressible");
                assert!(metres(LonLat::new(x2, y2).expect("valid"), [x, y]) < 1.0, "{datum} forward of {lon},{lat}");
            }
        }
    }

    #[test]
    fn outside_china_gcj02_is_wgs84() {
        assert_eq!(Datum::Gcj02.to_wgs84(-0.12, 51.5), LonLat::new(-0.12, 51.5));
    }

    #[test]
    fn projected_rows() {
        let position = Datum::Epsg(4551).to_wgs84(542_811.55, 5_066_222.92).expect("inside the zone");
        assert!((position.lon() - 126.55).abs() < 1e-6 && (position.lat() - 45.73).abs() < 1e-6, "{position:?}");
    }

    proptest! {
        #[test]
        fn round_trip(lon in 75.0..135.0f64, lat in 4.0..54.0f64) {
            let position = LonLat::new(lon, lat).expect("valid");
            for datum in [Datum::Wgs84, Datum::Cgcs2000, Datum::Gcj02, Datum::Bd09] {
                let (x, y) = datum.from_wgs84(position).expect("expressible");
                let back = datum.to_wgs84(x, y).expect("on Earth");
                prop_assert!((back.lon() - lon).abs() < 1e-9 && (back.lat() - lat).abs() < 1e-9, "{datum}: {back:?}");
            }
        }
    }
}
