//! The timetable of the buses: for a run's typical days, or for a span of dates with everything that goes with it.

use std::time::Instant;

use chrono::NaiveDate;

use super::{RunOptions, RunReport, analyse_with};
use crate::calendar::DayKind;
use crate::domain::vehicle::{BusStop, Stand, Vehicle};
use crate::findings::RunError;
use crate::ingest::Fleet;
use crate::ingest::issues::{Issue, IssueAction, Severity};
use crate::message::Message;
use crate::mobile::day::{Effort, NoPlan};
use crate::mobile::season::{NoTimetable, Why};
use crate::mobile::{Ground, Timetable, plan_kinds, plan_season};
use crate::output::{self, WriteOptions};
use crate::progress::Progress;
use crate::scenario::Scenario;

/// A span of dates, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dates {
    /// The first.
    pub from: NaiveDate,
    /// The last.
    pub to: NaiveDate,
}

/// What a schedule is made for, and where it is written.
#[derive(Debug, Clone)]
pub struct ScheduleOptions {
    /// As for a run; the folder is `out/<scenario name>-schedule` when not given.
    pub run: RunOptions,
    /// The dates.
    pub dates: Dates,
}

/// Plans the buses for a span of dates and writes the timetable.
///
/// # Errors
/// When an input can't be used, an order can't be kept, or the output folder can't be written.
pub fn schedule(scenario: &Scenario, options: &ScheduleOptions, progress: &dyn Progress) -> Result<RunReport, RunError> {
    let RunOptions { overwrite, lang, street_cache, .. } = &options.run;
    let name = format!("{}-schedule", scenario.file.name);
    let out_dir = options.run.out_dir(&name);
    let write = WriteOptions { dir: out_dir.clone(), overwrite: *overwrite, gcj02: false, lang: *lang };
    output::accept(&write)?;
    if scenario.file.bus_stops.is_none() {
        return Err(RunError::Output(Message::new("B001")));
    }
    let clock = Instant::now();
    let cache = street_cache.clone().unwrap_or_else(|| output::street_cache(&out_dir));
    if scenario.file.demand.points.is_some() {
        return Err(RunError::Output(Message::new("B008")));
    }
    let findings = analyse_with(scenario, Some(&cache), Some(options.dates), progress)?;
    let analysed = clock.elapsed().as_secs_f64();
    let screened = output::screen(findings, scenario, &options.run.release)?;
    let summary = output::schedule::write(&screened.cleared(), scenario, &write, analysed)?;
    Ok(RunReport { summary, out_dir })
}

/// The timetable of the scenario's days, or of dates.
pub(super) fn timetable(ground: &Ground<'_>, dates: Option<Dates>, progress: &dyn Progress) -> Result<Timetable, RunError> {
    let (stops, buses) = (&ground.dataset.stops, &ground.fleet.vehicles);
    if dates.is_some() {
        can_stand(stops, buses)?;
    }
    if buses.is_empty() || stops.is_empty() {
        return Ok(Timetable::default());
    }
    let units = &ground.dataset.area.units;
    let strange = |name: &&String| units.iter().all(|unit| unit.name != **name);
    let strange: Vec<&str> = ground.rules().floors.keys().filter(strange).map(String::as_str).collect();
    if !strange.is_empty() {
        let known: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
        let message = Message::new("B005").with("found", strange.join(", ")).with("known", known.join(", "));
        return Err(RunError::Output(message));
    }
    let effort = Effort::default();
    let so_far = ground.fleet.previous.iter();
    let so_far: Vec<(DayKind, Stand)> = so_far.map(|stand| (ground.fleet.calendar.kind(stand.date), *stand)).collect();
    let planned = match dates {
        None => {
            let days = plan_kinds(ground, &ground.scenario.bus_days, &effort);
            days.map(|days| Timetable { days, ..Timetable::default() })
        }
        Some(Dates { from, to }) => {
            let dates = from.iter_days().take_while(|date| *date <= to);
            let dates: Vec<(NaiveDate, DayKind)> = dates.map(|date| (date, ground.fleet.calendar.kind(date))).collect();
            plan_season(ground, &dates, &so_far, &effort, progress)
        }
    };
    planned.map_err(|no| refusal(ground, &no))
}

/// Notes dates whose kind of day is guessed.
pub(super) fn unlisted_dates(scenario: &Scenario, fleet: &Fleet, dates: Dates) -> Option<Issue> {
    let all = dates.from.iter_days().take_while(|date| *date <= dates.to);
    let unlisted: Vec<NaiveDate> = all.filter(|date| !fleet.calendar.lists(*date)).collect();
    let (first, last) = unlisted.first().zip(unlisted.last())?;
    let span = if first == last { first.to_string() } else { format!("{first} … {last}") };
    Some(Issue {
        file: scenario.file.area.calendar.clone().unwrap_or_else(|| scenario.path.display().to_string()),
        row: 0,
        field: "area.calendar",
        value: span.clone(),
        problem: Message::new("B012").with("count", unlisted.len()).with("dates", span),
        action: IssueAction::Noted,
        severity: Severity::Warning,
    })
}

/// Refuses when no bus may stand anywhere.
fn can_stand(stops: &[BusStop], buses: &[Vehicle]) -> Result<(), RunError> {
    if stops.is_empty() || buses.is_empty() {
        return Err(RunError::Output(Message::new("B009").with("stops", stops.len()).with("buses", buses.len())));
    }
    let fits = |bus: &Vehicle, stop: &BusStop| {
        let short = bus.length_m.zip(stop.max_length_m).is_none_or(|(bus, stop)| bus <= stop);
        short && bus.shift.0 < u16::from(stop.permitted_to) * 60 && u16::from(stop.permitted_from) * 60 < bus.shift.1
    };
    let stands = buses.iter().any(|bus| stops.iter().any(|stop| fits(bus, stop)));
    if stands { Ok(()) } else { Err(RunError::Output(Message::new("B010"))) }
}

/// Why there is no timetable, by name.
fn refusal(ground: &Ground<'_>, no: &NoTimetable) -> RunError {
    let day = no.only.map_or_else(|| no.kind.to_string(), |date| date.to_string());
    let message = match &no.why {
        Why::Faults(faults) => {
            let causes: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Message::new("B011").with("cause", causes.join("; "))
        }
        Why::NoPlan(NoPlan::Pins { vehicle }) => Message::new("B002").with("bus", &ground.fleet.vehicles[*vehicle].id),
        Why::NoPlan(NoPlan::Floors { missing, .. }) => {
            let units = &ground.dataset.area.units;
            let per_hour = 60.0 / f64::from(ground.rules().slot_minutes);
            let text = |&(unit, found, asked): &(usize, u32, u32)| {
                let name = units.get(unit).map_or("–", |unit| unit.name.as_str());
                format!("{name} {} < {}", f64::from(found) / per_hour, f64::from(asked) / per_hour)
            };
            Message::new("B003").with("missing", missing.iter().map(text).collect::<Vec<_>>().join(", "))
        }
    };
    RunError::Output(message.with("day", day))
}
