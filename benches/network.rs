//! Seconds and memory of the street network: read, build, snap, query. `cargo bench --profile release --bench network` takes Porto
//! Alegre and a generated grid of a million junctions, each in a process of its own, so that the peak memory is its own.
//!
//! `-- FILE.osm.pbf` or `-- grid [SIDE [SPACING_M]]` takes one network; `--mode walk|ebike|drive`, `--measure length|bare|winter|ice`,
//! `--rounds N`; `--export DIR` writes graph, places and answers for `benches/peers/network.py` and `network_check.py`. Threads by
//! RAYON_NUM_THREADS.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints, and stops at the first surprise")]

mod made;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use made::{Dice, peak};
use yizhan::crs::LonLat;
use yizhan::network::geodesy::{Local, Spot};
use yizhan::network::osm::Elements;
use yizhan::network::{
    CacheKey, CostRows, Detail, Graph, Measure, Mode, Profile, Rules, SNAP_WITHIN_M, Snap, SnapCounts, Snapper, Snapping, Style,
    Surface, Targets, build, encode, freeze, harvest, isochrones, many_to_many, one_to_many, thaw,
};
use yizhan::progress::Silent;
use yizhan::quantity::Metres;

const SITES: usize = 1_000;

/// A street grid with jitter, written to disk once.
fn grid_file(side: i64, spacing_m: f64) -> PathBuf {
    let path = std::env::temp_dir().join(format!("yizhan-streets-{side}-{spacing_m}.osm.pbf"));
    if !path.exists() {
        let (mut elements, mut random) = (Elements::default(), Dice(7));
        let local = Local::at(457_500_000.0);
        let mut jitter = || (random.below(2_000) as f64 / 1_000.0 - 1.0) * spacing_m * 0.2;
        for row in 0..side {
            for column in 0..side {
                let lon = 1_266_000_000.0 + (column as f64 * spacing_m + jitter()) / local.east;
                let lat = 457_500_000.0 + (row as f64 * spacing_m + jitter()) / local.north;
                elements.node(row * side + column + 1, Spot { lon: lon as i32, lat: lat as i32 });
            }
        }
        for line in 0..side {
            let across: Vec<i64> = (0..side).map(|at| line * side + at + 1).collect();
            let up: Vec<i64> = (0..side).map(|at| at * side + line + 1).collect();
            elements.way(2 * line + 1, &across, &[("highway", "residential")]);
            elements.way(2 * line + 2, &up, &[("highway", "residential")]);
        }
        std::fs::write(&path, encode::encode(&elements)).unwrap();
    }
    path
}

/// User and system seconds of this process.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap().split_whitespace().next().unwrap().to_owned()
}

/// Runs and prints wall and CPU seconds.
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (start, before) = (Instant::now(), cpu());
    let result = work();
    println!("  {what:<34} {:>8.3} s wall {:>7.2} s cpu", start.elapsed().as_secs_f64(), cpu() - before);
    result
}

/// Writes numbers as little-endian 64-bit integers, which `numpy.fromfile` reads.
fn write(dir: &Path, name: &str, numbers: impl Iterator<Item = i64>) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(dir.join(name)).unwrap());
    numbers.for_each(|number| file.write_all(&number.to_le_bytes()).unwrap());
    file.flush().unwrap();
}

/// The graph as plain tables for other tools: see `benches/peers/network_tables.py`.
fn export(dir: &Path, graph: &Graph<'_>) {
    std::fs::create_dir_all(dir).unwrap();
    let streets = graph.streets();
    let edges = streets.rows().flat_map(|row| {
        let open = |end: usize| i64::from(graph.gate(row.edge, end).is_some());
        let ways = [i64::from(graph.along(row.edge)), i64::from(graph.against(row.edge)), open(0), open(1)];
        let [from, to, length] = [row.from, row.to, row.length_mm].map(i64::from);
        [from, to, length, i64::from(graph.cost(row.edge)), ways[0], ways[1], ways[2], ways[3]]
    });
    write(dir, "edges.i64", edges);
    let nodes = (0..streets.nodes() as u32).map(|node| streets.spot(node));
    write(dir, "nodes.i64", nodes.flat_map(|spot| [i64::from(spot.lon), i64::from(spot.lat)]));
}

/// Sites on edges, and every cost between them and the junctions, and among them.
fn export_costs(dir: &Path, graph: &Graph<'_>, sites: &[Snapping]) {
    let snaps = sites.iter().map(|snap| snap.unwrap());
    let places = snaps.flat_map(|Snap { edge, offset_mm, leg_mm, .. }| [edge, offset_mm, graph.leg_cost(leg_mm)].map(i64::from));
    write(dir, "sites.i64", places);
    let flat = |rows: &CostRows| rows.iter().flat_map(|(s, t, c)| [s as i64, i64::from(t), i64::from(c)]).collect::<Vec<_>>();
    write(dir, "costs.i64", flat(&one_to_many(&Targets::junctions(graph), sites, u32::MAX, &Silent)).into_iter());
    write(dir, "pairs.i64", flat(&many_to_many(graph, sites, u32::MAX, &Silent)).into_iter());
}

/// Snapped places at junctions, so that tools which know junctions only can do the same searches.
fn at_junctions(graph: &Graph<'_>, snapper: &Snapper<'_>, random: &mut Dice) -> Vec<(u32, Snapping)> {
    let streets = graph.streets();
    let draw = || {
        let node = random.below(streets.nodes()) as u32;
        let snapping = snapper.snap(streets.spot(node).lon_lat(), Metres::new(0.0).unwrap());
        let snap = snapping.ok()?;
        let (ends, length) = (streets.ends(snap.edge), streets.length(snap.edge));
        let at = |end: usize| ends[end] == node && graph.gate(snap.edge, end).is_some();
        let is_here = (snap.offset_mm == 0 && at(0)) || (snap.offset_mm == length && at(1));
        is_here.then_some((node, snapping))
    };
    let mut is_taken = vec![false; streets.nodes()];
    let fresh = |(node, _): &(u32, Snapping)| !std::mem::replace(&mut is_taken[*node as usize], true);
    std::iter::repeat_with(draw).flatten().filter(fresh).take(SITES).collect()
}

/// Both networks, one process each.
fn every_network() {
    let this = std::env::current_exe().unwrap();
    for network in ["data/porto-alegre/streets.osm.pbf", "grid"] {
        let run = std::process::Command::new(&this).arg(network).current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap();
        assert!(run.success(), "{network}");
    }
}

fn main() {
    // Cargo adds an argument of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.is_empty() { every_network() } else { one_network(arguments) }
}

fn one_network(mut arguments: Vec<String>) {
    let mut option = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.remove(at);
        Some(arguments.remove(at))
    };
    let export_to = option("--export").map(PathBuf::from);
    let mode = Mode::from_id(&option("--mode").unwrap_or("walk".to_owned())).unwrap();
    let measure = option("--measure").unwrap_or("length".to_owned());
    let profile = Profile::new(mode, Surface::from_id(&measure).map_or(Measure::Length, Measure::Time));
    let rounds: usize = option("--rounds").map_or(3, |rounds| rounds.parse().unwrap());
    // A kilometre, or 15 minutes.
    let limit = if measure == "length" { 1_000_000 } else { 900_000 };
    let number = |at: usize, or: f64| arguments.get(at).map_or(or, |text| text.parse().unwrap());
    let path =
        if arguments[0] == "grid" { grid_file(number(1, 1000.0) as i64, number(2, 60.0)) } else { PathBuf::from(&arguments[0]) };
    println!("{} on {} threads, load {}", path.display(), rayon::current_num_threads(), load());
    let rules = Rules::standard();
    let start = Instant::now();
    let bytes = timed("file", || std::fs::read(&path).unwrap());
    let crop = timed("read", || harvest(&bytes, &rules, &Silent).unwrap());
    let streets = timed("build", || build(&crop, &rules, Detail::Junctions).unwrap());
    drop(crop);
    let graph = timed(&format!("graph ({} {measure})", mode.id()), || Graph::new(&streets, profile));
    println!("  {:<34} {:>8.3} s", "read + build in all", start.elapsed().as_secs_f64());
    let snapper = timed("grid of segments", || Snapper::new(&graph, &[]));
    println!(
        "  {} junctions, {} edges; peak {}; tables: streets {} MB, graph {} MB, grid {} MB",
        streets.nodes(),
        streets.edges(),
        peak(),
        streets.bytes() >> 20,
        graph.bytes() >> 20,
        snapper.bytes() >> 20
    );
    let mut random = Dice(1);
    let junctions = at_junctions(&graph, &snapper, &mut random);
    let [low, high] = streets.bounds().unwrap();
    let mut place = || {
        let near = streets.spot(random.below(streets.nodes()) as u32);
        let shift = |r: &mut Dice| r.below(2_001) as i32 - 1_000;
        Spot {
            lon: (near.lon + shift(&mut random)).clamp(low.lon, high.lon),
            lat: (near.lat + shift(&mut random)).clamp(low.lat, high.lat),
        }
        .lon_lat()
    };
    let places: Vec<LonLat> = (0..SITES).map(|_| place()).collect();
    let cell_places: Vec<LonLat> = (0..streets.nodes()).map(|_| place()).collect();
    let within = Metres::new(SNAP_WITHIN_M).unwrap();
    let sites = timed("snap 1,000 sites", || snapper.snap_all(&places, within));
    let cells = timed(&format!("snap {} cells", cell_places.len()), || snapper.snap_all(&cell_places, within));
    println!("  {:?}", SnapCounts::of(&cells));
    let cells = timed("hang cells", || Targets::new(&graph, &cells));
    let all = Targets::junctions(&graph);
    let at_nodes: Vec<Snapping> = junctions.iter().map(|&(_, snapping)| snapping).collect();
    for (what, targets, sites) in [("1,000 junctions → junctions", &all, &at_nodes), ("1,000 sites → cells", &cells, &sites)]
    {
        for _ in 0..rounds {
            let rows = timed(&format!("{what} in 1,000 m"), || one_to_many(targets, sites, limit, &Silent));
            let sum: u64 = rows.iter().map(|(_, _, cost)| u64::from(cost)).sum();
            println!("    {} pairs, sum of costs {sum}", rows.pairs());
        }
    }
    let at: Vec<(LonLat, Snapping)> = places.iter().copied().zip(sites.iter().copied()).collect();
    let drawn = timed("1,000 areas, two limits", || {
        isochrones(&graph, &at, &vec![0; at.len()], &[limit / 3 * 2, limit], Style::default())
    });
    println!("  {} polygons in the larger one, dissolved", drawn[1].dissolved[0].0.len());
    let key = timed("cache key", || CacheKey::new(&bytes, &rules));
    let frozen = timed("freeze", || freeze(&streets, &key));
    timed(&format!("thaw {} MB", frozen.len() >> 20), || thaw(&frozen, &key).unwrap());
    println!("  peak {}", peak());
    if let Some(dir) = export_to {
        export(&dir, &graph);
        write(&dir, "junctions.i64", junctions.iter().map(|&(node, _)| i64::from(node)));
        let spots = cell_places.iter().map(|&cell| Spot::from(cell));
        write(&dir, "cells.i64", spots.flat_map(|spot| [i64::from(spot.lon), i64::from(spot.lat)]));
        if streets.nodes() < 100_000 {
            let sites: Vec<Snapping> = sites.into_iter().filter(Result::is_ok).take(200).collect();
            export_costs(&dir, &graph, &sites);
        }
    }
}
