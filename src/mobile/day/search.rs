//! The search: best responses, then a large neighbourhood search.
//!
//! What: a good plan. Input: the model and work in arcs; output: the best plan found and a pool of routes worth recombining.
//! Construction: vehicle by vehicle, those with pins first, each takes the best route given those before it ([`super::route`]).
//! Coordinate ascent (best response): each vehicle in turn takes its best route given all others, while that improves the plan. For
//! a monotone submodular value and no costs the construction alone serves at least half of the optimum (Fisher, Nemhauser &
//! Wolsey 1978, one route for each vehicle: a partition matroid).
//! Large neighbourhood search (Shaw 1998; record-to-record acceptance, Dueck 1993): some vehicles that are near each other leave;
//! they come back in random order, either by the best route for rewards changed at random, or by routes whose tails two of them
//! have exchanged, or with a stop forbidden for a while; then best responses among them and their neighbours. What is worse than
//! the record by more than a margin, which shrinks to nothing over a run, is undone.
//! Floors: a bus slot missing counts more than all demand; the routes are drawn there by a bonus of random size.
//! Complexity: a step is a handful of best responses. Determinism: one thread, seeded, bounded by arcs.
//! Not for: proofs; see [`super::dual`] and [`super::exact`].

use std::collections::BTreeSet;

use super::flow::Flow;
use super::model::Model;
use super::problem::{Plan, Route, Window};
use super::route::{Router, Task};
use crate::random::{Random, mix, unit};

/// What a missing bus slot of a floor counts: more than the demand of any day.
const MISSING: i64 = 1 << 40;
/// Routes that the pool remembers.
const POOL: usize = 4_000;
/// The record may be missed by this share at the start of a run.
const MARGIN: f64 = 0.004;
/// Vehicles that answer a change besides those that changed.
const NEIGHBOURS: usize = 4;
/// Rounds of best responses in a step.
const ROUNDS: usize = 3;

/// How rewards are changed before a vehicle comes back.
#[derive(Debug, Clone, Copy)]
enum Whim {
    /// Not at all.
    None,
    /// Each stop, for four slots at a time, is worth up to this share more or less, by a hash of the seed.
    Noise(f64, u64),
    /// A stop is worth nothing in some slots.
    Avoid(Window),
}

/// A plan under search.
#[derive(Debug)]
pub(super) struct Search<'m> {
    model: &'m Model<'m>,
    flow: Flow<'m>,
    router: Router<'m>,
    random: Random,
    routes: Vec<Route>,
    cost: i64,
    /// Bus slots by unit.
    standing: Vec<u32>,
    /// What a missing bus slot is worth to a route.
    bonus: i64,
    best: (i64, Plan),
    pool: BTreeSet<(usize, Route)>,
    reward: Vec<i64>,
}

impl<'m> Search<'m> {
    /// Constructs a first plan. A vehicle whose pins can't all be kept is the error.
    pub(super) fn new(model: &'m Model<'m>, seed: u64) -> Result<Self, usize> {
        let vehicles = model.kind_of.len();
        let mut search = Self {
            model,
            flow: Flow::new(model),
            router: Router::new(model),
            random: Random::new(seed),
            routes: vec![Route::new(); vehicles],
            cost: 0,
            standing: vec![0; model.floors.len()],
            bonus: model.largest_capacity as i64,
            best: (i64::MIN, Plan::default()),
            pool: BTreeSet::new(),
            reward: vec![0; model.stops * model.slots],
        };
        let mut order: Vec<usize> = (0..vehicles).collect();
        order.sort_by_key(|&vehicle| std::cmp::Reverse(model.kinds[model.kind_of[vehicle]].pinned()));
        for vehicle in order {
            let route = search.respond(vehicle, Whim::None, i64::MIN / 2).ok_or(vehicle)?;
            search.put(vehicle, route);
        }
        search.record();
        Ok(search)
    }

    /// The best plan found and its score: net value, less what its missing bus slots count.
    pub(super) fn best(&self) -> (i64, &Plan) {
        (self.best.0, &self.best.1)
    }

    /// Whether the best plan keeps all floors.
    pub(super) fn is_feasible(&self) -> bool {
        self.best.0 > -MISSING / 2
    }

    /// Routes that were good for something, by kind.
    pub(super) fn pool(&self) -> &BTreeSet<(usize, Route)> {
        &self.pool
    }

    /// Puts a route found elsewhere into the pool.
    pub(super) fn learn(&mut self, kind: usize, route: Route) {
        if self.pool.len() < POOL {
            self.pool.insert((kind, route));
        }
    }

    /// Arcs looked at so far.
    pub(super) fn work(&self) -> u64 {
        self.router.work() + self.flow.work()
    }

    /// Takes over a plan found elsewhere when it is better, and improves it.
    pub(super) fn adopt(&mut self, plan: &Plan) {
        self.load(plan);
        let all: Vec<usize> = (0..self.routes.len()).collect();
        self.ascend(&all, ROUNDS);
        self.record();
    }

    /// Searches until so much more work is done.
    pub(super) fn run(&mut self, work: u64, stop: &dyn Fn() -> bool) {
        let from = self.work();
        let best = self.best.1.clone();
        self.load(&best);
        while !self.routes.is_empty() && self.work() - from < work && !stop() {
            let done = (self.work() - from) as f64 / work as f64;
            let margin = (self.best.0.abs() as f64 * MARGIN * (1.0 - done)) as i64;
            self.step(self.best.0.saturating_sub(margin));
        }
    }

    /// One move, undone when the plan is worth less than asked for and less than before.
    fn step(&mut self, least: i64) {
        let before = self.score();
        let size = 1 + self.random.below(3) + self.random.below(2);
        let mut changed = self.related(size);
        let scope: Vec<usize> = changed.iter().copied().chain(self.answering(&changed)).collect();
        let old: Vec<(usize, Route)> = scope.iter().map(|&vehicle| (vehicle, self.routes[vehicle].clone())).collect();
        self.bonus = (self.model.largest_capacity as i64 + 1) << self.random.below(6);
        for &vehicle in &changed {
            self.take(vehicle);
        }
        self.random.shuffle(&mut changed);
        if changed.len() < 2 || self.random.below(4) > 0 || !self.exchange_tails(&changed, &old) {
            for &vehicle in &changed {
                let whim = self.whim(&old, vehicle);
                let route = self.respond(vehicle, whim, i64::MIN / 2).unwrap_or_default();
                self.put(vehicle, route);
            }
        }
        let mut scope = scope;
        self.random.shuffle(&mut scope);
        self.ascend(&scope, ROUNDS);
        let after = self.score();
        if after < before && after < least {
            for (vehicle, route) in old {
                if self.routes[vehicle] != route {
                    self.take(vehicle);
                    self.put(vehicle, route);
                }
            }
        }
        self.record();
    }

    /// How a vehicle's rewards change this time.
    fn whim(&mut self, old: &[(usize, Route)], vehicle: usize) -> Whim {
        let route = old.iter().find(|(of, _)| *of == vehicle).map_or(&[][..], |(_, route)| route.as_slice());
        match self.random.below(3) {
            0 => self.random.pick(route).map_or(Whim::None, |window| Whim::Avoid(*window)),
            1 => Whim::None,
            _ => Whim::Noise([0.05, 0.1, 0.2, 0.4][self.random.below(4)], self.random.draw()),
        }
    }

    /// Two of the vehicles, both at home now, come back with their tails exchanged; the others by best response. Whether both can.
    fn exchange_tails(&mut self, changed: &[usize], old: &[(usize, Route)]) -> bool {
        let route = |vehicle: usize| old.iter().find(|(of, _)| *of == vehicle).map_or(&[][..], |(_, route)| route.as_slice());
        let (a, b) = (changed[0], changed[1]);
        let cut = self.random.below(self.model.slots.max(1));
        let cross = |head: usize, tail: usize| -> Route {
            let head = route(head).iter().filter(|window| window.arrive < cut);
            head.chain(route(tail).iter().filter(|window| window.arrive >= cut)).copied().collect()
        };
        let (first, second) = (cross(a, b), cross(b, a));
        if !self.model.allows(self.model.kind_of[a], &first) || !self.model.allows(self.model.kind_of[b], &second) {
            return false;
        }
        self.put(a, first);
        self.put(b, second);
        for &vehicle in &changed[2..] {
            let route = self.respond(vehicle, Whim::None, i64::MIN / 2).unwrap_or_default();
            self.put(vehicle, route);
        }
        true
    }

    /// Some vehicles: one at random, and others that stand near it, or anywhere when there are none.
    fn related(&mut self, size: usize) -> Vec<usize> {
        let vehicles = self.routes.len();
        let mut chosen = vec![self.random.below(vehicles)];
        let near = self.answering(&chosen);
        while chosen.len() < size.min(vehicles) {
            let is_near = self.random.below(4) > 0;
            let next = match self.random.pick(&near) {
                Some(&next) if is_near => next,
                _ => self.random.below(vehicles),
            };
            if chosen.contains(&next) {
                let missing = (0..vehicles).find(|vehicle| !chosen.contains(vehicle) && near.contains(vehicle) == is_near);
                chosen.extend(missing.or_else(|| (0..vehicles).find(|vehicle| !chosen.contains(vehicle))));
            } else {
                chosen.push(next);
            }
        }
        chosen
    }

    /// Vehicles that stand near those given, at any time, and aren't among them; some of them, when there are many.
    fn answering(&mut self, to: &[usize]) -> Vec<usize> {
        let mut near = vec![false; self.model.stops];
        for window in to.iter().flat_map(|&vehicle| &self.routes[vehicle]) {
            self.model.near.row(window.stop).iter().for_each(|&stop| near[stop as usize] = true);
        }
        let is_near = |route: &Route| route.is_empty() || route.iter().any(|window| near[window.stop]);
        let mut found: Vec<usize> =
            (0..self.routes.len()).filter(|vehicle| !to.contains(vehicle) && is_near(&self.routes[*vehicle])).collect();
        self.random.shuffle(&mut found);
        found.truncate(NEIGHBOURS);
        found
    }

    /// Best responses of some vehicles in turn, while they improve, at most so many rounds.
    fn ascend(&mut self, vehicles: &[usize], rounds: usize) {
        let mut since = 0;
        for &vehicle in std::iter::repeat_n(vehicles, rounds).flatten() {
            since += 1;
            if self.improve(vehicle) {
                since = 0;
            }
            if since >= vehicles.len() {
                break;
            }
        }
    }

    /// A vehicle takes its best route given the others, when that is better than its own.
    fn improve(&mut self, vehicle: usize) -> bool {
        let before = self.score();
        let old = self.take(vehicle);
        // What its own route is worth by the same rewards has to be beaten.
        let worth = self.worth(vehicle, &old);
        let Some(route) = self.respond(vehicle, Whim::None, worth) else {
            self.put(vehicle, old);
            return false;
        };
        self.put(vehicle, route);
        if self.score() > before {
            return true;
        }
        self.take(vehicle);
        self.put(vehicle, old);
        false
    }

    /// What a route of a vehicle that is at home is worth by the rewards as they are.
    fn worth(&mut self, vehicle: usize, route: &Route) -> i64 {
        let capacity = self.model.kinds[self.model.kind_of[vehicle]].capacity;
        let mut worth = -self.model.cost(route);
        for window in route {
            let bonus = self.bonus_at(window.stop);
            for slot in window.arrive..window.leave {
                worth += self.flow.room(slot, window.stop).min(capacity) as i64 + bonus;
            }
        }
        worth
    }

    /// The best route of a vehicle that is at home, when it is worth more than asked for.
    fn respond(&mut self, vehicle: usize, whim: Whim, above: i64) -> Option<Route> {
        let kind = &self.model.kinds[self.model.kind_of[vehicle]];
        let (stops, slots) = (self.model.stops, kind.from..kind.to);
        let mut reward = std::mem::take(&mut self.reward);
        reward.fill(0);
        for stop in 0..stops {
            let (allowed, bonus) = (kind.allowed[stop], self.bonus_at(stop));
            for slot in slots.clone().filter(|&slot| allowed.contains(slot)) {
                let room = self.flow.room(slot, stop).min(kind.capacity) as i64;
                reward[slot * stops + stop] = bonus + whim.of(room, slot, stop);
            }
        }
        let found = self.router.best(kind, &Task { reward: &reward, scale: 1, above });
        self.reward = reward;
        found.map(|(_, route)| {
            self.remember(vehicle, &route);
            route
        })
    }

    /// What a bus slot at a stop is worth for the floor of its unit.
    fn bonus_at(&self, stop: usize) -> i64 {
        let unit = self.model.day.stops[stop].unit;
        if self.standing[unit] < self.model.floors[unit] { self.bonus } else { 0 }
    }

    fn remember(&mut self, vehicle: usize, route: &Route) {
        if !route.is_empty() && self.pool.len() < POOL {
            self.pool.insert((self.model.kind_of[vehicle], route.clone()));
        }
    }

    /// A vehicle goes home; says where it was.
    fn take(&mut self, vehicle: usize) -> Route {
        let route = std::mem::take(&mut self.routes[vehicle]);
        self.flow.remove(&route, self.model.kinds[self.model.kind_of[vehicle]].capacity);
        self.cost -= self.model.cost(&route);
        for window in &route {
            self.standing[self.model.day.stops[window.stop].unit] -= (window.leave - window.arrive) as u32;
        }
        route
    }

    /// A vehicle that is at home takes a route.
    fn put(&mut self, vehicle: usize, route: Route) {
        self.flow.add(&route, self.model.kinds[self.model.kind_of[vehicle]].capacity);
        self.cost += self.model.cost(&route);
        for window in &route {
            self.standing[self.model.day.stops[window.stop].unit] += (window.leave - window.arrive) as u32;
        }
        self.routes[vehicle] = route;
    }

    fn load(&mut self, plan: &Plan) {
        for (vehicle, route) in plan.routes.iter().enumerate() {
            if self.routes[vehicle] != *route {
                self.take(vehicle);
                self.put(vehicle, route.clone());
            }
        }
    }

    fn score(&self) -> i64 {
        let missing: u32 = self.model.floors.iter().zip(&self.standing).map(|(floor, found)| floor.saturating_sub(*found)).sum();
        self.flow.served() as i64 - self.cost - i64::from(missing) * MISSING
    }

    fn record(&mut self) {
        let score = self.score();
        if score > self.best.0 {
            self.best = (score, Plan { routes: self.routes.clone() });
            for vehicle in 0..self.routes.len() {
                let key = (self.model.kind_of[vehicle], self.routes[vehicle].clone());
                if !key.1.is_empty() {
                    self.pool.insert(key);
                }
            }
        }
    }
}

impl Whim {
    /// A reward as this whim sees it.
    fn of(self, reward: i64, slot: usize, stop: usize) -> i64 {
        match self {
            Self::None => reward,
            Self::Noise(share, seed) => {
                let hash = mix(seed ^ ((stop as u64) << 8 | (slot as u64 / 4)));
                (reward as f64 * (1.0 + share * (2.0 * unit(hash) - 1.0))) as i64
            }
            Self::Avoid(window) => {
                let is_there = window.stop == stop && (window.arrive..window.leave).contains(&slot);
                if is_there { 0 } else { reward }
            }
        }
    }
}
