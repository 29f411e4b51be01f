//! What an OSM source holds of streets: judged ways, their nodes, and whom those nodes stop.
//!
//! Input → output: ways and nodes, from a file or in memory, in any order → ways sorted by id, node ids sorted, a position and
//! stops for each node that a street uses. A source that repeats an id counts once (the first in its order); a node that a way
//! names and the source lacks has no position: the way is cut there.
//! Complexity: `O(n log n)` in the nodes of streets; other nodes are looked at and forgotten.
//! Determinism: independent of the order of elements and of threads.

use rayon::prelude::*;

use super::geodesy::Spot;
use super::lines::Lines;
use super::osm::{Elements, Node};
use super::rules::{Rules, Stops, Street, TagRow};

/// A judged way and where its nodes are in [`Ways::nodes`].
#[derive(Debug, Clone, Copy)]
pub(super) struct StreetWay {
    pub id: i64,
    pub street: Street,
    pub first: usize,
    pub len: usize,
}

/// Judged ways of a source, or of a part of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Ways {
    pub rows: Vec<StreetWay>,
    /// Node ids, way after way.
    pub nodes: Vec<i64>,
    /// Barrier lines, which may be streets as well.
    pub lines: Lines,
    /// Ways that were looked at.
    pub seen: u64,
}

impl Ways {
    /// Looks at a way: a street, a barrier line, both, or neither.
    pub fn take<I: Iterator<Item = i64>>(&mut self, id: i64, tags: &TagRow, rules: &Rules, nodes: impl Fn() -> I) {
        if let Some(street) = rules.judge(tags) {
            self.push(id, street, nodes());
        }
        if rules.is_barrier_line(tags) {
            self.lines.push(id, nodes());
        }
    }

    fn push(&mut self, id: i64, street: Street, nodes: impl Iterator<Item = i64>) {
        let first = self.nodes.len();
        self.nodes.extend(nodes);
        self.rows.push(StreetWay { id, street, first, len: self.nodes.len() - first });
    }

    /// Adds all of another part.
    pub fn append(&mut self, other: Self) {
        let shift = self.nodes.len();
        self.nodes.extend(other.nodes);
        self.rows.extend(other.rows.into_iter().map(|row| StreetWay { first: row.first + shift, ..row }));
        self.lines.append(other.lines);
        self.seen += other.seen;
    }

    /// Sorts by id; of equal ids the first stays.
    fn sort(&mut self) {
        self.rows.par_sort_by_key(|row| row.id);
        self.rows.dedup_by_key(|row| row.id);
    }
}

/// A node of a street: its number in [`Harvest::ids`], where it is and whom it stops.
pub(super) type Placed = (u32, Spot, Stops);

/// Streets before they are cut at junctions.
#[derive(Debug, Clone, Default)]
pub struct Harvest {
    pub(super) ways: Ways,
    /// Ids of the nodes that streets use, ascending.
    pub(super) ids: Vec<i64>,
    /// Where they are; `None` when the source doesn't say.
    pub(super) spots: Vec<Option<Spot>>,
    pub(super) stops: Vec<Stops>,
    pub(super) nodes_seen: u64,
}

impl Harvest {
    /// Takes streets from elements in memory.
    pub fn from_elements(elements: &Elements, rules: &Rules) -> Self {
        let mut ways = Ways::default();
        for way in &elements.ways {
            ways.seen += 1;
            ways.take(way.id, &rules.row(pairs(&way.tags)), rules, || way.nodes.iter().copied());
        }
        let mut harvest = Self::of_ways(ways);
        let placed: Vec<Placed> = elements.nodes.iter().filter_map(|node| harvest.placed(node, rules)).collect();
        harvest.nodes_seen = elements.nodes.len() as u64;
        harvest.place(&placed);
        let lines = &mut harvest.ways.lines;
        let on_lines = elements.nodes.iter().filter_map(|node| Some((lines.number(node.id)?, node.spot)));
        let on_lines: Vec<(u32, Spot)> = on_lines.collect();
        lines.place(&on_lines);
        harvest
    }

    /// Starts with ways; nodes are placed later.
    pub(super) fn of_ways(mut ways: Ways) -> Self {
        ways.sort();
        ways.lines.gather();
        let mut ids = ways.nodes.clone();
        ids.par_sort_unstable();
        ids.dedup();
        let (spots, stops) = (vec![None; ids.len()], vec![Stops::default(); ids.len()]);
        Self { ways, ids, spots, stops, nodes_seen: 0 }
    }

    /// Puts nodes where they are; of two with one id the first counts.
    pub(super) fn place(&mut self, placed: &[Placed]) {
        for &(number, spot, stops) in placed {
            let number = number as usize;
            if self.spots[number].is_none() {
                (self.spots[number], self.stops[number]) = (Some(spot), stops);
            }
        }
    }

    /// Number of a node id, when a street uses it.
    pub(super) fn number(&self, id: i64) -> Option<u32> {
        self.ids.binary_search(&id).ok().map(|at| at as u32)
    }

    fn placed(&self, node: &Node, rules: &Rules) -> Option<Placed> {
        Some((self.number(node.id)?, node.spot, rules.judge_node(&rules.row(pairs(&node.tags)))))
    }
}

fn pairs(tags: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().map(|(key, value)| (key.as_str(), value.as_str()))
}
