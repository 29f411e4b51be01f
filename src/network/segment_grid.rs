//! Finding segments near a place: a uniform grid in degrees whose cells hold the segments that touch them.
//!
//! Why not the R*-tree of `spatial_index.rs`: that one holds points in the working CRS; streets are in degrees, are found before
//! any projection, and are short and evenly spread, where a grid needs no more than an array. Degrees are not distances: cells only
//! gather candidates, generously; the caller measures each in metres.
//! Steps: cells about two segments large (20 m to 2 km a side); a segment is entered row by row into the cells it crosses, so a
//! long ferry doesn't fill its bounding box. A search goes outwards ring by ring.
//! Complexity: build `O(segments + cells)`; a search looks at the rings up to the nearest find. Memory: 8 bytes a segment and cell,
//! 4 bytes a cell. Determinism: entries of a cell in the order given.
//! Not for: data across the antimeridian (the grid would span the Earth, and searches would not wrap).

use super::geodesy::{Local, Spot};

/// Shortest and longest side of a cell, in metres.
const SIDES_M: (f64, f64) = (20.0, 2_000.0);
/// Cells along one direction, at most.
const MOST_ALONG: i64 = 1 << 15;
/// A place is this much nearer to a cell than the flat view says, at least: scale changes over a search.
const CAUTION: f64 = 0.99;

/// A segment: whose it is, and which part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SegmentRef {
    pub owner: u32,
    pub part: u32,
}

/// Segments by cell.
#[derive(Debug, Clone)]
pub(super) struct SegmentGrid {
    origin: [i64; 2],
    cell: [i64; 2],
    size: [i64; 2],
    rows: Vec<u32>,
    entries: Vec<SegmentRef>,
}

/// A position in [`Spot`] units that need not be whole.
pub(super) type Units = [f64; 2];

pub(super) fn units(spot: Spot) -> Units {
    [f64::from(spot.lon), f64::from(spot.lat)]
}

/// Looks at the segments around a place.
pub(super) trait Visitor {
    /// Whether segments at this distance in metres, or further, are still of interest.
    fn wants(&self, metres: f64) -> bool;
    /// Takes a segment; the same one may come more than once.
    fn offer(&mut self, segment: SegmentRef);
}

impl SegmentGrid {
    /// Enters segments; `all` is asked twice.
    pub fn new<I: Iterator<Item = (SegmentRef, [Spot; 2])>>(
        bounds: Option<[Spot; 2]>,
        count: usize,
        all: impl Fn() -> I,
    ) -> Self {
        let mut grid = Self::empty(bounds, count);
        let cells = (grid.size[0] * grid.size[1]) as usize;
        let mut rows = vec![0u32; cells + 1];
        for (_, ends) in all() {
            grid.touched(ends, |cell| rows[cell + 1] += 1);
        }
        for cell in 0..cells {
            rows[cell + 1] += rows[cell];
        }
        let mut entries = vec![SegmentRef { owner: 0, part: 0 }; rows[cells] as usize];
        let mut next = rows.clone();
        for (segment, ends) in all() {
            grid.touched(ends, |cell| {
                entries[next[cell] as usize] = segment;
                next[cell] += 1;
            });
        }
        (grid.rows, grid.entries) = (rows, entries);
        grid
    }

    fn empty(bounds: Option<[Spot; 2]>, count: usize) -> Self {
        let [low, high] = bounds.unwrap_or([Spot { lon: 0, lat: 0 }; 2]);
        let local = Local::at((f64::from(low.lat) + f64::from(high.lat)) / 2.0);
        let extent = [i64::from(high.lon) - i64::from(low.lon) + 1, i64::from(high.lat) - i64::from(low.lat) + 1];
        let metres = [extent[0] as f64 * local.east, extent[1] as f64 * local.north];
        let side = (metres[0] * metres[1] * 2.0 / count.max(1) as f64).sqrt().clamp(SIDES_M.0, SIDES_M.1);
        let along = |extent: i64, unit: f64| ((side / unit).ceil() as i64).max(extent / MOST_ALONG + 1);
        let cell = [along(extent[0], local.east), along(extent[1], local.north)];
        let size = [(extent[0] - 1) / cell[0] + 1, (extent[1] - 1) / cell[1] + 1];
        Self { origin: [i64::from(low.lon), i64::from(low.lat)], cell, size, rows: Vec::new(), entries: Vec::new() }
    }

    /// Calls for each cell that a segment may touch.
    fn touched(&self, ends: [Spot; 2], mut call: impl FnMut(usize)) {
        let (low, high) = if ends[0].lat <= ends[1].lat { (ends[0], ends[1]) } else { (ends[1], ends[0]) };
        let rise = f64::from(high.lat) - f64::from(low.lat);
        let lon_at = |lat: f64| {
            let share = if rise > 0.0 { ((lat - f64::from(low.lat)) / rise).clamp(0.0, 1.0) } else { 0.0 };
            f64::from(low.lon) + (f64::from(high.lon) - f64::from(low.lon)) * share
        };
        for row in self.along(1, f64::from(low.lat))..=self.along(1, f64::from(high.lat)) {
            let south = (self.origin[1] + row * self.cell[1]) as f64;
            let (mut west, mut east) = (lon_at(south), lon_at(south + self.cell[1] as f64));
            if rise == 0.0 {
                (west, east) = (f64::from(low.lon), f64::from(high.lon));
            }
            let columns = self.along(0, west.min(east) - 1.0)..=self.along(0, west.max(east) + 1.0);
            columns.for_each(|column| call((row * self.size[0] + column) as usize));
        }
    }

    /// Number of the cell along a direction, inside the grid.
    fn along(&self, direction: usize, unit: f64) -> i64 {
        self.outside(direction, unit).clamp(0, self.size[direction] - 1)
    }

    /// The same, beyond the grid if need be.
    fn outside(&self, direction: usize, unit: f64) -> i64 {
        ((unit - self.origin[direction] as f64) / self.cell[direction] as f64).floor() as i64
    }

    /// Offers the segments around a place, ring after ring, as long as the visitor wants more.
    pub fn outwards(&self, from: Units, local: Local, visitor: &mut impl Visitor) {
        let centre = [self.outside(0, from[0]), self.outside(1, from[1])];
        let metres = [local.east * CAUTION, local.north * CAUTION];
        // From the place to the nearest border of its own cell, and how much further the border of each next ring is.
        let border = |d: usize| {
            let inside = from[d] - (self.origin[d] + centre[d] * self.cell[d]) as f64;
            inside.min(self.cell[d] as f64 - inside).max(0.0) * metres[d]
        };
        let (border, side) = (border(0).min(border(1)), (0..2).map(|d| self.cell[d] as f64 * metres[d]).fold(f64::MAX, f64::min));
        let last = (0..2).map(|d| centre[d].abs().max((self.size[d] - 1 - centre[d]).abs())).max().unwrap_or(0);
        let nearest = (0..2).map(|d| (-centre[d]).max(centre[d] - self.size[d] + 1)).max().unwrap_or(0).max(0);
        for ring in nearest..=last {
            if !visitor.wants(if ring == 0 { 0.0 } else { border + (ring - 1) as f64 * side }) {
                return;
            }
            self.ring(centre, ring, visitor);
        }
    }

    fn ring(&self, centre: [i64; 2], ring: i64, visitor: &mut impl Visitor) {
        let rows = (centre[1] - ring).max(0)..=(centre[1] + ring).min(self.size[1] - 1);
        for row in rows {
            let is_edge = (row - centre[1]).abs() == ring;
            let step = if is_edge || ring == 0 { 1 } else { 2 * ring };
            let mut column = centre[0] - ring;
            while column <= centre[0] + ring {
                if (0..self.size[0]).contains(&column) {
                    self.cell(row * self.size[0] + column).iter().for_each(|&segment| visitor.offer(segment));
                } else if step == 1 && column < 0 {
                    column = -1;
                } else if step == 1 {
                    break;
                }
                column += step;
            }
        }
    }

    fn cell(&self, cell: i64) -> &[SegmentRef] {
        let cell = cell as usize;
        &self.entries[self.rows[cell] as usize..self.rows[cell + 1] as usize]
    }

    /// Whether any segment in the cells that a box touches passes a test.
    pub fn any_in(&self, a: Units, b: Units, mut test: impl FnMut(SegmentRef) -> bool) -> bool {
        let range = |direction: usize| {
            let (low, high) = (a[direction].min(b[direction]) - 1.0, a[direction].max(b[direction]) + 1.0);
            self.outside(direction, low).max(0)..=self.outside(direction, high).min(self.size[direction] - 1)
        };
        range(1).any(|row| range(0).any(|column| self.cell(row * self.size[0] + column).iter().any(|&segment| test(segment))))
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.rows.len() * 4 + self.entries.len() * 8
    }
}
