//! Where the buses stand, and when: timetables that serve the most people whom no open station serves.
//!
//! [`day`] solves one day, with a bound; [`season`] makes a timetable of many dates from it; [`reinforce`] lists where stations need
//! more staff; [`rounds`] plans inspections by [`tours`]. Existing fixed and smart stations serve first ([`crate::coverage::allocate`]); what one bus serves, another can't
//! serve again.

pub mod day;
mod demand;
pub mod ground;
mod hours;
pub mod reinforce;
pub mod rounds;
pub mod season;
pub mod tours;

pub use demand::{Stops, Unserved};
pub use ground::Ground;
pub use hours::LongerHours;
pub use season::{BusStand, PlannedDay, Timetable, plan_kinds, plan_season};

/// A table of all pairs of so many places, row by row.
fn square<T>(places: usize, of: impl Fn(usize, usize) -> T) -> Vec<T> {
    (0..places * places).map(|pair| of(pair / places, pair % places)).collect()
}
