//! Where buses stand and when: the optimiser of one day.

pub mod check;
mod dual;
pub mod engine;
mod exact;
mod flow;
mod model;
mod pool;
pub mod problem;
mod route;
mod search;
mod serve;
#[cfg(test)]
mod tests;

pub use check::{Fault, Value, check};
pub use engine::{BadClaim, BusSolution, Effort, NoPlan, solve};
pub use problem::{Ban, BusDay, BusProblem, DayStop, Floor, Pin, Plan, ProblemFault, Route, Rules, Slots, Vehicle, Window};
