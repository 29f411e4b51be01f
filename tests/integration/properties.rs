//! What holds for any city: random small ones are built in memory and compared with plain double loops, without index or matrix.
//! What holds for any order of rows and any number of threads is tried on the demo city.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use geo::{Distance, Geodesic};
use proptest::prelude::*;
use tempfile::TempDir;

use super::support::{Found, analyse, copy};
use yizhan::access::{by_unit, equity};
use yizhan::calendar::{DayKind, DayType, HOURS, Hours, Period, Season, Span};
use yizhan::catchment::{CatchmentMatrix, delineate};
use yizhan::coverage::{Ladder, Network, Steps, allocate, by_cell, climb};
use yizhan::crs::{LonLat, Metric, Planar};
use yizhan::domain::barrier::{Barrier, Crossing};
use yizhan::domain::demand::{DemandCell, DemandCube};
use yizhan::domain::site::{Site, StationKind};
use yizhan::domain::standard::ServiceStandard;
use yizhan::gap::find_gaps;
use yizhan::id::{DemandIdx, GroupIdx, IdVec, SiteIdx, UnitIdx};
use yizhan::impedance::{Place, Travel};
use yizhan::ingest::dataset::load;
use yizhan::message::Lang;
use yizhan::overlap::{OverlapContext, Redundant, find_overlaps, find_redundant, peak_load};
use yizhan::progress::Silent;
use yizhan::quantity::Weight;
use yizhan::scenario;
use yizhan::scenario::file;

const AUTUMN: DayKind = DayKind::new(Season::Autumn, DayType::Weekday);
const WINTER: DayKind = DayKind::new(Season::WinterPeak, DayType::Festival);
const GROUPS: [&str; 2] = ["courier", "truck_driver"];

/// A cell: place, unit (3 is none), whether it is the planner's own, visits a day of both groups, busiest hour.
type CellPlan = (f64, f64, usize, bool, [f64; 2], usize);
/// A site: place, opening hours (0 never, 1 by day, 2 always), visits an hour (none is unlimited), whether it serves drivers.
type SitePlan = (f64, f64, u8, Option<f64>, bool);

/// A small city in numbers, so that a failing one is printed.
#[derive(Debug, Clone)]
struct City {
    cells: Vec<CellPlan>,
    sites: Vec<SitePlan>,
    radius_m: f64,
    railway: bool,
}

fn cities() -> impl Strategy<Value = City> {
    let visits = || prop_oneof![Just(0.0), 0.0..12.0f64];
    let cell = (0.0..3000.0f64, 0.0..3000.0f64, 0usize..4, any::<bool>(), [visits(), visits()], 0..HOURS);
    let site = (0.0..3000.0f64, 0.0..3000.0f64, 0u8..3, prop::option::of(0.0..1.5f64), any::<bool>());
    (prop::collection::vec(cell, 1..24), prop::collection::vec(site, 0..8), 50.0..1500.0f64, any::<bool>())
        .prop_map(|(cells, sites, radius_m, railway)| City { cells, sites, radius_m, railway })
}

/// The city as the program's own types.
struct Built {
    cube: DemandCube,
    sites: IdVec<SiteIdx, Site>,
    standard: ServiceStandard,
    travel: Travel,
}

impl City {
    fn build(&self) -> Built {
        Built { cube: self.cube(), sites: self.sites(), standard: self.standard(), travel: self.travel() }
    }

    fn cube(&self) -> DemandCube {
        let cell = |(row, &(x, y, unit, in_area, ..)): (usize, &CellPlan)| DemandCell {
            id: format!("c{row}"),
            position: anywhere(),
            planar: Planar { x, y },
            grid_cell: ((x / 250.0) as u32, (y / 250.0) as u32),
            unit: (unit < 3).then(|| UnitIdx::from_usize(unit)),
            in_area,
        };
        let cells = self.cells.iter().enumerate().map(cell).collect();
        let mut cube = DemandCube::new(cells, GROUPS.map(str::to_owned).to_vec());
        for (row, (.., visits, peak)) in self.cells.iter().enumerate() {
            for (group, &total) in visits.iter().enumerate() {
                let mut hours = [total / 48.0; HOURS];
                hours[(peak + 5 * group) % HOURS] += total / 2.0;
                let (cell, group) = (DemandIdx::from_usize(row), GroupIdx::from_usize(group));
                cube.set_day(cell, group, AUTUMN, &hours);
                cube.set_day(cell, group, WINTER, &hours.map(|visits| visits * 1.7));
            }
        }
        cube
    }

    fn sites(&self) -> IdVec<SiteIdx, Site> {
        let by_day = Span::new(8 * 60 + 30, 17 * 60).unwrap();
        let site = |(row, &(x, y, hours, capacity, drivers)): (usize, &SitePlan)| Site {
            id: format!("s{row}"),
            name: format!("站{row}"),
            kind: if hours == 2 { StationKind::SmartRoom } else { StationKind::Fixed },
            position: anywhere(),
            planar: Planar { x, y },
            hours: [Hours::closed(), Hours::daily(&[by_day]), Hours::always()][usize::from(hours)].clone(),
            capacity_per_hour: capacity.map(Weight::from_visits),
            service_types: if drivers { vec!["truck_driver".to_owned()] } else { Vec::new() },
            equipment: Vec::new(),
        };
        IdVec::from_rows(self.sites.iter().enumerate().map(site).collect())
    }

    fn standard(&self) -> ServiceStandard {
        ServiceStandard {
            id: "test".to_owned(),
            version: 1,
            source: "none".to_owned(),
            radius_m: self.radius_m,
            surface_factor: BTreeMap::from([(Season::WinterPeak, 0.926)]),
        }
    }

    fn travel(&self) -> Travel {
        let point = |x, y| Planar { x, y };
        let crossing = Crossing { a: point(1500.0, 800.0), b: point(1500.0, 800.0) };
        let railway = Barrier {
            name: "铁路".to_owned(),
            kind: "railway".to_owned(),
            line: vec![point(1500.0, -9000.0), point(1500.0, 9000.0)],
            crossings: vec![crossing],
        };
        Travel::new(Metric::Planar, 1.2, if self.railway { std::slice::from_ref(&railway) } else { &[] })
    }
}

fn anywhere() -> LonLat {
    LonLat::new(126.6, 45.75).unwrap()
}

fn place(planar: Planar) -> Place {
    Place { position: anywhere(), planar }
}

impl Built {
    fn matrix(&self) -> CatchmentMatrix {
        let sites: Vec<Place> = self.sites.rows().iter().map(|site| place(site.planar)).collect();
        let cells: Vec<Place> = self.cube.cells().rows().iter().map(|cell| place(cell.planar)).collect();
        delineate(&sites, &cells, self.standard.limit(Season::Autumn), &self.travel)
    }

    fn with_network<T>(&self, use_it: impl FnOnce(&Network<'_>) -> T) -> T {
        let matrix = self.matrix();
        let services = BTreeMap::from([("truck_driver".to_owned(), vec!["truck_driver".to_owned()])]);
        use_it(&Network::new(&self.sites, &matrix, self.cube.groups(), &services))
    }

    fn climb(&self) -> Ladder {
        self.with_network(|network| climb(network, &self.cube, &self.standard))
    }

    /// Rungs a to c of one cell in one period, from the definitions.
    fn reached(&self, cell: &DemandCell, period: Period) -> [bool; 3] {
        let limit = self.standard.limit(period.day.season);
        let mut reached = [false; 3];
        for site in self.sites.rows() {
            let (a, b) = (place(site.planar), place(cell.planar));
            let straight = yizhan::quantity::Impedance::from_metres(self.travel.straight(a, b)).within(limit);
            let path = straight && self.travel.reach(a, b).within(limit);
            let open = path && site.hours.open_at(period);
            for (rung, holds) in reached.iter_mut().zip([straight, path, open]) {
                *rung |= holds;
            }
        }
        reached
    }

    /// Demand and rungs a to c of a day, cell by cell and hour by hour.
    fn slow_truth(&self, day: DayKind) -> (Weight, [Weight; 3]) {
        let (mut demand, mut covered) = (Weight::ZERO, [Weight::ZERO; 3]);
        for (index, cell) in self.cube.cells().iter() {
            for period in Period::of_day(day) {
                let visits = self.cube.at(index, period);
                demand += visits;
                for (sum, reached) in covered.iter_mut().zip(self.reached(cell, period)) {
                    *sum += if reached { visits } else { Weight::ZERO };
                }
            }
        }
        (demand, covered)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn rungs_never_increase_and_accounts_close(city in cities()) {
        let built = city.build();
        let ladder = built.climb();
        for row in &ladder.rows {
            prop_assert!(row.steps.covered[0] <= row.steps.demand, "{:?}", row);
            prop_assert!(row.steps.covered.is_sorted_by(|more, less| more >= less), "{:?}", row);
        }
        for day in DayKind::all() {
            let total = built.cube.day_total(day);
            prop_assert_eq!(ladder.day(day).demand, total);
            let mut parts = ladder.sum(|row| row.day == day && (!row.in_area || row.unit.is_none()));
            for unit in by_unit(&ladder, day).values() {
                parts.add(unit);
            }
            prop_assert_eq!(parts, ladder.day(day), "units and the rest make up the day");
            let cells = built.with_network(|network| by_cell(network, &built.cube, &built.standard, day));
            for (cell, steps) in built.cube.cells().indexes().zip(&cells) {
                prop_assert_eq!(steps.demand, built.cube.day(cell, day));
            }
            let mut parts = Steps::default();
            cells.iter().for_each(|cell| parts.add(cell));
            prop_assert_eq!(parts, ladder.day(day), "cells make up the day");
            for (group, _) in GROUPS.iter().enumerate() {
                let group = GroupIdx::from_usize(group);
                let cells = built.cube.cells().indexes();
                let of_group: Weight =
                    cells.flat_map(|cell| Period::of_day(day).map(move |p| (cell, p))).map(|(c, p)| built.cube.weight(c, group, p)).sum();
                prop_assert_eq!(ladder.sum(|row| row.day == day && row.group == group).demand, of_group);
            }
        }
    }

    #[test]
    fn the_ladder_agrees_with_plain_loops(city in cities()) {
        let built = city.build();
        let ladder = built.climb();
        for day in [AUTUMN, WINTER] {
            let Steps { demand, covered } = ladder.day(day);
            let (slow_demand, slow) = built.slow_truth(day);
            prop_assert_eq!(demand, slow_demand);
            prop_assert_eq!(&covered[..3], &slow[..], "{}", day);
        }
    }

    #[test]
    fn coverage_grows_with_stations_and_with_the_radius(city in cities(), wider in 1.0..2.0f64) {
        let few = City { sites: city.sites[..city.sites.len() / 2].to_vec(), ..city.clone() }.build().climb();
        let all = city.build().climb();
        let wide = City { radius_m: city.radius_m * wider, ..city.clone() }.build().climb();
        for day in [AUTUMN, WINTER] {
            let (few, all, wide) = (few.day(day), all.day(day), wide.day(day));
            for rung in 0..3 {
                prop_assert!(few.covered[rung] <= all.covered[rung], "more stations, {} rung {}", day, rung);
                prop_assert!(all.covered[rung] <= wide.covered[rung], "larger radius, {} rung {}", day, rung);
            }
        }
    }

    #[test]
    fn nobody_is_served_twice_and_no_station_beyond_its_capacity(city in cities()) {
        let built = city.build();
        built.with_network(|network| {
            for period in Period::of_day(AUTUMN).chain(Period::of_day(WINTER)) {
                let allocation = allocate(network, &built.cube, built.standard.limit(period.day.season), period);
                for (load, site) in allocation.load(built.sites.len()).into_iter().zip(built.sites.rows()) {
                    prop_assert!(site.capacity_per_hour.is_none_or(|capacity| load <= capacity), "{:?} at {:?}", load, site);
                }
                let mut accounted = allocation.residual.clone();
                for &(cell, site, visits) in &allocation.served {
                    accounted[cell.get()] += visits;
                    prop_assert!(built.sites[site].hours.open_at(period), "served by a closed station");
                    prop_assert!(built.reached(&built.cube.cells()[cell], period)[2], "served out of reach");
                }
                let demand: Vec<Weight> = built.cube.cells().indexes().map(|cell| built.cube.at(cell, period)).collect();
                prop_assert_eq!(accounted, demand);
            }
            Ok(())
        })?;
    }

    #[test]
    fn place_gaps_hold_the_uncovered_demand_above_the_threshold(city in cities(), threshold in 0.0..15.0f64) {
        let built = city.build();
        let rules = file::Gaps { cell_visits: threshold, station_visits: 1.0, smart_night_share: 0.25 };
        for day in [AUTUMN, WINTER] {
            let mut uncovered: BTreeMap<(u32, u32), Weight> = BTreeMap::new();
            for (index, cell) in built.cube.cells().iter() {
                if !built.reached(cell, Period { day, hour: 12 })[1] {
                    *uncovered.entry(cell.grid_cell).or_default() += built.cube.day(index, day);
                }
            }
            uncovered.retain(|_, visits| *visits > Weight::from_visits(threshold));
            let gaps = built.with_network(|network| find_gaps(network, &built.cube, &built.standard, &rules, day));
            let mut found = BTreeMap::new();
            for gap in gaps.iter().filter(|gap| gap.cause.is_place()) {
                for &cell in &gap.grid_cells {
                    prop_assert!(found.insert(cell, gap.rank).is_none(), "{:?} lies in two gaps", cell);
                }
                let inside: Weight = gap.grid_cells.iter().filter_map(|cell| uncovered.get(cell)).copied().sum();
                prop_assert_eq!(gap.severity, inside);
                prop_assert_eq!(gap.by_slot.iter().copied().sum::<Weight>(), inside);
                prop_assert_eq!(gap.by_group.iter().copied().sum::<Weight>(), inside);
            }
            let expected: Vec<_> = uncovered.keys().collect();
            prop_assert_eq!(found.keys().collect::<Vec<_>>(), expected);
            for (&(column, row), rank) in &found {
                let touches = |other: &(u32, u32)| other.0.abs_diff(column) <= 1 && other.1.abs_diff(row) <= 1;
                prop_assert!(found.iter().filter(|(cell, _)| touches(cell)).all(|(_, other)| other == rank), "neighbours, one gap");
            }
            let unserved: Weight = gaps.iter().map(|gap| gap.severity).sum();
            prop_assert!(unserved <= built.cube.day_total(day));
        }
    }

    #[test]
    fn stations_that_go_cost_what_they_say_and_leave_room_at_the_others(city in cities(), limit in 0.2..1.0f64) {
        let built = city.build();
        let rules = yizhan::scenario::file::Overlap {
            review_m: 2_000.0, path_m: 6_000.0, jaccard: 0.1, hours: 0.1, load: limit,
            remote_visits: 5.0, remote_m: 1_500.0, smart_peer_share: 0.5,
        };
        built.with_network(|network| {
            let context = OverlapContext {
                network, cube: &built.cube, standard: &built.standard, travel: &built.travel, rules: &rules, day: AUTUMN,
            };
            let pairs = find_overlaps(context, &vec![None; built.sites.len()]);
            let redundant = find_redundant(context, &pairs);
            let mut left = built.sites.clone();
            for station in redundant.iter().map(|r| r.station) {
                prop_assert!(pairs.iter().all(|pair| pair.keep != Some(station)), "a kept station goes");
                left[station].hours = Hours::closed();
            }
            let smaller = Built { cube: city.cube(), sites: left, standard: city.standard(), travel: city.travel() };
            let open = |built: &Built| built.climb().day(AUTUMN).covered[2];
            let lost: Weight = redundant.iter().map(Redundant::loss).sum();
            prop_assert_eq!(open(&built), open(&smaller) + lost, "losses add up to the coverage that is lost");
            if !redundant.is_empty() {
                let load = smaller.with_network(|network| peak_load(network, &smaller.cube, &smaller.standard, AUTUMN));
                for keep in pairs.iter().filter_map(|pair| pair.keep) {
                    prop_assert!(load[keep.get()] < limit, "a kept station is full");
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn the_gini_coefficient_lies_between_0_and_1(city in cities()) {
        let ladder = city.build().climb();
        for rung in 0..yizhan::coverage::RUNGS {
            if let Some(found) = equity(&by_unit(&ladder, AUTUMN), rung) {
                prop_assert!((0.0..=1.0).contains(&found.gini) && found.lowest <= found.mean + 1e-9, "{:?}", found);
            }
        }
    }
}

/// The same numbers on every machine (Knuth's MMIX generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % limit as u64) as usize
    }

    fn shuffle<T>(&mut self, rows: &mut [T]) {
        for last in (1..rows.len()).rev() {
            rows.swap(last, self.below(last + 1));
        }
    }
}

/// Shuffles the rows under the header; bytes, because a ledger may be GB18030 (whose second bytes are never a line feed).
fn shuffle_rows(path: &Path, seed: u64) {
    let text = fs::read(path).unwrap();
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    Dice(seed).shuffle(&mut lines[1..]);
    let mut shuffled = lines.join(&b'\n');
    shuffled.push(b'\n');
    assert_ne!(shuffled, text, "{} is in another order", path.display());
    fs::write(path, shuffled).unwrap();
}

/// A small city in files: four cells far apart, two groups, two days, amounts by hour in CSV.
struct SmallCity {
    folder: TempDir,
    centres: Vec<(f64, f64)>,
    /// By cell, day and hour.
    amounts: BTreeMap<(usize, usize, usize), f64>,
}

const DAYS: [(&str, DayKind); 2] = [("autumn,weekday", AUTUMN), ("winter_peak,festival", WINTER)];
const VISITS: [(&str, f64); 2] = [("courier", 0.003), ("food_rider", 0.0171)];

impl SmallCity {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let centres: Vec<(f64, f64)> = (0..4).map(|cell| (126.55 + 0.01 * f64::from(cell), 45.73)).collect();
        let mut grid = "网格编号,中心经度,中心纬度\n".to_owned();
        for (cell, (lon, lat)) in centres.iter().enumerate() {
            writeln!(grid, "g{cell},{lon:.6},{lat:.6}").unwrap();
        }
        fs::write(folder.path().join("grid.csv"), grid).unwrap();
        let stations = "站点编号,名称,类型,经度,纬度,坐标系,开放时间\nA1,一号驿站,固定,126.5500,45.7300,WGS84,8:30-17:00\n";
        fs::write(folder.path().join("stations.csv"), stations).unwrap();
        fs::write(folder.path().join("scenario.toml"), SMALL_SCENARIO).unwrap();
        let mut dice = Dice(7);
        let mut amounts = BTreeMap::new();
        for cell in 0..centres.len() {
            for day in 0..DAYS.len() {
                for hour in 0..HOURS {
                    amounts.insert((cell, day, hour), dice.below(90_000) as f64 / 1000.0);
                }
            }
        }
        let city = Self { folder, centres, amounts };
        city.write("cell,season,day_type,hour,flow", |_| String::new());
        city
    }

    fn path(&self, file: &str) -> std::path::PathBuf {
        self.folder.path().join(file)
    }

    /// Writes the demand file; `more` is appended to each row.
    fn write(&self, header: &str, more: impl Fn(usize) -> String) {
        let mut rows = format!("{header}\n");
        for (nth, ((cell, day, hour), amount)) in self.amounts.iter().enumerate() {
            writeln!(rows, "g{cell},{},{hour},{amount:.3}{}", DAYS[*day].0, more(nth)).unwrap();
        }
        fs::write(self.path("flow.csv"), rows).unwrap();
    }

    fn append(&self, rows: &str) {
        let text = fs::read_to_string(self.path("flow.csv")).unwrap();
        fs::write(self.path("flow.csv"), text + rows).unwrap();
    }

    fn load(&self) -> Result<yizhan::ingest::demand::LoadedDemand, yizhan::ingest::IngestError> {
        let scenario = scenario::load(&self.path("scenario.toml")).unwrap_or_else(|faults| panic!("{faults}"));
        let (dataset, _) = load(&scenario).unwrap_or_else(|error| panic!("{error}"));
        dataset.load_demand(&scenario, &Silent)
    }

    fn cube(&self) -> DemandCube {
        self.load().unwrap_or_else(|error| panic!("{error}")).0
    }
}

const SMALL_SCENARIO: &str = r#"
schema = 1
name = "small"
title = { zh = "小城", en = "Small" }
[area]
bbox = [126.54, 45.72, 126.60, 45.74]
[stations]
file = "stations.csv"
[demand]
grid = "grid.csv"
[[demand.layers]]
layer = "flow"
file = "flow.csv"
column = "flow"
[[demand.weights]]
layer = "flow"
group = "courier"
visits = 0.003
[[demand.weights]]
layer = "flow"
group = "food_rider"
visits = 0.0171
rest = "steady"
[demand.rest]
steady = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
"#;

#[test]
fn weight_is_conserved_from_file_to_cube() {
    let city = SmallCity::new();
    let cube = city.cube();
    let nearest = |(lon, lat): (f64, f64)| {
        let away = |cell: &DemandIdx| Geodesic.distance(cube.cells()[*cell].position.point(), (lon, lat).into());
        cube.cells().indexes().min_by(|a, b| away(a).total_cmp(&away(b))).unwrap()
    };
    let mut expected_total = [0.0; DAYS.len()];
    for (cell, centre) in city.centres.iter().enumerate() {
        for (group, (name, visits)) in VISITS.iter().enumerate() {
            assert_eq!(cube.groups()[group], *name);
            for (day, (_, kind)) in DAYS.iter().enumerate() {
                let rest = |hour| if *name == "food_rider" && hour >= 12 { 0.5 } else { 1.0 };
                let expected: f64 = (0..HOURS).map(|hour| city.amounts[&(cell, day, hour)] * visits * rest(hour)).sum();
                let hours = Period::of_day(*kind).map(|p| cube.weight(nearest(*centre), GroupIdx::from_usize(group), p));
                let found = hours.sum::<Weight>().visits();
                assert!((found - expected).abs() <= 0.0005 + 1e-9, "cell {cell} {name} {kind}: {found} against {expected}");
                expected_total[day] += expected;
            }
        }
    }
    for (expected, (_, kind)) in expected_total.into_iter().zip(DAYS) {
        let most = 0.0005 * (city.centres.len() * VISITS.len()) as f64;
        assert!((cube.day_total(kind).visits() - expected).abs() <= most + 1e-9, "no weight is anywhere else: {kind}");
    }
    let other: Weight = DayKind::all().filter(|day| ![AUTUMN, WINTER].contains(day)).map(|day| cube.day_total(day)).sum();
    assert_eq!(other, Weight::ZERO);
}

#[test]
fn the_order_of_demand_rows_does_not_matter() {
    let city = SmallCity::new();
    let cube = city.cube();
    for seed in 1..6 {
        shuffle_rows(&city.path("flow.csv"), seed);
        assert_eq!(city.cube(), cube, "seed {seed}");
    }
}

#[test]
fn demand_with_personal_data_is_refused_by_name() {
    let city = SmallCity::new();
    city.write("cell,season,day_type,hour,flow,手机号", |nth| format!(",139{nth:08}"));
    let refused = city.load().expect_err("a telephone number");
    let text = refused.render(Lang::Zh);
    assert!(refused.file() == "flow.csv" && text.contains("手机号"), "{text}");
    assert!(!text.contains("13900000000"), "the number itself is not repeated: {text}");
}

#[test]
fn hour_24_is_refused_with_its_row() {
    let city = SmallCity::new();
    city.append("g1,autumn,weekday,24,5.0\n");
    let refused = city.load().expect_err("hours run from 0 to 23");
    assert_eq!(refused.row(), Some(2 + city.amounts.len()));
}

#[test]
fn unknown_cells_are_left_out_and_counted() {
    let city = SmallCity::new();
    let before = city.cube();
    city.append("g9,autumn,weekday,8,5.0\ng9,autumn,weekday,9,5.0\nnowhere,autumn,weekday,9,5.0\n");
    let (cube, report, issues) = city.load().unwrap();
    assert_eq!(cube, before);
    let known = city.amounts.len() as u64;
    assert_eq!(report.rows["flow.csv"], (known + 3, known));
    let lines: Vec<String> = issues.rows().iter().map(|issue| issue.line(Lang::En)).collect();
    assert!(lines.len() == 1 && lines[0].contains('3') && issues.rows()[0].value.contains("g9"), "{lines:?}");
}

/// What a run found, as text, without what names rows of the files.
fn story(found: &Found) -> String {
    let mut stations = found.stations.clone();
    for station in &mut stations {
        station.row = 0;
    }
    let siting = found.siting.as_ref().expect("sites are budgeted");
    let places: Vec<_> = siting
        .recommendations
        .iter()
        .map(|one| match one.at {
            yizhan::siting::At::Candidate(row) => &found.candidates[row].id,
            yizhan::siting::At::Station(site) => &found.sites[site].id,
            yizhan::siting::At::Stop { stop, .. } => &found.stops[stop].id,
        })
        .collect();
    let stops: Vec<_> = found.buses.iter().flat_map(|day| &day.stands).map(|window| &found.stops[window.stop].id).collect();
    let Found { ladders, gaps, overlaps, redundant, reviews, after, buses, .. } = found;
    format!(
        "{stations:#?}{places:?}{stops:?}{ladders:#?}{gaps:#?}{overlaps:#?}{redundant:?}{reviews:?}{siting:#?}{after:#?}{buses:#?}"
    )
}

#[track_caller]
fn same_story(a: &str, b: &str) {
    let lines = || a.lines().zip(b.lines()).enumerate();
    if let Some((line, (a, b))) = lines().find(|(_, (a, b))| a != b) {
        panic!("line {line} differs:\n{a}\n{b}");
    }
    assert_eq!(a.len(), b.len());
}

#[test]
fn the_order_of_ledger_rows_does_not_matter() {
    let city = copy("data/daoli", &[]);
    let scenario = city.path().join("scenario.toml");
    let found = story(&analyse(&scenario));
    for seed in [1, 2] {
        for file in ["ledger_gb18030.csv", "candidates.csv", "bus_stops.csv"] {
            shuffle_rows(&city.path().join(file), seed);
        }
        same_story(&found, &story(&analyse(&scenario)));
    }
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let scenario = super::support::repository("data/daoli/scenario.toml");
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| analyse(&scenario))
    };
    let (one, two) = (on(1), on(2));
    assert_eq!(one.cube, two.cube);
    assert_eq!(one.issues, two.issues);
    same_story(&story(&one), &story(&two));
}
