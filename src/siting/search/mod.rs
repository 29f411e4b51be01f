//! The primal search: greedy, interchange, and iterated local search with concentrated ruin, an elite and path relinking.
//!
//! Input: a [`Kernel`] and a seed; output: choices that keep every rule, each better than the one before. Steps: `greedy`;
//! `interchange` to a swap optimum on incremental tables (`state`); then rounds of `ruin` and repair in one area, interchange,
//! and acceptance within a small loss; when that stagnates, path relinking towards another elite choice (`relink`); for rules
//! beyond "at most p" also compound exchanges (`exchange`). After AILS-PR (Máximo, Cordeau & Nascimento 2023, doi
//! 10.1111/itor.13387). A step costs the coverers of the elements whose count crosses 0, 1 or 2 and a glance at the options.
//! Deterministic: work is counted in pairs looked at, and where a run is cut into slices makes no difference.

mod anneal;
pub mod breed;
mod exchange;
mod facts;
pub mod greedy;
mod interchange;
mod relink;
mod ruin;
mod state;

use std::collections::BTreeSet;

use super::kernel::Kernel;
use crate::random::Random;
use relink::{Elite, relink};
use ruin::{Taste, repair, ruin};
use state::State;

/// Better choices at most that are not tried to improve by compound exchanges after some where these didn't.
const EXCHANGE_REST: u32 = 15;
/// Rounds without a new best before the search relinks.
const PATIENCE: u32 = 100;
/// A local optimum is accepted when it loses less than this share of the current choice ...
const TOLERANCE: f64 = 0.0002;
/// ... and less than this share of the best choice since the last relinking, so that losses don't add up.
const DRIFT: f64 = 0.0005;
/// What a round costs beside the pairs it looks at, in pairs.
const ROUND: u64 = 100;
/// Noise of repairs.
const NOISE: f64 = 0.1;
/// Noise of a scattered start.
const SCATTER: f64 = 0.5;

/// A search that can be run in slices.
#[derive(Debug, Clone)]
pub struct Search<'k> {
    state: State<'k>,
    random: Random,
    shares: Vec<f64>,
    /// The choice that the next round starts from, with its objective.
    current: (u64, Vec<u32>),
    best: (u64, Vec<usize>),
    elite: Elite,
    /// Choices from elsewhere so far.
    heard: BTreeSet<Vec<u32>>,
    /// Whether the start has been improved to a local optimum.
    settled: bool,
    /// Rounds since the last new best or relinking.
    stale: u32,
    /// Better choices to skip before compound exchanges are tried again, and how many were to be skipped last.
    rest: [u32; 2],
    /// Weight of everything that some option covers.
    reach: u64,
    /// Work allowed so far by all runs.
    allowance: u64,
    /// The best objective since the last relinking.
    phase: u64,
}

impl<'k> Search<'k> {
    /// A search from the greedy choice; None when no choice that meets the minima was found.
    pub fn new(kernel: &'k Kernel<'k>, seed: u64) -> Option<Self> {
        let chosen: Vec<u32> = greedy::construct(kernel)?.into_iter().map(|option| option as u32).collect();
        let mut state = State::new(kernel);
        state.turn_into(&chosen);
        let objective = state.objective();
        let best = (objective, chosen.iter().map(|&option| option as usize).collect());
        Some(Self {
            random: Random::new(seed),
            shares: greedy::shares(kernel),
            current: (objective, chosen),
            best,
            elite: Elite::default(),
            heard: BTreeSet::new(),
            settled: false,
            stale: 0,
            rest: [0; 2],
            reach: kernel.coverers.iter().zip(&kernel.weights).filter(|(row, _)| !row.is_empty()).map(|(_, weight)| weight).sum(),
            allowance: state.work,
            phase: objective,
            state,
        })
    }

    /// The same from a start of its own: half of the greedy choice is closed and filled again with much noise.
    pub fn scattered(kernel: &'k Kernel<'k>, seed: u64) -> Option<Self> {
        let mut search = Self::new(kernel, seed)?;
        let half = search.state.chosen().len().div_ceil(2);
        let removed = ruin(&mut search.state, &mut search.random, half);
        search.start_over(&removed);
        Some(search)
    }

    /// The same from between two choices: what both open, half of what only the first opens, the rest filled with much noise.
    pub(super) fn between(kernel: &'k Kernel<'k>, seed: u64, first: &[u32], second: &[u32]) -> Option<Self> {
        let mut search = Self::new(kernel, seed)?;
        search.state.turn_into(first);
        for option in first.iter().filter(|option| second.binary_search(option).is_err()) {
            if search.random.below(2) == 0 {
                search.state.drop(*option);
            }
        }
        search.start_over(&[]);
        Some(search)
    }

    /// Fills what is left of the choice with much noise, and starts from there when that keeps the rules.
    fn start_over(&mut self, barred: &[u32]) {
        if repair(&mut self.state, &mut self.random, Taste { noise: SCATTER, shares: &[] }, barred) {
            self.current = (self.state.objective(), self.state.sorted());
            self.phase = self.current.0;
        }
        self.allowance = self.state.work;
    }

    /// Searches until about `work` more pairs were looked at, `stop` says so, or the best reaches `upper`; returns the pairs used.
    pub fn run(&mut self, work: u64, stop: &dyn Fn() -> bool, upper: u64) -> u64 {
        let before = self.state.work;
        self.allowance = self.allowance.saturating_add(work);
        let upper = upper.min(self.reach);
        while self.state.work < self.allowance && self.best.0 < upper && !stop() {
            let nothing_to_do = self.settled && self.current.1.is_empty();
            if nothing_to_do || self.state.kernel.options() == self.state.chosen().len() {
                self.state.work = self.allowance;
                break;
            }
            self.round(stop);
        }
        self.state.work - before
    }

    /// The best choice so far, options ascending, and its weight in thousandths.
    pub fn best(&self) -> (&[usize], u64) {
        (&self.best.1, self.best.0)
    }

    /// The choice that the next round starts from, options ascending; it keeps the rules.
    fn current(&self) -> &[u32] {
        &self.current.1
    }

    /// A choice from elsewhere: when it keeps the rules and wasn't offered before it joins the elite, and the search goes on from it
    /// if it is the best.
    pub fn offer(&mut self, chosen: &[usize]) {
        let options = self.state.kernel.options();
        let mut chosen: Vec<u32> = chosen.iter().filter(|&&option| option < options).map(|&option| option as u32).collect();
        chosen.sort_unstable();
        chosen.dedup();
        if !self.heard.insert(chosen.clone()) {
            return;
        }
        self.state.turn_into(&chosen);
        if !self.state.is_feasible() {
            return;
        }
        let objective = self.state.objective();
        self.elite.join(objective, &chosen);
        if objective > self.best.0 {
            self.current = (objective, chosen);
            self.settled = false;
        }
        self.note_best();
    }

    /// From here on brings in only options that are allowed (what is open may stay open).
    pub fn restrict(&mut self, allowed: &[bool]) {
        self.state.restrict(allowed);
    }

    /// One round: from the current choice to another local optimum, which may become the current one.
    fn round(&mut self, stop: &dyn Fn() -> bool) {
        self.state.work += ROUND;
        let current = std::mem::take(&mut self.current.1);
        self.state.turn_into(&current);
        self.current.1 = current;
        if self.settled {
            if self.stale >= PATIENCE {
                self.stale = 0;
                self.relink(stop);
                return;
            }
            self.stale += 1;
            if !self.ruin_and_repair() {
                return;
            }
        }
        self.improve(stop);
        let objective = self.state.objective();
        if stop() {
            if objective > self.current.0 {
                self.current = (objective, self.state.sorted());
            }
            return;
        }
        let floor = (self.current.0 as f64 * (1.0 - TOLERANCE)).max(self.phase as f64 * (1.0 - DRIFT)) as u64;
        self.phase = self.phase.max(objective);
        if !self.settled || objective >= floor.min(self.current.0) {
            self.current = (objective, self.state.sorted());
        }
        self.settled = true;
    }

    /// A hole of 5 to 15 % of the choice, filled again; false when a rule stays broken.
    fn ruin_and_repair(&mut self) -> bool {
        let chosen = self.state.chosen().len();
        let (least, most) = ((chosen / 20).max(2), (chosen * 3 / 20).max(3));
        let count = (least + self.random.below(most - least + 1)).min(chosen);
        let removed = ruin(&mut self.state, &mut self.random, count);
        let barred: Vec<u32> = removed.into_iter().filter(|_| self.random.below(2) == 0).collect();
        let by_share = self.random.below(2) == 0;
        let shares = if by_share { self.shares.as_slice() } else { &[] };
        let wild = self.state.kernel.plain.is_none() && self.random.below(4) == 0;
        let noise = if wild { 1.0 } else { NOISE };
        repair(&mut self.state, &mut self.random, Taste { noise, shares }, &barred)
    }

    /// Improves the choice to a local optimum, and notes it when it is the best.
    fn improve(&mut self, stop: &dyn Fn() -> bool) {
        interchange::descend(&mut self.state, stop);
        if self.state.kernel.plain.is_none() && self.state.objective() > self.best.0.min(self.current.0) {
            self.exchange(stop);
        }
        self.note_best();
    }

    /// Improves the choice by compound exchanges, ever more rarely as long as they are in vain: they cost ten descents.
    fn exchange(&mut self, stop: &dyn Fn() -> bool) {
        let [skip, last] = &mut self.rest;
        if *skip > 0 {
            *skip -= 1;
            return;
        }
        *last = (2 * *last + 1).min(EXCHANGE_REST);
        *skip = *last;
        while !stop() && exchange::improve(&mut self.state, &self.shares, stop) {
            self.rest = [0; 2];
            interchange::descend(&mut self.state, stop);
        }
    }

    fn note_best(&mut self) {
        let objective = self.state.objective();
        if objective > self.best.0 && self.state.is_feasible() {
            self.best = (objective, self.state.sorted().into_iter().map(|option| option as usize).collect());
            self.stale = 0;
        }
    }

    /// The current choice joins the elite; the search goes on between two elite choices.
    fn relink(&mut self, stop: &dyn Fn() -> bool) {
        self.elite.join(self.current.0, &self.current.1);
        let elite = &self.elite.choices;
        let (from, to) = (self.random.below(elite.len()), self.random.below(elite.len()));
        let (from, to) = (elite[from].1.clone(), elite[to].1.clone());
        self.state.turn_into(&from);
        if !relink(&mut self.state, &to) {
            self.state.turn_into(&from);
        }
        self.improve(stop);
        if !stop() {
            self.current = (self.state.objective(), self.state.sorted());
            self.phase = self.current.0;
        }
    }
}

#[cfg(test)]
mod tests;
