//! What open sites can serve together: a maximum flow from sites through their demand points, kept up to date site by site.
//!
//! Sites have a capacity, demand points a weight; every site can serve every demand point it reaches. Adding a site only needs
//! augmenting paths that begin at it (paths from the others were exhausted before, and stay so); removing one gives back what it
//! served and lets the others augment. Paths are shortest ones (Edmonds & Karp 1972). Complexity: `O(pairs)` a path.
//! Deterministic.

use crate::siting::problem::Rows;

/// The network: who reaches whom, and how much each has.
#[derive(Debug, Clone)]
pub struct Network {
    /// Demand of each site's reach, ascending.
    pub reaches: Rows,
    /// Sites that reach each demand point, ascending.
    pub reached_by: Rows,
    /// What each site can serve.
    pub capacities: Vec<u64>,
    /// What each demand point needs.
    pub weights: Vec<u64>,
    /// For each pair in `reached_by` its place in `reaches`.
    pairs: Vec<u32>,
    starts: Vec<usize>,
    ends: Vec<usize>,
}

impl Network {
    /// From what each site reaches.
    pub fn new(reaches: Rows, capacities: Vec<u64>, weights: Vec<u64>) -> Self {
        let reached_by = reaches.transposed(weights.len());
        let starts_of = |rows: &Rows| {
            let mut starts = vec![0];
            starts.extend(rows.iter().scan(0, |sum, row| {
                *sum += row.len();
                Some(*sum)
            }));
            starts
        };
        let (starts, ends) = (starts_of(&reaches), starts_of(&reached_by));
        let (mut next, mut pairs) = (ends.clone(), vec![0; reaches.pairs()]);
        for (pair, &demand) in reaches.iter().flatten().enumerate() {
            pairs[next[demand as usize]] = pair as u32;
            next[demand as usize] += 1;
        }
        Self { reaches, reached_by, capacities, weights, pairs, starts, ends }
    }

    /// Number of sites.
    pub fn sites(&self) -> usize {
        self.capacities.len()
    }
}

/// Open sites and what they serve.
#[derive(Debug, Clone)]
pub struct Flow<'a> {
    network: &'a Network,
    /// Which sites are open.
    pub is_open: Vec<bool>,
    served: Vec<u64>,
    left: Vec<u64>,
    unserved: Vec<u64>,
    total: u64,
    /// Pairs looked at.
    pub work: usize,
}

impl<'a> Flow<'a> {
    /// Nothing is open.
    pub fn new(network: &'a Network) -> Self {
        Self {
            network,
            is_open: vec![false; network.sites()],
            served: vec![0; network.reaches.pairs()],
            left: network.capacities.clone(),
            unserved: network.weights.clone(),
            total: 0,
            work: 0,
        }
    }

    /// All that is served.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// No more than this can be gained by opening a site.
    pub fn most(&self, site: usize) -> u64 {
        self.network.capacities[site].min(self.network.weights.iter().sum::<u64>() - self.total)
    }

    /// Opens a site; gives what that gains.
    pub fn open(&mut self, site: usize) -> u64 {
        let before = self.total;
        self.is_open[site] = true;
        self.fill(site);
        self.total - before
    }

    /// Closes a site; the others take over what they can.
    pub fn close(&mut self, site: usize) {
        self.is_open[site] = false;
        for (pair, &demand) in (self.network.starts[site]..).zip(self.network.reaches.row(site)) {
            let amount = std::mem::take(&mut self.served[pair]);
            self.unserved[demand as usize] += amount;
            self.total -= amount;
        }
        self.left[site] = self.network.capacities[site];
        for other in 0..self.network.sites() {
            if self.is_open[other] && self.left[other] > 0 {
                self.fill(other);
            }
        }
    }

    /// Serves what the site can: directly first, then by handing other sites' demand on.
    fn fill(&mut self, site: usize) {
        for (pair, &demand) in (self.network.starts[site]..).zip(self.network.reaches.row(site)) {
            let amount = self.left[site].min(self.unserved[demand as usize]);
            self.serve(pair, demand, amount);
            self.left[site] -= amount;
            self.total += amount;
        }
        while self.left[site] > 0 && self.augment(site) {}
    }

    fn serve(&mut self, pair: usize, demand: u32, amount: u64) {
        self.served[pair] += amount;
        self.unserved[demand as usize] -= amount;
    }

    /// One shortest augmenting path from a site to demand that is not served; false when there is none.
    fn augment(&mut self, from: usize) -> bool {
        let network = self.network;
        let mut came = vec![(u32::MAX, u32::MAX); network.weights.len()];
        let mut through = vec![(u32::MAX, u32::MAX); network.sites()];
        let mut queue = vec![from];
        let mut at = 0;
        while at < queue.len() {
            let site = queue[at];
            at += 1;
            for (pair, &demand) in (network.starts[site]..).zip(network.reaches.row(site)) {
                let reached = demand as usize;
                if came[reached].0 != u32::MAX {
                    continue;
                }
                came[reached] = (site as u32, pair as u32);
                if self.unserved[reached] > 0 {
                    self.push(from, demand, &came, &through);
                    return true;
                }
                self.work += network.reached_by.row(reached).len();
                for (back, &other) in (network.ends[reached]..).zip(network.reached_by.row(reached)) {
                    let (pair, other) = (network.pairs[back], other as usize);
                    if other != from && through[other].0 == u32::MAX && self.served[pair as usize] > 0 {
                        through[other] = (demand, pair);
                        queue.push(other);
                    }
                }
            }
            self.work += network.reaches.row(site).len();
        }
        false
    }

    /// Sends as much as fits along the path found.
    fn push(&mut self, from: usize, to: u32, came: &[(u32, u32)], through: &[(u32, u32)]) {
        let mut amount = self.left[from].min(self.unserved[to as usize]);
        let mut demand = to;
        let mut path = Vec::new();
        loop {
            let (site, pair) = came[demand as usize];
            path.push((pair as usize, true));
            if site as usize == from {
                break;
            }
            let (before, back) = through[site as usize];
            path.push((back as usize, false));
            amount = amount.min(self.served[back as usize]);
            demand = before;
        }
        for (pair, more) in path {
            self.served[pair] = if more { self.served[pair] + amount } else { self.served[pair] - amount };
        }
        self.left[from] -= amount;
        self.unserved[to as usize] -= amount;
        self.total += amount;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a set of sites serves: the least cut over sets of sites (max-flow min-cut).
    fn least_cut(network: &Network, open: &[usize]) -> u64 {
        let cut = |mask: u32| -> u64 {
            let (inside, outside): (Vec<_>, Vec<_>) = open.iter().enumerate().partition(|(at, _)| mask >> at & 1 == 1);
            let capacity: u64 = outside.iter().map(|&(_, &site)| network.capacities[site]).sum();
            let reached = |demand: &usize| inside.iter().any(|&(_, &site)| network.reaches.row(site).contains(&(*demand as u32)));
            capacity + (0..network.weights.len()).filter(reached).map(|demand| network.weights[demand]).sum::<u64>()
        };
        (0..1u32 << open.len()).map(cut).min().unwrap_or(0)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]
        #[test]
        fn flow_is_the_least_cut(
            reaches in proptest::collection::vec(proptest::collection::btree_set(0u32..8, 0..6), 1..7),
            capacities in proptest::collection::vec(0u64..20, 7),
            weights in proptest::collection::vec(0u64..10, 8),
            steps in proptest::collection::vec(0usize..7, 1..20),
        ) {
            let sites = reaches.len();
            let network = Network::new(reaches.into_iter().collect(), capacities[..sites].to_vec(), weights);
            let mut flow = Flow::new(&network);
            for site in steps.into_iter().map(|step| step % sites) {
                if flow.is_open[site] { flow.close(site) } else { flow.open(site); }
                let open: Vec<usize> = (0..sites).filter(|&site| flow.is_open[site]).collect();
                prop_assert_eq!(flow.total(), least_cut(&network, &open));
            }
        }
    }
}
