//! Well-known binary of points, lines and areas, little-endian (OGC 06-103r4), with the box around each.

use geo::{Coord, Geometry, LineString, MultiPolygon, Polygon};
use serde::Deserialize;
use serde_json::Value;

/// What all features of a layer are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GeometrySort {
    Point,
    LineString,
    Polygon,
    MultiPolygon,
}

impl GeometrySort {
    /// Name in GeoParquet.
    pub fn name(self) -> &'static str {
        match self {
            Self::Point => "Point",
            Self::LineString => "LineString",
            Self::Polygon => "Polygon",
            Self::MultiPolygon => "MultiPolygon",
        }
    }

    /// Code in WKB.
    fn code(self) -> u32 {
        match self {
            Self::Point => 1,
            Self::LineString => 2,
            Self::Polygon => 3,
            Self::MultiPolygon => 6,
        }
    }
}

/// A shape as WKB.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Encoded {
    pub bytes: Vec<u8>,
    /// West, south, east, north in degrees.
    pub bounds: [f64; 4],
}

/// Why a shape can't be encoded.
#[derive(Debug, thiserror::Error)]
pub(super) enum ShapeError {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    GeoJson(#[from] geojson::Error),
    #[error("a {found} in a layer of the sort {wanted:?}")]
    Sort { wanted: GeometrySort, found: &'static str },
}

/// A GeoJSON geometry; an area that is a single polygon becomes a multipolygon where the layer has these.
pub(super) fn of_geojson(geometry: &Value, sort: GeometrySort) -> Result<Option<Encoded>, ShapeError> {
    if geometry.is_null() {
        return Ok(None);
    }
    let shape = Geometry::try_from(geojson::Geometry::deserialize(geometry)?)?;
    match (shape, sort) {
        (Geometry::Polygon(area), GeometrySort::MultiPolygon) => encode(&MultiPolygon(vec![area]).into(), sort),
        (shape, _) => encode(&shape, sort),
    }
    .map(Some)
}

/// A shape of the layer's sort.
pub(super) fn encode(shape: &Geometry<f64>, sort: GeometrySort) -> Result<Encoded, ShapeError> {
    let mut out = Encoded { bytes: Vec::new(), bounds: NOWHERE };
    match (shape, sort) {
        (Geometry::Point(point), GeometrySort::Point) => {
            head(sort, &mut out);
            place(point.0, &mut out);
        }
        (Geometry::LineString(path), GeometrySort::LineString) => {
            head(sort, &mut out);
            places(path, &mut out);
        }
        (Geometry::Polygon(area), GeometrySort::Polygon) => polygon(area, &mut out),
        (Geometry::MultiPolygon(areas), GeometrySort::MultiPolygon) => {
            head(sort, &mut out);
            count(areas.0.len(), &mut out);
            areas.iter().for_each(|area| polygon(area, &mut out));
        }
        (shape, wanted) => return Err(ShapeError::Sort { wanted, found: sort_of(shape) }),
    }
    Ok(out)
}

/// The box around nothing.
const NOWHERE: [f64; 4] = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];

/// The box around all shapes; nothing when there is none.
pub(super) fn bounds(shapes: &[Option<Encoded>]) -> Option<[f64; 4]> {
    let all = shapes.iter().flatten().map(|shape| shape.bounds);
    all.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
}

fn head(sort: GeometrySort, out: &mut Encoded) {
    out.bytes.push(1);
    out.bytes.extend_from_slice(&sort.code().to_le_bytes());
}

fn count(number: usize, out: &mut Encoded) {
    out.bytes.extend_from_slice(&(number as u32).to_le_bytes());
}

fn place(at: Coord<f64>, out: &mut Encoded) {
    out.bytes.extend_from_slice(&at.x.to_le_bytes());
    out.bytes.extend_from_slice(&at.y.to_le_bytes());
    let [west, south, east, north] = out.bounds;
    out.bounds = [west.min(at.x), south.min(at.y), east.max(at.x), north.max(at.y)];
}

fn places(line: &LineString<f64>, out: &mut Encoded) {
    count(line.0.len(), out);
    line.coords().for_each(|&at| place(at, out));
}

fn polygon(area: &Polygon<f64>, out: &mut Encoded) {
    head(GeometrySort::Polygon, out);
    count(1 + area.interiors().len(), out);
    std::iter::once(area.exterior()).chain(area.interiors()).for_each(|ring| places(ring, out));
}

fn sort_of(shape: &Geometry<f64>) -> &'static str {
    match shape {
        Geometry::Point(_) => "Point",
        Geometry::LineString(_) => "LineString",
        Geometry::Polygon(_) => "Polygon",
        Geometry::MultiPolygon(_) => "MultiPolygon",
        _ => "other shape",
    }
}
