//! What to open or upgrade, how good that is at least, and what it does to the ladder.

use super::words::Writer;
use super::words::clock;
use super::{Lines, heading, row, rule};
use crate::coverage::{RUNG_IDS, Steps};
use crate::findings::StandardLadder;
use crate::quantity::Weight;
use crate::siting::{Action, At, Recommendation, SitingReport};

pub(super) fn section(writer: Writer<'_>) -> Lines {
    let mut lines = heading(writer, "summary.plan");
    let Some(siting) = &writer.findings.siting else {
        lines.push(writer.say("summary.plan.none", &[]));
        return lines;
    };
    lines.extend(result(writer, siting));
    lines.extend([String::new(), writer.say("summary.plan.head", &[]), rule(7, &[0, 3, 4])]);
    let measure = |(number, recommendation)| table_row(writer, number, recommendation);
    lines.extend(siting.recommendations.iter().enumerate().map(measure));
    lines.extend([String::new(), certificate(writer, siting)]);
    lines.extend(beside(writer, siting));
    lines.extend(ladders(writer));
    lines
}

/// How much better than the plan anything can be.
pub(crate) fn certificate(writer: Writer<'_>, siting: &SitingReport) -> String {
    let arguments: [(&str, &dyn std::fmt::Display); 3] = [
        // One decimal, also of counts: a bound that is rounded down would be none.
        ("bound", &writer.number(siting.bound.visits(), 1)),
        ("added", &writer.visits(siting.added)),
        ("gap", &format!("{:.1} %", siting.optimality_gap * 100.0)),
    ];
    let key = if siting.added == siting.bound { "summary.plan.proved" } else { "summary.plan.bound" };
    writer.say(key, &arguments)
}

fn result(writer: Writer<'_>, siting: &SitingReport) -> Lines {
    let after = siting.covered_before + siting.added;
    let share = writer.percent(after, siting.total);
    if writer.untimed() {
        let arguments: [(&str, &dyn std::fmt::Display); 5] = [
            ("n", &siting.recommendations.len()),
            ("after", &writer.visits(after)),
            ("total", &writer.visits(siting.total)),
            ("share", &share),
            ("before", &writer.visits(siting.covered_before)),
        ];
        return vec![writer.say("summary.plan.count", &arguments)];
    }
    let arguments: [(&str, &dyn std::fmt::Display); 6] = [
        ("n", &siting.recommendations.len()),
        ("added", &writer.amount(siting.added)),
        ("before", &writer.visits(siting.covered_before)),
        ("after", &writer.visits(after)),
        ("share", &share),
        ("total", &writer.amount(siting.total)),
    ];
    let [from, to] = writer.scenario.file.siting.fixed_serves;
    let how = writer.say("summary.plan.how", &[("from", &from), ("to", &to)]);
    vec![writer.say("summary.plan.intro", &arguments), String::new(), how]
}

fn table_row(writer: Writer<'_>, number: usize, recommendation: &Recommendation) -> String {
    let sites = &writer.findings.dataset.sites;
    let nearest = recommendation.nearest_before.map_or(String::new(), |(site, straight, path)| {
        let station = &sites[site].name;
        let path = path.map_or_else(|| writer.say("summary.no_path", &[]), |m| writer.number(m, 0) + " m");
        writer.say("summary.plan.nearest", &[("station", station), ("metres", &writer.number(straight, 0)), ("path", &path)])
    });
    let nearest = if matches!(recommendation.at, At::Station(_)) { "–".into() } else { nearest };
    let runner = recommendation.runner_ups.first().map_or("–".into(), |&(at, loss)| {
        writer.say("summary.plan.runner", &[("place", &place(writer, at)), ("loss", &writer.visits(loss))])
    });
    row(&[
        (number + 1).to_string(),
        writer.word("action", recommendation.action.id()),
        place(writer, recommendation.at),
        match recommendation.action {
            Action::Close if recommendation.loss > Weight::ZERO => format!("-{}", writer.amount(recommendation.loss)),
            _ => writer.amount(recommendation.gain),
        },
        format!("{:.1} %", recommendation.cumulative.percent()),
        nearest,
        runner,
    ])
}

/// Name of a place, with the candidate's id where that says more.
fn place(writer: Writer<'_>, at: At) -> String {
    let dataset = &writer.findings.dataset;
    match at {
        At::Station(site) => dataset.sites[site].name.clone(),
        At::Stop { stop, from, to } => {
            let arguments: [(&str, &dyn std::fmt::Display); 3] = [
                ("place", &dataset.stops[stop].name),
                ("from", &clock(u16::from(from) * 60)),
                ("to", &clock(u16::from(to) * 60)),
            ];
            writer.say("summary.plan.window", &arguments)
        }
        At::Candidate(row) => {
            let candidate = &dataset.candidates[row];
            if candidate.name == candidate.id { candidate.id.clone() } else { format!("{} {}", candidate.id, candidate.name) }
        }
    }
}

/// What is known beside the plan: closures, candidates left out, price of minima, knee, core, phases, single days.
fn beside(writer: Writer<'_>, siting: &SitingReport) -> Lines {
    let mut lines = vec![String::new()];
    let closed: Vec<&Recommendation> = siting.recommendations.iter().filter(|r| r.action == Action::Close).collect();
    if !closed.is_empty() {
        let loss = closed.iter().map(|r| r.loss).sum();
        lines.push(writer.say("summary.plan.closes", &[("n", &closed.len()), ("loss", &writer.amount(loss))]));
    }
    let mobile: Vec<String> =
        siting.recommendations.iter().filter(|r| r.action == Action::Mobile).map(|r| place(writer, r.at)).collect();
    if !mobile.is_empty() {
        lines.push(writer.say("summary.plan.mobile", &[("n", &mobile.len()), ("windows", &writer.list(&mobile))]));
    }
    let left_out = siting.excluded;
    if left_out.forbidden > 0 {
        let arguments: [(&str, &dyn std::fmt::Display); 4] = [
            ("candidates", &left_out.candidates),
            ("venue", &left_out.venue),
            ("forbidden", &left_out.forbidden),
            ("near", &left_out.near),
        ];
        lines.push(writer.say("summary.plan.excluded", &arguments));
    }
    if let Some(price) = siting.price_of_minima {
        let share = writer.percent(price, siting.added + price);
        lines.push(writer.say("summary.plan.minima", &[("price", &writer.amount(price)), ("share", &share)]));
        if siting.curve.is_some() || !siting.phases.is_empty() {
            lines.push(writer.say("summary.plan.free", &[]));
        }
    }
    lines.extend(knee(writer, siting));
    lines.extend(core(writer, siting));
    for (number, phase) in siting.phases.iter().enumerate() {
        // Rounded down, so that "at least" holds.
        let share = format!("{:.1} %", (phase.added.share_of(phase.best).get() * 1000.0).floor() / 10.0);
        let arguments: [(&str, &dyn std::fmt::Display); 4] =
            [("n", &(number + 1)), ("upto", &phase.measures), ("added", &writer.amount(phase.added)), ("share", &share)];
        lines.push(writer.say("summary.plan.phase", &arguments));
    }
    for day in &siting.days {
        let arguments: [(&str, &dyn std::fmt::Display); 6] = [
            ("day", &writer.day(day.day)),
            ("added", &writer.amount(day.added)),
            ("bound", &writer.number(day.bound.visits(), 1)),
            ("of_plan", &writer.amount(day.of_plan)),
            ("common", &day.common),
            ("n", &day.measures.len()),
        ];
        lines.push(writer.say("summary.plan.day", &arguments));
    }
    if lines.len() == 1 { Vec::new() } else { lines }
}

fn knee(writer: Writer<'_>, siting: &SitingReport) -> Option<String> {
    let curve = siting.curve.as_ref()?;
    let knee = curve.knee?;
    let added = curve.points.iter().find(|point| point.measures == knee)?.added;
    let share = writer.percent(siting.covered_before + added, siting.total);
    Some(writer.say("summary.plan.knee", &[("n", &knee), ("share", &share)]))
}

fn core(writer: Writer<'_>, siting: &SitingReport) -> Option<String> {
    let stability = siting.stability.as_ref()?;
    let (core, optional): (Vec<&Recommendation>, Vec<&Recommendation>) =
        siting.recommendations.iter().partition(|r| stability.is_core(r.chosen.unwrap_or(0)));
    let one = |r: &&Recommendation| {
        let share = format!("{:.0} %", f64::from(r.chosen.unwrap_or(0)) / f64::from(stability.runs) * 100.0);
        writer.say("summary.plan.optional", &[("place", &place(writer, r.at)), ("share", &share)])
    };
    let named: Vec<String> = optional.iter().map(one).collect();
    let optional = if named.is_empty() { "–".to_owned() } else { writer.list(&named) };
    let arguments: [(&str, &dyn std::fmt::Display); 3] =
        [("runs", &stability.runs), ("core", &core.len()), ("optional", &optional)];
    Some(writer.say("summary.plan.core", &arguments))
}

/// The ladder of each standard today and after each step.
fn ladders(writer: Writer<'_>) -> Lines {
    let findings = writer.findings;
    if findings.after.is_empty() {
        return Vec::new();
    }
    let day = writer.scenario.planning_day;
    let rungs: Vec<String> = RUNG_IDS.iter().map(|id| writer.word("rung", id)).collect();
    let mut lines = vec![String::new(), writer.say("summary.after", &[("day", &writer.day(day))]), String::new()];
    lines.extend([writer.say("summary.after.head", &[("rungs", &rungs.join(" | "))]), rule(7, &[2, 3, 4, 5, 6])]);
    for (number, today) in findings.ladders.iter().enumerate() {
        let stages = findings.after.iter().map(|after| (after.step, &after.ladders[number]));
        for (stage, ladder) in std::iter::once(("now", today)).chain(stages) {
            lines.push(stage_row(writer, stage, ladder, ladder.ladder.day(day)));
        }
    }
    lines
}

fn stage_row(writer: Writer<'_>, stage: &str, ladder: &StandardLadder, steps: Steps) -> String {
    let radius = writer.number(ladder.standard.limit(writer.scenario.planning_day.season).metres(), 0);
    let mut cells = vec![
        format!("{}@{} ({radius} m)", ladder.standard.id, ladder.standard.version),
        writer.say(&format!("summary.after.{stage}"), &[]),
    ];
    cells.extend(steps.covered.map(|covered| writer.percent(covered, steps.demand)));
    row(&cells)
}
