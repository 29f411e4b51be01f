//! Impedances between sites and demand points, sparse, both ways.
//!
//! What: every pair up to a limit (or every pair that can be reached), by site and by demand point. Rule: a pair counts when its
//! impedance is ≤ the limit. Steps: the sites near each demand point by a grid ([`Nearby`]), in parallel chunks of demand put
//! together in order; then the other way round. Complexity: `O(demand + pairs)` distances with a limit, `O(sites · demand)`
//! without; memory 24 bytes a pair. Determinism: chunks have a fixed size, nothing is summed.

use rayon::prelude::*;

use super::nearby::Nearby;
use crate::crs::Metric;
use crate::domain::location::{LocationProblem, Separation};

/// Demand points a task takes.
const CHUNK: usize = 1_024;

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
        let (sites, demand) = (problem.sites.ids.len(), problem.demand.ids.len());
        match &problem.separation {
            Separation::Matrix(entries) => {
                let by_site = listed(sites, entries, limit);
                Self { by_demand: by_site.transposed(demand), by_site }
            }
            Separation::Metric(metric) => {
                let by_demand = measured(*metric, limit, &problem.sites.points, &problem.demand.points);
                Self { by_site: by_demand.transposed(sites), by_demand }
            }
        }
    }
}

/// For each demand point the sites within the limit.
fn measured(metric: Metric, limit: f64, sites: &[[f64; 2]], demand: &[[f64; 2]]) -> Sparse {
    let near = Nearby::new(metric, limit, sites, 0..sites.len() as u32);
    let rows = |points: &[[f64; 2]]| {
        let mut room = Vec::new();
        let row = |&point: &[f64; 2]| -> Vec<(u32, f64)> {
            let found = near.within(point, &mut room).iter();
            let mut row: Vec<(u32, f64)> = found.map(|&place| (near.row(place), near.distance(place, point))).collect();
            row.sort_unstable_by_key(|&(site, _)| site);
            row
        };
        Sparse::from_rows(points.iter().map(row))
    };
    let chunks: Vec<Sparse> = demand.par_chunks(CHUNK).map(rows).collect();
    let pairs = chunks.iter().map(Sparse::pairs).sum();
    let mut all = Sparse {
        starts: Vec::with_capacity(demand.len() + 1),
        ids: Vec::with_capacity(pairs),
        values: Vec::with_capacity(pairs),
    };
    all.starts.push(0);
    for chunk in chunks {
        let before = all.ids.len();
        all.starts.extend(chunk.starts[1..].iter().map(|end| before + end));
        all.ids.extend(chunk.ids);
        all.values.extend(chunk.values);
    }
    all
}

fn listed(sites: usize, entries: &[(u32, u32, f64)], limit: f64) -> Sparse {
    let mut rows = vec![Vec::new(); sites];
    for &(site, demand, impedance) in entries.iter().filter(|entry| entry.2 <= limit) {
        rows[site as usize].push((demand, impedance));
    }
    Sparse::from_rows(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::location::{LocationDemand, LocationSites, Role};
    use proptest::prelude::*;

    fn problem(metric: Metric, sites: Vec<[f64; 2]>, demand: Vec<[f64; 2]>) -> LocationProblem {
        let ids = |count: usize| (0..count).map(|row| row.to_string()).collect();
        LocationProblem {
            sites: LocationSites {
                ids: ids(sites.len()),
                roles: vec![Role::Candidate; sites.len()],
                costs: vec![1; sites.len()],
                capacities: vec![None; sites.len()],
                points: sites,
            },
            demand: LocationDemand { ids: ids(demand.len()), weights: vec![1; demand.len()], points: demand },
            separation: Separation::Metric(metric),
            weight_scale: 1,
        }
    }

    /// Every pair, one by one.
    fn every_pair(problem: &LocationProblem, metric: Metric, limit: f64) -> Vec<(u32, u32, f64)> {
        let demand = || (0u32..).zip(&problem.demand.points);
        let of = |(site, &at): (u32, &[f64; 2])| demand().map(move |(row, &point)| (site, row, metric.distance(at, point)));
        (0u32..).zip(&problem.sites.points).flat_map(of).filter(|pair| pair.2 <= limit).collect()
    }

    fn pairs(rows: &Sparse) -> Vec<(u32, u32, f64)> {
        let of = |row: usize| {
            let (ids, values) = rows.row(row);
            ids.iter().zip(values).map(move |(&id, &value)| (row as u32, id, value)).collect::<Vec<_>>()
        };
        (0..rows.rows()).flat_map(of).collect()
    }

    proptest! {
        #[test]
        fn separations_are_those_of_every_pair(
            sites in prop::collection::vec((126.0..127.0, 45.0..46.0), 0..25),
            demand in prop::collection::vec((126.0..127.0, 45.0..46.0), 0..25),
            share in 0.0..1.2_f64,
        ) {
            let (sites, demand): (Vec<[f64; 2]>, Vec<[f64; 2]>) =
                (sites.into_iter().map(Into::into).collect(), demand.into_iter().map(Into::into).collect());
            let metres = share * 8e4;
            let sphere = Metric::Haversine(6_371_000.0);
            for (metric, limit) in [(Metric::Planar, share), (Metric::Geodesic, metres), (sphere, metres)] {
                let problem = problem(metric, sites.clone(), demand.clone());
                for limit in [Some(limit), None] {
                    let found = Separations::new(&problem, limit);
                    let expected = every_pair(&problem, metric, limit.unwrap_or(f64::INFINITY));
                    prop_assert_eq!(pairs(&found.by_site), expected);
                    prop_assert_eq!((found.by_site.rows(), found.by_demand.rows()), (sites.len(), demand.len()));
                    prop_assert_eq!(&found.by_demand.transposed(sites.len()), &found.by_site);
                }
            }
        }
    }

    /// More chunks than one.
    #[test]
    fn threads_and_chunks_change_nothing() {
        let spot = |row: usize| [(row as f64 * 0.37).sin(), (row as f64 * 0.91).cos()];
        let problem = problem(Metric::Planar, (0..50).map(spot).collect(), (50..3 * CHUNK).map(spot).collect());
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| Separations::new(&problem, Some(0.3)))
        };
        let one = on(1);
        assert_eq!(pairs(&one.by_site), every_pair(&problem, Metric::Planar, 0.3));
        assert_eq!(one, on(2));
    }

    #[test]
    fn a_matrix_is_cut_at_the_limit() {
        let mut problem = problem(Metric::Planar, vec![[0.0; 2]; 2], vec![[0.0; 2]; 3]);
        problem.separation = Separation::Matrix(vec![(0, 0, 2.0), (0, 2, 5.0), (1, 0, 5.1)]);
        let all = Separations::new(&problem, Some(5.0));
        assert_eq!(pairs(&all.by_site), [(0, 0, 2.0), (0, 2, 5.0)]);
        assert_eq!(pairs(&all.by_demand), [(0, 0, 2.0), (2, 0, 5.0)]);
    }
}
