//! Writing `.osm.pbf` bytes: generated networks and tiny test cities. The inverse of [`super::harvest`] on nodes and ways.
//!
//! Blocks of 8,000 elements, not compressed, nodes in the dense form. Written by hand, because the format needs four kinds of field:
//! varint, zigzag varint, bytes, and packed lists of them (developers.google.com/protocol-buffers, "Encoding"; wiki.openstreetmap.org,
//! "PBF Format"). Determinism: the same elements give the same bytes.

use std::collections::HashMap;

use super::osm::{Elements, Node, Way};

/// Elements a block; the format's own recommendation.
const BLOCK: usize = 8_000;

/// Elements as the bytes of an `.osm.pbf` file.
pub fn encode(elements: &Elements) -> Vec<u8> {
    let mut header = Message::default();
    header.bytes(4, b"OsmSchema-V0.6");
    header.bytes(4, b"DenseNodes");
    header.bytes(16, concat!("yizhan ", env!("CARGO_PKG_VERSION")).as_bytes());
    let mut file = Vec::new();
    write_blob(&mut file, b"OSMHeader", &header.0);
    for nodes in elements.nodes.chunks(BLOCK) {
        write_blob(&mut file, b"OSMData", &node_block(nodes));
    }
    for ways in elements.ways.chunks(BLOCK) {
        write_blob(&mut file, b"OSMData", &way_block(ways));
    }
    file
}

/// A protocol-buffer message under construction.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn zigzag(&mut self, value: i64) {
        self.varint(((value << 1) ^ (value >> 63)) as u64);
    }

    fn number(&mut self, field: u32, value: u64) {
        self.varint(u64::from(field) << 3);
        self.varint(value);
    }

    fn bytes(&mut self, field: u32, bytes: &[u8]) {
        self.varint(u64::from(field) << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// A packed list of differences to the value before.
    fn deltas(&mut self, field: u32, values: impl Iterator<Item = i64>) {
        let (mut list, mut before) = (Self::default(), 0);
        for value in values {
            list.zigzag(value - before);
            before = value;
        }
        self.bytes(field, &list.0);
    }

    fn list(&mut self, field: u32, values: impl Iterator<Item = u64>) {
        let mut list = Self::default();
        values.for_each(|value| list.varint(value));
        self.bytes(field, &list.0);
    }
}

fn write_blob(file: &mut Vec<u8>, sort: &[u8], content: &[u8]) {
    let mut blob = Message::default();
    blob.bytes(1, content);
    let mut header = Message::default();
    header.bytes(1, sort);
    header.number(3, blob.0.len() as u64);
    file.extend_from_slice(&(header.0.len() as u32).to_be_bytes());
    file.extend_from_slice(&header.0);
    file.extend_from_slice(&blob.0);
}

/// The words of a block; 0 is the empty word that ends a list.
struct Strings<'a> {
    words: Vec<&'a str>,
    numbers: HashMap<&'a str, u64>,
}

impl<'a> Strings<'a> {
    fn new() -> Self {
        Self { words: vec![""], numbers: HashMap::new() }
    }

    fn number(&mut self, word: &'a str) -> u64 {
        *self.numbers.entry(word).or_insert_with(|| {
            self.words.push(word);
            self.words.len() as u64 - 1
        })
    }

    fn block(&self, group: &Message) -> Vec<u8> {
        let mut table = Message::default();
        self.words.iter().for_each(|word| table.bytes(1, word.as_bytes()));
        let mut block = Message::default();
        block.bytes(1, &table.0);
        block.bytes(2, &group.0);
        block.0
    }
}

fn node_block(nodes: &[Node]) -> Vec<u8> {
    let mut strings = Strings::new();
    let mut tags = Vec::new();
    for node in nodes {
        for (key, value) in &node.tags {
            tags.extend([strings.number(key), strings.number(value)]);
        }
        tags.push(0);
    }
    let mut dense = Message::default();
    dense.deltas(1, nodes.iter().map(|node| node.id));
    dense.deltas(8, nodes.iter().map(|node| i64::from(node.spot.lat)));
    dense.deltas(9, nodes.iter().map(|node| i64::from(node.spot.lon)));
    dense.list(10, tags.into_iter());
    let mut group = Message::default();
    group.bytes(2, &dense.0);
    strings.block(&group)
}

fn way_block(ways: &[Way]) -> Vec<u8> {
    let mut strings = Strings::new();
    let mut group = Message::default();
    for way in ways {
        let keys: Vec<u64> = way.tags.iter().map(|(key, _)| strings.number(key)).collect();
        let values: Vec<u64> = way.tags.iter().map(|(_, value)| strings.number(value)).collect();
        let mut message = Message::default();
        message.number(1, way.id as u64);
        message.list(2, keys.into_iter());
        message.list(3, values.into_iter());
        message.deltas(8, way.nodes.iter().copied());
        group.bytes(3, &message.0);
    }
    strings.block(&group)
}
