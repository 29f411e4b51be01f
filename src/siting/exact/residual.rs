//! What is left of a siting problem when some options are free and the others are held as they are, as a program.
//!
//! Formulation (Church & ReVelle 1974): maximise `Σ w_c y_c`, `y_c ≤ Σ x_o` over the free options that cover class c, x binary,
//! y in [0, 1] (whole on its own when x is). Elements that held options cover are settled; the others are merged into classes by
//! the free options that cover them; a class of one option is part of that option's objective. Rules are what held options leave
//! of limits and minima; options that exclude each other form cliques, `Σ x_o ≤ 1`. Weights are divided by their greatest
//! common divisor, the *unit*. `O(pairs log pairs)`; the order of everything follows from the order of options and elements.

use std::collections::{BTreeMap, BTreeSet};

use crate::mip::Program;
use crate::siting::kernel::{Kernel, cliques, unit_of};

/// The program of the free options.
#[derive(Debug)]
pub(super) struct Residual {
    /// The program; column i is the i-th free option, classes follow.
    pub(super) program: Program,
    /// The free options, ascending.
    pub(super) free: Vec<u32>,
    /// One unit of the objective, in thousandths of weight.
    pub(super) unit: u64,
    /// The free columns that cover each shared class; class i is column `free.len() + i`.
    classes: Vec<Vec<u32>>,
}

impl Residual {
    /// Frees the options of `free`, ascending, and holds the others: those of `held` open, the rest closed. Free options that a
    /// held one excludes stay closed.
    pub(super) fn new(kernel: &Kernel, free: &[u32], held: &[usize]) -> Self {
        let mut is_held_covered = vec![false; kernel.weights.len()];
        for &option in held {
            kernel.covers(option).iter().for_each(|&element| is_held_covered[element as usize] = true);
        }
        let is_excluded: BTreeSet<u32> = held.iter().flat_map(|&option| kernel.rivals.row(option)).copied().collect();
        let free: Vec<u32> = free.iter().copied().filter(|option| !is_excluded.contains(option)).collect();
        let classes = classes(kernel, &free, &is_held_covered);
        let unit = unit_of(classes.values().copied());

        let mut program = Program::maximise();
        let units = |weight: u64| (weight / unit) as f64;
        for column in 0..free.len() as u32 {
            program.binary(classes.get([column].as_slice()).map_or(0.0, |&weight| units(weight)));
        }
        let mut shared = Vec::new();
        for (coverers, weight) in classes.into_iter().filter(|(coverers, _)| coverers.len() > 1) {
            let class = program.column(units(weight), 0.0, 1.0);
            let terms = coverers.iter().map(|&column| (column as usize, 1.0)).chain([(class, -1.0)]);
            program.at_least(0.0, terms);
            shared.push(coverers);
        }
        add_rules(&mut program, kernel, &free, held);
        Self { program, free, unit, classes: shared }
    }

    /// The values of a choice among the free options.
    pub(super) fn values(&self, chosen: &[usize]) -> Vec<f64> {
        let is_open = |option: &u32| chosen.contains(&(*option as usize));
        let mut values: Vec<f64> = self.free.iter().map(|option| f64::from(u8::from(is_open(option)))).collect();
        for coverers in &self.classes {
            let is_covered = coverers.iter().any(|&column| values[column as usize] > 0.5);
            values.push(f64::from(u8::from(is_covered)));
        }
        values
    }

    /// The free options that values open, ascending.
    pub(super) fn opened(&self, values: &[f64]) -> Vec<usize> {
        self.free.iter().zip(values).filter(|(_, value)| **value > 0.5).map(|(&option, _)| option as usize).collect()
    }
}

/// Weight of unsettled elements by the free columns that cover them, ascending.
fn classes(kernel: &Kernel, free: &[u32], is_settled: &[bool]) -> BTreeMap<Vec<u32>, u64> {
    let mut coverers: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (column, &option) in free.iter().enumerate() {
        for &element in kernel.covers(option as usize) {
            if !is_settled[element as usize] && kernel.weights[element as usize] > 0 {
                coverers.entry(element).or_default().push(column as u32);
            }
        }
    }
    let mut classes = BTreeMap::new();
    for (element, columns) in coverers {
        *classes.entry(columns).or_insert(0) += kernel.weights[element as usize];
    }
    classes
}

/// Limits, minima and exclusions, as far as they bind the free options.
fn add_rules(program: &mut Program, kernel: &Kernel, free: &[u32], held: &[usize]) {
    let column = |option: u32| free.binary_search(&option).ok();
    for limit in &kernel.problem.limits {
        let amount = |option: usize| {
            limit.amounts.binary_search_by_key(&(option as u32), |&(o, _)| o).map_or(0, |row| limit.amounts[row].1)
        };
        let left = limit.at_most.saturating_sub(held.iter().map(|&option| amount(option)).sum());
        let terms: Vec<(usize, u64)> = limit.amounts.iter().filter_map(|&(o, amount)| Some((column(o)?, amount))).collect();
        if terms.iter().map(|(_, amount)| amount).sum::<u64>() > left {
            program.at_most(left as f64, terms.into_iter().map(|(column, amount)| (column, amount as f64)));
        }
    }
    for minimum in &kernel.problem.minima {
        let open = minimum.options.iter().filter(|&&option| held.contains(&(option as usize))).count();
        if minimum.at_least > open {
            let terms = minimum.options.iter().filter_map(|&option| column(option));
            program.at_least((minimum.at_least - open) as f64, terms.map(|column| (column, 1.0)));
        }
    }
    let rivals = |&option: &u32| {
        let columns = kernel.rivals.row(option as usize).iter().filter_map(|&rival| column(rival));
        columns.map(|column| column as u32).collect::<Vec<_>>()
    };
    for clique in cliques(&free.iter().map(rivals).collect()) {
        program.at_most(1.0, clique.into_iter().map(|column| (column as usize, 1.0)));
    }
}
