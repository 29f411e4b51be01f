//! From places to the street: the nearest point of the nearest edge that the traveller may use, and the way there.
//!
//! Input → output: places, a graph, barrier lines, a longest distance → for each place an edge, a place on it and the length of the
//! *leg* between the two (straight, circuity 1), or the reason why there is none. The edge is not cut: a snap names it and the
//! millimetres from its beginning.
//! Rule: of all segments within the longest distance whose leg crosses no barrier line, the first by (a) the main network or a large
//! part of it, then bridges, tunnels and the like (`snapping.last_resort` of the rules), then islands and traps; (b) length of the leg
//! in millimetres; (c) number of the edge and the place on it. A place whose only streets are across a barrier isn't snapped.
//! Each segment offers its nearest point only: where that is across a barrier, the rest of the segment doesn't count.
//! Complexity: a ring search in a grid, a few dozen segments a place; with nothing but islands near, all within the distance.
//! Determinism: the rule is a total order, so neither grid nor threads show. The oracle in the tests looks at every segment.

use std::borrow::Cow;

use rayon::prelude::*;

use super::geodesy::{Local, Spot, millimetres};
use super::graph::Graph;
use super::rules::Mark;
use super::segment_grid::{SegmentGrid, SegmentRef, Units, Visitor, units};
use crate::crs::LonLat;
use crate::message::Message;
use crate::quantity::Metres;

/// Where snapping looks when nobody says otherwise: half a kilometre.
pub const SNAP_WITHIN_M: f64 = 500.0;

/// What a place was joined to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Joined {
    /// A street of the main network or of a large part of it.
    Street,
    /// A bridge, a tunnel or the like: no other street is within the distance.
    LastResort,
    /// An island or a trap ([`super::Components`]): nothing else is within the distance, and little can be reached from here.
    CutOff,
}

/// A place on the street.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snap {
    /// The edge.
    pub edge: u32,
    /// Millimetres from the edge's beginning.
    pub offset_mm: u32,
    /// Length of the leg between the place and the street, in millimetres.
    pub leg_mm: u32,
    /// Where on the street.
    pub foot: Spot,
    /// The place itself.
    pub place: Spot,
    /// To what.
    pub joined: Joined,
}

/// Why a place isn't on the street.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unsnapped {
    /// No street that may be used is within the longest distance.
    TooFar,
    /// There are streets within it, all of them across a barrier.
    Barrier,
}

impl Unsnapped {
    /// Identifier in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::TooFar => "too_far",
            Self::Barrier => "barrier",
        }
    }
}

/// A place that isn't on the main network: a row for the table of issues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapFault {
    /// Row of the place.
    pub row: usize,
    /// `N010` too far or `N011` barrier: not snapped. `N012` cut off: snapped to an island.
    pub problem: Message,
    /// Whether the place takes no part.
    pub is_excluded: bool,
}

/// What to tell about places that aren't on the main network, in the order of rows.
pub fn snap_faults(snappings: &[Snapping], within: Metres) -> Vec<SnapFault> {
    let fault = |(row, snapping): (usize, &Snapping)| {
        let (code, is_excluded) = match snapping {
            Err(Unsnapped::TooFar) => ("N010", true),
            Err(Unsnapped::Barrier) => ("N011", true),
            Ok(Snap { joined: Joined::CutOff, .. }) => ("N012", false),
            Ok(_) => return None,
        };
        Some(SnapFault { row, problem: Message::new(code).with("within", within.get()), is_excluded })
    };
    snappings.iter().enumerate().filter_map(fault).collect()
}

/// A place, snapped or not.
pub type Snapping = Result<Snap, Unsnapped>;

/// How many places went where; the four add up to all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SnapCounts {
    /// On streets.
    pub street: usize,
    /// On bridges, in tunnels.
    pub last_resort: usize,
    /// On islands and traps.
    pub cut_off: usize,
    /// Not snapped, too far.
    pub too_far: usize,
    /// Not snapped, barrier.
    pub barrier: usize,
}

impl SnapCounts {
    /// Counts snappings.
    pub fn of(snappings: &[Snapping]) -> Self {
        let mut counts = Self::default();
        for snapping in snappings {
            *match snapping.map(|snap| snap.joined) {
                Ok(Joined::Street) => &mut counts.street,
                Ok(Joined::LastResort) => &mut counts.last_resort,
                Ok(Joined::CutOff) => &mut counts.cut_off,
                Err(Unsnapped::TooFar) => &mut counts.too_far,
                Err(Unsnapped::Barrier) => &mut counts.barrier,
            } += 1;
        }
        counts
    }
}

/// Lines that no leg may cross.
#[derive(Debug, Clone)]
struct BarrierLines {
    lines: Vec<Vec<Spot>>,
    grid: SegmentGrid,
}

impl BarrierLines {
    fn new(of_map: &[Vec<Spot>], own: &[Vec<LonLat>]) -> Self {
        let own = own.iter().map(|line| line.iter().map(|&at| Spot::from(at)).collect());
        let lines: Vec<Vec<Spot>> = of_map.iter().cloned().chain(own).collect();
        let all = || lines.iter().flatten();
        let bounds = || {
            let low = Spot { lon: all().map(|s| s.lon).min()?, lat: all().map(|s| s.lat).min()? };
            Some([low, Spot { lon: all().map(|s| s.lon).max()?, lat: all().map(|s| s.lat).max()? }])
        };
        let segments = || {
            (0u32..).zip(&lines).flat_map(|(owner, line)| {
                (0u32..).zip(line.windows(2)).map(move |(part, ends)| (SegmentRef { owner, part }, [ends[0], ends[1]]))
            })
        };
        let grid = SegmentGrid::new(bounds(), all().count(), segments);
        Self { lines, grid }
    }

    fn crossed(&self, a: Units, b: Units) -> bool {
        self.grid.any_in(a, b, |segment| {
            let line = &self.lines[segment.owner as usize];
            let at = segment.part as usize;
            crosses(a, b, units(line[at]), units(line[at + 1]))
        })
    }
}

/// Whether segments ab and pq cross; a shared end point counts on one side only.
fn crosses(a: Units, b: Units, p: Units, q: Units) -> bool {
    let left =
        |from: Units, to: Units, at: Units| (to[0] - from[0]) * (at[1] - from[1]) - (to[1] - from[1]) * (at[0] - from[0]) > 0.0;
    left(a, b, p) != left(a, b, q) && left(p, q, a) != left(p, q, b)
}

/// The order in which candidates are preferred.
type Rank = (Joined, u32, u32, u32);

/// What snapping looks in: open edges and barrier lines by place.
#[derive(Debug, Clone)]
pub struct SnapIndex {
    grid: SegmentGrid,
    barriers: BarrierLines,
}

impl SnapIndex {
    /// Prepares the open edges of a graph, and lines that no leg may cross: those of the map ([`super::Streets::barrier_lines`]) and
    /// a planner's own.
    pub fn new(graph: &Graph<'_>, barriers: &[Vec<LonLat>]) -> Self {
        let streets = graph.streets();
        let open = || (0..streets.edges() as u32).filter(|&edge| graph.is_open(edge));
        let parts =
            |owner: u32| (0..streets.segments(owner)).map(move |part| (SegmentRef { owner, part }, streets.segment(owner, part)));
        let count = open().map(|edge| streets.segments(edge) as usize).sum();
        let grid = SegmentGrid::new(streets.bounds(), count, || open().flat_map(parts));
        Self { grid, barriers: BarrierLines::new(&streets.barrier_lines, barriers) }
    }
}

/// Finds the street for places.
pub struct Snapper<'a> {
    graph: &'a Graph<'a>,
    index: Cow<'a, SnapIndex>,
}

impl<'a> Snapper<'a> {
    /// Prepares an index of its own ([`SnapIndex::new`]).
    pub fn new(graph: &'a Graph<'a>, barriers: &[Vec<LonLat>]) -> Self {
        Self { graph, index: Cow::Owned(SnapIndex::new(graph, barriers)) }
    }

    /// Uses an index that was made of this graph.
    pub fn over(graph: &'a Graph<'a>, index: &'a SnapIndex) -> Self {
        Self { graph, index: Cow::Borrowed(index) }
    }

    /// Snaps places, in parallel; rows in the order given.
    pub fn snap_all(&self, places: &[LonLat], within: Metres) -> Vec<Snapping> {
        places.par_iter().map(|&place| self.snap(place, within)).collect()
    }

    /// Snaps one place.
    ///
    /// # Errors
    /// When no street that may be used is within the distance on this side of all barriers.
    pub fn snap(&self, place: LonLat, within: Metres) -> Snapping {
        let from = [place.lon() * 1e7, place.lat() * 1e7];
        let local = Local::at(from[1]);
        let mut search = Search {
            snapper: self,
            place: Spot::from(place),
            from,
            local,
            within: millimetres(within.get().min(4e6)),
            best: None,
            is_barred: false,
        };
        self.index.grid.outwards(from, local, &mut search);
        search.best.map(|(_, snap)| snap).ok_or(if search.is_barred { Unsnapped::Barrier } else { Unsnapped::TooFar })
    }

    /// Bytes in memory, tables only.
    pub fn bytes(&self) -> usize {
        self.index.grid.bytes()
    }

    fn joined(&self, edge: u32) -> Joined {
        if self.graph.components().is_cut_off(edge) {
            Joined::CutOff
        } else if self.graph.streets().has(edge, Mark::LastResort) {
            Joined::LastResort
        } else {
            Joined::Street
        }
    }
}

/// One search.
struct Search<'a> {
    snapper: &'a Snapper<'a>,
    place: Spot,
    from: Units,
    local: Local,
    within: u32,
    best: Option<(Rank, Snap)>,
    is_barred: bool,
}

impl Visitor for Search<'_> {
    fn wants(&self, metres: f64) -> bool {
        let furthest = match self.best {
            Some((_, Snap { joined: Joined::Street, leg_mm, .. })) => leg_mm,
            _ => self.within,
        };
        metres <= f64::from(furthest) / 1000.0 + 0.001
    }

    /// Takes a segment when it is better than the best so far.
    fn offer(&mut self, segment: SegmentRef) {
        let streets = self.snapper.graph.streets();
        let ends = streets.segment(segment.owner, segment.part).map(units);
        let (share, foot) = nearest(self.from, ends, self.local);
        let metres = ((foot[0] - self.from[0]) * self.local.east).hypot((foot[1] - self.from[1]) * self.local.north);
        let leg = millimetres(metres);
        if leg > self.within || self.best.is_some_and(|(rank, snap)| rank.0 == Joined::Street && leg > snap.leg_mm) {
            return;
        }
        let along = share * f64::from(streets.segment_length(segment.owner, segment.part));
        let offset = streets.offset(segment.owner, segment.part) + (along + 0.5).floor() as u32;
        let rank = (self.snapper.joined(segment.owner), leg, segment.owner, offset);
        if self.best.is_some_and(|(best, _)| best <= rank) {
            return;
        }
        if self.snapper.index.barriers.crossed(self.from, foot) {
            self.is_barred = true;
            return;
        }
        let spot = Spot { lon: foot[0].round() as i32, lat: foot[1].round() as i32 };
        self.best = Some((
            rank,
            Snap { edge: segment.owner, offset_mm: offset, leg_mm: leg, foot: spot, place: self.place, joined: rank.0 },
        ));
    }
}

/// The nearest point of a segment: its share from the first end, and where it is.
fn nearest(from: Units, [a, b]: [Units; 2], local: Local) -> (f64, Units) {
    let flat = |p: Units| [(p[0] - a[0]) * local.east, (p[1] - a[1]) * local.north];
    let (along, to) = (flat(b), flat(from));
    let length2 = along[0] * along[0] + along[1] * along[1];
    let share = if length2 > 0.0 { ((to[0] * along[0] + to[1] * along[1]) / length2).clamp(0.0, 1.0) } else { 0.0 };
    (share, [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share])
}
