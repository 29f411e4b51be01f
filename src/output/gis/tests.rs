//! Reads the written files back: the GeoPackage as SQLite, GeoParquet by polars, and both against the GeoJSON beside them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

use geo::{Coord, CoordsIter, Geometry, LineString, MapCoords, MultiPolygon, Point, Polygon};
use polars::prelude::{AnyValue, DataFrame, ParquetReader, SerReader};
use proptest::prelude::*;
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row};
use serde_json::Value;

use super::*;
use crate::coverage::{RUNG_IDS, RUNGS};
use crate::findings::Findings;
use crate::message::codes;

/// Reads WKB by its own rules.
struct Wkb<'a>(&'a [u8]);

impl Wkb<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (head, rest) = self.0.split_first_chunk().expect("enough bytes");
        self.0 = rest;
        *head
    }

    fn number(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    fn coord(&mut self) -> Coord<f64> {
        let [x, y] = [self.take(), self.take()].map(f64::from_le_bytes);
        Coord { x, y }
    }

    fn line(&mut self) -> LineString<f64> {
        LineString((0..self.number()).map(|_| self.coord()).collect())
    }

    fn geometry(&mut self) -> Geometry<f64> {
        assert_eq!(self.take::<1>(), [1], "little-endian");
        match self.number() {
            1 => Point(self.coord()).into(),
            2 => self.line().into(),
            3 => {
                let mut rings: Vec<LineString<f64>> = (0..self.number()).map(|_| self.line()).collect();
                Polygon::new(rings.remove(0), rings).into()
            }
            6 => {
                let part = |wkb: &mut Self| Polygon::try_from(wkb.geometry()).expect("a polygon");
                MultiPolygon((0..self.number()).map(|_| part(self)).collect()).into()
            }
            other => panic!("sort {other}"),
        }
    }
}

fn decode(bytes: &[u8]) -> Geometry<f64> {
    let mut wkb = Wkb(bytes);
    let shape = wkb.geometry();
    assert!(wkb.0.is_empty(), "nothing after it");
    shape
}

/// West, south, east, north of all corners, those of holes too.
fn around<'a>(shapes: impl IntoIterator<Item = &'a Geometry<f64>>) -> Option<[f64; 4]> {
    let corners = shapes.into_iter().flat_map(|shape| shape.coords_iter().collect::<Vec<_>>()).map(|c| [c.x, c.y, c.x, c.y]);
    corners.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
}

/// A shape from a GeoPackage, with its header checked.
fn decode_blob(blob: &[u8]) -> Geometry<f64> {
    assert_eq!(&blob[..3], b"GP\0");
    assert_eq!(i32::from_le_bytes(blob[4..8].try_into().unwrap()), 4326);
    match blob[3] {
        0b01 => decode(&blob[8..]),
        0b11 => {
            let shape = decode(&blob[40..]);
            let [west, south, east, north] = around([&shape]).unwrap();
            let written: Vec<f64> = blob[8..40].chunks(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect();
            assert_eq!(written, [west, east, south, north]);
            shape
        }
        flags => panic!("flags {flags:b}"),
    }
}

fn arbitrary_ring() -> impl Strategy<Value = LineString<f64>> {
    prop::collection::vec((-180.0..180.0, -90.0..90.0), 4..9).prop_map(|places| {
        let mut ring = LineString::from(places);
        ring.close();
        ring
    })
}

fn arbitrary_polygon() -> impl Strategy<Value = Polygon<f64>> {
    (arbitrary_ring(), prop::collection::vec(arbitrary_ring(), 0..3)).prop_map(|(outer, holes)| Polygon::new(outer, holes))
}

fn arbitrary_shape() -> impl Strategy<Value = (Geometry<f64>, GeometrySort)> {
    prop_oneof![
        (-180.0..180.0, -90.0..90.0).prop_map(|(x, y)| (Point::new(x, y).into(), GeometrySort::Point)),
        arbitrary_ring().prop_map(|line| (line.into(), GeometrySort::LineString)),
        arbitrary_polygon().prop_map(|area| (area.into(), GeometrySort::Polygon)),
        prop::collection::vec(arbitrary_polygon(), 1..4)
            .prop_map(|areas| (MultiPolygon(areas).into(), GeometrySort::MultiPolygon)),
    ]
}

proptest! {
    #[test]
    fn shapes_are_read_back_as_they_were((shape, sort) in arbitrary_shape()) {
        let encoded = wkb::encode(&shape, sort).unwrap();
        prop_assert_eq!(decode(&encoded.bytes), shape.clone());
        prop_assert_eq!(Some(encoded.bounds), around([&shape]));
    }

    #[test]
    fn geojson_becomes_the_same_shape((shape, sort) in arbitrary_shape()) {
        let json = serde_json::to_value(geojson::Geometry::new(geojson::GeometryValue::from(&shape))).unwrap();
        let encoded = wkb::of_geojson(&json, sort).unwrap().unwrap();
        prop_assert_eq!(decode(&encoded.bytes), shape);
    }
}

#[test]
fn a_polygon_among_multipolygons_is_one_and_a_point_among_them_is_refused() {
    let square = serde_json::json!({ "type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]] });
    let encoded = wkb::of_geojson(&square, GeometrySort::MultiPolygon).unwrap().unwrap();
    assert!(matches!(decode(&encoded.bytes), Geometry::MultiPolygon(areas) if areas.0.len() == 1));
    let point = serde_json::json!({ "type": "Point", "coordinates": [0, 0] });
    assert!(wkb::of_geojson(&point, GeometrySort::MultiPolygon).is_err());
    assert_eq!(wkb::of_geojson(&Value::Null, GeometrySort::Point).unwrap(), None);
}

/// Everything about the files of a run's folder for geographic information systems.
pub(in crate::output) fn check(dir: &Path, findings: &Findings, planning_day: crate::calendar::DayKind) {
    let base = Connection::open(dir.join(GEOPACKAGE)).unwrap();
    check_container(&base);
    for (name, _, fields) in fields::LAYERS {
        let collection: Value = serde_json::from_slice(&fs::read(dir.join(format!("{name}.geojson"))).unwrap()).unwrap();
        let features: Vec<&Value> = features(&collection).collect();
        check_layer(&base, name, &features);
        check_parquet(dir, &base, name);
        let listed: BTreeSet<&str> = fields.iter().map(|(field, _)| *field).collect();
        for (member, _) in features.iter().flat_map(|feature| feature["properties"].as_object().unwrap()) {
            assert!(listed.contains(member.as_str()), "{name}: list `{member}` in gis/fields.rs");
        }
    }
    check_parquet(dir, &base, "cells");
    check_cells(&base, findings, planning_day);
    check_titles_and_styles(dir, &base);
}

fn one<T: rusqlite::types::FromSql>(base: &Connection, sql: &str) -> T {
    base.query_row(sql, [], |row| row.get(0)).expect(sql)
}

fn all<T>(base: &Connection, sql: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    base.prepare(sql).expect(sql).query_map([], read).expect(sql).collect::<Result<_, _>>().expect(sql)
}

/// What makes an SQLite file a GeoPackage.
fn check_container(base: &Connection) {
    assert_eq!(one::<i32>(base, "PRAGMA application_id").to_be_bytes(), *b"GPKG");
    assert_eq!(one::<i32>(base, "PRAGMA user_version"), 10300);
    assert_eq!(one::<String>(base, "PRAGMA integrity_check"), "ok");
    assert!(all(base, "PRAGMA foreign_key_check", |_| Ok(())).is_empty());
    let systems = all(base, "SELECT srs_id, organization FROM gpkg_spatial_ref_sys ORDER BY 1", |row| {
        Ok((row.get::<_, i32>(0)?, row.get::<_, String>(1)?))
    });
    assert_eq!(systems, [(-1, "NONE".to_owned()), (0, "NONE".to_owned()), (4326, "EPSG".to_owned())]);
    let layers: Vec<String> = all(base, "SELECT table_name FROM gpkg_contents WHERE data_type = 'features'", |row| row.get(0));
    assert_eq!(layers, ["cells", "gaps", "duplicates", "stations", "recommend", "bus_ways", "bus_stays"]);
    let named: Vec<String> = all(base, "SELECT table_name FROM gpkg_geometry_columns WHERE srs_id = 4326", |row| row.get(0));
    assert_eq!(named, layers);
    for layer in layers {
        let located: i64 = one(base, &format!("SELECT count(*) FROM {layer} WHERE geom IS NOT NULL"));
        assert_eq!(one::<i64>(base, &format!("SELECT count(*) FROM rtree_{layer}_geom")), located);
        assert_eq!(one::<String>(base, &format!("SELECT rtreecheck('rtree_{layer}_geom')")), "ok");
    }
}

/// Each feature: place and every property.
fn check_layer(base: &Connection, name: &str, features: &[&Value]) {
    let mut statement = base.prepare(&format!("SELECT * FROM {name} ORDER BY fid")).unwrap();
    let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let rows: Vec<Vec<Sql>> = statement
        .query_map([], |row| (0..columns.len()).map(|at| row.get(at)).collect())
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(rows.len(), features.len(), "{name}");
    let mut shapes = Vec::new();
    for (row, feature) in rows.iter().zip(features) {
        match &row[1] {
            Sql::Null => assert!(feature["geometry"].is_null()),
            Sql::Blob(blob) => {
                let found = decode_blob(blob);
                let json = serde_json::from_value::<geojson::Geometry>(feature["geometry"].clone()).unwrap();
                let mut expected = Geometry::<f64>::try_from(json).unwrap();
                if let (Geometry::Polygon(area), Geometry::MultiPolygon(_)) = (&expected, &found) {
                    expected = MultiPolygon(vec![area.clone()]).into();
                }
                assert_eq!(found, expected, "{name}");
                shapes.push(found);
            }
            other => panic!("{name}: {other:?}"),
        }
        for (member, value) in feature["properties"].as_object().unwrap() {
            let cell = |column: &str| &row[columns.iter().position(|c| c == column).expect(column)];
            match value {
                Value::Null if !columns.contains(member) => {
                    let parts = columns.iter().filter(|column| column.starts_with(&format!("{member}_")));
                    assert!(
                        parts.clone().count() > 0 && parts.into_iter().all(|part| *cell(part) == Sql::Null),
                        "{name} {member}"
                    );
                }
                Value::Object(parts) => {
                    for (part, number) in parts {
                        assert_eq!(*cell(&format!("{member}_{part}")), Sql::Real(number.as_f64().unwrap()), "{name} {member}");
                    }
                }
                value => assert_eq!(*cell(member), as_sql(value, cell(member)), "{name} {member}"),
            }
        }
    }
    let written = base
        .query_row("SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?", [name], |row| {
            Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, Option<f64>>(3)?])
        })
        .unwrap();
    assert_eq!(written, around(&shapes).map_or([None; 4], |around| around.map(Some)), "{name}");
}

/// A property as SQL keeps it; a whole number in a column of reals is one.
fn as_sql(value: &Value, found: &Sql) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Bool(flag) => Sql::Integer(i64::from(*flag)),
        Value::String(text) => Sql::Text(text.clone()),
        Value::Number(number) if matches!(found, Sql::Integer(_)) => Sql::Integer(number.as_i64().unwrap()),
        Value::Number(number) => Sql::Real(number.as_f64().unwrap()),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            Sql::Text(items.iter().map(|item| item.as_str().unwrap()).collect::<Vec<_>>().join(";"))
        }
        other => Sql::Text(other.to_string()),
    }
}

/// GeoParquet: what it must say about itself, and the same rows as the GeoPackage.
fn check_parquet(dir: &Path, base: &Connection, name: &str) {
    let mut reader = ParquetReader::new(File::open(dir.join(format!("{name}.parquet"))).unwrap());
    let said = reader.get_metadata().unwrap().key_value_metadata().clone().unwrap();
    let said = said.into_iter().find(|pair| pair.key == "geo").and_then(|pair| pair.value).expect("a member `geo`");
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["version"], "1.1.0");
    assert_eq!(said["primary_column"], "geometry");
    let column = &said["columns"]["geometry"];
    assert_eq!(column["encoding"], "WKB");
    assert!(column.get("crs").is_none(), "none given is OGC:CRS84; null would be unknown");
    let frame: DataFrame = reader.finish().unwrap();
    let mut statement = base.prepare(&format!("SELECT * FROM {name} ORDER BY fid")).unwrap();
    let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let mut rows = statement.query([]).unwrap();
    let mut at = 0;
    let mut sorts = BTreeSet::new();
    while let Some(row) = rows.next().unwrap() {
        let cells = frame.get(at).expect("as many rows");
        assert_eq!(cells.len(), columns.len() - 1, "{name}: all columns but fid");
        for (cell, column) in cells.iter().zip(columns[2..].iter().chain([&"geom".to_owned()])) {
            match (cell, row.get::<_, Sql>(column.as_str()).unwrap()) {
                (AnyValue::Null, Sql::Null) => {}
                (AnyValue::String(a), Sql::Text(b)) => assert_eq!(*a, b),
                (AnyValue::Float64(a), Sql::Real(b)) => assert_eq!(*a, b),
                (AnyValue::Int64(a), Sql::Integer(b)) => assert_eq!(*a, b),
                (AnyValue::Boolean(a), Sql::Integer(b)) => assert_eq!(i64::from(*a), b),
                (AnyValue::Binary(a), Sql::Blob(b)) => {
                    assert_eq!(decode(a), decode_blob(&b));
                    sorts.insert(u32::from_le_bytes(a[1..5].try_into().unwrap()));
                }
                (a, b) => panic!("{name} {column}: {a:?} and {b:?}"),
            }
        }
        at += 1;
    }
    assert_eq!(at, frame.height(), "{name}");
    let code = match column["geometry_types"][0].as_str() {
        Some("Point") => 1,
        Some("LineString") => 2,
        Some("Polygon") => 3,
        Some("MultiPolygon") => 6,
        other => panic!("{other:?}"),
    };
    assert_eq!(sorts, [code].into(), "{name}");
    let written: Vec<f64> = serde_json::from_value(column["bbox"].clone()).unwrap();
    let expected = base
        .query_row("SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?", [name], |row| {
            Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, f64>(3)?])
        })
        .unwrap();
    assert_eq!(written, expected, "{name}");
}

/// The grid adds up to the day's demand and to the ladder.
fn check_cells(base: &Connection, findings: &Findings, planning_day: crate::calendar::DayKind) {
    for day in findings.cube.days() {
        let sum: f64 = one(base, &format!("SELECT sum(visits_{}_{}) FROM cells", day.season.id(), day.day_type.id()));
        assert!((sum - findings.cube.day_total(day).visits()).abs() < 1e-6 * sum, "{day}");
    }
    let ladder = findings.ladders[0].ladder.day(planning_day);
    let visits = format!("visits_{}_{}", planning_day.season.id(), planning_day.day_type.id());
    for (rung, covered) in RUNG_IDS.iter().zip(ladder.covered) {
        let sum: f64 = one(base, &format!("SELECT sum({visits} * cov_{rung}) FROM cells"));
        let expected = covered.visits();
        // Shares have four decimals.
        assert!((sum - expected).abs() < 0.000_05 * ladder.demand.visits(), "{rung}: {sum} and {expected}");
    }
    let ids: i64 = one(base, "SELECT count(DISTINCT cell_id) FROM cells");
    assert_eq!(ids, one::<i64>(base, "SELECT count(*) FROM cells"));
}

/// Every column has a Chinese title of its own, every layer a style that is right XML and names columns that are there.
fn check_titles_and_styles(dir: &Path, base: &Connection) {
    let titles = all(base, "SELECT table_name, column_name, title, description FROM gpkg_data_columns", |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
    });
    let mut seen = BTreeSet::new();
    for (layer, column, zh, en) in &titles {
        assert!(seen.insert((layer, zh)), "{layer}: two columns {zh}");
        assert!(zh.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{layer} {column}: {zh}");
        assert!(en.is_ascii() || en.contains(['²', '–']), "{layer} {column}: {en}");
    }
    let columns: i64 = one(
        base,
        "SELECT count(*) FROM gpkg_contents c JOIN pragma_table_info(c.table_name) p
         WHERE c.data_type = 'features' AND p.name NOT IN ('fid', 'geom')",
    );
    assert_eq!(titles.len() as i64, columns);
    let styles = all(base, "SELECT f_table_name, styleName, styleQML, useAsDefault FROM layer_styles ORDER BY id", |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?, row.get::<_, bool>(3)?))
    });
    for (layer, name, document, usual) in &styles {
        check_xml(document);
        assert!(!name.contains('{') && !document.contains("style.") && !document.contains("field."), "{layer} {name}");
        for column in document.split("&quot;").skip(1).step_by(2) {
            let known = titles.iter().any(|(of, title, ..)| of == layer && title == column);
            assert!(known, "{layer} {name}: no column {column}");
        }
        if *usual && !layer.starts_with("bus_") {
            assert_eq!(&fs::read_to_string(dir.join(format!("{layer}.qml"))).unwrap(), document);
        }
    }
    let usual: Vec<&str> = styles.iter().filter(|style| style.3).map(|style| style.0.as_str()).collect();
    assert_eq!(usual, ["cells", "gaps", "duplicates", "stations", "recommend", "bus_ways", "bus_stays"]);
    assert_eq!(styles.len(), usual.len() + 1 + RUNGS, "demand left, and a style a rung, more");
}

/// Whether elements are closed in order; text has no bare `<` or `&`.
fn check_xml(document: &str) {
    let mut open: Vec<&str> = Vec::new();
    for piece in document.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').expect("closed");
        assert!(text.trim().is_empty(), "text {text}");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        for entity in tag.split('&').skip(1) {
            assert!(["amp;", "lt;", "gt;", "quot;"].iter().any(|name| entity.starts_with(name)), "{tag}");
        }
        let name = tag.split_whitespace().next().unwrap_or_default();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if tag.ends_with('/') || name.starts_with('!') => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn every_title_is_used() {
    let lists = fields::LAYERS.iter().map(|(.., fields)| *fields).chain(fields::BUSES.iter().map(|(.., fields)| *fields));
    let mut used: BTreeSet<String> = lists.flatten().map(|(name, _)| format!("field.{name}")).collect();
    used.extend(
        ["part", "cell_id", "visits", "visits.count", "visits.public", "visits.count.public", "covered", "suppressed"]
            .map(|name| format!("field.{name}")),
    );
    for code in codes().filter(|code| code.starts_with("field.")) {
        assert!(used.contains(code), "{code} names no column");
    }
}

/// The same rows again and again, each turn a little further east.
fn repeated(table: Table, rows: usize) -> Table {
    let many = table.shapes.len();
    let shape = |row: usize| {
        let east = (row / many) as f64 * 0.01;
        let moved = |at: Coord<f64>| Coord { x: at.x + east, y: at.y };
        let shape = table.shapes[row % many].as_ref()?;
        Some(wkb::encode(&decode(&shape.bytes).map_coords(moved), table.geometry).unwrap())
    };
    fn cycle<T: Clone>(values: &[T], rows: usize) -> Vec<T> {
        values.iter().cycle().take(rows).cloned().collect()
    }
    let values = |values: &Values| match values {
        Values::Text(values) => Values::Text(cycle(values, rows)),
        Values::Integer(values) => Values::Integer(cycle(values, rows)),
        Values::Real(values) => Values::Real(cycle(values, rows)),
        Values::Flag(values) => Values::Flag(cycle(values, rows)),
    };
    let column = |c: &Column| Column { name: c.name.clone(), titles: c.titles.clone(), values: values(&c.values) };
    Table { columns: table.columns.iter().map(column).collect(), shapes: (0..rows).map(shape).collect(), ..table }
}

#[test]
#[ignore = "a measurement: cargo test --release a_province -- --ignored --nocapture"]
fn a_province_of_squares_and_stations() {
    let (scenario, findings) = crate::output::tests::daoli();
    let cleared = crate::output::clear(&findings);
    let writer = cleared.writer(&scenario, Lang::Zh);
    let layers = crate::output::features::layers(&cleared, &scenario, Lang::Zh, false).unwrap();
    let stations: Value = serde_json::from_slice(&layers[0].1).unwrap();
    let (name, geometry, fields) = fields::LAYERS[2];
    let stations = table(writer, name, geometry, fields, features(&stations)).unwrap();
    let tables = [repeated(cells::table(writer).unwrap(), 200_000), repeated(stations, 12_000)];
    let clock = std::time::Instant::now();
    let bytes = geopackage::file(writer, &tables).unwrap();
    println!("layers.gpkg: {} bytes in {:.2} s", bytes.len(), clock.elapsed().as_secs_f64());
    for table in &tables {
        let clock = std::time::Instant::now();
        let bytes = geoparquet::file(table).unwrap();
        println!("{}.parquet: {} bytes in {:.2} s", table.name, bytes.len(), clock.elapsed().as_secs_f64());
    }
    if let Some(path) = std::env::var_os("KEEP") {
        fs::write(path, &bytes).unwrap();
    }
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join(GEOPACKAGE), bytes).unwrap();
    let base = Connection::open(home.path().join(GEOPACKAGE)).unwrap();
    assert_eq!(one::<i64>(&base, "SELECT count(*) FROM cells"), 200_000);
    assert_eq!(one::<i64>(&base, "SELECT count(*) FROM stations"), 12_000);
}
