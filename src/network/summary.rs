//! What a network has: streets by class, length by mode, islands. The rows of `yizhan network FILE`.
//!
//! Complexity: linear, and a graph a mode. Determinism: classes are sorted by name.

use std::collections::BTreeMap;

use super::components::Component;
use super::graph::Graph;
use super::profile::{Measure, Mode, Profile};
use super::streets::{SourceCounts, Streets};

/// Streets of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClassRow {
    /// Edges.
    pub edges: u64,
    /// Length in millimetres.
    pub length_mm: u64,
    /// Length that each mode may use in some direction, in the order of [`Mode::ALL`].
    pub open_mm: [u64; 3],
}

/// Streets of one mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModeRow {
    /// Who travels.
    pub mode: Mode,
    /// Open edges.
    pub edges: u64,
    /// Their length in millimetres.
    pub length_mm: u64,
    /// The length of those that run one way only.
    pub oneway_mm: u64,
    /// Connected parts.
    pub parts: usize,
    /// The longest of them.
    pub longest: Component,
    /// How many parts are islands.
    pub islands: usize,
    /// Edges and length of islands together.
    pub on_islands: Component,
    /// Edges that can be entered but not left, or left but not entered.
    pub traps: Component,
}

/// What a network has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// What the source held.
    pub source: SourceCounts,
    /// Junctions.
    pub nodes: u64,
    /// Edges.
    pub edges: u64,
    /// Points of edges between their junctions.
    pub shape_points: u64,
    /// By class, sorted by name.
    pub classes: BTreeMap<String, ClassRow>,
    /// By mode.
    pub modes: Vec<ModeRow>,
}

impl Summary {
    /// Counts streets.
    pub fn new(streets: &Streets) -> Self {
        let mut classes: BTreeMap<String, ClassRow> = BTreeMap::new();
        for row in streets.rows() {
            let class = classes.entry(row.class.to_owned()).or_default();
            let length = u64::from(row.length_mm);
            class.edges += 1;
            class.length_mm += length;
            for mode in Mode::ALL {
                class.open_mm[mode as usize] += if row.access.any(mode) { length } else { 0 };
            }
        }
        Self {
            source: streets.counts(),
            nodes: streets.nodes() as u64,
            edges: streets.edges() as u64,
            shape_points: streets.shape.len() as u64,
            classes,
            modes: Mode::ALL.into_iter().map(|mode| of_mode(streets, mode)).collect(),
        }
    }
}

fn of_mode(streets: &Streets, mode: Mode) -> ModeRow {
    let graph = Graph::new(streets, Profile::new(mode, Measure::Length));
    let open = || streets.rows().filter(|row| row.access.any(mode));
    let oneway = open().filter(|row| !(row.access.forward(mode) && row.access.backward(mode)));
    let (islands, on_islands) = graph.components().islands();
    ModeRow {
        mode,
        edges: open().count() as u64,
        length_mm: open().map(|row| u64::from(row.length_mm)).sum(),
        oneway_mm: oneway.map(|row| u64::from(row.length_mm)).sum(),
        parts: graph.components().parts().len(),
        longest: graph.components().longest(),
        islands,
        on_islands,
        traps: graph.components().traps(),
    }
}
