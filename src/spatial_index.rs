//! Finding points near a place. The only file that names `rstar`; only [`Planar`] points can be indexed.

use rstar::RTree;
use rstar::primitives::GeomWithData;

use crate::crs::Planar;

/// An R*-tree over points in metres, bulk-loaded (sort-tile-recursive).
#[derive(Debug)]
pub struct PointIndex {
    tree: RTree<GeomWithData<[f64; 2], u32>>,
}

impl PointIndex {
    /// Indexes points; they are named by their position in the slice.
    ///
    /// # Panics
    /// With more than 2³² points.
    pub fn new(points: impl Iterator<Item = Planar>) -> Self {
        let entry = |(row, point): (usize, Planar)| {
            GeomWithData::new([point.x, point.y], u32::try_from(row).expect("invariant: fewer than 2^32 points"))
        };
        Self { tree: RTree::bulk_load(points.enumerate().map(entry).collect()) }
    }

    /// All points within `radius_m` of `centre`, boundary included, ascending.
    pub fn within(&self, centre: Planar, radius_m: f64) -> Vec<usize> {
        let near = self.tree.locate_within_distance([centre.x, centre.y], radius_m * radius_m);
        let mut rows: Vec<usize> = near.map(|entry| entry.data as usize).collect();
        rows.sort_unstable();
        rows
    }

    /// The `count` points nearest to `centre`, nearest first.
    pub fn nearest(&self, centre: Planar, count: usize) -> impl Iterator<Item = usize> {
        self.tree.nearest_neighbor_iter(&[centre.x, centre.y]).take(count).map(|entry| entry.data as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_brute_force(points in prop::collection::vec((0.0..1000.0f64, 0.0..1000.0f64), 0..60), radius in 0.0..500.0f64) {
            let points: Vec<Planar> = points.into_iter().map(|(x, y)| Planar { x, y }).collect();
            let index = PointIndex::new(points.iter().copied());
            let centre = Planar { x: 500.0, y: 500.0 };
            let squared = |p: &Planar| (p.x - centre.x).powi(2) + (p.y - centre.y).powi(2);
            let slow: Vec<usize> = (0..points.len()).filter(|&row| squared(&points[row]) <= radius * radius).collect();
            prop_assert_eq!(index.within(centre, radius), slow);
        }
    }
}
