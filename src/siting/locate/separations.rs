//! Impedances between sites and demand points, sparse, both ways.
//!
//! What: every pair up to a limit (or every pair that can be reached), by site and by demand point. Rule: a pair counts when its
//! impedance is ≤ the limit. Complexity: `O(sites · demand)` distances, in parallel by site; memory 24 bytes a pair.

use rayon::prelude::*;

use crate::domain::location::{LocationProblem, Separation};

/// Rows of (id, impedance), ids ascending.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sparse {
    starts: Vec<usize>,
    ids: Vec<u32>,
    values: Vec<f64>,
}

impl Sparse {
    /// From whole rows.
    pub fn from_rows(rows: impl IntoIterator<Item = Vec<(u32, f64)>>) -> Self {
        let mut all = Self { starts: vec![0], ids: Vec::new(), values: Vec::new() };
        for row in rows {
            all.ids.extend(row.iter().map(|&(id, _)| id));
            all.values.extend(row.iter().map(|&(_, value)| value));
            all.starts.push(all.ids.len());
        }
        all
    }

    /// Ids and impedances of a row.
    #[inline]
    pub fn row(&self, row: usize) -> (&[u32], &[f64]) {
        let range = self.starts[row]..self.starts[row + 1];
        (&self.ids[range.clone()], &self.values[range])
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Number of pairs.
    pub fn pairs(&self) -> usize {
        self.ids.len()
    }

    /// The other way round, with `columns` rows.
    pub fn transposed(&self, columns: usize) -> Self {
        let mut starts = vec![0usize; columns + 1];
        for &id in &self.ids {
            starts[id as usize + 1] += 1;
        }
        for column in 0..columns {
            starts[column + 1] += starts[column];
        }
        let mut next = starts.clone();
        let (mut ids, mut values) = (vec![0; self.ids.len()], vec![0.0; self.ids.len()]);
        for row in 0..self.rows() {
            let (columns, impedances) = self.row(row);
            for (&column, &value) in columns.iter().zip(impedances) {
                let at = &mut next[column as usize];
                (ids[*at], values[*at]) = (row as u32, value);
                *at += 1;
            }
        }
        Self { starts, ids, values }
    }
}

/// Impedances both ways.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Separations {
    /// For each site its demand points.
    pub by_site: Sparse,
    /// For each demand point its sites.
    pub by_demand: Sparse,
}

impl Separations {
    /// All pairs of a problem with an impedance ≤ `limit`; all that can be reached when there is none.
    pub fn new(problem: &LocationProblem, limit: Option<f64>) -> Self {
        let limit = limit.unwrap_or(f64::INFINITY);
        let by_site = match &problem.separation {
            Separation::Matrix(entries) => listed(problem.sites.ids.len(), entries, limit),
            Separation::Metric(metric) => {
                let row = |&site: &[f64; 2]| -> Vec<(u32, f64)> {
                    let all = (0u32..).zip(&problem.demand.points).map(|(row, &point)| (row, metric.distance(site, point)));
                    all.filter(|&(_, metres)| metres <= limit).collect()
                };
                Sparse::from_rows(problem.sites.points.par_iter().map(row).collect::<Vec<_>>())
            }
        };
        let by_demand = by_site.transposed(problem.demand.ids.len());
        Self { by_site, by_demand }
    }
}

fn listed(sites: usize, entries: &[(u32, u32, f64)], limit: f64) -> Sparse {
    let mut rows = vec![Vec::new(); sites];
    for &(site, demand, impedance) in entries.iter().filter(|entry| entry.2 <= limit) {
        rows[site as usize].push((demand, impedance));
    }
    Sparse::from_rows(rows)
}
