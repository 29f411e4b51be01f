//! From many sites to many places: cost of the shortest way for every pair within a limit, as sparse rows.
//!
//! Input → output: snapped sites and targets, a limit in the graph's measure → for each site the targets that it reaches and their cost,
//! ascending by target. Cost = leg of the site + way along streets + leg of the target, in millimetres or milliseconds; a pair is
//! there when `cost <= limit`.
//! Steps: a target hangs on the junctions at the two ends of its edge, with the rest of the way as an extra; a search from the site's
//! edge labels junctions; every labelled junction offers cost + extra to its targets. Targets on the site's own edge are also
//! offered the way along it. One-way edges hang on one side only, closed ends not at all.
//! Sites are worked on in the order of the ground (neighbours share the cache) by threads with scratch memory of their own, and rows
//! are put back in the order given.
//! Complexity: a search, plus the targets it reaches, a site. Determinism: the same bytes on any thread count.
//! A site and a target at the same spot (to the centimetre) are 0 apart; any other two are at least two legs apart, because the way
//! leads over the street.

use std::sync::Mutex;

use rayon::prelude::*;

use super::graph::{Graph, grouped};
use super::row_set::RowSet;
use super::search::{FAR, Scratch};
use super::snap::{Snap, Snapping};
use crate::progress::Progress;

/// Sites that a thread takes at a time, at most.
const CHUNK: usize = 64;

/// A target that a site reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reached {
    /// Row of the target.
    pub target: u32,
    /// Millimetres or milliseconds.
    pub cost: u32,
}

/// Costs from sites to targets, sparse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostRows {
    rows: Vec<usize>,
    pairs: Vec<Reached>,
}

impl CostRows {
    /// What a site reaches, ascending by target.
    pub fn row(&self, site: usize) -> &[Reached] {
        &self.pairs[self.rows[site]..self.rows[site + 1]]
    }

    /// Number of sites.
    pub fn sites(&self) -> usize {
        self.rows.len() - 1
    }

    /// Number of pairs.
    pub fn pairs(&self) -> usize {
        self.pairs.len()
    }

    /// All pairs as (site, target, cost), sorted.
    pub fn iter(&self) -> impl Iterator<Item = (usize, u32, u32)> {
        (0..self.sites()).flat_map(|site| self.row(site).iter().map(move |reached| (site, reached.target, reached.cost)))
    }

    /// Cost of one pair, when it is within the limit.
    pub fn cost(&self, site: usize, target: u32) -> Option<u32> {
        let row = self.row(site);
        row.binary_search_by_key(&target, |reached| reached.target).ok().map(|at| row[at].cost)
    }
}

/// A target and where it is on the street.
type OnStreet = (u32, Snap);

/// Targets hung on a graph.
#[derive(Debug)]
pub struct Targets<'a> {
    graph: &'a Graph<'a>,
    count: usize,
    first: Vec<u32>,
    /// Target and the cost from the junction to it.
    extras: Vec<(u32, u32)>,
    /// By edge.
    on_edge: Vec<OnStreet>,
}

impl<'a> Targets<'a> {
    /// Hangs snapped places on the junctions from which they are reached; the others can't be reached.
    pub fn new(graph: &'a Graph<'a>, places: &[Snapping]) -> Self {
        let snapped = || (0u32..).zip(places).filter_map(|(target, place)| Some((target, place.as_ref().ok()?)));
        let hung = || {
            snapped().flat_map(|(target, snap)| junctions(graph, snap, Way::To).map(move |(node, cost)| (node, (target, cost))))
        };
        let (first, extras) = grouped(graph.nodes(), hung);
        let mut on_edge: Vec<OnStreet> = snapped().map(|(target, snap)| (target, *snap)).collect();
        on_edge.sort_unstable_by_key(|(target, snap)| (snap.edge, *target));
        Self { graph, count: places.len(), first, extras, on_edge }
    }

    /// Every junction as a target, named by its number: what tools that know junctions only compute.
    pub fn junctions(graph: &'a Graph<'a>) -> Self {
        let all = 0..graph.nodes() as u32;
        let (first, extras) = ((0..=graph.nodes() as u32).collect(), all.map(|node| (node, 0)).collect());
        Self { graph, count: graph.nodes(), first, extras, on_edge: Vec::new() }
    }

    fn at(&self, node: u32) -> &[(u32, u32)] {
        &self.extras[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }

    fn on(&self, edge: u32) -> &[OnStreet] {
        let from = self.on_edge.partition_point(|(_, snap)| snap.edge < edge);
        &self.on_edge[from..from + self.on_edge[from..].partition_point(|(_, snap)| snap.edge == edge)]
    }
}

/// From a place to the junctions, or from the junctions to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    From,
    To,
}

/// The junctions next to a snapped place, with the cost between them and the place (its leg included).
pub(super) fn junctions(graph: &Graph<'_>, snap: &Snap, way: Way) -> impl Iterator<Item = (u32, u32)> + use<> {
    let (edge, offset) = (snap.edge, snap.offset_mm);
    let leg = graph.leg_cost(snap.leg_mm);
    let before = graph.cost_until(edge, offset);
    let after = graph.cost(edge) - before;
    let (to_start, to_end) = match way {
        Way::From => (graph.against(edge), graph.along(edge)),
        Way::To => (graph.along(edge), graph.against(edge)),
    };
    let start = graph.gate(edge, 0).filter(|_| to_start || offset == 0).map(|node| (node, leg.saturating_add(before)));
    let is_end = offset == graph.streets().length(edge);
    let end = graph.gate(edge, 1).filter(|_| to_end || is_end).map(|node| (node, leg.saturating_add(after)));
    start.into_iter().chain(end)
}

/// A thread's scratch memory.
#[derive(Default)]
struct Desk {
    search: Scratch,
    best: Vec<u32>,
    found: RowSet,
}

impl Desk {
    fn offer(&mut self, target: u32, cost: u32, limit: u32) {
        let best = &mut self.best[target as usize];
        if cost <= limit && cost < *best {
            *best = cost;
            self.found.insert(target);
        }
    }

    /// Appends a site's row and returns its length.
    fn row(&mut self, targets: &Targets<'_>, site: &Snap, limit: u32, pairs: &mut Vec<Reached>) -> usize {
        let graph = targets.graph;
        self.best.resize(targets.count, FAR);
        self.found.reserve(targets.count);
        self.search.search(graph, junctions(graph, site, Way::From), limit);
        for at in 0..self.search.reached().len() {
            let node = self.search.reached()[at];
            let cost = self.search.cost(node);
            for &(target, extra) in targets.at(node) {
                self.offer(target, cost.saturating_add(extra), limit);
            }
        }
        for (target, at) in targets.on(site.edge) {
            if let Some(cost) = along_edge(graph, site, at) {
                self.offer(*target, cost, limit);
            }
        }
        let before = pairs.len();
        self.found.drain(|target| {
            let cost = std::mem::replace(&mut self.best[target as usize], FAR);
            pairs.push(Reached { target, cost });
        });
        pairs.len() - before
    }
}

/// Cost between two places on one edge without leaving it, both legs included: nothing at the same spot, none against one way.
pub(super) fn along_edge(graph: &Graph<'_>, from: &Snap, to: &Snap) -> Option<u32> {
    if to.place == from.place {
        return Some(0);
    }
    let goes = match to.offset_mm.cmp(&from.offset_mm) {
        std::cmp::Ordering::Greater => graph.along(from.edge),
        std::cmp::Ordering::Less => graph.against(from.edge),
        std::cmp::Ordering::Equal => true,
    };
    let until = |snap: &Snap| graph.cost_until(snap.edge, snap.offset_mm);
    let legs = graph.leg_cost(from.leg_mm).saturating_add(graph.leg_cost(to.leg_mm));
    goes.then(|| until(to).abs_diff(until(from)).saturating_add(legs))
}

/// Cost of one way within a limit. Looks at what the search from `from` reaches, and at nothing else.
pub(super) fn one_to_one(graph: &Graph<'_>, from: &Snap, to: &Snap, limit: u32, search: &mut Scratch) -> Option<u32> {
    search.search(graph, junctions(graph, from, Way::From), limit);
    let over = junctions(graph, to, Way::To).map(|(node, cost)| search.cost(node).saturating_add(cost));
    let direct = if from.edge == to.edge { along_edge(graph, from, to) } else { None };
    over.chain(direct).min().filter(|&cost| cost <= limit && cost < FAR)
}

/// Costs from every site to every target within a limit (millimetres or milliseconds, inclusive). A site that isn't snapped has an
/// empty row.
pub fn one_to_many(targets: &Targets<'_>, sites: &[Snapping], limit: u32, progress: &dyn Progress) -> CostRows {
    let limit = limit.min(FAR - 1);
    let mut order: Vec<usize> = (0..sites.len()).collect();
    order.sort_by_key(|&site| sites[site].map_or((u32::MAX, 0), |snap| (snap.edge, snap.offset_mm)));
    let chunk = order.len().div_ceil(8 * rayon::current_num_threads()).clamp(1, CHUNK);
    let desks = Mutex::new(Vec::new());
    progress.begin("paths", sites.len() as u64);
    let work = |sites_here: &[usize]| {
        let mut desk: Desk = lock(&desks).pop().unwrap_or_default();
        let mut pairs = Vec::new();
        let length = |&site: &usize| sites[site].map_or(0, |snap| desk.row(targets, &snap, limit, &mut pairs));
        let lengths: Vec<usize> = sites_here.iter().map(length).collect();
        lock(&desks).push(desk);
        progress.advance(sites_here.len() as u64);
        (lengths, pairs)
    };
    let parts: Vec<(Vec<usize>, Vec<Reached>)> = order.par_chunks(chunk).map(work).collect();
    progress.end();
    in_order(&order, &parts)
}

/// Costs between all places, as between bus stops; without a limit give `u32::MAX`.
pub fn many_to_many(graph: &Graph<'_>, places: &[Snapping], limit: u32, progress: &dyn Progress) -> CostRows {
    one_to_many(&Targets::new(graph, places), places, limit, progress)
}

fn lock(desks: &Mutex<Vec<Desk>>) -> std::sync::MutexGuard<'_, Vec<Desk>> {
    desks.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Rows in the order of the sites.
fn in_order(order: &[usize], parts: &[(Vec<usize>, Vec<Reached>)]) -> CostRows {
    let mut slices: Vec<&[Reached]> = vec![&[]; order.len()];
    let mut sites = order.iter();
    for (lengths, pairs) in parts {
        let mut at = 0;
        for (&length, &site) in lengths.iter().zip(&mut sites) {
            slices[site] = &pairs[at..at + length];
            at += length;
        }
    }
    let mut rows = Vec::with_capacity(slices.len() + 1);
    let mut total = 0;
    rows.push(0);
    rows.extend(slices.iter().map(|slice| {
        total += slice.len();
        total
    }));
    CostRows { rows, pairs: slices.concat() }
}
