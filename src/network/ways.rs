//! The streets that a shortest path takes, as a line.
//!
//! Input: pairs of places; output: for each the line along the streets, from foot point to foot point. Steps: search from the first
//! place ([`Scratch`]); from the second back, at each junction along a step whose cost closes the account exactly; ties to the step that
//! comes first in the streets. Memory: all steps by where they lead, made once for all pairs. For the few lines of a timetable, not
//! for a matrix.

use super::geodesy::Spot;
use super::graph::{ArcRow, Graph};
use super::paths::{Way, along_edge, junctions};
use super::search::{FAR, Scratch};
use super::snap::Snap;

/// All steps of a graph by where they lead.
#[derive(Debug)]
pub(super) struct Steps<'a> {
    graph: &'a Graph<'a>,
    /// Ascending by the junction at the end.
    rows: Vec<ArcRow<'a>>,
}

impl<'a> Steps<'a> {
    pub fn new(graph: &'a Graph<'a>) -> Self {
        let mut rows: Vec<ArcRow<'a>> = graph.rows().collect();
        rows.sort_by_key(|row| row.to);
        Self { graph, rows }
    }

    fn into(&self, node: u32) -> impl Iterator<Item = &ArcRow<'a>> {
        let first = self.rows.partition_point(|row| row.to < node);
        self.rows[first..].iter().take_while(move |row| row.to == node)
    }

    /// The line from one place on the street to another; `None` when no way leads there.
    pub fn line(&self, from: &Snap, to: &Snap, search: &mut Scratch) -> Option<Vec<Spot>> {
        let seeds: Vec<(u32, u32)> = junctions(self.graph, from, Way::From).collect();
        search.search(self.graph, seeds.iter().copied(), u32::MAX);
        let ends = junctions(self.graph, to, Way::To);
        let (total, mut node) = ends.map(|(node, cost)| (search.cost(node).saturating_add(cost), node)).min().unwrap_or((FAR, 0));
        let direct = if from.edge == to.edge { along_edge(self.graph, from, to) } else { None };
        if let Some(direct) = direct.filter(|&direct| direct <= total) {
            debug_assert!(direct < FAR);
            let mut line = vec![from.foot];
            line.extend(self.between(from.edge, from.offset_mm, to.offset_mm));
            line.push(to.foot);
            return Some(line);
        }
        if total == FAR {
            return None;
        }
        // Backwards: from the foot of the second place to the junction, and on.
        let mut line = vec![to.foot];
        line.extend(self.towards(to, node));
        while !seeds.contains(&(node, search.cost(node))) {
            let cost = search.cost(node);
            let step = self.into(node).find(|step| search.cost(step.from).saturating_add(step.cost) == cost && step.cost > 0)?;
            let points: Vec<Spot> = self.graph.streets().points(step.edge.edge).collect();
            let forward = step.edge.to == node && step.edge.from == step.from;
            line.push(self.graph.streets().spot(node));
            let inner = points.get(1..points.len() - 1).unwrap_or_default();
            if forward {
                line.extend(inner.iter().rev())
            } else {
                line.extend(inner)
            }
            node = step.from;
        }
        line.push(self.graph.streets().spot(node));
        let mut first: Vec<Spot> = self.towards(from, node).collect();
        first.reverse();
        line.extend(first);
        line.push(from.foot);
        line.reverse();
        line.dedup();
        Some(line)
    }

    /// Points of a place's edge from its foot to the end that is `node`, without both.
    fn towards(&self, snap: &Snap, node: u32) -> impl Iterator<Item = Spot> + use<> {
        let [start, _] = self.graph.streets().ends(snap.edge);
        let until = if start == node { 0 } else { self.graph.streets().length(snap.edge) };
        self.between(snap.edge, snap.offset_mm, until).into_iter()
    }

    /// Points of an edge strictly between two offsets, in the direction from the first to the second.
    fn between(&self, edge: u32, from_mm: u32, to_mm: u32) -> Vec<Spot> {
        let streets = self.graph.streets();
        let (low, high) = (from_mm.min(to_mm), from_mm.max(to_mm));
        let inner = (1..streets.segments(edge)).filter(|&part| (low + 1..high).contains(&streets.offset(edge, part)));
        let mut points: Vec<Spot> = inner.map(|part| streets.segment(edge, part)[0]).collect();
        if from_mm > to_mm {
            points.reverse();
        }
        points
    }
}
