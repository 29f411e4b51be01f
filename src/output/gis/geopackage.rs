//! A GeoPackage (OGC 12-128r17, version 1.3): one SQLite file with every layer, titles of columns (extension `schema`), a spatial
//! index (extension `rtree_index`) and QGIS's styles.
//!
//! The only file that names `rusqlite`. The same tables give the same bytes: the file is made in memory, rows go in as they are
//! sorted, and dates of change are fixed.

use rusqlite::types::Value;
use rusqlite::{Connection, MAIN_DB, params, params_from_iter};

use super::fields::layer_title;
use super::wkb::{Encoded, bounds};
use super::{Table, Values, qml, styles};
use crate::message::Lang;
use crate::output::report::words::Writer;

/// Dates of change that the format asks for: the same for equal runs.
const CHANGED: &str = "2025-01-01T00:00:00.000Z";
/// EPSG code of WGS-84.
const WGS84: i32 = 4326;

/// The file's bytes.
pub(super) fn file(writer: Writer<'_>, tables: &[Table]) -> rusqlite::Result<Vec<u8>> {
    let mut base = Connection::open_in_memory()?;
    base.execute_batch(include_str!("geopackage/schema.sql"))?;
    let transaction = base.transaction()?;
    for table in tables {
        layer(&transaction, writer, table)?;
    }
    styles_table(&transaction, writer, tables)?;
    transaction.commit()?;
    Ok(base.serialize(MAIN_DB)?.to_vec())
}

/// A layer with its rows, index, and what is said about it.
fn layer(base: &Connection, writer: Writer<'_>, table: &Table) -> rusqlite::Result<()> {
    let [name, geometry] = [table.name, table.geometry.name()];
    let columns: Vec<String> = table.columns.iter().map(|c| format!(", {} {}", quoted(&c.name), c.values.sql())).collect();
    base.execute_batch(&format!(
        "CREATE TABLE \"{name}\" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom {}{});
         CREATE VIRTUAL TABLE \"rtree_{name}_geom\" USING rtree(id, minx, maxx, miny, maxy);",
        geometry.to_uppercase(),
        columns.concat(),
    ))?;
    let title = layer_title(name, writer.lang);
    let around = bounds(&table.shapes).map_or([None; 4], |bounds| bounds.map(Some));
    let [west, south, east, north] = around;
    base.execute(
        "INSERT INTO gpkg_contents VALUES (?, 'features', ?, '', ?, ?, ?, ?, ?, ?)",
        params![name, title, CHANGED, west, south, east, north, WGS84],
    )?;
    base.execute(
        "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)",
        params![name, geometry.to_uppercase(), WGS84],
    )?;
    rows(base, table)?;
    base.execute_batch(&include_str!("geopackage/rtree.sql").replace("{t}", name))?;
    base.execute(
        "INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec130/#extension_rtree', 'write-only')",
        params![name],
    )?;
    titles(base, writer.lang, table)
}

fn rows(base: &Connection, table: &Table) -> rusqlite::Result<()> {
    let holders = "?, ".repeat(table.columns.len() + 1);
    let mut row = base.prepare(&format!("INSERT INTO \"{}\" VALUES ({holders}?)", table.name))?;
    let mut index = base.prepare(&format!("INSERT INTO \"rtree_{}_geom\" VALUES (?, ?, ?, ?, ?)", table.name))?;
    for (at, shape) in table.shapes.iter().enumerate() {
        let fid = at as i64 + 1;
        let geometry = shape.as_ref().map_or(Value::Null, |shape| Value::Blob(blob(shape)));
        let cells = table.columns.iter().map(|column| column.values.cell(at));
        row.execute(params_from_iter([Value::Integer(fid), geometry].into_iter().chain(cells)))?;
        if let Some(Encoded { bounds: [west, south, east, north], .. }) = shape {
            index.execute(params![fid, west, east, south, north])?;
        }
    }
    Ok(())
}

/// Titles of the columns: in the run's language as name and title, in the other as description.
fn titles(base: &Connection, lang: Lang, table: &Table) -> rusqlite::Result<()> {
    let other = if lang == Lang::Zh { Lang::En } else { Lang::Zh };
    let mut insert = base.prepare("INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, NULL)")?;
    for column in &table.columns {
        let title = column.title(lang);
        insert.execute(params![table.name, column.name, title, title, column.title(other)])?;
    }
    Ok(())
}

/// The styles; the first of each layer is the one that QGIS takes by itself.
fn styles_table(base: &Connection, writer: Writer<'_>, tables: &[Table]) -> rusqlite::Result<()> {
    let mut insert = base.prepare(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,
         useAsDefault, description, owner, update_time) VALUES ('', '', ?, 'geom', ?, ?, ?, ?, '', ?)",
    )?;
    for table in tables {
        for (at, style) in styles::of(writer, table).iter().enumerate() {
            let document = qml::document(writer, table, style);
            insert.execute(params![table.name, style.name, document, at == 0, style.name, CHANGED])?;
        }
    }
    base.execute(
        "INSERT INTO gpkg_contents VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, NULL, NULL, NULL, NULL, NULL)",
        params![CHANGED],
    )?;
    Ok(())
}

/// GeoPackage's header before the WKB: little-endian, with a box around anything but a point.
fn blob(shape: &Encoded) -> Vec<u8> {
    let [west, south, east, north] = shape.bounds;
    let is_point = west == east && south == north;
    let flags = 1 | if is_point { 0 } else { 1 << 1 };
    let mut blob = vec![b'G', b'P', 0, flags];
    blob.extend_from_slice(&WGS84.to_le_bytes());
    if !is_point {
        blob.extend([west, east, south, north].into_iter().flat_map(f64::to_le_bytes));
    }
    blob.extend_from_slice(&shape.bytes);
    blob
}

/// A name in SQL.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl Values {
    /// Type in SQL.
    fn sql(&self) -> &'static str {
        match self {
            Self::Text(_) => "TEXT",
            Self::Integer(_) => "INTEGER",
            Self::Real(_) => "REAL",
            Self::Flag(_) => "BOOLEAN",
        }
    }

    /// The value of a row.
    fn cell(&self, row: usize) -> Value {
        match self {
            Self::Text(values) => values[row].clone().into(),
            Self::Integer(values) => values[row].into(),
            Self::Real(values) => values[row].into(),
            Self::Flag(values) => values[row].map(i64::from).into(),
        }
    }
}
