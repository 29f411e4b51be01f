//! The timetable of a span of dates: which bus stands where, and when, on each of them.
//!
//! Input: dates with their kind of day, what each stop reaches, what the standing network leaves unserved, buses, orders, and the
//! timetable so far; output: a plan for each date, each with a bound.
//! Steps: 1. dates of one kind with the same orders share one plan, so that a week repeats itself: one [`day`](super::day) a kind is
//! solved. Windows of the timetable so far (its latest date of that kind) cost nothing, others cost a change. 2. A window whose
//! demand lasts and lies at a station that is merely closed is advised as longer hours, barred, and the day solved again, until there
//! is none. 3. A date with orders of its own is solved with the plan of its kind as the timetable so far, so that it differs
//! where it must. Days are solved one after the other; determinism and limits are those of [`day::solve`](super::day::solve).
//! Demand comes by the hour: a slot has its even share of it, thousandths that are left over go to the earlier slots.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::day::{Ban, BusDay, BusProblem, BusSolution, Effort, NoPlan, Window, check, solve};
use super::demand::default_served;
use super::ground::Ground;
use super::hours::{LongerHours, lasting};
use crate::calendar::DayKind;
use crate::domain::vehicle::Stand;
use crate::progress::Progress;
use crate::quantity::Weight;

/// A bus at a stop on a planned day, in minutes of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BusStand {
    /// Row of the bus.
    pub vehicle: usize,
    /// First minute.
    pub from: u16,
    /// Last minute, exclusive.
    pub to: u16,
    /// Row of the stop.
    pub stop: usize,
    /// Visits that it serves; where buses share demand, the stop that comes first in the table counts first.
    pub served: Weight,
}

impl BusStand {
    /// A stand of the timetable so far, of which nothing more is known.
    fn of(stand: &Stand) -> Self {
        Self { vehicle: stand.vehicle, from: stand.arrive, to: stand.leave, stop: stand.stop, served: Weight::ZERO }
    }
}

/// The plan of one kind of day, or of one date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedDay {
    /// The kind of day.
    pub kind: DayKind,
    /// The date, when orders made it a day of its own.
    pub only: Option<NaiveDate>,
    /// Where the buses stand, by bus and time.
    pub stands: Vec<BusStand>,
    /// Visits served.
    pub served: Weight,
    /// Of these, visits outside the planner's own area.
    pub outside: Weight,
    /// Served less what moves and changes cost, in thousandths of a visit.
    pub value: i64,
    /// No plan of these buses and rules has a higher value.
    pub bound: i64,
    /// No plan is better than this.
    pub proved: bool,
    /// Visits that the buses would serve at their default stops.
    pub default_served: Weight,
    /// Visits that the standing network serves, and all there are.
    pub network_served: Weight,
    /// All demand of the day.
    pub demand: Weight,
    /// Windows left to longer hours of a station.
    pub longer_hours: Vec<LongerHours>,
}

/// The plans of a span of dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timetable {
    /// Plans: of each kind of day first, then of single dates.
    pub days: Vec<PlannedDay>,
    /// Each date, ascending, and the row of its plan.
    pub dates: Vec<(NaiveDate, usize)>,
}

impl Timetable {
    /// First and last date as text; empty without dates.
    pub fn span(&self) -> String {
        self.dates.first().zip(self.dates.last()).map_or_else(String::new, |((first, _), (last, _))| format!("{first}/{last}"))
    }

    /// The plan of a date in it.
    pub fn day(&self, row: usize) -> &PlannedDay {
        &self.days[self.dates[row].1]
    }

    /// Every bus at every stop on every date, in the order of dates, buses and times.
    pub fn stands(&self) -> impl Iterator<Item = (NaiveDate, BusStand)> {
        self.dates.iter().flat_map(|&(date, row)| self.days[row].stands.iter().map(move |&stand| (date, stand)))
    }
}

/// Why there is no timetable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoTimetable {
    /// The kind of day.
    pub kind: DayKind,
    /// The date, when it has orders of its own.
    pub only: Option<NaiveDate>,
    /// What the day's solver says.
    pub why: NoPlan,
}

/// Plans some kinds of day, each with `before` as the timetable so far.
///
/// # Errors
/// The first day whose orders and floors can't all be kept.
pub fn plan_kinds(
    ground: &Ground<'_>,
    kinds: &[DayKind],
    before: impl Fn(DayKind) -> Vec<Stand>,
    effort: &Effort,
    progress: &dyn Progress,
) -> Result<Vec<PlannedDay>, NoTimetable> {
    let mut days: Vec<PlannedDay> = Vec::with_capacity(kinds.len());
    for &kind in kinds {
        let before = before(kind);
        let so_far: Vec<BusStand> = before.iter().map(BusStand::of).collect();
        // Without a timetable so far the days resemble the first one.
        let like = if so_far.is_empty() { days.first().map_or(&[][..], |day| &day.stands) } else { &so_far };
        days.push(plan_day(ground, kind, None, &before, like, effort)?);
        progress.advance(1);
    }
    Ok(days)
}

/// Plans all dates. `so_far` is the timetable so far, with the kind of each of its dates.
///
/// # Errors
/// The first day whose orders and floors can't all be kept.
pub fn plan_season(
    ground: &Ground<'_>,
    dates: &[(NaiveDate, DayKind)],
    so_far: &[(DayKind, Stand)],
    effort: &Effort,
    progress: &dyn Progress,
) -> Result<Timetable, NoTimetable> {
    let kinds: Vec<DayKind> = DayKind::all().filter(|kind| dates.iter().any(|(_, k)| k == kind)).collect();
    let special: Vec<(NaiveDate, DayKind)> =
        dates.iter().copied().filter(|(date, _)| ground.fleet.orders.iter().any(|order| order.date == Some(*date))).collect();
    progress.begin("timetable", (kinds.len() + special.len()) as u64);
    let latest = |kind: DayKind| {
        let of_kind = || so_far.iter().filter(move |(k, _)| *k == kind).map(|(_, stand)| *stand);
        let date = of_kind().map(|stand| stand.date).max();
        of_kind().filter(|stand| Some(stand.date) == date).collect()
    };
    let mut days = plan_kinds(ground, &kinds, latest, effort, progress)?;
    let of_kind = |kind: DayKind| kinds.iter().position(|k| *k == kind).expect("invariant: every date's kind is planned");
    let mut own = BTreeMap::new();
    for (date, kind) in special {
        let like = days[of_kind(kind)].stands.clone();
        let before: Vec<Stand> = like.iter().map(|stand| stand_on(date, stand)).collect();
        own.insert(date, days.len());
        days.push(plan_day(ground, kind, Some(date), &before, &like, effort)?);
        progress.advance(1);
    }
    progress.end();
    let row = |&(date, kind): &(NaiveDate, DayKind)| (date, own.get(&date).copied().unwrap_or_else(|| of_kind(kind)));
    let mut dates: Vec<(NaiveDate, usize)> = dates.iter().map(row).collect();
    // A kind of day whose dates all have plans of their own isn't driven.
    let used: Vec<usize> = (0..days.len()).filter(|row| dates.iter().any(|(_, plan)| plan == row)).collect();
    dates.iter_mut().for_each(|(_, plan)| *plan = used.partition_point(|row| *row < *plan));
    let mut rows = 0..;
    days.retain(|_| rows.next().is_some_and(|row| used.contains(&row)));
    Ok(Timetable { dates, days })
}

/// A planned stand on a date.
pub fn stand_on(date: NaiveDate, stand: &BusStand) -> Stand {
    Stand { date, vehicle: stand.vehicle, arrive: stand.from, leave: stand.to, stop: stand.stop }
}

/// The date so many days before another.
pub fn days_before(date: NaiveDate, days: u32) -> NaiveDate {
    date.checked_sub_days(Days::new(u64::from(days))).unwrap_or(date)
}

/// The plan of one day.
fn plan_day(
    ground: &Ground<'_>,
    kind: DayKind,
    only: Option<NaiveDate>,
    before: &[Stand],
    like: &[BusStand],
    effort: &Effort,
) -> Result<PlannedDay, NoTimetable> {
    let mut of_day = ground.of_day(kind);
    let mut day = ground.day_problem(&of_day, only, before);
    let (mut longer_hours, mut left): (Vec<LongerHours>, Vec<(usize, [u16; 2])>) = (Vec::new(), Vec::new());
    let (problem, mut solution) = loop {
        let problem = BusProblem::new(day.clone()).expect("invariant: a checked scenario makes a sound problem");
        let solution = solve(&problem, effort, &|| false).map_err(|why| NoTimetable { kind, only, why })?;
        let windows = solution.plan.routes.iter().flatten().copied();
        let pinned = |window: &Window| day.pins.iter().any(|pin| pin.stop == window.stop && meet(&pin.slots, window));
        let Some((window, advice)) = windows.filter(|w| !pinned(w)).find_map(|w| {
            let hours = [day.minute(w.arrive) / 60, day.minute(w.leave).div_ceil(60)].map(|hour| hour as u8);
            lasting(w.stop, hours, ground, &of_day).map(|advice| (w, advice))
        }) else {
            break (problem, solution);
        };
        // One line of advice a station: the first window is the one that serves most.
        if longer_hours.iter().all(|known| known.station != advice.station) {
            longer_hours.push(advice);
        }
        left.push((window.stop, [day.minute(window.arrive) / 60, day.minute(window.leave).div_ceil(60)]));
        day.bans.push(Ban { vehicle: None, stop: window.stop, slots: window.arrive..window.leave });
    };
    align(&problem, &mut solution, like);
    let served = Weight::from_milli(solution.value.served);
    let inside = ground.inside(&day, &of_day, &solution.plan);
    let demand = ground.cube.day_total(kind);
    let network_served = demand - of_day.unserved.total();
    // What longer hours are advised for is left out of the comparison too: it doesn't count for a bus wherever it stands.
    left.into_iter().for_each(|(stop, hours)| of_day.leave_out(stop, hours));
    Ok(PlannedDay {
        kind,
        only,
        stands: stands(problem.day(), &solution),
        served,
        outside: served - inside,
        value: solution.value.net,
        bound: solution.bound,
        proved: solution.proved,
        default_served: default_served(ground, &of_day),
        network_served,
        demand,
        longer_hours,
    })
}

/// Gives routes to the buses that had most of them, as far as the rules and the value allow: two buses swap their routes while
/// that gives more minutes to the bus that stood there before.
fn align(problem: &BusProblem, solution: &mut BusSolution, like: &[BusStand]) {
    let day = problem.day();
    let same = |route: &[Window], vehicle: usize| -> u32 {
        let of_bus = like.iter().filter(|stand| stand.vehicle == vehicle);
        let common = |window: &Window, stand: &BusStand| {
            let (from, to) = (day.minute(window.arrive).max(stand.from), day.minute(window.leave).min(stand.to));
            if window.stop == stand.stop { u32::from(to.saturating_sub(from)) } else { 0 }
        };
        of_bus.map(|stand| route.iter().map(|window| common(window, stand)).sum::<u32>()).sum()
    };
    let count = solution.plan.routes.len();
    let mut improved = true;
    while improved {
        improved = false;
        for (a, b) in (0..count).flat_map(|a| (a + 1..count).map(move |b| (a, b))) {
            let (of_a, of_b) = (&solution.plan.routes[a], &solution.plan.routes[b]);
            if same(of_a, b) + same(of_b, a) <= same(of_a, a) + same(of_b, b) {
                continue;
            }
            let mut plan = solution.plan.clone();
            plan.routes.swap(a, b);
            if let Some(value) = check(problem, &plan).ok().filter(|value| value.net == solution.value.net) {
                (solution.plan, solution.value) = (plan, value);
                improved = true;
            }
        }
    }
}

fn meet(slots: &std::ops::Range<usize>, window: &Window) -> bool {
    slots.start < window.leave && window.arrive < slots.end
}

/// The windows of a solution as the planner reads them.
fn stands(day: &BusDay, solution: &BusSolution) -> Vec<BusStand> {
    let mut stands = Vec::new();
    for (vehicle, (route, shares)) in solution.plan.routes.iter().zip(&solution.value.windows).enumerate() {
        for (window, &share) in route.iter().zip(shares) {
            let (from, to) = (day.minute(window.arrive), day.minute(window.leave));
            stands.push(BusStand { vehicle, from, to, stop: window.stop, served: Weight::from_milli(share) });
        }
    }
    stands.sort_unstable();
    stands
}
