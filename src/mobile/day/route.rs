//! The best route of one vehicle for given rewards: a longest path in the time-expanded network.
//!
//! What: maximise Σ reward(s, t) over the slots in which the vehicle stands, minus moves and changes. Rewards of different slots add
//! up because a vehicle is at one place at a time; that makes the best response to all other vehicles exact.
//! Network (Ford & Fulkerson 1958, discrete time): *ready* (s, t): the vehicle has stood at s up to t, at least the dwell; it goes
//! home, stays for slot t, or leaves for s', where it *waits* from t + gap(s, s'). Waiting (s, t): it waits a slot more, or opens a
//! window with the reward of the first dwell slots.
//! Shift: one backward sweep for each end E of the shift, which then begins at E − shift; shorter trips lie inside one of these.
//! Steps: 1. for each end an optimistic sweep in which all moves take the least gap: O(stops · shift). 2. In order of these bounds,
//! exact sweeps, until no bound exceeds the best found. The moves out of (s, t) are scanned from the most promising s' on, and only
//! when the most promising one could beat staying; the scan stops when the next one can't win even at the least gap.
//! Complexity: O(ends · shift · stops²) at worst; measured close to O(ends · shift · stops · log stops).
//! Determinism: integers; ties go home first, then leave, then stay, and to the lower stop.

use std::cmp::Reverse;

use super::model::{Kind, Model};
use super::problem::{Route, Window};

/// Worse than anything, and far from overflow.
const NEVER: i64 = i64::MIN / 4;
/// What standing in a pinned slot is worth: more than all else together.
pub(super) const PIN: i64 = 1 << 50;

/// What a route is judged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task<'a> {
    /// Reward of standing at s in slot t at `t * stops + s`, times `scale`. Pins come on top.
    pub(super) reward: &'a [i64],
    /// Units of a thousandth of a visit, for costs.
    pub(super) scale: i64,
    /// Only routes worth more than this matter.
    pub(super) above: i64,
}

/// When a route may come by a column's stop, in rows since the start of the shift, and its ways from and to the depot.
#[derive(Debug, Clone, Copy)]
struct Frame {
    soonest: usize,
    last: usize,
    out: usize,
    back: usize,
}

/// Work space of the dynamic program.
#[derive(Debug, Clone)]
pub(super) struct Router<'m> {
    model: &'m Model<'m>,
    /// Stops that could be of use, ascending; the tables below have a column for each.
    useful: Vec<usize>,
    /// Of each column: first row at which a route may come by, last row at which it may, and the ways out and back.
    frame: Vec<Frame>,
    /// By slot and column: the reward of standing, and what opening a window earns in its first dwell; [`NEVER`] where it's not allowed.
    stay: Vec<i64>,
    open: Vec<i64>,
    /// By slot since the start of the shift and column.
    ready: Vec<i64>,
    wait: Vec<i64>,
    order: Vec<u32>,
    /// Network arcs looked at.
    work: u64,
}

impl<'m> Router<'m> {
    pub(super) fn new(model: &'m Model<'m>) -> Self {
        let (useful, frame, order) = (Vec::new(), Vec::new(), Vec::new());
        let (stay, open, ready, wait) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { model, useful, frame, stay, open, ready, wait, order, work: 0 }
    }

    /// Arcs looked at so far.
    pub(super) fn work(&self) -> u64 {
        self.work
    }

    /// The best route and its value without the worth of its pins, when it is worth more than asked for. Staying at home is worth 0.
    /// A kind that has pins and no route along all of them has no route at all.
    pub(super) fn best(&mut self, kind: &Kind, task: &Task<'_>) -> Option<(i64, Route)> {
        let pinned = kind.pinned() as i64 * PIN;
        let reward = with_pins(self.model, kind, task.reward);
        let task = Task { reward: reward.as_deref().unwrap_or(task.reward), ..*task };
        let (slots, dwell) = (kind.from..kind.to, self.model.day.rules.dwell);
        let is_useful = |stop: &usize| {
            if kind.soonest[*stop] + dwell + kind.homeward[*stop] > kind.shift {
                return false;
            }
            let mut standing = slots.clone().filter(|&slot| kind.allowed[*stop].contains(slot));
            standing.any(|slot| task.reward[slot * self.model.stops + *stop] > 0)
        };
        self.useful = (0..self.model.stops).filter(is_useful).collect();
        self.work += self.model.stops as u64;
        self.lay_out(kind, &task);
        let mut ends: Vec<(i64, usize)> =
            (kind.from + kind.shift..=kind.to).map(|end| (self.sweep(kind, &task, end, false), end)).collect();
        ends.sort_unstable_by_key(|&(bound, end)| (Reverse(bound), end));
        let mut above = task.above.saturating_add(pinned);
        let mut best = (pinned == 0 && above < 0).then(|| (0, Route::new()));
        if best.is_some() {
            above = 0;
        }
        for (bound, end) in ends {
            if bound <= above {
                break;
            }
            let value = self.sweep(kind, &task, end, true);
            if value > above && value > pinned - PIN / 2 {
                above = value;
                best = Some((value - pinned, self.trace(kind, &task, end, value)));
            }
        }
        best
    }

    /// Fills the tables for a shift that ends at `end`; returns the value of the best route that leaves the depot.
    fn sweep(&mut self, kind: &Kind, task: &Task<'_>, end: usize, is_exact: bool) -> i64 {
        let model = self.model;
        let (columns, start) = (self.useful.len(), end - kind.shift);
        let (dwell, move_cost) = (model.day.rules.dwell, self.move_cost(task));
        self.ready.clear();
        self.ready.resize((kind.shift + 1) * columns, NEVER);
        self.wait.clear();
        self.wait.resize((kind.shift + 1) * columns, NEVER);
        self.work += ((kind.shift + 1) * columns) as u64;
        let mut value = NEVER;
        for slot in (start..=end).rev() {
            let row = slot - start;
            let landing = row + model.least_gap;
            let landings = if landing <= kind.shift { landing * columns..(landing + 1) * columns } else { 0..0 };
            let top = self.wait[landings.clone()].iter().copied().max().unwrap_or(NEVER) - move_cost;
            let is_last = slot == end;
            let may_open = slot + dwell <= end;
            let mut is_ordered = false;
            for column in 0..columns {
                let frame = self.frame[column];
                if row < frame.soonest || row > frame.last {
                    // No route comes by; later rows may still be waited for.
                    continue;
                }
                let (here, later) = (row * columns + column, (row + 1) * columns + column);
                let mut ready = if row + frame.back <= kind.shift { 0 } else { NEVER };
                if !is_last {
                    ready = ready.max(self.stay[slot * columns + column] + self.ready[later]);
                }
                // Nobody has stood here for a dwell before that.
                if top > ready && row >= frame.soonest + dwell {
                    if !is_exact {
                        ready = top;
                    } else {
                        if !is_ordered {
                            self.sort(landings.clone(), move_cost);
                            is_ordered = true;
                        }
                        ready = self.leave(kind, (row, columns), self.useful[column], ready, move_cost);
                    }
                }
                self.ready[here] = ready;
                let mut wait = if is_last { NEVER } else { self.wait[later] };
                if may_open && row >= frame.out {
                    wait = wait.max(self.open[slot * columns + column] + self.ready[here + dwell * columns]);
                }
                self.wait[here] = wait;
                if row == frame.out {
                    value = value.max(wait);
                }
            }
        }
        value
    }

    /// Fills the tables of columns, which all ends of the shift share.
    fn lay_out(&mut self, kind: &Kind, task: &Task<'_>) {
        let (model, dwell) = (self.model, self.model.day.rules.dwell);
        let frame = |&stop: &usize| Frame {
            soonest: kind.soonest[stop],
            last: kind.shift - kind.homeward[stop],
            out: kind.out[stop],
            back: kind.back[stop],
        };
        self.frame.clear();
        self.frame.extend(self.useful.iter().map(frame));
        self.stay.clear();
        self.open.clear();
        for slot in 0..kind.to {
            let reward = |slot: usize, stop: usize| task.reward[slot * model.stops + stop];
            let stay = |&stop: &usize| if kind.allowed[stop].contains(slot) { reward(slot, stop) } else { NEVER };
            self.stay.extend(self.useful.iter().map(stay));
            let open = |&stop: &usize| {
                if !kind.allowed[stop].covers(slot..slot + dwell) {
                    return NEVER;
                }
                let first: i64 = (slot..slot + dwell).map(|slot| reward(slot, stop)).sum();
                first - model.start_cost(stop, slot) * task.scale
            };
            self.open.extend(self.useful.iter().map(open));
        }
        self.work += (kind.to * self.useful.len()) as u64;
    }

    /// Columns by what waiting there is worth at the least gap, best first.
    fn sort(&mut self, landings: std::ops::Range<usize>, move_cost: i64) {
        let worth = &self.wait[landings];
        self.order.clear();
        self.order.extend((0..worth.len() as u32).filter(|&column| worth[column as usize] > move_cost));
        self.order.sort_unstable_by_key(|&column| (Reverse(worth[column as usize]), column));
        self.work += self.order.len() as u64;
    }

    /// The best of `ready` and what leaving a stop for another is worth.
    fn leave(&mut self, kind: &Kind, (row, columns): (usize, usize), stop: usize, ready: i64, move_cost: i64) -> i64 {
        let landing = (row + self.model.least_gap) * columns;
        let mut best = ready;
        for &column in &self.order {
            if self.wait[landing + column as usize] - move_cost <= best {
                break;
            }
            self.work += 1;
            let there = row + self.model.gap(stop, self.useful[column as usize]);
            if there <= kind.shift {
                best = best.max(self.wait[there * columns + column as usize] - move_cost);
            }
        }
        best
    }

    fn move_cost(&self, task: &Task<'_>) -> i64 {
        self.model.day.rules.move_cost as i64 * task.scale
    }

    /// Walks through the tables of the last exact sweep along a best route.
    fn trace(&self, kind: &Kind, task: &Task<'_>, end: usize, value: i64) -> Route {
        let (columns, start, dwell) = (self.useful.len(), end - kind.shift, self.model.day.rules.dwell);
        let worth =
            |table: &[i64], row: usize, column: usize| if row <= kind.shift { table[row * columns + column] } else { NEVER };
        let mut route = Route::new();
        let departure = |column: &usize| worth(&self.wait, kind.out[self.useful[*column]], *column) == value;
        let mut column = (0..columns).find(departure).expect("invariant: the value of a sweep is that of one of its departures");
        let mut row = kind.out[self.useful[column]];
        loop {
            while worth(&self.wait, row + 1, column) == self.wait[row * columns + column] {
                row += 1;
            }
            let (stop, arrive) = (self.useful[column], start + row);
            row += dwell;
            let next = loop {
                let ready = self.ready[row * columns + column];
                if ready == 0 && start + row + kind.back[stop] <= end {
                    break None;
                }
                let lands = |next: &usize| row + self.model.gap(stop, self.useful[*next]);
                let is_next = |next: &usize| worth(&self.wait, lands(next), *next).saturating_sub(self.move_cost(task)) == ready;
                if let Some(next) = (0..columns).find(is_next) {
                    break Some((lands(&next), next));
                }
                row += 1;
            };
            route.push(Window { stop, arrive, leave: start + row });
            let Some(landing) = next else { return route };
            (row, column) = landing;
        }
    }
}

/// Rewards with what pinned slots are worth; none when nothing is pinned.
fn with_pins(model: &Model<'_>, kind: &Kind, reward: &[i64]) -> Option<Vec<i64>> {
    (!kind.pins.is_empty()).then(|| {
        let mut reward = reward.to_vec();
        for &(stop, slots) in &kind.pins {
            (0..model.slots).filter(|&slot| slots.contains(slot)).for_each(|slot| reward[slot * model.stops + stop] += PIN);
        }
        reward
    })
}
