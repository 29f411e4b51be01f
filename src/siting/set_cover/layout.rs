//! A location problem as covering programs see it: candidates, what they cover, and what is covered already.

use crate::domain::location::{LocationProblem, Role};
use crate::siting::effort::Effort;
use crate::siting::locate::model::{Answer, LocateError, Request, Status};
use crate::siting::locate::separations::Separations;
use crate::siting::problem::Rows;
use crate::siting::set_cover::Outcome;

/// Candidates and demand points within the limit of each other.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Site rows of the candidates, ascending.
    pub candidates: Vec<u32>,
    /// Cost of each candidate.
    pub costs: Vec<u64>,
    /// The demand rows that each candidate covers.
    pub covers: Rows,
    /// How many existing sites cover each demand point.
    pub existing: Vec<u32>,
}

impl Layout {
    /// Of a problem, for a limit.
    pub fn new(problem: &LocationProblem, separations: &Separations, limit: f64) -> Self {
        let is_candidate = |site: &u32| problem.sites.roles[*site as usize] == Role::Candidate;
        let sites = 0..problem.sites.ids.len() as u32;
        let candidates: Vec<u32> = sites.clone().filter(is_candidate).collect();
        let within = |site: u32| {
            let (ids, impedances) = separations.by_site.row(site as usize);
            ids.iter().zip(impedances).filter(move |(_, impedance)| **impedance <= limit).map(|(&demand, _)| demand)
        };
        let mut existing = vec![0; problem.demand.ids.len()];
        for site in sites.filter(|site| !is_candidate(site)) {
            within(site).for_each(|demand| existing[demand as usize] += 1);
        }
        let costs = candidates.iter().map(|&site| problem.sites.costs[site as usize]).collect();
        let covers = candidates.iter().map(|&site| within(site).collect::<Vec<_>>()).collect();
        Self { candidates, costs, covers, existing }
    }

    /// Demand points that neither a candidate nor an existing site covers.
    pub fn uncoverable(&self) -> Vec<u32> {
        let mut is_covered: Vec<bool> = self.existing.iter().map(|&count| count > 0).collect();
        self.covers.iter().flatten().for_each(|&demand| is_covered[demand as usize] = true);
        (0..is_covered.len() as u32).filter(|&demand| !is_covered[demand as usize]).collect()
    }

    /// What the candidates cover of some demand points only, numbered anew.
    pub fn covers_of(&self, keep: impl Fn(usize) -> bool) -> (Vec<u32>, Rows) {
        let kept: Vec<u32> = (0..self.existing.len() as u32).filter(|&demand| keep(demand as usize)).collect();
        let mut number = vec![u32::MAX; self.existing.len()];
        kept.iter().zip(0u32..).for_each(|(&demand, at)| number[demand as usize] = at);
        let rows =
            |row: &[u32]| row.iter().map(|&demand| number[demand as usize]).filter(|&at| at != u32::MAX).collect::<Vec<_>>();
        let covers = self.covers.iter().map(rows).collect();
        (kept, covers)
    }

    /// Site rows of chosen options.
    pub fn opened(&self, chosen: &[u32]) -> Vec<u32> {
        chosen.iter().map(|&option| self.candidates[option as usize]).collect()
    }

    /// An outcome as an answer; objective and bound are counted from `from`, in units of `unit`.
    pub fn answer(&self, outcome: Outcome, from: u64, unit: f64) -> Answer {
        Answer {
            status: if outcome.is_proved() { Status::Optimal } else { Status::Feasible },
            objective: (from + outcome.objective) as f64 / unit,
            bound: (from + outcome.bound) as f64 / unit,
            opened: self.opened(&outcome.chosen),
            assigned: Vec::new(),
            second: None,
            reductions: outcome.reductions,
            stopped_by_time: outcome.stopped_by_time,
        }
    }
}

/// A value that a model needs.
///
/// # Errors
/// [`LocateError::Missing`] when it isn't there.
pub fn needed<T>(request: &Request, what: &'static str, value: Option<T>) -> Result<T, LocateError> {
    value.ok_or(LocateError::Missing { model: request.model.id(), what })
}

/// The number and money limits of a model that needs at least one of them.
///
/// # Errors
/// [`LocateError::Missing`] when there is neither.
pub fn limits(request: &Request) -> Result<(usize, u64), LocateError> {
    match (request.p, request.budget) {
        (None, None) => Err(LocateError::Missing { model: request.model.id(), what: "p or budget" }),
        (p, budget) => Ok((p.unwrap_or(usize::MAX), budget.unwrap_or(u64::MAX))),
    }
}

/// The part of an effort that is left when some of it was spent, a tenth at least.
pub fn share_of(effort: &Effort, tenths: u64) -> Effort {
    Effort { work: (effort.work.saturating_mul(tenths) / 10).max(1), ..*effort }
}
