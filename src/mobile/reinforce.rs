//! Where and when staff are to be called in: standing stations whose load nears what they have room for.
//!
//! In an hour a station's load is its visits ÷ its capacity ([`crate::coverage::allocate`] sends nobody beyond it). Above the given
//! load, so many more staff are called as take what is above it, at the given visits an hour each; a slot's figure is that of its
//! fullest hour.

use crate::calendar::{DayKind, Period, Slot};
use crate::coverage::{Network, allocate};
use crate::domain::demand::DemandCube;
use crate::domain::standard::ServiceStandard;
use crate::id::SiteIdx;
use crate::quantity::Weight;
use crate::scenario::file;

/// Staff for one station in one slot.
#[derive(Debug, Clone, PartialEq)]
pub struct Reinforcement {
    /// The kind of day.
    pub kind: DayKind,
    /// The station.
    pub site: SiteIdx,
    /// The slot.
    pub slot: Slot,
    /// The fullest hour of it.
    pub hour: u8,
    /// Visits in that hour.
    pub visits: Weight,
    /// Visits that it has room for in an hour.
    pub capacity: Weight,
    /// Staff to call in.
    pub staff: u32,
}

/// The staff list of a kind of day, by station and slot.
pub fn reinforcements(
    network: &Network<'_>,
    cube: &DemandCube,
    standard: &ServiceStandard,
    kind: DayKind,
    rules: &file::Mobile,
) -> Vec<Reinforcement> {
    let mut list: Vec<Reinforcement> = Vec::new();
    for period in Period::of_day(kind) {
        let load = allocate(network, cube, standard.limit(kind.season), period).load(network.sites.len());
        for (site, visits) in network.sites.indexes().zip(load) {
            let Some(capacity) = network.sites[site].capacity_per_hour else { continue };
            let above = visits.visits() - rules.reinforce_above * capacity.visits();
            if above <= 0.0 {
                continue;
            }
            let (slot, staff) = (Slot::of_hour(period.hour), (above / rules.visits_per_staff).ceil() as u32);
            let row = Reinforcement { kind, site, slot, hour: period.hour, visits, capacity, staff };
            match list.iter_mut().find(|known| known.site == site && known.slot == slot) {
                Some(known) if known.visits < visits => *known = row,
                Some(_) => {}
                None => list.push(row),
            }
        }
    }
    list.sort_by_key(|row| (row.site, row.slot));
    list
}
