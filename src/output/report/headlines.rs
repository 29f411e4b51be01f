//! The findings in a handful of sentences: covered, missing, too close, to open, where the buses serve most.

use super::words::Writer;
use super::{Lines, heading};
use crate::gap::AdvisedGap;
use crate::mobile::PlannedDay;
use crate::quantity::Weight;

/// The sentences as a list under a heading.
pub(super) fn section(writer: Writer<'_>) -> Lines {
    let mut lines = heading(writer, "headline");
    lines.extend(headlines(writer).into_iter().map(|sentence| format!("- {sentence}")));
    lines
}

/// What was found: of what, when, at what radius.
pub(crate) fn headlines(writer: Writer<'_>) -> Vec<String> {
    let parts = [Some(coverage(writer)), Some(gaps(writer)), Some(close(writer)), plan(writer), buses(writer)];
    parts.into_iter().flatten().collect()
}

fn coverage(writer: Writer<'_>) -> String {
    let day = writer.scenario.planning_day;
    let figures = writer.figures(0, "today", day);
    let key = if writer.untimed() { "headline.coverage.count" } else { "headline.coverage" };
    writer.say(
        key,
        &[
            ("day", &writer.day(day)),
            ("radius", &writer.number(writer.scenario.standard.limit(day.season).metres(), 0)),
            ("demand", &writer.or_withheld(figures[0].map(|demand| writer.amount(demand)))),
            ("path", &writer.share(&figures, 2)),
            ("open", &writer.share(&figures, 3)),
        ],
    )
}

fn gaps(writer: Writer<'_>) -> String {
    let day = writer.scenario.planning_day;
    let of_day: Vec<&AdvisedGap> =
        writer.findings.gaps.iter().filter(|gap| gap.gap.day == day && gap.gap.cause.is_place()).collect();
    let Some(worst) = of_day.first() else { return writer.say("headline.gaps.none", &[]) };
    if worst.gap.severity == Weight::ZERO {
        return writer.say("headline.gaps.withheld", &[("n", &of_day.len())]);
    }
    writer.say(
        "headline.gaps",
        &[
            ("n", &of_day.len()),
            ("visits", &writer.amount(worst.gap.severity)),
            ("lon", &format!("{:.4}", worst.centre.lon())),
            ("lat", &format!("{:.4}", worst.centre.lat())),
            ("cause", &writer.word("cause", worst.gap.cause.id())),
        ],
    )
}

fn close(writer: Writer<'_>) -> String {
    let overlaps = &writer.findings.overlaps;
    if overlaps.is_empty() {
        return writer.say("headline.close.none", &[("review", &writer.number(writer.scenario.file.overlap.review_m, 0))]);
    }
    let redundant = overlaps.iter().filter(|pair| pair.keep.is_some()).count();
    let review = writer.number(writer.scenario.file.overlap.review_m, 0);
    writer.say("headline.close", &[("n", &overlaps.len()), ("review", &review), ("redundant", &redundant)])
}

fn plan(writer: Writer<'_>) -> Option<String> {
    let siting = writer.findings.siting.as_ref()?;
    if writer.published.is_some_and(|published| !published.plan) {
        return Some(writer.say("headline.plan.withheld", &[("n", &siting.recommendations.len())]));
    }
    let after = siting.covered_before + siting.added;
    let sure = if siting.added == siting.bound {
        writer.say("headline.proved", &[])
    } else {
        writer.say("headline.gap", &[("gap", &format!("{:.1} %", siting.optimality_gap * 100.0))])
    };
    Some(writer.say(
        "headline.plan",
        &[
            ("n", &siting.recommendations.len()),
            ("added", &writer.amount(siting.added)),
            ("before", &writer.percent(siting.covered_before, siting.total)),
            ("after", &writer.percent(after, siting.total)),
            ("sure", &sure),
        ],
    ))
}

/// The day on which the buses serve most.
fn buses(writer: Writer<'_>) -> Option<String> {
    let best: &PlannedDay = writer.findings.timetable.days.iter().rev().max_by_key(|day| day.served)?;
    if writer.published.is_some() && best.served == Weight::ZERO {
        return None;
    }
    Some(writer.say(
        "headline.buses",
        &[
            ("day", &writer.day(best.kind)),
            ("served", &writer.amount(best.served)),
            ("default", &writer.amount(best.default_served)),
        ],
    ))
}
