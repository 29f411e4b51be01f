//! The five sheets.

pub(super) mod buses;
pub(super) mod coverage;
pub(super) mod gaps;
pub(super) mod pairs;
pub(super) mod plan;
