//! Ruin in one area and repair (Schrimpf et al. 2000; concentrated removal as in Máximo, Cordeau & Nascimento 2023).
//!
//! Ruin: from a random chosen option a walk over coverage (a removed option → an element of it → an option that covers that → an
//! element of this → a chosen option that covers it) closes neighbours, so the hole is connected wherever coverage is. Repair: the
//! minima first, then the best gains with a little noise; what was just closed may be barred from coming back at once.

use super::state::State;
use crate::random::Random;

/// Closes about `count` chosen options near each other; returns them.
pub(super) fn ruin(state: &mut State<'_>, random: &mut Random, count: usize) -> Vec<u32> {
    let mut removed: Vec<u32> = Vec::with_capacity(count);
    let mut tries = 20 * count;
    while removed.len() < count && !state.chosen().is_empty() {
        tries = tries.saturating_sub(1);
        let next = match random.pick(&removed).copied().filter(|_| tries > 0) {
            None => random.pick(state.chosen()).copied(),
            Some(last) => neighbour(state, random, last),
        };
        if let Some(next) = next {
            state.drop(next);
            removed.push(next);
        }
    }
    removed
}

/// A chosen option whose coverage is near that of `option`, two steps over shared elements away.
fn neighbour(state: &State<'_>, random: &mut Random, option: u32) -> Option<u32> {
    let kernel = state.kernel;
    let element = *random.pick(kernel.covers(option as usize))?;
    let between = *random.pick(kernel.coverers.row(element as usize))?;
    let element = *random.pick(kernel.covers(between as usize))?;
    state.coverer(element, random.draw())
}

/// How a repair ranks options.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taste<'a> {
    /// Gains are scaled down by up to this share, at random.
    pub(super) noise: f64,
    /// Shares of the budgets to divide gains by; empty ranks by gain alone.
    pub(super) shares: &'a [f64],
}

/// Opens options until nothing that fits adds: the unmet minima first, `barred` last. False when a minimum stays unmet.
pub(super) fn repair(state: &mut State<'_>, random: &mut Random, taste: Taste<'_>, barred: &[u32]) -> bool {
    let minima = state.kernel.problem.minima.len() as u32;
    for minimum in 0..minima {
        while state.is_unmet(minimum) {
            let options = &state.kernel.problem.minima[minimum as usize].options;
            let mut ranked = |barred| ranked(state, random, taste, options.iter().copied(), barred, false);
            let Some(option) = ranked(barred).or_else(|| ranked(&[])) else { return false };
            state.add(option);
        }
    }
    let allowed = state.allowed().to_vec();
    for barred in [barred, &[]] {
        while let Some(option) = ranked(state, random, taste, allowed.iter().copied(), barred, true) {
            state.add(option);
        }
    }
    state.is_feasible()
}

/// The fitting option of the highest noisy rank; `adds` asks for a gain.
fn ranked(
    state: &mut State<'_>,
    random: &mut Random,
    taste: Taste<'_>,
    options: impl Iterator<Item = u32>,
    barred: &[u32],
    adds: bool,
) -> Option<u32> {
    let room = state.room();
    if !room.contains(&true) {
        return None;
    }
    let mut best: Option<(f64, u32)> = None;
    let mut looks = 0;
    for option in options {
        looks += 1;
        let gain = state.gain(option);
        if adds && gain == 0 {
            continue;
        }
        let mut rank = gain as f64 + 1.0;
        if let Some(share) = taste.shares.get(option as usize) {
            rank /= share.max(1e-12);
        }
        if best.is_some_and(|(other, _)| rank <= other) {
            continue;
        }
        rank *= 1.0 - taste.noise * random.unit();
        let better = best.is_none_or(|(other, _)| rank > other);
        if better && state.is_free(option) && !barred.contains(&option) && state.fits(option, &room) {
            best = Some((rank, option));
        }
    }
    state.work += looks / 8;
    best.map(|(_, option)| option)
}
