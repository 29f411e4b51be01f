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
