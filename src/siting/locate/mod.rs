//! Anyone's location problem, by the models of the field: `yizhan locate`.

pub mod classes;
pub mod model;
pub mod nearby;
pub mod separations;

pub use model::{Answer, LocateError, Model, Request, Status};
