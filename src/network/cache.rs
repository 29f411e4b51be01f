//! Built streets as bytes, so that a second run needn't read the source again; never stale, never damaged.
//!
//! Key: SHA-256 of the source's bytes, the merged rule table, the program's version and the format's number. Mode, season and
//! closures aren't in it: graphs are made from streets in every run.
//! Format, little-endian: magic, key, SHA-256 of the rest, then the rule table and each table of the streets with its length in
//! front. Reading checks magic, key and checksum before anything else, then every number that is used as an index; whatever fails is
//! a fault, and the caller builds anew. The writer should write beside the place and rename.
//! Complexity: linear; hashing takes most of the time.

use sha2::{Digest, Sha256};

use super::NetworkError;
use super::geodesy::Spot;
use super::rules::{Access, Marks, Rules, Stops};
use super::streets::{SourceCounts, Streets};
use crate::message::Message;

/// First bytes of a cache; the number is the format's.
const MAGIC: &[u8; 8] = b"yznet\x00\x00\x01";
/// Bytes of a SHA-256.
const HASH: usize = 32;

/// What a cache is of: equal keys mean equal streets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CacheKey([u8; HASH]);

impl CacheKey {
    /// The key of a source, given as its bytes, read by some rules with this version of the program.
    pub fn new(source: &[u8], rules: &Rules) -> Self {
        let mut hash = Sha256::new();
        for part in [MAGIC.as_slice(), env!("CARGO_PKG_VERSION").as_bytes(), rules.text().as_bytes(), source] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// The key as hexadecimal digits, for a file name.
    pub fn hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Streets as the bytes of a cache.
pub fn freeze(streets: &Streets, key: &CacheKey) -> Vec<u8> {
    let mut out = Writer(Vec::with_capacity(streets.bytes() + 4096));
    out.0.extend_from_slice(MAGIC);
    out.0.extend_from_slice(&key.0);
    out.0.extend_from_slice(&[0; HASH]);
    out.table(streets.rules.text().as_bytes(), |byte| [*byte]);
    let c = streets.counts;
    out.table(&[c.nodes, c.ways, c.street_ways, c.missing_nodes, c.stopping_nodes], |count| count.to_le_bytes());
    out.table(&streets.node_ids, |id| id.to_le_bytes());
    out.table(&streets.node_spots, spot_bytes);
    out.table(&streets.node_stops, |stops| [stops.0]);
    out.table(&streets.ends, |[from, to]| eight(from.to_le_bytes(), to.to_le_bytes()));
    out.table(&streets.lengths, |length| length.to_le_bytes());
    out.table(&streets.ways, |way| way.to_le_bytes());
    out.table(&streets.classes, |class| [*class]);
    out.table(&streets.access, |access| [access.0]);
    out.table(&streets.marks, |marks| [marks.0]);
    out.table(&streets.maxspeeds, |speed| [*speed]);
    out.table(&streets.layers, |layer| layer.to_le_bytes());
    out.table(&streets.shape_rows, |row| row.to_le_bytes());
    out.table(&streets.shape, spot_bytes);
    let lengths: Vec<u32> = streets.barrier_lines.iter().map(|line| line.len() as u32).collect();
    out.table(&lengths, |length| length.to_le_bytes());
    out.table(&streets.barrier_lines.concat(), spot_bytes);
    let head = MAGIC.len() + HASH;
    let sum: [u8; HASH] = Sha256::digest(&out.0[head + HASH..]).into();
    out.0[head..head + HASH].copy_from_slice(&sum);
    out.0
}

/// Streets from the bytes of a cache.
///
/// # Errors
/// `N006` when the bytes are no cache, are of other streets, or are damaged.
pub fn thaw(bytes: &[u8], key: &CacheKey) -> Result<Streets, NetworkError> {
    let mut head = Reader(bytes);
    if head.take(MAGIC.len())? != MAGIC {
        return Err(fault("it has another format"));
    }
    if head.take(HASH)? != key.0 {
        return Err(fault("it was made from another file, by other rules or by another version"));
    }
    let sum = head.take(HASH)?;
    if sum != Sha256::digest(head.0).as_slice() {
        return Err(fault("it is damaged"));
    }
    let streets = tables(head)?;
    if is_sound(&streets) { Ok(streets) } else { Err(fault("its tables don't fit each other")) }
}

fn tables(mut from: Reader<'_>) -> Result<Streets, NetworkError> {
    let text = String::from_utf8(from.table(|[byte]| byte)?).map_err(|_| fault("its rules are no text"))?;
    let counts: Vec<u64> = from.table(u64::from_le_bytes)?;
    let &[nodes, ways, street_ways, missing_nodes, stopping_nodes] = counts.as_slice() else {
        return Err(fault("its counts are incomplete"));
    };
    Ok(Streets {
        rules: Rules::from_text(&text)?,
        counts: SourceCounts { nodes, ways, street_ways, missing_nodes, stopping_nodes },
        node_ids: from.table(i64::from_le_bytes)?,
        node_spots: from.table(spot)?,
        node_stops: from.table(|[bits]| Stops(bits))?,
        ends: from.table(|bytes| halves(bytes).map(u32::from_le_bytes))?,
        lengths: from.table(u32::from_le_bytes)?,
        ways: from.table(i64::from_le_bytes)?,
        classes: from.table(|[class]| class)?,
        access: from.table(|[bits]| Access(bits))?,
        marks: from.table(|[bits]| Marks(bits))?,
        maxspeeds: from.table(|[speed]| speed)?,
        layers: from.table(i8::from_le_bytes)?,
        shape_rows: from.table(u32::from_le_bytes)?,
        shape: from.table(spot)?,
        barrier_lines: lines(&from.table(u32::from_le_bytes)?, &from.table(spot)?)?,
    })
}

/// Points cut into lines.
fn lines(lengths: &[u32], mut points: &[Spot]) -> Result<Vec<Vec<Spot>>, NetworkError> {
    let mut cut = |&length: &u32| {
        let (line, rest) = points.split_at_checked(length as usize).ok_or_else(|| fault("it is cut short"))?;
        points = rest;
        Ok(line.to_vec())
    };
    lengths.iter().map(&mut cut).collect()
}

/// Whether tables have the lengths that belong together, and indexes stay inside.
fn is_sound(streets: &Streets) -> bool {
    let (nodes, edges) = (streets.node_spots.len(), streets.lengths.len());
    let rows = &streets.shape_rows;
    let same = [streets.ways.len(), streets.classes.len(), streets.access.len(), streets.marks.len(), streets.maxspeeds.len()];
    streets.node_ids.len() == nodes
        && streets.node_stops.len() == nodes
        && same.iter().chain([&streets.ends.len(), &streets.layers.len()]).all(|&length| length == edges)
        && rows.len() == edges + 1
        && rows.first() == Some(&0)
        && rows.last().is_some_and(|&last| last as usize == streets.shape.len())
        && rows.is_sorted()
        && streets.ends.iter().flatten().all(|&node| (node as usize) < nodes)
        && streets.classes.iter().all(|&class| (class as usize) < streets.rules.classes())
        && streets
            .node_spots
            .iter()
            .chain(&streets.shape)
            .chain(streets.barrier_lines.iter().flatten())
            .all(|spot| Spot::new(spot.lon, spot.lat).is_some())
}

fn fault(cause: &str) -> NetworkError {
    NetworkError::new(Message::new("N006").with("cause", cause))
}

fn eight(a: [u8; 4], b: [u8; 4]) -> [u8; 8] {
    [a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]]
}

fn halves([a, b, c, d, e, f, g, h]: [u8; 8]) -> [[u8; 4]; 2] {
    [[a, b, c, d], [e, f, g, h]]
}

fn spot_bytes(spot: &Spot) -> [u8; 8] {
    eight(spot.lon.to_le_bytes(), spot.lat.to_le_bytes())
}

fn spot(bytes: [u8; 8]) -> Spot {
    let [lon, lat] = halves(bytes).map(i32::from_le_bytes);
    Spot { lon, lat }
}

struct Writer(Vec<u8>);

impl Writer {
    fn table<T, const N: usize>(&mut self, rows: &[T], bytes: impl Fn(&T) -> [u8; N]) {
        self.0.extend_from_slice(&(rows.len() as u64).to_le_bytes());
        rows.iter().for_each(|row| self.0.extend_from_slice(&bytes(row)));
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], NetworkError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(|| fault("it is cut short"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn table<T, const N: usize>(&mut self, row: impl Fn([u8; N]) -> T) -> Result<Vec<T>, NetworkError> {
        let mut length = [0; 8];
        length.copy_from_slice(self.take(8)?);
        let bytes = usize::try_from(u64::from_le_bytes(length)).ok().and_then(|rows| rows.checked_mul(N));
        let rows = self.take(bytes.ok_or_else(|| fault("it is cut short"))?)?;
        Ok(rows.as_chunks::<N>().0.iter().map(|chunk| row(*chunk)).collect())
    }
}
