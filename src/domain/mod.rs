//! The nouns of the field: demand, stations, standards, the study area, barriers, candidates and bus stops.

pub mod barrier;
pub mod candidate;
pub mod demand;
pub mod inspection;
pub mod location;
pub mod site;
pub mod standard;
pub mod study_area;
pub mod vehicle;
