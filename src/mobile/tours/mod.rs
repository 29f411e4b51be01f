//! Tours of several vehicles: which visits, by whom, in which order and when.
//!
//! One engine, two uses. *Buses and prizes* (team orienteering with time windows): more visits than can be made, as much prize as
//! possible. *Rounds*: stewards with bases and hours of their own; as much priority as possible, then little travel, balanced, with few
//! changes of hands. A [`problem::Problem`] says what is given, [`search::solve`] finds routes, [`check::check`] recomputes what they
//! are worth and [`check::timetable`] when everybody is where, [`bound::most_prize`] says what no routes can beat.

pub mod bound;
pub mod check;
mod kernel;
mod pool;
pub mod problem;
mod recreate;
mod route;
mod ruin;
pub mod search;
mod state;
pub mod toptw;

pub use check::{Fault, Routes, Value, check};
pub use problem::{Allowed, Charges, FOREVER, Problem, ProblemFault, Travel, Vehicle, Visit};
pub use search::{Effort, Solution, solve};

#[cfg(test)]
mod tests;
