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
use crate::output::{self, Release, read_manifest};
use crate::progress::Progress;
use crate::scenario::{self, Scenario};

/// For whom an output folder is made again, and where.
#[derive(Debug, Clone, Default)]
pub struct ReportOptions {
    /// The new folder; when not given, the folder itself, and for the public one beside it with `-public` after its name.
    pub to: Option<PathBuf>,
    /// Whether a folder of an earlier run may be replaced, other than the folder itself.
    pub overwrite: bool,
    /// For whom it is.
    pub release: Release,
}

/// Makes everything in an output folder of `run` or `schedule` again, in a language.
///
/// # Errors
/// When the folder isn't of a run or is a public one, its scenario, an input or the program has changed since, a public folder would take
/// the place of the internal one, or the folder can't be written.
pub fn report(out: &Path, how: &ReportOptions, lang: Lang, progress: &dyn Progress) -> Result<RunReport, RunError> {
    let (manifest, scenario) = reopen(out)?;
    let beside = || {
        let name = out.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        out.with_file_name(format!("{}-public", name.unwrap_or_default()))
    };
    let own = || if how.release.is_public() { beside() } else { out.to_owned() };
    let to = how.to.clone().unwrap_or_else(own);
    let same = to == out || to.canonicalize().is_ok_and(|to| out.canonicalize().is_ok_and(|out| to == out));
    if same && how.release.is_public() {
        return Err(RunError::Output(Message::new("O022").with("out", out.display())));
    }
    let gcj02 = manifest.outputs.iter().any(|file| file.path.contains("_gcj02."));
    let (overwrite, release) = (same || how.overwrite, how.release.clone());
    let options = RunOptions { out: Some(to), overwrite, gcj02, lang, street_cache: None, release };
    match dates(&manifest) {
        None => run(&scenario, &options, progress),
        Some(dates) => schedule(&scenario, &ScheduleOptions { run: options, dates }, progress),
    }
}

/// Draws one map of an output folder as the bytes of an SVG or PNG file, for whom it is asked.
///
/// # Errors
/// When the folder isn't of a run, its scenario, an input or the program has changed since, or there is no such map.
pub fn map(out: &Path, order: &MapOrder, release: &Release, lang: Lang, progress: &dyn Progress) -> Result<Vec<u8>, RunError> {
    let (manifest, scenario) = reopen(out)?;
    let findings = analyse_with(&scenario, Some(&output::street_cache(out)), dates(&manifest), progress)?;
    let screened = output::screen(findings, &scenario, release)?;
    output::maps::one(&screened.cleared(), &scenario, lang, &manifest.run_id, order).map_err(|e| RunError::Output(e.message()))
}

/// The scenario of a folder, if everything is as it was.
pub(super) fn reopen(out: &Path) -> Result<(ManifestFile, Scenario), RunError> {
    let manifest = read_manifest(out)?;
    if manifest.scenario.min_count.is_some() {
        return Err(RunError::Output(Message::new("O023").with("out", out.display())));
    }
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
