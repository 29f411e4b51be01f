//! Layers for geographic information systems: `layers.gpkg` (OGC GeoPackage 1.3), GeoParquet 1.1, and styles for QGIS (QML).
//!
//! Input: the layers as they are written as GeoJSON, and the demand grid. Output: the same features under the same names in every
//! format, in WGS-84, with Chinese and English titles of the columns and the classes and colours of the program's own maps.
//!
//! Values in the properties that aren't plain become so: visits by slot or group are a column each (`visits_by_slot_night`), lists
//! of ids are joined with `;`, and lists of objects are JSON in a text.

mod cells;
mod fields;
mod geopackage;
mod geoparquet;
mod qml;
mod styles;
#[cfg(test)]
pub(super) mod tests;
mod wkb;

use serde_json::{Map, Value};

use super::features::Layers;
use super::report::words::Writer;
use super::{NamedFile, cannot_make};
use crate::findings::RunError;
use crate::message::Lang;
use crate::output::disclosure::Cleared;
use crate::scenario::Scenario;
use wkb::{Encoded, GeometrySort};

/// Name of the GeoPackage.
const GEOPACKAGE: &str = "layers.gpkg";

/// A layer as a table, one row a feature.
#[derive(Debug)]
struct Table {
    /// Identifier, as in the names of the files.
    name: &'static str,
    geometry: GeometrySort,
    /// Where each feature is; `None` when that isn't known.
    shapes: Vec<Option<Encoded>>,
    columns: Vec<Column>,
}

/// A column: the properties' member, and one value a feature.
#[derive(Debug)]
struct Column {
    name: String,
    /// In Chinese and in English, with the unit.
    titles: [String; 2],
    values: Values,
}

impl Column {
    fn title(&self, lang: Lang) -> &str {
        &self.titles[usize::from(lang == Lang::En)]
    }
}

/// Values of one type, `None` where nothing is known.
#[derive(Debug)]
enum Values {
    Text(Vec<Option<String>>),
    Integer(Vec<Option<i64>>),
    Real(Vec<Option<f64>>),
    Flag(Vec<Option<bool>>),
}

/// The GeoPackage of a run, and each layer as GeoParquet with a style beside it: QGIS takes up `NAME.qml` with `NAME.geojson` and
/// `NAME.parquet` by itself.
///
/// # Errors
/// When a position can't be turned into degrees, or a file can't be encoded.
pub(super) fn files(cleared: &Cleared<'_>, scenario: &Scenario, lang: Lang, layers: &Layers) -> Result<Vec<NamedFile>, RunError> {
    let writer = cleared.writer(scenario, lang);
    let layers = layers.of(lang);
    let mut tables = vec![cells::table(writer)?];
    for (name, geometry, fields) in fields::LAYERS {
        // Published gaps are points.
        let geometry = if writer.published.is_some() && name == "gaps" { GeometrySort::Point } else { geometry };
        tables.push(table(writer, name, geometry, fields, features(&layers[name]))?);
    }
    let mut files = Vec::new();
    for table in &tables {
        let name = format!("{}.parquet", table.name);
        files.push((name.clone(), geoparquet::file(table).map_err(|e| cannot_make(&name, e))?));
        let style = styles::of(writer, table).into_iter().next();
        files.extend(style.map(|style| (format!("{}.qml", table.name), qml::document(writer, table, &style).into_bytes())));
    }
    tables.extend(bus_tables(writer, &super::schedule::routes::layer(cleared)?)?);
    files.push(package(writer, &tables)?);
    Ok(files)
}

/// The GeoPackage of a timetable, from `bus_routes.geojson`: stays as points, ways as lines.
///
/// # Errors
/// When the file can't be encoded.
pub(super) fn bus_package(cleared: &Cleared<'_>, scenario: &Scenario, lang: Lang, routes: &[u8]) -> Result<NamedFile, RunError> {
    let writer = cleared.writer(scenario, lang);
    package(writer, &bus_tables(writer, routes)?)
}

fn package(writer: Writer<'_>, tables: &[Table]) -> Result<NamedFile, RunError> {
    let bytes = geopackage::file(writer, tables).map_err(|e| cannot_make(GEOPACKAGE, e))?;
    Ok((GEOPACKAGE.to_owned(), bytes))
}

/// Stays and ways of the timetable; nothing when no bus is planned.
fn bus_tables(writer: Writer<'_>, routes: &[u8]) -> Result<Vec<Table>, RunError> {
    let routes: Value = serde_json::from_slice(routes).map_err(|e| cannot_make(GEOPACKAGE, e))?;
    let of_sort = |sort: &'static str| features(&routes).filter(move |feature| feature["properties"]["sort"] == sort);
    if of_sort("stay").next().is_none() {
        return Ok(Vec::new());
    }
    let make = |(name, sort, geometry, fields)| table(writer, name, geometry, fields, of_sort(sort));
    fields::BUSES.into_iter().map(make).collect()
}

fn features(collection: &Value) -> impl Iterator<Item = &Value> {
    collection["features"].as_array().into_iter().flatten()
}

fn table<'a>(
    writer: Writer<'_>,
    name: &'static str,
    geometry: GeometrySort,
    fields: &[fields::Field],
    features: impl Iterator<Item = &'a Value>,
) -> Result<Table, RunError> {
    let nothing = Map::new();
    let (mut shapes, mut rows) = (Vec::new(), Vec::new());
    for feature in features {
        shapes.push(wkb::of_geojson(&feature["geometry"], geometry).map_err(|e| cannot_make(name, e))?);
        rows.push(feature["properties"].as_object().unwrap_or(&nothing));
    }
    Ok(Table { name, geometry, shapes, columns: fields::columns(writer, fields, &rows) })
}
