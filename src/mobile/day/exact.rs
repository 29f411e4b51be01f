//! The exact time-expanded mixed integer program, without vehicle indexes, on what the bound leaves of the network.
//!
//! Formulation: for each kind of vehicle and each end of its shift a layer, the network of [`super::route`] (Ford & Fulkerson 1958):
//! integer flows on the arcs depart, wait, open, stay, leave and home, conserved at every node, at most the vehicles of the kind
//! leaving their depots over all its layers; [`super::serve`] says what they serve; a row for each floor. A trip belongs to the layer
//! whose shift begins when it leaves the depot; only in the last layer of a kind may vehicles begin later. So a vehicle needs no name
//! and there is no symmetry between vehicles of a kind.
//! Reduction (reduced cost fixing, Balas & Martin 1980): at the prices of the dual, an arc on no route within `L − value` of the
//! best one of its kind is in no better plan, and goes. The tables are forward and backward longest paths.
//! Cutoff: only plans better than the best one known are sought; the program is allowed to be infeasible, which proves that one.
//! What is trusted: HiGHS, within 10⁻⁶ of the objective, rounded outward; plans found are decoded and weighed again in integers.
//! Complexity: columns ≈ arcs left, at most stops² · shift · ends. Determinism: one solver thread, limits in nodes.
//! Not for: more than some 10⁴ columns; [`close`] then says so and does nothing.

use super::dual::{Evaluation, ONE, Prices, profits};
use super::model::{Kind, Model};
use super::problem::{Plan, Route, Window};
use super::route::PIN;
use super::serve::{self, Standing, UNIT};
use crate::mip::{Program, Status, Stop};

/// Worse than anything, and far from overflow.
const NEVER: i64 = i64::MIN / 4;

/// How large a program may be, and how long it may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) columns: usize,
    /// Arcs of all layers.
    pub(super) looks: u64,
    pub(super) nodes: u64,
    pub(super) seconds: Option<f64>,
}

/// What closing came to.
#[derive(Debug, Clone)]
pub(super) struct Closed {
    /// A better plan, if there is one.
    pub(super) plan: Option<Plan>,
    /// No plan is worth more than this and than the plan that was to be beaten, in thousandths; none when nothing is known.
    pub(super) bound: Option<i64>,
    /// The search for better plans is exhausted.
    pub(super) is_proved: bool,
}

/// One shift of one kind: values of the best way to and from each node, at `row * stops + stop`.
struct Layer<'m> {
    model: &'m Model<'m>,
    kind: &'m Kind,
    of: usize,
    start: usize,
    is_last: bool,
    profit: &'m [i64],
    to_wait: Vec<i64>,
    to_ready: Vec<i64>,
    from_wait: Vec<i64>,
    from_ready: Vec<i64>,
}

/// An arc of a layer; rows count slots since the shift began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arc {
    /// From the depot to waiting at a stop (last layer only).
    Depart {
        row: usize,
        stop: usize,
    },
    /// From the depot to a window that opens at once.
    Begin {
        row: usize,
        stop: usize,
    },
    Wait {
        row: usize,
        stop: usize,
    },
    Open {
        row: usize,
        stop: usize,
    },
    Stay {
        row: usize,
        stop: usize,
    },
    Leave {
        row: usize,
        stop: usize,
        to: usize,
    },
    Home {
        row: usize,
        stop: usize,
    },
}

impl<'m> Layer<'m> {
    fn new(model: &'m Model<'m>, of: usize, end: usize, profit: &'m [i64]) -> Self {
        let kind = &model.kinds[of];
        let size = (kind.shift + 1) * model.stops;
        let table = || vec![NEVER; size];
        let (start, is_last) = (end - kind.shift, end == kind.to);
        let (to_wait, to_ready, from_wait, from_ready) = (table(), table(), table(), table());
        let mut layer = Self { model, kind, of, start, is_last, profit, to_wait, to_ready, from_wait, from_ready };
        layer.backward();
        layer.forward();
        layer
    }

    fn at(&self, row: usize, stop: usize) -> usize {
        row * self.model.stops + stop
    }

    fn earns(&self, row: usize, stop: usize) -> i64 {
        self.profit[self.at(self.start + row, stop)]
    }

    /// What opening there earns in the first dwell, less the change; none when it's not allowed.
    fn opens(&self, row: usize, stop: usize) -> Option<i64> {
        let (slot, dwell) = (self.start + row, self.model.day.rules.dwell);
        let may = row + dwell <= self.kind.shift && self.kind.allowed[stop].covers(slot..slot + dwell);
        may.then(|| {
            let first: i64 = (row..row + dwell).map(|row| self.earns(row, stop)).sum();
            first - self.model.start_cost(stop, slot) * ONE
        })
    }

    fn stays(&self, row: usize, stop: usize) -> bool {
        row < self.kind.shift && self.kind.allowed[stop].contains(self.start + row)
    }

    fn nodes(&self) -> impl DoubleEndedIterator<Item = (usize, usize)> + use<> {
        let stops = self.model.stops;
        (0..=self.kind.shift).flat_map(move |row| (0..stops).map(move |stop| (row, stop)))
    }

    /// Where a vehicle lands that leaves a stop now for another, if in time.
    fn lands(&self, row: usize, stop: usize, to: usize) -> Option<usize> {
        Some(row + self.model.gap(stop, to)).filter(|landing| *landing <= self.kind.shift)
    }

    fn move_cost(&self) -> i64 {
        self.model.day.rules.move_cost as i64 * ONE
    }

    fn backward(&mut self) {
        let dwell = self.model.day.rules.dwell;
        for (row, stop) in self.nodes().rev() {
            let mut ready = if row + self.kind.back[stop] <= self.kind.shift { 0 } else { NEVER };
            if self.stays(row, stop) {
                ready = ready.max(self.earns(row, stop) + self.from_ready[self.at(row + 1, stop)]);
            }
            for to in 0..self.model.stops {
                if let Some(landing) = self.lands(row, stop, to) {
                    ready = ready.max(self.from_wait[self.at(landing, to)] - self.move_cost());
                }
            }
            let mut wait = if row < self.kind.shift { self.from_wait[self.at(row + 1, stop)] } else { NEVER };
            if let Some(first) = self.opens(row, stop) {
                wait = wait.max(first + self.from_ready[self.at(row + dwell, stop)]);
            }
            let at = self.at(row, stop);
            (self.from_ready[at], self.from_wait[at]) = (ready, wait);
        }
    }

    fn forward(&mut self) {
        let dwell = self.model.day.rules.dwell;
        for (row, stop) in self.nodes() {
            let at = self.at(row, stop);
            let is_departure = row == self.kind.out[stop];
            if is_departure && self.is_last {
                self.to_wait[at] = self.to_wait[at].max(0);
            }
            if let Some(first) = self.opens(row, stop) {
                let before = if is_departure { self.to_wait[at].max(0) } else { self.to_wait[at] };
                let opened = self.at(row + dwell, stop);
                self.to_ready[opened] = self.to_ready[opened].max(before + first);
            }
            if row < self.kind.shift {
                let next = self.at(row + 1, stop);
                self.to_wait[next] = self.to_wait[next].max(self.to_wait[at]);
            }
            if self.stays(row, stop) {
                let next = self.at(row + 1, stop);
                self.to_ready[next] = self.to_ready[next].max(self.to_ready[at] + self.earns(row, stop));
            }
            for to in 0..self.model.stops {
                if let Some(landing) = self.lands(row, stop, to) {
                    let there = self.at(landing, to);
                    self.to_wait[there] = self.to_wait[there].max(self.to_ready[at] - self.move_cost());
                }
            }
        }
    }

    /// Arcs on some route worth at least so much.
    fn arcs(&self, least: i64) -> Vec<Arc> {
        let dwell = self.model.day.rules.dwell;
        let mut arcs = Vec::new();
        for (row, stop) in self.nodes() {
            let at = self.at(row, stop);
            let mut offer = |worth: i64, arc: Arc| {
                if worth >= least {
                    arcs.push(arc);
                }
            };
            if row == self.kind.out[stop] {
                if self.is_last {
                    offer(self.from_wait[at], Arc::Depart { row, stop });
                } else if let Some(first) = self.opens(row, stop) {
                    offer(first + self.from_ready[self.at(row + dwell, stop)], Arc::Begin { row, stop });
                }
            }
            if row < self.kind.shift {
                offer(self.to_wait[at] + self.from_wait[self.at(row + 1, stop)], Arc::Wait { row, stop });
            }
            if let Some(first) = self.opens(row, stop) {
                offer(self.to_wait[at] + first + self.from_ready[self.at(row + dwell, stop)], Arc::Open { row, stop });
            }
            if self.stays(row, stop) {
                offer(
                    self.to_ready[at] + self.earns(row, stop) + self.from_ready[self.at(row + 1, stop)],
                    Arc::Stay { row, stop },
                );
            }
            for to in 0..self.model.stops {
                if let Some(landing) = self.lands(row, stop, to) {
                    let worth = self.to_ready[at] - self.move_cost() + self.from_wait[self.at(landing, to)];
                    offer(worth, Arc::Leave { row, stop, to });
                }
            }
            if row + self.kind.back[stop] <= self.kind.shift {
                offer(self.to_ready[at], Arc::Home { row, stop });
            }
        }
        arcs
    }

    /// Where an arc leaves from and goes to: (row, stop, is ready), none for the depot.
    fn ends(&self, arc: Arc) -> (Option<Node>, Option<Node>) {
        let dwell = self.model.day.rules.dwell;
        match arc {
            Arc::Depart { row, stop } => (None, Some((row, stop, false))),
            Arc::Begin { row, stop } => (None, Some((row + dwell, stop, true))),
            Arc::Wait { row, stop } => (Some((row, stop, false)), Some((row + 1, stop, false))),
            Arc::Open { row, stop } => (Some((row, stop, false)), Some((row + dwell, stop, true))),
            Arc::Stay { row, stop } => (Some((row, stop, true)), Some((row + 1, stop, true))),
            Arc::Leave { row, stop, to } => (Some((row, stop, true)), Some((row + self.model.gap(stop, to), to, false))),
            Arc::Home { row, stop } => (Some((row, stop, true)), None),
        }
    }

    /// Slots in which a vehicle stands on an arc, and at which stop.
    fn stands(&self, arc: Arc) -> (std::ops::Range<usize>, usize) {
        let dwell = self.model.day.rules.dwell;
        match arc {
            Arc::Begin { row, stop } | Arc::Open { row, stop } => (self.start + row..self.start + row + dwell, stop),
            Arc::Stay { row, stop } => (self.start + row..self.start + row + 1, stop),
            _ => (0..0, 0),
        }
    }

    /// What an arc costs, in thousandths.
    fn cost(&self, arc: Arc) -> i64 {
        match arc {
            Arc::Begin { row, stop } | Arc::Open { row, stop } => self.model.start_cost(stop, self.start + row),
            Arc::Leave { .. } => self.model.day.rules.move_cost as i64,
            _ => 0,
        }
    }
}

/// A node of a layer: row, stop, and whether the vehicle is ready to leave (otherwise it waits).
type Node = (usize, usize, bool);

/// Looks for the best plan that is worth at least `least` thousandths. None without a solver, or when the program would be too large.
pub(super) fn close(model: &Model<'_>, dual: (&Prices, &Evaluation), least: i64, limits: Limits) -> Option<Closed> {
    let (prices, evaluation) = dual;
    let slack = evaluation.slack(least);
    if slack < 0 {
        return Some(Closed { plan: None, bound: None, is_proved: true });
    }
    let looks = |kind: &Kind| (model.stops * model.stops * kind.shift * (kind.to + 1 - kind.from - kind.shift)) as u64;
    if model.kinds.iter().map(looks).sum::<u64>() > limits.looks {
        return None;
    }
    let profit: Vec<Vec<i64>> = model.kinds.iter().map(|kind| profits(model, prices, kind.capacity)).collect();
    let mut layers = Vec::new();
    let mut columns = 0;
    for (of, kind) in model.kinds.iter().enumerate() {
        // The tables count pins by nothing, so arcs are held against the best value without them.
        for end in kind.from + kind.shift..=kind.to {
            let layer = Layer::new(model, of, end, &profit[of]);
            let arcs = layer.arcs(evaluation.best[of].0.saturating_sub(slack).max(-PIN));
            columns += arcs.len();
            if columns > limits.columns {
                return None;
            }
            layers.push((layer, arcs));
        }
    }
    let (program, starts) = write(model, &layers, limits.columns)?;
    if program.columns() == 0 {
        // Nobody can go anywhere: the only plan is to stay at home.
        let is_allowed = least <= 0 && model.floors.iter().all(|floor| *floor == 0);
        let idle = Plan { routes: vec![Route::new(); model.kind_of.len()] };
        return Some(Closed { plan: is_allowed.then_some(idle), bound: Some(0), is_proved: true });
    }
    let cutoff = (least as f64 - 0.5) / UNIT;
    let stop = Stop { cutoff: Some(cutoff), nodes: Some(limits.nodes), seconds: limits.seconds, ..Stop::default() };
    let solved = program.solve(&stop, None)?;
    let plan = (!solved.values.is_empty()).then(|| decode(model, &layers, &starts, &solved.values));
    let bound = match solved.status {
        Status::Infeasible => None,
        Status::Optimal | Status::Limit => outward(solved.bound),
    };
    Some(Closed { plan, bound, is_proved: solved.status != Status::Limit })
}

/// A bound of the solver in thousandths, rounded to the safe side; none when it has none.
pub(super) fn outward(bound: f64) -> Option<i64> {
    let milli = bound * UNIT;
    (milli.abs() < 1e15).then(|| (milli + milli.abs() * 1e-6 + 0.5).floor() as i64)
}

/// The program, and the first column of each layer. None when it's too large.
fn write(model: &Model<'_>, layers: &[(Layer<'_>, Vec<Arc>)], most: usize) -> Option<(Program, Vec<usize>)> {
    let mut program = Program::maximise();
    let (mut starts, mut standing) = (Vec::new(), Standing::new());
    let mut departures = vec![Vec::new(); model.kinds.len()];
    let mut pinned = std::collections::BTreeMap::<(usize, usize), Vec<usize>>::new();
    let mut by_unit = vec![Vec::new(); model.floors.len()];
    for (layer, arcs) in layers {
        let vehicles = model.members[layer.of].len() as f64;
        starts.push(program.columns());
        let mut balance = std::collections::BTreeMap::<Node, Vec<(usize, f64)>>::new();
        for &arc in arcs {
            let column = program.integer(-(layer.cost(arc) as f64) / UNIT, 0.0, vehicles);
            let (tail, head) = layer.ends(arc);
            match tail {
                Some(node) => balance.entry(node).or_default().push((column, -1.0)),
                None => departures[layer.of].push(column),
            }
            if let Some(node) = head {
                balance.entry(node).or_default().push((column, 1.0));
            }
            let (slots, stop) = layer.stands(arc);
            if !slots.is_empty() {
                by_unit[model.day.stops[stop].unit].push((column, slots.len() as f64));
            }
            for slot in slots {
                standing.entry((slot, stop)).or_default().push((column, layer.kind.capacity));
                if layer.kind.pins.iter().any(|&(pin, of)| pin == stop && of.contains(slot)) {
                    pinned.entry((layer.of, slot)).or_default().push(column);
                }
            }
        }
        for (_, terms) in balance {
            program.equal(0.0, terms);
        }
    }
    for (of, columns) in departures.into_iter().enumerate() {
        program.at_most(model.members[of].len() as f64, columns.into_iter().map(|column| (column, 1.0)));
    }
    for (of, kind) in model.kinds.iter().enumerate() {
        for slot in (0..model.slots).filter(|&slot| kind.pins.iter().any(|(_, slots)| slots.contains(slot))) {
            let columns = pinned.remove(&(of, slot)).unwrap_or_default();
            program.equal(model.members[of].len() as f64, columns.into_iter().map(|column| (column, 1.0)));
        }
    }
    for (floor, terms) in model.floors.iter().zip(by_unit).filter(|(floor, _)| **floor > 0) {
        program.at_least(f64::from(*floor), terms);
    }
    if program.columns() + serve::count(model, &standing) > most {
        return None;
    }
    serve::add(&mut program, model, &standing);
    Some((program, starts))
}

/// Takes the flows apart into routes.
fn decode(model: &Model<'_>, layers: &[(Layer<'_>, Vec<Arc>)], starts: &[usize], values: &[f64]) -> Plan {
    let mut routes = vec![Vec::new(); model.kind_of.len()];
    let mut at_home = model.members.clone();
    for ((layer, arcs), &first) in layers.iter().zip(starts) {
        let mut flow: Vec<u32> = arcs.iter().zip(&values[first..]).map(|(_, value)| value.round().max(0.0) as u32).collect();
        while let Some(arc) = (0..arcs.len()).find(|&arc| flow[arc] > 0 && layer.ends(arcs[arc]).0.is_none()) {
            let route = follow(layer, arcs, &mut flow, arc);
            if let Some(vehicle) = at_home[layer.of].pop() {
                routes[vehicle] = route;
            }
        }
    }
    Plan { routes }
}

/// Takes one unit of flow away, from a departure on.
fn follow(layer: &Layer<'_>, arcs: &[Arc], flow: &mut [u32], departure: usize) -> Route {
    let mut route = Route::new();
    let mut next = Some(departure);
    while let Some(arc) = next {
        flow[arc] -= 1;
        let (slots, stop) = layer.stands(arcs[arc]);
        match (arcs[arc], route.last_mut()) {
            (Arc::Stay { .. }, Some(window)) => window.leave = slots.end,
            (Arc::Begin { .. } | Arc::Open { .. }, _) => route.push(Window { stop, arrive: slots.start, leave: slots.end }),
            _ => {}
        }
        let head = layer.ends(arcs[arc]).1;
        next = head.and_then(|_| (0..arcs.len()).find(|&next| flow[next] > 0 && layer.ends(arcs[next]).0 == head));
    }
    route
}
