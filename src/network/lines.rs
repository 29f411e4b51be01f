//! Barrier lines of the map: rivers, railways and whatever else the rules say that no leg between a place and the street may cross.
//!
//! Input → output: ways that are lines, nodes in any order → lines of positions, sorted by way id. A line is cut where a node has no
//! position; of two ways or nodes with one id the first counts.
//! Complexity: `O(n log n)` in the nodes of lines. Determinism: independent of the order of elements and of threads.

use super::geodesy::Spot;

/// Lines, and their nodes before and after they are placed.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    /// Way id and the ids of its nodes.
    ways: Vec<(i64, Vec<i64>)>,
    /// Ids of nodes, ascending.
    pub ids: Vec<i64>,
    spots: Vec<Option<Spot>>,
}

impl Lines {
    /// Adds a way.
    pub fn push(&mut self, id: i64, nodes: impl Iterator<Item = i64>) {
        self.ways.push((id, nodes.collect()));
    }

    /// Adds all ways of another part.
    pub fn append(&mut self, other: Self) {
        self.ways.extend(other.ways);
    }

    /// Sorts ways and gathers their nodes; none is placed yet.
    pub fn gather(&mut self) {
        self.ways.sort_by_key(|(id, _)| *id);
        self.ways.dedup_by_key(|(id, _)| *id);
        self.ids = self.ways.iter().flat_map(|(_, nodes)| nodes).copied().collect();
        self.ids.sort_unstable();
        self.ids.dedup();
        self.spots = vec![None; self.ids.len()];
    }

    /// Number of a node id, when a line uses it.
    pub fn number(&self, id: i64) -> Option<u32> {
        self.ids.binary_search(&id).ok().map(|at| at as u32)
    }

    /// Puts nodes where they are.
    pub fn place(&mut self, placed: &[(u32, Spot)]) {
        for &(number, spot) in placed {
            self.spots[number as usize].get_or_insert(spot);
        }
    }

    /// The lines as positions.
    pub fn placed(&self) -> Vec<Vec<Spot>> {
        let spot = |&id: &i64| self.number(id).and_then(|number| self.spots[number as usize]);
        let mut lines = Vec::new();
        for (_, nodes) in &self.ways {
            let spots: Vec<Option<Spot>> = nodes.iter().map(spot).collect();
            let runs = spots.split(Option::is_none).filter(|run| run.len() > 1);
            lines.extend(runs.map(|run| run.iter().copied().flatten().collect()));
        }
        lines
    }
}
