//! Lengths and local metres on the WGS-84 ellipsoid, from positions in ten-millionths of a degree.
//!
//! What: the length of a street segment in whole millimetres, and metres per degree around a place for feet of perpendiculars.
//! Formulation: mid-latitude (Gauss): `hypot(M(φ)·Δφ, N(φ)·cos φ·Δλ)` with the radii of curvature M and N at the middle latitude φ.
//! Up to 2 km it differs from the geodesic (Karney 2013) by less than 0.1 mm between 80° S and 80° N (a test holds it against
//! that); longer segments, ferries above all, are measured by the geodesic itself. A length is rounded half up to a millimetre once, a segment;
//! an edge is the sum of its segments.
//! Complexity: one sine, one cosine, one root. Determinism: symmetric in its two ends to the last bit.

use geo::{Distance, Geodesic};

use crate::crs::LonLat;

/// Semi-major axis of WGS-84 in metres.
const AXIS: f64 = 6_378_137.0;
/// First eccentricity of WGS-84, squared.
const ECCENTRICITY2: f64 = 0.006_694_379_990_141_316;
/// Segments longer than this are measured by the geodesic.
const LONGEST_LOCAL_M: f64 = 2_000.0;
/// Units of [`Spot`] in a degree.
const PER_DEGREE: f64 = 1e7;

/// A position in ten-millionths of a WGS-84 degree (about a centimetre), as OpenStreetMap stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// Longitude × 10⁷.
    pub lon: i32,
    /// Latitude × 10⁷.
    pub lat: i32,
}

impl Spot {
    /// A spot from raw units; `None` when it isn't on Earth.
    pub fn new(lon: i32, lat: i32) -> Option<Self> {
        let on_earth = lon.unsigned_abs() <= 1_800_000_000 && lat.unsigned_abs() <= 900_000_000;
        on_earth.then_some(Self { lon, lat })
    }

    /// The spot as a position.
    pub fn lon_lat(self) -> LonLat {
        LonLat::new(f64::from(self.lon) / PER_DEGREE, f64::from(self.lat) / PER_DEGREE).expect("invariant: a spot is on Earth")
    }
}

impl From<LonLat> for Spot {
    /// Rounded to the nearest unit.
    fn from(position: LonLat) -> Self {
        let unit = |degrees: f64| (degrees * PER_DEGREE).round() as i32;
        Self { lon: unit(position.lon()), lat: unit(position.lat()) }
    }
}

/// A flat view of the ellipsoid around a latitude.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Local {
    /// Metres per unit of [`Spot`] to the east.
    pub east: f64,
    /// Metres per unit of [`Spot`] to the north.
    pub north: f64,
}

impl Local {
    /// The view around a latitude, in units of [`Spot`].
    pub fn at(lat: f64) -> Self {
        let (sin, cos) = (lat / PER_DEGREE).to_radians().sin_cos();
        let w2 = 1.0 - ECCENTRICITY2 * sin * sin;
        let across = AXIS / w2.sqrt();
        let unit = (1.0 / PER_DEGREE).to_radians();
        Self { east: across * cos * unit, north: across * (1.0 - ECCENTRICITY2) / w2 * unit }
    }
}

/// Length between two spots in whole millimetres.
pub fn length_mm(a: Spot, b: Spot) -> u32 {
    let local = Local::at((f64::from(a.lat) + f64::from(b.lat)) / 2.0);
    let (east, north) = (f64::from(a.lon) - f64::from(b.lon), f64::from(a.lat) - f64::from(b.lat));
    let flat = (east * local.east).hypot(north * local.north);
    let metres = if flat <= LONGEST_LOCAL_M { flat } else { Geodesic.distance(a.lon_lat().point(), b.lon_lat().point()) };
    millimetres(metres)
}

/// Metres as whole millimetres, rounded half up.
pub fn millimetres(metres: f64) -> u32 {
    (metres * 1000.0 + 0.5).floor() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_thousandth_of_a_degree_at_daoli() {
        let at = |lon, lat| Spot::from(LonLat::new(lon, lat).expect("valid"));
        // GeographicLib (Karney): 111.1464 m north, 77.8114 m east.
        assert_eq!(length_mm(at(126.6, 45.75), at(126.6, 45.751)), 111_146);
        assert_eq!(length_mm(at(126.6, 45.75), at(126.601, 45.75)), 77_811);
    }

    proptest! {
        #[test]
        fn equals_the_geodesic_to_the_millimetre(lon in -179.0..179.0f64, lat in -80.0..80.0f64, east in -80_000i32..80_000, north in -80_000i32..80_000) {
            let a = Spot::from(LonLat::new(lon, lat).expect("valid"));
            let b = Spot { lon: a.lon + east, lat: a.lat + north };
            let geodesic = Geodesic.distance(a.lon_lat().point(), b.lon_lat().point());
            prop_assert!((f64::from(length_mm(a, b)) - geodesic * 1000.0).abs() < 0.6, "{} against {}", length_mm(a, b), geodesic);
            prop_assert_eq!(length_mm(a, b), length_mm(b, a));
        }
    }
}
