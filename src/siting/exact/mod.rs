//! Exact answers by mixed integer programming: closing a problem that is small enough, and solving windows of one that is not.
//!
//! [`compact`] states the whole problem as one program and proves an optimum; [`window`] frees the options around a centre,
//! holds the rest, and solves what is left. Both need a solver ([`crate::siting::mip`]); without one they answer `None`.

pub mod compact;
mod residual;
pub mod window;
