//! Decisions on a small made-up ground, solved by enumeration, so that the formulation is tested and not the solver.

mod windows;

use std::collections::{BTreeMap, BTreeSet};

use geo::{MultiPolygon, Rect};
use proptest::prelude::*;

use super::*;
use crate::calendar::{DayType, HOURS, Season};
use crate::crs::{Crs, LonLat, Metric, Planar};
use crate::domain::demand::DemandCell;
use crate::domain::study_area::{Grid, Unit};
use crate::id::{DemandIdx, GroupIdx};

/// A place on a line, in metres.
fn place(x: f64) -> Place {
    Place { position: LonLat::new(126.5 + x * 1e-5, 45.7).expect("valid"), planar: Planar { x, y: 0.0 } }
}

fn station(id: &str, x: f64, kind: StationKind) -> Site {
    let Place { position, planar } = place(x);
    let hours = if kind.is_smart() { Hours::always() } else { crate::ingest::read_hours("8:30-17:00").expect("hours").hours };
    Site {
        id: id.into(),
        name: id.into(),
        kind,
        position,
        planar,
        hours,
        capacity_per_hour: None,
        service_types: Vec::new(),
        equipment: Vec::new(),
    }
}

const DAY: DayKind = DayKind::new(Season::Autumn, DayType::Weekday);
const WINTER: DayKind = DayKind::new(Season::WinterPeak, DayType::Weekday);

/// Stations, candidates and demand on a line; reach is 100 m.
struct Ground {
    sites: IdVec<SiteIdx, Site>,
    candidates: Vec<Candidate>,
    places: Vec<Place>,
    cube: DemandCube,
    area: StudyArea,
    rules: file::Siting,
    costs: BTreeMap<String, [f64; 2]>,
    forbidden: Option<MultiPolygon<f64>>,
    days: Vec<(DayKind, u64)>,
    standard: ServiceStandard,
    travel: Travel,
    stops: Vec<BusStop>,
    stop_places: Vec<Place>,
    mobile: file::Mobile,
}

impl Ground {
    /// `demand`: (x, visits at 12 h, visits at 23 h).
    fn new(stations: &[(f64, StationKind)], candidates: &[f64], demand: &[(f64, f64, f64)]) -> Self {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/york/scenario.toml");
        let file = crate::scenario::load(&path).expect("valid").file;
        let (mut rules, mobile) = (file.siting, file.mobile);
        (rules.new_fixed, rules.curve_to, rules.stability_runs) = (0, 0, 0);
        let cell = |(row, (x, ..)): (usize, &(f64, f64, f64))| DemandCell {
            id: format!("c{row}"),
            position: place(*x).position,
            planar: place(*x).planar,
            grid_cell: (row as u32, 0),
            unit: None,
            in_area: true,
        };
        let mut cube = DemandCube::new(demand.iter().enumerate().map(cell).collect(), vec!["courier".into()]);
        for (row, &(_, noon, night)) in demand.iter().enumerate() {
            for (day, more) in [(DAY, 1.0), (WINTER, 3.0)] {
                let mut hours = [0.0; HOURS];
                (hours[12], hours[23]) = (noon * more, night);
                cube.set_day(DemandIdx::from_usize(row), GroupIdx::from_usize(0), day, &hours);
            }
        }
        let named = stations.iter().enumerate().map(|(row, (x, kind))| station(&format!("S{row}"), *x, *kind));
        let candidate = |(row, x): (usize, &f64)| Candidate {
            id: format!("C{row}"),
            name: format!("C{row}"),
            position: place(*x).position,
            host: String::new(),
            venue_available: true,
            kinds: Vec::new(),
            area_m2: None,
            row,
        };
        Self {
            sites: IdVec::from_rows(named.collect()),
            candidates: candidates.iter().enumerate().map(candidate).collect(),
            places: candidates.iter().map(|x| place(*x)).collect(),
            cube,
            area: StudyArea {
                crs: Crs::epsg(4551),
                bbox: [126.0, 45.0, 127.0, 46.0],
                grid: Grid::covering(Planar { x: 0.0, y: 0.0 }, Planar { x: 1.0, y: 1.0 }, 1.0),
                units: Vec::new(),
                home: None,
                water: None,
            },
            rules,
            costs: BTreeMap::new(),
            forbidden: None,
            days: vec![(DAY, SHARES)],
            standard: ServiceStandard {
                id: "test".into(),
                version: 1,
                source: String::new(),
                radius_m: 100.0,
                surface_factor: BTreeMap::new(),
            },
            travel: Travel::new(Metric::Planar, 1.0, &[]),
            stops: Vec::new(),
            stop_places: Vec::new(),
            mobile,
        }
    }

    fn unit(&mut self, name: &str, x: f64) {
        let Place { position: centre, planar } = place(x);
        self.area.units.push(Unit { name: name.into(), outline: None, centre, planar });
    }

    fn with<T>(&self, ask: impl FnOnce(SitingInputs<'_>) -> T) -> T {
        let cells: Vec<Place> = self.cube.cells().rows().iter().map(Place::from).collect();
        let stations: Vec<Place> = self.sites.rows().iter().map(Place::from).collect();
        let limit = self.standard.limit(Season::Autumn);
        let matrix = crate::catchment::delineate(&stations, &cells, limit, &self.travel);
        let network = Network::new(&self.sites, &matrix, self.cube.groups(), &BTreeMap::new());
        ask(SitingInputs {
            network: &network,
            cube: &self.cube,
            candidates: &self.candidates,
            places: &self.places,
            standard: &self.standard,
            travel: &self.travel,
            rules: &self.rules,
            fleet: Fleet { stops: &self.stops, places: &self.stop_places, rules: &self.mobile },
            costs: &self.costs,
            area: &self.area,
            forbidden: self.forbidden.as_ref(),
            days: &self.days,
            studied: &[DAY, WINTER],
        })
    }

    fn decide(&self) -> Result<SitingReport, RuleFault> {
        self.with(|inputs| decide(inputs, Solvers { full: &enumerate, quick: &enumerate, rough: &enumerate }))
    }

    fn report(&self) -> SitingReport {
        self.decide().expect("the rules can be kept")
    }
}

/// The best feasible subset of all options, the lowest of equals; nothing where there is none.
fn enumerate(problem: &SitingProblem) -> SitingSolution {
    assert!(problem.options() <= 16, "small enough");
    let subset = |mask: &u32| -> Vec<usize> { (0..problem.options()).filter(|o| mask >> o & 1 == 1).collect() };
    let feasible = (0u32..1 << problem.options()).filter(|mask| check::feasible(problem, &subset(mask)).is_ok());
    let best = feasible.max_by_key(|mask| (check::covered(problem, &subset(mask)), std::cmp::Reverse(*mask)));
    let chosen = best.map(|mask| subset(&mask)).unwrap_or_default();
    let objective = check::covered(problem, &chosen);
    let chosen = chosen.into_iter().map(|option| (option, Weight::ZERO)).collect();
    SitingSolution { chosen, objective, bound: objective, ..SitingSolution::nothing(problem) }
}

fn done(report: &SitingReport) -> Vec<(Action, At)> {
    report.recommendations.iter().map(|r| (r.action, r.at)).collect()
}

fn site(row: usize) -> At {
    At::Station(SiteIdx::from_usize(row))
}

const FIXED: StationKind = StationKind::Fixed;

#[test]
fn one_of_two_close_stations_moves_to_where_nothing_is() {
    let mut ground = Ground::new(&[(0.0, FIXED), (20.0, FIXED)], &[1000.0], &[(10.0, 5.0, 0.0), (1000.0, 3.0, 0.0)]);
    ground.rules.closable = file::Closable::Word(file::ClosableWord::All);
    ground.rules.relocate = 1;
    let report = ground.report();
    assert_eq!(done(&report).len(), 2);
    assert_eq!(done(&report)[0], (Action::NewFixed, At::Candidate(0)));
    assert_eq!(report.recommendations[1].action, Action::Close);
    assert_eq!((report.recommendations[0].gain.milli(), report.recommendations[1].loss.milli()), (3000, 0));
    assert_eq!((report.added.milli(), report.bound.milli(), report.covered_before.milli()), (3000, 3000, 5000));
    // With nothing to gain nothing closes.
    ground.rules.relocate = 0;
    ground.rules.close = 2;
    assert_eq!(done(&ground.report()), []);
    // A station that isn't named doesn't close; one that isn't there is a fault.
    ground.rules.relocate = 1;
    ground.rules.closable = file::Closable::Ids(vec!["S1".into()]);
    assert!(done(&ground.report()).contains(&(Action::Close, site(1))));
    ground.rules.closable = file::Closable::Ids(vec!["S9".into()]);
    assert_eq!(ground.decide().expect_err("unknown").0.code(), "R001");
}

#[test]
fn a_closure_that_costs_demand_says_whose() {
    // Closing S0 (loses 2 by noon, 1 by night is nobody's) lets a station open where 9 are.
    let mut ground = Ground::new(&[(0.0, FIXED)], &[1000.0], &[(0.0, 2.0, 1.0), (1000.0, 9.0, 0.0)]);
    ground.rules.closable = file::Closable::Word(file::ClosableWord::All);
    ground.rules.relocate = 1;
    let report = ground.report();
    let [new, closed] = report.recommendations.as_slice() else { panic!("{report:?}") };
    assert_eq!((new.gain.milli(), closed.loss.milli(), report.added.milli()), (9000, 2000, 7000));
    assert_eq!(closed.by_slot.iter().copied().sum::<Weight>().milli(), 2000);
    assert_eq!(closed.by_group[0].milli(), 2000);
    assert!((closed.cumulative.get() - 9.0 / 12.0).abs() < 1e-12);
}

#[test]
fn money_is_kept_at_the_upper_price() {
    let mut ground = Ground::new(&[], &[0.0, 500.0, 1000.0], &[(0.0, 5.0, 5.0), (500.0, 4.0, 0.0), (1000.0, 4.0, 0.0)]);
    (ground.rules.new_fixed, ground.rules.new_smart) = (3, 3);
    ground.costs = BTreeMap::from([("new_fixed".into(), [1.0, 9.5]), ("new_smart".into(), [1.0, 30.0])]);
    let added = |ground: &Ground| ground.report().added.milli();
    // A fixed station takes 10 of the budget, whole yuan, rounded up.
    for (yuan, best) in [(9, 0), (10, 5000), (19, 5000), (20, 9000), (30, 13_000), (40, 14_000), (50, 18_000)] {
        ground.rules.budget_yuan = Some(yuan);
        assert_eq!(added(&ground), best, "{yuan} yuan");
    }
    assert_eq!(ground.report().recommendations[0].cost, Some([1.0, 30.0]));
}

#[test]
fn candidates_that_cannot_be_used_are_counted() {
    let mut ground = Ground::new(&[(0.0, FIXED)], &[10.0, 500.0, 1000.0, 2000.0], &[(1000.0, 2.0, 0.0), (2000.0, 1.0, 0.0)]);
    (ground.rules.new_fixed, ground.rules.spacing_m) = (1, 50.0);
    ground.candidates[1].venue_available = false;
    assert_eq!(done(&ground.report()), [(Action::NewFixed, At::Candidate(2))]);
    let at = place(1000.0).position;
    let around = Rect::new((at.lon() - 1e-6, at.lat() - 1e-6), (at.lon() + 1e-6, at.lat() + 1e-6));
    ground.forbidden = Some(MultiPolygon::new(vec![around.to_polygon()]));
    let report = ground.report();
    assert_eq!(done(&report), [(Action::NewFixed, At::Candidate(3))]);
    assert_eq!(report.excluded, Excluded { candidates: 4, venue: 1, forbidden: 1, near: 1 });
}

#[test]
fn minima_of_units_have_their_price_and_their_culprits() {
    let mut ground = Ground::new(&[(0.0, FIXED)], &[1000.0, 2000.0], &[(1000.0, 7.0, 0.0), (2000.0, 2.0, 0.0)]);
    for (name, x) in [("West", 0.0), ("Middle", 1000.0), ("East", 2000.0)] {
        ground.unit(name, x);
    }
    ground.rules.new_fixed = 1;
    assert_eq!(ground.report().price_of_minima, None);
    let minimum =
        |rows: &[(&str, u32)]| Some(file::UnitMinimum::ByUnit(rows.iter().map(|(unit, n)| ((*unit).to_owned(), *n)).collect()));
    ground.rules.at_least_per_unit = minimum(&[("East", 1), ("West", 1)]);
    let report = ground.report();
    assert_eq!(done(&report), [(Action::NewFixed, At::Candidate(1))]);
    assert_eq!(report.price_of_minima.map(Weight::milli), Some(5000));
    ground.rules.at_least_per_unit = minimum(&[("East", 3)]);
    let fault = ground.decide().expect_err("one candidate").0;
    assert_eq!(fault.code(), "R003");
    assert!(fault.to_string().contains("East 3 > 0 + 1"), "{fault}");
    ground.rules.at_least_per_unit = Some(file::UnitMinimum::Each(1));
    assert_eq!(ground.decide().expect_err("two stations for one").0.code(), "R004");
    ground.rules.at_least_per_unit = minimum(&[("Nowhere", 1)]);
    assert_eq!(ground.decide().expect_err("no such unit").0.code(), "R002");
    // Two places too close to each other: no culprit by counting, so the rule that fails is named.
    ground.rules.new_fixed = 2;
    ground.rules.spacing_m = 1500.0;
    ground.sites = IdVec::from_rows(Vec::new());
    ground.rules.at_least_per_unit = minimum(&[("East", 1), ("Middle", 1)]);
    let fault = ground.decide().expect_err("too close").0;
    assert_eq!(fault.code(), "R005");
    assert!(fault.to_string().contains("the minimum of"), "{fault}");
}

#[test]
fn places_say_what_only_they_cover_and_who_is_next() {
    // Candidates 0 and 1 share the demand at 75; candidate 2 is next for either.
    let mut ground = Ground::new(
        &[],
        &[0.0, 150.0, 160.0, 1000.0],
        &[(0.0, 5.0, 0.0), (75.0, 2.0, 0.0), (155.0, 4.0, 0.0), (1000.0, 1.0, 0.0)],
    );
    ground.rules.new_fixed = 2;
    let report = ground.report();
    assert_eq!(done(&report), [(Action::NewFixed, At::Candidate(0)), (Action::NewFixed, At::Candidate(1))]);
    let unique: Vec<u64> = report.recommendations.iter().map(|r| r.unique.milli()).collect();
    assert_eq!(unique, [5000, 4000]);
    let next =
        |row: usize| report.recommendations[row].runner_ups.iter().map(|(at, loss)| (*at, loss.milli())).collect::<Vec<_>>();
    assert_eq!(next(1), [(At::Candidate(2), 0), (At::Candidate(3), 3000)]);
    assert_eq!(next(0), [(At::Candidate(3), 4000), (At::Candidate(2), 5000)]);
}

#[test]
fn phases_are_held_against_the_best_of_their_size() {
    // One place between two: best alone, and left out of the best two.
    let mut ground =
        Ground::new(&[], &[0.0, 90.0, 180.0], &[(-50.0, 2.0, 0.0), (60.0, 3.0, 0.0), (120.0, 3.0, 0.0), (230.0, 2.0, 0.0)]);
    ground.rules.new_fixed = 2;
    ground.rules.phases = vec![1];
    let report = ground.report();
    assert_eq!(report.added.milli(), 10_000);
    assert_eq!(
        report.phases.iter().map(|p| (p.measures, p.added.milli(), p.best.milli())).collect::<Vec<_>>(),
        [(1, 5000, 6000), (2, 10_000, 10_000)]
    );
    assert_eq!(report.recommendations.iter().map(|r| r.phase).collect::<Vec<_>>(), [Some(1), Some(2)]);
}

#[test]
fn days_count_by_their_share_or_one_by_one() {
    // In winter noon has three times the demand: 0 (night) wins in autumn, 1000 (noon) in winter.
    let mut ground = Ground::new(&[], &[0.0, 1000.0], &[(0.0, 0.0, 5.0), (1000.0, 3.0, 0.0)]);
    ground.rules.new_smart = 1;
    assert_eq!(done(&ground.report()), [(Action::NewSmart, At::Candidate(0))]);
    ground.rules.seasons = Seasons::Word(SeasonsWord::Each);
    let report = ground.report();
    let days: Vec<_> = report.days.iter().map(|d| (d.day, d.added.milli(), d.of_plan.milli(), d.common)).collect();
    assert_eq!(days, [(DAY, 5000, 5000, 1), (WINTER, 9000, 5000, 0)]);
    ground.days = vec![(DAY, SHARES / 4), (WINTER, SHARES - SHARES / 4)];
    let report = ground.report();
    assert_eq!(done(&report), [(Action::NewSmart, At::Candidate(1))]);
    assert_eq!(report.added.milli(), 7500, "3 × ¼ + 9 × ¾");
    assert_eq!(report.recommendations[0].by_slot.iter().copied().sum::<Weight>().milli(), 7500);
}

#[test]
fn the_curve_passes_through_the_plan_and_the_core_is_chosen_always() {
    let mut ground = Ground::new(
        &[],
        &[0.0, 1000.0, 2000.0, 3000.0],
        &[(0.0, 8.0, 0.0), (1000.0, 4.0, 0.0), (2000.0, 1.0, 0.0), (3000.0, 1.0, 0.0)],
    );
    (ground.rules.new_fixed, ground.rules.curve_to, ground.rules.stability_runs) = (2, 30, 10);
    let report = ground.report();
    let curve = report.curve.as_ref().expect("asked for");
    assert_eq!(curve.points.iter().map(|p| p.added.milli()).collect::<Vec<_>>(), [8000, 12_000, 13_000, 14_000]);
    assert_eq!(curve.knee, Some(2));
    assert_eq!(curve.points[1].added, report.added);
    let stability = report.stability.as_ref().expect("asked for");
    assert_eq!(stability.runs, 10);
    assert_eq!(report.recommendations.iter().map(|r| r.chosen).collect::<Vec<_>>(), [Some(10), Some(10)]);
    assert_eq!(report, ground.report(), "the same again");
}

/// What may be done by the rules in words, and the best of it: an oracle that knows no options, limits or minima.
fn in_words(ground: &Ground) -> Weight {
    let rules = &ground.rules;
    let closures = rules.close.max(rules.relocate) as usize;
    let (sites, places) = (ground.sites.rows(), &ground.places);
    let mut best = Weight::ZERO;
    for code in 0..3usize.pow((sites.len() + places.len()) as u32) {
        let state = |row: usize| code / 3usize.pow(row as u32) % 3;
        let closed: Vec<&Site> = sites.iter().enumerate().filter(|(r, _)| state(*r) == 1).map(|(_, s)| s).collect();
        let upgraded: Vec<&Site> = sites.iter().enumerate().filter(|(r, _)| state(*r) == 2).map(|(_, s)| s).collect();
        let new = |kind: usize| (0..places.len()).filter(move |p| state(sites.len() + p) == kind).collect::<Vec<_>>();
        let (fixed, smart) = (new(1), new(2));
        let went = |is_smart: bool| closed.iter().filter(|s| s.kind.is_smart() == is_smart).count();
        let replaced =
            fixed.len().saturating_sub(rules.new_fixed as usize) + smart.len().saturating_sub(rules.new_smart as usize);
        let allowed = closed.len() <= closures
            && upgraded.len() <= rules.upgrade_smart as usize
            && upgraded.iter().all(|s| s.kind == FIXED)
            && fixed.len() <= rules.new_fixed as usize + went(false)
            && smart.len() <= rules.new_smart as usize + went(true)
            && fixed.len() + smart.len() <= (rules.new_fixed + rules.new_smart + rules.relocate) as usize
            && replaced <= rules.relocate as usize;
        // Open places: x, and whether it serves by night.
        let standing = sites.iter().enumerate().filter(|(r, _)| state(*r) != 1);
        let mut open: Vec<(f64, bool)> = standing.map(|(r, s)| (s.planar.x, s.kind.is_smart() || state(r) == 2)).collect();
        let news: Vec<f64> = fixed.iter().chain(&smart).map(|&p| places[p].planar.x).collect();
        let near = |a: f64, b: f64| (a - b).abs() < rules.spacing_m;
        let apart = news
            .iter()
            .enumerate()
            .all(|(r, &a)| news[r + 1..].iter().all(|&b| !near(a, b)) && open.iter().all(|&(b, _)| !near(a, b)));
        if !(allowed && apart) {
            continue;
        }
        open.extend(fixed.iter().map(|&p| (places[p].planar.x, false)));
        open.extend(smart.iter().map(|&p| (places[p].planar.x, true)));
        best = best.max(covered(ground, &open));
    }
    best
}

fn covered(ground: &Ground, open: &[(f64, bool)]) -> Weight {
    let cube = &ground.cube;
    let of_cell = |(cell, row): (DemandIdx, &DemandCell)| -> Weight {
        let hours = cube.hours(cell, DAY);
        let near = || open.iter().filter(|(x, _)| (x - row.planar.x).abs() <= 100.0);
        let noon = if near().next().is_some() { hours[12] } else { Weight::ZERO };
        noon + if near().any(|(_, always)| *always) { hours[23] } else { Weight::ZERO }
    };
    cube.cells().iter().map(of_cell).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn the_formulation_is_what_the_rules_say(
        stations in prop::collection::vec((0u32..12, any::<bool>()), 0..4),
        candidates in prop::collection::btree_set(0u32..12, 0..4),
        demand in prop::collection::vec((0u32..12, 0u32..9, 0u32..9), 1..7),
        budgets in (0u32..3, 0u32..2, 0u32..2, 0u32..3, 0u32..3),
        spacing in prop::sample::select(vec![0.0, 60.0, 130.0]),
    ) {
        let at = |x: u32| f64::from(x) * 50.0;
        let kind = |smart: bool| if smart { StationKind::SmartRoom } else { FIXED };
        let stations: Vec<_> = stations.into_iter().map(|(x, smart)| (at(x), kind(smart))).collect();
        let candidates: Vec<f64> = candidates.into_iter().map(at).collect();
        let demand: Vec<_> = demand.into_iter().map(|(x, noon, night)| (at(x), f64::from(noon), f64::from(night))).collect();
        let mut ground = Ground::new(&stations, &candidates, &demand);
        let (new_fixed, new_smart, upgrade, close, relocate) = budgets;
        (ground.rules.new_fixed, ground.rules.new_smart, ground.rules.upgrade_smart) = (new_fixed, new_smart, upgrade);
        (ground.rules.close, ground.rules.relocate, ground.rules.spacing_m) = (close, relocate, spacing);
        ground.rules.closable = file::Closable::Word(file::ClosableWord::All);
        let report = ground.report();
        let before: Vec<_> = ground.sites.rows().iter().map(|s| (s.planar.x, s.kind.is_smart())).collect();
        prop_assert_eq!(report.covered_before, covered(&ground, &before));
        prop_assert_eq!(report.covered_before + report.added, in_words(&ground).max(covered(&ground, &before)));
        // What is carried out is what is claimed, and the account of gains and losses closes.
        let after = ground.with(|inputs| carry_out(inputs, &report.recommendations, &station("x", 0.0, FIXED).hours, None));
        let after: Vec<_> = after.rows().iter().map(|s| (s.planar.x, s.kind.is_smart())).collect();
        prop_assert_eq!(report.covered_before + report.added, covered(&ground, &after));
        let gains: Weight = report.recommendations.iter().map(|r| r.gain).sum();
        let losses: Weight = report.recommendations.iter().map(|r| r.loss).sum();
        prop_assert_eq!(gains, report.added + losses);
        for r in &report.recommendations {
            prop_assert_eq!(r.by_slot.iter().copied().sum::<Weight>(), r.gain + r.loss);
            let rest: BTreeSet<At> = report.recommendations.iter().map(|r| r.at).collect();
            prop_assert!(r.runner_ups.iter().all(|(at, _)| !rest.contains(at)), "a runner-up is another place");
        }
    }
}
