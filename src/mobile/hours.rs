//! Windows that longer hours of a station serve better than a bus.
//!
//! A window is such a one when at least a given share of its demand lies in reach of a station that is merely closed, and is there in
//! the same hours of the planning day too.

use super::ground::{Ground, OfDay};
use crate::calendar::Period;
use crate::id::SiteIdx;
use crate::quantity::Weight;

/// A window that a bus would only fill because a station is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LongerHours {
    /// Row of the stop.
    pub stop: usize,
    /// The station that should be open longer.
    pub station: SiteIdx,
    /// First hour.
    pub from: u8,
    /// Last hour, exclusive.
    pub to: u8,
    /// Visits that it would serve on this day.
    pub visits: Weight,
}

/// Whether a window's demand lasts: at least the given share of it lies in reach of a station that is merely closed, and is there
/// in the same hours of the planning day too. The station nearest to most of it is named.
pub(super) fn lasting(stop: usize, [from, to]: [u8; 2], ground: &Ground<'_>, of_day: &OfDay<'_>) -> Option<LongerHours> {
    let (network, cube, day) = (ground.network, ground.cube, of_day.kind);
    let (limit, planning_day) = (ground.scenario.standard.limit(day.season), ground.scenario.planning_day);
    let (stops, unserved) = (&of_day.stops, &of_day.unserved);
    let mut by_station = std::collections::BTreeMap::new();
    let (mut all, mut lasting) = (Weight::ZERO, Weight::ZERO);
    for &cell in &stops.cells[stop] {
        let reached = network.matrix.access(cell).iter().filter(|a| a.reach.within(limit));
        let nearest = reached.clone().min_by_key(|a| (a.reach, a.site));
        for hour in from..to {
            let here = unserved.cell(cell, usize::from(hour));
            all += here;
            let open = reached.clone().any(|a| network.sites[a.site].hours.open_at(Period { day, hour }));
            if let Some(nearest) = nearest.filter(|_| !open) {
                lasting += here.min(cube.at(cell, Period { day: planning_day, hour }));
                *by_station.entry(nearest.site).or_insert(Weight::ZERO) += here;
            }
        }
    }
    let station = by_station.into_iter().max_by_key(|(site, visits)| (*visits, std::cmp::Reverse(*site)))?;
    let share = lasting.share_of(all).get();
    (share >= ground.rules().permanent_share).then_some(LongerHours { stop, station: station.0, from, to, visits: station.1 })
}
