//! The timetable as rows: a bus at a stop on a date, or a window left to longer hours.

use chrono::NaiveDate;

use crate::domain::vehicle::BusOrder;
use crate::findings::Findings;
use crate::mobile::season::{days_before, stand_on};
use crate::mobile::{BusStand, LongerHours, PlannedDay};
use crate::output::report::words::clock;
use crate::quantity::Weight;
use crate::scenario::Scenario;

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowStatus {
    /// As in the timetable so far: the same bus, stop and times.
    Kept,
    /// Planned; without a timetable so far all rows are.
    Planned,
    /// A station should open longer instead.
    ExtendHours,
}

impl RowStatus {
    /// Identifier in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Planned => "planned",
            Self::ExtendHours => "extend_hours",
        }
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// A date, or a typical day.
    pub date: String,
    /// The bus; empty for longer hours.
    pub bus: String,
    /// Row of the bus.
    pub vehicle: Option<usize>,
    /// The stop.
    pub stop_id: String,
    /// Its name.
    pub stop_name: String,
    /// Clock times.
    pub arrive: String,
    /// Clock times.
    pub leave: String,
    /// Minutes of the day.
    pub span: (u16, u16),
    /// Visits expected.
    pub visits: Weight,
    /// Who must be told.
    pub contact_unit: String,
    /// By when: a date, or `T-3`.
    pub notify_by: String,
    /// What the row is.
    pub status: RowStatus,
    /// The station that should open longer.
    pub station_id: String,
    /// Who must approve.
    pub approving_unit: String,
    /// How the bus is heated.
    pub heating: String,
    /// Why it must stand there: the reasons of orders that the window follows.
    pub order: String,
}

/// Rows of a timetable's dates, by date, bus and time; windows left to longer hours follow the buses of their date.
pub(crate) fn of_dates(findings: &Findings, scenario: &Scenario) -> Vec<Row> {
    let notice = scenario.file.mobile.notice_days;
    let dates = findings.timetable.dates.iter();
    let rows = dates.flat_map(|&(date, plan)| {
        let notify_by = days_before(date, notice).to_string();
        let day = &findings.timetable.days[plan];
        let mut rows = of_day(findings, day, &date.to_string(), &notify_by);
        for (row, stand) in rows.iter_mut().zip(&day.stands) {
            row.order = orders_of(findings, stand, Some(date));
            if findings.fleet.previous.binary_search(&stand_on(date, stand)).is_ok() {
                row.status = RowStatus::Kept;
            }
        }
        rows
    });
    rows.collect()
}

/// Rows of the typical days of a run.
pub(crate) fn of_kinds(findings: &Findings, scenario: &Scenario) -> Vec<Row> {
    let notify_by = format!("T-{}", scenario.file.mobile.notice_days);
    let days = findings.timetable.days.iter();
    days.flat_map(|day| of_day(findings, day, &day.kind.to_string(), &notify_by)).collect()
}

fn of_day(findings: &Findings, day: &PlannedDay, date: &str, notify_by: &str) -> Vec<Row> {
    let planned = day.stands.iter().map(|stand| of_stand(findings, stand, date, notify_by));
    planned.chain(day.longer_hours.iter().map(|hours| of_hours(findings, hours, date, notify_by))).collect()
}

fn of_stand(findings: &Findings, stand: &BusStand, date: &str, notify_by: &str) -> Row {
    let bus = &findings.fleet.vehicles[stand.vehicle];
    Row {
        bus: bus.id.clone(),
        vehicle: Some(stand.vehicle),
        heating: bus.heating.clone(),
        order: orders_of(findings, stand, None),
        ..at(findings, stand.stop, (stand.from, stand.to), stand.served, date, notify_by)
    }
}

fn of_hours(findings: &Findings, hours: &LongerHours, date: &str, notify_by: &str) -> Row {
    let span = (u16::from(hours.from) * 60, u16::from(hours.to) * 60);
    Row {
        status: RowStatus::ExtendHours,
        station_id: findings.dataset.sites[hours.station].id.clone(),
        ..at(findings, hours.stop, span, hours.visits, date, notify_by)
    }
}

/// What a row has from its stop.
fn at(findings: &Findings, stop: usize, span: (u16, u16), visits: Weight, date: &str, notify_by: &str) -> Row {
    let stop = &findings.dataset.stops[stop];
    Row {
        date: date.to_owned(),
        bus: String::new(),
        vehicle: None,
        stop_id: stop.id.clone(),
        stop_name: stop.name.clone(),
        arrive: clock(span.0),
        leave: clock(span.1),
        span,
        visits,
        contact_unit: stop.contact_unit.clone(),
        notify_by: notify_by.to_owned(),
        status: RowStatus::Planned,
        station_id: String::new(),
        approving_unit: stop.approving_unit.clone(),
        heating: String::new(),
        order: String::new(),
    }
}

/// Reasons of the orders that a window follows: those of every day, and of its date.
fn orders_of(findings: &Findings, stand: &BusStand, date: Option<NaiveDate>) -> String {
    let follows = |order: &&BusOrder| {
        let is_here = order.must && order.stop == stand.stop && order.vehicle == Some(stand.vehicle);
        is_here && order.date.is_none_or(|of| Some(of) == date) && order.from < stand.to && stand.from < order.to
    };
    let reasons: Vec<&str> = findings.fleet.orders.iter().filter(follows).map(|order| order.reason.as_str()).collect();
    reasons.join("; ")
}
