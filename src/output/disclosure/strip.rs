//! Takes out of findings what isn't published: counts, contacts, raw values, boundaries. What stays in place of a count is nought.
//!
//! Gaps are points, not outlines: an outline tells which squares lie above the threshold, and the weighted centre of two squares tells
//! their shares. Gaps of single stations and stations under review go, for that they are listed tells how little is there.

use super::{Published, Release};
use crate::coverage::Ladder;
use crate::crs::Planar;
use crate::domain::demand::DemandCube;
use crate::domain::study_area::Grid;
use crate::findings::{AfterStep, Findings, StandardLadder};
use crate::gap::{AdvisedGap, Gap};
use crate::id::SiteIdx;
use crate::ingest::Fleet;
use crate::ingest::dataset::Dataset;
use crate::ingest::demand::DemandReport;
use crate::ingest::issues::{Issue, IssueTable};
use crate::message::Message;
use crate::mobile::{BusStand, LongerHours, PlannedDay, Timetable};
use crate::output::manifest::name_of;
use crate::overlap::{Overlap, PairEvidence, Redundant};
use crate::quantity::{Share, Weight};
use crate::siting::{Recommendation, SitingReport};

/// Gaps stand at the middle of blocks of so many squares a side.
const BLOCK: u32 = 2;
/// In place of a count that is withheld.
const NONE: Weight = Weight::ZERO;

/// The findings without what isn't published. Every field is named here, so that a new one has to be decided on.
pub(super) fn strip(findings: Findings, published: &Published, cube: DemandCube, release: &Release) -> Findings {
    let Findings {
        dataset,
        issues,
        cube: _,
        demand_report,
        matrix,
        ladders,
        equity: _,
        mean_nearest_m: _,
        served_per_station: _,
        local,
        load,
        gaps,
        overlaps,
        redundant,
        reviews: _,
        siting,
        after,
        fleet,
        timetable,
        reinforcements: _,
    } = findings;
    let dataset = places(dataset, release);
    let gaps = of_gaps(&gaps, published, &dataset);
    Findings {
        issues: codes(&issues),
        cube,
        demand_report: DemandReport { layers: Default::default(), ..demand_report },
        matrix,
        ladders: ladders.into_iter().map(without_rows).collect(),
        equity: None,
        mean_nearest_m: None,
        served_per_station: 0.0,
        local: vec![(NONE, NONE); local.len()],
        load: vec![0.0; load.len()],
        gaps,
        overlaps: overlaps.into_iter().map(pair).collect(),
        redundant: redundant.into_iter().map(|r| Redundant { loss_by_slot: [NONE; 7], ..r }).collect(),
        reviews: Vec::new(),
        siting: siting.map(|report| plan(report, published.plan)),
        after: after.into_iter().map(step).collect(),
        fleet: Fleet { orders: Vec::new(), ..fleet },
        timetable: buses(timetable, &published.buses),
        reinforcements: Vec::new(),
        dataset,
    }
}

/// Stations know their unit by name; contacts and boundaries go.
fn places(mut dataset: Dataset, release: &Release) -> Dataset {
    for (site, &station) in dataset.sites.rows().iter().zip(&dataset.site_station) {
        if dataset.stations[station].unit.is_none() {
            let unit = dataset.area.unit_of(site.position, site.planar);
            dataset.stations[station].unit = unit.map(|unit| dataset.area.units[unit.get()].name.clone());
        }
    }
    if release.approval_no.is_none() {
        dataset.area.home = None;
        dataset.area.units.iter_mut().for_each(|unit| unit.outline = None);
    }
    for stop in &mut dataset.stops {
        stop.contact_unit.clear();
        stop.approving_unit.clear();
    }
    dataset.forbidden = None;
    dataset
}

/// Issues by code, file and what was done: no row, no value, no evidence.
fn codes(issues: &IssueTable) -> IssueTable {
    let mut stripped = IssueTable::default();
    for issue in issues.rows() {
        let problem = Message::new(issue.problem.code());
        let file = name_of(&issue.file);
        stripped.push(Issue {
            file,
            row: 0,
            field: "",
            value: String::new(),
            problem,
            action: issue.action,
            severity: issue.severity,
        });
    }
    stripped
}

fn without_rows(ladder: StandardLadder) -> StandardLadder {
    StandardLadder { ladder: Ladder { rows: Vec::new() }, ..ladder }
}

fn step(after: AfterStep) -> AfterStep {
    AfterStep { ladders: after.ladders.into_iter().map(without_rows).collect(), ..after }
}

/// Place gaps: those whose severity is told by rank, then the others from west to east.
fn of_gaps(gaps: &[AdvisedGap], published: &Published, dataset: &Dataset) -> Vec<AdvisedGap> {
    let places = gaps.iter().enumerate().filter(|(_, gap)| gap.gap.cause.is_place() && published.days.contains(&gap.gap.day));
    let stripped = places.filter_map(|(row, gap)| point(gap, published.gaps.contains(&row), dataset));
    let mut stripped: Vec<AdvisedGap> = stripped.collect();
    let east = |gap: &AdvisedGap| (gap.centre.lon(), gap.centre.lat());
    stripped.sort_by(|a, b| {
        let first = a.gap.day.cmp(&b.gap.day).then(b.gap.severity.cmp(&a.gap.severity));
        first.then_with(|| east(a).partial_cmp(&east(b)).unwrap_or(std::cmp::Ordering::Equal))
    });
    // Two gaps in one block, told of neither, would count the squares in it.
    stripped.dedup_by(|a, b| a.gap.severity == NONE && b.gap.severity == NONE && a.gap.day == b.gap.day && a.centre == b.centre);
    let mut rank = 0;
    for at in 0..stripped.len() {
        rank = if at > 0 && stripped[at].gap.day == stripped[at - 1].gap.day { rank + 1 } else { 1 };
        stripped[at].gap.rank = rank;
    }
    stripped
}

/// A gap as a point; distances are measured from it.
fn point(advised: &AdvisedGap, told: bool, dataset: &Dataset) -> Option<AdvisedGap> {
    let gap = &advised.gap;
    let planar = block(&dataset.area.grid, &gap.grid_cells)?;
    let centre = dataset.projector.unproject(planar).ok()?;
    let straight = |site: SiteIdx| dataset.sites[site].planar.distance(planar);
    let nearest = dataset.sites.indexes().min_by(|a, b| straight(*a).total_cmp(&straight(*b)).then(a.cmp(b)));
    Some(AdvisedGap {
        gap: Gap {
            rank: 0,
            cause: gap.cause,
            day: gap.day,
            severity: if told { gap.severity } else { NONE },
            by_slot: [NONE; 7],
            by_group: Vec::new(),
            cells: Vec::new(),
            grid_cells: Vec::new(),
            centre: planar,
            station: None,
            in_area: gap.in_area,
        },
        centre,
        nearest: nearest.map(|site| (site, straight(site), None)),
        action: advised.action,
        kind: advised.kind,
        service: "generic".to_owned(),
        cost: advised.cost,
    })
}

/// Middle of the block that holds the middle of the box around some squares.
fn block(grid: &Grid, cells: &[(u32, u32)]) -> Option<Planar> {
    let middle = |of: &dyn Fn(&(u32, u32)) -> u32| {
        let (low, high) = (cells.iter().map(of).min()?, cells.iter().map(of).max()?);
        Some(f64::from((low + high) / 2 / BLOCK * BLOCK + BLOCK / 2) * grid.cell_m)
    };
    Some(Planar { x: grid.origin.x + middle(&|cell| cell.0)?, y: grid.origin.y + middle(&|cell| cell.1)? })
}

fn pair(pair: Overlap) -> Overlap {
    Overlap { evidence: PairEvidence { overlap: 0.0, load: 0.0, ..pair.evidence }, ..pair }
}

/// What is done where, at what price; of the figures only the totals, if they are told.
fn plan(report: SitingReport, told: bool) -> SitingReport {
    let keep = |weight: Weight| if told { weight } else { NONE };
    let (added, proved) = (keep(report.added), report.added == report.bound);
    let recommendations = report.recommendations.into_iter().map(|r| Recommendation {
        gain: NONE,
        loss: NONE,
        unique: NONE,
        cumulative: Share::default(),
        by_slot: [NONE; 7],
        by_group: Vec::new(),
        runner_ups: r.runner_ups.iter().map(|(at, _)| (*at, NONE)).collect(),
        ..r
    });
    SitingReport {
        recommendations: recommendations.collect(),
        added,
        bound: if proved { added } else { NONE },
        optimality_gap: if proved { 0.0 } else { report.optimality_gap },
        covered_before: keep(report.covered_before),
        total: keep(report.total),
        excluded: report.excluded,
        price_of_minima: None,
        phases: Vec::new(),
        curve: None,
        stability: report.stability,
        days: Vec::new(),
    }
}

fn buses(timetable: Timetable, told: &[bool]) -> Timetable {
    let day = |(day, &told): (PlannedDay, &bool)| {
        let keep = |weight: Weight| if told { weight } else { NONE };
        PlannedDay {
            stands: day.stands.into_iter().map(|stand| BusStand { served: NONE, ..stand }).collect(),
            served: keep(day.served),
            outside: NONE,
            value: 0,
            bound: 0,
            default_served: keep(day.default_served),
            network_served: keep(day.network_served),
            demand: keep(day.demand),
            longer_hours: day.longer_hours.into_iter().map(|hours| LongerHours { visits: NONE, ..hours }).collect(),
            kind: day.kind,
            only: day.only,
            proved: day.proved,
        }
    };
    Timetable { days: timetable.days.into_iter().zip(told).map(day).collect(), ..timetable }
}
