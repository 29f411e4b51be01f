//! Areas from a field of distances: marching squares whose outlines are valid and nested by construction.
//!
//! What: the area where a field of distances, known at the points of a lattice, is at most a width.
//! Input → output: distances in whole centimetres at lattice points (those not stored are far) → polygons in millionths of a degree.
//! Steps: (1) each square of the lattice with points inside and outside gives one or two directed pieces of outline, inside on the
//! left; they cross a side of the square in proportion to the two distances there, rounded to a unit, and never at its ends;
//! (2) pieces are linked into rings; (3) anticlockwise rings are outlines, clockwise rings are holes of the smallest outline around.
//! Two opposite points inside are kept apart, so a side is crossed by one ring once: rings are simple and never touch.
//! Nesting: where a second field is nowhere larger than the first, its area contains the first one's, exactly: every inside point stays
//! inside, and every crossing moves outwards or stays, because the crossing is a monotone integer function of the two distances.
//! Complexity: `O(points + pieces · log pieces)`, and outlines × holes for (3) by bounding box.
//! Determinism: integers throughout; rings start at their lowest piece. Lorensen and Cline 1987 for the idea.

use std::collections::BTreeMap;

use geo::{Coord, LineString, MultiPolygon, Polygon};

/// Points along a side of a tile.
const TILE: i32 = 32;
/// A distance that isn't stored.
pub(super) const FAR_CM: u16 = u16::MAX;
/// Units in a degree.
pub(super) const PER_DEGREE: f64 = 1e6;

/// A lattice fixed to the globe: its points are whole multiples of the steps, in millionths of a degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lattice {
    /// Step to the east.
    pub east: i32,
    /// Step to the north.
    pub north: i32,
}

/// Distances at lattice points, stored in tiles where there are any.
#[derive(Debug, Clone, Default)]
pub(super) struct Field {
    tiles: BTreeMap<(i32, i32), Box<[u16]>>,
}

/// A point of the lattice, counted in steps.
pub(super) type Knot = (i32, i32);

/// A side of a square: the knot where it begins, and whether it goes north.
type Side = (i32, i32, bool);

impl Field {
    /// Lowers the distances of some points of a row, from `west` to `east`, both included.
    pub fn lower_row(&mut self, y: i32, west: i32, east: i32, cm: impl Fn(i32) -> u16) {
        for column in west.div_euclid(TILE)..=east.div_euclid(TILE) {
            let blank = || vec![FAR_CM; (TILE * TILE) as usize].into();
            let tile: &mut Box<[u16]> = self.tiles.entry((y.div_euclid(TILE), column)).or_insert_with(blank);
            for x in west.max(column * TILE)..=east.min(column * TILE + TILE - 1) {
                let value = &mut tile[slot(x, y)];
                *value = (*value).min(cm(x));
            }
        }
    }

    /// Lowers all distances to those of another field.
    pub fn lower_all(&mut self, other: &Self) {
        for (key, theirs) in &other.tiles {
            match self.tiles.get_mut(key) {
                None => drop(self.tiles.insert(*key, theirs.clone())),
                Some(ours) => ours.iter_mut().zip(theirs).for_each(|(ours, theirs)| *ours = (*ours).min(*theirs)),
            }
        }
    }

    fn get(&self, (x, y): Knot) -> u16 {
        self.tiles.get(&(y.div_euclid(TILE), x.div_euclid(TILE))).map_or(FAR_CM, |tile| tile[slot(x, y)])
    }

    /// The area where the distance is at most `width`, in degrees; outlines anticlockwise.
    pub fn area(&self, lattice: Lattice, width_cm: u16) -> MultiPolygon<f64> {
        let mut pieces = Vec::new();
        for &(row, column) in self.tiles.keys() {
            self.pieces_of_tile((column * TILE, row * TILE), width_cm, &mut pieces);
        }
        let rings = rings(pieces).into_iter();
        polygons(rings.map(|ring| ring.into_iter().map(|side| self.crossing(side, lattice, width_cm)).collect()).collect())
    }

    /// Pieces in the squares whose south-west corner is in a tile. A square with a point inside has all its corners stored, so
    /// no other square has pieces.
    fn pieces_of_tile(&self, (west, south): Knot, width: u16, pieces: &mut Vec<(Side, Side)>) {
        let mut below = self.inside(west, south, width);
        for y in south..south + TILE {
            let above = self.inside(west, y + 1, width);
            // Squares whose four corners are alike have no piece.
            let mut mixed =
                (below | above | below >> 1 | above >> 1) & !(below & above & below >> 1 & above >> 1) & u64::from(u32::MAX);
            while mixed != 0 {
                let x = mixed.trailing_zeros();
                mixed &= mixed - 1;
                let bit = |row: u64, at: u32| (row >> at & 1) as u8;
                let case = bit(below, x) | bit(below, x + 1) << 1 | bit(above, x + 1) << 2 | bit(above, x) << 3;
                pieces_of_square((west + x as i32, y), case, pieces);
            }
            below = above;
        }
    }

    /// Which of the points `west`, `west` + 1 … (one more than a tile has) of a row are inside, as bits.
    fn inside(&self, west: i32, y: i32, width: u16) -> u64 {
        let (row, column) = (y.div_euclid(TILE), west.div_euclid(TILE));
        let here = self.tiles.get(&(row, column)).map_or(0, |tile| {
            let values = &tile[slot(west, y)..slot(west, y) + TILE as usize];
            values.iter().rev().fold(0, |bits, &cm| bits << 1 | u64::from(cm <= width))
        });
        here | u64::from(self.get((west + TILE, y)) <= width) << TILE
    }

    /// Where an outline crosses a side, in millionths of a degree.
    fn crossing(&self, (x, y, north): Side, lattice: Lattice, width: u16) -> [i32; 2] {
        let (here, there) = (self.get((x, y)), self.get(if north { (x, y + 1) } else { (x + 1, y) }));
        let step = if north { lattice.north } else { lattice.east };
        let from_here = if here <= width { part(here, there, width, step) } else { step - part(there, here, width, step) };
        let (lon, lat) = (x * lattice.east, y * lattice.north);
        if north { [lon, lat + from_here] } else { [lon + from_here, lat] }
    }
}

fn slot(x: i32, y: i32) -> usize {
    (y.rem_euclid(TILE) * TILE + x.rem_euclid(TILE)) as usize
}

/// Units from the inside point to the crossing, from 1 to `step` − 1: where the distance is half a centimetre over the width.
fn part(inside: u16, outside: u16, width: u16, step: i32) -> i32 {
    let (above, span) = (2 * i64::from(width - inside) + 1, 2 * i64::from(outside - inside));
    (((2 * above * i64::from(step) + span) / (2 * span)) as i32).clamp(1, step - 1)
}

/// Pieces of outline in a square, by which of its corners (SW, SE, NE, NW) are inside; from side to side, inside on the left.
fn pieces_of_square((x, y): Knot, case: u8, pieces: &mut Vec<(Side, Side)>) {
    let (south, east, north, west) = ((x, y, false), (x + 1, y, true), (x, y + 1, false), (x, y, true));
    let found: &[(Side, Side)] = match case {
        0b0001 => &[(south, west)],
        0b0010 => &[(east, south)],
        0b0100 => &[(north, east)],
        0b1000 => &[(west, north)],
        0b0011 => &[(east, west)],
        0b0110 => &[(north, south)],
        0b1100 => &[(west, east)],
        0b1001 => &[(south, north)],
        0b0101 => &[(south, west), (north, east)],
        0b1010 => &[(east, south), (west, north)],
        0b0111 => &[(north, west)],
        0b1011 => &[(east, north)],
        0b1101 => &[(south, east)],
        0b1110 => &[(west, south)],
        _ => &[],
    };
    pieces.extend_from_slice(found);
}

/// Links pieces into rings of sides.
fn rings(mut pieces: Vec<(Side, Side)>) -> Vec<Vec<Side>> {
    pieces.sort_unstable();
    let mut is_used = vec![false; pieces.len()];
    let mut rings = Vec::new();
    for first in 0..pieces.len() {
        let (mut ring, mut at) = (Vec::new(), first);
        while !is_used[at] {
            is_used[at] = true;
            ring.push(pieces[at].0);
            let next = pieces[at].1;
            at = pieces.binary_search_by_key(&next, |piece| piece.0).unwrap_or(first);
        }
        if !ring.is_empty() {
            rings.push(ring);
        }
    }
    rings
}

/// A ring with what is asked of it again and again.
struct Ring {
    points: Vec<[i32; 2]>,
    /// Twice the area; negative for holes.
    area2: i64,
    low: [i32; 2],
    high: [i32; 2],
}

impl Ring {
    fn new(points: Vec<[i32; 2]>) -> Self {
        let (mut low, mut high) = ([i32::MAX; 2], [i32::MIN; 2]);
        for point in &points {
            for d in 0..2 {
                (low[d], high[d]) = (low[d].min(point[d]), high[d].max(point[d]));
            }
        }
        // Relative to a corner, so that products stay small.
        let at = |i: usize| [0, 1].map(|d| i64::from(points[i % points.len()][d]) - i64::from(low[d]));
        let area2 = (0..points.len()).map(|i| at(i)[0] * at(i + 1)[1] - at(i + 1)[0] * at(i)[1]).sum();
        Self { points, area2, low, high }
    }

    /// Whether a point, which is on no ring but its own, is inside.
    fn surrounds(&self, [x, y]: [i32; 2]) -> bool {
        let within = |d: usize, value: i32| (self.low[d]..=self.high[d]).contains(&value);
        if !within(0, x) || !within(1, y) {
            return false;
        }
        let sides = (0..self.points.len()).map(|i| (self.points[i], self.points[(i + 1) % self.points.len()]));
        let crossed = sides.filter(|&(a, b)| (a[1] > y) != (b[1] > y) && is_west_of([x, y], a, b));
        crossed.count() % 2 == 1
    }

    fn line(&self) -> LineString<f64> {
        let degree = |unit: i32| f64::from(unit) / PER_DEGREE;
        let closed = self.points.iter().chain(self.points.first());
        closed.map(|&[x, y]| Coord { x: degree(x), y: degree(y) }).collect()
    }
}

/// Whether a point lies west of the segment ab at its own latitude.
fn is_west_of([x, y]: [i32; 2], a: [i32; 2], b: [i32; 2]) -> bool {
    let (low, high) = if a[1] < b[1] { (a, b) } else { (b, a) };
    let wide = |value: i32, from: i32| i64::from(value) - i64::from(from);
    wide(x, low[0]) * wide(high[1], low[1]) < wide(high[0], low[0]) * wide(y, low[1])
}

fn polygons(rings: Vec<Vec<[i32; 2]>>) -> MultiPolygon<f64> {
    let (outlines, holes): (Vec<Ring>, Vec<Ring>) = rings.into_iter().map(Ring::new).partition(|ring| ring.area2 > 0);
    let mut inner: Vec<Vec<LineString<f64>>> = vec![Vec::new(); outlines.len()];
    for hole in &holes {
        let around = outlines.iter().enumerate().filter(|(_, outline)| outline.surrounds(hole.points[0]));
        if let Some((row, _)) = around.min_by_key(|(_, outline)| outline.area2) {
            inner[row].push(hole.line());
        }
    }
    outlines.iter().zip(inner).map(|(outline, holes)| Polygon::new(outline.line(), holes)).collect()
}
