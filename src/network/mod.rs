//! The street network: from OpenStreetMap to distances, travel times and the areas that are reached.
//!
//! ```text
//! .osm.pbf ─ pbf ┐                                              ┌ paths      site → cells, sparse rows
//! Elements ──────┴ harvest → build → Streets → Graph ─ snapper ─┤
//!                   (rules)          (cache)   (profile)        └ isochrone  areas, nested
//! ```
//!
//! In short: [`Streets::read`] or [`Streets::read_cached`], [`Graph::new`], [`Snapper::new`] and [`Snapper::snap_all`], then
//! [`one_to_many`] over [`Targets`], [`many_to_many`] or [`isochrones`]; [`snap_faults`] and [`Summary`] tell what didn't fit. A
//! [`Router`] keeps graph and snapping together for a caller that asks again and again.
//!
//! [`Streets`] hold every mode; a [`Graph`] is what one [`Profile`] (mode, measure, surface, steps, closures) leaves of them. Costs are
//! whole millimetres or milliseconds, so sums are exact and the same on any thread count.
//! Not modelled: turn restrictions and turn costs, traffic lights, opening hours of gates, waiting for ferries and lifts,
//! indoor levels. An area (`area=yes`) is walked along its outline.

mod build;
mod cache;
mod components;
mod contour;
pub mod encode;
pub mod geodesy;
mod graph;
mod harvest;
mod isochrone;
mod lines;
pub mod osm;
mod paths;
mod pbf;
mod profile;
mod router;
mod row_set;
mod rule_compiler;
mod rule_file;
#[cfg(test)]
mod rule_tests;
mod rules;
mod search;
mod segment_grid;
mod snap;
mod source;
mod streets;
mod summary;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod town_tests;
mod ways;

pub use build::{Detail, build};
pub use cache::{CacheKey, freeze, thaw};
pub use components::{Component, Components, ISLAND_BELOW_MM, Island};
pub use graph::{Arc, ArcRow, Graph};
pub use harvest::Harvest;
pub use isochrone::{Isochrone, Style, isochrones};
pub use paths::{CostRows, Reached, Targets, many_to_many, one_to_many};
pub use pbf::harvest;
pub use profile::{Measure, Mode, Profile, Surface};
pub use router::Router;
pub use rules::{Access, Mark, Marks, Rules, Stops, Street, TagRow};
pub use snap::{Joined, SNAP_WITHIN_M, Snap, SnapCounts, SnapFault, SnapIndex, Snapper, Snapping, Unsnapped, snap_faults};
pub use source::CacheUse;
pub use streets::{EdgeRow, SourceCounts, Streets};
pub use summary::{ClassRow, ModeRow, Summary};

use std::path::Path;

use crate::message::{Lang, Message};

/// Streets that can't be used: why, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message.render(Lang::En))]
pub struct NetworkError {
    message: Message,
}

impl NetworkError {
    /// A fault.
    pub(crate) fn new(message: Message) -> Self {
        Self { message }
    }

    /// Names the file that the streets came from.
    fn in_file(self, path: &Path) -> Self {
        Self { message: self.message.with("path", path.display()) }
    }

    /// Cause and remedy.
    pub fn message(&self) -> &Message {
        &self.message
    }
}
