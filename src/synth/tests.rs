//! The city is what it claims to be: totals, bytes, schemas, planted places.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

use calamine::{Reader, Xlsx, open_workbook};
use polars::prelude::{DataFrame, ParquetReader, SerReader};
use sha2::{Digest, Sha256};

use super::*;
use crate::calendar::HOURS;
use crate::progress::Silent;
use crate::synth::field::{Quantity, visits_per_unit};
use crate::synth::ground::{Bank, Ground};
use crate::synth::tables::{anchors, profiles, rest, rows};

/// Middles of the five planted gaps.
const GAPS: [(f64, f64); 5] =
    [(126.5290, 45.7345), (126.5450, 45.7245), (126.6020, 45.7330), (126.5690, 45.7550), (126.6305, 45.7610)];

fn city(options: &SynthOptions) -> (tempfile::TempDir, SynthReport) {
    let dir = tempfile::tempdir().expect("temporary folder");
    let report = synth(dir.path(), options, &Silent).expect("writes the city");
    (dir, report)
}

fn parquet(path: &Path) -> DataFrame {
    ParquetReader::new(File::open(path).expect("opens")).finish().expect("reads")
}

fn words(frame: &DataFrame, column: &str) -> Vec<String> {
    let strings = frame.column(column).expect("column").str().expect("text").clone();
    strings.iter().map(|word| word.expect("no null").to_owned()).collect()
}

/// Visits on one typical day in a table, by the city's weights.
fn visits(frame: &DataFrame, day: DayKind, quantities: &[Quantity]) -> f64 {
    let rest = rest(&profiles().expect("profiles")).expect("rest");
    let (seasons, day_types) = (words(frame, "season"), words(frame, "day_type"));
    let hours: Vec<u8> = frame.column("hour").expect("hour").u8().expect("u8").iter().flatten().collect();
    let mut total = 0.0;
    for &quantity in quantities {
        let values = frame.column(quantity.column()).expect("column").f32().expect("f32").clone();
        for (row, value) in values.iter().enumerate() {
            if seasons[row] == day.season.id() && day_types[row] == day.day_type.id() {
                let value = f64::from(value.expect("no null"));
                total += value * visits_per_unit(quantity, rest[usize::from(hours[row])]);
            }
        }
    }
    total
}

#[test]
fn headline_days_have_the_demand_they_should() {
    let (dir, report) = city(&SynthOptions::default());
    let flow = parquet(&dir.path().join("flow.parquet"));
    let orders = parquet(&dir.path().join("orders.parquet"));
    for ((day, exact), expected) in report.visits.into_iter().zip([1186.0, 1713.0, 2618.0, 1757.0]) {
        let written = visits(&flow, day, &Quantity::FLOW_TABLE) + visits(&orders, day, &Quantity::ORDER_TABLE);
        assert!((exact / expected - 1.0).abs() < 0.005, "{day}: {exact} visits, not {expected}");
        assert!((written / exact - 1.0).abs() < 0.0005, "{day}: {written} visits as written, not {exact}");
    }
    let sum =
        |column: &str| orders.column(column).expect("column").f32().expect("f32").iter().flatten().map(f64::from).sum::<f64>();
    assert!((sum("pickups") / sum("dropoffs") - 1.0).abs() < 0.0005, "an order is picked up once and dropped off once");
}

#[test]
fn same_options_same_bytes_as_committed() {
    let (dir, report) = city(&SynthOptions::default());
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/daoli");
    let mut compared = 0;
    for file in &report.files {
        // The published crate leaves the Parquet tables out.
        let Ok(expected) = fs::read(committed.join(&file.name)) else { continue };
        let found = fs::read(dir.path().join(&file.name)).expect("written");
        assert_eq!(found.len() as u64, file.bytes, "{}: size in the report", file.name);
        assert!(found == expected, "{} differs from data/daoli: write it again with `yizhan synth`", file.name);
        compared += 1;
    }
    assert!(compared + 2 >= report.files.len(), "only {compared} of {} files are in data/daoli", report.files.len());
}

#[test]
fn the_ledger_keeps_its_bytes_and_both_formats_agree() {
    let (dir, _) = city(&SynthOptions { cell_m: 1000.0, ..SynthOptions::default() });
    let csv = fs::read(dir.path().join("ledger_gb18030.csv")).expect("ledger");
    let sum: String = Sha256::digest(&csv).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(sum, "447fe78b76be6b577d9bc6d8890144ad2866b4e775e3b253fd717991c47227c0");
    let mut book: Xlsx<_> = open_workbook(dir.path().join("ledger.xlsx")).expect("workbook");
    let sheet = book.worksheet_range("台账").expect("sheet");
    assert_eq!(sheet.get_size(), (72, 10));
    let cell = |row, column| sheet.get_value((row, column)).map(ToString::to_string).unwrap_or_default();
    assert_eq!(cell(4, 7), "工作日8:30-11:30,13:30-17:00");
    assert_eq!(cell(63, 1), "群力商圈户外(hùwài)劳动者驿站 ");
    assert_eq!(cell(20, 3), "");
}

#[test]
fn the_grid_and_the_year_are_complete() {
    let (dir, _) = city(&SynthOptions::default());
    let grid = fs::read_to_string(dir.path().join("grid.csv")).expect("grid");
    assert_eq!(grid.lines().count(), 1 + 46 * 41);
    assert!(grid.lines().last().expect("last").starts_with("c045r040,"));
    let calendar = fs::read_to_string(dir.path().join("calendar.csv")).expect("calendar");
    let kinds: BTreeSet<String> =
        calendar.lines().skip(1).map(|line| line.split(',').skip(1).take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!((calendar.lines().count(), kinds.len()), (366, DayKind::COUNT));
    for kind in kinds {
        assert!(kind.parse::<DayKind>().is_ok(), "{kind}");
    }
}

#[test]
fn each_gap_has_one_host_and_no_candidate_stands_in_water() {
    let ground = Ground::new().expect("ground");
    for seed in [20_251_001, 1, 2] {
        let (dir, _) = city(&SynthOptions { cell_m: 1000.0, seed, ..SynthOptions::default() });
        let text = fs::read_to_string(dir.path().join("candidates.csv")).expect("candidates");
        let places: Vec<_> = rows("candidates.csv", &text).map(|row| row.position(3).expect("position")).collect();
        assert_eq!(places.len(), 150, "seed {seed}");
        assert!(places.iter().all(|&place| ground.side(place).bank == Bank::South), "seed {seed}");
        for (lon, lat) in GAPS {
            let metres = |place: &crate::crs::LonLat| ((place.lon() - lon) * 77_700.0).hypot((place.lat() - lat) * 111_150.0);
            let near: Vec<f64> = places.iter().map(metres).filter(|&distance| distance < 300.0).collect();
            assert!(near.len() == 1 && near[0] < 0.5, "seed {seed}, gap {lon}, {lat}: {near:?}");
        }
        assert!(text.contains(",否,"), "seed {seed}: a host without room");
    }
}

#[test]
fn single_days_hold_every_cell_and_hour() {
    let options = SynthOptions { cell_m: 500.0, days: Some(6), ..SynthOptions::default() };
    let (dir, report) = city(&options);
    let cells = fs::read_to_string(dir.path().join("grid.csv")).expect("grid").lines().count() - 1;
    let frame = parquet(&dir.path().join("flow.parquet"));
    assert_eq!(frame.height(), cells * HOURS * 6);
    assert_eq!(report.files.last().expect("flow").rows, frame.height() as u64);
    let dates: Vec<i32> = frame.column("date").expect("date").i32().expect("i32").iter().flatten().collect();
    assert_eq!((dates[0], dates[dates.len() - 1]), (20_250_901, 20_250_906));
    let flow: f64 = frame.column("flow").expect("flow").f32().expect("f32").iter().flatten().map(f64::from).sum();
    let (weekday, weekend) = (City::new(500.0).expect("city").day(HEADLINE_DAYS[0]), "autumn weekend".parse().expect("day"));
    let typical =
        |field: &field::DayField| (0..HOURS).map(|hour| field.at(Quantity::Flow, hour).iter().sum::<f64>()).sum::<f64>();
    let expected = 5.0 * typical(&weekday) + typical(&City::new(500.0).expect("city").day(weekend));
    assert!((flow / expected - 1.0).abs() < 0.02, "noise keeps the mean: {flow} passers, {expected} expected");
    assert_eq!(city(&options).1, report, "same options, same sizes");
}

#[test]
fn options_out_of_range_are_refused() {
    let dir = tempfile::tempdir().expect("temporary folder");
    for (cell_m, days) in [(10.0, None), (f64::NAN, None), (250.0, Some(0)), (250.0, Some(400))] {
        let options = SynthOptions { cell_m, days, ..SynthOptions::default() };
        assert!(synth(dir.path(), &options, &Silent).is_err(), "{options:?}");
    }
}

#[test]
fn every_anchor_stands_on_land() {
    let ground = Ground::new().expect("ground");
    for anchor in anchors(&profiles().expect("profiles")).expect("anchors") {
        assert_ne!(ground.side(anchor.position).bank, Bank::Water, "{}", anchor.name);
    }
}
