//! p-center: least largest impedance from any demand point to its nearest open site, opening at most p candidates (Hakimi 1964).
//!
//! The optimum is one of the impedances. Bisection over the distinct ones, each step asks whether p candidates cover, within
//! that radius, all demand that existing sites don't (Minieka 1970): [`cover::decide`]. A yes brings a choice, a no is proved; a
//! question that the work doesn't settle counts as no for the search, and the bound is then sought below it by a second
//! bisection. Every demand point counts, whatever its weight. Complexity: `O(pairs · log pairs)` besides the questions.
//! Deterministic for the same work.

use super::cover::{self, Verdict};
use super::median::instance::{Instance, rows_of};
use super::median::{nearest, unreachable};
use super::model::{Answer, Infeasibility, LocateError, Model, Request, Status};
use super::separations::Separations;
use crate::domain::location::{LocationProblem, Role};
use crate::progress::Progress;

/// Pairs of work in a unit of [`crate::siting::effort::Effort::work`].
const UNIT: u64 = 1_000_000;

/// What is asked at each radius.
struct Question {
    instance: Instance,
    p: usize,
}

impl Question {
    /// Rows of the demand that needs a candidate within a radius, and their candidates there.
    fn rows(&self, radius: f64) -> (Vec<u32>, Vec<Vec<u32>>) {
        let near = |demand: usize| {
            let (candidates, impedances) = self.instance.near.row(demand);
            candidates[..impedances.partition_point(|&impedance| impedance <= radius)].to_vec()
        };
        let needy = (0..self.instance.other.len()).filter(|&demand| self.instance.other[demand] > radius);
        needy.map(|demand| (demand as u32, near(demand))).unzip()
    }

    fn decide(&self, radius: f64, work: u64, stop: &dyn Fn() -> bool) -> Verdict {
        cover::decide(&self.rows(radius).1, self.instance.candidates.len(), self.p, work, stop)
    }

    /// Impedances that the answer may have, ascending: none is less than what the worst placed demand point needs anyway.
    fn radii(&self) -> Vec<f64> {
        let instance = &self.instance;
        let standing = |demand: usize| Some(instance.other[demand]).filter(|&other| other < instance.penalty);
        let demand = 0..instance.other.len();
        let least = |j: usize| instance.near.row(j).1.first().copied().or_else(|| standing(j)).unwrap_or(0.0);
        let floor = demand.clone().map(least).fold(0.0, f64::max);
        let all = demand.flat_map(|j| instance.near.row(j).1.iter().copied().chain(standing(j)));
        let mut radii: Vec<f64> = all.filter(|&radius| radius >= floor).collect();
        radii.sort_unstable_by(f64::total_cmp);
        radii.dedup();
        radii
    }

    /// The largest impedance with these candidates open, as a place among the radii.
    fn place(&self, chosen: &[u32], radii: &[f64]) -> usize {
        let mut open = vec![false; self.instance.candidates.len()];
        for &candidate in chosen {
            open[candidate as usize] = true;
        }
        let of = |demand: usize| {
            let (candidates, impedances) = self.instance.near.row(demand);
            let at = candidates.iter().position(|&candidate| open[candidate as usize]);
            at.map_or(self.instance.other[demand], |at| impedances[at])
        };
        let radius = (0..self.instance.other.len()).map(of).fold(0.0, f64::max);
        radii.partition_point(|&r| r < radius)
    }
}

/// Solves a p-center problem; impedances missing in `separations` can't serve.
///
/// # Errors
/// When p is missing, or no p candidates reach all demand.
pub fn solve(
    problem: &LocationProblem,
    separations: &Separations,
    request: &Request,
    progress: &dyn Progress,
) -> Result<Answer, LocateError> {
    let p = request.p.ok_or(LocateError::Missing { model: Model::PCenter.id(), what: "p" })?;
    unreachable(separations)?;
    let p = p.min(rows_of(&problem.sites.roles, Role::Candidate).len());
    let ones = vec![1.0; problem.demand.weights.len()];
    let question = Question { instance: Instance::weighted(&problem.sites.roles, &ones, separations, p), p };
    let radii = question.radii();
    let effort = &request.effort;
    let stop = || effort.is_over();
    let work = effort.work.saturating_mul(UNIT) / u64::from(2 * radii.len().max(2).ilog2() + 2);
    progress.begin("p-center", u64::from(radii.len().max(1).ilog2()));
    let Some(&largest) = radii.last() else { return Ok(answer(problem, separations, &question, &[], (0.0, true), false)) };
    let mut chosen = match question.decide(largest, work, &stop) {
        Verdict::Covered(chosen) => chosen,
        Verdict::Impossible => return Err(too_few(&question, largest, work, &stop)),
        Verdict::Undecided => return Err(LocateError::Undecided),
    };
    let mut high = question.place(&chosen, &radii);
    // Nothing is below `proved`; from `doubt` on the work didn't settle what is below `high`.
    let (mut proved, mut doubt) = (0, high);
    let mut low = 0;
    while proved < doubt && radii[high] - radii[proved] > effort.gap * radii[high] && !stop() {
        // First what is better than the best known, then what can be proved of the rest.
        let middle = if low < high { usize::midpoint(low, high) } else { usize::midpoint(proved, doubt) };
        match question.decide(radii[middle], work, &stop) {
            Verdict::Covered(better) => {
                chosen = better;
                high = question.place(&chosen, &radii).min(middle);
                doubt = doubt.min(high);
            }
            Verdict::Impossible => {
                proved = middle + 1;
                low = low.max(proved);
                doubt = if doubt <= middle { high } else { doubt };
            }
            Verdict::Undecided => {
                low = low.max(middle + 1);
                doubt = doubt.min(middle);
            }
        }
        progress.advance(1);
    }
    progress.end();
    Ok(answer(
        problem,
        separations,
        &question,
        &chosen,
        (radii[proved.min(high)], proved >= high),
        proved < high && effort.is_over(),
    ))
}

/// The demand that p candidates can't reach together.
fn too_few(question: &Question, largest: f64, work: u64, stop: &dyn Fn() -> bool) -> LocateError {
    let (demand, rows) = question.rows(largest);
    let to_blame = cover::culprits(&rows, question.instance.candidates.len(), question.p, work, stop);
    let culprits = to_blame.into_iter().map(|row| demand[row]).collect();
    LocateError::Infeasible { reason: Infeasibility::TooFewSites, culprits }
}

fn answer(
    problem: &LocationProblem,
    separations: &Separations,
    question: &Question,
    chosen: &[u32],
    (bound, proved): (f64, bool),
    stopped_by_time: bool,
) -> Answer {
    let opened: Vec<u32> = chosen.iter().map(|&candidate| question.instance.candidates[candidate as usize]).collect();
    let nearest = nearest(problem, separations, &opened);
    let objective = nearest.iter().flatten().map(|&(_, impedance)| impedance).fold(0.0, f64::max);
    Answer {
        status: if proved { Status::Optimal } else { Status::Feasible },
        objective,
        bound: if proved { objective } else { bound },
        opened,
        assigned: nearest.iter().map(|nearest| nearest.map(|(site, _)| site)).collect(),
        second: None,
        reductions: vec![question.instance.reduction(separations)],
        stopped_by_time,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Silent;
    use crate::siting::effort::Effort;
    use crate::siting::locate::oracle;
    use proptest::prelude::*;

    fn run(problem: &LocationProblem, request: &Request) -> Result<Answer, LocateError> {
        solve(problem, &Separations::new(problem, None), request, &Silent)
    }

    #[test]
    fn the_middle_of_three_existing_or_not() {
        use crate::domain::location::{LocationDemand, LocationSites, Separation};
        let at = [0.0f64, 4.0, 10.0];
        let entries = (0..3).flat_map(|i| (0..3).map(move |j| (i as u32, j as u32, (at[i] - at[j]).abs()))).collect();
        let ids: Vec<String> = (0..3).map(|row| row.to_string()).collect();
        let roles = vec![Role::Candidate; 3];
        let sites = LocationSites { ids: ids.clone(), points: Vec::new(), roles, costs: vec![1; 3], capacities: vec![None; 3] };
        let demand = LocationDemand { ids, points: Vec::new(), weights: vec![1, 9, 0] };
        let mut problem = LocationProblem { sites, demand, separation: Separation::Matrix(entries), weight_scale: 1 };
        let answer = run(&problem, &oracle::ask(Model::PCenter, 1)).unwrap();
        assert_eq!((answer.status, answer.objective, answer.bound, answer.opened), (Status::Optimal, 6.0, 6.0, vec![1]));
        problem.sites.roles[1] = Role::Existing;
        let answer = run(&problem, &oracle::ask(Model::PCenter, 1)).unwrap();
        assert_eq!((answer.objective, answer.opened), (4.0, vec![2]));
        assert_eq!(answer.assigned, [Some(1), Some(1), Some(2)]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn the_answer_is_the_enumeration((problem, p) in oracle::problems(9, 12)) {
            match (run(&problem, &oracle::ask(Model::PCenter, p)), oracle::center(&problem, p)) {
                (Ok(answer), Some(truth)) => {
                    prop_assert_eq!((answer.status, answer.objective, answer.bound), (Status::Optimal, truth, truth));
                    prop_assert!(answer.opened.len() <= p);
                    prop_assert_eq!(oracle::served(&problem, &answer).into_iter().fold(0.0, f64::max), truth);
                }
                (Err(LocateError::Infeasible { reason, culprits }), None) => {
                    prop_assert!(matches!(reason, Infeasibility::Unreachable | Infeasibility::TooFewSites));
                    prop_assert!(!culprits.is_empty());
                }
                (found, truth) => prop_assert!(false, "{found:?} but the truth is {truth:?}"),
            }
        }

        #[test]
        fn without_work_the_bound_still_holds((problem, p) in oracle::problems(9, 12), gap in 0u8..10) {
            let effort = Effort { work: 0, gap: f64::from(gap) / 10.0, ..Effort::default() };
            let request = Request { effort, ..oracle::ask(Model::PCenter, p) };
            if let (Ok(answer), Some(truth)) = (run(&problem, &request), oracle::center(&problem, p)) {
                prop_assert!(answer.bound <= truth && truth <= answer.objective);
                prop_assert!(answer.status == Status::Feasible || answer.objective == truth);
            }
        }
    }
}
