//! The real city: figures that others published for the same data, exactly.

use std::sync::LazyLock;

use super::support::{Found, analyse, repository};
use yizhan::calendar::{DayKind, DayType, Season};
use yizhan::siting::{Action, At};

static YORK: LazyLock<Found> = LazyLock::new(|| analyse(&repository("data/york/scenario.toml")));

const DAY: DayKind = DayKind::new(Season::Autumn, DayType::Weekday);

#[test]
fn coverage_of_the_existing_sites() {
    let steps = YORK.ladders[0].ladder.day(DAY);
    assert_eq!((steps.demand.milli(), steps.covered[0].milli()), (1_814_000, 339_000));
    assert_eq!(format!("{:.1}", steps.covered[0].share_of(steps.demand).percent()), "18.7");
    assert_eq!(steps.covered[0], steps.covered[1], "no barriers: a path is as near as the straight line");
    assert_eq!((YORK.sites.len(), YORK.candidates.len(), YORK.cube.cells().len()), (71, 2_873, 1_814));
}

#[test]
fn mean_distance_to_the_nearest_site() {
    let metres = YORK.mean_nearest_m.expect("there are sites");
    assert_eq!(format!("{metres:.2}"), "1400.19");
}

#[test]
fn twenty_sites_reach_540_and_no_choice_reaches_more() {
    let siting = YORK.siting.as_ref().expect("twenty sites are budgeted");
    assert_eq!(siting.recommendations.len(), 20);
    let places: std::collections::BTreeSet<_> = siting.recommendations.iter().map(|r| r.at).collect();
    assert_eq!(places.len(), 20, "each place once");
    assert!(siting.recommendations.iter().all(|r| r.action == Action::NewFixed && matches!(r.at, At::Candidate(_))));
    assert_eq!(siting.added.milli(), 201_000);
    assert_eq!((siting.covered_before + siting.added).milli(), 540_000);
    assert_eq!(siting.bound, siting.added, "proved: the bound is met");
    assert_eq!(siting.optimality_gap, 0.0);
    let after = YORK.after.iter().find(|after| after.step == "new_sites").expect("the ladder after it");
    assert_eq!(after.ladders[0].ladder.day(DAY).covered[0].milli(), 540_000, "recomputed from the new network");
}
