//! Cutting shapes at the map's edge, and dashes.
//!
//! Rings: Sutherland & Hodgman 1974 (CACM 17(1):32-42), O(n) for each of the four edges. Lines: Liang & Barsky 1984 (ACM TOG
//! 3(1):1-22), piece by piece. A ring cut in several parts stays one ring that runs along the edge; fill it, don't outline it.

use super::frame::{Area, Spot, whole};

type Point = (f64, f64);

/// A ring cut at the edges of `area`, in whole units without repeated positions; empty when nothing of it is inside.
pub(super) fn clip_ring(ring: &[Point], area: Area) -> Vec<Spot> {
    let [left, top, right, bottom] = [area.left, area.top, area.right, area.bottom].map(f64::from);
    let cut_x = |x: f64| move |a: Point, b: Point| (x, a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0));
    let cut_y = |y: f64| move |a: Point, b: Point| (a.0 + (b.0 - a.0) * (y - a.1) / (b.1 - a.1), y);
    let ring = clip_half(ring, |p| p.0 >= left, cut_x(left));
    let ring = clip_half(&ring, |p| p.0 <= right, cut_x(right));
    let ring = clip_half(&ring, |p| p.1 >= top, cut_y(top));
    let ring = clip_half(&ring, |p| p.1 <= bottom, cut_y(bottom));
    let mut spots: Vec<Spot> = ring.into_iter().map(whole).collect();
    spots.dedup();
    if spots.len() > 1 && spots.first() == spots.last() {
        spots.pop();
    }
    if spots.len() < 3 { Vec::new() } else { spots }
}

fn clip_half(ring: &[Point], inside: impl Fn(Point) -> bool, cut: impl Fn(Point, Point) -> Point) -> Vec<Point> {
    let mut kept = Vec::with_capacity(ring.len() + 4);
    for (index, &to) in ring.iter().enumerate() {
        let from = ring[(index + ring.len() - 1) % ring.len()];
        if inside(from) != inside(to) {
            kept.push(cut(from, to));
        }
        if inside(to) {
            kept.push(to);
        }
    }
    kept
}

/// The parts of a line inside `area`.
pub(super) fn clip_line(line: &[Point], area: Area) -> Vec<Vec<Point>> {
    let mut parts: Vec<Vec<Point>> = Vec::new();
    for pair in line.windows(2) {
        let Some((from, to)) = clip_segment(pair[0], pair[1], area) else { continue };
        match parts.last_mut() {
            Some(part) if part.last() == Some(&from) => part.push(to),
            _ => parts.push(vec![from, to]),
        }
    }
    parts
}

fn clip_segment(from: Point, to: Point, area: Area) -> Option<(Point, Point)> {
    let [left, top, right, bottom] = [area.left, area.top, area.right, area.bottom].map(f64::from);
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (slope, room) in [(-dx, from.0 - left), (dx, right - from.0), (-dy, from.1 - top), (dy, bottom - from.1)] {
        if slope == 0.0 && room < 0.0 {
            return None;
        }
        if slope < 0.0 {
            enter = enter.max(room / slope);
        } else if slope > 0.0 {
            leave = leave.min(room / slope);
        }
    }
    let at = |t: f64| {
        if t == 0.0 {
            from
        } else if t == 1.0 {
            to
        } else {
            (from.0 + t * dx, from.1 + t * dy)
        }
    };
    (enter < leave).then(|| (at(enter), at(leave)))
}

/// A line in whole units without repeated positions.
pub(super) fn spots(line: &[Point]) -> Vec<Spot> {
    let mut spots: Vec<Spot> = line.iter().copied().map(whole).collect();
    spots.dedup();
    spots
}

/// The dashes of a line: `on` units drawn, `off` units left out, and so on along its length.
pub(super) fn dashes(line: &[Point], on: f64, off: f64) -> Vec<Vec<Point>> {
    let mut found: Vec<Vec<Point>> = Vec::new();
    let (mut drawing, mut left) = (true, on.max(1.0));
    let mut dash: Vec<Point> = line.first().copied().into_iter().collect();
    for pair in line.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        let mut rest = (to.0 - from.0).hypot(to.1 - from.1);
        while rest > left {
            let part = left / rest;
            from = (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
            rest -= left;
            dash.push(from);
            if drawing {
                found.push(std::mem::take(&mut dash));
            }
            dash = vec![from];
            drawing = !drawing;
            left = if drawing { on } else { off }.max(1.0);
        }
        left -= rest;
        dash.push(to);
    }
    if drawing && dash.len() > 1 {
        found.push(dash);
    }
    found
}

/// A ring around a centre.
pub(super) fn circle(centre: Point, radius: f64) -> Vec<Point> {
    const CORNERS: usize = 96;
    let angle = |index: usize| index as f64 * std::f64::consts::TAU / CORNERS as f64;
    (0..CORNERS).map(|index| (centre.0 + radius * angle(index).cos(), centre.1 + radius * angle(index).sin())).collect()
}

/// Twice the signed area of a ring.
pub(super) fn signed_area(ring: &[Spot]) -> i64 {
    let wide = |(x, y): Spot| (i64::from(x), i64::from(y));
    let cross = |a: (i64, i64), b: (i64, i64)| a.0 * b.1 - b.0 * a.1;
    (0..ring.len()).map(|index| cross(wide(ring[index]), wide(ring[(index + 1) % ring.len()]))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Area = Area { left: 0, top: 0, right: 100, bottom: 100 };

    #[test]
    fn a_ring_is_cut_to_the_area_it_shares() {
        let ring = [(50.0, 50.0), (150.0, 50.0), (150.0, 150.0), (50.0, 150.0)];
        assert_eq!(signed_area(&clip_ring(&ring, BOX)).abs(), 2 * 50 * 50);
        assert!(clip_ring(&[(200.0, 0.0), (300.0, 0.0), (300.0, 50.0)], BOX).is_empty());
        let around = [(-9.0, -9.0), (900.0, -9.0), (900.0, 900.0), (-9.0, 900.0)];
        assert_eq!(signed_area(&clip_ring(&around, BOX)).abs(), 2 * 100 * 100);
    }

    #[test]
    fn a_line_that_leaves_and_returns_has_two_parts() {
        let parts = clip_line(&[(50.0, 50.0), (150.0, 50.0), (150.0, 60.0), (50.0, 60.0)], BOX);
        assert_eq!(parts, [vec![(50.0, 50.0), (100.0, 50.0)], vec![(100.0, 60.0), (50.0, 60.0)]]);
        assert!(clip_line(&[(-5.0, -5.0), (-5.0, 300.0)], BOX).is_empty());
    }

    #[test]
    fn dashes_go_round_corners_and_keep_their_length() {
        let found = dashes(&[(0.0, 0.0), (15.0, 0.0), (15.0, 15.0)], 10.0, 10.0);
        assert_eq!(found, [vec![(0.0, 0.0), (10.0, 0.0)], vec![(15.0, 5.0), (15.0, 15.0)]]);
    }
}
