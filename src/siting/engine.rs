//! The solver: exact reductions, then the primal search and the dual bound side by side, and an exact close when what is left is small.
//!
//! Input: a [`SitingProblem`] and an [`Effort`]; output: a choice, what it covers, and what no choice can exceed.
//! Steps: 1. [`reduce`]. 2. In rounds of growing work, one thread searches while the other lowers the bound; after each round they
//! tell each other what they know: the best choice is the dual's target, the dual's openings are a start for the search, and what
//! the reduced costs fix is out of the search. 3. When the bound stalls: what is not fixed is reduced again and, when it is small
//! enough, closed by a mixed integer program; otherwise branch and bound and a second search take turns on the free thread.
//! Determinism: rounds are counted in pairs looked at and both arms of a round always finish, so threads make no difference.
//! Only a deadline does; the solution then says so.

use rayon::join;

use super::dual::{Dual, Tree};
use super::effort::{Effort, Reduction};
use super::exact::compact::{self, Closed, Open};
use super::kernel::Kernel;
use super::order::by_gain;
use super::problem::SitingProblem;
use super::reduce::{Switches, reduce};
use super::search::Search;
use crate::progress::Progress;
use crate::quantity::Weight;

/// Pairs looked at in the first round by each arm, at least; every round is longer than the one before, up to a share of the work.
const FIRST_ROUND: u64 = 1_000_000;
/// The bound stalls when a round lowers it by less than this share …
const STALL: f64 = 2e-5;
/// … after the dual has gone over the pairs so many times.
const PASSES: u64 = 1_000;
/// Above so many elements a tree of bounds would cost too much memory.
const TREE_ELEMENTS: usize = 200_000;
/// Nodes that the exact close may look at for a million pairs of work.
const NODES_PER_WORK: f64 = 0.1;

/// An answer and how good it is at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitingSolution {
    /// Chosen options with the weight each adds, in building order: each adds most of those still left.
    pub chosen: Vec<(usize, Weight)>,
    /// Weight covered by all chosen options.
    pub objective: Weight,
    /// No choice can cover more than this.
    pub bound: Weight,
    /// What the exact reductions did.
    pub reductions: Vec<Reduction>,
    /// Millions of pairs looked at.
    pub work: u64,
    /// The deadline came before the work was done.
    pub stopped_by_time: bool,
}

impl SitingSolution {
    /// Nothing chosen, nothing proved.
    pub fn nothing(problem: &SitingProblem) -> Self {
        let (chosen, reductions) = (Vec::new(), Vec::new());
        Self { chosen, objective: Weight::ZERO, bound: problem.total(), reductions, work: 0, stopped_by_time: false }
    }

    /// (bound − objective) ÷ bound: how much better an answer could be at most.
    pub fn optimality_gap(&self) -> f64 {
        if self.bound == Weight::ZERO { 0.0 } else { self.bound.saturating_sub(self.objective).share_of(self.bound).get() }
    }
}

/// No choice that keeps all minima was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no choice keeps all rules{}", if *.proved { "" } else { ", as far as the search has looked" })]
pub struct NoChoice {
    /// It is proved that there is none.
    pub proved: bool,
}

/// Solves a siting problem.
///
/// # Errors
/// When no choice that keeps the minima was found.
pub fn solve(problem: &SitingProblem, effort: &Effort, progress: &dyn Progress) -> Result<SitingSolution, NoChoice> {
    progress.begin("siting", effort.work);
    let reduced = reduce(problem, &Switches::default());
    for step in &reduced.log {
        tracing::info!(reduction = step.name, counts = step.counts, before = step.before, after = step.after);
    }
    let kernel = Kernel::new(&reduced.problem);
    let outcome = Race::new(&kernel, effort).map(|mut race| {
        race.run(progress);
        race
    });
    progress.end();
    let race = outcome?;
    let (best, objective) = race.search.best();
    Ok(SitingSolution {
        chosen: by_gain(problem, &mut vec![false; problem.weights.len()], &reduced.restore(best)),
        objective: Weight::from_milli(objective),
        bound: Weight::from_milli(race.bound.max(objective)),
        stopped_by_time: race.used < effort.work * 1_000_000 && !race.is_done(),
        work: race.used.div_ceil(1_000_000),
        reductions: reduced.log,
    })
}

/// The search and the dual on one kernel.
struct Race<'k> {
    kernel: &'k Kernel<'k>,
    effort: &'k Effort,
    search: Search<'k>,
    dual: Dual<'k>,
    /// These two take turns in the place of the dual when that has stalled.
    tree: Option<Tree<'k>>,
    second: Option<Search<'k>>,
    turn: u32,
    bound: u64,
    used: u64,
    /// What the dual has used of it.
    dual_used: u64,
    /// Rounds in a row that hardly lowered the bound.
    stalled: u32,
    /// Free options of the last program that was not closed: only one half as large is tried again.
    tried: usize,
}

/// What an arm of a round did.
enum Arm {
    Bound,
    Tree,
    Search,
    Close(Option<Closed>),
}

impl<'k> Race<'k> {
    fn new(kernel: &'k Kernel<'k>, effort: &'k Effort) -> Result<Self, NoChoice> {
        let mut dual = Dual::new(kernel);
        let Some(search) = Search::new(kernel, effort.seed) else {
            dual.run(effort.work * 100_000, 0, &|| effort.is_over());
            return Err(NoChoice { proved: dual.is_infeasible() });
        };
        let bound = dual.bound();
        Ok(Self {
            kernel,
            effort,
            search,
            dual,
            tree: None,
            second: None,
            turn: 0,
            bound,
            used: 0,
            dual_used: 0,
            stalled: 0,
            tried: usize::MAX,
        })
    }

    /// Whether the gap asked for is reached.
    fn is_done(&self) -> bool {
        let objective = self.search.best().1;
        self.bound <= objective || (self.bound - objective) as f64 <= self.effort.gap * self.bound as f64
    }

    fn run(&mut self, progress: &dyn Progress) {
        let allowed = self.effort.work.saturating_mul(1_000_000);
        let mut slice = FIRST_ROUND.max(self.kernel.problem.covers.pairs() as u64 * 8);
        let longest = slice.max(allowed / 40);
        while !self.is_done() && self.used < allowed && !self.effort.is_over() {
            let before = self.used;
            self.round(slice.min((allowed - self.used).div_ceil(2)));
            progress.advance((self.used / 1_000_000).saturating_sub(before / 1_000_000));
            slice = (slice + slice / 2).min(longest);
        }
    }

    /// One round of both arms.
    fn round(&mut self, slice: u64) {
        let (before, lower) = (self.bound, self.search.best().1);
        let effort = self.effort;
        let stop = || effort.is_over();
        let has_stalled = self.stalled >= 2;
        let rest = if has_stalled { self.rest() } else { None };
        if has_stalled && self.second.is_none() {
            self.second = Search::new(self.kernel, effort.seed.wrapping_add(1));
            let is_small = self.kernel.weights.len() <= TREE_ELEMENTS;
            self.tree = is_small.then(|| Tree::new(&self.dual));
        }
        self.turn += u32::from(has_stalled);
        let (kernel, bound) = (self.kernel, self.bound);
        let (search, dual) = (&mut self.search, &mut self.dual);
        let (tree, second) = (self.tree.as_mut().filter(|_| self.turn % 2 == 1), self.second.as_mut());
        let (searched, (arm, worked)) = join(
            || search.run(slice, &stop, bound),
            || match (&rest, tree, second) {
                (Some(rest), ..) => (Arm::Close(rest.close(kernel, bound, effort)), slice),
                (None, Some(tree), _) => (Arm::Tree, tree.run(slice, lower, &stop)),
                (None, None, Some(second)) if has_stalled => (Arm::Search, second.run(slice, &stop, bound)),
                _ => (Arm::Bound, dual.run(slice, lower, &stop)),
            },
        );
        self.used += searched + worked;
        if matches!(arm, Arm::Bound) {
            self.dual_used += worked;
        }
        self.exchange(arm);
        let fell = (before - self.bound) as f64 >= STALL * before as f64;
        let is_warm = self.dual_used >= PASSES * self.kernel.problem.covers.pairs() as u64;
        self.stalled = if fell || !is_warm { 0 } else { self.stalled + 1 };
        tracing::debug!(
            work = self.used / 1_000_000,
            objective = self.search.best().1,
            bound = self.bound,
            stalled = self.stalled
        );
    }

    /// What one arm found is told to the other.
    fn exchange(&mut self, arm: Arm) {
        match arm {
            Arm::Close(None) => {}
            Arm::Close(Some(closed)) => {
                self.search.offer(&closed.chosen);
                // What was left out of the program is no better than the incumbent, so that bound holds for it.
                self.bound = self.bound.min(closed.bound.max(self.search.best().1));
            }
            Arm::Tree => {
                if let Some(tree) = &self.tree {
                    self.bound = self.bound.min(tree.bound());
                    if let Some((chosen, _)) = tree.best() {
                        self.search.offer(chosen);
                    }
                }
            }
            Arm::Search => {
                if let Some(second) = &mut self.second {
                    let (mine, theirs) = (self.search.best().0.to_vec(), second.best().0.to_vec());
                    self.search.offer(&theirs);
                    second.offer(&mine);
                }
            }
            Arm::Bound => {
                self.bound = self.bound.min(self.dual.bound());
                self.search.offer(self.dual.choice());
            }
        }
        let mut allowed = vec![true; self.kernel.options()];
        for option in self.dual.fixing(self.search.best().1).closed {
            allowed[option] = false;
        }
        self.search.restrict(&allowed);
        if let Some(second) = &mut self.second {
            second.restrict(&allowed);
        }
    }

    /// What the reduced costs leave open, when it is small enough to close and much smaller than what was tried last.
    fn rest(&mut self) -> Option<Rest> {
        let (incumbent, objective) = self.search.best();
        let fixing = self.dual.fixing(objective);
        let decided: Vec<usize> = [fixing.open.as_slice(), &fixing.closed].concat();
        let mut is_free = vec![true; self.kernel.options()];
        decided.into_iter().for_each(|option| is_free[option] = false);
        let free: Vec<u32> = (0..is_free.len() as u32).filter(|&option| is_free[option as usize]).collect();
        let open = Open { free: &free, fixed: &fixing.open };
        if free.len() > self.tried / 2 || !compact::is_small_enough(self.kernel, &open, objective, self.bound) {
            return None;
        }
        self.tried = free.len();
        Some(Rest { incumbent: incumbent.to_vec(), free, fixed: fixing.open })
    }
}

/// What is left to decide exactly.
struct Rest {
    incumbent: Vec<usize>,
    free: Vec<u32>,
    fixed: Vec<usize>,
}

impl Rest {
    fn close(&self, kernel: &Kernel<'_>, bound: u64, effort: &Effort) -> Option<Closed> {
        let nodes = (effort.work as f64 * NODES_PER_WORK) as u64;
        compact::close_among(
            kernel,
            &self.incumbent,
            &Open { free: &self.free, fixed: &self.fixed },
            bound,
            nodes.max(100),
            effort,
        )
    }
}
