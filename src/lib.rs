//! Siting and coverage of worker rest stations (驿站).

pub mod access;
pub mod calendar;
pub mod catchment;
pub mod coverage;
pub mod crs;
pub mod domain;
pub mod findings;
pub mod gap;
pub mod id;
pub mod impedance;
pub mod ingest;
pub mod message;
pub mod mobile;
pub mod output;
pub mod overlap;
pub mod pipeline;
pub mod progress;
pub mod quantity;
pub mod scenario;
pub mod siting;
pub mod spatial_index;
pub mod synth;
