//! From candidates and stations to a decision that can be explained: formulate, solve, settle, order, explain, and ask what if.

mod elements;
mod explain;
mod faults;
mod formulate;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use geo::MultiPolygon;

pub use formulate::{Budgets, Formulation, Reaches, View, WHOLE, check_rules, formulate};

use super::curve::{self, Curve, CurvePoint};
use super::problem::SitingProblem;
use super::stability::{self, Stability};
use super::{SitingSolution, check};
use crate::calendar::{DayKind, Hours, Slot};
use crate::coverage::Network;
use crate::domain::candidate::Candidate;
use crate::domain::demand::DemandCube;
use crate::domain::site::{Site, StationKind};
use crate::domain::standard::ServiceStandard;
use crate::domain::study_area::StudyArea;
use crate::domain::vehicle::BusStop;
use crate::id::{IdVec, SiteIdx};
use crate::impedance::{Place, Travel};
use crate::message::Message;
use crate::quantity::{Share, Weight};
use crate::scenario::SHARES;
use crate::scenario::file::{self, Seasons, SeasonsWord};

/// What is done at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// 新建固定.
    NewFixed,
    /// 新建智能.
    NewSmart,
    /// 升级智能.
    UpgradeSmart,
    /// 流动车时段: a mobile station stands at a stop in a window.
    Mobile,
    /// 关闭: a station that may close does.
    Close,
    /// 保留: a station that may close stays as it is; an option of the problem, never a recommendation.
    Keep,
}

impl Action {
    /// What may be recommended, in the order of lists.
    pub const ALL: [Self; 5] = [Self::NewFixed, Self::NewSmart, Self::UpgradeSmart, Self::Mobile, Self::Close];

    /// Actions on stations with a budget of their own.
    pub const BUDGETED: [Self; 3] = [Self::NewFixed, Self::NewSmart, Self::UpgradeSmart];

    /// Identifier in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::NewFixed => "new_fixed",
            Self::NewSmart => "new_smart",
            Self::UpgradeSmart => "upgrade_smart",
            Self::Mobile => "mobile_window",
            Self::Close => "close",
            Self::Keep => "keep",
        }
    }

    /// The kind of station that results, where one opens or changes.
    pub fn kind(self) -> Option<StationKind> {
        match self {
            Self::NewFixed => Some(StationKind::Fixed),
            Self::NewSmart | Self::UpgradeSmart => Some(StationKind::SmartRoom),
            Self::Mobile => Some(StationKind::Bus),
            Self::Close | Self::Keep => None,
        }
    }

    /// Whether a station opens where none was.
    pub fn is_new(self) -> bool {
        matches!(self, Self::NewFixed | Self::NewSmart)
    }
}

/// Where something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    /// A candidate, by row.
    Candidate(usize),
    /// A station of the network.
    Station(SiteIdx),
    /// A stop of mobile stations, in a window.
    Stop {
        /// Row of the stop.
        stop: usize,
        /// First hour.
        from: u8,
        /// Hour at which it leaves.
        to: u8,
    },
}

impl At {
    /// The window at a stop: first hour, hour at which the mobile station leaves.
    pub fn window(self) -> Option<[u8; 2]> {
        if let Self::Stop { from, to, .. } = self { Some([from, to]) } else { None }
    }
}

/// Mobile stations and where they may stand.
#[derive(Debug, Clone, Copy)]
pub struct Fleet<'a> {
    /// The stops.
    pub stops: &'a [BusStop],
    /// Their positions.
    pub places: &'a [Place],
    /// Windows, and whether demand outside the area counts.
    pub rules: &'a file::Mobile,
}

impl<'a> Fleet<'a> {
    /// Where mobile stations may stand in this decision: nowhere when they take no part in it.
    fn standing(self, rules: &file::Siting) -> &'a [Place] {
        if rules.mobile_windows > 0 { self.places } else { &[] }
    }
}

/// One recommendation, with what explains it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommendation {
    /// What to do.
    pub action: Action,
    /// Where.
    pub at: At,
    /// Demand that it adds to what is covered today, visits a day, after all better ones.
    pub gain: Weight,
    /// Of a closure: demand that it leaves uncovered, after the closures before it.
    pub loss: Weight,
    /// Demand that in the whole plan only this place covers.
    pub unique: Weight,
    /// Share of all demand of the siting decision that is covered from here on.
    pub cumulative: Share,
    /// The gain, or a closure's loss, by slot.
    pub by_slot: [Weight; Slot::ALL.len()],
    /// The gain, or a closure's loss, by group.
    pub by_group: Vec<Weight>,
    /// Nearest station before: site, straight metres, path metres (none when no way leads there).
    pub nearest_before: Option<(SiteIdx, f64, Option<f64>)>,
    /// The best other places for the same action, at most three, and how much less the whole plan would cover with each.
    pub runner_ups: Vec<(At, Weight)>,
    /// Phase in which it is built, from 1; `None` without phases.
    pub phase: Option<usize>,
    /// In how many of the repeated decisions it is chosen.
    pub chosen: Option<u32>,
    /// Lowest and highest price in yuan, when known.
    pub cost: Option<[f64; 2]>,
}

/// Candidates that can't be used, by the first reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Excluded {
    /// All candidates.
    pub candidates: usize,
    /// No room.
    pub venue: usize,
    /// In a forbidden area.
    pub forbidden: usize,
    /// Too near to a station that stays.
    pub near: usize,
}

/// One phase of the build order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase {
    /// Measures up to its end.
    pub measures: u32,
    /// Demand that these add.
    pub added: Weight,
    /// No plan of so many measures, made for that number alone, adds more.
    pub best: Weight,
}

/// A plan for one day alone, next to the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct DayPlan {
    /// The day.
    pub day: DayKind,
    /// Measures of the plan for this day.
    pub measures: Vec<(Action, At)>,
    /// Demand that they add on it.
    pub added: Weight,
    /// No plan adds more on it.
    pub bound: Weight,
    /// Demand that the main plan adds on it.
    pub of_plan: Weight,
    /// Measures that both have.
    pub common: usize,
}

/// The decision and its certificate.
#[derive(Debug, Clone, PartialEq)]
pub struct SitingReport {
    /// Recommendations, best first, closures last.
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
    /// Candidates that can't be used.
    pub excluded: Excluded,
    /// What the minima of planning units cost: how much more the best plan found without them adds.
    pub price_of_minima: Option<Weight>,
    /// Phases of the build order; empty when none are asked for.
    pub phases: Vec<Phase>,
    /// Coverage against the number of measures.
    pub curve: Option<Curve>,
    /// How often each measure is chosen when the inputs differ a little.
    pub stability: Option<Stability>,
    /// Plans for single days; empty unless asked for.
    pub days: Vec<DayPlan>,
}

/// A rule of the decision that can't be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RuleFault(pub Message);

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
    /// Mobile stations and their stops.
    pub fleet: Fleet<'a>,
    /// Price table: action → lowest and highest price in yuan.
    pub costs: &'a BTreeMap<String, [f64; 2]>,
    /// Planning units.
    pub area: &'a StudyArea,
    /// Where no station may open, in degrees.
    pub forbidden: Option<&'a MultiPolygon<f64>>,
    /// Days that the decision is made for, with their shares in millionths.
    pub days: &'a [(DayKind, u64)],
    /// Days that are studied.
    pub studied: &'a [DayKind],
}

/// How siting problems are solved: with all effort, or quickly, where many are.
#[derive(Clone, Copy)]
pub struct Solvers<'a> {
    /// For the plan.
    pub full: &'a (dyn Fn(&SitingProblem) -> SitingSolution + Sync),
    /// For each point of the curve and each day.
    pub quick: &'a (dyn Fn(&SitingProblem) -> SitingSolution + Sync),
    /// For each run of the stability: no bound is needed.
    pub rough: &'a (dyn Fn(&SitingProblem) -> SitingSolution + Sync),
}

/// Makes the decision and explains it.
///
/// # Errors
/// When a rule can't be kept; the fault names it.
pub fn decide(inputs: SitingInputs<'_>, solvers: Solvers<'_>) -> Result<SitingReport, RuleFault> {
    let reaches = Reaches::new(inputs, WHOLE);
    let formulation = formulate(inputs, &reaches, View::plain(inputs.days))?;
    let solution = (solvers.full)(&formulation.problem);
    let chosen = formulation.settle(inputs, solution.chosen.iter().map(|(option, _)| *option))?;
    let mut report = explain::explain(inputs, &formulation, &chosen, solution.bound, solvers.quick);
    let budgets = Budgets::of(inputs.rules);
    if !formulation.unit_minima.is_empty() {
        let free = curve::point(&formulation, budgets, solvers.quick);
        report.price_of_minima = Some(free.added.saturating_sub(report.added));
    }
    if inputs.rules.curve_to > 0 && budgets.most() > 0 {
        let plan = match report.price_of_minima {
            None => CurvePoint { measures: budgets.most(), added: report.added, bound: report.bound },
            Some(_) => curve::point(&formulation, curve::at(budgets, budgets.most()), solvers.quick),
        };
        report.curve = Some(curve::trace(&formulation, budgets, inputs.rules.curve_to, plan, solvers.quick));
    }
    let measures = formulation.measures(&chosen);
    if inputs.rules.stability_runs > 0 {
        let stability = stability::repeat(inputs, inputs.rules.stability_runs, &measures, solvers.rough)?;
        for recommendation in &mut report.recommendations {
            recommendation.chosen = Some(stability.times(recommendation.action, recommendation.at));
        }
        report.stability = Some(stability);
    }
    if inputs.rules.seasons == Seasons::Word(SeasonsWord::Each) {
        let of_day = |day: &DayKind| day_plan(inputs, &reaches, *day, &chosen, &measures, solvers);
        report.days = inputs.studied.iter().map(of_day).collect::<Result<_, _>>()?;
    }
    Ok(report)
}

/// The plan of one day alone, and what the chosen options do on that day.
fn day_plan(
    inputs: SitingInputs<'_>,
    reaches: &Reaches,
    day: DayKind,
    chosen: &[usize],
    measures: &[(Action, At)],
    solvers: Solvers<'_>,
) -> Result<DayPlan, RuleFault> {
    // Options depend on places, kinds and hours only: those of every day have the same order.
    let formulation = formulate(inputs, reaches, View::plain(&[(day, SHARES)]))?;
    let solution = (solvers.quick)(&formulation.problem);
    let best = formulation.settle(inputs, solution.chosen.iter().map(|(option, _)| *option))?;
    let added = |chosen: &[usize]| check::covered(&formulation.problem, chosen).saturating_sub(formulation.at_stake);
    let of_day = formulation.measures(&best);
    Ok(DayPlan {
        day,
        added: added(&best),
        bound: solution.bound.saturating_sub(formulation.at_stake).max(added(&best)),
        of_plan: added(chosen),
        common: of_day.iter().filter(|measure| measures.contains(measure)).count(),
        measures: of_day,
    })
}

/// The network's sites after some recommendations are carried out. Mobile stations don't stand for good: they change nothing.
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
            At::Candidate(_) | At::Stop { .. } => None,
        })
        .collect();
    let mut sites: Vec<Site> = inputs.network.sites.rows().to_vec();
    for (site, action) in upgraded {
        if let Some(kind) = action.kind() {
            sites[site.get()].kind = kind;
            sites[site.get()].hours = Hours::always();
        }
    }
    for recommendation in recommendations {
        if let (At::Candidate(row), Some(kind)) = (recommendation.at, recommendation.action.kind()) {
            let candidate = &inputs.candidates[row];
            let smart = kind.is_smart();
            sites.push(Site {
                id: candidate.id.clone(),
                name: candidate.name.clone(),
                kind,
                position: candidate.position,
                planar: inputs.places[row].planar,
                hours: if smart { Hours::always() } else { fixed_hours.clone() },
                capacity_per_hour: capacity,
                service_types: Vec::new(),
                equipment: Vec::new(),
            });
        }
    }
    let closed: BTreeSet<usize> = stations_with(recommendations, Action::Close);
    let mut row = 0..;
    sites.retain(|_| row.next().is_none_or(|row| !closed.contains(&row)));
    IdVec::from_rows(sites)
}

/// Rows of the stations that an action is for.
fn stations_with(recommendations: &[Recommendation], action: Action) -> BTreeSet<usize> {
    let of_action = recommendations.iter().filter(|r| r.action == action);
    of_action.filter_map(|r| if let At::Station(site) = r.at { Some(site.get()) } else { None }).collect()
}
