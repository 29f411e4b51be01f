//! A timetable for people: tables, workbook, notices, calendars, a feed for journey planners, charts, and what changed.
//!
//! `rows` puts the timetable into rows that every writer shares, so that all of them say the same.

mod calendars;
mod changes;
mod feed;
mod gantt;
mod notices;
pub(crate) mod routes;
pub(crate) mod rows;
mod summary;
mod workbook;

use std::time::Instant;

use super::csv::{Cell, Csv};
use super::disclosure::Cleared;
use super::{NamedFile, WriteOptions, folder, manifest, maps};
use crate::findings::{Findings, RunError};
use crate::message::Message;
use crate::scenario::Scenario;
pub(crate) use gantt::file_name;
use rows::Row;

/// Columns of `bus_schedule.csv`.
const SCHEDULE: [&str; 14] = [
    "date",
    "bus_id",
    "stop_id",
    "arrive",
    "leave",
    "expected_visits",
    "notify_unit",
    "notify_by",
    "status",
    "stop_name",
    "station_id",
    "approving_unit",
    "heating",
    "order",
];

/// The schedule table.
pub(super) fn table(cleared: &Cleared<'_>, rows: &[Row]) -> Vec<u8> {
    let mut csv = Csv::new(&SCHEDULE);
    for row in rows {
        csv.row(&[
            Cell::text(&row.date),
            Cell::text(&row.bus),
            Cell::text(&row.stop_id),
            Cell::text(&row.arrive),
            Cell::text(&row.leave),
            Cell::maybe(cleared.figure(row.visits.visits())),
            Cell::text(&row.contact_unit),
            cleared.figure(&row.notify_by).map_or(Cell::Empty, |by| Cell::text(by)),
            Cell::text(row.status.id()),
            Cell::text(&row.stop_name),
            Cell::text(&row.station_id),
            Cell::text(&row.approving_unit),
            Cell::text(&row.heating),
            Cell::text(&row.order),
        ]);
    }
    csv.finish()
}

/// Writes the folder of a timetable; returns the summary. For the public: where the buses stand and when, no figures and no contacts.
///
/// # Errors
/// When the folder's place is taken, a text can't be lettered, or the disk refuses. Then nothing has changed.
pub fn write(cleared: &Cleared<'_>, scenario: &Scenario, options: &WriteOptions, analysed: f64) -> Result<String, RunError> {
    let clock = Instant::now();
    let (lang, findings) = (options.lang, cleared.findings());
    let writer = cleared.writer(scenario, lang);
    let run_id = manifest::run_id(scenario, &findings.timetable.span())?;
    let signed = Message::new("C106").with("run_id", &run_id).render(lang);
    let rows = rows::of_dates(findings, scenario);
    let summary = format!("{}\n{signed}\n", summary::summary(writer));
    let routes = routes::layer(cleared)?;
    let mut files: Vec<NamedFile> = vec![
        ("bus_schedule.csv".to_owned(), table(cleared, &rows)),
        super::gis::bus_package(cleared, scenario, lang, &routes)?,
        ("bus_routes.geojson".to_owned(), routes),
        ("summary.md".to_owned(), summary.clone().into_bytes()),
        ("gtfs.zip".to_owned(), feed::feed(findings, scenario)?),
    ];
    if !cleared.release().is_public() {
        files.extend([
            ("bus_notice.csv".to_owned(), notices::table(&rows)),
            ("bus_days.csv".to_owned(), days(findings)),
            ("issues.csv".to_owned(), super::tables::issue_table(&findings.issues, lang)),
            ("staff.csv".to_owned(), staff(findings)),
            ("bus_schedule.xlsx".to_owned(), workbook::workbook(findings, &rows, lang)?),
            ("schedule_diff.md".to_owned(), changes::text(findings, lang).into_bytes()),
            (manifest::EFFECTIVE.to_owned(), manifest::effective(scenario)?),
        ]);
    }
    files.extend(calendars::calendars(findings, &rows));
    let cannot = |e: maps::MapsError| RunError::Output(e.message());
    files.extend(gantt::charts(writer, &run_id).map_err(cannot)?);
    files.extend(maps::draw_buses(cleared, scenario, lang, &run_id).map_err(cannot)?);
    files.sort_by(|a, b| a.0.cmp(&b.0));
    let outputs = files.iter().map(manifest::stamp).collect();
    let timings = [("analyse", analysed), ("write", clock.elapsed().as_secs_f64())];
    files.push((manifest::TIMINGS.to_owned(), manifest::timings(&timings)?));
    files.push((manifest::MANIFEST.to_owned(), manifest::manifest(cleared, scenario, lang, outputs)?));
    folder::put(&options.dir, options.overwrite, &files)?;
    Ok(summary)
}

/// One row a plan: how many dates it is for, and how good it is.
fn days(findings: &Findings) -> Vec<u8> {
    let mut csv = Csv::new(&[
        "day",
        "date",
        "dates",
        "stands",
        "served",
        "outside_area",
        "default_served",
        "value",
        "bound",
        "gap",
        "proved",
    ]);
    for (row, day) in findings.timetable.days.iter().enumerate() {
        csv.row(&[
            Cell::text(&day.kind.to_string()),
            Cell::text(&day.only.map(|date| date.to_string()).unwrap_or_default()),
            Cell::Count(findings.timetable.dates_of(row)),
            Cell::Count(day.stands.len()),
            Cell::number(day.served.visits()),
            Cell::number(day.outside.visits()),
            Cell::number(day.default_served.visits()),
            Cell::number(day.value as f64 / 1000.0),
            Cell::number(day.bound as f64 / 1000.0),
            Cell::number(super::features::share(day.optimality_gap())),
            Cell::flag(day.proved),
        ]);
    }
    csv.finish()
}

/// Stations that need more staff, by kind of day, station and slot.
fn staff(findings: &Findings) -> Vec<u8> {
    let mut csv = Csv::new(&["day", "station_id", "name", "slot", "hour", "visits", "capacity", "load", "staff"]);
    for row in &findings.reinforcements {
        let site = &findings.dataset.sites[row.site];
        csv.row(&[
            Cell::text(&row.kind.to_string()),
            Cell::text(&site.id),
            Cell::text(&site.name),
            Cell::text(row.slot.clock()),
            Cell::Count(usize::from(row.hour)),
            Cell::number(row.visits.visits()),
            Cell::number(row.capacity.visits()),
            Cell::number(super::features::share(row.visits.share_of(row.capacity).get())),
            Cell::Count(row.staff as usize),
        ]);
    }
    csv.finish()
}
