//! `yizhan network`, `catchment` and `isochrone` on a town of two streets and a bridge, and a scenario whose paths lead over streets.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use geo::{Area, BooleanOps, MultiPolygon};
use tempfile::TempDir;
use yizhan::network::encode::encode;
use yizhan::network::geodesy::Spot;
use yizhan::network::osm::Elements;

/// Metres of a ten-millionth of a degree at 45.75° N, east and north, nearly.
const UNIT: (f64, f64) = (0.007_78, 0.011_115);

/// A place, metres east and north of 126.6° E, 45.75° N.
fn at(east: f64, north: f64) -> Spot {
    Spot { lon: 1_266_000_000 + (east / UNIT.0) as i32, lat: 457_500_000 + (north / UNIT.1) as i32 }
}

/// A row of a table of places.
fn row(id: &str, east: f64, north: f64, rest: &str) -> String {
    let spot = at(east, north).lon_lat();
    format!("{id},{},{}{rest}\n", spot.lon(), spot.lat())
}

/// A street on each bank of a river, 400 m apart, a bridge at their eastern ends, and steps up from the southern street.
fn town() -> Elements {
    let mut town = Elements::default();
    for (id, east, north) in
        [(1, 0.0, 0.0), (2, 500.0, 0.0), (3, 1000.0, 0.0), (4, 0.0, 400.0), (5, 1000.0, 400.0), (6, 500.0, -200.0)]
    {
        town.node(id, at(east, north));
    }
    town.way(1, &[1, 2, 3], &[("highway", "residential")]);
    town.way(2, &[4, 5], &[("highway", "residential")]);
    town.way(3, &[3, 5], &[("highway", "footway"), ("bridge", "yes")]);
    town.way(4, &[2, 6], &[("highway", "steps")]);
    for (id, east) in [(11, -3000.0), (12, 980.0), (13, 1020.0), (14, 4000.0)] {
        town.node(id, at(east, 200.0));
    }
    town.way(9, &[11, 12, 13, 14], &[("waterway", "river")]);
    town
}

/// A folder with the town, two sites and four points.
struct Case {
    dir: TempDir,
}

impl Case {
    fn new() -> Self {
        let case = Self { dir: tempfile::tempdir().unwrap() };
        case.write("town.osm.pbf", encode(&town()));
        let sites = format!("id,lon,lat\n{}{}", row("S", 100.0, 10.0, ""), row("N", 100.0, 390.0, ""));
        case.write("sites.csv", sites);
        let points = [
            row("south", 600.0, 5.0, ",7"),
            row("north", 600.0, 395.0, ",5"),
            row("stairs", 500.0, -190.0, ",4"),
            row("far", -4000.0, 0.0, ",2"),
        ];
        case.write("demand.csv", format!("id,lon,lat,weight\n{}", points.concat()));
        case
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn run(&self, arguments: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yizhan"));
        command.args(arguments.split_whitespace()).current_dir(self.dir.path());
        command.env("YIZHAN_LANG", "en").env("NO_COLOR", "1").output().unwrap()
    }

    /// What a run that did its work says on both streams.
    #[track_caller]
    fn done(&self, arguments: &str) -> String {
        let ran = self.run(arguments);
        let said = text(&ran.stdout) + &text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(0), "{arguments}: {said}");
        said
    }

    #[track_caller]
    fn refused(&self, arguments: &str, parts: &[&str]) {
        let ran = self.run(arguments);
        let said = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{arguments}: {said}");
        for part in parts {
            assert!(said.contains(part), "{arguments}: `{part}` is missing in\n{said}");
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const CATCHMENT: &str = "catchment --osm town.osm.pbf --sites sites.csv --demand demand.csv";

#[test]
fn catchments_end_at_the_river_and_feed_locate() {
    let case = Case::new();
    let said = case.done(&format!("{CATCHMENT} --limit 1000m -o od.csv"));
    for part in [
        "demand.csv: 4 rows: 3 on a street",
        "1 not on the network",
        "demand.csv, row 5: far: no street",
        "within 1000m: 3 pairs; 2 of 2 sites reach some demand, 3 of 4 demand points are reached (88.9 % of the weight)",
        "`yizhan locate mclp --matrix od.csv --sites sites.csv --demand demand.csv --limit 1000 -p 5`",
    ] {
        assert!(said.contains(part), "`{part}` is missing in\n{said}");
    }
    let od = case.read("od.csv");
    let rows: Vec<Vec<&str>> = od.lines().map(|line| line.split(',').collect()).collect();
    let pairs: Vec<(&str, &str)> = rows.iter().map(|row| (row[0], row[1])).collect();
    assert_eq!(pairs, [("site", "demand"), ("S", "south"), ("S", "stairs"), ("N", "north")]);
    let metres: Vec<f64> = rows[1..].iter().map(|row| row[2].parse().unwrap()).collect();
    for (found, expected) in metres.iter().zip([515.0, 600.0, 515.0]) {
        assert!((found - expected).abs() < 5.0, "{found} against {expected}");
    }
    let solution = case.run("locate mclp --matrix od.csv --sites sites.csv --demand demand.csv --limit 1000 -p 1");
    assert_eq!(solution.status.code(), Some(0), "{}", text(&solution.stderr));
    assert!(text(&solution.stdout).contains("\"objective\": 11"), "{}", text(&solution.stdout));
    case.done(&format!("{CATCHMENT} --limit 1000m -o od.parquet"));
    let parquet = case.run("locate mclp --matrix od.parquet --sites sites.csv --demand demand.csv --limit 1000 -p 1");
    assert!(text(&parquet.stdout).contains("\"objective\": 11"), "{}", text(&parquet.stdout));
}

#[test]
fn the_bridge_joins_the_banks_for_those_who_go_far() {
    let case = Case::new();
    case.done(&format!("{CATCHMENT} --limit 3km -o od.csv"));
    assert!(case.read("od.csv").contains("\nS,north,1"), "{}", case.read("od.csv"));
    case.done(&format!("{CATCHMENT} --limit 3km --mode ebike -o ebike.csv"));
    assert!(!case.read("ebike.csv").contains("S,north,"), "the bridge is a footway");
    case.done(&format!("{CATCHMENT} --limit 1000m --step-free --snap 100m -o step_free.csv"));
    assert!(!case.read("step_free.csv").contains("stairs"), "{}", case.read("step_free.csv"));
}

#[test]
fn times_are_seconds_and_ice_is_slower() {
    let case = Case::new();
    let seconds = |name: &str| -> f64 {
        let od = case.read(name);
        let row = od.lines().find(|line| line.starts_with("S,south,")).unwrap();
        row.rsplit(',').next().unwrap().parse().unwrap()
    };
    let said = case.done(&format!("{CATCHMENT} --limit 15min -o bare.csv"));
    assert!(said.contains("impedance is in seconds") && said.contains("--limit 900"), "{said}");
    case.done(&format!("{CATCHMENT} --limit 15min --surface ice -o ice.csv"));
    let (bare, ice) = (seconds("bare.csv"), seconds("ice.csv"));
    assert!((ice - bare - 2.0 * 60.0 * 0.515).abs() < 1.0, "two minutes a kilometre: {bare} and {ice}");
    assert!(case.done(&format!("{CATCHMENT} --limit 900m --surface ice -o a.csv")).contains("--surface slows times only"));
}

#[test]
fn the_same_bytes_on_any_thread_count_and_from_the_cache() {
    let case = Case::new();
    let first = format!("{CATCHMENT} --limit 3km --cache cache --threads 1 -o one.csv");
    let second = format!("{CATCHMENT} --limit 3km --cache cache --threads 2 -o two.csv");
    case.done(&first);
    let caches = || fs::read_dir(case.path("cache")).unwrap().count();
    assert_eq!(caches(), 1);
    case.done(&second);
    assert_eq!((case.read("one.csv"), caches()), (case.read("two.csv"), 1));
    let mut other = town();
    other.ways.retain(|way| way.id != 3);
    case.write("town.osm.pbf", encode(&other));
    case.done(&format!("{second} --overwrite"));
    assert_eq!(caches(), 2, "another file, another cache");
    assert!(!case.read("two.csv").contains("S,north,"), "the bridge is gone");
}

fn areas(path: &Path) -> Vec<(serde_json::Value, MultiPolygon<f64>)> {
    let collection: geojson::FeatureCollection = fs::read_to_string(path).unwrap().parse().unwrap();
    let area = |feature: geojson::Feature| {
        let geometry = feature.geometry.expect("an area").value;
        (serde_json::Value::from(feature.properties.unwrap()), MultiPolygon::try_from(&geometry).unwrap())
    };
    collection.features.into_iter().map(area).collect()
}

#[test]
fn isochrones_are_nested_and_dissolve() {
    let case = Case::new();
    let command = "isochrone --osm town.osm.pbf --sites sites.csv --limit 10min,5min";
    let said = case.done(&format!("{command} -o iso.geojson"));
    assert!(said.contains("4 areas of 2 sites") && said.contains("© OpenStreetMap contributors"), "{said}");
    let each = areas(&case.path("iso.geojson"));
    let named: Vec<String> = each.iter().map(|(row, _)| format!("{} {}", row["site"], row["impedance"])).collect();
    assert_eq!(named, ["\"S\" 600.0", "\"S\" 300.0", "\"N\" 600.0", "\"N\" 300.0"]);
    for pair in each.chunks(2) {
        assert!(pair[1].1.difference(&pair[0].1).unsigned_area() < 1e-12, "5 minutes lie within 10");
    }
    case.done(&format!("{command} --dissolve -o all.geojson"));
    let all = areas(&case.path("all.geojson"));
    assert_eq!(all.len(), 2);
    assert!(all[0].0["site"].is_null());
    for (_, area) in each.iter().step_by(2) {
        assert!(area.difference(&all[0].1).unsigned_area() < 1e-12, "each lies in the whole");
    }
    assert!(case.read("all.geojson").contains("OpenStreetMap"));
    let kinds = [row("S", 100.0, 10.0, ",固定"), row("N", 100.0, 390.0, ",智能")].concat();
    case.write("kinds.csv", format!("id,lon,lat,类型\n{kinds}"));
    case.done("isochrone --osm town.osm.pbf --sites kinds.csv --limit 10min --dissolve -o kinds.geojson");
    let kinds = areas(&case.path("kinds.geojson"));
    let names: Vec<&str> = kinds.iter().filter_map(|(row, _)| row["kind"].as_str()).collect();
    assert_eq!(names, ["固定", "智能"]);
    assert!(kinds.iter().zip(each.iter().step_by(2)).all(|(kind, site)| kind.1 == site.1), "one site a kind: its own area");
}

#[test]
fn a_network_is_counted_in_both_languages_and_exported() {
    let case = Case::new();
    let said = case.done("network town.osm.pbf --export edges.csv");
    for part in ["4 ways that are streets, of 5 ways", "by mode", "residential", "steps", "wrote edges.csv: 10 rows"] {
        assert!(said.contains(part), "`{part}` is missing in\n{said}");
    }
    let edges = case.read("edges.csv");
    assert!(edges.starts_with("from,to,length_m,seconds,osm_from,osm_to,osm_way,class,"), "{edges}");
    assert_eq!(edges.lines().count(), 11);
    case.done("network town.osm.pbf --export edges.parquet --mode drive");
    assert!(case.done("--lang zh network town.osm.pbf").contains("按道路类别"));
    case.write("own.toml", "[classes.highway]\nsteps = { walk = false, ebike = \"never\", drive = \"never\" }\n");
    let own = case.done("network town.osm.pbf --rules own.toml");
    assert!(own.contains("3 ways that are streets"), "{own}");
}

#[test]
fn what_cannot_be_used_is_refused_with_cause_and_remedy() {
    let case = Case::new();
    case.write("taken.csv", "mine");
    case.write("plane.csv", "id,x,y\na,1,2\n");
    case.write("broken.osm.pbf", "not a map");
    let wide = "--sites sites.csv --demand demand.csv --limit 1km -o new.csv";
    case.refused(&format!("catchment --osm nowhere.pbf {wide}"), &["N008", "nowhere.pbf"]);
    case.refused(&format!("catchment --osm broken.osm.pbf {wide}"), &["N003"]);
    case.refused(&format!("{CATCHMENT} --limit 15 -o new.csv"), &["N013", "1000m", "15min"]);
    case.refused(&format!("{CATCHMENT} --limit 1km -o taken.csv"), &["C002", "--overwrite"]);
    case.refused(&format!("{CATCHMENT} --limit 1km -o new.txt"), &["N014", ".parquet"]);
    case.refused(&format!("{CATCHMENT} --limit 1km --snap 5min -o new.csv"), &["N013", "--snap"]);
    let plane = "catchment --osm town.osm.pbf --sites plane.csv --demand plane.csv --limit 1km -o new.csv";
    case.refused(plane, &["P108", "N122", "lon, lat"]);
    let mixed = "isochrone --osm town.osm.pbf --sites sites.csv --limit 10min,500m -o new.geojson";
    case.refused(mixed, &["N015"]);
    assert!(!case.path("new.csv").exists());
    assert_eq!(case.read("taken.csv"), "mine");
}

/// A scenario on the town: the circle of 500 m crosses the river, the streets don't.
#[test]
fn a_run_over_streets_finds_what_the_circle_hides() {
    let case = Case::new();
    case.write("stations.csv", format!("id,lon,lat\n{}", row("S", 100.0, 10.0, "")));
    case.write("candidates.csv", format!("id,lon,lat\n{}", row("C", 300.0, 390.0, "")));
    let scenario = r#"
        schema = 1
        name = "town"
        title = { zh = "小城", en = "Town" }
        [area]
        bbox = [126.54, 45.74, 126.62, 45.76]
        [stations]
        file = "stations.csv"
        datum = "WGS84"
        defaults = { kind = "fixed", hours = "24小时" }
        [candidates]
        file = "candidates.csv"
        datum = "WGS84"
        [demand.points]
        file = "points.csv"
        datum = "WGS84"
        [travel]
        network = "town.osm.pbf"
        snap_within_m = 100
        [siting]
        new_fixed = 1
        spacing_m = 0
        [sources]
        date = "2026"
        attribution = { zh = "示例", en = "example" }
    "#;
    case.write("scenario.toml", scenario);
    let points = [row("south", 400.0, 5.0, ",7"), row("north", 100.0, 395.0, ",5"), row("far", -4000.0, 0.0, ",2")];
    case.write("points.csv", format!("id,lon,lat,weight\n{}", points.concat()));
    case.done("run scenario.toml -o results/out");
    let coverage = case.read("results/out/coverage.csv");
    let sums = |column: &str| -> f64 {
        let mut lines = coverage.trim_start_matches('\u{feff}').lines();
        let heads: Vec<&str> = lines.next().unwrap().split(',').collect();
        let at = |name: &str| heads.iter().position(|head| *head == name).unwrap();
        let rows = lines.map(|line| line.split(',').collect::<Vec<_>>()).filter(|row| row[at("standard")] == "gb50180_10min");
        rows.map(|row| row[at(column)].parse::<f64>().unwrap()).sum()
    };
    assert_eq!((sums("demand"), sums("visits_radius"), sums("visits_path")), (14.0, 12.0, 7.0));
    assert!(case.read("results/out/gaps.geojson").contains("\"cause\":\"barrier\""), "{}", case.read("results/out/gaps.geojson"));
    let issues = case.read("results/out/issues.csv");
    assert!(issues.contains("N010") && issues.contains("far"), "{issues}");
    let summary = case.read("results/out/summary.md");
    assert!(summary.contains("over the streets of town.osm.pbf") && summary.contains("OpenStreetMap"), "{summary}");
    assert!(case.read("results/out/maps/demand-coverage.svg").contains("OpenStreetMap"), "maps name their streets");
    assert_eq!(fs::read_dir(case.path("results/.yizhan-streets")).unwrap().count(), 1);
    let verified = case.done("verify results/out");
    assert!(!verified.contains('✗'), "{verified}");
    let unused = scenario.replace("network = \"town.osm.pbf\"", "mode = \"walk\"");
    case.write("unused.toml", unused);
    case.refused("check unused.toml", &["S025", "travel.mode", "travel.snap_within_m"]);
}
