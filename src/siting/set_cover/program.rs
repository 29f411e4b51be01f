//! A covering program: rows to cover, options that cover them, and one of three goals.
//!
//! Rows may count twice: the first chosen option that covers a row is worth `first`, the second one `second` ≤ `first`, and
//! more are worth nothing. Goals (x open, n the number of chosen coverers of a row):
//! - [`Goal::CoverAll`]: least `Σ price · x` with n ≥ 1 on every row (Toregas et al. 1971);
//! - [`Goal::Reach`]: least `Σ price · x` with `Σ first · [n ≥ 1] ≥ target`;
//! - [`Goal::Most`]: most `Σ first · [n ≥ 1] + second · [n ≥ 2]` with `Σ x ≤ at_most` and `Σ price · x ≤ budget`.

use crate::siting::problem::Rows;

/// What is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Least price that covers every row.
    CoverAll,
    /// Least price that covers rows worth at least this.
    Reach(u64),
    /// Most worth within the limits.
    Most,
}

/// A covering program; see the file.
#[derive(Debug, Clone)]
pub struct Program {
    /// What is sought.
    pub goal: Goal,
    /// Price of each option.
    pub prices: Vec<u64>,
    /// The rows that each option covers, ascending.
    pub covers: Rows,
    /// The options that cover each row, ascending.
    pub coverers: Rows,
    /// Worth of covering each row once.
    pub first: Vec<u64>,
    /// Further worth of covering each row a second time, at most the first; only [`Goal::Most`] counts it.
    pub second: Vec<u64>,
    /// How many options may be chosen ([`Goal::Most`]).
    pub at_most: usize,
    /// How much the chosen options may cost ([`Goal::Most`]).
    pub budget: u64,
    /// Rows worth at least this have to be covered: covering them is known to be possible, and beats everything else
    /// ([`Goal::Most`]).
    pub must: u64,
}

impl Program {
    /// A program without limits, whose rows count once.
    pub fn new(goal: Goal, prices: Vec<u64>, covers: Rows, first: Vec<u64>) -> Self {
        let (coverers, second) = (covers.transposed(first.len()), vec![0; first.len()]);
        Self { goal, prices, covers, coverers, first, second, at_most: usize::MAX, budget: u64::MAX, must: u64::MAX }
    }

    /// Number of options.
    pub fn options(&self) -> usize {
        self.prices.len()
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.first.len()
    }

    /// Whether the objective is to be as small as possible.
    pub fn minimises(&self) -> bool {
        self.goal != Goal::Most
    }

    /// What has to be reached: a row counts its worth, or 1 when all rows have to be covered.
    pub fn target(&self) -> u64 {
        match self.goal {
            Goal::CoverAll => self.rows() as u64,
            Goal::Reach(target) => target,
            Goal::Most => 0,
        }
    }

    /// What covering a row counts towards the target.
    #[inline]
    pub fn worth(&self, row: usize) -> u64 {
        if self.goal == Goal::CoverAll { 1 } else { self.first[row] }
    }

    /// Price of some options.
    pub fn price(&self, chosen: &[u32]) -> u64 {
        chosen.iter().map(|&option| self.prices[option as usize]).sum()
    }

    /// How often each row is covered.
    fn counts(&self, chosen: &[u32]) -> Vec<u32> {
        let mut counts = vec![0; self.rows()];
        for &option in chosen {
            for &row in self.covers.row(option as usize) {
                counts[row as usize] += 1;
            }
        }
        counts
    }

    /// The objective of a choice, recomputed from scratch; none when it breaks a rule.
    pub fn objective(&self, chosen: &[u32]) -> Option<u64> {
        let counts = self.counts(chosen);
        let covered = || counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(row, _)| self.worth(row));
        match self.goal {
            Goal::CoverAll | Goal::Reach(_) => (covered().sum::<u64>() >= self.target()).then(|| self.price(chosen)),
            Goal::Most => {
                let twice = counts.iter().zip(&self.second).filter(|(count, _)| **count > 1).map(|(_, second)| second);
                let allowed = chosen.len() <= self.at_most && self.price(chosen) <= self.budget;
                allowed.then(|| covered().sum::<u64>() + twice.sum::<u64>())
            }
        }
    }

    /// The objective as a number to make small.
    pub fn loss(&self, objective: u64) -> i64 {
        if self.minimises() { objective as i64 } else { -(objective as i64) }
    }

    /// A loss as the objective it stands for.
    pub fn loss_to_number(&self, loss: i64) -> f64 {
        if self.minimises() { loss as f64 } else { -loss as f64 }
    }

    /// The part of the program that some rows and options make.
    pub fn part(&self, rows: &[bool], options: &[bool]) -> Self {
        let mut number = vec![u32::MAX; self.rows()];
        let kept: Vec<usize> = (0..self.rows()).filter(|&row| rows[row]).collect();
        for (at, &row) in kept.iter().enumerate() {
            number[row] = at as u32;
        }
        let open = (0..self.options()).filter(|&option| options[option]);
        let row_of = |option: usize| {
            self.covers.row(option).iter().map(|&row| number[row as usize]).filter(|&row| row != u32::MAX).collect::<Vec<_>>()
        };
        let covers: Rows = open.clone().map(row_of).collect();
        Self {
            goal: self.goal,
            prices: open.map(|option| self.prices[option]).collect(),
            coverers: covers.transposed(kept.len()),
            covers,
            first: kept.iter().map(|&row| self.first[row]).collect(),
            second: kept.iter().map(|&row| self.second[row]).collect(),
            ..*self
        }
    }

    /// Takes the worth of one coverage by something that is open anyway, on each of these rows; rows that count no more are to be
    /// dropped, which the returned flags say. Gives the worth taken, too.
    pub fn cover(&mut self, rows: impl IntoIterator<Item = u32>) -> (u64, Vec<bool>) {
        let (mut gained, mut keep) = (0, vec![true; self.rows()]);
        for row in rows.into_iter().map(|row| row as usize) {
            if self.goal == Goal::CoverAll {
                keep[row] = false;
                continue;
            }
            gained += self.first[row];
            if let Goal::Reach(target) = &mut self.goal {
                *target = target.saturating_sub(self.first[row]);
            }
            (self.first[row], self.second[row]) = (self.second[row], 0);
            keep[row] = self.first[row] > 0;
        }
        (gained, keep)
    }
}
