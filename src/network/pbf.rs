//! Reading `.osm.pbf`: blocks in parallel, twice.
//!
//! Input → output: the bytes of a file → [`Harvest`]. Steps: (1) every block is decoded and its ways judged; (2) blocks that had
//! nodes are decoded again, and the nodes that streets and barrier lines use are placed. Two passes keep memory at the size of the streets: the
//! nodes of buildings and woods, most of a file, are never stored.
//! A block's words are looked up in the rules once; its ways then compare numbers. Complexity: one pass over the ways, two over the
//! nodes. Determinism: parts are joined in the order of the file.

use osmpbf::{Blob, BlobDecode, BlobReader, HeaderBlock, PrimitiveBlock};
use rayon::prelude::*;

use super::NetworkError;
use super::geodesy::Spot;
use super::harvest::{Harvest, Placed, Ways};
use super::rules::{Rules, TagRow};
use crate::message::Message;
use crate::progress::Progress;

/// Features of a file that this reader has.
const FEATURES: [&str; 2] = ["OsmSchema-V0.6", "DenseNodes"];
/// A word that no rule names as a key.
const NO_KEY: u8 = u8::MAX;

/// Reads the streets of a file, given as its bytes.
///
/// # Errors
/// `N003` when the bytes are no `.osm.pbf` or are damaged, `N004` when the file needs a feature that this reader lacks.
pub fn harvest(bytes: &[u8], rules: &Rules, progress: &dyn Progress) -> Result<Harvest, NetworkError> {
    let blobs = BlobReader::new(bytes).collect::<Result<Vec<Blob>, _>>().map_err(damaged)?;
    if blobs.is_empty() {
        return Err(NetworkError::new(Message::new("N003").with("cause", "the file is empty")));
    }
    progress.begin("streets", 2 * blobs.len() as u64);
    let harvest = both_passes(&blobs, rules, progress);
    progress.end();
    harvest
}

fn both_passes(blobs: &[Blob], rules: &Rules, progress: &dyn Progress) -> Result<Harvest, NetworkError> {
    let first = |blob| -> Result<(Ways, bool), NetworkError> {
        let part = decode(blob)?.map_or_else(|| (Ways::default(), false), |block| ways(&block, rules));
        progress.advance(1);
        Ok(part)
    };
    let parts = blobs.par_iter().map(first).collect::<Result<Vec<_>, _>>()?;
    let (mut all, mut with_nodes) = (Ways::default(), Vec::new());
    for ((ways, has_nodes), blob) in parts.into_iter().zip(blobs) {
        all.append(ways);
        with_nodes.extend(has_nodes.then_some(blob));
    }
    let mut harvest = Harvest::of_ways(all);
    let second = |blob: &&Blob| -> Result<Nodes, NetworkError> {
        let part = decode(blob)?.map_or_else(Nodes::default, |block| nodes(&block, rules, &harvest));
        progress.advance(1);
        Ok(part)
    };
    for part in with_nodes.par_iter().map(second).collect::<Result<Vec<_>, _>>()? {
        harvest.place(&part.on_streets);
        harvest.ways.lines.place(&part.on_lines);
        harvest.nodes_seen += part.seen;
    }
    Ok(harvest)
}

fn damaged(cause: osmpbf::Error) -> NetworkError {
    NetworkError::new(Message::new("N003").with("cause", cause))
}

/// The data of a block; `None` for headers and blocks of unknown sorts.
fn decode(blob: &Blob) -> Result<Option<PrimitiveBlock>, NetworkError> {
    match blob.decode().map_err(damaged)? {
        BlobDecode::OsmData(block) => Ok(Some(block)),
        BlobDecode::OsmHeader(header) => check(&header).map(|()| None),
        BlobDecode::Unknown(_) => Ok(None),
    }
}

fn check(header: &HeaderBlock) -> Result<(), NetworkError> {
    match header.required_features().iter().find(|feature| !FEATURES.contains(&feature.as_str())) {
        Some(feature) => Err(NetworkError::new(Message::new("N004").with("feature", feature))),
        None => Ok(()),
    }
}

/// The words of a block by their numbers in the rules.
struct BlockWords<'a> {
    rules: &'a Rules,
    strings: &'a [Vec<u8>],
    keys: Vec<u8>,
}

impl<'a> BlockWords<'a> {
    fn new(block: &'a PrimitiveBlock, rules: &'a Rules) -> Self {
        let strings = block.raw_stringtable();
        let keys = strings.iter().map(|word| rules.words().key(word).unwrap_or(NO_KEY)).collect();
        Self { rules, strings, keys }
    }

    /// Tags by numbers, from places in the block's list of words; a place outside the list is no tag.
    fn row(&self, tags: impl Iterator<Item = (usize, usize)>) -> TagRow {
        let mut row = TagRow::EMPTY;
        let words = self.rules.words();
        for (key, value) in tags {
            let key = self.keys.get(key).copied().unwrap_or(NO_KEY);
            if let (true, Some(value)) = (key != NO_KEY, self.strings.get(value)) {
                row.set(words, key, words.value(value), value);
            }
        }
        row
    }
}

/// The streets of a block, and whether it has nodes.
fn ways(block: &PrimitiveBlock, rules: &Rules) -> (Ways, bool) {
    let (mut ways, mut has_nodes) = (Ways::default(), false);
    let mut words = None;
    for group in block.groups() {
        has_nodes |= group.dense_nodes().next().is_some() || group.nodes().next().is_some();
        for way in group.ways() {
            ways.seen += 1;
            let words = words.get_or_insert_with(|| BlockWords::new(block, rules));
            let tags = words.row(way.raw_tags().map(|(key, value)| (key as usize, value as usize)));
            ways.take(way.id(), &tags, rules, || way.refs());
        }
    }
    (ways, has_nodes)
}

/// The nodes of a block that streets and barrier lines use, and how many were looked at.
#[derive(Default)]
struct Nodes {
    on_streets: Vec<Placed>,
    on_lines: Vec<(u32, Spot)>,
    seen: u64,
}

fn nodes(block: &PrimitiveBlock, rules: &Rules, harvest: &Harvest) -> Nodes {
    let words = BlockWords::new(block, rules);
    let mut found = Nodes::default();
    let (mut streets, mut lines) = (Finder::new(&harvest.ids), Finder::new(&harvest.ways.lines.ids));
    for group in block.groups() {
        for node in group.dense_nodes() {
            let spot = || Spot::new(node.decimicro_lon(), node.decimicro_lat());
            let tags = || node.raw_tags().map(|(key, value)| (key as usize, value as usize));
            found.take([streets.find(node.id()), lines.find(node.id())], spot, &words, tags);
        }
        for node in group.nodes() {
            let spot = || Spot::new(node.decimicro_lon(), node.decimicro_lat());
            let tags = || node.raw_tags().map(|(key, value)| (key as usize, value as usize));
            found.take([streets.find(node.id()), lines.find(node.id())], spot, &words, tags);
        }
    }
    found
}

impl Nodes {
    /// Looks at a node, given its numbers among those of streets and of lines; a node that isn't on Earth is none.
    fn take<I: Iterator<Item = (usize, usize)>>(
        &mut self,
        [on_street, on_line]: [Option<u32>; 2],
        spot: impl Fn() -> Option<Spot>,
        words: &BlockWords<'_>,
        tags: impl Fn() -> I,
    ) {
        self.seen += 1;
        if on_street.is_none() && on_line.is_none() {
            return;
        }
        if let Some(spot) = spot() {
            self.on_streets.extend(on_street.map(|number| (number, spot, words.rules.judge_node(&words.row(tags())))));
            self.on_lines.extend(on_line.map(|number| (number, spot)));
        }
    }
}

/// Looks up ids that mostly come ascending: from the last place onwards, by doubling steps.
struct Finder<'a> {
    ids: &'a [i64],
    at: usize,
}

impl<'a> Finder<'a> {
    fn new(ids: &'a [i64]) -> Self {
        Self { ids, at: 0 }
    }

    fn find(&mut self, id: i64) -> Option<u32> {
        if self.at > 0 && self.ids.get(self.at - 1).is_some_and(|&before| before >= id) {
            self.at = 0;
        }
        let mut step = 1;
        while self.ids.get(self.at + step).is_some_and(|&next| next < id) {
            self.at += step;
            step *= 2;
        }
        let end = (self.at + step + 1).min(self.ids.len());
        self.at += self.ids[self.at..end].partition_point(|&other| other < id);
        (self.ids.get(self.at) == Some(&id)).then_some(self.at as u32)
    }
}
