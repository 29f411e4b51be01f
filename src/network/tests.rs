//! Tests of the network as a whole on towns made by hand; random towns are in `town_tests.rs`.

use super::geodesy::{Local, Spot};
use super::osm::Elements;
use super::*;
use crate::crs::LonLat;
use crate::progress::Silent;
use crate::quantity::Metres;

/// A place in Daoli, metres east and north of 126.6° E, 45.75° N.
pub(super) fn at(east: f64, north: f64) -> Spot {
    let local = Local::at(457_500_000.0);
    Spot { lon: 1_266_000_000 + (east / local.east).round() as i32, lat: 457_500_000 + (north / local.north).round() as i32 }
}

pub(super) fn place(east: f64, north: f64) -> LonLat {
    at(east, north).lon_lat()
}

pub(super) fn streets_of(elements: &Elements, detail: Detail) -> Streets {
    let rules = Rules::standard();
    build(&Harvest::from_elements(elements, &rules), &rules, detail).expect("streets")
}

pub(super) fn within(metres: f64) -> Metres {
    Metres::new(metres).expect("a length")
}

pub(super) fn walk() -> Profile {
    Profile::new(Mode::Walk, Measure::Length)
}

/// Costs between places, `None` beyond the limit.
pub(super) fn matrix(graph: &Graph<'_>, snaps: &[Snapping], limit: u32) -> Vec<Vec<Option<u32>>> {
    let rows = many_to_many(graph, snaps, limit, &Silent);
    (0..snaps.len()).map(|site| (0..snaps.len() as u32).map(|target| rows.cost(site, target)).collect()).collect()
}

/// A river from west to east with one bridge (way 3), a street on each bank (1, 2), steps up from the southern one (4).
fn river_town() -> Elements {
    let mut town = Elements::default();
    for (id, east, north) in [
        (1, 0.0, 0.0),
        (2, 500.0, 0.0),
        (3, 1000.0, 0.0),
        (4, 0.0, 200.0),
        (5, 500.0, 200.0),
        (6, 1000.0, 200.0),
        (7, 0.0, -100.0),
    ] {
        town.node(id, at(east, north));
    }
    town.way(1, &[1, 2, 3], &[("highway", "residential")]);
    town.way(2, &[4, 5, 6], &[("highway", "residential")]);
    town.way(3, &[3, 6], &[("highway", "primary"), ("bridge", "yes"), ("layer", "1")]);
    town.way(4, &[1, 7], &[("highway", "steps")]);
    town
}

#[test]
fn an_example_by_hand() {
    let streets = streets_of(&river_town(), Detail::Junctions);
    assert_eq!((streets.nodes(), streets.edges()), (5, 4), "nodes 2 and 5 are shape");
    let graph = Graph::new(&streets, walk());
    let snapper = Snapper::new(&graph, &[]);
    let snaps = snapper.snap_all(&[place(0.0, -20.0), place(0.0, 220.0), place(700.0, 30.0)], within(50.0));
    // Up 20 m of steps, 1,000 m along the street, 200 m over the bridge, 1,000 m back, 20 m to the place. The upper street is 3 cm
    // shorter than its degrees at the lower one, and positions are whole centimetres.
    let costs = matrix(&graph, &snaps, u32::MAX);
    let near =
        |cost: Option<u32>, metres: f64| assert!((f64::from(cost.expect("reached")) - metres * 1000.0).abs() < 50.0, "{cost:?}");
    near(costs[0][1], 20.0 + 1000.0 + 200.0 + 1000.0 + 20.0);
    near(costs[0][2], 20.0 + 700.0 + 30.0);
    let Ok(snap) = snaps[0] else { panic!("snapped") };
    assert_eq!((snap.joined, snap.leg_mm), (Joined::Street, 0), "the steps lead past the place");
    let without = Graph::new(&streets, walk().without([3]));
    assert_eq!(matrix(&without, &snaps, u32::MAX)[0][1], None, "no bridge, no way");
}

#[test]
fn steps_are_closed_to_bicycles_and_to_who_wants_none() {
    let streets = streets_of(&river_town(), Detail::Junctions);
    let on_steps = |profile: Profile| {
        let graph = Graph::new(&streets, profile);
        Snapper::new(&graph, &[]).snap(place(0.0, -90.0), within(50.0)).map(|snap| snap.leg_mm)
    };
    assert_eq!(on_steps(walk()), Ok(0));
    assert_eq!(on_steps(walk().step_free()), Err(Unsnapped::TooFar));
    assert_eq!(on_steps(Profile::new(Mode::Ebike, Measure::Length)), Err(Unsnapped::TooFar));
}

#[test]
fn nothing_snaps_across_a_barrier() {
    let streets = streets_of(&river_town(), Detail::Junctions);
    let graph = Graph::new(&streets, walk());
    let river = vec![place(-5000.0, 100.0), place(600.0, 100.0), place(6000.0, 100.0)];
    let north_of_middle = place(300.0, 102.0);
    let foot = |snapper: &Snapper<'_>, metres: f64| {
        snapper.snap(north_of_middle, within(metres)).map(|snap| snap.foot.lat > at(0.0, 100.0).lat)
    };
    assert_eq!(foot(&Snapper::new(&graph, &[]), 500.0), Ok(true));
    let south_of_middle = place(300.0, 98.0);
    let snapper = Snapper::new(&graph, std::slice::from_ref(&river));
    assert_eq!(snapper.snap(south_of_middle, within(500.0)).map(|snap| (snap.leg_mm + 500) / 1000), Ok(98));
    // The street on this side is 98 m away, the other one 102 m: within 97 m there is none, and a wall on this side leaves none.
    assert_eq!(snapper.snap(south_of_middle, within(97.0)), Err(Unsnapped::TooFar));
    let wall = vec![place(-5000.0, 50.0), place(6000.0, 50.0)];
    assert_eq!(Snapper::new(&graph, &[river, wall]).snap(south_of_middle, within(500.0)), Err(Unsnapped::Barrier));
}

#[test]
fn a_barrier_sends_a_place_to_the_further_street_on_its_side() {
    let mut town = river_town();
    town.ways.truncate(2);
    let streets = streets_of(&town, Detail::Junctions);
    let graph = Graph::new(&streets, walk());
    let railway = vec![place(-5000.0, 20.0), place(6000.0, 20.0)];
    let snap = Snapper::new(&graph, &[railway]).snap(place(300.0, 30.0), within(500.0)).expect("the northern street");
    assert_eq!((snap.leg_mm + 500) / 1000, 170);
}

#[test]
fn islands_and_bridges_are_joined_last_and_said_so() {
    let mut town = Elements::default();
    for (id, east, north) in [(1, 0.0, 0.0), (2, 3000.0, 0.0), (3, 0.0, 100.0), (4, 300.0, 100.0), (5, 3000.0, 200.0)] {
        town.node(id, at(east, north));
    }
    town.way(1, &[1, 2], &[("highway", "residential")]);
    town.way(2, &[3, 4], &[("highway", "footway")]);
    town.way(3, &[2, 5], &[("highway", "residential"), ("bridge", "yes")]);
    let streets = streets_of(&town, Detail::Junctions);
    let graph = Graph::new(&streets, walk());
    assert_eq!(graph.components().islands().0, 1);
    let islands = graph.components().island_rows(&streets);
    assert_eq!(islands.iter().map(|island| (island.way, island.part.edges)).collect::<Vec<_>>(), [(2, 1)]);
    let snapper = Snapper::new(&graph, &[]);
    let joined =
        |east, north, metres| snapper.snap(place(east, north), within(metres)).map(|snap| (snap.joined, snap.leg_mm / 1000));
    assert_eq!(joined(100.0, 90.5, 200.0), Ok((Joined::Street, 90)), "the island is nearer");
    assert_eq!(joined(100.0, 90.5, 50.0), Ok((Joined::CutOff, 9)), "nothing but the island");
    assert_eq!(joined(3010.5, 100.0, 200.0), Ok((Joined::Street, 100)), "at the foot of the bridge");
    assert_eq!(joined(3010.5, 100.0, 50.0), Ok((Joined::LastResort, 10)));
}

#[test]
fn a_gate_stops_some_and_lets_others_through() {
    let mut town = Elements::default();
    town.node(1, at(0.0, 0.0));
    town.tagged_node(2, at(100.0, 0.0), &[("barrier", "bollard")]);
    town.node(3, at(200.0, 0.0));
    town.way(1, &[1, 2, 3], &[("highway", "residential")]);
    let streets = streets_of(&town, Detail::Junctions);
    assert_eq!(streets.edges(), 2, "the bollard is a junction");
    let ends = |mode: Mode| {
        let graph = Graph::new(&streets, Profile::new(mode, Measure::Length));
        let snaps = Snapper::new(&graph, &[]).snap_all(&[place(10.0, 0.0), place(90.0, 0.0), place(190.0, 0.0)], within(5.0));
        matrix(&graph, &snaps, u32::MAX).concat().into_iter().map(|cost| cost.map(|mm| (mm + 500) / 1000)).collect::<Vec<_>>()
    };
    assert_eq!(ends(Mode::Walk), [Some(0), Some(80), Some(180), Some(80), Some(0), Some(100), Some(180), Some(100), Some(0)]);
    assert_eq!(ends(Mode::Drive), [Some(0), Some(80), None, Some(80), Some(0), None, None, None, Some(0)]);
}

#[test]
fn a_oneway_street_is_driven_one_way() {
    let mut town = Elements::default();
    for (id, east, north) in [(1, 0.0, 0.0), (2, 1000.0, 0.0), (3, 1000.0, 500.0), (4, 0.0, 500.0)] {
        town.node(id, at(east, north));
    }
    town.way(1, &[1, 2, 3, 4, 1], &[("highway", "residential"), ("oneway", "yes")]);
    let streets = streets_of(&town, Detail::Junctions);
    let graph = Graph::new(&streets, Profile::new(Mode::Drive, Measure::Length));
    let snaps = Snapper::new(&graph, &[]).snap_all(&[place(200.0, 0.0), place(700.0, 0.0)], within(5.0));
    let costs = matrix(&graph, &snaps, u32::MAX);
    assert_eq!(costs[0][1].map(|mm| (mm + 500) / 1000), Some(500));
    assert_eq!(costs[1][0].map(|mm| (mm + 500) / 1000), Some(2500), "round the block");
}

#[test]
fn winter_costs_a_minute_a_kilometre_and_ice_two() {
    let streets = streets_of(&river_town(), Detail::Junctions);
    let seconds = |surface: Surface| {
        let graph = Graph::new(&streets, Profile::new(Mode::Walk, Measure::Time(surface)));
        let snaps = Snapper::new(&graph, &[]).snap_all(&[place(0.0, 0.0), place(1000.0, 0.0)], within(5.0));
        matrix(&graph, &snaps, u32::MAX)[0][1].map(|ms| (ms + 500) / 1000)
    };
    assert_eq!(Surface::ALL.map(seconds), [Some(750), Some(810), Some(870)]);
}

#[test]
fn a_file_gives_the_streets_of_its_elements() {
    let (town, rules) = (river_town(), Rules::standard());
    let bytes = encode::encode(&town);
    let key = CacheKey::new(&bytes, &rules);
    let from_file = harvest(&bytes, &rules, &Silent).expect("a file");
    let from_file = freeze(&build(&from_file, &rules, Detail::Junctions).expect("streets"), &key);
    assert_eq!(from_file, freeze(&streets_of(&town, Detail::Junctions), &key));
    let mut shuffled = town;
    shuffled.ways.reverse();
    shuffled.nodes.rotate_left(3);
    assert_eq!(from_file, freeze(&streets_of(&shuffled, Detail::Junctions), &key), "order doesn't matter");
    for damaged in [&bytes[..bytes.len() - 7], &bytes[3..], &[]] {
        assert!(harvest(damaged, &rules, &Silent).is_err());
    }
}

#[test]
fn a_way_is_cut_where_a_node_is_missing() {
    let mut town = Elements::default();
    (1..=5).filter(|&id| id != 3).for_each(|id| town.node(id, at(id as f64 * 100.0, 0.0)));
    town.way(1, &[1, 2, 3, 4, 4, 5], &[("highway", "residential")]);
    let streets = streets_of(&town, Detail::Junctions);
    assert_eq!((streets.edges(), streets.counts().missing_nodes), (2, 1));
    assert!((0..2).all(|edge| streets.length(edge).abs_diff(100_000) < 10));
    let nothing = Harvest::from_elements(&Elements::default(), &Rules::standard());
    assert_eq!(build(&nothing, &Rules::standard(), Detail::Junctions).expect_err("no street").message().code(), "N007");
}

#[test]
fn a_cache_is_used_for_its_own_streets_only() {
    let (streets, rules) = (streets_of(&river_town(), Detail::Junctions), Rules::standard());
    let key = CacheKey::new(b"a file", &rules);
    let frozen = freeze(&streets, &key);
    let thawed = thaw(&frozen, &key).expect("a sound cache");
    assert_eq!(freeze(&thawed, &key), frozen);
    assert_eq!(Summary::new(&thawed), Summary::new(&streets));
    assert!(thaw(&frozen, &CacheKey::new(b"another file", &rules)).is_err());
    let own = Rules::with_own(Some("[modes.walk]\nkmh = 5")).expect("rules");
    assert_ne!(key, CacheKey::new(b"a file", &own));
    for at in 0..frozen.len() {
        let mut damaged = frozen.clone();
        damaged[at] ^= 1;
        assert!(thaw(&damaged, &key).is_err(), "byte {at}");
        assert!(thaw(&frozen[..at], &key).is_err(), "cut at {at}");
    }
}

#[test]
fn a_summary_counts_classes_modes_and_islands() {
    let summary = Summary::new(&streets_of(&river_town(), Detail::Junctions));
    assert_eq!((summary.nodes, summary.edges, summary.shape_points), (5, 4, 2));
    assert_eq!(summary.classes["residential"].edges, 2);
    let walked = summary.modes[Mode::Walk as usize];
    assert_eq!(walked.length_mm, summary.classes.values().map(|class| class.length_mm).sum::<u64>());
    assert_eq!((walked.parts, walked.islands), (1, 0));
    assert_eq!(summary.modes[Mode::Drive as usize].edges, 3);
}
