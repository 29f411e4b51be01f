//! Streets of one traveller, ready to be asked: the graph and what snapping looks in, kept together.
//!
//! What: costs from sites to places within a limit, and of single pairs. Places are snapped each time: that takes microseconds.
//! A single pair is searched with a limit that grows fourfold until the way is found, in scratch memory that is kept, so that near
//! pairs cost what lies between them.

use std::sync::{Mutex, PoisonError};

use geo::MultiPolygon;

use super::NetworkError;
use super::geodesy::{Spot, length_mm};
use super::graph::Graph;
use super::isochrone::{Style, isochrones};
use super::paths::{CostRows, Targets, one_to_many, one_to_one};
use super::profile::Profile;
use super::search::Scratch;
use super::snap::{SnapIndex, Snapper, Snapping};
use super::streets::Streets;
use super::ways::Steps;
use crate::crs::LonLat;
use crate::message::Message;
use crate::progress::Progress;
use crate::quantity::Metres;

/// First limit of a single pair beyond twice the straight distance, in millimetres or milliseconds.
const FIRST_LIMIT: u32 = 1_000_000;

/// Streets of one traveller.
#[derive(Debug)]
pub struct Router {
    graph: Graph<'static>,
    index: SnapIndex,
    within: Metres,
    /// Scratch memory of single pairs, one for each thread that has asked.
    scratch: Mutex<Vec<Scratch>>,
}

impl Router {
    /// Prepares streets for a profile. No leg between a place and the street crosses the given lines, or is longer than `within`.
    ///
    /// # Errors
    /// `N007` when no street may be used.
    pub fn new(streets: Streets, profile: Profile, barriers: &[Vec<LonLat>], within: Metres) -> Result<Self, NetworkError> {
        if !streets.serves(profile.mode) {
            return Err(NetworkError::new(Message::new("N007")));
        }
        let graph = Graph::owning(streets, profile);
        let index = SnapIndex::new(&graph, barriers);
        Ok(Self { graph, index, within, scratch: Mutex::default() })
    }

    /// The graph.
    pub fn graph(&self) -> &Graph<'_> {
        &self.graph
    }

    /// The longest way between a place and the street.
    pub fn within(&self) -> Metres {
        self.within
    }

    /// Finds the street of places, in parallel; rows in the order given.
    pub fn snap_all(&self, places: &[LonLat]) -> Vec<Snapping> {
        Snapper::over(&self.graph, &self.index).snap_all(places, self.within)
    }

    /// Costs from sites to places within a limit, inclusive, in millimetres or milliseconds.
    pub fn costs(&self, sites: &[LonLat], places: &[LonLat], limit: u32, progress: &dyn Progress) -> CostRows {
        let (sites, places) = (self.snap_all(sites), self.snap_all(places));
        one_to_many(&Targets::new(&self.graph, &places), &sites, limit, progress)
    }

    /// The streets that shortest ways take, each from the street at the first place to the street at the second; `None` where none leads
    /// there or a place isn't on the street.
    pub fn ways(&self, pairs: &[(LonLat, LonLat)]) -> Vec<Option<Vec<LonLat>>> {
        let (steps, mut search) = (Steps::new(&self.graph), Scratch::default());
        let snapper = Snapper::over(&self.graph, &self.index);
        let mut way = |&(from, to): &(LonLat, LonLat)| {
            let (from, to) = (snapper.snap(from, self.within).ok()?, snapper.snap(to, self.within).ok()?);
            Some(steps.line(&from, &to, &mut search)?.into_iter().map(Spot::lon_lat).collect())
        };
        pairs.iter().map(&mut way).collect()
    }

    /// The area that places reach together within a limit, in millimetres or milliseconds.
    pub fn area(&self, places: &[LonLat], limit: u32, style: Style) -> MultiPolygon<f64> {
        let sites: Vec<_> = places.iter().copied().zip(self.snap_all(places)).collect();
        let mut drawn = isochrones(&self.graph, &sites, &vec![0; sites.len()], &[limit], style);
        drawn.pop().and_then(|mut drawn| drawn.dissolved.pop()).unwrap_or_else(|| MultiPolygon(Vec::new()))
    }

    /// Cost of one way; `None` when there is none, or when an end isn't on the street.
    pub fn cost(&self, from: LonLat, to: LonLat) -> Option<u32> {
        let snapper = Snapper::over(&self.graph, &self.index);
        let (from, to) = (snapper.snap(from, self.within).ok()?, snapper.snap(to, self.within).ok()?);
        let kept = || self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut search = kept().pop().unwrap_or_default();
        let mut limit = length_mm(from.place, to.place).saturating_mul(2).saturating_add(FIRST_LIMIT);
        let mut found = one_to_one(&self.graph, &from, &to, limit, &mut search);
        while found.is_none() && limit < u32::MAX {
            limit = limit.saturating_mul(4);
            found = one_to_one(&self.graph, &from, &to, limit, &mut search);
        }
        kept().push(search);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::osm::Elements;
    use super::super::tests::at;
    use super::super::{Detail, Harvest, Measure, Mode, Rules, build};
    use super::*;
    use crate::progress::Silent;

    /// A street of 600 m, one across the gap that only a loop of 20 km joins, and a street on its own.
    fn town() -> Router {
        let mut town = Elements::default();
        for (id, east, north) in
            [(1, 0.0, 0.0), (2, 600.0, 0.0), (3, 600.0, 10_000.0), (4, 700.0, 10_000.0), (5, 700.0, 0.0), (6, 1300.0, 0.0)]
        {
            town.node(id, at(east, north));
        }
        town.way(1, &[1, 2, 3, 4, 5, 6], &[("highway", "residential")]);
        town.node(7, at(-3000.0, 0.0));
        town.node(8, at(-6000.0, 0.0));
        town.way(2, &[7, 8], &[("highway", "residential")]);
        let rules = Rules::standard();
        let streets = build(&Harvest::from_elements(&town, &rules), &rules, Detail::Junctions).expect("streets");
        let within = Metres::new(100.0).expect("a length");
        Router::new(streets, Profile::new(Mode::Walk, Measure::Length), &[], within).expect("streets to walk on")
    }

    #[test]
    fn a_way_follows_the_streets_and_is_as_long_as_it_costs() {
        let router = town();
        let place = |east: f64, north: f64| at(east, north).lon_lat();
        let pairs = [
            (place(100.0, 5.0), place(1200.0, -5.0)),
            (place(1200.0, -5.0), place(100.0, 5.0)),
            (place(300.0, 0.0), place(100.0, 0.0)),
        ];
        let ways = router.ways(&pairs);
        for (way, &(from, to)) in ways.iter().zip(&pairs) {
            let way = way.as_ref().expect("a way leads there");
            let spot = |place: LonLat| {
                Spot::new((place.lon() * 1e7).round() as i32, (place.lat() * 1e7).round() as i32).expect("on earth")
            };
            let whole: u32 = way.windows(2).map(|pair| length_mm(spot(pair[0]), spot(pair[1]))).sum();
            let legs = length_mm(spot(from), spot(way[0])) + length_mm(spot(to), spot(way[way.len() - 1]));
            let cost = router.cost(from, to).expect("a way leads there");
            assert!((whole + legs).abs_diff(cost) < 100, "{whole} + {legs} is not {cost}");
        }
        assert_eq!(ways[0].as_ref().map(Vec::len), Some(6), "two feet and the four corners of the loop");
        assert_eq!(router.ways(&[(place(0.0, 0.0), place(-4000.0, 0.0))]), [None]);
    }

    #[test]
    fn single_pairs_equal_rows_whatever_the_detour() {
        let router = town();
        let place = |east: f64, north: f64| at(east, north).lon_lat();
        let (sites, places) =
            ([place(0.0, 20.0)], [place(590.0, 5.0), place(710.0, -5.0), place(-4000.0, 0.0), place(0.0, 500.0)]);
        let rows = router.costs(&sites, &places, u32::MAX, &Silent);
        for (row, &to) in (0..).zip(&places) {
            assert_eq!(router.cost(sites[0], to), rows.cost(0, row), "place {row}");
        }
        assert!(router.cost(sites[0], places[1]).is_some_and(|cost| cost > 20_000_000), "only the loop leads there");
        assert_eq!(router.cost(sites[0], places[2]), None, "another island");
        assert_eq!(router.cost(sites[0], places[3]), None, "too far from any street");
    }
}
