//! Files by their checksum.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::OutputFile;
use crate::findings::RunError;
use crate::output::{NamedFile, cannot_read};

/// Size and SHA-256 of a file.
///
/// # Errors
/// When it can't be read.
pub fn checksum(path: &Path, shown_as: &str) -> Result<OutputFile, RunError> {
    let sum = || -> io::Result<(u64, String)> {
        let mut file = File::open(path)?;
        let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok((bytes, hex(&hash.finalize()))),
                read => {
                    hash.update(&buffer[..read]);
                    bytes += read as u64;
                }
            }
        }
    };
    let (bytes, sha256) = sum().map_err(|e| cannot_read(path, e))?;
    Ok(OutputFile { path: shown_as.to_owned(), bytes, sha256 })
}

/// Size and SHA-256 of bytes.
pub(in crate::output) fn stamp((path, bytes): &NamedFile) -> OutputFile {
    OutputFile { path: path.clone(), bytes: bytes.len() as u64, sha256: hex(&Sha256::digest(bytes)) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
