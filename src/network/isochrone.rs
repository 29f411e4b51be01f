//! Areas that sites reach within limits: one each, and one for all sites of a kind together.
//!
//! What: the *reached streets* are all points of edges whose cost from the site, leg included, is at most the limit: whole edges, and
//! parts cut where the limit falls. The area is the set of points at most [`Style::buffer_m`] from them or from the site's own leg.
//! Input → output: snapped sites, their places and kinds, limits → for each limit an area for each site and a dissolved one for each
//! kind, in WGS-84.
//! Steps: one search to the largest limit; limit by limit, ascending, every reached piece lowers the distances at lattice points
//! around it ([`super::contour`]); the area is the outline at the buffer. The dissolved field is the minimum of the sites' fields.
//! Guarantees, by construction and to the last bit of the coordinates: rings are simple and disjoint; the area of a longer limit
//! contains that of a shorter one, because its field starts from the shorter one's; a dissolved area contains those of all its sites.
//! Why not polygons of buffered lines: a union of thousands of buffers snaps its vertices, and neither nesting nor validity survives
//! rounding to the six decimals that files have. Here the coordinates *are* six decimals.
//! Accuracy: outlines are within half a cell of the true buffer line, and holes or necks narrower than a cell may close or open.
//! Complexity: a search, and `O(length · buffer / cell²)`, a site and limit. Determinism: the same bytes on any thread count.

use std::sync::{Mutex, PoisonError};

use geo::MultiPolygon;
use rayon::prelude::*;

use super::contour::{FAR_CM, Field, Lattice};
use super::geodesy::{Local, Spot};
use super::graph::{Graph, grouped};
use super::paths::{Way, junctions};
use super::search::Scratch;
use super::snap::{Snap, Snapping};
use crate::crs::LonLat;

/// Sites that a thread takes at a time.
const CHUNK: usize = 16;
/// [`Spot`] units in a unit of the lattice.
const SPOTS: i32 = 10;

/// How areas are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// Distance from the reached streets that still belongs to the area, in metres: from 1 to 300.
    pub buffer_m: f64,
    /// Side of a cell of the lattice, in metres: from 2 to 100.
    pub cell_m: f64,
}

impl Default for Style {
    /// 30 m from the street, about the depth of a row of houses, on a lattice of 10 m.
    fn default() -> Self {
        Self { buffer_m: 30.0, cell_m: 10.0 }
    }
}

/// What is reached within one limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Isochrone {
    /// The limit, in the graph's measure.
    pub limit: u32,
    /// One area a site, in the order of the sites; empty for a site that isn't snapped or whose leg alone is longer.
    pub areas: Vec<MultiPolygon<f64>>,
    /// What any site of a kind reaches, by kind.
    pub dissolved: Vec<MultiPolygon<f64>>,
}

/// A site: where it is and where on the street.
type Site = (LonLat, Snapping);

/// One area a limit, or one a site.
type Areas = Vec<MultiPolygon<f64>>;

/// Draws the areas that sites reach; `kinds` numbers the kind of each site, from 0. Limits are sorted and taken once.
pub fn isochrones(graph: &Graph<'_>, sites: &[Site], kinds: &[usize], limits: &[u32], style: Style) -> Vec<Isochrone> {
    let mut limits = limits.to_vec();
    limits.sort_unstable();
    limits.dedup();
    let brush = Brush::new(graph, style);
    let entries = Entries::new(graph);
    let blank = vec![vec![Field::default(); limits.len()]; kinds.iter().max().map_or(0, |last| last + 1)];
    let dissolved = Mutex::new(blank.clone());
    let part = |(sites, kinds): (&[Site], &[usize])| {
        let mut scratch = Scratch::default();
        let mut shared = blank.clone();
        let draw = |(site, &kind): (&Site, &usize)| brush.areas(&entries, site, &limits, &mut scratch, &mut shared[kind]);
        let areas: Vec<Areas> = sites.iter().zip(kinds).map(draw).collect();
        let mut all = dissolved.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter_mut().flatten().zip(shared.iter().flatten()).for_each(|(all, some)| all.lower_all(some));
        areas
    };
    let of_sites: Vec<Areas> = sites.par_chunks(CHUNK).zip(kinds.par_chunks(CHUNK)).flat_map_iter(part).collect();
    let mut areas = vec![Areas::with_capacity(sites.len()); limits.len()];
    for of_site in of_sites {
        areas.iter_mut().zip(of_site).for_each(|(all, area)| all.push(area));
    }
    let dissolved = dissolved.into_inner().unwrap_or_else(PoisonError::into_inner);
    let of_kinds = |at: usize| dissolved.iter().map(|fields| fields[at].area(brush.lattice, brush.width_cm)).collect();
    let rows = limits.into_par_iter().zip(areas).enumerate();
    rows.map(|(at, (limit, areas))| Isochrone { limit, areas, dissolved: of_kinds(at) }).collect()
}

/// A reached stretch of an edge, in millimetres from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    edge: u32,
    from: u32,
    to: u32,
}

/// Draws reached streets into a field.
struct Brush {
    lattice: Lattice,
    width_cm: u16,
    /// Buffer and a cell's diagonal: further points are never corners of a square with a point inside.
    reach_m: f64,
}

impl Brush {
    fn new(graph: &Graph<'_>, style: Style) -> Self {
        let cell = style.cell_m.clamp(2.0, 100.0);
        let buffer = style.buffer_m.clamp(1.0, 300.0);
        let [low, high] = graph.streets().bounds().unwrap_or([Spot { lon: 0, lat: 0 }; 2]).map(|corner| f64::from(corner.lat));
        let local = Local::at((low + high) / 2.0);
        let steps = |unit: f64| ((cell / (unit * f64::from(SPOTS))).round() as i32).max(2);
        let lattice = Lattice { east: steps(local.east), north: steps(local.north) };
        // The longest diagonal that a cell has anywhere, and 1 % for the legs of places outside.
        let widest = [Local::at(low), Local::at(high), Local::at(0.0_f64.clamp(low, high))];
        let diagonal = |at: Local| (f64::from(lattice.east * SPOTS) * at.east).hypot(f64::from(lattice.north * SPOTS) * at.north);
        let reach_m = buffer + 1.01 * widest.map(diagonal).into_iter().fold(0.0, f64::max);
        Self { lattice, width_cm: (buffer * 100.0).round() as u16, reach_m }
    }

    /// The areas of one site, limit by limit; its fields are added to the shared ones.
    fn areas(&self, entries: &Entries<'_>, site: &Site, limits: &[u32], scratch: &mut Scratch, shared: &mut [Field]) -> Areas {
        let (place, Ok(snap)) = site else { return vec![MultiPolygon(Vec::new()); limits.len()] };
        let graph = entries.graph;
        let furthest = limits.last().copied().unwrap_or(0);
        scratch.search(graph, junctions(graph, snap, Way::From), furthest);
        let mut nodes = scratch.reached().to_vec();
        nodes.sort_unstable();
        let (mut field, mut drawn) = (Field::default(), None);
        let mut areas = Vec::with_capacity(limits.len());
        for (&limit, shared) in limits.iter().zip(shared) {
            if graph.leg_cost(snap.leg_mm) <= limit {
                self.segment(&mut field, Spot::from(*place), snap.foot);
                own_stretches(graph, snap, limit).for_each(|stretch| self.stretch(&mut field, graph, stretch));
                for &node in &nodes {
                    entries.stretches(node, scratch, limit, drawn).for_each(|stretch| self.stretch(&mut field, graph, stretch));
                }
                drawn = Some(limit);
            }
            shared.lower_all(&field);
            areas.push(field.area(self.lattice, self.width_cm));
        }
        areas
    }

    /// Draws a stretch of an edge.
    fn stretch(&self, field: &mut Field, graph: &Graph<'_>, stretch: Stretch) {
        let streets = graph.streets();
        let mut begin = 0;
        for part in 0..streets.segments(stretch.edge) {
            let length = streets.segment_length(stretch.edge, part);
            let (from, to) = (stretch.from.max(begin), stretch.to.min(begin + length));
            if from <= to {
                let [a, b] = streets.segment(stretch.edge, part);
                let at = |offset: u32| if length == 0 { a } else { between(a, b, f64::from(offset - begin) / f64::from(length)) };
                self.segment(field, at(from), at(to));
            }
            begin += length;
        }
    }

    /// Lowers the field around a segment.
    fn segment(&self, field: &mut Field, a: Spot, b: Spot) {
        let local = Local::at(f64::from(a.lat));
        let step = [f64::from(self.lattice.east * SPOTS) * local.east, f64::from(self.lattice.north * SPOTS) * local.north];
        // In metres from the knot next to `a`, so that numbers stay small.
        let knot = [a.lon.div_euclid(self.lattice.east * SPOTS), a.lat.div_euclid(self.lattice.north * SPOTS)];
        let flat = |s: Spot| {
            let east = f64::from(s.lon) - f64::from(knot[0]) * f64::from(self.lattice.east * SPOTS);
            let north = f64::from(s.lat) - f64::from(knot[1]) * f64::from(self.lattice.north * SPOTS);
            [east * local.east, north * local.north]
        };
        let (a, b) = (flat(a), flat(b));
        let reach = self.reach_m;
        let rows = ((a[1].min(b[1]) - reach) / step[1]).ceil() as i32..=((a[1].max(b[1]) + reach) / step[1]).floor() as i32;
        for row in rows {
            let y = f64::from(row) * step[1];
            let (west, east) = span(a, b, y - reach, y + reach);
            let (west, east) = (((west - reach) / step[0]).ceil() as i32, ((east + reach) / step[0]).floor() as i32);
            let cm = |column: i32| {
                let metres = distance([f64::from(column) * step[0], y], a, b);
                if metres <= reach { ((metres * 100.0 + 0.5) as u16).min(FAR_CM - 1) } else { FAR_CM }
            };
            field.lower_row(knot[1] + row, knot[0] + west, knot[0] + east, |x| cm(x - knot[0]));
        }
    }
}

/// West and east ends of what a segment has between two parallels.
fn span(a: [f64; 2], b: [f64; 2], south: f64, north: f64) -> (f64, f64) {
    let rise = b[1] - a[1];
    if rise.abs() < 1e-9 {
        return (a[0].min(b[0]), a[0].max(b[0]));
    }
    let at = |y: f64| a[0] + (b[0] - a[0]) * ((y - a[1]) / rise).clamp(0.0, 1.0);
    (at(south).min(at(north)), at(south).max(at(north)))
}

fn distance(p: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let along = [b[0] - a[0], b[1] - a[1]];
    let length2 = along[0] * along[0] + along[1] * along[1];
    let to = [p[0] - a[0], p[1] - a[1]];
    let share = if length2 > 0.0 { ((to[0] * along[0] + to[1] * along[1]) / length2).clamp(0.0, 1.0) } else { 0.0 };
    ((to[0] - share * along[0]).powi(2) + (to[1] - share * along[1]).powi(2)).sqrt()
}

fn between(a: Spot, b: Spot, share: f64) -> Spot {
    let at = |from: i32, to: i32| (f64::from(from) + (f64::from(to) - f64::from(from)) * share).round() as i32;
    Spot { lon: at(a.lon, b.lon), lat: at(a.lat, b.lat) }
}

/// The stretches of the site's own edge that are reached without leaving it.
fn own_stretches(graph: &Graph<'_>, snap: &Snap, limit: u32) -> impl Iterator<Item = Stretch> + use<> {
    let edge = snap.edge;
    let budget = limit - graph.leg_cost(snap.leg_mm);
    let here = graph.cost_until(edge, snap.offset_mm);
    let along = graph.along(edge).then(|| Stretch {
        edge,
        from: snap.offset_mm,
        to: graph.offset_within(edge, here.saturating_add(budget)).max(snap.offset_mm),
    });
    let against = graph.against(edge).then(|| Stretch {
        edge,
        from: reached_back(graph, edge, here, budget).min(snap.offset_mm),
        to: snap.offset_mm,
    });
    along.into_iter().chain(against)
}

/// Edges that can be entered at each junction: also those that come back to it or end at a closed gate.
struct Entries<'a> {
    graph: &'a Graph<'a>,
    first: Vec<u32>,
    /// Edge, and whether it is entered against its direction.
    edges: Vec<(u32, bool)>,
}

impl<'a> Entries<'a> {
    fn new(graph: &'a Graph<'a>) -> Self {
        let sides = |edge: u32| {
            let start = graph.gate(edge, 0).filter(|_| graph.along(edge)).map(|node| (node, (edge, false)));
            let end = graph.gate(edge, 1).filter(|_| graph.against(edge)).map(|node| (node, (edge, true)));
            start.into_iter().chain(end)
        };
        let (first, edges) = grouped(graph.nodes(), || (0..graph.streets().edges() as u32).flat_map(sides));
        Self { graph, first, edges }
    }

    /// Stretches reached from a junction within a limit; those that were whole within the limit `drawn`, or are whole from their
    /// other end, are left out.
    fn stretches<'b>(
        &'b self,
        node: u32,
        scratch: &'b Scratch,
        limit: u32,
        drawn: Option<u32>,
    ) -> impl Iterator<Item = Stretch> + use<'b> {
        let graph = self.graph;
        let cost = scratch.cost(node);
        let budget = limit.checked_sub(cost);
        let is_whole = move |from: u32, edge: u32, limit: u32| scratch.cost(from).saturating_add(graph.cost(edge)) <= limit;
        let entries = &self.edges[self.first[node as usize] as usize..self.first[node as usize + 1] as usize];
        let fresh = entries.iter().filter(move |&&(edge, against)| {
            let is_drawn = drawn.is_some_and(|drawn| is_whole(node, edge, drawn));
            let other = graph.gate(edge, 0).filter(|_| against && graph.along(edge));
            !is_drawn && !other.is_some_and(|start| is_whole(start, edge, limit))
        });
        fresh.filter_map(move |&(edge, against)| {
            let (budget, length) = (budget?, graph.streets().length(edge));
            Some(if against {
                Stretch { edge, from: reached_back(graph, edge, graph.cost(edge), budget), to: length }
            } else {
                Stretch { edge, from: 0, to: graph.offset_within(edge, budget) }
            })
        })
    }
}

/// How far back a budget leads against an edge from where it costs `here` from the beginning, in millimetres from the beginning.
fn reached_back(graph: &Graph<'_>, edge: u32, here: u32, budget: u32) -> u32 {
    match here.checked_sub(budget) {
        None | Some(0) => 0,
        // The first place that costs at least `least`: one past the last that costs less.
        Some(least) => graph.offset_within(edge, least - 1).saturating_add(1).min(graph.streets().length(edge)),
    }
}
