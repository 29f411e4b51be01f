//! Label placement: greedy, most important first, eight positions around each mark, then the same further out with a leader line.
//!
//! Input: labels with size and priority, and every mark on the map. Output: where each label stands; a label without a free position
//! is left out. No two labels overlap, none covers a mark or crosses a leader line. Order of positions: Imhof 1975 (The American
//! Cartographer 2(2):128-144), right above first. O(labels × (marks + labels)); the result depends on input order and priority only.

use super::frame::{Area, Spot};

/// A label to be placed.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// Centre of its mark.
    pub at: Spot,
    /// Radius of its mark.
    pub radius: i32,
    /// Width of the text.
    pub width: i32,
    /// Height of the text.
    pub height: i32,
    /// Small is placed first.
    pub priority: u32,
}

/// A mark that no label may cover.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// Centre.
    pub at: Spot,
    /// Radius.
    pub radius: i32,
}

/// A label with its place.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    /// Which request.
    pub request: usize,
    /// Where the text stands.
    pub bounds: Area,
    /// From mark to text, when they are apart.
    pub leader: Option<(Spot, Spot)>,
}

/// Eight directions, best first: x right, y down.
const DIRECTIONS: [(f64, f64); 8] =
    [(0.75, -0.75), (1.0, 0.0), (0.75, 0.75), (-0.75, -0.75), (-1.0, 0.0), (-0.75, 0.75), (0.0, -1.0), (0.0, 1.0)];

/// Places labels inside `frame`. `gap` is the least distance between a mark and its label.
pub(super) fn place(requests: &[Request], marks: &[Mark], frame: Area, gap: i32) -> Vec<Placed> {
    let mut order: Vec<usize> = (0..requests.len()).collect();
    order.sort_by_key(|&index| (requests[index].priority, index));
    let mut placed: Vec<Placed> = Vec::new();
    for index in order {
        let request = &requests[index];
        let free = |candidate: &Placed| is_free(candidate, request, &placed, marks, frame);
        if let Some(found) = candidates(index, request, gap).find(free) {
            placed.push(found);
        }
    }
    placed
}

/// The positions of a label, best first: close by, then at three distances with a leader.
fn candidates(index: usize, request: &Request, gap: i32) -> impl Iterator<Item = Placed> {
    let away = [gap, gap * 6, gap * 11, gap * 17];
    let turns = away.into_iter().flat_map(|far| DIRECTIONS.into_iter().map(move |direction| (far, direction)));
    turns.map(move |(far, direction)| {
        let bounds = beside(request, direction, far);
        let leader = (far > gap).then(|| {
            let end = bounds.nearest(request.at);
            let (dx, dy) = (f64::from(end.0 - request.at.0), f64::from(end.1 - request.at.1));
            let part = f64::from(request.radius) / dx.hypot(dy).max(1.0);
            let start = (request.at.0 + (dx * part).round() as i32, request.at.1 + (dy * part).round() as i32);
            (start, end)
        });
        Placed { request: index, bounds, leader }
    })
}

/// The box of a label in a direction from its mark, `far` beyond the mark's edge.
fn beside(request: &Request, (x, y): (f64, f64), far: i32) -> Area {
    let reach = f64::from(request.radius + far);
    let edge = |at: i32, toward: f64, size: i32| {
        let corner = f64::from(at) + toward * reach;
        let shift = if toward > 0.0 {
            0.0
        } else if toward < 0.0 {
            1.0
        } else {
            0.5
        };
        (corner - shift * f64::from(size)).round() as i32
    };
    let (left, top) = (edge(request.at.0, x, request.width), edge(request.at.1, y, request.height));
    Area { left, top, right: left + request.width, bottom: top + request.height }
}

fn is_free(candidate: &Placed, request: &Request, placed: &[Placed], marks: &[Mark], frame: Area) -> bool {
    let bounds = candidate.bounds;
    let covers = |mark: &Mark| squared(bounds.nearest(mark.at), mark.at) < i64::from(mark.radius).pow(2);
    let hits = |leader: Option<(Spot, Spot)>, area: Area| leader.is_some_and(|(from, to)| crosses(from, to, area));
    let struck = |mark: &Mark| {
        mark.at != request.at && {
            let Mark { at: (x, y), radius } = *mark;
            hits(candidate.leader, Area { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius })
        }
    };
    let clash = |other: &Placed| {
        bounds.overlaps(other.bounds)
            || hits(other.leader, bounds)
            || hits(candidate.leader, other.bounds)
            || matches!((candidate.leader, other.leader), (Some(a), Some(b)) if segments_cross(a, b))
    };
    frame.holds(bounds) && !marks.iter().any(|mark| covers(mark) || struck(mark)) && !placed.iter().any(clash)
}

fn squared(a: Spot, b: Spot) -> i64 {
    i64::from(a.0 - b.0).pow(2) + i64::from(a.1 - b.1).pow(2)
}

/// Whether a segment touches the inside of a box.
fn crosses(from: Spot, to: Spot, area: Area) -> bool {
    let inner = area.shrunk(1);
    if inner.left >= inner.right || inner.top >= inner.bottom {
        return false;
    }
    let [a, b, c, d, _] = inner.ring();
    inner.contains(from) || inner.contains(to) || segments_cross((from, to), (a, c)) || segments_cross((from, to), (b, d))
}

fn segments_cross((a, b): (Spot, Spot), (c, d): (Spot, Spot)) -> bool {
    let side = |p: Spot, q: Spot, r: Spot| {
        let (px, py) = (i64::from(q.0 - p.0), i64::from(q.1 - p.1));
        (px * i64::from(r.1 - p.1) - py * i64::from(r.0 - p.0)).signum()
    };
    side(a, b, c) != side(a, b, d) && side(c, d, a) != side(c, d, b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FRAME: Area = Area { left: 0, top: 0, right: 4000, bottom: 3000 };

    fn request(at: Spot, priority: u32) -> Request {
        Request { at, radius: 25, width: 300, height: 66, priority }
    }

    #[test]
    fn a_lone_label_stands_right_above_its_mark() {
        let placed = place(&[request((2000, 1500), 0)], &[Mark { at: (2000, 1500), radius: 25 }], FRAME, 10);
        assert_eq!(placed.len(), 1);
        assert!(placed[0].bounds.left > 2000 && placed[0].bounds.bottom < 1500 && placed[0].leader.is_none());
    }

    #[test]
    fn the_more_important_label_wins_the_place() {
        let narrow = Area { left: 0, top: 0, right: 360, bottom: 100 };
        let both = [request((20, 45), 5), request((20, 50), 1)];
        let placed = place(&both, &[], narrow, 10);
        assert_eq!(placed.iter().map(|label| label.request).collect::<Vec<_>>(), [1]);
    }

    proptest! {
        #[test]
        fn labels_never_overlap_each_other_or_a_mark(
            spots in prop::collection::vec((0..4000_i32, 0..3000_i32, 0..5_u32), 1..90)
        ) {
            let requests: Vec<Request> = spots.iter().map(|&(x, y, priority)| request((x, y), priority)).collect();
            let marks: Vec<Mark> = requests.iter().map(|label| Mark { at: label.at, radius: label.radius }).collect();
            let placed = place(&requests, &marks, FRAME, 10);
            for (index, label) in placed.iter().enumerate() {
                prop_assert!(FRAME.holds(label.bounds));
                for other in &placed[index + 1..] {
                    prop_assert!(!label.bounds.overlaps(other.bounds), "{label:?} on {other:?}");
                }
                for mark in &marks {
                    prop_assert!(squared(label.bounds.nearest(mark.at), mark.at) >= i64::from(mark.radius).pow(2));
                }
            }
        }
    }
}
