//! Properties on random towns: costs against Floyd–Warshall over every place and junction, snaps against every segment, areas, parts.

use geo::{Area, Contains, MapCoords, MultiPolygon, Relate, Validation};
use proptest::prelude::*;

use super::geodesy::{Local, Spot, length_mm};
use super::osm::Elements;
use super::tests::{at, matrix, place, streets_of, walk, within};
use super::*;
use crate::crs::LonLat;
use crate::progress::Silent;

#[derive(Debug, Clone)]
struct Town {
    elements: Elements,
    places: Vec<(f64, f64)>,
    barrier: Vec<(f64, f64)>,
}

fn spots() -> impl Strategy<Value = (f64, f64)> {
    (0.0..600.0f64, 0.0..600.0f64)
}

fn towns() -> impl Strategy<Value = Town> {
    let node = (spots(), 0..12usize);
    let way = (prop::collection::vec(0..10usize, 2..5), 0..9usize, 0..6usize);
    (
        prop::collection::vec(node, 10),
        prop::collection::vec(way, 1..9),
        prop::collection::vec(spots(), 1..7),
        prop::collection::vec(spots(), 0..3),
    )
        .prop_map(|(nodes, ways, places, barrier)| Town { elements: elements(&nodes, &ways), places, barrier })
}

fn elements(nodes: &[((f64, f64), usize)], ways: &[(Vec<usize>, usize, usize)]) -> Elements {
    let classes = ["residential", "footway", "steps", "primary", "motorway", "path", "service", "cycleway", "residential"];
    let gates = ["bollard", "stile", "wall"];
    let mut town = Elements::default();
    for (id, ((east, north), gate)) in (1..).zip(nodes) {
        let tags: Vec<(&str, &str)> = gates.get(*gate).map(|gate| ("barrier", *gate)).into_iter().collect();
        town.tagged_node(id, at(*east, *north), &tags);
    }
    for (id, (refs, class, oneway)) in (1..).zip(ways) {
        let refs: Vec<i64> = refs.iter().map(|&node| node as i64 + 1).collect();
        let oneway = ["no", "yes", "-1", "no", "no", "no"][*oneway];
        let bridge = if id % 4 == 0 { "yes" } else { "no" };
        town.way(id, &refs, &[("highway", classes[*class]), ("oneway", oneway), ("bridge", bridge)]);
    }
    town
}

fn profiles() -> impl Strategy<Value = Profile> {
    let measures = [Measure::Length, Measure::Time(Surface::Bare), Measure::Time(Surface::Ice)];
    (0..3usize, 0..3usize, any::<bool>()).prop_map(move |(mode, measure, step_free)| {
        let profile = Profile::new(Mode::ALL[mode], measures[measure]);
        if step_free { profile.step_free() } else { profile }
    })
}

/// Every place against every other by Floyd–Warshall: nodes are places on edges, and ends of edges (one a junction if it can be
/// passed, one an edge if it can't).
fn floyd_warshall(graph: &Graph<'_>, snaps: &[Snapping]) -> Vec<Vec<Option<u64>>> {
    let streets = graph.streets();
    let profile = graph.profile();
    let mut names: Vec<(u32, u32, u32)> = Vec::new();
    let mut arcs: Vec<(usize, usize, u64)> = Vec::new();
    let mut number = |name: (u32, u32, u32)| {
        names.iter().position(|known| *known == name).unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        })
    };
    // Cost up to a place, by the definition: its share of the whole, rounded half up.
    let until = |edge: u32, offset: u32| {
        let length = f64::from(streets.length(edge));
        if length == 0.0 { 0 } else { (f64::from(graph.cost(edge)) * f64::from(offset) / length + 0.5).floor() as u64 }
    };
    let mut starts = Vec::new();
    for edge in 0..streets.edges() as u32 {
        let row = streets.rows().nth(edge as usize).expect("an edge");
        let is_open = row.access.any(profile.mode) && !(profile.step_free && row.marks.has(Mark::NotStepFree));
        let mut offsets: Vec<u32> = snaps.iter().flatten().filter(|snap| snap.edge == edge).map(|snap| snap.offset_mm).collect();
        offsets.extend([0, row.length_mm]);
        offsets.sort_unstable();
        offsets.dedup();
        let mut name = |offset: u32, is_last: bool| {
            let end = if offset == 0 && !is_last { Some(row.from) } else { (offset == row.length_mm).then_some(row.to) };
            match end.filter(|&node| !streets.node_stops[node as usize].stops(profile)) {
                Some(node) => number((u32::MAX, node, 0)),
                None => number((edge, offset, u32::from(is_last))),
            }
        };
        let last = offsets.len() - 1;
        let named: Vec<usize> = offsets.iter().enumerate().map(|(at, &offset)| name(offset, at == last && at > 0)).collect();
        for (at, pair) in offsets.windows(2).enumerate() {
            let cost = until(edge, pair[1]) - until(edge, pair[0]);
            if is_open && row.access.forward(profile.mode) {
                arcs.push((named[at], named[at + 1], cost));
            }
            if is_open && row.access.backward(profile.mode) {
                arcs.push((named[at + 1], named[at], cost));
            }
        }
        starts.push((offsets, named));
    }
    let count = names.len();
    let mut costs = vec![vec![u64::MAX / 4; count]; count];
    (0..count).for_each(|node| costs[node][node] = 0);
    for (from, to, cost) in arcs {
        costs[from][to] = costs[from][to].min(cost);
    }
    for via in 0..count {
        for from in 0..count {
            for to in 0..count {
                costs[from][to] = costs[from][to].min(costs[from][via] + costs[via][to]);
            }
        }
    }
    let node_of = |snap: &Snap| {
        let (offsets, named) = &starts[snap.edge as usize];
        named[offsets.binary_search(&snap.offset_mm).expect("a place on the edge")]
    };
    let leg = |snap: &Snap| u64::from(graph.leg_cost(snap.leg_mm));
    let pair = |a: &Snapping, b: &Snapping| {
        let (a, b) = (a.as_ref().ok()?, b.as_ref().ok()?);
        if a.place == b.place {
            return Some(0);
        }
        let way = costs[node_of(a)][node_of(b)];
        (way < u64::MAX / 4).then(|| leg(a) + way + leg(b))
    };
    snaps.iter().map(|a| snaps.iter().map(|b| pair(a, b)).collect()).collect()
}

/// The best of all segments, one by one.
fn snap_slowly(graph: &Graph<'_>, barrier: &[LonLat], from: LonLat, within_mm: u32) -> Option<(Joined, u32, u32, u32)> {
    let streets = graph.streets();
    let local = Local::at(from.lat() * 1e7);
    let metres = |at: [f64; 2]| [(at[0] - from.lon() * 1e7) * local.east, (at[1] - from.lat() * 1e7) * local.north];
    let spot = |s: Spot| metres([f64::from(s.lon), f64::from(s.lat)]);
    let walls: Vec<[[f64; 2]; 2]> = barrier.windows(2).map(|pair| [spot(pair[0].into()), spot(pair[1].into())]).collect();
    let turn = |a: [f64; 2], b: [f64; 2], c: [f64; 2]| (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0.0;
    let mut best = None;
    for edge in (0..streets.edges() as u32).filter(|&edge| graph.is_open(edge)) {
        let mut before = 0;
        for part in 0..streets.segments(edge) {
            let [a, b] = streets.segment(edge, part);
            let ends = [spot(a), spot(b)];
            let along = [ends[1][0] - ends[0][0], ends[1][1] - ends[0][1]];
            let length2 = along[0].powi(2) + along[1].powi(2);
            let share =
                if length2 == 0.0 { 0.0 } else { (-(ends[0][0] * along[0] + ends[0][1] * along[1]) / length2).clamp(0.0, 1.0) };
            let foot = [ends[0][0] + share * along[0], ends[0][1] + share * along[1]];
            let leg = (foot[0].hypot(foot[1]) * 1000.0).round() as u32;
            let offset = before + (share * f64::from(length_mm(a, b))).round() as u32;
            before += length_mm(a, b);
            let is_barred = walls.iter().any(|[p, q]| {
                turn([0.0; 2], foot, *p) != turn([0.0; 2], foot, *q) && turn(*p, *q, [0.0; 2]) != turn(*p, *q, foot)
            });
            let joined = if graph.components().is_cut_off(edge) {
                Joined::CutOff
            } else if streets.has(edge, Mark::LastResort) {
                Joined::LastResort
            } else {
                Joined::Street
            };
            let rank = (joined, leg, edge, offset);
            if leg <= within_mm && !is_barred && best.is_none_or(|best| rank < best) {
                best = Some(rank);
            }
        }
    }
    best
}

/// Coordinates in whole millionths, where predicates are exact.
fn whole(area: &MultiPolygon<f64>) -> MultiPolygon<f64> {
    area.map_coords(|c| geo::Coord { x: (c.x * 1e6).round(), y: (c.y * 1e6).round() })
}

/// Whether every point of `inner` is in `outer`.
fn is_inside(inner: &MultiPolygon<f64>, outer: &MultiPolygon<f64>) -> bool {
    inner.0.is_empty() || whole(outer).relate(&whole(inner)).is_covers()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn costs_equal_floyd_warshall(town in towns(), profile in profiles()) {
        let streets = streets_of_town(&town);
        prop_assume!(streets.is_some());
        let streets = streets.expect("assumed");
        let graph = Graph::new(&streets, profile);
        let places: Vec<LonLat> = town.places.iter().map(|&(x, y)| place(x, y)).collect();
        let snaps = Snapper::new(&graph, &[]).snap_all(&places, within(300.0));
        let found = matrix(&graph, &snaps, u32::MAX);
        let slow = floyd_warshall(&graph, &snaps);
        for (a, row) in slow.iter().enumerate() {
            for (b, &cost) in row.iter().enumerate() {
                prop_assert_eq!(found[a][b].map(u64::from), cost, "{} to {}", a, b);
            }
        }
    }

    #[test]
    fn snaps_equal_brute_force_and_add_up(town in towns(), profile in profiles(), metres in 5.0..400.0f64) {
        let streets = streets_of_town(&town);
        prop_assume!(streets.is_some());
        let streets = streets.expect("assumed");
        let graph = Graph::new(&streets, profile);
        let barrier: Vec<LonLat> = town.barrier.iter().map(|&(x, y)| place(x, y)).collect();
        let places: Vec<LonLat> = town.places.iter().map(|&(x, y)| place(x, y)).collect();
        let snaps = Snapper::new(&graph, std::slice::from_ref(&barrier)).snap_all(&places, within(metres));
        for (&from, snap) in places.iter().zip(&snaps) {
            let slow = snap_slowly(&graph, &barrier, from, (metres * 1000.0).round() as u32);
            // Both round a leg to the millimetre from their own arithmetic.
            let close = |a: (Joined, u32), b: (Joined, u32)| a.0 == b.0 && a.1.abs_diff(b.1) <= 1;
            match (snap, slow) {
                (Ok(snap), Some(slow)) => prop_assert!(close((snap.joined, snap.leg_mm), (slow.0, slow.1)), "{:?} {:?}", snap, slow),
                (Err(_), None) => {}
                (snap, slow) => prop_assert!(false, "{:?} against {:?}", snap, slow),
            }
        }
        // A railway of the file stops legs as a line of the planner's does, and a railway in a tunnel doesn't.
        let mut mapped = town.elements.clone();
        let ids: Vec<i64> = (101..).zip(&barrier).map(|(id, &at)| { mapped.node(id, at.into()); id }).collect();
        mapped.way(100, &ids, &[("railway", "rail")]);
        let with_railway = streets_of(&mapped, Detail::Junctions);
        let again = Snapper::new(&Graph::new(&with_railway, graph.profile().clone()), &[]).snap_all(&places, within(metres));
        prop_assert_eq!(&snaps, &again);
        mapped.ways.last_mut().expect("the railway").tags.push(("tunnel".into(), "yes".into()));
        let in_tunnel = streets_of(&mapped, Detail::Junctions);
        let again = Snapper::new(&Graph::new(&in_tunnel, graph.profile().clone()), &[]).snap_all(&places, within(metres));
        prop_assert_eq!(Snapper::new(&graph, &[]).snap_all(&places, within(metres)), again);
        let counts = SnapCounts::of(&snaps);
        let faults = snap_faults(&snaps, within(metres));
        prop_assert_eq!(faults.iter().filter(|fault| fault.is_excluded).count(), counts.too_far + counts.barrier);
        prop_assert_eq!(counts.street + counts.last_resort + counts.cut_off + counts.too_far + counts.barrier, places.len());
    }

    #[test]
    fn walking_is_symmetric_nested_and_keeps_the_triangle(town in towns(), limit in 0u32..900_000) {
        let streets = streets_of_town(&town);
        prop_assume!(streets.is_some());
        let streets = streets.expect("assumed");
        let graph = Graph::new(&streets, walk());
        let places: Vec<LonLat> = town.places.iter().map(|&(x, y)| place(x, y)).collect();
        let snaps = Snapper::new(&graph, &[]).snap_all(&places, within(300.0));
        let (all, some) = (matrix(&graph, &snaps, u32::MAX), matrix(&graph, &snaps, limit));
        let bridges = town.elements.ways.iter().map(|way| way.id).filter(|id| id % 4 == 0);
        let without = Graph::new(&streets, walk().without(bridges));
        let fewer = matrix(&without, &snaps.iter().map(|snap| snap.filter_open(&without)).collect::<Vec<_>>(), u32::MAX);
        for a in 0..places.len() {
            for b in 0..places.len() {
                prop_assert_eq!(all[a][b], all[b][a]);
                prop_assert_eq!(some[a][b], all[a][b].filter(|&cost| cost <= limit));
                if let Some(closed) = fewer[a][b] {
                    prop_assert!(all[a][b].is_some_and(|open| open <= closed), "a closed bridge shortened a path");
                }
                for c in 0..places.len() {
                    if let (Some(ab), Some(bc)) = (all[a][b], all[b][c]) {
                        prop_assert!(all[a][c].is_some_and(|ac| ac <= ab + bc));
                    }
                }
                // Never shorter than the straight line, but for roundings.
                if let Some(cost) = all[a][b] {
                    prop_assert!(cost + 60 >= length_mm(places[a].into(), places[b].into()));
                }
            }
        }
    }

    #[test]
    fn shape_or_junction_costs_are_the_same(town in towns()) {
        let mut town = town;
        town.elements.nodes.iter_mut().for_each(|node| node.tags.clear());
        let streets = streets_of_town(&town);
        prop_assume!(streets.is_some());
        let (few, every) = (streets.expect("assumed"), streets_of(&town.elements, Detail::EveryNode));
        let places: Vec<LonLat> = town.places.iter().map(|&(x, y)| place(x, y)).collect();
        let run = |streets: &Streets| {
            let graph = Graph::new(streets, walk());
            let snaps = Snapper::new(&graph, &[]).snap_all(&places, within(300.0));
            (snaps.iter().map(|snap| snap.map(|snap| (snap.leg_mm, snap.foot))).collect::<Vec<_>>(), matrix(&graph, &snaps, u32::MAX))
        };
        let (few, every) = (run(&few), run(&every));
        // Of two feet equally far to the millimetre the lower edge number wins, and the numbers differ.
        prop_assume!(few.0 == every.0);
        prop_assert_eq!(few.1, every.1);
    }

    #[test]
    fn areas_are_valid_and_nested(town in towns(), profile in profiles(), limits in prop::collection::vec(0u32..700_000, 1..4)) {
        let streets = streets_of_town(&town);
        prop_assume!(streets.is_some());
        let streets = streets.expect("assumed");
        let graph = Graph::new(&streets, profile);
        let snapper = Snapper::new(&graph, &[]);
        let sites: Vec<(LonLat, Snapping)> =
            town.places.iter().map(|&(x, y)| place(x, y)).map(|at| (at, snapper.snap(at, within(300.0)))).collect();
        let kinds: Vec<usize> = (0..sites.len()).map(|site| site % 2).collect();
        let drawn = isochrones(&graph, &sites, &kinds, &limits, Style { buffer_m: 20.0, cell_m: 8.0 });
        for isochrone in &drawn {
            for area in isochrone.areas.iter().chain(&isochrone.dissolved) {
                prop_assert!(area.is_valid() && whole(area).is_valid(), "{:?}", area.validation_errors());
            }
            for (area, &kind) in isochrone.areas.iter().zip(&kinds) {
                prop_assert!(is_inside(area, &isochrone.dissolved[kind]));
            }
            for ((at, snap), area) in sites.iter().zip(&isochrone.areas) {
                let is_near = snap.is_ok_and(|snap| graph.leg_cost(snap.leg_mm) <= isochrone.limit);
                prop_assert_eq!(area.contains(&at.point()), is_near);
            }
        }
        for pair in drawn.windows(2) {
            for (small, large) in pair[0].areas.iter().zip(&pair[1].areas) {
                prop_assert!(is_inside(small, large));
            }
            for (small, large) in pair[0].dissolved.iter().zip(&pair[1].dissolved) {
                prop_assert!(is_inside(small, large));
            }
        }
        // Alone or together with shorter limits, a limit's area contains what was drawn for it alone.
        let last = drawn.last().expect("a limit");
        let alone = isochrones(&graph, &sites, &kinds, &[last.limit], Style { buffer_m: 20.0, cell_m: 8.0 });
        for (small, large) in alone[0].dissolved.iter().zip(&last.dissolved) {
            prop_assert!(is_inside(small, large));
        }
    }

    #[test]
    fn threads_dont_show(town in towns(), profile in profiles()) {
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            pool.install(|| {
                let streets = streets_of_town(&town)?;
                let graph = Graph::new(&streets, profile.clone());
                let places: Vec<LonLat> = town.places.iter().map(|&(x, y)| place(x, y)).collect();
                let snaps = Snapper::new(&graph, &[]).snap_all(&places, within(300.0));
                let rows = many_to_many(&graph, &snaps, 800_000, &Silent);
                let sites: Vec<(LonLat, Snapping)> = places.iter().copied().zip(snaps.iter().copied()).collect();
                let areas = isochrones(&graph, &sites, &vec![0; sites.len()], &[100_000, 400_000], Style::default());
                let bytes = freeze(&streets, &CacheKey::new(&[], &Rules::standard()));
                Some((bytes, snaps, rows, format!("{areas:?}")))
            })
        };
        let one = run(1);
        prop_assert_eq!(&one, &run(2));
        prop_assert_eq!(&one, &run(5));
    }

    #[test]
    fn parts_are_those_of_mutual_reach(town in towns(), profile in profiles()) {
        let streets = streets_of_town(&town);
        prop_assume!(streets.is_some());
        let streets = streets.expect("assumed");
        let graph = Graph::new(&streets, profile);
        let count = graph.nodes();
        let mut reach = vec![vec![false; count]; count];
        (0..count).for_each(|node| reach[node][node] = true);
        graph.all_arcs().for_each(|(from, to, _)| reach[from as usize][to as usize] = true);
        for via in 0..count {
            for from in 0..count {
                for to in 0..count {
                    reach[from][to] |= reach[from][via] && reach[via][to];
                }
            }
        }
        let open: Vec<u32> = (0..streets.edges() as u32).filter(|&edge| graph.is_open(edge)).collect();
        let gates = |edge: u32| [graph.gate(edge, 0), graph.gate(edge, 1)].into_iter().flatten().collect::<Vec<_>>();
        let mutual = |a: u32, b: u32| reach[a as usize][b as usize] && reach[b as usize][a as usize];
        for &a in &open {
            for &b in &open {
                if let (Some(x), Some(y), [p, ..], [q, ..]) = (graph.components().of(a), graph.components().of(b), &gates(a)[..], &gates(b)[..]) {
                    prop_assert_eq!(x == y, mutual(*p, *q), "edges {} and {}", a, b);
                }
            }
        }
        let mut arcs: Vec<_> = graph.all_arcs().collect();
        let mut rows: Vec<_> = graph.rows().map(|row| (row.from, row.to, row.cost)).collect();
        arcs.sort_unstable();
        rows.sort_unstable();
        prop_assert_eq!(arcs, rows, "what is exported is what is searched");
        let parts = graph.components().parts();
        let islands = graph.components().islands();
        let rows = graph.components().island_rows(&streets);
        prop_assert_eq!((rows.len(), rows.iter().map(|row| row.part.length_mm).sum::<u64>()), (islands.0, islands.1.length_mm));
        prop_assert_eq!(parts.iter().map(|part| part.edges).sum::<u32>() + graph.components().traps().edges, open.len() as u32);
    }
}

fn streets_of_town(town: &Town) -> Option<Streets> {
    let rules = Rules::standard();
    build(&Harvest::from_elements(&town.elements, &rules), &rules, Detail::Junctions).ok()
}

/// Keeps a snap only where its edge is still open.
trait FilterOpen {
    fn filter_open(self, graph: &Graph<'_>) -> Snapping;
}

impl FilterOpen for &Snapping {
    fn filter_open(self, graph: &Graph<'_>) -> Snapping {
        self.and_then(|snap| if graph.is_open(snap.edge) { Ok(snap) } else { Err(Unsnapped::TooFar) })
    }
}

#[test]
fn the_area_of_a_straight_street_is_its_buffer() {
    let mut town = Elements::default();
    (0..2).for_each(|id| town.node(id, at(id as f64 * 1000.0, 37.0)));
    town.way(1, &[0, 1], &[("highway", "residential")]);
    let streets = streets_of(&town, Detail::Junctions);
    let graph = Graph::new(&streets, walk());
    let middle = place(500.0, 37.0);
    let site = (middle, Snapper::new(&graph, &[]).snap(middle, within(5.0)));
    let drawn = isochrones(&graph, &[site], &[0], &[200_000], Style::default());
    let local = Local::at(457_500_000.0);
    let square_metres = whole(&drawn[0].dissolved[0]).unsigned_area() * local.east * local.north * 100.0;
    let expected = 400.0 * 60.0 + std::f64::consts::PI * 900.0;
    assert!((square_metres / expected - 1.0).abs() < 0.01, "{square_metres} against {expected}");
}
