//! The solver: exact reductions, then the primal search and the dual bound side by side, and an exact close when what is left is small.
//!
//! Input: a [`SitingProblem`] and an [`Effort`]; output: a choice, what it covers, and what no choice can exceed.
//! Steps: 1. [`reduce`]. 2. In rounds of growing work, one thread searches, later breeds ([`Breed`]), while the other lowers the
//! bound; after each round they tell each other what they know: the best choice is the dual's target, the dual's openings are a
//! start for the search, and what the reduced costs fix is out of the search. 3. When the bound stalls, the free thread breeds a
//! second population, in turns with branch and bound when the gap is narrow. 4. What is not fixed is closed by a mixed integer
//! program as soon as it is small enough.
//! Determinism: rounds are counted in pairs looked at and both arms of a round always finish, so threads make no difference.
//! Only a deadline does; the solution then says so.

use std::time::{Duration, Instant};

use rayon::join;

use super::dual::{Dual, Fixing, Tree};
use super::effort::{Effort, Reduction};
use super::exact::compact::{self, Closed, Open};
use super::kernel::Kernel;
use super::order::by_gain;
use super::problem::SitingProblem;
use super::reduce::reduce;
use super::search::{Search, breed::Breed};
use crate::progress::Progress;
use crate::quantity::Weight;

/// Pairs looked at in the first round by each arm, at least; every round is longer than the one before, up to a share of the work.
const FIRST_ROUND: u64 = 20_000;
/// The bound stalls when a round lowers it by less than this share …
const STALL: f64 = 2e-5;
/// … after the dual has gone over the pairs so many times.
const PASSES: u64 = 1_000;
/// Above so many elements a tree of bounds would cost too much memory.
const TREE_ELEMENTS: usize = 200_000;
/// A round of a search or a population is at most so many passes over the pairs.
const LONGEST: u64 = 400;
/// The dual looks at so many pairs in the time in which a search looks at one.
const DUAL_PACE: u64 = 6;
/// Branch and bound takes turns when (bound − objective) ÷ bound is at most this.
const NARROW: f64 = 0.004;
/// Turns of branch and bound and breeding before a program that is not small is tried.
const PATIENCE: u32 = 16;
/// The populations tell each other their best choices once in so many turns.
const MIGRATION: u32 = 8;
/// The plain search has one of so many turns once the populations breed.
const PLAIN_TURNS: u32 = 4;
/// Searches bring in options that lose at most so many times the gap ÷ number to open.
const LIKELY: f64 = 2.0;
/// … but for the second population: what is unlikely by the prices may be right all the same.
const UNLIKELY: f64 = 16.0;
/// With less time than this the populations begin with annealings: better after ten seconds, no better after a minute.
const HASTE: Duration = Duration::from_secs(20);
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
    let reduced = reduce(problem, &effort.reductions);
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
    let chosen = by_gain(problem, &mut vec![false; problem.weights.len()], &reduced.restore(race.search.best().0));
    // Counted again in the problem as it was given.
    let objective = chosen.iter().map(|(_, weight)| weight.milli()).sum();
    let mut reductions = reduced.log.clone();
    if effort.reductions.reduced_costs {
        let (before, after) = (kernel.options() as u64, race.free_options() as u64);
        reductions.push(Reduction { name: "reduced_costs", counts: "options", before, after });
    }
    Ok(SitingSolution {
        chosen,
        objective: Weight::from_milli(objective),
        bound: Weight::from_milli(race.bound.max(objective)),
        stopped_by_time: race.used < effort.pairs() && !race.is_done(),
        work: race.used.div_ceil(Effort::UNIT),
        reductions,
    })
}

/// The search and the dual on one kernel.
struct Race<'k> {
    kernel: &'k Kernel<'k>,
    effort: &'k Effort,
    search: Search<'k>,
    dual: Dual<'k>,
    /// What the dual has decided, as of the last round.
    fixing: Fixing,
    /// Takes most turns of the search when that has gone over the pairs often enough.
    first: Breed<'k>,
    /// These two take turns in the place of the dual when that has stalled.
    tree: Option<Tree<'k>>,
    second: Breed<'k>,
    /// Rounds so far, and those since the bound has stalled.
    rounds: u32,
    turn: u32,
    bound: u64,
    used: u64,
    /// What the search and the first population have used of it.
    searched: u64,
    /// What the dual has used of it.
    dual_used: u64,
    /// Rounds in a row that hardly lowered the bound.
    stalled: u32,
    /// Options that the searches may bring in.
    guided: usize,
    /// … and the pairs of these.
    guided_pairs: u64,
    /// Free options of the last program that was not closed: only one half as large is tried again.
    tried: Option<usize>,
}

/// What an arm of a round did.
enum Arm {
    Bound,
    Tree,
    Breed,
    Close(Option<Closed>),
}

impl<'k> Race<'k> {
    fn new(kernel: &'k Kernel<'k>, effort: &'k Effort) -> Result<Self, NoChoice> {
        let mut dual = Dual::new(kernel);
        let Some(search) = Search::new(kernel, effort.seed) else {
            dual.run(effort.pairs() / 10, 0, &|| effort.is_over());
            return Err(NoChoice { proved: dual.is_infeasible() });
        };
        let bound = dual.bound();
        let is_hasty = effort.deadline.is_some_and(|deadline| deadline.saturating_duration_since(Instant::now()) < HASTE);
        Ok(Self {
            kernel,
            effort,
            search,
            dual,
            fixing: Fixing::default(),
            first: Breed::new(kernel, effort.seed.wrapping_add(1), effort.deadline, is_hasty),
            tree: None,
            second: Breed::new(kernel, effort.seed.wrapping_add(2), effort.deadline, is_hasty),
            rounds: 0,
            turn: 0,
            bound,
            used: 0,
            searched: 0,
            dual_used: 0,
            stalled: 0,
            guided: kernel.options(),
            guided_pairs: kernel.problem.covers.pairs() as u64,
            tried: None,
        })
    }

    /// Whether the gap asked for is reached.
    fn is_done(&self) -> bool {
        let objective = self.search.best().1;
        self.bound <= objective || (self.bound - objective) as f64 <= self.effort.gap * self.bound as f64
    }

    fn run(&mut self, progress: &dyn Progress) {
        let allowed = self.effort.pairs();
        let pairs = self.kernel.problem.covers.pairs() as u64;
        let mut slice = FIRST_ROUND.max(pairs * 8);
        while !self.is_done() && self.used < allowed && !self.effort.is_over() {
            let before = self.used;
            self.round(slice.min((allowed - self.used).div_ceil(2)));
            progress.advance(self.used / Effort::UNIT - before / Effort::UNIT);
            let longest = (allowed / 40).min(LONGEST * self.guided_pairs.max(5_000));
            slice = (slice + slice / 2).min(longest.max(slice));
        }
    }

    /// One round of both arms.
    fn round(&mut self, slice: u64) {
        let (before, lower) = (self.bound, self.search.best().1);
        // What the dual knows of a choice it fixes options against.
        let to_beat = if self.effort.reductions.reduced_costs { lower } else { 0 };
        let effort = self.effort;
        let stop = || effort.is_over();
        let has_stalled = self.stalled >= 2;
        let rest = self.rest(has_stalled);
        if has_stalled && self.tree.is_none() && self.kernel.weights.len() <= TREE_ELEMENTS {
            self.tree = Some(Tree::new(&self.dual));
        }
        self.rounds += 1;
        self.turn += u32::from(has_stalled);
        let (kernel, bound) = (self.kernel, self.bound);
        let breeds = self.searched >= PASSES * self.guided_pairs && !self.rounds.is_multiple_of(PLAIN_TURNS);
        let is_narrow = self.turn % 2 == 1 && (bound - lower) as f64 <= NARROW * bound as f64;
        let (search, first, second, dual) = (&mut self.search, &mut self.first, &mut self.second, &mut self.dual);
        let tree = self.tree.as_mut().filter(|tree| is_narrow && tree.open_nodes() > 0);
        let (searched, (arm, worked)) = join(
            || if breeds { first.run(slice, &stop, bound) } else { search.run(slice, &stop, bound) },
            || match (&rest, tree) {
                (Some(rest), _) => (Arm::Close(rest.close(kernel, bound, effort)), slice),
                (None, Some(tree)) => (Arm::Tree, tree.run(slice * DUAL_PACE, lower, &stop)),
                _ if has_stalled => (Arm::Breed, second.run(slice, &stop, bound)),
                _ => (Arm::Bound, dual.run(slice * DUAL_PACE, to_beat, &stop)),
            },
        );
        self.searched += searched;
        self.used += searched + worked;
        if matches!(arm, Arm::Bound) {
            self.dual_used += worked;
        }
        self.exchange(arm);
        let fell = (before - self.bound) as f64 >= STALL * before as f64;
        let is_warm = self.dual_used >= PASSES * self.kernel.problem.covers.pairs() as u64;
        self.stalled = if fell || !is_warm { 0 } else { self.stalled + 1 };
        tracing::debug!(
            work = self.used / Effort::UNIT,
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
            Arm::Breed => {}
            Arm::Bound => {
                self.bound = self.bound.min(self.dual.bound());
                self.search.offer(self.dual.choice());
            }
        }
        self.migrate();
        if self.effort.reductions.reduced_costs {
            self.fixing = self.dual.fixing(self.search.best().1);
            self.guide();
        }
    }

    /// Options that reduced costs haven't decided.
    fn free_options(&self) -> usize {
        self.kernel.options().saturating_sub(self.fixing.open.len() + self.fixing.closed.len())
    }

    /// Searches bring in options only that an answer better than today's is likely to open: such an answer can't lose more than the
    /// gap to the bound, so each of its options loses the gap ÷ number to open on average at most. Changes when that leaves out a
    /// tenth more, or takes in more.
    fn guide(&mut self) {
        let likely = self.allowed_within(LIKELY);
        let count = likely.iter().filter(|likely| **likely).count();
        if self.rounds > 1 && count * 10 > self.guided * 9 && count <= self.guided {
            return;
        }
        self.guided = count;
        let of = |option: usize| if likely[option] { self.kernel.covers(option).len() as u64 } else { 0 };
        self.guided_pairs = (0..likely.len()).map(of).sum();
        self.search.restrict(&likely);
        self.first.restrict(&likely);
        self.second.restrict(&self.allowed_within(UNLIKELY));
    }

    /// The options that lose at most so many times the gap ÷ number to open.
    fn allowed_within(&self, times: f64) -> Vec<bool> {
        let (chosen, objective) = self.search.best();
        let share = 1.0 - (times / chosen.len().max(1) as f64).min(1.0);
        let gap = self.bound.saturating_sub(objective);
        let mut allowed = vec![true; self.kernel.options()];
        let unlikely = self.dual.fixing(objective + (gap as f64 * share) as u64).closed;
        unlikely.iter().for_each(|&option| allowed[option] = false);
        allowed
    }

    /// The search hears of the best of the populations; they hear of it and of each other now and then, so that they stay apart.
    fn migrate(&mut self) {
        for breed in [&self.first, &self.second] {
            if let Some(best) = breed.best() {
                self.search.offer(&best);
            }
        }
        if self.rounds.is_multiple_of(MIGRATION) {
            let best = self.search.best().0.to_vec();
            self.first.offer(&best);
            self.second.offer(&best);
        }
    }

    /// What the reduced costs leave open, when it is small enough to close and much smaller than what was tried last.
    fn rest(&mut self, has_stalled: bool) -> Option<Rest> {
        let count = self.free_options();
        if self.rounds == 0 || self.tried.is_some_and(|tried| count > tried / 2) {
            return None;
        }
        let mut is_free = vec![true; self.kernel.options()];
        self.fixing.open.iter().chain(&self.fixing.closed).for_each(|&option| is_free[option] = false);
        let free: Vec<u32> = (0..is_free.len() as u32).filter(|&option| is_free[option as usize]).collect();
        let pairs: usize = free.iter().map(|&option| self.kernel.covers(option as usize).len()).sum();
        let (incumbent, objective) = self.search.best();
        let open = Open { free: &free, fixed: &self.fixing.open };
        let is_time = pairs <= compact::FEW_PAIRS || (has_stalled && self.turn >= PATIENCE);
        if !is_time || !compact::is_small_enough(self.kernel, &open, objective, self.bound) {
            return None;
        }
        self.tried = Some(count);
        Some(Rest { incumbent: incumbent.to_vec(), free, fixed: self.fixing.open.clone() })
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
        let open = Open { free: &self.free, fixed: &self.fixed };
        compact::close(kernel, &self.incumbent, &open, bound, nodes.max(100), effort)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::progress::Silent;
    use crate::siting::check;
    use crate::siting::effort::Switches;
    use crate::siting::samples::{any_problem, enumerate};

    fn solved(problem: &SitingProblem, work: u64) -> Result<SitingSolution, NoChoice> {
        solve(problem, &Effort { work, ..Effort::default() }, &Silent)
    }

    fn on_threads<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> T {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool of threads");
        pool.install(run)
    }

    /// 300 places on a square, each covers what is near.
    fn town(p: usize) -> SitingProblem {
        let mut random = crate::random::Random::new(7);
        let places: Vec<[f64; 2]> = (0..300).map(|_| [random.unit(), random.unit()]).collect();
        let near = |a: &[f64; 2], b: &[f64; 2]| (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2) < 0.01;
        let covers = places.iter().map(|a| (0..300u32).filter(|&b| near(a, &places[b as usize])).collect::<Vec<_>>()).collect();
        SitingProblem::mclp((0..300).map(|_| Weight::from_milli(1 + random.below(90) as u64)).collect(), covers, p)
    }

    #[test]
    fn one_option_of_two() {
        let covers = [vec![0], vec![1, 2]].into_iter().collect();
        let problem = SitingProblem::mclp([4, 3, 2].map(Weight::from_milli).to_vec(), covers, 1);
        let solution = solved(&problem, 10).expect("no minima");
        assert_eq!(solution.chosen, [(1, Weight::from_milli(5))]);
        assert_eq!((solution.objective, solution.bound), (Weight::from_milli(5), Weight::from_milli(5)));
        assert!(!solution.stopped_by_time);
    }

    #[test]
    fn threads_make_no_difference() {
        let problem = town(12);
        let solutions = [1, 2].map(|threads| on_threads(threads, || solved(&problem, 300)));
        assert_eq!(solutions[0], solutions[1]);
        let solution = solutions[0].as_ref().expect("no minima");
        assert!(solution.optimality_gap() < 0.01, "{solution:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn answers_are_optimal_and_bounds_hold(problem in any_problem()) {
            let optimum = enumerate(&problem);
            for work in [1, 50] {
                let solution = solved(&problem, work);
                prop_assert_eq!(solution.is_ok(), optimum.is_some());
                let (Ok(solution), Some((best, _))) = (solution, &optimum) else { continue };
                let chosen: Vec<usize> = solution.chosen.iter().map(|(option, _)| *option).collect();
                prop_assert!(check::feasible(&problem, &chosen).is_ok());
                prop_assert_eq!(check::covered(&problem, &chosen), solution.objective);
                prop_assert_eq!(solution.chosen.iter().map(|(_, weight)| weight.milli()).sum::<u64>(), solution.objective.milli());
                prop_assert!(solution.objective <= *best && *best <= solution.bound);
                prop_assert!(work == 1 || solution.objective == *best, "{:?} of {:?}", solution.objective, best);
            }
        }

        #[test]
        fn switches_change_no_optimum(problem in any_problem(), on in prop::array::uniform7(any::<bool>())) {
            let mut reductions = Switches::default();
            reductions.named().into_iter().zip(on).for_each(|((_, switch), on)| *switch = on);
            let effort = Effort { work: 50, reductions, ..Effort::default() };
            let solution = solve(&problem, &effort, &Silent);
            prop_assert_eq!(solution.as_ref().ok().map(|s| s.objective), enumerate(&problem).map(|(best, _)| best));
            let Ok(solution) = solution else { return Ok(()) };
            prop_assert!(solution.bound >= solution.objective);
            for (name, is_on) in reductions.named() {
                prop_assert!(*is_on || solution.reductions.iter().all(|step| !step.name.starts_with(name)), "{}", name);
            }
        }
    }
}
