//! Good routes remembered, and the best disjoint ones of them chosen exactly (route recombination: Hu & Lim 2014, doi
//! 10.1016/j.ejor.2013.06.011).
//!
//! Input: routes of good plans; output: as many pairwise disjoint ones as there are vehicles, with the most prize. Method: branch and
//! bound, routes by falling prize; a branch keeps only the routes disjoint from those it has chosen, and ends when even the dearest of
//! the rest, once for each vehicle left, can't beat the best. Ends early after [`MOST_NODES`] routes looked at, then without proof.
//! Only for vehicles that are alike: otherwise a route can't change hands. Deterministic.

use std::collections::BTreeSet;

use super::problem::{Allowed, Problem};

/// Routes that are remembered; beyond, the half of less prize is forgotten.
const SIZE: usize = 4000;
/// Vehicles up to which an exact choice is worth its time.
const MANY_VEHICLES: usize = 8;
/// Routes that a recombination looks at.
const MOST_NODES: u64 = 20_000_000;

/// A remembered route.
#[derive(Debug, Clone)]
struct Entry {
    prize: u64,
    /// Its visits, as a set.
    set: Vec<u64>,
    /// Its visits, in order.
    visits: Vec<u32>,
}

/// The routes remembered.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    words: usize,
    entries: Vec<Entry>,
    known: BTreeSet<Vec<u64>>,
}

impl Pool {
    /// An empty pool; None when recombining makes no sense.
    pub(super) fn new(problem: &Problem) -> Option<Self> {
        let vehicles = problem.vehicles();
        let are_alike = vehicles.windows(2).all(|pair| pair[0] == pair[1]);
        let is_free = problem.visits().iter().all(|visit| visit.allowed == Allowed::Any && visit.usual.is_none());
        let makes_sense =
            (2..=MANY_VEHICLES).contains(&vehicles.len()) && are_alike && is_free && problem.charges().imbalance == 0;
        makes_sense.then(|| Self { words: problem.visits().len().div_ceil(64), entries: Vec::new(), known: BTreeSet::new() })
    }

    /// Remembers a route.
    pub(super) fn add(&mut self, prize: u64, visits: &[u32]) {
        let mut set = vec![0u64; self.words];
        for &visit in visits {
            set[visit as usize / 64] |= 1 << (visit % 64);
        }
        if self.known.contains(&set) {
            return;
        }
        if self.entries.len() >= SIZE {
            self.sort();
            for forgotten in self.entries.drain(SIZE / 2..) {
                self.known.remove(&forgotten.set);
            }
        }
        self.known.insert(set.clone());
        self.entries.push(Entry { prize, set, visits: visits.to_vec() });
    }

    /// By falling prize.
    fn sort(&mut self) {
        self.entries.sort_by(|a, b| b.prize.cmp(&a.prize).then_with(|| a.set.cmp(&b.set)));
    }

    /// Disjoint routes worth more than `floor`, at most `count`, and how many routes were looked at.
    pub(super) fn recombine(&mut self, count: usize, floor: u64) -> (Option<Vec<Vec<u32>>>, u64) {
        self.sort();
        let all: Vec<u32> = (0..self.entries.len() as u32).collect();
        let mut packing = Packing { entries: &self.entries, best: floor, chosen: Vec::new(), found: None, nodes: 0 };
        packing.branch(&all, count, 0);
        let nodes = packing.nodes;
        let found = packing.found.map(|chosen| chosen.iter().map(|&entry| self.entries[entry as usize].visits.clone()).collect());
        (found, nodes)
    }
}

/// A branch and bound under way.
struct Packing<'a> {
    entries: &'a [Entry],
    best: u64,
    chosen: Vec<u32>,
    found: Option<Vec<u32>>,
    nodes: u64,
}

impl Packing<'_> {
    /// Chooses up to `left` of the routes in `free`, which come by falling prize.
    fn branch(&mut self, free: &[u32], left: usize, prize: u64) {
        if prize > self.best {
            self.best = prize;
            self.found = Some(self.chosen.clone());
        }
        for (row, &next) in free.iter().enumerate() {
            let entry = &self.entries[next as usize];
            if left == 0 || prize + left as u64 * entry.prize <= self.best || self.nodes > MOST_NODES {
                return;
            }
            let rest = &free[row + 1..];
            let is_disjoint = |other: &&u32| self.entries[**other as usize].set.iter().zip(&entry.set).all(|(a, b)| a & b == 0);
            let disjoint: Vec<u32> = if left == 1 { Vec::new() } else { rest.iter().filter(is_disjoint).copied().collect() };
            self.nodes += 1 + rest.len() as u64 * u64::from(left > 1);
            self.chosen.push(next);
            self.branch(&disjoint, left - 1, prize + entry.prize);
            self.chosen.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// The most prize of disjoint routes, by trying all.
    fn enumerate(routes: &[(u64, Vec<u32>)], count: usize) -> u64 {
        let Some(((prize, visits), rest)) = routes.split_first().filter(|_| count > 0) else { return 0 };
        let disjoint: Vec<_> =
            rest.iter().filter(|(_, other)| other.iter().all(|visit| !visits.contains(visit))).cloned().collect();
        enumerate(rest, count).max(prize + enumerate(&disjoint, count - 1))
    }

    #[test]
    fn the_best_packing_is_found() {
        for seed in 0..200 {
            let mut random = Random::new(seed);
            let mut pool = Pool { words: 2, entries: Vec::new(), known: BTreeSet::new() };
            let mut routes: Vec<(u64, Vec<u32>)> = Vec::new();
            for _ in 0..12 {
                let mut visits: Vec<u32> = (0..1 + random.below(3)).map(|_| 58 + random.below(12) as u32).collect();
                visits.sort_unstable();
                visits.dedup();
                if routes.iter().all(|(_, other)| *other != visits) {
                    let prize = 1 + random.below(20) as u64;
                    pool.add(prize, &visits);
                    routes.push((prize, visits));
                }
            }
            let count = 1 + random.below(4);
            let best = enumerate(&routes, count);
            let (found, _) = pool.recombine(count, 0);
            let found = found.expect("one route is worth something");
            let prize = |visits: &Vec<u32>| routes.iter().find(|(_, other)| other == visits).map_or(0, |(prize, _)| *prize);
            assert_eq!(found.iter().map(prize).sum::<u64>(), best, "{count} of {routes:?}");
            assert_eq!(pool.recombine(count, best).0, None);
        }
    }
}
