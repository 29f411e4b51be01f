//! What one profile leaves of the streets: who may go where at what cost, as a compressed graph.
//!
//! Input → output: [`Streets`], [`Profile`] → arcs by junction (to, cost), and for each edge its cost, its directions, and whether its
//! two ends can be passed. A junction that stops the profile keeps its edges, but nothing passes from one to the next: those ends
//! of edges are closed.
//! Costs: millimetres, or milliseconds = length × pace, rounded half up once an edge. A part of an edge costs its share by length,
//! rounded half up from the beginning, so the two parts of an edge always add up to the whole.
//! Complexity: `O(junctions + edges)`. Memory: 8 bytes an arc, 5 an edge, 4 a junction.
//! Determinism: arcs of a junction in the order of edges.

use std::borrow::Cow;

use rayon::prelude::*;

use super::build::LONGEST_EDGE;
use super::components::Components;
use super::profile::{Measure, Mode, Profile};
use super::streets::{EdgeRow, Streets};

/// Along the edge.
const ALONG: u8 = 1;
/// Against the edge.
const AGAINST: u8 = 2;
/// The beginning of the edge can be passed.
const START: u8 = 4;
/// The end of the edge can be passed.
const END: u8 = 8;

/// A step from a junction to the next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Arc {
    /// The next junction.
    pub to: u32,
    /// Millimetres or milliseconds.
    pub cost: u32,
}

/// A step with its edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ArcRow<'a> {
    /// The junction where it begins.
    pub from: u32,
    /// The next junction.
    pub to: u32,
    /// Millimetres or milliseconds.
    pub cost: u32,
    /// The edge, as it is drawn.
    pub edge: EdgeRow<'a>,
}

/// A graph of one profile over some streets.
#[derive(Debug)]
pub struct Graph<'a> {
    pub(super) streets: Cow<'a, Streets>,
    profile: Profile,
    first: Vec<u32>,
    arcs: Vec<Arc>,
    costs: Vec<u32>,
    gates: Vec<u8>,
    components: Components,
}

impl<'a> Graph<'a> {
    /// The graph of a profile.
    pub fn new(streets: &'a Streets, profile: Profile) -> Self {
        Self::over(Cow::Borrowed(streets), profile)
    }

    /// The graph of a profile, which keeps the streets.
    pub fn owning(streets: Streets, profile: Profile) -> Graph<'static> {
        Graph::over(Cow::Owned(streets), profile)
    }

    fn over(streets: Cow<'a, Streets>, profile: Profile) -> Self {
        let edges = 0..streets.edges() as u32;
        let gates: Vec<u8> = edges.clone().into_par_iter().map(|edge| gates(&streets, &profile, edge)).collect();
        let costs: Vec<u32> = edges.into_par_iter().map(|edge| whole(&streets, &profile, edge)).collect();
        let (first, arcs) = arcs(&streets, &gates, &costs);
        let mut graph = Self { streets, profile, first, arcs, costs, gates, components: Components::default() };
        graph.components = Components::new(&graph);
        graph
    }

    /// The streets.
    pub fn streets(&self) -> &Streets {
        &self.streets
    }

    /// Who travels, and what is counted.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Number of junctions.
    pub fn nodes(&self) -> usize {
        self.first.len() - 1
    }

    /// Connected parts.
    pub fn components(&self) -> &Components {
        &self.components
    }

    /// Steps from a junction.
    #[inline]
    pub fn arcs(&self, node: u32) -> &[Arc] {
        &self.arcs[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }

    /// Every step with the edge that it takes, for export: another tool finds the same costs between junctions on these rows.
    /// Edges that lead nowhere (loops, closed ends) aren't among them.
    pub fn rows(&self) -> impl Iterator<Item = ArcRow<'_>> {
        self.streets.rows().flat_map(|edge| {
            let passes = self.gate(edge.edge, 0).is_some() && self.gate(edge.edge, 1).is_some() && edge.from != edge.to;
            let cost = self.cost(edge.edge);
            let along = (passes && self.along(edge.edge)).then_some(ArcRow { from: edge.from, to: edge.to, cost, edge });
            let against = (passes && self.against(edge.edge)).then_some(ArcRow { from: edge.to, to: edge.from, cost, edge });
            along.into_iter().chain(against)
        })
    }

    /// All steps, as (from, to, cost), by junction.
    pub fn all_arcs(&self) -> impl Iterator<Item = (u32, u32, u32)> {
        (0..self.nodes() as u32).flat_map(|node| self.arcs(node).iter().map(move |arc| (node, arc.to, arc.cost)))
    }

    /// Cost of a whole edge.
    pub fn cost(&self, edge: u32) -> u32 {
        self.costs[edge as usize]
    }

    /// Whether the profile may be on an edge at all.
    pub fn is_open(&self, edge: u32) -> bool {
        self.gates[edge as usize] & (ALONG | AGAINST) != 0
    }

    /// Whether the edge may be travelled along its direction.
    pub fn along(&self, edge: u32) -> bool {
        self.gates[edge as usize] & ALONG != 0
    }

    /// Whether the edge may be travelled against its direction.
    pub fn against(&self, edge: u32) -> bool {
        self.gates[edge as usize] & AGAINST != 0
    }

    /// The junction where an edge begins (0) or ends (1), when it can be passed.
    pub fn gate(&self, edge: u32, end: usize) -> Option<u32> {
        let bit = if end == 0 { START } else { END };
        (self.gates[edge as usize] & bit != 0).then(|| self.streets.ends(edge)[end])
    }

    /// Cost from the beginning of an edge to a place on it, in millimetres from there.
    pub(super) fn cost_until(&self, edge: u32, offset: u32) -> u32 {
        let length = u64::from(self.streets.length(edge));
        if length == 0 {
            return 0;
        }
        ((u64::from(self.cost(edge)) * u64::from(offset) * 2 + length) / (2 * length)) as u32
    }

    /// The furthest place on an edge, in millimetres from its beginning, that costs at most this much from there.
    pub(super) fn offset_within(&self, edge: u32, budget: u32) -> u32 {
        let (cost, length) = (u64::from(self.cost(edge)), u64::from(self.streets.length(edge)));
        if u64::from(budget) >= cost {
            return length as u32;
        }
        // Largest offset with (2·cost·offset + length) / (2·length) < budget + 1.
        ((2 * length * (u64::from(budget) + 1) - length - 1) / (2 * cost)).min(length) as u32
    }

    /// Cost of the way between a place and the street.
    pub fn leg_cost(&self, leg_mm: u32) -> u32 {
        self.streets.rules.leg_pace(self.profile.mode, self.profile.measure).map_or(leg_mm, |pace| timed(leg_mm, pace))
    }

    /// Bytes in memory, tables only.
    pub fn bytes(&self) -> usize {
        self.first.len() * 4 + self.arcs.len() * 8 + self.costs.len() * 5 + self.components.bytes()
    }
}

/// Milliseconds for millimetres at a pace in microseconds a metre, rounded half up; never more than the longest edge has millimetres
/// (25 days).
fn timed(length_mm: u32, pace: u32) -> u32 {
    let ms = (u64::from(length_mm) * u64::from(pace) + 500_000) / 1_000_000;
    ms.min(u64::from(LONGEST_EDGE)) as u32
}

fn whole(streets: &Streets, profile: &Profile, edge: u32) -> u32 {
    let row = edge as usize;
    match profile.measure {
        Measure::Length => streets.lengths[row],
        Measure::Time(surface) => {
            let pace = streets.rules.pace(profile.mode, surface, streets.classes[row], streets.maxspeeds[row]);
            timed(streets.lengths[row], pace)
        }
    }
}

fn gates(streets: &Streets, profile: &Profile, edge: u32) -> u8 {
    let row = edge as usize;
    let (access, mode): (_, Mode) = (streets.access[row], profile.mode);
    let has_steps = profile.step_free && streets.marks[row].has(super::rules::Mark::NotStepFree);
    if has_steps || !access.any(mode) || profile.closed_ways.contains(&streets.ways[row]) {
        return 0;
    }
    let [start, end] = streets.ends(edge).map(|node| !streets.node_stops[node as usize].stops(profile));
    let bits = [(access.forward(mode), ALONG), (access.backward(mode), AGAINST), (start, START), (end, END)];
    bits.into_iter().filter(|(is_set, _)| *is_set).fold(0, |all, (_, bit)| all | bit)
}

/// Arcs in compressed rows; loops lead nowhere and are left out.
fn arcs(streets: &Streets, gates: &[u8], costs: &[u32]) -> (Vec<u32>, Vec<Arc>) {
    let steps = |row: usize| {
        let ([from, to], cost) = (streets.ends[row], costs[row]);
        let passes = gates[row] & (START | END) == START | END && from != to;
        let along = (passes && gates[row] & ALONG != 0).then_some((from, Arc { to, cost }));
        let against = (passes && gates[row] & AGAINST != 0).then_some((to, Arc { to: from, cost }));
        along.into_iter().chain(against)
    };
    grouped(streets.nodes(), || (0..gates.len()).flat_map(steps))
}

/// Rows in groups, as compressed rows: where each group begins, and the rows group by group in the order given. `all` is asked twice.
pub(super) fn grouped<T: Copy + Default, I: Iterator<Item = (u32, T)>>(groups: usize, all: impl Fn() -> I) -> (Vec<u32>, Vec<T>) {
    let mut first = vec![0u32; groups + 1];
    all().for_each(|(group, _)| first[group as usize + 1] += 1);
    for group in 0..groups {
        first[group + 1] += first[group];
    }
    let mut rows = vec![T::default(); first[groups] as usize];
    let mut next = first.clone();
    for (group, row) in all() {
        rows[next[group as usize] as usize] = row;
        next[group as usize] += 1;
    }
    (first, rows)
}
