//! From judged ways to streets: cut at junctions, measured, put in order.
//!
//! Input → output: a [`Harvest`] → [`Streets`]. Steps: (1) ways are cut where a node is missing; (2) a node is a junction when a
//! piece begins or ends there, when it is used twice, or when it stops somebody; (3) pieces are cut at junctions into edges, in
//! parallel; (4) junctions are numbered along a Hilbert curve, edges sorted by their ends.
//! The nodes between junctions become the shape of edges instead of nodes of the graph. [`Detail::EveryNode`] keeps them; distances
//! are the same (a test).
//! Complexity: `O(n log n)`. Determinism: independent of threads and of the source's order; equal edges keep the order of way ids.

use rayon::prelude::*;

use super::NetworkError;
use super::geodesy::{Spot, length_mm};
use super::harvest::{Harvest, StreetWay};
use super::rules::{Rules, Street};
use super::streets::{SourceCounts, Streets};
use crate::hilbert::along;
use crate::message::Message;

/// Which nodes of ways become nodes of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// Those where streets meet, end, or stop somebody.
    #[default]
    Junctions,
    /// All of them.
    EveryNode,
}

/// Most junctions, edges and shape points; numbers have 32 bits and some share them with a flag.
const MOST: usize = 1 << 31;

/// Longest edge in millimetres, 2,147 km: twice its square must fit 64 bits.
pub(super) const LONGEST_EDGE: u32 = i32::MAX as u32;

/// A piece of a way between junctions: numbers of its nodes in the harvest.
struct Piece<'a> {
    way: i64,
    street: Street,
    nodes: &'a [u32],
    length: u32,
}

/// A way without gaps: its row, and its nodes in the flat list.
type Run = (StreetWay, std::ops::Range<usize>);

/// Builds streets.
///
/// # Errors
/// `N005` when there are more than 2³¹ junctions, edges or shape points; `N007` when nothing is a street.
pub fn build(harvest: &Harvest, rules: &Rules, detail: Detail) -> Result<Streets, NetworkError> {
    let numbers: Vec<Option<u32>> = harvest.ways.nodes.par_iter().map(|&id| present(harvest, id)).collect();
    let (runs, nodes) = runs(&harvest.ways.rows, &numbers);
    let is_junction = junctions(harvest, &runs, &nodes, detail);
    let mut pieces: Vec<Piece<'_>> = runs.par_iter().flat_map_iter(|run| pieces(harvest, run, &nodes, &is_junction)).collect();
    if pieces.is_empty() {
        return Err(NetworkError::new(Message::new("N007")));
    }
    let (order, number_of) = numbered(harvest, &pieces);
    let ends = |piece: &Piece<'_>| [number_of[piece.nodes[0] as usize], number_of[piece.nodes[piece.nodes.len() - 1] as usize]];
    pieces.par_sort_by_key(ends);
    let shapes = pieces.iter().map(|piece| piece.nodes.len() - 2).sum();
    for (what, count) in [("junctions", order.len()), ("edges", pieces.len()), ("shape points", shapes)] {
        if count >= MOST {
            return Err(NetworkError::new(Message::new("N005").with("what", what).with("most", MOST)));
        }
    }
    let counts = SourceCounts {
        nodes: harvest.nodes_seen,
        ways: harvest.ways.seen,
        street_ways: harvest.ways.rows.len() as u64,
        missing_nodes: harvest.spots.iter().filter(|spot| spot.is_none()).count() as u64,
        stopping_nodes: harvest.stops.iter().filter(|stops| stops.anybody()).count() as u64,
    };
    let mut streets = of_nodes(harvest, rules, counts, &order);
    pieces.iter().for_each(|piece| push(&mut streets, piece, ends(piece), harvest));
    Ok(streets)
}

/// Number of a node id when its position is known.
fn present(harvest: &Harvest, id: i64) -> Option<u32> {
    harvest.number(id).filter(|&number| harvest.spots[number as usize].is_some())
}

/// Ways cut at missing nodes, repeated nodes taken once; a run of one node is none.
fn runs(ways: &[StreetWay], numbers: &[Option<u32>]) -> (Vec<Run>, Vec<u32>) {
    let (mut runs, mut nodes) = (Vec::with_capacity(ways.len()), Vec::with_capacity(numbers.len()));
    for way in ways {
        let mut first = nodes.len();
        for number in numbers[way.first..way.first + way.len].iter().copied().chain([None]) {
            match number {
                Some(number) if nodes.len() > first && nodes.last() == Some(&number) => {}
                Some(number) => nodes.push(number),
                None if nodes.len() > first + 1 => {
                    runs.push((*way, first..nodes.len()));
                    first = nodes.len();
                }
                None => nodes.truncate(first),
            }
        }
    }
    (runs, nodes)
}

fn junctions(harvest: &Harvest, runs: &[Run], nodes: &[u32], detail: Detail) -> Vec<bool> {
    if detail == Detail::EveryNode {
        return vec![true; harvest.ids.len()];
    }
    let mut uses = vec![0u8; harvest.ids.len()];
    let mut count = |node: u32, by: u8| uses[node as usize] = uses[node as usize].saturating_add(by);
    for (_, range) in runs {
        let run = &nodes[range.clone()];
        run.iter().for_each(|&node| count(node, 1));
        count(run[0], 1);
        count(run[run.len() - 1], 1);
    }
    uses.iter().zip(&harvest.stops).map(|(&uses, stops)| uses > 1 || (uses > 0 && stops.anybody())).collect()
}

/// The edges of a run.
fn pieces<'a>(harvest: &Harvest, run: &Run, nodes: &'a [u32], is_junction: &[bool]) -> Vec<Piece<'a>> {
    let (way, range) = run;
    let run = &nodes[range.clone()];
    let cuts: Vec<usize> = (0..run.len()).filter(|&at| is_junction[run[at] as usize]).collect();
    let spot = |node: u32| harvest.spots[node as usize].expect("invariant: a run has known nodes only");
    let piece = |cut: &[usize]| {
        let nodes = &run[cut[0]..=cut[1]];
        let length =
            nodes.windows(2).map(|pair| length_mm(spot(pair[0]), spot(pair[1]))).fold(0, u32::saturating_add).min(LONGEST_EDGE);
        Piece { way: way.id, street: way.street, nodes, length }
    };
    cuts.windows(2).map(piece).collect()
}

/// Junctions along the curve, and the number of each in that order.
fn numbered(harvest: &Harvest, pieces: &[Piece<'_>]) -> (Vec<u32>, Vec<u32>) {
    let mut is_used = vec![false; harvest.ids.len()];
    for piece in pieces {
        is_used[piece.nodes[0] as usize] = true;
        is_used[piece.nodes[piece.nodes.len() - 1] as usize] = true;
    }
    let key = |node: u32| harvest.spots[node as usize].map_or(0, hilbert);
    let mut order: Vec<(u64, u32)> =
        (0..is_used.len() as u32).into_par_iter().filter(|&node| is_used[node as usize]).map(|node| (key(node), node)).collect();
    order.par_sort_unstable();
    let mut number_of = vec![u32::MAX; is_used.len()];
    for (number, &(_, node)) in order.iter().enumerate() {
        number_of[node as usize] = number as u32;
    }
    (order.into_iter().map(|(_, node)| node).collect(), number_of)
}

/// Place on a Hilbert curve over the whole Earth, by 32 bits of longitude and of latitude.
fn hilbert(spot: Spot) -> u64 {
    along(spot.lon as u32 ^ 0x8000_0000, spot.lat as u32 ^ 0x8000_0000, 32)
}

fn of_nodes(harvest: &Harvest, rules: &Rules, counts: SourceCounts, order: &[u32]) -> Streets {
    let spot = |node: &u32| harvest.spots[*node as usize].expect("invariant: a junction has a known place");
    Streets {
        rules: rules.clone(),
        counts,
        node_ids: order.iter().map(|&node| harvest.ids[node as usize]).collect(),
        node_spots: order.iter().map(spot).collect(),
        node_stops: order.iter().map(|&node| harvest.stops[node as usize]).collect(),
        ends: Vec::new(),
        lengths: Vec::new(),
        ways: Vec::new(),
        classes: Vec::new(),
        access: Vec::new(),
        marks: Vec::new(),
        maxspeeds: Vec::new(),
        layers: Vec::new(),
        shape_rows: vec![0],
        shape: Vec::new(),
        barrier_lines: harvest.ways.lines.placed(),
    }
}

fn push(streets: &mut Streets, piece: &Piece<'_>, ends: [u32; 2], harvest: &Harvest) {
    let between = &piece.nodes[1..piece.nodes.len() - 1];
    streets.ends.push(ends);
    streets.lengths.push(piece.length);
    streets.ways.push(piece.way);
    streets.classes.push(piece.street.class);
    streets.access.push(piece.street.access);
    streets.marks.push(piece.street.marks);
    streets.maxspeeds.push(piece.street.maxspeed);
    streets.layers.push(piece.street.layer);
    streets.shape.extend(between.iter().filter_map(|&node| harvest.spots[node as usize]));
    streets.shape_rows.push(streets.shape.len() as u32);
}
