//! `yizhan verify SOLUTION`: the claims of a solution file, recomputed from the inputs that it names. That nothing is better than the
//! bound isn't, and the report says so.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{REASONS, SolutionFile, names_sites, status_id};
use crate::findings::RunError;
use crate::ingest::location::{LoadedLocation, LocationFiles, load_location, metric_of};
use crate::message::{Lang, Message};
use crate::output::verify::VerifyReport;
use crate::siting::effort::Effort;
use crate::siting::locate::check::{Claim, check, covered_weight, open_sites};
use crate::siting::locate::model::{Answer, Infeasibility, Model, Request, Status};
use crate::siting::locate::refusal::infeasible;

/// A solution as GeoJSON: its features' ids beside the solution.
#[derive(Deserialize)]
struct Layer {
    features: Vec<LayerFeature>,
    solution: SolutionFile,
}

#[derive(Deserialize)]
struct LayerFeature {
    properties: LayerProperties,
}

#[derive(Deserialize)]
struct LayerProperties {
    id: String,
}

fn cannot(cause: impl std::fmt::Display) -> RunError {
    RunError::Output(Message::new("P110").with("cause", cause))
}

/// Reads a solution file; the ids of the features, when it is GeoJSON.
fn read(path: &Path) -> Result<(SolutionFile, Option<Vec<String>>), RunError> {
    let fault = |cause: String| RunError::Output(Message::new("P109").with("path", path.display()).with("cause", cause));
    let text = std::fs::read_to_string(path).map_err(|e| fault(e.to_string()))?;
    if let Ok(layer) = serde_json::from_str::<Layer>(&text) {
        let ids = layer.features.into_iter().map(|feature| feature.properties.id).collect();
        return Ok((layer.solution, Some(ids)));
    }
    serde_json::from_str(&text).map(|solution| (solution, None)).map_err(|e| fault(e.to_string()))
}

/// Recomputes the claims of a solution file.
///
/// # Errors
/// When it or an input can't be read.
pub fn verify_solution(path: &Path) -> Result<VerifyReport, RunError> {
    let (solution, features) = read(path)?;
    let loaded = load(&solution, path)?;
    let request = request_of(&solution)?;
    let mut report = VerifyReport::default();
    for stamp in &solution.inputs {
        let now = loaded.inputs.iter().find(|now| now.role == stamp.role);
        let same = now.is_some_and(|now| now.sha256 == stamp.sha256 && now.rows == stamp.rows);
        report.claim(same, Message::new("P413").with("path", &stamp.path));
    }
    if let Some(mut features) = features {
        let mut open = solution.open.clone();
        features.sort();
        open.sort();
        report.claim(features == open, Message::new("P415").with("count", open.len()));
    }
    let claims = if solution.is_infeasible() { none(&solution, &loaded, &request) } else { found(&solution, &loaded, &request) };
    report.claims.extend(claims);
    Ok(report)
}

/// The inputs, from where they were named, or from the folder of the solution.
fn load(solution: &SolutionFile, path: &Path) -> Result<LoadedLocation, RunError> {
    let beside = path.parent().unwrap_or(Path::new("."));
    let input = |role: &str| -> Option<PathBuf> {
        let named = PathBuf::from(&solution.inputs.iter().find(|input| input.role == role)?.path);
        Some(if named.exists() { named } else { beside.join(named) })
    };
    let metric = metric_of(&solution.metric);
    let files = LocationFiles { sites: input("sites"), demand: input("demand"), matrix: input("matrix"), metric };
    let complete = files.matrix.is_some() || (files.sites.is_some() && files.demand.is_some() && metric.is_some());
    if !complete {
        return Err(cannot("inputs, metric"));
    }
    load_location(&files).map_err(|faults| cannot(faults.lines(Lang::En).join("; ")))
}

fn request_of(solution: &SolutionFile) -> Result<Request, RunError> {
    let model = Model::ALL.into_iter().find(|model| model.id() == solution.model);
    Ok(Request {
        model: model.ok_or_else(|| cannot(format!("model {}", solution.model)))?,
        limit: solution.limit,
        outer: solution.outer,
        p: solution.p.map(|p| p as usize),
        budget: solution.budget,
        share: solution.share,
        effort: Effort { seed: solution.seed, work: solution.work, ..Effort::default() },
    })
}

/// The rows of ids; none when one is unknown.
fn rows_of(ids: &[String], known: &HashMap<&str, u32>) -> Option<Vec<u32>> {
    ids.iter().map(|id| known.get(id.as_str()).copied()).collect()
}

fn index(ids: &[String]) -> HashMap<&str, u32> {
    ids.iter().map(String::as_str).zip(0..).collect()
}

/// The claims of an answer.
fn found(solution: &SolutionFile, loaded: &LoadedLocation, request: &Request) -> Vec<Claim> {
    let problem = &loaded.problem;
    let (sites, points) = (index(&problem.sites.ids), index(&problem.demand.ids));
    let sum = Message::new("P414").with("count", solution.open.len());
    let (Some(mut opened), Some(mut open)) = (rows_of(&solution.opened, &sites), rows_of(&solution.open, &sites)) else {
        return vec![Claim::new(false, sum)];
    };
    opened.sort_unstable();
    open.sort_unstable();
    let mut assigned = Vec::new();
    if let Some(pairs) = &solution.assigned {
        assigned = vec![None; problem.demand.ids.len()];
        for (point, site) in pairs {
            if let Some(&row) = points.get(point.as_str()) {
                assigned[row as usize] = site.as_deref().and_then(|site| sites.get(site).copied());
            }
        }
    }
    let status = if solution.status == status_id(Status::Optimal) { Status::Optimal } else { Status::Feasible };
    let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
    let answer = Answer {
        status,
        objective: number(solution.objective),
        bound: number(solution.bound),
        opened,
        assigned,
        second: solution.second,
        reductions: Vec::new(),
        stopped_by_time: solution.stopped_by_time,
    };
    let mut claims = check(problem, request, &answer);
    if claims[0].holds() {
        let all = open_sites(problem, &answer.opened);
        let existing = rows_of(&solution.existing, &sites).map_or(0, |rows| rows.len());
        let holds = open == all && existing + answer.opened.len() == all.len();
        claims.push(Claim::new(holds, sum));
        let covered = covered_weight(problem, request.limit, &answer.opened) as f64 / problem.weight_scale as f64;
        claims.push(Claim::equal("covered_weight", number(solution.covered_weight), covered));
    }
    let total = problem.total_weight() as f64 / problem.weight_scale as f64;
    claims.push(Claim::equal("total_weight", number(solution.total_weight), total));
    let gap = Message::new("P401").with("what", "gap").with("written", number(solution.gap)).with("found", answer.gap());
    claims.push(Claim::new((number(solution.gap) - answer.gap()).abs() < 1e-9, gap));
    claims
}

/// The claims where there is no answer.
fn none(solution: &SolutionFile, loaded: &LoadedLocation, request: &Request) -> Vec<Claim> {
    let reason: Option<Infeasibility> = REASONS.iter().find(|row| Some(row.1) == solution.reason.as_deref()).map(|row| row.0);
    let culprits = solution.culprits.clone().unwrap_or_default();
    let problem = &loaded.problem;
    let rows = reason.and_then(|reason| {
        let ids = if names_sites(reason) { &problem.sites.ids } else { &problem.demand.ids };
        Some((reason, rows_of(&culprits, &index(ids))?))
    });
    match rows {
        Some((reason, rows)) => vec![infeasible(problem, request, reason, &rows)],
        None => vec![Claim::new(false, Message::new("P412").with("count", culprits.len()))],
    }
}
