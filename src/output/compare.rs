//! Two states of a city set against each other: two runs, two seasons of a run, or a run as it is and with all that it recommends.
//!
//! Input: cleared findings. Output: a folder with sentences and tables (`compare.md`), rows (`compare.csv`), a layer
//! (`compare.geojson`) and a map (`compare.svg`, `.png`). A difference is always B − A, in whole thousandths of a visit, so
//! A + difference = B in every row, and (B, A) is (A, B) with the signs turned.
//! Steps: refuse what can't be compared → say what isn't alike → find the differences → write.
//! Rows are matched one to one, the closest first (`matching`); what has no partner is new or gone. Findings that a run lacks for
//! a state (gaps after the recommendations, say) are found by the same functions as in a run.
//! Determinism: integers, sorted output; the same bytes on any number of threads.

mod alike;
mod buses;
mod cells;
mod files;
mod gaps;
mod ladder;
mod matching;
mod plans;
mod stations;
mod tables;
mod text;

use super::manifest::{self, SideStamp};
use super::report::words::Writer;
use super::{Cleared, NamedFile, WriteOptions, folder, maps};
use crate::calendar::{DayKind, Season};
use crate::catchment::CatchmentMatrix;
use crate::coverage::Network;
use crate::domain::site::Site;
use crate::findings::{RunError, StandardLadder};
use crate::id::{IdVec, SiteIdx};
use crate::message::{Lang, Message};
use crate::quantity::Weight;
use crate::scenario::Scenario;

pub(super) use buses::WindowChange;
pub(super) use cells::Cell;
pub(super) use gaps::GapChange;
pub(super) use stations::StationChange;
pub(super) use text::{map_subtitle, title};

/// A run that takes part in a comparison.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// What it found.
    pub cleared: Cleared<'a>,
    /// From which scenario.
    pub scenario: &'a Scenario,
    /// Its short id.
    pub id: &'a str,
}

/// What is set against what: A, then B.
#[derive(Debug, Clone, Copy)]
pub enum Comparison<'a> {
    /// Two runs.
    Runs(Run<'a>, Run<'a>),
    /// Two seasons of one run.
    Seasons(Run<'a>, [Season; 2]),
    /// A run as it is, and with all its recommendations carried out.
    After(Run<'a>),
}

/// A day of A and the day of B that is set against it.
type Days = [DayKind; 2];

/// What sort of comparison it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Runs,
    Seasons,
    After,
}

impl Subject {
    fn id(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Seasons => "seasons",
            Self::After => "after",
        }
    }
}

/// One state: a network and its ladders within a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'a> {
    pub writer: Writer<'a>,
    run: Run<'a>,
    pub sites: &'a IdVec<SiteIdx, Site>,
    matrix: &'a CatchmentMatrix,
    ladders: &'a [StandardLadder],
    /// `winter_peak`, `today`, `after`; empty when the run itself is meant.
    state: &'static str,
}

impl<'a> Side<'a> {
    fn today(run: Run<'a>, lang: Lang, state: &'static str) -> Self {
        let findings = run.cleared.findings();
        let writer = run.cleared.writer(run.scenario, lang);
        Self { writer, run, sites: &findings.dataset.sites, matrix: &findings.matrix, ladders: &findings.ladders, state }
    }

    fn network(&self) -> Network<'a> {
        let services = &self.writer.scenario.file.services;
        Network::new(self.sites, self.matrix, self.writer.findings.cube.groups(), services)
    }

    /// The run, and its state where it has several: `0123456789ab/after`.
    fn id(&self) -> String {
        if self.state.is_empty() { self.run.id.to_owned() } else { format!("{}/{}", self.run.id, self.state) }
    }
}

/// Both states, and the days on which they are compared.
#[derive(Debug)]
pub(super) struct Versus<'a> {
    pub a: Side<'a>,
    pub b: Side<'a>,
    subject: Subject,
    /// All days that both have demand on.
    days: Vec<Days>,
    /// The day of map and sentences.
    pub day: Days,
}

impl<'a> Versus<'a> {
    /// # Errors
    /// When the two can't be compared; the message says why and what to do.
    fn new(comparison: &Comparison<'a>, lang: Lang) -> Result<Self, RunError> {
        let refuse = |message| Err(RunError::Output(message));
        let (a, b, subject) = match *comparison {
            Comparison::Runs(a, b) => (Side::today(a, lang, ""), Side::today(b, lang, ""), Subject::Runs),
            Comparison::Seasons(run, [a, b]) => {
                (Side::today(run, lang, a.id()), Side::today(run, lang, b.id()), Subject::Seasons)
            }
            Comparison::After(run) => {
                let today = Side::today(run, lang, "today");
                let Some(after) = run.cleared.findings().after.last() else { return refuse(Message::new("K005")) };
                let after = Side { sites: &after.sites, matrix: &after.matrix, ladders: &after.ladders, state: "after", ..today };
                (today, after, Subject::After)
            }
        };
        alike::refuse(&a, &b)?;
        let pair = |day: DayKind| match *comparison {
            Comparison::Seasons(_, [first, second]) => (day.season == first).then(|| [day, DayKind::new(second, day.day_type)]),
            _ => Some([day, day]),
        };
        let [demand_a, demand_b] = [&a, &b].map(|side| side.writer.findings.cube.days());
        let days: Vec<Days> =
            DayKind::all().filter_map(pair).filter(|d| demand_a.contains(&d[0]) && demand_b.contains(&d[1])).collect();
        let planned = a.writer.scenario.planning_day;
        let fits = |days: &&Days| days[0] == planned || (subject == Subject::Seasons && days[0].day_type == planned.day_type);
        let Some(&day) = days.iter().find(fits).or(days.first()) else { return refuse(Message::new("K006")) };
        Ok(Self { a, b, subject, days, day })
    }

    /// Both states, A first.
    fn sides(&self) -> [&Side<'a>; 2] {
        [&self.a, &self.b]
    }

    /// The rung that sentences and map are about: reached, and open then; demand without a time is only reached.
    fn rung(&self) -> usize {
        if self.b.writer.untimed() { 1 } else { 2 }
    }

    /// Both ids: `0123456789ab..ba9876543210`.
    pub fn id(&self) -> String {
        format!("{}..{}", self.a.id(), self.b.id())
    }

    /// A pair of days in words; of two seasons: `winter peak → summer peak weekday`.
    fn day_words(&self, [a, b]: Days) -> String {
        let writer = self.b.writer;
        let second = writer.day(b);
        if a == b { second } else { format!("{} → {second}", writer.word("season", a.season.id())) }
    }

    /// The radius in force on a pair of days.
    fn radius(&self, days: Days) -> String {
        let metres = |at: usize| self.sides()[at].writer.scenario.standard.limit(days[at].season).metres();
        let text = |metres| format!("{} m", self.b.writer.number(metres, 0));
        let [a, b] = [metres(0), metres(1)].map(text);
        if a == b { a } else { format!("{a} → {b}") }
    }
}

/// Everything that differs.
#[derive(Debug)]
pub(super) struct Differences<'a> {
    pub versus: Versus<'a>,
    ladders: ladder::Ladders<'a>,
    /// All cells of the analysis grid of either, by row and column.
    pub cells: Vec<Cell>,
    pub stations: Vec<StationChange>,
    pub gaps: Vec<GapChange>,
    gap_days: Vec<gaps::DayTotal>,
    pairs: Vec<plans::PairChange>,
    measures: Vec<plans::MeasureChange>,
    pub windows: Vec<WindowChange>,
}

impl<'a> Differences<'a> {
    fn new(versus: Versus<'a>) -> Self {
        let matched = stations::matched(&versus);
        let (gaps, gap_days) = gaps::compare(&versus, &matched);
        Self {
            ladders: ladder::compare(&versus),
            cells: cells::compare(&versus),
            stations: stations::compare(&versus, &matched),
            gaps,
            gap_days,
            pairs: plans::pairs(&versus, &matched),
            measures: plans::measures(&versus, &matched),
            windows: buses::compare(&versus),
            versus,
        }
    }

    /// What a cell gains of the rung that is told; none where only one of the two knows the cell.
    pub fn gain(&self, cell: &Cell) -> Option<i64> {
        cell.gain(self.versus.rung())
    }
}

/// B − A, in thousandths.
fn difference([a, b]: [Weight; 2]) -> i64 {
    i64::try_from(b.milli()).unwrap_or(i64::MAX) - i64::try_from(a.milli()).unwrap_or(i64::MAX)
}

/// Compares two states and writes the folder; returns what it says.
///
/// # Errors
/// When the two can't be compared, an input can no longer be read, the folder's place is taken, or the disk refuses.
pub fn write(comparison: &Comparison<'_>, options: &WriteOptions) -> Result<String, RunError> {
    let found = Differences::new(Versus::new(comparison, options.lang)?);
    let versus = &found.versus;
    let text = text::text(&found)?;
    let map = maps::draw_change(&found).map_err(|e| RunError::Output(e.message()))?;
    let mut files: Vec<NamedFile> = vec![
        (TABLE.to_owned(), files::table(&found)),
        ("compare.geojson".to_owned(), files::layer(&found)?),
        ("compare.md".to_owned(), text.clone().into_bytes()),
    ];
    files.extend(map);
    files.sort_by(|a, b| a.0.cmp(&b.0));
    let outputs = files.iter().map(manifest::stamp).collect();
    let sides = versus.sides().map(|side| {
        let scenario = side.writer.scenario;
        let stamp =
            SideStamp { run_id: side.run.id.to_owned(), scenario: scenario.path.display().to_string(), state: side.state };
        (scenario, stamp)
    });
    files.push((manifest::MANIFEST.to_owned(), manifest::pair(versus.subject.id(), &versus.id(), &sides, outputs)?));
    folder::put(&options.dir, options.overwrite, &files)?;
    Ok(text)
}

/// The table of differences.
pub(super) const TABLE: &str = "compare.csv";
