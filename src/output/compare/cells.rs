//! Covered demand of both states in each cell of the analysis grid.
//!
//! The grid starts at a whole multiple of its cell, so the same place has the same number in two runs whose boxes differ.

use std::collections::{BTreeMap, BTreeSet};

use super::{Days, Side, Versus, difference};
use crate::crs::Planar;
use crate::domain::study_area::Grid;
use crate::output::maps::Ground;
use crate::quantity::Weight;

/// Column and row of a cell, counted from the origin of the reference system.
pub(in crate::output) type Lattice = (i64, i64);

/// Number of a run's cell.
pub(super) fn lattice(grid: &Grid, (column, row): (u32, u32)) -> Lattice {
    let cells = |metres: f64| (metres / grid.cell_m).round() as i64;
    (cells(grid.origin.x) + i64::from(column), cells(grid.origin.y) + i64::from(row))
}

/// Demand of a cell, and of it what is reached, and what is reached and open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::output) struct Cover {
    pub demand: Weight,
    pub path: Weight,
    pub open: Weight,
}

impl Cover {
    /// What is covered on a rung of the ladder, `path` (1) or `open` (2).
    fn rung(&self, rung: usize) -> Weight {
        if rung == 1 { self.path } else { self.open }
    }
}

/// A cell in both states; `None` in a run that doesn't know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::output) struct Cell {
    pub at: Lattice,
    pub cover: [Option<Cover>; 2],
}

impl Cell {
    /// Covered demand on a rung, B − A, in thousandths; none where only one run knows the cell.
    pub fn gain(&self, rung: usize) -> Option<i64> {
        let [a, b] = self.cover;
        Some(difference([a?.rung(rung), b?.rung(rung)]))
    }

    /// Centre in metres.
    pub fn centre(&self, cell_m: f64) -> Planar {
        Planar { x: (self.at.0 as f64 + 0.5) * cell_m, y: (self.at.1 as f64 + 0.5) * cell_m }
    }
}

/// All cells of the day that is told, sorted.
pub(super) fn compare(versus: &Versus<'_>) -> Vec<Cell> {
    let covers = [0, 1].map(|at: usize| covers(versus.sides()[at], versus.day, at));
    let all: BTreeSet<Lattice> = covers.iter().flat_map(|covers| covers.keys().copied()).collect();
    let cover = |side: &Side<'_>, covers: &BTreeMap<Lattice, Cover>, at| {
        covers.get(&at).copied().or_else(|| knows(side, at).then(Cover::default))
    };
    let cell = |at| Cell { at, cover: [cover(&versus.a, &covers[0], at), cover(&versus.b, &covers[1], at)] };
    all.into_iter().map(cell).collect()
}

fn covers(side: &Side<'_>, days: Days, at: usize) -> BTreeMap<Lattice, Cover> {
    let (findings, day) = (side.writer.findings, days[at]);
    let ground = Ground::of(findings, side.writer.scenario, side.sites, side.matrix);
    let (demand, uncovered, closed) = (ground.demand(day), ground.uncovered(day), ground.closed(day, None));
    let cover = |cell: (u32, u32)| {
        let [demand, uncovered, closed] =
            [&demand, &uncovered, &closed].map(|grid| grid.get(&cell).copied().unwrap_or(Weight::ZERO));
        Cover { demand, path: demand - uncovered, open: demand - closed }
    };
    let cells = findings.cube.cells().rows().iter().map(|cell| cell.grid_cell);
    cells.map(|cell| (lattice(&findings.dataset.area.grid, cell), cover(cell))).collect()
}

/// Whether a cell without a row is one without demand: points may lie anywhere on the grid, squares are listed.
fn knows(side: &Side<'_>, at: Lattice) -> bool {
    let grid = &side.writer.findings.dataset.area.grid;
    let (west, south) = lattice(grid, (0, 0));
    let inside = (west..west + i64::from(grid.columns)).contains(&at.0) && (south..south + i64::from(grid.rows)).contains(&at.1);
    inside && side.writer.scenario.file.demand.points.is_some()
}
