//! Connected parts of a graph, and which of them are islands.
//!
//! What: strongly connected components of the junctions (Tarjan 1972, without recursion); where every street runs both ways these are
//! the ordinary connected parts. An edge belongs to the part of its junctions; an edge between two parts (into a dead end that
//! can't be left, out of a place that can't be entered, one way up to a closed gate) belongs to none and is a *trap*; an edge whose
//! two ends are both closed is a part of its own.
//! An *island* is a part with fewer than [`ISLAND_BELOW_MM`] of street that isn't the longest one: a fragment of platform, a compound
//! without a mapped gate, a street cut off by the edge of the extract.
//! Complexity: `O(junctions + arcs)`. Determinism: parts are numbered by their first edge.

use super::geodesy::Spot;
use super::graph::Graph;
use super::streets::Streets;

/// Parts with less street than this, in millimetres, are islands: two kilometres.
pub const ISLAND_BELOW_MM: u64 = 2_000_000;

/// No part.
const NONE: u32 = u32::MAX;

/// A connected part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Component {
    /// Its edges.
    pub edges: u32,
    /// Length of its streets in millimetres.
    pub length_mm: u64,
}

/// A part that is cut off from the main network: a row of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Island {
    /// How large it is.
    pub part: Component,
    /// Where its first edge begins.
    pub at: Spot,
    /// OSM id of that edge's way.
    pub way: i64,
}

/// The parts of a graph.
#[derive(Debug, Clone, Default)]
pub struct Components {
    of_edge: Vec<u32>,
    parts: Vec<Component>,
    longest: u32,
    traps: Component,
}

impl Components {
    /// Finds the parts.
    pub(super) fn new(graph: &Graph<'_>) -> Self {
        let of_node = strong(graph);
        let mut number_of = vec![NONE; graph.nodes()];
        let mut found = Self { longest: NONE, ..Self::default() };
        for edge in 0..graph.streets.edges() as u32 {
            let part = match (graph.is_open(edge), [0, 1].map(|end| graph.gate(edge, end).map(|node| of_node[node as usize]))) {
                (false, _) => NONE,
                (true, [None, None]) => found.next(),
                (true, [Some(a), Some(b)]) if a != b => NONE,
                (true, [Some(_), None] | [None, Some(_)]) if !(graph.along(edge) && graph.against(edge)) => NONE,
                (true, [Some(part), _] | [None, Some(part)]) => {
                    if number_of[part as usize] == NONE {
                        number_of[part as usize] = found.next();
                    }
                    number_of[part as usize]
                }
            };
            found.count(part, graph.is_open(edge), u64::from(graph.streets.length(edge)));
        }
        found.longest = longest(&found.parts);
        found
    }

    fn next(&mut self) -> u32 {
        self.parts.push(Component::default());
        self.parts.len() as u32 - 1
    }

    fn count(&mut self, part: u32, is_open: bool, length_mm: u64) {
        self.of_edge.push(part);
        let counted = self.parts.get_mut(part as usize).or(is_open.then_some(&mut self.traps));
        if let Some(component) = counted {
            component.edges += 1;
            component.length_mm += length_mm;
        }
    }

    /// All parts, by their first edge.
    pub fn parts(&self) -> &[Component] {
        &self.parts
    }

    /// The longest part; nothing when no edge is open.
    pub fn longest(&self) -> Component {
        self.parts.get(self.longest as usize).copied().unwrap_or_default()
    }

    /// Number of the part of an edge; `None` for closed edges and traps.
    pub fn of(&self, edge: u32) -> Option<u32> {
        Some(self.of_edge[edge as usize]).filter(|&part| part != NONE)
    }

    /// Whether an open edge belongs to an island or is a trap.
    pub fn is_cut_off(&self, edge: u32) -> bool {
        let part = self.of_edge[edge as usize];
        part != self.longest && self.parts.get(part as usize).is_none_or(|part| part.length_mm < ISLAND_BELOW_MM)
    }

    /// How many islands there are, with their edges and lengths together.
    pub fn islands(&self) -> (usize, Component) {
        let is_island =
            |(number, part): &(usize, &Component)| *number != self.longest as usize && part.length_mm < ISLAND_BELOW_MM;
        let islands = || self.parts.iter().enumerate().filter(is_island);
        let sum = islands().fold(Component::default(), |sum, (_, part)| Component {
            edges: sum.edges + part.edges,
            length_mm: sum.length_mm + part.length_mm,
        });
        (islands().count(), sum)
    }

    /// The islands one by one, the longest first; of equal ones by their first edge.
    pub fn island_rows(&self, streets: &Streets) -> Vec<Island> {
        let mut is_met = vec![false; self.parts.len()];
        let mut rows = Vec::new();
        for edge in 0..streets.edges() as u32 {
            let Some(part) = self.of(edge).filter(|_| self.is_cut_off(edge)) else { continue };
            if !std::mem::replace(&mut is_met[part as usize], true) {
                let at = streets.spot(streets.ends(edge)[0]);
                rows.push(Island { part: self.parts[part as usize], at, way: streets.way(edge) });
            }
        }
        rows.sort_by_key(|island| std::cmp::Reverse(island.part.length_mm));
        rows
    }

    /// Edges that lead into or out of a part one way only.
    pub fn traps(&self) -> Component {
        self.traps
    }

    pub(super) fn bytes(&self) -> usize {
        self.of_edge.len() * 4 + self.parts.len() * 16
    }
}

fn longest(parts: &[Component]) -> u32 {
    let better = |best: usize, row: usize| if parts[row].length_mm > parts[best].length_mm { row } else { best };
    (0..parts.len()).reduce(better).map_or(NONE, |row| row as u32)
}

/// Number of the strong component of each junction.
fn strong(graph: &Graph<'_>) -> Vec<u32> {
    let mut search = Tarjan {
        order: vec![0; graph.nodes()],
        part: vec![NONE; graph.nodes()],
        open: Vec::new(),
        path: Vec::new(),
        met: 0,
        parts: 0,
    };
    for root in 0..graph.nodes() as u32 {
        if search.order[root as usize] == 0 {
            search.explore(graph, root);
        }
    }
    search.part
}

/// State of the search: `order` is when a junction was met (from 1), lowered to the earliest open junction that it reaches.
struct Tarjan {
    order: Vec<u32>,
    part: Vec<u32>,
    open: Vec<u32>,
    /// Junction, its next arc, when it was met.
    path: Vec<(u32, u32, u32)>,
    met: u32,
    parts: u32,
}

impl Tarjan {
    fn meet(&mut self, node: u32) {
        self.met += 1;
        self.order[node as usize] = self.met;
        self.open.push(node);
        self.path.push((node, 0, self.met));
    }

    fn explore(&mut self, graph: &Graph<'_>, root: u32) {
        self.meet(root);
        while let Some(step) = self.path.last_mut() {
            let (node, next, met) = *step;
            step.1 += 1;
            match graph.arcs(node).get(next as usize) {
                Some(arc) if self.order[arc.to as usize] == 0 => self.meet(arc.to),
                Some(arc) => self.lower(node, arc.to),
                None => self.leave(node, met),
            }
        }
    }

    /// `node` reaches `other`: while that one is open, it reaches as far back.
    fn lower(&mut self, node: u32, other: u32) {
        if self.part[other as usize] == NONE {
            self.order[node as usize] = self.order[node as usize].min(self.order[other as usize]);
        }
    }

    fn leave(&mut self, node: u32, met: u32) {
        self.path.pop();
        if self.order[node as usize] == met {
            while let Some(member) = self.open.pop() {
                self.part[member as usize] = self.parts;
                if member == node {
                    break;
                }
            }
            self.parts += 1;
        }
        if let Some(&(before, _, _)) = self.path.last() {
            self.lower(before, node);
        }
    }
}
