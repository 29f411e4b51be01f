//! A timeline of each plan: who stands where from when to when.

use std::fmt::Display;

use crate::mobile::PlannedDay;
use crate::output::NamedFile;
use crate::output::map::{Bar, Timeline, TimelineRow, draw_timeline, rasterise};
use crate::output::maps::{DPI, MapsError};
use crate::output::report::words::{Writer, clock};

/// `maps/timeline-DAY.svg` and `.png` of every plan.
pub(super) fn charts(writer: Writer<'_>, run: &str) -> Result<Vec<NamedFile>, MapsError> {
    let findings = writer.findings;
    let mut files = Vec::new();
    for (row, day) in findings.timetable.days.iter().enumerate() {
        let name = format!("timeline-{}", file_name(day));
        let failed = |cause| MapsError::Sheet { name: name.clone(), cause };
        let (svg, _) = draw_timeline(&timeline(writer, row, day, run)).map_err(failed)?;
        let png = rasterise(&svg, DPI).map_err(failed)?;
        files.extend([(format!("maps/{name}.svg"), svg.into_bytes()), (format!("maps/{name}.png"), png)]);
    }
    Ok(files)
}

/// What a plan's files are named by: its date, or its kind of day.
pub(crate) fn file_name(day: &PlannedDay) -> String {
    day.only.map_or_else(|| format!("{}-{}", day.kind.season.id(), day.kind.day_type.id()), |date| date.to_string())
}

fn timeline(writer: Writer<'_>, row: usize, day: &PlannedDay, run: &str) -> Timeline {
    let findings = writer.findings;
    let used = findings.timetable.used_stops();
    let bars = |vehicle: usize| {
        let mine = day.stands.iter().filter(move |stand| stand.vehicle == vehicle);
        let bar = |stand: &crate::mobile::BusStand| Bar {
            from: stand.from,
            to: stand.to,
            place: used.binary_search(&stand.stop).unwrap_or_default(),
            lines: [
                Some(findings.dataset.stops[stand.stop].name.clone()),
                Some(format!("{}–{}", clock(stand.from), clock(stand.to))),
                writer.published.is_none().then(|| writer.amount(stand.served)),
            ]
            .into_iter()
            .flatten()
            .collect(),
        };
        mine.map(bar).collect()
    };
    let vehicles = findings.fleet.vehicles.iter().enumerate();
    let rows = vehicles.map(|(number, vehicle)| TimelineRow { name: vehicle.id.clone(), bars: bars(number) }).collect();
    let title = writer.say("schedule.chart.title", &[("title", &writer.pick(&writer.scenario.file.title))]);
    let dates = findings.timetable.dates_of(row);
    let name = super::summary::day_name(writer, day);
    let arguments: [(&str, &dyn Display); 5] = [
        ("day", &name),
        ("dates", &dates),
        ("served", &writer.amount(day.served)),
        ("default", &writer.amount(day.default_served)),
        ("radius", &writer.number(writer.scenario.standard.limit(day.kind.season).metres(), 0)),
    ];
    let notes = vec![
        writer.say("schedule.chart.note", &[("date", &writer.scenario.file.sources.date), ("source", &writer.attribution())]),
        writer.say("map.curve.run", &[("run", &run)]),
    ];
    let notes = notes.into_iter().chain(crate::output::report::notes_of_release(writer)).collect();
    Timeline { title, subtitle: writer.say("schedule.chart.subtitle", &arguments), rows, notes }
}
