//! Catchments, ladder and siting, from the demo city's size to a province's. `docs/benchmarks.md` says what came out.
//!
//! The province: 200,000 cells of 250 m in 400 towns over 200 km × 200 km, 500 cells each (31 km² in a square of 70 km², dense in the
//! middle); 12,000 stations, 30 a town, drawn from the same towns. Positions come from a fixed generator.

use std::hint::black_box;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use yizhan::catchment::delineate;
use yizhan::coverage::{Network, climb};
use yizhan::crs::{LonLat, Metric, Planar};
use yizhan::id::SiteIdx;
use yizhan::impedance::{Place, Travel};
use yizhan::ingest::dataset;
use yizhan::progress::Silent;
use yizhan::quantity::Impedance;
use yizhan::scenario::{self, Scenario};
use yizhan::siting::placements::{Fleet, Reaches, SitingInputs, View, WHOLE, formulate};
use yizhan::siting::{Effort, solve};

/// Side of a cell in metres.
const CELL_M: f64 = 250.0;

/// The same numbers on every machine (Knuth's MMIX generator).
struct Dice(u64);

impl Dice {
    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Around 0, most often near it.
    fn around(&mut self, half_width: f64) -> f64 {
        (self.share() - self.share()) * half_width
    }
}

fn place(x: f64, y: f64) -> Place {
    // The planar metric doesn't look at degrees.
    let position = LonLat::new(126.6, 45.75).expect("valid");
    Place { position, planar: Planar { x, y } }
}

/// Sites and cells in towns of a square of `side_m`.
fn country(sites: usize, cells: usize, towns: usize, side_m: f64) -> (Vec<Place>, Vec<Place>) {
    let mut dice = Dice(2026);
    let centres: Vec<(f64, f64)> = (0..towns).map(|_| (dice.share() * side_m, dice.share() * side_m)).collect();
    // One and a half times the side of a solid square of that many cells, because they thin out from the middle.
    let half_width = ((cells / towns) as f64).sqrt() * CELL_M * 0.75;
    let near = |town: usize, dice: &mut Dice| {
        let (x, y) = centres[town % towns];
        (x + dice.around(half_width), y + dice.around(half_width))
    };
    let sites = (0..sites).map(|row| near(row, &mut dice)).map(|(x, y)| place(x, y)).collect();
    let snap = |v: f64| ((v / CELL_M).floor() + 0.5) * CELL_M;
    let mut taken = std::collections::BTreeSet::new();
    let mut found = Vec::with_capacity(cells);
    for town in 0.. {
        if found.len() == cells {
            break;
        }
        let (x, y) = near(town, &mut dice);
        if taken.insert(((x / CELL_M).floor() as i64, (y / CELL_M).floor() as i64)) {
            found.push(place(snap(x), snap(y)));
        }
    }
    (sites, found)
}

fn catchments(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("catchment");
    group.sample_size(10);
    let limit = Impedance::from_metres(500.0);
    let travel = Travel::new(Metric::Planar, 1.2, &[]);
    for (sites, cells, towns, side_m) in [(68, 1_886, 1, 11_000.0), (12_000, 200_000, 400, 200_000.0)] {
        let (sites, cells) = country(sites, cells, towns, side_m);
        let size = format!("{}x{}", sites.len(), cells.len());
        let pairs = delineate(&sites, &cells, limit, &travel).pairs();
        let size = format!("{size} ({pairs} pairs)");
        group.throughput(Throughput::Elements(pairs as u64));
        group.bench_function(BenchmarkId::new("500 m", size), |run| {
            run.iter(|| delineate(black_box(&sites), black_box(&cells), limit, &travel));
        });
    }
    group.finish();
}

fn scenario_of(city: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(city).join("scenario.toml");
    scenario::load(&path).unwrap_or_else(|faults| panic!("{faults}"))
}

fn ladder(bench: &mut Criterion) {
    let scenario = scenario_of("daoli");
    let (dataset, _) = dataset::load(&scenario).expect("the demo city loads");
    let (cube, ..) = dataset.load_demand(&scenario, &Silent).expect("its demand too");
    let travel = Travel::new(scenario.metric, scenario.file.travel.circuity, &dataset.barriers);
    let sites: Vec<Place> = dataset.sites.rows().iter().map(|s| Place { position: s.position, planar: s.planar }).collect();
    let cells: Vec<Place> = cube.cells().rows().iter().map(|c| Place { position: c.position, planar: c.planar }).collect();
    let matrix = delineate(&sites, &cells, scenario.standard.limit(scenario.planning_day.season), &travel);
    let network = Network::new(&dataset.sites, &matrix, cube.groups(), &scenario.file.services);
    let mut group = bench.benchmark_group("coverage");
    group.sample_size(10);
    let limit = scenario.standard.limit(scenario.planning_day.season);
    group.bench_function("daoli: catchments around river and railway", |run| {
        run.iter(|| delineate(black_box(&sites), black_box(&cells), limit, &travel));
    });
    group.bench_function("daoli: 288 periods, five rungs", |run| {
        run.iter(|| climb(black_box(&network), &cube, &scenario.standard));
    });
    group.finish();
}

fn siting(bench: &mut Criterion) {
    let scenario = scenario_of("york");
    let (dataset, _) = dataset::load(&scenario).expect("York loads");
    let (cube, ..) = dataset.load_demand(&scenario, &Silent).expect("its demand too");
    let travel = Travel::new(scenario.metric, scenario.file.travel.circuity, &dataset.barriers);
    let project = |position| Place { position, planar: dataset.projector.project(position).expect("projects") };
    let sites: Vec<Place> = dataset.sites.indexes().map(|site: SiteIdx| project(dataset.sites[site].position)).collect();
    let cells: Vec<Place> = cube.cells().rows().iter().map(|c| Place { position: c.position, planar: c.planar }).collect();
    let matrix = delineate(&sites, &cells, scenario.standard.limit(scenario.planning_day.season), &travel);
    let network = Network::new(&dataset.sites, &matrix, cube.groups(), &scenario.file.services);
    let places: Vec<Place> = dataset.candidates.iter().map(|candidate| project(candidate.position)).collect();
    let inputs = SitingInputs {
        network: &network,
        cube: &cube,
        candidates: &dataset.candidates,
        places: &places,
        standard: &scenario.standard,
        travel: &travel,
        rules: &scenario.file.siting,
        fleet: Fleet { stops: &[], places: &[], rules: &scenario.file.mobile },
        costs: &scenario.file.costs,
        area: &dataset.area,
        forbidden: dataset.forbidden.as_ref(),
        days: &scenario.siting_days,
        studied: &scenario.days,
    };
    let formulation = formulate(inputs, &Reaches::new(inputs, WHOLE), View::plain(inputs.days)).expect("its rules can be kept");
    let mut group = bench.benchmark_group("siting");
    group.sample_size(10);
    group.bench_function("york: 20 of 2,873, with bound", |run| {
        run.iter(|| {
            solve(black_box(&formulation.problem), &Effort { work: scenario.file.siting.work, ..Effort::default() }, &Silent)
        });
    });
    group.finish();
}

criterion_group!(benches, catchments, ladder, siting);
criterion_main!(benches);
