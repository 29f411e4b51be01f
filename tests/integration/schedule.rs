//! The timetable as a dispatcher meets it: a week, an order on one date, what changes, what is refused.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use calamine::{Data, Reader, Xlsx};

use super::cli::{files, text, yizhan};
use super::mesh;
use super::support::{copy, repository};
use yizhan::ingest::load_barriers;

/// The demo with further lines under `[mobile]`, and a file of orders.
fn demo(mobile: &str, orders: &str) -> tempfile::TempDir {
    let dir = copy("data/daoli", &[("[mobile]\n", &format!("[mobile]\n{mobile}\n"))]);
    fs::write(dir.path().join("orders.csv"), orders).expect("written");
    dir
}

fn schedule(dir: &Path, out: &Path, threads: &str) -> std::process::Output {
    let scenario = dir.join("scenario.toml");
    let (scenario, out) = (scenario.to_str().expect("path"), out.to_str().expect("path"));
    yizhan(&["schedule", scenario, "--from", "2026-01-03", "--to", "2026-01-09", "-o", out, "--threads", threads])
}

/// Rows of a CSV with their cells.
fn rows(file: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(file).expect("readable");
    text.trim_start_matches('\u{feff}').lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// Buses' rows without what only says whether they are new.
fn stands(out: &Path) -> BTreeSet<Vec<String>> {
    let rows = rows(&out.join("bus_schedule.csv")).into_iter();
    rows.filter(|row| row[8] != "extend_hours").map(|row| row[..5].to_vec()).collect()
}

#[test]
fn a_week_then_an_order_then_only_that_date_changes() {
    let home = tempfile::tempdir().expect("a folder");
    let (first, again, second) = (home.path().join("first"), home.path().join("again"), home.path().join("second"));
    let week = demo("", "");
    let ran = schedule(week.path(), &first, "1");
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    assert!(text(&ran.stdout).contains("proved optimal"));
    assert!(schedule(week.path(), &again, "2").status.success());
    assert!(files(&first) == files(&again), "the same bytes on one thread and on two");

    let orders = "日期,车号,停靠点,时段,指令,依据\n2026-01-05,,太阳岛雪博会,,禁止停靠,大雪预警\n\
                  2026-01-05,5号大巴,中央大街南口,12:00-16:00,必须停靠,交警安保\n";
    let replan = demo("orders = \"orders.csv\"\nprevious = \"bus_schedule.csv\"", orders);
    fs::copy(first.join("bus_schedule.csv"), replan.path().join("bus_schedule.csv")).expect("copied");
    let ran = schedule(replan.path(), &second, "2");
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let (before, after) = (stands(&first), stands(&second));
    let changed: BTreeSet<&str> = before.symmetric_difference(&after).map(|row| row[0].as_str()).collect();
    assert_eq!(changed, BTreeSet::from(["2026-01-05"]));
    let on_the_day = || after.iter().filter(|row| row[0] == "2026-01-05");
    assert!(on_the_day().all(|row| row[2] != "TK03"), "nobody stands at the closed stop");
    assert!(on_the_day().any(|row| row[1] == "5号大巴" && row[2] == "TK14" && *row[3] <= *"12:00" && *row[4] >= *"16:00"));
    let told = fs::read_to_string(second.join("schedule_diff.md")).expect("readable");
    assert!(told.contains("6 days stay as they are, 1 change") && told.contains("## 2026-01-05\n"), "{told}");
    assert!(told.contains("- 2026-01-05 00:00–24:00: 太阳岛雪博会 is closed to any bus. Reason: 大雪预警"), "{told}");
    let all = rows(&second.join("bus_schedule.csv"));
    let reasons: BTreeSet<[&str; 3]> =
        all.iter().filter(|row| !row[13].is_empty()).map(|row| [row[0].as_str(), row[1].as_str(), row[13].as_str()]).collect();
    assert_eq!(reasons, BTreeSet::from([["2026-01-05", "5号大巴", "交警安保"]]));

    for out in [&first, &second] {
        let verified = yizhan(&["verify", out.to_str().expect("path")]);
        assert!(verified.status.success(), "{}", text(&verified.stdout));
    }
    let path = second.join("bus_schedule.csv");
    let damaged = fs::read_to_string(&path).expect("readable").replacen("14:00,22:00", "14:00,23:00", 1);
    fs::write(&path, damaged).expect("written");
    assert_eq!(yizhan(&["verify", second.to_str().expect("path")]).status.code(), Some(1), "nine hours are more than a shift");
}

#[test]
fn tables_workbook_calendars_and_feed_agree() {
    let (home, week) = (tempfile::tempdir().expect("a folder"), demo("", ""));
    let out = home.path().join("out");
    assert!(schedule(week.path(), &out, "2").status.success());
    let written = rows(&out.join("bus_schedule.csv"));
    let mut book: Xlsx<_> = calamine::open_workbook(out.join("bus_schedule.xlsx")).expect("a workbook");
    let sheet = book.worksheet_range("Timetable").expect("the sheet");
    assert_eq!(sheet.height(), written.len() + 1);
    for (cells, row) in sheet.rows().skip(1).zip(&written) {
        assert_eq!(
            [&cells[0], &cells[1], &cells[3], &cells[4]].map(ToString::to_string),
            [&row[0], &row[1], &row[3], &row[4]].map(Clone::clone)
        );
        assert_eq!(cells[6], Data::Float(row[5].parse().expect("a number")));
    }
    let planned = written.iter().filter(|row| row[8] != "extend_hours").count();
    let events = files(&out)
        .iter()
        .filter(|(name, _)| name.starts_with("calendars/"))
        .map(|(_, bytes)| text(bytes).matches("BEGIN:VEVENT").count())
        .sum::<usize>();
    assert_eq!(events, planned);
    let notices = rows(&out.join("bus_notice.csv"));
    assert_eq!(notices.len(), 2 * planned, "each stop has a unit that approves and one that is told");
    assert!(notices.iter().all(|row| row[0] < row[3]), "told before the day");
    let mut feed = zip::ZipArchive::new(Cursor::new(fs::read(out.join("gtfs.zip")).expect("readable"))).expect("an archive");
    let mut table = |name: &str| {
        let mut text = String::new();
        feed.by_name(name).expect("a table").read_to_string(&mut text).expect("UTF-8");
        text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(table("calendar_dates.txt").len(), 7);
    let trips: BTreeSet<String> =
        table("trips.txt").iter().filter_map(|line| line.rsplit(',').next().map(str::to_owned)).collect();
    let times = table("stop_times.txt");
    assert!(trips.iter().all(|trip| times.iter().filter(|line| line.starts_with(&format!("{trip},"))).count() >= 2));
}

#[test]
fn what_can_not_be_planned_is_said() {
    let home = tempfile::tempdir().expect("a folder");
    let out = home.path().join("out");
    let far = "日期,车号,停靠点,时段,指令\n,1号大巴,TK01,08:00-12:00,必停\n,1号大巴,TK12,11:00-13:00,必停\n";
    for (mobile, orders, cause) in [
        ("orders = \"orders.csv\"", far, "can't keep all its orders"),
        ("floors = { \"斯大林\" = 100.0 }", "", "no plan gives every planning unit"),
        ("floors = { \"西湖\" = 1.0 }", "", "names no planning unit"),
    ] {
        let ran = schedule(demo(mobile, orders).path(), &out, "2");
        assert_eq!(ran.status.code(), Some(2), "{}", text(&ran.stdout));
        assert!(text(&ran.stderr).contains(cause), "{}", text(&ran.stderr));
        assert!(!out.exists());
    }
    for arguments in [["--from", "tomorrow"], ["--from", "2026-02-30"]] {
        let ran = yizhan(&["schedule", "data/daoli/scenario.toml", arguments[0], arguments[1]]);
        assert!(ran.status.code() == Some(2) && text(&ran.stderr).contains("can't be read"), "{}", text(&ran.stderr));
    }
    let ran = yizhan(&["schedule", "data/york/scenario.toml", "--from", "2026-01-05", "-o", out.to_str().expect("path")]);
    assert!(ran.status.code() == Some(2) && text(&ran.stderr).contains("has no stops"), "{}", text(&ran.stderr));
}

#[test]
fn dates_that_no_calendar_lists_are_noted() {
    let home = tempfile::tempdir().expect("a folder");
    let out = home.path().join("out");
    let (path, city) = (out.to_str().expect("path"), "data/daoli/scenario.toml");
    let noted = |from: &str, to: &str| {
        let ran = yizhan(&["schedule", city, "--from", from, "--to", to, "-o", path, "--overwrite"]);
        assert!(ran.status.success(), "{}", text(&ran.stderr));
        fs::read_to_string(out.join("issues.csv")).expect("readable").contains("2 dates (2026-09-01 … 2026-09-02)")
    };
    assert!(noted("2026-08-30", "2026-09-02") && !noted("2026-08-30", "2026-08-31"));
}

/// With streets, buses drive over them: ways follow the bridges, and no pause is shorter than the drive.
#[test]
fn over_streets_the_ways_follow_them() {
    let home = tempfile::tempdir().expect("a folder");
    let line = "barriers = \"barriers.geojson\"";
    let streets = "[travel]\nnetwork = \"mesh.osm.pbf\"\n\n[standard]\n";
    let city =
        copy("data/daoli", &[(line, "# barriers:"), ("[standard]\n", streets), ("[mobile]\n", "[mobile]\npause_minutes = 0\n")]);
    let barriers = load_barriers(&repository("data/daoli/barriers.geojson")).expect("barriers");
    fs::write(city.path().join("mesh.osm.pbf"), mesh::encoded(&barriers)).expect("written");
    let out = home.path().join("out");
    let ran = schedule(city.path(), &out, "2");
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    assert!(text(&ran.stdout).contains("driving times are over the streets"));
    let routes: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("bus_routes.geojson")).expect("readable")).expect("JSON");
    let ways: Vec<_> =
        routes["features"].as_array().expect("features").iter().filter(|f| f["properties"]["sort"] == "way").collect();
    assert!(!ways.is_empty() && ways.iter().all(|way| way["properties"]["along_streets"] == true));
    let north = |at: &serde_json::Value| at[1].as_f64().expect("a latitude") > 45.781;
    let over_the_river = ways.iter().filter(|way| {
        let line = way["geometry"]["coordinates"].as_array().expect("a line");
        north(&line[0]) != north(&line[line.len() - 1])
    });
    assert!(over_the_river.clone().count() > 0, "some bus crosses the river");
    for way in over_the_river {
        assert!(way["geometry"]["coordinates"].as_array().expect("a line").len() > 10, "not straight over the water");
        let minutes = |clock: &serde_json::Value| {
            let (hour, minute) = clock.as_str().expect("a time").split_once(':').expect("a clock");
            hour.parse::<u32>().expect("an hour") * 60 + minute.parse::<u32>().expect("a minute")
        };
        let properties = &way["properties"];
        assert!(minutes(&properties["leave"]) > minutes(&properties["arrive"]), "the drive takes time");
    }
    let verified = yizhan(&["verify", out.to_str().expect("path")]);
    assert!(verified.status.success(), "{}", text(&verified.stdout));
}
