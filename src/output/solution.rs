//! The solution file of `yizhan locate`: what was asked, the answer, its certificate and the inputs, as JSON or GeoJSON, and in words.
//!
//! Only `seconds` differs between equal runs. [`recompute::verify_solution`] checks such a file from its inputs alone. Objectives and
//! bounds are in the units of the input; what existing sites cover counts as covered, in MCLP in the objective too.

pub mod recompute;

use std::collections::BTreeMap;

use geojson::{Feature, FeatureCollection, Geometry, GeometryValue, JsonObject, JsonValue};
use serde::{Deserialize, Serialize, Serializer};

use super::thousands;
use crate::domain::location::Role;
use crate::ingest::location::{InputStamp, LoadedLocation, metric_name};
use crate::message::{Lang, Message, term};
use crate::siting::locate::check::{covered_weight, open_sites};
use crate::siting::locate::model::{Answer, Infeasibility, Request, Status};

/// Culprits that are named to a person; the file has all.
const NAMED: usize = 10;

/// Why there is no answer, in a solution file.
const REASONS: [(Infeasibility, &str, &str); 8] = [
    (Infeasibility::Uncoverable, "uncoverable", "P310"),
    (Infeasibility::Unreachable, "unreachable", "P311"),
    (Infeasibility::ShareTooHigh, "share_too_high", "P312"),
    (Infeasibility::TooFewCandidates, "too_few_candidates", "P313"),
    (Infeasibility::TooLittleCapacity, "too_little_capacity", "P314"),
    (Infeasibility::TooHeavy, "too_heavy", "P315"),
    (Infeasibility::TooFewSites, "too_few_sites", "P316"),
    (Infeasibility::Unpackable, "unpackable", "P317"),
];

/// A reduction, as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReductionRow {
    /// Identifier.
    pub name: String,
    /// What is counted.
    pub counts: String,
    /// How many there were before.
    pub before: u64,
    /// How many are left.
    pub after: u64,
}

/// A solution file. Ids are those of the inputs; lists follow the order of the inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SolutionFile {
    /// The model.
    pub model: String,
    /// `optimal`, `feasible` or `infeasible`.
    pub status: String,
    /// What the model counts; none when infeasible.
    #[serde(serialize_with = "plain")]
    pub objective: Option<f64>,
    /// No answer is better.
    #[serde(serialize_with = "plain")]
    pub bound: Option<f64>,
    /// |bound − objective| ÷ the larger of the two.
    #[serde(serialize_with = "plain")]
    pub gap: Option<f64>,
    /// All open sites.
    pub open: Vec<String>,
    /// Of these the newly opened ones.
    pub opened: Vec<String>,
    /// Of these the ones that were open before.
    pub existing: Vec<String>,
    /// Weight within the limit of an open site; without a limit, weight that an open site can reach.
    #[serde(serialize_with = "plain")]
    pub covered_weight: Option<f64>,
    /// All weight.
    #[serde(serialize_with = "plain")]
    pub total_weight: Option<f64>,
    /// Wall-clock time, reading included.
    pub seconds: f64,
    /// What the exact reductions did.
    pub reductions: Vec<ReductionRow>,
    /// Seed of everything random.
    pub seed: u64,
    /// Work allowed, in millions of pairs.
    pub work: u64,
    /// Whether a deadline came before the work was done.
    pub stopped_by_time: bool,
    /// How many may open.
    pub p: Option<u64>,
    /// Covered means impedance ≤ this.
    #[serde(serialize_with = "plain")]
    pub limit: Option<f64>,
    /// Where gradual coverage ends.
    #[serde(serialize_with = "plain")]
    pub outer: Option<f64>,
    /// What may be spent.
    pub budget: Option<u64>,
    /// Share of the weight to cover.
    #[serde(serialize_with = "plain")]
    pub share: Option<f64>,
    /// `euclidean`, `geodesic`, `haversine:R` or `matrix`.
    pub metric: String,
    /// Second objective, where the model has one.
    #[serde(serialize_with = "plain")]
    pub second: Option<f64>,
    /// Demand point → the open site that serves it, where the model assigns.
    pub assigned: Option<BTreeMap<String, Option<String>>>,
    /// Why there is no answer.
    pub reason: Option<String>,
    /// Who is to blame for that.
    pub culprits: Option<Vec<String>>,
    /// The files.
    pub inputs: Vec<InputStamp>,
    /// Version of the program.
    pub version: String,
}

/// Whole numbers as integers, others as floats, none and infinite ones as null.
fn plain<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match *value {
        Some(whole) if whole.fract() == 0.0 && whole.abs() < 9e15 => serializer.serialize_i64(whole as i64),
        Some(number) if number.is_finite() => serializer.serialize_f64(number),
        _ => serializer.serialize_none(),
    }
}

/// How a problem ended: an answer, or why there is none and the rows to blame.
pub type Ending = Result<Answer, (Infeasibility, Vec<u32>)>;

impl SolutionFile {
    /// The file of an ending.
    pub fn new(loaded: &LoadedLocation, request: &Request, ending: &Ending, seconds: f64) -> Self {
        let problem = &loaded.problem;
        let scale = problem.weight_scale as f64;
        let site = |row: &u32| problem.sites.ids[*row as usize].clone();
        let point = |row: &u32| problem.demand.ids[*row as usize].clone();
        let answer = ending.as_ref().ok();
        let opened = answer.map(|answer| answer.opened.clone()).unwrap_or_default();
        let open = if answer.is_some() { open_sites(problem, &opened) } else { Vec::new() };
        let is_existing = |row: &&u32| problem.sites.roles[**row as usize] == Role::Existing;
        let assigned = answer.filter(|answer| !answer.assigned.is_empty()).map(|answer| {
            let pairs = problem.demand.ids.iter().cloned().zip(&answer.assigned);
            pairs.map(|(point, row)| (point, row.as_ref().map(site))).collect()
        });
        let reductions = answer.map_or(&[][..], |answer| &answer.reductions).iter().map(|reduction| ReductionRow {
            name: reduction.name.to_owned(),
            counts: reduction.counts.to_owned(),
            before: reduction.before,
            after: reduction.after,
        });
        let infeasible = ending.as_ref().err();
        let culprit = |reason: Infeasibility, row: &u32| if names_sites(reason) { site(row) } else { point(row) };
        let culprits = infeasible.map(|(reason, rows)| rows.iter().map(|row| culprit(*reason, row)).collect());
        Self {
            model: request.model.id().to_owned(),
            status: answer.map_or("infeasible", |answer| status_id(answer.status)).to_owned(),
            objective: answer.map(|answer| answer.objective),
            bound: answer.map(|answer| answer.bound),
            gap: answer.map(Answer::gap),
            opened: opened.iter().map(site).collect(),
            existing: open.iter().filter(is_existing).map(site).collect(),
            open: open.iter().map(site).collect(),
            covered_weight: answer.map(|_| covered_weight(problem, request.limit, &opened) as f64 / scale),
            total_weight: Some(problem.total_weight() as f64 / scale),
            seconds: (seconds * 1000.0).round() / 1000.0,
            reductions: reductions.collect(),
            seed: request.effort.seed,
            work: request.effort.work,
            stopped_by_time: answer.is_some_and(|answer| answer.stopped_by_time),
            p: request.p.map(|p| p as u64),
            limit: request.limit,
            outer: request.outer,
            budget: request.budget,
            share: request.share,
            metric: metric_name(&problem.separation),
            second: answer.and_then(|answer| answer.second),
            assigned,
            reason: infeasible.map(|(reason, _)| reason_row(*reason).1.to_owned()),
            culprits,
            inputs: loaded.inputs.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// As JSON.
    pub fn json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("invariant: keys are strings, numbers finite");
        text + "\n"
    }

    /// As GeoJSON: the open sites, and the whole solution as the member `solution`.
    ///
    /// # Errors
    /// When the positions aren't longitude and latitude.
    pub fn geojson(&self, loaded: &LoadedLocation) -> Result<String, Message> {
        let degrees = loaded.degrees.as_ref().ok_or_else(|| Message::new("P104"))?;
        let rows: BTreeMap<&String, usize> = loaded.problem.sites.ids.iter().zip(0..).collect();
        let feature = |id: &String| {
            let mut properties = JsonObject::new();
            let role = loaded.problem.sites.roles[rows[id]];
            properties.insert("id".to_owned(), JsonValue::from(id.clone()));
            let status = if role == Role::Existing { "existing" } else { "opened" };
            properties.insert("status".to_owned(), JsonValue::from(status));
            let geometry = Geometry::new(GeometryValue::new_point(degrees[rows[id]]));
            Feature { geometry: Some(geometry), properties: Some(properties), ..Feature::default() }
        };
        let mut members = JsonObject::new();
        let solution = serde_json::to_value(self).expect("invariant: keys are strings, numbers finite");
        members.insert("solution".to_owned(), solution);
        let features = self.open.iter().map(feature).collect();
        let collection = FeatureCollection { bbox: None, features, foreign_members: Some(members) };
        Ok(format!("{collection}\n"))
    }

    /// For a person: what was found and how good it is at least, or why there is nothing.
    pub fn summary(&self, lang: Lang) -> String {
        let mut lines = Vec::new();
        if let (Some(objective), Some(bound), Some(gap)) = (self.objective, self.bound, self.gap) {
            lines.extend(self.found(objective, bound, gap, lang));
        } else if let Some((_, _, code)) = REASONS.iter().find(|row| Some(row.1) == self.reason.as_deref()) {
            lines.push(self.blame(code, lang));
        }
        lines.push(Message::new("P305").with("seconds", format!("{:.1}", self.seconds)).render(lang));
        lines.join("\n")
    }

    fn found(&self, objective: f64, bound: f64, gap: f64, lang: Lang) -> Vec<String> {
        let of = match (self.p, lang) {
            (Some(p), Lang::En) => format!(" of {}", thousands(&p.to_string())),
            (Some(p), Lang::Zh) => format!("（上限 {}）", thousands(&p.to_string())),
            (None, _) => String::new(),
        };
        let model = format!("model_{}", self.model);
        let message = Message::new("P301").with("model", term(&model, lang)).with("opened", self.opened.len()).with("of", of);
        let mut lines = vec![message.with("existing", self.existing.len()).render(lang)];
        let (covered, total) = (self.covered_weight.unwrap_or(0.0), self.total_weight.unwrap_or(0.0));
        let share = if total == 0.0 { 100.0 } else { 100.0 * covered / total };
        let message = Message::new("P302").with("objective", number(objective)).with("covered", number(covered));
        lines.push(message.with("total", number(total)).with("share", format!("{share:.1}")).render(lang));
        if self.status == "optimal" && gap == 0.0 {
            lines.push(Message::new("P303").render(lang));
        } else if self.status == "optimal" {
            lines.push(Message::new("P307").with("bound", bound).render(lang));
        } else {
            // Rounded up, so that it stays true.
            let percent = format!("{:.2}", (gap * 1e4).ceil() / 100.0);
            lines.push(Message::new("P304").with("bound", number(bound)).with("gap", percent).render(lang));
        }
        if self.stopped_by_time {
            lines.push(Message::new("P306").render(lang));
        }
        lines
    }

    fn blame(&self, code: &'static str, lang: Lang) -> String {
        let culprits = self.culprits.as_deref().unwrap_or_default();
        let mut named = culprits.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        if culprits.len() > NAMED {
            named.push_str(", …");
        }
        let named = if named.is_empty() { "–".to_owned() } else { named };
        Message::new(code).with("count", culprits.len()).with("culprits", named).render(lang)
    }

    /// Whether nothing keeps the rules.
    pub fn is_infeasible(&self) -> bool {
        self.status == status_id(Status::Infeasible)
    }
}

/// A number with at most four decimals and commas between thousands.
fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    thousands(text.trim_end_matches('0').trim_end_matches('.'))
}

fn status_id(status: Status) -> &'static str {
    match status {
        Status::Optimal => "optimal",
        Status::Feasible => "feasible",
        Status::Infeasible => "infeasible",
    }
}

fn reason_row(reason: Infeasibility) -> (Infeasibility, &'static str, &'static str) {
    *REASONS.iter().find(|row| row.0 == reason).expect("invariant: every reason has a row")
}

/// Whether the culprits of a reason are sites; else they are demand points.
fn names_sites(reason: Infeasibility) -> bool {
    matches!(reason, Infeasibility::TooFewCandidates | Infeasibility::TooLittleCapacity)
}

#[cfg(test)]
mod tests;
