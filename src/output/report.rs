//! The summary of a run: what was asked, what was found, what to do next; `summary.md` and what `yizhan run` prints.
//!
//! Input: findings and scenario. Output: Markdown in one language, the same every time. Every share says of what.

mod buses;
mod close;
mod coverage;
mod gaps;
mod headlines;
mod plan;
mod public;
pub(crate) mod words;

use crate::ingest::issues::IssueAction;
use crate::message::Lang;
use crate::output::Cleared;
use crate::scenario::Scenario;
pub(crate) use headlines::headlines;
pub(crate) use plan::certificate;
use words::Writer;

/// The summary of a run in a language, as Markdown.
pub fn summary(cleared: &Cleared<'_>, scenario: &Scenario, lang: Lang) -> String {
    let writer = cleared.writer(scenario, lang);
    if let Some(published) = writer.published {
        return public::summary(writer, published);
    }
    let parts = [
        asked(writer),
        headlines::section(writer),
        coverage::section(writer),
        gaps::section(writer),
        close::section(writer),
        plan::section(writer),
        buses::section(writer),
        next(writer),
    ];
    let mut text = parts.into_iter().flatten().collect::<Vec<_>>().join("\n");
    text.push('\n');
    text
}

/// Lines of Markdown.
type Lines = Vec<String>;

/// A row of a table.
pub(crate) fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "/")).collect();
    format!("| {} |", cells.join(" | "))
}

/// The line under a table's head: the columns in `right` hold numbers.
pub(crate) fn rule(columns: usize, right: &[usize]) -> String {
    let column = |index| if right.contains(&index) { "---:" } else { "---" };
    format!("| {} |", (0..columns).map(column).collect::<Vec<_>>().join(" | "))
}

/// A heading with its empty lines.
pub(crate) fn heading(writer: Writer<'_>, key: &str) -> Lines {
    vec![String::new(), format!("## {}", writer.say(key, &[])), String::new()]
}

fn asked(writer: Writer<'_>) -> Lines {
    let Writer { findings, scenario, .. } = writer;
    let title = writer.say("summary.title", &[("title", &writer.pick(&scenario.file.title))]);
    let asked = asked_sentence(writer);
    let dataset = &findings.dataset;
    let ledger = writer.say(
        "summary.ledger",
        &[
            ("rows", &writer.count(dataset.ledger_rows)),
            ("stations", &writer.count(dataset.stations.len())),
            ("standing", &writer.count(dataset.sites.len())),
            ("mobile", &writer.count(dataset.mobile.len())),
            ("rest", &writer.count(dataset.stations.len() - dataset.sites.len() - dataset.mobile.len())),
        ],
    );
    let issues = &findings.issues;
    let count = |action| writer.count(issues.count(action));
    let issues = writer.say(
        "summary.issues",
        &[
            ("all", &writer.count(issues.rows().len())),
            ("fixed", &count(IssueAction::Fixed)),
            ("excluded", &count(IssueAction::Excluded)),
            ("person", &count(IssueAction::NeedsPerson)),
            ("noted", &count(IssueAction::Noted)),
        ],
    );
    let mut lines = vec![format!("# {title}"), String::new(), asked, String::new(), ledger, issues];
    if let (Some(router), Some(network)) = (&dataset.streets, &scenario.file.travel.network) {
        let mode = router.graph().profile().mode;
        let mode = writer.say(&format!("mode_{}", mode.id()), &[]);
        let arguments: [(&str, &dyn std::fmt::Display); 3] =
            [("mode", &mode), ("network", network), ("within", &router.within().get())];
        lines.push(writer.say("summary.streets", &arguments));
    }
    lines
}

/// The question: by which standard, on which day, from which data.
pub(crate) fn asked_sentence(writer: Writer<'_>) -> String {
    let Writer { scenario, .. } = writer;
    let (standard, sources) = (&scenario.standard, &scenario.file.sources);
    writer.say(
        "summary.asked",
        &[
            ("pack", &standard.id),
            ("version", &standard.version),
            ("radius", &writer.number(standard.radius_m, 0)),
            ("circuity", &scenario.file.travel.circuity),
            ("day", &writer.day(scenario.planning_day)),
            ("date", &sources.date),
            ("source", &writer.attribution()),
            ("rules", &scenario.file.rules),
        ],
    )
}

/// What stands at the foot of every map: data, source, parameters, reference system, run.
pub(crate) fn notes(writer: Writer<'_>, run: &str) -> Vec<String> {
    let Writer { scenario, .. } = writer;
    let data = writer.say(
        "map.notes.data",
        &[
            ("date", &scenario.file.sources.date),
            ("source", &writer.attribution()),
            ("pack", &scenario.standard.versioned_id()),
            ("radius", &writer.number(scenario.standard.radius_m, 0)),
            ("rules", &scenario.file.rules),
        ],
    );
    let boundary = if writer.release.approval_no.is_some() { "map.notes.crs.boundary" } else { "map.notes.crs" };
    let mut notes = vec![data, writer.say(boundary, &[("crs", &scenario.crs), ("run", &run)])];
    let merged = writer.published.map(|_| writer.say("map.merged", &[("k", &writer.release.min_count)]));
    let release: Vec<String> = notes_of_release(writer).into_iter().chain(merged).collect();
    if !release.is_empty() {
        notes.push(writer.clauses(&release));
    }
    notes
}

/// For whom and on which terms, where that isn't the bureau's own use without an approval number.
pub(crate) fn notes_of_release(writer: Writer<'_>) -> Vec<String> {
    let release = writer.release;
    let public = release.is_public().then(|| writer.say("public.note", &[("k", &release.min_count)]));
    let approval = release.approval_no.as_ref().map(|number| writer.say("public.approval", &[("number", number)]));
    let parts: Vec<String> = public.into_iter().chain(approval).collect();
    if parts.is_empty() { Vec::new() } else { vec![writer.clauses(&parts)] }
}

fn next(writer: Writer<'_>) -> Lines {
    let mut lines = heading(writer, "summary.next");
    lines.extend([writer.say("summary.next.maps", &[]), String::new()]);
    let waiting = writer.findings.issues.count(IssueAction::NeedsPerson);
    if waiting > 0 {
        lines.push(writer.say("summary.next.issues", &[("n", &writer.count(waiting))]));
    }
    lines.push(writer.say("summary.next.verify", &[]));
    let path = &writer.scenario.path;
    let scenario = path.file_name().map_or_else(|| path.display().to_string(), |name| name.display().to_string());
    lines.push(writer.say("summary.next.run", &[("scenario", &scenario)]));
    lines
}

#[cfg(test)]
mod tests;
