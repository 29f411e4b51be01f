//! The search: ruin by strings and recreate, annealed, with recombination of good routes.
//!
//! Input: a sound [`Problem`], routes to start from if there are some, a seed and an allowance of work; output: routes that keep
//! every rule, with their value. Method: slack induction by string removals (Christiaens & Vanden Berghe 2020, doi
//! 10.1287/trsc.2019.0914) carried over to visits that may be left out: `ruin` cuts strings out of neighbouring routes, `recreate`
//! inserts what fits, in order or by worth; simulated annealing on `lost prize × rate + cost` decides what is kept. The best is judged
//! strictly: more prize, then less cost. The allowance is split into some annealings; after each, `pool` recombines the routes of
//! good plans exactly (vehicles that are alike), and the next one starts from the best.
//!
//! Cost: an iteration looks at `bank × gaps` of the ruined routes when visits must stay out, else at `removed × all gaps`, in constant
//! time each. Work is counted in gaps looked at. Deterministic: the same problem, start, seed and work give the same routes, unless
//! `stop` cuts the search short. Not for when value of a visit depends on its hour or on other visits: prizes are constants here.

use super::check::{Fault, Routes, Value, check};
use super::kernel::Kernel;
use super::pool::Pool;
use super::problem::Problem;
use super::recreate::{construct, recreate};
use super::ruin::ruin;
use super::state::State;
use crate::random::Random;

/// Visits removed by a ruin, on average.
const AVERAGE: f64 = 10.0;
/// A mean prize is rated as so many times the mean cost of a visit.
const RATE: f64 = 10.0;
/// Temperatures at the begin and at the end of an annealing, in mean costs of a visit: when visits have to stay out, and when all are made.
const SCARCE: (f64, f64) = (10.0, 0.2);
const AMPLE: (f64, f64) = (1.0, 0.01);
/// Annealings when visits have to stay out.
const ANNEALINGS: u64 = 12;
/// What an iteration costs beside the gaps it looks at, in gaps.
const ITERATION: u64 = 20;
/// Iterations between two looks at the temperature and at `stop`.
const PULSE: u64 = 16;
/// A plan is good, and its routes are remembered, when it has this share of the best prize.
const GOOD: f64 = 0.97;

/// How long to search, and with which luck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Seed of the random numbers.
    pub seed: u64,
    /// Gaps to look at. A second sees about 10^8 of them.
    pub work: u64,
}

/// Routes with their value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// Visits in their order, by vehicle.
    pub routes: Routes,
    /// Their value, from [`check`].
    pub value: Value,
    /// Gaps looked at.
    pub work: u64,
}

/// Good routes for a problem.
///
/// # Errors
/// The first rule that `start` breaks.
pub fn solve(problem: &Problem, start: Option<&Routes>, effort: Effort, stop: &dyn Fn() -> bool) -> Result<Solution, Fault> {
    let kernel = Kernel::new(problem);
    let mut state = State::new(&kernel);
    if let Some(start) = start {
        check(problem, start)?;
        let narrow = |route: &Vec<usize>| route.iter().map(|&visit| visit as u32).collect();
        state.turn_into(&start.iter().map(narrow).collect::<Vec<_>>());
    }
    let mut search = Search::new(state, effort.seed);
    if !problem.vehicles().is_empty() && !problem.visits().is_empty() {
        search.run(effort.work, stop);
    }
    let wide = |route: &Vec<u32>| route.iter().map(|&visit| visit as usize).collect();
    let routes: Routes = search.best.routes.iter().map(wide).collect();
    let value = check(problem, &routes)?;
    debug_assert_eq!((value.prize, value.cost as i64), (search.best.prize, search.best.cost));
    Ok(Solution { routes, value, work: search.state.work })
}

/// The best so far.
#[derive(Debug, Clone)]
struct Best {
    prize: u64,
    cost: i64,
    routes: Vec<Vec<u32>>,
}

/// A search under way.
struct Search<'k> {
    state: State<'k>,
    random: Random,
    pool: Option<Pool>,
    best: Best,
    /// All prizes there are.
    all: u64,
    /// Mean cost of a visit, and what a unit of prize is rated at.
    unit: f64,
    rate: f64,
    /// Energy of the plan last kept.
    energy: f64,
}

impl<'k> Search<'k> {
    /// A search from a state, filled up.
    fn new(mut state: State<'k>, seed: u64) -> Self {
        let mut random = Random::new(seed);
        construct(&mut state, &mut random);
        state.keep();
        state.aim();
        let (prize, cost) = state.value();
        let made = state.routes.iter().map(|route| route.visits.len()).sum::<usize>();
        let unit = (cost as f64 / made.max(1) as f64).max(1.0);
        let problem = state.kernel.problem;
        let all = problem.visits().iter().map(|visit| visit.prize).sum::<u64>();
        let rate = RATE * unit * problem.visits().len() as f64 / all.max(1) as f64;
        let best = Best { prize, cost, routes: state.visits() };
        Self { state, random, pool: Pool::new(problem), best, all, unit, rate, energy: (all - prize) as f64 * rate + cost as f64 }
    }

    /// Anneals until about `work` gaps were looked at or `stop` says so.
    fn run(&mut self, work: u64, stop: &dyn Fn() -> bool) {
        let annealings = if self.best.prize < self.all { ANNEALINGS } else { 1 };
        for annealing in 1..=annealings {
            self.anneal(work / annealings * annealing, stop);
            if stop() {
                return;
            }
            self.recombine();
        }
    }

    /// One annealing, until `until` gaps were looked at in all.
    fn anneal(&mut self, until: u64, stop: &dyn Fn() -> bool) {
        let from = self.state.work;
        let allowance = until.saturating_sub(from).max(1) as f64;
        let (mut iteration, mut temperature) = (0, 0.0);
        while self.state.work < until {
            if iteration % PULSE == 0 {
                if stop() {
                    return;
                }
                let (hot, cold) = if self.best.prize < self.all { SCARCE } else { AMPLE };
                let passed = (self.state.work - from) as f64 / allowance;
                temperature = self.unit * hot * (cold / hot).powf(passed);
            }
            iteration += 1;
            self.iterate(temperature);
        }
    }

    /// One ruin and recreation, kept or taken back.
    fn iterate(&mut self, temperature: f64) {
        self.state.work += ITERATION;
        ruin(&mut self.state, &mut self.random, AVERAGE);
        recreate(&mut self.state, &mut self.random);
        let (prize, cost) = self.state.value();
        let energy = (self.all - prize) as f64 * self.rate + cost as f64;
        if energy >= self.energy - temperature * self.random.unit().max(f64::MIN_POSITIVE).ln() {
            self.state.take_back();
            return;
        }
        self.energy = energy;
        self.remember(prize);
        self.state.keep();
        self.note(prize, cost);
    }

    /// Remembers the changed routes of a good plan.
    fn remember(&mut self, prize: u64) {
        let Some(pool) = self.pool.as_mut().filter(|_| prize as f64 >= self.best.prize as f64 * GOOD) else { return };
        for &vehicle in self.state.changed() {
            let route = &self.state.routes[vehicle];
            pool.add(route.prize, &route.visits);
        }
    }

    /// Notes the plan when it is the best.
    fn note(&mut self, prize: u64, cost: i64) {
        if prize > self.best.prize || (prize == self.best.prize && cost < self.best.cost) {
            self.best = Best { prize, cost, routes: self.state.visits() };
            self.state.aim();
        }
    }

    /// Takes the best disjoint routes remembered, when they are better, and goes on from the best.
    fn recombine(&mut self) {
        if let Some(pool) = &mut self.pool {
            let vehicles = self.best.routes.len();
            let (found, looked_at) = pool.recombine(vehicles, self.best.prize);
            self.state.work += looked_at / 8;
            if let Some(mut routes) = found {
                routes.resize(vehicles, Vec::new());
                self.state.turn_into(&routes);
                let (prize, cost) = self.state.value();
                self.note(prize, cost);
            }
        }
        let routes = std::mem::take(&mut self.best.routes);
        self.state.turn_into(&routes);
        self.best.routes = routes;
        self.energy = (self.all - self.best.prize) as f64 * self.rate + self.best.cost as f64;
    }
}
