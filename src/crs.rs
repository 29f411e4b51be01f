//! Positions: [`LonLat`] is WGS-84 degrees and nothing else, [`Planar`] is metres in the study area's projected CRS.
//!
//! The only file that names `proj`. PROJ is built into the binary with its database. A foreign `PROJ_DATA` (Conda and QGIS set it)
//! would be read instead and break every look-up: a program calls [`forget_foreign_proj_data`] first of all.

use std::fmt;

use geo::{Distance, Geodesic, HaversineMeasure, Point};
use proj::Proj;
use serde::{Deserialize, Serialize};

/// A position that can't be used, or a reference system that PROJ doesn't know.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CrsError {
    /// Longitude or latitude out of range.
    #[error("longitude {lon}, latitude {lat} is not a position on Earth (longitude -180 to 180, latitude -90 to 90)")]
    OutOfRange {
        /// Longitude as given.
        lon: f64,
        /// Latitude as given.
        lat: f64,
    },
    /// PROJ has no such reference system.
    #[error("unknown reference system `{crs}`: {cause}")]
    Unknown {
        /// The code as given.
        crs: String,
        /// What PROJ said.
        cause: String,
    },
    /// PROJ can't convert this position.
    #[error("{crs} has no coordinates for {position}: {cause}")]
    NoCoordinates {
        /// The reference system.
        crs: String,
        /// The position.
        position: String,
        /// What PROJ said.
        cause: String,
    },
}

/// A position in WGS-84 degrees (CGCS2000 differs by centimetres and is taken as the same).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[f64; 2]", into = "[f64; 2]")]
pub struct LonLat {
    lon: f64,
    lat: f64,
}

impl LonLat {
    /// Validates a position, longitude first.
    ///
    /// # Errors
    /// When the pair isn't on Earth.
    pub fn new(lon: f64, lat: f64) -> Result<Self, CrsError> {
        if (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat) {
            Ok(Self { lon, lat })
        } else {
            Err(CrsError::OutOfRange { lon, lat })
        }
    }

    /// Longitude in degrees, east positive.
    pub fn lon(self) -> f64 {
        self.lon
    }

    /// Latitude in degrees, north positive.
    pub fn lat(self) -> f64 {
        self.lat
    }

    /// As a `geo` point, x = longitude.
    pub fn point(self) -> Point<f64> {
        Point::new(self.lon, self.lat)
    }
}

impl TryFrom<[f64; 2]> for LonLat {
    type Error = CrsError;
    fn try_from([lon, lat]: [f64; 2]) -> Result<Self, CrsError> {
        Self::new(lon, lat)
    }
}

impl From<LonLat> for [f64; 2] {
    fn from(position: LonLat) -> [f64; 2] {
        [position.lon, position.lat]
    }
}

/// A position in metres: x east, y north, in the CRS of the [`Projector`] that made it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Planar {
    /// Metres east.
    pub x: f64,
    /// Metres north.
    pub y: f64,
}

impl Planar {
    /// Straight distance in metres.
    pub fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// A projected reference system, by EPSG code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crs {
    epsg: u32,
}

impl Crs {
    /// The reference system with this EPSG code.
    pub fn epsg(epsg: u32) -> Self {
        Self { epsg }
    }

    /// The natural choice for a position: within China the CGCS2000 three-degree Gauss–Krüger zone (EPSG:4534 to 4554, central
    /// meridians 75° E to 135° E), elsewhere the WGS-84 UTM zone.
    pub fn around(position: LonLat) -> Self {
        let (lon, lat) = (position.lon(), position.lat());
        let in_china = (73.5..=136.5).contains(&lon) && (3.0..=54.0).contains(&lat);
        if in_china {
            let meridian = ((lon / 3.0).round() as u32 * 3).clamp(75, 135);
            Self { epsg: 4534 + (meridian - 75) / 3 }
        } else {
            let zone = (((lon + 180.0) / 6.0).floor() as u32).min(59) + 1;
            Self { epsg: if lat < 0.0 { 32700 + zone } else { 32600 + zone } }
        }
    }
}

impl fmt::Display for Crs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "EPSG:{}", self.epsg)
    }
}

/// How a straight distance is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Metric {
    /// Euclidean in the working CRS.
    Planar,
    /// Geodesic on the WGS-84 ellipsoid (Karney 2013).
    Geodesic,
    /// Great circle on a sphere of this radius in metres.
    Haversine(f64),
}

impl Metric {
    /// Distance between two points: `[x, y]` in their own unit for planar, `[lon, lat]` in degrees and metres for the others.
    pub fn distance(self, a: [f64; 2], b: [f64; 2]) -> f64 {
        let (from, to) = (Point::new(a[0], a[1]), Point::new(b[0], b[1]));
        match self {
            Self::Planar => (a[0] - b[0]).hypot(a[1] - b[1]),
            Self::Geodesic => Geodesic.distance(from, to),
            Self::Haversine(radius) => HaversineMeasure::new(radius).distance(from, to),
        }
    }
}

/// Converts between [`LonLat`] and [`Planar`] for one reference system.
pub struct Projector {
    proj: Proj,
    crs: Crs,
}

impl fmt::Debug for Projector {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Projector({})", self.crs)
    }
}

impl Projector {
    /// A projector to `crs`.
    ///
    /// # Errors
    /// When PROJ doesn't know the reference system.
    pub fn new(crs: Crs) -> Result<Self, CrsError> {
        let unknown = |cause: String| CrsError::Unknown { crs: crs.to_string(), cause };
        let proj = Proj::new_known_crs("EPSG:4326", &crs.to_string(), None).map_err(|e| unknown(e.to_string()))?;
        Ok(Self { proj, crs })
    }

    /// The reference system.
    pub fn crs(&self) -> Crs {
        self.crs
    }

    /// Degrees to metres.
    ///
    /// # Errors
    /// When the position is outside what the reference system can express.
    pub fn project(&self, position: LonLat) -> Result<Planar, CrsError> {
        let (x, y) = self
            .proj
            .convert((position.lon(), position.lat()))
            .map_err(|e| self.no_coordinates(format!("{}, {}", position.lon(), position.lat()), &e.to_string()))?;
        Ok(Planar { x, y })
    }

    /// Metres to degrees.
    ///
    /// # Errors
    /// When the metres lie outside the reference system's domain.
    pub fn unproject(&self, planar: Planar) -> Result<LonLat, CrsError> {
        let mut points = [(planar.x, planar.y)];
        let place = || format!("{}, {}", planar.x, planar.y);
        self.proj.project_array(&mut points, true).map_err(|e| self.no_coordinates(place(), &e.to_string()))?;
        LonLat::new(points[0].0, points[0].1)
    }

    fn no_coordinates(&self, position: String, cause: &str) -> CrsError {
        CrsError::NoCoordinates { crs: self.crs.to_string(), position, cause: cause.to_owned() }
    }
}

/// Makes PROJ use the database compiled into this program: `PROJ_DATA` and `PROJ_LIB` are removed from the environment, and
/// `YIZHAN_PROJ_DATA` takes their place when it is set.
///
/// # Safety
/// Call it before the program starts a thread: the environment must not be read by another thread meanwhile.
pub unsafe fn forget_foreign_proj_data() {
    // SAFETY: the caller guarantees that no other thread runs yet.
    unsafe {
        std::env::remove_var("PROJ_DATA");
        std::env::remove_var("PROJ_LIB");
        if let Some(own) = std::env::var_os("YIZHAN_PROJ_DATA") {
            std::env::set_var("PROJ_DATA", own);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_point_of_epsg_4551() {
        let projector = Projector::new(Crs::epsg(4551)).expect("EPSG:4551");
        let planar = projector.project(LonLat::new(126.55, 45.73).expect("valid")).expect("projects");
        assert!((planar.x - 542_811.55).abs() < 0.01, "easting {}", planar.x);
        assert!((planar.y - 5_066_222.92).abs() < 0.01, "northing {}", planar.y);
        let back = projector.unproject(planar).expect("back");
        assert!((back.lon() - 126.55).abs() < 1e-9 && (back.lat() - 45.73).abs() < 1e-9, "{back:?}");
    }

    #[test]
    fn zones_follow_the_study_area() {
        let at = |lon, lat| Crs::around(LonLat::new(lon, lat).expect("valid")).to_string();
        assert_eq!(at(126.57, 45.75), "EPSG:4551");
        assert_eq!(at(120.2, 30.3), "EPSG:4549");
        assert_eq!(at(-1.08, 53.96), "EPSG:32630");
        assert_eq!(at(-51.2, -30.0), "EPSG:32722");
    }

    #[test]
    fn an_unknown_code_is_named() {
        let error = Projector::new(Crs::epsg(1)).expect_err("no such code");
        assert!(error.to_string().contains("EPSG:1"), "{error}");
    }

    #[test]
    fn swapped_coordinates_are_refused() {
        assert!(LonLat::new(45.75, 126.57).is_err());
    }
}
