//! Inspection rounds for people: route sheets, what is left out, the load of each steward, tours on a map and as timelines.
//!
//! Stewards appear by their number only.

use std::collections::BTreeSet;
use std::fmt::Display;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};
use serde::Serialize;

use super::csv::{Cell, Csv};
use super::features::{Feature, Shape, layer_bytes, share};
use super::map::{Bar, Timeline, TimelineRow, draw_timeline, rasterise};
use super::maps::DPI;
use super::report::words::{self, say};
use super::{NamedFile, WriteOptions, cannot_make, folder, manifest};
use crate::crs::LonLat;
use crate::domain::site::{Station, StationKind, Status};
use crate::findings::RunError;
use crate::ingest::RoundInputs;
use crate::ingest::dataset::Dataset;
use crate::ingest::issues::IssueTable;
use crate::message::{Lang, Message, term};
use crate::mobile::rounds::{RoundPlan, RoundVisit};
use crate::scenario::Scenario;

/// The table of visits.
pub(super) const VISITS: &str = "rounds.csv";

/// What was planned, and from what.
#[derive(Debug, Clone, Copy)]
pub struct RoundFindings<'a> {
    /// Stations.
    pub dataset: &'a Dataset,
    /// Stewards and what is due.
    pub inputs: &'a RoundInputs,
    /// The plan.
    pub plan: &'a RoundPlan,
    /// Faults of the inputs.
    pub issues: &'a IssueTable,
}

/// Writes the folder; returns the summary.
///
/// # Errors
/// When the folder's place is taken, a text can't be lettered, or the disk refuses. Then nothing has changed.
pub fn write(findings: RoundFindings<'_>, scenario: &Scenario, options: &WriteOptions) -> Result<String, RunError> {
    let lang = options.lang;
    let span = findings.plan.dates.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let run_id = manifest::run_id(scenario, &span)?;
    let signed = Message::new("C106").with("run_id", &run_id).render(lang);
    let summary = format!("{}\n{signed}\n", summary(findings, scenario, lang));
    let mut files: Vec<NamedFile> = vec![
        (VISITS.to_owned(), visits(findings)),
        ("skipped.csv".to_owned(), skipped(findings)),
        ("load.csv".to_owned(), load(findings)),
        ("issues.csv".to_owned(), super::tables::issue_table(findings.issues, lang)),
        ("rounds.xlsx".to_owned(), workbook(findings, lang).map_err(|e| cannot_make("rounds.xlsx", e))?),
        ("rounds.geojson".to_owned(), layer(findings)?),
        ("summary.md".to_owned(), summary.clone().into_bytes()),
        (manifest::EFFECTIVE.to_owned(), manifest::effective(scenario)?),
    ];
    files.extend(charts(findings, scenario, lang, &run_id)?);
    files.sort_by(|a, b| a.0.cmp(&b.0));
    let outputs = files.iter().map(manifest::stamp).collect();
    files.push((manifest::MANIFEST.to_owned(), manifest::brief(scenario, &span, outputs)?));
    folder::put(&options.dir, options.overwrite, &files)?;
    Ok(summary)
}

/// Seconds of the day as a clock shows them, to the minute.
fn clock(seconds: u64) -> String {
    words::clock((seconds / 60) as u16)
}

fn visits(findings: RoundFindings<'_>) -> Vec<u8> {
    let mut csv = Csv::new(&["date", "steward_id", "order", "station_id", "name", "level", "overdue", "arrive", "leave"]);
    for visit in &findings.plan.visits {
        let site = &findings.dataset.sites[visit.site];
        csv.row(&[
            Cell::text(&visit.date.to_string()),
            Cell::text(&findings.inputs.stewards[visit.steward].id),
            Cell::Count(visit.order),
            Cell::text(&site.id),
            Cell::text(&site.name),
            Cell::text(visit.level.id()),
            Cell::flag(visit.overdue),
            Cell::text(&clock(visit.arrive)),
            Cell::text(&clock(visit.leave)),
        ]);
    }
    csv.finish()
}

fn skipped(findings: RoundFindings<'_>) -> Vec<u8> {
    let mut csv = Csv::new(&["station_id", "name", "level", "overdue", "date"]);
    for skip in &findings.plan.skipped {
        let site = &findings.dataset.sites[skip.site];
        let date = skip.date.map(|date| date.to_string()).unwrap_or_default();
        csv.row(&[
            Cell::text(&site.id),
            Cell::text(&site.name),
            Cell::text(skip.level.id()),
            Cell::flag(skip.overdue),
            Cell::text(&date),
        ]);
    }
    csv.finish()
}

fn load(findings: RoundFindings<'_>) -> Vec<u8> {
    let mut csv = Csv::new(&["steward_id", "available_h", "away_h", "load", "visits", "travel_h", "above_ceiling"]);
    for (row, &(has, away)) in findings.plan.load.iter().enumerate() {
        let tours = findings.plan.tours.iter().filter(|tour| tour.steward == row);
        let (visits, travel) = tours.fold((0, 0), |(visits, travel), tour| (visits + tour.visits, travel + tour.travel));
        csv.row(&[
            Cell::text(&findings.inputs.stewards[row].id),
            Cell::number(share(has as f64 / 3600.0)),
            Cell::number(share(away as f64 / 3600.0)),
            Cell::number(share(if has == 0 { 0.0 } else { away as f64 / has as f64 })),
            Cell::Count(visits),
            Cell::number(share(travel as f64 / 3600.0)),
            Cell::flag(findings.plan.above_ceiling.contains(&row)),
        ]);
    }
    csv.finish()
}

/// A sheet for each steward: the route of each date.
fn workbook(findings: RoundFindings<'_>, lang: Lang) -> Result<Vec<u8>, XlsxError> {
    use chrono::Datelike;
    let mut workbook = Workbook::new();
    if let Some(first) = findings.plan.dates.first() {
        let created = ExcelDateTime::from_ymd(first.year() as u16, first.month() as u8, first.day() as u8)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    }
    let bold = Format::new().set_bold();
    let columns = [
        ("date", 12.0),
        ("order", 6.0),
        ("arrive", 8.0),
        ("leave", 8.0),
        ("station", 14.0),
        ("name", 28.0),
        ("level", 10.0),
        ("result", 24.0),
    ];
    for (row, steward) in findings.inputs.stewards.iter().enumerate() {
        let sheet = workbook.add_worksheet();
        let name: String = steward.id.chars().map(|c| if "[]:*?/\\'".contains(c) { '_' } else { c }).take(24).collect();
        sheet.set_name(format!("{:02} {name}", row + 1))?;
        for (at, (column, width)) in columns.iter().enumerate() {
            sheet.write_string_with_format(0, at as u16, term(&format!("rounds.column.{column}"), lang), &bold)?;
            sheet.set_column_width(at as u16, *width)?;
        }
        let mine: Vec<&RoundVisit> = findings.plan.visits.iter().filter(|visit| visit.steward == row).collect();
        for (line, visit) in (1..).zip(&mine) {
            let site = &findings.dataset.sites[visit.site];
            let level = say(lang, &format!("rounds.level.{}", visit.level.id()), &[]);
            let level = if visit.overdue { format!("{level} {}", term("rounds.overdue", lang)) } else { level };
            sheet.write_string(line, 0, visit.date.to_string())?;
            sheet.write_number(line, 1, visit.order as u32)?;
            let texts = [clock(visit.arrive), clock(visit.leave), site.id.clone(), site.name.clone(), level];
            for (at, text) in texts.iter().enumerate() {
                sheet.write_string(line, at as u16 + 2, text)?;
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        sheet.autofilter(0, 0, mine.len() as u32, columns.len() as u16 - 1)?;
    }
    workbook.save_to_buffer()
}

/// Properties of a tour on the map.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct TourProperties {
    date: String,
    steward_id: String,
    visits: usize,
    leaves: String,
    back: String,
    travel_min: u64,
}

/// Tours as lines from station to station, in their order.
fn layer(findings: RoundFindings<'_>) -> Result<Vec<u8>, RunError> {
    let feature = |tour: &crate::mobile::rounds::Tour| {
        let steward = &findings.inputs.stewards[tour.steward];
        let mine = findings.plan.visits.iter().filter(|visit| (visit.date, visit.steward) == (tour.date, tour.steward));
        let mut line: Vec<LonLat> = vec![steward.base];
        line.extend(mine.map(|visit| findings.dataset.sites[visit.site].position));
        line.push(steward.base);
        let properties = TourProperties {
            date: tour.date.to_string(),
            steward_id: steward.id.clone(),
            visits: tour.visits,
            leaves: clock(tour.span.0),
            back: clock(tour.span.1),
            travel_min: tour.travel / 60,
        };
        Feature { shape: Shape::Path(line), properties }
    };
    layer_bytes("rounds.geojson", &findings.plan.tours.iter().map(feature).collect::<Vec<_>>())
}

/// A timeline of each date: when each steward is away, with how many stations.
fn charts(findings: RoundFindings<'_>, scenario: &Scenario, lang: Lang, run: &str) -> Result<Vec<NamedFile>, RunError> {
    let title = scenario.file.title.pick(lang);
    let mut files = Vec::new();
    for &date in &findings.plan.dates {
        let rows = findings.inputs.stewards.iter().enumerate().map(|(row, steward)| {
            let mine = findings.plan.tours.iter().filter(|tour| (tour.date, tour.steward) == (date, row));
            let bar = |tour: &crate::mobile::rounds::Tour| Bar {
                from: (tour.span.0 / 60) as u16,
                to: (tour.span.1.div_ceil(60)) as u16,
                place: 0,
                lines: vec![
                    say(lang, "rounds.chart.visits", &[("n", &tour.visits)]),
                    say(lang, "rounds.chart.travel", &[("minutes", &(tour.travel / 60))]),
                ],
            };
            TimelineRow { name: steward.id.clone(), bars: mine.map(bar).collect() }
        });
        let timeline = Timeline {
            title: say(lang, "rounds.chart.title", &[("title", &title)]),
            subtitle: date.to_string(),
            rows: rows.collect(),
            notes: vec![say(lang, "map.curve.run", &[("run", &run)])],
        };
        let cannot = |e: super::map::MapError| RunError::Output(Message::new("O008").with("cause", e));
        let (svg, _) = draw_timeline(&timeline).map_err(cannot)?;
        let png = rasterise(&svg, DPI).map_err(cannot)?;
        files.extend([(format!("charts/load-{date}.svg"), svg.into_bytes()), (format!("charts/load-{date}.png"), png)]);
    }
    Ok(files)
}

fn summary(findings: RoundFindings<'_>, scenario: &Scenario, lang: Lang) -> String {
    let RoundFindings { dataset, inputs, plan, issues } = findings;
    let title = scenario.file.title.pick(lang);
    let hours = |seconds: u64| format!("{:.1}", seconds as f64 / 3600.0);
    let (has, away) = plan.load.iter().fold((0, 0), |(has, away), load| (has + load.0, away + load.1));
    let travel: u64 = plan.tours.iter().map(|tour| tour.travel).sum();
    let dates = plan.dates.first().zip(plan.dates.last()).map(|(from, to)| format!("{from}–{to}")).unwrap_or_default();
    let arguments: [(&str, &dyn Display); 10] = [
        ("dates", &dates),
        ("stewards", &inputs.stewards.len()),
        ("stations", &dataset.sites.len()),
        ("core", &inputs.core.len()),
        ("visits", &plan.visits.len()),
        ("has", &hours(has)),
        ("away", &hours(away)),
        ("travel", &hours(travel)),
        ("spread", &format!("{:.1}", plan.spread() * 100.0)),
        ("issues", &issues.rows().len()),
    ];
    let mut lines = vec![
        format!("# {}", say(lang, "rounds.title", &[("title", &title)])),
        String::new(),
        say(lang, "rounds.account", &arguments),
    ];
    let placed: BTreeSet<usize> = dataset.site_station.iter().copied().collect();
    let is_lost = |(row, station): &(usize, &Station)| {
        station.status == Status::Active && station.kind != StationKind::Bus && !placed.contains(row)
    };
    let lost: Vec<String> =
        dataset.stations.iter().enumerate().filter(is_lost).map(|(_, s)| format!("{} {}", s.id, s.name)).collect();
    if !lost.is_empty() {
        let which = lost.join(if lang == Lang::Zh { "、" } else { ", " });
        lines.extend([String::new(), say(lang, "rounds.lost", &[("n", &lost.len()), ("which", &which)])]);
    }
    if let Some(needs) = plan.needs {
        let arguments: [(&str, &dyn Display); 4] =
            [("n", &plan.skipped.len()), ("hours", &needs.hours), ("people", &needs.people), ("days", &needs.every_days)];
        lines.extend([String::new(), say(lang, "rounds.needs", &arguments)]);
    }
    if !plan.above_ceiling.is_empty() {
        let who: Vec<&str> = plan.above_ceiling.iter().map(|&row| inputs.stewards[row].id.as_str()).collect();
        let arguments: [(&str, &dyn Display); 2] =
            [("who", &who.join(", ")), ("ceiling", &scenario.file.rounds.week_hours_ceiling)];
        lines.extend([String::new(), say(lang, "rounds.ceiling", &arguments)]);
    }
    lines.extend([String::new(), say(lang, "rounds.next", &[("path", &scenario.path.display())]), String::new()]);
    lines.join("\n")
}
