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

/// splitmix64 (Steele, Lea & Flood 2014).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A whole number below `end` (0 when `end` is 0).
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.draw() % end as u64) as usize }
    }

    /// A number from 0 to 1.
    pub fn unit(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1u64 << 53) as f64
    }
}
