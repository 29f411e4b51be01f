//! Tests of the search as a whole: by hand, against enumeration, against tables from scratch, and in slices.

use proptest::prelude::*;

use super::anneal::{Anneal, StandIns};
use super::state::State;
use super::*;
use crate::quantity::Weight;
use crate::siting::check;
use crate::siting::problem::{Limit, Minimum, Rows, SitingProblem};

fn never() -> bool {
    false
}

/// Small problems with every rule: kinds, money, minima, shared places, conflicts.
fn problems() -> impl Strategy<Value = SitingProblem> {
    let option = (0u32..7, 0usize..2, 1u64..6, prop::collection::btree_set(0u32..14, 0..7));
    let options = prop::collection::vec(option, 1..11);
    let limits = (0usize..4, 0usize..4, prop::option::of(0u64..14));
    let minima = prop::collection::vec((prop::collection::btree_set(0u32..10, 1..5), 1usize..3), 0..3);
    let conflicts = prop::collection::btree_set((0u32..7, 0u32..7), 0..4);
    (prop::collection::vec(0u64..50, 14), options, limits, minima, conflicts).prop_map(
        |(weights, options, (first, second, money), minima, conflicts)| {
            let of = |kind| (0..).zip(&options).filter(move |(_, o)| o.1 == kind).map(|(row, _)| row);
            let mut limits = vec![Limit::count(of(0), first), Limit::count(of(1), second)];
            limits.extend(money.map(|at_most| Limit { amounts: (0..).zip(options.iter().map(|o| o.2)).collect(), at_most }));
            let exist = |of: std::collections::BTreeSet<u32>| of.into_iter().filter(|&o| (o as usize) < options.len()).collect();
            SitingProblem {
                weights: weights.into_iter().map(Weight::from_milli).collect(),
                places: options.iter().map(|o| o.0).collect(),
                covers: options.iter().map(|o| o.3.iter().copied()).collect(),
                minima: minima.into_iter().map(|(of, at_least)| Minimum { options: exist(of), at_least }).collect(),
                conflicts: conflicts.into_iter().filter(|(a, b)| a < b).collect(),
                limits,
            }
        },
    )
}

/// The slow truth: the best of all feasible subsets; None when there is none.
fn enumerate(problem: &SitingProblem) -> Option<u64> {
    let chosen = |mask: u32| (0..problem.options()).filter(|o| mask >> o & 1 == 1).collect::<Vec<_>>();
    let feasible = (0u32..1 << problem.options()).map(chosen).filter(|c| check::feasible(problem, c).is_ok());
    feasible.map(|c| check::covered(problem, &c).milli()).max()
}

/// Points in a square, everybody a site that covers who is within the radius.
fn town(seed: u64, points: usize, radius: f64, p: usize) -> SitingProblem {
    let mut random = Random::new(seed);
    let at: Vec<[f64; 2]> = (0..points).map(|_| [random.unit(), random.unit()]).collect();
    let weights = (0..points).map(|_| Weight::from_milli(1 + random.below(100) as u64)).collect();
    let near = |a: &[f64; 2]| -> Vec<u32> {
        let within = |b: &[f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]) <= radius;
        (0..).zip(&at).filter(|(_, b)| within(b)).map(|(id, _)| id).collect()
    };
    let covers: Rows = at.iter().map(near).collect();
    SitingProblem::mclp(weights, covers, p)
}

/// Every table of a state recomputed from its choice in the plainest way.
fn assert_tables(state: &State<'_>) {
    let kernel = state.kernel;
    let chosen = state.sorted();
    let coverers = |e: u32| -> Vec<u32> { chosen.iter().copied().filter(|&s| kernel.covers(s as usize).contains(&e)).collect() };
    let sum = |option: usize, wanted: &dyn Fn(&[u32]) -> bool| -> u64 {
        let elements = kernel.covers(option).iter().filter(|&&e| wanted(&coverers(e)));
        elements.map(|&e| kernel.weights[e as usize]).sum()
    };
    let whole: Vec<usize> = chosen.iter().map(|&o| o as usize).collect();
    assert_eq!(state.objective(), check::covered(kernel.problem, &whole).milli());
    assert_eq!(state.is_feasible(), check::feasible(kernel.problem, &whole).is_ok(), "{chosen:?}");
    for option in 0..kernel.options() as u32 {
        assert_eq!(state.gain(option), sum(option as usize, &|by| by.is_empty()), "gain of {option}");
        if state.is_chosen(option) {
            assert_eq!(state.loss(option), sum(option as usize, &|by| by == [option]), "loss of {option}");
        }
        for &s in &chosen {
            assert_eq!(state.extra(option, s), sum(option as usize, &|by| by == [s]), "extra of {option}, {s}");
        }
        if !state.is_chosen(option) {
            assert_eq!(
                state.fits(option, &state.room()),
                kernel.problem.fits(&whole, option as usize),
                "{option} beside {chosen:?}"
            );
        }
    }
}

#[test]
fn a_swap_mends_what_greedy_got_wrong() {
    // Greedy opens the middle (7), then an end (4): 11 of 12. Both ends cover 6 + 6 = 12.
    let weights = [2, 4, 3, 3].map(Weight::from_milli).to_vec();
    let covers: Rows = [vec![0, 1], vec![1, 2], vec![2, 3]].into_iter().collect();
    let problem = SitingProblem::mclp(weights, covers, 2);
    let kernel = Kernel::new(&problem);
    assert_eq!(greedy::construct(&kernel), Some(vec![1, 2]), "7 + 3 = 10 of 12");
    let mut search = Search::new(&kernel, 1).expect("feasible");
    assert_eq!(search.best(), (&[1, 2][..], 10));
    search.run(1000, &never, u64::MAX);
    assert_eq!(search.best(), (&[0, 2][..], 12));
}

#[test]
fn the_largest_budget_there_is_forbids_nothing() {
    let covers: Rows = [vec![0], vec![1]].into_iter().collect();
    let mut problem = SitingProblem::mclp([1, 2].map(Weight::from_milli).to_vec(), covers, 1);
    problem.limits.push(Limit { amounts: vec![(0, 5), (1, 6)], at_most: u64::MAX });
    let kernel = Kernel::new(&problem);
    let mut state = State::new(&kernel);
    state.add(0);
    assert!(state.may_swap(1, 0));
}

#[test]
fn minima_nobody_can_meet_are_found_out() {
    let mut problem = town(1, 6, 0.3, 2);
    problem.minima.push(Minimum { options: vec![0, 1, 2], at_least: 2 });
    problem.conflicts.extend([(0, 1), (0, 2)]);
    assert_eq!(greedy::construct(&Kernel::new(&problem)).map(|c| c.iter().filter(|o| **o < 3).count()), Some(2));
    problem.conflicts.push((1, 2));
    assert!(Search::new(&Kernel::new(&problem), 1).is_none());
}

#[test]
fn minima_are_met_with_what_is_cheap_when_money_is_short() {
    // 40 places of two units, each with a dear kind that covers more; twenty for each unit cost all the money when all are cheap.
    let covers: Rows =
        (0..80u32).map(|option| if option < 40 { vec![option] } else { vec![option - 40, 40 + option - 40] }).collect();
    let of = |unit: u32| (0..80).filter(|option| option % 2 == unit).collect();
    let problem = SitingProblem {
        weights: vec![Weight::from_milli(7); 80],
        places: (0..80).map(|option| option % 40).collect(),
        covers,
        limits: vec![Limit { amounts: (0..80).map(|option| (option, if option < 40 { 5 } else { 9 })).collect(), at_most: 200 }],
        minima: [0, 1].map(|unit| Minimum { options: of(unit), at_least: 20 }).to_vec(),
        ..SitingProblem::default()
    };
    assert_eq!(greedy::construct(&Kernel::new(&problem)), Some((0..40).collect()));
}

#[test]
fn money_buys_two_cheap_ones_instead_of_a_dear_one() {
    // No swap leads from {0} (10 for 10) to {1, 2} (6 + 6 for 5 + 5).
    let covers: Rows = [vec![0], vec![1], vec![2]].into_iter().collect();
    let mut problem = SitingProblem::mclp([10, 6, 6].map(Weight::from_milli).to_vec(), covers, 3);
    problem.limits = vec![Limit { amounts: vec![(0, 10), (1, 5), (2, 5)], at_most: 10 }];
    let kernel = Kernel::new(&problem);
    let mut state = State::new(&kernel);
    state.add(0);
    interchange::descend(&mut state, &never);
    assert_eq!(state.objective(), 10);
    assert!(exchange::improve(&mut state, &greedy::shares(&kernel), &never));
    assert_eq!(state.sorted(), [1, 2]);
    // And back, when the dear one is worth more.
    problem.weights[0] = Weight::from_milli(20);
    let kernel = Kernel::new(&problem);
    let mut state = State::new(&kernel);
    state.turn_into(&[1, 2]);
    interchange::descend(&mut state, &never);
    assert_eq!(state.sorted(), [1, 2]);
    assert!(exchange::improve(&mut state, &greedy::shares(&kernel), &never));
    assert_eq!(state.sorted(), [0]);
}

#[test]
fn kinds_are_traded_between_places() {
    // Place 0: kind A covers 5 or kind B 9; place 1: A covers 9 or B 5; one of each kind. From 5 + 5 only a trade leads to 18.
    let covers: Rows = [vec![0], vec![1], vec![2], vec![3]].into_iter().collect();
    let problem = SitingProblem {
        weights: [5, 9, 9, 5].map(Weight::from_milli).to_vec(),
        places: vec![0, 0, 1, 1],
        covers,
        limits: vec![Limit::count([0, 2], 1), Limit::count([1, 3], 1)],
        ..SitingProblem::default()
    };
    let kernel = Kernel::new(&problem);
    let mut state = State::new(&kernel);
    state.turn_into(&[0, 3]);
    interchange::descend(&mut state, &never);
    assert_eq!(state.objective(), 10);
    assert!(exchange::improve(&mut state, &[], &never));
    assert_eq!(state.sorted(), [1, 2]);
}

#[test]
fn plain_optima_are_found() {
    let mut found = 0;
    for seed in 0..60 {
        let problem = town(seed, 15, 0.25, 2 + seed as usize % 4);
        let kernel = Kernel::new(&problem);
        let mut search = Search::new(&kernel, seed).expect("no minima");
        search.run(100_000, &never, u64::MAX);
        let optimum = enumerate(&problem).expect("the empty choice is feasible");
        assert!(search.best().1 <= optimum);
        found += u32::from(search.best().1 == optimum);
    }
    assert!(found >= 58, "{found} of 60 optima");
}

#[test]
fn nothing_to_choose_ends_at_once() {
    for p in [0, 15] {
        let problem = town(2, 15, 0.25, p);
        let kernel = Kernel::new(&problem);
        let mut search = Search::new(&kernel, 1).expect("no minima");
        search.run(u64::MAX / 2, &never, u64::MAX);
        let all = (0..problem.options()).collect::<Vec<_>>();
        let optimum = if p == 0 { 0 } else { check::covered(&problem, &all).milli() };
        assert_eq!(search.best().1, optimum);
    }
}

#[test]
fn slices_make_no_difference() {
    let problem = town(3, 200, 0.15, 10);
    let kernel = Kernel::new(&problem);
    let start = Search::new(&kernel, 5).expect("no minima");
    let (mut whole, mut sliced, mut other) = (start.clone(), start.clone(), Search::new(&kernel, 6).expect("no minima"));
    whole.run(400_000, &never, u64::MAX);
    (0..400).for_each(|_| _ = sliced.run(1000, &never, u64::MAX));
    other.run(400_000, &never, u64::MAX);
    assert_eq!(whole.best(), sliced.best());
    assert_eq!(whole.current, sliced.current, "the same road, not just the same end");
    assert_ne!(whole.random.clone().draw(), other.random.clone().draw());
    assert!(whole.best().1 > start.best().1, "the greedy choice of this town can be improved");
}

#[test]
fn a_bound_that_is_reached_and_a_stop_end_the_run() {
    let problem = town(3, 200, 0.15, 10);
    let kernel = Kernel::new(&problem);
    let mut search = Search::new(&kernel, 5).expect("no minima");
    let greedy = search.best().1;
    assert_eq!(search.run(1_000_000, &never, greedy), 0);
    assert_eq!(search.run(1_000_000, &|| true, u64::MAX), 0);
    assert_eq!(search.best().1, greedy);
    assert!(search.run(50_000, &never, greedy + 1) < 50_000 && search.best().1 > greedy);
}

#[test]
fn an_offer_is_taken_when_it_keeps_the_rules() {
    let problem = town(3, 200, 0.15, 10);
    let kernel = Kernel::new(&problem);
    let mut rich = Search::new(&kernel, 5).expect("no minima");
    rich.run(400_000, &never, u64::MAX);
    let mut search = Search::new(&kernel, 5).expect("no minima");
    search.offer(&(0..13).collect::<Vec<_>>());
    assert!(search.best().1 < rich.best().1, "13 are too many");
    search.offer(rich.best().0);
    assert_eq!(search.best(), rich.best());
}

#[test]
fn what_is_not_allowed_never_comes_in() {
    let problem = town(3, 200, 0.15, 10);
    let kernel = Kernel::new(&problem);
    let mut search = Search::new(&kernel, 5).expect("no minima");
    let greedy = search.best().0.to_vec();
    let allowed: Vec<bool> = (0..200).map(|o| o % 2 == 0 || greedy.contains(&o)).collect();
    search.restrict(&allowed);
    let before = search.best().1;
    search.run(400_000, &never, u64::MAX);
    assert!(search.best().1 > before, "even options alone improve it");
    assert!(search.best().0.iter().all(|&o| allowed[o]));
    assert_eq!(check::covered(&problem, search.best().0).milli(), search.best().1);
}

#[test]
fn an_annealing_in_slices_ends_where_a_whole_one_does() {
    let problem = town(3, 200, 0.15, 10);
    let kernel = Kernel::new(&problem);
    let greedy = Search::new(&kernel, 5).expect("no minima");
    let allowed: Vec<bool> = (0..200).map(|o| o % 2 == 0 || greedy.best().0.contains(&o)).collect();
    let anneal = |seed: u64, slice: u64| {
        let mut stand_ins = StandIns::new(&kernel, &allowed);
        let mut anneal = Anneal::new(&kernel, greedy.current(), seed, 20_000);
        while !anneal.run(&mut stand_ins, slice, &never).1 {}
        anneal.best().clone()
    };
    let (objective, chosen) = anneal(5, u64::MAX);
    assert_eq!(anneal(5, 1_000), (objective, chosen.clone()));
    assert!(objective > greedy.best().1, "even options alone improve the greedy choice");
    assert!(chosen.iter().all(|&o| allowed[o as usize]));
    let mut stopped = Anneal::new(&kernel, greedy.current(), 5, 20_000);
    assert_eq!(stopped.run(&mut StandIns::new(&kernel, &allowed), u64::MAX, &|| true), (0, false));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn annealings_keep_every_rule_and_never_lose(problem in problems(), seed in 0u64..1000) {
        let kernel = Kernel::new(&problem);
        let Some(search) = Search::new(&kernel, seed) else { return Ok(()) };
        let mut anneal = Anneal::new(&kernel, search.current(), seed, 2_000);
        prop_assert!(anneal.run(&mut StandIns::new(&kernel, &vec![true; kernel.options()]), u64::MAX, &never).1);
        let (objective, chosen) = anneal.best();
        let chosen: Vec<usize> = chosen.iter().map(|&option| option as usize).collect();
        prop_assert!(check::feasible(&problem, &chosen).is_ok());
        prop_assert_eq!(check::covered(&problem, &chosen).milli(), *objective);
        prop_assert!(search.best().1 <= *objective && Some(*objective) <= enumerate(&problem));
    }

    #[test]
    fn no_swap_gains_where_an_annealing_ends(weights in prop::collection::vec(1u64..50, 12), p in 1usize..4, seed in 0u64..1000) {
        let covers: Rows = (0..12u32).map(|at| [at, (at + 1) % 12, (at + 2) % 12]).collect();
        let problem = SitingProblem::mclp(weights.into_iter().map(Weight::from_milli).collect(), covers, p);
        let kernel = Kernel::new(&problem);
        let start: Vec<u32> = (0..p as u32).collect();
        let mut anneal = Anneal::new(&kernel, &start, seed, 2_000);
        anneal.run(&mut StandIns::new(&kernel, &[true; 12]), u64::MAX, &never);
        let (objective, chosen) = anneal.best();
        for leaves in chosen {
            for enters in (0..12).filter(|enters| !chosen.contains(enters)) {
                let rest = chosen.iter().filter(|option| *option != leaves);
                let swapped: Vec<usize> = rest.chain([&enters]).map(|&option| option as usize).collect();
                prop_assert!(check::covered(&problem, &swapped).milli() <= *objective);
            }
        }
    }

    #[test]
    fn answers_keep_every_rule_and_stay_below_the_optimum(problem in problems(), seed in 0u64..1000) {
        let kernel = Kernel::new(&problem);
        let optimum = enumerate(&problem);
        let search = Search::new(&kernel, seed);
        prop_assert_eq!(search.is_some(), optimum.is_some());
        if let Some(mut search) = search {
            for _ in 0..3 {
                let (chosen, objective) = search.best();
                prop_assert!(check::feasible(&problem, chosen).is_ok());
                prop_assert_eq!(check::covered(&problem, chosen).milli(), objective);
                prop_assert!(chosen.is_sorted() && Some(objective) <= optimum);
                search.run(20_000, &never, u64::MAX);
            }
            // Money and minima can hold a short search far from the optimum; the engine's own tests ask for that.
            let is_good = search.best().1 * 10 >= optimum.unwrap_or(0) * 9;
            prop_assert!(is_good || kernel.plain.is_none(), "{} of {:?}", search.best().1, optimum);
        }
    }

    #[test]
    fn the_best_move_is_that_of_a_fresh_start(problem in problems(), moves in prop::collection::vec(0u32..11, 1..40), bar in 0u32..11) {
        let kernel = Kernel::new(&problem);
        let allowed: Vec<bool> = (0..kernel.options() as u32).map(|o| o != bar).collect();
        let fresh = || {
            let mut state = State::new(&kernel);
            state.restrict(&allowed);
            state
        };
        let mut state = fresh();
        for option in moves.into_iter().filter(|&o| (o as usize) < kernel.options()) {
            if state.is_chosen(option) { state.drop(option) } else { state.add(option) }
            let mut anew = fresh();
            anew.turn_into(&state.sorted());
            let value = |state: &mut State<'_>| interchange::best_move(state, 0).map(|step| step.value);
            prop_assert_eq!(value(&mut state), value(&mut anew), "{:?}", state.sorted());
        }
    }

    #[test]
    fn tables_are_those_of_a_fresh_start(problem in problems(), moves in prop::collection::vec(0u32..11, 1..25), bar in 0u32..11) {
        let kernel = Kernel::new(&problem);
        let mut state = State::new(&kernel);
        for option in moves.iter().copied().filter(|&o| (o as usize) < kernel.options()) {
            if state.is_chosen(option) { state.drop(option) } else { state.add(option) }
            assert_tables(&state);
            for (c, s) in (0..kernel.options() as u32).flat_map(|c| state.sorted().into_iter().map(move |s| (c, s))) {
                if state.is_chosen(c) { continue; }
                let mut after = state.clone();
                after.drop(s);
                let fits = after.fits(c, &after.room());
                after.add(c);
                prop_assert_eq!(state.swap_value(c, s), after.objective() as i64 - state.objective() as i64);
                if state.is_feasible() {
                    prop_assert_eq!(state.may_swap(c, s), fits && after.is_feasible());
                }
            }
        }
        let allowed: Vec<bool> = (0..kernel.options() as u32).map(|o| o != bar).collect();
        let chosen = state.sorted();
        state.restrict(&allowed);
        prop_assert_eq!(state.sorted(), chosen);
        for option in 0..kernel.options() as u32 {
            prop_assert_eq!(state.is_free(option), option != bar && !state.is_chosen(option));
        }
        (0..kernel.options() as u32).filter(|&o| o != bar).for_each(|o| {
            let mut fresh = State::new(&kernel);
            fresh.turn_into(&state.sorted());
            assert_eq!((state.gain(o), state.loss(o)), (fresh.gain(o), fresh.loss(o)));
        });
    }
}
