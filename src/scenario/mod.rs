//! A scenario: what the planner's `scenario.toml` says ([`mod@file`]), and what it means once all of it is checked ([`mod@resolve`]).

mod faults;
pub mod file;
pub mod resolve;
pub mod rounds;
mod siting;

use std::path::Path;

use crate::message::Lang;

pub use faults::{ScenarioFault, ScenarioFaults};
pub use resolve::Scenario;
pub use siting::SHARES;

/// The commented scenario that `yizhan init` writes, with comments in a language.
pub fn template(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => include_str!("template_zh.toml"),
        Lang::En => include_str!("template.toml"),
    }
}

/// The JSON Schema of `scenario.toml`.
pub fn schema() -> String {
    let schema = schemars::schema_for!(file::ScenarioFile);
    serde_json::to_string_pretty(&schema).expect("invariant: a schema is plain JSON")
}

/// Reads and checks a scenario; relative paths in it are relative to its folder.
///
/// # Errors
/// All faults at once, each with its code, key, cause and remedy.
pub fn load(path: &Path) -> Result<Scenario, ScenarioFaults> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| ScenarioFaults::one(path, ScenarioFault::new("S001", "").with("file", path.display()).with("cause", e)))?;
    resolve::resolve(path, &text)
}
