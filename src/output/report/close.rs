//! Stations too close to each other with the evidence, and stations for a person to look at.

use super::words::Writer;
use super::{Lines, heading, row, rule};
use crate::overlap::{Overlap, ReviewReason, StationReview};

/// Rows of a list before it is cut short.
const MOST: usize = 12;

pub(super) fn section(writer: Writer<'_>) -> Lines {
    let findings = writer.findings;
    let mut lines = heading(writer, "summary.close");
    let (redundant, close): (Vec<&Overlap>, Vec<&Overlap>) = findings.overlaps.iter().partition(|o| o.evidence.redundant());
    if redundant.is_empty() {
        lines.push(writer.say("summary.redundant.none", &[]));
    } else {
        lines.extend(redundant_pairs(writer, &redundant));
    }
    if !close.is_empty() {
        lines.extend([String::new(), writer.say("summary.close_ok", &[("n", &writer.count(close.len()))]), String::new()]);
        lines.extend(close.iter().take(MOST).map(|pair| close_pair(writer, pair)));
        lines.extend(more(writer, close.len(), "duplicates.csv"));
    }
    if !findings.reviews.is_empty() {
        lines.extend([String::new(), writer.say("summary.reviews", &[]), String::new()]);
        lines.extend(findings.reviews.iter().take(MOST).map(|found| review(writer, found)));
        lines.extend(more(writer, findings.reviews.len(), "stations.geojson"));
    }
    lines
}

fn more(writer: Writer<'_>, all: usize, file: &str) -> Option<String> {
    let left = all.saturating_sub(MOST);
    (left > 0).then(|| writer.say("summary.more", &[("n", &writer.count(left)), ("file", &file)]))
}

fn redundant_pairs(writer: Writer<'_>, redundant: &[&Overlap]) -> Lines {
    let arguments: [(&str, &dyn std::fmt::Display); 4] = [
        ("go", &writer.count(writer.findings.redundant.len())),
        ("review", &writer.number(writer.scenario.file.overlap.review_m, 0)),
        ("pairs", &writer.count(writer.findings.overlaps.len())),
        ("n", &writer.count(redundant.len())),
    ];
    let mut lines = vec![writer.say("summary.redundant", &arguments), String::new()];
    lines.extend([writer.say("summary.redundant.head", &[]), rule(6, &[2, 3, 4, 5])]);
    lines.extend(redundant.iter().take(MOST).map(|pair| redundant_pair(writer, pair)));
    if let Some(more) = more(writer, redundant.len(), "duplicates.csv") {
        lines.extend([String::new(), more]);
    }
    lines
}

fn redundant_pair(writer: Writer<'_>, pair: &Overlap) -> String {
    let sites = &writer.findings.dataset.sites;
    // What can go is decided over the whole set; a pair's own advice stands where the set keeps both or neither.
    let removed = |site| writer.findings.redundant.iter().find(|r| r.station == site);
    let (keep, merge) = match (removed(pair.a), removed(pair.b)) {
        (Some(_), None) => (pair.b, pair.a),
        (None, Some(_)) => (pair.a, pair.b),
        _ if pair.keep == Some(pair.b) => (pair.b, pair.a),
        _ => (pair.a, pair.b),
    };
    let loss = removed(merge).map_or_else(|| writer.say("summary.redundant.loss_unknown", &[]), |r| writer.amount(r.loss()));
    let metres = |m: f64| format!("{} m", writer.number(m, 0));
    row(&[
        sites[keep].name.clone(),
        sites[merge].name.clone(),
        metres(pair.straight_m),
        pair.evidence.path_m.map_or_else(|| writer.say("summary.no_path", &[]), metres),
        format!("{:.0} %", pair.evidence.overlap * 100.0),
        loss,
    ])
}

fn close_pair(writer: Writer<'_>, pair: &Overlap) -> String {
    let sites = &writer.findings.dataset.sites;
    let failed = pair.evidence.failed();
    let reasons: Vec<String> = failed.into_iter().map(|(_, reason)| writer.word("clause", reason)).collect();
    let path = pair.evidence.path_m.map_or_else(|| writer.say("summary.no_path", &[]), |m| writer.number(m, 0) + " m");
    let mut reasons = writer.list(&reasons);
    if !pair.evidence.near_by_path {
        reasons = writer.say("summary.close_ok.path", &[("reasons", &reasons), ("path", &path)]);
    }
    let arguments: [(&str, &dyn std::fmt::Display); 4] = [
        ("a", &sites[pair.a].name),
        ("b", &sites[pair.b].name),
        ("metres", &writer.number(pair.straight_m, 0)),
        ("reasons", &reasons),
    ];
    writer.say("summary.close_ok.item", &arguments)
}

fn review(writer: Writer<'_>, found: &StationReview) -> String {
    let station = &writer.findings.dataset.sites[found.station].name;
    match found.reason {
        ReviewReason::Remote { local, nearest_m } => writer.say(
            "summary.review.remote",
            &[("station", station), ("local", &writer.amount(local)), ("metres", &writer.number(nearest_m, 0))],
        ),
        ReviewReason::MisplacedSmart { night, peers } => writer.say(
            "summary.review.smart",
            &[("station", station), ("night", &writer.amount(night)), ("peers", &writer.amount(peers))],
        ),
    }
}
