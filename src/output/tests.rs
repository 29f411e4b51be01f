//! Tests of the whole output folder, on the demo city.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use calamine::{DataType, Reader};
use geo::{Area, Polygon};
use geojson::{FeatureCollection, GeoJson};
use polars::prelude::{ParquetReader, SerReader};

use super::*;
use crate::findings::Findings;
use crate::message::term;
use crate::pipeline::analyse;
use crate::progress::Silent;
use crate::scenario;

pub(super) fn daoli() -> (Scenario, Findings) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/daoli/scenario.toml");
    let scenario = scenario::load(&path).unwrap();
    let findings = analyse(&scenario, &Silent).unwrap();
    (scenario, findings)
}

fn options(dir: &Path) -> WriteOptions {
    WriteOptions { dir: dir.to_owned(), overwrite: false, gcj02: true, lang: Lang::Zh }
}

fn layer(dir: &Path, name: &str) -> FeatureCollection {
    let text = fs::read_to_string(dir.join(name)).unwrap();
    assert!(!text.contains("\"crs\""), "{name}: RFC 7946 has no crs member");
    let GeoJson::FeatureCollection(layer) = text.parse().unwrap() else { panic!("{name} is no collection") };
    layer
}

/// Rows of a CSV of ours without quoted cells in them, by column.
fn table(dir: &Path, name: &str) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(dir.join(name)).unwrap();
    let mut lines = text.strip_prefix('\u{feff}').expect("byte order mark").lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines.map(|line| header.iter().map(|h| (*h).to_owned()).zip(line.split(',').map(str::to_owned)).collect()).collect()
}

/// The field names of the documentation, in the order of each layer; a layer may have more after them.
const FIELDS: [(&str, &[&str]); 4] = [
    (
        "stations.geojson",
        &[
            "station_id",
            "name",
            "kind",
            "service_types",
            "unit",
            "hours_text",
            "open_now_share",
            "area_m2",
            "local_demand",
            "load_peak",
            "night_demand",
            "score",
            "action",
            "reason",
            "crs_source",
            "coord_quality",
        ],
    ),
    (
        "gaps.geojson",
        &[
            "gap_id",
            "rank",
            "severity",
            "cause",
            "season",
            "day_type",
            "slot",
            "group_top",
            "nearest_station_id",
            "straight_m",
            "path_m",
            "suggest_kind",
            "suggest_service",
            "cost_low",
            "cost_high",
            "in_area",
        ],
    ),
    (
        "duplicates.geojson",
        &[
            "pair_id",
            "a_id",
            "b_id",
            "straight_m",
            "path_m",
            "overlap",
            "hours_overlap",
            "verdict",
            "exempt_reason",
            "keep_id",
            "loss_if_removed",
        ],
    ),
    ("recommend.geojson", &["rec_id", "action", "candidate_id", "host", "gain", "cum_coverage", "equipment", "key_area"]),
];

const COLUMNS: [(&str, &[&str]); 4] = [
    ("duplicates.csv", FIELDS[2].1),
    (
        "bus_schedule.csv",
        &["date", "bus_id", "stop_id", "arrive", "leave", "expected_visits", "notify_unit", "notify_by", "status"],
    ),
    (
        "coverage.csv",
        &[
            "unit",
            "group",
            "season",
            "slot",
            "demand",
            "cov_radius",
            "cov_path",
            "cov_open",
            "cov_capacity",
            "cov_service",
            "suppressed",
        ],
    ),
    ("issues.csv", &["row", "field", "value", "problem", "action", "severity"]),
];

fn check_fields(dir: &Path) {
    for (name, fields) in FIELDS {
        let text = fs::read_to_string(dir.join(name)).unwrap();
        for line in text.lines().filter(|line| line.starts_with("{\"type\":\"Feature\"")) {
            let (_, properties) = line.split_once("\"properties\":{").unwrap();
            let found: Vec<usize> = fields
                .iter()
                .map(|f| properties.find(&format!("\"{f}\":")).unwrap_or_else(|| panic!("{name} has no {f}")))
                .collect();
            assert!(found.is_sorted(), "{name}: fields keep their order");
        }
    }
    for (name, columns) in COLUMNS {
        let text = fs::read_to_string(dir.join(name)).unwrap();
        let header = text.trim_start_matches('\u{feff}').lines().next().unwrap();
        let header: BTreeSet<&str> = header.split(',').collect();
        assert!(columns.iter().all(|column| header.contains(column)), "{name}: {header:?}");
    }
}

fn check_geometry(dir: &Path) {
    for (name, _) in FIELDS {
        for feature in layer(dir, name).features {
            let Some(geometry) = feature.geometry else { continue };
            let text = geometry.to_string();
            for number in text.split(|c: char| !(c.is_ascii_digit() || c == '.')) {
                let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
                assert!(decimals <= 6, "{name}: {number}");
            }
            if let Ok(areas) = geo::MultiPolygon::<f64>::try_from(geometry) {
                for area in areas {
                    assert!(Polygon::new(area.exterior().clone(), vec![]).signed_area() > 0.0, "{name}: outer ring winding");
                    for hole in area.interiors() {
                        assert!(Polygon::new(hole.clone(), vec![]).signed_area() < 0.0, "{name}: inner ring winding");
                    }
                }
            }
        }
    }
}

fn check_accounts(dir: &Path, findings: &Findings) {
    let milli = |row: &BTreeMap<String, String>, column: &str| (row[column].parse::<f64>().unwrap() * 1000.0).round() as u64;
    let mut totals: BTreeMap<(String, String), u64> = BTreeMap::new();
    let rows = table(dir, "coverage.csv");
    for row in &rows {
        let mut above = milli(row, "demand");
        *totals.entry((row["standard"].clone(), format!("{} {}", row["season"], row["day_type"]))).or_default() += above;
        for rung in ["radius", "path", "open", "capacity", "service"] {
            let here = milli(row, &format!("visits_{rung}"));
            assert!(here <= above, "rungs never increase: {row:?}");
            above = here;
            let share = row[&format!("cov_{rung}")].parse::<f64>().unwrap();
            assert!((share - here as f64 / milli(row, "demand") as f64).abs() <= 0.000_051, "{row:?}");
        }
    }
    assert_eq!(totals.len(), 24, "two standards, twelve days");
    for ((standard, day), total) in totals {
        assert_eq!(total, findings.cube.day_total(day.parse().unwrap()).milli(), "{standard} {day}");
    }
    let frame = ParquetReader::new(fs::File::open(dir.join("coverage.parquet")).unwrap()).finish().unwrap();
    assert_eq!(frame.shape(), (rows.len(), rows[0].len()));
}

/// The workbook says what the layers and the ladder say, number by number.
fn check_workbook(dir: &Path, findings: &Findings) {
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(dir.join("report.xlsx")).unwrap();
    let column = |book: &mut calamine::Xlsx<_>, sheet: &str, header: &str| -> Vec<calamine::Data> {
        let rows = book.worksheet_range(term(sheet, Lang::Zh)).unwrap();
        let at = rows.rows().next().unwrap().iter().position(|cell| *cell == *term(header, Lang::Zh)).expect(header);
        rows.rows().skip(1).map(|row| row[at].clone()).collect()
    };
    let numbers = |cells: Vec<calamine::Data>| cells.iter().map(|cell| cell.as_f64()).collect::<Vec<_>>();
    for (file, sheet, members) in [
        ("gaps.geojson", "sheet.gaps", &["severity", "straight_m", "path_m", "centre_lon"][..]),
        ("duplicates.geojson", "sheet.duplicates", &["straight_m", "overlap", "loss_if_removed"]),
        ("stations.geojson", "sheet.stations", &["local_demand", "load_peak", "area_m2"]),
        ("recommend.geojson", "sheet.recommend", &["gain", "cum_coverage", "unique"]),
    ] {
        let features = layer(dir, file).features;
        let of_layer = features.iter().map(|feature| feature.properties.as_ref().unwrap());
        // Windows of buses are recommendations too, and have a sheet of their own.
        let kept: Vec<_> = of_layer.filter(|row| file != "recommend.geojson" || row["action"] != "place_bus").collect();
        for member in members {
            let written: Vec<Option<f64>> = kept.iter().map(|row| row[*member].as_f64()).collect();
            assert_eq!(numbers(column(&mut book, sheet, &format!("sheet.column.{member}"))), written, "{file} {member}");
        }
    }
    let demand = numbers(column(&mut book, "sheet.coverage", "sheet.column.demand"));
    let days = findings.cube.days();
    let expected: Vec<Option<f64>> =
        findings.ladders.iter().flat_map(|_| days.iter().map(|&day| Some(findings.cube.day_total(day).visits()))).collect();
    assert_eq!(demand, expected);
    let reasons = column(&mut book, "sheet.recommend", "sheet.column.reason");
    assert!(reasons.iter().all(|reason| !reason.to_string().contains('–')), "{reasons:?}");
}

#[test]
fn the_folder_is_complete_correct_and_the_same_twice() {
    let (scenario, findings) = daoli();
    let cleared = clear(&findings);
    let home = tempfile::tempdir().unwrap();
    let (first, second) = (home.path().join("first"), home.path().join("second"));
    let extra = [("summary.md".to_owned(), "# 道里\n".as_bytes().to_vec()), ("maps/a.svg".to_owned(), b"<svg/>".to_vec())];
    let files = write(&cleared, &scenario, &options(&first), &[("load", 0.123_456)], &extra).unwrap();
    write(&cleared, &scenario, &options(&second), &[("load", 9.0)], &extra).unwrap();
    for name in files.iter().map(|file| file.path.as_str()).chain([manifest::MANIFEST]) {
        assert_eq!(fs::read(first.join(name)).unwrap(), fs::read(second.join(name)).unwrap(), "{name}");
    }
    let names: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let expected = [
        "bus_schedule.csv",
        "cells.parquet",
        "cells.qml",
        "coverage.csv",
        "coverage.parquet",
        "duplicates.csv",
        "duplicates.geojson",
        "duplicates.parquet",
        "duplicates.qml",
        "duplicates_gcj02.geojson",
        "gaps.geojson",
        "gaps.parquet",
        "gaps.qml",
        "gaps_gcj02.geojson",
        "issues.csv",
        "layers.gpkg",
        "maps/a.svg",
        "recommend.geojson",
        "recommend.parquet",
        "recommend.qml",
        "recommend_gcj02.geojson",
        "report.html",
        "report.xlsx",
        "scenario.effective.toml",
        "siting_curve.csv",
        "siting_stability.csv",
        "stations.geojson",
        "stations.parquet",
        "stations.qml",
        "stations_gcj02.geojson",
        "summary.md",
    ];
    assert_eq!(names, expected);
    check_fields(&first);
    check_geometry(&first);
    check_accounts(&first, &findings);
    check_workbook(&first, &findings);
    gis::tests::check(&first, &findings, scenario.planning_day);
    let manifest = read_manifest(&first).unwrap();
    assert_eq!(manifest.outputs, files);
    for file in &manifest.outputs {
        assert_eq!(&manifest::checksum(&first.join(&file.path), &file.path).unwrap(), file);
    }
    assert_eq!(layer(&first, "stations.geojson").features.len(), findings.dataset.stations.len());
    assert_eq!(layer(&first, "gaps.geojson").features.len(), findings.gaps.len());
    check_overwriting(&cleared, &scenario, &first, &extra);
}

fn check_overwriting(cleared: &Cleared<'_>, scenario: &Scenario, dir: &Path, extra: &[NamedFile]) {
    let code = |result: Result<Vec<OutputFile>, RunError>| match result {
        Err(RunError::Output(message)) => message.code(),
        other => panic!("expected a refusal, got {other:?}"),
    };
    assert_eq!(code(write(cleared, scenario, &options(dir), &[], extra)), "O001");
    let over = WriteOptions { overwrite: true, gcj02: false, ..options(dir) };
    write(cleared, scenario, &over, &[], extra).unwrap();
    assert!(!dir.join("gaps_gcj02.geojson").exists(), "an earlier run's files go");
    fs::write(dir.join("notes.txt"), "mine").unwrap();
    assert_eq!(code(write(cleared, scenario, &over, &[], extra)), "O007");
    assert_eq!(fs::read_to_string(dir.join("notes.txt")).unwrap(), "mine");
    let twice = [extra[0].clone(), extra[0].clone()];
    let elsewhere = dir.with_file_name("third");
    assert_eq!(code(write(cleared, scenario, &options(&elsewhere), &[], &twice)), "O006");
    assert!(!elsewhere.exists());
}

#[test]
fn the_effective_scenario_loads_again() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/daoli/scenario.toml");
    let scenario = scenario::load(&path).unwrap();
    let home = tempfile::tempdir().unwrap();
    for name in manifest::input_names(&scenario) {
        fs::write(home.path().join(name), "").unwrap();
    }
    let copy = home.path().join("scenario.toml");
    fs::write(&copy, manifest::effective(&scenario).unwrap()).unwrap();
    assert_eq!(scenario::load(&copy).unwrap().file, scenario.file);
}

#[test]
fn every_id_in_the_outputs_has_a_word() {
    let families: [(&str, &[&str]); 3] = [
        ("cause", &["distance", "barrier", "hours", "capacity", "service", "season", "out_of_area"]),
        (
            "action",
            &[
                "new_fixed",
                "upgrade_smart",
                "new_smart",
                "place_bus",
                "extend_hours",
                "add_equipment",
                "add_staff",
                "merge",
                "relocate",
                "review",
                "keep",
            ],
        ),
        ("rung", &["radius", "path", "open", "capacity", "service"]),
    ];
    for (family, ids) in families {
        for id in ids {
            let key = format!("{family}.{id}");
            assert_ne!(crate::message::term(&key, Lang::Zh), key);
        }
    }
}
