//! The streets of an area: junctions, edges between them, and the geometry of edges. Every mode's graph is made from this.
//!
//! An edge runs along its way as drawn, from one junction to the next; the nodes between are its shape. Its length is the sum of
//! its segments in whole millimetres. Junctions are numbered along a Hilbert curve and edges by their first junction, so that what
//! is near on the ground is near in memory.
//! Memory: 17 bytes a junction, 29 bytes an edge, 8 bytes a shape point.

use super::geodesy::{Spot, length_mm};
use super::profile::Mode;
use super::rules::{Access, Mark, Marks, Rules, Stops};

/// What the source held, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SourceCounts {
    /// Nodes in the source.
    pub nodes: u64,
    /// Ways in the source.
    pub ways: u64,
    /// Ways that are streets for some mode.
    pub street_ways: u64,
    /// Nodes that streets name and the source lacks; their ways are cut there.
    pub missing_nodes: u64,
    /// Nodes that stop some mode.
    pub stopping_nodes: u64,
}

/// Streets as rows of junctions and edges.
#[derive(Debug, Clone)]
pub struct Streets {
    pub(super) rules: Rules,
    pub(super) counts: SourceCounts,
    pub(super) node_ids: Vec<i64>,
    pub(super) node_spots: Vec<Spot>,
    pub(super) node_stops: Vec<Stops>,
    pub(super) ends: Vec<[u32; 2]>,
    pub(super) lengths: Vec<u32>,
    pub(super) ways: Vec<i64>,
    pub(super) classes: Vec<u8>,
    pub(super) access: Vec<Access>,
    pub(super) marks: Vec<Marks>,
    pub(super) maxspeeds: Vec<u8>,
    pub(super) layers: Vec<i8>,
    /// Where the shape of each edge begins in `shape`; one more than there are edges.
    pub(super) shape_rows: Vec<u32>,
    /// Points of edges between their junctions.
    pub(super) shape: Vec<Spot>,
    /// Rivers, railways: what no leg may cross.
    pub(super) barrier_lines: Vec<Vec<Spot>>,
}

/// An edge as a row for export.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EdgeRow<'a> {
    /// Number of the edge.
    pub edge: u32,
    /// Number of the junction where it begins.
    pub from: u32,
    /// Number of the junction where it ends.
    pub to: u32,
    /// OSM ids of the two.
    pub osm_nodes: [i64; 2],
    /// OSM id of its way.
    pub way: i64,
    /// Length in millimetres.
    pub length_mm: u32,
    /// Class: the value of `highway` or of another class key.
    pub class: &'a str,
    /// Who may use it.
    pub access: Access,
    /// Bridge, tunnel, steps …
    pub marks: Marks,
    /// Signed limit in km/h, 0 when there is none.
    pub maxspeed: u8,
    /// Level.
    pub layer: i8,
}

impl Streets {
    /// Number of junctions.
    pub fn nodes(&self) -> usize {
        self.node_spots.len()
    }

    /// Number of edges.
    pub fn edges(&self) -> usize {
        self.lengths.len()
    }

    /// The rules that made them.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// What the source held.
    pub fn counts(&self) -> SourceCounts {
        self.counts
    }

    /// Where a junction is.
    pub fn spot(&self, node: u32) -> Spot {
        self.node_spots[node as usize]
    }

    /// OSM id of a junction.
    pub fn node_id(&self, node: u32) -> i64 {
        self.node_ids[node as usize]
    }

    /// The junctions at the two ends of an edge.
    pub fn ends(&self, edge: u32) -> [u32; 2] {
        self.ends[edge as usize]
    }

    /// OSM id of the way of an edge.
    pub fn way(&self, edge: u32) -> i64 {
        self.ways[edge as usize]
    }

    /// Length of an edge in millimetres.
    pub fn length(&self, edge: u32) -> u32 {
        self.lengths[edge as usize]
    }

    /// Whether an edge has a mark.
    pub fn has(&self, edge: u32, mark: Mark) -> bool {
        self.marks[edge as usize].has(mark)
    }

    /// Number of straight segments of an edge.
    pub fn segments(&self, edge: u32) -> u32 {
        let edge = edge as usize;
        self.shape_rows[edge + 1] - self.shape_rows[edge] + 1
    }

    /// A straight segment of an edge, counted from its beginning.
    pub fn segment(&self, edge: u32, part: u32) -> [Spot; 2] {
        [self.point(edge, part), self.point(edge, part + 1)]
    }

    /// The points of an edge, from junction to junction.
    pub fn points(&self, edge: u32) -> impl Iterator<Item = Spot> {
        (0..=self.segments(edge)).map(move |at| self.point(edge, at))
    }

    /// Millimetres from the beginning of an edge to the beginning of one of its segments.
    pub fn offset(&self, edge: u32, part: u32) -> u32 {
        (0..part).map(|before| self.segment_length(edge, before)).sum()
    }

    /// Length of one segment in millimetres.
    pub fn segment_length(&self, edge: u32, part: u32) -> u32 {
        if self.segments(edge) == 1 {
            return self.length(edge);
        }
        let [a, b] = self.segment(edge, part);
        length_mm(a, b)
    }

    fn point(&self, edge: u32, at: u32) -> Spot {
        let row = edge as usize;
        let [from, to] = self.ends[row];
        let first = self.shape_rows[row];
        if at == 0 {
            self.spot(from)
        } else if first + at > self.shape_rows[row + 1] {
            self.spot(to)
        } else {
            self.shape[(first + at - 1) as usize]
        }
    }

    /// All edges, as rows for export.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = EdgeRow<'_>> {
        (0..self.edges()).map(|row| {
            let [from, to] = self.ends[row];
            EdgeRow {
                edge: row as u32,
                from,
                to,
                osm_nodes: [self.node_id(from), self.node_id(to)],
                way: self.ways[row],
                length_mm: self.lengths[row],
                class: self.rules.class_name(self.classes[row]),
                access: self.access[row],
                marks: self.marks[row],
                maxspeed: self.maxspeeds[row],
                layer: self.layers[row],
            }
        })
    }

    /// South-west and north-east corners; `None` without streets.
    pub fn bounds(&self) -> Option<[Spot; 2]> {
        let all = || self.node_spots.iter().chain(&self.shape);
        let low = Spot { lon: all().map(|s| s.lon).min()?, lat: all().map(|s| s.lat).min()? };
        let high = Spot { lon: all().map(|s| s.lon).max()?, lat: all().map(|s| s.lat).max()? };
        Some([low, high])
    }

    /// Lines of the map that no leg between a place and the street may cross.
    pub fn barrier_lines(&self) -> &[Vec<Spot>] {
        &self.barrier_lines
    }

    /// Bytes in memory, tables only.
    pub fn bytes(&self) -> usize {
        let lines: usize = self.barrier_lines.iter().map(|line| line.len() * 8 + 24).sum();
        self.nodes() * 17 + self.edges() * 29 + self.shape.len() * 8 + lines
    }

    /// Whether any edge may be used by a mode.
    pub fn serves(&self, mode: Mode) -> bool {
        self.access.iter().any(|access| access.any(mode))
    }
}
