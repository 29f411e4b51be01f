//! Tables beside the siting plan: the curve, the stability, and plans for single days; each only when it was asked for.

use super::super::NamedFile;
use super::super::csv::{Cell, Csv};
use super::super::features::recommend::place_id;
use super::super::features::share;
use crate::findings::Findings;
use crate::quantity::Weight;
use crate::scenario::Scenario;
use crate::siting::placements::Budgets;
use crate::siting::{SitingReport, curve};

const CURVE: [&str; 10] =
    ["measures", "new_fixed", "new_smart", "upgrade_smart", "added", "bound", "covered", "cov_share", "optimality_gap", "knee"];

const STABILITY: [&str; 7] = ["place_id", "action", "runs", "chosen", "chosen_share", "core", "in_plan"];

const DAYS: [&str; 8] = ["day", "measures", "added", "bound", "added_by_plan", "common", "action", "place_id"];

/// The tables of a run's siting decision.
pub(super) fn tables(findings: &Findings, scenario: &Scenario) -> Vec<NamedFile> {
    let Some(report) = &findings.siting else { return Vec::new() };
    let tables = [
        ("siting_curve.csv", of_curve(report, scenario)),
        ("siting_stability.csv", of_stability(findings, report)),
        ("siting_days.csv", of_days(findings, report)),
    ];
    tables.into_iter().filter_map(|(name, bytes)| Some((name.to_owned(), bytes?))).collect()
}

/// Coverage against the number of measures; the budgets are those in force at that number.
fn of_curve(report: &SitingReport, scenario: &Scenario) -> Option<Vec<u8>> {
    let curve = report.curve.as_ref()?;
    let mut csv = Csv::new(&CURVE);
    for point in &curve.points {
        let budgets = curve::at(Budgets::of(&scenario.file.siting), point.measures);
        let covered = report.covered_before + point.added;
        let mut cells = vec![Cell::Count(point.measures as usize)];
        cells.extend(budgets.actions.map(|n| Cell::Count(n as usize)));
        cells.extend([point.added, point.bound, covered].map(|weight| Cell::number(weight.visits())));
        cells.push(Cell::number(share(covered.share_of(report.total).get())));
        cells.push(Cell::number(share((point.bound - point.added).share_of(point.bound).get())));
        cells.push(Cell::flag(curve.knee == Some(point.measures)));
        csv.row(&cells);
    }
    Some(csv.finish())
}

fn of_stability(findings: &Findings, report: &SitingReport) -> Option<Vec<u8>> {
    let stability = report.stability.as_ref()?;
    let mut csv = Csv::new(&STABILITY);
    for row in &stability.measures {
        csv.row(&[
            Cell::text(&place_id(findings, row.at)),
            Cell::text(row.action.id()),
            Cell::Count(stability.runs as usize),
            Cell::Count(row.times as usize),
            Cell::number(share(f64::from(row.times) / f64::from(stability.runs))),
            Cell::flag(stability.is_core(row.times)),
            Cell::flag(row.in_plan),
        ]);
    }
    Some(csv.finish())
}

/// One row a measure of each day's own plan.
fn of_days(findings: &Findings, report: &SitingReport) -> Option<Vec<u8>> {
    if report.days.is_empty() {
        return None;
    }
    let mut csv = Csv::new(&DAYS);
    for day in &report.days {
        for &(action, at) in &day.measures {
            let mut cells = vec![Cell::text(&day.day.to_string()), Cell::Count(day.measures.len())];
            cells.extend([day.added, day.bound, day.of_plan].map(|weight: Weight| Cell::number(weight.visits())));
            cells.extend([Cell::Count(day.common), Cell::text(action.id()), Cell::text(&place_id(findings, at))]);
            csv.row(&cells);
        }
    }
    Some(csv.finish())
}
