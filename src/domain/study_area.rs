//! The study area: its grid of demand cells, its planning units, water, and what belongs to the planner.

use geo::{Contains, MultiPolygon, Point};

use crate::crs::{Crs, LonLat, Planar};
use crate::id::UnitIdx;

/// A square grid in the working CRS. Cell (0, 0) is the south-west one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// South-west corner, a whole multiple of the cell size.
    pub origin: Planar,
    /// Side of a cell in metres.
    pub cell_m: f64,
    /// Columns, west to east.
    pub columns: u32,
    /// Rows, south to north.
    pub rows: u32,
}

impl Grid {
    /// The grid of whole cells that covers the box from `low` to `high` (metres).
    pub fn covering(low: Planar, high: Planar, cell_m: f64) -> Self {
        let snap = |v: f64| (v / cell_m).floor() * cell_m;
        let origin = Planar { x: snap(low.x), y: snap(low.y) };
        let count = |from: f64, to: f64| ((to - from) / cell_m).floor() as u32 + 1;
        Self { origin, cell_m, columns: count(origin.x, high.x), rows: count(origin.y, high.y) }
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.columns as usize * self.rows as usize
    }

    /// Whether the grid has no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cell that holds a point, as (column, row), if it lies on the grid.
    pub fn cell_at(&self, point: Planar) -> Option<(u32, u32)> {
        let column = ((point.x - self.origin.x) / self.cell_m).floor();
        let row = ((point.y - self.origin.y) / self.cell_m).floor();
        let inside = column >= 0.0 && row >= 0.0 && column < f64::from(self.columns) && row < f64::from(self.rows);
        inside.then_some((column as u32, row as u32))
    }

    /// Number of a cell: rows from the south, columns from the west.
    pub fn number(&self, (column, row): (u32, u32)) -> usize {
        row as usize * self.columns as usize + column as usize
    }

    /// Column and row of a numbered cell.
    pub fn cell(&self, number: usize) -> (u32, u32) {
        ((number % self.columns as usize) as u32, (number / self.columns as usize) as u32)
    }

    /// Centre of a cell.
    pub fn centre(&self, (column, row): (u32, u32)) -> Planar {
        Planar {
            x: self.origin.x + self.cell_m * (f64::from(column) + 0.5),
            y: self.origin.y + self.cell_m * (f64::from(row) + 0.5),
        }
    }
}

/// A planning unit: an area, or the part of the study area that is nearest to its centre.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// Name.
    pub name: String,
    /// Its outline in degrees, when the file gives polygons.
    pub outline: Option<MultiPolygon<f64>>,
    /// Its centre in degrees.
    pub centre: LonLat,
    /// The centre in metres.
    pub planar: Planar,
}

/// Everything about the ground itself.
#[derive(Debug, Clone)]
pub struct StudyArea {
    /// Working CRS.
    pub crs: Crs,
    /// The box under study: west, south, east, north in degrees.
    pub bbox: [f64; 4],
    /// The analysis grid.
    pub grid: Grid,
    /// Planning units; may be empty.
    pub units: Vec<Unit>,
    /// The planner's own area in degrees; `None` means that all of the box is.
    pub home: Option<MultiPolygon<f64>>,
    /// Water in degrees: no station stands in it.
    pub water: Option<MultiPolygon<f64>>,
}

impl StudyArea {
    /// Whether a position belongs to the planner.
    pub fn is_home(&self, position: LonLat) -> bool {
        self.home.as_ref().is_none_or(|home| home.contains(&position.point()))
    }

    /// Whether a position lies in water.
    pub fn is_water(&self, position: LonLat) -> bool {
        self.water.as_ref().is_some_and(|water| water.contains(&position.point()))
    }

    /// Whether a position lies in the box under study.
    pub fn in_box(&self, position: LonLat) -> bool {
        let [west, south, east, north] = self.bbox;
        (west..=east).contains(&position.lon()) && (south..=north).contains(&position.lat())
    }

    /// The planning unit of a position: the outline that contains it, else the nearest centre among units without outline.
    pub fn unit_of(&self, position: LonLat, planar: Planar) -> Option<UnitIdx> {
        let point: Point<f64> = position.point();
        let inside = self.units.iter().position(|unit| unit.outline.as_ref().is_some_and(|o| o.contains(&point)));
        let nearest = || {
            let centres = self.units.iter().enumerate().filter(|(_, unit)| unit.outline.is_none());
            centres.min_by(|(_, a), (_, b)| a.planar.distance(planar).total_cmp(&b.planar.distance(planar))).map(|(row, _)| row)
        };
        inside.or_else(nearest).map(UnitIdx::from_usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_on_a_cell_edge_belongs_to_the_cell_north_east_of_it() {
        let grid = Grid::covering(Planar { x: 1010.0, y: 2010.0 }, Planar { x: 1990.0, y: 2490.0 }, 250.0);
        assert_eq!((grid.columns, grid.rows), (4, 2));
        assert_eq!(grid.cell_at(Planar { x: 1250.0, y: 2250.0 }), Some((1, 1)));
        assert_eq!(grid.cell_at(Planar { x: 999.0, y: 2250.0 }), None);
        for number in 0..grid.len() {
            assert_eq!(grid.number(grid.cell(number)), number);
            assert_eq!(grid.cell_at(grid.centre(grid.cell(number))), Some(grid.cell(number)));
        }
    }
}
