//! The synthetic city "道里": writes the files that `ingest` reads, with gaps, duplicates and data faults planted on purpose.
//!
//! Positions are schematic, nothing is surveyed and no boundary is administrative. The same options give the same bytes.

use std::io;
use std::path::{Path, PathBuf};

use crate::calendar::{DayKind, DayType, Season};
use crate::crs::CrsError;
use crate::progress::Progress;

mod daily;
mod dates;
mod field;
mod ground;
mod hosts;
mod ledger;
pub mod location;
mod places;
mod random;
mod shapes;
mod sink;
mod tables;
#[cfg(test)]
mod tests;
mod typical;

use field::City;
use sink::Sink;

/// What to write.
#[derive(Debug, Clone, PartialEq)]
pub struct SynthOptions {
    /// Side of a demand cell in metres, 50 to 1000.
    pub cell_m: f64,
    /// Number of single days from 2025-09-01 on, 1 to 365; `None` writes typical days of each season and day type.
    pub days: Option<u32>,
    /// Seed of merchants, candidate places and the noise of single days.
    pub seed: u64,
}

impl Default for SynthOptions {
    fn default() -> Self {
        Self { cell_m: 250.0, days: None, seed: 20_251_001 }
    }
}

/// One file as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SynthFile {
    /// Name within the folder.
    pub name: String,
    /// Records, without header.
    pub rows: u64,
    /// Size.
    pub bytes: u64,
}

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct SynthReport {
    /// All files, in the order of writing.
    pub files: Vec<SynthFile>,
    /// Demand of the four headline days in visits a day, at the city's own weights.
    pub visits: [(DayKind, f64); 4],
}

/// Why the city couldn't be written.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// A cell size out of range.
    #[error("cell size {cell_m} m: use 50 to 1000 m")]
    CellSize {
        /// The size as given.
        cell_m: f64,
    },
    /// A number of days out of range.
    #[error("{days} days: the city's calendar has 1 to 365 days")]
    Days {
        /// The number as given.
        days: u32,
    },
    /// A file or folder can't be written.
    #[error("can't write {}: {cause}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A Parquet file can't be written.
    #[error("can't write {}: {cause}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What polars said.
        cause: String,
    },
    /// The workbook can't be made.
    #[error("can't make ledger.xlsx: {cause}")]
    Workbook {
        /// What rust_xlsxwriter said.
        cause: String,
    },
    /// One of the built-in source tables is at fault.
    #[error("built-in table {table}, line {line}: {cause}")]
    Table {
        /// File name of the table.
        table: &'static str,
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        cause: String,
    },
    /// A position can't be projected.
    #[error(transparent)]
    Crs(#[from] CrsError),
}

/// The days whose demand is reported: autumn weekday, winter weekday, winter festival, summer weekend.
pub const HEADLINE_DAYS: [DayKind; 4] = [
    DayKind::new(Season::Autumn, DayType::Weekday),
    DayKind::new(Season::WinterPeak, DayType::Weekday),
    DayKind::new(Season::WinterPeak, DayType::Festival),
    DayKind::new(Season::SummerPeak, DayType::Weekend),
];

/// Writes the synthetic city to `dir`, which is made if it doesn't exist.
///
/// # Errors
/// When an option is out of range or a file can't be written.
pub fn synth(dir: &Path, options: &SynthOptions, progress: &dyn Progress) -> Result<SynthReport, SynthError> {
    check(options)?;
    let city = City::new(options.cell_m)?;
    let mut sink = Sink::new(dir)?;
    ledger::write(&mut sink)?;
    places::write(&mut sink, &city, options.seed)?;
    hosts::write(&mut sink, &city, options.seed)?;
    shapes::write(&mut sink, &city.ground)?;
    dates::write(&mut sink)?;
    let scenario = scenario(options);
    sink.put("scenario.toml", scenario.lines().count(), scenario.as_bytes())?;
    match options.days {
        None => typical::write(&mut sink, &city, progress)?,
        Some(days) => daily::write(&mut sink, &city, days, options.seed, progress)?,
    }
    let visits = HEADLINE_DAYS.map(|day| (day, city.day(day).visits(&city.rest)));
    Ok(SynthReport { files: sink.into_files(), visits })
}

/// The scenario that runs on the written files: single days hold the orders in the flow table.
fn scenario(options: &SynthOptions) -> String {
    let text = include_str!("daoli/scenario.toml").replace("cell_m = 250", &format!("cell_m = {}", options.cell_m));
    if options.days.is_some() { text.replace("orders.parquet", "flow.parquet") } else { text }
}

fn check(options: &SynthOptions) -> Result<(), SynthError> {
    if !(50.0..=1000.0).contains(&options.cell_m) {
        return Err(SynthError::CellSize { cell_m: options.cell_m });
    }
    match options.days {
        Some(days) if !(1..=365).contains(&days) => Err(SynthError::Days { days }),
        _ => Ok(()),
    }
}
