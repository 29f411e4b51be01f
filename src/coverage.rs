//! How much demand is served, on the five rungs of the ladder.
//!
//! What: for every typical day, slot, group and planning unit, the demand (a) in the radius of a station, (b) also by path,
//! (c) with a station open in that hour, (d) within the stations' capacity, (e) at a station with the right service.
//! Input → output: catchments, demand cube and the network's sites → [`Ladder`]; rungs never increase, and
//! covered + uncovered = demand in every row.
//! Steps for (d): hour by hour, cells by falling demand (ties by cell) go to their nearest open station with room, then to the
//! next; (e) counts the groups whose service the serving station has.
//! Complexity: `O(pairs)` a period; the 288 periods run in parallel. All sums are integers.
//! Mobile stations are not part of the network: they are counted where the buses are planned.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::calendar::{DayKind, HOURS, Period, Slot};
use crate::catchment::CatchmentMatrix;
use crate::domain::demand::DemandCube;
use crate::domain::site::Site;
use crate::domain::standard::ServiceStandard;
use crate::id::{DemandIdx, GroupIdx, IdVec, SiteIdx, UnitIdx};
use crate::quantity::{Impedance, Weight};

/// Number of rungs.
pub const RUNGS: usize = 5;

/// Identifiers of the rungs in files, in order.
pub const RUNG_IDS: [&str; RUNGS] = ["radius", "path", "open", "capacity", "service"];

/// The standing network: its sites and what they reach.
#[derive(Debug)]
pub struct Network<'a> {
    /// Open stations that stay where they are.
    pub sites: &'a IdVec<SiteIdx, Site>,
    /// Their catchments, at least as wide as any limit asked for.
    pub matrix: &'a CatchmentMatrix,
    /// `suits[site][group]`: whether a site has the service that a group needs.
    pub suits: Vec<Vec<bool>>,
}

impl<'a> Network<'a> {
    /// A network; `services` says which services or equipment a group needs one of (an unlisted group needs only the basics).
    pub fn new(
        sites: &'a IdVec<SiteIdx, Site>,
        matrix: &'a CatchmentMatrix,
        groups: &[String],
        services: &BTreeMap<String, Vec<String>>,
    ) -> Self {
        let suits = |site: &Site, group: &String| {
            let has = |service: &String| site.service_types.contains(service) || site.equipment.contains(service);
            services.get(group).is_none_or(|any_of| any_of.iter().any(has))
        };
        let suits = sites.rows().iter().map(|site| groups.iter().map(|group| suits(site, group)).collect()).collect();
        Self { sites, matrix, suits }
    }
}

/// Demand on the five rungs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Steps {
    /// All demand.
    pub demand: Weight,
    /// Covered on rungs (a) to (e).
    pub covered: [Weight; RUNGS],
}

impl Steps {
    /// Adds another account.
    pub fn add(&mut self, other: &Self) {
        self.demand += other.demand;
        for (mine, theirs) in self.covered.iter_mut().zip(other.covered) {
            *mine += theirs;
        }
    }
}

/// One row of the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LadderRow {
    /// Planning unit.
    pub unit: Option<UnitIdx>,
    /// Whether it is the planner's own area.
    pub in_area: bool,
    /// Group.
    pub group: GroupIdx,
    /// Typical day.
    pub day: DayKind,
    /// Part of the day.
    pub slot: Slot,
    /// The account.
    pub steps: Steps,
}

/// The ladder of one network at one standard.
#[derive(Debug, Clone, PartialEq)]
pub struct Ladder {
    /// Rows with demand, sorted by day, slot, unit, area, group.
    pub rows: Vec<LadderRow>,
}

impl Ladder {
    /// The account of all rows that `keep` accepts.
    pub fn sum(&self, keep: impl Fn(&LadderRow) -> bool) -> Steps {
        let mut total = Steps::default();
        for row in self.rows.iter().filter(|row| keep(row)) {
            total.add(&row.steps);
        }
        total
    }

    /// The account of a typical day.
    pub fn day(&self, day: DayKind) -> Steps {
        self.sum(|row| row.day == day)
    }

    /// The account of a part of a day.
    pub fn slot(&self, day: DayKind, slot: Slot) -> Steps {
        self.sum(|row| row.day == day && row.slot == slot)
    }
}

/// Who serves whom in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// (cell, site, visits), in the order of allocation.
    pub served: Vec<(DemandIdx, SiteIdx, Weight)>,
    /// Demand of each cell that nobody serves.
    pub residual: Vec<Weight>,
}

impl Allocation {
    /// Visits served by each site.
    pub fn load(&self, sites: usize) -> Vec<Weight> {
        let mut load = vec![Weight::ZERO; sites];
        for &(_, site, visits) in &self.served {
            load[site.get()] += visits;
        }
        load
    }
}

/// Sends demand to open stations: largest cells first, each to its nearest station with room, then to the next.
pub fn allocate(network: &Network<'_>, cube: &DemandCube, limit: Impedance, period: Period) -> Allocation {
    let mut residual: Vec<Weight> = cube.cells().indexes().map(|cell| cube.at(cell, period)).collect();
    let mut order: Vec<DemandIdx> = cube.cells().indexes().filter(|cell| residual[cell.get()] > Weight::ZERO).collect();
    order.sort_by_key(|cell| (std::cmp::Reverse(residual[cell.get()]), *cell));
    let mut room: Vec<Option<Weight>> = network.sites.rows().iter().map(|site| site.capacity_per_hour).collect();
    let mut served = Vec::new();
    for cell in order {
        let near = network.matrix.access(cell).iter();
        let mut open: Vec<_> = near.filter(|a| a.reach.within(limit) && network.sites[a.site].hours.open_at(period)).collect();
        open.sort_by_key(|a| (a.reach, a.site));
        for access in open {
            let wanted = residual[cell.get()];
            let taken = room[access.site.get()].map_or(wanted, |room| room.min(wanted));
            if taken == Weight::ZERO {
                continue;
            }
            residual[cell.get()] = wanted - taken;
            if let Some(room) = &mut room[access.site.get()] {
                *room = *room - taken;
            }
            served.push((cell, access.site, taken));
            if residual[cell.get()] == Weight::ZERO {
                break;
            }
        }
    }
    Allocation { served, residual }
}

/// Climbs the ladder on all twelve typical days.
pub fn climb(network: &Network<'_>, cube: &DemandCube, standard: &ServiceStandard) -> Ladder {
    let periods: Vec<Period> = DayKind::all().flat_map(Period::of_day).collect();
    let accounts: Vec<Account> = periods
        .par_iter()
        .map(|&period| account(cube, &climb_period(network, cube, standard.limit(period.day.season), period)))
        .collect();
    let mut rows = Vec::new();
    for day in DayKind::all() {
        for slot in Slot::ALL {
            let hours: Vec<&Account> = (0..HOURS as u8)
                .filter(|&hour| Slot::of_hour(hour) == slot)
                .map(|hour| &accounts[Period { day, hour }.index()])
                .collect();
            collect_rows(&mut rows, day, slot, &hours);
        }
    }
    Ladder { rows }
}

/// The account of each cell on a typical day, all groups together; they add up to the ladder's.
pub fn by_cell(network: &Network<'_>, cube: &DemandCube, standard: &ServiceStandard, day: DayKind) -> Vec<Steps> {
    let mut accounts = vec![Steps::default(); cube.cells().len()];
    for period in Period::of_day(day) {
        let steps = climb_period(network, cube, standard.limit(day.season), period);
        for (row, step) in steps.iter().enumerate() {
            accounts[row / cube.groups().len()].add(step);
        }
    }
    accounts
}

/// Account of one period by cell and group: row `cell * groups + group`.
fn climb_period(network: &Network<'_>, cube: &DemandCube, limit: Impedance, period: Period) -> Vec<Steps> {
    let groups = cube.groups().len();
    let mut steps = vec![Steps::default(); cube.cells().len() * groups];
    for cell in cube.cells().indexes() {
        let near = network.matrix.access(cell);
        let in_radius = near.iter().any(|a| a.straight.within(limit));
        let by_path = near.iter().any(|a| a.reach.within(limit));
        let open = near.iter().any(|a| a.reach.within(limit) && network.sites[a.site].hours.open_at(period));
        for group in cube.group_indexes() {
            let demand = cube.weight(cell, group, period);
            let step = &mut steps[cell.get() * groups + group.get()];
            step.demand = demand;
            for (rung, reached) in [in_radius, by_path, open].into_iter().enumerate() {
                step.covered[rung] = if reached { demand } else { Weight::ZERO };
            }
        }
    }
    share_out(network, cube, &allocate(network, cube, limit, period), period, &mut steps);
    steps
}

/// Splits what each cell was given among its groups in proportion to their demand, without losing a thousandth.
fn share_out(network: &Network<'_>, cube: &DemandCube, allocation: &Allocation, period: Period, steps: &mut [Steps]) {
    let groups = cube.groups().len();
    let mut given = vec![0u64; cube.cells().len()];
    for &(cell, site, visits) in &allocation.served {
        given[cell.get()] += visits.milli();
        let shares = parts(cube, cell, period, given[cell.get()]);
        for (group, part) in cube.group_indexes().zip(shares) {
            let step = &mut steps[cell.get() * groups + group.get()];
            let more = part.saturating_sub(step.covered[3]);
            step.covered[3] = part;
            if network.suits[site.get()][group.get()] {
                step.covered[4] += more;
            }
        }
    }
    for step in steps {
        step.covered[4] = step.covered[4].min(step.covered[3]);
    }
}

/// The groups' parts of the first `given` thousandths of a cell's demand; they add up to `given`.
pub(crate) fn parts(cube: &DemandCube, cell: DemandIdx, period: Period, given: u64) -> Vec<Weight> {
    let total = cube.at(cell, period).milli();
    let upto = |demand: u64| (u128::from(given) * u128::from(demand) / u128::from(total)) as u64;
    let mut before = 0;
    let part = |group| {
        let after = before + cube.weight(cell, group, period).milli();
        let part = upto(after) - upto(before);
        before = after;
        Weight::from_milli(part)
    };
    cube.group_indexes().map(part).collect()
}

/// Steps by unit, area and group.
type Account = BTreeMap<(Option<UnitIdx>, bool, GroupIdx), Steps>;

/// Adds up the steps of one period, row `cell * groups + group`.
fn account(cube: &DemandCube, steps: &[Steps]) -> Account {
    let groups = cube.groups().len();
    let mut account = Account::new();
    for (cell, place) in cube.cells().iter() {
        for group in cube.group_indexes() {
            let step = &steps[cell.get() * groups + group.get()];
            if step.demand > Weight::ZERO {
                account.entry((place.unit, place.in_area, group)).or_default().add(step);
            }
        }
    }
    account
}

fn collect_rows(rows: &mut Vec<LadderRow>, day: DayKind, slot: Slot, hours: &[&Account]) {
    let mut sums = Account::new();
    for (key, steps) in hours.iter().flat_map(|hour| hour.iter()) {
        sums.entry(*key).or_default().add(steps);
    }
    rows.extend(sums.into_iter().map(|((unit, in_area, group), steps)| LadderRow { unit, in_area, group, day, slot, steps }));
}
