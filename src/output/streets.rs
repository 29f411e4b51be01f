//! What the street commands write: pairs of sites and demand, the steps of a network, and areas that are reached.
//!
//! Plain CSV without a byte order mark, or Parquet: other programs read these. Ids are written as they were given, so that the pairs
//! find their sites and demand again. Costs are whole millimetres or milliseconds inside and are written in metres or seconds with
//! as many decimals as they have, so nothing is lost. Areas are GeoJSON by RFC 7946; their coordinates have six decimals already.

use geo::MultiPolygon;
use geojson::{Feature, FeatureCollection, Geometry, JsonObject, JsonValue};
use polars::prelude::{Column, CsvWriter, DataFrame, IntoColumn, NamedFrom, SerWriter, Series};

use super::tables::parquet;
use crate::message::Message;
use crate::network::{CostRows, Graph, Mark};

/// The kind of a table's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// Text, with a header.
    Csv,
    /// Parquet.
    Parquet,
}

impl TableFormat {
    /// The format that a file name's ending asks for.
    pub fn of(path: &std::path::Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// Columns as the bytes of a file.
fn encoded(format: TableFormat, height: usize, columns: Vec<Column>) -> Result<Vec<u8>, Message> {
    let csv = |columns| {
        let (mut frame, mut bytes) = (DataFrame::new(height, columns)?, Vec::new());
        CsvWriter::new(&mut bytes).finish(&mut frame).map(|()| bytes)
    };
    let (name, bytes) = match format {
        TableFormat::Csv => ("csv", csv(columns)),
        TableFormat::Parquet => ("parquet", parquet(height, columns, &[])),
    };
    bytes.map_err(|cause| Message::new("O005").with("file", name).with("cause", cause))
}

/// Pairs as `site, demand, impedance`, by site, then demand, in the order of their files; a pair that isn't reached has no row.
///
/// # Errors
/// When the table can't be encoded.
pub fn pairs(format: TableFormat, sites: &[String], demand: &[String], costs: &CostRows) -> Result<Vec<u8>, Message> {
    let of_site: Vec<&str> = costs.iter().map(|(site, ..)| sites[site].as_str()).collect();
    let of_demand: Vec<&str> = costs.iter().map(|(_, point, _)| demand[point as usize].as_str()).collect();
    let values: Vec<f64> = costs.iter().map(|(.., cost)| f64::from(cost) / 1000.0).collect();
    let columns = vec![
        Series::new("site".into(), of_site).into_column(),
        Series::new("demand".into(), of_demand).into_column(),
        Series::new("impedance".into(), values).into_column(),
    ];
    encoded(format, costs.pairs(), columns)
}

/// Every step of a graph that counts milliseconds: junctions, length, time, its way and what is known of it. Edges that lead nowhere
/// (loops, closed ends) have no row; a street that runs both ways has two.
///
/// # Errors
/// When the table can't be encoded.
pub fn steps(format: TableFormat, graph: &Graph<'_>) -> Result<(usize, Vec<u8>), Message> {
    let streets = graph.streets();
    let place = |node: u32| streets.spot(node).lon_lat();
    let rows: Vec<_> = graph.rows().collect();
    macro_rules! column {
        ($name:literal, $of:expr) => {
            Series::new($name.into(), rows.iter().map($of).collect::<Vec<_>>()).into_column()
        };
    }
    let columns = vec![
        column!("from", |row| row.from),
        column!("to", |row| row.to),
        column!("length_m", |row| f64::from(row.edge.length_mm) / 1000.0),
        column!("seconds", |row| f64::from(row.cost) / 1000.0),
        column!("osm_from", |row| streets.node_id(row.from)),
        column!("osm_to", |row| streets.node_id(row.to)),
        column!("osm_way", |row| row.edge.way),
        column!("class", |row| row.edge.class),
        column!("bridge", |row| row.edge.marks.has(Mark::Bridge)),
        column!("tunnel", |row| row.edge.marks.has(Mark::Tunnel)),
        column!("steps", |row| row.edge.marks.has(Mark::Steps)),
        column!("from_lon", |row| place(row.from).lon()),
        column!("from_lat", |row| place(row.from).lat()),
        column!("to_lon", |row| place(row.to).lon()),
        column!("to_lat", |row| place(row.to).lat()),
    ];
    Ok((rows.len(), encoded(format, rows.len(), columns)?))
}

/// An area that is reached.
#[derive(Debug, Clone, PartialEq)]
pub struct ReachedArea<'a> {
    /// The site; `None` for sites together.
    pub site: Option<&'a str>,
    /// The kind of the site or the sites; `None` when the file has no kinds.
    pub kind: Option<&'a str>,
    /// The limit as it was asked for, such as `15min`.
    pub limit: &'a str,
    /// The limit in metres or seconds.
    pub value: f64,
    /// The area.
    pub area: &'a MultiPolygon<f64>,
}

/// Areas as a GeoJSON feature collection, in the order given; a site that reaches nothing has a feature without a geometry.
pub fn areas(rows: &[ReachedArea<'_>], mode: &str, attribution: &str) -> String {
    let feature = |row: &ReachedArea<'_>| {
        let mut properties = JsonObject::new();
        properties.insert("site".to_owned(), row.site.map_or(JsonValue::Null, JsonValue::from));
        properties.insert("kind".to_owned(), row.kind.map_or(JsonValue::Null, JsonValue::from));
        properties.insert("mode".to_owned(), JsonValue::from(mode));
        properties.insert("limit".to_owned(), JsonValue::from(row.limit));
        properties.insert("impedance".to_owned(), JsonValue::from(row.value));
        Feature {
            geometry: (!row.area.0.is_empty()).then(|| Geometry::new(geojson::GeometryValue::from(row.area))),
            properties: Some(properties),
            ..Feature::default()
        }
    };
    let mut members = JsonObject::new();
    members.insert("attribution".to_owned(), JsonValue::from(attribution));
    let collection =
        FeatureCollection { features: rows.iter().map(feature).collect(), bbox: None, foreign_members: Some(members) };
    collection.to_string() + "\n"
}
