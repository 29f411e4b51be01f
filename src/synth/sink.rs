//! Writes files into the city's folder and keeps account of them.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use polars::prelude::{Column, DataFrame, ParquetWriter, PolarsError};

use crate::synth::{SynthError, SynthFile};

/// The folder being written.
pub(super) struct Sink {
    dir: PathBuf,
    files: Vec<SynthFile>,
}

impl Sink {
    /// Makes the folder if need be.
    pub fn new(dir: &Path) -> Result<Self, SynthError> {
        fs::create_dir_all(dir).map_err(|cause| SynthError::Write { path: dir.to_path_buf(), cause })?;
        Ok(Self { dir: dir.to_path_buf(), files: Vec::new() })
    }

    /// Writes a whole file.
    pub fn put(&mut self, name: &str, rows: usize, content: &[u8]) -> Result<(), SynthError> {
        let path = self.dir.join(name);
        fs::write(&path, content).map_err(|cause| SynthError::Write { path, cause })?;
        self.note(name, rows as u64, content.len() as u64);
        Ok(())
    }

    /// Writes a CSV file from its header and lines.
    pub fn put_lines(&mut self, name: &str, header: &str, lines: &[String]) -> Result<(), SynthError> {
        let mut text = String::from(header);
        for line in lines {
            text.push('\n');
            text.push_str(line);
        }
        text.push('\n');
        self.put(name, lines.len(), text.as_bytes())
    }

    /// Writes a CSV file from a built-in table.
    pub fn put_table(&mut self, name: &str, table: &str) -> Result<(), SynthError> {
        self.put(name, table.lines().count() - 1, table.as_bytes())
    }

    /// Writes a Parquet file, one row group for each batch of columns.
    pub fn put_batches(&mut self, name: &str, batches: impl Iterator<Item = (usize, Vec<Column>)>) -> Result<(), SynthError> {
        let path = self.dir.join(name);
        let file = File::create(&path).map_err(|cause| SynthError::Write { path: path.clone(), cause })?;
        let (rows, bytes) =
            write_batches(file, batches).map_err(|cause| SynthError::Parquet { path, cause: cause.to_string() })?;
        self.note(name, rows, bytes);
        Ok(())
    }

    fn note(&mut self, name: &str, rows: u64, bytes: u64) {
        self.files.push(SynthFile { name: name.to_owned(), rows, bytes });
    }

    /// What was written.
    pub fn into_files(self) -> Vec<SynthFile> {
        self.files
    }
}

/// Rows and bytes written.
fn write_batches(file: File, batches: impl Iterator<Item = (usize, Vec<Column>)>) -> Result<(u64, u64), PolarsError> {
    let mut frames = batches.map(|(height, columns)| DataFrame::new(height, columns));
    let Some(first) = frames.next().transpose()? else { return Ok((0, 0)) };
    let mut writer = ParquetWriter::new(BufWriter::new(file)).batched(first.schema())?;
    let mut rows = first.height() as u64;
    writer.write_batch(&first)?;
    for frame in frames {
        let frame = frame?;
        rows += frame.height() as u64;
        writer.write_batch(&frame)?;
    }
    Ok((rows, writer.finish()?))
}
