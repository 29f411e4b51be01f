//! Where the buses stand on each peak day, against leaving them where they are.

use super::words::Writer;
use super::{Lines, heading, row, rule};
use crate::findings::BusDay;

pub(super) fn section(writer: Writer<'_>) -> Lines {
    if writer.findings.buses.is_empty() {
        return Vec::new();
    }
    let mut lines = heading(writer, "summary.buses");
    for (number, buses) in writer.findings.buses.iter().enumerate() {
        if number > 0 {
            lines.push(String::new());
        }
        lines.extend(day(writer, buses));
    }
    lines
}

fn day(writer: Writer<'_>, buses: &BusDay) -> Lines {
    let plan = &buses.plan;
    let network = writer.say(
        "summary.with_share",
        &[("n", &writer.amount(buses.network_served)), ("share", &writer.percent(buses.network_served, buses.demand))],
    );
    let arguments: [(&str, &dyn std::fmt::Display); 7] = [
        ("day", &writer.day(plan.day)),
        ("demand", &writer.amount(buses.demand)),
        ("network", &network),
        ("n", &plan.windows.len()),
        ("served", &writer.amount(plan.served)),
        ("default", &writer.amount(buses.default_served)),
        ("bound", &writer.amount(plan.bound)),
    ];
    let mut lines = vec![writer.say("summary.buses.day", &arguments), String::new()];
    lines.extend([writer.say("summary.buses.head", &[]), rule(5, &[0, 3])]);
    for (number, window) in plan.windows.iter().enumerate() {
        let stop = &writer.findings.dataset.stops[window.stop];
        lines.push(row(&[
            (number + 1).to_string(),
            stop.name.clone(),
            format!("{:02}:00–{:02}:00", window.from, window.to),
            writer.amount(window.served),
            stop.approving_unit.clone(),
        ]));
    }
    if !plan.longer_hours.is_empty() {
        lines.push(String::new());
    }
    for longer in &plan.longer_hours {
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
