//! How much the vehicles of a plan serve: a maximum flow in each slot, kept up to date as vehicles come and go.
//!
//! Formulation: in slot t, source → stop s with the capacity of the vehicles that stand there → classes that s reaches → sink with
//! their demand. The maximum flow is the value: what two stops both reach is counted once. It is a polymatroid rank function of the
//! supplies (Megiddo 1974), hence submodular.
//! Marginal value: one more vehicle of capacity c at s adds `min(c, room(s, t))`, where `room` is what a vehicle without limit would
//! add: as a function of one capacity a maximum flow is the smaller of two cuts, one of which grows by 1 with it.
//! Method: augmenting paths (Ford & Fulkerson 1956) from the stop that changed. `room` is found by augmenting and undoing.
//! It is remembered, and forgotten where a change can matter: at stops near the connected standing stops.
//! Complexity: an augmentation O(arcs of the connected standing stops). Memory O(slots · arcs).
//! Determinism: the flow depends on the history, the value and `room` do not, and nothing else leaves this file.

use super::model::Model;
use super::problem::{Route, Window};

const NONE: u32 = u32::MAX;

#[derive(Debug, Clone)]
struct SlotFlow {
    /// By class: demand that nobody serves.
    free: Vec<u64>,
    /// By arc.
    flow: Vec<u64>,
    /// By stop: capacity that stands there, and how much of it is used.
    capacity: Vec<u64>,
    used: Vec<u64>,
    served: u64,
}

/// Marks of a search, cleared by counting up.
#[derive(Debug, Clone, Default)]
struct Scratch {
    stamp: u32,
    stop_seen: Vec<u32>,
    class_seen: Vec<u32>,
    /// Arc by which a class was reached.
    class_via: Vec<u32>,
    /// Arc whose flow a stop would give up.
    stop_via: Vec<u32>,
    queue: Vec<u32>,
    /// Changes to undo: arc, amount, whether it was sent or given up.
    journal: Vec<(u32, u64, bool)>,
}

/// Flows of all slots.
#[derive(Debug, Clone)]
pub(super) struct Flow<'m> {
    model: &'m Model<'m>,
    slots: Vec<SlotFlow>,
    /// `room` of stop s in slot t at `t * stops + s`, up to the largest capacity.
    room: Vec<u64>,
    /// Entries of `room` to find again.
    stale: Vec<bool>,
    scratch: Scratch,
    served: u64,
    /// Arcs looked at.
    work: u64,
}

impl<'m> Flow<'m> {
    /// Nobody stands anywhere.
    pub(super) fn new(model: &'m Model<'m>) -> Self {
        let slot = |t: usize| SlotFlow {
            free: model.demand[t * model.classes..(t + 1) * model.classes].to_vec(),
            flow: vec![0; model.reach.items().len()],
            capacity: vec![0; model.stops],
            used: vec![0; model.stops],
            served: 0,
        };
        let scratch = Scratch {
            stop_seen: vec![0; model.stops],
            class_seen: vec![0; model.classes],
            class_via: vec![NONE; model.classes],
            stop_via: vec![NONE; model.stops],
            ..Scratch::default()
        };
        let entries = model.slots * model.stops;
        Self {
            model,
            slots: (0..model.slots).map(slot).collect(),
            room: vec![0; entries],
            stale: vec![true; entries],
            scratch,
            served: 0,
            work: 0,
        }
    }

    /// Thousandths of a visit that all serve.
    pub(super) fn served(&self) -> u64 {
        self.served
    }

    /// Whether a class has demand in a slot, all of which is served.
    pub(super) fn is_sold_out(&self, slot: usize, class: usize) -> bool {
        self.slots[slot].free[class] == 0 && self.model.demand[slot * self.model.classes + class] > 0
    }

    /// Arcs looked at so far.
    pub(super) fn work(&self) -> u64 {
        self.work
    }

    /// A vehicle joins; returns what it adds in each slot, added up.
    pub(super) fn add(&mut self, route: &Route, capacity: u64) -> u64 {
        let before = self.served;
        for &Window { stop, arrive, leave } in route {
            (arrive..leave).for_each(|slot| self.stand(slot, stop, capacity));
        }
        self.served - before
    }

    /// A vehicle leaves.
    pub(super) fn remove(&mut self, route: &Route, capacity: u64) {
        for &Window { stop, arrive, leave } in route {
            (arrive..leave).for_each(|slot| self.depart(slot, stop, capacity));
        }
    }

    /// A vehicle stands at a stop in a slot.
    pub(super) fn stand(&mut self, slot: usize, stop: usize, capacity: u64) {
        self.slots[slot].capacity[stop] += capacity;
        self.fill(slot, stop);
        self.forget(slot, stop);
    }

    fn depart(&mut self, slot: usize, stop: usize, capacity: u64) {
        let reach = self.model.reach.span(stop);
        let now = &mut self.slots[slot];
        now.capacity[stop] -= capacity;
        let mut excess = now.used[stop].saturating_sub(now.capacity[stop]);
        now.used[stop] -= excess;
        now.served -= excess;
        self.served -= excess;
        for (arc, &class) in reach.zip(self.model.reach.row(stop)) {
            let given = now.flow[arc].min(excess);
            now.flow[arc] -= given;
            now.free[class as usize] += given;
            excess -= given;
        }
        for other in self.forget(slot, stop) {
            self.fill(slot, other as usize);
        }
    }

    /// Forgets `room` wherever it may depend on a stop, and returns the standing stops that are connected with it.
    fn forget(&mut self, slot: usize, stop: usize) -> Vec<u32> {
        let (model, now, scratch) = (self.model, &self.slots[slot], &mut self.scratch);
        scratch.stamp += 1;
        let mut connected = vec![stop as u32];
        scratch.stop_seen[stop] = scratch.stamp;
        let mut next = 0;
        while let Some(&from) = connected.get(next) {
            next += 1;
            for &near in model.near.row(from as usize) {
                self.stale[slot * model.stops + near as usize] = true;
                if scratch.stop_seen[near as usize] != scratch.stamp && now.capacity[near as usize] > 0 {
                    scratch.stop_seen[near as usize] = scratch.stamp;
                    connected.push(near);
                }
            }
        }
        connected
    }

    /// Augments from a stop until its capacity is used or nothing more can be served.
    fn fill(&mut self, slot: usize, stop: usize) {
        let left = self.slots[slot].capacity[stop] - self.slots[slot].used[stop];
        let added = self.augment(slot, stop, left);
        let now = &mut self.slots[slot];
        now.used[stop] += added;
        now.served += added;
        self.served += added;
        self.scratch.journal.clear();
    }

    /// What a vehicle without limit would add at a stop in a slot, up to the largest capacity.
    pub(super) fn room(&mut self, slot: usize, stop: usize) -> u64 {
        let entry = slot * self.model.stops + stop;
        if self.stale[entry] {
            let limit = self.model.largest_capacity;
            self.room[entry] = self.augment(slot, stop, limit);
            let now = &mut self.slots[slot];
            for (arc, amount, is_forward) in self.scratch.journal.drain(..).rev() {
                let class = self.model.reach.items()[arc as usize] as usize;
                if is_forward {
                    now.flow[arc as usize] -= amount;
                    now.free[class] += amount;
                } else {
                    now.flow[arc as usize] += amount;
                    now.free[class] -= amount;
                }
            }
            self.stale[entry] = false;
        }
        self.room[entry]
    }

    /// Sends up to `limit` more from a stop, and writes every change into the journal.
    fn augment(&mut self, slot: usize, stop: usize, limit: u64) -> u64 {
        let mut left = limit;
        let now = &mut self.slots[slot];
        let scratch = &mut self.scratch;
        for (arc, &class) in self.model.reach.span(stop).zip(self.model.reach.row(stop)) {
            let amount = now.free[class as usize].min(left);
            if amount > 0 {
                now.free[class as usize] -= amount;
                now.flow[arc] += amount;
                left -= amount;
                scratch.journal.push((arc as u32, amount, true));
            }
        }
        self.work += self.model.reach.row(stop).len() as u64;
        let is_alone = || self.model.near.row(stop).iter().all(|&near| near as usize == stop || now.capacity[near as usize] == 0);
        if left == 0 || is_alone() {
            return limit - left;
        }
        while left > 0 {
            let Some(amount) = self.path(slot, stop, left) else { break };
            left -= amount;
        }
        limit - left
    }

    /// One augmenting path through stops that give up a class for another.
    fn path(&mut self, slot: usize, source: usize, limit: u64) -> Option<u64> {
        let (model, now, scratch) = (self.model, &mut self.slots[slot], &mut self.scratch);
        scratch.stamp += 1;
        scratch.queue.clear();
        scratch.queue.push(source as u32);
        scratch.stop_seen[source] = scratch.stamp;
        let mut next = 0;
        while let Some(&from) = scratch.queue.get(next) {
            next += 1;
            let from = from as usize;
            self.work += model.reach.row(from).len() as u64;
            for (arc, &class) in model.reach.span(from).zip(model.reach.row(from)) {
                let class = class as usize;
                if scratch.class_seen[class] == scratch.stamp {
                    continue;
                }
                scratch.class_seen[class] = scratch.stamp;
                scratch.class_via[class] = arc as u32;
                if now.free[class] > 0 {
                    return Some(send(model, now, scratch, source, class, limit));
                }
                for &(other, giving) in model.reached_by.row(class) {
                    if scratch.stop_seen[other as usize] != scratch.stamp && now.flow[giving as usize] > 0 {
                        scratch.stop_seen[other as usize] = scratch.stamp;
                        scratch.stop_via[other as usize] = giving;
                        scratch.queue.push(other);
                    }
                }
            }
        }
        None
    }
}

/// Sends as much as possible along the path that ends in a free class.
fn send(model: &Model<'_>, now: &mut SlotFlow, scratch: &mut Scratch, source: usize, end: usize, limit: u64) -> u64 {
    let walk = |scratch: &Scratch| {
        let mut steps = Vec::new();
        let mut class = end;
        loop {
            let arc = scratch.class_via[class];
            steps.push((arc, true));
            let stop = model.stop_of[arc as usize] as usize;
            if stop == source {
                return steps;
            }
            let giving = scratch.stop_via[stop];
            steps.push((giving, false));
            class = model.reach.items()[giving as usize] as usize;
        }
    };
    let steps = walk(scratch);
    let given = steps.iter().filter(|(_, is_forward)| !is_forward).map(|&(arc, _)| now.flow[arc as usize]).min();
    let amount = limit.min(now.free[end]).min(given.unwrap_or(u64::MAX));
    // Classes between the ends lose and gain the same.
    now.free[end] -= amount;
    for (arc, is_forward) in steps {
        let flow = &mut now.flow[arc as usize];
        *flow = if is_forward { *flow + amount } else { *flow - amount };
        scratch.journal.push((arc, amount, is_forward));
    }
    amount
}
