//! What leaves the engine: layers, tables, the manifest, maps and the font they are lettered in.
//!
//! [`disclosure::screen`] decides what may leave, [`write()`] puts the whole folder in place or nothing.

pub mod compare;
mod csv;
pub mod disclosure;
mod features;
mod folder;
pub mod font;
mod gis;
pub mod manifest;
pub mod map;
pub mod maps;
mod page;
pub mod report;
pub mod rounds;
pub mod schedule;
mod sheet;
pub mod solution;
pub mod streets;
mod tables;
#[cfg(test)]
mod tests;
pub mod verify;
mod workbook;

use std::fmt;
use std::path::{Path, PathBuf};

pub use disclosure::{Cleared, Profile, Release, clear, screen};
pub use manifest::{ManifestFile, OutputFile, read_manifest};

use crate::findings::RunError;
use crate::message::{Lang, Message};
use crate::scenario::Scenario;

/// A file's path in the output folder, with `/`, and its bytes.
pub type NamedFile = (String, Vec<u8>);

/// Where and how to write.
#[derive(Debug, Clone)]
pub struct WriteOptions {
    /// The output folder.
    pub dir: PathBuf,
    /// Whether a folder of an earlier run may be replaced.
    pub overwrite: bool,
    /// Whether to add copies of the layers in GCJ-02.
    pub gcj02: bool,
    /// Language of sentences.
    pub lang: Lang,
}

/// Where built streets are kept between runs: beside the output folder.
pub fn street_cache(dir: &Path) -> PathBuf {
    dir.with_file_name(".yizhan-streets")
}

/// Refuses early what [`write()`] would refuse at the end.
///
/// # Errors
/// When something stands at the folder's place that may not be replaced.
pub fn accept(options: &WriteOptions) -> Result<(), RunError> {
    folder::accept(&options.dir, options.overwrite)
}

/// Writes everything, together with `extra` files made elsewhere (maps, summary), and returns the files with their checksums.
///
/// # Errors
/// When the folder's place is taken, an input can no longer be read, or the disk refuses. Then nothing has changed.
pub fn write(
    cleared: &Cleared<'_>,
    scenario: &Scenario,
    options: &WriteOptions,
    timings: &[(&'static str, f64)],
    extra: &[NamedFile],
) -> Result<Vec<OutputFile>, RunError> {
    accept(options)?;
    let run = manifest::run_id(scenario, "")?;
    let mut files = features::layers(cleared, scenario, options.lang, options.gcj02)?;
    let layers = features::Layers::new(&files, cleared, scenario, options.lang)?;
    files.push(("report.html".to_owned(), page::page(cleared, scenario, options.lang, &run, &layers)?));
    files.push(("report.xlsx".to_owned(), workbook::report(cleared, scenario, options.lang, &run, &layers)?));
    files.extend(gis::files(cleared, scenario, options.lang, &layers)?);
    files.extend(tables::tables(cleared, scenario, options.lang)?);
    if !cleared.release().is_public() {
        files.push((manifest::EFFECTIVE.to_owned(), manifest::effective(scenario)?));
    }
    files.extend_from_slice(extra);
    files.sort_by(|a, b| a.0.cmp(&b.0));
    if let Some(twice) = files.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(RunError::Output(Message::new("O006").with("file", &twice[0].0)));
    }
    let outputs: Vec<OutputFile> = files.iter().map(manifest::stamp).collect();
    files.push((manifest::TIMINGS.to_owned(), manifest::timings(timings)?));
    files.push((manifest::MANIFEST.to_owned(), manifest::manifest(cleared, scenario, options.lang, outputs.clone())?));
    folder::put(&options.dir, options.overwrite, &files)?;
    Ok(outputs)
}

/// Commas between thousands.
fn thousands(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, decimals) = digits.split_once('.').map_or((digits, String::new()), |(w, d)| (w, format!(".{d}")));
    let mut grouped = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + &decimals
}

/// A text in HTML or XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn fault(code: &'static str, name: &'static str, of: impl fmt::Display, cause: impl fmt::Display) -> RunError {
    RunError::Output(Message::new(code).with(name, of).with("cause", cause))
}

fn cannot_write(path: &Path, cause: impl fmt::Display) -> RunError {
    fault("O003", "path", path.display(), cause)
}

fn cannot_read(path: &Path, cause: impl fmt::Display) -> RunError {
    fault("O004", "path", path.display(), cause)
}

fn cannot_make(file: &str, cause: impl fmt::Display) -> RunError {
    fault("O005", "file", file, cause)
}
