//! Where the buses stand on each peak day, against leaving them where they are.

use super::words::{Writer, clock};
use super::{Lines, heading, row, rule};
use crate::mobile::PlannedDay;

pub(super) fn section(writer: Writer<'_>) -> Lines {
    if writer.findings.timetable.days.is_empty() {
        return Vec::new();
    }
    let mut lines = heading(writer, "summary.buses");
    for (number, buses) in writer.findings.timetable.days.iter().enumerate() {
        if number > 0 {
            lines.push(String::new());
        }
        lines.extend(day(writer, buses));
    }
    lines
}

fn day(writer: Writer<'_>, buses: &PlannedDay) -> Lines {
    let network = writer.say(
        "summary.with_share",
        &[("n", &writer.amount(buses.network_served)), ("share", &writer.percent(buses.network_served, buses.demand))],
    );
    let quality = if buses.proved {
        writer.say("schedule.optimal", &[])
    } else {
        writer.say("schedule.at_most", &[("gap", &format!("{:.1} %", buses.optimality_gap() * 100.0))])
    };
    let arguments: [(&str, &dyn std::fmt::Display); 7] = [
        ("day", &writer.day(buses.kind)),
        ("demand", &writer.amount(buses.demand)),
        ("network", &network),
        ("n", &buses.stands.len()),
        ("served", &writer.amount(buses.served)),
        ("default", &writer.amount(buses.default_served)),
        ("gap", &quality),
    ];
    let mut lines = vec![writer.say("summary.buses.day", &arguments), String::new()];
    lines.extend([writer.say("summary.buses.head", &[]), rule(5, &[0, 3])]);
    for window in &buses.stands {
        let stop = &writer.findings.dataset.stops[window.stop];
        lines.push(row(&[
            writer.findings.fleet.vehicles[window.vehicle].id.clone(),
            stop.name.clone(),
            format!("{}–{}", clock(window.from), clock(window.to)),
            writer.amount(window.served),
            stop.approving_unit.clone(),
        ]));
    }
    if !buses.longer_hours.is_empty() {
        lines.push(String::new());
    }
    for longer in &buses.longer_hours {
        let arguments: [(&str, &dyn std::fmt::Display); 5] = [
            ("stop", &writer.findings.dataset.stops[longer.stop].name),
            ("from", &longer.from),
            ("to", &longer.to),
            ("station", &writer.findings.dataset.sites[longer.station].name),
            ("visits", &writer.amount(longer.visits)),
        ];
        lines.push(writer.say("summary.buses.hours", &arguments));
    }
    lines
}
