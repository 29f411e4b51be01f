//! Tests of the engine as a whole, with the slow truth beside them.

use super::*;
use crate::random::Random;
use proptest::prelude::*;

fn never() -> bool {
    false
}

fn visit(place: usize, prize: u64) -> Visit {
    Visit { place, service: 5, open: 0, close: 100, prize, allowed: Allowed::Any, usual: None }
}

/// Places on a line, ten apart; vehicles start and end at place 0 and are away for 100 at most.
fn line(places: usize, vehicles: usize, visits: Vec<Visit>, charges: Charges) -> Problem {
    let times = (0..places * places).map(|cell| 10 * (cell / places).abs_diff(cell % places) as u64).collect();
    let vehicle = Vehicle { start: 0, end: 0, earliest: 0, latest: 100, longest: 100 };
    Problem::new(Travel::new(places, times).unwrap(), vec![vehicle; vehicles], visits, charges).unwrap()
}

/// The best value, by trying all routes.
fn enumerate(problem: &Problem) -> Value {
    fn extend(problem: &Problem, routes: &mut Routes, best: &mut Value) {
        let mut closed = routes.clone();
        closed.resize(problem.vehicles().len(), Vec::new());
        if let Ok(value) = check(problem, &closed)
            && value.beats(best)
        {
            *best = value;
        }
        for visit in (0..problem.visits().len()).filter(|visit| !closed.concat().contains(visit)) {
            routes.last_mut().unwrap().push(visit);
            extend(problem, routes, best);
            routes.last_mut().unwrap().pop();
        }
        if routes.len() < problem.vehicles().len() && routes.len() < 3 {
            routes.push(Vec::new());
            extend(problem, routes, best);
            routes.pop();
        }
    }
    let nothing = check(problem, &vec![Vec::new(); problem.vehicles().len()]).unwrap();
    let mut best = nothing;
    extend(problem, &mut vec![Vec::new()], &mut best);
    best
}

/// A random problem; as `rounds`, with bases, allowed and usual vehicles and charges.
fn random_problem(seed: u64, rounds: bool) -> Problem {
    let mut random = Random::new(seed);
    let mut number = |least: usize, most: usize| least + random.below(most - least + 1);
    let (places, vehicles) = (number(2, 5), number(1, 2));
    let is_metric = number(0, 2) > 0;
    let at: Vec<usize> = (0..places).map(|_| number(0, 20)).collect();
    let times =
        (0..places * places).map(|cell| if is_metric { at[cell / places].abs_diff(at[cell % places]) } else { number(0, 20) });
    let travel = Travel::new(places, times.map(|time| time as u64).collect()).unwrap();
    let base = Vehicle { start: 0, end: 0, earliest: 0, latest: 60, longest: 60 };
    let mut vehicle = |_| {
        if !rounds {
            return base.clone();
        }
        let (earliest, latest, longest) = (number(0, 10) as u64, number(30, 80) as u64, number(20, 80) as u64);
        Vehicle { start: number(0, places - 1), end: number(0, places - 1), earliest, latest, longest }
    };
    let fleet: Vec<Vehicle> = (0..vehicles).map(&mut vehicle).collect();
    let visits = (0..number(1, 5)).map(|_| {
        let open = number(0, 30) as u64;
        let usual = (rounds && number(0, 1) == 0).then(|| number(0, vehicles - 1));
        let allowed = if rounds && number(0, 3) == 0 { Allowed::Only(vec![number(0, vehicles - 1)]) } else { Allowed::Any };
        let (place, service, prize) = (number(0, places - 1), number(0, 10) as u64, number(1, 9) as u64);
        Visit { place, service, open, close: open + number(0, 30) as u64, prize, allowed, usual }
    });
    let visits = visits.collect();
    let charges =
        if rounds { Charges { change: number(0, 5) as u64, imbalance: number(0, 2) as u64 } } else { Charges::default() };
    Problem::new(travel, fleet, visits, charges).unwrap()
}

#[test]
fn an_example_by_hand() {
    // Out to place 4 and back takes 80, and each visit 5: all of 1, 2, 3 and 4 make 100.
    let mut visits: Vec<Visit> = (1..=5).map(|place| visit(place, 10)).collect();
    let problem = line(6, 1, visits.clone(), Charges::default());
    let solution = solve(&problem, None, Effort { seed: 1, work: 10_000 }, &never).unwrap();
    assert_eq!((solution.value.prize, solution.value.travel), (40, 80));
    assert_eq!(check::timetable(&problem, 0, &solution.routes[0]).unwrap().duration(), 100);
    // The far one is worth more than the four, but out and back takes 105: it can't be made at all.
    visits[4].prize = 50;
    let problem = line(6, 1, visits.clone(), Charges::default());
    assert_eq!(solve(&problem, None, Effort { seed: 1, work: 10_000 }, &never).unwrap().value.prize, 40);
    assert_eq!(bound::most_prize(&problem), 40);
    // Places 3 and 4 open at 60 only: then the vehicle can't be home from place 4 in time.
    visits[2].open = 60;
    visits[3].open = 60;
    let problem = line(6, 1, visits, Charges::default());
    let solution = solve(&problem, None, Effort { seed: 1, work: 10_000 }, &never).unwrap();
    assert_eq!(solution.value.prize, 30);
}

#[test]
fn a_timetable_leaves_late_and_waits_only_where_it_must() {
    let mut visits = vec![visit(1, 1), visit(2, 1)];
    (visits[0].close, visits[1].open) = (20, 50);
    let problem = line(3, 1, visits, Charges::default());
    let timetable = check::timetable(&problem, 0, &[0, 1]).unwrap();
    assert_eq!((timetable.depart, timetable.back, timetable.duration()), (10, 75, 65));
    assert_eq!(timetable.calls[0], check::Call { visit: 0, arrive: 20, begin: 20, leave: 25 });
    assert_eq!(timetable.calls[1], check::Call { visit: 1, arrive: 35, begin: 50, leave: 55 });
}

#[test]
fn work_is_shared_where_balance_is_charged() {
    let visits: Vec<Visit> = (0..4).map(|_| visit(1, 1)).collect();
    let lone = line(2, 2, visits.clone(), Charges::default());
    let solution = solve(&lone, None, Effort { seed: 1, work: 20_000 }, &never).unwrap();
    assert_eq!(solution.value.travel, 20, "one goes alone");
    let shared = line(2, 2, visits, Charges { change: 0, imbalance: 5 });
    let solution = solve(&shared, None, Effort { seed: 1, work: 20_000 }, &never).unwrap();
    assert_eq!((solution.value.travel, solution.value.imbalance), (40, 0));
    assert_eq!(solution.routes.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
}

#[test]
fn visits_stay_with_their_usual_vehicle() {
    let mut visits: Vec<Visit> = (0..4).map(|_| visit(1, 1)).collect();
    visits[3].usual = Some(1);
    visits[2].allowed = Allowed::Only(vec![0]);
    let dear = line(2, 2, visits.clone(), Charges { change: 25, imbalance: 0 });
    let solution = solve(&dear, None, Effort { seed: 1, work: 20_000 }, &never).unwrap();
    assert_eq!((solution.value.changes, solution.value.travel), (0, 40));
    let cheap = line(2, 2, visits, Charges { change: 15, imbalance: 0 });
    let solution = solve(&cheap, None, Effort { seed: 1, work: 20_000 }, &never).unwrap();
    assert_eq!((solution.value.changes, solution.value.travel), (1, 20));
}

#[test]
fn corrupted_answers_are_refused() {
    let mut visits: Vec<Visit> = (1..=4).map(|place| visit(place, 10)).collect();
    (visits[0].close, visits[3].allowed) = (20, Allowed::Only(vec![0]));
    let problem = line(5, 2, visits, Charges::default());
    assert!(check(&problem, &[vec![0, 1, 2], vec![]]).is_ok());
    assert_eq!(check(&problem, &[vec![]]), Err(Fault::Routes { routes: 1, vehicles: 2 }));
    assert_eq!(check(&problem, &[vec![9], vec![]]), Err(Fault::Unknown { vehicle: 0, visit: 9 }));
    assert_eq!(check(&problem, &[vec![0], vec![0]]), Err(Fault::Twice { visit: 0 }));
    assert_eq!(check(&problem, &[vec![], vec![3]]), Err(Fault::NotAllowed { vehicle: 1, visit: 3 }));
    assert_eq!(check(&problem, &[vec![1, 0], vec![]]), Err(Fault::Late { vehicle: 0, visit: 0, begin: 35, close: 20 }));
    assert_eq!(check(&problem, &[vec![3, 1, 2], vec![]]), Err(Fault::Back { vehicle: 0, back: 115, latest: 100 }));
    let mut vehicles = problem.vehicles().to_vec();
    vehicles[0].longest = 40;
    let short = Problem::new(problem.travel().clone(), vehicles, problem.visits().to_vec(), Charges::default()).unwrap();
    assert_eq!(check(&short, &[vec![1], vec![]]), Err(Fault::Long { vehicle: 0, duration: 45, longest: 40 }));
    assert!(solve(&short, Some(&vec![vec![1], vec![]]), Effort { seed: 1, work: 10 }, &never).is_err());
}

#[test]
fn all_faults_of_a_problem_are_named_at_once() {
    assert_eq!(Travel::new(2, vec![0; 3]), Err(ProblemFault::NotSquare { places: 2, times: 3 }));
    let mut wrong = visit(7, FOREVER + 1);
    wrong.usual = Some(3);
    let idle = visit(0, 0);
    let vehicle = Vehicle { start: 0, end: 5, earliest: 0, latest: 1, longest: 1 };
    let charges = Charges { change: 0, imbalance: 5000 };
    let faults = Problem::new(Travel::new(1, vec![0]).unwrap(), vec![vehicle], vec![wrong, idle], charges).unwrap_err();
    let expected = [
        ProblemFault::VehiclePlace { vehicle: 0, place: 5 },
        ProblemFault::VisitPlace { visit: 0, place: 7 },
        ProblemFault::VisitVehicle { visit: 0, vehicle: 3 },
        ProblemFault::NoPrize { visit: 1 },
        ProblemFault::TooLarge { largest: FOREVER + 1 },
        ProblemFault::Imbalance { charge: 5000 },
    ];
    assert_eq!(faults, expected);
}

#[test]
fn optima_of_tiny_problems_are_found() {
    for rounds in [false, true] {
        let mut missed = Vec::new();
        for seed in 0..150 {
            let problem = random_problem(seed, rounds);
            let best = enumerate(&problem);
            let found = solve(&problem, None, Effort { seed, work: 60_000 }, &never).unwrap().value;
            assert!(!found.beats(&best), "seed {seed}: {found:?} and {best:?}");
            if best.beats(&found) {
                missed.push(seed);
            }
        }
        assert!(missed.len() <= 2, "rounds {rounds}: {missed:?}");
    }
}

#[test]
fn published_problems_are_solved() {
    let texts = [
        include_str!("../../../data/instances/toptw/c103.txt"),
        include_str!("../../../data/instances/toptw/r101.txt"),
        include_str!("../../../data/instances/toptw/pr01.txt"),
    ];
    // Proved optima of one vehicle, and the values for two.
    for (text, decimals, vehicles, known) in [
        (texts[0], 1, 1, 400),
        (texts[1], 1, 1, 198),
        (texts[2], 2, 1, 308),
        (texts[0], 1, 2, 710),
        (texts[1], 1, 2, 349),
        (texts[2], 2, 2, 484),
    ] {
        let problem = toptw::parse(text, vehicles, decimals).unwrap();
        let solution = solve(&problem, None, Effort { seed: 1, work: 10_000_000 }, &never).unwrap();
        assert!(solution.value.prize >= known, "{} of {known}", solution.value.prize);
        assert!(vehicles > 1 || solution.value.prize == known);
        assert!(solution.value.prize <= bound::most_prize(&problem));
    }
}

#[test]
fn the_same_seed_finds_the_same_and_a_stop_ends_it() {
    let problem = toptw::parse(include_str!("../../../data/instances/toptw/pr01.txt"), 2, 2).unwrap();
    let solve = |seed, work| solve(&problem, None, Effort { seed, work }, &never).unwrap();
    let first = solve(5, 500_000);
    assert_eq!(first, solve(5, 500_000));
    assert!((6..12).any(|seed| solve(seed, 500_000).routes != first.routes));
    let stopped = super::solve(&problem, Some(&first.routes), Effort { seed: 1, work: u64::MAX }, &|| true).unwrap();
    assert!(!first.value.beats(&stopped.value) && stopped.work < 50_000);
}

#[test]
fn texts_in_another_form_are_refused() {
    assert_eq!(toptw::parse("", 1, 1).unwrap_err(), toptw::ToptwFault::Line { line: 1, expected: "numbers" });
    let short = "4 10 1 1\n0 200\n0 1 2 3";
    assert!(matches!(toptw::parse(short, 1, 1), Err(toptw::ToptwFault::Line { line: 3, .. })));
}

#[test]
fn nothing_to_do_is_done() {
    let problem = line(2, 0, vec![visit(1, 1)], Charges::default());
    assert_eq!(solve(&problem, None, Effort { seed: 1, work: 1000 }, &never).unwrap().value, Value::default());
    let problem = line(2, 2, vec![], Charges { change: 1, imbalance: 1 });
    assert_eq!(solve(&problem, None, Effort { seed: 1, work: 1000 }, &never).unwrap().routes, vec![Vec::<usize>::new(); 2]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn answers_keep_every_rule_and_stay_below_optimum_and_bound(seed in any::<u64>(), rounds in any::<bool>(), work in 0u64..20_000) {
        let problem = random_problem(seed, rounds);
        let solution = solve(&problem, None, Effort { seed, work }, &never).unwrap();
        prop_assert_eq!(check(&problem, &solution.routes), Ok(solution.value));
        let best = enumerate(&problem);
        prop_assert!(!solution.value.beats(&best), "{:?} and {:?}", solution, best);
        prop_assert!(best.prize <= bound::most_prize(&problem));
    }
}
