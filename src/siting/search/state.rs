//! The tables of a choice, kept up to date move by move (Resende & Werneck 2007, for coverage instead of distance).
//!
//! For a choice S: `count` of each element, `gain[c] = Σ w` over the elements of c that nobody covers, `loss[s] = Σ w` over the
//! elements that only s covers, and `extra(c, s) = Σ w` over what c and s share and only s covers. Then a swap of s for c is worth
//! `gain[c] − loss[s] + extra(c, s)`, exactly. The only coverer of an element is the exclusive or of the ids of its coverers.
//! A move touches the coverers of those elements only whose count crosses 0, 1 or 2, and sums by option before it changes a table.
//! `extra` holds what isn't zero: a short list an option. What the rules need is counted beside it, also while a choice breaks them:
//! uses of limits, minima, chosen rivals.

use std::borrow::Cow;

use super::facts::{Facts, NONE};
use crate::siting::kernel::Kernel;
use crate::siting::problem::Rows;

/// What is known of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Element {
    /// How many chosen options cover it.
    count: u32,
    /// Exclusive or of their ids.
    sole: u32,
    weight: u64,
}

/// A choice and its tables.
#[derive(Debug, Clone)]
pub(super) struct State<'k> {
    pub(super) kernel: &'k Kernel<'k>,
    coverers: Cow<'k, Rows>,
    /// No tables of the closed options are kept.
    is_bare: bool,
    /// Options that may be brought in: as a list, ascending, and one by one.
    allowed: Vec<u32>,
    is_allowed: Vec<bool>,
    chosen: Vec<u32>,
    elements: Vec<Element>,
    loss: Vec<u64>,
    facts: Facts,
    /// Scratch of a move: sums by option, and (the other coverer, element) where two options cover an element before or after.
    tally: Tally,
    shared: Vec<(u32, u32)>,
    objective: u64,
    /// Pairs looked at so far.
    pub(super) work: u64,
    /// Use of each limit.
    used: Vec<u64>,
    /// Chosen options that count for each minimum.
    met: Vec<usize>,
    /// Pairs of chosen options that exclude each other.
    clashes: u64,
}

impl<'k> State<'k> {
    /// The tables of the empty choice, in one pass over the pairs.
    pub(super) fn new(kernel: &'k Kernel<'k>) -> Self {
        let options = kernel.options();
        let weights = &kernel.weights;
        Self {
            kernel,
            coverers: Cow::Borrowed(&kernel.coverers),
            is_bare: false,
            allowed: (0..options as u32).collect(),
            is_allowed: vec![true; options],
            chosen: Vec::new(),
            elements: weights.iter().map(|&weight| Element { count: 0, sole: 0, weight }).collect(),
            loss: vec![0; options],
            facts: Facts::new(kernel),
            tally: Tally::new(options),
            shared: Vec::new(),
            objective: 0,
            work: kernel.problem.covers.pairs() as u64,
            used: vec![0; kernel.problem.limits.len()],
            met: vec![0; kernel.problem.minima.len()],
            clashes: 0,
        }
    }

    /// From here on brings in options of `allowed` only; what is open may stay. Gains and extras of the others aren't kept.
    pub(super) fn restrict(&mut self, allowed: &[bool]) {
        if self.is_allowed == allowed {
            return;
        }
        let kept = |row: &'k [u32]| row.iter().copied().filter(|&o| allowed[o as usize]);
        let coverers: Rows = self.kernel.coverers.iter().map(kept).collect();
        let mut fresh = Self::new(self.kernel);
        fresh.coverers = Cow::Owned(coverers);
        fresh.allowed = (0..allowed.len() as u32).filter(|&option| allowed[option as usize]).collect();
        fresh.is_allowed.copy_from_slice(allowed);
        fresh.work += self.work;
        fresh.turn_into(&self.chosen);
        *self = fresh;
    }

    /// The empty choice without tables of the options that are closed: a move costs only what its option covers, gains and extras
    /// aren't kept.
    pub(super) fn bare(kernel: &'k Kernel<'k>) -> Self {
        let no_coverers: Rows = kernel.weights.iter().map(|_| std::iter::empty()).collect();
        Self { coverers: Cow::Owned(no_coverers), is_bare: true, ..Self::new(kernel) }
    }

    /// The options that may be brought in, ascending.
    pub(super) fn allowed(&self) -> &[u32] {
        &self.allowed
    }

    /// Opens an option.
    pub(super) fn add(&mut self, option: u32) {
        debug_assert!(!self.is_chosen(option), "invariant: opened once");
        let o = option as usize;
        self.facts[option].slot = self.chosen.len() as u32;
        self.chosen.push(option);
        for &e in self.kernel.covers(o) {
            let element = &mut self.elements[e as usize];
            let before = element.sole;
            element.count += 1;
            element.sole ^= option;
            match element.count {
                1 => {
                    self.objective += element.weight;
                    self.loss[o] += element.weight;
                    if !self.is_bare {
                        self.tally.add(self.coverers.row(e as usize), element.weight);
                    }
                }
                2 => {
                    self.loss[before as usize] -= element.weight;
                    self.share_later(before, e);
                }
                _ => {}
            }
        }
        for (c, weight) in self.tally.take(&mut self.work) {
            let fact = &mut self.facts[c];
            fact.gain -= weight;
            fact.extra.push((option, weight));
            fact.forget();
            self.facts.share(c, option);
        }
        self.share(|list, before, weight| {
            let at = place(list, before);
            list[at].1 -= weight;
            if list[at].1 == 0 {
                list.swap_remove(at);
            }
            false
        });
        self.work += self.kernel.covers(o).len() as u64;
        self.count_rules(option, true);
    }

    /// Closes an option.
    pub(super) fn drop(&mut self, option: u32) {
        let o = option as usize;
        let at = std::mem::replace(&mut self.facts[option].slot, NONE);
        self.chosen.swap_remove(at as usize);
        if let Some(&moved) = self.chosen.get(at as usize) {
            self.facts[moved].slot = at;
        }
        for &e in self.kernel.covers(o) {
            let element = &mut self.elements[e as usize];
            element.count -= 1;
            element.sole ^= option;
            match element.count {
                0 => {
                    self.objective -= element.weight;
                    self.loss[o] -= element.weight;
                    if !self.is_bare {
                        self.tally.add(self.coverers.row(e as usize), element.weight);
                    }
                }
                1 => {
                    self.loss[element.sole as usize] += element.weight;
                    let sole = element.sole;
                    self.share_later(sole, e);
                }
                _ => {}
            }
        }
        for (c, weight) in self.tally.take(&mut self.work) {
            let fact = &mut self.facts[c];
            fact.gain += weight;
            fact.extra.swap_remove(place(&fact.extra, option));
            fact.forget();
        }
        self.facts.close(option);
        self.share(|list, sole, weight| match list.iter_mut().find(|(other, _)| *other == sole) {
            Some((_, sum)) => {
                *sum += weight;
                false
            }
            None => {
                list.push((sole, weight));
                true
            }
        });
        self.work += self.kernel.covers(o).len() as u64;
        self.count_rules(option, false);
    }

    /// Notes for [`Self::share`] an element of two options.
    #[inline]
    fn share_later(&mut self, other: u32, element: u32) {
        if !self.is_bare {
            self.shared.push((other, element));
        }
    }

    /// Changes, for the elements in `shared`, what their coverers share with the other option: one change for all elements of the
    /// same two. `change` says whether they share only now.
    fn share(&mut self, change: impl Fn(&mut Vec<(u32, u64)>, u32, u64) -> bool) {
        self.shared.sort_unstable();
        for group in self.shared.chunk_by(|a, b| a.0 == b.0) {
            for &(_, e) in group {
                self.tally.add(self.coverers.row(e as usize), self.elements[e as usize].weight);
            }
            let other = group[0].0;
            for (c, weight) in self.tally.take(&mut self.work) {
                if change(&mut self.facts[c].extra, other, weight) {
                    self.facts.share(c, other);
                }
            }
            // All whose tables have changed are among them.
            self.facts.forget_sharers(other);
        }
        self.shared.clear();
    }

    fn count_rules(&mut self, option: u32, opens: bool) {
        if self.kernel.plain.is_some() {
            return;
        }
        let o = option as usize;
        for &(limit, amount) in &self.kernel.uses[o] {
            let used = &mut self.used[limit as usize];
            *used = if opens { *used + amount } else { *used - amount };
        }
        for &minimum in self.kernel.serves.row(o) {
            let met = &mut self.met[minimum as usize];
            *met = if opens { *met + 1 } else { *met - 1 };
        }
        for &rival in self.kernel.rivals.row(o) {
            let fact = &mut self.facts[rival];
            let (count, sole) = &mut fact.rivals;
            *count = if opens { *count + 1 } else { *count - 1 };
            *sole ^= option;
            fact.forget();
        }
        let clashes = u64::from(self.facts[option].rivals.0);
        self.clashes = if opens { self.clashes + clashes } else { self.clashes - clashes };
    }

    /// Makes the choice `target`: closes what isn't in it, opens what is missing.
    pub(super) fn turn_into(&mut self, target: &[u32]) {
        let keep: std::collections::BTreeSet<u32> = target.iter().copied().collect();
        for option in self.chosen.clone() {
            if !keep.contains(&option) {
                self.drop(option);
            }
        }
        for &option in target {
            if !self.is_chosen(option) {
                self.add(option);
            }
        }
    }

    /// The chosen options, in no particular order.
    pub(super) fn chosen(&self) -> &[u32] {
        &self.chosen
    }

    /// The chosen options, ascending.
    pub(super) fn sorted(&self) -> Vec<u32> {
        let mut chosen = self.chosen.clone();
        chosen.sort_unstable();
        chosen
    }

    /// Weight of everything covered.
    pub(super) fn objective(&self) -> u64 {
        self.objective
    }

    #[inline]
    pub(super) fn is_chosen(&self, option: u32) -> bool {
        self.facts[option].is_chosen()
    }

    /// Whether an option is closed and may be brought in (its limits aside).
    #[inline]
    pub(super) fn is_free(&self, option: u32) -> bool {
        !self.facts[option].is_chosen() && self.is_allowed[option as usize]
    }

    /// Weight that an option would add.
    #[inline]
    pub(super) fn gain(&self, option: u32) -> u64 {
        self.facts[option].gain
    }

    /// Weight that would be lost without a chosen option.
    #[inline]
    pub(super) fn loss(&self, option: u32) -> u64 {
        self.loss[option as usize]
    }

    /// The chosen options whose loss an option would make good in part, and how much of it.
    #[inline]
    pub(super) fn extras(&self, option: u32) -> &[(u32, u64)] {
        &self.facts[option].extra
    }

    /// How much of the loss of `chosen` an option would make good.
    pub(super) fn extra(&self, option: u32, chosen: u32) -> u64 {
        self.extras(option).iter().find(|&&(s, _)| s == chosen).map_or(0, |&(_, extra)| extra)
    }

    /// What a swap is worth.
    pub(super) fn swap_value(&self, enters: u32, leaves: u32) -> i64 {
        (self.gain(enters) + self.extra(enters, leaves)) as i64 - self.loss(leaves) as i64
    }

    /// The best swap that brings in an option without rivals for one that it shares with: what it is worth, and who leaves; worth 0
    /// when none gains. Holds while the rules are as they were at the last [`Self::heed_rules`].
    pub(super) fn best_swap(&mut self, enters: u32) -> (i64, u32) {
        if let Some(known) = self.facts[enters].best_swap() {
            return known;
        }
        let gain = self.gain(enters) as i64;
        let (mut value, mut best) = (0, NONE);
        for &(leaves, extra) in self.extras(enters) {
            let worth = gain + extra as i64 - self.loss(leaves) as i64;
            if worth > value && self.may_swap(enters, leaves) {
                (value, best) = (worth, leaves);
            }
        }
        self.facts[enters].know(value, best);
        (value, best)
    }

    /// What is known of best swaps is forgotten where limits or minima are used otherwise than before.
    pub(super) fn heed_rules(&mut self) {
        self.facts.heed(&self.used, &self.met);
    }

    /// How many chosen options cover an element, and which one it is when it is one.
    #[inline]
    pub(super) fn coverage(&self, element: u32) -> (u32, u32) {
        let Element { count, sole, .. } = self.elements[element as usize];
        (count, sole)
    }

    /// A chosen option that covers an element, the `nth` (modulo their number) of them.
    pub(super) fn coverer(&self, element: u32, nth: u64) -> Option<u32> {
        let Element { count, sole, .. } = self.elements[element as usize];
        match count {
            0 => None,
            1 => Some(sole),
            _ => {
                let row = self.kernel.coverers.row(element as usize);
                row.iter().copied().filter(|&o| self.is_chosen(o)).nth((nth % u64::from(count)) as usize)
            }
        }
    }

    /// Of each class, whether the limits leave room for one more.
    pub(super) fn room(&self) -> Vec<bool> {
        if let Some(p) = self.kernel.plain {
            return vec![self.chosen.len() < p; self.kernel.samples.len()];
        }
        let limits = &self.kernel.problem.limits;
        let within = |&(limit, amount): &(u32, u64)| self.used[limit as usize] + amount <= limits[limit as usize].at_most;
        self.kernel.samples.iter().map(|&option| self.kernel.uses[option as usize].iter().all(within)).collect()
    }

    /// Whether an option may be opened beside what is chosen (limits, place and spacing), given the `room`.
    #[inline]
    pub(super) fn fits(&self, option: u32, room: &[bool]) -> bool {
        let fact = &self.facts[option];
        room[fact.class as usize] && fact.rivals.0 == 0
    }

    /// Whether `enters` may take the place of `leaves` in a choice that keeps the rules.
    pub(super) fn may_swap(&self, enters: u32, leaves: u32) -> bool {
        if self.kernel.plain.is_some() {
            return true;
        }
        let (count, sole) = self.facts[enters].rivals;
        if count > 1 || (count == 1 && sole != leaves) {
            return false;
        }
        let frees = &self.kernel.uses[leaves as usize];
        let freed = |limit: u32| frees.iter().find(|&&(l, _)| l == limit).map_or(0, |&(_, amount)| amount);
        let limits = &self.kernel.problem.limits;
        let within = |&(limit, amount): &(u32, u64)| {
            let l = limit as usize;
            self.used[l].saturating_add(amount) <= limits[l].at_most.saturating_add(freed(limit))
        };
        let serves = self.kernel.serves.row(enters as usize);
        let minima = &self.kernel.problem.minima;
        let kept = |minimum: &u32| self.met[*minimum as usize] > minima[*minimum as usize].at_least || serves.contains(minimum);
        self.kernel.uses[enters as usize].iter().all(within) && self.kernel.serves.row(leaves as usize).iter().all(kept)
    }

    /// The class of an option.
    #[inline]
    pub(super) fn class(&self, option: u32) -> usize {
        self.facts[option].class as usize
    }

    /// Number of chosen rivals of an option, and which one it is when it is one.
    #[inline]
    pub(super) fn rivals(&self, option: u32) -> (u32, u32) {
        self.facts[option].rivals
    }

    /// Whether a minimum is not met yet.
    pub(super) fn is_unmet(&self, minimum: u32) -> bool {
        self.met[minimum as usize] < self.kernel.problem.minima[minimum as usize].at_least
    }

    /// Whether the choice keeps every rule.
    pub(super) fn is_feasible(&self) -> bool {
        if let Some(p) = self.kernel.plain {
            return self.chosen.len() <= p;
        }
        let within = self.used.iter().zip(&self.kernel.problem.limits).all(|(&used, limit)| used <= limit.at_most);
        let enough = self.met.iter().zip(&self.kernel.problem.minima).all(|(&met, minimum)| met >= minimum.at_least);
        self.clashes == 0 && within && enough
    }
}

/// Where an option stands in a short list.
#[inline]
fn place(list: &[(u32, u64)], key: u32) -> usize {
    list.iter().rposition(|(other, _)| *other == key).expect("invariant: what goes was there")
}

/// Sums of weights by option, gathered row by row.
#[derive(Debug, Clone)]
struct Tally {
    sum: Vec<u64>,
    /// Options whose sum isn't zero, in the order in which they came.
    touched: Vec<u32>,
    pairs: u64,
}

impl Tally {
    fn new(options: usize) -> Self {
        Self { sum: vec![0; options], touched: Vec::new(), pairs: 0 }
    }

    #[inline]
    fn add(&mut self, row: &[u32], weight: u64) {
        if weight == 0 {
            return;
        }
        self.pairs += row.len() as u64;
        for &option in row {
            let sum = &mut self.sum[option as usize];
            if *sum == 0 {
                self.touched.push(option);
            }
            *sum += weight;
        }
    }

    /// What was gathered, and the pairs looked at for it; nothing is left.
    fn take(&mut self, work: &mut u64) -> impl Iterator<Item = (u32, u64)> {
        *work += std::mem::take(&mut self.pairs);
        let sum = &mut self.sum;
        self.touched.drain(..).map(|option| (option, std::mem::take(&mut sum[option as usize])))
    }
}
