//! The subproblem of one site: the most profit from whole customers within its capacity.
//!
//! By dynamic programming over the capacity (Bellman 1957), `O(customers · capacity)`; beyond `LARGEST` steps the fractional
//! optimum (Dantzig 1957) stands in, which is no less, so bounds stay valid.

/// Steps up to which the answer is exact.
const LARGEST: usize = 1 << 20;

/// A customer that may be served.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Item {
    /// Who.
    pub id: u32,
    /// What it takes.
    pub takes: u64,
    /// What serving it is worth, more than 0.
    pub profit: f64,
}

/// What a site would do, and room to compute it.
#[derive(Debug, Clone, Default)]
pub struct Knapsack {
    /// Most profit (never less than the truth).
    pub profit: f64,
    /// Who is served.
    pub served: Vec<u32>,
    /// Most profit by capacity when computed exactly; empty otherwise.
    pub by_capacity: Vec<f64>,
    kept: Vec<bool>,
}

impl Knapsack {
    /// Solves for these customers.
    pub fn solve(&mut self, items: &mut [Item], capacity: u64) {
        self.served.clear();
        self.by_capacity.clear();
        let needed: u64 = items.iter().map(|item| item.takes).sum();
        if needed <= capacity {
            self.profit = items.iter().map(|item| item.profit).sum();
            self.served.extend(items.iter().map(|item| item.id));
        } else if (items.len() as u64).saturating_mul(capacity + 1) <= LARGEST as u64 {
            self.exact(items, capacity as usize);
        } else {
            self.fractional(items, capacity);
        }
    }

    /// No more than this is earned within a smaller capacity.
    pub fn within(&self, capacity: u64) -> f64 {
        self.by_capacity.get(capacity as usize).copied().unwrap_or(self.profit)
    }

    fn exact(&mut self, items: &[Item], capacity: usize) {
        let width = capacity + 1;
        self.by_capacity.resize(width, 0.0);
        self.kept.clear();
        self.kept.resize(width * items.len(), false);
        for (item, kept) in items.iter().zip(self.kept.chunks_mut(width)) {
            let takes = item.takes as usize;
            for room in (takes..width).rev() {
                let with = self.by_capacity[room - takes] + item.profit;
                if with > self.by_capacity[room] {
                    self.by_capacity[room] = with;
                    kept[room] = true;
                }
            }
        }
        self.profit = self.by_capacity[capacity];
        let mut room = capacity;
        for (at, item) in items.iter().enumerate().rev() {
            if self.kept[at * width + room] {
                self.served.push(item.id);
                room -= item.takes as usize;
            }
        }
    }

    fn fractional(&mut self, items: &mut [Item], capacity: u64) {
        let density = |item: &Item| item.profit / item.takes as f64;
        items.sort_unstable_by(|a, b| density(b).total_cmp(&density(a)).then(a.id.cmp(&b.id)));
        self.profit = 0.0;
        let mut room = capacity;
        for item in items.iter() {
            if item.takes <= room {
                room -= item.takes;
                self.profit += item.profit;
                self.served.push(item.id);
            } else {
                self.profit += item.profit * (room as f64 / item.takes as f64);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn exact_is_the_enumeration_and_fractional_is_no_less(
            items in proptest::collection::vec((0u64..9, 1u32..50), 0..9), capacity in 0u64..30,
        ) {
            let item = |(id, &(takes, profit)): (usize, &(u64, u32))| Item { id: id as u32, takes, profit: f64::from(profit) };
            let mut items: Vec<Item> = items.iter().enumerate().map(item).collect();
            let mut truth = vec![0.0f64; capacity as usize + 1];
            for set in 0u32..1 << items.len() {
                let of = || items.iter().filter(|item| set >> item.id & 1 == 1);
                let takes: u64 = of().map(|item| item.takes).sum();
                for best in truth.iter_mut().skip(takes as usize) {
                    *best = best.max(of().map(|item| item.profit).sum());
                }
            }
            let mut knapsack = Knapsack::default();
            knapsack.solve(&mut items, capacity);
            prop_assert_eq!(knapsack.profit, truth[capacity as usize]);
            let served: Vec<&Item> = items.iter().filter(|item| knapsack.served.contains(&item.id)).collect();
            prop_assert_eq!(served.iter().map(|item| item.profit).sum::<f64>(), knapsack.profit);
            prop_assert!(served.iter().map(|item| item.takes).sum::<u64>() <= capacity);
            for (room, &best) in truth.iter().enumerate() {
                prop_assert!(knapsack.within(room as u64) >= best);
            }
            knapsack.served.clear();
            knapsack.fractional(&mut items, capacity);
            prop_assert!(knapsack.profit >= truth[capacity as usize] - 1e-9);
        }
    }
}
