//! The integration tests, one binary.

#[path = "integration/docs_index.rs"]
mod docs_index;
#[path = "integration/floors.rs"]
mod floors;
