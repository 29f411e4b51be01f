//! Coverage for the public: the same columns, and of each typical day the whole study area by every standard, the planner's own area,
//! units, groups and slots by the main one. An empty `unit`, `group` or `slot` is all of them; rows of different kinds overlap.

use polars::prelude::{Column, IntoColumn, NamedFrom, PolarsError, Series};

use super::super::csv::{Cell, Csv};
use super::super::disclosure::{CoverageRow, Published, Scope};
use super::super::features::share;
use super::{COVERAGE, parquet};
use crate::coverage::{RUNG_IDS, RUNGS};
use crate::findings::Findings;
use crate::quantity::Weight;

/// Rows of today.
fn rows(published: &Published) -> impl Iterator<Item = &CoverageRow> {
    published.coverage.iter().filter(|row| row.stage == "today")
}

/// Unit, group and slot of a row; empty for all.
fn names<'a>(findings: &'a Findings, row: &CoverageRow) -> [&'a str; 3] {
    match row.scope {
        Scope::All | Scope::Home => ["", "", ""],
        Scope::Unit(unit) => [&findings.dataset.area.units[unit.get()].name, "", ""],
        Scope::Group(group) => ["", &findings.cube.groups()[group.get()], ""],
        Scope::Slot(slot) => ["", "", slot.id()],
    }
}

/// Whether a row is of the planner's own area only; unknown of rows that hold more.
fn in_area(row: &CoverageRow) -> Option<bool> {
    (row.scope == Scope::Home).then_some(true)
}

fn part(row: &CoverageRow, rung: usize) -> Option<f64> {
    row.figures[rung + 1].zip(row.figures[0]).map(|(covered, demand)| share(covered.share_of(demand).get()))
}

pub(super) fn coverage_csv(findings: &Findings, published: &Published) -> Vec<u8> {
    let mut csv = Csv::new(&COVERAGE);
    for row in rows(published) {
        let [unit, group, slot] = names(findings, row);
        let mut cells = vec![Cell::text(unit), in_area(row).map_or(Cell::Empty, Cell::flag), Cell::text(group)];
        cells.extend([row.day.season.id(), row.day.day_type.id(), slot].map(Cell::text));
        cells.push(Cell::text(&findings.ladders[row.standard].standard.id));
        cells.extend(row.figures.map(|figure| Cell::maybe(figure.map(Weight::visits))));
        cells.extend((0..RUNGS).map(|rung| Cell::maybe(part(row, rung))));
        cells.push(Cell::flag(row.suppressed()));
        csv.row(&cells);
    }
    csv.finish()
}

pub(super) fn coverage_parquet(findings: &Findings, published: &Published) -> Result<Vec<u8>, PolarsError> {
    let rows: Vec<&CoverageRow> = rows(published).collect();
    let text = |name: &str, of: &dyn Fn(&CoverageRow) -> String| -> Column {
        Series::new(name.into(), rows.iter().map(|row| of(row)).collect::<Vec<String>>()).into_column()
    };
    let number = |name: String, of: &dyn Fn(&CoverageRow) -> Option<f64>| -> Column {
        Series::new(name.as_str().into(), rows.iter().map(|row| of(row)).collect::<Vec<Option<f64>>>()).into_column()
    };
    let flag = |name: &str, of: &dyn Fn(&CoverageRow) -> Option<bool>| -> Column {
        Series::new(name.into(), rows.iter().map(|row| of(row)).collect::<Vec<Option<bool>>>()).into_column()
    };
    let mut columns = vec![
        text("unit", &|row| names(findings, row)[0].to_owned()),
        flag("in_area", &in_area),
        text("group", &|row| names(findings, row)[1].to_owned()),
        text("season", &|row| row.day.season.id().to_owned()),
        text("day_type", &|row| row.day.day_type.id().to_owned()),
        text("slot", &|row| names(findings, row)[2].to_owned()),
        text("standard", &|row| findings.ladders[row.standard].standard.id.clone()),
        number("demand".to_owned(), &|row| row.figures[0].map(Weight::visits)),
    ];
    let visits = |rung: usize| number(format!("visits_{}", RUNG_IDS[rung]), &|row| row.figures[rung + 1].map(Weight::visits));
    columns.extend((0..RUNGS).map(visits));
    columns.extend((0..RUNGS).map(|rung| number(format!("cov_{}", RUNG_IDS[rung]), &|row| part(row, rung))));
    columns.push(flag("suppressed", &|row| Some(row.suppressed())));
    parquet(rows.len(), columns, &[])
}
