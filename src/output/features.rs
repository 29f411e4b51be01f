//! GeoJSON layers by RFC 7946: WGS-84, longitude first, at most 6 decimals, outer rings counter-clockwise, no `crs` member.
//!
//! Metres have one decimal, visits three, shares four. One feature a line, sorted, members in the order of the documentation.
//! A copy in GCJ-02 breaks the RFC on purpose, so its name and a `datum` member say so.

pub(super) mod duplicates;
pub(super) mod gaps;
pub(super) mod recommend;
pub(super) mod stations;

use geo::{LineString, Polygon};
use geojson::{Geometry, GeometryValue, Position};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::{NamedFile, cannot_make};
use crate::calendar::Slot;
use crate::crs::LonLat;
use crate::findings::RunError;
use crate::ingest::{Datum, DatumConverter};
use crate::message::Lang;
use crate::output::disclosure::Cleared;
use crate::quantity::Weight;
use crate::scenario::Scenario;

/// What a copy in GCJ-02 says about itself.
const GCJ02_NOTE: &str = "GCJ-02 (not WGS-84; not RFC 7946 coordinates)";

/// Where a feature is, in WGS-84.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// Nowhere known.
    None,
    /// A place.
    Point(LonLat),
    /// A line of two places or more.
    Path(Vec<LonLat>),
    /// Areas in degrees, outer rings counter-clockwise.
    Areas(Vec<Polygon<f64>>),
}

/// One feature before it is encoded.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Feature<P> {
    /// Where.
    pub shape: Shape,
    /// What.
    pub properties: P,
}

/// A feature as RFC 7946 has it.
#[derive(Serialize)]
struct Encoded<'a, P> {
    #[serde(rename = "type")]
    sort: &'static str,
    geometry: Option<Geometry>,
    properties: &'a P,
}

/// Visits by name, in their own order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ByName(Vec<(String, f64)>);

impl ByName {
    /// Visits by slot, in the order of the day.
    pub fn slots(visits: &[Weight; Slot::ALL.len()]) -> Self {
        Self(Slot::ALL.iter().zip(visits).map(|(slot, w)| (slot.id().to_owned(), w.visits())).collect())
    }

    /// Visits by group, in the cube's order; groups without any are left out.
    pub fn groups(names: &[String], visits: &[Weight]) -> Self {
        let some = names.iter().zip(visits).filter(|(_, w)| **w > Weight::ZERO);
        Self(some.map(|(name, w)| (name.clone(), w.visits())).collect())
    }
}

impl Serialize for ByName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, visits)| (name, visits)))
    }
}

fn rounded(value: f64, places: i32) -> f64 {
    let scale = 10f64.powi(places);
    (value * scale).round() / scale
}

/// A degree, six decimals.
pub(super) fn degree(value: f64) -> f64 {
    rounded(value, 6)
}

/// Metres, one decimal.
pub(super) fn metres(value: f64) -> f64 {
    rounded(value, 1)
}

/// A share, four decimals.
pub(super) fn share(value: f64) -> f64 {
    rounded(value, 4)
}

/// Visits that aren't a [`Weight`], three decimals.
pub(super) fn visits(value: f64) -> f64 {
    rounded(value, 3)
}

/// All layers of a run; with `gcj02` also their shifted copies.
pub(super) fn layers(cleared: &Cleared<'_>, scenario: &Scenario, lang: Lang, gcj02: bool) -> Result<Vec<NamedFile>, RunError> {
    let mut files = Vec::new();
    encode("stations", &stations::features(cleared, scenario, lang), gcj02, &mut files)?;
    encode("gaps", &gaps::features(cleared)?, gcj02, &mut files)?;
    encode("duplicates", &duplicates::features(cleared, lang), gcj02, &mut files)?;
    encode("recommend", &recommend::features(cleared, scenario), gcj02, &mut files)?;
    Ok(files)
}

/// The layers in both languages as values, by name, exactly as they are written.
#[derive(Debug)]
pub(super) struct Layers {
    zh: Map<String, Value>,
    en: Map<String, Value>,
}

impl Layers {
    /// From the files of the run's language; the other language is made here.
    pub fn new(files: &[NamedFile], cleared: &Cleared<'_>, scenario: &Scenario, lang: Lang) -> Result<Self, RunError> {
        let (own, other) = (values(files)?, |lang| values(&layers(cleared, scenario, lang, false)?));
        Ok(match lang {
            Lang::Zh => Self { zh: own, en: other(Lang::En)? },
            Lang::En => Self { zh: other(Lang::Zh)?, en: own },
        })
    }

    /// The layers in a language.
    pub fn of(&self, lang: Lang) -> &Map<String, Value> {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

fn values(files: &[NamedFile]) -> Result<Map<String, Value>, RunError> {
    let layer = |(name, bytes): &NamedFile| {
        let collection = serde_json::from_slice(bytes).map_err(|e| cannot_make(name, e))?;
        Ok((name.trim_end_matches(".geojson").to_owned(), collection))
    };
    files.iter().map(layer).collect()
}

/// One layer as bytes, in WGS-84.
pub(super) fn layer_bytes<P: Serialize>(name: &str, features: &[Feature<P>]) -> Result<Vec<u8>, RunError> {
    collection(features, &DatumConverter::new(Datum::Wgs84)?, None).map_err(|e| cannot_make(name, e))
}

fn encode<P: Serialize>(layer: &str, features: &[Feature<P>], gcj02: bool, files: &mut Vec<NamedFile>) -> Result<(), RunError> {
    let name = format!("{layer}.geojson");
    let bytes = layer_bytes(&name, features)?;
    files.push((name, bytes));
    if gcj02 {
        let name = format!("{layer}_gcj02.geojson");
        let shift = DatumConverter::new(Datum::Gcj02)?;
        files.push((name.clone(), collection(features, &shift, Some(GCJ02_NOTE)).map_err(|e| cannot_make(&name, e))?));
    }
    Ok(())
}

/// Why a layer can't be encoded.
#[derive(Debug, thiserror::Error)]
enum EncodeError {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Crs(#[from] crate::crs::CrsError),
}

fn collection<P: Serialize>(features: &[Feature<P>], datum: &DatumConverter, note: Option<&str>) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = b"{\"type\":\"FeatureCollection\",".to_vec();
    if let Some(note) = note {
        bytes.extend_from_slice(format!("\"datum\":{},", serde_json::to_string(note)?).as_bytes());
    }
    bytes.extend_from_slice(b"\"features\":[");
    for (row, feature) in features.iter().enumerate() {
        bytes.extend_from_slice(if row == 0 { b"\n" } else { b",\n" });
        let geometry = draw(&feature.shape, datum)?.map(Geometry::new);
        serde_json::to_writer(&mut bytes, &Encoded { sort: "Feature", geometry, properties: &feature.properties })?;
    }
    bytes.extend_from_slice(b"\n]}\n");
    Ok(bytes)
}

fn draw(shape: &Shape, datum: &DatumConverter) -> Result<Option<GeometryValue>, EncodeError> {
    let at = |place: LonLat| -> Result<Position, EncodeError> {
        let (lon, lat) = datum.from_wgs84(place)?;
        Ok(Position::from([degree(lon), degree(lat)]))
    };
    let ring = |ring: &LineString<f64>| -> Result<Vec<Position>, EncodeError> {
        ring.coords().map(|c| at(LonLat::new(c.x, c.y)?)).collect()
    };
    let area = |polygon: &Polygon<f64>| -> Result<Vec<Vec<Position>>, EncodeError> {
        std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect()
    };
    Ok(Some(match shape {
        Shape::None => return Ok(None),
        Shape::Point(place) => GeometryValue::new_point(at(*place)?),
        Shape::Path(places) => {
            GeometryValue::new_line_string(places.iter().map(|place| at(*place)).collect::<Result<Vec<_>, _>>()?)
        }
        Shape::Areas(areas) => GeometryValue::new_multi_polygon(areas.iter().map(area).collect::<Result<Vec<_>, _>>()?),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_have_six_decimals_and_figures_their_own() {
        let place = LonLat::new(126.550_000_449, 45.730_000_51).unwrap();
        let feature = Feature { shape: Shape::Point(place), properties: [metres(12.34), share(0.123_45), visits(1.000_4)] };
        let text = String::from_utf8(collection(&[feature], &DatumConverter::new(Datum::Wgs84).unwrap(), None).unwrap()).unwrap();
        assert!(text.contains("[126.55,45.730001]"), "{text}");
        assert!(text.contains("[12.3,0.1235,1.0]"), "{text}");
        assert!(!text.contains("crs") && !text.contains("datum"), "{text}");
    }

    #[test]
    fn a_shifted_copy_says_so_and_lies_elsewhere() {
        let feature = Feature { shape: Shape::Point(LonLat::new(126.55, 45.73).unwrap()), properties: () };
        let shift = DatumConverter::new(Datum::Gcj02).unwrap();
        let text = String::from_utf8(collection(&[feature], &shift, Some(GCJ02_NOTE)).unwrap()).unwrap();
        assert!(text.contains("\"datum\":\"GCJ-02") && !text.contains("126.55,45.73]"), "{text}");
    }

    #[test]
    fn no_features_and_no_place_are_valid() {
        let read = |text: Vec<u8>| String::from_utf8(text).unwrap().parse::<geojson::GeoJson>().unwrap();
        let wgs84 = DatumConverter::new(Datum::Wgs84).unwrap();
        read(collection::<()>(&[], &wgs84, None).unwrap());
        read(collection(&[Feature { shape: Shape::None, properties: ByName(Vec::new()) }], &wgs84, None).unwrap());
    }
}
