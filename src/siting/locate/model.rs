//! The models by name, what is asked of them, and what they answer.

use crate::siting::effort::{Effort, Reduction};

/// A location model. "Sites" below are the open ones: existing and newly opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// Most weight within the limit of an open site, opening at most p (Church & ReVelle 1974).
    Mclp,
    /// Fewest sites, or least cost, that cover a share of the weight.
    Psclp,
    /// Fewest sites, or least cost, that cover all demand (Toregas et al. 1971).
    Lscp,
    /// Of the optima of LSCP by number of sites, the one that covers most demand points a second time (Daskin & Stern 1981).
    LscpB,
    /// Least Σ weight · impedance to the nearest open site, opening exactly p (Hakimi 1964).
    PMedian,
    /// Least largest impedance to the nearest open site, opening at most p.
    PCenter,
    /// MCLP where a site serves no more than its capacity (Current & Storbeck 1988); demand may be split between sites.
    CapacitatedMclp,
    /// p-median where each demand point is served whole by one site, within its capacity (Osman & Christofides 1994):
    /// the weight is what it takes of a capacity, the impedance counts once whatever the weight.
    CapacitatedPMedian,
    /// Most weight covered, once and again: Σ ½·weight for the first open site within the limit and ½ for the second (BACOP2,
    /// Hogan & ReVelle 1986, with equal weights).
    Backup,
    /// MCLP whose coverage falls from 1 at the limit to 0 at the outer limit, linearly (Berman, Krass & Drezner 2003).
    Gradual,
}

impl Model {
    /// All models.
    pub const ALL: [Self; 10] = [
        Self::Mclp,
        Self::Psclp,
        Self::Lscp,
        Self::LscpB,
        Self::PMedian,
        Self::PCenter,
        Self::CapacitatedMclp,
        Self::CapacitatedPMedian,
        Self::Backup,
        Self::Gradual,
    ];

    /// Identifier on the command line and in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Mclp => "mclp",
            Self::Psclp => "psclp",
            Self::Lscp => "lscp",
            Self::LscpB => "lscp-b",
            Self::PMedian => "p-median",
            Self::PCenter => "p-center",
            Self::CapacitatedMclp => "capacitated-mclp",
            Self::CapacitatedPMedian => "capacitated-p-median",
            Self::Backup => "backup",
            Self::Gradual => "gradual",
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Request {
    /// The model.
    pub model: Model,
    /// Covered means impedance ≤ this.
    pub limit: Option<f64>,
    /// Where gradual coverage ends.
    pub outer: Option<f64>,
    /// How many candidates may open, besides the existing sites.
    pub p: Option<usize>,
    /// How much the newly opened sites may cost together.
    pub budget: Option<u64>,
    /// Share of the weight to cover, 0 to 1.
    pub share: Option<f64>,
    /// How long to search.
    pub effort: Effort,
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Proved: nothing better exists.
    Optimal,
    /// Keeps all rules; the bound says how much better one could be.
    Feasible,
    /// Nothing keeps all rules.
    Infeasible,
}

/// An answer with its certificate.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// How it ended.
    pub status: Status,
    /// What the model counts, in the units of the input (weight, weight · impedance, impedance, sites or cost).
    pub objective: f64,
    /// No answer is better than this.
    pub bound: f64,
    /// Rows of the newly opened candidates, ascending. Existing sites are open too and not listed here.
    pub opened: Vec<u32>,
    /// For each demand point the open site that serves it, where the model assigns (medians and centres); empty otherwise.
    pub assigned: Vec<Option<u32>>,
    /// Second objective where the model has one (`lscp-b`: demand points covered at least twice).
    pub second: Option<f64>,
    /// What the exact reductions did.
    pub reductions: Vec<Reduction>,
    /// The deadline came before the work was done.
    pub stopped_by_time: bool,
}

impl Answer {
    /// |bound − objective| ÷ the larger of the two, 0 when both are zero.
    pub fn gap(&self) -> f64 {
        let larger = self.objective.abs().max(self.bound.abs());
        if larger == 0.0 { 0.0 } else { (self.bound - self.objective).abs() / larger }
    }
}

/// Why a model can't be answered.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LocateError {
    /// The model needs a value that wasn't given.
    #[error("{model} needs {what}")]
    Missing {
        /// The model.
        model: &'static str,
        /// What it needs, such as `limit`.
        what: &'static str,
    },
    /// No choice keeps the rules; who is to blame.
    #[error("infeasible: {reason:?}")]
    Infeasible {
        /// Why.
        reason: Infeasibility,
        /// The demand rows or site rows to blame, ascending.
        culprits: Vec<u32>,
    },
    /// The work or the time was over before an answer that keeps all rules, or a proof that there is none, was found.
    #[error("no answer that keeps all rules was found in the work allowed, and no proof that there is none")]
    Undecided,
}

/// Kinds of infeasibility.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Infeasibility {
    /// These demand points are within the limit of no site.
    Uncoverable,
    /// These demand points can be reached from no site.
    Unreachable,
    /// The share can't be reached even with every site open; culprits are the uncoverable demand points.
    ShareTooHigh,
    /// p is larger than the number of candidates.
    TooFewCandidates,
    /// No p candidates, with the existing sites, reach all of these demand points.
    TooFewSites,
    /// All capacity together is less than the demand.
    TooLittleCapacity,
    /// These demand points weigh more than any site that reaches them can serve.
    TooHeavy,
    /// No p candidates, with the existing sites, have room for all of these demand points, each served whole by one site.
    Unpackable,
}
