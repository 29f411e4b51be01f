//! `recommend.geojson`: what to open or upgrade, and where the buses stand, with what explains each.
//!
//! `cum_coverage` of a standing place is the share of the siting decision's demand covered from there on; of a bus, the share of
//! that day's demand served by the standing network and the buses so far. `bound` is what no plan of the same budget exceeds.

use serde::Serialize;

use super::{ByName, Feature, Shape, metres, share};
use crate::domain::site::StationKind;
use crate::findings::Findings;
use crate::id::SiteIdx;
use crate::message::{Lang, term};
use crate::mobile::PlannedDay;
use crate::output::disclosure::Cleared;
use crate::output::report::words::{clock, clock_span};
use crate::quantity::Weight;
use crate::scenario::Scenario;
use crate::siting::{Action, At, Recommendation, SitingReport};

/// Identifier of a recommendation, by its number from 0.
pub(crate) fn rec_id(number: usize) -> String {
    format!("REC{:02}", number + 1)
}

/// Properties of a recommendation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct RecommendProperties {
    rec_id: String,
    action: &'static str,
    candidate_id: String,
    host: Option<String>,
    gain: Option<f64>,
    cum_coverage: Option<f64>,
    equipment: Vec<String>,
    key_area: Option<String>,
    name: String,
    kind: &'static str,
    season: &'static str,
    day_type: &'static str,
    arrive: Option<String>,
    leave: Option<String>,
    gain_by_slot: Option<ByName>,
    gain_by_group: Option<ByName>,
    nearest_station_id: Option<String>,
    straight_m: Option<f64>,
    path_m: Option<f64>,
    runner_up_id: Option<String>,
    runner_up_loss: Option<f64>,
    /// What the whole plan adds; of buses net of moves and changes, as its bound.
    plan_gain: Option<f64>,
    bound: Option<f64>,
    unique: Option<f64>,
    loss: Option<f64>,
    runner_ups: Vec<RunnerUp>,
    chosen_share: Option<f64>,
    core: Option<bool>,
    phase: Option<usize>,
    cost_low: Option<f64>,
    cost_high: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<bool>,
}

/// Another place for the same action.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct RunnerUp {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<String>,
    loss: Option<f64>,
}

impl RunnerUp {
    fn new(cleared: &Cleared<'_>, at: At, loss: Weight) -> Self {
        let id = place_id(cleared.findings(), at);
        Self { id, window: at.window().map(hours), loss: cleared.figure(loss.visits()) }
    }
}

/// The kind of station that results; of a closure, that of the station.
fn kind(findings: &Findings, recommendation: &Recommendation) -> StationKind {
    let of_station = || match recommendation.at {
        At::Station(site) => findings.dataset.sites[site].kind,
        At::Candidate(_) | At::Stop { .. } => StationKind::Fixed,
    };
    recommendation.action.kind().unwrap_or_else(of_station)
}

/// Standing places, best first, then the buses of each day.
pub(super) fn features(cleared: &Cleared<'_>, scenario: &Scenario) -> Vec<Feature<RecommendProperties>> {
    let findings = cleared.findings();
    let mut features = Vec::new();
    if let Some(report) = &findings.siting {
        for (row, recommendation) in report.recommendations.iter().enumerate() {
            features.push(standing(cleared, scenario, report, recommendation, row));
        }
    }
    features.extend(findings.timetable.days.iter().flat_map(|day| buses(*cleared, day)));
    features
}

fn standing(
    cleared: &Cleared<'_>,
    scenario: &Scenario,
    report: &SitingReport,
    recommendation: &Recommendation,
    row: usize,
) -> Feature<RecommendProperties> {
    let findings = cleared.findings();
    let told = cleared.published().is_none_or(|published| published.plan);
    let dataset = &findings.dataset;
    let day = scenario.planning_day;
    let (position, name, host) = match recommendation.at {
        At::Candidate(row) => {
            let candidate = &dataset.candidates[row];
            (candidate.position, candidate.name.clone(), Some(candidate.host.clone()).filter(|host| !host.is_empty()))
        }
        At::Station(site) => (dataset.sites[site].position, dataset.sites[site].name.clone(), dataset.station(site).host.clone()),
        At::Stop { stop, .. } => (dataset.stops[stop].position, dataset.stops[stop].name.clone(), None),
    };
    let window = recommendation.at.window();
    let nearest = recommendation.nearest_before;
    let times = recommendation.chosen.zip(report.stability.as_ref().map(|stability| stability.runs));
    let properties = RecommendProperties {
        rec_id: rec_id(row),
        action: recommendation.action.id(),
        candidate_id: place_id(findings, recommendation.at),
        host,
        gain: cleared.figure(recommendation.gain.visits()),
        cum_coverage: cleared.figure(share(recommendation.cumulative.get())),
        equipment: equipment(findings, scenario, &recommendation.by_group),
        key_area: None,
        name,
        kind: kind(findings, recommendation).id(),
        season: day.season.id(),
        day_type: day.day_type.id(),
        arrive: window.map(|[from, _]| clock(u16::from(from) * 60)),
        leave: window.map(|[_, to]| clock(u16::from(to) * 60)),
        gain_by_slot: cleared.figure(ByName::slots(&recommendation.by_slot)),
        gain_by_group: cleared.figure(ByName::groups(findings.cube.groups(), &recommendation.by_group)),
        nearest_station_id: nearest.map(|(site, ..): (SiteIdx, f64, Option<f64>)| dataset.sites[site].id.clone()),
        straight_m: nearest.map(|(_, straight, _)| metres(straight)),
        path_m: nearest.and_then(|(.., path)| path).map(metres),
        runner_up_id: recommendation.runner_ups.first().map(|(at, _)| place_id(findings, *at)),
        runner_up_loss: recommendation.runner_ups.first().and_then(|(_, loss)| cleared.figure(loss.visits())),
        plan_gain: Some(report.added.visits()).filter(|_| told),
        bound: cleared.figure(report.bound.visits()),
        unique: cleared.figure(recommendation.unique.visits()),
        loss: cleared.figure(recommendation.loss.visits()).filter(|_| recommendation.action == Action::Close),
        runner_ups: recommendation.runner_ups.iter().map(|(at, loss)| RunnerUp::new(cleared, *at, *loss)).collect(),
        chosen_share: times.map(|(times, runs)| share(f64::from(times) / f64::from(runs))),
        core: times.zip(report.stability.as_ref()).map(|((times, _), stability)| stability.is_core(times)),
        phase: recommendation.phase,
        cost_low: recommendation.cost.map(|[low, _]| low),
        cost_high: recommendation.cost.map(|[_, high]| high),
        window: window.map(hours),
        suppressed: cleared.suppressed(),
    };
    Feature { shape: Shape::Point(position), properties }
}

/// Identifier of a candidate or station.
pub(in crate::output) fn place_id(findings: &Findings, at: At) -> String {
    match at {
        At::Candidate(row) => findings.dataset.candidates[row].id.clone(),
        At::Station(site) => findings.dataset.sites[site].id.clone(),
        At::Stop { stop, .. } => findings.dataset.stops[stop].id.clone(),
    }
}

/// The equipment that the group which gains most needs, of that which the scenario's services name.
fn equipment(findings: &Findings, scenario: &Scenario, by_group: &[Weight]) -> Vec<String> {
    let top = (0..by_group.len()).rev().max_by_key(|&group| by_group[group]);
    let needs = top.and_then(|group| scenario.file.services.get(&findings.cube.groups()[group]));
    let is_equipment = |need: &&String| {
        let key = format!("equipment.{need}");
        term(&key, Lang::En) != key
    };
    needs.into_iter().flatten().filter(is_equipment).cloned().collect()
}

fn buses<'a>(cleared: Cleared<'a>, day: &'a PlannedDay) -> impl Iterator<Item = Feature<RecommendProperties>> + 'a {
    let findings = cleared.findings();
    let kind = day.kind;
    let mut so_far = day.network_served;
    day.stands.iter().enumerate().map(move |(row, window)| {
        let stop = &findings.dataset.stops[window.stop];
        so_far += window.served;
        let properties = RecommendProperties {
            rec_id: format!("{}-{}-B{:02}", kind.season.id(), kind.day_type.id(), row + 1),
            action: PLACE_BUS,
            candidate_id: stop.id.clone(),
            host: None,
            gain: cleared.figure(window.served.visits()),
            cum_coverage: cleared.figure(share(so_far.share_of(day.demand).get())),
            equipment: Vec::new(),
            key_area: None,
            name: stop.name.clone(),
            kind: StationKind::Bus.id(),
            season: kind.season.id(),
            day_type: kind.day_type.id(),
            arrive: Some(clock(window.from)),
            leave: Some(clock(window.to)),
            gain_by_slot: None,
            gain_by_group: None,
            nearest_station_id: None,
            straight_m: None,
            path_m: None,
            runner_up_id: None,
            runner_up_loss: None,
            plan_gain: cleared.figure(day.value as f64 / 1000.0),
            bound: cleared.figure(day.bound as f64 / 1000.0),
            unique: None,
            loss: None,
            runner_ups: Vec::new(),
            chosen_share: None,
            core: None,
            phase: None,
            cost_low: None,
            cost_high: None,
            window: None,
            suppressed: cleared.suppressed(),
        };
        Feature { shape: Shape::Point(stop.position), properties }
    })
}

/// Identifier of the action of a bus window, next to those of [`crate::siting::Action`].
const PLACE_BUS: &str = "place_bus";

/// A window, such as `10:00-16:00`.
pub(in crate::output) fn hours([from, to]: [u8; 2]) -> String {
    clock_span(u16::from(from) * 60, u16::from(to) * 60)
}
