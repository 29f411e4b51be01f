//! The summary for the public: the same findings with the figures that may be told, and what is withheld said so.

use super::words::{Writer, clock};
use super::{Lines, asked_sentence, heading, headlines, notes_of_release, row, rule};
use crate::coverage::RUNG_IDS;
use crate::gap::AdvisedGap;
use crate::output::disclosure::{CoverageRow, Figures, Published, Scope};
use crate::overlap::Overlap;
use crate::quantity::Weight;
use crate::siting::{At, Recommendation};

/// The summary as Markdown.
pub(super) fn summary(writer: Writer<'_>, published: &Published) -> String {
    let title = writer.say("summary.title", &[("title", &writer.pick(&writer.scenario.file.title))]);
    let mut lines = vec![format!("# {title}"), String::new()];
    lines.extend(notes_of_release(writer));
    lines.extend([String::new(), asked_sentence(writer)]);
    lines.extend(headlines::section(writer));
    lines.extend(coverage(writer, published));
    lines.extend(gaps(writer));
    lines.extend(pairs(writer));
    lines.extend(plan(writer));
    lines.extend(buses(writer));
    lines.push(String::new());
    lines.join("\n")
}

/// Figures as cells: all demand, then the share covered on each rung.
fn cells(writer: Writer<'_>, name: String, figures: &Figures) -> String {
    let mut cells = vec![name, writer.or_withheld(figures[0].map(|demand| writer.visits(demand)))];
    cells.extend((1..figures.len()).map(|at| writer.share(figures, at)));
    row(&cells)
}

/// The planning day: every standard, today and after each step; then areas, slots and groups by the main standard.
fn coverage(writer: Writer<'_>, published: &Published) -> Lines {
    let day = writer.scenario.planning_day;
    let mut lines = heading(writer, "summary.coverage");
    let rungs: Vec<String> = RUNG_IDS.iter().map(|id| writer.word("rung", id)).collect();
    lines.push(writer.say("public.coverage.intro", &[("day", &writer.day(day))]));
    let of_day = |row: &&CoverageRow| row.day == day;
    let head = writer.say("public.coverage.head", &[("rungs", &rungs.join(" | "))]);
    lines.extend([String::new(), head, rule(7, &[1, 2, 3, 4, 5, 6])]);
    let (told, hidden): (Vec<_>, Vec<_>) = published.coverage.iter().filter(of_day).partition(|row| row.told());
    lines.extend(told.into_iter().map(|row| cells(writer, name(writer, row), &row.figures)));
    if !hidden.is_empty() {
        lines.extend([String::new(), writer.say("public.coverage.hidden", &[("n", &hidden.len())])]);
    }
    lines
}

/// What a row is about.
fn name(writer: Writer<'_>, row: &CoverageRow) -> String {
    let standard = &writer.findings.ladders[row.standard].standard;
    match row.scope {
        Scope::All => {
            let stage = if row.stage == "today" { "now" } else { row.stage };
            let stage = writer.say(&format!("summary.after.{stage}"), &[]);
            let radius = writer.number(standard.limit(row.day.season).metres(), 0);
            format!("{}@{} ({radius} m), {stage}", standard.id, standard.version)
        }
        Scope::Home => writer.say("public.home", &[]),
        Scope::Unit(unit) => writer.findings.dataset.area.units[unit.get()].name.clone(),
        Scope::Group(group) => writer.group(&writer.findings.cube, Some(group)),
        Scope::Slot(slot) => format!("{} ({})", writer.word("slot", slot.id()), slot.clock()),
    }
}

/// Gaps of every studied day; a severity that is withheld is a dash.
fn gaps(writer: Writer<'_>) -> Lines {
    let mut lines = heading(writer, "summary.gaps");
    let findings = writer.findings;
    if findings.gaps.is_empty() {
        lines.push(writer.say("summary.gaps.none", &[]));
        return lines;
    }
    lines.extend([writer.say("public.gaps.intro", &[]), String::new()]);
    lines.extend([writer.say("public.gaps.head", &[]), rule(7, &[1, 2])]);
    let line = |advised: &AdvisedGap| {
        let severity = Some(advised.gap.severity).filter(|severity| *severity > Weight::ZERO);
        row(&[
            writer.day(advised.gap.day),
            advised.gap.rank.to_string(),
            writer.or_withheld(severity.map(|severity| writer.amount(severity))),
            writer.word("cause", advised.gap.cause.id()),
            format!("{:.4}, {:.4}", advised.centre.lon(), advised.centre.lat()),
            advised.nearest.map_or_else(String::new, |(site, ..)| findings.dataset.sites[site].name.clone()),
            writer.word("action", advised.action),
        ])
    };
    lines.extend(findings.gaps.iter().map(line));
    lines
}

/// Pairs that are redundant.
fn pairs(writer: Writer<'_>) -> Lines {
    let findings = writer.findings;
    let redundant: Vec<&Overlap> = findings.overlaps.iter().filter(|pair| pair.evidence.redundant()).collect();
    let mut lines = heading(writer, "summary.close");
    if redundant.is_empty() {
        lines.push(writer.say("summary.redundant.none", &[]));
        return lines;
    }
    let sites = &findings.dataset.sites;
    let line = |pair: &&Overlap| {
        let arguments: [(&str, &dyn std::fmt::Display); 3] =
            [("a", &sites[pair.a].name), ("b", &sites[pair.b].name), ("metres", &writer.number(pair.straight_m, 0))];
        writer.say("public.pair", &arguments)
    };
    lines.extend([writer.say("public.pairs", &[("n", &redundant.len())]), String::new()]);
    lines.extend(redundant.iter().map(line));
    lines
}

/// What to open, in the order of the plan.
fn plan(writer: Writer<'_>) -> Lines {
    let mut lines = heading(writer, "summary.plan");
    let Some(siting) = &writer.findings.siting else {
        lines.push(writer.say("summary.plan.none", &[]));
        return lines;
    };
    let line = |(number, recommendation): (usize, &Recommendation)| {
        let dataset = &writer.findings.dataset;
        let place = match recommendation.at {
            At::Candidate(row) => &dataset.candidates[row].name,
            At::Station(site) => &dataset.sites[site].name,
            At::Stop { stop, .. } => &dataset.stops[stop].name,
        };
        let window = recommendation.at.window().map(|[from, to]| format!(" {from}–{to} h")).unwrap_or_default();
        format!("{}. {} · {place}{window}", number + 1, writer.word("action", recommendation.action.id()))
    };
    lines.extend(siting.recommendations.iter().enumerate().map(line));
    lines
}

/// Where the buses stand.
fn buses(writer: Writer<'_>) -> Lines {
    let findings = writer.findings;
    if findings.timetable.days.is_empty() {
        return Vec::new();
    }
    let mut lines = heading(writer, "summary.buses");
    lines.extend([writer.say("public.buses.head", &[]), rule(4, &[])]);
    for day in &findings.timetable.days {
        for stand in &day.stands {
            lines.push(row(&[
                writer.day(day.kind),
                findings.fleet.vehicles[stand.vehicle].id.clone(),
                findings.dataset.stops[stand.stop].name.clone(),
                format!("{}–{}", clock(stand.from), clock(stand.to)),
            ]));
        }
    }
    lines
}
