//! Tables: the coverage ladder (CSV and Parquet), the bus schedule, the issue table, and what is beside the siting plan.
//!
//! Coverage: one row a standard, typical day, slot, unit, area and group, with the visits covered on each rung and their share
//! of the row's demand. What the public gets of it says `public`. Rows add up: over all rows of a standard and day, `demand` is the day's total, and no rung exceeds the
//! one before.

mod public;
mod siting;

use polars::prelude::{
    Column, CompatLevel, DataFrame, IntoColumn, KeyValueMetadata, NamedFrom, ParquetCompression, ParquetWriter, PolarsError,
    SchemaExt, Series,
};
use polars_parquet::write::schema_to_metadata_key;

use super::NamedFile;
use super::cannot_make;
use super::csv::{Cell, Csv};
use super::features::{duplicates, share};
use crate::coverage::{LadderRow, RUNG_IDS, RUNGS};
use crate::findings::{Findings, RunError, StandardLadder};
use crate::ingest::issues::IssueTable;
use crate::message::Lang;
use crate::output::disclosure::Cleared;
use crate::output::schedule;
use crate::quantity::Weight;
use crate::scenario::Scenario;

const COVERAGE: [&str; 19] = [
    "unit",
    "in_area",
    "group",
    "season",
    "day_type",
    "slot",
    "standard",
    "demand",
    "visits_radius",
    "visits_path",
    "visits_open",
    "visits_capacity",
    "visits_service",
    "cov_radius",
    "cov_path",
    "cov_open",
    "cov_capacity",
    "cov_service",
    "suppressed",
];

const ISSUES: [&str; 8] = ["row", "field", "value", "problem", "action", "severity", "file", "code"];

/// All tables of a run.
pub(super) fn tables(cleared: &Cleared<'_>, scenario: &Scenario, lang: Lang) -> Result<Vec<NamedFile>, RunError> {
    let findings = cleared.findings();
    let of_buses = schedule::table(cleared, &schedule::rows::of_kinds(findings, scenario));
    let mut tables =
        vec![("duplicates.csv".to_owned(), duplicates::csv(cleared, lang)), ("bus_schedule.csv".to_owned(), of_buses)];
    let failed = |e| cannot_make("coverage.parquet", e);
    if let Some(published) = cleared.published() {
        tables.push(("coverage.csv".to_owned(), public::coverage_csv(findings, published)));
        tables.push(("coverage.parquet".to_owned(), public::coverage_parquet(findings, published).map_err(failed)?));
    } else {
        tables.push(("coverage.csv".to_owned(), coverage_csv(findings)));
        tables.push(("coverage.parquet".to_owned(), coverage_parquet(findings).map_err(failed)?));
        tables.push(("issues.csv".to_owned(), issue_table(&findings.issues, lang)));
    }
    tables.extend(siting::tables(findings, scenario));
    Ok(tables)
}

/// Every row of every ladder, in the order of the file.
fn coverage_rows(findings: &Findings) -> impl Iterator<Item = (&StandardLadder, &LadderRow)> {
    findings.ladders.iter().flat_map(|ladder| ladder.ladder.rows.iter().map(move |row| (ladder, row)))
}

fn unit_name<'a>(findings: &'a Findings, row: &LadderRow) -> &'a str {
    row.unit.map_or("", |unit| findings.dataset.area.units[unit.get()].name.as_str())
}

fn coverage_csv(findings: &Findings) -> Vec<u8> {
    let mut csv = Csv::new(&COVERAGE);
    for (ladder, row) in coverage_rows(findings) {
        let mut cells = vec![
            Cell::text(unit_name(findings, row)),
            Cell::flag(row.in_area),
            Cell::text(&findings.cube.groups()[row.group.get()]),
            Cell::text(row.day.season.id()),
            Cell::text(row.day.day_type.id()),
            Cell::text(row.slot.id()),
            Cell::text(&ladder.standard.id),
            Cell::number(row.steps.demand.visits()),
        ];
        cells.extend(row.steps.covered.map(|covered| Cell::number(covered.visits())));
        cells.extend(row.steps.covered.map(|covered| Cell::number(part(covered, row))));
        cells.push(Cell::flag(false));
        csv.row(&cells);
    }
    csv.finish()
}

fn part(covered: Weight, row: &LadderRow) -> f64 {
    share(covered.share_of(row.steps.demand).get())
}

fn coverage_parquet(findings: &Findings) -> Result<Vec<u8>, PolarsError> {
    let rows: Vec<(&StandardLadder, &LadderRow)> = coverage_rows(findings).collect();
    let text = |name: &str, of: &dyn Fn(&StandardLadder, &LadderRow) -> String| -> Column {
        let values: Vec<String> = rows.iter().map(|(ladder, row)| of(ladder, row)).collect();
        Series::new(name.into(), values).into_column()
    };
    let number = |name: String, of: &dyn Fn(&LadderRow) -> f64| -> Column {
        let values: Vec<f64> = rows.iter().map(|(_, row)| of(row)).collect();
        Series::new(name.into(), values).into_column()
    };
    let flag = |name: &str, of: &dyn Fn(&LadderRow) -> bool| -> Column {
        let values: Vec<bool> = rows.iter().map(|(_, row)| of(row)).collect();
        Series::new(name.into(), values).into_column()
    };
    let mut columns = vec![
        text("unit", &|_, row| unit_name(findings, row).to_owned()),
        flag("in_area", &|row| row.in_area),
        text("group", &|_, row| findings.cube.groups()[row.group.get()].clone()),
        text("season", &|_, row| row.day.season.id().to_owned()),
        text("day_type", &|_, row| row.day.day_type.id().to_owned()),
        text("slot", &|_, row| row.slot.id().to_owned()),
        text("standard", &|ladder, _| ladder.standard.id.clone()),
        number("demand".to_owned(), &|row| row.steps.demand.visits()),
    ];
    columns.extend((0..RUNGS).map(|r| number(format!("visits_{}", RUNG_IDS[r]), &|row| row.steps.covered[r].visits())));
    columns.extend((0..RUNGS).map(|r| number(format!("cov_{}", RUNG_IDS[r]), &|row| part(row.steps.covered[r], row))));
    columns.push(flag("suppressed", &|_| false));
    parquet(rows.len(), columns, &[])
}

/// Columns as the bytes of a Parquet file, with what the file says about itself.
///
/// The Arrow schema is the oldest that holds the columns: polars' own names string views, which GDAL and pandas of the last years
/// don't know.
pub(super) fn parquet(height: usize, columns: Vec<Column>, said: &[(&str, String)]) -> Result<Vec<u8>, PolarsError> {
    let mut frame = DataFrame::new(height, columns)?;
    let arrow = schema_to_metadata_key(&frame.schema().to_arrow(CompatLevel::oldest()));
    let said = said.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
    let said = said.chain([(arrow.key, arrow.value.unwrap_or_default())]).collect();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Zstd(None))
        .with_key_value_metadata(Some(KeyValueMetadata::from_static(said)))
        .set_parallel(false)
        .finish(&mut frame)?;
    Ok(bytes)
}

/// The issue table.
pub(super) fn issue_table(issues: &IssueTable, lang: Lang) -> Vec<u8> {
    let mut csv = Csv::new(&ISSUES);
    for issue in issues.rows() {
        csv.row(&[
            Cell::Count(issue.row),
            Cell::text(issue.field),
            Cell::text(&issue.value),
            Cell::text(&issue.problem.render(lang)),
            Cell::text(issue.action.id()),
            Cell::text(issue.severity.id()),
            Cell::text(&issue.file),
            Cell::text(issue.problem.code()),
        ]);
    }
    csv.finish()
}
