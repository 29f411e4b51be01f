//! Two states set against each other: folders are opened again, and what they found is compared.

use std::path::{Path, PathBuf};

use super::rebuild::{dates, reopen};
use super::{RunOptions, RunReport, analyse_with};
use crate::calendar::Season;
use crate::findings::{Findings, RunError};
use crate::message::Message;
use crate::output::compare::{Comparison, Run, write};
use crate::output::{self, ManifestFile, WriteOptions};
use crate::progress::Progress;
use crate::scenario::Scenario;

/// What a folder is set against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Against {
    /// Another folder.
    Folder(PathBuf),
    /// Nothing: one of its seasons against another.
    Seasons([Season; 2]),
    /// Itself with all its recommendations carried out.
    After,
}

/// Compares an output folder of `run` or `schedule` with another, or two states of its own, and writes table, layer and map. Only `out`,
/// `overwrite` and `lang` of the options count; the folder is `out/<scenario name>-compare` when not given.
///
/// # Errors
/// When a folder isn't of a run, its scenario, an input or the program has changed since, the two can't be compared, or the output folder
/// is one of them or can't be written.
pub fn compare(out: &Path, against: &Against, options: &RunOptions, progress: &dyn Progress) -> Result<RunReport, RunError> {
    let (manifest, scenario) = reopen(out)?;
    let name = format!("{}-compare", scenario.file.name);
    let out_dir = options.out.clone().unwrap_or_else(|| Path::new("out").join(name));
    let compared = [Some(out), if let Against::Folder(other) = against { Some(other.as_path()) } else { None }];
    let place = |path: &Path| path.canonicalize().ok();
    if place(&out_dir).is_some_and(|written| compared.into_iter().flatten().any(|read| place(read).as_ref() == Some(&written))) {
        return Err(RunError::Output(Message::new("C006").with("path", out_dir.display())));
    }
    let write_options = WriteOptions { dir: out_dir.clone(), overwrite: options.overwrite, gcj02: false, lang: options.lang };
    output::accept(&write_options)?;
    let other = if let Against::Folder(other) = against { Some((other, reopen(other)?)) } else { None };
    let findings = found(out, &manifest, &scenario, progress)?;
    let a = Run { cleared: output::clear(&findings), scenario: &scenario, id: &manifest.run_id };
    let summary = match (against, other) {
        (Against::Seasons(seasons), _) => write(&Comparison::Seasons(a, *seasons), &write_options),
        (_, Some((folder, (manifest, scenario)))) => {
            let findings = found(folder, &manifest, &scenario, progress)?;
            let b = Run { cleared: output::clear(&findings), scenario: &scenario, id: &manifest.run_id };
            write(&Comparison::Runs(a, b), &write_options)
        }
        (_, None) => write(&Comparison::After(a), &write_options),
    }?;
    Ok(RunReport { summary, out_dir })
}

/// What the run of a folder found.
fn found(out: &Path, manifest: &ManifestFile, scenario: &Scenario, progress: &dyn Progress) -> Result<Findings, RunError> {
    analyse_with(scenario, Some(&output::street_cache(out)), dates(manifest), progress)
}
