//! The linear relaxation as a saddle point, solved by the primal-dual hybrid gradient method with restarts.
//!
//! `min over 0 ≤ u ≤ w, μ ≥ 0 of max over x ∈ X of Σ (wₑ − uₑ) + Σ μᵣ bᵣ + Σₒ xₒ (Σ uₑ − Σ μᵣ aᵣₒ)`, where X is 0 ≤ x ≤ 1 under
//! limits that share no option (of kinds that each have a budget, all); other rules and "one a place" are rows with prices.
//! Chambolle & Pock 2011 with the diagonal steps of Pock & Chambolle 2011 (1 ÷ row and column sums), averages, restarts and the
//! balance of steps after Applegate et al. 2021 (PDLP). A round is one gather over the pairs (gains) and a scatter from the
//! options that are partly open. Floats steer only: what is proved is computed in integers by `super::oracle`. All sums run in
//! one thread in a fixed order, so the path is always the same. (Measured: with all limits as priced rows, 1.5·10⁹ pairs leave
//! 0.4 % to the linear relaxation where a limit within X leaves 0.005 %.)

use super::active::Active;
use super::groups::{Group, groups_of, level_off, rows_of};

/// The state of the method, for one [`Active`].
#[derive(Debug, Clone)]
pub(super) struct Saddle {
    /// Weights as floats.
    weights: Vec<f32>,
    /// 1 ÷ number of live options that cover each element.
    element_steps: Vec<f32>,
    /// 1 ÷ sum of each option's column.
    option_steps: Vec<f32>,
    /// 1 ÷ sum of each priced row.
    row_steps: Vec<f32>,
    /// Rows with prices.
    rows: Vec<Group>,
    /// Priced rows of each option, with amounts.
    uses: Vec<Vec<(u32, f32)>>,
    /// Limits within X.
    groups: Vec<Group>,
    /// Options under no limit of X.
    loose: Vec<u32>,
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
    /// The best multipliers seen.
    best: Best,
}

/// Multipliers, openings, and their products with the coverage.
#[derive(Debug, Clone, Default)]
pub(super) struct Point {
    /// Multiplier of each element.
    pub u: Vec<f32>,
    /// Multiplier of each priced row.
    mu: Vec<f32>,
    /// How far each option opens.
    pub x: Vec<f32>,
    /// Σ u of each option.
    gains: Vec<f32>,
    /// Σ x over the options that cover each element.
    depth: Vec<f32>,
    /// Σ a·x of each priced row.
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
        let (groups, loose) = groups_of(active);
        let rows = rows_of(active, &groups);
        let mut uses = vec![Vec::new(); active.options.len()];
        for (row, group) in (0u32..).zip(&rows) {
            group.amounts.iter().for_each(|&(option, amount)| uses[option as usize].push((row, amount)));
        }
        let column_sum =
            |(row, uses): (&[u32], &Vec<(u32, f32)>)| row.len() as f32 + uses.iter().map(|(_, a)| a.abs()).sum::<f32>();
        let option_steps: Vec<f32> = active.covers.iter().zip(&uses).map(|column| 1.0 / column_sum(column).max(1e-3)).collect();
        let row_sum = |row: &Group| row.amounts.iter().map(|(_, a)| a.abs()).sum::<f32>();
        let weights: Vec<f32> = active.weights.iter().map(|&w| w as f32).collect();
        let spread: f64 = active.weights.iter().zip(&active.degrees).map(|(&w, &d)| (w as f64).powi(2) * f64::from(d)).sum();
        let opened = active.cardinality.unwrap_or(active.places.len() / 4).max(1) as f64;
        let column = active.covers.pairs() as f64 / active.options.len().max(1) as f64;
        let balance = (spread / 4.0 / (opened * column / 2.0).max(1e-9)).sqrt().max(1e-9);
        let (u, x, balance) =
            start.unwrap_or_else(|| (weights.iter().map(|w| w / 2.0).collect(), vec![0.0; active.options.len()], balance));
        let mut now = Point {
            u,
            mu: vec![0.0; rows.len()],
            x,
            gains: vec![0.0; active.options.len()],
            depth: vec![0.0; weights.len()],
            used: vec![0.0; rows.len()],
        };
        now.spread(active, &uses);
        now.gather(active);
        Self {
            element_steps: active.degrees.iter().map(|&d| 1.0 / d as f32).collect(),
            option_steps,
            row_steps: rows.iter().map(|row| 1.0 / row_sum(row).max(1e-3)).collect(),
            rows,
            uses,
            groups,
            loose,
            mean: now.clone(),
            anchor: now.clone(),
            now,
            since: 0,
            rounds: 0,
            gap_then: f64::INFINITY,
            gap_last: f64::INFINITY,
            balance,
            best: Best { bound: f64::INFINITY, u: Vec::new(), mu: Vec::new() },
            weights,
        }
    }

    /// One round: openings against the gains, then multipliers against twice the new depths less the old. Gives the pairs looked
    /// at.
    pub fn round(&mut self, active: &Active) -> u64 {
        let balance = self.balance as f32;
        for option in 0..self.now.x.len() {
            self.now.x[option] += self.option_steps[option] * self.net(&self.now, option) / balance;
        }
        for group in &mut self.groups {
            level_off(&mut self.now.x, &self.option_steps, group);
        }
        for &option in &self.loose {
            self.now.x[option as usize] = self.now.x[option as usize].clamp(0.0, 1.0);
        }
        let (old_depth, old_used) = (self.now.depth.clone(), self.now.used.clone());
        let touched = self.now.spread(active, &self.uses);
        let depths = self.now.depth.iter().zip(&old_depth);
        let steps = self.element_steps.iter().zip(&self.weights);
        for ((u, (new, old)), (step, weight)) in self.now.u.iter_mut().zip(depths).zip(steps) {
            *u = (*u + step * balance * (1.0 - 2.0 * new + old)).clamp(0.0, *weight);
        }
        let used = self.now.used.iter().zip(&old_used);
        for ((mu, (new, old)), (step, row)) in self.now.mu.iter_mut().zip(used).zip(self.row_steps.iter().zip(&self.rows)) {
            *mu = (*mu + step * balance * (2.0 * new - old - row.at_most)).max(0.0);
        }
        self.now.gather(active);
        self.since += 1;
        self.rounds += 1;
        self.mean.approach(&self.now, 1.0 / self.since as f32);
        touched + active.covers.pairs() as u64
    }

    /// What an option gains net of the priced rows.
    fn net(&self, point: &Point, option: usize) -> f32 {
        point.gains[option] - self.uses[option].iter().map(|&(row, amount)| amount * point.mu[row as usize]).sum::<f32>()
    }

    /// Keeps the better of the present and the mean multipliers when they beat the best; restarts when the mean has come far
    /// enough.
    pub fn look(&mut self, active: &Active) {
        let ((now, now_levels), (mean, mean_levels)) = (self.bound(active, &self.now), self.bound(active, &self.mean));
        let (better, levels, point) = if mean <= now { (mean, mean_levels, &self.mean) } else { (now, now_levels, &self.now) };
        if better < self.best.bound {
            self.best.bound = better;
            self.best.u.clone_from(&point.u);
            self.best.mu = vec![0.0; active.sides.len()];
            let priced = self.rows.iter().zip(point.mu.iter().copied()).chain(self.groups.iter().zip(levels));
            for (side, mu) in priced.filter_map(|(row, mu)| Some((row.side?, mu))) {
                self.best.mu[side] = mu;
            }
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
        let dual = far(&self.now.u, &self.anchor.u, &self.element_steps) + far(&self.now.mu, &self.anchor.mu, &self.row_steps);
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

    /// The Lagrangian bound of a point, in floats, and the price at which each limit of X is used up.
    fn bound(&self, active: &Active, point: &Point) -> (f64, Vec<f32>) {
        let rest: f64 = self.weights.iter().zip(&point.u).map(|(w, u)| f64::from(w - u)).sum();
        let charge: f64 = self.rows.iter().zip(&point.mu).map(|(row, mu)| f64::from(row.at_most) * f64::from(*mu)).sum();
        let loose: f64 = self.loose.iter().map(|&option| f64::from(self.net(point, option as usize).max(0.0))).sum();
        let fills: Vec<(f64, f32)> = self.groups.iter().map(|group| group.fill(|option| self.net(point, option))).collect();
        let limited: f64 = fills.iter().map(|(value, _)| value).sum();
        (active.base as f64 + rest + charge + loose + limited, fills.into_iter().map(|(_, level)| level).collect())
    }

    /// What the fractional openings of a point cover, less what they use too much of the priced rows.
    fn value(&self, active: &Active, point: &Point) -> f64 {
        let covered: f64 = self.weights.iter().zip(&point.depth).map(|(w, d)| f64::from(w * d.min(1.0))).sum();
        let price = |row: usize| f64::from(point.mu[row].max(self.mean.mu[row])) * 2.0 + self.balance;
        let over = |row: usize| f64::from((point.used[row] - self.rows[row].at_most).max(0.0)) * price(row);
        active.base as f64 + covered - (0..self.rows.len()).map(over).sum::<f64>()
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
    /// Σ u of each option.
    fn gather(&mut self, active: &Active) {
        for (option, gain) in self.gains.iter_mut().enumerate() {
            *gain = sum_of(active.covers.row(option), &self.u);
        }
    }

    /// Depths and uses from the openings; counts the pairs it touches.
    fn spread(&mut self, active: &Active, uses: &[Vec<(u32, f32)>]) -> u64 {
        self.depth.fill(0.0);
        self.used.fill(0.0);
        let mut touched = 0;
        for (option, &x) in self.x.iter().enumerate().filter(|(_, x)| **x > 0.0) {
            let row = active.covers.row(option);
            touched += row.len() as u64;
            for &element in row {
                self.depth[element as usize] += x;
            }
            for &(row, amount) in &uses[option] {
                self.used[row as usize] += x * amount;
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
