//! The sheets of a run, its curve, and the sheet of a comparison.

pub(super) mod accessibility;
pub(super) mod buses;
pub(super) mod change;
pub(super) mod coverage;
pub(super) mod curve;
pub(super) mod gaps;
pub(super) mod multiples;
pub(super) mod pairs;
pub(super) mod plan;
pub(super) mod rungs;
