//! The five sheets and the curve.

pub(super) mod buses;
pub(super) mod coverage;
pub(super) mod curve;
pub(super) mod gaps;
pub(super) mod pairs;
pub(super) mod plan;
pub(super) mod rungs;
