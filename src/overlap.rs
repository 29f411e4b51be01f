//! Stations that are too close, remote, or misplaced.
//!
//! What: every pair of standing stations within the review distance with each clause of the rule shown true or false; in which
//! order redundant stations could go and what each would cost by then; stations that a person should look at. Nothing is closed
//! by the program.
//! Rule for `redundant` (all must hold): walking path, demand-weighted Jaccard overlap of the catchments, opening hours in common
//! ÷ the shorter, substitutable kind and services, no parent or branch link, and both below the load limit.
//! Steps for the set: backward elimination. The removable station of least loss goes first, unless a kept one would be full then;
//! losses and loads are computed anew after each.
//! Complexity: `O(n²)` distances for n stations, `O(pairs)` for each removal. Determinism: integers; ties by station index.

use std::collections::BTreeSet;

use crate::calendar::{DayKind, Hours, Period, Slot};
use crate::coverage::{Network, allocate};
use crate::domain::demand::DemandCube;
use crate::domain::site::{Site, StationKind};
use crate::domain::standard::ServiceStandard;
use crate::id::{DemandIdx, SiteIdx};
use crate::impedance::{Place, Travel};
use crate::quantity::Weight;
use crate::scenario::file;

/// What a pair is judged by: the measures, and each clause of the rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairEvidence {
    /// Walking path in metres; `None` when there is no way.
    pub path_m: Option<f64>,
    /// Demand-weighted Jaccard overlap of the catchments.
    pub overlap: f64,
    /// Opening minutes in common ÷ those of the shorter.
    pub hours_overlap: f64,
    /// Whether the ledger tells the hours of both.
    pub hours_known: bool,
    /// Highest load of the two: peak-hour visits ÷ capacity.
    pub load: f64,
    /// Path within the limit.
    pub near_by_path: bool,
    /// Catchments overlap enough.
    pub same_catchment: bool,
    /// Open at the same time.
    pub same_hours: bool,
    /// One can stand in for the other.
    pub substitutable: bool,
    /// Neither is the other's branch, nor both of one parent.
    pub unlinked: bool,
    /// Both have room.
    pub has_room: bool,
}

impl PairEvidence {
    /// The clauses with their names, in the order of the rule.
    pub fn clauses(&self) -> [(&'static str, bool); 6] {
        [
            ("near_by_path", self.near_by_path),
            ("same_catchment", self.same_catchment),
            ("same_hours", self.same_hours),
            ("substitutable", self.substitutable),
            ("unlinked", self.unlinked),
            ("has_room", self.has_room),
        ]
    }

    /// The clauses that fail, each with the term of its reason; hours that the ledger doesn't tell are no evidence of other hours.
    pub fn failed(&self) -> Vec<(&'static str, &'static str)> {
        let reason = |clause| match clause {
            "near_by_path" => "not_near_by_path",
            "same_catchment" => "not_same_catchment",
            "same_hours" if !self.hours_known => "hours_unknown",
            "same_hours" => "not_same_hours",
            "substitutable" => "not_substitutable",
            "unlinked" => "not_unlinked",
            _ => "not_has_room",
        };
        self.clauses().into_iter().filter(|(_, holds)| !holds).map(|(clause, _)| (clause, reason(clause))).collect()
    }

    /// Whether all clauses hold.
    pub fn redundant(&self) -> bool {
        self.clauses().iter().all(|(_, holds)| *holds)
    }

    /// Identifier in files: `redundant` or `close_ok`.
    pub fn verdict(&self) -> &'static str {
        if self.redundant() { "redundant" } else { "close_ok" }
    }
}

/// A pair of stations within the review distance.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlap {
    /// One station.
    pub a: SiteIdx,
    /// The other, of higher index.
    pub b: SiteIdx,
    /// Straight distance in metres.
    pub straight_m: f64,
    /// The evidence.
    pub evidence: PairEvidence,
    /// Of a redundant pair: the station to keep, by capacity, then by index.
    pub keep: Option<SiteIdx>,
}

/// A station that can go.
#[derive(Debug, Clone, PartialEq)]
pub struct Redundant {
    /// The station to merge into its neighbour.
    pub station: SiteIdx,
    /// Demand that loses its last open station, by slot, after all earlier removals.
    pub loss_by_slot: [Weight; Slot::ALL.len()],
}

impl Redundant {
    /// Demand lost in a day.
    pub fn loss(&self) -> Weight {
        self.loss_by_slot.iter().copied().sum()
    }
}

/// Why a person should look at a station.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReviewReason {
    /// Little demand and no neighbour. Removing it may still cost reach, so it is never closed by rule.
    Remote {
        /// Demand within reach, visits a day.
        local: Weight,
        /// Straight metres to the nearest other station.
        nearest_m: f64,
    },
    /// A round-the-clock station with little to do at night.
    MisplacedSmart {
        /// Night demand within reach, visits a day.
        night: Weight,
        /// Median of all smart stations.
        peers: Weight,
    },
}

/// A station for a person to look at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StationReview {
    /// The station.
    pub station: SiteIdx,
    /// Why.
    pub reason: ReviewReason,
}

/// Demand within reach of each station on a day, whoever else reaches it: all day, and at night.
pub fn local_demand(network: &Network<'_>, cube: &DemandCube, standard: &ServiceStandard, day: DayKind) -> Vec<(Weight, Weight)> {
    let limit = standard.limit(day.season);
    let night = |hours: &[Weight]| -> Weight {
        hours.iter().enumerate().filter(|(hour, _)| Slot::of_hour(*hour as u8) == Slot::Night).map(|(_, w)| *w).sum()
    };
    let local = |site: SiteIdx| {
        let near = network.matrix.catchment(site).iter().filter(|r| r.reach.within(limit));
        near.map(|r| cube.hours(r.cell, day))
            .fold((Weight::ZERO, Weight::ZERO), |(all, dark), hours| (all + hours.iter().copied().sum(), dark + night(&hours)))
    };
    network.sites.indexes().map(local).collect()
}

/// Peak-hour load of each station on a day: visits ÷ capacity; 0 without a capacity.
pub fn peak_load(network: &Network<'_>, cube: &DemandCube, standard: &ServiceStandard, day: DayKind) -> Vec<f64> {
    let mut peak = vec![0.0f64; network.sites.len()];
    for period in Period::of_day(day) {
        let load = allocate(network, cube, standard.limit(day.season), period).load(network.sites.len());
        for (site, visits) in network.sites.indexes().zip(load) {
            if let Some(capacity) = network.sites[site].capacity_per_hour {
                peak[site.get()] = peak[site.get()].max(visits.share_of(capacity).get());
            }
        }
    }
    peak
}

/// What a pair is judged on.
#[derive(Debug, Clone, Copy)]
pub struct OverlapContext<'a> {
    /// The standing network.
    pub network: &'a Network<'a>,
    /// Demand.
    pub cube: &'a DemandCube,
    /// The standard whose reach counts.
    pub standard: &'a ServiceStandard,
    /// Travel between stations.
    pub travel: &'a Travel,
    /// The rule.
    pub rules: &'a file::Overlap,
    /// The day that demand and load are taken from.
    pub day: DayKind,
}

/// Finds every pair within the review distance, sorted by straight distance.
pub fn find_overlaps(context: OverlapContext<'_>, parents: &[Option<SiteIdx>]) -> Vec<Overlap> {
    let load = peak_load(context.network, context.cube, context.standard, context.day);
    let sites = context.network.sites;
    let mut overlaps = Vec::new();
    for (a, first) in sites.iter() {
        for (b, second) in sites.iter().filter(|(b, _)| *b > a) {
            let straight_m = context.travel.straight(first.into(), second.into());
            if straight_m <= context.rules.review_m {
                let siblings = parents[a.get()].is_some() && parents[a.get()] == parents[b.get()];
                let linked = siblings || parents[a.get()] == Some(b) || parents[b.get()] == Some(a);
                let evidence = judge(context, a, b, linked, load[a.get()].max(load[b.get()]));
                let keep = evidence.redundant().then(|| if capacity(second) > capacity(first) { b } else { a });
                overlaps.push(Overlap { a, b, straight_m, evidence, keep });
            }
        }
    }
    overlaps.sort_by(|x, y| x.straight_m.total_cmp(&y.straight_m).then((x.a, x.b).cmp(&(y.a, y.b))));
    overlaps
}

/// Capacity for choosing whom to keep; an unknown one comes last.
fn capacity(site: &Site) -> Weight {
    site.capacity_per_hour.unwrap_or_default()
}

fn judge(context: OverlapContext<'_>, a: SiteIdx, b: SiteIdx, linked: bool, load: f64) -> PairEvidence {
    let (sites, rules) = (context.network.sites, context.rules);
    let path_m = context.travel.path(Place::from(&sites[a]), Place::from(&sites[b]));
    let overlap = jaccard(context, a, b);
    let season = context.day.season;
    let common = sites[a].hours.weekly_overlap(&sites[b].hours, season);
    let shorter = sites[a].hours.weekly_minutes(season).min(sites[b].hours.weekly_minutes(season));
    let hours_overlap = if shorter == 0 { 0.0 } else { f64::from(common) / f64::from(shorter) };
    PairEvidence {
        path_m,
        overlap,
        hours_overlap,
        hours_known: shorter > 0,
        load,
        near_by_path: path_m.is_some_and(|metres| metres <= rules.path_m),
        same_catchment: overlap >= rules.jaccard,
        same_hours: hours_overlap >= rules.hours,
        substitutable: substitutable(&sites[a], &sites[b]),
        unlinked: !linked,
        has_room: load < rules.load,
    }
}

/// Demand that both reach ÷ demand that either reaches.
fn jaccard(context: OverlapContext<'_>, a: SiteIdx, b: SiteIdx) -> f64 {
    let limit = context.standard.limit(context.day.season);
    let cells = |site| -> BTreeSet<DemandIdx> {
        context.network.matrix.catchment(site).iter().filter(|r| r.reach.within(limit)).map(|r| r.cell).collect()
    };
    let (a, b) = (cells(a), cells(b));
    let demand =
        |cells: &mut dyn Iterator<Item = &DemandIdx>| -> Weight { cells.map(|&cell| context.cube.day(cell, context.day)).sum() };
    let (both, either) = (demand(&mut a.intersection(&b)), demand(&mut a.union(&b)));
    both.share_of(either).get()
}

/// Of the same sort (both attended or both smart), with the same special services.
fn substitutable(a: &Site, b: &Site) -> bool {
    let sort = |kind: StationKind| (kind.is_smart(), kind.is_mobile());
    let services = |site: &Site| site.service_types.iter().cloned().collect::<BTreeSet<_>>();
    sort(a.kind) == sort(b.kind) && services(a) == services(b)
}

/// Which stations of the redundant pairs can go, one after the other; the kept one of each pair stays.
pub fn find_redundant(context: OverlapContext<'_>, overlaps: &[Overlap]) -> Vec<Redundant> {
    let kept: BTreeSet<SiteIdx> = overlaps.iter().filter_map(|pair| pair.keep).collect();
    let pairs = overlaps.iter().filter(|pair| pair.keep.is_some());
    let mut left: BTreeSet<SiteIdx> = pairs.flat_map(|pair| [pair.a, pair.b]).filter(|site| !kept.contains(site)).collect();
    let mut removed = BTreeSet::new();
    let mut redundant = Vec::new();
    while !left.is_empty() {
        let losses = left.iter().map(|&station| Redundant { station, loss_by_slot: loss(context, station, &removed) });
        let least = losses.min_by_key(|r| (r.loss(), r.station)).expect("invariant: some are left");
        left.remove(&least.station);
        removed.insert(least.station);
        if has_room_without(context, &kept, &removed) {
            redundant.push(least);
        } else {
            removed.remove(&least.station);
        }
    }
    redundant
}

/// Whether every kept station stays below the load limit when the removed ones are closed.
fn has_room_without(context: OverlapContext<'_>, kept: &BTreeSet<SiteIdx>, removed: &BTreeSet<SiteIdx>) -> bool {
    let mut sites = context.network.sites.clone();
    for &station in removed {
        sites[station].hours = Hours::closed();
    }
    let network = Network { sites: &sites, matrix: context.network.matrix, suits: context.network.suits.clone() };
    let load = peak_load(&network, context.cube, context.standard, context.day);
    kept.iter().all(|station| load[station.get()] < context.rules.load)
}

/// Demand by slot whose last open station is this one, with others already removed.
fn loss(context: OverlapContext<'_>, station: SiteIdx, removed: &BTreeSet<SiteIdx>) -> [Weight; Slot::ALL.len()] {
    let (network, limit) = (context.network, context.standard.limit(context.day.season));
    let mut by_slot = [Weight::ZERO; Slot::ALL.len()];
    for reach in network.matrix.catchment(station).iter().filter(|r| r.reach.within(limit)) {
        let others: Vec<SiteIdx> = network
            .matrix
            .access(reach.cell)
            .iter()
            .filter(|a| a.reach.within(limit) && a.site != station && !removed.contains(&a.site))
            .map(|a| a.site)
            .collect();
        for period in Period::of_day(context.day) {
            let open = |site: &SiteIdx| network.sites[*site].hours.open_at(period);
            if open(&station) && !others.iter().any(open) {
                by_slot[Slot::of_hour(period.hour) as usize] += context.cube.at(reach.cell, period);
            }
        }
    }
    by_slot
}

/// Stations for a person to look at: remote ones, and smart ones with little to do at night.
pub fn find_reviews(context: OverlapContext<'_>) -> Vec<StationReview> {
    let (sites, rules) = (context.network.sites, context.rules);
    let local = local_demand(context.network, context.cube, context.standard, context.day);
    let mut smart_nights: Vec<Weight> =
        sites.iter().filter(|(_, site)| site.kind.is_smart()).map(|(i, _)| local[i.get()].1).collect();
    smart_nights.sort_unstable();
    let middle = |upper: usize| smart_nights.get((smart_nights.len() - 1 + upper) / 2).map_or(0, |night| night.milli());
    let peers = if smart_nights.is_empty() { 0 } else { (middle(0) + middle(1)) / 2 };
    let peers = Weight::from_milli(peers);
    let mut reviews = Vec::new();
    for (station, site) in sites.iter() {
        let others = sites.iter().filter(|(other, _)| *other != station);
        let nearest_m = others.map(|(_, other)| context.travel.straight(site.into(), other.into())).min_by(f64::total_cmp);
        let (day, night) = local[station.get()];
        if let Some(nearest_m) = nearest_m.filter(|m| *m > rules.remote_m && day < Weight::from_visits(rules.remote_visits)) {
            reviews.push(StationReview { station, reason: ReviewReason::Remote { local: day, nearest_m } });
        }
        if site.kind.is_smart() && night.visits() < peers.visits() * rules.smart_peer_share {
            reviews.push(StationReview { station, reason: ReviewReason::MisplacedSmart { night, peers } });
        }
    }
    reviews
}
