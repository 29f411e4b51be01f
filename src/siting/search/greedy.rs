//! Decremental greedy: exact gains at any moment, each (option, element) pair touched once up and once down.
//!
//! Input: a kernel; output: a choice that keeps every rule. First the minima: a depth-first dive that opens, for the unmet minimum
//! with the fewest options left, the option with the largest gain, and steps back (a bounded number of times) when nothing fits;
//! where money is short, once more with the cheapest first; then the largest gain that fits until nothing adds. With money limits the better one of largest gain, largest gain for its share
//! of the budgets, and the best single option first (Khuller, Moss & Naor 1999). Cardinality: at least 1 − 1/e of the optimum
//! (Nemhauser, Wolsey & Fisher 1978). `O(pairs + p · options)`; deterministic, ties to the lower option.

use crate::siting::kernel::Kernel;

/// What the dive for the minima may look at again: this many elements, and as many times all pairs as the second number.
const RETREATS: (u64, u64) = (200_000, 10);

/// A choice that keeps the rules, options ascending; None when none was found that meets the minima.
pub fn construct(kernel: &Kernel<'_>) -> Option<Vec<usize>> {
    let shares = shares(kernel);
    let mut first = keeping_minima(kernel, &[]).or_else(|| keeping_minima(kernel, &shares).filter(|_| !shares.is_empty()))?;
    if shares.is_empty() {
        first.fill(|gain, _| gain as f64);
        return Some(first.into_choice());
    }
    let mut by_share = first.clone();
    by_share.fill(|gain, option| gain as f64 / shares[option].max(1e-12));
    let mut single = first.clone();
    if let Some(best) = single.best(|gain, _| gain as f64) {
        single.open(best);
        single.fill(|gain, option| gain as f64 / shares[option].max(1e-12));
    }
    first.fill(|gain, _| gain as f64);
    let mut best = first;
    for other in [by_share, single] {
        if other.objective > best.objective {
            best = other;
        }
    }
    Some(best.into_choice())
}

/// A choice that meets the minima and no more; None when the dive found none. Of the options for a minimum the smallest share comes
/// first, where there are shares, then the largest gain.
fn keeping_minima<'k>(kernel: &'k Kernel<'k>, shares: &[f64]) -> Option<Gains<'k>> {
    let mut gains = Gains::new(kernel);
    let mut retreats = RETREATS.0 + RETREATS.1 * kernel.problem.covers.pairs() as u64;
    gains.meet_minima(shares, &mut retreats).then_some(gains)
}

/// For each option the sum of its shares of the limits that don't count alike; empty when all limits count alike.
pub(super) fn shares(kernel: &Kernel<'_>) -> Vec<f64> {
    let limits = &kernel.problem.limits;
    let counts = |amounts: &[(u32, u64)]| amounts.windows(2).all(|pair| pair[0].1 == pair[1].1);
    let money: Vec<bool> = limits.iter().map(|limit| !counts(&limit.amounts)).collect();
    if !money.contains(&true) {
        return Vec::new();
    }
    let share = |&(limit, amount): &(u32, u64)| {
        let l = limit as usize;
        if money[l] { amount as f64 / limits[l].at_most.max(1) as f64 } else { 0.0 }
    };
    kernel.uses.iter().map(|uses| uses.iter().map(share).sum()).collect()
}

/// Exact gains of a growing choice.
#[derive(Clone)]
struct Gains<'k> {
    kernel: &'k Kernel<'k>,
    gain: Vec<u64>,
    count: Vec<u32>,
    chosen: Vec<usize>,
    open: Vec<bool>,
    used: Vec<u64>,
    met: Vec<usize>,
    objective: u64,
}

impl<'k> Gains<'k> {
    fn new(kernel: &'k Kernel<'k>) -> Self {
        let weights = &kernel.weights;
        Self {
            kernel,
            gain: kernel.problem.covers.iter().map(|row| row.iter().map(|&e| weights[e as usize]).sum()).collect(),
            count: vec![0; weights.len()],
            chosen: Vec::new(),
            open: vec![false; kernel.options()],
            used: vec![0; kernel.problem.limits.len()],
            met: vec![0; kernel.problem.minima.len()],
            objective: 0,
        }
    }

    fn open(&mut self, option: usize) {
        self.objective += self.gain[option];
        self.chosen.push(option);
        self.open[option] = true;
        self.kernel.uses[option].iter().for_each(|&(limit, amount)| self.used[limit as usize] += amount);
        self.kernel.serves.row(option).iter().for_each(|&minimum| self.met[minimum as usize] += 1);
        for &e in self.kernel.covers(option) {
            let e = e as usize;
            self.count[e] += 1;
            if self.count[e] == 1 && self.kernel.weights[e] > 0 {
                self.kernel.coverers.row(e).iter().for_each(|&o| self.gain[o as usize] -= self.kernel.weights[e]);
            }
        }
    }

    /// Takes the option that was opened last back.
    fn retreat(&mut self) {
        let Some(option) = self.chosen.pop() else { return };
        self.open[option] = false;
        self.kernel.uses[option].iter().for_each(|&(limit, amount)| self.used[limit as usize] -= amount);
        self.kernel.serves.row(option).iter().for_each(|&minimum| self.met[minimum as usize] -= 1);
        for &e in self.kernel.covers(option) {
            let e = e as usize;
            self.count[e] -= 1;
            if self.count[e] == 0 && self.kernel.weights[e] > 0 {
                self.kernel.coverers.row(e).iter().for_each(|&o| self.gain[o as usize] += self.kernel.weights[e]);
            }
        }
        self.objective -= self.gain[option];
    }

    fn fits(&self, option: usize) -> bool {
        let limits = &self.kernel.problem.limits;
        let within = |&(limit, amount): &(u32, u64)| self.used[limit as usize] + amount <= limits[limit as usize].at_most;
        !self.open[option]
            && self.kernel.uses[option].iter().all(within)
            && !self.kernel.rivals.row(option).iter().any(|&rival| self.open[rival as usize])
    }

    /// Opens options until every minimum is met; false when it found no way.
    fn meet_minima(&mut self, shares: &[f64], retreats: &mut u64) -> bool {
        let Some(mut options) = self.scarcest() else { return true };
        let share = |option: usize| shares.get(option).copied().unwrap_or(0.0);
        let gain = |option: usize| std::cmp::Reverse(self.gain[option]);
        options.sort_by(|&a, &b| share(a).total_cmp(&share(b)).then_with(|| (gain(a), a).cmp(&(gain(b), b))));
        let looked: usize = self.kernel.problem.minima.iter().map(|minimum| minimum.options.len()).sum();
        for option in options {
            self.open(option);
            if self.meet_minima(shares, retreats) {
                return true;
            }
            self.retreat();
            *retreats = retreats.saturating_sub(1 + (self.kernel.covers(option).len() + looked / 8) as u64);
            if *retreats == 0 {
                return false;
            }
        }
        false
    }

    /// The options that fit and count for the unmet minimum that has the fewest to spare; empty when one can't be met.
    fn scarcest(&self) -> Option<Vec<usize>> {
        let minima = &self.kernel.problem.minima;
        let unmet = (0..minima.len()).filter(|&minimum| self.met[minimum] < minima[minimum].at_least);
        let choice = |minimum: usize| -> (usize, Vec<usize>) {
            let fitting: Vec<usize> = minima[minimum].options.iter().map(|&o| o as usize).filter(|&o| self.fits(o)).collect();
            let missing = minima[minimum].at_least - self.met[minimum];
            if fitting.len() < missing { (0, Vec::new()) } else { (fitting.len() - missing + 1, fitting) }
        };
        unmet.map(choice).min_by_key(|(spare, _)| *spare).map(|(_, options)| options)
    }

    /// The fitting option with the largest merit among those that add something.
    fn best(&self, merit: impl Fn(u64, usize) -> f64) -> Option<usize> {
        let mut best: Option<(f64, usize)> = None;
        for (option, &gain) in self.gain.iter().enumerate().filter(|(_, gain)| **gain > 0) {
            let value = merit(gain, option);
            if best.is_none_or(|(other, _)| value > other) && self.fits(option) {
                best = Some((value, option));
            }
        }
        best.map(|(_, option)| option)
    }

    fn fill(&mut self, merit: impl Fn(u64, usize) -> f64) {
        while let Some(option) = self.best(&merit) {
            self.open(option);
        }
    }

    fn into_choice(self) -> Vec<usize> {
        let mut chosen = self.chosen;
        chosen.sort_unstable();
        chosen
    }
}
