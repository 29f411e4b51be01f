//! From an output folder back to its run: the report made again, and single maps.
//!
//! A folder's manifest names its scenario and the checksum of everything that went in (the run id). If the id is still the same,
//! running again gives the same findings, so nothing that was found has to be kept beside what is shown.

use std::path::{Path, PathBuf};

use super::{Dates, RunOptions, RunReport, ScheduleOptions, analyse_with, run, schedule};
use crate::findings::RunError;
use crate::message::{Lang, Message};
use crate::output::manifest::{ManifestFile, run_id};
use crate::output::maps::MapOrder;
use crate::output::{self, read_manifest};
use crate::progress::Progress;
use crate::scenario::{self, Scenario};

/// Makes everything in an output folder of `run` or `schedule` again, in a language.
///
/// # Errors
/// When the folder isn't of a run, its scenario, an input or the program has changed since, or the folder can't be written.
pub fn report(out: &Path, lang: Lang, progress: &dyn Progress) -> Result<RunReport, RunError> {
    let (manifest, scenario) = reopen(out)?;
    let gcj02 = manifest.outputs.iter().any(|file| file.path.contains("_gcj02."));
    let options = RunOptions { out: Some(PathBuf::from(out)), overwrite: true, gcj02, lang, street_cache: None };
    match dates(&manifest) {
        None => run(&scenario, &options, progress),
        Some(dates) => schedule(&scenario, &ScheduleOptions { run: options, dates }, progress),
    }
}

/// Draws one map of an output folder as the bytes of an SVG or PNG file.
///
/// # Errors
/// When the folder isn't of a run, its scenario, an input or the program has changed since, or there is no such map.
pub fn map(out: &Path, order: &MapOrder, lang: Lang, progress: &dyn Progress) -> Result<Vec<u8>, RunError> {
    let (manifest, scenario) = reopen(out)?;
    let findings = analyse_with(&scenario, Some(&output::street_cache(out)), dates(&manifest), progress)?;
    let cleared = output::clear(&findings, &scenario);
    output::maps::one(&cleared, &scenario, lang, &manifest.run_id, order)
        .map_err(|e| RunError::Output(Message::new("O008").with("cause", e)))
}

/// The scenario of a folder, if everything is as it was.
pub(super) fn reopen(out: &Path) -> Result<(ManifestFile, Scenario), RunError> {
    let manifest = read_manifest(out)?;
    let path = Path::new(&manifest.scenario.path);
    let scenario = scenario::load(path)
        .map_err(|faults| RunError::Output(Message::new("V004").with("scenario", path.display()).with("cause", faults)))?;
    if run_id(&scenario, manifest.span.as_deref().unwrap_or(""))? != manifest.run_id {
        return Err(RunError::Output(Message::new("O009").with("out", out.display()).with("scenario", path.display())));
    }
    Ok((manifest, scenario))
}

/// The dates of a timetable's folder.
pub(super) fn dates(manifest: &ManifestFile) -> Option<Dates> {
    let (from, to) = manifest.span.as_deref()?.split_once('/')?;
    Some(Dates { from: from.parse().ok()?, to: to.parse().ok()? })
}
