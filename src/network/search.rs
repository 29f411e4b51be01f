//! Shortest paths from a place to every junction within a limit.
//!
//! Formulation: Dijkstra (1959) with a limit, as label correction over buckets (Dial 1969; Denardo and Fox 1979): a label goes into
//! bucket `cost >> shift`, buckets are emptied in order, and a junction whose label falls while its bucket is open is looked at again.
//! The result is the unique shortest cost, whatever the order inside a bucket.
//! Steps: seeds in; the first bucket that isn't empty; drop labels that are out of date; relax arcs within the limit.
//! Scratch memory belongs to a thread and is cleaned by the list of what was touched, so a search allocates nothing.
//! Complexity: `O(arcs reached + limit / bucket width)`. Determinism: costs are integers and unique.
//! Buckets because they were faster than binary, 4-ary and radix heaps (`benches/queues.rs`, `docs/benchmarks.md`).
//! A hierarchy was not built: at 15 minutes a search reaches a few thousand junctions, and every one of them is an answer.
//! Not for: a whole country from every place; there a hierarchy (PHAST) would win.

use super::graph::Graph;

/// A junction that isn't reached.
pub(super) const FAR: u32 = u32::MAX;
/// Buckets at most: without any limit they are 66 m or 66 s wide, so that few labels are corrected.
const MOST_BUCKETS: u32 = 1 << 16;
/// Narrowest bucket, as a power of two: about 8 m or 8 s.
const LEAST_SHIFT: u32 = 13;

/// Labels by bucket of cost.
#[derive(Debug, Default)]
struct Buckets {
    shift: u32,
    labels: Vec<Vec<(u32, u32)>>,
}

impl Buckets {
    /// Makes room for costs up to a limit.
    fn reserve(&mut self, limit: u32) {
        self.shift = LEAST_SHIFT;
        while limit >> self.shift >= MOST_BUCKETS {
            self.shift += 1;
        }
        let needed = (limit >> self.shift) as usize + 1;
        if self.labels.len() < needed {
            self.labels.resize_with(needed, Vec::new);
        }
    }
}

/// What a thread needs to search, again and again.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    costs: Vec<u32>,
    reached: Vec<u32>,
    buckets: Buckets,
}

impl Scratch {
    /// Cost of a junction after a search; [`FAR`] when it isn't reached.
    #[inline]
    pub fn cost(&self, node: u32) -> u32 {
        self.costs[node as usize]
    }

    /// The junctions that the last search reached, in no order that means anything.
    pub fn reached(&self) -> &[u32] {
        &self.reached
    }

    /// Searches from junctions with costs already spent, up to a limit, inclusive.
    pub fn search(&mut self, graph: &Graph<'_>, seeds: impl IntoIterator<Item = (u32, u32)>, limit: u32) {
        let limit = limit.min(FAR - 1);
        self.clean(graph.nodes());
        self.buckets.reserve(limit);
        // Slices instead of `self`: the loop then keeps their places in registers.
        let (shift, labels, costs) = (self.buckets.shift, self.buckets.labels.as_mut_slice(), self.costs.as_mut_slice());
        let reached = &mut self.reached;
        // Labels a junction when that is better than what is known; returns the bucket, 0 when it isn't.
        let mut label = |labels: &mut [Vec<(u32, u32)>], costs: &mut [u32], node: u32, cost: u32| {
            let known = &mut costs[node as usize];
            if cost >= *known {
                return 0;
            }
            if *known == FAR {
                reached.push(node);
            }
            *known = cost;
            let bucket = (cost >> shift) as usize;
            labels[bucket].push((node, cost));
            bucket
        };
        let (mut bucket, mut highest) = (0, 0);
        for (node, cost) in seeds.into_iter().filter(|&(_, cost)| cost <= limit) {
            highest = highest.max(label(labels, costs, node, cost));
        }
        while bucket <= highest {
            while let Some((node, cost)) = labels[bucket].pop() {
                if cost > costs[node as usize] {
                    continue;
                }
                let left = limit - cost;
                for arc in graph.arcs(node).iter().filter(|arc| arc.cost <= left) {
                    highest = highest.max(label(labels, costs, arc.to, cost + arc.cost));
                }
            }
            bucket += 1;
        }
    }

    fn clean(&mut self, nodes: usize) {
        if self.costs.len() == nodes {
            self.reached.iter().for_each(|&node| self.costs[node as usize] = FAR);
        } else {
            self.costs.clear();
            self.costs.resize(nodes, FAR);
        }
        self.reached.clear();
    }
}
