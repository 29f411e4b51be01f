//! The worst gaps of the planning day with what to do, and a line for each other day.

use super::words::Writer;
use super::{Lines, heading, row, rule};
use crate::calendar::DayKind;
use crate::gap::AdvisedGap;

/// Gaps in the table.
const WORST: usize = 5;
/// Gaps named of another day, and stations named that fail to serve.
const FIRST: usize = 3;

pub(super) fn section(writer: Writer<'_>) -> Lines {
    let mut lines = heading(writer, "summary.gaps");
    let day = writer.scenario.planning_day;
    let places = of_day(writer, day, true);
    let worst = &places[..places.len().min(WORST)];
    if worst.is_empty() {
        lines.push(writer.say("summary.gaps.none", &[]));
    } else {
        let arguments: [(&str, &dyn std::fmt::Display); 4] = [
            ("day", &writer.day(day)),
            ("radius", &radius(writer, day)),
            ("n", &writer.count(places.len())),
            ("shown", &worst.len()),
        ];
        lines.extend([writer.say("summary.gaps.intro", &arguments), String::new()]);
        lines.extend([writer.say("summary.gaps.head", &[]), rule(10, &[0, 1, 5, 6, 9])]);
        lines.extend(worst.iter().map(|gap| table_row(writer, gap)));
    }
    if let Some(failing) = failing(writer, day) {
        lines.extend([String::new(), failing]);
    }
    let others: Vec<DayKind> = writer.scenario.days.iter().copied().filter(|&other| other != day).collect();
    if !others.is_empty() {
        lines.push(String::new());
    }
    lines.extend(others.into_iter().map(|other| other_day(writer, other)));
    lines
}

fn of_day<'a>(writer: Writer<'a>, day: DayKind, place: bool) -> Vec<&'a AdvisedGap> {
    let gaps = writer.findings.gaps.iter();
    gaps.filter(|gap| gap.gap.day == day && gap.gap.cause.is_place() == place).collect()
}

fn radius(writer: Writer<'_>, day: DayKind) -> String {
    writer.number(writer.scenario.standard.limit(day.season).metres(), 0)
}

fn table_row(writer: Writer<'_>, advised: &AdvisedGap) -> String {
    let gap = &advised.gap;
    let findings = writer.findings;
    let metres = |m: f64| format!("{} m", writer.number(m, 0));
    let (station, straight, path) = match advised.nearest {
        None => (String::new(), String::new(), String::new()),
        Some((site, straight, path)) => {
            let path = path.map_or_else(|| writer.say("summary.no_path", &[]), metres);
            (findings.dataset.sites[site].name.clone(), metres(straight), path)
        }
    };
    let group = writer.group(&findings.cube, gap.top_group());
    let slot = writer.word("slot", gap.worst_slot().id());
    let who = if writer.untimed() { "–".into() } else { writer.say("summary.who", &[("group", &group), ("slot", &slot)]) };
    let cost = match advised.cost {
        None => writer.say("summary.no_price", &[]),
        Some([low, high]) if low == high => writer.number(low, 0),
        Some([low, high]) => writer.say("summary.cost", &[("low", &writer.number(low, 0)), ("high", &writer.number(high, 0))]),
    };
    row(&[
        gap.rank.to_string(),
        writer.amount(gap.severity),
        writer.word("cause", gap.cause.id()),
        format!("{:.5}, {:.5}", advised.centre.lon(), advised.centre.lat()),
        station,
        straight,
        path,
        who,
        suggestion(writer, advised),
        cost,
    ])
}

/// The action, and the service type when one is called for.
fn suggestion(writer: Writer<'_>, advised: &AdvisedGap) -> String {
    let action = writer.word("action", advised.action);
    if advised.service == "generic" || advised.kind.is_none() {
        return action;
    }
    writer.say("summary.suggestion", &[("action", &action), ("service", &writer.word("service", &advised.service))])
}

/// Stations that are reached but don't serve.
fn failing(writer: Writer<'_>, day: DayKind) -> Option<String> {
    let gaps = of_day(writer, day, false);
    let item = |advised: &&AdvisedGap| {
        let station = advised.gap.station.map_or("", |site| &writer.findings.dataset.sites[site].name);
        let cause = writer.word("cause", advised.gap.cause.id());
        let action = writer.word("action", advised.action);
        let visits = writer.amount(advised.gap.severity);
        let arguments: [(&str, &dyn std::fmt::Display); 4] =
            [("station", &station), ("cause", &cause), ("visits", &visits), ("action", &action)];
        writer.say("summary.gaps.service.item", &arguments)
    };
    let items: Vec<String> = gaps.iter().take(FIRST).map(item).collect();
    let arguments: [(&str, &dyn std::fmt::Display); 3] =
        [("n", &gaps.len()), ("day", &writer.day(day)), ("stations", &writer.clauses(&items))];
    (!items.is_empty()).then(|| writer.say("summary.gaps.service", &arguments))
}

fn other_day(writer: Writer<'_>, day: DayKind) -> String {
    let item = |advised: &&AdvisedGap| {
        writer.say(
            "summary.gaps.other.item",
            &[
                ("rank", &advised.gap.rank),
                ("cause", &writer.word("cause", advised.gap.cause.id())),
                ("visits", &writer.amount(advised.gap.severity)),
                ("lon", &format!("{:.5}", advised.centre.lon())),
                ("lat", &format!("{:.5}", advised.centre.lat())),
                ("action", &writer.word("action", advised.action)),
            ],
        )
    };
    let items: Vec<String> = of_day(writer, day, true).iter().take(FIRST).map(item).collect();
    let gaps = if items.is_empty() { writer.say("summary.gaps.none", &[]) } else { writer.clauses(&items) };
    let arguments: [(&str, &dyn std::fmt::Display); 4] =
        [("day", &writer.day(day)), ("radius", &radius(writer, day)), ("n", &items.len()), ("gaps", &gaps)];
    writer.say("summary.gaps.other", &arguments)
}
