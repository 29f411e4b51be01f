//! What a walker can't cross except at certain places: rivers, railways, expressways.

use serde::Serialize;

use crate::crs::Planar;

/// A place where a barrier can be crossed: a bridge has two ends, a level crossing the same point twice.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Crossing {
    /// One end.
    pub a: Planar,
    /// The other end, on the other side.
    pub b: Planar,
}

/// A line that separates two sides of the study area.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Barrier {
    /// Name for people.
    pub name: String,
    /// `river`, `railway`, `expressway` or `compound`.
    pub kind: String,
    /// The line; it should reach beyond the study area, so that every point has one side.
    pub line: Vec<Planar>,
    /// Where it can be crossed; none means nowhere.
    pub crossings: Vec<Crossing>,
}
