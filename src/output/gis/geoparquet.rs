//! GeoParquet 1.1.0: a Parquet file with a column of WKB and a member `geo` that says what it is.
//!
//! No `crs` member means OGC:CRS84, which is WGS-84 with the longitude first, as the coordinates are.

use polars::prelude::{Column, IntoColumn, NamedFrom, PolarsError, Series};
use serde_json::json;

use super::wkb::bounds;
use super::{Table, Values};
use crate::output::tables::parquet;

/// Name of the geometry's column.
const GEOMETRY: &str = "geometry";

/// The file's bytes.
pub(super) fn file(table: &Table) -> Result<Vec<u8>, PolarsError> {
    let mut columns: Vec<Column> = table.columns.iter().map(|column| column.values.series(&column.name).into_column()).collect();
    let shapes: Vec<Option<&[u8]>> = table.shapes.iter().map(|shape| shape.as_ref().map(|s| s.bytes.as_slice())).collect();
    columns.push(Series::new(GEOMETRY.into(), shapes).into_column());
    parquet(table.shapes.len(), columns, &[("geo", metadata(table))])
}

/// What the file says about its geometry.
fn metadata(table: &Table) -> String {
    let around = bounds(&table.shapes);
    let sorts: &[&str] = if around.is_some() { &[table.geometry.name()] } else { &[] };
    let mut column = json!({ "encoding": "WKB", "geometry_types": sorts, "orientation": "counterclockwise" });
    if let Some(around) = around {
        column["bbox"] = json!(around);
    }
    json!({ "version": "1.1.0", "primary_column": GEOMETRY, "columns": { GEOMETRY: column } }).to_string()
}

impl Values {
    fn series(&self, name: &str) -> Series {
        match self {
            Self::Text(values) => Series::new(name.into(), values),
            Self::Integer(values) => Series::new(name.into(), values),
            Self::Real(values) => Series::new(name.into(), values),
            Self::Flag(values) => Series::new(name.into(), values),
        }
    }
}
