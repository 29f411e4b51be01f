//! Siting and coverage of worker rest stations (驿站).

pub mod calendar;
pub mod crs;
pub mod domain;
pub mod id;
pub mod ingest;
pub mod message;
pub mod output;
pub mod progress;
pub mod quantity;
