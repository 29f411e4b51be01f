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

use chrono::{Datelike, NaiveDate};

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
            usual: usual(ground, due, dates).map(|(steward, date, _)| vehicle(steward, date)),
        }
    };
    let visits: Vec<Visit> = due.iter().map(visit).collect();
    let charges = Charges { change: CHANGE, imbalance: BALANCE };
    let times = times(ground);
    let places = ground.sites.len() + ground.bases.len();
    let travel = Times::new(places, times).expect("invariant: a square of places");
    let problem = Problem::new(travel, vehicles, visits, charges).expect("invariant: rows of its own tables");
    let work = WORK * (due.len() as u64 + 1) * (problem.vehicles().len() as u64 + 1).min(400);
    let start = start(ground, &due, dates, problem.vehicles().len()).filter(|start| check(&problem, start).is_ok());
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
    let mut latest: BTreeMap<(SiteIdx, Level), NaiveDate> = BTreeMap::new();
    for inspection in inputs.record.iter().filter(|inspection| inspection.date < first) {
        let known = latest.entry((inspection.site, inspection.level)).or_insert(inspection.date);
        *known = (*known).max(inspection.date);
    }
    let mut due = Vec::new();
    for inspection in inputs.record.iter().filter(|inspection| inspection.date < first) {
        let Some(deadline) = inspection.deadline.filter(|deadline| *deadline <= last) else { continue };
        let again = inputs
            .record
            .iter()
            .any(|other| other.site == inspection.site && other.date > inspection.date && other.deadline.is_none());
        if !again {
            due.push(Due { site: inspection.site, level: Level::Spot, overdue: deadline < first, date: None });
        }
    }
    for level in [Level::Core, Level::Weekly, Level::County] {
        let Some(rule) = rules.levels.get(&level) else { continue };
        for site in (0..ground.sites.len()).map(SiteIdx::from_usize) {
            let is_core = inputs.core.binary_search(&site).is_ok();
            if (level == Level::Core) != is_core && level != Level::County {
                continue;
            }
            if rule.every_days == 1 {
                due.extend((0..dates.len()).map(|date| Due { site, level, overdue: false, date: Some(date) }));
                continue;
            }
            let next = latest.get(&(site, level)).map(|&date| date + chrono::Days::new(u64::from(rule.every_days)));
            // Without a record the first inspection of a level that is rarer than the span comes when it is the station's turn.
            let turn = || {
                (site.get() as i64 + i64::from(first.num_days_from_ce()) / 7) % i64::from(rule.every_days.div_ceil(7).max(1)) == 0
            };
            if next.map_or_else(turn, |next| next <= last) {
                due.push(Due { site, level, overdue: next.is_some_and(|next| next < first), date: None });
            }
        }
    }
    due.sort_by_key(|due| (due.level, due.site, due.date));
    due.dedup_by_key(|due| (due.level, due.site, due.date));
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

/// Who made a visit on the same weekday in the rounds so far, when that is in the span, and its place in the table.
fn usual(ground: RoundGround<'_>, due: &Due, dates: &[NaiveDate]) -> Option<(usize, usize, usize)> {
    let same = ground.inputs.previous.iter().rev().filter(|visit| visit.site == due.site && visit.level == due.level);
    let on = |date: NaiveDate| dates.iter().position(|other| other.weekday() == date.weekday());
    let mut known = same.filter_map(|visit| Some((visit.steward, on(visit.date)?, visit.order)));
    known.find(|(_, date, _)| due.date.is_none_or(|bound| bound == *date))
}

/// The rounds so far as routes of the same weekdays; nothing without them.
fn start(ground: RoundGround<'_>, due: &[Due], dates: &[NaiveDate], vehicles: usize) -> Option<Routes> {
    let stewards = ground.inputs.stewards.len();
    let mut rows: Vec<(usize, usize, usize)> = Vec::new();
    for (row, due) in due.iter().enumerate() {
        if let Some((steward, date, order)) = usual(ground, due, dates) {
            rows.push((date * stewards + steward, order, row));
        }
    }
    rows.sort_unstable();
    let mut routes = vec![Vec::new(); vehicles];
    rows.iter().for_each(|&(vehicle, _, row)| routes[vehicle].push(row));
    (!rows.is_empty()).then_some(routes)
}

/// Seconds between stations, then bases, row by row; where no way leads, more than any day has.
fn times(ground: RoundGround<'_>) -> Vec<u64> {
    let places: Vec<Place> = ground.sites.iter().chain(ground.bases).copied().collect();
    let seconds = |metres: f64| (metres * 3.6 / ground.rules.speed_kmh).ceil() as u64;
    if let Some(costs) = ground.travel.street_costs(&places, &places, Impedance::from_metres(LONGEST_M)) {
        let cost = |from: usize, to: usize| costs.cost(from, to as u32).map_or(NO_WAY, |mm| seconds(f64::from(mm) / 1000.0));
        return (0..places.len())
            .flat_map(|from| (0..places.len()).map(move |to| (from, to)))
            .map(|(a, b)| if a == b { 0 } else { cost(a, b) })
            .collect();
    }
    let between = |a: &Place, b: &Place| if a == b { 0 } else { ground.travel.path(*a, *b).map_or(NO_WAY, seconds) };
    places.iter().flat_map(|a| places.iter().map(move |b| between(a, b))).collect()
}
