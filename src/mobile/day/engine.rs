//! The bus-day optimiser: search and bound side by side, then an exact close when what is left is small.
//!
//! Input: a [`BusProblem`] and an [`Effort`]; output: a plan, what each of its windows serves, and what no plan can exceed.
//! Problem (mobile facility routing, Halper & Raghavan 2011; time-constrained maximal covering, Amiri & Salari 2019): vehicles stand
//! in windows at stops; in each slot the maximum flow from the vehicles to the unserved demand in their reach is served, so nobody
//! is served twice; less what moves and changes against the previous plan cost.
//! Steps: 1. `search` constructs a plan. 2. In rounds of doubling work one thread searches while the other lowers the bound
//! (`dual`); they exchange the best plan, which is the bound's target, and the bound's routes, which join the pool.
//! 3. After each round `pool` recombines routes, and `exact` closes the gap when the network that the bound leaves
//! is small. 4. It ends with proof, at the gap asked for, when the work is done, or when `stop` says so.
//! Determinism: rounds are counted in arcs, both arms of a round always finish, and programs are limited in nodes: threads make no
//! difference. Only `stop` does, when it depends on the clock; the solution then says so.
//! Not for: several days at once (solve each with the one before as [`super::problem::BusDay::previous`]), or demand that moves when served.

use rayon::join;

use super::check::{Fault, Value, check};
use super::dual::Dual;
use super::exact::{self, Limits};
use super::flow::Flow;
use super::model::Model;
use super::pool;
use super::problem::{BusProblem, Plan, Slots};
use super::search::Search;
use crate::mip;

/// Share of the work in the first round.
const FIRST: u64 = 64;
/// Columns of a program that is tried between rounds, and in the end.
const SMALL: usize = 6_000;
const LARGE: usize = 40_000;
/// Columns of a recombination.
const POOL: usize = 15_000;
/// Arcs of the network before anything is fixed, above which no exact close is tried.
const LOOKS: u64 = 200_000_000;
/// Nodes of a recombination, and of an exact close in a round and in the end.
const POOL_NODES: u64 = 50;
const ROUND_NODES: u64 = 200;
const LAST_NODES: u64 = 20_000;
/// Every plan is worth more.
const WORST: i64 = -1 << 40;

/// The limits of a solve. The plan depends on the problem and on these numbers only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// Arcs of networks looked at by the search and by the bound, together.
    pub work: u64,
    /// Stop as soon as (bound − value) ÷ bound is at most this; 0 asks for proof.
    pub gap: f64,
    /// Seed of everything random.
    pub seed: u64,
}

impl Default for Effort {
    /// A second for five buses and 25 stops.
    fn default() -> Self {
        Self { work: 400_000_000, gap: 0.0, seed: 1 }
    }
}

/// A plan and how good it is at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusSolution {
    /// Where each vehicle stands, and when.
    pub plan: Plan,
    /// What it is worth, and what each window serves: in each slot, in the order of stops, then of vehicles.
    pub value: Value,
    /// No plan is worth more, in thousandths of a visit.
    pub bound: i64,
    /// No plan is worth more than this one.
    pub proved: bool,
    /// Arcs looked at.
    pub work: u64,
    /// `stop` ended it before the work was done.
    pub stopped: bool,
}

impl BusSolution {
    /// (bound − value) ÷ bound: how much better a plan could be at most.
    pub fn optimality_gap(&self) -> f64 {
        if self.bound <= 0 { 0.0 } else { (self.bound - self.value.net) as f64 / self.bound as f64 }
    }

    /// Checks what the solution claims, from the problem alone.
    ///
    /// # Errors
    /// The first claim that isn't true.
    pub fn verify(&self, problem: &BusProblem) -> Result<(), BadClaim> {
        let found = check(problem, &self.plan)?;
        if found != self.value {
            return Err(BadClaim::Value { claimed: self.value.net, found: found.net });
        }
        if found.net > self.bound {
            return Err(BadClaim::AboveBound { value: found.net, bound: self.bound });
        }
        Ok(())
    }
}

/// A claim of a solution that isn't true.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadClaim {
    /// The plan breaks a rule.
    #[error(transparent)]
    Plan(#[from] Fault),
    /// The plan is worth something else, or its windows serve something else.
    #[error("the solution says {claimed} thousandths of a visit, its windows come to {found}")]
    Value {
        /// What it says.
        claimed: i64,
        /// What was found.
        found: i64,
    },
    /// More than the bound.
    #[error("the plan is worth {value}, more than its bound {bound}")]
    AboveBound {
        /// What it is worth.
        value: i64,
        /// The bound.
        bound: i64,
    },
}

/// There is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPlan {
    /// A vehicle can't keep all its pins: stops not permitted or too far apart for the gap, or beyond its shift.
    #[error("vehicle {vehicle} can't keep all its pins: see permitted slots, bans, gaps and its shift")]
    Pins {
        /// The vehicle.
        vehicle: usize,
    },
    /// Floors that no plan reaches, or none that was found.
    #[error("no plan gives every unit its bus slots{}: {}", if *.proved { "" } else { ", as far as the search has looked" }, list(.missing))]
    Floors {
        /// Unit, bus slots in the best plan found, and bus slots asked for.
        missing: Vec<(usize, u32, u32)>,
        /// It is proved that there is none.
        proved: bool,
    },
}

fn list(missing: &[(usize, u32, u32)]) -> String {
    let texts: Vec<String> = missing.iter().map(|(unit, found, needed)| format!("unit {unit} has {found} of {needed}")).collect();
    texts.join(", ")
}

/// Plans a day. `stop` is asked often and ends the search when it says so.
///
/// # Errors
/// When pins or floors can't be kept, or no plan that keeps them was found.
pub fn solve(problem: &BusProblem, effort: &Effort, stop: &(dyn Fn() -> bool + Sync)) -> Result<BusSolution, NoPlan> {
    let model = Model::new(problem);
    hopeless(&model)?;
    let mut race = Race::new(&model, effort, stop).map_err(|vehicle| NoPlan::Pins { vehicle })?;
    race.run();
    race.solution()
}

/// Floors above what all vehicles together could stand.
fn hopeless(model: &Model<'_>) -> Result<(), NoPlan> {
    let most = |unit: usize| -> u32 {
        let by_kind = model.kinds.iter().zip(&model.members).map(|(kind, of)| {
            let stops = (0..model.stops).filter(|stop| model.day.stops[*stop].unit == unit);
            let slots = stops.fold(Slots::default(), |slots, stop| slots.or(kind.allowed[stop]));
            (slots.count().min(kind.shift) * of.len()) as u32
        });
        by_kind.sum()
    };
    let units = model.floors.iter().enumerate().map(|(unit, &needed)| (unit, most(unit), needed));
    let missing: Vec<_> = units.filter(|(_, most, needed)| most < needed).collect();
    if missing.is_empty() { Ok(()) } else { Err(NoPlan::Floors { missing, proved: true }) }
}

/// The search and the bound on one model.
struct Race<'r> {
    model: &'r Model<'r>,
    effort: &'r Effort,
    stop: &'r (dyn Fn() -> bool + Sync),
    search: Search<'r>,
    dual: Dual<'r>,
    bound: i64,
    proved: bool,
    stopped: bool,
}

impl<'r> Race<'r> {
    fn new(model: &'r Model<'r>, effort: &'r Effort, stop: &'r (dyn Fn() -> bool + Sync)) -> Result<Self, usize> {
        let search = Search::new(model, effort.seed)?;
        let dual = Dual::new(model, search.best().1);
        let bound = dual.bound();
        Ok(Self { model, effort, stop, search, dual, bound, proved: false, stopped: false })
    }

    fn value(&self) -> i64 {
        self.search.best().0
    }

    fn is_done(&self) -> bool {
        let value = self.value();
        self.proved || self.bound <= value || (self.bound - value) as f64 <= self.effort.gap * self.bound as f64
    }

    fn work(&self) -> u64 {
        self.search.work() + self.dual.work()
    }

    fn run(&mut self) {
        let mut share = FIRST;
        while !self.is_done() && self.work() < self.effort.work {
            self.round((self.effort.work / share / 2).max(1));
            share = (share / 2).max(2);
            self.recombine();
            self.close(SMALL, ROUND_NODES);
            if (self.stop)() {
                self.stopped = !self.is_done();
                return;
            }
        }
        self.close(LARGE, LAST_NODES);
    }

    /// Search and bound side by side.
    fn round(&mut self, work: u64) {
        let target = self.value();
        let (search, dual, stop) = (&mut self.search, &mut self.dual, self.stop);
        join(|| search.run(work, stop), || dual.run(work, target, stop));
        self.bound = self.bound.min(self.dual.bound());
        for (kind, route) in self.dual.drain() {
            self.search.learn(kind, route);
        }
    }

    fn recombine(&mut self) {
        if self.is_done() || !mip::AVAILABLE {
            return;
        }
        let limits = Limits { columns: POOL, looks: LOOKS, nodes: POOL_NODES, seconds: None };
        let least = self.value().max(0) + 1;
        if let Some(plan) = pool::recombine(self.model, self.search.pool(), self.dual.best(), least, limits) {
            self.search.adopt(&plan);
        }
    }

    /// Tries to prove the best plan, or to find a better one and prove that.
    fn close(&mut self, columns: usize, nodes: u64) {
        if self.is_done() || !mip::AVAILABLE {
            return;
        }
        let limits = Limits { columns, looks: LOOKS, nodes, seconds: None };
        let least = if self.search.is_feasible() { self.value() + 1 } else { WORST };
        let Some(closed) = exact::close(self.model, self.dual.best(), least, limits) else { return };
        let before = self.value();
        if let Some(plan) = &closed.plan {
            self.search.adopt(plan);
        }
        if let Some(bound) = closed.bound {
            self.bound = self.bound.min(bound.max(self.value()));
        }
        if closed.is_proved {
            self.proved = closed.plan.is_none() || self.value() > before;
            self.bound = if self.proved && closed.plan.is_none() { before.max(self.value()) } else { self.bound };
        }
    }

    fn solution(&self) -> Result<BusSolution, NoPlan> {
        let plan = self.search.best().1.clone();
        if !self.search.is_feasible() {
            return Err(NoPlan::Floors { missing: missing(self.model, &plan), proved: self.proved });
        }
        let value = weigh(self.model, &plan);
        let bound = self.bound.max(value.net);
        let proved = self.proved || bound == value.net;
        Ok(BusSolution { plan, bound, proved, work: self.work(), stopped: self.stopped, value })
    }
}

/// Units that have less than their floor.
fn missing(model: &Model<'_>, plan: &Plan) -> Vec<(usize, u32, u32)> {
    let mut found = vec![0; model.floors.len()];
    for window in plan.routes.iter().flatten() {
        found[model.day.stops[window.stop].unit] += (window.leave - window.arrive) as u32;
    }
    let units = model.floors.iter().zip(found).enumerate().map(|(unit, (needed, found))| (unit, found, *needed));
    units.filter(|(_, found, needed)| found < needed).collect()
}

/// What a plan is worth by the flow of the search, in the order that the checker counts in too.
fn weigh(model: &Model<'_>, plan: &Plan) -> Value {
    let mut flow = Flow::new(model);
    let mut windows: Vec<Vec<u64>> = plan.routes.iter().map(|route| vec![0; route.len()]).collect();
    let rows = plan.routes.iter().enumerate().flat_map(|(vehicle, route)| (0..route.len()).map(move |row| (vehicle, row)));
    let mut order: Vec<(usize, usize)> = rows.collect();
    order.sort_by_key(|&(vehicle, row)| (plan.routes[vehicle][row].stop, vehicle));
    for (vehicle, row) in order {
        windows[vehicle][row] = flow.add(&vec![plan.routes[vehicle][row]], model.kinds[model.kind_of[vehicle]].capacity);
    }
    let moves = plan.routes.iter().map(|route| route.len().saturating_sub(1) as u64).sum();
    let is_change = |window: &&super::problem::Window| !model.is_known(window.stop, window.arrive);
    let changes = plan.routes.iter().flatten().filter(is_change).count() as u64;
    let cost: i64 = plan.routes.iter().map(|route| model.cost(route)).sum();
    Value { served: flow.served(), moves, changes, net: flow.served() as i64 - cost, windows }
}
