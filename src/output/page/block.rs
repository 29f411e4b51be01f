//! The data of the page as one block: a header in JSON, then arrays of whole numbers; compressed (zlib), as base64.
//!
//! Layout, little-endian: length of the header (4 bytes), header in UTF-8, zero bytes up to a multiple of 4, arrays. The header's
//! `arrays` gives each array's type, length in elements and offset in bytes from the first array; offsets are multiples of 4.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde::Serialize;

/// Whole numbers of one width.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Array {
    Bytes(Vec<u8>),
    Shorts(Vec<u16>),
    Words(Vec<u32>),
}

/// What the page is made from.
#[derive(Debug)]
pub(super) struct PageData {
    pub(super) header: serde_json::Map<String, serde_json::Value>,
    pub(super) arrays: Vec<(&'static str, Array)>,
}

#[derive(Serialize)]
struct Place {
    r#type: &'static str,
    offset: usize,
    length: usize,
}

impl Array {
    fn encode(&self) -> (&'static str, usize, Vec<u8>) {
        match self {
            Self::Bytes(values) => ("u8", values.len(), values.clone()),
            Self::Shorts(values) => ("u16", values.len(), values.iter().flat_map(|v| v.to_le_bytes()).collect()),
            Self::Words(values) => ("u32", values.len(), values.iter().flat_map(|v| v.to_le_bytes()).collect()),
        }
    }
}

fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

/// The block as base64.
pub(super) fn encode(data: &PageData) -> std::io::Result<String> {
    let (mut places, mut tail) = (serde_json::Map::new(), Vec::new());
    for (name, array) in &data.arrays {
        let (kind, length, bytes) = array.encode();
        places.insert((*name).to_owned(), serde_json::to_value(Place { r#type: kind, offset: tail.len(), length })?);
        tail.extend(bytes);
        pad(&mut tail);
    }
    let mut header = data.header.clone();
    header.insert("arrays".to_owned(), places.into());
    let header = serde_json::to_vec(&header)?;
    let mut block = (header.len() as u32).to_le_bytes().to_vec();
    block.extend(header);
    pad(&mut block);
    block.extend(tail);
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&block)?;
    Ok(STANDARD.encode(encoder.finish()?))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_block_reads_back() {
        let header = serde_json::from_str("{\"name\":\"驿站\"}").unwrap();
        let arrays = vec![("flags", Array::Bytes(vec![1, 2, 3])), ("weights", Array::Words(vec![7, u32::MAX]))];
        let packed = STANDARD.decode(encode(&PageData { header, arrays }).unwrap()).unwrap();
        let mut block = Vec::new();
        flate2::read::ZlibDecoder::new(packed.as_slice()).read_to_end(&mut block).unwrap();
        let length = u32::from_le_bytes(block[..4].try_into().unwrap()) as usize;
        let header: serde_json::Value = serde_json::from_slice(&block[4..4 + length]).unwrap();
        assert_eq!(header["name"], "驿站");
        let at = (4 + length).next_multiple_of(4) + header["arrays"]["weights"]["offset"].as_u64().unwrap() as usize;
        assert_eq!(block[at..at + 8], [7, 0, 0, 0, 255, 255, 255, 255]);
        assert_eq!(header["arrays"]["flags"]["length"], 3);
    }
}
