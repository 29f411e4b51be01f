//! From candidates and stations to a siting problem, and from its solution to recommendations that can be explained.
//!
//! Elements: each cell in two classes of hours: those in which an attended station can be expected to serve, perhaps with longer
//! opening, and the others, which only a round-the-clock station serves. A new fixed station covers the first class, a new smart
//! one both, an upgrade adds the second. What the network covers already weighs nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::problem::{Limit, Rows, SitingProblem};
use super::{SitingSolution, check};
use crate::calendar::{DayKind, HOURS, Hours, Period, Slot};
use crate::catchment::{CatchmentMatrix, delineate};
use crate::coverage::Network;
use crate::domain::candidate::Candidate;
use crate::domain::demand::DemandCube;
use crate::domain::site::{Site, StationKind};
use crate::domain::standard::ServiceStandard;
use crate::id::{GroupIdx, IdVec, SiteIdx};
use crate::impedance::{Place, Travel};
use crate::quantity::{Share, Weight};
use crate::scenario::file;

/// What is done at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// 新建固定.
    NewFixed,
    /// 新建智能.
    NewSmart,
    /// 升级智能.
    UpgradeSmart,
}

impl Action {
    /// All actions; the position is the kind of budget in the problem.
    pub const ALL: [Self; 3] = [Self::NewFixed, Self::NewSmart, Self::UpgradeSmart];

    /// Identifier in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::NewFixed => "new_fixed",
            Self::NewSmart => "new_smart",
            Self::UpgradeSmart => "upgrade_smart",
        }
    }

    /// The kind of station that results.
    pub fn kind(self) -> StationKind {
        match self {
            Self::NewFixed => StationKind::Fixed,
            Self::NewSmart | Self::UpgradeSmart => StationKind::SmartRoom,
        }
    }
}

/// Where something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    /// A candidate, by row.
    Candidate(usize),
    /// A station of the network.
    Station(SiteIdx),
}

/// One recommendation, with what explains it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommendation {
    /// What to do.
    pub action: Action,
    /// Where.
    pub at: At,
    /// Demand that it adds, visits a day, after all better ones.
    pub gain: Weight,
    /// Share of all demand of the siting decision that is covered from here on.
    pub cumulative: Share,
    /// The gain by slot.
    pub by_slot: [Weight; Slot::ALL.len()],
    /// The gain by group.
    pub by_group: Vec<Weight>,
    /// Nearest station before: site, straight metres, path metres (none when no way leads there).
    pub nearest_before: Option<(SiteIdx, f64, Option<f64>)>,
    /// The best other place for the same action, and how much less the whole plan would cover with it.
    pub runner_up: Option<(At, Weight)>,
}

/// The decision and its certificate.
#[derive(Debug, Clone, PartialEq)]
pub struct SitingReport {
    /// Recommendations, best first.
    pub recommendations: Vec<Recommendation>,
    /// Demand added by all of them, visits a day.
    pub added: Weight,
    /// No plan with these budgets adds more.
    pub bound: Weight,
    /// (bound − added) ÷ bound.
    pub optimality_gap: f64,
    /// Demand of the decision that was covered before.
    pub covered_before: Weight,
    /// All demand of the decision.
    pub total: Weight,
}

/// What a siting decision is made from.
#[derive(Debug, Clone, Copy)]
pub struct SitingInputs<'a> {
    /// The standing network.
    pub network: &'a Network<'a>,
    /// Demand.
    pub cube: &'a DemandCube,
    /// Places where a station could open.
    pub candidates: &'a [Candidate],
    /// Their positions.
    pub places: &'a [Place],
    /// The standard whose reach counts.
    pub standard: &'a ServiceStandard,
    /// Travel.
    pub travel: &'a Travel,
    /// Budgets and rules.
    pub rules: &'a file::Siting,
    /// The day planned for.
    pub day: DayKind,
}

/// A siting problem with the meaning of its options.
#[derive(Debug)]
pub struct Formulation {
    /// The problem.
    pub problem: SitingProblem,
    /// What each option does.
    pub meaning: Vec<(Action, At)>,
    /// Demand covered by the network, and all demand.
    pub covered_before: Weight,
    total: Weight,
}

/// Hours that an attended station can be expected to serve.
fn attended(rules: &file::Siting, hour: usize) -> bool {
    (usize::from(rules.fixed_serves[0])..usize::from(rules.fixed_serves[1])).contains(&hour)
}

/// Formulates the decision.
pub fn formulate(inputs: SitingInputs<'_>) -> Formulation {
    let limit = inputs.standard.limit(inputs.day.season);
    let cells: Vec<Place> = inputs.cube.cells().rows().iter().map(Place::from).collect();
    let reached = delineate(inputs.places, &cells, limit, inputs.travel);
    let (weights, covered_before, total) = open_demand(inputs);
    let row = |matrix: &CatchmentMatrix, site: SiteIdx, classes: &[u32]| -> Vec<u32> {
        let cells = matrix.catchment(site).iter().filter(|r| r.reach.within(limit)).map(|r| r.cell.get() as u32);
        cells
            .flat_map(|cell| classes.iter().map(move |class| cell * 2 + class))
            .filter(|&e| weights[e as usize] > Weight::ZERO)
            .collect()
    };
    let (mut covers, mut places, mut meaning) = (Rows::default(), Vec::new(), Vec::new());
    for (place, candidate) in inputs.candidates.iter().enumerate() {
        if !usable(inputs, place) {
            continue;
        }
        for (action, classes) in [(Action::NewFixed, &[0][..]), (Action::NewSmart, &[0, 1])] {
            if candidate.kinds.is_empty() || candidate.kinds.contains(&action.kind()) {
                covers.push(row(&reached, SiteIdx::from_usize(place), classes));
                places.push(place as u32);
                meaning.push((action, At::Candidate(place)));
            }
        }
    }
    for (site, station) in inputs.network.sites.iter().filter(|(_, site)| site.kind == StationKind::Fixed) {
        if !station.hours.is_always() {
            covers.push(row(inputs.network.matrix, site, &[0, 1]));
            places.push((inputs.candidates.len() + site.get()) as u32);
            meaning.push((Action::UpgradeSmart, At::Station(site)));
        }
    }
    let budgets = [inputs.rules.new_fixed, inputs.rules.new_smart, inputs.rules.upgrade_smart];
    let of_action = |action: Action| (0..).zip(&meaning).filter(move |(_, (a, _))| *a == action).map(|(option, _)| option);
    let limits = Action::ALL.iter().zip(budgets).map(|(action, n)| Limit::count(of_action(*action), n as usize)).collect();
    let problem = SitingProblem { weights, places, covers, limits, minima: Vec::new(), conflicts: conflicts(inputs) };
    Formulation { problem, meaning, covered_before, total }
}

/// Whether a candidate may host a station: it has room, and no station stands too near.
fn usable(inputs: SitingInputs<'_>, place: usize) -> bool {
    let near = |site: &Site| {
        let there = Place::from(site);
        inputs.travel.straight(inputs.places[place], there) < inputs.rules.spacing_m
    };
    (inputs.candidates[place].venue_available || !inputs.rules.venue_required) && !inputs.network.sites.rows().iter().any(near)
}

/// Pairs of candidates that are too near to each other.
fn conflicts(inputs: SitingInputs<'_>) -> Vec<(u32, u32)> {
    let mut pairs = Vec::new();
    for a in 0..inputs.places.len() {
        for b in a + 1..inputs.places.len() {
            if inputs.travel.straight(inputs.places[a], inputs.places[b]) < inputs.rules.spacing_m {
                pairs.push((a as u32, b as u32));
            }
        }
    }
    pairs
}

/// Weight of each element that the network leaves open (cell × 2 + class), and the covered and whole demand.
fn open_demand(inputs: SitingInputs<'_>) -> (Vec<Weight>, Weight, Weight) {
    let limit = inputs.standard.limit(inputs.day.season);
    let serves_night = |site: &Site| {
        let night = Period::of_day(inputs.day).filter(|p| !attended(inputs.rules, usize::from(p.hour)));
        night.into_iter().all(|period| site.hours.open_at(period))
    };
    let (mut weights, mut covered, mut total) = (Vec::new(), Weight::ZERO, Weight::ZERO);
    for cell in inputs.cube.cells().indexes() {
        let hours = inputs.cube.hours(cell, inputs.day);
        let class =
            |by_day: bool| -> Weight { (0..HOURS).filter(|&h| attended(inputs.rules, h) == by_day).map(|h| hours[h]).sum() };
        let near = inputs.network.matrix.access(cell).iter().filter(|a| a.reach.within(limit));
        let (mut by_day, mut by_night) = (false, false);
        for access in near {
            by_day = true;
            by_night |= serves_night(&inputs.network.sites[access.site]);
        }
        for (weight, is_covered) in [(class(true), by_day), (class(false), by_night)] {
            total += weight;
            covered += if is_covered { weight } else { Weight::ZERO };
            weights.push(if is_covered { Weight::ZERO } else { weight });
        }
    }
    (weights, covered, total)
}

/// Explains a solution.
pub fn explain(inputs: SitingInputs<'_>, formulation: &Formulation, solution: &SitingSolution) -> SitingReport {
    let mut taken: BTreeSet<u32> = BTreeSet::new();
    let mut so_far = formulation.covered_before;
    let mut recommendations = Vec::new();
    let chosen: Vec<usize> = solution.chosen.iter().map(|(option, _)| *option).collect();
    for &(option, gain) in &solution.chosen {
        let (action, at) = formulation.meaning[option];
        let fresh: Vec<u32> = formulation.problem.covers.row(option).iter().copied().filter(|e| taken.insert(*e)).collect();
        let (by_slot, by_group) = who_gains(inputs, &fresh);
        so_far += gain;
        recommendations.push(Recommendation {
            action,
            at,
            gain,
            cumulative: so_far.share_of(formulation.total),
            by_slot,
            by_group,
            nearest_before: nearest(inputs, at),
            runner_up: runner_up(formulation, &chosen, option),
        });
    }
    SitingReport {
        recommendations,
        added: solution.objective,
        bound: solution.bound,
        optimality_gap: solution.optimality_gap(),
        covered_before: formulation.covered_before,
        total: formulation.total,
    }
}

fn who_gains(inputs: SitingInputs<'_>, elements: &[u32]) -> ([Weight; Slot::ALL.len()], Vec<Weight>) {
    let mut by_slot = [Weight::ZERO; Slot::ALL.len()];
    let mut by_group = vec![Weight::ZERO; inputs.cube.groups().len()];
    for &element in elements {
        let (cell, by_day) = ((element as usize / 2).into(), element % 2 == 0);
        for period in Period::of_day(inputs.day).filter(|p| attended(inputs.rules, usize::from(p.hour)) == by_day) {
            for (group, sum) in by_group.iter_mut().enumerate() {
                let weight = inputs.cube.weight(cell, GroupIdx::from_usize(group), period);
                by_slot[Slot::of_hour(period.hour) as usize] += weight;
                *sum += weight;
            }
        }
    }
    (by_slot, by_group)
}

fn nearest(inputs: SitingInputs<'_>, at: At) -> Option<(SiteIdx, f64, Option<f64>)> {
    let (here, itself) = match at {
        At::Candidate(row) => (inputs.places[row], None),
        At::Station(site) => (Place::from(&inputs.network.sites[site]), Some(site)),
    };
    let others = inputs.network.sites.iter().filter(|(site, _)| Some(*site) != itself);
    others
        .map(|(index, site)| (index, inputs.travel.straight(here, Place::from(site))))
        .min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
        .map(|(site, straight)| (site, straight, inputs.travel.path(here, Place::from(&inputs.network.sites[site]))))
}

/// The best replacement of one option with all others kept, and how much less the plan covers with it.
fn runner_up(formulation: &Formulation, chosen: &[usize], option: usize) -> Option<(At, Weight)> {
    let problem = &formulation.problem;
    let rest: Vec<usize> = chosen.iter().copied().filter(|&other| other != option).collect();
    let by_rest: BTreeSet<u32> = rest.iter().flat_map(|&o| problem.covers.row(o).iter().copied()).collect();
    let adds =
        |o: usize| -> Weight { problem.covers.row(o).iter().filter(|e| !by_rest.contains(e)).map(|&e| problem.weight(e)).sum() };
    let same_kind = |o: &usize| formulation.meaning[*o].0 == formulation.meaning[option].0;
    let others = (0..problem.options()).filter(|o| *o != option && !chosen.contains(o));
    let best = others.filter(same_kind).filter(|&o| problem.fits(&rest, o)).max_by_key(|&o| (adds(o), std::cmp::Reverse(o)))?;
    debug_assert!(check::feasible(problem, &rest).is_ok());
    Some((formulation.meaning[best].1, adds(option).saturating_sub(adds(best))))
}

/// The network's sites after some recommendations are carried out.
pub fn carry_out(
    inputs: SitingInputs<'_>,
    recommendations: &[Recommendation],
    fixed_hours: &Hours,
    capacity: Option<Weight>,
) -> IdVec<SiteIdx, Site> {
    let upgraded: BTreeMap<SiteIdx, Action> = recommendations
        .iter()
        .filter_map(|r| match r.at {
            At::Station(site) => Some((site, r.action)),
            At::Candidate(_) => None,
        })
        .collect();
    let mut sites: Vec<Site> = inputs.network.sites.rows().to_vec();
    for (site, action) in upgraded {
        sites[site.get()].kind = action.kind();
        sites[site.get()].hours = Hours::always();
    }
    for recommendation in recommendations {
        if let At::Candidate(row) = recommendation.at {
            let candidate = &inputs.candidates[row];
            let smart = recommendation.action.kind().is_smart();
            sites.push(Site {
                id: candidate.id.clone(),
                name: candidate.name.clone(),
                kind: recommendation.action.kind(),
                position: candidate.position,
                planar: inputs.places[row].planar,
                hours: if smart { Hours::always() } else { fixed_hours.clone() },
                capacity_per_hour: capacity,
                service_types: Vec::new(),
                equipment: Vec::new(),
            });
        }
    }
    IdVec::from_rows(sites)
}
