//! Work counted in pairs, so that the same problem stops at the same place on any machine, and the numbers drawn on the way.

use crate::siting::effort::Effort;

/// Work left.
#[derive(Debug, Clone)]
pub struct Meter {
    left: u64,
    effort: Effort,
    late: bool,
}

impl Meter {
    /// All the work of an effort.
    pub fn new(effort: &Effort) -> Self {
        Self { left: effort.work.saturating_mul(1_000_000), effort: *effort, late: false }
    }

    /// Counts work.
    pub fn spend(&mut self, pairs: usize) {
        self.left = self.left.saturating_sub(pairs as u64 + 1);
        self.late = self.late || self.effort.is_over();
    }

    /// No work or no time is left.
    pub fn is_over(&self) -> bool {
        self.left == 0 || self.late
    }

    /// Seconds until the deadline.
    pub fn seconds_left(&self) -> Option<f64> {
        self.effort.deadline.map(|deadline| deadline.saturating_duration_since(std::time::Instant::now()).as_secs_f64())
    }

    /// The deadline has passed.
    pub fn is_late(&self) -> bool {
        self.late
    }

    /// Work left, in pairs.
    pub fn left(&self) -> u64 {
        self.left
    }
}
