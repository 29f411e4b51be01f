//! What every manifest has, whatever the folder holds.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{MANIFEST, OutputFile, Tool, inputs, pretty, run_id, tool};
use crate::findings::RunError;
use crate::output::cannot_read;
use crate::scenario::Scenario;

/// A manifest of outputs that hold no findings of a run, and what every manifest has: enough to know a folder as ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BriefManifest {
    /// The program.
    pub tool: Tool,
    /// Short id of the run.
    pub run_id: String,
    /// Files read, sorted.
    pub inputs: Vec<OutputFile>,
    /// Files written, sorted.
    pub outputs: Vec<OutputFile>,
}

/// Reads what every manifest has.
///
/// # Errors
/// When there is none, or it isn't one of this program.
pub(in crate::output) fn read_brief(dir: &Path) -> Result<BriefManifest, RunError> {
    read(dir)
}

/// A manifest of this program, as far as the caller asks.
pub(super) fn read<T: DeserializeOwned>(dir: &Path) -> Result<T, RunError> {
    let path = dir.join(MANIFEST);
    let text = std::fs::read_to_string(&path).map_err(|e| cannot_read(&path, e))?;
    let brief: BriefManifest = serde_json::from_str(&text).map_err(|e| cannot_read(&path, e))?;
    if brief.tool.name != env!("CARGO_PKG_NAME") {
        return Err(cannot_read(&path, format!("written by {}", brief.tool.name)));
    }
    serde_json::from_str(&text).map_err(|e| cannot_read(&path, e))
}

/// The manifest of outputs that hold no findings of a run.
pub(in crate::output) fn brief(scenario: &Scenario, span: &str, outputs: Vec<OutputFile>) -> Result<Vec<u8>, RunError> {
    let inputs = inputs(scenario)?;
    pretty(MANIFEST, &BriefManifest { tool: tool(), run_id: run_id(scenario, span)?, inputs, outputs })
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::output) struct SideStamp {
    /// Short id of the run.
    pub run_id: String,
    /// Path of its scenario.
    pub scenario: String,
    /// Which of the run's states; empty when the run itself is meant.
    pub state: &'static str,
}

/// The manifest of a comparison: what every manifest has, and its two sides.
#[derive(Debug, Serialize)]
struct PairManifest<'a> {
    #[serde(flatten)]
    brief: BriefManifest,
    /// `runs`, `seasons` or `after`.
    compares: &'a str,
    sides: [&'a SideStamp; 2],
}

/// The manifest of a comparison. Inputs are named `a/…` and `b/…`; a run that is compared with itself has them once.
pub(in crate::output) fn pair(
    compares: &str,
    id: &str,
    sides: &[(&Scenario, SideStamp); 2],
    outputs: Vec<OutputFile>,
) -> Result<Vec<u8>, RunError> {
    let mut files = Vec::new();
    for ((scenario, _), letter) in sides.iter().zip(["a", "b"]).take(if compares == "runs" { 2 } else { 1 }) {
        files.extend(inputs(scenario)?.into_iter().map(|file| OutputFile { path: format!("{letter}/{}", file.path), ..file }));
    }
    let brief = BriefManifest { tool: tool(), run_id: id.to_owned(), inputs: files, outputs };
    pretty(MANIFEST, &PairManifest { brief, compares, sides: [&sides[0].1, &sides[1].1] })
}
