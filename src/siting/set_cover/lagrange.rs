//! Lagrangian bound of a covering program: the cover rows are priced instead of kept.
//!
//! With a multiplier u ≥ 0 a row, an option costs `r = price − Σ u` over its rows (`−Σ u` under [`Goal::Most`], where prices
//! only count against the budget). The least loss that is left is a bound for any u:
//! - options: free ones with r < 0 are chosen; under [`Goal::Most`] the best within `at_most`, or within `budget` with a
//!   fraction (Dantzig 1957), whichever bounds more tightly;
//! - rows: `Σ u` under [`Goal::CoverAll`]; `min(0, u − first) + min(0, u − second)` under [`Goal::Most`]; under [`Goal::Reach`]
//!   the cheapest rows by u ÷ worth up to the target, the last one in part, which is the best multiplier of the target for this
//!   u.
//!
//! Steps: subgradient with Polyak's step, halved when the bound stands still (Held, Wolfe & Crowder 1974). Complexity:
//! `O(pairs)` an iteration. The bound is lowered by more than the rounding of the sums could have added, so it is valid in
//! floats; being about whole numbers, it is then rounded up. Deterministic: one thread, fixed order.

use super::meter::Meter;
use super::program::{Goal, Program};

/// What is decided about an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixed {
    /// Nothing.
    Free,
    /// Chosen.
    In,
    /// Not chosen.
    Out,
}

/// Multipliers and what they lead to.
#[derive(Debug, Clone)]
pub struct Lagrange<'a> {
    program: &'a Program,
    /// Multiplier of each row: the best found in the last ascent.
    pub multipliers: Vec<f64>,
    /// Reduced cost of each option at the best multipliers of the last ascent.
    pub reduced: Vec<f64>,
    /// How often each option was chosen lately, 0 to 1.
    pub average: Vec<f64>,
    /// Reduced cost that the last chosen, and the first not chosen, has (at most 0), under [`Goal::Most`] without budget.
    pub threshold: [f64; 2],
    now: Point,
    best: f64,
}

/// Multipliers on the way and the answer of the relaxed program at them.
#[derive(Debug, Clone, Default)]
struct Point {
    u: Vec<f64>,
    reduced: Vec<f64>,
    chosen: Vec<f64>,
    slope: Vec<f64>,
    threshold: [f64; 2],
}

impl<'a> Lagrange<'a> {
    /// Starts from each row's share of its cheapest coverer, or of its worth.
    pub fn new(program: &'a Program) -> Self {
        let worths: Vec<f64> =
            program.covers.iter().map(|rows| rows.iter().map(|&row| program.worth(row as usize) as f64).sum()).collect();
        let share = |row: usize| -> f64 {
            let worth = program.worth(row) as f64;
            let each = |&option: &u32| program.prices[option as usize] as f64 * worth / worths[option as usize];
            program.coverers.row(row).iter().map(each).fold(f64::INFINITY, f64::min).min(f64::MAX)
        };
        let half = |row: usize| 0.5 * program.first[row] as f64;
        let multipliers: Vec<f64> =
            (0..program.rows()).map(|row| if program.minimises() { share(row) } else { half(row) }).collect();
        let options = program.options();
        Self {
            program,
            multipliers,
            reduced: vec![0.0; options],
            average: vec![0.5; options],
            threshold: [0.0; 2],
            now: Point { chosen: vec![0.0; options], reduced: vec![0.0; options], ..Point::default() },
            best: f64::NEG_INFINITY,
        }
    }

    /// Improves the bound on the loss (prices, or minus the worth) for a number of iterations or until it shows that nothing is
    /// below `upper`; leaves the best multipliers behind.
    pub fn ascend(&mut self, fixed: &[Fixed], upper: f64, iterations: usize, meter: &mut Meter) -> f64 {
        let mut pace = 1.0;
        let (mut still, mut iteration) = (0, 0);
        self.now.u.clone_from(&self.multipliers);
        self.best = f64::NEG_INFINITY;
        loop {
            meter.spend(2 * self.program.covers.pairs());
            let mut value = self.evaluate(fixed);
            if value > self.best + 1e-7 * self.best.abs().max(1e-6) {
                still = 0;
            } else {
                still += 1;
            }
            if value > self.best {
                self.best = value;
                self.multipliers.clone_from(&self.now.u);
                self.reduced.clone_from(&self.now.reduced);
                self.threshold = self.now.threshold;
            }
            for (average, chosen) in self.average.iter_mut().zip(&self.now.chosen) {
                *average = 0.9 * *average + 0.1 * chosen;
            }
            iteration += 1;
            if still >= 15 {
                (pace, still) = (pace * 0.5, 0);
                self.now.u.clone_from(&self.multipliers);
                value = self.evaluate(fixed);
            }
            if whole(self.best) >= upper
                || iteration >= iterations
                || pace < 0.002
                || meter.is_over()
                || !self.step(value, upper, pace)
            {
                return self.best;
            }
        }
    }

    /// One step along the slope; false when there is nowhere to go.
    fn step(&mut self, value: f64, upper: f64, pace: f64) -> bool {
        let Point { u, slope, .. } = &mut self.now;
        for (u, slope) in u.iter().zip(slope.iter_mut()) {
            if *u <= 0.0 && *slope < 0.0 {
                *slope = 0.0;
            }
        }
        let norm: f64 = slope.iter().map(|slope| slope * slope).sum();
        if norm == 0.0 {
            return false;
        }
        let step = pace * (upper - value).max(1e-3 * upper.abs().max(1e-3)) / norm;
        for (row, (u, slope)) in u.iter_mut().zip(slope.iter()).enumerate() {
            *u = (*u + step * slope).max(0.0);
            if self.program.goal == Goal::Most {
                *u = u.min(self.program.first[row] as f64);
            }
        }
        true
    }

    /// The relaxed program's least loss at the present multipliers, lowered by what rounding could have added.
    fn evaluate(&mut self, fixed: &[Fixed]) -> f64 {
        let program = self.program;
        let point = &mut self.now;
        let mut size = 0.0;
        for (option, rows) in program.covers.iter().enumerate() {
            let inner: f64 = rows.iter().map(|&row| point.u[row as usize]).sum();
            let price = if program.minimises() { program.prices[option] as f64 } else { 0.0 };
            point.reduced[option] = price - inner;
            size += price + inner;
        }
        let by_rows = point.choose_rows(program);
        let by_options = point.choose_options(program, fixed);
        for (option, rows) in program.covers.iter().enumerate().filter(|(option, _)| fixed[*option] != Fixed::Out) {
            let amount = point.chosen[option];
            if amount > 0.0 {
                rows.iter().for_each(|&row| point.slope[row as usize] -= amount);
            }
        }
        size += point.u.iter().zip(&program.first).map(|(u, &first)| 2.0 * u + first as f64).sum::<f64>();
        let terms = (program.rows() + program.options() + 16) as f64;
        by_rows + by_options - terms * 2.3e-16 * size
    }
}

impl Point {
    /// The rows' part of the loss; the slope becomes how often each row is taken as covered.
    fn choose_rows(&mut self, program: &Program) -> f64 {
        self.slope.clear();
        match program.goal {
            Goal::CoverAll => {
                self.slope.resize(program.rows(), 1.0);
                self.u.iter().sum()
            }
            Goal::Reach(target) => {
                self.slope.resize(program.rows(), 0.0);
                let rate = |row: usize| self.u[row] / program.first[row] as f64;
                let mut order: Vec<u32> = (0..program.rows() as u32).collect();
                order.sort_unstable_by(|&a, &b| rate(a as usize).total_cmp(&rate(b as usize)).then(a.cmp(&b)));
                let (mut left, mut sum) = (target, 0.0);
                for row in order.into_iter().map(|row| row as usize) {
                    if left == 0 {
                        break;
                    }
                    let taken = left.min(program.first[row]);
                    self.slope[row] = taken as f64 / program.first[row] as f64;
                    sum += self.u[row] * self.slope[row];
                    left -= taken;
                }
                sum
            }
            Goal::Most => {
                let mut sum = 0.0;
                for (row, &u) in self.u.iter().enumerate() {
                    let (first, second) = (program.first[row] as f64, program.second[row] as f64);
                    sum += (u - first).min(0.0) + (u - second).min(0.0);
                    self.slope.push(f64::from(u8::from(u < first)) + f64::from(u8::from(u < second)));
                }
                sum
            }
        }
    }

    /// The options' part of the loss.
    fn choose_options(&mut self, program: &Program, fixed: &[Fixed]) -> f64 {
        self.threshold = [0.0; 2];
        let mut sum = 0.0;
        for (option, &reduced) in self.reduced.iter().enumerate() {
            self.chosen[option] = match fixed[option] {
                Fixed::In => 1.0,
                Fixed::Free if reduced < 0.0 => 1.0,
                _ => 0.0,
            };
            sum += self.chosen[option] * reduced;
        }
        if program.goal != Goal::Most {
            return sum;
        }
        let is_in = |option: usize| fixed[option] == Fixed::In;
        let inside: f64 = (0..program.options()).filter(|&option| is_in(option)).map(|option| self.reduced[option]).sum();
        let used: u64 = (0..program.options()).filter(|&option| is_in(option)).map(|option| program.prices[option]).sum();
        let room = program.at_most.saturating_sub((0..program.options()).filter(|&option| is_in(option)).count());
        let mut free: Vec<u32> = (0..program.options() as u32)
            .filter(|&option| fixed[option as usize] == Fixed::Free && self.reduced[option as usize] < 0.0)
            .collect();
        let money = program.budget.saturating_sub(used);
        let by_number = (free.len() > room).then(|| self.best_by_number(&mut free.clone(), room));
        let over = program.budget != u64::MAX && free.iter().map(|&option| program.prices[option as usize]).sum::<u64>() > money;
        let by_money = over.then(|| self.best_by_money(program, &mut free, money));
        let best = match (by_number, by_money) {
            (Some(a), Some(b)) => {
                if a.0 >= b.0 {
                    a
                } else {
                    b
                }
            }
            (Some(a), None) | (None, Some(a)) => a,
            (None, None) => return sum,
        };
        for option in 0..program.options() {
            self.chosen[option] = f64::from(u8::from(is_in(option)));
        }
        best.1.iter().for_each(|&(option, amount)| self.chosen[option as usize] = amount);
        inside + best.0
    }

    /// The `room` smallest reduced costs of the free options, of which there are more.
    fn best_by_number(&mut self, free: &mut [u32], room: usize) -> (f64, Vec<(u32, f64)>) {
        let key = |option: &u32| self.reduced[*option as usize];
        free.sort_unstable_by(|a, b| key(a).total_cmp(&key(b)).then(a.cmp(b)));
        let chosen = &free[..room];
        let threshold = [chosen.last().map_or(f64::NEG_INFINITY, &key), key(&free[room])];
        let sum = chosen.iter().map(key).sum();
        self.threshold = threshold;
        (sum, chosen.iter().map(|&option| (option, 1.0)).collect())
    }

    /// The fractional knapsack of the free options.
    fn best_by_money(&self, program: &Program, free: &mut [u32], money: u64) -> (f64, Vec<(u32, f64)>) {
        let price = |option: u32| program.prices[option as usize] as f64;
        let rate = |option: u32| self.reduced[option as usize] / price(option);
        free.sort_unstable_by(|&a, &b| rate(a).total_cmp(&rate(b)).then(a.cmp(&b)));
        let (mut left, mut sum, mut chosen) = (money as f64, 0.0, Vec::new());
        for &option in free.iter() {
            let amount = if price(option) <= left { 1.0 } else { left / price(option) };
            left -= price(option) * amount;
            sum += amount * self.reduced[option as usize];
            chosen.push((option, amount));
            if amount < 1.0 {
                break;
            }
        }
        (sum, chosen)
    }
}

/// A bound on a whole number, rounded to it: the least whole number that isn't below it.
pub fn whole(bound: f64) -> f64 {
    bound.ceil()
}

/// Fixes the options whose reduced cost shows that the other choice leads to nothing below `upper`. Gives how many it fixed.
pub fn fix(program: &Program, lagrange: &Lagrange<'_>, upper: f64, fixed: &mut [Fixed]) -> usize {
    let bound = lagrange.best;
    let mut changed = 0;
    let limited = program.goal == Goal::Most && program.budget != u64::MAX;
    if limited || !bound.is_finite() {
        return 0;
    }
    let [last_in, first_out] = lagrange.threshold;
    for (option, state) in fixed.iter_mut().enumerate().filter(|(_, state)| **state == Fixed::Free) {
        let reduced = lagrange.reduced[option];
        let slack = 1e-9 * (reduced.abs() + last_in.abs().min(f64::MAX) + first_out.abs());
        let to = if reduced < 0.0 && reduced <= last_in.min(0.0) {
            (whole(bound - reduced + first_out - slack) >= upper).then_some(Fixed::In)
        } else {
            (whole(bound + reduced - last_in - slack) >= upper).then_some(Fixed::Out)
        };
        if let Some(to) = to {
            (*state, changed) = (to, changed + 1);
        }
    }
    changed
}
