//! Gradual coverage: a demand point is covered in full up to the limit, less and less beyond it, and not at all from the outer
//! limit on (Berman, Krass & Drezner 2003).
//!
//! Formulation: most `Σ w · share(d)`, d the impedance to the best open site, with share 1 for d ≤ limit, 0 for d ≥ outer and
//! linear between; at most p new sites, within the budget; existing sites count. It is a plain maximal covering problem in
//! disguise: each share that occurs at a demand point is an element, covered by the sites with at least that share, and weighs
//! what the share adds to the next lower one (existing sites' own share and less weighs nothing).
//!
//! Rounding: elements weigh whole parts (millionths, fewer where weights are huge) of the input's integer unit, such that the
//! elements up to a share add up to `w · share` rounded up. So the bound is valid for the exact problem; "optimal" means that no
//! choice is better by more than one part a demand point; the objective is recomputed from the impedances.
//!
//! Complexity: a demand point that n sites reach has up to n elements, covered by 1 to n sites: `O(Σ n²)` ids in memory. When not to
//! use it: where thousands of sites lie within the outer limit of each of thousands of demand points.

use super::model::{Answer, LocateError, Request, Status};
use super::separations::Separations;
use crate::domain::location::LocationProblem;
use crate::progress::Progress;
use crate::quantity::Weight;
use crate::siting::engine;
use crate::siting::problem::{Limit, Rows, SitingProblem};
use crate::siting::set_cover::layout::{Layout, limits, needed};

/// Into how many parts a unit of weight is divided: as many millionths as leave the total exact, and at least one.
fn parts_of(problem: &LocationProblem) -> f64 {
    let mut parts = 1e6;
    while parts > 1.0 && problem.total_weight() as f64 * parts > 1e15 {
        parts /= 10.0;
    }
    parts
}

/// A gradual covering problem as a maximal covering problem.
#[derive(Debug, Clone)]
pub struct Levels {
    /// Elements are share levels, options are candidates, weights are parts of a unit of demand.
    pub problem: SitingProblem,
    /// Parts in an integer unit of demand.
    pub parts: f64,
    /// What existing sites cover, in parts, rounded up a demand point.
    pub already: u64,
    /// Site row of each option.
    pub candidates: Vec<u32>,
}

/// Share of a demand point's weight that a site at this impedance covers.
pub fn share(impedance: f64, limit: f64, outer: f64) -> f64 {
    if impedance <= limit {
        1.0
    } else if impedance >= outer {
        0.0
    } else {
        (outer - impedance) / (outer - limit)
    }
}

/// Solves a gradual covering problem; `separations` reach to the outer limit.
///
/// # Errors
/// When limit or outer limit are missing, or both p and budget.
pub fn solve(
    problem: &LocationProblem,
    separations: &Separations,
    request: &Request,
    progress: &dyn Progress,
) -> Result<Answer, LocateError> {
    let limit = needed(request, "limit", request.limit)?;
    let outer = needed(request, "outer", request.outer)?;
    let levels = formulate(problem, separations, (limit, outer), limits(request)?);
    let solution = engine::solve(&levels.problem, &request.effort, progress).expect("invariant: to open nothing is allowed");
    let mut opened: Vec<u32> = solution.chosen.iter().map(|&(option, _)| levels.candidates[option]).collect();
    opened.sort_unstable();
    let unit = problem.weight_scale as f64;
    let objective = covered(problem, separations, (limit, outer), &opened) / unit;
    Ok(Answer {
        status: if solution.objective == solution.bound { Status::Optimal } else { Status::Feasible },
        objective,
        bound: ((levels.already + solution.bound.milli()) as f64 / levels.parts / unit).max(objective),
        opened,
        assigned: Vec::new(),
        second: None,
        reductions: solution.reductions,
        stopped_by_time: solution.stopped_by_time,
    })
}

/// The maximal covering problem of share levels; `limits` are the number of sites and the budget.
pub fn formulate(
    problem: &LocationProblem,
    separations: &Separations,
    (limit, outer): (f64, f64),
    (at_most, budget): (usize, u64),
) -> Levels {
    let candidates = Layout::new(problem, separations, f64::NEG_INFINITY).candidates;
    let mut option = vec![u32::MAX; problem.sites.ids.len()];
    candidates.iter().zip(0u32..).for_each(|(&site, at)| option[site as usize] = at);
    let whole = parts_of(problem);
    let (mut weights, mut coverers, mut already) = (Vec::new(), Rows::default(), 0);
    for (demand, &weight) in problem.demand.weights.iter().enumerate() {
        let (sites, impedances) = separations.by_demand.row(demand);
        let mut reached: Vec<(f64, u32)> = sites
            .iter()
            .zip(impedances)
            .map(|(&site, &impedance)| (share(impedance, limit, outer), option[site as usize]))
            .filter(|(share, _)| *share > 0.0)
            .collect();
        reached.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let base = reached.iter().filter(|(_, option)| *option == u32::MAX).map(|(share, _)| *share).fold(0.0, f64::max);
        let parts = |share: f64| (share * weight as f64 * whole).ceil() as u64;
        let mut below = parts(base);
        already += below;
        for at in 0..reached.len() {
            let upto = parts(reached[at].0);
            if upto > below {
                weights.push(Weight::from_milli(upto - below));
                let mut options: Vec<u32> = reached[at..].iter().map(|&(_, option)| option).filter(|&o| o != u32::MAX).collect();
                options.sort_unstable();
                coverers.push(options);
                below = upto;
            }
        }
    }
    let covers = coverers.transposed(candidates.len());
    let mut covering = SitingProblem::mclp(weights, covers, at_most.min(candidates.len()));
    if budget != u64::MAX {
        let costs = candidates.iter().map(|&site| problem.sites.costs[site as usize]);
        covering.limits.push(Limit { amounts: (0u32..).zip(costs).collect(), at_most: budget });
    }
    Levels { problem: covering, parts: whole, already, candidates }
}

/// Weight that existing and opened sites cover, in the input's integer units, from the impedances.
pub fn covered(problem: &LocationProblem, separations: &Separations, (limit, outer): (f64, f64), opened: &[u32]) -> f64 {
    let is_open = |site: u32| {
        problem.sites.roles[site as usize] == crate::domain::location::Role::Existing || opened.binary_search(&site).is_ok()
    };
    let best = |demand: usize| {
        let (sites, impedances) = separations.by_demand.row(demand);
        let open = sites.iter().zip(impedances).filter(|(site, _)| is_open(**site));
        open.map(|(_, &impedance)| share(impedance, limit, outer)).fold(0.0, f64::max)
    };
    problem.demand.weights.iter().enumerate().map(|(demand, &weight)| weight as f64 * best(demand)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;
    use crate::siting::locate::model::Model;
    use crate::siting::set_cover::testing::{CASES, open, problems, request, sets, table};
    use proptest::prelude::*;

    #[test]
    fn shares_fall_between_the_limits() {
        assert_eq!([0.0, 3.0, 4.0, 5.0, 7.0, 8.0].map(|d| share(d, 3.0, 7.0)), [1.0, 1.0, 0.75, 0.5, 0.0, 0.0]);
        assert_eq!([3.0, 3.5].map(|d| share(d, 3.0, 3.0)), [1.0, 0.0]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(CASES))]
        #[test]
        fn covers_most_by_shares(
            problem in problems(),
            limit in 0u32..6,
            beyond in 0u32..8,
            p in 0usize..5,
            budget in proptest::option::weighted(0.5, 0u64..20),
        ) {
            let (limit, outer) = (f64::from(limit), f64::from(limit + beyond));
            let separations = Separations::new(&problem, Some(outer));
            let asked = Request { p: Some(p), budget, outer: Some(outer), ..request(Model::Gradual, limit) };
            let answer = solve(&problem, &separations, &asked, &Silent).unwrap();
            let table = table(&problem);
            let worth = |open: &[usize]| -> f64 {
                let best = |demand: usize| open.iter().map(|&site| share(table[site][demand], limit, outer)).fold(0.0, f64::max);
                problem.demand.weights.iter().enumerate().map(|(demand, &weight)| weight as f64 * best(demand)).sum()
            };
            let allowed = |chosen: &[usize], cost: u64| chosen.len() <= p && budget.is_none_or(|money| cost <= money);
            let truth = sets(&problem).into_iter().filter(|(chosen, _, cost)| allowed(chosen, *cost));
            let truth = truth.map(|(_, open, _)| worth(&open)).fold(0.0, f64::max);
            prop_assert!((worth(&open(&problem, &answer)) - answer.objective).abs() < 1e-9);
            let chosen: Vec<usize> = answer.opened.iter().map(|&site| site as usize).collect();
            prop_assert!(allowed(&chosen, chosen.iter().map(|&site| problem.sites.costs[site]).sum()));
            prop_assert!(answer.objective <= truth + 1e-9 && truth <= answer.bound + 1e-9, "{answer:?}, truth {truth}");
            prop_assert_eq!(answer.status, Status::Optimal);
            let rounding = problem.demand.weights.len() as f64 / parts_of(&problem);
            prop_assert!(truth - answer.objective <= rounding && answer.bound - truth <= rounding, "{answer:?}, truth {truth}");
        }
    }
}
