//! Inspection rounds of a span of dates.

use std::path::Path;

use chrono::NaiveDate;

use super::schedule::Dates;
use super::{RunOptions, RunReport};
use crate::findings::RunError;
use crate::impedance::{Place, Travel};
use crate::ingest::{dataset, load_rounds};
use crate::message::Message;
use crate::mobile::rounds::{RoundGround, plan_rounds};
use crate::output::rounds::{RoundFindings, write};
use crate::output::{self, WriteOptions};
use crate::progress::Progress;
use crate::scenario::Scenario;

/// The longest span that rounds are planned for in one go: levels that come every week come once in it.
const MOST_DAYS: usize = 7;

/// Plans inspection rounds and writes route sheets. Only `out`, `overwrite`, `lang` and `street_cache` of the options count; the folder
/// is `out/<scenario name>-rounds` when not given.
///
/// # Errors
/// When an input can't be used, nobody inspects, the span is longer than a week, or the output folder can't be written.
pub fn rounds(scenario: &Scenario, options: &RunOptions, dates: Dates, progress: &dyn Progress) -> Result<RunReport, RunError> {
    let name = format!("{}-rounds", scenario.file.name);
    let out_dir = options.out.clone().unwrap_or_else(|| Path::new("out").join(name));
    let write_options = WriteOptions { dir: out_dir.clone(), overwrite: options.overwrite, gcj02: false, lang: options.lang };
    output::accept(&write_options)?;
    let refuse = |code: &'static str| RunError::Output(Message::new(code));
    let stewards = scenario.file.rounds.stewards.as_ref().ok_or_else(|| refuse("B006"))?;
    let dates: Vec<NaiveDate> = dates.from.iter_days().take_while(|date| *date <= dates.to).collect();
    if dates.len() > MOST_DAYS {
        return Err(refuse("B007"));
    }
    let cache = options.street_cache.clone().unwrap_or_else(|| output::street_cache(&out_dir));
    let (dataset, mut issues) = dataset::load_with(scenario, Some(&cache), progress)?;
    let (inputs, found) = load_rounds(scenario, &dataset, stewards)?;
    issues.append(found);
    issues.sort();
    if inputs.stewards.is_empty() || dataset.sites.is_empty() {
        return Err(refuse("B006"));
    }
    let travel = Travel::of(scenario, &dataset.barriers, dataset.streets.as_ref());
    let sites: Vec<Place> = dataset.sites.rows().iter().map(Place::from).collect();
    let bases: Vec<Place> =
        inputs.stewards.iter().map(|steward| Place::new(steward.base, &dataset.projector)).collect::<Result<_, _>>()?;
    progress.begin("rounds", 0);
    let ground = RoundGround { sites: &sites, bases: &bases, inputs: &inputs, travel: &travel, rules: &scenario.file.rounds };
    let plan = plan_rounds(ground, &dates);
    progress.end();
    let findings = RoundFindings { dataset: &dataset, inputs: &inputs, plan: &plan, issues: &issues };
    let summary = write(findings, scenario, &write_options)?;
    Ok(RunReport { summary, out_dir })
}
