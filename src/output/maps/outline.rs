//! Outlines that are dissolved: circles that touch become one line, cells that touch become one ring.

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::TAU;

use crate::crs::Planar;
use crate::domain::study_area::Grid;

/// Longest piece of an arc, as a part of the full turn.
const PIECE: f64 = TAU / 96.0;

/// The outline of the union of equal circles, as arcs. `O(n²)` for n circles.
pub(super) fn circles(centres: &[Planar], radius: f64) -> Vec<Vec<Planar>> {
    let mut seen = BTreeSet::new();
    let centres: Vec<Planar> = centres.iter().copied().filter(|c| seen.insert((c.x.to_bits(), c.y.to_bits()))).collect();
    centres.iter().flat_map(|&centre| free_arcs(centre, &hidden(centre, &centres, radius), radius)).collect()
}

/// Angles of a circle that lie inside other circles, sorted, from 0 to a full turn.
fn hidden(centre: Planar, centres: &[Planar], radius: f64) -> Vec<(f64, f64)> {
    let mut spans = Vec::new();
    for other in centres {
        let (dx, dy) = (other.x - centre.x, other.y - centre.y);
        if dx.abs() >= 2.0 * radius || dy.abs() >= 2.0 * radius {
            continue;
        }
        let apart = dx.hypot(dy);
        if apart == 0.0 || apart >= 2.0 * radius {
            continue;
        }
        let half = (apart / (2.0 * radius)).acos();
        let from = (dy.atan2(dx) - half).rem_euclid(TAU);
        let to = from + 2.0 * half;
        if to > TAU {
            spans.extend([(from, TAU), (0.0, to - TAU)]);
        } else {
            spans.push((from, to));
        }
    }
    spans.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    spans
}

fn free_arcs(centre: Planar, hidden: &[(f64, f64)], radius: f64) -> Vec<Vec<Planar>> {
    let mut arcs = Vec::new();
    let mut at = 0.0;
    for &(from, to) in hidden.iter().chain(&[(TAU, TAU)]) {
        if from > at + 1e-9 {
            let pieces = ((from - at) / PIECE).ceil().max(1.0);
            let angle = |piece: u32| at + (from - at) * f64::from(piece) / pieces;
            let point = |a: f64| Planar { x: centre.x + radius * a.cos(), y: centre.y + radius * a.sin() };
            arcs.push((0..=pieces as u32).map(|piece| point(angle(piece))).collect());
        }
        at = f64::max(at, to);
    }
    arcs
}

/// A corner of the grid.
type Corner = (u32, u32);

/// The rings around a set of cells, holes included.
pub(super) fn cells(cells: &[Corner], grid: &Grid) -> Vec<Vec<Planar>> {
    let inside: BTreeSet<Corner> = cells.iter().copied().collect();
    let holds = |column: i64, row: i64| {
        u32::try_from(column).is_ok_and(|column| u32::try_from(row).is_ok_and(|row| inside.contains(&(column, row))))
    };
    // Edges with the inside on their left.
    let mut edges: BTreeMap<Corner, Vec<Corner>> = BTreeMap::new();
    for &(c, r) in &inside {
        let (column, row) = (i64::from(c), i64::from(r));
        let sides = [
            (holds(column, row - 1), (c, r), (c + 1, r)),
            (holds(column + 1, row), (c + 1, r), (c + 1, r + 1)),
            (holds(column, row + 1), (c + 1, r + 1), (c, r + 1)),
            (holds(column - 1, row), (c, r + 1), (c, r)),
        ];
        for (_, from, to) in sides.into_iter().filter(|(shared, _, _)| !shared) {
            edges.entry(from).or_default().push(to);
        }
    }
    let mut rings = Vec::new();
    while let Some(start) = edges.keys().next().copied() {
        let mut ring = vec![start];
        let mut at = start;
        while let Some(next) = take(&mut edges, at) {
            ring.push(next);
            at = next;
        }
        let metres = |&(c, r): &Corner| Planar {
            x: grid.origin.x + grid.cell_m * f64::from(c),
            y: grid.origin.y + grid.cell_m * f64::from(r),
        };
        rings.push(ring.iter().map(metres).collect());
    }
    rings
}

/// Takes an edge that leaves a corner.
fn take(edges: &mut BTreeMap<Corner, Vec<Corner>>, from: Corner) -> Option<Corner> {
    let ends = edges.get_mut(&from)?;
    let next = ends.pop();
    if ends.is_empty() {
        edges.remove(&from);
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f64, y: f64) -> Planar {
        Planar { x, y }
    }

    fn length(lines: &[Vec<Planar>]) -> f64 {
        lines.iter().flat_map(|line| line.windows(2)).map(|pair| pair[0].distance(pair[1])).sum()
    }

    #[test]
    fn circles_that_touch_share_one_outline() {
        let one = length(&circles(&[at(0.0, 0.0)], 100.0));
        assert!((one - 100.0 * TAU).abs() < 1.0, "{one}");
        assert!((length(&circles(&[at(0.0, 0.0), at(0.0, 0.0)], 100.0)) - one).abs() < 1e-9, "the same place twice");
        // Two circles one radius apart hide a third of each.
        let two = length(&circles(&[at(0.0, 0.0), at(100.0, 0.0)], 100.0));
        assert!((two - one * 4.0 / 3.0).abs() < 2.0, "{two}");
    }

    #[test]
    fn cells_that_touch_share_one_ring() {
        let grid = Grid { origin: at(1000.0, 2000.0), cell_m: 250.0, columns: 9, rows: 9 };
        let square = cells(&[(0, 0), (1, 0), (0, 1), (1, 1)], &grid);
        assert_eq!(square.len(), 1);
        assert!((length(&square) - 2000.0).abs() < 1e-9);
        let holed: Vec<Corner> = (0..9).filter(|n| *n != 4).map(|n| (n % 3, n / 3)).collect();
        assert_eq!(cells(&holed, &grid).len(), 2, "a ring and its hole");
    }
}
