//! OpenStreetMap elements as plain rows: what a test, a generator or a converter hands over instead of a file.

use super::geodesy::Spot;

/// A node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// OSM id.
    pub id: i64,
    /// Where.
    pub spot: Spot,
    /// Key and value.
    pub tags: Vec<(String, String)>,
}

/// A way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// OSM id.
    pub id: i64,
    /// Ids of its nodes, in order.
    pub nodes: Vec<i64>,
    /// Key and value.
    pub tags: Vec<(String, String)>,
}

/// Nodes and ways.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elements {
    /// Nodes.
    pub nodes: Vec<Node>,
    /// Ways.
    pub ways: Vec<Way>,
}

impl Elements {
    /// Adds a node without tags.
    pub fn node(&mut self, id: i64, spot: Spot) {
        self.nodes.push(Node { id, spot, tags: Vec::new() });
    }

    /// Adds a way.
    pub fn way(&mut self, id: i64, nodes: &[i64], tags: &[(&str, &str)]) {
        self.ways.push(Way { id, nodes: nodes.to_vec(), tags: owned(tags) });
    }

    /// Adds a node with tags.
    pub fn tagged_node(&mut self, id: i64, spot: Spot, tags: &[(&str, &str)]) {
        self.nodes.push(Node { id, spot, tags: owned(tags) });
    }
}

fn owned(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    tags.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
}
