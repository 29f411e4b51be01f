//! `gaps.geojson`: each gap as the squares of the analysis grid that it takes up, joined.
//!
//! For the public a gap is a point, and its severity is there only if it may be told.
//!
//! The squares are joined as whole numbers of columns and rows, so no sliver can arise; only then are the corners unprojected.

use geo::algorithm::orient::{Direction, Orient};
use geo::{Coord, LineString, MapCoords, Polygon, unary_union};
use serde::Serialize;

use super::{ByName, Feature, Shape, metres};
use crate::calendar::Slot;
use crate::crs::{CrsError, Planar, Projector};
use crate::domain::study_area::Grid;
use crate::findings::RunError;
use crate::gap::{AdvisedGap, Gap};
use crate::output::disclosure::Cleared;
use crate::quantity::Weight;

/// Properties of a gap.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct GapProperties {
    gap_id: String,
    rank: usize,
    severity: Option<f64>,
    cause: &'static str,
    season: &'static str,
    day_type: &'static str,
    slot: Option<&'static str>,
    group_top: Option<String>,
    nearest_station_id: Option<String>,
    straight_m: Option<f64>,
    path_m: Option<f64>,
    suggest_kind: Option<&'static str>,
    suggest_service: String,
    cost_low: Option<f64>,
    cost_high: Option<f64>,
    in_area: bool,
    action: &'static str,
    station_id: Option<String>,
    centre_lon: f64,
    centre_lat: f64,
    cells: Option<usize>,
    visits_by_slot: Option<ByName>,
    visits_by_group: Option<ByName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<bool>,
}

/// Identifier of a gap: its typical day and its rank.
pub(in crate::output) fn gap_id(gap: &Gap) -> String {
    format!("{}-{}-G{:02}", gap.day.season.id(), gap.day.day_type.id(), gap.rank)
}

/// All gaps, by studied day and rank.
pub(super) fn features(cleared: &Cleared<'_>) -> Result<Vec<Feature<GapProperties>>, RunError> {
    let findings = cleared.findings();
    let dataset = &findings.dataset;
    let feature = |gap: &AdvisedGap| -> Result<Feature<GapProperties>, RunError> {
        let properties = properties(cleared, gap);
        if cleared.published().is_some() {
            return Ok(Feature { shape: Shape::Point(gap.centre), properties });
        }
        let areas = joined(&gap.gap.grid_cells);
        let areas = areas.iter().map(|area| unproject(area, &dataset.area.grid, &dataset.projector));
        Ok(Feature { shape: Shape::Areas(areas.collect::<Result<_, _>>()?), properties })
    };
    findings.gaps.iter().map(feature).collect()
}

fn properties(cleared: &Cleared<'_>, advised: &AdvisedGap) -> GapProperties {
    let findings = cleared.findings();
    let (gap, sites, groups) = (&advised.gap, &findings.dataset.sites, findings.cube.groups());
    // In published gaps nought stands for what is withheld.
    let told = Some(gap.severity).filter(|severity| *severity > Weight::ZERO);
    let worst: Slot = gap.worst_slot();
    GapProperties {
        gap_id: gap_id(gap),
        rank: gap.rank,
        severity: told.map(Weight::visits),
        cause: gap.cause.id(),
        season: gap.day.season.id(),
        day_type: gap.day.day_type.id(),
        slot: cleared.figure(worst.id()),
        group_top: gap.top_group().map(|group| groups[group.get()].clone()),
        nearest_station_id: advised.nearest.map(|(site, ..)| sites[site].id.clone()),
        straight_m: advised.nearest.map(|(_, straight, _)| metres(straight)),
        path_m: advised.nearest.and_then(|(.., path)| path).map(metres),
        suggest_kind: advised.kind.map(|kind| kind.id()),
        suggest_service: advised.service.clone(),
        cost_low: advised.cost.map(|[low, _]| low),
        cost_high: advised.cost.map(|[_, high]| high),
        in_area: gap.in_area,
        action: advised.action,
        station_id: gap.station.map(|site| sites[site].id.clone()),
        centre_lon: super::rounded(advised.centre.lon(), 6),
        centre_lat: super::rounded(advised.centre.lat(), 6),
        cells: cleared.figure(gap.grid_cells.len()),
        visits_by_slot: cleared.figure(ByName::slots(&gap.by_slot)),
        visits_by_group: cleared.figure(ByName::groups(groups, &gap.by_group)),
        suppressed: cleared.published().map(|_| told.is_none()),
    }
}

/// Joins squares of the grid, corners in columns and rows: outer rings counter-clockwise, each from its smallest corner.
pub(in crate::output) fn joined(cells: &[(u32, u32)]) -> Vec<Polygon<f64>> {
    let square = |&(column, row): &(u32, u32)| {
        let (west, south) = (f64::from(column), f64::from(row));
        let (east, north) = (west + 1.0, south + 1.0);
        Polygon::new(LineString::from(vec![(west, south), (east, south), (east, north), (west, north)]), Vec::new())
    };
    let squares: Vec<Polygon<f64>> = cells.iter().map(square).collect();
    let whole = |c: Coord<f64>| Coord { x: c.x.round(), y: c.y.round() };
    let united = unary_union(&squares).map_coords(whole).orient(Direction::Default);
    let mut areas: Vec<Polygon<f64>> = united.iter().map(from_smallest_corner).collect();
    areas.sort_by(|a, b| corners(a.exterior()).partial_cmp(&corners(b.exterior())).unwrap_or(std::cmp::Ordering::Equal));
    areas
}

fn corners(ring: &LineString<f64>) -> Vec<(f64, f64)> {
    ring.coords().map(|c| (c.x, c.y)).collect()
}

/// The same polygon, each ring from its smallest corner on, inner rings sorted.
fn from_smallest_corner(polygon: &Polygon<f64>) -> Polygon<f64> {
    let turn = |ring: &LineString<f64>| {
        let mut open = corners(ring);
        open.pop();
        let first = open.iter().enumerate().min_by(|a, b| a.1.0.total_cmp(&b.1.0).then(a.1.1.total_cmp(&b.1.1)));
        let first = first.map_or(0, |(row, _)| row);
        open.rotate_left(first);
        LineString::from(open)
    };
    let mut inner: Vec<LineString<f64>> = polygon.interiors().iter().map(turn).collect();
    inner.sort_by(|a, b| corners(a).partial_cmp(&corners(b)).unwrap_or(std::cmp::Ordering::Equal));
    Polygon::new(turn(polygon.exterior()), inner)
}

/// An area in columns and rows of a grid, in degrees.
pub(in crate::output) fn unproject(area: &Polygon<f64>, grid: &Grid, projector: &Projector) -> Result<Polygon<f64>, CrsError> {
    area.try_map_coords(|corner| {
        let planar = Planar { x: grid.origin.x + corner.x * grid.cell_m, y: grid.origin.y + corner.y * grid.cell_m };
        projector.unproject(planar).map(|place| Coord { x: place.lon(), y: place.lat() })
    })
}

#[cfg(test)]
mod tests {
    use geo::{Area, Validation};
    use proptest::prelude::*;

    use super::*;

    fn area(cells: &[(u32, u32)]) -> f64 {
        joined(cells).iter().map(Area::signed_area).sum()
    }

    #[test]
    fn squares_that_touch_become_one_ring_counter_clockwise() {
        let two = joined(&[(3, 4), (4, 4)]);
        assert_eq!(two.len(), 1);
        assert_eq!(corners(two[0].exterior()), [(3.0, 4.0), (5.0, 4.0), (5.0, 5.0), (3.0, 5.0), (3.0, 4.0)]);
    }

    #[test]
    fn a_ring_of_squares_keeps_its_hole_clockwise() {
        let ring: Vec<(u32, u32)> = (0..9).map(|n| (n % 3, n / 3)).filter(|c| *c != (1, 1)).collect();
        let ring = joined(&ring);
        assert_eq!((ring.len(), ring[0].interiors().len()), (1, 1));
        assert!(Polygon::new(ring[0].interiors()[0].clone(), Vec::new()).signed_area() < 0.0);
    }

    proptest! {
        #[test]
        fn joined_squares_keep_their_area_and_are_valid(cells in proptest::collection::btree_set((0u32..7, 0u32..7), 1..30)) {
            let cells: Vec<(u32, u32)> = cells.into_iter().collect();
            prop_assert!((area(&cells) - cells.len() as f64).abs() < 1e-9);
            for polygon in joined(&cells) {
                prop_assert!(polygon.is_valid(), "{polygon:?}");
            }
        }
    }
}
