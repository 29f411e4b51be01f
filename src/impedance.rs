//! How far it is from one place to another: straight, and on foot around rivers and railways, or over streets.
//!
//! What: the path between two places, over a street network when there is one ([`Router`]), else estimated, given barriers that can be
//! crossed at certain points only.
//! Formulation: two places are on the same side of a barrier when the segment between them crosses its line an even number of
//! times. On the same side of all barriers the path is straight × circuity. Otherwise it is the shortest way over crossing ends,
//! each leg straight × circuity between places on the same side, each crossing at its own length (a bridge is straight).
//! Reach distance = path ÷ circuity, at least the straight distance, so that it compares with a standard's straight radius. Over streets
//! it is the same: a path of the length that the circle takes for granted reaches its edge, a longer one doesn't.
//! Complexity: all pairs of crossing ends once (Floyd–Warshall, `O(k³)` for k ends), then `O(k·s)` a blocked pair for s segments; over
//! streets a search a site ([`Travel::street_costs`]) or a pair ([`Travel::path`]).
//! Not for: dense street networks or mazes of compounds without streets.

use std::sync::Arc;

use crate::crs::{CrsError, LonLat, Metric, Planar, Projector};
use crate::domain::barrier::Barrier;
use crate::domain::demand::DemandCell;
use crate::domain::site::Site;
use crate::network::{CostRows, Router};
use crate::progress::Silent;
use crate::quantity::Impedance;
use crate::scenario::Scenario;

/// A place in both kinds of coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// WGS-84.
    pub position: LonLat,
    /// Working CRS.
    pub planar: Planar,
}

impl Place {
    /// A position, also in the plane.
    ///
    /// # Errors
    /// When it can't be projected.
    pub fn new(position: LonLat, projector: &Projector) -> Result<Self, CrsError> {
        Ok(Self { position, planar: projector.project(position)? })
    }
}

impl From<&Site> for Place {
    fn from(site: &Site) -> Self {
        Self { position: site.position, planar: site.planar }
    }
}

impl From<&DemandCell> for Place {
    fn from(cell: &DemandCell) -> Self {
        Self { position: cell.position, planar: cell.planar }
    }
}

/// How people travel.
#[derive(Debug)]
pub struct Travel {
    metric: Metric,
    circuity: f64,
    barriers: Vec<Vec<Planar>>,
    ends: Vec<Planar>,
    /// Path metres between crossing ends, row by row.
    between: Vec<f64>,
    /// Streets, instead of estimates around barriers.
    streets: Option<Arc<Router>>,
}

impl Travel {
    /// Travel by a metric, a circuity (path ÷ straight) and barriers.
    pub fn new(metric: Metric, circuity: f64, barriers: &[Barrier]) -> Self {
        let lines = barriers.iter().map(|b| b.line.clone()).collect();
        let mut travel = Self { metric, circuity, barriers: lines, ends: vec![], between: vec![], streets: None };
        let mut bridges = Vec::new();
        for barrier in barriers {
            for crossing in &barrier.crossings {
                let (a, b) = apart(crossing.a, crossing.b, &barrier.line);
                bridges.push((travel.ends.len(), a.distance(b)));
                travel.ends.extend([a, b]);
            }
        }
        travel.between = travel.shortest_between_ends(&bridges);
        travel
    }

    /// Travel as a scenario says, with its barriers and streets.
    pub fn of(scenario: &Scenario, barriers: &[Barrier], streets: Option<&Arc<Router>>) -> Self {
        let travel = Self::new(scenario.metric, scenario.file.travel.circuity, barriers);
        Self { streets: streets.cloned(), ..travel }
    }

    /// Path ÷ straight line.
    pub fn circuity(&self) -> f64 {
        self.circuity
    }

    /// The metric's name with its figure, for the manifest.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// Straight distance in metres.
    pub fn straight(&self, a: Place, b: Place) -> f64 {
        match self.metric {
            Metric::Planar => a.planar.distance(b.planar),
            metric => metric.distance(a.position.into(), b.position.into()),
        }
    }

    /// Path in metres; `None` when no way leads around the barriers or over the streets.
    pub fn path(&self, a: Place, b: Place) -> Option<f64> {
        if let Some(streets) = &self.streets {
            return streets.cost(a.position, b.position).map(metres);
        }
        if self.same_side(a.planar, b.planar) {
            return Some(self.straight(a, b) * self.circuity);
        }
        let legs = |place: Place| -> Vec<(usize, f64)> {
            let open = self.ends.iter().enumerate().filter(|(_, end)| self.same_side(place.planar, **end));
            open.map(|(end, at)| (end, place.planar.distance(*at) * self.circuity)).collect()
        };
        let (from, to) = (legs(a), legs(b));
        let ways = from.iter().flat_map(|&(i, first)| {
            let between = &self.between[i * self.ends.len()..];
            to.iter().map(move |&(j, last)| first + between[j] + last)
        });
        ways.min_by(f64::total_cmp).filter(|metres| metres.is_finite())
    }

    /// Straight-line-equivalent reach distance: path ÷ circuity, and never less than the straight distance (a long bridge has no
    /// detour, so its path ÷ circuity would be).
    pub fn reach(&self, a: Place, b: Place) -> Impedance {
        self.path(a, b).map_or(Impedance::UNREACHABLE, |path| self.equivalent(path, self.straight(a, b)))
    }

    fn equivalent(&self, path: f64, straight: f64) -> Impedance {
        Impedance::from_metres((path / self.circuity).max(straight))
    }

    /// Paths over streets from every site to every cell, as far as a reach distance may be; `None` without streets.
    pub fn street_costs(&self, sites: &[Place], cells: &[Place], limit: Impedance) -> Option<CostRows> {
        let streets = self.streets.as_ref()?;
        let positions = |places: &[Place]| -> Vec<LonLat> { places.iter().map(|place| place.position).collect() };
        // Reach distances are rounded to a millimetre, so paths a little beyond the limit may still be at it.
        let longest = ((limit.metres() + 0.001) * self.circuity * 1000.0).ceil() as u32;
        Some(streets.costs(&positions(sites), &positions(cells), longest, &Silent))
    }

    /// Reach distance of a pair that [`Travel::street_costs`] has found, or hasn't; `straight` in metres.
    pub fn street_reach(&self, cost: Option<u32>, straight: f64) -> Impedance {
        cost.map_or(Impedance::UNREACHABLE, |cost| self.equivalent(metres(cost), straight))
    }

    /// Whether the segment between two points crosses every barrier an even number of times.
    fn same_side(&self, a: Planar, b: Planar) -> bool {
        self.barriers.iter().all(|line| line.windows(2).filter(|s| crosses(a, b, s[0], s[1])).count() % 2 == 0)
    }

    fn shortest_between_ends(&self, bridges: &[(usize, f64)]) -> Vec<f64> {
        let n = self.ends.len();
        let mut metres = vec![f64::INFINITY; n * n];
        for i in 0..n {
            for j in 0..n {
                if i == j {
                    metres[i * n + j] = 0.0;
                } else if self.same_side(self.ends[i], self.ends[j]) {
                    metres[i * n + j] = self.ends[i].distance(self.ends[j]) * self.circuity;
                }
            }
        }
        for &(end, length) in bridges {
            metres[end * n + end + 1] = length;
            metres[(end + 1) * n + end] = length;
        }
        for k in 0..n {
            for i in 0..n {
                for j in 0..n {
                    let over = metres[i * n + k] + metres[k * n + j];
                    if over < metres[i * n + j] {
                        metres[i * n + j] = over;
                    }
                }
            }
        }
        metres
    }
}

/// Metres of a cost in millimetres.
fn metres(cost: u32) -> f64 {
    f64::from(cost) / 1000.0
}

/// Whether segments ab and pq cross; a shared end point counts on one side only, so that crossings along a line add up.
fn crosses(a: Planar, b: Planar, p: Planar, q: Planar) -> bool {
    let left = |from: Planar, to: Planar, at: Planar| (to.x - from.x) * (at.y - from.y) - (to.y - from.y) * (at.x - from.x) > 0.0;
    left(a, b, p) != left(a, b, q) && left(p, q, a) != left(p, q, b)
}

/// The two ends of a crossing, on either side of the line: a level crossing (one point on the line) is pulled 1 cm apart.
fn apart(a: Planar, b: Planar, line: &[Planar]) -> (Planar, Planar) {
    if a != b {
        return (a, b);
    }
    let off_line = |s: &[Planar]| (s[0].distance(a) + s[1].distance(a)) - s[0].distance(s[1]);
    let Some(nearest) = line.windows(2).min_by(|s, t| off_line(s).total_cmp(&off_line(t))) else { return (a, b) };
    let length = nearest[0].distance(nearest[1]).max(f64::MIN_POSITIVE);
    let (nx, ny) = (-(nearest[1].y - nearest[0].y) / length * 0.01, (nearest[1].x - nearest[0].x) / length * 0.01);
    (Planar { x: a.x + nx, y: a.y + ny }, Planar { x: a.x - nx, y: a.y - ny })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::barrier::Crossing;
    use proptest::prelude::*;

    fn place(x: f64, y: f64) -> Place {
        Place { position: LonLat::new(0.0, 0.0).expect("valid"), planar: Planar { x, y } }
    }

    fn railway(crossings: &[(f64, f64)]) -> Barrier {
        Barrier {
            name: "railway".into(),
            kind: "railway".into(),
            line: vec![Planar { x: 0.0, y: -5000.0 }, Planar { x: 0.0, y: 5000.0 }],
            crossings: crossings.iter().map(|&(x, y)| Crossing { a: Planar { x, y }, b: Planar { x, y } }).collect(),
        }
    }

    #[test]
    fn a_railway_is_walked_around() {
        let travel = Travel::new(Metric::Planar, 1.2, &[railway(&[(0.0, 400.0)])]);
        let path = travel.path(place(-100.0, 0.0), place(100.0, 0.0)).expect("there is a crossing");
        let expected = 2.0 * 100.0f64.hypot(400.0) * 1.2;
        assert!((path - expected).abs() < 0.1, "{path} against {expected}");
        assert_eq!(travel.path(place(-100.0, 0.0), place(-300.0, 0.0)), Some(240.0));
    }

    #[test]
    fn without_a_crossing_the_other_side_is_out_of_reach() {
        let travel = Travel::new(Metric::Planar, 1.2, &[railway(&[])]);
        assert_eq!(travel.path(place(-100.0, 0.0), place(100.0, 0.0)), None);
        assert_eq!(travel.reach(place(-100.0, 0.0), place(100.0, 0.0)), Impedance::UNREACHABLE);
    }

    #[test]
    fn a_bridge_is_never_nearer_than_the_straight_line() {
        let mut river = railway(&[]);
        river.crossings.push(Crossing { a: Planar { x: -250.0, y: 0.0 }, b: Planar { x: 250.0, y: 0.0 } });
        let travel = Travel::new(Metric::Planar, 1.2, &[river]);
        assert_eq!(travel.path(place(-270.0, 0.0), place(270.0, 0.0)), Some(548.0));
        assert_eq!(travel.reach(place(-270.0, 0.0), place(270.0, 0.0)), Impedance::from_metres(540.0));
    }

    proptest! {
        #[test]
        fn a_barrier_never_shortens_a_path(ax in -900.0..900.0f64, ay in -900.0..900.0f64, bx in -900.0..900.0f64, by in -900.0..900.0f64) {
            let free = Travel::new(Metric::Planar, 1.2, &[]);
            let one = Travel::new(Metric::Planar, 1.2, &[railway(&[(0.0, 400.0)])]);
            let two = Travel::new(Metric::Planar, 1.2, &[railway(&[(0.0, 400.0), (0.0, -50.0)])]);
            let (a, b) = (place(ax, ay), place(bx, by));
            let metres = |t: &Travel, a, b| t.path(a, b).expect("reachable");
            prop_assert!(metres(&one, a, b) >= metres(&free, a, b) - 0.1);
            prop_assert!(metres(&two, a, b) <= metres(&one, a, b) + 0.1, "one more crossing never lengthens a path");
            prop_assert!((metres(&one, a, b) - metres(&one, b, a)).abs() < 1e-6, "walking is symmetric");
        }
    }
}
