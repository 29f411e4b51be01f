//! `yizhan verify OUT`: the claims of an output folder, recomputed from the inputs and the written files alone.
//!
//! Checked: files and inputs are those of the manifest; the ladder and its accounts; the demand in gaps; pairs and verdicts; what
//! recommendations add, their budgets, spacing and bound; bus windows, their permission and visits. The recount shares no code with
//! the run but the definition of distance and, for the buses, the allocation rule.

mod buses;
mod placements;
mod public;
mod recount;

use std::path::Path;

use geojson::{FeatureCollection, JsonObject, JsonValue};

use self::recount::Recount;
use super::manifest::{OutputFile, checksum, read_brief, read_manifest};
use super::solution::recompute::verify_solution;
use crate::findings::RunError;
use crate::impedance::Place;
use crate::ingest::dataset;
use crate::ingest::{Table, read_table};
use crate::message::{Lang, Message};
use crate::progress::Progress;
use crate::scenario;
use crate::siting::locate::check::{Claim, Verdict};

/// What the recount found.
#[derive(Debug, Clone, Default)]
pub struct VerifyReport {
    pub(super) claims: Vec<Claim>,
}

impl VerifyReport {
    /// Whether no claim fails.
    pub fn passed(&self) -> bool {
        self.count(Verdict::Fails) == 0
    }

    /// How many claims ended so.
    fn count(&self, verdict: Verdict) -> usize {
        self.claims.iter().filter(|claim| claim.verdict == verdict).count()
    }

    /// One line a claim, a verdict, and how much is not checked.
    pub fn text(&self, lang: Lang) -> String {
        let mark = |verdict: Verdict| match verdict {
            Verdict::Holds => "✓",
            Verdict::Fails => "✗",
            Verdict::NotChecked => "–",
        };
        let line = |claim: &Claim| format!("{} {}", mark(claim.verdict), claim.message.render(lang));
        let mut lines: Vec<String> = self.claims.iter().map(line).collect();
        let (failed, unchecked) = (self.count(Verdict::Fails), self.count(Verdict::NotChecked));
        let verdict = Message::new(if failed == 0 { "V001" } else { "V002" });
        lines.push(verdict.with("claims", self.claims.len() - unchecked).with("failed", failed).render(lang));
        if unchecked > 0 {
            lines.push(Message::new("V016").with("count", unchecked).render(lang));
        }
        lines.join("\n")
    }

    /// Adds a claim that was recomputed.
    pub(super) fn claim(&mut self, holds: bool, message: Message) {
        self.claims.push(Claim::new(holds, message));
    }

    /// A claim that two amounts of visits are equal to a thousandth.
    fn equal(&mut self, what: &'static str, place: impl std::fmt::Display, written: f64, found: f64) {
        let message = Message::new("V003").with("what", what).with("place", place);
        let message = message.with("written", format!("{written:.3}")).with("found", format!("{found:.3}"));
        self.claim((written - found).abs() < 0.000_5, message);
    }
}

/// Recomputes the claims of an output folder, or of a solution file of `yizhan locate`.
///
/// # Errors
/// When the folder or an input can't be read at all.
pub fn verify(out: &Path, progress: &dyn Progress) -> Result<VerifyReport, RunError> {
    if out.is_file() {
        return verify_solution(out);
    }
    let mut report = VerifyReport::default();
    if out.join(super::rounds::VISITS).exists() {
        check_files("V005", out, &read_brief(out)?.outputs, &mut report);
        report.claims.push(Claim::not_checked(Message::new("V021")));
        return Ok(report);
    }
    if out.join(super::compare::TABLE).exists() {
        check_files("V005", out, &read_brief(out)?.outputs, &mut report);
        check_differences(out, &mut report)?;
        report.claims.push(Claim::not_checked(Message::new("K008")));
        return Ok(report);
    }
    let manifest = read_manifest(out)?;
    if let Some(least) = manifest.scenario.min_count {
        check_files("V005", out, &manifest.outputs, &mut report);
        public::check(out, least, &mut report)?;
        return Ok(report);
    }
    progress.begin("verify", 6);
    let path = Path::new(&manifest.scenario.path);
    check_files("V005", out, &manifest.outputs, &mut report);
    check_files("V006", path.parent().unwrap_or(Path::new(".")), &manifest.inputs, &mut report);
    let scenario = scenario::load(path)
        .map_err(|faults| RunError::Output(Message::new("V004").with("scenario", path.display()).with("cause", faults)))?;
    let (dataset, _) = dataset::load_with(&scenario, Some(&super::street_cache(out)), progress)?;
    let (cube, ..) = dataset.load_demand(&scenario, progress)?;
    progress.advance(1);
    let recount = Recount::new(&scenario, &dataset, &cube);
    if let Some(span) = &manifest.span {
        buses::check_dates(span, out, &mut report)?;
        buses::check(&recount, out, &mut report)?;
        report.claims.push(Claim::not_checked(Message::new("V020")));
        progress.end();
        return Ok(report);
    }
    check_ladder(&recount, out, &mut report)?;
    progress.advance(1);
    check_gaps(&recount, out, &mut report)?;
    progress.advance(1);
    check_pairs(&recount, out, &mut report)?;
    progress.advance(1);
    placements::check(&recount, out, &mut report)?;
    progress.advance(1);
    buses::check(&recount, out, &mut report)?;
    report.claims.push(Claim::not_checked(Message::new("V018")));
    progress.end();
    Ok(report)
}

/// Files are the ones that the manifest lists.
fn check_files(code: &'static str, folder: &Path, files: &[OutputFile], report: &mut VerifyReport) {
    let differs = |f: &&OutputFile| checksum(&folder.join(&f.path), &f.path).map_or(true, |now| now.sha256 != f.sha256);
    let changed: Vec<&str> = files.iter().filter(differs).map(|f| f.path.as_str()).collect();
    let listed = if changed.is_empty() { "–".to_owned() } else { changed.join(", ") };
    report.claim(changed.is_empty(), Message::new(code).with("count", files.len()).with("changed", listed));
}

fn table(out: &Path, name: &str) -> Result<Table, RunError> {
    Ok(read_table(&out.join(name), name)?)
}

/// A table's rows as (header → cell) look-ups.
struct Rows<'t> {
    table: &'t Table,
}

impl Rows<'_> {
    fn text<'r>(&'r self, row: usize, header: &str) -> &'r str {
        let column = self.table.headers.iter().position(|h| h == header);
        column.and_then(|column| self.table.rows[row].cells.get(column)).map_or("", String::as_str)
    }

    fn number(&self, row: usize, header: &str) -> f64 {
        self.text(row, header).parse().unwrap_or(f64::NAN)
    }

    fn sum(&self, rows: &[usize], header: &str) -> f64 {
        rows.iter().map(|&row| (self.number(row, header) * 1000.0).round()).sum::<f64>() / 1000.0
    }
}

fn check_ladder(recount: &Recount<'_>, out: &Path, report: &mut VerifyReport) -> Result<(), RunError> {
    let table = table(out, "coverage.csv")?;
    let rows = Rows { table: &table };
    let visits = ["demand", "visits_radius", "visits_path", "visits_open", "visits_capacity", "visits_service"];
    let falling =
        (0..table.rows.len()).all(|row| visits.windows(2).all(|pair| rows.number(row, pair[1]) <= rows.number(row, pair[0])));
    report.claim(falling, Message::new("V007").with("rows", table.rows.len()));
    let standards = std::iter::once(&recount.scenario.standard).chain(&recount.scenario.compare);
    for standard in standards {
        for &day in &recount.scenario.days {
            let of_day: Vec<usize> = (0..table.rows.len())
                .filter(|&row| {
                    let kind = (rows.text(row, "season"), rows.text(row, "day_type"), rows.text(row, "standard"));
                    kind == (day.season.id(), day.day_type.id(), standard.id.as_str())
                })
                .collect();
            let found = recount.rungs(standard, day);
            for (header, found) in visits.iter().zip(found) {
                report.equal(header, format!("{} {day}", standard.id), rows.sum(&of_day, header), found.visits());
            }
        }
    }
    Ok(())
}

/// A + difference = B in every row of a comparison.
fn check_differences(out: &Path, report: &mut VerifyReport) -> Result<(), RunError> {
    let table = table(out, super::compare::TABLE)?;
    let rows = Rows { table: &table };
    let closes = |row: usize| {
        let [a, b, difference] = ["a", "b", "difference"].map(|column| rows.number(row, column));
        (a + difference - b).abs() < 0.000_5
    };
    report.claim((0..table.rows.len()).all(closes), Message::new("K009").with("rows", table.rows.len()));
    Ok(())
}

fn features(out: &Path, name: &str) -> Result<Vec<geojson::Feature>, RunError> {
    let unreadable = |cause: String| RunError::Output(Message::new("V008").with("file", name).with("cause", cause));
    let text = std::fs::read_to_string(out.join(name)).map_err(|e| unreadable(e.to_string()))?;
    let collection: FeatureCollection = text.parse().map_err(|e: geojson::Error| unreadable(e.to_string()))?;
    Ok(collection.features)
}

/// Properties of a feature.
struct Properties<'f>(Option<&'f JsonObject>);

impl<'f> Properties<'f> {
    fn of(feature: &'f geojson::Feature) -> Self {
        Self(feature.properties.as_ref())
    }

    fn text(&self, key: &str) -> &'f str {
        self.0.and_then(|p| p.get(key)).and_then(JsonValue::as_str).unwrap_or_default()
    }

    fn number(&self, key: &str) -> f64 {
        self.0.and_then(|p| p.get(key)).and_then(JsonValue::as_f64).unwrap_or(f64::NAN)
    }

    fn holds(&self, key: &str) -> bool {
        self.0.and_then(|p| p.get(key)).and_then(JsonValue::as_bool).unwrap_or(false)
    }
}

fn check_gaps(recount: &Recount<'_>, out: &Path, report: &mut VerifyReport) -> Result<(), RunError> {
    let features = features(out, "gaps.geojson")?;
    let places = ["distance", "barrier", "season", "out_of_area"];
    for &day in &recount.scenario.days {
        let of_day = features.iter().map(Properties::of).filter(|p| {
            p.text("season") == day.season.id() && p.text("day_type") == day.day_type.id() && places.contains(&p.text("cause"))
        });
        let written = of_day.map(|p| (p.number("severity") * 1000.0).round()).sum::<f64>() / 1000.0;
        report.equal("severity", day, written, recount.gap_demand(day).visits());
    }
    Ok(())
}

fn check_pairs(recount: &Recount<'_>, out: &Path, report: &mut VerifyReport) -> Result<(), RunError> {
    let features = features(out, "duplicates.geojson")?;
    let clauses = ["near_by_path", "same_catchment", "same_hours", "substitutable", "unlinked", "has_room"];
    let sound = |p: &Properties<'_>| {
        let redundant = clauses.iter().all(|clause| p.holds(clause));
        let place = |key: &str| {
            let site = recount.dataset.sites.rows().iter().find(|site| site.id == p.text(key))?;
            Some(Place::from(site))
        };
        let near = place("a_id").zip(place("b_id")).is_some_and(|(a, b)| {
            let path = recount.travel.path(a, b).unwrap_or(f64::INFINITY);
            (recount.travel.straight(a, b) - p.number("straight_m")).abs() < 0.06
                && (path <= recount.scenario.file.overlap.path_m) == p.holds("near_by_path")
        });
        near && (p.text("verdict") == "redundant") == redundant
    };
    let all_sound = features.iter().map(Properties::of).all(|p| sound(&p));
    let complete = features.len() == recount.close_pairs();
    report.claim(all_sound && complete, Message::new("V009").with("pairs", features.len()).with("found", recount.close_pairs()));
    Ok(())
}
