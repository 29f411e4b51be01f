//! What is left of a kernel for the dual once options are fixed: live options and elements, renumbered, and all rules as rows.
//!
//! Rules become rows `Σ a·x ≤ b` of one form: limits as they are, minima negated, and conflicts as cliques of places (each pair
//! of places too close is in at least one clique; of a clique at most one option opens). Cliques grow greedily in the order of
//! the pairs, so they are the same on every machine. `O(pairs)` to build.

use crate::siting::kernel::{Kernel, cliques, near};
use crate::siting::problem::Rows;

/// Amounts of a limit are at most this, so that sums stay small: larger ones, and the limit with them, are halved and rounded down
/// until they are, which loosens a rule but never tightens it.
const LARGEST: u64 = 1 << 40;

/// A rule `Σ amount · x ≤ at_most`.
#[derive(Debug, Clone)]
pub(super) struct Side {
    /// Live options and their amounts; negative in a minimum.
    pub amounts: Vec<(u32, i64)>,
    /// What the live options may use.
    pub at_most: i64,
    /// Binary logarithm of the largest amount, rounded down: multipliers count per `2^shift` of amount.
    pub shift: u32,
}

/// The live part of a kernel.
#[derive(Debug, Clone)]
pub(super) struct Active {
    /// Kernel id of each live option.
    pub options: Vec<u32>,
    /// Kernel id of each live element.
    pub elements: Vec<u32>,
    /// Live elements of each live option.
    pub covers: Rows,
    /// Weight of each live element, in thousandths.
    pub weights: Vec<u64>,
    /// How many live options cover each live element.
    pub degrees: Vec<u32>,
    /// Live options by place; empty when the only rule is a number to open.
    pub places: Rows,
    /// Rules other than one option a place.
    pub sides: Vec<Side>,
    /// Rules of each live option: (side, amount).
    pub uses: Vec<Vec<(u32, i64)>>,
    /// How many more may open, when that is the only rule.
    pub cardinality: Option<usize>,
    /// Weight that the options fixed open cover.
    pub base: u64,
}

impl Active {
    /// The live part when `state[o]` is `None` for free options, else whether the option is open.
    pub fn new(kernel: &Kernel<'_>, state: &[Option<bool>]) -> Self {
        let is_open = |option: &u32| state[*option as usize] == Some(true);
        let options: Vec<u32> = (0..kernel.options() as u32).filter(|&o| state[o as usize].is_none()).collect();
        let open: Vec<u32> = (0..kernel.options() as u32).filter(is_open).collect();
        let mut covered = vec![false; kernel.weights.len()];
        for &option in &open {
            for &element in kernel.covers(option as usize) {
                covered[element as usize] = true;
            }
        }
        let base = (0..covered.len()).filter(|&e| covered[e]).map(|e| kernel.weights[e]).sum();
        let mut degree = vec![0u32; covered.len()];
        for &option in &options {
            for &element in kernel.covers(option as usize) {
                degree[element as usize] += 1;
            }
        }
        let live = |e: &u32| degree[*e as usize] > 0 && !covered[*e as usize] && kernel.weights[*e as usize] > 0;
        let elements: Vec<u32> = (0..covered.len() as u32).filter(live).collect();
        let mut renumbered = vec![u32::MAX; covered.len()];
        for (row, &element) in elements.iter().enumerate() {
            renumbered[element as usize] = row as u32;
        }
        let row = |o: &u32| {
            let renumbered = &renumbered;
            kernel.covers(*o as usize).iter().map(move |&e| renumbered[e as usize]).filter(|&e| e != u32::MAX)
        };
        let covers: Rows = options.iter().map(row).collect();
        let mut active = Self {
            weights: elements.iter().map(|&e| kernel.weights[e as usize]).collect(),
            degrees: elements.iter().map(|&e| degree[e as usize]).collect(),
            elements,
            covers,
            places: Rows::default(),
            sides: Vec::new(),
            uses: vec![Vec::new(); options.len()],
            cardinality: kernel.plain.map(|p| p.saturating_sub(open.len())),
            base,
            options,
        };
        if kernel.plain.is_none() {
            active.add_rules(kernel, state);
        }
        active
    }

    /// Places and rules among the live options.
    fn add_rules(&mut self, kernel: &Kernel<'_>, state: &[Option<bool>]) {
        let problem = kernel.problem;
        let mut live = vec![u32::MAX; kernel.options()];
        for (row, &option) in self.options.iter().enumerate() {
            live[option as usize] = row as u32;
        }
        for limit in &problem.limits {
            let used = limit.amounts.iter().filter(|(o, _)| state[*o as usize] == Some(true));
            let used: i128 = used.map(|&(_, used)| i128::from(used)).sum();
            let uses = || limit.amounts.iter().filter(|(o, _)| live[*o as usize] != u32::MAX);
            let largest = uses().map(|&(_, amount)| amount).max().unwrap_or(0);
            let halvings = (LARGEST.leading_zeros() + 1).saturating_sub(largest.leading_zeros());
            let at_most = ((i128::from(limit.at_most) - used) >> halvings).clamp(-(1 << 62), 1 << 62) as i64;
            let amounts = uses().map(|&(o, amount)| (live[o as usize], (amount >> halvings) as i64));
            self.add_side(amounts.filter(|&(_, amount)| amount > 0).collect(), at_most);
        }
        for minimum in &problem.minima {
            let open = minimum.options.iter().filter(|o| state[**o as usize] == Some(true)).count();
            let amounts = minimum.options.iter().map(|&o| live[o as usize]).filter(|&o| o != u32::MAX);
            self.add_side(amounts.map(|o| (o, -1)).collect(), open as i64 - minimum.at_least as i64);
        }
        let top = problem.places.iter().map(|&place| place as usize + 1).max().unwrap_or(0);
        let mut at = vec![Vec::new(); top];
        let mut taken = vec![0; top];
        for option in (0..state.len()).filter(|&option| state[option] == Some(true)) {
            taken[problem.places[option] as usize] += 1;
        }
        for (row, &option) in self.options.iter().enumerate() {
            at[problem.places[option as usize] as usize].push(row as u32);
        }
        for clique in cliques(&near(&problem.conflicts, top)) {
            let amounts: Vec<_> = clique.iter().flat_map(|&place| at[place as usize].iter().map(|&o| (o, 1))).collect();
            self.add_side(amounts, 1 - clique.iter().map(|&place| taken[place as usize]).sum::<i64>());
        }
        for options in at.into_iter().filter(|options| !options.is_empty()) {
            self.places.push(options);
        }
    }

    /// Adds a rule; one that nothing can break is left out.
    fn add_side(&mut self, amounts: Vec<(u32, i64)>, at_most: i64) {
        if amounts.iter().map(|&(_, amount)| amount.max(0)).sum::<i64>() <= at_most {
            return;
        }
        let largest = amounts.iter().map(|&(_, amount)| amount.unsigned_abs()).max().unwrap_or(1);
        for &(option, amount) in &amounts {
            self.uses[option as usize].push((self.sides.len() as u32, amount));
        }
        self.sides.push(Side { amounts, at_most, shift: 63 - largest.max(1).leading_zeros() });
    }

    /// Σ of the weights of live elements.
    pub fn total(&self) -> u64 {
        self.weights.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Weight;
    use crate::siting::problem::{Limit, SitingProblem};

    #[test]
    fn a_budget_of_huge_costs_still_binds() {
        // Each costs 10^15, and one can be paid; the second rule holds whatever is open.
        let covers: Rows = [vec![0], vec![1], vec![2]].into_iter().collect();
        let mut problem = SitingProblem::mclp(vec![Weight::from_milli(10); 3], covers, 3);
        let cost = 1_000_000_000_000_000;
        problem.limits.push(Limit { amounts: vec![(0, cost), (1, cost), (2, cost - 7)], at_most: cost + 5 });
        let kernel = Kernel::new(&problem);
        let active = Active::new(&kernel, &[None; 3]);
        let [side] = active.sides.as_slice() else { panic!("one rule binds: {:?}", active.sides) };
        let within = |options: &[u32]| {
            let used = side.amounts.iter().filter(|(option, _)| options.contains(option)).map(|(_, amount)| amount).sum::<i64>();
            used <= side.at_most
        };
        assert!(within(&[0]) && within(&[1]) && within(&[2]), "what can be paid stays allowed");
        assert!(!within(&[0, 1]) && !within(&[1, 2]));
        assert!(side.amounts.iter().all(|&(_, amount)| amount <= LARGEST as i64));
        let mut dual = crate::siting::dual::Dual::new(&kernel);
        dual.run(100_000, 0, &|| false);
        assert_eq!(dual.bound(), 10, "one of three");
    }
}
