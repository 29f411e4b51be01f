//! Gaps: demand that no station serves, where it lies and why.
//!
//! What: two kinds of gap on a typical day. A *place gap* is a cluster of cells that no station reaches by path; its cause is
//! distance, a barrier, the winter surface, or that it lies outside the planner's area. A *service gap* belongs to one station:
//! people within its reach find it closed (hours), full (capacity) or without what they need (service).
//! Steps: cells with uncovered demand above a threshold, merged over their 8 neighbours on the analysis grid; severity is the sum.
//! Unserved demand of reached cells is booked to the nearest station. Place gaps rank first, each kind by severity.
//! Complexity: `O(cells + pairs)` a day. Determinism: integers; ties by cell and station index.

mod advice;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

pub use advice::{AdviceInputs, AdvisedGap, advise};

use crate::calendar::{DayKind, Period, Season, Slot};
use crate::coverage::{Allocation, Network, allocate};
use crate::crs::Planar;
use crate::domain::demand::DemandCube;
use crate::domain::standard::ServiceStandard;
use crate::id::{DemandIdx, GroupIdx, SiteIdx};
use crate::quantity::Weight;
use crate::scenario::file;

/// Why demand isn't served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GapCause {
    /// 距离: no station near.
    Distance,
    /// 阻隔: a station is near, but a river or railway lies between.
    Barrier,
    /// 时段: the station is closed.
    Hours,
    /// 容量: the station is full.
    Capacity,
    /// 功能: the station lacks what the group needs.
    Service,
    /// 季节: reached on bare ground, not on snow.
    Season,
    /// 辖区外: not the planner's own area.
    OutOfArea,
}

impl GapCause {
    /// All causes.
    pub const ALL: [Self; 7] =
        [Self::Distance, Self::Barrier, Self::Hours, Self::Capacity, Self::Service, Self::Season, Self::OutOfArea];

    /// Identifier in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Distance => "distance",
            Self::Barrier => "barrier",
            Self::Hours => "hours",
            Self::Capacity => "capacity",
            Self::Service => "service",
            Self::Season => "season",
            Self::OutOfArea => "out_of_area",
        }
    }

    /// Whether the gap is a place without a station in reach, not a station that fails to serve.
    pub fn is_place(self) -> bool {
        matches!(self, Self::Distance | Self::Barrier | Self::Season | Self::OutOfArea)
    }
}

/// One gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// Rank within its day, from 1.
    pub rank: usize,
    /// Cause.
    pub cause: GapCause,
    /// Typical day.
    pub day: DayKind,
    /// Unserved demand, visits a day.
    pub severity: Weight,
    /// The same by slot.
    pub by_slot: [Weight; Slot::ALL.len()],
    /// The same by group.
    pub by_group: Vec<Weight>,
    /// Demand cells with their unserved demand.
    pub cells: Vec<(DemandIdx, Weight)>,
    /// Cells of the analysis grid, sorted.
    pub grid_cells: Vec<(u32, u32)>,
    /// Demand-weighted centre in metres.
    pub centre: Planar,
    /// The station that fails to serve (service gaps).
    pub station: Option<SiteIdx>,
    /// Whether most of it lies in the planner's own area.
    pub in_area: bool,
}

impl Gap {
    /// The slot with the most unserved demand.
    pub fn worst_slot(&self) -> Slot {
        let worst = Slot::ALL.into_iter().rev().max_by_key(|slot| self.by_slot[*slot as usize]);
        worst.expect("invariant: there are slots")
    }

    /// The group with the most unserved demand.
    pub fn top_group(&self) -> Option<GroupIdx> {
        (0..self.by_group.len()).rev().max_by_key(|&group| self.by_group[group]).map(GroupIdx::from_usize)
    }

    /// Share of the unserved demand that falls in the night.
    pub fn night_share(&self) -> f64 {
        self.by_slot[Slot::Night as usize].share_of(self.severity).get()
    }
}

/// Finds the gaps of a typical day, ranked.
pub fn find_gaps(
    network: &Network<'_>,
    cube: &DemandCube,
    standard: &ServiceStandard,
    rules: &file::Gaps,
    day: DayKind,
) -> Vec<Gap> {
    let mut gaps = find_place_gaps(network, cube, standard, rules, day);
    gaps.extend(find_service_gaps(network, cube, standard, rules, day));
    for (row, gap) in gaps.iter_mut().enumerate() {
        gap.rank = row + 1;
    }
    gaps
}

/// Unserved demand while a gap is being added up.
#[derive(Debug, Clone, Default)]
struct Unserved {
    by_slot: [Weight; Slot::ALL.len()],
    by_group: Vec<Weight>,
    cells: BTreeMap<DemandIdx, Weight>,
}

impl Unserved {
    fn add(&mut self, cube: &DemandCube, cell: DemandIdx, group: GroupIdx, hour: u8, visits: Weight) {
        if visits == Weight::ZERO {
            return;
        }
        self.by_group.resize(cube.groups().len(), Weight::ZERO);
        self.by_slot[Slot::of_hour(hour) as usize] += visits;
        self.by_group[group.get()] += visits;
        *self.cells.entry(cell).or_default() += visits;
    }

    fn total(&self) -> Weight {
        self.by_slot.iter().copied().sum()
    }

    fn into_gap(self, cube: &DemandCube, cause: GapCause, day: DayKind, station: Option<SiteIdx>) -> Gap {
        let severity = self.total();
        let (mut x, mut y, mut home) = (0.0, 0.0, Weight::ZERO);
        let mut grid_cells = BTreeSet::new();
        for (&cell, &visits) in &self.cells {
            let place = &cube.cells()[cell];
            x += place.planar.x * visits.visits();
            y += place.planar.y * visits.visits();
            grid_cells.insert(place.grid_cell);
            if place.in_area {
                home += visits;
            }
        }
        let total = severity.visits().max(f64::MIN_POSITIVE);
        Gap {
            rank: 0,
            cause,
            day,
            severity,
            by_slot: self.by_slot,
            by_group: self.by_group,
            cells: self.cells.into_iter().collect(),
            grid_cells: grid_cells.into_iter().collect(),
            centre: Planar { x: x / total, y: y / total },
            station,
            in_area: home.share_of(severity).get() >= 0.5,
        }
    }
}

fn find_place_gaps(
    network: &Network<'_>,
    cube: &DemandCube,
    standard: &ServiceStandard,
    rules: &file::Gaps,
    day: DayKind,
) -> Vec<Gap> {
    let limit = standard.limit(day.season);
    let uncovered = |cell: &DemandIdx| !network.matrix.access(*cell).iter().any(|a| a.reach.within(limit));
    let mut by_grid_cell: BTreeMap<(u32, u32), (Weight, Vec<DemandIdx>)> = BTreeMap::new();
    for cell in cube.cells().indexes().filter(uncovered) {
        let entry = by_grid_cell.entry(cube.cells()[cell].grid_cell).or_default();
        entry.0 += cube.day(cell, day);
        entry.1.push(cell);
    }
    let threshold = Weight::from_visits(rules.cell_visits);
    by_grid_cell.retain(|_, (visits, _)| *visits > threshold);
    let mut gaps: Vec<Gap> = clusters(&by_grid_cell.keys().copied().collect())
        .into_iter()
        .map(|cluster| {
            let mut unserved = Unserved::default();
            for cell in cluster.iter().flat_map(|grid_cell| &by_grid_cell[grid_cell].1) {
                for group in cube.group_indexes() {
                    for period in Period::of_day(day) {
                        unserved.add(cube, *cell, group, period.hour, cube.weight(*cell, group, period));
                    }
                }
            }
            let gap = unserved.into_gap(cube, GapCause::Distance, day, None);
            Gap { cause: place_cause(network, standard, &gap), ..gap }
        })
        .collect();
    gaps.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.grid_cells.cmp(&b.grid_cells)));
    gaps
}

/// Clusters of cells that touch by side or corner, each sorted, in the order of their first cell.
fn clusters(cells: &BTreeSet<(u32, u32)>) -> Vec<Vec<(u32, u32)>> {
    let mut left = cells.clone();
    let mut clusters = Vec::new();
    while let Some(first) = left.pop_first() {
        let (mut cluster, mut next) = (vec![first], 0);
        while next < cluster.len() {
            let (column, row) = cluster[next];
            next += 1;
            for c in column.saturating_sub(1)..=column + 1 {
                for r in row.saturating_sub(1)..=row + 1 {
                    if left.remove(&(c, r)) {
                        cluster.push((c, r));
                    }
                }
            }
        }
        cluster.sort_unstable();
        clusters.push(cluster);
    }
    clusters
}

/// The cause that explains at least half of a place gap; distance when none does.
fn place_cause(network: &Network<'_>, standard: &ServiceStandard, gap: &Gap) -> GapCause {
    let limit = standard.limit(gap.day.season);
    let bare = Season::ALL.into_iter().map(|season| standard.limit(season)).max().unwrap_or(limit);
    let share = |accept: &dyn Fn(DemandIdx) -> bool| {
        let visits: Weight = gap.cells.iter().filter(|(cell, _)| accept(*cell)).map(|(_, visits)| *visits).sum();
        visits.share_of(gap.severity).get()
    };
    let access = |cell| network.matrix.access(cell).iter();
    if !gap.in_area {
        GapCause::OutOfArea
    } else if share(&|cell| access(cell).any(|a| a.straight.within(limit))) >= 0.5 {
        GapCause::Barrier
    } else if share(&|cell| access(cell).any(|a| a.reach.within(bare))) >= 0.5 {
        GapCause::Season
    } else {
        GapCause::Distance
    }
}

fn find_service_gaps(
    network: &Network<'_>,
    cube: &DemandCube,
    standard: &ServiceStandard,
    rules: &file::Gaps,
    day: DayKind,
) -> Vec<Gap> {
    let limit = standard.limit(day.season);
    let mut books: BTreeMap<(SiteIdx, GapCause), Unserved> = BTreeMap::new();
    for period in Period::of_day(day) {
        let allocation = allocate(network, cube, limit, period);
        for cell in cube.cells().indexes() {
            let left = allocation.residual[cell.get()];
            let near = network.matrix.access(cell).iter();
            let mut reached = near.filter(|a| a.reach.within(limit));
            let Some(nearest) = reached.clone().min_by_key(|a| (a.reach, a.site)).filter(|_| left > Weight::ZERO) else {
                continue;
            };
            let open = reached.any(|a| network.sites[a.site].hours.open_at(period));
            let cause = if open { GapCause::Capacity } else { GapCause::Hours };
            book(books.entry((nearest.site, cause)).or_default(), cube, cell, period, left);
        }
        book_wrong_service(&mut books, network, cube, &allocation, period);
    }
    let threshold = Weight::from_visits(rules.station_visits);
    let mut gaps: Vec<Gap> = books
        .into_iter()
        .filter(|(_, unserved)| unserved.total() >= threshold)
        .map(|((site, cause), unserved)| unserved.into_gap(cube, cause, day, Some(site)))
        .collect();
    gaps.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| (a.station, a.cause).cmp(&(b.station, b.cause))));
    gaps
}

/// Books part of a cell's demand, by group in proportion.
fn book(unserved: &mut Unserved, cube: &DemandCube, cell: DemandIdx, period: Period, visits: Weight) {
    for (group, part) in cube.group_indexes().zip(crate::coverage::parts(cube, cell, period, visits.milli())) {
        unserved.add(cube, cell, group, period.hour, part);
    }
}

fn book_wrong_service(
    books: &mut BTreeMap<(SiteIdx, GapCause), Unserved>,
    network: &Network<'_>,
    cube: &DemandCube,
    allocation: &Allocation,
    period: Period,
) {
    for &(cell, site, visits) in &allocation.served {
        let parts = crate::coverage::parts(cube, cell, period, visits.milli());
        for (group, part) in cube.group_indexes().zip(parts) {
            if !network.suits[site.get()][group.get()] {
                books.entry((site, GapCause::Service)).or_default().add(cube, cell, group, period.hour, part);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_join_a_cluster() {
        let cells = BTreeSet::from([(0, 0), (1, 1), (3, 1), (3, 2)]);
        assert_eq!(clusters(&cells), vec![vec![(0, 0), (1, 1)], vec![(3, 1), (3, 2)]]);
    }
}
