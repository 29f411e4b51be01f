//! Answers to a covering program: greedy by prices and multipliers, redundant options dropped, swaps, ruin and recreate.
//!
//! Least price: options are added by the smallest `γ ÷ μ` (γ · μ when γ < 0), where γ is the price less the multipliers of the
//! rows still uncovered and μ what the option adds towards the target (Caprara, Fischetti & Toth 1999), then redundant ones go,
//! dearest first. Most worth: options are added by gain (or gain ÷ price), then swapped one for one while that gains. Both are
//! improved by taking out a few neighbouring options and filling up again. Complexity: the gain of every option is kept up to
//! date, so adding or removing an option touches only the rows whose worth changes. Deterministic by seed; ties go to the lower
//! index.

use super::lagrange::Fixed;
use super::meter::Meter;
use super::program::{Goal, Program};
use crate::random::Random;

/// A choice with the gain of every option beside it.
#[derive(Debug, Clone)]
pub struct Search<'a> {
    program: &'a Program,
    counts: Vec<u32>,
    gain: Vec<u64>,
    pull: Vec<f64>,
    multipliers: Vec<f64>,
    fixed: &'a [Fixed],
    is_chosen: Vec<bool>,
    chosen: Vec<u32>,
    value: u64,
    price: u64,
    work: usize,
}

/// What a free option is taken to cost where gain is divided by price; others cost at least 1.
const FREE: f64 = 1e-6;

/// How options are preferred under [`Goal::Most`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Gain,
    Rate,
}

impl<'a> Search<'a> {
    /// Begins with the options that are fixed in; those fixed out are never used.
    pub fn new(program: &'a Program, fixed: &'a [Fixed], multipliers: &[f64]) -> Self {
        let sum = |rows: &[u32]| rows.iter().map(|&row| program.worth(row as usize)).sum();
        let pull = |rows: &[u32]| rows.iter().map(|&row| multipliers[row as usize]).sum();
        let mut search = Self {
            program,
            counts: vec![0; program.rows()],
            gain: program.covers.iter().map(sum).collect(),
            pull: program.covers.iter().map(pull).collect(),
            multipliers: multipliers.to_vec(),
            fixed,
            is_chosen: vec![false; program.options()],
            chosen: Vec::new(),
            value: 0,
            price: 0,
            work: program.covers.pairs(),
        };
        (0..program.options()).filter(|&option| fixed[option] == Fixed::In).for_each(|option| search.add(option));
        search
    }

    /// The options that are chosen, ascending.
    pub fn chosen(&self) -> Vec<u32> {
        let mut chosen = self.chosen.clone();
        chosen.sort_unstable();
        chosen
    }

    /// The loss of the choice; none when it breaks a rule.
    pub fn loss(&self) -> Option<i64> {
        if self.program.minimises() {
            (self.value >= self.program.target()).then_some(self.price as i64)
        } else {
            Some(-(self.value as i64))
        }
    }

    /// Worth of one more coverage of a row covered `count` times.
    #[inline]
    fn marginal(&self, row: usize, count: u32) -> u64 {
        match count {
            0 => self.program.worth(row),
            1 if self.program.goal == Goal::Most => self.program.second[row],
            _ => 0,
        }
    }

    fn add(&mut self, option: usize) {
        self.is_chosen[option] = true;
        self.chosen.push(option as u32);
        self.price += self.program.prices[option];
        self.count(option, true);
    }

    fn remove(&mut self, option: usize) {
        self.is_chosen[option] = false;
        self.chosen.retain(|&other| other as usize != option);
        self.price -= self.program.prices[option];
        self.count(option, false);
    }

    /// Covers the rows of an option once more, or once less.
    fn count(&mut self, option: usize, more: bool) {
        let program = self.program;
        for &row in program.covers.row(option) {
            let row = row as usize;
            let low = self.counts[row] - u32::from(!more);
            let (at_low, at_high) = (self.marginal(row, low), self.marginal(row, low + 1));
            let pull = if low == 0 { self.multipliers[row] } else { 0.0 };
            self.counts[row] = low + u32::from(more);
            self.value = if more { self.value + at_low } else { self.value - at_low };
            self.work += 1;
            if at_low == at_high && pull == 0.0 {
                continue;
            }
            self.work += program.coverers.row(row).len();
            for &other in program.coverers.row(row) {
                let other = other as usize;
                if more {
                    self.gain[other] -= at_low - at_high;
                    self.pull[other] -= pull;
                } else {
                    self.gain[other] += at_low - at_high;
                    self.pull[other] += pull;
                }
            }
        }
    }

    fn may_join(&self, option: usize) -> bool {
        let program = self.program;
        !self.is_chosen[option]
            && self.fixed[option] != Fixed::Out
            && self.gain[option] > 0
            && (program.minimises()
                || (self.chosen.len() < program.at_most && program.prices[option] <= program.budget.saturating_sub(self.price)))
    }

    /// Fills up: to the target, or as far as the limits allow. `noise` perturbs the preferences.
    fn fill(&mut self, by: By, noise: f64, random: &mut Random) {
        loop {
            let deficit = self.program.target().saturating_sub(self.value);
            if self.program.minimises() && deficit == 0 {
                return;
            }
            let mut best = (f64::INFINITY, usize::MAX);
            for option in (0..self.program.options()).filter(|&option| self.may_join(option)) {
                let mut score = self.score(option, deficit, by);
                if noise > 0.0 {
                    score += score.abs() * noise * random.unit();
                }
                if score < best.0 {
                    best = (score, option);
                }
            }
            self.work += self.program.options();
            if best.1 == usize::MAX {
                return;
            }
            self.add(best.1);
        }
    }

    /// The smaller, the better.
    fn score(&self, option: usize, deficit: u64, by: By) -> f64 {
        let (price, gain) = (self.program.prices[option] as f64, self.gain[option] as f64);
        if self.program.minimises() {
            let (net, adds) = (price - self.pull[option], gain.min(deficit as f64));
            return if net > 0.0 { net / adds } else { net * adds };
        }
        match by {
            By::Gain => -gain,
            // A free option is nearly so, for infinity times noise is no number.
            By::Rate => -gain / price.max(FREE),
        }
    }

    /// Drops what the target doesn't need, dearest first.
    fn drop_redundant(&mut self) {
        let mut order = self.chosen.clone();
        order
            .sort_unstable_by_key(|&option| (std::cmp::Reverse(self.program.prices[option as usize]), std::cmp::Reverse(option)));
        for option in order.into_iter().map(|option| option as usize) {
            if self.fixed[option] == Fixed::In {
                continue;
            }
            let rows = self.program.covers.row(option).iter().map(|&row| row as usize);
            let lost: u64 = rows.filter(|&row| self.counts[row] == 1).map(|row| self.program.worth(row)).sum();
            self.work += self.program.covers.row(option).len();
            if self.value - lost >= self.program.target() {
                self.remove(option);
            }
        }
    }

    /// Swaps one for one while that gains.
    fn swap(&mut self) {
        let mut improved = true;
        while improved {
            improved = false;
            for option in self.chosen() {
                let option = option as usize;
                if self.fixed[option] == Fixed::In {
                    continue;
                }
                self.remove(option);
                let better = (0..self.program.options()).filter(|&other| self.may_join(other));
                let best = better.fold(option, |best, other| if self.gain[other] > self.gain[best] { other } else { best });
                self.work += self.program.options();
                improved |= best != option;
                self.add(best);
            }
        }
    }

    /// A first answer: filled up and polished.
    pub fn build(&mut self, meter: &mut Meter) {
        let mut random = Random::new(0);
        if self.program.minimises() {
            self.fill(By::Gain, 0.0, &mut random);
            if self.loss().is_some() {
                self.drop_redundant();
            }
        } else {
            let mut other = self.clone();
            self.fill(By::Gain, 0.0, &mut random);
            if self.program.budget != u64::MAX {
                other.fill(By::Rate, 0.0, &mut random);
                if other.value > self.value {
                    *self = other;
                }
            }
            self.swap();
        }
        self.pay(meter);
    }

    /// Ruin and recreate, `rounds` times; ends with the best choice.
    pub fn improve(&mut self, rounds: usize, random: &mut Random, meter: &mut Meter) {
        if self.loss().is_none() {
            return;
        }
        for _ in 0..rounds {
            let before = self.chosen();
            let rank = (self.loss(), std::cmp::Reverse(self.value));
            let free: Vec<u32> = before.iter().copied().filter(|&option| self.fixed[option as usize] != Fixed::In).collect();
            if free.is_empty() || meter.is_over() {
                return;
            }
            let many = 1 + random.below(2 + free.len() / 8);
            self.ruin(&free, many, random);
            let by = if self.program.budget != u64::MAX && random.below(2) == 0 { By::Rate } else { By::Gain };
            self.fill(by, 0.3, random);
            if self.program.minimises() {
                self.drop_redundant();
            } else {
                self.swap();
            }
            let now = (self.loss(), std::cmp::Reverse(self.value));
            if now.0.is_none() || now > rank {
                self.return_to(&before);
            }
            self.pay(meter);
        }
    }

    /// Takes out one option and some that share rows with it.
    fn ruin(&mut self, free: &[u32], many: usize, random: &mut Random) {
        let mut next = free[random.below(free.len())] as usize;
        for _ in 0..many {
            if self.is_chosen[next] && self.fixed[next] != Fixed::In {
                self.remove(next);
            }
            let rows = self.program.covers.row(next);
            if rows.is_empty() {
                return;
            }
            let row = rows[random.below(rows.len())] as usize;
            let near = self.program.coverers.row(row);
            let neighbours: Vec<u32> = near.iter().copied().filter(|&other| self.is_chosen[other as usize]).collect();
            self.work += near.len();
            next = if neighbours.is_empty() {
                free[random.below(free.len())] as usize
            } else {
                neighbours[random.below(neighbours.len())] as usize
            };
        }
    }

    /// Goes back to a choice.
    pub fn return_to(&mut self, chosen: &[u32]) {
        for option in self.chosen() {
            if chosen.binary_search(&option).is_err() {
                self.remove(option as usize);
            }
        }
        for &option in chosen.iter().filter(|&&option| !self.is_chosen[option as usize]).copied().collect::<Vec<_>>().iter() {
            self.add(option as usize);
        }
    }

    fn pay(&mut self, meter: &mut Meter) {
        meter.spend(std::mem::take(&mut self.work));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::siting::problem::Rows;

    #[test]
    fn a_free_option_is_preferred_with_noise_too() {
        let covers: Rows = [vec![0], vec![1]].into_iter().collect();
        let mut program = Program::new(Goal::Most, vec![5, 0], covers, vec![9, 1]);
        (program.at_most, program.budget) = (1, 5);
        let fixed = [Fixed::Free; 2];
        let mut search = Search::new(&program, &fixed, &[0.0; 2]);
        let scores = [0, 1].map(|option| search.score(option, 0, By::Rate));
        assert!(scores.iter().all(|score| score.is_finite()) && scores[1] < scores[0], "{scores:?}");
        search.fill(By::Rate, 0.3, &mut Random::new(1));
        assert_eq!(search.chosen(), [1]);
    }
}
