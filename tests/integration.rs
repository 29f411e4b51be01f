//! The integration tests, one binary.
#![allow(clippy::unwrap_used, reason = "clippy.toml allows it in tests, but not in the functions that tests share")]

#[path = "integration/cli.rs"]
mod cli;
#[path = "integration/compare.rs"]
mod compare;
#[path = "integration/docs_index.rs"]
mod docs_index;
#[path = "integration/floors.rs"]
mod floors;
#[path = "integration/golden.rs"]
mod golden;
#[path = "support/instances.rs"]
mod instances;
#[path = "integration/locate.rs"]
mod locate;
#[path = "integration/location_covering.rs"]
mod location_covering;
#[path = "integration/mesh.rs"]
mod mesh;
#[path = "integration/planted.rs"]
mod planted;
#[path = "integration/porto_alegre.rs"]
mod porto_alegre;
#[path = "integration/properties.rs"]
mod properties;
#[path = "integration/published.rs"]
mod published;
#[path = "integration/rounds.rs"]
mod rounds;
#[path = "integration/scenario_reference.rs"]
mod scenario_reference;
#[path = "integration/schedule.rs"]
mod schedule;
#[path = "integration/siting_rules.rs"]
mod siting_rules;
#[path = "integration/streets.rs"]
mod streets;
#[path = "integration/support.rs"]
mod support;
#[path = "integration/york.rs"]
mod york;
