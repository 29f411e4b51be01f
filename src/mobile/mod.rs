//! Where the buses stand on a peak day: a first plan of one stop and one window for each bus.
//!
//! What: choose (stop, window) pairs so that as many people as possible are served whom no open station serves.
//! Value: hour by hour, `min(bus capacity, demand within the stop's reach that is still unserved)`; what one bus serves, another
//! can't serve again. Existing fixed and smart stations serve first ([`crate::coverage::allocate`]).
//! Method: greedy by value, then interchange. Bound: value is subadditive, so no plan of n windows serves more than the n largest
//! values of single windows, where the m-th bus at a stop and window counts what m buses serve there beyond m − 1.
//! A window whose demand is there on ordinary days too, at a station that is merely closed, is left to longer hours.
//! A timetable with several stops a day is not made here.

pub mod check;
mod demand;
pub mod plan;

pub use demand::{Stops, Unserved, default_served};
pub use plan::{BusPlan, BusWindow, LongerHours, PlanInputs, plan};
