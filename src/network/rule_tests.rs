//! Every fact of the standard rule table, one tiny example each: tags of a way or a node → who may pass, which way, how fast.

use super::geodesy::Spot;
use super::osm::Elements;
use super::rules::{Mark, Rules, Street};
use super::tests::at;
use super::{Detail, Graph, Harvest, Measure, Mode, Profile, SnapCounts, Snapper, Streets, Surface, build, many_to_many};
use crate::progress::Silent;
use crate::quantity::Metres;

/// `highway=footway bicycle=yes` as pairs.
fn tags(text: &str) -> Vec<(&str, &str)> {
    text.split_whitespace().map(|tag| tag.split_once('=').expect("key=value")).collect()
}

fn judge(rules: &Rules, text: &str) -> Option<Street> {
    rules.judge(&rules.row(tags(text)))
}

/// Directions of walk, ebike, drive: `=` both, `>` as drawn, `<` against, `-` none.
fn directions(rules: &Rules, text: &str) -> String {
    let one = |street: Street, mode: Mode| match (street.access.forward(mode), street.access.backward(mode)) {
        (true, true) => '=',
        (true, false) => '>',
        (false, true) => '<',
        (false, false) => '-',
    };
    judge(rules, text).map_or("---".to_owned(), |street| Mode::ALL.map(|mode| one(street, mode)).iter().collect())
}

#[test]
fn ways_are_open_to_whom_they_should_be() {
    let rules = Rules::standard();
    let facts = [
        // Classes.
        ("highway=residential", "==="),
        ("highway=living_street", "==="),
        ("highway=trunk", "==="),
        ("highway=motorway", "-->"),
        ("highway=motorway_link", "-->"),
        ("highway=footway", "=--"),
        ("highway=pedestrian", "=--"),
        ("highway=pedestrian area=yes", "=--"),
        ("highway=corridor indoor=yes", "=--"),
        ("highway=path", "==-"),
        ("highway=track", "==-"),
        ("highway=cycleway", "==-"),
        ("highway=bridleway", "=--"),
        ("highway=steps", "=--"),
        ("railway=platform", "=--"),
        ("public_transport=platform", "=--"),
        ("man_made=pier", "=--"),
        ("highway=construction", "---"),
        ("highway=proposed", "---"),
        ("highway=raceway", "---"),
        ("building=yes", "---"),
        ("railway=rail", "---"),
        ("waterway=river", "---"),
        // Steps stay closed to wheels whatever is written.
        ("highway=steps bicycle=yes", "=--"),
        ("highway=steps motor_vehicle=yes foot=no", "---"),
        // Ferries are closed, and no key opens them.
        ("route=ferry", "---"),
        ("route=ferry foot=yes bicycle=yes motor_vehicle=yes", "---"),
        // Access keys: the own key overrules the general one; unknown values are silent.
        ("highway=service access=private", "---"),
        ("highway=service access=private foot=yes", "=--"),
        ("highway=service access=no bicycle=permissive", "-=-"),
        ("highway=service access=destination", "==="),
        ("highway=service access=customers", "==="),
        ("highway=residential vehicle=no", "=--"),
        ("highway=residential motor_vehicle=no", "==-"),
        ("highway=residential motor_vehicle=delivery vehicle=no", "=-="),
        ("highway=residential foot=no", "-=="),
        ("highway=residential foot=use_sidepath", "-=="),
        ("highway=residential access=whatever", "==="),
        ("highway=footway bicycle=yes", "==-"),
        ("highway=footway bicycle=dismount", "=--"),
        ("highway=footway electric_bicycle=no bicycle=yes", "=--"),
        ("highway=footway access=yes", "=--"),
        ("highway=footway motor_vehicle=yes", "=-="),
        ("highway=track motor_vehicle=yes", "==="),
        ("highway=busway", "---"),
        ("highway=busway bicycle=yes", "-=-"),
        ("highway=primary motorroad=yes", "--="),
        ("highway=primary motorroad=yes foot=yes", "=-="),
        ("highway=residential area=yes", "==-"),
        ("highway=service indoor=yes", "=--"),
        ("highway=corridor indoor=room", "---"),
        // Sidewalks and cycle lanes open what the class closes.
        ("highway=motorway sidewalk=both", "=->"),
        ("highway=motorway sidewalk=no", "-->"),
        ("highway=motorway sidewalk:left=yes", "=->"),
        ("highway=motorway sidewalk=both foot=no", "-->"),
        ("highway=motorway cycleway=lane", "->>"),
        // One way: those on foot are exempt unless it says so for them.
        ("highway=residential oneway=yes", "=>>"),
        ("highway=residential oneway=1", "=>>"),
        ("highway=residential oneway=-1", "=<<"),
        ("highway=residential oneway=reverse", "=<<"),
        ("highway=residential oneway=no", "==="),
        ("highway=residential oneway=reversible", "==="),
        ("highway=residential oneway=yes oneway:bicycle=no", "==>"),
        ("highway=residential oneway=yes cycleway=opposite_lane", "==>"),
        ("highway=residential oneway=yes oneway:foot=yes", ">>>"),
        ("highway=residential oneway=yes oneway:motor_vehicle=no", "=>="),
        ("highway=residential junction=roundabout", "=>>"),
        ("highway=residential junction=roundabout oneway=no", "==="),
        ("highway=motorway oneway=no", "--="),
        ("highway=cycleway oneway=yes", "=>-"),
        // Escalators and moving walkways run one way.
        ("highway=steps conveying=yes", ">--"),
        ("highway=steps conveying=forward", ">--"),
        ("highway=steps conveying=backward", "<--"),
        ("highway=steps conveying=reversible", "=--"),
        ("highway=footway conveying=forward", ">--"),
    ];
    for (text, expected) in facts {
        assert_eq!(directions(&rules, text), expected, "{text}");
    }
}

#[test]
fn a_planner_opens_a_ferry_with_one_line() {
    let own = "[classes.route]\nferry = { walk = 12, ebike = 12, drive = false }";
    let rules = Rules::with_own(Some(own)).expect("rules");
    assert_eq!(directions(&rules, "route=ferry"), "==-");
    assert_eq!(directions(&rules, "route=ferry foot=no"), "-=-");
    assert_eq!(directions(&rules, "route=ferry motor_vehicle=yes"), "===");
    let class = judge(&rules, "route=ferry").expect("a street").class;
    assert_eq!(rules.pace(Mode::Walk, Surface::Bare, class, 0), 300_000, "12 km/h are 0.3 s a metre");
}

#[test]
fn marks_and_levels_are_kept() {
    let rules = Rules::standard();
    let marked = |text: &str, mark: Mark| judge(&rules, text).expect("a street").marks.has(mark);
    assert!(marked("highway=primary bridge=viaduct", Mark::Bridge) && !marked("highway=primary bridge=no", Mark::Bridge));
    assert!(marked("highway=footway tunnel=yes", Mark::Tunnel) && marked("highway=footway tunnel=yes", Mark::LastResort));
    assert!(marked("highway=steps", Mark::Steps) && marked("highway=steps", Mark::NotStepFree));
    assert!(
        marked("highway=footway conveying=yes", Mark::NotStepFree) && marked("highway=footway conveying=yes", Mark::Conveying)
    );
    let street = judge(&rules, "highway=primary layer=-2 maxspeed=30").expect("a street");
    assert_eq!((street.layer, street.maxspeed), (-2, 30));
}

#[test]
fn signed_limits_slow_motor_vehicles_only() {
    let rules = Rules::standard();
    let kmh = |mode: Mode, text: &str| {
        let street = judge(&rules, text).expect("a street");
        (3_600_000.0 / f64::from(rules.pace(mode, Surface::Bare, street.class, street.maxspeed))).round()
    };
    assert_eq!(kmh(Mode::Drive, "highway=primary"), 35.0);
    assert_eq!(kmh(Mode::Drive, "highway=primary maxspeed=20"), 20.0);
    assert_eq!(kmh(Mode::Drive, "highway=primary maxspeed=120"), 35.0);
    assert_eq!(kmh(Mode::Drive, "highway=primary maxspeed=signals"), 35.0);
    assert_eq!(kmh(Mode::Drive, "highway=motorway maxspeed=30_mph").round(), 70.0, "no number");
    assert_eq!(kmh(Mode::Drive, "highway=motorway maxspeed=30mph").round(), 48.0);
    assert_eq!(kmh(Mode::Ebike, "highway=primary maxspeed=10"), 20.0);
}

#[test]
fn season_and_ice_slow_walking_as_the_standard_says() {
    let rules = Rules::standard();
    let class = judge(&rules, "highway=footway").expect("a street").class;
    let pace = |mode: Mode, surface: Surface| rules.pace(mode, surface, class, 0);
    // 4.8 km/h are 750 s a kilometre; a minute more in a treated winter, two on ice.
    assert_eq!(Surface::ALL.map(|surface| pace(Mode::Walk, surface)), [750_000, 810_000, 870_000]);
    assert_eq!(Surface::ALL.map(|surface| pace(Mode::Ebike, surface)), [180_000, 240_000, 300_000]);
    assert_eq!(rules.leg_pace(Mode::Ebike, Measure::Time(Surface::Ice)), Some(870_000), "pushed to the street");
    assert_eq!(rules.leg_pace(Mode::Walk, Measure::Length), None);
}

#[test]
fn nodes_stop_whom_they_should() {
    let rules = Rules::standard();
    let passing = |text: &str, step_free: bool| -> String {
        let stops = rules.judge_node(&rules.row(tags(text)));
        let one = |(mode, letter): (Mode, char)| {
            let profile = Profile::new(mode, Measure::Length);
            let profile = if step_free { profile.step_free() } else { profile };
            if stops.stops(&profile) { '-' } else { letter }
        };
        Mode::ALL.into_iter().zip("wed".chars()).map(one).collect()
    };
    let facts = [
        ("highway=crossing", "wed"),
        ("barrier=no", "wed"),
        ("barrier=gate", "wed"),
        ("barrier=lift_gate", "wed"),
        ("barrier=entrance", "wed"),
        ("barrier=toll_booth", "wed"),
        ("barrier=gate locked=yes", "---"),
        ("barrier=gate locked=yes foot=yes", "w--"),
        ("barrier=gate access=private", "---"),
        ("barrier=gate access=private bicycle=yes", "-e-"),
        ("barrier=gate motor_vehicle=no", "we-"),
        ("barrier=bollard", "we-"),
        ("barrier=bollard motor_vehicle=permissive", "wed"),
        ("barrier=block", "we-"),
        ("barrier=cycle_barrier", "we-"),
        ("barrier=cycle_barrier bicycle=no", "w--"),
        ("barrier=stile", "w--"),
        ("barrier=kissing_gate", "w--"),
        ("barrier=turnstile", "w--"),
        ("barrier=step", "w--"),
        ("barrier=wall", "---"),
        ("barrier=fence", "---"),
        // No barrier, no stop: access keys of other nodes are about something else.
        ("amenity=parking access=private", "wed"),
    ];
    for (text, expected) in facts {
        assert_eq!(passing(text, false), expected, "{text}");
    }
    for text in ["barrier=stile", "barrier=kissing_gate", "barrier=turnstile", "barrier=step"] {
        assert_eq!(passing(text, true), "---", "{text} without steps");
    }
    assert_eq!(passing("barrier=bollard", true), "we-");
}

#[test]
fn rivers_and_railways_are_lines_where_they_lie_on_the_ground() {
    let rules = Rules::standard();
    let is_line = |text: &str| rules.is_barrier_line(&rules.row(tags(text)));
    for text in
        ["waterway=river", "waterway=canal", "railway=rail", "railway=light_rail", "barrier=city_wall", "railway=rail layer=-1"]
    {
        assert!(is_line(text), "{text}");
    }
    for text in [
        "waterway=stream",
        "railway=abandoned",
        "railway=platform",
        "railway=rail tunnel=yes",
        "railway=rail bridge=viaduct",
        "waterway=river tunnel=culvert",
        "barrier=fence",
        "highway=footway",
    ] {
        assert!(!is_line(text), "{text}");
    }
    let own = Rules::with_own(Some("[barrier_lines]\nways = { barrier = [\"wall\"], railway = [] }")).expect("rules");
    assert!(own.is_barrier_line(&own.row(tags("barrier=wall"))) && !own.is_barrier_line(&own.row(tags("railway=rail"))));
}

/// Two streets of 200 m that cross in the middle, with or without a node in common.
fn crossing(shared: bool, upper: &str) -> Streets {
    let mut town = Elements::default();
    for (id, east, north) in [(1, 0.0, 100.0), (2, 200.0, 100.0), (3, 100.0, 0.0), (4, 100.0, 200.0), (5, 100.0, 100.0)] {
        town.node(id, at(east, north));
    }
    let upper: Vec<(&str, &str)> = tags(upper);
    if shared {
        town.way(1, &[1, 5, 2], &[("highway", "residential")]);
        town.way(2, &[3, 5, 4], &upper);
    } else {
        town.way(1, &[1, 2], &[("highway", "residential")]);
        town.way(2, &[3, 4], &upper);
    }
    let rules = Rules::standard();
    build(&Harvest::from_elements(&town, &rules), &rules, Detail::Junctions).expect("streets")
}

fn metres_between(streets: &Streets, mode: Mode, from: Spot, to: Spot) -> Option<u32> {
    let graph = Graph::new(streets, Profile::new(mode, Measure::Length));
    let places = [from, to].map(Spot::lon_lat);
    let snaps = Snapper::new(&graph, &[]).snap_all(&places, Metres::new(1.0).expect("a length"));
    assert_eq!(SnapCounts::of(&snaps).too_far, 0);
    many_to_many(&graph, &snaps, u32::MAX, &Silent).cost(0, 1).map(|mm| (mm + 500) / 1000)
}

#[test]
fn streets_meet_at_common_nodes_only() {
    let (west, south) = (at(0.0, 100.0), at(100.0, 0.0));
    for upper in ["highway=residential bridge=yes layer=1", "highway=residential tunnel=yes layer=-1", "highway=residential"] {
        assert_eq!(metres_between(&crossing(false, upper), Mode::Walk, west, south), None, "{upper}");
    }
    assert_eq!(metres_between(&crossing(true, "highway=residential"), Mode::Walk, west, south), Some(200));
    // A node in common counts even where levels differ: bridges end at such nodes.
    assert_eq!(metres_between(&crossing(true, "highway=residential bridge=yes layer=1"), Mode::Walk, west, south), Some(200));
}

#[test]
fn a_railway_is_crossed_where_the_street_crosses_it() {
    // Streets north and south of a railway, joined by a level crossing far in the east; a place just north of the southern street.
    let mut town = Elements::default();
    let nodes = [
        (1, 0.0, 0.0),
        (2, 900.0, 0.0),
        (3, 0.0, 300.0),
        (4, 900.0, 300.0),
        (5, -500.0, 60.0),
        (6, 900.0, 60.0),
        (7, 2000.0, 60.0),
    ];
    nodes.iter().for_each(|&(id, east, north)| town.node(id, at(east, north)));
    town.way(1, &[1, 2], &[("highway", "residential")]);
    town.way(2, &[3, 4], &[("highway", "residential")]);
    town.way(3, &[2, 6, 4], &[("highway", "residential")]);
    town.way(4, &[5, 6, 7], &[("railway", "rail")]);
    let rules = Rules::standard();
    let streets = build(&Harvest::from_elements(&town, &rules), &rules, Detail::Junctions).expect("streets");
    assert_eq!(streets.barrier_lines().len(), 1);
    let graph = Graph::new(&streets, Profile::new(Mode::Walk, Measure::Length));
    let places = [at(0.0, 80.0), at(0.0, 40.0)].map(Spot::lon_lat);
    let snaps = Snapper::new(&graph, &[]).snap_all(&places, Metres::new(500.0).expect("a length"));
    // 40 m apart on either side: 220 m up to the northern street, round by the crossing, 40 m up from the southern one.
    let metres = many_to_many(&graph, &snaps, u32::MAX, &Silent).cost(0, 1).map(|mm| (mm + 500) / 1000);
    assert_eq!(metres, Some(220 + 900 + 300 + 900 + 40));
}
