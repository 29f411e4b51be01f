//! Anyone's location problem, by the models of the field: `yizhan locate`.

pub mod capacitated_median;
pub mod center;
pub mod cover;
pub mod median;
pub mod model;
#[cfg(test)]
mod oracle;
pub mod random;
pub mod separations;

pub use model::{Answer, LocateError, Model, Request, Status};
