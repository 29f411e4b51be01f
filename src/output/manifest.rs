//! `manifest.json`: what a run was made from, with which parameters, what it rejected, and the hash of every file it wrote.
//!
//! No clock, no machine, no thread count: the same input gives the same bytes. Timings have a file of their own.

mod brief;
mod checksum;
mod counts;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::cannot_make;
use super::features::visits;
use crate::crs::Metric;
use crate::domain::standard::ServiceStandard;
use crate::findings::RunError;
use crate::ingest::issues::Issue;
use crate::message::Lang;
use crate::network::Router;
use crate::output::disclosure::Cleared;
use crate::scenario::Scenario;
use crate::scenario::file::PointFile;

pub(super) use brief::{SideStamp, brief, pair, read_brief};
pub use checksum::checksum;
pub(super) use checksum::stamp;
pub use counts::FindingCounts;
use counts::counts;

/// Name of the manifest.
pub const MANIFEST: &str = "manifest.json";
/// Name of the file of timings, which has no hash.
pub const TIMINGS: &str = "timings.json";
/// Name of the scenario with every value in force.
pub const EFFECTIVE: &str = "scenario.effective.toml";
/// Length of a run id.
const RUN_ID_LENGTH: usize = 12;
/// Format of the manifest.
const SCHEMA: u32 = 1;

/// A file with its checksum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputFile {
    /// Path: of an output, in its folder; of an input, as the scenario names it.
    pub path: String,
    /// Size.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// The program that wrote the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `yizhan`.
    pub name: String,
    /// Version.
    pub version: String,
}

/// The scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioStamp {
    /// Short name.
    pub name: String,
    /// Path as given on the command line; relative input paths start at its folder. For the public its name only.
    pub path: String,
    /// Rule pack; its version is part of its name.
    pub rules: String,
    /// Day that standing stations are planned for.
    pub planning_day: String,
    /// Days that gaps are looked for on.
    pub days: Vec<String>,
    /// Language of sentences in the outputs.
    pub lang: String,
    /// Who the outputs are for.
    pub profile: String,
    /// The least count that is published, for the public only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_count: Option<u32>,
    /// Map approval number, when boundaries may be drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_no: Option<String>,
}

/// A standard in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StandardStamp {
    /// Name of the pack.
    pub id: String,
    /// Version of the pack.
    pub version: u32,
    /// Reach on bare ground in metres.
    pub radius_m: f64,
    /// Share of the reach by season; empty when seasons don't count.
    pub surface_factor: BTreeMap<String, f64>,
    /// Where the figures come from.
    pub source: String,
}

/// How distance is measured and compared, and how numbers are rounded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conventions {
    /// `planar`, `geodesic` or `haversine`.
    pub metric: String,
    /// Ellipsoid or plane that it is measured on.
    pub surface: String,
    /// Radius of the sphere in metres, for `haversine`.
    pub sphere_radius_m: Option<f64>,
    /// Walked path ÷ straight line.
    pub circuity: f64,
    /// Who travels on which streets, and how far a place may be from them; absent when paths are estimated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streets: Option<String>,
    /// When a place is covered.
    pub comparison: String,
    /// Working reference system.
    pub crs: String,
    /// Reference system of the outputs.
    pub output_crs: String,
    /// Distances are compared in whole millimetres.
    pub distance_rounding: String,
    /// Demand is counted in thousandths of a visit.
    pub weight_rounding: String,
    /// Datum declared for a point file as a whole, by file.
    pub declared_datums: BTreeMap<String, String>,
    /// Datum assumed without evidence for unlabelled rows, by file.
    pub assumed_datums: BTreeMap<String, String>,
    /// Seed of random numbers: none are drawn.
    pub seed: Option<u64>,
}

/// Rows of the inputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCounts {
    /// Rows of the station ledger.
    pub ledger: usize,
    /// Stations after records of the same place are joined.
    pub stations: usize,
    /// Of these: in the standing network.
    pub standing: usize,
    /// Of these: mobile and in use.
    pub mobile: usize,
    /// Of these: without a usable position.
    pub unlocated: usize,
    /// Candidates in use.
    pub candidates: usize,
    /// Bus stops in use.
    pub bus_stops: usize,
    /// Demand cells.
    pub demand_cells: usize,
    /// Of each demand file: rows read, used and rejected.
    pub demand: BTreeMap<String, DemandRows>,
}

/// Rows of a demand file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemandRows {
    /// Rows read.
    pub read: u64,
    /// Rows that count.
    pub used: u64,
    /// Rows that don't; the issue table says why.
    pub rejected: u64,
}

/// Counts of the issue table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueCounts {
    /// All.
    pub total: usize,
    /// By code.
    pub by_code: BTreeMap<String, usize>,
    /// By what was done.
    pub by_action: BTreeMap<String, usize>,
    /// By severity.
    pub by_severity: BTreeMap<String, usize>,
}

/// The whole manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Format: 1.
    pub schema: u32,
    /// Short id of the run, as maps and summary print it.
    pub run_id: String,
    /// Dates of a timetable, first and last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<String>,
    /// The program.
    pub tool: Tool,
    /// The scenario.
    pub scenario: ScenarioStamp,
    /// The standard, then those it is compared with.
    pub standards: Vec<StandardStamp>,
    /// Distance, comparison, rounding.
    pub conventions: Conventions,
    /// Files read, sorted.
    pub inputs: Vec<OutputFile>,
    /// Rows in, used, rejected.
    pub rows: RowCounts,
    /// The issue table in numbers.
    pub issues: IssueCounts,
    /// What was found, in numbers.
    pub counts: FindingCounts,
    /// Files written, sorted; without this one and those of `unhashed`.
    pub outputs: Vec<OutputFile>,
    /// Files that differ from run to run.
    pub unhashed: Vec<String>,
}

/// Reads the manifest of an output folder.
///
/// # Errors
/// When there is none, or it isn't one of this program.
pub fn read_manifest(dir: &Path) -> Result<ManifestFile, RunError> {
    brief::read(dir)
}

fn tool() -> Tool {
    Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
}

/// The scenario and everything it reads, sorted.
fn inputs(scenario: &Scenario) -> Result<Vec<OutputFile>, RunError> {
    let scenario_file = scenario.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut inputs = vec![checksum(&scenario.path, &scenario_file)?];
    for name in input_names(scenario) {
        inputs.push(checksum(&scenario.input(&name), &name)?);
    }
    inputs.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(inputs)
}

/// Short id of a run: the first digits of the checksum of the program's version, the effective scenario, all inputs and the span of
/// dates that was asked for (empty for a run).
///
/// # Errors
/// When an input can't be read.
pub fn run_id(scenario: &Scenario, span: &str) -> Result<String, RunError> {
    let mut story = effective(scenario)?;
    story.extend_from_slice(span.as_bytes());
    story.extend_from_slice(env!("CARGO_PKG_VERSION").as_bytes());
    for name in input_names(scenario) {
        story.extend_from_slice(checksum(&scenario.input(&name), &name)?.sha256.as_bytes());
    }
    let mut digits = stamp(&(String::new(), story)).sha256;
    digits.truncate(RUN_ID_LENGTH);
    Ok(digits)
}

/// The scenario with every value in force, as TOML that loads again.
pub fn effective(scenario: &Scenario) -> Result<Vec<u8>, RunError> {
    let table = toml::Table::try_from(&scenario.file).map_err(|e| cannot_make(EFFECTIVE, e))?;
    let text = toml::to_string(&table).map_err(|e| cannot_make(EFFECTIVE, e))?;
    let head =
        "# Every value in force. Relative paths start at the folder of the original scenario: put a copy there to run it.\n";
    Ok(format!("{head}{text}").into_bytes())
}

/// How long a stage took.
#[derive(Debug, Serialize)]
struct Timing {
    stage: &'static str,
    seconds: f64,
}

/// Seconds by stage, in the order of the run.
pub(super) fn timings(timings: &[(&'static str, f64)]) -> Result<Vec<u8>, RunError> {
    let stages: Vec<Timing> = timings.iter().map(|&(stage, seconds)| Timing { stage, seconds: visits(seconds) }).collect();
    pretty(TIMINGS, &stages)
}

fn pretty(name: &str, value: &impl Serialize) -> Result<Vec<u8>, RunError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|e| cannot_make(name, e))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn point_files(scenario: &Scenario) -> impl Iterator<Item = &PointFile> {
    let file = &scenario.file;
    let points = [
        Some(&file.stations),
        file.candidates.as_ref(),
        file.bus_stops.as_ref(),
        file.vehicles.as_ref(),
        file.rounds.stewards.as_ref(),
        file.demand.points.as_ref(),
    ];
    points.into_iter().flatten()
}

fn datums(cleared: &Cleared<'_>, scenario: &Scenario, of: impl Fn(&PointFile) -> Option<&String>) -> BTreeMap<String, String> {
    point_files(scenario).filter_map(|points| Some((shown_path(cleared, &points.file), of(points)?.clone()))).collect()
}

/// Names of all files that a scenario reads, sorted.
pub fn input_names(scenario: &Scenario) -> Vec<String> {
    let file = &scenario.file;
    let area = &file.area;
    let mut names: Vec<String> = point_files(scenario).map(|points| points.file.clone()).collect();
    let single = [
        &area.units,
        &area.home,
        &area.water,
        &area.barriers,
        &area.calendar,
        &file.demand.grid,
        &file.siting.forbidden,
        &file.travel.network,
        &file.travel.rules,
        &file.mobile.orders,
        &file.mobile.previous,
        &file.rounds.core,
        &file.rounds.inspections,
        &file.rounds.previous,
    ];
    names.extend(single.into_iter().flatten().cloned());
    names.extend(file.demand.layers.iter().map(|layer| layer.file.clone()));
    names.sort();
    names.dedup();
    names
}

/// The manifest of a run whose other files are already made.
pub(super) fn manifest(
    cleared: &Cleared<'_>,
    scenario: &Scenario,
    lang: Lang,
    outputs: Vec<OutputFile>,
) -> Result<Vec<u8>, RunError> {
    let findings = cleared.findings();
    let mut inputs = inputs(scenario)?;
    if cleared.release().is_public() {
        inputs.iter_mut().for_each(|input| input.path = name_of(&input.path));
    }
    let span = findings.timetable.span();
    let manifest = ManifestFile {
        schema: SCHEMA,
        run_id: run_id(scenario, &span)?,
        span: (!span.is_empty()).then_some(span),
        tool: tool(),
        scenario: scenario_stamp(cleared, scenario, lang),
        standards: std::iter::once(&scenario.standard).chain(&scenario.compare).map(standard).collect(),
        conventions: conventions(cleared, scenario, findings.dataset.streets.as_deref()),
        inputs,
        rows: rows(cleared),
        issues: issue_counts(findings.issues.rows()),
        counts: counts(cleared, scenario),
        outputs,
        unhashed: vec![TIMINGS.to_owned()],
    };
    pretty(MANIFEST, &manifest)
}

/// The last part of a path: where inputs lie on disk is nobody else's business.
pub(super) fn name_of(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()
}

fn shown_path(cleared: &Cleared<'_>, path: &str) -> String {
    if cleared.release().is_public() { name_of(path) } else { path.to_owned() }
}

fn scenario_stamp(cleared: &Cleared<'_>, scenario: &Scenario, lang: Lang) -> ScenarioStamp {
    let release = cleared.release();
    ScenarioStamp {
        name: scenario.file.name.clone(),
        path: shown_path(cleared, &scenario.path.display().to_string()),
        rules: scenario.file.rules.clone(),
        planning_day: scenario.planning_day.to_string(),
        days: scenario.days.iter().map(ToString::to_string).collect(),
        lang: match lang {
            Lang::Zh => "zh",
            Lang::En => "en",
        }
        .to_owned(),
        profile: release.profile.id().to_owned(),
        min_count: release.is_public().then_some(release.min_count),
        approval_no: release.approval_no.clone(),
    }
}

fn standard(standard: &ServiceStandard) -> StandardStamp {
    StandardStamp {
        id: standard.id.clone(),
        version: standard.version,
        radius_m: standard.radius_m,
        surface_factor: standard.surface_factor.iter().map(|(season, factor)| (season.id().to_owned(), *factor)).collect(),
        source: standard.source.clone(),
    }
}

fn conventions(cleared: &Cleared<'_>, scenario: &Scenario, streets: Option<&Router>) -> Conventions {
    let (metric, surface, sphere_radius_m) = match scenario.metric {
        Metric::Planar => ("planar", format!("plane of {}", scenario.crs), None),
        Metric::Geodesic => ("geodesic", "WGS-84 ellipsoid (a = 6378137 m, 1/f = 298.257223563)".to_owned(), None),
        Metric::Haversine(radius) => ("haversine", "sphere".to_owned(), Some(radius)),
    };
    Conventions {
        metric: metric.to_owned(),
        surface,
        sphere_radius_m,
        circuity: scenario.file.travel.circuity,
        streets: streets.map(|router| {
            let (mode, within) = (router.graph().profile().mode.id(), router.within().get());
            format!("{mode}, shortest path in whole millimetres, joined within {within} m")
        }),
        comparison: "<= (a place at the limit is covered)".to_owned(),
        crs: scenario.crs.to_string(),
        output_crs: "WGS-84 longitude, latitude (RFC 7946)".to_owned(),
        distance_rounding: "whole millimetres, half up".to_owned(),
        weight_rounding: "thousandths of a visit, half up; the remainder is carried to the next hour".to_owned(),
        declared_datums: datums(cleared, scenario, |points| points.datum.as_ref()),
        assumed_datums: datums(cleared, scenario, |points| points.assume_unlabelled.as_ref()),
        seed: None,
    }
}

fn rows(cleared: &Cleared<'_>) -> RowCounts {
    let findings = cleared.findings();
    let dataset = &findings.dataset;
    let of_file = |(file, &(read, used)): (&String, &(u64, u64))| {
        (shown_path(cleared, file), DemandRows { read, used, rejected: read.saturating_sub(used) })
    };
    RowCounts {
        ledger: dataset.ledger_rows,
        stations: dataset.stations.len(),
        standing: dataset.sites.len(),
        mobile: dataset.mobile.len(),
        unlocated: dataset.stations.iter().filter(|station| station.position.is_none()).count(),
        candidates: dataset.candidates.len(),
        bus_stops: dataset.stops.len(),
        demand_cells: findings.cube.cells().len(),
        demand: findings.demand_report.rows.iter().map(of_file).collect(),
    }
}

fn issue_counts(issues: &[Issue]) -> IssueCounts {
    let count = |of: &dyn Fn(&Issue) -> &'static str| {
        let mut counts = BTreeMap::new();
        for issue in issues {
            *counts.entry(of(issue).to_owned()).or_insert(0) += 1;
        }
        counts
    };
    IssueCounts {
        total: issues.len(),
        by_code: count(&|issue| issue.problem.code()),
        by_action: count(&|issue| issue.action.id()),
        by_severity: count(&|issue| issue.severity.id()),
    }
}
