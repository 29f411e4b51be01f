//! Inspection rounds of a week: which steward visits which station on which day, in which order.
//!
//! Input: stations, core stations, the record of inspections, stewards with bases and hours; output: tours with times, what is left
//! out, and what it would take. Formulation: a vehicle of [`super::tours`] is a steward on a date, a visit is a station at a level that is
//! due. Visits of the core are bound to their date, others may be made on any date of the span; what is overdue has the higher
//! priority. Steps: 1. list what is due: a level is due when its cadence has passed since its last inspection, a defect by its
//! deadline. 2. Hours of each steward on each date: the week's hours, at most the legal ceiling, over the working days; days off
//! rotate. 3. [`super::tours::solve`]: as much priority as possible, then little travel, balanced, with few changes against the
//! rounds so far. 4. What is left over is counted into hours, people, or a longer cadence.
//! Determinism: as that of the tours. Not for visits that are bound to hours: stations' opening hours are not asked.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};

use super::square;
use super::tours::check::timetable;
use super::tours::{Allowed, Charges, Effort, Problem, Routes, Travel as Times, Vehicle, Visit, check, solve};
use crate::domain::inspection::Level;
use crate::id::SiteIdx;
use crate::impedance::{Place, Travel};
use crate::ingest::RoundInputs;
use crate::quantity::Impedance;
use crate::scenario::rounds::{HoursPer, Rounds};

/// A tour starts at 8 in the morning, in seconds.
const MORNING: u64 = 8 * 3600;
/// What a change of hands costs, in seconds of travel.
const CHANGE: u64 = 1_800;
/// Charge for each second by which a day leaves its fair share of the work.
const BALANCE: u64 = 4;
/// Priorities: of a level, and how much more when it is overdue.
const PRIORITY: [(Level, u64); 4] = [(Level::Spot, 8), (Level::Core, 6), (Level::Weekly, 3), (Level::County, 2)];
const OVERDUE: u64 = 4;
/// Longest way over streets that is looked for, in metres.
const LONGEST_M: f64 = 200_000.0;
/// Where no way leads: more seconds than any day has.
const NO_WAY: u64 = 7 * 86_400;
/// Gaps looked at for each visit and vehicle.
const WORK: u64 = 4_000;

/// What rounds are planned on.
#[derive(Debug, Clone, Copy)]
pub struct RoundGround<'a> {
    /// Stations, by row of the standing network.
    pub sites: &'a [Place],
    /// Bases of the stewards.
    pub bases: &'a [Place],
    /// Stewards, core stations, record, rounds so far.
    pub inputs: &'a RoundInputs,
    /// Paths between them.
    pub travel: &'a Travel,
    /// Numbers of the scenario.
    pub rules: &'a Rounds,
}

/// A visit of a tour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundVisit {
    /// The date.
    pub date: NaiveDate,
    /// Row of the steward.
    pub steward: usize,
    /// Its place in the tour, from 1.
    pub order: usize,
    /// The station.
    pub site: SiteIdx,
    /// The level.
    pub level: Level,
    /// Whether it should have been made before the first date.
    pub overdue: bool,
    /// Seconds of the day at which the steward arrives.
    pub arrive: u64,
    /// Seconds of the day at which the steward goes on.
    pub leave: u64,
}

/// A tour: a steward on a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tour {
    /// The date.
    pub date: NaiveDate,
    /// Row of the steward.
    pub steward: usize,
    /// Seconds of the day: leaves the base, is back.
    pub span: (u64, u64),
    /// Visits.
    pub visits: usize,
    /// Seconds under way.
    pub travel: u64,
}

/// A visit that nobody makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// The level.
    pub level: Level,
    /// Whether it should have been made before the first date.
    pub overdue: bool,
    /// The station.
    pub site: SiteIdx,
    /// The date, of a visit that is bound to one.
    pub date: Option<NaiveDate>,
}

/// What it would take to make every visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// More hours in the span.
    pub hours: u64,
    /// More stewards with the mean hours of those there are.
    pub people: u64,
    /// Or: weekly inspections every so many days.
    pub every_days: u64,
}

/// The plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundPlan {
    /// Dates, ascending.
    pub dates: Vec<NaiveDate>,
    /// Visits by date, steward and order.
    pub visits: Vec<RoundVisit>,
    /// Tours by date and steward; stewards without visits have none.
    pub tours: Vec<Tour>,
    /// What is left out, the most urgent first.
    pub skipped: Vec<Skipped>,
    /// What it would take.
    pub needs: Option<Needs>,
    /// Seconds that each steward has in the span, and is away in it.
    pub load: Vec<(u64, u64)>,
    /// Stewards whose hours are above the ceiling: they count with the ceiling.
    pub above_ceiling: Vec<usize>,
}

impl RoundPlan {
    /// (highest − lowest) ÷ mean load, a load being time away ÷ time available.
    pub fn spread(&self) -> f64 {
        let loads: Vec<f64> = self.load.iter().filter(|(has, _)| *has > 0).map(|&(has, away)| away as f64 / has as f64).collect();
        let mean = loads.iter().sum::<f64>() / loads.len().max(1) as f64;
        let (low, high) = loads.iter().fold((f64::INFINITY, 0.0f64), |(low, high), &load| (low.min(load), high.max(load)));
        if mean > 0.0 { (high - low) / mean } else { 0.0 }
    }
}

/// What is due.
struct Due {
    site: SiteIdx,
    level: Level,
    overdue: bool,
    /// The date it is bound to.
    date: Option<usize>,
    /// The vehicle that made it in the rounds so far, and its row there.
    usual: Option<(usize, usize)>,
}

/// Plans the rounds of some dates.
pub fn plan_rounds(ground: RoundGround<'_>, dates: &[NaiveDate]) -> RoundPlan {
    let RoundGround { inputs, rules, .. } = ground;
    let due = due(ground, dates);
    let (hours, above_ceiling) = hours(ground, dates);
    let stewards = inputs.stewards.len();
    let vehicle = |steward: usize, date: usize| date * stewards + steward;
    let mut vehicles = Vec::new();
    for date in 0..dates.len() {
        vehicles.extend(hours.iter().enumerate().map(|(steward, of_dates)| {
            let place = ground.sites.len() + steward;
            let longest = of_dates[date];
            Vehicle { start: place, end: place, earliest: MORNING, latest: MORNING + longest, longest }
        }));
    }
    let service = |level: Level| rules.levels.get(&level).map_or(0, |level| (level.minutes * 60.0) as u64);
    let visit = |due: &Due| {
        let allowed = match due.date {
            None => Allowed::Any,
            Some(date) => Allowed::Only((0..stewards).map(|steward| vehicle(steward, date)).collect()),
        };
        let priority = PRIORITY.iter().find(|(level, _)| *level == due.level).map_or(1, |(_, priority)| *priority);
        Visit {
            place: due.site.get(),
            service: service(due.level),
            open: 0,
            close: super::tours::FOREVER,
            prize: priority + if due.overdue { OVERDUE } else { 0 },
            allowed,
            usual: due.usual.map(|(vehicle, _)| vehicle),
        }
    };
    let visits: Vec<Visit> = due.iter().map(visit).collect();
    let charges = Charges { change: CHANGE, imbalance: BALANCE };
    let times = times(ground);
    let places = ground.sites.len() + ground.bases.len();
    let travel = Times::new(places, times).expect("invariant: a square of places");
    let problem = Problem::new(travel, vehicles, visits, charges).expect("invariant: rows of its own tables");
    let work = WORK * (due.len() as u64 + 1) * (problem.vehicles().len() as u64 + 1).min(400);
    let start = start(&due, problem.vehicles().len()).filter(|start| check(&problem, start).is_ok());
    let solution = solve(&problem, start.as_ref(), Effort { seed: rules.seed, work }, &|| false)
        .expect("invariant: the start keeps its rules");
    read(ground, dates, &due, &problem, &solution.routes, &hours, above_ceiling)
}

/// The routes as the planner reads them.
fn read(
    ground: RoundGround<'_>,
    dates: &[NaiveDate],
    due: &[Due],
    problem: &Problem,
    routes: &[Vec<usize>],
    hours: &[Vec<u64>],
    above_ceiling: Vec<usize>,
) -> RoundPlan {
    let stewards = ground.inputs.stewards.len();
    let (mut visits, mut tours) = (Vec::new(), Vec::new());
    let mut load: Vec<(u64, u64)> = hours.iter().map(|of_days| (of_days.iter().sum(), 0)).collect();
    let mut made = vec![false; due.len()];
    for (number, route) in routes.iter().enumerate().filter(|(_, route)| !route.is_empty()) {
        let (date, steward) = (dates[number / stewards], number % stewards);
        let times = timetable(problem, number, route).expect("invariant: the solution keeps its rules");
        let mut served = 0;
        for (order, call) in times.calls.iter().enumerate() {
            let Due { site, level, overdue, .. } = due[call.visit];
            made[call.visit] = true;
            served += call.leave - call.begin;
            visits.push(RoundVisit {
                date,
                steward,
                order: order + 1,
                site,
                level,
                overdue,
                arrive: call.arrive,
                leave: call.leave,
            });
        }
        load[steward].1 += times.duration();
        let travel = times.duration() - served;
        tours.push(Tour { date, steward, span: (times.depart, times.back), visits: route.len(), travel });
    }
    let left = due.iter().zip(&made).filter(|(_, made)| !**made).map(|(due, _)| due);
    let mut skipped: Vec<Skipped> = left
        .map(|due| Skipped { level: due.level, overdue: due.overdue, site: due.site, date: due.date.map(|date| dates[date]) })
        .collect();
    skipped.sort_by_key(|skip| (skip.level, !skip.overdue, skip.site, skip.date));
    let needs = needs(ground, &skipped, &visits, &tours, &load);
    RoundPlan { dates: dates.to_vec(), visits, tours, skipped, needs, load, above_ceiling }
}

/// What is missing for what is left out: its minutes on the spot, and as much travel for each visit as the others take on average.
fn needs(
    ground: RoundGround<'_>,
    skipped: &[Skipped],
    visits: &[RoundVisit],
    tours: &[Tour],
    load: &[(u64, u64)],
) -> Option<Needs> {
    if skipped.is_empty() {
        return None;
    }
    let seconds = |level: Level| ground.rules.levels.get(&level).map_or(0, |level| (level.minutes * 60.0) as u64);
    let travel = tours.iter().map(|tour| tour.travel).sum::<u64>() / (visits.len() as u64).max(1);
    let missing: u64 = skipped.iter().map(|skip| seconds(skip.level) + travel).sum();
    let has: u64 = load.iter().map(|(has, _)| has).sum();
    let people = missing.div_ceil((has / load.len().max(1) as u64).max(1));
    let weekly = (visits.iter().filter(|v| v.level == Level::Weekly).count()
        + skipped.iter().filter(|s| s.level == Level::Weekly).count()) as u64;
    let of_weekly = weekly * (seconds(Level::Weekly) + travel);
    let every = ground.rules.levels.get(&Level::Weekly).map_or(7, |level| u64::from(level.every_days));
    let left = of_weekly.saturating_sub(missing).max(1);
    Some(Needs { hours: missing.div_ceil(3600), people, every_days: (every * of_weekly).div_ceil(left).min(365) })
}

/// Everything that is due in the span, by level, station and date.
fn due(ground: RoundGround<'_>, dates: &[NaiveDate]) -> Vec<Due> {
    let RoundGround { inputs, rules, .. } = ground;
    let (Some(&first), Some(&last)) = (dates.first(), dates.last()) else { return Vec::new() };
    let usual = usual(ground, dates);
    let new = |site: SiteIdx, level: Level, overdue: bool, date: Option<usize>| {
        let known = usual.get(&(site, level)).into_iter().flatten();
        let usual = known.copied().find(|&(on, ..)| date.is_none_or(|date| date == on));
        Due { site, level, overdue, date, usual: usual.map(|(on, steward, row)| (on * inputs.stewards.len() + steward, row)) }
    };
    let mut due = Vec::new();
    // The record is in the order of dates: what comes later counts.
    let mut latest: BTreeMap<(SiteIdx, Level), NaiveDate> = BTreeMap::new();
    let mut deadlines: BTreeMap<SiteIdx, NaiveDate> = BTreeMap::new();
    for inspection in inputs.record.iter().filter(|inspection| inspection.date < first) {
        latest.insert((inspection.site, inspection.level), inspection.date);
        match inspection.deadline {
            Some(deadline) => deadlines.insert(inspection.site, deadline),
            None => deadlines.remove(&inspection.site),
        };
    }
    let spots = deadlines.into_iter().filter(|(_, deadline)| *deadline <= last);
    due.extend(spots.map(|(site, deadline)| new(site, Level::Spot, deadline < first, None)));
    for level in [Level::Core, Level::Weekly, Level::County] {
        let Some(rule) = rules.levels.get(&level) else { continue };
        let every = rule.every_days as usize;
        for site in (0..ground.sites.len()).map(SiteIdx::from_usize) {
            let is_core = inputs.core.binary_search(&site).is_ok();
            if (level == Level::Core) != is_core && level != Level::County {
                continue;
            }
            let next = latest.get(&(site, level)).map(|&date| date + Days::new(u64::from(rule.every_days)));
            let is_overdue = next.is_some_and(|next| next < first);
            if every < dates.len() {
                let start = next.map_or(site.get() % every, |next| (next - first).num_days().max(0) as usize);
                due.extend((start..dates.len()).step_by(every).map(|date| new(site, level, is_overdue && date == 0, Some(date))));
                continue;
            }
            // Without a record the first inspection comes when it is the station's turn, a part of them each week.
            let week = first.num_days_from_ce() as usize / 7;
            let turn = || (site.get() + week).is_multiple_of(every.div_ceil(7));
            if next.map_or_else(turn, |next| next <= last) {
                due.push(new(site, level, is_overdue, None));
            }
        }
    }
    due.sort_by_key(|due| (due.level, due.site, due.date));
    due
}

/// Seconds of each steward on each date, and stewards above the ceiling.
fn hours(ground: RoundGround<'_>, dates: &[NaiveDate]) -> (Vec<Vec<u64>>, Vec<usize>) {
    let rules = ground.rules;
    let mut above = Vec::new();
    let mut hours = Vec::new();
    for (row, steward) in ground.inputs.stewards.iter().enumerate() {
        let week = match rules.hours_per {
            HoursPer::Week => steward.hours,
            HoursPer::Month => steward.hours * 7.0 / 30.0,
        };
        if week > rules.week_hours_ceiling {
            above.push(row);
        }
        let day = (week.min(rules.week_hours_ceiling) / f64::from(rules.days_per_week)).min(rules.day_hours);
        let works = |date: &NaiveDate| (date.weekday().num_days_from_monday() as usize + row) % 7 < rules.days_per_week as usize;
        hours.push(dates.iter().map(|date| if works(date) { (day * 3600.0) as u64 } else { 0 }).collect());
    }
    (hours, above)
}

/// Visits of the rounds so far by station and level, the latest first: the date of the same weekday, the steward, the row.
type Usual = BTreeMap<(SiteIdx, Level), Vec<(usize, usize, usize)>>;

fn usual(ground: RoundGround<'_>, dates: &[NaiveDate]) -> Usual {
    let mut usual = Usual::new();
    for visit in ground.inputs.previous.iter().rev() {
        if let Some(date) = dates.iter().position(|date| date.weekday() == visit.date.weekday()) {
            usual.entry((visit.site, visit.level)).or_default().push((date, visit.steward, visit.order));
        }
    }
    usual
}

/// The rounds so far as routes of the same weekdays; nothing without them.
fn start(due: &[Due], vehicles: usize) -> Option<Routes> {
    let known = due.iter().enumerate().filter_map(|(visit, due)| due.usual.map(|(vehicle, row)| (vehicle, row, visit)));
    let mut rows: Vec<(usize, usize, usize)> = known.collect();
    rows.sort_unstable();
    let mut routes = vec![Vec::new(); vehicles];
    rows.iter().for_each(|&(vehicle, _, visit)| routes[vehicle].push(visit));
    (!rows.is_empty()).then_some(routes)
}

/// Seconds between stations, then bases, row by row; where no way leads, more than any day has.
fn times(ground: RoundGround<'_>) -> Vec<u64> {
    let places: Vec<Place> = ground.sites.iter().chain(ground.bases).copied().collect();
    let seconds = |metres: f64| (metres * 3.6 / ground.rules.speed_kmh).ceil() as u64;
    let over_streets = ground.travel.street_costs(&places, &places, Impedance::from_metres(LONGEST_M));
    let metres = |from: usize, to: usize| match &over_streets {
        Some(costs) => costs.cost(from, to as u32).map(|millimetres| f64::from(millimetres) / 1000.0),
        None => ground.travel.path(places[from], places[to]),
    };
    square(places.len(), |from, to| if from == to { 0 } else { metres(from, to).map_or(NO_WAY, seconds) })
}
