//! The layer `cells`: each square of the demand grid with its visits on every typical day, and how much of those of the planning
//! day is covered on each rung of the ladder.
//!
//! For the public: shown squares with the mean of their part, and withheld ones without; no shares, and no unit or area, which would
//! draw a boundary.
//! Squares without demand are left out. Over all squares, visits add up to the day's total and `visits × cov` to the ladder.

use std::collections::BTreeMap;

use geo::{Coord, LineString, Polygon};

use super::fields::{both, titles};
use super::wkb::{GeometrySort, encode};
use super::{Column, Table, Values};
use crate::calendar::DayKind;
use crate::coverage::{Network, RUNG_IDS, Steps, by_cell};
use crate::crs::{CrsError, Planar};
use crate::domain::demand::DemandCell;
use crate::findings::RunError;
use crate::output::cannot_make;
use crate::output::disclosure::Published;
use crate::output::features::{degree, share};
use crate::output::report::words::Writer;
use crate::quantity::Weight;

/// What is known of a square: the first demand cell in it, visits by typical day, and the planning day's account.
struct Square<'a> {
    cell: &'a DemandCell,
    visits: Vec<Weight>,
    steps: Steps,
}

/// Column of the visits on a typical day.
pub(super) fn visits_column(day: DayKind) -> String {
    format!("visits_{}_{}", day.season.id(), day.day_type.id())
}

/// Column of a rung's share on the planning day.
pub(super) fn share_column(rung: &str) -> String {
    format!("cov_{rung}")
}

/// The layer.
///
/// # Errors
/// When a corner can't be turned into degrees.
pub(super) fn table(writer: Writer<'_>) -> Result<Table, RunError> {
    let (findings, scenario) = (writer.findings, writer.scenario);
    if let Some(published) = writer.published {
        return public(writer, published);
    }
    let (cube, planning) = (&findings.cube, scenario.planning_day);
    let days = cube.days();
    let network = Network::new(&findings.dataset.sites, &findings.matrix, cube.groups(), &scenario.file.services);
    let accounts = by_cell(&network, cube, &scenario.standard, planning);
    let mut squares: BTreeMap<(u32, u32), Square<'_>> = BTreeMap::new();
    for ((index, cell), steps) in cube.cells().iter().zip(&accounts) {
        let visits: Vec<Weight> = days.iter().map(|&day| cube.day(index, day)).collect();
        if visits.iter().all(|&visits| visits == Weight::ZERO) {
            continue;
        }
        let (row, column) = (cell.grid_cell.1, cell.grid_cell.0);
        let square = squares.entry((row, column)).or_insert_with(|| Square {
            cell,
            visits: vec![Weight::ZERO; days.len()],
            steps: Steps::default(),
        });
        square.visits.iter_mut().zip(visits).for_each(|(sum, visits)| *sum += visits);
        square.steps.add(steps);
    }
    let outline = |square: &Square<'_>| -> Result<_, RunError> {
        let area = outline(writer, square.cell.grid_cell)?;
        Ok(Some(encode(&area.into(), GeometrySort::Polygon).map_err(|e| cannot_make("cells", e))?))
    };
    let shapes = squares.values().map(outline).collect::<Result<_, _>>()?;
    Ok(Table { name: "cells", geometry: GeometrySort::Polygon, shapes, columns: columns(writer, &days, squares.values()) })
}

/// The layer for the public.
fn public(writer: Writer<'_>, published: &Published) -> Result<Table, RunError> {
    let cube = &writer.findings.cube;
    let mut squares: BTreeMap<(u32, u32), Option<Vec<Weight>>> = BTreeMap::new();
    for &cell in &published.cells {
        let (column, row) = cube.cells()[cell].grid_cell;
        let square = squares.entry((row, column)).or_insert_with(|| Some(vec![Weight::ZERO; published.days.len()]));
        let visits = published.days.iter().map(|&day| cube.day(cell, day));
        match square {
            Some(sums) if !published.withheld.contains(&cell) => {
                sums.iter_mut().zip(visits).for_each(|(sum, visits)| *sum += visits)
            }
            _ => *square = None,
        }
    }
    squares.retain(|_, visits| visits.as_ref().is_none_or(|visits| visits.iter().any(|visits| *visits > Weight::ZERO)));
    let place = |&(row, column): &(u32, u32)| (column, row);
    let shape = |square: &(u32, u32)| -> Result<_, RunError> {
        let area = outline(writer, place(square))?;
        Ok(Some(encode(&area.into(), GeometrySort::Polygon).map_err(|e| cannot_make("cells", e))?))
    };
    let shapes = squares.keys().map(shape).collect::<Result<_, _>>()?;
    let ids = squares.keys().map(|square| Some(grid_id(place(square)))).collect();
    let mut columns = vec![Column { name: "cell_id".into(), titles: titles("cell_id"), values: Values::Text(ids) }];
    for (at, &day) in published.days.iter().enumerate() {
        let values = squares.values().map(|visits| visits.as_ref().map(|visits| visits[at].visits())).collect();
        columns.push(Column { name: visits_column(day), titles: visits_titles(writer, day), values: Values::Real(values) });
    }
    let withheld = Values::Flag(squares.values().map(|visits| Some(visits.is_none())).collect());
    columns.push(Column { name: "suppressed".into(), titles: titles("suppressed"), values: withheld });
    Ok(Table { name: "cells", geometry: GeometrySort::Polygon, shapes, columns })
}

/// What the column of a day's visits is called.
fn visits_titles(writer: Writer<'_>, day: DayKind) -> [String; 2] {
    let key = match (writer.untimed(), writer.published.is_some()) {
        (false, false) => "field.visits",
        (true, false) => "field.visits.count",
        (false, true) => "field.visits.public",
        (true, true) => "field.visits.count.public",
    };
    both(writer, |writer| writer.say(key, &[("day", &writer.day(day))]))
}

fn columns<'a>(writer: Writer<'_>, days: &[DayKind], squares: impl Iterator<Item = &'a Square<'a>> + Clone) -> Vec<Column> {
    let units = &writer.findings.dataset.area.units;
    let column = |name: String, titles, values| Column { name, titles, values };
    let id = |square: &Square<'_>| grid_id(square.cell.grid_cell);
    let unit = |square: &Square<'_>| square.cell.unit.map(|unit| units[unit.get()].name.clone());
    let mut columns = vec![
        column("cell_id".into(), titles("cell_id"), Values::Text(squares.clone().map(|s| Some(id(s))).collect())),
        column("unit".into(), titles("unit"), Values::Text(squares.clone().map(unit).collect())),
        column("in_area".into(), titles("in_area"), Values::Flag(squares.clone().map(|s| Some(s.cell.in_area)).collect())),
    ];
    for (at, &day) in days.iter().enumerate() {
        let titles = visits_titles(writer, day);
        let visits = squares.clone().map(|square| Some(square.visits[at].visits()));
        columns.push(column(visits_column(day), titles, Values::Real(visits.collect())));
    }
    let planning = writer.scenario.planning_day;
    for (rung, name) in RUNG_IDS.iter().enumerate() {
        let word = |writer: Writer<'_>| {
            writer.say("field.covered", &[("rung", &writer.word("rung", name)), ("day", &writer.day(planning))])
        };
        let covered = |square: &Square<'_>| {
            let demand = square.steps.demand;
            (demand > Weight::ZERO).then(|| share(square.steps.covered[rung].share_of(demand).get()))
        };
        columns.push(column(share_column(name), both(writer, word), Values::Real(squares.clone().map(covered).collect())));
    }
    columns
}

/// Identifier of a square by its column and row, as the demand cells of a grid have it.
fn grid_id((column, row): (u32, u32)) -> String {
    format!("c{column:03}r{row:03}")
}

/// A square in degrees, counter-clockwise from its south-western corner.
fn outline(writer: Writer<'_>, (column, row): (u32, u32)) -> Result<Polygon<f64>, CrsError> {
    let dataset = &writer.findings.dataset;
    let (grid, projector) = (&dataset.area.grid, &dataset.projector);
    let corner = |(east, north): (u32, u32)| -> Result<Coord<f64>, CrsError> {
        let (x, y) = (f64::from(column + east) * grid.cell_m, f64::from(row + north) * grid.cell_m);
        let place = projector.unproject(Planar { x: grid.origin.x + x, y: grid.origin.y + y })?;
        Ok(Coord { x: degree(place.lon()), y: degree(place.lat()) })
    };
    let ring = [(0, 0), (1, 0), (1, 1), (0, 1)].map(corner).into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(Polygon::new(LineString::from(ring), Vec::new()))
}
