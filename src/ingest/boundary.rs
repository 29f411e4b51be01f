//! Outlines and lines: planning units, home area, water, and barriers with their crossings. GeoJSON is WGS-84 (RFC 7946).

use std::path::Path;

use geo::{Centroid, MultiPolygon, Polygon};
use geojson::{Feature, GeometryValue};

use super::headers::{Columns, Field, normalise};
use super::table::{decode, parse_geojson, property_text, read_table};
use super::{IngestError, coordinates, read_bytes};
use crate::crs::LonLat;
use crate::message::Message;

/// A planning unit as its file has it.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitRecord {
    /// Name.
    pub name: String,
    /// Outline in degrees, when the file gives one.
    pub outline: Option<MultiPolygon<f64>>,
    /// Its centre: the file's point, or the centroid of the outline.
    pub centre: LonLat,
}

/// A barrier as its file has it.
#[derive(Debug, Clone, PartialEq)]
pub struct BarrierLine {
    /// Name.
    pub name: String,
    /// `river`, `railway`, `expressway` or `compound`.
    pub kind: String,
    /// The line.
    pub line: Vec<LonLat>,
    /// Places to cross: the two ends of a bridge, or a level crossing's point twice.
    pub crossings: Vec<(LonLat, LonLat)>,
}

/// Features of a GeoJSON file, numbered as rows: feature 1 is row 2.
fn features(path: &Path) -> Result<(String, Vec<(usize, Feature)>), IngestError> {
    let file = path.display().to_string();
    let bytes = read_bytes(path, &file)?;
    let features = parse_geojson(&decode(&bytes, &file)?, &file)?.features;
    Ok((file, features.into_iter().enumerate().map(|(index, feature)| (index + 2, feature)).collect()))
}

/// Reads planning units: a table of centres, or a GeoJSON of outlines or points. Sorted by name.
///
/// # Errors
/// When the file can't be read, or a unit has no name or no usable position.
pub fn load_units(path: &Path) -> Result<Vec<UnitRecord>, IngestError> {
    let is_geojson = path.extension().is_some_and(|ending| ["json", "geojson"].iter().any(|e| ending.eq_ignore_ascii_case(e)));
    let mut units = if is_geojson { units_of_geojson(path)? } else { units_of_table(path)? };
    units.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(units)
}

fn units_of_table(path: &Path) -> Result<Vec<UnitRecord>, IngestError> {
    let table = read_table(path, &path.display().to_string())?;
    let columns = Columns::resolve(&table);
    columns.require(&[Field::UnitName])?;
    columns.require_position()?;
    let mut units = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let fail = || IngestError::new(&table.file, Message::new("L602")).at_row(row.number);
        let name = columns.filled(row, Field::UnitName).ok_or_else(fail)?.to_owned();
        let centre = match coordinates::read_pair(&columns, row).0 {
            coordinates::Pair::Numbers { x, y, .. } => LonLat::new(x, y).map_err(|_| fail())?,
            _ => return Err(fail()),
        };
        units.push(UnitRecord { name, outline: None, centre });
    }
    Ok(units)
}

fn units_of_geojson(path: &Path) -> Result<Vec<UnitRecord>, IngestError> {
    let (file, features) = features(path)?;
    let mut units = Vec::with_capacity(features.len());
    for (row, feature) in features {
        let fail = || IngestError::new(&file, Message::new("L602")).at_row(row);
        let name = property(&feature, &["unit", "name", "名称", "规划单元", "单元名称"]).ok_or_else(fail)?;
        let geometry = geometry(&feature, &file, row)?;
        let (outline, centre) = match geometry {
            GeometryValue::Point { coordinates } => (None, lon_lat(coordinates.as_slice(), &file, row)?),
            other => {
                let outline = polygons(other, &file, row)?;
                let centre = outline.centroid().ok_or_else(fail)?;
                (Some(outline), LonLat::new(centre.x(), centre.y()).map_err(|_| fail())?)
            }
        };
        units.push(UnitRecord { name, outline, centre });
    }
    Ok(units)
}

/// Reads all polygons of a GeoJSON file as one area: home area, water.
///
/// # Errors
/// When the file can't be read or holds anything but polygons.
pub fn load_polygons(path: &Path) -> Result<MultiPolygon<f64>, IngestError> {
    let (file, features) = features(path)?;
    let mut all: Vec<Polygon<f64>> = Vec::new();
    for (row, feature) in features {
        all.extend(polygons(geometry(&feature, &file, row)?, &file, row)?.0);
    }
    Ok(MultiPolygon::new(all))
}

/// Reads barriers: lines with `barrier` and `name`, crossings with `crosses` = name of the barrier. Sorted by name.
///
/// # Errors
/// When the file can't be read, a feature is neither, or a crossing names no barrier of the file.
pub fn load_barriers(path: &Path) -> Result<Vec<BarrierLine>, IngestError> {
    let (file, features) = features(path)?;
    let mut barriers = Vec::new();
    let mut crossings = Vec::new();
    for (row, feature) in &features {
        let geometry = geometry(feature, &file, *row)?;
        match (property(feature, &["barrier", "阻隔"]), property(feature, &["crosses", "跨越"]), geometry) {
            (Some(kind), _, GeometryValue::LineString { coordinates }) => {
                let name = property(feature, &["name", "名称"]).unwrap_or_else(|| kind.clone());
                let line = coordinates.iter().map(|p| lon_lat(p.as_slice(), &file, *row)).collect::<Result<Vec<_>, _>>()?;
                barriers.push(BarrierLine { name, kind, line, crossings: Vec::new() });
            }
            (None, Some(name), GeometryValue::Point { coordinates }) => {
                let point = lon_lat(coordinates.as_slice(), &file, *row)?;
                crossings.push((*row, name, (point, point)));
            }
            (None, Some(name), GeometryValue::LineString { coordinates }) if coordinates.len() >= 2 => {
                let ends = [&coordinates[0], &coordinates[coordinates.len() - 1]];
                let [a, b] = ends.map(|end| lon_lat(end.as_slice(), &file, *row));
                crossings.push((*row, name, (a?, b?)));
            }
            _ => return Err(IngestError::new(&file, Message::new("L603")).at_row(*row)),
        }
    }
    for (row, name, ends) in crossings {
        let barrier = barriers.iter_mut().find(|barrier| barrier.name == name);
        let unknown = || IngestError::new(&file, Message::new("L604").with("name", &name)).at_row(row);
        barrier.ok_or_else(unknown)?.crossings.push(ends);
    }
    barriers.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(barriers)
}

/// The first of several properties that has a value, whatever the case of its key.
fn property(feature: &Feature, keys: &[&str]) -> Option<String> {
    let properties = feature.properties.as_ref()?;
    let value = |key: &&str| properties.iter().find(|(name, _)| normalise(name) == normalise(key)).map(|(_, v)| property_text(v));
    keys.iter().filter_map(value).find(|text| !text.is_empty())
}

fn geometry<'a>(feature: &'a Feature, file: &str, row: usize) -> Result<&'a GeometryValue, IngestError> {
    let missing = || IngestError::new(file, Message::new("L601").with("found", "null")).at_row(row);
    feature.geometry.as_ref().map(|geometry| &geometry.value).ok_or_else(missing)
}

fn polygons(geometry: &GeometryValue, file: &str, row: usize) -> Result<MultiPolygon<f64>, IngestError> {
    let fail = || IngestError::new(file, Message::new("L601").with("found", geometry.type_name())).at_row(row);
    let outline = match geometry {
        GeometryValue::Polygon { .. } => Polygon::try_from(geometry).map(|polygon| MultiPolygon::new(vec![polygon])),
        _ => MultiPolygon::try_from(geometry),
    };
    let outline = outline.map_err(|_| fail())?;
    let on_earth = outline.iter().flat_map(|polygon| polygon.exterior().points()).all(|p| LonLat::new(p.x(), p.y()).is_ok());
    if on_earth { Ok(outline) } else { Err(IngestError::new(file, Message::new("L605")).at_row(row)) }
}

fn lon_lat(position: &[f64], file: &str, row: usize) -> Result<LonLat, IngestError> {
    let found = position.first().zip(position.get(1)).and_then(|(lon, lat)| LonLat::new(*lon, *lat).ok());
    found.ok_or_else(|| IngestError::new(file, Message::new("L605")).at_row(row))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn file(text: &str, ending: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::Builder::new().suffix(ending).tempfile().expect("temporary file");
        file.write_all(text.as_bytes()).expect("writes");
        file
    }

    fn collection(features: &[(&str, &str)]) -> tempfile::NamedTempFile {
        let feature = |(properties, geometry): &(&str, &str)| {
            format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
        };
        let features: Vec<String> = features.iter().map(feature).collect();
        file(&format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(",")), ".geojson")
    }

    const SQUARE: &str = r#"{"type":"Polygon","coordinates":[[[126,45],[127,45],[127,46],[126,46],[126,45]]]}"#;
    const LINE: &str = r#"{"type":"LineString","coordinates":[[126,45],[127,46]]}"#;
    const POINT: &str = r#"{"type":"Point","coordinates":[126.5,45.5]}"#;

    #[test]
    fn units_from_tables_outlines_and_points() {
        let units = load_units(file("规划单元,经度,纬度\n安和,126.6075,45.758\n", ".csv").path()).expect("table");
        assert_eq!((units[0].name.as_str(), units[0].centre.lon()), ("安和", 126.6075));
        let units = load_units(collection(&[(r#"{"unit":"乙"}"#, SQUARE), (r#"{"名称":"甲"}"#, POINT)]).path()).expect("GeoJSON");
        assert_eq!(units.iter().map(|unit| unit.outline.is_some()).collect::<Vec<_>>(), [true, false]);
        assert_eq!(units[0].centre, LonLat::new(126.5, 45.5).expect("valid"));
        assert_eq!(load_polygons(collection(&[("{}", SQUARE), ("{}", SQUARE)]).path()).expect("polygons").0.len(), 2);
    }

    #[test]
    fn barriers_with_bridges_and_level_crossings() {
        let path = collection(&[
            (r#"{"crosses":"松花江"}"#, LINE),
            (r#"{"barrier":"river","name":"松花江"}"#, LINE),
            (r#"{"crosses":"松花江"}"#, POINT),
        ]);
        let barriers = load_barriers(path.path()).expect("reads");
        assert_eq!((barriers[0].kind.as_str(), barriers[0].line.len()), ("river", 2));
        let middle = LonLat::new(126.5, 45.5).expect("valid");
        assert_eq!(barriers[0].crossings[1], (middle, middle));
    }

    #[test]
    fn faults_are_named() {
        let code = |result: Result<Vec<BarrierLine>, IngestError>| result.map_err(|e| e.message().code()).expect_err("refused");
        assert_eq!(code(load_barriers(collection(&[(r#"{"crosses":"x"}"#, POINT)]).path())), "L604");
        assert_eq!(code(load_barriers(collection(&[("{}", LINE)]).path())), "L603");
        assert_eq!(load_polygons(collection(&[("{}", LINE)]).path()).expect_err("a line").message().code(), "L601");
        let swapped = r#"{"type":"Point","coordinates":[45.5,126.5]}"#;
        assert_eq!(
            load_units(collection(&[(r#"{"name":"甲"}"#, swapped)]).path()).expect_err("swapped").message().code(),
            "L605"
        );
        assert_eq!(load_polygons(file("[", ".geojson").path()).expect_err("no JSON").message().code(), "L008");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn the_order_of_features_does_not_matter(names in prop::collection::btree_set("[a-z]{1,4}", 1..6)) {
            let properties: Vec<String> = names.iter().map(|name| format!(r#"{{"barrier":"railway","name":"{name}"}}"#)).collect();
            let rows: Vec<(&str, &str)> = properties.iter().map(|p| (p.as_str(), LINE)).collect();
            let reversed: Vec<(&str, &str)> = rows.iter().rev().copied().collect();
            prop_assert_eq!(load_barriers(collection(&rows).path()), load_barriers(collection(&reversed).path()));
        }
    }
}
