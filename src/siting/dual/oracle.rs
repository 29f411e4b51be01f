//! The bound in integers: valid for any multipliers.
//!
//! With element multipliers `0 ≤ u ≤ w` and rule multipliers `μ ≥ 0`, no allowed choice covers more than
//! `Σ (wₑ − uₑ) + Σ μᵣ bᵣ + max over X of Σ xₒ (Σ uₑ − Σ μᵣ aᵣₒ)` (Geoffrion 1974): y ≤ 1 has the price `w − u`, and the rest is
//! the choice of the best p options, or of the best option of each place when that gains. All numbers are multiples of
//! `2^-digits` thousandths; what must be rounded is rounded so that the bound stays above: charges up, costs down.

use super::active::{Active, Side};

/// Integer multipliers and what follows from them.
#[derive(Debug, Clone)]
pub(super) struct Proof {
    /// Binary digits after the point of all numbers here.
    pub digits: u32,
    /// Bound, at `digits`; negative proves that no choice is allowed.
    pub bound: i128,
    /// What each live option gains net of the rules, at `digits`.
    pub net: Vec<i128>,
}

/// Binary digits that fit beside the weights.
pub(super) fn digits(active: &Active) -> u32 {
    (active.total() + active.base).max(1).leading_zeros().saturating_sub(4).min(10)
}

/// The bound of multipliers.
pub(super) fn prove(active: &Active, u: &[f32], mu: &[f32]) -> Proof {
    let digits = digits(active);
    let unit = (1u64 << digits) as f64;
    let fixed = |(&u, &w): (&f32, &u64)| ((f64::from(u) * unit) as u64).min(w << digits);
    let u: Vec<u64> = u.iter().zip(&active.weights).map(fixed).collect();
    let mut mu: Vec<u64> = mu.iter().map(|&m| (f64::from(m).max(0.0) * unit) as u64).collect();
    let rest: u64 = (active.total() << digits) - u.iter().sum::<u64>();
    let gains: Vec<u64> = active.covers.iter().map(|row| row.iter().map(|&e| u[e as usize]).sum()).collect();
    let fixed_part = ((active.base << digits) + rest) as i128;
    descend(active, &gains, &mut mu);
    let net = net_of(active, &gains, &mu);
    Proof { digits, bound: fixed_part + charges(active, &mu) + best(active, &net), net }
}

/// Gains less the costs of the rules.
fn net_of(active: &Active, gains: &[u64], mu: &[u64]) -> Vec<i128> {
    let cost = |option: usize| -> i128 {
        let uses = active.uses[option].iter();
        uses.map(|&(r, amount)| (i128::from(mu[r as usize]) * i128::from(amount)) >> active.sides[r as usize].shift).sum()
    };
    gains.iter().enumerate().map(|(option, &gain)| i128::from(gain) - cost(option)).collect()
}

/// Σ μ·b, rounded up.
fn charges(active: &Active, mu: &[u64]) -> i128 {
    active.sides.iter().zip(mu).map(|(side, &mu)| charge(side, mu)).sum()
}

/// μ·b of one rule, rounded up.
fn charge(side: &Side, mu: u64) -> i128 {
    -((-i128::from(side.at_most) * i128::from(mu)) >> side.shift)
}

/// The most that a choice from X gains.
fn best(active: &Active, net: &[i128]) -> i128 {
    match active.cardinality {
        Some(p) => {
            let mut net = net.to_vec();
            if p > 0 && p < net.len() {
                net.select_nth_unstable_by(p - 1, |a, b| b.cmp(a));
            }
            net.iter().take(p).map(|&gain| gain.max(0)).sum()
        }
        None => active.places.iter().map(|place| place.iter().map(|&o| net[o as usize]).fold(0, i128::max)).sum(),
    }
}

/// Lowers the bound over the multipliers of rules, one at a time, by bisection on the slope; only with few rules.
fn descend(active: &Active, gains: &[u64], mu: &mut [u64]) {
    if active.sides.len() > 12 {
        return;
    }
    let largest = gains.iter().max().copied().unwrap_or(0);
    for row in 0..mu.len() {
        let start = mu[row];
        let top = largest.saturating_mul(1 << active.sides[row].shift.min(40)).clamp(1, u64::MAX / 4);
        let mut value = |at: u64| {
            mu[row] = at;
            charges(active, mu) + best(active, &net_of(active, gains, mu))
        };
        let (mut low, mut high);
        let mut reach = (start / 64).max(1);
        if start < top && value(start) > value(start + 1) {
            low = start + 1;
            while low + reach < top && value(low + reach) > value(low + reach + 1) {
                low += reach;
                reach *= 2;
            }
            high = top.min(low + reach);
        } else {
            high = start.min(top);
            while high > reach && value(high - reach) <= value(high - reach + 1) {
                high -= reach;
                reach *= 2;
            }
            low = high.saturating_sub(reach);
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if value(middle) <= value(middle + 1) { high = middle } else { low = middle + 1 }
        }
        mu[row] = if value(low) <= value(start) { low } else { start };
    }
}

/// What the proof says of each live option in choices that cover at least `limit`: open in all, closed in all, or neither.
pub(super) fn verdicts(active: &Active, proof: &Proof, limit: i128) -> Vec<Option<bool>> {
    let short = proof.bound < limit;
    let verdict = |net: i128, is_best: bool, first: i128, second: i128| {
        if short || !is_best && proof.bound - first + net < limit {
            Some(false)
        } else if is_best && proof.bound - net + second < limit {
            Some(true)
        } else {
            None
        }
    };
    let mut verdicts = vec![None; proof.net.len()];
    match active.cardinality {
        Some(p) => {
            let mut order: Vec<usize> = (0..proof.net.len()).collect();
            order.sort_by(|&a, &b| proof.net[b].cmp(&proof.net[a]).then(a.cmp(&b)));
            let value = |rank: usize| order.get(rank).map_or(0, |&option| proof.net[option].max(0));
            let (last, next) = if p == 0 { (i128::MAX / 4, 0) } else { (value(p - 1), value(p)) };
            for (rank, &option) in order.iter().enumerate() {
                let net = proof.net[option];
                verdicts[option] = verdict(net, rank < p && net > 0, last, next);
            }
        }
        None => {
            for place in active.places.iter() {
                let best = place.iter().copied().max_by_key(|&o| (proof.net[o as usize], std::cmp::Reverse(o)));
                let first = best.map_or(0, |o| proof.net[o as usize].max(0));
                let others = place.iter().filter(|&&o| Some(o) != best).map(|&o| proof.net[o as usize]);
                let second = others.max().unwrap_or(0).max(0);
                for &option in place {
                    let net = proof.net[option as usize];
                    verdicts[option as usize] = verdict(net, Some(option) == best && net > 0, first, second);
                }
            }
        }
    }
    verdicts
}
