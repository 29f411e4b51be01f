//! What a search keeps of each option, side by side in memory, and when the best swap of an option has to be found anew.
//!
//! The best swap of a closed option c is the largest `gain[c] + extra(c, s) − loss[s]` over the chosen s that share with it. It
//! changes with the tables of c, with the loss of an s that c shares with, with the rivals of c, and with the use of limits and
//! minima; so after a move only the options around it are looked at again, and all others cost one comparison. When it gains
//! nothing: where each move changes the use of a limit (money), everything is forgotten each time.

use std::ops::{Index, IndexMut};

use crate::siting::kernel::Kernel;

/// No option.
pub(super) const NONE: u32 = u32::MAX;
/// The best swap isn't known.
const UNKNOWN: i64 = -1;

/// What is kept of an option: 64 bytes, a line of the cache.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub(super) struct Fact {
    /// Weight that it would add.
    pub(super) gain: u64,
    /// The chosen options whose loss it would make good in part, and how much of it.
    pub(super) extra: Vec<(u32, u64)>,
    /// What its best swap is worth, and who leaves.
    best: (i64, u32),
    /// Where it stands among the chosen.
    pub(super) slot: u32,
    /// As in [`Kernel::classes`].
    pub(super) class: u32,
    /// Number of its chosen rivals, and the exclusive or of their ids.
    pub(super) rivals: (u32, u32),
}

impl Fact {
    #[inline]
    pub(super) fn is_chosen(&self) -> bool {
        self.slot != NONE
    }

    /// What the best swap is worth, 0 when none gains, and who leaves; none when that isn't known.
    #[inline]
    pub(super) fn best_swap(&self) -> Option<(i64, u32)> {
        Some(self.best).filter(|&(value, _)| value != UNKNOWN)
    }

    /// The best swap is this.
    pub(super) fn know(&mut self, value: i64, leaves: u32) {
        self.best = (value, leaves);
    }

    /// Its tables or rivals have changed.
    #[inline]
    pub(super) fn forget(&mut self) {
        self.best.0 = UNKNOWN;
    }
}

/// What is kept of all options.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    of: Vec<Fact>,
    /// For each chosen option those that share, or shared, with it, some more than once.
    sharers: Vec<Vec<u32>>,
    /// Use of limits and minima that the best swaps hold for.
    rules: (Vec<u64>, Vec<usize>),
}

impl Facts {
    /// Those of the empty choice, in one pass over the pairs.
    pub(super) fn new(kernel: &Kernel<'_>) -> Self {
        let gain = |option: usize| kernel.covers(option).iter().map(|&e| kernel.weights[e as usize]).sum();
        let fact = |option: usize| Fact {
            gain: gain(option),
            extra: Vec::new(),
            best: (UNKNOWN, NONE),
            slot: NONE,
            class: kernel.classes[option],
            rivals: (0, 0),
        };
        let options = kernel.options();
        Self { of: (0..options).map(fact).collect(), sharers: vec![Vec::new(); options], rules: (Vec::new(), Vec::new()) }
    }

    /// From here on an option shares with a chosen one.
    #[inline]
    pub(super) fn share(&mut self, option: u32, chosen: u32) {
        let sharers = &mut self.sharers[chosen as usize];
        if sharers.len() >= 2 * self.of.len() {
            sharers.sort_unstable();
            sharers.dedup();
        }
        sharers.push(option);
    }

    /// The loss of a chosen option has changed.
    pub(super) fn forget_sharers(&mut self, chosen: u32) {
        self.sharers[chosen as usize].iter().for_each(|&option| self.of[option as usize].forget());
    }

    /// An option is closed: none shares with it any more.
    pub(super) fn close(&mut self, chosen: u32) {
        self.sharers[chosen as usize].clear();
    }

    /// Forgets all best swaps when the use of limits or minima isn't the one that they hold for.
    pub(super) fn heed(&mut self, used: &[u64], met: &[usize]) {
        if self.rules.0 != used || self.rules.1 != met {
            self.rules = (used.to_vec(), met.to_vec());
            self.of.iter_mut().for_each(Fact::forget);
        }
    }
}

impl Index<u32> for Facts {
    type Output = Fact;

    #[inline]
    fn index(&self, option: u32) -> &Fact {
        &self.of[option as usize]
    }
}

impl IndexMut<u32> for Facts {
    #[inline]
    fn index_mut(&mut self, option: u32) -> &mut Fact {
        &mut self.of[option as usize]
    }
}
