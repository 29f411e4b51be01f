//! The timetable of a span of dates: which bus stands where, and when, on each of them.
//!
//! Input: dates with their kind of day, what each stop reaches, what the standing network leaves unserved, buses, orders, and the
//! timetable so far; output: a plan for each date, each with a bound.
//! Steps: 1. dates of one kind with the same orders share one plan, so that a week repeats itself: one [`day`](super::day) a kind is
//! solved. Windows of the timetable so far (its latest date of that kind) cost nothing, others cost a change. 2. A window whose
//! demand lasts and lies at a station that is merely closed is advised as longer hours, barred, and the day solved again, until there
//! is none. 3. A date with orders of its own is solved with the plan of its kind as the timetable so far, so that it differs
//! where it must. Days are solved one after the other; determinism and limits are those of [`day::solve`](super::day::solve).

use chrono::{Days, NaiveDate};

use super::day::{Ban, BusDay, BusProblem, BusSolution, Effort, NoPlan, ProblemFault, Window, check, solve};
use super::demand::default_served;
use super::ground::{Ground, OfDay};
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

impl PlannedDay {
    /// (bound − value) ÷ bound: how much better a plan could be at most.
    pub fn optimality_gap(&self) -> f64 {
        if self.bound <= 0 { 0.0 } else { (self.bound - self.value) as f64 / self.bound as f64 }
    }

    /// The stands on a date.
    fn on(&self, date: NaiveDate) -> Vec<Stand> {
        self.stands.iter().map(|stand| stand_on(date, stand)).collect()
    }
}

/// The plans of a span of dates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timetable {
    /// Plans: of a kind of day, then of those of its dates that have orders of their own.
    pub days: Vec<PlannedDay>,
    /// Each date, ascending, and the row of its plan.
    pub dates: Vec<(NaiveDate, usize)>,
}

impl Timetable {
    /// First and last date as text; empty without dates.
    pub fn span(&self) -> String {
        self.dates.first().zip(self.dates.last()).map_or_else(String::new, |((first, _), (last, _))| format!("{first}/{last}"))
    }

    /// How many dates have the plan of a row.
    pub fn dates_of(&self, row: usize) -> usize {
        self.dates.iter().filter(|(_, plan)| *plan == row).count()
    }

    /// The stops at which some bus stands, ascending.
    pub fn used_stops(&self) -> Vec<usize> {
        let mut used: Vec<usize> = self.days.iter().flat_map(|day| day.stands.iter().map(|stand| stand.stop)).collect();
        used.sort_unstable();
        used.dedup();
        used
    }
}

impl Timetable {
    /// Without the plans that no date has: of a kind of day whose dates all have orders of their own.
    fn without_unused(mut self) -> Self {
        let used: Vec<usize> = (0..self.days.len()).filter(|&row| self.dates_of(row) > 0).collect();
        self.dates.iter_mut().for_each(|(_, plan)| *plan = used.partition_point(|row| *row < *plan));
        let mut rows = 0..;
        self.days.retain(|_| rows.next().is_some_and(|row| used.binary_search(&row).is_ok()));
        self
    }
}

/// Why there is no timetable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoTimetable {
    /// The kind of day.
    pub kind: DayKind,
    /// The date, when it has orders of its own.
    pub only: Option<NaiveDate>,
    /// Why.
    pub why: Why,
}

/// Why a day has no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Orders or floors can't be kept.
    NoPlan(NoPlan),
    /// Its numbers are beyond what a day may hold.
    Faults(Vec<ProblemFault>),
}

/// Plans typical days, each on its own but that buses keep to what they do on the first.
///
/// # Errors
/// The first day whose orders and floors can't all be kept.
pub fn plan_kinds(ground: &Ground<'_>, kinds: &[DayKind], effort: &Effort) -> Result<Vec<PlannedDay>, NoTimetable> {
    let mut planner = Planner { ground, effort, days: Vec::new() };
    for &kind in kinds {
        planner.plan(&ground.of_day(kind), None, &[])?;
    }
    Ok(planner.days)
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
    let is_special = |date: NaiveDate| ground.fleet.orders.iter().any(|order| order.date == Some(date));
    progress.begin("timetable", dates.len() as u64);
    let mut planner = Planner { ground, effort, days: Vec::new() };
    let mut rows: Vec<(NaiveDate, usize)> = Vec::with_capacity(dates.len());
    for kind in DayKind::all() {
        let of_kind = || dates.iter().filter(move |(_, k)| *k == kind).map(|(date, _)| *date);
        if of_kind().next().is_none() {
            continue;
        }
        let of_day = ground.of_day(kind);
        let latest = so_far.iter().filter(|(k, _)| *k == kind).map(|(_, stand)| stand.date).max();
        let before: Vec<Stand> = so_far.iter().filter(|(_, stand)| Some(stand.date) == latest).map(|(_, stand)| *stand).collect();
        planner.plan(&of_day, None, &before)?;
        let base = planner.days.len() - 1;
        for date in of_kind() {
            if is_special(date) {
                let before = planner.days[base].on(date);
                planner.plan(&of_day, Some(date), &before)?;
            }
            rows.push((date, if is_special(date) { planner.days.len() - 1 } else { base }));
            progress.advance(1);
        }
    }
    progress.end();
    rows.sort_unstable();
    Ok(Timetable { dates: rows, days: planner.days }.without_unused())
}

/// Plans one day after the other.
struct Planner<'p, 'g> {
    ground: &'p Ground<'g>,
    effort: &'p Effort,
    days: Vec<PlannedDay>,
}

/// A planned stand on a date.
pub fn stand_on(date: NaiveDate, stand: &BusStand) -> Stand {
    Stand { date, vehicle: stand.vehicle, arrive: stand.from, leave: stand.to, stop: stand.stop }
}

/// The date so many days before another.
pub fn days_before(date: NaiveDate, days: u32) -> NaiveDate {
    date.checked_sub_days(Days::new(u64::from(days))).unwrap_or(date)
}

impl Planner<'_, '_> {
    /// The plan of a kind of day, or of a date with orders of its own; `before` is the timetable so far.
    fn plan(&mut self, of_day: &OfDay<'_>, only: Option<NaiveDate>, before: &[Stand]) -> Result<(), NoTimetable> {
        let (ground, kind) = (self.ground, of_day.kind);
        let fail = |why| NoTimetable { kind, only, why };
        let mut day = ground.day_problem(of_day, only, before);
        let mut longer_hours: Vec<LongerHours> = Vec::new();
        let mut left = of_day.unserved.clone();
        let (problem, mut solution) = loop {
            let problem = BusProblem::new(day.clone()).map_err(|faults| fail(Why::Faults(faults)))?;
            let solution = solve(&problem, self.effort, &|| false).map_err(|why| fail(Why::NoPlan(why)))?;
            let windows = solution.plan.routes.iter().flatten().copied();
            let pinned = |window: &Window| day.pins.iter().any(|pin| pin.stop == window.stop && meet(&pin.slots, window));
            let hours = |w: &Window| [day.minute(w.arrive) / 60, day.minute(w.leave).div_ceil(60)].map(|hour| hour as u8);
            let advised = windows.filter(|w| !pinned(w)).find_map(|w| Some((w, lasting(w.stop, hours(&w), ground, of_day)?)));
            let Some((window, advice)) = advised else { break (problem, solution) };
            // What longer hours are advised for is left out of the comparison too.
            left.leave_out(&of_day.stops.cells[window.stop], hours(&window));
            day.bans.push(Ban { vehicle: None, stop: window.stop, slots: window.arrive..window.leave });
            // One line of advice a station: the first window is the one that serves most.
            if longer_hours.iter().all(|known| known.station != advice.station) {
                longer_hours.push(advice);
            }
        };
        let first = self.days.first().map(|day| day.on(NaiveDate::MIN)).unwrap_or_default();
        align(&problem, &mut solution, if before.is_empty() { &first } else { before });
        let served = Weight::from_milli(solution.value.served);
        let demand = ground.cube.day_total(kind);
        self.days.push(PlannedDay {
            kind,
            only,
            stands: stands(problem.day(), &solution),
            served,
            outside: served - ground.inside(&day, of_day, &solution.plan),
            value: solution.value.net,
            bound: solution.bound,
            proved: solution.proved,
            default_served: default_served(ground, kind, left),
            network_served: demand - of_day.unserved.total(),
            demand,
            longer_hours,
        });
        Ok(())
    }
}

/// Gives routes to the buses that had most of them, as far as the rules and the value allow: two buses swap their routes while
/// that gives more minutes to the bus that stood there before.
fn align(problem: &BusProblem, solution: &mut BusSolution, like: &[Stand]) {
    let day = problem.day();
    let same = |route: &[Window], vehicle: usize| -> u32 {
        let of_bus = like.iter().filter(|stand| stand.vehicle == vehicle);
        let common = |window: &Window, stand: &Stand| {
            let (from, to) = (day.minute(window.arrive).max(stand.arrive), day.minute(window.leave).min(stand.leave));
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
