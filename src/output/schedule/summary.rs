//! The summary of a timetable: what was asked, what the buses serve, how good that is, what to do next.

use std::fmt::Display;

use crate::ingest::issues::Issue;
use crate::mobile::PlannedDay;
use crate::output::report::words::{Writer, clock};
use crate::output::report::{row, rule};
use crate::quantity::Weight;

/// A timetable in a language, as Markdown.
pub(super) fn summary(writer: Writer<'_>) -> String {
    let Writer { findings, scenario, .. } = writer;
    let timetable = &findings.timetable;
    let title = writer.say("schedule.title", &[("title", &writer.pick(&scenario.file.title))]);
    let (first, last) = (timetable.dates.first().map(|date| date.0), timetable.dates.last().map(|date| date.0));
    let date = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
    let streets = if findings.fleet.streets.is_some() { "schedule.by_streets" } else { "schedule.by_paths" };
    let rules = &scenario.file.mobile;
    let asked: [(&str, &dyn Display); 10] = [
        ("from", &date(first)),
        ("to", &date(last)),
        ("dates", &timetable.dates.len()),
        ("buses", &findings.fleet.vehicles.len()),
        ("stops", &findings.dataset.stops.len()),
        ("slot", &rules.slot_minutes),
        ("pause", &rules.pause_minutes),
        ("shift", &rules.shift_hours),
        ("dwell", &rules.dwell_minutes),
        ("drive", &writer.say(streets, &[("speed", &rules.speed_kmh)])),
    ];
    let mut lines = vec![format!("# {title}"), String::new(), writer.say("schedule.asked", &asked), String::new()];
    if writer.published.is_some() {
        lines.extend(crate::output::report::notes_of_release(writer));
        lines.extend(timetable.days.iter().flat_map(|day| plan(writer, day)));
        lines.push(String::new());
        return lines.join("\n");
    }
    lines.extend([writer.say("schedule.days.head", &[]), rule(8, &[1, 2, 3, 4, 5, 6, 7])]);
    for (number, day) in timetable.days.iter().enumerate() {
        let dates = timetable.dates_of(number);
        let milli = |value: i64| writer.amount(Weight::from_milli(value.max(0) as u64));
        lines.push(row(&[
            day_name(writer, day),
            dates.to_string(),
            writer.amount(day.served),
            writer.amount(day.outside),
            writer.amount(day.default_served),
            milli(day.value),
            milli(day.bound),
            if day.proved { writer.say("schedule.optimal", &[]) } else { format!("{:.1} %", day.optimality_gap() * 100.0) },
        ]));
    }
    lines.push(String::new());
    lines.push(writer.say("schedule.bound", &[]));
    lines.extend(faults(writer));
    for day in &timetable.days {
        lines.extend(plan(writer, day));
    }
    if !findings.reinforcements.is_empty() {
        lines.extend([
            String::new(),
            writer.say("schedule.staff", &[("n", &findings.reinforcements.len()), ("load", &(rules.reinforce_above * 100.0))]),
        ]);
    }
    let dates =
        timetable.dates.first().zip(timetable.dates.last()).map(|((from, _), (to, _))| format!("--from {from} --to {to}"));
    let next: [(&str, &dyn Display); 2] = [("path", &scenario.path.display()), ("dates", &dates.unwrap_or_default())];
    lines.extend([String::new(), writer.say("schedule.next", &next), String::new()]);
    lines.join("\n")
}

/// How many faults the inputs have; those of orders and dates, and of buses and stops that were left out, one by one.
fn faults(writer: Writer<'_>) -> Vec<String> {
    let (issues, file) = (writer.findings.issues.rows(), &writer.scenario.file);
    let points = |points: &Option<crate::scenario::file::PointFile>| points.as_ref().map(|points| points.file.clone());
    let own = [file.mobile.orders.clone(), file.mobile.previous.clone(), points(&file.vehicles), points(&file.bus_stops)];
    let is_own = |issue: &&Issue| own.iter().flatten().any(|name| *name == issue.file) || issue.problem.code() == "B012";
    let told: Vec<&Issue> = issues.iter().filter(is_own).collect();
    let key = if told.is_empty() { "schedule.issues.count" } else { "schedule.issues" };
    let mut lines = vec![String::new(), writer.say(key, &[("n", &issues.len())])];
    lines.extend(told.into_iter().map(|issue| format!("- {}", issue.line(writer.lang))));
    lines
}

/// A plan's day in words: a date, or a kind of day.
pub(super) fn day_name(writer: Writer<'_>, day: &PlannedDay) -> String {
    day.only.map_or_else(|| writer.day(day.kind), |date| format!("{date} ({})", writer.day(day.kind)))
}

/// Where each bus stands on a day.
fn plan(writer: Writer<'_>, day: &PlannedDay) -> Vec<String> {
    let findings = writer.findings;
    let mut lines = vec![String::new(), format!("## {}", day_name(writer, day)), String::new()];
    let figures = writer.published.is_none();
    lines.extend([writer.say("schedule.plan.head", &[]), rule(if figures { 4 } else { 3 }, &[3])]);
    for stand in &day.stands {
        let mut cells = vec![
            findings.fleet.vehicles[stand.vehicle].id.clone(),
            findings.dataset.stops[stand.stop].name.clone(),
            format!("{}–{}", clock(stand.from), clock(stand.to)),
        ];
        cells.extend(figures.then(|| writer.amount(stand.served)));
        lines.push(row(&cells));
    }
    for longer in &day.longer_hours {
        let arguments: [(&str, &dyn Display); 5] = [
            ("stop", &findings.dataset.stops[longer.stop].name),
            ("from", &longer.from),
            ("to", &longer.to),
            ("station", &findings.dataset.sites[longer.station].name),
            ("visits", &writer.amount(longer.visits)),
        ];
        lines.extend([String::new(), writer.say("summary.buses.hours", &arguments)]);
    }
    lines
}
