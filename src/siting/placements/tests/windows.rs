//! Windows of mobile stations in the decision.

use super::*;

impl Ground {
    /// Stops, each at x with the hours in which standing is permitted, and windows; at most `most` of them.
    fn windows(&mut self, most: u32, stops: &[(f64, u8, u8)], windows: &[[u8; 2]]) {
        (self.rules.mobile_windows, self.mobile.windows) = (most, windows.to_vec());
        self.stop_places = stops.iter().map(|(x, ..)| place(*x)).collect();
        let stop = |(row, &(x, permitted_from, permitted_to)): (usize, &(f64, u8, u8))| BusStop {
            id: format!("B{row}"),
            name: format!("B{row}"),
            position: place(x).position,
            permitted_from,
            permitted_to,
            max_length_m: None,
            approving_unit: String::new(),
            contact_unit: String::new(),
            row,
        };
        self.stops = stops.iter().enumerate().map(stop).collect();
    }
}

#[test]
fn a_window_at_noon_beats_a_fixed_station_where_only_noon_has_demand() {
    // Ground at 0 for a fixed station, a stop at 1000 with more demand at noon: one measure, and 100 yuan, for either.
    let mut ground = Ground::new(&[], &[0.0], &[(0.0, 4.0, 0.0), (1000.0, 7.0, 9.0), (2000.0, 1.0, 0.0)]);
    ground.rules.new_fixed = 1;
    ground.rules.budget_yuan = Some(100);
    ground.costs = BTreeMap::from([("new_fixed".into(), [90.0, 100.0]), ("mobile_window".into(), [80.0, 100.0])]);
    let fixed = (Action::NewFixed, At::Candidate(0));
    assert_eq!(done(&ground.report()), [fixed]);
    ground.windows(2, &[(1000.0, 8, 20), (2000.0, 8, 20)], &[[10, 14], [14, 20], [18, 24]]);
    let noon = (Action::Mobile, At::Stop { stop: 0, from: 10, to: 14 });
    let report = ground.report();
    assert_eq!(done(&report), [noon], "no bus may stand at 23 h");
    let window = &report.recommendations[0];
    assert_eq!((window.gain.milli(), window.unique.milli(), window.cost), (7000, 7000, Some([80.0, 100.0])));
    assert_eq!((window.by_slot.iter().copied().sum::<Weight>().milli(), window.by_group[0].milli()), (7000, 7000));
    assert_eq!(window.runner_ups[0], (At::Stop { stop: 1, from: 10, to: 14 }, Weight::from_milli(6000)));
    ground.rules.budget_yuan = None;
    let report = ground.report();
    let last = (Action::Mobile, At::Stop { stop: 1, from: 10, to: 14 });
    assert_eq!(done(&report), [noon, fixed, last]);
    // What stands for good is the fixed station alone.
    let after = ground.with(|inputs| carry_out(inputs, &report.recommendations, &station("x", 0.0, FIXED).hours, None));
    assert_eq!(after.len(), 1);
    ground.rules.mobile_windows = 0;
    assert_eq!(done(&ground.report()), [fixed]);
}

#[test]
fn without_windows_there_are_two_classes_of_hours() {
    let mut ground = Ground::new(&[], &[0.0], &[(0.0, 4.0, 3.0)]);
    ground.rules.new_smart = 1;
    let elements = |ground: &Ground| {
        ground.with(|inputs| formulate(inputs, &Reaches::new(inputs, WHOLE), View::plain(inputs.days)).expect("kept").problem)
    };
    ground.windows(0, &[(0.0, 0, 24)], &[[10, 16], [14, 24]]);
    let milli = |problem: &SitingProblem| problem.weights.iter().map(|w| w.milli()).collect::<Vec<_>>();
    let problem = elements(&ground);
    assert_eq!((milli(&problem), problem.options()), (vec![4000, 3000], 2));
    // Attended outside, rest outside, 10-14, 14-16, 16-22, 22-24.
    ground.windows(1, &[(0.0, 0, 24)], &[[10, 16], [14, 24]]);
    let problem = elements(&ground);
    assert_eq!(milli(&problem), [0, 0, 4000, 0, 0, 3000]);
    assert_eq!(problem.covers.iter().map(<[u32]>::to_vec).collect::<Vec<_>>(), [vec![2], vec![2, 5], vec![2], vec![5]]);
}

/// The most that one new fixed, one new smart station and some windows cover, by trying all: each stop has no window or one.
fn with_windows_in_words(ground: &Ground) -> Weight {
    let (places, windows) = (&ground.places, &ground.mobile.windows);
    let none_or = |n: u32| -> Vec<Option<usize>> {
        let places = (0..places.len()).filter(|_| n > 0).map(Some);
        std::iter::once(None).chain(places).collect()
    };
    let ways = (windows.len() + 1).pow(ground.stops.len() as u32);
    let mut best = Weight::ZERO;
    for (fixed, smart, code) in none_or(ground.rules.new_fixed)
        .iter()
        .flat_map(|f| none_or(ground.rules.new_smart).into_iter().map(move |s| (*f, s)))
        .flat_map(|(f, s)| (0..ways).map(move |code| (f, s, code)))
    {
        let stands = |stop: usize| windows.get(code / (windows.len() + 1).pow(stop as u32) % (windows.len() + 1));
        let parked: Vec<(f64, [u8; 2])> =
            (0..ground.stops.len()).filter_map(|stop| Some((ground.stop_places[stop].planar.x, *stands(stop)?))).collect();
        let permitted = (0..ground.stops.len()).all(|stop| {
            let allowed = &ground.stops[stop];
            stands(stop).is_none_or(|[from, to]| allowed.permitted_from <= *from && *to <= allowed.permitted_to)
        });
        if !permitted || parked.len() > ground.rules.mobile_windows as usize || fixed.is_some() && fixed == smart {
            continue;
        }
        let mut sum = Weight::ZERO;
        for (cell, row) in ground.cube.cells().iter() {
            let near = |x: f64| (x - row.planar.x).abs() <= 100.0;
            let opened = |place: Option<usize>| place.is_some_and(|p| near(places[p].planar.x));
            for hour in 0..24u8 {
                let by_bus = parked.iter().any(|(x, [from, to])| near(*x) && *from <= hour && hour < *to);
                let served = opened(smart) || (6..22).contains(&hour) && opened(fixed) || by_bus;
                sum += if served { ground.cube.hours(cell, DAY)[usize::from(hour)] } else { Weight::ZERO };
            }
        }
        best = best.max(sum);
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]
    #[test]
    fn windows_are_decided_together_with_stations(
        candidates in prop::collection::btree_set(0u32..12, 0..4),
        stops in prop::collection::vec((0u32..12, 0u8..12, 16u8..25), 0..3),
        demand in prop::collection::vec((0u32..12, 0u32..9, 0u32..9), 1..7),
        windows in prop::sample::subsequence(vec![[8, 14], [10, 16], [12, 24], [20, 24]], 0..4),
        budgets in (0u32..2, 0u32..2, 0u32..3),
    ) {
        let at = |x: u32| f64::from(x) * 50.0;
        let candidates: Vec<f64> = candidates.into_iter().map(at).collect();
        let demand: Vec<_> = demand.into_iter().map(|(x, noon, night)| (at(x), f64::from(noon), f64::from(night))).collect();
        let stops: Vec<_> = stops.into_iter().map(|(x, from, to)| (at(x), from, to)).collect();
        let mut ground = Ground::new(&[], &candidates, &demand);
        (ground.rules.new_fixed, ground.rules.new_smart, ground.rules.spacing_m) = (budgets.0, budgets.1, 0.0);
        ground.windows(budgets.2, &stops, &windows);
        let report = ground.report();
        prop_assert_eq!(report.added, with_windows_in_words(&ground));
        let gains: Weight = report.recommendations.iter().map(|r| r.gain).sum();
        prop_assert_eq!(gains, report.added);
        for r in &report.recommendations {
            prop_assert_eq!(r.by_slot.iter().copied().sum::<Weight>(), r.gain);
        }
    }
}
