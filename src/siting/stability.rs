//! Which places of a plan stand on firm ground: how often each is chosen when the inputs are a little different.
//!
//! Run r of R draws, from its own seed: for each block of 4 × 4 analysis cells a factor of demand, uniform in 0.8 … 1.2; a reach
//! of 0.9 … 1.1 of the standard's; and, every other run, one of the studied days instead of the planning day. The decision is
//! formulated and solved again. *Core* is what at least 80 % of the runs choose, *optional* the rest.
//! Runs are independent, solved in parallel and counted in order: the same seed gives the same shares on any number of threads.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::placements::{Action, At, Reaches, RuleFault, SitingInputs, View, formulate};
use super::{SitingProblem, SitingSolution};
use crate::calendar::DayKind;
use crate::id::DemandIdx;
use crate::scenario::SHARES;

/// From this share of runs on, in per cent, a place belongs to the core.
pub const CORE_PERCENT: u32 = 80;

/// The widest reach of a run in thousandths.
pub const WIDEST: u64 = 1100;

/// Side of a block of cells whose demand moves together.
const BLOCK: u32 = 4;

/// How often a measure is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// The measure.
    pub action: Action,
    /// Its place.
    pub at: At,
    /// In how many runs.
    pub times: u32,
    /// Whether the plan has it.
    pub in_plan: bool,
}

/// Measures by how often they are chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stability {
    /// How many runs.
    pub runs: u32,
    /// Measures of the plan or of any run, the most often chosen first.
    pub measures: Vec<Chosen>,
}

impl Stability {
    /// In how many runs a measure is chosen.
    pub fn times(&self, action: Action, at: At) -> u32 {
        self.measures.iter().find(|m| (m.action, m.at) == (action, at)).map_or(0, |m| m.times)
    }

    /// Whether so many runs make a core measure.
    pub fn is_core(&self, times: u32) -> bool {
        times * 100 >= self.runs * CORE_PERCENT
    }
}

/// Repeats the decision `runs` times; `plan` holds its measures.
///
/// # Errors
/// When the decision can't be formulated.
pub fn repeat(
    inputs: SitingInputs<'_>,
    runs: u32,
    plan: &[(Action, At)],
    solve: &(dyn Fn(&SitingProblem) -> SitingSolution + Sync),
) -> Result<Stability, RuleFault> {
    let reaches = Reaches::new(inputs, WIDEST);
    let of_run = |run: u32| -> Result<Vec<(Action, At)>, RuleFault> {
        let days = days(inputs, run);
        let weight = |cell: DemandIdx| {
            let (column, row) = inputs.cube.cells()[cell].grid_cell;
            drawn(run, &[1, u64::from(column / BLOCK), u64::from(row / BLOCK)], 800, 1200)
        };
        let view = View { days: &days, reach: drawn(run, &[2], 900, WIDEST), weight: &weight };
        let formulation = formulate(inputs, &reaches, view)?;
        let solution = solve(&formulation.problem);
        let chosen = formulation.with_kept(&formulation.problem, solution.chosen.iter().map(|(option, _)| *option));
        Ok(formulation.measures(&chosen))
    };
    let chosen: Vec<Vec<(Action, At)>> = (0..runs).into_par_iter().map(of_run).collect::<Result<_, _>>()?;
    let mut times: BTreeMap<(Action, At), u32> = plan.iter().map(|measure| (*measure, 0)).collect();
    for measure in chosen.into_iter().flatten() {
        *times.entry(measure).or_default() += 1;
    }
    let row = |((action, at), times)| Chosen { action, at, times, in_plan: plan.contains(&(action, at)) };
    let mut measures: Vec<Chosen> = times.into_iter().map(row).collect();
    measures.sort_by_key(|m| (std::cmp::Reverse(m.times), m.action, m.at));
    Ok(Stability { runs, measures })
}

/// The days of a run: those of the decision, or one of the studied days.
fn days(inputs: SitingInputs<'_>, run: u32) -> Vec<(DayKind, u64)> {
    if run.is_multiple_of(2) || inputs.studied.is_empty() {
        return inputs.days.to_vec();
    }
    let row = drawn(run, &[3], 0, inputs.studied.len() as u64 - 1) as usize;
    vec![(inputs.studied[row], SHARES)]
}

/// A number from `low` to `high`, drawn for a run and a purpose (SplitMix64 of Steele, Lea & Flood 2014 as a hash).
fn drawn(run: u32, purpose: &[u64], low: u64, high: u64) -> u64 {
    let mix = |state: u64| {
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let step = |state: u64, &word: &u64| mix(state.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_add(word));
    let bits = purpose.iter().fold(mix(u64::from(run) + 1), step);
    low + ((u128::from(bits) * u128::from(high - low + 1)) >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_stay_in_their_range_and_are_even() {
        let draws: Vec<u64> = (0..4000).map(|run| drawn(run, &[1, 7, 9], 800, 1200)).collect();
        assert!(draws.iter().all(|d| (800..=1200).contains(d)));
        let mean = draws.iter().sum::<u64>() as f64 / draws.len() as f64;
        assert!((mean - 1000.0).abs() < 8.0, "{mean}: four standard errors are 7.3");
        assert_ne!(drawn(0, &[1, 7, 9], 0, u64::MAX - 1), drawn(0, &[1, 9, 7], 0, u64::MAX - 1), "blocks differ");
    }

    #[test]
    fn the_core_begins_at_four_fifths() {
        let stability = Stability { runs: 20, measures: Vec::new() };
        assert!(stability.is_core(16) && !stability.is_core(15));
        assert_eq!(stability.times(Action::NewFixed, At::Candidate(0)), 0);
    }
}
