//! The bound: Lagrangian relaxation of "no demand is served twice".
//!
//! Formulation: a price λ(k, t) ∈ [0, 1] for demand of class k in slot t, a bonus μ(u) ≥ 0 for a bus slot in a unit with a floor.
//! For any prices, no plan is worth more than
//! `L(λ, μ) = Σ λ d + Σ over vehicles max over routes [Σ profit(s, t) − costs] − Σ μ(u) floor(u)`,
//! where `profit(s, t)` fills the vehicle's capacity with the classes that s reaches, cheapest first, each up to its demand, at
//! `1 − λ` a visit (Geoffrion 1974). The inner maximum is a longest path for each kind of vehicles ([`super::route`]); the best L is
//! the bound of the linear program over routes (Dantzig–Wolfe), with "a vehicle serves no more of a class than there is" in it.
//! Method: the volume algorithm (Barahona & Anbil 2000): steps from the best prices along averaged subgradients, towards the value
//! of the best plan known.
//! Validity: prices are integers in units of 2⁻¹⁶, and L is computed in integers and rounded down: plans are worth whole
//! thousandths, so the bound holds exactly, whatever the floats of the step rule do.
//! Complexity: an evaluation O(arcs · slots + Σ kinds route). Determinism: kinds and slots are shared out to threads and read back in
//! order.

use rayon::prelude::*;

use super::flow::Flow;
use super::model::Model;
use super::problem::{Plan, Route};
use super::route::{Router, Task};

/// A price of 1.
pub(super) const ONE: i64 = 1 << 16;
/// Weight of the newest subgradient in the average.
const FRESH: f64 = 0.2;
/// Evaluations without progress before the steps become shorter.
const PATIENCE: u32 = 12;
/// Bonuses of units stay so small that a whole day of them counts less than a pin.
const MOST_BONUS: f64 = (1u64 << 42) as f64;

/// Prices of demand (slot by slot, `t * classes + k`) and bonuses of units, in units of 1 / [`ONE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prices {
    pub(super) demand: Vec<i64>,
    pub(super) units: Vec<i64>,
}

/// What the relaxation says at some prices.
#[derive(Debug, Clone)]
pub(super) struct Evaluation {
    /// Sum in units of 1 / [`ONE`].
    total: i128,
    /// Best value and route of each kind.
    pub(super) best: Vec<(i64, Route)>,
    work: u64,
}

impl Evaluation {
    /// No plan is worth more thousandths than this.
    pub(super) fn bound(&self) -> i64 {
        self.total.div_euclid(i128::from(ONE)) as i64
    }

    /// By how much a route may fall short of the best one of its kind and still be part of a plan worth at least so much.
    pub(super) fn slack(&self, least: i64) -> i64 {
        (self.total - i128::from(least) * i128::from(ONE)).clamp(-1, i128::from(i64::MAX / 8)) as i64
    }
}

/// The relaxation and its best prices.
#[derive(Debug)]
pub(super) struct Dual<'m> {
    model: &'m Model<'m>,
    prices: Prices,
    best: Evaluation,
    /// Averaged use of demand and of units by the relaxed vehicles.
    used: Vec<f64>,
    stood: Vec<f64>,
    step: f64,
    failures: u32,
    /// Routes that were best at some prices.
    found: Vec<(usize, Route)>,
    work: u64,
}

impl<'m> Dual<'m> {
    /// Starts from prices that a plan suggests: where it serves all there is, visits are as dear as makes its vehicle as good as the
    /// worst of its kind.
    pub(super) fn new(model: &'m Model<'m>, plan: &Plan) -> Self {
        let none = Prices { demand: vec![0; model.demand.len()], units: vec![0; model.floors.len()] };
        let hint = Prices { demand: hint(model, plan), units: none.units.clone() };
        let (free, hinted) = (evaluate(model, &none), evaluate(model, &hint));
        let work = free.work + hinted.work;
        let (prices, best) = if hinted.total < free.total { (hint, hinted) } else { (none, free) };
        let (used, stood) = usage(model, &prices, &best);
        let found = best.best.iter().map(|(_, route)| route.clone()).enumerate().collect();
        Self { model, prices, best, used, stood, step: 1.0, failures: 0, found, work }
    }

    /// No plan is worth more than this, in thousandths of a visit.
    pub(super) fn bound(&self) -> i64 {
        self.best.bound()
    }

    /// The best prices, and what the relaxation says at them.
    pub(super) fn best(&self) -> (&Prices, &Evaluation) {
        (&self.prices, &self.best)
    }

    /// Arcs looked at so far.
    pub(super) fn work(&self) -> u64 {
        self.work
    }

    /// Routes that were best at some prices since the last call, by kind.
    pub(super) fn drain(&mut self) -> Vec<(usize, Route)> {
        std::mem::take(&mut self.found)
    }

    /// Lowers the bound until so much more work is done or it reaches `target`, what the best plan known is worth.
    pub(super) fn run(&mut self, work: u64, target: i64, stop: &dyn Fn() -> bool) {
        let from = self.work;
        while self.work - from < work && self.bound() > target && !stop() {
            let Some(prices) = self.next(target) else { return };
            let new = evaluate(self.model, &prices);
            self.work += new.work;
            self.found.extend(new.best.iter().map(|(_, route)| route.clone()).enumerate().filter(|(_, route)| !route.is_empty()));
            let (used, stood) = usage(self.model, &prices, &new);
            let blend = |average: &mut f64, new: f64| *average += FRESH * (new - *average);
            self.used.iter_mut().zip(used).for_each(|(average, new)| blend(average, new));
            self.stood.iter_mut().zip(stood).for_each(|(average, new)| blend(average, new));
            if new.total < self.best.total {
                (self.prices, self.best) = (prices, new);
                self.step = (self.step * 1.1).min(2.0);
                self.failures = 0;
            } else {
                self.failures += 1;
                if self.failures >= PATIENCE {
                    (self.step, self.failures) = ((self.step * 0.66).max(1e-3), 0);
                }
            }
        }
    }

    /// Prices one step on; none when the averaged subgradient is zero.
    fn next(&self, target: i64) -> Option<Prices> {
        let model = self.model;
        // Prices at their end that would go further count as zero.
        let slope = |price: i64, most: i64, slope: f64| {
            if (price == 0 && slope > 0.0) || (price == most && slope < 0.0) { 0.0 } else { slope }
        };
        let demand = |at: usize| slope(self.prices.demand[at], ONE, model.demand[at] as f64 - self.used[at]);
        // In units of a full vehicle, so that both parts of the step are of a size.
        let full = model.largest_capacity.max(1) as f64;
        let unit = |at: usize| slope(self.prices.units[at], i64::MAX, (self.stood[at] - f64::from(model.floors[at])) * full);
        let norm: f64 = (0..model.demand.len()).map(|at| demand(at).powi(2)).sum::<f64>()
            + (0..model.floors.len()).map(|at| unit(at).powi(2)).sum::<f64>();
        if norm == 0.0 {
            return None;
        }
        let missing = self.best.slack(target) as f64 / ONE as f64;
        let length = self.step * missing / norm * ONE as f64;
        let most = ONE as f64 * full * model.slots as f64;
        let down = |price: i64, slope: f64, most: f64| (price as f64 - length * slope).clamp(0.0, most).round() as i64;
        let prices =
            Prices {
                demand: (0..model.demand.len()).map(|at| down(self.prices.demand[at], demand(at), ONE as f64)).collect(),
                units: (0..model.floors.len())
                    .map(|at| {
                        if model.floors[at] == 0 { 0 } else { down(self.prices.units[at], unit(at) * full, most.min(MOST_BONUS)) }
                    })
                    .collect(),
            };
        Some(prices)
    }
}

/// Profit of standing at s in slot t with some capacity, at `t * stops + s`, in units of 1 / [`ONE`].
pub(super) fn profits(model: &Model<'_>, prices: &Prices, capacity: u64) -> Vec<i64> {
    let mut profit = vec![0; model.slots * model.stops];
    profit.par_chunks_mut(model.stops.max(1)).enumerate().for_each_init(Vec::new, |dear, (slot, row)| {
        for (stop, profit) in row.iter_mut().enumerate() {
            *profit = prices.units[model.day.stops[stop].unit];
            fill(model, prices, (slot, stop), capacity, dear, |_, visits, price| *profit += visits as i64 * (ONE - price));
        }
    });
    profit
}

/// Fills a vehicle's capacity with what a stop reaches, cheapest first: calls `take(class, visits, price)`.
fn fill(
    model: &Model<'_>,
    prices: &Prices,
    (slot, stop): (usize, usize),
    capacity: u64,
    dear: &mut Vec<(i64, u32)>,
    mut take: impl FnMut(usize, u64, i64),
) {
    let first = slot * model.classes;
    let mut left = capacity;
    dear.clear();
    for &class in model.reach.row(stop) {
        let at = first + class as usize;
        match prices.demand[at] {
            0 if left > 0 => {
                let visits = model.demand[at].min(left);
                take(at, visits, 0);
                left -= visits;
            }
            price if price > 0 && price < ONE && model.demand[at] > 0 => dear.push((price, class)),
            _ => {}
        }
    }
    if left > 0 {
        dear.sort_unstable();
        for &(price, class) in dear.iter() {
            let at = first + class as usize;
            let visits = model.demand[at].min(left);
            take(at, visits, price);
            left -= visits;
            if left == 0 {
                return;
            }
        }
    }
}

/// The relaxation at some prices.
fn evaluate(model: &Model<'_>, prices: &Prices) -> Evaluation {
    let mut capacities: Vec<u64> = model.kinds.iter().map(|kind| kind.capacity).collect();
    capacities.sort_unstable();
    capacities.dedup();
    let by_capacity: Vec<Vec<i64>> = capacities.iter().map(|&capacity| profits(model, prices, capacity)).collect();
    let answers: Vec<(i64, Route, u64)> = model
        .kinds
        .par_iter()
        .map_init(
            || Router::new(model),
            |router, kind| {
                let before = router.work();
                let of = capacities.binary_search(&kind.capacity).expect("invariant: every capacity is listed");
                let task = Task { reward: &by_capacity[of], scale: ONE, above: i64::MIN / 2 };
                let (value, route) = router.best(kind, &task).expect("invariant: the first plan found a route for each kind");
                (value, route, router.work() - before)
            },
        )
        .collect();
    let paid: i128 =
        prices.demand.iter().zip(&model.demand).map(|(price, demand)| i128::from(*price) * i128::from(*demand)).sum();
    let owed: i128 = prices.units.iter().zip(&model.floors).map(|(price, floor)| i128::from(*price) * i128::from(*floor)).sum();
    let earned: i128 = answers.iter().zip(&model.members).map(|((value, _, _), of)| i128::from(*value) * of.len() as i128).sum();
    let work = answers.iter().map(|(_, _, work)| work).sum::<u64>()
        + (capacities.len() * model.reach.items().len() * model.slots) as u64
        + 4 * model.demand.len() as u64;
    Evaluation { total: paid + earned - owed, best: answers.into_iter().map(|(value, route, _)| (value, route)).collect(), work }
}

/// What the best routes use of each class and how long they stand in each unit.
fn usage(model: &Model<'_>, prices: &Prices, evaluation: &Evaluation) -> (Vec<f64>, Vec<f64>) {
    let (mut used, mut stood) = (vec![0.0; model.demand.len()], vec![0.0; model.floors.len()]);
    let mut dear = Vec::new();
    for ((kind, of), (_, route)) in model.kinds.iter().zip(&model.members).zip(&evaluation.best) {
        for window in route {
            stood[model.day.stops[window.stop].unit] += ((window.leave - window.arrive) * of.len()) as f64;
            for slot in window.arrive..window.leave {
                fill(model, prices, (slot, window.stop), kind.capacity, &mut dear, |at, visits, _| {
                    used[at] += (visits * of.len() as u64) as f64;
                });
            }
        }
    }
    (used, stood)
}

/// Prices that a plan suggests.
fn hint(model: &Model<'_>, plan: &Plan) -> Vec<i64> {
    let mut flow = Flow::new(model);
    let worth: Vec<u64> =
        plan.routes.iter().enumerate().map(|(row, route)| flow.add(route, model.kinds[model.kind_of[row]].capacity)).collect();
    let mut prices = vec![0; model.demand.len()];
    for (row, route) in plan.routes.iter().enumerate().filter(|(row, _)| worth[*row] > 0) {
        let least = model.members[model.kind_of[row]].iter().map(|&vehicle| worth[vehicle]).min().unwrap_or(0);
        let price = ONE - (least as i128 * i128::from(ONE) / i128::from(worth[row])) as i64;
        for window in route {
            for slot in window.arrive..window.leave {
                for &class in model.reach.row(window.stop).iter().filter(|&&class| flow.is_sold_out(slot, class as usize)) {
                    let known = &mut prices[slot * model.classes + class as usize];
                    *known = price.max(*known);
                }
            }
        }
    }
    prices
}
