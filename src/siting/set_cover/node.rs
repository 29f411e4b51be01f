//! The Lagrangian relaxation of a covering program as seen from a node of the tree.

use super::branch::{Best, Relaxation, Visit};
use super::lagrange::{Fixed, Lagrange, fix, whole};
use super::meter::Meter;
use super::program::{Goal, Program};
use super::search::Search;

/// Iterations of the ascent at each node.
const ITERATIONS: usize = 60;

/// A covering program in a tree.
#[derive(Debug)]
pub struct Node<'a> {
    /// The program.
    pub program: &'a Program,
    /// Its multipliers, handed from node to node.
    pub lagrange: Lagrange<'a>,
}

impl Node<'_> {
    /// Decides what the limits or the rows decide; false when nothing keeps the rules.
    fn settle(&self, fixed: &mut [Fixed]) -> bool {
        let program = self.program;
        if program.goal == Goal::Most {
            let inside: Vec<u32> = (0..program.options() as u32).filter(|&option| fixed[option as usize] == Fixed::In).collect();
            let used = program.price(&inside);
            if inside.len() > program.at_most || used > program.budget {
                return false;
            }
            let full = inside.len() == program.at_most;
            for (option, state) in fixed.iter_mut().enumerate().filter(|(_, state)| **state == Fixed::Free) {
                if full || program.prices[option] > program.budget - used {
                    *state = Fixed::Out;
                }
            }
            return true;
        }
        let mut reachable = 0;
        for (row, coverers) in program.coverers.iter().enumerate() {
            let mut left = coverers.iter().filter(|&&option| fixed[option as usize] != Fixed::Out);
            let Some(&one) = left.next() else { continue };
            reachable += program.worth(row);
            if program.goal == Goal::CoverAll && left.next().is_none() {
                fixed[one as usize] = Fixed::In;
            }
        }
        reachable >= program.target()
    }
}

impl Relaxation for Node<'_> {
    fn visit(&mut self, fixed: &mut [Fixed], best: &mut Best, meter: &mut Meter) -> Visit {
        if !self.settle(fixed) {
            return Visit::Closed;
        }
        let mut bound = f64::NEG_INFINITY;
        for _ in 0..3 {
            bound = bound.max(self.lagrange.ascend(fixed, best.loss as f64, ITERATIONS, meter));
            if whole(bound) >= best.loss as f64 {
                return Visit::Closed;
            }
            let changed = fix(self.program, &self.lagrange, best.loss as f64, fixed);
            if !self.settle(fixed) {
                return Visit::Closed;
            }
            if changed * 20 < fixed.len() {
                break;
            }
        }
        let mut search = Search::new(self.program, fixed, &self.lagrange.multipliers);
        search.build(meter);
        if let Some(loss) = search.loss() {
            best.offer(loss, search.chosen());
        }
        let doubt = |option: usize| (self.lagrange.average[option] - 0.5).abs();
        let free = (0..fixed.len()).filter(|&option| fixed[option] == Fixed::Free);
        match free.min_by(|&a, &b| doubt(a).total_cmp(&doubt(b)).then(a.cmp(&b))) {
            Some(option) => Visit::Open(whole(bound) as i64, option),
            None => Visit::Closed,
        }
    }
}
