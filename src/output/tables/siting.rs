//! Tables beside the siting plan: the curve, the stability, and plans for single days; each only when it was asked for.

use super::super::NamedFile;
use super::super::csv::{Cell, Csv};
use super::super::features::recommend::{hours, place_id};
use super::super::features::share;
use crate::findings::Findings;
use crate::quantity::Weight;
use crate::scenario::Scenario;
use crate::siting::placements::Budgets;
use crate::siting::{At, SitingReport, curve};

const CURVE: [&str; 10] =
    ["measures", "new_fixed", "new_smart", "upgrade_smart", "added", "bound", "covered", "cov_share", "optimality_gap", "knee"];

const STABILITY: [&str; 7] = ["place_id", "action", "runs", "chosen", "chosen_share", "core", "in_plan"];

const DAYS: [&str; 8] = ["day", "measures", "added", "bound", "added_by_plan", "common", "action", "place_id"];

/// A header, with the column of windows where mobile stations take part in the decision.
fn with_windows<'a>(header: &[&'a str], column: &'a str, scenario: &Scenario) -> Vec<&'a str> {
    let more = (scenario.file.siting.mobile_windows > 0).then_some(column);
    header.iter().copied().chain(more).collect()
}

/// The tables of a run's siting decision.
pub(super) fn tables(findings: &Findings, scenario: &Scenario) -> Vec<NamedFile> {
    let Some(report) = &findings.siting else { return Vec::new() };
    let tables = [
        ("siting_curve.csv", of_curve(report, scenario)),
        ("siting_stability.csv", of_stability(findings, scenario, report)),
        ("siting_days.csv", of_days(findings, scenario, report)),
    ];
    tables.into_iter().filter_map(|(name, bytes)| Some((name.to_owned(), bytes?))).collect()
}

/// Coverage against the number of measures; the budgets are those in force at that number.
fn of_curve(report: &SitingReport, scenario: &Scenario) -> Option<Vec<u8>> {
    let curve = report.curve.as_ref()?;
    let header = with_windows(&CURVE, "mobile_windows", scenario);
    let mut csv = Csv::new(&header);
    for point in &curve.points {
        let budgets = curve::at(Budgets::of(&scenario.file.siting), point.measures);
        let covered = report.covered_before + point.added;
        let mut cells = vec![Cell::Count(point.measures as usize)];
        cells.extend(budgets.actions.map(|n| Cell::Count(n as usize)));
        cells.extend([point.added, point.bound, covered].map(|weight| Cell::number(weight.visits())));
        cells.push(Cell::number(share(covered.share_of(report.total).get())));
        cells.push(Cell::number(share((point.bound - point.added).share_of(point.bound).get())));
        cells.push(Cell::flag(curve.knee == Some(point.measures)));
        if header.len() > CURVE.len() {
            cells.push(Cell::Count(budgets.mobile as usize));
        }
        csv.row(&cells);
    }
    Some(csv.finish())
}

fn of_stability(findings: &Findings, scenario: &Scenario, report: &SitingReport) -> Option<Vec<u8>> {
    let stability = report.stability.as_ref()?;
    let header = with_windows(&STABILITY, "window", scenario);
    let mut csv = Csv::new(&header);
    for row in &stability.measures {
        let mut cells = vec![
            Cell::text(&place_id(findings, row.at)),
            Cell::text(row.action.id()),
            Cell::Count(stability.runs as usize),
            Cell::Count(row.times as usize),
            Cell::number(share(f64::from(row.times) / f64::from(stability.runs))),
            Cell::flag(stability.is_core(row.times)),
            Cell::flag(row.in_plan),
        ];
        if header.len() > STABILITY.len() {
            cells.push(window(row.at));
        }
        csv.row(&cells);
    }
    Some(csv.finish())
}

/// One row a measure of each day's own plan.
fn of_days(findings: &Findings, scenario: &Scenario, report: &SitingReport) -> Option<Vec<u8>> {
    if report.days.is_empty() {
        return None;
    }
    let header = with_windows(&DAYS, "window", scenario);
    let mut csv = Csv::new(&header);
    for day in &report.days {
        for &(action, at) in &day.measures {
            let mut cells = vec![Cell::text(&day.day.to_string()), Cell::Count(day.measures.len())];
            cells.extend([day.added, day.bound, day.of_plan].map(|weight: Weight| Cell::number(weight.visits())));
            cells.extend([Cell::Count(day.common), Cell::text(action.id()), Cell::text(&place_id(findings, at))]);
            if header.len() > DAYS.len() {
                cells.push(window(at));
            }
            csv.row(&cells);
        }
    }
    Some(csv.finish())
}

/// The window of a stop; empty for other places.
fn window(at: At) -> Cell {
    Cell::text(&at.window().map(hours).unwrap_or_default())
}
