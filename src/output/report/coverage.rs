//! The ladder of each standard, the check against published use, fairness, and the mean distance.

use super::words::Writer;
use super::{Lines, heading, row, rule};
use crate::coverage::{RUNG_IDS, Steps};
use crate::findings::StandardLadder;
use crate::gap::GapCause;

pub(super) fn section(writer: Writer<'_>) -> Lines {
    let mut lines = heading(writer, "summary.coverage");
    for ladder in &writer.findings.ladders {
        lines.extend(standard(writer, ladder));
        lines.push(String::new());
    }
    lines.extend(checks(writer));
    lines
}

fn standard(writer: Writer<'_>, ladder: &StandardLadder) -> Lines {
    let day = writer.scenario.planning_day;
    let mut lines = vec![
        writer.say(
            "summary.standard",
            &[
                ("pack", &ladder.standard.id),
                ("version", &ladder.standard.version),
                ("radius", &writer.number(ladder.standard.limit(day.season).metres(), 0)),
                ("day", &writer.day(day)),
            ],
        ),
        String::new(),
    ];
    let steps = ladder.ladder.day(day);
    let home = ladder.ladder.sum(|row| row.day == day && row.in_area);
    let home = writer.findings.dataset.area.home.as_ref().map(|_| home);
    if writer.untimed() {
        let counted = [
            ("covered", &writer.visits(steps.covered[1]) as &dyn std::fmt::Display),
            ("demand", &writer.visits(steps.demand)),
            ("share", &writer.percent(steps.covered[1], steps.demand)),
        ];
        lines.extend([writer.say("summary.counted", &counted), String::new()]);
    }
    lines.extend(table(writer, steps, home));
    lines
}

fn table(writer: Writer<'_>, steps: Steps, home: Option<Steps>) -> Lines {
    let key = if home.is_some() { "summary.ladder.head.home" } else { "summary.ladder.head" };
    let columns = if home.is_some() { 5 } else { 3 };
    let cells = |name: String, pick: &dyn Fn(&Steps) -> crate::quantity::Weight| {
        let mut cells = vec![name, writer.amount(pick(&steps)), writer.percent(pick(&steps), steps.demand)];
        if let Some(home) = &home {
            cells.extend([writer.amount(pick(home)), writer.percent(pick(home), home.demand)]);
        }
        row(&cells)
    };
    let mut lines = vec![writer.say(key, &[]), rule(columns, &[1, 2, 3, 4])];
    lines.push(cells(writer.say("summary.ladder.all", &[]), &|steps| steps.demand));
    for (rung, id) in RUNG_IDS.into_iter().enumerate() {
        lines.push(cells(writer.word("rung", id), &|steps| steps.covered[rung]));
    }
    lines
}

fn checks(writer: Writer<'_>) -> Lines {
    let findings = writer.findings;
    let mut lines = Vec::new();
    if findings.dataset.streets.is_some() {
        let steps = findings.ladders[0].ladder.day(writer.scenario.planning_day);
        let lost = steps.covered[0].saturating_sub(steps.covered[1]);
        let day = writer.scenario.planning_day;
        let hidden = findings.gaps.iter().filter(|gap| gap.gap.day == day && gap.gap.cause == GapCause::Barrier);
        let arguments: [(&str, &dyn std::fmt::Display); 3] = [
            ("visits", &writer.amount(lost)),
            ("share", &writer.percent(lost, steps.demand)),
            ("gaps", &writer.count(hidden.count())),
        ];
        lines.push(format!("- {}", writer.say("summary.by_street", &arguments)));
    }
    if !writer.untimed() {
        let [low, high] = writer.scenario.file.demand.calibration;
        let inside = (low..=high).contains(&findings.served_per_station);
        let verdict = if inside { "summary.calibration.inside" } else { "summary.calibration.outside" };
        let visits = writer.number(findings.served_per_station, 1);
        let verdict = writer.say(verdict, &[]);
        let arguments: [(&str, &dyn std::fmt::Display); 4] =
            [("visits", &visits), ("low", &low), ("high", &high), ("verdict", &verdict)];
        lines.push(format!("- {}", writer.say("summary.calibration", &arguments)));
    }
    if let Some(equity) = &findings.equity {
        let arguments: [(&str, &dyn std::fmt::Display); 3] = [
            ("units", &equity.units),
            ("gini", &format!("{:.2}", equity.gini)),
            ("lowest", &format!("{:.1} %", equity.lowest * 100.0)),
        ];
        lines.push(format!("- {}", writer.say("summary.equity", &arguments)));
    }
    if let Some(metres) = findings.mean_nearest_m {
        lines.push(format!("- {}", writer.say("summary.nearest", &[("metres", &format!("{metres:.2}"))])));
    }
    lines
}
