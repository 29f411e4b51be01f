//! Which demand cells each site reaches, and which sites reach each cell.
//!
//! What: every (site, cell) pair within a limit, with its straight distance and its reach distance (path ÷ circuity).
//! Steps: an R*-tree over the cells gives those within the limit in the working CRS (widened by 1 % for other metrics); the
//! metric and the barriers decide. Over streets, one bounded search a site gives the paths; a pair beyond its bound is unreachable.
//! Sites are worked on in parallel and collected in input order.
//! Complexity: `O(n log m + pairs)` for n sites and m cells. Memory: 12 bytes a pair, each way.
//! Determinism: the same bytes on any thread count; distances are rounded to a millimetre once, here.

use rayon::prelude::*;

use crate::id::{DemandIdx, SiteIdx};
use crate::impedance::{Place, Travel};
use crate::quantity::Impedance;
use crate::spatial_index::PointIndex;

/// The metric may differ from the working CRS by this much: scale error of a 3° or UTM zone, sphere against ellipsoid.
const METRIC_MARGIN: f64 = 1.01;

/// A cell that a site reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// The cell.
    pub cell: DemandIdx,
    /// Straight distance.
    pub straight: Impedance,
    /// Reach distance: barrier-aware path ÷ circuity; never less than `straight`.
    pub reach: Impedance,
}

/// A site that reaches a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// The site.
    pub site: SiteIdx,
    /// Straight distance.
    pub straight: Impedance,
    /// Reach distance.
    pub reach: Impedance,
}

/// Sites against cells, sparse, both ways (compressed rows).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatchmentMatrix {
    site_rows: Vec<usize>,
    reaches: Vec<Reach>,
    cell_rows: Vec<usize>,
    accesses: Vec<Access>,
}

impl CatchmentMatrix {
    /// Cells whose straight distance from the site is within the limit, ascending.
    pub fn catchment(&self, site: SiteIdx) -> &[Reach] {
        &self.reaches[self.site_rows[site.get()]..self.site_rows[site.get() + 1]]
    }

    /// Sites whose straight distance from the cell is within the limit, ascending.
    pub fn access(&self, cell: DemandIdx) -> &[Access] {
        &self.accesses[self.cell_rows[cell.get()]..self.cell_rows[cell.get() + 1]]
    }

    /// Number of sites.
    pub fn sites(&self) -> usize {
        self.site_rows.len() - 1
    }

    /// Number of cells.
    pub fn cells(&self) -> usize {
        self.cell_rows.len() - 1
    }

    /// Number of pairs.
    pub fn pairs(&self) -> usize {
        self.reaches.len()
    }
}

/// Draws the catchments of `sites` over `cells` up to `limit` (straight; the reach distance may be longer, or unreachable).
pub fn delineate(sites: &[Place], cells: &[Place], limit: Impedance, travel: &Travel) -> CatchmentMatrix {
    let index = PointIndex::new(cells.iter().map(|cell| cell.planar));
    let radius = limit.metres() * METRIC_MARGIN + 1.0;
    let by_street = travel.street_costs(sites, cells, limit);
    let catchment = |(site, &place): (usize, &Place)| -> Vec<Reach> {
        let near = index.within(place.planar, radius).into_iter();
        let reaches = near.filter_map(|row| {
            let metres = travel.straight(place, cells[row]);
            let straight = Impedance::from_metres(metres);
            let reach = || match &by_street {
                Some(costs) => travel.street_reach(costs.cost(site, row as u32), metres),
                None => travel.reach(place, cells[row]),
            };
            straight.within(limit).then(|| Reach { cell: DemandIdx::from_usize(row), straight, reach: reach() })
        });
        reaches.collect()
    };
    let catchments: Vec<Vec<Reach>> = sites.par_iter().enumerate().map(catchment).collect();
    compress(&catchments, cells.len())
}

fn compress(catchments: &[Vec<Reach>], cells: usize) -> CatchmentMatrix {
    let mut site_rows = Vec::with_capacity(catchments.len() + 1);
    let mut cell_rows = vec![0; cells + 1];
    let mut total = 0;
    for catchment in catchments {
        site_rows.push(total);
        total += catchment.len();
        for reach in catchment {
            cell_rows[reach.cell.get() + 1] += 1;
        }
    }
    site_rows.push(total);
    for row in 0..cells {
        cell_rows[row + 1] += cell_rows[row];
    }
    let blank = Access { site: SiteIdx::from_usize(0), straight: Impedance::UNREACHABLE, reach: Impedance::UNREACHABLE };
    let mut accesses = vec![blank; total];
    let mut next = cell_rows.clone();
    for (site, catchment) in catchments.iter().enumerate() {
        for reach in catchment {
            let at = &mut next[reach.cell.get()];
            accesses[*at] = Access { site: SiteIdx::from_usize(site), straight: reach.straight, reach: reach.reach };
            *at += 1;
        }
    }
    CatchmentMatrix { site_rows, reaches: catchments.concat(), cell_rows, accesses }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::{LonLat, Metric, Planar};
    use proptest::prelude::*;

    fn places(points: &[(f64, f64)]) -> Vec<Place> {
        let position = LonLat::new(0.0, 0.0).expect("valid");
        points.iter().map(|&(x, y)| Place { position, planar: Planar { x, y } }).collect()
    }

    #[test]
    fn the_limit_itself_is_reached() {
        let travel = Travel::new(Metric::Planar, 1.2, &[]);
        let matrix = delineate(
            &places(&[(0.0, 0.0)]),
            &places(&[(300.0, 400.0), (300.0, 400.01)]),
            Impedance::from_metres(500.0),
            &travel,
        );
        assert_eq!(matrix.catchment(SiteIdx::from_usize(0)).len(), 1);
        assert!(matrix.access(DemandIdx::from_usize(1)).is_empty());
    }

    proptest! {
        #[test]
        fn agrees_with_brute_force_both_ways(
            sites in prop::collection::vec((0.0..2000.0f64, 0.0..2000.0f64), 0..12),
            cells in prop::collection::vec((0.0..2000.0f64, 0.0..2000.0f64), 0..40),
            limit in 1.0..900.0f64,
        ) {
            let travel = Travel::new(Metric::Planar, 1.2, &[]);
            let (sites, cells) = (places(&sites), places(&cells));
            let limit = Impedance::from_metres(limit);
            let matrix = delineate(&sites, &cells, limit, &travel);
            for (s, site) in sites.iter().enumerate() {
                for (c, cell) in cells.iter().enumerate() {
                    let near = Impedance::from_metres(site.planar.distance(cell.planar)).within(limit);
                    let (s, c) = (SiteIdx::from_usize(s), DemandIdx::from_usize(c));
                    prop_assert_eq!(matrix.catchment(s).iter().any(|r| r.cell == c), near);
                    prop_assert_eq!(matrix.access(c).iter().any(|a| a.site == s), near);
                }
            }
        }
    }
}
