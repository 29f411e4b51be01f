//! Closes a covering program as a mixed integer program, when a solver is compiled in: the only file here that calls it.
//!
//! Formulation: x binary an option; y in [0, 1] a row under [`Goal::Reach`] and [`Goal::Most`] (a second one where a row counts
//! twice), `y₁ + y₂ ≤ Σ x` over the row's coverers; `Σ x ≥ 1` a row under [`Goal::CoverAll`]. With x whole the best y is whole.
//! Certificates: answers are evaluated in integers by the caller; the solver's bound is rounded outward by its tolerance.

use super::branch::Best;
use super::meter::Meter;
use super::program::{Goal, Program};
use crate::mip;

/// Programs with more terms than this are not handed over.
const TERMS: usize = 3_000_000;
/// Work of a node of the solver's tree, in pairs of ours for each pair of the program (measured).
const NODE: u64 = 4_000;
/// Work at the root of the solver's tree, in nodes: less work than this is left alone.
pub const ROOT: u64 = 20;

/// Solves; better answers go to `best`. Gives a lower bound on the loss, none without a solver.
pub fn close(program: &Program, best: &mut Best, bound: i64, seconds: Option<f64>, meter: &mut Meter) -> Option<i64> {
    let pairs = program.covers.pairs();
    if !mip::AVAILABLE || pairs > TERMS || meter.is_over() {
        return None;
    }
    let model = formulate(program);
    let a_node = NODE * (pairs as u64 + 1000);
    if meter.left() < ROOT * a_node {
        return None;
    }
    let stop = mip::Stop {
        nodes: Some((meter.left() / 2 / a_node).clamp(1, 1_000_000)),
        seconds,
        absolute_gap: 0.999,
        heuristics: 0.0,
        cutoff: Some(program.loss_to_number(best.loss)),
        ..mip::Stop::default()
    };
    let solved = model.solve(&stop, None)?;
    meter.spend(((solved.nodes + ROOT) * a_node) as usize);
    if !solved.values.is_empty() {
        let chosen: Vec<u32> = (0..program.options() as u32).filter(|&option| solved.values[option as usize] > 0.5).collect();
        if let Some(objective) = program.objective(&chosen) {
            best.offer(program.loss(objective), chosen);
        }
    }
    if solved.status == mip::Status::Infeasible {
        return Some(best.loss);
    }
    let own = if program.minimises() { solved.bound } else { -solved.bound };
    Some(outward(own).max(bound).min(best.loss))
}

/// The least whole loss that a solver's bound leaves possible.
pub fn outward(bound: f64) -> i64 {
    (bound - 1e-4 - 1e-9 * bound.abs()).ceil() as i64
}

/// The program as columns and rows; the first columns are the options.
fn formulate(program: &Program) -> mip::Program {
    let mut model = if program.minimises() { mip::Program::minimise() } else { mip::Program::maximise() };
    for &price in &program.prices {
        model.binary(if program.minimises() { price as f64 } else { 0.0 });
    }
    let options = || (0..program.options()).map(|option| (option, program.prices[option] as f64));
    if program.goal == Goal::Most {
        if program.at_most < program.options() {
            model.at_most(program.at_most as f64, options().map(|(option, _)| (option, 1.0)));
        }
        if program.budget != u64::MAX {
            model.at_most(program.budget as f64, options().filter(|(_, price)| *price > 0.0));
        }
    }
    let mut reached = Vec::new();
    for (row, coverers) in program.coverers.iter().enumerate() {
        let sum = coverers.iter().map(|&option| (option as usize, 1.0));
        let (first, second) = (program.first[row] as f64, program.second[row] as f64);
        match program.goal {
            Goal::CoverAll => drop(model.at_least(1.0, sum)),
            Goal::Reach(_) => {
                let y = model.column(0.0, 0.0, 1.0);
                reached.push((y, first));
                model.at_least(0.0, sum.chain([(y, -1.0)]));
            }
            Goal::Most => {
                let lower = f64::from(u8::from(program.first[row] >= program.must));
                let y = model.column(first, lower, 1.0);
                let again = (second > 0.0).then(|| (model.column(second, 0.0, 1.0), -1.0));
                model.at_least(0.0, sum.chain([(y, -1.0)]).chain(again));
            }
        }
    }
    if let Goal::Reach(target) = program.goal {
        let scale = 1.0 / (target.max(1) as f64);
        model.at_least(target as f64 * scale, reached.into_iter().map(|(y, worth)| (y, worth * scale)));
    }
    model
}
