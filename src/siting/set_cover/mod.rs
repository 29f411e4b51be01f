//! One engine for set covering with prices, covering a share, and covering once or twice within limits.
//!
//! What: a [`Program`] (see there) → the best choice found, and a proved bound. Steps: exact reductions ([`reduce`]); greedy and
//! ruin and recreate ([`search`]); Lagrangian bound with options fixed by their reduced costs, after which the program shrinks
//! and is reduced again ([`lagrange`]); a small tree search on the Lagrangian bound ([`branch`]); a mixed integer program when
//! a solver is compiled in ([`exact`]); the tree search again with the work that is left. Work is counted in pairs, so that the
//! answer depends on the problem and the effort only; a deadline may stop it early.

pub mod branch;
pub mod exact;
pub mod lagrange;
pub mod layout;
pub mod meter;
pub mod node;
pub mod program;
pub mod reduce;
pub mod search;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use branch::Best;
use lagrange::{Fixed, Lagrange, fix, whole};
use meter::Meter;
use node::Node;
pub use program::{Goal, Program};
use reduce::Reduced;
use search::Search;

use crate::progress::Progress;
use crate::random::Random;
use crate::siting::effort::{Effort, Reduction};

/// Rounds of the ascent at the root, and iterations in the first and in the others.
const ROUNDS: usize = 12;
const FIRST: usize = 400;
const LATER: usize = 150;
/// Nodes searched before a solver is asked.
const NODES: usize = 300;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Chosen options, ascending.
    pub chosen: Vec<u32>,
    /// Their objective.
    pub objective: u64,
    /// No choice has a better objective.
    pub bound: u64,
    /// What the reductions did.
    pub reductions: Vec<Reduction>,
    /// The deadline came before the work was done.
    pub stopped_by_time: bool,
}

impl Outcome {
    /// Nothing better exists.
    pub fn is_proved(&self) -> bool {
        self.objective == self.bound
    }
}

/// Solves a program; `start` is an answer known to keep the rules. `None` when nothing keeps the rules.
pub fn solve(program: &Program, start: Option<&[u32]>, effort: &Effort, progress: &dyn Progress) -> Option<Outcome> {
    progress.begin("set cover", 0);
    let reachable = program.coverers.iter().enumerate().filter(|(_, row)| !row.is_empty());
    if reachable.map(|(row, _)| program.worth(row)).sum::<u64>() < program.target() {
        return None;
    }
    let mut run = Run::new(program, start, effort);
    run.ascend();
    run.close();
    progress.end();
    let meter = &run.meter;
    let objective = program.objective(&run.chosen).expect("invariant: the answer keeps the rules");
    let bound = run.bound.min(program.loss(objective)).unsigned_abs();
    let stopped_by_time = meter.is_late() && bound != objective;
    Some(Outcome { chosen: run.chosen, objective, bound, reductions: run.reduced.log, stopped_by_time })
}

/// A solve on its way.
struct Run<'a> {
    program: &'a Program,
    effort: &'a Effort,
    reduced: Reduced,
    chosen: Vec<u32>,
    loss: i64,
    bound: i64,
    meter: Meter,
    random: Random,
}

impl<'a> Run<'a> {
    fn new(program: &'a Program, start: Option<&[u32]>, effort: &'a Effort) -> Self {
        let mut meter = Meter::new(effort);
        let reduced = reduce::reduce(program);
        meter.spend(10 * program.covers.pairs());
        let floor = if program.minimises() { 0 } else { -(program.first.iter().chain(&program.second).sum::<u64>() as i64) };
        let all: Vec<u32> = if program.minimises() { (0..program.options() as u32).collect() } else { Vec::new() };
        let random = Random::new(effort.seed);
        let mut run = Self { program, effort, reduced, chosen: Vec::new(), loss: i64::MAX, bound: floor, meter, random };
        run.take(all);
        if let Some(start) = start {
            run.take(start.to_vec());
        }
        run
    }

    /// Takes an answer to the original program if it is better.
    fn take(&mut self, mut chosen: Vec<u32>) {
        let loss = self.program.objective(&chosen).map(|objective| self.program.loss(objective));
        if let Some(loss) = loss.filter(|&loss| loss < self.loss) {
            chosen.sort_unstable();
            (self.loss, self.chosen) = (loss, chosen);
        }
    }

    fn is_done(&self) -> bool {
        let gap = (self.loss - self.bound) as f64 / (self.loss.unsigned_abs().max(self.bound.unsigned_abs()).max(1) as f64);
        self.bound >= self.loss || gap <= self.effort.gap || self.meter.is_over()
    }

    /// Bound and answers at the root, with shrinking.
    fn ascend(&mut self) {
        let mut multipliers: Option<Vec<f64>> = None;
        for round in 0..ROUNDS {
            let reduced = self.reduced.clone();
            let program = &reduced.program;
            let mut fixed = vec![Fixed::Free; program.options()];
            let mut lagrange = Lagrange::new(program);
            if let Some(known) = multipliers.take().filter(|known| known.len() == program.rows()) {
                lagrange.multipliers = known;
            }
            let guide = if round == 0 { vec![0.0; program.rows()] } else { lagrange.multipliers.clone() };
            self.search(&reduced, &fixed, &guide, 30);
            if self.is_done() {
                return;
            }
            let upper = self.loss - reduced.offset;
            let iterations = if round == 0 { FIRST } else { LATER };
            let bound = lagrange.ascend(&fixed, upper as f64, iterations, &mut self.meter);
            self.bound = self.bound.max((whole(bound) as i64).saturating_add(reduced.offset).min(self.loss));
            self.search(&reduced, &fixed, &lagrange.multipliers, 10);
            if self.is_done() {
                return;
            }
            let before = self.bound;
            let many = fix(program, &lagrange, (self.loss - reduced.offset) as f64, &mut fixed);
            if many > 0 {
                self.reduced.settle(&fixed);
            }
            if self.reduced.program.options() == 0 {
                self.leftover();
                return;
            }
            multipliers = Some(lagrange.multipliers.clone());
            if round > 3 && many == 0 && before == self.bound && round % 4 == 0 {
                return;
            }
        }
    }

    /// Nothing is left to decide: what was fixed is the only answer that could be better.
    fn leftover(&mut self) {
        let only = self.reduced.original(&[]);
        self.take(only);
        self.bound = self.loss;
    }

    fn search(&mut self, reduced: &Reduced, fixed: &[Fixed], multipliers: &[f64], rounds: usize) {
        let mut search = Search::new(&reduced.program, fixed, multipliers);
        search.build(&mut self.meter);
        search.improve(rounds, &mut self.random, &mut self.meter);
        if search.loss().is_some() {
            self.take(reduced.original(&search.chosen()));
        }
    }

    /// Trees and the solver, on what is left.
    fn close(&mut self) {
        self.tree(NODES);
        if self.is_done() {
            return;
        }
        let reduced = self.reduced.clone();
        let rounds = (self.meter.left() / 20 / (5 * reduced.program.covers.pairs() as u64 + 1)).min(20_000) as usize;
        let fixed = vec![Fixed::Free; reduced.program.options()];
        self.search(&reduced, &fixed, &vec![0.0; reduced.program.rows()], rounds);
        let mut best = Best { loss: self.loss - reduced.offset, chosen: None };
        let seconds = self.meter.seconds_left();
        let bound = exact::close(&reduced.program, &mut best, self.bound - reduced.offset, seconds, &mut self.meter);
        self.merge(&reduced, best, bound.unwrap_or(i64::MIN / 2));
        if !self.is_done() {
            self.tree(usize::MAX);
        }
    }

    fn tree(&mut self, nodes: usize) {
        if self.is_done() {
            return;
        }
        let reduced = self.reduced.clone();
        let program = &reduced.program;
        let mut best = Best { loss: self.loss - reduced.offset, chosen: None };
        let mut node = Node { program, lagrange: Lagrange::new(program) };
        let fixed = vec![Fixed::Free; program.options()];
        let bound = branch::close(&mut node, fixed, &mut best, self.bound - reduced.offset, nodes, &mut self.meter);
        self.merge(&reduced, best, bound);
    }

    fn merge(&mut self, reduced: &Reduced, best: Best, bound: i64) {
        if let Some(chosen) = best.chosen {
            self.take(reduced.original(&chosen));
        }
        self.bound = self.bound.max(bound.saturating_add(reduced.offset)).min(self.loss);
    }
}
