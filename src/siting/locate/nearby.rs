//! Sites near a point: a uniform grid over the sites, for every metric.
//!
//! What: all indexed sites with `metric.distance(site, point) <= limit`, the site first, exactly as the metric computes it.
//!
//! Steps:
//! 1. A window around the point holds every site within the limit: `± limit` on the plane; on a globe `± θ` in latitude and
//!    `± asin(sin θ ÷ cos latitude)` in longitude, round the antimeridian and wide open at a pole. θ is limit ÷ radius; on WGS-84
//!    the least radius of curvature `a(1 − e²)` stands for the radius, since `M² dφ² + (N cos φ)² dλ²` is nowhere below that
//!    sphere's.
//! 2. The sites of the window's cells lie together in memory, row by row. The squared straight line through space decides almost
//!    all of them: it is monotone in a great circle's length; on WGS-84 a geodesic is no shorter than its chord d and no longer
//!    than `2R asin(d ÷ 2R)` with R the same least radius (Schur's comparison of arcs by curvature).
//! 3. What lies within rounding of the limit is left to the metric itself.
//!
//! Complexity: a window holds about 2 to 3 times the sites found when sites are spread evenly; memory 60 bytes a site.
//! Determinism: places are numbered by cell, then by row; a search returns them ascending.

use crate::crs::Metric;

/// Least radius of curvature of the WGS-84 ellipsoid in metres, `a(1 − e²)`, rounded down.
const LEAST_RADIUS: f64 = 6_335_439.0;
/// WGS-84: equatorial radius in metres and squared eccentricity.
const EQUATOR: f64 = 6_378_137.0;
const ECCENTRICITY2: f64 = 6.694_379_990_141_316e-3;
/// Angles in radians from which on a window is the whole globe.
const WIDE: f64 = 1.0;

/// Sites in buckets. A site's *place* is its number in here.
#[derive(Debug, Clone)]
pub struct Nearby {
    metric: Metric,
    limit: f64,
    /// For each place the row of the site, its position as given, and its position in space.
    rows: Vec<u32>,
    points: Vec<[f64; 2]>,
    space: Vec<[f64; 3]>,
    /// Squared chords up to `sure` are within the limit, above `never` they aren't.
    sure: f64,
    never: f64,
    /// Half height of a window, in degrees on a globe; infinite when windows don't work.
    reach: f64,
    corner: [f64; 2],
    per_unit: [f64; 2],
    cells: [usize; 2],
    starts: Vec<u32>,
}

impl Nearby {
    /// Indexes the sites of these rows for one limit.
    pub fn new(metric: Metric, limit: f64, sites: &[[f64; 2]], rows: impl Iterator<Item = u32>) -> Self {
        // No distance is below zero, nor within a limit that isn't a number.
        let rows: Vec<u32> = rows.filter(|_| limit >= 0.0).collect();
        let flat: Vec<[f64; 2]> = rows.iter().map(|&row| key(metric, sites[row as usize])).collect();
        let (sure, never) = chords(metric, limit);
        let mut all = Self {
            metric,
            limit,
            rows: Vec::with_capacity(rows.len()),
            points: Vec::with_capacity(rows.len()),
            space: Vec::with_capacity(rows.len()),
            sure,
            never,
            reach: reach(metric, limit, &flat),
            corner: [0.0; 2],
            per_unit: [0.0; 2],
            cells: [1; 2],
            starts: Vec::new(),
        };
        all.lay_out(&flat);
        let cell_of: Vec<usize> = flat.iter().map(|at| all.cell(1, at[1]) * all.cells[0] + all.cell(0, at[0])).collect();
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|&at| (cell_of[at], rows[at]));
        all.starts = vec![0; all.cells[0] * all.cells[1] + 1];
        for &at in &order {
            let point = sites[rows[at] as usize];
            all.rows.push(rows[at]);
            all.points.push(point);
            all.space.push(in_space(metric, point));
            all.starts[cell_of[at] + 1] += 1;
        }
        for cell in 1..all.starts.len() {
            all.starts[cell] += all.starts[cell - 1];
        }
        all
    }

    /// Chooses the grid: cells of half a window's half side, but no more than a few per site.
    fn lay_out(&mut self, flat: &[[f64; 2]]) {
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for at in flat {
            for axis in 0..2 {
                (low[axis], high[axis]) = (low[axis].min(at[axis]), high[axis].max(at[axis]));
            }
        }
        let most = (4 * flat.len()).max(64) as f64;
        let side = (self.reach / 2.0).max(f64::MIN_POSITIVE);
        let narrowing = match self.metric {
            Metric::Planar => 1.0,
            Metric::Geodesic | Metric::Haversine(_) => (0.5 * (low[1] + high[1])).to_radians().cos().max(0.01),
        };
        let extent = [high[0] - low[0], high[1] - low[1]];
        let wanted = [extent[0] * narrowing / side, extent[1] / side].map(|cells| cells.clamp(1.0, most));
        let shrink = (wanted[0] * wanted[1] / most).sqrt().max(1.0);
        for axis in 0..2 {
            let cells = (wanted[axis] / shrink).floor().max(1.0);
            self.corner[axis] = low[axis];
            self.cells[axis] = cells as usize;
            self.per_unit[axis] = if extent[axis] > 0.0 { cells / extent[axis] } else { 0.0 };
        }
    }

    /// Column (axis 0) or row (axis 1) of a coordinate; what lies outside belongs to the outermost. It never falls as a
    /// coordinate rises.
    fn cell(&self, axis: usize, at: f64) -> usize {
        (((at - self.corner[axis]) * self.per_unit[axis]) as usize).min(self.cells[axis] - 1)
    }

    /// Number of sites.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no sites.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Row of the site at a place.
    #[inline]
    pub fn row(&self, place: u32) -> u32 {
        self.rows[place as usize]
    }

    /// The impedance from the site at a place.
    pub fn distance(&self, place: u32, point: [f64; 2]) -> f64 {
        self.metric.distance(self.points[place as usize], point)
    }

    /// Places of the sites within the limit of a point, ascending. `room` is kept between calls to save allocations.
    pub fn within<'r>(&self, point: [f64; 2], room: &'r mut Vec<u32>) -> &'r [u32] {
        if room.len() < self.len() {
            room.resize(self.len(), 0);
        }
        let at = in_space(self.metric, point);
        let (mut found, mut unsure) = (0, false);
        let (lines, columns) = self.window(point);
        for line in lines {
            for &(first, last) in &columns {
                if first > last {
                    continue;
                }
                let cells = line * self.cells[0];
                let (from, to) = (self.starts[cells + first], self.starts[cells + last + 1]);
                for place in from..to {
                    let chord = chord(self.space[place as usize], at);
                    // Written always, kept only if near: no branch to guess.
                    room[found] = place;
                    let (far, surely) = (chord > self.never, chord <= self.sure);
                    found += usize::from(!far);
                    unsure |= !far & !surely;
                }
            }
        }
        if unsure {
            let mut kept = 0;
            for next in 0..found {
                let place = room[next];
                room[kept] = place;
                let sure = chord(self.space[place as usize], at) <= self.sure;
                kept += usize::from(sure || self.distance(place, point) <= self.limit);
            }
            found = kept;
        }
        &room[..found]
    }

    /// Lines of cells, and up to two ascending spans of columns (first, last) that may hold sites near a point; `(1, 0)` is no
    /// span.
    fn window(&self, point: [f64; 2]) -> (std::ops::Range<usize>, [(usize, usize); 2]) {
        const NONE: (usize, usize) = (1, 0);
        let all = (0, self.cells[0] - 1);
        let [x, y] = key(self.metric, point);
        let half = match self.metric {
            Metric::Planar => self.reach,
            Metric::Geodesic | Metric::Haversine(_) => half_width(self.reach, y),
        };
        if self.is_empty() {
            return (0..0, [NONE; 2]);
        }
        if !(half.is_finite() && self.reach.is_finite()) {
            return (0..self.cells[1], [all, NONE]);
        }
        let lines = self.cell(1, y - self.reach)..self.cell(1, y + self.reach) + 1;
        let span = |from: f64, to: f64| (self.cell(0, from), self.cell(0, to));
        let columns = match self.metric {
            Metric::Planar => [span(x - half, x + half), NONE],
            // Round the antimeridian.
            _ if x - half < -180.0 => [span(-180.0, x + half), span(x - half + 360.0, 180.0)],
            _ if x + half > 180.0 => [span(-180.0, x + half - 360.0), span(x - half, 180.0)],
            _ => [span(x - half, x + half), NONE],
        };
        let [first, second] = columns;
        let overlap = second.0 <= second.1 && second.0 <= first.1;
        (lines, if overlap { [(first.0, second.1.max(first.1)), NONE] } else { columns })
    }
}

/// Where a point lies on the grid: longitudes from -180 to 180.
fn key(metric: Metric, [x, y]: [f64; 2]) -> [f64; 2] {
    match metric {
        Metric::Planar => [x, y],
        Metric::Geodesic | Metric::Haversine(_) => [(x + 180.0).rem_euclid(360.0) - 180.0, y],
    }
}

/// Half height of a window, a little generous; infinite where windows don't work.
fn reach(metric: Metric, limit: f64, flat: &[[f64; 2]]) -> f64 {
    let angle = match metric {
        Metric::Planar => return limit * (1.0 + 1e-9) + f64::MIN_POSITIVE,
        Metric::Geodesic => limit / LEAST_RADIUS,
        Metric::Haversine(radius) => limit / radius,
    };
    let regular = (0.0..WIDE).contains(&angle) && flat.iter().all(|at| at[1].abs() <= 90.0);
    if regular { angle.to_degrees() * (1.0 + 1e-9) + 1e-9 } else { f64::INFINITY }
}

/// Half width of a window at a latitude, in degrees; infinite when it holds a pole.
fn half_width(reach: f64, latitude: f64) -> f64 {
    let is_clear = latitude.abs() + reach < 89.99;
    if !is_clear {
        return f64::INFINITY;
    }
    let ratio = reach.to_radians().sin() / latitude.to_radians().cos();
    let half = ratio.asin().to_degrees() * (1.0 + 1e-9) + 1e-9;
    if half < 179.0 { half } else { f64::INFINITY }
}

/// A point in space: the plane itself, the unit sphere, or the ellipsoid in metres.
fn in_space(metric: Metric, [x, y]: [f64; 2]) -> [f64; 3] {
    if metric == Metric::Planar {
        return [x, y, 0.0];
    }
    if !(-90.0..=90.0).contains(&y) {
        // Whatever the metric makes of it.
        return [f64::NAN; 3];
    }
    let ((sin_lon, cos_lon), (sin_lat, cos_lat)) = (x.to_radians().sin_cos(), y.to_radians().sin_cos());
    let (around, up) = if metric == Metric::Geodesic {
        let normal = EQUATOR / (1.0 - ECCENTRICITY2 * sin_lat * sin_lat).sqrt();
        (normal * cos_lat, normal * (1.0 - ECCENTRICITY2) * sin_lat)
    } else {
        (cos_lat, sin_lat)
    };
    [around * cos_lon, around * sin_lon, up]
}

/// Squared straight distance.
#[inline]
fn chord(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (x, y, z) = (a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    x * x + y * y + z * z
}

/// Squared chords: up to the first surely within the limit, above the second surely not. Between them the metric decides.
fn chords(metric: Metric, limit: f64) -> (f64, f64) {
    let undecided = (-1.0, f64::INFINITY);
    let (short, long, slack) = match metric {
        Metric::Planar => (limit, limit, 1e-12 * limit),
        Metric::Haversine(radius) => {
            let angle = limit / radius;
            if !(0.0..3.0).contains(&angle) {
                return undecided;
            }
            let chord = 2.0 * (angle / 2.0).sin();
            (chord, chord, 1e-13 + 1e-11 * chord)
        }
        // 10 µm, far above the rounding of positions and of geodesics.
        Metric::Geodesic if limit < 1e7 => {
            (2.0 * LEAST_RADIUS * (limit / (2.0 * LEAST_RADIUS)).sin(), limit, 1e-5 + 1e-11 * limit)
        }
        Metric::Geodesic => return undecided,
    };
    let (sure, never) = (short - slack, long + slack);
    // Squares of extreme numbers under- or overflow.
    let squares = |chord: f64| (1e-140..1e140).contains(&chord);
    (if squares(sure) { sure * sure } else { -1.0 }, if squares(never) { never * never } else { f64::INFINITY })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn agrees(metric: Metric, limit: f64, sites: &[[f64; 2]], points: &[[f64; 2]]) -> Result<(), TestCaseError> {
        let near = Nearby::new(metric, limit, sites, 0..sites.len() as u32);
        let mut room = Vec::new();
        for &point in points {
            let found = near.within(point, &mut room);
            prop_assert!(found.is_sorted());
            let mut rows: Vec<u32> = found.iter().map(|&place| near.row(place)).collect();
            rows.sort_unstable();
            let every: Vec<u32> =
                (0u32..).zip(sites).filter(|(_, site)| metric.distance(**site, point) <= limit).map(|(row, _)| row).collect();
            prop_assert_eq!(rows, every, "{:?} {} {:?}", metric, limit, point);
        }
        Ok(())
    }

    /// Anywhere a file may put a point, and beyond.
    fn anywhere() -> impl Strategy<Value = [f64; 2]> {
        prop_oneof![
            (-180.0..=180.0, -90.0..=90.0).prop_map(Into::into),
            (-400.0..400.0, -100.0..100.0).prop_map(Into::into),
            (-12..13, -6..7).prop_map(|(x, y)| [f64::from(x) * 15.0, f64::from(y) * 15.0]),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn the_whole_globe(
            sites in prop::collection::vec(anywhere(), 1..40), points in prop::collection::vec(anywhere(), 1..20),
            limit in prop_oneof![0.0..1e6_f64, 0.0..2.1e7_f64], radius in prop_oneof![Just(6_371_000.0), 1.0..1e7_f64],
            pick in 0..20usize,
        ) {
            for metric in [Metric::Haversine(radius), Metric::Geodesic] {
                let exact = metric.distance(sites[pick % sites.len()], points[pick % points.len()]);
                for limit in [limit, limit.round(), exact, exact.next_up(), exact.next_down()] {
                    agrees(metric, limit, &sites, &points)?;
                }
            }
        }

        #[test]
        fn the_plane_at_any_scale(
            sites in prop::collection::vec((0..20, 0..20), 1..40), points in prop::collection::vec((0..20, 0..20), 1..20),
            power in -300..290, limit in 0..15, scatter in 0.0..1.0_f64, offset in prop_oneof![Just(0.0), Just(1e6), Just(1e9)],
        ) {
            let scale = 10f64.powi(power);
            let place = |(x, y): &(i32, i32)| {
                let jump = scatter * f64::from(x * 31 + y * 17).sin();
                [(f64::from(*x) + jump + offset) * scale, (f64::from(*y) + offset) * scale]
            };
            let sites: Vec<[f64; 2]> = sites.iter().map(place).collect();
            let points: Vec<[f64; 2]> = points.iter().map(place).collect();
            let exact = Metric::Planar.distance(sites[0], points[0]);
            for limit in [f64::from(limit) * scale, exact, exact.next_up(), exact.next_down()] {
                agrees(Metric::Planar, limit, &sites, &points)?;
            }
        }
    }

    #[test]
    fn a_square_of_metres() {
        let sites = [[0.0, 0.0], [3.0, 4.0], [3.0, 4.1], [-5.0, 0.0]];
        let near = Nearby::new(Metric::Planar, 5.0, &sites, [3, 1, 2, 0].into_iter());
        let mut room = Vec::new();
        let mut rows: Vec<u32> = near.within([0.0, 0.0], &mut room).iter().map(|&place| near.row(place)).collect();
        rows.sort_unstable();
        assert_eq!((rows.as_slice(), near.len()), (&[0, 1, 3][..], 4));
    }
}
