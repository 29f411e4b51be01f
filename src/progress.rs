//! How a long stage tells its caller how far it is; the library itself prints nothing.

/// Receives progress. All methods do nothing by default.
pub trait Progress: Sync {
    /// A stage begins; `steps` is 0 when the amount of work isn't known.
    fn begin(&self, _stage: &'static str, _steps: u64) {}
    /// `steps` more steps are done.
    fn advance(&self, _steps: u64) {}
    /// The stage is over.
    fn end(&self) {}
}

/// Reports nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {}
