//! The linear relaxation as a saddle point, solved by the primal-dual hybrid gradient method with restarts.
//!
//! `min over 0 ≤ u ≤ w, μ ≥ 0 of max over x ∈ X of Σ (wₑ − uₑ) + Σ μᵣ bᵣ + Σₒ xₒ (Σ uₑ − Σ μᵣ aᵣₒ)`, where X is "at most p" (plain) or
//! "at most one a place". Chambolle & Pock 2011 with the diagonal steps of Pock & Chambolle 2011 (steps 1 ÷ row and column sums),
//! averages, restarts and the balance of steps after Applegate et al. 2021 (PDLP).
//! A round is one gather over the pairs (gains) and a scatter from the options that are partly open. Floats steer only: what is
//! proved is computed in integers by `super::oracle`. All sums run in one thread in a fixed order, so the path is always the same.

use super::active::Active;

/// The state of the method, for one [`Active`].
#[derive(Debug, Clone)]
pub(super) struct Saddle {
    /// Weights as floats.
    weights: Vec<f32>,
    /// 1 ÷ number of live options that cover each element.
    element_steps: Vec<f32>,
    /// 1 ÷ sum of each option's column.
    option_steps: Vec<f32>,
    /// 1 ÷ sum of each rule's row.
    side_steps: Vec<f32>,
    /// Amounts of each rule ÷ its largest.
    scales: Vec<f64>,
    now: Point,
    mean: Point,
    anchor: Point,
    /// Rounds since the last restart and in all.
    since: u32,
    rounds: u32,
    /// Gap at the last restart and at the last look.
    gap_then: f64,
    gap_last: f64,
    /// Balance of the steps of u against those of x.
    balance: f64,
    /// Water level of the last projection on "at most p".
    level: f64,
    /// The best multipliers seen.
    best: Best,
}

/// Multipliers, openings, and their products with the coverage.
#[derive(Debug, Clone, Default)]
pub(super) struct Point {
    /// Multiplier of each element.
    pub u: Vec<f32>,
    /// Multiplier of each rule, for its scaled amounts.
    pub mu: Vec<f32>,
    /// How far each option opens.
    pub x: Vec<f32>,
    /// Σ u of each option.
    gains: Vec<f32>,
    /// Σ x over the options that cover each element.
    depth: Vec<f32>,
    /// Σ a·x of each rule, scaled.
    used: Vec<f32>,
}

/// The best multipliers so far.
#[derive(Debug, Clone)]
pub(super) struct Best {
    /// Their bound, in floats.
    pub bound: f64,
    /// Multiplier of each element.
    pub u: Vec<f32>,
    /// Multiplier of each rule, for its scaled amounts.
    pub mu: Vec<f32>,
}

impl Saddle {
    /// Starts from multipliers, openings and balance; without, from half of each weight and nothing open.
    pub fn new(active: &Active, start: Option<(Vec<f32>, Vec<f32>, f64)>) -> Self {
        let scales: Vec<f64> = active.sides.iter().map(|side| (1u64 << side.shift) as f64).collect();
        let side_sum = |o: usize| active.uses[o].iter().map(|&(r, a)| a.unsigned_abs() as f64 / scales[r as usize]).sum::<f64>();
        let option_steps: Vec<f32> = active
            .covers
            .iter()
            .enumerate()
            .map(|(o, row)| 1.0 / (row.len() as f64 + side_sum(o)).max(1e-3))
            .map(|s| s as f32)
            .collect();
        let side_steps = active.sides.iter().zip(&scales).map(|(side, scale)| {
            (1.0 / side.amounts.iter().map(|&(_, a)| a.unsigned_abs() as f64 / scale).sum::<f64>().max(1e-3)) as f32
        });
        let weights: Vec<f32> = active.weights.iter().map(|&w| w as f32).collect();
        let spread: f64 = active.weights.iter().zip(&active.degrees).map(|(&w, &d)| (w as f64).powi(2) * f64::from(d)).sum();
        let opened = active.cardinality.unwrap_or(active.places.len() / 4).max(1) as f64;
        let column = active.covers.pairs() as f64 / active.options.len().max(1) as f64;
        let balance = (spread / 4.0 / (opened * column / 2.0).max(1e-9)).sqrt().max(1e-9);
        let (u, x, balance) =
            start.unwrap_or_else(|| (weights.iter().map(|w| w / 2.0).collect(), vec![0.0; active.options.len()], balance));
        let mut now = Point {
            mu: super::oracle::rule_prices(active, &u),
            u,
            x,
            gains: vec![0.0; active.options.len()],
            depth: vec![0.0; weights.len()],
            used: vec![0.0; active.sides.len()],
        };
        now.multiply(active, &scales);
        Self {
            element_steps: active.degrees.iter().map(|&d| 1.0 / d as f32).collect(),
            option_steps,
            side_steps: side_steps.collect(),
            scales,
            mean: now.clone(),
            anchor: now.clone(),
            now,
            since: 0,
            rounds: 0,
            gap_then: f64::INFINITY,
            gap_last: f64::INFINITY,
            balance,
            level: 0.0,
            best: Best { bound: f64::INFINITY, u: Vec::new(), mu: Vec::new() },
            weights,
        }
    }

    /// One round: openings against the gains, then multipliers against twice the new depths less the old.
    pub fn round(&mut self, active: &Active) -> u64 {
        let balance = self.balance as f32;
        for option in 0..self.now.x.len() {
            let cost: f32 = active.uses[option]
                .iter()
                .map(|&(r, a)| (a as f64 / self.scales[r as usize]) as f32 * self.now.mu[r as usize])
                .sum();
            self.now.x[option] += self.option_steps[option] * (self.now.gains[option] - cost) / balance;
        }
        match active.cardinality {
            Some(p) => self.level = level_off(&mut self.now.x, &self.option_steps, p as f64, self.level),
            None => level_places(&mut self.now.x, &self.option_steps, active),
        }
        let (old_depth, old_used) = (self.now.depth.clone(), self.now.used.clone());
        let touched = self.now.spread(active, &self.scales);
        for element in 0..self.weights.len() {
            let short = 1.0 - 2.0 * self.now.depth[element] + old_depth[element];
            let u = self.now.u[element] + self.element_steps[element] * balance * short;
            self.now.u[element] = u.clamp(0.0, self.weights[element]);
        }
        for (row, side) in active.sides.iter().enumerate() {
            let at_most = (side.at_most as f64 / self.scales[row]) as f32;
            let over = 2.0 * self.now.used[row] - old_used[row] - at_most;
            self.now.mu[row] = (self.now.mu[row] + self.side_steps[row] * balance * over).max(0.0);
        }
        self.now.gather(active);
        self.since += 1;
        self.rounds += 1;
        self.mean.approach(&self.now, 1.0 / self.since as f32);
        touched + active.covers.pairs() as u64
    }

    /// Keeps the better of the present and the mean multipliers when they beat the best; restarts when the mean has come far enough.
    pub fn look(&mut self, active: &Active) {
        let (now, mean) = (self.bound(active, &self.now), self.bound(active, &self.mean));
        let (better, point) = if mean <= now { (mean, &self.mean) } else { (now, &self.now) };
        if better < self.best.bound {
            self.best.bound = better;
            self.best.u.clone_from(&point.u);
            self.best.mu.clone_from(&point.mu);
        }
        let gap_mean = mean - self.value(active, &self.mean);
        let gap_now = now - self.value(active, &self.now);
        let gap = gap_mean.min(gap_now);
        let is_time = gap <= 0.2 * self.gap_then
            || (gap <= 0.8 * self.gap_then && gap > self.gap_last)
            || f64::from(self.since) >= 0.36 * f64::from(self.rounds);
        self.gap_last = gap;
        if is_time && self.since > 8 {
            self.restart(gap_mean <= gap_now, gap);
        }
    }

    /// Begins again from the better of the mean and the present point, with the balance that the way here suggests.
    fn restart(&mut self, at_mean: bool, gap: f64) {
        if at_mean {
            self.now = self.mean.clone();
        }
        let far = |a: &[f32], b: &[f32], steps: &[f32]| -> f64 {
            a.iter().zip(b).zip(steps).map(|((a, b), step)| f64::from(a - b).powi(2) / f64::from(*step)).sum()
        };
        let dual = far(&self.now.u, &self.anchor.u, &self.element_steps) + far(&self.now.mu, &self.anchor.mu, &self.side_steps);
        let primal = far(&self.now.x, &self.anchor.x, &self.option_steps);
        if dual > 1e-12 && primal > 1e-12 {
            self.balance = (self.balance * (dual / primal).sqrt()).sqrt();
        }
        self.mean = self.now.clone();
        self.anchor = self.now.clone();
        self.since = 0;
        self.gap_then = gap;
        self.gap_last = f64::INFINITY;
    }

    /// The Lagrangian bound of a point, in floats.
    fn bound(&self, active: &Active, point: &Point) -> f64 {
        let rest: f64 = self.weights.iter().zip(&point.u).map(|(w, u)| f64::from(w - u)).sum();
        let sides = active.sides.iter().zip(&self.scales).zip(&point.mu);
        let charge: f64 = sides.map(|((side, scale), &mu)| side.at_most as f64 / scale * f64::from(mu)).sum();
        let best = match active.cardinality {
            Some(p) => top(&point.gains, p),
            None => {
                let net = |o: u32| {
                    let uses = active.uses[o as usize].iter();
                    let cost: f64 =
                        uses.map(|&(r, a)| a as f64 / self.scales[r as usize] * f64::from(point.mu[r as usize])).sum();
                    f64::from(point.gains[o as usize]) - cost
                };
                active.places.iter().map(|place| place.iter().map(|&o| net(o)).fold(0.0, f64::max)).sum()
            }
        };
        active.base as f64 + rest + charge + best
    }

    /// What the fractional openings of a point cover, less what they use too much of the rules at the price of the multipliers.
    fn value(&self, active: &Active, point: &Point) -> f64 {
        let covered: f64 = self.weights.iter().zip(&point.depth).map(|(w, d)| f64::from(w * d.min(1.0))).sum();
        let price = |row: usize| f64::from(point.mu[row].max(self.mean.mu[row])) * 2.0 + self.balance;
        let over = |(row, side): (usize, &super::active::Side)| {
            (f64::from(point.used[row]) - side.at_most as f64 / self.scales[row]).max(0.0) * price(row)
        };
        active.base as f64 + covered - active.sides.iter().enumerate().map(over).sum::<f64>()
    }

    /// The best multipliers seen; with an infinite bound, none yet.
    pub fn best(&self) -> &Best {
        &self.best
    }

    /// Balance of the steps.
    pub fn balance(&self) -> f64 {
        self.balance
    }

    /// The mean of the points since the last restart.
    pub fn mean(&self) -> &Point {
        &self.mean
    }
}

impl Point {
    /// All products.
    fn multiply(&mut self, active: &Active, scales: &[f64]) {
        self.spread(active, scales);
        self.gather(active);
    }

    /// Σ u of each option.
    fn gather(&mut self, active: &Active) {
        for (option, gain) in self.gains.iter_mut().enumerate() {
            *gain = sum_of(active.covers.row(option), &self.u);
        }
    }

    /// Depths and uses from the openings; counts the pairs it touches.
    fn spread(&mut self, active: &Active, scales: &[f64]) -> u64 {
        self.depth.fill(0.0);
        self.used.fill(0.0);
        let mut touched = 0;
        for (option, &x) in self.x.iter().enumerate().filter(|(_, x)| **x > 0.0) {
            let row = active.covers.row(option);
            touched += row.len() as u64;
            for &element in row {
                self.depth[element as usize] += x;
            }
            for &(side, amount) in &active.uses[option] {
                self.used[side as usize] += x * (amount as f64 / scales[side as usize]) as f32;
            }
        }
        touched
    }

    /// Moves a share of the way towards another point.
    fn approach(&mut self, other: &Self, share: f32) {
        let pairs = [
            (&mut self.u, &other.u),
            (&mut self.mu, &other.mu),
            (&mut self.x, &other.x),
            (&mut self.gains, &other.gains),
            (&mut self.depth, &other.depth),
            (&mut self.used, &other.used),
        ];
        for (mine, theirs) in pairs {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += share * (theirs - *mine));
        }
    }
}

/// Σ of the values of some ids, in four lanes.
#[inline]
fn sum_of(ids: &[u32], values: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 4];
    let mut chunks = ids.chunks_exact(4);
    for chunk in &mut chunks {
        for lane in 0..4 {
            lanes[lane] += values[chunk[lane] as usize];
        }
    }
    let rest: f32 = chunks.remainder().iter().map(|&id| values[id as usize]).sum();
    lanes[0] + lanes[1] + lanes[2] + lanes[3] + rest
}

/// Σ of the largest `count` values, at least 0 each.
fn top(values: &[f32], count: usize) -> f64 {
    let mut values = values.to_vec();
    if count < values.len() && count > 0 {
        values.select_nth_unstable_by(count - 1, |a, b| b.total_cmp(a));
    }
    values.iter().take(count).map(|&value| f64::from(value).max(0.0)).sum()
}

/// Moves openings to the nearest with `0 ≤ x ≤ 1`, `Σ x ≤ at_most`: `x − level · step`, clipped; gives the level.
fn level_off(x: &mut [f32], steps: &[f32], at_most: f64, guess: f64) -> f64 {
    let sum_at = |level: f64| {
        let (mut sum, mut slope) = (0.0, 0.0);
        for (x, step) in x.iter().zip(steps) {
            let value = f64::from(*x) - level * f64::from(*step);
            if value >= 1.0 {
                sum += 1.0;
            } else if value > 0.0 {
                sum += value;
                slope += f64::from(*step);
            }
        }
        (sum, slope)
    };
    let mut level = 0.0;
    if sum_at(0.0).0 > at_most {
        let highest = x.iter().zip(steps).map(|(x, step)| f64::from(*x) / f64::from(*step)).fold(0.0, f64::max);
        let (mut low, mut high) = (0.0, highest);
        level = if guess > low && guess < high { guess } else { high / 2.0 };
        for _ in 0..40 {
            let (sum, slope) = sum_at(level);
            if (sum - at_most).abs() <= 1e-7 * at_most.max(1.0) {
                break;
            }
            if sum > at_most {
                low = level
            } else {
                high = level
            }
            let newton = level + (sum - at_most) / slope;
            level = if slope > 0.0 && newton > low && newton < high { newton } else { 0.5 * (low + high) };
        }
    }
    for (x, step) in x.iter_mut().zip(steps) {
        *x = (f64::from(*x) - level * f64::from(*step)).clamp(0.0, 1.0) as f32;
    }
    level
}

/// Moves the openings of each place to the nearest with `x ≥ 0`, `Σ x ≤ 1`.
fn level_places(x: &mut [f32], steps: &[f32], active: &Active) {
    for place in active.places.iter() {
        if let [option] = place {
            x[*option as usize] = x[*option as usize].clamp(0.0, 1.0);
            continue;
        }
        let mut values: Vec<f32> = place.iter().map(|&o| x[o as usize]).collect();
        let own: Vec<f32> = place.iter().map(|&o| steps[o as usize]).collect();
        level_off(&mut values, &own, 1.0, 0.0);
        place.iter().zip(values).for_each(|(&o, value)| x[o as usize] = value);
    }
}
