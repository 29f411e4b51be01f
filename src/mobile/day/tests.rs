//! Properties of the whole optimiser on random small days, beside the slow truth.

use super::check::{Fault, check};
use super::engine::{BusSolution, Effort, NoPlan, solve};
use super::problem::*;
use crate::random::Random;

fn problem(day: BusDay) -> BusProblem {
    BusProblem::new(day).unwrap()
}

fn solved(day: &BusDay) -> BusSolution {
    let problem = problem(day.clone());
    let solution = solve(&problem, &Effort { work: 300_000, ..Effort::default() }, &|| false).unwrap();
    solution.verify(&problem).unwrap();
    solution
}

/// Two stops that share a cell, six slots, one vehicle; moving takes two slots.
fn by_hand() -> BusDay {
    let stop = |cells: Vec<u32>| DayStop { permitted: Slots::range(0..6), cells, ..DayStop::default() };
    let vehicle = Vehicle { depot: None, length_cm: 1_000, capacity: 10, shift: 6, on_duty: 0..6 };
    BusDay {
        slots: 6,
        slot_minutes: 30,
        stops: vec![stop(vec![0, 1]), stop(vec![1, 2])],
        // Cell 0 in the morning, cell 2 in the afternoon, a little of cell 1 all day.
        demand: [[8, 8, 0, 0, 0, 0], [1; 6], [0, 0, 0, 0, 8, 20]].concat(),
        vehicles: vec![vehicle],
        minutes: vec![0, 20, 20, 0],
        rules: Rules { dwell: 1, ..Rules::default() },
        ..BusDay::default()
    }
}

fn window(stop: usize, arrive: usize, leave: usize) -> Window {
    Window { stop, arrive, leave }
}

#[test]
fn one_bus_goes_where_the_demand_goes() {
    let solution = solved(&by_hand());
    assert_eq!(solution.plan.routes, [vec![window(0, 0, 2), window(1, 4, 6)]]);
    // 9 + 9 in the morning, 9 and a full vehicle in the afternoon.
    assert_eq!((solution.value.served, &solution.value.windows, solution.bound), (37, &vec![vec![18, 19]], 37));
    assert!(solution.proved);
}

#[test]
fn a_move_that_costs_more_than_it_brings_is_not_made() {
    let mut day = by_hand();
    day.rules.move_cost = 17;
    let solution = solved(&day);
    // Staying at the second stop serves 1 + 1 + 1 + 1 + 9 + 10; moving 37 - 17.
    assert_eq!((solution.plan.routes[0].len(), solution.value.net), (1, 23));
}

#[test]
fn two_buses_share_what_both_reach() {
    let mut day = by_hand();
    day.vehicles.push(day.vehicles[0].clone());
    let solution = solved(&day);
    // All there is, but for what exceeds two vehicles: 9 + 9 + 1 + 1 + 9 + 20.
    assert_eq!((solution.value.served, solution.bound), (49, 49));
}

#[test]
fn without_changes_the_previous_plan_stays() {
    let mut day = by_hand();
    day.previous = Some(Plan { routes: vec![vec![window(1, 0, 6)]] });
    day.rules.change_cost = 20;
    let solution = solved(&day);
    assert_eq!((solution.plan.routes[0].as_slice(), solution.value.changes), (&[window(1, 0, 6)][..], 0));
    day.rules.change_cost = 1;
    let solution = solved(&day);
    assert_eq!((solution.value.changes, solution.value.net), (2, 35));
}

#[test]
fn orders_are_followed_or_refused() {
    let mut day = by_hand();
    day.pins.push(Pin { vehicle: 0, stop: 1, slots: 1..3 });
    let solution = solved(&day);
    assert!(solution.plan.routes[0].iter().any(|w| w.stop == 1 && w.arrive <= 1 && w.leave >= 3), "{solution:?}");
    day.bans.push(Ban { vehicle: Some(0), stop: 1, slots: 2..3 });
    let refused = solve(&problem(day), &Effort::default(), &|| false);
    assert_eq!(refused.unwrap_err(), NoPlan::Pins { vehicle: 0 });
}

#[test]
fn floors_are_kept_or_named() {
    let mut day = by_hand();
    day.stops[1].unit = 1;
    day.floors = vec![Floor { unit: 0, slots: 3 }];
    let solution = solved(&day);
    let slots: usize = solution.plan.routes[0].iter().filter(|w| w.stop == 0).map(|w| w.leave - w.arrive).sum();
    assert!(slots >= 3 && solution.proved, "{solution:?}");
    day.floors = vec![Floor { unit: 0, slots: 3 }, Floor { unit: 1, slots: 2 }];
    let refused = solve(&problem(day.clone()), &Effort { work: 300_000, ..Effort::default() }, &|| false).unwrap_err();
    assert!(matches!(&refused, NoPlan::Floors { .. }), "{refused}");
    day.floors = vec![Floor { unit: 1, slots: 7 }];
    let refused = solve(&problem(day), &Effort::default(), &|| false).unwrap_err();
    assert_eq!(refused.to_string(), "no plan gives every unit its bus slots: unit 1 has 6 of 7");
}

#[test]
fn no_vehicles_or_no_stops_is_a_plan_too() {
    let mut day = by_hand();
    day.vehicles.clear();
    assert_eq!((solved(&day).bound, solved(&day).proved), (0, true));
    let mut day = by_hand();
    (day.stops, day.minutes) = (Vec::new(), Vec::new());
    assert_eq!(solved(&day).bound, 0);
}

/// A small random day; a tiny one has few enough routes to list them all.
fn random_day(seed: u64, is_tiny: bool) -> BusDay {
    let mut random = Random::new(seed);
    let (stops, slots, vehicles, cells) = if is_tiny {
        (2 + random.below(2), 5 + random.below(2), 1 + random.below(2), 2 + random.below(4))
    } else {
        (3 + random.below(4), 8 + random.below(5), 1 + random.below(3), 4 + random.below(12))
    };
    let depots = random.below(3);
    let places: Vec<(f64, f64)> = (0..stops + depots).map(|_| (random.unit() * 30.0, random.unit() * 30.0)).collect();
    let minutes = places.iter().flat_map(|a| places.iter().map(|b| (a.0 - b.0).hypot(a.1 - b.1).ceil() as u32 * 2)).collect();
    let reach = if is_tiny { 2 } else { 3 };
    let stop = |random: &mut Random| DayStop {
        permitted: Slots::range(random.below(3)..slots - random.below(3)),
        longest_cm: (random.below(4) == 0).then_some(900),
        unit: random.below(2),
        cells: (0..cells as u32).filter(|_| random.below(reach) == 0).collect(),
    };
    let stops_of: Vec<DayStop> = (0..stops).map(|_| stop(&mut random)).collect();
    let vehicle = |random: &mut Random| {
        let from = random.below(2);
        Vehicle {
            depot: if depots > 0 { Some(random.below(depots)) } else { None },
            length_cm: [800, 1_000][random.below(2)],
            capacity: [15, 25, 60][random.below(3)],
            shift: slots - random.below(4),
            on_duty: from..slots - random.below(2),
        }
    };
    let alike = vehicle(&mut random);
    let is_alike = random.below(2) == 0;
    let vehicles: Vec<Vehicle> = (0..vehicles).map(|_| if is_alike { alike.clone() } else { vehicle(&mut random) }).collect();
    let mut demand = Vec::new();
    for _ in 0..cells {
        let (peak, size) = (random.below(slots), random.below(30) as u64);
        let wave = (0..slots).map(|slot| if slot.abs_diff(peak) < 3 { size } else { size / 4 });
        demand.extend(wave);
    }
    let previous = (random.below(3) == 0)
        .then(|| Plan { routes: vehicles.iter().map(|_| vec![window(random.below(stops), random.below(4), 6)]).collect() });
    let bans =
        if random.below(3) == 0 { vec![Ban { vehicle: None, stop: random.below(stops), slots: 2..4 }] } else { Vec::new() };
    BusDay {
        slots,
        slot_minutes: 30,
        stops: stops_of,
        demand,
        vehicles,
        depots,
        minutes,
        rules: Rules {
            gap_minutes: [45, 30, 0][random.below(3)],
            dwell: 1 + random.below(2),
            move_cost: random.below(4) as u64 * 3,
            change_cost: random.below(2) as u64 * 5,
        },
        pins: Vec::new(),
        bans,
        floors: Vec::new(),
        previous,
    }
}

/// All routes of a vehicle that the checker accepts when it is alone, by trying every sequence of windows.
fn all_routes(day: &BusDay, vehicle: usize) -> Vec<Route> {
    let mut alone = day.clone();
    alone.vehicles = vec![day.vehicles[vehicle].clone()];
    alone.previous = None;
    alone.floors.clear();
    let alone = problem(alone);
    let windows: Vec<Window> = (0..day.stops.len())
        .flat_map(|stop| {
            (0..day.slots).flat_map(move |arrive| (arrive + 1..=day.slots).map(move |leave| window(stop, arrive, leave)))
        })
        .collect();
    let (mut routes, mut open) = (vec![Route::new()], vec![Route::new()]);
    while let Some(route) = open.pop() {
        for next in windows.iter().filter(|next| route.last().is_none_or(|last| last.leave <= next.arrive)) {
            let longer: Route = route.iter().copied().chain([*next]).collect();
            let found = check(&alone, &Plan { routes: vec![longer.clone()] });
            // The way home may become shorter again; everything else stays broken.
            if found.is_ok() {
                routes.push(longer.clone());
            }
            if matches!(found, Ok(_) | Err(Fault::OffDuty { .. } | Fault::Shift { .. })) {
                open.push(longer);
            }
        }
    }
    routes
}

/// The best value of all plans, by trying them all.
fn brute_force(day: &BusDay) -> i64 {
    let problem = problem(day.clone());
    let by_vehicle: Vec<Vec<Route>> = (0..day.vehicles.len()).map(|vehicle| all_routes(day, vehicle)).collect();
    let mut plans = vec![Vec::new()];
    for routes in &by_vehicle {
        plans = plans
            .iter()
            .flat_map(|plan: &Vec<Route>| routes.iter().map(move |route| plan.iter().cloned().chain([route.clone()]).collect()))
            .collect();
    }
    plans.into_iter().filter_map(|routes| check(&problem, &Plan { routes }).ok()).map(|value| value.net).max().unwrap_or(0)
}

/// The exact program alone, with nothing known.
#[cfg(feature = "highs")]
fn exact(day: &BusDay) -> (i64, i64) {
    use super::{dual::Dual, exact, model::Model};
    let problem = problem(day.clone());
    let model = Model::new(&problem);
    let dual = Dual::new(&model, &Plan { routes: vec![Route::new(); day.vehicles.len()] });
    let limits = exact::Limits { columns: usize::MAX, looks: u64::MAX, nodes: 1_000_000, seconds: None };
    let closed = exact::close(&model, dual.best(), -(1 << 40), limits).unwrap();
    let plan = closed.plan.unwrap();
    (check(&problem, &plan).unwrap().net, closed.bound.unwrap())
}

#[cfg(feature = "highs")]
#[test]
fn the_program_finds_what_trying_everything_finds() {
    let (mut tried, mut seed) = (0, 0);
    while tried < 40 {
        seed += 1;
        let day = random_day(seed, true);
        let routes: usize = (0..day.vehicles.len()).map(|vehicle| all_routes(&day, vehicle).len()).product();
        if routes > 60_000 {
            continue;
        }
        tried += 1;
        let truth = brute_force(&day);
        let (found, bound) = exact(&day);
        assert_eq!((found, bound), (truth, truth), "seed {seed}: {day:#?}");
        let solution = solved(&day);
        assert_eq!((solution.value.net, solution.bound), (truth, truth), "seed {seed}: {day:#?}");
    }
}

#[cfg(feature = "highs")]
#[test]
fn heuristic_exact_and_bound_are_in_order_and_mostly_equal() {
    let mut equal = 0;
    for seed in 1_000..1_200 {
        let day = random_day(seed, false);
        let problem = problem(day.clone());
        let model = super::model::Model::new(&problem);
        let mut search = super::search::Search::new(&model, seed).unwrap();
        search.run(200_000, &|| false);
        let mut dual = super::dual::Dual::new(&model, search.best().1);
        dual.run(200_000, search.best().0, &|| false);
        let (heuristic, (exact, _), bound) = (search.best().0, exact(&day), dual.bound());
        assert!(heuristic <= exact && exact <= bound, "seed {seed}: {heuristic} {exact} {bound} {day:#?}");
        equal += usize::from(heuristic == exact);
        let whole = solved(&day);
        assert!(whole.value.net <= exact && exact <= whole.bound, "seed {seed}: {whole:#?}");
    }
    assert!(equal >= 190, "{equal} of 200");
}

#[test]
fn threads_make_no_difference() {
    for seed in 2_000..2_010 {
        let day = random_day(seed, false);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| solved(&day))
        };
        let (one, two) = (on(1), on(2));
        assert_eq!(format!("{one:?}"), format!("{two:?}"), "seed {seed}");
    }
}

#[test]
fn one_more_bus_never_lowers_the_value_and_a_ban_never_raises_it() {
    for seed in 3_000..3_030 {
        let day = random_day(seed, false);
        let base = solved(&day);
        let mut more = day.clone();
        more.vehicles.push(day.vehicles[0].clone());
        more.previous.iter_mut().for_each(|previous| previous.routes.push(Route::new()));
        let mut banned = day.clone();
        banned.bans.push(Ban { vehicle: None, stop: 0, slots: 3..5 });
        let (more, banned) = (solved(&more), solved(&banned));
        assert!(more.bound >= base.value.net && banned.value.net <= base.bound, "seed {seed}");
        if base.proved && more.proved && banned.proved {
            assert!(banned.value.net <= base.value.net && base.value.net <= more.value.net, "seed {seed}");
        }
    }
}

#[test]
fn orders_and_floors_on_random_days() {
    let mut feasible = 0;
    for seed in 4_000..4_030 {
        let mut day = random_day(seed, false);
        let free = solved(&day);
        // What some plan does can be asked for.
        let Some((vehicle, window)) = free.plan.routes.iter().enumerate().find_map(|(v, route)| route.last().map(|w| (v, *w)))
        else {
            continue;
        };
        day.pins.push(Pin { vehicle, stop: window.stop, slots: window.arrive..window.leave });
        let pinned = solved(&day);
        assert!(pinned.value.net <= free.bound && pinned.bound >= free.value.net, "seed {seed}");
        day.pins.clear();
        let unit = usize::from(day.stops.iter().all(|stop| stop.unit > 0));
        let slots = 1 + (seed % 4) as u32;
        day.floors = vec![Floor { unit, slots }];
        let problem = problem(day.clone());
        match solve(&problem, &Effort { work: 300_000, ..Effort::default() }, &|| false) {
            Ok(fair) => {
                fair.verify(&problem).unwrap();
                assert!(fair.value.net <= free.bound, "seed {seed}");
                feasible += 1;
            }
            Err(refused) => assert!(matches!(refused, NoPlan::Floors { .. }), "seed {seed}: {refused}"),
        }
    }
    assert!(feasible > 14, "{feasible}");
}

#[test]
fn the_checker_refuses_every_corruption() {
    let mut day = by_hand();
    day.stops[1].longest_cm = Some(1_200);
    day.stops[0].permitted = Slots::range(0..5);
    day.depots = 1;
    day.minutes = [[0, 20, 25], [20, 0, 25], [25, 25, 0]].concat();
    day.vehicles[0].depot = Some(0);
    day.rules.dwell = 2;
    let fault = |change: &dyn Fn(&mut BusDay), route: Vec<Window>| {
        let mut day = day.clone();
        change(&mut day);
        check(&problem(day), &Plan { routes: vec![route] }).unwrap_err()
    };
    let none = |_: &mut BusDay| {};
    assert!(matches!(check(&problem(day.clone()), &Plan::default()), Err(Fault::Vehicles { expected: 1, found: 0 })));
    assert!(matches!(fault(&none, vec![window(7, 1, 3)]), Fault::UnknownStop { stop: 7, .. }));
    assert!(matches!(fault(&none, vec![window(0, 1, 2)]), Fault::Span { .. }), "dwell");
    assert!(matches!(fault(&none, vec![window(0, 3, 1)]), Fault::Span { .. }), "backwards");
    assert!(matches!(fault(&none, vec![window(0, 1, 9)]), Fault::Span { .. }), "after the day");
    assert!(matches!(fault(&none, vec![window(0, 4, 6)]), Fault::NotPermitted { slot: 5, banned: false, .. }));
    let ban = |day: &mut BusDay| day.bans.push(Ban { vehicle: Some(0), stop: 1, slots: 2..3 });
    assert!(matches!(fault(&ban, vec![window(1, 1, 3)]), Fault::NotPermitted { slot: 2, banned: true, .. }));
    let long = |day: &mut BusDay| day.vehicles[0].length_cm = 1_300;
    assert!(matches!(fault(&long, vec![window(1, 1, 3)]), Fault::TooLong { longest_cm: 1_200, .. }));
    assert!(matches!(fault(&none, vec![window(0, 1, 3), window(1, 4, 6)]), Fault::TooSoon { earliest: 5, .. }));
    assert!(matches!(fault(&none, vec![window(0, 1, 3), window(1, 2, 5)]), Fault::TooSoon { .. }), "two places at a time");
    assert!(matches!(fault(&none, vec![window(0, 0, 3)]), Fault::OffDuty { vehicle: 0 }));
    let short = |day: &mut BusDay| day.vehicles[0].shift = 4;
    assert!(matches!(fault(&short, vec![window(0, 1, 4)]), Fault::Shift { out: 5, shift: 4, .. }));
    let pin = |day: &mut BusDay| day.pins.push(Pin { vehicle: 0, stop: 0, slots: 1..4 });
    assert!(matches!(fault(&pin, vec![window(0, 1, 3)]), Fault::Pin { slot: 3, .. }));
    let floor = |day: &mut BusDay| day.floors.push(Floor { unit: 0, slots: 3 });
    assert!(matches!(fault(&floor, vec![window(0, 1, 3)]), Fault::Floor { found: 2, needed: 3, .. }));
    assert!(check(&problem(day.clone()), &Plan { routes: vec![vec![window(0, 1, 3)]] }).is_ok());
}

#[test]
fn claims_that_are_not_true_are_found() {
    let problem = problem(by_hand());
    let solution = solve(&problem, &Effort { work: 300_000, ..Effort::default() }, &|| false).unwrap();
    let mut more = solution.clone();
    more.value.windows[0][0] += 1;
    assert!(matches!(more.verify(&problem), Err(super::engine::BadClaim::Value { .. })));
    let mut above = solution.clone();
    above.bound -= 1;
    assert!(matches!(above.verify(&problem), Err(super::engine::BadClaim::AboveBound { .. })));
    let mut elsewhere = solution;
    elsewhere.plan.routes[0][0].leave += 1;
    assert!(matches!(elsewhere.verify(&problem), Err(super::engine::BadClaim::Plan(Fault::TooSoon { .. }))));
}

#[test]
fn it_stops_when_told() {
    let problem = problem(random_day(1_003, false));
    let solution = solve(&problem, &Effort::default(), &|| true).unwrap();
    assert!(solution.verify(&problem).is_ok() && (solution.stopped || solution.value.net == solution.bound));
}
