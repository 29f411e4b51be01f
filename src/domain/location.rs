//! Anyone's location problem: sites that could open, weighted demand, and how far each is from the other.

use crate::crs::Metric;

/// Whether a site is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Open, and stays open ("required" elsewhere); doesn't count against the number to open.
    Existing,
    /// May be opened.
    Candidate,
}

/// The sites, column by column; all columns have the same length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LocationSites {
    /// Identifiers as given.
    pub ids: Vec<String>,
    /// `[lon, lat]` in degrees or `[x, y]`, as the metric says; empty when a matrix gives the impedances.
    pub points: Vec<[f64; 2]>,
    /// Roles.
    pub roles: Vec<Role>,
    /// What opening costs, in whole units of money; 1 when not given.
    pub costs: Vec<u64>,
    /// What a site can serve, in units of weight ÷ [`LocationProblem::weight_scale`]; none means no limit.
    pub capacities: Vec<Option<u64>>,
}

/// The demand, column by column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LocationDemand {
    /// Identifiers as given.
    pub ids: Vec<String>,
    /// Positions, as for sites.
    pub points: Vec<[f64; 2]>,
    /// Weights as integers, in units of 1 ÷ [`LocationProblem::weight_scale`].
    pub weights: Vec<u64>,
}

/// How far it is from a site to a demand point.
#[derive(Debug, Clone, PartialEq)]
pub enum Separation {
    /// Straight, from the positions.
    Metric(Metric),
    /// As listed: (site row, demand row, impedance), sorted by site then demand, each pair once; a missing pair can't be reached.
    Matrix(Vec<(u32, u32, f64)>),
}

/// A location problem.
#[derive(Debug, Clone, PartialEq)]
pub struct LocationProblem {
    /// Sites.
    pub sites: LocationSites,
    /// Demand.
    pub demand: LocationDemand,
    /// What lies between.
    pub separation: Separation,
    /// How many integer units make a weight of 1 (a power of ten: 1 when all weights are whole numbers).
    pub weight_scale: u64,
}

impl LocationProblem {
    /// All weight, in integer units.
    pub fn total_weight(&self) -> u64 {
        self.demand.weights.iter().sum()
    }
}
