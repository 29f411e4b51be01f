//! `stations.geojson`: every station of the ledger with its surroundings and what to do about it.
//!
//! `open_now_share`: share of the planning day's demand within reach that falls in hours in which the station is open.
//! `score`: that demand itself, visits a day (`local_demand` × `open_now_share`).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Feature, Shape, share};
use crate::calendar::{HOURS, Period};
use crate::domain::site::{Station, Status};
use crate::findings::Findings;
use crate::gap::AdvisedGap;
use crate::id::SiteIdx;
use crate::message::{Lang, Message, term};
use crate::output::disclosure::Cleared;
use crate::output::report::words::day_words;
use crate::overlap::ReviewReason;
use crate::quantity::Weight;
use crate::scenario::Scenario;
use crate::siting::{Action, At};

/// Properties of a station; numbers are unknown for stations outside the standing network.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct StationProperties {
    station_id: String,
    name: String,
    kind: &'static str,
    service_types: Vec<String>,
    unit: Option<String>,
    hours_text: String,
    open_now_share: Option<f64>,
    area_m2: Option<f64>,
    local_demand: Option<f64>,
    load_peak: Option<f64>,
    night_demand: Option<f64>,
    score: Option<f64>,
    action: &'static str,
    reason: String,
    crs_source: String,
    coord_quality: &'static str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<bool>,
}

/// All stations, sorted by id.
pub(super) fn features(cleared: &Cleared<'_>, scenario: &Scenario, lang: Lang) -> Vec<Feature<StationProperties>> {
    let findings = cleared.findings();
    let dataset = &findings.dataset;
    let sites: BTreeMap<usize, SiteIdx> =
        dataset.site_station.iter().enumerate().map(|(site, &row)| (row, SiteIdx::from_usize(site))).collect();
    let open = open_demand(findings, scenario);
    let mut features: Vec<Feature<StationProperties>> = dataset
        .stations
        .iter()
        .enumerate()
        .map(|(row, station)| {
            let site = sites.get(&row).copied();
            let measures = site
                .and_then(|site| cleared.figure(site))
                .map(|site| (findings.local[site.get()], findings.load[site.get()], open[site.get()]));
            let (action, reason) = advice(findings, station, site, lang);
            let properties = StationProperties {
                station_id: station.id.clone(),
                name: station.name.clone(),
                kind: station.kind.id(),
                service_types: station.service_types.clone(),
                unit: unit(findings, station, site),
                hours_text: station.hours_text.clone(),
                open_now_share: measures.map(|((local, _), _, open)| share(open.share_of(local).get())),
                area_m2: station.area_m2.map(super::metres),
                local_demand: measures.map(|((local, _), _, _)| local.visits()),
                load_peak: measures.map(|(_, load, _)| share(load)),
                night_demand: measures.map(|((_, night), _, _)| night.visits()),
                score: measures.map(|(_, _, open)| open.visits()),
                action,
                reason: if cleared.published().is_some() { reason.render_public(lang) } else { reason.render(lang) },
                crs_source: station.crs_source.clone(),
                coord_quality: station.coord_quality.id(),
                status: station.status.id(),
                suppressed: cleared.suppressed().filter(|_| site.is_some()),
            };
            Feature { shape: station.position.map_or(Shape::None, Shape::Point), properties }
        })
        .collect();
    features.sort_by(|a, b| a.properties.station_id.cmp(&b.properties.station_id));
    features
}

/// The unit that the ledger names, else the one the station stands in.
fn unit(findings: &Findings, station: &Station, site: Option<SiteIdx>) -> Option<String> {
    let area = &findings.dataset.area;
    station.unit.clone().or_else(|| {
        let site = &findings.dataset.sites[site?];
        Some(area.units[area.unit_of(site.position, site.planar)?.get()].name.clone())
    })
}

/// Demand within reach of each site in its open hours of the planning day.
fn open_demand(findings: &Findings, scenario: &Scenario) -> Vec<Weight> {
    let (cube, sites, day) = (&findings.cube, &findings.dataset.sites, scenario.planning_day);
    let limit = scenario.standard.limit(day.season);
    let by_cell: Vec<[Weight; HOURS]> = cube.cells().indexes().map(|cell| cube.hours(cell, day)).collect();
    let open = |site: SiteIdx| -> Weight {
        let near = findings.matrix.catchment(site).iter().filter(|r| r.straight.within(limit) && r.reach.within(limit));
        let hours: Vec<usize> =
            Period::of_day(day).filter(|p| sites[site].hours.open_at(*p)).map(|p| usize::from(p.hour)).collect();
        near.flat_map(|reach| hours.iter().map(|&hour| by_cell[reach.cell.get()][hour])).sum()
    };
    sites.indexes().map(open).collect()
}

/// What to do about a station and why: the first that applies of no position, not in use, mobile, merge, review, upgrade,
/// longer hours, another service gap, keep.
fn advice(findings: &Findings, station: &Station, site: Option<SiteIdx>, lang: Lang) -> (&'static str, Message) {
    if station.position.is_none() {
        return ("review", Message::new("reason.unlocated"));
    }
    if station.status != Status::Active {
        let status = term(&format!("status.{}", station.status.id()), lang).to_owned();
        return ("keep", Message::new("reason.not_in_use").with("status", status));
    }
    let Some(site) = site else { return ("keep", Message::new("reason.mobile")) };
    merge(findings, site)
        .or_else(|| review(findings, site))
        .or_else(|| upgrade(findings, site))
        .or_else(|| gap(findings, site, lang))
        .or_else(|| longer_hours(findings, site, lang))
        .unwrap_or_else(|| {
            let (demand, _) = findings.local[site.get()];
            ("keep", Message::new("reason.keep").with("demand", one(demand)))
        })
}

/// Visits in a sentence.
fn one(weight: Weight) -> String {
    format!("{:.1}", weight.visits())
}

fn merge(findings: &Findings, site: SiteIdx) -> Option<(&'static str, Message)> {
    let removed = findings.redundant.iter().find(|r| r.station == site)?;
    let keep = findings.overlaps.iter().filter(|pair| pair.a == site || pair.b == site).find_map(|pair| pair.keep)?;
    let keep = &findings.dataset.sites[keep].name;
    Some(("merge", Message::new("reason.merge").with("keep", keep).with("loss", one(removed.loss()))))
}

fn review(findings: &Findings, site: SiteIdx) -> Option<(&'static str, Message)> {
    let reason = match findings.reviews.iter().find(|r| r.station == site)?.reason {
        ReviewReason::Remote { local, nearest_m } => {
            Message::new("reason.remote").with("demand", one(local)).with("metres", format!("{nearest_m:.0}"))
        }
        ReviewReason::MisplacedSmart { night, peers } => {
            Message::new("reason.misplaced_smart").with("night", one(night)).with("peers", one(peers))
        }
    };
    Some(("review", reason))
}

fn upgrade(findings: &Findings, site: SiteIdx) -> Option<(&'static str, Message)> {
    let of_site = |r: &&crate::siting::Recommendation| r.at == At::Station(site);
    let found = findings.siting.as_ref()?.recommendations.iter().find(of_site)?;
    if found.action == Action::Close {
        return Some((found.action.id(), Message::new("reason.close").with("loss", one(found.loss))));
    }
    Some((found.action.id(), Message::new("reason.upgrade_smart").with("gain", one(found.gain))))
}

/// The remedy of the first service gap; an upgrade that the budget has no room for becomes longer hours.
fn gap(findings: &Findings, site: SiteIdx, lang: Lang) -> Option<(&'static str, Message)> {
    let found: &AdvisedGap = findings.gaps.iter().find(|gap| gap.gap.station == Some(site))?;
    let (action, reason) = match found.action {
        "upgrade_smart" if findings.siting.is_none() => ("upgrade_smart", "reason.upgrade_smart"),
        "upgrade_smart" | "extend_hours" => ("extend_hours", "reason.extend_hours"),
        "add_staff" => ("add_staff", "reason.add_staff"),
        "add_equipment" => ("add_equipment", "reason.add_equipment"),
        "place_bus" => ("place_bus", "reason.place_bus"),
        _ => return None,
    };
    let reason = Message::new(reason).with("day", day_words(found.gap.day, lang));
    Some((action, reason.with("gain", one(found.gap.severity))))
}

fn longer_hours(findings: &Findings, site: SiteIdx, lang: Lang) -> Option<(&'static str, Message)> {
    let windows = findings.timetable.days.iter().flat_map(|day| day.longer_hours.iter().map(|window| (day.kind, window)));
    let (day, found) = windows.into_iter().find(|(_, window)| window.station == site)?;
    let reason = Message::new("reason.extend_hours_bus").with("day", day_words(day, lang));
    Some(("extend_hours", reason.with("from", found.from).with("to", found.to).with("gain", one(found.visits))))
}
