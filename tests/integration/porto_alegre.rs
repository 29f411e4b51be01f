//! The city over real streets: what the circle promises, what the streets keep of it, and where ten more sites would go.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::support::{Found, analyse, copy};
use yizhan::calendar::{DayKind, DayType, Season};
use yizhan::gap::GapCause;

static CITY: LazyLock<Found> = LazyLock::new(|| {
    // Curve and stability take most of the time and aren't asked about here.
    let city = copy("data/porto-alegre", &[("new_fixed = 10", "new_fixed = 10\nstability_runs = 0\ncurve_to = 0")]);
    analyse(&city.path().join("scenario.toml"))
});

const DAY: DayKind = DayKind::new(Season::Autumn, DayType::Weekday);

#[test]
fn streets_keep_less_than_the_circle_promises() {
    let steps = |standard: usize| CITY.ladders[standard].ladder.day(DAY);
    let (far, near) = (steps(0), steps(1));
    assert_eq!([far.demand, far.covered[0], far.covered[1]].map(|w| w.milli()), [812_935_000, 768_470_000, 736_576_000]);
    assert_eq!([near.covered[0], near.covered[1]].map(|w| w.milli()), [452_441_000, 387_592_000]);
    assert_eq!((CITY.sites.len(), CITY.candidates.len(), CITY.cube.cells().len()), (117, 1_009, 1_124));
}

#[test]
fn gaps_that_only_streets_reveal() {
    let mut causes: BTreeMap<&str, usize> = BTreeMap::new();
    for gap in &CITY.gaps {
        *causes.entry(gap.gap.cause.id()).or_default() += 1;
        let (_, straight, path) = gap.nearest.expect("there are stations");
        assert!(path.is_none_or(|path| path >= straight), "{path:?} over streets, {straight} straight");
    }
    assert_eq!(causes, BTreeMap::from([("barrier", 17), ("distance", 9)]));
    let worst = CITY.gaps.iter().find(|gap| gap.gap.cause == GapCause::Barrier).expect("some");
    assert_eq!(worst.gap.severity.milli(), 4_215_000);
}

#[test]
fn ten_sites_and_no_choice_reaches_more() {
    let siting = CITY.siting.as_ref().expect("ten sites are budgeted");
    assert_eq!(siting.recommendations.len(), 10);
    assert_eq!((siting.added.milli(), siting.bound), (63_562_000, siting.added), "proved: the bound is met");
    let after = CITY.after.iter().find(|after| after.step == "new_sites").expect("the ladder after it");
    assert_eq!(after.ladders[0].ladder.day(DAY).covered[1].milli(), 800_138_000, "recomputed from the new network");
}

#[test]
fn places_off_the_network_are_issues() {
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for issue in CITY.issues.rows() {
        *codes.entry(issue.problem.code()).or_default() += 1;
    }
    assert_eq!(codes, BTreeMap::from([("N011", 2), ("N012", 8)]));
}
