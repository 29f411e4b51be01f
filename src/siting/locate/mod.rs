//! Anyone's location problem, by the models of the field: `yizhan locate`.

pub mod backup;
pub mod capacitated;
pub mod capacitated_median;
pub mod center;
pub mod check;
pub mod classes;
pub mod cover;
pub mod gradual;
pub mod lscp;
pub mod lscp_b;
pub mod mclp;
pub mod median;
pub mod model;
pub mod nearby;
#[cfg(test)]
mod oracle;
pub mod psclp;
pub mod refusal;
pub mod separations;

pub use model::{Answer, Infeasibility, LocateError, Model, Request, Status};
pub use separations::Separations;

use crate::domain::location::LocationProblem;
use crate::progress::Progress;

/// Solves a location problem by the model that is asked for.
///
/// # Errors
/// When the model needs a value that is missing, or nothing keeps its rules.
pub fn solve(problem: &LocationProblem, request: &Request, progress: &dyn Progress) -> Result<Answer, LocateError> {
    let solve_with = match request.model {
        Model::Mclp => return mclp::solve(problem, request, progress),
        Model::Psclp => psclp::solve,
        Model::Lscp => lscp::solve,
        Model::LscpB => lscp_b::solve,
        Model::PMedian => median::solve,
        Model::PCenter => center::solve,
        Model::CapacitatedMclp => capacitated::solve,
        Model::CapacitatedPMedian => capacitated_median::solve,
        Model::Backup => backup::solve,
        Model::Gradual => gradual::solve,
    };
    let furthest = match request.model {
        Model::PMedian | Model::PCenter | Model::CapacitatedPMedian => None,
        Model::Gradual => request.outer,
        _ => request.limit,
    };
    solve_with(problem, &Separations::new(problem, furthest), request, progress)
}

#[cfg(test)]
mod tests;
