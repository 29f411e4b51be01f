//! Where to open, close or upgrade: one decision, with a certificate of how good it is.
//!
//! What: maximal covering (Church & ReVelle 1974). An *element* is demand that must be reached as a whole (a cell, in a class of
//! hours); an *option* opens a kind at a place and covers the elements it reaches and is open for.
//! Formulation: maximise `Σ wₑ yₑ`, `yₑ ≤ Σ xₒ` over the options that cover e, under [`Limit`]s, [`Minimum`]s, one option a place,
//! and places that exclude each other. What stations that stay open cover has no weight.
//! Method: [`engine`] = [`reduce`], then [`search`] beside [`dual`], then [`exact`]; [`check`] recomputes every answer from the problem
//! alone. [`placements`] is the product's decision; [`locate`] answers anyone's problem by the models of the field.

pub mod check;
mod components;
pub mod curve;
pub mod dual;
pub mod effort;
pub mod engine;
pub mod exact;
pub mod kernel;
pub mod locate;
pub mod order;
pub mod placements;
pub mod problem;
pub mod reduce;
#[cfg(test)]
mod samples;
pub mod search;
pub mod set_cover;
pub mod stability;

pub use effort::{Effort, Reduction};
pub use engine::{NoChoice, SitingSolution, solve};
pub use placements::{Action, At, Recommendation, SitingReport};
pub use problem::{Limit, Minimum, Rows, SitingProblem};
