//! The summary of a run: what was asked and what was found.
pub(crate) mod words;
