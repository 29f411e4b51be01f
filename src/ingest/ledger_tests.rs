//! The dirty ledger of the synthetic city, defect by defect, against the clean one; and what must hold for any order of rows.

use std::path::Path;

use geo::{Distance, Haversine, MultiPolygon, Polygon};
use proptest::prelude::*;
use serde::Deserialize;

use super::super::table::read_table;
use super::*;
use crate::calendar::{DayKind, DayType, Season};
use crate::crs::{Crs, Planar};
use crate::domain::study_area::{Grid, Unit};

/// South bank of the river; the north bank is 0.008 degrees further north.
const BANK: [(f64, f64); 8] = [
    (126.5, 45.74),
    (126.53, 45.749),
    (126.556, 45.757),
    (126.58, 45.767),
    (126.6, 45.776),
    (126.617, 45.7825),
    (126.635, 45.788),
    (126.66, 45.793),
];

const UNITS: [(&str, f64, f64); 18] = [
    ("斯大林", 126.612, 45.7785),
    ("兆麟", 126.6205, 45.777),
    ("尚志", 126.619, 45.77),
    ("通江", 126.61, 45.7735),
    ("经纬", 126.6165, 45.764),
    ("工程", 126.607, 45.768),
    ("安静", 126.602, 45.7625),
    ("安和", 126.6075, 45.758),
    ("建国", 126.6, 45.753),
    ("共乐", 126.5935, 45.76),
    ("新阳路", 126.5965, 45.7685),
    ("正阳河", 126.585, 45.763),
    ("抚顺", 126.5865, 45.7555),
    ("工农", 126.579, 45.748),
    ("新华", 126.591, 45.7455),
    ("康安", 126.583, 45.737),
    ("城乡路", 126.569, 45.74),
    ("群力东", 126.559, 45.742),
];

pub(in crate::ingest) fn projector() -> Projector {
    Projector::new(Crs::epsg(4551)).expect("EPSG:4551")
}

pub(in crate::ingest) fn area() -> StudyArea {
    let projector = projector();
    let units = UNITS.map(|(name, lon, lat)| {
        let centre = LonLat::new(lon, lat).expect("valid");
        Unit { name: name.to_owned(), outline: None, centre, planar: projector.project(centre).expect("projects") }
    });
    let north = BANK.iter().rev().map(|(lon, lat)| (*lon, lat + 0.008));
    let river: Vec<(f64, f64)> = BANK.iter().copied().chain(north).collect();
    let low = Planar { x: 538_000.0, y: 5_063_000.0 };
    StudyArea {
        crs: Crs::epsg(4551),
        bbox: [126.49, 45.705, 126.67, 45.81],
        grid: Grid::covering(low, Planar { x: 552_000.0, y: 5_075_000.0 }, 250.0),
        units: units.into(),
        home: None,
        water: Some(MultiPolygon::new(vec![Polygon::new(river.into(), Vec::new())])),
    }
}

/// A table from text in CSV.
pub(in crate::ingest) fn table(text: &str) -> Table {
    let file = tempfile::NamedTempFile::new().expect("temporary file");
    std::fs::write(file.path(), text).expect("writes");
    read_table(file.path(), "t.csv").expect("reads")
}

fn ledger(name: &str) -> Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ledger").join(name);
    read_table(&path, name).expect("reads")
}

fn load(table: &Table) -> (Vec<Station>, IssueTable) {
    load_stations(table, None, None, &area(), &projector()).expect("loads")
}

#[derive(Deserialize)]
struct Truth {
    defects: Vec<(String, String)>,
}

#[test]
fn seventy_one_rows_are_sixty_eight_stations_and_every_defect_is_listed() {
    let table = ledger("stations_dirty_gb18030.csv");
    assert_eq!(table.rows.len(), 71);
    let (stations, issues) = load(&table);
    assert_eq!(stations.len(), 68);
    let truth: Truth = serde_json::from_str(include_str!("../../tests/data/ledger/truth.json")).expect("truth");
    assert_eq!(truth.defects.len(), 19);
    let (clean, _) = load(&ledger("stations_clean.csv"));
    let name_of = |id: &str| clean.iter().find(|station| station.id == id).map(|station| station.name.clone()).expect("clean id");
    let row_of = |name: &str| {
        let found = table.rows.iter().find(|row| row.cells[1] == name.trim()).expect("a row of that name");
        found.number
    };
    for (id, defect) in &truth.defects {
        let (row, codes, action) = match defect.as_str() {
            "coordinates missing" => (row_of(&name_of(id)), ["L101"].as_slice(), IssueAction::NeedsPerson),
            "lon/lat swapped" => (row_of(&name_of(id)), ["L104"].as_slice(), IssueAction::Fixed),
            "temporarily closed" => (row_of(&name_of(id)), ["L403"].as_slice(), IssueAction::Noted),
            "point in river" => (row_of(&name_of(id)), ["L107"].as_slice(), IssueAction::NeedsPerson),
            "GCJ-02 unlabelled" => (row_of(&name_of(id)), ["L203"].as_slice(), IssueAction::Fixed),
            "DMS text" => (row_of(&name_of(id)), ["L105"].as_slice(), IssueAction::Fixed),
            "BD-09 labelled" => (row_of(&name_of(id)), ["L201"].as_slice(), IssueAction::Fixed),
            "0,0" => (row_of(&name_of(id)), ["L102"].as_slice(), IssueAction::NeedsPerson),
            duplicate => {
                let name = duplicate.strip_prefix("entity duplicate row: ").expect("a known defect");
                (row_of(name), ["L407"].as_slice(), IssueAction::Fixed)
            }
        };
        for code in codes {
            let listed = issues.rows().iter().any(|i| i.row == row && i.problem.code() == *code && i.action == action);
            assert!(listed, "{id} {defect}: row {row} should have {code} {}", action.id());
        }
    }
    let datums = issues.rows().iter().filter(|issue| matches!(issue.problem.code(), "L202" | "L203")).count();
    assert_eq!(datums, 8, "all unlabelled rows are settled");
    let serious = issues.rows().iter().filter(|issue| issue.severity == Severity::Error).count();
    assert_eq!(serious, 4, "two missing, one zero, one in the river; nothing invented");
}

#[test]
fn positions_and_hours_agree_with_the_clean_ledger() {
    let (stations, _) = load(&ledger("stations_dirty_gb18030.csv"));
    let (clean, issues) = load(&ledger("stations_clean.csv"));
    assert_eq!((clean.len(), issues.count(IssueAction::NeedsPerson)), (68, 0));
    let weekday = DayKind::new(Season::WinterPeak, DayType::Weekday);
    for truth in &clean {
        let station = stations.iter().find(|station| name_key(&station.name) == name_key(&truth.name)).expect(&truth.name);
        assert_eq!(station.kind, truth.kind, "{}", truth.name);
        assert!(!station.hours.spans(weekday).is_empty(), "{}", truth.name);
        assert_eq!(station.hours.is_always(), truth.hours.is_always(), "{}", truth.name);
        let unusable = ["DL030", "DL058", "DL062", "DL037"].contains(&truth.id.as_str());
        assert_eq!(station.position.is_none(), unusable, "{}", truth.name);
        assert_eq!(station.coord_quality == CoordQuality::Missing, unusable, "{}", truth.name);
        if let (Some(a), Some(b)) = (station.position, truth.position) {
            let metres = Haversine.distance(a.point(), b.point());
            assert!(metres < 1.0, "{}: {metres} m", truth.name);
        }
    }
    let closed = stations.iter().filter(|station| station.status == Status::Suspended).count();
    assert_eq!(closed, 1);
}

#[test]
fn branches_follow_names_and_identifiers() {
    let (stations, _) = load(&ledger("stations_dirty_gb18030.csv"));
    let linked: Vec<_> = stations.iter().filter_map(|s| Some((s.id.as_str(), s.parent_id.as_deref()?))).collect();
    assert_eq!(linked, [("R001", "R008")]);
    let text = "站点编号,名称,类型,坐标,坐标系,开放时间,母站编号\n\
        A,甲,固定,\"126.6,45.76\",WGS84,8-17,\nB,乙,固定,\"126.59,45.75\",高德,8-17,A\nB,丙,固定,\"126.58,45.75\",某系,8-17,Z\n";
    let (stations, issues) = load(&table(text));
    let found: Vec<_> = stations.iter().map(|s| (s.id.as_str(), s.parent_id.as_deref(), s.position.is_some())).collect();
    assert_eq!(found, [("A", None, true), ("B", None, false), ("B-2", Some("A"), true)]);
    let codes: Vec<_> = issues.rows().iter().map(|issue| (issue.row, issue.problem.code())).collect();
    assert_eq!(codes, [(3, "L201"), (3, "L409"), (4, "L205"), (4, "L207"), (4, "L410")]);
}

#[test]
fn weak_evidence_asks_and_an_assumption_is_noted() {
    let text = "序号,名称,类型,经度,纬度,坐标系,所属街道,开放时间\n1,甲驿站,固定,126.6,45.76,,安静,详询\n";
    let (stations, issues) = load(&table(text));
    assert_eq!((stations[0].position, stations[0].hours.clone()), (None, Hours::closed()));
    let found: Vec<_> = issues.rows().iter().map(|i| (i.field, i.problem.code(), i.action)).collect();
    assert_eq!(found, [("crs", "L205", IssueAction::NeedsPerson), ("hours", "L303", IssueAction::NeedsPerson)]);
    let assumed = load_stations(&table(text), None, Some(Datum::Gcj02), &area(), &projector()).expect("loads");
    assert_eq!((assumed.0[0].crs_source.as_str(), assumed.0[0].coord_quality), ("GCJ-02", CoordQuality::Corrected));
    assert_eq!(assumed.1.rows()[0].problem.code(), "L208");
    let declared = load_stations(&table(text), Some(Datum::Wgs84), None, &area(), &projector()).expect("loads");
    assert_eq!(declared.0[0].coord_quality, CoordQuality::AsGiven);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn the_order_of_rows_does_not_matter(order in Just((0..71usize).collect::<Vec<_>>()).prop_shuffle()) {
        let table = ledger("stations_dirty_gb18030.csv");
        let shuffled = order.iter().enumerate().map(|(place, &row)| TableRow { number: place + 2, ..table.rows[row].clone() });
        let other = Table { rows: shuffled.collect(), ..table.clone() };
        let plain = |table: &Table| load(table).0.into_iter().map(|s| Station { row: 0, ..s }).collect::<Vec<_>>();
        prop_assert_eq!(plain(&table), plain(&other));
    }
}
